//! A file system on top of which changes are kept in memory.
//!
//! A file that is written is first copied up. A name that is removed is kept in a list: it hides what the lower file system
//! has under it, also when the name is used again.

use crate::files::{Entry, FileInfo, Files, FolderFiles, MemoryFiles, Open, OpenFile};
use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::SystemTime;

/// Another file system, which is only read; what Go code changes stays in memory.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use itab::files::{MemoryFiles, Overlay};
/// let changes = MemoryFiles::new();
/// let overlay = Overlay::on_folder(env!("CARGO_MANIFEST_DIR"))?.keeping(changes.clone());
/// let options = itab::IsolateOptions::default().mount("/project", overlay);
/// # drop(options);
/// assert!(changes.names().is_empty());
/// # Ok(())
/// # }
/// ```
pub struct Overlay {
    lower: Box<dyn Files>,
    upper: MemoryFiles,
    hidden: BTreeSet<String>,
}

impl Overlay {
    /// On top of another file system.
    pub fn on(lower: impl Files + 'static) -> Overlay {
        Overlay { lower: Box::new(lower), upper: MemoryFiles::new(), hidden: BTreeSet::new() }
    }

    /// On top of a folder of the system.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn on_folder(path: impl AsRef<Path>) -> io::Result<Overlay> {
        FolderFiles::open(path).map(Overlay::on)
    }

    /// Keeps changes there. What is there already lies on top from the beginning.
    pub fn keeping(mut self, changes: MemoryFiles) -> Overlay {
        self.upper = changes;
        self
    }

    /// What the lower file system has under a name, unless it is hidden.
    fn lower_info(&mut self, name: &str) -> io::Result<FileInfo> {
        let mut above = Some(name);
        while let Some(part) = above {
            if self.hidden.contains(part) {
                return Err(ErrorKind::NotFound.into());
            }
            above = part.rsplit_once('/').map(|(parent, _)| parent);
        }
        self.lower.info(name)
    }

    /// Makes the folders in memory that a name is in.
    fn copy_folders_up(&mut self, name: &str) -> io::Result<()> {
        for (at, _) in name.match_indices('/') {
            let folder = &name[..at];
            let info = self.info(folder)?;
            if !info.folder {
                return Err(ErrorKind::NotADirectory.into());
            }
            self.copy_folder_up(folder, info)?;
        }
        Ok(())
    }

    fn copy_folder_up(&mut self, folder: &str, info: FileInfo) -> io::Result<()> {
        if self.upper.info(folder).is_err() {
            self.upper.create_folder(folder, info.mode)?;
            self.upper.set(folder, None, Some(info.modified))?;
        }
        Ok(())
    }

    /// Makes sure that a name is in memory, with all below it.
    fn copy_up(&mut self, name: &str) -> io::Result<()> {
        self.copy_folders_up(name)?;
        let info = self.info(name)?;
        if info.folder {
            self.copy_folder_up(name, info)?;
            for entry in self.entries(name)? {
                self.copy_up(&format!("{name}/{}", entry.name))?;
            }
        } else if self.upper.info(name).is_err() {
            let mut from = self.lower.open(name, Open { read: true, ..Open::default() })?;
            let how = Open { write: true, create: true, mode: info.mode, ..Open::default() };
            let mut to = self.upper.open(name, how)?;
            let (mut buffer, mut at) = (vec![0; 64 << 10], 0);
            loop {
                let n = from.read_at(&mut buffer, at)?.min(buffer.len());
                if n == 0 {
                    break;
                }
                to.write_at(&buffer[..n], at)?;
                at += n as u64;
            }
            self.upper.set(name, None, Some(info.modified))?;
        }
        Ok(())
    }
}

impl Files for Overlay {
    fn open(&mut self, name: &str, how: Open) -> io::Result<Box<dyn OpenFile>> {
        if self.upper.info(name).is_ok() {
            return self.upper.open(name, how);
        }
        match self.lower_info(name) {
            Ok(_) if how.create && how.exclusive => Err(ErrorKind::AlreadyExists.into()),
            Ok(_) if how.write || how.truncate => {
                self.copy_up(name)?;
                self.upper.open(name, how)
            }
            Ok(_) => self.lower.open(name, Open { create: false, ..how }),
            Err(e) if e.kind() == ErrorKind::NotFound && how.create => {
                self.copy_folders_up(name)?;
                self.upper.open(name, how)
            }
            Err(e) => Err(e),
        }
    }

    fn info(&mut self, name: &str) -> io::Result<FileInfo> {
        match self.upper.info(name) {
            // The numbers of both file systems are kept apart.
            Ok(info) if !name.is_empty() => Ok(FileInfo { id: info.id | 1 << 63, ..info }),
            _ => self.lower_info(name),
        }
    }

    fn entries(&mut self, folder: &str) -> io::Result<Vec<Entry>> {
        let mut all = self.upper.entries(folder).unwrap_or_default();
        if !self.info(folder)?.folder {
            return Err(ErrorKind::NotADirectory.into());
        }
        if self.lower_info(folder).is_ok_and(|info| info.folder) {
            for entry in self.lower.entries(folder)? {
                let name = if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
                if !self.hidden.contains(&name) && all.iter().all(|e| e.name != entry.name) {
                    all.push(entry);
                }
            }
        }
        Ok(all)
    }

    fn create_folder(&mut self, name: &str, mode: u32) -> io::Result<()> {
        if self.info(name).is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        self.copy_folders_up(name)?;
        self.upper.create_folder(name, mode)
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        if self.info(name)?.folder && !self.entries(name)?.is_empty() {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        if self.upper.info(name).is_ok() {
            self.upper.remove(name)?;
        }
        self.hidden.insert(name.into());
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.copy_up(from)?;
        self.copy_folders_up(to)?;
        match (self.info(from)?.folder, self.info(to)) {
            (_, Err(_)) | (false, Ok(FileInfo { folder: false, .. })) => {}
            (true, Ok(FileInfo { folder: true, .. })) if self.entries(to)?.is_empty() => {}
            (true, Ok(FileInfo { folder: true, .. })) => return Err(ErrorKind::DirectoryNotEmpty.into()),
            (false, Ok(_)) => return Err(ErrorKind::IsADirectory.into()),
            (true, Ok(_)) => return Err(ErrorKind::NotADirectory.into()),
        }
        self.upper.rename(from, to)?;
        self.hidden.insert(from.into());
        if from != to {
            self.hidden.insert(to.into());
        }
        Ok(())
    }

    fn set(&mut self, name: &str, mode: Option<u32>, modified: Option<SystemTime>) -> io::Result<()> {
        if !name.is_empty() {
            if self.info(name)?.folder { self.copy_folders_up(&format!("{name}/"))? } else { self.copy_up(name)? }
        }
        self.upper.set(name, mode, modified)
    }
}
