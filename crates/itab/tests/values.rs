//! Values of every kind, to Go and back: what crosses is the same, what does not fit is an error that says where.

mod common;

use common::{builder, load, program};
use itab::{Any, Closure, Error, Func, Go, GoSlice, GoStr, Scope};
use std::collections::{BTreeMap, HashMap};
use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

const SAME: &str = r#"
package main

import "time"

type Kind int
type Name string
type Inner struct{ A int8; B []string }
type Outer struct {
	ID uint64
	inner Inner
	List []Inner
	Ptr *Inner
	Map map[string]Inner
	Arr [3]int16
	Extra string
}
type Node struct { Value int; Next *Node }

func Same[T any](v T) T { return v }

func SameOuter(v Outer) Outer { return v }
func SameNode(v *Node) *Node { return v }
func SameMap(v map[Name][]int) map[Name][]int { return v }
func SameKind(v Kind) Kind { return v }
func SameName(v Name) Name { return v }
func SameInt(v int) int { return v }
func SameUint8(v uint8) uint8 { return v }
func SameRune(v rune) rune { return v }
func SameBytes(v []byte) []byte { return v }
func SameTime(v time.Time) time.Time { return v }
func SameDuration(v time.Duration) time.Duration { return v }
func Cycle() *Node { n := &Node{Value: 1}; n.Next = n; return n }
func Negative() int { return -1 }
func Zone() time.Time { return time.Date(2026, 12, 1, 3, 4, 5, 6, time.FixedZone("x", 3600)) }
func Now() (time.Time, int64) { t := time.Now(); return t, t.Unix() }
func Huge() []struct{} { return make([]struct{}, 1<<40) }
"#;

#[derive(Go, Debug, Clone, PartialEq, Default)]
struct Inner {
    a: i8,
    b: Vec<String>,
}

#[derive(Go, Debug, Clone, PartialEq, Default)]
struct Outer {
    arr: [i16; 3],
    id: u64,
    inner: Inner,
    list: Vec<Inner>,
    #[go(name = "Ptr")]
    pointer: Option<Box<Inner>>,
    map: HashMap<String, Inner>,
    #[go(skip)]
    own: bool,
}

#[derive(Go, Debug, Clone, PartialEq)]
struct Node {
    value: isize,
    next: Option<Box<Node>>,
}

#[derive(Go, Debug, Clone, Copy, PartialEq)]
enum Kind {
    Zero,
    Five = 5,
}

#[derive(Go, Debug, Clone, Copy, PartialEq)]
enum Name {
    #[go(name = "first")]
    First,
    #[go(name = "second")]
    Second,
}

#[derive(Go, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Clone)]
struct Key(String);

#[test]
fn every_kind_comes_back_as_it_went() {
    let mut isolate = program(SAME).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let inner = |n: i8| Inner { a: n, b: vec![format!("b{n}"), String::new()] };
    let outer = Outer {
        arr: [-1, 2, 3],
        id: u64::MAX,
        inner: inner(1),
        list: vec![inner(2), inner(3)],
        pointer: Some(Box::new(inner(4))),
        map: (0..20).map(|n| (n.to_string(), inner(n))).collect(),
        own: false,
    };
    let same = s.func::<fn(Outer) -> Outer>("SameOuter").unwrap();
    assert_eq!(same.call(s, outer.clone()).unwrap(), outer);
    assert_eq!(same.call(s, Outer::default()).unwrap(), Outer::default());
    let list = Node { value: 1, next: Some(Box::new(Node { value: 2, next: None })) };
    let same = s.func::<fn(Option<Node>) -> Option<Node>>("SameNode").unwrap();
    assert_eq!(same.call(s, Some(list.clone())).unwrap(), Some(list));
    assert_eq!(same.call(s, None).unwrap(), None);
    let map: BTreeMap<Key, Vec<i64>> = (0..100).map(|n| (Key(n.to_string()), vec![n; n as usize])).collect();
    let same = s.func::<fn(BTreeMap<Key, Vec<i64>>) -> BTreeMap<Key, Vec<i64>>>("SameMap").unwrap();
    assert_eq!(same.call(s, map.clone()).unwrap(), map);
    let bytes = s.func::<fn(Vec<u8>) -> Vec<u8>>("SameBytes").unwrap();
    assert_eq!(bytes.call(s, &b"ab\0\xff"[..]).unwrap(), b"ab\0\xff");
    assert_eq!(s.func::<fn(char) -> char>("SameRune").unwrap().call(s, 'ß').unwrap(), 'ß');
}

