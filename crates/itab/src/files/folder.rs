//! A folder of the system that is only read.

use crate::files::{Entry, FileInfo, Files, Open, OpenFile};
use itab_runtime::sched::gateway::beneath;
use itab_runtime::sched::gateway::rights::Folder;
use std::ffi::CString;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

/// A folder of the system as a file system that is only read. Names stay below the folder, whatever links say.
///
/// Without an [`Overlay`](crate::files::Overlay) on it, granting the folder itself
/// ([`IsolateOptions::read_below`](crate::IsolateOptions::read_below)) is simpler and faster.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use itab::files::{Files, FolderFiles};
/// let mut files = FolderFiles::open(env!("CARGO_MANIFEST_DIR"))?;
/// assert!(files.info("src/lib.rs")?.len > 0);
/// assert!(files.info("../../Cargo.toml").is_err());
/// # Ok(())
/// # }
/// ```
pub struct FolderFiles(Folder);

impl FolderFiles {
    /// The files below a folder.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn open(path: impl AsRef<Path>) -> io::Result<FolderFiles> {
        Folder::open(path.as_ref()).map(FolderFiles)
    }

    fn file(&self, name: &str, flags: i32) -> io::Result<File> {
        let name = CString::new(name)?;
        let opened = beneath::open(self.0.fd(), &name, flags, 0);
        opened.map(File::from).map_err(io::Error::from_raw_os_error)
    }
}

fn info_of(meta: &Metadata) -> io::Result<FileInfo> {
    let (folder, mode) = (meta.is_dir(), meta.mode() & 0o777);
    Ok(FileInfo { folder, len: meta.len(), mode, modified: meta.modified()?, id: meta.ino() })
}

impl Files for FolderFiles {
    fn open(&mut self, name: &str, how: Open) -> io::Result<Box<dyn OpenFile>> {
        if how.write || how.create || how.truncate {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        Ok(Box::new(Opened(self.file(name, libc::O_RDONLY | libc::O_NONBLOCK)?)))
    }

    fn info(&mut self, name: &str) -> io::Result<FileInfo> {
        info_of(&self.file(name, libc::O_PATH)?.metadata()?)
    }

    fn entries(&mut self, folder: &str) -> io::Result<Vec<Entry>> {
        let open = self.file(folder, libc::O_RDONLY | libc::O_DIRECTORY)?;
        // The descriptor leads to the folder itself, whatever has become of its name.
        let listed = std::fs::read_dir(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&open)))?;
        let mut all = vec![];
        for entry in listed {
            // A name that is not UTF-8 is not there, as no name could lead to it.
            let Ok(name) = entry?.file_name().into_string() else { continue };
            let below = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            // Neither is what leads out.
            if let Ok(info) = self.info(&below) {
                all.push(Entry { name, folder: info.folder });
            }
        }
        Ok(all)
    }
}

struct Opened(File);

impl OpenFile for Opened {
    fn read_at(&mut self, into: &mut [u8], at: u64) -> io::Result<usize> {
        self.0.read_at(into, at)
    }

    fn info(&mut self) -> io::Result<FileInfo> {
        info_of(&self.0.metadata()?)
    }
}
