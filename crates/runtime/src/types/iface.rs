//! Interface values: what is in them, and assertions to interface types. What compiled code does not do inline.

use crate::types::TypeRef;
use crate::types::assert;
use crate::types::errors::{self, RuntimeError};
use crate::types::itab::{self, ItabRef};
use itab_abi::iface::{Eface, Iface, Itab};
use itab_abi::types::{InterfaceType, Type};

/// Where the value of an interface is: in the data word or behind it.
///
/// # Safety
/// `e` holds a descriptor and its data word; the result is valid as long as `e` stays where it is.
pub unsafe fn unpack_eface(e: &Eface) -> *const u8 {
    // SAFETY: the caller vouches for the type.
    if unsafe { (*e.typ).is_direct_iface() } { (&raw const e.data).cast() } else { e.data.cast_const().cast() }
}

/// The itab for a dynamic type that must implement `inter`; nil types never do.
///
/// # Safety
/// `inter` is a descriptor of an interface type with methods, `typ` is nil or a descriptor of the same program.
pub unsafe fn assert_e2i<'t>(inter: *const Type, typ: *const Type) -> Result<ItabRef<'t>, RuntimeError> {
    if typ.is_null() {
        return Err(errors::panicnildottype(inter));
    }
    // SAFETY: the caller vouches for both.
    let (inter, typ) = unsafe { (TypeRef::from_ptr(inter), TypeRef::from_ptr(typ)) };
    assert::assert(inter, typ).ok_or_else(|| itab::missing(inter, typ))
}

/// The same, nil instead of an error.
///
/// # Safety
/// As [`assert_e2i`].
pub unsafe fn assert_e2i2(inter: *const Type, typ: *const Type) -> *const Itab {
    if typ.is_null() {
        return std::ptr::null();
    }
    // SAFETY: the caller vouches for both.
    let found = unsafe { assert::assert(TypeRef::from_ptr(inter), TypeRef::from_ptr(typ)) };
    found.map_or(std::ptr::null(), ItabRef::as_ptr)
}

/// Converts an interface without methods to the interface type `inter`, at `dst` (`reflect.ifaceE2I`).
///
/// # Safety
/// As [`assert_e2i`]; `dst` is writable.
pub unsafe fn iface_e2i(inter: *const InterfaceType, e: Eface, dst: *mut Iface) -> Result<(), RuntimeError> {
    // SAFETY: the caller vouches for all three.
    unsafe {
        let m = assert_e2i(inter.cast(), e.typ)?;
        dst.write(Iface { tab: m.as_ptr(), data: e.data });
    }
    Ok(())
}
