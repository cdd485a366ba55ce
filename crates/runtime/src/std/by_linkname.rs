//! Functions of package runtime that no package of Go's library needs, but programs reach for by `//go:linkname`: hashes,
//! raw allocation and copies, the processor's number, quick random numbers. Go keeps their names and signatures for such
//! programs, and so does this file.

use crate::heap::mbarrier;
use crate::sched::alloc::heap;
use crate::sched::enter;
use crate::sched::entry;
use crate::sched::exit::StopReason;
use crate::sched::panic::raise_error;
use crate::sched::rand::rand;
use crate::std::native_table::native_table;
use crate::std::sync::pin;
use crate::types::alg::{self, NoAlg};
use itab_abi::block::IsolateBlock;
use itab_abi::iface::{Eface, Iface};
use itab_abi::types::Type;

native_table! {
    // func strhash(p unsafe.Pointer, seed uintptr) uintptr
    "runtime.strhash" = fn strhash(block, args, results) {
        *results = alg::strhash(*args as *const u8, *args.add(1));
    }
    // func typehash(t *abi.Type, p unsafe.Pointer, seed uintptr) uintptr
    "runtime.typehash" = fn typehash(block, args, results) {
        *results = hash(block, alg::typehash(*args as *const Type, *args.add(1) as *const u8, *args.add(2)));
    }
    // func nilinterhash(p unsafe.Pointer, seed uintptr) uintptr: of an interface without methods
    "runtime.nilinterhash" = fn nilinterhash(block, args, results) {
        *results = hash(block, alg::efacehash(*(*args as *const Eface), *args.add(1)));
    }
    // func interhash(p unsafe.Pointer, seed uintptr) uintptr: of one with methods
    "runtime.interhash" = fn interhash(block, args, results) {
        *results = hash(block, alg::ifacehash(*(*args as *const Iface), *args.add(1)));
    }
    // func memmove(to, from unsafe.Pointer, n uintptr)
    "runtime.memmove" = fn memmove(block, args, results) {
        std::ptr::copy(*args.add(1) as *const u8, *args as *mut u8, *args.add(2) as usize);
    }
    // func memclrNoHeapPointers(p unsafe.Pointer, n uintptr)
    "runtime.memclrNoHeapPointers" = fn memclr(block, args, results) {
        std::ptr::write_bytes(*args as *mut u8, 0, *args.add(1) as usize);
    }
    // func typedmemmove(t *abi.Type, dst, src unsafe.Pointer)
    "runtime.typedmemmove" = fn typedmemmove(block, args, results) {
        mbarrier::typedmemmove(*args as *const Type, *args.add(1) as *mut u8, *args.add(2) as *const u8);
    }
    // func mallocgc(size uintptr, t *abi.Type, needzero bool) unsafe.Pointer: without a type, memory without pointers
    "runtime.mallocgc" = fn mallocgc(block, args, results) {
        let (size, typ) = (*args as usize, *args.add(1) as *const Type);
        *results = if let Some(t) = typ.as_ref().filter(|t| t.size > 0 && size > 0) {
            entry::newarray(block, typ, size.div_ceil(t.size) as i64) as u64
        } else {
            let p = match heap(block).alloc_noscan_uninit(size) {
                Ok(p) => p,
                Err(e) => enter::stop(block, StopReason::Memory(e.to_string())),
            };
            if *args.add(2) as u8 != 0 {
                std::ptr::write_bytes(p, 0, size);
            }
            p as u64
        };
    }
    // func newarray(t *abi.Type, n int) unsafe.Pointer
    "runtime.newarray" = fn newarray(block, args, results) {
        *results = entry::newarray(block, *args as *const Type, *args.add(1) as i64) as u64;
    }
    // func procPin() int
    "runtime.procPin" = fn proc_pin(block, args, results) {
        pin(block, 1);
        *results = 0;
    }
    // func procUnpin()
    "runtime.procUnpin" = fn proc_unpin(block, args, results) { pin(block, -1) }
    // func fastrand() uint32
    "runtime.fastrand" = fn fastrand(block, args, results) { *results = rand() >> 32 }
    // func fastrandn(n uint32) uint32
    "runtime.fastrandn" = fn fastrandn(block, args, results) { *results = below(*args as u32) }
    // func cheaprand() uint32
    "runtime.cheaprand" = fn cheaprand(block, args, results) { *results = rand() >> 32 }
    // func cheaprandn(n uint32) uint32
    "runtime.cheaprandn" = fn cheaprandn(block, args, results) { *results = below(*args as u32) }
    // func cputicks() int64: any clock that counts fast will do
    "runtime.cputicks" = fn cputicks(block, args, results) { *results = crate::sched::clock::nanotime() as u64 }
}

/// A random number below `n`; 0 for 0.
fn below(n: u32) -> u64 {
    ((rand() >> 32) * u64::from(n)) >> 32
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
