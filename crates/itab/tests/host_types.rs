//! Rust types whose values Go holds.

mod common;

use common::{builder, load, program};
use itab::{Any, Error, Func, Host, Isolate, Scope};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// An isolate of a program that may import packages.
fn isolate(source: &str) -> Isolate {
    program(source).isolate().unwrap()
}

/// What a function without parameters returns for a value.
fn text<T: itab::HostType + itab::ToGo>(isolate: &mut Isolate, name: &str, value: T) -> String {
    isolate.func::<fn(T) -> String>(name).unwrap().call(isolate, value).unwrap()
}

fn panic_of<R>(result: Result<R, Error>) -> String {
    match result.map(drop).unwrap_err() {
        Error::Panic(p) => p.message().into(),
        other => panic!("not a panic: {other}"),
    }
}

/// Counts how many of it are alive.
#[derive(Default)]
struct Store {
    values: HashMap<String, String>,
    _alive: Option<Alive>,
}

struct Alive(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Store {
    fn counted(alive: &Arc<AtomicUsize>) -> Store {
        alive.fetch_add(1, Ordering::SeqCst);
        Store { _alive: Some(Alive(alive.clone())), ..Store::default() }
    }
}

#[itab::host]
impl Store {
    #[allow(dead_code)]
    fn new() -> Store {
        Store::default()
    }
    fn get(&self, key: &str) -> Option<String> {
        self.values.get(key).cloned()
    }
    fn set(&mut self, key: String, value: String) {
        assert!(key != "panics", "no such key");
        self.values.insert(key, value);
    }
    fn get_all(&self) -> Vec<String> {
        let mut all: Vec<String> = self.values.keys().cloned().collect();
        all.sort();
        all
    }
    #[go(name = "Size")]
    fn len(&self) -> i64 {
        self.values.len() as i64
    }
    fn first(&self) -> Option<&str> {
        self.values.values().next().map(String::as_str)
    }
    fn each(&self, scope: &mut Scope<'_>, prefix: &str, f: Func<fn(String) -> itab::Result<()>>) -> itab::Result<i64> {
        let mut n = 0;
        for key in self.get_all().iter().filter(|k| k.starts_with(prefix)) {
            f.call(scope, key)?;
            n += 1;
        }
        Ok(n)
    }
    fn merge(&mut self, other: &Store) -> i64 {
        self.values.extend(other.values.iter().map(|(k, v)| (k.clone(), v.clone())));
        self.len()
    }
    fn close(self) -> i64 {
        self.len()
    }
    #[allow(dead_code)]
    #[go(skip)]
    fn generic<T>(&self, t: T) -> T {
        t
    }
}

const STORE: &str = r#"
package main

import "errors"

type Getter interface { Get(string) (string, bool) }
type Store interface { Getter; Set(key, value string) }
type Sizer interface { Size() int }
type Lister interface { GetAll() []string }
type Flusher interface { Flush() error }
type WrongGet interface { Get(int) string }
type Eacher interface { Each(string, func(string) error) (int, error) }
type Merger interface { Store; Merge(any) int }
type Closer interface { Close() int }

var kept any
var ch = make(chan bool)

func Use(s Store) string {
	s.Set("a", "1")
	v, ok := s.Get("a")
	_, missing := s.Get("b")
	if !ok || missing { return "wrong" }
	return v
}
func Keep(v any) { kept = v }
func Kept() any { return kept }
func Forget() { kept = nil }
func Same(v any) bool { return kept == v }
func UseKept() { kept.(Store).Set("x", "y") }
func Optional(v any) string {
	out := ""
	if _, ok := v.(Sizer); ok { out += "Sizer " }
	if _, ok := v.(Flusher); ok { out += "Flusher " }
	switch v.(type) {
	case Flusher: out += "switch Flusher"
	case int, string: out += "basic"
	case Lister: out += "switch Lister"
	}
	_ = v.(Sizer).Size
	return out
}
func Int64(v any) int64 { return v.(interface{ Size() int64 }).Size() }
func Wrong(v any) { _ = v.(WrongGet) }
func Missing(v any) { _ = v.(Flusher) }
func Recover(s Store) (text string) {
	defer func() { text = recover().(error).Error() }()
	s.Set("panics", "")
	return "no panic"
}
func Each(e Eacher, stop string) (string, error) {
	out := ""
	n, err := e.Each("a", func(k string) error {
		if k == stop { return errors.New("stopped at " + k) }
		out += k
		return nil
	})
	if err != nil { return out, err }
	return out + string(rune('0'+n)), nil
}
func Reenter(e Eacher) (string, error) {
	_, err := e.Each("", func(k string) error {
		v, _ := e.(Getter).Get(k)
		_, err := e.Each("", func(string) error { return errors.New("inner " + v) })
		return err
	})
	if err != nil { return err.Error(), nil }
	return "", nil
}
func SetInside(e Eacher) {
	e.Each("", func(k string) error { e.(Store).Set("z", "z"); return nil })
}
func MergeSelf(m Merger) int { return m.Merge(m) }
func Merge(a Merger, b any) int { return a.Merge(b) }
func CloseTwice(c Closer) int { n := c.Close(); c.Close(); return n }
func Park(e Eacher) {
	go e.Each("", func(string) error { <-ch; return nil })
}
func Map(a, b any) int {
	m := map[any]int{a: 1, b: 2}
	return m[a]*10 + m[b]
}

// Logger embeds an interface that holds a value of the host: its methods are promoted.
type Logger struct { Store; log []string }
func (l *Logger) Set(key, value string) { l.log = append(l.log, key); l.Store.Set(key, value) }
func Promoted(s Store) int {
	var l Store = &Logger{Store: s}
	l.Set("p", "q")
	v, _ := l.Get("p")
	return len(v) + len(l.(*Logger).log)
}
func (l *Logger) Size() int { return -1 }
type Both struct { Sizer; Lister }
func PromotedAny(s Sizer, l Lister) int {
	var v any = Both{s, l}
	return v.(interface{ Size() int; GetAll() []string }).Size()
}

func main() {}
"#;

#[test]
fn a_value_is_any_interface_that_it_satisfies() {
    let mut i = isolate(STORE);
    assert_eq!(text(&mut i, "Use", Store::default()), "1");
    let int64 = i.func::<fn(Store) -> i64>("Int64").unwrap();
    let mut store = Store::default();
    store.set("k".into(), "v".into());
    assert_eq!(int64.call(&mut i, store).unwrap(), 1);
}

#[test]
fn what_does_not_satisfy_is_refused_at_lookup() {
    let i = isolate(
        "package main\ntype F interface { Flush() }\ntype G interface { Get(int) string }\nfunc A(F) {}\nfunc B(G) {}\nfunc C(int) {}",
    );
    let why = |name: &str| i.func::<fn(Store)>(name).map(drop).unwrap_err().to_string();
    assert!(why("A").contains("parameter 1 is main.F, which Store does not fit"), "{}", why("A"));
    assert!(why("A").ends_with("use a type that has the method Flush too"), "{}", why("A"));
    let b = why("B");
    assert!(b.contains("method Get is func(int) string: parameter 1 is int, which &str does not fit"), "{b}");
    assert!(why("C").contains("parameter 1 is int, which Store does not fit"), "{}", why("C"));
}

#[test]
fn optional_interfaces_are_kept_across_the_border() {
    let mut i = isolate(STORE);
    assert_eq!(text(&mut i, "Optional", Store::default()), "Sizer switch Lister");
    let wrong = i.func::<fn(Store)>("Wrong").unwrap().call(&mut i, Store::default());
    assert_eq!(
        panic_of(wrong),
        "interface conversion: *host_types.Store is not main.WrongGet (wrong type for method Get)\n\
         \t\t\thave Get(string) (string, bool)\n\t\t\twant Get(int) string"
    );
    let missing = i.func::<fn(Store)>("Missing").unwrap().call(&mut i, Store::default());
    assert_eq!(panic_of(missing), "interface conversion: *host_types.Store is not main.Flusher: missing method Flush");
}

#[test]
fn a_value_keeps_its_identity() {
    let mut i = isolate(STORE);
    let (a, b) = (Host::new(&mut i, Store::default()).unwrap(), Host::new(&mut i, Store::default()).unwrap());
    i.func::<fn(Host<Store>)>("Keep").unwrap().call(&mut i, &a).unwrap();
    let same = i.func::<fn(Host<Store>) -> bool>("Same").unwrap();
    assert!(same.call(&mut i, &a).unwrap() && same.call(&mut i, a.clone()).unwrap());
    assert!(!same.call(&mut i, &b).unwrap());
    let map = i.func::<fn(Host<Store>, Host<Store>) -> i64>("Map").unwrap();
    assert_eq!(map.call(&mut i, &a, &b).unwrap(), 12);
    assert_eq!(map.call(&mut i, &a, &a).unwrap(), 22);
}

#[test]
fn a_host_type_is_asserted_back_to_itself() {
    let mut i = isolate(STORE);
    let mut store = Store::default();
    store.set("k".into(), "v".into());
    i.func::<fn(Store)>("Keep").unwrap().call(&mut i, store).unwrap();
    let kept = i.func::<fn() -> Any>("Kept").unwrap().call(&mut i).unwrap();
    assert_eq!(kept.type_name(), "*host_types.Store");
    let store: Host<Store> = kept.get(&i.scope().unwrap()).unwrap();
    let scope = &mut i.scope().unwrap();
    assert_eq!(store.get(scope).unwrap().values["k"], "v");
    store.get_mut(scope).unwrap().set("k".into(), "w".into());
    assert_eq!(store.get(scope).unwrap().first(), Some("w"));
    assert!(matches!(kept.get::<Host<Other>>(scope), Err(Error::Type { .. })));
    let none = scope.func::<fn(i64) -> Any>("Same").map(drop);
    assert!(none.is_err());
    let kept = scope.func::<fn() -> Host<Store>>("Kept").unwrap();
    assert_eq!(kept.call(scope).unwrap().get(scope).unwrap().len(), 1);
    scope.func::<fn()>("Forget").unwrap().call(scope).unwrap();
    assert!(matches!(kept.call(scope), Err(Error::Type { .. })), "nil is no value of the host");
}

struct Other;

#[itab::host]
impl Other {}

fn collect(i: &mut Isolate) {
    i.func::<fn()>("Collect").unwrap().call(i).unwrap();
}

#[test]
fn a_value_is_dropped_when_go_is_done_with_it() {
    let source =
        format!("{}\nfunc Collect() {{ runtime.GC() }}", STORE.replace("\"errors\"", "(\"errors\"; \"runtime\")"));
    let mut i = isolate(&source);
    let alive = Arc::new(AtomicUsize::new(0));
    i.func::<fn(Store)>("Keep").unwrap().call(&mut i, Store::counted(&alive)).unwrap();
    for _ in 0..10 {
        i.func::<fn(Store) -> String>("Use").unwrap().call(&mut i, Store::counted(&alive)).unwrap();
    }
    assert_eq!(alive.load(Ordering::SeqCst), 11);
    collect(&mut i);
    // The last one may be found on the dead part of a stack.
    assert!((1..=2).contains(&alive.load(Ordering::SeqCst)), "{alive:?}");
    i.func::<fn()>("UseKept").unwrap().call(&mut i).unwrap();
    drop(i);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn close_is_for_those_who_cannot_wait() {
    let mut i = isolate(STORE);
    let alive = Arc::new(AtomicUsize::new(0));
    let store = Host::new(&mut i, Store::counted(&alive)).unwrap();
    i.func::<fn(Host<Store>)>("Keep").unwrap().call(&mut i, &store).unwrap();
    let value = store.close(&mut i.scope().unwrap()).unwrap();
    assert_eq!((value.len(), alive.load(Ordering::SeqCst)), (0, 1));
    drop(value);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    let used = i.func::<fn()>("UseKept").unwrap().call(&mut i);
    assert_eq!(panic_of(used), "(host_types.Store).Set: it has been closed");
    assert!(matches!(store.get(&i.scope().unwrap()), Err(Error::HostValue { .. })));
    // A method that takes `self` closes it from Go.
    let twice = i.func::<fn(Store) -> i64>("CloseTwice").unwrap().call(&mut i, Store::counted(&alive));
    assert_eq!(panic_of(twice), "(host_types.Store).Close: it has been closed");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn a_panic_in_a_method_is_a_panic_in_go() {
    let mut i = isolate(STORE);
    assert_eq!(text(&mut i, "Recover", Store::default()), "no such key");
    assert_eq!(text(&mut i, "Use", Store::default()), "1");
}

#[test]
fn a_value_is_lent_for_one_call() {
    let mut i = isolate(STORE);
    let mut store = Store::default();
    let use_ = i.func::<fn(Store) -> String>("Use").unwrap();
    assert_eq!(use_.call(&mut i, &mut store).unwrap(), "1");
    assert_eq!(store.values["a"], "1");
    assert_eq!(panic_of(use_.call(&mut i, &store)), "(host_types.Store).Set: it was lent as a shared reference");
    i.func::<fn(Store)>("Keep").unwrap().call(&mut i, &mut store).unwrap();
    let kept = i.func::<fn()>("UseKept").unwrap();
    assert_eq!(panic_of(kept.call(&mut i)), "(host_types.Store).Set: it was lent for one call, which is over");
    let each = i.func::<fn(Store, String) -> itab::Result<String>>("Each").unwrap();
    assert_eq!(
        panic_of(each.call(&mut i, &mut store, "")),
        "(host_types.Store).Each: it was lent for one call, so that its methods may not run Go code"
    );
    let twice = i.func::<fn(Store) -> i64>("CloseTwice").unwrap().call(&mut i, &mut store);
    assert!(panic_of(twice).starts_with("(host_types.Store).Close: it was lent for one call"));
    // The same value twice in one call: one is lent for changes, so that the borrow checker allows shared ones alone.
    let map = i.func::<fn(Store, Store) -> i64>("Map").unwrap();
    assert_eq!(map.call(&mut i, &store, &store).unwrap(), 12);
    assert_eq!(store.values.len(), 1);
}

fn abc() -> Store {
    Store { values: ["a", "aa", "b"].map(|k| (k.to_string(), format!("{k}!"))).into(), _alive: None }
}

#[test]
fn methods_with_a_scope_may_call_back() {
    let mut i = isolate(STORE);
    let each = i.func::<fn(Store, String) -> itab::Result<String>>("Each").unwrap();
    assert_eq!(each.call(&mut i, abc(), "").unwrap(), "aaa2");
    let stopped = each.call(&mut i, abc(), "aa").unwrap_err();
    assert_eq!(stopped.into_go().unwrap().to_string(), "stopped at aa");
    let reenter = i.func::<fn(Store) -> itab::Result<String>>("Reenter").unwrap();
    assert_eq!(reenter.call(&mut i, abc()).unwrap(), "inner a!");
}

#[test]
fn a_second_use_while_it_is_changed_is_a_panic_that_names_type_and_method() {
    let mut i = isolate(STORE);
    let inside = i.func::<fn(Store)>("SetInside").unwrap().call(&mut i, abc());
    assert_eq!(panic_of(inside), "(host_types.Store).Set: one of its methods is running");
    let merge = i.func::<fn(Store) -> i64>("MergeSelf").unwrap().call(&mut i, abc());
    assert_eq!(panic_of(merge), "(host_types.Store).parameter 1: a method that changes it is running");
    // Values are usable afterwards.
    let (a, b) = (Host::new(&mut i, abc()).unwrap(), Host::new(&mut i, Store::default()).unwrap());
    let merge = i.func::<fn(Host<Store>, Host<Store>) -> i64>("Merge").unwrap();
    assert!(merge.call(&mut i, &a, &a).is_err());
    assert_eq!(merge.call(&mut i, &b, &a).unwrap(), 3);
}

#[test]
fn a_goroutine_in_a_method_keeps_the_value() {
    let alive = Arc::new(AtomicUsize::new(0));
    let mut i = isolate(STORE);
    let store = Store { values: abc().values, ..Store::counted(&alive) };
    i.func::<fn(Store)>("Park").unwrap().call(&mut i, store).unwrap();
    i.run_until_idle().unwrap();
    assert_eq!(alive.load(Ordering::SeqCst), 1);
    drop(i);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn promoted_methods_of_an_embedded_host_value() {
    let mut i = isolate(STORE);
    assert_eq!(i.func::<fn(Store) -> i64>("Promoted").unwrap().call(&mut i, Store::default()).unwrap(), 2);
    let any = i.func::<fn(Store, Store) -> i64>("PromotedAny").unwrap();
    assert_eq!(any.call(&mut i, abc(), Store::default()).unwrap(), 3);
}

/// A temperature.
#[derive(Clone, Debug, PartialEq)]
struct Celsius(f64);

impl fmt::Display for Celsius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} °C", self.0)
    }
}

#[itab::host]
impl Celsius {
    /// Operators are methods.
    fn add(&self, other: &Celsius) -> Celsius {
        Celsius(self.0 + other.0)
    }
    fn equal(&self, other: &Celsius) -> bool {
        self == other
    }
}

#[derive(Debug)]
struct OnlyDebug {
    #[allow(dead_code)]
    n: i32,
}

#[itab::host(package = "host/plain", name = "Thing")]
impl OnlyDebug {}

#[derive(Debug)]
struct NotFound;

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not found")
    }
}

