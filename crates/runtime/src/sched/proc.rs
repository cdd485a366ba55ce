//! Goroutines and the scheduler of an isolate.
//!
//! All goroutines of an isolate run on the thread that called into it, one at a time. A goroutine gives up the thread
//! when it parks ([`gopark`]), when the watchdog preempts it, or in [`gosched`]. The scheduler then runs on its stack
//! and switches straight to the next ([`crate::sched::runq`]).
//!
//! The host's own stack is suspended while goroutines run: `call` suspends and resumes it.

use crate::code::arch::{self, CallRegs};
use crate::code::stack::{FIRST_GRANT, LARGEST_GRANT, Stack};
use crate::heap::mgcroots::stack_pointer;
use crate::sched::cancel;
use crate::sched::control::{self, Completion, PREEMPT, STOP};
use crate::sched::enter;
use crate::sched::exit::{Exit, StopReason};
use crate::sched::goroutine::{Cancel, Coro, G, Start, Status};
use crate::sched::isolate::{self, Isolate, getg};
use crate::sched::panic;
use crate::sched::runq::OwnGoroutines;
use crate::sched::timers::Due;
use crate::sched::traceback;
use crate::sched::wait_reason::WaitReason;
use itab_abi::block::IsolateBlock;
use itab_abi::value::FuncVal;
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of stack that the runtime's own goroutines use while they wait.
const SYSTEM_FRAMES: usize = 4096;
/// Bytes of stack that a goroutine with a few calls uses while it waits.
const GO_FRAMES: usize = 1024;

impl Isolate {
    /// Makes goroutines ready whose time has come; the time until the next timer.
    pub(super) fn run_timers(&mut self) -> Option<Duration> {
        if self.sched.timers.is_empty() {
            return None;
        }
        let now = self.gateway.nanotime();
        while let Some(due) = self.sched.timers.take_due(now) {
            match due {
                // SAFETY: goroutines live as long as the isolate. One that waits for a descriptor may be ready already.
                Due::Wake(g) => unsafe {
                    if matches!((*g).status, Status::Waiting(_)) {
                        self.sched.put(g);
                    }
                },
                Due::Call(t) => self.sched.timers.postpone(t),
            }
        }
        let next = self.sched.timers.next().map(|when| Duration::from_nanos((when - now) as u64));
        // A timer that is always due must not keep the others from running: it waits for one of them.
        // SAFETY: the block is ours; the goroutine, if there is one, is alive.
        let just_ran = unsafe { getg(self.block).as_ref() }.is_some_and(|g| matches!(g.start, Start::Timers));
        if self.sched.timers.has_due() && !(just_ran && self.sched.has_runnable()) {
            self.wake_timer_goroutine();
        }
        next
    }

    fn wake_timer_goroutine(&mut self) {
        let g = match self.sched.timer_g {
            Some(g) => g,
            None => match self.new_g(Start::Timers) {
                Ok(g) => *self.sched.timer_g.insert(g),
                // No address space: timers are late.
                Err(_) => return,
            },
        };
        // SAFETY: goroutines live as long as the isolate.
        unsafe {
            if (*g).status != Status::Running {
                (*g).status = Status::Runnable;
                self.sched.urgent = Some(g);
            }
        }
    }

    /// Whether there has been a collection since pools were last emptied, and they may be now.
    pub(crate) fn pools_are_due(&self) -> bool {
        let sched = &self.sched;
        !sched.pool_cleanup.is_null() && sched.pins == 0 && sched.pools_emptied != self.heap.collections()
    }

    /// Makes the goroutine that runs finalizers ready if there are any, values of the host to be dropped, or pools to be
    /// emptied.
    fn wake_finalizers(&mut self) {
        if !self.heap.has_finalizers() && !self.has_dead_values() && !self.pools_are_due() {
            return;
        }
        let g = match self.sched.finalizer_g {
            Some(g) if self.sched.finalizers_idle => g,
            Some(_) => return,
            None => match self.new_g(Start::Finalizers) {
                Ok(g) => *self.sched.finalizer_g.insert(g),
                // No address space: they wait.
                Err(_) => return,
            },
        };
        self.sched.finalizers_idle = false;
        self.sched.put(g);
    }

    /// A goroutine for a coroutine, not in any queue.
    pub(crate) fn new_coroutine(&mut self, c: *mut Coro) -> io::Result<*mut G> {
        let g = self.new_g(Start::Coro(c))?;
        // SAFETY: just made, for the goroutine that runs.
        unsafe {
            (*g).status = Status::Waiting(WaitReason::Coroutine);
            let bubble = (*getg(self.block)).bubble;
            self.sched.bubbles.enter(&mut *g, bubble, true);
        }
        Ok(g)
    }

