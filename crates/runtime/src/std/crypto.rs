//! What `crypto` and its internal packages ask of the runtime: fatal errors, and the marks of FIPS mode, which is
//! never on.

use crate::sched::panic;
use crate::std::native::natives;
use itab_abi::value::GoString;

natives! {
    /// `func fatal(string)`
    "crypto/internal/sysrand.fatal" | "crypto/internal/fips140.fatal" | "crypto/rand.fatal"
    = fn fatal(block, text: GoString) {
        // SAFETY: the text is a string of the caller; nothing here needs dropping.
        unsafe { panic::throw_string(block, text.ptr, text.len) }
    }
    /// `func getIndicator() uint8`: the goroutine's in Go; FIPS mode, which reads it, is never on.
    "crypto/internal/fips140.getIndicator" = fn get_indicator(_) -> u8 { 0 }
    /// `func setIndicator(uint8)`
    "crypto/internal/fips140.setIndicator" = fn set_indicator(_, _indicator: u8) {}
    /// `func isBypassed() bool`
    "crypto/fips140.isBypassed" = fn is_bypassed(_) -> bool { false }
    /// `func setBypass()`, `func unsetBypass()`
    "crypto/fips140.setBypass" | "crypto/fips140.unsetBypass" = fn set_bypass(_) {}
    /// `func BoringCrypto()`, `func FIPSOnly()`, `func StandardCrypto()`: marks in a binary, of which there is none.
    "crypto/internal/boring/sig.BoringCrypto" | "crypto/internal/boring/sig.FIPSOnly"
    | "crypto/internal/boring/sig.StandardCrypto" = fn signature_mark(_) {}
    /// `func setDITEnabled() bool`: timing that does not depend on data is not promised.
    "crypto/subtle.setDITEnabled" = fn set_dit_enabled(_) -> bool { false }
    /// `func setDITDisabled()`
    "crypto/subtle.setDITDisabled" = fn set_dit_disabled(_) {}
}
