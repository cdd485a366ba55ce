//! What `internal/runtime/maps` declares without a body: typed memory, random numbers, fatal errors.

use crate::heap::mbarrier;
use crate::sched::entry;
use crate::sched::rand::rand;
use crate::std::native_table::native_table;
use crate::types::TypeRef;
use crate::types::alg;
use itab_abi::types::Type;

native_table! {
    // func fatal(s string)
    "internal/runtime/maps.fatal" = fn fatal(block, args, results) {
        crate::sched::panic::throw_string(block, *args as *const u8, *args.add(1) as usize);
    }
    // func bootstrapRand() uint64
    "runtime.bootstrapRand" = fn bootstrap_rand(block, args, results) {
        *results = rand();
    }
    // func rand() uint64
    "internal/runtime/maps.rand" = fn maps_rand(block, args, results) {
        *results = rand();
    }
    // func typedmemmoveLong(typ *abi.Type, dst, src unsafe.Pointer)
    "internal/runtime/maps.typedmemmoveLong" = fn typedmemmove_long(block, args, results) {
        mbarrier::typedmemmove(*args as *const Type, *args.add(1) as *mut u8, *args.add(2) as *const u8);
    }
    // func typedmemclr(typ *abi.Type, ptr unsafe.Pointer)
    "internal/runtime/maps.typedmemclr" = fn typedmemclr(block, args, results) {
        mbarrier::typedmemclr(*args as *const Type, *args.add(1) as *mut u8);
    }
    // func newarray(typ *abi.Type, n int) unsafe.Pointer
    "internal/runtime/maps.newarray" = fn newarray(block, args, results) {
        *results = entry::newarray(block, *args as *const Type, *args.add(1) as i64) as u64;
    }
    // func newobject(typ *abi.Type) unsafe.Pointer
    "internal/runtime/maps.newobject" = fn newobject(block, args, results) {
        *results = entry::newobject(block, *args as *const Type) as u64;
    }
    // func memHashLong(p unsafe.Pointer, seed, s uintptr) uintptr
    "internal/runtime/maps.memHashLong" = fn mem_hash_long(block, args, results) {
        *results = alg::memhash_long(*args as *const u8, *args.add(1), *args.add(2) as usize);
    }
    // func typeString(typ *abi.Type) string
    "internal/runtime/maps.typeString" = fn type_string(block, args, results) {
        let text = TypeRef::from_ptr(*args as *const Type).string();
        *results = text.as_ptr() as u64;
        *results.add(1) = text.len() as u64;
    }
}
