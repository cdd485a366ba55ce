//! Marking: finds every object that can be reached.
//!
//! An object is white (its mark bit is clear), grey (marked and on the work stack) or black (marked and scanned).
//! Nothing of the isolate runs during a collection, so no black object points to a white one at its end, without any
//! barrier.
//!
//! The object of a pointer is found through the page's [`Span`] entry: subtract, shift, multiply. A pointer into an
//! object keeps the whole object alive. Words that are not pointers into the heap are ignored. So are pointers to free
//! objects in words of roots, because a word of a stack may hold a stale value.
//!
//! The work stack is explicit. Pointers found in small objects pass through a ring before they are followed. What they
//! refer to (entry, mark bits, the object itself) is prefetched when they enter the ring, so that it is in the cache
//! when they leave. When the ring is full, the rest of an object goes to the work stack.

use crate::heap::malloc::Heap;
use crate::heap::mbitmap::{gc_mask, mask_bits};
use crate::heap::mheap::PageHeap;
use crate::heap::msize::{MALLOC_HEADER_SIZE, PAGE_SHIFT, PAGE_SIZE};
use crate::heap::mspan::{Scan, Span};
use itab_abi::types::Type;
use std::marker::PhantomData;

/// Bytes of a large object that are scanned at a time.
const CHUNK: usize = 16 << 10;
/// Pointers between prefetch and use, at most.
const RING: usize = 128;
/// Pointers in the ring below which more are put there from the work stack.
const RING_LOW: usize = 32;

/// An object to scan, or the rest of a large one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    /// Offset from the start of the pages.
    off: usize,
    /// Its pointer words; 0: see its span.
    mask: u64,
}

/// The pointers under way, as offsets from the start of the pages.
struct Ring {
    offs: [usize; RING],
    head: usize,
    len: usize,
}

/// The state of a collection, to which roots are shown.
pub struct Marker<'h> {
    heap: *mut u8,
    used: usize,
    spans: *mut Span,
    work: Vec<Work>,
    _heap: PhantomData<&'h mut PageHeap>,
}

