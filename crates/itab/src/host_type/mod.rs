//! Rust types whose values Go holds: `#[itab::host] impl Store { .. }`.
//!
//! A value passes into Go as any interface that its methods satisfy. Go sees a pointer to an opaque struct, `*store.Store`,
//! whose methods are the Rust type's. Which Go func type a method has is decided by the interface that asks for it: the
//! runtime asks ([`HostMethods`](itab_runtime::types::host::HostMethods)), the method's types are compared with the
//! interface's, and code is made that calls the method.
//!
//! - [`HostType`] is what the macro implements: names, and a list of methods ([`Describe`]);
//! - `methods` answers the runtime: it has a program's host types, and makes code;
//! - `call` is how a method is called: it borrows the value, hands over the arguments, gives the results;
//! - `handle` has [`Host`], a value that Go and Rust share, and values that are lent for one call;
//! - `canonical` has the func types that package reflect sees.
//!
//! The rules of borrowing are the runtime's (`sched::host_values`). What the macro generates is safe code. It gets the value,
//! the arguments and the results in closures that have no way to Go code, but for methods that take a scope.

pub(crate) mod call;
pub(crate) mod canonical;
pub(crate) mod handle;
pub(crate) mod methods;
pub(crate) mod text;

use crate::border::any::write_interface;
use crate::border::crossing::{Checker, Cx, Fits, GoType, Misfit, PlaceMut, rust_name};
use crate::border::host::{Call, CheckDeclaration, check_declaration};
use crate::border::records::FieldName;
use crate::error::Error;
use canonical::CanonicalSig;
use itab_abi::iface::Eface;
use itab_abi::types::Kind;
use itab_runtime::types::{TypeRef, is_exported};
use std::marker::PhantomData;

pub use handle::{Host, HostMut, HostRef};

/// A Rust type that is a type of the host: one with [`#[itab::host]`](macro@crate::host).
#[diagnostic::on_unimplemented(
    message = "Go knows no methods of `{Self}`",
    note = "a type whose values Go holds has an `impl` block with #[itab::host]"
)]
pub trait HostType: Send + Sized + 'static {
    /// Import path of the package that Go takes it to be of, or its module in Rust.
    #[doc(hidden)]
    const PACKAGE: &'static str;

    /// Its name in Go, if it is not that in Rust.
    #[doc(hidden)]
    const NAME: Option<&'static str>;

    /// Lists its methods.
    #[doc(hidden)]
    fn describe(all: &mut Describe<Self>);
}

/// Methods that a host type has besides those of its main block: of a trait `P`, `dyn Trait`, or of its fields.
pub trait HostPart<P: ?Sized>: HostType {
    /// Appends them.
    fn describe(all: &mut Describe<Self>);
}

/// Stands for the fields of a type, in [`HostPart`].
pub struct Fields;

/// A type that is asked which traits it implements: see `text` and `canonical`.
pub struct Probe<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> Probe<T> {
    /// Of a type.
    #[allow(clippy::new_without_default, reason = "made by the macro alone")]
    pub fn new() -> Probe<T> {
        Probe(PhantomData)
    }
}

/// A method of a host type.
#[derive(Clone, Copy)]
pub struct HostMethod {
    /// Its name.
    pub name: FieldName,
    /// The name that package reflect sees.
    pub go_name: &'static str,
    /// Compares it with a Go func type without the receiver.
    pub check: CheckDeclaration,
    /// The func type that package reflect sees.
    pub canonical: CanonicalSig,
    /// Calls it; the call's context is the receiver.
    pub call: fn(&mut Call<'_>) -> Result<(), Error>,
}

/// The methods of a host type.
pub struct Describe<T> {
    methods: Vec<HostMethod>,
    _type: PhantomData<fn(T)>,
}

impl<T: HostType> Describe<T> {
    pub(crate) fn all() -> Vec<HostMethod> {
        let mut all = Describe { methods: vec![], _type: PhantomData };
        T::describe(&mut all);
        all.methods
    }

