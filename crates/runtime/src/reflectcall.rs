//! Calls through reflection: `reflect.Value.Call`, `MakeFunc` and method values.
//!
//! Package reflect passes arguments and results in a *frame*, laid out like a struct: a method's receiver (one word),
//! the parameters, at the next word the results. The compiler makes code for each func type that goes between a frame's
//! parts as machine words and a call ([`CallCode`]); copying between frame and words is done here.
//!
//! While Go code runs below these functions, they own nothing that needs dropping.

use crate::arch::{self, CallRegs};
use crate::enter;
use crate::entry::array;
use crate::isolate::{self, Exit, Isolate};
use crate::natives::native_table;
use crate::panic::throw;
use crate::program::{CompileError, Program};
use itab_abi::block::IsolateBlock;
use itab_abi::types::{Kind, Type};
use itab_abi::value::{CAPTURES, FuncVal};
use rustc_hash::FxHashMap;
use std::ptr;
use std::sync::{Mutex, PoisonError};

/// A machine word of a signature and where it stands in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameWord {
    /// Offset: of a parameter's from the first parameter, of a result's from the first result.
    pub offset: u32,
    /// Bytes that it takes, at most 8.
    pub size: u8,
    /// Whether it is extended with its sign to a word.
    pub signed: bool,
}

/// How functions of a type are called with their arguments in a frame.
#[derive(Clone, Debug)]
pub struct CallCode {
    /// `extern "C" fn(code, context, args: *const u64, results: *mut u64)`, with the pinned register set.
    pub entry: usize,
    /// Parameters.
    pub params: Vec<FrameWord>,
    /// Results.
    pub results: Vec<FrameWord>,
    /// Offset of the results in a frame without receiver.
    pub results_at: usize,
    /// Size of such a frame.
    pub frame_size: usize,
}

/// What was made for a program's func types.
#[derive(Default)]
pub(crate) struct Calls {
    by_type: Mutex<FxHashMap<usize, Box<CallCode>>>,
    /// Func values that reflection made, by their code.
    stubs: Mutex<FxHashMap<usize, Stub>>,
    /// Their code, by func type and handler.
    stub_of: Mutex<FxHashMap<(usize, usize), usize>>,
}

#[derive(Clone, Copy)]
struct Stub {
    call: *const CallCode,
    /// Code of `func(ctxt, frame unsafe.Pointer, retValid *bool, regs *abi.RegArgs)`.
    handler: usize,
}

// SAFETY: `call` points into `by_type`, whose entries stay as long as the program.
unsafe impl Send for Stub {}

