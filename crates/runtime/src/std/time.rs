//! `time`: clocks, sleeping and timers.

use crate::sched::hchan::Hchan;
use crate::sched::hchan::TimeTimer;
use crate::sched::isolate::{self, getg};
use crate::sched::time::bubble_now;
use crate::sched::time::{new_timer, now_of, reset_timer, set, sleep, stop_timer};
use crate::std::native::natives;
use itab_abi::block::IsolateBlock;
use itab_abi::iface::Eface;
use itab_abi::value::FuncVal;

natives! {
    /// `func Sleep(d Duration)`
    "time.Sleep" = fn time_sleep(block, d: i64) {
        // SAFETY: called on a goroutine's stack; nothing here needs dropping.
        unsafe { sleep(block, d) }
    }
    /// `func now() (sec int64, nsec int32, mono int64)`
    "time.now" = fn time_now(block) -> (i64, i32, i64) {
        // SAFETY: the block is the running isolate's.
        unsafe { now(block) }
    }
    /// `func runtimeNow() (sec int64, nsec int32, mono int64)`
    "time.runtimeNow" = fn time_runtime_now(block) -> (i64, i32, i64) {
        // SAFETY: the block is the running isolate's.
        unsafe {
            match bubble_now(block) {
                None => now(block),
                Some(now) => (now / 1_000_000_000, (now % 1_000_000_000) as i32, 0),
            }
        }
    }
    /// `func runtimeNano() int64`
    "time.runtimeNano" = fn time_runtime_nano(block) -> i64 {
        // SAFETY: the block is the running isolate's.
        unsafe { now_of(block) }
    }
    /// `func nanotime() int64`; `cputicks` may be any clock that counts fast.
    "runtime.nanotime" | "internal/sync.runtime_nanotime" | "crypto/internal/fips140deps/time.monoTime"
    | "runtime.cputicks" = fn runtime_nanotime(block) -> i64 {
        // SAFETY: the block is the running isolate's.
        unsafe { (*isolate::of(block)).gateway.nanotime() }
    }
    /// `func runtimeIsBubbled() bool`
    "time.runtimeIsBubbled" = fn time_is_bubbled(block) -> bool {
        // SAFETY: the block's goroutine runs.
        unsafe { (*getg(block)).bubble != 0 }
    }
    /// `func newTimer(when, period int64, f func(any, uintptr, int64), arg any, cp unsafe.Pointer) *Timer`; `cp` is the
    /// timer's channel or nil.
    "time.newTimer" = fn time_new_timer(
        block,
        when: i64,
        period: i64,
        f: *const FuncVal,
        arg: Eface,
        cp: *mut Hchan
    ) -> *mut TimeTimer {
        // SAFETY: called on a goroutine's stack with values of package time; nothing here needs dropping.
        unsafe {
            let t = new_timer(block, f, arg, cp, period);
            set(block, t, when);
            t
        }
    }
    /// `func stopTimer(*Timer) bool`
    "time.stopTimer" = fn time_stop_timer(block, t: *mut TimeTimer) -> bool {
        // SAFETY: `newTimer` made it.
        unsafe { stop_timer(block, t) }
    }
    /// `func resetTimer(t *Timer, when, period int64) bool`
    "time.resetTimer" = fn time_reset_timer(block, t: *mut TimeTimer, when: i64, period: i64) -> bool {
        // SAFETY: `newTimer` made it.
        unsafe {
            let was = reset_timer(block, t, period);
            set(block, t, when);
            was
        }
    }
}

/// # Safety
/// `block` belongs to the isolate that runs on this thread.
unsafe fn now(block: *mut IsolateBlock) -> (i64, i32, i64) {
    // SAFETY: as the caller says.
    let gateway = unsafe { &mut (*isolate::of(block)).gateway };
    let (seconds, nanos) = gateway.walltime();
    (seconds, nanos, gateway.nanotime())
}
