//! Calls of the host's functions from compiled code.

use crate::code::stack::HOST_ROOM;
use crate::heap::mgcroots::stack_pointer;
use crate::sched::caught::caught;
use crate::sched::enter::{stop, terminate};
use crate::sched::exit::Exit;
use crate::sched::isolate::{self, Isolate, getg};
use crate::sched::panic;
use itab_abi::block::IsolateBlock;

/// What a host function wants to happen instead of returning.
#[derive(Clone, Debug)]
pub enum HostError {
    /// Panic in Go with this text as value: an error whose text it is.
    Panic(String),
    /// Go on with the panic, `Goexit` or stop that ended a call which the host function made.
    Exit(Exit),
}

/// Runs a function of the host that compiled code has called, on the goroutine's stack.
///
/// A Rust panic in it becomes a Go panic. When it has returned, a stop of the isolate takes effect.
///
/// # Safety
/// Called by a native function on behalf of compiled code; the frames between hold nothing to drop.
pub unsafe fn host_call(block: *mut IsolateBlock, f: impl FnOnce() -> Result<(), HostError>) {
    // SAFETY: as the caller says. `f` and what it leaves behind are dropped before the calls that do not return.
    unsafe {
        let left = stack_pointer().saturating_sub((*getg(block)).stack.lo);
        if left < HOST_ROOM {
            drop(f);
            panic::stack_overflow(block);
        }
        let result = caught(f).unwrap_or_else(|text| Err(HostError::Panic(text)));
        check_stop_after_host(block, result)
    }
}

/// # Safety
/// As [`host_call`].
unsafe fn check_stop_after_host(block: *mut IsolateBlock, result: Result<(), HostError>) {
    // SAFETY: as the caller says; `result` is moved into what does not return, or dropped.
    unsafe {
        let stopped = (*isolate::of(block)).stop_reason().is_some();
        match result {
            _ if stopped => {
                drop(result);
                terminate(block)
            }
            Ok(()) => {}
            Err(HostError::Panic(text)) => panic::panic_error(block, text),
            Err(HostError::Exit(Exit::Panic(info))) => {
                let value = info.value;
                drop(info);
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

/// Runs `f` on the system stack if an isolate runs on this thread, else where it is.
pub(super) fn aside(f: &mut dyn FnMut()) {
    let block = isolate::current();
    if block.is_null() {
        f();
    } else {
        // SAFETY: the block is that of the isolate which runs on this thread; what is handed here catches panics, and a
        // stream has no way to the isolate.
        unsafe { Isolate::on_system_stack(block, f) };
    }
}
