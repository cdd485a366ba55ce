//! AArch64: `x21` pinned. Cranelift's `tail` convention passes integer words in `x2` to `x7`, both ways.

use super::{CallRegs, HostLink, Link};
use core::arch::naked_asm;
use core::ffi::c_void;
use core::mem::offset_of;
use itab_abi::block::IsolateBlock;
use itab_abi::value::{CAPTURES, FuncVal};
use std::sync::Once;

const GO_SP: usize = offset_of!(IsolateBlock, go_sp);
const GO_FP: usize = offset_of!(IsolateBlock, go_fp);

/// Calls `code` on the current stack with four integers, as C does; returns 0. The stack pointer is left in
/// `link.saved_sp`, so that [`leave_go`] can end the call early.
///
/// # Safety
/// `link.block` belongs to the isolate that runs on this thread, and the current stack is one of the isolate's. `code`
/// takes these arguments and is of the program, or [`call_func`] or [`call_with_regs`]; like compiled code it expects the
/// pinned register and preserves that and the frame pointer alone. No frame between the call and a `leave_go` needs
/// dropping.
#[unsafe(naked)]
pub unsafe extern "C" fn enter_go(a: u64, b: u64, c: u64, d: u64, code: usize, link: *mut Link) -> u64 {
    naked_asm!(
        "stp x29, x30, [sp, #-16]!",
        "mov x29, sp",
        "sub sp, sp, #{to_frame}",
        "ldr x11, [x5, #{block}]",
        "ldr x9, [x11, #{go_sp}]",
        "ldr x10, [x11, #{go_fp}]",
        "stp x10, x9, [x29, #-16]",
        "stp x19, x20, [x29, #-32]",
        "stp x21, x22, [x29, #-48]",
        "stp x23, x24, [x29, #-64]",
        "stp x25, x26, [x29, #-80]",
        "stp x27, x28, [x29, #-96]",
        "stp d8, d9, [x29, #-112]",
        "stp d10, d11, [x29, #-128]",
        "stp d12, d13, [x29, #-144]",
        "stp d14, d15, [x29, #-160]",
        "mov x9, sp",
        "str x9, [x5, #{saved_sp}]",
        "mov x21, x11",
        "blr x4",
        ".globl itab_rt_enter_go_ret",
        ".hidden itab_rt_enter_go_ret",
        "itab_rt_enter_go_ret:",
        "mov x0, #0",
        ".globl itab_rt_leave_go",
        ".hidden itab_rt_leave_go",
        "itab_rt_leave_go:",
        "add x29, sp, #{to_frame}",
        "ldp x10, x9, [x29, #-16]",
        "str x9, [x21, #{go_sp}]",
        "str x10, [x21, #{go_fp}]",
        "ldp x19, x20, [x29, #-32]",
        "ldp x21, x22, [x29, #-48]",
        "ldp x23, x24, [x29, #-64]",
        "ldp x25, x26, [x29, #-80]",
        "ldp x27, x28, [x29, #-96]",
        "ldp d8, d9, [x29, #-112]",
        "ldp d10, d11, [x29, #-128]",
        "ldp d12, d13, [x29, #-144]",
        "ldp d14, d15, [x29, #-160]",
        "mov sp, x29",
        "ldp x29, x30, [sp], #16",
        "ret",
        go_sp = const GO_SP,
        go_fp = const GO_FP,
        block = const offset_of!(Link, block),
        saved_sp = const offset_of!(Link, saved_sp),
        to_frame = const TO_FRAME,
    )
}

/// From the stack pointer that [`enter_go`] saves to its frame pointer.
const TO_FRAME: usize = 176;

/// Makes the [`enter_go`] whose stack pointer was saved return `value` (not 0). All frames above it are abandoned.
///
/// # Safety
/// That call is still active on the current stack and no abandoned frame needs dropping.
#[unsafe(naked)]
pub unsafe extern "C" fn leave_go(saved_sp: usize, value: u64, block: *mut IsolateBlock) -> ! {
    naked_asm!(
        "mov sp, x0",
        "mov x0, x1",
        "mov x21, x2",
        "b {leave}",
        leave = sym itab_rt_leave_go,
    )
}

