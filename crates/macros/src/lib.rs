//! The macros of the embedding API. The crate `itab` exports them.
//!
//! - `go` has `#[derive(Go)]`: Rust structs and enums that pass as Go values;
//! - `interface` has `#[interface]`: Rust traits that Go values implement;
//! - `host` has `#[host]`: Rust types whose values Go holds;
//! - `package` has `#[package]`: Rust modules that Go imports;
//! - `names` makes Go's names of Rust's, `describe` says what derived types are in Go source.
//!
//! What is generated is safe code: it hands values to readers and writers that look at Go's types themselves.
#![forbid(unsafe_code)]

mod attrs;
mod describe;
mod go;
mod host;
mod interface;
mod names;
mod package;

use proc_macro::TokenStream;
use syn::{DeriveInput, Item, ItemMod, ItemTrait, parse_macro_input};

/// Makes a Rust type pass as a Go value, both ways.
///
/// | Rust | Go |
/// | --- | --- |
/// | `struct S { user_id: u64, tags: Vec<String> }` | a struct with fields of these names, `UserID`, `Tags` |
/// | `struct S(f64, f64)` | a struct with as many fields at least, in order |
/// | `struct S(f64)` | what its field is: a named type, `type Meters float64` |
/// | `enum E { A, B = 5 }` | an integer type with constants |
/// | `enum E { #[go(name = "a")] A, .. }` | a string type with constants |
/// | `enum E { Circle { r: f64 }, Text(String), Empty }` | an interface, with a type for each variant, `type Circle struct{ R float64 }`, `type Text string`, `type Empty struct{}` |
///
/// Fields are found by name, where case and underscores do not count, exported ones first; `#[go(name = "X")]` gives the
/// exact name. Fields that only Go has are zero when a value goes to Go, and are left out when one comes back;
/// `#[go(skip)]` on a field that only Rust has takes its `Default`. Whether all fields fit is checked when a function is
/// looked up. A struct with lifetimes, `struct Line<'a> { text: &'a str }`, is an argument of Go functions, and a view of Go
/// memory where views are read: [`Any::get`](../itab/struct.Any.html), `GoSlice::get`, `Call::arg`.
///
/// The types of variants are found by their names in the package of the interface; `#[go(name = "path/of/package.Name")]` says
/// another. To Go goes the type if it implements the interface, and else the pointer to it; both come back.
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

/// Makes a trait a Go interface, which Go values implement that have its methods.
///
/// `dyn Trait` is then an `itab::Interface`: a Go value that has the methods is an `itab::Root<dyn Trait>` where Go functions
/// return it, an `itab::Iface<'_, dyn Trait>` in a scope, an `itab::Plugin<dyn Trait>` with its isolate. The last two implement
/// the trait.
///
/// - Methods take `&self` or `&mut self`, what passes to Go, and give what comes from Go. They are found by name: case and
///   underscores do not count, `#[go(name = "X")]` gives the exact name.
/// - A result `itab::Result<T>` (or `Result<T, E>` with `E: From<itab::Error>`) stands for Go's `T` or `(T, error)`, and holds a
///   panic of Go too. A method with another result panics when Go does.
/// - A method with a default body is optional: where Go lacks it, the default is used.
/// - Super-traits are embedded interfaces. All are named, those of super-traits too. A trait that is `Send` is implemented by
///   plug-ins alone.
/// - `#[itab::interface(of = other::Trait)]` on a trait with the methods of another crate's trait makes a type
///   `TraitAdapter<P>`, which implements that trait for plug-ins.
///
/// ```
/// #[itab::interface]
/// trait Greeter {
///     fn greet(&self, name: &str) -> itab::Result<String>;
/// }
///
/// # fn main() -> itab::Result<()> {
/// let source = "package main
/// type polite struct{}
/// func (polite) Greet(name string) string { return \"Good day, \" + name }
/// func New() any { return polite{} }";
/// let greeter: itab::Plugin<dyn Greeter> = itab::source(source)?.plugin("New")?;
/// assert_eq!(greeter.greet("Rust")?, "Good day, Rust");
/// # Ok(())
/// # }
/// ```
#[proc_macro_attribute]
pub fn interface(attr: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as ItemTrait);
    let expanded = interface::remote(attr.into()).and_then(|remote| interface::expand(item, remote));
    expanded.unwrap_or_else(|e| e.to_compile_error()).into()
}

