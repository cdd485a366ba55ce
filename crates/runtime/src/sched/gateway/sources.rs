//! Time and random numbers that the host injects.
//!
//! With both, what a program does depends on its input alone: goroutines are then not preempted by the clock of the
//! system either, so the scheduler switches where they wait or call `runtime.Gosched`.

use std::time::{Duration, SystemTime};

/// A clock in place of the system's: for `time.Now`, timers and `time.Sleep`.
///
/// Deadlines that the host sets, and what waits for other threads, go by the system's clock.
pub trait Clock: Send {
    /// The time of day.
    fn now(&mut self) -> SystemTime;

    /// Time since some moment; it never goes back.
    fn monotonic(&mut self) -> Duration;

    /// Nothing can run before [`Clock::monotonic`] is `until`. A clock of simulated time goes on to it at once; one that
    /// the host moves does nothing, and is asked again within a millisecond. It must not wait here itself, as nothing can
    /// stop the isolate meanwhile.
    fn idle(&mut self, until: Duration);
}

/// A source of random bytes in place of the system's: for `crypto/rand`, `math/rand`, the order of maps and of `select`.
pub trait Random: Send {
    /// Fills a buffer.
    fn fill(&mut self, into: &mut [u8]);
}

impl<F: FnMut(&mut [u8]) + Send> Random for F {
    fn fill(&mut self, into: &mut [u8]) {
        self(into);
    }
}
