//! Casts between the traits of a Rust value, as Go's assertions between interfaces, without any Go.
//!
//! [`casts!`](crate::casts) gives a type its table: for each of its traits an entry that makes a `&dyn Trait` of a reference to
//! the type. A value behind a trait that has [`Cast`] as super-trait hands out itself together with its type's table, and
//! a cast looks for the entry of the wanted trait: what `getitab` finds in a hash table, since Go learns of types and
//! interfaces while it runs, is in a list of a few entries here, that the compiler lays out.
//!
//! Nothing that a user writes is trusted: a [`Caster`] is made from a value and the table of the value's own type, an entry
//! from a function that turns references of one type into those of the other. What a strange function returns is at
//! worst another value.

use std::any::TypeId;
use std::marker::PhantomData;

/// A value that can be cast to other traits. It is implemented by [`casts!`](crate::casts), and is a super-trait of the traits
/// that are cast from.
pub trait Cast {
    /// The value and its type's table.
    fn caster(&self) -> Caster<'_>;

    /// The same, for casts that may change the value.
    fn caster_mut(&mut self) -> CasterMut<'_>;
}

/// A way from a type to one of its traits.
#[derive(Debug)]
#[repr(transparent)]
pub struct CastEntry<T> {
    entry: Entry,
    _from: PhantomData<fn(T)>,
}

/// An entry, whatever its type.
#[derive(Debug)]
struct Entry {
    /// Of `U`.
    to: TypeId,
    /// A `for<'a> fn(&'a T) -> &'a U`, and one for `&mut`.
    shared: fn(),
    exclusive: fn(),
}

impl<T: 'static> CastEntry<T> {
    /// The way to `U`.
    pub const fn new<U: ?Sized + 'static>(
        shared: for<'a> fn(&'a T) -> &'a U,
        exclusive: for<'a> fn(&'a mut T) -> &'a mut U,
    ) -> CastEntry<T> {
        // SAFETY: function pointers have one size; they are called as what they are, which `to` and `T` say.
        let (shared, exclusive) = unsafe {
            (
                std::mem::transmute::<for<'a> fn(&'a T) -> &'a U, fn()>(shared),
                std::mem::transmute::<for<'a> fn(&'a mut T) -> &'a mut U, fn()>(exclusive),
            )
        };
        CastEntry { entry: Entry { to: TypeId::of::<U>(), shared, exclusive }, _from: PhantomData }
    }
}

/// The table of a type: its traits.
#[derive(Debug)]
pub struct CastTable<T: 'static> {
    entries: Entries,
    _from: PhantomData<fn(T)>,
}

/// The entries of some type.
type Entries = &'static [Entry];

impl<T> CastTable<T> {
    /// A table of these entries.
    pub const fn new(entries: &'static [CastEntry<T>]) -> CastTable<T> {
        // SAFETY: entries of all types are the same in memory.
        let entries = unsafe { std::slice::from_raw_parts(entries.as_ptr().cast::<Entry>(), entries.len()) };
        CastTable { entries, _from: PhantomData }
    }
}

/// A value with the table of its type.
#[derive(Clone, Copy)]
pub struct Caster<'a> {
    value: *const (),
    entries: &'static Entries,
    _value: PhantomData<&'a ()>,
}

/// The same, with the value borrowed exclusively.
pub struct CasterMut<'a> {
    value: *mut (),
    entries: &'static Entries,
    _value: PhantomData<&'a mut ()>,
}

impl<'a> Caster<'a> {
    /// A value, and the table of its type.
    pub fn new<T: 'static>(value: &'a T, table: &'static CastTable<T>) -> Caster<'a> {
        Caster { value: (&raw const *value).cast(), entries: &table.entries, _value: PhantomData }
    }

    #[inline]
    fn cast<U: ?Sized + 'static>(self) -> Option<&'a U> {
        let entry = find::<U>(self.entries)?;
        // SAFETY: the table is that of the value's type, so that the function takes a reference to it; the entry's id says
        // that it returns one to `U`. A reference to a sized type is passed as a pointer.
        unsafe {
            let make = std::mem::transmute::<fn(), unsafe fn(*const ()) -> &'a U>(entry.shared);
            Some(make(self.value))
        }
    }
}

impl<'a> CasterMut<'a> {
    /// A value, and the table of its type.
    pub fn new<T: 'static>(value: &'a mut T, table: &'static CastTable<T>) -> CasterMut<'a> {
        CasterMut { value: (&raw mut *value).cast(), entries: &table.entries, _value: PhantomData }
    }

    fn cast<U: ?Sized + 'static>(self) -> Option<&'a mut U> {
        let entry = find::<U>(self.entries)?;
        // SAFETY: as in `Caster::cast`.
        unsafe {
            let make = std::mem::transmute::<fn(), unsafe fn(*mut ()) -> &'a mut U>(entry.exclusive);
            Some(make(self.value))
        }
    }
}

/// The entry of a trait.
#[inline]
fn find<U: ?Sized + 'static>(entries: Entries) -> Option<&'static Entry> {
    entries.iter().find(|e| e.to == TypeId::of::<U>())
}

/// The value as another of its traits: none if it has not this one.
///
/// ```
/// trait Shape: itab::Cast { fn area(&self) -> f64; }
/// trait Named { fn name(&self) -> &str; }
/// trait Colored { fn color(&self) -> u32; }
///
/// struct Circle(f64);
/// impl Shape for Circle { fn area(&self) -> f64 { 3.0 * self.0 * self.0 } }
/// impl Named for Circle { fn name(&self) -> &str { "circle" } }
/// itab::casts!(Circle: Shape, Named);
///
/// let shape: &dyn Shape = &Circle(1.0);
/// assert_eq!(itab::cast::<dyn Named>(shape).unwrap().name(), "circle");
/// assert!(itab::cast::<dyn Colored>(shape).is_none());
/// ```
#[inline]
pub fn cast<U: ?Sized + 'static>(value: &(impl Cast + ?Sized)) -> Option<&U> {
    value.caster().cast()
}

/// As [`cast()`], for changing the value.
#[inline]
pub fn cast_mut<U: ?Sized + 'static>(value: &mut (impl Cast + ?Sized)) -> Option<&mut U> {
    value.caster_mut().cast()
}

/// Gives a type its table of traits, for [`cast()`]: `casts!(Circle: Shape, Named)`; of a generic type
/// `casts!(impl[T: Clone + 'static] List<T>: Shape)`.
#[macro_export]
macro_rules! casts {
    (impl[$($params:tt)*] $t:ty: $($to:path),+ $(,)?) => {
        impl<$($params)*> $crate::Cast for $t {
            fn caster(&self) -> $crate::derive::Caster<'_> {
                $crate::derive::Caster::new(self, const { &$crate::casts!(@table $t: $($to),+) })
            }
            fn caster_mut(&mut self) -> $crate::derive::CasterMut<'_> {
                $crate::derive::CasterMut::new(self, const { &$crate::casts!(@table $t: $($to),+) })
            }
        }
    };
    (@table $t:ty: $($to:path),+) => {
        $crate::derive::CastTable::<$t>::new(const {
            &[$($crate::derive::CastEntry::<$t>::new::<dyn $to>(|v| v, |v| v)),+]
        })
    };
    ($t:ty: $($to:path),+ $(,)?) => { $crate::casts!(impl[] $t: $($to),+); };
}
