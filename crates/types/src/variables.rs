//! Facts about variables that whoever compiles the program wants: whether their address is taken and
//! whether they are assigned after their declaration. (That they are captured is noted where names are
//! resolved.)

use itab_syntax::{ExprId, ExprKind};

use crate::ObjId;
use crate::check::Checker;
use crate::info::SelectionKind;
use crate::object::ObjKind;
use crate::types::Type;

impl<'a> Checker<'a> {
    /// Notes that the variable an addressable expression is part of
    /// has its address taken.
    pub(crate) fn mark_addr_taken(&mut self, e: ExprId) {
        if let Some(v) = self.root_variable(e) {
            self.s.var_mut(v).addr_taken = true;
        }
    }

    /// Notes that the variable an expression is part of is assigned.
    pub(crate) fn mark_reassigned(&mut self, e: ExprId) {
        if let Some(v) = self.root_variable(e) {
            self.s.var_mut(v).reassigned = true;
        }
    }

    /// The variable that holds what an addressable expression denotes; none if it lies behind a pointer.
    fn root_variable(&mut self, mut e: ExprId) -> Option<ObjId> {
        loop {
            match self.kind(e) {
                ExprKind::ParenExpr { x } => e = x,
                ExprKind::Ident(_) => break,
                ExprKind::SelectorExpr { x, .. } => {
                    let Some(sel) = self.info().selections.get(&e) else { break };
                    if sel.indirect || sel.kind != SelectionKind::FieldVal {
                        return None;
                    }
                    e = x;
                }
                ExprKind::IndexExpr { x, .. } => {
                    let t = self.info().type_of(x)?;
                    if !matches!(self.s.uund(t), Type::Array { .. }) && !self.s.is_type_param(t) {
                        return None;
                    }
                    e = x;
                }
                _ => return None,
            }
        }
        let o = self.info().object_of(e)?;
        matches!(self.s.obj(o).kind, ObjKind::Var(_)).then_some(o)
    }
}
