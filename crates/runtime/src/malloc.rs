//! Allocation.
//!
//! Every size and pointer shape has an [`Alloc`]: the allocator that hands out objects of its spans. It holds one run
//! of free, zeroed objects, in the shape's cell of the isolate block (where compiled code bumps it inline) or, for
//! shapes without a cell, in itself. When the run is used up, `refill` finds the next one from the `alloc` bits of the
//! allocator's spans: that is the sweep's lazy half. Shapes are:
//!
//! * up to 512 bytes: exact size (a multiple of 8) and pointer mask; arrays round up to Go's size classes, so that
//!   slices of all lengths share few shapes. A program has hundreds of shapes of which it allocates an object or two, so
//!   the first few objects of each go to spans that shapes share (with the mask in a word before the object), and only
//!   then it gets a page of its own;
//! * up to 32 KB: Go's size classes, with pointers (a header word before the object holds the element's `*Type`) and
//!   without;
//! * larger: pages of their own.
//!
//! Collections happen in here, when enough was handed out since the last one, never during inline allocation. Callers
//! keep what they hold on the stack, in registers (both are scanned conservatively) or in another root.

use crate::malloc_shape::{Shape, ShapeTable};
use crate::mbitmap::{first_mask_word, repeat_mask};
use crate::mgcpace::Pacer;
use crate::mgcroots::{RootTable, Roots};
use crate::mheap::{PAGE_COST, PageHeap, SpanClass};
use crate::msize::{
    CLASS_TO_PAGES, CLASS_TO_SIZE, MALLOC_HEADER_SIZE, MAX_HEADERLESS_SIZE, MAX_SMALL_SIZE, NUM_SIZE_CLASSES,
    PAGE_SHIFT, PAGE_SIZE, reciprocal, size_class,
};
use crate::mspan::{NONE, Scan};
use crate::mspecial::Specials;
use crate::mstats::Counters;
use itab_abi::block::{Cell, IsolateBlock, cell_offset};
use itab_abi::types::Type;
use rustc_hash::FxHashMap;
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
        write!(f, "out of memory: allocating {} bytes exceeds the limit of {} bytes", self.requested, self.limit)
    }
}

impl std::error::Error for OutOfMemory {}

/// The allocator of one shape.
#[derive(Debug)]
pub(crate) struct Alloc {
    /// What its spans are.
    pub class: SpanClass,
    /// Pages per span.
    npages: u32,
    /// Its cell in the block; 0: none.
    cell: u32,
    /// Objects of the current run, when not in the cell.
    run: Cell,
    /// The span of the current run.
    span: u32,
    /// Object after the current run.
    next: u32,
    /// Objects still to be put in shared spans.
    cold: u32,
    /// Swept spans with free objects.
    pub partial: (u32, u32),
}

/// The heap of an isolate.
pub struct Heap {
    pub(crate) pages: PageHeap,
    pub(crate) block: *mut IsolateBlock,
    shapes: Arc<ShapeTable>,
    shapes_seen: u32,
    pub(crate) allocs: Vec<Alloc>,
    by_shape: FxHashMap<Shape, u32>,
    noscan_words: [u32; MAX_HEADERLESS_SIZE / 8 + 1],
    noscan_class: [u32; NUM_SIZE_CLASSES],
    header_class: [u32; NUM_SIZE_CLASSES],
    shared_class: [u32; NUM_SIZE_CLASSES],
    types: Box<[(usize, u32); TYPE_CACHE]>,
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
    pub(crate) mark_stack: Vec<crate::mgcmark::Work>,
}

/// How many objects of a shape share spans with other shapes, and their bytes, at most.
const COLD_OBJECTS: usize = 8;
const COLD_BYTES: usize = 512;

/// Entries of the cache from type to allocator.
const TYPE_CACHE: usize = 128;

// SAFETY: the heap owns what its pointers lead to, but for the block and the roots, which belong to the isolate that
// owns the heap and move to another thread only with it.
unsafe impl Send for Heap {}

