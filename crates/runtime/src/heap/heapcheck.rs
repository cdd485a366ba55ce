//! The heap checker: verifies the invariants that the other files rely on. It is for tests and reads the whole heap.

use crate::heap::malloc::Heap;
use crate::heap::mbitmap::{gc_mask, mask_bits};
use crate::heap::msize::{MALLOC_HEADER_SIZE, PAGE_SHIFT};
use crate::heap::mspan::{NONE, Scan, Span, SpanState};
use itab_abi::types::Type;
use std::collections::BTreeSet;

impl Heap {
    /// Verifies the page tables, the free lists, the runs, and that every pointer in an allocated object leads to
    /// another one or out of the heap.
    ///
    /// # Panics
    /// With a description of what is wrong.
    pub fn check_heap(&mut self) {
        self.check_pages();
        self.check_runs();
        self.check_pointers();
    }

    fn check_pages(&self) {
        let listed: BTreeSet<(u32, u32)> = self.pages.free_runs().collect();
        let (mut page, mut in_use, mut dirty, mut free_before) = (0, 0, 0, false);
        let mut found = BTreeSet::new();
        while page < self.pages.frontier() {
            let span = self.pages.span(page);
            let n = span.npages;
            assert!(n > 0 && page + n <= self.pages.frontier(), "page {page}: run of {n} pages");
            assert_eq!(span.first, page, "page {page} begins a run");
            if span.state == SpanState::InUse {
                self.check_span(page);
                in_use += n as usize;
            } else {
                assert!(!free_before, "page {page}: neighbouring free runs");
                assert_eq!(self.pages.span(page + n - 1).first, page, "page {page}: end of free run");
                assert!((page..page + n).all(|p| self.pages.span(p).nelems == 0), "page {page}: objects in a free run");
                assert!(
                    (page + 1..page + n - 1).all(|p| self.pages.span(p).first == p),
                    "page {page}: inside a free run"
                );
                found.insert((page, n));
            }
            free_before = span.state == SpanState::Free;
            dirty += (page..page + n).filter(|&p| self.pages.span(p).dirty).count();
            page += n;
        }
        assert_eq!(found, listed, "free runs and lists differ");
        assert_eq!(in_use, self.pages.in_use(), "pages in use");
        assert_eq!(dirty, self.pages.dirty(), "dirty pages");
    }

    fn check_span(&self, page: u32) {
        let span = self.pages.span(page);
        let bytes = (span.npages as usize) << PAGE_SHIFT;
        assert!(span.nelems > 0 && span.nelems as usize * span.elem_size as usize <= bytes, "page {page}: objects");
        assert!((page..page + span.npages).all(|p| self.pages.span(p).first == page && self.pages.span(p).dirty));
        assert!((page + 1..page + span.npages).all(|p| self.pages.span(p).nelems == 0));
        for i in 0..span.words() * 64 {
            assert!(!span.is_marked(i), "page {page}: object {i} is marked outside of a collection");
            assert!(i < span.nelems as usize || !span.is_alloc(i), "page {page}: object {i} past the end");
        }
        assert_eq!(span.mask != 0, span.scan == Scan::Mask, "page {page}: mask");
    }

    fn check_runs(&mut self) {
        for id in 0..self.cache.allocs.len() as u32 {
            let (start, end) = self.run_rest(id);
            let class = self.cache.allocs[id as usize].class;
            if start < end {
                let page = self.current_span(id);
                let span = self.pages.span(page);
                assert_eq!(span.alloc_id, id, "allocator {id}: run in another one's span");
                assert!((start..end).all(|i| span.is_alloc(i)), "allocator {id}: run in free objects");
                let words = (end - start) * class.elem_size as usize / 8;
                // SAFETY: the run lies in the span.
                let zero = (0..words).all(|w| unsafe {
                    self.pages.page_addr(page).add(start * class.elem_size as usize).cast::<u64>().add(w).read() == 0
                });
                assert!(zero, "allocator {id}: run is not zero");
            }
            let mut page = self.cache.allocs[id as usize].partial.0;
            while page != NONE {
                let span = self.pages.span(page);
                assert!(span.state == SpanState::InUse && span.alloc_id == id, "allocator {id}: list of spans");
                assert!(span.next_free_run(0).is_some(), "allocator {id}: full span in the list");
                page = span.next;
            }
        }
    }

