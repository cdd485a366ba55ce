//! A Rust program that loads Go source, calls it, and is called by it.
//!
//! `cargo run -p itab --example plugin`

use itab::{Engine, Go};

/// What the plug-in may call: Go declares it as `func describe(name string) string`.
fn describe(name: String) -> String {
    format!("the host knows the {name}")
}

/// A Go struct, by its fields.
#[derive(Go, Debug)]
struct Shape {
    name: String,
    sides: Vec<f64>,
}

const SOURCE: &str = r#"
package main

import "errors"

func describe(name string) string

type Shape struct {
	Name  string
	Sides []float64
}

func Describe(s Shape) (string, error) {
	if len(s.Sides) == 0 {
		return "", errors.New("no sides")
	}
	return describe(s.Name), nil
}

func Double(s Shape) Shape {
	for i := range s.Sides {
		s.Sides[i] *= 2
	}
	return s
}

func Divide(a, b int) int { return a / b }
"#;

fn main() -> itab::Result<()> {
    let engine = Engine::builder().file("plugin.go", SOURCE).func("main.describe", describe).build();
    let mut plugin = engine.load(&["plugin.go"])?.isolate()?;
    let describe = plugin.func::<fn(Shape) -> itab::Result<String>>("Describe")?;
    let square = || Shape { name: "square".into(), sides: vec![1.0; 4] };
    println!("{}", describe.call(&mut plugin, square())?);
    let nothing = describe.call(&mut plugin, Shape { name: "nothing".into(), sides: vec![] });
    println!("{}", nothing.expect_err("it has no sides"));
    let double = plugin.func::<fn(Shape) -> Shape>("Double")?;
    println!("{:?}", double.call(&mut plugin, square())?);
    let divide = plugin.func::<fn(i64, i64) -> i64>("Divide")?;
    println!("{}", divide.call(&mut plugin, 84, 2)?);
    println!("{}", divide.call(&mut plugin, 1, 0).expect_err("division by zero"));
    Ok(())
}
