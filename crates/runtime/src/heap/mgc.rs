//! A collection, from beginning to end.
//!
//! Non-moving mark and sweep of one isolate's heap, while nothing of the isolate runs:
//!
//! 1. end the allocators' runs, so that `alloc` bits say exactly what is allocated;
//! 2. mark from the roots: what the isolate reports ([`Roots`]), the host's handles, queued finalizers and cleanups,
//!    and everything that objects with finalizers point to;
//! 3. find dead objects with finalizers, cleanups, weak pointers or host values, and queue the functions to run for
//!    them;
//! 4. sweep: mark bits become `alloc` bits, empty spans free pages;
//! 5. set the goal for the next one, and give memory that will not be needed soon back to the kernel.
//!
//! A collection happens in a slow path of allocation, or on request.

use crate::heap::malloc::Heap;
use crate::heap::mgcmark::Marker;
use crate::heap::mgcroots::{Roots, callee_saved_registers, stack_pointer};
use crate::heap::msize::PAGE_SIZE;
use std::time::Instant;

/// Entries of the mark stack that are kept from one collection to the next.
const KEPT_STACK: usize = 4096;
/// How often in a row a collection forced by the limit may come after less than a 64th of the limit was handed out.
const STARVED: u32 = 8;

impl Heap {
    /// Collects now, from `roots`.
    pub fn collect(&mut self, roots: &mut dyn Roots) {
        self.counters.forced += 1;
        self.gc(roots);
    }

    /// Collects now, from the roots that were set. `false`: there are none, or collections are inhibited.
    ///
    /// The collector's own frames hold no pointers of the program, but what earlier calls have left there: the stack is
    /// shown from here on.
    #[inline(never)]
    pub fn collect_now(&mut self) -> bool {
        let Some(mut roots) = self.roots.filter(|_| self.no_gc == 0) else { return false };
        // SAFETY: `set_roots` promises that the roots are valid and not borrowed now.
        let roots = unsafe { roots.as_mut() };
        roots.begin(stack_pointer(), callee_saved_registers());
        self.gc(roots);
        true
    }

    /// Whether enough has been allocated for a collection.
    pub fn needs_collect(&self) -> bool {
        self.pacer.is_due()
    }

    /// Keeps allocation from collecting until as many calls of [`Heap::permit`]: for when roots are incomplete.
    pub fn inhibit(&mut self) {
        self.no_gc += 1;
    }

    /// Whether allocation is kept from collecting.
    pub(crate) fn is_inhibited(&self) -> bool {
        self.no_gc > 0
    }

    /// Ends one [`Heap::inhibit`].
    pub fn permit(&mut self) {
        self.no_gc -= 1;
    }

    /// `debug.SetGCPercent`: returns the previous value.
    pub fn set_gogc(&mut self, percent: i32) -> i32 {
        self.pacer.set_gogc(percent)
    }

    /// `debug.SetMemoryLimit`, which only makes collections more frequent: returns the previous value.
    pub fn set_soft_limit(&mut self, bytes: usize) -> usize {
        self.pacer.set_soft_limit(bytes)
    }

    /// The soft limit.
    pub fn soft_limit(&self) -> usize {
        self.pacer.soft_limit()
    }

    /// Counts `bytes` of memory outside of the heap (stacks, descriptors, late code) against the hard limit.
    pub fn charge(&mut self, bytes: usize) -> Result<(), crate::heap::malloc::OutOfMemory> {
        let fits = self.pages.make_room(bytes) || self.collect_for_room(bytes) && self.pages.make_room(bytes);
        if !fits {
            return Err(crate::heap::malloc::OutOfMemory { requested: bytes, limit: self.pages.limit });
        }
        self.pages.external += bytes;
        Ok(())
    }

    /// Ends a [`Heap::charge`].
    pub fn uncharge(&mut self, bytes: usize) {
        self.pages.external = self.pages.external.saturating_sub(bytes);
    }

    /// At a slow path: collects if the pacer or `gcstress` wants it.
    #[cold]
    pub(crate) fn collect_if_due(&mut self) {
        let every = self.debug.stress_every;
        if every == 0 || !self.slow_paths.is_multiple_of(every) {
            if self.pacer.is_due() {
                self.collect_now();
            }
            return;
        }
        let start = Instant::now();
        self.collect_now();
        let budget = self.debug.stress_budget;
        self.counters.stress_time += start.elapsed();
        if !budget.is_zero() && self.counters.stress_time > budget {
            self.counters.stress_time = std::time::Duration::ZERO;
            self.debug.stress_every = every.saturating_mul(2);
        }
    }

    /// The limit is reached: collects. Whether it is worth trying the allocation of `bytes` again: what is alive leaves
    /// room for it and for some more, and collections have not become so frequent that the program would stand still.
    #[cold]
    pub(crate) fn collect_for_room(&mut self, bytes: usize) -> bool {
        let little = self.pages.limit / 64;
        self.starved = if self.pacer.handed_out < little { self.starved + 1 } else { 0 };
        if self.starved > STARVED || !self.collect_now() {
            return false;
        }
        let used = self.pacer.live.saturating_add(self.pages.external);
        used.saturating_add(bytes.max(little)) <= self.pages.limit
    }

    #[inline(never)]
    fn gc(&mut self, roots: &mut dyn Roots) {
        let start = Instant::now();
        self.no_gc += 1;
        self.flush_runs();
        let stack = std::mem::take(&mut self.mark_stack);
        let mut marker = Marker::new(&mut self.pages, stack);
        self.table.scan(&mut marker);
        self.specials.scan(&mut marker);
        roots.scan(&mut marker);
        marker.drain();
        self.specials.find_dead(&mut marker);
        marker.drain();
        let mut stack = marker.into_stack();
        if stack.capacity() > KEPT_STACK {
            stack = Vec::new();
        }
        self.mark_stack = stack;
        if self.debug.gccheck {
            self.check_marks();
        }
        let (objects, bytes) = self.sweep();
        self.counters.swept(objects as u64, bytes);
        self.pacer.collected(bytes);
        self.trim(start);
        self.no_gc -= 1;
        self.counters.collected(start.elapsed());
    }

    /// Gives back pages beyond what the heap may use until the next collection, or might have used lately: what is given
    /// back has to be faulted in again. The memory of the largest goal halves every half second.
    fn trim(&mut self, now: Instant) {
        let passed = self.last_gc.map_or(0.0, |last| now.duration_since(last).as_secs_f64());
        self.last_gc = Some(now);
        let remembered = self.recent_goal as f64 * (-2.0 * passed).exp2();
        self.recent_goal = self.pacer.goal().max(remembered as usize);
        let room = self.recent_goal.saturating_sub(self.pacer.live) / PAGE_SIZE;
        self.pages.scavenge(room + room / 8 + 32);
    }

    /// Gives all free pages back to the kernel: for an isolate that will be idle.
    pub fn scavenge(&mut self) {
        self.pages.scavenge(0);
    }
}
