//! `sync`, `sync/atomic` and `internal/sync`: semaphores, tickets of `sync.Cond`, pinned goroutines, random numbers.

use crate::sched::isolate;
use crate::sched::notify::{
    NotifyList, notify_list_add, notify_list_notify_all, notify_list_notify_one, notify_list_wait,
};
use crate::sched::panic;
use crate::sched::sema::{semacquire, semrelease};
use crate::std::native_table::native_table;
use itab_abi::block::IsolateBlock;
use itab_abi::value::FuncVal;

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
    "sync.runtime_notifyListAdd" = fn sync_list_add(block, args, results) {
        *results = u64::from(notify_list_add(*args as *mut NotifyList));
    }
    "sync.runtime_notifyListWait" = fn sync_list_wait(block, args, results) {
        notify_list_wait(block, *args as *mut NotifyList, *args.add(1) as u32);
    }
    "sync.runtime_notifyListNotifyAll" = fn sync_list_notify_all(block, args, results) {
        notify_list_notify_all(block, *args as *mut NotifyList);
    }
    "sync.runtime_notifyListNotifyOne" = fn sync_list_notify_one(block, args, results) {
        notify_list_notify_one(block, *args as *mut NotifyList);
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
        *results = crate::sched::clock::nanotime() as u64;
    }
    "runtime.rand" = fn rand(block, args, results) {
        *results = (*isolate::of(block)).sched.rand();
    }
    "runtime.randn" = fn randn(block, args, results) {
        *results = u64::from((*isolate::of(block)).sched.rand_below(*args as u32));
    }
}

/// While a goroutine is pinned, no other runs.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread.
pub(crate) unsafe fn pin(block: *mut IsolateBlock, by: i32) {
    // SAFETY: as the caller says.
    unsafe { (*isolate::of(block)).sched.pins += by };
}

/// Ends the isolate with a text of Go's.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine; `text` points to the two words of a string.
unsafe fn throw(block: *mut IsolateBlock, text: *const u64) -> ! {
    // SAFETY: as the caller says.
    unsafe { panic::throw(block, panic::text_of(*text as *const u8, *text.add(1) as usize)) }
}

/// The same for an error of the program.
///
/// # Safety
/// As [`throw`].
unsafe fn fatal(block: *mut IsolateBlock, text: *const u64) -> ! {
    // SAFETY: as the caller says.
    unsafe { panic::fatal(block, panic::text_of(*text as *const u8, *text.add(1) as usize)) }
}
