//! The few dozen instructions that Rust cannot express: entering and leaving compiled code, switching stacks, and the
//! stubs through which compiled code calls slow paths. One file per instruction set, with the same names.
//!
//! Frames that Rust makes to call compiled code (`enter_go`, `call_closure*`) have one shape, which tracebacks rely on:
//! `[fp + 8]` return address into Rust, `[fp]` Rust's frame pointer, `[fp - 8]` the `go_sp` and `[fp - 16]` the `go_fp`
//! of the compiled code that had called Rust (0 for none). Compiled code called from there has a return address that
//! [`go_return_addresses`] lists, so that a traceback continues there at the saved values.

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

type EnterGo = unsafe extern "C" fn(*mut IsolateBlock, usize, *mut CallRegs, *mut usize) -> u64;
type CallClosure = unsafe extern "C" fn(*mut IsolateBlock, *const FuncVal);

/// The functions that contain the labels below. They are linked wherever the labels are, even where nothing calls them.
#[used]
static LABELLED: (EnterGo, [CallClosure; 2]) = (enter_go, [call_closure, call_closure_panicking]);

unsafe extern "C" {
    static itab_rt_enter_go_ret: u8;
    static itab_rt_call_closure_ret: u8;
    static itab_rt_call_panicking_ret: u8;
}

/// The return addresses that compiled code called from Rust has.
pub fn go_return_addresses() -> [usize; 3] {
    [
        &raw const itab_rt_enter_go_ret as usize,
        &raw const itab_rt_call_closure_ret as usize,
        &raw const itab_rt_call_panicking_ret as usize,
    ]
}

/// The return address of a deferred call that a panic runs.
pub fn panicking_return_address() -> usize {
    &raw const itab_rt_call_panicking_ret as usize
}
