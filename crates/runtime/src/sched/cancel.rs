//! The end of a goroutine whose call the host has given up.
//!
//! The host asks for it while no Go code runs. The goroutine ends as by `runtime.Goexit`, so that locks are unlocked and
//! files are closed by deferred calls: at once where it waits for a channel, a time, a descriptor or a function of the host,
//! or was preempted. Other waits are counted by those that end them, as those for a lock or a `WaitGroup` are, and cannot be given
//! up. After them it goes on to the next place where it would wait, or is preempted: it does not end between taking a
//! lock and the `defer` that gives it back.

use crate::sched::goroutine::Cancel;
use crate::sched::isolate::getg;
use crate::sched::panic;
use itab_abi::block::IsolateBlock;

/// Whether the host has given up the running goroutine's call.
///
/// # Safety
/// Called on the goroutine's stack.
#[inline]
pub(crate) unsafe fn is_asked(block: *mut IsolateBlock) -> bool {
    // SAFETY: as the caller says.
    unsafe { (*getg(block)).cancel == Cancel::Asked }
}

/// Ends the running goroutine if the host has given its call up.
///
/// # Safety
/// Called on the goroutine's stack, after compiled code was left, with nothing on it that must be dropped; it is in no
/// queue.
#[inline]
pub(crate) unsafe fn check(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        if is_asked(block) {
            (*getg(block)).cancel = Cancel::Begun;
            panic::goexit(block);
        }
    }
}
