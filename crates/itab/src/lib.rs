//! An embeddable Go engine.
//!
//! A Rust program loads Go source at run time ([`Engine::load`]); itab checks it, compiles functions to machine code
//! when they are first called, and runs them in isolates ([`Program::isolate`]). Values cross the border as Go values.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = itab::Engine::builder()
//!     .file("shapes.go", "package main\nfunc Double(x int) int { return 2 * x }\nfunc main() {}")
//!     .build();
//! let program = engine.load(&["shapes.go"])?;
//! let mut isolate = program.isolate(itab::IsolateOptions::default())?;
//! let twice: i64 = isolate.enter(|scope| scope.func("main.Double")?.call(scope, (21i64,)))?;
//! assert_eq!(twice, 42);
//! # Ok(())
//! # }
//! ```

mod ahead;
mod any;
mod artifact;
mod cache;
mod check;
mod compile;
mod data_image;
mod descriptors;
mod diagnose;
mod dump;
mod engine;
mod error;
mod frame;
mod func;
mod host;
mod isolate;
mod journal;
mod lines;
mod link;
mod load;
mod natives;
mod origin;
mod pipeline;
mod program;
mod reloc;
mod root;
mod scope;
mod sealed;
mod stubs;
mod testmain;
#[cfg(test)]
mod tests;
mod value;

/// The compiler's passes, for finding the one that is wrong: see [`EngineBuilder::passes`].
pub mod passes {
    pub use itab_ir::passes::{Snapshot, name_hash, names};
}

pub use any::Any;
pub use check::{CheckOptions, CheckStats, Progress};
pub use dump::Stage;
pub use engine::{Engine, EngineBuilder, ListedPackage, data_goroot, packed_license};
pub use error::{Diagnostic, Error, LoadError, Panic, Related, Severity};
pub use func::{Args, Func, Results};
pub use host::{Call, Returns};
pub use isolate::{Handle, Isolate, IsolateOptions};
pub use itab_macros::host;
pub use itab_runtime::code::process::exit;
pub use itab_runtime::sched::gateway::Descriptor;
pub use program::Program;
pub use root::Root;
pub use scope::Scope;
pub use value::Value;

/// The host in the README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
