//! Stopping isolates: kill, deadline, stack overflow, host frames on the way.

use crate::blob;
use crate::chans::run;
use crate::code::*;
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::RuntimeFn;
use itab_runtime::code::arch::CallRegs;
use itab_runtime::sched::exit::{Exit, StopReason};
use itab_runtime::sched::host_call::host_call;
use itab_runtime::sched::isolate::{Isolate, Options};
use itab_runtime::sched::proc::newproc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

type Block = *mut IsolateBlock;

blob! { spin_for_ever,
    "push rbp",
    "mov rbp, rsp",
    "20:",
    "cmp qword ptr [r15 + {preempt}], 0",
    "je 20b",
    "mov rax, [r15 + {table}]",
    "call [rax + {slow}]",
    "jmp 20b";
    preempt = PREEMPT, table = TABLE, slow = entry(RuntimeFn::preempt)
}

// Calls itself for ever, with the prologue's check.
blob! { recurse,
    "20:",
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 64",
    "cmp rsp, [r15 + {limit}]",
    "ja 21f",
    "mov rax, [r15 + {table}]",
    "call [rax + {slow}]",
    "21:",
    "call 20b";
    limit = LIMIT, table = TABLE, slow = entry(RuntimeFn::morestack)
}

// The same without a check: only the guard page stops it.
blob! { recurse_unchecked,
    "20:",
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 64",
    "call 20b",
}

fn kill_soon(isolate: &Isolate) {
    let control = isolate.control.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        control.kill();
    });
}

#[test]
fn a_spinning_goroutine_is_killed() {
    let code = Code::new();
    let spin = code.func(code.add("main.spin", spin_for_ever()), &[]);
    let (mut isolate, _) = code.isolate();
    kill_soon(&isolate);
    assert!(matches!(run(&mut isolate, spin), Err(Exit::Stopped(StopReason::Killed))));
    assert!(matches!(run(&mut isolate, spin), Err(Exit::Stopped(StopReason::Killed))));
}

#[test]
fn deadlines_stop() {
    let code = Code::new();
    let spin = code.func(code.add("main.spin", spin_for_ever()), &[]);
    let (mut isolate, _) = code.isolate();
    isolate.control.set_deadline(Some(Instant::now() + Duration::from_millis(5)));
    assert!(matches!(run(&mut isolate, spin), Err(Exit::Stopped(StopReason::Deadline))));
}