/// Suspends the host's stack as [`switch_stack`] does and calls `code` with four integers, as C does, on the stack that
/// [`prepare_host_call`] has prepared, which gave `main_sp`. Returns when that has returned, or something else has
/// switched back to the host.
///
/// A traceback ends at this call, whose return address it does not know.
///
/// # Safety
/// As for [`enter_go`]; nothing runs on that stack.
#[inline]
pub unsafe fn enter_from_host([a, b, c, d]: [u64; 4], code: usize, main_sp: usize, link: *mut HostLink) {
    // SAFETY: as the caller says.
    unsafe { suspend_and_call(a, b, c, d, code, main_sp, link) }
}

/// # Safety
/// As for [`enter_from_host`].
#[unsafe(naked)]
unsafe extern "C" fn suspend_and_call(
    a: u64,
    b: u64,
    c: u64,
    d: u64,
    code: usize,
    main_sp: usize,
    link: *mut HostLink,
) {
    naked_asm!(
        "sub sp, sp, #160",
        "stp x19, x20, [sp]",
        "stp x21, x22, [sp, #16]",
        "stp x23, x24, [sp, #32]",
        "stp x25, x26, [sp, #48]",
        "stp x27, x28, [sp, #64]",
        "stp x29, x30, [sp, #80]",
        "stp d8, d9, [sp, #96]",
        "stp d10, d11, [sp, #112]",
        "stp d12, d13, [sp, #128]",
        "stp d14, d15, [sp, #144]",
        "ldr x21, [x6, #{block}]",
        "mov x29, sp",
        "str x29, [x6, #{host_sp}]",
        "mov sp, x5",
        "blr x4",
        "mov sp, x29",
        "ldp x19, x20, [sp]",
        "ldp x21, x22, [sp, #16]",
        "ldp x23, x24, [sp, #32]",
        "ldp x25, x26, [sp, #48]",
        "ldp x27, x28, [sp, #64]",
        "ldp x29, x30, [sp, #80]",
        "ldp d8, d9, [sp, #96]",
        "ldp d10, d11, [sp, #112]",
        "ldp d12, d13, [sp, #128]",
        "ldp d14, d15, [sp, #144]",
        "add sp, sp, #160",
        "ret",
        block = const offset_of!(HostLink, block),
        host_sp = const offset_of!(HostLink, host_sp),
    )
}

/// Writes what [`enter_from_host`] finds at the upper end of its stack: a frame as [`enter_go`] makes it. So
/// [`leave_go`] can end such a call early, too; then `ended(arg)` runs on that stack and must not return. The result is
/// the call's stack pointer, for both.
///
/// # Safety
/// At least 256 bytes below `top` are writable and unused.
pub unsafe fn prepare_host_call(top: usize, ended: unsafe extern "C" fn(*mut c_void) -> !, arg: *mut c_void) -> usize {
    let sp = (top & !15) - TO_FRAME - 16;
    let mut words = [0usize; TO_FRAME / 8 + 2];
    // x19 and x20, which lie 32 bytes below the frame pointer; x29 and x30 lie at it.
    words[TO_FRAME / 8 - 4] = arg as usize;
    words[TO_FRAME / 8 - 3] = ended as usize;
    words[TO_FRAME / 8 + 1] = start_stack as *const () as usize;
    // SAFETY: the 192 bytes at `sp` lie within the 256 below `top` that the caller vouches for.
    unsafe { (sp as *mut [usize; TO_FRAME / 8 + 2]).write(words) };
    sp
}

/// Calls compiled code at `code` with the registers in `regs` and stores its results there. It is code for
/// [`enter_go`] and [`enter_from_host`]: it keeps their frame pointer, and so has no frame of its own for tracebacks.
///
/// # Safety
/// Called by one of these; `code` follows the calling convention with these arguments.
#[unsafe(naked)]
pub unsafe extern "C" fn call_with_regs(code: usize, regs: *mut CallRegs) {
    naked_asm!(
        "stp x1, x30, [sp, #-16]!",
        "mov x9, x0",
        "mov x10, x1",
        "ldp x2, x3, [x10]",
        "ldp x4, x5, [x10, #16]",
        "ldp x6, x7, [x10, #32]",
        "ldp d0, d1, [x10, #64]",
        "ldp d2, d3, [x10, #80]",
        "ldp d4, d5, [x10, #96]",
        "ldp d6, d7, [x10, #112]",
        "blr x9",
        ".globl itab_rt_call_with_regs_ret",
        ".hidden itab_rt_call_with_regs_ret",
        "itab_rt_call_with_regs_ret:",
        "ldp x10, x30, [sp], #16",
        "stp x2, x3, [x10]",
        "stp x4, x5, [x10, #16]",
        "stp x6, x7, [x10, #32]",
        "stp d0, d1, [x10, #64]",
        "stp d2, d3, [x10, #80]",
        "stp d4, d5, [x10, #96]",
        "stp d6, d7, [x10, #112]",
        "ret",
    )
}

