//! Pacing: when the next collection is due.
//!
//! As in Go, the heap may grow by `GOGC` percent of what the last collection left alive, and at least to 4 MB *
//! GOGC/100. Every slow path compares what allocators have been handed since the last collection with the goal. A soft
//! memory limit lowers the goal, but it never lowers the goal below the live heap plus a sixteenth of it.

/// Goal of a heap with nothing alive, at `GOGC=100`.
const MIN_HEAP: usize = 4 << 20;
/// What may be handed out in any case, in bytes.
const MIN_ALLOWANCE: usize = 16 << 10;

/// The pacer.
#[derive(Clone, Debug)]
pub(crate) struct Pacer {
    /// Percent; negative: off.
    gogc: i32,
    /// Soft limit of the heap in bytes.
    soft_limit: usize,
    /// Bytes alive after the last collection.
    pub live: usize,
    /// Bytes handed to allocators since.
    pub handed_out: usize,
    /// What `handed_out` may reach.
    allowance: usize,
}

impl Pacer {
    pub fn new(gogc: i32) -> Pacer {
        let mut pacer = Pacer { gogc, soft_limit: usize::MAX, live: 0, handed_out: 0, allowance: 0 };
        pacer.collected(0);
        pacer
    }

    /// Whether it is time to collect.
    #[inline]
    pub fn is_due(&self) -> bool {
        self.handed_out >= self.allowance
    }

    /// A collection left `live` bytes.
    pub fn collected(&mut self, live: usize) {
        self.live = live;
        self.handed_out = 0;
        self.allowance = self.allow();
    }

    /// Sets the percentage; returns the previous one.
    pub fn set_gogc(&mut self, gogc: i32) -> i32 {
        let was = std::mem::replace(&mut self.gogc, gogc);
        self.allowance = self.allow();
        was
    }

    /// Sets the soft limit; returns the previous one.
    pub fn set_soft_limit(&mut self, bytes: usize) -> usize {
        let was = std::mem::replace(&mut self.soft_limit, bytes);
        self.allowance = self.allow();
        was
    }

    /// The soft limit.
    pub fn soft_limit(&self) -> usize {
        self.soft_limit
    }

    fn allow(&self) -> usize {
        (self.goal() - self.live).max(MIN_ALLOWANCE)
    }

    /// Heap size at which the next collection is due.
    pub fn goal(&self) -> usize {
        let mut goal = usize::MAX;
        if self.gogc >= 0 {
            let percent = self.gogc as usize;
            let grown = self.live.saturating_add((self.live / 100).saturating_mul(percent));
            goal = grown.max(MIN_HEAP / 100 * percent);
        }
        let least = self.live + self.live / 16 + (64 << 10);
        goal.min(self.soft_limit).max(least.min(goal)).max(self.live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals() {
        let mut p = Pacer::new(100);
        assert_eq!(p.goal(), MIN_HEAP / 100 * 100);
        p.collected(10 << 20);
        assert!(p.goal().abs_diff(20 << 20) < 200);
        p.set_gogc(50);
        assert!(p.goal().abs_diff(15 << 20) < 200);
        p.set_soft_limit(12 << 20);
        assert_eq!(p.goal(), 12 << 20);
        p.set_gogc(-1);
        assert_eq!(p.goal(), 12 << 20);
        p.set_soft_limit(usize::MAX);
        assert_eq!(p.goal(), usize::MAX);
        assert!(!p.is_due());
    }
}
