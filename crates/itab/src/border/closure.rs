//! Rust closures as Go func values.
//!
//! The func value's object holds the address of the boxed closure, which the object owns: the closure is dropped when Go is
//! done with the func value. Its code is a host stub that all closures of a func type share.

use crate::border::crossing::{Checker, Fits, Give, GoType, Misfit, PlaceMut, Take, check_inner};
use crate::border::describe::{Described, Describer, signature};
use crate::border::func::wrong_count;
use crate::border::host::{Call, HostFn};
use crate::border::results::GiveResults;
use crate::error::Error;
use crate::scope::Scope;
use itab_abi::types::Kind;
use itab_abi::value::{CAPTURES, FuncVal};
use itab_runtime::heap::mcleanup::Native;
use itab_runtime::heap::mgcroots::Local;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

type Body = dyn FnMut(&mut Call<'_>) -> Result<(), Error> + Send;

/// A boxed closure, and whether it runs.
struct Boxed {
    busy: AtomicBool,
    body: Box<Body>,
}

/// A Rust closure of the signature `F` that becomes a Go func value: an argument of a Go function, or a field.
///
/// While it runs it cannot be called again, as it may change what it has captured: that is a Go panic. It is dropped when Go
/// is done with it.
///
/// ```
/// # fn main() -> itab::Result<()> {
/// let source = "package main\nfunc Each(n int, f func(int)) { for i := range n { f(i) } }";
/// let mut isolate = itab::source(source)?.isolate()?;
/// let each = isolate.func::<fn(i64, itab::Closure<fn(i64)>)>("Each")?;
/// let (send, receive) = std::sync::mpsc::channel();
/// each.call(&mut isolate, 3, itab::Closure::new(move |i: i64| send.send(i).unwrap()))?;
/// assert_eq!(receive.try_iter().sum::<i64>(), 3);
/// # Ok(())
/// # }
/// ```
pub struct Closure<F> {
    body: Box<Body>,
    _sig: PhantomData<fn(F)>,
}

/// Parameters and results of a closure's signature.
#[doc(hidden)]
pub trait ClosureSig {
    fn check(ins: &[GoType<'_>], outs: &[GoType<'_>]) -> Result<(), String>;
    fn describe(d: &mut Describer) -> Described;
}

/// A closure whose signature is `S`; `M` tells apart whether it takes the scope of the call.
#[doc(hidden)]
pub trait IntoClosure<S, M> {
    fn body(self) -> Box<Body>;
}

impl<F: ClosureSig> Closure<F> {
    /// A closure, which may take the scope of the call as its first argument: `|scope: &mut Scope<'_>, n: i64| ..`.
    pub fn new<M>(f: impl IntoClosure<F, M>) -> Closure<F> {
        Closure { body: f.body(), _sig: PhantomData }
    }
}

macro_rules! closures {
    ($($n:literal: $($t:ident $v:ident $i:tt),*;)*) => { $(
        impl<Ret: GiveResults, $($t: for<'a> Take<'a>),*> ClosureSig for fn($($t),*) -> Ret {
            fn check(ins: &[GoType<'_>], outs: &[GoType<'_>]) -> Result<(), String> {
                if ins.len() != $n {
                    return Err(wrong_count(ins.len(), $n, "parameter"));
                }
                $($t::check(ins[$i], &mut Checker::default())
                    .map_err(|m| m.error(&crate::border::func::parameter($i)).to_string())?;)*
                Ret::check(outs, &mut Checker::default()).map_err(|m| crate::border::func::result_misfit(m, outs.len()))
            }
            fn describe(d: &mut Describer) -> Described {
                let ins = [$(("", $t::describe(d)?)),*];
                Ok(signature(&ins, &Ret::describe(d)?))
            }
        }
        impl<Fun, Ret, $($t),*> IntoClosure<fn($($t),*) -> Ret, ()> for Fun
        where
            Fun: FnMut($($t),*) -> Ret + Send + 'static,
            Ret: GiveResults,
            $($t: for<'a> Take<'a>,)*
        {
            fn body(mut self) -> Box<Body> {
                Box::new(move |call| {
                    $(let $v = call.arg::<$t>($i)?;)*
                    let results = self($($v),*);
                    call.returns(results)
                })
            }
        }
        impl<Fun, Ret, $($t),*> IntoClosure<fn($($t),*) -> Ret, crate::border::host::WithScope> for Fun
        where
            Fun: FnMut(&mut Scope<'_>, $($t),*) -> Ret + Send + 'static,
            Ret: GiveResults,
            $($t: for<'a> Take<'a>,)*
        {
            fn body(mut self) -> Box<Body> {
                Box::new(move |call| {
                    $(let $v = call.arg::<$t>($i)?;)*
                    let results = self(call.scope(), $($v),*);
                    call.returns(results)
                })
            }
        }
    )* };
}
closures! {
    0: ;
    1: A a 0;
    2: A a 0, B b 1;
    3: A a 0, B b 1, C c 2;
    4: A a 0, B b 1, C c 2, D d 3;
    5: A a 0, B b 1, C c 2, D d 3, E e 4;
    6: A a 0, B b 1, C c 2, D d 3, E e 4, F f 5;
}

impl<F: ClosureSig> Fits for Closure<F> {
    fn accepts(t: GoType<'_>) -> bool {
        t.kind() == Kind::Func
    }
    fn check(t: GoType<'_>, _: &mut Checker) -> Result<(), Misfit> {
        if !Self::accepts(t) {
            return Err(Misfit::of::<Self>(t));
        }
        let (ins, outs, _) = t.0.signature();
        let types = crate::border::host::go_types;
        check_inner(|| F::check(&types(ins), &types(outs)))
            .map_err(|why| Misfit { wanted: why, ..Misfit::of::<Self>(t) })
    }
    fn describe(d: &mut Describer) -> Described {
        Ok(format!("func{}", F::describe(d)?))
    }
}

impl<F: ClosureSig> Give for Closure<F> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        let (cx, t, at) = to.accepted::<Self>()?;
        let code = cx.shared.closure_code(t)?;
        let object = cx.alloc_record(2, 0)?;
        let boxed = Box::into_raw(Box::new(Boxed { busy: AtomicBool::new(false), body: self.body }));
        // SAFETY: the fresh object has two words, which are no pointers for the collector; it owns the box from now on. The
        // place is one for a func value.
        unsafe {
            object.cast::<FuncVal>().write(FuncVal { code });
            object.add(CAPTURES).cast::<*mut Boxed>().write(boxed);
            let native = Native { data: boxed.cast(), drop: drop_boxed };
            (*cx.rt()).heap.attach_native(object, native);
            at.cast::<*mut u8>().write(object);
        }
        Ok(())
    }
}

/// # Safety
/// `p` is a [`Boxed`], and this is the last use of it.
unsafe fn drop_boxed(p: *mut ()) {
    // SAFETY: as the caller says.
    drop(unsafe { Box::from_raw(p.cast::<Boxed>()) });
}

/// Marks a closure as running.
struct Busy<'b>(&'b AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// The host function that all closures of a func type are called through.
pub(crate) fn host_fn() -> HostFn {
    HostFn { call: Box::new(call_closure), check: |_, _| Ok(()) }
}

fn call_closure(call: &mut Call<'_>) -> Result<(), Error> {
    // Keeps the func value, which owns the box: Go code that the closure calls may collect and drop what is dead.
    let captures = Local::new(call.context() as *mut *mut Boxed);
    // SAFETY: closures alone have this code, and their context leads to the box, which lives as long as the func value. One
    // thread runs the isolate, so that nobody is between test and set.
    unsafe {
        let boxed = *captures.get();
        let busy = &(*boxed).busy;
        if busy.swap(true, Ordering::Relaxed) {
            return Err(Error::Host("a closure of the host was called while it runs".into()));
        }
        let _busy = Busy(busy);
        let body = &mut (*boxed).body;
        body(call)
    }
}