fn lock<T>(m: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Program {
    /// How functions of a type are called.
    fn call_code(&self, typ: *const Type) -> Result<*const CallCode, CompileError> {
        if let Some(code) = lock(&self.calls.by_type).get(&(typ as usize)) {
            return Ok(&raw const **code);
        }
        let compiler = self.compiler.get().ok_or_else(|| CompileError("the program has no compiler".into()))?;
        let made = Box::new(compiler.call_code(typ)?);
        Ok(&raw const **lock(&self.calls.by_type).entry(typ as usize).or_insert(made))
    }

    fn stub(&self, typ: *const Type, handler: usize) -> Result<usize, CompileError> {
        if let Some(&code) = lock(&self.calls.stub_of).get(&(typ as usize, handler)) {
            return Ok(code);
        }
        let call = self.call_code(typ)?;
        let compiler = self.compiler.get().ok_or_else(|| CompileError("the program has no compiler".into()))?;
        let code = compiler.func_stub(typ, made_func as *const () as usize)?;
        lock(&self.calls.stubs).insert(code, Stub { call, handler });
        Ok(*lock(&self.calls.stub_of).entry((typ as usize, handler)).or_insert(code))
    }
}

/// Runs `make` on the system stack, where compiling has room, and ends the isolate if it fails.
unsafe fn compiled<T>(block: *mut IsolateBlock, make: impl FnOnce(&Program) -> Result<T, CompileError>) -> T {
    // SAFETY: the block belongs to the running isolate; a panic of the compiler is caught.
    unsafe {
        let program = isolate::program(block);
        let mut result = Err(CompileError(String::new()));
        Isolate::on_system_stack(block, || {
            let make = std::panic::AssertUnwindSafe(|| make(program));
            result =
                std::panic::catch_unwind(make).unwrap_or_else(|_| Err(CompileError("the compiler panicked".into())));
        });
        match result {
            Ok(made) => made,
            Err(e) => throw(block, format!("cannot compile: {}", e.0)),
        }
    }
}

/// Words that fit the stack; more go to the heap.
const ON_STACK: usize = 64;

/// `n` zeroed words: in `local` if they fit.
unsafe fn words(block: *mut IsolateBlock, local: &mut [u64; ON_STACK], n: usize) -> *mut u64 {
    if n <= ON_STACK {
        return local.as_mut_ptr();
    }
    // SAFETY: called by natives; the collector takes any word for a pointer.
    unsafe { array(block, isolate::program(block).types.basic(Kind::UnsafePointer).as_ptr(), n).cast() }
}

unsafe fn load(frame: *const u8, w: FrameWord) -> u64 {
    let mut bytes = [0u8; 8];
    // SAFETY: the frame has the word.
    unsafe { ptr::copy_nonoverlapping(frame.add(w.offset as usize), bytes.as_mut_ptr(), w.size as usize) };
    let v = u64::from_le_bytes(bytes);
    let unused = 64 - 8 * u32::from(w.size);
    if w.signed { ((v << unused) as i64 >> unused) as u64 } else { v }
}

unsafe fn store(frame: *mut u8, w: FrameWord, v: u64) {
    // SAFETY: the frame has the word.
    unsafe { ptr::copy_nonoverlapping(v.to_le_bytes().as_ptr(), frame.add(w.offset as usize), w.size as usize) };
}

/// A frame's type as the overlay of package reflect makes it.
#[repr(C)]
struct FrameType {
    typ: Type,
    func: *const Type,
    method: bool,
}

native_table! {
    // func call(stackArgsType *abi.Type, f, stackArgs unsafe.Pointer, stackArgsSize, stackRetOffset, frameSize uint32,
    //     regArgs *abi.RegArgs)
    "runtime.reflectcall" = fn reflectcall(block, args, results) {
        let [frame_type, f, frame, _, results_at, ..] = args.cast::<[u64; 7]>().read();
        let FrameType { func, method, .. } = *(frame_type as *const FrameType);
        let (f, frame) = (f as *const FuncVal, frame as *mut u8);
        let (context, params) = match method {
            true => (*frame.cast::<u64>(), frame.add(8)),
            false => (f as u64 + CAPTURES as u64, frame),
        };
        let call = &*compiled(block, |p| p.call_code(func));
        let (mut local_in, mut local_out) = ([0; ON_STACK], [0; ON_STACK]);
        let input = words(block, &mut local_in, call.params.len());
        let output = words(block, &mut local_out, call.results.len());
        for (i, &w) in call.params.iter().enumerate() {
            input.add(i).write(load(params, w));
        }
        let mut regs = CallRegs::with_ints(&[(*f).code as u64, context, input as u64, output as u64]);
        let mut saved = 0;
        arch::enter_go(block, call.entry, &mut regs, &mut saved);
        for (i, &w) in call.results.iter().enumerate() {
            store(frame.add(results_at as u32 as usize), w, *output.add(i));
        }
        crate::mgcroots::keep_alive(input);
        crate::mgcroots::keep_alive(output);
    }
    // func funcStub(ftyp *abi.Type, handler uintptr) uintptr
    "reflect.funcStub" = fn func_stub(block, args, results) {
        let [typ, handler] = args.cast::<[usize; 2]>().read();
        *results = compiled(block, |p| p.stub(typ as *const Type, handler)) as u64;
    }
    // The code pointers that all funcs made by reflection have in Go.
    "reflect.makeFuncStub" = fn make_func_stub(block, args, results) {
        throw(block, "reflect.makeFuncStub was called".into());
    }
    "reflect.methodValueCall" = fn method_value_call(block, args, results) {
        throw(block, "reflect.methodValueCall was called".into());
    }
}

/// What the code of a func made by reflection calls: its context, then the words of the arguments.
unsafe extern "C" fn made_func(block: *mut IsolateBlock, args: *const u64, results: *mut u64) {
    // SAFETY: compiled code calls with the words of the func's type.
    unsafe {
        let func = (*args as *const FuncVal).byte_sub(CAPTURES);
        let found = lock(&isolate::program(block).calls.stubs).get(&(*func).code).copied();
        let Stub { call, handler } = found.expect("code of a func that reflection made");
        let call = &*call;
        let mut local = [0; ON_STACK];
        let frame: *mut u8 = words(block, &mut local, call.frame_size.div_ceil(8)).cast();
        for (i, &w) in call.params.iter().enumerate() {
            store(frame, w, *args.add(1 + i));
        }
        let mut valid = 0u64;
        let mut registers = 0u64;
        let ints = [func as u64, frame as u64, &raw mut valid as u64, &raw mut registers as u64, 0];
        let mut saved = 0;
        arch::enter_go(block, handler, &mut CallRegs::with_ints(&ints), &mut saved);
        for (i, &w) in call.results.iter().enumerate() {
            results.add(i).write(load(frame.add(call.results_at), w));
        }
        crate::mgcroots::keep_alive(frame);
    }
}

/// Calls a func value with the words of its arguments as an entry of its own, and forgets its results.
///
/// # Safety
/// Called on a goroutine's stack; the func value has the type, the words are of its signature.
pub(crate) unsafe fn call_words(
    block: *mut IsolateBlock,
    typ: *const Type,
    f: *const FuncVal,
    args: &[u64],
) -> Result<(), Exit> {
    // SAFETY: as the caller says.
    unsafe {
        let call = &*compiled(block, |p| p.call_code(typ));
        let mut local = [0; ON_STACK];
        let output = words(block, &mut local, call.results.len());
        let context = f as u64 + CAPTURES as u64;
        let ints = [(*f).code as u64, context, args.as_ptr() as u64, output as u64];
        let done = enter::enter_nested(block, call.entry, &mut CallRegs::with_ints(&ints));
        crate::mgcroots::keep_alive(output);
        done
    }
}
