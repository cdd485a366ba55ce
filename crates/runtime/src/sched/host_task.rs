//! Calls of the host that go on between polls, for hosts with an event loop.
//!
//! A [`Task`] is such a call: a goroutine, and memory for its arguments and results. While the host polls it
//! ([`Isolate::poll_task`]) goroutines run as in a blocking call, but for two things. The host gets its thread back when its
//! time slice is over: the watchdog's next request for preemption then suspends the running goroutine. It also gets it
//! back when nothing is left to run. Whatever would wake a waiting scheduler then wakes the host's waker:
//! [`Control::wake`](crate::sched::control::Control::wake), and the watchdog for timers.
//!
//! A poll does not pause while frames of host functions are suspended on goroutines, because these belong to the thread:
//! it goes on as a blocking call does.
//!
//! A task that is given up is cancelled: its goroutine ends as by `Goexit` (see [`crate::sched::cancel`]).
//!
//! A host that waits for a channel has no goroutine. It watches the channel while goroutines run, and looks again
//! when the channel can be used. So giving up such a wait loses no value.

use crate::sched::clock::nanotime;
use crate::sched::exit::{Exit, StopReason};
use crate::sched::goroutine::{Cancel, Start, Status, Task};
use crate::sched::hchan::{ChanWatch, Hchan};
use crate::sched::isolate::Isolate;
use crate::sched::limits::sooner;
use crate::sched::slice::Slice;
use crate::sched::time;
use std::ptr;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

impl Isolate {
    /// Makes a goroutine for a call of `code`, which takes up to four integers, and has it wait for the first poll. `frame` is
    /// memory that the arguments may point to; what it points to is kept alive. The task belongs to the isolate, until
    /// [`Isolate::end_task`].
    ///
    /// # Errors
    /// When the isolate has ended, or there is no room for a stack.
    ///
    /// # Safety
    /// `code` is code of this isolate's program that takes these arguments.
    pub unsafe fn start_task(&mut self, code: usize, args: [u64; 4], frame: Vec<u64>) -> Result<*mut Task, Exit> {
        if let Some(reason) = self.stop_reason() {
            return Err(Exit::Stopped(reason));
        }
        let task =
            Box::into_raw(Box::new(Task { g: ptr::null_mut(), code, args, frame, deadlines: self.call_deadlines() }));
        self.sched.tasks.push(task);
        match self.new_g(Start::Task(task)) {
            Ok(g) => {
                // SAFETY: just made.
                unsafe { (*task).g = g };
                self.sched.put(g);
                Ok(task)
            }
            Err(e) => {
                self.sched.end_task(task);
                Err(Exit::Stopped(StopReason::Memory(e.to_string())))
            }
        }
    }

    /// The deadline of a call that begins now, and that of what it is a part of.
    fn call_deadlines(&self) -> Option<(Instant, Option<Instant>)> {
        let outer = self.control.call_deadline();
        self.meter.limits.call.map(|most| (sooner(outer, Instant::now() + most), outer))
    }

    /// Runs goroutines until the task is done, the time slice is over, or nothing can run now; `waker` is woken when it is
    /// worth another poll.
    ///
    /// # Safety
    /// The task is of this isolate and is neither done nor given up.
    pub unsafe fn poll_task(&mut self, task: *mut Task, waker: &Waker) -> Poll<Result<(), Exit>> {
        if self.is_foreign_thread() {
            return Poll::Ready(Err(Exit::WrongThread));
        }
        // SAFETY: as the caller says.
        let (g, deadlines) = unsafe { ((*task).g, (*task).deadlines) };
        if let Some((deadline, _)) = deadlines {
            // Also while nothing runs: it is what the call takes, its waits included.
            self.control.set_call_deadline(Some(deadline));
        }
        self.sched.task = Some(g);
        let again = self.run_slice(waker);
        self.sched.task = None;
        match (self.sched.outcome.take(), self.stop_reason()) {
            (Some(outcome), _) => return Poll::Ready(outcome),
            (None, Some(reason)) => return Poll::Ready(Err(Exit::Stopped(reason))),
            (None, None) => {}
        }
        let next = self.next_alarm();
        self.expect_wake(again, next, waker);
        Poll::Pending
    }

    /// Frees a task that is done.
    ///
    /// # Safety
    /// A poll has said so.
    pub unsafe fn end_task(&mut self, task: *mut Task) {
        self.stop_expecting();
        // SAFETY: as the caller says.
        unsafe { self.forget_deadline(task) };
        self.sched.end_task(task);
    }

    /// Nobody waits for a task any more: its goroutine ends at the next occasion, its deferred calls being run. Where it
    /// waits for something that can be given up, it gives that up.
    ///
    /// # Safety
    /// As [`Isolate::poll_task`], and no Go code of the isolate runs.
    pub unsafe fn cancel_task(&mut self, task: *mut Task) {
        self.stop_expecting();
        // SAFETY: as the caller says.
        unsafe { self.forget_deadline(task) };
        // SAFETY: as the caller says; goroutines live as long as the isolate.
        unsafe {
            let g = (*task).g;
            (*g).cancel = Cancel::Asked;
            if let Some(what) = self.sched.awaited.drop_call_of(g) {
                self.sched.forget_completion(what);
            }
            if let Status::Waiting(reason) = (*g).status
                && (*g).bubble == 0
                && reason.can_be_given_up()
            {
                self.sched.put(g);
            }
        }
    }

