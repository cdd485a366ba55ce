//! A set of pointers that any thread reads without a lock: the shape of Go's itab table, used for itabs and for types.
//!
//! Open addressing over a power of two of slots, probed at triangular distances, at most three quarters full. An entry
//! never moves within a table and is never removed. Writers are serialised by the owner's lock, whose guarded state
//! holds the [`Writer`]; a full table is copied into one of twice the size, which is then published with one store.
//! Readers that still hold the old one may miss the newest entries, so after a miss a caller searches again under the
//! lock before it inserts. Old tables are kept until the set is dropped (together they are smaller than the current
//! one).

use crate::sync::{AtomicPtr, Ordering};
use std::ptr::NonNull;

/// One table: a permanent array whose first element holds the mask of the others, so that a reader follows one pointer
/// only. Copyable; who owns it frees it once.
struct Slots<T>(NonNull<AtomicPtr<T>>);

impl<T> Clone for Slots<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slots<T> {}

impl<T> Slots<T> {
    fn new(capacity: usize) -> Slots<T> {
        debug_assert!(capacity.is_power_of_two());
        let first: *mut T = std::ptr::without_provenance_mut(capacity - 1);
        let rest = (0..capacity).map(|_| std::ptr::null_mut());
        let all: Box<[_]> = std::iter::once(first).chain(rest).map(AtomicPtr::new).collect();
        Slots(NonNull::from(Box::leak(all)).cast())
    }

    #[inline]
    fn mask(self) -> usize {
        // SAFETY: `new` makes at least two elements.
        unsafe { self.0.as_ref() }.load(Ordering::Relaxed).addr()
    }

    /// Slot `i`, which is at most the mask.
    #[inline]
    fn at(&self, i: usize) -> &AtomicPtr<T> {
        // SAFETY: there are mask + 1 slots behind the first element; tables outlive their readers (`PtrTable`).
        unsafe { self.0.add(1 + i).as_ref() }
    }

    /// # Safety
    /// Called once, when nobody reads the table any more.
    unsafe fn free(self) {
        let len = self.mask() + 2;
        // SAFETY: `new` leaked a box of this many elements.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(self.0.as_ptr(), len)) });
    }

    #[inline]
    fn find(self, hash: u32, mut same: impl FnMut(*mut T) -> bool) -> *mut T {
        let mask = self.mask();
        let mut i = hash as usize & mask;
        let mut step = 1;
        loop {
            let p = self.at(i).load(Ordering::Acquire);
            if p.is_null() || same(p) {
                return p;
            }
            i = (i + step) & mask;
            step += 1;
        }
    }

    fn put(self, hash: u32, p: *mut T) {
        let mask = self.mask();
        let mut i = hash as usize & mask;
        let mut step = 1;
        while !self.at(i).load(Ordering::Relaxed).is_null() {
            i = (i + step) & mask;
            step += 1;
        }
        self.at(i).store(p, Ordering::Release);
    }
}

/// The set. `T` is what the pointers point to; the set neither owns nor reads it.
pub struct PtrTable<T> {
    current: AtomicPtr<AtomicPtr<T>>,
}

/// What only the holder of the owner's lock may have.
pub struct Writer<T> {
    count: usize,
    retired: Vec<Slots<T>>,
}

// SAFETY: the retired tables hold plain pointers that are never followed.
unsafe impl<T> Send for Writer<T> {}

impl<T> PtrTable<T> {
    /// An empty set with room for `capacity` (a power of two) slots.
    pub fn new(capacity: usize) -> (PtrTable<T>, Writer<T>) {
        let current = AtomicPtr::new(Slots::<T>::new(capacity).0.as_ptr());
        (PtrTable { current }, Writer { count: 0, retired: Vec::new() })
    }

    #[inline]
    fn slots(&self) -> Slots<T> {
        // SAFETY: `current` is never nil. A published table is freed by `drop`, a retired one with the `Writer`, which
        // the owner keeps beside the set.
        Slots(unsafe { NonNull::new_unchecked(self.current.load(Ordering::Acquire)) })
    }

    /// The entry with this hash that `same` accepts, or nil. Takes no lock.
    #[inline]
    pub fn find(&self, hash: u32, same: impl FnMut(*mut T) -> bool) -> *mut T {
        self.slots().find(hash, same)
    }

    /// Adds an entry that is not in the set. What it points to must be complete: readers see it at once.
    pub fn insert(&self, writer: &mut Writer<T>, p: *mut T, hash_of: impl Fn(*mut T) -> u32) {
        if 4 * (writer.count + 1) > 3 * (self.slots().mask() + 1) {
            self.grow(writer, &hash_of);
        }
        self.slots().put(hash_of(p), p);
        writer.count += 1;
    }

    fn grow(&self, writer: &mut Writer<T>, hash_of: impl Fn(*mut T) -> u32) {
        let old = self.slots();
        let new = Slots::new((old.mask() + 1) * 2);
        for i in 0..=old.mask() {
            let p = old.at(i).load(Ordering::Relaxed);
            if !p.is_null() {
                new.put(hash_of(p), p);
            }
        }
        self.current.store(new.0.as_ptr(), Ordering::Release);
        writer.retired.push(old);
    }

    /// Calls `f` with every entry that was there when the call began, in no order.
    pub fn for_each(&self, mut f: impl FnMut(*mut T)) {
        let slots = self.slots();
        for i in 0..=slots.mask() {
            let p = slots.at(i).load(Ordering::Acquire);
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
        // SAFETY: `&mut self` means that no reader is left.
        unsafe { self.slots().free() };
    }
}

impl<T> Drop for Writer<T> {
    fn drop(&mut self) {
        // SAFETY: retired tables are reached by readers of the set only, which its owner drops together with this.
        self.retired.drain(..).for_each(|slots| unsafe { slots.free() });
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
