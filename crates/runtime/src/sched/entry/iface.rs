//! Interface entries.

use super::malloc::newobject;
use crate::heap::mgcroots::Local;
use crate::sched::panic::raise_error;
use crate::types::TypeRef;
use crate::types::alg::{self, NoAlg};
use crate::types::errors;
use crate::types::iface::{assert_e2i, assert_e2i2};
use itab_abi::block::IsolateBlock;
use itab_abi::iface::Itab;
use itab_abi::types::{SwitchCases, Type};

/// A copy of the value at `p` on the heap.
///
/// # Safety
/// Called by compiled code of the isolate; `p` points to a value of type `typ`.
#[allow(non_snake_case)]
pub unsafe extern "C" fn convT(block: *mut IsolateBlock, typ: *const Type, p: *const u8) -> *mut u8 {
    // SAFETY: as the caller says; the source stays alive during the allocation.
    unsafe {
        let source = Local::new(p.cast_mut());
        let copy = newobject(block, typ);
        crate::heap::mbarrier::memmove(copy, source.get(), (*typ).size);
        copy
    }
}

/// The itab of an interface type and a dynamic type, or a panic.
///
/// # Safety
/// Called by compiled code through its stub, with descriptors of the program; `typ` may be nil.
#[allow(non_snake_case)]
pub unsafe extern "C" fn assertE2I(block: *mut IsolateBlock, inter: *const Type, typ: *const Type) -> *const Itab {
    // SAFETY: as the caller says.
    unsafe {
        match assert_e2i(inter, typ) {
            Ok(tab) => tab.as_ptr(),
            Err(e) => raise_error(block, e),
        }
    }
}

/// The same, nil instead of a panic.
///
/// # Safety
/// As [`assertE2I`].
#[allow(non_snake_case)]
pub unsafe extern "C" fn assertE2I2(_: *mut IsolateBlock, inter: *const Type, typ: *const Type) -> *const Itab {
    // SAFETY: as the caller says.
    unsafe { assert_e2i2(inter, typ) }
}

/// The first of the cases of a type switch that a type implements: the table's entry.
///
/// # Safety
/// Called by compiled code through its stub, with the cases of one of its switches and a descriptor of the program.
#[allow(non_snake_case)]
pub unsafe extern "C" fn interfaceSwitch(_: *mut IsolateBlock, cases: *const SwitchCases, typ: *const Type) -> usize {
    // SAFETY: as the caller says; the type is not nil.
    unsafe { crate::types::assert::switch(cases, TypeRef::from_ptr(typ)) }
}

/// A failed assertion from an interface without methods.
///
/// # Safety
/// Called by compiled code through its stub, with descriptors of the program; `have` may be nil.
#[allow(non_snake_case)]
pub unsafe extern "C" fn panicdottypeE(
    block: *mut IsolateBlock,
    have: *const Type,
    want: *const Type,
    iface: *const Type,
) {
    // SAFETY: as the caller says.
    unsafe { raise_error(block, errors::panicdottype_e(have, want, iface)) }
}

/// From one with methods.
///
/// # Safety
/// Called by compiled code through its stub, with an itab and descriptors of the program; `have` may be nil.
#[allow(non_snake_case)]
pub unsafe extern "C" fn panicdottypeI(
    block: *mut IsolateBlock,
    have: *const Itab,
    want: *const Type,
    iface: *const Type,
) {
    // SAFETY: as the caller says.
    unsafe { raise_error(block, errors::panicdottype_i(have, want, iface)) }
}

/// An assertion of a nil interface to an interface type.
///
/// # Safety
/// Called by compiled code through its stub, with a descriptor of the program.
pub unsafe extern "C" fn panicnildottype(block: *mut IsolateBlock, want: *const Type) {
    // SAFETY: as the caller says.
    unsafe { raise_error(block, errors::panicnildottype(want)) }
}

/// # Safety
/// As [`raise_error`].
unsafe fn checked(block: *mut IsolateBlock, equal: Result<bool, NoAlg>) -> bool {
    match equal {
        Ok(equal) => equal,
        // SAFETY: as the caller says.
        Err(e) => unsafe { raise_error(block, e.uncomparable()) },
    }
}

/// `==` of two interfaces with the same dynamic type.
///
/// # Safety
/// Called by compiled code of the isolate with a type and two data words.
pub unsafe extern "C" fn efaceeq(block: *mut IsolateBlock, typ: *const Type, x: *const u8, y: *const u8) -> bool {
    // SAFETY: as the caller says.
    unsafe { checked(block, alg::efaceeq(typ, x, y)) }
}

/// The same with an itab.
///
/// # Safety
/// Called by compiled code of the isolate with an itab and two data words.
pub unsafe extern "C" fn ifaceeq(block: *mut IsolateBlock, tab: *const Itab, x: *const u8, y: *const u8) -> bool {
    // SAFETY: as the caller says.
    unsafe { checked(block, alg::ifaceeq(tab, x, y)) }
}

/// `==` of two values of a type.
///
/// # Safety
/// Called by compiled code of the isolate with pointers to two values.
pub unsafe extern "C" fn typeequal(block: *mut IsolateBlock, typ: *const Type, p: *const u8, q: *const u8) -> bool {
    // SAFETY: as the caller says.
    unsafe { checked(block, alg::typeequal(typ, p, q)) }
}
