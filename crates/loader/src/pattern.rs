//! What the user asks for: files, folders, import paths, `...` and `std`.

use std::path::{Path, PathBuf};

use crate::goroot::GoRoot;
use crate::modules::{COMMAND_LINE, Location, Modules};
use crate::source::{Source, normalize};

/// A package that a pattern means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Where it is.
    pub location: Location,
    /// These files rather than the folder's.
    pub files: Option<Vec<PathBuf>>,
    /// Found by `...` or `std`: passed over if none of its files counts.
    pub wildcard: bool,
}

/// What a pattern is looked up in.
pub(crate) struct Expander<'a> {
    pub source: &'a dyn Source,
    pub goroot: &'a GoRoot,
    pub modules: &'a Modules,
    pub cwd: &'a Path,
}

impl Expander<'_> {
    /// The packages that patterns mean, each once, in order; and what is wrong with patterns.
    pub fn expand(&self, patterns: &[String]) -> (Vec<Root>, Vec<String>) {
        let (mut roots, mut errors): (Vec<Root>, Vec<String>) = (Vec::new(), Vec::new());
        let is_file = |p: &String| p.ends_with(".go") && !self.source.is_dir(&self.absolute(p));
        if patterns.iter().any(is_file) {
            if patterns.iter().all(is_file) {
                match self.files(patterns) {
                    Ok(root) => roots.push(root),
                    Err(e) => errors.push(e),
                }
            } else {
                errors.push("named files must be .go files: cannot mix files and packages".into());
            }
            return (roots, errors);
        }
        for pattern in patterns {
            match self.one(pattern) {
                Ok(found) => {
                    for root in found {
                        if !roots.iter().any(|r| r.location == root.location) {
                            roots.push(root);
                        }
                    }
                }
                Err(e) => errors.push(e),
            }
        }
        (roots, errors)
    }

    fn absolute(&self, path: &str) -> PathBuf {
        normalize(&self.cwd.join(path))
    }

    fn files(&self, patterns: &[String]) -> Result<Root, String> {
        let files: Vec<PathBuf> = patterns.iter().map(|p| self.absolute(p)).collect();
        let dir = files[0].parent().unwrap_or(self.cwd).to_path_buf();
        for (file, pattern) in files.iter().zip(patterns) {
            if !self.source.is_file(file) {
                return Err(format!("stat {pattern}: no such file or directory"));
            }
            if pattern.ends_with("_test.go") {
                return Err(format!("named files must not be tests: {pattern}"));
            }
            let other = file.parent().unwrap_or(self.cwd);
            if other != dir {
                let (a, b) = (dir.display(), other.display());
                return Err(format!("named files must all be in one directory; have {a} and {b}"));
            }
        }
        // The files see the imports that their folder's module sees.
        let mut location = self.modules.at_dir(self.goroot, &dir);
        if !location.standard {
            location.path = COMMAND_LINE.into();
        }
        Ok(Root { location, files: Some(files), wildcard: false })
    }

    fn one(&self, pattern: &str) -> Result<Vec<Root>, String> {
        let local = matches!(pattern, "." | "..")
            || pattern.starts_with("./")
            || pattern.starts_with("../")
            || pattern.starts_with('/');
        let root = |location, wildcard| Root { location, files: None, wildcard };
        if pattern == "std" {
            return Ok(self.standard(""));
        }
        if let Some((prefix, suffix)) = pattern.split_once("...") {
            if !suffix.is_empty() {
                return Err(format!("pattern {pattern}: ... is understood at the end only"));
            }
            if local {
                return self.below(&self.absolute(prefix), pattern);
            }
            return self.paths_below(prefix, pattern);
        }
        if local {
            let dir = self.absolute(pattern);
            if !self.source.is_dir(&dir) {
                return Err(format!("stat {}: directory not found", dir.display()));
            }
            return Ok(vec![root(self.modules.at_dir(self.goroot, &dir), false)]);
        }
        let location = self.modules.resolve(self.source, self.goroot, pattern, false).or_else(|e| {
            // The user may name vendored packages of the standard library as the go command lists them.
            let dir = self.goroot.package_dir(pattern);
            let vendored = pattern.starts_with("vendor/") && self.source.is_dir(&dir);
            vendored.then(|| self.modules.at_dir(self.goroot, &dir)).ok_or(e)
        })?;
        Ok(vec![root(location, false)])
    }

    /// All packages of the standard library whose path starts with `prefix`.
    fn standard(&self, prefix: &str) -> Vec<Root> {
        let src = self.goroot.path.join("src");
        let mut dirs = Vec::new();
        self.walk(&src, &src, true, &mut dirs);
        let roots = dirs.into_iter().map(|dir| self.modules.at_dir(self.goroot, &dir));
        // As the go command: builtin is for its documentation, and without cgo there is no runtime/cgo.
        roots
            .filter(|l| !matches!(&l.path[..], "builtin" | "runtime/cgo"))
            .filter(|l| !(l.path == "cmd" || l.path.starts_with("cmd/") || l.path.is_empty()))
            .filter(|l| l.path.starts_with(prefix))
            .map(|location| Root { location, files: None, wildcard: true })
            .collect()
    }

    fn below(&self, dir: &Path, pattern: &str) -> Result<Vec<Root>, String> {
        if !self.source.is_dir(dir) {
            return Err(format!("pattern {pattern}: lstat {}: no such file or directory", dir.display()));
        }
        let mut dirs = Vec::new();
        self.walk(dir, dir, false, &mut dirs);
        let roots = dirs.into_iter().map(|dir| {
            let location = self.modules.at_dir(self.goroot, &dir);
            Root { location, files: None, wildcard: true }
        });
        Ok(roots.collect())
    }

    fn paths_below(&self, prefix: &str, pattern: &str) -> Result<Vec<Root>, String> {
        let mut roots = Vec::new();
        for module in self.modules.main() {
            if module.path.starts_with(prefix.trim_end_matches('/')) || prefix.starts_with(&module.path) {
                roots.extend(self.below(&module.dir, pattern)?);
            }
        }
        roots.retain(|r: &Root| format!("{}/", r.location.path).starts_with(prefix));
        if roots.is_empty() {
            let bare = prefix.trim_end_matches('/');
            roots = self.standard(prefix);
            roots.extend(self.standard(bare).into_iter().filter(|r| r.location.path == bare));
        }
        if roots.is_empty() {
            return Err(format!("pattern {pattern}: matched no packages"));
        }
        roots.sort_by(|a, b| a.location.path.cmp(&b.location.path));
        Ok(roots)
    }

    /// Folders with Go files, without those that no pattern matches.
    fn walk(&self, root: &Path, dir: &Path, vendor: bool, out: &mut Vec<PathBuf>) {
        let Ok(entries) = self.source.read_dir(dir) else { return };
        if dir != root && entries.iter().any(|e| e.name == "go.mod") {
            return;
        }
        if entries.iter().any(|e| !e.is_dir && e.name.ends_with(".go")) {
            out.push(dir.to_path_buf());
        }
        for entry in entries.iter().filter(|e| e.is_dir) {
            let skipped = entry.name.starts_with(['.', '_'])
                || entry.name == "testdata"
                || entry.name == "vendor" && !vendor
                || entry.name == "cmd" && vendor && dir == root;
            if !skipped {
                self.walk(root, &dir.join(&entry.name), vendor, out);
            }
        }
    }
}
