//! Encoded names: a flag byte, a varint length, the text, then optionally a tag and the handle of a package path.

use itab_abi::types::{NAME_EMBEDDED, NAME_EXPORTED, NAME_HAS_PKG_PATH, NAME_HAS_TAG};

/// What goes into an encoded name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NameParts<'a> {
    pub(crate) text: &'a str,
    pub(crate) tag: &'a str,
    pub(crate) exported: bool,
    pub(crate) embedded: bool,
    /// Handle of the encoded package path, or 0.
    pub(crate) pkg_path: i32,
}

/// Appends the encoding of `parts` to `out`.
pub(crate) fn encode(parts: NameParts<'_>, out: &mut Vec<u8>) {
    let mut flags = 0;
    let has = [
        (parts.exported, NAME_EXPORTED),
        (!parts.tag.is_empty(), NAME_HAS_TAG),
        (parts.pkg_path != 0, NAME_HAS_PKG_PATH),
        (parts.embedded, NAME_EMBEDDED),
    ];
    for (set, bit) in has {
        flags |= if set { bit } else { 0 };
    }
    out.push(flags);
    put(out, parts.text);
    if !parts.tag.is_empty() {
        put(out, parts.tag);
    }
    if parts.pkg_path != 0 {
        out.extend(parts.pkg_path.to_ne_bytes());
    }
}

fn put(out: &mut Vec<u8>, text: &str) {
    let mut n = text.len();
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out.extend(text.as_bytes());
}

/// A decoded view of an encoded name.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    /// The identifier, or the text of a type.
    pub text: &'a str,
    /// Tag of a field.
    pub tag: &'a str,
    /// Whether the identifier is exported.
    pub exported: bool,
    /// Whether the field is embedded.
    pub embedded: bool,
    /// Handle of the package path, or 0.
    pub pkg_path: i32,
}

/// Decodes the name at `p`; nil is the empty name.
///
/// # Safety
/// `p` is nil or points to a name that [`encode`] (or gc's reflect, by the same rules) wrote, valid for `'a`.
pub(crate) unsafe fn decode<'a>(p: *const u8) -> Name<'a> {
    let mut name = Name { text: "", tag: "", exported: false, embedded: false, pkg_path: 0 };
    if p.is_null() {
        return name;
    }
    // SAFETY: the caller vouches for the encoding, which these reads follow.
    unsafe {
        let flags = *p;
        name.exported = flags & NAME_EXPORTED != 0;
        name.embedded = flags & NAME_EMBEDDED != 0;
        let (text, mut next) = take(p.add(1));
        name.text = text;
        if flags & NAME_HAS_TAG != 0 {
            (name.tag, next) = take(next);
        }
        if flags & NAME_HAS_PKG_PATH != 0 {
            name.pkg_path = next.cast::<i32>().read_unaligned();
        }
    }
    name
}

/// A length-prefixed text and what follows it.
///
/// # Safety
/// As [`decode`].
unsafe fn take<'a>(mut p: *const u8) -> (&'a str, *const u8) {
    let (mut len, mut shift) = (0usize, 0);
    // SAFETY: the caller vouches for the encoding; the text was a `str` (or Go source text, which is UTF-8).
    unsafe {
        loop {
            let b = *p;
            p = p.add(1);
            len |= ((b & 0x7f) as usize) << shift;
            if b & 0x80 == 0 {
                break;
            }
            shift += 7;
        }
        let bytes = std::slice::from_raw_parts(p, len);
        (std::str::from_utf8_unchecked(bytes), p.add(len))
    }
}

/// Whether an identifier is exported: its first letter is upper case.
pub fn is_exported(name: &str) -> bool {
    name.chars().next().is_some_and(|c| c.is_uppercase() && !c.is_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let long = "x".repeat(300);
        for (text, tag, exported, embedded, pkg_path) in [
            ("A", "", true, false, 0),
            ("b", "json:\"q\"", false, true, 77),
            (&long, &long, false, false, -5),
            ("", "", false, false, 0),
        ] {
            let mut bytes = Vec::new();
            encode(NameParts { text, tag, exported, embedded, pkg_path }, &mut bytes);
            // SAFETY: just encoded.
            let n = unsafe { decode(bytes.as_ptr()) };
            assert_eq!((n.text, n.tag, n.exported, n.embedded, n.pkg_path), (text, tag, exported, embedded, pkg_path));
        }
        assert!(is_exported("Ä") && !is_exported("_") && !is_exported("日") && !is_exported(""));
    }
}
