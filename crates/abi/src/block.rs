//! The isolate block: what the pinned register (`r15` on x86-64, `x21` on aarch64) points to while Go code runs.
//!
//! One block per isolate. It is followed in memory by the allocation cells ([`Cell`]) and then by the isolate's copy of
//! the program's package variables, so that compiled code reaches all three with the pinned register and a constant:
//!
//! ```text
//! r15 -> +0        IsolateBlock
//!        +CELLS    [Cell; CELL_COUNT]
//!        +GLOBALS  package variables (image of Program::data)
//! ```
//!
//! Fields that belong to the running goroutine (`stack_limit`, `g`, `defer`, `panic`) are saved and loaded by a
//! goroutine switch.

use crate::defer::DeferFrame;
use core::ffi::c_void;

/// What the pinned register points to. All offsets are multiples of 8.
#[repr(C)]
pub struct IsolateBlock {
    /// Lowest stack address that a function's frame may reach. A prologue whose stack pointer is below calls
    /// `morestack`. Preemption stores [`STACK_PREEMPT`] here.
    pub stack_limit: usize,
    /// Non-zero asks loops without calls to call `preempt` at their back edge. Written by other threads.
    pub preempt: usize,
    /// The running goroutine (`runtime::sched::proc::G`).
    pub g: *mut c_void,
    /// Head of the running goroutine's frames with deferred calls.
    pub defer: *mut DeferFrame,
    /// Innermost panic of the running goroutine (`runtime::sched::panic::Panic`).
    pub panic: *mut c_void,
    /// Stack pointer with which compiled code last left for Rust: it points to the return address. The thunks through
    /// which it leaves store it, so that a traceback can start there.
    pub go_sp: usize,
    /// Frame pointer of the function that left.
    pub go_fp: usize,
    /// Operands of `slow` entry points, which take none in registers.
    pub args: [u64; MAX_ARGS],
    /// Compiled code stores a value here to keep it in a register or in the frame up to there (`runtime.KeepAlive`).
    pub kept: u64,
    /// Results of `slow` entry points, and of `call` entry points from the third on.
    pub ret: [u64; MAX_RESULTS],
    /// The owning isolate's Rust state (`runtime::sched::isolate::Isolate`).
    pub isolate: *mut c_void,
    /// Room up to [`CELLS`].
    pub reserved: [u64; 5],
}

/// Most operands of a `slow` entry point.
pub const MAX_ARGS: usize = 5;
/// Most results of an entry point.
pub const MAX_RESULTS: usize = 6;

/// Value of `stack_limit` that makes every prologue call `morestack`.
pub const STACK_PREEMPT: usize = usize::MAX - 4095;

/// One allocator: the current run of free, zeroed objects of one size and pointer shape. Inline allocation is
/// `cur = cell.cur; next = cur + size; if next > cell.end { slow } else { cell.cur = next }`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// Next free object, or `end` when the run is used up.
    pub cur: usize,
    /// End of the run.
    pub end: usize,
}

/// How many cells a block has. Cell 0 is never filled: types that got no cell of their own use it and always take the
/// slow path.
pub const CELL_COUNT: usize = 4096;
/// Largest object that has a cell, in bytes; larger ones are allocated by `newobject`.
pub const MAX_CELL_SIZE: usize = 512;
/// Offset of the cells from the block, in bytes.
pub const CELLS: usize = 256;
/// Offset of the package variables from the block, in bytes.
pub const GLOBALS: usize = CELLS + CELL_COUNT * size_of::<Cell>();

/// The fixed cell for pointer-free objects of `size` bytes (a multiple of 8, at most [`MAX_CELL_SIZE`]).
/// Cells above `MAX_CELL_SIZE / 8` are given to (size, pointer mask) pairs in the order in which a program names them.
pub const fn noscan_cell(size: usize) -> usize {
    debug_assert!(size > 0 && size.is_multiple_of(8) && size <= MAX_CELL_SIZE);
    size / 8
}

/// First cell that is handed out to a (size, pointer mask) pair.
pub const FIRST_SHAPE_CELL: usize = MAX_CELL_SIZE / 8 + 1;

/// Offset of a cell from the block, in bytes.
pub const fn cell_offset(cell: usize) -> usize {
    CELLS + cell * size_of::<Cell>()
}

const _: () = assert!(size_of::<IsolateBlock>() <= CELLS);
