//! Allocation entries: they allocate from the isolate's heap, and a failure raises Go's panic or ends the isolate.

use crate::heap::slice::{self, SliceError};
use crate::sched::alloc::{heap, object, out_of_memory, record};
use crate::sched::panic;
use crate::types::errors::{GROWSLICE, MAKESLICE_CAP, MAKESLICE_LEN, RuntimeError};
use itab_abi::block::IsolateBlock;
use itab_abi::types::Type;
use itab_abi::value::GoSlice;

/// A zeroed object of a type.
///
/// # Safety
/// Called by compiled code of the isolate.
pub unsafe extern "C" fn newobject(block: *mut IsolateBlock, typ: *const Type) -> *mut u8 {
    // SAFETY: as the caller says.
    unsafe { object(block, heap(block).mallocgc(typ)) }
}

/// `n` zeroed elements.
///
/// # Safety
/// Called by compiled code of the isolate.
pub unsafe extern "C" fn newarray(block: *mut IsolateBlock, typ: *const Type, n: i64) -> *mut u8 {
    // SAFETY: as the caller says.
    unsafe {
        match usize::try_from(n) {
            Ok(n) => object(block, heap(block).newarray(typ, n)),
            Err(_) => panic::raise_error(block, RuntimeError::Plain("runtime: allocation size out of range")),
        }
    }
}

/// A closure object or other untyped record.
///
/// # Safety
/// Called by compiled code of the isolate.
pub unsafe extern "C" fn newrecord(block: *mut IsolateBlock, size: u64, mask: u64) -> *mut u8 {
    // SAFETY: as the caller says.
    unsafe { record(block, size as usize, mask) }
}

/// `make([]T, len, cap)`.
///
/// # Safety
/// Called by compiled code of the isolate.
pub unsafe extern "C" fn makeslice(block: *mut IsolateBlock, elem: *const Type, len: i64, cap: i64) -> *mut u8 {
    // SAFETY: as the caller says.
    unsafe {
        match slice::makeslice(heap(block), elem, len, cap) {
            Ok(p) => p,
            Err(e) => slice_error(block, e, MAKESLICE_LEN),
        }
    }
}

/// Room for more elements.
///
/// # Safety
/// Called by compiled code through its stub, with the parts of a slice and the type of its elements.
pub unsafe extern "C" fn growslice(
    block: *mut IsolateBlock,
    ptr: *const u8,
    newlen: i64,
    oldcap: i64,
    num: i64,
    elem: *const Type,
) -> GoSlice {
    // SAFETY: as the caller says.
    unsafe {
        match slice::growslice(heap(block), ptr, newlen, oldcap, num, elem) {
            Ok(s) => s,
            Err(e) => slice_error(block, e, GROWSLICE),
        }
    }
}

/// The panic or the end of the isolate for a slice that cannot be made.
///
/// # Safety
/// As [`panic::raise_error`].
#[cold]
unsafe fn slice_error(block: *mut IsolateBlock, e: SliceError, len: RuntimeError) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        match e {
            SliceError::Len => panic::raise_error(block, len),
            SliceError::Cap => panic::raise_error(block, MAKESLICE_CAP),
            SliceError::OutOfMemory(e) => out_of_memory(block, e),
        }
    }
}
