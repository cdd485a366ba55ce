//! From patterns to a world: finds Go's source, loads packages, has them checked, lays out their variables.
//!
//! Most scripts import nothing. So a program is loaded without Go's source first. It is loaded again with Go's source if
//! it turns out to need some.

use crate::border::host::HostFns;
use crate::check::{CheckOptions, Checked, check};
use crate::diagnose::wrong;
use crate::error::LoadError;
use crate::package::Packages;
use crate::program::Starts;
use itab_ir::passes::Switches;
use itab_ir::world::World;
use itab_loader::load::BROKEN_IMPORT;
use itab_loader::packed::Packed;
use itab_loader::source::Layered;
use itab_loader::{
    BuildTarget, Config, Depth, FileSystem, GoRoot, Loaded, Loader, Memory, Overlay, Package, Recorder, Request, Source,
};
use itab_syntax::{ExprKind, FileSet, Tree};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// What loading depends on.
#[derive(Clone, Default)]
pub(crate) struct Setup {
    pub(crate) goroot: Option<PathBuf>,
    pub(crate) memory: Memory,
    pub(crate) host: HostFns,
    pub(crate) packages: Packages,
    pub(crate) passes: String,
}

/// What is asked of a load.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) patterns: Vec<String>,
    pub(crate) dir: PathBuf,
    pub(crate) target: BuildTarget,
}

/// How much of the standard library there is for a program.
pub(crate) enum Std {
    /// Nothing that it can import: package runtime has what compiled code needs.
    Core,
    /// Package runtime, without maps.
    Runtime,
    /// All of it.
    Whole(GoRoot),
}

/// The files of package runtime that no program needs without importing something. The first needs Go's source.
const LIBRARY: &[&str] =
    &["map.go", "extern.go", "goarch_amd64.go", "goarch_arm64.go", "mfinal.go", "mprof.go", "mstats.go", "symtab.go"];

/// A world that is ready to be built in.
pub(crate) struct Made {
    pub(crate) world: World,
    pub(crate) files: Arc<FileSet>,
    pub(crate) starts: Starts,
}

impl Wanted {
    /// A loader's configuration.
    pub(crate) fn config(&self, setup: &Setup, source: Arc<dyn Source>, std: Std) -> Config {
        let without = match std {
            Std::Core => LIBRARY,
            Std::Runtime => &LIBRARY[..1],
            // Packages of the standard library use maps: their bodies, which would tell, are not read.
            Std::Whole(_) => &[],
        };
        let overlay = match self.target {
            BuildTarget::Host => Overlay::empty(),
            BuildTarget::Itab => without.iter().fold(Overlay::builtin(), |o, file| o.without("runtime", file)),
        };
        let goroot = match std {
            Std::Whole(goroot) => Some(goroot),
            Std::Core | Std::Runtime => None,
        };
        let threads = usize::from(goroot.is_none());
        let none = || GoRoot { path: PathBuf::from("/nonexistent"), version: String::new() };
        Config {
            source,
            goroot: goroot.unwrap_or_else(none),
            target: self.target,
            tags: vec![],
            overlay,
            host: setup.packages.folders().collect(),
            mod_cache: itab_loader::load::default_mod_cache(),
            threads,
        }
    }

    pub(crate) fn request(&self, tests: bool) -> Request {
        let run = self.target == BuildTarget::Itab;
        Request {
            dir: self.dir.clone(),
            patterns: self.patterns.clone(),
            tests,
            test_main: None,
            also: if run { vec!["runtime".into()] } else { vec![] },
            depth: match (run, tests) {
                (true, false) => Depth::Own,
                // Tests of the standard library are found by their names.
                (true, true) => Depth::Bodies,
                (false, _) => Depth::Imports,
            },
        }
    }
}

impl Setup {
    pub(crate) fn goroot(&self, source: &dyn Source, dir: &Path) -> Result<GoRoot, LoadError> {
        let found = GoRoot::find(source, self.goroot.as_deref(), &[dir]);
        let wrong = if self.names_go() { LoadError::NotFound } else { LoadError::NoGo };
        found.map_err(|e| wrong(e.to_string()))
    }

    /// Whether the host or the user said where Go is.
    fn names_go(&self) -> bool {
        self.goroot.is_some() || std::env::var_os("GOROOT").is_some_and(|g| !g.is_empty())
    }

    pub(crate) fn source(&self) -> Arc<dyn Source> {
        let lower = Layered { upper: Arc::new(Packed::default()), lower: Arc::new(FileSystem) };
        Arc::new(Layered { upper: Arc::new(self.memory.clone()), lower: Arc::new(lower) })
    }

    /// What a program depends on besides its source.
    pub(crate) fn words(&self, request: &Wanted) -> Vec<Vec<u8>> {
        let mut words: Vec<Vec<u8>> = vec![request.dir.as_os_str().as_encoded_bytes().to_vec()];
        words.extend(request.patterns.iter().map(|p| p.clone().into_bytes()));
        words.push(format!("{:?} {}", self.goroot, self.passes).into_bytes());
        // Where an installed Go is looked for.
        let places: &[&str] = if self.names_go() { &[] } else { &["PATH", "XDG_DATA_HOME"] };
        for name in ["GOROOT", "HOME", "GOMODCACHE", "GOPATH", "GOWORK"].iter().chain(places) {
            words.push(std::env::var_os(name).unwrap_or_default().into_encoded_bytes());
        }
        let mut host: Vec<&String> = self.host.keys().collect();
        host.sort();
        words.extend(host.into_iter().map(|h| h.clone().into_bytes()));
        for (path, text) in self.memory.files() {
            words.extend([path.as_os_str().as_encoded_bytes().to_vec(), text.to_vec()]);
        }
        words
    }

