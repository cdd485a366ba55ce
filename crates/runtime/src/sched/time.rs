//! Clocks, `time.Sleep` and timers.
//!
//! The timers of an isolate stand in a heap ([`Timers`]), ordered by time; those of a bubble of `testing/synctest`, which
//! go by its clock, in the bubble's. Sleeping goroutines are made ready directly. The functions of `time.Timer`s are
//! called by a goroutine of the runtime's own, which is scheduled before all others and not preempted, so that to the
//! program a timer that fired and its effect are one. That goroutine exists once a timer has fired.
//!
//! As in Go, the timer of a channel stands in the heap only while a goroutine is blocked on the channel. Whoever looks at
//! the channel without blocking finds out whether the time has come and sends itself ([`poll_channel`]). So a timer that
//! nobody refers to any more is garbage, whether it is set or not.
//!
//! A timer that is stopped or set again leaves its entry behind, which is recognised by its number. The channel of a
//! `time.Timer` has a buffer of one that the program must not see: stopping the timer empties it, and `len` and `cap`
//! are 0.

use crate::heap::mgcmark::Marker;
use crate::sched::chan::Hchan;
use crate::sched::enter;
use crate::sched::entry::record;
use crate::sched::isolate::{self, Exit, getg};
use crate::sched::panic::fatal;
use crate::sched::proc::{G, WaitReason, gopark, park_system};
use crate::sched::rand::rand;
use crate::sched::synctest::bubble_now;
use itab_abi::block::IsolateBlock;
use itab_abi::iface::Eface;
use itab_abi::value::{CAPTURES, FuncVal};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::mem::offset_of;

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
    /// When it fires; 0 when it is not set.
    when: i64,
    /// Number of its entry among the timers; 0 when it has none.
    seq: u64,
    /// Goroutines that are blocked on the channel.
    blocked: u32,
    /// The bubble whose clock it goes by; 0: none.
    bubble: u32,
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
    /// In a bubble, what fires at the same time does so in any order.
    shuffled: bool,
    /// Entries whose timer was stopped or set again.
    stale: usize,
    /// Timers that have fired and wait for their functions to be called.
    due: VecDeque<(*mut TimeTimer, u64)>,
}

#[derive(Clone, Copy)]
struct Entry {
    when: i64,
    tie: u32,
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

/// What is due.
pub(crate) enum Due {
    /// To be made ready, unless it is already.
    Wake(*mut G),
    /// To be called.
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
        (self.when, self.tie, self.seq).cmp(&(other.when, other.tie, other.seq))
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

    /// Those of a bubble.
    pub(crate) fn of_bubble(id: u32) -> Timers {
        // Numbers differ between the heaps, as a timer may move from one to another.
        Timers { last_seq: u64::from(id) << 32, shuffled: true, ..Timers::default() }
    }

