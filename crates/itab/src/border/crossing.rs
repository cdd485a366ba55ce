//! The traits of types that cross the border, and the checks before anything is copied.
//!
//! [`Fits`] says which Go types a Rust type fits: `accepts` looks at the kind alone and is cheap, `check` looks at all
//! that is nested and says where it does not fit. [`Give`] writes a value to Go memory, [`Take`] reads one. Users see
//! [`ToGo`] and [`FromGo`], which cannot be implemented: what is written are the words of Go values, and a wrong word
//! would be a wrong pointer.

use crate::border::describe::{Described, Describer};
use crate::border::signature::Slot;
use crate::error::Error;
use crate::program::Shared;
use itab_abi::types::{Kind, Type, chan_dir};
use itab_runtime::heap::malloc::OutOfMemory;
use itab_runtime::heap::mgcroots::{HostRoot, stack_pointer};
use itab_runtime::sched::isolate::{Isolate as RtIsolate, getg};
use itab_runtime::types::TypeRef;
use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

/// How deeply nested a Rust type may be that an error proposes.
const WANTED_DEPTH: u32 = 5;

/// A Go type.
#[derive(Clone, Copy)]
pub struct GoType<'s>(pub(crate) TypeRef<'s>);

impl<'s> GoType<'s> {
    /// The type as Go prints it.
    pub fn name(&self) -> &'s str {
        self.0.string()
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.kind()
    }

    pub(crate) fn elem(&self) -> Option<GoType<'s>> {
        self.0.elem().map(GoType)
    }

    /// Whether it is the predeclared type `error`.
    pub(crate) fn is_error(&self) -> bool {
        self.0.is_named() && self.0.pkg_path().is_empty() && self.0.string() == "error"
    }

    /// The Rust types that fit.
    pub(crate) fn wanted(&self) -> String {
        self.wanted_within(WANTED_DEPTH)
    }

    /// The same, to a depth: a type may be a list of itself.
    fn wanted_within(&self, depth: u32) -> String {
        let nested = |t: Option<GoType<'_>>| t.map_or(String::new(), |t| t.wanted_nested(depth));
        match self.kind() {
            Kind::Bool => "bool".into(),
            Kind::Int => "i64 or isize".into(),
            Kind::Int64 => "i64".into(),
            Kind::Int8 => "i8".into(),
            Kind::Int16 => "i16".into(),
            Kind::Int32 => "i32".into(),
            Kind::Uint | Kind::Uintptr => "u64 or usize".into(),
            Kind::Uint64 => "u64".into(),
            Kind::Uint8 => "u8".into(),
            Kind::Uint16 => "u16".into(),
            Kind::Uint32 => "u32".into(),
            Kind::Float32 => "f32".into(),
            Kind::Float64 => "f64".into(),
            Kind::String => "String or Vec<u8>".into(),
            Kind::Func => "itab::Func".into(),
            Kind::Interface => "itab::Any".into(),
            Kind::Slice => format!("Vec<{}>", nested(self.elem())),
            Kind::Array => format!("[{}; {}]", nested(self.elem()), self.0.len()),
            Kind::Map => format!("HashMap<{}, {}>", nested(self.0.key().map(GoType)), nested(self.elem())),
            Kind::Pointer => format!("Option<{}>", nested(self.elem())),
            Kind::Chan => format!("{}<{}>", chan_handle(self.0.chan_dir()), nested(self.elem())),
            Kind::Struct => "a struct with #[derive(itab::Go)]".into(),
            _ => "a function or interface of Go that works on it".into(),
        }
    }

    /// The first of the types that fit, for use inside of another.
    fn wanted_nested(&self, depth: u32) -> String {
        let Some(depth) = depth.checked_sub(1) else { return "_".into() };
        let all = self.wanted_within(depth);
        match self.kind() {
            Kind::Struct => "_".into(),
            _ => all.split(" or ").next().unwrap_or("_").into(),
        }
    }
}

/// The handle that a channel type fits best.
fn chan_handle(dir: usize) -> &'static str {
    match dir {
        chan_dir::SEND => "itab::Sender",
        chan_dir::RECV => "itab::Receiver",
        _ => "itab::Chan",
    }
}

