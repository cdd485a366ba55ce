//! The few dozen instructions that Rust cannot express: entering and leaving compiled code, switching stacks, and the
//! stubs through which compiled code calls slow paths. One file per instruction set, with the same names.
//!
//! Frames that Rust makes to call compiled code (`enter_go`, `prepare_host_call`, `call_closure*`) have one shape, which
//! tracebacks rely on: `[fp + 8]` return address into Rust, `[fp]` Rust's frame pointer, `[fp - 8]` the `go_sp` and
//! `[fp - 16]` the `go_fp` of the compiled code that had called Rust (0 for none). Compiled code called from there has a
//! return address that [`go_return_addresses`] lists, so that a traceback continues there at the saved values.

#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
pub use x86_64::*;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "aarch64")]
pub use aarch64::*;

use itab_abi::block::IsolateBlock;
use itab_abi::value::FuncVal;

/// Copies `n` bytes, which may overlap: what `copybytes` leaves to it.
///
/// # Safety
/// As [`crate::heap::mbarrier::memmove`].
unsafe extern "C" fn copy_any(dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: passed on.
    unsafe { core::ptr::copy(src, dst, n) }
}

/// Argument and result registers of a call into compiled code.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CallRegs {
    /// Integer words: up to 6 arguments (the context last), then up to 8 results.
    pub ints: [u64; 8],
    /// Float words, as bits: up to 8 arguments, then up to 8 results.
    pub floats: [u64; 8],
}

impl CallRegs {
    /// Registers for integer arguments only.
    ///
    /// # Panics
    /// With more than six words.
    pub fn with_ints(words: &[u64]) -> CallRegs {
        assert!(words.len() <= 6, "more integer arguments than registers");
        let mut regs = CallRegs::default();
        regs.ints[..words.len()].copy_from_slice(words);
        regs
    }
}

/// How a call from Rust into Go is found again.
#[repr(C)]
#[derive(Debug)]
pub struct Link {
    /// Its stack pointer, from [`enter_go`] or [`prepare_host_call`].
    pub saved_sp: usize,
    /// The isolate's block.
    pub block: *mut IsolateBlock,
}

/// Where the host and its calls into Go are.
#[derive(Debug)]
pub struct HostLink {
    /// While goroutines run, the stack pointer of the host's suspended stack. Else `main_sp`, if the next call may begin
    /// at once, or 0.
    pub host_sp: usize,
    /// What [`prepare_host_call`] gave; 0 while there is no such stack.
    pub main_sp: usize,
    /// The isolate's block.
    pub block: *mut IsolateBlock,
}

impl HostLink {
    /// Whether the host is suspended, because goroutines run.
    #[inline]
    pub fn is_suspended(&self) -> bool {
        self.host_sp != 0 && self.host_sp != self.main_sp
    }
}

type EnterGo = unsafe extern "C" fn(u64, u64, u64, u64, usize, *mut Link) -> u64;
type CallWithRegs = unsafe extern "C" fn(usize, *mut CallRegs);
type CallClosure = unsafe extern "C" fn(*mut IsolateBlock, *const FuncVal);

/// The functions that contain the labels below. They are linked wherever the labels are, even where nothing calls them.
#[used]
static LABELLED: (EnterGo, CallWithRegs, [CallClosure; 2]) =
    (enter_go, call_with_regs, [call_closure, call_closure_panicking]);

unsafe extern "C" {
    static itab_rt_enter_go_ret: u8;
    static itab_rt_call_with_regs_ret: u8;
    static itab_rt_call_closure_ret: u8;
    static itab_rt_call_panicking_ret: u8;
}

/// The return addresses that compiled code called from Rust has, but for calls of the host.
pub fn go_return_addresses() -> [usize; 4] {
    [
        &raw const itab_rt_enter_go_ret as usize,
        &raw const itab_rt_call_with_regs_ret as usize,
        &raw const itab_rt_call_closure_ret as usize,
        &raw const itab_rt_call_panicking_ret as usize,
    ]
}

/// `x`, of which the compiler does not know that it is.
#[inline(always)]
pub(crate) fn opaque(x: usize) -> usize {
    let mut x = x;
    // SAFETY: no instruction.
    unsafe { core::arch::asm!("/* {0} */", inout(reg) x, options(pure, nomem, nostack, preserves_flags)) };
    x
}

/// The return address of a deferred call that a panic runs.
pub fn panicking_return_address() -> usize {
    &raw const itab_rt_call_panicking_ret as usize
}
