//! Isolates: running instances of a program, and the handle that ends one from outside.

use crate::border::Func;
use crate::border::crossing::Cx;
use crate::border::func::Signature;
use crate::error::Error;
use crate::options::IsolateOptions;
use crate::program::Shared;
use crate::scope::Scope;
use crate::state::borrowed_mut;
use itab_runtime::sched::control::Control;
use itab_runtime::sched::isolate::Isolate as RtIsolate;
use itab_runtime::sched::limits::sooner;
use std::cell::RefMut;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

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

    /// How long there is until the first of the deadlines; none if there is none.
    pub fn time_left(&self) -> Option<Duration> {
        self.0.time_left()
    }

    /// Ends the isolate at a time, with [`Error::Deadline`]; none takes the deadline back.
    pub fn set_deadline(&self, at: Option<Instant>) {
        self.0.set_deadline(at);
    }
}

impl Isolate {
    pub(crate) fn new(shared: Arc<Shared>, options: IsolateOptions) -> Result<Isolate, Error> {
        if let Some((package, state)) = shared.needs.iter().find(|(_, state)| !options.states.has(*state)) {
            return Err(Error::State { package: package.clone(), state: (state.name)() });
        }
        let (options, states) = options.checked(shared.starts.forges.as_deref())?;
        let mut rt = RtIsolate::new(shared.runtime.clone(), options).map_err(|e| Error::Memory(e.to_string()))?;
        rt.embedder = states.boxed();
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
        // From here on a call allocates nothing before it runs.
        let ready = self.rt.make_ready().map_err(|exit| Error::of_exit(exit, self.rt.id));
        let done = match ready.and_then(|()| self.shared.init_code()) {
            Ok(Some(code)) => self.run(code),
            Ok(None) => Ok(()),
            Err(e) => Err(e),
        };
        self.init = done.as_ref().map_or_else(|e| Init::Failed(e.clone()), |()| Init::Done);
        done
    }

    fn run(&mut self, code: usize) -> Result<(), Error> {
        // SAFETY: code of this program's function without parameters or results.
        let done = unsafe { self.rt.call(code, [0; 4]) };
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

    /// Lets every call of the host take so long at most, what it waits included; none: as long as it takes. When a call
    /// takes longer, the isolate ends with [`Error::Deadline`].
    pub fn set_call_deadline(&mut self, most: Option<Duration>) {
        self.rt.set_call_limit(most);
    }

    /// Ends the isolate with [`Error::Deadline`] if `f` takes longer than `most`. Within another such call, or one with a
    /// shorter [`IsolateOptions::call_deadline`], the earlier deadline counts.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let engine = itab::Engine::builder().file("spin.go", "package main\nfunc main() { for {} }").build();
    /// # let program = engine.load(&["spin.go"])?;
    /// use std::time::Duration;
    /// let mut isolate = program.isolate()?;
    /// let done = isolate.with_deadline(Duration::from_millis(50), |isolate| isolate.run_main());
    /// assert!(matches!(done, Err(itab::Error::Deadline)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_deadline<R>(&mut self, most: Duration, f: impl FnOnce(&mut Isolate) -> R) -> R {
        let control = self.rt.control.clone();
        let outer = control.call_deadline();
        control.set_call_deadline(Some(sooner(outer, Instant::now() + most)));
        // Also when `f` panics.
        struct Restore(Arc<Control>, Option<Instant>);
        impl Drop for Restore {
            fn drop(&mut self) {
                self.0.set_call_deadline(self.1);
            }
        }
        let _restore = Restore(control, outer);
        f(self)
    }

    /// How long there is until the first of the deadlines: the isolate's, and that of the call that runs. None if there
    /// is no deadline.
    pub fn time_left(&self) -> Option<Duration> {
        self.rt.control.time_left()
    }

    /// What the isolate was given by [`IsolateOptions::state`].
    ///
    /// # Errors
    /// When it was given none of the type, or a function that has not returned has it.
    pub fn state<S: Send + 'static>(&mut self) -> Result<RefMut<'_, S>, Error> {
        let isolate = NonNull::from(&mut *self.rt);
        // SAFETY: the isolate is borrowed mutably for as long as the value is.
        borrowed_mut(unsafe { Cx::new(isolate, &self.shared) })
    }

    pub(crate) fn rt(&mut self) -> &mut RtIsolate {
        &mut self.rt
    }

    /// Number of the isolate.
    pub(crate) fn id(&self) -> u64 {
        self.rt.id
    }

    /// Runs goroutines for a time slice, for event loops: `poll_fn(|cx| isolate.poll_idle(cx)).await`. It is ready when all
    /// goroutines have ended, or wait for what only the host's next call can bring. Otherwise the context's waker is woken when
    /// it is worth another poll: when a timer is due, a descriptor ready, or an async function of the host done.
    ///
    /// # Errors
    /// When the isolate has ended, or its initialisation has failed.
    pub fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if let Init::Failed(why) = &self.init {
            return Poll::Ready(Err(why.clone()));
        }
        let id = self.rt.id;
        self.rt.poll_idle(cx.waker()).map_err(|exit| Error::of_exit(exit, id))
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
