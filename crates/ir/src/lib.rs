//! Typed functions of Go, generics already instantiated and everything implicit made explicit.
//!
//! [`ty`] holds the canonical monomorphic types (one [`ty::TyId`] per identical type) and [`layout`] their sizes and shapes;
//! [`program`] the functions, package variables and packages of a program by id, declared eagerly and built lazily;
//! [`func`] and [`op`] the body of one function: basic blocks of instructions over values.
//!
//! The builder (`build`) makes a body from checked syntax, `wrappers` the functions that Go implies (promoted methods,
//! entries of itabs, bound methods), `passes` improve bodies, `sanity` checks them after every pass in debug builds and
//! `print` shows them.
#![forbid(unsafe_code)]

mod build;
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
mod operands;
pub mod passes;
pub mod print;
pub mod program;
pub mod sanity;
mod statics;
pub mod ty;
mod types;
pub mod typestr;
mod unused;
pub mod world;
mod wrappers;

pub use next_calls::next_calls;
pub use world::{BuildError, Built, MethodEntry, World};
