//! `strconv.Quote`, which struct tags are printed with.

use std::fmt::Write;
use unicode_general_category::{GeneralCategory as C, get_general_category};

/// Appends `s` as a Go string literal.
pub(super) fn quote(out: &mut String, s: &str) {
    out.push('"');
    for c in s.chars() {
        let short = match c {
            '"' | '\\' => Some(c),
            '\x07' => Some('a'),
            '\x08' => Some('b'),
            '\x0c' => Some('f'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            '\x0b' => Some('v'),
            _ => None,
        };
        match (short, c as u32) {
            (Some(letter), _) => out.extend(['\\', letter]),
            (None, n) if n < 0x20 || n == 0x7f => write!(out, "\\x{n:02x}").expect("a String"),
            _ if is_print(c) => out.push(c),
            (None, n) if n < 0x10000 => write!(out, "\\u{n:04x}").expect("a String"),
            (None, n) => write!(out, "\\U{n:08x}").expect("a String"),
        }
    }
    out.push('"');
}

/// `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
fn is_print(c: char) -> bool {
    let unprintable = [
        C::Control,
        C::Format,
        C::Surrogate,
        C::PrivateUse,
        C::Unassigned,
        C::SpaceSeparator,
        C::LineSeparator,
        C::ParagraphSeparator,
    ];
    c == ' ' || !unprintable.contains(&get_general_category(c))
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_strconv_does() {
        let mut s = String::new();
        super::quote(&mut s, "a \"\\\n\x01\x7fä\u{a0}\u{e000}\u{10ffff}世");
        assert_eq!(s, r#""a \"\\\n\x01\x7fä\u00a0\ue000\U0010ffff世""#);
    }
}
