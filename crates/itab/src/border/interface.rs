//! Rust traits as Go interfaces: [`interface`](macro@crate::interface) describes a trait, any Go value whose methods fit is one.
//!
//! The methods of a trait are looked up in the method table of a Go type by name, and their func types are compared with
//! the trait's. What is found is a [`Table`], made once for each pair of a trait and a Go type, failures included, as itabs
//! are: a program keeps all, and each thread its newest. A call through it passes the receiver's word as the context of the
//! method, as Go's own calls through itabs do, so that no Go code is between Rust and the method.
//!
//! - [`Root`] is a value that fits a trait, inert and `Send`;
//! - [`Iface`] is one in a scope, and implements the trait;
//! - [`Plugin`](crate::Plugin) owns its isolate, and implements the trait.

use crate::border::any::{Any, read_interface};
use crate::border::crossing::{
    Checker, Cx, Fits, Give, GoType, Misfit, Place, PlaceMut, Take, Uninterrupted, rust_name,
};
use crate::border::func::{ArgPlaces, call_in_frame, check_results, given, parameter, result_misfit, wrong_count};
use crate::border::host::{CheckDeclaration, go_types};
use crate::border::records::FieldName;
use crate::border::results::{GiveResults, TakeResults};
use crate::border::signature::FuncSig;
use crate::error::Error;
use crate::isolate::Isolate;
use crate::program::Shared;
use crate::scope::Scope;
use itab_abi::iface::Eface;
use itab_abi::types::Kind;
use itab_runtime::types::{TypeRef, is_exported};
use rustc_hash::FxHashMap;
use std::any::TypeId;
use std::cell::{Cell, RefCell};
use std::collections::hash_map::Entry;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

/// A trait that is a Go interface: `dyn Trait` of a trait with [`#[itab::interface]`](macro@crate::interface).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Go interface",
    note = "it is `dyn Trait` of a trait with #[itab::interface]"
)]
pub trait Interface: 'static {
    /// How many methods it has, with those of its super-traits.
    #[doc(hidden)]
    const COUNT: usize;

    /// Appends them, its own first.
    #[doc(hidden)]
    fn methods(all: &mut Vec<Method>);
}

/// An interface that has the methods of `I`: itself, or one whose super-trait `I` is.
#[diagnostic::on_unimplemented(
    message = "the Go interface `{Self}` does not name `{I}` among its super-traits",
    note = "a trait with #[itab::interface] names all of its super-traits, those of super-traits too"
)]
pub trait Includes<I: ?Sized>: Interface {
    /// Where they begin among its methods.
    #[doc(hidden)]
    const OFFSET: usize;
}

/// A method of a trait.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Its name in Go.
    pub name: FieldName,
    /// Whether the trait has a default for it.
    pub optional: bool,
    /// Compares it with a Go func type.
    pub check: CheckDeclaration,
}

/// Compares the types of a method or function, in order.
pub struct MethodChecker<'t> {
    ins: &'t [GoType<'t>],
    outs: &'t [GoType<'t>],
    next: usize,
}

impl<'t> MethodChecker<'t> {
    /// A Go function with these parameters and results, and a Rust one with so many parameters.
    ///
    /// # Errors
    /// When it has another number.
    pub fn new(ins: &'t [GoType<'t>], outs: &'t [GoType<'t>], params: usize) -> Result<Self, String> {
        if ins.len() == params {
            Ok(MethodChecker { ins, outs, next: 0 })
        } else {
            Err(wrong_count(ins.len(), params, "parameter"))
        }
    }

    /// The next parameter.
    ///
    /// # Errors
    /// How it does not fit.
    pub fn param<T: Fits>(mut self) -> Result<Self, String> {
        let t = self.ins[self.next];
        T::check(t, &mut Checker::default()).map_err(|m| m.error(&parameter(self.next)).to_string())?;
        self.next += 1;
        Ok(self)
    }

    /// All results.
    ///
    /// # Errors
    /// How they do not fit.
    pub fn results<R: TakeResults>(self) -> Result<(), String> {
        check_results::<R>(self.outs)
    }

    /// All results, which Rust gives.
    ///
    /// # Errors
    /// How they do not fit.
    pub fn gives<R: GiveResults>(self) -> Result<(), String> {
        R::check(self.outs, &mut Checker::default()).map_err(|m| result_misfit(m, self.outs.len()))
    }
}

