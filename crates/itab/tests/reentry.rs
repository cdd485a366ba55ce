//! Calls that go back and forth across the border: each level may panic, and what passes stays what it was.

mod common;

use common::{builder, load, program};
use itab::{Error, Func, IsolateOptions, Plugin, Scope};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const LEVELS: &str = r#"
package main

import "fmt"

func down(level int, f func(int) (string, error)) (string, error)

// Go calls the host at every level, until the last; it panics before or after its call, and keeps garbage alive.
func Level(level, before, after int) (string, error) {
	junk := make([]*[16]int, 0, 4)
	for i := range 4 {
		junk = append(junk, &[16]int{i})
	}
	if level == before {
		panic(fmt.Sprint("before ", level))
	}
	if level == 0 {
		return "bottom", nil
	}
	text, err := down(level, func(n int) (string, error) { return Level(n, before, after) })
	if level == after {
		panic(fmt.Errorf("after %d", level))
	}
	for i := range junk {
		if junk[i][0] != i {
			panic("lost")
		}
	}
	return fmt.Sprint(text, " ", level), err
}
"#;

/// Counts the frames of the host that have been left.
struct Left(Arc<AtomicUsize>);

impl Drop for Left {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

type Down = Func<fn(i64) -> itab::Result<String>>;

#[test]
fn five_levels_deep_with_a_panic_at_each() {
    let left = Arc::new(AtomicUsize::new(0));
    let count = left.clone();
    let builder =
        builder(LEVELS).func("main.down", move |scope: &mut Scope<'_>, level: i64, f: Down| -> itab::Result<String> {
            let _left = Left(count.clone());
            f.call(scope, level - 1).map(|text| text + "!")
        });
    let options = IsolateOptions::default().debug("gcstress=1,gccheck=1").unwrap();
    let mut isolate = load(builder).isolate_with(options).unwrap();
    let level = isolate.func::<fn(i64, i64, i64) -> itab::Result<String>>("Level").unwrap();
    let whole = level.call(&mut isolate, 5, -1, -1).unwrap();
    assert_eq!(whole, "bottom! 1! 2! 3! 4! 5");
    assert_eq!(left.swap(0, Ordering::SeqCst), 5);
    for at in 0..=5 {
        let Err(Error::Panic(before)) = level.call(&mut isolate, 5, at, -1) else { panic!("it panics before {at}") };
        assert_eq!(before.message(), format!("before {at}"));
        assert_eq!(left.swap(0, Ordering::SeqCst), 5 - at as usize, "every frame of the host is left");
    }
    for at in 1..=5 {
        let Err(Error::Panic(after)) = level.call(&mut isolate, 5, -1, at) else { panic!("it panics after {at}") };
        assert_eq!(after.message(), format!("after {at}"));
        assert_eq!(left.swap(0, Ordering::SeqCst), 5);
    }
    assert_eq!(level.call(&mut isolate, 5, -1, -1).unwrap(), whole);
}

#[test]
fn the_lines_of_an_error_that_crossed_twice_are_right() {
    let source = r#"package main

func down(level int, f func(int) (string, error)) (string, error)

func Twice() {
	_, _ = down(1, inner)
}

func inner(int) (string, error) {
	var p *[4]int
	return string(rune(p[1])), nil // line 11
}
"#;
    let builder = builder(source)
        .func("main.down", |scope: &mut Scope<'_>, level: i64, f: Down| -> itab::Result<String> {
            f.call(scope, level)
        });
    let mut isolate = load(builder).isolate().unwrap();
    let Err(Error::Panic(panic)) = isolate.func::<fn()>("Twice").unwrap().call(&mut isolate) else {
        panic!("it follows nil")
    };
    let report = panic.report();
    let at = |line: &str| report.find(line).unwrap_or_else(|| panic!("no {line} in {report}"));
    assert!(panic.message().contains("invalid memory address or nil pointer dereference"), "{report}");
    assert!(at("test.go:11") < at("test.go:3"), "{report}");
    assert!(at("test.go:3") < at("main.Twice"), "{report}");
    assert!(at("main.Twice") < at("test.go:6"), "{report}");
}

#[itab::interface]
trait Answers: Send {
    fn answer(&self, question: &str) -> itab::Result<String>;
}

#[test]
fn a_plugin_calls_another_plugins_value_through_the_host() {
    let expert = "package expert\ntype T struct{ n int }\nfunc (t *T) Answer(q string) string { t.n++; return q + \"? \" + string(rune('0'+t.n)) }\nfunc New() *T { return &T{} }";
    let expert: Plugin<dyn Answers> = program(expert).plugin("New").unwrap();
    let expert = Arc::new(Mutex::new(expert));
    let source = "package asker\nfunc ask(q string) (string, error)\ntype T struct{}\nfunc (T) Answer(q string) (string, error) { s, err := ask(\"really \" + q); return s + \"!\", err }\nfunc New() T { return T{} }";
    let known = expert.clone();
    let asker = builder(source).func("asker.ask", move |q: String| known.lock().unwrap().answer(&q));
    let asker: Plugin<dyn Answers> = load(asker).plugin("New").unwrap();
    assert_eq!(asker.answer("so").unwrap(), "really so? 1!");
    assert_eq!(expert.lock().unwrap().answer("no").unwrap(), "no? 2");
}

const TWO: &str = r#"
package main

import "errors"

type Outer struct{ T }
type T struct{ n int }

func (T) Answer(q string) string { return "outer " + q }

func New() T { return T{} }

func Local() any {
	type T struct{ n int }
	return T{}
}

var Known = errors.New("known")

func Is(f func() error) bool { return errors.Is(f(), Known) }
func Fail() error { return Known }
func NewOuter() Outer { return Outer{} }
"#;

#[test]
fn types_of_the_same_name_are_kept_apart() {
    let program = program(TWO);
    let mut isolate = program.isolate().unwrap();
    let local = isolate.func::<fn() -> itab::Any>("Local").unwrap().call(&mut isolate).unwrap();
    assert_eq!(local.type_name(), "main.T");
    let scope = &mut isolate.scope().unwrap();
    let error = local.bind::<dyn Named>(scope).map(drop).unwrap_err();
    assert_eq!(error.to_string(), "main.T does not implement dyn Named: missing method Answer");
    let outer = scope.func::<fn() -> itab::Root<dyn Named>>("New").unwrap().call(scope).unwrap();
    assert_eq!(outer.open(scope).unwrap().answer("a").unwrap(), "outer a");
    // Promoted by embedding.
    let outer = scope.func::<fn() -> itab::Root<dyn Named>>("NewOuter").unwrap().call(scope).unwrap();
    assert_eq!(outer.open(scope).unwrap().answer("b").unwrap(), "outer b");
}

#[itab::interface]
trait Named {
    fn answer(&self, question: &str) -> itab::Result<String>;
}

#[test]
fn a_scripts_error_is_matched_over_the_border_and_back() {
    let mut isolate = program(TWO).isolate().unwrap();
    let is = isolate.func::<fn(itab::Closure<fn() -> itab::Result<()>>) -> bool>("Is").unwrap();
    let fail = isolate.func::<fn() -> itab::Result<()>>("Fail").unwrap();
    let through = itab::Closure::new(move |scope: &mut Scope<'_>| -> itab::Result<()> { fail.call(scope) });
    assert!(is.call(&mut isolate, through).unwrap());
    let other = itab::Closure::new(|| -> itab::Result<()> { Err(Error::Host("other".into())) });
    assert!(!is.call(&mut isolate, other).unwrap());
}
