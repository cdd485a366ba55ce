//! Locks and atomics, in one place so that the modules above it can be model-checked: the model tests compile the same
//! source files against a `sync` module of their own that takes everything from shuttle.

pub use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
pub use std::sync::{Mutex, MutexGuard};

/// Takes a lock. What the locks here guard stays valid when its holder panics: a batch of types that was not committed
/// has made nothing, and an itab is published last.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// Tells a model checker that other threads may run here. Put where an atomic of a fixed layout, which the checker
/// does not see, is read or written.
#[inline(always)]
pub fn schedule_point() {}

/// Runs a test that uses the above: a model checker needs to be around it.
#[cfg(test)]
pub fn run(f: impl Fn() + Send + Sync + 'static) {
    f();
}
