//! `defer`, `panic`, `recover`, `Goexit`, run-time errors and errors that end an isolate.
//!
//! `itab_abi::defer` describes the part of compiled code. A panic runs deferred calls from the innermost frame
//! outwards, on top of the stack that panics, so that its origin can still be shown. When one of them has recovered,
//! control goes straight to the landing pad of the frame that deferred it; nothing is unwound. Frames of runtime
//! helpers in between are abandoned. Therefore helpers hold nothing that needs dropping while they call Go or may
//! panic.
//!
//! A panic that is not recovered ends the innermost [`GoCall`](crate::sched::goroutine::GoCall).
//!
//! Run-time errors are Go values of package runtime's types, which Go code makes
//! ([`crate::sched::program::ErrorValues`]). A program without that package gets strings of a type of our own.

use crate::code::arch::{self, CallRegs, Link};
use crate::heap::mgcroots::HostRoot;
use crate::sched::alloc::heap;
use crate::sched::enter;
use crate::sched::exit::PanicInfo;
use crate::sched::exit::{Exit, StopReason};
use crate::sched::isolate::{self, Isolate, getg};
use crate::sched::panicking::{Fault, OWN_ERROR, Panic};
use crate::sched::panicprint;
use crate::sched::program::ErrorValues;
use crate::sched::traceback;
use crate::types::errors::RuntimeError;
use itab_abi::block::IsolateBlock;
use itab_abi::defer::{DeferFrame, DeferRecord};
use itab_abi::iface::Eface;
use itab_abi::runtime_fns::BoundsCode;
use itab_abi::trap::{NIL_PAGE, Trap};
use itab_abi::types::Type;
use itab_abi::value::{FuncVal, GoString};
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

/// `panic(v)`.
///
/// # Safety
/// Called by compiled code of the isolate; the operands are an interface value.
pub unsafe extern "C" fn gopanic(block: *mut IsolateBlock, typ: *const Type, data: *mut c_void) {
    // SAFETY: as the caller says.
    unsafe { raise(block, Eface { typ, data }) }
}

/// Panics with a value.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine; the frames up to the compiled code hold nothing to drop.
pub unsafe fn raise(block: *mut IsolateBlock, value: Eface) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        let value = if value.typ.is_null() { panic_nil_value(block) } else { value };
        let mut p = Panic { link: ptr::null_mut(), value, goexit: false, recovered: false, fault: None };
        run(block, &raw mut p)
    }
}

/// The value of `panic(nil)`.
///
/// # Safety
/// As [`call_constructor`].
unsafe fn panic_nil_value(block: *mut IsolateBlock) -> Eface {
    // SAFETY: as the caller says; the constructor takes nothing.
    unsafe {
        match error_values(block) {
            Some(values) => call_constructor(block, values.panic_nil_error, &[]),
            None => own_error(block, "runtime error: panic called with nil argument".into()),
        }
    }
}

/// Ends the running goroutine (or the host's call that it serves) after running its deferred calls.
///
/// # Safety
/// As [`raise`].
pub unsafe fn goexit(block: *mut IsolateBlock) -> ! {
    let value = Eface { typ: ptr::null(), data: ptr::null_mut() };
    let mut p = Panic { link: ptr::null_mut(), value, goexit: true, recovered: false, fault: None };
    // SAFETY: as the caller says.
    unsafe { run(block, &raw mut p) }
}

/// Runs deferred calls until one recovers or none is left.
///
/// # Safety
/// As [`raise`]; `p` lies on that stack and is not linked yet.
unsafe fn run(block: *mut IsolateBlock, p: *mut Panic) -> ! {
    // SAFETY: frames that the block names are linked while their functions run; `p` stays in place until it is
    // unlinked.
    unsafe {
        (*p).link = (*block).panic.cast();
        (*block).panic = p.cast();
        while let Some(frame) = (*block).defer.as_mut() {
            let Some(func) = pop_record(frame) else {
                (*block).defer = frame.prev;
                continue;
            };
            let frame: *mut DeferFrame = frame;
            check_func(block, func);
            arch::call_closure_panicking(block, func);
            if ptr::read_volatile(&raw const (*p).recovered) {
                recovery(block, p, frame);
            }
        }
        if (*p).goexit {
            (*block).panic = ptr::null_mut();
            enter::leave(block, Exit::Goexit);
        }
        uncaught(block, p)
    }
}

/// Takes the newest deferred call from a frame.
fn pop_record(frame: &mut DeferFrame) -> Option<*const FuncVal> {
    // SAFETY: records live on the heap or beside the frame while that refers to them.
    let record = unsafe { frame.records.as_ref() }?;
    frame.records = record.next;
    Some(record.func)
}

