//! Maps where they are: [`GoMap`].
//!
//! Go's own functions on maps work on them; they change nothing that a view could see, and while they run no other goroutine
//! does. So reading needs a shared scope only, and what is read may be a view; changing a map needs the scope by `&mut`.

use crate::border::crossing::{Checker, Cx, Fits, Give, GoType, Misfit, Place, PlaceMut, Take};
use crate::border::func::{Arg, given};
use crate::border::handle::Handle;
use crate::border::maps::{call, parts};
use crate::error::Error;
use crate::scope::Scope;
use itab_abi::types::Kind;
use itab_runtime::types::TypeRef;
use std::fmt;
use std::marker::PhantomData;

/// A Go map that is kept alive and not copied: Go and Rust see each other's changes.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let source = "package main\nvar ages = map[string]int{\"ann\": 7}\nfunc Ages() map[string]int { return ages }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let ages = isolate.func::<fn() -> itab::GoMap<String, i64>>("Ages")?.call(&mut isolate)?;
/// let mut scope = isolate.scope()?;
/// ages.insert(&mut scope, "bob", 5)?;
/// assert_eq!(ages.get(&scope, "ann")?, Some(7));
/// let sum: i64 = ages.iter(&scope)?.map(|entry| entry.map(|(_, age)| age)).sum::<itab::Result<i64>>()?;
/// assert_eq!(sum, 12);
/// # Ok(())
/// # }
/// ```
pub struct GoMap<K, V> {
    map: Handle,
    _entries: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Clone for GoMap<K, V> {
    fn clone(&self) -> Self {
        GoMap { map: self.map.clone(), _entries: PhantomData }
    }
}

impl<K, V> fmt::Debug for GoMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GoMap({})", self.map.typ().string())
    }
}

/// Keys and elements of up to so many words are passed on the stack.
const SMALL: usize = 16;

/// Writes a value to memory of its own, and hands `f` its address.
fn with_image<T: Give, R>(
    cx: Cx<'_>,
    t: TypeRef<'_>,
    value: T,
    f: impl FnOnce(*mut u8) -> Result<R, Error>,
) -> Result<R, Error> {
    let mut small = [0u64; SMALL];
    let at = if t.size() <= size_of_val(&small) { small.as_mut_ptr().cast() } else { cx.alloc(t)? };
    // SAFETY: zeroed memory for a value, aligned for every type; the caller lets nothing be collected.
    value.store(unsafe { PlaceMut::new(cx, t, at) })?;
    f(at)
}

impl<K: Fits, V: Fits> GoMap<K, V> {
    /// Whether it is nil. A nil map is empty; an insertion into it is a Go panic.
    pub fn is_nil(&self) -> bool {
        self.map.is_nil()
    }

    /// How many entries it has.
    ///
    /// # Errors
    /// [`Error::Root`] in another isolate.
    pub fn len(&self, scope: &Scope<'_>) -> Result<usize, Error> {
        let cx = scope.cx();
        let (_, map) = self.map.open(cx)?;
        let funcs = cx.shared.map_funcs()?;
        // SAFETY: the function takes a map and returns an int.
        cx.uninterrupted(|| unsafe { call(cx, funcs.len, &[map as u64]) }).map(|n| n as usize)
    }

    /// Whether it has none.
    ///
    /// # Errors
    /// [`Error::Root`] in another isolate.
    pub fn is_empty(&self, scope: &Scope<'_>) -> Result<bool, Error> {
        Ok(self.len(scope)? == 0)
    }

    /// The element of a key, if there is one.
    ///
    /// # Errors
    /// When key or element cannot be represented, or the key cannot be compared; [`Error::Root`] in another isolate.
    pub fn get<'a>(&'a self, scope: &'a Scope<'_>, key: impl Arg<K> + Give) -> Result<Option<V>, Error>
    where
        V: Take<'a>,
    {
        let cx = scope.cx();
        let (t, map) = self.map.open(cx)?;
        let (key_type, elem_type) = parts(t);
        let funcs = cx.shared.map_funcs()?;
        cx.uninterrupted(|| {
            // SAFETY: the function takes a map type, a map of it and a key, and returns the address of an element or nil.
            let elem = with_image(cx, key_type, key, |key| unsafe {
                call(cx, funcs.access, &[t.as_ptr() as u64, map as u64, key as u64])
            })?;
            let elem = elem as *const u8;
            // SAFETY: an element of the map, which changes in nobody's hands while the scope is borrowed.
            (!elem.is_null()).then(|| V::load(unsafe { Place::new(cx, elem_type, elem) })).transpose()
        })
    }

    /// Sets the element of a key.
    ///
    /// # Errors
    /// When key or element cannot be represented; Go's panic for a nil map and for keys that cannot be compared;
    /// [`Error::Root`] in another isolate.
    pub fn insert(
        &self,
        scope: &mut Scope<'_>,
        key: impl Arg<K> + Give,
        value: impl Arg<V> + Give,
    ) -> Result<(), Error> {
        let cx = scope.cx();
        let (t, map) = self.map.open(cx)?;
        let (key_type, elem_type) = parts(t);
        let funcs = cx.shared.map_funcs()?;
        cx.uninterrupted(|| {
            with_image(cx, key_type, key, |key| {
                // SAFETY: the function takes a map type, a map of it, a key and an element, which it copies.
                with_image(cx, elem_type, value, |elem| unsafe {
                    call(cx, funcs.assign, &[t.as_ptr() as u64, map as u64, key as u64, elem as u64])
                })
            })
        })
        .map(drop)
    }

    /// Removes a key and its element, if it is there.
    ///
    /// # Errors
    /// When the key cannot be represented or compared; [`Error::Root`] in another isolate.
    pub fn remove(&self, scope: &mut Scope<'_>, key: impl Arg<K> + Give) -> Result<(), Error> {
        let cx = scope.cx();
        let (t, map) = self.map.open(cx)?;
        let funcs = cx.shared.map_funcs()?;
        cx.uninterrupted(|| {
            // SAFETY: the function takes a map type, a map of it and a key.
            with_image(cx, parts(t).0, key, |key| unsafe {
                call(cx, funcs.delete, &[t.as_ptr() as u64, map as u64, key as u64])
            })
        })
        .map(drop)
    }

    /// All entries, in Go's random order, one after the other.
    ///
    /// # Errors
    /// [`Error::Root`] in another isolate. Each entry is an error for itself if it cannot be represented.
    pub fn iter<'a>(&'a self, scope: &'a Scope<'_>) -> Result<GoMapIter<'a, K, V>, Error> {
        let cx = scope.cx();
        let (t, map) = self.map.open(cx)?;
        // SAFETY: a map of the type.
        let entries = unsafe { Entries::new(cx, t, map)? };
        Ok(GoMapIter { entries, _entries: PhantomData })
    }
}

