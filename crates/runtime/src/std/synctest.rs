//! `internal/synctest`: bubbles.

use crate::sched::alloc::heap;
use crate::sched::isolate::getg;
use crate::sched::synctest::{activate, run, wait};
use crate::std::native_table::native_table;
use itab_abi::value::FuncVal;

native_table! {
    // func run(f func()) int
    "internal/synctest.run" = fn synctest_run(block, args, results) {
        *results = run(block, *args as *const FuncVal);
    }
    // func wait() bool: until all others are durably blocked; false if another goroutine does so already
    "internal/synctest.wait" = fn synctest_wait(block, args, results) { *results = u64::from(wait(block)) }
    // func current() bubble
    "internal/synctest.current" = fn current(block, args, results) {
        *results = u64::from((*getg(block)).bubble);
    }
    // func setCurrent(b bubble)
    "internal/synctest.setCurrent" = fn set_current(block, args, results) {
        (*getg(block)).bubble = *args as u32;
    }
    // func activate(b bubble, more bool)
    "internal/synctest.activate" = fn synctest_activate(block, args, results) {
        activate(block, *args as u32, *args.add(1) as u8 != 0);
    }
    // func bubbleOf(p unsafe.Pointer) (b bubble, heap bool): the bubble that an object of the heap belongs to
    "internal/synctest.bubbleOf" = fn bubble_of(block, args, results) {
        let found = heap(block).bubble_of(*args as *const u8);
        *results = u64::from(found.unwrap_or(0));
        *results.add(1) = u64::from(found.is_some());
    }
    // func setBubbleOf(p unsafe.Pointer, b bubble)
    "internal/synctest.setBubbleOf" = fn set_bubble_of(block, args, results) {
        heap(block).set_bubble_of(*args as *const u8, *args.add(1) as u32);
    }
}
