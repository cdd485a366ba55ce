//! `make` and `append`.

use crate::heap::malloc::{Heap, OutOfMemory, zerobase};
use crate::heap::mbarrier::memmove;
use crate::heap::msize::{MAX_SMALL_SIZE, roundupsize};
use itab_abi::types::Type;
use itab_abi::value::GoSlice;

/// Largest allocation that is tried, in bytes.
pub const MAX_ALLOC: usize = 1 << 48;

/// Capacities up to this one double.
const DOUBLING: i64 = 256;

/// Why a slice cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SliceError {
    /// `makeslice: len out of range`, `growslice: len out of range`.
    Len,
    /// `makeslice: cap out of range`.
    Cap,
    /// The memory limit.
    OutOfMemory(OutOfMemory),
}

impl From<OutOfMemory> for SliceError {
    fn from(e: OutOfMemory) -> SliceError {
        SliceError::OutOfMemory(e)
    }
}

fn bytes_for(elem: usize, n: i64) -> Option<usize> {
    elem.checked_mul(usize::try_from(n).ok()?).filter(|&b| b <= MAX_ALLOC)
}

/// `make([]T, len, cap)`: the array.
///
/// # Safety
/// `elem` points to a descriptor that lives as long as the heap.
#[inline]
pub unsafe fn makeslice(heap: &mut Heap, elem: *const Type, len: i64, cap: i64) -> Result<*mut u8, SliceError> {
    // SAFETY: the caller's promise.
    let (size, noscan) = unsafe { ((*elem).size, (*elem).ptr_bytes == 0) };
    if len as u64 <= cap as u64
        && noscan
        && let Some(bytes) = bytes_for(size, cap)
    {
        return Ok(heap.alloc_noscan(bytes)?);
    }
    // SAFETY: passed on.
    unsafe { makeslice_checked(heap, elem, len, cap) }
}

/// # Safety
/// As [`makeslice`].
unsafe fn makeslice_checked(heap: &mut Heap, elem: *const Type, len: i64, cap: i64) -> Result<*mut u8, SliceError> {
    // SAFETY: the caller's promise.
    let size = unsafe { (*elem).size };
    if len < 0 || bytes_for(size, len).is_none() {
        return Err(SliceError::Len);
    }
    if cap < len || bytes_for(size, cap).is_none() {
        return Err(SliceError::Cap);
    }
    // SAFETY: passed on.
    Ok(unsafe { heap.newarray(elem, cap as usize)? })
}

/// Capacity, in elements, that `append` asks for before rounding to a size class: double while small, then by a
/// fraction that falls from 1 to 1/4.
#[inline]
fn nextslicecap(newlen: i64, oldcap: i64) -> i64 {
    if newlen as u64 > (oldcap as u64).wrapping_mul(2) {
        return newlen;
    }
    if oldcap < DOUBLING {
        return oldcap * 2;
    }
    let mut cap = oldcap;
    while (cap as u64) < newlen as u64 {
        let Some(more) = cap.checked_add(3 * DOUBLING) else { return newlen };
        match cap.checked_add(more >> 2) {
            Some(next) => cap = next,
            None => return newlen,
        }
    }
    cap
}

/// Capacity in elements and bytes of the slice that `append` makes for `newlen` elements. `None`: out of range.
#[inline]
pub fn grown_cap(elem: usize, noscan: bool, newlen: i64, oldcap: i64) -> Option<(usize, usize)> {
    let bytes = bytes_for(elem, nextslicecap(newlen, oldcap))?;
    let bytes = roundupsize(bytes, noscan);
    // Most sizes are powers of two, and a division costs as much as the rest.
    let cap = if elem.is_power_of_two() { bytes >> elem.trailing_zeros() } else { bytes / elem };
    (cap * elem <= MAX_ALLOC).then_some((cap, cap * elem))
}

/// A larger array for `append`: `oldptr` has `newlen - num` elements and room for `oldcap`. Elements up to the old length
/// are copied; those from the new length are zero; those between are the caller's to write.
///
/// # Safety
/// `elem` as in [`makeslice`]; `oldptr` is an array of `oldcap` of them which the caller keeps alive; `newlen - num` is
/// between 0 and `oldcap`.
#[inline]
pub unsafe fn growslice(
    heap: &mut Heap,
    oldptr: *const u8,
    newlen: i64,
    oldcap: i64,
    num: i64,
    elem: *const Type,
) -> Result<GoSlice, SliceError> {
    if newlen < 0 {
        return Err(SliceError::Len);
    }
    // SAFETY: the caller's promise.
    let (size, noscan) = unsafe { ((*elem).size, (*elem).ptr_bytes == 0) };
    if size == 0 {
        return Ok(GoSlice { ptr: zerobase(), len: newlen as usize, cap: newlen as usize });
    }
    let (cap, bytes) = grown_cap(size, noscan, newlen, oldcap).ok_or(SliceError::Len)?;
    let used = (newlen - num) as usize * size;
    let data = if noscan {
        let data = heap.alloc_noscan_uninit(bytes)?;
        if bytes > MAX_SMALL_SIZE {
            let end = newlen as usize * size;
            // SAFETY: the array has `bytes` bytes.
            unsafe { data.add(end).write_bytes(0, bytes - end) };
        }
        data
    } else {
        // SAFETY: passed on.
        unsafe { heap.newarray(elem, cap)? }
    };
    // SAFETY: the old array has `used` bytes, the new one at least as many.
    unsafe { memmove(data, oldptr, used) };
    crate::heap::mgcroots::keep_alive(oldptr);
    Ok(GoSlice { ptr: data, len: newlen as usize, cap })
}