impl Heap {
    /// A heap whose cells are those of `block`.
    ///
    /// # Safety
    /// `block` points to a block followed by its cells, with the cells zero; both stay until the heap is dropped, and
    /// nothing else but inline allocation writes to the cells.
    pub unsafe fn new(options: &HeapOptions, shapes: Arc<ShapeTable>, block: *mut IsolateBlock) -> Heap {
        Heap {
            pages: PageHeap::new(options.reserve, options.limit),
            block,
            shapes,
            shapes_seen: 0,
            allocs: Vec::new(),
            by_shape: FxHashMap::default(),
            noscan_words: [NONE; MAX_HEADERLESS_SIZE / 8 + 1],
            noscan_class: [NONE; NUM_SIZE_CLASSES],
            header_class: [NONE; NUM_SIZE_CLASSES],
            shared_class: [NONE; NUM_SIZE_CLASSES],
            types: Box::new([(0, NONE); TYPE_CACHE]),
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
        }
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
            self.noscan_alloc(t.size)
        } else {
            // SAFETY: a descriptor with pointers in at most 64 words has its mask in place.
            self.shape_alloc(t.size, unsafe { first_mask_word(t) })
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
    pub fn alloc_noscan(&mut self, size: usize) -> Result<*mut u8, OutOfMemory> {
        self.alloc_noscan_with(size, true)
    }

    /// `size` bytes without pointers which the caller overwrites: those above 32 KB are not zeroed.
    pub fn alloc_noscan_uninit(&mut self, size: usize) -> Result<*mut u8, OutOfMemory> {
        self.alloc_noscan_with(size, false)
    }

    fn alloc_noscan_with(&mut self, size: usize, zero: bool) -> Result<*mut u8, OutOfMemory> {
        if size == 0 {
            return Ok(zerobase());
        }
        if size > MAX_SMALL_SIZE {
            return self.alloc_large(size, core::ptr::null(), zero);
        }
        let id = self.noscan_alloc(size);
        self.alloc(id)
    }

    /// A zeroed record of `size` bytes whose word i holds a pointer when bit i of `mask` is set.
    pub fn alloc_record(&mut self, size: usize, mask: u64) -> Result<*mut u8, OutOfMemory> {
        if mask == 0 {
            return self.alloc_noscan(size);
        }
        assert!(size <= MAX_HEADERLESS_SIZE && size.is_multiple_of(8), "a record of {size} bytes needs a type");
        let id = self.shape_alloc(size, mask);
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
            // SAFETY: a descriptor of at most 64 words has its mask in place.
            let mask = unsafe { repeat_mask(&*typ, rounded / 8) };
            let id = self.shape_alloc(rounded, mask);
            return self.alloc(id);
        }
        if size > MAX_SMALL_SIZE - MALLOC_HEADER_SIZE {
            return self.alloc_large(size, typ, true);
        }
        let class = size_class(size + MALLOC_HEADER_SIZE);
        if self.header_class[class] == NONE {
            self.header_class[class] = self.new_class_alloc(class, Scan::Header);
        }
        let slot = self.alloc(self.header_class[class])?;
        // SAFETY: the slot has a word for the header and room for `size` more bytes.
        unsafe {
            slot.cast::<*const Type>().write(typ);
            Ok(slot.add(MALLOC_HEADER_SIZE))
        }
    }

    // ---- which allocator

    fn noscan_alloc(&mut self, size: usize) -> u32 {
        if size > MAX_HEADERLESS_SIZE {
            let class = size_class(size);
            if self.noscan_class[class] == NONE {
                self.noscan_class[class] = self.new_class_alloc(class, Scan::None);
            }
            return self.noscan_class[class];
        }
        let words = size.div_ceil(8);
        if self.noscan_words[words] == NONE {
            self.noscan_words[words] = self.new_shape_alloc(Shape { size: words as u32 * 8, mask: 0 });
        }
        self.noscan_words[words]
    }

    fn shape_alloc(&mut self, size: usize, mask: u64) -> u32 {
        let shape = Shape { size: size as u32, mask };
        match self.by_shape.get(&shape) {
            Some(&id) => id,
            None => {
                let id = self.new_shape_alloc(shape);
                self.by_shape.insert(shape, id);
                id
            }
        }
    }

    fn new_shape_alloc(&mut self, shape: Shape) -> u32 {
        let size = shape.size as usize;
        let cell = self.shapes.find(size, shape.mask) as u32;
        let scan = if shape.mask == 0 { Scan::None } else { Scan::Mask };
        let id = self.new_alloc(size, 1, scan, shape.mask, cell);
        if shape.mask != 0 || CLASS_TO_SIZE[size_class(size)] as usize != size {
            self.allocs[id as usize].cold = (COLD_BYTES / size).clamp(1, COLD_OBJECTS) as u32;
        }
        id
    }

