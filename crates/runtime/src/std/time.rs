//! `time`: clocks, sleeping and timers.

use crate::sched::clock::{nanotime, walltime};
use crate::sched::hchan::Hchan;
use crate::sched::hchan::TimeTimer;
use crate::sched::isolate::getg;
use crate::sched::time::bubble_now;
use crate::sched::time::{new_timer, now_of, reset_timer, set, sleep, stop_timer};
use crate::std::native_table::native_table;
use itab_abi::iface::Eface;
use itab_abi::value::FuncVal;

native_table! {
    "time.Sleep" = fn time_sleep(block, args, results) {
        sleep(block, *args as i64);
    }
    "time.now" = fn time_now(block, args, results) { now(results) }
    "time.runtimeNow" = fn time_runtime_now(block, args, results) {
        match bubble_now(block) {
            None => now(results),
            Some(now) => {
                let (seconds, nanos) = (now / 1_000_000_000, now % 1_000_000_000);
                results.cast::<[u64; 3]>().write([seconds as u64, nanos as u64, 0]);
            }
        }
    }
    "time.runtimeNano" = fn time_runtime_nano(block, args, results) {
        *results = now_of(block) as u64;
    }
    "runtime.nanotime" = fn runtime_nanotime(block, args, results) {
        *results = nanotime() as u64;
    }
    "time.runtimeIsBubbled" = fn time_is_bubbled(block, args, results) {
        *results = u64::from((*getg(block)).bubble != 0);
    }
    "time.newTimer" = fn time_new_timer(block, args, results) {
        // when, period, f, arg (two words), channel
        let [when, period, f, typ, data, chan] = *args.cast::<[u64; 6]>();
        let arg = Eface { typ: typ as *const _, data: data as *mut _ };
        let t = new_timer(block, f as *const FuncVal, arg, chan as *mut Hchan, period as i64);
        *results = t as u64;
        set(block, t, when as i64);
    }
    "time.stopTimer" = fn time_stop_timer(block, args, results) {
        *results = u64::from(stop_timer(block, *args as *mut TimeTimer));
    }
    "time.resetTimer" = fn time_reset_timer(block, args, results) {
        let t = *args as *mut TimeTimer;
        *results = u64::from(reset_timer(block, t, *args.add(2) as i64));
        set(block, t, *args.add(1) as i64);
    }
}

/// The time of the two clocks.
///
/// # Safety
/// `results` has room for three words.
unsafe fn now(results: *mut u64) {
    let (seconds, nanos) = walltime();
    // SAFETY: as the caller says.
    unsafe { results.cast::<[u64; 3]>().write([seconds as u64, nanos as u64, nanotime() as u64]) };
}
