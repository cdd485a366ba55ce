//! Moving and clearing memory.
//!
//! Nothing of the isolate runs during a collection, so no store needs a barrier. The typed forms exist because
//! reflection and compiled code refer to them, and because they state what is copied.

use itab_abi::types::Type;

/// Copies `n` bytes, which may overlap.
///
/// # Safety
/// `src` has `n` readable bytes, `dst` as many writable ones; either may be anything when `n` is 0.
#[inline]
pub unsafe fn memmove(dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: the caller's promise. All is read before anything is written.
    unsafe {
        match n {
            0 => {}
            1 => *dst = *src,
            2..=3 => ends::<2>(dst, src, n),
            4..=7 => ends::<4>(dst, src, n),
            8..=16 => ends::<8>(dst, src, n),
            17..=32 => ends::<16>(dst, src, n),
            _ => core::ptr::copy(src, dst, n),
        }
    }
}

/// Copies the first and the last `N` of `n` bytes, which overlap if there are less than twice as many.
///
/// # Safety
/// As [`memmove`]; `n` is at least `N`.
#[inline(always)]
unsafe fn ends<const N: usize>(dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: the caller's promise; arrays of bytes have no alignment.
    unsafe {
        let (first, last) = (src.cast::<[u8; N]>().read(), src.add(n - N).cast::<[u8; N]>().read());
        dst.cast::<[u8; N]>().write(first);
        dst.add(n - N).cast::<[u8; N]>().write(last);
    }
}

/// Zeroes `n` bytes.
///
/// # Safety
/// `p` has `n` writable bytes; it may be anything when `n` is 0.
#[inline]
pub unsafe fn memclr(p: *mut u8, n: usize) {
    if n != 0 {
        // SAFETY: the caller's promise.
        unsafe { p.write_bytes(0, n) };
    }
}

/// `*dst = *src` for values of type `typ`.
///
/// # Safety
/// Both point to values of the type.
#[inline]
pub unsafe fn typedmemmove(typ: *const Type, dst: *mut u8, src: *const u8) {
    // SAFETY: the caller's promise.
    unsafe { memmove(dst, src, (*typ).size) };
}

/// Zeroes a value of type `typ`.
///
/// # Safety
/// `p` points to a value of the type.
#[inline]
pub unsafe fn typedmemclr(typ: *const Type, p: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe { memclr(p, (*typ).size) };
}

/// `copy(dst, src)` for elements of type `typ`: the number copied.
///
/// # Safety
/// Both are arrays of as many elements of the type.
#[inline]
pub unsafe fn typedslicecopy(typ: *const Type, dst: *mut u8, dstlen: i64, src: *const u8, srclen: i64) -> i64 {
    let n = dstlen.min(srclen).max(0);
    // SAFETY: the caller's promise.
    unsafe { memmove(dst, src, n as usize * (*typ).size) };
    n
}
