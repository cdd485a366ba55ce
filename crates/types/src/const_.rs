//! Constants and types: which values a type can hold, overflow, and how untyped constants get types.

use itab_syntax::{Code, ExprId, ExprKind, Op, Pos};

use crate::TypeId;
use crate::check::Checker;
use crate::constant::{Value, ValueKind};
use crate::errors::codes;
use crate::operand::Operand;
use crate::types::{BasicKind, Type, basic_info};

/// Integers of untyped constants may have this many bits.
const MAX_BITS: u64 = 512;
/// Constant strings may be this long.
const MAX_STRING: usize = 2_000_000_000;

/// Number of bits of an integer type; 0 for untyped ones.
pub(crate) fn int_bits(kind: BasicKind) -> u64 {
    use BasicKind as K;
    match kind.canonical() {
        K::Int8 | K::Uint8 => 8,
        K::Int16 | K::Uint16 => 16,
        K::Int32 | K::Uint32 => 32,
        K::Int | K::Int64 | K::Uint | K::Uint64 | K::Uintptr => 64,
        _ => 0,
    }
}

fn fits_int(x: &Value, kind: BasicKind) -> bool {
    let bits = int_bits(kind);
    if bits == 0 {
        return true;
    }
    if kind.info() & basic_info::UNSIGNED != 0 {
        return x.sign() >= 0 && x.bit_len() <= bits;
    }
    match x.as_i64() {
        Some(i) => {
            let spare = 64 - bits as u32;
            i << spare >> spare == i
        }
        None => false,
    }
}

/// The value as that basic type holds it: integers as integers, floats and complex numbers rounded.
/// None if the type cannot hold it.
pub(crate) fn representable_const(x: &Value, kind: BasicKind) -> Option<Value> {
    use BasicKind as K;
    if x.is_unknown() {
        return Some(Value::Unknown);
    }
    let info = kind.info();
    if info & basic_info::INTEGER != 0 {
        let i = x.to_int();
        return (i.kind() == ValueKind::Int && fits_int(&i, kind)).then_some(i);
    }
    if info & basic_info::FLOAT != 0 {
        let f = x.to_float();
        if f.is_unknown() {
            return None;
        }
        let rounded = match kind {
            K::Float32 => f.round_f32(),
            K::Float64 => f.round_f64(),
            _ => return Some(x.clone()),
        };
        return (!rounded.is_unknown()).then_some(rounded);
    }
    if info & basic_info::COMPLEX != 0 {
        let c = x.to_complex();
        if c.is_unknown() {
            return None;
        }
        let (re, im) = match kind {
            K::Complex64 => (c.real().round_f32(), c.imag().round_f32()),
            K::Complex128 => (c.real().round_f64(), c.imag().round_f64()),
            _ => return Some(x.clone()),
        };
        let rounded = Value::complex(re, im);
        return (!rounded.is_unknown()).then_some(rounded);
    }
    let ok = (info & basic_info::STRING != 0 && x.kind() == ValueKind::String)
        || (info & basic_info::BOOLEAN != 0 && x.kind() == ValueKind::Bool);
    ok.then(|| x.clone())
}

impl<'a> Checker<'a> {
    /// The basic kind of the underlying type.
    pub(crate) fn basic_kind(&mut self, t: TypeId) -> Option<BasicKind> {
        match self.s.uund(t) {
            Type::Basic(k) => Some(k),
            _ => None,
        }
    }

    /// Checks that the constant `x`, the result of an operation, is representable by its type, or if
    /// that is untyped, that it does not grow without bounds.
    pub(crate) fn overflow(&mut self, x: &mut Operand, op_pos: Pos) {
        if x.val.is_unknown() {
            self.error(op_pos, codes::INVALID_CONST_VAL, "constant result is not representable");
            return;
        }
        if self.s.is_typed(x.typ) {
            if let Some(kind) = self.basic_kind(x.typ) {
                self.representable(x, kind);
            }
            return;
        }
        if x.val.kind() == ValueKind::Int && x.val.bit_len() > MAX_BITS {
            let op = x.expr.map_or("", |e| self.op_name(e));
            self.error(op_pos, codes::INVALID_CONST_VAL, format!("constant {op}overflow"));
            x.val = Value::Unknown;
            return;
        }
        if let Some(len) = x.val.str_len().filter(|&len| len > MAX_STRING) {
            let msg = format!("constant string too long ({len} bytes > {MAX_STRING} bytes)");
            self.error(op_pos, codes::INVALID_CONST_VAL, msg);
            x.val = Value::Unknown;
        }
    }

