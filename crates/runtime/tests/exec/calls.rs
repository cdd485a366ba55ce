//! Calls of the host and calls of host functions into Go: random scripts of what code on both sides may do, and what is to
//! come of them by a simple model. Each script runs on the main goroutine of an isolate that goes from thread to thread,
//! while every allocation collects.

use crate::code::*;
use itab_abi::block::IsolateBlock;
use itab_abi::types::{Kind, Type};
use itab_runtime::code::arch::CallRegs;
use itab_runtime::sched::exit::{Exit, StopReason};
use itab_runtime::sched::host_call::{HostError, host_call};
use itab_runtime::sched::isolate::{self, Isolate, Options};
use itab_runtime::sched::panic::gopanic;
use itab_runtime::sched::proc::{gosched, newproc};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

type Block = *mut IsolateBlock;

/// What a function does, one step after the other.
enum Step {
    /// Lets other goroutines run.
    Yield,
    /// Allocates an object and looks at it when all is done.
    Allocate,
    /// Starts a goroutine that follows a script.
    Go(Box<Script>),
    /// Yields until all such goroutines have ended.
    Wait,
    /// Panics in Go.
    Panic,
    /// Panics in a host function.
    HostPanic,
    /// A host function calls Go, and hands its panic on or keeps it.
    Call(Box<Script>, bool),
    /// A host function has the isolate killed.
    Kill,
}

struct Script {
    world: *const World,
    /// A goroutine follows it.
    goroutine: bool,
    steps: Vec<Step>,
}

/// What all scripts of an isolate share.
struct World {
    /// Code of a func value that follows a script, and the thunk of [`follow`].
    code: [u64; 2],
    int: *const Type,
    /// Frames of the host that were entered, and those that were left.
    entered: AtomicU64,
    left: AtomicU64,
    /// Goroutines that have begun, and those that have ended.
    started: AtomicU64,
    ended: AtomicU64,
}

/// A frame of the host.
struct Frame<'a>(&'a World);

impl<'a> Frame<'a> {
    fn new(world: &'a World) -> Frame<'a> {
        world.entered.fetch_add(1, SeqCst);
        Frame(world)
    }
}

impl Drop for Frame<'_> {
    fn drop(&mut self) {
        self.0.left.fetch_add(1, SeqCst);
    }
}

impl Script {
    /// A func value that follows it.
    fn func(&self) -> u64 {
        let [code, thunk] = self.world().code;
        vec![code, thunk, self as *const Script as u64].leak().as_ptr() as u64
    }

    fn world(&self) -> &World {
        // SAFETY: the world outlives its scripts.
        unsafe { &*self.world }
    }

    /// What becomes of a call of it.
    fn outcome(&self) -> Outcome {
        for step in &self.steps {
            match step {
                Step::Panic | Step::HostPanic => return Outcome::Panic,
                Step::Kill => return Outcome::Killed,
                Step::Call(script, hand_on) => match script.outcome() {
                    Outcome::Panic if !hand_on => {}
                    Outcome::Returned => {}
                    other => return other,
                },
                Step::Yield | Step::Allocate | Step::Go(_) | Step::Wait => {}
            }
        }
        Outcome::Returned
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Returned,
    Panic,
    Killed,
}

fn outcome(result: &Result<(), Exit>) -> Outcome {
    match result {
        Ok(()) => Outcome::Returned,
        Err(Exit::Panic(_)) => Outcome::Panic,
        Err(Exit::Stopped(StopReason::Killed)) => Outcome::Killed,
        other => panic!("{other:?}"),
    }
}

/// # Safety
/// `func` is a func value of the isolate's program without parameters.
unsafe fn call(isolate: *mut Isolate, func: u64) -> Result<(), Exit> {
    // SAFETY: a func value's code is entered with the address of its captures.
    unsafe { (*isolate).enter(*(func as *const usize), &mut CallRegs::with_ints(&[func + 8])) }
}

/// Captures: a script.
unsafe extern "C" fn follow(block: Block, args: *const u64, _: *mut u64) {
    // SAFETY: called by a blob with one capture; nothing here needs dropping but in frames of the host.
    unsafe {
        let script = *args as *const Script;
        let world = (*script).world;
        let mut kept = [std::ptr::null_mut::<u64>(); 8];
        let mut i = 0;
        while i < (*script).steps.len() {
            match &(&(*script).steps)[i] {
                Step::Yield => gosched(block),
                Step::Allocate => {
                    let p = (*isolate::of(block)).heap.mallocgc((*world).int).unwrap().cast::<u64>();
                    p.write(i as u64 + 1);
                    kept[i % kept.len()] = p;
                }
                Step::Go(script) => {
                    (*world).started.fetch_add(1, SeqCst);
                    newproc(block, script.func() as *const _);
                }
                Step::Wait => {
                    while (*world).started.load(SeqCst) > (*world).ended.load(SeqCst) {
                        gosched(block);
                    }
                }
                Step::Panic => gopanic(block, (*world).int, (&raw mut i).cast()),
                Step::HostPanic => host_call(block, || {
                    let _frame = Frame::new(&*world);
                    std::panic::resume_unwind(Box::new("out of luck"))
                }),
                Step::Kill => host_call(block, || {
                    let _frame = Frame::new(&*world);
                    (*isolate::of(block)).control.kill();
                    Ok(())
                }),
                Step::Call(script, hand_on) => host_call(block, || call_back(block, script, *hand_on)),
            }
            i += 1;
        }
        for p in std::hint::black_box(&kept) {
            assert!(p.is_null() || (1..=script.as_ref().unwrap().steps.len() as u64).contains(&**p), "lost an object");
        }
        if (*script).goroutine {
            (*world).ended.fetch_add(1, SeqCst);
        }
    }
}

/// # Safety
/// Called by a host function of a goroutine of the isolate.
unsafe fn call_back(block: Block, script: &Script, hand_on: bool) -> Result<(), HostError> {
    let _frame = Frame::new(script.world());
    // SAFETY: as the caller says.
    let result = unsafe { call(isolate::of(block), script.func()) };
    // Others may have killed the isolate meanwhile.
    let got = outcome(&result);
    assert!(got == script.outcome() || got == Outcome::Killed, "{got:?}");
    match result {
        Err(exit) if hand_on || got == Outcome::Killed => Err(HostError::Exit(exit)),
        _ => Ok(()),
    }
}

/// Random numbers, the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }

    /// A script of which calls are at most `depth` deep, and that may end in a panic or kill.
    fn script(&mut self, world: &World, depth: u64, calm: bool) -> Script {
        let mut steps = vec![];
        for _ in 0..self.below(6) {
            steps.push(match self.below(if calm { 10 } else { 13 }) {
                0..=2 => Step::Allocate,
                3 => Step::Yield,
                4 | 5 if depth > 0 => {
                    let mut script = self.script(world, depth - 1, true);
                    script.goroutine = true;
                    Step::Go(Box::new(script))
                }
                // A goroutine must not wait for itself.
                6 if !calm => Step::Wait,
                7..=9 if depth > 0 => {
                    let calls_calmly = calm || self.below(4) == 0;
                    Step::Call(Box::new(self.script(world, depth - 1, calls_calmly)), self.below(2) == 0)
                }
                10 => Step::Panic,
                11 => Step::HostPanic,
                12 if self.below(4) == 0 => Step::Kill,
                _ => Step::Allocate,
            });
        }
        Script { world, goroutine: false, steps }
    }
}

/// An isolate may be handed to another thread with what it runs.
struct Handed<'a>(Box<Isolate>, &'a Script);

// SAFETY: the test uses it on one thread at a time.
unsafe impl Send for Handed<'_> {}

impl Handed<'_> {
    /// Calls the script, then has all goroutines end.
    fn run(mut self) -> (Box<Isolate>, Outcome) {
        let world = self.1.world();
        // SAFETY: the func value is the program's.
        let result = outcome(&unsafe { call(&raw mut *self.0, self.1.func()) });
        while world.started.load(SeqCst) > world.ended.load(SeqCst) && self.0.run_until_idle().is_ok() {}
        (self.0, result)
    }
}

fn follow_scripts(seed: u64, rounds: u32, stress: u64) {
    let code = Code::new();
    let follower = code.native("main.follow", follow, &[]) as *const u64;
    // SAFETY: a func value with the thunk as its capture.
    let follower = unsafe { [*follower, *follower.add(1)] };
    let int = code.program.types.basic(Kind::Int).as_ptr();
    let mut random = Random(seed);
    let mut options = Options::default();
    (options.heap.debug.stress_every, options.heap.debug.clobberfree) = (stress, stress != 0);
    let world = World { code: follower, int, entered: 0.into(), left: 0.into(), started: 0.into(), ended: 0.into() };
    let (mut isolate, _) = code.isolate_with(options);
    for round in 0..rounds {
        let script = random.script(&world, 5, false);
        let handed = Handed(isolate, &script);
        let result;
        (isolate, result) = match random.below(2) {
            0 => handed.run(),
            _ => std::thread::scope(|s| s.spawn(|| handed.run()).join().unwrap()),
        };
        assert_eq!(result, script.outcome(), "seed {seed}, round {round}");
        let frames = || (world.entered.load(SeqCst), world.left.load(SeqCst));
        if result == Outcome::Killed {
            // SAFETY: as in `run`.
            assert_eq!(outcome(&unsafe { call(&raw mut *isolate, script.func()) }), Outcome::Killed);
            drop(isolate);
            isolate = code.isolate().0;
            world.started.store(0, SeqCst);
            world.ended.store(0, SeqCst);
        }
        assert_eq!(frames().0, frames().1, "seed {seed}, round {round}: a frame of the host was left out");
    }
}

#[test]
fn calls_end_as_their_scripts_say() {
    for seed in 1..=20 {
        follow_scripts(seed, 200, 0);
    }
}

#[test]
fn calls_end_as_their_scripts_say_while_everything_collects() {
    for seed in 101..=104 {
        follow_scripts(seed, 50, 1);
    }
}
