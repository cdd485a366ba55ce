//! Makes programs and isolates: the one place that knows both them and what is passed to them. That is the runtime
//! functions that compiled code enters, the functions that the runtime's own goroutines run, and the roots that an
//! isolate reports to the collector.
//!
//! A function that is not compiled yet is compiled here when it is first called.

use crate::code::arch::define_lazy_thunk;
use crate::code::arena::Exits;
use crate::code::stack::{self, SYSTEM_STACK};
use crate::heap::malloc::Heap;
use crate::heap::mgcroots::Roots;
use crate::sched::caught::Aside;
use crate::sched::control::Control;
use crate::sched::entry::runtime_fn_address;
use crate::sched::faults;
use crate::sched::finalizers::finalizer_goroutine;
use crate::sched::gateway::Gateway;
use crate::sched::host_call::aside;
use crate::sched::host_values::HostValues;
use crate::sched::isolate::{self, Isolate, Options, StackOptions};
use crate::sched::limits::Meter;
use crate::sched::panic::{raise_error, throw};
use crate::sched::pollserver::NetPoll;
use crate::sched::printer::Printer;
use crate::sched::program::{CompileError, Program};
use crate::sched::roots::IsolateRoots;
use crate::sched::runq::{OwnGoroutines, Sched};
use crate::sched::time::timer_goroutine;
use crate::types::errors;
use itab_abi::block::{GLOBALS, IsolateBlock};
use std::io;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A program without code.
///
/// # Errors
/// When the system refuses the memory for the arena.
pub fn new_program(arena_size: usize) -> io::Result<Arc<Program>> {
    errors::set_raise(raise_error);
    Program::new(arena_size, Exits { runtime_fn: runtime_fn_address, lazy: lazy_thunk as *const () as usize })
}

const OWN: OwnGoroutines = OwnGoroutines { timers: timer_goroutine, finalizers: finalizer_goroutine };

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl Isolate {
    /// An isolate of `program`, whose package variables have their initial values and whose init functions have not run.
    ///
    /// # Errors
    /// When the system refuses memory.
    pub fn new(program: Arc<Program>, options: Options) -> io::Result<Box<Isolate>> {
        faults::install();
        let globals = program.data.get().map_or(0, |d| d.size.max(d.bytes.len()));
        let block_len = (GLOBALS + globals).next_multiple_of(4096);
        let block = map_block(block_len)?;
        // SAFETY: just mapped, and nobody has seen it.
        let unmapped = |e: io::Error| unsafe {
            libc::munmap(block.cast(), block_len);
            e
        };
        let system_stack = options.stacks.alloc(SYSTEM_STACK).map_err(unmapped)?;
        // SAFETY: the block and its cells are zeroed and live as long as the isolate.
        let heap = unsafe { Heap::new(&options.heap, program.shapes.clone(), block) };
        let heap = heap.map_err(|e| {
            options.stacks.free([system_stack]);
            unmapped(e)
        })?;
        let mut isolate = Box::new(Isolate {
            block,
            block_len,
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            program,
            heap,
            roots: None,
            sched: Sched::new(block, OWN),
            // SAFETY: the gateway is part of this isolate, whose block it is.
            gateway: Gateway::new(options.grants, unsafe { Aside::new(block, aside) }),
            meter: Meter::new(options.limits),
            netpoll: NetPoll::default(),
            host_values: HostValues::default(),
            printer: Printer::default(),
            control: Control::new(block),
            stop: None,
            passed_on: None,
            args: options.args,
            env: options.env,
            embedder: None,
            system_stack,
            user_sp: 0,
            slice: options.slice,
            stack_options: StackOptions {
                pool: options.stacks,
                goroutine: stack::usable_size(options.goroutine_stack),
                main: stack::usable_size(options.main_stack),
            },
        });
        // SAFETY: the block is mapped and zeroed; the isolate stays in its box.
        unsafe { (*block).isolate = (&raw mut *isolate).cast() };
        isolate.init_globals();
        isolate.seed();
        let all = IsolateRoots { isolate: &raw mut *isolate, began: (0, [0; 12]) };
        let roots: NonNull<dyn Roots> = NonNull::from(&mut **isolate.roots.insert(Box::new(all)));
        // SAFETY: the roots live as long as the heap, which is dropped with them.
        unsafe { isolate.heap.set_roots(Some(roots)) };
        Ok(isolate)
    }

    /// Starts the random numbers of the runtime from the host's, if it gives any.
    fn seed(&mut self) {
        let mut seed = [0; 8];
        if self.gateway.fill_random(&mut seed) {
            self.sched.start_rand(u64::from_ne_bytes(seed));
        }
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
}

fn map_block(len: usize) -> io::Result<*mut IsolateBlock> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping anywhere.
    let at = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(at.cast()) }
}

define_lazy_thunk!(lazy_thunk, compile_lazily);

/// Code of function `number`, for the lazy thunk.
///
/// # Safety
/// Called by compiled code of the isolate with this block.
pub(crate) unsafe extern "C" fn compile_lazily(block: *mut IsolateBlock, number: u32) -> usize {
    // SAFETY: the block belongs to the running isolate, which keeps its program alive.
    let program = unsafe { isolate::program(block) };
    let mut result = Err(CompileError(String::new()));
    // SAFETY: the closure returns normally: a panic of the compiler is caught.
    unsafe {
        Isolate::on_system_stack(block, || {
            let compile = std::panic::AssertUnwindSafe(|| program.code_of(number));
            result =
                std::panic::catch_unwind(compile).unwrap_or_else(|_| Err(CompileError("the compiler panicked".into())));
        });
    }
    match result {
        Ok(code) => code,
        // SAFETY: as above; nothing else here needs dropping.
        Err(e) => unsafe { throw(block, format!("cannot compile: {}", e.0)) },
    }
}