/// A method of a Go type, as a trait calls it.
struct Callee {
    /// The stub of the method's code, which takes the receiver's word as its context.
    code: usize,
    sig: Arc<FuncSig>,
    enter: usize,
}

/// The methods of a trait on a Go type; none for those that the trait has defaults for.
pub(crate) struct Table(Box<[Option<Callee>]>);

/// Why a Go type does not fit a trait: each method, in words.
type Missing = Vec<String>;

/// Tables that a program has made, and the pairs that do not fit.
#[derive(Default)]
pub(crate) struct Tables(Mutex<ByPair>);

/// By trait and Go type; none where the type does not fit.
type ByPair = FxHashMap<(TypeId, usize), Option<Box<Table>>>;

const KNOWN: usize = 64;

/// Pair, number of the program, and the table, which lives as long as the program: nil if there is none.
type Known = (TypeId, usize, u64, *const Table);

thread_local! {
    static CACHE: [Cell<Option<Known>>; KNOWN] = const { [const { Cell::new(None) }; KNOWN] };
}

/// The table of a trait and a Go type, if it fits.
fn table<'a, T: Interface + ?Sized>(cx: Cx<'a>, typ: TypeRef<'a>) -> Option<&'a Table> {
    let (rust, go, program) = (TypeId::of::<T>(), typ.as_ptr() as usize, cx.shared.id);
    CACHE.with(|cache| {
        let methods = T::methods as *const () as usize;
        let place = &cache[(go >> 4 ^ methods >> 4) % KNOWN];
        let found = match place.get() {
            Some((r, g, p, found)) if (r, g, p) == (rust, go, program) => found,
            _ => {
                let found = cx.shared.tables.get::<T>(cx.shared, typ).map_or(std::ptr::null(), |t| t as *const Table);
                place.set(Some((rust, go, program, found)));
                found
            }
        };
        // SAFETY: nil, or a table of the program: numbers of programs are never used again, and this one lives for `'a`.
        unsafe { found.as_ref() }
    })
}

impl Tables {
    /// The table of a trait and a Go type, made now if nobody has asked for it.
    fn get<T: Interface + ?Sized>(&self, shared: &Shared, typ: TypeRef<'_>) -> Option<&Table> {
        let key = (TypeId::of::<T>(), typ.as_ptr() as usize);
        let known = |tables: &ByPair| tables.get(&key).map(|t| t.as_deref().map(|t| t as *const Table));
        let lock = || self.0.lock().unwrap_or_else(|e| e.into_inner());
        let found = known(&lock());
        let found = found.unwrap_or_else(|| {
            // Made without the lock, since shims are compiled for it; who comes second finds the first one's.
            let made = make::<T>(shared, typ).ok().map(Box::new);
            let mut tables = lock();
            let kept = match tables.entry(key) {
                Entry::Occupied(e) => e.into_mut(),
                Entry::Vacant(e) => e.insert(made),
            };
            kept.as_deref().map(|t| t as *const Table)
        });
        // SAFETY: tables are boxed, and never changed or removed while `self` lives.
        found.map(|t| unsafe { &*t })
    }
}

/// Looks for every method of a trait in the method table of a Go type.
fn make<T: Interface + ?Sized>(shared: &Shared, typ: TypeRef<'_>) -> Result<Table, Missing> {
    let mut methods = vec![];
    T::methods(&mut methods);
    let (mut entries, mut missing) = (vec![], vec![]);
    for method in &methods {
        match find(typ, method) {
            Ok(Some(i)) => match entry(shared, typ, i) {
                Ok(entry) => entries.push(Some(entry)),
                Err(e) => missing.push(e.to_string()),
            },
            Ok(None) => entries.push(None),
            Err(why) => missing.push(why),
        }
    }
    if missing.is_empty() { Ok(Table(entries.into())) } else { Err(missing) }
}

