//! What compiled code and runtime agree on: layouts and the table of runtime entry points.
#![forbid(unsafe_code)]