/// A deferred nil func panics when it is called.
///
/// # Safety
/// As [`raise`].
unsafe fn check_func(block: *mut IsolateBlock, func: *const FuncVal) {
    if func.is_null() {
        // SAFETY: as the caller says.
        unsafe { panicmem(block) }
    }
}

/// Goes on behind the body of the function that `frame` belongs to.
///
/// # Safety
/// As [`raise`]; `frame` is a linked frame of the running goroutine, and `p` the innermost panic.
unsafe fn recovery(block: *mut IsolateBlock, p: *mut Panic, frame: *mut DeferFrame) -> ! {
    // SAFETY: as the caller says; what lies on the stack below it is abandoned, panics included.
    unsafe {
        let (mut rest, mut exiting) = (p, false);
        while !rest.is_null() && (rest as usize) < frame as usize {
            exiting |= (*rest).goexit;
            rest = (*rest).link;
        }
        (*block).panic = rest.cast();
        (*block).defer = frame;
        if exiting {
            // The panic came up while a Goexit ran deferred calls; that goes on.
            goexit(block);
        }
        let DeferFrame { handler, sp, fp, .. } = *frame;
        if handler == 0 {
            throw(block, "recovered in a function that has no place to go on".into());
        }
        arch::resume_at(handler, sp, fp, block)
    }
}

/// `recover()`: the value of the running panic if exactly one function that is no wrapper lies between it and the panic,
/// else nil. Inlined functions count. `fp` is the frame pointer of the function that recovers, into which nothing was
/// inlined, or 0 if that is a wrapper.
///
/// # Safety
/// Called by compiled code of the isolate.
pub unsafe extern "C" fn gorecover(block: *mut IsolateBlock, fp: usize) -> Eface {
    // SAFETY: the running goroutine has just left compiled code; a frame pointer points below a return address.
    unsafe {
        let p = (*block).panic.cast::<Panic>();
        let nil = Eface { typ: ptr::null(), data: ptr::null_mut() };
        if p.is_null() || (*p).goexit || (*p).recovered {
            return nil;
        }
        let by_panic = fp != 0 && (fp as *const usize).add(1).read() == arch::panicking_return_address();
        if !by_panic && !called_through_wrappers(block) {
            return nil;
        }
        (*p).recovered = true;
        (*p).value
    }
}

/// Whether exactly one function that is no wrapper lies between the panic and who asks.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread, whose running goroutine has just left compiled code through
/// a thunk.
#[cold]
unsafe fn called_through_wrappers(block: *mut IsolateBlock) -> bool {
    let (mut functions, mut called) = (0, false);
    // SAFETY: as the caller says: `go_sp` and `go_fp` are where it left.
    unsafe {
        let program = isolate::program(block);
        traceback::walk(program, &*getg(block), (*block).go_sp, (*block).go_fp, |frame| {
            functions += frame.func.visible(frame.pc - 1).len();
            called = frame.by_panic && functions == 1;
            !frame.by_panic && functions <= 1
        });
    }
    called
}

/// Pushes a deferred call on `frame`.
///
/// # Safety
/// Called by compiled code of the isolate; `frame` is a linked frame of the running goroutine.
pub unsafe extern "C" fn deferproc(block: *mut IsolateBlock, frame: *mut DeferFrame, func: *const FuncVal) {
    // SAFETY: as the caller says; `func` stays on the stack during the allocation.
    unsafe {
        let record = crate::sched::alloc::record(block, size_of::<DeferRecord>(), 0b11).cast::<DeferRecord>();
        record.write(DeferRecord { next: (*frame).records, func });
        (*frame).records = record;
    }
}

/// Runs the frame's remaining deferred calls, newest first, and unlinks the frame.
///
/// # Safety
/// As [`deferproc`].
pub unsafe extern "C" fn deferreturn(block: *mut IsolateBlock, frame: *mut DeferFrame) {
    // SAFETY: as the caller says; no reference to the frame is held while a deferred call runs.
    unsafe {
        while let Some(func) = pop_record(&mut *frame) {
            check_func(block, func);
            arch::call_closure(block, func);
        }
        (*block).defer = (*frame).prev;
    }
}

