//! The memory of one program's code and static data.
//!
//! One region of address space is reserved. Its lower half holds data and its upper half maps the code, so that code
//! reaches data, stubs and other code with 32-bit displacements. Code pages come from a memory file that is mapped
//! twice, executable in the region and writable elsewhere. No mapping is ever both, and adding a function needs no
//! change of protection. Pages are committed when touched, and everything is unmapped when the arena is dropped.
//!
//! Every Go function has a number, a *slot* (a pointer in the data) and a *stub* (16 bytes of code: a jump through the
//! slot). The stub's address is the function's identity. The slot first points into the stub, to instructions that
//! request the function's compilation. It is then set to the function's code, atomically, while other threads may be
//! calling it.
//!
//! Live arenas are listed in a table that signal handlers search without a lock ([`find_arena`]).

use crate::code::arch;
use crate::code::symtab::{FuncInfo, SymTab};
use itab_abi::runtime_fns::RuntimeFn;
use rustc_hash::FxHashMap;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Default size of a program's region, in bytes of address space.
pub const DEFAULT_SIZE: usize = 1 << 30;

/// A program needs more code or data than its arena can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the program's {what} does not fit into its arena of {size} bytes")]
pub struct ArenaFull {
    what: &'static str,
    size: usize,
}

/// Where compiled code goes when it leaves: addresses of functions that the arena knows nothing else of.
#[derive(Clone, Copy, Debug)]
pub struct Exits {
    /// The function behind an entry of the runtime.
    pub runtime_fn: fn(RuntimeFn) -> usize,
    /// What a function's stub leads to until the function is compiled; made by `arch::define_lazy_thunk!`.
    pub lazy: usize,
}

/// Code and static data of one program.
pub struct Arena {
    base: usize,
    size: usize,
    /// Start of the executable view.
    code: usize,
    /// Start of the writable view of the code.
    alias: usize,
    state: Mutex<ArenaState>,
    funcs: FuncTables,
    runtime_thunks: usize,
    symtab: SymTab,
    slot: usize,
}

struct ArenaState {
    data_next: usize,
    code_next: usize,
    thunks: FxHashMap<usize, usize>,
    lazy_thunk: usize,
}

/// Numbers are handed out in batches; a batch's slots and stubs lie in a row.
struct FuncTables {
    batches: [AtomicPtr<FuncBatch>; 64],
    len: AtomicU32,
}

struct FuncBatch {
    first: u32,
    count: u32,
    slots: usize,
    stubs: usize,
}

impl Arena {
    /// Reserves a region of `size` bytes (a power of two, at most 4 GB).
    ///
    /// # Errors
    /// When the system refuses address space or a memory file.
    ///
    /// # Panics
    /// When `size` is not a power of two between 1 MB and 4 GB.
    pub fn new(size: usize, exits: Exits) -> io::Result<Arc<Arena>> {
        assert!(size.is_power_of_two() && (1 << 20..=1usize << 32).contains(&size), "size of an arena");
        let half = size / 2;
        let base = map(ptr::null_mut(), size, libc::PROT_NONE, libc::MAP_NORESERVE, -1)?;
        let mut arena = Arena {
            base,
            size,
            code: base + half,
            alias: 0,
            state: Mutex::new(ArenaState {
                // The first words of the data are never handed out, so that offset 0 means none.
                data_next: base + 64,
                code_next: base + half,
                thunks: FxHashMap::default(),
                lazy_thunk: 0,
            }),
            funcs: FuncTables { batches: [const { AtomicPtr::new(ptr::null_mut()) }; 64], len: AtomicU32::new(0) },
            runtime_thunks: 0,
            symtab: SymTab::new(),
            slot: usize::MAX,
        };
        arena.map_halves(half)?;
        arena.add_thunks(exits);
        // Signal handlers find the arena through this word, so it must be in place before the registration.
        // SAFETY: the data half is mapped writable, and its first word belongs to the arena.
        unsafe { (base as *mut usize).write(0) };
        arena.slot = register(base, size);
        let arena = Arc::new(arena);
        // SAFETY: as above; handlers may be reading it already.
        unsafe { AtomicUsize::from_ptr(base as *mut usize) }.store(Arc::as_ptr(&arena) as usize, Ordering::Release);
        Ok(arena)
    }

