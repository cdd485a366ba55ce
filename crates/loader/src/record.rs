//! What a load asked of the file system, and whether the answers would be the same now.
//!
//! A [`Recorder`] forwards requests and records them with their answers in a [`Manifest`]. If a manifest still
//! [holds](Manifest::holds), the same load would see the same source, so what was made of it can be used again. The check
//! is cheap: a file with the same size and modification time is taken to be the same, unless it was modified so shortly
//! before it was read that another modification may have got the same time.
//!
//! Below GOROOT only the file VERSION is noted: a release does not change. A manifest answers questions too
//! ([`Replay`]), so that a program can be loaded as it was when its source has changed since.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::source::{DirEntry, Source};

/// What one path looked like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    /// Contents and stamp of the file; none inside when it could not be read.
    text: Option<Option<(Stamp, Vec<u8>)>>,
    /// Entries and stamp of the folder.
    entries: Option<Option<(Stamp, Vec<DirEntry>)>>,
    is_file: Option<bool>,
    is_dir: Option<bool>,
}

/// Size and time of change, in nanoseconds since 1970; zeros when unknown or too fresh to tell anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    modified: u64,
}

/// File systems count time in steps up to this: a file that was changed later than this before it was read may change
/// again without another time.
const STEP: Duration = Duration::from_secs(2);

impl Stamp {
    fn of(path: &Path) -> Stamp {
        let Ok(meta) = std::fs::metadata(path) else { return Stamp::default() };
        let Ok(time) = meta.modified() else { return Stamp::default() };
        let modified = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
        Stamp { size: meta.len(), modified }
    }

    /// The stamp to note now.
    fn settled(path: &Path) -> Stamp {
        let stamp = Stamp::of(path);
        let age = SystemTime::now().duration_since(UNIX_EPOCH + Duration::from_nanos(stamp.modified));
        if age.is_ok_and(|a| a > STEP) { stamp } else { Stamp::default() }
    }

    fn same(self, path: &Path) -> bool {
        self != Stamp::default() && self == Stamp::of(path)
    }
}

/// What was asked and answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    seen: BTreeMap<PathBuf, Seen>,
}

impl Manifest {
    /// Whether all answers would be the same now.
    pub fn holds(&self, source: &dyn Source) -> bool {
        self.seen.iter().all(|(path, seen)| seen.holds(path, source))
    }

    /// A source that answers as it was answered, and asks `other` for what is not noted.
    pub fn replay(self, other: Arc<dyn Source>) -> Replay {
        Replay { manifest: self, other }
    }
}

impl Seen {
    fn holds(&self, path: &Path, source: &dyn Source) -> bool {
        let text = match &self.text {
            None => true,
            Some(None) => source.read(path).is_err(),
            Some(Some((stamp, text))) => stamp.same(path) || source.read(path).is_ok_and(|t| t == *text),
        };
        let entries = || match &self.entries {
            None => true,
            Some(None) => source.read_dir(path).is_err(),
            Some(Some((stamp, entries))) => stamp.same(path) || source.read_dir(path).is_ok_and(|e| e == *entries),
        };
        text && entries()
            && self.is_file.is_none_or(|f| source.is_file(path) == f)
            && self.is_dir.is_none_or(|d| source.is_dir(path) == d)
    }
}

/// Passes questions on and notes the answers.
pub struct Recorder {
    inner: Arc<dyn Source>,
    manifest: Mutex<Manifest>,
    /// Nothing is noted below this folder but the file VERSION.
    goroot: Mutex<Option<PathBuf>>,
}

impl Recorder {
    /// Notes what is asked of `inner`.
    pub fn new(inner: Arc<dyn Source>) -> Recorder {
        Recorder { inner, manifest: Mutex::default(), goroot: Mutex::default() }
    }

    /// From now on the files of this Go are taken to be as its version says.
    pub fn trust(&self, goroot: &Path) {
        *self.goroot.lock().unwrap_or_else(|e| e.into_inner()) = Some(goroot.to_path_buf());
    }