    /// Loads and checks a program and lays out its variables.
    pub(crate) fn world(
        &self,
        request: &Wanted,
        source: Arc<dyn Source>,
        recorder: Option<&Recorder>,
    ) -> Result<Made, LoadError> {
        self.made(self.checked(request, CheckOptions::default(), source, recorder)?)
    }

    pub(crate) fn made(&self, checked: Checked) -> Result<Made, LoadError> {
        let packages = checked.packages;
        let mut world = World::new(checked.store);
        world.driver.switches = Switches::parse(&self.passes).map_err(|e| LoadError::Passes(e.to_string()))?;
        let unsupported = |e: itab_ir::world::BuildError| {
            LoadError::Unsupported(format!("{}: {e}", checked.files.position(itab_syntax::Pos(e.pos))))
        };
        for embeds in &checked.embeds {
            let read = &mut |name: &str| checked.source.read(&embeds.dir.join(name)).ok();
            world.embed(&embeds.package, &embeds.files, read).map_err(unsupported)?;
        }
        world.declare_globals(&packages).map_err(unsupported)?;
        world.make_static_data().map_err(unsupported)?;
        let init = world.entry().map_err(unsupported)?;
        let main = world.func_by_name("main", "main").ok();
        let Checked { package, host, forges, files, .. } = checked;
        Ok(Made { world, files, starts: Starts { package, init, main, host, forges } })
    }

    pub(crate) fn checked(
        &self,
        wanted: &Wanted,
        options: CheckOptions<'_>,
        source: Arc<dyn Source>,
        recorder: Option<&Recorder>,
    ) -> Result<Checked, LoadError> {
        self.packages.check()?;
        let target = wanted.target;
        let request = wanted.request(options.tests);
        let start = Instant::now();
        let (loader, loaded) = self.loaded(wanted, &request, source, recorder)?;
        if !loaded.ok() {
            return Err(wrong(loader.files(), loaded.diagnostics()));
        }
        let parse = start.elapsed();
        let mut checked = on_known_stack(|| check(&loader, &loaded, &self.host, target, options))?;
        checked.stats.parse = parse;
        Ok(checked)
    }

    /// Loads the packages with as much of the standard library as they need.
    fn loaded(
        &self,
        wanted: &Wanted,
        request: &Request,
        source: Arc<dyn Source>,
        recorder: Option<&Recorder>,
    ) -> Result<(Loader, Loaded), LoadError> {
        let load = |std| {
            let loader = Loader::new(wanted.config(self, source.clone(), std));
            let loaded = loader.load(request);
            (loader, loaded)
        };
        let broken = |loaded: &Loaded| loaded.errors.iter().any(|e| e.code == BROKEN_IMPORT);
        // Most scripts import nothing: they load, and start, without looking for Go's source.
        if wanted.target == BuildTarget::Itab {
            let mut scripts = load(Std::Core);
            if !broken(&scripts.1) && uses_runtime(&scripts.1) {
                scripts = load(Std::Runtime);
            }
            if !broken(&scripts.1) && !uses_maps(&scripts.1) {
                return Ok(scripts);
            }
        }
        match self.goroot(&*source, &wanted.dir) {
            Ok(goroot) => {
                if let Some(recorder) = recorder {
                    recorder.trust(&goroot.path);
                }
                Ok(load(Std::Whole(goroot)))
            }
            // Packages that are only checked need Go's source if they import something.
            Err(LoadError::NoGo(text)) if wanted.target == BuildTarget::Host => {
                let alone = load(Std::Core);
                let enough = !alone.1.packages.is_empty() && !broken(&alone.1);
                if enough { Ok(alone) } else { Err(LoadError::NoGo(text)) }
            }
            Err(e) => Err(e),
        }
    }
}

/// Runs `f`, which checks or builds, and says how much stack there is if that is known.
pub(crate) fn on_known_stack<R>(f: impl FnOnce() -> R) -> R {
    match itab_runtime::code::process::stack_left() {
        Some(bytes) => itab_types::with_stack(bytes, f),
        None => f(),
    }
}

/// Whether a program names anything of package runtime.
fn uses_runtime(loaded: &Loaded) -> bool {
    let runtime = |p: &Package| p.resolved.values().any(|path| &**path == "runtime");
    let linked = |p: &Package| p.files.iter().any(|f| !f.file.linknames.is_empty());
    loaded.packages.iter().any(|p| &*p.path != "runtime" && (runtime(p) || linked(p)))
}

/// Whether a program may use maps: it has a map type, or packages whose bodies were not read.
fn uses_maps(loaded: &Loaded) -> bool {
    let is_map = |t: &Tree| t.exprs().iter().any(|e| matches!(e.kind, ExprKind::MapType { .. }));
    loaded.packages.iter().any(|p| {
        let files = || p.files.iter().map(|f| &f.file);
        let bodies = || files().flat_map(|f| f.bodies.iter().flatten());
        p.standard && &*p.path != "runtime" || files().any(|f| is_map(&f.tree)) || bodies().any(|b| is_map(&b.tree))
    })
}
