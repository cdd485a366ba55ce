//! The engine: finds, parses and checks source, and makes programs of it.

use crate::ahead::parse_ahead;
use crate::artifact::Saved;
use crate::cache::{Cache, DEFAULT_LIMIT, Slot};
use crate::diagnose;
use crate::error::{Error, LoadError};
use crate::host::{Call, HostFn};
use crate::origin::{Origin, Resume};
use crate::program::{HostFns, Keep, Program, Shared, Starts};
use crate::testmain;
use itab_ir::world::World;
use itab_loader::load::BROKEN_IMPORT;
use itab_loader::packed::Packed;
use itab_loader::pattern::Root;
use itab_loader::source::Layered;
use itab_loader::{
    Config, Depth, FileSystem, GoRoot, Loaded, Loader, Manifest, Memory, Overlay, Package, PackageKind, Recorder,
    Request, Source, Target,
};
use itab_syntax::{Decl, Diagnostic, ExprKind, File, FileSet, Mode, Tree};
use itab_types::{GoVersion, PackageInput, PkgId, Store};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Loads programs. `Send + Sync`.
pub struct Engine {
    setup: Setup,
    cache: Option<Cache>,
}

/// Sets up an [`Engine`].
#[derive(Default)]
pub struct EngineBuilder {
    setup: Setup,
    cache: Option<Cache>,
}

/// What loading depends on.
#[derive(Clone, Default)]
struct Setup {
    goroot: Option<PathBuf>,
    memory: Memory,
    host: HostFns,
    passes: String,
}

impl EngineBuilder {
    /// Where Go 1.27's standard library is. Otherwise `$GOROOT`, `go env GOROOT` and the usual places are tried.
    pub fn goroot(mut self, path: impl AsRef<Path>) -> EngineBuilder {
        self.setup.goroot = Some(current_dir().join(path));
        self
    }

    /// Takes the standard library that is packed into this binary: there is one with the feature `packed-std`. It is taken
    /// anyway when no Go is installed.
    pub fn packed_std(mut self) -> EngineBuilder {
        self.setup.goroot = Some(itab_loader::packed::ROOT.into());
        self
    }

    /// A source file in memory, which shadows one on disk. Relative paths are below the current folder.
    pub fn file(mut self, path: impl AsRef<Path>, text: impl Into<Vec<u8>>) -> EngineBuilder {
        self.setup.memory.insert(current_dir().join(path), text);
        self
    }

    /// Provides a function that Go source declares without a body, by its full name: `main.f`.
    pub fn host_func(
        mut self,
        name: &str,
        f: impl for<'s> Fn(&mut Call<'_, 's>) -> Result<(), Error> + Send + Sync + 'static,
    ) -> EngineBuilder {
        let f: Arc<HostFn> = Arc::new(f);
        self.setup.host.insert(name.into(), f);
        self
    }

    /// Switches passes of the compiler off, for finding the one that is wrong: `-escape,-inline`, or `none`.
    pub fn passes(mut self, switches: &str) -> EngineBuilder {
        self.setup.passes = switches.into();
        self
    }

    /// Keeps what is compiled in files in this folder, for later runs; none are kept otherwise. Many processes may use one
    /// folder. Entries that were not used for long go when all together are larger than 256 MB.
    pub fn cache(mut self, dir: impl AsRef<Path>) -> EngineBuilder {
        self.cache = Some(Cache { dir: current_dir().join(dir), limit: DEFAULT_LIMIT });
        self
    }

    /// The most bytes that the files in the cache may have together.
    pub fn cache_limit(mut self, bytes: u64) -> EngineBuilder {
        if let Some(cache) = &mut self.cache {
            cache.limit = bytes;
        }
        self
    }

    /// The engine.
    pub fn build(self) -> Engine {
        Engine { setup: self.setup, cache: self.cache }
    }
}

fn current_dir() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
}

/// Where `itab setup` puts Go's source, and where it is looked for; none without a home folder.
pub fn data_goroot() -> Option<PathBuf> {
    itab_loader::goroot::data_dir()
}

/// Go's licence, if the source of its standard library is packed into this binary.
pub fn packed_license() -> Option<&'static str> {
    itab_loader::packed::license()
}

/// What [`Engine::check`] checks.
#[derive(Clone, Copy, Default)]
pub struct CheckOptions<'a> {
    /// The packages' test files too.
    pub tests: bool,
    /// Functions may have no body: they are provided elsewhere.
    pub missing_bodies: bool,
    /// Is told of each package before it is checked.
    pub progress: Option<&'a dyn Fn(Progress<'_>)>,
}

