//! Operands: what checking an expression yields.

use std::sync::Arc;

use itab_syntax::{ExprId, Name};

use crate::TypeId;
use crate::constant::Value;
use crate::info::Mode;
use crate::object::BuiltinId;

/// The result of checking an expression: its mode, type, and value if it is a constant.
#[derive(Clone, Debug)]
pub struct Operand {
    /// What it denotes.
    pub mode: Mode,
    /// Its type; `INVALID` with mode `Invalid`.
    pub typ: TypeId,
    /// A constant's value.
    pub val: Value,
    /// A built-in function's identity.
    pub builtin: BuiltinId,
    /// The expression in the current tree; none for operands that the checker makes up.
    pub expr: Option<ExprId>,
    /// What messages call the operand instead of its expression ("2nd function result").
    pub(crate) desc: Option<Arc<str>>,
}

impl Default for Operand {
    fn default() -> Operand {
        Operand {
            mode: Mode::Invalid,
            typ: TypeId::INVALID,
            val: Value::Unknown,
            builtin: BuiltinId::Append,
            expr: None,
            desc: None,
        }
    }
}

impl Operand {
    /// A value of that type, which messages call `desc`.
    pub(crate) fn described(expr: Option<ExprId>, typ: TypeId, desc: &str) -> Operand {
        Operand { mode: Mode::Value, typ, expr, desc: Some(desc.into()), ..Operand::default() }
    }

    /// Whether it is anything at all.
    pub fn is_valid(&self) -> bool {
        self.mode != Mode::Invalid
    }

    /// Makes it nothing, after an error. The type stays, for messages about other operands.
    pub fn invalidate(&mut self) {
        self.mode = Mode::Invalid;
    }

    /// Whether it is the value nil.
    pub fn is_nil(&self) -> bool {
        self.mode == Mode::NilValue
    }

    /// Whether it is a constant.
    pub fn is_const(&self) -> bool {
        self.mode == Mode::Constant
    }

    /// Makes it a value that is not constant.
    pub(crate) fn set_value(&mut self, typ: TypeId) {
        self.mode = Mode::Value;
        self.typ = typ;
    }

    /// Makes it a constant.
    pub(crate) fn set_const(&mut self, typ: TypeId, val: Value) {
        self.mode = Mode::Constant;
        self.typ = typ;
        self.val = val;
    }
}

/// What an expression is to be assigned to: it may tell a generic function's type arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AssignTarget {
    /// A function type.
    pub(crate) sig: TypeId,
    /// The variable, for messages.
    pub(crate) name: Name,
}
