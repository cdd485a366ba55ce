//! Slices and arrays.

use crate::border::crossing::{Checker, Cx, Fits, Give, GoType, Misfit, Place, PlaceMut, Take};
use crate::border::describe::{Described, Describer};
use crate::border::text::bytes_at;
use crate::error::Error;
use crate::scope::Scope;
use itab_abi::types::{Kind, Type};
use itab_abi::value::{GoSlice as Words, GoString};
use itab_runtime::heap::mgcroots::HostRoot;
use itab_runtime::types::TypeRef;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// Lists of values without a size may have any length; longer ones than this are not copied.
const MAX_SIZELESS: usize = 1 << 20;

/// Element type of a slice, array, or of a string, whose elements are bytes.
fn elem_of(t: TypeRef<'_>) -> TypeRef<'_> {
    t.elem().unwrap_or_else(|| t.owner().basic(Kind::Uint8))
}

/// Whether a list of such values may be of this type: a slice, or a string if they are bytes.
fn accepts_list<T: Fits>(t: GoType<'_>) -> bool {
    match t.kind() {
        Kind::Slice => true,
        Kind::String => T::PLAIN.is_some() && T::accepts(GoType(elem_of(t.0))),
        _ => false,
    }
}

/// Whether elements of this type are copied as they are; an error if that needs a type that they are not of.
fn is_plain<T: Fits>(elem: TypeRef<'_>) -> Result<bool, Error> {
    match T::PLAIN {
        None => Ok(false),
        Some(_) if T::accepts(GoType(elem)) => Ok(true),
        Some(_) => Err(Misfit::of::<T>(GoType(elem)).error("an element")),
    }
}

fn check_elem<T: Fits>(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
    if !checker.enters::<[T]>(t) {
        return Ok(());
    }
    T::check(GoType(elem_of(t.0)), checker).map_err(|m| m.under("[]"))
}

macro_rules! list_fits {
    ([$($l:lifetime)?] $list:ty) => {
        impl<$($l,)? T: Fits> Fits for $list {
            fn accepts(t: GoType<'_>) -> bool {
                accepts_list::<T>(t)
            }
            fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
                if Self::accepts(t) { check_elem::<T>(t, checker) } else { Err(Misfit::of::<Self>(t)) }
            }
            fn describe(d: &mut Describer) -> Described {
                Ok(format!("[]{}", T::describe(d)?))
            }
        }
    };
}
list_fits!([] Vec<T>);
list_fits!([] Box<[T]>);
list_fits!(['t] &'t [T]);

/// Writes the header of a list: a slice, or a string.
///
/// # Safety
/// `at` is memory for a `t`; `ptr` has `len` elements.
unsafe fn store_header(t: TypeRef<'_>, ptr: *mut u8, len: usize, at: *mut u8) {
    // SAFETY: as the caller says.
    unsafe {
        match t.kind() {
            Kind::String => at.cast::<GoString>().write(GoString { ptr, len }),
            _ => at.cast::<Words>().write(Words { ptr, len, cap: len }),
        }
    }
}

/// Writes elements one after the other.
///
/// # Safety
/// `at` is memory for as many `elem`s; no collection runs.
unsafe fn store_elems<T: Give>(
    items: impl IntoIterator<Item = T>,
    cx: Cx<'_>,
    elem: TypeRef<'_>,
    at: *mut u8,
) -> Result<(), Error> {
    let cx = cx.deeper()?;
    for (i, item) in items.into_iter().enumerate() {
        // SAFETY: as the caller says.
        item.store(unsafe { PlaceMut::new(cx, elem, at.add(i * elem.size())) })?;
    }
    Ok(())
}

/// Writes a list of values that are copied as they are.
///
/// # Safety
/// `at` is memory for a `t`, and `is_plain` has approved its elements.
unsafe fn store_plain<T: Fits>(items: &[T], cx: Cx<'_>, t: TypeRef<'_>, at: *mut u8) -> Result<(), Error> {
    // SAFETY: the image of these elements is Go's, as `PLAIN` says; a reference covers its elements.
    let bytes = unsafe { std::slice::from_raw_parts(items.as_ptr().cast::<u8>(), size_of_val(items)) };
    let ptr = cx.alloc_bytes(bytes)?;
    // SAFETY: as the caller says.
    unsafe { store_header(t, ptr, items.len(), at) };
    Ok(())
}

impl<T: Give> Give for Vec<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        let (elem, len) = (elem_of(t), self.len());
        if is_plain::<T>(elem)? {
            // SAFETY: a place for a list of these elements.
            return unsafe { store_plain(&self, cx, t, at) };
        }
        let ptr = cx.alloc_array(elem, len)?;
        // SAFETY: a place for a list; the array has as many elements.
        unsafe {
            store_elems(self, cx, elem, ptr)?;
            store_header(t, ptr, len, at);
        }
        Ok(())
    }
}