/// The index of a method in a Go type's table; none if it is not there and need not be.
fn find(typ: TypeRef<'_>, method: &Method) -> Result<Option<usize>, String> {
    let names = (0..typ.methods().len()).map(|i| typ.method_name(i));
    let Some(i) = names.clone().position(|name| is_exported(name) && method.name.is(name)) else {
        let missing = || format!("missing method {}", method.name.go());
        return if method.optional { Ok(None) } else { Err(missing()) };
    };
    let (mtyp, _) = typ.method_code(i);
    let (ins, outs, _) = mtyp.signature();
    (method.check)(&go_types(ins), &go_types(outs))
        .map(|()| Some(i))
        .map_err(|why| format!("method {} is {}: {why}", typ.method_name(i), mtyp.string()))
}

fn entry(shared: &Shared, typ: TypeRef<'_>, i: usize) -> Result<Callee, Error> {
    let (mtyp, code) = typ.method_code(i);
    let sig = shared.func_sig(mtyp);
    let enter = sig.enter(shared)?;
    Ok(Callee { code, sig, enter })
}

/// Why a value does not fit a trait.
fn misfit<T: Interface + ?Sized>(shared: &Shared, typ: TypeRef<'_>) -> Error {
    let why = make::<T>(shared, typ).err().unwrap_or_default();
    Error::NotImplemented { go: typ.string().into(), interface: rust_name::<T>(), missing: why }
}

/// The table of a value's type, or why there is none.
fn table_of<'a, T: Interface + ?Sized>(cx: Cx<'a>, value: Eface) -> Result<&'a Table, Error> {
    if value.typ.is_null() {
        let missing = vec!["it is nil".into()];
        return Err(Error::NotImplemented { go: "nil".into(), interface: rust_name::<T>(), missing });
    }
    // SAFETY: the type of a value of the isolate.
    let typ = unsafe { cx.typ(value.typ) };
    table::<T>(cx, typ).ok_or_else(|| misfit::<T>(cx.shared, typ))
}

/// The table of a value's type.
pub(crate) fn table_in<T: Interface + ?Sized>(cx: Cx<'_>, value: &Any) -> Result<*const Table, Error> {
    Ok(table_of::<T>(cx, value.eface(cx)?)?)
}

/// A Go value that fits a trait: inert and `Send`, of use in its isolate alone, kept alive until it is dropped. A Go function
/// may return it or take it, as any of its interfaces; [`Root::open`] makes an [`Iface`] of it.
///
/// ```
/// #[itab::interface]
/// trait Shape {
///     fn area(&self) -> itab::Result<f64>;
/// }
///
/// # fn main() -> itab::Result<()> {
/// let source = "package main
/// type Square struct{ side float64 }
/// func (s Square) Area() float64 { return s.side * s.side }
/// func New(side float64) Square { return Square{side} }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let square = isolate.func::<fn(f64) -> itab::Root<dyn Shape>>("New")?.call(&mut isolate, 3.0)?;
/// assert_eq!(square.open(&mut isolate.scope()?)?.area()?, 9.0);
/// # Ok(())
/// # }
/// ```
pub struct Root<T: ?Sized> {
    value: Any,
    _trait: PhantomData<fn() -> Box<T>>,
}

impl<T: ?Sized> Clone for Root<T> {
    fn clone(&self) -> Root<T> {
        Root { value: self.value.clone(), _trait: PhantomData }
    }
}

impl<T: ?Sized> fmt::Debug for Root<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({})", self.value.type_name())
    }
}

impl<T: Interface + ?Sized> Root<T> {
    /// The value.
    pub fn value(&self) -> &Any {
        &self.value
    }

    /// The value in a scope, where its methods are called.
    ///
    /// # Errors
    /// [`Error::Root`] in another isolate.
    pub fn open<'a>(&self, scope: &'a mut Scope<'_>) -> Result<Iface<'a, T>, Error> {
        self.value.bind(scope)
    }
}

impl Any {
    /// The value as a trait, in a scope.
    ///
    /// # Errors
    /// [`Error::NotImplemented`], which names the methods that are missing; [`Error::Root`] in another isolate.
    pub fn bind<'a, T: Interface + ?Sized>(&self, scope: &'a mut Scope<'_>) -> Result<Iface<'a, T>, Error> {
        Iface::new(Door::Scope(scope.reborrow()), self)
    }
}

