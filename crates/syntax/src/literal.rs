//! Values of literals: from their text to bytes, characters and numbers.
//!
//! The parser has reported malformed literals (they are `bad` in the tree); for those, and for text that
//! is no literal, these functions return none.

use num_bigint::BigUint;

/// The bytes of a string literal, quotes included in `text`. Go strings need not be UTF-8.
pub fn string_value(text: &str) -> Option<Vec<u8>> {
    if let Some(raw) = text.strip_prefix('`') {
        let raw = raw.strip_suffix('`')?;
        return Some(raw.bytes().filter(|&c| c != b'\r').collect());
    }
    let mut rest = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = Vec::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        match unescape(&mut rest, '"')? {
            Escaped::Byte(b) => out.push(b),
            Escaped::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.extend_from_slice(rest.as_bytes());
    Some(out)
}

/// The value of a rune literal, quotes included in `text`.
pub fn char_value(text: &str) -> Option<u32> {
    let mut rest = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let value = if rest.starts_with('\\') {
        match unescape(&mut rest, '\'')? {
            Escaped::Byte(b) => u32::from(b),
            Escaped::Char(c) => c as u32,
        }
    } else {
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        c as u32
    };
    rest.is_empty().then_some(value)
}

enum Escaped {
    Byte(u8),
    Char(char),
}

/// Takes an escape, backslash included, off the front.
fn unescape(rest: &mut &str, quote: char) -> Option<Escaped> {
    let c = rest[1..].chars().next()?;
    let simple = match c {
        'a' => Some(7),
        'b' => Some(8),
        'f' => Some(12),
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'v' => Some(11),
        '\\' => Some(b'\\'),
        _ if c == quote => Some(c as u8),
        _ => None,
    };
    if let Some(b) = simple {
        *rest = &rest[2..];
        return Some(Escaped::Byte(b));
    }
    let (from, len, base) = match c {
        'x' => (2, 2, 16),
        'u' => (2, 4, 16),
        'U' => (2, 8, 16),
        '0'..='7' => (1, 3, 8),
        _ => return None,
    };
    let digits = rest.get(from..from + len)?;
    let value = u32::from_str_radix(digits, base).ok()?;
    *rest = &rest[from + len..];
    match c {
        'u' | 'U' => char::from_u32(value).map(Escaped::Char),
        _ => u8::try_from(value).ok().map(Escaped::Byte),
    }
}

/// The value of an integer literal of any base, separators allowed.
pub fn int_value(text: &str) -> Option<BigUint> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, &digits[..]),
    };
    BigUint::parse_bytes(digits.as_bytes(), base)
}

/// A floating-point (or integer) literal as `mantissa * base^exponent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FloatParts {
    /// All digits as one integer.
    pub mantissa: BigUint,
    /// 10, or 2 for hexadecimal literals.
    pub base: u32,
    /// May be as large as the source says.
    pub exponent: i64,
}

/// Takes a floating-point literal apart exactly. An exponent that does not fit is cut off at the ends of
/// `i64`'s range.
pub fn float_parts(text: &str) -> Option<FloatParts> {
    let text: String = text.chars().filter(|&c| c != '_').collect::<String>().to_ascii_lowercase();
    let hex = text.strip_prefix("0x");
    let (digits, marker, radix, base) = match hex {
        Some(digits) => (digits, 'p', 16, 2),
        None => (&text[..], 'e', 10, 10),
    };
    let (mantissa, exponent) = digits.split_once(marker).unwrap_or((digits, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa = BigUint::parse_bytes(format!("0{whole}{fraction}").as_bytes(), radix)?;
    let magnitude = exponent.trim_start_matches(['+', '-']);
    if magnitude.is_empty() || !magnitude.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let magnitude = magnitude.parse::<i64>().unwrap_or(i64::MAX / 2);
    let exponent = if exponent.starts_with('-') { -magnitude } else { magnitude };
    let places = fraction.len() as i64 * if base == 2 { 4 } else { 1 };
    Some(FloatParts { mantissa, base, exponent: exponent.saturating_sub(places) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_characters() {
        assert_eq!(string_value(r#""a\n\x41\101\u00e9\"""#).unwrap(), "a\nAAé\"".as_bytes());
        assert_eq!(string_value("\"\\xff\"").unwrap(), [0xff]);
        assert_eq!(string_value("`a\r\n\\n`").unwrap(), b"a\n\\n");
        assert_eq!(char_value("'é'"), Some(0xe9));
        assert_eq!(char_value(r"'\''"), Some(39));
        assert_eq!(char_value(r"'\xff'"), Some(255));
        assert_eq!(string_value(r#""\ud800""#), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(int_value("0x_Ff"), Some(255u32.into()));
        assert_eq!(int_value("0755"), Some(493u32.into()));
        assert_eq!(int_value("0b101"), Some(5u32.into()));
        assert_eq!(int_value("1_000"), Some(1000u32.into()));
        let parts = float_parts("1.25e-3").unwrap();
        assert_eq!((parts.mantissa, parts.base, parts.exponent), (125u32.into(), 10, -5));
        let parts = float_parts("0x1.8p4").unwrap();
        assert_eq!((parts.mantissa, parts.base, parts.exponent), (0x18u32.into(), 2, 0));
        assert!(float_parts("1e99999999999999999999").unwrap().exponent > 1 << 60);
    }
}
