//! Go's func values in a scope, and how the host calls them.

use crate::error::Error;
use crate::scope::Scope;
use crate::value::{Crossing, GoType, Words, mismatch};
use itab_abi::value::{CAPTURES, FuncVal};
use itab_codegen::abi::FlatSig;
use itab_runtime::types::TypeRef;

/// A func value: a function of the program, a closure or a method value. Alive as long as its scope.
#[derive(Clone, Copy)]
pub struct Func<'s> {
    pub(crate) value: *const FuncVal,
    pub(crate) typ: TypeRef<'s>,
    pub(crate) isolate: u64,
}

impl<'s> Func<'s> {
    pub(crate) fn new(scope: &Scope<'s>, value: *const FuncVal, typ: TypeRef<'s>) -> Func<'s> {
        scope.keep(value.cast_mut().cast());
        Func::of_program(scope, value, typ)
    }

    /// A func value that lies in the program and needs nobody to keep it alive.
    pub(crate) fn of_program(scope: &Scope<'s>, value: *const FuncVal, typ: TypeRef<'s>) -> Func<'s> {
        Func { value, typ, isolate: scope.id() }
    }

    /// Whether it is nil; calling it is then a nil dereference.
    pub fn is_nil(&self) -> bool {
        self.value.is_null()
    }

    /// The func type as Go prints it.
    pub fn type_name(&self) -> &'s str {
        self.typ.string()
    }

    /// Calls it on a goroutine of its own; called from a host function, on the goroutine that called the host.
    ///
    /// # Errors
    /// [`Error::Count`] and [`Error::Type`] when arguments or results do not fit, before anything runs;
    /// [`Error::Panic`] and the like when the call does not return.
    pub fn call<A: Args<'s>, R: Results<'s>>(&self, scope: &Scope<'s>, args: A) -> Result<R, Error> {
        scope.owns(self.isolate)?;
        let (ins, outs, _) = self.typ.signature();
        A::check(self.type_name(), ins)?;
        R::check(self.type_name(), outs)?;
        let sig = flat_sig(ins, outs)?;
        let shim = scope.entry_shim(&sig)?;
        let (mut words, mut results) = (vec![], vec![0u64; sig.results.len()]);
        let code = if self.value.is_null() {
            0
        } else {
            // SAFETY: a live func value.
            unsafe { (*self.value).code }
        };
        scope.without_collections(|| args.store(scope, ins, &mut words))?;
        let context = self.value as usize + CAPTURES;
        let regs = [code as u64, context as u64, words.as_ptr() as u64, results.as_mut_ptr() as u64];
        // SAFETY: the shim enters code of this signature with its context; both buffers have the signature's words.
        unsafe { scope.enter(shim, &regs)? };
        R::load(scope, outs, &mut Words(results.iter()))
    }
}

/// The machine words of a signature whose types all have Rust counterparts.
pub(crate) fn flat_sig(ins: &[TypeRef<'_>], outs: &[TypeRef<'_>]) -> Result<FlatSig, Error> {
    let words = |types: &[TypeRef<'_>]| {
        let mut all = vec![];
        for t in types {
            let t = GoType(*t);
            let words = t.words().ok_or_else(|| Error::Type {
                what: "a parameter or result".into(),
                go: t.name().into(),
                rust: "no Rust type",
                wanted: t.wanted(),
            })?;
            all.extend_from_slice(words);
        }
        Ok::<_, Error>(all)
    };
    Ok(FlatSig { params: words(ins)?, results: words(outs)? })
}

/// Arguments of a call: a tuple of up to six [`Value`](crate::Value)s. It is sealed as they are:
///
/// ```compile_fail,E0277
/// struct Forged;
/// impl<'s> itab::Args<'s> for Forged {}
/// ```
pub trait Args<'s>: GiveArgs<'s> {}

impl<'s, T: GiveArgs<'s>> Args<'s> for T {}