/// How a Rust type is called in errors: its name without the paths of modules.
pub(crate) fn rust_name<T: ?Sized>() -> String {
    short_name(std::any::type_name::<T>())
}

fn short_name(full: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in full.chars() {
        match c {
            ':' => word.clear(),
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            c => {
                out.push_str(&std::mem::take(&mut word));
                out.push(c);
            }
        }
    }
    out + &word
}

/// Why a Rust type does not fit a Go type: where, and what would.
#[derive(Debug)]
pub struct Misfit {
    /// Steps from the value to the part that does not fit: `.Tags`, `[]`.
    pub(crate) path: String,
    pub(crate) go: String,
    pub(crate) rust: String,
    pub(crate) wanted: String,
}

impl Misfit {
    #[cold]
    pub(crate) fn of<T: ?Sized>(t: GoType<'_>) -> Misfit {
        Misfit { path: String::new(), go: t.name().into(), rust: rust_name::<T>(), wanted: t.wanted() }
    }

    /// The same, seen from one step further out.
    pub(crate) fn under(mut self, step: &str) -> Misfit {
        self.path.insert_str(0, step);
        self
    }

    /// The error, for a value that is called `what`.
    pub(crate) fn error(self, what: &str) -> Error {
        let what = if self.path.is_empty() { what.into() } else { format!("{what}, at {},", self.path) };
        Error::Type { what, go: self.go, rust: self.rust, wanted: self.wanted }
    }
}

/// What a deep check has seen, so that it ends for recursive types.
#[derive(Default)]
pub struct Checker {
    seen: Vec<(&'static str, usize)>,
}

impl Checker {
    /// Whether a pair of types has to be looked at: it is for the first time.
    pub(crate) fn enters<T: ?Sized>(&mut self, t: GoType<'_>) -> bool {
        let pair = (std::any::type_name::<T>(), t.0.as_ptr() as usize);
        let new = !self.seen.contains(&pair);
        if new {
            self.seen.push(pair);
        }
        new
    }
}

/// How deeply the signatures of func types are looked at in one another. What is deeper is seen when there is a value.
const SIGNATURES: u32 = 4;

/// Checks the signature of a func type inside of another type, which may lead to itself: signatures have checkers of their own.
pub(crate) fn check_inner<E>(check: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
    thread_local!(static DEPTH: Cell<u32> = const { Cell::new(0) });
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get() - 1);
        }
    }
    if DEPTH.get() == SIGNATURES {
        return Ok(());
    }
    DEPTH.set(DEPTH.get() + 1);
    let _guard = Guard;
    check()
}

/// Says that the memory image of a Go type that `T` fits is Rust's, and that every image is a value. Made in this crate alone.
pub struct Plain<T>(PhantomData<T>);

impl<T> Plain<T> {
    /// # Safety
    /// It is as the type says, for every Go type that `T` accepts.
    pub(crate) const unsafe fn new() -> Plain<T> {
        Plain(PhantomData)
    }
}

/// Says that results are read, or given, without memory of the isolate and without code of others. Made in this crate alone.
pub struct Quiet<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> Quiet<T> {
    /// It, if that is so.
    ///
    /// # Safety
    /// `quiet` is as the type says.
    pub(crate) const unsafe fn when(quiet: bool) -> Option<Quiet<T>> {
        if quiet { Some(Quiet(PhantomData)) } else { None }
    }
}

/// Which Go types a Rust type fits.
pub trait Fits: Sized {
    /// Whether lists of it are copied as they are.
    const PLAIN: Option<Plain<Self>> = None;

    /// Whether it stands for a pointer itself, so that an `Option` of it is that pointer, which may be nil, and not a pointer to
    /// it.
    const POINTER: bool = false;

