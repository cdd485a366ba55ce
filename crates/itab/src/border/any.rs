//! Go's interface values, held by the host.

use crate::border::crossing::{Cx, Fits, FromGo, Give, GoType, Misfit, Place, PlaceMut, Take, rust_name};
use crate::error::Error;
use crate::program::Shared;
use crate::scope::Scope;
use itab_abi::iface::{Eface, Iface};
use itab_abi::types::{Kind, Type};
use itab_runtime::heap::mgcroots::HostRoot;
use itab_runtime::types::TypeRef;
use std::fmt;
use std::ptr;
use std::sync::Arc;

/// A Go value of any type, as an interface holds it: nil, or a value with its dynamic type. It is kept alive until it is
/// dropped, and is of use in its isolate alone.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let mut isolate = itab::source("package main\nfunc Answer() any { return 42 }")?.isolate()?;
/// let answer = isolate.func::<fn() -> itab::Any>("Answer")?.call(&mut isolate)?;
/// assert_eq!(answer.type_name(), "int");
/// assert_eq!(answer.get::<i64>(&isolate.scope()?)?, 42);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Any(Option<Held>);

/// A value that is not nil.
#[derive(Clone)]
struct Held {
    typ: *const Type,
    data: *mut u8,
    _root: Arc<HostRoot>,
    isolate: u64,
    /// Keeps the program's descriptors, `typ` among them.
    _shared: Arc<Shared>,
}

// SAFETY: the data is followed in a scope of its isolate alone; descriptors are immutable.
unsafe impl Send for Held {}
// SAFETY: as above.
unsafe impl Sync for Held {}

impl Held {
    fn typ(&self) -> TypeRef<'_> {
        // SAFETY: a descriptor of the program that is kept.
        unsafe { TypeRef::from_ptr(self.typ) }
    }
}

impl Any {
    /// The nil interface.
    pub const NIL: Any = Any(None);

    /// # Safety
    /// The words are those of a live value of the isolate.
    pub(crate) unsafe fn from_eface(cx: Cx<'_>, value: Eface) -> Any {
        if value.typ.is_null() {
            return Any::NIL;
        }
        let data = value.data.cast::<u8>();
        let (_root, _shared) = (cx.root(data), cx.shared.clone());
        Any(Some(Held { typ: value.typ, data, _root, isolate: cx.id(), _shared }))
    }

    /// Whether it is the nil interface.
    pub fn is_nil(&self) -> bool {
        self.0.is_none()
    }

    /// The dynamic type as Go prints it, `nil` for the nil interface.
    pub fn type_name(&self) -> &str {
        self.0.as_ref().map_or("nil", |held| held.typ().string())
    }

    /// The value as a Rust type that fits its dynamic type.
    ///
    /// # Errors
    /// [`Error::Type`] when it does not fit, [`Error::Root`] in another isolate.
    pub fn get<'a, T: FromGo<'a>>(&'a self, scope: &'a Scope<'_>) -> Result<T, Error> {
        let Some(held) = &self.0 else {
            let (go, rust) = ("nil".into(), rust_name::<T>());
            return Err(Error::Type { what: "the value".into(), go, rust, wanted: String::new() });
        };
        let cx = scope.cx();
        cx.owns(held.isolate)?;
        let typ = held.typ();
        let at = if typ.is_direct_iface() { (&raw const held.data).cast() } else { held.data.cast_const() };
        // SAFETY: the data word is, or leads to, a live value of the type; no Go code runs while the scope is borrowed.
        cx.uninterrupted(|| T::load(unsafe { Place::new(cx, typ, at) }))
    }

    /// The words of the value, in a scope of its isolate.
    pub(crate) fn eface(&self, cx: Cx<'_>) -> Result<Eface, Error> {
        let Some(held) = &self.0 else { return Ok(Eface { typ: ptr::null(), data: ptr::null_mut() }) };
        cx.owns(held.isolate)?;
        Ok(Eface { typ: held.typ, data: held.data.cast() })
    }
}

impl fmt::Debug for Any {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Any({})", self.type_name())
    }
}

/// The words of an interface value of any interface type.
///
/// # Safety
/// `at` is an interface value of type `t`.
pub(crate) unsafe fn read_interface(t: TypeRef<'_>, at: *const u8) -> Eface {
    // SAFETY: as the caller says. The first word of one with methods is its itab, which has the dynamic type.
    unsafe {
        if t.imethods().is_empty() {
            return at.cast::<Eface>().read();
        }
        let Iface { tab, data } = at.cast::<Iface>().read();
        let typ = if tab.is_null() { ptr::null() } else { (*tab).typ };
        Eface { typ, data }
    }
}

/// Writes a value as an interface value of any interface type.
///
/// # Safety
/// `at` is a place for an interface value of type `t`; the words are those of a live value of the isolate.
pub(crate) unsafe fn write_interface(cx: Cx<'_>, value: Eface, t: TypeRef<'_>, at: *mut u8) -> Result<(), Error> {
    // SAFETY: as the caller says.
    unsafe {
        if t.imethods().is_empty() || value.typ.is_null() {
            at.cast::<Eface>().write(value);
            return Ok(());
        }
        let typ = cx.typ(value.typ);
        let itab = itab_runtime::types::itab::getitab(t, typ).map_err(|e| Error::Type {
            what: format!("a value of type {} ({e})", typ.string()),
            go: t.string().into(),
            rust: rust_name::<Any>(),
            wanted: "a value that implements it".into(),
        })?;
        at.cast::<Iface>().write(Iface { tab: itab.as_ptr().cast_mut(), data: value.data });
        Ok(())
    }
}

impl Fits for Any {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Interface
    }
}

impl Give for Any {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        (&self).store(to)
    }
}

impl Fits for &Any {
    fn accepts(t: GoType<'_>) -> bool {
        Any::accepts(t)
    }
}

impl Give for &Any {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        let value = self.eface(cx)?;
        // SAFETY: a place for an interface value; this one is kept alive.
        unsafe { write_interface(cx, value, t, at) }
    }
}

impl<'a> Take<'a> for Any {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        // SAFETY: an interface value that is alive.
        Ok(unsafe { Any::from_eface(cx, read_interface(t, at)) })
    }
}

impl Any {
    pub(crate) fn misfit<T>(&self, what: &str, wanted: &str) -> Error {
        let go = self.type_name().into();
        Misfit { path: String::new(), go, rust: rust_name::<T>(), wanted: wanted.into() }.error(what)
    }
}
