//! `NameOff`, `TypeOff` and `TextOff`: the 32-bit handles that descriptors hold instead of pointers.
//!
//! Go resolves them relative to a module's sections. Here a handle is an index into one growing table of addresses;
//! Go code cannot tell, because only the runtime's `resolve*Off` read them. A `TextOff` names a slot whose address
//! changes when a stub's function is compiled. Handle 0 and negative ones resolve to nil.

use crate::sync::{AtomicPtr, AtomicUsize, Ordering};

const FIRST: usize = 1024;
const CHUNKS: usize = 21; // 1024 * (2^21 - 1) handles: all that an i32 can count

/// The table. Read without locks; pushed to by the holder of the interner's lock.
pub(super) struct OffTable {
    chunks: [AtomicPtr<AtomicUsize>; CHUNKS],
}

/// Chunk and place of a handle: chunk `k` has `FIRST << k` places.
fn locate(index: usize) -> (usize, usize) {
    let n = index + FIRST;
    let k = (n / FIRST).ilog2() as usize;
    (k, n - (FIRST << k))
}

impl OffTable {
    pub(super) fn new() -> OffTable {
        OffTable { chunks: std::array::from_fn(|_| AtomicPtr::new(std::ptr::null_mut())) }
    }

    fn slot(&self, off: i32) -> Option<&AtomicUsize> {
        if off <= 0 {
            return None;
        }
        let (k, i) = locate(off as usize);
        let chunk = self.chunks.get(k)?.load(Ordering::Acquire);
        if chunk.is_null() {
            return None;
        }
        // SAFETY: chunk k has FIRST << k places, `locate` stays below that, and chunks are freed by `drop` only.
        Some(unsafe { &*chunk.add(i) })
    }

    /// The address behind a handle, or 0.
    pub(super) fn get(&self, off: i32) -> usize {
        self.slot(off).map_or(0, |s| s.load(Ordering::Acquire))
    }

    /// Replaces the address behind a handle.
    pub(super) fn set(&self, off: i32, addr: usize) {
        let slot = self.slot(off).expect("handle was given out");
        slot.store(addr, Ordering::Release);
    }

    /// A new handle for an address; `next` counts the handles and is guarded by the interner's lock.
    pub(super) fn push(&self, next: &mut i32, addr: usize) -> i32 {
        *next = next.checked_add(1).expect("fewer than 2^31 names, types and methods");
        let (k, _) = locate(*next as usize);
        if self.chunks[k].load(Ordering::Relaxed).is_null() {
            let chunk: Box<[AtomicUsize]> = (0..FIRST << k).map(|_| AtomicUsize::new(0)).collect();
            self.chunks[k].store(Box::into_raw(chunk).cast(), Ordering::Release);
        }
        self.set(*next, addr);
        *next
    }
}

impl Drop for OffTable {
    fn drop(&mut self) {
        for (k, chunk) in self.chunks.iter().enumerate() {
            let p = chunk.load(Ordering::Relaxed);
            if !p.is_null() {
                // SAFETY: made by `push` from a boxed slice of this length.
                drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(p, FIRST << k)) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_resolve() {
        crate::sync::run(|| {
            let table = OffTable::new();
            let mut next = 0;
            for i in 1..5000usize {
                assert_eq!(table.push(&mut next, i * 3), i as i32);
            }
            for i in 1..5000usize {
                assert_eq!(table.get(i as i32), i * 3);
            }
            table.set(7, 1);
            assert_eq!((table.get(7), table.get(0), table.get(-1), table.get(i32::MAX)), (1, 0, 0, 0));
        });
    }
}
