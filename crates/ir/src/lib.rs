//! Typed functions of Go, generics instantiated and everything implicit made explicit.
//!
//! [`ty`] has the canonical monomorphic types (one [`ty::TyId`] per identical type), and [`layout`] their sizes and shapes.
//! [`program`] has the functions, package variables and packages of a program by id, declared eagerly and built lazily.
//! [`func`] and [`op`] are the body of one function: basic blocks of instructions over values.
//!
//! The builder (`build`) makes a body from checked syntax, and `wrappers` the functions that Go implies (promoted
//! methods, entries of itabs, bound methods). [`passes`] improve bodies, and [`driver`] says when each function is
//! built and improved. `sanity` checks bodies after every pass in debug builds, and `print` shows them. `HACKING.md`
//! beside this crate says how to find out why a program computes something wrong.
#![forbid(unsafe_code)]

mod build;
mod canonicalise;
pub mod driver;
pub mod embed;
mod emit;
pub mod func;
pub mod generic;
mod init;
mod intrinsics;
mod late;
pub mod layout;
mod linkname;
mod methods;
mod names;
mod next_calls;
pub mod op;
pub mod operands;
pub mod passes;
pub mod print;
pub mod program;
pub mod sanity;
mod statics;
pub mod ty;
pub mod type_text;
mod unused;
pub mod world;
mod wrappers;

pub use next_calls::next_calls;
pub use world::{BuildError, Built, MethodEntry, World};
