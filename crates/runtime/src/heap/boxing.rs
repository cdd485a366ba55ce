//! Boxing: where the value that an interface holds is stored.
//!
//! A conversion of a concrete value to an interface (`convT` and its relatives) copies the value to the heap, unless it is
//!
//! * a pointer word, which is the data word itself (the *direct* types),
//! * of size zero, the empty string, a nil slice or a zero of at most 1,024 bytes: then the data word points to a shared
//!   read-only object ([`ZERO_VAL`], [`zerobase`]),
//! * an integer below 256 of up to 8 bytes: then it points into [`STATICUINT64S`].

use crate::heap::malloc::{Heap, OutOfMemory, zerobase};
use itab_abi::iface::Eface;
use itab_abi::types::Type;
use itab_abi::value::{GoSlice, GoString, ZERO_VAL_SIZE};

/// Read-only bytes with the alignment that any Go value may need.
#[repr(C, align(64))]
#[derive(Debug)]
pub struct Aligned<T>(pub T);

/// What small zero values share (`runtime.zeroVal`).
pub static ZERO_VAL: Aligned<[u8; ZERO_VAL_SIZE]> = Aligned([0; ZERO_VAL_SIZE]);

/// The integers below 256, as 64-bit words (`runtime.staticuint64s`).
pub static STATICUINT64S: Aligned<[u64; 256]> = Aligned(small_integers());

const fn small_integers() -> [u64; 256] {
    let mut all = [0; 256];
    let mut i = 0;
    while i < 256 {
        all[i] = i as u64;
        i += 1;
    }
    all
}

/// Where the shared zero value is.
pub fn zero_val() -> *mut u8 {
    ZERO_VAL.0.as_ptr().cast_mut()
}

/// Where the integer `v` below 256 is. Narrow integers read its first bytes.
pub fn static_uint64(v: u8) -> *mut u8 {
    let p = &raw const STATICUINT64S.0[v as usize];
    // The low byte is first on little-endian machines, which all of ours are.
    const { assert!(cfg!(target_endian = "little")) };
    p.cast::<u8>().cast_mut()
}

/// A copy of the value at `p` on the heap (`convT`).
///
/// # Safety
/// `p` points to a value of type `t`, a descriptor.
pub unsafe fn conv_t(heap: &mut Heap, t: *const Type, p: *const u8) -> Result<*mut u8, OutOfMemory> {
    // SAFETY: the caller vouches for both; the new object has the type's size.
    unsafe {
        let x = heap.mallocgc(t)?;
        x.copy_from_nonoverlapping(p, (*t).size);
        Ok(x)
    }
}

/// The same for `size` bytes without pointers (`convTnoptr`).
///
/// # Safety
/// `p` points to that many bytes.
pub unsafe fn conv_t_noptr(heap: &mut Heap, size: usize, p: *const u8) -> Result<*mut u8, OutOfMemory> {
    let x = heap.alloc_noscan(size)?;
    // SAFETY: the new object has that size; the caller vouches for `p`.
    unsafe { x.copy_from_nonoverlapping(p, size) };
    Ok(x)
}

/// Where an integer of 2, 4 or 8 bytes stands that is boxed: in the table of small ones or on the heap (`convT16`,
/// `convT32`, `convT64`). `v` is zero-extended.
pub fn conv_t_int(heap: &mut Heap, size: usize, v: u64) -> Result<*mut u8, OutOfMemory> {
    debug_assert!(matches!(size, 2 | 4 | 8));
    if v < 256 {
        return Ok(static_uint64(v as u8));
    }
    // SAFETY: the low `size` bytes of `v`, first on little-endian machines.
    unsafe { conv_t_noptr(heap, size, (&raw const v).cast()) }
}

/// The address of a boxed string header (`convTstring`); `t` is the string type.
///
/// # Safety
/// `t` is a descriptor of a type that is one string.
pub unsafe fn conv_t_string(heap: &mut Heap, t: *const Type, s: GoString) -> Result<*mut u8, OutOfMemory> {
    if s.len == 0 {
        return Ok(zero_val());
    }
    // SAFETY: the caller vouches for the type.
    unsafe { conv_t(heap, t, (&raw const s).cast()) }
}

/// The address of a boxed slice header (`convTslice`). Only nil needs no copy: an empty slice is not nil.
///
/// # Safety
/// `t` is a descriptor of a type that is one slice.
pub unsafe fn conv_t_slice(heap: &mut Heap, t: *const Type, s: GoSlice) -> Result<*mut u8, OutOfMemory> {
    if s.ptr.is_null() {
        return Ok(zero_val());
    }
    // SAFETY: the caller vouches for the type.
    unsafe { conv_t(heap, t, (&raw const s).cast()) }
}

/// An interface value holding the value at `p`, by the cheapest of the above (`packEface`).
///
/// # Safety
/// `p` points to a value of type `t`, a descriptor of a concrete type.
pub unsafe fn pack_eface(heap: &mut Heap, t: *const Type, p: *const u8) -> Result<Eface, OutOfMemory> {
    // SAFETY: the caller vouches for both.
    let data = unsafe {
        if (*t).is_direct_iface() {
            p.cast::<*mut u8>().read()
        } else if (*t).size == 0 {
            zerobase()
        } else {
            conv_t(heap, t, p)?
        }
    };
    Ok(Eface { typ: t, data: data.cast() })
}
