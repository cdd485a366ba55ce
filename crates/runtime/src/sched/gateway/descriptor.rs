//! What stands behind an isolate's descriptors.

use crate::sched::caught::{Aside, errno_of, host_io, stream_call};
use crate::sched::gateway::files::{Entry, OpenFile};
use crate::sched::gateway::rights;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};

/// What stands behind a descriptor.
pub enum Descriptor {
    /// The process's descriptor with this number.
    Process(i32),
    /// A file or folder that the isolate has opened below a granted folder, and what it may do with it, or below it.
    Opened(OwnedFd, rights::Access),
    /// A pipe that the isolate has made.
    Pipe(OwnedFd),
    /// A socket that the isolate has made, and whether it was bound to an address that may be listened on.
    Socket(OwnedFd, bool),
    /// A reader of the host.
    Reader(Box<dyn Read + Send>),
    /// A writer of the host.
    Writer(Box<dyn Write + Send>),
    /// A file of the host.
    Virtual(Box<Virtual>),
    /// A folder of the host.
    Entries(Box<Entries>),
}

impl Descriptor {
    /// The process's number of it; none for what is the host's.
    pub fn process_fd(&self) -> Option<i32> {
        match self {
            Descriptor::Process(fd) => Some(*fd),
            Descriptor::Opened(fd, _) | Descriptor::Pipe(fd) | Descriptor::Socket(fd, _) => Some(fd.as_raw_fd()),
            Descriptor::Reader(_) | Descriptor::Writer(_) | Descriptor::Virtual(_) | Descriptor::Entries(_) => None,
        }
    }

    /// The process's number of it, if the isolate has opened it itself and shares it with nobody.
    pub fn own_fd(&self) -> Option<i32> {
        if matches!(self, Descriptor::Process(_)) { None } else { self.process_fd() }
    }
}

/// An open file of the host.
pub struct Virtual {
    /// The file.
    pub file: Box<dyn OpenFile>,
    /// The absolute name that it was opened with.
    pub path: String,
    /// The file system that it is of.
    pub mount: usize,
    /// Position of the next read or write.
    pub at: u64,
    /// Whether every write goes to the end.
    pub append: bool,
    /// What it was opened for.
    pub may: rights::Access,
}

/// An open folder of the host.
pub struct Entries {
    /// The file system that it is of.
    pub mount: usize,
    /// The absolute name that it was opened with.
    pub path: String,
    /// Its entries and how many of them were read; none before the first is.
    pub read: Option<(Vec<Entry>, usize)>,
}

fn errno(e: io::Error) -> i32 {
    errno_of(&e)
}

impl Virtual {
    /// Reads on from where the last read or write ended.
    ///
    /// # Errors
    /// The error number.
    pub(crate) fn read(&mut self, aside: Aside, into: &mut [u8]) -> Result<usize, i32> {
        let n = self.read_at(aside, into, self.at)?;
        self.at = self.at.saturating_add(n as u64);
        Ok(n)
    }

    /// Writes on from where the last read or write ended, or at the end.
    ///
    /// # Errors
    /// The error number.
    pub(crate) fn write(&mut self, aside: Aside, bytes: &[u8]) -> Result<usize, i32> {
        if self.append {
            self.at = self.call(aside, |f| f.info())?.len;
        }
        let n = self.write_at(aside, bytes, self.at)?;
        self.at = self.at.saturating_add(n as u64);
        Ok(n)
    }

    /// Reads from a position.
    ///
    /// # Errors
    /// The error number.
    pub(crate) fn read_at(&mut self, aside: Aside, into: &mut [u8], at: u64) -> Result<usize, i32> {
        if !self.may.read {
            return Err(libc::EBADF);
        }
        stream_call(aside, into.len(), || self.file.read_at(into, at)).map_err(errno)
    }

    /// Writes at a position.
    ///
    /// # Errors
    /// The error number.
    pub(crate) fn write_at(&mut self, aside: Aside, bytes: &[u8], at: u64) -> Result<usize, i32> {
        if !self.may.write {
            return Err(libc::EBADF);
        }
        stream_call(aside, bytes.len(), || self.file.write_at(bytes, at)).map_err(errno)
    }

    /// Calls the file.
    ///
    /// # Errors
    /// The error number.
    pub(crate) fn call<T>(
        &mut self,
        aside: Aside,
        f: impl FnOnce(&mut dyn OpenFile) -> io::Result<T>,
    ) -> Result<T, i32> {
        host_io(aside, || f(&mut *self.file)).map_err(errno)
    }
}
