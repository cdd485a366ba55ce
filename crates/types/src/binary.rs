//! Binary operations: arithmetic, comparisons, shifts.

use itab_syntax::{Code, ExprId, ExprKind, Op};

use crate::TypeId;
use crate::check::Checker;
use crate::constant::{Value, ValueKind};
use crate::errors::codes;
use crate::info::Mode;
use crate::operand::Operand;
use crate::predicates::Incomparable;
use crate::types::{BasicKind, Type};

/// The largest constant shift count: it lets 5e-324 be written as a shift.
const MAX_SHIFT: u64 = 1023 - 1 + 52;

impl<'a> Checker<'a> {
    /// A binary expression. The left operands of a long sum are walked in a loop.
    pub(crate) fn binary_chain(&mut self, x: &mut Operand, e: ExprId) {
        let mut spine = vec![];
        let mut left = e;
        while let ExprKind::BinaryExpr { x, .. } = self.kind(left) {
            spine.push(left);
            left = x;
        }
        self.expr(None, x, left);
        while let Some(node) = spine.pop() {
            let ExprKind::BinaryExpr { x: lhs, op, y, .. } = self.kind(node) else { return };
            self.binary_with(x, Some(node), lhs, y, op);
            x.expr = Some(node);
            if !spine.is_empty() {
                self.record(x);
            }
        }
    }

    /// `lhs op rhs` of an assignment operation.
    pub(crate) fn binary_assign(&mut self, x: &mut Operand, lhs: ExprId, rhs: ExprId, op: Op) {
        self.expr(None, x, lhs);
        self.binary_with(x, None, lhs, rhs, op);
    }

    /// `x op rhs`, where `x` is `lhs` checked already; `e` is the expression, if there is one.
    fn binary_with(&mut self, x: &mut Operand, e: Option<ExprId>, lhs: ExprId, rhs: ExprId, op: Op) {
        let mut y = Operand::default();
        self.expr(None, &mut y, rhs);
        if !x.is_valid() {
            return;
        }
        if !y.is_valid() {
            x.invalidate();
            x.expr = y.expr;
            return;
        }
        if op.is_shift() {
            return self.shift(x, &mut y, e, op);
        }
        self.match_types(x, &mut y);
        if !x.is_valid() {
            return;
        }
        if op.is_comparison() {
            return self.comparison(x, &y, op, false);
        }
        if !self.s.identical(x.typ, y.typ) {
            if self.s.is_valid(x.typ) && self.s.is_valid(y.typ) {
                let what = match e {
                    Some(e) => self.es(e),
                    None => format!("{} {op}= {}", self.es(lhs), self.es(rhs)),
                };
                let msg =
                    format!("invalid operation: {what} (mismatched types {} and {})", self.ts(x.typ), self.ts(y.typ));
                self.error(&*x, codes::MISMATCHED_TYPES, msg);
            }
            x.invalidate();
            return;
        }
        if !self.is_binary_defined(op, x.typ) {
            self.undefined_op(x, op);
            return;
        }
        if matches!(op, Op::Quo | Op::Rem) && self.divides_by_zero(x, &y) {
            self.error(&y, codes::DIV_BY_ZERO, "invalid operation: division by zero");
            x.invalidate();
            return;
        }
        if !x.is_const() || !y.is_const() {
            x.mode = Mode::Value;
            return;
        }
        if x.val.is_unknown() || y.val.is_unknown() {
            x.val = Value::Unknown;
            return;
        }
        let int_div = self.s.is_integer(x.typ);
        x.val = x.val.binary(op, &y.val, int_div);
        x.expr = e.or(x.expr);
        let pos = e.map_or(self.pos(lhs), |e| self.op_pos(e));
        self.overflow(x, pos);
    }

    fn is_binary_defined(&mut self, op: Op, t: TypeId) -> bool {
        match op {
            Op::Add => self.s.all_numeric_or_string(t),
            Op::Sub | Op::Mul | Op::Quo => self.s.all_numeric(t),
            Op::Rem | Op::And | Op::Or | Op::Xor | Op::AndNot => self.s.all_integer(t),
            Op::LAnd | Op::LOr => self.s.all_boolean(t),
            _ => false,
        }
    }

    fn divides_by_zero(&mut self, x: &Operand, y: &Operand) -> bool {
        if !y.is_const() {
            return false;
        }
        if (x.is_const() || self.s.all_integer(x.typ)) && y.val.sign() == 0 {
            return true;
        }
        if x.is_const() && self.s.is_complex(x.typ) {
            // The squares of a small divisor may vanish.
            let square = |v: Value| v.binary(Op::Mul, &v, false);
            return square(y.val.real()).sign() == 0 && square(y.val.imag()).sign() == 0;
        }
        false
    }

