//! `time.Sleep` and timers.
//!
//! The timers of an isolate are in a heap ([`crate::sched::timers`]), ordered by time. Those of a bubble of
//! `testing/synctest` use the bubble's clock and are in the bubble's heap. Sleeping goroutines are made ready directly.
//! The functions of `time.Timer`s are called by a goroutine of the runtime's own, which is scheduled before all others
//! and not preempted, so that the program never sees a timer that has fired without its effect. That goroutine is
//! created when a timer first fires.
//!
//! As in Go, the timer of a channel is in the heap only while a goroutine is blocked on the channel. An operation that
//! polls the channel without blocking checks whether the timer is due and, if so, does the send itself
//! ([`poll_channel`]). So a timer without references is garbage, whether it is set or not.
//!
//! The channel of a `time.Timer` has a buffer of one that the program must not see: stopping the timer empties it, and
//! `len` and `cap` are 0.

use crate::code::arch::CallRegs;
use crate::sched::alloc::record;
use crate::sched::cancel;
use crate::sched::enter;
use crate::sched::exit::Exit;
use crate::sched::hchan::{Hchan, TimeTimer};
use crate::sched::isolate::{self, getg};
use crate::sched::panic::fatal;
use crate::sched::proc::{gopark, park_system};
use crate::sched::timers::{Timers, What};
use crate::sched::wait_reason::WaitReason;
use itab_abi::block::IsolateBlock;
use itab_abi::iface::Eface;
use itab_abi::value::{CAPTURES, FuncVal};
use std::mem::offset_of;

const fn pointer(offset: usize) -> u64 {
    1 << (offset / 8)
}

const TIMER_MASK: u64 = pointer(offset_of!(TimeTimer, c))
    | pointer(offset_of!(TimeTimer, f))
    | pointer(offset_of!(TimeTimer, arg))
    | pointer(offset_of!(TimeTimer, arg) + 8)
    | pointer(offset_of!(TimeTimer, chan));

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
        cancel::check(block);
        let g = getg(block);
        (*g).sleeps += 1;
        let when = now_of(block).saturating_add(nanos);
        if let Some(timers) = timers_of(block, (*g).bubble) {
            timers.add(when, What::Wake(g, (*g).sleeps));
        }
        (*isolate::of(block)).control.watch();
        gopark(block, WaitReason::Sleep);
        (*g).sleeps += 1;
        cancel::check(block);
    }
}

/// The clock of the running goroutine: that of its bubble, if it is in one.
///
/// # Safety
/// Called on a goroutine's stack.
pub(crate) unsafe fn bubble_now(block: *mut IsolateBlock) -> Option<i64> {
    // SAFETY: as the caller says.
    unsafe {
        let id = (*getg(block)).bubble;
        if id == 0 { None } else { (*isolate::of(block)).sched.bubbles.get(id).map(|b| b.now) }
    }
}

/// The running goroutine's clock.
///
/// # Safety
/// Called on a goroutine's stack.
pub(crate) unsafe fn now_of(block: *mut IsolateBlock) -> i64 {
    // SAFETY: as the caller says.
    unsafe { bubble_now(block).unwrap_or_else(|| (*isolate::of(block)).gateway.nanotime()) }
}

/// The timers of a bubble, or of the isolate for 0.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread; the timers are dropped before anything else of the
/// scheduler is used.
unsafe fn timers_of<'a>(block: *mut IsolateBlock, bubble: u32) -> Option<&'a mut Timers> {
    // SAFETY: as the caller says.
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
            let now = (*isolate).gateway.nanotime();
            if let Err(exit) = fire(block, t, now) {
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
        enter::enter_with_regs(block, (*f).code, &mut CallRegs::with_ints(&words))
    }
}

/// Gives a timer an entry in the heap if it is set and either has no channel or has a goroutine blocked on it.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread; `t` is a live timer of it.
unsafe fn insert_if_needed(block: *mut IsolateBlock, t: *mut TimeTimer) {
    // SAFETY: as the caller says.
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

/// Removes a timer's entry, if it has one.
///
/// # Safety
/// As [`insert_if_needed`].
unsafe fn withdraw(block: *mut IsolateBlock, t: *mut TimeTimer) {
    // SAFETY: as the caller says.
    unsafe {
        match timers_of(block, (*t).bubble) {
            Some(timers) => timers.withdraw(t),
            None => (*t).seq = 0,
        }
    }
}

/// Sets a timer that is not set. In a bubble, what is due at once happens at once.
///
/// # Safety
/// Called on a goroutine's stack, where nothing needs dropping, with a live timer.
pub(crate) unsafe fn set(block: *mut IsolateBlock, t: *mut TimeTimer, when: i64) {
    // SAFETY: as the caller says.
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

/// Unsets a timer and discards a value it has sent that was not received; returns whether there was either.
///
/// # Safety
/// As [`insert_if_needed`].
unsafe fn unset(block: *mut IsolateBlock, t: *mut TimeTimer) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        withdraw(block, t);
        let was_set = std::mem::take(&mut (*t).when) != 0;
        empty_channel(t) | was_set
    }
}

/// Sends to a timer's channel if the timer is due and no goroutine was blocked there.
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
///
/// # Safety
/// `t` is a live timer.
unsafe fn empty_channel(t: *mut TimeTimer) -> bool {
    // SAFETY: as the caller says; a timer keeps its channel alive.
    unsafe {
        let c = (*t).chan;
        !c.is_null() && std::mem::take(&mut (*c).qcount) != 0
    }
}

/// A new timer, which the caller sets next: it calls `f` with `arg`, which sends to `chan` if there is one.
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

/// Stops a timer; returns whether it was set, or had sent a value that was not received.
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

/// Stops a timer as [`stop_timer`] does and gives it another period; the caller sets it next.
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
