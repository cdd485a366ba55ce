//! The driver: compiles a function and links it when it is first called.
//!
//! [`CompileHook`] is how the runtime asks for a function. All compiling of a program happens under one lock, which is
//! around its [`Driver`]. A function is compiled together with its closures. It calls every other function through that
//! function's slot, so that function need not exist yet. The hook holds the program weakly: the program is freed with its
//! last handle or isolate.

use crate::border::host::{CheckDeclaration, HostEntry, HostFn, HostFns, check_declaration, trampoline};
use crate::border::signature::{FuncSig, Shim, layout};
use crate::data_image::data_image;
use crate::error::{Error, LoadError};
use crate::lines::{SourceLine, positions};
use crate::link::{LinkError, Linker, Symbols};
use crate::load::on_known_stack;
use crate::origin::Origin;
use crate::pipeline::Pipeline;
use crate::program::Shared;
use itab_abi::types::Type;
use itab_abi::value::FuncVal;
use itab_codegen::compiler::Compiler;
use itab_codegen::frame::FrameLayout;
use itab_codegen::object::{Function, LinkSymbol, Object};
use itab_ir::program::{FuncId, FuncKind};
use itab_ir::ty::Sig;
use itab_ir::world::{Built, World};
use itab_runtime::sched::program::{
    CompileError, Compiler as Hook, ErrorValues, FrameCode, FrameKind, Program as RtProgram,
};
use itab_runtime::types::{NamedSource, TypeRef};
use itab_syntax::FileSet;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Weak};

/// Compiler and linker of one program.
pub(crate) struct Driver {
    pub(crate) origin: Origin,
    codegen: Option<Pipeline>,
    linker: Linker,
    natives: Natives,
    shims: FxHashMap<Shim, usize>,
}

/// Functions without a body in Go.
struct Natives {
    host: HostFns,
    /// Trampolines of host functions, by name.
    trampolines: FxHashMap<String, usize>,
    /// What trampolines point to; boxed, because they hold the addresses.
    #[allow(clippy::vec_box)]
    entries: Vec<Box<HostEntry>>,
    shared: Weak<Shared>,
}

/// The symbols of an object that come from outside the program.
struct Outside<'a> {
    natives: &'a Natives,
    lines: &'a dyn Fn(u32) -> Option<SourceLine>,
}

impl Symbols for Outside<'_> {
    fn native(&self, name: &str) -> Option<usize> {
        let own = itab_runtime::std::lookup(name).map(|native| native.code as usize);
        own.or_else(|| self.natives.trampolines.get(name).copied())
    }

    fn source_line(&self, pos: u32) -> Option<SourceLine> {
        (self.lines)(pos)
    }
}

/// A function of the host that Go declares.
pub(crate) struct DeclaredHost {
    name: String,
    typ: *const Type,
    check: CheckDeclaration,
}

impl DeclaredHost {
    /// Compares it with its declaration. The compiler may be asked for types: its lock is not held.
    pub(crate) fn check(self) -> Result<(), LoadError> {
        // SAFETY: made by the program's interner.
        let ftyp = unsafe { TypeRef::from_ptr(self.typ) };
        let DeclaredHost { name, check, .. } = self;
        check_declaration(ftyp, check).map_err(|why| LoadError::Host { name, go: ftyp.string().into(), why })
    }
}

/// The runtime's way to types that the program has not used.
pub(crate) struct DeclaredTypes(pub(crate) Weak<Shared>);

impl NamedSource for DeclaredTypes {
    fn named(&self, pkg: &str, name: &str) -> *const Type {
        let Some(shared) = self.0.upgrade() else { return std::ptr::null() };
        let pkg = if pkg.is_empty() { &shared.starts.package } else { pkg };
        on_known_stack(|| shared.lock().named_type(pkg, name)).unwrap_or(std::ptr::null())
    }
}

/// What the compiler may use of a system stack; little of it is in use when the runtime calls.
const ROOM: usize = itab_runtime::code::stack::SYSTEM_STACK / 2;

