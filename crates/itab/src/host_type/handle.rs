//! Values of the host that Rust and Go share, and values that are lent for one call.

use super::methods::{host_type, known_type, new_object};
use super::{HostType, accepts, check, go_name, store_object};
use crate::border::any::read_interface;
use crate::border::crossing::{Checker, Cx, Fits, Give, GoType, Misfit, Place, PlaceMut, Take};
use crate::border::func::{Arg, given};
use crate::error::Error;
use crate::scope::{Enter, Scope};
use itab_abi::iface::Eface;
use itab_abi::types::Kind;
use itab_runtime::heap::mgcroots::HostRoot;
use itab_runtime::sched::host_objects::{self, Exclusive, Loan, Shared};
use itab_runtime::sched::host_values::Refused;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A value of a host type that Go has, or will have: `Host<Store>`. However often it passes into Go, it is one value there.
/// A host value that comes from Go is one, too: so Go's interfaces are asserted back to the Rust type.
///
/// ```
/// struct Counter { n: i64 }
///
/// #[itab::host]
/// impl Counter {
///     fn add(&mut self, k: i64) -> i64 { self.n += k; self.n }
/// }
///
/// # fn main() -> itab::Result<()> {
/// let source = "package main
/// type Adder interface { Add(k int) int }
/// func Twice(a Adder) { a.Add(1); a.Add(1) }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let twice = isolate.func::<fn(itab::Host<Counter>)>("Twice")?;
/// let counter = itab::Host::new(&mut isolate, Counter { n: 40 })?;
/// twice.call(&mut isolate, &counter)?;
/// assert_eq!(counter.get(&isolate.scope()?)?.n, 42);
/// # Ok(())
/// # }
/// ```
pub struct Host<T> {
    object: *mut u8,
    typ: *const itab_abi::types::Type,
    root: Arc<HostRoot>,
    isolate: u64,
    _value: PhantomData<fn() -> T>,
}

// SAFETY: the object is followed in its isolate alone.
unsafe impl<T> Send for Host<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Host<T> {}

impl<T> Clone for Host<T> {
    fn clone(&self) -> Host<T> {
        Host { root: self.root.clone(), _value: PhantomData, ..*self }
    }
}

/// A value of a host type, borrowed. No Go code runs meanwhile.
pub struct HostRef<'a, T>(Shared<'a, T>);

/// A value of a host type, borrowed to be changed. No Go code runs meanwhile.
pub struct HostMut<'a, T>(Exclusive<'a, T>);

impl<T> Deref for HostRef<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for HostMut<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for HostMut<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

fn refused<T: HostType>(why: Refused) -> Error {
    Error::HostValue { what: go_name::<T>(), why: why.to_string() }
}

impl<T: HostType> Host<T> {
    /// Hands a value over to an isolate, which drops it when neither Go nor a handle has it any more.
    ///
    /// # Errors
    /// When the isolate is out of memory, or its initialisation has failed.
    pub fn new(isolate: &mut impl Enter, value: T) -> Result<Host<T>, Error> {
        let mut scope = isolate.scope()?;
        let cx = scope.own();
        cx.collect_if_due();
        cx.uninterrupted(|| {
            let (typ, object) = new_object(cx, value)?;
            Ok(Host::of(cx, typ.as_ptr(), object))
        })
    }

    fn of(cx: Cx<'_>, typ: *const itab_abi::types::Type, object: *mut u8) -> Host<T> {
        Host { object, typ, root: cx.root(object), isolate: cx.id(), _value: PhantomData }
    }

    /// The value.
    ///
    /// # Errors
    /// [`Error::HostValue`] when it is being changed, or is closed or expired; [`Error::Root`] in another isolate.
    pub fn get<'a>(&self, scope: &'a Scope<'_>) -> Result<HostRef<'a, T>, Error> {
        let cx = scope.cx();
        cx.owns(self.isolate)?;
        // SAFETY: the root keeps the object. No Go code runs while the scope is borrowed.
        unsafe { host_objects::shared(cx.rt(), self.object, false) }.map(HostRef).map_err(refused::<T>)
    }

    /// The value, to be changed.
    ///
    /// # Errors
    /// As [`Host::get`]; also when the value is in use.
    pub fn get_mut<'a>(&self, scope: &'a mut Scope<'_>) -> Result<HostMut<'a, T>, Error> {
        let cx = scope.cx();
        cx.owns(self.isolate)?;
        // SAFETY: as in `get`.
        unsafe { host_objects::exclusive(cx.rt(), self.object) }.map(HostMut).map_err(refused::<T>)
    }

