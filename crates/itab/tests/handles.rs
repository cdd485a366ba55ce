//! Go objects where they are: maps, structs, pointers; what may be nil; borrowed structs.

mod common;

use common::{builder, load, program};
use itab::{Any, Closure, Error, Func, Go, GoError, GoMap, GoPtr, GoSlice, GoStruct, IsolateOptions, Scope};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

const MAPS: &str = r#"
package main

import "fmt"

type Pos struct{ X, Y int }
type User struct{ Name string; Tags []string }

var users = map[string]*User{}
var grid = map[Pos]string{{1, 2}: "a", {3, 4}: "b"}
var mixed = map[any][20]int{1: {1}, "two": {2}}

func Users() map[string]*User { return users }
func Grid() map[Pos]string { return grid }
func Mixed() map[any][20]int { return mixed }
func Nil() map[string]int { return nil }
func Print() string { return fmt.Sprint(len(users), " ", grid) }
func Same(m map[Pos]string) bool { return fmt.Sprintf("%p", m) == fmt.Sprintf("%p", grid) }
func Big(n int) map[int]int { m := map[int]int{}; for i := range n { m[i] = i * i }; return m }
func Func() any { return func() {} }
func Int() any { return 1 }
func Use(m map[string]int) int { return len(m) }
"#;

#[derive(Go, Debug, PartialEq, Eq, Hash, Clone, Copy, PartialOrd, Ord)]
struct Pos {
    x: i64,
    y: i64,
}

#[derive(Go, Debug, PartialEq, Clone)]
struct User {
    name: String,
    tags: Vec<String>,
}

fn stressed(source: &str) -> itab::Isolate {
    let options = IsolateOptions::default().debug("gcstress=1").unwrap();
    program(source).isolate_with(options).unwrap()
}

#[test]
fn maps_are_changed_where_they_are() {
    let mut isolate = stressed(MAPS);
    let s = &mut isolate.scope().unwrap();
    let grid = s.func::<fn() -> GoMap<Pos, String>>("Grid").unwrap().call(s).unwrap();
    assert_eq!(grid.len(s).unwrap(), 2);
    assert_eq!(grid.get(s, Pos { x: 1, y: 2 }).unwrap().unwrap(), "a");
    assert_eq!(grid.get(s, Pos { x: 2, y: 1 }).unwrap(), None);
    grid.insert(s, Pos { x: 5, y: 6 }, "c").unwrap();
    grid.remove(s, Pos { x: 1, y: 2 }).unwrap();
    grid.remove(s, Pos { x: 9, y: 9 }).unwrap();
    assert_eq!(s.func::<fn() -> String>("Print").unwrap().call(s).unwrap(), "0 map[{3 4}:b {5 6}:c]");
    let all: BTreeMap<Pos, String> = grid.iter(s).unwrap().map(Result::unwrap).collect();
    let wanted = [(Pos { x: 3, y: 4 }, "b".to_string()), (Pos { x: 5, y: 6 }, "c".to_string())];
    assert_eq!(all.into_iter().collect::<Vec<_>>(), wanted);
    assert!(s.func::<fn(GoMap<Pos, String>) -> bool>("Same").unwrap().call(s, &grid).unwrap());
    let users = s.func::<fn() -> GoMap<String, Option<User>>>("Users").unwrap().call(s).unwrap();
    for i in 0..100 {
        let user = User { name: format!("user {i}"), tags: vec!["tag".into(); i] };
        users.insert(s, format!("{i}"), Some(user)).unwrap();
    }
    assert_eq!(users.len(s).unwrap(), 100);
    assert_eq!(users.get(s, "99").unwrap().unwrap().unwrap().tags.len(), 99);
    let total: usize = users.iter(s).unwrap().map(|e| e.unwrap().1.unwrap().tags.len()).sum();
    assert_eq!(total, 99 * 100 / 2);
}

