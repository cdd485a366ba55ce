//! `sync`, `sync/atomic` and `internal/sync`: semaphores, tickets of `sync.Cond`, pinned goroutines, random numbers.

use crate::sched::isolate;
use crate::sched::notify::{
    NotifyList, notify_list_add, notify_list_notify_all, notify_list_notify_one, notify_list_wait,
};
use crate::sched::panic;
use crate::sched::sema::{semacquire, semrelease};
use crate::sched::wait_reason::WaitReason;
use crate::std::native::natives;
use itab_abi::block::IsolateBlock;
use itab_abi::value::{FuncVal, GoString};

natives! {
    /// `func runtime_Semacquire(s *uint32)`
    "sync.runtime_Semacquire" | "internal/poll.runtime_Semacquire" = fn sync_semacquire(block, s: *mut u32) {
        // SAFETY: called on a goroutine's stack with a semaphore of the caller; nothing here needs dropping.
        unsafe { semacquire(block, s, false, WaitReason::Semacquire) }
    }
    /// `func runtime_SemacquireWaitGroup(s *uint32, synctestDurable bool)`
    "sync.runtime_SemacquireWaitGroup" = fn waitgroup_semacquire(block, s: *mut u32, durable: bool) {
        let reason = if durable { WaitReason::SyncWaitGroupWaitBubble } else { WaitReason::SyncWaitGroupWait };
        // SAFETY: as `sync_semacquire`.
        unsafe { semacquire(block, s, false, reason) }
    }
    /// `func runtime_SemacquireRWMutexR(s *uint32, lifo bool, skipframes int)`
    "sync.runtime_SemacquireRWMutexR" = fn rlock_semacquire(block, s: *mut u32, lifo: bool, _skipframes: i64) {
        // SAFETY: as `sync_semacquire`.
        unsafe { semacquire(block, s, lifo, WaitReason::SyncRWMutexRLock) }
    }
    /// `func runtime_SemacquireRWMutex(s *uint32, lifo bool, skipframes int)`
    "sync.runtime_SemacquireRWMutex" = fn lock_semacquire(block, s: *mut u32, lifo: bool, _skipframes: i64) {
        // SAFETY: as `sync_semacquire`.
        unsafe { semacquire(block, s, lifo, WaitReason::SyncRWMutexLock) }
    }
    /// `func runtime_SemacquireMutex(s *uint32, lifo bool, skipframes int)`
    "internal/sync.runtime_SemacquireMutex" = fn mutex_semacquire(block, s: *mut u32, lifo: bool, _skipframes: i64) {
        // SAFETY: as `sync_semacquire`.
        unsafe { semacquire(block, s, lifo, WaitReason::SyncMutexLock) }
    }
    /// `func runtime_Semrelease(s *uint32, handoff bool, skipframes int)`
    "sync.runtime_Semrelease" | "internal/sync.runtime_Semrelease"
    = fn sync_semrelease(block, s: *mut u32, handoff: bool, _skipframes: i64) {
        // SAFETY: as `sync_semacquire`.
        unsafe { semrelease(block, s, handoff) }
    }
    /// `func runtime_Semrelease(sema *uint32)`
    "internal/poll.runtime_Semrelease" = fn poll_semrelease(block, sema: *mut u32) {
        // SAFETY: as `sync_semacquire`.
        unsafe { semrelease(block, sema, false) }
    }
    /// `func runtime_canSpin(i int) bool`: there is one thread, so who holds the lock does not run meanwhile.
    "internal/sync.runtime_canSpin" = fn can_spin(_, _i: i64) -> bool { false }
    /// `func runtime_doSpin()`
    "internal/sync.runtime_doSpin" = fn do_spin(_) {}
    /// `func runtime_notifyListAdd(l *notifyList) uint32`
    "sync.runtime_notifyListAdd" = fn sync_list_add(_, l: *mut NotifyList) -> u32 {
        // SAFETY: the list is a condition's, which the caller holds.
        unsafe { notify_list_add(l) }
    }
    /// `func runtime_notifyListWait(l *notifyList, t uint32)`
    "sync.runtime_notifyListWait" = fn sync_list_wait(block, l: *mut NotifyList, t: u32) {
        // SAFETY: as `sync_list_add`; called on a goroutine's stack; nothing here needs dropping.
        unsafe { notify_list_wait(block, l, t) }
    }
    /// `func runtime_notifyListNotifyAll(l *notifyList)`
    "sync.runtime_notifyListNotifyAll" = fn sync_list_notify_all(block, l: *mut NotifyList) {
        // SAFETY: as `sync_list_wait`.
        unsafe { notify_list_notify_all(block, l) }
    }
    /// `func runtime_notifyListNotifyOne(l *notifyList)`
    "sync.runtime_notifyListNotifyOne" = fn sync_list_notify_one(block, l: *mut NotifyList) {
        // SAFETY: as `sync_list_wait`.
        unsafe { notify_list_notify_one(block, l) }
    }
    /// `func runtime_notifyListCheck(size uintptr)`
    "sync.runtime_notifyListCheck" = fn notify_list_check(block, size: usize) {
        if size != size_of::<NotifyList>() {
            // SAFETY: `throw` consumes its text; nothing else here needs dropping.
            unsafe { panic::throw(block, "bad notifyList size".into()) }
        }
    }
    /// `func runtime_procPin() int`: the number of the one processor.
    "sync.runtime_procPin" | "sync/atomic.runtime_procPin" = fn proc_pin(block) -> i64 {
        // SAFETY: the block is the running isolate's.
        unsafe { pin(block, 1) }
        0
    }
    /// `func runtime_procUnpin()`
    "sync.runtime_procUnpin" | "sync/atomic.runtime_procUnpin" = fn proc_unpin(block) {
        // SAFETY: the block is the running isolate's.
        unsafe { pin(block, -1) }
    }
    /// `func runtime_registerPoolCleanup(cleanup func())`
    "sync.runtime_registerPoolCleanup" = fn register_pool_cleanup(block, cleanup: *const FuncVal) {
        // SAFETY: the block is the running isolate's; package sync passes a declared function, which lives for ever.
        unsafe { (*isolate::of(block)).sched.pool_cleanup = cleanup }
    }
    /// `func throw(string)`
    "sync.throw" | "internal/sync.throw" = fn sync_throw(block, text: GoString) {
        // SAFETY: the text is a string of the caller; `throw` consumes the copy.
        unsafe { panic::throw(block, panic::text_of(text.ptr, text.len)) }
    }
    /// `func fatal(string)`
    "sync.fatal" | "internal/sync.fatal" = fn sync_fatal(block, text: GoString) {
        // SAFETY: the text is a string of the caller; `fatal` consumes the copy.
        unsafe { panic::fatal(block, panic::text_of(text.ptr, text.len)) }
    }
    /// `func rand() uint64`
    "runtime.rand" | "runtime.bootstrapRand" | "internal/runtime/maps.rand" = fn rand(block) -> u64 {
        // SAFETY: the block is the running isolate's.
        unsafe { (*isolate::of(block)).sched.rand() }
    }
    /// `func fastrand() uint32`, `func cheaprand() uint32`
    "runtime.fastrand" | "runtime.cheaprand" = fn fastrand(block) -> u32 {
        // SAFETY: the block is the running isolate's.
        unsafe { ((*isolate::of(block)).sched.rand() >> 32) as u32 }
    }
    /// `func randn(n uint32) uint32`; 0 for 0.
    "runtime.randn" | "runtime.fastrandn" | "runtime.cheaprandn" = fn randn(block, n: u32) -> u32 {
        // SAFETY: the block is the running isolate's.
        unsafe { (*isolate::of(block)).sched.rand_below(n) }
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
