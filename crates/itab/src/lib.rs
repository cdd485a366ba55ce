//! An embeddable Go engine.
//!
//! A Rust program loads Go source at run time ([`Engine::load`]); itab checks it, compiles functions to machine code
//! when they are first called, and runs them in isolates ([`Program::isolate`]). Rust values become Go values and back:
//! [`ToGo`] lists which. Rust functions become Go functions: [`EngineBuilder::func`]; Rust modules become Go packages:
//! [`package`](macro@package).
//!
//! ```
//! #[derive(itab::Go)]
//! struct Order {
//!     total: f64,
//!     tags: Vec<String>,
//! }
//!
//! # fn main() -> itab::Result<()> {
//! let source = r#"
//! package rules
//!
//! import ("errors"; "slices")
//!
//! type Order struct { Total float64; Tags []string }
//!
//! func Fee(o Order) (float64, error) {
//!     if slices.Contains(o.Tags, "blocked") {
//!         return 0, errors.New("blocked")
//!     }
//!     return o.Total * 0.25, nil
//! }"#;
//! let mut rules = itab::source(source)?.isolate()?;
//! let fee = rules.func::<fn(Order) -> itab::Result<f64>>("Fee")?; // checked here, once
//! assert_eq!(fee.call(&mut rules, Order { total: 100.0, tags: vec![] })?, 25.0);
//! let blocked = fee.call(&mut rules, Order { total: 1.0, tags: vec!["blocked".into()] });
//! assert_eq!(blocked.unwrap_err().to_string(), "blocked");
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `serde`: [`Any`] through serde, as encoding/json would see it; `serde_json::Value` fits interfaces.
//! - `packed-std`: the source of Go's standard library is in the binary.
//!
//! # For who works on this crate
//!
//! The crates that compile (`itab-loader`, `itab-types`, `itab-ir`, `itab-codegen`) do not know the runtime, and the runtime
//! does not know them. This crate knows both. The rest of this page says what happens from source to a running program,
//! where it is, and how to add to the API. `ARCHITECTURE.md` has the reasons.
//!
//! ## From source to a running program
//!
//! 1. **Load** (`load`). [`Engine::load`] turns patterns into packages. It first tries without Go's standard library, and
//!    looks for Go's source only if the program imports something or uses maps.
//! 2. **Check** (`check`). Packages are type-checked in the order of their imports. Other threads parse them ahead of the
//!    checker (`ahead`). Bodies of the standard library's functions are skipped: they are parsed and checked when they are
//!    compiled. What is wrong becomes [`LoadError::Source`] (`diagnose`).
//! 3. **Lay out** (`load::Setup::made`). A `World` of `itab-ir` gets the packages, gives each package variable its offset and
//!    computes those initial values that are constants.
//! 4. **Create the program** (`program::Shared::new`). The runtime's program is made: an arena for code, the interner of
//!    types, an image of the package variables (`data_image`). No function is compiled yet.
//! 5. **Start** (`isolate`). [`Program::isolate`] makes a heap and a copy of the image. [`Isolate::enter`] first runs the
//!    packages' initialisation.
//! 6. **Call** (`scope`, `border`). [`Scope::func`] finds a function and compares its type with the Rust signature. A call
//!    writes the arguments to a frame in memory and enters Go through a shim that is compiled once for each layout of
//!    frames.
//! 7. **Compile** (`compile`). A function without code has a stub as its address (`func_stubs`). The stub calls the runtime,
//!    which calls `CompileHook`, and that calls `Driver::code`. The driver asks `origin` for the function's object. If the
//!    function was not saved, its body is checked and built, passes run, and Cranelift compiles it (`pipeline`).
//! 8. **Link** (`link`). The linker copies the object into the arena and resolves its symbols: descriptors
//!    (`descriptors`), itabs, func values, stubs of other functions, natives (`natives` compares those with their
//!    Go declarations). `reloc` knows how each machine writes an address. Then it sets the function's slot. From then on
//!    calls go straight to the code.
//! 9. **Keep** (`cache`, `artifact`, `journal`, `sealed`). [`Program::save`] and the cache write objects with all that
//!    linking them needs. A program from the cache can still compile: `origin` loads its source again when it must.
//!
//! Go calls the host the other way round (`border::host`): a stub collects the arguments in a frame and calls a trampoline,
//! which calls the host's function. Methods of Rust types that Go holds (`host_type`) are called in the same way; their code is
//! made when an interface asks for it.
//!
//! ## Rules
//!
//! - One lock is around compiling and linking (`Shared::lock`). It is never held while Go code runs. Isolates on other
//!   threads run on meanwhile.
//! - Ids of types and functions depend on the source and on the order of requests alone, never on threads. Whoever adds a
//!   request to the world adds an event to the `journal`, or uses `Origin::world_for_good`, after which nothing is saved.
//! - All that changes what is compiled is in the name of a cache entry: `Setup::words`.
//! - Safe Rust code cannot break the heap. The traits for values are sealed, and what derived code does is checked value by
//!   value. What refers to Go memory borrows a scope, or is a handle with a root.
//! - Nothing here reads the network or asks the user. Files are read through `itab-loader`.
//! - An error that a Go program or a host can cause is an [`Error`] or a [`LoadError`], never a Rust panic.
//!
//! ## How to add
//!
//! - *A Rust type that passes the border*: implement `Fits`, `Give` and `Take` in a file of `border`; a row in the table of
//!   [`ToGo`], and in `tests/values.rs`.
//! - *A kind of parameter or receiver of host types*: `macros`' `host`, `host_type::call`; a row in `tests/host_types.rs`.
//! - *An option of the engine*: a field of `Setup` and a method of [`EngineBuilder`]. If it changes code, add it to
//!   `Setup::words`; `tests/cache.rs` shows how to test that.
//! - *A limit or a right of isolates*: `runtime`'s `Options`, then [`IsolateOptions`] or [`Handle`]; `tests/rights.rs`,
//!   `tests/quotas.rs`, `tests/limits.rs`.
//! - *A kind of error*: a variant of [`Error`] or [`LoadError`], whose text names what would have worked.
//! - *A stage to look at*: [`Stage`] in `dump`; `tests/listings.rs`. Passes of the compiler show up by themselves.
//! - *A symbol in objects*: `itab-codegen`'s `object`, then `Linker`'s patching in `link`, then `artifact` if it holds ids.
//! - Everything public has docs, an example where the use is not plain, and a line in `CHANGELOG.md` under "Rust API".

