//! Rust types that are passed to Go and back. Each is one to three machine words.
//!
//! [`Func`] and [`Any`] refer to Go memory and live in a scope, which keeps that memory alive. All others are copied.

use crate::any::Any;
use crate::error::Error;
use crate::func::Func;
use crate::scope::Scope;
use itab_abi::types::Kind;
use itab_codegen::abi::Word;
use itab_runtime::types::TypeRef;

/// A Go type.
#[derive(Clone, Copy)]
pub struct GoType<'s>(pub(crate) TypeRef<'s>);

impl GoType<'_> {
    /// The type as Go prints it.
    pub fn name(&self) -> &str {
        self.0.string()
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.kind()
    }

    /// The Rust types that fit.
    pub(crate) fn wanted(&self) -> &'static str {
        match self.kind() {
            Kind::Bool => "bool",
            Kind::Int | Kind::Int64 => "i64",
            Kind::Int8 => "i8",
            Kind::Int16 => "i16",
            Kind::Int32 => "i32",
            Kind::Uint | Kind::Uint64 | Kind::Uintptr => "u64",
            Kind::Uint8 => "u8",
            Kind::Uint16 => "u16",
            Kind::Uint32 => "u32",
            Kind::Float32 => "f32",
            Kind::Float64 => "f64",
            Kind::String => "String or &str",
            Kind::Func => "itab::Func",
            Kind::Interface => "itab::Any",
            Kind::Slice if self.is_bytes() => "Vec<u8>",
            _ => "a function or interface of Go that works on it",
        }
    }

    fn is_bytes(&self) -> bool {
        self.kind() == Kind::Slice && self.0.elem().is_some_and(|e| e.kind() == Kind::Uint8)
    }

    /// Whether it is an interface type without methods.
    pub(crate) fn is_empty_interface(&self) -> bool {
        self.kind() == Kind::Interface && self.0.imethods().is_empty()
    }

    /// Its machine words, for types that have a Rust counterpart.
    pub(crate) fn words(&self) -> Option<&'static [Word]> {
        Some(match self.kind() {
            Kind::Bool | Kind::Uint8 => &[Word::U8],
            Kind::Int8 => &[Word::I8],
            Kind::Int16 => &[Word::I16],
            Kind::Int32 => &[Word::I32],
            Kind::Uint16 => &[Word::U16],
            Kind::Uint32 => &[Word::U32],
            Kind::Float32 => &[Word::F32],
            Kind::Float64 => &[Word::F64],
            Kind::Int | Kind::Int64 | Kind::Uint | Kind::Uint64 | Kind::Uintptr => &[Word::I64],
            Kind::Pointer | Kind::Func | Kind::Map | Kind::Chan | Kind::UnsafePointer => &[Word::I64],
            Kind::String | Kind::Interface => &[Word::I64, Word::I64],
            Kind::Slice => &[Word::I64, Word::I64, Word::I64],
            _ => return None,
        })
    }
}

/// Words on their way over the border, read one by one.
pub struct Words<'w>(pub(crate) std::slice::Iter<'w, u64>);

impl Words<'_> {
    pub(crate) fn next(&mut self) -> u64 {
        *self.0.next().expect("as many words as the signature has")
    }
}

/// A Rust type that crosses the border as a Go value: `bool`, integers and floats of the same size (`i64` for `int`,
/// `u64` for `uint` and `uintptr`), `String` and `&str`, `Vec<u8>` for `[]byte` and strings, [`Func`] and [`Any`].
///
/// It is sealed: what crosses are the machine words of Go values, and a wrong word would be a wrong pointer.
///
/// ```compile_fail,E0277
/// struct Forged;
/// impl<'s> itab::Value<'s> for Forged {}
/// ```
pub trait Value<'s>: Crossing<'s> {}

impl<'s, T: Crossing<'s>> Value<'s> for T {}

