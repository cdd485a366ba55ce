//! Binary floating-point numbers with a mantissa of 512 bits, and correct rounding to float32 and float64.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::{MAX_EXP, pow2};

/// Bits of the mantissa.
const PREC: u64 = 512;
/// Exponents beyond this are infinite, as with Go's big.Float.
const MAX_BINARY_EXP: i64 = i32::MAX as i64;

/// `mant * 2^exp`, where `mant` has at most 512 bits and is odd or zero.
#[derive(Clone, PartialEq, Debug)]
pub struct BigFloat {
    mant: BigInt,
    exp: i64,
}

/// How a mantissa that is too long is cut.
#[derive(Clone, Copy, PartialEq)]
enum Round {
    NearestEven,
    ToZero,
    AwayFromZero,
}

/// Shortens `mant` to `bits` bits; `sticky` says that something nonzero was cut off below it already.
/// Returns the mantissa and by how much its exponent grows.
fn round(mant: &BigInt, bits: u64, sticky: bool, how: Round) -> (BigInt, i64) {
    let len = mant.bits();
    if len <= bits {
        return (mant.clone(), 0);
    }
    let cut = len - bits;
    let (sign, mag) = (mant.sign(), mant.magnitude());
    let mut kept = mag >> cut;
    let below = mag.trailing_zeros().unwrap_or(u64::MAX);
    let exact = below >= cut && !sticky;
    let up = match how {
        Round::ToZero => false,
        Round::AwayFromZero => !exact,
        Round::NearestEven => mag.bit(cut - 1) && (below < cut - 1 || sticky || kept.bit(0)),
    };
    if up {
        kept += 1u32;
    }
    (BigInt::from_biguint(sign, kept), cut as i64)
}

impl BigFloat {
    /// Zero.
    pub fn zero() -> BigFloat {
        BigFloat { mant: BigInt::zero(), exp: 0 }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.mant.is_zero()
    }

    /// The mantissa with its sign.
    pub fn mant(&self) -> &BigInt {
        &self.mant
    }

    /// The exponent.
    pub fn exp(&self) -> i64 {
        self.exp
    }

    /// `mant * 2^exp`, rounded to 512 bits.
    pub(crate) fn new(mant: BigInt, exp: i64) -> BigFloat {
        BigFloat::with_sticky(mant, exp, false)
    }

    fn with_sticky(mant: BigInt, exp: i64, sticky: bool) -> BigFloat {
        if mant.is_zero() {
            return BigFloat::zero();
        }
        let (mant, grown) = round(&mant, PREC, sticky, Round::NearestEven);
        let zeros = mant.trailing_zeros().unwrap_or(0);
        let x = BigFloat { mant: mant >> zeros, exp: exp.saturating_add(grown).saturating_add(zeros as i64) };
        if x.binary_exp() < -MAX_BINARY_EXP { BigFloat::zero() } else { x }
    }

    /// The exponent `e` of `m * 2^e` with `0.5 <= m < 1`.
    pub(crate) fn binary_exp(&self) -> i64 {
        self.exp.saturating_add(self.mant.bits() as i64)
    }

    /// Whether the exponent is out of all bounds.
    pub(crate) fn is_inf(&self) -> bool {
        !self.mant.is_zero() && self.binary_exp() > MAX_BINARY_EXP
    }

    /// Whether a fraction would hold the number well.
    pub(crate) fn is_small(&self) -> bool {
        self.mant.is_zero() || self.binary_exp().unsigned_abs() < MAX_EXP
    }

    pub(crate) fn from_int(x: &BigInt) -> BigFloat {
        BigFloat::new(x.clone(), 0)
    }

    pub(crate) fn from_rat(x: &BigRational) -> BigFloat {
        BigFloat::ratio(x.numer(), x.denom())
    }

    /// `a / b`, `b > 0`.
    fn ratio(a: &BigInt, b: &BigInt) -> BigFloat {
        let (q, exp, sticky) = quotient(a, b, PREC + 2);
        BigFloat::with_sticky(q, exp, sticky)
    }