    fn new_class_alloc(&mut self, class: usize, scan: Scan) -> u32 {
        self.new_alloc(CLASS_TO_SIZE[class] as usize, CLASS_TO_PAGES[class] as u32, scan, 0, 0)
    }

    fn new_alloc(&mut self, size: usize, npages: u32, scan: Scan, mask: u64, cell: u32) -> u32 {
        let class = SpanClass {
            elem_size: size as u32,
            nelems: ((npages as usize * PAGE_SIZE) / size) as u16,
            mul: reciprocal(size),
            scan,
            mask,
            alloc_id: self.allocs.len() as u32,
        };
        let run = Cell { cur: 0, end: 0 };
        self.allocs.push(Alloc { class, npages, cell, run, span: NONE, next: 0, cold: 0, partial: (NONE, NONE) });
        class.alloc_id
    }

    /// Gives cells to allocators whose shape has got one since they were made.
    fn refresh_cells(&mut self) {
        self.shapes_seen = self.shapes.len();
        for i in 0..self.allocs.len() {
            let a = &mut self.allocs[i];
            if a.cell != 0 || a.class.scan != Scan::Mask {
                continue;
            }
            a.cell = self.shapes.find(a.class.elem_size as usize, a.class.mask) as u32;
            if a.cell != 0 && !self.debug.no_cells {
                let run = std::mem::replace(&mut a.run, Cell { cur: 0, end: 0 });
                let cell = self.cell_ptr(i as u32);
                // SAFETY: `cell_ptr` is the allocator's cell, which no run was put in so far.
                unsafe { cell.write(run) };
            }
        }
    }

    // ---- objects from runs

    /// Where the allocator's run is kept.
    #[inline]
    fn cell_ptr(&mut self, id: u32) -> *mut Cell {
        let a = &mut self.allocs[id as usize];
        if a.cell == 0 || self.debug.no_cells {
            return &mut a.run;
        }
        // SAFETY: the block is followed by its cells, and `cell` is less than their number.
        unsafe { self.block.cast::<u8>().add(cell_offset(a.cell as usize)).cast() }
    }

    /// The next object of an allocator.
    #[inline]
    fn alloc(&mut self, id: u32) -> Result<*mut u8, OutOfMemory> {
        if self.debug.no_cells {
            self.slow_path();
        }
        let cell = self.cell_ptr(id);
        let size = self.allocs[id as usize].class.elem_size as usize;
        // SAFETY: a valid cell; see `cell_ptr`.
        unsafe {
            let cur = (*cell).cur;
            if cur + size <= (*cell).end {
                (*cell).cur = cur + size;
                return Ok(self.pages.at(cur));
            }
        }
        self.refill(id)
    }

    /// Finds the allocator's next run of free objects, zeroes it, and takes the first.
    #[cold]
    fn refill(&mut self, id: u32) -> Result<*mut u8, OutOfMemory> {
        if self.shapes_seen != self.shapes.len() {
            self.refresh_cells();
        }
        if !self.debug.no_cells {
            self.slow_path();
        }
        if self.allocs[id as usize].cold > 0 {
            self.allocs[id as usize].cold -= 1;
            return self.alloc_shared(id);
        }
        let mut collected = false;
        loop {
            if let Some(first) = self.next_run(id) {
                return Ok(first);
            }
            if self.next_span(id) {
                continue;
            }
            if collected || !self.collect_for_room(PAGE_COST) {
                return Err(self.out_of_memory(self.allocs[id as usize].class.elem_size as usize));
            }
            collected = true;
        }
    }

    /// One of a shape's first objects.
    fn alloc_shared(&mut self, id: u32) -> Result<*mut u8, OutOfMemory> {
        let SpanClass { elem_size, mask, .. } = self.allocs[id as usize].class;
        let size = elem_size as usize;
        if mask == 0 {
            let id = self.noscan_alloc(CLASS_TO_SIZE[size_class(size)] as usize);
            return self.alloc(id);
        }
        let class = size_class(size + MALLOC_HEADER_SIZE);
        if self.shared_class[class] == NONE {
            self.shared_class[class] = self.new_class_alloc(class, Scan::Own);
        }
        let slot = self.alloc(self.shared_class[class])?;
        // SAFETY: the slot has a word for the mask and room for `size` more bytes.
        unsafe {
            slot.cast::<u64>().write(mask);
            Ok(slot.add(MALLOC_HEADER_SIZE))
        }
    }