/// No deferred call recovered.
///
/// # Safety
/// As [`raise`]; `p` is the innermost panic, and all deferred calls have run.
unsafe fn uncaught(block: *mut IsolateBlock, p: *mut Panic) -> ! {
    // SAFETY: as the caller says: panics lie on this stack and are linked. What needs dropping moves into the exit.
    unsafe {
        let text = panicprint::panics(block, p, true);
        let value = (*p).value;
        let traceback = passed_on(block, value).unwrap_or_else(|| traceback::running(block));
        let root = Arc::new(HostRoot::new(heap(block), value.data.cast()));
        (*block).panic = ptr::null_mut();
        enter::leave(block, Exit::Panic(Box::new(PanicInfo { value, root, text, traceback })))
    }
}

/// Where a panic began that the host has passed on. Its value is kept alive, so that it is no other's.
///
/// # Safety
/// As [`raise`].
unsafe fn passed_on(block: *mut IsolateBlock, value: Eface) -> Option<String> {
    // SAFETY: as the caller says.
    let info = unsafe { (*isolate::of(block)).passed_on.take() }?;
    let same = info.value.typ == value.typ && info.value.data == value.data && !info.traceback.is_empty();
    same.then_some(info.traceback)
}

// ---- errors that end the isolate

/// An error that Go code cannot recover from: the isolate ends with `fatal error: ` and the text.
///
/// # Safety
/// As [`raise`].
pub unsafe fn throw(block: *mut IsolateBlock, text: String) -> ! {
    // SAFETY: as the caller says.
    unsafe { fatal_with(block, format!("fatal error: {text}\n")) }
}

/// The same for errors of the program, such as `sync: unlock of unlocked mutex`. Panics in progress are shown first.
///
/// # Safety
/// As [`raise`].
pub unsafe fn fatal(block: *mut IsolateBlock, text: String) -> ! {
    // SAFETY: as the caller says; `text` is consumed or dropped first.
    unsafe {
        let p = (*block).panic.cast::<Panic>();
        if p.is_null() {
            throw(block, text)
        }
        let panics = panicprint::panics(block, p, false);
        let whole = format!("{panics}\tfatal error: {text}\n");
        drop((panics, text));
        fatal_with(block, whole)
    }
}

/// Ends the isolate with the text and the running goroutine's traceback.
///
/// # Safety
/// As [`raise`].
unsafe fn fatal_with(block: *mut IsolateBlock, mut text: String) -> ! {
    // SAFETY: as the caller says; the text moves into the isolate.
    unsafe {
        Isolate::on_system_stack(block, || {
            let trace = traceback::running(block);
            text.push('\n');
            text.push_str(&trace);
        });
        enter::stop(block, StopReason::Fatal(text))
    }
}

/// The goroutine has used up its stack.
///
/// # Safety
/// As [`raise`].
pub unsafe fn stack_overflow(block: *mut IsolateBlock) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        let size = (*getg(block)).stack.size;
        let limit = if size >= 1 << 30 { 1_000_000_000 } else { size };
        let text = format!("runtime: goroutine stack exceeds {limit}-byte limit\nfatal error: stack overflow\n");
        fatal_with(block, text)
    }
}

/// The same on the system stack, because the guard page was hit: the goroutine's stack cannot be used.
///
/// # Safety
/// Called by the signal handler in place of the instruction that hit the guard page of the running goroutine's stack,
/// on the system stack, on which nothing else runs.
pub(crate) unsafe extern "C" fn overflow_on_system_stack(block: *mut IsolateBlock) -> ! {
    // SAFETY: as the caller says; entries of the goroutine are intact, as they lie above what overflowed.
    unsafe {
        (*isolate::of(block)).user_sp = (*getg(block)).stack.lo;
        let text = String::from("fatal error: stack overflow\n\n") + &traceback::running(block);
        (*isolate::of(block)).user_sp = 0;
        enter::stop(block, StopReason::Fatal(text))
    }
}

/// A copy of a Go string.
///
/// # Safety
/// `p` and `n` are a string.
pub(crate) unsafe fn text_of(p: *const u8, n: usize) -> String {
    // SAFETY: as the caller says.
    let bytes = if n == 0 { &[] } else { unsafe { std::slice::from_raw_parts(p, n) } };
    String::from_utf8_lossy(bytes).into_owned()
}

/// `throw` of compiled code.
///
/// # Safety
/// Called by compiled code; `p` and `n` are a string.
pub unsafe extern "C" fn throw_string(block: *mut IsolateBlock, p: *const u8, n: usize) {
    // SAFETY: as the caller says.
    unsafe { throw(block, text_of(p, n)) }
}

// ---- run-time errors

