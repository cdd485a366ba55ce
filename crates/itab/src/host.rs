//! Host functions: Rust closures that Go code calls. Go declares such a function without a body, the host provides it by
//! name.
//!
//! Compiled code calls the shim that every native function has. The shim calls a trampoline of a few instructions, which
//! adds the address of the function's [`HostEntry`]. The closure runs on the goroutine's stack, in a scope of its own.

use crate::error::Error;
use crate::frame::word_count;
use crate::program::Shared;
use crate::scope::Scope;
use crate::value::{GoType, Value, Words, mismatch};
use itab_abi::block::IsolateBlock;
use itab_abi::types::Type;
use itab_runtime::sched::host_call::host_call;
use itab_runtime::types::TypeRef;
use rustc_hash::FxHashMap;
use std::ptr::NonNull;
use std::sync::{Arc, Weak};

/// A function of the host.
pub(crate) type HostFn = dyn for<'s> Fn(&mut Call<'_, 's>) -> Result<(), Error> + Send + Sync;

/// Host functions by name.
pub(crate) type HostFns = FxHashMap<String, Arc<HostFn>>;

/// A call of a host function by Go.
pub struct Call<'c, 's> {
    scope: &'c Scope<'s>,
    ins: &'s [TypeRef<'s>],
    outs: &'s [TypeRef<'s>],
    args: &'c [u64],
    results: &'c mut [u64],
    given: usize,
}

impl<'s> Call<'_, 's> {
    /// The scope of the call: for calling Go and for making values.
    pub fn scope(&self) -> &Scope<'s> {
        self.scope
    }

    /// Argument `i`.
    ///
    /// # Errors
    /// [`Error::Count`] when there are not so many, [`Error::Type`] when its Go type does not fit.
    pub fn arg<T: Value<'s>>(&self, i: usize) -> Result<T, Error> {
        let few =
            || Error::Count { what: "the host function".into(), kind: "arguments", go: self.ins.len(), rust: i + 1 };
        let t = GoType(*self.ins.get(i).ok_or_else(few)?);
        if !T::fits(t) {
            return Err(mismatch::<T>(format!("argument {} of the host function", i + 1), t));
        }
        let start: usize = self.ins[..i].iter().map(|t| word_count(*t)).sum();
        T::load(self.scope, t, &mut Words(self.args[start..].iter()))
    }

    fn next_result(&self) -> Result<TypeRef<'s>, Error> {
        let (go, rust) = (self.outs.len(), self.given + 1);
        let few = || Error::Count { what: "the host function".into(), kind: "results", go, rust };
        self.outs.get(self.given).copied().ok_or_else(few)
    }

    /// Leaves the next result zero.
    ///
    /// # Errors
    /// [`Error::Count`] when there are not so many.
    pub fn skip(&mut self) -> Result<(), Error> {
        self.next_result()?;
        self.given += 1;
        Ok(())
    }

    /// Gives the next result. Results that are not given are zero.
    ///
    /// # Errors
    /// [`Error::Count`] when there are not so many, [`Error::Type`] when its Go type does not fit.
    pub fn ret<T: Value<'s>>(&mut self, value: T) -> Result<(), Error> {
        let i = self.given;
        let t = GoType(self.next_result()?);
        if !T::fits(t) {
            return Err(mismatch::<T>(format!("result {} of the host function", i + 1), t));
        }
        let start: usize = self.outs[..i].iter().map(|t| word_count(*t)).sum();
        let mut words = vec![];
        self.scope.without_collections(|| value.store(self.scope, t, &mut words))?;
        self.results[start..start + words.len()].copy_from_slice(&words);
        self.given += 1;
        Ok(())
    }
}

/// What a host function may return: nothing, a [`Value`] or a tuple of them.
pub trait Returns<'s> {
    /// Gives the results to Go.
    ///
    /// # Errors
    /// As [`Call::ret`].
    fn give(self, call: &mut Call<'_, 's>) -> Result<(), Error>;
}

impl<'s, T: Value<'s>> Returns<'s> for T {
    fn give(self, call: &mut Call<'_, 's>) -> Result<(), Error> {
        call.ret(self)
    }
}

macro_rules! tuples {
    ($($($t:ident $i:tt),*;)*) => { $(
        impl<'s, $($t: Value<'s>),*> Returns<'s> for ($($t,)*) {
            #[allow(unused_variables)]
            fn give(self, call: &mut Call<'_, 's>) -> Result<(), Error> {
                $(call.ret(self.$i)?;)*
                Ok(())
            }
        }
    )* };
}
tuples! {
    ;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
}

/// What a trampoline hands over.
pub(crate) struct HostEntry {
    pub(crate) func: Arc<HostFn>,
    /// The function's type.
    pub(crate) typ: *const Type,
    pub(crate) shared: Weak<Shared>,
}

// SAFETY: the descriptor is immutable and lives as long as the program, which owns the entry.
unsafe impl Send for HostEntry {}
// SAFETY: as above.
unsafe impl Sync for HostEntry {}

/// Called by trampolines.
///
/// # Safety
/// By compiled code on a goroutine's stack; `args` and `results` have the words of the entry's type, the entry lives.
pub(crate) unsafe extern "C" fn host_entry(
    block: *mut IsolateBlock,
    args: *const u64,
    results: *mut u64,
    entry: *const HostEntry,
) {
    // SAFETY: as the caller says; the closure drops all it makes before it returns.
    unsafe { host_call(block, || run(block, args, results, entry)) }
}

/// Calls the host's function with a scope of its own.
///
/// # Safety
/// As [`host_entry`].
unsafe fn run(
    block: *mut IsolateBlock,
    args: *const u64,
    results: *mut u64,
    entry: *const HostEntry,
) -> Result<(), itab_runtime::sched::host_call::HostError> {
    // SAFETY: as the caller says: the entry lives, the block belongs to the running isolate, the buffers have the words
    // of the signature; the isolate is used by this thread alone.
    unsafe {
        let entry = &*entry;
        let shared = entry.shared.upgrade().expect("a running program is alive");
        let isolate = NonNull::new_unchecked(itab_runtime::sched::isolate::of(block));
        let id = (*isolate.as_ptr()).id;
        let scope = Scope::new(isolate, &shared, id);
        let (ins, outs, _) = TypeRef::from_ptr(entry.typ).signature();
        let words = |types: &[TypeRef<'_>]| types.iter().map(|t| word_count(*t)).sum::<usize>();
        let (nargs, nresults) = (words(ins), words(outs));
        let results = slice_mut(results, nresults);
        results.fill(0);
        let args = if nargs == 0 { &[][..] } else { std::slice::from_raw_parts(args, nargs) };
        let mut call = Call { scope: &scope, ins, outs, args, results, given: 0 };
        let done = (entry.func)(&mut call);
        done.map_err(|e| scope.host_error(e))
    }
}

/// # Safety
/// `p` points to `n` writable words, unless `n` is 0.
unsafe fn slice_mut<'a>(p: *mut u64, n: usize) -> &'a mut [u64] {
    if n == 0 {
        return &mut [];
    }
    // SAFETY: as the caller says.
    unsafe { std::slice::from_raw_parts_mut(p, n) }
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
