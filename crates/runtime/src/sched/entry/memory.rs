//! Memory entries.

use crate::heap::mbarrier;
use itab_abi::block::IsolateBlock;

/// Copies `n` bytes, which may overlap.
///
/// # Safety
/// As [`mbarrier::memmove`].
pub unsafe extern "C" fn memmove(_: *mut IsolateBlock, dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: as the caller says.
    unsafe { mbarrier::memmove(dst, src, n) }
}

/// Zeroes `n` bytes.
///
/// # Safety
/// As [`mbarrier::memclr`].
pub unsafe extern "C" fn memclr(_: *mut IsolateBlock, p: *mut u8, n: usize) {
    // SAFETY: as the caller says.
    unsafe { mbarrier::memclr(p, n) }
}

/// Whether `n` bytes are equal.
///
/// # Safety
/// As [`crate::types::alg::memequal`].
pub unsafe extern "C" fn memequal(_: *mut IsolateBlock, p: *const u8, q: *const u8, n: usize) -> bool {
    // SAFETY: as the caller says.
    unsafe { crate::types::alg::memequal(p, q, n) }
}