impl std::error::Error for NotFound {}

#[itab::host]
impl NotFound {
    fn status(&self) -> i32 {
        404
    }
}

const PRINT: &str = r#"
package main

import ("errors"; "fmt"; "reflect"; "strings")

func Print(v any) string { return fmt.Sprintf("%T|%v|%s", v, v, v) }
func PrintGo(v any) string { return fmt.Sprintf("%#v", v) }
type Temp interface { Add(any) any; Equal(any) bool }
func Warmer(a, b Temp) any { if a.Equal(b) { return nil }; return a.Add(b) }
func Refused(a Temp) any { return a.Add(1) }
func Status(v any) string {
	err := fmt.Errorf("wrapped: %w", v.(error))
	var s interface{ Status() int32 }
	if !errors.As(err, &s) { return "not found" }
	return fmt.Sprint(err, " ", s.Status())
}
func Methods(v any) string {
	t := reflect.TypeOf(v)
	var out []string
	for i := range t.NumMethod() { out = append(out, t.Method(i).Name+strings.TrimPrefix(t.Method(i).Type.String(), "func")) }
	return fmt.Sprint(t, " ", t.Kind(), " ", t.Elem().PkgPath(), " ", out)
}
func Call(v any, name string, args ...any) string {
	var in []reflect.Value
	for _, a := range args { in = append(in, reflect.ValueOf(a)) }
	out := reflect.ValueOf(v).MethodByName(name).Call(in)
	return fmt.Sprint(out)
}
func CallSet(v any) string { return Call(v, "Set", "k", "v") + Call(v, "Get", "k") }
func CallExpr(v any) string {
	m, _ := reflect.TypeOf(v).MethodByName("Get")
	return fmt.Sprint(m.Func.Call([]reflect.Value{reflect.ValueOf(v), reflect.ValueOf("k")}))
}
func CallBound(v any) string {
	get := reflect.ValueOf(v).MethodByName("Get").Interface().(func(string) (string, bool))
	s, ok := get("k")
	return fmt.Sprint(s, ok)
}
type Getter interface { Get(string) (string, bool) }
type Flusher interface { Flush() }
type Sizer interface { Size() int }
func Implements(v any) string {
	t := reflect.TypeOf(v)
	out := ""
	for _, i := range []reflect.Type{reflect.TypeFor[Getter](), reflect.TypeFor[Flusher](), reflect.TypeFor[Sizer](), reflect.TypeFor[any]()} {
		out += fmt.Sprint(t.Implements(i), t.AssignableTo(i), " ")
	}
	var g Getter
	reflect.ValueOf(&g).Elem().Set(reflect.ValueOf(v))
	return out + fmt.Sprint(g == v)
}
func Copies(v any) (text string) {
	defer func() { text += fmt.Sprint(recover()) }()
	fresh := reflect.New(reflect.TypeOf(v).Elem())
	fresh.Elem().Set(reflect.ValueOf(v).Elem())
	if fresh.Interface() == v { return "same" }
	fresh.Interface().(Getter).Get("k")
	return "found"
}
func Zero(v any) (text string) {
	defer func() { text += fmt.Sprint(recover()) }()
	reflect.New(reflect.TypeOf(v).Elem()).Interface().(Getter).Get("k")
	return "found"
}
func Nil(v any) (text string) {
	defer func() { text += fmt.Sprint(recover()) }()
	reflect.Zero(reflect.TypeOf(v)).Interface().(Getter).Get("k")
	return "found"
}
func Convert(a, b any) bool { return reflect.TypeOf(a).ConvertibleTo(reflect.TypeOf(b)) }
func TypesDiffer(a, b any) string {
	ta, tb := reflect.TypeOf(a), reflect.TypeOf(b)
	return fmt.Sprint(ta, tb, ta == tb, ta.ConvertibleTo(tb))
}
"#;