#[test]
fn constants_are_enums() {
    let mut isolate = program(SAME).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let same = s.func::<fn(Kind) -> Kind>("SameKind").unwrap();
    assert_eq!(same.call(s, Kind::Five).unwrap(), Kind::Five);
    assert_eq!(same.call(s, Kind::Zero).unwrap(), Kind::Zero);
    let unknown = s.func::<fn(i64) -> Kind>("SameKind").unwrap().call(s, 3).unwrap_err();
    assert_eq!(unknown.to_string(), "3 of type main.Kind is out of the range of Kind");
    let same = s.func::<fn(Name) -> Name>("SameName").unwrap();
    assert_eq!(same.call(s, Name::Second).unwrap(), Name::Second);
    assert_eq!(same.call(s, Name::First).unwrap(), Name::First);
    let unknown = s.func::<fn(String) -> Name>("SameName").unwrap().call(s, "third").unwrap_err();
    assert_eq!(unknown.to_string(), "third of type main.Name is out of the range of Name");
}

#[test]
fn numbers_out_of_range_are_errors_both_ways() {
    let mut isolate = program(SAME).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let same = s.func::<fn(usize) -> i128>("SameInt").unwrap();
    assert_eq!(same.call(s, 7usize).unwrap(), 7);
    let big = same.call(s, usize::MAX).unwrap_err();
    assert_eq!(big.to_string(), "18446744073709551615 of type usize is out of the range of int");
    let negative = s.func::<fn() -> usize>("Negative").unwrap().call(s).unwrap_err();
    assert_eq!(negative.to_string(), "-1 of type int is out of the range of usize");
    assert_eq!(s.func::<fn() -> isize>("Negative").unwrap().call(s).unwrap(), -1);
    let byte = s.func::<fn(i128) -> u128>("SameUint8").unwrap();
    assert_eq!(byte.call(s, 255i128).unwrap(), 255);
    assert!(matches!(byte.call(s, 256i128), Err(Error::Range { .. })));
    let char = s.func::<fn(i32) -> char>("SameRune").unwrap().call(s, -1).unwrap_err();
    assert_eq!(char.to_string(), "-1 of type int32 is out of the range of char");
}

#[test]
fn times_cross() {
    let mut isolate = program(SAME).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let same = s.func::<fn(SystemTime) -> SystemTime>("SameTime").unwrap();
    for at in [SystemTime::now(), SystemTime::UNIX_EPOCH - Duration::from_nanos(1), SystemTime::UNIX_EPOCH] {
        assert_eq!(same.call(s, at).unwrap(), at);
    }
    let zone = s.func::<fn() -> SystemTime>("Zone").unwrap().call(s).unwrap();
    let unix = zone.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!((unix.as_secs(), unix.subsec_nanos()), (1_796_090_645, 6));
    let (now, secs) = s.func::<fn() -> (SystemTime, i64)>("Now").unwrap().call(s).unwrap();
    assert_eq!(now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64, secs);
    let same = s.func::<fn(Duration) -> Duration>("SameDuration").unwrap();
    assert_eq!(same.call(s, Duration::from_millis(1500)).unwrap(), Duration::from_millis(1500));
    assert!(matches!(same.call(s, Duration::MAX), Err(Error::Range { .. })));
}

#[test]
fn values_without_an_end_are_errors() {
    let mut isolate = program(SAME).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    assert!(matches!(s.func::<fn() -> Option<Node>>("Cycle").unwrap().call(s), Err(Error::Depth)));
    #[derive(Go)]
    struct Nothing {}
    assert!(matches!(s.func::<fn() -> Vec<Nothing>>("Huge").unwrap().call(s), Err(Error::Range { .. })));
}

#[test]
fn a_misfit_says_where() {
    let isolate = program(SAME).isolate().unwrap();
    #[derive(Go)]
    #[allow(dead_code)]
    struct Wrong {
        list: Vec<WrongInner>,
    }
    #[derive(Go)]
    #[allow(dead_code)]
    struct WrongInner {
        b: Vec<i64>,
    }
    #[derive(Go)]
    #[allow(dead_code)]
    struct Missing {
        weight: f64,
    }
    let why = |e: Error| match e {
        Error::Signature { why, .. } => why,
        e => panic!("{e}"),
    };
    let nested = why(isolate.func::<fn(Wrong) -> Outer>("SameOuter").unwrap_err());
    assert_eq!(nested, "parameter 1, at .list[].b[], is string, which i64 does not fit; use String or Vec<u8>");
    let missing = why(isolate.func::<fn(Outer) -> Missing>("SameOuter").unwrap_err());
    assert_eq!(
        missing,
        "result 1 is main.Outer, which Missing does not fit; use a struct whose fields are among ID, inner, List, Ptr, Map, Arr, Extra; it has none for weight"
    );
}

