//! The `itab` command, a client of the public API of the crate `itab`.
#![forbid(unsafe_code)]

fn main() {}