#[test]
fn values_print_as_display_or_debug() {
    let mut i = isolate(PRINT);
    assert_eq!(text(&mut i, "Print", Celsius(20.0)), "*host_types.Celsius|20.0 °C|20.0 °C");
    assert_eq!(text(&mut i, "Print", OnlyDebug { n: 3 }), "*plain.Thing|OnlyDebug { n: 3 }|OnlyDebug { n: 3 }");
    assert_eq!(text(&mut i, "PrintGo", Celsius(1.5)), "Celsius(1.5)");
    assert_eq!(text(&mut i, "Print", NotFound), "*host_types.NotFound|not found|not found");
    assert_eq!(text(&mut i, "Status", NotFound), "wrapped: not found 404");
}

#[test]
fn operators_are_methods() {
    let mut i = isolate(PRINT);
    let warmer = i.func::<fn(Celsius, Celsius) -> Any>("Warmer").unwrap();
    let sum = {
        let (a, b) = (Celsius(20.0), Celsius(1.5));
        warmer.call(&mut i, &a, &b)
    }
    .unwrap();
    let scope = &i.scope().unwrap();
    assert_eq!(*sum.get::<Host<Celsius>>(scope).unwrap().get(scope).unwrap(), Celsius(21.5));
    let mut i = isolate(PRINT);
    assert!(warmer.call(&mut i, Celsius(1.0), Celsius(1.0)).is_err(), "another program's function");
    let refused = i.func::<fn(Celsius) -> Any>("Refused").unwrap().call(&mut i, Celsius(1.0));
    assert_eq!(panic_of(refused), "the value is int, which Celsius does not fit");
}