/// The constructors of error values, if the program has them.
///
/// # Safety
/// `block` is the block of a live isolate.
unsafe fn error_values(block: *mut IsolateBlock) -> Option<ErrorValues> {
    // SAFETY: as the caller says; the isolate keeps its program alive.
    unsafe { isolate::program(block).error_values.get().copied() }
}

/// Calls a Go function that makes an error value.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine, where nothing needs dropping; `code` is one of the program's
/// [`ErrorValues`], and `args` are the words of its parameters.
unsafe fn call_constructor(block: *mut IsolateBlock, code: usize, args: &[u64]) -> Eface {
    let mut regs = CallRegs::with_ints(args);
    let args: *mut CallRegs = &mut regs;
    let mut link = Link { saved_sp: 0, block };
    // SAFETY: as the caller says: such a function takes these words and returns an interface; a panic in one goes past
    // this frame.
    unsafe { arch::enter_go(code as u64, args as u64, 0, 0, arch::call_with_regs as *const () as usize, &mut link) };
    Eface { typ: regs.ints[0] as *const Type, data: regs.ints[1] as *mut c_void }
}

/// A copy of `text` in the Go heap.
///
/// # Safety
/// As [`crate::sched::alloc::record`], but for `text`, which is lost if memory runs out.
pub(crate) unsafe fn go_string(block: *mut IsolateBlock, text: String) -> GoString {
    // SAFETY: as the caller says; the new object has at least the text's length.
    unsafe {
        let to = crate::sched::alloc::record(block, text.len().next_multiple_of(8).max(8), 0);
        ptr::copy_nonoverlapping(text.as_ptr(), to, text.len());
        GoString { ptr: to, len: text.len() }
    }
}

/// A value of the type that errors have in a program without constructors.
///
/// # Safety
/// As [`go_string`].
unsafe fn own_error(block: *mut IsolateBlock, text: String) -> Eface {
    // SAFETY: as the caller says; the new object has room for a string. The first one is found on the stack meanwhile.
    unsafe {
        let string = go_string(block, text);
        let data = crate::sched::alloc::record(block, size_of::<GoString>(), 1).cast::<GoString>();
        data.write(string);
        Eface { typ: &OWN_ERROR.0, data: data.cast() }
    }
}

/// Panics with a `runtime.Error` whose text is `text`.
///
/// # Safety
/// As [`raise`].
pub unsafe fn panic_error(block: *mut IsolateBlock, text: String) -> ! {
    // SAFETY: as the caller says; `text` is consumed.
    unsafe {
        let value = match error_values(block) {
            Some(values) => string_error(block, values.plain_error, text),
            None => own_error(block, text),
        };
        raise(block, value)
    }
}

/// The error value whose text is a copy of `text`.
///
/// # Safety
/// As [`go_string`]; `constructor` is one of the program's that take a string.
unsafe fn string_error(block: *mut IsolateBlock, constructor: usize, text: String) -> Eface {
    // SAFETY: as the caller says; the words are a string's.
    unsafe {
        let GoString { ptr, len } = go_string(block, text);
        call_constructor(block, constructor, &[ptr as u64, len as u64])
    }
}

/// Panics with a run-time error.
///
/// # Safety
/// As [`raise`]; the error's types are descriptors of the program.
pub unsafe fn raise_error(block: *mut IsolateBlock, e: RuntimeError) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        let Some(values) = error_values(block) else {
            let value = own_error(block, e.to_string());
            raise(block, value)
        };
        let value = match e {
            RuntimeError::TypeAssertion(e) => {
                let missing = e.missing_method;
                let [iface, concrete, asserted] = [e.interface, e.concrete, e.asserted].map(|t| t as u64);
                let args = [iface, concrete, asserted, missing.ptr as u64, missing.len as u64];
                call_constructor(block, values.type_assertion_error, &args)
            }
            RuntimeError::Bounds { x, signed, y, code } => {
                call_constructor(block, values.bounds_error, &[x as u64, u64::from(signed), y as u64, code as u64])
            }
            RuntimeError::Plain(text) => static_error(block, values.plain_error, text),
            RuntimeError::Error(text) => static_error(block, values.error_string, text),
            other => match other.fault_text() {
                Some(text) => static_error(block, values.error_string, text),
                None => string_error(block, values.error_string, other.detail()),
            },
        };
        raise(block, value)
    }
}

/// The error value with that text.
///
/// # Safety
/// As [`call_constructor`]; `constructor` is one of the program's that take a string.
unsafe fn static_error(block: *mut IsolateBlock, constructor: usize, text: &'static str) -> Eface {
    // SAFETY: as the caller says; the words are a string's, and a static string needs no copy.
    unsafe { call_constructor(block, constructor, &[text.as_ptr() as u64, text.len() as u64]) }
}

