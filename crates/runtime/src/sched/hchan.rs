//! Memory layout of channels, of the sudogs in their queues, and of the timers that send to them.

use crate::sched::goroutine::{Cancel, G};
use itab_abi::iface::Eface;
use itab_abi::types::Type;
use itab_abi::value::FuncVal;
use std::ptr;

/// A channel.
#[repr(C)]
pub struct Hchan {
    /// Values in the buffer.
    pub qcount: usize,
    /// Room in the buffer.
    pub dataqsiz: usize,
    pub(super) buf: *mut u8,
    pub(super) elemsize: usize,
    pub(super) elemtype: *const Type,
    pub(crate) closed: bool,
    /// The bubble that it was made in, see [`crate::sched::synctest`]; 0: none.
    pub(crate) bubble: u32,
    /// The `time.Timer` that it belongs to, if any: its buffer is not shown.
    pub(crate) timer: *mut TimeTimer,
    pub(super) sendx: usize,
    pub(super) recvx: usize,
    pub(crate) recvq: WaitQ,
    pub(crate) sendq: WaitQ,
}

/// A goroutine's place in a channel's queue.
pub(crate) struct Sudog {
    pub g: *mut G,
    pub next: *mut Sudog,
    pub prev: *mut Sudog,
    /// What is sent, or where it is received; may be nil.
    pub elem: *mut u8,
    /// Part of a `select`: the first operation to serve one of its sudogs sets `G::select_done`.
    pub is_select: bool,
    /// It was woken by a communication, not because the channel was closed.
    pub success: bool,
}

/// Goroutines that wait, first come first.
#[derive(Clone, Copy)]
pub(crate) struct WaitQ {
    pub(super) first: *mut Sudog,
    pub(super) last: *mut Sudog,
}

impl WaitQ {
    /// Appends.
    ///
    /// # Safety
    /// `s` stays valid while it is queued.
    pub(crate) unsafe fn enqueue(&mut self, s: *mut Sudog) {
        // SAFETY: queued sudogs are valid.
        unsafe {
            (*s).next = ptr::null_mut();
            (*s).prev = self.last;
            match self.last.as_mut() {
                None => self.first = s,
                Some(last) => last.next = s,
            }
            self.last = s;
        }
    }

    /// Removes `s` if it is queued.
    ///
    /// # Safety
    /// Queued sudogs are valid, and so is `s`.
    pub(crate) unsafe fn remove(&mut self, s: *mut Sudog) {
        // SAFETY: as the caller says.
        unsafe {
            let (prev, next) = ((*s).prev, (*s).next);
            if prev.is_null() && self.first != s {
                return;
            }
            match prev.as_mut() {
                None => self.first = next,
                Some(prev) => prev.next = next,
            }
            match next.as_mut() {
                None => self.last = prev,
                Some(next) => next.prev = prev,
            }
            (*s).prev = ptr::null_mut();
            (*s).next = ptr::null_mut();
        }
    }

    /// Takes the first that is not yet served elsewhere.
    ///
    /// # Safety
    /// Queued sudogs are valid.
    pub(super) unsafe fn dequeue(&mut self) -> Option<*mut Sudog> {
        // SAFETY: as the caller says.
        unsafe {
            loop {
                let s = self.first;
                if s.is_null() {
                    return None;
                }
                self.remove(s);
                // Its goroutine waits no longer, and has not run since.
                if (*(*s).g).cancel == Cancel::Asked {
                    continue;
                }
                if (*s).is_select && std::mem::replace(&mut (*(*s).g).select_done, true) {
                    continue;
                }
                return Some(s);
            }
        }
    }

    /// Whether there is a waiter that was not yet served elsewhere.
    ///
    /// # Safety
    /// Queued sudogs are valid.
    pub(crate) unsafe fn has_waiter(&self) -> bool {
        let mut s = self.first;
        // SAFETY: as the caller says.
        while let Some(sudog) = unsafe { s.as_ref() } {
            // SAFETY: a queued goroutine is alive.
            let (done, cancel) = unsafe { ((*sudog.g).select_done, (*sudog.g).cancel) };
            if cancel != Cancel::Asked && !(sudog.is_select && done) {
                return true;
            }
            s = sudog.next;
        }
        false
    }
}

/// What a host waits for that uses a channel.
pub(crate) struct ChanWatch {
    pub(super) chan: *mut Hchan,
    pub(super) send: bool,
}

impl ChanWatch {
    /// Whether the host need not wait.
    pub(crate) fn is_served(&self) -> bool {
        // SAFETY: the host's handle keeps the channel alive while it is watched; queued sudogs are valid.
        unsafe {
            let Some(chan) = self.chan.as_ref() else { return false };
            if self.send { chan.can_send() } else { chan.can_recv() }
        }
    }
}

impl Hchan {
    /// Whether a send would not wait (it may panic).
    ///
    /// # Safety
    /// Queued sudogs are valid.
    pub(crate) unsafe fn can_send(&self) -> bool {
        // SAFETY: as the caller says.
        self.closed || self.qcount < self.dataqsiz || unsafe { self.recvq.has_waiter() }
    }

    /// Whether a receive would not wait.
    ///
    /// # Safety
    /// Queued sudogs are valid.
    pub(crate) unsafe fn can_recv(&self) -> bool {
        // SAFETY: as the caller says.
        self.closed || self.qcount > 0 || unsafe { self.sendq.has_waiter() }
    }
}

/// A `time.Timer` (or `Ticker`) as the runtime sees it; Go's declaration is the first two fields.
#[repr(C)]
pub struct TimeTimer {
    pub(super) c: *mut Hchan,
    pub(super) init: bool,
    pub(super) f: *const FuncVal,
    pub(super) arg: Eface,
    /// The channel if this is a channel's timer, else nil.
    pub(super) chan: *mut Hchan,
    pub(super) period: i64,
    /// When it fires; 0 when it is not set.
    pub(super) when: i64,
    /// Number of its entry among the timers; 0 when it has none.
    pub(super) seq: u64,
    /// Goroutines that are blocked on the channel.
    pub(super) blocked: u32,
    /// The bubble whose clock it goes by; 0: none.
    pub(super) bubble: u32,
}
