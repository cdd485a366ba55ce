//! Interfaces and itabs, as `internal/abi/iface.go` lays them out.

use crate::types::{InterfaceType, Type};
use core::ffi::c_void;
use core::sync::atomic::{AtomicUsize, Ordering};

/// A value of an interface type without methods.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Eface {
    /// Dynamic type, nil for the nil interface.
    pub typ: *const Type,
    /// The value itself when the type is direct, else a pointer to it.
    pub data: *mut c_void,
}

/// A value of an interface type with methods.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Iface {
    /// Itab of (interface type, dynamic type), nil for the nil interface.
    pub tab: *const Itab,
    /// As [`Eface::data`].
    pub data: *mut c_void,
}

/// One per (interface type, dynamic type) in a program.
#[repr(C)]
#[derive(Debug)]
pub struct Itab {
    /// The interface type.
    pub inter: *const InterfaceType,
    /// The dynamic type.
    pub typ: *const Type,
    /// Copy of `typ.hash`; always set (gc leaves it 0 in itabs made at run time).
    pub hash: u32,
    /// Padding.
    pub _pad: u32,
    /// Code of the first method; the others follow, in the order of the interface's methods. 0 in a negative entry.
    /// A stub's address is replaced when the real code exists, hence atomic.
    pub fun: [AtomicUsize; 1],
}

impl Itab {
    /// Whether this is a negative entry: the type lacks a method.
    pub fn is_negative(&self) -> bool {
        self.fun[0].load(Ordering::Relaxed) == 0
    }
}

/// Offset of the code pointer of an interface's method `i` from its itab.
pub const fn itab_fun_offset(i: usize) -> usize {
    core::mem::offset_of!(Itab, fun) + i * size_of::<usize>()
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<Eface>() == 16 && size_of::<Iface>() == 16);
    assert!(core::mem::offset_of!(Itab, typ) == 8 && core::mem::offset_of!(Itab, hash) == 16);
    assert!(itab_fun_offset(0) == 24);
};
