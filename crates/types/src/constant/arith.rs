//! Operations on values. Operands that make no sense together give an unknown value.

use std::cmp::Ordering;
use std::sync::Arc;

use itab_syntax::Op;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use super::bigfloat::BigFloat;
use super::{Value, pow2};

/// Two numbers in the same representation.
enum Pair {
    Int(i64, i64),
    Big(BigInt, BigInt),
    Rat(BigRational, BigRational),
    Float(BigFloat, BigFloat),
    Complex([Value; 2], [Value; 2]),
    None,
}

/// Place in the order of representations; numbers from 2 on.
fn rank(v: &Value) -> u8 {
    match v {
        Value::Unknown => 0,
        Value::Bool(_) | Value::Str(_) => 1,
        Value::Int(_) => 2,
        Value::BigInt(_) => 3,
        Value::Rat(_) => 4,
        Value::Float(_) => 5,
        Value::Complex(_) => 6,
    }
}

fn as_rat(v: &Value) -> BigRational {
    match v {
        Value::Rat(r) => (**r).clone(),
        v => BigRational::from_integer(v.as_big().unwrap_or_default()),
    }
}

fn as_float(v: &Value) -> BigFloat {
    match v {
        Value::Float(f) => (**f).clone(),
        Value::Rat(r) => BigFloat::from_rat(r),
        v => BigFloat::from_int(&v.as_big().unwrap_or_default()),
    }
}

fn pair(x: &Value, y: &Value) -> Pair {
    let (rx, ry) = (rank(x), rank(y));
    if rx < 2 || ry < 2 {
        return Pair::None;
    }
    match (rx.max(ry), x, y) {
        (2, Value::Int(a), Value::Int(b)) => Pair::Int(*a, *b),
        (3, ..) => Pair::Big(x.as_big().unwrap_or_default(), y.as_big().unwrap_or_default()),
        (4, ..) => Pair::Rat(as_rat(x), as_rat(y)),
        (5, ..) => Pair::Float(as_float(x), as_float(y)),
        _ => Pair::Complex([x.real(), x.imag()], [y.real(), y.imag()]),
    }
}

impl Value {
    /// `op self` for `+ - ^ !`. For `^`, `size` is the number of bits of an unsigned type, otherwise 0.
    pub fn unary(&self, op: Op, size: u64) -> Value {
        match (op, self) {
            (Op::Add, _) => self.clone(),
            (Op::Sub, Value::Int(i)) => match i.checked_neg() {
                Some(n) => Value::Int(n),
                None => Value::from_big(-BigInt::from(*i)),
            },
            (Op::Sub, Value::BigInt(b)) => Value::from_big(-&**b),
            (Op::Sub, Value::Rat(r)) => Value::from_rat(-&**r),
            (Op::Sub, Value::Float(f)) => Value::from_float(f.neg()),
            (Op::Sub, Value::Complex(c)) => Value::complex(c.0.unary(op, 0), c.1.unary(op, 0)),
            (Op::Xor, Value::Int(i)) if size == 0 => Value::Int(!i),
            (Op::Xor, Value::Int(_) | Value::BigInt(_)) => {
                let not = !self.as_big().unwrap_or_default();
                Value::from_big(if size > 0 { not & (pow2(size) - 1) } else { not })
            }
            (Op::Not, Value::Bool(b)) => Value::Bool(!b),
            _ => Value::Unknown,
        }
    }

    /// `self op y`, neither a comparison nor a shift. With `int_div`, `/` truncates. The divisor is not
    /// zero.
    pub fn binary(&self, op: Op, y: &Value, int_div: bool) -> Value {
        match (self, op, y) {
            (Value::Bool(a), Op::LAnd, Value::Bool(b)) => return Value::Bool(*a && *b),
            (Value::Bool(a), Op::LOr, Value::Bool(b)) => return Value::Bool(*a || *b),
            (Value::Str(a), Op::Add, Value::Str(b)) => {
                return Value::Str(a.concat(b));
            }
            _ => {}
        }
        match pair(self, y) {
            Pair::Int(a, b) => small(a, op, b, int_div),
            Pair::Big(a, b) => big(a, op, b, int_div),
            Pair::Rat(a, b) => match op {
                Op::Add => Value::from_rat(a + b),
                Op::Sub => Value::from_rat(a - b),
                Op::Mul => Value::from_rat(a * b),
                Op::Quo if !super::is_zero(&b) => Value::from_rat(a / b),
                _ => Value::Unknown,
            },
            Pair::Float(a, b) => match op {
                Op::Add => Value::from_float(a.add(&b)),
                Op::Sub => Value::from_float(a.add(&b.neg())),
                Op::Mul => Value::from_float(a.mul(&b)),
                Op::Quo if !b.mant().is_zero() => Value::from_float(a.quo(&b)),
                _ => Value::Unknown,
            },
            Pair::Complex(x, y) => complex(&x, op, &y),
            Pair::None => Value::Unknown,
        }
    }

    /// `self << n` or `self >> n` of an integer.
    pub fn shift(&self, op: Op, n: u64) -> Value {
        match (self, op) {
            (Value::Int(_), _) if n == 0 => self.clone(),
            (Value::Int(i), Op::Shr) => Value::Int(i >> n.min(63)),
            (Value::Int(i), Op::Shl) => Value::from_big(BigInt::from(*i) << n),
            (Value::BigInt(b), Op::Shr) => Value::from_big(&**b >> n),
            (Value::BigInt(b), Op::Shl) => Value::from_big(&**b << n),
            _ => Value::Unknown,
        }
    }

