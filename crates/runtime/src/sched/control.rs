//! Requests to a running isolate from other threads: preemption, deadlines, stopping it.
//!
//! A request sets a bit in [`Control`] and then makes the block's stack limit unreachable and its `preempt` flag
//! non-zero, so that the next prologue or back edge calls the runtime. A goroutine switch may store the next
//! goroutine's limit at the same time, so it checks the bits after that store. There is no fence in between, because it
//! would cost more than the switch, so the check may occasionally miss a request. The watchdog therefore repeats a stop
//! request until it is served, as it repeats preemption requests anyway.
//!
//! One watchdog thread serves all isolates of the process: those that have a deadline, have started a goroutine, have a
//! pending stop request or are polled by their host, which it also wakes when a timer is due.

use crate::sched::clock::{nanotime, processor_time};
use itab_abi::block::{IsolateBlock, STACK_PREEMPT};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

/// Let another goroutine run.
pub(crate) const PREEMPT: usize = 1;
/// End the isolate.
pub(crate) const STOP: usize = 2;

/// How long a goroutine runs before others get their turn.
const TICK: Duration = Duration::from_millis(10);

/// Why an isolate was stopped from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// [`Control::kill`].
    Killed,
    /// The deadline passed.
    Deadline,
    /// The processor time is used up.
    Cpu,
}

/// The handle to an isolate that other threads may use. It does not keep the isolate alive.
pub struct Control {
    bits: AtomicUsize,
    block: Mutex<BlockRef>,
    reason: OnceLock<Stopped>,
    /// Nanoseconds after [`epoch`]; 0: none.
    deadline: AtomicU64,
    /// The same for the call of the host that runs.
    call_deadline: AtomicU64,
    /// When the processor time is used up, while the isolate runs.
    cpu: Mutex<Option<CpuWatch>>,
    /// Number of wakes, for a scheduler that has nothing to run; counted up under `waking`.
    wakes: AtomicU64,
    waking: Mutex<Waiting>,
    woken: Condvar,
    /// When a timer is due that a host which polls waits for, by [`nanotime`]; 0: none.
    alarm: AtomicI64,
    /// While a host polls: when its time slice is over, by [`nanotime`]; 0: none does.
    slice_end: AtomicI64,
    /// Length of its slices, if they are so short that the watchdog has to look more often for them; else 0.
    short_slice: AtomicI64,
    watched: AtomicUsize,
    /// What other threads have completed and the isolate has not noticed yet.
    completed: Mutex<Vec<Completion>>,
}

/// Something that a parked goroutine waits for and another thread completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Completion(pub(crate) u64);

/// A clock of a thread's processor time, and when it has come too far.
#[derive(Clone, Copy)]
pub(crate) struct CpuWatch {
    clock: libc::clockid_t,
    until: Duration,
}

impl CpuWatch {
    /// Watches the running thread, which has to stop the watching before it ends.
    pub(crate) fn of_this_thread(until: Duration) -> CpuWatch {
        let mut clock = libc::CLOCK_THREAD_CPUTIME_ID;
        // SAFETY: this thread exists.
        unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &mut clock) };
        CpuWatch { clock, until }
    }

    fn is_over(&self) -> bool {
        processor_time(self.clock).is_some_and(|t| t >= self.until)
    }
}

/// Who waits for a wake.
#[derive(Default)]
struct Waiting {
    /// A scheduler does.
    scheduler: bool,
    /// A host that polls does.
    waker: Option<Waker>,
}

struct BlockRef(*mut IsolateBlock);

// SAFETY: the block is only reached under the lock, through atomics, and is nil once the isolate is gone.
unsafe impl Send for BlockRef {}

fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

/// How deadlines are kept: nanoseconds after [`epoch`]; 0: none.
fn after_epoch(at: Option<Instant>) -> u64 {
    at.map_or(0, |at| (at.saturating_duration_since(epoch()).as_nanos() as u64).max(1))
}

