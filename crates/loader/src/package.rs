//! A package: its files, parsed, and what they import.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use itab_syntax::literal::string_value;
use itab_syntax::{Diagnostic, ExprKind, File, FileSet, Mode, Name, Names, Pos, SpecId, Tree, parse_file};
use rustc_hash::FxHashMap;

use crate::constraint::{BuildContext, file_version};
use crate::embed::Embeds;
use crate::modules::{Location, Module};
use crate::overlay::OverlayPackage;
use crate::replace::drop_replaced;
use crate::source::Source;
use crate::version::GoVersion;

/// What files a package has been made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum PackageKind {
    /// No tests.
    Plain,
    /// With its own `_test.go` files.
    WithTests,
    /// The `_test.go` files of package `p_test` in p's folder.
    ExternalTest,
    /// The program that runs p's tests: a text that somebody has made.
    TestMain,
}

impl PackageKind {
    /// Whether it is made of tests only.
    pub fn is_test(self) -> bool {
        matches!(self, PackageKind::ExternalTest | PackageKind::TestMain)
    }
}

/// A file of a package.
#[derive(Debug)]
pub struct PackageFile {
    /// The tree.
    pub file: Arc<File>,
    /// Where the file is; of overlay files a made-up path.
    pub path: PathBuf,
    /// Its language version: the module's, or what its `//go:build` line asks for.
    pub go: GoVersion,
    /// Whether it comes from the overlay; what it declares is gone from the other files.
    pub overlay: bool,
    /// Whether its name ends with `_test.go`.
    pub test: bool,
}

/// An import of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Index of the file in [`Package::files`].
    pub file: usize,
    /// The import spec.
    pub spec: SpecId,
    /// Position of the path literal.
    pub pos: Pos,
    /// The path as written.
    pub path: Arc<str>,
}

/// A package whose files have been parsed.
#[derive(Debug)]
pub struct Package {
    /// Import path, unique in a program; of an external test that of the package with `_test` behind.
    pub path: Arc<str>,
    /// The name in its package clauses.
    pub name: Name,
    /// Its folder.
    pub dir: PathBuf,
    /// Whether it belongs to the standard library.
    pub standard: bool,
    /// Its module, if it has one.
    pub module: Option<Arc<Module>>,
    /// The module's language version; a file's may differ.
    pub go: GoVersion,
    /// What it is made of.
    pub kind: PackageKind,
    /// Files, by name; overlay files last.
    pub files: Vec<PackageFile>,
    /// All imports of all files. Package `unsafe` is among them but is no [`Package`].
    pub imports: Vec<Import>,
    /// Import path as written to [`Package::path`] of what it means; without `unsafe` and without paths
    /// that lead nowhere.
    pub resolved: FxHashMap<Arc<str>, Arc<str>>,
    /// Files for its `//go:embed` patterns.
    pub embeds: Embeds,
    /// Whether there are assembly files, which may hold bodies of its functions.
    pub has_assembly: bool,
    /// Whether the host provides it, with the bodies of its functions ([`Config::host`](crate::Config::host)).
    pub of_host: bool,
    /// Whether its files' trees may end behind the imports ([`Depth::Imports`]).
    pub skimmed: bool,
    /// What is wrong with its files' syntax and imports.
    pub diagnostics: Vec<Diagnostic>,
}

impl Package {
    /// Whether nothing was wrong.
    pub fn ok(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// The paths of the packages it imports, sorted, each once.
    pub fn dependencies(&self) -> Vec<Arc<str>> {
        let mut paths: Vec<Arc<str>> = self.resolved.values().cloned().collect();
        paths.sort();
        paths.dedup();
        paths
    }
}

/// How much of the files of packages to parse.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Depth {
    /// The imports of files of the standard library, and declarations without bodies of all others.
    Imports,
    /// The imports of files of the standard library, and everything of all others.
    Own,
    /// Declarations, without function bodies.
    #[default]
    Declarations,
    /// Everything of files that are not the standard library's, and declarations of those.
    Bodies,
}

/// What to make a package of.
#[derive(Clone, Debug)]
pub(crate) struct PackageRequest {
    pub location: Location,
    pub kind: PackageKind,
    /// These files, whatever their constraints say, instead of those in the folder.
    pub files: Option<Vec<PathBuf>>,
    /// How much of its files to parse.
    pub depth: Depth,
    /// The text of a [`PackageKind::TestMain`], its only file.
    pub text: Option<Arc<str>>,
}

