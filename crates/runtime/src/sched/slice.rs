//! Time slices: how long goroutines run before a host that polls gets its thread back.

use crate::sched::clock::nanotime;
use std::time::Duration;

/// How long the goroutines of an isolate may run before the host gets its turn.
pub(crate) struct Slice {
    /// By [`nanotime`].
    end: i64,
    over: bool,
}

impl Slice {
    /// One that begins now.
    pub(super) fn new(length: Duration) -> Slice {
        Slice { end: nanotime().saturating_add(length.as_nanos().min(i64::MAX as u128) as i64), over: false }
    }

    /// When it is over, by [`nanotime`].
    pub(super) fn end(&self) -> i64 {
        self.end
    }

    /// Whether it is over now.
    pub(crate) fn ends(&mut self) -> bool {
        self.over |= nanotime() >= self.end;
        self.over
    }

    /// Whether it was seen to be over.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }
}
