//! Faults of compiled code.
//!
//! The handler looks the faulting instruction up in the program's symbol table, without a lock. If the compiler
//! recorded that it may fault, the handler changes the interrupted registers so that `sigpanic` is called on the
//! goroutine's stack as if by that instruction, and execution continues there: the panic then runs as ordinary code.
//! Every other signal is passed to the handler that the process had before.
//!
//! On x86-64 the handler jumps there itself instead of returning through the kernel, which takes a quarter less time.
//! This is correct for three reasons. The signal mask is unchanged. The kernel determines from the stack pointer
//! whether the alternate stack is in use. And after a call that does not return, compiled code expects none of the
//! registers that the kernel would restore. If a handler that was installed later has called ours, ours returns
//! instead, because the later one may have asked for a mask.
//!
//! Handlers run on an alternate stack of the thread, because goroutine stacks are small and may be what overflowed.

use crate::code::arch;
use crate::code::arena::find_arena;
use crate::sched::isolate::{self, getg};
use crate::sched::panic;
use itab_abi::block::IsolateBlock;
use itab_abi::trap::Trap;
use std::cell::{Cell, RefCell};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Once;

const SIGNALS: [libc::c_int; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL];

/// The actions that the process had for [`SIGNALS`]. Written once, before our handlers are installed.
struct Previous([MaybeUninit<libc::sigaction>; 4]);
static mut PREVIOUS: Previous = Previous([const { MaybeUninit::uninit() }; 4]);

/// Installs the handlers, once per process.
pub(crate) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        for (i, signal) in SIGNALS.into_iter().enumerate() {
            // SAFETY: only here `PREVIOUS` is written, and the handler that reads the element is installed afterwards.
            unsafe {
                let previous = (&raw mut PREVIOUS.0[i]).cast::<libc::sigaction>();
                libc::sigaction(signal, ptr::null(), previous);
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = context::entry as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
                libc::sigemptyset(&mut action.sa_mask);
                libc::sigaction(signal, &action, ptr::null_mut());
            }
        }
    });
}

/// An alternate stack that this thread got from us.
struct AltStack(*mut libc::c_void);

const ALT_STACK_SIZE: usize = 64 << 10;

thread_local! {
    /// Apart from the stack, because it is asked for at each call and has no destructor.
    static MAIN_SP: Cell<usize> = const { Cell::new(NO_MAIN) };
    static ALT_STACK: RefCell<Option<AltStack>> = const { RefCell::new(None) };
}

/// No stack pointer.
const NO_MAIN: usize = 1;

/// The stack pointer that [`prepare_thread`] was told last on this thread, or `NO_MAIN`.
///
/// A call into an isolate compares it with the isolate's own. That tells whether the thread has an alternate stack. And
/// it saves the call a third of its time: the processor need not wait for the isolate's number, which it can only load
/// when the call before has given the registers back, but guesses that they are equal.
#[inline]
pub(crate) fn main_sp_of_thread() -> usize {
    arch::opaque(MAIN_SP.get())
}

/// Makes sure that the current thread has an alternate stack, and notes what [`main_sp_of_thread`] tells.
pub(crate) fn prepare_thread(main_sp: usize) {
    let prepared = ALT_STACK.with_borrow_mut(|ours| {
        if ours.is_none() {
            *ours = AltStack::install();
        }
        ours.is_some()
    });
    MAIN_SP.set(if prepared && main_sp != 0 { main_sp } else { NO_MAIN });
}

