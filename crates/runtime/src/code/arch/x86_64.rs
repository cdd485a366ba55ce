//! x86-64: SysV argument registers, `r15` pinned.

use super::{CallRegs, HostLink, Link};
use core::arch::naked_asm;
use core::ffi::c_void;
use core::mem::offset_of;
use itab_abi::block::IsolateBlock;
use itab_abi::value::{CAPTURES, FuncVal};

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
        "push rbp",
        "mov rbp, rsp",
        "mov rax, [r9 + {block}]",
        "push [rax + {go_sp}]",
        "push [rax + {go_fp}]",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 8",
        "mov [r9 + {saved_sp}], rsp",
        "mov r15, rax",
        "call r8",
        ".globl itab_rt_enter_go_ret",
        ".hidden itab_rt_enter_go_ret",
        "itab_rt_enter_go_ret:",
        "xor eax, eax",
        ".globl itab_rt_leave_go",
        ".hidden itab_rt_leave_go",
        "itab_rt_leave_go:",
        "lea rbp, [rsp + {to_frame}]",
        "mov rcx, [rbp - 8]",
        "mov [r15 + {go_sp}], rcx",
        "mov rcx, [rbp - 16]",
        "mov [r15 + {go_fp}], rcx",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "add rsp, 16",
        "pop rbp",
        "ret",
        go_sp = const GO_SP,
        go_fp = const GO_FP,
        block = const offset_of!(Link, block),
        saved_sp = const offset_of!(Link, saved_sp),
        to_frame = const TO_FRAME,
    )
}

/// From the stack pointer that [`enter_go`] saves to its frame pointer.
const TO_FRAME: usize = 64;

/// Makes the [`enter_go`] whose stack pointer was saved return `value` (not 0). All frames above it are abandoned.
///
/// # Safety
/// That call is still active on the current stack and no abandoned frame needs dropping.
#[unsafe(naked)]
pub unsafe extern "C" fn leave_go(saved_sp: usize, value: u64, block: *mut IsolateBlock) -> ! {
    naked_asm!(
        "mov rsp, rdi",
        "mov rax, rsi",
        "mov r15, rdx",
        "jmp {leave}",
        leave = sym itab_rt_leave_go,
    )
}

/// Suspends the host's stack as [`switch_stack`] does and calls `code` with four integers, as C does, on the stack that
/// [`prepare_host_call`] has prepared, which gave `main_sp`. Returns when that has returned, or something else has
/// switched back to the host.
///
/// It is expanded in place, because a call and a return more would be a fifth of the time. And it stores and loads few
/// registers: all would take longer than the rest. A traceback ends at this call, whose return address it does not know.
///
/// # Safety
/// As for [`enter_go`]; nothing runs on that stack.
#[inline(always)]
pub unsafe fn enter_from_host([a, b, c, d]: [u64; 4], code: usize, main_sp: usize, link: *mut HostLink) {
    // SAFETY: as the caller says. The code preserves rbp, and with it the stack pointer. A switch loads the seven words
    // that are made room for, of which four are free, and goes to the end. Both ways rbx and rbp are as they were, and the
    // compiler takes all other registers to be changed.
    unsafe {
        core::arch::asm!(
            "lea r11, [rip + 2f]",
            "sub rsp, 56",
            "mov [rsp + 32], rbx",
            "mov [rsp + 40], rbp",
            "mov [rsp + 48], r11",
            "mov [r9 + {host_sp}], rsp",
            "mov rbp, rsp",
            "mov rsp, rax",
            "call r8",
            "lea rsp, [rbp + 56]",
            "mov rbx, [rbp + 32]",
            "mov rbp, [rbp + 40]",
            "2:",
            host_sp = const offset_of!(HostLink, host_sp),
            in("rdi") a,
            in("rsi") b,
            in("rdx") c,
            in("rcx") d,
            in("r8") code,
            in("r9") link,
            inout("rax") main_sp => _,
            out("r12") _,
            out("r13") _,
            out("r14") _,
            inout("r15") (*link).block => _,
            clobber_abi("C"),
        );
    }
}

