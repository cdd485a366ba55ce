//! Calls of the host into an isolate.
//!
//! They run one at a time on the main goroutine, which is number 1, as in Go. It and its stack are made by the first
//! call and kept. Between calls the block is set up for it, as if it ran, so that a call does little more than switch
//! stacks: it looks whether the isolate may run here, calls on the main goroutine's stack, and comes back.
//! If the call parks, other goroutines run; the host waits until the main goroutine has returned.
//!
//! The host's stack is resumed in three ways:
//!
//! * The code that it called returns ([`arch::enter_from_host`]).
//! * A panic, `Goexit` or stop leaves the main goroutine's outermost [`GoCall`], which lies at the upper end of the stack
//!   and leads to [`call_ended`].
//! * The scheduler finds nothing that it may run, because the isolate has stopped or the host does not wait for a call
//!   ([`Isolate::run_until_idle`]).
//!
//! When an isolate stops, goroutines with frames of the host on their stacks are resumed, one after the other, and each
//! call from such a frame into Go fails, until the host's frames have returned. Other goroutines are dropped where they
//! are: compiled code and the runtime's own helpers hold nothing that needs dropping.

use crate::code::arch::{self, CallRegs, Link};
use crate::code::stack::Stack;
use crate::sched::control::STOP;
use crate::sched::enter;
use crate::sched::exit::{Exit, StopReason};
use crate::sched::faults;
use crate::sched::goroutine::{G, GoCall, Start, Status};
use crate::sched::isolate::{self, Isolate, getg};
use crate::sched::proc::{load, schedule};
use itab_abi::block::IsolateBlock;
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::thread;
use std::time::Duration;

impl Isolate {
    /// Calls `code` with four integers, as C does. Called from a host function that Go called, it runs on the same
    /// goroutine; else on the main goroutine.
    ///
    /// # Errors
    /// When the call did not return.
    ///
    /// # Safety
    /// `code` is code of this isolate's program that takes these arguments. Like compiled code it expects the pinned
    /// register, and preserves that and the frame pointer alone.
    #[inline]
    pub unsafe fn call(&mut self, code: usize, args: [u64; 4]) -> Result<(), Exit> {
        let [a, b, c, d] = args;
        let main_sp = faults::main_sp_of_thread();
        if self.sched.host.host_sp != main_sp || self.control.pending() & STOP != 0 {
            // SAFETY: as the caller says.
            return unsafe { self.call_otherwise(code, a, b, c, d) };
        }
        // SAFETY: as the caller says; the isolate is at rest, and this thread has used it.
        unsafe { self.call_on_main(code, main_sp, args) }
    }

    /// Calls compiled code with the registers in `regs` and stores its results there; else as [`Isolate::call`].
    ///
    /// # Errors
    /// When the call did not return.
    ///
    /// # Safety
    /// `code` is code of this isolate's program that takes these arguments.
    pub unsafe fn enter(&mut self, code: usize, regs: &mut CallRegs) -> Result<(), Exit> {
        let regs: *mut CallRegs = regs;
        // SAFETY: as the caller says; the registers stay in place during the call.
        unsafe { self.call(arch::call_with_regs as *const () as usize, [code as u64, regs as u64, 0, 0]) }
    }

    /// # Safety
    /// As [`Isolate::call`]; the main goroutine exists and has this stack pointer, no Go code of the isolate runs, and it
    /// may run on this thread.
    #[inline(always)]
    unsafe fn call_on_main(&mut self, code: usize, main_sp: usize, args: [u64; 4]) -> Result<(), Exit> {
        let isolate: *mut Isolate = self;
        // SAFETY: as the caller says; during the call the isolate is used through its block.
        unsafe {
            arch::enter_from_host(args, code, main_sp, &raw mut (*isolate).sched.host);
            let sched = &raw mut (*isolate).sched;
            if (*sched).unusual || (*sched).host_frames != 0 || (*isolate).host_values.has_gone() {
                return (*isolate).call_left();
            }
            (*sched).host.host_sp = (*sched).host.main_sp;
            Ok(())
        }
    }

    /// A call of a host function, the isolate's first on this thread after another's, one that is measured, or one that is
    /// not possible.
    ///
    /// # Safety
    /// As [`Isolate::call`].
    #[inline(never)]
    unsafe fn call_otherwise(&mut self, code: usize, a: u64, b: u64, c: u64, d: u64) -> Result<(), Exit> {
        let args = [a, b, c, d];
        if self.sched.host.is_suspended() {
            // SAFETY: as the caller says; the isolate runs, so this is a goroutine's stack.
            return unsafe { enter::enter_nested(self.block, code, args) };
        }
        if self.has_stopped() {
            return Err(Exit::Stopped(self.why_stopped()));
        }
        if self.is_foreign_thread() {
            return Err(Exit::WrongThread);
        }
        self.make_ready()?;
        let main_sp = self.sched.host.main_sp;
        faults::prepare_thread(main_sp);
        let measured = self.meter.begin(&self.control);
        // SAFETY: as the caller says.
        let done = unsafe { self.call_on_main(code, main_sp, args) };
        self.meter.end(&self.control, measured);
        if self.meter.measures() {
            self.sched.host.host_sp = 0;
        }
        done
    }

