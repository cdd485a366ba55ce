//! Where imports lead: the standard library, the main module (or the modules of a workspace), modules
//! replaced by folders, vendor folders, the module cache.
//!
//! Versions are those that the main module's go.mod requires: since Go 1.17 it lists all modules that
//! any import may need, so nothing is resolved here, and nothing is downloaded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::goroot::GoRoot;
use crate::modfile::{ModFile, Replace, vendored};
use crate::source::{Source, normalize};
use crate::version::GoVersion;

/// A module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its path.
    pub path: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Its language version.
    pub go: GoVersion,
    /// Whether it is the main module or one of the workspace.
    pub main: bool,
}

/// Where a package is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Its import path, unique in a program. Packages vendored into the standard library have `vendor/`
    /// in front.
    pub path: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Whether it belongs to the standard library.
    pub standard: bool,
    /// Its module; none for the standard library and for files outside of modules.
    pub module: Option<Arc<Module>>,
}

/// The path of a package made of files named on the command line.
pub const COMMAND_LINE: &str = "command-line-arguments";

/// The modules that a load can see.
#[derive(Debug, Default)]
pub struct Modules {
    main: Vec<Arc<Module>>,
    /// Required modules, and where they should be.
    required: Vec<Arc<Module>>,
    /// The vendor folder, if it is in use, and the modules in it.
    vendor: Option<(PathBuf, BTreeMap<String, GoVersion>)>,
}

impl Modules {
    /// The modules in effect in a folder: by the go.work or go.mod in it or in a folder above.
    pub fn find(source: &dyn Source, dir: &Path, mod_cache: Option<&Path>) -> Result<Modules, String> {
        let above = |name: &str| dir.ancestors().map(|d| d.join(name)).find(|p| source.is_file(p));
        let go_mod = above("go.mod");
        let mut files = Vec::new();
        let mut replace = Vec::new();
        if let Some(go_work) = above("go.work") {
            let work = read(source, &go_work)?;
            let root = go_work.parent().unwrap_or(dir);
            let uses: Vec<PathBuf> = work.uses.iter().map(|u| normalize(&root.join(u)).join("go.mod")).collect();
            // A module that the workspace does not use is on its own, as if there were no workspace.
            if go_mod.as_ref().is_none_or(|m| uses.contains(m)) {
                replace.extend(work.replace.iter().map(|r| (root.to_path_buf(), r.clone())));
                files = uses;
            }
        }
        if files.is_empty() {
            files.extend(go_mod);
        }
        let mut modules = Modules::default();
        let mut required: BTreeMap<String, String> = BTreeMap::new();
        for path in &files {
            let file = read(source, path)?;
            let root = path.parent().unwrap_or(dir).to_path_buf();
            replace.extend(file.replace.iter().map(|r| (root.clone(), r.clone())));
            for (path, version) in &file.require {
                let newest = required.entry(path.clone()).or_insert_with(|| version.clone());
                if newer(version, newest) {
                    newest.clone_from(version);
                }
            }
            modules.add_main(source, path, file, root)?;
        }
        for (path, version) in &required {
            if modules.main.iter().any(|m| m.path == *path) {
                continue;
            }
            let dir = required_dir(path, version, &replace, mod_cache);
            let Some(dir) = dir else { continue };
            let go = read(source, &dir.join("go.mod")).map_or(GoVersion::UNSTATED, |f| f.version());
            modules.required.push(Arc::new(Module { path: path.clone(), dir, go, main: false }));
        }
        Ok(modules)
    }

    fn add_main(&mut self, source: &dyn Source, path: &Path, file: ModFile, root: PathBuf) -> Result<(), String> {
        let go = file.version();
        if go > GoVersion::CURRENT {
            let asked = file.go.as_deref().unwrap_or("");
            return Err(format!("go.mod requires go >= {asked} (running {})", GoVersion::CURRENT));
        }
        let Some(module) = file.module else {
            return Err(format!("{}: no module declaration in go.mod", path.display()));
        };
        let list = root.join("vendor/modules.txt");
        if let (true, Ok(text)) = (go >= GoVersion(14), source.read(&list)) {
            self.vendor = Some((root.join("vendor"), vendored(&String::from_utf8_lossy(&text))));
        }
        self.main.push(Arc::new(Module { path: module, dir: root, go, main: true }));
        Ok(())
    }

    /// The main module, or those of the workspace.
    pub fn main(&self) -> &[Arc<Module>] {
        &self.main
    }