#[test]
fn reflection_sees_methods() {
    let mut i = isolate(PRINT);
    assert_eq!(
        text(&mut i, "Methods", Store::default()),
        "*host_types.Store ptr host_types [Close(*host_types.Store) int64 First(*host_types.Store) (string, bool) \
         Get(*host_types.Store, string) (string, bool) GetAll(*host_types.Store) []string \
         Merge(*host_types.Store, interface {}) int64 Set(*host_types.Store, string, string) Size(*host_types.Store) int64]"
    );
    assert_eq!(text(&mut i, "CallSet", Store::default()), "[][v <bool Value>]");
    let store = || Store { values: [("k".to_string(), "v".to_string())].into(), _alive: None };
    assert_eq!(text(&mut i, "CallExpr", store()), "[v <bool Value>]");
    assert_eq!(text(&mut i, "CallBound", store()), "vtrue");
    assert_eq!(text(&mut i, "Implements", store()), "true true false false true true true true true");
}

#[test]
fn copied_and_new_handles_find_nothing() {
    let mut i = isolate(PRINT);
    assert_eq!(text(&mut i, "Copies", abc()), "(host_types.Store).Get: it is not a value of the host");
    assert_eq!(text(&mut i, "Zero", abc()), "(host_types.Store).Get: it is not a value of the host");
    assert_eq!(text(&mut i, "Nil", abc()), "(host_types.Store).Get: it is nil");
    assert!(!i.func::<fn(Store, Celsius) -> bool>("Convert").unwrap().call(&mut i, abc(), Celsius(0.0)).unwrap());
}

