//! Small natives of many packages: memory without zeros, hashes, settings of the collector, fatal errors.

use crate::alg;
use crate::enter;
use crate::entry::heap;
use crate::errors::MAKESLICE_LEN;
use crate::isolate::{self, StopReason};
use crate::msize::roundupsize;
use crate::natives::native_table;
use crate::panic;
use itab_abi::value::GoSlice;

native_table! {
    // func MakeNoZero(n int) []byte
    "internal/bytealg.MakeNoZero" = fn make_no_zero(block, args, results) {
        let len = *args as usize;
        if len > crate::slice::MAX_ALLOC {
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
        panic::raise_error(block, crate::errors::RuntimeError::Error(text));
    }
    // func setPanicOnFault(on bool) bool: of the goroutine
    "runtime/debug.setPanicOnFault" = fn set_panic_on_fault(block, args, results) {
        let g = isolate::getg(block);
        *results = u64::from((*g).panic_on_fault);
        (*g).panic_on_fault = *args as u8 != 0;
    }
    // func setGCPercent(percent int32) int32
    "runtime/debug.setGCPercent" = fn set_gc_percent(block, args, results) {
        *results = heap(block).pacer.set_gogc(*args as i32) as u64;
    }
    // func setMemoryLimit(limit int64) int64; a negative one only asks
    "runtime/debug.setMemoryLimit" = fn set_memory_limit(block, args, results) {
        let limit = *args as i64;
        let pacer = &mut heap(block).pacer;
        let was = match usize::try_from(limit) {
            Ok(limit) => pacer.set_soft_limit(limit),
            Err(_) => pacer.soft_limit(),
        };
        *results = was.min(i64::MAX as usize) as u64;
    }
    // func monoTime() int64
    "crypto/internal/fips140deps/time.monoTime" = fn mono_time(block, args, results) {
        *results = crate::time::nanotime() as u64;
    }
    "crypto/internal/sysrand.fatal" = fn sysrand_fatal(block, args, results) { fatal(block, args) }
    "crypto/internal/fips140.fatal" = fn fips_fatal(block, args, results) { fatal(block, args) }
    "crypto/rand.fatal" = fn rand_fatal(block, args, results) { fatal(block, args) }
    // The indicator is the goroutine's in Go; FIPS mode, which reads it, is never on.
    "crypto/internal/fips140.getIndicator" = fn get_indicator(block, args, results) { *results = 0 }
    "crypto/internal/fips140.setIndicator" = fn set_indicator(block, args, results) {}
    "crypto/fips140.isBypassed" = fn is_bypassed(block, args, results) { *results = 0 }
    "crypto/fips140.setBypass" = fn set_bypass(block, args, results) {}
    "crypto/fips140.unsetBypass" = fn unset_bypass(block, args, results) {}
    "crypto/internal/boring/sig.BoringCrypto" = fn boring_crypto(block, args, results) {}
    "crypto/internal/boring/sig.FIPSOnly" = fn fips_only(block, args, results) {}
    "crypto/internal/boring/sig.StandardCrypto" = fn standard_crypto(block, args, results) {}
    // Timing that does not depend on data is not promised.
    "crypto/subtle.setDITEnabled" = fn set_dit_enabled(block, args, results) { *results = 0 }
    "crypto/subtle.setDITDisabled" = fn set_dit_disabled(block, args, results) {}
}

unsafe fn fatal(block: *mut itab_abi::block::IsolateBlock, args: *const u64) {
    // SAFETY: called with a string's words.
    unsafe { panic::throw_string(block, *args as *const u8, *args.add(1) as usize) }
}
