//! The fourth storey: a program that runs, and everything that needs to know which goroutine runs.
//!
//! Data is below what acts on it, so that no two files name each other:
//!
//! * [`goroutine`], [`hchan`], [`runq`] and their kin are goroutines, channels, timers and queues as they lie in memory;
//!   [`program`] is what isolates share, and [`isolate`] puts one together from these.
//! * [`enter`] goes from Rust into Go and ends such calls, [`mod@panic`] panics, [`proc`] schedules.
//! * Channels, timers, semaphores, descriptors and host functions come next, and above them [`entry`], the functions behind
//!   the entries that compiled code calls.
//! * [`setup`] makes programs and isolates: it hands to what is below what that may not name.
//!
//! It names `types`, `heap` and `code`, and never `std`: what a native does is no business of the scheduler's.

pub(crate) mod abi_value;
pub(crate) mod alloc;
mod bubbles;
mod caught;
pub mod chan;
pub mod clock;
pub mod control;
pub(crate) mod coro;
pub mod enter;
pub mod entry;
pub mod exit;
mod faults;
pub(crate) mod finalizers;
pub mod gateway;
pub mod goroutine;
pub mod hchan;
pub mod host_call;
pub mod isolate;
pub(crate) mod netpoll;
pub(crate) mod notify;
pub mod panic;
pub mod panicking;
mod panicprint;
pub(crate) mod pollserver;
pub mod printer;
pub mod proc;
pub mod program;
pub(crate) mod rand;
mod roots;
pub mod runq;
pub mod select;
pub mod sema;
pub mod setup;
pub(crate) mod synctest;
pub mod time;
mod timers;
pub mod traceback;
pub mod wait_reason;
mod waiters;
