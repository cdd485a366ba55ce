//! Scopes: the host enters an isolate and gets a scope, with which it calls Go and holds Go values.
//!
//! A handle keeps each Go value of a scope alive. The scope releases its handles when it ends. A scope is `!Send` and cannot
//! leave the closure that got it.

use crate::error::{Error, Panic};
use crate::func::Func;
use crate::program::Shared;
use itab_codegen::abi::FlatSig;
use itab_runtime::code::arch::CallRegs;
use itab_runtime::heap::mgcroots::RootId;
use itab_runtime::sched::exit::{Exit, StopReason};
use itab_runtime::sched::host_call::HostError;
use itab_runtime::sched::isolate::Isolate as RtIsolate;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

/// The right to use an isolate.
pub struct Scope<'s> {
    isolate: NonNull<RtIsolate>,
    pub(crate) shared: &'s Arc<Shared>,
    id: u64,
    roots: RefCell<Vec<RootId>>,
    /// How the newest failed calls ended, so that a host function can pass a panic on with its value.
    exits: RefCell<Vec<(u64, Exit)>>,
    _here: PhantomData<&'s mut RtIsolate>,
}

impl<'s> Scope<'s> {
    /// # Safety
    /// The isolate lives longer than `'s` and is used by this thread alone.
    pub(crate) unsafe fn new(isolate: NonNull<RtIsolate>, shared: &'s Arc<Shared>, id: u64) -> Scope<'s> {
        Scope { isolate, shared, id, roots: RefCell::default(), exits: RefCell::default(), _here: PhantomData }
    }

    pub(crate) fn rt(&self) -> *mut RtIsolate {
        self.isolate.as_ptr()
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// A function of the program by its name: `main.f`.
    ///
    /// # Errors
    /// [`Error::NoSuchFunc`], which names those that exist.
    pub fn func(&self, name: &str) -> Result<Func<'s>, Error> {
        let (value, typ) = self.shared.find_func(name)?;
        // SAFETY: made by the program's interner, which lives longer than the scope.
        let typ = unsafe { itab_runtime::types::TypeRef::from_ptr(typ) };
        Ok(Func::of_program(self, value, typ))
    }

    /// Keeps an object alive until the scope ends.
    pub(crate) fn keep(&self, p: *mut u8) {
        // SAFETY: the scope is the isolate's only user on this thread, and the heap is not in use by anybody now.
        let root = unsafe { (*self.rt()).heap.new_root(p) };
        self.roots.borrow_mut().push(root);
    }

    pub(crate) fn owns(&self, isolate: u64) -> Result<(), Error> {
        if isolate == self.id { Ok(()) } else { Err(Error::Root) }
    }

    /// A copy of bytes in the isolate's heap.
    pub(crate) fn alloc_bytes(&self, bytes: &[u8]) -> Result<*mut u8, Error> {
        // SAFETY: as in `keep`; the memory is fresh and large enough.
        unsafe {
            let p = (*self.rt()).heap.alloc_noscan(bytes.len()).map_err(|e| Error::Memory(e.to_string()))?;
            p.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            Ok(p)
        }
    }

    /// Runs `f` while nothing is collected: it holds new objects where no collection would see them.
    pub(crate) fn without_collections<R>(&self, f: impl FnOnce() -> R) -> R {
        // SAFETY: as in `keep`.
        unsafe { (*self.rt()).heap.inhibit() };
        let r = f();
        // SAFETY: as in `keep`.
        unsafe { (*self.rt()).heap.permit() };
        r
    }

    pub(crate) fn entry_shim(&self, sig: &FlatSig) -> Result<usize, Error> {
        self.shared.entry_shim(sig)
    }

    /// Enters code with integer arguments.
    ///
    /// # Safety
    /// `code` is code of this program that takes these arguments.
    pub(crate) unsafe fn enter(&self, code: usize, args: &[u64]) -> Result<(), Error> {
        let mut regs = CallRegs::with_ints(args);
        // SAFETY: as the caller says.
        let done = unsafe { (*self.rt()).enter(code, &mut regs) };
        done.map_err(|exit| self.exit_error(exit))
    }

    fn exit_error(&self, exit: Exit) -> Error {
        let error = error_of(&exit);
        if let Error::Panic(p) = &error {
            self.exits.borrow_mut().push((p.token, exit));
        }
        error
    }

    /// What a host function's error does in Go.
    pub(crate) fn host_error(&self, error: Error) -> HostError {
        match error {
            Error::Panic(p) => {
                let exit = self.exits.borrow_mut().iter().position(|e| e.0 == p.token);
                match exit {
                    Some(i) => HostError::Exit(self.exits.borrow_mut().swap_remove(i).1),
                    None => HostError::Panic(p.message),
                }
            }
            Error::Goexit => HostError::Exit(Exit::Goexit),
            Error::Exit(code) => HostError::Exit(Exit::Stopped(StopReason::Exit(code))),
            other => HostError::Panic(other.to_string()),
        }
    }
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        for root in self.roots.take() {
            // SAFETY: as in `keep`.
            unsafe { (*self.rt()).heap.drop_root(root) };
        }
    }
}

/// The API's error for how a call ended.
pub(crate) fn error_of(exit: &Exit) -> Error {
    use std::sync::atomic::{AtomicU64, Ordering};
    static TOKENS: AtomicU64 = AtomicU64::new(1);
    match exit {
        Exit::Panic(info) => Error::Panic(Panic {
            message: message(&info.text),
            report: info.as_ref().clone().into_text(),
            token: TOKENS.fetch_add(1, Ordering::Relaxed),
        }),
        Exit::Goexit => Error::Goexit,
        Exit::WrongThread => Error::Thread,
        Exit::Stopped(StopReason::Exit(code)) => Error::Exit(*code),
        Exit::Stopped(StopReason::Fatal(text)) => Error::Fatal(text.clone()),
        Exit::Stopped(StopReason::Killed) => Error::Killed,
        Exit::Stopped(StopReason::Deadline) => Error::Deadline,
        Exit::Stopped(StopReason::Memory(text)) => Error::Memory(text.clone()),
    }
}

/// The value of the last panic in what Go prints: `panic: a [recovered]`, `\tpanic: b`.
fn message(text: &str) -> String {
    let last = text.rfind("panic: ").map_or(text, |at| &text[at + "panic: ".len()..]);
    last.trim_end().to_string()
}
