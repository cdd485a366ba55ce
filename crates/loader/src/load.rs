//! Loading: from patterns to parsed packages in the order of their imports.
//!
//! Worker threads take packages from a queue; each reads, parses and resolves one and puts what it
//! imports on the queue. When all are there, a walk in the order of paths sorts them, dependencies
//! first, and finds import cycles. The outcome does not depend on the threads' timing, except for the
//! numbers of positions and names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use itab_syntax::{Code, Diagnostic, FileSet, Name, Names, Pos, Span};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::constraint::{BuildContext, BuildTarget};
use crate::embed;
use crate::goroot::GoRoot;
use crate::modules::{Location, Modules, internal_allowed};
use crate::overlay::Overlay;
use crate::package::{Depth, NoPackage, Package, PackageKind, PackageRequest, Reader};
use crate::pattern::{Expander, Root};
use crate::source::{Listed, Source};

/// An import leads nowhere, or where it must not.
pub const BROKEN_IMPORT: Code = Code("BrokenImport");
/// Packages import each other.
pub const IMPORT_CYCLE: Code = Code("ImportCycle");
/// A pattern means no package, or a folder holds none.
pub const NO_PACKAGE: Code = Code("NoPackage");

/// What a loader is set up with.
#[derive(Clone)]
pub struct Config {
    /// Where files come from.
    pub source: Arc<dyn Source>,
    /// The standard library.
    pub goroot: GoRoot,
    /// What packages are loaded for.
    pub target: BuildTarget,
    /// Additional build tags.
    pub tags: Vec<String>,
    /// Our files in the place of Go's.
    pub overlay: Overlay,
    /// Packages of the host: the folder of each import path. All but the standard library may import them, whatever their
    /// module.
    pub host: BTreeMap<String, PathBuf>,
    /// The module cache, see [`default_mod_cache`].
    pub mod_cache: Option<PathBuf>,
    /// Threads to parse with; 0 for as many as there are processors.
    pub threads: usize,
}

/// The module cache of this user: by GOMODCACHE, GOPATH or in the home folder.
pub fn default_mod_cache() -> Option<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    var("GOMODCACHE")
        .or_else(|| var("GOPATH").map(|p| p.join("pkg/mod")))
        .or_else(|| var("HOME").map(|p| p.join("go/pkg/mod")))
}

/// What to load.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The folder that patterns and messages are relative to; absolute.
    pub dir: PathBuf,
    /// Files, folders, import paths, `...` patterns, `std`.
    pub patterns: Vec<String>,
    /// Load the tests of the packages asked for, too. A package is then loaded with its tests wherever
    /// it is imported, so ask for one at a time.
    pub tests: bool,
    /// A program that runs the tests of the package asked for, and may import them and whatever is internal.
    pub test_main: Option<Arc<str>>,
    /// Import paths of packages that are needed though nobody may import them.
    pub also: Vec<String>,
    /// How much to parse. Bodies are those of the packages asked for and of all outside the standard library; others
    /// are left for [`itab_syntax::parse_body`].
    pub depth: Depth,
}

/// A set of packages that is closed under imports.
#[derive(Debug, Default)]
pub struct Loaded {
    /// All packages, each after those it imports.
    pub packages: Vec<Arc<Package>>,
    /// Paths of the packages asked for.
    pub roots: Vec<Arc<str>>,
    /// What is wrong with patterns and imports. What is wrong with a package's text is in
    /// [`Package::diagnostics`].
    pub errors: Vec<Diagnostic>,
}

impl Loaded {
    /// The package with a path.
    pub fn get(&self, path: &str) -> Option<&Arc<Package>> {
        self.packages.iter().find(|p| &*p.path == path)
    }

    /// Whether nothing is wrong.
    pub fn ok(&self) -> bool {
        self.errors.is_empty() && self.packages.iter().all(|p| p.ok())
    }

    /// Everything that is wrong: with the load, then with each package in turn.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let of_packages = self.packages.iter().flat_map(|p| p.diagnostics.iter().cloned());
        self.errors.iter().cloned().chain(of_packages).collect()
    }
}

/// Loads packages; keeps those of the standard library.
pub struct Loader {
    config: Config,
    files: Arc<FileSet>,
    names: Names,
    kept: Mutex<FxHashMap<Arc<str>, Arc<Package>>>,
}

impl Loader {
    /// A loader with nothing loaded.
    pub fn new(config: Config) -> Loader {
        Loader { config, files: Arc::default(), names: Names::new(), kept: Mutex::default() }
    }

    /// The files of all loads.
    pub fn files(&self) -> &Arc<FileSet> {
        &self.files
    }