/// How far checking has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The path of the package whose turn it is.
    pub package: &'a str,
    /// How many packages have been checked.
    pub done: usize,
    /// How many there are, those that are imported included.
    pub all: usize,
}

/// How much was checked and how long it took.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckStats {
    /// Packages, those that were imported included.
    pub packages: usize,
    /// Lines of source.
    pub lines: usize,
    /// Bytes of source.
    pub bytes: usize,
    /// Reading and parsing, on all processors.
    pub parse: Duration,
    /// Checking.
    pub check: Duration,
}

impl std::fmt::Display for CheckStats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (packages, lines, bytes) = (self.packages, self.lines, self.bytes);
        let (parse, check) = (self.parse.as_millis(), self.check.as_millis());
        write!(f, "{packages} packages, {lines} lines, {bytes} bytes, parse {parse} ms, check {check} ms")
    }
}

impl std::ops::AddAssign for CheckStats {
    fn add_assign(&mut self, more: CheckStats) {
        self.packages += more.packages;
        self.lines += more.lines;
        self.bytes += more.bytes;
        self.parse += more.parse;
        self.check += more.check;
    }
}

/// Checked packages.
struct Checked {
    stats: CheckStats,
    /// Paths of the packages asked for.
    roots: Vec<Arc<str>>,
    store: Store,
    files: Arc<FileSet>,
    /// Dependencies first.
    packages: Vec<PkgId>,
    embeds: Vec<Embeds>,
    source: Arc<dyn Source>,
}

/// The files that a package's `//go:embed` patterns mean.
struct Embeds {
    package: Arc<str>,
    dir: PathBuf,
    files: BTreeMap<String, Vec<String>>,
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::builder().build()
    }
}

impl Engine {
    /// Sets up an engine.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// Loads and checks a program: Go files, a folder or an import path. Its functions are compiled when they are first
    /// called.
    ///
    /// # Errors
    /// What is wrong with the source, or what is missing.
    pub fn load<S: AsRef<str>>(&self, patterns: &[S]) -> Result<Program, LoadError> {
        let request = Wanted {
            patterns: patterns.iter().map(|p| p.as_ref().to_string()).collect(),
            dir: current_dir(),
            target: Target::Itab,
        };
        let source = self.setup.source();
        let Some(cache) = &self.cache else {
            let made = self.setup.world(&request, source, None)?;
            let origin = Origin::world(made.world, made.files, false);
            return Ok(Program(Shared::new(origin, made.starts, self.setup.host.clone(), None)?));
        };
        let slot = cache.slot(&self.setup.words(&request));
        if let Some((manifest, saved)) = slot.find(&*source) {
            let starts = saved.starts;
            let origin = Origin::Saved(Box::new(saved), Some(self.resume(request, &manifest, &slot)));
            let keep = Keep { slot, manifest };
            return Ok(Program(Shared::new(origin, starts, self.setup.host.clone(), Some(keep))?));
        }
        let recorder = Arc::new(Recorder::new(source));
        let made = self.setup.world(&request, recorder.clone(), Some(&recorder))?;
        let keep = Keep { slot, manifest: recorder.manifest() };
        let origin = Origin::world(made.world, made.files, true);
        Ok(Program(Shared::new(origin, made.starts, self.setup.host.clone(), Some(keep))?))
    }

    /// The way to the source of a program that the cache had, as it was when the program was compiled.
    fn resume(&self, request: Wanted, manifest: &Manifest, slot: &Slot) -> Resume {
        let (setup, manifest) = (self.setup.clone(), manifest.clone());
        let load = move || {
            let source = Arc::new(manifest.replay(setup.source()));
            let made = setup.world(&request, source, None)?;
            Ok((made.world, made.files))
        };
        Resume { load: Box::new(load), slot: slot.clone() }
    }

    /// The packages that patterns mean, for [`Engine::load_tests`].
    ///
    /// # Errors
    /// A pattern means nothing.
    pub fn list<S: AsRef<str>>(&self, patterns: &[S]) -> Result<Vec<ListedPackage>, LoadError> {
        let wanted = Wanted {
            patterns: patterns.iter().map(|p| p.as_ref().to_string()).collect(),
            dir: current_dir(),
            target: Target::Itab,
        };
        let source = self.setup.source();
        let goroot = self.setup.goroot(&*source, &wanted.dir)?;
        let loader = Loader::new(wanted.config(source, Some(goroot)));
        let (roots, errors) = loader.find(&wanted.request(false));
        if let Some(error) = errors.into_iter().next() {
            return Err(LoadError::NotFound(error));
        }
        let listed =
            |root: Root| ListedPackage { path: root.location.path, dir: root.location.dir, wildcard: root.wildcard };
        Ok(roots.into_iter().map(listed).collect())
    }

