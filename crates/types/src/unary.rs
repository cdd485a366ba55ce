//! Unary operations: addresses, indirections, receives, arithmetic; and type assertions.

use itab_syntax::{ExprId, ExprKind, Op};

use crate::TypeId;
use crate::check::Checker;
use crate::errors::codes;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::{ChanDir, Type};

impl<'a> Checker<'a> {
    pub(crate) fn type_assert_expr(&mut self, x: &mut Operand, e: ExprId, operand: ExprId, typ: Option<ExprId>) {
        let Some(typ) = typ else {
            self.error(e, codes::INVALID_SYNTAX_TREE, "use of .(type) outside type switch");
            self.use_exprs(&[operand]);
            return;
        };
        self.expr(None, x, operand);
        if !x.is_valid() {
            return;
        }
        if self.s.is_type_param(x.typ) {
            let msg = format!("invalid operation: cannot use type assertion on type parameter value {}", self.os(x));
            self.error(&*x, codes::INVALID_ASSERT, msg);
            x.invalidate();
            return;
        }
        if !matches!(self.s.uund(x.typ), Type::Interface(_)) {
            let msg = format!("invalid operation: {} is not an interface", self.os(x));
            self.error(&*x, codes::INVALID_ASSERT, msg);
            x.invalidate();
            return;
        }
        let t = self.var_type(typ);
        if !self.s.is_valid(t) || !self.is_complete(t) {
            x.invalidate();
            return;
        }
        self.type_assertion(e, x, t, false);
        x.mode = Mode::CommaOk;
        x.typ = t;
    }

    /// Checks that the interface value `x` may hold a value of type `t`.
    pub(crate) fn type_assertion(&mut self, e: ExprId, x: &Operand, t: TypeId, in_switch: bool) {
        let mut cause = String::new();
        // Whether an interface type is implemented only run time can tell.
        if self.s.is_interface(t) || self.has_all_methods(t, x.typ, false, Some(&mut cause)) {
            return;
        }
        let msg = if in_switch {
            format!(
                "impossible type switch case: {}\n\t{} cannot have dynamic type {} {cause}",
                self.es(e),
                self.os(x),
                self.ts(t)
            )
        } else {
            format!(
                "impossible type assertion: {}\n\t{} does not implement {} {cause}",
                self.es(e),
                self.ts(t),
                self.ts(x.typ)
            )
        };
        self.error(e, codes::IMPOSSIBLE_ASSERT, msg);
    }

    /// `*x`: a pointer type or an indirection.
    pub(crate) fn star_expr(&mut self, x: &mut Operand, operand: ExprId) {
        self.expr_or_type(x, operand, false);
        match x.mode {
            Mode::Invalid => return,
            Mode::TypExpr => {
                self.valid_var_type(operand, x.typ);
                x.typ = self.s.new_pointer(x.typ);
                return;
            }
            _ => {}
        }
        let mut base = None;
        for (_, u) in self.s.typeset_terms(x.typ) {
            let Some(Type::Pointer(b)) = u.map(|u| self.s.ty(u)) else {
                let msg = format!("invalid operation: cannot indirect {}", self.os(x));
                self.error(&*x, codes::INVALID_INDIRECTION, msg);
                x.invalidate();
                return;
            };
            if base.is_some_and(|base| !self.s.identical(b, base)) {
                let msg = format!("invalid operation: pointers of {} must have identical base types", self.os(x));
                self.error(&*x, codes::INVALID_INDIRECTION, msg);
                x.invalidate();
                return;
            }
            base = Some(b);
        }
        let base = base.unwrap_or(TypeId::INVALID);
        if !self.is_complete(base) {
            x.invalidate();
            return;
        }
        x.mode = Mode::Variable;
        x.typ = base;
    }

