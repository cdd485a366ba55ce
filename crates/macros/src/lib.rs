//! The macros of the embedding API. The crate `itab` exports them.
//!
//! - `go` has `#[derive(Go)]`: Rust structs and enums that pass as Go values.
//!
//! What is generated is safe code: it hands values to readers and writers that look at Go's types themselves.
#![forbid(unsafe_code)]

mod attrs;
mod go;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a Rust type pass as a Go value, both ways.
///
/// | Rust | Go |
/// | --- | --- |
/// | `struct S { user_id: u64, tags: Vec<String> }` | a struct with fields of these names, `UserID`, `Tags` |
/// | `struct S(f64, f64)` | a struct with as many fields at least, in order |
/// | `struct S(f64)` | what its field is: a named type, `type Meters float64` |
/// | `enum E { A, B = 5 }` | an integer type with constants |
/// | `enum E { #[go(name = "a")] A, .. }` | a string type with constants |
///
/// Fields are found by name, where case and underscores do not count, exported ones first; `#[go(name = "X")]` gives the
/// exact name. Fields that only Go has are zero when a value goes to Go, and are left out when one comes back;
/// `#[go(skip)]` on a field that only Rust has takes its `Default`. Whether all fields fit is checked when a function is
/// looked up.
///
/// ```
/// #[derive(itab::Go, Debug, PartialEq)]
/// struct Point { x: f64, y: f64 }
///
/// # fn main() -> itab::Result<()> {
/// let source = "package main\ntype Point struct{ X, Y float64 }\nfunc Flip(p Point) Point { return Point{p.Y, p.X} }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let flip = isolate.func::<fn(Point) -> Point>("Flip")?;
/// assert_eq!(flip.call(&mut isolate, Point { x: 1.0, y: 2.0 })?, Point { x: 2.0, y: 1.0 });
/// # Ok(())
/// # }
/// ```
#[proc_macro_derive(Go, attributes(go))]
pub fn derive_go(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    go::derive(&input).unwrap_or_else(|e| e.to_compile_error()).into()
}
