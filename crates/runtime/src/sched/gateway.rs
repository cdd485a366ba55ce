//! System calls of an isolate: its only access to the operating system.
//!
//! An isolate has its own table of descriptors: 0 to 2 are what the host gave, others come from calls that were allowed.
//! Nothing else in the runtime makes a system call on behalf of Go code.

use crate::sched::caught::{Aside, stream_call};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};

/// What an isolate may ask of the system. All is refused that is not granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Everything, as the command line grants it: descriptors are the process's.
    pub all: bool,
    /// Opening files for reading.
    pub read_files: bool,
    /// Creating and changing files.
    pub write_files: bool,
    /// Sockets.
    pub network: bool,
    /// Starting processes.
    pub processes: bool,
    /// `unsafe.Pointer` in user code.
    pub unsafe_pointers: bool,
}

impl Capabilities {
    /// Every right: what a command of its own has.
    pub fn everything() -> Capabilities {
        Capabilities {
            all: true,
            read_files: true,
            write_files: true,
            network: true,
            processes: true,
            unsafe_pointers: true,
        }
    }
}

/// What stands behind a descriptor.
pub enum Descriptor {
    /// The process's descriptor with this number.
    Process(i32),
    /// A file that the isolate has opened; closed with it.
    Opened(OwnedFd),
    /// A reader of the host.
    Reader(Box<dyn Read + Send>),
    /// A writer of the host.
    Writer(Box<dyn Write + Send>),
}

impl Descriptor {
    /// The process's number of it; none for a reader or writer of the host.
    pub fn process_fd(&self) -> Option<i32> {
        match self {
            Descriptor::Process(fd) => Some(*fd),
            Descriptor::Opened(fd) => Some(fd.as_raw_fd()),
            Descriptor::Reader(_) | Descriptor::Writer(_) => None,
        }
    }
}

/// An isolate's descriptors and rights.
pub struct Gateway {
    /// What is allowed.
    pub capabilities: Capabilities,
    descriptors: Vec<Option<Descriptor>>,
    /// Where streams of the host run.
    aside: Aside,
}

impl Gateway {
    /// A gateway whose descriptors 0 to 2 are given; it calls streams of the host through `aside`.
    pub(super) fn new(capabilities: Capabilities, stdio: [Descriptor; 3], aside: Aside) -> Gateway {
        Gateway { capabilities, descriptors: stdio.into_iter().map(Some).collect(), aside }
    }

    /// Descriptors 0 to 2 of the process.
    pub fn process_stdio() -> [Descriptor; 3] {
        [0, 1, 2].map(Descriptor::Process)
    }

    /// What stands behind `fd`.
    pub fn descriptor(&mut self, fd: i32) -> Option<&mut Descriptor> {
        self.descriptors.get_mut(usize::try_from(fd).ok()?)?.as_mut()
    }

    /// Adds a descriptor and returns its number, the lowest free one.
    pub fn add(&mut self, descriptor: Descriptor) -> i32 {
        let free = self.descriptors.iter().position(Option::is_none);
        let fd = free.unwrap_or_else(|| {
            self.descriptors.push(None);
            self.descriptors.len() - 1
        });
        self.descriptors[fd] = Some(descriptor);
        fd as i32
    }

    /// Removes a descriptor.
    pub fn close(&mut self, fd: i32) -> Option<Descriptor> {
        self.descriptors.get_mut(usize::try_from(fd).ok()?)?.take()
    }

    /// `write(2)`.
    ///
    /// # Errors
    /// The error number.
    pub fn write(&mut self, fd: i32, bytes: &[u8]) -> Result<usize, i32> {
        let aside = self.aside;
        match self.descriptor(fd).ok_or(libc::EBADF)? {
            Descriptor::Writer(w) => {
                let write = || w.write_all(bytes).and_then(|()| w.flush()).map(|()| bytes.len());
                stream_call(aside, bytes.len(), write).map_err(|e| errno_of(&e))
            }
            other => {
                let fd = other.process_fd().ok_or(libc::EBADF)?;
                // SAFETY: `bytes` is valid for its length.
                let n = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
                usize::try_from(n).map_err(|_| last_errno())
            }
        }
    }

    /// `read(2)`.
    ///
    /// # Errors
    /// The error number.
    pub fn read(&mut self, fd: i32, into: &mut [u8]) -> Result<usize, i32> {
        let aside = self.aside;
        match self.descriptor(fd).ok_or(libc::EBADF)? {
            Descriptor::Reader(r) => stream_call(aside, into.len(), || r.read(into)).map_err(|e| errno_of(&e)),
            other => {
                let fd = other.process_fd().ok_or(libc::EBADF)?;
                // SAFETY: `into` is valid for its length.
                let n = unsafe { libc::read(fd, into.as_mut_ptr().cast(), into.len()) };
                usize::try_from(n).map_err(|_| last_errno())
            }
        }
    }

    /// Writes all of `bytes` to standard error, as far as it takes them.
    pub fn write_err(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match self.write(2, bytes) {
                Ok(n) if n > 0 => bytes = &bytes[n.min(bytes.len())..],
                Err(libc::EINTR) => {}
                _ => return,
            }
        }
    }
}

fn last_errno() -> i32 {
    errno_of(&io::Error::last_os_error())
}

fn errno_of(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}
