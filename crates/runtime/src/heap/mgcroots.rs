//! Roots: where marking starts.
//!
//! The isolate implements [`Roots`] and reports its package variables, stacks, registers and Rust-side tables. The
//! host's handles are in the heap's [`RootTable`]. Rust code that runs on a goroutine's stack is scanned with it, so a
//! pointer in its frame or a callee-saved register keeps the object alive. But the optimiser may replace that pointer
//! by one that points before or past the object. A [`Local`] keeps the base pointer itself until it is dropped.

use crate::heap::malloc::Heap;
use crate::heap::mgcmark::Marker;
use std::sync::{Arc, Mutex};

/// What shows its pointers to the collector.
pub trait Roots {
    /// A collection begins: the running stack's pointer, and the callee-saved registers.
    fn begin(&mut self, _sp: usize, _registers: [usize; 12]) {}

    /// Shows them all. Must not allocate from the heap.
    fn scan(&mut self, marker: &mut Marker<'_>);
}

impl<F: FnMut(&mut Marker<'_>)> Roots for F {
    fn scan(&mut self, marker: &mut Marker<'_>) {
        self(marker);
    }
}

/// A pointer to an object, kept in a register or on the stack until it is dropped. Not dropping it is harmless.
#[derive(Debug)]
pub struct Local<T = u8>(*mut T);

impl<T> Local<T> {
    /// Keeps the object at `p`.
    #[inline(always)]
    pub fn new(p: *mut T) -> Local<T> {
        Local(p)
    }

    /// The pointer.
    #[inline(always)]
    pub fn get(&self) -> *mut T {
        self.0
    }
}

impl<T> Drop for Local<T> {
    #[inline(always)]
    fn drop(&mut self) {
        keep_alive(self.0);
    }
}

/// Keeps the object at `p` until here.
#[inline(always)]
pub fn keep_alive<T>(p: *const T) {
    #[cfg(not(miri))]
    // SAFETY: no instruction; the pointer must be in a register here.
    unsafe {
        core::arch::asm!("/* {0} */", in(reg) p.cast::<u8>(), options(nostack, preserves_flags));
    }
    #[cfg(miri)]
    core::hint::black_box(p);
}

/// The callee-saved registers at this point: what the caller's callers may have there. Whoever scans a stack from Rust
/// scans these too.
#[inline(always)]
pub fn callee_saved_registers() -> [usize; 12] {
    let mut registers = [0usize; 12];
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: stores registers to the array.
    unsafe {
        core::arch::asm!(
            "mov [{0}], rbx", "mov [{0} + 8], rbp", "mov [{0} + 16], r12", "mov [{0} + 24], r13",
            "mov [{0} + 32], r14", "mov [{0} + 40], r15",
            in(reg) registers.as_mut_ptr(), options(nostack, preserves_flags)
        );
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: stores registers to the array.
    unsafe {
        core::arch::asm!(
            "stp x19, x20, [{0}]", "stp x21, x22, [{0}, #16]", "stp x23, x24, [{0}, #32]",
            "stp x25, x26, [{0}, #48]", "stp x27, x28, [{0}, #64]", "str x29, [{0}, #80]",
            in(reg) registers.as_mut_ptr(), options(nostack, preserves_flags)
        );
    }
    core::hint::black_box(&mut registers);
    registers
}

/// The stack pointer; 0 where there is none.
#[inline(always)]
pub fn stack_pointer() -> usize {
    let sp: usize;
    #[cfg(miri)]
    {
        sp = 0;
    }
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: reads a register.
    unsafe {
        core::arch::asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags));
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: reads a register.
    unsafe {
        core::arch::asm!("mov {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags));
    }
    sp
}

/// Number of a host handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RootId(u32);

/// Handles that were dropped, perhaps on other threads; taken out of the table by the next collection or new handle.
pub type DroppedRoots = Arc<Mutex<Vec<RootId>>>;

/// The host's handles: each keeps an object alive.
#[derive(Debug, Default)]
pub struct RootTable {
    slots: Vec<*mut u8>,
    free: Vec<u32>,
    dropped: DroppedRoots,
}

impl RootTable {
    fn take_dropped(&mut self) {
        let dropped = std::mem::take(&mut *self.dropped.lock().unwrap_or_else(|e| e.into_inner()));
        for id in dropped {
            self.slots[id.0 as usize] = core::ptr::null_mut();
            self.free.push(id.0);
        }
    }

    pub(crate) fn scan(&mut self, marker: &mut Marker<'_>) {
        self.take_dropped();
        for &p in &self.slots {
            marker.pointer(p);
        }
    }
}

impl Heap {
    /// A handle that keeps the object at `p` alive.
    pub fn new_root(&mut self, p: *mut u8) -> RootId {
        let table = &mut self.table;
        if table.free.is_empty() {
            table.take_dropped();
        }
        if let Some(i) = table.free.pop() {
            table.slots[i as usize] = p;
            return RootId(i);
        }
        table.slots.push(p);
        RootId(table.slots.len() as u32 - 1)
    }

    /// What the handle keeps alive.
    pub fn root(&self, id: RootId) -> *mut u8 {
        self.table.slots[id.0 as usize]
    }

    /// Changes what the handle keeps alive.
    pub fn set_root(&mut self, id: RootId, p: *mut u8) {
        self.table.slots[id.0 as usize] = p;
    }

    /// Ends a handle.
    pub fn drop_root(&mut self, id: RootId) {
        self.table.slots[id.0 as usize] = core::ptr::null_mut();
        self.table.free.push(id.0);
    }

    /// Where handles are put to end them from other threads.
    pub fn dropped_roots(&self) -> DroppedRoots {
        self.table.dropped.clone()
    }
}

/// Keeps a Go object alive for the host until it is dropped, on any thread.
#[derive(Debug)]
pub struct HostRoot {
    id: RootId,
    dropped: DroppedRoots,
}

impl HostRoot {
    /// Keeps the object of `heap` that `p` points into.
    pub fn new(heap: &mut Heap, p: *mut u8) -> HostRoot {
        HostRoot { id: heap.new_root(p), dropped: heap.dropped_roots() }
    }

    /// Its number in the heap's table.
    pub fn id(&self) -> RootId {
        self.id
    }
}

impl Drop for HostRoot {
    fn drop(&mut self) {
        self.dropped.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(self.id);
    }
}
