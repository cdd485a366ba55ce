//! Host functions: Rust functions that Go code calls. Go declares such a function without a body, the host provides it by
//! name.
//!
//! Compiled code calls a stub, which collects the arguments in a frame and calls a trampoline of a few instructions, which
//! adds the address of the function's [`HostEntry`]. The function runs on the goroutine's stack, in a scope of its own.

use crate::border::crossing::{Checker, Cx, FromGo, GoType, Place, Results, Take};
use crate::border::func::{result_misfit, wrong_count};
use crate::border::results::GiveResults;
use crate::border::signature::FuncSig;
use crate::error::Error;
use crate::host_type::call::Args;
use crate::program::Shared;
use crate::scope::Scope;
use itab_abi::block::IsolateBlock;
use itab_runtime::sched::awaited::PendingCall;
use itab_runtime::sched::host_await::host_await;
use itab_runtime::sched::host_call::HostError;
use itab_runtime::sched::isolate;
use itab_runtime::types::TypeRef;
use rustc_hash::FxHashMap;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::{Arc, Weak};

/// A function of the host.
pub(crate) struct HostFn {
    /// What it does.
    pub(crate) call: Box<Body>,
    /// Whether a Go declaration fits, if it can tell.
    pub(crate) check: CheckDeclaration,
}

/// What a function of the host does with a call.
pub(crate) type Body = dyn Fn(&mut Call<'_>) -> Result<(), Error> + Send + Sync;

/// Whether parameters and results of a Go declaration fit, and how not.
pub(crate) type CheckDeclaration = fn(&[GoType<'_>], &[GoType<'_>]) -> Result<(), String>;

/// Host functions by name.
pub(crate) type HostFns = FxHashMap<String, Arc<HostFn>>;

/// A call of a host function by Go.
pub struct Call<'c> {
    scope: Scope<'c>,
    sig: &'c FuncSig,
    frame: *mut u8,
    context: usize,
    given: usize,
    /// Of a method of a host type: the object that it is called on.
    receiver: Option<*const u8>,
    /// Leading arguments that are none of the Rust function's.
    skip: usize,
    entry: *const HostEntry,
    /// What the goroutine waits for when the function has returned.
    later: Option<Pin<Box<dyn PendingCall>>>,
}

impl<'c> Call<'c> {
    /// The scope of the call: for calling Go. Arguments that are views do not outlive its use.
    pub fn scope(&mut self) -> &mut Scope<'c> {
        &mut self.scope
    }

    /// The isolate, for what is no part of Go's memory.
    pub(crate) fn isolate(&self) -> Cx<'c> {
        self.scope.isolate()
    }

    /// The context: of a closure, the address of its captures; of a method, the receiver.
    pub(crate) fn context(&self) -> usize {
        self.context
    }

    /// Arguments and results of a method of the host. Who gets them has no scope meanwhile.
    pub(crate) fn parts(&mut self) -> Args<'c> {
        Args::new(self.scope.own(), self.sig, self.frame, self.skip)
    }

    /// It is a call of a method of a host type, whose receiver is the context, or the first argument if the method is called as
    /// a function.
    ///
    /// # Safety
    /// It is one: there is a nil pointer or an object of the type.
    pub(crate) unsafe fn set_receiver(&mut self, function: bool) {
        let mut object = self.context;
        if function {
            // SAFETY: as the caller says: a slot of the frame, for a pointer.
            object = unsafe { self.frame.add(self.sig.ins[0].offset).cast::<usize>().read() };
            self.skip = 1;
        }
        self.receiver = Some(object as *const u8);
    }

    /// The object that a method of a host type is called on; `None` in other functions.
    pub(crate) fn receiver(&self) -> Option<*const u8> {
        self.receiver
    }

    /// Gives the results later: the goroutine waits for what `make` makes.
    pub(crate) fn finishes_later(&mut self, make: impl FnOnce(EntryRef) -> Pin<Box<dyn PendingCall>>) {
        self.later = Some(make(EntryRef(self.entry)));
    }

    /// How many arguments there are.
    pub fn args(&self) -> usize {
        self.sig.ins.len()
    }

    /// Argument `i`.
    ///
    /// # Errors
    /// [`Error::Count`] when there are not so many, [`Error::Type`] when its Go type does not fit.
    #[inline(always)]
    pub fn arg<'a, T: FromGo<'a>>(&'a self, i: usize) -> Result<T, Error> {
        let slot = self.sig.ins.get(i).ok_or_else(|| self.too_few(i + 1))?;
        let cx = self.scope.cx();
        // SAFETY: a slot of the frame, which lives on the stack of the calling goroutine until the call is done. No Go code
        // runs while the scope is borrowed.
        let place = unsafe { Place::new(cx, slot.typ(cx), self.frame.add(slot.offset)) };
        cx.uninterrupted_unless(T::PLAIN.is_some(), || T::load(place))
    }

    #[cold]
    fn too_few(&self, rust: usize) -> Error {
        Error::Count { what: "the host function".into(), kind: "arguments", go: self.sig.ins.len(), rust }
    }

    /// Gives all results at once.
    ///
    /// # Errors
    /// [`Error::Count`] when there are not so many, [`Error::Type`] when one does not fit; an `Err`, if Go has no `error` for
    /// it.
    #[inline(always)]
    pub fn returns<R: GiveResults>(&mut self, results: R) -> Result<(), Error> {
        let cx = self.scope.own();
        // SAFETY: the frame's results, which nobody reads yet.
        let places = unsafe { Results::new(cx, &self.sig.outs, self.frame) };
        cx.uninterrupted_unless(R::QUIET.is_some(), || results.give(places))
    }

    /// Gives the next result. Results that are not given are zero.
    ///
    /// # Errors
    /// [`Error::Count`] when there are not so many, [`Error::Type`] when its Go type does not fit.
    pub fn ret<T: crate::ToGo>(&mut self, value: T) -> Result<(), Error> {
        let cx = self.scope.own();
        // SAFETY: as in `returns`.
        let place = unsafe { Results::new(cx, &self.sig.outs, self.frame) }.at_mut(self.given)?;
        self.given += 1;
        cx.uninterrupted(|| value.store(place))
    }

    /// Leaves the next result zero.
    ///
    /// # Errors
    /// [`Error::Count`] when there are not so many.
    pub fn skip(&mut self) -> Result<(), Error> {
        // SAFETY: as in `returns`.
        unsafe { Results::new(self.scope.own(), &self.sig.outs, self.frame) }.at(self.given)?;
        self.given += 1;
        Ok(())
    }
}

