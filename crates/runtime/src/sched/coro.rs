//! Coroutines, for `iter.Pull`.
//!
//! A coroutine is a goroutine that is never in the scheduler's queues while it is suspended: `coroswitch` puts the running
//! goroutine in the coroutine's place and switches straight to the one that was there.

use crate::sched::alloc::record;
use crate::sched::goroutine::Coro;
use crate::sched::isolate;
use crate::sched::panic;
use crate::sched::proc;
use crate::sched::wait_reason::WaitReason;
use itab_abi::block::IsolateBlock;
use itab_abi::value::FuncVal;

/// `f` is the one pointer to an object.
const CORO_MASK: u64 = 0b10;

/// A coroutine that runs `f`.
///
/// # Safety
/// Called on a goroutine's stack; `f` is a func value, reachable from the caller.
pub(crate) unsafe fn newcoro(block: *mut IsolateBlock, f: *const FuncVal) -> *mut Coro {
    // SAFETY: as the caller says; the record is as large as a coroutine.
    unsafe {
        proc::check_goroutines(block);
        let c = record(block, size_of::<Coro>(), CORO_MASK).cast::<Coro>();
        c.write(Coro { g: std::ptr::null_mut(), f });
        match (*isolate::of(block)).new_coroutine(c) {
            Ok(g) => (*c).g = g,
            Err(e) => proc::no_stack(block, e),
        }
        c
    }
}

/// Switches to the goroutine that is suspended in the coroutine, and suspends the running one there.
///
/// # Safety
/// Called on a goroutine's stack with a live coroutine.
pub(crate) unsafe fn coroswitch(block: *mut IsolateBlock, c: *mut Coro) {
    // SAFETY: as the caller says; a suspended goroutine is alive.
    unsafe {
        let next = (*c).g;
        if next.is_null() {
            panic::throw(block, "coroswitch on exited coro".into());
        }
        (*c).g = isolate::getg(block);
        proc::switch_to(block, next, WaitReason::Coroutine);
    }
}
