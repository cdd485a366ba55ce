//! The clocks of the system.

use std::time::{Duration, SystemTime};

/// Nanoseconds of a clock that only goes forwards; never 0.
pub fn nanotime() -> i64 {
    let (seconds, nanos) = clock(libc::CLOCK_MONOTONIC);
    seconds * 1_000_000_000 + i64::from(nanos)
}

/// Time that a clock of processor time shows; none if its thread is gone.
pub(crate) fn processor_time(id: libc::clockid_t) -> Option<Duration> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is valid; the kernel knows which clocks there are.
    let done = unsafe { libc::clock_gettime(id, &mut now) };
    (done == 0).then(|| Duration::new(now.tv_sec as u64, now.tv_nsec as u32))
}

/// The time of day as seconds and nanoseconds since 1970.
pub(crate) fn since_1970(time: SystemTime) -> (i64, i32) {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => (after.as_secs() as i64, after.subsec_nanos() as i32),
        Err(e) => {
            let before = e.duration();
            let part = i64::from(before.subsec_nanos());
            let seconds = -(before.as_secs() as i64) - i64::from(part > 0);
            (seconds, if part > 0 { (1_000_000_000 - part) as i32 } else { 0 })
        }
    }
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
