//! Statements and function bodies.

use itab_syntax::{Block, Name};

use crate::TypeId;
use crate::check::Checker;
use crate::constant::Value;

impl<'a> Checker<'a> {
    pub(crate) fn func_body(
        &mut self,
        _decl: Option<usize>,
        _name: Name,
        _sig: TypeId,
        _body: Block,
        _iota: Option<Value>,
    ) {
        unimplemented!("func_body")
    }
}
