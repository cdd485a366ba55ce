//! IR to Cranelift to relocatable objects.
//!
//! A [`Compiler`] turns function bodies (`itab_ir::func::Func`) into an [`object::Object`]: machine code and read-only data
//! whose references are symbols, so that it can be linked into any process. The crate knows the layouts and entry points
//! of `itab_abi`, and nothing of the runtime behind them.
//!
//! # From IR to an object
//!
//! 1. [`Compiler::translate`] needs the program. For each function of a batch, `emit` turns the blocks of IR into CLIF,
//!    and `tidy` and `extload` simplify the CLIF where Cranelift does not. References to anything outside the function
//!    become numbers (`symbols`).
//! 2. [`Compiler::compile`] needs nothing but the batch, so a helper thread can do it. Cranelift compiles a function;
//!    before that, `marks` marks the instructions whose machine code is to be rewritten.
//! 3. `finish` rewrites the finished code and collects what is kept of it: bytes, relocations with their symbols, trap
//!    sites, source lines, inlined functions.
//! 4. In debug builds, and wherever [`CodegenOptions::verify`] is set, Cranelift checks the CLIF and `verify` the code.
//!
//! Where things are:
//!
//! | file | what |
//! | --- | --- |
//! | `compiler` | the driver |
//! | `abi` | the calling convention: values as words, words in registers and blocks |
//! | `emit/mod` | one function: blocks, prologue, operands, symbols, calls of the runtime |
//! | `emit/inst`, `emit/term` | one arm for each operation and terminator |
//! | other files of `emit` | operations by subject, named as the files of `runtime` and `abi` where these have one |
//! | `emit/uses`, `leaf`, `rotate`, `split` | what is found out about a body before it is translated |
//! | `shim`, `frame` | functions that no Go source has: entries, natives, reflection |
//! | `tidy`, `extload` | CLIF to CLIF |
//! | `finish`, `marks`, `polls`, `frameless`, `alignment` | finished code |
//! | `verify`, `listing`, `decode`, `names` | finished code decoded again: the check and the listing |
//!
//! # To add an operation
//!
//! Add it to `itab_ir::op::Op`. What then does not compile are the matches that have no default: `ir/operands` (its
//! operands), `ir/print`, `ir/sanity` (its types), and here `emit/inst`. Then look at the matches that have one, and whose
//! default may be wrong for it:
//!
//! - `emit/leaf`, `may_call`: by default an operation calls. A function whose operations do not has no stack check.
//! - `emit/rotate`, `is_cheap`: by default a loop's head with it is not copied.
//! - The passes of `ir`, `effects` above all: whether it reads or writes memory or may panic.
//!
//! Compile it in `tests/functions/every_op.rs` for every type it takes, and run it in a program of `tests/run`. If it
//! calls the runtime, add the entry point to `for_each_runtime_fn!` in `itab_abi::runtime_fns`; the runtime does not
//! compile until it has a function of that name and signature.
//!
//! # To add an intrinsic
//!
//! Add it to `itab_ir::op::Intrinsic` and to the functions of packages that it stands for in `ir/intrinsics` (files of
//! `ir` are in `crates/ir/src`). Then
//! `emit/intrinsic` does not compile until it is translated. `ir/passes/effects` says whether it touches memory and
//! `ir/passes/points_to` whether a pointer passes through it. Compile it in `every_op.rs` (on both processors: the test
//! does), and compare it with Go in a program of `tests/run`.
//!
//! # What may be assumed of Cranelift
//!
//! - It hoists and merges pure operations, and loads that are `readonly` and `can_move`. It merges other loads only up to
//!   the next store or call. It keeps every load, used or not (`tidy` removes unused ones).
//! - It does not unroll, rotate loops, remove checks that a dominating branch has made, or inline. The passes of `ir` do
//!   the first three and the last; `emit/rotate` rotates.
//! - A call in a cold block with arguments in registers costs copies in the hot path. So cold paths store their operands
//!   in the isolate block and call a `preserve_all` stub.
//! - A load that may fault has a trap code and a trap site. A pointer that only an explicit check guards needs `notrap`
//!   to be wrong nowhere, so a nil check that a load makes itself is always a load with a trap code (`emit/check`).
//! - The collector finds pointers in registers and frames conservatively, and Cranelift keeps a pointer to or into the
//!   object as long as the object is used. Never form a pointer past the end of an object.
//! - Floats of 64 bits are rounded by instructions that old x86-64 processors lack. There the relocation names a library
//!   call, which is an error, not a miscompile.
//!
//! # What is done to finished code
//!
//! On x86-64 stack checks and polls become one instruction each (`polls`) and leaf functions lose their frame
//! (`frameless`). On all processors a function gets a place relative to fetch lines (`alignment`). Each of these leaves
//! alone what does not look exactly as expected, so a new version of Cranelift may silently make it useless: they count
//! what they do ([`Rewritten`]), and a test of `itab` compares the counts of a compile of the standard library with
//! those of the last time. The same test runs the check of `verify` over each of its functions.
//!
//! To see what became of a function: `itab dump --stage=clif` and `--stage=asm`.
#![forbid(unsafe_code)]

/// A bug of the compiler: an operation that cannot be translated, named.
macro_rules! ice {
    ($($arg:tt)*) => {
        panic!("internal compiler error: {}", format_args!($($arg)*))
    };
}

pub mod abi;
mod alignment;
pub mod compiler;
mod decode;
mod emit;
mod extload;
mod finish;
pub mod frame;
mod frameless;
mod isa;
pub mod listing;
mod marks;
mod names;
pub mod object;
mod polls;
mod shim;
mod symbols;
mod tidy;
mod verify;

pub use compiler::{CodegenError, CodegenOptions, Compiler, OptLevel};
pub use finish::Rewritten;
