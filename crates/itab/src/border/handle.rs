//! A Go object that the host holds: its address and type, and what keeps it alive. The public handles on structs, pointers and
//! maps are made of it.

use crate::border::crossing::Cx;
use crate::error::Error;
use crate::program::Shared;
use itab_abi::types::Type;
use itab_runtime::heap::mgcroots::HostRoot;
use itab_runtime::types::TypeRef;
use std::sync::Arc;

/// An address in an isolate, with a type. It is followed in a scope of the isolate alone.
#[derive(Clone)]
pub(crate) struct Handle {
    at: *mut u8,
    typ: *const Type,
    _root: Arc<HostRoot>,
    isolate: u64,
    /// Keeps the program's descriptors, `typ` among them.
    _shared: Arc<Shared>,
}

// SAFETY: the address is followed in a scope of its isolate alone; descriptors are immutable.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Handle {
    /// # Safety
    /// `at` is nil or leads to a live object of the isolate, which has there what the type says.
    pub(crate) unsafe fn new(cx: Cx<'_>, typ: TypeRef<'_>, at: *mut u8) -> Handle {
        Handle { at, typ: typ.as_ptr(), _root: cx.root(at), isolate: cx.id(), _shared: cx.shared.clone() }
    }

    /// The type.
    pub(crate) fn typ(&self) -> TypeRef<'_> {
        // SAFETY: a descriptor of the program that is kept.
        unsafe { TypeRef::from_ptr(self.typ) }
    }

    pub(crate) fn is_nil(&self) -> bool {
        self.at.is_null()
    }

    /// Type and address, in a scope of its isolate.
    ///
    /// # Errors
    /// [`Error::Root`] in another isolate.
    #[inline]
    pub(crate) fn open<'a>(&'a self, cx: Cx<'a>) -> Result<(TypeRef<'a>, *mut u8), Error> {
        cx.owns(self.isolate)?;
        Ok((self.typ(), self.at))
    }

    /// Whether both are the same address of the same isolate.
    pub(crate) fn is_same(&self, other: &Handle) -> bool {
        self.isolate == other.isolate && self.at == other.at
    }
}
