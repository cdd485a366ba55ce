//! The top storey: what Go's standard library declares without a body, by the functions' full names.
//!
//! There is a file for each package or family of packages; each has a table `NATIVES`. Those natives that may park, panic or
//! allocate hold nothing that needs dropping while they do.
//!
//! It may name all other storeys, and none of them names it: the one way to a native is [`lookup`], which the linker asks.

mod by_linkname;
mod callers;
mod coro;
mod crypto;
mod debug;
mod digest;
mod finalize;
mod forkexec;
mod maps;
mod memory;
mod native_table;
mod os_signal;
mod poll;
pub mod reflect;
pub mod reflectcall;
mod reflectchan;
mod runtime;
mod sync;
mod synctest;
pub mod syscall;
mod time;

use itab_abi::call::NativeFn;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// The native of that name.
pub fn lookup(name: &str) -> Option<usize> {
    static ALL: LazyLock<FxHashMap<&str, NativeFn>> = LazyLock::new(|| {
        let tables = [
            runtime::NATIVES,
            maps::NATIVES,
            reflect::NATIVES,
            sync::NATIVES,
            time::NATIVES,
            synctest::NATIVES,
            coro::NATIVES,
            syscall::NATIVES,
            callers::NATIVES,
            finalize::NATIVES,
            reflectcall::NATIVES,
            reflectchan::NATIVES,
            digest::NATIVES,
            by_linkname::NATIVES,
            memory::NATIVES,
            debug::NATIVES,
            crypto::NATIVES,
            poll::NATIVES,
            forkexec::NATIVES,
            os_signal::NATIVES,
        ];
        tables.into_iter().flatten().copied().collect()
    });
    ALL.get(name).map(|f| *f as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        assert!(lookup("runtime.collect").is_some());
        assert_eq!(lookup("runtime.None"), None);
    }
}
