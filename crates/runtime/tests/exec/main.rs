//! Execution without a compiler: hand-written code enters, leaves, panics, parks and is stopped.
#![cfg(target_arch = "x86_64")]

mod basic;
mod chans;
mod code;
mod goroutines;
mod panics;
mod stops;
mod system;
mod timers;