impl AltStack {
    fn install() -> Option<AltStack> {
        let (prot, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping, which becomes the thread's alternate stack.
        unsafe {
            let at = libc::mmap(ptr::null_mut(), ALT_STACK_SIZE, prot, flags, -1, 0);
            if at == libc::MAP_FAILED {
                return None;
            }
            let stack = libc::stack_t { ss_sp: at, ss_flags: 0, ss_size: ALT_STACK_SIZE };
            libc::sigaltstack(&stack, ptr::null_mut());
            Some(AltStack(at))
        }
    }
}

impl Drop for AltStack {
    fn drop(&mut self) {
        MAIN_SP.set(NO_MAIN);
        // SAFETY: the thread ends, and the stack is disabled before it is unmapped if it is still the current one.
        unsafe {
            let mut current: libc::stack_t = std::mem::zeroed();
            libc::sigaltstack(ptr::null(), &mut current);
            if current.ss_sp == self.0 {
                let none = libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
                libc::sigaltstack(&none, ptr::null_mut());
            }
            libc::munmap(self.0, ALT_STACK_SIZE);
        }
    }
}

/// The registers that matter, of an interrupted context.
struct Registers {
    pc: usize,
    sp: usize,
    fp: usize,
    block: usize,
}

/// What the kernel calls, through `context::entry`. `direct` says that it did so itself.
extern "C" fn on_signal(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void, direct: bool) {
    // SAFETY: the kernel passes valid pointers; `divert` checks that compiled code was interrupted.
    unsafe {
        match divert(signal, info, context.cast()) {
            true if direct => context::resume(context.cast()),
            true => {}
            false => chain(signal, info, context),
        }
    }
}

/// Has the interrupted compiled code call the runtime. False if this is no fault of compiled code.
///
/// # Safety
/// Called by the handler with what the kernel gave it.
unsafe fn divert(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::ucontext_t) -> bool {
    // SAFETY: both pointers are the kernel's; once the pc is known to be compiled code, the pinned register holds the
    // block of the isolate that runs on this thread.
    unsafe {
        let registers = context::get(context);
        let pc = registers.pc;
        let Some(arena) = find_arena(pc) else { return false };
        let Some(func) = (*arena).symtab().findfunc(pc) else { return false };
        let block = registers.block as *mut IsolateBlock;
        let addr = if matches!(signal, libc::SIGSEGV | libc::SIGBUS) { (*info).si_addr() as usize } else { 0 };
        let stack = (*getg(block)).stack;
        if addr != 0 && (stack.lo..stack.limit()).contains(&addr) {
            (*block).go_sp = 0;
            let top = (*isolate::of(block)).system_stack.hi & !15;
            context::call(
                context,
                panic::overflow_on_system_stack as *const () as usize,
                top,
                None,
                [registers.block, 0, 0, 0, 0],
            );
            return true;
        }
        let trap = match (signal, func.trap_at(pc)) {
            (libc::SIGFPE, _) => Trap::Divide as u8,
            (_, Some(trap)) => trap,
            // An access that nobody expected to fault, such as one to memory that was protected, is a panic too.
            (libc::SIGSEGV | libc::SIGBUS, None) => Trap::Nil as u8,
            _ => return false,
        };
        let mut fp = registers.fp;
        if func.info.frameless {
            // It gets the frame that it has done without.
            fp = registers.sp - 8;
            (fp as *mut usize).write(registers.fp);
        }
        // Below what a leaf function may use without moving the stack pointer.
        let sp = (registers.sp - 256) & !15;
        let code = u64::from(signal as u32) | u64::from((*info).si_code as u32) << 32;
        let args = [registers.block, usize::from(trap), addr, code as usize, pc];
        // Tracebacks look up return addresses one byte before themselves.
        let sp = context::call(context, panic::sigpanic as *const () as usize, sp, Some(pc + 1), args);
        (*block).go_sp = sp;
        (*block).go_fp = fp;
        true
    }
}

/// Does what the process did before.
///
/// # Safety
/// As [`divert`]; [`install`] has run.
unsafe fn chain(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: `install` has filled the element, as the caller says, with an action that the kernel gave; its handler
    // has the type that its flags say.
    unsafe {
        let Some(i) = SIGNALS.iter().position(|s| *s == signal) else { return };
        let previous = &*(&raw const PREVIOUS.0[i]).cast::<libc::sigaction>();
        match previous.sa_sigaction {
            libc::SIG_DFL | libc::SIG_IGN => {
                // The instruction runs again and ends the process.
                libc::signal(signal, libc::SIG_DFL);
            }
            handler if previous.sa_flags & libc::SA_SIGINFO != 0 => {
                let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                    std::mem::transmute(handler);
                handler(signal, info, context);
            }
            handler => {
                let handler: extern "C" fn(libc::c_int) = std::mem::transmute(handler);
                handler(signal);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod context {
    use super::Registers;
    use libc::{REG_R8, REG_R15, REG_RBP, REG_RCX, REG_RDI, REG_RDX, REG_RIP, REG_RSI, REG_RSP};
    use std::mem::offset_of;

    /// Offset of a register in a context.
    const fn at(register: libc::c_int) -> usize {
        offset_of!(libc::ucontext_t, uc_mcontext.gregs) + 8 * register as usize
    }

    /// The handler: tells `on_signal` whether the kernel called it, which puts the context behind the return address.
    ///
    /// # Safety
    /// Called by the kernel, or by a handler as the kernel would.
    #[unsafe(naked)]
    pub unsafe extern "C" fn entry(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        core::arch::naked_asm!(
            "lea rax, [rsp + 8]",
            "xor ecx, ecx",
            "cmp rax, rdx",
            "sete cl",
            "jmp {on_signal}",
            on_signal = sym super::on_signal,
        )
    }

    /// Leaves the handler and resumes the context, as far as a function's beginning sees it: arguments, stack and frame
    /// pointers, the registers that functions preserve and the modes of floating point.
    ///
    /// # Safety
    /// A context of a signal that this thread handles, whose mask of blocked signals is the one in force; frames of the
    /// handler hold nothing to drop.
    #[unsafe(naked)]
    pub unsafe extern "C" fn resume(context: *mut libc::ucontext_t) {
        core::arch::naked_asm!(
            "mov rax, [rdi + {fp_state}]",
            "ldmxcsr [rax + {mxcsr}]",
            "fldcw [rax]",
            "mov rbx, [rdi + {rbx}]",
            "mov rbp, [rdi + {rbp}]",
            "mov r12, [rdi + {r12}]",
            "mov r13, [rdi + {r13}]",
            "mov r14, [rdi + {r14}]",
            "mov r15, [rdi + {r15}]",
            "mov rsi, [rdi + {rsi}]",
            "mov rdx, [rdi + {rdx}]",
            "mov rcx, [rdi + {rcx}]",
            "mov r8, [rdi + {r8}]",
            "mov rsp, [rdi + {rsp}]",
            "mov rax, [rdi + {rip}]",
            "mov rdi, [rdi + {rdi}]",
            "jmp rax",
            fp_state = const offset_of!(libc::ucontext_t, uc_mcontext.fpregs),
            mxcsr = const offset_of!(libc::_libc_fpstate, mxcsr),
            rbx = const at(libc::REG_RBX),
            rbp = const at(REG_RBP),
            r12 = const at(libc::REG_R12),
            r13 = const at(libc::REG_R13),
            r14 = const at(libc::REG_R14),
            r15 = const at(REG_R15),
            rsi = const at(REG_RSI),
            rdx = const at(REG_RDX),
            rcx = const at(REG_RCX),
            r8 = const at(REG_R8),
            rsp = const at(REG_RSP),
            rip = const at(REG_RIP),
            rdi = const at(REG_RDI),
        )
    }

    /// # Safety
    /// A context from the kernel.
    pub unsafe fn get(context: *mut libc::ucontext_t) -> Registers {
        // SAFETY: as the caller says.
        let r = unsafe { &(*context).uc_mcontext.gregs };
        let reg = |i: libc::c_int| r[i as usize] as usize;
        Registers { pc: reg(REG_RIP), sp: reg(REG_RSP), fp: reg(REG_RBP), block: reg(REG_R15) }
    }

    /// Makes the context call `target` on the stack at `sp` (a multiple of 16) with a return address; what a thunk would
    /// note as `go_sp`: the resulting stack pointer, which points to that address.
    ///
    /// # Safety
    /// A context from the kernel; there is room below `sp`.
    pub unsafe fn call(
        context: *mut libc::ucontext_t,
        target: usize,
        sp: usize,
        return_to: Option<usize>,
        args: [usize; 5],
    ) -> usize {
        let sp = sp - 8;
        // SAFETY: as the caller says.
        unsafe {
            (sp as *mut usize).write(return_to.unwrap_or(0));
            let r = &mut (*context).uc_mcontext.gregs;
            for (i, value) in [REG_RDI, REG_RSI, REG_RDX, REG_RCX, REG_R8].into_iter().zip(args) {
                r[i as usize] = value as i64;
            }
            r[REG_RSP as usize] = sp as i64;
            r[REG_RIP as usize] = target as i64;
        }
        sp
    }
}

#[cfg(target_arch = "aarch64")]
mod context {
    use super::Registers;

    /// The handler.
    pub extern "C" fn entry(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        super::on_signal(signal, info, context, false);
    }

    /// What x86-64 has for handlers that do not return; here they do.
    ///
    /// # Safety
    /// None.
    pub unsafe fn resume(_context: *mut libc::ucontext_t) {}

    /// # Safety
    /// A context from the kernel.
    pub unsafe fn get(context: *mut libc::ucontext_t) -> Registers {
        // SAFETY: as the caller says.
        let m = unsafe { &(*context).uc_mcontext };
        Registers { pc: m.pc as usize, sp: m.sp as usize, fp: m.regs[29] as usize, block: m.regs[21] as usize }
    }

    /// As on x86-64; the return address goes to the link register and, for tracebacks, to the stack.
    ///
    /// # Safety
    /// A context from the kernel; there is room below `sp`.
    pub unsafe fn call(
        context: *mut libc::ucontext_t,
        target: usize,
        sp: usize,
        return_to: Option<usize>,
        args: [usize; 5],
    ) -> usize {
        let sp = sp - 16;
        // SAFETY: as the caller says.
        unsafe {
            (sp as *mut usize).write(return_to.unwrap_or(0));
            let m = &mut (*context).uc_mcontext;
            for (i, value) in args.into_iter().enumerate() {
                m.regs[i] = value as u64;
            }
            m.regs[30] = return_to.unwrap_or(0) as u64;
            m.sp = sp as u64;
            m.pc = target as u64;
        }
        return_to.unwrap_or(0)
    }
}
