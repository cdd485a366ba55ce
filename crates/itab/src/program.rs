//! A loaded program: what its isolates share, and the compiler that makes bodies when they are first called.
//!
//! All of compiling happens under one lock. A function is compiled together with its closures; what it calls beyond
//! them goes through slots. The runtime's hook to the compiler holds the program weakly, so that the program is freed
//! with its last handle or isolate.

use crate::artifact::Saved;
use crate::cache::Slot;
use crate::dump::{self, Stage};
use crate::error::{Error, LoadError};
use crate::frame::Shim;
use crate::host::{HostEntry, HostFn, trampoline};
use crate::isolate::{Isolate, IsolateOptions};
use crate::link::{LinkError, Linker, Place, Symbols};
use crate::load::on_known_stack;
use crate::origin::Origin;
use crate::pipeline::Pipeline;
use itab_abi::types::Type;
use itab_abi::value::FuncVal;
use itab_codegen::abi::FlatSig;
use itab_codegen::compiler::{CodegenOptions, Compiler};
use itab_codegen::object::Object;
use itab_ir::program::{FuncId, FuncKind, Program as IrProgram, StaticReloc};
use itab_ir::ty::Sig;
use itab_ir::world::{Built, World};
use itab_loader::Manifest;
use itab_runtime::sched::program::{
    CompileError, Compiler as Hook, DataImage, DataReloc, ErrorValues, FrameCode, FrameKind, Program as RtProgram,
};
use itab_runtime::sched::setup::new_program;
use itab_runtime::types::TypeRef;
use itab_syntax::FileSet;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

/// A loaded program. Cheap to clone; `Send + Sync`.
#[derive(Clone)]
pub struct Program(pub(crate) Arc<Shared>);

/// Host functions by name.
pub(crate) type HostFns = FxHashMap<String, Arc<HostFn>>;

/// What isolates, scopes and the compile hook use.
pub(crate) struct Shared {
    pub(crate) runtime: Arc<RtProgram>,
    pub(crate) starts: Starts,
    /// Where what is compiled is kept.
    keep: Option<Keep>,
    state: Mutex<State>,
}

/// A place in the cache, and the source that the program is of.
pub(crate) struct Keep {
    pub(crate) slot: Slot,
    pub(crate) manifest: Manifest,
}

/// The functions that a program starts with.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Starts {
    /// Initialises all packages, if there is anything to initialise.
    pub(crate) init: Option<FuncId>,
    /// `main.main`, in a program that has it.
    pub(crate) main: Option<FuncId>,
}

pub(crate) struct State {
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
    places: &'a dyn Fn(u32) -> Option<Place>,
}

impl Symbols for Outside<'_> {
    fn native(&self, name: &str) -> Option<usize> {
        self.natives.trampolines.get(name).copied().or_else(|| Some(itab_runtime::std::lookup(name)?.code as usize))
    }

    fn place(&self, pos: u32) -> Option<Place> {
        (self.places)(pos)
    }
}

/// What the compiler may use of a system stack; little of it is in use when the runtime calls.
const ROOM: usize = itab_runtime::code::stack::SYSTEM_STACK / 2;

/// The runtime's way to the compiler.
struct CompileHook(Weak<Shared>);

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
        let code = shared.shim(shim).map_err(|e| CompileError(e.to_string()))?;
        Ok(FrameCode { code, frame_size })
    }
}

