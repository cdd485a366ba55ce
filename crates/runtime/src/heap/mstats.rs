//! Statistics, under the names of Go's `runtime.MemStats`.

use crate::heap::malloc::Heap;
use crate::heap::msize::PAGE_SHIFT;
use itab_abi::shared::MemStats;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the heap counts. Objects of a run count as allocated when the run is found; the rest of a run is taken off when
/// it ends or is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    mallocs: u64,
    frees: u64,
    total_bytes: u64,
    alloc_bytes: usize,
    num_gc: u32,
    pub forced: u32,
    pause_total: Duration,
    last_pause: Duration,
    last_gc: u64,
    pub stress_time: Duration,
}

impl Counters {
    #[inline]
    pub fn allocated(&mut self, objects: usize, bytes: usize) {
        self.mallocs += objects as u64;
        self.total_bytes += bytes as u64;
        self.alloc_bytes += bytes;
    }

    pub fn unallocated(&mut self, objects: usize, bytes: usize) {
        self.mallocs -= objects as u64;
        self.total_bytes -= bytes as u64;
        self.alloc_bytes = self.alloc_bytes.saturating_sub(bytes);
    }

    pub fn live_objects(&self) -> u64 {
        self.mallocs - self.frees
    }

    pub fn swept(&mut self, live_objects: u64, live_bytes: usize) {
        self.frees = self.mallocs.saturating_sub(live_objects);
        self.alloc_bytes = live_bytes;
    }

    pub fn collected(&mut self, pause: Duration) {
        self.num_gc += 1;
        self.last_pause = pause;
        self.pause_total += pause;
        self.last_gc = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
    }
}

impl Heap {
    /// How many collections there have been.
    pub fn collections(&self) -> u32 {
        self.counters.num_gc
    }

    /// Statistics, exact to the object.
    pub fn mem_stats(&mut self) -> MemStats {
        let (mut rest, mut rest_bytes) = (0, 0);
        for id in 0..self.cache.allocs.len() as u32 {
            let (start, end) = self.run_rest(id);
            rest += end - start;
            rest_bytes += (end - start) * self.cache.allocs[id as usize].class.elem_size as usize;
        }
        let c = &self.counters;
        let pages = |n: usize| (n << PAGE_SHIFT) as u64;
        let frontier = self.pages.frontier() as usize;
        let gc_sys = (frontier * size_of::<crate::heap::mspan::Span>()) as u64;
        MemStats {
            heap_alloc: (c.alloc_bytes - rest_bytes) as u64,
            total_alloc: c.total_bytes - rest_bytes as u64,
            sys: pages(self.pages.dirty()) + gc_sys,
            mallocs: c.mallocs - rest as u64,
            frees: c.frees,
            heap_sys: pages(frontier),
            heap_idle: pages(frontier - self.pages.in_use()),
            heap_inuse: pages(self.pages.in_use()),
            heap_released: pages(frontier - self.pages.dirty()),
            heap_objects: c.live_objects() - rest as u64,
            gc_sys,
            next_gc: self.pacer.goal() as u64,
            last_gc: c.last_gc,
            pause_total_ns: c.pause_total.as_nanos() as u64,
            last_pause_ns: c.last_pause.as_nanos() as u64,
            num_gc: c.num_gc,
            num_forced_gc: c.forced,
        }
    }
}
