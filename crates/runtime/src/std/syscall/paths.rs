//! Calls that name files.
//!
//! A name leads to a folder that was granted, and stays below it ([`beneath`]); to a file system of the host; or to nothing,
//! which is `EPERM`. Calls for which the kernel has no way to stay below a folder are made on a descriptor of the file, or
//! of the folder that it is in.
//!
//! `/dev/null` is everybody's, and `/etc/hosts` is made up for isolates that may connect to names.

use crate::sched::gateway::Gateway;
use crate::sched::gateway::beneath;
use crate::sched::gateway::descriptor::{Descriptor, Entries, Virtual};
use crate::sched::gateway::files::{FileInfo, Open, OpenFile};
use crate::sched::gateway::rights::{Access, clean};
use crate::std::syscall::call::{Call, errno};
use crate::std::syscall::stat;
use crate::std::syscall::table::Needs;
use libc::c_int;
use std::ffi::{CStr, CString, OsStr};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Where the names of hosts are.
pub(super) const HOSTS: &str = "/etc/hosts";

/// Where a name leads.
enum Place {
    /// Below a folder of the system.
    Real(Real),
    /// To an absolute name in a file system of the host.
    Virtual { mount: usize, path: String },
    /// To the list of hosts.
    Hosts,
}

struct Real {
    dir: OwnedFd,
    rest: CString,
    may: Access,
}

impl Real {
    /// # Errors
    /// `EPERM` if that was not granted.
    fn need(self, needs: Needs) -> Result<Real, c_int> {
        let granted = match needs {
            Needs::Read => self.may.read,
            Needs::Write => self.may.write,
            _ => self.may.read || self.may.write,
        };
        if granted { Ok(self) } else { Err(libc::EPERM) }
    }

    fn open(&self, flags: c_int, mode: u32) -> Result<OwnedFd, c_int> {
        beneath::open(self.dir.as_fd(), &self.rest, flags, mode)
    }

    fn parent(&self) -> Result<(OwnedFd, CString), c_int> {
        beneath::parent(self.dir.as_fd(), &self.rest)
    }
}

/// Where a name leads that starts at a descriptor or, as `AT_FDCWD` says, where relative names start.
fn place(gateway: &mut Gateway, dir: u64, name: &CStr) -> Result<Place, c_int> {
    let text = Path::new(OsStr::from_bytes(name.to_bytes()));
    let slash = name.to_bytes().ends_with(b"/");
    if name.is_empty() {
        return Err(libc::ENOENT);
    }
    if text.is_absolute() || dir as c_int == libc::AT_FDCWD {
        let path = clean(&gateway.folder.join(text));
        return place_of(gateway, &path, slash);
    }
    match gateway.descriptor(dir as c_int).ok_or(libc::EBADF)? {
        Descriptor::Entries(folder) => {
            let path = clean(&Path::new(&folder.path).join(text));
            if path.starts_with(&folder.path) { place_of(gateway, &path, slash) } else { Err(libc::EPERM) }
        }
        Descriptor::Opened(fd, may) => {
            let (dir, may) = (fd.as_fd().try_clone_to_owned().map_err(|_| libc::EMFILE)?, *may);
            Ok(Place::Real(Real { dir, rest: name.to_owned(), may }))
        }
        _ => Err(libc::ENOTDIR),
    }
}

/// Where a cleaned absolute name leads. A slash at its end asks for a folder.
fn place_of(gateway: &mut Gateway, path: &Path, slash: bool) -> Result<Place, c_int> {
    let mounts = gateway.mounts.iter().enumerate();
    let mounted = mounts.filter_map(|(i, (at, _))| path.strip_prefix(at).ok().map(|rest| (i, rest)));
    let mounted = mounted.min_by_key(|(_, rest)| rest.components().count());
    let granted = gateway.capabilities.folder_of(path);
    let depth = |rest: &Path| rest.components().count();
    match (mounted, granted) {
        (Some((mount, rest)), granted) if granted.is_none_or(|(_, other, _)| depth(rest) <= depth(other)) => {
            let path = path.to_str().ok_or(libc::ENOENT)?;
            Ok(Place::Virtual { mount, path: if slash { format!("{path}/") } else { path.into() } })
        }
        (_, Some((folder, rest, may))) => {
            let dir = folder.fd().try_clone_to_owned().map_err(|_| libc::EMFILE)?;
            let mut rest = rest.as_os_str().as_bytes().to_vec();
            if slash && !rest.is_empty() {
                rest.push(b'/');
            }
            Ok(Place::Real(Real { dir, rest: CString::new(rest).map_err(|_| libc::EINVAL)?, may }))
        }
        _ if path == Path::new(HOSTS) && gateway.capabilities.network() => Ok(Place::Hosts),
        _ => Err(libc::EPERM),
    }
}

