//! Pages of the heap: one reserved region per isolate, handed out in runs of pages.
//!
//! The region begins with the [`Span`] entries, one per page, then the pages. It is reserved without backing memory;
//! the kernel commits what is touched. Pages below `frontier` have been used; free runs among them are kept coalesced,
//! in lists by length ([`BINS`]), the last for all long ones. The entries of a free run's first and last page refer to
//! each other, so that neighbours are found in constant time.
//!
//! These count against the limit: pages backed by physical memory (`dirty`), in use or free; the entries of all pages
//! ever used; and what the isolate charges from outside (stacks, descriptors, late code).

use crate::heap::msize::{KERNEL_PAGE, PAGE_SHIFT, PAGE_SIZE};
use crate::heap::mspan::{NONE, Scan, Span, SpanState};
use itab_abi::types::Type;

/// Free runs up to this many pages have a list of their own.
const BINS: usize = 64;
/// What a page costs: itself and its entry.
pub const PAGE_COST: usize = PAGE_SIZE + size_of::<Span>();
/// Alignment of the pages, so that the kernel can use huge pages.
const HUGE: usize = 2 << 20;
/// The heap asks for huge pages once it is this large.
const HUGE_FROM: usize = 8 << 20;

/// What an object or pages are to be: the constant part of a [`Span`].
#[derive(Clone, Copy, Debug)]
pub struct SpanClass {
    /// Bytes from object to object.
    pub elem_size: u32,
    /// Objects per span.
    pub nelems: u16,
    /// Reciprocal of `elem_size`, 0 for one object.
    pub mul: u32,
    /// Where pointers are.
    pub scan: Scan,
    /// Pointer words for [`Scan::Mask`].
    pub mask: u64,
    /// Allocator.
    pub alloc_id: u32,
}

/// The region and its free pages.
pub struct PageHeap {
    map: Mapping,
    base: *mut u8,
    spans: *mut Span,
    total: u32,
    frontier: u32,
    bins: [u32; BINS + 2],
    nonempty: u64,
    populated: u32,
    huge_until: u32,
    in_use: usize,
    dirty: usize,
    /// Bytes charged by others.
    pub external: usize,
    /// Bytes that `cost` may reach.
    pub limit: usize,
}

impl PageHeap {
    /// Reserves a region for `reserve` bytes of objects, or as much of it as the process may have.
    ///
    /// # Errors
    /// When not even 16 MB can be reserved.
    pub fn new(reserve: usize, limit: usize) -> std::io::Result<PageHeap> {
        let mut total = (reserve >> PAGE_SHIFT).clamp(16, (u32::MAX >> 1) as usize);
        let (map, meta) = loop {
            let meta = (total * size_of::<Span>()).next_multiple_of(HUGE);
            match Mapping::reserve(meta + total * PAGE_SIZE) {
                Some(map) => break (map, meta),
                None if total > 2048 => total /= 2,
                None => return Err(std::io::Error::last_os_error()),
            }
        };
        let spans = map.start.cast::<Span>();
        // SAFETY: the mapping has `meta` bytes before the pages.
        let base = unsafe { map.start.add(meta) };
        let bins = [NONE; BINS + 2];
        Ok(PageHeap {
            map,
            base,
            spans,
            total: total as u32,
            frontier: 0,
            bins,
            nonempty: 0,
            populated: 0,
            huge_until: 0,
            in_use: 0,
            dirty: 0,
            external: 0,
            limit,
        })
    }

    /// Start of the pages.
    #[inline]
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// Entries, for the marker.
    #[inline]
    pub fn spans_ptr(&self) -> *mut Span {
        self.spans
    }

    /// Bytes of the region that have ever been used.
    #[inline]
    pub fn used_bytes(&self) -> usize {
        (self.frontier as usize) << PAGE_SHIFT
    }

    /// Pages that have ever been used.
    #[inline]
    pub fn frontier(&self) -> u32 {
        self.frontier
    }

    /// Pages in spans.
    pub fn in_use(&self) -> usize {
        self.in_use
    }

    /// Pages that hold memory of the machine.
    pub fn dirty(&self) -> usize {
        self.dirty
    }

    /// Bytes that count against the limit.
    pub fn cost(&self) -> usize {
        self.dirty * PAGE_SIZE + self.frontier as usize * size_of::<Span>() + self.external
    }

    /// The entry of a page.
    #[inline]
    pub fn span(&self, page: u32) -> &Span {
        assert!(page < self.total);
        // SAFETY: in range; entries are zero-initialised by the kernel, and all zeros is a valid Span.
        unsafe { &*self.spans.add(page as usize) }
    }

