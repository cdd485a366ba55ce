//! The code of `Equal` and `Hasher` func values: what Go code calls.
//!
//! Go code calls them like any func value, straight from compiled code (`go_calls`). Those that can panic record where
//! compiled code was left, as the arena's thunks do. They get the isolate block, so that an error can become a panic.

use super::equal::{alg_equal, f32equal, f64equal, strequal};
use super::go_calls::go_calls;
use super::hash::{alg_hash, memhash_of};
use super::*;
use crate::types::errors::raise;
use itab_abi::block::IsolateBlock;

/// The `Alg` in front of its captures.
///
/// # Safety
/// `ctx` is the address of the captures of an `Alg`.
unsafe fn captured<'a>(ctx: *const u8) -> &'a Alg {
    // SAFETY: the captures follow the code word.
    unsafe { &*ctx.sub(itab_abi::value::CAPTURES).cast() }
}

go_calls! {
    /// `Equal` of a type without bytes.
    ///
    /// # Safety
    /// None here.
    fn equal_mem0(_p: *const u8, _q: *const u8, _ctx: *const u8) -> bool {
        true
    }
}

macro_rules! equal_entries {
    ($($name:ident($p:ident, $q:ident, $ctx:ident) $body:expr;)*) => {
        $(go_calls! {
            /// Code of an `Equal` func value.
            ///
            /// # Safety
            /// `p` and `q` point to values of the type, `ctx` is the address of the captures.
            fn $name($p: *const u8, $q: *const u8, $ctx: *const u8) -> bool {
                let _ = $ctx;
                // SAFETY: Go code calls `Equal` with pointers to two values of its type.
                unsafe { $body }
            }
        })*
    };
}

equal_entries! {
    equal_mem8(p, q, ctx) *p == *q;
    equal_mem16(p, q, ctx) p.cast::<u16>().read_unaligned() == q.cast::<u16>().read_unaligned();
    equal_mem32(p, q, ctx) memequal(p, q, 4);
    equal_mem64(p, q, ctx) memequal(p, q, 8);
    equal_mem128(p, q, ctx) p.cast::<u128>().read_unaligned() == q.cast::<u128>().read_unaligned();
    equal_varlen(p, q, ctx) memequal(p, q, captured(ctx).size);
    equal_str(p, q, ctx) strequal(p, q);
    equal_f32(p, q, ctx) f32equal(p, q);
    equal_f64(p, q, ctx) f64equal(p, q);
}

macro_rules! hash_entries {
    ($($name:ident($p:ident, $seed:ident) $body:expr;)*) => {
        $(go_calls! {
            /// Code of a `Hasher` func value.
            ///
            /// # Safety
            /// `p` points to a key of the map's key type.
            fn $name($p: *const u8, $seed: usize, _ctx: *const u8) -> usize {
                // SAFETY: Go code calls a `Hasher` with a pointer to a key.
                unsafe { ($body) as usize }
            }
        })*
    };
}

hash_entries! {
    hash_mem32(p, seed) memhash_of(p, seed as u64, 4);
    hash_mem64(p, seed) memhash_of(p, seed as u64, 8);
    hash_str(p, seed) strhash(p, seed as u64);
}

go_calls! {
    /// `Equal` of any type.
    ///
    /// # Safety
    /// As the others; called by compiled code, whose pinned register holds the block.
    fn equal_any(p: *const u8, q: *const u8, ctx: *const u8) -> bool, equal_any_in
}
go_calls! {
    /// `Hasher` for any key type.
    ///
    /// # Safety
    /// As the others; called by compiled code, whose pinned register holds the block.
    fn hash_any(p: *const u8, seed: usize, ctx: *const u8) -> usize, hash_any_in
}

/// # Safety
/// As [`equal_any`], and `block` is the running isolate's.
unsafe extern "C" fn equal_any_in(p: *const u8, q: *const u8, ctx: *const u8, block: *mut IsolateBlock) -> bool {
    // SAFETY: Go code calls `Equal` with pointers to two values of its type.
    match unsafe { alg_equal(captured(ctx), p, q) } {
        Ok(same) => same,
        // SAFETY: the block is the running isolate's, and nothing here needs dropping.
        Err(e) => unsafe { raise(block, e.uncomparable()) },
    }
}

/// # Safety
/// As [`hash_any`], and `block` is the running isolate's.
unsafe extern "C" fn hash_any_in(p: *const u8, seed: usize, ctx: *const u8, block: *mut IsolateBlock) -> usize {
    // SAFETY: Go code calls a `Hasher` with a pointer to a key; the captures are the `Alg` of the key type.
    match unsafe { alg_hash(&**ctx.cast::<*const Alg>(), p, seed as u64) } {
        Ok(h) => h as usize,
        // SAFETY: the block is the running isolate's, and nothing here needs dropping.
        Err(e) => unsafe { raise(block, e.unhashable()) },
    }
}