    /// What was asked so far.
    pub fn manifest(&self) -> Manifest {
        self.manifest.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    fn note(&self, path: &Path, note: impl FnOnce(&mut Seen)) {
        let trusted = self.goroot.lock().unwrap_or_else(|e| e.into_inner());
        if trusted.as_ref().is_some_and(|g| path.starts_with(g) && path != g.join("VERSION")) {
            return;
        }
        drop(trusted);
        note(self.manifest.lock().unwrap_or_else(|e| e.into_inner()).seen.entry(path.to_path_buf()).or_default());
    }
}

impl Source for Recorder {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        // The stamp is taken first: a change in between makes it differ.
        let stamp = Stamp::settled(path);
        let text = self.inner.read(path);
        self.note(path, |s| s.text = Some(text.as_ref().ok().map(|t| (stamp, t.clone()))));
        text
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let stamp = Stamp::settled(path);
        let entries = self.inner.read_dir(path);
        self.note(path, |s| s.entries = Some(entries.as_ref().ok().map(|e| (stamp, e.clone()))));
        entries
    }

    fn is_file(&self, path: &Path) -> bool {
        let is = self.inner.is_file(path);
        self.note(path, |s| s.is_file = Some(is));
        is
    }

    fn is_dir(&self, path: &Path) -> bool {
        let is = self.inner.is_dir(path);
        self.note(path, |s| s.is_dir = Some(is));
        is
    }
}

/// Answers as a manifest says.
pub struct Replay {
    manifest: Manifest,
    other: Arc<dyn Source>,
}

impl Replay {
    fn seen(&self, path: &Path) -> Seen {
        self.manifest.seen.get(path).cloned().unwrap_or_default()
    }
}

impl Source for Replay {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.seen(path).text {
            Some(text) => text.map(|(_, t)| t).ok_or_else(|| io::ErrorKind::NotFound.into()),
            None => self.other.read(path),
        }
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        match self.seen(path).entries {
            Some(entries) => entries.map(|(_, e)| e).ok_or_else(|| io::ErrorKind::NotFound.into()),
            None => self.other.read_dir(path),
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.seen(path).is_file.unwrap_or_else(|| self.other.is_file(path))
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.seen(path).is_dir.unwrap_or_else(|| self.other.is_dir(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    fn memory(text: &str) -> Arc<Memory> {
        let mut m = Memory::new();
        m.insert("/w/a.go", text);
        m.insert("/go/VERSION", "go1.27.3");
        m.insert("/go/src/x/x.go", "package x");
        Arc::new(m)
    }

    #[test]
    fn a_manifest_holds_until_an_answer_changes() {
        let recorder = Recorder::new(memory("package a"));
        recorder.trust(Path::new("/go"));
        let go = Path::new("/go/src/x/x.go");
        for path in ["/w/a.go", "/w/none.go", "/go/VERSION", "/go/src/x/x.go"] {
            let _ = recorder.read(Path::new(path));
            recorder.is_file(Path::new(path));
        }
        recorder.read_dir(Path::new("/w")).unwrap();
        let manifest = recorder.manifest();
        assert!(manifest.holds(&*memory("package a")));
        assert!(!manifest.holds(&*memory("package b")));
        let mut more = (*memory("package a")).clone();
        more.insert("/w/b.go", "");
        assert!(!manifest.holds(&more), "a file came into the folder");
        let mut go_changed = (*memory("package a")).clone();
        go_changed.insert(go, "changed");
        assert!(manifest.holds(&go_changed), "a release does not change");
        go_changed.insert("/go/VERSION", "go1.27.4");
        assert!(!manifest.holds(&go_changed));
        let replay = manifest.replay(memory("package b"));
        assert_eq!(replay.read(Path::new("/w/a.go")).unwrap(), b"package a");
        assert!(replay.read(Path::new("/w/none.go")).is_err());
        assert_eq!(replay.read(go).unwrap(), b"package x");
    }
}