    /// Whether the kind of the Go type is right. What is nested may still be wrong.
    fn accepts(t: GoType<'_>) -> bool;

    /// Whether everything is right, nested values included.
    ///
    /// # Errors
    /// Where it is not.
    fn check(t: GoType<'_>, _checker: &mut Checker) -> Result<(), Misfit> {
        if Self::accepts(t) { Ok(()) } else { Err(Misfit::of::<Self>(t)) }
    }

    /// The Go type that stands for it where Rust declares a function.
    ///
    /// # Errors
    /// When there is none.
    fn describe(d: &mut Describer) -> Described {
        d.none::<Self>()
    }

    /// The results that stand for it where it is all that a function returns.
    ///
    /// # Errors
    /// When there are none.
    fn describe_results(d: &mut Describer) -> Described<Vec<String>> {
        Self::describe(d).map(|t| vec![t])
    }
}

/// How a value goes to Go.
pub trait Give: Fits {
    /// Writes the value, all of it but padding.
    ///
    /// # Errors
    /// When it does not fit the type of the place or cannot be represented, when the isolate is out of memory, or the value
    /// belongs to another isolate.
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error>;

    /// Whether it can be all results of a function.
    ///
    /// # Errors
    /// How it does not fit.
    fn check_results(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
        let [out] = outs else { return Err(ResultMisfit::Count(1)) };
        Self::check(*out, checker).map_err(|m| ResultMisfit::Type(0, m))
    }

    /// Writes all results of a function.
    ///
    /// # Errors
    /// As [`Give::store`].
    #[inline(always)]
    fn store_results(self, to: Results<'_>) -> Result<(), Error> {
        self.store(to.only_mut()?)
    }
}

/// How a value comes from Go.
pub trait Take<'a>: Fits {
    /// Reads a value.
    ///
    /// # Errors
    /// When it does not fit the type of the place or cannot be represented.
    fn load(from: Place<'a>) -> Result<Self, Error>;

    /// Whether it can be all results of a function.
    ///
    /// # Errors
    /// How it does not fit.
    fn check_all(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
        let [out] = outs else { return Err(ResultMisfit::Count(1)) };
        Self::check(*out, checker).map_err(|m| ResultMisfit::Type(0, m))
    }

    /// Reads all results of a function.
    ///
    /// # Errors
    /// As [`Take::load`].
    #[inline(always)]
    fn load_all(from: Results<'a>) -> Result<Self, Error> {
        Self::load(from.only()?)
    }
}

/// Memory that holds a value of a Go type, to be read. While it exists no Go code runs, but what is called through it. A
/// value in it may be one that nobody writes, as constants are: so it cannot be written through this.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    cx: Cx<'a>,
    typ: TypeRef<'a>,
    at: *const u8,
}

/// Memory for a value of a Go type, to be written. While it exists no Go code runs, but what is called through it, and
/// nothing is collected.
#[derive(Clone, Copy)]
pub struct PlaceMut<'a> {
    cx: Cx<'a>,
    typ: TypeRef<'a>,
    at: *mut u8,
}

impl<'a> Place<'a> {
    /// # Safety
    /// `at` is aligned memory of the isolate, or of a frame, with a value of the type, one of the isolate's program. It stays
    /// so, and alive, for `'a`.
    #[inline(always)]
    pub(crate) unsafe fn new(cx: Cx<'a>, typ: TypeRef<'a>, at: *const u8) -> Place<'a> {
        Place { cx, typ, at }
    }

    /// The type of the value.
    pub fn typ(&self) -> GoType<'a> {
        GoType(self.typ)
    }

    /// Isolate, type and address, if `T` accepts the type.
    #[inline(always)]
    pub(crate) fn accepted<T: Fits>(self) -> Result<(Cx<'a>, TypeRef<'a>, *const u8), Error> {
        if T::accepts(self.typ()) {
            return Ok((self.cx, self.typ, self.at));
        }
        Err(Misfit::of::<T>(self.typ()).error("a value"))
    }

    /// The place as it is, for values that look at its type themselves.
    pub(crate) fn parts(self) -> (Cx<'a>, TypeRef<'a>, *const u8) {
        (self.cx, self.typ, self.at)
    }
}

