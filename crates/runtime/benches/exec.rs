//! What execution costs without a compiler: entering, switching, channels, goroutines, panics. Prints nanoseconds, the
//! best of several rounds.
#![cfg(target_arch = "x86_64")]
#![allow(dead_code, missing_docs, clippy::undocumented_unsafe_blocks, clippy::missing_safety_doc)]

#[path = "../tests/exec/code.rs"]
mod code;
#[path = "../tests/exec/panics.rs"]
mod panics;

use code::*;
use itab_abi::block::IsolateBlock;
use itab_abi::call::NativeFn;
use itab_abi::types::{ChanType, Kind, chan_dir};
use itab_runtime::code::arch::CallRegs;
use itab_runtime::sched::chan::{chanrecv1, chansend1, makechan};
use itab_runtime::sched::hchan::Hchan;
use itab_runtime::sched::host_call::host_call;
use itab_runtime::sched::isolate::{self, Isolate};
use itab_runtime::sched::proc::{gosched, newproc};
use std::time::Instant;

type Block = *mut IsolateBlock;

blob! { nothing, "ret" }
blob! { add, "lea rax, [rdi + rsi]", "ret" }

// What the host calls instead of compiled code: calls `code(args[0], args[1])` with a context and stores the result.
blob! { add_shim,
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 16",
    "mov [rsp], rcx",
    "mov rax, rdi",
    "mov rdi, [rdx]",
    "mov r8, [rdx + 8]",
    "mov rdx, rsi",
    "mov rsi, r8",
    "call rax",
    "mov rcx, [rsp]",
    "mov [rcx], rax",
    "add rsp, 16",
    "mov rsp, rbp",
    "pop rbp",
    "ret",
}

// Calls the native that is its first capture, with the others as arguments, as often as the second says.
blob! { call_native_often,
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "push r12",
    "sub rsp, 16",
    "mov r12, rdi",
    "mov rbx, [rdi + 8]",
    "20:",
    "lea rsi, [r12 + 8]",
    "mov rdi, r15",
    "mov rdx, rsp",
    "call [r12]",
    "dec rbx",
    "jnz 20b",
    "add rsp, 16",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
}

/// A host function that does nothing.
unsafe extern "C" fn host_nothing(block: Block, _: *const u64, _: *mut u64) {
    unsafe {
        host_call(block, || {
            std::hint::black_box(block);
            Ok(())
        })
    }
}

/// A host function that calls Go, as often as its first argument says.
unsafe extern "C" fn host_calls_back(block: Block, args: *const u64, _: *mut u64) {
    unsafe {
        host_call(block, || {
            for _ in 0..*args {
                (*isolate::of(block)).call(*args.add(1) as usize, [0; 4]).unwrap();
            }
            Ok(())
        })
    }
}

/// Calls between host and Go.
fn border(code: &Code, isolate: &mut Isolate, nothing: usize) {
    let n = 10_000_000;
    let (go, shim) = (code.add("main.add", add()), code.add("main.shim", add_shim()));
    let (args, mut sum) = ([40u64, 2], 0u64);
    let addresses = [go as u64, 0, args.as_ptr() as u64, &raw mut sum as u64];
    let go: extern "C" fn(u64, u64) -> u64 = unsafe { std::mem::transmute(go) };
    best("indirect call of add(int, int)", n, || {
        (0..n).for_each(|i| {
            std::hint::black_box(std::hint::black_box(go)(i, i));
        })
    });
    let call = |isolate: &mut Isolate| unsafe { isolate.call(shim, addresses) };
    best("host calls Go: add(int, int)", n, || (0..n).for_each(|_| call(isolate).unwrap()));
    assert_eq!(sum, 42);
    let native = |f: NativeFn| code.program.arena.native_thunk(f as usize).unwrap() as u64;
    let often = code.add("main.often", call_native_often());
    let host = code.func(often, &[native(host_nothing), n]);
    best("Go calls the host: nothing", n, || enter(isolate, host));
    let back = code.native("main.back", host_calls_back, &[n, nothing as u64]);
    best("host function calls Go: nothing", n, || enter(isolate, back));
}

