//! Panics, deferred calls, recovery, faults.

use crate::blob;
use crate::code::*;
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::RuntimeFn;
use itab_abi::trap::Trap;
use itab_abi::types::Kind;
use itab_runtime::code::arch::CallRegs;
use itab_runtime::sched::exit::Exit;
use itab_runtime::sched::isolate::Isolate;

// panic(any): rdi type, rsi data.
blob! { do_panic,
    "push rbp",
    "mov rbp, rsp",
    "mov rdx, rsi",
    "mov rsi, rdi",
    "mov rdi, r15",
    "mov rax, [r15 + {table}]",
    "call [rax + {gopanic}]";
    table = TABLE, gopanic = entry(RuntimeFn::gopanic)
}

// Captures: code of the body, its argument, n deferred func values. Returns 7, or 0 if it recovered.
blob! { with_defers,
    "push rbp",
    "mov rbp, rsp",
    // Where a recovery lands, no register is as it was: all that the caller owns are saved.
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "sub rsp, 48",
    "mov rbx, rdi",
    "mov rax, [r15 + {defer}]",
    "mov [rsp], rax",
    "mov qword ptr [rsp + 8], 0",
    "lea rax, [rip + 20f]",
    "mov [rsp + 16], rax",
    "mov [rsp + 24], rsp",
    "mov [rsp + 32], rbp",
    "mov [r15 + {defer}], rsp",
    "mov qword ptr [rsp + 40], 0",
    "lea r12, [rbx + 24]",
    "30:",
    "mov rdx, [r12]",
    "test rdx, rdx",
    "jz 31f",
    "mov rdi, r15",
    "mov rsi, rsp",
    "mov rax, [r15 + {table}]",
    "call [rax + {deferproc}]",
    "add r12, 8",
    "jmp 30b",
    "31:",
    "mov rdi, [rbx + 8]",
    "mov rsi, [rbx + 16]",
    "call [rbx]",
    "mov qword ptr [rsp + 40], 7",
    "20:",
    "mov rdi, r15",
    "mov rsi, rsp",
    "mov rax, [r15 + {table}]",
    "call [rax + {deferreturn}]",
    "mov rax, [rsp + 40]",
    "lea rsp, [rbp - 32]",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret";
    table = TABLE, defer = DEFER, deferproc = entry(RuntimeFn::deferproc), deferreturn = entry(RuntimeFn::deferreturn)
}

// recover(), storing the value's two words where the captures say.
blob! { do_recover,
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "sub rsp, 8",
    "mov rbx, [rdi]",
    "mov rdi, r15",
    "mov rsi, rbp",
    "mov rax, [r15 + {table}]",
    "call [rax + {gorecover}]",
    "mov [rbx], rax",
    "mov [rbx + 8], rdx",
    "add rsp, 8",
    "pop rbx",
    "pop rbp",
    "ret";
    table = TABLE, gorecover = entry(RuntimeFn::gorecover)
}

// Calls the func value that is its capture.
blob! { call_func,
    "push rbp",
    "mov rbp, rsp",
    "mov rax, [rdi]",
    "lea rdi, [rax + 8]",
    "call [rax]",
    "pop rbp",
    "ret",
}

// Loads through rdi after as many instructions as make the load stand at offset 4.
blob! { load,
    "push rbp",
    "mov rbp, rsp",
    "mov rax, [rdi]",
    "pop rbp",
    "ret",
}

blob! { divide,
    "push rbp",
    "mov rbp, rsp",
    "mov rax, rdi",
    "cqo",
    "idiv rsi",
    "pop rbp",
    "ret",
}

struct Pieces {
    code: Code,
    panic: u64,
    with_defers: u64,
    recover: u64,
    call: u64,
    int: u64,
}

fn pieces() -> Pieces {
    let code = Code::new();
    let add = |name: &str, bytes: &[u8]| code.add(name, bytes) as u64;
    Pieces {
        panic: add("main.panic", do_panic()),
        with_defers: add("main.f", with_defers()),
        recover: add("main.recover", do_recover()),
        call: add("main.call", call_func()),
        int: code.program.types.basic(Kind::Int).as_ptr() as u64,
        code,
    }
}

