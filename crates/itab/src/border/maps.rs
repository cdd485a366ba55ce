//! Maps. Go's own functions fill and read them: the tables are package `internal/runtime/maps`, compiled with the program.

use crate::border::crossing::{Checker, Cx, Fits, Give, GoType, Misfit, Place, PlaceMut, Take};
use crate::border::describe::{Described, Describer};
use crate::border::gomap::Entries;
use crate::error::Error;
use crate::program::Shared;
use itab_abi::types::Kind;
use itab_runtime::code::arch::CallRegs;
use itab_runtime::types::TypeRef;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

/// Go functions that work on maps, by the addresses of their stubs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MapFuncs {
    /// `func(t *abi.MapType, hint int) *maps.Map`.
    make: usize,
    /// `func(t *abi.MapType, m *maps.Map, key, elem unsafe.Pointer)`.
    pub(crate) assign: usize,
    /// `func(t *abi.MapType, m *maps.Map, key unsafe.Pointer) unsafe.Pointer`.
    pub(crate) access: usize,
    /// `func(t *abi.MapType, m *maps.Map, key unsafe.Pointer)`.
    pub(crate) delete: usize,
    /// `func(m *maps.Map) int`.
    pub(crate) len: usize,
    /// `func(t *abi.MapType, m *maps.Map, it *linkedIter)`: begins; the iterator has key and element first.
    pub(crate) iter_init: usize,
    /// `func(it *linkedIter)`.
    pub(crate) iter_next: usize,
}

impl MapFuncs {
    pub(crate) fn find(shared: &Shared) -> Result<MapFuncs, Error> {
        let stub = |name: &str| shared.stub(name);
        Ok(MapFuncs {
            make: stub("runtime.reflect_makemap")?,
            assign: stub("runtime.reflect_mapassign")?,
            access: stub("runtime.reflect_mapaccess")?,
            delete: stub("runtime.reflect_mapdelete")?,
            len: stub("runtime.reflect_maplen")?,
            iter_init: stub("runtime.mapiterinit")?,
            iter_next: stub("runtime.mapiternext")?,
        })
    }
}

/// Calls one of them; its first result.
///
/// # Safety
/// `code` takes these arguments and has integer results.
pub(crate) unsafe fn call(cx: Cx<'_>, code: usize, args: &[u64]) -> Result<u64, Error> {
    let mut regs = CallRegs::with_ints(args);
    // SAFETY: as the caller says; the isolate may be used.
    unsafe { (*cx.rt()).enter(code, &mut regs) }.map_err(|exit| Error::of_exit(exit, cx.id()))?;
    Ok(regs.ints[0])
}

/// Key and element type.
pub(crate) fn parts(t: TypeRef<'_>) -> (TypeRef<'_>, TypeRef<'_>) {
    (t.key().expect("a map type has a key type"), t.elem().expect("a map type has an element type"))
}

/// A new map with these entries.
///
/// # Safety
/// `at` is a place for a map of type `t`.
pub(crate) unsafe fn store_entries<K: Give, V: Give>(
    entries: impl ExactSizeIterator<Item = (K, V)>,
    cx: Cx<'_>,
    t: TypeRef<'_>,
    at: *mut u8,
) -> Result<(), Error> {
    let (key_type, elem_type) = parts(t);
    let cx = cx.deeper()?;
    let funcs = cx.shared.map_funcs()?;
    let typ = t.as_ptr() as u64;
    // SAFETY: the functions take these arguments; no collection runs, so that key and element, which are cleared
    // before each use, stay alive.
    unsafe {
        let map = call(cx, funcs.make, &[typ, entries.len() as u64])?;
        let (key, elem) = (cx.alloc(key_type)?, cx.alloc(elem_type)?);
        for (k, v) in entries {
            key.write_bytes(0, key_type.size());
            elem.write_bytes(0, elem_type.size());
            k.store(PlaceMut::new(cx, key_type, key))?;
            v.store(PlaceMut::new(cx, elem_type, elem))?;
            call(cx, funcs.assign, &[typ, map, key as u64, elem as u64])?;
        }
        at.cast::<u64>().write(map);
    }
    Ok(())
}

/// All entries of a map, in Go's random order.
///
/// # Safety
/// `at` is a map of type `t`, a [`Place`] for `'a`.
pub(crate) unsafe fn load_entries<'a, K: Take<'a>, V: Take<'a>>(
    cx: Cx<'a>,
    t: TypeRef<'a>,
    at: *const u8,
    mut add: impl FnMut(K, V),
) -> Result<(), Error> {
    // SAFETY: a map is a pointer.
    let mut entries = unsafe { Entries::new(cx, t, at.cast::<*mut u8>().read())? };
    while let Some((key, elem)) = entries.next()? {
        add(K::load(key)?, V::load(elem)?);
    }
    Ok(())
}

/// Whether keys and elements fit a map type.
pub(crate) fn check_entries<M, K: Fits, V: Fits>(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
    if t.kind() != Kind::Map {
        return Err(Misfit::of::<M>(t));
    }
    if !checker.enters::<M>(t) {
        return Ok(());
    }
    let (key, elem) = parts(t.0);
    K::check(GoType(key), checker).map_err(|m| m.under("[key]"))?;
    V::check(GoType(elem), checker).map_err(|m| m.under("[]"))
}

macro_rules! maps {
    ($map:ident<K, V $(, $s:ident)?> where K: $($bound:path),+) => {
        impl<K: Fits, V: Fits $(, $s)?> Fits for $map<K, V $(, $s)?> {
            fn accepts(t: GoType<'_>) -> bool {
                t.kind() == Kind::Map
            }
            fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
                check_entries::<Self, K, V>(t, checker)
            }
            fn describe(d: &mut Describer) -> Described {
                Ok(format!("map[{}]{}", K::describe(d)?, V::describe(d)?))
            }
        }
        impl<K: Give, V: Give $(, $s)?> Give for $map<K, V $(, $s)?> {
            fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
                let (cx, t, at) = to.accepted::<Self>()?;
                // SAFETY: a place for a map.
                unsafe { store_entries(self.into_iter(), cx, t, at) }
            }
        }
        impl<'a, K: Take<'a> $(+ $bound)+, V: Take<'a> $(, $s: BuildHasher + Default)?> Take<'a> for $map<K, V $(, $s)?> {
            fn load(from: Place<'a>) -> Result<Self, Error> {
                let (cx, t, at) = from.accepted::<Self>()?;
                let mut map = $map::default();
                // SAFETY: a map.
                unsafe { load_entries(cx, t, at, |k, v| drop(map.insert(k, v)))? };
                Ok(map)
            }
        }
    };
}
maps!(HashMap<K, V, S> where K: Hash, Eq);
maps!(BTreeMap<K, V> where K: Ord);
