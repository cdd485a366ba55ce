//! One running program: its package variables, heap, goroutines, descriptors and limits.
//!
//! An isolate is used by one thread at a time; it may move between threads while no Go code of it runs. What the pinned
//! register points to, the block, is mapped together with the allocation cells and the package variables behind it.
//!
//! Runtime functions get the block as their first argument and reach the isolate through [`of`]. Because goroutine
//! switches and calls back into Go happen below them, they hold references to parts of the isolate only while they call
//! neither.

use crate::code::arch;
use crate::code::stack::{self, GOROUTINE_STACK, MAIN_STACK, SYSTEM_STACK, Stack, StackPool};
use crate::heap::malloc::{Heap, HeapOptions, OutOfMemory};
use crate::heap::mgcroots::{DroppedRoots, RootId, Roots};
use crate::sched::control::Control;
use crate::sched::gateway::{Capabilities, Descriptor, Gateway};
use crate::sched::netpoll::NetPoll;
use crate::sched::panic::PanicInfo;
use crate::sched::print::Printer;
use crate::sched::proc::{G, Sched};
use crate::sched::program::Program;
use crate::sched::roots::IsolateRoots;
use itab_abi::block::{GLOBALS, IsolateBlock};
use std::cell::Cell;
use std::ffi::c_void;
use std::io;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};

/// How an isolate is made.
pub struct Options {
    /// The heap.
    pub heap: HeapOptions,
    /// Where stacks come from.
    pub stacks: Arc<StackPool>,
    /// Size of a goroutine's stack; at least [`stack::LEAST_STACK`].
    pub goroutine_stack: usize,
    /// Size of the stack that a call from the host runs on.
    pub main_stack: usize,
    /// What the isolate may ask of the system.
    pub capabilities: Capabilities,
    /// Standard input, output and error.
    pub stdio: [Descriptor; 3],
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
            capabilities: Capabilities::default(),
            stdio: Gateway::process_stdio(),
            args: Vec::new(),
            env: Vec::new(),
        }
    }
}

/// Why a call into Go did not return.
#[derive(Clone, Debug)]
pub enum Exit {
    /// A panic that no deferred call recovered. The isolate can go on.
    Panic(Box<PanicInfo>),
    /// The goroutine that called ended by `runtime.Goexit`.
    Goexit,
    /// Goroutines hold frames of host functions that another thread called. Only that thread can go on with the isolate.
    WrongThread,
    /// The isolate has ended.
    Stopped(StopReason),
}

/// Why an isolate has ended. Every later call into it fails with the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// `os.Exit`.
    Exit(i32),
    /// An error that Go code cannot recover from: a fatal error of the runtime, or a panic of a goroutine that the
    /// program started. The text is what Go would print; the exit status is 2.
    Fatal(String),
    /// Stopped by the host.
    Killed,
    /// The deadline has passed.
    Deadline,
    /// A memory limit was exceeded.
    Memory(String),
}

/// One running program.
pub struct Isolate {
    /// What the pinned register points to.
    pub block: *mut IsolateBlock,
    block_len: usize,
    /// Tells isolates apart; never used again.
    pub id: u64,
    /// The program.
    pub program: Arc<Program>,
    /// Objects.
    pub heap: Heap,
    /// What the heap's collector starts from.
    roots: Box<IsolateRoots>,
    /// Goroutines.
    pub sched: Sched,
    /// Descriptors and rights.
    pub gateway: Gateway,
    pub(crate) netpoll: NetPoll,
    /// Output of print statements.
    pub printer: Printer,
    /// For other threads.
    pub control: Arc<Control>,
    /// Set once the isolate has ended.
    pub stop: Option<StopReason>,
    /// `os.Args`.
    pub args: Vec<String>,
    /// Environment.
    pub env: Vec<String>,
    /// Upper end of the part of the host's own stack that may hold pointers to objects, below which the call into Go
    /// happens; 0: none does.
    pub host_stack_base: usize,
    pub(crate) system_stack: Stack,
    /// Stack pointer of the code that called [`Isolate::on_system_stack`]; 0 while nothing runs there.
    pub(crate) user_sp: usize,
    pub(crate) stack_options: StackOptions,
}

pub(crate) struct StackOptions {
    pub pool: Arc<StackPool>,
    pub goroutine: usize,
    pub main: usize,
}

// SAFETY: an isolate owns its block, goroutines and stacks; nothing of it depends on a thread while no Go code runs, and
// running takes `&mut`. Host frames that parked goroutines hold were made from closures that are `Send`.
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

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static CURRENT: Cell<*mut IsolateBlock> = const { Cell::new(ptr::null_mut()) };
}

