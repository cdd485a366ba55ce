//! The border between host and Go: calls in both directions.
//!
//! Every call from Rust into Go that has to get an answer is an [`Entry`]. A panic that no deferred call recovers, a
//! `Goexit` and a stop of the isolate end the innermost entry, never more: [`terminate`] abandons compiled code and
//! helpers of the runtime above it, and the host frame that made the call gets an error. What it does then is its own
//! business; when it returns to the compiled code that had called it, [`host_call`] looks at the isolate again and ends
//! the next entry, if the isolate has stopped.

use crate::code::arch::{self, CallRegs};
use crate::code::stack::HOST_ROOM;
use crate::heap::mgcroots::stack_pointer;
use crate::sched::isolate::{self, Exit, Isolate, StopReason, getg};
use crate::sched::panic;
use itab_abi::block::IsolateBlock;
use itab_abi::defer::DeferFrame;
use std::ffi::c_void;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// A call from Rust into Go. Lies in the frame of [`enter_nested`].
pub struct Entry {
    /// The next outer one on the same goroutine.
    pub(crate) prev: *mut Entry,
    saved_sp: usize,
    /// The goroutine's deferred calls and panics outside of this entry.
    pub(crate) defer: *mut DeferFrame,
    pub(crate) panic: *mut c_void,
    exit: Option<Exit>,
}

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
            Entry { prev: (*g).entry, saved_sp: 0, defer: (*block).defer, panic: (*block).panic, exit: None };
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

/// Runs code of the host; the text of its panic, if it panics. Nothing unwinds out of it, a payload whose destructor
/// panics included.
pub(crate) fn caught<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| {
        let text = match payload.downcast_ref::<String>() {
            Some(text) => text.clone(),
            None => payload.downcast_ref::<&str>().map_or("host function panicked", |s| s).into(),
        };
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        text
    })
}

/// Runs a reader or writer of the host where it has stack room: on the system stack, if an isolate runs on this thread.
/// Its panic is an error; what it says of its progress is not believed beyond `most`.
pub(crate) fn stream_call(most: usize, f: impl FnOnce() -> io::Result<usize>) -> io::Result<usize> {
    let mut done = Ok(0);
    let run = || done = caught(f).unwrap_or_else(|text| Err(io::Error::other(text)));
    let block = isolate::current();
    if block.is_null() {
        run();
    } else {
        // SAFETY: the block is that of the isolate which runs on this thread; `run` catches panics, and a stream has no way
        // to the isolate.
        unsafe { Isolate::on_system_stack(block, run) };
    }
    match done {
        Ok(n) if n > most => Err(io::Error::other("a stream of the host counts more bytes than there are")),
        done => done,
    }
}
