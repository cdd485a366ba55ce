//! `os/signal`: signals of the process for isolates with all rights.
//!
//! The handler writes the signal's number to a pipe. A thread reads it and hands it to every isolate that asked for that
//! signal. Faults (`sched::faults`) are not signals for Go code.

use crate::sched::control::{Completion, Control};
use crate::sched::isolate;
use crate::sched::proc::wait_for_thread;
use crate::sched::wait_reason::WaitReason;
use crate::std::native::natives;
use itab_abi::block::IsolateBlock;
use libc::c_int;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError, Weak};

/// An isolate that wants signals.
struct Listener {
    isolate: u64,
    control: Weak<Control>,
    /// Bit per signal.
    wanted: u64,
    arrived: VecDeque<u32>,
    waiter: Option<Completion>,
}

static LISTENERS: Mutex<Vec<Listener>> = Mutex::new(vec![]);
/// Where the handler writes.
static PIPE: AtomicI32 = AtomicI32::new(-1);

fn listeners() -> MutexGuard<'static, Vec<Listener>> {
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

extern "C" fn on_signal(signal: c_int) {
    let byte = signal as u8;
    // SAFETY: one byte; errno is restored, as the interrupted code may look at it.
    unsafe {
        let errno = *libc::__errno_location();
        libc::write(PIPE.load(Ordering::Relaxed), (&raw const byte).cast(), 1);
        *libc::__errno_location() = errno;
    }
}

/// Makes pipe and thread, once.
fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        let mut ends = [-1; 2];
        // SAFETY: room for two descriptors.
        if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } < 0 {
            return;
        }
        // SAFETY: the handler must not wait; a full pipe has signals enough.
        unsafe { libc::fcntl(ends[1], libc::F_SETFL, libc::O_NONBLOCK) };
        PIPE.store(ends[1], Ordering::Relaxed);
        let listen = move || {
            let mut byte = 0u8;
            // SAFETY: one byte.
            while unsafe { libc::read(ends[0], (&raw mut byte).cast(), 1) } == 1 {
                deliver(u32::from(byte));
            }
        };
        let thread = std::thread::Builder::new().name("go-signals".into()).spawn(listen);
        drop(thread);
    });
}

fn deliver(signal: u32) {
    let mut all = listeners();
    all.retain(|l| l.control.strong_count() > 0);
    for l in all.iter_mut().filter(|l| l.wanted & (1 << signal) != 0) {
        // As in Go, a signal that is still to be delivered is not doubled.
        if !l.arrived.contains(&signal) {
            l.arrived.push_back(signal);
        }
        if let (Some(what), Some(control)) = (l.waiter.take(), l.control.upgrade()) {
            control.complete(what);
        }
    }
}

/// What stands for this isolate.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread.
unsafe fn with_listener<R>(block: *mut IsolateBlock, f: impl FnOnce(&mut Listener) -> R) -> R {
    // SAFETY: as the caller says.
    let isolate = unsafe { &*isolate::of(block) };
    let mut all = listeners();
    let at = all.iter().position(|l| l.isolate == isolate.id).unwrap_or_else(|| {
        let control = std::sync::Arc::downgrade(&isolate.control);
        all.push(Listener { isolate: isolate.id, control, wanted: 0, arrived: VecDeque::new(), waiter: None });
        all.len() - 1
    });
    f(&mut all[at])
}

/// Whether Go code may set what a signal does.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread.
unsafe fn is_allowed(block: *mut IsolateBlock, signal: u32) -> bool {
    // SAFETY: as the caller says.
    let all = unsafe { (*isolate::of(block)).gateway.capabilities.all };
    let faults = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGKILL, libc::SIGSTOP];
    all && (1..64).contains(&signal) && !faults.contains(&(signal as c_int))
}

fn set_action(signal: u32, handler: usize) {
    // SAFETY: the handler is one of ours, or the default, or none.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigfillset(&mut action.sa_mask);
        libc::sigaction(signal as c_int, &action, std::ptr::null_mut());
    }
}

natives! {
    /// `func signal_enable(uint32)`
    "os/signal.signal_enable" = fn signal_enable(block, signal: u32) {
        // SAFETY: the block is the running isolate's.
        unsafe {
            if is_allowed(block, signal) {
                start();
                with_listener(block, |l| l.wanted |= 1 << signal);
                set_action(signal, on_signal as *const () as usize);
            }
        }
    }
    /// `func signal_disable(uint32)`
    "os/signal.signal_disable" = fn signal_disable(block, signal: u32) {
        // SAFETY: the block is the running isolate's.
        unsafe {
            if is_allowed(block, signal) {
                with_listener(block, |l| l.wanted &= !(1 << signal));
                if !listeners().iter().any(|l| l.wanted & (1 << signal) != 0) {
                    set_action(signal, libc::SIG_DFL);
                }
            }
        }
    }
    /// `func signal_ignore(uint32)`
    "os/signal.signal_ignore" = fn signal_ignore(block, signal: u32) {
        // SAFETY: the block is the running isolate's.
        unsafe {
            if is_allowed(block, signal) {
                with_listener(block, |l| l.wanted &= !(1 << signal));
                set_action(signal, libc::SIG_IGN);
            }
        }
    }
    /// `func signal_ignored(uint32) bool`
    "os/signal.signal_ignored" = fn signal_ignored(_, signal: u32) -> bool {
        // SAFETY: zero is a valid action; the call only fills it in.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal as c_int, std::ptr::null(), &mut action);
            action.sa_sigaction == libc::SIG_IGN
        }
    }
    /// `func signal_recv() uint32`: waits for the next one.
    "os/signal.signal_recv" = fn signal_recv(block) -> u32 {
        loop {
            // SAFETY: called on a goroutine's stack; nothing here needs dropping while it waits.
            unsafe {
                if let Some(signal) = with_listener(block, |l| l.arrived.pop_front()) {
                    return signal;
                }
                wait_for_thread(block, WaitReason::Signal, |control, what| {
                    let arrived = with_listener(block, |l| {
                        l.waiter = Some(what);
                        !l.arrived.is_empty()
                    });
                    if arrived {
                        control.complete(what);
                    }
                });
            }
        }
    }
    /// `func signalWaitUntilIdle()`
    "os/signal.signalWaitUntilIdle" = fn signal_wait_until_idle(_) {}
}
