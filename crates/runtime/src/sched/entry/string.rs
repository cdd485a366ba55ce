//! String entries: concatenation, comparison, conversions.
//!
//! A string of one byte is one of the table of small integers.
//!
//! Decoding follows Go: each byte that begins no valid encoding counts as U+FFFD of width 1.

use crate::heap::boxing::static_uint64;
use crate::heap::mgcroots::Local;
use crate::heap::msize::roundupsize;
use crate::sched::abi_value::Pair;
use crate::sched::alloc::heap;
use crate::sched::enter;
use crate::sched::exit::StopReason;
use crate::sched::panic;
use itab_abi::block::IsolateBlock;
use itab_abi::value::{GoString, TMP_BUF};

const RUNE_ERROR: u32 = 0xFFFD;

/// `n` bytes without pointers, to be filled by the caller: in `buf` if it is there and has room.
///
/// # Safety
/// As [`record`](crate::sched::alloc::record); `buf` is nil or has [`TMP_BUF`] bytes.
unsafe fn rawbytes(block: *mut IsolateBlock, buf: *mut u8, n: usize) -> *mut u8 {
    if !buf.is_null() && n <= TMP_BUF {
        return buf;
    }
    // SAFETY: as the caller says.
    unsafe {
        match heap(block).alloc_noscan_uninit(n) {
            Ok(p) => p,
            Err(e) => enter::stop(block, StopReason::Memory(e.to_string())),
        }
    }
}

/// The same for a slice, in bytes: also how many there are, which are zero from `n` on.
///
/// # Safety
/// As [`rawbytes`]; `buf` has `room` bytes.
unsafe fn rawslice(block: *mut IsolateBlock, buf: *mut u8, room: usize, n: usize) -> (*mut u8, usize) {
    // SAFETY: as the caller says.
    unsafe {
        let in_buf = !buf.is_null() && n <= room;
        let size = if in_buf { room } else { roundupsize(n, true) };
        let to = if in_buf { buf } else { rawbytes(block, std::ptr::null_mut(), size) };
        to.add(n).write_bytes(0, size - n);
        (to, size)
    }
}

/// # Safety
/// `p` has `n` readable bytes, or `n` is 0.
unsafe fn bytes<'a>(p: *const u8, n: usize) -> &'a [u8] {
    // SAFETY: as the caller says.
    if n == 0 { &[] } else { unsafe { std::slice::from_raw_parts(p, n) } }
}

/// A new string with the contents of `from`, which stays alive meanwhile.
///
/// # Safety
/// As [`rawbytes`] and [`bytes`].
unsafe fn copied(block: *mut IsolateBlock, buf: *mut u8, from: *const u8, n: usize) -> Pair {
    // SAFETY: as the caller says; `source` keeps what is copied alive.
    unsafe {
        match n {
            0 => Pair(0, 0),
            1 => Pair(static_uint64(*from) as u64, 1),
            _ => {
                let source = Local::new(from.cast_mut());
                let to = rawbytes(block, buf, n);
                std::ptr::copy_nonoverlapping(source.get(), to, n);
                Pair(to as u64, n as u64)
            }
        }
    }
}

/// Concatenates `n` strings.
///
/// # Safety
/// Called by compiled code of the isolate; `parts` points to `n` strings.
pub unsafe extern "C" fn concatstrings(
    block: *mut IsolateBlock,
    buf: *mut u8,
    parts: *const GoString,
    n: usize,
) -> Pair {
    // SAFETY: as the caller says; the parts lie in the caller's frame, where they are roots.
    unsafe {
        let parts = std::slice::from_raw_parts(parts, n);
        let mut total = 0usize;
        let (mut last, mut filled) = (0, 0);
        for (i, part) in parts.iter().enumerate() {
            if part.len != 0 {
                (last, filled) = (i, filled + 1);
                total = match total.checked_add(part.len) {
                    Some(total) if total <= isize::MAX as usize => total,
                    _ => panic::throw(block, "string concatenation too long".into()),
                };
            }
        }
        if filled <= 1 {
            let only = parts.get(last).filter(|_| filled == 1);
            return only.map_or(Pair(0, 0), |s| Pair(s.ptr as u64, s.len as u64));
        }
        let to = rawbytes(block, buf, total);
        let mut at = to;
        for part in parts {
            std::ptr::copy_nonoverlapping(if part.len == 0 { to } else { part.ptr }, at, part.len);
            at = at.add(part.len);
        }
        Pair(to as u64, total as u64)
    }
}

