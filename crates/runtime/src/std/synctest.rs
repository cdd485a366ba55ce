//! `internal/synctest`: bubbles.

use crate::sched::alloc::heap;
use crate::sched::isolate::getg;
use crate::sched::synctest::{activate, run, wait};
use crate::std::native::natives;
use itab_abi::value::FuncVal;

natives! {
    /// `func run(f func()) int`
    "internal/synctest.run" = fn synctest_run(block, f: *const FuncVal) -> u64 {
        // SAFETY: called on a goroutine's stack with a func value of the caller; nothing here needs dropping.
        unsafe { run(block, f) }
    }
    /// `func wait() bool`: until all others are durably blocked; false if another goroutine does so already.
    "internal/synctest.wait" = fn synctest_wait(block) -> bool {
        // SAFETY: called on a goroutine's stack; nothing here needs dropping.
        unsafe { wait(block) }
    }
    /// `func current() bubble`
    "internal/synctest.current" = fn current(block) -> u32 {
        // SAFETY: the block's goroutine runs.
        unsafe { (*getg(block)).bubble }
    }
    /// `func setCurrent(b bubble)`
    "internal/synctest.setCurrent" = fn set_current(block, b: u32) {
        // SAFETY: the block's goroutine runs.
        unsafe { (*getg(block)).bubble = b }
    }
    /// `func activate(b bubble, more bool)`
    "internal/synctest.activate" = fn synctest_activate(block, b: u32, more: bool) {
        // SAFETY: the block is the running isolate's.
        unsafe { activate(block, b, more) }
    }
    /// `func bubbleOf(p unsafe.Pointer) (b bubble, heap bool)`: the bubble that an object of the heap belongs to.
    "internal/synctest.bubbleOf" = fn bubble_of(block, p: *const u8) -> (u32, bool) {
        // SAFETY: the reference to the heap ends with the call.
        let found = unsafe { heap(block) }.bubble_of(p);
        (found.unwrap_or(0), found.is_some())
    }
    /// `func setBubbleOf(p unsafe.Pointer, b bubble)`
    "internal/synctest.setBubbleOf" = fn set_bubble_of(block, p: *const u8, b: u32) {
        // SAFETY: the reference to the heap ends with the call.
        unsafe { heap(block) }.set_bubble_of(p, b);
    }
}