    /// The package in a folder.
    pub fn at_dir(&self, goroot: &GoRoot, dir: &Path) -> Location {
        if let Ok(path) = dir.strip_prefix(goroot.path.join("src")) {
            let path = slashes(path);
            return Location { path, dir: dir.into(), standard: true, module: None };
        }
        let modules = self.main.iter().chain(&self.required);
        let best = modules.filter(|m| dir.starts_with(&m.dir)).max_by_key(|m| m.dir.as_os_str().len());
        let Some(module) = best else {
            return Location { path: COMMAND_LINE.into(), dir: dir.into(), standard: false, module: None };
        };
        let rest = slashes(dir.strip_prefix(&module.dir).unwrap_or(Path::new("")));
        let path = if rest.is_empty() { module.path.clone() } else { format!("{}/{rest}", module.path) };
        Location { path, dir: dir.into(), standard: false, module: Some(module.clone()) }
    }

    /// The package that `path` means in an import of a package of the standard library or of another.
    pub fn resolve(
        &self,
        source: &dyn Source,
        goroot: &GoRoot,
        path: &str,
        from_standard: bool,
    ) -> Result<Location, String> {
        check_path(path)?;
        let standard = |path: String| {
            let dir = goroot.package_dir(&path);
            let location = Location { path, dir, standard: true, module: None };
            has_go_files(source, &location.dir).then_some(location)
        };
        let dotted = path.split('/').next().is_some_and(|first| first.contains('.'));
        if !dotted && let Some(location) = standard(path.into()) {
            return Ok(location);
        }
        if from_standard && let Some(location) = standard(format!("vendor/{path}")) {
            return Ok(location);
        }
        if let Some(location) = self.in_modules(source, path)? {
            return Ok(location);
        }
        if !dotted {
            return Err(format!("package {path} is not in std ({})", goroot.package_dir(path).display()));
        }
        Err(match self.main.is_empty() {
            true => format!(
                "no required module provides package {path}: go.mod file not found in current directory or any \
                 parent directory; see 'go help modules'"
            ),
            false => format!("no required module provides package {path}; to add it:\n\tgo get {path}"),
        })
    }

    fn in_modules(&self, source: &dyn Source, path: &str) -> Result<Option<Location>, String> {
        let mut candidates: Vec<&Arc<Module>> = self.main.iter().filter(|m| covers(&m.path, path)).collect();
        if let Some((vendor, modules)) = &self.vendor {
            let dir = vendor.join(path);
            if has_go_files(source, &dir) {
                let owner = modules.iter().filter(|(m, _)| covers(m, path)).max_by_key(|(m, _)| m.len());
                let module =
                    owner.map(|(m, &go)| Arc::new(Module { path: m.clone(), dir: vendor.join(m), go, main: false }));
                return Ok(Some(Location { path: path.into(), dir, standard: false, module }));
            }
        } else {
            candidates.extend(self.required.iter().filter(|m| covers(&m.path, path)));
        }
        candidates.sort_by_key(|m| std::cmp::Reverse(m.path.len()));
        for module in &candidates {
            let rest = path[module.path.len()..].trim_start_matches('/');
            let dir = if rest.is_empty() { module.dir.clone() } else { module.dir.join(rest) };
            if has_go_files(source, &dir) {
                return Ok(Some(Location { path: path.into(), dir, standard: false, module: Some((*module).clone()) }));
            }
        }
        match candidates.iter().find(|m| !source.is_dir(&m.dir)) {
            Some(m) => Err(format!(
                "package {path} is in module {}, which is not at {}: run 'go mod download'",
                m.path,
                m.dir.display()
            )),
            None => Ok(None),
        }
    }
}

/// Where a required module should be.
fn required_dir(
    path: &str,
    version: &str,
    replace: &[(PathBuf, Replace)],
    mod_cache: Option<&Path>,
) -> Option<PathBuf> {
    let matching = |r: &&(PathBuf, Replace)| r.1.path == path && r.1.version.as_deref().is_none_or(|v| v == version);
    // A replacement of one version goes before one of all.
    let found = replace.iter().filter(matching).max_by_key(|r| r.1.version.is_some());
    let (path, version) = match found {
        Some((root, r)) if r.is_dir() => return Some(normalize(&root.join(&r.target))),
        Some((_, r)) => (&r.target[..], r.target_version.as_deref().unwrap_or(version)),
        None => (path, version),
    };
    Some(mod_cache?.join(format!("{}@{}", escape(path), escape(version))))
}

