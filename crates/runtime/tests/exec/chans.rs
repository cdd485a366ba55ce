//! Channels and select.

use crate::code::*;
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::SelectCase;
use itab_abi::types::{ChanType, Kind, chan_dir};
use itab_runtime::code::arch::CallRegs;
use itab_runtime::sched::chan::*;
use itab_runtime::sched::exit::{Exit, StopReason};
use itab_runtime::sched::hchan::Hchan;
use itab_runtime::sched::isolate::Isolate;
use itab_runtime::sched::proc::{gosched, newproc};
use itab_runtime::sched::select::selectgo;

type Block = *mut IsolateBlock;

pub fn run(isolate: &mut Isolate, func: u64) -> Result<u64, Exit> {
    let mut regs = CallRegs::with_ints(&[func + 8]);
    // SAFETY: a func value's code is entered with the address of its captures.
    unsafe { isolate.enter(*(func as *const usize), &mut regs) }.map(|()| regs.ints[0])
}

pub fn chan_of_int(code: &Code) -> u64 {
    let types = &code.program.types;
    types.chan_of(chan_dir::BOTH, types.basic(Kind::Int)).as_ptr() as u64
}

unsafe fn send(block: Block, c: *mut Hchan, v: i64) {
    let mut v = v;
    // SAFETY: a channel of ints.
    unsafe { chansend1(block, c, (&raw mut v).cast()) }
}

unsafe fn recv(block: Block, c: *mut Hchan) -> (i64, bool) {
    let mut v = -1i64;
    // SAFETY: a channel of ints.
    unsafe {
        let ok = chanrecv2(block, c, (&raw mut v).cast());
        (v, ok)
    }
}

/// Echoes n values from one channel to another, then closes it.
unsafe extern "C" fn echo(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: captures: two channels, n.
    unsafe {
        let (from, to) = (*args as *mut Hchan, *args.add(1) as *mut Hchan);
        for _ in 0..*args.add(2) {
            let (v, _) = recv(block, from);
            send(block, to, v * 2);
        }
        closechan(block, to);
    }
}

/// Captures: channel type, buffer size, code of `echo`'s shim and its thunk.
unsafe extern "C" fn ping_pong(block: Block, args: *const u64, results: *mut u64) {
    // SAFETY: as above.
    unsafe {
        let (typ, size) = (*args as *const ChanType, *args.add(1) as i64);
        let (a, b) = (makechan(block, typ, size), makechan(block, typ, size));
        let rounds = 1000;
        // The func value stays reachable from this frame.
        let func = [*args.add(2), *args.add(3), a as u64, b as u64, rounds];
        newproc(block, func.as_ptr().cast());
        let mut sum = 0;
        for i in 0..rounds as i64 {
            send(block, a, i);
            sum += recv(block, b).0;
        }
        let (zero, ok) = recv(block, b);
        assert!(zero == 0 && !ok);
        *results = sum as u64;
    }
}

#[test]
fn ping_pong_over_channels() {
    for size in [0, 1, 7] {
        let code = Code::new();
        let shim = code.native("main.echo", echo, &[]) as *const u64;
        // SAFETY: a func value of a native function: code and thunk.
        let (entry, thunk) = unsafe { (*shim, *shim.add(1)) };
        let main = code.native("main.main", ping_pong, &[chan_of_int(&code), size, entry, thunk]);
        let (mut isolate, _) = code.isolate();
        assert_eq!(run(&mut isolate, main).unwrap(), 999 * 1000);
    }
}

/// Sends its number a hundred times.
unsafe extern "C" fn sender(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: captures: channel, number.
    unsafe {
        for _ in 0..100 {
            send(block, *args as *mut Hchan, *args.add(1) as i64);
        }
        closechan(block, *args as *mut Hchan);
    }
}

/// Receives from `n` senders by select until all have closed.
unsafe extern "C" fn select_all(block: Block, args: *const u64, results: *mut u64) {
    const MAX: usize = 20;
    // SAFETY: captures: channel type, n, code and thunk of `sender`.
    unsafe {
        let n = *args.add(1) as usize;
        let mut values = [0i64; MAX];
        let mut funcs = [[0u64; 4]; MAX];
        let mut cases: [SelectCase; MAX] = std::array::from_fn(|i| SelectCase {
            chan: std::ptr::null_mut(),
            elem: (&raw mut values[i]).cast(),
            send: 0,
        });
        for i in 0..n {
            let c = makechan(block, *args as *const ChanType, 0);
            cases[i].chan = c.cast();
            funcs[i] = [*args.add(2), *args.add(3), c as u64, i as u64 + 1];
            newproc(block, funcs[i].as_ptr().cast());
        }
        let mut counts = [0u64; MAX];
        let mut open = n;
        while open > 0 {
            let chosen = selectgo(block, cases.as_ptr(), n, true);
            let i = chosen.0 as usize;
            if !chosen.1 {
                cases[i].chan = std::ptr::null_mut();
                open -= 1;
            } else {
                assert_eq!(std::ptr::read_volatile(&values[i]), i as i64 + 1);
                counts[i] += 1;
            }
        }
        *results = u64::from(counts[..n].iter().all(|c| *c == 100));
    }
}