impl Pieces {
    /// A func value that calls body(arg..) under these deferred calls.
    fn deferring(&self, body: [u64; 3], deferred: &[u64]) -> u64 {
        let mut captures = body.to_vec();
        captures.extend(deferred);
        captures.push(0);
        self.code.func(self.with_defers as usize, &captures)
    }

    fn panicking(&self, value: &'static u64) -> [u64; 3] {
        [self.panic, self.int, value as *const u64 as u64]
    }

    fn recovering(&self, into: &[u64; 2]) -> u64 {
        self.code.func(self.recover as usize, &[into.as_ptr() as u64])
    }
}

fn call(isolate: &mut Isolate, func: u64) -> Result<u64, Exit> {
    let mut regs = CallRegs::with_ints(&[func + 8]);
    // SAFETY: a func value's code is entered with the address of its captures.
    unsafe { isolate.enter(*(func as *const usize), &mut regs) }.map(|()| regs.ints[0])
}

fn panic_text(result: Result<u64, Exit>) -> (String, String) {
    match result {
        Err(Exit::Panic(info)) => (info.text.clone(), info.traceback.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn uncaught_panics_end_the_call_only() {
    let p = pieces();
    let (mut isolate, _) = p.code.isolate();
    let func = p.deferring(p.panicking(&5), &[]);
    for _ in 0..2 {
        let (text, trace) = panic_text(call(&mut isolate, func));
        assert_eq!(text, "panic: 5\n");
        assert_eq!(trace.lines().next().unwrap().split(' ').nth(2).unwrap(), "[running]:");
        let names: Vec<&str> = trace.lines().filter(|l| l.starts_with("main.")).collect();
        assert_eq!(names, ["main.panic(...)", "main.f(...)"]);
    }
}

#[test]
fn deferred_calls_recover_in_order() {
    let p = pieces();
    let (mut isolate, _) = p.code.isolate();
    let (first, second) = (&mut [1u64, 1], &mut [1u64, 1]);
    let func = p.deferring(p.panicking(&5), &[p.recovering(second), p.recovering(first)]);
    for _ in 0..1000 {
        assert_eq!(call(&mut isolate, func).unwrap(), 0);
    }
    // The last deferred call runs first and recovers; the other one finds no panic.
    assert_eq!((unsafe_read(first)[0], unsafe_read(second)[0]), (p.int, 0));
}

fn unsafe_read(words: &[u64; 2]) -> [u64; 2] {
    // SAFETY: compiled code wrote the words.
    unsafe { std::ptr::read_volatile(words) }
}

#[test]
fn recover_wants_to_be_called_by_the_deferred_function() {
    let p = pieces();
    let (mut isolate, _) = p.code.isolate();
    let words = &mut [1u64, 1];
    // One call too deep: does not recover.
    let deep = p.code.func(p.call as usize, &[p.recovering(words)]);
    let func = p.deferring(p.panicking(&5), &[deep]);
    assert_eq!(panic_text(call(&mut isolate, func)).0, "panic: 5\n");
    assert_eq!(unsafe_read(words), [0, 0]);
    // The same call made by a wrapper does.
    let wrapper = p.code.add("main.wrapper", call_func());
    let wrapped = p.code.func(wrapper, &[p.recovering(words)]);
    let func = p.deferring(p.panicking(&5), &[wrapped]);
    assert_eq!(call(&mut isolate, func).unwrap(), 0);
    assert_eq!(unsafe_read(words)[0], p.int);
}

#[test]
fn panics_in_deferred_calls() {
    let p = pieces();
    let (mut isolate, _) = p.code.isolate();
    let words = &mut [1u64, 1];
    // A deferred call panics: both are printed.
    let again = p.deferring(p.panicking(&6), &[]);
    let func = p.deferring(p.panicking(&5), &[again]);
    assert_eq!(panic_text(call(&mut isolate, func)).0, "panic: 5\n\tpanic: 6\n");
    // The second one is recovered by an outer frame's deferred call, and takes the first with it.
    let func = p.deferring([p.call, p.code.func(p.call as usize, &[func]) + 8, 0], &[p.recovering(words)]);
    assert_eq!(call(&mut isolate, func).unwrap(), 0);
    assert_eq!(unsafe_read(words)[0], p.int);
    // A panic that a deferred call raises and recovers itself leaves the first alone.
    let inner = p.deferring(p.panicking(&7), &[p.recovering(words)]);
    let func = p.deferring(p.panicking(&5), &[inner]);
    assert_eq!(panic_text(call(&mut isolate, func)).0, "panic: 5\n");
}

#[test]
fn faults_become_panics() {
    let p = pieces();
    let (mut isolate, _) = p.code.isolate();
    let load = p.code.add_with("main.load", load(), &[(4, Trap::Nil as u8)]) as u64;
    let divide = p.code.add_with("main.divide", divide(), &[]) as u64;
    let words = &mut [1u64, 1];
    let func = p.deferring([load, 8, 0], &[p.recovering(words)]);
    for _ in 0..100 {
        assert_eq!(call(&mut isolate, func).unwrap(), 0);
    }
    let (text, trace) = panic_text(call(&mut isolate, p.deferring([load, 8, 0], &[])));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("panic: runtime error: invalid memory address or nil pointer dereference"));
    let signal = lines.next().unwrap();
    assert!(signal.starts_with("[signal SIGSEGV: segmentation violation code=0x1 addr=0x8 pc=0x"), "{signal}");
    assert!(trace.contains("main.load(...)"), "{trace}");
    let (text, _) = panic_text(call(&mut isolate, p.deferring([divide, 1, 0], &[])));
    assert_eq!(text, "panic: runtime error: integer divide by zero\n");
}

/// Calls back into Go: the func value that is its capture. The result tells how the call ended.
unsafe extern "C" fn reenter(block: *mut IsolateBlock, args: *const u64, results: *mut u64) {
    // SAFETY: called by a blob with one capture, a func value.
    unsafe {
        itab_runtime::sched::host_call::host_call(block, || {
            let func = *args;
            let isolate = itab_runtime::sched::isolate::of(block);
            *results = match (*isolate).enter(*(func as *const usize), &mut CallRegs::with_ints(&[func + 8])) {
                Ok(()) => 1,
                Err(Exit::Panic(info)) => info.text.len() as u64 + 100,
                Err(_) => 2,
            };
            Ok(())
        });
    }
}

unsafe extern "C" fn rust_panic(block: *mut IsolateBlock, _: *const u64, _: *mut u64) {
    // SAFETY: called by a blob.
    unsafe { itab_runtime::sched::host_call::host_call(block, || panic!("out of {}", "luck")) }
}

#[test]
fn panics_stop_at_the_border() {
    let p = pieces();
    let (mut isolate, _) = p.code.isolate();
    let panicking = p.deferring(p.panicking(&5), &[]);
    let host = p.code.native("main.host", reenter, &[panicking]);
    let words = &mut [1u64, 1];
    // The outer deferred call must not run for the inner panic.
    let outer = p.deferring([p.call, p.code.func(p.call as usize, &[host]) + 8, 0], &[p.recovering(words)]);
    assert_eq!(call(&mut isolate, outer).unwrap(), 7);
    assert_eq!(unsafe_read(words), [0, 0]);
    assert_eq!(call(&mut isolate, host).unwrap(), 100 + "panic: 5\n".len() as u64);
    // A Rust panic goes on as a Go panic.
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let text = panic_text(call(&mut isolate, p.code.native("main.rust", rust_panic, &[]))).0;
    std::panic::set_hook(previous);
    assert_eq!(text, "panic: out of luck\n");
}

/// Calls what benchmarks measure with a name and something to run.
#[allow(dead_code)]
pub fn bench(mut measure: impl FnMut(&str, &mut dyn FnMut())) {
    let p = pieces();
    let (mut isolate, _) = p.code.isolate();
    let words = &mut [0u64, 0];
    let nothing = p.code.func(p.code.add("main.nothing", &[0xc3]), &[]);
    let body = [p.call, p.code.func(p.call as usize, &[nothing]) + 8, 0];
    let load = p.code.add_with("main.load", load(), &[(4, Trap::Nil as u8)]) as u64;
    let cases = [
        ("call with a deferred call", p.deferring(body, &[nothing])),
        ("panic and recover", p.deferring(p.panicking(&5), &[p.recovering(words)])),
        ("nil dereference and recover", p.deferring([load, 8, 0], &[p.recovering(words)])),
    ];
    for (name, func) in cases {
        measure(name, &mut || {
            let _ = call(&mut isolate, func);
        });
    }
}
