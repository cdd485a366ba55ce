//! Go functions and func values, and how the host calls them.
//!
//! A [`Func`] was checked against its Rust signature when it was made. A call writes the arguments to a frame on the host's
//! stack, enters Go through the shim of the frame's layout, and reads the results from the frame. It takes no lock and
//! allocates nothing but what arguments and results need.

use crate::border::any::Any;
use crate::border::calling::{Calling, start_in_frame};
use crate::border::crossing::{
    Checker, Cx, Fits, Give, GoType, Misfit, Place, PlaceMut, ResultMisfit, Results, Take, check_inner, rust_name,
};
use crate::border::describe::{Described, Describer, signature};
use crate::border::host::go_types;
use crate::border::results::TakeResults;
use crate::border::signature::FuncSig;
use crate::border::text::GoStr;
use crate::error::Error;
use crate::isolate::Isolate;
use crate::program::Shared;
use crate::scope::{Enter, Scope};
use itab_abi::types::{Kind, Type};
use itab_abi::value::{CAPTURES, FuncVal};
use itab_runtime::heap::mgcroots::HostRoot;
use itab_runtime::types::TypeRef;
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::Arc;

/// A Go function or func value with the Rust signature `F`: `Func<fn(i64, String) -> bool>`. A declared function is of use in
/// every isolate of its program; a func value, a closure perhaps, in the isolate that it is from. It is kept alive until it
/// is dropped.
///
/// Arguments are given as owned types in the signature, and `call` also takes borrowed ones: `&str` for `String`, `&[T]` for
/// `Vec<T>`.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let mut isolate = itab::source("package main\nfunc Count(s string, c byte) (n int) {
///     for i := range s { if s[i] == c { n++ } }
///     return
/// }")?.isolate()?;
/// let count = isolate.func::<fn(String, u8) -> i64>("Count")?;
/// assert_eq!(count.call(&mut isolate, "banana", b'a')?, 3);
/// # Ok(())
/// # }
/// ```
pub struct Func<F> {
    value: *const FuncVal,
    sig: Arc<FuncSig>,
    /// Code that enters functions of this type.
    enter: usize,
    shared: Arc<Shared>,
    /// Of a func value: what keeps it alive, and its isolate.
    root: Option<(Arc<HostRoot>, u64)>,
    /// Of a method of a value: its code, and the receiver's word. It is no func value of Go.
    method: Option<(usize, *mut u8)>,
    _sig: PhantomData<fn(F)>,
}

// SAFETY: the pointer is followed in isolates of the program alone, that of a func value in its own.
unsafe impl<F> Send for Func<F> {}
// SAFETY: as above.
unsafe impl<F> Sync for Func<F> {}

impl<F> Clone for Func<F> {
    fn clone(&self) -> Func<F> {
        let (sig, shared, root) = (self.sig.clone(), self.shared.clone(), self.root.clone());
        Func { value: self.value, sig, enter: self.enter, shared, root, method: self.method, _sig: PhantomData }
    }
}

impl<F> fmt::Debug for Func<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Func({})", self.type_name())
    }
}

/// The signature of a [`Func`]: `fn(A, B) -> R` with up to twelve parameters that are [`ToGo`](crate::ToGo) and results that
/// are [`TakeResults`]. It is sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the signature of a Go function",
    note = "it is `fn(A, B) -> R` with up to twelve owned types: `fn(String, Vec<f64>) -> i64`; `call` takes `&str` and `&[T]` for them"
)]
pub trait Signature {
    /// Whether a func type fits.
    ///
    /// # Errors
    /// How it does not.
    #[doc(hidden)]
    fn check(ins: &[GoType<'_>], outs: &[GoType<'_>]) -> Result<(), String>;

    /// Parameters and results in Go's syntax.
    ///
    /// # Errors
    /// When a type has no Go type of its own.
    #[doc(hidden)]
    fn describe(d: &mut Describer) -> Described;
}

/// A value that is given as an argument of type `A`: `A` itself, `&str` for `String`, `&[T]` for `Vec<T>`, a reference to a
/// handle for the handle, a reference to a [host type](macro@crate::host)'s value, which is lent for the call.
pub trait Arg<A> {
    /// What is kept until the call is over.
    #[doc(hidden)]
    type Loan;