    /// The names of all loads.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// How the loader was set up.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The packages that patterns mean, and what is wrong with the patterns. A package that `...` or `std` found may turn
    /// out to have no files.
    pub fn find(&self, request: &Request) -> (Vec<Root>, Vec<String>) {
        let source = &*self.config.source;
        match Modules::find(source, &request.dir, self.config.mod_cache.as_deref()) {
            Ok(modules) => {
                let (goroot, cwd) = (&self.config.goroot, &*request.dir);
                Expander { source, goroot, modules: &modules, cwd }.expand(&request.patterns)
            }
            Err(message) => (vec![], vec![message]),
        }
    }

    /// Loads packages and all that they import.
    pub fn load(&self, request: &Request) -> Loaded {
        let source = &Listed::new(&*self.config.source);
        let mut loaded = Loaded::default();
        let modules = match Modules::find(source, &request.dir, self.config.mod_cache.as_deref()) {
            Ok(modules) => modules,
            Err(message) => {
                loaded.errors.push(error(NO_PACKAGE, Pos::NONE, message));
                return loaded;
            }
        };
        let expander = Expander { source, goroot: &self.config.goroot, modules: &modules, cwd: &request.dir };
        let (roots, errors) = expander.expand(&request.patterns);
        loaded.errors.extend(errors.into_iter().map(|e| error(NO_PACKAGE, Pos::NONE, e)));
        let walk =
            Walk { loader: self, source, modules: &modules, request, state: Mutex::default(), wake: Condvar::new() };
        walk.run(&roots);
        let mut state = walk.state.into_inner().unwrap_or_else(|e| e.into_inner());
        self.keep(&state);
        loaded.errors.append(&mut state.errors);
        for root in &roots {
            self.check_root(root, request, &state, &mut loaded);
        }
        let mut order = Order { state: &state, loaded: &mut loaded, done: FxHashSet::default() };
        order.all(request);
        loaded.errors.sort_by_key(|e| e.span.start);
        loaded
    }

    /// Whether the package is one that stays the same from load to load.
    fn is_kept(&self, request: &PackageRequest) -> bool {
        request.location.standard
            && request.kind == PackageKind::Plain
            && request.depth == Depth::Declarations
            && request.files.is_none()
    }

    fn keep(&self, state: &LoadState) {
        let mut kept = self.kept.lock().unwrap_or_else(|e| e.into_inner());
        for (path, slot) in &state.packages {
            if let Slot::Package(package, true) = slot {
                kept.entry(path.clone()).or_insert_with(|| package.clone());
            }
        }
    }

    /// Lists the packages of a root that was asked for, or says why there are none.
    fn check_root(&self, root: &Root, request: &Request, state: &LoadState, loaded: &mut Loaded) {
        let mut failure = None;
        let before = loaded.roots.len();
        for package in root_requests(root, request) {
            match state.packages.get(&package.key()) {
                Some(Slot::Package(p, _)) => loaded.roots.push(p.path.clone()),
                Some(Slot::Missing(NoPackage::Empty(_))) if root.wildcard => {}
                Some(Slot::Missing(NoPackage::Empty(_))) if package.kind == PackageKind::ExternalTest => {}
                Some(Slot::Missing(NoPackage::Empty(m) | NoPackage::Broken(m))) => failure = Some(m.clone()),
                _ => {}
            }
        }
        if let (Some(message), true) = (failure, loaded.roots.len() == before) {
            loaded.errors.push(error(NO_PACKAGE, Pos::NONE, message));
        }
    }

    /// Reads one package and resolves its imports.
    fn package(&self, source: &dyn Source, modules: &Modules, cwd: &Path, request: &PackageRequest) -> Done {
        let path = &request.location.path;
        let reader = Reader {
            source,
            files: &self.files,
            names: &self.names,
            context: BuildContext::new(self.config.target, path, &self.config.tags),
            overlay: self.config.overlay.get(path),
            cwd,
        };
        let mut package = match reader.read(request) {
            Ok(package) => package,
            Err(why) => return Done { slot: Slot::Missing(why), imports: Vec::new(), errors: Vec::new() },
        };
        let (embeds, wrong) = embed::resolve(source, &package.dir, &package.files);
        package.embeds = embeds;
        package.diagnostics.extend(wrong);
        package.of_host = !package.standard && self.config.host.contains_key(path);
        let mut errors = Vec::new();
        let mut found: BTreeMap<Arc<str>, Option<Location>> = BTreeMap::new();
        for import in &package.imports {
            if &*import.path == "unsafe" || found.contains_key(&import.path) {
                continue;
            }
            let resolved = self.import(source, modules, request, &import.path);
            found.insert(
                import.path.clone(),
                match resolved {
                    Ok(location) => Some(location),
                    Err(message) => {
                        errors.push(error(BROKEN_IMPORT, import.pos, message));
                        None
                    }
                },
            );
        }
        let found = found.into_iter().filter_map(|(path, location)| Some((path, location?)));
        let imports: Vec<(Arc<str>, Location)> = found.collect();
        package.resolved = imports.iter().map(|(path, l)| (path.clone(), l.path[..].into())).collect();
        let imports = imports.into_iter().map(|(_, location)| location).collect();
        Done { slot: Slot::Package(Arc::new(package), self.is_kept(request)), imports, errors }
    }