impl<T: Give> Give for Box<[T]> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        self.into_vec().store(to)
    }
}

impl<T: Give + Clone> Give for &[T] {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        let elem = elem_of(t);
        if is_plain::<T>(elem)? {
            // SAFETY: a place for a list of these elements.
            return unsafe { store_plain(self, cx, t, at) };
        }
        let ptr = cx.alloc_array(elem, self.len())?;
        // SAFETY: a place for a list; the array has as many elements.
        unsafe {
            store_elems(self.iter().cloned(), cx, elem, ptr)?;
            store_header(t, ptr, self.len(), at);
        }
        Ok(())
    }
}

/// First element and length of a list.
///
/// # Safety
/// `at` is a slice or a string of type `t`.
unsafe fn load_header(t: TypeRef<'_>, at: *const u8) -> (*mut u8, usize) {
    // SAFETY: as the caller says; a slice begins as a string does.
    unsafe {
        match t.kind() {
            Kind::String => {
                let s = at.cast::<GoString>().read();
                (s.ptr.cast_mut(), s.len)
            }
            _ => {
                let s = at.cast::<Words>().read();
                (s.ptr, s.len)
            }
        }
    }
}

/// Reads elements.
///
/// # Safety
/// `at` are `len` `elem`s, each a [`Place`] for `'a`.
unsafe fn load_elems<'a, T: Take<'a>>(
    cx: Cx<'a>,
    elem: TypeRef<'a>,
    at: *const u8,
    len: usize,
) -> Result<Vec<T>, Error> {
    let cx = cx.deeper()?;
    if elem.size() == 0 && len > MAX_SIZELESS {
        return Err(Error::Range { value: len.to_string(), from: "a list's length".into(), to: "Vec".into() });
    }
    let mut items = vec![];
    items.try_reserve_exact(len).map_err(|e| Error::Memory(e.to_string()))?;
    if is_plain::<T>(elem)? {
        // SAFETY: the image of these elements is Rust's, as `PLAIN` says; there is room for them.
        unsafe {
            std::ptr::copy_nonoverlapping(at.cast::<T>(), items.as_mut_ptr(), len);
            items.set_len(len);
        }
        return Ok(items);
    }
    for i in 0..len {
        // SAFETY: as the caller says.
        items.push(T::load(unsafe { Place::new(cx, elem, at.add(i * elem.size())) })?);
    }
    Ok(items)
}

impl<'a, T: Take<'a>> Take<'a> for Vec<T> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        // SAFETY: a list and its elements.
        unsafe {
            let (ptr, len) = load_header(t, at);
            load_elems(cx, elem_of(t), ptr, len)
        }
    }
}

impl<'a, T: Take<'a>> Take<'a> for Box<[T]> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        Vec::load(from).map(Vec::into_boxed_slice)
    }
}

