//! Arithmetic and ordered comparison.

use super::Emit;
use super::value::{Repr, Scalars};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use itab_abi::runtime_fns::RuntimeFn;
use itab_ir::func::ValueId;
use itab_ir::op::{BinOp, CmpOp, Const, UnOp};
use itab_ir::ty::Basic;
use smallvec::smallvec;

impl Emit<'_> {
    /// `Op::Binary`
    pub fn binary(&mut self, op: BinOp, a: ValueId, b: ValueId) -> Repr {
        let basic = self.types.as_basic(self.ty(a));
        match basic {
            Some(Basic::Complex64 | Basic::Complex128) => {
                let (x, y) = (self.val(a), self.val(b));
                let (x, y) = (self.scalars(&x), self.scalars(&y));
                Repr::Flat(self.complex_binary(op, &x, &y))
            }
            Some(Basic::Float32 | Basic::Float64) => {
                let (x, y) = (self.one(a), self.one(b));
                Repr::Flat(smallvec![self.float_binary(op, x, y)])
            }
            _ => Repr::Flat(smallvec![self.int_binary(op, a, b)]),
        }
    }

    fn float_binary(&mut self, op: BinOp, x: Value, y: Value) -> Value {
        match op {
            BinOp::Add => self.b.ins().fadd(x, y),
            BinOp::Sub => self.b.ins().fsub(x, y),
            BinOp::Mul => self.b.ins().fmul(x, y),
            BinOp::Div => self.b.ins().fdiv(x, y),
            _ => ice!("{op:?} of floats"),
        }
    }

    /// A multiplication by 3, 5 or 9 is an addition of the shifted operand: one instruction of one cycle.
    fn multiply(&mut self, x: Value, y: Value, by: Option<i64>) -> Value {
        let Some(shift) = [(3, 1), (5, 2), (9, 3)].into_iter().find_map(|(n, shift)| (by == Some(n)).then_some(shift))
        else {
            return self.b.ins().imul(x, y);
        };
        let more = self.b.ins().ishl_imm_u(x, shift);
        self.b.ins().iadd(x, more)
    }

    fn int_binary(&mut self, op: BinOp, a: ValueId, b: ValueId) -> Value {
        let signed = self.is_signed(self.ty(a));
        let (x, y) = (self.one(a), self.one(b));
        match op {
            BinOp::Add => self.b.ins().iadd(x, y),
            BinOp::Sub => self.b.ins().isub(x, y),
            BinOp::Mul => self.multiply(x, y, self.const_int(b)),
            BinOp::And => self.b.ins().band(x, y),
            BinOp::Or => self.b.ins().bor(x, y),
            BinOp::Xor => self.b.ins().bxor(x, y),
            BinOp::AndNot => self.b.ins().band_not(x, y),
            BinOp::Div | BinOp::Rem => self.divide(op, x, y, signed, self.const_int(b)),
            BinOp::Shl | BinOp::Shr => self.shift(op, x, y, signed, self.const_int(b)),
        }
    }

    pub fn const_int(&self, v: ValueId) -> Option<i64> {
        match self.const_of(v)? {
            Const::Int(i) => Some(*i),
            Const::Zero => Some(0),
            _ => None,
        }
    }

    /// The divisor is not 0. The machine faults on MIN / -1, which is MIN in Go (and the remainder 0).
    fn divide(&mut self, op: BinOp, x: Value, y: Value, signed: bool, by: Option<i64>) -> Value {
        let div = op == BinOp::Div;
        if !signed {
            return if div { self.b.ins().udiv(x, y) } else { self.b.ins().urem(x, y) };
        }
        if by.is_some_and(|d| d != -1 && d != 0) {
            return if div { self.b.ins().sdiv(x, y) } else { self.b.ins().srem(x, y) };
        }
        let ty = self.b.func.dfg.value_type(x);
        let (minus_one, other, done) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(done, ty);
        let is = self.b.ins().icmp_imm_s(IntCC::Equal, y, -1);
        self.b.ins().brif(is, minus_one, &[], other, &[]);
        self.enter(minus_one);
        let v = if div { self.b.ins().ineg(x) } else { self.b.ins().iconst(ty, 0) };
        self.b.ins().jump(done, &[v.into()]);
        self.enter(other);
        let v = if div { self.b.ins().sdiv(x, y) } else { self.b.ins().srem(x, y) };
        self.b.ins().jump(done, &[v.into()]);
        self.enter(done);
        result
    }

    /// The machine takes the count modulo the width; in Go all bits are shifted out.
    fn shift(&mut self, op: BinOp, x: Value, count: Value, signed: bool, by: Option<i64>) -> Value {
        let ty = self.b.func.dfg.value_type(x);
        let width = i64::from(ty.bits());
        let known = by.map(|n| if (0..width).contains(&n) { n } else { width });
        match (op, signed, known) {
            (BinOp::Shl, _, Some(n)) if n < width => self.b.ins().ishl_imm_u(x, n),
            (BinOp::Shr, true, Some(n)) => self.b.ins().sshr_imm_u(x, n.min(width - 1)),
            (BinOp::Shr, false, Some(n)) if n < width => self.b.ins().ushr_imm_u(x, n),
            (BinOp::Shr, true, None) => {
                let below = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, count, width);
                let all = self.int(self.b.func.dfg.value_type(count), width - 1);
                let count = self.b.ins().select(below, count, all);
                self.b.ins().sshr(x, count)
            }
            (_, _, None) => {
                let below = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, count, width);
                let v = if op == BinOp::Shl { self.b.ins().ishl(x, count) } else { self.b.ins().ushr(x, count) };
                let zero = self.b.ins().iconst(ty, 0);
                self.b.ins().select(below, v, zero)
            }
            _ => self.b.ins().iconst(ty, 0),
        }
    }

    /// `Op::Unary`
    pub fn unary(&mut self, op: UnOp, v: ValueId) -> Repr {
        let x = self.val(v);
        let x = self.scalars(&x);
        Repr::Flat(x.iter().map(|&x| self.unary_scalar(op, x)).collect())
    }

    fn unary_scalar(&mut self, op: UnOp, x: Value) -> Value {
        let float = self.b.func.dfg.value_type(x).is_float();
        match op {
            UnOp::Neg if float => self.b.ins().fneg(x),
            UnOp::Neg => self.b.ins().ineg(x),
            UnOp::Not => self.b.ins().bxor_imm_u(x, 1),
            UnOp::BitNot => self.b.ins().bnot(x),
        }
    }

    /// `Op::Compare`
    pub fn compare(&mut self, op: CmpOp, a: ValueId, b: ValueId) -> Value {
        match self.types.as_basic(self.ty(a)) {
            Some(Basic::String) => {
                let args = [self.nth(a, 0), self.nth(a, 1), self.nth(b, 0), self.nth(b, 1)];
                let order = self.runtime(RuntimeFn::cmpstring, &args)[0];
                self.b.ins().icmp_imm_s(int_cc(op, true), order, 0)
            }
            Some(Basic::Float32 | Basic::Float64) => {
                let (x, y) = (self.one(a), self.one(b));
                let cc = match op {
                    CmpOp::Lt => FloatCC::LessThan,
                    CmpOp::Le => FloatCC::LessThanOrEqual,
                    CmpOp::Gt => FloatCC::GreaterThan,
                    CmpOp::Ge => FloatCC::GreaterThanOrEqual,
                };
                self.b.ins().fcmp(cc, x, y)
            }
            Some(t) if t.is_integer() => {
                let (x, y) = (self.one(a), self.one(b));
                self.b.ins().icmp(int_cc(op, t.is_signed()), x, y)
            }
            t => ice!("{op:?} of {t:?}"),
        }
    }

    // ---- complex numbers

    fn complex_binary(&mut self, op: BinOp, x: &Scalars, y: &Scalars) -> Scalars {
        match op {
            BinOp::Add => smallvec![self.b.ins().fadd(x[0], y[0]), self.b.ins().fadd(x[1], y[1])],
            BinOp::Sub => smallvec![self.b.ins().fsub(x[0], y[0]), self.b.ins().fsub(x[1], y[1])],
            // gc computes both in double precision and rounds once.
            BinOp::Mul | BinOp::Div => {
                let ty = self.b.func.dfg.value_type(x[0]);
                let [a, b, c, d] = [x[0], x[1], y[0], y[1]].map(|v| self.promoted(v));
                let (re, im) =
                    if op == BinOp::Mul { self.complex_mul(a, b, c, d) } else { self.complex_div(a, b, c, d) };
                smallvec![self.demoted(ty, re), self.demoted(ty, im)]
            }
            _ => ice!("{op:?} of complex numbers"),
        }
    }

    /// A float as float64.
    pub fn promoted(&mut self, v: Value) -> Value {
        if self.b.func.dfg.value_type(v) == types::F64 { v } else { self.b.ins().fpromote(types::F64, v) }
    }

    fn demoted(&mut self, ty: Type, v: Value) -> Value {
        if ty == types::F64 { v } else { self.b.ins().fdemote(ty, v) }
    }

    fn complex_mul(&mut self, a: Value, b: Value, c: Value, d: Value) -> (Value, Value) {
        let (ac, bd) = (self.b.ins().fmul(a, c), self.b.ins().fmul(b, d));
        let (ad, bc) = (self.b.ins().fmul(a, d), self.b.ins().fmul(b, c));
        (self.b.ins().fsub(ac, bd), self.b.ins().fadd(ad, bc))
    }

    /// (a + bi) / (c + di) by Smith's method, which scales by the larger part of the divisor; a result that is NaN in
    /// both parts is then mended as C99's annex G has it.
    fn complex_div(&mut self, a: Value, b: Value, c: Value, d: Value) -> (Value, Value) {
        let (abs_c, abs_d) = (self.b.ins().fabs(c), self.b.ins().fabs(d));
        let c_larger = self.b.ins().fcmp(FloatCC::GreaterThanOrEqual, abs_c, abs_d);
        // With c the larger: t = d/c, n = c + t*d, e = (a + b*t)/n, f = (b - a*t)/n.
        // Otherwise:         t = c/d, n = d + t*c, e = (a*t + b)/n, f = (b*t - a)/n.
        let large = self.b.ins().select(c_larger, c, d);
        let small = self.b.ins().select(c_larger, d, c);
        let t = self.b.ins().fdiv(small, large);
        let ts = self.b.ins().fmul(t, small);
        let n = self.b.ins().fadd(large, ts);
        let (at, bt) = (self.b.ins().fmul(a, t), self.b.ins().fmul(b, t));
        let (e1, e2) = (self.b.ins().fadd(a, bt), self.b.ins().fadd(at, b));
        let (f1, f2) = (self.b.ins().fsub(b, at), self.b.ins().fsub(bt, a));
        let e = self.b.ins().select(c_larger, e1, e2);
        let f = self.b.ins().select(c_larger, f1, f2);
        let (e, f) = (self.b.ins().fdiv(e, n), self.b.ins().fdiv(f, n));

        let done = self.b.create_block();
        let re = self.b.append_block_param(done, types::F64);
        let im = self.b.append_block_param(done, types::F64);
        let (mend, nan) = (self.cold_block(), self.is_nan(e));
        let nan_f = self.is_nan(f);
        let both = self.b.ins().band(nan, nan_f);
        self.b.ins().brif(both, mend, &[], done, &[e.into(), f.into()]);
        self.enter(mend);
        let (e, f) = self.mend_division(a, b, c, d, e, f);
        self.b.ins().jump(done, &[e.into(), f.into()]);
        self.enter(done);
        (re, im)
    }

    fn mend_division(&mut self, a: Value, b: Value, c: Value, d: Value, e: Value, f: Value) -> (Value, Value) {
        let inf = self.b.ins().f64const(f64::INFINITY);
        let zero = self.b.ins().f64const(0.0f64);
        let (inf_a, inf_b) = (self.is_inf(a), self.is_inf(b));
        let (inf_c, inf_d) = (self.is_inf(c), self.is_inf(d));
        let (nan_a, nan_b) = (self.is_nan(a), self.is_nan(b));
        let finite = |e: &mut Self, v: Value| {
            let abs = e.b.ins().fabs(v);
            e.b.ins().fcmp(FloatCC::LessThan, abs, inf)
        };
        // Each part as ±1 when it is infinite and ±0 otherwise.
        let unit = |e: &mut Self, v: Value, is_inf: Value| {
            let one = e.b.ins().f64const(1.0f64);
            let size = e.b.ins().select(is_inf, one, zero);
            e.b.ins().fcopysign(size, v)
        };

        // Infinite divisor: a zero.
        let (uc, ud) = (unit(self, c, inf_c), unit(self, d, inf_d));
        let (p, q) = self.quotient_parts(a, b, uc, ud);
        let (e3, f3) = (self.b.ins().fmul(zero, p), self.b.ins().fmul(zero, q));
        let any = self.b.ins().bor(inf_c, inf_d);
        let (fa, fb) = (finite(self, a), finite(self, b));
        let both = self.b.ins().band(fa, fb);
        let when = self.b.ins().band(any, both);
        let (e, f) = (self.b.ins().select(when, e3, e), self.b.ins().select(when, f3, f));

        // Infinite dividend: an infinity.
        let (ua, ub) = (unit(self, a, inf_a), unit(self, b, inf_b));
        let (p, q) = self.quotient_parts(ua, ub, c, d);
        let (e2, f2) = (self.b.ins().fmul(inf, p), self.b.ins().fmul(inf, q));
        let any = self.b.ins().bor(inf_a, inf_b);
        let (fc, fd) = (finite(self, c), finite(self, d));
        let both = self.b.ins().band(fc, fd);
        let when = self.b.ins().band(any, both);
        let (e, f) = (self.b.ins().select(when, e2, e), self.b.ins().select(when, f2, f));

        // Division by zero: an infinity unless the dividend is NaN in both parts.
        let signed_inf = self.b.ins().fcopysign(inf, c);
        let (e1, f1) = (self.b.ins().fmul(signed_inf, a), self.b.ins().fmul(signed_inf, b));
        let zero_c = self.b.ins().fcmp(FloatCC::Equal, c, zero);
        let zero_d = self.b.ins().fcmp(FloatCC::Equal, d, zero);
        let zero_m = self.b.ins().band(zero_c, zero_d);
        let nans = self.b.ins().band(nan_a, nan_b);
        let some = self.b.ins().bxor_imm_u(nans, 1);
        let when = self.b.ins().band(zero_m, some);
        (self.b.ins().select(when, e1, e), self.b.ins().select(when, f1, f))
    }

    /// (ac + bd, bc - ad)
    fn quotient_parts(&mut self, a: Value, b: Value, c: Value, d: Value) -> (Value, Value) {
        let (ac, bd) = (self.b.ins().fmul(a, c), self.b.ins().fmul(b, d));
        let (bc, ad) = (self.b.ins().fmul(b, c), self.b.ins().fmul(a, d));
        (self.b.ins().fadd(ac, bd), self.b.ins().fsub(bc, ad))
    }

    fn is_nan(&mut self, v: Value) -> Value {
        self.b.ins().fcmp(FloatCC::Unordered, v, v)
    }

    fn is_inf(&mut self, v: Value) -> Value {
        let abs = self.b.ins().fabs(v);
        let inf = self.b.ins().f64const(f64::INFINITY);
        self.b.ins().fcmp(FloatCC::Equal, abs, inf)
    }
}

fn int_cc(op: CmpOp, signed: bool) -> IntCC {
    match (op, signed) {
        (CmpOp::Lt, true) => IntCC::SignedLessThan,
        (CmpOp::Le, true) => IntCC::SignedLessThanOrEqual,
        (CmpOp::Gt, true) => IntCC::SignedGreaterThan,
        (CmpOp::Ge, true) => IntCC::SignedGreaterThanOrEqual,
        (CmpOp::Lt, false) => IntCC::UnsignedLessThan,
        (CmpOp::Le, false) => IntCC::UnsignedLessThanOrEqual,
        (CmpOp::Gt, false) => IntCC::UnsignedGreaterThan,
        (CmpOp::Ge, false) => IntCC::UnsignedGreaterThanOrEqual,
    }
}
