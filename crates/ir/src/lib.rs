//! Typed functions of Go, generics instantiated and everything implicit made explicit.
#![forbid(unsafe_code)]