    pub(crate) fn neg(&self) -> BigFloat {
        BigFloat { mant: -&self.mant, exp: self.exp }
    }

    pub(crate) fn add(&self, y: &BigFloat) -> BigFloat {
        if self.mant.is_zero() {
            return y.clone();
        }
        if y.mant.is_zero() {
            return self.clone();
        }
        let (hi, lo) = if self.binary_exp() >= y.binary_exp() { (self, y) } else { (y, self) };
        if hi.binary_exp() - lo.binary_exp() > 2 * PREC as i64 {
            // The smaller one is less than half a unit in the last place.
            return hi.clone();
        }
        let exp = hi.exp.min(lo.exp);
        let a = &hi.mant << (hi.exp - exp) as u64;
        let b = &lo.mant << (lo.exp - exp) as u64;
        BigFloat::new(a + b, exp)
    }

    pub(crate) fn mul(&self, y: &BigFloat) -> BigFloat {
        BigFloat::new(&self.mant * &y.mant, self.exp.saturating_add(y.exp))
    }

    /// `self / y`; `y` is not zero.
    pub(crate) fn quo(&self, y: &BigFloat) -> BigFloat {
        if self.mant.is_zero() {
            return BigFloat::zero();
        }
        let (a, b) = if y.mant.is_negative() { (-&self.mant, -&y.mant) } else { (self.mant.clone(), y.mant.clone()) };
        let (q, exp, sticky) = quotient(&a, &b, PREC + 2);
        BigFloat::with_sticky(q, exp + self.exp - y.exp, sticky)
    }

    pub(crate) fn cmp(&self, y: &BigFloat) -> std::cmp::Ordering {
        self.add(&y.neg()).mant.cmp(&BigInt::zero())
    }

    /// The integer that the number is, give or take its last four bits; none if it is no such thing, or
    /// a huge one.
    pub(crate) fn to_integer(&self) -> Option<BigInt> {
        if !self.is_small() {
            return None;
        }
        const DELTA: u64 = 4;
        let exact = |mant: BigInt, exp: i64| -> Option<BigInt> {
            if exp >= 0 {
                return Some(mant << exp as u64);
            }
            let cut = exp.unsigned_abs();
            (mant.is_zero() || mant.trailing_zeros().unwrap_or(0) >= cut).then(|| mant >> cut)
        };
        exact(self.mant.clone(), self.exp)
            .or_else(|| {
                let (m, e) = round(&self.mant, PREC - DELTA, false, Round::ToZero);
                exact(m, self.exp + e)
            })
            .or_else(|| {
                let (m, e) = round(&self.mant, PREC - DELTA, false, Round::AwayFromZero);
                exact(m, self.exp + e)
            })
    }

    /// Whether the number is an integer exactly.
    pub(crate) fn is_int(&self) -> bool {
        self.exp >= 0 || self.mant.is_zero()
    }

    /// The nearest float64.
    pub(crate) fn to_f64(&self) -> f64 {
        to_binary(&self.mant, self.exp, false, 53, -1074)
    }

    /// The nearest float32.
    pub(crate) fn to_f32(&self) -> f32 {
        to_binary(&self.mant, self.exp, false, 24, -149) as f32
    }
}

/// `a / b` to at least `bits` bits: the quotient, its exponent, and whether there is a remainder.
fn quotient(a: &BigInt, b: &BigInt, bits: u64) -> (BigInt, i64, bool) {
    let shift = (bits + b.bits()).saturating_sub(a.bits());
    let n = a << shift;
    let q = &n / b;
    let sticky = &q * b != n;
    (q, -(shift as i64), sticky)
}

