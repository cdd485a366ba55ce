//! The top storey: what Go's standard library declares without a body, by the functions' full names.
//!
//! There is a file for each package or family of packages; each has a table `NATIVES`. Those natives that may park, panic or
//! allocate hold nothing that needs dropping while they do.
//!
//! It may name all other storeys, and none of them names it. Natives are reached only through [`lookup`], which the
//! linker calls.

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
pub mod native;
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

use native::Native;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// All natives.
pub fn natives() -> impl Iterator<Item = &'static Native> {
    const TABLES: &[&[Native]] = &[
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
    TABLES.iter().copied().flatten()
}

/// The native of that name.
pub fn lookup(name: &str) -> Option<&'static Native> {
    static ALL: LazyLock<FxHashMap<&str, &Native>> =
        LazyLock::new(|| natives().flat_map(|n| n.names.iter().map(move |&name| (name, n))).collect());
    ALL.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        assert!(lookup("runtime.collect").is_some());
        assert!(lookup("runtime.None").is_none());
    }

    #[test]
    fn a_name_stands_once() {
        let mut names: Vec<_> = natives().flat_map(|n| n.names).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|w| w[0] == w[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
