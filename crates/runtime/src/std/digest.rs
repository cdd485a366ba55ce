//! Checksums and digests of the standard library, with the processor's instructions for them.

use crate::std::native::natives;
use sha2::block_api::{compress256, compress512};

natives! {
    /// `func compress(h *[8]uint32, p uintptr, blocks int)`; `p` is the address of so many blocks, which the caller keeps.
    "crypto/internal/fips140/sha256.compress" = fn sha256_compress(_, h: *mut [u32; 8], p: usize, blocks: usize) {
        // SAFETY: the state is the caller's alone; the overlay keeps the blocks alive.
        unsafe { compress256(&mut *h, slice(p, blocks)) }
    }
    /// `func compress(h *[8]uint64, p uintptr, blocks int)`; `p` as for sha256.
    "crypto/internal/fips140/sha512.compress" = fn sha512_compress(_, h: *mut [u64; 8], p: usize, blocks: usize) {
        // SAFETY: the state is the caller's alone; the overlay keeps the blocks alive.
        unsafe { compress512(&mut *h, slice(p, blocks)) }
    }
    /// `func clmulIEEE(crc uint32, p uintptr, n int) uint32`; `p` is the address of `n` bytes, which the caller keeps.
    "hash/crc32.clmulIEEE" = fn crc32_update(_, crc: u32, p: usize, n: usize) -> u32 {
        let mut crc = crc32fast::Hasher::new_with_initial(crc);
        // SAFETY: the overlay keeps the bytes alive.
        crc.update(unsafe { slice(p, n) });
        crc.finalize()
    }
}

/// `n` values at `p`.
///
/// # Safety
/// They are readable, have no alignment and stay as they are for `'a`.
unsafe fn slice<'a, T>(p: usize, n: usize) -> &'a [T] {
    if n == 0 {
        return &[];
    }
    // SAFETY: as the caller says.
    unsafe { std::slice::from_raw_parts(p as *const T, n) }
}
