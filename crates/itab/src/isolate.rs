//! Isolates: running instances of a program, the limits that the host sets, and the handle that ends one from outside.

use crate::border::Func;
use crate::border::crossing::Cx;
use crate::border::func::Signature;
use crate::error::Error;
use crate::program::Shared;
use crate::scope::Scope;
use itab_runtime::code::arch::CallRegs;
use itab_runtime::sched::control::Control;
use itab_runtime::sched::gateway::{Capabilities, Descriptor};
use itab_runtime::sched::isolate::{Isolate as RtIsolate, Options as RtOptions};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What an isolate may do and what it starts with. The default is for embedding: no arguments, no environment, no rights
/// but the host's standard output and error.
#[derive(Default)]
pub struct IsolateOptions {
    pub(crate) rt: RtOptions,
}

impl IsolateOptions {
    /// Everything that a command has: arguments, this process's environment and all rights; large stacks.
    pub fn command_line(args: impl IntoIterator<Item = String>) -> IsolateOptions {
        let rt = RtOptions {
            args: args.into_iter().collect(),
            env: std::env::vars_os().map(|(k, v)| format!("{}={}", k.to_string_lossy(), v.to_string_lossy())).collect(),
            capabilities: Capabilities::everything(),
            main_stack: 1 << 30,
            goroutine_stack: 64 << 20,
            ..RtOptions::default()
        };
        IsolateOptions { rt }
    }

    /// Switches that make errors of the collector show at once, as `name=value` separated by commas: `gcstress=N` (collect
    /// at every Nth allocation that leaves compiled code, less often as it costs more than some seconds, and let every
    /// allocation leave it), `clobberfree=1` (overwrite what is freed), `gccheck=1` (verify every marking).
    ///
    /// # Errors
    /// Names the switch that is unknown or has a wrong value.
    pub fn debug(mut self, switches: &str) -> Result<IsolateOptions, String> {
        let debug = &mut self.rt.heap.debug;
        for switch in switches.split(',').filter(|s| !s.is_empty()) {
            let (name, value) = switch.split_once('=').unwrap_or((switch, "1"));
            let value: u64 = value.parse().map_err(|_| format!("debug switch {switch}: {value} is not a number"))?;
            match name {
                "gcstress" => {
                    debug.stress_every = value;
                    debug.stress_budget = Duration::from_secs(2);
                    debug.no_cells = value > 0;
                    debug.clobberfree |= value > 0;
                }
                "clobberfree" => debug.clobberfree = value > 0,
                "gccheck" => debug.gccheck = value > 0,
                _ => {
                    return Err(format!("debug switch {name} is unknown: there are gcstress, clobberfree and gccheck"));
                }
            }
        }
        Ok(self)
    }

    /// Where output of `print` and standard output and error go, and where standard input comes from.
    pub fn stdio(mut self, stdio: [Descriptor; 3]) -> IsolateOptions {
        self.rt.stdio = stdio;
        self
    }

    /// Most bytes of memory: heap, stacks and what the program makes while it runs.
    pub fn memory_limit(mut self, bytes: usize) -> IsolateOptions {
        self.rt.heap.limit = bytes;
        self
    }

    /// Size of a goroutine's stack, in bytes of address space; at least half a megabyte. What is used of it counts against
    /// the memory limit.
    pub fn goroutine_stack(mut self, bytes: usize) -> IsolateOptions {
        self.rt.goroutine_stack = bytes;
        self
    }

    /// Size of the stack that a call of the host runs on, in bytes of address space; at least half a megabyte. What is
    /// used of it counts against the memory limit.
    pub fn main_stack(mut self, bytes: usize) -> IsolateOptions {
        self.rt.main_stack = bytes;
        self
    }
}

/// One running program: its own heap, package variables and goroutines. Used by one thread at a time.
pub struct Isolate {
    rt: Box<RtIsolate>,
    shared: Arc<Shared>,
    init: Init,
}

/// How far package initialisation has come.
enum Init {
    NotRun,
    Done,
    /// The packages are half initialised: nothing may run on them.
    Failed(Error),
}

