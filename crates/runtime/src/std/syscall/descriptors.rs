//! Calls on descriptors that the isolate has.
//!
//! What the host gave as standard input and output can be read, written and asked for its kind, no more: its position and
//! flags may be shared.

use crate::sched::gateway::Gateway;
use crate::sched::gateway::descriptor::{Descriptor, Entries};
use crate::std::syscall::call::{Call, bytes};
use crate::std::syscall::stat;
use crate::std::syscall::table::Needs;
use libc::c_int;
use std::os::fd::{AsFd, AsRawFd};

/// # Safety
/// The buffer is valid.
pub(super) unsafe fn read(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    gateway.read(call.fd(), unsafe { call.buffer(1)? }).map(|n| n as u64)
}

/// # Safety
/// The buffer is valid.
pub(super) unsafe fn write(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    gateway.write(call.fd(), unsafe { call.buffer(1)? }).map(|n| n as u64)
}

/// # Safety
/// The vector and its buffers are valid.
pub(super) unsafe fn writev(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    const MOST: u64 = 1024;
    let (at, len) = (call.pointer::<libc::iovec>(1)?, call.args[2]);
    if len > MOST {
        return Err(libc::EINVAL);
    }
    let mut total = 0;
    for i in 0..len as usize {
        // SAFETY: as the caller says.
        let part = unsafe {
            let part = at.add(i).read_unaligned();
            bytes(part.iov_base as u64, part.iov_len as u64)?
        };
        match gateway.write(call.fd(), part) {
            Ok(n) => {
                total += n as u64;
                if n < part.len() {
                    break;
                }
            }
            Err(e) if total == 0 => return Err(e),
            Err(_) => break,
        }
    }
    Ok(total)
}

/// The process's number of a file that the isolate has opened itself.
fn opened(gateway: &mut Gateway, fd: c_int) -> Result<c_int, c_int> {
    gateway.descriptor(fd).ok_or(libc::EBADF)?.own_fd().ok_or(libc::ESPIPE)
}

/// The process's number of a file that the isolate may change.
fn changeable(gateway: &mut Gateway, fd: c_int) -> Result<c_int, c_int> {
    match gateway.descriptor(fd).ok_or(libc::EBADF)? {
        Descriptor::Opened(fd, may) if may.write => Ok(fd.as_raw_fd()),
        _ => Err(libc::EPERM),
    }
}

/// # Safety
/// The buffer is valid.
pub(super) unsafe fn pread(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let into = unsafe { call.buffer(1)? };
    let done = gateway.virtual_file(call.fd(), |file, aside| file.read_at(aside, into, call.args[3]));
    match done {
        Some(done) => done.map(|n| n as u64),
        // SAFETY: as the caller says.
        None => unsafe { call.with_fd(opened(gateway, call.fd())?).make() },
    }
}

/// # Safety
/// The buffer is valid.
pub(super) unsafe fn pwrite(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let from = unsafe { call.buffer(1)? };
    let done = gateway.virtual_file(call.fd(), |file, aside| file.write_at(aside, from, call.args[3]));
    match done {
        Some(done) => done.map(|n| n as u64),
        // SAFETY: as the caller says.
        None => unsafe { call.with_fd(opened(gateway, call.fd())?).make() },
    }
}

/// # Safety
/// None: there are no pointers.
pub(super) unsafe fn lseek(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let (by, whence) = (call.args[1] as i64, call.int(2));
    if let Some(Descriptor::Entries(folder)) = gateway.descriptor(call.fd()) {
        // Only back to the beginning.
        if (by, whence) != (0, libc::SEEK_SET) {
            return Err(libc::EINVAL);
        }
        folder.read = None;
        return Ok(0);
    }
    let moved = gateway.virtual_file(call.fd(), |file, aside| {
        let from = match whence {
            libc::SEEK_SET => 0,
            libc::SEEK_CUR => file.at,
            libc::SEEK_END => file.call(aside, |f| f.info())?.len,
            _ => return Err(libc::EINVAL),
        };
        file.at =
            i64::try_from(from).ok().and_then(|f| f.checked_add(by)).filter(|at| *at >= 0).ok_or(libc::EINVAL)? as u64;
        Ok(file.at)
    });
    match moved {
        Some(moved) => moved,
        // SAFETY: no pointers.
        None => unsafe { call.with_fd(opened(gateway, call.fd())?).make() },
    }
}

/// # Safety
/// None: there are no pointers.
pub(super) unsafe fn close(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    gateway.close(call.fd()).map(|()| 0)
}

/// What an isolate may ask about descriptors.
///
/// # Safety
/// None: commands that take a pointer are refused.
pub(super) unsafe fn fcntl(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    const MINE: c_int = libc::O_NONBLOCK | libc::O_APPEND;
    let descriptor = gateway.descriptor(call.fd()).ok_or(libc::EBADF)?;
    let own = descriptor.own_fd();
    match (call.int(1), descriptor.process_fd()) {
        // SAFETY: this command takes no pointer.
        (libc::F_GETFL, Some(fd)) => unsafe { call.with_fd(fd).make() },
        (libc::F_SETFL, _) if own.is_some() => {
            let fd = own.ok_or(libc::EBADF)?;
            // SAFETY: this command takes no pointer.
            unsafe { call.with_fd(fd).with(2, (call.int(2) & MINE) as u64).make() }
        }
        // The host may share the file, so its flags stay. No program inherits a descriptor unless it is handed to it.
        (libc::F_SETFL | libc::F_SETFD, _) => Ok(0),
        (libc::F_GETFD, _) => Ok(libc::FD_CLOEXEC as u64),
        (libc::F_GETFL, None) => Ok(flags_of(descriptor) as u64),
        (libc::F_DUPFD | libc::F_DUPFD_CLOEXEC, _) => duplicate(gateway, call.fd(), call.int(2)),
        _ => Err(libc::EPERM),
    }
}

