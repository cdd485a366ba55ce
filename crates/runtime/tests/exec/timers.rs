//! Timers, semaphores, condition lists, coroutines: the natives of packages time, sync and iter.

use crate::blob;
use crate::chans::{chan_of_int, run};
use crate::code::*;
use itab_abi::block::IsolateBlock;
use itab_abi::call::NativeFn;
use itab_abi::types::ChanType;
use itab_runtime::sched::chan::{chanlen, chanrecv, chansend, makechan};
use itab_runtime::sched::hchan::Hchan;
use itab_runtime::sched::proc::{gosched, newproc};
use itab_runtime::sched::wait_reason::WaitReason;
use itab_runtime::sched::{clock, sema, time};

type Block = *mut IsolateBlock;

fn native(name: &str) -> NativeFn {
    let address = itab_runtime::std::lookup(name).unwrap().code as usize;
    // SAFETY: natives are functions of this type.
    unsafe { std::mem::transmute::<usize, NativeFn>(address) }
}

// A func value of four arguments and its context, which calls a native function with its captures.
blob! { call_native_4,
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 16",
    "mov rax, [r8]",
    "lea rsi, [r8 + 8]",
    "mov rdi, r15",
    "mov rdx, rsp",
    "call rax",
    "leave",
    "ret",
}

/// Captures: a channel cell.
unsafe extern "C" fn send_time(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: as above.
    unsafe {
        let mut v = 1u64;
        chansend(block, *(*args as *const *mut Hchan), (&raw mut v).cast(), false);
    }
}

/// Captures: channel type, f, channel cell.
unsafe extern "C" fn timers(block: Block, args: *const u64, results: *mut u64) {
    // SAFETY: as above; natives get the words of their signatures.
    unsafe {
        let c = makechan(block, *args as *const ChanType, 1);
        *(*args.add(2) as *mut *mut Hchan) = c;
        let new = |when: i64, period: i64| {
            let (mut words, mut t) = ([when as u64, period as u64, *args.add(1), 0, 0, c as u64], 0);
            native("time.newTimer")(block, words.as_mut_ptr(), &mut t);
            t
        };
        let stop = |t: u64| {
            let mut stopped = 0;
            native("time.stopTimer")(block, &t, &mut stopped);
            stopped
        };
        let mut v = 0u64;
        // Fires once.
        let t = new(clock::nanotime() + 1_000_000, 0);
        chanrecv(block, c, (&raw mut v).cast(), true);
        assert_eq!((v, stop(t)), (1, 0));
        // Stopped before it fires.
        assert_eq!(stop(new(clock::nanotime() + (1 << 40), 0)), 1);
        // Fired, but nobody has looked: it counts as stopped, and the value is gone.
        let t = new(0, 0);
        time::sleep(block, 100_000);
        assert_eq!(chanlen(block, c), 0);
        assert_eq!((stop(t), stop(t)), (1, 0));
        assert!(!chanrecv(block, c, (&raw mut v).cast(), false).0);
        // A ticker goes on.
        let t = new(clock::nanotime(), 100_000);
        for _ in 0..5 {
            chanrecv(block, c, (&raw mut v).cast(), true);
        }
        stop(t);
        // Many timers that are stopped do not pile up.
        for _ in 0..1000 {
            stop(new(clock::nanotime() + (1 << 40), 0));
        }
        *results = 1;
    }
}

#[test]
fn timers_fire_and_stop() {
    let code = Code::new();
    let cell = Box::leak(Box::new(0u64));
    let at = code.add("main.sendTime", call_native_4());
    let thunk = code.program.arena.native_thunk(send_time as *const () as usize).unwrap() as u64;
    let f = code.func(at, &[thunk, cell as *mut u64 as u64]);
    let main = code.native("main.main", timers, &[chan_of_int(&code), f, cell as *mut u64 as u64]);
    let mut options = itab_runtime::sched::isolate::Options::default();
    options.heap.debug.stress_every = 50;
    options.heap.debug.clobberfree = true;
    let (mut isolate, _) = code.isolate_with(options);
    assert_eq!(run(&mut isolate, main).unwrap(), 1);
}