/// Index or slice out of range: `code` is a `BoundsCode`, and `x` is signed if `signed` is not 0.
///
/// # Safety
/// Called by compiled code through its stub.
#[allow(non_snake_case)]
pub unsafe extern "C" fn panicBounds(block: *mut IsolateBlock, x: i64, y: i64, code: u64, signed: u64) {
    let code = bounds_code(code as u8);
    // SAFETY: as the caller says.
    unsafe { raise_error(block, RuntimeError::Bounds { x, signed: signed != 0, y, code }) }
}

/// The code with this number.
pub(crate) fn bounds_code(code: u8) -> BoundsCode {
    BOUNDS_CODES[code as usize % BOUNDS_CODES.len()]
}

const BOUNDS_CODES: [BoundsCode; 9] = [
    BoundsCode::Index,
    BoundsCode::SliceAlen,
    BoundsCode::SliceAcap,
    BoundsCode::SliceB,
    BoundsCode::Slice3Alen,
    BoundsCode::Slice3Acap,
    BoundsCode::Slice3B,
    BoundsCode::Slice3C,
    BoundsCode::Convert,
];

/// A conversion from a slice of length `x` to an array of length `y`.
///
/// # Safety
/// Called by compiled code through its stub.
#[allow(non_snake_case)]
pub unsafe extern "C" fn panicSliceConvert(block: *mut IsolateBlock, x: i64, y: i64) {
    // SAFETY: as the caller says.
    unsafe { raise_error(block, RuntimeError::Bounds { x, signed: true, y, code: BoundsCode::Convert }) }
}

macro_rules! simple_errors {
    ($($(#[$doc:meta])* fn $name:ident = $error:ident;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// Called by compiled code of the isolate.
            pub unsafe extern "C" fn $name(block: *mut IsolateBlock) {
                // SAFETY: as the caller says.
                unsafe { raise_error(block, RuntimeError::$error) }
            }
        )*
    };
}

simple_errors! {
    /// Integer division by zero.
    fn panicdivide = Divide;
    /// A negative shift count.
    fn panicshift = Shift;
    /// A nil pointer was used.
    fn panicmem = NilDereference;
}

/// A value method was called through a nil pointer: the text says which.
///
/// # Safety
/// Called by compiled code through its stub, with a text of its own.
pub unsafe extern "C" fn panicwrap(block: *mut IsolateBlock, p: *const u8, n: usize) {
    // SAFETY: as the caller says.
    unsafe {
        let bytes = std::slice::from_raw_parts(p, n);
        panic_error(block, String::from_utf8_lossy(bytes).into_owned())
    }
}

/// The text of an access to memory that is not there.
const MEMORY_FAULT: &str = "invalid memory address or nil pointer dereference";

/// What a faulting instruction turns into: the signal handler has it called in its place.
///
/// # Safety
/// Called by the signal handler in place of an instruction of compiled code that faulted, on the stack of the running
/// goroutine, with `go_sp` and `go_fp` as if that instruction had called.
pub(crate) unsafe extern "C" fn sigpanic(block: *mut IsolateBlock, trap: u64, addr: usize, signal: u64, pc: usize) {
    // SAFETY: as the caller says; texts move into what does not return or are dropped before.
    unsafe {
        let fault = Fault { signal: signal as u32 as i32, code: (signal >> 32) as i32, addr, pc };
        let text: &'static str = match Trap::from_code(trap as u8) {
            Some(Trap::Nil) if addr < NIL_PAGE || (*getg(block)).panic_on_fault => MEMORY_FAULT,
            Some(Trap::Divide) => "integer divide by zero",
            Some(Trap::Nil) => {
                let text = format!("unexpected fault address {addr:#x}\nfatal error: fault\n");
                fatal_with(block, text + &panicprint::signal_line(&fault) + "\n")
            }
            _ => throw(block, format!("unreachable code at {pc:#x} was reached")),
        };
        let value = match error_values(block) {
            Some(values) if addr < NIL_PAGE => static_error(block, values.error_string, text),
            Some(values) => {
                call_constructor(block, values.error_address, &[text.as_ptr() as u64, text.len() as u64, addr as u64])
            }
            None => own_error(block, format!("runtime error: {text}")),
        };
        let fault = (trap == Trap::Nil as u64).then_some(fault);
        let mut p = Panic { link: ptr::null_mut(), value, goexit: false, recovered: false, fault };
        run(block, &raw mut p)
    }
}
