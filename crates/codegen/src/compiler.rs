//! The driver: one [`Compiler`] per thread turns batches of functions into objects.
//!
//! A batch is translated to CLIF ([`Compiler::translate`], which needs the program) and compiled
//! ([`Compiler::compile`], which does not, so another thread can do it). A panic of the translation becomes an error:
//! a bug of the compiler must not take the host down.

use crate::abi::{FlatSig, has_context};
use crate::finish::{Rewrites, Rewritten};
use crate::frame::{self, FrameLayout};
use crate::listing::{Listed, ListingOptions};
use crate::object::{Code, DataItem, Function, LinkSymbol, Object};
use crate::symbols::{Symbols, Unit};
use crate::{emit, finish, isa, shim, verify};
use cranelift_codegen::Context;
use cranelift_codegen::ir::{self, UserFuncName};
use cranelift_codegen::isa::{OwnedTargetIsa, TargetIsa};
use cranelift_codegen::print_errors::pretty_error;
use cranelift_control::ControlPlane;
use cranelift_frontend::FunctionBuilderContext;
use itab_ir::func::Func;
use itab_ir::program::{Context as GoContext, FuncId, FuncKind, Program};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

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
    /// Check the CLIF and the finished code of every function; on in debug builds.
    pub verify: bool,
    /// Target triple, the host's when none.
    pub target: Option<String>,
}

impl Default for CodegenOptions {
    fn default() -> Self {
        CodegenOptions { opt_level: OptLevel::default(), verify: cfg!(debug_assertions), target: None }
    }
}

/// Why something could not be compiled: a bug of the compiler or an unsupported host, never the user's fault.
#[derive(Clone, Debug, thiserror::Error)]
#[error("codegen: {function}: {message}")]
pub struct CodegenError {
    /// Name of the function, or what else was being made.
    pub function: String,
    /// What is wrong.
    pub message: String,
}

/// Functions in Cranelift's IR, which need nothing of the program any more.
pub struct Translated {
    functions: Vec<TranslatedFunction>,
    symbols: Symbols,
    data: Vec<DataItem>,
}

struct TranslatedFunction {
    name: Arc<str>,
    clif: ir::Function,
    func: Func,
}

impl Translated {
    fn take(&mut self, program: &Program, id: FuncId) -> Result<TranslatedFunction, CodegenError> {
        let at = self.functions.iter().position(|f| f.func.id == id);
        let missing = || CodegenError { function: program.func(id).name.to_string(), message: "was not built".into() };
        at.map(|at| self.functions.swap_remove(at)).ok_or_else(missing)
    }
}

/// Builds a function that works on frames.
type FrameBuilder = fn(&mut ir::Function, &mut FunctionBuilderContext, &dyn TargetIsa, &mut Symbols, &FrameLayout);

/// Compiles functions; one per thread.
pub struct Compiler {
    isa: OwnedTargetIsa,
    context: Context,
    builder: FunctionBuilderContext,
    rewritten: Rewritten,
}

impl Compiler {
    /// A compiler for the host or the target that the options name.
    pub fn new(options: CodegenOptions) -> Result<Compiler, CodegenError> {
        Ok(Compiler::of(isa::make(&options)?))
    }

    /// Another compiler for the same machine.
    pub fn another(&self) -> Compiler {
        Compiler::of(self.isa.clone())
    }

    fn of(isa: OwnedTargetIsa) -> Compiler {
        let (context, builder) = (Context::new(), FunctionBuilderContext::new());
        Compiler { isa, context, builder, rewritten: Rewritten::default() }
    }

    /// How often this compiler has rewritten finished code.
    pub fn rewritten(&self) -> Rewritten {
        self.rewritten
    }

    /// Compiles function bodies; calls among them are direct.
    pub fn compile_batch(&mut self, program: &Program, funcs: &[Func]) -> Result<Object, CodegenError> {
        let translated = self.translate(program, funcs.to_vec())?;
        self.compile(translated)
    }

    /// The first half of [`Compiler::compile_batch`], which needs the program.
    pub fn translate(&mut self, program: &Program, funcs: Vec<Func>) -> Result<Translated, CodegenError> {
        let mut unit = Unit::new(funcs.iter().map(|f| f.id));
        let mut functions = Vec::with_capacity(funcs.len());
        for func in funcs {
            let name = program.func(func.id).name.clone();
            self.build(&name, |c| {
                emit::function(&mut c.context.func, &mut c.builder, &*c.isa, program, &func, &mut unit);
            })?;
            let clif = std::mem::replace(&mut self.context.func, ir::Function::new());
            functions.push(TranslatedFunction { name, clif, func });
        }
        Ok(Translated { functions, symbols: unit.symbols, data: unit.data.into_items() })
    }

    /// The second half, which any compiler for the same machine can do.
    pub fn compile(&mut self, batch: Translated) -> Result<Object, CodegenError> {
        let mut functions = Vec::with_capacity(batch.functions.len());
        for f in batch.functions {
            let id = f.func.id;
            functions.push(Function { id, code: self.compile_one(f, &batch.symbols)? });
        }
        Ok(Object { functions, data: batch.data })
    }

    fn compile_one(&mut self, function: TranslatedFunction, symbols: &Symbols) -> Result<Code, CodegenError> {
        self.context.clear();
        self.context.func = function.clif;
        let mut code = self.finish(&function.name, symbols)?;
        finish::inlined(&mut code, &function.func);
        Ok(code)
    }

