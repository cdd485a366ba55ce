//! Sleep and wake-up for package sync: semaphores on `uint32` words, and the ticket list of `sync.Cond`.
//!
//! A semaphore's waiters stand in a queue that is found by the word's address. As in Go, a release increments the word and
//! wakes one waiter, which tries again; with a hand-off it gets the increment itself and runs at once. Waiters lie on the
//! stacks of their goroutines.

use crate::isolate::{self, getg};
use crate::natives::native_table;
use crate::panic;
use crate::proc::{G, WaitReason, gopark, goready, goyield};
use itab_abi::block::IsolateBlock;
use itab_abi::value::FuncVal;
use rustc_hash::FxHashMap;
use std::ptr;

/// The semaphores that somebody waits on.
#[derive(Default)]
pub(crate) struct SemaTable {
    queues: FxHashMap<usize, Queue>,
}

/// Waiters, first to last.
#[derive(Clone, Copy)]
struct Queue {
    first: *mut Waiter,
    last: *mut Waiter,
}

const EMPTY: Queue = Queue { first: ptr::null_mut(), last: ptr::null_mut() };

struct Waiter {
    g: *mut G,
    next: *mut Waiter,
    /// Semaphores: it was given the count. Lists: its number.
    ticket: u32,
}

impl Queue {
    unsafe fn push_back(&mut self, w: *mut Waiter) {
        // SAFETY: queued waiters are valid.
        unsafe {
            match self.last.as_mut() {
                None => self.first = w,
                Some(last) => last.next = w,
            }
        }
        self.last = w;
    }

    unsafe fn push_front(&mut self, w: *mut Waiter) {
        // SAFETY: `w` is valid.
        unsafe { (*w).next = self.first };
        self.first = w;
        if self.last.is_null() {
            self.last = w;
        }
    }

    unsafe fn pop(&mut self) -> *mut Waiter {
        let w = self.first;
        // SAFETY: queued waiters are valid.
        if let Some(waiter) = unsafe { w.as_ref() } {
            self.first = waiter.next;
            if self.first.is_null() {
                self.last = ptr::null_mut();
            }
        }
        w
    }
}

unsafe fn try_acquire(addr: *mut u32) -> bool {
    // SAFETY: the callers' contract; goroutines of an isolate run one at a time.
    unsafe {
        let free = *addr > 0;
        *addr -= u32::from(free);
        free
    }
}

/// Waits until `*addr > 0` and decrements it. `lifo` puts the waiter first.
///
/// # Safety
/// Called on behalf of compiled code; `addr` is a valid word, reachable from the caller.
pub unsafe fn semacquire(block: *mut IsolateBlock, addr: *mut u32, lifo: bool, reason: &'static str) {
    // SAFETY: as the caller says; the waiter stays in place until it is taken from the queue and made ready.
    unsafe {
        let mut first_in_line = lifo;
        while !try_acquire(addr) {
            let mut waiter = Waiter { g: getg(block), next: ptr::null_mut(), ticket: 0 };
            let w = &raw mut waiter;
            let queue = (*isolate::of(block)).sched.semas.queues.entry(addr as usize).or_insert(EMPTY);
            if first_in_line {
                queue.push_front(w)
            } else {
                queue.push_back(w)
            }
            gopark(block, WaitReason(reason));
            if ptr::read_volatile(&raw const (*w).ticket) != 0 {
                return;
            }
            first_in_line = lifo;
        }
    }
}

/// Increments `*addr` and wakes a waiter; with `handoff` that gets the increment and runs now.
///
/// # Safety
/// As [`semacquire`].
pub unsafe fn semrelease(block: *mut IsolateBlock, addr: *mut u32, handoff: bool) {
    // SAFETY: as the caller says; queued waiters are valid.
    unsafe {
        *addr = (*addr).wrapping_add(1);
        let queues = &mut (*isolate::of(block)).sched.semas.queues;
        let Some(queue) = queues.get_mut(&(addr as usize)) else { return };
        let w = queue.pop();
        if queue.first.is_null() {
            queues.remove(&(addr as usize));
        }
        if handoff && try_acquire(addr) {
            (*w).ticket = 1;
        }
        let given = (*w).ticket != 0;
        goready(block, (*w).g);
        if given {
            goyield(block);
        }
    }
}

