//! `runtime.SetFinalizer`, `AddCleanup` and weak pointers for Go code, and the goroutine that runs finalizers and
//! cleanups.
//!
//! Collections queue what is to be run ([`crate::mspecial`]). The scheduler then wakes a goroutine of the runtime's own,
//! which takes one after the other, as Go's does.

use crate::assert::assert;
use crate::enter;
use crate::entry::heap;
use crate::isolate::{self, Exit};
use crate::mfinal::{Finalizer, FinalizerError};
use crate::natives::native_table;
use crate::panic::throw;
use crate::proc::park_system;
use crate::reflectcall;
use crate::time::{nanotime, sleep};
use crate::types::TypeRef;
use itab_abi::block::IsolateBlock;
use itab_abi::types::{Kind, Type};
use itab_abi::value::{CAPTURES, FuncVal};

native_table! {
    // func SetFinalizer(obj any, finalizer any)
    "runtime.SetFinalizer" = fn set_finalizer(block, args, results) {
        let [typ, object, ftyp, f] = args.cast::<[usize; 4]>().read();
        if let Err(text) = set(block, typ as *const Type, object as *mut u8, ftyp as *const Type, f as *mut u8) {
            throw(block, format!("runtime.SetFinalizer: {text}"));
        }
    }
    // func addCleanup(ptr unsafe.Pointer, cleanup func()) uint64
    "runtime.addCleanup" = fn add_cleanup(block, args, results) {
        let [p, f] = args.cast::<[usize; 2]>().read();
        *results = heap(block).add_cleanup(p as *const u8, 0, f as *mut u8, std::ptr::null_mut()).unwrap_or(0);
    }
    // func stopCleanup(id uint64, ptr uintptr)
    "runtime.stopCleanup" = fn stop_cleanup(block, args, results) {
        heap(block).stop_cleanup(*args.add(1) as *const u8, *args);
    }
    // func runtime_blockUntilEmptyCleanupQueue(timeout int64) bool
    "unique.runtime_blockUntilEmptyCleanupQueue" = fn unique_idle(block, args, results) {
        *results = u64::from(block_until_idle(block, *args as i64));
    }
    "sync_test.runtime_blockUntilEmptyCleanupQueue" = fn sync_idle(block, args, results) {
        *results = u64::from(block_until_idle(block, *args as i64));
    }
    // func runtime_registerWeakPointer(unsafe.Pointer) unsafe.Pointer
    "weak.runtime_registerWeakPointer" = fn register_weak_pointer(block, args, results) {
        match heap(block).register_weak_pointer(*args as *mut u8) {
            Ok(handle) => *results = handle as u64,
            Err(e) => enter::stop(block, isolate::StopReason::Memory(e.to_string())),
        }
    }
    // func runtime_makeStrongFromWeak(unsafe.Pointer) unsafe.Pointer
    "weak.runtime_makeStrongFromWeak" = fn make_strong_from_weak(block, args, results) {
        *results = heap(block).make_strong_from_weak(*args as *mut u8) as u64;
    }
}

/// Sets or takes off a finalizer; an error's text says what is wrong with the arguments.
unsafe fn set(
    block: *mut IsolateBlock,
    typ: *const Type,
    object: *mut u8,
    ftyp: *const Type,
    f: *mut u8,
) -> Result<(), String> {
    if typ.is_null() {
        return Err("first argument is nil".into());
    }
    // SAFETY: types of interface values are the program's.
    let t = unsafe { TypeRef::from_ptr(typ) };
    let Some(elem) = t.elem().filter(|_| t.kind() == Kind::Pointer) else {
        return Err(format!("first argument is {}, not pointer", t.string()));
    };
    if object.is_null() {
        return Err("pointer not in heap".into());
    }
    if elem.size() == 0 {
        return Ok(());
    }
    // SAFETY: nothing else uses the heap meanwhile.
    let heap = unsafe { heap(block) };
    if ftyp.is_null() {
        heap.remove_finalizer(object);
        return Ok(());
    }
    // SAFETY: as above.
    let ft = unsafe { TypeRef::from_ptr(ftyp) };
    check_function(t, elem, ft)?;
    let (ins, _, _) = ft.signature();
    let finalizer = Finalizer { object, fnv: f, func: ftyp, param: ins[0].as_ptr(), typ };
    match heap.set_finalizer(finalizer) {
        // A variable, which lives for ever.
        Ok(()) | Err(FinalizerError::NotAllocated) => Ok(()),
        Err(FinalizerError::NotAtBeginning) => Err("pointer not at beginning of allocated block".into()),
        Err(FinalizerError::AlreadySet) => Err("finalizer already set".into()),
    }
}

