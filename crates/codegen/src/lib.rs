//! IR to Cranelift to relocatable objects.
//!
//! A [`Compiler`] turns function bodies (`itab_ir::func::Func`) into an [`object::Object`]: machine code whose references
//! are symbols, so that it can be linked into any process. It knows the layouts and entry points of `itab_abi`, and
//! nothing of the runtime behind them.
#![forbid(unsafe_code)]

/// A bug of the compiler: an operation that cannot be translated, named.
macro_rules! ice {
    ($($arg:tt)*) => {
        panic!("internal compiler error: {}", format_args!($($arg)*))
    };
}

pub mod abi;
pub mod compiler;
mod emit;
mod extends;
mod finish;
pub mod frame;
mod frameless;
mod isa;
mod looks;
mod marks;
pub mod object;
mod placing;
mod shim;
mod symbols;
mod tidy;

pub use compiler::{CodegenError, CodegenOptions, Compiler, DumpStage, OptLevel};
