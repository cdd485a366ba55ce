//! The interface between compiled code and the runtime.
//!
//! Layouts ([`block`], [`types`], [`iface`], [`value`], [`defer`]), the one table of runtime entry points
//! ([`for_each_runtime_fn!`]), trap codes and the numbers of the calling convention. There are no algorithms and no
//! dependencies here. Codegen takes offsets from these structs with `offset_of!`, and the runtime takes the same
//! structs by reference, so the two cannot disagree without a compile error.
//!
//! Layouts that Go's own packages see (`types`, `iface`, `value`) follow `internal/abi` of Go 1.27 to the byte.
#![forbid(unsafe_code)]

pub mod block;
pub mod call;
pub mod defer;
pub mod iface;
pub mod runtime_fns;
pub mod shared;
pub mod trap;
pub mod types;
pub mod value;