    /// The program that runs the tests of one package with Go's package testing; none if it has no test files.
    ///
    /// # Errors
    /// What is wrong with the source, or what is missing.
    pub fn load_tests(&self, pattern: &str) -> Result<Option<Program>, LoadError> {
        let wanted = Wanted { patterns: vec![pattern.to_string()], dir: current_dir(), target: Target::Itab };
        let source = self.setup.source();
        let goroot = self.setup.goroot(&*source, &wanted.dir)?;
        let loader = Loader::new(wanted.config(source, Some(goroot)));
        let mut request = wanted.request(true);
        let loaded = loader.load(&request);
        if !loaded.ok() {
            return Err(wrong(loader.files(), loaded.diagnostics()));
        }
        let tested: Vec<&Package> = loaded.roots.iter().filter_map(|path| loaded.get(path)).map(|p| &**p).collect();
        let text = testmain::generate(loader.names(), &tested).map_err(LoadError::NotFound)?;
        let Some(text) = text else { return Ok(None) };
        request.test_main = Some(text.into());
        let loaded = loader.load(&request);
        if !loaded.ok() {
            return Err(wrong(loader.files(), loaded.diagnostics()));
        }
        let checked = check(&loader, &loaded, &self.setup.host, Target::Itab, CheckOptions::default())?;
        let made = self.setup.made(checked)?;
        let origin = Origin::world(made.world, made.files, false);
        Ok(Some(Program(Shared::new(origin, made.starts, self.setup.host.clone(), None)?)))
    }

    /// Checks packages, bodies and all, without making a program of them.
    ///
    /// # Errors
    /// What is wrong with the source, or what is missing.
    pub fn check<S: AsRef<str>>(&self, patterns: &[S], options: CheckOptions<'_>) -> Result<CheckStats, LoadError> {
        let all: Vec<String> = patterns.iter().map(|p| p.as_ref().to_string()).collect();
        let checked = |patterns, options| {
            let wanted = Wanted { patterns, dir: current_dir(), target: Target::Host };
            self.setup.checked(&wanted, options, self.setup.source(), None)
        };
        let plain = CheckOptions { tests: false, ..options };
        let Checked { mut stats, roots, .. } = checked(all.clone(), plain)?;
        if !options.tests {
            return Ok(stats);
        }
        // A package with its tests is another package, wherever it is imported: one at a time.
        let one = |root: &Arc<str>| checked(vec![root.to_string()], options);
        let tested = match &roots[..] {
            [_] => vec![checked(all, options)],
            roots => roots.iter().map(one).collect(),
        };
        let mut wrong = vec![];
        for outcome in tested {
            match outcome {
                Ok(checked) => stats += checked.stats,
                Err(LoadError::Source(found)) => wrong.extend(found),
                Err(e) => return Err(e),
            }
        }
        if wrong.is_empty() { Ok(stats) } else { Err(LoadError::Source(wrong)) }
    }

    /// A program that [`Program::save`] wrote. Nothing is compiled any more.
    ///
    /// # Errors
    /// When it is damaged or was saved by another version.
    pub fn restore(&self, saved: &[u8]) -> Result<Program, LoadError> {
        let saved = Saved::read(saved)?;
        let starts = saved.starts;
        Ok(Program(Shared::new(Origin::Saved(Box::new(saved), None), starts, self.setup.host.clone(), None)?))
    }
}

/// A package that a pattern means.
#[derive(Clone, Debug)]
pub struct ListedPackage {
    /// Its import path.
    pub path: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Whether `...` or `std` found it: it may have no files that count.
    pub wildcard: bool,
}

/// What is asked of a load.
#[derive(Clone)]
struct Wanted {
    patterns: Vec<String>,
    dir: PathBuf,
    target: Target,
}

/// A world that is ready to be built in.
struct Made {
    world: World,
    files: Arc<FileSet>,
    starts: Starts,
}

impl Wanted {
    /// A loader's configuration. Without Go's source, maps are left out of the runtime.
    fn config(&self, source: Arc<dyn Source>, goroot: Option<GoRoot>) -> Config {
        let overlay = match (self.target, &goroot) {
            (Target::Host, _) => Overlay::empty(),
            // Packages of the standard library use maps: their bodies, which would tell, are not read.
            (Target::Itab, Some(_)) => Overlay::builtin(),
            (Target::Itab, None) => Overlay::builtin().without("runtime", "map.go"),
        };
        let threads = usize::from(goroot.is_none());
        let none = || GoRoot { path: PathBuf::from("/nonexistent"), version: String::new() };
        Config {
            source,
            goroot: goroot.unwrap_or_else(none),
            target: self.target,
            tags: vec![],
            overlay,
            mod_cache: itab_loader::load::default_mod_cache(),
            threads,
        }
    }

