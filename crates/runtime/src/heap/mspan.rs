//! Spans: runs of pages whose objects have one size and one pointer shape.
//!
//! Every page of the heap has one [`Span`] entry, found by its index. The entries of a span's other pages only refer to
//! the first. The fields that marking reads are in the entry's first cache line. Two bitmaps follow, a bit per object:
//!
//! * `alloc`: the object is allocated, or lies in the run that its allocator is handing out. Everything else is free.
//! * `mark`: reached by the collection under way; zero outside of one. Sweeping makes it the new `alloc`.
//!
//! Entries of free pages have `nelems == 0`, so that a lookup needs no test of the state.

use crate::heap::msize::MALLOC_HEADER_SIZE;
use itab_abi::types::Type;

/// No page, no span, end of a list.
pub const NONE: u32 = u32::MAX;

/// Most objects in a span: 8-byte ones on one page.
pub const MAX_OBJECTS: usize = 1024;

/// What the pages of a span are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SpanState {
    /// Free, or a further page of a span.
    Free = 0,
    /// First page of a span in use.
    InUse = 1,
}

/// Where the pointers of a span's objects are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Scan {
    /// Nowhere.
    None = 0,
    /// In the words that `Span::mask` names.
    Mask = 1,
    /// In the words that the mask in the object's first word names, which counts from the second.
    Own = 2,
    /// Described by the `*Type` of the element, in the object's first word; the elements follow it.
    Header = 3,
    /// Described by `Span::typ`, the element of the span's only object.
    Large = 4,
}

impl Scan {
    /// Bytes before the part of an object that the program sees.
    #[inline]
    pub fn header(self) -> usize {
        if matches!(self, Scan::Own | Scan::Header) { MALLOC_HEADER_SIZE } else { 0 }
    }
}

/// The entry of a page.
#[repr(C, align(64))]
pub struct Span {
    /// Page at which the span begins. In the last page of a free run: the page at which the run begins.
    pub first: u32,
    /// Reciprocal of `elem_size`; 0 when the span is one object.
    pub mul: u32,
    /// Bytes from object to object.
    pub elem_size: u32,
    /// Number of objects; 0 in pages that are free.
    pub nelems: u16,
    /// State of the first page.
    pub state: SpanState,
    /// How objects are scanned.
    pub scan: Scan,
    /// Pointer words of an object, for [`Scan::Mask`].
    pub mask: u64,
    /// Element type, for [`Scan::Large`].
    pub typ: *const Type,
    /// Bytes asked for, when the span is one large object.
    pub bytes: usize,
    /// Pages of the span or, in its first page, of the free run.
    pub npages: u32,
    /// Allocator that the span belongs to, or [`NONE`] for a large object.
    pub alloc_id: u32,
    /// Next span with free objects of the same allocator, or next free run of the same length.
    pub next: u32,
    /// Previous free run of the same length.
    pub prev: u32,
    /// The page may hold other than zeros, whatever it belongs to.
    pub dirty: bool,
    /// Free objects of the span may hold other than zeros.
    pub needzero: bool,
    /// Marked objects.
    pub mark: [u64; MAX_OBJECTS / 64],
    /// Allocated objects.
    pub alloc: [u64; MAX_OBJECTS / 64],
}

const _: () = assert!(core::mem::offset_of!(Span, mark) == 64);

impl Span {
    /// Words of the bitmaps that are in use.
    #[inline]
    pub fn words(&self) -> usize {
        (self.nelems as usize).div_ceil(64)
    }

    /// Whether object `i` is allocated or about to be.
    #[inline]
    pub fn is_alloc(&self, i: usize) -> bool {
        self.alloc[i / 64] >> (i % 64) & 1 != 0
    }

    /// Whether object `i` is marked.
    #[inline]
    pub fn is_marked(&self, i: usize) -> bool {
        self.mark[i / 64] >> (i % 64) & 1 != 0
    }

    /// Number of allocated objects.
    pub fn alloc_count(&self) -> usize {
        self.alloc[..self.words()].iter().map(|w| w.count_ones() as usize).sum()
    }

    /// The first run of free objects at or after `from`, as start and end.
    #[inline]
    pub fn next_free_run(&self, from: usize) -> Option<(usize, usize)> {
        let n = self.nelems as usize;
        // Mostly both ends are in one word.
        let free = !self.alloc.get(from / 64)? >> (from % 64);
        let skip = free.trailing_zeros() as usize;
        let start = from + skip;
        if free != 0 {
            let len = (!(free >> skip)).trailing_zeros() as usize;
            if start % 64 + len < 64 && start + len <= n {
                return Some((start, start + len));
            }
        }
        let start = find_bit(from, n, |w| !self.alloc[w]);
        if start >= n {
            return None;
        }
        Some((start, find_bit(start, n, |w| self.alloc[w])))
    }

    /// Sets (or clears) the `alloc` bits of objects `start..end`.
    #[inline]
    pub fn set_alloc(&mut self, start: usize, end: usize, value: bool) {
        let mut i = start;
        while i < end {
            let stop = end.min((i / 64 + 1) * 64);
            let bits = (u64::MAX >> (64 - (stop - i))) << (i % 64);
            if value {
                self.alloc[i / 64] |= bits;
            } else {
                self.alloc[i / 64] &= !bits;
            }
            i = stop;
        }
    }
}

/// Index of the first set bit in `from..n` of a bitmap read by word; `n` if there is none.
#[inline]
fn find_bit(from: usize, n: usize, word: impl Fn(usize) -> u64) -> usize {
    let mut i = from;
    while i < n {
        let bits = word(i / 64) >> (i % 64);
        if bits != 0 {
            return (i + bits.trailing_zeros() as usize).min(n);
        }
        i = (i / 64 + 1) * 64;
    }
    n
}
