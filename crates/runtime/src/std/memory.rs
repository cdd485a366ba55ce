//! Raw memory: without zeros, compared, hashed, printed, and the bounds of `unsafe.Slice`.

use crate::heap::msize::roundupsize;
use crate::sched::alloc::heap;
use crate::sched::enter;
use crate::sched::exit::StopReason;
use crate::sched::isolate;
use crate::sched::panic;
use crate::std::native::natives;
use crate::types::alg;
use crate::types::errors::{MAKESLICE_LEN, RuntimeError};
use itab_abi::types::Type;
use itab_abi::value::GoSlice;

natives! {
    /// `func MakeNoZero(n int) []byte`
    "internal/bytealg.MakeNoZero" = fn make_no_zero(block, n: i64) -> GoSlice {
        let len = n as usize;
        // SAFETY: nothing here needs dropping; a stop consumes the text.
        unsafe {
            if len > crate::heap::slice::MAX_ALLOC {
                panic::raise_error(block, MAKESLICE_LEN);
            }
            let cap = roundupsize(len, true);
            match heap(block).alloc_noscan_uninit(cap) {
                Ok(ptr) => GoSlice { ptr, len, cap },
                Err(e) => enter::stop(block, StopReason::Memory(e.to_string())),
            }
        }
    }
    /// `func memequal(a, b unsafe.Pointer, size uintptr) bool`; both point to `size` bytes.
    "runtime.memequal" = fn memequal(_, a: *const u8, b: *const u8, size: usize) -> bool {
        // SAFETY: the callers vouch for the bytes.
        size == 0 || unsafe { std::slice::from_raw_parts(a, size) == std::slice::from_raw_parts(b, size) }
    }
    /// `func memhash(p unsafe.Pointer, seed, s uintptr) uintptr`; `p` points to `s` bytes.
    "runtime.memhash" = fn memhash(_, p: *const u8, seed: u64, s: usize) -> u64 {
        // SAFETY: the callers vouch for the bytes.
        unsafe { alg::memhash(p, seed, s) }
    }
    /// `func printBytes(p unsafe.Pointer, n int)`: to standard error; `p` points to `n` bytes.
    "runtime.printBytes" = fn print_bytes(block, p: *const u8, n: usize) {
        if n > 0 {
            // SAFETY: the overlay passes a slice's pointer and length; the block is the running isolate's.
            unsafe { (*isolate::of(block)).gateway.write_err(std::slice::from_raw_parts(p, n)) }
        }
    }
    /// `func unsafeslice(t *abi.Type, ptr unsafe.Pointer, len int)`: panics if that is no slice.
    "reflect.unsafeslice" = fn unsafeslice(block, t: *const Type, ptr: *const u8, len: i64) {
        let (p, n) = (ptr as usize, len as usize);
        // SAFETY: the type is a descriptor; nothing here needs dropping.
        unsafe {
            let text = if len < 0 || (*t).size.checked_mul(n).is_none_or(|n| n > (!p).wrapping_add(1)) && p != 0 {
                "unsafe.Slice: len out of range"
            } else if p == 0 && len > 0 {
                "unsafe.Slice: ptr is nil and len is not zero"
            } else {
                return;
            };
            panic::raise_error(block, RuntimeError::Error(text));
        }
    }
}
