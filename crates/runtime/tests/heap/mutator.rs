//! A random mutator with a shadow model.
//!
//! The model knows every object that was allocated, its type, a stamp in each of its words that is no pointer, and where
//! its pointers lead (with an offset inside the target). After each batch: the objects reachable in the model are just as
//! the model says, and, as all roots are precise, the heap has exactly these and no others.

#[cfg(not(miri))]
use crate::support::options;
use crate::support::{Rng, TestHeap, get, set, stress, type_of};
use itab_abi::types::Type;
use itab_runtime::heap::malloc::HeapOptions;
use std::collections::HashSet;

/// A type with what the model knows of it.
struct Shape {
    typ: *const Type,
    words: usize,
    pointers: Vec<usize>,
}

fn shape(words: usize, mask: &[u64]) -> Shape {
    let pointers = (0..words).filter(|&i| mask.get(i / 64).is_some_and(|w| w >> (i % 64) & 1 != 0)).collect();
    Shape { typ: type_of(words * 8, mask), words, pointers }
}

fn shapes() -> Vec<Shape> {
    vec![
        shape(1, &[0]),
        shape(1, &[1]),
        shape(2, &[0b11]),
        shape(2, &[0b01]),
        shape(3, &[0b101]),
        shape(5, &[0]),
        shape(7, &[0b1000001]),
        shape(16, &[0xaaaa]),
        shape(64, &[u64::MAX]),
        shape(64, &[0]),
        shape(65, &[1, 1]),
        shape(130, &[0, 0xff, 0b10]),
        shape(200, &[0]),
        shape(700, &[0, 0, 0, 7]),
        shape(5000, &[1; 3]),
    ]
}

struct Object {
    address: *mut u8,
    shape: usize,
    count: usize,
    /// Per element and pointer: target and offset.
    edges: Vec<Option<(usize, usize)>>,
}

struct Model {
    t: TestHeap,
    shapes: Vec<Shape>,
    objects: Vec<Option<Object>>,
    roots: Vec<Option<(usize, usize)>>,
    /// Weak handles, which are roots after the others, with their targets.
    weak: Vec<(*mut u8, usize)>,
    /// Cleanups of objects that are not known to be dead.
    cleanups: HashSet<usize>,
    failures: usize,
    rng: Rng,
}

const ROOTS: usize = 300;

impl Model {
    fn new(options: &HeapOptions, seed: u64) -> Model {
        let mut t = TestHeap::new(options);
        t.roots().resize(ROOTS, std::ptr::null_mut());
        Model {
            t,
            shapes: shapes(),
            objects: Vec::new(),
            roots: vec![None; ROOTS],
            weak: Vec::new(),
            cleanups: HashSet::new(),
            failures: 0,
            rng: Rng(seed),
        }
    }

    fn bytes(&self, id: usize) -> usize {
        let o = self.objects[id].as_ref().unwrap();
        self.shapes[o.shape].words * 8 * o.count
    }

    /// Offset of the word that holds edge `e`.
    fn slot(&self, o: &Object, e: usize) -> usize {
        let s = &self.shapes[o.shape];
        e / s.pointers.len() * s.words + s.pointers[e % s.pointers.len()]
    }

    fn stamp(id: usize, word: usize) -> *mut u8 {
        std::ptr::without_provenance_mut((id << 20 | word) << 1 | 1)
    }

    fn step(&mut self) {
        if self.rng.below(50) == 0 {
            self.attach();
        }
        match self.rng.below(16) {
            0..=8 => self.allocate(),
            9..=13 => self.link(),
            14 => {
                let (r, other) = (self.rng.below(ROOTS), self.rng.below(ROOTS));
                let target = if self.rng.below(16) == 0 { None } else { self.walk(other) };
                self.set_root(r, target);
            }
            _ => {
                let r = self.rng.below(ROOTS);
                let to = self.roots[r].map(|(id, _)| (id, self.rng.below(self.bytes(id))));
                self.set_root(r, to);
            }
        }
    }

