//! Random numbers that need not be secret: the steps of SplitMix64 from a start that the system gives.

use std::hash::{BuildHasher, RandomState};

/// A number to start from. The standard library's hash keys are the system's random numbers.
pub(super) fn seed() -> u64 {
    RandomState::new().hash_one(0u64)
}

/// The number behind `state`, which goes one step on.
pub(super) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = *state;
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
