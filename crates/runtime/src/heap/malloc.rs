//! Allocation.
//!
//! Objects come from spans of their size and pointer shape (`mcache`):
//!
//! * up to 512 bytes: exact size (a multiple of 8) and pointer mask; arrays round up to Go's size classes, so that
//!   slices of all lengths share few shapes;
//! * up to 32 KB: Go's size classes, with pointers (a header word before the object holds the element's `*Type`) and
//!   without;
//! * larger: pages of their own.
//!
//! Collections happen here, when enough memory was handed out since the last one, and never during inline allocation.
//! Callers keep the pointers they hold on the stack, in registers (both are scanned conservatively) or in another root.

use crate::heap::malloc_shape::ShapeTable;
use crate::heap::mbitmap::{first_mask_word, repeat_mask};
use crate::heap::mcache::Cache;
use crate::heap::mgcpace::Pacer;
use crate::heap::mgcroots::{RootTable, Roots};
use crate::heap::mheap::{PAGE_COST, PageHeap, SpanClass};
use crate::heap::msize::{
    CLASS_TO_SIZE, MALLOC_HEADER_SIZE, MAX_HEADERLESS_SIZE, MAX_SMALL_SIZE, PAGE_SHIFT, PAGE_SIZE, size_class,
};
use crate::heap::mspan::{NONE, Scan};
use crate::heap::mspecial::Specials;
use crate::heap::mstats::Counters;
use itab_abi::block::{Cell, IsolateBlock, MAX_CELL_SIZE, cell_offset, noscan_cell};
use itab_abi::types::Type;
use std::ptr::NonNull;
use std::sync::Arc;

/// Where pointers to objects of size zero point.
pub static ZEROBASE: u64 = 0;

/// How a heap behaves.
#[derive(Clone, Debug)]
pub struct HeapOptions {
    /// Address space for objects, in bytes.
    pub reserve: usize,
    /// Hard limit of committed memory and external charges, in bytes.
    pub limit: usize,
    /// `GOGC`: growth in percent before the next collection; negative: only the limits collect.
    pub gogc: i32,
    /// Switches for finding errors.
    pub debug: HeapDebug,
}

impl Default for HeapOptions {
    fn default() -> HeapOptions {
        HeapOptions { reserve: 64 << 30, limit: usize::MAX, gogc: 100, debug: HeapDebug::default() }
    }
}

/// Switches that make errors of the collector and its callers show at once.
#[derive(Clone, Debug, Default)]
pub struct HeapDebug {
    /// `gcstress`: collect at every Nth slow path; 0: off.
    pub stress_every: u64,
    /// Time that stress collections may take in all before N doubles, again and again; zero: unbounded.
    pub stress_budget: std::time::Duration,
    /// Never fill cells, so that every allocation takes the slow path.
    pub no_cells: bool,
    /// Overwrite objects when they are freed.
    pub clobberfree: bool,
    /// After marking, verify that no marked object points to an unmarked one.
    pub gccheck: bool,
}

/// An allocation would exceed the memory limit (or the reserved address space), even after a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory {
    /// Bytes asked for.
    pub requested: usize,
    /// The limit.
    pub limit: usize,
}

impl std::fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "allocating {} bytes exceeds the limit of {} bytes", self.requested, self.limit)
    }
}

impl std::error::Error for OutOfMemory {}

/// The heap of an isolate.
pub struct Heap {
    pub(crate) pages: PageHeap,
    pub(crate) block: *mut IsolateBlock,
    pub(crate) cache: Cache,
    /// By type: its allocator.
    types: Box<[(usize, u32); TYPE_CACHE]>,
    /// By type of the elements and bytes: the allocator of an array.
    arrays: Box<[(usize, u32, u32); TYPE_CACHE]>,
    pub(crate) roots: Option<NonNull<dyn Roots>>,
    pub(crate) table: RootTable,
    pub(crate) specials: Specials,
    pub(crate) pacer: Pacer,
    pub(crate) counters: Counters,
    pub(crate) debug: HeapDebug,
    pub(crate) last_gc: Option<std::time::Instant>,
    pub(crate) recent_goal: usize,
    pub(crate) slow_paths: u64,
    pub(crate) no_gc: u32,
    pub(crate) starved: u32,
    pub(crate) mark_stack: Vec<crate::heap::mgcmark::Work>,
}

/// Entries of the caches from type to allocator.
const TYPE_CACHE: usize = 128;

// SAFETY: the heap owns what its pointers lead to, but for the block and the roots, which belong to the isolate that
// owns the heap and move to another thread only with it.
unsafe impl Send for Heap {}