/// Captures: pointer to [semaphore, log position, log..], number.
unsafe extern "C" fn lock_and_log(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: as above.
    unsafe {
        let shared = *args as *mut u64;
        sema::semacquire(block, shared.cast(), false, WaitReason::SyncMutexLock);
        gosched(block);
        let at = *shared.add(1);
        *shared.add(2 + at as usize) = *args.add(1);
        *shared.add(1) = at + 1;
        sema::semrelease(block, shared.cast(), false);
    }
}

/// Captures: the same pointer, code and thunk of `lock_and_log`.
unsafe extern "C" fn contend(block: Block, args: *const u64, results: *mut u64) {
    // SAFETY: as above.
    unsafe {
        let shared = *args as *mut u64;
        let funcs: [[u64; 4]; 5] = std::array::from_fn(|i| [*args.add(1), *args.add(2), *args, i as u64]);
        for f in &funcs {
            newproc(block, f.as_ptr().cast());
        }
        gosched(block);
        assert_eq!(*shared.add(1), 0);
        sema::semrelease(block, shared.cast(), true);
        while std::ptr::read_volatile(shared.add(1)) < 5 {
            gosched(block);
        }
        *results = *shared;
    }
}

#[test]
fn semaphores_let_one_in_at_a_time() {
    let code = Code::new();
    let shared = Box::leak(Box::new([0u64; 10])).as_mut_ptr();
    let shim = code.native("main.lock", lock_and_log, &[]) as *const u64;
    // SAFETY: a func value of a native function: code and thunk.
    let captures = unsafe { [shared as u64, *shim, *shim.add(1)] };
    let main = code.native("main.main", contend, &captures);
    let (mut isolate, _) = code.isolate();
    assert_eq!(run(&mut isolate, main).unwrap(), 1);
    // SAFETY: written by the goroutines above.
    let log = unsafe { std::slice::from_raw_parts(shared.add(2), 5) };
    assert_eq!(log[0], 4, "the goroutine that ran first waited first");
    assert_eq!(log.iter().sum::<u64>(), 10);
}

// func(*coro): the context is the second word.
blob! { coro_body,
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 16",
    "mov [rsp + 8], rdi",
    "mov rax, [rsi]",
    "lea rdx, [rsp + 8]",
    "lea rsi, [rsi + 8]",
    "mov rdi, r15",
    "call rax",
    "leave",
    "ret",
}

/// Captures: a counter; `c` is where the coroutine's pointer stands.
unsafe extern "C" fn count(block: Block, args: *const u64, c: *mut u64) {
    // SAFETY: as above.
    unsafe {
        for i in 1..=3 {
            *(*args as *mut u64) = i;
            native("runtime.coroswitch")(block, c, c);
        }
        *(*args as *mut u64) = 99;
    }
}

/// Captures: the coroutine's function, the counter.
unsafe extern "C" fn pull(block: Block, args: *const u64, results: *mut u64) {
    // SAFETY: as above.
    unsafe {
        let (mut c, counter) = (0u64, *args.add(1) as *const u64);
        native("runtime.newcoro")(block, args, &mut c);
        for i in [1, 2, 3, 99] {
            native("runtime.coroswitch")(block, &c, results);
            assert_eq!(counter.read_volatile(), i);
        }
        *results = 1;
    }
}

#[test]
fn coroutines_switch_back_and_forth() {
    let code = Code::new();
    let counter = Box::leak(Box::new(0u64)) as *mut u64 as u64;
    let thunk = code.program.arena.native_thunk(count as *const () as usize).unwrap() as u64;
    let f = code.func(code.add("main.count", coro_body()), &[thunk, counter]);
    let main = code.native("main.main", pull, &[f, counter]);
    let (mut isolate, _) = code.isolate();
    for _ in 0..3 {
        assert_eq!(run(&mut isolate, main).unwrap(), 1);
    }
}
