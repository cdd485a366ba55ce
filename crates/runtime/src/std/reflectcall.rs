//! Calls through reflection: `reflect.Value.Call`, `MakeFunc` and method values.
//!
//! Package reflect passes arguments and results in a *frame*, laid out like a struct: a method's receiver (one word),
//! the parameters, at the next word the results. For each func type the compiler makes code that converts between
//! frames and calls ([`FrameKind`]). Go code calls it and is called by it, so no frame of the runtime is on the stack
//! during the call.

use crate::code::arch::CallRegs;
use crate::sched::alloc::array;
use crate::sched::enter;
use crate::sched::exit::Exit;
use crate::sched::isolate::{self, Isolate};
use crate::sched::panic::throw;
use crate::sched::program::{CompileError, FrameCode, FrameKind};
use crate::std::native::natives;
use crate::types::TypeRef;
use itab_abi::block::IsolateBlock;
use itab_abi::types::{Kind, Type};
use itab_abi::value::FuncVal;

natives! {
    /// `func frameCall(ftyp *funcType, method bool) uintptr`
    "reflect.frameCall" = fn frame_call(block, ftyp: *const Type, method: bool) -> usize {
        let kind = if method { FrameKind::CallMethod } else { FrameKind::Call };
        // SAFETY: a descriptor of the program; called on a goroutine's stack, where nothing needs dropping.
        unsafe { frame_code(block, TypeRef::from_ptr(ftyp), kind).code }
    }
    /// `func frameStub(ftyp *abi.Type) uintptr`
    "reflect.frameStub" = fn frame_stub(block, ftyp: *const Type) -> usize {
        // SAFETY: as `frame_call`.
        unsafe { frame_code(block, TypeRef::from_ptr(ftyp), FrameKind::Stub).code }
    }
    /// `func methodValueCall()`: the code pointer that all method values have in Go.
    "reflect.methodValueCall" = fn method_value_call(block) {
        // SAFETY: `throw` consumes its text; nothing else here needs dropping.
        unsafe { throw(block, "reflect.methodValueCall was called".into()) }
    }
}

/// Code for the funcs of a type, made on the system stack, where compiling has room. A failure ends the isolate.
///
/// # Safety
/// Called on a goroutine's stack, where nothing needs dropping.
unsafe fn frame_code(block: *mut IsolateBlock, ftyp: TypeRef<'_>, kind: FrameKind) -> FrameCode {
    let mut result = Err(CompileError("the program has no compiler".into()));
    // SAFETY: the block belongs to the running isolate, which keeps its program alive; a panic of the compiler is caught.
    unsafe {
        let program = isolate::program(block);
        Isolate::on_system_stack(block, || {
            let Some(compiler) = program.compiler.get() else { return };
            let make = std::panic::AssertUnwindSafe(|| compiler.frame_code(ftyp, kind));
            result =
                std::panic::catch_unwind(make).unwrap_or_else(|_| Err(CompileError("the compiler panicked".into())));
        });
    }
    match result {
        Ok(code) => code,
        // SAFETY: as above; nothing else here needs dropping.
        Err(e) => unsafe { throw(block, format!("cannot compile: {}", e.0)) },
    }
}

/// Words of a frame that fit the stack; more go to the heap.
const ON_STACK: usize = 64;

/// Calls a func value as an entry of its own and forgets its results. `args` is how its frame starts.
///
/// # Safety
/// Called on a goroutine's stack; the func value has the type, the arguments are of its parameters' types.
pub(crate) unsafe fn call_frame(
    block: *mut IsolateBlock,
    ftyp: TypeRef<'_>,
    f: *const FuncVal,
    args: &[u64],
) -> Result<(), Exit> {
    // SAFETY: as the caller says; a frame has room for the arguments. The collector takes any word for a pointer.
    unsafe {
        let call = frame_code(block, ftyp, FrameKind::Call);
        let mut local = [0u64; ON_STACK];
        let words = call.frame_size.div_ceil(8);
        let frame: *mut u64 = match words {
            0..=ON_STACK => local.as_mut_ptr(),
            _ => array(block, isolate::program(block).types.basic(Kind::UnsafePointer).as_ptr(), words).cast(),
        };
        frame.copy_from_nonoverlapping(args.as_ptr(), args.len().min(words));
        let mut regs = CallRegs::with_ints(&[f as u64, frame as u64]);
        let done = enter::enter_with_regs(block, call.code, &mut regs);
        crate::heap::mgcroots::keep_alive(frame);
        done
    }
}
