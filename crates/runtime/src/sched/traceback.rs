//! Tracebacks: walking frames of compiled code and printing them as Go does.
//!
//! Compiled functions keep a frame pointer; Rust functions need not. The walk starts where compiled code last called
//! into Rust (`IsolateBlock::go_sp` and `go_fp`, stored by the thunks) and follows frame pointers. Where a frame was
//! called from Rust, the Rust frame that made the call holds the `go_sp` and `go_fp` of the compiled code that had
//! called Rust; see `arch`.

use crate::code::arch;
use crate::code::stack::HEADROOM;
use crate::code::symtab::Func;
use crate::sched::goroutine::{G, Status};
use crate::sched::isolate::{self, Isolate, getg};
use crate::sched::program::Program;
use itab_abi::block::IsolateBlock;
use std::fmt::Write;

/// Return address of the compiled code that called Rust last.
///
/// # Safety
/// Called by compiled code of the isolate.
pub(crate) unsafe fn caller_pc(block: *mut IsolateBlock) -> usize {
    // SAFETY: the thunk stored the address of the return address.
    unsafe { arch::noted_return_address((*block).go_sp) }
}

/// A frame of compiled code.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The function.
    pub func: Func<'a>,
    /// Return address in it.
    pub pc: usize,
    /// Whether Rust called it to run a deferred call of a panic.
    pub by_panic: bool,
}

/// Calls `f` for each frame of `g`, innermost first, until it returns false.
///
/// # Safety
/// `g` lives and does not run elsewhere; `go_sp` and `go_fp` were stored when its compiled code left for Rust, or are 0.
/// (Code that leaves without a thunk does not store them. Then the walk may end early, but stays on the stack.)
pub unsafe fn walk(program: &Program, g: &G, go_sp: usize, go_fp: usize, mut f: impl FnMut(Frame<'_>) -> bool) {
    let returns = arch::go_return_addresses();
    let (mut sp, mut fp) = (go_sp, go_fp);
    // Three words below a frame pointer and two above are read.
    let valid = |at: usize| at.is_multiple_of(8) && at >= g.stack.limit() - HEADROOM + 24 && at + 16 <= g.stack.hi;
    while sp != 0 && valid(fp) && (cfg!(not(target_arch = "x86_64")) || valid(sp)) {
        // SAFETY: the return address of the call that left; then linked frames of compiled code up to one that Rust
        // called, whose frame has the shape that `arch` describes. Everything read lies on the goroutine's stack.
        unsafe {
            let mut pc = arch::noted_return_address(sp);
            while !returns.contains(&pc) {
                let Some(func) = program.arena.symtab().findfunc(pc.wrapping_sub(1)) else { return };
                if !valid(fp) {
                    return;
                }
                let frame = fp as *const usize;
                let caller = frame.add(1).read();
                let by_panic = caller == arch::panicking_return_address();
                if !f(Frame { func, pc, by_panic }) {
                    return;
                }
                pc = caller;
                // Outer frames lie higher.
                if frame.read() <= fp {
                    return;
                }
                fp = frame.read();
            }
            if !valid(fp) {
                return;
            }
            let frame = fp as *const usize;
            (sp, fp) = (frame.sub(1).read(), frame.sub(2).read());
        }
    }
}

/// Return addresses of the running goroutine's frames, innermost first, at most `max`.
///
/// # Safety
/// Called by compiled code of the isolate.
pub unsafe fn callers(block: *mut IsolateBlock, max: usize) -> Vec<usize> {
    let mut pcs = Vec::new();
    // SAFETY: the running goroutine has just left compiled code.
    unsafe {
        let program = isolate::program(block);
        walk(program, &*getg(block), (*block).go_sp, (*block).go_fp, |frame| {
            pcs.push(frame.pc);
            pcs.len() < max
        });
    }
    pcs
}

/// The running goroutine's traceback, with its header.
///
/// # Safety
/// Called on behalf of compiled code of the isolate.
pub(crate) unsafe fn running(block: *mut IsolateBlock) -> String {
    let mut out = String::new();
    // SAFETY: as the caller says.
    unsafe {
        let program = isolate::program(block);
        let g = &*getg(block);
        goroutine(program, g, ((*block).go_sp, (*block).go_fp), "running", 0, &mut out);
    }
    out
}

/// The same without the innermost frame: that of the function that asks.
///
/// # Safety
/// As [`running`].
pub(crate) unsafe fn caller(block: *mut IsolateBlock) -> String {
    let mut out = String::new();
    // SAFETY: as the caller says.
    unsafe {
        let g = &*getg(block);
        goroutine(isolate::program(block), g, ((*block).go_sp, (*block).go_fp), "running", 1, &mut out);
    }
    out
}

/// Appends the tracebacks of all goroutines but the running one, each after an empty line.
pub(crate) fn other_goroutines(isolate: &Isolate, out: &mut String) {
    // SAFETY: the isolate's block.
    let me = unsafe { getg(isolate.block) };
    for g in isolate.sched.live().filter(|g| !g.is_system() && !std::ptr::eq(*g, me)) {
        out.push('\n');
        // SAFETY: the goroutine is parked.
        unsafe { goroutine(&isolate.program, g, (g.go_sp, g.go_fp), state(g), 0, out) };
    }
}

fn state(g: &G) -> &'static str {
    match g.status {
        Status::Waiting(reason) => reason.text(),
        Status::Runnable => "runnable",
        _ => "running",
    }
}