/// Calls a `func()`. It is code for [`enter_go`] and [`enter_from_host`].
///
/// # Safety
/// Called by one of these; `func` points to a func value that takes no arguments and has no results.
#[unsafe(naked)]
pub unsafe extern "C" fn call_func(func: *const FuncVal) {
    naked_asm!("ldr x9, [x0]", "add x2, x0, #{captures}", "br x9", captures = const CAPTURES)
}

macro_rules! define_call_closure {
    ($(#[$doc:meta])* $name:ident, $ret:literal) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// As for [`enter_go`]; `func` points to a func value that takes no arguments and has no results.
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(block: *mut IsolateBlock, func: *const FuncVal) {
            naked_asm!(
                "stp x29, x30, [sp, #-16]!",
                "mov x29, sp",
                "sub sp, sp, #32",
                "ldr x9, [x0, #{go_sp}]",
                "ldr x10, [x0, #{go_fp}]",
                "stp x10, x9, [x29, #-16]",
                "str x21, [x29, #-24]",
                "mov x21, x0",
                "ldr x9, [x1]",
                "add x2, x1, #8",
                "blr x9",
                concat!(".globl ", $ret),
                concat!(".hidden ", $ret),
                concat!($ret, ":"),
                "ldp x10, x9, [x29, #-16]",
                "str x9, [x21, #{go_sp}]",
                "str x10, [x21, #{go_fp}]",
                "ldr x21, [x29, #-24]",
                "mov sp, x29",
                "ldp x29, x30, [sp], #16",
                "ret",
                go_sp = const GO_SP,
                go_fp = const GO_FP,
            )
        }
    };
}

define_call_closure! {
    /// Calls a `func()`: `deferreturn`, goroutines, callbacks.
    call_closure, "itab_rt_call_closure_ret"
}
define_call_closure! {
    /// The same for a deferred call that a panic runs: its return address is what lets `recover` recover.
    call_closure_panicking, "itab_rt_call_panicking_ret"
}

unsafe extern "C" {
    fn itab_rt_leave_go();
}

/// The return address that a thunk noted in `go_sp`: the address itself.
///
/// # Safety
/// None here.
pub unsafe fn noted_return_address(go_sp: usize) -> usize {
    go_sp
}

/// Resumes execution at the landing pad of a function that recovered.
///
/// # Safety
/// `pc`, `sp` and `fp` come from a live defer frame of the current goroutine; the frames above hold nothing to drop.
#[unsafe(naked)]
pub unsafe extern "C" fn resume_at(pc: usize, sp: usize, fp: usize, block: *mut IsolateBlock) -> ! {
    naked_asm!("mov sp, x1", "mov x29, x2", "mov x21, x3", "br x0")
}

/// Suspends the current stack, whose pointer goes to `*save`, and resumes the one with pointer `to`.
///
/// # Safety
/// `to` was saved by `switch_stack` or made by [`prepare_stack`], and nothing else runs on that stack.
#[unsafe(naked)]
pub unsafe extern "C" fn switch_stack(save: *mut usize, to: usize) {
    naked_asm!(
        "sub sp, sp, #160",
        "stp x19, x20, [sp]",
        "stp x21, x22, [sp, #16]",
        "stp x23, x24, [sp, #32]",
        "stp x25, x26, [sp, #48]",
        "stp x27, x28, [sp, #64]",
        "stp x29, x30, [sp, #80]",
        "stp d8, d9, [sp, #96]",
        "stp d10, d11, [sp, #112]",
        "stp d12, d13, [sp, #128]",
        "stp d14, d15, [sp, #144]",
        "mov x9, sp",
        "str x9, [x0]",
        "mov sp, x1",
        "ldp x19, x20, [sp]",
        "ldp x21, x22, [sp, #16]",
        "ldp x23, x24, [sp, #32]",
        "ldp x25, x26, [sp, #48]",
        "ldp x27, x28, [sp, #64]",
        "ldp x29, x30, [sp, #80]",
        "ldp d8, d9, [sp, #96]",
        "ldp d10, d11, [sp, #112]",
        "ldp d12, d13, [sp, #128]",
        "ldp d14, d15, [sp, #144]",
        "add sp, sp, #160",
        // What the other goroutine has left in the other registers would be saved on this stack by the next slow path, and
        // keep an object alive.
        "mov x0, xzr",
        "mov x1, xzr",
        "mov x2, xzr",
        "mov x3, xzr",
        "mov x4, xzr",
        "mov x5, xzr",
        "mov x6, xzr",
        "mov x7, xzr",
        "mov x8, xzr",
        "mov x9, xzr",
        "mov x10, xzr",
        "mov x11, xzr",
        "mov x12, xzr",
        "mov x13, xzr",
        "mov x14, xzr",
        "mov x15, xzr",
        "mov x16, xzr",
        "mov x17, xzr",
        // Nearly all stacks are suspended at one call, so the processor predicts where this goes, and the returns after it.
        "ret",
    )
}

/// Makes a fresh stack with upper end `top` ready for [`switch_stack`]: `entry(arg)` will run on it and must not return.
///
/// # Safety
/// At least 256 bytes below `top` are writable and unused.
pub unsafe fn prepare_stack(top: usize, entry: unsafe extern "C" fn(*mut c_void) -> !, arg: *mut c_void) -> usize {
    let sp = (top & !15) - 176;
    let mut words = [0usize; 20];
    words[0] = arg as usize;
    words[1] = entry as usize;
    words[11] = start_stack as *const () as usize;
    // SAFETY: the 160 bytes at `sp` lie within the 256 below `top` that the caller vouches for.
    unsafe { (sp as *mut [usize; 20]).write(words) };
    sp
}

/// First instructions on a fresh stack: the argument is in `x19`, `entry` in `x20`.
///
/// # Safety
/// Returned to by [`switch_stack`] on a stack that [`prepare_stack`] made.
#[unsafe(naked)]
unsafe extern "C" fn start_stack() {
    naked_asm!("mov x0, x19", "blr x20", "brk #1")
}

/// Runs `f(arg)` on the stack that ends at `top`; the caller's stack pointer is in `*save` meanwhile, with the
/// callee-saved registers spilled above it.
///
/// # Safety
/// The stack at `top` is unused and large enough for `f`, which neither unwinds nor switches stacks.
#[unsafe(naked)]
pub unsafe extern "C" fn call_on_stack(
    f: unsafe extern "C" fn(*mut c_void),
    arg: *mut c_void,
    top: usize,
    save: *mut usize,
) {
    naked_asm!(
        "stp x29, x30, [sp, #-16]!",
        "mov x29, sp",
        "sub sp, sp, #80",
        "stp x19, x20, [sp]",
        "stp x21, x22, [sp, #16]",
        "stp x23, x24, [sp, #32]",
        "stp x25, x26, [sp, #48]",
        "stp x27, x28, [sp, #64]",
        "mov x9, sp",
        "str x9, [x3]",
        "mov sp, x2",
        "mov x9, x0",
        "mov x0, x1",
        "blr x9",
        "sub sp, x29, #80",
        "ldp x19, x20, [sp]",
        "ldp x21, x22, [sp, #16]",
        "ldp x23, x24, [sp, #32]",
        "ldp x25, x26, [sp, #48]",
        "ldp x27, x28, [sp, #64]",
        "mov sp, x29",
        "ldp x29, x30, [sp], #16",
        "ret",
    )
}

/// Makes code that was written through another mapping visible to the instruction fetch of all threads.
///
/// The data cache is written back to where instructions are fetched from, line by line, and the lines are taken out of the
/// instruction caches of all processors. Then each processor that runs a thread of this process drops what it has fetched
/// ahead: `isb` here, and the kernel does it for the others. (Without that call of the kernel, before Linux 4.16, they do
/// when they are next interrupted.)
pub fn make_executable(addr: usize, len: usize) {
    let ctr: usize;
    // SAFETY: reads a register that programs may read.
    unsafe { core::arch::asm!("mrs {}, ctr_el0", out(reg) ctr, options(nomem, nostack, preserves_flags)) };
    // Logarithms of the smallest lines, in words of 4 bytes.
    for at in lines(addr, len, 4 << (ctr >> 16 & 15)) {
        // SAFETY: cache maintenance of mapped memory.
        unsafe { core::arch::asm!("dc cvau, {}", in(reg) at, options(nostack, preserves_flags)) };
    }
    // SAFETY: a barrier.
    unsafe { core::arch::asm!("dsb ish", options(nostack, preserves_flags)) };
    for at in lines(addr, len, 4 << (ctr & 15)) {
        // SAFETY: cache maintenance of mapped memory.
        unsafe { core::arch::asm!("ic ivau, {}", in(reg) at, options(nostack, preserves_flags)) };
    }
    // SAFETY: barriers.
    unsafe { core::arch::asm!("dsb ish", "isb", options(nostack, preserves_flags)) };
    synchronise_threads();
}

/// The addresses of the cache lines of a piece of memory.
fn lines(addr: usize, len: usize, line: usize) -> impl Iterator<Item = usize> {
    (addr & !(line - 1)..addr + len).step_by(line)
}

fn synchronise_threads() {
    static REGISTER: Once = Once::new();
    let membarrier = |command: libc::c_int| {
        // SAFETY: a call that takes two numbers and touches no memory.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0) }
    };
    REGISTER.call_once(|| {
        membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
    });
    membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE);
}

