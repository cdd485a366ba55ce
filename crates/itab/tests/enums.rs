//! Rust enums with data are Go interface values, one type per variant.

mod common;

use common::{builder, load, program};
use itab::{Any, Error, Go, IsolateOptions};

const SHAPES: &str = r#"
package main

import "fmt"

type Shape interface{ area() float64 }

type Circle struct{ R float64 }
type Rect struct{ W, H float64 }
type Side float64
type Named struct{ Name string; Of Shape }
type Empty struct{}
type Boxed struct{ p *float64 }
// Unused is named by the host alone.
type Unused struct{ List []string; m map[string]Unused }
type Wrong struct{}

func (c Circle) area() float64 { return 3 * c.R * c.R }
func (r *Rect) area() float64 { return r.W * r.H }
func (s Side) area() float64 { return float64(s * s) }
func (n Named) area() float64 { return n.Of.area() }
func (Empty) area() float64 { return 0 }
func (b Boxed) area() float64 { return *b.p }
func (u *Unused) area() float64 { return float64(len(u.List)) }

func Area(s Shape) float64 { return s.area() }
func Print(s Shape) string { return fmt.Sprintf("%T %v", s, s) }
func Same(s Shape) Shape { return s }
func All() []Shape { return []Shape{Circle{1}, &Circle{2}, &Rect{3, 4}, Side(5), Empty{}, &Empty{}} }
func Nil() Shape { return nil }
func NilPointer() Shape { return (*Rect)(nil) }
func Other() Shape { x := 2.0; return Boxed{&x} }
func AnyOf(v any) any { return v }
"#;

const HOST: &str = r#"
func host(Shape) Shape
func Host(s Shape) string { return fmt.Sprintf("%T", host(s)) }
"#;

#[derive(Go, Debug, Clone, PartialEq)]
enum Shape {
    Circle {
        r: f64,
        #[go(skip)]
        own: u8,
    },
    Rect(f64, f64),
    Side(f64),
    Named {
        name: String,
        of: Box<Shape>,
    },
    Empty,
    #[go(name = "Unused")]
    Other {
        list: Vec<String>,
    },
}

fn circle(r: f64) -> Shape {
    Shape::Circle { r, own: 0 }
}

#[test]
fn variants_are_types_by_name() {
    let options = IsolateOptions::default().debug("gcstress=1").unwrap();
    let mut isolate = program(SHAPES).isolate_with(options).unwrap();
    let s = &mut isolate.scope().unwrap();
    let print = s.func::<fn(Shape) -> String>("Print").unwrap();
    let named = Shape::Named { name: "n".into(), of: Box::new(circle(2.0)) };
    let other = Shape::Other { list: vec!["a".into(), "b".into()] };
    for (shape, text) in [
        (circle(1.5), "main.Circle {1.5}"),
        (Shape::Rect(2.0, 3.0), "*main.Rect &{2 3}"),
        (Shape::Side(2.5), "main.Side 2.5"),
        (named.clone(), "main.Named {n {2}}"),
        (Shape::Empty, "main.Empty {}"),
        (other.clone(), "*main.Unused &{[a b] map[]}"),
    ] {
        assert_eq!(print.call(s, shape.clone()).unwrap(), text);
        assert_eq!(s.func::<fn(Shape) -> Shape>("Same").unwrap().call(s, shape.clone()).unwrap(), shape);
    }
    let area = s.func::<fn(Shape) -> f64>("Area").unwrap();
    assert_eq!(area.call(s, named).unwrap(), 12.0);
    assert_eq!(area.call(s, other).unwrap(), 2.0);
    let all = s.func::<fn() -> Vec<Shape>>("All").unwrap().call(s).unwrap();
    let wanted = [circle(1.0), circle(2.0), Shape::Rect(3.0, 4.0), Shape::Side(5.0), Shape::Empty, Shape::Empty];
    assert_eq!(all, wanted);
}