fn check_function(t: TypeRef<'_>, elem: TypeRef<'_>, ft: TypeRef<'_>) -> Result<(), String> {
    if ft.kind() != Kind::Func {
        return Err(format!("second argument is {}, not a function", ft.string()));
    }
    let refused = |why: &str| Err(format!("cannot pass {} to finalizer {}{why}", t.string(), ft.string()));
    let (ins, _, variadic) = ft.signature();
    if variadic {
        return refused(" because dotdotdot");
    }
    let &[param] = ins else { return refused("") };
    let fits = match param.kind() {
        _ if param == t => true,
        Kind::Pointer => (!param.is_named() || !t.is_named()) && param.elem() == Some(elem),
        Kind::Interface => param.imethods().is_empty() || assert(param, t).is_some(),
        _ => false,
    };
    if fits { Ok(()) } else { refused("") }
}

/// What that goroutine does: runs what is queued, parks, and so on.
///
/// # Safety
/// Called on that goroutine's stack.
pub(crate) unsafe fn finalizer_goroutine(block: *mut IsolateBlock) -> Exit {
    // SAFETY: as the caller says; the heap is not borrowed while Go code runs.
    unsafe {
        loop {
            let done = if (*isolate::of(block)).pools_are_due() {
                empty_pools(block)
            } else if let Some(cleanup) = heap(block).next_cleanup() {
                let f = cleanup.fnv as *const FuncVal;
                let mut regs = crate::arch::CallRegs::with_ints(&[f as u64 + CAPTURES as u64]);
                enter::enter_nested(block, (*f).code, &mut regs)
            } else if let Some(finalizer) = heap(block).next_finalizer() {
                run_finalizer(block, &finalizer)
            } else {
                (*isolate::of(block)).sched.finalizers_idle = true;
                park_system(block);
                Ok(())
            };
            if let Err(exit) = done {
                return exit;
            }
        }
    }
}

/// Has package sync empty its pools, as it does at each collection in Go.
///
/// # Safety
/// Called on a goroutine's stack; none is pinned.
pub(crate) unsafe fn empty_pools(block: *mut IsolateBlock) -> Result<(), Exit> {
    // SAFETY: as the caller says; the function is a constant of the program.
    unsafe {
        let isolate = isolate::of(block);
        (*isolate).sched.pools_emptied = heap(block).collections();
        let f = (*isolate).sched.pool_cleanup;
        if f.is_null() {
            return Ok(());
        }
        let mut regs = crate::arch::CallRegs::with_ints(&[f as u64 + CAPTURES as u64]);
        enter::enter_nested(block, (*f).code, &mut regs)
    }
}

/// Waits until no cleanup and no finalizer is queued or runs, at most for `timeout` nanoseconds; whether that came true.
///
/// # Safety
/// As [`gopark`](crate::proc::gopark).
unsafe fn block_until_idle(block: *mut IsolateBlock, timeout: i64) -> bool {
    const STEP: i64 = 100_000;
    let end = nanotime().saturating_add(timeout);
    // SAFETY: as the caller says; the scheduler is not borrowed while the goroutine sleeps.
    unsafe {
        loop {
            let sched = &(*isolate::of(block)).sched;
            if !heap(block).has_finalizers() && (sched.finalizers_idle || sched.finalizer_g.is_none()) {
                return true;
            }
            if nanotime() >= end {
                return false;
            }
            sleep(block, STEP);
        }
    }
}

unsafe fn run_finalizer(block: *mut IsolateBlock, finalizer: &Finalizer) -> Result<(), Exit> {
    // SAFETY: types and function were checked when the finalizer was set; the object is alive, as it is on this stack.
    unsafe {
        let (param, typ) = (TypeRef::from_ptr(finalizer.param), TypeRef::from_ptr(finalizer.typ));
        let object = finalizer.object as u64;
        let words = match param.kind() {
            Kind::Interface if param.imethods().is_empty() => [typ.as_ptr() as u64, object],
            Kind::Interface => [assert(param, typ).map_or(0, |i| i.as_ptr() as u64), object],
            _ => [object, 0],
        };
        let f = finalizer.fnv as *const FuncVal;
        reflectcall::call_frame(block, TypeRef::from_ptr(finalizer.func), f, &words)
    }
}
