//! Panics in progress, as records on stacks, and the type of the runtime's own errors.

use itab_abi::iface::Eface;
use itab_abi::types::{Kind, TFLAG_NAMED, Type};
use itab_abi::value::GoString;
use std::ptr;
use std::sync::atomic::AtomicI32;

/// A panic (or a `Goexit`) in progress. Lies on the stack of the goroutine that panics.
pub struct Panic {
    /// The panic during whose deferred calls this one began.
    pub link: *mut Panic,
    /// The value.
    pub value: Eface,
    /// A `Goexit`, which nothing recovers.
    pub goexit: bool,
    /// A deferred call has recovered it.
    pub recovered: bool,
    /// The fault it came from.
    pub fault: Option<Fault>,
}

/// A signal that became a panic.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Number of the signal.
    pub signal: i32,
    /// `si_code`.
    pub code: i32,
    /// Address that was accessed.
    pub addr: usize,
    /// Instruction.
    pub pc: usize,
}

/// The dynamic type of run-time errors of programs that have no package runtime: a string.
pub(super) static OWN_ERROR: OwnType = OwnType(Type {
    size: size_of::<GoString>(),
    ptr_bytes: 8,
    hash: 0x0e77_0e77,
    tflag: TFLAG_NAMED,
    align: 8,
    field_align: 8,
    kind: Kind::String as u8,
    equal: ptr::null(),
    gc_data: &raw const OWN_ERROR_MASK as *const u8,
    str: 0,
    ptr_to_this: AtomicI32::new(0),
});
static OWN_ERROR_MASK: u64 = 1;

pub(super) struct OwnType(pub Type);

// SAFETY: its pointers lead to immutable statics.
unsafe impl Sync for OwnType {}

/// Whether a panic's value is a text of the runtime's own.
pub(crate) fn is_own_error(value: Eface) -> bool {
    ptr::eq(value.typ, &OWN_ERROR.0)
}