fn overflow(blob: &[u8]) -> String {
    let code = Code::new();
    let func = code.func(code.add("main.f", blob), &[]);
    let options = Options { main_stack: 1 << 20, ..Options::default() };
    let (mut isolate, _) = code.isolate_with(options);
    match run(&mut isolate, func) {
        Err(Exit::Stopped(StopReason::Fatal(text))) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn stack_overflow_ends_the_isolate_only() {
    let text = overflow(recurse());
    let start = "runtime: goroutine stack exceeds 1048576-byte limit\nfatal error: stack overflow\n\ngoroutine 1 [running]:\nmain.f(...)\n";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("frames elided..."));
    let text = overflow(recurse_unchecked());
    assert!(text.starts_with("fatal error: stack overflow\n"), "{text}");
}

#[test]
fn every_thread_that_calls_can_overflow_the_stack() {
    let code = Code::new();
    let exit = code.native("main.exit", exit, &[]);
    let overflow = code.func(code.add("main.f", recurse_unchecked()), &[]);
    let (mut first, _) = code.isolate();
    let (mut isolate, _) = code.isolate_with(Options { main_stack: 1 << 20, ..Options::default() });
    let nothing = code.native("main.nothing", start_nothing, &[]);
    run(&mut isolate, nothing).unwrap();
    std::thread::scope(|s| {
        let other = s.spawn(|| {
            // As threads are that the standard library has not made.
            let none = libc::stack_t { ss_sp: std::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
            // SAFETY: no signal is being handled.
            unsafe { libc::sigaltstack(&none, std::ptr::null_mut()) };
            assert!(matches!(run(&mut first, exit), Err(Exit::Stopped(StopReason::Exit(3)))));
            run(&mut isolate, nothing).unwrap();
            let ended = run(&mut isolate, overflow);
            assert!(matches!(ended, Err(Exit::Stopped(StopReason::Fatal(text))) if text.contains("stack overflow")));
        });
        other.join().unwrap();
    });
}

unsafe extern "C" fn start_nothing(_: Block, _: *const u64, _: *mut u64) {}

/// Counts host frames that were left the right way.
struct Frame<'a>(&'a AtomicU32);
impl Drop for Frame<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Captures: a counter, a func value to call.
unsafe extern "C" fn host(block: Block, args: *const u64, results: *mut u64) {
    // SAFETY: as above.
    unsafe {
        host_call(block, || {
            let _frame = Frame(&*(*args as *const AtomicU32));
            let func = *args.add(1);
            let isolate = itab_runtime::sched::isolate::of(block);
            let call = || {
                let mut regs = CallRegs::with_ints(&[func + 8]);
                (*isolate).enter(*(func as *const usize), &mut regs)
            };
            assert!(matches!(call(), Err(Exit::Stopped(StopReason::Killed))));
            // Calling again fails at once.
            assert!(matches!(call(), Err(Exit::Stopped(StopReason::Killed))));
            Ok(())
        });
        // Not reached: the stop takes effect when the host's function returns.
        *results = 1;
        (*(*args as *const AtomicU32)).fetch_add(100, Ordering::SeqCst);
    }
}

#[test]
fn a_kill_leaves_no_host_frame_out() {
    let code = Code::new();
    let left = AtomicU32::new(0);
    let counter = &raw const left as u64;
    let spin = code.func(code.add("main.spin", spin_for_ever()), &[]);
    let inner = code.native("main.host", host, &[counter, spin]);
    let outer = code.native("main.host", host, &[counter, inner]);
    let (mut isolate, _) = code.isolate();
    kill_soon(&isolate);
    assert!(matches!(run(&mut isolate, outer), Err(Exit::Stopped(StopReason::Killed))));
    assert_eq!(left.load(Ordering::SeqCst), 2);
}

/// Starts the func values that are its captures, up to a 0, and blocks.
unsafe extern "C" fn start_and_block(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: as above.
    unsafe {
        let mut at = args;
        while *at != 0 {
            newproc(block, *at as *const _);
            at = at.add(1);
        }
        itab_runtime::sched::select::block(block);
    }
}

#[test]
fn parked_goroutines_with_host_frames_are_unwound_too() {
    let code = Code::new();
    let left = AtomicU32::new(0);
    let counter = &raw const left as u64;
    let block_for_ever = code.native("main.block", start_and_block, &[0]);
    let spin = code.func(code.add("main.spin", spin_for_ever()), &[]);
    let parked = code.native("main.host", host, &[counter, block_for_ever]);
    let main = code.native("main.main", start_and_block, &[parked, parked, spin, parked, 0]);
    let (mut isolate, _) = code.isolate();
    kill_soon(&isolate);
    assert!(matches!(run(&mut isolate, main), Err(Exit::Stopped(StopReason::Killed))));
    assert_eq!(left.load(Ordering::SeqCst), 3);
}

unsafe extern "C" fn start_only(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: captures: a func value.
    unsafe {
        newproc(block, *args as *const _);
        itab_runtime::sched::proc::gosched(block);
    }
}

#[test]
fn dropping_an_isolate_unwinds_its_host_frames() {
    let code = Code::new();
    let left = AtomicU32::new(0);
    let block_for_ever = code.native("main.block", start_and_block, &[0]);
    let parked = code.native("main.host", host, &[&raw const left as u64, block_for_ever]);
    let main = code.native("main.main", start_only, &[parked]);
    let (mut isolate, _) = code.isolate();
    run(&mut isolate, main).unwrap();
    assert_eq!(left.load(Ordering::SeqCst), 0);
    drop(isolate);
    assert_eq!(left.load(Ordering::SeqCst), 1);
}

unsafe extern "C" fn exit(block: Block, _: *const u64, _: *mut u64) {
    // SAFETY: called by a blob.
    unsafe { itab_runtime::sched::enter::stop(block, StopReason::Exit(3)) }
}

#[test]
fn exit_ends_the_isolate() {
    let code = Code::new();
    let (mut isolate, _) = code.isolate();
    let main = code.native("main.main", exit, &[]);
    for _ in 0..2 {
        assert!(matches!(run(&mut isolate, main), Err(Exit::Stopped(StopReason::Exit(3)))));
    }
}

#[test]
fn host_frames_stay_on_their_thread() {
    let code = Code::new();
    let left = AtomicU32::new(0);
    let block_for_ever = code.native("main.block", start_and_block, &[0]);
    let parked = code.native("main.host", host, &[&raw const left as u64, block_for_ever]);
    let main = code.native("main.main", start_only, &[parked]);
    let (mut isolate, _) = code.isolate();
    run(&mut isolate, main).unwrap();
    let mut isolate = std::thread::spawn(move || {
        assert!(matches!(run(&mut isolate, main), Err(Exit::WrongThread)));
        isolate
    })
    .join()
    .unwrap();
    run(&mut isolate, main).unwrap();
    drop(isolate);
    assert_eq!(left.load(Ordering::SeqCst), 2);
}
