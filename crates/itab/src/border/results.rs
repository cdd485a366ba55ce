//! The results of a function: none, one, several, and whether there are any.
//!
//! A Rust `Result<T, E>` is all results of a Go function whose last is an `error`; an `Option<T>` may be two results, a value
//! and whether there is one; a tuple is as many results.

use crate::border::crossing::{Checker, Give, GoType, Quiet, ResultMisfit, Results, Take};
use crate::border::describe::{Described, Describer};
use crate::border::error::{give_error, returned};
use crate::error::Error;
use std::error::Error as StdError;

/// What the results of a Go function become: `T`, a tuple, `()`, `Option<T>`, [`itab::Result<T>`](crate::Result).
///
/// It is sealed, as [`FromGo`](crate::FromGo) is.
pub trait TakeResults: Sized {
    /// What a call gives if Go reports no error.
    type Value;

    /// Whether `take` may be called while a collection may run.
    #[doc(hidden)]
    const QUIET: Option<Quiet<Self>> = None;

    /// Whether they fit.
    ///
    /// # Errors
    /// How they do not.
    #[doc(hidden)]
    fn check(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit>;

    /// The results in Go's syntax.
    ///
    /// # Errors
    /// When a type has no Go type of its own.
    #[doc(hidden)]
    fn describe(d: &mut Describer) -> Described<Vec<String>>;

    /// Reads them.
    ///
    /// # Errors
    /// When one cannot be represented; Go's own error.
    #[doc(hidden)]
    fn take(from: Results<'_>) -> Result<Self::Value, Error>;

    /// What a method of a trait returns. Panics with an error that the type cannot hold.
    #[doc(hidden)]
    fn of_call(result: Result<Self::Value, Error>) -> Self;
}

impl<T: for<'a> Take<'a>> TakeResults for T {
    type Value = T;
    // SAFETY: values that are copied as they are need nothing.
    const QUIET: Option<Quiet<Self>> = unsafe { Quiet::when(T::PLAIN.is_some()) };
    fn of_call(result: Result<T, Error>) -> T {
        result.unwrap_or_else(|e| panic!("{e}"))
    }
    fn check(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
        T::check_all(outs, checker)
    }
    fn describe(d: &mut Describer) -> Described<Vec<String>> {
        T::describe_results(d)
    }
    #[inline(always)]
    fn take(from: Results<'_>) -> Result<T, Error> {
        T::load_all(from)
    }
}

impl<T: TakeResults<Value = T>, E: From<Error>> TakeResults for Result<T, E> {
    type Value = T;
    // SAFETY: `returned` sees to it itself.
    const QUIET: Option<Quiet<Self>> = unsafe { Quiet::when(T::QUIET.is_some()) };
    fn of_call(result: Result<T, Error>) -> Self {
        result.map_err(E::from)
    }
    fn check(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
        match outs {
            [before @ .., last] if last.is_error() => T::check(before, checker),
            outs => T::check(outs, checker),
        }
    }
    fn describe(d: &mut Describer) -> Described<Vec<String>> {
        with_error(T::describe(d))
    }
    #[inline(always)]
    fn take(from: Results<'_>) -> Result<T, Error> {
        let Some((before, error)) = from.split_error() else { return T::take(from) };
        match returned(error.only()?)? {
            Some(error) => Err(Error::Go(error)),
            None => T::take(before),
        }
    }
}

/// What a Rust function may give to Go: `T`, a tuple, `()`, `Option<T>`, `Result<T, E>`.
///
/// An `Err` is Go's `error` if the Go function has one as its last result, and a panic otherwise. Zero values are returned
/// with it. It is sealed, as [`ToGo`](crate::ToGo) is.
pub trait GiveResults: Sized {
    /// Whether `give` may be called while a collection may run.
    #[doc(hidden)]
    const QUIET: Option<Quiet<Self>> = None;

    /// Whether they fit.
    ///
    /// # Errors
    /// How they do not.
    #[doc(hidden)]
    fn check(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit>;

    /// The results in Go's syntax.
    ///
    /// # Errors
    /// When a type has no Go type of its own.
    #[doc(hidden)]
    fn describe(d: &mut Describer) -> Described<Vec<String>>;

    /// Writes them.
    ///
    /// # Errors
    /// When one cannot be represented; what makes Go panic.
    #[doc(hidden)]
    fn give(self, to: Results<'_>) -> Result<(), Error>;
}

impl<T: Give> GiveResults for T {
    // SAFETY: values that are copied as they are need nothing.
    const QUIET: Option<Quiet<Self>> = unsafe { Quiet::when(T::PLAIN.is_some()) };
    fn check(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
        T::check_results(outs, checker)
    }
    fn describe(d: &mut Describer) -> Described<Vec<String>> {
        T::describe_results(d)
    }
    #[inline(always)]
    fn give(self, to: Results<'_>) -> Result<(), Error> {
        self.store_results(to)
    }
}

impl<T: GiveResults, E: StdError + Send + Sync + 'static> GiveResults for Result<T, E> {
    fn check(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
        match outs {
            [before @ .., last] if last.is_error() => T::check(before, checker),
            outs => T::check(outs, checker),
        }
    }
    fn describe(d: &mut Describer) -> Described<Vec<String>> {
        with_error(T::describe(d))
    }
    #[inline(always)]
    fn give(self, to: Results<'_>) -> Result<(), Error> {
        match (self, to.split_error()) {
            (Ok(value), Some((before, _))) => value.give(before),
            (Ok(value), None) => value.give(to),
            (Err(e), Some((_, error))) => give_error(e, error.only_mut()?),
            (Err(e), None) => Err(Error::of_host(e)),
        }
    }
}

/// Results of Go that may fail.
fn with_error(results: Described<Vec<String>>) -> Described<Vec<String>> {
    results.map(|r| r.into_iter().chain(["error".into()]).collect())
}

macro_rules! tuples {
    ($($n:literal: $($t:ident $i:tt),*;)*) => { $(
        impl<$($t: for<'a> Take<'a>),*> TakeResults for ($($t,)*) {
            type Value = Self;
            // SAFETY: there is nothing to read, or it is not so.
            const QUIET: Option<Quiet<Self>> = unsafe { Quiet::when($n == 0) };
            fn of_call(result: Result<Self, Error>) -> Self {
                result.unwrap_or_else(|e| panic!("{e}"))
            }
            fn check(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
                if outs.len() != $n {
                    return Err(ResultMisfit::Count($n));
                }
                let _ = &checker;
                $($t::check(outs[$i], checker).map_err(|m| ResultMisfit::Type($i, m))?;)*
                Ok(())
            }
            fn describe(d: &mut Describer) -> Described<Vec<String>> {
                let _ = &d;
                Ok(vec![$($t::describe(d)?),*])
            }
            #[inline(always)]
            fn take(from: Results<'_>) -> Result<Self, Error> {
                if from.len() != $n {
                    return Err(from.count($n));
                }
                Ok(($($t::load(from.at($i)?)?,)*))
            }
        }
        impl<$($t: Give),*> GiveResults for ($($t,)*) {
            // SAFETY: there is nothing to give, or it is not so.
            const QUIET: Option<Quiet<Self>> = unsafe { Quiet::when($n == 0) };
            fn check(outs: &[GoType<'_>], checker: &mut Checker) -> Result<(), ResultMisfit> {
                if outs.len() != $n {
                    return Err(ResultMisfit::Count($n));
                }
                let _ = &checker;
                $($t::check(outs[$i], checker).map_err(|m| ResultMisfit::Type($i, m))?;)*
                Ok(())
            }
            fn describe(d: &mut Describer) -> Described<Vec<String>> {
                let _ = &d;
                Ok(vec![$($t::describe(d)?),*])
            }
            #[inline(always)]
            fn give(self, to: Results<'_>) -> Result<(), Error> {
                if to.len() != $n {
                    return Err(to.count($n));
                }
                $(self.$i.store(to.at_mut($i)?)?;)*
                Ok(())
            }
        }
    )* };
}
tuples! {
    0: ;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
}
