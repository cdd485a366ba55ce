//! Heap, types, itabs, goroutines, panics and everything else compiled Go needs while it runs.
//!
//! The crate has five storeys, from the bottom: [`types`], [`heap`], [`code`], [`sched`] and [`std`]. Each may name
//! itself and what is below it, never what is above. What a lower storey needs from a higher one is passed in. A test
//! enforces this order.

mod sync;

pub mod code;
pub mod heap;
pub mod sched;
pub mod std;
pub mod types;

/// Tests of the storey `types`. They are not part of its module tree, because the model tests compile that tree a second
/// time with a checker's locks.
#[cfg(test)]
#[path = "types/tests/mod.rs"]
mod types_tests;
