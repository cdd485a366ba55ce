//! Scopes: the right to use an isolate.
//!
//! What runs Go code takes a scope by `&mut`, and what views Go memory borrows one by `&`: so no view outlives a call that
//! could run Go code. A scope is `!Send`. Nothing is kept for it: Go values that outlive a call have roots of their own.

use crate::border::Func;
use crate::border::crossing::Cx;
use crate::border::func::Signature;
use crate::error::Error;
use crate::isolate::Isolate;
use itab_runtime::code::arch::CallRegs;
use std::marker::PhantomData;
use std::time::Duration;

/// The right to use an isolate, on this thread, for `'i`.
///
/// Views borrow it, and calls need it for themselves. So this does not compile:
///
/// ```compile_fail,E0502
/// # fn main() -> itab::Result<()> {
/// # let mut isolate = itab::source("package main\nfunc F() string { return \"\" }")?.isolate()?;
/// # let f = isolate.func::<fn() -> itab::GoStr>("F")?;
/// let mut scope = isolate.scope()?;
/// let text = f.call(&mut scope)?;
/// let view = text.get(&scope)?;
/// f.call(&mut scope)?;
/// println!("{view}");
/// # Ok(())
/// # }
/// ```
pub struct Scope<'i> {
    cx: Cx<'i>,
    /// Invariant, and not to be copied.
    _own: PhantomData<&'i mut &'i ()>,
}

impl<'i> Scope<'i> {
    /// # Safety
    /// Nobody else uses the isolate for `'i`, but through this scope.
    #[inline(always)]
    pub(crate) unsafe fn new(cx: Cx<'i>) -> Scope<'i> {
        Scope { cx, _own: PhantomData }
    }

    /// The same scope, while this one is borrowed.
    #[inline(always)]
    pub(crate) fn reborrow(&mut self) -> Scope<'_> {
        Scope { cx: self.cx, _own: PhantomData }
    }

    /// The same scope.
    ///
    /// # Safety
    /// It is used while this one is not, and nothing views Go memory meanwhile.
    #[inline(always)]
    pub(crate) unsafe fn again(&self) -> Scope<'_> {
        Scope { cx: self.cx, _own: PhantomData }
    }

    /// The isolate, while the scope is borrowed.
    pub(crate) fn cx(&self) -> Cx<'_> {
        self.cx
    }

    /// The isolate for as long as the scope: for what is no part of Go's memory.
    pub(crate) fn isolate(&self) -> Cx<'i> {
        self.cx
    }

    /// The isolate for as long as the scope: for whoever has it by `&mut` and lets no view out.
    #[inline(always)]
    pub(crate) fn own(&mut self) -> Cx<'i> {
        self.cx
    }

    /// A function of the program by its name: `Judge` in the package that was loaded, `path/of/package.Judge` in others. Its
    /// type is checked here, once.
    ///
    /// # Errors
    /// [`Error::NoSuchFunc`], which names those with similar names; [`Error::Signature`] when the Rust signature does not fit.
    pub fn func<F: Signature>(&self, name: &str) -> Result<Func<F>, Error> {
        self.cx.shared.func(name)
    }

    /// How long there is until the first of the deadlines: the isolate's, and that of the call that runs. None if there is
    /// no deadline. A host function that may take long asks for it.
    pub fn time_left(&self) -> Option<Duration> {
        // SAFETY: the isolate lives as long as the scope.
        unsafe { (*self.cx.rt()).control.time_left() }
    }

    /// Calls a C function of up to four integer arguments as Go code of the isolate.
    ///
    /// # Safety
    /// It is an entry shim of the isolate's program, and the arguments are right for it.
    #[inline(always)]
    pub(crate) unsafe fn enter(&mut self, shim: usize, args: [u64; 4]) -> Result<(), Error> {
        // SAFETY: as the caller says.
        let done = unsafe { (*self.cx.rt()).call(shim, args) };
        match done {
            Ok(()) => Ok(()),
            Err(exit) => Err(Error::of_exit(exit, self.cx.id())),
        }
    }

    /// Calls a Go function of up to four words that returns nothing.
    ///
    /// # Safety
    /// It is one of the isolate's program, and the arguments are right for it.
    pub(crate) unsafe fn enter_go(&mut self, code: usize, args: [u64; 4]) -> Result<(), Error> {
        let mut regs = CallRegs::with_ints(&args);
        // SAFETY: as the caller says.
        let done = unsafe { (*self.cx.rt()).enter(code, &mut regs) };
        done.map_err(|exit| Error::of_exit(exit, self.cx.id()))
    }
}

/// What Go can be called in: an [`Isolate`] or a [`Scope`]. It is sealed.
pub trait Enter: Entrance {}

impl<T: Entrance> Enter for T {}

/// How a scope is got. It cannot be named outside of this crate.
pub trait Entrance {
    /// The scope. Package initialisation runs first, if it has not run.
    ///
    /// # Errors
    /// How initialisation failed.
    fn scope(&mut self) -> Result<Scope<'_>, Error>;
}

impl Entrance for Scope<'_> {
    #[inline]
    fn scope(&mut self) -> Result<Scope<'_>, Error> {
        Ok(self.reborrow())
    }
}

impl Entrance for Isolate {
    #[inline]
    fn scope(&mut self) -> Result<Scope<'_>, Error> {
        Isolate::scope(self)
    }
}
