//! Values of Go's type `any`, held by the host in a scope.

use crate::error::Error;
use crate::scope::Scope;
use crate::value::{GoType, Value, Words, mismatch};
use itab_abi::iface::Itab;
use itab_abi::types::Type;
use itab_runtime::types::TypeRef;
use std::ptr;

/// An interface value: nil, or a value with its dynamic type. Alive as long as its scope.
#[derive(Clone, Copy)]
pub struct Any<'s> {
    /// Nil for the nil interface.
    pub(crate) typ: Option<TypeRef<'s>>,
    pub(crate) data: *mut u8,
    pub(crate) isolate: u64,
}

impl<'s> Any<'s> {
    /// # Safety
    /// The words are those of a live interface value of type `t`.
    pub(crate) unsafe fn from_words(scope: &Scope<'s>, t: GoType<'s>, first: u64, data: u64) -> Any<'s> {
        let typ: *const Type = match first {
            0 => ptr::null(),
            p if t.is_empty_interface() => p as *const Type,
            // SAFETY: the first word of a non-nil interface with methods is its itab.
            p => unsafe { (*(p as *const Itab)).typ },
        };
        let data = data as *mut u8;
        scope.keep(data);
        // SAFETY: descriptors of the program are made by its interner and live as long as it.
        let typ = (!typ.is_null()).then(|| unsafe { TypeRef::from_ptr(typ) });
        Any { typ, data, isolate: scope.id() }
    }

    /// Whether it is the nil interface.
    pub fn is_nil(&self) -> bool {
        self.typ.is_none()
    }

    /// The dynamic type as Go prints it, `nil` for the nil interface.
    pub fn type_name(&self) -> &'s str {
        self.typ.map_or("nil", |t| t.string())
    }

    /// The value as a Rust type that fits its dynamic type.
    ///
    /// # Errors
    /// [`Error::Type`] when it does not fit.
    pub fn get<T: Value<'s>>(&self, scope: &Scope<'s>) -> Result<T, Error> {
        let nil = || Error::Type { what: "the value".into(), go: "nil".into(), rust: T::RUST, wanted: "" };
        let typ = GoType(self.typ.ok_or_else(nil)?);
        scope.owns(self.isolate)?;
        let words = typ.words().filter(|_| T::fits(typ)).ok_or_else(|| mismatch::<T>("the value".into(), typ))?;
        let mut loaded = vec![];
        if typ.0.is_direct_iface() {
            loaded.push(self.data as u64);
        } else {
            let mut at = self.data.cast_const();
            for w in words {
                // SAFETY: the data word points to a value of the type, whose words lie one after the other.
                unsafe {
                    loaded.push(read_word(at, *w));
                    at = at.add(w.size() as usize);
                }
            }
        }
        T::load(scope, typ, &mut Words(loaded.iter()))
    }

    /// The first word of this value as an interface of type `t`.
    pub(crate) fn first_word(&self, t: GoType<'s>) -> Result<u64, Error> {
        let Some(typ) = self.typ else { return Ok(0) };
        if t.is_empty_interface() {
            return Ok(typ.as_ptr() as u64);
        }
        match itab_runtime::types::itab::getitab(t.0, typ) {
            Ok(itab) => Ok(itab.as_ptr() as u64),
            Err(e) => Err(Error::Type {
                what: format!("a value of type {} ({e})", typ.string()),
                go: t.name().into(),
                rust: "itab::Any",
                wanted: "a value that implements it",
            }),
        }
    }
}

/// A word of memory, extended to 8 bytes as the border has it.
///
/// # Safety
/// `at` points to a readable value of that word's type.
unsafe fn read_word(at: *const u8, w: itab_codegen::abi::Word) -> u64 {
    use itab_codegen::abi::Word;
    // SAFETY: as the caller says.
    unsafe {
        match w {
            Word::I8 => at.cast::<i8>().read() as i64 as u64,
            Word::U8 => u64::from(at.read()),
            Word::I16 => at.cast::<i16>().read() as i64 as u64,
            Word::U16 => u64::from(at.cast::<u16>().read()),
            Word::I32 => at.cast::<i32>().read() as i64 as u64,
            Word::U32 | Word::F32 => u64::from(at.cast::<u32>().read()),
            Word::I64 | Word::F64 | Word::Image => at.cast::<u64>().read(),
        }
    }
}
