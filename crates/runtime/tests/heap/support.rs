//! Descriptors made by hand, a block, and roots that are a plain vector.

use itab_abi::block::{GLOBALS, IsolateBlock};
use itab_abi::types::Type;
use itab_runtime::heap::malloc::{Heap, HeapDebug, HeapOptions};
use itab_runtime::heap::malloc_shape::ShapeTable;
use itab_runtime::heap::mgcmark::Marker;
use itab_runtime::heap::mgcroots::Roots;
use std::ptr::NonNull;
use std::sync::Arc;

/// A descriptor of `size` bytes whose words `mask` are pointers.
pub fn type_of(size: usize, mask: &[u64]) -> *const Type {
    let words = mask
        .iter()
        .enumerate()
        .rev()
        .find(|(_, w)| **w != 0)
        .map_or(0, |(i, w)| i * 64 + 64 - w.leading_zeros() as usize);
    let data: &'static [u64] = Box::leak(mask.to_vec().into_boxed_slice());
    // SAFETY: all zeros is a valid descriptor.
    let mut typ: Type = unsafe { std::mem::zeroed() };
    typ.size = size;
    typ.ptr_bytes = words * 8;
    typ.gc_data = data.as_ptr().cast();
    (typ.align, typ.field_align) = (8, 8);
    Box::leak(Box::new(typ))
}

/// Roots that are known exactly.
#[derive(Default)]
pub struct Slots(pub Vec<*mut u8>);

impl Roots for Slots {
    fn scan(&mut self, marker: &mut Marker<'_>) {
        for &p in &self.0 {
            marker.pointer(p);
        }
    }
}

/// A heap with its block and roots.
pub struct TestHeap {
    pub heap: Heap,
    pub shapes: Arc<ShapeTable>,
    roots: *mut Slots,
    block: *mut u64,
}

impl TestHeap {
    pub fn new(options: &HeapOptions) -> TestHeap {
        let shapes = Arc::new(ShapeTable::new());
        let block = Box::into_raw(vec![0u64; GLOBALS / 8].into_boxed_slice()).cast::<u64>();
        let roots = Box::into_raw(Box::<Slots>::default());
        // SAFETY: the block is large enough, zero, and dropped after the heap.
        let mut heap =
            unsafe { Heap::new(options, shapes.clone(), block.cast::<IsolateBlock>()) }.expect("address space");
        // SAFETY: dropped after the heap, borrowed only between its calls.
        unsafe { heap.set_roots(NonNull::new(roots as *mut dyn Roots)) };
        TestHeap { heap, shapes, roots, block }
    }

    pub fn roots(&mut self) -> &mut Vec<*mut u8> {
        // SAFETY: the heap uses it only within its calls.
        unsafe { &mut (*self.roots).0 }
    }

    /// A cell of the block.
    pub fn cell(&self, cell: usize) -> *mut itab_abi::block::Cell {
        // SAFETY: inside the block.
        unsafe { self.block.cast::<u8>().add(itab_abi::block::cell_offset(cell)).cast() }
    }

    pub fn collect(&mut self) {
        assert!(self.heap.collect_now());
    }

    pub fn alloc(&mut self, typ: *const Type) -> *mut u8 {
        // SAFETY: test types live for ever.
        unsafe { self.heap.mallocgc(typ) }.expect("memory")
    }

    pub fn array(&mut self, typ: *const Type, n: usize) -> *mut u8 {
        // SAFETY: test types live for ever.
        unsafe { self.heap.newarray(typ, n) }.expect("memory")
    }
}

impl Drop for TestHeap {
    fn drop(&mut self) {
        // SAFETY: nothing collects any more; the heap itself frees its region only.
        unsafe {
            self.heap.set_roots(None);
            drop(Box::from_raw(self.roots));
            drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(self.block, GLOBALS / 8)));
        }
    }
}

/// A small reservation, so that Miri can provide it.
pub fn options() -> HeapOptions {
    HeapOptions { reserve: if cfg!(miri) { 2 << 20 } else { 4 << 30 }, ..HeapOptions::default() }
}

/// Everything that shows errors, collecting at every `every`th slow path.
pub fn stress(every: u64) -> HeapOptions {
    let debug = HeapDebug { stress_every: every, clobberfree: true, gccheck: true, ..HeapDebug::default() };
    HeapOptions { debug, ..options() }
}

/// Word `i` of an object.
pub fn word(object: *mut u8, i: usize) -> *mut *mut u8 {
    // SAFETY: tests pass indices inside the object.
    unsafe { object.cast::<*mut u8>().add(i) }
}

/// Reads word `i` of an object.
pub fn get(object: *mut u8, i: usize) -> *mut u8 {
    // SAFETY: tests pass live objects.
    unsafe { word(object, i).read() }
}

/// Writes word `i` of an object.
pub fn set(object: *mut u8, i: usize, p: *mut u8) {
    // SAFETY: tests pass live objects.
    unsafe { word(object, i).write(p) }
}

/// A repeatable random number generator (splitmix64).
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}