/// The file system, and what it calls the file; whether the name asks for a folder.
fn named(gateway: &Gateway, mount: usize, path: &str) -> (String, bool) {
    let folder = path.ends_with('/');
    (stat::below(gateway, mount, path).trim_end_matches('/').to_owned(), folder)
}

/// What a name in a file system of the host stands for.
fn info(gateway: &mut Gateway, mount: usize, path: &str) -> Result<FileInfo, c_int> {
    let (name, folder) = named(gateway, mount, path);
    let info = gateway.mount(mount, |files| files.info(&name))?;
    if folder && !info.folder { Err(libc::ENOTDIR) } else { Ok(info) }
}

/// # Safety
/// There is room for the answer.
pub(super) unsafe fn getcwd(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let into = unsafe { call.buffer(0)? };
    let path = gateway.folder.as_os_str().as_bytes();
    let place = into.get_mut(..=path.len()).ok_or(libc::ERANGE)?;
    place[..path.len()].copy_from_slice(path);
    place[path.len()] = 0;
    Ok(path.len() as u64 + 1)
}

/// # Safety
/// The name is a C string.
pub(super) unsafe fn chdir(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let name = unsafe { call.text(0)? };
    let folder = match place(gateway, libc::AT_FDCWD as u64, name)? {
        Place::Real(real) => real.need(needs)?.open(libc::O_PATH | libc::O_DIRECTORY, 0).map(|_| true)?,
        Place::Virtual { mount, path } => info(gateway, mount, &path)?.folder,
        Place::Hosts => false,
    };
    if !folder {
        return Err(libc::ENOTDIR);
    }
    gateway.folder = clean(&gateway.folder.join(OsStr::from_bytes(name.to_bytes())));
    Ok(0)
}

/// # Safety
/// The name is a C string.
pub(super) unsafe fn openat(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let name = unsafe { call.text(1)? };
    let (flags, mode) = (call.int(2), call.args[3] as u32);
    if name == c"/dev/null" {
        let fd = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null").map_err(|_| libc::ENOENT)?;
        return gateway.add(Descriptor::Pipe(fd.into())).map(|fd| fd as u64);
    }
    let opened = match place(gateway, call.args[0], name)? {
        Place::Real(real) => open_real(&real, flags, mode)?,
        Place::Virtual { mount, path } => open_virtual(gateway, mount, path, flags, mode)?,
        Place::Hosts if wanted(flags).write => return Err(libc::EPERM),
        Place::Hosts => {
            let file = Box::new(Text(gateway.names.hosts_file().into_bytes()));
            let may = Access { read: true, write: false };
            let virtual_file = Virtual { file, path: HOSTS.into(), mount: usize::MAX, at: 0, append: false, may };
            Descriptor::Virtual(Box::new(virtual_file))
        }
    };
    gateway.add(opened).map(|fd| fd as u64)
}

/// What opening with these flags needs.
fn wanted(flags: c_int) -> Access {
    let mode = flags & libc::O_ACCMODE;
    let makes = flags & (libc::O_CREAT | libc::O_TRUNC) != 0 || flags & libc::O_TMPFILE == libc::O_TMPFILE;
    Access { read: mode != libc::O_WRONLY, write: mode != libc::O_RDONLY || makes }
}

