//! The border: how values and calls pass between Rust and Go.
//!
//! A value crosses as its *memory image*: Rust code writes to, or reads from, memory that has the layout of the value's Go
//! type. Arguments and results of a call lie in a *frame*, which is laid out as package reflect lays it out (`signature`);
//! shims move them between the frame and registers.
//!
//! - `crossing` has the traits: [`ToGo`] and [`FromGo`], and the checks that come before any copying;
//! - `scalars`, `text`, `lists`, `maps`, `pointers`, `times`, `records`, `any` have the types that cross;
//! - `results` says how the results of a Go function and the result of a Rust function fit each other;
//! - `interface` has Go values behind Rust traits;
//! - `func` calls Go, `host` is called by Go, `closure` makes Go funcs of Rust closures;
//! - `error` is Go's errors in Rust.
//!
//! Rules:
//!
//! - A type's `store` and `load` are called for Go types only that its `accepts` has approved. That check is made again for
//!   every nested value, where it is: nothing that a user's type says of itself is trusted.
//! - Between the first and the last word that is stored, or loaded, no collection runs (`Cx::uninterrupted`): new objects
//!   are in nobody's sight until then.
//! - What refers to Go memory is a handle with a root, or has the lifetime of the scope that it was read in.

pub(crate) mod any;
pub(crate) mod closure;
pub(crate) mod crossing;
pub(crate) mod error;
pub(crate) mod func;
pub(crate) mod host;
pub(crate) mod interface;
mod lists;
pub(crate) mod maps;
mod pointers;
pub(crate) mod records;
pub(crate) mod results;
mod scalars;
pub(crate) mod signature;
pub(crate) mod text;
mod times;

pub use any::Any;
pub use closure::Closure;
pub use crossing::{FromGo, GoType, ToGo};
pub use error::GoError;
pub use func::{Arg, Func, Signature};
pub use host::{Call, HostFunc};
pub use interface::{Iface, Interface, Root};
pub use lists::GoSlice;
pub use results::{GiveResults, TakeResults};
pub use text::GoStr;
