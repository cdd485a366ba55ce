//! The goroutines of an isolate, and the order in which they run.
//!
//! As in Go, the goroutine made ready last runs next, the others run in order, and preempted goroutines wait behind
//! them.

use crate::code::arch::HostLink;
use crate::code::stack::Stack;
use crate::heap::mfinal::Finalizer;
use crate::sched::awaited::Awaited;
use crate::sched::bubbles::Bubbles;
use crate::sched::control::{Completion, Control};
use crate::sched::exit::Exit;
use crate::sched::goroutine::{G, Status, Task};
use crate::sched::hchan::ChanWatch;
use crate::sched::rand;
use crate::sched::slice::Slice;
use crate::sched::timers::Timers;
use crate::sched::wait_reason::WaitReason;
use crate::sched::waiters::SemaTable;
use itab_abi::block::IsolateBlock;
use itab_abi::value::FuncVal;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::ptr;
use std::thread::ThreadId;

/// What a goroutine of the runtime's own runs, on its stack, until the isolate ends.
pub(super) type Main = unsafe fn(*mut IsolateBlock) -> Exit;

/// The runtime's own goroutines.
#[derive(Clone, Copy)]
pub(super) struct OwnGoroutines {
    pub timers: Main,
    pub finalizers: Main,
}

/// Calls a finalizer, on a goroutine's stack, while the heap is not borrowed.
pub(crate) type RunFinalizer = unsafe fn(*mut IsolateBlock, &Finalizer) -> Result<(), Exit>;

/// The goroutines of an isolate.
pub struct Sched {
    /// Every `G` that was made; dead ones are used again.
    pub(crate) all: Vec<*mut G>,
    pub(super) free: Vec<*mut G>,
    /// With what was granted of them: their pages stay committed.
    pub(super) free_stacks: Vec<(Stack, usize)>,
    /// The goroutine that calls of the host run on; nil before the first. Between calls it does as if it ran, but is dead
    /// while others run.
    pub(super) main: *mut G,
    /// Ended, but the scheduler may still run on its stack.
    pub(super) ended: Option<*mut G>,
    pub(super) runnext: Option<*mut G>,
    pub(super) queue: VecDeque<*mut G>,
    pub(super) global: VecDeque<*mut G>,
    pub(super) ticks: u32,
    pub(super) runnext_streak: u32,
    pub(super) last_goid: u64,
    /// Goroutines other than the main one that have not ended.
    pub(super) count: usize,
    /// Where the host is.
    pub(crate) host: HostLink,
    /// The host's call has not simply returned, has changed what the next one must find as it was, or has collected.
    pub(crate) unusual: bool,
    /// The host's call has ended by `runtime.Goexit`, and the host waits for the other goroutines.
    pub(super) main_goexited: bool,
    /// Calls of the host that go on between polls.
    pub(super) tasks: Vec<*mut Task>,
    /// The goroutine of the one that is being polled, and how it has ended.
    pub(super) task: Option<*mut G>,
    pub(super) outcome: Option<Result<(), Exit>>,
    /// While the host polls: how long goroutines may run.
    pub(super) slice: Option<Slice>,
    /// While the host waits for a channel: which, and what for.
    pub(super) watch: Option<ChanWatch>,
    /// Host functions that goroutines wait for.
    pub(super) awaited: Awaited,
    /// Calls from host functions into Go that have not returned.
    pub(crate) host_frames: usize,
    /// The thread that the suspended ones belong to.
    pub(super) host_thread: Option<ThreadId>,
    pub(crate) timers: Timers,
    pub(crate) bubbles: Bubbles,
    /// Calls functions of timers; runs before all others when it is `urgent`.
    pub(super) timer_g: Option<*mut G>,
    /// Runs finalizers and cleanups; and whether it waits for some.
    pub(crate) finalizer_g: Option<*mut G>,
    pub(crate) finalizers_idle: bool,
    /// What the runtime's own goroutines run.
    pub(super) own: OwnGoroutines,
    /// How a finalizer is called; set before there is one.
    pub(crate) run_finalizer: Option<RunFinalizer>,
    /// Package sync's function that empties pools, a constant; and how many collections there had been when it last ran.
    pub(crate) pool_cleanup: *const FuncVal,
    pub(crate) pools_emptied: u32,
    pub(super) urgent: Option<*mut G>,
    /// While not 0, goroutines are not preempted.
    pub(crate) pins: i32,
    pub(crate) semas: SemaTable,
    /// Goroutines that wait for other threads; while there are any, nothing running is no deadlock.
    pub(super) external: FxHashMap<Completion, *mut G>,
    pub(super) last_completion: u64,
    pub(super) random: u64,
}

/// Longest queue before it overflows to the global one.
const QUEUE_LEN: usize = 256;

/// After this many goroutines that were made ready by the one before, the queue gets its turn.
const RUNNEXT_STREAK: u32 = 64;

impl Sched {
    /// Whether Go code runs, which may have called the host.
    pub fn is_running(&self) -> bool {
        self.host.is_suspended()
    }

