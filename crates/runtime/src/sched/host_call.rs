//! Calls of the host's functions from compiled code.

use crate::code::stack::HOST_ROOM;
use crate::heap::mgcroots::stack_pointer;
use crate::sched::caught::caught;
use crate::sched::enter::{stop, terminate};
use crate::sched::exit::Exit;
pub use crate::sched::exit::HostError;
use crate::sched::isolate::{self, Isolate, getg};
use crate::sched::panic;
use itab_abi::block::IsolateBlock;

/// Runs a function of the host that compiled code has called, on the goroutine's stack.
///
/// A Rust panic in it becomes a Go panic. When it has returned, a stop of the isolate takes effect.
///
/// # Safety
/// Called by a native function on behalf of compiled code; the frames between hold nothing to drop.
#[inline]
pub unsafe fn host_call(block: *mut IsolateBlock, f: impl FnOnce() -> Result<(), HostError>) {
    // SAFETY: as the caller says. `f` and what it leaves behind are dropped before the calls that do not return.
    unsafe {
        let left = stack_pointer().saturating_sub((*getg(block)).stack.lo);
        if left < HOST_ROOM {
            drop(f);
            panic::stack_overflow(block);
        }
        match caught(f) {
            Ok(Ok(())) if !(*isolate::of(block)).has_stopped() => {}
            Ok(result) => not_returned(block, result),
            Err(text) => not_returned(block, Err(HostError::Panic(text))),
        }
    }
}

/// Does what a host function wants that has not simply returned, or ends the call because the isolate has stopped.
///
/// # Safety
/// As [`host_call`].
#[cold]
#[inline(never)]
unsafe fn not_returned(block: *mut IsolateBlock, result: Result<(), HostError>) {
    // SAFETY: as the caller says; `result` is moved into what does not return, or dropped.
    unsafe {
        match result {
            _ if (*isolate::of(block)).has_stopped() => {
                drop(result);
                terminate(block)
            }
            Ok(()) => {}
            Err(HostError::Panic(text)) => panic::panic_error(block, text),
            Err(HostError::Exit(Exit::Panic(info))) => {
                let value = info.value;
                (*isolate::of(block)).passed_on = Some(info);
                panic::raise(block, value)
            }
            Err(HostError::Exit(Exit::Goexit)) => panic::goexit(block),
            Err(HostError::Exit(Exit::WrongThread)) => {
                panic::panic_error(block, "an isolate was called on a thread that is not its own".into())
            }
            Err(HostError::Exit(Exit::Stopped(reason))) => stop(block, reason),
        }
    }
}

/// Runs `f` on the isolate's system stack while its goroutines run, else where it is.
///
/// # Safety
/// `block` is that of a live isolate, which this thread uses; `f` catches panics and has no way to the isolate.
pub(super) unsafe fn aside(block: *mut IsolateBlock, f: &mut dyn FnMut()) {
    // SAFETY: as the caller says.
    unsafe {
        if (*isolate::of(block)).sched.host.is_suspended() {
            Isolate::on_system_stack(block, f);
        } else {
            f();
        }
    }
}