    /// The deadline of a task does not count any more.
    ///
    /// # Safety
    /// The task is of this isolate.
    unsafe fn forget_deadline(&mut self, task: *mut Task) {
        // SAFETY: as the caller says.
        if let Some((_, outer)) = unsafe { (*task).deadlines } {
            self.control.set_call_deadline(outer);
        }
    }

    /// Runs goroutines for a time slice. It is ready when all of them have ended or wait for the host's next call; otherwise
    /// `waker` is woken when it is worth another poll.
    pub fn poll_idle(&mut self, waker: &Waker) -> Poll<Result<(), Exit>> {
        if self.is_foreign_thread() {
            return Poll::Ready(Err(Exit::WrongThread));
        }
        let again = self.run_slice(waker);
        if let Some(reason) = self.stop_reason() {
            return Poll::Ready(Err(Exit::Stopped(reason)));
        }
        let next = self.next_alarm();
        if !again && next.is_none() && !self.sched.waits_for_threads() {
            self.stop_expecting();
            return Poll::Ready(Ok(()));
        }
        self.expect_wake(again, next, waker);
        Poll::Pending
    }

    /// Runs goroutines until a channel can be used: until a send to it, or a receive from it, would not wait. False: all are
    /// asleep, so that it never will be.
    ///
    /// # Errors
    /// When the isolate has ended.
    ///
    /// # Safety
    /// The channel is nil or one of this isolate's that is kept alive, and no Go code of the isolate runs.
    pub unsafe fn run_for_channel(&mut self, chan: *mut Hchan, send: bool) -> Result<bool, Exit> {
        if self.is_foreign_thread() {
            return Err(Exit::WrongThread);
        }
        // SAFETY: as the caller says.
        let (served, _) = unsafe { self.watching(chan, send, Isolate::run_next) };
        self.stop_reason().map_or(Ok(served), |reason| Err(Exit::Stopped(reason)))
    }

    /// Runs goroutines for a time slice, or until a channel can be used: then it is ready. Otherwise `waker` is woken when it is
    /// worth another poll; never if all goroutines are asleep.
    ///
    /// # Safety
    /// As [`Isolate::run_for_channel`].
    pub unsafe fn poll_for_channel(&mut self, chan: *mut Hchan, send: bool, waker: &Waker) -> Poll<Result<(), Exit>> {
        if self.is_foreign_thread() {
            return Poll::Ready(Err(Exit::WrongThread));
        }
        let mut again = false;
        // SAFETY: as the caller says.
        let (served, next) = unsafe { self.watching(chan, send, |isolate| again = isolate.run_slice(waker)) };
        if let Some(reason) = self.stop_reason() {
            return Poll::Ready(Err(Exit::Stopped(reason)));
        }
        if served {
            return Poll::Ready(Ok(()));
        }
        self.expect_wake(again, next, waker);
        Poll::Pending
    }

    /// Runs `f` while a channel is watched; whether it can be used then, and when the next timer is due.
    ///
    /// # Safety
    /// As [`Isolate::run_for_channel`].
    unsafe fn watching(&mut self, chan: *mut Hchan, send: bool, f: impl FnOnce(&mut Isolate)) -> (bool, Option<i64>) {
        let block = self.block;
        let next;
        self.sched.watch = Some(ChanWatch { chan, send });
        // SAFETY: as the caller says: the channel is alive. A timer's channel has its timer set while somebody waits.
        unsafe {
            if !chan.is_null() {
                time::block_on(block, chan);
            }
            f(self);
            next = self.next_alarm();
            if !chan.is_null() {
                time::unblock(block, chan);
            }
        }
        (self.sched.watch.take().is_some_and(|watch| watch.is_served()), next)
    }

    /// When the next timer is due, by [`nanotime`]. A clock of the host is asked again soon.
    fn next_alarm(&mut self) -> Option<i64> {
        const ASK: Duration = Duration::from_millis(1);
        let next = self.sched.timers.next()?;
        Some(if self.gateway.has_clock() { nanotime() + ASK.as_nanos() as i64 } else { next })
    }

    /// Runs goroutines for a time slice; whether more could have run.
    fn run_slice(&mut self, waker: &Waker) -> bool {
        // Before anything is looked at: whatever happens from here on wakes it.
        self.control.set_waker(waker);
        self.control.set_alarm(None);
        let slice = Slice::new(self.slice);
        self.control.slice_begins(slice.end(), self.slice);
        self.sched.slice = Some(slice);
        self.run_next();
        self.sched.slice = None;
        self.control.slice_ends();
        self.sched.has_runnable()
    }

    /// Runs goroutines until the scheduler goes back to the host.
    fn run_next(&mut self) {
        if let Some(g) = self.find_runnable() {
            // SAFETY: a runnable goroutine of this isolate, of which no Go code runs.
            unsafe { self.run_from_host(g) };
        }
        if self.has_stopped() {
            self.sched.awaited.drop_all();
        }
    }

    /// Sees to it that the host polls again: at once, when the next timer is due, or when something else happens.
    fn expect_wake(&mut self, again: bool, next: Option<i64>, waker: &Waker) {
        if again {
            waker.wake_by_ref();
        } else {
            self.control.set_alarm(next);
        }
    }

    /// The host will not poll any more for what it has polled for.
    pub fn stop_expecting(&mut self) {
        self.control.forget_waker();
        self.control.set_alarm(None);
    }
}
