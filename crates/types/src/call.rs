//! Calls and selectors.

use itab_syntax::ExprId;

use crate::check::Checker;
use crate::operand::Operand;

impl<'a> Checker<'a> {
    pub(crate) fn selector(&mut self, _x: &mut Operand, _e: ExprId, _want_type: bool) {
        unimplemented!("selector")
    }
}
