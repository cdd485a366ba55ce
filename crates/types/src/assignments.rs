//! Initialisation and assignment.

use itab_syntax::{ExprId, StmtId};

use crate::ObjId;
use crate::check::Checker;
use crate::operand::Operand;

impl<'a> Checker<'a> {
    pub(crate) fn init_const(&mut self, _lhs: ObjId, _x: &mut Operand) {
        unimplemented!("init_const")
    }

    pub(crate) fn init_var(&mut self, _lhs: ObjId, _x: &mut Operand, _context: &str) {
        unimplemented!("init_var")
    }

    pub(crate) fn init_vars(&mut self, _lhs: &[ObjId], _rhs: &[ExprId], _return_stmt: Option<StmtId>) {
        unimplemented!("init_vars")
    }
}
