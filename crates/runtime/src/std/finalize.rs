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
use crate::std::native::natives;
use crate::std::reflectcall;
use crate::types::TypeRef;
use crate::types::assert::assert;
use itab_abi::block::IsolateBlock;
use itab_abi::iface::Eface;
use itab_abi::types::Kind;
use itab_abi::value::FuncVal;

natives! {
    /// `func SetFinalizer(obj any, finalizer any)`
    "runtime.SetFinalizer" = fn set_finalizer(block, obj: Eface, finalizer: Eface) {
        // SAFETY: the block is the running isolate's; `throw` consumes the text before it jumps.
        unsafe {
            (*isolate::of(block)).sched.run_finalizer = Some(run_finalizer);
            if let Err(text) = set(block, obj, finalizer) {
                throw(block, format!("runtime.SetFinalizer: {text}"));
            }
        }
    }
    /// `func addCleanup(ptr unsafe.Pointer, cleanup func()) uint64`: its number, or 0 for what is not in the heap.
    "runtime.addCleanup" = fn add_cleanup(block, ptr: *const u8, cleanup: *mut FuncVal) -> u64 {
        // SAFETY: the reference to the heap ends with the call.
        unsafe { heap(block) }.add_cleanup(ptr, 0, cleanup.cast(), std::ptr::null_mut()).unwrap_or(0)
    }
    /// `func stopCleanup(id uint64, ptr uintptr)`; `ptr` is only compared.
    "runtime.stopCleanup" = fn stop_cleanup(block, id: u64, ptr: usize) {
        // SAFETY: the reference to the heap ends with the call.
        unsafe { heap(block) }.stop_cleanup(ptr as *const u8, id);
    }
    /// `func runtime_blockUntilEmptyCleanupQueue(timeout int64) bool`
    "unique.runtime_blockUntilEmptyCleanupQueue" | "sync_test.runtime_blockUntilEmptyCleanupQueue"
    = fn idle(block, timeout: i64) -> bool {
        // SAFETY: called on a goroutine's stack; nothing here needs dropping.
        unsafe { block_until_idle(block, timeout) }
    }
    /// `func runtime_registerWeakPointer(unsafe.Pointer) unsafe.Pointer`
    "weak.runtime_registerWeakPointer" = fn register_weak_pointer(block, p: *mut u8) -> *mut u8 {
        // SAFETY: `p` is nil or points to an object, as package weak says; a stop consumes the text.
        unsafe {
            match heap(block).register_weak_pointer(p) {
                Ok(handle) => handle,
                Err(e) => enter::stop(block, StopReason::Memory(e.to_string())),
            }
        }
    }
    /// `func runtime_makeStrongFromWeak(unsafe.Pointer) unsafe.Pointer`
    "weak.runtime_makeStrongFromWeak" = fn make_strong_from_weak(block, handle: *mut u8) -> *mut u8 {
        // SAFETY: the handle is nil or one that the native above gave.
        unsafe { heap(block).make_strong_from_weak(handle) }
    }
}

/// Sets or takes off a finalizer; an error's text says what is wrong with the arguments.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread. `obj` and `finalizer` are Go interface values, and the data word
/// of `obj` is a pointer if its type is a pointer type.
unsafe fn set(block: *mut IsolateBlock, obj: Eface, finalizer: Eface) -> Result<(), String> {
    let (typ, object) = (obj.typ, obj.data.cast::<u8>());
    let (ftyp, f) = (finalizer.typ, finalizer.data.cast::<u8>());
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