fn at(nanos: u64) -> Option<Instant> {
    (nanos != 0).then(|| epoch() + Duration::from_nanos(nanos))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Control {
    pub(crate) fn new(block: *mut IsolateBlock) -> Arc<Control> {
        Arc::new(Control {
            bits: AtomicUsize::new(0),
            block: Mutex::new(BlockRef(block)),
            reason: OnceLock::new(),
            deadline: AtomicU64::new(0),
            call_deadline: AtomicU64::new(0),
            cpu: Mutex::new(None),
            wakes: AtomicU64::new(0),
            waking: Mutex::default(),
            woken: Condvar::new(),
            alarm: AtomicI64::new(0),
            slice_end: AtomicI64::new(0),
            short_slice: AtomicI64::new(0),
            watched: AtomicUsize::new(0),
            completed: Mutex::new(Vec::new()),
        })
    }

    /// The isolate is gone.
    pub(crate) fn detach(&self) {
        self.forget_waker();
        lock(&self.block).0 = std::ptr::null_mut();
    }

    fn request(&self, bit: usize) {
        self.bits.fetch_or(bit, Ordering::SeqCst);
        let block = lock(&self.block);
        if !block.0.is_null() {
            // SAFETY: the block exists while `detach` was not called, which takes the lock.
            unsafe { interrupt(block.0) };
        }
    }

    /// Ends the isolate as soon as it runs Go code: calls into it fail from then on.
    pub fn kill(self: &Arc<Control>) {
        self.stop(Stopped::Killed);
    }

    fn stop(self: &Arc<Control>, reason: Stopped) {
        let _ = self.reason.set(reason);
        self.request(STOP);
        self.wake();
        self.watch();
    }

    /// Sets the time at which the isolate is stopped, or removes it.
    pub fn set_deadline(self: &Arc<Control>, at: Option<Instant>) {
        self.deadline.store(after_epoch(at), Ordering::SeqCst);
        if at.is_some() {
            self.watch();
        }
    }

    /// Sets the time at which the isolate is stopped if the call of the host that runs has not ended, or removes it.
    pub fn set_call_deadline(self: &Arc<Control>, at: Option<Instant>) {
        self.call_deadline.store(after_epoch(at), Ordering::SeqCst);
        if at.is_some() {
            self.watch();
        }
    }

    /// When the isolate is stopped if the call of the host that runs has not ended.
    pub fn call_deadline(&self) -> Option<Instant> {
        at(self.call_deadline.load(Ordering::SeqCst))
    }

    /// The earlier of the isolate's deadline and that of the call that runs.
    pub fn first_deadline(&self) -> Option<Instant> {
        let own = at(self.deadline.load(Ordering::SeqCst));
        self.call_deadline().into_iter().chain(own).min()
    }

    /// How long there is until [`Control::first_deadline`].
    pub fn time_left(&self) -> Option<Duration> {
        self.first_deadline().map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Has the watchdog compare processor time, or no more.
    pub(crate) fn watch_cpu(self: &Arc<Control>, cpu: Option<CpuWatch>) {
        *lock(&self.cpu) = cpu;
        if cpu.is_some() {
            self.watch();
        }
    }

    /// Lets other goroutines of the isolate run.
    pub fn preempt(&self) {
        self.request(PREEMPT);
    }

    /// Why the isolate was stopped from outside, if it was.
    pub fn stopped(&self) -> Option<Stopped> {
        self.reason.get().copied()
    }

    /// Requests that were not served yet.
    #[inline]
    pub(crate) fn pending(&self) -> usize {
        self.bits.load(Ordering::Relaxed)
    }

    /// Takes the preemption request; a stop stays.
    pub(crate) fn take_preempt(&self) -> usize {
        self.bits.fetch_and(!PREEMPT, Ordering::SeqCst)
    }

    /// Number to give to [`Control::wait`].
    pub(crate) fn wake_count(&self) -> u64 {
        self.wakes.load(Ordering::Acquire)
    }

    /// Makes the goroutine ready that waits for `what`. For any thread, once.
    pub fn complete(&self, what: Completion) {
        lock(&self.completed).push(what);
        self.wake();
    }

    /// What was completed since the last call.
    pub(crate) fn take_completed(&self) -> Vec<Completion> {
        std::mem::take(&mut *lock(&self.completed))
    }

    /// Wakes a scheduler that waits for an event, so that it polls again, or the host.
    pub fn wake(&self) {
        let mut guard = lock(&self.waking);
        self.wakes.fetch_add(1, Ordering::Release);
        let (scheduler, waker) = (guard.scheduler, guard.waker.take());
        drop(guard);
        if scheduler {
            self.woken.notify_all();
        }
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The next wake also wakes `waker`.
    pub(crate) fn set_waker(&self, waker: &Waker) {
        let mut guard = lock(&self.waking);
        if !guard.waker.as_ref().is_some_and(|w| w.will_wake(waker)) {
            let old = guard.waker.replace(waker.clone());
            drop(guard);
            drop(old);
        }
    }

    /// No waker is woken any more.
    pub(crate) fn forget_waker(&self) {
        let waker = lock(&self.waking).waker.take();
        drop(waker);
    }

    /// A host polls, and wants its thread back at a time, by [`nanotime`].
    pub(crate) fn slice_begins(self: &Arc<Control>, end: i64, length: Duration) {
        if length < TICK / 2 && self.short_slice.load(Ordering::Relaxed) == 0 {
            self.short_slice.store(length.as_nanos().max(1) as i64, Ordering::Relaxed);
        }
        self.slice_end.store(end, Ordering::Relaxed);
        self.watch();
    }

    /// The host's poll is done.
    pub(crate) fn slice_ends(&self) {
        self.slice_end.store(0, Ordering::Relaxed);
    }

    /// When the watchdog is to look again for a host that polls.
    fn next_look(&self, now: i64) -> i64 {
        let at = |at: i64| if at == 0 { i64::MAX } else { at };
        match at(self.slice_end.load(Ordering::Relaxed)) {
            end if end <= now => {
                self.preempt();
                now + TICK.as_nanos() as i64
            }
            end => end.min(now.saturating_add(at(self.short_slice.load(Ordering::Relaxed)))),
        }
    }

    /// Has the watchdog wake at a time, by [`nanotime`], or not.
    pub(crate) fn set_alarm(self: &Arc<Control>, at: Option<i64>) {
        self.alarm.store(at.map_or(0, |at| at.max(1)), Ordering::SeqCst);
        if let Some(at) = at {
            self.watch();
            Watchdog::get().expects(at);
        }
    }

    /// Waits until [`Control::wake`] was called after `seen` was read, or until `until`.
    pub(crate) fn wait(&self, seen: u64, until: Option<Instant>) {
        let mut guard = lock(&self.waking);
        guard.scheduler = true;
        while self.wake_count() == seen {
            guard = match until {
                None => self.woken.wait(guard).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let left = at.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    self.woken.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        guard.scheduler = false;
    }

    /// Has the watchdog tick for this isolate.
    pub(crate) fn watch(self: &Arc<Control>) {
        if self.watched.load(Ordering::Relaxed) == 0 && self.watched.swap(1, Ordering::Relaxed) == 0 {
            Watchdog::get().add(Arc::downgrade(self));
        }
    }

    fn tick(self: &Arc<Control>) {
        let now = epoch().elapsed().as_nanos() as u64;
        let passed = |at: &AtomicU64| matches!(at.load(Ordering::SeqCst), at if at != 0 && now >= at);
        if passed(&self.deadline) || passed(&self.call_deadline) {
            self.deadline.store(0, Ordering::SeqCst);
            self.call_deadline.store(0, Ordering::SeqCst);
            self.stop(Stopped::Deadline);
        } else if lock(&self.cpu).take_if(|cpu| cpu.is_over()).is_some() {
            self.stop(Stopped::Cpu);
        } else {
            // A stop that is pending stays so, and the block is told again.
            self.request(PREEMPT);
        }
    }
}

/// Makes the running goroutine call the runtime soon.
///
/// # Safety
/// The block is alive.
pub(crate) unsafe fn interrupt(block: *mut IsolateBlock) {
    // SAFETY: both fields are aligned words that compiled code reads with plain loads; other threads use atomics.
    unsafe {
        AtomicUsize::from_ptr(&raw mut (*block).preempt).store(1, Ordering::SeqCst);
        AtomicUsize::from_ptr(&raw mut (*block).stack_limit).store(STACK_PREEMPT, Ordering::SeqCst);
    }
}

/// Sets the running goroutine's limit, unless a request is pending.
///
/// # Safety
/// `block` and `control` belong to the isolate that runs on this thread.
pub(crate) unsafe fn set_stack_limit(block: *mut IsolateBlock, control: &Control, limit: usize) {
    // SAFETY: as in `interrupt`.
    unsafe {
        AtomicUsize::from_ptr(&raw mut (*block).preempt).store(0, Ordering::Relaxed);
        AtomicUsize::from_ptr(&raw mut (*block).stack_limit).store(limit, Ordering::Relaxed);
        if control.pending() != 0 {
            interrupt(block);
        }
    }
}

struct Watchdog {
    watched: Mutex<Watched>,
    changed: Condvar,
}

#[derive(Default)]
struct Watched {
    controls: Vec<Weak<Control>>,
    /// When the watchdog looks again, by [`nanotime`].
    looks_at: i64,
}

impl Watchdog {
    fn get() -> &'static Watchdog {
        static WATCHDOG: OnceLock<Watchdog> = OnceLock::new();
        WATCHDOG.get_or_init(|| {
            let run = || WATCHDOG.wait().run();
            thread::Builder::new()
                .name("go-watchdog".into())
                .spawn(run)
                .expect("a thread for preemption and deadlines");
            Watchdog { watched: Mutex::default(), changed: Condvar::new() }
        })
    }

    fn add(&self, control: Weak<Control>) {
        lock(&self.watched).controls.push(control);
        self.changed.notify_one();
    }

    /// One of the watched has an alarm.
    fn expects(&self, at: i64) {
        let mut watched = lock(&self.watched);
        if at < watched.looks_at {
            watched.looks_at = at;
            self.changed.notify_one();
        }
    }

    fn run(&self) {
        let mut next_tick = 0;
        loop {
            let mut watched = lock(&self.watched);
            while watched.controls.is_empty() {
                watched = self.changed.wait(watched).unwrap_or_else(PoisonError::into_inner);
            }
            let now = nanotime();
            if now < watched.looks_at {
                let left = Duration::from_nanos((watched.looks_at - now) as u64);
                drop(self.changed.wait_timeout(watched, left));
                continue;
            }
            let ticks = now >= next_tick;
            if ticks {
                next_tick = now + TICK.as_nanos() as i64;
            }
            let (mut looks_at, mut ring) = (next_tick, vec![]);
            watched.controls.retain(|control| {
                let Some(control) = control.upgrade() else { return false };
                if ticks {
                    control.tick();
                }
                looks_at = looks_at.min(control.next_look(now));
                match control.alarm.load(Ordering::SeqCst) {
                    0 => {}
                    at if at <= now => ring.push((control, at)),
                    at => looks_at = looks_at.min(at),
                }
                true
            });
            watched.looks_at = looks_at;
            // Wakers are called without the lock: they may want it.
            drop(watched);
            for (control, at) in ring {
                // The host may have set another meanwhile.
                let _ = control.alarm.compare_exchange(at, 0, Ordering::SeqCst, Ordering::SeqCst);
                control.wake();
            }
        }
    }
}