    /// The entry of a page.
    #[inline]
    pub fn span_mut(&mut self, page: u32) -> &mut Span {
        assert!(page < self.total);
        // SAFETY: as in `span`; the heap is borrowed exclusively.
        unsafe { &mut *self.spans.add(page as usize) }
    }

    /// Address of a page.
    #[inline]
    pub fn page_addr(&self, page: u32) -> *mut u8 {
        debug_assert!(page <= self.total);
        // SAFETY: within the region.
        unsafe { self.base.add((page as usize) << PAGE_SHIFT) }
    }

    /// The pointer into the region with the address `addr`.
    #[inline]
    pub fn at(&self, addr: usize) -> *mut u8 {
        let off = addr.wrapping_sub(self.base as usize);
        debug_assert!(off <= (self.total as usize) << PAGE_SHIFT);
        // SAFETY: within the region, as callers took the address from it.
        unsafe { self.base.add(off) }
    }

    /// The span and the index of the object whose memory contains `addr`, free or not.
    #[inline]
    pub fn find(&self, addr: usize) -> Option<(u32, usize)> {
        let off = addr.wrapping_sub(self.base as usize);
        if off >= self.used_bytes() {
            return None;
        }
        let first = self.span((off >> PAGE_SHIFT) as u32).first;
        let span = self.span(first);
        let within = off - ((first as usize) << PAGE_SHIFT);
        let i = (within as u64 * span.mul as u64) >> 32;
        (i < span.nelems as u64).then_some((first, i as usize))
    }

    /// A new span of `npages` pages with no object allocated. `None`: the limit or the reservation is exhausted.
    pub fn alloc_span(&mut self, npages: u32, class: &SpanClass) -> Option<u32> {
        let page = self.alloc_pages(npages)?;
        let needzero = (page..page + npages).fold(false, |any, p| any | self.take_page(p, page));
        let span = self.span_mut(page);
        span.npages = npages;
        span.state = SpanState::InUse;
        span.elem_size = class.elem_size;
        span.nelems = class.nelems;
        span.mul = class.mul;
        span.scan = class.scan;
        span.mask = class.mask;
        span.alloc_id = class.alloc_id;
        span.typ = core::ptr::null();
        span.bytes = 0;
        span.next = NONE;
        span.needzero = needzero;
        let words = span.words();
        span.mark[..words].fill(0);
        span.alloc[..words].fill(0);
        self.in_use += npages as usize;
        Some(page)
    }

    /// Sets the element type of a large object's span.
    pub fn set_large(&mut self, page: u32, typ: *const Type, bytes: usize) {
        let span = self.span_mut(page);
        span.typ = typ;
        span.bytes = bytes;
        span.alloc[0] = 1;
    }

    /// Makes `page` part of the span at `first`; whether it may hold other than zeros.
    fn take_page(&mut self, page: u32, first: u32) -> bool {
        let span = self.span_mut(page);
        span.first = first;
        span.nelems = 0;
        let was = std::mem::replace(&mut span.dirty, true);
        self.dirty += !was as usize;
        was
    }

    /// Gives the pages of a span back.
    pub fn free_span(&mut self, page: u32) {
        let npages = self.span(page).npages;
        self.in_use -= npages as usize;
        for p in page..page + npages {
            let span = self.span_mut(p);
            span.first = p;
            span.nelems = 0;
            span.state = SpanState::Free;
        }
        self.free_pages(page, npages);
    }

    fn free_pages(&mut self, mut page: u32, mut npages: u32) {
        if page > 0 && self.is_free(page - 1) {
            let before = self.span(page - 1).first;
            let len = self.span(before).npages;
            self.unlink(before, len);
            self.span_mut(page - 1).first = page - 1;
            (page, npages) = (before, len + npages);
        }
        let after = page + npages;
        if after < self.frontier && self.is_free(after) {
            let len = self.span(after).npages;
            self.unlink(after, len);
            npages += len;
        }
        self.link(page, npages);
    }

    fn is_free(&self, page: u32) -> bool {
        let first = self.span(page).first;
        self.span(first).state == SpanState::Free
    }

