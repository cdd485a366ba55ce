//! Heaps are cheap to make and leave nothing behind. In a process of its own, because it looks at the process's memory.

use itab_abi::block::{GLOBALS, IsolateBlock};
use itab_runtime::heap::malloc::{Heap, HeapOptions};
use itab_runtime::heap::malloc_shape::ShapeTable;
use itab_runtime::heap::mgcmark::Marker;
use std::sync::Arc;

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    statm.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok()).expect("a number of pages") * 4096
}

/// Makes a heap of the default size with a few objects of many shapes.
fn isolate(block: &mut [u64], shapes: &Arc<ShapeTable>) -> Heap {
    // SAFETY: the block is large enough and zero, and outlives the heap.
    let mut heap =
        unsafe { Heap::new(&HeapOptions::default(), shapes.clone(), block.as_mut_ptr().cast::<IsolateBlock>()) }
            .expect("address space");
    for words in 1..25 {
        heap.alloc_noscan(words * 8).expect("memory");
        for mask in [1, 1 << (words - 1), (1 << words) - 1, 0x5555_5555 & ((1 << words) - 1)] {
            heap.alloc_record(words * 8, mask).expect("memory");
            heap.alloc_record(words * 8, mask).expect("memory");
        }
    }
    heap
}

#[test]
fn isolates_are_small_and_leave_nothing_behind() {
    idle_isolates_are_small();
    let shapes = Arc::new(ShapeTable::new());
    let round = || {
        let mut block = vec![0; GLOBALS / 8];
        let mut heap = isolate(&mut block, &shapes);
        heap.alloc_noscan(100_000).expect("memory");
        heap.collect(&mut |_: &mut Marker<'_>| {});
        heap.check_heap();
    };
    (0..100).for_each(|_| round());
    let before = resident();
    (0..10_000).for_each(|_| round());
    let after = resident();
    assert!(after < before + (1 << 20), "{before} -> {after}");
}

fn idle_isolates_are_small() {
    let shapes = Arc::new(ShapeTable::new());
    let before = resident();
    let mut blocks: Vec<Vec<u64>> = (0..100).map(|_| vec![0; GLOBALS / 8]).collect();
    let heaps: Vec<Heap> = blocks.iter_mut().map(|block| isolate(block, &shapes)).collect();
    let each = (resident() - before) / heaps.len();
    println!("{each} bytes a heap with one or two objects of each of a hundred shapes");
    assert!(each < 200 << 10, "{each}");
}