    fn check_pointers(&mut self) {
        for (object, slot, to) in self.pointers(|span, i| span.is_alloc(i)) {
            if let Some((page, i)) = self.pages.find(to) {
                let span = self.pages.span(page);
                assert!(span.is_alloc(i), "object {object:#x} points at {slot:#x} to free {to:#x} (page {page}, {i})");
            }
        }
    }

    /// All words that are pointers, in objects that `wanted` selects: address of the object, of the word, and the word.
    pub(crate) fn pointers(&self, wanted: impl Fn(&Span, usize) -> bool) -> Vec<(usize, usize, usize)> {
        let mut out = Vec::new();
        let mut page = 0;
        while page < self.pages.frontier() {
            let span = self.pages.span(page);
            if span.state == SpanState::InUse && span.scan != Scan::None {
                for i in (0..span.nelems as usize).filter(|&i| wanted(span, i)) {
                    self.object_pointers(page, i, &mut out);
                }
            }
            page += span.npages;
        }
        out
    }

    fn object_pointers(&self, page: u32, i: usize, out: &mut Vec<(usize, usize, usize)>) {
        let span = self.pages.span(page);
        let object = self.pages.page_addr(page) as usize + i * span.elem_size as usize;
        self.pointer_slots(page, i, |p| {
            // SAFETY: a word of an object.
            let word = unsafe { *p };
            if word != 0 {
                out.push((object, p as usize, word));
            }
        });
    }

    /// For each word of the object that `p` points to or into, up to the last that may be a pointer, whether it may.
    pub(crate) fn pointer_mask(&mut self, p: *const u8) -> Option<Vec<u8>> {
        let object = self.find_object(p)?;
        let (page, i) = self.pages.find(p as usize)?;
        let mut mask = Vec::new();
        self.pointer_slots(page, i, |slot| {
            let word = (slot as usize - object.base as usize) / 8;
            mask.resize(mask.len().max(word + 1), 0);
            mask[word] = 1;
        });
        Some(mask)
    }

    /// The words of an object that may be pointers.
    fn pointer_slots(&self, page: u32, i: usize, mut word: impl FnMut(*const usize)) {
        let span = self.pages.span(page);
        // SAFETY: object `i` of a span in use, scanned as its kind says; a header is null or a descriptor.
        unsafe {
            let object = self.pages.page_addr(page).add(i * span.elem_size as usize);
            let (base, typ, bytes): (*mut u8, *const Type, usize) = match span.scan {
                Scan::None => return,
                Scan::Mask => {
                    (0..64).filter(|k| span.mask >> k & 1 != 0).for_each(|k| word(object.cast::<usize>().add(k)));
                    return;
                }
                Scan::Own => {
                    let mask = object.cast::<u64>().read();
                    (0..64).filter(|k| mask >> k & 1 != 0).for_each(|k| word(object.cast::<usize>().add(k + 1)));
                    return;
                }
                Scan::Header => {
                    let typ = object.cast::<*const Type>().read();
                    (object.add(MALLOC_HEADER_SIZE), typ, span.elem_size as usize - MALLOC_HEADER_SIZE)
                }
                Scan::Large => (object, span.typ, span.bytes),
            };
            if typ.is_null() {
                return;
            }
            let mask = gc_mask(typ);
            for element in 0..bytes / (*typ).size {
                let first = base.add(element * (*typ).size).cast::<usize>();
                (0..(*typ).ptr_bytes / 8).filter(|&k| mask_bits(mask, k, 1) != 0).for_each(|k| word(first.add(k)));
            }
        }
    }
}
