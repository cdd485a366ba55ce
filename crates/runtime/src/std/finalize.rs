//! `runtime.SetFinalizer`, `AddCleanup` and weak pointers for Go code.
//!
//! A finalizer is called through reflection, because its parameter may be of another type than the object's pointer. The
//! scheduler's goroutine for finalizers gets that call from here when the first one is set.

use crate::heap::mfinal::{Finalizer, FinalizerError};
use crate::sched::alloc::heap;
use crate::sched::enter;
use crate::sched::exit::{Exit, StopReason};
use crate::sched::finalizers::block_until_idle;
use crate::sched::isolate;
use crate::sched::panic::throw;
use crate::std::native_table::native_table;
use crate::std::reflectcall;
use crate::types::TypeRef;
use crate::types::assert::assert;
use itab_abi::block::IsolateBlock;
use itab_abi::types::{Kind, Type};
use itab_abi::value::FuncVal;

native_table! {
    // func SetFinalizer(obj any, finalizer any)
    "runtime.SetFinalizer" = fn set_finalizer(block, args, results) {
        let [typ, object, ftyp, f] = args.cast::<[usize; 4]>().read();
        (*isolate::of(block)).sched.run_finalizer = Some(run_finalizer);
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
            Err(e) => enter::stop(block, StopReason::Memory(e.to_string())),
        }
    }
    // func runtime_makeStrongFromWeak(unsafe.Pointer) unsafe.Pointer
    "weak.runtime_makeStrongFromWeak" = fn make_strong_from_weak(block, args, results) {
        *results = heap(block).make_strong_from_weak(*args as *mut u8) as u64;
    }
}

/// Sets or takes off a finalizer; an error's text says what is wrong with the arguments.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread; `typ` and `object`, `ftyp` and `f` are the words of two Go
/// interface values, and `object` is a pointer if `typ` is a pointer type.
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
    // SAFETY: a type that is not nil is a descriptor of the program, as the caller says.
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
    // SAFETY: as the caller says; nothing else uses the heap in this function.
    let heap = unsafe { heap(block) };
    if ftyp.is_null() {
        heap.remove_finalizer(object);
        return Ok(());
    }
    // SAFETY: a descriptor of the program, as the caller says.
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

/// # Safety
/// Called on the stack of the isolate's running goroutine; the finalizer was queued by a collection of that isolate.
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