    pub(super) fn new_g(&mut self, start: Start) -> io::Result<*mut G> {
        let block = self.block;
        // SAFETY: the block is ours.
        self.sched.reap(unsafe { getg(block) });
        let (stack, granted) = match self.sched.free_stacks.pop() {
            Some(stack) => stack,
            None => self.new_stack(self.stack_options.goroutine)?,
        };
        // What an earlier goroutine has left there would be in gaps of frames that stay long.
        let clear = if matches!(start, Start::Timers | Start::Finalizers) { SYSTEM_FRAMES } else { GO_FRAMES };
        // SAFETY: the stack is unused and larger than that.
        unsafe { ptr::write_bytes((stack.hi - clear) as *mut u8, 0, clear) };
        self.sched.last_goid += 1;
        let fresh = G::new(block, self.sched.last_goid, (stack, granted), start);
        let g = match self.sched.free.pop() {
            Some(g) => {
                // SAFETY: a dead goroutine's place; timers of its former life must stay invalid.
                unsafe {
                    let sleeps = (*g).sleeps + 1;
                    *g = G { sleeps, ..fresh };
                }
                g
            }
            None => {
                let g = Box::into_raw(Box::new(fresh));
                self.sched.all.push(g);
                g
            }
        };
        self.sched.count += 1;
        // SAFETY: the stack is unused and larger than a page.
        unsafe { (*g).sp = arch::prepare_stack(stack.hi, g_main, g.cast()) };
        Ok(g)
    }

    /// A stack, and what of it is granted.
    pub(super) fn new_stack(&mut self, size: usize) -> io::Result<(Stack, usize)> {
        let stack = self.stack_options.pool.alloc(size)?;
        // SAFETY: the isolate is used by this thread.
        if let Err(e) = unsafe { Isolate::charge(self.block, FIRST_GRANT) } {
            self.stack_options.pool.free([stack]);
            return Err(io::Error::other(e));
        }
        Ok((stack, stack.hi - FIRST_GRANT))
    }

    /// The goroutine to run next; none: go back to the host.
    pub(super) fn find_runnable(&mut self) -> Option<*mut G> {
        loop {
            let seen = self.control.wake_count();
            self.sched.take_external(&self.control);
            if self.has_stopped() {
                // SAFETY: the block is ours.
                let me = unsafe { getg(self.block) };
                if self.sched.host_frames == 0 {
                    return None;
                }
                return self.sched.with_host_frames(me).or_else(|| self.sched.with_host_frames(ptr::null_mut()));
            }
            if self.sched.outcome.is_some() {
                return None;
            }
            let next_timer = self.run_timers();
            self.wake_finalizers();
            if self.sched.host_has_turn() {
                return None;
            }
            if let Some(g) = self.sched.pick() {
                return Some(g);
            }
            if !self.sched.host_waits() {
                return None;
            }
            if next_timer.is_none() && self.sched.external.is_empty() {
                if !self.sched.deadlocks() {
                    return None;
                }
                self.deadlock();
                continue;
            }
            match next_timer {
                Some(wait) if self.gateway.has_clock() => {
                    if self.sched.slice_ends() {
                        return None;
                    }
                    self.idle_by_host_clock(seen, wait);
                }
                _ if self.sched.may_pause() => return None,
                _ => self.control.wait(seen, next_timer.map(|wait| Instant::now() + wait)),
            }
        }
    }

    /// Nothing can run for some time by the host's clock, which may go on at once, later or never. What other threads
    /// complete comes first.
    fn idle_by_host_clock(&mut self, seen: u64, wait: Duration) {
        const ASK: Duration = Duration::from_millis(1);
        if !self.sched.external.is_empty() {
            self.control.wait(seen, Some(Instant::now() + ASK));
            if self.control.wake_count() != seen {
                return;
            }
        }
        let now = self.gateway.nanotime();
        self.gateway.idle(now.saturating_add(wait.as_nanos() as i64));
        if self.gateway.nanotime() <= now {
            self.control.wait(seen, Some(Instant::now() + ASK));
        }
    }