    fn import(
        &self,
        source: &dyn Source,
        modules: &Modules,
        request: &PackageRequest,
        path: &str,
    ) -> Result<Location, String> {
        let from = &request.location;
        let goroot = &self.config.goroot;
        let for_tests = request.kind == PackageKind::TestMain;
        if for_tests && path.strip_suffix("_test") == Some(&from.path) {
            return Ok(Location { path: path.into(), ..from.clone() });
        }
        if for_tests && path == from.path {
            return Ok(from.clone());
        }
        if let (false, Some(dir)) = (from.standard, self.config.host.get(path)) {
            return Ok(Location { path: path.into(), dir: dir.clone(), standard: false, module: None });
        }
        let location = modules.resolve(source, goroot, path, from.standard).or_else(|e| {
            // A package that only the overlay has.
            let ours = self.config.overlay.get(path).is_some_and(|p| p.replace);
            let dir = goroot.package_dir(path);
            ours.then(|| Location { path: path.into(), dir, standard: true, module: None }).ok_or(e)
        })?;
        if !for_tests && !internal_allowed(from, &location) {
            return Err(format!("use of internal package {path} not allowed"));
        }
        Ok(location)
    }
}

fn error(code: Code, pos: Pos, message: String) -> Diagnostic {
    Diagnostic::error(code, Span::at(pos), message)
}

/// The packages to make for a root.
fn root_requests(root: &Root, request: &Request) -> Vec<PackageRequest> {
    let make = |kind| PackageRequest {
        location: root.location.clone(),
        kind,
        files: root.files.clone(),
        depth: request.depth,
        text: request.test_main.clone().filter(|_| kind == PackageKind::TestMain),
    };
    if request.tests && root.files.is_none() {
        let mut all = vec![make(PackageKind::WithTests), make(PackageKind::ExternalTest)];
        all.extend(request.test_main.as_ref().map(|_| make(PackageKind::TestMain)));
        all
    } else {
        vec![make(PackageKind::Plain)]
    }
}

/// What came of one package.
enum Slot {
    /// A worker is at it, or will be.
    Waiting,
    /// The package, and whether it is one to keep for later loads.
    Package(Arc<Package>, bool),
    Missing(NoPackage),
}

/// What a worker has found out about a package.
struct Done {
    slot: Slot,
    imports: Vec<Location>,
    errors: Vec<Diagnostic>,
}

#[derive(Default)]
struct LoadState {
    queue: Vec<PackageRequest>,
    /// How many workers are at a package.
    active: usize,
    packages: FxHashMap<Arc<str>, Slot>,
    errors: Vec<Diagnostic>,
}

impl LoadState {
    fn add(&mut self, request: PackageRequest) {
        if let std::collections::hash_map::Entry::Vacant(slot) = self.packages.entry(request.key()) {
            slot.insert(Slot::Waiting);
            self.queue.push(request);
        }
    }
}

/// One load in progress.
struct Walk<'a> {
    loader: &'a Loader,
    source: &'a dyn Source,
    modules: &'a Modules,
    request: &'a Request,
    state: Mutex<LoadState>,
    wake: Condvar,
}

impl Walk<'_> {
    fn lock(&self) -> MutexGuard<'_, LoadState> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn run(&self, roots: &[Root]) {
        {
            let mut state = self.lock();
            for root in roots {
                // unsafe has no files that mean anything.
                if root.location.path != "unsafe" || !root.location.standard {
                    root_requests(root, self.request).into_iter().for_each(|r| state.add(r));
                }
            }
            for path in &self.request.also {
                let dir = self.loader.config.goroot.package_dir(path);
                state.add(self.plain(Location { path: path.clone(), dir, standard: true, module: None }));
            }
        }
        let threads = match self.loader.config.threads {
            0 => std::thread::available_parallelism().map_or(1, |n| n.get()),
            n => n,
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| self.work());
            }
            self.work();
        });
    }

    fn plain(&self, location: Location) -> PackageRequest {
        let depth = match self.request.depth {
            Depth::Bodies if location.standard => Depth::Declarations,
            depth => depth,
        };
        PackageRequest { location, kind: PackageKind::Plain, files: None, depth, text: None }
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            let Some(request) = state.queue.pop() else {
                if state.active == 0 {
                    self.wake.notify_all();
                    return;
                }
                state = self.wake.wait(state).unwrap_or_else(|e| e.into_inner());
                continue;
            };
            state.active += 1;
            drop(state);
            let done = self
                .kept(&request)
                .unwrap_or_else(|| self.loader.package(self.source, self.modules, &self.request.dir, &request));
            state = self.lock();
            state.active -= 1;
            state.errors.extend(done.errors);
            for location in done.imports {
                state.add(self.plain(location));
            }
            state.packages.insert(request.key(), done.slot);
            self.wake.notify_all();
        }
    }

    /// The package as an earlier load left it.
    fn kept(&self, request: &PackageRequest) -> Option<Done> {
        if !self.loader.is_kept(request) {
            return None;
        }
        let package = self.loader.kept.lock().unwrap_or_else(|e| e.into_inner()).get(&request.key())?.clone();
        let goroot = &self.loader.config.goroot;
        let location = |path: Arc<str>| Location {
            dir: goroot.package_dir(&path),
            path: path.to_string(),
            standard: true,
            module: None,
        };
        let imports = package.dependencies().into_iter().map(location).collect();
        Some(Done { slot: Slot::Package(package, true), imports, errors: Vec::new() })
    }
}

