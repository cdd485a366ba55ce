//! The goroutine that runs finalizers and cleanups, drops values of the host, and has package sync empty its pools.
//!
//! Collections queue the functions to run ([`crate::heap::mspecial`]). The scheduler then wakes a goroutine of the
//! runtime's own, which runs them one after the other, as Go's does.

use crate::sched::alloc::heap;
use crate::sched::enter;
use crate::sched::exit::Exit;
use crate::sched::host_objects::drop_dead_values_aside;
use crate::sched::isolate;
use crate::sched::proc::park_system;
use crate::sched::time::{now_of, sleep};
use itab_abi::block::IsolateBlock;
use itab_abi::value::FuncVal;

/// What that goroutine does: runs what is queued, parks, and so on.
///
/// # Safety
/// Called on that goroutine's stack.
pub(crate) unsafe fn finalizer_goroutine(block: *mut IsolateBlock) -> Exit {
    // SAFETY: as the caller says; the heap is not borrowed while Go code runs.
    unsafe {
        loop {
            let done = if (*isolate::of(block)).pools_are_due() {
                empty_pools(block)
            } else if (*isolate::of(block)).has_dead_values() {
                drop_dead_values_aside(block);
                Ok(())
            } else if let Some(cleanup) = heap(block).next_cleanup() {
                enter::enter_func(block, cleanup.fnv as *const FuncVal)
            } else if let Some(finalizer) = heap(block).next_finalizer() {
                let run = (*isolate::of(block)).sched.run_finalizer;
                run.expect("handed in with the first finalizer")(block, &finalizer)
            } else {
                (*isolate::of(block)).sched.finalizers_idle = true;
                park_system(block);
                Ok(())
            };
            if let Err(exit) = done {
                return exit;
            }
        }
    }
}

/// Has package sync empty its pools, as it does at each collection in Go.
///
/// # Safety
/// Called on a goroutine's stack; none is pinned.
pub(crate) unsafe fn empty_pools(block: *mut IsolateBlock) -> Result<(), Exit> {
    // SAFETY: as the caller says; the function is a constant of the program.
    unsafe {
        let isolate = isolate::of(block);
        (*isolate).sched.pools_emptied = heap(block).collections();
        let f = (*isolate).sched.pool_cleanup;
        if f.is_null() {
            return Ok(());
        }
        enter::enter_func(block, f)
    }
}

/// Waits until no cleanup and no finalizer is queued or runs, at most for `timeout` nanoseconds; whether that came true.
///
/// # Safety
/// As [`gopark`](crate::sched::proc::gopark).
pub(crate) unsafe fn block_until_idle(block: *mut IsolateBlock, timeout: i64) -> bool {
    const STEP: i64 = 100_000;
    // SAFETY: as the caller says; the scheduler is not borrowed while the goroutine sleeps.
    unsafe {
        let end = now_of(block).saturating_add(timeout);
        loop {
            let sched = &(*isolate::of(block)).sched;
            if !heap(block).has_finalizers() && (sched.finalizers_idle || sched.finalizer_g.is_none()) {
                return true;
            }
            if now_of(block) >= end {
                return false;
            }
            sleep(block, STEP);
        }
    }
}