    fn add(&mut self, when: i64, what: What) -> u64 {
        self.last_seq += 1;
        let tie = if self.shuffled { (rand() >> 32) as u32 } else { 0 };
        self.heap.push(Reverse(Entry { when, tie, seq: self.last_seq, what }));
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
    unsafe fn insert(&mut self, t: *mut TimeTimer) {
        // SAFETY: a live timer.
        unsafe { (*t).seq = self.add((*t).when, What::Call(t)) };
    }

    /// Takes a timer's entry away, if it has one.
    unsafe fn withdraw(&mut self, t: *mut TimeTimer) {
        // SAFETY: a live timer.
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
        let when = now_of(block).saturating_add(nanos);
        if let Some(timers) = timers_of(block, (*g).bubble) {
            timers.add(when, What::Wake(g, (*g).sleeps));
        }
        (*isolate::of(block)).control.watch();
        gopark(block, WaitReason("sleep"));
    }
}

/// The running goroutine's clock.
pub(crate) unsafe fn now_of(block: *mut IsolateBlock) -> i64 {
    // SAFETY: the callers run on a goroutine's stack.
    unsafe { bubble_now(block) }.unwrap_or_else(nanotime)
}

/// The timers of a bubble, or of the isolate for 0.
unsafe fn timers_of<'a>(block: *mut IsolateBlock, bubble: u32) -> Option<&'a mut Timers> {
    // SAFETY: the callers' block; they use the timers before anything else of the scheduler.
    let sched = unsafe { &mut (*isolate::of(block)).sched };
    match bubble {
        0 => Some(&mut sched.timers),
        id => sched.bubbles.get(id).map(|b| &mut b.timers),
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
            if let Err(exit) = fire(block, t, nanotime()) {
                return exit;
            }
        }
    }
}

/// Calls the function of a timer whose time has come, and which is in no heap.
///
/// # Safety
/// Called on a goroutine's stack, with a live timer that is set.
pub(crate) unsafe fn fire(block: *mut IsolateBlock, t: *mut TimeTimer, now: i64) -> Result<(), Exit> {
    // SAFETY: as the caller says; no reference to the scheduler is held during the call.
    unsafe {
        (*t).seq = 0;
        let delta = now - (*t).when;
        (*t).when = match (*t).period {
            period @ 1.. => (*t).when.saturating_add(period.saturating_mul(1 + delta / period)),
            _ => 0,
        };
        insert_if_needed(block, t);
        let (f, arg) = ((*t).f, (*t).arg);
        let words = [arg.typ as u64, arg.data as u64, 0, delta as u64, f as u64 + CAPTURES as u64];
        let mut regs = crate::code::arch::CallRegs::with_ints(&words);
        enter::enter_nested(block, (*f).code, &mut regs)
    }
}

/// Gives a timer an entry if it is set and somebody would notice that it fires.
unsafe fn insert_if_needed(block: *mut IsolateBlock, t: *mut TimeTimer) {
    // SAFETY: a live timer.
    unsafe {
        if (*t).when != 0
            && (*t).seq == 0
            && ((*t).chan.is_null() || (*t).blocked > 0)
            && let Some(timers) = timers_of(block, (*t).bubble)
        {
            timers.insert(t);
        }
    }
}

unsafe fn withdraw(block: *mut IsolateBlock, t: *mut TimeTimer) {
    // SAFETY: a live timer.
    unsafe {
        match timers_of(block, (*t).bubble) {
            Some(timers) => timers.withdraw(t),
            None => (*t).seq = 0,
        }
    }
}

/// Sets a timer that is not set. In a bubble, what is due at once happens at once.
pub(crate) unsafe fn set(block: *mut IsolateBlock, t: *mut TimeTimer, when: i64) {
    // SAFETY: called on a goroutine's stack with a live timer.
    unsafe {
        (*t).when = when.max(1);
        let noticed = (*t).chan.is_null() || (*t).blocked > 0;
        if let Some(now) = bubble_now(block).filter(|&now| noticed && when <= now) {
            if let Err(exit) = fire(block, t, now) {
                enter::leave(block, exit);
            }
            return;
        }
        insert_if_needed(block, t);
        (*isolate::of(block)).control.watch();
    }
}

/// Takes back a timer's setting and what it has sent that nobody has received; whether there was any of it.
unsafe fn unset(block: *mut IsolateBlock, t: *mut TimeTimer) -> bool {
    // SAFETY: a live timer.
    unsafe {
        withdraw(block, t);
        let was_set = std::mem::take(&mut (*t).when) != 0;
        empty_channel(t) | was_set
    }
}

/// Sends to a timer's channel if its time has come and nobody was blocked there to be told.
///
/// # Safety
/// Called on a goroutine's stack; the channel is alive.
pub(crate) unsafe fn poll_channel(block: *mut IsolateBlock, c: *mut Hchan) {
    // SAFETY: as the caller says; a timer lives as long as its channel.
    unsafe {
        let t = (*c).timer;
        if t.is_null() || (*t).seq != 0 || (*t).when == 0 {
            return;
        }
        let now = now_of(block);
        if (*t).when <= now
            && let Err(exit) = fire(block, t, now)
        {
            enter::leave(block, exit);
        }
    }
}

/// A goroutine is about to block on a channel.
///
/// # Safety
/// As [`poll_channel`].
pub(crate) unsafe fn block_on(block: *mut IsolateBlock, c: *mut Hchan) {
    // SAFETY: as the caller says.
    unsafe {
        let t = (*c).timer;
        if !t.is_null() {
            (*t).blocked += 1;
            insert_if_needed(block, t);
            (*isolate::of(block)).control.watch();
        }
    }
}

/// A goroutine is not blocked on a channel any more.
///
/// # Safety
/// As [`poll_channel`].
pub(crate) unsafe fn unblock(block: *mut IsolateBlock, c: *mut Hchan) {
    // SAFETY: as the caller says.
    unsafe {
        let t = (*c).timer;
        if !t.is_null() {
            (*t).blocked -= 1;
            if (*t).blocked == 0 {
                withdraw(block, t);
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

/// A new timer, which is to be set next: it calls `f` with `arg`, which sends to `chan` if there is one.
///
/// # Safety
/// Called on a goroutine's stack; `f`, `arg` and `chan` are reachable from the caller.
pub(crate) unsafe fn new_timer(
    block: *mut IsolateBlock,
    f: *const FuncVal,
    arg: Eface,
    chan: *mut Hchan,
    period: i64,
) -> *mut TimeTimer {
    // SAFETY: as the caller says; the record is as large as a timer, and nobody else has seen it.
    unsafe {
        let t = record(block, size_of::<TimeTimer>(), TIMER_MASK).cast::<TimeTimer>();
        t.write(TimeTimer {
            c: std::ptr::null_mut(),
            init: true,
            f,
            arg,
            chan,
            period,
            when: 0,
            seq: 0,
            blocked: 0,
            bubble: (*getg(block)).bubble,
        });
        if !chan.is_null() {
            (*chan).timer = t;
        }
        t
    }
}

/// Stops a timer; whether it was set, or had sent what nobody has received.
///
/// # Safety
/// Called on a goroutine's stack with a live timer.
pub(crate) unsafe fn stop_timer(block: *mut IsolateBlock, t: *mut TimeTimer) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        if (*t).bubble != 0 && (*getg(block)).bubble == 0 {
            fatal(block, "stop of synctest timer from outside bubble".into());
        }
        unset(block, t)
    }
}

/// Stops a timer as [`stop_timer`] does and gives it another period; it is to be set next.
///
/// # Safety
/// As [`stop_timer`].
pub(crate) unsafe fn reset_timer(block: *mut IsolateBlock, t: *mut TimeTimer, period: i64) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        if (*t).bubble != 0 {
            if (*getg(block)).bubble == 0 {
                fatal(block, "reset of synctest timer from outside bubble".into());
            }
            withdraw(block, t);
            (*t).bubble = (*getg(block)).bubble;
        }
        let was_set = unset(block, t);
        (*t).period = period;
        was_set
    }
}