mod one {
    pub struct Point;
    #[itab::host(package = "geo")]
    impl Point {
        fn x(&self) -> i64 {
            1
        }
    }
}

mod two {
    pub struct Point;
    #[itab::host(package = "geo")]
    impl Point {
        fn x(&self) -> i64 {
            2
        }
    }
}

#[test]
fn same_named_types_are_kept_apart() {
    let mut i = isolate(&(PRINT.to_string() + "\nfunc X(v interface{ X() int }) int { return v.X() }"));
    let differ = i.func::<fn(one::Point, two::Point) -> String>("TypesDiffer").unwrap();
    assert_eq!(differ.call(&mut i, one::Point, two::Point).unwrap(), "*geo.Point *geo.Point false false");
    assert_eq!(i.func::<fn(one::Point) -> i64>("X").unwrap().call(&mut i, one::Point).unwrap(), 1);
    assert_eq!(i.func::<fn(two::Point) -> i64>("X").unwrap().call(&mut i, two::Point).unwrap(), 2);
}

/// A stack of anything that passes.
struct Stack<T>(Vec<T>);

#[itab::host]
impl<T: Clone + Send + 'static + itab::ToGo + for<'a> itab::FromGo<'a>> Stack<T> {
    fn push(&mut self, value: T) {
        self.0.push(value);
    }
    fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }
}