/// Defines a stub that compiled code enters with the `preserve_all` convention: it saves every register and calls
/// `extern "C" fn(block)`.
macro_rules! define_slow_stub {
    ($stub:ident() $target:path) => { $crate::code::arch::define_slow_stub!($stub(), "mov x0, x21", $target); };
    ($stub:ident($($arg:ident: $ty:ty),*), $block:literal, $target:path) => {
        /// # Safety
        /// Called by compiled code, with what the target wants of its caller.
        #[unsafe(naked)]
        pub(crate) unsafe extern "C" fn $stub($($arg: $ty),*) {
            core::arch::naked_asm!(
                "stp x29, x30, [sp, #-16]!",
                "mov x29, sp",
                "sub sp, sp, #672",
                "stp x0, x1, [sp]",
                "stp x2, x3, [sp, #16]",
                "stp x4, x5, [sp, #32]",
                "stp x6, x7, [sp, #48]",
                "stp x8, x9, [sp, #64]",
                "stp x10, x11, [sp, #80]",
                "stp x12, x13, [sp, #96]",
                "stp x14, x15, [sp, #112]",
                "stp x16, x17, [sp, #128]",
                "str x18, [sp, #144]",
                "stp q0, q1, [sp, #160]",
                "stp q2, q3, [sp, #192]",
                "stp q4, q5, [sp, #224]",
                "stp q6, q7, [sp, #256]",
                "stp q8, q9, [sp, #288]",
                "stp q10, q11, [sp, #320]",
                "stp q12, q13, [sp, #352]",
                "stp q14, q15, [sp, #384]",
                "stp q16, q17, [sp, #416]",
                "stp q18, q19, [sp, #448]",
                "stp q20, q21, [sp, #480]",
                "stp q22, q23, [sp, #512]",
                "stp q24, q25, [sp, #544]",
                "stp q26, q27, [sp, #576]",
                "stp q28, q29, [sp, #608]",
                "stp q30, q31, [sp, #640]",
                $block,
                "bl {target}",
                "ldp q0, q1, [sp, #160]",
                "ldp q2, q3, [sp, #192]",
                "ldp q4, q5, [sp, #224]",
                "ldp q6, q7, [sp, #256]",
                "ldp q8, q9, [sp, #288]",
                "ldp q10, q11, [sp, #320]",
                "ldp q12, q13, [sp, #352]",
                "ldp q14, q15, [sp, #384]",
                "ldp q16, q17, [sp, #416]",
                "ldp q18, q19, [sp, #448]",
                "ldp q20, q21, [sp, #480]",
                "ldp q22, q23, [sp, #512]",
                "ldp q24, q25, [sp, #544]",
                "ldp q26, q27, [sp, #576]",
                "ldp q28, q29, [sp, #608]",
                "ldp q30, q31, [sp, #640]",
                "ldp x0, x1, [sp]",
                "ldp x2, x3, [sp, #16]",
                "ldp x4, x5, [sp, #32]",
                "ldp x6, x7, [sp, #48]",
                "ldp x8, x9, [sp, #64]",
                "ldp x10, x11, [sp, #80]",
                "ldp x12, x13, [sp, #96]",
                "ldp x14, x15, [sp, #112]",
                "ldp x16, x17, [sp, #128]",
                "ldr x18, [sp, #144]",
                "mov sp, x29",
                "ldp x29, x30, [sp], #16",
                "ret",
                target = sym $target,
            )
        }
    };
}
pub(crate) use define_slow_stub;

