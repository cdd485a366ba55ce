//! Clocks, `time.Sleep` and timers.
//!
//! All timers of an isolate stand in one heap ([`Timers`]), ordered by time. Sleeping goroutines are made ready directly.
//! The functions of `time.Timer`s are called by a goroutine of the runtime's own, which is scheduled before all others
//! and not preempted, so that to the program a timer that fired and its effect are one. That goroutine exists once a
//! timer has fired.
//!
//! A timer that is stopped or set again leaves its entry behind, which is recognised by its number. The channel of a
//! `time.Timer` has a buffer of one that the program must not see: stopping the timer empties it, and `len` and `cap`
//! are 0.

use crate::chan::Hchan;
use crate::enter;
use crate::entry::record;
use crate::isolate::{self, Exit, getg};
use crate::mgcmark::Marker;
use crate::natives::native_table;
use crate::proc::{G, WaitReason, gopark, park_system};
use itab_abi::block::IsolateBlock;
use itab_abi::iface::Eface;
use itab_abi::value::{CAPTURES, FuncVal};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::mem::offset_of;
use std::time::Duration;

/// Nanoseconds of a clock that only goes forwards; never 0.
pub fn nanotime() -> i64 {
    let (seconds, nanos) = clock(libc::CLOCK_MONOTONIC);
    seconds * 1_000_000_000 + i64::from(nanos)
}

/// Seconds and nanoseconds since 1970.
pub fn walltime() -> (i64, i32) {
    clock(libc::CLOCK_REALTIME)
}

fn clock(id: libc::clockid_t) -> (i64, i32) {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is valid; these clocks always exist.
    unsafe { libc::clock_gettime(id, &mut now) };
    (now.tv_sec, now.tv_nsec as i32)
}

/// A `time.Timer` (or `Ticker`) as the runtime sees it; Go's declaration is the first two fields.
#[repr(C)]
pub struct TimeTimer {
    c: *mut Hchan,
    init: bool,
    f: *const FuncVal,
    arg: Eface,
    /// The channel if this is a channel's timer, else nil.
    chan: *mut Hchan,
    period: i64,
    when: i64,
    /// Number of its entry among the timers; 0 when it is not set.
    seq: u64,
}

const fn pointer(offset: usize) -> u64 {
    1 << (offset / 8)
}

const TIMER_MASK: u64 = pointer(offset_of!(TimeTimer, c))
    | pointer(offset_of!(TimeTimer, f))
    | pointer(offset_of!(TimeTimer, arg))
    | pointer(offset_of!(TimeTimer, arg) + 8)
    | pointer(offset_of!(TimeTimer, chan));

/// The timers of an isolate.
#[derive(Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<Entry>>,
    last_seq: u64,
    /// Entries whose timer was stopped or set again.
    stale: usize,
    /// Timers that have fired and wait for their functions to be called.
    due: VecDeque<(*mut TimeTimer, u64)>,
}

#[derive(Clone, Copy)]
struct Entry {
    when: i64,
    seq: u64,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    /// Wake a goroutine, if it still is at this sleep of its.
    Wake(*mut G, u64),
    /// Call a timer's function.
    Call(*mut TimeTimer),
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.seq == other.seq
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> std::cmp::Ordering {
        (self.when, self.seq).cmp(&(other.when, other.seq))
    }
}

impl Entry {
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

    fn add(&mut self, when: i64, what: What) -> u64 {
        self.last_seq += 1;
        self.heap.push(Reverse(Entry { when, seq: self.last_seq, what }));
        self.last_seq
    }