/// `sync.notifyList`: tickets that were handed out and served, and the waiters.
#[repr(C)]
struct NotifyList {
    wait: u32,
    notify: u32,
    lock: usize,
    queue: Queue,
}

native_table! {
    "sync.runtime_Semacquire" = fn sync_semacquire(block, args, results) {
        semacquire(block, *args as *mut u32, false, "semacquire");
    }
    "internal/poll.runtime_Semacquire" = fn poll_semacquire(block, args, results) {
        semacquire(block, *args as *mut u32, false, "semacquire");
    }
    "sync.runtime_SemacquireWaitGroup" = fn waitgroup_semacquire(block, args, results) {
        let durable = *args.add(1) as u8 != 0;
        let reason = if durable { "sync.WaitGroup.Wait (durable)" } else { "sync.WaitGroup.Wait" };
        semacquire(block, *args as *mut u32, false, reason);
    }
    "sync.runtime_SemacquireRWMutexR" = fn rlock_semacquire(block, args, results) {
        semacquire(block, *args as *mut u32, *args.add(1) as u8 != 0, "sync.RWMutex.RLock");
    }
    "sync.runtime_SemacquireRWMutex" = fn lock_semacquire(block, args, results) {
        semacquire(block, *args as *mut u32, *args.add(1) as u8 != 0, "sync.RWMutex.Lock");
    }
    "internal/sync.runtime_SemacquireMutex" = fn mutex_semacquire(block, args, results) {
        semacquire(block, *args as *mut u32, *args.add(1) as u8 != 0, "sync.Mutex.Lock");
    }
    "sync.runtime_Semrelease" = fn sync_semrelease(block, args, results) {
        semrelease(block, *args as *mut u32, *args.add(1) as u8 != 0);
    }
    "internal/sync.runtime_Semrelease" = fn mutex_semrelease(block, args, results) {
        semrelease(block, *args as *mut u32, *args.add(1) as u8 != 0);
    }
    "internal/poll.runtime_Semrelease" = fn poll_semrelease(block, args, results) {
        semrelease(block, *args as *mut u32, false);
    }
    "internal/sync.runtime_canSpin" = fn can_spin(block, args, results) {
        // There is one thread: who holds the lock does not run meanwhile.
        *results = 0;
    }
    "internal/sync.runtime_doSpin" = fn do_spin(block, args, results) {}
    "sync.runtime_notifyListAdd" = fn notify_list_add(block, args, results) {
        let list = *args as *mut NotifyList;
        *results = u64::from((*list).wait);
        (*list).wait = (*list).wait.wrapping_add(1);
    }
    "sync.runtime_notifyListWait" = fn notify_list_wait(block, args, results) {
        let (list, ticket) = (*args as *mut NotifyList, *args.add(1) as u32);
        if (ticket.wrapping_sub((*list).notify) as i32) < 0 {
            return;
        }
        let mut waiter = Waiter { g: getg(block), next: ptr::null_mut(), ticket };
        (*list).queue.push_back(&raw mut waiter);
        gopark(block, WaitReason("sync.Cond.Wait"));
    }
    "sync.runtime_notifyListNotifyAll" = fn notify_list_notify_all(block, args, results) {
        let list = *args as *mut NotifyList;
        let mut queue = std::mem::replace(&mut (*list).queue, EMPTY);
        (*list).notify = (*list).wait;
        let mut w = queue.pop();
        while !w.is_null() {
            check_bubble(block, (*w).g);
            goready(block, (*w).g);
            w = queue.pop();
        }
    }
    "sync.runtime_notifyListNotifyOne" = fn notify_list_notify_one(block, args, results) {
        let list = *args as *mut NotifyList;
        if (*list).wait == (*list).notify {
            return;
        }
        let ticket = (*list).notify;
        (*list).notify = ticket.wrapping_add(1);
        let (mut previous, mut w): (*mut Waiter, *mut Waiter) = (ptr::null_mut(), (*list).queue.first);
        while !w.is_null() && (*w).ticket != ticket {
            (previous, w) = (w, (*w).next);
        }
        // Not found: it took a ticket and does not wait yet; it will see that it was served.
        if w.is_null() {
            return;
        }
        let next = (*w).next;
        match previous.as_mut() {
            None => (*list).queue.first = next,
            Some(previous) => previous.next = next,
        }
        if next.is_null() {
            (*list).queue.last = previous;
        }
        check_bubble(block, (*w).g);
        goready(block, (*w).g);
    }
    "sync.runtime_notifyListCheck" = fn notify_list_check(block, args, results) {
        if *args as usize != size_of::<NotifyList>() {
            panic::throw(block, "bad notifyList size".into());
        }
    }
    "sync.runtime_procPin" = fn proc_pin(block, args, results) {
        pin(block, 1);
        *results = 0;
    }
    "sync.runtime_procUnpin" = fn proc_unpin(block, args, results) { pin(block, -1) }
    "sync/atomic.runtime_procPin" = fn atomic_proc_pin(block, args, results) {
        pin(block, 1);
        *results = 0;
    }
    "sync/atomic.runtime_procUnpin" = fn atomic_proc_unpin(block, args, results) { pin(block, -1) }
    "sync.runtime_registerPoolCleanup" = fn register_pool_cleanup(block, args, results) {
        (*isolate::of(block)).sched.pool_cleanup = *args as *const FuncVal;
    }
    "sync.throw" = fn sync_throw(block, args, results) { throw(block, args) }
    "sync.fatal" = fn sync_fatal(block, args, results) { fatal(block, args) }
    "internal/sync.throw" = fn internal_sync_throw(block, args, results) { throw(block, args) }
    "internal/sync.fatal" = fn internal_sync_fatal(block, args, results) { fatal(block, args) }
    "internal/sync.runtime_nanotime" = fn sync_nanotime(block, args, results) {
        *results = crate::time::nanotime() as u64;
    }
    "runtime.rand" = fn rand(block, args, results) {
        *results = (*isolate::of(block)).sched.rand();
    }
    "runtime.randn" = fn randn(block, args, results) {
        *results = u64::from((*isolate::of(block)).sched.rand_below(*args as u32));
    }
}

/// A goroutine of a bubble is durably blocked here, so only its bubble may wake it.
unsafe fn check_bubble(block: *mut IsolateBlock, g: *mut G) {
    // SAFETY: the callers' contract.
    unsafe {
        if (*g).bubble != 0 && (*g).bubble != (*getg(block)).bubble {
            panic::fatal(block, "semaphore wake of synctest goroutine from outside bubble".into());
        }
    }
}

/// While a goroutine is pinned, no other runs.
pub(crate) unsafe fn pin(block: *mut IsolateBlock, by: i32) {
    // SAFETY: the isolate runs on this thread.
    unsafe { (*isolate::of(block)).sched.pins += by };
}

unsafe fn throw(block: *mut IsolateBlock, text: *const u64) -> ! {
    // SAFETY: the words of a string.
    unsafe { panic::throw(block, panic::text_of(*text as *const u8, *text.add(1) as usize)) }
}

unsafe fn fatal(block: *mut IsolateBlock, text: *const u64) -> ! {
    // SAFETY: the words of a string.
    unsafe { panic::fatal(block, panic::text_of(*text as *const u8, *text.add(1) as usize)) }
}