    fn map_halves(&mut self, half: usize) -> io::Result<()> {
        let rw = libc::PROT_READ | libc::PROT_WRITE;
        map(self.base as *mut u8, half, rw, libc::MAP_FIXED | libc::MAP_NORESERVE, -1)?;
        // SAFETY: a constant string and a valid flag.
        let fd = unsafe { libc::memfd_create(c"go-code".as_ptr(), libc::MFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        let mapped = (|| {
            // SAFETY: `fd` is ours.
            if unsafe { libc::ftruncate(fd, half as libc::off_t) } != 0 {
                return Err(io::Error::last_os_error());
            }
            let rx = libc::PROT_READ | libc::PROT_EXEC;
            map(self.code as *mut u8, half, rx, libc::MAP_FIXED, fd)?;
            self.alias = map(ptr::null_mut(), half, rw, 0, fd)?;
            Ok(())
        })();
        // SAFETY: `fd` is ours and no longer needed: the mappings keep the file alive.
        unsafe { libc::close(fd) };
        mapped
    }

    /// Thunks for every runtime entry, in the order of their numbers, and the one for functions not compiled yet.
    fn add_thunks(&mut self, exits: Exits) {
        let all = RuntimeFn::ALL;
        let first = self
            .alloc_raw_code(all.len() * arch::THUNK_SIZE, arch::THUNK_SIZE)
            .expect("a fresh arena has room for the thunks");
        let thunks = all.iter().flat_map(|f| arch::thunk_code((exits.runtime_fn)(*f)));
        self.write_code(first, &thunks.collect::<Vec<u8>>());
        self.runtime_thunks = first;
        let jump = arch::jump_code(exits.lazy);
        let lazy = self.alloc_raw_code(jump.len(), 16).expect("a fresh arena has room");
        self.write_code(lazy, &jump);
        self.lock().lazy_thunk = lazy;
    }

    fn lock(&self) -> MutexGuard<'_, ArenaState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The region that addresses of code and data lie in.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.base..self.base + self.size
    }

    /// Bytes of code and of data handed out so far.
    pub fn used(&self) -> (usize, usize) {
        let state = self.lock();
        (state.code_next - self.code, state.data_next - self.base)
    }

    /// Room for a function's code, `skew` bytes after a multiple of `align`; the address is where it will run. Fill it through
    /// [`Arena::write_code`], then [`Arena::publish`] what is known about it.
    ///
    /// # Errors
    /// When the region is used up.
    pub fn alloc_code(&self, len: usize, align: usize, skew: usize) -> Result<usize, ArenaFull> {
        let mut state = self.lock();
        let at = self.bump_code(&mut state, len, align, skew)?;
        self.symtab.push(at, at + len);
        Ok(at)
    }

    /// The same for code that is no function.
    fn alloc_raw_code(&self, len: usize, align: usize) -> Result<usize, ArenaFull> {
        self.bump_code(&mut self.lock(), len, align, 0)
    }

    fn bump_code(&self, state: &mut ArenaState, len: usize, align: usize, skew: usize) -> Result<usize, ArenaFull> {
        let limit = self.base + self.size;
        bump(&mut state.code_next, limit, len, align, skew).ok_or(ArenaFull { what: "code", size: self.size })
    }

    /// Zeroed static data.
    ///
    /// # Errors
    /// When the region is used up.
    pub fn alloc_data(&self, size: usize, align: usize) -> Result<*mut u8, ArenaFull> {
        let at = bump(&mut self.lock().data_next, self.code, size, align, 0);
        at.map(|at| at as *mut u8).ok_or(ArenaFull { what: "data", size: self.size })
    }

    /// Writes code that nobody runs yet. When this returns, every thread may run it.
    ///
    /// # Panics
    /// When `addr` is outside of the code.
    pub fn write_code(&self, addr: usize, bytes: &[u8]) {
        let end = addr.checked_add(bytes.len()).expect("a length");
        assert!(addr >= self.code && end <= self.base + self.size, "an address of code");
        let to = (addr - self.code + self.alias) as *mut u8;
        // SAFETY: the bytes lie in the code, so in the writable view too.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        arch::make_executable(addr, bytes.len());
    }

    /// Attaches information to code from [`Arena::alloc_code`], which is complete, before it first runs.
    pub fn publish(&self, addr: usize, info: Box<FuncInfo>) {
        self.symtab.publish(addr, info);
    }

    /// The functions by address.
    pub fn symtab(&self) -> &SymTab {
        &self.symtab
    }

    /// Address near the code of a runtime entry.
    pub fn runtime_thunk(&self, f: RuntimeFn) -> usize {
        self.runtime_thunks + f as usize * arch::THUNK_SIZE
    }

    /// Address near the code from which compiled code reaches the Rust function at `target`. One per target.
    ///
    /// # Errors
    /// When the region is used up.
    pub fn native_thunk(&self, target: usize) -> Result<usize, ArenaFull> {
        if let Some(&at) = self.lock().thunks.get(&target) {
            return Ok(at);
        }
        let at = self.alloc_raw_code(arch::THUNK_SIZE, arch::THUNK_SIZE)?;
        self.write_code(at, &arch::thunk_code(target));
        Ok(*self.lock().thunks.entry(target).or_insert(at))
    }

    /// Gives numbers to `count` functions, each with a slot and a stub, and returns the first number.
    ///
    /// # Errors
    /// When the region is used up.
    ///
    /// # Panics
    /// After 64 batches of doubling size.
    pub fn alloc_funcs(&self, count: u32) -> Result<u32, ArenaFull> {
        let n = count as usize;
        let slots = self.alloc_data(n * 8, 16)? as usize;
        let mut state = self.lock();
        let stubs = self.bump_code(&mut state, n * arch::STUB_SIZE, arch::STUB_SIZE, 0)?;
        let first = self.funcs.len.load(Ordering::Relaxed);
        let mut code = Vec::with_capacity(n * arch::STUB_SIZE);
        for i in 0..n {
            let (stub, slot) = (stubs + i * arch::STUB_SIZE, slots + i * 8);
            code.extend(arch::stub_code(stub, slot, first + i as u32, state.lazy_thunk));
            // SAFETY: `slot` is one of the `n` words just allocated.
            unsafe { (slot as *mut usize).write(stub + arch::STUB_LAZY) };
        }
        self.write_code(stubs, &code);
        let batch = Box::into_raw(Box::new(FuncBatch { first, count, slots, stubs }));
        let free = self.funcs.batches.iter().find(|b| b.load(Ordering::Relaxed).is_null());
        free.expect("functions are numbered in at most 64 batches").store(batch, Ordering::Release);
        self.funcs.len.store(first + count, Ordering::Release);
        Ok(first)
    }

    /// Number of functions that have numbers.
    pub fn func_count(&self) -> u32 {
        self.funcs.len.load(Ordering::Acquire)
    }

    /// The address by which function `number` is known.
    pub fn stub(&self, number: u32) -> usize {
        let batch = self.batch(number);
        batch.stubs + (number - batch.first) as usize * arch::STUB_SIZE
    }

    /// The address of the pointer to function `number`'s code.
    pub fn slot(&self, number: u32) -> usize {
        let batch = self.batch(number);
        batch.slots + (number - batch.first) as usize * 8
    }

    /// The number of the function with this stub.
    pub fn func_of_stub(&self, stub: usize) -> Option<u32> {
        self.batches().find_map(|b| {
            let offset = stub.checked_sub(b.stubs)?;
            let number = (offset / arch::STUB_SIZE) as u32;
            (offset % arch::STUB_SIZE == 0 && number < b.count).then(|| b.first + number)
        })
    }

    /// The code of function `number`, if it is compiled.
    pub fn func_code(&self, number: u32) -> Option<usize> {
        let code = self.slot_atomic(number).load(Ordering::Acquire);
        (code != self.stub(number) + arch::STUB_LAZY).then_some(code)
    }

    /// Makes calls of function `number` go to `code`.
    ///
    /// # Safety
    /// `code` is complete, published code of that function.
    pub unsafe fn set_func_code(&self, number: u32, code: usize) {
        self.slot_atomic(number).store(code, Ordering::Release);
    }

    fn slot_atomic(&self, number: u32) -> &AtomicUsize {
        // SAFETY: the slot is an aligned word of the arena, and is only accessed atomically once it is handed out.
        unsafe { AtomicUsize::from_ptr(self.slot(number) as *mut usize) }
    }

    fn batches(&self) -> impl Iterator<Item = &FuncBatch> {
        let pointers = self.funcs.batches.iter().map(|b| b.load(Ordering::Acquire));
        // SAFETY: batches live until the arena is dropped.
        pointers.take_while(|b| !b.is_null()).map(|b| unsafe { &*b })
    }

    fn batch(&self, number: u32) -> &FuncBatch {
        self.batches().find(|b| number.wrapping_sub(b.first) < b.count).expect("a function's number")
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        unregister(self.slot);
        for batch in &self.funcs.batches {
            let batch = batch.load(Ordering::Relaxed);
            if !batch.is_null() {
                // SAFETY: it came from `Box::into_raw` in `alloc_funcs`.
                drop(unsafe { Box::from_raw(batch) });
            }
        }
        // SAFETY: both mappings are ours, and no code of the program runs any more: isolates keep it alive.
        unsafe {
            libc::munmap(self.base as *mut _, self.size);
            if self.alias != 0 {
                libc::munmap(self.alias as *mut _, self.size / 2);
            }
        }
    }
}

fn bump(next: &mut usize, limit: usize, len: usize, align: usize, skew: usize) -> Option<usize> {
    let at = next.saturating_sub(skew).checked_next_multiple_of(align.max(1))?.checked_add(skew)?;
    let end = at.checked_add(len)?;
    (end <= limit).then(|| {
        *next = end;
        at
    })
}

fn map(addr: *mut u8, len: usize, prot: i32, flags: i32, fd: i32) -> io::Result<usize> {
    let kind = if fd < 0 { libc::MAP_PRIVATE | libc::MAP_ANONYMOUS } else { libc::MAP_SHARED };
    // SAFETY: a new mapping, or with MAP_FIXED one inside a region that the caller reserved.
    let at = unsafe { libc::mmap(addr.cast(), len, prot, flags | kind, fd, 0) };
    if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(at as usize) }
}