    /// Whether one of the operands may be converted to the other's type. If not, the caller's test for
    /// identical types says what is wrong better than a failed conversion would.
    fn may_convert(&mut self, x: &Operand, y: &Operand) -> bool {
        if self.s.is_typed(x.typ) && self.s.is_typed(y.typ) {
            return false;
        }
        if self.s.all_numeric(x.typ) != self.s.all_numeric(y.typ) {
            return false;
        }
        if self.s.is_non_type_param_interface(x.typ) || self.s.is_non_type_param_interface(y.typ) {
            return true;
        }
        if self.s.all_boolean(x.typ) != self.s.all_boolean(y.typ) {
            return false;
        }
        if self.s.all_string(x.typ) != self.s.all_string(y.typ) {
            return false;
        }
        if x.is_nil() {
            return self.s.has_nil(y.typ);
        }
        if y.is_nil() {
            return self.s.has_nil(x.typ);
        }
        let is_pointer = |c: &mut Self, t| matches!(c.s.uund(t), Type::Pointer(_));
        !is_pointer(self, x.typ) && !is_pointer(self, y.typ)
    }

    /// Converts untyped operands so that the types of both match, if that may be possible.
    pub(crate) fn match_types(&mut self, x: &mut Operand, y: &mut Operand) {
        if !self.may_convert(x, y) {
            return;
        }
        self.convert_untyped(x, y.typ);
        if !x.is_valid() {
            return;
        }
        self.convert_untyped(y, x.typ);
        if !y.is_valid() {
            x.invalidate();
        }
    }

    /// `x op y`, or with `in_switch` whether the case `x` may equal the tag `y`.
    pub(crate) fn comparison(&mut self, x: &mut Operand, y: &Operand, op: Op, in_switch: bool) {
        if !self.s.is_valid(x.typ) || !self.s.is_valid(y.typ) {
            x.invalidate();
            return;
        }
        let op = if in_switch { Op::Eql } else { op };
        if let Err((code, on_y, cause)) = self.comparable_operands(x, y, op) {
            self.comparison_error(x, y, op, in_switch, code, on_y, cause);
            x.invalidate();
            return;
        }
        if x.is_const() && y.is_const() {
            x.val = Value::Bool(x.val.compare(op, &y.val));
        } else {
            x.mode = Mode::Value;
            for o in [&*x, y] {
                if let Some(e) = o.expr.filter(|_| o.desc.is_none()) {
                    let t = self.s.default_type(o.typ);
                    self.update_expr_type(e, t, true);
                }
            }
        }
        x.typ = TypeId::UNTYPED_BOOL;
    }

