//! Constant values of arbitrary precision and their arithmetic.
//!
//! Integers that fit are kept in an `i64`, others in a big integer. Fractions are exact rationals while
//! they are small; beyond that a binary floating-point number with a mantissa of 512 bits stands in.
//! A number that has been rounded stays a [`BigFloat`]: it is never taken for exact again.
//!
//! The operations are those of go/constant, so that programs at the limits of precision see the same
//! values as with gc.

mod arith;
mod bigfloat;
mod format;
mod literal;
mod text;

use std::sync::Arc;

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

pub(crate) use arith::ValueKey;
pub use bigfloat::BigFloat;
pub use text::Text;

/// A constant's value.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Unknown because of an error.
    #[default]
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A string: any bytes.
    Str(Text),
    /// A small integer.
    Int(i64),
    /// An integer beyond `i64`.
    BigInt(Arc<BigInt>),
    /// An exact fraction (which may happen to be an integer).
    Rat(Arc<BigRational>),
    /// A number too large or too small for a fraction of reasonable size.
    Float(Arc<BigFloat>),
    /// Real and imaginary part, neither of them complex.
    Complex(Arc<(Value, Value)>),
}

/// The kinds of values; representations of one kind are interchangeable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueKind {
    /// Nothing is known.
    Unknown,
    /// A boolean.
    Bool,
    /// A string.
    String,
    /// An integer.
    Int,
    /// A number with a fraction, or one that came from such numbers.
    Float,
    /// A complex number.
    Complex,
}

/// Numerator and denominator of a fraction have fewer bits than this.
const MAX_EXP: u64 = 4 << 10;

pub(crate) fn small_int(x: &BigInt) -> bool {
    x.bits() < MAX_EXP
}

impl Value {
    /// The kind.
    pub fn kind(&self) -> ValueKind {
        match self {
            Value::Unknown => ValueKind::Unknown,
            Value::Bool(_) => ValueKind::Bool,
            Value::Str(_) => ValueKind::String,
            Value::Int(_) | Value::BigInt(_) => ValueKind::Int,
            Value::Rat(_) | Value::Float(_) => ValueKind::Float,
            Value::Complex(_) => ValueKind::Complex,
        }
    }

