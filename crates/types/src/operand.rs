//! Operands: what checking an expression yields.

use itab_syntax::ExprId;

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
}

impl Default for Operand {
    fn default() -> Operand {
        Operand {
            mode: Mode::Invalid,
            typ: TypeId::INVALID,
            val: Value::Unknown,
            builtin: BuiltinId::Append,
            expr: None,
        }
    }
}

impl Operand {
    /// Whether it is anything at all.
    pub fn is_valid(&self) -> bool {
        self.mode != Mode::Invalid
    }

    /// Makes it nothing, after an error.
    pub fn invalidate(&mut self) {
        self.mode = Mode::Invalid;
        self.typ = TypeId::INVALID;
    }

    /// Whether it is the value nil.
    pub fn is_nil(&self) -> bool {
        self.mode == Mode::NilValue
    }
}