#[test]
fn nil_and_types_of_no_variant_are_errors() {
    let mut isolate = program(SHAPES).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let mut error = |name: &str| s.func::<fn() -> Shape>(name).unwrap().call(s).unwrap_err().to_string();
    let has =
        "which Shape does not fit; use an enum that has it; this one has Circle, Rect, Side, Named, Empty, Unused";
    assert_eq!(error("Nil"), format!("the value is nil, {has}"));
    assert_eq!(error("NilPointer"), format!("the value is a nil *main.Rect, {has}"));
    assert_eq!(error("Other"), format!("the value is main.Boxed, {has}"));
    assert_eq!(s.func::<fn() -> Option<Shape>>("Nil").unwrap().call(s).unwrap(), None);
    let same = s.func::<fn(Option<Shape>) -> Option<Shape>>("Same").unwrap();
    assert_eq!(same.call(s, None).unwrap(), None);
    assert_eq!(same.call(s, Some(Shape::Empty)).unwrap(), Some(Shape::Empty));
}

#[test]
fn variants_without_a_fitting_type_are_refused_when_looked_up() {
    #[derive(Go)]
    #[allow(dead_code)]
    enum Missing {
        Triangle { a: f64 },
    }
    #[derive(Go)]
    #[allow(dead_code)]
    enum Deaf {
        Wrong {},
        Circle { r: f64 },
    }
    #[derive(Go)]
    #[allow(dead_code)]
    enum Field {
        Circle { radius: f64 },
    }
    #[derive(Go)]
    #[allow(dead_code)]
    enum Type {
        Side(String),
    }
    let isolate = program(SHAPES).isolate().unwrap();
    let why = |e: Error| match e {
        Error::Signature { why, .. } => why,
        e => panic!("{e}"),
    };
    let missing = why(isolate.func::<fn(Missing) -> f64>("Area").unwrap_err());
    assert!(missing.contains("there is no type main.Triangle"), "{missing}");
    let deaf = why(isolate.func::<fn(Deaf) -> f64>("Area").unwrap_err());
    assert!(deaf.contains("neither main.Wrong nor *main.Wrong does"), "{deaf}");
    let field = why(isolate.func::<fn() -> Field>("Nil").unwrap_err());
    assert!(field.contains("at .(main.Circle), is main.Circle") && field.contains("none for radius"), "{field}");
    let side = why(isolate.func::<fn(Type) -> f64>("Area").unwrap_err());
    assert_eq!(side, "parameter 1, at .(main.Side), is main.Side, which String does not fit; use f64");
    // Functions of the host are checked in the same way, when the program is loaded.
    let host = builder(&(SHAPES.to_string() + HOST))
        .func("main.host", |m: Missing| m)
        .build()
        .load(&["test.go"])
        .map(drop)
        .unwrap_err();
    assert!(host.to_string().contains("there is no type main.Triangle"), "{host}");
}

#[test]
fn host_functions_take_and_give_enums() {
    let builder = builder(&(SHAPES.to_string() + HOST)).func("main.host", |shape: Shape| match shape {
        Shape::Circle { r, .. } => Shape::Side(r),
        other => Shape::Named { name: "was".into(), of: Box::new(other) },
    });
    let mut isolate = load(builder).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let host = s.func::<fn(Shape) -> String>("Host").unwrap();
    assert_eq!(host.call(s, circle(1.0)).unwrap(), "main.Side");
    assert_eq!(host.call(s, Shape::Empty).unwrap(), "main.Named");
}