    /// No goroutines yet.
    pub(super) fn new(block: *mut IsolateBlock, own: OwnGoroutines) -> Sched {
        Sched {
            all: Vec::new(),
            free: Vec::new(),
            free_stacks: Vec::new(),
            main: ptr::null_mut(),
            ended: None,
            runnext: None,
            queue: VecDeque::new(),
            global: VecDeque::new(),
            ticks: 0,
            runnext_streak: 0,
            last_goid: 1,
            count: 0,
            host: HostLink { host_sp: 0, main_sp: 0, block },
            unusual: false,
            main_goexited: false,
            tasks: Vec::new(),
            task: None,
            outcome: None,
            slice: None,
            watch: None,
            awaited: Awaited::default(),
            host_frames: 0,
            host_thread: None,
            timers: Timers::default(),
            bubbles: Bubbles::default(),
            timer_g: None,
            finalizer_g: None,
            finalizers_idle: false,
            own,
            run_finalizer: None,
            pool_cleanup: ptr::null(),
            pools_emptied: 0,
            urgent: None,
            pins: 0,
            semas: SemaTable::default(),
            external: FxHashMap::default(),
            last_completion: 0,
            random: 0,
        }
    }

    /// Whether a call of the host has not ended.
    pub(super) fn in_call(&self) -> bool {
        // SAFETY: goroutines live as long as the isolate.
        self.host.is_suspended() && unsafe { self.main.as_ref() }.is_some_and(|main| main.status != Status::Dead)
    }

    /// Whether it is a deadlock when all goroutines are asleep: the host waits for one of them.
    pub(super) fn deadlocks(&self) -> bool {
        self.in_call() || self.main_goexited || self.task.is_some()
    }

    /// Whether the host wants the scheduler to wait when nothing can run.
    pub(super) fn host_waits(&self) -> bool {
        self.deadlocks() || self.watch.is_some()
    }

    /// Keeps the running goroutine from being preempted until as many calls of [`Sched::unpin`].
    pub fn pin(&mut self) {
        self.pins += 1;
    }

    /// Ends one [`Sched::pin`].
    pub fn unpin(&mut self) {
        self.pins -= 1;
    }

    /// Appends to the queue what other threads made ready.
    pub(super) fn take_external(&mut self, control: &Control) {
        if self.external.is_empty() {
            return;
        }
        for what in control.take_completed() {
            // SAFETY: goroutines live as long as the isolate. One with a deadline may be ready already.
            if let Some(g) = self.external.remove(&what)
                // SAFETY: goroutines live as long as the isolate.
                && unsafe { matches!((*g).status, Status::Waiting(_)) }
            {
                self.put(g);
            }
        }
    }

    /// Whether other threads are to wake goroutines.
    pub(super) fn waits_for_threads(&self) -> bool {
        !self.external.is_empty()
    }

    /// Whether a host that polls may get its thread back: no frame of the host is on a goroutine's stack.
    pub(super) fn may_pause(&self) -> bool {
        self.slice.is_some() && self.host_frames == 0
    }

    /// Whether such a host is to get it back now, as the clock says.
    pub(super) fn slice_ends(&mut self) -> bool {
        self.may_pause() && self.slice.as_mut().is_some_and(Slice::ends)
    }

    /// Whether the host is to get its thread back although goroutines could run: its slice was found to be over, or what it
    /// waits for has happened.
    pub(super) fn host_has_turn(&self) -> bool {
        self.host_frames == 0
            && (self.slice.as_ref().is_some_and(Slice::is_over)
                || self.watch.as_ref().is_some_and(ChanWatch::is_served))
    }

    /// Frees the memory of a call that goes on between polls.
    pub(super) fn end_task(&mut self, task: *mut Task) {
        if let Some(i) = self.tasks.iter().position(|t| *t == task) {
            self.tasks.swap_remove(i);
            // SAFETY: it came from `Box::into_raw` in `start_task`, and is forgotten here.
            drop(unsafe { Box::from_raw(task) });
        }
    }

    pub(super) fn drop_tasks(&mut self) {
        while let Some(task) = self.tasks.pop() {
            // SAFETY: as in `end_task`.
            drop(unsafe { Box::from_raw(task) });
        }
    }

    /// The number by which another thread makes `g` ready, which is about to park.
    pub(crate) fn expect_completion(&mut self, g: *mut G) -> Completion {
        self.last_completion += 1;
        let what = Completion(self.last_completion);
        self.external.insert(what, g);
        what
    }

    /// Whether the number was still to be completed. It is not any more.
    pub(crate) fn forget_completion(&mut self, what: Completion) -> bool {
        self.external.remove(&what).is_some()
    }

    /// Makes a goroutine ready; it runs when those before it have.
    pub(crate) fn put(&mut self, g: *mut G) {
        // SAFETY: goroutines live as long as the isolate.
        unsafe { (*g).status = Status::Runnable };
        self.bubble_wakes(g);
        self.enqueue(g);
    }