    fn deadlock(&mut self) {
        let alone = self.sched.goroutines() == 0;
        let mut text = String::from(if alone && self.sched.main_goexited {
            "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n"
        } else {
            "fatal error: all goroutines are asleep - deadlock!\n"
        });
        traceback::all_goroutines(self, &mut text);
        self.end(StopReason::Fatal(text));
    }
}

/// Makes `g` the running goroutine; its stack pointer.
///
/// # Safety
/// `g` belongs to the isolate and does not run.
pub(super) unsafe fn load(isolate: *mut Isolate, g: *mut G) -> usize {
    // SAFETY: the isolate runs on this thread; fields are stored one by one.
    unsafe {
        let block = (*isolate).block;
        (*g).status = Status::Running;
        (*block).g = g.cast();
        (*block).defer = (*g).defer;
        (*block).panic = (*g).panic;
        (*block).go_sp = (*g).go_sp;
        (*block).go_fp = (*g).go_fp;
        control::set_stack_limit(block, &(*isolate).control, (*g).granted);
        (*g).sp
    }
}

/// Runs another goroutine. Returns when the current one, whose status the caller has set, is chosen again.
///
/// # Safety
/// Called on a goroutine's stack, with nothing on it that a stop must drop.
pub(super) unsafe fn schedule(block: *mut IsolateBlock) {
    // SAFETY: the isolate runs on this thread, and no reference to it lives across the switch.
    unsafe {
        let isolate = isolate::of(block);
        let me = getg(block);
        let next = (*isolate).find_runnable();
        if next == Some(me) {
            (*me).status = Status::Running;
            return;
        }
        suspend(block, next);
    }
}

/// Suspends the running goroutine and runs `next`, or the host if there is none.
///
/// # Safety
/// As [`schedule`]; `next` is runnable and not the running goroutine.
unsafe fn suspend(block: *mut IsolateBlock, next: Option<*mut G>) {
    // SAFETY: as the caller says; who does not run has saved its stack pointer, and the host has left its own in
    // `host_sp`.
    unsafe {
        let isolate = isolate::of(block);
        let me = getg(block);
        (*me).defer = (*block).defer;
        (*me).panic = (*block).panic;
        (*me).go_sp = (*block).go_sp;
        (*me).go_fp = (*block).go_fp;
        let to = match next {
            Some(g) => load(isolate, g),
            None => {
                (*block).g = ptr::null_mut();
                (*isolate).sched.unusual = true;
                (*isolate).sched.host.host_sp
            }
        };
        arch::switch_stack(&raw mut (*me).sp, to);
    }
}

/// Parks the running goroutine until [`goready`].
///
/// # Safety
/// As [`enter::terminate`], which this calls when the isolate stops meanwhile.
pub unsafe fn gopark(block: *mut IsolateBlock, reason: WaitReason) {
    // SAFETY: as the caller says.
    unsafe {
        let g = getg(block);
        (*g).status = Status::Waiting(reason);
        (*isolate::of(block)).sched.bubble_parks(g, reason);
        schedule(block);
        enter::check_stop(block);
    }
}

/// Makes a parked goroutine runnable; it runs next.
///
/// # Safety
/// `g` is a parked goroutine of the isolate that runs on this thread.
pub unsafe fn goready(block: *mut IsolateBlock, g: *mut G) {
    // SAFETY: as the caller says.
    unsafe { (*isolate::of(block)).sched.put_next(g) };
}

/// Lets other goroutines run: `runtime.Gosched`.
///
/// # Safety
/// As [`gopark`].
pub unsafe fn gosched(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        let me = getg(block);
        (*me).status = Status::Runnable;
        (*isolate::of(block)).sched.global.push_back(me);
        schedule(block);
        enter::check_stop(block);
    }
}

/// Runs the goroutine that was made ready last, and resumes the current one when its turn comes.
///
/// # Safety
/// As [`gopark`].
pub(crate) unsafe fn goyield(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        let me = getg(block);
        (*me).status = Status::Runnable;
        (*isolate::of(block)).sched.enqueue(me);
        schedule(block);
        enter::check_stop(block);
    }
}

/// Parks the running goroutine and runs `next`, which no queue holds.
///
/// # Safety
/// As [`gopark`]; `next` is parked or new.
pub(crate) unsafe fn switch_to(block: *mut IsolateBlock, next: *mut G, reason: WaitReason) {
    // SAFETY: as the caller says.
    unsafe {
        let (g, sched) = (getg(block), &mut (*isolate::of(block)).sched);
        (*g).status = Status::Waiting(reason);
        sched.bubble_wakes(next);
        sched.bubble_parks(g, reason);
        suspend(block, Some(next));
        enter::check_stop(block);
    }
}

