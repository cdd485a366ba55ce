//! Values of literals.

use std::sync::Arc;

use itab_syntax::LitKind;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Num, Zero};

use super::bigfloat::{BigFloat, from_decimal, pow10};
use super::{Value, pow2};

impl Value {
    /// The value of a literal; unknown if it is malformed or its exponent is out of all bounds.
    pub fn from_literal(text: &str, kind: LitKind) -> Value {
        match kind {
            LitKind::Int => int(text),
            LitKind::Float => float(text),
            LitKind::Imag => match text.strip_suffix('i') {
                Some(number) => Value::complex(Value::Int(0), imaginary(number)),
                None => Value::Unknown,
            },
            LitKind::Char => {
                let inner = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
                match inner.and_then(|t| unquote_char(t.as_bytes(), b'\'')) {
                    Some((code, _, _)) => Value::Int(code.into()),
                    None => Value::Unknown,
                }
            }
            LitKind::String => unquote(text).map_or(Value::Unknown, |s| Value::Str(s.into())),
        }
    }
}

/// The radix and digits of an integer literal without separators.
fn split_radix(text: &str) -> (u32, &str) {
    let b = text.as_bytes();
    if b.len() >= 2 && b[0] == b'0' {
        return match b[1] {
            b'x' | b'X' => (16, &text[2..]),
            b'b' | b'B' => (2, &text[2..]),
            b'o' | b'O' => (8, &text[2..]),
            _ => (8, &text[1..]),
        };
    }
    (10, text)
}

fn int(text: &str) -> Value {
    let clean: String;
    let text = if text.contains('_') {
        clean = text.replace('_', "");
        &clean
    } else {
        text
    };
    let (radix, digits) = split_radix(text);
    if let Ok(i) = i64::from_str_radix(digits, radix) {
        return Value::Int(i);
    }
    BigInt::from_str_radix(digits, radix).map_or(Value::Unknown, Value::from_big)
}

/// The number of an imaginary literal: for old times' sake a leading 0 does not make it octal.
fn imaginary(text: &str) -> Value {
    let prefixed = matches!(text.as_bytes(), [b'0', b'x' | b'X' | b'b' | b'B' | b'o' | b'O', ..]);
    let is_float = text.contains(['.', 'p', 'P'])
        || (!matches!(text.as_bytes(), [b'0', b'x' | b'X', ..]) && text.contains(['e', 'E']));
    if prefixed && !is_float { int(text).to_float() } else { float(text) }
}

/// A decimal or hexadecimal floating-point literal (or a decimal integer).
fn float(text: &str) -> Value {
    let text = text.replace('_', "");
    parse_float(&text).unwrap_or_default()
}