#[test]
fn keys_and_elements_may_be_views_and_large() {
    let mut isolate = stressed(MAPS);
    let s = &mut isolate.scope().unwrap();
    let grid = s.func::<fn() -> Any>("Int").unwrap().call(s).unwrap();
    let mixed = s.func::<fn() -> GoMap<Any, [i64; 20]>>("Mixed").unwrap().call(s).unwrap();
    assert_eq!(mixed.get(s, &grid).unwrap().unwrap()[0], 1);
    mixed.insert(s, grid, [7; 20]).unwrap();
    let one = s.func::<fn() -> Any>("Int").unwrap().call(s).unwrap();
    assert_eq!(mixed.get(s, one).unwrap().unwrap(), [7; 20]);
    // A func is no key.
    let func = s.func::<fn() -> Any>("Func").unwrap().call(s).unwrap();
    let unhashable = mixed.get(s, &func).unwrap_err();
    assert!(matches!(&unhashable, Error::Panic(p) if p.to_string().contains("unhashable type func()")), "{unhashable}");
    assert!(matches!(mixed.insert(s, func, [0; 20]), Err(Error::Panic(_))));
    let big = s.func::<fn(i64) -> GoMap<i64, i64>>("Big").unwrap().call(s, 1000).unwrap();
    let mut keys: Vec<i64> = big.iter(s).unwrap().map(|e| e.unwrap().0).collect();
    keys.sort_unstable();
    assert_eq!(keys, (0..1000).collect::<Vec<_>>());
    let views = s.func::<fn() -> GoMap<Pos, &'static str>>("Grid").unwrap().call(s).unwrap();
    assert_eq!(views.get(s, Pos { x: 3, y: 4 }).unwrap(), Some("b"));
    // Two walks at once, and look-ups between.
    for (one, two) in big.iter(s).unwrap().zip(big.iter(s).unwrap()).take(50) {
        let ((a, _), (b, _)) = (one.unwrap(), two.unwrap());
        assert_eq!(big.get(s, a).unwrap(), Some(a * a));
        assert_eq!(big.get(s, b).unwrap(), Some(b * b));
    }
}

#[test]
fn nil_maps_are_empty_and_refuse_entries() {
    let mut isolate = program(MAPS).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let nil = s.func::<fn() -> GoMap<String, i64>>("Nil").unwrap().call(s).unwrap();
    assert!(nil.is_nil() && nil.is_empty(s).unwrap());
    assert_eq!(nil.get(s, "a").unwrap(), None);
    assert_eq!(nil.iter(s).unwrap().count(), 0);
    nil.remove(s, "a").unwrap();
    let insert = nil.insert(s, "a", 1).unwrap_err();
    assert_eq!(insert.to_string().lines().next().unwrap(), "panic: assignment to entry in nil map");
    let maybe = s.func::<fn() -> Option<HashMap<String, i64>>>("Nil").unwrap().call(s).unwrap();
    assert_eq!(maybe, None);
    assert_eq!(s.func::<fn(GoMap<String, i64>) -> i64>("Use").unwrap().call(s, &nil).unwrap(), 0);
    let wrong = s.func::<fn() -> GoMap<i64, i64>>("Nil").unwrap_err();
    assert!(wrong.to_string().contains("at [key], is string, which i64 does not fit"), "{wrong}");
}

const STRUCTS: &str = r#"
package main

import "errors"

type Inner struct{ N int; Text string }
type Outer struct{ Inner; Ptr *Inner; Err error; List []Inner; any any; Nums [3]int8 }

var outer = Outer{Inner: Inner{1, "in"}, Ptr: &Inner{2, "ptr"}, Err: errors.New("bad"), List: []Inner{{3, "l"}}, any: Inner{4, "any"}}

func Pointer() *Outer { return &outer }
func Value() Outer { return outer }
func Nil() *Outer { return nil }
func Any() any { return outer }
func N() int { return outer.N }
func SetN(o *Outer) { o.N = 100 }
func Take(o Outer) int { return o.N }
func Number() *int { return &outer.N }
func Same(p *int) bool { return p == &outer.N }
"#;

