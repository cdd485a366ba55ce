//! A typed call allocates nothing on the Rust side, in either direction.

mod common;

use common::{builder, load};
use itab::{Closure, Iface, Isolate, Root, Signature};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counted for each thread.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: the system's allocator does all of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that ends has no count any more.
        let _ = ALLOCATIONS.try_with(|n| n.set(n.get() + 1));
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(p, layout) }
    }
}

/// What many calls allocate, when the first have been made.
fn allocations(mut call: impl FnMut()) -> u64 {
    (0..100).for_each(|_| call());
    let before = ALLOCATIONS.get();
    (0..1000).for_each(|_| call());
    ALLOCATIONS.get() - before
}

#[derive(itab::Go, Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
    visible: bool,
}

#[itab::interface]
trait Counter {
    fn add(&self, by: i64) -> itab::Result<i64>;
    fn name_is(&self, name: &str) -> bool;
}

const SOURCE: &str = r#"
package main

import "errors"

type Point struct { X, Y float64; Visible bool }

func Add(a, b int) int { return a + b }
func Half(a int) (int, error) { if a%2 != 0 { return 0, errors.New("odd") }; return a / 2, nil }
func Length(s string) int { return len(s) }
func Sum(all []float64) (sum float64) { for _, x := range all { sum += x }; return }
func Mirror(p Point) Point { return Point{-p.X, -p.Y, p.Visible} }
func hostAdd(a, b int) int
func Loop(n int) (sum int) { for i := range n { sum = hostAdd(sum, i) }; return }
func Each(n int, f func(int) int) (sum int) { for i := range n { sum += f(i) }; return }

type counter struct{ n int }

func (c *counter) Add(by int) (int, error) { c.n += by; return c.n, nil }
func (c *counter) NameIs(name string) bool { return name == "counter" }
func New() *counter { return &counter{} }
"#;

fn isolate() -> Isolate {
    let program = load(builder(SOURCE).func("main.hostAdd", |a: i64, b: i64| a + b));
    program.isolate().unwrap_or_else(|e| panic!("{e}"))
}

fn func<F: Signature>(isolate: &Isolate, name: &str) -> itab::Func<F> {
    isolate.func(name).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn calls_into_go_allocate_nothing() {
    let mut isolate = isolate();
    let add = func::<fn(i64, i64) -> i64>(&isolate, "Add");
    assert_eq!(allocations(|| assert_eq!(add.call(&mut isolate, 1, 2).unwrap(), 3)), 0);
    let half = func::<fn(i64) -> itab::Result<i64>>(&isolate, "Half");
    assert_eq!(allocations(|| assert_eq!(half.call(&mut isolate, 4).unwrap(), 2)), 0);
    let length = func::<fn(String) -> i64>(&isolate, "Length");
    assert_eq!(allocations(|| assert_eq!(length.call(&mut isolate, "four").unwrap(), 4)), 0);
    let sum = func::<fn(Vec<f64>) -> f64>(&isolate, "Sum");
    let numbers = vec![1.0; 50];
    assert_eq!(allocations(|| assert_eq!(sum.call(&mut isolate, &numbers).unwrap(), 50.0)), 0);
    let mirror = func::<fn(Point) -> Point>(&isolate, "Mirror");
    let point = Point { x: 1.0, y: 2.0, visible: true };
    let mirrored = || {
        let p = mirror.call(&mut isolate, point).unwrap();
        assert!(p.x == -1.0 && p.y == -2.0 && p.visible);
    };
    assert_eq!(allocations(mirrored), 0);
}

#[test]
fn calls_of_the_host_allocate_nothing() {
    let mut isolate = isolate();
    let looped = func::<fn(i64) -> i64>(&isolate, "Loop");
    assert_eq!(allocations(|| assert_eq!(looped.call(&mut isolate, 100).unwrap(), 4950)), 0);
    let each = func::<fn(i64, Closure<fn(i64) -> i64>) -> i64>(&isolate, "Each");
    let mut run = |times| {
        let before = ALLOCATIONS.get();
        each.call(&mut isolate, times, Closure::new(|n: i64| n)).unwrap();
        ALLOCATIONS.get() - before
    };
    run(10);
    // The closure itself is made; its calls are free.
    assert_eq!(run(10), run(1000));
}

#[test]
fn methods_through_a_trait_allocate_nothing() {
    let mut isolate = isolate();
    let root = func::<fn() -> Root<dyn Counter>>(&isolate, "New").call(&mut isolate).unwrap();
    let mut scope = isolate.scope().unwrap();
    let counter: Iface<'_, dyn Counter> = root.open(&mut scope).unwrap();
    assert_eq!(allocations(|| assert!(counter.add(1).unwrap() > 0)), 0);
    assert_eq!(allocations(|| assert!(counter.name_is("counter"))), 0);
}

#[test]
fn what_is_kept_is_counted() {
    let mut isolate = isolate();
    let half = func::<fn(i64) -> itab::Result<i64>>(&isolate, "Half");
    assert!(allocations(|| assert!(half.call(&mut isolate, 3).is_err())) > 0);
}
