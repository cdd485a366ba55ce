//! Queues of waiters, for semaphores and the ticket lists of `sync.Cond`. Waiters are records on the stacks of their
//! goroutines.

use crate::sched::goroutine::G;
use rustc_hash::FxHashMap;
use std::ptr;

/// The semaphores that have waiters.
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
    /// Appends.
    ///
    /// # Safety
    /// `w` and all that are queued are valid, and stay so while they are queued; `w.next` is nil.
    pub unsafe fn push_back(&mut self, w: *mut Waiter) {
        // SAFETY: as the caller says.
        unsafe {
            match self.last.as_mut() {
                None => self.first = w,
                Some(last) => last.next = w,
            }
        }
        self.last = w;
    }

    /// Puts a waiter first.
    ///
    /// # Safety
    /// As [`Queue::push_back`].
    pub unsafe fn push_front(&mut self, w: *mut Waiter) {
        // SAFETY: as the caller says.
        unsafe { (*w).next = self.first };
        self.first = w;
        if self.last.is_null() {
            self.last = w;
        }
    }

    /// Takes the first; nil if there is none.
    ///
    /// # Safety
    /// Queued waiters are valid.
    pub unsafe fn pop(&mut self) -> *mut Waiter {
        let w = self.first;
        // SAFETY: as the caller says.
        if let Some(waiter) = unsafe { w.as_ref() } {
            self.first = waiter.next;
            if self.first.is_null() {
                self.last = ptr::null_mut();
            }
        }
        w
    }
}