fn enter(isolate: &mut Isolate, func: u64) {
    let mut regs = CallRegs::with_ints(&[func + 8]);
    unsafe { isolate.enter(*(func as *const usize), &mut regs) }.unwrap();
}

fn best(name: &str, per: u64, mut f: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..10 {
        let start = Instant::now();
        f();
        best = best.min(start.elapsed().as_nanos() as f64 / per as f64);
    }
    println!("{name:<44}{best:>10.2} ns");
}

unsafe extern "C" fn yield_for_ever(block: Block, _: *const u64, _: *mut u64) {
    loop {
        unsafe { gosched(block) };
    }
}

/// Captures: n, func value to start first or 0.
unsafe extern "C" fn yield_n(block: Block, args: *const u64, _: *mut u64) {
    unsafe {
        if *args.add(1) != 0 {
            newproc(block, *args.add(1) as *const _);
        }
        for _ in 0..*args {
            gosched(block);
        }
    }
}

unsafe extern "C" fn echo(block: Block, args: *const u64, _: *mut u64) {
    let mut v = 0i64;
    loop {
        unsafe {
            chanrecv1(block, *args as *mut Hchan, (&raw mut v).cast());
            chansend1(block, *args.add(1) as *mut Hchan, (&raw mut v).cast());
        }
    }
}

/// Captures: n, channel type, code and thunk of `echo`.
unsafe extern "C" fn ping_pong(block: Block, args: *const u64, _: *mut u64) {
    unsafe {
        let typ = *args.add(1) as *const ChanType;
        let (a, b) = (makechan(block, typ, 0), makechan(block, typ, 0));
        let func = [*args.add(2), *args.add(3), a as u64, b as u64];
        newproc(block, func.as_ptr().cast());
        let mut v = 0i64;
        for _ in 0..*args {
            chansend1(block, a, (&raw mut v).cast());
            chanrecv1(block, b, (&raw mut v).cast());
        }
    }
}

/// Captures: n, func value.
unsafe extern "C" fn start_n(block: Block, args: *const u64, _: *mut u64) {
    unsafe {
        for _ in 0..*args {
            newproc(block, *args.add(1) as *const _);
        }
        gosched(block);
    }
}

/// The same, waiting for each to end.
unsafe extern "C" fn start_one_by_one(block: Block, args: *const u64, _: *mut u64) {
    unsafe {
        for _ in 0..*args {
            newproc(block, *args.add(1) as *const _);
            gosched(block);
        }
    }
}

fn main() {
    let n = 100_000;
    let code = Code::new();
    let (mut isolate, _) = code.isolate();
    let types = &code.program.types;
    let chan = types.chan_of(chan_dir::BOTH, types.basic(Kind::Int)).as_ptr() as u64;
    let nothing = code.add("main.nothing", nothing());
    border(&code, &mut isolate, nothing);
    let mut run = |func: u64| enter(&mut isolate, func);
    let empty = code.func(nothing, &[]);
    best("enter and leave with all registers", 1000, || (0..1000).for_each(|_| run(empty)));
    let alone = code.native("main.yield", yield_n, &[n, 0]);
    best("Gosched alone", n, || run(alone));
    let other = code.native("main.other", yield_for_ever, &[]);
    let fresh = |func: u64| {
        let (mut isolate, _) = code.isolate();
        enter(&mut isolate, func);
    };
    let two = code.native("main.yield", yield_n, &[n, other]);
    best("Gosched, two goroutines, per switch", 2 * n, || fresh(two));
    let shim = code.native("main.echo", echo, &[]) as *const u64;
    let captures = unsafe { [n, chan, *shim, *shim.add(1)] };
    let pp = code.native("main.main", ping_pong, &captures);
    best("channel there and back", n, || fresh(pp));
    let one = code.native("main.main", start_one_by_one, &[n, empty]);
    best("go and run, one by one", n, || run(one));
    let many = code.native("main.main", start_n, &[n, empty]);
    best("go and run, 100 000 at once", n, || run(many));
    panics::bench(|name, f| best(name, 1000, || (0..1000).for_each(|_| f())));
}
