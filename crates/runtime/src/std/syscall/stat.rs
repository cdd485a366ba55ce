//! What the kernel would say of files that the host makes up.

use crate::sched::clock::since_1970;
use crate::sched::gateway::Gateway;
use crate::sched::gateway::descriptor::Entries;
use crate::sched::gateway::files::FileInfo;
use libc::c_int;
use rustc_hash::FxHasher;
use std::hash::Hasher;
use std::path::Path;

/// `struct stat` of a file with an absolute name.
pub(super) fn of(info: &FileInfo, path: &str) -> libc::stat {
    let (seconds, nanos) = since_1970(info.modified);
    // SAFETY: a struct of numbers.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    let kind = if info.folder { libc::S_IFDIR } else { libc::S_IFREG };
    stat.st_mode = kind | info.mode & 0o7777;
    stat.st_size = i64::try_from(info.len).unwrap_or(i64::MAX);
    stat.st_nlink = 1;
    stat.st_ino = if info.id == 0 { number_of(path) } else { info.id };
    // No device of the system has this number.
    stat.st_dev = u64::MAX;
    stat.st_blksize = 4096;
    stat.st_blocks = stat.st_size / 512;
    (stat.st_atime, stat.st_atime_nsec) = (seconds, nanos.into());
    (stat.st_mtime, stat.st_mtime_nsec) = (seconds, nanos.into());
    (stat.st_ctime, stat.st_ctime_nsec) = (seconds, nanos.into());
    stat
}

/// What the host gave as standard input or output looks like a pipe.
pub(super) fn of_stream() -> libc::stat {
    // SAFETY: a struct of numbers.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    stat.st_mode = libc::S_IFIFO | 0o600;
    stat
}

/// A number that stands for a name.
fn number_of(path: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(path.as_bytes());
    hasher.finish() | 1
}

/// `struct stat` of what has an absolute name in a file system of the host.
///
/// # Errors
/// The error number.
pub(super) fn of_path(gateway: &mut Gateway, mount: usize, path: &str) -> Result<libc::stat, c_int> {
    let name = below(gateway, mount, path).to_owned();
    let info = gateway.mount(mount, |files| files.info(&name))?;
    Ok(of(&info, path))
}

/// What a file system of the host calls what has an absolute name in it.
pub(super) fn below<'p>(gateway: &Gateway, mount: usize, path: &'p str) -> &'p str {
    let rest = Path::new(path).strip_prefix(&gateway.mounts[mount].0).ok();
    rest.and_then(Path::to_str).unwrap_or("")
}

/// Writes as many entries of a folder as there is room for, as `getdents64` does.
///
/// # Errors
/// `EINVAL` if there is no room for one, `EIO` if the host has given a name that is none.
pub(super) fn fill_entries(folder: &mut Entries, into: &mut [u8]) -> Result<u64, c_int> {
    /// Number, offset, length and kind stand before the name.
    const HEAD: usize = 19;
    let Some((all, next)) = &mut folder.read else { return Ok(0) };
    let mut at = 0;
    while let Some(entry) = all.get(*next) {
        let name = entry.name.as_bytes();
        if matches!(name, b"" | b"." | b"..") || name.iter().any(|b| matches!(b, b'/' | 0)) {
            return Err(libc::EIO);
        }
        let len = (HEAD + name.len() + 1).next_multiple_of(8);
        let Some(place) = into.get_mut(at..at + len).filter(|_| len <= usize::from(u16::MAX)) else {
            return if at == 0 { Err(libc::EINVAL) } else { Ok(at as u64) };
        };
        place.fill(0);
        let path = format!("{}/{}", folder.path.trim_end_matches('/'), entry.name);
        place[..8].copy_from_slice(&number_of(&path).to_ne_bytes());
        place[8..16].copy_from_slice(&(*next as u64 + 1).to_ne_bytes());
        place[16..18].copy_from_slice(&(len as u16).to_ne_bytes());
        place[18] = if entry.folder { libc::DT_DIR } else { libc::DT_REG };
        place[HEAD..HEAD + name.len()].copy_from_slice(name);
        *next += 1;
        at += len;
    }
    Ok(at as u64)
}
