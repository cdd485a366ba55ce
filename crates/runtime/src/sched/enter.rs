//! The boundary between host and Go: calls in both directions.
//!
//! Every call from Rust into Go that waits for a result is a [`GoCall`]. A panic that no deferred call recovers, a
//! `Goexit` and a stop of the isolate end the innermost entry only. [`terminate`] abandons compiled code and helpers of
//! the runtime above it, and the host frame that made the call gets an error. The host may handle the error as it
//! likes. When its frame returns to the compiled code that called it, [`host_call`](crate::sched::host_call::host_call)
//! checks the isolate again and ends the next entry if the isolate has stopped.

use crate::code::arch::{self, CallRegs, Link};
use crate::sched::exit::{Exit, StopReason};
use crate::sched::goroutine::GoCall;
use crate::sched::isolate::{self, getg};
use itab_abi::block::IsolateBlock;
use itab_abi::value::FuncVal;
use std::ptr;

/// Value of `enter_go` when the entry was ended early.
const ENDED: u64 = 1;

/// Calls `code` on the current goroutine with four integers, as C does.
///
/// # Errors
/// When the call did not return.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine; `code` is as [`arch::enter_go`] wants it.
#[inline]
pub unsafe fn enter_nested(block: *mut IsolateBlock, code: usize, args: [u64; 4]) -> Result<(), Exit> {
    // SAFETY: as the caller says; fields are read and written one by one, and `call` stays in place while it is linked.
    unsafe {
        let isolate = isolate::of(block);
        if (*isolate).has_stopped() {
            return Err(Exit::Stopped((*isolate).why_stopped()));
        }
        let g = getg(block);
        let mut call = GoCall {
            link: Link { saved_sp: 0, block },
            prev: (*g).entry,
            // Word by word: a load of both would wait until the stores of each, just before, are done.
            defer: ptr::read_volatile(&raw const (*block).defer),
            panic: ptr::read_volatile(&raw const (*block).panic),
            exit: None,
        };
        let nested = usize::from(!call.prev.is_null());
        let call = &raw mut call;
        (*isolate).sched.host_frames += nested;
        (*g).entry = call;
        (*block).defer = ptr::null_mut();
        (*block).panic = ptr::null_mut();
        let [a, b, c, d] = args;
        let ended = arch::enter_go(a, b, c, d, code, &raw mut (*call).link);
        (*isolate).sched.host_frames -= nested;
        (*g).entry = (*call).prev;
        (*block).defer = (*call).defer;
        (*block).panic = (*call).panic;
        if ended == 0 { Ok(()) } else { Err((*call).exit.take().expect("a call ends for a reason")) }
    }
}

/// Calls compiled code on the current goroutine with the registers in `regs` and stores its results there.
///
/// # Errors
/// When the call did not return.
///
/// # Safety
/// As [`enter_nested`]; `code` takes these arguments.
pub unsafe fn enter_with_regs(block: *mut IsolateBlock, code: usize, regs: &mut CallRegs) -> Result<(), Exit> {
    let regs: *mut CallRegs = regs;
    // SAFETY: as the caller says; the registers stay in place during the call.
    unsafe { enter_nested(block, arch::call_with_regs as *const () as usize, [code as u64, regs as u64, 0, 0]) }
}

/// Calls a `func()` on the current goroutine.
///
/// # Errors
/// When the call did not return.
///
/// # Safety
/// As [`enter_nested`]; `func` is such a func value.
pub(crate) unsafe fn enter_func(block: *mut IsolateBlock, func: *const FuncVal) -> Result<(), Exit> {
    // SAFETY: as the caller says.
    unsafe { enter_nested(block, arch::call_func as *const () as usize, [func as u64, 0, 0, 0]) }
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
        arch::leave_go((*entry).link.saved_sp, ENDED, block)
    }
}

/// Ends the innermost entry because the isolate has stopped.
///
/// # Safety
/// As [`leave`]; the isolate has stopped.
pub(crate) unsafe fn terminate(block: *mut IsolateBlock) -> ! {
    // SAFETY: as the caller says.
    unsafe { leave(block, Exit::Stopped((*isolate::of(block)).why_stopped())) }
}

/// Ends the innermost entry if the isolate has stopped.
///
/// # Safety
/// As [`leave`].
#[inline]
pub(crate) unsafe fn check_stop(block: *mut IsolateBlock) {
    // SAFETY: as the caller says; the reason is dropped before leaving.
    unsafe {
        if (*isolate::of(block)).has_stopped() {
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
        (*isolate::of(block)).end(reason);
        terminate(block)
    }
}