/// Results of a call: nothing, a [`Value`](crate::Value) or a tuple of up to six. It is sealed as they are:
///
/// ```compile_fail,E0277
/// struct Forged;
/// impl<'s> itab::Results<'s> for Forged {}
/// ```
pub trait Results<'s>: TakeResults<'s> {}

impl<'s, T: TakeResults<'s>> Results<'s> for T {}

/// How [`Args`] cross. It cannot be named outside of this crate.
pub trait GiveArgs<'s> {
    /// Whether they fit a func type's parameters.
    ///
    /// # Errors
    /// Which one does not, or how many there are.
    fn check(what: &str, ins: &[TypeRef<'s>]) -> Result<(), Error>;
    /// Appends their words.
    ///
    /// # Errors
    /// As [`Crossing::store`].
    fn store(self, scope: &Scope<'s>, ins: &[TypeRef<'s>], words: &mut Vec<u64>) -> Result<(), Error>;
}

/// How [`Results`] cross. It cannot be named outside of this crate.
pub trait TakeResults<'s>: Sized {
    /// Whether they fit a func type's results.
    ///
    /// # Errors
    /// Which one does not, or how many there are.
    fn check(what: &str, outs: &[TypeRef<'s>]) -> Result<(), Error>;
    /// Takes them from their words.
    ///
    /// # Errors
    /// As [`Crossing::load`].
    fn load(scope: &Scope<'s>, outs: &[TypeRef<'s>], words: &mut Words<'_>) -> Result<Self, Error>;
}

fn count(what: &str, kind: &'static str, go: usize, rust: usize) -> Result<(), Error> {
    if go == rust { Ok(()) } else { Err(Error::Count { what: what.into(), kind, go, rust }) }
}

fn check_one<'s, T: Crossing<'s>>(what: &str, kind: &str, i: usize, t: TypeRef<'s>) -> Result<(), Error> {
    let t = GoType(t);
    if T::fits(t) { Ok(()) } else { Err(mismatch::<T>(format!("{kind} {} of {what}", i + 1), t)) }
}

macro_rules! tuples {
    ($($n:literal: $($t:ident $i:tt),*;)*) => { $(
        impl<'s, $($t: Crossing<'s>),*> GiveArgs<'s> for ($($t,)*) {
            fn check(what: &str, ins: &[TypeRef<'s>]) -> Result<(), Error> {
                count(what, "arguments", ins.len(), $n)?;
                $(check_one::<$t>(what, "argument", $i, ins[$i])?;)*
                Ok(())
            }
            #[allow(unused_variables)]
            fn store(self, scope: &Scope<'s>, ins: &[TypeRef<'s>], words: &mut Vec<u64>) -> Result<(), Error> {
                $(self.$i.store(scope, GoType(ins[$i]), words)?;)*
                Ok(())
            }
        }
        impl<'s, $($t: Crossing<'s>),*> TakeResults<'s> for ($($t,)*) {
            fn check(what: &str, outs: &[TypeRef<'s>]) -> Result<(), Error> {
                count(what, "results", outs.len(), $n)?;
                $(check_one::<$t>(what, "result", $i, outs[$i])?;)*
                Ok(())
            }
            #[allow(unused_variables)]
            fn load(scope: &Scope<'s>, outs: &[TypeRef<'s>], words: &mut Words<'_>) -> Result<Self, Error> {
                Ok(($($t::load(scope, GoType(outs[$i]), words)?,)*))
            }
        }
    )* };
}
tuples! {
    0: ;
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
}

macro_rules! single_results {
    ($($t:ty),*) => { $(
        impl<'s> TakeResults<'s> for $t {
            fn check(what: &str, outs: &[TypeRef<'s>]) -> Result<(), Error> {
                <($t,) as TakeResults<'s>>::check(what, outs)
            }
            fn load(scope: &Scope<'s>, outs: &[TypeRef<'s>], words: &mut Words<'_>) -> Result<Self, Error> {
                Ok(<($t,) as TakeResults<'s>>::load(scope, outs, words)?.0)
            }
        }
    )* };
}
single_results!(bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, String, Vec<u8>, Func<'s>, crate::any::Any<'s>);
