//! The allocators of shapes, and the runs that they hand out.
//!
//! An [`Alloc`] has the spans of one size and pointer shape. It holds one run of free, zeroed objects: in the shape's
//! cell of the isolate block, where compiled code bumps it inline, or, for shapes without a cell, in itself. When the run
//! is used up, `refill` finds the next one from the `alloc` bits of the allocator's spans (the lazy half of the sweep) and
//! zeroes it.
//!
//! A program has hundreds of shapes of which it allocates only an object or two. So the first few objects of a shape go
//! to spans shared between shapes, with the mask in a word before the object. After those the shape gets a page of its
//! own.

use crate::heap::malloc::{Heap, OutOfMemory};
use crate::heap::malloc_shape::{Shape, ShapeTable};
use crate::heap::mheap::{PAGE_COST, SpanClass};
use crate::heap::msize::{
    CLASS_TO_PAGES, CLASS_TO_SIZE, MALLOC_HEADER_SIZE, MAX_HEADERLESS_SIZE, NUM_SIZE_CLASSES, PAGE_SIZE, reciprocal,
    size_class,
};
use crate::heap::mspan::{NONE, Scan};
use itab_abi::block::{Cell, cell_offset};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// How many objects of a shape share spans with other shapes, and their bytes, at most.
const COLD_OBJECTS: usize = 8;
const COLD_BYTES: usize = 512;

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

/// The allocators of a heap.
#[derive(Debug)]
pub(crate) struct Cache {
    pub allocs: Vec<Alloc>,
    shapes: Arc<ShapeTable>,
    shapes_seen: u32,
    by_shape: FxHashMap<Shape, u32>,
    noscan_words: [u32; MAX_HEADERLESS_SIZE / 8 + 1],
    noscan_class: [u32; NUM_SIZE_CLASSES],
    header_class: [u32; NUM_SIZE_CLASSES],
    shared_class: [u32; NUM_SIZE_CLASSES],
}

impl Cache {
    pub fn new(shapes: Arc<ShapeTable>) -> Cache {
        Cache {
            allocs: Vec::new(),
            shapes,
            shapes_seen: 0,
            by_shape: FxHashMap::default(),
            noscan_words: [NONE; MAX_HEADERLESS_SIZE / 8 + 1],
            noscan_class: [NONE; NUM_SIZE_CLASSES],
            header_class: [NONE; NUM_SIZE_CLASSES],
            shared_class: [NONE; NUM_SIZE_CLASSES],
        }
    }

