//! What our package `runtime` declares without a body: the scheduler, collections, and the texts of run-time errors.

use crate::sched::isolate;
use crate::sched::proc;
use crate::std::native_table::native_table;
use crate::types::TypeRef;
use crate::types::errors;
use itab_abi::block::IsolateBlock;
use itab_abi::types::Type;

native_table! {
    // func emptyPools()
    "runtime.emptyPools" = fn empty_pools(block, args, results) {
        if (*isolate::of(block)).sched.pins == 0
            && let Err(exit) = crate::sched::finalizers::empty_pools(block)
        {
            crate::sched::enter::leave(block, exit);
        }
    }
    // func clearDeadStack()
    "runtime.clearDeadStack" = fn clear_dead_stack(block, args, results) {
        crate::code::stack::clear_below();
    }
    // func collect()
    "runtime.collect" = fn collect(block, args, results) {
        // What earlier slow calls have left there is dead here.
        ((*block).args, (*block).kept, (*block).ret) = Default::default();
        isolate::Isolate::collect_now(block);
        (*isolate::of(block)).sched.pools_emptied = (*isolate::of(block)).heap.collections();
        // Finalizers and cleanups that are due get their turn, as if on a thread of their own.
        proc::gosched(block);
    }
    // func Gosched()
    "runtime.Gosched" = fn gosched(block, args, results) {
        proc::gosched(block);
    }
    // func Goexit()
    "runtime.Goexit" = fn goexit(block, args, results) {
        crate::sched::panic::goexit(block);
    }
    // func NumGoroutine() int
    "runtime.NumGoroutine" = fn num_goroutine(block, args, results) {
        *results = (*isolate::of(block)).sched.goroutines() as u64;
    }
    // func readmemstats(s *memstats): eleven numbers, in the order of the overlay's struct.
    "runtime.readmemstats" = fn readmemstats(block, args, results) {
        let s = (*isolate::of(block)).heap.mem_stats();
        let all = [
            s.heap_alloc, s.total_alloc, s.mallocs, s.frees, s.heap_sys, s.heap_inuse, s.next_gc,
            u64::from(s.num_gc), u64::from(s.num_forced_gc), s.pause_total_ns, s.last_gc,
        ];
        std::ptr::copy_nonoverlapping(all.as_ptr(), *args as *mut u64, all.len());
    }
    // func typeString(typ unsafe.Pointer) string
    "runtime.typeString" = fn type_string(block, args, results) {
        let text = TypeRef::from_ptr(*args as *const Type).string();
        *results = text.as_ptr() as u64;
        *results.add(1) = text.len() as u64;
    }
    // func typeKind(typ unsafe.Pointer) uint8
    "runtime.typeKind" = fn type_kind(block, args, results) {
        *results = u64::from((*(*args as *const Type)).kind);
    }
    // func typeAssertionErrorText(iface, concrete, asserted unsafe.Pointer, missing string) string
    "runtime.typeAssertionErrorText" = fn type_assertion_error_text(block, args, results) {
        let [iface, concrete, asserted] = [0, 1, 2].map(|i| *args.add(i) as *const Type);
        let missing = str_at(args.add(3));
        give_string(block, results, errors::type_assertion_text(iface, concrete, asserted, missing));
    }
    // func boundsErrorText(x int64, y int, signed bool, code uint8) string
    "runtime.boundsErrorText" = fn bounds_error_text(block, args, results) {
        let code = crate::sched::panic::bounds_code(*args.add(3) as u8);
        let text = errors::bounds_text(*args as i64, *args.add(2) as u8 != 0, *args.add(1) as i64, code);
        give_string(block, results, text);
    }
}

/// The Go string whose words are at `p`.
///
/// # Safety
/// It holds UTF-8 and outlives `'a`.
pub(crate) unsafe fn str_at<'a>(p: *const u64) -> &'a str {
    // SAFETY: as the caller says.
    unsafe {
        let (at, len) = (*p as *const u8, *p.add(1) as usize);
        if len == 0 { "" } else { std::str::from_utf8_unchecked(std::slice::from_raw_parts(at, len)) }
    }
}

/// Gives a copy of a text to Go. Being out of memory ends the isolate with the text not freed.
///
/// # Safety
/// As [`crate::sched::panic::go_string`]; `results` has room for two words.
unsafe fn give_string(block: *mut IsolateBlock, results: *mut u64, text: String) {
    // SAFETY: as the caller says.
    unsafe {
        let s = crate::sched::panic::go_string(block, text);
        *results = s.ptr as u64;
        *results.add(1) = s.len as u64;
    }
}