impl<'a> PlaceMut<'a> {
    /// # Safety
    /// `at` is aligned memory of the isolate, or of a frame, for a value of the type, one of the isolate's program: zero or
    /// such a value. It stays so for `'a`, and may be written. No collection runs meanwhile.
    #[inline(always)]
    pub(crate) unsafe fn new(cx: Cx<'a>, typ: TypeRef<'a>, at: *mut u8) -> PlaceMut<'a> {
        PlaceMut { cx, typ, at }
    }

    /// The type of the value.
    pub fn typ(&self) -> GoType<'a> {
        GoType(self.typ)
    }

    /// Isolate, type and address, if `T` accepts the type.
    #[inline(always)]
    pub(crate) fn accepted<T: Fits>(self) -> Result<(Cx<'a>, TypeRef<'a>, *mut u8), Error> {
        if T::accepts(self.typ()) {
            return Ok((self.cx, self.typ, self.at));
        }
        Err(Misfit::of::<T>(self.typ()).error("a value"))
    }

    /// The place as it is, for values that look at its type themselves.
    pub(crate) fn parts(self) -> (Cx<'a>, TypeRef<'a>, *mut u8) {
        (self.cx, self.typ, self.at)
    }
}

/// The results of a call, in a frame.
#[derive(Clone, Copy)]
pub struct Results<'a> {
    cx: Cx<'a>,
    slots: &'a [Slot],
    frame: *mut u8,
}

impl<'a> Results<'a> {
    /// # Safety
    /// `frame` is a frame with these slots, each a [`PlaceMut`] for `'a`.
    #[inline(always)]
    pub(crate) unsafe fn new(cx: Cx<'a>, slots: &'a [Slot], frame: *mut u8) -> Results<'a> {
        Results { cx, slots, frame }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The one with an index, to be written.
    ///
    /// # Errors
    /// When there are not so many.
    #[inline(always)]
    pub fn at_mut(self, i: usize) -> Result<PlaceMut<'a>, Error> {
        let slot = self.slots.get(i).ok_or_else(|| self.count(i + 1))?;
        // SAFETY: a slot of the frame.
        Ok(unsafe { PlaceMut::new(self.cx, slot.typ(self.cx), self.frame.add(slot.offset)) })
    }

    /// The one with an index, to be read.
    ///
    /// # Errors
    /// When there are not so many.
    #[inline(always)]
    pub fn at(self, i: usize) -> Result<Place<'a>, Error> {
        let PlaceMut { cx, typ, at } = self.at_mut(i)?;
        Ok(Place { cx, typ, at })
    }

    /// The only one, to be read.
    ///
    /// # Errors
    /// When there are more or none.
    #[inline(always)]
    pub fn only(self) -> Result<Place<'a>, Error> {
        if self.slots.len() == 1 { self.at(0) } else { Err(self.count(1)) }
    }

    /// The only one, to be written.
    ///
    /// # Errors
    /// When there are more or none.
    #[inline(always)]
    pub fn only_mut(self) -> Result<PlaceMut<'a>, Error> {
        if self.slots.len() == 1 { self.at_mut(0) } else { Err(self.count(1)) }
    }

    /// All but the last, and the last alone if it is an `error`.
    #[inline(always)]
    pub fn split_error(self) -> Option<(Results<'a>, Results<'a>)> {
        let before = self.slots.len().checked_sub(1)?;
        if !self.slots[before].is_error {
            return None;
        }
        let (before, last) = self.slots.split_at(before);
        Some((Results { slots: before, ..self }, Results { slots: last, ..self }))
    }

    #[cold]
    pub(crate) fn count(&self, rust: usize) -> Error {
        Error::Count { what: "the function".into(), kind: "results", go: self.slots.len(), rust }
    }
}

/// Why the results of a function do not fit.
#[derive(Debug)]
pub enum ResultMisfit {
    /// So many are wanted.
    Count(usize),
    /// The one with this index does not fit.
    Type(usize, Misfit),
}

