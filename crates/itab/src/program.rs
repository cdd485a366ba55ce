//! A loaded program: its public handle, and what the handles and isolates share.
//!
//! What is shared is the runtime's program (code, types, the data image) and, under a lock, the
//! [driver](crate::compile::Driver) that adds code to it.

use crate::artifact::Saved;
use crate::border::chans::ChanFuncs;
use crate::border::func::Signature;
use crate::border::host::{Body, HostFn};
use crate::border::interface::Tables;
use crate::border::maps::MapFuncs;
use crate::border::records::Bindings;
use crate::border::signature::{FuncSig, Shim};
use crate::border::variants::Variants;
use crate::border::{Func, Interface, Root};
use crate::cache::Slot;
use crate::compile::{CompileHook, DeclaredHost, DeclaredTypes, Driver, internal};
use crate::dump::{self, Stage};
use crate::error::{Error, LoadError};
use crate::host_type::HostMethod;
use crate::host_type::methods::HostTypes;
use crate::isolate::Isolate;
use crate::load::{Setup, on_known_stack};
use crate::options::IsolateOptions;
use crate::origin::Origin;
use crate::plugin::Plugin;
use crate::state::StateType;
use itab_abi::types::Kind;
use itab_codegen::compiler::{CodegenOptions, Compiler};
use itab_ir::program::FuncId;
use itab_ir::world::World;
use itab_loader::Manifest;
use itab_runtime::sched::program::Program as RtProgram;
use itab_runtime::sched::setup::new_program;
use itab_runtime::types::TypeRef;
use itab_syntax::FileSet;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

/// A loaded program. Cheap to clone; `Send + Sync`.
#[derive(Clone)]
pub struct Program(pub(crate) Arc<Shared>);

/// What isolates, scopes and the compile hook use.
pub(crate) struct Shared {
    pub(crate) runtime: Arc<RtProgram>,
    pub(crate) starts: Starts,
    /// Tells programs apart; never used again.
    pub(crate) id: u64,
    /// Fields of structs that crossed the border.
    pub(crate) bindings: Bindings,
    /// Types of enums' variants that crossed the border.
    pub(crate) variants: Variants,
    /// What isolates must be given, each with the package that needs it.
    pub(crate) needs: Vec<(String, StateType)>,
    /// Go types behind Rust traits.
    pub(crate) tables: Tables,
    /// Descriptors of Rust types whose values Go holds.
    pub(crate) host_types: HostTypes,
    map_funcs: OnceLock<MapFuncs>,
    chan_funcs: OnceLock<ChanFuncs>,
    func_sigs: Mutex<FxHashMap<usize, Arc<FuncSig>>>,
    /// Where what is compiled is kept.
    keep: Option<Keep>,
    driver: Mutex<Driver>,
}

/// The number of the next program.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// A place in the cache, and the source that the program is of.
pub(crate) struct Keep {
    pub(crate) slot: Slot,
    pub(crate) manifest: Manifest,
}

/// The functions that a program starts with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Starts {
    /// Path of the package that was loaded.
    pub(crate) package: String,
    /// Initialises all packages, if there is anything to initialise.
    pub(crate) init: Option<FuncId>,
    /// `main.main`, in a program that has it.
    pub(crate) main: Option<FuncId>,
    /// What of it needs the right to package unsafe, and where.
    pub(crate) forges: Option<String>,
    /// Import paths of the host's packages in the program.
    pub(crate) host: Vec<String>,
}

impl Program {
    /// A new running instance, whose package variables have their initial values, with the default
    /// [options](IsolateOptions): no rights but the host's standard output and error.
    ///
    /// # Errors
    /// When the system refuses memory.
    pub fn isolate(&self) -> Result<Isolate, Error> {
        self.isolate_with(IsolateOptions::default())
    }

    /// A new running instance with rights and limits.
    ///
    /// # Errors
    /// When the system refuses memory, a grant makes no sense, or the program needs one that there is not
    /// ([`IsolateOptions::allow_unsafe`]).
    pub fn isolate_with(&self, options: IsolateOptions) -> Result<Isolate, Error> {
        Isolate::new(self.0.clone(), options)
    }

