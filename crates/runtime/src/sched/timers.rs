//! The heap of timers, ordered by time.
//!
//! A timer that is stopped or set again leaves its entry behind, which is recognised by its number.

use crate::heap::mgcmark::Marker;
use crate::sched::goroutine::G;
use crate::sched::hchan::TimeTimer;
use crate::sched::rand;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// The timers of an isolate.
#[derive(Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<TimerEntry>>,
    last_seq: u64,
    /// In a bubble, what fires at the same time does so in any order: the state of random numbers for that, or 0.
    shuffled: u64,
    /// Entries whose timer was stopped or set again.
    stale: usize,
    /// Timers that have fired and wait for their functions to be called.
    pub(super) due: VecDeque<(*mut TimeTimer, u64)>,
}

#[derive(Clone, Copy)]
struct TimerEntry {
    when: i64,
    tie: u32,
    seq: u64,
    what: What,
}

#[derive(Clone, Copy)]
pub(super) enum What {
    /// Wake a goroutine, if it still is at this sleep of its.
    Wake(*mut G, u64),
    /// Call a timer's function.
    Call(*mut TimeTimer),
}

/// What is due.
pub(crate) enum Due {
    /// To be made ready, unless it is already.
    Wake(*mut G),
    /// To be called.
    Call(*mut TimeTimer),
}

impl PartialEq for TimerEntry {
    fn eq(&self, other: &TimerEntry) -> bool {
        self.seq == other.seq
    }
}
impl Eq for TimerEntry {}
impl PartialOrd for TimerEntry {
    fn partial_cmp(&self, other: &TimerEntry) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for TimerEntry {
    fn cmp(&self, other: &TimerEntry) -> std::cmp::Ordering {
        (self.when, self.tie, self.seq).cmp(&(other.when, other.tie, other.seq))
    }
}

impl TimerEntry {
    fn is_current(&self) -> bool {
        // SAFETY: goroutines live as long as the isolate; timers with an entry are roots.
        unsafe {
            match self.what {
                What::Wake(g, sleep) => (*g).sleeps == sleep,
                What::Call(t) => (*t).seq == self.seq,
            }
        }
    }
}

impl Timers {
    /// Whether nothing will happen.
    pub(crate) fn is_empty(&self) -> bool {
        self.heap.is_empty() && self.due.is_empty()
    }

    /// Whether the timer goroutine has something to do.
    pub(crate) fn has_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// Those of a bubble.
    pub(crate) fn of_bubble(id: u32, seed: u64) -> Timers {
        // Numbers differ between the heaps, as a timer may move from one to another.
        Timers { last_seq: u64::from(id) << 32, shuffled: seed | 1, ..Timers::default() }
    }

    pub(super) fn add(&mut self, when: i64, what: What) -> u64 {
        self.last_seq += 1;
        let tie = if self.shuffled == 0 { 0 } else { (rand::next(&mut self.shuffled) >> 32) as u32 };
        self.heap.push(Reverse(TimerEntry { when, tie, seq: self.last_seq, what }));
        self.last_seq
    }

    /// When the next one fires.
    pub(crate) fn next(&mut self) -> Option<i64> {
        while let Some(Reverse(entry)) = self.heap.peek() {
            if entry.is_current() {
                return Some(entry.when);
            }
            self.heap.pop();
            self.stale = self.stale.saturating_sub(1);
        }
        None
    }

    /// Takes out the first that fires until `now`.
    pub(crate) fn take_due(&mut self, now: i64) -> Option<Due> {
        self.next().filter(|&when| when <= now)?;
        let Reverse(entry) = self.heap.pop()?;
        Some(match entry.what {
            What::Wake(g, _) => Due::Wake(g),
            What::Call(t) => Due::Call(t),
        })
    }

    /// Leaves a timer that was taken out to the timer goroutine.
    pub(crate) fn postpone(&mut self, t: *mut TimeTimer) {
        // SAFETY: a timer with an entry is alive.
        let seq = unsafe { (*t).seq };
        self.due.push_back((t, seq));
    }

    /// Wakes a goroutine at a time, unless its `sleeps` has changed by then.
    ///
    /// # Safety
    /// The goroutine is alive.
    pub(crate) unsafe fn wake_at(&mut self, g: *mut G, when: i64) {
        // SAFETY: as the caller says.
        let sleep = unsafe { (*g).sleeps };
        self.add(when, What::Wake(g, sleep));
    }

    /// Gives a timer that is set its entry.
    ///
    /// # Safety
    /// `t` is a live timer, and stays so while it has an entry.
    pub(super) unsafe fn insert(&mut self, t: *mut TimeTimer) {
        // SAFETY: as the caller says.
        unsafe { (*t).seq = self.add((*t).when, What::Call(t)) };
    }

    /// Takes a timer's entry away, if it has one.
    ///
    /// # Safety
    /// `t` is a live timer.
    pub(super) unsafe fn withdraw(&mut self, t: *mut TimeTimer) {
        // SAFETY: as the caller says.
        if unsafe { std::mem::take(&mut (*t).seq) } == 0 {
            return;
        }
        self.stale += 1;
        if self.stale > 64 && self.stale > self.heap.len() / 2 {
            self.heap.retain(|e| e.0.is_current());
            self.stale = 0;
        }
    }

    /// Shows the timers to the collector.
    pub(crate) fn scan(&self, marker: &mut Marker<'_>) {
        for entry in &self.heap {
            if let What::Call(t) = entry.0.what {
                marker.pointer(t.cast());
            }
        }
        for (t, _) in &self.due {
            marker.pointer(t.cast());
        }
    }
}
