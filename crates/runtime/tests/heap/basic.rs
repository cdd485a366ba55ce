//! Allocation, marking, limits, statistics, isolates.

use crate::support::{Slots, TestHeap, get, options, set, stress, type_of};
use itab_abi::block::{CELLS, Cell, FIRST_SHAPE_CELL};
use itab_runtime::heap::malloc::{HeapOptions, zerobase};

#[test]
fn objects_are_zero_and_apart() {
    let mut t = TestHeap::new(&options());
    let step = if cfg!(miri) { 509 } else { 1 };
    for size in [1, 8, 16, 24, 40, 512, 513, 1000, 5000, 32768, 32769, 100_000] {
        let a = t.heap.alloc_noscan(size).unwrap();
        let b = t.heap.alloc_noscan(size).unwrap();
        assert!((a as usize).abs_diff(b as usize) >= size);
        // SAFETY: `size` bytes each.
        unsafe {
            assert!((0..size).step_by(step).all(|i| *a.add(i) == 0 && *b.add(i) == 0));
            a.write_bytes(0xff, size);
            assert!((0..size).step_by(step).all(|i| *b.add(i) == 0));
        }
    }
    t.heap.check_heap();
    assert_eq!(t.heap.alloc_noscan(0).unwrap(), zerobase());
    let empty = type_of(0, &[]);
    assert_eq!(t.alloc(empty), zerobase());
    assert_eq!(t.array(empty, 1 << 40), zerobase());
}

#[test]
fn unreachable_is_freed_and_reused_zeroed() {
    const N: u64 = if cfg!(miri) { 100 } else { 2000 };
    let mut t = TestHeap::new(&stress(0));
    let node = type_of(16, &[0b11]);
    for round in 0..3 {
        let mut head = std::ptr::null_mut();
        for _ in 0..N {
            let new = t.alloc(node);
            assert!(get(new, 0).is_null() && get(new, 1).is_null());
            set(new, 1, head);
            head = new;
        }
        *t.roots() = vec![head];
        t.collect();
        t.heap.check_heap();
        let stats = t.heap.mem_stats();
        assert_eq!(stats.heap_objects, N, "round {round}");
        assert!((N * 16..N * 16 + 100).contains(&stats.heap_alloc), "a few first objects have headers");
        assert_eq!(stats.mallocs - stats.frees, N);
        let mut n = 0;
        while !head.is_null() {
            (head, n) = (get(head, 1), n + 1);
        }
        assert_eq!(n, N);
    }
    t.roots().clear();
    t.collect();
    assert_eq!(t.heap.mem_stats().heap_objects, 0);
    assert_eq!(t.heap.mem_stats().heap_inuse, 0);
    t.heap.check_heap();
}

#[test]
fn interior_pointers_keep_objects() {
    let mut t = TestHeap::new(&stress(0));
    let big = type_of(64 * 8 + 64, &[1 << 63, 1 << 7]);
    let leaf = type_of(24, &[0]);
    for (typ, n, offset, holds) in
        [(big, 1, 575, 71), (big, 1, 0, 63), (big, 4, 576 * 2 + 300, 72 + 63), (big, 100, 57_599, 72 * 99 + 71)]
    {
        let object = t.array(typ, n);
        t.roots().push(object);
        let inner = t.alloc(leaf);
        // SAFETY: within the objects.
        unsafe {
            inner.write(7);
            set(object, holds, inner.add(23));
            *t.roots() = vec![object.add(offset)];
        }
        t.collect();
        t.heap.check_heap();
        assert_eq!(t.heap.mem_stats().heap_objects, 2);
        // SAFETY: it is alive.
        assert_eq!(unsafe { get(object, holds).sub(23).read() }, 7);
        t.roots().clear();
        t.collect();
        assert_eq!(t.heap.mem_stats().heap_objects, 0);
    }
}

#[test]
fn masks_are_precise() {
    let mut t = TestHeap::new(&stress(0));
    let leaf = type_of(8, &[]);
    for (typ, words, pointer) in [
        (type_of(24, &[0b010]), 3, 1),
        (type_of(800, &[0, 1 << 20]), 100, 84),
        (type_of(40_000, &[0, 0, 1]), 5000, 128),
    ] {
        let object = t.alloc(typ);
        *t.roots() = vec![object];
        for i in 0..words {
            let p = t.alloc(leaf);
            set(object, i, p);
        }
        t.collect();
        assert_eq!(t.heap.mem_stats().heap_objects, 2, "word {pointer} of {words}");
        t.roots().clear();
        t.collect();
    }
}

