//! Go values behind Rust traits: plug-ins, values in a scope, casts, optional methods, super-traits, what is missing.

mod common;

use common::{builder, load, program};
use itab::{Error, Iface, Plugin, Root, Scope};

#[itab::interface]
trait Shape {
    fn area(&self) -> itab::Result<f64>;
    fn scale(&mut self, by: f64) -> itab::Result<()>;
}

#[itab::interface]
trait Named {
    fn name(&self) -> itab::Result<String>;
    /// Go need not have it.
    fn nick_name(&self, prefix: &str) -> itab::Result<String> {
        Ok(format!("{prefix}{}", self.name()?))
    }
}

#[itab::interface]
trait Described: Send {
    fn describe(&self, words: &[String], times: usize) -> itab::Result<String>;
}

#[itab::interface]
trait Closer {
    #[go(name = "Close")]
    fn shut(&mut self) -> Result<(), Shut>;
}

#[derive(Debug)]
struct Shut(String);

impl From<Error> for Shut {
    fn from(e: Error) -> Shut {
        Shut(e.to_string())
    }
}

const SHAPES: &str = r#"
package shapes

import (
	"errors"
	"fmt"
	"strings"
)

type Square struct{ side float64 }

func (s *Square) Area() float64       { return s.side * s.side }
func (s *Square) Scale(by float64)    { s.side *= by }
func (s *Square) Name() string        { return "square" }

// A Circle is a value, with every method and more.
type Circle struct{ r, pad float64; log *[]string }

func (c Circle) Area() (float64, error) {
	if c.r < 0 {
		return 0, errors.New("no radius")
	}
	return 3 * c.r * c.r, nil
}
func (c Circle) Scale(by float64) error { return fmt.Errorf("a circle is not scaled by %v", by) }
func (c Circle) Name() string           { return "circle" }
func (c Circle) NickName(p string) string { return p + "ring" }
func (c Circle) Describe(words []string, times int) string {
	return strings.Repeat(strings.Join(words, " "), times)
}
func (c Circle) Close() error { return errors.New("circles have no end") }

type Panics struct{}

func (Panics) Area() float64    { panic("no area") }
func (Panics) Scale(by float64) {}

type Wrong struct{}

func (Wrong) Area() string { return "" }

type Func func() float64

func (f Func) Area() float64    { return f() }
func (f Func) Scale(by float64) {}

type Shaper interface{ Area() float64; Scale(float64) }

func NewSquare() *Square           { return &Square{side: 3} }
func NewCircle() any               { return Circle{r: 2} }
func NewBad() (Circle, error)      { return Circle{r: -1}, nil }
func NewFailed() (*Square, error)  { return nil, errors.New("not today") }
func NewWrong() Wrong              { return Wrong{} }
func NewWrongAny() any             { return Wrong{} }
func NewNil() any                  { return nil }
func NewPanics() Panics            { return Panics{} }
func NewFunc(x float64) Func       { return func() float64 { return x } }
func Total(s ...Shaper) (sum float64) { for _, s := range s { sum += s.Area() }; return }
func Same(s Shaper) Shaper { return s }
"#;

fn plugin<T: itab::Interface + ?Sized>(name: &str) -> itab::Result<Plugin<T>> {
    program(SHAPES).plugin(name)
}

#[test]
fn a_plugin_implements_its_trait() {
    let mut square: Plugin<dyn Shape> = plugin("NewSquare").unwrap();
    assert_eq!(square.area().unwrap(), 9.0);
    square.scale(2.0).unwrap();
    assert_eq!(square.area().unwrap(), 36.0);
    fn generic(shape: &dyn Shape) -> f64 {
        shape.area().unwrap()
    }
    assert_eq!(generic(&square), 36.0);
    let moved = std::thread::spawn(move || square.area().unwrap()).join().unwrap();
    assert_eq!(moved, 36.0);
}

