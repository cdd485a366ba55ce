//! Rust types as words of Go's calling convention.
//!
//! Values that pass between compiled code and the runtime in memory are an array of words, 8 bytes each: operands and
//! results of `slow` entries, arguments and results of natives. An [`AbiValue`] says which words a Rust type takes and
//! moves them. So a signature in Rust has a [`WordList`], which is compared with that of the other side.

use itab_abi::call::AbiType;
use itab_abi::iface::{Eface, Iface, Itab};
use itab_abi::types::Type;
use itab_abi::value::{GoSlice, GoString};
use std::ffi::c_void;

/// Words of a value, or of all parameters of a function.
#[derive(Clone, Copy, Debug)]
pub struct WordList {
    words: [AbiType; WordList::MAX],
    len: usize,
}

impl WordList {
    /// Most words of a signature's parameters.
    const MAX: usize = 16;

    const NONE: WordList = WordList { words: [AbiType::Ptr; WordList::MAX], len: 0 };

    const fn one(word: AbiType) -> WordList {
        WordList::NONE.and(&[word])
    }

    const fn and(mut self, mut more: &[AbiType]) -> WordList {
        while let [first, rest @ ..] = more {
            self.words[self.len] = *first;
            self.len += 1;
            more = rest;
        }
        self
    }

    /// The words.
    pub const fn as_slice(&self) -> &[AbiType] {
        self.words.split_at(self.len).0
    }
}

/// A value that crosses the border as words.
pub(crate) trait AbiValue: Sized {
    /// Its words.
    const WORDS: WordList;

    /// Takes it from its words.
    ///
    /// # Safety
    /// `words` points to the words that `WORDS` lists, and they are a value of this type.
    unsafe fn load(words: *const u64) -> Self;

    /// Writes its words.
    ///
    /// # Safety
    /// `words` points to room for the words that `WORDS` lists.
    unsafe fn store(self, words: *mut u64);
}

/// Values of one word, by the expressions that make one from a word and a word from one.
macro_rules! one_word {
    ($([$($t:ident)?] $ty:ty, $word:ident, $from:expr, $to:expr;)*) => { $(
        impl$(<$t>)? AbiValue for $ty {
            const WORDS: WordList = WordList::one(AbiType::$word);
            #[inline(always)]
            unsafe fn load(words: *const u64) -> Self {
                // SAFETY: the caller's promise.
                $from(unsafe { *words })
            }
            #[inline(always)]
            unsafe fn store(self, words: *mut u64) {
                // SAFETY: the caller's promise.
                unsafe { *words = $to(self) }
            }
        }
    )* };
}
one_word! {
    [T] *const T, Ptr, |w| w as *const T, |v| v as u64;
    [T] *mut T, Ptr, |w| w as *mut T, |v| v as u64;
    [] u64, I64, |w| w, |v| v;
    [] i64, I64, |w| w as i64, |v| v as u64;
    [] usize, I64, |w| w as usize, |v| v as u64;
    [] isize, I64, |w| w as isize, |v| v as u64;
    [] u32, U32, |w| w as u32, u64::from;
    [] i32, I32, |w| w as i32, |v| i64::from(v) as u64;
    [] u16, U16, |w| w as u16, u64::from;
    [] i16, I16, |w| w as i16, |v| i64::from(v) as u64;
    [] u8, U8, |w| w as u8, u64::from;
    [] i8, I8, |w| w as i8, |v| i64::from(v) as u64;
    [] bool, Bool, |w| w as u8 != 0, u64::from;
    [] f64, F64, f64::from_bits, f64::to_bits;
    [] f32, F32, |w| f32::from_bits(w as u32), |v: f32| u64::from(v.to_bits());
}

impl AbiValue for () {
    const WORDS: WordList = WordList::NONE;
    #[inline(always)]
    unsafe fn load(_: *const u64) -> Self {}
    #[inline(always)]
    unsafe fn store(self, _: *mut u64) {}
}

/// Two words in the result registers of a `call` entry.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Pair<A = u64, B = u64>(pub A, pub B);

impl<A: AbiValue, B: AbiValue> AbiValue for Pair<A, B> {
    const WORDS: WordList = <(A, B)>::WORDS;
    #[inline(always)]
    unsafe fn load(words: *const u64) -> Self {
        // SAFETY: the caller's promise.
        let (a, b) = unsafe { AbiValue::load(words) };
        Pair(a, b)
    }
    #[inline(always)]
    unsafe fn store(self, words: *mut u64) {
        // SAFETY: the caller's promise.
        unsafe { (self.0, self.1).store(words) }
    }
}

/// Tuples: the words of one element after those of the other.
macro_rules! tuples {
    ($(($($t:ident $v:ident),*);)*) => { $(
        impl<$($t: AbiValue),*> AbiValue for ($($t,)*) {
            const WORDS: WordList = WordList::NONE$(.and($t::WORDS.as_slice()))*;
            #[inline(always)]
            unsafe fn load(words: *const u64) -> Self {
                let mut at = 0;
                // SAFETY: the caller's promise; each element finds its words behind those of the elements before it.
                $(let $v = unsafe { $t::load(words.add(at)) }; at += $t::WORDS.len;)*
                let _ = at;
                ($($v,)*)
            }
            #[inline(always)]
            unsafe fn store(self, words: *mut u64) {
                let ($($v,)*) = self;
                let mut at = 0;
                // SAFETY: as in `load`.
                $(unsafe { $v.store(words.add(at)) }; at += $t::WORDS.len;)*
                let _ = at;
            }
        }
    )* };
}
tuples! {
    (A a);
    (A a, B b);
    (A a, B b, C c);
    (A a, B b, C c, D d);
    (A a, B b, C c, D d, E e);
    (A a, B b, C c, D d, E e, F f);
    (A a, B b, C c, D d, E e, F f, G g);
}

/// Structs: as the tuple of their fields.
macro_rules! structs {
    ($($ty:ident { $($field:ident: $t:ty),* })*) => { $(
        impl AbiValue for $ty {
            const WORDS: WordList = <($($t,)*)>::WORDS;
            #[inline(always)]
            unsafe fn load(words: *const u64) -> Self {
                // SAFETY: the caller's promise.
                let ($($field,)*) = unsafe { AbiValue::load(words) };
                $ty { $($field),* }
            }
            #[inline(always)]
            unsafe fn store(self, words: *mut u64) {
                let $ty { $($field),* } = self;
                // SAFETY: the caller's promise.
                unsafe { ($($field,)*).store(words) }
            }
        }
    )* };
}
structs! {
    GoString { ptr: *const u8, len: usize }
    GoSlice { ptr: *mut u8, len: usize, cap: usize }
    Eface { typ: *const Type, data: *mut c_void }
    Iface { tab: *const Itab, data: *mut c_void }
}