/// Writes what [`enter_from_host`] finds at the upper end of its stack: a frame as [`enter_go`] makes it. So
/// [`leave_go`] can end such a call early, too; then `ended(arg)` runs on that stack and must not return. The result is
/// the call's stack pointer, for both.
///
/// # Safety
/// At least 256 bytes below `top` are writable and unused.
pub unsafe fn prepare_host_call(top: usize, ended: unsafe extern "C" fn(*mut c_void) -> !, arg: *mut c_void) -> usize {
    let sp = (top & !15) - 96;
    // A free word, r15 r14 r13 r12 rbx, go_fp, go_sp, rbp, the address to return to.
    let words = [0, 0, 0, ended as usize, arg as usize, 0, 0, 0, 0, start_stack as *const () as usize];
    // SAFETY: the 80 bytes at `sp` lie within the 256 below `top` that the caller vouches for.
    unsafe { (sp as *mut [usize; 10]).write(words) };
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
        "push rsi",
        "mov rax, rdi",
        "mov r11, rsi",
        "mov rdi, [r11]",
        "mov rsi, [r11 + 8]",
        "mov rdx, [r11 + 16]",
        "mov rcx, [r11 + 24]",
        "mov r8, [r11 + 32]",
        "mov r9, [r11 + 40]",
        "movsd xmm0, [r11 + 64]",
        "movsd xmm1, [r11 + 72]",
        "movsd xmm2, [r11 + 80]",
        "movsd xmm3, [r11 + 88]",
        "movsd xmm4, [r11 + 96]",
        "movsd xmm5, [r11 + 104]",
        "movsd xmm6, [r11 + 112]",
        "movsd xmm7, [r11 + 120]",
        "call rax",
        ".globl itab_rt_call_with_regs_ret",
        ".hidden itab_rt_call_with_regs_ret",
        "itab_rt_call_with_regs_ret:",
        "pop r11",
        "mov [r11], rax",
        "mov [r11 + 8], rcx",
        "mov [r11 + 16], rdx",
        "mov [r11 + 24], rsi",
        "mov [r11 + 32], rdi",
        "mov [r11 + 40], r8",
        "mov [r11 + 48], r9",
        "mov [r11 + 56], r10",
        "movsd [r11 + 64], xmm0",
        "movsd [r11 + 72], xmm1",
        "movsd [r11 + 80], xmm2",
        "movsd [r11 + 88], xmm3",
        "movsd [r11 + 96], xmm4",
        "movsd [r11 + 104], xmm5",
        "movsd [r11 + 112], xmm6",
        "movsd [r11 + 120], xmm7",
        "ret",
    )
}

/// Calls a `func()`. It is code for [`enter_go`] and [`enter_from_host`].
///
/// # Safety
/// Called by one of these; `func` points to a func value that takes no arguments and has no results.
#[unsafe(naked)]
pub unsafe extern "C" fn call_func(func: *const FuncVal) {
    naked_asm!("mov rax, [rdi]", "add rdi, {captures}", "jmp rax", captures = const CAPTURES)
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
                "push rbp",
                "mov rbp, rsp",
                "push [rdi + {go_sp}]",
                "push [rdi + {go_fp}]",
                "push r15",
                "sub rsp, 8",
                "mov r15, rdi",
                "mov rax, [rsi]",
                "lea rdi, [rsi + 8]",
                "call rax",
                concat!(".globl ", $ret),
                concat!(".hidden ", $ret),
                concat!($ret, ":"),
                "mov rcx, [rbp - 8]",
                "mov [r15 + {go_sp}], rcx",
                "mov rcx, [rbp - 16]",
                "mov [r15 + {go_fp}], rcx",
                "mov r15, [rbp - 24]",
                "leave",
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

/// The return address that a thunk saved with `go_sp`: it is on the stack where `go_sp` points.
///
/// # Safety
/// `go_sp` is a stack address that a thunk stored; the stack still exists.
pub unsafe fn noted_return_address(go_sp: usize) -> usize {
    // SAFETY: as the caller says.
    unsafe { (go_sp as *const usize).read() }
}

/// Makes code that was written through another mapping visible to the instruction fetch of all threads: it is already.
pub fn make_executable(_addr: usize, _len: usize) {}

/// Resumes execution at the landing pad of a function that recovered.
///
/// # Safety
/// `pc`, `sp` and `fp` come from a live defer frame of the current goroutine; the frames above hold nothing to drop.
#[unsafe(naked)]
pub unsafe extern "C" fn resume_at(pc: usize, sp: usize, fp: usize, block: *mut IsolateBlock) -> ! {
    naked_asm!("mov rsp, rsi", "mov rbp, rdx", "mov r15, rcx", "jmp rdi",)
}

/// Suspends the current stack, whose pointer goes to `*save`, and resumes the one with pointer `to`.
///
/// # Safety
/// `to` was saved by `switch_stack` or made by [`prepare_stack`], and nothing else runs on that stack.
#[unsafe(naked)]
pub unsafe extern "C" fn switch_stack(save: *mut usize, to: usize) {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rdi], rsp",
        "mov rsp, rsi",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        // What the other goroutine has left in the other registers would be saved on this stack by the next slow path, and
        // keep an object alive.
        "xor eax, eax",
        "xor ecx, ecx",
        "xor edx, edx",
        "xor edi, edi",
        "xor esi, esi",
        "xor r8d, r8d",
        "xor r9d, r9d",
        "xor r10d, r10d",
        "xor r11d, r11d",
        // Nearly all stacks are suspended at one call, so the processor predicts where this goes, and the returns after it.
        "ret",
    )
}