/// Where a position of checked source is.
pub(crate) fn place(files: &FileSet, pos: u32, names: &mut FxHashMap<String, Arc<str>>) -> Option<Place> {
    let pos = itab_syntax::Pos(pos);
    if !pos.is_known() {
        return None;
    }
    let p = files.position(pos);
    let file = names.entry(p.file.to_string()).or_insert_with(|| p.file.to_string().into()).clone();
    Some(Place { file, line: p.line })
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

/// The shim of a native function.
pub(crate) fn native(world: &World, codegen: &mut Compiler, id: FuncId) -> Result<Object, Error> {
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

fn internal(e: impl std::fmt::Display) -> Error {
    Error::Internal(e.to_string())
}

impl State {
    /// The code of a function, compiled and linked now if it was not before.
    fn code(&mut self, id: FuncId) -> Result<usize, Error> {
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
        let State { origin, linker, natives, .. } = self;
        // Positions are looked up before linking, which needs the origin for itself.
        let mut names = FxHashMap::default();
        let mut places = FxHashMap::default();
        for pos in positions(object, origin.ir()) {
            if let Some(place) = origin.place(pos, &mut names) {
                places.insert(pos, place);
            }
        }
        let find = |pos: u32| places.get(&pos).map(|p| Place { file: p.file.clone(), line: p.line });
        linker.link(object, origin, &Outside { natives, places: &find })
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
        let entry = Box::new(HostEntry { func, typ, shared: self.natives.shared.clone() });
        let code = trampoline(&*entry);
        let arena = &self.linker.runtime.arena;
        let at = arena.alloc_code(code.len(), 16, 0).map_err(internal)?;
        arena.write_code(at, &code);
        self.natives.entries.push(entry);
        self.natives.trampolines.insert(name.to_string(), at);
        Ok(())
    }

    /// The functions of package runtime that make the values of run-time errors.
    fn error_values(&mut self) -> Result<(), Error> {
        let mut stub = |name: &str| self.origin.func_by_name(name).map(|id| self.linker.stubs.stub(id));
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

    /// Initial contents of the package variables, with a mask of the words that may hold pointers.
    fn data_image(&mut self) -> Result<(), LinkError> {
        let program = self.origin.ir();
        let size = program.globals_size.next_multiple_of(8) as usize;
        let mut image = DataImage { bytes: vec![], size, relocs: vec![], ptr_mask: vec![0; size.div_ceil(64)] };
        let globals = program.globals.clone();
        for g in &globals {
            let mark = &mut image.ptr_mask;
            program.types.for_each_pointer(g.ty, g.offset, &mut |off| mark[off as usize / 64] |= 1 << (off / 8 % 8));
        }
        for g in &globals {
            let Some(init) = &g.init else { continue };
            let end = g.offset as usize + init.bytes.len();
            if image.bytes.len() < end {
                image.bytes.resize(end, 0);
            }
            image.bytes[g.offset as usize..end].copy_from_slice(&init.bytes);
            for (off, reloc) in &init.relocs {
                self.data_reloc(&mut image, g.offset + off, reloc)?;
            }
        }
        assert!(self.linker.runtime.data.set(image).is_ok(), "a fresh program has no data");
        Ok(())
    }

    fn data_reloc(&mut self, image: &mut DataImage, at: u64, reloc: &StaticReloc) -> Result<(), LinkError> {
        let address = match reloc {
            StaticReloc::Global(g, off) => {
                let target = (self.origin.ir().global(*g).offset + off) as u32;
                image.relocs.push(DataReloc { at: at as u32, target });
                return Ok(());
            }
            StaticReloc::Str(bytes) => self.linker.constant(bytes, 1)?,
            StaticReloc::Value(ty, bytes) => {
                let align = self.origin.ir().types.align_of(*ty) as u32;
                self.linker.constant(bytes, align)?
            }
            StaticReloc::Type(ty) => self.linker.descriptor(*ty, &mut self.origin)? as usize,
            StaticReloc::Itab(inter, typ) => self.linker.itab(*inter, *typ, &mut self.origin)?,
            StaticReloc::FuncVal(f) => self.linker.func_val(*f)?,
        };
        image.bytes[at as usize..at as usize + 8].copy_from_slice(&address.to_le_bytes());
        Ok(())
    }

    /// Descriptor of a function's type, the receiver left out.
    fn func_type(&mut self, id: FuncId) -> Result<*const Type, Error> {
        let decl = self.origin.ir().func(id);
        let sig = Sig { params: decl.params.clone(), results: decl.results.clone(), variadic: false };
        let sig = self.origin.func_type(sig);
        self.linker.descriptor(sig, &mut self.origin).map_err(internal)
    }
}

/// Every position that an object mentions.
pub(crate) fn positions(object: &Object, program: &IrProgram) -> Vec<u32> {
    let mut all = vec![];
    for f in &object.functions {
        all.push(program.func(f.id).pos);
        all.extend(f.code.lines.iter().map(|l| l.pos));
        all.extend(f.code.inlined.iter().map(|i| i.call_pos));
    }
    all.sort_unstable();
    all.dedup();
    all
}

impl Shared {
    /// A program from checked source or a saved one.
    pub(crate) fn new(
        origin: Origin,
        starts: Starts,
        host: HostFns,
        keep: Option<Keep>,
    ) -> Result<Arc<Shared>, LoadError> {
        let runtime =
            new_program(itab_runtime::code::arena::DEFAULT_SIZE).map_err(|e| LoadError::Memory(e.to_string()))?;
        let shared = Arc::new_cyclic(|weak: &Weak<Shared>| {
            let natives = Natives { host, trampolines: FxHashMap::default(), entries: vec![], shared: weak.clone() };
            let linker = Linker::new(runtime.clone());
            let state = State { origin, codegen: None, linker, natives, shims: FxHashMap::default() };
            Shared { runtime, starts, keep, state: Mutex::new(state) }
        });
        let hook = Box::new(CompileHook(Arc::downgrade(&shared)));
        assert!(shared.runtime.compiler.set(hook).is_ok(), "a fresh program has no compiler");
        let mut state = shared.lock();
        state.data_image().map_err(|e| LoadError::Unsupported(e.to_string()))?;
        state.error_values().map_err(|e| LoadError::Unsupported(e.to_string()))?;
        drop(state);
        Ok(shared)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while compiling leaves at worst code that nothing refers to.
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn update_cache(&self) -> Result<(), Error> {
        let Some(keep) = &self.keep else { return Ok(()) };
        match self.lock().origin.take_unsaved(self.starts)? {
            Some(saved) => {
                keep.slot.store(&keep.manifest, &saved).map_err(|e| Error::Internal(format!("the cache: {e}")))
            }
            None => Ok(()),
        }
    }

    pub(crate) fn init_code(&self) -> Result<Option<usize>, Error> {
        self.starts.init.map(|init| on_known_stack(|| self.lock().code(init))).transpose()
    }

    pub(crate) fn main_code(&self) -> Result<usize, Error> {
        let main = self.starts.main.ok_or_else(|| Error::NoSuchFunc { name: "main.main".into(), defined: vec![] })?;
        on_known_stack(|| self.lock().code(main))
    }

    /// The func value and type of a declared function.
    pub(crate) fn find_func(&self, name: &str) -> Result<(*const FuncVal, *const Type), Error> {
        let mut state = self.lock();
        let id = state.origin.func_by_name(name)?;
        let typ = state.func_type(id)?;
        let value = state.linker.func_val(id).map_err(internal)?;
        Ok((value as *const FuncVal, typ))
    }

    /// The code through which Rust enters Go functions of a signature.
    pub(crate) fn entry_shim(&self, sig: &FlatSig) -> Result<usize, Error> {
        self.shim(Shim::Entry(sig.clone()))
    }

    /// Code that serves all functions of a signature, compiled when it is first needed.
    fn shim(&self, shim: Shim) -> Result<usize, Error> {
        let mut state = self.lock();
        if let Some(&at) = state.shims.get(&shim) {
            return Ok(at);
        }
        let State { origin, codegen, linker, natives, shims } = &mut *state;
        let codegen = &mut pipeline(codegen)?.codegen;
        let code = match &shim {
            Shim::Entry(sig) => codegen.compile_entry_shim(sig),
            Shim::FrameCall(frame) => codegen.compile_frame_call(frame),
            Shim::FrameStub(frame) => codegen.compile_frame_stub(frame),
        };
        let symbols = Outside { natives, places: &|_| None };
        let at = linker.link_shim(&code.map_err(internal)?, origin, &symbols).map_err(internal)?;
        shims.insert(shim, at);
        Ok(at)
    }
}

impl Program {
    /// A new running instance, whose package variables have their initial values.
    ///
    /// # Errors
    /// When the system refuses memory.
    pub fn isolate(&self, options: IsolateOptions) -> Result<Isolate, Error> {
        Isolate::new(self.0.clone(), options)
    }

    /// Compiles everything that the program may call and gives it as bytes, for [`crate::Engine::restore`] in another
    /// process: running it there compiles nothing.
    ///
    /// # Errors
    /// When a function cannot be compiled.
    pub fn save(&self) -> Result<Vec<u8>, Error> {
        let mut state = self.0.lock();
        let mut out = vec![];
        match &mut state.origin {
            Origin::Saved(saved, None) => saved.write(&mut out)?,
            origin => {
                let (world, files) = origin.world_for_good()?;
                // The host may call what main does not.
                for name in world.function_names("main") {
                    let _ = world.func_by_name("main", name.trim_start_matches("main."));
                }
                let mut codegen = Compiler::new(CodegenOptions::default()).map_err(internal)?;
                Saved::complete(world, files, &mut codegen, self.0.starts)?.write(&mut out)?;
            }
        }
        Ok(out)
    }

    /// Writes to the engine's cache what was compiled since the program was loaded; the same happens when the program is
    /// dropped. Nothing happens without a [cache](crate::EngineBuilder::cache).
    ///
    /// # Errors
    /// When it cannot be written. The program is none the worse for it.
    pub fn update_cache(&self) -> Result<(), Error> {
        self.0.update_cache()
    }

    /// What a stage of the compiler makes of a function, named as tracebacks name it.
    ///
    /// # Errors
    /// When there is no such function, or the program was saved without its source.
    pub fn dump(&self, func: &str, stage: Stage) -> Result<String, Error> {
        self.with_world(|world, files| dump::dump(world, files, func, stage))
    }

    /// What a function, named as tracebacks name it, was as it was built, and after each pass that changed it.
    ///
    /// # Errors
    /// When there is no such function, or the program was saved without its source.
    pub fn dump_passes(&self, func: &str) -> Result<Vec<crate::passes::Snapshot>, Error> {
        self.with_world(|world, _| dump::passes(world, func))
    }

    /// Names of all functions that the program may call, those of the library included. All of them are built for that.
    ///
    /// # Errors
    /// When the program was saved without its source.
    pub fn functions(&self) -> Result<Vec<String>, Error> {
        self.with_world(|world, _| dump::functions(world))
    }

    fn with_world<R>(&self, f: impl FnOnce(&mut World, &FileSet) -> Result<R, Error>) -> Result<R, Error> {
        let mut state = self.0.lock();
        match &mut state.origin {
            Origin::Saved(_, None) => Err(Error::Internal("a saved program has no source".into())),
            origin => {
                let (world, files) = origin.world_for_good()?;
                f(world, files)
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Whoever wants to know calls `update_cache`.
        let _ = self.update_cache();
    }
}