    /// Appends to the queue. As in Go, a long queue gives its older half to the global one, where it is ahead of
    /// goroutines preempted later. So a goroutine that starts others does not repeatedly run before them.
    pub(super) fn enqueue(&mut self, g: *mut G) {
        if self.queue.len() >= QUEUE_LEN {
            self.global.extend(self.queue.drain(..QUEUE_LEN / 2));
            self.global.push_back(g);
        } else {
            self.queue.push_back(g);
        }
    }

    pub(super) fn put_next(&mut self, g: *mut G) {
        // SAFETY: as above.
        unsafe { (*g).status = Status::Runnable };
        self.bubble_wakes(g);
        if let Some(old) = self.runnext.replace(g) {
            self.enqueue(old);
        }
    }

    pub(super) fn pick(&mut self) -> Option<*mut G> {
        if let Some(g) = self.urgent.take() {
            return Some(g);
        }
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks.is_multiple_of(61)
            && let Some(g) = self.global.pop_front()
        {
            return Some(g);
        }
        if let Some(g) = self.runnext.take() {
            self.runnext_streak += 1;
            if self.runnext_streak < RUNNEXT_STREAK || self.queue.is_empty() {
                return Some(g);
            }
            self.enqueue(g);
        }
        self.runnext_streak = 0;
        if self.queue.is_empty() {
            let batch = self.global.len().min(QUEUE_LEN / 2);
            self.queue.extend(self.global.drain(..batch));
        }
        self.queue.pop_front()
    }

    pub(crate) fn has_runnable(&self) -> bool {
        self.urgent.is_some() || self.runnext.is_some() || !self.queue.is_empty() || !self.global.is_empty()
    }

    /// A goroutine that has frames of the host on its stack.
    pub(super) fn with_host_frames(&self, but: *mut G) -> Option<*mut G> {
        let holds = |g: &*mut G| {
            // SAFETY: goroutines live as long as the isolate, and the entries of one that has not ended lie on its stack.
            unsafe { (**g).status != Status::Dead && !(**g).entry.is_null() && !(*(**g).entry).prev.is_null() }
        };
        self.all.iter().copied().filter(|g| *g != but).find(holds)
    }

    /// Gives the stack of the goroutine that ended last to the free ones, unless it is still in use.
    pub(super) fn reap(&mut self, running: *mut G) {
        if let Some(g) = self.ended.take_if(|g| *g != running) {
            self.reclaim(g);
        }
    }

    pub(super) fn reclaim(&mut self, g: *mut G) {
        // SAFETY: the goroutine has ended.
        let (stack, granted) = unsafe { ((*g).stack, (*g).granted) };
        self.free_stacks.push((stack, granted));
        self.free.push(g);
    }

    /// A random number below `n`.
    pub(crate) fn rand_below(&mut self, n: u32) -> u32 {
        (((self.rand() >> 32) * u64::from(n)) >> 32) as u32
    }

    /// Starts the random numbers from a seed.
    pub(super) fn start_rand(&mut self, seed: u64) {
        self.random = seed | 1;
    }

    /// A random number.
    pub(crate) fn rand(&mut self) -> u64 {
        if self.random == 0 {
            self.random = rand::seed() | 1;
        }
        rand::next(&mut self.random)
    }

    /// How many goroutines have not ended: `runtime.NumGoroutine`.
    pub fn goroutines(&self) -> usize {
        self.count + usize::from(self.in_call())
            - usize::from(self.timer_g.is_some())
            - usize::from(self.finalizer_g.is_some())
    }

    /// Whether something may have to run while the running goroutine waits.
    pub(crate) fn others_may_run(&self) -> bool {
        self.goroutines() > 1 || !self.timers.is_empty()
    }

    /// Goroutines that have not ended.
    pub fn live(&self) -> impl Iterator<Item = &G> {
        // SAFETY: goroutines live as long as the isolate; those that run only change their own fields.
        let all = self.all.iter().map(|g| unsafe { &**g });
        let resting = if self.in_call() { ptr::null_mut() } else { self.main };
        all.filter(move |g| g.status != Status::Dead && !ptr::eq(*g, resting))
    }
}

impl Sched {
    /// A goroutine parks.
    pub(crate) fn bubble_parks(&mut self, g: *mut G, reason: WaitReason) {
        // SAFETY: goroutines live as long as the isolate.
        let id = unsafe { (*g).bubble };
        if id == 0 || !reason.is_durable() {
            return;
        }
        // SAFETY: as above.
        unsafe { (*g).durably_blocked = true };
        let Some(b) = self.bubbles.get(id) else { return };
        b.running -= 1;
        if let Some(g) = b.whom_to_wake() {
            self.put(g);
        }
    }

    /// A goroutine is made ready.
    pub(crate) fn bubble_wakes(&mut self, g: *mut G) {
        // SAFETY: as above.
        let (id, was_blocked) = unsafe { ((*g).bubble, std::mem::take(&mut (*g).durably_blocked)) };
        if was_blocked && let Some(b) = self.bubbles.get(id) {
            b.running += 1;
        }
    }

    /// A goroutine ends.
    pub(crate) fn bubble_exits(&mut self, g: *mut G) {
        if let Some(g) = self.bubbles.leave(g) {
            self.put(g);
        }
    }
}
