//! From a program counter to the function it lies in: names, lines, traps.
//!
//! Code is handed out by the arena at ascending addresses, so the table is an append-only array sorted by address. It
//! grows by chunks that never move, and readers need no lock: a signal handler may search it at any instruction. Writers
//! hold the arena's lock.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// What is known about a compiled function. Made by the linker, owned by the program.
#[derive(Debug, Default)]
pub struct FuncInfo {
    /// Name as Go prints it in tracebacks: `main.f`, `main.(*T).m`, `main.f.func1`.
    pub name: String,
    /// Source files that the line table refers to.
    pub files: Vec<Arc<str>>,
    /// Line of the `func` keyword.
    pub start_line: u32,
    /// Position of each stretch of code, by ascending offset.
    pub lines: Vec<LineEntry>,
    /// Functions that were inlined.
    pub inlined: Vec<InlinedCall>,
    /// Trap code of each instruction that may fault (`itab_abi::trap::Trap`), by ascending offset.
    pub traps: Vec<(u32, u8)>,
    /// A wrapper that the compiler made: absent from tracebacks and not counted by `recover`.
    pub wrapper: bool,
    /// It has neither parameters nor a receiver: tracebacks show `f()` instead of `f(...)`.
    pub nullary: bool,
    /// It has no frame of its own: the frame pointer is its caller's, and the stack pointer that of its entry.
    pub frameless: bool,
}

/// Position of the code from `pc` to the next entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineEntry {
    /// Offset in the function's code.
    pub pc: u32,
    /// Index in [`FuncInfo::files`].
    pub file: u32,
    /// Line, from 1; 0 if there is none.
    pub line: u32,
    /// The inlined call that the code belongs to: index in [`FuncInfo::inlined`] plus one, 0 for none.
    pub inlined: u32,
}

/// A call that was inlined.
#[derive(Clone, Debug)]
pub struct InlinedCall {
    /// Name of the called function.
    pub name: String,
    /// The inlined call that this one stands in, as in [`LineEntry::inlined`].
    pub parent: u32,
    /// Position of the call: index in [`FuncInfo::files`].
    pub file: u32,
    /// Line of the call.
    pub line: u32,
}

/// A function's code and what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Func<'a> {
    /// First byte of the code.
    pub entry: usize,
    /// End of the code.
    pub end: usize,
    /// The rest.
    pub info: &'a FuncInfo,
}

/// One logical frame at a program counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// Function name.
    pub name: &'a str,
    /// File, empty if unknown.
    pub file: &'a str,
    /// Line, 0 if unknown.
    pub line: u32,
    /// Whether the function was inlined into the one that follows.
    pub inlined: bool,
}

impl<'a> Func<'a> {
    /// The trap code of the instruction at `pc`.
    pub fn trap_at(&self, pc: usize) -> Option<u8> {
        let offset = (pc - self.entry) as u32;
        let traps = &self.info.traps;
        traps.binary_search_by_key(&offset, |t| t.0).ok().map(|i| traps[i].1)
    }

    /// The line entry that covers `pc`.
    pub fn line_entry(&self, pc: usize) -> Option<&'a LineEntry> {
        let offset = (pc - self.entry) as u32;
        let lines = &self.info.lines;
        lines[..lines.partition_point(|l| l.pc <= offset)].last()
    }

    /// The logical frames at `pc`, innermost first. For a return address pass the address minus one.
    pub fn locations(&self, pc: usize) -> Vec<Location<'a>> {
        let info = self.info;
        let file = |i: u32| info.files.get(i as usize).map_or("", |f| &**f);
        let Some(entry) = self.line_entry(pc) else {
            let (name, file) = (&*info.name, file(0));
            return vec![Location { name, file, line: info.start_line, inlined: false }];
        };
        let (mut at_file, mut at_line, mut call) = (entry.file, entry.line, entry.inlined);
        let mut found = Vec::new();
        while let Some(inlined) = (call as usize).checked_sub(1).and_then(|i| info.inlined.get(i)) {
            found.push(Location { name: &inlined.name, file: file(at_file), line: at_line, inlined: true });
            (at_file, at_line, call) = (inlined.file, inlined.line, inlined.parent);
        }
        found.push(Location { name: &info.name, file: file(at_file), line: at_line, inlined: false });
        found
    }

    /// The same without that of a wrapper, whose inlined callees are seen all the same.
    pub fn visible(&self, pc: usize) -> Vec<Location<'a>> {
        let mut found = self.locations(pc);
        if self.info.wrapper {
            found.pop();
        }
        found
    }
}

struct SymEntry {
    start: AtomicUsize,
    end: AtomicUsize,
    info: AtomicPtr<FuncInfo>,
}

const FIRST_CHUNK: usize = 64;
const CHUNKS: usize = 26;

/// The functions of a program, by address.
pub struct SymTab {
    len: AtomicUsize,
    /// Chunk k holds `FIRST_CHUNK << k` entries.
    chunks: [AtomicPtr<SymEntry>; CHUNKS],
}

impl Default for SymTab {
    fn default() -> SymTab {
        SymTab::new()
    }
}