/// The nearest float of `bits` bits of precision whose smallest positive value is `2^min_exp`, as a
/// float64. What is too large for that format is infinite.
fn to_binary(mant: &BigInt, exp: i64, sticky: bool, bits: i64, min_exp: i64) -> f64 {
    if mant.is_zero() {
        return 0.0;
    }
    let top = exp + mant.bits() as i64; // |x| < 2^top
    let keep = bits.min(top - min_exp);
    let (m, e) = if keep < 0 {
        (BigInt::zero(), 0)
    } else if keep == 0 {
        // Between half the smallest value and the smallest value, or exactly half of it.
        let half = mant.magnitude().trailing_zeros() == Some(mant.bits() - 1) && !sticky;
        let m = if half { BigInt::zero() } else { BigInt::from(1) };
        (if mant.is_negative() { -m } else { m }, min_exp)
    } else {
        let (m, grown) = round(mant, keep as u64, sticky, Round::NearestEven);
        (m, exp + grown)
    };
    let neg = m.is_negative();
    let mag = m.magnitude();
    let max_exp = if bits == 53 { 1024 } else { 128 };
    if !mag.is_zero() && e + mag.bits() as i64 > max_exp {
        return if neg { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    // Drop trailing zeros so that the mantissa fits a u64, then scale by exact powers of two.
    let zeros = mag.trailing_zeros().unwrap_or(0);
    let digits: Vec<u64> = (mag >> zeros).to_u64_digits();
    let x = scale(digits.first().copied().unwrap_or(0) as f64, e + zeros as i64);
    if neg { -x } else { x }
}

/// `x * 2^exp`, where the result is exact.
fn scale(mut x: f64, mut exp: i64) -> f64 {
    while exp > 1000 {
        x *= 2f64.powi(1000);
        exp -= 1000;
    }
    if exp < -1000 {
        // One step into the subnormal range only, at the end.
        let rest = exp + 1000;
        x *= 2f64.powi(-(1000 - 60));
        return x * 2f64.powi((rest - 60) as i32);
    }
    x * 2f64.powi(exp as i32)
}

fn rat_to(x: &BigRational, bits: i64, min_exp: i64) -> f64 {
    if super::is_zero(x) {
        return 0.0;
    }
    let (q, exp, sticky) = quotient(x.numer(), x.denom(), 64);
    to_binary(&q, exp, sticky, bits, min_exp)
}

pub(super) fn rat_to_f64(x: &BigRational) -> f64 {
    rat_to(x, 53, -1074)
}

pub(super) fn rat_to_f32(x: &BigRational) -> f32 {
    rat_to(x, 24, -149) as f32
}

/// `5^n` to a precision beyond 512 bits.
fn pow5(n: u64) -> (BigInt, i64) {
    const WORK: u64 = PREC + 128;
    let (mut result, mut exp) = (BigInt::from(1), 0i64);
    let (mut base, mut base_exp) = (BigInt::from(5), 0i64);
    let mut n = n;
    while n > 0 {
        if n & 1 == 1 {
            result *= &base;
            exp = exp.saturating_add(base_exp);
            let (m, e) = round(&result, WORK, false, Round::NearestEven);
            result = m;
            exp = exp.saturating_add(e);
        }
        n >>= 1;
        if n > 0 {
            base = &base * &base;
            let (m, e) = round(&base, WORK, false, Round::NearestEven);
            base = m;
            base_exp = base_exp.saturating_mul(2).saturating_add(e);
        }
    }
    (result, exp)
}

/// `mant * 10^exp`.
pub(super) fn from_decimal(mant: BigInt, exp: i64) -> BigFloat {
    if mant.is_zero() {
        return BigFloat::zero();
    }
    // Far beyond any exponent that is representable: spare the work.
    let exp = exp.clamp(-2_000_000_000, 2_000_000_000);
    let (p, pe) = pow5(exp.unsigned_abs());
    if exp >= 0 {
        return BigFloat::new(mant * p, exp.saturating_add(pe));
    }
    let (a, b) = (mant, p);
    let (q, qe, sticky) = quotient(&a, &b, PREC + 64);
    BigFloat::with_sticky(q, qe.saturating_sub(pe).saturating_add(exp), sticky)
}

/// `10^n`, exactly.
pub(super) fn pow10(n: u64) -> BigInt {
    BigInt::from(5).pow(n as u32) * pow2(n)
}
