//! Entering, printing, lazy functions, roots.

use crate::blob;
use crate::code::*;
use itab_abi::runtime_fns::RuntimeFn;
use itab_abi::types::Kind;
use itab_runtime::code::arch::CallRegs;
use itab_runtime::sched::exit::{Exit, StopReason};
use itab_runtime::sched::program::{CompileError, Compiler, DataImage, DataReloc};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};

blob! { add,
    "mov rax, rdi",
    "lea rcx, [rdi + rsi]",
    "addsd xmm0, xmm1",
    "mov r10, r9",
    "ret",
}

#[test]
fn registers_in_and_out() {
    let code = Code::new();
    let at = code.add("main.add", add());
    let (mut isolate, _) = code.isolate();
    for _ in 0..3 {
        let mut regs = CallRegs::with_ints(&[40, 2, 0, 0, 0, 99]);
        regs.floats[0] = 1.5f64.to_bits();
        regs.floats[1] = 2.25f64.to_bits();
        // SAFETY: the code takes these arguments.
        unsafe { isolate.enter(at, &mut regs) }.unwrap();
        assert_eq!((regs.ints[0], regs.ints[1], regs.ints[7]), (40, 42, 99));
        assert_eq!(f64::from_bits(regs.floats[0]), 3.75);
    }
}

blob! { print_int,
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "push r12",
    "mov rbx, rdi",
    "mov r12, [r15 + {table}]",
    "mov rdi, r15",
    "call [r12 + {lock}]",
    "mov rdi, r15",
    "mov rsi, rbx",
    "call [r12 + {int}]",
    "mov rdi, r15",
    "call [r12 + {nl}]",
    "mov rdi, r15",
    "call [r12 + {unlock}]",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret";
    table = TABLE, lock = entry(RuntimeFn::printlock), unlock = entry(RuntimeFn::printunlock),
    int = entry(RuntimeFn::printint), nl = entry(RuntimeFn::printnl)
}

#[test]
fn println_goes_to_standard_error() {
    let code = Code::new();
    let at = code.add("main.p", print_int());
    let (mut isolate, out) = code.isolate();
    // SAFETY: the code takes one integer.
    unsafe { isolate.enter(at, &mut CallRegs::with_ints(&[-42i64 as u64])) }.unwrap();
    assert_eq!(out.text(), "-42\n");
}

struct Lazy {
    program: Weak<itab_runtime::sched::program::Program>,
    calls: AtomicU32,
}

impl Compiler for Lazy {
    fn compile(&self, func: u32) -> Result<usize, CompileError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if func != 3 {
            return Err(CompileError(format!("no function {func}")));
        }
        let program = self.program.upgrade().unwrap();
        let at = program.arena.alloc_code(add().len(), 16, 0).unwrap();
        program.arena.write_code(at, add());
        program.arena.publish(at, Box::default());
        Ok(at)
    }
}

#[test]
fn functions_are_compiled_at_their_first_call() {
    let code = Code::new();
    let program = &code.program;
    program.arena.alloc_funcs(5).unwrap();
    let lazy = Lazy { program: Arc::downgrade(program), calls: AtomicU32::new(0) };
    assert!(program.compiler.set(Box::new(lazy)).is_ok());
    let (mut isolate, _) = code.isolate();
    for _ in 0..2 {
        let mut regs = CallRegs::with_ints(&[1, 2, 3, 4, 5, 6]);
        regs.floats[1] = 7.0f64.to_bits();
        // SAFETY: the stub leads to code with these arguments.
        unsafe { isolate.enter(program.arena.stub(3), &mut regs) }.unwrap();
        assert_eq!((regs.ints[1], regs.ints[7], f64::from_bits(regs.floats[0])), (3, 6, 7.0));
    }
    assert!(program.arena.func_code(3).is_some());
    // SAFETY: the stub exists.
    let failed = unsafe { isolate.enter(program.arena.stub(4), &mut CallRegs::default()) };
    match failed {
        Err(Exit::Stopped(StopReason::Fatal(text))) => {
            assert!(text.starts_with("fatal error: cannot compile: no function 4\n"), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn globals_are_copied_and_relocated() {
    let code = Code::new();
    let mut bytes = vec![0; 24];
    bytes[..8].copy_from_slice(&77u64.to_le_bytes());
    let image = DataImage { bytes, size: 4096, relocs: vec![DataReloc { at: 16, target: 8 }], ptr_mask: vec![0b100] };
    code.program.data.set(image).unwrap();
    let (isolate, _) = code.isolate();
    let globals = isolate.globals().cast::<u64>();
    // SAFETY: the image has three words.
    unsafe {
        assert_eq!(*globals, 77);
        assert_eq!(*globals.add(2), globals.add(1) as u64);
    }
}

/// Allocates an object, then enough garbage for many collections, and returns what the object holds.
unsafe extern "C" fn survive(block: *mut itab_abi::block::IsolateBlock, args: *const u64, results: *mut u64) {
    // SAFETY: called by a blob with one capture.
    unsafe {
        let heap = &mut (*itab_runtime::sched::isolate::of(block)).heap;
        let typ = *args as *const itab_abi::types::Type;
        let kept = heap.mallocgc(typ).unwrap().cast::<u64>();
        kept.write(0x5eed);
        for _ in 0..100_000 {
            heap.mallocgc(typ).unwrap().cast::<u64>().write(1);
        }
        heap.collect_now();
        *results = *std::hint::black_box(kept);
    }
}

#[test]
fn collections_scan_the_goroutines_stack() {
    let code = Code::new();
    let int = code.program.types.basic(Kind::Int).as_ptr() as u64;
    let mut options = itab_runtime::sched::isolate::Options::default();
    options.heap.debug.stress_every = 1000;
    options.heap.debug.clobberfree = true;
    let func = code.native("main.survive", survive, &[int]);
    let (mut isolate, _) = code.isolate_with(options);
    let mut regs = CallRegs::with_ints(&[func + 8]);
    // SAFETY: a func value's code is entered with the address of its captures.
    unsafe { isolate.enter(*(func as *const usize), &mut regs) }.unwrap();
    assert_eq!(regs.ints[0], 0x5eed);
}
