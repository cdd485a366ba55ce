//! Memory that lives as long as its Program and is freed as a whole: descriptors, names, itabs, masks, closures.
//!
//! [`PersistentMem`] is what the interner needs of it; [`PersistentArena`] is the plain implementation: one reserved
//! region, bumped upwards without a lock, returned to the system when dropped. A Program may give the memory from its
//! own arena instead, so that compiled code reaches descriptors with 32-bit displacements.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A source of permanent memory.
///
/// # Safety
/// `alloc` returns zeroed, writable memory of `size` bytes with the asked alignment (a power of two up to 4096), that
/// nobody else uses and that stays valid until the source is dropped. All of it lies within 2 GB, and of two calls of
/// one thread the later one returns the higher address (method tables are reached by unsigned 32-bit offsets).
pub unsafe trait PersistentMem: Send + Sync {
    /// Permanent memory; nil when there is no more.
    fn alloc(&self, size: usize, align: usize) -> *mut u8;
    /// How many bytes were given out.
    fn used(&self) -> usize;
}

thread_local! {
    static CHARGED: Cell<usize> = const { Cell::new(0) };
}

/// Bytes of permanent memory taken by this thread so far. The difference of two readings is what the work between
/// them must be charged with.
pub fn charged_on_this_thread() -> usize {
    CHARGED.get()
}

/// Takes `size` bytes from `mem` and counts them for [`charged_on_this_thread`].
///
/// # Panics
/// When the source is exhausted: type data beyond 1 GB in one program.
pub fn persistentalloc(mem: &dyn PersistentMem, size: usize, align: usize) -> *mut u8 {
    let p = mem.alloc(size, align);
    if p.is_null() {
        // Not a bug to be reported by the panic hook: who makes types for Go code catches it and ends the isolate.
        std::panic::resume_unwind(Box::new("out of memory for type descriptors"));
    }
    CHARGED.set(CHARGED.get() + size);
    p
}

/// One reserved region that is filled upwards.
#[derive(Debug)]
pub struct PersistentArena {
    base: *mut u8,
    len: usize,
    next: AtomicUsize,
}

// SAFETY: `base` and `len` never change; `next` is atomic and hands out disjoint ranges.
unsafe impl Send for PersistentArena {}
// SAFETY: as above.
unsafe impl Sync for PersistentArena {}

impl PersistentArena {
    /// Address space of one arena; memory is committed as it is used.
    const RESERVE: usize = if cfg!(miri) { 1 << 20 } else { 1 << 30 };

    /// A new, empty arena.
    ///
    /// # Panics
    /// When the system refuses the reservation.
    pub fn new() -> PersistentArena {
        let base = reserve(Self::RESERVE);
        assert!(!base.is_null(), "cannot reserve memory for type descriptors");
        PersistentArena { base, len: Self::RESERVE, next: AtomicUsize::new(0) }
    }
}

impl Default for PersistentArena {
    fn default() -> Self {
        PersistentArena::new()
    }
}

// SAFETY: the region is zeroed when mapped, `next` only grows, and ranges never overlap.
unsafe impl PersistentMem for PersistentArena {
    fn alloc(&self, size: usize, align: usize) -> *mut u8 {
        debug_assert!(align.is_power_of_two() && align <= 4096);
        let mut start = 0;
        let taken = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
            start = next.checked_next_multiple_of(align)?;
            start.checked_add(size).filter(|&end| end <= self.len)
        });
        match taken {
            // SAFETY: start + size <= len, so the result points into the region.
            Ok(_) => unsafe { self.base.add(start) },
            Err(_) => std::ptr::null_mut(),
        }
    }

    fn used(&self) -> usize {
        self.next.load(Ordering::Relaxed)
    }
}

impl Drop for PersistentArena {
    fn drop(&mut self) {
        release(self.base, self.len);
    }
}

#[cfg(not(miri))]
fn reserve(len: usize) -> *mut u8 {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a fresh anonymous mapping; the result is tested.
    let p = unsafe { libc::mmap(std::ptr::null_mut(), len, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if p == libc::MAP_FAILED { std::ptr::null_mut() } else { p.cast() }
}

#[cfg(not(miri))]
fn release(base: *mut u8, len: usize) {
    // SAFETY: exactly the mapping that `reserve` made; its owner is being dropped.
    unsafe { libc::munmap(base.cast(), len) };
}

#[cfg(miri)]
fn reserve(len: usize) -> *mut u8 {
    // SAFETY: len is not zero and the alignment is a power of two.
    unsafe { std::alloc::alloc_zeroed(std::alloc::Layout::from_size_align(len, 4096).unwrap()) }
}

#[cfg(miri)]
fn release(base: *mut u8, len: usize) {
    // SAFETY: allocated by `reserve` with the same layout.
    unsafe { std::alloc::dealloc(base, std::alloc::Layout::from_size_align(len, 4096).unwrap()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_disjoint_and_ascend() {
        let arena = PersistentArena::new();
        let a = arena.alloc(3, 1) as usize;
        let b = arena.alloc(8, 8) as usize;
        let c = arena.alloc(1, 4096) as usize;
        assert!(a + 3 <= b && b + 8 <= c && b.is_multiple_of(8) && c.is_multiple_of(4096));
        assert!(arena.alloc(usize::MAX, 1).is_null() && arena.alloc(2 << 30, 1).is_null());
    }
}