    /// Writes the value.
    ///
    /// # Errors
    /// As [`Give::store`].
    ///
    /// # Safety
    /// The loan is dropped when the call is over, before the value's lifetime ends and while the isolate lives.
    #[doc(hidden)]
    unsafe fn lend(self, to: PlaceMut<'_>) -> Result<Self::Loan, Error>;
}

/// Types that are given as arguments of another type.
macro_rules! given {
    ($([$($g:tt)*] $t:ty => $as:ty;)*) => { $(
        impl<$($g)*> $crate::border::func::Arg<$as> for $t {
            type Loan = ();
            #[inline]
            unsafe fn lend(self, to: $crate::border::crossing::PlaceMut<'_>) -> Result<(), $crate::error::Error> {
                $crate::border::crossing::Give::store(self, to)
            }
        }
    )* };
}
pub(crate) use given;

given! {
    [T: Give] T => T;
    [] &str => String;
    [] &String => String;
    [] &GoStr => GoStr;
    [] &Any => Any;
    [T: Give + Clone] &[T] => Vec<T>;
    [T: Give + Clone] &Vec<T> => Vec<T>;
}

impl<T: Fits> Fits for &Vec<T> {
    fn accepts(t: GoType<'_>) -> bool {
        Vec::<T>::accepts(t)
    }
    fn describe(d: &mut Describer) -> Described {
        Vec::<T>::describe(d)
    }
}

impl<T: Give + Clone> Give for &Vec<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        self.as_slice().store(to)
    }
}

