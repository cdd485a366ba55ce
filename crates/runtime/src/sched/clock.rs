//! The clocks of the system.

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