    /// Makes what a call runs on, if it was not made. That may collect, which between storing a call's arguments and calling
    /// must not happen: whoever stores arguments has called this before.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn make_ready(&mut self) -> Result<(), Exit> {
        if !self.sched.main.is_null() {
            return Ok(());
        }
        self.make_main().map_err(|e| Exit::Stopped(StopReason::Memory(e.to_string())))
    }

    /// Makes the main goroutine.
    fn make_main(&mut self) -> io::Result<()> {
        let block = self.block;
        let (stack, granted) = self.new_stack(self.stack_options.main)?;
        let call = ((stack.hi - size_of::<GoCall>()) & !15) as *mut GoCall;
        let mut main = G::new(block, 1, (stack, granted), Start::Host);
        main.entry = call;
        let (prev, defer, panic) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: the stack is unused and larger than a page.
        unsafe { call.write(GoCall { link: Link { saved_sp: 0, block }, prev, defer, panic, exit: None }) };
        self.sched.main = Box::into_raw(Box::new(main));
        self.sched.all.push(self.sched.main);
        // SAFETY: no Go code of the isolate runs.
        unsafe {
            self.prepare_main();
            self.rest();
        }
        Ok(())
    }

    /// Prepares the main goroutine's stack. A call that returns leaves it so, others do not.
    ///
    /// # Safety
    /// The main goroutine exists, and nothing on its stack is used any more but its outermost call.
    unsafe fn prepare_main(&mut self) {
        // SAFETY: as the caller says; below the outermost call there is more than a page.
        unsafe {
            let call = (*self.sched.main).entry;
            let sp = arch::prepare_host_call(call as usize, call_ended, self.block.cast());
            (*call).link.saved_sp = sp;
            self.sched.host.main_sp = sp;
        }
    }

    /// Sets the block and the main goroutine up for the next call.
    ///
    /// # Safety
    /// No Go code of the isolate runs.
    unsafe fn rest(&mut self) {
        let main = self.sched.main;
        // SAFETY: as the caller says; goroutines live as long as the isolate.
        unsafe {
            if main.is_null() {
                (*self.block).g = ptr::null_mut();
                self.sched.host.host_sp = 0;
                return;
            }
            (*main).defer = ptr::null_mut();
            (*main).panic = ptr::null_mut();
            (*main).panic_on_fault = false;
            load(self, main);
            let sched = &mut self.sched;
            sched.unusual = false;
            let at_once = self.stop.is_none() && sched.host_frames == 0 && !self.meter.measures();
            sched.host.host_sp = if at_once { sched.host.main_sp } else { 0 };
        }
    }

    /// Sets the longest that a call of the host takes, from the next one on.
    pub fn set_call_limit(&mut self, most: Option<Duration>) {
        self.meter.limits.call = most;
        if !self.sched.host.is_suspended() {
            // SAFETY: no Go code of the isolate runs.
            unsafe { self.rest() };
        }
    }

    /// After a call that has not returned, that leaves frames of the host in other goroutines or values of the host to be
    /// dropped, or that has changed what the next one must find as it was.
    ///
    /// # Safety
    /// Called on the host's stack after [`arch::enter_from_host`].
    #[cold]
    #[inline(never)]
    unsafe fn call_left(&mut self) -> Result<(), Exit> {
        // SAFETY: as the caller says; the outermost call lies on the main goroutine's stack, on which nothing runs.
        unsafe {
            let main = self.sched.main;
            let returned = (*main).status == Status::Running;
            let exit = (*(*main).entry).exit.take();
            if !returned {
                self.prepare_main();
            }
            self.back_in_host();
            if self.has_stopped() {
                self.end_host_frames();
            }
            match exit {
                _ if returned => Ok(()),
                Some(exit) => Err(exit),
                None => Err(Exit::Stopped(self.why_stopped())),
            }
        }
    }

    /// Runs goroutines until all of them wait or have ended.
    ///
    /// # Errors
    /// When the isolate has ended.
    pub fn run_until_idle(&mut self) -> Result<(), Exit> {
        if self.is_foreign_thread() {
            return Err(Exit::WrongThread);
        }
        if !self.sched.host.is_suspended() && !self.has_stopped() {
            self.run_timers();
            self.sched.take_external(&self.control);
            if let Some(g) = self.sched.pick() {
                // SAFETY: a runnable goroutine of this isolate.
                unsafe { self.run_from_host(g) };
            }
        }
        if self.has_stopped() { Err(Exit::Stopped(self.why_stopped())) } else { Ok(()) }
    }

    /// # Safety
    /// `g` is runnable and no Go code of the isolate runs.
    pub(super) unsafe fn run_from_host(&mut self, g: *mut G) {
        faults::prepare_thread(self.sched.host.main_sp);
        let measured = self.meter.begin(&self.control);
        let isolate: *mut Isolate = self;
        // SAFETY: `g` was prepared or suspended by a switch; from here on the isolate is used through its block.
        unsafe {
            if let Some(main) = (*isolate).sched.main.as_mut() {
                main.status = Status::Dead;
            }
            let to = load(isolate, g);
            arch::switch_stack(&raw mut (*isolate).sched.host.host_sp, to);
            (*isolate).meter.end(&(*isolate).control, measured);
            (*isolate).back_in_host();
        }
    }

    /// The host's stack runs again.
    ///
    /// # Safety
    /// No Go code of the isolate runs.
    unsafe fn back_in_host(&mut self) {
        let sched = &mut self.sched;
        sched.host_thread = (sched.host_frames > 0).then(|| thread::current().id());
        sched.reap(ptr::null_mut());
        // SAFETY: as the caller says.
        unsafe { self.rest() };
        self.drop_dead_values();
        if self.has_stopped() {
            self.sched.awaited.drop_all();
        }
    }

    /// Whether frames of host functions are suspended that belong to another thread.
    pub(super) fn is_foreign_thread(&self) -> bool {
        self.sched.host_thread.is_some_and(|home| home != thread::current().id())
    }

    /// Has the frames of the host that are left in a stopped isolate return.
    ///
    /// # Safety
    /// No Go code of the isolate runs, and the frames belong to this thread.
    unsafe fn end_host_frames(&mut self) {
        while self.sched.host_frames > 0
            && let Some(g) = self.sched.with_host_frames(ptr::null_mut())
        {
            // SAFETY: the goroutine was suspended by a switch, as no Go code runs now.
            unsafe { self.run_from_host(g) };
        }
    }

    /// Ends all goroutines; those with frames of the host run until these have returned.
    pub(crate) fn end_goroutines(&mut self) {
        self.sched.awaited.drop_all();
        if self.is_foreign_thread() {
            // The frames must not run here, nor may their memory be used for something else: both stay for ever.
            return;
        }
        if self.sched.host_frames > 0 {
            self.control.kill();
            // SAFETY: the isolate is being dropped, so it does not run; the frames are this thread's.
            unsafe { self.end_host_frames() };
        }
        let sched = &mut self.sched;
        sched.drop_tasks();
        sched.reap(ptr::null_mut());
        let holds_stack = |g: &&G| g.status != Status::Dead || matches!(g.start, Start::Host);
        // SAFETY: goroutines live as long as the isolate.
        let all = sched.all.iter().map(|g| unsafe { &**g });
        let stacks: Vec<Stack> = all.filter(holds_stack).map(|g| g.stack).collect();
        self.stack_options.pool.free(stacks.into_iter().chain(sched.free_stacks.drain(..).map(|s| s.0)));
        for g in sched.all.drain(..) {
            // SAFETY: it came from `Box::into_raw`, and nothing of the isolate runs any more.
            drop(unsafe { Box::from_raw(g) });
        }
    }
}

/// A panic, `Goexit` or stop has ended the host's call.
///
/// # Safety
/// Led to by [`arch::leave_go`] of the main goroutine's outermost call, on that goroutine's stack.
unsafe extern "C" fn call_ended(block: *mut c_void) -> ! {
    let block = block.cast::<IsolateBlock>();
    // SAFETY: as the caller says; nothing on the stack is used after the switches but by the host, which takes the exit.
    unsafe {
        let isolate = isolate::of(block);
        let main = getg(block);
        (*main).status = Status::Dead;
        (*isolate).sched.unusual = true;
        (*isolate).sched.bubble_exits(main);
        let exit = &raw mut (*(*main).entry).exit;
        if matches!(*exit, Some(Exit::Goexit)) {
            *exit = None;
            (*isolate).sched.main_goexited = true;
            schedule(block);
        }
        arch::switch_stack(&raw mut (*main).sp, (*isolate).sched.host.host_sp);
        unreachable!("the main goroutine's ended call was resumed")
    }
}
