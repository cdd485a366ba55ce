//! The fourth storey: a program that runs, and everything that needs to know which goroutine runs.
//!
//! Data structures are below the code that works on them, so that no two files name each other:
//!
//! * [`goroutine`], [`hchan`], [`runq`] and similar files define goroutines, channels, timers and queues as data;
//!   [`program`] is what isolates share, and [`isolate`] puts one together from these.
//! * [`enter`] goes from Rust into Go and ends such calls, [`mod@panic`] panics, [`proc`] schedules, and [`call`] lets the
//!   host in.
//! * Channels, timers, semaphores, descriptors and host functions come next, and above them [`entry`], the functions behind
//!   the entries that compiled code calls.
//! * [`setup`] makes programs and isolates: it passes to lower files what those may not name.
//!
//! It may name `types`, `heap` and `code`, but never `std`: the scheduler does not know what a native does.

pub(crate) mod abi_value;
pub(crate) mod alloc;
pub mod awaited;
mod bubbles;
pub mod call;
mod cancel;
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
pub mod host_await;
pub mod host_call;
pub mod host_objects;
pub mod host_task;
pub mod host_values;
pub mod isolate;
pub mod limits;
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
mod slice;
pub(crate) mod synctest;
pub mod time;
mod timers;
pub mod traceback;
pub mod wait_reason;
mod waiters;