/// Parks a goroutine of the runtime's own. When the isolate stops it is dropped where it is.
///
/// # Safety
/// Called by that goroutine.
pub(crate) unsafe fn park_system(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        (*getg(block)).status = Status::Waiting(WaitReason::Idle);
        schedule(block);
    }
}

/// Has `start` begin something that another thread completes ([`control::Control::complete`]), and parks until then.
///
/// # Safety
/// As [`gopark`].
pub unsafe fn wait_for_thread(
    block: *mut IsolateBlock,
    reason: WaitReason,
    start: impl FnOnce(Arc<control::Control>, Completion),
) {
    // SAFETY: as the caller says; nothing is borrowed or owned while the goroutine is parked.
    unsafe {
        let isolate = isolate::of(block);
        let what = (*isolate).sched.expect_completion(getg(block));
        start((*isolate).control.clone(), what);
        gopark(block, reason);
    }
}

/// Ends the isolate because there is no room for another stack.
///
/// # Safety
/// As [`enter::stop`].
pub(crate) unsafe fn no_stack(block: *mut IsolateBlock, e: io::Error) -> ! {
    let text = format!("no room for a goroutine's stack: {e}");
    drop(e);
    // SAFETY: as the caller says; the text moves into the isolate.
    unsafe { enter::stop(block, StopReason::Memory(text)) }
}

/// Ends the isolate if it may have no more goroutines.
///
/// # Safety
/// As [`enter::stop`].
pub(crate) unsafe fn check_goroutines(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        let isolate = isolate::of(block);
        let limit = (*isolate).meter.limits.goroutines;
        if let Some(most) = limit.filter(|most| (*isolate).sched.goroutines() >= *most) {
            enter::stop(block, StopReason::Goroutines(most));
        }
    }
}

/// `go func()`.
///
/// # Safety
/// Called by compiled code of the isolate; `func` is a `func()` or nil.
pub unsafe extern "C" fn newproc(block: *mut IsolateBlock, func: *const FuncVal) {
    // SAFETY: as the caller says.
    unsafe { start(block, func) };
}

/// The same; the new goroutine.
///
/// # Safety
/// As [`newproc`].
pub(crate) unsafe fn start(block: *mut IsolateBlock, func: *const FuncVal) -> *mut G {
    // SAFETY: as the caller says.
    unsafe {
        if func.is_null() {
            panic::fatal(block, "go of nil func value".into());
        }
        let isolate = isolate::of(block);
        check_goroutines(block);
        let g = match (*isolate).new_g(Start::Func(func)) {
            Ok(g) => g,
            Err(e) => no_stack(block, e),
        };
        (*g).created_by = (traceback::caller_pc(block), (*getg(block)).goid);
        (*isolate).control.watch();
        (*isolate).sched.bubbles.enter(&mut *g, (*getg(block)).bubble, false);
        (*isolate).sched.put_next(g);
        g
    }
}

/// First function on a goroutine's stack.
///
/// # Safety
/// The first function on a stack that `new_g` prepared; `g` is its goroutine, which runs.
unsafe extern "C" fn g_main(g: *mut c_void) -> ! {
    let g = g.cast::<G>();
    // SAFETY: as the caller says; what `start` points to lives as long as the goroutine: func values and coroutines are
    // roots through it.
    unsafe {
        let block = (*g).block;
        let outcome = match (*g).start {
            Start::Host => unreachable!("calls of the host have a stack of another kind"),
            Start::Task(_) if (*g).cancel == Cancel::Asked => Err(Exit::Goexit),
            Start::Task(task) => enter::enter_nested(block, (*task).code, (*task).args),
            Start::Func(func) => enter::enter_func(block, func),
            Start::Coro(c) => run_coroutine(block, c),
            Start::Timers => Err((own(block).timers)(block)),
            Start::Finalizers => Err((own(block).finalizers)(block)),
        };
        finish(block, g, outcome)
    }
}

/// What the runtime's own goroutines run.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread.
unsafe fn own(block: *mut IsolateBlock) -> OwnGoroutines {
    // SAFETY: as the caller says.
    unsafe { (*isolate::of(block)).sched.own }
}

