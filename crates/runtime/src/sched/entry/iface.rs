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

/// The itab of an interface type and a dynamic type, or a panic. args: inter, typ; ret: `*Itab`.
///
/// # Safety
/// Called by compiled code through its stub.
#[allow(non_snake_case)]
pub unsafe extern "C" fn assertE2I(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        let [inter, typ, ..] = (*block).args.map(|a| a as *const Type);
        match assert_e2i(inter, typ) {
            Ok(tab) => (*block).ret[0] = tab.as_ptr() as u64,
            Err(e) => raise_error(block, e),
        }
    }
}

/// The same, nil instead of a panic.
///
/// # Safety
/// Called by compiled code through its stub.
#[allow(non_snake_case)]
pub unsafe extern "C" fn assertE2I2(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        let [inter, typ, ..] = (*block).args.map(|a| a as *const Type);
        (*block).ret[0] = assert_e2i2(inter, typ) as u64;
    }
}

/// The first of the cases of a type switch that a type implements. args: `*SwitchCases`, `*Type`; ret: the table's entry.
///
/// # Safety
/// Called by compiled code through its stub.
#[allow(non_snake_case)]
pub unsafe extern "C" fn interfaceSwitch(block: *mut IsolateBlock) {
    // SAFETY: as the caller says; the type is not nil.
    unsafe {
        let [cases, typ, ..] = (*block).args;
        let typ = TypeRef::from_ptr(typ as *const Type);
        (*block).ret[0] = crate::types::assert::switch(cases as *const SwitchCases, typ) as u64;
    }
}

/// A failed assertion from an interface without methods. args: have, want, iface.
///
/// # Safety
/// Called by compiled code through its stub.
#[allow(non_snake_case)]
pub unsafe extern "C" fn panicdottypeE(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        let [have, want, iface, ..] = (*block).args.map(|a| a as *const Type);
        raise_error(block, errors::panicdottype_e(have, want, iface))
    }
}

/// From one with methods. args: have `*Itab`, want, iface.
///
/// # Safety
/// Called by compiled code through its stub.
#[allow(non_snake_case)]
pub unsafe extern "C" fn panicdottypeI(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        let [have, want, iface, ..] = (*block).args;
        let e = errors::panicdottype_i(have as *const Itab, want as *const Type, iface as *const Type);
        raise_error(block, e)
    }
}

/// An assertion of a nil interface to an interface type. args: want.
///
/// # Safety
/// Called by compiled code through its stub.
pub unsafe extern "C" fn panicnildottype(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe { raise_error(block, errors::panicnildottype((*block).args[0] as *const Type)) }
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
