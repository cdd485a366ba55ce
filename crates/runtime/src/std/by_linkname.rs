//! Functions of package runtime that no package of Go's library needs, but that programs use through `//go:linkname`:
//! hashes, raw allocation and copies, the processor's number, quick random numbers. Go keeps their names and signatures
//! for such programs, and so does this file.

use crate::heap::mbarrier;
use crate::sched::alloc::heap;
use crate::sched::enter;
use crate::sched::entry;
use crate::sched::exit::StopReason;
use crate::sched::panic::raise_error;
use crate::std::native::natives;
use crate::std::sync::pin;
use crate::types::alg::{self, NoAlg};
use itab_abi::block::IsolateBlock;
use itab_abi::iface::{Eface, Iface};
use itab_abi::types::Type;

natives! {
    /// `func strhash(p unsafe.Pointer, h uintptr) uintptr`; `p` points to a string.
    "runtime.strhash" = fn strhash(_, p: *const u8, seed: u64) -> u64 {
        // SAFETY: the program says that `p` points to a string.
        unsafe { alg::strhash(p, seed) }
    }
    /// `func typehash(t *_type, p unsafe.Pointer, h uintptr) uintptr`; `p` points to a value of type `t`.
    "runtime.typehash" = fn typehash(block, t: *const Type, p: *const u8, seed: u64) -> u64 {
        // SAFETY: the program says that `p` points to such a value; nothing here needs dropping.
        unsafe { hash(block, alg::typehash(t, p, seed)) }
    }
    /// `func nilinterhash(p unsafe.Pointer, h uintptr) uintptr`; `p` points to an interface without methods.
    "runtime.nilinterhash" = fn nilinterhash(block, p: *const Eface, seed: u64) -> u64 {
        // SAFETY: the program says that `p` points to an interface; nothing here needs dropping.
        unsafe { hash(block, alg::efacehash(*p, seed)) }
    }
    /// `func interhash(p unsafe.Pointer, h uintptr) uintptr`; `p` points to an interface with methods.
    "runtime.interhash" = fn interhash(block, p: *const Iface, seed: u64) -> u64 {
        // SAFETY: the program says that `p` points to an interface; nothing here needs dropping.
        unsafe { hash(block, alg::ifacehash(*p, seed)) }
    }
    /// `func memmove(to, from unsafe.Pointer, n uintptr)`
    "runtime.memmove" = fn memmove(_, to: *mut u8, from: *const u8, n: usize) {
        // SAFETY: the program vouches for `n` bytes at both.
        unsafe { std::ptr::copy(from, to, n) }
    }
    /// `func memclrNoHeapPointers(ptr unsafe.Pointer, n uintptr)`
    "runtime.memclrNoHeapPointers" = fn memclr(_, ptr: *mut u8, n: usize) {
        // SAFETY: the program vouches for `n` bytes at `ptr`.
        unsafe { std::ptr::write_bytes(ptr, 0, n) }
    }
    /// `func typedmemmove(typ *abi.Type, dst, src unsafe.Pointer)`
    "runtime.typedmemmove" = fn typedmemmove(_, typ: *const Type, dst: *mut u8, src: *const u8) {
        // SAFETY: the program vouches for a value of the type at `src` and room for one at `dst`.
        unsafe { mbarrier::typedmemmove(typ, dst, src) }
    }
    /// `func mallocgc(size uintptr, typ *_type, needzero bool) unsafe.Pointer`; without a type, memory without pointers.
    "runtime.mallocgc" = fn mallocgc(block, size: usize, typ: *const Type, needzero: bool) -> *mut u8 {
        // SAFETY: the type is nil or a descriptor; nothing here needs dropping; new memory has room for `size`.
        unsafe {
            if let Some(t) = typ.as_ref().filter(|t| t.size > 0 && size > 0) {
                return entry::newarray(block, typ, size.div_ceil(t.size) as i64);
            }
            let p = match heap(block).alloc_noscan_uninit(size) {
                Ok(p) => p,
                Err(e) => enter::stop(block, StopReason::Memory(e.to_string())),
            };
            if needzero {
                std::ptr::write_bytes(p, 0, size);
            }
            p
        }
    }
    /// `func newarray(typ *_type, n int) unsafe.Pointer`
    "runtime.newarray" = fn newarray(block, typ: *const Type, n: i64) -> *mut u8 {
        // SAFETY: the type is a descriptor; nothing here needs dropping.
        unsafe { entry::newarray(block, typ, n) }
    }
    /// `func procPin() int`: the number of the one processor.
    "runtime.procPin" = fn proc_pin(block) -> i64 {
        // SAFETY: the block is the running isolate's.
        unsafe { pin(block, 1) }
        0
    }
    /// `func procUnpin()`
    "runtime.procUnpin" = fn proc_unpin(block) {
        // SAFETY: the block is the running isolate's.
        unsafe { pin(block, -1) }
    }
}

/// The hash, or the panic of a value that has none.
///
/// # Safety
/// Called by compiled code of the isolate.
unsafe fn hash(block: *mut IsolateBlock, h: Result<u64, NoAlg>) -> u64 {
    match h {
        Ok(h) => h,
        // SAFETY: as the caller says.
        Err(e) => unsafe { raise_error(block, e.unhashable()) },
    }
}