#[test]
fn generic_host_types_are_a_type_per_instance() {
    let source = r#"
package main
import "fmt"
func Strings(s interface{ Push(string); Pop() (string, bool) }) string { s.Push("a"); v, _ := s.Pop(); return fmt.Sprintf("%T ", s) + v }
func Ints(s interface{ Push(int); Pop() (int, bool) }) string { s.Push(3); v, ok := s.Pop(); return fmt.Sprintf("%T %v %v", s, v, ok) }
func Is(v any) bool { _, ok := v.(interface{ Push(string) }); return ok }
"#;
    let mut i = isolate(source);
    assert_eq!(text(&mut i, "Strings", Stack::<String>(vec![])), "*host_types.Stack[String] a");
    assert_eq!(text(&mut i, "Ints", Stack::<i64>(vec![])), "*host_types.Stack[i64] 3 true");
    assert!(i.func::<fn(Stack<String>) -> bool>("Is").unwrap().call(&mut i, Stack(vec![])).unwrap());
    assert!(!i.func::<fn(Stack<i64>) -> bool>("Is").unwrap().call(&mut i, Stack(vec![])).unwrap());
}

#[itab::host(fields)]
#[derive(Clone)]
struct Rect {
    pub width: f64,
    #[go(name = "H")]
    pub height: f64,
    #[go(skip)]
    pub _own: Arc<Mutex<u8>>,
    hidden: u8,
}