impl SymTab {
    /// An empty table.
    pub const fn new() -> SymTab {
        SymTab { len: AtomicUsize::new(0), chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS] }
    }

    /// Number of functions, those without information included.
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Whether there is no code yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the code at `start..end`, which lies behind all code added so far. Only one thread adds at a time.
    pub(crate) fn push(&self, start: usize, end: usize) {
        let index = self.len.load(Ordering::Relaxed);
        let (chunk, slot) = place(index);
        if self.chunks[chunk].load(Ordering::Relaxed).is_null() {
            let entries: Vec<SymEntry> = (0..FIRST_CHUNK << chunk)
                .map(|_| SymEntry {
                    start: AtomicUsize::new(0),
                    end: AtomicUsize::new(0),
                    info: AtomicPtr::new(ptr::null_mut()),
                })
                .collect();
            let entries = Box::into_raw(entries.into_boxed_slice()).cast::<SymEntry>();
            self.chunks[chunk].store(entries, Ordering::Release);
        }
        // SAFETY: `slot` is below the chunk's length, and the chunk exists.
        let entry = unsafe { &*self.chunks[chunk].load(Ordering::Relaxed).add(slot) };
        entry.start.store(start, Ordering::Relaxed);
        entry.end.store(end, Ordering::Relaxed);
        self.len.store(index + 1, Ordering::Release);
    }

    /// Attaches information to the code that begins at `start`.
    ///
    /// # Panics
    /// When no code begins there, or it has information already.
    pub fn publish(&self, start: usize, info: Box<FuncInfo>) {
        let entry = self.find_entry(start).filter(|e| e.start.load(Ordering::Relaxed) == start);
        let entry = entry.expect("code was allocated at this address");
        let old = entry.info.swap(Box::into_raw(info), Ordering::Release);
        assert!(old.is_null(), "information is published once");
    }

    /// The function whose code contains `pc`, if its information is published. Takes no lock and allocates nothing.
    pub fn findfunc(&self, pc: usize) -> Option<Func<'_>> {
        let entry = self.find_entry(pc)?;
        let info = entry.info.load(Ordering::Acquire);
        if info.is_null() {
            return None;
        }
        Some(Func {
            entry: entry.start.load(Ordering::Relaxed),
            end: entry.end.load(Ordering::Relaxed),
            // SAFETY: published information lives as long as the table.
            info: unsafe { &*info },
        })
    }

    fn find_entry(&self, pc: usize) -> Option<&SymEntry> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entry(middle).start.load(Ordering::Relaxed) <= pc {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let entry = self.entry(low.checked_sub(1)?);
        (pc < entry.end.load(Ordering::Relaxed)).then_some(entry)
    }

    /// An entry below `len`.
    fn entry(&self, index: usize) -> &SymEntry {
        let (chunk, slot) = place(index);
        // SAFETY: entries below `len` were written before `len` was published, and chunks live as long as the table.
        unsafe { &*self.chunks[chunk].load(Ordering::Relaxed).add(slot) }
    }
}

/// Chunk and index in it.
fn place(index: usize) -> (usize, usize) {
    let chunk = (index / FIRST_CHUNK + 1).ilog2() as usize;
    (chunk, index - FIRST_CHUNK * ((1 << chunk) - 1))
}

impl Drop for SymTab {
    fn drop(&mut self) {
        for index in 0..self.len() {
            let info = self.entry(index).info.load(Ordering::Relaxed);
            if !info.is_null() {
                // SAFETY: it came from `Box::into_raw` in `publish`, and nobody reads the table any more.
                drop(unsafe { Box::from_raw(info) });
            }
        }
        for (k, chunk) in self.chunks.iter().enumerate() {
            let entries = chunk.load(Ordering::Relaxed);
            if !entries.is_null() {
                let slice = ptr::slice_from_raw_parts_mut(entries, FIRST_CHUNK << k);
                // SAFETY: made by `Box::into_raw` in `push` with this length.
                drop(unsafe { Box::from_raw(slice) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_functions_by_address() {
        let table = SymTab::new();
        for i in 0..1000 {
            table.push(0x1000 + i * 32, 0x1000 + i * 32 + 20);
            if i % 2 == 0 {
                let info = FuncInfo { name: format!("f{i}"), ..FuncInfo::default() };
                table.publish(0x1000 + i * 32, Box::new(info));
            }
        }
        assert!(table.findfunc(0xfff).is_none());
        assert_eq!(table.findfunc(0x1000).unwrap().info.name, "f0");
        assert_eq!(table.findfunc(0x1000 + 998 * 32 + 19).unwrap().info.name, "f998");
        assert!(table.findfunc(0x1000 + 998 * 32 + 20).is_none());
        assert!(table.findfunc(0x1000 + 999 * 32).is_none());
    }

    #[test]
    fn inlined_calls_become_frames() {
        let info = FuncInfo {
            name: "main.f".into(),
            files: vec!["a.go".into()],
            lines: vec![
                LineEntry { pc: 0, file: 0, line: 3, inlined: 0 },
                LineEntry { pc: 8, file: 0, line: 20, inlined: 1 },
            ],
            inlined: vec![InlinedCall { name: "main.g".into(), parent: 0, file: 0, line: 4 }],
            ..FuncInfo::default()
        };
        let func = Func { entry: 100, end: 120, info: &info };
        let at = |pc| func.locations(pc).iter().map(|l| (l.name, l.line)).collect::<Vec<_>>();
        assert_eq!(at(107), [("main.f", 3)]);
        assert_eq!(at(108), [("main.g", 20), ("main.f", 4)]);
    }
}
