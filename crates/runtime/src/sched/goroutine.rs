//! Goroutines as the scheduler sees them: their state, their stacks, what they run and what they wait for.

use crate::code::arch::Link;
use crate::code::stack::Stack;
use crate::sched::exit::Exit;
use crate::sched::wait_reason::WaitReason;
use itab_abi::block::IsolateBlock;
use itab_abi::defer::DeferFrame;
use itab_abi::value::FuncVal;
use std::ffi::c_void;
use std::ptr;
use std::time::Instant;

/// What a goroutine is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Waits for its turn.
    Runnable,
    /// Runs.
    Running,
    /// Waits to be made ready.
    Waiting(WaitReason),
    /// Has ended.
    Dead,
}

/// A goroutine.
pub struct G {
    /// Its number, from 1.
    pub goid: u64,
    /// State.
    pub status: Status,
    /// Its stack.
    pub stack: Stack,
    /// Compiled code stays above: what lies between here and the stack's end is charged to the isolate. When it is used
    /// up, `proc::morestack` charges more, down to the stack's own limit.
    pub(crate) granted: usize,
    /// Stack pointer while it does not run.
    pub sp: usize,
    /// `IsolateBlock::defer` while it does not run; the next ones likewise.
    pub defer: *mut DeferFrame,
    /// Innermost panic.
    pub panic: *mut c_void,
    /// Where its compiled code left for Rust.
    pub go_sp: usize,
    /// The frame pointer there.
    pub go_fp: usize,
    /// The innermost call from Rust that a panic or stop ends.
    pub entry: *mut GoCall,
    /// What woke it: a `Sudog` for channel operations.
    pub param: *mut c_void,
    /// One of the channels that it selects from has served it.
    pub select_done: bool,
    /// Counts its sleeps, so that a timer for an earlier one is not obeyed.
    pub sleeps: u64,
    /// Where the `go` statement was: a return address, and the goroutine's number.
    pub created_by: (usize, u64),
    /// Whether the host has given its call up.
    pub(crate) cancel: Cancel,
    /// `debug.SetPanicOnFault`: bad addresses are panics, not fatal errors.
    pub panic_on_fault: bool,
    /// Its bubble's number, see [`crate::sched::synctest`]; 0: none.
    pub(crate) bubble: u32,
    /// Only its bubble can wake it.
    pub(crate) durably_blocked: bool,
    /// What it runs.
    pub(crate) start: Start,
    pub(super) block: *mut IsolateBlock,
}

/// What a goroutine runs.
pub(crate) enum Start {
    /// Calls of the host, one after the other.
    Host,
    /// A call of the host that goes on between polls.
    Task(*mut Task),
    /// A `go` statement's function.
    Func(*const FuncVal),
    /// A coroutine.
    Coro(*mut Coro),
    /// The functions of timers.
    Timers,
    /// Finalizers and cleanups.
    Finalizers,
}

/// The end of a goroutine that the host has asked for, see [`crate::sched::cancel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancel {
    /// It was not.
    No,
    /// The goroutine is to end.
    Asked,
    /// Its deferred calls run.
    Begun,
}

/// A call of the host that goes on between polls, see [`crate::sched::host_task`]. It belongs to the isolate.
pub struct Task {
    pub(super) g: *mut G,
    pub(super) code: usize,
    pub(super) args: [u64; 4],
    /// What the arguments may point to.
    pub(super) frame: Vec<u64>,
    /// When the isolate is stopped if the call is not done, and when otherwise.
    pub(super) deadlines: Option<(Instant, Option<Instant>)>,
}

impl G {
    /// A goroutine that has not run yet.
    pub(super) fn new(block: *mut IsolateBlock, goid: u64, (stack, granted): (Stack, usize), start: Start) -> G {
        G {
            goid,
            status: Status::Runnable,
            stack,
            granted,
            sp: 0,
            defer: ptr::null_mut(),
            panic: ptr::null_mut(),
            go_sp: 0,
            go_fp: 0,
            entry: ptr::null_mut(),
            param: ptr::null_mut(),
            select_done: false,
            sleeps: 0,
            created_by: (0, 0),
            cancel: Cancel::No,
            panic_on_fault: false,
            bubble: 0,
            durably_blocked: false,
            start,
            block,
        }
    }

    /// Whether it is the runtime's own.
    pub(crate) fn is_system(&self) -> bool {
        matches!(self.start, Start::Timers | Start::Finalizers)
    }
}

/// A call from Rust into Go. Lies in the frame of `enter::enter_nested`; for calls of the host at the upper end of the
/// main goroutine's stack.
pub struct GoCall {
    /// Where it is on the stack.
    pub(super) link: Link,
    /// The next outer one on the same goroutine.
    pub(crate) prev: *mut GoCall,
    /// The goroutine's deferred calls and panics outside of this entry.
    pub(crate) defer: *mut DeferFrame,
    pub(crate) panic: *mut c_void,
    pub(super) exit: Option<Exit>,
}

/// `runtime.coro`, an object of the Go heap.
#[repr(C)]
pub struct Coro {
    /// The goroutine that is suspended: the coroutine's, or the one that switched to it.
    pub(crate) g: *mut G,
    /// `func(*coro)`.
    pub(crate) f: *const FuncVal,
}