/// The runtime's way to the compiler.
pub(crate) struct CompileHook(Weak<Shared>);

impl CompileHook {
    pub(crate) fn new(shared: &Arc<Shared>) -> CompileHook {
        CompileHook(Arc::downgrade(shared))
    }
}

impl Hook for CompileHook {
    fn compile(&self, func: u32) -> Result<usize, CompileError> {
        let shared = self.0.upgrade().ok_or_else(|| CompileError("the program is gone".into()))?;
        let compile = || shared.lock().code(FuncId(func));
        let code = itab_types::with_stack(ROOM, compile);
        code.map_err(|e| CompileError(e.to_string()))
    }

    fn frame_code(&self, ftyp: TypeRef<'_>, kind: FrameKind) -> Result<FrameCode, CompileError> {
        let shared = self.0.upgrade().ok_or_else(|| CompileError("the program is gone".into()))?;
        let (shim, frame_size) = Shim::of_frames(ftyp, kind);
        let code = shared.lock().shim(shim).map_err(|e| CompileError(e.to_string()))?;
        Ok(FrameCode { code, frame_size })
    }
}

impl Driver {
    /// The driver of a program that has no code yet.
    pub(crate) fn new(origin: Origin, host: HostFns, runtime: Arc<RtProgram>, shared: Weak<Shared>) -> Driver {
        let natives = Natives { host, trampolines: FxHashMap::default(), entries: vec![], shared };
        Driver { origin, codegen: None, linker: Linker::new(runtime), natives, shims: FxHashMap::default() }
    }

    /// Gives the runtime what it needs before any code runs: the data image and the makers of error values.
    pub(crate) fn prepare(&mut self) -> Result<(), LoadError> {
        let image = data_image(&mut self.origin, &mut self.linker);
        let image = image.map_err(|e| LoadError::Unsupported(e.to_string()))?;
        assert!(self.linker.runtime.data.set(image).is_ok(), "a fresh program has no data");
        self.error_values().map_err(|e| LoadError::Unsupported(e.to_string()))
    }

    /// The code of a function, compiled and linked now if it was not before.
    pub(crate) fn code(&mut self, id: FuncId) -> Result<usize, Error> {
        self.linker.stubs.stub(id);
        if let Some(code) = self.linker.runtime.arena.func_code(id.0) {
            return Ok(code);
        }
        self.provide_host(id)?;
        let linker = &self.linker;
        let object = self.origin.object(&mut self.codegen, id, &|f| linker.has_code(f))?;
        self.link(&object).map_err(internal)?;
        let code = self.linker.runtime.arena.func_code(id.0);
        code.ok_or_else(|| Error::Internal(format!("{} was not compiled", self.origin.ir().func(id).name)))
    }

    fn link(&mut self, object: &Object) -> Result<(), LinkError> {
        let Driver { origin, linker, natives, .. } = self;
        // Positions are looked up before linking, which needs the origin for itself.
        let mut names = FxHashMap::default();
        let mut lines = FxHashMap::default();
        for pos in positions(object, origin.ir()) {
            if let Some(line) = origin.source_line(pos, &mut names) {
                lines.insert(pos, line);
            }
        }
        let find = |pos: u32| lines.get(&pos).cloned();
        linker.link(object, origin, &Outside { natives, lines: &find })
    }

    /// Makes the trampoline of a host function that is about to be linked.
    fn provide_host(&mut self, id: FuncId) -> Result<(), Error> {
        let decl = self.origin.ir().func(id);
        let Some(name) = decl.native.clone() else { return Ok(()) };
        if self.natives.trampolines.contains_key(&*name) {
            return Ok(());
        }
        let Some(func) = self.natives.host.get(&*name).cloned() else { return Ok(()) };
        let typ = self.func_type(id)?;
        // SAFETY: made by the program's interner.
        let sig = FuncSig::new(unsafe { TypeRef::from_ptr(typ) });
        self.add_trampoline(name.to_string(), func, Arc::new(sig))
    }