impl<'a, T: Take<'a>> Take<'a> for &'a [T] {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (_, t, at) = from.accepted::<Self>()?;
        if !is_plain::<T>(elem_of(t))? {
            return Err(Misfit::of::<Self>(GoType(t)).error("a view of the elements"));
        }
        // SAFETY: the image of these elements is Rust's, as `PLAIN` says; they live for `'a`.
        unsafe {
            if t.kind() == Kind::String {
                let bytes = bytes_at(at);
                return Ok(std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()));
            }
            let (ptr, len) = load_header(t, at);
            Ok(view(ptr, len))
        }
    }
}

/// Elements where they lie.
///
/// # Safety
/// `ptr` has `len` live elements whose image is Rust's, not written while `'a` lasts.
unsafe fn view<'a, T>(ptr: *const u8, len: usize) -> &'a [T] {
    if len == 0 {
        return &[];
    }
    // SAFETY: as the caller says; Go aligns them as Rust does.
    unsafe { std::slice::from_raw_parts(ptr.cast(), len) }
}

impl<T: Fits, const N: usize> Fits for [T; N] {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Array && t.0.len() == N
    }
    fn describe(d: &mut Describer) -> Described {
        Ok(format!("[{N}]{}", T::describe(d)?))
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        if Self::accepts(t) { check_elem::<T>(t, checker) } else { Err(Misfit::of::<Self>(t)) }
    }
}

impl<T: Give, const N: usize> Give for [T; N] {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        // SAFETY: a place for an array, which has as many elements.
        unsafe { store_elems(self, cx, elem_of(t), at) }
    }
}

impl<'a, T: Take<'a>, const N: usize> Take<'a> for [T; N] {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        // SAFETY: an array has as many elements.
        let items: Vec<T> = unsafe { load_elems(cx, elem_of(t), at, N)? };
        Ok(items.try_into().unwrap_or_else(|_| unreachable!("as many were read")))
    }
}

/// A Go slice that is kept alive and not copied: Go and Rust see each other's changes of its elements.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let source = "package main\nvar all = []float64{1, 2, 3}\nfunc All() []float64 { return all }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let all = isolate.func::<fn() -> itab::GoSlice<f64>>("All")?.call(&mut isolate)?;
/// let mut scope = isolate.scope()?;
/// all.set(&mut scope, 0, 10.0)?;
/// assert_eq!(all.view(&scope)?, [10.0, 2.0, 3.0]);
/// # Ok(())
/// # }
/// ```
pub struct GoSlice<T> {
    words: Words,
    typ: *const Type,
    /// Keeps the program's descriptors, `typ` among them.
    _shared: Arc<crate::program::Shared>,
    _root: Arc<HostRoot>,
    isolate: u64,
    _elems: PhantomData<fn() -> T>,
}

// SAFETY: the pointers are followed in a scope of its isolate alone.
unsafe impl<T> Send for GoSlice<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for GoSlice<T> {}

impl<T> Clone for GoSlice<T> {
    fn clone(&self) -> GoSlice<T> {
        let (_shared, _root) = (self._shared.clone(), self._root.clone());
        GoSlice { words: self.words, typ: self.typ, _shared, _root, isolate: self.isolate, _elems: PhantomData }
    }
}

impl<T> fmt::Debug for GoSlice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoSlice").field("len", &self.words.len).finish_non_exhaustive()
    }
}

