//! Limits of an isolate other than memory and stacks: goroutines, processor time, time for each call of the host.
//!
//! Processor time is that of the thread while it runs the isolate, from when the host calls until it has its answer. The
//! watchdog compares it ([`crate::sched::control`]), so what exceeds a limit is stopped within some hundredths of a second.

use crate::sched::control::{Control, CpuWatch};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the host sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The most goroutines at a time, that of the host's call included.
    pub goroutines: Option<usize>,
    /// Processor time of the isolate's whole life.
    pub cpu: Option<Duration>,
    /// The longest that a call of the host takes, what it waits included.
    pub call: Option<Duration>,
}

/// Limits, and what was used of them.
#[derive(Debug, Default)]
pub struct Meter {
    /// What the host has set.
    pub limits: Limits,
    cpu_used: Duration,
}

/// A call of the host that is being measured.
pub(super) struct Measured {
    cpu_start: Duration,
    outer_deadline: Option<Instant>,
}

impl Meter {
    pub(super) fn new(limits: Limits) -> Meter {
        Meter { limits, cpu_used: Duration::ZERO }
    }

    /// Whether calls of the host are measured.
    pub(super) fn measures(&self) -> bool {
        self.limits.cpu.is_some() || self.limits.call.is_some()
    }

    /// The host calls; none if nothing is measured.
    pub(super) fn begin(&self, control: &Arc<Control>) -> Option<Measured> {
        if !self.measures() {
            return None;
        }
        let outer_deadline = control.call_deadline();
        if let Some(most) = self.limits.call {
            control.set_call_deadline(Some(sooner(outer_deadline, Instant::now() + most)));
        }
        let cpu_start = thread_cpu();
        if let Some(most) = self.limits.cpu {
            let until = cpu_start + most.saturating_sub(self.cpu_used);
            control.watch_cpu(Some(CpuWatch::of_this_thread(until)));
        }
        Some(Measured { cpu_start, outer_deadline })
    }

    /// The host has its answer.
    pub(super) fn end(&mut self, control: &Arc<Control>, measured: Option<Measured>) {
        let Some(measured) = measured else { return };
        if self.limits.call.is_some() {
            control.set_call_deadline(measured.outer_deadline);
        }
        if self.limits.cpu.is_some() {
            control.watch_cpu(None);
            self.cpu_used += thread_cpu().saturating_sub(measured.cpu_start);
        }
    }
}

/// The earlier of two deadlines.
pub fn sooner(one: Option<Instant>, other: Instant) -> Instant {
    one.map_or(other, |one| one.min(other))
}

/// Processor time of the running thread.
fn thread_cpu() -> Duration {
    crate::sched::clock::processor_time(libc::CLOCK_THREAD_CPUTIME_ID).unwrap_or_default()
}
