//! One running program: its package variables, heap, goroutines, descriptors and limits.
//!
//! An isolate is used by one thread at a time; it may move between threads while no Go code of it runs. The block, to
//! which the pinned register points, is mapped together with the allocation cells and the package variables that follow
//! it.
//!
//! Runtime functions get the block as their first argument and reach the isolate through [`of`]. They may switch
//! goroutines and call back into Go. So they hold references to parts of the isolate only while neither happens.

use crate::code::arch;
use crate::code::stack::{GOROUTINE_STACK, MAIN_STACK, Stack, StackPool};
use crate::heap::malloc::{Heap, HeapOptions, OutOfMemory};
use crate::heap::mgcroots::Roots;
use crate::sched::control::{Control, STOP};
use crate::sched::exit::{PanicInfo, StopReason};
use crate::sched::gateway::{Gateway, Grants};
use crate::sched::goroutine::G;
use crate::sched::host_values::HostValues;
use crate::sched::limits::{Limits, Meter};
use crate::sched::pollserver::NetPoll;
use crate::sched::printer::Printer;
use crate::sched::program::Program;
use crate::sched::runq::Sched;
use itab_abi::block::{GLOBALS, IsolateBlock};
use std::any::Any;
use std::ffi::c_void;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How an isolate is made.
pub struct Options {
    /// The heap.
    pub heap: HeapOptions,
    /// Where stacks come from.
    pub stacks: Arc<StackPool>,
    /// Size of a goroutine's stack; at least [`LEAST_STACK`](crate::code::stack::LEAST_STACK).
    pub goroutine_stack: usize,
    /// Size of the stack that a call from the host runs on.
    pub main_stack: usize,
    /// What the isolate gets of the system.
    pub grants: Grants,
    /// Limits other than memory and stacks.
    pub limits: Limits,
    /// How long goroutines run before a host that polls gets its thread back.
    pub slice: Duration,
    /// `os.Args`.
    pub args: Vec<String>,
    /// Environment, as `key=value`.
    pub env: Vec<String>,
}

impl Default for Options {
    fn default() -> Options {
        static POOL: OnceLock<Arc<StackPool>> = OnceLock::new();
        Options {
            heap: HeapOptions::default(),
            stacks: POOL.get_or_init(Arc::default).clone(),
            goroutine_stack: GOROUTINE_STACK,
            main_stack: MAIN_STACK,
            grants: Grants::default(),
            limits: Limits::default(),
            slice: Duration::from_millis(5),
            args: Vec::new(),
            env: Vec::new(),
        }
    }
}

/// One running program.
pub struct Isolate {
    /// What the pinned register points to.
    pub block: *mut IsolateBlock,
    pub(super) block_len: usize,
    /// Tells isolates apart; never used again.
    pub id: u64,
    /// The program.
    pub program: Arc<Program>,
    /// Objects.
    pub heap: Heap,
    /// What the heap's collector starts from.
    pub(super) roots: Option<Box<dyn Roots>>,
    /// Goroutines.
    pub sched: Sched,
    /// Descriptors and rights.
    pub gateway: Gateway,
    pub(crate) netpoll: NetPoll,
    /// Values of the host that Go holds.
    pub(super) host_values: HostValues,
    /// Output of print statements.
    pub printer: Printer,
    /// For other threads.
    pub control: Arc<Control>,
    /// Its limits, and what was used of them.
    pub(super) meter: Meter,
    /// Set once the isolate has ended.
    pub stop: Option<StopReason>,
    /// The newest panic that the host has passed on to Go: it is told as it was where it began.
    pub(crate) passed_on: Option<Box<PanicInfo>>,
    /// `os.Args`.
    pub args: Vec<String>,
    /// Environment.
    pub env: Vec<String>,
    /// What the embedding program keeps with the isolate, for its own functions.
    pub embedder: Option<Box<dyn Any + Send>>,
    pub(crate) system_stack: Stack,
    /// Stack pointer of the code that called [`Isolate::on_system_stack`]; 0 while nothing runs there.
    pub(crate) user_sp: usize,
    pub(crate) stack_options: StackOptions,
    pub(super) slice: Duration,
}

pub(crate) struct StackOptions {
    pub pool: Arc<StackPool>,
    pub goroutine: usize,
    pub main: usize,
}

// SAFETY: an isolate owns its block, goroutines and stacks; nothing of it depends on a thread while no Go code runs,
// and running takes `&mut`. Host frames that parked goroutines hold were made from closures that are `Send`.
unsafe impl Send for Isolate {}

/// The isolate that a block belongs to.
///
/// # Safety
/// `block` is the block of a live isolate.
#[inline(always)]
pub unsafe fn of(block: *mut IsolateBlock) -> *mut Isolate {
    // SAFETY: the field is set once, when the isolate is made.
    unsafe { (*block).isolate.cast() }
}