/// Reaches an isolate from other threads. Does not keep it alive.
#[derive(Clone)]
pub struct Handle(Arc<Control>);

impl Handle {
    /// Ends the isolate: what runs in it stops at its next call or loop, and every later call fails with
    /// [`Error::Killed`].
    pub fn kill(&self) {
        self.0.kill();
    }

    /// Ends the isolate at a time, with [`Error::Deadline`]; none takes the deadline back.
    pub fn set_deadline(&self, at: Option<Instant>) {
        self.0.set_deadline(at);
    }
}

impl Isolate {
    pub(crate) fn new(shared: Arc<Shared>, options: IsolateOptions) -> Result<Isolate, Error> {
        let rt = RtIsolate::new(shared.runtime.clone(), options.rt).map_err(|e| Error::Memory(e.to_string()))?;
        Ok(Isolate { rt, shared, init: Init::NotRun })
    }

    /// A handle for other threads.
    pub fn handle(&self) -> Handle {
        Handle(self.rt.control.clone())
    }

    /// Runs package initialisation, if it has not run, and `main.main`.
    ///
    /// # Errors
    /// When the program panics, exits or is ended.
    pub fn run_main(&mut self) -> Result<(), Error> {
        self.init()?;
        self.run(self.shared.main_code()?)
    }

    /// Package initialisation runs once, before anything else. If it fails, the isolate stays unusable.
    fn init(&mut self) -> Result<(), Error> {
        match &self.init {
            Init::Done => return Ok(()),
            Init::Failed(why) => return Err(why.clone()),
            Init::NotRun => {}
        }
        let done = match self.shared.init_code() {
            Ok(Some(code)) => self.run(code),
            Ok(None) => Ok(()),
            Err(e) => Err(e),
        };
        self.init = done.as_ref().map_or_else(|e| Init::Failed(e.clone()), |()| Init::Done);
        done
    }

    fn run(&mut self, code: usize) -> Result<(), Error> {
        // SAFETY: code of this program's function without parameters or results.
        let done = unsafe { self.rt.enter(code, &mut CallRegs::default()) };
        done.map_err(|exit| Error::of_exit(exit, self.rt.id))
    }

    /// A scope, in which Go is called and Go values are looked at. Package initialisation runs first, if it has not run.
    ///
    /// # Errors
    /// How initialisation failed: an isolate whose initialisation has failed answers that to every call.
    #[inline]
    pub fn scope(&mut self) -> Result<Scope<'_>, Error> {
        if !matches!(self.init, Init::Done) {
            self.init()?;
        }
        let isolate = NonNull::from(&mut *self.rt);
        // SAFETY: the isolate is borrowed mutably for as long as the scope lives.
        Ok(unsafe { Scope::new(Cx::new(isolate, &self.shared)) })
    }

    /// Runs `f` in a scope. Package initialisation runs first, if it has not run.
    ///
    /// # Errors
    /// What `f` returns, or how initialisation failed.
    pub fn enter<R>(&mut self, f: impl FnOnce(&mut Scope<'_>) -> Result<R, Error>) -> Result<R, Error> {
        f(&mut self.scope()?)
    }

    /// A function of the program by its name: `Judge` in the package that was loaded, `path/of/package.Judge` in others. Its
    /// type is checked here, once. The function may be called in all isolates of the program.
    ///
    /// # Errors
    /// [`Error::NoSuchFunc`], which names those with similar names; [`Error::Signature`] when the Rust signature does not fit.
    pub fn func<F: Signature>(&self, name: &str) -> Result<Func<F>, Error> {
        self.shared.func(name)
    }

    /// Runs goroutines until all of them wait or have ended.
    ///
    /// # Errors
    /// When the isolate has ended, or its initialisation has failed.
    pub fn run_until_idle(&mut self) -> Result<(), Error> {
        if let Init::Failed(why) = &self.init {
            return Err(why.clone());
        }
        let id = self.rt.id;
        self.rt.run_until_idle().map_err(|exit| Error::of_exit(exit, id))
    }
}
