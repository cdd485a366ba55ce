//! Sleep and wake-up for package sync: semaphores on `uint32` words.
//!
//! A semaphore's waiters are in a queue that is found by the word's address. As in Go, a release increments the word
//! and wakes one waiter, which tries again. With a hand-off the waiter gets the increment itself and runs at once.
//! Waiters are on the stacks of their goroutines.

use crate::sched::isolate::{self, getg};
use crate::sched::proc::{gopark, goready, goyield};
use crate::sched::wait_reason::WaitReason;
use crate::sched::waiters::{EMPTY, Waiter};
use itab_abi::block::IsolateBlock;
use std::ptr;

/// Decrements the word if it is not 0; whether it did.
///
/// # Safety
/// `addr` is a valid word of the isolate that runs on this thread.
unsafe fn try_acquire(addr: *mut u32) -> bool {
    // SAFETY: as the caller says; goroutines of an isolate run one at a time.
    unsafe {
        let free = *addr > 0;
        *addr -= u32::from(free);
        free
    }
}

/// Waits until `*addr > 0` and decrements it. `lifo` puts the waiter first.
///
/// # Safety
/// Called on behalf of compiled code; `addr` is a valid word, reachable from the caller.
pub unsafe fn semacquire(block: *mut IsolateBlock, addr: *mut u32, lifo: bool, reason: WaitReason) {
    // SAFETY: as the caller says; the waiter stays in place until it is taken from the queue and made ready.
    unsafe {
        let mut first_in_line = lifo;
        while !try_acquire(addr) {
            let mut waiter = Waiter { g: getg(block), next: ptr::null_mut(), ticket: 0 };
            let w = &raw mut waiter;
            let queue = (*isolate::of(block)).sched.semas.queues.entry(addr as usize).or_insert(EMPTY);
            if first_in_line {
                queue.push_front(w)
            } else {
                queue.push_back(w)
            }
            gopark(block, reason);
            if ptr::read_volatile(&raw const (*w).ticket) != 0 {
                return;
            }
            first_in_line = lifo;
        }
    }
}

/// Increments `*addr` and wakes a waiter; with `handoff` that gets the increment and runs now.
///
/// # Safety
/// As [`semacquire`].
pub unsafe fn semrelease(block: *mut IsolateBlock, addr: *mut u32, handoff: bool) {
    // SAFETY: as the caller says; queued waiters are valid.
    unsafe {
        *addr = (*addr).wrapping_add(1);
        let queues = &mut (*isolate::of(block)).sched.semas.queues;
        let Some(queue) = queues.get_mut(&(addr as usize)) else { return };
        let w = queue.pop();
        if queue.first.is_null() {
            queues.remove(&(addr as usize));
        }
        if handoff && try_acquire(addr) {
            (*w).ticket = 1;
        }
        let given = (*w).ticket != 0;
        goready(block, (*w).g);
        if given {
            goyield(block);
        }
    }
}
