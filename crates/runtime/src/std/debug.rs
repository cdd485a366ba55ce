//! `runtime/debug`: settings of the collector and of faults.

use crate::sched::alloc::heap;
use crate::sched::isolate;
use crate::std::native::natives;

natives! {
    /// `func setPanicOnFault(on bool) bool`: of the goroutine.
    "runtime/debug.setPanicOnFault" = fn set_panic_on_fault(block, on: bool) -> bool {
        // SAFETY: the block's goroutine runs, so nothing else has a reference to it.
        unsafe {
            (*isolate::of(block)).sched.unusual = true;
            std::mem::replace(&mut (*isolate::getg(block)).panic_on_fault, on)
        }
    }
    /// `func setGCPercent(percent int32) int32`
    "runtime/debug.setGCPercent" = fn set_gc_percent(block, percent: i32) -> i32 {
        // SAFETY: the reference to the heap ends with the call.
        unsafe { heap(block) }.pacer.set_gogc(percent)
    }
    /// `func setMemoryLimit(limit int64) int64`; a negative one only asks.
    "runtime/debug.setMemoryLimit" = fn set_memory_limit(block, limit: i64) -> i64 {
        // SAFETY: the reference to the heap ends with the function.
        let pacer = unsafe { &mut heap(block).pacer };
        let was = match usize::try_from(limit) {
            Ok(limit) => pacer.set_soft_limit(limit),
            Err(_) => pacer.soft_limit(),
        };
        i64::try_from(was).unwrap_or(i64::MAX)
    }
}