fn plural(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

pub(crate) fn wrong_count(go: usize, rust: usize, what: &str) -> String {
    format!("it has {}, not {rust}", plural(go, what))
}

/// What the parameter with an index is called.
pub(crate) fn parameter(i: usize) -> String {
    format!("parameter {}", i + 1)
}

pub(crate) fn check_results<R: TakeResults>(outs: &[GoType<'_>]) -> Result<(), String> {
    R::check(outs, &mut Checker::default()).map_err(|m| result_misfit(m, outs.len()))
}

/// Why results do not fit, in words.
pub(crate) fn result_misfit(misfit: ResultMisfit, go: usize) -> String {
    match misfit {
        ResultMisfit::Count(rust) => wrong_count(go, rust, "result"),
        ResultMisfit::Type(i, m) => m.error(&format!("result {}", i + 1)).to_string(),
    }
}

impl<F: Signature> Func<F> {
    /// A func value that lies in the program and needs nobody to keep it alive.
    pub(crate) fn of_program(
        shared: &Arc<Shared>,
        value: *const FuncVal,
        sig: Arc<FuncSig>,
        name: &str,
    ) -> Result<Func<F>, Error> {
        // SAFETY: the type of a function of the program.
        check::<F>(unsafe { TypeRef::from_ptr(sig.typ) }, name)?;
        let enter = sig.enter(shared)?;
        Ok(Func { value, sig, enter, shared: shared.clone(), root: None, method: None, _sig: PhantomData })
    }

    /// A method of a value.
    ///
    /// # Safety
    /// `code` is code of the program for methods of type `mtyp`, whose context is the receiver's word; `root` keeps what that
    /// leads to.
    pub(crate) unsafe fn of_method(
        cx: Cx<'_>,
        mtyp: TypeRef<'_>,
        code: usize,
        receiver: *mut u8,
        root: Arc<HostRoot>,
        name: &str,
    ) -> Result<Func<F>, Error> {
        check::<F>(mtyp, name)?;
        let sig = cx.shared.func_sig(mtyp);
        let enter = sig.enter(cx.shared)?;
        let (shared, root, method) = (cx.shared.clone(), Some((root, cx.id())), Some((code, receiver)));
        Ok(Func { value: std::ptr::null(), sig, enter, shared, root, method, _sig: PhantomData })
    }
}

/// Whether a func type has a Rust signature.
fn check<F: Signature>(ftyp: TypeRef<'_>, name: &str) -> Result<(), Error> {
    let (ins, outs, _) = ftyp.signature();
    F::check(&go_types(ins), &go_types(outs)).map_err(|why| Error::Signature {
        name: name.into(),
        go: ftyp.string().into(),
        rust: rust_name::<F>(),
        why,
    })
}

impl<F> Func<F> {
    /// Whether it is nil; calling it is then a nil dereference.
    pub fn is_nil(&self) -> bool {
        self.value.is_null() && self.method.is_none()
    }

    /// The func type as Go prints it.
    pub fn type_name(&self) -> &str {
        // SAFETY: a descriptor of the program that is kept.
        unsafe { TypeRef::from_ptr(self.sig.typ) }.string()
    }

    /// An error unless it may be called in this isolate.
    #[inline]
    fn usable(&self, cx: Cx<'_>) -> Result<(), Error> {
        match &self.root {
            Some((_, isolate)) => cx.owns(*isolate),
            None if Arc::ptr_eq(&self.shared, cx.shared) => Ok(()),
            None => Err(Error::Root),
        }
    }

    /// The code, and the context that it is called with.
    #[inline]
    fn target(&self) -> (usize, usize) {
        if let Some((code, receiver)) = self.method {
            return (code, receiver as usize);
        }
        if self.value.is_null() {
            return (0, 0);
        }
        // SAFETY: a func value that the program or the root keeps alive.
        (unsafe { (*self.value).code }, self.value as usize + CAPTURES)
    }
}

/// Frames of up to so many words are on the stack.
const SMALL: usize = 32;

/// Frames of up to so many words are cleared at once.
const CLEARED: usize = 8;

/// Calls a function: `give` writes the arguments, and does nothing that a collection must not see or is uninterrupted. What it
/// returns is kept until the call is over.
///
/// # Safety
/// `enter` enters functions of this type, and `target`, code and context, is one of the isolate's program, or 0.
#[inline(always)]
pub(crate) unsafe fn call_in_frame<R: TakeResults, L>(
    scope: &mut Scope<'_>,
    sig: &FuncSig,
    enter: usize,
    target: (usize, usize),
    give: impl FnOnce(ArgPlaces<'_>) -> Result<L, Error>,
) -> Result<R::Value, Error> {
    // SAFETY: as the caller says; the frames have that many words.
    unsafe {
        if sig.words > SMALL {
            return call_in_large_frame::<R, L>(scope, sig, enter, target, give);
        }
        let mut frame = [const { MaybeUninit::<u64>::uninit() }; SMALL];
        let frame = frame.as_mut_ptr().cast::<u64>();
        if sig.words <= CLEARED {
            frame.cast::<[u64; CLEARED]>().write([0; CLEARED]);
        } else {
            frame.write_bytes(0, sig.words);
        }
        call_at::<R, L>(scope, sig, enter, target, give, frame)
    }
}

/// # Safety
/// As [`call_in_frame`].
#[cold]
#[inline(never)]
unsafe fn call_in_large_frame<R: TakeResults, L>(
    scope: &mut Scope<'_>,
    sig: &FuncSig,
    enter: usize,
    target: (usize, usize),
    give: impl FnOnce(ArgPlaces<'_>) -> Result<L, Error>,
) -> Result<R::Value, Error> {
    let mut frame = vec![0u64; sig.words];
    // SAFETY: as the caller says; the frame has that many words.
    unsafe { call_at::<R, L>(scope, sig, enter, target, give, frame.as_mut_ptr()) }
}

/// # Safety
/// As [`call_in_frame`]; `frame` has the words of the type, which are zero.
#[inline(always)]
unsafe fn call_at<R: TakeResults, L>(
    scope: &mut Scope<'_>,
    sig: &FuncSig,
    enter: usize,
    (code, context): (usize, usize),
    give: impl FnOnce(ArgPlaces<'_>) -> Result<L, Error>,
    frame: *mut u64,
) -> Result<R::Value, Error> {
    let cx = scope.own();
    cx.collect_if_due();
    // SAFETY: the frame has places for the arguments and results of the type; the isolate is this thread's, as the scope says.
    unsafe {
        let _loans = give(ArgPlaces { cx, sig, frame: frame.cast() })?;
        scope.enter(enter, [code as u64, context as u64, frame as u64, 0])?;
        take_results::<R>(cx, sig, frame.cast())
    }
}

/// Reads the results of a call, uninterrupted if they need it, and what Go's error among them says.
///
/// # Safety
/// `frame` is the frame of a call of the type, which has returned.
#[inline(always)]
pub(crate) unsafe fn take_results<R: TakeResults>(
    cx: Cx<'_>,
    sig: &FuncSig,
    frame: *mut u8,
) -> Result<R::Value, Error> {
    // SAFETY: as the caller says; nothing of the frame is needed any more when the error is asked.
    unsafe {
        let results = Results::new(cx, &sig.outs, frame);
        // Taken apart, so that a value is not copied as part of a `Result` in memory.
        match cx.uninterrupted_unless(R::QUIET.is_some(), || R::take(results)) {
            Ok(value) => Ok(value),
            Err(e) => {
                ask(&e, cx);
                Err(e)
            }
        }
    }
}

/// Finds out what a Go error says.
///
/// # Safety
/// As [`GoError::ask`](crate::GoError).
#[cold]
unsafe fn ask(error: &Error, cx: Cx<'_>) {
    if let Error::Go(e) = error {
        // SAFETY: as the caller says.
        unsafe { e.ask(cx) };
    }
}

/// The arguments of a call, in a frame.
#[derive(Clone, Copy)]
pub(crate) struct ArgPlaces<'a> {
    cx: Cx<'a>,
    sig: &'a FuncSig,
    frame: *mut u8,
}

impl<'a> ArgPlaces<'a> {
    /// # Safety
    /// The frame is one of the type, whose places are good for `'a`.
    pub(crate) unsafe fn new(cx: Cx<'a>, sig: &'a FuncSig, frame: *mut u8) -> ArgPlaces<'a> {
        ArgPlaces { cx, sig, frame }
    }

    /// The isolate.
    #[inline]
    pub(crate) fn cx(&self) -> Cx<'a> {
        self.cx
    }

    /// The one with an index.
    #[inline(always)]
    pub(crate) fn get(&self, i: usize) -> Result<PlaceMut<'a>, Error> {
        let count =
            || Error::Count { what: "the method".into(), kind: "parameters", go: self.sig.ins.len(), rust: i + 1 };
        if i < self.sig.ins.len() { Ok(self.at(i)) } else { Err(count()) }
    }

    #[inline(always)]
    fn at(&self, i: usize) -> PlaceMut<'a> {
        let slot = &self.sig.ins[i];
        // SAFETY: a slot of the frame.
        unsafe { PlaceMut::new(self.cx, slot.typ(self.cx), self.frame.add(slot.offset)) }
    }
}

