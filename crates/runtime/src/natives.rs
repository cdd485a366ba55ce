//! Functions that Go code declares without a body and the runtime provides, by their full names.
//!
//! Each is a [`NativeFn`]: argument words in, result words out. Those that may park, panic or allocate hold nothing that
//! needs dropping while they do.

use crate::errors;
use crate::isolate;
use crate::proc;
use crate::types::TypeRef;
use itab_abi::block::IsolateBlock;
use itab_abi::call::NativeFn;
use itab_abi::types::Type;
use std::time::Instant;

/// The function of that name.
pub fn lookup(name: &str) -> Option<usize> {
    let found = NATIVES.binary_search_by_key(&name, |n| n.0).ok()?;
    Some(NATIVES[found].1 as usize)
}

macro_rules! natives {
    ($($name:literal = $func:path,)*) => {
        /// Sorted by name.
        static NATIVES: &[(&str, NativeFn)] = &[$(($name, $func as NativeFn)),*];
    };
}
natives! {
    "runtime.GC" = gc,
    "runtime.Goexit" = goexit,
    "runtime.Gosched" = gosched,
    "runtime.NumGoroutine" = num_goroutine,
    "runtime.boundsErrorText" = bounds_error_text,
    "runtime.nanotime" = nanotime,
    "runtime.readmemstats" = readmemstats,
    "runtime.typeAssertionErrorText" = type_assertion_error_text,
    "runtime.typeKind" = type_kind,
    "runtime.typeString" = type_string,
}

macro_rules! native {
    ($(#[$doc:meta])* fn $name:ident($block:ident, $args:ident, $results:ident) $body:block) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// Called by compiled code of the isolate with the words of the Go signature.
        unsafe extern "C" fn $name($block: *mut IsolateBlock, $args: *const u64, $results: *mut u64) {
            let (_, _) = ($args, $results);
            // SAFETY: as the caller says: the words are there, and the block belongs to the running isolate.
            unsafe { $body }
        }
    };
}

native! {
    /// `func GC()`
    fn gc(block, args, results) {
        (*isolate::of(block)).heap.collect_now();
    }
}

native! {
    /// `func Gosched()`
    fn gosched(block, args, results) {
        proc::gosched(block);
    }
}

native! {
    /// `func Goexit()`
    fn goexit(block, args, results) {
        crate::panic::goexit(block);
    }
}

native! {
    /// `func NumGoroutine() int`
    fn num_goroutine(block, args, results) {
        *results = (*isolate::of(block)).sched.live().count() as u64;
    }
}

native! {
    /// `func nanotime() int64`
    fn nanotime(_block, args, results) {
        *results = epoch().elapsed().as_nanos() as u64 + 1;
    }
}

fn epoch() -> Instant {
    static EPOCH: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

native! {
    /// `func readmemstats(s *memstats)`: ten numbers, in the order of the overlay's struct.
    fn readmemstats(block, args, results) {
        let s = (*isolate::of(block)).heap.mem_stats();
        let all = [
            s.heap_alloc, s.total_alloc, s.mallocs, s.frees, s.heap_sys, s.heap_inuse, s.next_gc,
            u64::from(s.num_gc), u64::from(s.num_forced_gc), s.pause_total_ns,
        ];
        std::ptr::copy_nonoverlapping(all.as_ptr(), *args as *mut u64, all.len());
    }
}

native! {
    /// `func typeString(typ unsafe.Pointer) string`
    fn type_string(_block, args, results) {
        let text = TypeRef::from_ptr(*args as *const Type).string();
        *results = text.as_ptr() as u64;
        *results.add(1) = text.len() as u64;
    }
}

native! {
    /// `func typeKind(typ unsafe.Pointer) uint8`
    fn type_kind(_block, args, results) {
        *results = u64::from((*(*args as *const Type)).kind);
    }
}

native! {
    /// `func typeAssertionErrorText(iface, concrete, asserted unsafe.Pointer, missing string) string`
    fn type_assertion_error_text(block, args, results) {
        let [iface, concrete, asserted] = [0, 1, 2].map(|i| *args.add(i) as *const Type);
        let missing = str_at(args.add(3));
        give_string(block, results, errors::type_assertion_text(iface, concrete, asserted, missing));
    }
}

native! {
    /// `func boundsErrorText(x int64, y int, signed bool, code uint8) string`
    fn bounds_error_text(block, args, results) {
        let code = crate::panic::bounds_code(*args.add(3) as u8);
        let text = errors::bounds_text(*args as i64, *args.add(2) as u8 != 0, *args.add(1) as i64, code);
        give_string(block, results, text);
    }
}

/// The Go string whose words are at `p`.
///
/// # Safety
/// It holds UTF-8 and outlives `'a`.
unsafe fn str_at<'a>(p: *const u64) -> &'a str {
    // SAFETY: as the caller says.
    unsafe {
        let (at, len) = (*p as *const u8, *p.add(1) as usize);
        if len == 0 { "" } else { std::str::from_utf8_unchecked(std::slice::from_raw_parts(at, len)) }
    }
}

/// Gives a copy of a text to Go. Being out of memory ends the isolate with the text not freed.
unsafe fn give_string(block: *mut IsolateBlock, results: *mut u64, text: String) {
    // SAFETY: the callers' contract.
    unsafe {
        let s = crate::panic::go_string(block, text);
        *results = s.ptr as u64;
        *results.add(1) = s.len as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_found() {
        assert!(NATIVES.is_sorted_by_key(|n| n.0));
        assert_eq!(lookup("runtime.GC"), Some(gc as *const () as usize));
        assert_eq!(lookup("runtime.None"), None);
    }
}
