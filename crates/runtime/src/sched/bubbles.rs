//! Bubbles of `testing/synctest`: the scheduler's record of them.

use crate::heap::mgcmark::Marker;
use crate::sched::goroutine::G;
use crate::sched::timers::Timers;
use rustc_hash::FxHashMap;

pub(crate) struct Bubble {
    /// The clock.
    pub now: i64,
    pub timers: Timers,
    /// The goroutine that called `Run`; nil once that has returned.
    pub(super) root: *mut G,
    /// The goroutine that `Run` started.
    pub(super) main: *mut G,
    pub(super) main_ended: bool,
    /// Who waits until all others are durably blocked.
    pub(super) waiter: *mut G,
    /// Goroutines.
    pub(super) total: usize,
    /// Those that are not durably blocked.
    pub(super) running: usize,
    /// What else keeps the clock from moving.
    pub(super) active: usize,
}

/// The bubbles of an isolate.
#[derive(Default)]
pub(crate) struct Bubbles {
    pub(super) live: FxHashMap<u32, Bubble>,
    pub(super) last: u32,
}

impl Bubbles {
    /// The bubble of that number, which is not 0.
    pub(crate) fn get(&mut self, id: u32) -> Option<&mut Bubble> {
        self.live.get_mut(&id)
    }

    /// Counts a new goroutine, which is parked or ready.
    pub(crate) fn enter(&mut self, g: &mut G, id: u32, parked: bool) {
        g.bubble = id;
        g.durably_blocked = parked;
        if let Some(b) = self.live.get_mut(&id) {
            b.total += 1;
            b.running += usize::from(!parked);
        }
    }

    /// Counts a goroutine out; whom to wake.
    pub(super) fn leave(&mut self, g: *mut G) -> Option<*mut G> {
        // SAFETY: goroutines live as long as the isolate.
        let id = unsafe { std::mem::take(&mut (*g).bubble) };
        let b = self.live.get_mut(&id)?;
        b.total -= 1;
        b.running -= 1;
        b.main_ended |= g == b.main;
        if b.total == 0 {
            self.live.remove(&id);
            return None;
        }
        b.whom_to_wake()
    }

    pub(crate) fn scan(&self, marker: &mut Marker<'_>) {
        self.live.values().for_each(|b| b.timers.scan(marker));
    }
}

impl Bubble {
    pub(super) fn whom_to_wake(&mut self) -> Option<*mut G> {
        if self.running > 0 || self.active > 0 || self.root.is_null() {
            return None;
        }
        let due = self.timers.next().is_some_and(|when| when <= self.now);
        Some(if due || self.waiter.is_null() { self.root } else { self.waiter })
    }
}