fn open_real(real: &Real, flags: c_int, mode: u32) -> Result<Descriptor, c_int> {
    const KNOWN: c_int = libc::O_ACCMODE
        | libc::O_CREAT
        | libc::O_EXCL
        | libc::O_TRUNC
        | libc::O_APPEND
        | libc::O_SYNC
        | libc::O_DIRECTORY
        | libc::O_NOFOLLOW
        | libc::O_PATH
        | libc::O_TMPFILE;
    if !real.may.covers(wanted(flags)) {
        return Err(libc::EPERM);
    }
    // A pipe with a name must not hold up the thread.
    let wait = if flags & libc::O_PATH == 0 { libc::O_NONBLOCK } else { 0 };
    Ok(Descriptor::Opened(real.open(flags & KNOWN | wait, mode)?, real.may))
}

fn open_virtual(
    gateway: &mut Gateway,
    mount: usize,
    path: String,
    flags: c_int,
    mode: u32,
) -> Result<Descriptor, c_int> {
    let may = wanted(flags);
    let set = |flag: c_int| flags & flag != 0;
    let create = set(libc::O_CREAT);
    match info(gateway, mount, &path) {
        Ok(_) if create && set(libc::O_EXCL) => return Err(libc::EEXIST),
        Ok(found) if found.folder => {
            let path = path.trim_end_matches('/');
            let path = if path.is_empty() { "/" } else { path };
            let entries = Entries { mount, path: path.into(), read: None };
            return if may.write { Err(libc::EISDIR) } else { Ok(Descriptor::Entries(Box::new(entries))) };
        }
        Ok(_) if set(libc::O_DIRECTORY) => return Err(libc::ENOTDIR),
        Err(e) if e != libc::ENOENT || !create || path.ends_with('/') => return Err(e),
        Ok(_) | Err(_) => {}
    }
    let (name, _) = named(gateway, mount, &path);
    let writes = flags & libc::O_ACCMODE != libc::O_RDONLY;
    let how = Open {
        read: may.read,
        write: writes,
        create,
        exclusive: create && set(libc::O_EXCL),
        truncate: set(libc::O_TRUNC),
        mode: mode & 0o7777,
    };
    let file = gateway.mount(mount, |files| files.open(&name, how))?;
    let may = Access { read: may.read, write: writes };
    let append = set(libc::O_APPEND);
    Ok(Descriptor::Virtual(Box::new(Virtual { file, path, mount, at: 0, append, may })))
}

/// A file that is made up here.
struct Text(Vec<u8>);

