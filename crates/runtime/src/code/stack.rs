//! Stacks: address space for goroutines, committed by touching it.
//!
//! Stacks of the common size are cut from chunks of a growing number of stacks, so that a hundred thousand goroutines do
//! not need as many mappings. From the bottom:
//!
//! ```text
//! lo      guard      one page; the last resort, for Rust code only
//!         headroom   what the runtime's own helpers need
//! limit   ...        compiled code stays above
//! hi      colour     unused; differs between stacks, so that their tops do not share cache sets
//! ```
//!
//! A [`StackPool`] is shared by isolates of all threads. Each isolate keeps the stacks it has used until it ends.

use crate::heap::msize::KERNEL_PAGE;
use std::io;
use std::ptr;
use std::sync::{Mutex, PoisonError};

/// Room below the limit: for the frame of compiled code that checks the limit after the frame was made, which is at
/// most half of this, and for the Rust helpers that it calls.
pub const HEADROOM: usize = 128 << 10;
/// Stack that must be left when a host function is called.
pub const HOST_ROOM: usize = 256 << 10;
const PAGE: usize = KERNEL_PAGE;
/// What is charged for a stack before anything runs on it.
pub const FIRST_GRANT: usize = 8 << 10;
/// Stacks that grow double what is charged for them, up to this step.
pub const LARGEST_GRANT: usize = 256 << 10;
/// Smaller stacks have no room for functions of the host.
pub const LEAST_STACK: usize = 512 << 10;
/// Default size of a goroutine's stack.
pub const GOROUTINE_STACK: usize = 1 << 20;
/// Default size of the stack on which the host enters.
pub const MAIN_STACK: usize = 64 << 20;
/// Size of a system stack, on which the compiler and the collector run.
pub const SYSTEM_STACK: usize = 16 << 20;

/// A stack that is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Lowest address, of the guard page.
    pub lo: usize,
    /// First address that is not used.
    pub hi: usize,
    /// Size of the whole, colour included.
    pub size: usize,
}

impl Stack {
    /// Where compiled code has to stop.
    pub fn limit(&self) -> usize {
        self.lo + PAGE + HEADROOM
    }

    /// Whether `addr` lies in the stack.
    pub fn contains(&self, addr: usize) -> bool {
        (self.lo..self.hi).contains(&addr)
    }
}

/// The size of the stack that a request for `size` bytes gets.
pub fn usable_size(size: usize) -> usize {
    size.max(LEAST_STACK).next_multiple_of(PAGE)
}

/// Address space for stacks, shared by isolates.
#[derive(Default)]
pub struct StackPool {
    state: Mutex<PoolState>,
}

#[derive(Default)]
struct PoolState {
    chunks: Vec<Chunk>,
    /// Free stacks by their size.
    free: Vec<(usize, FreeStacks)>,
}

#[derive(Default)]
struct FreeStacks {
    stacks: Vec<usize>,
    /// How many there are, the used ones included.
    made: usize,
}

struct Chunk {
    at: usize,
    len: usize,
}

/// Largest chunk, unless one stack is larger, in bytes.
const MAX_CHUNK: usize = 64 << 30;

/// Free stacks beyond this number give their pages back.
const KEEP_COMMITTED: usize = 64;

impl StackPool {
    /// An empty pool.
    pub fn new() -> StackPool {
        StackPool::default()
    }

