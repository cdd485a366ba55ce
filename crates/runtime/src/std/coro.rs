//! Coroutines, for `iter.Pull`.

use crate::sched::coro::{coroswitch, newcoro};
use crate::sched::goroutine::Coro;
use crate::std::native_table::native_table;
use itab_abi::value::FuncVal;

native_table! {
    // func newcoro(f func(*coro)) *coro
    "runtime.newcoro" = fn runtime_newcoro(block, args, results) {
        *results = newcoro(block, *args as *const FuncVal) as u64;
    }
    // func coroswitch(c *coro)
    "runtime.coroswitch" = fn runtime_coroswitch(block, args, results) {
        coroswitch(block, *args as *mut Coro);
    }
}