/// The block of the isolate that runs on this thread; nil if none does.
pub fn current() -> *mut IsolateBlock {
    CURRENT.get()
}

/// Makes `block` the current one; what it was before.
pub(crate) fn set_current(block: *mut IsolateBlock) -> *mut IsolateBlock {
    CURRENT.replace(block)
}

/// Keeps a Go object alive for the host until it is dropped, on any thread.
#[derive(Debug)]
pub struct HostRoot {
    id: RootId,
    dropped: DroppedRoots,
}

impl HostRoot {
    /// Keeps the object that `p` points into.
    ///
    /// # Safety
    /// `block` is the block of an isolate that no other thread uses.
    pub unsafe fn new(block: *mut IsolateBlock, p: *mut u8) -> HostRoot {
        // SAFETY: as the caller says.
        let heap = unsafe { &mut (*of(block)).heap };
        HostRoot { id: heap.new_root(p), dropped: heap.dropped_roots() }
    }

    /// Its number in the heap's table.
    pub fn id(&self) -> RootId {
        self.id
    }
}

impl Drop for HostRoot {
    fn drop(&mut self) {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).push(self.id);
    }
}

impl Isolate {
    /// An isolate of `program`, whose package variables have their initial values and whose init functions have not run.
    ///
    /// # Errors
    /// When the system refuses memory.
    pub fn new(program: Arc<Program>, options: Options) -> io::Result<Box<Isolate>> {
        crate::sched::faults::install();
        let globals = program.data.get().map_or(0, |d| d.size.max(d.bytes.len()));
        let block_len = (GLOBALS + globals).next_multiple_of(4096);
        let block = map_block(block_len)?;
        let system_stack = match options.stacks.alloc(SYSTEM_STACK) {
            Ok(stack) => stack,
            Err(e) => {
                // SAFETY: just mapped, and nobody has seen it.
                unsafe { libc::munmap(block.cast(), block_len) };
                return Err(e);
            }
        };
        // SAFETY: the block and its cells are zeroed and live as long as the isolate.
        let heap = unsafe { Heap::new(&options.heap, program.shapes.clone(), block) };
        let mut isolate = Box::new(Isolate {
            block,
            block_len,
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            program,
            heap,
            roots: Box::new(IsolateRoots { isolate: ptr::null_mut(), began: (0, [0; 12]) }),
            sched: Sched::default(),
            gateway: Gateway::new(options.capabilities, options.stdio),
            netpoll: NetPoll::default(),
            printer: Printer::default(),
            control: Control::new(block),
            stop: None,
            args: options.args,
            env: options.env,
            host_stack_base: 0,
            system_stack,
            user_sp: 0,
            stack_options: StackOptions {
                pool: options.stacks,
                goroutine: stack::usable_size(options.goroutine_stack),
                main: stack::usable_size(options.main_stack),
            },
        });
        // SAFETY: the block is mapped and zeroed; the isolate stays in its box.
        unsafe { (*block).isolate = (&raw mut *isolate).cast() };
        isolate.init_globals();
        isolate.roots.isolate = &raw mut *isolate;
        let roots: NonNull<dyn Roots> = NonNull::from(&mut *isolate.roots);
        // SAFETY: the roots live as long as the heap, which is dropped with them.
        unsafe { isolate.heap.set_roots(Some(roots)) };
        Ok(isolate)
    }

    fn init_globals(&mut self) {
        let Some(data) = self.program.data.get() else { return };
        let globals = self.globals();
        // SAFETY: the mapping holds `data.size` bytes of package variables, and relocations lie within them.
        unsafe {
            ptr::copy_nonoverlapping(data.bytes.as_ptr(), globals, data.bytes.len());
            for reloc in &data.relocs {
                assert!(reloc.at as usize + 8 <= data.size.max(data.bytes.len()), "a relocation in the image");
                let target = globals.wrapping_add(reloc.target as usize);
                globals.add(reloc.at as usize).cast::<*mut u8>().write_unaligned(target);
            }
        }
    }

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
            })
        })
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
        unsafe extern "C" fn run<F: FnOnce()>(f: *mut c_void) {
            // SAFETY: `f` points to the `Option` below, which is full.
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

fn map_block(len: usize) -> io::Result<*mut IsolateBlock> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping anywhere.
    let at = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(at.cast()) }
}

impl Drop for Isolate {
    fn drop(&mut self) {
        self.end_goroutines();
        self.control.detach();
        self.stack_options.pool.free([self.system_stack]);
        // SAFETY: the mapping is ours; no Go code of the isolate runs, and `control` has forgotten it.
        unsafe { libc::munmap(self.block.cast(), self.block_len) };
    }
}