/// Live arenas: base address with the logarithm of the size in its low bits, 0 for a free place. Blocks of places are
/// linked and never freed.
struct Places {
    words: [AtomicUsize; 64],
    next: AtomicPtr<Places>,
}

static PLACES: Places = Places::new();

impl Places {
    const fn new() -> Places {
        Places { words: [const { AtomicUsize::new(0) }; 64], next: AtomicPtr::new(ptr::null_mut()) }
    }

    fn next(&self) -> Option<&'static Places> {
        let next = self.next.load(Ordering::Acquire);
        // SAFETY: blocks are leaked, so a pointer to one is valid for ever.
        unsafe { next.as_ref() }
    }
}

fn register(base: usize, size: usize) -> usize {
    let word = base | size.trailing_zeros() as usize;
    let mut block = &PLACES;
    loop {
        for place in &block.words {
            if place.compare_exchange(0, word, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                return place as *const AtomicUsize as usize;
            }
        }
        block = block.next().unwrap_or_else(|| {
            let fresh = Box::into_raw(Box::new(Places::new()));
            let link = block.next.compare_exchange(ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire);
            if link.is_err() {
                // SAFETY: another thread was faster; `fresh` was not shared.
                drop(unsafe { Box::from_raw(fresh) });
            }
            block.next().expect("linked by one of us")
        });
    }
}

