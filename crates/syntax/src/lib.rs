//! Scanner, parser, syntax tree and diagnostics of Go 1.27.
#![forbid(unsafe_code)]