    /// Enters a free run in the lists.
    fn link(&mut self, page: u32, npages: u32) {
        self.span_mut(page + npages - 1).first = page;
        let bin = bin(npages);
        let head = std::mem::replace(&mut self.bins[bin], page);
        let span = self.span_mut(page);
        span.first = page;
        span.npages = npages;
        (span.prev, span.next) = (NONE, head);
        if head != NONE {
            self.span_mut(head).prev = page;
        }
        if bin <= BINS {
            self.nonempty |= 1 << (bin - 1);
        }
    }

    /// Removes a free run from the lists.
    fn unlink(&mut self, page: u32, npages: u32) {
        let (prev, next) = (self.span(page).prev, self.span(page).next);
        if next != NONE {
            self.span_mut(next).prev = prev;
        }
        if prev != NONE {
            self.span_mut(prev).next = next;
            return;
        }
        let bin = bin(npages);
        self.bins[bin] = next;
        if next == NONE && bin <= BINS {
            self.nonempty &= !(1 << (bin - 1));
        }
    }

    /// The best free run for `npages`: the shortest short one that fits, or the first long one for few pages, or the
    /// shortest long one for many.
    fn best_fit(&self, npages: u32) -> Option<(u32, u32)> {
        if npages as usize <= BINS {
            let fits = self.nonempty & (u64::MAX << (npages - 1));
            if fits != 0 {
                let len = fits.trailing_zeros() + 1;
                return Some((self.bins[len as usize], len));
            }
            let page = self.bins[BINS + 1];
            return (page != NONE).then(|| (page, self.span(page).npages));
        }
        self.runs(BINS + 1).filter(|&(_, len)| len >= npages).min_by_key(|&(page, len)| (len, page))
    }

    /// The free runs of a list.
    fn runs(&self, bin: usize) -> impl Iterator<Item = (u32, u32)> + '_ {
        std::iter::successors(Some(self.bins[bin]).filter(|&p| p != NONE), move |&p| {
            Some(self.span(p).next).filter(|&n| n != NONE)
        })
        .map(move |p| (p, self.span(p).npages))
    }

    fn alloc_pages(&mut self, npages: u32) -> Option<u32> {
        let mut found = self.best_fit(npages);
        if !self.fits(found, npages) {
            self.scavenge(0);
            found = self.best_fit(npages);
            if !self.fits(found, npages) {
                return None;
            }
        }
        let Some((page, len)) = found else { return self.grow(npages) };
        self.unlink(page, len);
        if len > npages {
            self.link(page + npages, len - npages);
        }
        Some(page)
    }

    /// Whether the limit allows to take `npages` pages from the start of a free run, or new ones.
    fn fits(&self, run: Option<(u32, u32)>, npages: u32) -> bool {
        let bytes = match run {
            Some((page, _)) => (page..page + npages).filter(|&p| !self.span(p).dirty).count() * PAGE_SIZE,
            None => npages as usize * PAGE_COST,
        };
        self.cost().saturating_add(bytes) <= self.limit
    }

    /// Whether `bytes` more fit under the limit, if need be after giving free pages back to the kernel.
    pub fn make_room(&mut self, bytes: usize) -> bool {
        if self.cost().saturating_add(bytes) > self.limit {
            self.scavenge(0);
        }
        self.cost().saturating_add(bytes) <= self.limit
    }

    /// Takes pages that were never used.
    fn grow(&mut self, npages: u32) -> Option<u32> {
        let page = self.frontier;
        if npages > self.total - page {
            return None;
        }
        self.frontier += npages;
        self.prepare(self.frontier);
        Some(page)
    }

    /// Asks the kernel for memory ahead of use, an eighth of the heap at a time, in huge pages when it is large: a page
    /// fault costs more than filling the page.
    fn prepare(&mut self, until: u32) {
        if until <= self.populated {
            return;
        }
        let bytes = (until as usize) << PAGE_SHIFT;
        if bytes >= HUGE_FROM && until > self.huge_until {
            let to = (bytes + bytes / 2).next_multiple_of(HUGE).min((self.total as usize) << PAGE_SHIFT);
            let from = ((self.populated as usize) << PAGE_SHIFT).next_multiple_of(HUGE);
            if to > from {
                self.map.huge(self.at(self.base as usize + from), to - from);
            }
            self.huge_until = (to >> PAGE_SHIFT) as u32;
        }
        let room = self.limit.saturating_sub(self.cost()) / 8;
        let ahead = (bytes / 8).clamp(0, 4 << 20).min(room) >> PAGE_SHIFT;
        let to = until.saturating_add(ahead as u32).min(self.total);
        let from = self.populated;
        if bytes >= 256 << 10 && (to - from) as usize * PAGE_SIZE <= 16 << 20 {
            self.map.populate(self.page_addr(from), ((to - from) as usize) << PAGE_SHIFT);
        }
        self.populated = to;
    }

    /// Gives memory of free pages back to the kernel until at most `keep` free pages hold some.
    pub fn scavenge(&mut self, keep: usize) {
        let mut idle = self.dirty - self.in_use;
        if idle <= keep {
            return;
        }
        let mut runs: Vec<(u32, u32)> = self.free_runs().collect();
        runs.sort_unstable_by_key(|&(page, len)| std::cmp::Reverse((len, page)));
        for (page, len) in runs.into_iter().filter_map(kernel_pages) {
            if idle <= keep {
                break;
            }
            let dirty = (page..page + len).filter(|&p| std::mem::replace(&mut self.span_mut(p).dirty, false)).count();
            if dirty > 0 {
                self.map.discard(self.page_addr(page), (len as usize) << PAGE_SHIFT);
                self.dirty -= dirty;
                idle -= dirty;
            }
        }
    }

    /// All free runs, as first page and length.
    pub fn free_runs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (1..=BINS + 1).flat_map(|bin| self.runs(bin))
    }
}