    pub(crate) fn unary(&mut self, x: &mut Operand, e: ExprId, op: Op, operand: ExprId) {
        self.expr(None, x, operand);
        if !x.is_valid() {
            return;
        }
        let mut op = op;
        match op {
            Op::And => return self.address_of(x, operand),
            Op::Arrow => {
                match self.chan_elem(x, true, operand) {
                    Some(elem) if self.is_complete(elem) => {
                        x.mode = Mode::CommaOk;
                        x.typ = elem;
                        self.env.has_call_or_recv = true;
                    }
                    _ => x.invalidate(),
                }
                return;
            }
            Op::Tilde => {
                let int = self.s.all_integer(x.typ);
                let hint = if int { " (use ^ for bitwise complement)" } else { "" };
                let msg = format!("cannot use ~ outside of interface or type constraint{hint}");
                self.error(e, codes::UNDEFINED_OP, msg);
                if !int {
                    x.invalidate();
                    return;
                }
                op = Op::Xor;
            }
            _ => {}
        }
        let defined = match op {
            Op::Add | Op::Sub => self.s.all_numeric(x.typ),
            Op::Xor => self.s.all_integer(x.typ),
            _ => self.s.all_boolean(x.typ),
        };
        if !defined {
            self.undefined_op(x, op);
            return;
        }
        if !x.is_const() {
            x.mode = Mode::Value;
            return;
        }
        if x.val.is_unknown() {
            return;
        }
        let size = match self.basic_kind(x.typ) {
            Some(k) if self.s.is_unsigned(x.typ) => crate::const_::int_bits(k),
            _ => 0,
        };
        x.val = x.val.unary(op, size);
        x.expr = Some(e);
        let pos = self.op_pos(e);
        self.overflow(x, pos);
    }

    pub(crate) fn undefined_op(&mut self, x: &mut Operand, op: Op) {
        let msg = format!("invalid operation: operator {op} not defined on {}", self.os(x));
        self.error(&*x, codes::UNDEFINED_OP, msg);
        x.invalidate();
    }

    /// `&x`
    fn address_of(&mut self, x: &mut Operand, operand: ExprId) {
        let inner = self.tree().unparen(operand);
        if !matches!(self.kind(inner), ExprKind::CompositeLit { .. }) {
            if x.mode != Mode::Variable {
                let msg = format!("invalid operation: cannot take address of {}", self.os(x));
                self.error(&*x, codes::UNADDRESSABLE_OPERAND, msg);
                x.invalidate();
                return;
            }
            self.mark_addr_taken(inner);
        }
        let typ = self.s.new_pointer(x.typ);
        x.set_value(typ);
    }

    /// The element type of the channel `x` for a receive from it or a send to it.
    pub(crate) fn chan_elem(&mut self, x: &Operand, recv: bool, at: ExprId) -> Option<TypeId> {
        let mut cond = |c: &mut Checker<'a>, t: Option<TypeId>, u: Option<TypeId>| {
            let Some(u) = u else { return Err("no specific channel type".to_string()) };
            let text = |c: &Checker<'a>| t.map_or(String::new(), |t| c.ts(t));
            match c.s.ty(u) {
                Type::Chan { dir: ChanDir::SendOnly, .. } if recv => Err(format!("send-only channel {}", text(c))),
                Type::Chan { dir: ChanDir::RecvOnly, .. } if !recv => Err(format!("receive-only channel {}", text(c))),
                Type::Chan { .. } => Ok(()),
                _ => Err(format!("non-channel {}", text(c))),
            }
        };
        match self.common_under(x.typ, Some(&mut cond)) {
            Ok(u) => match self.s.ty(u) {
                Type::Chan { elem, .. } => Some(elem),
                _ => None,
            },
            Err(cause) => {
                let text = self.os(x);
                let (code, verb) =
                    if recv { (codes::INVALID_RECEIVE, "receive from") } else { (codes::INVALID_SEND, "send to") };
                let msg = if self.s.is_type_param(x.typ) {
                    format!("invalid operation: cannot {verb} {text}: {cause}")
                } else {
                    format!("invalid operation: cannot {verb} {cause} {text}")
                };
                self.error(at, code, msg);
                None
            }
        }
    }
}
