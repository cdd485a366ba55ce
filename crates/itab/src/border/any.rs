//! Go's interface values, held by the host.

use crate::border::crossing::{Cx, Fits, FromGo, Give, GoType, Misfit, Place, PlaceMut, Take, rust_name};
use crate::border::describe::{Described, Describer};
use crate::border::func::{Func, Signature};
use crate::error::{Error, nearest};
use crate::program::Shared;
use crate::scope::Scope;
use itab_abi::iface::{Eface, Iface};
use itab_abi::types::{Kind, Type};
use itab_runtime::heap::mgcroots::HostRoot;
use itab_runtime::types::itab::method_index;
use itab_runtime::types::{TypeRef, is_exported};
use std::ffi::c_void;
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

    /// Where the value is, in a scope of its isolate.
    fn place<'a>(&'a self, cx: Cx<'a>) -> Result<Place<'a>, Error> {
        cx.owns(self.isolate)?;
        let typ = self.typ();
        let at = if typ.is_direct_iface() { (&raw const self.data).cast() } else { self.data.cast_const() };
        // SAFETY: the data word is, or leads to, a live value of the type; no Go code runs while the scope is borrowed.
        Ok(unsafe { Place::new(cx, typ, at) })
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
        let place = held.place(cx)?;
        cx.uninterrupted(|| T::load(place))
    }

    /// A new value of a basic Go type: `i64` is `int64` and `isize` is `int`, a string is `string`, a list of bytes `[]byte`.
    ///
    /// ```
    /// # fn main() -> itab::Result<()> {
    /// let mut isolate = itab::source("package main\nfunc IsInt(v any) bool { _, is := v.(int); return is }")?.isolate()?;
    /// let is_int = isolate.func::<fn(itab::Any) -> bool>("IsInt")?;
    /// let mut scope = isolate.scope()?;
    /// let value = itab::Any::new(&mut scope, 1isize)?;
    /// assert!(is_int.call(&mut scope, value)?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn new<T: Basic>(scope: &mut Scope<'_>, value: T) -> Result<Any, Error> {
        let cx = scope.own();
        let types = &cx.shared.runtime.types;
        let typ = if T::BYTES { types.slice_of(types.basic(Kind::Uint8)) } else { types.basic(T::KIND) };
        // SAFETY: the value was just made, and nothing was collected.
        cx.uninterrupted(|| box_new(cx, typ, |to| value.store(to)).map(|value| unsafe { Any::from_eface(cx, value) }))
    }

    /// A method of the value by its name, with a Rust signature that is checked here.
    ///
    /// ```
    /// # fn main() -> itab::Result<()> {
    /// let source = "package main\ntype N int\nfunc (n N) Plus(m int) int { return int(n) + m }\nfunc Five() any { return N(5) }";
    /// let mut isolate = itab::source(source)?.isolate()?;
    /// let five = isolate.func::<fn() -> itab::Any>("Five")?.call(&mut isolate)?;
    /// let plus = five.method::<fn(i64) -> i64>(&isolate.scope()?, "Plus")?;
    /// assert_eq!(plus.call(&mut isolate, 2)?, 7);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSuchFunc`], which names those with similar names; [`Error::Signature`] when the Rust signature does not fit;
    /// [`Error::Root`] in another isolate.
    pub fn method<F: Signature>(&self, scope: &Scope<'_>, name: &str) -> Result<Func<F>, Error> {
        let cx = scope.cx();
        let full = format!("{}.{name}", self.type_name());
        let none = |near| Error::NoSuchFunc { name: full.clone(), near };
        let held = self.0.as_ref().ok_or_else(|| none(vec![]))?;
        cx.owns(held.isolate)?;
        let typ = held.typ();
        let names = || (0..typ.methods().len()).map(|i| typ.method_name(i)).filter(|n| is_exported(n));
        let i = method_index(typ, name, "").filter(|_| is_exported(name));
        let near = || nearest(name, names().map(String::from).collect());
        let (mtyp, code) = typ.method_code(i.ok_or_else(|| none(near()))?);
        // SAFETY: the code is that of a method of the type, which takes the receiver's word as its context; the root keeps it.
        unsafe { Func::of_method(cx, mtyp, code, held.data, held._root.clone(), &full) }
    }

    /// Where the value is, in a scope of its isolate; none for nil.
    #[cfg(any(test, feature = "serde"))]
    pub(crate) fn place_in<'a>(&'a self, cx: Cx<'a>) -> Result<Option<Place<'a>>, Error> {
        self.0.as_ref().map(|held| held.place(cx)).transpose()
    }

    /// The words of the value, in a scope of its isolate.
    #[inline]
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

/// A new value as an interface holds it: `give` writes it.
pub(crate) fn box_new<'a>(
    cx: Cx<'a>,
    typ: TypeRef<'a>,
    give: impl FnOnce(PlaceMut<'a>) -> Result<(), Error>,
) -> Result<Eface, Error> {
    let object = cx.alloc(typ)?;
    // SAFETY: the fresh object is of the type; a direct value is a word.
    unsafe {
        give(PlaceMut::new(cx, typ, object))?;
        let data = if typ.is_direct_iface() { object.cast::<*mut c_void>().read() } else { object.cast() };
        Ok(Eface { typ: typ.as_ptr(), data })
    }
}

/// A Rust type that stands for a basic Go type, or for `[]byte`: see [`Any::new`]. It is sealed.
pub trait Basic: Give + OfKind {}

impl<T: Give + OfKind> Basic for T {}

/// Which type that is. It cannot be named outside of this crate.
pub trait OfKind {
    #[doc(hidden)]
    const KIND: Kind;
    #[doc(hidden)]
    const BYTES: bool = false;
}

macro_rules! of_kind {
    ($($t:ty => $kind:ident),*) => { $(
        impl OfKind for $t {
            const KIND: Kind = Kind::$kind;
        }
    )* };
}
of_kind! {
    bool => Bool, i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64, isize => Int, u8 => Uint8, u16 => Uint16,
    u32 => Uint32, u64 => Uint64, usize => Uint, f32 => Float32, f64 => Float64, char => Int32, &str => String, String => String
}

macro_rules! bytes {
    ($($t:ty),*) => { $(
        impl OfKind for $t {
            const KIND: Kind = Kind::Slice;
            const BYTES: bool = true;
        }
    )* };
}
bytes!(&[u8], Vec<u8>);

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
    fn describe(_: &mut Describer) -> Described {
        Ok("any".into())
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
    fn describe(d: &mut Describer) -> Described {
        Any::describe(d)
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
    /// What is in it, as a type that keeps nothing of it.
    #[cfg(test)]
    pub(crate) fn load_in<T: for<'a> Take<'a>>(&self, cx: Cx<'_>) -> Result<T, Error> {
        T::load(self.place_in(cx)?.expect("it is not nil"))
    }

    pub(crate) fn misfit<T>(&self, what: &str, wanted: &str) -> Error {
        let go = self.type_name().into();
        Misfit { path: String::new(), go, rust: rust_name::<T>(), wanted: wanted.into() }.error(what)
    }
}