/// Makes a fresh stack with upper end `top` ready for [`switch_stack`]: `entry(arg)` will run on it and must not return.
///
/// # Safety
/// At least 128 bytes below `top` are writable and unused.
pub unsafe fn prepare_stack(top: usize, entry: unsafe extern "C" fn(*mut c_void) -> !, arg: *mut c_void) -> usize {
    // After the seven pops of the switch the stack pointer is a multiple of 16, as a call wants it.
    let sp = (top & !15) - 72;
    // r15 r14 r13 r12 rbx rbp, the address to resume at, and a zero where a return address would be.
    let words = [0, 0, entry as usize, arg as usize, 0, 0, start_stack as *const () as usize, 0];
    // SAFETY: the 64 bytes at `sp` lie within the 128 below `top` that the caller vouches for.
    unsafe { (sp as *mut [usize; 8]).write(words) };
    sp
}

/// First instructions on a fresh stack: `entry` is in `r13`, its argument in `r12`.
///
/// # Safety
/// Returned to by [`switch_stack`] on a stack that [`prepare_stack`] made.
#[unsafe(naked)]
unsafe extern "C" fn start_stack() {
    naked_asm!("mov rdi, r12", "call r13", "ud2")
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
        "push rbp",
        "mov rbp, rsp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 8",
        "mov [rcx], rsp",
        "mov rsp, rdx",
        "mov rax, rdi",
        "mov rdi, rsi",
        "call rax",
        "lea rsp, [rbp - 40]",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}

/// Defines a stub that compiled code enters with the `preserve_all` convention: it saves every register and calls
/// `extern "C" fn(block)`, or for a stub with operands a function of these.
macro_rules! define_slow_stub {
    ($stub:ident() $target:path) => { $crate::code::arch::define_slow_stub!($stub(), "mov rdi, r15", $target); };
    ($stub:ident($($arg:ident: $ty:ty),*), $block:literal, $target:path) => {
        /// # Safety
        /// Called by compiled code, with what the target wants of its caller.
        #[unsafe(naked)]
        pub(crate) unsafe extern "C" fn $stub($($arg: $ty),*) {
            core::arch::naked_asm!(
                "push rbp",
                "mov rbp, rsp",
                "push rax",
                "push rcx",
                "push rdx",
                "push rsi",
                "push rdi",
                "push r8",
                "push r9",
                "push r10",
                "push r11",
                "push rbx",
                "sub rsp, 256",
                "and rsp, -16",
                "movups [rsp], xmm0",
                "movups [rsp + 16], xmm1",
                "movups [rsp + 32], xmm2",
                "movups [rsp + 48], xmm3",
                "movups [rsp + 64], xmm4",
                "movups [rsp + 80], xmm5",
                "movups [rsp + 96], xmm6",
                "movups [rsp + 112], xmm7",
                "movups [rsp + 128], xmm8",
                "movups [rsp + 144], xmm9",
                "movups [rsp + 160], xmm10",
                "movups [rsp + 176], xmm11",
                "movups [rsp + 192], xmm12",
                "movups [rsp + 208], xmm13",
                "movups [rsp + 224], xmm14",
                "movups [rsp + 240], xmm15",
                $block,
                "call {target}",
                "movups xmm0, [rsp]",
                "movups xmm1, [rsp + 16]",
                "movups xmm2, [rsp + 32]",
                "movups xmm3, [rsp + 48]",
                "movups xmm4, [rsp + 64]",
                "movups xmm5, [rsp + 80]",
                "movups xmm6, [rsp + 96]",
                "movups xmm7, [rsp + 112]",
                "movups xmm8, [rsp + 128]",
                "movups xmm9, [rsp + 144]",
                "movups xmm10, [rsp + 160]",
                "movups xmm11, [rsp + 176]",
                "movups xmm12, [rsp + 192]",
                "movups xmm13, [rsp + 208]",
                "movups xmm14, [rsp + 224]",
                "movups xmm15, [rsp + 240]",
                "lea rsp, [rbp - 80]",
                "pop rbx",
                "pop r11",
                "pop r10",
                "pop r9",
                "pop r8",
                "pop rdi",
                "pop rsi",
                "pop rdx",
                "pop rcx",
                "pop rax",
                "pop rbp",
                "ret",
                target = sym $target,
            )
        }
    };
}
pub(crate) use define_slow_stub;