define_slow_stub!(copybytes(dst: *mut u8, src: *const u8, n: usize), "", super::copy_any);

/// Defines where function stubs go whose function is not compiled yet, with the function's number in `x17`: saves the argument
/// registers, asks `compile(block, number)` for the code and jumps there.
macro_rules! define_lazy_thunk {
    ($thunk:ident, $compile:path) => {
        /// # Safety
        /// Reached from a function's stub, in compiled code of the isolate that the pinned register names.
        #[unsafe(naked)]
        unsafe extern "C" fn $thunk() {
            core::arch::naked_asm!(
                "str x30, [x21, #{go_sp}]",
                "str x29, [x21, #{go_fp}]",
                "stp x29, x30, [sp, #-16]!",
                "mov x29, sp",
                "sub sp, sp, #192",
                "stp x0, x1, [sp, #128]",
                "stp x2, x3, [sp, #144]",
                "stp x4, x5, [sp, #160]",
                "stp x6, x7, [sp, #176]",
                "stp q0, q1, [sp]",
                "stp q2, q3, [sp, #32]",
                "stp q4, q5, [sp, #64]",
                "stp q6, q7, [sp, #96]",
                "mov x0, x21",
                "mov w1, w17",
                "bl {compile}",
                "mov x16, x0",
                "ldp q0, q1, [sp]",
                "ldp q2, q3, [sp, #32]",
                "ldp q4, q5, [sp, #64]",
                "ldp q6, q7, [sp, #96]",
                "ldp x0, x1, [sp, #128]",
                "ldp x2, x3, [sp, #144]",
                "ldp x4, x5, [sp, #160]",
                "ldp x6, x7, [sp, #176]",
                "mov sp, x29",
                "ldp x29, x30, [sp], #16",
                "br x16",
                go_sp = const core::mem::offset_of!(itab_abi::block::IsolateBlock, go_sp),
                go_fp = const core::mem::offset_of!(itab_abi::block::IsolateBlock, go_fp),
                compile = sym $compile,
            )
        }
    };
}
pub(crate) use define_lazy_thunk;

