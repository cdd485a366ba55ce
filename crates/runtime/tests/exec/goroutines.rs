//! Scheduling: order, preemption, many goroutines, many threads, sleep, Goexit.

use crate::blob;
use crate::chans::run;
use crate::code::*;
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::RuntimeFn;
use itab_runtime::code::arch::CallRegs;
use itab_runtime::sched::exit::{Exit, StopReason};
use itab_runtime::sched::proc::{gosched, newproc, wait_for_thread};
use itab_runtime::sched::time::sleep;
use itab_runtime::sched::wait_reason::WaitReason;
use std::time::{Duration, Instant};

type Block = *mut IsolateBlock;

// Counts the word at its capture up to 2^30 or so, with preemption checks at the back edge.
blob! { spin,
    "push rbp",
    "mov rbp, rsp",
    "mov rsi, [rdi]",
    "mov rcx, 0x1234",
    "movq xmm9, rcx",
    "20:",
    "inc qword ptr [rsi]",
    "cmp qword ptr [r15 + {preempt}], 0",
    "je 21f",
    "mov rax, [r15 + {table}]",
    "call [rax + {slow}]",
    "21:",
    // All registers survive the stub.
    "cmp rcx, 0x1234",
    "jne 22f",
    "movq rdx, xmm9",
    "cmp rdx, rcx",
    "jne 22f",
    "cmp qword ptr [rsi + 8], 0",
    "je 20b",
    "pop rbp",
    "ret",
    "22:",
    "ud2";
    preempt = PREEMPT, table = TABLE, slow = entry(RuntimeFn::preempt)
}

/// Lets two spinning goroutines run until both have counted, then tells them to end.
unsafe extern "C" fn share(block: Block, args: *const u64, results: *mut u64) {
    // SAFETY: captures: code of `spin`.
    unsafe {
        let counters = [[0u64; 2]; 2];
        let funcs = [0, 1].map(|i| [*args, counters[i].as_ptr() as u64]);
        for func in &funcs {
            newproc(block, func.as_ptr().cast());
        }
        while counters.iter().any(|c| std::ptr::read_volatile(&c[0]) < 1000) {
            gosched(block);
        }
        for c in &counters {
            std::ptr::write_volatile((&raw const c[1]).cast_mut(), 1);
        }
        gosched(block);
        gosched(block);
        *results = 1;
    }
}

#[test]
fn spinning_goroutines_are_preempted() {
    let code = Code::new();
    let spin = code.add("main.spin", spin()) as u64;
    let main = code.native("main.main", share, &[spin]);
    let (mut isolate, _) = code.isolate();
    assert_eq!(run(&mut isolate, main).unwrap(), 1);
}

unsafe extern "C" fn note(_: Block, args: *const u64, _: *mut u64) {
    // SAFETY: captures: a vector, a number.
    unsafe { (*(*args as *mut Vec<u64>)).push(*args.add(1)) }
}

unsafe extern "C" fn start_many(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: captures: n, code and thunk of `note`, a vector.
    unsafe {
        for i in 0..*args {
            let heap = &mut (*itab_runtime::sched::isolate::of(block)).heap;
            let func = heap.alloc_record(32, 0).unwrap().cast::<[u64; 4]>();
            func.write([*args.add(1), *args.add(2), *args.add(3), i]);
            newproc(block, func.cast());
        }
        while ((*(*args.add(3) as *const Vec<u64>)).len() as u64) < *args {
            gosched(block);
        }
    }
}

fn start(n: u64) -> Vec<u64> {
    let code = Code::new();
    let shim = code.native("main.note", note, &[]) as *const u64;
    let noted = Box::leak(Box::new(Vec::<u64>::new()));
    // SAFETY: a func value of a native function: code and thunk.
    let captures = unsafe { [n, *shim, *shim.add(1), &raw mut *noted as u64] };
    let main = code.native("main.main", start_many, &captures);
    let (mut isolate, _) = code.isolate();
    run(&mut isolate, main).unwrap();
    std::mem::take(noted)
}

#[test]
fn the_last_goroutine_started_runs_first() {
    assert_eq!(start(5), [4, 0, 1, 2, 3]);
}

#[test]
fn a_hundred_thousand_goroutines() {
    let mut noted = start(100_000);
    noted.sort_unstable();
    assert!(noted.iter().copied().eq(0..100_000));
}