    /// A function of the program by its name: see [`Isolate::func`].
    ///
    /// # Errors
    /// [`Error::NoSuchFunc`] and [`Error::Signature`].
    pub fn func<F: Signature>(&self, name: &str) -> Result<Func<F>, Error> {
        self.0.func(name)
    }

    /// A plug-in: a new isolate, and the value that this function returns in it, which implements the trait of `T`,
    /// `dyn Trait`. The function has no parameters, and one result beside an `error` perhaps.
    ///
    /// # Errors
    /// [`Error::NotImplemented`], which names the methods that are missing; what the function returns as an error.
    pub fn plugin<T: Interface + ?Sized>(&self, name: &str) -> Result<Plugin<T>, Error> {
        self.plugin_with(IsolateOptions::default(), name)
    }

    /// The same in an isolate with rights and limits.
    ///
    /// # Errors
    /// As [`Program::plugin`].
    pub fn plugin_with<T: Interface + ?Sized>(&self, options: IsolateOptions, name: &str) -> Result<Plugin<T>, Error> {
        let mut isolate = self.isolate_with(options)?;
        let make = self.func::<fn() -> Result<Root<T>, Error>>(name)?;
        let root = make.call(&mut isolate)?;
        Plugin::new(isolate, root)
    }

    /// Compiles everything that the program may call and gives it as bytes, for [`crate::Engine::restore`] in another
    /// process: running it there compiles nothing.
    ///
    /// # Errors
    /// When a function cannot be compiled.
    pub fn save(&self) -> Result<Vec<u8>, Error> {
        let mut driver = self.0.lock();
        let mut out = vec![];
        match &mut driver.origin {
            Origin::Saved(saved, None) => saved.write(&mut out)?,
            origin => {
                let (world, files) = origin.world_for_good()?;
                // The host may call what main does not, and pass types that it does not use.
                for name in world.function_names("main") {
                    let _ = world.func_by_name("main", name.trim_start_matches("main."));
                }
                for name in world.type_names(&self.0.starts.package) {
                    if let Ok(ty) = world.type_by_name(&self.0.starts.package, &name) {
                        world.program.types.pointer(ty);
                    }
                }
                let mut codegen = Compiler::new(CodegenOptions::default()).map_err(internal)?;
                Saved::complete(world, files, &mut codegen, self.0.starts.clone())?.write(&mut out)?;
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
        let mut driver = self.0.lock();
        match &mut driver.origin {
            Origin::Saved(_, None) => Err(Error::Internal("a saved program has no source".into())),
            origin => {
                let (world, files) = origin.world_for_good()?;
                f(world, files)
            }
        }
    }
}

impl Shared {
    /// A program from checked source or a saved one.
    pub(crate) fn new(
        origin: Origin,
        starts: Starts,
        setup: &Setup,
        keep: Option<Keep>,
    ) -> Result<Arc<Shared>, LoadError> {
        let needs = setup.packages.needs(&starts.host)?;
        let runtime =
            new_program(itab_runtime::code::arena::DEFAULT_SIZE).map_err(|e| LoadError::Memory(e.to_string()))?;
        let shared = Arc::new_cyclic(|weak: &Weak<Shared>| {
            let driver = Driver::new(origin, setup.host.clone(), runtime.clone(), weak.clone());
            let (bindings, tables, variants) = (Bindings::default(), Tables::default(), Variants::default());
            let host_types = HostTypes::default();
            let (map_funcs, chan_funcs, func_sigs) = (OnceLock::new(), OnceLock::new(), Mutex::default());
            let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
            Shared {
                runtime,
                starts,
                id,
                bindings,
                needs,
                tables,
                variants,
                host_types,
                map_funcs,
                chan_funcs,
                func_sigs,
                keep,
                driver: Mutex::new(driver),
            }
        });
        let hook = Box::new(CompileHook::new(&shared));
        assert!(shared.runtime.compiler.set(hook).is_ok(), "a fresh program has no compiler");
        shared.runtime.types.set_named_source(Box::new(DeclaredTypes(Arc::downgrade(&shared))));
        let declared = {
            let mut driver = shared.lock();
            driver.prepare()?;
            driver.declared_hosts()?
        };
        declared.into_iter().try_for_each(DeclaredHost::check)?;
        Ok(shared)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Driver> {
        // A panic while compiling leaves at worst code that nothing refers to.
        self.driver.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn update_cache(&self) -> Result<(), Error> {
        let Some(keep) = &self.keep else { return Ok(()) };
        match self.lock().origin.take_unsaved(self.starts.clone())? {
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
        let main = self.starts.main.ok_or_else(|| Error::NoSuchFunc { name: "main.main".into(), near: vec![] })?;
        on_known_stack(|| self.lock().code(main))
    }

    /// A declared function.
    pub(crate) fn func<F: Signature>(self: &Arc<Shared>, name: &str) -> Result<Func<F>, Error> {
        let full = if name.contains('.') { name.into() } else { format!("{}.{name}", self.starts.package) };
        let (value, typ) = self.lock().find_func(&full)?;
        // SAFETY: made by the program's interner.
        let sig = self.func_sig(unsafe { TypeRef::from_ptr(typ) });
        Func::of_program(self, value, sig, &full)
    }

    /// What the border knows of a func type of the program.
    pub(crate) fn func_sig(&self, ftyp: TypeRef<'_>) -> Arc<FuncSig> {
        let mut known = self.func_sigs.lock().unwrap_or_else(|e| e.into_inner());
        known.entry(ftyp.as_ptr() as usize).or_insert_with(|| Arc::new(FuncSig::new(ftyp))).clone()
    }

    /// Code between Go and frames.
    pub(crate) fn shim(&self, shim: Shim) -> Result<usize, Error> {
        on_known_stack(|| self.lock().shim(shim))
    }

    /// The address of the stub of a declared function.
    pub(crate) fn stub(&self, name: &str) -> Result<usize, Error> {
        self.lock().stub(name)
    }

    /// Go's functions on maps, which a program has that uses maps.
    pub(crate) fn map_funcs(&self) -> Result<MapFuncs, Error> {
        if let Some(funcs) = self.map_funcs.get() {
            return Ok(*funcs);
        }
        let funcs = MapFuncs::find(self)?;
        Ok(*self.map_funcs.get_or_init(|| funcs))
    }

    /// The code of a method of a host type as a Go func of type `mtyp`, whose context is the receiver, or which has it as its
    /// first parameter.
    pub(crate) fn method_code(
        &self,
        name: &str,
        method: &HostMethod,
        mtyp: TypeRef<'_>,
        function: bool,
    ) -> Result<usize, Error> {
        let inner = method.call;
        let call: Box<Body> = Box::new(move |c| {
            // SAFETY: the code is that of a method of a host type alone.
            unsafe { c.set_receiver(function) };
            inner(c)
        });
        let ftyp = if function { with_receiver(mtyp) } else { mtyp };
        let sig = self.func_sig(ftyp);
        let name = format!("{name}.{}", method.go_name);
        self.lock().method_code(&name, HostFn { call, check: method.check }, ftyp, sig)
    }

    /// Functions that use channels for the host.
    pub(crate) fn chan_funcs(&self) -> Result<ChanFuncs, Error> {
        if let Some(funcs) = self.chan_funcs.get() {
            return Ok(*funcs);
        }
        let funcs = ChanFuncs::find(self)?;
        Ok(*self.chan_funcs.get_or_init(|| funcs))
    }

    /// The code of Rust closures that are Go funcs of a type.
    pub(crate) fn closure_code(&self, ftyp: TypeRef<'_>) -> Result<usize, Error> {
        let sig = self.func_sig(ftyp);
        sig.closure(|| on_known_stack(|| self.lock().closure_code(ftyp, sig.clone())))
    }
}

/// The type of a method of a host type that is called as a function.
fn with_receiver(mtyp: TypeRef<'_>) -> TypeRef<'_> {
    let (ins, outs, variadic) = mtyp.signature();
    let types = mtyp.owner();
    let receiver = types.basic(Kind::UnsafePointer);
    let ins: Vec<_> = std::iter::once(receiver).chain(ins.iter().copied()).collect();
    types.func_of(&ins, outs, variadic)
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Whoever wants to know calls `update_cache`.
        let _ = self.update_cache();
    }
}