/// Makes a Rust type a host type: its values pass into Go as any interface that their methods satisfy.
///
/// The attribute stands at an `impl` block, whose methods with a `self` Go may call. Which Go func type a method has is decided
/// by the interface that asks for it: an `i64` is an `int` or an `int64`, a struct that derives `Go` any struct with its
/// fields. A value is an argument of a Go function, a result of a Rust one, or an `itab::Host`.
///
/// - A method `get_all` is `GetAll` in Go; names are found without regard to case and underscores. `#[go(name = "X")]` gives the
///   exact name, `#[go(skip)]` leaves a method out.
/// - Methods with `&self` may take a `&mut itab::Scope<'_>`, in which they call Go, which may call the value again. Those with
///   `&mut self` have the value for themselves: a second use of it meanwhile is a panic in Go. One with `self` closes it.
/// - Parameters are what passes from Go: owned, `&str`, `&[T]`, and `&T` or `&mut T` of a host type. Results are what passes to Go;
///   `Option<T>` may be `(T, bool)`, `Result<T, E>` is `(T, error)`.
/// - A Rust panic is a panic in Go. `Display` is `String`, or else `Debug` is, and an `std::error::Error` is a Go error.
/// - A value that is lent for one call, `f.call(&mut isolate, &mut store)`, has expired when the call is over. Its methods that
///   take a scope cannot be called.
/// - Go sees `*module.Type`. `#[itab::host(package = "host/kv", name = "Store")]` gives other names.
/// - `#[itab::host(fields)]` at a struct and at its block makes public fields `x` methods `X` and `SetX`.
/// - `#[itab::host] impl Trait for T` is the block of a type without another. Else the main block names the traits,
///   `#[itab::host(with(Trait))]`, and theirs are `#[itab::host(part)] impl Trait for T`.
///
/// ```
/// use std::collections::HashMap;
///
/// #[derive(Default)]
/// struct Store(HashMap<String, String>);
///
/// #[itab::host]
/// impl Store {
///     fn get(&self, key: &str) -> Option<String> { self.0.get(key).cloned() } // Get(string) (string, bool)
///     fn set(&mut self, key: String, value: String) { self.0.insert(key, value); }
/// }
///
/// # fn main() -> itab::Result<()> {
/// let source = "package main
/// type Store interface { Get(key string) (string, bool); Set(key, value string) }
/// func Fill(s Store) bool {
///     s.Set(`k`, `v`)
///     _, found := s.Get(`other`)
///     return found
/// }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let mut store = Store::default();
/// let fill = isolate.func::<fn(Store) -> bool>("Fill")?;
/// assert!(!fill.call(&mut isolate, &mut store)?);
/// assert_eq!(store.0["k"], "v");
/// # Ok(())
/// # }
/// ```
#[proc_macro_attribute]
pub fn host(attr: TokenStream, item: TokenStream) -> TokenStream {
    let attrs = parse_macro_input!(attr as host::HostAttrs);
    let item = parse_macro_input!(item as Item);
    host::expand(&attrs, item).unwrap_or_else(|e| e.to_compile_error()).into()
}

/// Makes a module a package that Go imports by this path. It gets a function `package`, whose value is for
/// `itab::EngineBuilder::package` and `itab::stubs::write`.
///
/// What is public in the module is in the package, with its documentation:
///
/// - A function: `get_all` is `GetAll`. It takes what comes from Go and gives what goes to Go; `Result` is Go's `error`, and
///   `Option` a second result, whether there is one.
/// - Before its parameters it may take `&mut Scope`, in which it calls Go, and then a `&S` or `&mut S`, which it gets from
///   `itab::IsolateOptions::state`: each isolate has its own. A function without the scope may view its arguments, as `&str` and
///   `&[T]`. One with the scope takes them owned, and the state by `&`.
/// - A constant of a number, text, `bool`, `char`, `Duration`, or an enum with `#[derive(itab::Go)]`: `MAX_SIZE` is `MaxSize`.
/// - A struct or enum with `#[derive(itab::Go)]`, under its own name. The constants of an enum begin with its name.
///
/// `#[go(name = "X")]` gives another name, `#[go(skip)]` leaves a function or constant out. In the package, each Rust type is
/// one Go type:
///
/// | Rust | Go |
/// | --- | --- |
/// | `bool`, `i8` to `i64`, `u8` to `u64`, `f32`, `f64`, `char` | `bool`, `int8` to `int64`, `byte` to `uint64`, `float32`, `float64`, `rune` |
/// | `isize`, `usize` | `int` |
/// | `String`, `&str`, `itab::GoStr` | `string` |
/// | `Vec<T>`, `&[T]`, `itab::GoSlice<T>`; `[T; N]`; `HashMap<K, V>`, `BTreeMap<K, V>` | `[]T`; `[N]T`; `map[K]V` |
/// | `Option<T>` as a value, as all results | `*T`, `(T, bool)` |
/// | `Result<T, E>` | the results of `T`, and `error` |
/// | structs and enums with `#[derive(itab::Go)]` | a type of the package in whose module they are, or else of each that uses them |
/// | `SystemTime`, `Duration`; `itab::Any`; `itab::GoError` | `time.Time`, `time.Duration`; `any`; `error` |
/// | `itab::Func<fn(A) -> R>`, `itab::Closure<fn(A) -> R>` | `func(A) R` |
///
/// The name of the package is the last part of its path that is no version; `#[itab::package("host/key-value", name = "kv")]`
/// gives another.
///
/// ```
/// /// What a plug-in remembers.
/// #[itab::package("host/kv")]
/// mod kv {
///     use std::collections::HashMap;
///
///     #[derive(Default)]
///     pub struct Store(HashMap<String, String>);
///
///     /// The value of a key.
///     pub fn get(store: &Store, key: &str) -> Option<String> {
///         store.0.get(key).cloned()
///     }
///
///     /// Sets the value of a key.
///     pub fn set(store: &mut Store, key: String, value: String) {
///         store.0.insert(key, value);
///     }
/// }
///
/// # fn main() -> itab::Result<()> {
/// let source = r#"
/// package plugin
/// import "host/kv"
/// func Run() (string, bool) { kv.Set("a", "1"); return kv.Get("a") }"#;
/// let engine = itab::Engine::builder().file("plugin.go", source).package(kv::package()).build();
/// let options = itab::IsolateOptions::default().state(kv::Store::default());
/// let mut plugin = engine.load(&["plugin.go"])?.isolate_with(options)?;
/// assert_eq!(plugin.func::<fn() -> Option<String>>("Run")?.call(&mut plugin)?.as_deref(), Some("1"));
/// # Ok(())
/// # }
/// ```
#[proc_macro_attribute]
pub fn package(attr: TokenStream, item: TokenStream) -> TokenStream {
    let attr = parse_macro_input!(attr as package::Attr);
    let item = parse_macro_input!(item as ItemMod);
    package::expand(&attr, item).unwrap_or_else(|e| e.to_compile_error()).into()
}
