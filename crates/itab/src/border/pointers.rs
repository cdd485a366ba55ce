//! Pointers: `Option<T>` is `*T`, or what is itself a pointer of Go and may be nil; a `Box` is what is in it.

use crate::border::crossing::{Checker, Fits, Give, GoType, Misfit, Place, PlaceMut, ResultMisfit, Results, Take};
use crate::border::describe::{Described, Describer};
use crate::error::Error;
use itab_abi::types::Kind;
use itab_runtime::types::TypeRef;

/// The type that a pointer type points to.
fn pointee(t: TypeRef<'_>) -> TypeRef<'_> {
    t.elem().expect("a pointer type has an element type")
}

/// Whether an `Option` of it is a nil or not nil `T`, rather than a pointer to one.
fn is_direct<T: Fits>(t: TypeRef<'_>) -> bool {
    t.kind() != Kind::Pointer || T::POINTER
}

impl<T: Fits> Fits for Option<T> {
    fn accepts(t: GoType<'_>) -> bool {
        match t.kind() {
            Kind::Pointer => !T::POINTER || T::accepts(t),
            Kind::Slice | Kind::Map | Kind::Func | Kind::Interface | Kind::Chan => T::accepts(t),
            _ => false,
        }
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        if !Self::accepts(t) {
            return Err(Misfit::of::<Self>(t));
        }
        if is_direct::<T>(t.0) {
            return T::check(t, checker);
        }
        if !checker.enters::<Self>(t) {
            return Ok(());
        }
        T::check(GoType(pointee(t.0)), checker).map_err(|m| m.under("*"))
    }
    fn describe(d: &mut Describer) -> Described {
        Ok(format!("*{}", T::describe(d)?))
    }
    fn describe_results(d: &mut Describer) -> Described<Vec<String>> {
        Ok(vec![T::describe(d)?, "bool".into()])
    }
}

/// Whether these are a value and whether there is one.
fn is_comma_ok(outs: &[GoType<'_>]) -> bool {
    matches!(outs, [_, ok] if ok.kind() == Kind::Bool)
}

fn check_option<T: Fits>(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
    match outs {
        _ if is_comma_ok(outs) => T::check(outs[0], checker).map_err(|m| ResultMisfit::Type(0, m)),
        [out] => Option::<T>::check(*out, checker).map_err(|m| ResultMisfit::Type(0, m)),
        _ => Err(ResultMisfit::Count(2)),
    }
}

impl<T: Give> Give for Option<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        if is_direct::<T>(t) {
            let Some(value) = self else {
                // SAFETY: a place for a value of the type, of which nil is all zero.
                unsafe { at.write_bytes(0, t.size()) };
                return Ok(());
            };
            return value.store(to);
        }
        let mut p = std::ptr::null_mut();
        if let Some(value) = self {
            let elem = pointee(t);
            p = cx.alloc(elem)?;
            // SAFETY: fresh memory for it.
            value.store(unsafe { PlaceMut::new(cx.deeper()?, elem, p) })?;
        }
        // SAFETY: a place for a pointer.
        unsafe { at.cast::<*mut u8>().write(p) };
        Ok(())
    }

    fn check_results(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
        check_option::<T>(outs, checker)
    }

    fn store_results(self, to: Results<'_>) -> Result<(), Error> {
        if to.len() != 2 {
            return self.store(to.only_mut()?);
        }
        self.is_some().store(to.at_mut(1)?)?;
        self.map_or(Ok(()), |value| to.at_mut(0).and_then(|place| value.store(place)))
    }
}

impl<'a, T: Take<'a>> Take<'a> for Option<T> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        // SAFETY: a pointer, or a slice, map, func or interface, which is nil if its first word is.
        let p = unsafe { at.cast::<*mut u8>().read() };
        if p.is_null() {
            return Ok(None);
        }
        if is_direct::<T>(t) {
            return T::load(from).map(Some);
        }
        let elem = pointee(t);
        // SAFETY: a Go pointer that is not nil leads to a live value of its type.
        T::load(unsafe { Place::new(cx.deeper()?, elem, p) }).map(Some)
    }

    fn check_all(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
        check_option::<T>(outs, checker)
    }

    fn load_all(from: Results<'a>) -> Result<Self, Error> {
        if from.len() != 2 {
            return Self::load(from.only()?);
        }
        if bool::load(from.at(1)?)? { T::load(from.at(0)?).map(Some) } else { Ok(None) }
    }
}

impl<T: Fits> Fits for Box<T> {
    fn accepts(t: GoType<'_>) -> bool {
        T::accepts(t)
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        T::check(t, checker)
    }
    fn describe(d: &mut Describer) -> Described {
        T::describe(d)
    }
}

impl<T: Give> Give for Box<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        (*self).store(to)
    }
}

impl<'a, T: Take<'a>> Take<'a> for Box<T> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        T::load(from).map(Box::new)
    }
}