/// A Rust type whose values become Go values: arguments of Go functions, results of Rust functions, what is in them.
///
/// | Rust | Go |
/// | --- | --- |
/// | `bool`, `i8` to `i64`, `u8` to `u64`, `f32`, `f64` | the type of that size; `i64` also `int`, `u64` also `uint` and `uintptr` |
/// | `isize`, `usize`, `i128`, `u128` | every integer type that can hold the value |
/// | `char` | `rune` |
/// | `&str`, `Cow<str>`, `String`, [`GoStr`](crate::GoStr) | `string` |
/// | `Vec<T>`, `&[T]`, [`GoSlice<T>`](crate::GoSlice) | `[]T`; of `u8` also `string` |
/// | `[T; N]` | `[N]T` |
/// | `HashMap`, `BTreeMap`, [`GoMap`](crate::GoMap) | `map[K]V` |
/// | `Option<T>` | `*T`, `None` being nil; as all results of a function also `(T, bool)` |
/// | `Option<T>`, where `T` is a slice, map, func, interface or [`GoPtr`](crate::GoPtr) | as `T`, `None` being nil |
/// | [`GoPtr<T>`](crate::GoPtr) | `*T` |
/// | [`GoStruct`](crate::GoStruct) | structs, and pointers to them |
/// | `Box<T>` | as `T` |
/// | `Duration`, `SystemTime` | `time.Duration`, `time.Time` |
/// | [`Any`](crate::Any) | every interface type |
/// | [`GoError`](crate::GoError) | `error` |
/// | [`Chan<T>`](crate::Chan), [`Sender<T>`](crate::Sender), [`Receiver<T>`](crate::Receiver) | `chan T`, `chan<- T`, `<-chan T` |
/// | [`Func`](crate::Func), [`Closure`](crate::Closure) | func types |
/// | structs and enums with [`#[derive(itab::Go)]`](macro@crate::Go) | structs, constants, interfaces |
///
/// A named Go type fits as its underlying type does. An empty `Vec` or map is an empty slice or map to Go, which is not nil; a
/// nil one is empty to Rust. `Option` tells them apart. The trait is sealed:
///
/// ```compile_fail,E0277
/// struct Forged;
/// impl itab::ToGo for Forged {}
/// ```
pub trait ToGo: Give {}

impl<T: Give> ToGo for T {}

/// A Rust type that Go values become: results of Go functions, arguments of Rust functions, what is in them. As [`ToGo`],
/// but that `&str` and `&[T]` live as long as the scope `'a` that they were read in. The trait is sealed:
///
/// ```compile_fail,E0277
/// struct Forged;
/// impl<'a> itab::FromGo<'a> for Forged {}
/// ```
pub trait FromGo<'a>: Take<'a> {}

impl<'a, T: Take<'a>> FromGo<'a> for T {}

/// How deeply values may be nested.
const MAX_DEPTH: usize = 200;
/// Stack that is left for the deepest of them.
const LEAST_ROOM: usize = 64 << 10;

/// An isolate that this thread may use for `'a`, in which no Go code runs meanwhile unless it is called through this.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    rt: NonNull<RtIsolate>,
    pub(crate) shared: &'a Arc<Shared>,
    /// A whole word, so that there is no padding: that would be copied in pieces wherever this is passed on.
    depth: usize,
}

