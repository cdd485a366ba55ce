//! How Go calls a method of a host type.
//!
//! The code of the macro is a closure that gets the value, [`Args`] and [`Out`]. None of them leads to Go code, so nothing
//! else runs while a lent value is borrowed. A method that takes a scope gets the whole [`Call`] instead: its arguments are
//! owned, and lent values are refused.

use super::{HostType, go_name};
use crate::border::crossing::{Checker, Cx, FromGo, GoType, Place, Results, Take};
use crate::border::func::{parameter, result_misfit, wrong_count};
use crate::border::host::Call;
use crate::border::results::GiveResults;
use crate::border::signature::FuncSig;
use crate::error::Error;
use itab_runtime::sched::host_objects::{self, Exclusive, Shared};
use itab_runtime::sched::host_values::Refused;

/// The arguments of a call.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    cx: Cx<'a>,
    sig: &'a FuncSig,
    frame: *mut u8,
    /// The first is the receiver, in a method that is called as a function.
    skip: usize,
}

/// Where the results go.
pub struct Out<'a>(Args<'a>);

impl<'a> Args<'a> {
    pub(crate) fn new(cx: Cx<'a>, sig: &'a FuncSig, frame: *mut u8, skip: usize) -> Args<'a> {
        Args { cx, sig, frame, skip }
    }

    fn place(&self, i: usize) -> Result<Place<'a>, Error> {
        let (go, rust) = (self.sig.ins.len() - self.skip, i + 1);
        let few = || Error::Count { what: "the method".into(), kind: "arguments", go, rust };
        let slot = self.sig.ins.get(self.skip + i).ok_or_else(few)?;
        // SAFETY: a slot of the frame, which lives on the stack of the calling goroutine until the call is done. No Go code
        // runs for `'a`.
        Ok(unsafe { Place::new(self.cx, slot.typ(self.cx), self.frame.add(slot.offset)) })
    }

    /// Argument `i`.
    ///
    /// # Errors
    /// When there are not so many, or its Go type does not fit.
    #[inline]
    pub fn arg<T: FromGo<'a>>(&self, i: usize) -> Result<T, Error> {
        let place = self.place(i)?;
        self.cx.uninterrupted(|| T::load(place))
    }

    /// The value of the host that is argument `i`, for `&T`.
    ///
    /// # Errors
    /// When it is none, or is being changed.
    pub fn host<T: HostType>(&self, i: usize) -> Result<Shared<'a, T>, Error> {
        let object = super::handle::object_at::<T>(self.place(i)?)?;
        // SAFETY: a live object of the isolate, which an argument keeps; no Go code runs for `'a`.
        unsafe { host_objects::shared(self.cx.rt(), object, false) }.map_err(|why| refused::<T>(&parameter(i), why))
    }

    /// The value of the host that is argument `i`, for `&mut T`.
    ///
    /// # Errors
    /// When it is none, or is in use.
    pub fn host_mut<T: HostType>(&self, i: usize) -> Result<Exclusive<'a, T>, Error> {
        let object = super::handle::object_at::<T>(self.place(i)?)?;
        // SAFETY: as in `host`.
        unsafe { host_objects::exclusive(self.cx.rt(), object) }.map_err(|why| refused::<T>(&parameter(i), why))
    }
}

impl Out<'_> {
    /// Gives the results.
    ///
    /// # Errors
    /// When they do not fit; what makes Go panic.
    #[inline]
    pub fn give<R: GiveResults>(self, results: R) -> Result<(), Error> {
        let Args { cx, sig, frame, .. } = self.0;
        // SAFETY: the frame's results, which nobody reads yet.
        let places = unsafe { Results::new(cx, &sig.outs, frame) };
        cx.uninterrupted(|| results.give(places))
    }
}

/// Why a method cannot have its value.
#[cold]
fn refused<T: HostType>(method: &str, why: Refused) -> Error {
    Error::HostValue { what: format!("({}).{method}", go_name::<T>()), why: why.to_string() }
}

/// The object that is the receiver.
#[inline]
fn receiver<T: HostType>(call: &Call<'_>, method: &str) -> Result<*const u8, Error> {
    match call.receiver() {
        Some(object) if !object.is_null() => Ok(object),
        _ => Err(nil_receiver::<T>(method)),
    }
}

#[cold]
fn nil_receiver<T: HostType>(method: &str) -> Error {
    Error::HostValue { what: format!("({}).{method}", go_name::<T>()), why: "it is nil".into() }
}

/// A method that takes `&self`.
///
/// # Errors
/// When the value is being changed or gone; what the method makes of it.
#[inline]
pub fn shared<T: HostType>(
    call: &mut Call<'_>,
    method: &str,
    f: impl for<'a> FnOnce(&'a T, Args<'a>, Out<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let object = receiver::<T>(call, method)?;
    let args = call.parts();
    // SAFETY: the receiver of a method of a host type is a live object, which the argument keeps. `f` runs no Go code, as it
    // has no scope.
    let this = unsafe { host_objects::shared::<T>(args.cx.rt(), object, false) };
    let this = this.map_err(|why| refused::<T>(method, why))?;
    f(&this, args, Out(args))
}