    /// The name of an operation that may overflow, with a space after it.
    fn op_name(&self, e: ExprId) -> &'static str {
        match self.kind(e) {
            ExprKind::UnaryExpr { op: Op::Xor, .. } => "bitwise complement ",
            ExprKind::BinaryExpr { op, .. } => match op {
                Op::Add => "addition ",
                Op::Sub => "subtraction ",
                Op::Xor => "bitwise XOR ",
                Op::Mul => "multiplication ",
                Op::Shl => "shift ",
                _ => "",
            },
            _ => "",
        }
    }

    /// Where the operator of an operation is; of anything else the start.
    pub(crate) fn op_pos(&self, e: ExprId) -> Pos {
        match self.kind(e) {
            ExprKind::BinaryExpr { op_pos, .. } => op_pos,
            _ => self.pos(e),
        }
    }

    /// Makes the constant `x` one of that basic type or reports that it does not fit.
    pub(crate) fn representable(&mut self, x: &mut Operand, kind: BasicKind) {
        match self.representation(x, kind) {
            Ok(v) => x.val = v,
            Err(code) => {
                self.invalid_conversion(code, x, TypeId::basic(kind));
                x.invalidate();
            }
        }
    }

    /// The constant `x` as that basic type holds it, or what is wrong.
    pub(crate) fn representation(&mut self, x: &Operand, kind: BasicKind) -> Result<Value, Code> {
        if let Some(v) = representable_const(&x.val, kind) {
            return Ok(v);
        }
        if self.s.is_numeric(x.typ) && kind.info() & basic_info::NUMERIC != 0 {
            let to_int = !self.s.is_integer(x.typ) && kind.info() & basic_info::INTEGER != 0;
            return Err(if to_int { codes::TRUNCATED_FLOAT } else { codes::NUMERIC_OVERFLOW });
        }
        Err(codes::INVALID_CONST_VAL)
    }

    pub(crate) fn invalid_conversion(&mut self, code: Code, x: &Operand, target: TypeId) {
        let (x_text, t) = (self.os(x), self.ts(target));
        let msg = if code == codes::TRUNCATED_FLOAT {
            format!("{x_text} truncated to {t}")
        } else if code == codes::NUMERIC_OVERFLOW {
            format!("{x_text} overflows {t}")
        } else {
            format!("cannot convert {x_text} to type {t}")
        };
        self.error(x, code, msg);
    }

    /// Gives an untyped operand the target type if that is possible.
    pub(crate) fn convert_untyped(&mut self, x: &mut Operand, target: TypeId) {
        match self.implicit_type(x, target) {
            Ok((typ, val)) => self.set_implicit(x, typ, val),
            Err(code) => {
                let t = if self.s.is_type_param(target) { target } else { self.s.under(target) };
                self.invalid_conversion(code, x, t);
                x.invalidate();
            }
        }
    }

    /// Applies what [`implicit_type`](Self::implicit_type) found to the operand and its expression.
    pub(crate) fn set_implicit(&mut self, x: &mut Operand, typ: TypeId, val: Option<Value>) {
        if let Some(val) = val {
            if let Some(e) = x.expr
                && x.desc.is_none()
                && let Some(u) = self.untyped.get_mut(&(self.env.tree, e))
            {
                u.val = val.clone();
            }
            x.val = val;
        }
        if typ != x.typ {
            x.typ = typ;
            if let Some(e) = x.expr.filter(|_| x.desc.is_none()) {
                self.update_expr_type(e, typ, false);
            }
        }
    }

    /// The type that an untyped operand takes where `target` is expected, and a constant's value in
    /// it; or what is wrong. Typed operands keep their type.
    pub(crate) fn implicit_type(&mut self, x: &Operand, target: TypeId) -> Result<(TypeId, Option<Value>), Code> {
        if !x.is_valid() || self.s.is_typed(x.typ) || !self.s.is_valid(target) {
            return Ok((x.typ, None));
        }
        const IMPOSSIBLE: Code = codes::INVALID_UNTYPED_CONVERSION;
        if self.s.is_untyped(target) {
            return self.s.max_type(x.typ, target).map(|t| (t, None)).ok_or(IMPOSSIBLE);
        }
        if x.is_nil() {
            return if self.s.has_nil(target) { Ok((target, None)) } else { Err(IMPOSSIBLE) };
        }
        match self.s.uund(target) {
            Type::Basic(kind) if x.is_const() => {
                let v = self.representation(x, kind)?;
                Ok((target, Some(v)))
            }
            Type::Basic(kind) => {
                // A comparison or a shift whose left operand waits for its type.
                let want = match x.typ {
                    TypeId::UNTYPED_BOOL => basic_info::BOOLEAN,
                    TypeId::UNTYPED_STRING => basic_info::STRING,
                    TypeId::UNTYPED_NIL => 0,
                    _ => basic_info::NUMERIC,
                };
                if kind.info() & want == 0 { Err(IMPOSSIBLE) } else { Ok((target, None)) }
            }
            Type::Interface(_) if self.s.is_type_param(target) => {
                for (_, u) in self.s.typeset_terms(target) {
                    let Some(u) = u else { return Err(IMPOSSIBLE) };
                    self.implicit_type(x, u).map_err(|_| IMPOSSIBLE)?;
                }
                Ok((target, None))
            }
            Type::Interface(_) => {
                // The dynamic type of the value is its default type.
                if self.is_empty_interface(target) { Ok((self.s.default_type(x.typ), None)) } else { Err(IMPOSSIBLE) }
            }
            _ => Err(IMPOSSIBLE),
        }
    }

    /// Like [`implicit_type`](Self::implicit_type); none if it is impossible.
    pub(crate) fn implicit_type_and_value(&mut self, x: &Operand, target: TypeId) -> Option<(TypeId, Option<Value>)> {
        self.implicit_type(x, target).ok()
    }

    /// Whether every type implements the interface.
    fn is_empty_interface(&mut self, t: TypeId) -> bool {
        match self.s.uund(t) {
            Type::Interface(i) => self.s.type_set(i).is_all(),
            _ => false,
        }
    }
}
