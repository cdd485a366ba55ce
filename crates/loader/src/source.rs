//! Where files come from: the file system, or memory.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DirEntry {
    /// File name.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
}

/// A tree of files. Paths are absolute.
pub trait Source: Send + Sync {
    /// The contents of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The entries of a folder, sorted by name. Names that are not UTF-8 are left out.
    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>>;

    /// Whether there is a file at the path.
    fn is_file(&self, path: &Path) -> bool;

    /// Whether there is a folder at the path.
    fn is_dir(&self, path: &Path) -> bool;
}

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileSystem;

impl Source for FileSystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = entry.file_type()?;
            // As the go command: links to files are followed, links to folders are not.
            let is_dir = kind.is_dir();
            if kind.is_symlink() && entry.path().is_dir() {
                continue;
            }
            entries.push(DirEntry { name, is_dir });
        }
        entries.sort();
        Ok(entries)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }
}

/// Files in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// No files.
    pub fn new() -> Memory {
        Memory::default()
    }

    /// All files, by path.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.files.iter().map(|(p, t)| (&**p, &t[..]))
    }

    /// Adds a file; folders come into being by themselves.
    pub fn insert(&mut self, path: impl AsRef<Path>, contents: impl Into<Vec<u8>>) {
        self.files.insert(normalize(path.as_ref()), contents.into());
    }
}

impl Source for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries: Vec<DirEntry> = Vec::new();
        for file in self.files.range(path.to_path_buf()..).map(|(p, _)| p) {
            let Ok(rest) = file.strip_prefix(path) else { break };
            let mut parts = rest.components();
            let Some(Component::Normal(first)) = parts.next() else { continue };
            let Some(name) = first.to_str() else { continue };
            let is_dir = parts.next().is_some();
            if entries.last().is_none_or(|e| e.name != name) {
                entries.push(DirEntry { name: name.into(), is_dir });
            }
        }
        entries.sort();
        if entries.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(entries) }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.files.range(path.to_path_buf()..).next().is_some_and(|(p, _)| p != path && p.starts_with(path))
    }
}

/// Files of one source shadow those of another: a program in memory over Go on disk.
#[derive(Clone)]
pub struct Layered {
    /// Asked first.
    pub upper: Arc<dyn Source>,
    /// Asked for what the upper does not have.
    pub lower: Arc<dyn Source>,
}

impl Source for Layered {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.upper.is_file(path) { self.upper.read(path) } else { self.lower.read(path) }
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        match (self.upper.read_dir(path), self.lower.read_dir(path)) {
            (Ok(mut upper), Ok(lower)) => {
                let names: Vec<String> = upper.iter().map(|e| e.name.clone()).collect();
                upper.extend(lower.into_iter().filter(|e| !names.contains(&e.name)));
                upper.sort();
                Ok(upper)
            }
            (Ok(upper), Err(_)) => Ok(upper),
            (Err(_), lower) => lower,
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.upper.is_file(path) || self.lower.is_file(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.upper.is_dir(path) || self.lower.is_dir(path)
    }
}

/// A source whose folders are read once: each import asks for the folder of a package, and then the package itself does.
pub(crate) struct Listed<'s> {
    source: &'s dyn Source,
    folders: Mutex<FxHashMap<PathBuf, Arc<[DirEntry]>>>,
}

impl<'s> Listed<'s> {
    pub(crate) fn new(source: &'s dyn Source) -> Listed<'s> {
        Listed { source, folders: Mutex::default() }
    }

    fn folders(&self) -> MutexGuard<'_, FxHashMap<PathBuf, Arc<[DirEntry]>>> {
        self.folders.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Source for Listed<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.source.read(path)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let known = self.folders().get(path).cloned();
        if let Some(known) = known {
            return Ok(known.to_vec());
        }
        let entries = self.source.read_dir(path)?;
        self.folders().insert(path.into(), entries.as_slice().into());
        Ok(entries)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.source.is_file(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.source.is_dir(path)
    }
}

/// A path without `.` and `..`, by its text alone.
pub fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_has_folders() {
        let mut m = Memory::new();
        m.insert("/w/go.mod", "module w");
        m.insert("/w/a/a.go", "package a");
        m.insert("/w/a/b/b.go", "package b");
        let names =
            |p: &str| -> Vec<String> { m.read_dir(Path::new(p)).unwrap().into_iter().map(|e| e.name).collect() };
        assert_eq!(names("/w"), ["a", "go.mod"]);
        assert_eq!(names("/w/a"), ["a.go", "b"]);
        assert!(m.is_dir(Path::new("/w/a/b")) && !m.is_dir(Path::new("/w/a/b/b.go")));
        assert!(m.read_dir(Path::new("/nowhere")).is_err());
    }
}
