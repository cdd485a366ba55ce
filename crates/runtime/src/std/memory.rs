//! Raw memory: without zeros, compared, hashed, printed, and the bounds of `unsafe.Slice`.

use crate::heap::msize::roundupsize;
use crate::sched::alloc::heap;
use crate::sched::enter;
use crate::sched::exit::StopReason;
use crate::sched::isolate;
use crate::sched::panic;
use crate::std::native_table::native_table;
use crate::types::alg;
use crate::types::errors::MAKESLICE_LEN;
use itab_abi::value::GoSlice;

native_table! {
    // func MakeNoZero(n int) []byte
    "internal/bytealg.MakeNoZero" = fn make_no_zero(block, args, results) {
        let len = *args as usize;
        if len > crate::heap::slice::MAX_ALLOC {
            panic::raise_error(block, MAKESLICE_LEN);
        }
        let cap = roundupsize(len, true);
        match heap(block).alloc_noscan_uninit(cap) {
            Ok(ptr) => results.cast::<GoSlice>().write(GoSlice { ptr, len, cap }),
            Err(e) => enter::stop(block, StopReason::Memory(e.to_string())),
        }
    }
    // func memequal(a, b unsafe.Pointer, size uintptr) bool
    "runtime.memequal" = fn memequal(block, args, results) {
        let [a, b, n] = args.cast::<[usize; 3]>().read();
        let bytes = |p: usize| if n == 0 { &[][..] } else { std::slice::from_raw_parts(p as *const u8, n) };
        *results = u64::from(bytes(a) == bytes(b));
    }
    // func memhash(p unsafe.Pointer, seed, s uintptr) uintptr
    "runtime.memhash" = fn memhash(block, args, results) {
        *results = alg::memhash(*args as *const u8, *args.add(1), *args.add(2) as usize);
    }
    // func printBytes(p unsafe.Pointer, n int): to standard error
    "runtime.printBytes" = fn print_bytes(block, args, results) {
        let (p, n) = (*args as *const u8, *args.add(1) as usize);
        if n > 0 {
            (*isolate::of(block)).gateway.write_err(std::slice::from_raw_parts(p, n));
        }
    }
    // func unsafeslice(t *abi.Type, ptr unsafe.Pointer, len int)
    "reflect.unsafeslice" = fn unsafeslice(block, args, results) {
        let [typ, p, len] = args.cast::<[usize; 3]>().read();
        let size = (*(typ as *const itab_abi::types::Type)).size;
        let text = if (len as i64) < 0 || size.checked_mul(len).is_none_or(|n| n > (!p).wrapping_add(1)) && p != 0 {
            "unsafe.Slice: len out of range"
        } else if p == 0 && len > 0 {
            "unsafe.Slice: ptr is nil and len is not zero"
        } else {
            return;
        };
        panic::raise_error(block, crate::types::errors::RuntimeError::Error(text));
    }
}