/// Sorts packages so that imports come first.
struct Order<'a> {
    state: &'a LoadState,
    loaded: &'a mut Loaded,
    done: FxHashSet<Arc<str>>,
}

/// A package on the path from a root down the imports.
struct Visit {
    package: Arc<Package>,
    dependencies: Vec<Arc<str>>,
    next: usize,
}

impl Order<'_> {
    fn all(&mut self, request: &Request) {
        let roots = self.loaded.roots.clone();
        for path in roots.into_iter().chain(request.also.iter().map(|p| p[..].into())) {
            self.from(path);
        }
    }

    /// Depth first, without recursion.
    fn from(&mut self, root: Arc<str>) {
        let mut stack: Vec<Visit> = Vec::new();
        self.enter(&root, &mut stack);
        while let Some(top) = stack.last_mut() {
            let Some(path) = top.dependencies.get(top.next).cloned() else {
                if let Some(visit) = stack.pop() {
                    self.loaded.packages.push(visit.package);
                }
                continue;
            };
            top.next += 1;
            if let Some(at) = stack.iter().position(|v| v.package.path == path) {
                self.cycle(&stack[at..]);
                continue;
            }
            self.check_import(stack.last().map(|v| v.package.clone()), &path);
            self.enter(&path, &mut stack);
        }
    }

    fn enter(&mut self, path: &Arc<str>, stack: &mut Vec<Visit>) {
        if let Some(Slot::Package(package, _)) = self.state.packages.get(path)
            && self.done.insert(path.clone())
        {
            let dependencies = package.dependencies();
            stack.push(Visit { package: package.clone(), dependencies, next: 0 });
        }
    }

    /// Complains if what is imported is no package, or a program.
    fn check_import(&mut self, importer: Option<Arc<Package>>, path: &Arc<str>) {
        let Some(importer) = importer else { return };
        let position = import_of(&importer, path).map_or(Pos::NONE, |i| i.pos);
        match self.state.packages.get(path) {
            Some(Slot::Missing(NoPackage::Empty(why) | NoPackage::Broken(why))) => {
                self.loaded.errors.push(error(BROKEN_IMPORT, position, why.clone()));
            }
            Some(Slot::Package(p, _)) if p.name == Name::MAIN && !importer.kind.is_test() => {
                let message = format!("import {path:?} is a program, not an importable package");
                self.loaded.errors.push(error(BROKEN_IMPORT, position, message));
            }
            _ => {}
        }
    }

    /// Reports that the packages import each other in a circle.
    fn cycle(&mut self, circle: &[Visit]) {
        let mut message = format!("package {}", circle[0].package.path);
        let mut test = false;
        for (i, visit) in circle.iter().enumerate() {
            let next = &circle[(i + 1) % circle.len()].package.path;
            let import = import_of(&visit.package, next);
            let file = import.and_then(|i| visit.package.files.get(i.file));
            test |= file.is_some_and(|f| f.test);
            let name = file.and_then(|f| f.path.file_name()).map(|n| n.to_string_lossy()).unwrap_or_default();
            message.push_str(&format!("\n\timports {next} from {name}"));
        }
        message.push_str(": import cycle not allowed");
        if test {
            message.push_str(" in test");
        }
        self.loaded.errors.push(error(IMPORT_CYCLE, Pos::NONE, message));
    }
}

/// The first import of `package` that means `path`.
fn import_of<'a>(package: &'a Package, path: &str) -> Option<&'a crate::package::Import> {
    package.imports.iter().find(|i| package.resolved.get(&i.path).is_some_and(|to| &**to == path))
}