#[test]
fn isolates_run_on_many_threads_at_once() {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for n in [10, 1000] {
                    assert_eq!(start(n).len() as u64, n);
                }
            });
        }
    });
}

#[test]
fn isolates_move_between_threads() {
    let code = Code::new();
    let noted = Box::leak(Box::new(Vec::<u64>::new()));
    let main = code.native("main.note", note, &[&raw mut *noted as u64, 1]);
    let (mut isolate, _) = code.isolate();
    for _ in 0..3 {
        isolate = std::thread::spawn(move || {
            run(&mut isolate, main).unwrap();
            isolate
        })
        .join()
        .unwrap();
    }
    assert_eq!(noted.len(), 3);
}

unsafe extern "C" fn sleep_a_little(block: Block, _: *const u64, _: *mut u64) {
    // SAFETY: called by a blob.
    unsafe { sleep(block, 3_000_000) }
}

#[test]
fn sleep_takes_time() {
    let code = Code::new();
    let (mut isolate, _) = code.isolate();
    let before = Instant::now();
    run(&mut isolate, code.native("main.main", sleep_a_little, &[])).unwrap();
    assert!(before.elapsed() >= Duration::from_millis(3));
}

unsafe extern "C" fn wait(block: Block, _: *const u64, results: *mut u64) {
    // SAFETY: called by a blob.
    unsafe {
        wait_for_thread(block, WaitReason::IoWait, |control, what| {
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(2));
                control.complete(what);
            });
        });
        *results = 5;
    }
}

#[test]
fn other_threads_wake_goroutines() {
    let code = Code::new();
    let (mut isolate, _) = code.isolate();
    assert_eq!(run(&mut isolate, code.native("main.main", wait, &[])).unwrap(), 5);
}

unsafe extern "C" fn goexit(block: Block, _: *const u64, _: *mut u64) {
    // SAFETY: called by a blob.
    unsafe { itab_runtime::sched::panic::goexit(block) }
}

#[test]
fn goexit_of_the_only_goroutine_is_a_deadlock() {
    let code = Code::new();
    let (mut isolate, _) = code.isolate();
    match run(&mut isolate, code.native("main.main", goexit, &[])) {
        Err(Exit::Stopped(StopReason::Fatal(text))) => {
            assert_eq!(text, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n");
        }
        other => panic!("{other:?}"),
    }
}

unsafe extern "C" fn start_one(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: the captures are a func value.
    unsafe { newproc(block, args.cast()) }
}

#[test]
fn nothing_runs_between_calls_unless_driven() {
    let code = Code::new();
    let shim = code.native("main.note", note, &[]) as *const u64;
    let noted = Box::leak(Box::new(Vec::<u64>::new()));
    // SAFETY: as above.
    let func = unsafe { [*shim, *shim.add(1), &raw mut *noted as u64, 9] };
    let main = code.native("main.main", start_one, &func);
    let (mut isolate, _) = code.isolate();
    run(&mut isolate, main).unwrap();
    assert!(noted.is_empty());
    isolate.run_until_idle().unwrap();
    assert_eq!(*noted, [9]);
    isolate.run_until_idle().unwrap();
}

/// A panic in a goroutine of the program ends the program.
#[test]
fn panics_of_goroutines_are_fatal() {
    unsafe extern "C" fn fail(block: Block, _: *const u64, _: *mut u64) {
        // SAFETY: called by a blob.
        unsafe { itab_runtime::sched::panic::panic_error(block, "boom".into()) }
    }
    unsafe extern "C" fn main(block: Block, args: *const u64, _: *mut u64) {
        // SAFETY: the captures are a func value.
        unsafe {
            newproc(block, args.cast());
            loop {
                gosched(block);
            }
        }
    }
    let code = Code::new();
    let shim = code.native("main.fail", fail, &[]) as *const u64;
    // SAFETY: as above.
    let func = unsafe { [*shim, *shim.add(1)] };
    let main = code.native("main.main", main, &func);
    let (mut isolate, _) = code.isolate();
    let Err(Exit::Stopped(StopReason::Fatal(text))) = run(&mut isolate, main) else { panic!("it went on") };
    assert!(text.starts_with("panic: boom\n\ngoroutine 2 [running]:\nmain.fail(...)\n"), "{text}");
    let mut regs = CallRegs::default();
    // SAFETY: the call fails before the code runs.
    assert!(unsafe { isolate.enter(0, &mut regs) }.is_err());
}