    /// Takes the value back, at once. Go code that has it still panics when it calls a method.
    ///
    /// # Errors
    /// As [`Host::get_mut`]; also when the value is lent.
    pub fn close(&self, scope: &mut Scope<'_>) -> Result<T, Error> {
        let cx = scope.cx();
        cx.owns(self.isolate)?;
        // SAFETY: as in `get`.
        unsafe { (*cx.rt()).close_host_object::<T>(self.object) }.map(|value| *value).map_err(refused::<T>)
    }

    fn eface(&self, cx: Cx<'_>) -> Result<Eface, Error> {
        cx.owns(self.isolate)?;
        Ok(Eface { typ: self.typ, data: self.object.cast() })
    }
}

impl<T: HostType> fmt::Debug for Host<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({})", go_name::<T>())
    }
}

/// The object of the host value of type `T` in a place.
pub(super) fn object_at<T: HostType>(from: Place<'_>) -> Result<*mut u8, Error> {
    let (cx, t, at) = from.accepted::<Host<T>>()?;
    // SAFETY: a live interface value or pointer.
    let value = unsafe {
        if t.kind() == Kind::Pointer {
            Eface { typ: t.as_ptr(), data: at.cast::<*mut std::ffi::c_void>().read() }
        } else {
            read_interface(t, at)
        }
    };
    if !value.typ.is_null() && known_type::<T>(cx).is_some_and(|own| own.as_ptr() == value.typ) && !value.data.is_null()
    {
        return Ok(value.data.cast());
    }
    let go = if value.typ.is_null() {
        "nil".into()
    } else {
        // SAFETY: the dynamic type of a live value.
        unsafe { cx.typ(value.typ) }.string().into()
    };
    let rust = crate::border::crossing::rust_name::<T>();
    Err(Error::Type { what: "the value".into(), go, rust, wanted: String::new() })
}

impl<T: HostType> Fits for Host<T> {
    fn accepts(t: GoType<'_>) -> bool {
        accepts(t)
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        check::<T>(t, checker)
    }
}

impl<'a, T: HostType> Take<'a> for Host<T> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let cx = from.parts().0;
        let object = object_at::<T>(from)?;
        Ok(Host::of(cx, host_type::<T>(cx).as_ptr(), object))
    }
}

impl<T: HostType> Give for Host<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        (&self).store(to)
    }
}

impl<T: HostType> Fits for &Host<T> {
    fn accepts(t: GoType<'_>) -> bool {
        accepts(t)
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        check::<T>(t, checker)
    }
}

impl<T: HostType> Give for &Host<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        // SAFETY: a place for a value of the type; the root keeps the object.
        unsafe { store_object(cx, self.eface(cx)?, t, at) }
    }
}

/// Lends a value for as long as the loan lives.
///
/// # Safety
/// As [`lend`](itab_runtime::sched::isolate::Isolate::lend).
unsafe fn lend<T: HostType>(value: *mut T, mutable: bool, to: PlaceMut<'_>) -> Result<Loan, Error> {
    let (cx, t, at) = to.accepted::<Host<T>>()?;
    let typ = host_type::<T>(cx);
    // SAFETY: as the caller says. The place is one for a value of the type, and no collection runs while values are stored.
    unsafe {
        let (object, loan) = (*cx.rt()).lend(typ, value, mutable).map_err(|e| Error::Memory(e.to_string()))?;
        store_object(cx, Eface { typ: typ.as_ptr(), data: object.cast() }, t, at)?;
        Ok(loan)
    }
}

/// A value that is lent for the call. Go that keeps it finds it expired.
impl<T: HostType> Arg<T> for &mut T {
    type Loan = Loan;
    unsafe fn lend(self, to: PlaceMut<'_>) -> Result<Loan, Error> {
        // SAFETY: the reference is this function's until the call is over, when the caller drops the loan.
        unsafe { lend(self, true, to) }
    }
}

/// A value that is lent for the call, to methods that take `&self` and no scope.
impl<T: HostType> Arg<T> for &T {
    type Loan = Loan;
    unsafe fn lend(self, to: PlaceMut<'_>) -> Result<Loan, Error> {
        // SAFETY: as above; the value is not changed.
        unsafe { lend(std::ptr::from_ref(self).cast_mut(), false, to) }
    }
}

// Values that Rust and Go share already.
given! {
    [T: HostType] &Host<T> => Host<T>;
    [T: HostType] &Host<T> => T;
    [T: HostType] Host<T> => T;
}