    /// Makes the code that calls a function of the host, under a name that objects call it by.
    fn add_trampoline(&mut self, name: String, func: Arc<HostFn>, sig: Arc<FuncSig>) -> Result<(), Error> {
        let entry = Box::new(HostEntry { func, sig, shared: self.natives.shared.clone() });
        let code = trampoline(&*entry);
        let arena = &self.linker.runtime.arena;
        let at = arena.alloc_code(code.len(), 16, 0).map_err(internal)?;
        arena.write_code(at, &code);
        self.natives.entries.push(entry);
        self.natives.trampolines.insert(name, at);
        Ok(())
    }

    /// A Go function of a func type that calls a function of the host; its context is the host's business. The name is new.
    fn host_stub(&mut self, name: String, func: HostFn, ftyp: TypeRef<'_>, sig: Arc<FuncSig>) -> Result<usize, Error> {
        self.add_trampoline(name.clone(), Arc::new(func), sig)?;
        let Driver { origin, codegen, linker, natives, .. } = self;
        let codegen = &mut pipeline(codegen)?.codegen;
        let code = codegen.compile_host_stub(&layout(ftyp, false), &LinkSymbol::Native(name.into()));
        let symbols = Outside { natives, lines: &|_| None };
        linker.link_shim(&code.map_err(internal)?, origin, &symbols).map_err(internal)
    }

    /// The code of Rust closures that are Go funcs of a type.
    pub(crate) fn closure_code(&mut self, ftyp: TypeRef<'_>, sig: Arc<FuncSig>) -> Result<usize, Error> {
        let name = format!("closure of the host: {}", ftyp.link_string());
        self.host_stub(name, crate::border::closure::host_fn(), ftyp, sig)
    }

    /// The code of a method of a host type.
    pub(crate) fn method_code(
        &mut self,
        name: &str,
        func: HostFn,
        ftyp: TypeRef<'_>,
        sig: Arc<FuncSig>,
    ) -> Result<usize, Error> {
        // Several types may have one name.
        let name = format!("method {} of the host: {name}", self.natives.entries.len());
        self.host_stub(name, func, ftyp, sig)
    }

    /// The functions of the host that Go declares, each with its Go type and its check, by name.
    pub(crate) fn declared_hosts(&mut self) -> Result<Vec<DeclaredHost>, LoadError> {
        let mut hosts: Vec<(String, CheckDeclaration)> =
            self.natives.host.iter().map(|(n, f)| (n.clone(), f.check)).collect();
        hosts.sort_by(|a, b| a.0.cmp(&b.0));
        let mut declared = vec![];
        for (name, check) in hosts {
            let Some(id) = self.origin.declared(&name) else { continue };
            let typ = self.func_type(id).map_err(|e| LoadError::Unsupported(e.to_string()))?;
            declared.push(DeclaredHost { name, typ, check });
        }
        Ok(declared)
    }

    /// The descriptor of a declared type.
    pub(crate) fn named_type(&mut self, pkg: &str, name: &str) -> Result<*const Type, Error> {
        let ty = self.origin.type_by_name(pkg, name)?;
        self.linker.descriptor(ty, &mut self.origin).map_err(internal)
    }

    /// The address of the stub of a declared function.
    pub(crate) fn stub(&mut self, name: &str) -> Result<usize, Error> {
        self.origin.func_by_name(name).map(|id| self.linker.stubs.stub(id))
    }

    /// Hands the runtime the functions of package runtime that make the values of run-time errors.
    fn error_values(&mut self) -> Result<(), Error> {
        let mut stub = |name: &str| self.stub(name);
        let values = ErrorValues {
            error_string: stub("runtime.errorStringValue")?,
            error_address: stub("runtime.errorAddressValue")?,
            plain_error: stub("runtime.plainErrorValue")?,
            bounds_error: stub("runtime.boundsErrorValue")?,
            type_assertion_error: stub("runtime.typeAssertionErrorValue")?,
            panic_nil_error: stub("runtime.panicNilErrorValue")?,
            print_text: stub("runtime.printText")?,
        };
        assert!(self.linker.runtime.error_values.set(values).is_ok(), "a fresh program has none");
        Ok(())
    }

