//! The Go func types of methods that package reflect sees.
//!
//! A Rust type may fit several Go types, `i64` both `int` and `int64`. Reflection sees one: that of the same size. Some
//! Rust types have no Go type of their own, structs that derive `Go` among them. A method with one of them is found by
//! interfaces, but not by reflection.
//!
//! The macro asks a [`Probe`] behind references, so that types without an implementation have the fallback.

use super::{HostType, Probe};
use crate::border::{Any, GoError, GoStr};
use itab_abi::types::Kind;
use itab_runtime::types::{Batch, IMethodDesc, NamedDecl, Pkg, TypeRef};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

/// Go types in the making.
pub struct Canon<'t> {
    pub(crate) batch: Batch<'t>,
}

/// A Go type of a [`Canon`].
#[derive(Clone, Copy)]
pub struct Known<'t>(pub(crate) TypeRef<'t>);

/// Gives the func type of a method, if it has one.
pub type CanonicalSig = for<'t> fn(&mut Canon<'t>) -> Option<Known<'t>>;

impl<'t> Canon<'t> {
    /// The func type of these parameters and results.
    pub fn func(&mut self, ins: &[Known<'t>], outs: &[Known<'t>]) -> Known<'t> {
        let list = |known: &[Known<'t>]| known.iter().map(|k| k.0).collect::<Vec<_>>();
        Known(self.batch.func_of(&list(ins), &list(outs), false))
    }

    /// What a parameter that is a value of the host is.
    pub fn host(&mut self) -> Known<'t> {
        Known(self.batch.interface_of(&[]))
    }

    /// `func() string`.
    pub(crate) fn text(&mut self) -> Known<'t> {
        let string = String::canonical(self);
        self.func(&[], &[string])
    }

    fn error(&mut self) -> Known<'t> {
        let decl = NamedDecl { key: "error", name: "error", pkg_path: "", kind: Kind::Interface, params: 0 };
        let t = self.batch.named(&decl);
        if self.batch.needs_completion(t) {
            let typ = self.text().0;
            let underlying = self.batch.interface_of(&[IMethodDesc { name: "Error", pkg: Pkg::default(), typ }]);
            self.batch.complete_named(t, underlying, &[], &[]);
        }
        Known(t)
    }
}

/// A Rust type with a Go type of its own.
pub trait Canonical {
    /// The Go type.
    fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t>;
}

macro_rules! basic {
    ($($t:ty => $kind:ident),* $(,)?) => { $(
        impl Canonical for $t {
            fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t> {
                Known(c.batch.basic(Kind::$kind))
            }
        }
    )* };
}
basic! {
    bool => Bool, i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64, isize => Int, u8 => Uint8, u16 => Uint16,
    u32 => Uint32, u64 => Uint64, usize => Uint, f32 => Float32, f64 => Float64, char => Int32, str => String,
    String => String, Box<str> => String, Cow<'_, str> => String, GoStr => String,
}

impl Canonical for Any {
    fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t> {
        c.host()
    }
}

impl Canonical for GoError {
    fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t> {
        c.error()
    }
}

impl<T: Canonical + ?Sized> Canonical for &T {
    fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t> {
        T::canonical(c)
    }
}

impl<T: Canonical> Canonical for [T] {
    fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t> {
        let elem = T::canonical(c);
        Known(c.batch.slice_of(elem.0))
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t> {
        <[T]>::canonical(c)
    }
}

impl<T: Canonical, const N: usize> Canonical for [T; N] {
    fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t> {
        let elem = T::canonical(c);
        Known(c.batch.array_of(N, elem.0))
    }
}

fn map<'t, K: Canonical, V: Canonical>(c: &mut Canon<'t>) -> Known<'t> {
    let (key, elem) = (K::canonical(c), V::canonical(c));
    Known(c.batch.map_of(key.0, elem.0))
}

impl<K: Canonical, V: Canonical, S: BuildHasher> Canonical for HashMap<K, V, S> {
    fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t> {
        map::<K, V>(c)
    }
}

impl<K: Canonical, V: Canonical> Canonical for BTreeMap<K, V> {
    fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t> {
        map::<K, V>(c)
    }
}

impl<T: Canonical> Canonical for Option<T> {
    fn canonical<'t>(c: &mut Canon<'t>) -> Known<'t> {
        let elem = T::canonical(c);
        Known(c.batch.pointer_to(elem.0))
    }
}

/// A type of the macro's that has a Go type.
pub trait KnownType {
    /// The Go type.
    fn go_type<'t>(&self, c: &mut Canon<'t>) -> Option<Known<'t>>;
}

impl<T: Canonical + ?Sized> KnownType for &&Probe<T> {
    fn go_type<'t>(&self, c: &mut Canon<'t>) -> Option<Known<'t>> {
        Some(T::canonical(c))
    }
}

/// A host type.
pub trait KnownHost {
    /// Go sees it as `any`.
    fn go_type<'t>(&self, c: &mut Canon<'t>) -> Option<Known<'t>>;
}

impl<T: HostType> KnownHost for &Probe<T> {
    fn go_type<'t>(&self, c: &mut Canon<'t>) -> Option<Known<'t>> {
        Some(c.host())
    }
}

/// Any other type.
pub trait UnknownType {
    /// None.
    fn go_type<'t>(&self, _: &mut Canon<'t>) -> Option<Known<'t>> {
        None
    }
}

impl<T: ?Sized> UnknownType for Probe<T> {}

impl<'t> Canon<'t> {
    /// `bool`, `error`: what results may have at their end.
    pub fn last(&mut self, error: bool) -> Known<'t> {
        if error { self.error() } else { bool::canonical(self) }
    }
}
