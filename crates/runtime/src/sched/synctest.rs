//! Bubbles of `testing/synctest`: groups of goroutines with a clock of their own, which stands still while any of them
//! can run.
//!
//! A goroutine belongs to the bubble of the one that started it. It is *durably blocked* when only its own bubble can
//! wake it; its wait reason decides ([`WaitReason::is_durable`]). A bubble counts its goroutines that are not durably
//! blocked, where goroutines park, become ready and end. When there are none left, it wakes one: the goroutine that
//! waits for this state ([`wait`]), else its root, which advances the clock to the next timer and runs the timers that
//! are due. Without timers, or once the main goroutine has ended, the bubble ends. A goroutine that is still blocked
//! then stays blocked forever.
//!
//! Goroutines, channels and timers name their bubble by its number; 0 is none.

use crate::sched::bubbles::Bubble;
use crate::sched::enter;
use crate::sched::isolate::{self, getg};
use crate::sched::proc::{self, gopark};
use crate::sched::time;
use crate::sched::timers::{Due, Timers};
use crate::sched::wait_reason::WaitReason;
use itab_abi::block::IsolateBlock;
use itab_abi::value::FuncVal;
use std::ptr;

/// Midnight UTC 2000-01-01.
const START: i64 = 946_684_800_000_000_000;

/// `Run` without its panics: 0, or why goroutines are left.
///
/// # Safety
/// As [`gopark`]; `f` is a func value without parameters, reachable from the caller.
pub(crate) unsafe fn run(block: *mut IsolateBlock, f: *const FuncVal) -> u64 {
    // SAFETY: as the caller says; bubbles are looked up again after each switch.
    unsafe {
        let g = getg(block);
        let sched = &mut (*isolate::of(block)).sched;
        let seed = sched.rand();
        let bubbles = &mut sched.bubbles;
        bubbles.last += 1;
        let id = bubbles.last;
        let bubble = Bubble {
            now: START,
            timers: Timers::of_bubble(id, seed),
            root: g,
            main: ptr::null_mut(),
            main_ended: false,
            waiter: ptr::null_mut(),
            total: 0,
            running: 0,
            active: 0,
        };
        bubbles.live.insert(id, bubble);
        bubbles.enter(&mut *g, id, false);
        let main = proc::start(block, f);
        if let Some(b) = (*isolate::of(block)).sched.bubbles.get(id) {
            b.main = main;
        }
        loop {
            run_due(block, id);
            gopark(block, WaitReason::SynctestRun);
            let Some(b) = (*isolate::of(block)).sched.bubbles.get(id) else { break };
            match b.timers.next() {
                Some(when) if !b.main_ended => b.now = b.now.max(when),
                _ => break,
            }
        }
        let bubbles = &mut (*isolate::of(block)).sched.bubbles;
        let left = bubbles.get(id).map_or(0, |b| {
            b.root = ptr::null_mut();
            match (b.total, b.main_ended) {
                (1, _) => 0,
                (_, true) => MAIN_ENDED,
                _ => ALL_BLOCKED,
            }
        });
        bubbles.leave(g);
        left
    }
}

const ALL_BLOCKED: u64 = 1;
const MAIN_ENDED: u64 = 2;

/// Wakes and calls what is due by the bubble's clock.
///
/// # Safety
/// As [`gopark`]; the running goroutine is the bubble's root.
unsafe fn run_due(block: *mut IsolateBlock, id: u32) {
    // SAFETY: as the caller says; nothing of the isolate is borrowed during calls.
    unsafe {
        loop {
            let sched = &mut (*isolate::of(block)).sched;
            let Some(b) = sched.bubbles.get(id) else { return };
            let now = b.now;
            match b.timers.take_due(now) {
                None => return,
                Some(Due::Wake(g)) => sched.put(g),
                Some(Due::Call(t)) => {
                    if let Err(exit) = time::fire(block, t, now) {
                        enter::leave(block, exit);
                    }
                }
            }
        }
    }
}

/// Waits until all others of the bubble are durably blocked; false if another goroutine does so already.
///
/// # Safety
/// As [`gopark`].
pub(crate) unsafe fn wait(block: *mut IsolateBlock) -> bool {
    // SAFETY: as the caller says; bubbles are looked up again after the switch.
    unsafe {
        let g = getg(block);
        let id = (*g).bubble;
        if let Some(b) = (*isolate::of(block)).sched.bubbles.get(id) {
            if !b.waiter.is_null() {
                return false;
            }
            b.waiter = g;
        }
        gopark(block, WaitReason::SynctestWait);
        if let Some(b) = (*isolate::of(block)).sched.bubbles.get(id) {
            b.waiter = ptr::null_mut();
        }
        true
    }
}

/// Adds to what keeps a bubble's clock from moving.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread.
pub(crate) unsafe fn activate(block: *mut IsolateBlock, id: u32, more: bool) {
    // SAFETY: as the caller says; the reference ends with this call.
    let sched = unsafe { &mut (*isolate::of(block)).sched };
    let Some(b) = sched.bubbles.get(id) else { return };
    if more {
        b.active += 1;
        return;
    }
    b.active -= 1;
    if let Some(g) = b.whom_to_wake() {
        sched.put(g);
    }
}