#[test]
fn select_waits_on_many_channels() {
    for n in [1, 3, 20] {
        let code = Code::new();
        let shim = code.native("main.sender", sender, &[]) as *const u64;
        // SAFETY: as above.
        let (entry, thunk) = unsafe { (*shim, *shim.add(1)) };
        let main = code.native("main.main", select_all, &[chan_of_int(&code), n, entry, thunk]);
        let (mut isolate, _) = code.isolate();
        assert_eq!(run(&mut isolate, main).unwrap(), 1);
    }
}

/// Two buffered channels with values: counts how often select takes from the first.
unsafe extern "C" fn fairness(block: Block, args: *const u64, results: *mut u64) {
    // SAFETY: captures: channel type.
    unsafe {
        let typ = *args as *const ChanType;
        let (a, b) = (makechan(block, typ, 1), makechan(block, typ, 1));
        let case = |c: *mut Hchan| SelectCase { chan: c.cast(), elem: std::ptr::null_mut(), send: 0 };
        let cases = [case(a), case(std::ptr::null_mut()), case(b)];
        assert_eq!(selectgo(block, cases.as_ptr(), 3, false).0, -1);
        send(block, a, 1);
        send(block, b, 1);
        let mut first = 0;
        for _ in 0..1000 {
            let i = selectgo(block, cases.as_ptr(), 3, true).0;
            assert!(i == 0 || i == 2);
            first += u64::from(i == 0);
            send(block, if i == 0 { a } else { b }, 1);
        }
        *results = first;
    }
}

#[test]
fn select_is_fair() {
    let code = Code::new();
    let main = code.native("main.main", fairness, &[chan_of_int(&code)]);
    let (mut isolate, _) = code.isolate();
    let first = run(&mut isolate, main).unwrap();
    assert!((350..650).contains(&first), "{first} of 1000");
}

unsafe extern "C" fn misuse(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: captures: channel type, what to do.
    unsafe {
        let typ = *args as *const ChanType;
        match *args.add(1) {
            0 => closechan(block, std::ptr::null_mut()),
            1 => {
                let c = makechan(block, typ, 0);
                closechan(block, c);
                closechan(block, c);
            }
            2 => {
                let c = makechan(block, typ, 3);
                closechan(block, c);
                send(block, c, 1);
            }
            3 => drop(makechan(block, typ, -1)),
            _ => drop(makechan(block, typ, 1 << 50)),
        }
    }
}

#[test]
fn misuse_panics_with_gos_texts() {
    let code = Code::new();
    let (mut isolate, _) = code.isolate();
    let texts = [
        "close of nil channel",
        "close of closed channel",
        "send on closed channel",
        "makechan: size out of range",
        "makechan: size out of range",
    ];
    for (i, text) in texts.iter().enumerate() {
        let main = code.native("main.main", misuse, &[chan_of_int(&code), i as u64]);
        match run(&mut isolate, main) {
            Err(Exit::Panic(info)) => assert_eq!(info.text, format!("panic: {text}\n")),
            other => panic!("{other:?}"),
        }
    }
}

unsafe extern "C" fn deadlock(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: captures: channel type, code and thunk of `echo`.
    unsafe {
        let c = makechan(block, *args as *const ChanType, 0);
        let func = [*args.add(1), *args.add(2), c as u64, c as u64, 1];
        newproc(block, func.as_ptr().cast());
        gosched(block);
        recv(block, std::ptr::null_mut());
    }
}

#[test]
fn deadlocks_are_reported_as_go_does() {
    let code = Code::new();
    let shim = code.native("main.echo", echo, &[]) as *const u64;
    // SAFETY: as above.
    let (entry, thunk) = unsafe { (*shim, *shim.add(1)) };
    let main = code.native("main.main", deadlock, &[chan_of_int(&code), entry, thunk]);
    let (mut isolate, _) = code.isolate();
    let Err(Exit::Stopped(StopReason::Fatal(text))) = run(&mut isolate, main) else { panic!("no deadlock") };
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "fatal error: all goroutines are asleep - deadlock!",
            "",
            "goroutine 1 [chan receive (nil chan)]:",
            "main.main(...)",
            "\ttest.go:7 +0x17",
            "",
            "goroutine 2 [chan receive]:",
            "main.echo(...)",
            "\ttest.go:7 +0x17",
            "created by main.main in goroutine 1",
            "\ttest.go:7 +0x17",
        ]
    );
    // The isolate has ended.
    assert!(matches!(run(&mut isolate, main), Err(Exit::Stopped(StopReason::Fatal(_)))));
}
