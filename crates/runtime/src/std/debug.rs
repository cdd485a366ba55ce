//! `runtime/debug`: settings of the collector and of faults.

use crate::sched::alloc::heap;
use crate::sched::isolate;
use crate::std::native_table::native_table;

native_table! {
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
}