define_slow_stub!(copy_long(dst: *mut u8, src: *const u8, n: usize), "", super::copy_any);

/// Copies `n` bytes, which may overlap: up to 512 that do not with few registers, which are saved.
///
/// # Safety
/// As [`crate::heap::mbarrier::memmove`].
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn copybytes(dst: *mut u8, src: *const u8, n: usize) {
    naked_asm!(
        "cmp rdx, 16",
        "ja 25f",
        "push rax",
        "push rcx",
        "cmp rdx, 8",
        "jae 22f",
        "cmp rdx, 4",
        "jae 21f",
        "cmp rdx, 1",
        "jb 24f",
        "je 20f",
        "movzx eax, word ptr [rsi]",
        "movzx ecx, byte ptr [rsi + rdx - 1]",
        "mov [rdi], ax",
        "mov [rdi + rdx - 1], cl",
        "jmp 24f",
        "20:",
        "movzx eax, byte ptr [rsi]",
        "mov [rdi], al",
        "jmp 24f",
        "21:",
        "mov eax, [rsi]",
        "mov ecx, [rsi + rdx - 4]",
        "mov [rdi], eax",
        "mov [rdi + rdx - 4], ecx",
        "jmp 24f",
        "22:",
        "mov rax, [rsi]",
        "mov rcx, [rsi + rdx - 8]",
        "mov [rdi], rax",
        "mov [rdi + rdx - 8], rcx",
        "24:",
        "pop rcx",
        "pop rax",
        "ret",
        // The first and the last half, read before anything is written.
        "25:",
        "cmp rdx, 64",
        "ja 27f",
        "sub rsp, 64",
        "movups [rsp], xmm0",
        "movups [rsp + 16], xmm1",
        "movups xmm0, [rsi]",
        "movups xmm1, [rsi + rdx - 16]",
        "cmp rdx, 32",
        "jbe 26f",
        "movups [rsp + 32], xmm2",
        "movups [rsp + 48], xmm3",
        "movups xmm2, [rsi + 16]",
        "movups xmm3, [rsi + rdx - 32]",
        "movups [rdi + 16], xmm2",
        "movups [rdi + rdx - 32], xmm3",
        "movups xmm2, [rsp + 32]",
        "movups xmm3, [rsp + 48]",
        "26:",
        "movups [rdi], xmm0",
        "movups [rdi + rdx - 16], xmm1",
        "movups xmm0, [rsp]",
        "movups xmm1, [rsp + 16]",
        "add rsp, 64",
        "ret",
        // More, if they do not overlap: 32 at a time, and the last 32.
        "27:",
        "cmp rdx, 512",
        "ja {long}",
        "push rax",
        "mov rax, rdi",
        "sub rax, rsi",
        "cmp rax, rdx",
        "jb 29f",
        "neg rax",
        "cmp rax, rdx",
        "jb 29f",
        "push rcx",
        "sub rsp, 32",
        "movups [rsp], xmm0",
        "movups [rsp + 16], xmm1",
        "lea rcx, [rdx - 32]",
        "xor eax, eax",
        "28:",
        "movups xmm0, [rsi + rax]",
        "movups xmm1, [rsi + rax + 16]",
        "movups [rdi + rax], xmm0",
        "movups [rdi + rax + 16], xmm1",
        "add rax, 32",
        "cmp rax, rcx",
        "jb 28b",
        "movups xmm0, [rsi + rcx]",
        "movups xmm1, [rsi + rcx + 16]",
        "movups [rdi + rcx], xmm0",
        "movups [rdi + rcx + 16], xmm1",
        "movups xmm0, [rsp]",
        "movups xmm1, [rsp + 16]",
        "add rsp, 32",
        "pop rcx",
        "pop rax",
        "ret",
        "29:",
        "pop rax",
        "jmp {long}",
        long = sym copy_long,
    )
}

