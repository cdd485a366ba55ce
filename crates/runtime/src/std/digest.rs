//! Checksums and digests of the standard library, with the processor's instructions for them.

use crate::std::native_table::native_table;
use sha2::block_api::{compress256, compress512};

native_table! {
    // func compress(h *[8]uint32, p uintptr, blocks int)
    "crypto/internal/fips140/sha256.compress" = fn sha256_compress(block, args, results) {
        compress256(&mut *(*args as *mut [u32; 8]), slice(*args.add(1), *args.add(2)));
    }
    // func compress(h *[8]uint64, p uintptr, blocks int)
    "crypto/internal/fips140/sha512.compress" = fn sha512_compress(block, args, results) {
        compress512(&mut *(*args as *mut [u64; 8]), slice(*args.add(1), *args.add(2)));
    }
    // func clmulIEEE(crc uint32, p uintptr, n int) uint32
    "hash/crc32.clmulIEEE" = fn crc32_update(block, args, results) {
        let mut crc = crc32fast::Hasher::new_with_initial(*args as u32);
        crc.update(slice(*args.add(1), *args.add(2)));
        *results = u64::from(crc.finalize());
    }
}

/// `n` values at `p`.
///
/// # Safety
/// They are readable, have no alignment and stay as they are for `'a`.
unsafe fn slice<'a, T>(p: u64, n: u64) -> &'a [T] {
    if n == 0 {
        return &[];
    }
    // SAFETY: as the caller says.
    unsafe { std::slice::from_raw_parts(p as *const T, n as usize) }
}