/// -1, 0 or 1.
///
/// # Safety
/// Called by compiled code of the isolate with two strings.
pub unsafe extern "C" fn cmpstring(_: *mut IsolateBlock, p: *const u8, plen: usize, q: *const u8, qlen: usize) -> i64 {
    // SAFETY: as the caller says; `first` reads what both strings have.
    unsafe {
        let n = plen.min(qlen);
        // Most strings differ early, and short ones are not worth a call.
        let (x, y) = (first(p, n), first(q, n));
        if x != y {
            return if x < y { -1 } else { 1 };
        }
        if n <= 8 {
            return plen.cmp(&qlen) as i64;
        }
        bytes(p, plen).cmp(bytes(q, qlen)) as i64
    }
}

/// The first bytes of `n`, at most eight, as a number that orders as they do among those of the same length.
///
/// # Safety
/// `p` has `n` readable bytes.
#[inline(always)]
unsafe fn first(p: *const u8, n: usize) -> u64 {
    // SAFETY: the caller's promise; two loads that overlap cover four to seven bytes.
    unsafe {
        match n {
            8.. => u64::from_be_bytes(p.cast::<[u8; 8]>().read()),
            4.. => {
                let load = |at: usize| u64::from(u32::from_be_bytes(p.add(at).cast::<[u8; 4]>().read()));
                load(0) << 32 | load(n - 4)
            }
            2.. => u64::from(*p) << 16 | u64::from(*p.add(1)) << 8 | u64::from(*p.add(n - 1)),
            1 => u64::from(*p),
            0 => 0,
        }
    }
}

/// `string(b)`.
///
/// # Safety
/// Called by compiled code of the isolate with a byte slice.
pub unsafe extern "C" fn slicebytetostring(block: *mut IsolateBlock, buf: *mut u8, p: *const u8, n: usize) -> Pair {
    // SAFETY: as the caller says.
    unsafe { copied(block, buf, p, n) }
}

/// `[]byte(s)`: first byte, never nil, and capacity.
///
/// # Safety
/// Called by compiled code of the isolate with a string.
pub unsafe extern "C" fn stringtoslicebyte(block: *mut IsolateBlock, buf: *mut u8, p: *const u8, n: usize) -> Pair {
    if n == 0 && buf.is_null() {
        return Pair(crate::heap::malloc::zerobase() as u64, 0);
    }
    // SAFETY: as the caller says.
    unsafe {
        let source = Local::new(p.cast_mut());
        let (to, size) = rawslice(block, buf, TMP_BUF, n);
        std::ptr::copy_nonoverlapping(bytes(source.get(), n).as_ptr(), to, n);
        Pair(to as u64, size as u64)
    }
}

/// The rune at the beginning of `s`, which is not empty, and its width.
fn decode(s: &[u8]) -> (u32, usize) {
    if s[0] < 0x80 {
        return (u32::from(s[0]), 1);
    }
    let head = &s[..s.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        // SAFETY: the prefix of that length is valid.
        Err(e) => unsafe { std::str::from_utf8_unchecked(&head[..e.valid_up_to()]) },
    };
    valid.chars().next().map_or((RUNE_ERROR, 1), |c| (c as u32, c.len_utf8()))
}