    /// Whether `self op y` holds for a comparison; false if it makes no sense.
    pub fn compare(&self, op: Op, y: &Value) -> bool {
        let order = match (self, y) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Str(a), Value::Str(b)) if a == b => Ordering::Equal,
            (Value::Str(a), Value::Str(b)) => a[..].cmp(&b[..]),
            _ => match pair(self, y) {
                Pair::Int(a, b) => a.cmp(&b),
                Pair::Big(a, b) => a.cmp(&b),
                Pair::Rat(a, b) => a.cmp(&b),
                Pair::Float(a, b) => a.cmp(&b),
                Pair::Complex(a, b) => {
                    let same = a[0].compare(Op::Eql, &b[0]) && a[1].compare(Op::Eql, &b[1]);
                    if same { Ordering::Equal } else { Ordering::Less }
                }
                Pair::None => return false,
            },
        };
        match op {
            Op::Eql => order.is_eq(),
            Op::Neq => order.is_ne(),
            Op::Lss => order.is_lt(),
            Op::Leq => order.is_le(),
            Op::Gtr => order.is_gt(),
            Op::Geq => order.is_ge(),
            _ => false,
        }
    }
}

fn small(a: i64, op: Op, b: i64, int_div: bool) -> Value {
    let result = match op {
        Op::Add => a.checked_add(b),
        Op::Sub => a.checked_sub(b),
        Op::Mul => a.checked_mul(b),
        Op::Quo if b == 0 => return Value::Unknown,
        Op::Quo if !int_div => {
            return Value::Rat(Arc::new(BigRational::new(a.into(), b.into())));
        }
        Op::Quo => a.checked_div(b),
        Op::Rem => a.checked_rem(b),
        Op::And => Some(a & b),
        Op::Or => Some(a | b),
        Op::Xor => Some(a ^ b),
        Op::AndNot => Some(a & !b),
        _ => return Value::Unknown,
    };
    match result {
        Some(n) => Value::Int(n),
        None => big(a.into(), op, b.into(), int_div),
    }
}

fn big(a: BigInt, op: Op, b: BigInt, int_div: bool) -> Value {
    Value::from_big(match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Quo | Op::Rem if b.is_zero() => return Value::Unknown,
        Op::Quo if !int_div => return Value::from_rat(BigRational::new(a, b)),
        Op::Quo => a / b,
        Op::Rem => a % b,
        Op::And => a & b,
        Op::Or => a | b,
        Op::Xor => a ^ b,
        Op::AndNot => a & !b,
        _ => return Value::Unknown,
    })
}

fn complex([a, b]: &[Value; 2], op: Op, [c, d]: &[Value; 2]) -> Value {
    let add = |x: &Value, y: &Value| x.binary(Op::Add, y, false);
    let sub = |x: &Value, y: &Value| x.binary(Op::Sub, y, false);
    let mul = |x: &Value, y: &Value| x.binary(Op::Mul, y, false);
    match op {
        Op::Add => Value::complex(add(a, c), add(b, d)),
        Op::Sub => Value::complex(sub(a, c), sub(b, d)),
        Op::Mul => {
            let re = sub(&mul(a, c), &mul(b, d));
            let im = add(&mul(b, c), &mul(a, d));
            Value::complex(re, im)
        }
        Op::Quo => {
            let s = add(&mul(c, c), &mul(d, d));
            let re = add(&mul(a, c), &mul(b, d)).binary(Op::Quo, &s, false);
            let im = sub(&mul(b, c), &mul(a, d)).binary(Op::Quo, &s, false);
            Value::complex(re, im)
        }
        _ => Value::Unknown,
    }
}

impl PartialEq for Value {
    /// Whether the two are the same value of the same kind.
    fn eq(&self, other: &Value) -> bool {
        self.kind() == other.kind() && (self.is_unknown() || self.compare(Op::Eql, other))
    }
}

/// A value as a key: constants of different kinds that are equal numbers have equal keys.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum ValueKey {
    Bool(bool),
    Str(Box<[u8]>),
    Int(i64),
    Uint(u64),
    Float(u64),
    Complex(u64, u64),
}

impl Value {
    /// The key under which a map literal's constant key or a switch's case is the same as another.
    pub(crate) fn key(&self) -> Option<ValueKey> {
        match self {
            Value::Bool(b) => Some(ValueKey::Bool(*b)),
            Value::Str(s) => Some(ValueKey::Str(s[..].into())),
            Value::Int(i) => Some(ValueKey::Int(*i)),
            Value::BigInt(b) => b.to_u64().map(ValueKey::Uint),
            Value::Rat(_) | Value::Float(_) => match self.to_int() {
                Value::Unknown => Some(ValueKey::Float(self.as_f64().to_bits())),
                int => int.key(),
            },
            Value::Complex(c) => match self.to_float() {
                Value::Unknown => Some(ValueKey::Complex(c.0.as_f64().to_bits(), c.1.as_f64().to_bits())),
                float => float.key(),
            },
            Value::Unknown => None,
        }
    }
}