/// The value behind any Go type, boxed as in an interface.
fn boxed(place: Place<'_>) -> Result<Any, Error> {
    let (cx, t, at) = place.parts();
    // SAFETY: the place holds a live value of its type; a copy of one has memory of its own.
    unsafe {
        if t.kind() == Kind::Interface {
            return Ok(Any::from_eface(cx, read_interface(t, at)));
        }
        let data = if t.is_direct_iface() {
            at.cast::<*mut u8>().read()
        } else {
            let copy = cx.alloc(t)?;
            copy.copy_from_nonoverlapping(at, t.size());
            copy
        };
        Ok(Any::from_eface(cx, Eface { typ: t.as_ptr(), data: data.cast() }))
    }
}

impl<T: Interface + ?Sized> Fits for Root<T> {
    const POINTER: bool = true;

    fn accepts(_: GoType<'_>) -> bool {
        true
    }

    fn check(t: GoType<'_>, _: &mut Checker) -> Result<(), Misfit> {
        // What is in an interface is seen when there is a value.
        if t.kind() == Kind::Interface {
            return Ok(());
        }
        let mut methods = vec![];
        T::methods(&mut methods);
        let missing: Vec<String> = methods.iter().filter_map(|m| find(t.0, m).err()).collect();
        let wanted = || format!("a type that implements {}: {}", rust_name::<T>(), missing.join("; "));
        if missing.is_empty() { Ok(()) } else { Err(Misfit { wanted: wanted(), ..Misfit::of::<Self>(t) }) }
    }
}

impl<'a, T: Interface + ?Sized> Take<'a> for Root<T> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, ..) = from.parts();
        let value = boxed(from)?;
        table_of::<T>(cx, value.eface(cx)?)?;
        Ok(Root { value, _trait: PhantomData })
    }
}

impl<T: Interface + ?Sized> Give for Root<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        (&self).store(to)
    }
}

impl<T: Interface + ?Sized> Fits for &Root<T> {
    fn accepts(t: GoType<'_>) -> bool {
        Any::accepts(t)
    }
}

impl<T: Interface + ?Sized> Give for &Root<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        (&self.value).store(to)
    }
}

given! {
    [T: Interface + ?Sized] &Root<T> => Root<T>;
    [T: Interface + ?Sized] &Root<T> => Any;
    [T: Interface + ?Sized] Root<T> => Any;
}

/// How an [`Iface`] reaches its isolate.
pub(crate) enum Door<'a> {
    /// It has the scope for itself.
    Scope(Scope<'a>),
    /// A plug-in lets one in at a time.
    Plugin(&'a RefCell<Isolate>),
}

/// A Go value that implements the trait of `T`, `dyn Trait`, in a scope or a [`Plugin`](crate::Plugin), which it borrows. Its
/// methods are calls into Go.
///
/// A method whose result is a `Result` gives Go's error, and says how a call ended that did not return; one with another
/// result panics then, if there is an error.
pub struct Iface<'a, T: ?Sized> {
    door: Door<'a>,
    value: Any,
    table: *const Table,
    _trait: PhantomData<fn() -> Box<T>>,
}

impl<'a, T: Interface + ?Sized> Iface<'a, T> {
    pub(crate) fn new(mut door: Door<'a>, value: &Any) -> Result<Iface<'a, T>, Error> {
        let table = match &mut door {
            Door::Scope(scope) => table_in::<T>(scope.cx(), value)?,
            Door::Plugin(isolate) => {
                let mut isolate = isolate.try_borrow_mut().map_err(|_| Error::Busy)?;
                table_in::<T>(isolate.scope()?.cx(), value)?
            }
        };
        Ok(Iface { door, value: value.clone(), table, _trait: PhantomData })
    }

    /// The same value as another trait, as Go's assertion `x.(I)` to an interface type: none if a method is missing or is
    /// another.
    pub fn cast<U: Interface + ?Sized>(&mut self) -> Option<Iface<'_, U>> {
        let door = match &mut self.door {
            Door::Scope(scope) => Door::Scope(scope.reborrow()),
            Door::Plugin(isolate) => Door::Plugin(isolate),
        };
        Iface::new(door, &self.value).ok()
    }

    /// The dynamic type as Go prints it.
    pub fn type_name(&self) -> &str {
        self.value.type_name()
    }

