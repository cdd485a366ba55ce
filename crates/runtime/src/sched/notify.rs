//! The ticket list of `sync.Cond`: a waiter takes a number, and numbers are served in order.
//!
//! Waiters lie on the stacks of their goroutines, as those of semaphores do.

use crate::sched::goroutine::G;
use crate::sched::isolate::getg;
use crate::sched::panic;
use crate::sched::proc::{gopark, goready};
use crate::sched::wait_reason::WaitReason;
use crate::sched::waiters::{EMPTY, Queue, Waiter};
use itab_abi::block::IsolateBlock;
use std::ptr;

/// `sync.notifyList`: tickets that were handed out and served, and the waiters.
#[repr(C)]
pub(crate) struct NotifyList {
    wait: u32,
    notify: u32,
    lock: usize,
    queue: Queue,
}

/// Takes a number.
///
/// # Safety
/// `list` is a live list.
pub(crate) unsafe fn notify_list_add(list: *mut NotifyList) -> u32 {
    // SAFETY: as the caller says; goroutines of an isolate run one at a time.
    unsafe {
        let ticket = (*list).wait;
        (*list).wait = ticket.wrapping_add(1);
        ticket
    }
}

/// Waits until the number is served, if it has not been.
///
/// # Safety
/// As [`gopark`]; `list` is a live list, and `ticket` a number that it gave.
pub(crate) unsafe fn notify_list_wait(block: *mut IsolateBlock, list: *mut NotifyList, ticket: u32) {
    // SAFETY: as the caller says; the waiter stays in place until it is taken from the queue and made ready.
    unsafe {
        if (ticket.wrapping_sub((*list).notify) as i32) < 0 {
            return;
        }
        let mut waiter = Waiter { g: getg(block), next: ptr::null_mut(), ticket };
        (*list).queue.push_back(&raw mut waiter);
        gopark(block, WaitReason::SyncCondWait);
    }
}

/// Serves all numbers.
///
/// # Safety
/// As [`notify_list_wait`].
pub(crate) unsafe fn notify_list_notify_all(block: *mut IsolateBlock, list: *mut NotifyList) {
    // SAFETY: as the caller says; queued waiters are valid until their goroutines run.
    unsafe {
        let mut queue = std::mem::replace(&mut (*list).queue, EMPTY);
        (*list).notify = (*list).wait;
        let mut w = queue.pop();
        while !w.is_null() {
            check_bubble(block, (*w).g);
            goready(block, (*w).g);
            w = queue.pop();
        }
    }
}

/// Serves the next number.
///
/// # Safety
/// As [`notify_list_wait`].
pub(crate) unsafe fn notify_list_notify_one(block: *mut IsolateBlock, list: *mut NotifyList) {
    // SAFETY: as the caller says; queued waiters are valid until their goroutines run.
    unsafe {
        if (*list).wait == (*list).notify {
            return;
        }
        let ticket = (*list).notify;
        (*list).notify = ticket.wrapping_add(1);
        let (mut previous, mut w): (*mut Waiter, *mut Waiter) = (ptr::null_mut(), (*list).queue.first);
        while !w.is_null() && (*w).ticket != ticket {
            (previous, w) = (w, (*w).next);
        }
        // Not found: it took a ticket and does not wait yet; it will see that it was served.
        if w.is_null() {
            return;
        }
        let next = (*w).next;
        match previous.as_mut() {
            None => (*list).queue.first = next,
            Some(previous) => previous.next = next,
        }
        if next.is_null() {
            (*list).queue.last = previous;
        }
        check_bubble(block, (*w).g);
        goready(block, (*w).g);
    }
}

/// A goroutine of a bubble is durably blocked here, so only its bubble may wake it.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine, where nothing needs dropping; `g` is a goroutine of the
/// isolate.
unsafe fn check_bubble(block: *mut IsolateBlock, g: *mut G) {
    // SAFETY: as the caller says.
    unsafe {
        if (*g).bubble != 0 && (*g).bubble != (*getg(block)).bubble {
            panic::fatal(block, "semaphore wake of synctest goroutine from outside bubble".into());
        }
    }
}
