//! Recording what expressions are, those of untyped type when their final type is known.
//!
//! An expression of untyped type waits in `Checker::untyped`. [`update_expr_type`](Checker::update_expr_type)
//! carries a type down to its operands when it is assigned, converted or combined with a typed one; what
//! still waits at the end keeps its untyped type. That is also how the left operand of a shift gets "the
//! type it would have if the shift were replaced by its left operand alone".

use itab_syntax::{ExprId, ExprKind};

use crate::TypeId;
use crate::check::{Checker, Untyped};
use crate::errors::codes;
use crate::info::Mode;
use crate::operand::Operand;

impl<'a> Checker<'a> {
    /// Records an operand's expression: at once if its type is final, else when it will be.
    pub(crate) fn record(&mut self, x: &Operand) {
        let Some(e) = x.expr else { return };
        let typ = if x.mode == Mode::NoValue { TypeId::NO_VALUE } else { x.typ };
        if x.is_valid() && self.s.is_untyped(typ) {
            let u = Untyped { is_lhs: false, mode: x.mode, typ, val: x.val.clone() };
            self.untyped.insert((self.env.tree, e), u);
        } else {
            let val = (x.mode == Mode::Constant).then_some(&x.val);
            self.record_type_and_value(e, x.mode, typ, val);
        }
    }

    /// Records the expressions that never got another than an untyped type.
    pub(crate) fn record_untyped(&mut self) {
        let saved = self.env.tree;
        for ((tree, e), u) in std::mem::take(&mut self.untyped) {
            self.env.tree = tree;
            // Conditions and the like stay untyped in the language; they are plain booleans to anybody else.
            let typ = if u.typ == TypeId::UNTYPED_BOOL { TypeId::BOOL } else { u.typ };
            let val = (u.mode == Mode::Constant).then_some(&u.val);
            self.record_type_and_value(e, u.mode, typ, val);
        }
        self.env.tree = saved;
    }

    /// Gives an untyped expression, and those of its operands that have its type, another type. The
    /// type is final if it is typed or `last` says so; then it is recorded.
    pub(crate) fn update_expr_type(&mut self, e: ExprId, typ: TypeId, last: bool) {
        let mut work = vec![e];
        while let Some(e) = work.pop() {
            let key = (self.env.tree, e);
            let Some(old) = self.untyped.get(&key) else { continue };
            let is_const = old.mode == Mode::Constant;
            match self.kind(e) {
                ExprKind::ParenExpr { x } => work.push(x),
                // The operands of a constant are constants, which nobody needs at run time.
                ExprKind::UnaryExpr { x, .. } if !is_const => work.push(x),
                ExprKind::BinaryExpr { x, op, y, .. } if !is_const && !op.is_comparison() => {
                    work.push(x);
                    if !op.is_shift() {
                        work.push(y);
                    }
                }
                _ => {}
            }
            if !last && self.s.is_untyped(typ) {
                if let Some(u) = self.untyped.get_mut(&key) {
                    u.typ = typ;
                }
                continue;
            }
            if let Some(old) = self.untyped.remove(&key) {
                self.finish_expr_type(e, old, typ);
            }
        }
    }

    fn finish_expr_type(&mut self, e: ExprId, old: Untyped, typ: TypeId) {
        if old.is_lhs && !self.s.all_integer(typ) {
            let msg =
                format!("invalid operation: shifted operand {} (type {}) must be integer", self.es(e), self.ts(typ));
            self.error(e, codes::INVALID_SHIFT_OPERAND, msg);
            return;
        }
        let mut val = old.val;
        if old.mode == Mode::Constant {
            let mut c = Operand { mode: old.mode, typ: old.typ, val: val.clone(), expr: Some(e), ..Operand::default() };
            self.convert_untyped(&mut c, typ);
            if !c.is_valid() {
                return;
            }
            // A constant of a type parameter's or interface's type keeps its value.
            val = c.val;
        }
        self.record_type_and_value(e, old.mode, typ, (old.mode == Mode::Constant).then_some(&val));
    }
}
