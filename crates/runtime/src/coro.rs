//! Coroutines, for `iter.Pull`.
//!
//! A coroutine is a goroutine that is never in the scheduler's queues while it is suspended: `coroswitch` puts the running
//! goroutine in the coroutine's place and switches straight to the one that was there.

use crate::entry::record;
use crate::isolate;
use crate::panic;
use crate::proc::{self, G, WaitReason};
use itab_abi::block::IsolateBlock;
use itab_abi::call::NativeFn;
use itab_abi::value::FuncVal;

/// `runtime.coro`, an object of the Go heap.
#[repr(C)]
pub struct Coro {
    /// The goroutine that is suspended: the coroutine's, or the one that switched to it.
    pub(crate) g: *mut G,
    /// `func(*coro)`.
    pub(crate) f: *const FuncVal,
}

/// `f` is the one pointer to an object.
const CORO_MASK: u64 = 0b10;

unsafe extern "C" fn newcoro(block: *mut IsolateBlock, args: *const u64, results: *mut u64) {
    // SAFETY: compiled code calls with a func value, for the isolate that runs.
    unsafe {
        let f = *args as *const FuncVal;
        let c = record(block, size_of::<Coro>(), CORO_MASK).cast::<Coro>();
        c.write(Coro { g: std::ptr::null_mut(), f });
        match (*isolate::of(block)).new_coroutine(c) {
            Ok(g) => (*c).g = g,
            Err(e) => proc::no_stack(block, e),
        }
        *results = c as u64;
    }
}

unsafe extern "C" fn coroswitch(block: *mut IsolateBlock, args: *const u64, _: *mut u64) {
    // SAFETY: compiled code calls with a coroutine, for the isolate that runs.
    unsafe {
        let c = *args as *mut Coro;
        let next = (*c).g;
        if next.is_null() {
            panic::throw(block, "coroswitch on exited coro".into());
        }
        (*c).g = isolate::getg(block);
        proc::switch_to(block, next, WaitReason("coroutine"));
    }
}

/// What Go declares without a body and is found here.
pub const NATIVES: &[(&str, NativeFn)] =
    &[("runtime.newcoro", newcoro as NativeFn), ("runtime.coroswitch", coroswitch as NativeFn)];
