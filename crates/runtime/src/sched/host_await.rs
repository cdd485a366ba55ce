//! Host functions that take their time: a goroutine waits for a future.
//!
//! The future belongs to the isolate ([`crate::sched::awaited`]) while the goroutine that called the function is parked, so
//! that no Rust frame that would have to be dropped stays on its stack. It is polled on that goroutine: at once, and each
//! time when its waker was called and the goroutine's turn has come. So whoever runs the isolate polls it. It is dropped
//! when the call is given up or the isolate has stopped.

use crate::sched::awaited::{PendingCall, Slot};
use crate::sched::cancel;
use crate::sched::exit::HostError;
use crate::sched::host_call::host_call;
use crate::sched::isolate::{self, getg};
use crate::sched::proc::{gopark, gosched};
use crate::sched::wait_reason::WaitReason;
use itab_abi::block::IsolateBlock;
use std::pin::Pin;
use std::task::Poll;

/// What a goroutine does after a poll.
#[derive(Clone, Copy)]
enum Next {
    Return,
    Park(usize),
    /// The waker was called meanwhile: others may run first.
    Yield(usize),
}

/// Runs a function of the host as [`host_call`] does. If it gives a call that may take its time, waits until that is done.
///
/// # Safety
/// As [`host_call`]; `frame` is the frame of the call, and `start` owns nothing.
#[inline]
pub unsafe fn host_await(
    block: *mut IsolateBlock,
    frame: *mut u8,
    start: impl FnOnce() -> Result<Option<Pin<Box<dyn PendingCall>>>, HostError>,
) {
    let mut next = Next::Return;
    // SAFETY: as the caller says; nothing that is owned outlives `host_call`.
    unsafe {
        host_call(block, || start()?.map_or(Ok(()), |call| begin(block, frame, call, &mut next)));
        if !matches!(next, Next::Return) {
            wait(block, frame, next);
        }
    }
}

/// Polls a call for the first time.
///
/// # Safety
/// As [`host_await`].
unsafe fn begin(
    block: *mut IsolateBlock,
    frame: *mut u8,
    call: Pin<Box<dyn PendingCall>>,
    next: &mut Next,
) -> Result<(), HostError> {
    // SAFETY: as the caller says.
    unsafe {
        let isolate = isolate::of(block);
        let waker = (*isolate).sched.awaited.waker(&(*isolate).control);
        poll(block, frame, Slot { call, waker, g: getg(block) }, next)
    }
}

/// Waits until a call is done that has been polled.
///
/// # Safety
/// As [`host_await`].
unsafe fn wait(block: *mut IsolateBlock, frame: *mut u8, mut next: Next) {
    // SAFETY: as the caller says; nothing that is owned outlives the calls of `host_call`.
    unsafe {
        while let Next::Park(i) | Next::Yield(i) = next {
            if cancel::is_asked(block) {
                give_up(block);
                cancel::check(block);
            }
            match next {
                Next::Park(_) => gopark(block, WaitReason::HostCall),
                _ => gosched(block),
            }
            // Who has asked for it meanwhile has dropped the call.
            cancel::check(block);
            host_call(block, || {
                next = Next::Return;
                let slot = (*isolate::of(block)).sched.awaited.remove(i).expect("who waits for a call has it");
                poll(block, frame, slot, &mut next)
            });
        }
    }
}

/// Drops the call that the running goroutine would wait for.
///
/// # Safety
/// As [`host_await`].
unsafe fn give_up(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        let sched = &mut (*isolate::of(block)).sched;
        if let Some(what) = sched.awaited.drop_call_of(getg(block)) {
            sched.forget_completion(what);
        }
    }
}

/// Polls a call and says what comes next; puts it back if it is not done.
///
/// # Safety
/// As [`host_await`].
unsafe fn poll(block: *mut IsolateBlock, frame: *mut u8, mut slot: Slot, next: &mut Next) -> Result<(), HostError> {
    // SAFETY: as the caller says; the call may not reach the isolate, so that its parts may be borrowed afterwards.
    unsafe {
        let done = slot.call.as_mut().poll(block, frame, &mut slot.waker.starts_poll());
        let sched = &mut (*isolate::of(block)).sched;
        if let Poll::Ready(result) = done {
            drop(slot.call);
            sched.awaited.give_back(slot.waker);
            return result;
        }
        let what = sched.expect_completion(slot.g);
        let parks = slot.waker.parks(what);
        let i = sched.awaited.insert(slot);
        *next = if parks { Next::Park(i) } else { Next::Yield(i) };
        if !parks {
            sched.forget_completion(what);
        }
        Ok(())
    }
}
