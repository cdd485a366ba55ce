//! The calling convention of Go functions.
//!
//! All Go code uses Cranelift's `tail` convention. The pinned register holds the isolate block. A signature is
//! flattened into machine words (see `codegen::abi`): integer words in integer registers, floats in float registers.
//!
//! * The **context** is the last integer argument and always in a register. A function that needs none does not read
//!   it, so a plain function is its own func value. For a closure it is the address of the captures. For a method with
//!   a pointer receiver it is the receiver. For the itab's entry of a method with a value receiver it is the address of
//!   the value, or the value itself if the type is direct. A value-receiver method value captures a copy of the value,
//!   so its func value uses the itab's entry as its code and needs no thunk.
//! * At most [`INT_ARGS`] integer words and [`FLOAT_ARGS`] float words are passed in registers. When a signature needs
//!   more, its last integer register argument before the context points to a block in the caller's frame. The block
//!   holds all words from the first that does not fit, 8 bytes each.
//! * At most [`INT_RESULTS`] and [`FLOAT_RESULTS`] result words are returned in registers. A signature with more
//!   returns none in registers: its first integer argument points to a block in the caller's frame that receives all of
//!   them.
//!
//! Native functions (of the runtime or of the host) have one type, [`NativeFn`]: compiled code enters them through a
//! shim that stores the flattened arguments, 8 bytes each, and loads the results.

use crate::block::IsolateBlock;

/// Integer words passed in registers, besides the context.
pub const INT_ARGS: usize = 5;
/// Float words passed in registers.
pub const FLOAT_ARGS: usize = 8;
/// Integer result words in registers.
pub const INT_RESULTS: usize = 6;
/// Float result words in registers.
pub const FLOAT_RESULTS: usize = 8;

/// A word of a signature: how a parameter or a result of the runtime's functions is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AbiType {
    /// A pointer.
    Ptr,
    /// A 64-bit integer of either sign.
    I64,
    /// A uint32.
    U32,
    /// An int32.
    I32,
    /// A uint16.
    U16,
    /// An int16.
    I16,
    /// A uint8.
    U8,
    /// An int8.
    I8,
    /// A bool: a byte that is 0 or 1.
    Bool,
    /// A float64.
    F64,
    /// A float32.
    F32,
}

impl AbiType {
    /// Whether it is a pointer or an integer of that size.
    pub const fn is_word(self) -> bool {
        matches!(self, AbiType::Ptr | AbiType::I64)
    }
}

/// A function that compiled code calls by name: argument words in, result words out, 8 bytes each in the order of the
/// flattened signature (narrow integers zero- or sign-extended as their type says, float32 in the low half). For a
/// method the receiver's words come first.
pub type NativeFn = unsafe extern "C" fn(block: *mut IsolateBlock, args: *const u64, results: *mut u64);
