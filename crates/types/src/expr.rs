//! Expressions.

use itab_syntax::ExprId;

use crate::TypeId;
use crate::check::Checker;
use crate::constant::Value;
use crate::operand::{Operand, Target};

impl<'a> Checker<'a> {
    pub(crate) fn expr(&mut self, _target: Option<Target>, _x: &mut Operand, _e: ExprId) {
        unimplemented!("expr")
    }

    pub(crate) fn use_exprs(&mut self, _list: &[ExprId]) {
        unimplemented!("use_exprs")
    }

    pub(crate) fn record_untyped(&mut self) {
        unimplemented!("record_untyped")
    }

    pub(crate) fn implicit_type_and_value(&mut self, _x: &Operand, _target: TypeId) -> Option<(TypeId, Option<Value>)> {
        unimplemented!("implicit_type_and_value")
    }
}