    /// Gives something reachable a weak pointer and a cleanup.
    fn attach(&mut self) {
        let r = self.rng.below(ROOTS);
        let Some((id, offset)) = self.walk(r) else { return };
        let p = self.address(Some((id, offset)));
        let handle = self.t.heap.register_weak_pointer(p).expect("memory");
        if !self.weak.iter().any(|&(h, _)| h == handle) {
            self.weak.push((handle, id));
            self.t.roots().push(handle);
        }
        if self.cleanups.insert(id) {
            let null = std::ptr::null_mut();
            self.t.heap.add_cleanup(p, id + 1, null, null).expect("an object");
        }
    }

    /// Weak pointers are nil, and cleanups queued, for just those objects that are dead.
    fn verify_attached(&mut self, live: &HashSet<usize>) {
        for &(handle, id) in &self.weak {
            // SAFETY: the handle is a root.
            let p = unsafe { self.t.heap.make_strong_from_weak(handle) };
            assert_eq!(!p.is_null(), live.contains(&id), "weak pointer to object {id}");
        }
        self.t.roots().truncate(ROOTS);
        self.weak.retain(|(_, id)| live.contains(id));
        let handles: Vec<_> = self.weak.iter().map(|&(handle, _)| handle).collect();
        self.t.roots().extend(handles);
        while let Some(cleanup) = self.t.heap.next_cleanup() {
            let id = cleanup.call - 1;
            assert!(!live.contains(&id) && self.cleanups.remove(&id), "cleanup of object {id}");
        }
        assert!(self.cleanups.is_subset(live), "cleanups of dead objects did not run");
    }

    fn set_root(&mut self, r: usize, to: Option<(usize, usize)>) {
        self.roots[r] = to;
        self.t.roots()[r] = self.address(to);
    }

    fn address(&self, to: Option<(usize, usize)>) -> *mut u8 {
        to.map_or(std::ptr::null_mut(), |(id, offset)| self.objects[id].as_ref().unwrap().address.wrapping_add(offset))
    }

    /// Something reachable from a root, by a short random walk.
    fn walk(&mut self, root: usize) -> Option<(usize, usize)> {
        let (mut id, _) = self.roots[root]?;
        for _ in 0..self.rng.below(8) {
            let edges = &self.objects[id].as_ref().unwrap().edges;
            if edges.is_empty() {
                break;
            }
            match edges[self.rng.below(edges.len())] {
                Some((next, _)) => id = next,
                None => break,
            }
        }
        let offset = if self.rng.below(2) == 0 { 0 } else { self.rng.below(self.bytes(id)) };
        Some((id, offset))
    }

    fn allocate(&mut self) {
        let shape = if self.rng.below(20) == 0 { self.rng.below(self.shapes.len()) } else { self.rng.below(8) };
        let count = if self.rng.below(4) == 0 { 1 + self.rng.below(12) } else { 1 };
        let s = &self.shapes[shape];
        let (typ, words, pointers) = (s.typ, s.words * count, s.pointers.clone());
        // SAFETY: test types live for ever.
        let address = match unsafe { self.t.heap.newarray(typ, count) } {
            Ok(address) => address,
            Err(_) => return self.give_up(),
        };
        let id = self.objects.len();
        for w in 0..words {
            assert!(get(address, w).is_null(), "a new object is not zero");
            if !pointers.contains(&(w % (words / count))) {
                set(address, w, Model::stamp(id, w));
            }
        }
        let edges = vec![None; pointers.len() * count];
        self.objects.push(Some(Object { address, shape, count, edges }));
        let r = self.rng.below(ROOTS);
        let old = self.roots[r];
        self.set_root(r, Some((id, 0)));
        // The new object often takes over what the root led to, so that graphs grow.
        let edges = self.objects[id].as_ref().unwrap().edges.len();
        if edges > 0 && self.rng.below(8) != 0 {
            self.set_edge(id, 0, old);
        }
        for e in 1..edges.min(4) {
            let other = self.rng.below(ROOTS);
            let to = self.walk(other);
            self.set_edge(id, e, to);
        }
    }