    /// Descriptor of a function's type, the receiver left out.
    fn func_type(&mut self, id: FuncId) -> Result<*const Type, Error> {
        let decl = self.origin.ir().func(id);
        let sig = Sig { params: decl.params.clone(), results: decl.results.clone(), variadic: decl.variadic };
        let sig = self.origin.func_type(sig);
        self.linker.descriptor(sig, &mut self.origin).map_err(internal)
    }

    /// The func value and type of a declared function.
    pub(crate) fn find_func(&mut self, name: &str) -> Result<(*const FuncVal, *const Type), Error> {
        let id = self.origin.func_by_name(name)?;
        let typ = self.func_type(id)?;
        let value = self.linker.func_val(id).map_err(internal)?;
        Ok((value as *const FuncVal, typ))
    }

    /// Code that serves all functions of a signature, compiled when it is first needed.
    pub(crate) fn shim(&mut self, shim: Shim) -> Result<usize, Error> {
        if let Some(&at) = self.shims.get(&shim) {
            return Ok(at);
        }
        let Driver { origin, codegen, linker, natives, shims } = self;
        let codegen = &mut pipeline(codegen)?.codegen;
        let code = match &shim {
            Shim::Enter(frame) => codegen.compile_frame_enter(frame),
            Shim::FrameCall(frame) => codegen.compile_frame_call(frame),
            Shim::FrameStub(frame) => codegen.compile_frame_stub(frame),
        };
        let symbols = Outside { natives, lines: &|_| None };
        let at = linker.link_shim(&code.map_err(internal)?, origin, &symbols).map_err(internal)?;
        shims.insert(shim, at);
        Ok(at)
    }
}

/// Builds a function with those inside it and compiles them.
pub(crate) fn compile(world: &mut World, files: &FileSet, codegen: &mut Compiler, id: FuncId) -> Result<Object, Error> {
    if world.program.func(id).kind == FuncKind::Native {
        return native(world, codegen, id);
    }
    let built = build(world, files, id)?;
    let translated = codegen.translate(&world.program, built.funcs).map_err(internal)?;
    codegen.compile(translated).map_err(internal)
}

/// The shim of a native function, of the runtime or of the host.
pub(crate) fn native(world: &World, codegen: &mut Compiler, id: FuncId) -> Result<Object, Error> {
    let decl = world.program.func(id);
    if let Some(name) = decl.native.clone().filter(|name| itab_runtime::std::lookup(name).is_none()) {
        let frame = FrameLayout::new(&world.program.types, &decl.params, &decl.results);
        let code = codegen.compile_host_stub(&frame, &LinkSymbol::Native(name)).map_err(internal)?;
        return Ok(Object { functions: vec![Function { id, code }], data: vec![] });
    }
    crate::natives::check(&world.program.types, world.program.func(id))?;
    let shim = codegen.compile_native(&world.program, id).map_err(internal)?;
    Ok(Object { functions: vec![shim], data: vec![] })
}

/// Builds a function with those inside it.
pub(crate) fn build(world: &mut World, files: &FileSet, id: FuncId) -> Result<Built, Error> {
    itab_ir::driver::build(world, id).map_err(|e| {
        let at = files.position(itab_syntax::Pos(e.pos));
        Error::Internal(format!("{at}: {e}"))
    })
}

/// The compilers, made when they are first needed.
pub(crate) fn pipeline(codegen: &mut Option<Pipeline>) -> Result<&mut Pipeline, Error> {
    Ok(match codegen {
        Some(c) => c,
        none => none.insert(Pipeline::new()?),
    })
}

pub(crate) fn internal(e: impl std::fmt::Display) -> Error {
    Error::Internal(e.to_string())
}