/// Appends the tracebacks of all goroutines, each after an empty line. The one that ran last has just parked.
pub(crate) fn all_goroutines(isolate: &Isolate, out: &mut String) {
    let block = isolate.block;
    for g in isolate.sched.live().filter(|g| !g.is_system()) {
        out.push('\n');
        // SAFETY: the goroutine is parked, but for the current one, whose registers are still in the block.
        unsafe {
            let current = std::ptr::eq(g, getg(block));
            let at = if current { ((*block).go_sp, (*block).go_fp) } else { (g.go_sp, g.go_fp) };
            goroutine(&isolate.program, g, at, state(g), 0, out);
        }
    }
}

/// Frames that are printed of a deep stack, at each end.
const ENDS: usize = 50;

/// Appends the traceback of a goroutine, without its `skip` innermost frames.
///
/// # Safety
/// `at` are the stack and the frame pointer with which `g` left code of the program, and it has not gone on.
unsafe fn goroutine(program: &Program, g: &G, at: (usize, usize), state: &str, skip: usize, out: &mut String) {
    let _ = write!(out, "goroutine {} [{state}", g.goid);
    if g.bubble != 0 {
        let said = matches!(g.status, Status::Waiting(reason) if reason.says_durable());
        let durable = if g.durably_blocked && !said { " (durable)" } else { "" };
        let _ = write!(out, "{durable}, synctest bubble {}", g.bubble);
    }
    out.push_str("]:\n");
    let mut total = 0;
    // SAFETY: as the caller says.
    unsafe {
        walk(program, g, at.0, at.1, |_| {
            total += 1;
            true
        });
        let mut index = 0;
        walk(program, g, at.0, at.1, |frame| {
            if index < skip {
            } else if index < ENDS || index + ENDS >= total {
                print_frame(&frame, out);
            } else if index == ENDS {
                let _ = writeln!(out, "...{} frames elided...", total - 2 * ENDS);
            }
            index += 1;
            true
        });
    }
    let (pc, creator) = g.created_by;
    if let Some(func) = program.arena.symtab().findfunc(pc.wrapping_sub(1)) {
        let locations = func.locations(pc - 1);
        let Some(outer) = locations.last() else { return };
        let _ = writeln!(out, "created by {} in goroutine {creator}", outer.name);
        let _ = writeln!(out, "\t{}:{} +{:#x}", locations[0].file, locations[0].line, pc - func.entry);
    }
}

fn print_frame(frame: &Frame<'_>, out: &mut String) {
    for location in frame.func.visible(frame.pc - 1) {
        let args = if frame.func.info.nullary && !location.inlined { "" } else { "..." };
        let _ = writeln!(out, "{}({args})", location.name);
        let _ = write!(out, "\t{}:{}", location.file, location.line);
        if !location.inlined {
            let _ = write!(out, " +{:#x}", frame.pc - frame.func.entry);
        }
        out.push('\n');
    }
    if frame.by_panic {
        out.push_str("panic(...)\n");
    }
}