    /// Out of memory: lets go of most of the roots.
    fn give_up(&mut self) {
        self.failures += 1;
        for r in (0..ROOTS).filter(|r| r % 8 != 0) {
            self.set_root(r, None);
        }
    }

    fn set_edge(&mut self, id: usize, e: usize, to: Option<(usize, usize)>) {
        let p = self.address(to);
        let o = self.objects[id].as_ref().unwrap();
        set(o.address, self.slot(o, e), p);
        self.objects[id].as_mut().unwrap().edges[e] = to;
    }

    fn link(&mut self) {
        let (from, to) = (self.rng.below(ROOTS), self.rng.below(ROOTS));
        let Some((id, _)) = self.walk(from) else { return };
        let n = self.objects[id].as_ref().unwrap().edges.len();
        if n == 0 {
            return;
        }
        let target = if self.rng.below(10) == 0 { None } else { self.walk(to) };
        let e = self.rng.below(n);
        self.set_edge(id, e, target);
    }

    /// Compares everything reachable with the model, and forgets the rest.
    fn verify(&mut self) {
        let mut seen = HashSet::new();
        let mut work: Vec<usize> = self.roots.iter().flatten().map(|&(id, _)| id).collect();
        while let Some(id) = work.pop() {
            if !seen.insert(id) {
                continue;
            }
            let o = self.objects[id].as_ref().unwrap();
            let s = &self.shapes[o.shape];
            for w in 0..s.words * o.count {
                if !s.pointers.contains(&(w % s.words)) {
                    assert_eq!(get(o.address, w), Model::stamp(id, w), "object {id}, word {w}");
                }
            }
            for (e, &to) in o.edges.iter().enumerate() {
                assert_eq!(get(o.address, self.slot(o, e)), self.address(to), "object {id}, edge {e}");
                work.extend(to.map(|(id, _)| id));
            }
        }
        self.t.collect();
        self.t.heap.check_heap();
        assert_eq!(self.t.heap.mem_stats().heap_objects as usize, seen.len() + self.weak.len());
        self.verify_attached(&seen);
        for (id, object) in self.objects.iter_mut().enumerate() {
            if !seen.contains(&id) {
                *object = None;
            }
        }
    }

    fn run(&mut self, batches: usize, steps: usize) {
        for _ in 0..batches {
            for _ in 0..steps {
                self.step();
            }
            self.verify();
        }
    }
}

#[cfg(not(miri))]
const MILLIONS: usize = if cfg!(debug_assertions) { 60_000 } else { 1_000_000 };

#[test]
#[cfg(not(miri))]
fn paced() {
    Model::new(&options(), 1).run(20, MILLIONS / 20);
}

#[test]
#[cfg(not(miri))]
fn stressed() {
    for seed in 2..4 {
        Model::new(&stress(50), seed).run(5, MILLIONS / 40);
    }
}

#[test]
fn every_allocation_collects() {
    let mut options = stress(1);
    options.debug.no_cells = true;
    let steps = if cfg!(miri) { 15 } else { 2000 };
    Model::new(&options, 5).run(2, steps);
}

#[test]
#[cfg(not(miri))]
fn under_a_limit() {
    let mut options = options();
    options.limit = 4 << 20;
    options.gogc = -1;
    let mut model = Model::new(&options, 6);
    model.run(10, 20_000);
    let collections = model.t.heap.mem_stats().num_gc;
    assert!(collections > 15 && model.failures > 2, "{collections} collections, {} failures", model.failures);
    assert!(model.t.heap.mem_stats().sys <= 4 << 20);
}

#[test]
#[cfg(not(miri))]
fn the_stress_budget_adapts() {
    let mut options = stress(1);
    options.debug.stress_budget = std::time::Duration::from_millis(50);
    Model::new(&options, 7).run(4, MILLIONS / 10);
}
