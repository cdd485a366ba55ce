//! IR to Cranelift to relocatable objects.
//!
//! A [`Compiler`] turns function bodies (`itab_ir::func::Func`) into an [`object::Object`]: machine code whose references
//! are symbols, so that it can be linked into any process. It knows the layouts and entry points of `itab_abi`, and
//! nothing of the runtime behind them.
#![forbid(unsafe_code)]

pub mod abi;
mod compiler;
pub mod object;

pub use compiler::{CodegenError, CodegenOptions, Compiler, DumpStage, OptLevel};