/// The part of a run (first page and length) that is whole pages of the kernel.
fn kernel_pages((page, len): (u32, u32)) -> Option<(u32, u32)> {
    const UNIT: u32 = KERNEL_PAGE.div_ceil(PAGE_SIZE) as u32;
    let (first, end) = (page.next_multiple_of(UNIT), (page + len) / UNIT * UNIT);
    (first < end).then(|| (first, end - first))
}

/// The list for free runs of `npages` pages.
fn bin(npages: u32) -> usize {
    (npages as usize).min(BINS + 1)
}

// SAFETY: the region belongs to this value alone.
unsafe impl Send for PageHeap {}

/// Reserved address space.
struct Mapping {
    start: *mut u8,
    raw: *mut u8,
    len: usize,
}

#[cfg(not(miri))]
impl Mapping {
    fn reserve(len: usize) -> Option<Mapping> {
        let len = len + HUGE;
        // SAFETY: a new private mapping, at an address of the kernel's choice.
        let raw = unsafe {
            libc::mmap(
                core::ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if raw == libc::MAP_FAILED {
            return None;
        }
        let raw = raw.cast::<u8>();
        // SAFETY: the mapping is longer than asked for by the alignment.
        let start = unsafe { raw.add(raw.align_offset(HUGE)) };
        Some(Mapping { start, raw, len })
    }

    fn huge(&self, at: *mut u8, len: usize) {
        // SAFETY: advice on pages of this mapping; it changes nothing that is visible.
        unsafe { libc::madvise(at.cast(), len, libc::MADV_HUGEPAGE) };
    }

    fn populate(&self, at: *mut u8, len: usize) {
        // SAFETY: faults in pages of this mapping without changing them; a failure only means later faults.
        unsafe { libc::madvise(at.cast(), len, libc::MADV_POPULATE_WRITE) };
    }

    fn discard(&self, at: *mut u8, len: usize) {
        // SAFETY: the caller has no object there; the pages read as zero afterwards.
        let failed = unsafe { libc::madvise(at.cast(), len, libc::MADV_DONTNEED) } != 0;
        assert!(!failed, "madvise: {}", std::io::Error::last_os_error());
    }
}

#[cfg(not(miri))]
impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping of `reserve`, to which nothing refers any more.
        unsafe { libc::munmap(self.raw.cast(), self.len) };
    }
}

#[cfg(miri)]
impl Mapping {
    fn layout(len: usize) -> std::alloc::Layout {
        std::alloc::Layout::from_size_align(len, HUGE).expect("a small reservation")
    }

    fn reserve(len: usize) -> Option<Mapping> {
        // SAFETY: `len` is not zero.
        let start = unsafe { std::alloc::alloc_zeroed(Mapping::layout(len)) };
        (!start.is_null()).then_some(Mapping { start, raw: start, len })
    }

    fn huge(&self, _at: *mut u8, _len: usize) {}

    fn populate(&self, _at: *mut u8, _len: usize) {}

    fn discard(&self, at: *mut u8, len: usize) {
        // SAFETY: the caller has no object there.
        unsafe { at.write_bytes(0, len) };
    }
}

#[cfg(miri)]
impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: allocated with the same layout.
        unsafe { std::alloc::dealloc(self.raw, Mapping::layout(self.len)) };
    }
}