/// A method that takes `&self` and a scope.
///
/// # Errors
/// As [`shared`]; when the value is lent.
#[inline]
pub fn shared_in_go<T: HostType>(
    call: &mut Call<'_>,
    method: &str,
    f: impl for<'c> FnOnce(&T, &mut Call<'c>) -> Result<(), Error>,
) -> Result<(), Error> {
    let object = receiver::<T>(call, method)?;
    // SAFETY: as in `shared`; Go code may run.
    let this = unsafe { host_objects::shared::<T>(call.parts().cx.rt(), object, true) };
    let this = this.map_err(|why| refused::<T>(method, why))?;
    f(&this, call)
}

/// A method that takes `&mut self`.
///
/// # Errors
/// As [`shared`]; when the value is in use.
#[inline]
pub fn exclusive<T: HostType>(
    call: &mut Call<'_>,
    method: &str,
    f: impl for<'a> FnOnce(&'a mut T, Args<'a>, Out<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let object = receiver::<T>(call, method)?;
    let args = call.parts();
    // SAFETY: as in `shared`.
    let this = unsafe { host_objects::exclusive::<T>(args.cx.rt(), object) };
    let mut this = this.map_err(|why| refused::<T>(method, why))?;
    f(&mut this, args, Out(args))
}

/// A method that takes `self`: the value is closed.
///
/// # Errors
/// As [`exclusive`]; when the value is lent.
pub fn by_value<T: HostType>(
    call: &mut Call<'_>,
    method: &str,
    f: impl for<'a> FnOnce(T, Args<'a>, Out<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let object = receiver::<T>(call, method)?;
    let args = call.parts();
    // SAFETY: as in `shared`.
    let this = unsafe { (*args.cx.rt()).close_host_object::<T>(object) };
    f(*this.map_err(|why| refused::<T>(method, why))?, args, Out(args))
}

/// Arguments of a method that takes a scope.
impl<'c> Call<'c> {
    /// Argument `i`, owned.
    ///
    /// # Errors
    /// As [`Args::arg`].
    #[doc(hidden)]
    pub fn owned<T: for<'a> Take<'a>>(&mut self, i: usize) -> Result<T, Error> {
        self.parts().arg(i)
    }

    /// The value of the host that is argument `i`, while Go code runs.
    ///
    /// # Errors
    /// As [`Args::host`]; when the value is lent.
    #[doc(hidden)]
    pub fn host_in_go<T: HostType>(&mut self, i: usize) -> Result<Shared<'c, T>, Error> {
        let args = self.parts();
        let object = super::handle::object_at::<T>(args.place(i)?)?;
        // SAFETY: a live object of the isolate, which lives for `'c`; Go code may run.
        unsafe { host_objects::shared(args.cx.rt(), object, true) }.map_err(|why| refused::<T>(&parameter(i), why))
    }
}

/// The parameters of a method: a tuple of types.
pub trait Params {
    /// Compares them with those of a Go func type.
    ///
    /// # Errors
    /// How they do not fit.
    fn check(ins: &[GoType<'_>]) -> Result<(), String>;
}

/// Stands for a parameter `&T` or `&mut T` that is a value of the host.
pub struct HostParam<T>(std::marker::PhantomData<T>);

/// A parameter.
pub trait Param {
    /// Compares it with a Go type.
    ///
    /// # Errors
    /// How it does not fit.
    fn check(t: GoType<'_>, i: usize) -> Result<(), String>;
}

impl<T: crate::border::crossing::Fits> Param for T {
    fn check(t: GoType<'_>, i: usize) -> Result<(), String> {
        T::check(t, &mut Checker::default()).map_err(|m| m.error(&parameter(i)).to_string())
    }
}

impl<T: HostType> crate::border::crossing::Fits for HostParam<T> {
    fn accepts(t: GoType<'_>) -> bool {
        super::accepts(t)
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), crate::border::crossing::Misfit> {
        super::check::<T>(t, checker)
    }
}

macro_rules! params {
    ($($n:literal: $($t:ident $i:tt),*;)*) => { $(
        impl<$($t: Param),*> Params for ($($t,)*) {
            fn check(ins: &[GoType<'_>]) -> Result<(), String> {
                if ins.len() != $n {
                    return Err(wrong_count(ins.len(), $n, "parameter"));
                }
                $(<$t as Param>::check(ins[$i], $i)?;)*
                Ok(())
            }
        }
    )* };
}
params! {
    0: ;
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}

/// Compares a method with parameters `P` and the result `R` with a Go func type.
///
/// # Errors
/// How it does not fit.
pub fn check<P: Params, R: GiveResults>(ins: &[GoType<'_>], outs: &[GoType<'_>]) -> Result<(), String> {
    P::check(ins)?;
    R::check(outs, &mut Checker::default()).map_err(|m| result_misfit(m, outs.len()))
}
