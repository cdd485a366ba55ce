//! Literals: numbers, strings and runes, with gc's complaints about malformed ones.

use crate::diagnostic::Code;
use crate::pos::SourceFile;
use crate::scanner::{Scanner, describe, is_print};
use crate::token::{LitKind, Token};

/// What a run of digits held.
#[derive(Default)]
struct Digits {
    any: bool,
    separators: bool,
    /// Offset of the first digit too large for the base.
    invalid: Option<usize>,
}

impl Scanner<'_> {
    fn literal(&mut self, kind: LitKind, ok: bool) {
        self.tok = Token::Literal;
        self.kind = kind;
        self.bad = !ok;
        self.nlsemi = true;
    }

    /// A number; `seen_point` if it starts with a point.
    pub(super) fn number(&mut self, mut seen_point: bool) {
        let start = self.at;
        let mut ok = true;
        let (mut base, mut prefix) = (10, 0u8);
        let mut digits = Digits::default();
        if !seen_point {
            if self.peek(0) == b'0' {
                (base, prefix) = match self.peek(1) | 0x20 {
                    b'x' => (16, b'x'),
                    b'o' => (8, b'o'),
                    b'b' => (2, b'b'),
                    _ => (8, b'0'),
                };
                self.at += if prefix == b'0' { 1 } else { 2 };
                digits.any = prefix == b'0';
            }
            self.digits(base, &mut digits);
            seen_point = self.peek(0) == b'.';
            if seen_point && matches!(prefix, b'o' | b'b') {
                self.error(format!("invalid radix point in {} literal", base_name(base)));
                ok = false;
            }
        }
        let mut kind = LitKind::Int;
        if seen_point {
            kind = LitKind::Float;
            self.at += 1;
            self.digits(base, &mut digits);
        }
        if !digits.any && ok {
            self.error(format!("{} literal has no digits", base_name(base)));
            ok = false;
        }
        if matches!(self.peek(0) | 0x20, b'e' | b'p') {
            ok &= self.exponent(prefix, &mut digits, ok);
            kind = LitKind::Float;
        } else if prefix == b'x' && kind == LitKind::Float && ok {
            self.error("hexadecimal mantissa requires a 'p' exponent");
            ok = false;
        }
        if self.peek(0) == b'i' {
            kind = LitKind::Imag;
            self.at += 1;
        }
        if let (LitKind::Int, Some(at), true) = (kind, digits.invalid, ok) {
            let digit = self.src[at] as char;
            self.report(Code::LEXICAL, at, format!("invalid digit '{digit}' in {} literal", base_name(base)));
            ok = false;
        }
        if digits.separators
            && ok
            && let Some(i) = misplaced_separator(&self.src[start..self.at])
        {
            self.report(Code::LEXICAL, start + i, "'_' must separate successive digits");
            ok = false;
        }
        self.literal(kind, ok);
    }

    /// Scans digits of a base (any decimal digit if the base is at most 10) and separators.
    fn digits(&mut self, base: u32, digits: &mut Digits) {
        loop {
            let c = self.peek(0);
            match c {
                b'_' => digits.separators = true,
                b'0'..=b'9' => {
                    digits.any = true;
                    if u32::from(c - b'0') >= base && digits.invalid.is_none() {
                        digits.invalid = Some(self.at);
                    }
                }
                b'a'..=b'f' | b'A'..=b'F' if base == 16 => digits.any = true,
                _ => return,
            }
            self.at += 1;
        }
    }

    /// The exponent, with `e` or `p` ahead; whether it is right. Complains only if `ok`.
    fn exponent(&mut self, prefix: u8, digits: &mut Digits, mut ok: bool) -> bool {
        let e = self.peek(0);
        let wants = match e | 0x20 {
            b'e' if !matches!(prefix, 0 | b'0') => Some("decimal"),
            b'p' if prefix != b'x' => Some("hexadecimal"),
            _ => None,
        };
        if let (Some(wants), true) = (wants, ok) {
            self.error(format!("'{}' exponent requires {wants} mantissa", e as char));
            ok = false;
        }
        self.at += 1;
        if matches!(self.peek(0), b'+' | b'-') {
            self.at += 1;
        }
        let mut exponent = Digits::default();
        self.digits(10, &mut exponent);
        digits.separators |= exponent.separators;
        if !exponent.any && ok {
            self.error("exponent has no digits");
            ok = false;
        }
        ok
    }

    pub(super) fn string(&mut self) {
        let start = self.at;
        self.at += 1;
        let mut ok = true;
        loop {
            match self.peek(0) {
                b'"' => {
                    self.at += 1;
                    break;
                }
                b'\\' => {
                    self.at += 1;
                    ok &= self.escape(b'"');
                }
                b'\n' => {
                    self.error("newline in string");
                    ok = false;
                    break;
                }
                0 if self.at_end() => {
                    self.report(Code::LEXICAL, start, "string not terminated");
                    ok = false;
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.literal(LitKind::String, ok);
    }

    pub(super) fn raw_string(&mut self) {
        let start = self.at;
        let ok = match memchr::memchr(b'`', &self.src[start + 1..]) {
            Some(len) => {
                self.at = start + len + 2;
                true
            }
            None => {
                self.report(Code::LEXICAL, start, "string not terminated");
                self.at = self.src.len();
                false
            }
        };
        self.literal(LitKind::String, ok);
    }

    pub(super) fn rune(&mut self) {
        let start = self.at;
        self.at += 1;
        let mut ok = true;
        let mut count = 0;
        loop {
            match self.peek(0) {
                b'\'' => {
                    if ok && count == 0 {
                        self.error("empty rune literal or unescaped '");
                        ok = false;
                    } else if ok && count != 1 {
                        self.report(Code::LEXICAL, start, "more than one character in rune literal");
                        ok = false;
                    }
                    self.at += 1;
                    break;
                }
                b'\\' => {
                    self.at += 1;
                    ok &= self.escape(b'\'');
                }
                b'\n' => {
                    if ok {
                        self.error("newline in rune literal");
                        ok = false;
                    }
                    break;
                }
                0 if self.at_end() => {
                    if ok {
                        self.report(Code::LEXICAL, start, "rune literal not terminated");
                        ok = false;
                    }
                    break;
                }
                c if (c >= 0x80 || c == SourceFile::SUBSTITUTE || c == 0) && self.skip_bad() => {
                    continue;
                }
                _ => self.at += self.char().map_or(1, char::len_utf8),
            }
            count += 1;
        }
        self.literal(LitKind::Char, ok);
    }

    /// The rest of an escape, after the backslash.
    fn escape(&mut self, quote: u8) -> bool {
        let (n, base, max) = match self.peek(0) {
            b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' => {
                self.at += 1;
                return true;
            }
            c if c == quote => {
                self.at += 1;
                return true;
            }
            b'0'..=b'7' => (3, 8, 255),
            b'x' => (2, 16, 255),
            b'u' => (4, 16, 0x10_ffff),
            b'U' => (8, 16, 0x10_ffff),
            // The caller complains about the end of the file.
            _ if self.at_end() => return true,
            _ => {
                self.error("unknown escape");
                return false;
            }
        };
        if base == 16 {
            self.at += 1;
        }
        let mut value = 0u32;
        for _ in 0..n {
            let Some(c) = self.char() else { return true };
            let Some(digit) = c.to_digit(base) else {
                let quoted = quote_char(c);
                self.error(format!("invalid character {quoted} in {} escape", base_name(base)));
                return false;
            };
            value = value.wrapping_mul(base).wrapping_add(digit);
            self.at += 1;
        }
        if value > max && base == 8 {
            self.error(format!("octal escape value {value} > 255"));
            return false;
        }
        if value > max || (0xd800..0xe000).contains(&value) {
            let what = char::from_u32(value).map_or_else(|| format!("U+{value:04X}"), describe);
            self.error(format!("escape is invalid Unicode code point {what}"));
            return false;
        }
        true
    }
}

fn base_name(base: u32) -> &'static str {
    match base {
        2 => "binary",
        8 => "octal",
        10 => "decimal",
        _ => "hexadecimal",
    }
}

