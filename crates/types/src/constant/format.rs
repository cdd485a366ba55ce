//! Texts of values, as messages print them: strings quoted and shortened, floats to six digits.

use std::fmt::{self, Display, Write};

use num_traits::{Signed, ToPrimitive};

use super::Value;
use super::bigfloat::BigFloat;

impl Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Unknown => f.write_str("unknown"),
            Value::Bool(b) => write!(f, "{b}"),
            // A character takes four bytes at most.
            Value::Str(s) => f.write_str(&shortened(&quote(&s.prefix(4 * MAX_LEN)))),
            Value::Int(i) => write!(f, "{i}"),
            Value::BigInt(b) => write!(f, "{b}"),
            Value::Rat(r) => f.write_str(&float(&BigFloat::from_rat(r))),
            Value::Float(x) => f.write_str(&float(x)),
            Value::Complex(c) => write!(f, "({} + {}i)", c.0, c.1),
        }
    }
}

/// The longest text of a string in a message, in characters.
const MAX_LEN: usize = 72;

fn shortened(s: &str) -> String {
    if s.chars().count() <= MAX_LEN {
        return s.to_string();
    }
    let mut short: String = s.chars().take(MAX_LEN - 3).collect();
    short.push_str("...");
    short
}

/// A string as a Go literal in double quotes.
pub(crate) fn quote(mut s: &[u8]) -> String {
    let mut out = String::from("\"");
    while !s.is_empty() {
        let (text, bad) = match std::str::from_utf8(s) {
            Ok(text) => (text, 0),
            Err(e) => (std::str::from_utf8(&s[..e.valid_up_to()]).unwrap_or(""), 1),
        };
        for c in text.chars() {
            quote_char(&mut out, c);
        }
        s = &s[text.len()..];
        if bad > 0 {
            let _ = write!(out, "\\x{:02x}", s[0]);
            s = &s[1..];
        }
    }
    out.push('"');
    out
}

fn quote_char(out: &mut String, c: char) {
    let _ = match c {
        '"' => out.write_str("\\\""),
        '\\' => out.write_str("\\\\"),
        '\x07' => out.write_str("\\a"),
        '\x08' => out.write_str("\\b"),
        '\x0c' => out.write_str("\\f"),
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\x0b' => out.write_str("\\v"),
        c if is_print(c) => out.write_char(c),
        c if (c as u32) < 0x80 => write!(out, "\\x{:02x}", c as u32),
        c if (c as u32) < 0x10000 => write!(out, "\\u{:04x}", c as u32),
        c => write!(out, "\\U{:08x}", c as u32),
    };
}

fn is_print(c: char) -> bool {
    use unicode_general_category::{GeneralCategory as G, get_general_category};
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    !matches!(
        get_general_category(c),
        G::Control
            | G::Format
            | G::Surrogate
            | G::PrivateUse
            | G::Unassigned
            | G::LineSeparator
            | G::ParagraphSeparator
            | G::SpaceSeparator
    )
}

fn float(x: &BigFloat) -> String {
    let f = x.to_f64();
    let zero = x.mant().sign() == num_bigint::Sign::NoSign;
    if zero == (f == 0.0) && f.is_finite() {
        let s = general(f, Some(6));
        if !x.is_int() && !s.contains('.') {
            return general(f, None);
        }
        return s;
    }
    beyond_f64(x)
}

/// An approximation of a number that no float64 holds.
fn beyond_f64(x: &BigFloat) -> String {
    let bits = x.mant().bits();
    let top = if bits > 64 { x.mant() >> (bits - 64) } else { x.mant().clone() };
    let mut m = top.to_f64().unwrap_or(0.0) / 2f64.powi(bits.min(64) as i32);
    let d = x.binary_exp() as f64 * (std::f64::consts::LN_2 / std::f64::consts::LN_10);
    let mut e = d as i64;
    m *= 10f64.powf(d - e as f64);
    if m.abs() < 1.0 - 0.5e-6 {
        m *= 10.0;
        e -= 1;
    } else if m.abs() >= 10.0 {
        m /= 10.0;
        e += 1;
    }
    debug_assert_eq!(m < 0.0, x.mant().is_negative());
    format!("{}e{e:+}", general(m, Some(6)))
}

/// C's `%g`: with that many significant digits, or with as many as it takes to tell the number apart.
fn general(f: f64, digits: Option<usize>) -> String {
    let sci = match digits {
        Some(n) => format!("{f:.*e}", n - 1),
        None => format!("{f:e}"),
    };
    let (mant, exp) = sci.split_once('e').unwrap_or((&sci, "0"));
    let exp: i32 = exp.parse().unwrap_or(0);
    let mant = if mant.contains('.') { mant.trim_end_matches('0').trim_end_matches('.') } else { mant };
    if (-4..digits.unwrap_or(6) as i32).contains(&exp) {
        let places = (mant.trim_start_matches('-').len() as i32 - 2 - exp).max(0);
        let places = if mant.contains('.') { places } else { (-exp).max(0) };
        return format!("{f:.*}", places as usize);
    }
    let sign = if exp < 0 { '-' } else { '+' };
    format!("{mant}e{sign}{:02}", exp.abs())
}
