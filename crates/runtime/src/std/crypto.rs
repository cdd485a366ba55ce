//! What `crypto` and its internal packages ask of the runtime: fatal errors, a clock, and the marks of FIPS mode, which is
//! never on.

use crate::sched::panic;
use crate::std::native_table::native_table;

native_table! {
    // func monoTime() int64
    "crypto/internal/fips140deps/time.monoTime" = fn mono_time(block, args, results) {
        *results = crate::sched::clock::nanotime() as u64;
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

/// Ends the isolate with a text of Go's.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine; `args` are the two words of a string.
unsafe fn fatal(block: *mut itab_abi::block::IsolateBlock, args: *const u64) {
    // SAFETY: as the caller says.
    unsafe { panic::throw_string(block, *args as *const u8, *args.add(1) as usize) }
}