#[test]
fn values_and_errors_of_go_pass_through_a_trait() {
    let mut circle: Plugin<dyn Shape> = plugin("NewCircle").unwrap();
    assert_eq!(circle.area().unwrap(), 12.0);
    assert_eq!(circle.scale(2.5).unwrap_err().to_string(), "a circle is not scaled by 2.5");
    let bad: Plugin<dyn Shape> = plugin("NewBad").unwrap();
    let Err(Error::Go(error)) = bad.area() else { panic!("it has no radius") };
    assert_eq!(error.to_string(), "no radius");
    let panics: Plugin<dyn Shape> = plugin("NewPanics").unwrap();
    assert!(matches!(panics.area(), Err(Error::Panic(p)) if p.message() == "no area"));
    let mut closer: Plugin<dyn Closer> = plugin("NewCircle").unwrap();
    assert_eq!(closer.shut().unwrap_err().0, "circles have no end");
    assert_eq!(plugin::<dyn Shape>("NewFailed").unwrap_err().to_string(), "not today");
}

#[test]
fn optional_methods_use_the_default_where_go_lacks_them() {
    let square: Plugin<dyn Named> = plugin("NewSquare").unwrap();
    assert_eq!(square.nick_name("old ").unwrap(), "old square");
    let circle: Plugin<dyn Named> = plugin("NewCircle").unwrap();
    assert_eq!(circle.nick_name("old ").unwrap(), "old ring");
}

#[test]
fn a_cast_is_an_assertion() {
    let square: Plugin<dyn Shape> = plugin("NewSquare").unwrap();
    let named = square.cast::<dyn Named>().expect("it has a name");
    assert_eq!(named.name().unwrap(), "square");
    assert_eq!(square.area().unwrap(), 9.0);
    assert!(square.cast::<dyn Described>().is_none());
    assert!(square.cast::<dyn Closer>().is_none());
    assert_eq!(named.type_name(), "*shapes.Square");
    let circle: Plugin<dyn Described> = plugin("NewCircle").unwrap();
    assert_eq!(circle.describe(&["x".into()], 3).unwrap(), "xxx");
}

#[test]
fn super_traits_are_embedded_interfaces() {
    let circle: Plugin<dyn Everything> = plugin("NewCircle").unwrap();
    assert_eq!(circle.area().unwrap(), 12.0);
    assert_eq!(circle.name().unwrap(), "circle");
    assert_eq!(circle.nick_name("").unwrap(), "ring");
    assert_eq!(circle.describe(&["a".into(), "b".into()], 2).unwrap(), "a ba b");
    let missing = plugin::<dyn Everything>("NewSquare").unwrap_err().to_string();
    assert!(missing.contains("missing method Describe"), "{missing}");
}

#[itab::interface]
trait Everything: Shape + Named {
    fn describe(&self, words: &[String], times: usize) -> itab::Result<String>;
}

#[test]
fn what_is_missing_is_named_when_a_plugin_is_loaded() {
    let known = plugin::<dyn Shape>("NewWrong").unwrap_err().to_string();
    let wrong = "method Area is func() string: result 1 is string, which f64 does not fit; use String or Vec<u8>";
    assert!(known.contains(wrong), "{known}");
    assert!(known.contains("missing method Scale"), "{known}");
    let Err(Error::NotImplemented { go, interface, missing }) = plugin::<dyn Shape>("NewWrongAny") else {
        panic!("it does not implement it");
    };
    assert_eq!((&*go, &*interface), ("shapes.Wrong", "dyn Shape"));
    assert_eq!(missing, [wrong, "missing method Scale"]);
    let nil = plugin::<dyn Shape>("NewNil").unwrap_err().to_string();
    assert_eq!(nil, "nil does not implement dyn Shape: it is nil");
}

