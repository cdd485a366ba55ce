//! What a hostile program, or a host's own code, might try at the border.

mod common;

use common::{builder, load, program};
use itab::derive::{Fits, Give, Place, PlaceMut, Take};
use itab::{Error, Go, IsolateOptions, Scope};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An error that says when it is dropped.
#[derive(Debug)]
struct Watched(Arc<AtomicUsize>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("watched")
    }
}

impl std::error::Error for Watched {}

const COPIES: &str = r#"
package main

import ("reflect"; "runtime")

func fail() error

var copied []error

// Copy makes copies of the host's errors that nobody made for the host, and lets the first ones go.
func Copy() {
	for range 100 {
		first := reflect.ValueOf(fail())
		second := reflect.New(first.Type().Elem())
		second.Elem().Set(first.Elem())
		copied = append(copied, second.Interface().(error))
	}
}

func Copied() error { return copied[50] }

func Empty() error { return reflect.New(reflect.TypeOf(fail()).Elem()).Interface().(error) }

func Collect() { for range 5 { runtime.GC() } }
"#;

#[test]
fn a_copy_of_the_hosts_error_keeps_it() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let own = dropped.clone();
    let builder = builder(COPIES).func("main.fail", move || Err::<(), _>(Watched(own.clone())));
    let mut isolate = load(builder).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let collect = s.func::<fn()>("Collect").unwrap();
    s.func::<fn()>("Copy").unwrap().call(s).unwrap();
    collect.call(s).unwrap();
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    let error = s.func::<fn() -> itab::Result<()>>("Copied").unwrap().call(s).unwrap_err().into_go().unwrap();
    assert_eq!(error.to_string(), "watched");
    assert!(error.downcast_ref::<Watched>().is_some());
    drop(error);
    let empty = s.func::<fn() -> itab::Result<()>>("Empty").unwrap().call(s).unwrap_err();
    assert_eq!(empty.to_string(), "");
    drop(isolate);
    assert_eq!(dropped.load(Ordering::SeqCst), 101);
}

const CHAINS: &str = r#"
package main

import ("errors"; "fmt")

func Chain(n int) error {
	err := errors.New("end")
	for i := range n { err = fmt.Errorf("%d: %w", i, err) }
	return err
}

type Many []error
func (m Many) Error() string { return "many" }
func (m Many) Unwrap() []error { return m }

func Wide(n int) error {
	m := make(Many, n)
	for i := range m { m[i] = errors.New("one") }
	return m
}

type Loop struct{}
func (l Loop) Error() string { return "loop" }
func (l Loop) Unwrap() []error { return []error{l, nil, l} }

func Endless() error { return Loop{} }

type Bad struct{}
func (Bad) Error() string { panic("no text") }
func (Bad) Unwrap() error { panic("no cause") }

func Panics() error { return Bad{} }
"#;

#[test]
fn errors_that_wrap_many_are_told_in_time() {
    let mut isolate = program(CHAINS).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let mut told = |name: &str, n: i64| {
        let f = s.func::<fn(i64) -> itab::Result<()>>(name).unwrap();
        f.call(s, n).unwrap_err().into_go().unwrap()
    };
    let chain = told("Chain", 50);
    assert_eq!(chain.chain().count(), 50);
    assert_eq!(chain.chain().last().unwrap().to_string(), "end");
    assert_eq!(told("Chain", 1000).chain().count(), 64);
    assert_eq!(told("Wide", 100_000).chain().count(), 64);
    for (name, text) in [("Endless", "loop"), ("Panics", "an error that cannot say what it is: panic: no text")] {
        let f = s.func::<fn() -> itab::Result<()>>(name).unwrap();
        let error = f.call(s).unwrap_err().into_go().unwrap();
        assert!(error.to_string().starts_with(text), "{error}");
        assert!(error.chain().count() <= 64);
    }
}

const SHAPES: &str = r#"
package main

type List []List
type Tree map[string]Tree
type Fn func(Fn) Fn
type Node struct { Next *Node; Kids []Node; Any any }

func Lists() List { l := make(List, 1); l[0] = l; return l }
func Trees() Tree { t := Tree{}; t["x"] = t; return t }
func Fns() Fn { return func(f Fn) Fn { return f } }
func Nodes() *Node { n := &Node{}; n.Kids = make([]Node, 1); n.Kids[0].Kids = n.Kids; return n }
func Deep(n int) List { var l List; for range n { l = List{l} }; return l }
func Bytes() string { return "ab\xff" }
func Keys() map[string]int { return map[string]int{"ok": 1, "\xff": 2} }
func Empty() []struct{} { return make([]struct{}, 1<<62) }
func None() [1<<40]struct{} { return [1<<40]struct{}{} }
func NaNs() map[float64]int { zero := 0.0; m := map[float64]int{}; for i := range 5 { m[zero/zero] = i }; return m }
func Take(l []int) int { return len(l) }
"#;

#[derive(Go, Debug, Clone)]
struct List(Vec<List>);

#[derive(Go, Debug)]
#[allow(dead_code)]
struct Tree(HashMap<String, Tree>);

#[derive(Go)]
#[allow(dead_code)]
struct Fun(itab::Func<fn(Fun) -> Fun>);

#[derive(Go, Debug)]
#[allow(dead_code)]
struct Node {
    next: Option<Box<Node>>,
    kids: Vec<Node>,
}