/// Defines where function stubs go whose function is not compiled yet, with the function's number pushed: saves the argument
/// registers, asks `compile(block, number)` for the code and jumps there.
macro_rules! define_lazy_thunk {
    ($thunk:ident, $compile:path) => {
        /// # Safety
        /// Reached from a function's stub, in compiled code of the isolate that the pinned register names.
        #[unsafe(naked)]
        unsafe extern "C" fn $thunk() {
            core::arch::naked_asm!(
                "push rbp",
                "mov rbp, rsp",
                "push rdi",
                "push rsi",
                "push rdx",
                "push rcx",
                "push r8",
                "push r9",
                "push rax",
                "push r10",
                "sub rsp, 136",
                "movups [rsp], xmm0",
                "movups [rsp + 16], xmm1",
                "movups [rsp + 32], xmm2",
                "movups [rsp + 48], xmm3",
                "movups [rsp + 64], xmm4",
                "movups [rsp + 80], xmm5",
                "movups [rsp + 96], xmm6",
                "movups [rsp + 112], xmm7",
                "lea rax, [rbp + 16]",
                "mov [r15 + {go_sp}], rax",
                "mov rax, [rbp]",
                "mov [r15 + {go_fp}], rax",
                "mov rdi, r15",
                "mov esi, [rbp + 8]",
                "call {compile}",
                "mov r11, rax",
                "movups xmm0, [rsp]",
                "movups xmm1, [rsp + 16]",
                "movups xmm2, [rsp + 32]",
                "movups xmm3, [rsp + 48]",
                "movups xmm4, [rsp + 64]",
                "movups xmm5, [rsp + 80]",
                "movups xmm6, [rsp + 96]",
                "movups xmm7, [rsp + 112]",
                "add rsp, 136",
                "pop r10",
                "pop rax",
                "pop r9",
                "pop r8",
                "pop rcx",
                "pop rdx",
                "pop rsi",
                "pop rdi",
                "pop rbp",
                "lea rsp, [rsp + 8]",
                "jmp r11",
                go_sp = const core::mem::offset_of!(itab_abi::block::IsolateBlock, go_sp),
                go_fp = const core::mem::offset_of!(itab_abi::block::IsolateBlock, go_fp),
                compile = sym $compile,
            )
        }
    };
}
pub(crate) use define_lazy_thunk;

/// Size of a function's stub in bytes.
pub const STUB_SIZE: usize = 16;
/// Offset in a stub of the instructions that its slot points to while the function is not compiled.
pub const STUB_LAZY: usize = 6;

/// The code of a function's stub: a jump through its slot; behind it the lazy entry.
pub fn stub_code(stub: usize, slot: usize, number: u32, lazy: usize) -> [u8; STUB_SIZE] {
    let mut code = [0; STUB_SIZE];
    code[..2].copy_from_slice(&[0xff, 0x25]);
    code[2..6].copy_from_slice(&rel32(slot, stub + 6));
    code[6] = 0x68;
    code[7..11].copy_from_slice(&number.to_le_bytes());
    code[11] = 0xe9;
    code[12..16].copy_from_slice(&rel32(lazy, stub + 16));
    code
}

/// Size of a thunk in bytes.
pub const THUNK_SIZE: usize = 32;

/// A thunk that notes where compiled code left and jumps to `target` anywhere in memory. It changes no register.
pub fn thunk_code(target: usize) -> [u8; THUNK_SIZE] {
    let mut code = [0xcc; THUNK_SIZE];
    // mov [r15 + GO_SP], rsp; mov [r15 + GO_FP], rbp; jmp [rip + ..]
    code[..4].copy_from_slice(&[0x49, 0x89, 0x67, GO_SP as u8]);
    code[4..8].copy_from_slice(&[0x49, 0x89, 0x6f, GO_FP as u8]);
    code[8..14].copy_from_slice(&[0xff, 0x25, 2, 0, 0, 0]);
    code[16..24].copy_from_slice(&target.to_le_bytes());
    code
}

/// A thunk that only jumps.
pub fn jump_code(target: usize) -> [u8; 16] {
    let mut code = [0xcc; 16];
    code[..6].copy_from_slice(&[0xff, 0x25, 2, 0, 0, 0]);
    code[8..16].copy_from_slice(&target.to_le_bytes());
    code
}

const _: () = assert!(GO_SP < 128 && GO_FP < 128);

fn rel32(target: usize, next: usize) -> [u8; 4] {
    let distance = target.wrapping_sub(next) as isize;
    i32::try_from(distance).expect("code and data of an arena lie within 2 GB").to_le_bytes()
}
