//! The driver: one [`Compiler`] per thread turns batches of functions into objects.

use crate::abi::FlatSig;
use crate::object::{Code, Function, Object, Target};
use itab_ir::func::Func;
use itab_ir::program::{FuncId, Program};

/// How hard Cranelift tries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OptLevel {
    /// Compile fast.
    None,
    /// Produce fast code.
    #[default]
    Speed,
}

/// Settings of a compiler.
#[derive(Clone, Debug)]
pub struct CodegenOptions {
    /// How hard Cranelift tries.
    pub opt_level: OptLevel,
    /// Check the CLIF of every function; on in debug builds.
    pub verify: bool,
    /// Target triple, the host's when none.
    pub target: Option<String>,
}

impl Default for CodegenOptions {
    fn default() -> Self {
        CodegenOptions { opt_level: OptLevel::default(), verify: cfg!(debug_assertions), target: None }
    }
}

/// Why a batch could not be compiled: a bug of the compiler or an unsupported host, never the user's fault.
#[derive(Debug, thiserror::Error)]
#[error("codegen: {function}: {message}")]
pub struct CodegenError {
    /// Name of the function, or what else was being made.
    pub function: String,
    /// What is wrong.
    pub message: String,
}

/// Compiles functions; one per thread.
pub struct Compiler {
    _options: CodegenOptions,
}

impl Compiler {
    /// A compiler for the host or the target that the options name.
    pub fn new(options: CodegenOptions) -> Result<Compiler, CodegenError> {
        Ok(Compiler { _options: options })
    }

    /// Compiles function bodies; calls among them are direct.
    pub fn compile_batch(&mut self, _program: &Program, _funcs: &[Func]) -> Result<Object, CodegenError> {
        unimplemented!("compile_batch")
    }

    /// The shim of a native function: Go code calls it like any function, it calls `Target::Native`.
    pub fn compile_native(&mut self, _program: &Program, _func: FuncId) -> Result<Function, CodegenError> {
        unimplemented!("compile_native")
    }

    /// A Go function of a signature that hands its words to a [`NativeFn`](itab_abi::call::NativeFn) at `target`; with
    /// `context`, the context comes first as one more word. What `reflect.MakeFunc` and host interfaces are made from.
    pub fn compile_native_shim(
        &mut self,
        _sig: &FlatSig,
        _context: bool,
        _target: Target,
    ) -> Result<Code, CodegenError> {
        unimplemented!("compile_native_shim")
    }

    /// Enters Go functions of a signature from the runtime:
    /// `extern "C" fn(code: usize, context: usize, args: *const u64, results: *mut u64)`, called with the pinned
    /// register set. `args` and `results` hold 8 bytes per word of the signature; results are extended.
    pub fn compile_entry_shim(&mut self, _sig: &FlatSig) -> Result<Code, CodegenError> {
        unimplemented!("compile_entry_shim")
    }

    /// CLIF and machine code of a function, for people to read.
    pub fn dump(&mut self, _program: &Program, _func: &Func, _stage: DumpStage) -> Result<String, CodegenError> {
        unimplemented!("dump")
    }
}

/// What [`Compiler::dump`] shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DumpStage {
    /// Cranelift's IR, before its optimisations.
    Clif,
    /// Machine code.
    Asm,
}