macro_rules! signatures {
    ($($n:literal: $($t:ident $arg:ident $v:ident $i:tt),*;)*) => { $(
        impl<$($t: Give,)* R: TakeResults> Signature for fn($($t),*) -> R {
            fn check(ins: &[GoType<'_>], outs: &[GoType<'_>]) -> Result<(), String> {
                if ins.len() != $n {
                    return Err(wrong_count(ins.len(), $n, "parameter"));
                }
                $($t::check(ins[$i], &mut Checker::default())
                    .map_err(|m| m.error(&parameter($i)).to_string())?;)*
                check_results::<R>(outs)
            }
            fn describe(d: &mut Describer) -> Described {
                let ins = [$(("", $t::describe(d)?)),*];
                Ok(signature(&ins, &R::describe(d)?))
            }
        }
        impl<$($t: Give,)* R: TakeResults> Func<fn($($t),*) -> R> {
            /// Calls it, on a goroutine of its own; in a scope that Go has called, on the goroutine that called.
            ///
            /// # Errors
            /// Go's own [`Error::Go`] if the results are an [`itab::Result`](crate::Result); [`Error::Panic`] and the like
            /// when the call does not return; when an argument or result cannot be represented.
            #[allow(clippy::too_many_arguments, reason = "as many as the Go function has")]
            #[inline]
            pub fn call<$($arg: Arg<$t>),*>(&self, scope: &mut impl Enter, $($v: $arg),*) -> Result<R::Value, Error> {
                let scope = &mut scope.scope()?;
                self.usable(scope.own())?;
                let give = |args: ArgPlaces<'_>| {
                    // Nothing that is written to the place of a number allocates.
                    let quiet = true $(&& <$t as Fits>::PLAIN.is_some())*;
                    args.cx.uninterrupted_unless(quiet, || {
                        // SAFETY: the values are this function's for the call, for which the loans are kept.
                        Ok(($(unsafe { $v.lend(args.at($i)) }?,)*))
                    })
                };
                // SAFETY: the function is of this type, and may be used in this isolate.
                unsafe { call_in_frame::<R, _>(scope, &self.sig, self.enter, self.target(), give) }
            }

            /// Begins a call that runs while the future is polled: see [`Calling`]. Package initialisation runs at once, if it
            /// has not run, and the arguments are copied; nothing else happens before the first poll. A value of a host type is
            /// given away, not lent, as the future may be forgotten.
            ///
            /// # Errors
            /// The future's are those of a call.
            #[allow(clippy::too_many_arguments, reason = "as many as the Go function has")]
            pub fn call_async<'i, $($arg: Arg<$t> + Give),*>(&self, isolate: &'i mut Isolate, $($v: $arg),*) -> Calling<'i, R> {
                let give = |args: ArgPlaces<'_>| {
                    let _ = &args;
                    $($v.store(args.at($i))?;)*
                    Ok(())
                };
                Calling::new(isolate, |scope| {
                    self.usable(scope.own())?;
                    // SAFETY: as in `call`.
                    unsafe { start_in_frame(scope, &self.sig, self.enter, self.target(), give) }
                })
            }
        }
    )* };
}
signatures! {
    0: ;
    1: A XA a 0;
    2: A XA a 0, B XB b 1;
    3: A XA a 0, B XB b 1, C XC c 2;
    4: A XA a 0, B XB b 1, C XC c 2, D XD d 3;
    5: A XA a 0, B XB b 1, C XC c 2, D XD d 3, E XE e 4;
    6: A XA a 0, B XB b 1, C XC c 2, D XD d 3, E XE e 4, F XF f 5;
    7: A XA a 0, B XB b 1, C XC c 2, D XD d 3, E XE e 4, F XF f 5, G XG g 6;
    8: A XA a 0, B XB b 1, C XC c 2, D XD d 3, E XE e 4, F XF f 5, G XG g 6, H XH h 7;
    9: A XA a 0, B XB b 1, C XC c 2, D XD d 3, E XE e 4, F XF f 5, G XG g 6, H XH h 7, I XI i 8;
    10: A XA a 0, B XB b 1, C XC c 2, D XD d 3, E XE e 4, F XF f 5, G XG g 6, H XH h 7, I XI i 8, J XJ j 9;
    11: A XA a 0, B XB b 1, C XC c 2, D XD d 3, E XE e 4, F XF f 5, G XG g 6, H XH h 7, I XI i 8, J XJ j 9, K XK k 10;
    12: A XA a 0, B XB b 1, C XC c 2, D XD d 3, E XE e 4, F XF f 5, G XG g 6, H XH h 7, I XI i 8, J XJ j 9, K XK k 10, L XL l 11;
}