/// A Rust function or closure that Go may call: of up to eight owned types that are [`FromGo`], perhaps after a
/// `&mut Scope<'_>` in which it calls Go, with a result that is [`GiveResults`]. `M` tells such functions apart.
pub trait HostFunc<M>: Send + Sync + 'static {
    /// Whether a Go declaration fits.
    ///
    /// # Errors
    /// How it does not.
    #[doc(hidden)]
    fn check(ins: &[GoType<'_>], outs: &[GoType<'_>]) -> Result<(), String>;

    /// Calls it.
    ///
    /// # Errors
    /// What makes Go panic.
    #[doc(hidden)]
    fn run(&self, call: &mut Call<'_>) -> Result<(), Error>;
}

/// Marks functions that take the scope of the call.
#[doc(hidden)]
pub struct WithScope;

/// Whether declared parameters and results fit.
macro_rules! check_types {
    ($n:literal, $ins:ident, $outs:ident, [$($t:ident $i:tt),*], $r:ident) => {{
        if $ins.len() != $n {
            return Err(wrong_count($ins.len(), $n, "parameter"));
        }
        $($t::check($ins[$i], &mut Checker::default())
            .map_err(|m| m.error(&crate::border::func::parameter($i)).to_string())?;)*
        $r::check($outs, &mut Checker::default()).map_err(|m| result_misfit(m, $outs.len()))
    }};
}

pub(crate) use check_types;

