//! The bottom storey: type descriptors, and everything that depends on them alone.
//!
//! Here are the interner of types, itabs and assertion tables, equality and hashes of values, the texts of run-time errors,
//! and the permanent memory that all of it lives in. There is one of each for a program; nothing here knows of an isolate.
//!
//! It may name `abi` and the locks of `sync`, but no other storey. The model tests compile this folder a second time
//! with the locks of a model checker.

pub mod alg;
pub mod assert;
pub mod descriptors;
pub mod errors;
pub mod host;
pub mod iface;
pub mod itab;
pub mod persistent;
pub(crate) mod ptr_table;

pub use descriptors::{
    Batch, FieldDesc, IMethodDesc, MethodDesc, MethodSource, Name, NamedDecl, NamedSource, Pkg, TypeRef, Types,
    gc_mask, is_exported, set_mask,
};
pub(crate) use descriptors::{decode_name, is_blank};