#[test]
fn hostile_shapes_are_errors() {
    let mut isolate = program(SHAPES).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    assert!(matches!(s.func::<fn() -> List>("Lists").unwrap().call(s), Err(Error::Depth)));
    assert!(matches!(s.func::<fn() -> Tree>("Trees").unwrap().call(s), Err(Error::Depth)));
    assert!(matches!(s.func::<fn() -> Option<Node>>("Nodes").unwrap().call(s), Err(Error::Depth)));
    let deep = s.func::<fn(i64) -> List>("Deep").unwrap();
    assert_eq!(deep.call(s, 3).unwrap().0[0].0[0].0.len(), 1);
    assert!(matches!(deep.call(s, 100_000), Err(Error::Depth)));
    assert!(matches!(s.func::<fn() -> String>("Bytes").unwrap().call(s), Err(Error::Utf8 { valid: 2 })));
    let keys = s.func::<fn() -> HashMap<String, i64>>("Keys").unwrap();
    assert!(matches!(keys.call(s), Err(Error::Utf8 { .. })));
    #[derive(Go, Clone)]
    struct Unit {}
    assert!(matches!(s.func::<fn() -> Vec<Unit>>("Empty").unwrap().call(s), Err(Error::Range { .. })));
    assert!(matches!(s.func::<fn() -> [Unit; 1 << 40]>("None").unwrap().call(s), Err(Error::Range { .. })));
    // NaN is no key that Rust has.
    assert!(s.func::<fn() -> HashMap<i64, i64>>("NaNs").is_err());
    // More elements than memory has.
    let take = s.func::<fn(Vec<i64>) -> i64>("Take").unwrap();
    assert_eq!(take.call(s, vec![1, 2]).unwrap(), 2);
    assert!(matches!(s.func::<fn(Vec<Unit>) -> i64>("Take"), Err(Error::Signature { .. })));
}

#[test]
fn a_func_of_itself_is_checked_in_time() {
    let mut isolate = program(SHAPES).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let f = s.func::<fn() -> Fun>("Fns").unwrap().call(s).unwrap();
    let g = f.0.call(s, Fun(f.0.clone())).unwrap();
    assert!(!g.0.is_nil());
}

const RACING: &str = r#"
package main

var table = map[int]int{}
var stop, ready bool

func Start() {
	for i := range 500 { table[i] = 0 }
	go func() { ready = true; for !stop { for i := range 500 { table[i]++ } } }()
}
func Ready() bool { return ready }
func Table() map[int]int { return table }
func Stop() { stop = true }
"#;

#[test]
fn no_goroutine_runs_while_values_are_read() {
    let mut isolate = program(RACING).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    s.func::<fn()>("Start").unwrap().call(s).unwrap();
    let table = s.func::<fn() -> BTreeMap<i64, Slow>>("Table").unwrap();
    for _ in 0..5 {
        let table = table.call(s).unwrap();
        assert_eq!(table.len(), 500);
        // The goroutine adds one to each element in turn: there are no more than two values at a time.
        let counts = || table.values().map(|slow| slow.0);
        let (least, most) = (counts().min().unwrap(), counts().max().unwrap());
        assert!(most - least <= 1, "{least} to {most}");
    }
    s.func::<fn()>("Stop").unwrap().call(s).unwrap();
}

/// An int that takes its time.
#[derive(Debug)]
struct Slow(i64);

impl Fits for Slow {
    fn accepts(t: itab::GoType<'_>) -> bool {
        i64::accepts(t)
    }
}

impl<'a> Take<'a> for Slow {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        std::thread::sleep(std::time::Duration::from_micros(100));
        i64::load(from).map(Slow)
    }
}

#[test]
fn what_panics_half_way_leaves_the_isolate_usable() {
    struct Panics;
    impl Fits for Panics {
        fn accepts(_: itab::GoType<'_>) -> bool {
            true
        }
    }
    impl Give for Panics {
        fn store(self, _: PlaceMut<'_>) -> Result<(), Error> {
            panic!("half way")
        }
    }
    let options = IsolateOptions::default().debug("gcstress=1").unwrap();
    let mut isolate = program(SHAPES).isolate_with(options).unwrap();
    let s = &mut isolate.scope().unwrap();
    let take = s.func::<fn(Vec<Panics>) -> i64>("Take").unwrap();
    let call = std::panic::AssertUnwindSafe(|| take.call(s, vec![Panics, Panics]));
    assert!(std::panic::catch_unwind(call).is_err());
    let take = s.func::<fn(Vec<i64>) -> i64>("Take").unwrap();
    for n in 0..100 {
        assert_eq!(take.call(s, vec![1; n]).unwrap(), n as i64);
    }
    let deep = s.func::<fn(i64) -> List>("Deep").unwrap();
    assert_eq!(deep.call(s, 2).unwrap().0.len(), 1);
}

#[test]
fn a_host_type_that_lies_gets_errors() {
    /// Says that it fits everything, and reads and writes as a string.
    struct Liar;
    impl Fits for Liar {
        fn accepts(_: itab::GoType<'_>) -> bool {
            true
        }
    }
    impl Give for Liar {
        fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
            Give::store("a string", to)
        }
    }
    impl<'a> Take<'a> for Liar {
        fn load(from: Place<'a>) -> Result<Self, Error> {
            <String as Take>::load(from).map(|_| Liar)
        }
    }
    let mut isolate = program(SHAPES).isolate().unwrap();
    let s: &mut Scope<'_> = &mut isolate.scope().unwrap();
    let take = s.func::<fn(Vec<Liar>) -> i64>("Take").unwrap();
    assert!(matches!(take.call(s, vec![Liar]), Err(Error::Type { .. })));
    assert!(matches!(s.func::<fn(i64) -> Liar>("Deep").unwrap().call(s, 1), Err(Error::Type { .. })));
}
