//! Equality and hash of values, as their types define them.
//!
//! A comparable type's `Equal` is a func value that carries an [`Alg`], which says how its values are compared and
//! hashed. Most types use one of a few static ones (memory of 8 bytes, a string, an interface). For a struct or array
//! that needs more, the `Alg` holds a flat list of [`Op`]s: runs of memory, strings, floats and interfaces at their
//! offsets, neighbouring memory merged, blank fields and padding left out, arrays of many elements as loops. The list
//! keeps the order of the fields, so that a panic for an interface holding an uncomparable value happens only if
//! everything before it was equal.
//!
//! Inside the runtime the outcome is a `Result`; the functions that Go code calls (`Equal`, a map's `Hasher`) raise the
//! error. Equal values have equal hashes because one list serves both. Hashes chain a 64-bit seed through every part;
//! each Go map draws its seed at random.

mod entry;
mod equal;
mod go_calls;
mod hash;
mod plan;

pub use equal::{efaceeq, ifaceeq, memequal, typeequal};
pub use hash::{efacehash, ifacehash, memhash, memhash_long, strhash, typehash};
pub use plan::{equal_func, hash_func, hash_might_panic, is_regular_memory, need_key_update};

use crate::types::errors::RuntimeError;
use itab_abi::iface::{Eface, Iface};
use itab_abi::types::Type;
use itab_abi::value::GoString;

/// How values of a type are compared and hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum AlgKind {
    /// `size` bytes of memory.
    Mem,
    /// A string.
    Str,
    /// An interface with methods.
    Inter,
    /// An interface without methods.
    NilInter,
    /// float32.
    F32,
    /// float64.
    F64,
    /// complex64.
    C64,
    /// complex128.
    C128,
    /// A list of operations.
    Plan,
}

type EqualFn = unsafe extern "C" fn(p: *const u8, q: *const u8, ctx: *const u8) -> bool;
type HashFn = unsafe extern "C" fn(p: *const u8, seed: usize, ctx: *const u8) -> usize;

/// A func value of type `func(p, q unsafe.Pointer) bool` together with what it does.
#[repr(C)]
#[derive(Debug)]
pub struct Alg {
    code: EqualFn,
    kind: AlgKind,
    size: usize,
    ops: *const Op,
    nops: usize,
}

// SAFETY: immutable once made; `ops` is permanent.
unsafe impl Sync for Alg {}
// SAFETY: as above.
unsafe impl Send for Alg {}

/// One step of a plan.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Mem {
        off: usize,
        len: usize,
    },
    Str {
        off: usize,
    },
    /// The length of a string alone: it comes before the contents of others. A hash passes over it.
    StrLen {
        off: usize,
    },
    Inter {
        off: usize,
    },
    NilInter {
        off: usize,
    },
    F32 {
        off: usize,
    },
    F64 {
        off: usize,
    },
    /// Repeats the next `body` operations `count` times, moving on by `stride`; their offsets are from `off`.
    Loop {
        off: usize,
        count: usize,
        stride: usize,
        body: usize,
    },
}

/// A func value of type `func(p unsafe.Pointer, seed uintptr) uintptr`.
#[repr(C)]
struct HashFunc {
    code: HashFn,
    alg: *const Alg,
}

// SAFETY: immutable; `alg` is permanent.
unsafe impl Sync for HashFunc {}

impl Alg {
    const fn basic(code: EqualFn, kind: AlgKind, size: usize) -> Alg {
        Alg { code, kind, size, ops: std::ptr::null(), nops: 0 }
    }

    fn plan(&self) -> &[Op] {
        if self.nops == 0 {
            return &[];
        }
        // SAFETY: set by `plan::equal_func` to a permanent list.
        unsafe { std::slice::from_raw_parts(self.ops, self.nops) }
    }
}

/// Met a type that has neither equality nor hash. Small, so that results travel in registers.
#[derive(Clone, Copy, Debug)]
pub struct NoAlg(pub *const Type);

impl NoAlg {
    /// The error of a comparison.
    #[cold]
    pub fn uncomparable(self) -> RuntimeError {
        RuntimeError::Uncomparable(self.0)
    }

    /// The error of a map's key.
    #[cold]
    pub fn unhashable(self) -> RuntimeError {
        RuntimeError::Unhashable(self.0)
    }
}

/// How a type's values are compared, nil-checked: `None` when they cannot be.
///
/// # Safety
/// `t` is a descriptor made by an interner.
pub(crate) unsafe fn alg<'a>(t: *const Type) -> Option<&'a Alg> {
    // SAFETY: an interner sets `equal` to nil or to the func value of an `Alg`.
    unsafe { (*t).equal.cast::<Alg>().as_ref() }
}
