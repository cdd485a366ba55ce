//! The attribute macros of the embedding API.
#![forbid(unsafe_code)]