fn read(source: &dyn Source, path: &Path) -> Result<ModFile, String> {
    let text = source.read(path).map_err(|e| format!("reading {}: {e}", path.display()))?;
    ModFile::parse(&String::from_utf8_lossy(&text)).map_err(|e| format!("{}:{e}", path.display()))
}

/// Whether a module's path is a prefix of a package's.
fn covers(module: &str, path: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a folder has a Go file, of whatever kind.
fn has_go_files(source: &dyn Source, dir: &Path) -> bool {
    source.read_dir(dir).is_ok_and(|entries| entries.iter().any(|e| !e.is_dir && e.name.ends_with(".go")))
}

fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|c| c.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Path and version in the module cache: capitals are `!` and the small letter.
fn escape(path: &str) -> String {
    let mut out = String::new();
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            out.push('!');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Whether `a` is a later version than `b` (semantic versions).
fn newer(a: &str, b: &str) -> bool {
    let key = |v: &str| {
        let v = v.trim_start_matches('v').split('+').next().unwrap_or("").to_string();
        let (numbers, pre) = v.split_once('-').map_or((v.clone(), None), |(n, p)| (n.into(), Some(p.to_string())));
        let numbers: Vec<u64> = numbers.split('.').map(|n| n.parse().unwrap_or(0)).collect();
        (numbers, pre.is_none(), pre)
    };
    key(a) > key(b)
}

/// Refuses import paths that cannot be right.
fn check_path(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("invalid import path: \"\"".into());
    }
    if path == "." || path == ".." || path.starts_with("./") || path.starts_with("../") {
        return Err(format!("\"{path}\" is relative, but relative import paths are not supported in module mode"));
    }
    if path.starts_with('/') {
        return Err(format!("cannot import absolute path {path}"));
    }
    let bad = |c: char| !(c.is_ascii_alphanumeric() || "-._~/+".contains(c) || !c.is_ascii() && c.is_alphabetic());
    if let Some(c) = path.chars().find(|&c| bad(c)) {
        return Err(format!("malformed import path {path:?}: invalid char {c:?}"));
    }
    if path.ends_with('/') {
        return Err(format!("malformed import path {path:?}: trailing slash"));
    }
    if path.split('/').any(str::is_empty) {
        return Err(format!("malformed import path {path:?}: double slash"));
    }
    if path.split('/').any(|e| matches!(e, "." | "..")) {
        return Err(format!("malformed import path {path:?}: invalid path element"));
    }
    Ok(())
}

/// Whether a package may import one with an `internal` in its path.
pub fn internal_allowed(importer: &Location, imported: &Location) -> bool {
    let path = &imported.path;
    let at = if path.ends_with("/internal") {
        Some(path.len() - "internal".len())
    } else if let Some(i) = path.rfind("/internal/") {
        Some(i + 1)
    } else {
        (path.starts_with("internal/") || path == "internal").then_some(0)
    };
    let Some(at) = at else { return true };
    if imported.standard != importer.standard {
        return false;
    }
    // Folders rather than paths: that is what holds for packages of files too.
    let below = path[at..].split('/').count();
    let parent = imported.dir.ancestors().nth(below);
    parent.is_some_and(|p| importer.dir.starts_with(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_and_versions() {
        assert_eq!(escape("github.com/BurntSushi/toml"), "github.com/!burnt!sushi/toml");
        assert!(newer("v1.10.0", "v1.9.9"));
        assert!(newer("v1.0.0", "v1.0.0-rc.1"));
        assert!(!newer("v1.0.0", "v1.0.0"));
    }

    #[test]
    fn internal_packages() {
        let at =
            |path: &str, dir: &str, standard| Location { path: path.into(), dir: dir.into(), standard, module: None };
        let imported = at("m/a/internal/x/y", "/m/a/internal/x/y", false);
        assert!(internal_allowed(&at("m/a", "/m/a", false), &imported));
        assert!(internal_allowed(&at("m/a/b", "/m/a/b", false), &imported));
        assert!(!internal_allowed(&at("m/b", "/m/b", false), &imported));
        let std = at("internal/abi", "/go/src/internal/abi", true);
        assert!(internal_allowed(&at("fmt", "/go/src/fmt", true), &std));
        assert!(!internal_allowed(&at("m", "/m", false), &std));
    }
}