    /// Appends a method, unless there is one with its name.
    pub fn method(&mut self, method: HostMethod) {
        if find(&self.methods, method.go_name).is_none() {
            self.methods.push(method);
        }
    }
}

/// The method with a name in Go.
fn find<'m>(methods: &'m [HostMethod], name: &str) -> Option<(usize, &'m HostMethod)> {
    let exact = methods.iter().position(|m| m.go_name == name);
    let at = exact.or_else(|| methods.iter().position(|m| m.name.is(name)))?;
    Some((at, &methods[at]))
}

/// How Go calls a host type: `store.Store`.
pub(crate) fn go_name<T: HostType>() -> String {
    let package = T::PACKAGE.rsplit(['/', ':']).next().unwrap_or(T::PACKAGE);
    let name = T::NAME.map_or_else(|| rust_name::<T>().replace('<', "[").replace('>', "]"), Into::into);
    format!("{package}.{name}")
}

/// Whether Go values of type `t` may be the host's of type `T`: an interface type that `T` satisfies, or `T`'s own type.
fn satisfies<T: HostType>(t: TypeRef<'_>) -> Result<(), String> {
    if t.kind() == Kind::Pointer {
        return if t.is_host() { Ok(()) } else { Err("an interface type".into()) };
    }
    let methods = Describe::<T>::all();
    for im in t.imethods() {
        let (name, mtyp) = t.imethod(im);
        let Some((_, method)) = find(&methods, name).filter(|_| is_exported(name)) else {
            return Err(format!("a type that has the method {name} too"));
        };
        let wrong = |why| format!("a type whose method {name} is {}: {why}", mtyp.string());
        check_declaration(mtyp, method.check).map_err(wrong)?;
    }
    Ok(())
}

/// Whether values of a host type may be, or come from, values of type `t`.
#[doc(hidden)]
pub fn accepts(t: GoType<'_>) -> bool {
    t.kind() == Kind::Interface || t.kind() == Kind::Pointer && t.0.is_host()
}

/// Whether `T` satisfies the interface `t`.
#[doc(hidden)]
pub fn check<T: HostType>(t: GoType<'_>, _: &mut Checker) -> Result<(), Misfit> {
    if !accepts(t) {
        return Err(Misfit::of::<T>(t));
    }
    satisfies::<T>(t.0).map_err(|wanted| Misfit { wanted, ..Misfit::of::<T>(t) })
}

/// Gives a value to Go, which owns it from then on.
#[doc(hidden)]
pub fn store<T: HostType + Fits>(value: T, to: PlaceMut<'_>) -> Result<(), Error> {
    let (cx, t, at) = to.accepted::<T>()?;
    let (typ, object) = methods::new_object(cx, value)?;
    // SAFETY: a place for a value of the type; the object is fresh, and no collection runs while values are stored.
    unsafe { store_object(cx, Eface { typ: typ.as_ptr(), data: object.cast() }, t, at) }
}

/// Writes an object of the host to a place for an interface, or for its own pointer type.
///
/// # Safety
/// As [`write_interface`], or `t` is a pointer type.
unsafe fn store_object(cx: Cx<'_>, value: Eface, t: TypeRef<'_>, at: *mut u8) -> Result<(), Error> {
    if t.kind() == Kind::Interface {
        // SAFETY: as the caller says.
        return unsafe { write_interface(cx, value, t, at) };
    }
    if t.as_ptr() != value.typ {
        let rust = value.typ;
        // SAFETY: a type of the program.
        let rust = unsafe { cx.typ(rust) }.string().into();
        return Err(Misfit { rust, ..Misfit::of::<()>(GoType(t)) }.error("the value"));
    }
    // SAFETY: a place for a pointer of this type.
    unsafe { at.cast::<*mut std::ffi::c_void>().write(value.data) };
    Ok(())
}