    /// The allocator for `size` bytes without pointers, at most 32 KB.
    pub fn noscan_alloc(&mut self, size: usize) -> u32 {
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

    /// The allocator for `size` bytes (at most 512) with pointers in the words of `mask`.
    pub fn shape_alloc(&mut self, size: usize, mask: u64) -> u32 {
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

    /// The allocator of a size class whose objects begin with their element's type.
    pub fn header_alloc(&mut self, class: usize) -> u32 {
        if self.header_class[class] == NONE {
            self.header_class[class] = self.new_class_alloc(class, Scan::Header);
        }
        self.header_class[class]
    }

    /// The allocator of a size class whose objects begin with their mask.
    fn shared_alloc(&mut self, class: usize) -> u32 {
        if self.shared_class[class] == NONE {
            self.shared_class[class] = self.new_class_alloc(class, Scan::Own);
        }
        self.shared_class[class]
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
}

/// Zeroes `bytes`, a multiple of 8, without a call when they are few.
///
/// # Safety
/// They are writable, at an address that is a multiple of 8.
#[inline]
unsafe fn zero(p: *mut u8, bytes: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        if bytes > 128 {
            return p.write_bytes(0, bytes);
        }
        for i in 0..bytes / 8 {
            // Else the loop would become a call again.
            p.cast::<u64>().add(i).write_volatile(0);
        }
    }
}

impl Heap {
    /// Where the allocator's run is kept.
    #[inline]
    fn cell_ptr(&mut self, id: u32) -> *mut Cell {
        let a = &mut self.cache.allocs[id as usize];
        if a.cell == 0 || self.debug.no_cells {
            return &mut a.run;
        }
        // SAFETY: the block is followed by its cells, and `cell` is less than their number.
        unsafe { self.block.cast::<u8>().add(cell_offset(a.cell as usize)).cast() }
    }

    /// The next object of an allocator.
    #[inline]
    pub(crate) fn alloc(&mut self, id: u32) -> Result<*mut u8, OutOfMemory> {
        if self.debug.no_cells {
            self.slow_path();
        }
        let cell = self.cell_ptr(id);
        let size = self.cache.allocs[id as usize].class.elem_size as usize;
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
        if self.cache.shapes_seen != self.cache.shapes.len() {
            self.refresh_cells();
        }
        if !self.debug.no_cells {
            self.slow_path();
        }
        if self.cache.allocs[id as usize].cold > 0 {
            self.cache.allocs[id as usize].cold -= 1;
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
                return Err(self.out_of_memory(self.cache.allocs[id as usize].class.elem_size as usize));
            }
            collected = true;
        }
    }

    /// One of a shape's first objects.
    fn alloc_shared(&mut self, id: u32) -> Result<*mut u8, OutOfMemory> {
        let SpanClass { elem_size, mask, .. } = self.cache.allocs[id as usize].class;
        let size = elem_size as usize;
        if mask == 0 {
            let id = self.cache.noscan_alloc(CLASS_TO_SIZE[size_class(size)] as usize);
            return self.alloc(id);
        }
        let shared = self.cache.shared_alloc(size_class(size + MALLOC_HEADER_SIZE));
        let slot = self.alloc(shared)?;
        // SAFETY: the slot has a word for the mask and room for `size` more bytes.
        unsafe {
            slot.cast::<u64>().write(mask);
            Ok(slot.add(MALLOC_HEADER_SIZE))
        }
    }

    /// The next run in the allocator's current span.
    fn next_run(&mut self, id: u32) -> Option<*mut u8> {
        let a = &mut self.cache.allocs[id as usize];
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
                zero(first, bytes);
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
        let a = &mut self.cache.allocs[id as usize];
        let page = a.partial.0;
        if page != NONE {
            a.partial.0 = self.pages.span(page).next;
        } else {
            let (npages, class) = (a.npages, a.class);
            match self.pages.alloc_span(npages, &class) {
                Some(new) => {
                    let a = &mut self.cache.allocs[id as usize];
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
    pub(crate) fn slow_path(&mut self) {
        self.slow_paths += 1;
        if self.pacer.is_due() || self.debug.stress_every != 0 {
            self.collect_if_due();
        }
    }

    /// Gives cells to allocators whose shape has got one since they were made.
    fn refresh_cells(&mut self) {
        self.cache.shapes_seen = self.cache.shapes.len();
        for i in 0..self.cache.allocs.len() {
            let a = &mut self.cache.allocs[i];
            if a.cell != 0 || a.class.scan != Scan::Mask {
                continue;
            }
            a.cell = self.cache.shapes.find(a.class.elem_size as usize, a.class.mask) as u32;
            if a.cell != 0 && !self.debug.no_cells {
                let run = std::mem::replace(&mut a.run, Cell { cur: 0, end: 0 });
                let cell = self.cell_ptr(i as u32);
                // SAFETY: `cell_ptr` is the allocator's cell, which no run was put in so far.
                unsafe { cell.write(run) };
            }
        }
    }

    /// Ends all runs: what is left of them is free again. Afterwards `alloc` bits and statistics are exact.
    pub(crate) fn flush_runs(&mut self) {
        for id in 0..self.cache.allocs.len() as u32 {
            let (start, end) = self.run_rest(id);
            let cell = self.cell_ptr(id);
            // SAFETY: see `cell_ptr`.
            unsafe { cell.write(Cell { cur: 0, end: 0 }) };
            let a = &mut self.cache.allocs[id as usize];
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
        let a = &self.cache.allocs[id as usize];
        if a.span == NONE || run.cur >= run.end {
            return (0, 0);
        }
        let base = self.pages.page_addr(a.span) as usize;
        let size = a.class.elem_size as usize;
        ((run.cur - base) / size, (run.end - base) / size)
    }

    /// The span from which the allocator hands out objects.
    pub(crate) fn current_span(&self, id: u32) -> u32 {
        self.cache.allocs[id as usize].span
    }

    /// Appends a swept span to its allocator's list of those with free objects.
    pub(crate) fn push_partial(&mut self, page: u32) {
        let id = self.pages.span(page).alloc_id;
        self.pages.span_mut(page).next = NONE;
        let (head, tail) = self.cache.allocs[id as usize].partial;
        if head == NONE {
            self.cache.allocs[id as usize].partial = (page, page);
            return;
        }
        self.pages.span_mut(tail).next = page;
        self.cache.allocs[id as usize].partial = (head, page);
    }
}