impl<T> GoSlice<T> {
    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.words.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.words.len == 0
    }

    /// Whether it is nil.
    pub fn is_nil(&self) -> bool {
        self.words.ptr.is_null()
    }

    /// The elements where they lie, without a copy: numbers only.
    ///
    /// # Errors
    /// [`Error::Type`] when they are no numbers, [`Error::Root`] in another isolate.
    pub fn view<'a>(&'a self, scope: &'a Scope<'_>) -> Result<&'a [T], Error>
    where
        T: Take<'a>,
    {
        let cx = scope.cx();
        cx.owns(self.isolate)?;
        // SAFETY: words and type of a slice that the root keeps alive; no Go code runs while the scope is borrowed.
        <&[T]>::load(unsafe { self.place(cx) })
    }

    /// All elements, copied.
    ///
    /// # Errors
    /// When one cannot be represented; [`Error::Root`] in another isolate.
    pub fn to_vec<'a>(&'a self, scope: &'a Scope<'_>) -> Result<Vec<T>, Error>
    where
        T: Take<'a>,
    {
        let cx = scope.cx();
        cx.owns(self.isolate)?;
        // SAFETY: as in `view`.
        cx.uninterrupted(|| Vec::load(unsafe { self.place(cx) }))
    }

    /// Element `i`.
    ///
    /// # Errors
    /// [`Error::Index`] when there is none; when it cannot be represented; [`Error::Root`] in another isolate.
    pub fn get<'a>(&'a self, scope: &'a Scope<'_>, i: usize) -> Result<T, Error>
    where
        T: Take<'a>,
    {
        let cx = scope.cx();
        let (elem, at) = self.elem(cx, i)?;
        // SAFETY: an element of a slice that the root keeps alive; the scope is borrowed for `'a`.
        cx.uninterrupted(|| T::load(unsafe { Place::new(cx, elem, at) }))
    }

    /// Changes element `i`.
    ///
    /// # Errors
    /// [`Error::Index`] when there is none; when the value cannot be represented; [`Error::Root`] in another isolate.
    pub fn set(&self, scope: &mut Scope<'_>, i: usize, value: T) -> Result<(), Error>
    where
        T: Give,
    {
        let cx = scope.cx();
        let (elem, at) = self.elem(cx, i)?;
        // SAFETY: an element of a slice that the root keeps alive; nobody views it, as the scope is borrowed mutably.
        cx.uninterrupted(|| value.store(unsafe { PlaceMut::new(cx, elem, at) }))
    }

    /// The words of the slice, to be read.
    ///
    /// # Safety
    /// The isolate is its own, and runs no Go code while `'a` lasts.
    unsafe fn place<'a>(&'a self, cx: Cx<'a>) -> Place<'a> {
        // SAFETY: as the caller says; the words of a slice that the root keeps alive.
        unsafe { Place::new(cx, cx.typ(self.typ), (&raw const self.words).cast()) }
    }

    /// Type and address of an element.
    fn elem<'a>(&'a self, cx: Cx<'a>, i: usize) -> Result<(TypeRef<'a>, *mut u8), Error> {
        cx.owns(self.isolate)?;
        if i >= self.words.len {
            return Err(Error::Index { index: i, len: self.words.len });
        }
        // SAFETY: the type of a slice of the isolate's program.
        let elem = elem_of(unsafe { cx.typ(self.typ) });
        // SAFETY: an element of the slice.
        Ok((elem, unsafe { self.words.ptr.add(i * elem.size()) }))
    }
}

impl<T: Fits> Fits for GoSlice<T> {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Slice
    }
    fn describe(d: &mut Describer) -> Described {
        Ok(format!("[]{}", T::describe(d)?))
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        if Self::accepts(t) { check_elem::<T>(t, checker) } else { Err(Misfit::of::<Self>(t)) }
    }
}

impl<'a, T: Fits> Take<'a> for GoSlice<T> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        // SAFETY: a slice.
        let words = unsafe { at.cast::<Words>().read() };
        Ok(GoSlice {
            words,
            typ: t.as_ptr(),
            _shared: cx.shared.clone(),
            _root: cx.root(words.ptr),
            isolate: cx.id(),
            _elems: PhantomData,
        })
    }
}

impl<T: Fits> Give for GoSlice<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        cx.owns(self.isolate)?;
        // SAFETY: the type of a slice of the isolate's program.
        let own = unsafe { cx.typ(self.typ) };
        if own.elem() != t.elem() {
            return Err(Misfit { rust: own.string().into(), ..Misfit::of::<Self>(GoType(t)) }.error("the slice"));
        }
        // SAFETY: a place for a slice; this one has the same elements and is alive.
        unsafe { at.cast::<Words>().write(self.words) };
        Ok(())
    }
}
