//! The boundary between host and Go: calls in both directions.
//!
//! Every call from Rust into Go that waits for a result is a [`GoCall`]. A panic that no deferred call recovers, a
//! `Goexit` and a stop of the isolate end the innermost entry only. [`terminate`] abandons compiled code and helpers of
//! the runtime above it, and the host frame that made the call gets an error. The host may handle the error as it
//! likes. When its frame returns to the compiled code that called it, [`host_call`](crate::sched::host_call::host_call)
//! checks the isolate again and ends the next entry if the isolate has stopped.

use crate::code::arch::{self, CallRegs};
use crate::sched::exit::{Exit, StopReason};
use crate::sched::goroutine::GoCall;
use crate::sched::isolate::{self, getg};
use itab_abi::block::IsolateBlock;
use std::ptr;

/// Value of `enter_go` when the entry was ended early.
const ENDED: u64 = 1;

/// Calls compiled code on the current goroutine.
///
/// # Errors
/// When the call did not return.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine; `code` takes these arguments.
pub unsafe fn enter_nested(block: *mut IsolateBlock, code: usize, regs: &mut CallRegs) -> Result<(), Exit> {
    // SAFETY: as the caller says; fields are read and written one by one, and `entry` stays in place while it is linked.
    unsafe {
        if let Some(reason) = (*isolate::of(block)).stop_reason() {
            return Err(Exit::Stopped(reason));
        }
        let g = getg(block);
        let mut entry =
            GoCall { prev: (*g).entry, saved_sp: 0, defer: (*block).defer, panic: (*block).panic, exit: None };
        let link = &raw mut entry;
        let nested = usize::from(!entry.prev.is_null());
        (*isolate::of(block)).sched.host_frames += nested;
        (*g).entry = link;
        (*block).defer = ptr::null_mut();
        (*block).panic = ptr::null_mut();
        let ended = arch::enter_go(block, code, regs, &raw mut (*link).saved_sp);
        (*isolate::of(block)).sched.host_frames -= nested;
        (*g).entry = (*link).prev;
        (*block).defer = (*link).defer;
        (*block).panic = (*link).panic;
        if ended == 0 { Ok(()) } else { Err((*link).exit.take().expect("an entry ends for a reason")) }
    }
}

/// Ends the innermost entry of the running goroutine with `exit`.
///
/// # Safety
/// Called on the goroutine's stack; no frame between here and the entry holds anything to drop.
pub(crate) unsafe fn leave(block: *mut IsolateBlock, exit: Exit) -> ! {
    // SAFETY: a running goroutine always has an entry.
    unsafe {
        let entry = (*getg(block)).entry;
        (*entry).exit = Some(exit);
        arch::leave_go((*entry).saved_sp, ENDED, block)
    }
}

/// Ends the innermost entry because the isolate has stopped.
///
/// # Safety
/// As [`leave`]; the isolate has stopped.
pub(crate) unsafe fn terminate(block: *mut IsolateBlock) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        let reason = (*isolate::of(block)).stop_reason();
        leave(block, Exit::Stopped(reason.unwrap_or(StopReason::Killed)))
    }
}

/// Ends the innermost entry if the isolate has stopped.
///
/// # Safety
/// As [`leave`].
#[inline]
pub(crate) unsafe fn check_stop(block: *mut IsolateBlock) {
    // SAFETY: as the caller says; the reason is dropped before leaving.
    unsafe {
        let isolate = isolate::of(block);
        if (*isolate).stop.is_some() || (*isolate).control.pending() & crate::sched::control::STOP != 0 {
            terminate(block);
        }
    }
}

/// Stops the isolate: every goroutine ends, and calls into it fail from now on.
///
/// # Safety
/// As [`leave`].
pub unsafe fn stop(block: *mut IsolateBlock, reason: StopReason) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        (*isolate::of(block)).stop.get_or_insert(reason);
        terminate(block)
    }
}