impl<'a> Cx<'a> {
    /// # Safety
    /// The isolate lives for `'a`, is one of the program's, and is used by this thread alone.
    #[inline(always)]
    pub(crate) unsafe fn new(rt: NonNull<RtIsolate>, shared: &'a Arc<Shared>) -> Cx<'a> {
        Cx { rt, shared, depth: 0 }
    }

    #[inline]
    pub(crate) fn rt(&self) -> *mut RtIsolate {
        self.rt.as_ptr()
    }

    /// The isolate's number.
    #[inline]
    pub(crate) fn id(&self) -> u64 {
        // SAFETY: the isolate lives (type invariant); the field never changes.
        unsafe { (*self.rt()).id }
    }

    /// For a value inside of another.
    ///
    /// # Errors
    /// When it is nested too deeply, as a list that leads to itself is.
    pub(crate) fn deeper(mut self) -> Result<Cx<'a>, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH || self.depth.is_multiple_of(8) && self.stack_left() < LEAST_ROOM {
            return Err(Error::Depth);
        }
        Ok(self)
    }

    /// What is left of a goroutine's stack; much for a host's own.
    fn stack_left(&self) -> usize {
        // SAFETY: the isolate lives (type invariant); while Go code runs there is a goroutine, whose stack this is.
        unsafe {
            let rt = self.rt();
            if (*rt).sched.is_running() {
                stack_pointer().saturating_sub((*getg((*rt).block)).stack.lo)
            } else {
                usize::MAX
            }
        }
    }

    /// Runs `f` while nothing is collected and no other goroutine runs: it holds objects where no collection would see
    /// them, reads what goroutines may write, and calls at most Go's functions on maps.
    #[inline(always)]
    pub(crate) fn uninterrupted<R>(&self, f: impl FnOnce() -> R) -> R {
        let _guard = self.uninterrupted_until_dropped();
        f()
    }

    /// The same, until the guard is dropped.
    #[inline]
    pub(crate) fn uninterrupted_until_dropped(&self) -> Uninterrupted<'a> {
        // SAFETY: the isolate lives and is used by this thread alone (type invariant).
        unsafe {
            (*self.rt()).heap.inhibit();
            (*self.rt()).sched.pin();
        }
        Uninterrupted(*self)
    }

    /// Runs `f`, uninterrupted unless it is known that it need not be.
    #[inline(always)]
    pub(crate) fn uninterrupted_unless<R>(&self, quiet: bool, f: impl FnOnce() -> R) -> R {
        if quiet { f() } else { self.uninterrupted(f) }
    }

    /// Collects if it is time to. Values are stored while nothing is collected, so a host that stores much and runs little Go
    /// code has to ask. Nobody has a new object that is not rooted.
    #[inline]
    pub(crate) fn collect_if_due(&self) {
        // SAFETY: as in `uninterrupted`; no Go code runs now.
        unsafe {
            if (*self.rt()).heap.needs_collect() {
                RtIsolate::collect_now((*self.rt()).block);
            }
        }
    }

    /// A root of the object at `p`.
    pub(crate) fn root(&self, p: *mut u8) -> Arc<HostRoot> {
        // SAFETY: as in `uninterrupted`.
        Arc::new(HostRoot::new(unsafe { &mut (*self.rt()).heap }, p))
    }

    /// An error unless a value's isolate is this one.
    #[inline]
    pub(crate) fn owns(&self, isolate: u64) -> Result<(), Error> {
        if isolate == self.id() { Ok(()) } else { Err(Error::Root) }
    }

    /// A copy of bytes in the isolate's heap.
    pub(crate) fn alloc_bytes(&self, bytes: &[u8]) -> Result<*mut u8, Error> {
        // SAFETY: as in `uninterrupted`; the memory is fresh and large enough.
        unsafe {
            let p = (*self.rt()).heap.alloc_noscan_uninit(bytes.len()).map_err(memory)?;
            p.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            Ok(p)
        }
    }

    /// `n` zeroed elements of a type of the isolate's program.
    pub(crate) fn alloc_array(&self, elem: TypeRef<'_>, n: usize) -> Result<*mut u8, Error> {
        // SAFETY: as in `uninterrupted`; descriptors of the program outlive the isolate.
        unsafe { (*self.rt()).heap.newarray(elem.as_ptr(), n).map_err(memory) }
    }

    /// A zeroed value of a type of the isolate's program.
    pub(crate) fn alloc(&self, t: TypeRef<'_>) -> Result<*mut u8, Error> {
        self.alloc_array(t, 1)
    }

    /// A zeroed record whose word i holds a pointer when bit i of `mask` is set.
    pub(crate) fn alloc_record(&self, words: usize, mask: u64) -> Result<*mut u8, Error> {
        // SAFETY: as in `uninterrupted`.
        unsafe { (*self.rt()).heap.alloc_record(8 * words, mask).map_err(memory) }
    }

    /// The type at an address.
    ///
    /// # Safety
    /// A descriptor of the isolate's program.
    pub(crate) unsafe fn typ(&self, p: *const Type) -> TypeRef<'a> {
        // SAFETY: the program lives for `'a`, as it is borrowed for that long.
        unsafe { TypeRef::from_ptr(p) }
    }
}

/// While it exists nothing is collected and no other goroutine runs.
pub(crate) struct Uninterrupted<'a>(Cx<'a>);

impl Drop for Uninterrupted<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the isolate lives (invariant of `Cx`).
        unsafe {
            (*self.0.rt()).heap.permit();
            (*self.0.rt()).sched.unpin();
        }
    }
}

fn memory(e: OutOfMemory) -> Error {
    Error::Memory(e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_modules() {
        assert_eq!(rust_name::<Vec<Option<String>>>(), "Vec<Option<String>>");
        assert_eq!(rust_name::<fn(Vec<u8>, i64) -> Result<(), Error>>(), "fn(Vec<u8>, i64) -> Result<(), Error>");
    }
}
