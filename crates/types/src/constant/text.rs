//! Constant strings. Long ones are put together only when somebody wants to see their bytes, so that
//! doubling a string a few dozen times costs nothing.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// Sums up to this length are put together at once.
const EAGER: usize = 64 << 10;

/// A constant string: any bytes.
#[derive(Clone)]
pub struct Text(Arc<Node>);

struct Node {
    len: usize,
    flat: OnceLock<Box<[u8]>>,
    /// What the bytes are the sum of, as long as they have not been put together.
    parts: Option<(Text, Text)>,
}

impl Text {
    fn flat(bytes: Box<[u8]>) -> Text {
        Text(Arc::new(Node { len: bytes.len(), flat: OnceLock::from(bytes), parts: None }))
    }

    /// The length, known without putting the string together.
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// Whether it is the empty string.
    pub fn is_empty(&self) -> bool {
        self.0.len == 0
    }

    /// `self + other`
    pub(crate) fn concat(&self, other: &Text) -> Text {
        let len = self.len().saturating_add(other.len());
        if len <= EAGER {
            return Text::flat([&self[..], &other[..]].concat().into());
        }
        Text(Arc::new(Node { len, flat: OnceLock::new(), parts: Some((self.clone(), other.clone())) }))
    }

    /// The first bytes, `n` of them if there are so many.
    pub(crate) fn prefix(&self, n: usize) -> Vec<u8> {
        let n = n.min(self.len());
        let mut out = Vec::with_capacity(n);
        let mut work = vec![self];
        while out.len() < n
            && let Some(text) = work.pop()
        {
            match (text.0.flat.get(), &text.0.parts) {
                (Some(bytes), _) => out.extend_from_slice(&bytes[..bytes.len().min(n - out.len())]),
                (None, Some((left, right))) => work.extend([right, left]),
                (None, None) => {}
            }
        }
        out
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.flat.get_or_init(|| self.prefix(self.len()).into())
    }
}

impl Drop for Node {
    /// Long sums lean to the left: they are taken apart in a loop.
    fn drop(&mut self) {
        let mut work: Vec<Text> = Vec::new();
        work.extend(self.parts.take().into_iter().flat_map(|(l, r)| [l, r]));
        while let Some(text) = work.pop() {
            if let Some(mut node) = Arc::into_inner(text.0) {
                work.extend(node.parts.take().into_iter().flat_map(|(l, r)| [l, r]));
            }
        }
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Text {
        Text::flat(bytes.into())
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Text {
        Text::flat(bytes.into())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.len() == other.len() && self[..] == other[..]
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self[..].hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::format::quote(&self.prefix(100)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sums_are_cheap() {
        let mut long = Text::from(&b"ab"[..]);
        for _ in 0..40 {
            long = long.concat(&long);
        }
        assert_eq!(long.len(), 2 << 40);

        let piece = Text::from(vec![b'x'; 100]);
        let mut chain = piece.clone();
        for _ in 0..100_000 {
            chain = chain.concat(&piece);
        }
        assert_eq!(chain.len(), 10_000_100);
        assert!(chain.iter().all(|&b| b == b'x'));
    }
}