    /// The next run in the allocator's current span.
    fn next_run(&mut self, id: u32) -> Option<*mut u8> {
        let a = &mut self.allocs[id as usize];
        if a.span == NONE {
            return None;
        }
        let size = a.class.elem_size as usize;
        let page = a.span;
        let span = self.pages.span_mut(page);
        let Some((start, end)) = span.next_free_run(a.next as usize) else {
            a.span = NONE;
            return None;
        };
        span.set_alloc(start, end, true);
        a.next = end as u32;
        let needzero = span.needzero;
        let bytes = (end - start) * size;
        // SAFETY: objects `start..end` lie in the span's pages, and no one holds a reference into free objects.
        let first = unsafe {
            let first = self.pages.page_addr(page).add(start * size);
            if needzero {
                first.write_bytes(0, bytes);
            }
            first
        };
        let cell = self.cell_ptr(id);
        // SAFETY: see `cell_ptr`.
        unsafe { cell.write(Cell { cur: first as usize + size, end: first as usize + bytes }) };
        self.counters.allocated(end - start, bytes);
        self.pacer.handed_out += bytes;
        Some(first)
    }

    /// Makes a swept span with free objects, or a new one, the allocator's current span.
    fn next_span(&mut self, id: u32) -> bool {
        let a = &mut self.allocs[id as usize];
        let page = a.partial.0;
        if page != NONE {
            a.partial.0 = self.pages.span(page).next;
        } else {
            let (npages, class) = (a.npages, a.class);
            match self.pages.alloc_span(npages, &class) {
                Some(new) => {
                    let a = &mut self.allocs[id as usize];
                    (a.span, a.next) = (new, 0);
                    return true;
                }
                None => return false,
            }
        }
        (a.span, a.next) = (page, 0);
        true
    }

    /// What every allocation that is not inline passes: collects when it is time.
    #[inline]
    fn slow_path(&mut self) {
        self.slow_paths += 1;
        if self.pacer.is_due() || self.debug.stress_every != 0 {
            self.collect_if_due();
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

    fn out_of_memory(&self, requested: usize) -> OutOfMemory {
        OutOfMemory { requested, limit: self.pages.limit }
    }

    // ---- for the collector

    /// Ends all runs: what is left of them is free again. Afterwards `alloc` bits and statistics are exact.
    pub(crate) fn flush_runs(&mut self) {
        for id in 0..self.allocs.len() as u32 {
            let (start, end) = self.run_rest(id);
            let cell = self.cell_ptr(id);
            // SAFETY: see `cell_ptr`.
            unsafe { cell.write(Cell { cur: 0, end: 0 }) };
            let a = &mut self.allocs[id as usize];
            let page = std::mem::replace(&mut a.span, NONE);
            let bytes = (end - start) * a.class.elem_size as usize;
            a.partial = (NONE, NONE);
            if start < end {
                self.pages.span_mut(page).set_alloc(start, end, false);
                self.counters.unallocated(end - start, bytes);
                self.pacer.handed_out -= bytes.min(self.pacer.handed_out);
            }
        }
    }

    /// The objects of the allocator's run that are not handed out, as indices in its current span.
    pub(crate) fn run_rest(&mut self, id: u32) -> (usize, usize) {
        // SAFETY: see `cell_ptr`.
        let run = unsafe { *self.cell_ptr(id) };
        let a = &self.allocs[id as usize];
        if a.span == NONE || run.cur >= run.end {
            return (0, 0);
        }
        let base = self.pages.page_addr(a.span) as usize;
        let size = a.class.elem_size as usize;
        ((run.cur - base) / size, (run.end - base) / size)
    }

    /// The span from which the allocator hands out objects.
    pub(crate) fn current_span(&self, id: u32) -> u32 {
        self.allocs[id as usize].span
    }

    /// Appends a swept span to its allocator's list of those with free objects.
    pub(crate) fn push_partial(&mut self, page: u32) {
        let id = self.pages.span(page).alloc_id;
        self.pages.span_mut(page).next = NONE;
        let (head, tail) = self.allocs[id as usize].partial;
        if head == NONE {
            self.allocs[id as usize].partial = (page, page);
            return;
        }
        self.pages.span_mut(tail).next = page;
        self.allocs[id as usize].partial = (head, page);
    }
}

/// Where pointers to objects of size zero point.
pub fn zerobase() -> *mut u8 {
    (&raw const ZEROBASE).cast::<u8>().cast_mut()
}

fn type_slot(typ: *const Type) -> usize {
    (typ as usize).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - TYPE_CACHE.trailing_zeros())
}
