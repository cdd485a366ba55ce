//! What an isolate may ask of the system, each right alone.
//!
//! Files are granted by folders. A folder is opened when it is granted, so that what is renamed or replaced afterwards
//! does not change what was granted. A name of a file counts by its text: `.` and `..` are taken out first, the innermost
//! folder that the rest begins with decides, and from there on [`crate::sched::gateway::beneath`] keeps the way below it.

use crate::sched::gateway::hosts::HostPattern;
use libc::c_int;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// What an isolate may ask of the system. All is refused that is not granted.
#[derive(Clone, Debug, Default)]
pub struct Capabilities {
    /// Everything, as the command line grants it: descriptors are the process's, and the other fields do not count.
    pub all: bool,
    /// Folders below which files can be read.
    pub read: Vec<Folder>,
    /// Folders below which files can be created and changed.
    pub write: Vec<Folder>,
    /// Where connections may go.
    pub connect: Vec<HostPattern>,
    /// Where connections and datagrams are taken.
    pub listen: Vec<HostPattern>,
    /// Absolute names of programs that may be started.
    pub run: Vec<PathBuf>,
    /// `unsafe.Pointer` in user code.
    pub unsafe_pointers: bool,
}

impl Capabilities {
    /// Every right: what a command of its own has.
    pub fn everything() -> Capabilities {
        Capabilities { all: true, unsafe_pointers: true, ..Capabilities::default() }
    }

    /// Whether the isolate may have sockets.
    pub fn network(&self) -> bool {
        !self.connect.is_empty() || !self.listen.is_empty()
    }
}

/// A folder that was granted.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Its absolute name, as it was given and as it is without symbolic links.
    names: [PathBuf; 2],
    fd: Arc<OwnedFd>,
}

impl Folder {
    /// Opens a folder. A relative name starts where the process is.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn open(path: &Path) -> io::Result<Folder> {
        let real = path.canonicalize()?;
        let mut how = std::fs::OpenOptions::new();
        how.read(true).custom_flags(libc::O_PATH | libc::O_DIRECTORY);
        let fd = Arc::new(how.open(&real)?.into());
        Ok(Folder { names: [clean(&std::path::absolute(path)?), real], fd })
    }

    /// What of a cleaned absolute name lies below the folder.
    fn rest<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        self.names.iter().find_map(|name| path.strip_prefix(name).ok())
    }

    /// Whether everything below this folder lies below `other`.
    fn is_below(&self, other: &Folder) -> bool {
        self.names[1].starts_with(&other.names[1])
    }

    /// Its descriptor, for names below it.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// What may be done with a file, or with all below a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Reading it.
    pub read: bool,
    /// Changing it.
    pub write: bool,
}

impl Access {
    /// Whether all that `need` has is here.
    pub fn covers(self, need: Access) -> bool {
        (self.read || !need.read) && (self.write || !need.write)
    }
}

/// A name without `.` and `..`, which are taken by the text.
pub fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::ParentDir => {
                out.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    out
}

impl Capabilities {
    /// The innermost granted folder that a cleaned absolute name lies in, what of the name is below it, and what may be
    /// done there.
    pub fn folder_of<'p>(&self, path: &'p Path) -> Option<(&Folder, &'p Path, Access)> {
        let granted = self.read.iter().chain(&self.write).filter_map(|f| f.rest(path).map(|rest| (f, rest)));
        let (folder, rest) = granted.min_by_key(|(_, rest)| rest.components().count())?;
        let covered = |all: &[Folder]| all.iter().any(|f| f.rest(path).is_some() && folder.is_below(f));
        Some((folder, rest, Access { read: covered(&self.read), write: covered(&self.write) }))
    }

    /// Whether a program may be started, by its absolute name.
    ///
    /// # Errors
    /// `EPERM` if not.
    pub fn may_run(&self, path: &[u8]) -> Result<(), c_int> {
        let granted = self.all || self.run.iter().any(|p| p.as_os_str().as_bytes() == path);
        if granted { Ok(()) } else { Err(libc::EPERM) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_by_their_text() {
        for (path, cleaned) in [("/a/b/../c/./d/", "/a/c/d"), ("/../..", "/"), ("/", "/"), ("//a//b", "/a/b")] {
            assert_eq!(clean(Path::new(path)), Path::new(cleaned), "{path}");
        }
    }

    #[test]
    fn the_innermost_folder_decides_and_rights_are_those_of_where_it_really_is() {
        let top = std::env::temp_dir().join(format!("itab-rights-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&top);
        for folder in ["all/inner", "other"] {
            std::fs::create_dir_all(top.join(folder)).unwrap();
        }
        std::os::unix::fs::symlink("../other", top.join("all/link")).unwrap();
        let folder = |name: &str| Folder::open(&top.join(name)).unwrap();
        let rights = Capabilities {
            read: vec![folder("all/inner"), folder("all/link")],
            write: vec![folder("all")],
            ..Capabilities::default()
        };
        let find = |name: &str| {
            let path = top.join(name);
            rights.folder_of(&path).map(|(_, rest, may)| (rest.to_path_buf(), may.read, may.write))
        };
        assert_eq!(find("all/x/y"), Some(("x/y".into(), false, true)));
        assert_eq!(find("all/inner/y"), Some(("y".into(), true, true)));
        assert_eq!(find("all/link/y"), Some(("y".into(), true, false)), "a link leads where writing was not granted");
        assert_eq!(find("other/y"), Some(("y".into(), true, false)));
        assert_eq!(find("allx"), None);
        std::fs::remove_dir_all(&top).unwrap();
    }
}
