//! A Rust program that loads Go source, calls it, and is called by it.
//!
//! `cargo run -p itab --example plugin`

use itab::{Any, Engine, Error, Func, IsolateOptions, Scope};

/// What the plug-in may call: Go declares it as `func describe(name string) string`.
#[itab::host]
fn describe(_scope: &Scope<'_>, name: String) -> Result<String, Error> {
    Ok(format!("the host knows the {name}"))
}

const SOURCE: &str = r#"
package main

func describe(name string) string

type Greeter interface{ Greet() string }

type Shape struct{ name string }

func (s Shape) Greet() string { return describe(s.name) }

func Greet(name string) any {
	var g Greeter = Shape{name}
	return g.Greet()
}

func Divide(a, b int) int { return a / b }

func main() {}
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Engine::builder().file("plugin.go", SOURCE).host_func("main.describe", describe).build();
    let program = engine.load(&["plugin.go"])?;
    let mut isolate = program.isolate(IsolateOptions::default())?;
    isolate.enter(|scope| {
        let greeting: Any = scope.func("main.Greet")?.call(scope, ("square",))?;
        println!("{}: {}", greeting.type_name(), greeting.get::<String>(scope)?);
        let divide: Func = scope.func("main.Divide")?;
        println!("{}", divide.call::<_, i64>(scope, (84i64, 2i64))?);
        let failed = divide.call::<_, i64>(scope, (1i64, 0i64));
        println!("{}", failed.expect_err("division by zero"));
        Ok(())
    })?;
    Ok(())
}