/// How a [`Value`] crosses. It cannot be named outside of this crate.
pub trait Crossing<'s>: Sized {
    /// How the type is called in errors.
    const RUST: &'static str;
    /// Whether values of a Go type can be given and taken as this type.
    fn fits(t: GoType<'s>) -> bool;
    /// Appends the value's words. May allocate in the isolate, which does not collect meanwhile.
    ///
    /// # Errors
    /// When the isolate is out of memory, or the value belongs to another one.
    fn store(self, scope: &Scope<'s>, t: GoType<'s>, words: &mut Vec<u64>) -> Result<(), Error>;
    /// Takes a value from its words, of which there are as many as `t` has, `t` being a type that fits.
    ///
    /// # Errors
    /// When the value cannot be represented.
    fn load(scope: &Scope<'s>, t: GoType<'s>, words: &mut Words<'_>) -> Result<Self, Error>;
}

/// A type error for a Rust type.
pub(crate) fn mismatch<'s, T: Crossing<'s>>(what: String, t: GoType<'s>) -> Error {
    Error::Type { what, go: t.name().into(), rust: T::RUST, wanted: t.wanted() }
}

macro_rules! numbers {
    ($($t:ty, $name:literal, $kinds:pat, $to:expr, $from:expr;)*) => { $(
        impl<'s> Crossing<'s> for $t {
            const RUST: &'static str = $name;
            fn fits(t: GoType<'s>) -> bool {
                matches!(t.kind(), $kinds)
            }
            fn store(self, _: &Scope<'s>, _: GoType<'s>, words: &mut Vec<u64>) -> Result<(), Error> {
                let to: fn($t) -> u64 = $to;
                words.push(to(self));
                Ok(())
            }
            fn load(_: &Scope<'s>, _: GoType<'s>, words: &mut Words<'_>) -> Result<Self, Error> {
                let from: fn(u64) -> $t = $from;
                Ok(from(words.next()))
            }
        }
    )* };
}
numbers! {
    bool, "bool", Kind::Bool, u64::from, |w| w as u8 != 0;
    i64, "i64", Kind::Int | Kind::Int64, |v| v as u64, |w| w as i64;
    i32, "i32", Kind::Int32, |v| v as i64 as u64, |w| w as i32;
    i16, "i16", Kind::Int16, |v| v as i64 as u64, |w| w as i16;
    i8, "i8", Kind::Int8, |v| v as i64 as u64, |w| w as i8;
    u64, "u64", Kind::Uint | Kind::Uint64 | Kind::Uintptr, |v| v, |w| w;
    u32, "u32", Kind::Uint32, u64::from, |w| w as u32;
    u16, "u16", Kind::Uint16, u64::from, |w| w as u16;
    u8, "u8", Kind::Uint8, u64::from, |w| w as u8;
    f64, "f64", Kind::Float64, f64::to_bits, f64::from_bits;
    f32, "f32", Kind::Float32, |v| u64::from(v.to_bits()), |w| f32::from_bits(w as u32);
}

impl<'s> Crossing<'s> for &str {
    const RUST: &'static str = "&str";
    fn fits(t: GoType<'s>) -> bool {
        t.kind() == Kind::String
    }
    fn store(self, scope: &Scope<'s>, _: GoType<'s>, words: &mut Vec<u64>) -> Result<(), Error> {
        let p = scope.alloc_bytes(self.as_bytes())?;
        words.extend([p as u64, self.len() as u64]);
        Ok(())
    }
    fn load(_: &Scope<'s>, t: GoType<'s>, _: &mut Words<'_>) -> Result<Self, Error> {
        Err(Error::Type { what: "the value".into(), go: t.name().into(), rust: "&str", wanted: "String" })
    }
}

impl<'s> Crossing<'s> for String {
    const RUST: &'static str = "String";
    fn fits(t: GoType<'s>) -> bool {
        t.kind() == Kind::String
    }
    fn store(self, scope: &Scope<'s>, t: GoType<'s>, words: &mut Vec<u64>) -> Result<(), Error> {
        self.as_str().store(scope, t, words)
    }
    fn load(_: &Scope<'s>, _: GoType<'s>, words: &mut Words<'_>) -> Result<Self, Error> {
        let (p, n) = (words.next(), words.next());
        // SAFETY: the two words of a Go string, which is alive as it was just returned or passed.
        let bytes = unsafe { go_bytes(p, n) };
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(e) => Err(Error::Utf8 { valid: e.valid_up_to() }),
        }
    }
}

impl<'s> Crossing<'s> for Vec<u8> {
    const RUST: &'static str = "Vec<u8>";
    fn fits(t: GoType<'s>) -> bool {
        t.is_bytes() || t.kind() == Kind::String
    }
    fn store(self, scope: &Scope<'s>, t: GoType<'s>, words: &mut Vec<u64>) -> Result<(), Error> {
        let p = scope.alloc_bytes(&self)?;
        words.extend([p as u64, self.len() as u64]);
        if t.kind() == Kind::Slice {
            words.push(self.len() as u64);
        }
        Ok(())
    }
    fn load(_: &Scope<'s>, t: GoType<'s>, words: &mut Words<'_>) -> Result<Self, Error> {
        let (p, n) = (words.next(), words.next());
        if t.kind() == Kind::Slice {
            words.next();
        }
        // SAFETY: pointer and length of a live Go string or byte slice.
        Ok(unsafe { go_bytes(p, n) }.to_vec())
    }
}

/// # Safety
/// `p` points to `n` readable bytes, unless `n` is 0.
unsafe fn go_bytes<'b>(p: u64, n: u64) -> &'b [u8] {
    if n == 0 {
        return &[];
    }
    // SAFETY: as the caller says.
    unsafe { std::slice::from_raw_parts(p as *const u8, n as usize) }
}

impl<'s> Crossing<'s> for Func<'s> {
    const RUST: &'static str = "itab::Func";
    fn fits(t: GoType<'s>) -> bool {
        t.kind() == Kind::Func
    }
    fn store(self, scope: &Scope<'s>, t: GoType<'s>, words: &mut Vec<u64>) -> Result<(), Error> {
        if self.typ != t.0 {
            return Err(Error::Type {
                what: format!("a func value of type {}", self.typ.string()),
                go: t.name().into(),
                rust: "itab::Func",
                wanted: "a func value of that type",
            });
        }
        scope.owns(self.isolate)?;
        words.push(self.value as u64);
        Ok(())
    }
    fn load(scope: &Scope<'s>, t: GoType<'s>, words: &mut Words<'_>) -> Result<Self, Error> {
        Ok(Func::new(scope, words.next() as *const _, t.0))
    }
}

impl<'s> Crossing<'s> for Any<'s> {
    const RUST: &'static str = "itab::Any";
    fn fits(t: GoType<'s>) -> bool {
        t.kind() == Kind::Interface
    }
    fn store(self, scope: &Scope<'s>, t: GoType<'s>, words: &mut Vec<u64>) -> Result<(), Error> {
        scope.owns(self.isolate)?;
        words.push(self.first_word(t)?);
        words.push(self.data as u64);
        Ok(())
    }
    fn load(scope: &Scope<'s>, t: GoType<'s>, words: &mut Words<'_>) -> Result<Self, Error> {
        let (first, data) = (words.next(), words.next());
        // SAFETY: the two words of an interface value of type `t` that is alive.
        Ok(unsafe { Any::from_words(scope, t, first, data) })
    }
}
