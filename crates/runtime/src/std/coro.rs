//! Coroutines, for `iter.Pull`.

use crate::sched::coro::{coroswitch, newcoro};
use crate::sched::goroutine::Coro;
use crate::std::native::natives;
use itab_abi::value::FuncVal;

natives! {
    /// `func newcoro(f func(*coro)) *coro`
    "runtime.newcoro" = fn runtime_newcoro(block, f: *const FuncVal) -> *mut Coro {
        // SAFETY: called on a goroutine's stack with a func value of the caller.
        unsafe { newcoro(block, f) }
    }
    /// `func coroswitch(c *coro)`
    "runtime.coroswitch" = fn runtime_coroswitch(block, c: *mut Coro) {
        // SAFETY: called on a goroutine's stack; `newcoro` made the coroutine.
        unsafe { coroswitch(block, c) }
    }
}