fn parse_float(text: &str) -> Option<Value> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let radix = if hex.is_some() { 16 } else { 10 };
    let text = hex.unwrap_or(text);
    let marks: &[char] = if radix == 16 { &['p', 'P'] } else { &['e', 'E'] };
    let (number, exp) = match text.split_once(marks) {
        Some((number, exp)) => (number, parse_exponent(exp)?),
        None => (text, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    let mant = BigInt::from_str_radix(&digits, radix).ok()?;
    let places = fraction.len() as i64;
    if mant.is_zero() {
        return Some(Value::Rat(Arc::new(BigRational::zero())));
    }
    if radix == 16 {
        return Some(hexadecimal(mant, exp.saturating_sub(4 * places)));
    }
    Some(decimal(mant, exp.saturating_sub(places)))
}

/// An exponent; a huge one is cut to something that is still out of all bounds.
fn parse_exponent(text: &str) -> Option<i64> {
    let (neg, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let n = digits.parse::<i64>().unwrap_or(i64::MAX).min(1 << 40);
    Some(if neg { -n } else { n })
}

fn hexadecimal(mant: BigInt, exp: i64) -> Value {
    let f = BigFloat::new(mant.clone(), exp);
    if f.is_inf() {
        return Value::Unknown;
    }
    if f.is_zero() {
        return Value::Rat(Arc::new(BigRational::zero()));
    }
    if !f.is_small() {
        return Value::from_float(f);
    }
    let n = pow2(exp.unsigned_abs());
    let r = if exp >= 0 { BigRational::from_integer(mant * n) } else { BigRational::new(mant, n) };
    Value::Rat(Arc::new(r))
}

fn decimal(mant: BigInt, exp: i64) -> Value {
    let f = from_decimal(mant.clone(), exp);
    if f.is_inf() {
        return Value::Unknown;
    }
    if f.is_zero() {
        return Value::Rat(Arc::new(BigRational::zero()));
    }
    if !f.is_small() {
        return Value::from_float(f);
    }
    let n = exp.unsigned_abs();
    let r = if exp >= 0 { BigRational::from_integer(mant * pow10(n)) } else { tenths(mant, n) };
    Value::Rat(Arc::new(r))
}

/// `mant / 10^n` in lowest terms. Ten has two prime factors, which are found sooner than a greatest common divisor.
fn tenths(mut mant: BigInt, n: u64) -> BigRational {
    let twos = mant.trailing_zeros().unwrap_or(0).min(n);
    mant >>= twos;
    let mut fives = 0;
    while fives < n && (&mant % 5u32).is_zero() {
        mant /= 5u32;
        fives += 1;
    }
    BigRational::new_raw(mant, BigInt::from(5u32).pow((n - fives) as u32) << (n - twos))
}

/// The bytes of a string literal, quoted or raw.
fn unquote(text: &str) -> Option<Vec<u8>> {
    let b = text.as_bytes();
    if b.len() < 2 || b[0] != b[b.len() - 1] {
        return None;
    }
    let inner = &b[1..b.len() - 1];
    match b[0] {
        b'`' => Some(inner.iter().copied().filter(|&c| c != b'\r').collect()),
        b'"' => {
            let mut out = Vec::with_capacity(inner.len());
            let mut rest = inner;
            while !rest.is_empty() {
                let plain = rest.iter().position(|&c| c == b'\\').unwrap_or(rest.len());
                out.extend_from_slice(&rest[..plain]);
                rest = &rest[plain..];
                if rest.is_empty() {
                    break;
                }
                let (code, multibyte, len) = unquote_char(rest, b'"')?;
                if multibyte {
                    let mut buf = [0; 4];
                    out.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut buf).as_bytes());
                } else {
                    out.push(code as u8);
                }
                rest = &rest[len..];
            }
            Some(out)
        }
        _ => None,
    }
}

/// The first character of the inside of a literal: its code, whether it stands for a code point rather
/// than a byte, and how many bytes of source it takes.
fn unquote_char(s: &[u8], quote: u8) -> Option<(u32, bool, usize)> {
    if *s.first()? != b'\\' {
        let text =
            std::str::from_utf8(&s[..s.len().min(4)]).or_else(|e| std::str::from_utf8(&s[..e.valid_up_to()])).ok()?;
        let c = text.chars().next()?;
        return Some((c as u32, c.len_utf8() > 1, c.len_utf8()));
    }
    let c = *s.get(1)?;
    let simple = match c {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => 10,
        b'r' => 13,
        b't' => 9,
        b'v' => 11,
        b'\\' => b'\\',
        b'\'' | b'"' if c == quote => c,
        b'x' => return number(s, 2, 2, 16).map(|n| (n, false, 4)),
        b'u' => return number(s, 2, 4, 16).and_then(code_point).map(|n| (n, true, 6)),
        b'U' => return number(s, 2, 8, 16).and_then(code_point).map(|n| (n, true, 10)),
        b'0'..=b'7' => {
            return number(s, 1, 3, 8).filter(|&n| n < 256).map(|n| (n, false, 4));
        }
        _ => return None,
    };
    Some((simple.into(), false, 2))
}

fn number(s: &[u8], from: usize, len: usize, radix: u32) -> Option<u32> {
    let digits = std::str::from_utf8(s.get(from..from + len)?).ok()?;
    u32::from_str_radix(digits, radix).ok()
}

fn code_point(n: u32) -> Option<u32> {
    char::from_u32(n).map(|c| c as u32)
}
