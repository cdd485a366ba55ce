//! The heap, through its Rust API: a random mutator against a shadow model, and one test per promise.

mod basic;
mod mutator;
mod slices;
mod special;
mod support;
