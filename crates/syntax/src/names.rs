//! Identifiers, interned: a [`Name`] is a number, equal names are equal numbers.
//!
//! [`Names`] is shared by all parsers of a program. Looking a name's text up takes no lock: texts live
//! in buckets of doubling size that never move. Interning takes the lock of one of 64 shards, and each
//! parser keeps a cache in front of that. Numbers are given out in the order in which threads
//! happen to ask, so nothing may sort by them where the outcome must be the same every time.

use std::cell::Cell;
use std::fmt;
use std::hash::Hasher;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::token::Token;

/// An interned identifier (or other short text: import paths may be interned too).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(NonZeroU32);

impl Name {
    /// A number from 0, dense, for tables.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The keyword that the text is.
    pub(crate) fn keyword(self) -> Option<Token> {
        Token::KEYWORDS.get(self.index()).copied()
    }

    const fn from_index(index: u32) -> Name {
        match NonZeroU32::new(index + 1) {
            Some(n) => Name(n),
            None => panic!("more than 4 billion names"),
        }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match WELL_KNOWN.get(self.index()) {
            Some(s) => write!(f, "{s}"),
            None => write!(f, "n{}", self.index()),
        }
    }
}

macro_rules! well_known {
    ($($konst:ident $text:literal,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u32)]
        enum Index { $($konst),* }
        const WELL_KNOWN: &[&str] = &[$($text),*];
        /// Names that are interned in every [`Names`] from the start.
        impl Name {
            $(#[doc = concat!("`", $text, "`")] pub const $konst: Name = Name::from_index(Index::$konst as u32);)*
        }
    };
}

well_known! {
    // The keywords first, in order: see `Name::keyword`.
    KW_BREAK "break", KW_CASE "case", KW_CHAN "chan", KW_CONST "const", KW_CONTINUE "continue", KW_DEFAULT "default", KW_DEFER "defer", KW_ELSE "else", KW_FALLTHROUGH "fallthrough", KW_FOR "for", KW_FUNC "func", KW_GO "go", KW_GOTO "goto", KW_IF "if", KW_IMPORT "import", KW_INTERFACE "interface", KW_MAP "map", KW_PACKAGE "package", KW_RANGE "range", KW_RETURN "return", KW_SELECT "select", KW_STRUCT "struct", KW_SWITCH "switch", KW_TYPE "type", KW_VAR "var",
    EMPTY "", BLANK "_", DOT ".", INIT "init", MAIN "main", C "C",
    // Predeclared types.
    ANY "any", BOOL "bool", BYTE "byte", COMPARABLE "comparable", COMPLEX64 "complex64",
    COMPLEX128 "complex128", ERROR "error", FLOAT32 "float32", FLOAT64 "float64", INT "int", INT8 "int8",
    INT16 "int16", INT32 "int32", INT64 "int64", RUNE "rune", STRING "string", UINT "uint", UINT8 "uint8",
    UINT16 "uint16", UINT32 "uint32", UINT64 "uint64", UINTPTR "uintptr",
    // Predeclared constants and nil.
    TRUE "true", FALSE "false", IOTA "iota", NIL "nil",
    // Built-in functions.
    APPEND "append", CAP "cap", CLEAR "clear", CLOSE "close", COMPLEX "complex", COPY "copy",
    DELETE "delete", IMAG "imag", LEN "len", MAKE "make", MAX "max", MIN "min", NEW "new", PANIC "panic",
    PRINT "print", PRINTLN "println", REAL "real", RECOVER "recover",
    // Package unsafe, and a few more that the compiler knows.
    UNSAFE "unsafe", POINTER "Pointer", SIZEOF "Sizeof", ALIGNOF "Alignof", OFFSETOF "Offsetof", ADD "Add",
    SLICE "Slice", SLICE_DATA "SliceData", UNSAFE_STRING "String", STRING_DATA "StringData",
    ERROR_METHOD "Error", RUNTIME "runtime", EMBED "embed",
}

static INTERNERS: AtomicU64 = AtomicU64::new(0);

const SHARDS: usize = 64;
/// Bucket `b` holds `1 << (b + FIRST_BITS)` names.
const FIRST_BITS: u32 = 10;
const BUCKETS: usize = (32 - FIRST_BITS) as usize;

type Bucket = OnceLock<Box<[OnceLock<Box<str>>]>>;

struct Inner {
    shards: [Mutex<HashTable<Name>>; SHARDS],
    buckets: [Bucket; BUCKETS],
    next: AtomicU32,
    /// Tells interners apart.
    number: u64,
}

/// The interner; clones share it.
#[derive(Clone)]
pub struct Names(Arc<Inner>);

impl Default for Names {
    fn default() -> Names {
        Names::new()
    }
}