fn unregister(place: usize) {
    if place != usize::MAX {
        // SAFETY: `register` returned the address of a place, and places live for ever.
        unsafe { &*(place as *const AtomicUsize) }.store(0, Ordering::Release);
    }
}

/// The arena that contains `pc`. Takes no lock: a signal handler may call it. The caller runs code of that
/// program, which keeps it alive.
pub(crate) fn find_arena(pc: usize) -> Option<*const Arena> {
    let mut block = Some(&PLACES);
    while let Some(places) = block {
        for place in &places.words {
            let word = place.load(Ordering::Acquire);
            let (base, size) = (word & !0xfff, 1usize << (word & 63));
            if word != 0 && pc.wrapping_sub(base) < size {
                // SAFETY: `pc` lies in the arena, so it is alive as the caller says; `Arena::new` fills its first word.
                let arena = unsafe { AtomicUsize::from_ptr(base as *mut usize) }.load(Ordering::Acquire);
                return (arena != 0).then_some(arena as *const Arena);
            }
        }
        block = places.next();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stubs_slots_and_numbers() {
        let arena = Arena::new(1 << 24, Exits { runtime_fn: |_| 0, lazy: 0 }).unwrap();
        let first = arena.alloc_funcs(3).unwrap();
        let second = arena.alloc_funcs(100).unwrap();
        assert_eq!((first, second, arena.func_count()), (0, 3, 103));
        assert_eq!(arena.func_of_stub(arena.stub(50)), Some(50));
        assert_eq!(arena.func_of_stub(arena.stub(50) + 1), None);
        assert_eq!(arena.func_code(50), None);
        let code = arena.alloc_code(1, 16, 0).unwrap();
        arena.write_code(code, &[0xc3]);
        // SAFETY: nobody calls it.
        unsafe { arena.set_func_code(50, code) };
        assert_eq!(arena.func_code(50), Some(code));
        assert!(arena.alloc_code(1 << 24, 16, 0).is_err());
    }
}