#[test]
fn values_in_a_scope_are_bound_one_at_a_time() {
    let mut isolate = program(SHAPES).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let square = s.func::<fn() -> Root<dyn Shape>>("NewSquare").unwrap().call(s).unwrap();
    let func = s.func::<fn(f64) -> Root<dyn Shape>>("NewFunc").unwrap().call(s, 2.5).unwrap();
    let mut total = 0.0;
    for root in [&square, &func] {
        let mut shape: Iface<'_, dyn Shape> = root.open(s).unwrap();
        shape.scale(2.0).unwrap();
        total += shape.area().unwrap();
    }
    assert_eq!(total, 38.5);
    let mut shape = square.open(s).unwrap();
    assert_eq!(shape.cast::<dyn Named>().unwrap().name().unwrap(), "square");
    assert_eq!(shape.area().unwrap(), 36.0);
    let same = s.func::<fn(Root<dyn Shape>) -> Root<dyn Shape>>("Same").unwrap();
    let again = same.call(s, &square).unwrap();
    assert_eq!(again.value().type_name(), "*shapes.Square");
    let all = s.func::<fn(Vec<Root<dyn Shape>>) -> f64>("Total").unwrap();
    assert_eq!(all.call(s, vec![square, again, func]).unwrap(), 74.5);
}

#[test]
fn a_value_of_another_isolate_is_refused() {
    let program = program(SHAPES);
    let (mut one, mut two) = (program.isolate().unwrap(), program.isolate().unwrap());
    let square = program.func::<fn() -> Root<dyn Shape>>("NewSquare").unwrap().call(&mut one).unwrap();
    assert!(matches!(square.open(&mut two.scope().unwrap()), Err(Error::Root)));
    assert!(matches!(Plugin::new(two, square), Err(Error::Root)));
}

/// A trait of another crate, as far as this test is concerned.
mod other {
    pub trait Greeter {
        fn greet(&self, name: &str) -> String;
    }
}

#[itab::interface(of = other::Greeter)]
trait Greeter {
    fn greet(&self, name: &str) -> String;
}

const GREETER: &str = r#"
package greeter

type polite struct{ n int }

func (p *polite) Greet(name string) string {
	if name == "" {
		panic("nobody")
	}
	p.n++
	return "Good day, " + name
}

func New() interface{ Greet(string) string } { return new(polite) }
"#;

#[test]
fn a_trait_of_another_crate_has_an_adapter() {
    let greeter: Plugin<dyn Greeter> = program(GREETER).plugin("New").unwrap();
    let greeter: Box<dyn other::Greeter> = Box::new(GreeterAdapter(greeter));
    assert_eq!(greeter.greet("Rust"), "Good day, Rust");
    // The result has no room for an error.
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| greeter.greet(""))).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "panic: nobody");
    assert_eq!(greeter.greet("again"), "Good day, again");
}

const CALLS_BACK: &str = r#"
package main

func host(s Shaper) float64

type Shaper interface{ Area() float64; Scale(float64) }

type Square struct{ side float64 }

func (s *Square) Area() float64    { return s.side * s.side }
func (s *Square) Scale(by float64) { s.side *= by }

type Outer struct{ inner Square }

func (o *Outer) Area() float64    { return host(&o.inner) }
func (o *Outer) Scale(by float64) {}

func New() *Outer { return &Outer{Square{2}} }
"#;

#[test]
fn a_host_function_gets_a_value_behind_a_trait() {
    let builder = builder(CALLS_BACK).func("main.host", |scope: &mut Scope<'_>, shape: Root<dyn Shape>| {
        let mut shape = shape.open(scope)?;
        shape.scale(10.0)?;
        shape.area()
    });
    let outer: Plugin<dyn Shape> = load(builder).plugin("New").unwrap();
    assert_eq!(outer.area().unwrap(), 400.0);
}

#[test]
fn plugins_of_one_program_share_nothing() {
    let program = program(SHAPES);
    let mut plugins: Vec<Plugin<dyn Shape>> = (0..20).map(|_| program.plugin("NewSquare").unwrap()).collect();
    for (i, p) in plugins.iter_mut().enumerate() {
        p.scale(i as f64).unwrap();
    }
    for (i, p) in plugins.iter().enumerate() {
        assert_eq!(p.area().unwrap(), 9.0 * (i * i) as f64);
    }
}
