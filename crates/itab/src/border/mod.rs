//! The border: how values and calls pass between Rust and Go.
//!
//! A value crosses as its *memory image*: Rust code writes to, or reads from, memory that has the layout of the value's Go
//! type. Arguments and results of a call lie in a *frame*, which is laid out as package reflect lays it out (`signature`);
//! shims move them between the frame and registers.
//!
//! - `crossing` has the traits: [`ToGo`] and [`FromGo`], and the checks that come before any copying;
//! - `scalars`, `text`, `lists`, `maps`, `pointers`, `times`, `records`, `variants`, `chans`, `any` have the types that cross;
//! - `json` has any value through serde, with the feature `serde`;
//! - `gomap`, `structs` have handles on Go objects (`handle`), which are read and changed where they are;
//! - `results` says how the results of a Go function and the result of a Rust function fit each other;
//! - `interface` has Go values behind Rust traits;
//! - `func` calls Go, `host` is called by Go, `closure` makes Go funcs of Rust closures;
//! - `describe` says which Go type a Rust type has in a host package;
//! - `calling` and `awaiting` are calls in either direction that are futures;
//! - `error` is Go's errors in Rust.
//!
//! Rules:
//!
//! - A type's `store` and `load` are called for Go types only that its `accepts` has approved. That check is made again for
//!   every nested value, where it is: nothing that a user's type says of itself is trusted.
//! - Between the first and the last word that is stored, or loaded, no collection runs and no other goroutine
//!   (`Cx::uninterrupted`): new objects are in nobody's sight until then, and what is read stays as it is.
//!   Numbers need no memory, so that calls with nothing else do without (`Fits::PLAIN`, `Quiet`).
//! - What a call with numbers goes through is `#[inline(always)]`. `Place` and `Results` are registers to the compiler then.
//!   In memory they are written word by word and read two words at once, which has to wait for the writes.
//! - What is read cannot be written: [`crossing::Place`] is memory to be read, constants among it, and
//!   [`crossing::PlaceMut`] is memory to be written.
//! - What refers to Go memory is a handle with a root, or has the lifetime of the scope that it was read in.

pub(crate) mod any;
mod awaiting;
mod calling;
pub(crate) mod chans;
pub(crate) mod closure;
pub(crate) mod crossing;
pub(crate) mod describe;
pub(crate) mod error;
pub(crate) mod func;
mod gomap;
pub(crate) mod handle;
pub(crate) mod host;
pub(crate) mod interface;
#[cfg(feature = "serde")]
mod json;
mod lists;
pub(crate) mod maps;
mod pointers;
#[cfg(test)]
mod property;
pub(crate) mod records;
pub(crate) mod results;
mod scalars;
pub(crate) mod signature;
mod structs;
pub(crate) mod text;
mod times;
pub(crate) mod variants;

pub use any::{Any, Basic};
pub use awaiting::AsyncHostFunc;
pub use calling::Calling;
pub use chans::{Chan, Receiver, Receiving, Sender, Sending};
pub use closure::Closure;
pub use crossing::{FromGo, GoType, ToGo};
pub use error::GoError;
pub use func::{Arg, Func, Signature};
pub use gomap::{GoMap, GoMapIter};
pub use host::{Call, HostFunc};
pub use interface::{Iface, Interface, Root};
pub use lists::GoSlice;
pub use results::{GiveResults, TakeResults};
pub use structs::{GoPtr, GoStruct};
pub use text::GoStr;