impl<'h> Marker<'h> {
    pub(crate) fn new(pages: &'h mut PageHeap, mut work: Vec<Work>) -> Marker<'h> {
        work.clear();
        Marker { heap: pages.base(), used: pages.used_bytes(), spans: pages.spans_ptr(), work, _heap: PhantomData }
    }

    pub(crate) fn into_stack(self) -> Vec<Work> {
        self.work
    }

    /// Keeps alive the object that `p` points to or into, if there is one.
    #[inline]
    pub fn pointer(&mut self, p: *const u8) {
        self.visit::<true>(p as usize);
    }

    /// Scans one pointer variable.
    ///
    /// # Safety
    /// `slot` is readable.
    #[inline]
    pub unsafe fn slot<T>(&mut self, slot: *const *const T) {
        // SAFETY: the caller's promise.
        self.visit::<true>(unsafe { slot.cast::<usize>().read() });
    }

    /// Scans all words between `lo` and `hi` for what may be pointers.
    ///
    /// # Safety
    /// The words from `lo` (rounded up) to `hi` are readable.
    pub unsafe fn range(&mut self, lo: *const u8, hi: *const u8) {
        let mut p = (lo as usize).next_multiple_of(8);
        while p + 8 <= hi as usize {
            // SAFETY: in the range. The words may belong to dead frames; volatile keeps the compiler out of it.
            self.visit::<true>(unsafe { core::ptr::with_exposed_provenance::<usize>(p).read_volatile() });
            p += 8;
        }
    }

    /// Scans the words at `base` whose bits are set in `mask`, of `words` bits.
    ///
    /// # Safety
    /// `base` has `words` readable words, `mask` as many bits.
    pub unsafe fn masked(&mut self, base: *const u8, mask: *const u8, words: usize) {
        let mut at = 0;
        while at < words {
            let count = (words - at).min(64);
            // SAFETY: in range of base and mask.
            unsafe {
                let bits = mask_bits(mask, at, count);
                self.words::<true>(base.cast::<usize>().add(at), bits);
            }
            at += count;
        }
    }

    /// Scans a variable of type `typ`.
    ///
    /// # Safety
    /// `p` points to a value of type `typ`.
    pub unsafe fn value(&mut self, p: *const u8, typ: *const Type) {
        // SAFETY: the caller's promise.
        unsafe {
            let words = (*typ).ptr_bytes / 8;
            if words > 0 {
                self.masked(p, gc_mask(typ), words);
            }
        }
    }

    /// Whether the object at `p` is marked. `None`: `p` points to no object.
    pub(crate) fn is_marked(&self, p: usize) -> Option<bool> {
        let (span, i) = self.find(p)?;
        // SAFETY: `find` returns an entry of the table.
        Some(unsafe { (*span).is_marked(i) })
    }

    /// Marks the object at `p` without scanning it.
    pub(crate) fn set_marked(&mut self, p: usize) {
        if let Some((span, i)) = self.find(p) {
            // SAFETY: as above; `i` is less than the span's number of objects.
            unsafe { (&mut (*span).mark)[i / 64] |= 1 << (i % 64) };
        }
    }

    /// Scans the object at `p` without marking it.
    pub(crate) fn scan_unmarked(&mut self, p: usize) {
        if let Some((span, i)) = self.find(p) {
            self.push(span, i);
        }
    }

    #[inline(always)]
    fn find(&self, p: usize) -> Option<(*mut Span, usize)> {
        let off = p.wrapping_sub(self.heap as usize);
        if off >= self.used { None } else { self.find_at(off) }
    }

    /// The span and index of the object at an offset below `used`.
    #[inline(always)]
    fn find_at(&self, off: usize) -> Option<(*mut Span, usize)> {
        // SAFETY: every used page has an entry, and its `first` is a used page.
        unsafe {
            let mut span = self.spans.add(off >> PAGE_SHIFT);
            let within = off - (((*span).first as usize) << PAGE_SHIFT);
            if within >= PAGE_SIZE {
                span = self.spans.add((*span).first as usize);
            }
            let i = ((within as u64 * (*span).mul as u64) >> 32) as usize;
            (i < (*span).nelems as usize).then_some((span, i))
        }
    }

    /// Marks what a word points to. `ROOT`: the word may be anything, so that only allocated objects count.
    #[inline(always)]
    fn visit<const ROOT: bool>(&mut self, p: usize) {
        if let Some((span, i)) = self.find(p) {
            let bit = 1u64 << (i % 64);
            // SAFETY: `find` returned an entry, and `i` is less than its number of objects.
            unsafe {
                if ROOT && (&(*span).alloc)[i / 64] & bit == 0 {
                    return;
                }
                let word = (&raw mut (*span).mark).cast::<u64>().add(i / 64);
                if *word & bit != 0 {
                    return;
                }
                *word |= bit;
            }
            self.push(span, i);
        }
    }

    /// Puts object `i` of a span on the work stack, if it has pointers.
    #[inline(always)]
    fn push(&mut self, span: *mut Span, i: usize) {
        // SAFETY: callers pass an entry of the table and one of its objects.
        if let Some(work) = unsafe { self.work_of(&*span, i) } {
            self.work.push(work);
        }
    }

    /// What there is to scan in object `i` of a span.
    ///
    /// # Safety
    /// The span has such an object.
    #[inline(always)]
    unsafe fn work_of(&self, span: &Span, i: usize) -> Option<Work> {
        let off = ((span.first as usize) << PAGE_SHIFT) + i * span.elem_size as usize;
        match span.scan {
            Scan::None => None,
            Scan::Own => {
                // SAFETY: such an object begins with its mask.
                let mask = unsafe { self.heap.add(off).cast::<u64>().read() };
                (mask != 0).then_some(Work { off: off + MALLOC_HEADER_SIZE, mask })
            }
            Scan::Mask | Scan::Header | Scan::Large => Some(Work { off, mask: span.mask }),
        }
    }

    /// Scans everything on the work stack and what it leads to.
    pub(crate) fn drain(&mut self) {
        let mut ring = Ring { offs: [0; RING], head: 0, len: 0 };
        loop {
            while ring.len < RING_LOW {
                let Some(work) = self.work.pop() else { break };
                self.expand(&mut ring, work);
            }
            if ring.len == 0 {
                return;
            }
            let off = ring.offs[ring.head % RING];
            ring.head += 1;
            ring.len -= 1;
            let Some((span, i)) = self.find_at(off) else { continue };
            let bit = 1u64 << (i % 64);
            // SAFETY: `find_at` returned an entry, and `i` is less than its number of objects.
            let span = unsafe {
                let word = (&raw mut (*span).mark).cast::<u64>().add(i / 64);
                if *word & bit != 0 {
                    continue;
                }
                *word |= bit;
                &*span
            };
            // SAFETY: as above.
            if let Some(work) = unsafe { self.work_of(span, i) } {
                self.expand(&mut ring, work);
            }
        }
    }

    /// Puts an object's pointers into the ring, or what does not fit on the work stack.
    #[inline(always)]
    fn expand(&mut self, ring: &mut Ring, work: Work) {
        if work.mask == 0 {
            self.scan_typed(work.off);
            return;
        }
        let mut bits = work.mask;
        while bits != 0 {
            if ring.len == RING {
                self.work.push(Work { off: work.off, mask: bits });
                return;
            }
            let k = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            // SAFETY: `off` is that of an object in a span with this mask.
            let p = unsafe { *self.heap.add(work.off).cast::<usize>().add(k) };
            let off = p.wrapping_sub(self.heap as usize);
            if off < self.used {
                let entry = self.spans.wrapping_add(off >> PAGE_SHIFT).cast::<u8>();
                prefetch(entry);
                prefetch(entry.wrapping_add(64));
                prefetch(self.heap.wrapping_add(off));
                ring.offs[(ring.head + ring.len) % RING] = off;
                ring.len += 1;
            }
        }
    }

    /// Visits the words at `p` whose bits are set.
    ///
    /// # Safety
    /// Those words are readable.
    #[inline(always)]
    unsafe fn words<const ROOT: bool>(&mut self, p: *const usize, mut bits: u64) {
        while bits != 0 {
            let k = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            // SAFETY: the caller's promise.
            self.visit::<ROOT>(unsafe { *p.add(k) });
        }
    }

    /// Scans an object whose span has no mask: one with a header, or a chunk of a large one.
    #[inline(never)]
    fn scan_typed(&mut self, off: usize) {
        // SAFETY: `off` is that of an object (or inside a large one) in a used page.
        unsafe {
            let first = (*self.spans.add(off >> PAGE_SHIFT)).first as usize;
            let span = &*self.spans.add(first);
            let object = self.heap.add(off);
            if span.scan == Scan::Header {
                let typ = object.cast::<*const Type>().read();
                if !typ.is_null() {
                    let size = span.elem_size as usize - MALLOC_HEADER_SIZE;
                    self.elements(object.add(MALLOC_HEADER_SIZE), 0, size, size, typ);
                }
                return;
            }
            let begin = off - (first << PAGE_SHIFT);
            let end = (begin + CHUNK).min(span.bytes);
            if end < span.bytes {
                self.work.push(Work { off: off + CHUNK, mask: 0 });
            }
            self.elements(self.heap.add(first << PAGE_SHIFT), begin, end, span.bytes, span.typ);
        }
    }

    /// Scans bytes `begin..end` of an array of `size` bytes of elements of type `typ`, at `base`.
    ///
    /// # Safety
    /// `base` is such an array (less than an element at its end is unused) and `typ` a descriptor with pointers.
    unsafe fn elements(&mut self, base: *const u8, begin: usize, end: usize, size: usize, typ: *const Type) {
        // SAFETY: the caller's promise.
        unsafe {
            let (elem, words, mask) = ((*typ).size, (*typ).ptr_bytes / 8, gc_mask(typ));
            let size = size - size % elem;
            let end = end.min(size);
            let mut at = begin;
            if words == elem / 8 && words == 1 {
                while at < end {
                    self.visit::<false>(*base.add(at).cast::<usize>());
                    at += 8;
                }
                return;
            }
            while at < end {
                let (start, word) = (at - at % elem, at % elem / 8);
                let stop = (end.min(start + elem) - start) / 8;
                let mut w = word;
                while w < words.min(stop) {
                    let count = (words.min(stop) - w).min(64);
                    self.words::<false>(base.add(start).cast::<usize>().add(w), mask_bits(mask, w, count));
                    w += count;
                }
                at = start + elem;
            }
        }
    }
}

#[inline(always)]
fn prefetch(p: *const u8) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: a prefetch of any address is harmless.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(p.cast());
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: a prefetch of any address is harmless.
    unsafe {
        core::arch::asm!("prfm pldl1keep, [{}]", in(reg) p, options(nostack, readonly, preserves_flags));
    }
    let _ = p;
}

const _: () = assert!(CHUNK.is_multiple_of(8) && CHUNK >= PAGE_SIZE);

impl Heap {
    /// `gccheck`: verifies that no marked object points to an unmarked one.
    ///
    /// # Panics
    /// When one does.
    pub(crate) fn check_marks(&mut self) {
        for (object, slot, to) in self.pointers(|span, i| span.is_marked(i)) {
            if let Some((page, i)) = self.pages.find(to) {
                let span = self.pages.span(page);
                assert!(
                    span.is_marked(i),
                    "gccheck: marked object {object:#x} points at {slot:#x} to unmarked {to:#x} (page {page}, object {i})"
                );
                assert!(span.is_alloc(i), "gccheck: object {object:#x} points at {slot:#x} to free {to:#x}");
            }
        }
    }
}
