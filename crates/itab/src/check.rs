//! Checking packages in the order of their imports.
//!
//! Packages of the user are checked whole. Others are checked without bodies when they are only to be run. Packages of the
//! standard library are parsed ahead of their turn by other threads ([`crate::ahead`]).

use crate::ahead::{Ahead, parse_ahead};
use crate::border::host::HostFns;
use crate::diagnose::wrong;
use crate::error::LoadError;
use crate::forging::forges;
use itab_loader::modules::COMMAND_LINE;
use itab_loader::{BuildTarget, Loaded, Loader, Package, PackageKind, Source, Tables, Unused};
use itab_syntax::{Decl, Diagnostic, File, FileSet, Mode};
use itab_types::{GoVersion, PackageInput, PkgId, Store};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What [`Engine::check`](crate::Engine::check) checks.
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
pub(crate) struct Checked {
    pub(crate) stats: CheckStats,
    /// Paths of the packages asked for.
    /// Path in symbols of the first of the packages that were asked for.
    pub(crate) package: String,
    pub(crate) roots: Vec<Arc<str>>,
    /// Paths of the host's packages among them.
    pub(crate) host: Vec<String>,
    pub(crate) store: Store,
    pub(crate) files: Arc<FileSet>,
    /// Dependencies first.
    pub(crate) packages: Vec<PkgId>,
    pub(crate) embeds: Vec<Embeds>,
    /// What needs the right to package unsafe.
    pub(crate) forges: Option<String>,
    pub(crate) source: Arc<dyn Source>,
}

/// The files that a package's `//go:embed` patterns mean.
pub(crate) struct Embeds {
    pub(crate) package: Arc<str>,
    pub(crate) dir: PathBuf,
    pub(crate) files: BTreeMap<String, Vec<String>>,
}

/// Checks packages in the order of their imports; those of the user whole, others without bodies when they are only
/// to be run.
///
/// Packages of the standard library are parsed by other threads shortly before their turn. Those that are only checked are
/// forgotten after it, so that the trees of a whole library are never in memory at once.
pub(crate) fn check(
    loader: &Loader,
    loaded: &Loaded,
    host: &HostFns,
    target: BuildTarget,
    options: CheckOptions<'_>,
) -> Result<Checked, LoadError> {
    let files = loader.files().clone();
    let mut store = Store::new(loader.names().clone(), files.clone());
    let mut ids: FxHashMap<&str, PkgId> = FxHashMap::default();
    let mut packages = vec![];
    let mut forged = None;
    let mut stats = CheckStats { packages: loaded.packages.len(), ..CheckStats::default() };
    let start = Instant::now();
    let complete = target == BuildTarget::Host && !options.missing_bodies;
    let own = |p: &Package| p.files.iter().map(|f| f.file.clone()).collect::<Vec<_>>();
    let asked = |p: &Package| target == BuildTarget::Host && loaded.roots.contains(&p.path);
    let depth = |p: &Package| {
        let how = if asked(p) { Mode::empty() } else { Mode::SKIP_BODIES };
        (asked(p) || p.skimmed).then_some(how)
    };
    let tables = Tables::new(loader.names(), loaded);
    let prepare = |p: &Package| {
        let mut ahead = Ahead::new(loader.names(), p, depth(p));
        if target == BuildTarget::Itab {
            ahead.unused = match &ahead.parsed {
                Some((files, _)) => tables.unused(p, files),
                None => tables.unused(p, &own(p)),
            };
        }
        ahead
    };
    // A program keeps all trees.
    let distance = if target == BuildTarget::Host { 4 } else { usize::MAX / 2 };
    parse_ahead(&loaded.packages, distance, &prepare, |package, ahead, done| {
        if let Some(progress) = options.progress {
            progress(Progress { package: &package.path, done: packages.len(), all: loaded.packages.len() });
        }
        for f in &package.files {
            let text = f.file.source.text().as_bytes();
            stats.lines += memchr::memchr_iter(b'\n', text).count();
            stats.bytes += text.len();
        }
        let unused = (!ahead.unused.is_empty()).then_some(&ahead.unused);
        let id = match ahead.parsed {
            Some((files, diagnostics)) => {
                store.diagnostics.extend(diagnostics);
                check_package(&mut store, package, &files, &ids, asked(package), complete, unused)
            }
            None => check_package(&mut store, package, &own(package), &ids, !package.standard, complete, unused),
        };
        let path = linked_path(&store, package);
        let found = forges(&mut store, package, &path);
        forged = forged.take().or(found);
        if asked(package) {
            let free = store.forget_trees(id, &own(package));
            let _ = done.send(free);
        }
        ids.insert(&package.path, id);
        packages.push(id);
        if target == BuildTarget::Itab {
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
    let root = loaded.roots.first().and_then(|root| loaded.get(root));
    let package = root.map_or("main".into(), |p| linked_path(&store, p).to_string());
    let host = loaded.packages.iter().filter(|p| p.of_host).map(|p| p.path.to_string()).collect();
    let (roots, forges) = (loaded.roots.clone(), forged);
    Ok(Checked { stats, roots, host, package, store, files, packages, embeds, forges, source })
}

/// A package's path in symbols and type names: that of a program is `main`, whatever folder it lies in, and that of files
/// that belong to no module is the package's name.
fn linked_path(store: &Store, package: &Package) -> Arc<str> {
    let name = store.text(package.name);
    if name == "main" && package.kind != PackageKind::WithTests || &*package.path == COMMAND_LINE {
        name.into()
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
    unused: Option<&Unused>,
) -> PkgId {
    let versions: Vec<_> = package.files.iter().map(|f| (f.go != package.go).then_some(GoVersion(f.go.0))).collect();
    let path = linked_path(store, package);
    let input = PackageInput {
        path: &path,
        files,
        version: GoVersion(package.go.0),
        file_versions: &versions,
        bodies,
        complete: complete && !package.has_assembly && !package.of_host && !package.standard,
        unused,
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