#[test]
fn records_and_cells() {
    let mut t = TestHeap::new(&options());
    let first = t.heap.alloc_record(24, 0b100).unwrap();
    let cell = t.shapes.cell(24, 0b100);
    assert_eq!(cell, FIRST_SHAPE_CELL);
    let at = t.cell(cell);
    // SAFETY: the heap is not in use meanwhile.
    assert_eq!(unsafe { at.read() }.cur, 0, "the shape got its cell after its allocator");
    for _ in 0..1000 {
        t.heap.alloc_record(24, 0b100).unwrap();
    }
    // SAFETY: as above.
    let Cell { cur, end } = unsafe { at.read() };
    assert!(cur > first as usize && end > cur && (end - cur) % 24 == 0);
    // An inline allocation, as compiled code does it.
    // SAFETY: as above.
    unsafe { (*at).cur += 24 };
    assert_eq!(t.heap.mem_stats().mallocs, 1002);
    t.collect();
    assert_eq!(t.heap.mem_stats().frees, 1002);
    t.heap.check_heap();
    assert_eq!(CELLS % 16, 0);
}

#[test]
fn host_handles() {
    let mut t = TestHeap::new(&stress(0));
    let p = t.heap.alloc_noscan(16).unwrap();
    let q = t.heap.alloc_noscan(16).unwrap();
    let (a, b) = (t.heap.new_root(p), t.heap.new_root(q));
    t.collect();
    assert_eq!(t.heap.mem_stats().heap_objects, 2);
    assert_eq!((t.heap.root(a), t.heap.root(b)), (p, q));
    let dropped = t.heap.dropped_roots();
    std::thread::spawn(move || dropped.lock().unwrap().push(a)).join().unwrap();
    t.heap.drop_root(b);
    t.collect();
    assert_eq!(t.heap.mem_stats().heap_objects, 0);
}

#[test]
#[cfg(not(miri))]
fn locals_are_found_on_the_stack() {
    let mut t = TestHeap::new(&stress(0));
    t.roots().clear();
    let object = itab_runtime::heap::mgcroots::Local::new(t.heap.alloc_noscan(64).unwrap());
    let low = 0u8;
    let mut roots = |m: &mut itab_runtime::heap::mgcmark::Marker<'_>| {
        let registers = itab_runtime::heap::mgcroots::callee_saved_registers();
        let top = (&raw const low).wrapping_add(4096);
        let bottom = registers.as_ptr().cast::<u8>();
        // SAFETY: from this frame to some callers' frames.
        unsafe { m.range(bottom, top) };
    };
    t.heap.collect(&mut roots);
    assert_eq!(t.heap.mem_stats().heap_objects, 1);
    drop(object);
}

#[test]
#[cfg(not(miri))]
fn long_lists_do_not_recurse() {
    let mut t = TestHeap::new(&options());
    let node = type_of(16, &[0b11]);
    t.roots().push(std::ptr::null_mut());
    for _ in 0..10_000_000 {
        let new = t.alloc(node);
        let head = t.roots()[0];
        set(new, 0, head);
        t.roots()[0] = new;
    }
    t.collect();
    assert_eq!(t.heap.mem_stats().heap_objects, 10_000_000);
    let wide = t.array(type_of(8, &[1]), 1_000_000);
    t.roots()[0] = wide;
    for i in 0..1_000_000 {
        let leaf = t.alloc(node);
        set(wide, i, leaf);
    }
    t.collect();
    assert_eq!(t.heap.mem_stats().heap_objects, 1_000_001);
}