    /// Hands goroutines whose time has come to `wake`, and timers to the list of those due. The time until the next.
    pub(crate) fn run(&mut self, mut wake: impl FnMut(*mut G)) -> Option<Duration> {
        if self.heap.is_empty() {
            return None;
        }
        let now = nanotime();
        while let Some(Reverse(entry)) = self.heap.peek().copied() {
            let current = entry.is_current();
            if current && entry.when > now {
                return Some(Duration::from_nanos((entry.when - now) as u64));
            }
            self.heap.pop();
            match entry.what {
                _ if !current => self.stale = self.stale.saturating_sub(1),
                What::Wake(g, _) => wake(g),
                What::Call(t) => self.due.push_back((t, entry.seq)),
            }
        }
        None
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

    unsafe fn set(&mut self, t: *mut TimeTimer, when: i64) {
        // SAFETY: a live timer.
        unsafe {
            (*t).when = when;
            (*t).seq = self.add(when, What::Call(t));
        }
    }

    /// Takes a timer out; whether it was set.
    unsafe fn unset(&mut self, t: *mut TimeTimer) -> bool {
        // SAFETY: a live timer.
        let was_set = unsafe { std::mem::take(&mut (*t).seq) != 0 };
        if was_set {
            self.stale += 1;
            if self.stale > 64 && self.stale > self.heap.len() / 2 {
                self.heap.retain(|e| e.0.is_current());
                self.stale = 0;
            }
        }
        was_set
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

/// Parks the running goroutine for a time: `time.Sleep`.
///
/// # Safety
/// As [`gopark`].
pub unsafe fn sleep(block: *mut IsolateBlock, nanos: i64) {
    if nanos <= 0 {
        return;
    }
    // SAFETY: as the caller says.
    unsafe {
        let g = getg(block);
        (*g).sleeps += 1;
        let when = nanotime().saturating_add(nanos);
        let isolate = isolate::of(block);
        (*isolate).sched.timers.add(when, What::Wake(g, (*g).sleeps));
        (*isolate).control.watch();
        gopark(block, WaitReason("sleep"));
    }
}

/// What the timer goroutine does: calls the functions of timers that have fired, parks, and so on.
///
/// # Safety
/// Called on that goroutine's stack.
pub(crate) unsafe fn timer_goroutine(block: *mut IsolateBlock) -> Exit {
    // SAFETY: as the caller says; no reference to the scheduler is held during calls.
    unsafe {
        loop {
            let isolate = isolate::of(block);
            let Some((t, seq)) = (*isolate).sched.timers.due.pop_front() else {
                park_system(block);
                continue;
            };
            if (*t).seq != seq {
                continue;
            }
            let delta = nanotime() - (*t).when;
            if (*t).period > 0 {
                let next = (*t).when + (*t).period * (1 + delta / (*t).period);
                (*isolate).sched.timers.set(t, next);
            } else {
                (*t).seq = 0;
            }
            let (f, arg) = ((*t).f, (*t).arg);
            let words = [arg.typ as u64, arg.data as u64, 0, delta as u64, f as u64 + CAPTURES as u64];
            let mut regs = crate::arch::CallRegs::with_ints(&words);
            if let Err(exit) = enter::enter_nested(block, (*f).code, &mut regs) {
                return exit;
            }
        }
    }
}

/// Empties the buffer of a timer's channel; whether there was a value.
unsafe fn empty_channel(t: *mut TimeTimer) -> bool {
    // SAFETY: a live timer, whose channel is alive.
    unsafe {
        let c = (*t).chan;
        !c.is_null() && std::mem::take(&mut (*c).qcount) != 0
    }
}

native_table! {
    "time.Sleep" = fn time_sleep(block, args, results) {
        sleep(block, *args as i64);
    }
    "time.now" = fn time_now(block, args, results) { now(results) }
    "time.runtimeNow" = fn time_runtime_now(block, args, results) { now(results) }
    "time.runtimeNano" = fn time_runtime_nano(block, args, results) {
        *results = nanotime() as u64;
    }
    "runtime.nanotime" = fn runtime_nanotime(block, args, results) {
        *results = nanotime() as u64;
    }
    "time.runtimeIsBubbled" = fn time_is_bubbled(block, args, results) {
        *results = 0;
    }
    "time.newTimer" = fn new_timer(block, args, results) {
        // when, period, f, arg (two words), channel
        let [when, period, f, typ, data, chan] = *args.cast::<[u64; 6]>();
        let t = record(block, size_of::<TimeTimer>(), TIMER_MASK).cast::<TimeTimer>();
        let chan = chan as *mut Hchan;
        t.write(TimeTimer {
            c: std::ptr::null_mut(),
            init: true,
            f: f as *const FuncVal,
            arg: Eface { typ: typ as *const _, data: data as *mut _ },
            chan,
            period: period as i64,
            when: 0,
            seq: 0,
        });
        if !chan.is_null() {
            (*chan).is_timer = true;
        }
        let isolate = isolate::of(block);
        (*isolate).sched.timers.set(t, when as i64);
        (*isolate).control.watch();
        *results = t as u64;
    }
    "time.stopTimer" = fn stop_timer(block, args, results) {
        let t = *args as *mut TimeTimer;
        let was_set = (*isolate::of(block)).sched.timers.unset(t);
        *results = u64::from(empty_channel(t) | was_set);
    }
    "time.resetTimer" = fn reset_timer(block, args, results) {
        let t = *args as *mut TimeTimer;
        let timers = &mut (*isolate::of(block)).sched.timers;
        let was_set = timers.unset(t);
        (*t).period = *args.add(2) as i64;
        timers.set(t, *args.add(1) as i64);
        *results = u64::from(empty_channel(t) | was_set);
    }
}

unsafe fn now(results: *mut u64) {
    let (seconds, nanos) = walltime();
    // SAFETY: three result words.
    unsafe { results.cast::<[u64; 3]>().write([seconds as u64, nanos as u64, nanotime() as u64]) };
}
