//! Calls of Go functions as futures.
//!
//! The call has a goroutine of its own and a frame that belongs to the isolate. A poll runs goroutines for a time slice
//! (`itab_runtime::sched::host_task`). While the future exists it has the isolate to itself.

use crate::border::func::{ArgPlaces, take_results};
use crate::border::results::TakeResults;
use crate::border::signature::FuncSig;
use crate::error::Error;
use crate::isolate::Isolate;
use crate::scope::Scope;
use itab_runtime::sched::exit::Exit;
use itab_runtime::sched::goroutine::Task;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A call of a Go function that was begun with [`Func::call_async`](crate::Func). It runs while it is polled, and other
/// goroutines of the isolate run meanwhile. It needs no particular runtime.
///
/// A poll lasts no longer than a time slice ([`IsolateOptions::time_slice`](crate::IsolateOptions::time_slice)), unless Go
/// calls a host function that takes longer, or that itself calls Go and waits: such a function keeps the thread until it has
/// returned.
///
/// Dropping it gives the call up: its goroutine ends as by `runtime.Goexit`, its deferred calls being run, when the isolate
/// is used the next time. It ends where it waits for a channel, a time, a descriptor or an async function of the host, whose
/// future is dropped at once. Where it waits for a lock, a `sync.WaitGroup` or a `sync.Cond` it ends after that. Nothing
/// else in the isolate is touched: goroutines that the call has started go on, as Go's do.
#[must_use = "a call runs while it is polled"]
pub struct Calling<'i, R> {
    isolate: &'i mut Isolate,
    state: State,
    _results: PhantomData<fn() -> R>,
}

enum State {
    /// It could not be begun.
    Failed(Error),
    Running(Running),
    Done,
}

struct Running {
    task: NonNull<Task>,
    sig: Arc<FuncSig>,
    frame: *const u8,
}

// SAFETY: a task and its frame belong to the isolate, which may move between threads; they are used by who has it.
unsafe impl Send for Running {}

impl<'i, R: TakeResults> Calling<'i, R> {
    /// Begins a call: `start` makes its task.
    pub(crate) fn new(
        isolate: &'i mut Isolate,
        start: impl FnOnce(&mut Scope<'_>) -> Result<Started, Error>,
    ) -> Calling<'i, R> {
        let started = isolate.scope().and_then(|mut scope| start(&mut scope));
        let state = match started {
            Ok(Started { task, sig, frame }) => State::Running(Running { task, sig, frame }),
            Err(e) => State::Failed(e),
        };
        Calling { isolate, state, _results: PhantomData }
    }
}

/// A call that has a task.
pub(crate) struct Started {
    task: NonNull<Task>,
    sig: Arc<FuncSig>,
    frame: *const u8,
}

/// Makes the task of a call: `give` writes the arguments.
///
/// # Safety
/// `enter` enters functions of this type, and `(code, context)` is one of the isolate's program, or 0.
pub(crate) unsafe fn start_in_frame(
    scope: &mut Scope<'_>,
    sig: &Arc<FuncSig>,
    enter: usize,
    (code, context): (usize, usize),
    give: impl FnOnce(ArgPlaces<'_>) -> Result<(), Error>,
) -> Result<Started, Error> {
    let cx = scope.own();
    let mut words = vec![0u64; sig.words];
    let frame = words.as_mut_ptr().cast::<u8>();
    let args = [code as u64, context as u64, frame as u64, 0];
    // SAFETY: the frame has places for arguments and results of the type, and stays where it is when the vector moves. The
    // isolate is this thread's, as the scope says.
    let task = cx.uninterrupted(|| unsafe {
        give(ArgPlaces::new(cx, sig, frame))?;
        (*cx.rt()).start_task(enter, args, words).map_err(|exit| Error::of_exit(exit, cx.id()))
    })?;
    Ok(Started { task: NonNull::new(task).expect("a task"), sig: sig.clone(), frame })
}

impl<R: TakeResults> Future for Calling<'_, R> {
    type Output = Result<R::Value, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let running = match &this.state {
            State::Running(running) => running,
            State::Done => panic!("a call is polled that is done"),
            State::Failed(_) => {
                let State::Failed(e) = std::mem::replace(&mut this.state, State::Done) else { unreachable!() };
                return Poll::Ready(Err(e));
            }
        };
        let id = this.isolate.id();
        // SAFETY: the task is of this isolate, and is done or given up only when the state says so.
        let done = unsafe { this.isolate.rt().poll_task(running.task.as_ptr(), cx.waker()) };
        let outcome = match done {
            Poll::Pending => return Poll::Pending,
            // It can go on, on the right thread.
            Poll::Ready(Err(Exit::WrongThread)) => return Poll::Ready(Err(Error::Thread)),
            Poll::Ready(outcome) => outcome,
        };
        let State::Running(running) = std::mem::replace(&mut this.state, State::Done) else { unreachable!() };
        // The goroutines of an isolate that has stopped are there as long as it is.
        let frees = !matches!(outcome, Err(Exit::Stopped(_)));
        let outcome = outcome.map_err(|exit| Error::of_exit(exit, id));
        let results = outcome.and_then(|()| {
            let mut scope = this.isolate.scope()?;
            // SAFETY: the frame of the call that has returned; its task is freed below.
            unsafe { take_results::<R>(scope.own(), &running.sig, running.frame.cast_mut()) }
        });
        if frees {
            // SAFETY: it is done.
            unsafe { this.isolate.rt().end_task(running.task.as_ptr()) };
        }
        Poll::Ready(results)
    }
}

impl<R> Drop for Calling<'_, R> {
    fn drop(&mut self) {
        if let State::Running(running) = &self.state {
            // SAFETY: the task is of this isolate and not done; the isolate is borrowed, so that none of its code runs.
            unsafe { self.isolate.rt().cancel_task(running.task.as_ptr()) };
        }
    }
}

impl<R> fmt::Debug for Calling<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Failed(_) => "Calling(failed)",
            State::Running(_) => "Calling(running)",
            State::Done => "Calling(done)",
        })
    }
}