trait Shape {
    fn area(&self) -> f64;
}

trait Named {
    fn name(&self) -> &str;
}

#[itab::host(fields, with(Shape, Named))]
impl Rect {
    fn scale(&mut self, by: f64) {
        self.width *= by;
        self.height *= by;
    }
}

#[itab::host(part)]
impl Shape for Rect {
    fn area(&self) -> f64 {
        self.width * self.height
    }
}

#[itab::host(part)]
impl Named for Rect {
    fn name(&self) -> &str {
        if self.hidden == 0 { "rect" } else { "hidden" }
    }
}

struct Circle(f64);

#[itab::host]
impl Shape for Circle {
    fn area(&self) -> f64 {
        self.0 * self.0 * 3.0
    }
}

#[test]
fn fields_are_getters_and_setters() {
    let source = r#"
package main
import "fmt"
type Rect interface { Width() float64; SetWidth(float64); H() float64; SetH(float64); Scale(float64); Area() float64; Name() string }
func Use(r Rect) string {
	r.SetWidth(r.Width() + 1)
	r.SetH(2)
	r.Scale(10)
	_, own := r.(interface{ Own() any })
	_, hidden := r.(interface{ Hidden() uint8 })
	return fmt.Sprint(r.Width(), " ", r.H(), " ", r.Area(), " ", r.Name(), " ", own, hidden)
}
func Area(s interface{ Area() float64 }) string { return fmt.Sprint(s.Area()) }
"#;
    let mut i = isolate(source);
    let rect = Rect { width: 2.0, height: 1.0, _own: Arc::default(), hidden: 0 };
    assert_eq!(text(&mut i, "Use", rect.clone()), "30 20 600 rect false false");
    assert_eq!(text(&mut i, "Area", rect), "2");
    assert_eq!(text(&mut i, "Area", Circle(1.0)), "3");
}

