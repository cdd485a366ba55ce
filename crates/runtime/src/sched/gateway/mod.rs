//! An isolate's only access to the operating system: its rights, its descriptors, the host's files, clock and random
//! numbers.
//!
//! An isolate has its own table of descriptors: 0 to 2 are what the host gave, others come from calls that were allowed.
//! Nothing else in the runtime makes a system call on behalf of Go code. Which call needs which right is a table in
//! [`crate::std::syscall`](../../std/syscall/index.html).

pub mod beneath;
pub mod descriptor;
pub mod files;
pub mod hosts;
pub mod rights;
pub mod sources;

use crate::sched::caught::{Aside, caught, errno_of, host_io, stream_call};
use crate::sched::clock;
use crate::sched::gateway::descriptor::Descriptor;
use crate::sched::gateway::files::Files;
use crate::sched::gateway::hosts::Names;
use crate::sched::gateway::rights::Capabilities;
use crate::sched::gateway::sources::{Clock, Random};
use libc::c_int;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The descriptors of an isolate are numbers below this one. They are descriptors of the process, which needs some too.
const MOST_DESCRIPTORS: usize = 512;

/// What an isolate gets of the system, as the host gives it.
pub struct Grants {
    /// What it may ask for.
    pub capabilities: Capabilities,
    /// Standard input, output and error. The default has no input.
    pub stdio: [Descriptor; 3],
    /// File systems of the host, and the cleaned absolute names of the folders that they are.
    pub mounts: Vec<(PathBuf, Box<dyn Files>)>,
    /// Where relative names of files start; none: where the process is.
    pub folder: Option<PathBuf>,
    /// A clock in place of the system's.
    pub clock: Option<Box<dyn Clock>>,
    /// Random bytes in place of the system's.
    pub random: Option<Box<dyn Random>>,
}

impl Default for Grants {
    fn default() -> Grants {
        Grants {
            capabilities: Capabilities::default(),
            stdio: [Descriptor::Reader(Box::new(io::empty())), Descriptor::Process(1), Descriptor::Process(2)],
            mounts: vec![],
            folder: None,
            clock: None,
            random: None,
        }
    }
}

/// An isolate's descriptors and rights.
pub struct Gateway {
    /// What is allowed.
    pub capabilities: Capabilities,
    /// The host's file systems, and where they are.
    pub mounts: Vec<(PathBuf, Box<dyn Files>)>,
    /// Where relative names of files start.
    pub folder: PathBuf,
    /// What names in [`Capabilities::connect`] stand for.
    pub names: Names,
    /// Processes that the isolate has started and not waited for.
    pub children: Vec<c_int>,
    clock: Option<Box<dyn Clock>>,
    random: Option<Box<dyn Random>>,
    descriptors: Vec<Option<Descriptor>>,
    /// Where code of the host runs.
    aside: Aside,
}

impl Gateway {
    /// A gateway that calls code of the host through `aside`.
    pub(super) fn new(grants: Grants, aside: Aside) -> Gateway {
        let here = || std::env::current_dir().unwrap_or_else(|_| "/".into());
        Gateway {
            capabilities: grants.capabilities,
            folder: grants.folder.unwrap_or_else(here),
            mounts: grants.mounts,
            names: Names::default(),
            children: vec![],
            clock: grants.clock,
            random: grants.random,
            descriptors: grants.stdio.into_iter().map(Some).collect(),
            aside,
        }
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
    ///
    /// # Errors
    /// `EMFILE` if there are too many.
    pub fn add(&mut self, descriptor: Descriptor) -> Result<i32, i32> {
        self.add_from(descriptor, 0)
    }

    /// Adds a descriptor and returns its number, the lowest free one that is not below `least`.
    ///
    /// # Errors
    /// `EMFILE` if there are too many.
    pub fn add_from(&mut self, descriptor: Descriptor, least: usize) -> Result<i32, i32> {
        let free = (least..self.descriptors.len()).find(|i| self.descriptors[*i].is_none());
        let fd = free.unwrap_or_else(|| self.descriptors.len().max(least));
        if fd >= MOST_DESCRIPTORS {
            return Err(libc::EMFILE);
        }
        if fd >= self.descriptors.len() {
            self.descriptors.resize_with(fd + 1, || None);
        }
        self.descriptors[fd] = Some(descriptor);
        Ok(fd as i32)
    }

    /// Removes a descriptor.
    ///
    /// # Errors
    /// `EBADF` if there is none.
    pub fn close(&mut self, fd: i32) -> Result<(), i32> {
        let closed = usize::try_from(fd).ok().and_then(|fd| self.descriptors.get_mut(fd)?.take());
        let closed = closed.ok_or(libc::EBADF)?;
        self.host(|| {
            drop(closed);
            Ok(())
        })
    }

    /// Runs code of the host where it has stack room. Its panic is an error.
    ///
    /// # Errors
    /// The number of its error.
    pub fn host<T>(&self, f: impl FnOnce() -> io::Result<T>) -> Result<T, i32> {
        host_io(self.aside, f).map_err(|e| errno_of(&e))
    }

    /// Calls a file system of the host.
    ///
    /// # Errors
    /// The number of its error.
    pub fn mount<T>(&mut self, mount: usize, f: impl FnOnce(&mut dyn Files) -> io::Result<T>) -> Result<T, i32> {
        let files = &mut *self.mounts[mount].1;
        host_io(self.aside, || f(files)).map_err(|e| errno_of(&e))
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
            Descriptor::Virtual(open) => open.write(aside, bytes),
            Descriptor::Entries(_) => Err(libc::EBADF),
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
            Descriptor::Virtual(open) => open.read(aside, into),
            Descriptor::Entries(_) => Err(libc::EISDIR),
            other => {
                let fd = other.process_fd().ok_or(libc::EBADF)?;
                // SAFETY: `into` is valid for its length.
                let n = unsafe { libc::read(fd, into.as_mut_ptr().cast(), into.len()) };
                usize::try_from(n).map_err(|_| last_errno())
            }
        }
    }

