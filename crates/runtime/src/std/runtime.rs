//! What our package `runtime` declares without a body: the scheduler, collections, and the texts of run-time errors.

use crate::sched::isolate;
use crate::sched::panic::{bounds_code, go_string};
use crate::sched::proc;
use crate::std::native::{go_string_of, natives, str_of};
use crate::types::TypeRef;
use crate::types::errors;
use itab_abi::shared::MemStats;
use itab_abi::types::Type;
use itab_abi::value::GoString;

natives! {
    /// `func emptyPools()`
    "runtime.emptyPools" = fn empty_pools(block) {
        // SAFETY: called on a goroutine's stack; nothing here needs dropping.
        unsafe {
            if (*isolate::of(block)).sched.pins == 0
                && let Err(exit) = crate::sched::finalizers::empty_pools(block)
            {
                crate::sched::enter::leave(block, exit);
            }
        }
    }
    /// `func clearDeadStack()`
    "runtime.clearDeadStack" = fn clear_dead_stack(_) { crate::code::stack::clear_below() }
    /// `func collect()`
    "runtime.collect" = fn collect(block) {
        // SAFETY: called on a goroutine's stack; nothing here needs dropping.
        unsafe {
            // What earlier slow calls have left there is dead here.
            ((*block).args, (*block).kept, (*block).ret) = Default::default();
            isolate::Isolate::collect_now(block);
            (*isolate::of(block)).sched.pools_emptied = (*isolate::of(block)).heap.collections();
            // Finalizers and cleanups that are due get their turn, as if on a thread of their own.
            proc::gosched(block);
        }
    }
    /// `func Gosched()`
    "runtime.Gosched" = fn gosched(block) {
        // SAFETY: called on a goroutine's stack; nothing here needs dropping.
        unsafe { proc::gosched(block) }
    }
    /// `func Goexit()`
    "runtime.Goexit" = fn goexit(block) {
        // SAFETY: called on a goroutine's stack; nothing here needs dropping.
        unsafe { crate::sched::panic::goexit(block) }
    }
    /// `func NumGoroutine() int`
    "runtime.NumGoroutine" = fn num_goroutine(block) -> usize {
        // SAFETY: the block is the running isolate's.
        unsafe { (*isolate::of(block)).sched.goroutines() }
    }
    /// `func readmemstats(s *memstats)`
    "runtime.readmemstats" = fn readmemstats(block, s: *mut MemStats) {
        // SAFETY: the block is the running isolate's; the struct is the caller's.
        unsafe { s.write((*isolate::of(block)).heap.mem_stats()) }
    }
    /// `func typeString(typ unsafe.Pointer) string`
    "runtime.typeString" = fn type_string(_, typ: *const Type) -> GoString {
        // SAFETY: the overlay passes the type of an interface value, whose text lives as long as the program.
        go_string_of(unsafe { TypeRef::from_ptr(typ) }.string())
    }
    /// `func typeKind(typ unsafe.Pointer) uint8`
    "runtime.typeKind" = fn type_kind(_, typ: *const Type) -> u8 {
        // SAFETY: the overlay passes the type of an interface value.
        unsafe { (*typ).kind }
    }
    /// `func typeAssertionErrorText(iface, concrete, asserted unsafe.Pointer, missing string) string`
    "runtime.typeAssertionErrorText" = fn type_assertion_error_text(
        block,
        iface: *const Type,
        concrete: *const Type,
        asserted: *const Type,
        missing: GoString
    ) -> GoString {
        // SAFETY: the overlay passes what the runtime put into the error: descriptors or nil, and a method's name.
        unsafe { go_string(block, errors::type_assertion_text(iface, concrete, asserted, str_of(missing))) }
    }
    /// `func boundsErrorText(x int64, y int, signed bool, code uint8) string`
    "runtime.boundsErrorText" = fn bounds_error_text(block, x: i64, y: i64, signed: bool, code: u8) -> GoString {
        // SAFETY: `go_string` consumes the text before it can stop the isolate.
        unsafe { go_string(block, errors::bounds_text(x, signed, y, bounds_code(code))) }
    }
}