const VIEWS: &str = r#"
package main

var list = []float64{1, 2, 3}

func List() []float64 { return list }
func Sum() (sum float64) { for _, x := range list { sum += x }; return }
func Text() string { return "a text that nobody copies" }
func Texts() []string { return []string{"a", "b"} }
func Len(s string) int { return len(s) }
"#;

#[test]
fn slices_and_strings_are_seen_where_they_lie() {
    let mut isolate = program(VIEWS).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let list = s.func::<fn() -> GoSlice<f64>>("List").unwrap().call(s).unwrap();
    assert_eq!(list.view(s).unwrap(), [1.0, 2.0, 3.0]);
    list.set(s, 1, 20.0).unwrap();
    assert_eq!(s.func::<fn() -> f64>("Sum").unwrap().call(s).unwrap(), 24.0);
    assert_eq!(list.get(s, 1).unwrap(), 20.0);
    assert!(matches!(list.get(s, 3), Err(Error::Index { index: 3, len: 3 })));
    let text = s.func::<fn() -> GoStr>("Text").unwrap().call(s).unwrap();
    assert_eq!(text.get(s).unwrap(), "a text that nobody copies");
    assert_eq!(s.func::<fn(GoStr) -> i64>("Len").unwrap().call(s, &text).unwrap(), 25);
    let texts = s.func::<fn() -> GoSlice<String>>("Texts").unwrap().call(s).unwrap();
    assert_eq!(texts.to_vec(s).unwrap(), ["a", "b"]);
    assert!(matches!(texts.view(s), Err(Error::Type { .. })));
}

const RESULTS: &str = r#"
package main

import (
	"errors"
	"fmt"
	"strings"
)

var ErrEmpty = errors.New("empty")

type Wrapper struct{ Code int; Inner error }

func (w *Wrapper) Error() string { return fmt.Sprint("code ", w.Code, ": ", w.Inner) }
func (w *Wrapper) Unwrap() error { return w.Inner }

func Find(s string) (int, bool) { return len(s), s != "" }
func Check(s string) (int, error) {
	if s == "" {
		return 0, &Wrapper{7, fmt.Errorf("checking: %w", ErrEmpty)}
	}
	return len(s), nil
}
func Only(s string) error { _, err := Check(s); return err }
func Empty() error { return ErrEmpty }
func Joined() error { return errors.Join(ErrEmpty, errors.New("other")) }

func lookup(s string) (string, bool)
func store(s string) (int, error)

func Lookup(s string) string {
	v, ok := lookup(s)
	return fmt.Sprint(v, ok)
}

func Store(s string) string {
	n, err := store(s)
	return fmt.Sprint(n, " ", err, " ", errors.Is(err, ErrEmpty))
}

func Pass(s string) error { _, err := store(s); return fmt.Errorf("passed: %w", err) }

func Call(f func(string) (int, error), s string) string {
	n, err := f(s)
	return fmt.Sprint(n, err)
}

func Upper() func(string) string { return strings.ToUpper }
"#;

#[derive(Debug)]
struct Refused(i32);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused {}", self.0)
    }
}

impl std::error::Error for Refused {}

#[test]
fn options_and_results_are_what_go_returns() {
    let mut isolate = load(results()).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let find = s.func::<fn(String) -> Option<i64>>("Find").unwrap();
    assert_eq!(find.call(s, "abc").unwrap(), Some(3));
    assert_eq!(find.call(s, "").unwrap(), None);
    let check = s.func::<fn(String) -> itab::Result<i64>>("Check").unwrap();
    assert_eq!(check.call(s, "abc").unwrap(), 3);
    let error = check.call(s, "").unwrap_err().into_go().unwrap();
    assert_eq!(error.to_string(), "code 7: checking: empty");
    assert_eq!(error.value().type_name(), "*main.Wrapper");
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    assert_eq!(chain, ["checking: empty", "empty"]);
    assert_eq!(error.source().unwrap().to_string(), "checking: empty");
    let empty = s.func::<fn() -> itab::Result<()>>("Empty").unwrap().call(s).unwrap_err().into_go().unwrap();
    assert!(error.is(s, &empty).unwrap());
    assert!(!empty.is(s, &error).unwrap());
    let joined = s.func::<fn() -> itab::Result<()>>("Joined").unwrap().call(s).unwrap_err().into_go().unwrap();
    assert!(joined.is(s, &empty).unwrap());
    assert_eq!(joined.chain().count(), 2);
    s.func::<fn(String) -> itab::Result<()>>("Only").unwrap().call(s, "x").unwrap();
}