impl Names {
    /// An interner that knows the well-known names only.
    pub fn new() -> Names {
        let names = Names(Arc::new(Inner {
            shards: std::array::from_fn(|_| Mutex::new(HashTable::with_capacity(224))),
            buckets: std::array::from_fn(|_| OnceLock::new()),
            next: AtomicU32::new(0),
            number: INTERNERS.fetch_add(1, Ordering::Relaxed),
        }));
        for text in WELL_KNOWN {
            names.intern(text);
        }
        names
    }

    /// The name of a text.
    pub fn intern(&self, text: &str) -> Name {
        self.intern_hashed(text, hash(text.as_bytes()))
    }

    /// The name of a text if anybody has interned it.
    pub fn get(&self, text: &str) -> Option<Name> {
        let hash = hash(text.as_bytes());
        self.shard(hash).find(hash, |&n| self.text(n) == text).copied()
    }

    /// The text of a name of this interner (empty for a name of another one that is not known here).
    pub fn text(&self, name: Name) -> &str {
        let (bucket, index) = locate(name.index() as u32);
        match self.0.buckets[bucket].get().and_then(|b| b[index].get()) {
            Some(text) => text,
            None => "",
        }
    }

    fn shard(&self, hash: u64) -> std::sync::MutexGuard<'_, HashTable<Name>> {
        // hashbrown uses the top bits and the bottom ones; these are neither.
        self.0.shards[(hash >> 40) as usize % SHARDS].lock().unwrap_or_else(|e| e.into_inner())
    }

    fn intern_hashed(&self, text: &str, hash: u64) -> Name {
        let mut shard = self.shard(hash);
        if let Some(&name) = shard.find(hash, |&n| self.text(n) == text) {
            return name;
        }
        let index = self.0.next.fetch_add(1, Ordering::Relaxed);
        let name = Name::from_index(index);
        let (bucket, at) = locate(index);
        let slots = self.0.buckets[bucket]
            .get_or_init(|| (0..1usize << (bucket as u32 + FIRST_BITS)).map(|_| OnceLock::new()).collect());
        let _ = slots[at].set(text.into());
        shard.insert_unique(hash, name, |&n| self::hash(self.text(n).as_bytes()));
        name
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Names({})", self.0.next.load(Ordering::Relaxed))
    }
}

/// Bucket and place in it of the name number `index`.
fn locate(index: u32) -> (usize, usize) {
    let n = u64::from(index) + (1 << FIRST_BITS);
    let bucket = n.ilog2() - FIRST_BITS;
    (bucket as usize, (n - (1 << (bucket + FIRST_BITS))) as usize)
}

fn hash(text: &[u8]) -> u64 {
    let mut h = FxHasher::default();
    h.write(text);
    h.finish()
}

/// One parser's view of a [`Names`]: a direct-mapped cache in front of the locks. A thread passes its
/// cache on from parser to parser.
pub(crate) struct NameCache<'a> {
    names: &'a Names,
    cache: Cache,
}

/// Names by hash; of use only for the interner with this number.
struct Cache {
    interner: u64,
    slots: Box<[Name]>,
}

const CACHE: usize = 8192;

thread_local! {
    static CACHED: Cell<Option<Cache>> = const { Cell::new(None) };
}

impl<'a> NameCache<'a> {
    pub(crate) fn new(names: &'a Names) -> NameCache<'a> {
        let interner = names.0.number;
        let cache = CACHED.take().filter(|c| c.interner == interner);
        let cache = cache.unwrap_or_else(|| Cache { interner, slots: vec![Name::EMPTY; CACHE].into() });
        NameCache { names, cache }
    }

    pub(crate) fn names(&self) -> &'a Names {
        self.names
    }

    pub(crate) fn intern(&mut self, text: &str) -> Name {
        let hash = hash(text.as_bytes());
        let slot = &mut self.cache.slots[(hash >> 20) as usize % CACHE];
        if self.names.text(*slot) != text {
            *slot = self.names.intern_hashed(text, hash);
        }
        *slot
    }
}

impl Drop for NameCache<'_> {
    fn drop(&mut self) {
        let slots = std::mem::take(&mut self.cache.slots);
        CACHED.set(Some(Cache { interner: self.cache.interner, slots }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interning_is_stable_over_buckets_and_threads() {
        let names = Names::new();
        assert_eq!(names.intern("_"), Name::BLANK);
        assert_eq!(names.intern("Pointer"), Name::POINTER);
        assert_eq!(names.intern("embed"), Name::EMBED);
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for i in 0..5000 {
                        let text = format!("name{i}");
                        let name = names.intern(&text);
                        assert_eq!(names.text(name), text);
                    }
                });
            }
        });
        assert_eq!(names.get("name17"), Some(names.intern("name17")));
        assert_eq!(names.get("nobody"), None);
    }
}
