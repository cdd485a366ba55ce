//! Sweeping: what is not marked becomes free.
//!
//! After marking, the mark bits of each span become its `alloc` bits, spans without a live object give their pages
//! back, and the others with free objects are listed with their allocators. The memory itself is not touched: an
//! allocator zeroes a run of free objects when it starts to use it. So sweeping costs only the work on the entries, a
//! few words per page.

use crate::heap::malloc::Heap;
use crate::heap::mspan::SpanState;

/// What freed objects are overwritten with under `clobberfree`.
pub const CLOBBER: u64 = 0xdead_beef_dead_beef;

impl Heap {
    /// Turns mark bits into `alloc` bits. Returns the number and bytes of live objects.
    pub(crate) fn sweep(&mut self) -> (usize, usize) {
        let (mut objects, mut bytes) = (0, 0);
        let mut page = 0;
        while page < self.pages.frontier() {
            let npages = self.pages.span(page).npages;
            let mut next = page + npages;
            if self.pages.span(page).state == SpanState::InUse {
                if self.debug.clobberfree {
                    self.clobber(page);
                }
                let live = self.sweep_span(page);
                let span = self.pages.span(page);
                let (nelems, size) = (span.nelems as usize, span.elem_size as usize);
                objects += live;
                bytes += live * if size == 0 { (npages as usize) << crate::heap::msize::PAGE_SHIFT } else { size };
                if live == 0 {
                    // The run after it is about to be merged: its entry will not be one of a run's beginning.
                    if next < self.pages.frontier() && self.pages.span(next).state == SpanState::Free {
                        next += self.pages.span(next).npages;
                    }
                    self.pages.free_span(page);
                } else if live < nelems {
                    self.push_partial(page);
                }
            }
            page = next;
        }
        (objects, bytes)
    }

    fn sweep_span(&mut self, page: u32) -> usize {
        let span = self.pages.span_mut(page);
        let words = span.words();
        let mut live = 0;
        for w in 0..words {
            let marks = std::mem::take(&mut span.mark[w]);
            span.alloc[w] = marks;
            live += marks.count_ones() as usize;
        }
        span.needzero = true;
        debug_assert!(live <= span.nelems as usize);
        live
    }

    /// Overwrites the objects of a span that are about to be freed.
    fn clobber(&mut self, page: u32) {
        let span = self.pages.span(page);
        let base = self.pages.page_addr(page).cast::<u64>();
        for i in (0..span.nelems as usize).filter(|&i| span.is_alloc(i) && !span.is_marked(i)) {
            let words = if span.elem_size == 0 { span.bytes / 8 } else { span.elem_size as usize / 8 };
            for w in 0..words {
                // A header must not become a type or mask that is none.
                let value = if span.scan.header() != 0 && w == 0 { 0 } else { CLOBBER };
                // SAFETY: the object lies in the span's pages, and nothing reaches it any more.
                unsafe { base.add(i * words + w).write(value) };
            }
        }
    }
}
