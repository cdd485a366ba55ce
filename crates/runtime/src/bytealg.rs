//! Searches in bytes for `internal/bytealg`, by vector code.

use crate::natives::native_table;
use memchr::{memchr, memchr_iter, memmem, memrchr};

native_table! {
    // func indexByte(p uintptr, n int, c byte) int
    "internal/bytealg.indexByte" = fn index_byte(block, args, results) {
        *results = place(memchr(*args.add(2) as u8, bytes(args)));
    }
    // func lastIndexByte(p uintptr, n int, c byte) int
    "internal/bytealg.lastIndexByte" = fn last_index_byte(block, args, results) {
        *results = place(memrchr(*args.add(2) as u8, bytes(args)));
    }
    // func countByte(p uintptr, n int, c byte) int
    "internal/bytealg.countByte" = fn count_byte(block, args, results) {
        *results = memchr_iter(*args.add(2) as u8, bytes(args)).count() as u64;
    }
    // func index(p uintptr, n int, q uintptr, m int) int
    "internal/bytealg.index" = fn index(block, args, results) {
        *results = place(memmem::find(bytes(args), bytes(args.add(2))));
    }
}

/// -1 for none.
fn place(at: Option<usize>) -> u64 {
    at.map_or(u64::MAX, |i| i as u64)
}

/// The bytes whose address and number are at `p`.
///
/// # Safety
/// They are readable, and stay as they are for `'a`.
unsafe fn bytes<'a>(p: *const u64) -> &'a [u8] {
    // SAFETY: as the caller says; nothing is read for a length of 0, whose address may be nil.
    unsafe {
        match *p.add(1) as usize {
            0 => &[],
            n => std::slice::from_raw_parts(*p as *const u8, n),
        }
    }
}
