//! Roots: handles to Go values that may outlive a scope.

use crate::any::Any;
use crate::error::Error;
use crate::func::Func;
use crate::scope::Scope;
use itab_abi::types::Type;
use itab_runtime::heap::mgcroots::{DroppedRoots, RootId};
use itab_runtime::types::TypeRef;
use std::marker::PhantomData;

/// Keeps a Go value alive outside of scopes. `Send` and inert: a scope of its isolate opens it again; in any other, or
/// after its isolate is gone, that is [`Error::Root`].
#[derive(Debug)]
pub struct Root<T> {
    id: RootId,
    typ: usize,
    isolate: u64,
    dropped: DroppedRoots,
    _value: PhantomData<fn() -> T>,
}

impl<T> Root<T> {
    fn new(scope: &Scope<'_>, p: *mut u8, typ: *const Type) -> Root<T> {
        // SAFETY: the scope is the isolate's only user on this thread.
        let heap = unsafe { &mut (*scope.rt()).heap };
        Root {
            id: heap.new_root(p),
            typ: typ as usize,
            isolate: scope.id(),
            dropped: heap.dropped_roots(),
            _value: PhantomData,
        }
    }

    fn pointer(&self, scope: &Scope<'_>) -> Result<*mut u8, Error> {
        scope.owns(self.isolate)?;
        // SAFETY: as in `new`; the handle is of this isolate.
        Ok(unsafe { (*scope.rt()).heap.root(self.id) })
    }
}

impl<T> Drop for Root<T> {
    fn drop(&mut self) {
        self.dropped.lock().unwrap_or_else(|e| e.into_inner()).push(self.id);
    }
}

impl Func<'_> {
    /// Keeps the func value beyond the scope.
    ///
    /// # Errors
    /// [`Error::Root`] when it belongs to another isolate.
    pub fn root(&self, scope: &Scope<'_>) -> Result<Root<Func<'static>>, Error> {
        scope.owns(self.isolate)?;
        Ok(Root::new(scope, self.value.cast_mut().cast(), self.typ.as_ptr()))
    }
}

impl Root<Func<'static>> {
    /// The func value, in a scope of its isolate.
    ///
    /// # Errors
    /// [`Error::Root`] in another isolate.
    pub fn open<'s>(&self, scope: &Scope<'s>) -> Result<Func<'s>, Error> {
        let value = self.pointer(scope)?;
        // SAFETY: a descriptor of the program of this isolate.
        let typ = unsafe { TypeRef::from_ptr(self.typ as *const Type) };
        Ok(Func::new(scope, value.cast(), typ))
    }
}

impl Any<'_> {
    /// Keeps the value beyond the scope.
    ///
    /// # Errors
    /// [`Error::Root`] when it belongs to another isolate.
    pub fn root(&self, scope: &Scope<'_>) -> Result<Root<Any<'static>>, Error> {
        scope.owns(self.isolate)?;
        Ok(Root::new(scope, self.data, self.typ.map_or(std::ptr::null(), |t| t.as_ptr())))
    }
}

impl Root<Any<'static>> {
    /// The value, in a scope of its isolate.
    ///
    /// # Errors
    /// [`Error::Root`] in another isolate.
    pub fn open<'s>(&self, scope: &Scope<'s>) -> Result<Any<'s>, Error> {
        let data = self.pointer(scope)?;
        scope.keep(data);
        // SAFETY: a descriptor of the program of this isolate, or nil.
        let typ = (self.typ != 0).then(|| unsafe { TypeRef::from_ptr(self.typ as *const Type) });
        Ok(Any { typ, data, isolate: scope.id() })
    }
}
