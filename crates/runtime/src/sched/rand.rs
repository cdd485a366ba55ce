//! Random numbers of a thread.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

/// A random number, for seeds and for the order of iterations; seeded by the system, not for secrets.
pub(crate) fn rand() -> u64 {
    thread_local! {
        static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(0u64));
    }
    // splitmix64
    STATE.with(|s| {
        let x = s.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        s.set(x);
        let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    })
}
