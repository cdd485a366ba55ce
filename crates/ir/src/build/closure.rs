//! Function literals.

use super::{Builder, Level};
use crate::func::ValueId;
use crate::op::{Op, Storage};
use crate::program::FuncKind;
use crate::ty::TyId;
use crate::world::Res;
use itab_syntax::{ExprId, ExprKind};
use itab_types::Type;

impl Builder<'_> {
    /// A function literal as a func value. The last instruction is `FuncVal` when nothing is captured.
    pub fn func_lit(&mut self, e: ExprId, place: Storage) -> Res<ValueId> {
        let ExprKind::FuncLit { body, .. } = self.code.tree[e].kind else { return self.fail("no function literal") };
        let ty = self.type_of(e)?;
        let sig_id = self.code.info.type_of(e).map(|t| self.w.store.uty(t));
        let Some(Type::Signature(s)) = sig_id else { return self.fail("a literal without a signature") };
        let sig = *self.w.store.sig(s);
        let name = self.closure_name();
        let pos = self.f.e.pos;
        let facts = self.types().sig(ty).clone();
        let decl = self.inner_decl(name.clone(), FuncKind::Closure, facts.params, facts.results);
        let id = self.inner_func(decl)?;
        self.enter(id, Level::Closure, name);
        self.f.in_closure = true;
        let deferring = std::mem::replace(&mut self.deferring, false);
        self.function(&sig, body)?;
        self.deferring = deferring;
        let captures = self.leave()?;
        self.f.e.pos = pos;
        Ok(self.closure_value(id, captures, ty, place))
    }

    /// A func value of a function and what it captures.
    pub fn closure_value(
        &mut self,
        id: crate::program::FuncId,
        captures: Vec<ValueId>,
        ty: TyId,
        place: Storage,
    ) -> ValueId {
        let op = if captures.is_empty() { Op::FuncVal(id) } else { Op::MakeClosure(id, captures, place) };
        self.f.e.op(ty, op)
    }

    /// gc's name of the next literal: `f.func1`, inside it `f.func1.1`.
    fn closure_name(&mut self) -> String {
        // The body of a range-over-func loop counts for the function that has the loop.
        let at = if self.f.range_body { self.outer.iter().rposition(|s| !s.range_body) } else { None };
        let f = match at {
            Some(i) => &mut self.outer[i],
            None => &mut self.f,
        };
        f.closure_count += 1;
        format!("{}.{}{}", f.name, if f.in_closure { "" } else { "func" }, f.closure_count)
    }
}