    /// Whether the operands may be compared. If not: the code, whether the second operand is at fault,
    /// and the cause if it is known.
    fn comparable_operands(&mut self, x: &Operand, y: &Operand, op: Op) -> Result<(), (Code, bool, String)> {
        if !self.assignable_to(x, y.typ, None).0 && !self.assignable_to(y, x.typ, None).0 {
            let cause = format!("mismatched types {} and {}", self.ts(x.typ), self.ts(y.typ));
            return Err((codes::MISMATCHED_TYPES, true, cause));
        }
        const UNDEFINED: Code = codes::UNDEFINED_OP;
        if !matches!(op, Op::Eql | Op::Neq) {
            for (o, on_y) in [(x, false), (y, true)] {
                if !self.s.all_ordered(o.typ) {
                    return Err((UNDEFINED, on_y, String::new()));
                }
            }
            return Ok(());
        }
        if x.is_nil() || y.is_nil() {
            let typ = if x.is_nil() { y.typ } else { x.typ };
            let ok = self.s.has_nil(typ);
            return if ok { Ok(()) } else { Err((UNDEFINED, true, String::new())) };
        }
        for (o, on_y) in [(x, false), (y, true)] {
            if !self.s.comparable(o.typ) {
                return Err((UNDEFINED, on_y, self.incomparable_cause(o.typ)));
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn comparison_error(
        &mut self,
        x: &Operand,
        y: &Operand,
        op: Op,
        in_switch: bool,
        code: Code,
        on_y: bool,
        mut cause: String,
    ) {
        let mut culprit = if on_y { y } else { x };
        if cause.is_empty() {
            cause = if self.s.is_type_param(x.typ) || self.s.is_type_param(y.typ) {
                if !self.s.is_type_param(x.typ) {
                    culprit = y;
                }
                format!("type parameter {} cannot use operator {op}", self.ts(culprit.typ))
            } else {
                let what = match self.composite_kind(culprit.typ) {
                    "" => self.ts(culprit.typ),
                    what => what.to_string(),
                };
                format!("operator {op} not defined on {what}")
            };
        }
        let (xs, ys) = (self.operand_expr(x), self.operand_expr(y));
        if in_switch {
            self.error(x, code, format!("invalid case {xs} in switch on {ys} ({cause})"));
        } else {
            self.error(culprit, code, format!("invalid operation: {xs} {op} {ys} ({cause})"));
        }
    }

    /// The text of an operand's expression.
    pub(crate) fn operand_expr(&self, x: &Operand) -> String {
        match (&x.desc, x.expr) {
            (Some(desc), _) => desc.to_string(),
            (None, Some(e)) => self.es(e),
            (None, None) => String::new(),
        }
    }

    fn incomparable_cause(&mut self, t: TypeId) -> String {
        if matches!(self.s.uund(t), Type::Slice(_) | Type::Signature(_) | Type::Map { .. }) {
            return format!("{} can only be compared to nil", self.composite_kind(t));
        }
        let detail = self.s.comparable_type(t, true, &mut Default::default());
        match detail {
            Err(Incomparable::Field(ft)) => {
                format!("struct containing {} cannot be compared", self.ts(ft))
            }
            Err(Incomparable::Array(at)) => format!("{} cannot be compared", self.ts(at)),
            Err(Incomparable::EmptyTypeSet) => "empty type set".to_string(),
            Err(Incomparable::TypeSet) => "incomparable types in type set".to_string(),
            _ => String::new(),
        }
    }

    // Shifts.

    fn shift(&mut self, x: &mut Operand, y: &mut Operand, e: Option<ExprId>, op: Op) {
        let xval = if x.is_const() { x.val.to_int() } else { Value::Unknown };
        let may_be_int = self.s.is_untyped(x.typ) && xval.kind() == ValueKind::Int;
        if !self.s.all_integer(x.typ) && !may_be_int {
            return self.bad_shifted(x);
        }
        if !self.check_shift_count(y) {
            x.invalidate();
            return;
        }
        if x.is_const() && y.is_const() {
            return self.const_shift(x, xval, y, e, op);
        }
        if y.is_const()
            && self.s.is_untyped(y.typ)
            && let Some(e) = y.expr
        {
            self.update_expr_type(e, TypeId::UINT, true);
        }
        if x.is_const() && self.s.is_untyped(x.typ) {
            // Not constant, with a constant left operand: its type is known later.
            if let Some(l) = x.expr
                && let Some(u) = self.untyped.get_mut(&(self.env.tree, l))
            {
                u.is_lhs = true;
            }
            x.mode = Mode::Value;
            return;
        }
        if !self.s.all_integer(x.typ) {
            return self.bad_shifted(x);
        }
        x.mode = Mode::Value;
    }

    fn bad_shifted(&mut self, x: &mut Operand) {
        let msg = format!("invalid operation: shifted operand {} must be integer", self.os(x));
        self.error(&*x, codes::INVALID_SHIFT_OPERAND, msg);
        x.invalidate();
    }

    fn check_shift_count(&mut self, y: &mut Operand) -> bool {
        if y.is_const() {
            let count = y.val.to_int();
            if count.kind() == ValueKind::Int && count.sign() < 0 {
                let msg = format!("invalid operation: negative shift count {}", self.os(y));
                self.error(&*y, codes::INVALID_SHIFT_COUNT, msg);
                return false;
            }
            if self.s.is_untyped(y.typ) {
                // The value must fit, but the operand is not converted yet.
                self.representable(y, BasicKind::Uint);
            }
            return y.is_valid();
        }
        if self.s.all_integer(y.typ) {
            if !self.s.all_unsigned(y.typ) && !self.allow_version(13) {
                let what = format!("invalid operation: signed shift count {}", self.os(y));
                self.version_error(&*y, 13, &what);
                return false;
            }
            if self.s.is_untyped(y.typ) {
                self.convert_untyped(y, TypeId::UINT);
            }
            return y.is_valid();
        }
        if self.s.is_untyped(y.typ) {
            self.convert_untyped(y, TypeId::UINT);
            return y.is_valid();
        }
        let msg = format!("invalid operation: shift count {} must be integer", self.os(y));
        self.error(&*y, codes::INVALID_SHIFT_COUNT, msg);
        false
    }

    fn const_shift(&mut self, x: &mut Operand, xval: Value, y: &Operand, e: Option<ExprId>, op: Op) {
        if x.val.is_unknown() || y.val.is_unknown() {
            x.val = Value::Unknown;
            if !self.s.is_integer(x.typ) {
                x.typ = TypeId::UNTYPED_INT;
            }
            return;
        }
        let Some(count) = y.val.to_int().as_u64().filter(|&n| n <= MAX_SHIFT) else {
            let msg = format!("invalid operation: invalid shift count {}", self.os(y));
            self.error(y, codes::INVALID_SHIFT_COUNT, msg);
            x.invalidate();
            return;
        };
        // 2.0 << 3 is an integer.
        if !self.s.is_integer(x.typ) {
            x.typ = TypeId::UNTYPED_INT;
        }
        x.val = xval.shift(op, count);
        x.expr = e.or(x.expr);
        let pos = x.expr.map_or(itab_syntax::Pos::NONE, |e| self.op_pos(e));
        self.overflow(x, pos);
    }
}