    /// The value, to be kept.
    pub fn root(&self) -> Root<T> {
        Root { value: self.value.clone(), _trait: PhantomData }
    }
}

impl<T: ?Sized> fmt::Debug for Iface<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iface({})", self.value.type_name())
    }
}

/// The arguments of a method that is being called, one after the other.
pub struct MethodArgs<'a> {
    places: ArgPlaces<'a>,
    next: usize,
    /// Since there is an argument that needs it.
    uninterrupted: Option<Uninterrupted<'a>>,
}

impl MethodArgs<'_> {
    /// Gives the next argument.
    ///
    /// # Errors
    /// When it cannot be represented.
    #[inline]
    pub fn give<A: Give>(&mut self, value: A) -> Result<(), Error> {
        if A::PLAIN.is_none() && self.uninterrupted.is_none() {
            self.uninterrupted = Some(self.places.cx().uninterrupted_until_dropped());
        }
        let place = self.places.get(self.next)?;
        self.next += 1;
        value.store(place)
    }
}

/// What generated code calls methods through: an [`Iface`] or a [`Plugin`](crate::Plugin).
pub trait Receiver<T: ?Sized> {
    /// Whether Go has the method with this number.
    fn has(&self, method: usize) -> bool;

    /// Calls the method with this number.
    ///
    /// # Errors
    /// Go's own, and how a call ended that did not return.
    fn invoke<R: TakeResults>(
        &self,
        method: usize,
        give: impl FnOnce(&mut MethodArgs<'_>) -> Result<(), Error>,
    ) -> Result<R::Value, Error>;
}

/// Calls a method of a value.
///
/// # Safety
/// The table is that of the value's type, in the program of the scope's isolate.
#[inline(always)]
pub(crate) unsafe fn invoke<R: TakeResults>(
    scope: &mut Scope<'_>,
    value: &Any,
    table: *const Table,
    method: usize,
    give: impl FnOnce(&mut MethodArgs<'_>) -> Result<(), Error>,
) -> Result<R::Value, Error> {
    // The value belongs to this isolate, or this is an error.
    let receiver = value.eface(scope.cx())?;
    // SAFETY: as the caller says; the program keeps the table.
    let table = unsafe { &*table };
    let entry = table.0.get(method).and_then(Option::as_ref);
    let entry = entry.ok_or_else(no_method)?;
    let target = (entry.code, receiver.data as usize);
    let give = |places: ArgPlaces<'_>| give(&mut MethodArgs { places, next: 0, uninterrupted: None });
    // SAFETY: the code takes the receiver's word as its context, and is of this type; the value is kept alive.
    unsafe { call_in_frame::<R, ()>(scope, &entry.sig, entry.enter, target, give) }
}

#[cold]
fn no_method() -> Error {
    Error::Internal("a trait calls a method that it has not".into())
}

/// Whether a table has a method.
///
/// # Safety
/// The table's program is kept.
#[inline]
pub(crate) unsafe fn has(table: *const Table, method: usize) -> bool {
    // SAFETY: as the caller says.
    let table = unsafe { &*table };
    table.0.get(method).is_some_and(Option::is_some)
}

impl<T: Interface + ?Sized> Receiver<T> for Iface<'_, T> {
    fn has(&self, method: usize) -> bool {
        // SAFETY: the value keeps the program.
        unsafe { has(self.table, method) }
    }

    #[inline]
    fn invoke<R: TakeResults>(
        &self,
        method: usize,
        give: impl FnOnce(&mut MethodArgs<'_>) -> Result<(), Error>,
    ) -> Result<R::Value, Error> {
        match &self.door {
            Door::Scope(scope) => {
                // SAFETY: the scope is this value's alone, which hands out no views, is used by one thread, and is not within
                // reach of the Go code that is called here: so this is the only use of the isolate. The table is that of
                // the value's type.
                unsafe { invoke::<R>(&mut scope.again(), &self.value, self.table, method, give) }
            }
            Door::Plugin(isolate) => {
                let mut isolate = isolate.try_borrow_mut().map_err(|_| Error::Busy)?;
                // SAFETY: the table is that of the value's type.
                unsafe { invoke::<R>(&mut isolate.scope()?, &self.value, self.table, method, give) }
            }
        }
    }
}
