//! Package variables of map types that are filled on first use.
//!
//! A map cannot be static data, because its hashes depend on a seed. Filling the tables of the standard library needs
//! functions that many programs would compile for nothing else. So where the initial value of such a variable is a
//! literal of constants, every use of the variable first tests whether the literal has been evaluated. A program cannot
//! tell when that happened, because evaluating constants has no effects and depends on none. gc's linker leaves out
//! maps that are unreachable for the same reason.

use crate::build::Builder;
use crate::func::{Func, ValueId};
use crate::generic::EnvId;
use crate::op::{Callee, Op, Term};
use crate::program::{FuncId, GlobalId};
use crate::ty::{Ty, TyId};
use crate::world::{BOOL, Code, FuncKey, FuncSrc, Res, World};
use itab_syntax::{ExprId, ExprKind, Id, Op as Tok};
use itab_types::{Initializer, Mode, ObjId, ObjKind, PkgId, VarKind};

/// How a map is filled.
#[derive(Clone, Copy)]
pub(crate) struct Late {
    pkg: PkgId,
    /// The number of the initialiser in its package.
    step: usize,
    /// The variable that says whether it has been done.
    filled: GlobalId,
}

impl World {
    /// Puts off the initial value of a variable, if nobody can tell and it is a library's.
    pub(crate) fn put_off(&mut self, pkg: PkgId, at: usize, step: &Initializer, g: GlobalId) -> bool {
        let path = &self.store.pkg(pkg).path;
        if path.contains('.') || &**path == "main" {
            return false;
        }
        let global = self.program.global(g);
        let Ty::Map(key, _) = *self.program.types.under(global.ty) else { return false };
        let basic = matches!(self.program.types.under(key), Ty::Basic(_));
        let name = format!("{}·filled", global.name);
        let code = self.file_code(pkg, step.file);
        let ExprKind::CompositeLit { elts, .. } = code.tree[step.rhs].kind else { return false };
        let plain = basic && !elts.is_empty() && self.is_constant_literal(&code, step.rhs);
        if !plain || step.lhs.iter().any(|&obj| self.is_pulled(obj)) {
            return false;
        }
        let filled = self.program.add_global(name.into(), BOOL);
        self.late.insert(g, Late { pkg, step: at, filled });
        true
    }

    /// A literal of constants, functions and such literals.
    fn is_constant_literal(&self, code: &Code, e: ExprId) -> bool {
        let e = code.tree.unparen(e);
        let is_field = |o: ObjId| self.store.obj(o).as_var().is_some_and(|v| v.kind == VarKind::Field);
        match code.tree[e].kind {
            ExprKind::CompositeLit { elts, .. } => code.tree[elts].iter().all(|&e| self.is_constant_literal(code, e)),
            ExprKind::KeyValueExpr { key, value, .. } => {
                let key = code.info.value_of(key).is_some() || code.info.object_of(key).is_some_and(is_field);
                key && self.is_constant_literal(code, value)
            }
            ExprKind::UnaryExpr { op: Tok::And, x } => {
                matches!(code.tree[x].kind, ExprKind::CompositeLit { .. }) && self.is_constant_literal(code, x)
            }
            _ if code.info.value_of(e).is_some() || code.info.types[e.index()].mode == Mode::NilValue => true,
            ExprKind::Ident(_) => {
                code.info.object_of(e).is_some_and(|o| matches!(self.store.obj(o).kind, ObjKind::Func(_)))
            }
            _ => false,
        }
    }
}

impl Builder<'_> {
    /// The address of a package variable that is mentioned, and its type.
    pub(crate) fn global_addr(&mut self, obj: ObjId) -> Res<(ValueId, TyId)> {
        let g = self.w.global(obj)?;
        if let Some(late) = self.w.late.get(&g).copied() {
            self.fill_if_late(g, late)?;
        }
        let ty = self.w.program.global(g).ty;
        let ptr = self.pointer(ty);
        Ok((self.f.e.op(ptr, Op::GlobalAddr(g)), ty))
    }

    fn fill_if_late(&mut self, g: GlobalId, late: Late) -> Res<()> {
        let filled = self.is_filled(late);
        let (fill, ok) = (self.f.e.block(), self.f.e.block());
        self.f.e.cold(fill);
        self.f.e.branch(filled, ok, fill);
        self.f.e.switch_to(fill);
        let name = format!("{}.fill", self.w.program.global(g).name);
        let f = self.w.intern_func(FuncKey::Fill(g), |_| Ok((crate::init::plain(name), FuncSrc::Fill(g))))?;
        self.f.e.stmt(Op::Call(Callee::Static(f), vec![]));
        self.f.e.fall_into(ok);
        Ok(())
    }

    fn is_filled(&mut self, late: Late) -> ValueId {
        let flag = self.filled_addr(late);
        self.f.e.load(BOOL, flag)
    }

    fn filled_addr(&mut self, late: Late) -> ValueId {
        let ptr = self.pointer(BOOL);
        self.f.e.op(ptr, Op::GlobalAddr(late.filled))
    }
}

/// The function that fills a map.
pub(crate) fn build_fill(w: &mut World, id: FuncId, g: GlobalId) -> Res<Vec<Func>> {
    let late = w.late[&g];
    let step = w.store.pkg(late.pkg).init_order[late.step].clone();
    let code = w.file_code(late.pkg, step.file);
    let ty = w.program.global(g).ty;
    let mut b = Builder::new(w, id, code, EnvId::EMPTY);
    let map = b.expr_to(step.rhs, ty)?;
    // Another goroutine may have done it meanwhile, and changed the map.
    let filled = b.is_filled(late);
    let (store, done) = (b.f.e.block(), b.f.e.block());
    b.f.e.branch(filled, done, store);
    b.f.e.switch_to(store);
    let ptr = b.pointer(ty);
    let p = b.f.e.op(ptr, Op::GlobalAddr(g));
    b.f.e.store(p, map);
    let flag = b.filled_addr(late);
    let yes = b.f.e.bool(true);
    b.f.e.store(flag, yes);
    b.f.e.fall_into(done);
    b.f.e.term(Term::Return(vec![]));
    Ok(b.finish())
}
