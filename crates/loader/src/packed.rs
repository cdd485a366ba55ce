//! Go's standard library inside the binary, for programs that ship as one file.
//!
//! With the feature `packed-std` the build script packs the source that Linux needs, folder by folder, each compressed by
//! itself, so that a program unpacks only what it imports. [`Packed`] shows it as a GOROOT at [`ROOT`], a path that no
//! file system has.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::goroot::GoRoot;
use crate::source::{DirEntry, Source};

/// Where the packed source seems to lie; tracebacks show it.
pub const ROOT: &str = "/$GOROOT";

/// A folder: path below [`ROOT`], where its files are compressed in [`BLOB`], and their names and sizes in their order.
type Folder = (&'static str, usize, usize, &'static [(&'static str, usize)]);

#[cfg(feature = "packed-std")]
include!(concat!(env!("OUT_DIR"), "/packed_std.rs"));

#[cfg(not(feature = "packed-std"))]
static BLOB: &[u8] = &[];
/// Sorted by path.
#[cfg(not(feature = "packed-std"))]
static FOLDERS: &[Folder] = &[];

/// The packed Go, if this was built with one.
pub fn packed() -> Option<GoRoot> {
    let text = Packed::default().read(&Path::new(ROOT).join("VERSION")).ok()?;
    let version = String::from_utf8_lossy(&text).split_whitespace().next().unwrap_or_default().to_string();
    Some(GoRoot { path: ROOT.into(), version })
}

/// Go's licence, if its source is packed.
pub fn license() -> Option<&'static str> {
    packed().map(|_| include_str!("../go-license.txt"))
}

/// The packed files. Folders stay unpacked as long as this lives.
#[derive(Default)]
pub struct Packed {
    unpacked: Mutex<HashMap<&'static str, Arc<Vec<u8>>>>,
}

impl Packed {
    fn folder(path: &Path) -> Option<&'static Folder> {
        let below = path.strip_prefix(ROOT).ok()?.to_str()?;
        FOLDERS.binary_search_by_key(&below, |f| f.0).ok().map(|i| &FOLDERS[i])
    }

    fn contents(&self, folder: &Folder) -> io::Result<Arc<Vec<u8>>> {
        let mut unpacked = self.unpacked.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(known) = unpacked.get(folder.0) {
            return Ok(known.clone());
        }
        let all = Arc::new(unpack(&BLOB[folder.1..folder.1 + folder.2], folder.3.iter().map(|f| f.1).sum())?);
        unpacked.insert(folder.0, all.clone());
        Ok(all)
    }
}

#[cfg(feature = "packed-std")]
fn unpack(bytes: &[u8], size: usize) -> io::Result<Vec<u8>> {
    zstd::bulk::decompress(bytes, size)
}

#[cfg(not(feature = "packed-std"))]
fn unpack(_: &[u8], _: usize) -> io::Result<Vec<u8>> {
    Err(io::ErrorKind::NotFound.into())
}

fn split(path: &Path) -> Option<(&'static Folder, &str)> {
    Some((Packed::folder(path.parent()?)?, path.file_name()?.to_str()?))
}

impl Source for Packed {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let not_found = || io::Error::from(io::ErrorKind::NotFound);
        let (folder, name) = split(path).ok_or_else(not_found)?;
        let at = folder.3.iter().position(|f| f.0 == name).ok_or_else(not_found)?;
        let start: usize = folder.3[..at].iter().map(|f| f.1).sum();
        Ok(self.contents(folder)?[start..start + folder.3[at].1].to_vec())
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let below = path.strip_prefix(ROOT).map_err(|_| io::ErrorKind::NotFound)?;
        let files = Packed::folder(path).map_or(&[][..], |f| f.3);
        let mut entries: Vec<DirEntry> = files.iter().map(|f| DirEntry { name: f.0.into(), is_dir: false }).collect();
        for folder in FOLDERS.iter().filter_map(|f| PathBuf::from(f.0).strip_prefix(below).ok().map(Path::to_path_buf))
        {
            if let Some(name) = folder.components().next().and_then(|c| c.as_os_str().to_str()) {
                entries.push(DirEntry { name: name.into(), is_dir: true });
            }
        }
        entries.sort();
        entries.dedup();
        if entries.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(entries) }
    }

    fn is_file(&self, path: &Path) -> bool {
        split(path).is_some_and(|(folder, name)| folder.3.iter().any(|f| f.0 == name))
    }

    fn is_dir(&self, path: &Path) -> bool {
        path.strip_prefix(ROOT).is_ok_and(|below| FOLDERS.iter().any(|f| Path::new(f.0).starts_with(below)))
    }
}

#[cfg(all(test, feature = "packed-std"))]
mod tests {
    use super::*;

    #[test]
    fn the_packed_library_is_whole() {
        let goroot = packed().expect("it is packed");
        let source = Packed::default();
        assert!(goroot.version.starts_with("go1.27"), "{}", goroot.version);
        assert!(source.is_dir(&goroot.package_dir("encoding/json")) && !source.is_dir(&goroot.package_dir("cmd")));
        let print = source.read(&goroot.package_dir("fmt").join("print.go")).unwrap();
        assert!(String::from_utf8_lossy(&print).contains("func Println("));
        let names = source.read_dir(&goroot.package_dir("os")).unwrap();
        assert!(names.iter().any(|e| e.name == "file_unix.go" && !e.is_dir));
        assert!(names.iter().any(|e| e.name == "exec" && e.is_dir));
        assert!(!names.iter().any(|e| e.name.ends_with("_test.go") || e.name.contains("_windows")));
        assert!(license().unwrap().contains("The Go Authors"));
    }
}