macro_rules! host_funcs {
    ($($n:literal: $($t:ident $v:ident $i:tt),*;)*) => { $(
        impl<Fun, Ret, $($t),*> HostFunc<($($t,)*)> for Fun
        where
            Fun: Fn($($t),*) -> Ret + Send + Sync + 'static,
            Ret: GiveResults,
            $($t: for<'a> Take<'a>,)*
        {
            fn check(ins: &[GoType<'_>], outs: &[GoType<'_>]) -> Result<(), String> {
                check_types!($n, ins, outs, [$($t $i),*], Ret)
            }
            fn run(&self, call: &mut Call<'_>) -> Result<(), Error> {
                $(let $v = call.arg::<$t>($i)?;)*
                let results = self($($v),*);
                call.returns(results)
            }
        }
        impl<Fun, Ret, $($t),*> HostFunc<(WithScope, $($t,)*)> for Fun
        where
            Fun: Fn(&mut Scope<'_>, $($t),*) -> Ret + Send + Sync + 'static,
            Ret: GiveResults,
            $($t: for<'a> Take<'a>,)*
        {
            fn check(ins: &[GoType<'_>], outs: &[GoType<'_>]) -> Result<(), String> {
                check_types!($n, ins, outs, [$($t $i),*], Ret)
            }
            fn run(&self, call: &mut Call<'_>) -> Result<(), Error> {
                $(let $v = call.arg::<$t>($i)?;)*
                let results = self(call.scope(), $($v),*);
                call.returns(results)
            }
        }
    )* };
}
host_funcs! {
    0: ;
    1: A a 0;
    2: A a 0, B b 1;
    3: A a 0, B b 1, C c 2;
    4: A a 0, B b 1, C c 2, D d 3;
    5: A a 0, B b 1, C c 2, D d 3, E e 4;
    6: A a 0, B b 1, C c 2, D d 3, E e 4, F f 5;
    7: A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6;
    8: A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6, H h 7;
}

/// What a trampoline hands over.
pub(crate) struct HostEntry {
    pub(crate) func: Arc<HostFn>,
    /// The function's type.
    pub(crate) sig: Arc<FuncSig>,
    pub(crate) shared: Weak<Shared>,
}

/// Called by trampolines.
///
/// # Safety
/// By compiled code of the entry's program on a goroutine's stack; `frame` is one of the entry's type, whose results are
/// zero; the entry lives.
pub(crate) unsafe extern "C" fn host_entry(
    block: *mut IsolateBlock,
    frame: *mut u8,
    context: usize,
    entry: *const HostEntry,
) {
    // SAFETY: as the caller says; what is made here is dropped before the call returns, or belongs to the isolate.
    unsafe {
        let func = &(*entry).func;
        host_await(block, frame, || {
            with_call(block, frame, context, entry, |call| {
                (func.call)(call)?;
                Ok(call.later.take())
            })
        });
    }
}

/// Runs `f` for a call of the host's function, with a scope of its own.
///
/// # Safety
/// As [`host_entry`].
unsafe fn with_call<R>(
    block: *mut IsolateBlock,
    frame: *mut u8,
    context: usize,
    entry: *const HostEntry,
    f: impl FnOnce(&mut Call<'_>) -> Result<R, Error>,
) -> Result<R, HostError> {
    // SAFETY: as the caller says: the entry lives, and so does its program while its code runs, whose count is not touched;
    // the block belongs to the running isolate, which this thread alone uses.
    unsafe {
        let shared = ManuallyDrop::new(Arc::from_raw((*entry).shared.as_ptr()));
        let isolate = NonNull::new_unchecked(isolate::of(block));
        let cx = Cx::new(isolate, &shared);
        let scope = Scope::new(cx);
        let sig = &(*entry).sig;
        let mut call = Call { scope, sig, frame, context, given: 0, receiver: None, skip: 0, entry, later: None };
        f(&mut call).map_err(|e| e.into_host(cx))
    }
}

/// The entry of a call that gives its results later.
#[derive(Clone, Copy)]
pub(crate) struct EntryRef(*const HostEntry);

// SAFETY: an entry lives as long as its program, and is immutable.
unsafe impl Send for EntryRef {}

impl EntryRef {
    /// Gives the results of the call.
    ///
    /// # Safety
    /// On the goroutine that has made the call, of this entry, with its frame.
    pub(crate) unsafe fn give<R: GiveResults>(
        self,
        block: *mut IsolateBlock,
        frame: *mut u8,
        results: R,
    ) -> Result<(), HostError> {
        // SAFETY: as the caller says.
        unsafe { with_call(block, frame, 0, self.0, |call| call.returns(results)) }
    }
}

/// Code that adds `entry` as fourth argument and goes on at [`host_entry`].
pub(crate) fn trampoline(entry: *const HostEntry) -> Vec<u8> {
    let target = host_entry as *const () as usize as u64;
    let entry = entry as usize as u64;
    if cfg!(target_arch = "x86_64") {
        // mov rcx, entry; mov rax, target; jmp rax
        let mut code = vec![0x48, 0xb9];
        code.extend(entry.to_le_bytes());
        code.extend([0x48, 0xb8]);
        code.extend(target.to_le_bytes());
        code.extend([0xff, 0xe0]);
        code
    } else {
        // ldr x3, entry; ldr x16, target; br x16; nop
        let mut code = vec![];
        for word in [0x5800_0083u32, 0x5800_00b0, 0xd61f_0200, 0xd503_201f] {
            code.extend(word.to_le_bytes());
        }
        code.extend(entry.to_le_bytes());
        code.extend(target.to_le_bytes());
        code
    }
}

/// Whether a Go declaration of this type fits a host function.
pub(crate) fn check_declaration(ftyp: TypeRef<'_>, check: CheckDeclaration) -> Result<(), String> {
    let (ins, outs, _) = ftyp.signature();
    check(&go_types(ins), &go_types(outs))
}

/// Types as the border sees them.
pub(crate) fn go_types<'t>(types: &[TypeRef<'t>]) -> Vec<GoType<'t>> {
    types.iter().map(|t| GoType(*t)).collect()
}