#[test]
fn enums_with_lifetimes_and_parameters_are_views() {
    #[derive(Go, Debug, PartialEq)]
    enum Seen<'a, T> {
        #[go(name = "main.Named")]
        Name { name: &'a str },
        #[go(name = "main.Side")]
        Length(T),
    }
    let mut isolate = program(SHAPES).isolate().unwrap();
    let s = &mut isolate.scope().unwrap();
    let any = s.func::<fn(Seen<'static, f64>) -> Any>("AnyOf").unwrap();
    // The signature names a lifetime that fits all: a call takes shorter ones.
    let text = String::from("text");
    let name = any.call(s, Seen::Name { name: &text }).unwrap();
    assert_eq!(name.type_name(), "main.Named");
    let length = any.call(s, Seen::Length(2.0)).unwrap();
    assert_eq!(length.get::<f64>(s).unwrap(), 2.0);
    let list = s.func::<fn() -> itab::GoSlice<Any>>("All").unwrap().call(s).unwrap();
    assert_eq!(list.len(), 6);
}

const COLORS: &str = r#"
package main

import ("image/color"; "sync/atomic")

var counter atomic.Pointer[int]

func Take(v any, c color.Color) (any, color.Color) { return v, c }
"#;

#[test]
fn types_of_other_packages_are_found() {
    #[derive(Go, Debug, PartialEq, Clone)]
    enum Near {
        Gray {
            y: u8,
        },
        #[go(name = "RGBA")]
        Rgba {
            r: u8,
            g: u8,
            b: u8,
            a: u8,
        },
    }
    #[derive(Go, Debug, PartialEq, Clone)]
    enum Far {
        #[go(name = "image/color.Gray16")]
        Deep { y: u16 },
    }
    #[derive(Go, Debug)]
    #[allow(dead_code)]
    enum Generic {
        #[go(name = "sync/atomic.Pointer")]
        Pointer {},
    }
    let mut isolate = program(COLORS).isolate().unwrap();
    type Both = (Far, Near);
    let take = isolate.func::<fn(Far, Near) -> Both>("Take").unwrap();
    for near in [Near::Gray { y: 2 }, Near::Rgba { r: 1, g: 2, b: 3, a: 4 }] {
        let both = (Far::Deep { y: 1 }, near);
        assert_eq!(take.call(&mut isolate, both.0.clone(), both.1.clone()).unwrap(), both);
    }
    let generic = isolate.func::<fn(Generic, Near) -> Both>("Take").map(drop).unwrap_err();
    assert!(generic.to_string().contains("there is no type sync/atomic.Pointer"), "{generic}");
}

#[test]
fn a_program_from_the_cache_has_the_types_too() {
    let dir = std::env::temp_dir().join(format!("itab-enums-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    #[derive(Go, Debug, PartialEq, Clone)]
    enum Few {
        Circle { r: f64 },
    }
    for round in 0..4 {
        let mut isolate = load(builder(SHAPES).cache(&dir)).isolate().unwrap();
        let s = &mut isolate.scope().unwrap();
        if round == 0 || round == 2 {
            let same = s.func::<fn(Few) -> Few>("Same").unwrap();
            assert_eq!(same.call(s, Few::Circle { r: 1.0 }).unwrap(), Few::Circle { r: 1.0 });
        }
        if round > 0 {
            // No run before the second has named `Unused`, nor a method of it.
            let area = s.func::<fn(Shape) -> f64>("Area").unwrap();
            assert_eq!(area.call(s, Shape::Other { list: vec!["a".into()] }).unwrap(), 1.0);
        }
    }
    let _ = std::fs::remove_dir_all(dir);
}

#[test]
fn a_saved_program_has_the_types_too() {
    let source = "package main
type Shape interface{ area() float64 }
type Dot struct{ List []string }
func (d *Dot) area() float64 { return float64(len(d.List)) }
func Area(s Shape) float64 { return s.area() }";
    #[derive(Go)]
    enum Dots {
        Dot { list: Vec<String> },
    }
    let saved = itab::source(source).unwrap().save().unwrap();
    let mut isolate = itab::Engine::builder().build().restore(&saved).unwrap().isolate().unwrap();
    let area = isolate.func::<fn(Dots) -> f64>("Area").unwrap();
    assert_eq!(area.call(&mut isolate, Dots::Dot { list: vec!["a".into()] }).unwrap(), 1.0);
}