#[test]
fn structs_have_fields_by_name() {
    let mut isolate = stressed(STRUCTS);
    let s = &mut isolate.scope().unwrap();
    let outer = s.func::<fn() -> GoStruct>("Pointer").unwrap().call(s).unwrap();
    assert_eq!(outer.type_name(), "main.Outer");
    assert_eq!(outer.names().collect::<Vec<_>>(), ["Inner", "Ptr", "Err", "List", "any", "Nums"]);
    let inner = outer.nested(s, "Inner").unwrap();
    assert_eq!(inner.get::<&str>(s, "Text").unwrap(), "in");
    inner.set(s, "N", 7i64).unwrap();
    assert_eq!(s.func::<fn() -> i64>("N").unwrap().call(s).unwrap(), 7);
    assert_eq!(outer.nested(s, "Ptr").unwrap().get::<i64>(s, "N").unwrap(), 2);
    assert_eq!(outer.get::<GoSlice<GoStruct>>(s, "List").unwrap().get(s, 0).unwrap().get::<i64>(s, "N").unwrap(), 3);
    outer.set(s, "Nums", [1i8, 2, 3]).unwrap();
    assert_eq!(outer.get::<[i8; 3]>(s, "Nums").unwrap(), [1, 2, 3]);
    let error = outer.get::<GoError>(s, "Err").unwrap();
    assert_eq!(error.message(s).unwrap(), "bad");
    let any = outer.get::<Any>(s, "any").unwrap().get::<GoStruct>(s).unwrap();
    assert_eq!(any.get::<String>(s, "Text").unwrap(), "any");
    s.func::<fn(GoStruct)>("SetN").unwrap().call(s, &outer).unwrap();
    assert_eq!(inner.get::<i64>(s, "N").unwrap(), 100);
    let none = outer.get::<i64>(s, "Weight").unwrap_err().to_string();
    assert!(none.contains("it has none for Weight"), "{none}");
    assert!(matches!(outer.set(s, "Nums", "text"), Err(Error::Type { .. })));
}

#[test]
fn a_struct_that_is_a_value_is_copied() {
    let mut isolate = stressed(STRUCTS);
    let s = &mut isolate.scope().unwrap();
    for copy in ["Value", "Any"] {
        let copy = match copy {
            "Any" => s.func::<fn() -> Any>(copy).unwrap().call(s).unwrap().get::<GoStruct>(s).unwrap(),
            _ => s.func::<fn() -> GoStruct>(copy).unwrap().call(s).unwrap(),
        };
        copy.nested(s, "Inner").unwrap().set(s, "N", 9i64).unwrap();
        assert_eq!(s.func::<fn() -> i64>("N").unwrap().call(s).unwrap(), 1);
        assert_eq!(s.func::<fn(GoStruct) -> i64>("Take").unwrap().call(s, &copy).unwrap(), 9);
    }
    let nil = s.func::<fn() -> GoStruct>("Nil").unwrap().call(s).unwrap_err();
    assert_eq!(nil.to_string(), "the pointer is nil, which GoStruct does not fit; use Option<GoStruct>");
    assert!(s.func::<fn() -> Option<GoStruct>>("Nil").unwrap().call(s).unwrap().is_none());
    assert!(s.func::<fn() -> Option<GoStruct>>("Pointer").unwrap().call(s).unwrap().is_some());
}