impl PackageRequest {
    /// The path of the package that it makes.
    pub fn key(&self) -> Arc<str> {
        match self.kind {
            PackageKind::ExternalTest => format!("{}_test", self.location.path).into(),
            PackageKind::TestMain => format!("{}.test", self.location.path).into(),
            _ => self.location.path[..].into(),
        }
    }
}

/// What reading a package needs.
pub(crate) struct Reader<'a> {
    pub source: &'a dyn Source,
    pub files: &'a FileSet,
    pub names: &'a Names,
    pub context: BuildContext,
    pub overlay: Option<&'a OverlayPackage>,
    /// The folder that file names are shown relative to.
    pub cwd: &'a Path,
}

/// Why there is no package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoPackage {
    /// The folder has no Go files, or none that counts; `...` passes it over.
    Empty(String),
    /// Anything else.
    Broken(String),
}

impl Reader<'_> {
    /// Reads and parses the files; imports are not resolved yet.
    pub fn read(&self, request: &PackageRequest) -> Result<Package, NoPackage> {
        let location = &request.location;
        let dir = &location.dir;
        let go = match &location.module {
            Some(module) => module.go,
            None => GoVersion::CURRENT,
        };
        let mut package = Package {
            path: request.key(),
            name: Name::EMPTY,
            dir: dir.clone(),
            standard: location.standard,
            module: location.module.clone(),
            go,
            kind: request.kind,
            files: Vec::new(),
            imports: Vec::new(),
            resolved: FxHashMap::default(),
            embeds: Embeds::default(),
            has_assembly: false,
            of_host: false,
            skimmed: false,
            diagnostics: Vec::new(),
        };
        let mut excluded = false;
        if let Some(text) = &request.text {
            self.add_file(request, &mut package, dir.join("_testmain.go"), text.as_bytes().to_vec(), true)?;
        } else if !self.overlay.is_some_and(|o| o.replace) {
            for path in self.candidates(request, &mut package, &mut excluded)? {
                self.read_file(request, &mut package, path, &mut excluded)?;
            }
        }
        if let (Some(overlay), PackageKind::Plain | PackageKind::WithTests) = (self.overlay, request.kind) {
            for (name, text) in &overlay.files {
                let path = dir.join(format!("overlay/{name}"));
                self.add_file(request, &mut package, path, text.as_bytes().to_vec(), true)?;
            }
            drop_replaced(self.names, &mut package);
        }
        let Some(first) = package.files.first() else {
            let dir = dir.display();
            return Err(NoPackage::Empty(match excluded {
                true => format!("build constraints exclude all Go files in {dir}"),
                false => format!("no Go files in {dir}"),
            }));
        };
        package.name = first.file.name.name;
        Ok(package)
    }

    /// The Go files that may belong to the package, by their names.
    fn candidates(
        &self,
        request: &PackageRequest,
        package: &mut Package,
        excluded: &mut bool,
    ) -> Result<Vec<PathBuf>, NoPackage> {
        if let Some(files) = &request.files {
            return Ok(files.clone());
        }
        let dir = &request.location.dir;
        let entries = self
            .source
            .read_dir(dir)
            .map_err(|_| NoPackage::Broken(format!("cannot find package in {}: directory not found", dir.display())))?;
        let mut paths = Vec::new();
        for entry in entries.iter().filter(|e| !e.is_dir) {
            // The standard library may have assembly anywhere; nobody asks.
            let assembly = entry.name.ends_with(".s") && !request.location.standard;
            if assembly && self.context.matches_name(&entry.name) {
                let text = self.source.read(&dir.join(&entry.name)).unwrap_or_default();
                package.has_assembly |= self.context.matches_text(&readable(&text));
            }
            if !entry.name.ends_with(".go") || entry.name.starts_with(['_', '.']) {
                continue;
            }
            let is_test = entry.name.ends_with("_test.go");
            let wanted = match request.kind {
                PackageKind::Plain => !is_test,
                PackageKind::WithTests => true,
                PackageKind::ExternalTest => is_test,
                PackageKind::TestMain => false,
            };
            if !wanted {
                continue;
            }
            if self.context.matches_name(&entry.name) {
                paths.push(dir.join(&entry.name));
            } else {
                *excluded = true;
            }
        }
        Ok(paths)
    }

    fn read_file(
        &self,
        request: &PackageRequest,
        package: &mut Package,
        path: PathBuf,
        excluded: &mut bool,
    ) -> Result<(), NoPackage> {
        let text = self.source.read(&path).map_err(|e| {
            let why = if e.kind() == std::io::ErrorKind::NotFound {
                "no such file or directory".into()
            } else {
                e.to_string()
            };
            NoPackage::Broken(format!("open {}: {why}", path.display()))
        })?;
        if request.files.is_none() && !self.context.matches_text(&readable(&text)) {
            *excluded = true;
            return Ok(());
        }
        self.add_file(request, package, path, text, false)
    }

    fn add_file(
        &self,
        request: &PackageRequest,
        package: &mut Package,
        path: PathBuf,
        text: Vec<u8>,
        overlay: bool,
    ) -> Result<(), NoPackage> {
        let source =
            self.files.add(self.display_name(&path, request), text).map_err(|e| NoPackage::Broken(e.to_string()))?;
        let mut mode = Mode::empty();
        mode.set(Mode::STD, request.location.standard);
        let imports = matches!(request.depth, Depth::Imports | Depth::Own);
        let skim = imports && request.location.standard && self.overlay.is_none();
        mode.set(Mode::IMPORTS_ONLY, skim);
        let own = request.depth == Depth::Own && !request.location.standard;
        mode.set(Mode::SKIP_BODIES, request.depth != Depth::Bodies && !own);
        let (mut file, mut diagnostics) = parse_file(&source, self.names, mode);
        let mut imports = import_paths(&file);
        if skim && imports.iter().any(|(_, path)| path.as_deref() == Some("embed")) {
            (file, diagnostics) = parse_file(&source, self.names, mode - Mode::IMPORTS_ONLY);
            imports = import_paths(&file);
        }
        // Without cgo, files that need it do not count.
        if !overlay && request.files.is_none() && imports.iter().any(|(_, path)| path.as_deref() == Some("C")) {
            return Ok(());
        }
        let test = path.file_name().is_some_and(|n| n.to_string_lossy().ends_with("_test.go"));
        let name = self.names.text(file.name.name);
        let external = test && name.ends_with("_test");
        if name == "documentation" || (test && external != (request.kind == PackageKind::ExternalTest)) {
            return Ok(());
        }
        if let Some(first) = package.files.first().filter(|f| f.file.name.name != file.name.name)
            && !(first.file.name.name == Name::BLANK || file.name.name == Name::BLANK)
        {
            return Err(NoPackage::Broken(format!(
                "found packages {} ({}) and {name} ({}) in {}",
                self.names.text(first.file.name.name),
                base(&first.path),
                base(&path),
                package.dir.display()
            )));
        }
        let index = package.files.len();
        for (spec, path) in imports {
            let Some(path) = path else { continue };
            let pos = match file.tree[spec].kind {
                itab_syntax::SpecKind::ImportSpec(i) => file.tree[i.path].pos,
                _ => Pos::NONE,
            };
            package.imports.push(Import { file: index, spec, pos, path });
        }
        package.diagnostics.extend(diagnostics);
        let go = file_version(package.go, source.text());
        package.skimmed |= skim;
        package.files.push(PackageFile { file: Arc::new(file), path, go, overlay, test });
        Ok(())
    }

    /// How messages name a file: relative to the folder that the user is in; absolute elsewhere.
    fn display_name(&self, path: &Path, request: &PackageRequest) -> String {
        match path.strip_prefix(self.cwd) {
            Ok(rest) if !request.location.standard => {
                let rest = rest.display().to_string();
                if rest.contains('/') { rest } else { format!("./{rest}") }
            }
            _ => path.display().to_string(),
        }
    }
}

/// A text, quickly if it is what it should be.
fn readable(text: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text), Cow::Borrowed)
}

fn base(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The imports of a file, and their paths.
fn import_paths(file: &File) -> Vec<(SpecId, Option<Arc<str>>)> {
    file.imports().map(|(id, spec)| (id, import_path(&file.tree, spec.path))).collect()
}

/// The path of an import spec; none if the literal is bad, which has been reported.
fn import_path(tree: &Tree, path: itab_syntax::ExprId) -> Option<Arc<str>> {
    match tree[path].kind {
        ExprKind::BasicLit { bad: false, .. } => {
            let bytes = string_value(tree.text(path))?;
            Some(String::from_utf8_lossy(&bytes).as_ref().into())
        }
        _ => None,
    }
}
