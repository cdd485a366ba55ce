//! Makes programs: the one place that knows both the code of a program and the functions that it leaves for.
//!
//! A function that is not compiled yet is compiled here when it is first called.

use crate::code::arch::define_lazy_thunk;
use crate::code::arena::Exits;
use crate::sched::entry::runtime_fn_address;
use crate::sched::isolate::{self, Isolate};
use crate::sched::panic::{raise_error, throw};
use crate::sched::program::{CompileError, Program};
use crate::types::errors;
use itab_abi::block::IsolateBlock;
use std::io;
use std::sync::Arc;

/// A program without code.
///
/// # Errors
/// When the system refuses the memory for the arena.
pub fn new_program(arena_size: usize) -> io::Result<Arc<Program>> {
    errors::set_raise(raise_error);
    Program::new(arena_size, Exits { runtime_fn: runtime_fn_address, lazy: lazy_thunk as *const () as usize })
}

define_lazy_thunk!(lazy_thunk, compile_lazily);

/// Code of function `number`, for the lazy thunk.
///
/// # Safety
/// Called by compiled code of the isolate with this block.
pub(crate) unsafe extern "C" fn compile_lazily(block: *mut IsolateBlock, number: u32) -> usize {
    // SAFETY: the block belongs to the running isolate, which keeps its program alive.
    let program = unsafe { isolate::program(block) };
    let mut result = Err(CompileError(String::new()));
    // SAFETY: the closure returns normally: a panic of the compiler is caught.
    unsafe {
        Isolate::on_system_stack(block, || {
            let compile = std::panic::AssertUnwindSafe(|| program.code_of(number));
            result =
                std::panic::catch_unwind(compile).unwrap_or_else(|_| Err(CompileError("the compiler panicked".into())));
        });
    }
    match result {
        Ok(code) => code,
        // SAFETY: as above; nothing else here needs dropping.
        Err(e) => unsafe { throw(block, format!("cannot compile: {}", e.0)) },
    }
}
