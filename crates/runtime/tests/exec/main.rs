//! Execution without a compiler: hand-written code enters, leaves, panics, parks and is stopped.
#![cfg(target_arch = "x86_64")]
// The unsafe functions here are machine code and natives for one test each, which is their only caller.
#![allow(clippy::missing_safety_doc)]

mod basic;
mod calls;
mod chans;
mod code;
mod goroutines;
mod hosts;
mod panics;
mod stops;
mod system;
mod timers;
