//! A set of pointers that any thread reads without a lock: the shape of Go's itab table, used for itabs and for types.
//!
//! Open addressing over a power of two of slots, probed at triangular distances, at most three quarters full. An entry
//! never moves within a table and is never removed. Writers are serialised by the owner's lock, whose guarded state
//! holds the [`Writer`]; a full table is copied into one of twice the size, which is then published with one store.
//! Readers that still hold the old one may miss the newest entries, so whoever misses looks again under the lock
//! before it inserts. Old tables are kept until the set is dropped (together they are smaller than the current one).

use crate::sync::{AtomicPtr, Ordering};

struct Slots<T> {
    mask: usize,
    entries: Box<[AtomicPtr<T>]>,
}

impl<T> Slots<T> {
    fn new(capacity: usize) -> Box<Slots<T>> {
        debug_assert!(capacity.is_power_of_two());
        let entries = (0..capacity).map(|_| AtomicPtr::new(std::ptr::null_mut())).collect();
        Box::new(Slots { mask: capacity - 1, entries })
    }

    fn find(&self, hash: u32, mut same: impl FnMut(*mut T) -> bool) -> *mut T {
        let mut at = hash as usize & self.mask;
        for step in 1.. {
            let p = self.entries[at].load(Ordering::Acquire);
            if p.is_null() || same(p) {
                return p;
            }
            at = (at + step) & self.mask;
        }
        unreachable!("a table is never full")
    }

    fn put(&self, hash: u32, p: *mut T) {
        let mut at = hash as usize & self.mask;
        for step in 1.. {
            if self.entries[at].load(Ordering::Relaxed).is_null() {
                self.entries[at].store(p, Ordering::Release);
                return;
            }
            at = (at + step) & self.mask;
        }
    }
}

/// The set. `T` is what the pointers point to; the set neither owns nor reads it.
pub struct PtrTable<T> {
    current: AtomicPtr<Slots<T>>,
}

/// What only the holder of the owner's lock may have.
pub struct Writer<T> {
    count: usize,
    // Boxed, because readers may still hold references to the tables themselves.
    #[allow(clippy::vec_box)]
    retired: Vec<Box<Slots<T>>>,
}

// SAFETY: the retired tables hold plain pointers that are never followed.
unsafe impl<T> Send for Writer<T> {}

impl<T> PtrTable<T> {
    /// An empty set with room for `capacity` (a power of two) slots.
    pub fn new(capacity: usize) -> (PtrTable<T>, Writer<T>) {
        let current = AtomicPtr::new(Box::into_raw(Slots::new(capacity)));
        (PtrTable { current }, Writer { count: 0, retired: Vec::new() })
    }

    fn slots(&self) -> &Slots<T> {
        // SAFETY: `current` is never nil, and a published table is freed by `drop` only (a retired one with the
        // `Writer`, which the owner keeps beside the set).
        unsafe { &*self.current.load(Ordering::Acquire) }
    }

    /// The entry with this hash that `same` accepts, or nil. Takes no lock.
    pub fn find(&self, hash: u32, same: impl FnMut(*mut T) -> bool) -> *mut T {
        self.slots().find(hash, same)
    }

    /// Adds an entry that is not in the set. What it points to must be complete: readers see it at once.
    pub fn insert(&self, writer: &mut Writer<T>, p: *mut T, hash_of: impl Fn(*mut T) -> u32) {
        let slots = self.slots();
        if 4 * (writer.count + 1) > 3 * slots.entries.len() {
            self.grow(writer, &hash_of);
        }
        self.slots().put(hash_of(p), p);
        writer.count += 1;
    }

    fn grow(&self, writer: &mut Writer<T>, hash_of: impl Fn(*mut T) -> u32) {
        let old = self.slots();
        let new = Slots::new(old.entries.len() * 2);
        for entry in &old.entries {
            let p = entry.load(Ordering::Relaxed);
            if !p.is_null() {
                new.put(hash_of(p), p);
            }
        }
        let old = self.current.swap(Box::into_raw(new), Ordering::AcqRel);
        // SAFETY: `old` came from `Box::into_raw` and is no longer reachable through `current`; readers that still
        // hold it are covered, because it is freed only with the writer.
        writer.retired.push(unsafe { Box::from_raw(old) });
    }

    /// Calls `f` with every entry that was there when the call began, in no order.
    pub fn for_each(&self, mut f: impl FnMut(*mut T)) {
        for entry in &self.slots().entries {
            let p = entry.load(Ordering::Acquire);
            if !p.is_null() {
                f(p);
            }
        }
    }
}

impl<T> Writer<T> {
    /// How many entries the set has.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.count
    }
}

impl<T> Drop for PtrTable<T> {
    fn drop(&mut self) {
        let current = self.current.load(Ordering::Relaxed);
        // SAFETY: from `Box::into_raw`; `&mut self` means that no reader is left.
        drop(unsafe { Box::from_raw(current) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_and_finds() {
        crate::sync::run(|| {
            let (table, mut writer) = PtrTable::<usize>::new(4);
            let hash = |p: *mut usize| (p as usize as u32) % 7; // collides a lot
            for i in 1..=1000usize {
                let p = (i * 8) as *mut usize;
                assert!(table.find(hash(p), |q| q == p).is_null());
                table.insert(&mut writer, p, hash);
            }
            for i in 1..=1000usize {
                let p = (i * 8) as *mut usize;
                assert_eq!(table.find(hash(p), |q| q == p), p);
            }
            let mut n = 0;
            table.for_each(|_| n += 1);
            assert_eq!((n, writer.count()), (1000, 1000));
        });
    }
}
