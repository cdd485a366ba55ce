//! Allocation entries: the isolate's heap, with Go's panics and the end of the isolate for what fails.

use crate::heap::malloc::{Heap, OutOfMemory};
use crate::heap::slice::{self, SliceError};
use crate::sched::enter;
use crate::sched::isolate::{self, StopReason};
use crate::sched::panic;
use crate::types::errors::{GROWSLICE, MAKESLICE_CAP, MAKESLICE_LEN, RuntimeError};
use itab_abi::block::IsolateBlock;
use itab_abi::types::Type;
use itab_abi::value::GoSlice;

/// The isolate's heap.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread; the reference is dropped before anything else uses the heap.
#[inline(always)]
pub(crate) unsafe fn heap<'a>(block: *mut IsolateBlock) -> &'a mut Heap {
    // SAFETY: as the caller says.
    unsafe { &mut (*isolate::of(block)).heap }
}

/// The object, or the end of the isolate.
///
/// # Safety
/// As [`enter::stop`].
#[inline(always)]
unsafe fn object(block: *mut IsolateBlock, allocated: Result<*mut u8, OutOfMemory>) -> *mut u8 {
    match allocated {
        Ok(p) => p,
        // SAFETY: as the caller says.
        Err(e) => unsafe { out_of_memory(block, e) },
    }
}

#[cold]
unsafe fn out_of_memory(block: *mut IsolateBlock, e: OutOfMemory) -> ! {
    // SAFETY: passed on.
    unsafe { enter::stop(block, StopReason::Memory(e.to_string())) }
}

/// A zeroed record of `size` bytes whose word i holds a pointer when bit i of `mask` is set.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread, on a goroutine's stack; nothing on it needs dropping.
pub(crate) unsafe fn record(block: *mut IsolateBlock, size: usize, mask: u64) -> *mut u8 {
    // SAFETY: as the caller says.
    unsafe { object(block, heap(block).alloc_record(size, mask)) }
}

/// `n` zeroed elements.
///
/// # Safety
/// As [`record`]; `typ` is a descriptor of the program.
pub(crate) unsafe fn array(block: *mut IsolateBlock, typ: *const Type, n: usize) -> *mut u8 {
    // SAFETY: as the caller says.
    unsafe { object(block, heap(block).newarray(typ, n)) }
}

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

#[cold]
unsafe fn slice_error(block: *mut IsolateBlock, e: SliceError, len: RuntimeError) -> ! {
    // SAFETY: passed on.
    unsafe {
        match e {
            SliceError::Len => panic::raise_error(block, len),
            SliceError::Cap => panic::raise_error(block, MAKESLICE_CAP),
            SliceError::OutOfMemory(e) => out_of_memory(block, e),
        }
    }
}
