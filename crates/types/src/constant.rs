//! Constant values of arbitrary precision and their arithmetic.
//!
//! Integers that fit are kept in an `i64`, others in a big integer. Fractions are exact rationals while
//! they are small; beyond that a binary floating-point number with a mantissa of 512 bits stands in.

use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;

/// A constant's value.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Unknown because of an error.
    #[default]
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A string: any bytes.
    Str(Arc<[u8]>),
    /// A small integer.
    Int(i64),
    /// An integer beyond `i64`.
    BigInt(Arc<BigInt>),
    /// An exact fraction.
    Rat(Arc<BigRational>),
    /// A number too large or too small for a fraction of reasonable size.
    Float(Arc<BigFloat>),
    /// Real and imaginary part, neither of them complex.
    Complex(Arc<(Value, Value)>),
}

/// `mant * 2^exp`, where `mant` has at most 512 bits.
#[derive(Clone, PartialEq, Debug)]
pub struct BigFloat {
    /// The mantissa with its sign.
    pub mant: BigInt,
    /// The exponent.
    pub exp: i64,
}