impl<F: Signature> Fits for Func<F> {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Func
    }
    fn check(t: GoType<'_>, _: &mut Checker) -> Result<(), Misfit> {
        let misfit = || Misfit::of::<Self>(t);
        if !Self::accepts(t) {
            return Err(misfit());
        }
        check_inner(|| check::<F>(t.0, "it")).map_err(|e| Misfit { wanted: e.to_string(), ..misfit() })
    }
    fn describe(d: &mut Describer) -> Described {
        Ok(format!("func{}", F::describe(d)?))
    }
}

impl<'a, F: Signature> Take<'a> for Func<F> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        let (cx, t, at) = from.accepted::<Self>()?;
        // SAFETY: a func value is a pointer.
        let value = unsafe { at.cast::<*const FuncVal>().read() };
        check::<F>(t, "the func value")?;
        let sig = cx.shared.func_sig(t);
        let enter = sig.enter(cx.shared)?;
        let root = Some((cx.root(value.cast_mut().cast()), cx.id()));
        Ok(Func { value, sig, enter, shared: cx.shared.clone(), root, method: None, _sig: PhantomData })
    }
}

impl<F> Func<F> {
    fn func_type(&self) -> *const Type {
        self.sig.typ
    }
}

impl<F: Signature> Give for Func<F> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        self.usable(cx)?;
        if self.method.is_some() {
            let wanted = "a func value of Go".into();
            return Err(Misfit {
                rust: "a method that was found by its name".into(),
                wanted,
                ..Misfit::of::<Self>(GoType(t))
            }
            .error("the func"));
        }
        // Func types with the same signature, one of them named perhaps.
        // SAFETY: a descriptor of the program.
        let own = unsafe { cx.typ(self.func_type()) };
        if own != t && own.signature() != t.signature() {
            let misfit = Misfit::of::<Self>(GoType(t));
            return Err(Misfit { rust: own.string().into(), ..misfit }.error("the func value"));
        }
        // SAFETY: a place for a func value; this one has the same type and is alive.
        unsafe { at.cast::<*const FuncVal>().write(self.value) };
        Ok(())
    }
}