/// The flags of what the kernel does not know.
fn flags_of(descriptor: &Descriptor) -> c_int {
    match descriptor {
        Descriptor::Writer(_) => libc::O_WRONLY,
        Descriptor::Virtual(file) if file.may.write => {
            let append = if file.append { libc::O_APPEND } else { 0 };
            append | if file.may.read { libc::O_RDWR } else { libc::O_WRONLY }
        }
        _ => libc::O_RDONLY,
    }
}

/// Another descriptor of the same file, with a number that is not below `least`.
fn duplicate(gateway: &mut Gateway, fd: c_int, least: c_int) -> Result<u64, c_int> {
    let least = usize::try_from(least).map_err(|_| libc::EINVAL)?;
    let again = |fd: &std::os::fd::OwnedFd| fd.as_fd().try_clone_to_owned().map_err(|_| libc::EMFILE);
    let copy = match gateway.descriptor(fd).ok_or(libc::EBADF)? {
        Descriptor::Process(fd) => Descriptor::Process(*fd),
        Descriptor::Opened(fd, may) => Descriptor::Opened(again(fd)?, *may),
        Descriptor::Pipe(fd) => Descriptor::Pipe(again(fd)?),
        Descriptor::Socket(fd, may_listen) => Descriptor::Socket(again(fd)?, *may_listen),
        Descriptor::Entries(f) => {
            Descriptor::Entries(Box::new(Entries { mount: f.mount, path: f.path.clone(), read: None }))
        }
        Descriptor::Reader(_) | Descriptor::Writer(_) | Descriptor::Virtual(_) => return Err(libc::EPERM),
    };
    gateway.add_from(copy, least).map(|fd| fd as u64)
}

/// # Safety
/// There is room for the answer.
pub(super) unsafe fn fstat(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    if let Some(info) = gateway.virtual_file(call.fd(), |file, aside| {
        let info = file.call(aside, |f| f.info())?;
        Ok(stat::of(&info, &file.path))
    }) {
        // SAFETY: as the caller says.
        unsafe { call.store(1, info?)? };
        return Ok(0);
    }
    let answer = match gateway.descriptor(call.fd()).ok_or(libc::EBADF)? {
        Descriptor::Entries(folder) => {
            let (mount, path) = (folder.mount, folder.path.clone());
            stat::of_path(gateway, mount, &path)?
        }
        other => match other.process_fd() {
            // SAFETY: as the caller says.
            Some(fd) => return unsafe { call.with_fd(fd).make() },
            None => stat::of_stream(),
        },
    };
    // SAFETY: as the caller says.
    unsafe { call.store(1, answer)? };
    Ok(0)
}

/// # Safety
/// The buffer is valid.
pub(super) unsafe fn getdents(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let into = unsafe { call.buffer(1)? };
    let (mount, path) = match gateway.descriptor(call.fd()).ok_or(libc::EBADF)? {
        Descriptor::Entries(folder) => (folder.mount, folder.path.clone()),
        Descriptor::Opened(fd, _) => {
            let fd = fd.as_raw_fd();
            // SAFETY: as the caller says.
            return unsafe { call.with_fd(fd).make() };
        }
        _ => return Err(libc::ENOTDIR),
    };
    let unread = matches!(gateway.descriptor(call.fd()), Some(Descriptor::Entries(f)) if f.read.is_none());
    if unread {
        let name = stat::below(gateway, mount, &path).to_owned();
        let all = gateway.mount(mount, |files| files.entries(&name))?;
        if let Some(Descriptor::Entries(folder)) = gateway.descriptor(call.fd()) {
            folder.read = Some((all, 0));
        }
    }
    match gateway.descriptor(call.fd()) {
        Some(Descriptor::Entries(folder)) => stat::fill_entries(folder, into),
        _ => Err(libc::EBADF),
    }
}

/// # Safety
/// None: there are no pointers.
pub(super) unsafe fn ftruncate(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let len = u64::try_from(call.args[1] as i64).map_err(|_| libc::EINVAL)?;
    let done = gateway.virtual_file(call.fd(), |file, aside| {
        if file.may.write { file.call(aside, |f| f.set_len(len)) } else { Err(libc::EINVAL) }
    });
    match done {
        Some(done) => done.map(|()| 0),
        // SAFETY: no pointers.
        None => unsafe { call.with_fd(changeable(gateway, call.fd())?).make() },
    }
}

/// # Safety
/// None: there are no pointers.
pub(super) unsafe fn fsync(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    match gateway.virtual_file(call.fd(), |file, aside| file.call(aside, |f| f.sync())) {
        Some(done) => done.map(|()| 0),
        // SAFETY: no pointers.
        None => unsafe { call.with_fd(opened(gateway, call.fd())?).make() },
    }
}

/// # Safety
/// None: there are no pointers.
pub(super) unsafe fn fchmod(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let mode = call.args[1] as u32 & 0o7777;
    let named = gateway.virtual_file(call.fd(), |file, _| Ok((file.mount, file.path.clone())));
    match named {
        Some(named) => {
            let (mount, path) = named?;
            let name = stat::below(gateway, mount, &path).to_owned();
            gateway.mount(mount, |files| files.set(&name, Some(mode), None)).map(|()| 0)
        }
        // SAFETY: no pointers.
        None => unsafe { call.with_fd(changeable(gateway, call.fd())?).make() },
    }
}