#[test]
fn pointers_are_read_written_and_compared() {
    let mut isolate = stressed(STRUCTS);
    let s = &mut isolate.scope().unwrap();
    let number = s.func::<fn() -> GoPtr<i64>>("Number").unwrap();
    let (one, two) = (number.call(s).unwrap(), number.call(s).unwrap());
    assert_eq!(one, two);
    one.write(s, 5).unwrap();
    assert_eq!(two.read(s).unwrap(), 5);
    assert!(s.func::<fn(GoPtr<i64>) -> bool>("Same").unwrap().call(s, &one).unwrap());
    let same = s.func::<fn(Option<GoPtr<i64>>) -> bool>("Same").unwrap();
    assert!(!same.call(s, None).unwrap());
    let mut other = program(STRUCTS).isolate().unwrap();
    assert!(matches!(one.read(&other.scope().unwrap()), Err(Error::Root)));
    assert!(s.func::<fn() -> GoPtr<String>>("Number").is_err());
}

const NILS: &str = r#"
package main

import ("errors"; "fmt")

type Report struct{ Err error; Errs []error; Any any; List []int; Fn func() int; Map map[string]int }

func Nils() Report { return Report{} }
func Full() Report {
	return Report{errors.New("one"), []error{errors.New("two"), nil}, 1, []int{}, func() int { return 7 }, map[string]int{}}
}
func Print(r Report) string {
	return fmt.Sprint(r.Err, r.Errs, r.Any, r.List == nil, r.Fn == nil, r.Map == nil)
}
func IsNil(l []int) bool { return l == nil }
func IsNilMap(m map[string]int) bool { return m == nil }
func Sum(first int, rest ...int) (n int) { for _, x := range rest { n += x }; return first + n }
"#;

#[derive(Go)]
struct Report {
    err: Option<GoError>,
    errs: Vec<Option<GoError>>,
    any: Option<Any>,
    list: Option<Vec<i64>>,
    r#fn: Option<Func<fn() -> i64>>,
    map: Option<BTreeMap<String, i64>>,
}

