//! Assignments and variable declarations.

use super::lvalue::LRef;
use super::{Builder, VarKey};
use crate::func::ValueId;
use crate::op::Op;
use crate::ty::{Basic, Ty, TyId};
use crate::world::Res;
use crate::wrappers::From;
use itab_syntax::{AssignOp, ExprId, ExprKind, Name, Op as Tok, SpecKind, StmtId, StmtKind, VarSpec};
use itab_types::{Mode, ObjId};

impl Builder<'_> {
    pub fn assign_stmt(&mut self, s: StmtId) -> Res<()> {
        let StmtKind::AssignStmt { lhs, tok, rhs, .. } = self.code.tree[s].kind else {
            return self.fail("no assignment");
        };
        let (lhs, rhs) = (self.code.tree[lhs].to_vec(), self.code.tree[rhs].to_vec());
        match tok {
            AssignOp::Op(op) => self.op_assign(lhs[0], op, rhs[0]),
            AssignOp::Assign | AssignOp::Define if lhs.len() == rhs.len() => self.assign_each(&lhs, &rhs),
            _ => self.assign_from_one(&lhs, rhs[0]),
        }
    }

    /// The variable that an identifier on the left of `:=` declares, none when it was there before.
    pub fn declares(&self, e: ExprId) -> Option<ObjId> {
        let ExprKind::Ident(name) = self.code.tree[e].kind else { return None };
        let obj = self.code.info.object_of(e)?;
        let o = self.w.store.obj(obj);
        (name != Name::BLANK && o.pos == self.code.tree[e].pos).then_some(obj)
    }

    /// The type an assignment converts to; none for the blank identifier.
    fn target_type(&mut self, e: ExprId) -> Res<Option<TyId>> {
        if let ExprKind::Ident(Name::BLANK) = self.code.tree[self.code.tree.unparen(e)].kind {
            return Ok(None);
        }
        if let Some(obj) = self.declares(e) {
            return Ok(Some(self.obj_ty(obj)?));
        }
        Ok(Some(self.type_of(e)?))
    }

    fn assign_each(&mut self, lhs: &[ExprId], rhs: &[ExprId]) -> Res<()> {
        if let ([l], [r]) = (lhs, rhs) {
            return self.assign_one(*l, *r);
        }
        if rhs.iter().any(|&r| self.has_order(r)) {
            for &l in lhs {
                if self.declares(l).is_none() {
                    self.hoist_place(l)?;
                }
            }
            for &r in rhs {
                self.hoist(r)?;
            }
        }
        // What could be changed by an assignment before it is evaluated first.
        let mut written = false;
        for (&l, &r) in lhs.iter().zip(rhs) {
            if written {
                self.evaluate(r)?;
            }
            written |= !matches!(self.code.tree[self.code.tree.unparen(l)].kind, ExprKind::Ident(_));
        }
        let mut refs = vec![];
        for &l in lhs {
            refs.push(if self.declares(l).is_some() { LRef::Blank } else { self.lref(l)? });
        }
        let mut vals = vec![];
        for (&l, &r) in lhs.iter().zip(rhs) {
            let want = self.target_type(l)?;
            vals.push(self.discardable(r, want)?);
        }
        for ((&l, r), v) in lhs.iter().zip(&refs).zip(vals) {
            self.at(l);
            match (self.declares(l), v) {
                (Some(obj), Some(v)) => self.declare(obj, Some(v))?,
                (None, Some(v)) => self.store_ref(r, v)?,
                (_, None) => {}
            }
        }
        Ok(())
    }

    /// A value to assign; nothing for what is assigned to the blank identifier and has no value, such as nil.
    fn discardable(&mut self, r: ExprId, want: Option<TyId>) -> Res<Option<ValueId>> {
        match want {
            Some(t) => Ok(Some(self.expr_to(r, t)?)),
            None if self.mode(r) == Mode::NilValue => Ok(None),
            None => Ok(Some(self.expr(r)?)),
        }
    }

    fn assign_one(&mut self, l: ExprId, r: ExprId) -> Res<()> {
        if let Some(obj) = self.declares(l) {
            return self.define_one(obj, r);
        }
        if let ExprKind::Ident(Name::BLANK) = self.code.tree[self.code.tree.unparen(l)].kind {
            self.discardable(r, None)?;
            return Ok(());
        }
        let ty = self.type_of(l)?;
        if self.mode(self.code.tree.unparen(l)) == Mode::MapIndex {
            if self.has_order(r) || self.has_order(l) {
                self.hoist_place(l)?;
                self.hoist(r)?;
            }
            let v = self.expr_to(r, ty)?;
            let to = self.lref(l)?;
            self.at(l);
            return self.store_ref(&to, v);
        }
        // As gc: calls in order, then the value, then where it goes; so what panics on the right does so first.
        if self.has_order(r) || self.has_order(l) {
            self.hoist_place(l)?;
            self.hoist(r)?;
        }
        if self.may_panic(r) {
            self.settle(l)?;
        }
        let Some(src) = self.copy_source(r, ty)? else {
            let v = self.expr_to(r, ty)?;
            let to = self.lref(l)?;
            self.at(l);
            return self.store_ref(&to, v);
        };
        let to = self.lref(l)?;
        self.at(l);
        if let Some(dst) = self.memory_addr(&to)? {
            self.f.e.stmt(Op::Copy { dst, src, ty });
            return Ok(());
        }
        let v = self.f.e.load(ty, src);
        self.store_ref(&to, v)
    }

    /// The address of a large variable or part of one, which is copied rather than loaded and stored.
    pub fn copy_source(&mut self, r: ExprId, ty: TyId) -> Res<Option<ValueId>> {
        let inner = self.code.tree.unparen(r);
        let kind = self.code.tree[inner].kind;
        let place = matches!(
            kind,
            ExprKind::Ident(_) | ExprKind::SelectorExpr { .. } | ExprKind::StarExpr { .. } | ExprKind::IndexExpr { .. }
        );
        if !place
            || self.mode(inner) != Mode::Variable
            || self.in_registers(ty)
            || self.f.hoisted.contains_key(&inner)
            || self.has_order(inner)
            || self.type_of(inner)? != ty
            || self.is_register_var(inner)?
        {
            return Ok(None);
        }
        match self.place(inner)? {
            From::Addr(p) => Ok(Some(self.plain_pointer(p))),
            From::Value(_) => self.fail("a large variable without an address"),
        }
    }

    /// Whether an operand is (part of) a variable that has no address: a parameter or a capture.
    fn is_register_var(&mut self, e: ExprId) -> Res<bool> {
        let mut e = self.code.tree.unparen(e);
        loop {
            e = match self.code.tree[e].kind {
                ExprKind::ParenExpr { x } => x,
                ExprKind::SelectorExpr { x, .. } if self.code.info.selections.contains_key(&e) => x,
                ExprKind::IndexExpr { x, .. } => x,
                ExprKind::Ident(_) => break,
                _ => return Ok(false),
            };
            let t = self.type_of(e)?;
            if matches!(self.types().under(t), Ty::Pointer(_) | Ty::Slice(_)) {
                return Ok(false);
            }
        }
        let Some(obj) = self.code.info.object_of(e) else { return Ok(true) };
        match self.w.store.obj(obj).as_var() {
            Some(v) if v.kind == itab_types::VarKind::Package => Ok(false),
            Some(_) => {
                let v = self.var(VarKey::Obj(obj))?;
                Ok(matches!(v, super::Var::Local(_) | super::Var::Value(_) | super::Var::CapturedValue(..)))
            }
            None => Ok(true),
        }
    }

    /// A new variable and its value. Large values are built in place.
    pub fn define_one(&mut self, obj: ObjId, r: ExprId) -> Res<()> {
        let ty = self.obj_ty(obj)?;
        let inner = self.code.tree.unparen(r);
        let is_lit = matches!(self.code.tree[inner].kind, ExprKind::CompositeLit { .. });
        let aggregate = matches!(self.types().under(ty), Ty::Struct(_) | Ty::Array(..));
        if is_lit && aggregate && !self.in_registers(ty) && self.type_of(inner)? == ty {
            // A new variable cannot be seen by its own initial value.
            self.declare(obj, None)?;
            let var = self.var(VarKey::Obj(obj))?;
            if let Some(p) = self.var_addr(var) {
                return self.composite_into(inner, p, true);
            }
        }
        if let Some(src) = self.copy_source(r, ty)? {
            self.declare(obj, None)?;
            let var = self.var(VarKey::Obj(obj))?;
            if let Some(dst) = self.var_addr(var) {
                self.f.e.stmt(Op::Copy { dst, src, ty });
                return Ok(());
            }
        }
        let v = self.expr_to(r, ty)?;
        self.declare(obj, Some(v))
    }

    /// `a, b = f()` and the comma-ok forms.
    fn assign_from_one(&mut self, lhs: &[ExprId], r: ExprId) -> Res<()> {
        for &l in lhs {
            if self.declares(l).is_none() {
                self.hoist_place(l)?;
            }
        }
        let vals = self.several(r, lhs.len())?;
        let mut refs = vec![];
        for &l in lhs {
            refs.push(if self.declares(l).is_some() { LRef::Blank } else { self.lref(l)? });
        }
        for ((&l, to), v) in lhs.iter().zip(&refs).zip(vals) {
            let Some(want) = self.target_type(l)? else { continue };
            self.at(l);
            let v = self.assign_conv(v, want)?;
            match self.declares(l) {
                Some(obj) => self.declare(obj, Some(v))?,
                None => self.store_ref(to, v)?,
            }
        }
        Ok(())
    }

    /// The values of an expression that has several.
    pub fn several(&mut self, r: ExprId, n: usize) -> Res<Vec<ValueId>> {
        let r = self.code.tree.unparen(r);
        if let ExprKind::CallExpr { .. } = self.code.tree[r].kind {
            let Some(t) = self.call(r)? else { return self.fail("a call without results as a value") };
            return Ok(self.tuple_parts(t));
        }
        if n == 2 {
            let (v, ok) = self.comma_ok(r)?;
            return Ok(vec![v, ok]);
        }
        self.fail("one expression for several variables")
    }

    fn op_assign(&mut self, l: ExprId, op: Tok, r: ExprId) -> Res<()> {
        if self.has_order(r) || self.has_order(l) {
            self.hoist_place(l)?;
            self.hoist(r)?;
        }
        let ty = self.type_of(l)?;
        let is_elem = self.mode(self.code.tree.unparen(l)) == Mode::MapIndex;
        let early = match is_elem && !matches!(op, Tok::Quo | Tok::Rem) {
            true => Some(self.op_operand(op, r, ty)?),
            false => None,
        };
        if early.is_none() && self.may_panic(l) && self.may_panic(r) {
            self.settle(l)?;
            let is_text = self.types().as_basic(ty) == Some(Basic::String);
            for x in if is_text { self.concatenated(r) } else { vec![r] } {
                self.lift(x)?;
            }
        }
        let to = self.lref(l)?;
        if let (LRef::MapElem(m, k, _), Some(y)) = (&to, early) {
            // As gc: looked up once, which makes it; a division, which may panic, looks first.
            let p = self.map_assign(*m, *k)?;
            let x = self.f.e.load(ty, p);
            self.at(l);
            let v = self.binary_op(op, x, y, ty)?;
            self.f.e.store(p, v);
            return Ok(());
        }
        if let LRef::Deref(..) | LRef::Var(..) | LRef::MapElem(..) = to {
        } else if let Some(p) = self.in_memory(&to)? {
            // One address for reading and writing.
            let x = self.f.e.load(ty, p);
            let v = self.op_value(op, x, r, ty, l)?;
            self.store_at(&to, p, v);
            return Ok(());
        }
        let x = self.load_ref(&to)?;
        let v = self.op_value(op, x, r, ty, l)?;
        self.store_ref(&to, v)
    }

    fn in_memory(&mut self, r: &LRef) -> Res<Option<ValueId>> {
        self.memory_addr(r)
    }

    fn op_value(&mut self, op: Tok, x: ValueId, r: ExprId, ty: TyId, l: ExprId) -> Res<ValueId> {
        let y = self.op_operand(op, r, ty)?;
        self.at(l);
        self.binary_op(op, x, y, ty)
    }

    fn op_operand(&mut self, op: Tok, r: ExprId, ty: TyId) -> Res<ValueId> {
        if op.is_shift() { self.shift_count(r) } else { self.expr_to(r, ty) }
    }

    /// A shift count; an untyped constant is a uint.
    pub fn shift_count(&mut self, r: ExprId) -> Res<ValueId> {
        if let Some(val) = self.code.info.value_of(r).cloned() {
            self.at(r);
            let uint = crate::ty::TypeTable::basic(Basic::Uint);
            let val = val.to_int();
            return self.constant(&val, uint);
        }
        self.expr(r)
    }

    pub fn inc_dec(&mut self, x: ExprId, inc: bool) -> Res<()> {
        let to = self.lref(x)?;
        let ty = self.type_of(x)?;
        let at = match to {
            LRef::Var(..) => None,
            _ => self.in_memory(&to)?,
        };
        let old = match at {
            Some(p) => self.f.e.load(ty, p),
            None => self.load_ref(&to)?,
        };
        let one = self.constant(&itab_types::Value::Int(1), ty)?;
        let op = if inc { crate::op::BinOp::Add } else { crate::op::BinOp::Sub };
        let new = self.f.e.op(ty, Op::Binary(op, old, one));
        match at {
            Some(p) => {
                self.f.e.store(p, new);
                Ok(())
            }
            None => self.store_ref(&to, new),
        }
    }

    /// `var` declarations in a function.
    pub fn local_decl(&mut self, d: itab_syntax::GenDecl) -> Res<()> {
        for spec in d.specs.ids() {
            if let SpecKind::VarSpec(v) = self.code.tree[spec].kind {
                self.var_spec(v)?;
            }
        }
        Ok(())
    }

    fn var_spec(&mut self, v: VarSpec) -> Res<()> {
        let names = self.code.tree[v.names].to_vec();
        let values = self.code.tree[v.values].to_vec();
        let objs: Vec<Option<ObjId>> = names.iter().map(|n| self.code.info.defs.get(&n.pos).copied()).collect();
        if values.is_empty() {
            for (n, o) in names.iter().zip(objs) {
                self.f.e.pos = n.pos.0;
                if let Some(o) = o {
                    self.declare(o, None)?;
                }
            }
            return Ok(());
        }
        if let ([Some(obj)], [r]) = (&objs[..], &values[..])
            && self.w.store.obj(*obj).name != Name::BLANK
        {
            return self.define_one(*obj, *r);
        }
        let vals = if values.len() == names.len() {
            let mut list = vec![];
            for (&r, o) in values.iter().zip(&objs) {
                let want = match o {
                    Some(o) => Some(self.obj_ty(*o)?),
                    None => None,
                };
                list.push((r, want));
            }
            self.values(&list)?
        } else {
            self.several(values[0], names.len())?
        };
        for (o, v) in objs.into_iter().zip(vals) {
            if let Some(o) = o
                && self.w.store.obj(o).name != Name::BLANK
            {
                let ty = self.obj_ty(o)?;
                let v = self.assign_conv(v, ty)?;
                self.declare(o, Some(v))?;
            }
        }
        Ok(())
    }

    /// An expression for its effects alone.
    pub fn expr_stmt(&mut self, e: ExprId) -> Res<()> {
        let e = self.code.tree.unparen(e);
        self.at(e);
        match self.code.tree[e].kind {
            ExprKind::CallExpr { .. } => {
                self.call(e)?;
            }
            _ => match self.place(e)? {
                From::Value(_) | From::Addr(_) => {}
            },
        }
        Ok(())
    }
}