    /// Whether nothing is known about the value.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown)
    }

    /// A string's value.
    pub fn string(s: impl AsRef<[u8]>) -> Value {
        Value::Str(s.as_ref().into())
    }

    /// An integer's value.
    pub fn from_big(x: BigInt) -> Value {
        match x.to_i64() {
            Some(i) => Value::Int(i),
            None => Value::BigInt(Arc::new(x)),
        }
    }

    /// An unsigned integer's value.
    pub fn from_u64(x: u64) -> Value {
        match i64::try_from(x) {
            Ok(i) => Value::Int(i),
            Err(_) => Value::BigInt(Arc::new(x.into())),
        }
    }

    /// A finite number's value, of kind float; unknown if it is not finite. Minus zero is zero.
    pub fn from_f64(x: f64) -> Value {
        match BigRational::from_float(x) {
            Some(r) => Value::Rat(Arc::new(r)),
            None => Value::Unknown,
        }
    }

    pub(crate) fn from_rat(x: BigRational) -> Value {
        if small_int(x.numer()) && small_int(x.denom()) {
            Value::Rat(Arc::new(x))
        } else {
            Value::from_float(BigFloat::from_rat(&x))
        }
    }

    pub(crate) fn from_float(x: BigFloat) -> Value {
        if x.is_inf() { Value::Unknown } else { Value::Float(Arc::new(x)) }
    }

    pub(crate) fn complex(re: Value, im: Value) -> Value {
        if re.is_unknown() || im.is_unknown() {
            return Value::Unknown;
        }
        Value::Complex(Arc::new((re, im)))
    }

    /// A boolean's value; false if it is unknown.
    pub fn as_bool(&self) -> bool {
        matches!(self, Value::Bool(true))
    }

    /// The length of a string.
    pub fn str_len(&self) -> Option<usize> {
        match self {
            Value::Str(s) => Some(s.len()),
            _ => None,
        }
    }

    /// The bytes of a string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }

    /// An integer's value if it fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(i) => Some(*i),
            _ => None,
        }
    }

    /// An integer's value if it fits.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Int(i) => u64::try_from(*i).ok(),
            Value::BigInt(b) => b.to_u64(),
            _ => None,
        }
    }

    /// An integer's value, of any size.
    pub fn as_big(&self) -> Option<BigInt> {
        match self {
            Value::Int(i) => Some((*i).into()),
            Value::BigInt(b) => Some((**b).clone()),
            _ => None,
        }
    }

    /// The nearest float64 of an integer or float, infinite if it is too large.
    pub fn as_f64(&self) -> f64 {
        match self {
            Value::Int(i) => *i as f64,
            Value::BigInt(b) => BigFloat::from_int(b).to_f64(),
            Value::Rat(r) => bigfloat::rat_to_f64(r),
            Value::Float(f) => f.to_f64(),
            _ => 0.0,
        }
    }

    /// The nearest float32 of an integer or float, infinite if it is too large.
    pub fn as_f32(&self) -> f32 {
        match self {
            Value::Int(i) => *i as f32,
            Value::BigInt(b) => BigFloat::from_int(b).to_f32(),
            Value::Rat(r) => bigfloat::rat_to_f32(r),
            Value::Float(f) => f.to_f32(),
            _ => 0.0,
        }
    }

    /// -1, 0 or 1; of a complex number 0 only if it is zero; of what is no number 1.
    pub fn sign(&self) -> i32 {
        fn of(s: Sign) -> i32 {
            match s {
                Sign::Minus => -1,
                Sign::NoSign => 0,
                Sign::Plus => 1,
            }
        }
        match self {
            Value::Int(i) => i.signum() as i32,
            Value::BigInt(b) => of(b.sign()),
            Value::Rat(r) => of(r.numer().sign()),
            Value::Float(f) => of(f.mant().sign()),
            Value::Complex(c) => c.0.sign() | c.1.sign(),
            Value::Unknown | Value::Bool(_) | Value::Str(_) => 1,
        }
    }

    /// How many bits the magnitude of an integer has.
    pub fn bit_len(&self) -> u64 {
        match self {
            Value::Int(i) => u64::from(64 - i.unsigned_abs().leading_zeros()),
            Value::BigInt(b) => b.bits(),
            _ => 0,
        }
    }

    /// The real part of a number.
    pub fn real(&self) -> Value {
        match self {
            Value::Complex(c) => c.0.clone(),
            v => v.clone(),
        }
    }

    /// The imaginary part of a number.
    pub fn imag(&self) -> Value {
        match self {
            Value::Unknown => Value::Unknown,
            Value::Complex(c) => c.1.clone(),
            _ => Value::Int(0),
        }
    }

    /// The value as one of kind integer, or unknown if it is none. A float that is an integer but for
    /// its last few bits counts as one.
    pub fn to_int(&self) -> Value {
        match self {
            Value::Int(_) | Value::BigInt(_) => self.clone(),
            Value::Rat(r) if r.is_integer() => Value::from_big(r.numer().clone()),
            Value::Float(f) => f.to_integer().map_or(Value::Unknown, Value::from_big),
            Value::Complex(_) => match self.to_float() {
                Value::Unknown => Value::Unknown,
                f => f.to_int(),
            },
            _ => Value::Unknown,
        }
    }

    /// The value as one of kind float, or unknown if it is none.
    pub fn to_float(&self) -> Value {
        match self {
            Value::Int(i) => Value::Rat(Arc::new(BigRational::from_integer((*i).into()))),
            Value::BigInt(b) if small_int(b) => Value::Rat(Arc::new(BigRational::from_integer((**b).clone()))),
            Value::BigInt(b) => Value::from_float(BigFloat::from_int(b)),
            Value::Rat(_) | Value::Float(_) => self.clone(),
            Value::Complex(c) if c.1.sign() == 0 => c.0.to_float(),
            _ => Value::Unknown,
        }
    }

    /// The value as one of kind complex, or unknown if it is no number.
    pub fn to_complex(&self) -> Value {
        match self {
            Value::Complex(_) => self.clone(),
            Value::Int(_) | Value::BigInt(_) | Value::Rat(_) | Value::Float(_) => {
                Value::complex(self.clone(), Value::Int(0))
            }
            _ => Value::Unknown,
        }
    }

    /// The value rounded to float32, unknown if it is too large.
    pub fn round_f32(&self) -> Value {
        Value::from_f64(f64::from(self.as_f32()))
    }

    /// The value rounded to float64, unknown if it is too large.
    pub fn round_f64(&self) -> Value {
        Value::from_f64(self.as_f64())
    }
}