    fn request(&self, tests: bool) -> Request {
        let run = self.target == Target::Itab;
        Request {
            dir: self.dir.clone(),
            patterns: self.patterns.clone(),
            tests,
            test_main: None,
            also: if run { vec!["runtime".into()] } else { vec![] },
            depth: if run { Depth::Bodies } else { Depth::Imports },
        }
    }
}

impl Setup {
    fn goroot(&self, source: &dyn Source, dir: &Path) -> Result<GoRoot, LoadError> {
        let found = GoRoot::find(source, self.goroot.as_deref(), &[dir]);
        found.map_err(|e| LoadError::NotFound(e.to_string()))
    }

    fn source(&self) -> Arc<dyn Source> {
        let lower = Layered { upper: Arc::new(Packed::default()), lower: Arc::new(FileSystem) };
        Arc::new(Layered { upper: Arc::new(self.memory.clone()), lower: Arc::new(lower) })
    }

    /// What a program depends on besides its source.
    fn words(&self, request: &Wanted) -> Vec<Vec<u8>> {
        let mut words: Vec<Vec<u8>> = vec![request.dir.as_os_str().as_encoded_bytes().to_vec()];
        words.extend(request.patterns.iter().map(|p| p.clone().into_bytes()));
        words.push(format!("{:?} {}", self.goroot, self.passes).into_bytes());
        let named = self.goroot.is_some() || std::env::var_os("GOROOT").is_some_and(|g| !g.is_empty());
        // Where an installed Go is looked for.
        let places: &[&str] = if named { &[] } else { &["PATH", "XDG_DATA_HOME"] };
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
    fn world(&self, request: &Wanted, source: Arc<dyn Source>, recorder: Option<&Recorder>) -> Result<Made, LoadError> {
        self.made(self.checked(request, CheckOptions::default(), source, recorder)?)
    }

    fn made(&self, checked: Checked) -> Result<Made, LoadError> {
        let packages = checked.packages;
        let mut world = World::new(checked.store);
        world.passes.options = itab_ir::passes::Options::parse(&self.passes);
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
        Ok(Made { world, files: checked.files, starts: Starts { init, main } })
    }

    fn checked(
        &self,
        wanted: &Wanted,
        options: CheckOptions<'_>,
        source: Arc<dyn Source>,
        recorder: Option<&Recorder>,
    ) -> Result<Checked, LoadError> {
        let target = wanted.target;
        let request = wanted.request(options.tests);
        let start = Instant::now();
        // Most scripts import nothing: they load, and start, without looking for Go's source.
        let mut loader = Loader::new(wanted.config(source.clone(), None));
        let mut loaded = if target == Target::Itab { loader.load(&request) } else { Loaded::default() };
        let with_maps = target == Target::Itab && uses_maps(&loaded);
        if target == Target::Host || with_maps || loaded.errors.iter().any(|e| e.code == BROKEN_IMPORT) {
            let goroot = self.goroot(&*source, &wanted.dir)?;
            if let Some(recorder) = recorder {
                recorder.trust(&goroot.path);
            }
            loader = Loader::new(wanted.config(source, Some(goroot)));
            loaded = loader.load(&request);
        }
        if !loaded.ok() {
            return Err(wrong(loader.files(), loaded.diagnostics()));
        }
        let parse = start.elapsed();
        let mut checked = check(&loader, &loaded, &self.host, target, options)?;
        checked.stats.parse = parse;
        Ok(checked)
    }
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

fn wrong(files: &FileSet, mut diagnostics: Vec<Diagnostic>) -> LoadError {
    itab_syntax::diagnostic::sort(files, &mut diagnostics);
    LoadError::Source(diagnostics.iter().map(|d| diagnose::resolve(files, d)).collect())
}

/// Checks packages in the order of their imports; those of the user whole, others without bodies when they are only
/// to be run.
///
/// When packages are only checked, they are parsed by other threads shortly before their turn and forgotten after it, so
/// that the trees of a whole library are never in memory at once.
fn check(
    loader: &Loader,
    loaded: &Loaded,
    host: &HostFns,
    target: Target,
    options: CheckOptions<'_>,
) -> Result<Checked, LoadError> {
    let files = loader.files().clone();
    let mut store = Store::new(loader.names().clone(), files.clone());
    let mut ids: FxHashMap<&str, PkgId> = FxHashMap::default();
    let mut packages = vec![];
    let mut stats = CheckStats { packages: loaded.packages.len(), ..CheckStats::default() };
    let start = Instant::now();
    let complete = target == Target::Host && !options.missing_bodies;
    let asked = |p: &Package| target == Target::Host && loaded.roots.contains(&p.path);
    let depth = |p: &Package| {
        let how = if asked(p) { Mode::empty() } else { Mode::SKIP_BODIES };
        (asked(p) || p.skimmed).then_some(how)
    };
    parse_ahead(loader.names(), &loaded.packages, &depth, |package, parsed, unused| {
        if let Some(progress) = options.progress {
            progress(Progress { package: &package.path, done: packages.len(), all: loaded.packages.len() });
        }
        for f in &package.files {
            let text = f.file.source.text().as_bytes();
            stats.lines += memchr::memchr_iter(b'\n', text).count();
            stats.bytes += text.len();
        }
        let own: Vec<_> = package.files.iter().map(|f| f.file.clone()).collect();
        let (bodies, id) = match parsed {
            Some((files, diagnostics)) => {
                store.diagnostics.extend(diagnostics);
                let whole = asked(package);
                (whole, check_package(&mut store, package, &files, &ids, whole, complete))
            }
            None => {
                let whole = !package.standard;
                (false, check_package(&mut store, package, &own, &ids, whole, complete))
            }
        };
        if bodies {
            let free = store.forget_trees(id, &own);
            let _ = unused.send(free);
        }
        ids.insert(&package.path, id);
        packages.push(id);
        if target == Target::Itab {
            missing_bodies(&mut store, package, host);
        }
    });
    let diagnostics = std::mem::take(&mut store.diagnostics);
    stats.check = start.elapsed();
    if !diagnostics.is_empty() {
        return Err(wrong(&files, diagnostics));
    }
    let embeds = loaded.packages.iter().filter(|p| !p.embeds.files.is_empty()).map(|p| Embeds {
        package: linked_path(&store, p),
        dir: p.dir.clone(),
        files: p.embeds.files.clone(),
    });
    let embeds = embeds.collect();
    let source = loader.config().source.clone();
    Ok(Checked { stats, roots: loaded.roots.clone(), store, files, packages, embeds, source })
}

/// A package's path in symbols and type names: that of a program is `main`, whatever folder it lies in.
fn linked_path(store: &Store, package: &Package) -> Arc<str> {
    if store.text(package.name) == "main" && package.kind != PackageKind::WithTests {
        "main".into()
    } else {
        package.path.clone()
    }
}

/// Unless `complete`, functions without a body may be provided elsewhere.
fn check_package(
    store: &mut Store,
    package: &Package,
    files: &[Arc<File>],
    ids: &FxHashMap<&str, PkgId>,
    bodies: bool,
    complete: bool,
) -> PkgId {
    let versions: Vec<_> = package.files.iter().map(|f| (f.go != package.go).then_some(GoVersion(f.go.0))).collect();
    let path = linked_path(store, package);
    let input = PackageInput {
        path: &path,
        files,
        version: GoVersion(package.go.0),
        file_versions: &versions,
        bodies,
        complete: complete && !package.has_assembly && !package.standard,
    };
    let mut import = |store: &Store, path: &str| {
        if path == "unsafe" {
            return Ok(store.unsafe_package());
        }
        let resolved = package.resolved.get(path).ok_or_else(|| format!("package {path} is not in std"))?;
        ids.get(&**resolved).copied().ok_or_else(|| format!("could not import {path}"))
    };
    store.check_package(&input, &mut import)
}

/// Functions that Go declares without a body and nobody provides.
fn missing_bodies(store: &mut Store, package: &Package, host: &HostFns) {
    if package.standard {
        return;
    }
    let path = linked_path(store, package);
    for f in &package.files {
        for decl in f.file.decls.iter().filter_map(|d| match d {
            Decl::Func(id) => Some(f.file.tree[*id]),
            Decl::Gen(_) => None,
        }) {
            let name = store.text(decl.name.name);
            let linked = f.file.linknames.iter().any(|l| l.local == decl.name.name);
            let provided = linked || host.contains_key(&format!("{path}.{name}"));
            if decl.body.is_none() && !provided {
                let span = itab_syntax::Span::at(decl.name.pos);
                store.diagnostics.push(Diagnostic::error(MISSING_BODY, span, "missing function body"));
            }
        }
    }
}

/// A function without a body that no host function or link name provides.
const MISSING_BODY: itab_syntax::Code = itab_syntax::Code("MissingBody");