mod ahead;
mod artifact;
mod border;
mod cache;
mod cast;
mod check;
mod compile;
mod data_image;
mod descriptors;
mod diagnose;
mod dump;
mod engine;
mod error;
pub mod files;
mod forging;
mod func_stubs;
mod host_type;
mod isolate;
mod journal;
mod lines;
mod link;
mod load;
mod natives;
mod options;
mod origin;
mod package;
mod pipeline;
mod plugin;
mod program;
mod reloc;
mod scope;
mod sealed;
mod state;
pub mod stubs;
mod testmain;
#[cfg(test)]
mod tests;

/// The compiler's passes, for finding the one that is wrong: see [`EngineBuilder::passes`].
pub mod passes {
    pub use itab_ir::passes::{Snapshot, name_hash, names};
}

/// What derived code uses.
#[doc(hidden)]
pub mod derive {
    pub use crate::border::crossing::{Checker, Fits, Give, Misfit, Place, PlaceMut, Take};
    pub use crate::border::describe::{Constant, ConstantText, Described, Describer, FieldText, Naming, integer};
    pub use crate::border::interface::{Includes, Method, MethodArgs, MethodChecker, Receiver};
    pub use crate::border::records::{FieldName, Record, RecordChecker, RecordMut, is_struct};
    pub use crate::border::variants::{One, check_variants, give_variant, is_interface, no_variant, take_variant};
    pub use crate::cast::{CastEntry, CastTable, Caster, CasterMut};
    pub use crate::host_type::call::{
        Args, HostParam, Out, by_value, check as check_method, exclusive, shared, shared_in_go,
    };
    pub use crate::host_type::canonical::{Canon, Canonical, Known, KnownHost, KnownType, UnknownType};
    pub use crate::host_type::text::{IsError, NoError, NoGoText, NoText, ViaDebug, ViaDebugToo, ViaDisplay};
    pub use crate::host_type::{Describe, Fields, HostMethod, HostPart, Probe, accepts, check, store};
    pub use crate::package::{FunctionDescriber, FunctionParts, PackageBuilder};
    pub use crate::state::{StateType, state, state_mut};
}

pub use border::{
    Any, Arg, AsyncHostFunc, Basic, Call, Calling, Chan, Closure, FromGo, Func, GiveResults, GoError, GoMap, GoMapIter,
    GoPtr, GoSlice, GoStr, GoStruct, GoType, HostFunc, Iface, Interface, Receiver, Receiving, Root, Sender, Sending,
    Signature, TakeResults, ToGo,
};
pub use cast::{Cast, cast, cast_mut};
pub use check::{CheckOptions, CheckStats, Progress};
pub use dump::Stage;
pub use engine::{Engine, EngineBuilder, ListedPackage, data_goroot, load, packed_license, source};
pub use error::{Diagnostic, Error, LoadError, Panic, Related, Result, Severity};
pub use host_type::{Host, HostMut, HostRef, HostType};
pub use isolate::{Handle, Isolate};
pub use itab_macros::{Go, host, interface, package};
pub use itab_runtime::code::process::exit;
pub use itab_runtime::sched::gateway::descriptor::Descriptor;
pub use itab_runtime::sched::gateway::sources::{Clock, Random};
pub use options::{IsolateOptions, SystemCall, system_calls};
pub use package::Package;
pub use plugin::Plugin;
pub use program::Program;
pub use scope::{Enter, Scope};

/// The hosts in the README, and the code in the guide.
#[cfg(doctest)]
mod pages {
    macro_rules! pages {
        ($($name:ident: $file:literal;)*) => { $(
            #[doc = include_str!($file)]
            struct $name;
        )* };
    }
    pages! {
        Readme: "../../../README.md";
        First: "../../../guide/src/first.md";
        Loading: "../../../guide/src/loading.md";
        Calling: "../../../guide/src/calling.md";
        Values: "../../../guide/src/values.md";
        Interfaces: "../../../guide/src/interfaces.md";
        HostTypes: "../../../guide/src/host_types.md";
        HostFunctions: "../../../guide/src/host_functions.md";
        Packages: "../../../guide/src/packages.md";
        Futures: "../../../guide/src/futures.md";
        Errors: "../../../guide/src/errors.md";
        Limits: "../../../guide/src/limits.md";
    }
}
