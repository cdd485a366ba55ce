//! What `internal/runtime/maps` declares without a body: typed memory, random numbers, fatal errors.

use crate::heap::mbarrier;
use crate::sched::entry;
use crate::std::native::{go_string_of, natives};
use crate::types::TypeRef;
use crate::types::alg;
use itab_abi::types::Type;
use itab_abi::value::GoString;

natives! {
    /// `func fatal(s string)`
    "internal/runtime/maps.fatal" = fn fatal(block, s: GoString) {
        // SAFETY: the text is a string of the caller; nothing here needs dropping.
        unsafe { crate::sched::panic::throw_string(block, s.ptr, s.len) }
    }
    /// `func typedmemmoveLong(typ *abi.Type, dst, src unsafe.Pointer)`
    "internal/runtime/maps.typedmemmoveLong" = fn typedmemmove_long(_, typ: *const Type, dst: *mut u8, src: *const u8) {
        // SAFETY: both are slots of maps for values of the type.
        unsafe { mbarrier::typedmemmove(typ, dst, src) }
    }
    /// `func typedmemclr(typ *abi.Type, ptr unsafe.Pointer)`
    "internal/runtime/maps.typedmemclr" = fn typedmemclr(_, typ: *const Type, ptr: *mut u8) {
        // SAFETY: a slot of a map for a value of the type.
        unsafe { mbarrier::typedmemclr(typ, ptr) }
    }
    /// `func newarray(typ *abi.Type, n int) unsafe.Pointer`
    "internal/runtime/maps.newarray" = fn newarray(block, typ: *const Type, n: i64) -> *mut u8 {
        // SAFETY: the type is a descriptor; nothing here needs dropping.
        unsafe { entry::newarray(block, typ, n) }
    }
    /// `func newobject(typ *abi.Type) unsafe.Pointer`
    "internal/runtime/maps.newobject" = fn newobject(block, typ: *const Type) -> *mut u8 {
        // SAFETY: the type is a descriptor; nothing here needs dropping.
        unsafe { entry::newobject(block, typ) }
    }
    /// `func memHashLong(p unsafe.Pointer, seed, s uintptr) uintptr`
    "internal/runtime/maps.memHashLong" = fn mem_hash_long(_, p: *const u8, seed: u64, s: usize) -> u64 {
        // SAFETY: package maps hashes `s` bytes of a key.
        unsafe { alg::memhash_long(p, seed, s) }
    }
    /// `func typeString(typ *abi.Type) string`
    "internal/runtime/maps.typeString" = fn type_string(_, typ: *const Type) -> GoString {
        // SAFETY: the type is a descriptor, whose text lives as long as the program.
        go_string_of(unsafe { TypeRef::from_ptr(typ) }.string())
    }
}
