//! Allocation and collection, as compiled code does it: an inline bump in the shape's cell, then the slow path, with the
//! stack scanned conservatively. `heap.go` beside it prints the same lines for Go.

mod measure;

use itab_abi::block::{Cell, GLOBALS, IsolateBlock, cell_offset};
use itab_abi::types::Type;
use itab_runtime::heap::malloc::{Heap, HeapOptions};
use itab_runtime::heap::malloc_shape::ShapeTable;
use itab_runtime::heap::mgcmark::Marker;
use itab_runtime::heap::mgcroots::{Roots, callee_saved_registers};
use measure::case;
use std::hint::black_box;
use std::ptr::NonNull;
use std::sync::Arc;

/// Scans this thread's stack, from here to where `main` began, and package variables.
struct Stack {
    top: *const u8,
    globals: [*mut u8; 2],
}

impl Roots for Stack {
    #[inline(never)]
    fn scan(&mut self, marker: &mut Marker<'_>) {
        let registers = callee_saved_registers();
        self.globals.iter().for_each(|&p| marker.pointer(p));
        // SAFETY: from this frame to that of `main`.
        unsafe { marker.range(registers.as_ptr().cast(), self.top) };
    }
}

#[derive(Clone, Copy)]
struct Site {
    cell: *mut Cell,
    size: usize,
    typ: *const Type,
}

struct Bench {
    heap: Heap,
    block: *mut u64,
    shapes: Arc<ShapeTable>,
    stack: *mut Stack,
}

impl Bench {
    fn site(&self, size: usize, mask: u64) -> Site {
        let cell = self.shapes.cell(size, mask);
        // SAFETY: all zeros is a valid descriptor.
        let mut typ: Type = unsafe { std::mem::zeroed() };
        typ.size = size;
        typ.ptr_bytes = (64 - mask.leading_zeros() as usize) * 8;
        typ.gc_data = Box::leak(Box::new(mask)) as *const u64 as *const u8;
        // SAFETY: within the block.
        let cell = unsafe { self.block.cast::<u8>().add(cell_offset(cell)).cast() };
        Site { cell, size, typ: Box::leak(Box::new(typ)) }
    }

    /// What compiled code does.
    #[inline(always)]
    fn new_object(&mut self, site: Site) -> *mut u8 {
        // SAFETY: the cell is the site's, which only the heap and this function write.
        unsafe {
            let cur = (*site.cell).cur;
            let next = cur + site.size;
            if next > (*site.cell).end {
                return self.slow(site.typ);
            }
            (*site.cell).cur = next;
            cur as *mut u8
        }
    }

    #[cold]
    #[inline(never)]
    fn slow(&mut self, typ: *const Type) -> *mut u8 {
        // SAFETY: types live for ever.
        unsafe { self.heap.mallocgc(typ) }.expect("memory")
    }

    fn tree(&mut self, site: Site, depth: u32) -> *mut [*mut u8; 2] {
        if depth == 0 {
            return self.new_object(site).cast();
        }
        let left = self.tree(site, depth - 1);
        let right = self.tree(site, depth - 1);
        let node = self.new_object(site).cast::<[*mut u8; 2]>();
        // SAFETY: a new object of two words.
        unsafe { node.write([left.cast(), right.cast()]) };
        node
    }
}

fn count(node: *mut [*mut u8; 2]) -> u64 {
    // SAFETY: a tree's nodes are alive while it is.
    let [left, right] = unsafe { *node };
    if left.is_null() { 1 } else { 1 + count(left.cast()) + count(right.cast()) }
}

/// The nodes of a tree of `depth` in a random order in memory.
fn shuffled(b: &mut Bench, site: Site, depth: u32) -> *mut u8 {
    let n = (2usize << depth) - 1;
    b.heap.inhibit();
    let mut nodes: Vec<*mut u8> = (0..n).map(|_| b.new_object(site)).collect();
    b.heap.permit();
    let mut seed = 1u64;
    for i in (1..n).rev() {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        nodes.swap(i, (seed >> 33) as usize % (i + 1));
    }
    for i in 0..n / 2 {
        // SAFETY: live objects of two words.
        unsafe { nodes[i].cast::<[*mut u8; 2]>().write([nodes[2 * i + 1], nodes[2 * i + 2]]) };
    }
    nodes[0]
}

fn main() {
    let top = 0usize;
    let block = vec![0u64; GLOBALS / 8].leak().as_mut_ptr();
    let shapes = Arc::new(ShapeTable::new());
    let stack =
        Box::leak(Box::new(Stack { top: (&raw const top).cast(), globals: [std::ptr::null_mut(); 2] })) as *mut Stack;
    // SAFETY: the block is large enough and zero.
    let mut heap = unsafe { Heap::new(&HeapOptions::default(), shapes.clone(), block.cast::<IsolateBlock>()) }
        .expect("address space");
    // SAFETY: leaked, used by the heap within its calls only.
    unsafe { heap.set_roots(NonNull::new(stack as *mut dyn Roots)) };
    let mut b = Bench { heap, block, shapes, stack };

    allocate(&mut b);
    trees(&mut b);
    collect(&mut b);
}

fn allocate(b: &mut Bench) {
    const N: usize = 1_000_000;
    for size in [8, 16, 64] {
        let site = b.site(size, 0);
        case(&format!("allocate {size} bytes"), 21, N, || (0..N).for_each(|_| _ = black_box(b.new_object(site))));
    }
    let site = b.site(16, 0b11);
    case("allocate 16 bytes with pointers by a call", 21, N, || {
        (0..N).for_each(|_| _ = black_box(b.slow(site.typ)));
    });
    case("allocate 1000 bytes", 21, N, || {
        (0..N).for_each(|_| _ = black_box(b.heap.alloc_noscan(1000).expect("memory")))
    });
}

fn trees(b: &mut Bench) {
    let site = b.site(16, 0b11);
    for depth in 16..=20 {
        let nodes = (2usize << depth) - 1;
        case(&format!("binary tree of depth {depth}"), 9, nodes, || {
            assert_eq!(count(b.tree(site, depth)), nodes as u64)
        });
    }
}

fn collect(b: &mut Bench) {
    let site = b.site(16, 0b11);
    b.heap.collect_now();
    case("empty collection", 101, 1, || assert!(b.heap.collect_now()));
    let root = shuffled(b, site, 20);
    // SAFETY: the heap uses it within its calls only.
    unsafe { (*b.stack).globals[0] = root };
    let objects = (2usize << 20) - 1;
    b.heap.collect_now();
    case("mark and sweep of a random tree of 33.6 MB", 11, objects, || assert!(b.heap.collect_now()));
}