    /// Does something with a file of the host; none if `fd` is something else.
    ///
    /// # Errors
    /// The error number.
    pub(crate) fn virtual_file<T>(
        &mut self,
        fd: i32,
        f: impl FnOnce(&mut descriptor::Virtual, Aside) -> Result<T, i32>,
    ) -> Option<Result<T, i32>> {
        let aside = self.aside;
        match self.descriptor(fd)? {
            Descriptor::Virtual(open) => Some(f(open, aside)),
            _ => None,
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

    /// Nanoseconds of the isolate's clock; never 0.
    pub fn nanotime(&mut self) -> i64 {
        match &mut self.clock {
            None => clock::nanotime(),
            Some(c) => called(self.aside, || c.monotonic()).map_or(1, nanos).max(1),
        }
    }

    /// Seconds and nanoseconds since 1970.
    pub fn walltime(&mut self) -> (i64, i32) {
        match &mut self.clock {
            None => clock::walltime(),
            Some(c) => clock::since_1970(called(self.aside, || c.now()).unwrap_or(SystemTime::UNIX_EPOCH)),
        }
    }

    /// Nothing can run before `until`, by [`Gateway::nanotime`]. Whether the clock is the host's, which has been told.
    pub fn idle(&mut self, until: i64) -> bool {
        let Some(c) = &mut self.clock else { return false };
        called(self.aside, || c.idle(Duration::from_nanos(until.max(0) as u64)));
        true
    }

    /// Whether clock and random numbers are the host's.
    pub fn is_deterministic(&self) -> bool {
        self.clock.is_some() && self.random.is_some()
    }

    /// Whether the clock is the host's.
    pub fn has_clock(&self) -> bool {
        self.clock.is_some()
    }

    /// Fills a buffer with random bytes of the host; whether it gives any.
    pub fn fill_random(&mut self, into: &mut [u8]) -> bool {
        let Some(random) = &mut self.random else { return false };
        called(self.aside, || random.fill(into)).is_some()
    }
}

impl Drop for Gateway {
    /// What is the host's may panic when it is dropped.
    fn drop(&mut self) {
        let ignored = |f: &mut dyn FnMut()| drop(caught(f));
        for d in &mut self.descriptors {
            ignored(&mut || drop(d.take()));
        }
        for mount in self.mounts.drain(..) {
            let mut mount = Some(mount);
            ignored(&mut || drop(mount.take()));
        }
        ignored(&mut || drop(self.clock.take()));
        ignored(&mut || drop(self.random.take()));
    }
}

/// What code of the host answers; none if it panics.
fn called<T>(aside: Aside, f: impl FnOnce() -> T) -> Option<T> {
    let (mut f, mut done) = (Some(f), None);
    aside.run(&mut || done = f.take().and_then(|f| caught(f).ok()));
    done
}

fn nanos(d: Duration) -> i64 {
    i64::try_from(d.as_nanos()).unwrap_or(i64::MAX)
}

fn last_errno() -> i32 {
    errno_of(&io::Error::last_os_error())
}