/// `2^n`.
fn pow2(n: u64) -> BigInt {
    BigInt::one() << n
}

/// Whether a fraction is zero.
fn is_zero(x: &BigRational) -> bool {
    x.numer().is_zero()
}

/// The bytes that a string literal stands for; empty if it is malformed.
pub(crate) fn unquote(literal: &str) -> Vec<u8> {
    let v = Value::from_literal(literal, itab_syntax::LitKind::String);
    v.as_bytes().map(<[u8]>::to_vec).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use itab_syntax::{LitKind, Op};

    fn float(s: &str) -> Value {
        Value::from_literal(s, LitKind::Float)
    }
    fn int(s: &str) -> Value {
        Value::from_literal(s, LitKind::Int)
    }

    #[test]
    fn literals() {
        assert_eq!(int("0x_ff").as_i64(), Some(255));
        assert_eq!(int("0b101").as_i64(), Some(5));
        assert_eq!(int("0o17").as_i64(), Some(15));
        assert_eq!(int("017").as_i64(), Some(15));
        assert_eq!(int("18446744073709551615").as_u64(), Some(u64::MAX));
        assert_eq!(float("1.5e3").to_int().as_i64(), Some(1500));
        assert_eq!(float("0x1p-2").as_f64(), 0.25);
        assert_eq!(float("1e-10000").as_f64(), 0.0);
        assert!(float("1e10000").as_f64().is_infinite());
        assert_eq!(float("5e-324").as_f64(), 5e-324);
        assert_eq!(float("1.7976931348623157e308").as_f64(), f64::MAX);
        assert_eq!(float("0.1").as_f32(), 0.1);
        assert_eq!(Value::from_literal("'\\u00e9'", LitKind::Char).as_i64(), Some(0xe9));
        assert_eq!(Value::from_literal("'\\xe9'", LitKind::Char).as_i64(), Some(0xe9));
        assert_eq!(
            Value::from_literal("\"a\\xff\\u00e9\\n\"", LitKind::String).as_bytes(),
            Some(&b"a\xff\xc3\xa9\n"[..])
        );
        assert_eq!(Value::from_literal("`a\\\r\nb`", LitKind::String).as_bytes(), Some(&b"a\\\nb"[..]));
    }

    #[test]
    fn arithmetic() {
        let big = Value::Int(1).shift(Op::Shl, 100);
        assert_eq!(big.shift(Op::Shr, 98).as_i64(), Some(4));
        assert_eq!(Value::Int(i64::MIN).unary(Op::Sub, 0).bit_len(), 64);
        assert_eq!(Value::Int(7).binary(Op::Quo, &Value::Int(2), true).as_i64(), Some(3));
        assert_eq!(Value::Int(-7).binary(Op::Quo, &Value::Int(2), true).as_i64(), Some(-3));
        assert_eq!(Value::Int(-7).binary(Op::Rem, &Value::Int(2), true).as_i64(), Some(-1));
        assert_eq!(Value::Int(7).binary(Op::Quo, &Value::Int(2), false).as_f64(), 3.5);
        assert_eq!(Value::Int(5).unary(Op::Xor, 8).as_i64(), Some(250));
        assert!(float("1e1000").compare(Op::Gtr, &float("1e999")));
        assert_eq!(Value::Int(6).binary(Op::AndNot, &Value::Int(3), true).as_i64(), Some(4));
    }

    #[test]
    fn texts() {
        assert_eq!(float("1e100").to_string(), "1e+100");
        assert_eq!(float("0.1").to_string(), "0.1");
        assert_eq!(float("3.14159265358979").to_string(), "3.14159");
        assert_eq!(float("1e1000").to_string(), "1e+1000");
        assert_eq!(float("1e-1000").to_string(), "1e-1000");
        assert_eq!(Value::string("a\"\n\u{1}\u{e9}").to_string(), "\"a\\\"\\n\\x01\u{e9}\"");
        assert_eq!(Value::complex(Value::Int(1), float("2.5")).to_string(), "(1 + 2.5i)");
    }
}