/// Runs a coroutine's function, then makes the goroutine that is suspended in the coroutine ready.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine, whose coroutine `c` is.
unsafe fn run_coroutine(block: *mut IsolateBlock, c: *mut Coro) -> Result<(), Exit> {
    // SAFETY: as the caller says; the coroutine is alive, as its goroutine's start is a root.
    unsafe {
        let f = (*c).f;
        let mut regs = CallRegs::with_ints(&[c as u64, f as u64 + itab_abi::value::CAPTURES as u64]);
        let outcome = enter::enter_with_regs(block, (*f).code, &mut regs);
        let next = std::mem::replace(&mut (*c).g, ptr::null_mut());
        if !next.is_null() {
            (*isolate::of(block)).sched.put_next(next);
        }
        outcome
    }
}

/// Ends the running goroutine.
///
/// # Safety
/// Called by [`g_main`] of `g`, which runs, when nothing else is left on its stack.
unsafe fn finish(block: *mut IsolateBlock, g: *mut G, outcome: Result<(), Exit>) -> ! {
    // SAFETY: as the caller says; nothing on its stack is used after the switch.
    unsafe {
        let isolate = isolate::of(block);
        (*g).status = Status::Dead;
        (*isolate).sched.count -= 1;
        (*isolate).sched.bubble_exits(g);
        let sched = &mut (*isolate).sched;
        if sched.task == Some(g) {
            match outcome {
                Err(Exit::Goexit) => sched.main_goexited = true,
                other => sched.outcome = Some(other),
            }
        } else {
            match outcome {
                // The goroutine belongs to the program, so its panic ends the program.
                Err(Exit::Panic(info)) if (*g).cancel == Cancel::No => {
                    let stop = StopReason::Fatal(info.into_text());
                    (*isolate).end(stop);
                }
                other => drop(other),
            }
        }
        let sched = &mut (*isolate).sched;
        if let Start::Task(task) = (*g).start
            && sched.task != Some(g)
        {
            sched.end_task(task);
        }
        sched.timer_g.take_if(|t| *t == g);
        sched.finalizer_g.take_if(|f| *f == g);
        if let Some(earlier) = sched.ended.replace(g) {
            sched.reclaim(earlier);
        }
        schedule(block);
        unreachable!("an ended goroutine was resumed")
    }
}

/// A loop's back edge found `preempt` set.
///
/// # Safety
/// Called by compiled code through its stub.
pub unsafe extern "C" fn preempt(block: *mut IsolateBlock) {
    // SAFETY: as the caller says; nothing here needs dropping.
    unsafe {
        let isolate = isolate::of(block);
        let control: *const control::Control = &*(*isolate).control;
        let bits = (*control).take_preempt();
        if bits & STOP != 0 {
            enter::check_stop(block);
        }
        control::set_stack_limit(block, &*control, (*getg(block)).granted);
        // What the clock of the system says must not show where the host gives all that is by chance.
        if bits & PREEMPT != 0 && !(*isolate).gateway.is_deterministic() {
            (*isolate).sched.take_external(&*control);
            (*isolate).run_timers();
            (*isolate).wake_finalizers();
            let sched = &mut (*isolate).sched;
            let others = sched.slice_ends() || sched.has_runnable();
            let may_switch = sched.pins == 0 && !(*isolate).heap.is_inhibited();
            if others && may_switch && !matches!((*getg(block)).start, Start::Timers) {
                gosched(block);
                cancel::check(block);
            }
        }
    }
}

/// A prologue found its stack pointer below the limit.
///
/// # Safety
/// Called by compiled code through its stub.
pub unsafe extern "C" fn morestack(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe {
        preempt(block);
        let g = getg(block);
        let sp = stack_pointer();
        if sp < (*g).stack.limit() {
            panic::stack_overflow(block);
        }
        if sp < (*g).granted {
            grant(block, g, sp);
        }
    }
}

/// Charges the isolate for more of the running goroutine's stack.
///
/// # Safety
/// Called on the stack of `g`, the running goroutine, with nothing on it that a stop must drop; `sp` is between its
/// granted part and its limit.
unsafe fn grant(block: *mut IsolateBlock, g: *mut G, sp: usize) {
    // SAFETY: as the caller says.
    unsafe {
        let more = ((*g).stack.hi - sp).clamp(FIRST_GRANT, LARGEST_GRANT);
        let granted = (sp - more).max((*g).stack.limit());
        if let Err(e) = Isolate::charge(block, (*g).granted - granted) {
            enter::stop(block, StopReason::Memory(e.to_string()));
        }
        (*g).granted = granted;
        let control: *const control::Control = &*(*isolate::of(block)).control;
        control::set_stack_limit(block, &*control, granted);
    }
}