/// A walk over the entries of a map.
pub(crate) struct Entries<'a> {
    cx: Cx<'a>,
    typ: TypeRef<'a>,
    /// Go's iterator; none when all entries were seen.
    at: Option<Handle>,
}

impl<'a> Entries<'a> {
    /// # Safety
    /// `map` is a map of type `t`, or nil, and alive for `'a`.
    pub(crate) unsafe fn new(cx: Cx<'a>, t: TypeRef<'a>, map: *mut u8) -> Result<Entries<'a>, Error> {
        if map.is_null() {
            return Ok(Entries { cx, typ: t, at: None });
        }
        let funcs = cx.shared.map_funcs()?;
        cx.uninterrupted(|| {
            // The iterator's four words are key, element, type and its own state.
            let it = cx.alloc_record(4, 0b1111)?;
            // SAFETY: the function takes a map type, a map of it and an iterator; the iterator is a live object.
            let at = unsafe {
                call(cx, funcs.iter_init, &[t.as_ptr() as u64, map as u64, it as u64])?;
                Handle::new(cx, t, it)
            };
            Ok(Entries { cx, typ: t, at: Some(at) })
        })
    }

    /// The next key and element.
    pub(crate) fn next(&mut self) -> Result<Option<(Place<'a>, Place<'a>)>, Error> {
        let cx = self.cx;
        let Some(handle) = &self.at else { return Ok(None) };
        let (key_type, elem_type) = parts(self.typ);
        let cx_in = cx.deeper()?;
        let it = handle.open(cx)?.1;
        // SAFETY: an iterator: while there is a key, key and element point to values of the map's types.
        let [key, elem] = unsafe { it.cast::<[*const u8; 2]>().read() };
        if key.is_null() {
            self.at = None;
            return Ok(None);
        }
        let funcs = cx.shared.map_funcs()?;
        // SAFETY: the function takes an iterator. The values stay where they are, since the map does not change for `'a`.
        unsafe {
            cx.uninterrupted(|| call(cx, funcs.iter_next, &[it as u64]))?;
            Ok(Some((Place::new(cx_in, key_type, key), Place::new(cx_in, elem_type, elem))))
        }
    }
}

/// The entries of a [`GoMap`]: see [`GoMap::iter`].
pub struct GoMapIter<'a, K, V> {
    entries: Entries<'a>,
    _entries: PhantomData<fn() -> (K, V)>,
}

impl<K, V> fmt::Debug for GoMapIter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoMapIter").finish_non_exhaustive()
    }
}

impl<'a, K: Take<'a>, V: Take<'a>> Iterator for GoMapIter<'a, K, V> {
    type Item = Result<(K, V), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let cx = self.entries.cx;
        let entry = match self.entries.next() {
            Ok(entry) => entry?,
            Err(e) => {
                self.entries.at = None;
                return Some(Err(e));
            }
        };
        Some(cx.uninterrupted(|| Ok((K::load(entry.0)?, V::load(entry.1)?))))
    }
}

impl<K: Fits, V: Fits> Fits for GoMap<K, V> {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Map
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        crate::border::maps::check_entries::<Self, K, V>(t, checker)
    }
}

impl<'a, K: Fits, V: Fits> Take<'a> for GoMap<K, V> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        // SAFETY: a map is a pointer.
        let map = unsafe { Handle::new(cx, t, at.cast::<*mut u8>().read()) };
        Ok(GoMap { map, _entries: PhantomData })
    }
}

impl<K: Fits, V: Fits> Give for GoMap<K, V> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        (&self).store(to)
    }
}

impl<K: Fits, V: Fits> Fits for &GoMap<K, V> {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Map
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        GoMap::<K, V>::check(t, checker)
    }
}

impl<K: Fits, V: Fits> Give for &GoMap<K, V> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        let (own, map) = self.map.open(cx)?;
        if (own.key(), own.elem()) != (t.key(), t.elem()) {
            let misfit = Misfit { rust: own.string().into(), ..Misfit::of::<GoMap<K, V>>(GoType(t)) };
            return Err(misfit.error("the map"));
        }
        // SAFETY: a place for a map; this one has the same keys and elements and is alive.
        unsafe { at.cast::<*mut u8>().write(map) };
        Ok(())
    }
}

given! {
    [K: Fits, V: Fits] &GoMap<K, V> => GoMap<K, V>;
}