#[test]
fn bushy_trees() {
    let mut t = TestHeap::new(&stress(0));
    let wide = type_of(512, &[u64::MAX]);
    let depth = if cfg!(miri) { 1 } else { 2 };
    t.heap.inhibit();
    let root = t.alloc(wide);
    let (mut level, mut n) = (vec![root], 1);
    for _ in 0..depth {
        let mut next = Vec::new();
        for &node in &level {
            for i in 0..64 {
                next.push(t.alloc(wide));
                set(node, i, next[next.len() - 1]);
            }
        }
        n += next.len();
        level = next;
    }
    t.heap.permit();
    for _ in 0..50 {
        t.alloc(wide);
    }
    *t.roots() = vec![root];
    t.collect();
    t.heap.check_heap();
    assert_eq!(t.heap.mem_stats().heap_objects as usize, n);
}

/// A heap in which every page is half full has room at its limit for objects of the same shape.
#[test]
#[cfg(not(miri))]
fn fragments_are_used_at_the_limit() {
    let mut t = TestHeap::new(&HeapOptions { limit: 16 << 20, gogc: -1, ..options() });
    let node = type_of(64, &[1]);
    for i in 0..200_000 {
        let p = t.alloc(node);
        if i % 2 == 0 {
            t.roots().push(p);
        }
    }
    t.collect();
    assert!(t.heap.mem_stats().heap_inuse > 12 << 20);
    for _ in 0..90_000 {
        let p = t.alloc(node);
        t.roots().push(p);
    }
    t.heap.check_heap();
}

#[test]
#[cfg(not(miri))]
fn the_limit_is_kept() {
    let limit = 32 << 20;
    for size in [16, 200, 3000, 100_000, 3 << 20] {
        let mut t = TestHeap::new(&HeapOptions { limit, ..options() });
        let list = type_of(size, &[1]);
        t.roots().push(std::ptr::null_mut());
        let mut n = 0;
        let err = loop {
            // SAFETY: the type lives for ever.
            match unsafe { t.heap.mallocgc(list) } {
                Err(e) => break e,
                Ok(new) => {
                    let head = t.roots()[0];
                    set(new, 0, head);
                    t.roots()[0] = new;
                    n += 1;
                }
            }
        };
        assert_eq!((err.requested, err.limit), (if size == 3000 { 3072 } else { size }, limit));
        assert!(t.heap.mem_stats().sys as usize <= limit);
        assert!(n * size > limit / 100 * 80, "{n} objects of {size} bytes fit");
        // Garbage makes room.
        t.roots()[0] = std::ptr::null_mut();
        for _ in 0..n * 3 {
            t.alloc(list);
        }
        t.heap.charge(limit / 2).unwrap();
        assert!(t.heap.charge(limit).is_err());
        t.heap.check_heap();
    }
}

#[test]
fn pacing_collects() {
    let mut t = TestHeap::new(&HeapOptions { gogc: if cfg!(miri) { 10 } else { 100 }, ..options() });
    let bytes = if cfg!(miri) { 2 << 20 } else { 100 << 20 };
    for _ in 0..bytes / 4096 {
        t.heap.alloc_noscan(4096).unwrap();
    }
    let stats = t.heap.mem_stats();
    assert!((3..=30).contains(&stats.num_gc), "{stats:?}");
    assert!(stats.heap_sys < 6 << 20, "{stats:?}");
    let mut none = Slots::default();
    t.heap.collect(&mut none);
    let stats = t.heap.mem_stats();
    assert_eq!((stats.heap_objects, stats.num_forced_gc), (0, 1));
}

#[test]
fn pages_are_reused_and_coalesced() {
    let mut t = TestHeap::new(&stress(0));
    let mut live = std::collections::VecDeque::new();
    let mut rng = crate::support::Rng(1);
    for step in 0..if cfg!(miri) { 30 } else { 3000 } {
        let pages = 1 + rng.below(if cfg!(miri) { 4 } else { 100 });
        let p = t.heap.alloc_noscan(pages * 8192 + 32769).unwrap();
        live.push_back(p);
        if live.len() > 10 {
            let i = rng.below(live.len());
            live.remove(i);
        }
        if step % 10 == 0 {
            *t.roots() = live.iter().copied().collect();
            t.collect();
            t.heap.check_heap();
            assert_eq!(t.heap.mem_stats().heap_objects as usize, live.len());
        } else {
            t.roots().push(p);
        }
    }
    assert!(t.heap.mem_stats().heap_sys < 64 << 20);
}