/// The program of the isolate that a block belongs to.
///
/// # Safety
/// `block` is the block of an isolate that outlives `'a`.
#[inline(always)]
pub unsafe fn program<'a>(block: *mut IsolateBlock) -> &'a Program {
    // SAFETY: the isolate keeps its program alive.
    unsafe { &*Arc::as_ptr(&(*of(block)).program) }
}

/// The running goroutine.
///
/// # Safety
/// `block` is the block of an isolate that runs a goroutine on this thread.
#[inline(always)]
pub unsafe fn getg(block: *mut IsolateBlock) -> *mut G {
    // SAFETY: the field is the running goroutine.
    unsafe { (*block).g.cast() }
}

impl Isolate {
    /// First byte of the package variables.
    pub fn globals(&self) -> *mut u8 {
        self.block.cast::<u8>().wrapping_add(GLOBALS)
    }

    /// Why the isolate has ended, if it has.
    pub fn stop_reason(&self) -> Option<StopReason> {
        use crate::sched::control::Stopped;
        self.stop.clone().or_else(|| {
            self.control.stopped().map(|s| match s {
                Stopped::Killed => StopReason::Killed,
                Stopped::Deadline => StopReason::Deadline,
                Stopped::Cpu => StopReason::CpuTime(self.meter.limits.cpu.unwrap_or_default()),
            })
        })
    }

    /// Whether it has ended, or is to end as soon as it runs.
    #[inline]
    pub(crate) fn has_stopped(&self) -> bool {
        self.stop.is_some() || self.control.pending() & STOP != 0
    }

    /// Ends it for this reason, unless it has ended for another.
    pub(crate) fn end(&mut self, reason: StopReason) {
        self.stop.get_or_insert(reason);
        self.sched.unusual = true;
    }

    /// Why it has stopped, which is known to be so.
    #[cold]
    pub(crate) fn why_stopped(&self) -> StopReason {
        self.stop_reason().unwrap_or(StopReason::Killed)
    }

    /// Collects garbage: `runtime.GC`.
    ///
    /// # Safety
    /// `block` belongs to the isolate that runs on this thread.
    pub unsafe fn collect_now(block: *mut IsolateBlock) {
        // SAFETY: as the caller says; a collection neither unwinds nor switches goroutines.
        unsafe {
            Isolate::on_system_stack(block, || {
                (*of(block)).heap.collect_now();
            });
        }
    }

    /// Counts bytes outside of the heap against the memory limit, for as long as the isolate lives. May collect.
    ///
    /// # Errors
    /// When the limit does not allow it.
    ///
    /// # Safety
    /// As [`Isolate::collect_now`], or no Go code of the isolate runs.
    pub(crate) unsafe fn charge(block: *mut IsolateBlock, bytes: usize) -> Result<(), OutOfMemory> {
        let mut charged = Ok(());
        // SAFETY: as the caller says; charging neither unwinds nor switches goroutines.
        unsafe { Isolate::on_system_stack(block, || charged = (*of(block)).heap.charge(bytes)) };
        charged
    }

    /// Runs `f` on the isolate's system stack, or where it is if that is the system stack already.
    ///
    /// # Safety
    /// `block` belongs to the isolate that runs on this thread. `f` does not unwind, panic in Go or switch goroutines.
    pub unsafe fn on_system_stack<F: FnOnce()>(block: *mut IsolateBlock, f: F) {
        /// # Safety
        /// `f` points to an `Option<F>` that is full and that nothing else uses meanwhile.
        unsafe extern "C" fn run<F: FnOnce()>(f: *mut c_void) {
            // SAFETY: as the caller says.
            let f = unsafe { &mut *f.cast::<Option<F>>() };
            f.take().expect("called once")();
        }
        // SAFETY: as the caller says.
        let isolate = unsafe { of(block) };
        // SAFETY: plain loads and stores of the isolate's fields; the system stack is unused when `user_sp` is 0.
        unsafe {
            if (*isolate).user_sp != 0 {
                f();
                return;
            }
            let mut f = Some(f);
            let top = (*isolate).system_stack.hi & !15;
            arch::call_on_stack(run::<F>, (&raw mut f).cast(), top, &raw mut (*isolate).user_sp);
            (*isolate).user_sp = 0;
        }
    }
}

impl Drop for Isolate {
    fn drop(&mut self) {
        self.end_goroutines();
        self.drop_all_values();
        self.control.detach();
        self.stack_options.pool.free([self.system_stack]);
        // SAFETY: the mapping is ours; no Go code of the isolate runs, and `control` has forgotten it.
        unsafe { libc::munmap(self.block.cast(), self.block_len) };
    }
}
