//! `runtime.Callers`, `FuncForPC` and `Stack`: what Go code learns about its own frames.
//!
//! A program counter names a logical frame: the low bits hold the address of an instruction, and the bits above them
//! how many functions that were inlined there are skipped. The overlay's file `symtab.go` has the rest.

use crate::code::symtab::Func;
use crate::sched::isolate::{self, Isolate, getg};
use crate::sched::panic;
use crate::sched::panicking::Panic;
use crate::sched::program::Program;
use crate::sched::setup::compile_lazily;
use crate::sched::traceback;
use crate::std::native::{go_string_of, natives, str_of};
use itab_abi::block::IsolateBlock;
use itab_abi::shared::Location;
use itab_abi::value::{GoSlice, GoString};

/// Bits of an address; the rest of a program counter counts frames.
const ADDRESS_BITS: u32 = 48;

natives! {
    /// `func Callers(skip int, pc []uintptr) int`
    "runtime.Callers" = fn callers(block, skip: i64, pc: GoSlice) -> usize {
        // SAFETY: the goroutine has just left compiled code; the slice has room for its length.
        unsafe { fill(block, skip.max(0) as usize, pc.ptr.cast(), pc.len) }
    }
    /// `func locate(pc uintptr, at *location) bool`
    "runtime.locate" = fn locate(block, pc: usize, at: *mut Location) -> bool {
        // SAFETY: the block is the running isolate's and nothing here needs dropping; the location is the caller's.
        unsafe {
            let program = isolate::program(block);
            match program.arena.func_of_stub(pc) {
                // A func value leads to a stub. Information comes with the code.
                Some(number) => describe(program, compile_lazily(block, number), Some(pc), at),
                None => describe(program, pc, None, at),
            }
        }
    }
    /// `func Stack(buf []byte, all bool) int`
    "runtime.Stack" = fn stack(block, buf: GoSlice, all: bool) -> usize {
        let mut n = 0;
        // SAFETY: the goroutine has just left compiled code; no more is copied than the slice has room for.
        unsafe {
            Isolate::on_system_stack(block, || {
                let mut text = traceback::caller(block);
                if all {
                    traceback::other_goroutines(&*isolate::of(block), &mut text);
                }
                n = text.len().min(buf.len);
                std::ptr::copy_nonoverlapping(text.as_ptr(), buf.ptr, n);
            });
        }
        n
    }
    /// `func getenv(key string) string`
    "runtime.getenv" = fn getenv(block, key: GoString) -> GoString {
        // SAFETY: the overlay asks for a constant; `go_string` consumes the text before it can stop the isolate.
        unsafe {
            let key = str_of(key);
            let env = &(*isolate::of(block)).env;
            let value = env.iter().find_map(|e| e.strip_prefix(key)?.strip_prefix('='));
            panic::go_string(block, value.map(String::from).unwrap_or_default())
        }
    }
}

/// Functions of Go's runtime that programs expect to see, though there is no code of theirs: name and file.
const GHOSTS: [(&str, &str); 6] = [
    ("runtime.main", "runtime/proc.go"),
    ("runtime.goexit", "runtime/asm.s"),
    ("runtime.gopanic", "runtime/panic.go"),
    ("runtime.Goexit", "runtime/panic.go"),
    ("runtime.panicmem", "runtime/panic.go"),
    ("runtime.sigpanic", "runtime/signal_unix.go"),
];
const MAIN: usize = 0;
const GOEXIT: usize = 1;
const GOPANIC: usize = 2;
const GOEXIT_CALL: usize = 3;
const PANICMEM: usize = 4;
const SIGPANIC: usize = 5;
/// Their addresses, 16 each, where no code is.
const GHOST_BASE: usize = 1 << 46;

fn ghost(address: usize) -> Option<usize> {
    address.checked_sub(GHOST_BASE).map(|offset| offset / 16).filter(|i| *i < GHOSTS.len())
}

/// Takes program counters and stores those behind the first `skip`.
struct Sink {
    skip: usize,
    pcs: *mut usize,
    len: usize,
    n: usize,
}

impl Sink {
    /// # Safety
    /// `pcs` has room for `len`.
    unsafe fn push(&mut self, pc: usize) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.n < self.len {
            // SAFETY: as the caller says.
            unsafe { self.pcs.add(self.n).write(pc) };
            self.n += 1;
        }
    }

    /// # Safety
    /// As [`Sink::push`].
    unsafe fn push_ghost(&mut self, i: usize) {
        // SAFETY: passed on.
        unsafe { self.push(GHOST_BASE + 16 * i + 8) }
    }
}

/// Stores the program counters of the frames behind the first `skip`; how many.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread, whose running goroutine has just left compiled code through
/// a thunk; `pcs` has room for `len`.
unsafe fn fill(block: *mut IsolateBlock, skip: usize, pcs: *mut usize, len: usize) -> usize {
    let mut sink = Sink { skip, pcs, len, n: 0 };
    // SAFETY: as the caller says; panics that the block names lie on this stack.
    unsafe {
        let (program, g) = (isolate::program(block), &*getg(block));
        let mut panic = (*block).panic.cast::<Panic>();
        traceback::walk(program, g, (*block).go_sp, (*block).go_fp, |frame| {
            for k in 0..frame.func.visible(frame.pc - 1).len() {
                sink.push(frame.pc | k << ADDRESS_BITS);
            }
            if frame.by_panic && !panic.is_null() {
                sink.push_ghost(if (*panic).goexit { GOEXIT_CALL } else { GOPANIC });
                if (*panic).fault.is_some() {
                    sink.push_ghost(PANICMEM);
                    sink.push_ghost(SIGPANIC);
                }
                panic = (*panic).link;
            }
            sink.n < len
        });
        if g.goid == 1 {
            sink.push_ghost(MAIN);
        }
        sink.push_ghost(GOEXIT);
    }
    sink.n
}

/// Fills in what is known about `pc`; whether it lies in a function.
///
/// # Safety
/// `to` is a location of the caller's.
unsafe fn describe(program: &Program, pc: usize, entry: Option<usize>, to: *mut Location) -> bool {
    let (address, passed) = (pc & ((1 << ADDRESS_BITS) - 1), pc >> ADDRESS_BITS);
    if let Some(i) = ghost(address) {
        let (name, file) = (go_string_of(GHOSTS[i].0), go_string_of(GHOSTS[i].1));
        // SAFETY: as the caller says; the names are static.
        unsafe {
            to.write(Location { name, file, entry: GHOST_BASE + 16 * i, line: 1, start_line: 1, inlined: false })
        };
        return true;
    }
    let Some(func) = program.arena.symtab().findfunc(address) else { return false };
    let locations = func.locations(address);
    let (name, file, line, inlined) = match locations.get(passed) {
        Some(at) => (at.name, at.file, at.line, at.inlined),
        None => (&*func.info.name, first_file(&func), func.info.start_line, false),
    };
    // A stub is where the function begins, for Go code.
    let line = if entry.is_some() { func.info.start_line } else { line };
    // SAFETY: as the caller says; the texts live as long as the program.
    unsafe {
        to.write(Location {
            name: go_string_of(name),
            file: go_string_of(file),
            entry: entry.unwrap_or(func.entry),
            line: line as usize,
            start_line: if inlined { 0 } else { func.info.start_line as usize },
            inlined,
        });
    }
    true
}

fn first_file<'a>(func: &Func<'a>) -> &'a str {
    func.info.files.first().map_or("", |f| f)
}