    /// The shim of a native function: Go code calls it like any function, it calls `LinkSymbol::Native`. A receiver in the
    /// context is its first word.
    pub fn compile_native(&mut self, program: &Program, func: FuncId) -> Result<Function, CodegenError> {
        let decl = program.func(func);
        let native = match (&decl.native, decl.kind) {
            (Some(n), FuncKind::Native) => n.clone(),
            _ => return Err(CodegenError { function: decl.name.to_string(), message: "is not native".into() }),
        };
        if let GoContext::Captures(_) = decl.context {
            return Err(CodegenError { function: decl.name.to_string(), message: "native with captures".into() });
        }
        let sig = FlatSig::of_decl(&program.types, decl);
        let code = self.compile_native_shim(&sig, has_context(decl), LinkSymbol::Native(native))?;
        Ok(Function { id: func, code })
    }

    /// A Go function of a signature that hands its words to a [`NativeFn`](itab_abi::call::NativeFn) at `target`; with
    /// `context`, the context comes first as one more word. What `reflect.MakeFunc` and host interfaces are made from.
    pub fn compile_native_shim(
        &mut self,
        sig: &FlatSig,
        context: bool,
        target: LinkSymbol,
    ) -> Result<Code, CodegenError> {
        let mut symbols = Symbols::default();
        self.build("native shim", |c| {
            let s = (sig, context);
            shim::native(&mut c.context.func, &mut c.builder, &*c.isa, &mut symbols, s, &target);
        })?;
        self.finish("native shim", &symbols)
    }

    /// Enters Go functions from the host: a function of `(code: usize, context: usize, frame: *mut u8)`, called with the
    /// pinned register set; see [`frame`].
    pub fn compile_frame_enter(&mut self, layout: &FrameLayout) -> Result<Code, CodegenError> {
        self.compile_frame("frame entry", layout, frame::enter)
    }

    /// A Go function that hands its arguments in a frame to the host at `target`; see [`frame`].
    pub fn compile_host_stub(&mut self, layout: &FrameLayout, target: &LinkSymbol) -> Result<Code, CodegenError> {
        let mut symbols = Symbols::default();
        self.build("host stub", |c| {
            frame::host(&mut c.context.func, &mut c.builder, &*c.isa, &mut symbols, (layout, target));
        })?;
        self.finish("host stub", &symbols)
    }

    /// A Go function `func(fn, frame unsafe.Pointer)` that calls `fn` with the arguments in a frame; see [`frame`].
    pub fn compile_frame_call(&mut self, layout: &FrameLayout) -> Result<Code, CodegenError> {
        self.compile_frame("frame call", layout, frame::call)
    }

    /// The code of func values that hand their arguments in a frame to a handler; see [`frame`].
    pub fn compile_frame_stub(&mut self, layout: &FrameLayout) -> Result<Code, CodegenError> {
        self.compile_frame("frame stub", layout, frame::stub)
    }

    fn compile_frame(&mut self, name: &str, layout: &FrameLayout, build: FrameBuilder) -> Result<Code, CodegenError> {
        let mut symbols = Symbols::default();
        self.build(name, |c| build(&mut c.context.func, &mut c.builder, &*c.isa, &mut symbols, layout))?;
        self.finish(name, &symbols)
    }

    /// CLIF of one function of a batch, before Cranelift optimises it, for people to read.
    pub fn clif(&mut self, program: &Program, funcs: Vec<Func>, id: FuncId) -> Result<String, CodegenError> {
        let mut batch = self.translate(program, funcs)?;
        Ok(batch.take(program, id)?.clif.display().to_string())
    }

    /// Machine code of one function of a batch, for people to read.
    pub fn listing(
        &mut self,
        program: &Program,
        funcs: Vec<Func>,
        id: FuncId,
        options: &ListingOptions<'_>,
    ) -> Result<String, CodegenError> {
        let mut batch = self.translate(program, funcs)?;
        let function = batch.take(program, id)?;
        let name = function.name.clone();
        let code = self.compile_one(function, &batch.symbols)?;
        let blocks = self.context.compiled_code().map(|c| finish::outline(c, &code).starts).unwrap_or_default();
        let listed = Listed { program, data: &batch.data, name: &name, code: &code, blocks: &blocks };
        let text = listed.text(&*self.isa, options);
        text.map_err(|message| CodegenError { function: name.to_string(), message })
    }

    /// Fills the context with a function. A panic of the translation is a bug that must not take the host down.
    fn build(&mut self, name: &str, emit: impl FnOnce(&mut Compiler)) -> Result<(), CodegenError> {
        self.context.clear();
        self.context.func.name = UserFuncName::default();
        let result = catch_unwind(AssertUnwindSafe(|| emit(self)));
        result.map_err(|panic| {
            self.context = Context::new();
            self.builder = FunctionBuilderContext::new();
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()));
            CodegenError { function: name.into(), message: text.unwrap_or_else(|| "panic".into()) }
        })
    }

    fn finish(&mut self, name: &str, symbols: &Symbols) -> Result<Code, CodegenError> {
        let fail = |message| CodegenError { function: name.into(), message };
        let rewrites = self.mark_rewrites();
        if let Err(e) = self.context.compile(&*self.isa, &mut ControlPlane::default()) {
            return Err(fail(pretty_error(e.func, e.inner)));
        }
        let Some(compiled) = self.context.compiled_code() else { return Err(fail("no code".into())) };
        let count = &mut self.rewritten;
        let code = finish::code(name, &self.context.func, &rewrites, compiled, symbols, count).map_err(fail)?;
        if self.isa.flags().enable_verifier() {
            verify::verify(&*self.isa, &code, &finish::outline(compiled, &code)).map_err(fail)?;
            self.rewritten.verified += 1;
        }
        Ok(code)
    }

    fn mark_rewrites(&mut self) -> Rewrites {
        match self.isa.name() {
            "x64" => Rewrites::mark(&mut self.context.func),
            _ => Rewrites::default(),
        }
    }
}