impl Heap {
    /// A heap whose cells are those of `block`.
    ///
    /// # Errors
    /// When the system refuses address space.
    ///
    /// # Safety
    /// `block` points to a block followed by its cells, with the cells zero; both stay until the heap is dropped, and
    /// nothing else but inline allocation writes to the cells.
    pub unsafe fn new(
        options: &HeapOptions,
        shapes: Arc<ShapeTable>,
        block: *mut IsolateBlock,
    ) -> std::io::Result<Heap> {
        Ok(Heap {
            pages: PageHeap::new(options.reserve, options.limit)?,
            block,
            cache: Cache::new(shapes),
            types: Box::new([(0, NONE); TYPE_CACHE]),
            arrays: Box::new([(0, 0, NONE); TYPE_CACHE]),
            roots: None,
            table: RootTable::default(),
            specials: Specials::default(),
            pacer: Pacer::new(options.gogc),
            counters: Counters::default(),
            debug: options.debug.clone(),
            last_gc: None,
            recent_goal: 0,
            slow_paths: 0,
            no_gc: 0,
            starved: 0,
            mark_stack: Vec::new(),
        })
    }

    /// Sets what allocation may collect from. Without roots nothing is ever collected by itself.
    ///
    /// # Safety
    /// `roots` stays valid until it is replaced or the heap dropped, and the heap's methods are not called while
    /// anything else borrows it.
    pub unsafe fn set_roots(&mut self, roots: Option<NonNull<dyn Roots>>) {
        self.roots = roots;
    }

    /// A zeroed object of type `typ`.
    ///
    /// # Safety
    /// `typ` points to a descriptor that lives as long as the heap.
    #[inline]
    pub unsafe fn mallocgc(&mut self, typ: *const Type) -> Result<*mut u8, OutOfMemory> {
        let (at, id) = self.types[type_slot(typ)];
        if at == typ as usize {
            return self.alloc(id);
        }
        // SAFETY: the caller's promise.
        unsafe { self.mallocgc_uncached(typ) }
    }

    /// # Safety
    /// As `mallocgc`.
    unsafe fn mallocgc_uncached(&mut self, typ: *const Type) -> Result<*mut u8, OutOfMemory> {
        // SAFETY: `typ` is a descriptor.
        let t = unsafe { &*typ };
        if t.size == 0 {
            return Ok(zerobase());
        }
        if t.ptr_bytes == 0 && t.size > MAX_HEADERLESS_SIZE {
            return self.alloc_noscan(t.size);
        }
        if t.size > MAX_HEADERLESS_SIZE {
            // SAFETY: passed on.
            return unsafe { self.alloc_typed(t.size, typ) };
        }
        let id = if t.ptr_bytes == 0 {
            self.cache.noscan_alloc(t.size)
        } else {
            // SAFETY: a descriptor with pointers in at most 64 words has its mask in place.
            self.cache.shape_alloc(t.size, unsafe { first_mask_word(t) })
        };
        self.types[type_slot(typ)] = (typ as usize, id);
        self.alloc(id)
    }

    /// `n` zeroed elements of type `typ` in a row.
    ///
    /// # Safety
    /// As [`Heap::mallocgc`].
    pub unsafe fn newarray(&mut self, typ: *const Type, n: usize) -> Result<*mut u8, OutOfMemory> {
        // SAFETY: the caller's promise.
        let t = unsafe { &*typ };
        let Some(size) = t.size.checked_mul(n).filter(|&s| s <= isize::MAX as usize) else {
            return Err(self.out_of_memory(usize::MAX));
        };
        if n == 1 {
            // SAFETY: passed on.
            return unsafe { self.mallocgc(typ) };
        }
        if t.ptr_bytes == 0 {
            return self.alloc_noscan(size);
        }
        // SAFETY: passed on.
        unsafe { self.alloc_typed(size, typ) }
    }

    /// `size` zeroed bytes without pointers.
    #[inline]
    pub fn alloc_noscan(&mut self, size: usize) -> Result<*mut u8, OutOfMemory> {
        self.alloc_noscan_with(size, true)
    }

    /// `size` bytes without pointers which the caller overwrites: those above 32 KB are not zeroed.
    #[inline]
    pub fn alloc_noscan_uninit(&mut self, size: usize) -> Result<*mut u8, OutOfMemory> {
        self.alloc_noscan_with(size, false)
    }

    #[inline]
    fn alloc_noscan_with(&mut self, size: usize, zero: bool) -> Result<*mut u8, OutOfMemory> {
        match self.bump_noscan(size) {
            Some(p) => Ok(p),
            None => self.alloc_noscan_slow(size, zero),
        }
    }