fn results() -> itab::EngineBuilder {
    builder(RESULTS).func("main.lookup", |s: String| (!s.is_empty()).then_some(s)).func(
        "main.store",
        |scope: &mut Scope<'_>, s: String| match &*s {
            "refused" => Err(Stored::Refused(Refused(3))),
            "go" => Err(Stored::Go(scope.func::<fn() -> itab::Result<()>>("Empty")?.call(scope).unwrap_err())),
            s => Ok(s.len()),
        },
    )
}

/// An error of the host that may wrap one of Go's.
#[derive(Debug)]
enum Stored {
    Refused(Refused),
    Go(Error),
}

impl From<Error> for Stored {
    fn from(e: Error) -> Stored {
        Stored::Go(e)
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stored::Refused(e) => write!(f, "not stored: {e}"),
            Stored::Go(e) => write!(f, "not stored: {e}"),
        }
    }
}

impl std::error::Error for Stored {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match self {
            Stored::Refused(e) => e,
            Stored::Go(e) => e,
        })
    }
}

#[test]
fn a_rust_error_is_a_go_error_and_comes_back_as_itself() {
    let mut isolate = load(results()).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let lookup = s.func::<fn(String) -> String>("Lookup").unwrap();
    assert_eq!(lookup.call(s, "a").unwrap(), "atrue");
    assert_eq!(lookup.call(s, "").unwrap(), "false");
    let store = s.func::<fn(String) -> String>("Store").unwrap();
    assert_eq!(store.call(s, "abc").unwrap(), "3 <nil> false");
    assert_eq!(store.call(s, "refused").unwrap(), "0 not stored: refused 3 false");
    assert_eq!(store.call(s, "go").unwrap(), "0 not stored: empty true");
    let pass = s.func::<fn(String) -> itab::Result<()>>("Pass").unwrap();
    let back = pass.call(s, "refused").unwrap_err().into_go().unwrap();
    assert_eq!(back.to_string(), "passed: not stored: refused 3");
    let own = back.downcast_ref::<Stored>().expect("the host's own error");
    assert!(matches!(own, Stored::Refused(Refused(3))));
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn closures_cross_both_ways() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let mut isolate = load(results()).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    type Body = fn(String) -> Result<i64, Refused>;
    let call = s.func::<fn(Closure<Body>, String) -> String>("Call").unwrap();
    let counted = Counted(dropped.clone());
    let mut calls = 0;
    let closure = Closure::new(move |s: String| {
        let _counted = &counted;
        calls += 1;
        if s.is_empty() { Err(Refused(calls)) } else { Ok(s.len() as i64) }
    });
    assert_eq!(call.call(s, closure, "four").unwrap(), "4 <nil>");
    let refuse = Closure::new(|_: String| Err(Refused(1)));
    assert_eq!(call.call(s, refuse, "").unwrap(), "0 refused 1");
    let upper = s.func::<fn() -> Func<fn(String) -> String>>("Upper").unwrap().call(s).unwrap();
    assert_eq!(upper.call(s, "go").unwrap(), "GO");
    drop(isolate);
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[test]
fn a_host_function_that_does_not_fit_is_refused_when_loaded() {
    let source = "package main\nfunc twice(n int) int\nfunc F() int { return twice(1) }";
    let error = builder(source).func("main.twice", |s: String| s).build().load(&["test.go"]).map(drop).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the host's function main.twice is declared in Go as func(int) int: parameter 1 is int, which String does not fit; use i64 or isize"
    );
}

#[test]
fn values_of_another_isolate_are_refused() {
    let program = program(RESULTS_ALONE);
    let (mut one, mut two) = (program.isolate().unwrap(), program.isolate().unwrap());
    let value = program.func::<fn() -> Any>("Value").unwrap().call(&mut one).unwrap();
    let same = program.func::<fn(Any) -> Any>("Same").unwrap();
    assert!(matches!(same.call(&mut two, value), Err(Error::Root)));
}

const RESULTS_ALONE: &str = "package main\nfunc Value() any { return 1 }\nfunc Same(v any) any { return v }";