#[test]
fn what_may_be_nil_is_an_option() {
    let mut isolate = stressed(NILS);
    let s = &mut isolate.scope().unwrap();
    let nils = s.func::<fn() -> Report>("Nils").unwrap().call(s).unwrap();
    assert!(nils.err.is_none() && nils.errs.is_empty() && nils.any.is_none());
    assert!(nils.list.is_none() && nils.r#fn.is_none() && nils.map.is_none());
    let print = s.func::<fn(Report) -> String>("Print").unwrap();
    assert_eq!(print.call(s, nils).unwrap(), "<nil> [] <nil> true true true");
    let full = s.func::<fn() -> Report>("Full").unwrap().call(s).unwrap();
    assert_eq!(full.err.as_ref().unwrap().message(s).unwrap(), "one");
    assert_eq!(full.errs[0].as_ref().unwrap().message(s).unwrap(), "two");
    assert!(full.errs[1].is_none());
    assert_eq!(full.r#fn.as_ref().unwrap().call(s).unwrap(), 7);
    assert_eq!(full.list, Some(vec![]));
    assert_eq!(print.call(s, full).unwrap(), "one [two <nil>] 1 false false false");
    let nil = s.func::<fn() -> Report>("Nils").unwrap();
    #[derive(Go, Debug)]
    #[allow(dead_code)]
    struct Strict {
        err: GoError,
    }
    drop(nil);
    assert!(s.func::<fn() -> Strict>("Nils").unwrap().call(s).is_err());
}

#[test]
fn an_empty_vec_is_an_empty_slice() {
    let mut isolate = program(NILS).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    assert!(!s.func::<fn(Vec<i64>) -> bool>("IsNil").unwrap().call(s, vec![]).unwrap());
    assert!(s.func::<fn(Option<Vec<i64>>) -> bool>("IsNil").unwrap().call(s, None).unwrap());
    assert!(!s.func::<fn(HashMap<String, i64>) -> bool>("IsNilMap").unwrap().call(s, HashMap::new()).unwrap());
}

#[test]
fn variadic_functions_take_a_list() {
    let mut isolate = program(NILS).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let sum = s.func::<fn(i64, Vec<i64>) -> i64>("Sum").unwrap();
    assert_eq!(sum.type_name(), "func(int, ...int) int");
    assert_eq!(sum.call(s, 1, &[2, 3][..]).unwrap(), 6);
    assert_eq!(sum.call(s, 1, vec![]).unwrap(), 1);
    let wrong = s.func::<fn(i64, i64) -> i64>("Sum").unwrap_err().to_string();
    assert!(wrong.contains("func(int, ...int) int"), "{wrong}");
}

const LINES: &str = r#"
package main

type Line struct{ Text string; No int; Words []string }
type Pair struct{ A, B string; C []byte }

var lines = []Line{{"one", 1, []string{"o", "n"}}, {"two", 2, nil}}

func Lines() []Line { return lines }
func First() any { return lines[0] }
func Join(l Line) string { s := l.Text; for _, w := range l.Words { s += "-" + w }; return s }
func Swap(p Pair) Pair { return Pair{p.B, p.A, p.C} }
func take(l Line) int
func Take() int { return take(lines[0]) }
"#;

#[derive(Go, Debug, PartialEq)]
struct Line<'a> {
    text: &'a str,
    no: i64,
    words: Vec<Cow<'a, str>>,
}

#[derive(Go, Debug, PartialEq, Clone)]
struct Pair<'a, 'b: 'a, T>
where
    T: Clone,
{
    a: &'a str,
    b: Cow<'b, str>,
    c: T,
}

#[test]
fn borrowed_structs_go_to_go_and_are_views() {
    let text = String::from("text");
    let builder = builder(LINES).func_with("main.take", |call| {
        let line: Line<'_> = call.arg(0)?;
        let n = line.text.len() as i64 * 10 + line.no;
        call.returns(n)
    });
    let mut isolate = load(builder).isolate().unwrap();
    let s: &mut Scope<'_> = &mut isolate.scope().unwrap();
    let join = s.func::<fn(Line<'static>) -> String>("Join").unwrap();
    let line = Line { text: &text, no: 1, words: vec![Cow::Borrowed("a"), Cow::Owned("b".into())] };
    assert_eq!(join.call(s, line).unwrap(), "text-a-b");
    let lines = s.func::<fn() -> GoSlice<Line<'static>>>("Lines").unwrap().call(s).unwrap();
    let line: Line<'_> = lines.get(s, 1).unwrap();
    assert_eq!((line.text, line.words.len()), ("two", 0));
    assert_eq!(lines.to_vec(s).unwrap().len(), 2);
    let first = s.func::<fn() -> Any>("First").unwrap().call(s).unwrap();
    let line = first.get::<Line<'_>>(s).unwrap();
    assert_eq!((line.text, line.no), ("one", 1));
    assert!(matches!(line.words[..], [Cow::Borrowed("o"), Cow::Borrowed("n")]));
    assert_eq!(s.func::<fn() -> i64>("Take").unwrap().call(s).unwrap(), 31);
    #[derive(Go, Debug, PartialEq, Clone)]
    struct Owned<T, M> {
        a: String,
        b: String,
        c: T,
        #[go(skip)]
        more: Option<M>,
    }
    let swap = s.func::<fn(Pair<'static, 'static, Vec<u8>>) -> Owned<Vec<u8>, i64>>("Swap").unwrap();
    let pair = Pair { a: text.as_str(), b: Cow::Borrowed("b"), c: vec![1] };
    let swapped = swap.call(s, pair).unwrap();
    assert_eq!(swapped, Owned { a: "b".into(), b: "text".into(), c: vec![1], more: None });
}

#[test]
fn closures_may_be_nil() {
    let mut isolate = program("package main\nfunc Call(f func() int) int { if f == nil { return -1 }; return f() }")
        .isolate()
        .unwrap();
    let call = isolate.func::<fn(Option<Closure<fn() -> i64>>) -> i64>("Call").unwrap();
    assert_eq!(call.call(&mut isolate, None).unwrap(), -1);
    assert_eq!(call.call(&mut isolate, Some(Closure::new(|| 5i64))).unwrap(), 5);
}

const METHODS: &str = r#"
package main

type Counter struct{ n int }
func (c *Counter) Add(by int) int { c.n += by; return c.n }
func (c *Counter) hidden() {}
type Pair struct{ A, B string }
func (p Pair) Join(sep string) string { return p.A + sep + p.B }
func (p Pair) Fail() error { return errNo }
type no string
func (e no) Error() string { return string(e) }
const errNo = no("no")

func NewCounter() any { return &Counter{} }
func NewPair() any { return Pair{"a", "b"} }
func Type(v any) string {
	switch v.(type) {
	case int: return "int"
	case int64: return "int64"
	case string: return "string"
	case []byte: return "bytes"
	case rune: return "rune"
	case float32: return "float32"
	case bool: return "bool"
	}
	return "other"
}
func Take(f func(int) int) int { return f(1) }
"#;

#[test]
fn methods_are_found_by_name() {
    let mut isolate = stressed(METHODS);
    let s = &mut isolate.scope().unwrap();
    let counter = s.func::<fn() -> Any>("NewCounter").unwrap().call(s).unwrap();
    let add = counter.method::<fn(i64) -> i64>(s, "Add").unwrap();
    assert!(!add.is_nil());
    drop(counter);
    assert_eq!(add.call(s, 2).unwrap(), 2);
    assert_eq!(add.clone().call(s, 3).unwrap(), 5);
    let pair = s.func::<fn() -> Any>("NewPair").unwrap().call(s).unwrap();
    let join = pair.method::<fn(String) -> String>(s, "Join").unwrap();
    assert_eq!(join.call(s, "-").unwrap(), "a-b");
    let fail = pair.method::<fn() -> itab::Result<()>>(s, "Fail").unwrap();
    assert_eq!(fail.call(s).unwrap_err().to_string(), "no");
    assert!(matches!(pair.method::<fn(i64) -> String>(s, "Join"), Err(Error::Signature { .. })));
    let near = pair.method::<fn()>(s, "Jion").unwrap_err().to_string();
    assert!(near.contains("Join"), "{near}");
    let counter = s.func::<fn() -> Any>("NewCounter").unwrap().call(s).unwrap();
    assert!(matches!(counter.method::<fn()>(s, "hidden"), Err(Error::NoSuchFunc { .. })));
    assert!(matches!(Any::NIL.method::<fn()>(s, "Add"), Err(Error::NoSuchFunc { .. })));
    // It is no func value of Go.
    let take = s.func::<fn(Func<fn(i64) -> i64>) -> i64>("Take").unwrap();
    assert!(matches!(take.call(s, add.clone()), Err(Error::Type { .. })));
    let mut other = program(METHODS).isolate().unwrap();
    assert!(matches!(add.call(&mut other, 1), Err(Error::Root)));
}

#[test]
fn basic_values_become_interfaces() {
    let mut isolate = stressed(METHODS);
    let s = &mut isolate.scope().unwrap();
    let kind = s.func::<fn(Any) -> String>("Type").unwrap();
    let values = [
        (Any::new(s, 1isize).unwrap(), "int"),
        (Any::new(s, 1i64).unwrap(), "int64"),
        (Any::new(s, "text").unwrap(), "string"),
        (Any::new(s, String::from("text")).unwrap(), "string"),
        (Any::new(s, &b"ab"[..]).unwrap(), "bytes"),
        (Any::new(s, 'x').unwrap(), "rune"),
        (Any::new(s, 1f32).unwrap(), "float32"),
        (Any::new(s, true).unwrap(), "bool"),
        (Any::new(s, 1u8).unwrap(), "other"),
    ];
    for (value, name) in &values {
        assert_eq!(kind.call(s, value).unwrap(), *name);
    }
    assert_eq!(values[2].0.get::<&str>(s).unwrap(), "text");
    assert_eq!(values[4].0.get::<&[u8]>(s).unwrap(), b"ab");
}
