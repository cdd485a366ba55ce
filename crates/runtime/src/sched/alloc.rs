//! Allocation on behalf of compiled code: the isolate's heap, and the end of the isolate when memory runs out.

use crate::heap::malloc::{Heap, OutOfMemory};
use crate::sched::enter;
use crate::sched::exit::StopReason;
use crate::sched::isolate;
use itab_abi::block::IsolateBlock;
use itab_abi::types::Type;

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
pub(super) unsafe fn object(block: *mut IsolateBlock, allocated: Result<*mut u8, OutOfMemory>) -> *mut u8 {
    match allocated {
        Ok(p) => p,
        // SAFETY: as the caller says.
        Err(e) => unsafe { out_of_memory(block, e) },
    }
}

/// Ends the isolate because memory ran out.
///
/// # Safety
/// As [`enter::stop`].
#[cold]
pub(super) unsafe fn out_of_memory(block: *mut IsolateBlock, e: OutOfMemory) -> ! {
    // SAFETY: as the caller says.
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
