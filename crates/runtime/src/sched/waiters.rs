//! Queues of waiters, for semaphores and the ticket lists of `sync.Cond`. Waiters lie on the stacks of their goroutines.

use crate::sched::goroutine::G;
use rustc_hash::FxHashMap;
use std::ptr;

/// The semaphores that somebody waits on.
#[derive(Default)]
pub(crate) struct SemaTable {
    pub(super) queues: FxHashMap<usize, Queue>,
}

/// Waiters, first to last.
#[derive(Clone, Copy)]
pub(super) struct Queue {
    pub first: *mut Waiter,
    pub last: *mut Waiter,
}

pub(super) const EMPTY: Queue = Queue { first: ptr::null_mut(), last: ptr::null_mut() };

pub(super) struct Waiter {
    pub g: *mut G,
    pub next: *mut Waiter,
    /// Semaphores: it was given the count. Lists: its number.
    pub ticket: u32,
}

impl Queue {
    pub unsafe fn push_back(&mut self, w: *mut Waiter) {
        // SAFETY: queued waiters are valid.
        unsafe {
            match self.last.as_mut() {
                None => self.first = w,
                Some(last) => last.next = w,
            }
        }
        self.last = w;
    }

    pub unsafe fn push_front(&mut self, w: *mut Waiter) {
        // SAFETY: `w` is valid.
        unsafe { (*w).next = self.first };
        self.first = w;
        if self.last.is_null() {
            self.last = w;
        }
    }

    pub unsafe fn pop(&mut self) -> *mut Waiter {
        let w = self.first;
        // SAFETY: queued waiters are valid.
        if let Some(waiter) = unsafe { w.as_ref() } {
            self.first = waiter.next;
            if self.first.is_null() {
                self.last = ptr::null_mut();
            }
        }
        w
    }
}
