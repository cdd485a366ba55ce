//! Developers' commands: `cargo xtask setup|test|golden|bench|conformance`.
#![forbid(unsafe_code)]

fn main() {}