impl OpenFile for Text {
    fn read_at(&mut self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let rest = self.0.get(at as usize..).unwrap_or(&[]);
        let n = rest.len().min(into.len());
        into[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }

    fn info(&mut self) -> io::Result<FileInfo> {
        Ok(FileInfo::file(self.0.len() as u64))
    }
}

/// # Safety
/// The name is a C string; there is room for the answer.
pub(super) unsafe fn fstatat(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let name = unsafe { call.text(1)? };
    let answer = match place(gateway, call.args[0], name)? {
        Place::Real(real) => {
            let follow = call.int(3) & libc::AT_SYMLINK_NOFOLLOW == 0;
            let fd = real.need(needs)?.open(libc::O_PATH | if follow { 0 } else { libc::O_NOFOLLOW }, 0)?;
            let into = call.pointer::<libc::stat>(2)?;
            // SAFETY: as the caller says.
            return if unsafe { libc::fstat(fd.as_raw_fd(), into) } < 0 { Err(errno()) } else { Ok(0) };
        }
        Place::Virtual { mount, path } => {
            let found = info(gateway, mount, &path)?;
            stat::of(&found, path.trim_end_matches('/'))
        }
        Place::Hosts => stat::of(&FileInfo::file(gateway.names.hosts_file().len() as u64), HOSTS),
    };
    // SAFETY: as the caller says.
    unsafe { call.store(2, answer)? };
    Ok(0)
}

/// # Safety
/// The name is a C string.
pub(super) unsafe fn faccessat(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let name = unsafe { call.text(1)? };
    let mode = call.int(2);
    let asks = |bit: c_int| mode & bit != 0;
    match place(gateway, call.args[0], name)? {
        Place::Real(real) => {
            let real = real.need(needs)?;
            let fd = real.open(libc::O_PATH, 0)?;
            if asks(libc::W_OK) && !real.may.write || asks(libc::R_OK) && !real.may.read {
                return Err(libc::EACCES);
            }
            let itself = proc_name(&fd);
            // SAFETY: a name.
            let done = unsafe { libc::faccessat(libc::AT_FDCWD, itself.as_ptr(), mode, 0) };
            if done < 0 { Err(errno()) } else { Ok(0) }
        }
        Place::Virtual { mount, path } => {
            let found = info(gateway, mount, &path)?;
            let lacks = |bit: c_int, permission: u32| asks(bit) && found.mode & permission == 0;
            let refused =
                lacks(libc::R_OK, 0o444) || lacks(libc::W_OK, 0o222) || lacks(libc::X_OK, 0o111) && !found.folder;
            if refused { Err(libc::EACCES) } else { Ok(0) }
        }
        Place::Hosts => Ok(0),
    }
}

/// A name of what an open descriptor stands for, for calls that take a name alone.
fn proc_name(fd: &OwnedFd) -> CString {
    CString::new(format!("/proc/self/fd/{}", fd.as_raw_fd())).expect("no zero in it")
}

/// # Safety
/// The name is a C string; there is room for the answer.
pub(super) unsafe fn readlinkat(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let (name, into) = unsafe { (call.text(1)?, call.buffer(2)?) };
    match place(gateway, call.args[0], name)? {
        Place::Real(real) if real.rest.is_empty() => real.need(needs).and(Err(libc::EINVAL)),
        Place::Real(real) => {
            let (dir, last) = real.need(needs)?.parent()?;
            // SAFETY: a name, and room for so much.
            let n = unsafe { libc::readlinkat(dir.as_raw_fd(), last.as_ptr(), into.as_mut_ptr().cast(), into.len()) };
            u64::try_from(n).map_err(|_| errno())
        }
        Place::Virtual { mount, path } => info(gateway, mount, &path).and(Err(libc::EINVAL)),
        Place::Hosts => Err(libc::EINVAL),
    }
}

/// Does something with the last part of a name in its folder.
fn in_parent(real: Real, needs: Needs, f: impl FnOnce(c_int, &CStr) -> c_int) -> Result<u64, c_int> {
    let (dir, last) = real.need(needs)?.parent()?;
    if f(dir.as_raw_fd(), &last) < 0 { Err(errno()) } else { Ok(0) }
}

/// # Safety
/// The name is a C string.
pub(super) unsafe fn mkdirat(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let name = unsafe { call.text(1)? };
    let mode = call.args[2] as u32 & 0o7777;
    match place(gateway, call.args[0], name)? {
        Place::Real(real) if !real.rest.is_empty() => {
            // SAFETY: a name.
            in_parent(real, needs, |dir, last| unsafe { libc::mkdirat(dir, last.as_ptr(), mode) })
        }
        Place::Real(real) => real.need(needs).and(Err(libc::EEXIST)),
        Place::Virtual { mount, path } => match named(gateway, mount, &path).0 {
            name if name.is_empty() => Err(libc::EEXIST),
            name => gateway.mount(mount, |files| files.create_folder(&name, mode)).map(|()| 0),
        },
        Place::Hosts => Err(libc::EPERM),
    }
}

/// # Safety
/// The name is a C string.
pub(super) unsafe fn unlinkat(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let name = unsafe { call.text(1)? };
    let flags = call.int(2) & libc::AT_REMOVEDIR;
    match place(gateway, call.args[0], name)? {
        // SAFETY: a name.
        Place::Real(real) => in_parent(real, needs, |dir, last| unsafe { libc::unlinkat(dir, last.as_ptr(), flags) }),
        Place::Virtual { mount, path } => {
            let found = info(gateway, mount, &path)?;
            match (found.folder, flags != 0) {
                (true, false) => return Err(libc::EISDIR),
                (false, true) => return Err(libc::ENOTDIR),
                _ => {}
            }
            match named(gateway, mount, &path).0 {
                name if name.is_empty() => Err(libc::EBUSY),
                name => gateway.mount(mount, |files| files.remove(&name)).map(|()| 0),
            }
        }
        Place::Hosts => Err(libc::EPERM),
    }
}

/// # Safety
/// The name is a C string.
pub(super) unsafe fn fchmodat(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let name = unsafe { call.text(1)? };
    let mode = call.args[2] as u32 & 0o7777;
    match place(gateway, call.args[0], name)? {
        Place::Real(real) => {
            let fd = real.need(needs)?.open(libc::O_PATH, 0)?;
            let itself = proc_name(&fd);
            // SAFETY: a name.
            let done = unsafe { libc::fchmodat(libc::AT_FDCWD, itself.as_ptr(), mode, 0) };
            if done < 0 { Err(errno()) } else { Ok(0) }
        }
        Place::Virtual { mount, path } => {
            let (name, _) = named(gateway, mount, &path);
            gateway.mount(mount, |files| files.set(&name, Some(mode), None)).map(|()| 0)
        }
        Place::Hosts => Err(libc::EPERM),
    }
}

/// # Safety
/// The name is a C string; the times are nil or two.
pub(super) unsafe fn utimensat(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let name = unsafe { call.text(1)? };
    let times = call.args[2] as *const libc::timespec;
    match place(gateway, call.args[0], name)? {
        Place::Real(real) => {
            let follow = call.int(3) & libc::AT_SYMLINK_NOFOLLOW == 0;
            let real = real.need(needs)?;
            if !follow {
                let flags = libc::AT_SYMLINK_NOFOLLOW;
                // SAFETY: as the caller says.
                let set = |dir, last: &CStr| unsafe { libc::utimensat(dir, last.as_ptr(), times, flags) };
                return in_parent(real, needs, set);
            }
            let fd = real.open(libc::O_PATH, 0)?;
            let itself = proc_name(&fd);
            // SAFETY: as the caller says.
            let done = unsafe { libc::utimensat(libc::AT_FDCWD, itself.as_ptr(), times, 0) };
            if done < 0 { Err(errno()) } else { Ok(0) }
        }
        Place::Virtual { mount, path } => {
            let (name, _) = named(gateway, mount, &path);
            let changed = if call.args[2] == 0 {
                Some(now(gateway))
            } else {
                // SAFETY: as the caller says: the second is the time of change.
                let time = unsafe { call.pointer::<libc::timespec>(2)?.add(1).read_unaligned() };
                match time.tv_nsec {
                    libc::UTIME_OMIT => return Ok(0),
                    libc::UTIME_NOW => Some(now(gateway)),
                    nanos => time_of(time.tv_sec, nanos),
                }
            };
            let changed = Some(changed.ok_or(libc::EINVAL)?);
            gateway.mount(mount, |files| files.set(&name, None, changed)).map(|()| 0)
        }
        Place::Hosts => Err(libc::EPERM),
    }
}

fn now(gateway: &mut Gateway) -> SystemTime {
    let (seconds, nanos) = gateway.walltime();
    time_of(seconds, nanos.into()).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn time_of(seconds: i64, nanos: i64) -> Option<SystemTime> {
    let nanos = Duration::from_nanos(u64::try_from(nanos).ok()?);
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let epoch = SystemTime::UNIX_EPOCH;
    if seconds < 0 { epoch.checked_sub(whole)? } else { epoch.checked_add(whole)? }.checked_add(nanos)
}

/// # Safety
/// The name is a C string.
pub(super) unsafe fn truncate(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let name = unsafe { call.text(0)? };
    let len = u64::try_from(call.args[1] as i64).map_err(|_| libc::EINVAL)?;
    match place(gateway, libc::AT_FDCWD as u64, name)? {
        Place::Real(real) => {
            let fd = real.need(needs)?.open(libc::O_WRONLY | libc::O_NONBLOCK, 0)?;
            std::fs::File::from(fd).set_len(len).map_err(|e| e.raw_os_error().unwrap_or(libc::EIO))?;
            Ok(0)
        }
        Place::Virtual { mount, path } => {
            let (name, _) = named(gateway, mount, &path);
            let how = Open { write: true, ..Open::default() };
            gateway.mount(mount, |files| files.open(&name, how)?.set_len(len)).map(|()| 0)
        }
        Place::Hosts => Err(libc::EPERM),
    }
}

/// Two places for a call that moves or links a file. Where it goes nothing more may be done with it than where it was.
fn both(real: Real, to: Real, needs: Needs) -> Result<[(OwnedFd, CString); 2], c_int> {
    let (from, to) = (real.need(needs)?, to.need(needs)?);
    if !from.may.covers(to.may) {
        return Err(libc::EPERM);
    }
    Ok([from.parent()?, to.parent()?])
}

/// # Safety
/// The names are C strings.
pub(super) unsafe fn renameat(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    let flags = if call.number == libc::SYS_renameat2 { call.args[4] as u32 } else { 0 };
    if flags & !libc::RENAME_NOREPLACE != 0 {
        return Err(libc::EINVAL);
    }
    // SAFETY: as the caller says.
    let (from, to) = unsafe { (call.text(1)?, call.text(3)?) };
    let (from, to) = (place(gateway, call.args[0], from)?, place(gateway, call.args[2], to)?);
    match (from, to) {
        (Place::Real(from), Place::Real(to)) => {
            let [(from_dir, from), (to_dir, to)] = both(from, to, needs)?;
            let call = Call { number: libc::SYS_renameat2, args: [0; 6] }
                .with(0, from_dir.as_raw_fd() as u64)
                .with(1, from.as_ptr() as u64)
                .with(2, to_dir.as_raw_fd() as u64)
                .with(3, to.as_ptr() as u64)
                .with(4, flags.into());
            // SAFETY: descriptors and names.
            unsafe { call.make() }
        }
        (Place::Virtual { mount, path: from }, Place::Virtual { mount: other, path: to }) if mount == other => {
            let replaced = info(gateway, mount, to.trim_end_matches('/')).is_ok();
            let (from, _) = named(gateway, mount, &from);
            let (to, _) = named(gateway, mount, &to);
            if from.is_empty() || to.is_empty() {
                return Err(libc::EBUSY);
            }
            if replaced && flags != 0 {
                return Err(libc::EEXIST);
            }
            if to.strip_prefix(&*from).is_some_and(|rest| rest.starts_with('/')) {
                return Err(libc::EINVAL);
            }
            gateway.mount(mount, |files| files.rename(&from, &to)).map(|()| 0)
        }
        _ => Err(libc::EXDEV),
    }
}

/// # Safety
/// The names are C strings.
pub(super) unsafe fn linkat(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let (from, to) = unsafe { (call.text(1)?, call.text(3)?) };
    if call.int(4) != 0 {
        return Err(libc::EINVAL);
    }
    match (place(gateway, call.args[0], from)?, place(gateway, call.args[2], to)?) {
        (Place::Real(from), Place::Real(to)) => {
            let [(from_dir, from), (to_dir, to)] = both(from, to, needs)?;
            // SAFETY: descriptors and names.
            let done = unsafe { libc::linkat(from_dir.as_raw_fd(), from.as_ptr(), to_dir.as_raw_fd(), to.as_ptr(), 0) };
            if done < 0 { Err(errno()) } else { Ok(0) }
        }
        _ => Err(libc::EPERM),
    }
}

/// A symbolic link may lead only where its maker can follow it. Others, for whom no folder is an end, would follow it too.
///
/// # Safety
/// The names are C strings.
pub(super) unsafe fn symlinkat(gateway: &mut Gateway, call: &Call, needs: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    let (target, name) = unsafe { (call.text(0)?, call.text(2)?) };
    match place(gateway, call.args[1], name)? {
        Place::Real(real) if leads_out(&real.rest, target) => real.need(needs).and(Err(libc::EPERM)),
        Place::Real(real) => {
            // SAFETY: names.
            in_parent(real, needs, |dir, last| unsafe { libc::symlinkat(target.as_ptr(), dir, last.as_ptr()) })
        }
        Place::Virtual { .. } | Place::Hosts => Err(libc::EPERM),
    }
}

/// Whether a link with this name below a folder leads out of it, by the text of both.
fn leads_out(name: &CStr, target: &CStr) -> bool {
    let target = Path::new(OsStr::from_bytes(target.to_bytes()));
    let above = Path::new(OsStr::from_bytes(name.to_bytes())).parent().unwrap_or(Path::new(""));
    let mut depth = 0;
    let way: PathBuf = above.join(target);
    for part in way.components() {
        depth += match part {
            std::path::Component::Normal(_) => 1,
            std::path::Component::ParentDir => -1,
            std::path::Component::CurDir => 0,
            std::path::Component::RootDir | std::path::Component::Prefix(_) => return true,
        };
        if depth < 0 {
            return true;
        }
    }
    false
}
