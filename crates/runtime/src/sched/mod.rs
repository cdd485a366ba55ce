//! The fourth storey: a program that runs, and everything that needs to know which goroutine runs.
//!
//! [`program`] is what isolates share, [`isolate`] one of them, [`proc`] its goroutines and the scheduler. Above them are
//! channels, timers, panics and tracebacks, and [`entry`], the functions behind the entries that compiled code calls.
//!
//! It names `types`, `heap` and `code`, and never `std`: what a native does is no business of the scheduler's.

pub(crate) mod abi_value;
pub mod chan;
pub mod control;
pub mod coro;
pub mod enter;
pub mod entry;
mod faults;
pub(crate) mod finalizers;
pub mod gateway;
pub mod isolate;
pub(crate) mod netpoll;
pub(crate) mod notify;
pub mod panic;
mod panicprint;
pub mod print;
pub mod proc;
pub mod program;
pub(crate) mod rand;
mod roots;
pub mod select;
pub mod sema;
pub mod setup;
pub mod synctest;
pub mod time;
pub mod traceback;