/// The rune at byte `i` and the index after it.
///
/// # Safety
/// Called by compiled code through its stub, with a string and an index in it.
pub unsafe extern "C" fn decoderune(_: *mut IsolateBlock, p: *const u8, n: usize, i: usize) -> Pair {
    // SAFETY: as the caller says.
    let (rune, width) = unsafe { decode(&bytes(p, n)[i..]) };
    Pair(u64::from(rune), (i + width) as u64)
}

/// `[]rune(s)`: first rune, never nil, and length; ret: capacity.
///
/// # Safety
/// Called by compiled code of the isolate with a string.
pub unsafe extern "C" fn stringtoslicerune(block: *mut IsolateBlock, buf: *mut u8, p: *const u8, n: usize) -> Pair {
    // SAFETY: as the caller says; the string stays alive during the allocation.
    unsafe {
        let source = Local::new(p.cast_mut());
        let mut count = 0;
        let mut rest = bytes(source.get(), n);
        while !rest.is_empty() {
            rest = &rest[decode(rest).1..];
            count += 1;
        }
        if count == 0 && buf.is_null() {
            (*block).ret[0] = 0;
            return Pair(crate::heap::malloc::zerobase() as u64, 0);
        }
        let (to, size) = rawslice(block, buf, 4 * TMP_BUF, 4 * count);
        let to = to.cast::<u32>();
        (*block).ret[0] = size as u64 / 4;
        let mut rest = bytes(source.get(), n);
        for i in 0..count {
            let (rune, width) = decode(rest);
            to.add(i).write(rune);
            rest = &rest[width..];
        }
        Pair(to as u64, count as u64)
    }
}

/// The encoding of a rune; of U+FFFD for what is none.
fn encode(rune: i64, buffer: &mut [u8; 4]) -> &[u8] {
    let c = u32::try_from(rune).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
    c.encode_utf8(buffer).as_bytes()
}

/// `string(r)` for a rune slice.
///
/// # Safety
/// Called by compiled code of the isolate with a rune slice.
pub unsafe extern "C" fn slicerunetostring(block: *mut IsolateBlock, buf: *mut u8, p: *const i32, n: usize) -> Pair {
    // SAFETY: as the caller says; the slice stays alive during the allocation.
    unsafe {
        let source = Local::new(p.cast_mut());
        let mut buffer = [0; 4];
        let mut total = 0;
        for i in 0..n {
            total += encode(i64::from(source.get().add(i).read()), &mut buffer).len();
        }
        if total == 0 {
            return Pair(0, 0);
        }
        let to = rawbytes(block, buf, total);
        let mut at = 0;
        for i in 0..n {
            let text = encode(i64::from(source.get().add(i).read()), &mut buffer);
            // Another goroutine cannot run meanwhile, so the length is as counted.
            std::ptr::copy_nonoverlapping(text.as_ptr(), to.add(at), text.len());
            at += text.len();
        }
        Pair(to as u64, total as u64)
    }
}

/// `string(i)` for an integer.
///
/// # Safety
/// Called by compiled code of the isolate.
pub unsafe extern "C" fn intstring(block: *mut IsolateBlock, buf: *mut u8, v: i64) -> Pair {
    let mut buffer = [0; 4];
    // SAFETY: as the caller says.
    unsafe {
        let text = encode(v, &mut buffer);
        copied(block, buf, text.as_ptr(), text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_are_decoded_one_by_one() {
        assert_eq!(decode(b"a"), (97, 1));
        assert_eq!(decode("é!".as_bytes()), (0xe9, 2));
        assert_eq!(decode("😀".as_bytes()), (0x1f600, 4));
        assert_eq!(decode(b"\xe4\xb8"), (RUNE_ERROR, 1));
        assert_eq!(decode(b"\xff"), (RUNE_ERROR, 1));
        assert_eq!(decode(b"\xed\xa0\x80"), (RUNE_ERROR, 1));
        let mut buffer = [0; 4];
        assert_eq!(encode(0xd800, &mut buffer), "\u{fffd}".as_bytes());
        assert_eq!(encode(-1, &mut buffer), "\u{fffd}".as_bytes());
    }
}