/// Size of a function's stub in bytes.
pub const STUB_SIZE: usize = 32;
/// Offset in a stub of the instructions that its slot points to while the function is not compiled.
pub const STUB_LAZY: usize = 12;

/// The code of a function's stub: a jump through its slot; behind it the lazy entry.
pub fn stub_code(stub: usize, slot: usize, number: u32, lazy: usize) -> [u8; STUB_SIZE] {
    words([
        adrp(16, slot, stub),
        0xf940_0000 | (slot as u32 & 0xfff) / 8 << 10 | 16 << 5 | 16,
        BR_X16,
        0x5280_0000 | (number & 0xffff) << 5 | 17,
        0x72a0_0000 | number >> 16 << 5 | 17,
        adrp(16, lazy, stub + 20),
        0x9100_0000 | (lazy as u32 & 0xfff) << 10 | 16 << 5 | 16,
        BR_X16,
    ])
}

const BR_X16: u32 = 0xd61f_0200;

fn adrp(register: u32, target: usize, at: usize) -> u32 {
    let pages = (target >> 12).wrapping_sub(at >> 12) as u32;
    0x9000_0000 | (pages & 3) << 29 | (pages >> 2 & 0x7_ffff) << 5 | register
}

/// Size of a thunk in bytes.
pub const THUNK_SIZE: usize = 32;

/// A thunk that notes where compiled code left and jumps to `target` anywhere in memory.
pub fn thunk_code(target: usize) -> [u8; THUNK_SIZE] {
    words([
        0xf900_0000 | (GO_SP as u32 / 8) << 10 | 21 << 5 | 30,
        0xf900_0000 | (GO_FP as u32 / 8) << 10 | 21 << 5 | 29,
        LDR_X16_8_AHEAD,
        BR_X16,
        target as u32,
        (target >> 32) as u32,
        0,
        0,
    ])
}

const LDR_X16_8_AHEAD: u32 = 0x5800_0000 | 2 << 5 | 16;

/// A thunk that only jumps.
pub fn jump_code(target: usize) -> [u8; 16] {
    words([LDR_X16_8_AHEAD, BR_X16, target as u32, (target >> 32) as u32])
}

fn words<const N: usize, const B: usize>(words: [u32; N]) -> [u8; B] {
    let mut bytes = [0; B];
    for (to, word) in bytes.chunks_exact_mut(4).zip(words) {
        to.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}