/// A character as Go's `%q` prints it.
fn quote_char(c: char) -> String {
    match c {
        '\'' => "'\\''".into(),
        '\\' => "'\\\\'".into(),
        '\n' => "'\\n'".into(),
        '\t' => "'\\t'".into(),
        '\r' => "'\\r'".into(),
        _ if is_print(c) => format!("'{c}'"),
        _ if (c as u32) < 0x20 || c as u32 == 0x7f => format!("'\\x{:02x}'", c as u32),
        _ if (c as u32) < 0x10000 => format!("'\\u{:04x}'", c as u32),
        _ => format!("'\\U{:08x}'", c as u32),
    }
}

/// Where in a number a `_` does not stand between digits (a prefix like `0x` counts as a digit).
fn misplaced_separator(number: &[u8]) -> Option<usize> {
    let prefixed = number.len() >= 2 && number[0] == b'0' && matches!(number[1] | 0x20, b'x' | b'o' | b'b');
    let hex = prefixed && number[1] | 0x20 == b'x';
    let is_digit = |c: u8| c.is_ascii_digit() || hex && c.is_ascii_hexdigit();
    let first = if prefixed { 2 } else { 0 };
    for i in first..number.len() {
        if number[i] != b'_' {
            if i > first && number[i - 1] == b'_' && !is_digit(number[i]) {
                return Some(i - 1);
            }
            continue;
        }
        let after_digit = if i == first { prefixed } else { is_digit(number[i - 1]) };
        if !after_digit {
            return Some(i);
        }
    }
    (number.last() == Some(&b'_')).then(|| number.len() - 1)
}