#[test]
fn state_is_per_instance() {
    let program = program(
        "package main\nvar s interface{ Set(k, v string); Size() int }\nfunc Init(x interface{ Set(k, v string); Size() int }) { s = x }\nfunc Add(k string) int { s.Set(k, k); return s.Size() }",
    );
    let init = program.func::<fn(Store)>("Init").unwrap();
    let add = program.func::<fn(String) -> i64>("Add").unwrap();
    let mut isolates: Vec<Isolate> = (0..3).map(|_| program.isolate().unwrap()).collect();
    for i in &mut isolates {
        init.call(i, Store::default()).unwrap();
    }
    for (n, i) in isolates.iter_mut().enumerate() {
        for k in 0..=n {
            assert_eq!(add.call(i, k.to_string()).unwrap(), k as i64 + 1);
        }
    }
    let foreign = Host::new(&mut isolates[0], Store::default()).unwrap();
    let init = program.func::<fn(Host<Store>)>("Init").unwrap();
    assert!(matches!(init.call(&mut isolates[1], &foreign), Err(Error::Root)));
}

#[test]
fn host_functions_give_and_take_host_values() {
    let source = "package main\nfunc open(name string) any\nfunc count(s any) int\ntype S interface { Set(k, v string) }\nfunc Run() int { s := open(`x`); s.(S).Set(`a`, `b`); return count(s) }";
    let engine = builder(source).func("main.open", |name: String| {
        let mut store = Store::default();
        store.set(name, String::new());
        store
    });
    let engine =
        engine.func("main.count", |scope: &mut Scope<'_>, store: Host<Store>| store.get(scope).map(|s| s.len()));
    let mut i = load(engine).isolate().unwrap();
    assert_eq!(i.func::<fn() -> i64>("Run").unwrap().call(&mut i).unwrap(), 2);
}

#[test]
fn isolates_on_two_threads_make_methods_at_once() {
    let program = program(
        "package main\nfunc Use(v any) int { n := 0; for range 100 { n += v.(interface{ Size() int }).Size() + int(v.(interface{ Size() int64 }).Size()) }; return n }",
    );
    let use_ = program.func::<fn(Store) -> i64>("Use").unwrap();
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                let mut i = program.isolate().unwrap();
                assert_eq!(use_.call(&mut i, abc()).unwrap(), 600);
            });
        }
    });
}

#[test]
fn collections_at_every_step_find_host_values() {
    let program = program(STORE);
    let options = || itab::IsolateOptions::default().debug("gcstress=1,gccheck=1").unwrap();
    let mut i = program.isolate_with(options()).unwrap();
    let each = i.func::<fn(Store, String) -> itab::Result<String>>("Each").unwrap();
    for _ in 0..3 {
        assert_eq!(each.call(&mut i, abc(), "").unwrap(), "aaa2");
        assert_eq!(text(&mut i, "Use", Store::default()), "1");
        assert_eq!(text(&mut i, "Optional", Store::default()), "Sizer switch Lister");
    }
    let reenter = i.func::<fn(Store) -> itab::Result<String>>("Reenter").unwrap();
    assert_eq!(reenter.call(&mut i, abc()).unwrap(), "inner a!");
    let mut store = Store::default();
    i.func::<fn(Store)>("Keep").unwrap().call(&mut i, &mut store).unwrap();
    assert!(i.func::<fn()>("UseKept").unwrap().call(&mut i).is_err());
}
