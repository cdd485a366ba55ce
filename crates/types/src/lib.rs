//! The Go type checker.
#![forbid(unsafe_code)]
