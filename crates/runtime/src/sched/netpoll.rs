//! Waiting for descriptors: the part of `internal/poll` that the runtime provides.
//!
//! A goroutine that has to wait for a descriptor registers its interest and parks; the isolate's thread in
//! [`crate::sched::pollserver`] completes it. Any other wake-up (the goroutine's deadline, `SetDeadline`, closing the
//! descriptor) leaves the registration in place, and the goroutine removes it when it runs.

use crate::sched::cancel;
use crate::sched::goroutine::Status;
use crate::sched::isolate::{self, getg};
use crate::sched::pollserver::{CLOSING, READY};
use crate::sched::proc::{self, gopark};
use crate::sched::wait_reason::WaitReason;
use itab_abi::block::IsolateBlock;
use std::sync::Arc;

pub(crate) fn side_of(mode: u64) -> usize {
    usize::from(mode as u8 == b'w')
}

/// Parks until a descriptor is ready; with `heed`, also until its deadline or until it is closed.
///
/// # Safety
/// As [`gopark`].
pub(crate) unsafe fn wait(block: *mut IsolateBlock, id: u64, side: usize, heed: bool) -> u64 {
    // SAFETY: as the caller says; nothing of the isolate is borrowed while the goroutine is parked, and the server
    // lives as long as the isolate.
    unsafe {
        let isolate = isolate::of(block);
        let g = getg(block);
        loop {
            let now = (*isolate).gateway.nanotime();
            cancel::check(block);
            let poll = &mut (*isolate).netpoll;
            if let (true, Some(why)) = (heed, poll.obstacle(id, side, now)) {
                return why;
            }
            let Some(server) = poll.server.as_ref().map(Arc::as_ptr) else { return CLOSING };
            let Some(place) = poll.side(id, side) else { return CLOSING };
            let deadline = if heed { place.deadline } else { 0 };
            place.waiting = Some(g);
            let what = (*isolate).sched.expect_completion(g);
            (*server).set(id, side, Some(what));
            (*g).sleeps += 1;
            if deadline > 0 {
                (*isolate).sched.timers.wake_at(g, deadline);
                (*isolate).control.watch();
            }
            gopark(block, WaitReason::IoWait);
            (*g).sleeps += 1;
            let now = (*isolate).gateway.nanotime();
            let poll = &mut (*isolate).netpoll;
            if let Some(place) = poll.side(id, side) {
                place.waiting = None;
            }
            if !(*isolate).sched.forget_completion(what) {
                return if heed {
                    poll.obstacle(id, side, now).filter(|why| *why == CLOSING).unwrap_or(READY)
                } else {
                    READY
                };
            }
            // The server lives as long as the isolate.
            (*server).set(id, side, None);
        }
    }
}

/// Wakes the goroutine that waits on a side, so that it polls again.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread.
pub(crate) unsafe fn rouse(block: *mut IsolateBlock, id: u64, side: usize) {
    // SAFETY: as the caller says; goroutines live as long as the isolate, and one whose status is `Waiting` is parked.
    unsafe {
        let waiting = (*isolate::of(block)).netpoll.side(id, side).and_then(|s| s.waiting);
        if let Some(g) = waiting.filter(|g| matches!((**g).status, Status::Waiting(_))) {
            proc::goready(block, g);
        }
    }
}