    /// The next object of a cell, as compiled code takes it.
    #[inline]
    fn bump_noscan(&mut self, size: usize) -> Option<*mut u8> {
        if size.wrapping_sub(1) >= MAX_CELL_SIZE {
            return None;
        }
        let size = size.next_multiple_of(8);
        // SAFETY: the block is followed by its cells, of which the fixed ones are for sizes up to that limit.
        let cell = unsafe { &mut *self.block.cast::<u8>().add(cell_offset(noscan_cell(size))).cast::<Cell>() };
        if cell.end - cell.cur < size {
            return None;
        }
        let object = self.pages.at(cell.cur);
        cell.cur += size;
        Some(object)
    }

    #[inline(never)]
    fn alloc_noscan_slow(&mut self, size: usize, zero: bool) -> Result<*mut u8, OutOfMemory> {
        if size == 0 {
            return Ok(zerobase());
        }
        if size > MAX_SMALL_SIZE {
            return self.alloc_large(size, core::ptr::null(), zero);
        }
        let id = self.cache.noscan_alloc(size);
        self.alloc(id)
    }

    /// A zeroed record of `size` bytes whose word i holds a pointer when bit i of `mask` is set.
    pub fn alloc_record(&mut self, size: usize, mask: u64) -> Result<*mut u8, OutOfMemory> {
        if mask == 0 {
            return self.alloc_noscan(size);
        }
        assert!(size <= MAX_HEADERLESS_SIZE && size.is_multiple_of(8), "a record of {size} bytes needs a type");
        let id = self.cache.shape_alloc(size, mask);
        self.alloc(id)
    }

    /// `size` bytes of elements of type `typ`, which has pointers.
    ///
    /// # Safety
    /// As [`Heap::mallocgc`].
    unsafe fn alloc_typed(&mut self, size: usize, typ: *const Type) -> Result<*mut u8, OutOfMemory> {
        if size == 0 {
            return Ok(zerobase());
        }
        if size <= MAX_HEADERLESS_SIZE {
            let rounded = CLASS_TO_SIZE[size_class(size)] as usize;
            let slot = (type_slot(typ) ^ (rounded / 8)) % TYPE_CACHE;
            let (at, bytes, id) = self.arrays[slot];
            if at == typ as usize && bytes as usize == rounded {
                return self.alloc(id);
            }
            // SAFETY: a descriptor of at most 64 words has its mask in place.
            let mask = unsafe { repeat_mask(&*typ, rounded / 8) };
            let id = self.cache.shape_alloc(rounded, mask);
            self.arrays[slot] = (typ as usize, rounded as u32, id);
            return self.alloc(id);
        }
        if size > MAX_SMALL_SIZE - MALLOC_HEADER_SIZE {
            return self.alloc_large(size, typ, true);
        }
        let id = self.cache.header_alloc(size_class(size + MALLOC_HEADER_SIZE));
        let slot = self.alloc(id)?;
        // SAFETY: the slot has a word for the header and room for `size` more bytes.
        unsafe {
            slot.cast::<*const Type>().write(typ);
            Ok(slot.add(MALLOC_HEADER_SIZE))
        }
    }

    /// An object in pages of its own.
    fn alloc_large(&mut self, size: usize, typ: *const Type, zero: bool) -> Result<*mut u8, OutOfMemory> {
        let npages = size.div_ceil(PAGE_SIZE);
        if npages > (u32::MAX >> 1) as usize {
            return Err(self.out_of_memory(size));
        }
        self.pacer.handed_out += npages << PAGE_SHIFT;
        self.slow_path();
        let scan = if typ.is_null() { Scan::None } else { Scan::Large };
        let class = SpanClass { elem_size: 0, nelems: 1, mul: 0, scan, mask: 0, alloc_id: NONE };
        let page = match self.pages.alloc_span(npages as u32, &class) {
            Some(page) => page,
            None => {
                let again = self.collect_for_room(npages * PAGE_COST);
                let page = if again { self.pages.alloc_span(npages as u32, &class) } else { None };
                page.ok_or_else(|| self.out_of_memory(size))?
            }
        };
        self.pages.set_large(page, typ, size);
        self.counters.allocated(1, npages << PAGE_SHIFT);
        let object = self.pages.page_addr(page);
        if self.pages.span(page).needzero && (zero || !typ.is_null()) {
            // SAFETY: the pages of the new span.
            unsafe { object.write_bytes(0, npages << PAGE_SHIFT) };
        }
        Ok(object)
    }

    pub(crate) fn out_of_memory(&self, requested: usize) -> OutOfMemory {
        OutOfMemory { requested, limit: self.pages.limit }
    }
}

/// Where pointers to objects of size zero point.
pub fn zerobase() -> *mut u8 {
    (&raw const ZEROBASE).cast::<u8>().cast_mut()
}

fn type_slot(typ: *const Type) -> usize {
    (typ as usize).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - TYPE_CACHE.trailing_zeros())
}
