//! The roots that an isolate reports to the collector.
//!
//! Package variables are scanned by their mask. Stacks are scanned conservatively, from the saved stack pointer
//! upwards: a switch spills the callee-saved registers there, and those of the running goroutine are saved where the
//! collection begins. Defer records, panics, sudogs and arguments of runtime functions are on stacks. The operands that
//! compiled code has left in the block for a slow path are scanned with the block.

use crate::code::stack::Stack;
use crate::heap::mgcmark::Marker;
use crate::heap::mgcroots::Roots;
use crate::sched::goroutine::{G, Start};
use crate::sched::isolate::{Isolate, getg, program};
use itab_abi::block::{CELLS, GLOBALS};

/// The roots of an isolate.
pub(crate) struct IsolateRoots {
    pub isolate: *mut Isolate,
    /// Where the running stack ended when the collection began, and the callee-saved registers then.
    pub began: (usize, [usize; 12]),
}

impl Roots for IsolateRoots {
    fn begin(&mut self, sp: usize, registers: [usize; 12]) {
        self.began = (sp, registers);
        // Values of the host may die.
        // SAFETY: the isolate owns these roots, and only its heap is borrowed.
        unsafe { (*self.isolate).sched.unusual = true };
    }

    fn scan(&mut self, marker: &mut Marker<'_>) {
        let (sp, registers) = self.began;
        // SAFETY: the isolate owns these roots; a collection happens on its thread, while its goroutines other than the
        // running one are suspended. The heap, which is borrowed, is not touched.
        unsafe {
            let isolate = self.isolate;
            let block = (*isolate).block;
            marker.range(block.cast(), block.cast::<u8>().add(CELLS));
            if let Some(data) = program(block).data.get() {
                let words = (data.ptr_mask.len() * 8).min(data.size / 8);
                marker.masked(block.cast::<u8>().add(GLOBALS), data.ptr_mask.as_ptr(), words);
            }
            for register in registers {
                marker.pointer(register as *const u8);
            }
            let running = getg(block);
            let on_stack = |stack: &Stack, sp: usize| (stack.contains(sp) || sp == stack.hi).then_some((sp, stack.hi));
            let system = (*isolate).system_stack;
            if let Some((lo, hi)) = on_stack(&system, sp) {
                marker.range(lo as *const u8, hi as *const u8);
            }
            for g in (*isolate).sched.live() {
                let current = std::ptr::eq(g, running);
                scan_goroutine(marker, g, if current { running_sp(isolate, sp, g) } else { g.sp });
            }
            for &task in &(*isolate).sched.tasks {
                let words = (*task).frame.as_ptr_range();
                marker.range(words.start.cast(), words.end.cast());
            }
            (*isolate).sched.timers.scan(marker);
            (*isolate).sched.bubbles.scan(marker);
        }
    }
}

/// Where the running goroutine's stack ends at the moment.
///
/// # Safety
/// `isolate` is alive.
unsafe fn running_sp(isolate: *mut Isolate, sp: usize, g: &G) -> usize {
    // SAFETY: the isolate is alive, as the caller says.
    let user_sp = unsafe { (*isolate).user_sp };
    if g.stack.contains(sp) {
        sp
    } else if user_sp != 0 {
        user_sp
    } else {
        // Called back on another stack, of an isolate that this one's host function runs: what is suspended here was
        // left through Rust, below the last compiled frame.
        g.stack.limit()
    }
}

/// Shows a goroutine's stack, what it runs and what it was given.
///
/// # Safety
/// `g` has not ended, and `sp` is the stack pointer that it has or was suspended with.
unsafe fn scan_goroutine(marker: &mut Marker<'_>, g: &G, sp: usize) {
    // SAFETY: the stack is mapped above its guard page, where `sp` lies, as the caller says.
    unsafe {
        marker.range(sp as *const u8, g.stack.hi as *const u8);
        match g.start {
            Start::Func(func) => marker.pointer(func.cast()),
            Start::Task(task) => {
                let words = (*task).args.as_ptr_range();
                marker.range(words.start.cast(), words.end.cast());
            }
            Start::Coro(c) => marker.pointer(c.cast()),
            Start::Host | Start::Timers | Start::Finalizers => {}
        }
        marker.pointer(g.param.cast());
    }
}