    /// A stack of `size` bytes (a multiple of the page size).
    ///
    /// # Errors
    /// When the system has no more address space.
    pub fn alloc(&self, size: usize) -> io::Result<Stack> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.free_of(size).stacks.is_empty() {
            let first = if size <= GOROUTINE_STACK { 8 } else { 1 };
            let most = (MAX_CHUNK / size).clamp(1, 1024);
            let count = (state.free_of(size).made / 2).clamp(first.min(most), most);
            state.add_chunk(size, count)?;
        }
        let lo = state.free_of(size).stacks.pop().expect("a chunk was added");
        let colour = (lo / size) % 32 * 128;
        Ok(Stack { lo, hi: lo + size - colour, size })
    }

    /// Takes back stacks that nothing runs on.
    pub fn free(&self, stacks: impl IntoIterator<Item = Stack>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut discarded: Vec<(usize, usize)> = Vec::new();
        for stack in stacks {
            let free = &mut state.free_of(stack.size).stacks;
            if free.len() >= KEEP_COMMITTED || stack.size > MAIN_STACK {
                discarded.push((stack.lo, stack.lo + stack.size));
            }
            free.push(stack.lo);
        }
        // Neighbours go in one call. Guard pages stay.
        discarded.sort_unstable();
        for run in discarded.chunk_by(|a, b| a.1 == b.0) {
            discard(run[0].0, run[run.len() - 1].1 - run[0].0);
        }
    }
}

impl PoolState {
    fn free_of(&mut self, size: usize) -> &mut FreeStacks {
        let at = self.free.iter().position(|f| f.0 == size).unwrap_or_else(|| {
            self.free.push((size, FreeStacks::default()));
            self.free.len() - 1
        });
        &mut self.free[at].1
    }

    fn add_chunk(&mut self, size: usize, count: usize) -> io::Result<()> {
        let len = size * count;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let prot = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping anywhere.
        let at = unsafe { libc::mmap(ptr::null_mut(), len, prot, flags, -1, 0) };
        if at == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let at = at as usize;
        self.chunks.push(Chunk { at, len });
        // Huge pages would commit 2 MB for a stack's first word.
        // SAFETY: the range was just mapped.
        unsafe { libc::madvise(at as *mut _, len, libc::MADV_NOHUGEPAGE) };
        for i in 0..count {
            guard(at + i * size)?;
        }
        let free = self.free_of(size);
        free.made += count;
        // Handed out from the end: ascending addresses.
        free.stacks.extend((0..count).rev().map(|i| at + i * size));
        Ok(())
    }
}

/// Makes a page inaccessible; where the kernel can without splitting the mapping.
fn guard(at: usize) -> io::Result<()> {
    const MADV_GUARD_INSTALL: libc::c_int = 102;
    // SAFETY: the page is the lowest of a stack that nobody has used.
    let refused = unsafe {
        libc::madvise(at as *mut _, PAGE, MADV_GUARD_INSTALL) != 0
            && libc::mprotect(at as *mut _, PAGE, libc::PROT_NONE) != 0
    };
    if refused { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn discard(at: usize, len: usize) {
    // SAFETY: the range belongs to a stack that nothing runs on; its contents are dead.
    unsafe { libc::madvise(at as *mut _, len, libc::MADV_DONTNEED) };
}

impl Drop for StackPool {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        for chunk in &state.chunks {
            // SAFETY: the chunk is ours, and isolates, which hold the pool, have ended.
            unsafe { libc::munmap(chunk.at as *mut _, chunk.len) };
        }
    }
}

/// Clears the stack below the caller's frame, as far down as calls of the runtime that do not check the limit can
/// reach.
#[inline(never)]
pub(crate) fn clear_below() {
    const WORDS: usize = 1 << 10;
    core::hint::black_box([0usize; WORDS]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_are_reused_and_usable() {
        let pool = StackPool::new();
        let stacks: Vec<Stack> = (0..100).map(|_| pool.alloc(GOROUTINE_STACK).unwrap()).collect();
        for stack in &stacks {
            let top = (stack.hi - 8) as *mut u64;
            // SAFETY: the word below `hi` belongs to the stack.
            unsafe { top.write(7) };
            assert!(stack.contains(top as usize) && stack.limit() < stack.hi);
        }
        pool.free(stacks.iter().copied());
        let again = pool.alloc(GOROUTINE_STACK).unwrap();
        assert!(stacks.iter().any(|s| s.lo == again.lo));
    }
}
