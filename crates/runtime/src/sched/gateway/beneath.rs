//! Opening what lies below a folder, and nothing else.
//!
//! The kernel does it where it has `openat2` (Linux 5.6): with `RESOLVE_BENEATH` no `..`, no symbolic link and no folder
//! that is moved meanwhile leads out. Elsewhere [`walk`] does the same step by step. It keeps the descriptors of the folders
//! on the way, follows symbolic links itself, and goes up only by going back to a descriptor that it has come through, so
//! that what others rename meanwhile does not matter.
//!
//! A symbolic link to an absolute name leads out, wherever it points.

use libc::c_int;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// The most symbolic links on one way, as Linux has it.
const MOST_LINKS: usize = 40;

/// Cleared once the kernel has said that it has no `openat2`.
static KERNEL_RESOLVES: AtomicBool = AtomicBool::new(true);

/// `struct open_how` of `openat2`.
#[repr(C)]
struct OpenHow {
    flags: u64,
    mode: u64,
    resolve: u64,
}

fn last_errno() -> c_int {
    io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

fn owned(fd: c_int) -> Result<OwnedFd, c_int> {
    if fd < 0 {
        return Err(last_errno());
    }
    // SAFETY: the kernel has just made it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Opens what `path` names below `folder`; the empty path is the folder itself. `EPERM` if the name leads out.
///
/// # Errors
/// The error number.
pub fn open(folder: BorrowedFd<'_>, path: &CStr, flags: c_int, mode: u32) -> Result<OwnedFd, c_int> {
    let path = if path.is_empty() { c"." } else { path };
    let creates = flags & libc::O_CREAT != 0 || flags & libc::O_TMPFILE == libc::O_TMPFILE;
    let mode = if creates { mode & 0o7777 } else { 0 };
    let flags = flags | libc::O_CLOEXEC;
    if KERNEL_RESOLVES.load(Ordering::Relaxed) {
        match by_kernel(folder, path, flags, mode) {
            Err(libc::ENOSYS) => KERNEL_RESOLVES.store(false, Ordering::Relaxed),
            Err(libc::EXDEV) => return Err(libc::EPERM),
            done => return done,
        }
    }
    walk(folder, path, flags, mode)
}

/// # Errors
/// The error number; `EXDEV` if the name leads out.
fn by_kernel(folder: BorrowedFd<'_>, path: &CStr, flags: c_int, mode: u32) -> Result<OwnedFd, c_int> {
    let resolve = libc::RESOLVE_BENEATH | libc::RESOLVE_NO_MAGICLINKS;
    let how = OpenHow { flags: flags as u32 as u64, mode: mode.into(), resolve };
    loop {
        // SAFETY: a path and a struct of the size that is given.
        let fd = unsafe {
            libc::syscall(libc::SYS_openat2, folder.as_raw_fd(), path.as_ptr(), &raw const how, size_of::<OpenHow>())
        };
        match owned(fd as c_int) {
            // Something was renamed meanwhile.
            Err(libc::EAGAIN) => {}
            done => return done,
        }
    }
}

/// Opens what `path` names below `folder`, one part after the other.
///
/// # Errors
/// The error number; `EPERM` if the name leads out.
fn walk(folder: BorrowedFd<'_>, path: &CStr, flags: c_int, mode: u32) -> Result<OwnedFd, c_int> {
    let start = folder.try_clone_to_owned().map_err(|_| libc::EMFILE)?;
    let mut way = vec![start];
    // What is still to be walked, last part first.
    let mut parts: Vec<Vec<u8>> = vec![];
    push_parts(&mut parts, path.to_bytes())?;
    let mut links = 0;
    while let Some(part) = parts.pop() {
        let last = parts.is_empty();
        let here = way.last().expect("the folder stays").as_raw_fd();
        match &part[..] {
            b"." if !last => continue,
            b".." => {
                way.pop();
                if way.is_empty() {
                    return Err(libc::EPERM);
                }
                if last {
                    parts.push(b".".to_vec());
                }
                continue;
            }
            _ => {}
        }
        let name = CString::new(part).map_err(|_| libc::EINVAL)?;
        let follow = !last || flags & (libc::O_NOFOLLOW | libc::O_EXCL) == 0;
        if let Some(target) = link_target(here, &name).filter(|_| follow) {
            links += 1;
            if links > MOST_LINKS {
                return Err(libc::ELOOP);
            }
            push_parts(&mut parts, &target)?;
            continue;
        }
        let how = if last { flags | libc::O_NOFOLLOW } else { libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW };
        // SAFETY: a descriptor and a name.
        let next = owned(unsafe { libc::openat(here, name.as_ptr(), how | libc::O_CLOEXEC, mode) })?;
        if last {
            return Ok(next);
        }
        way.push(next);
    }
    Err(libc::ENOENT)
}

/// Adds the parts of a path to what is to be walked.
///
/// # Errors
/// `EPERM` for an absolute path, `ENOENT` for an empty one.
fn push_parts(parts: &mut Vec<Vec<u8>>, path: &[u8]) -> Result<(), c_int> {
    match path {
        [] => return Err(libc::ENOENT),
        [b'/', ..] => return Err(libc::EPERM),
        _ => {}
    }
    // A slash at the end asks for a folder.
    let folder = path.ends_with(b"/").then(|| b".".to_vec());
    let named = path.split(|b| *b == b'/').filter(|p| !p.is_empty()).map(<[u8]>::to_vec);
    let mut new: Vec<_> = named.chain(folder).collect();
    new.reverse();
    parts.append(&mut new);
    Ok(())
}

/// Where a symbolic link leads; none if `name` is something else, or nothing.
fn link_target(folder: c_int, name: &CStr) -> Option<Vec<u8>> {
    let mut target = vec![0u8; libc::PATH_MAX as usize];
    // SAFETY: a name, and room for the length that is given.
    let n = unsafe { libc::readlinkat(folder, name.as_ptr(), target.as_mut_ptr().cast(), target.len()) };
    target.truncate(usize::try_from(n).ok()?);
    Some(target)
}

/// The folder that holds what `path` names, and the name in it. The last part is not followed, and it may not exist.
///
/// # Errors
/// The error number; `EPERM` if the name leads out, `EBUSY` for the folder itself, as of a mount point.
pub fn parent(folder: BorrowedFd<'_>, path: &CStr) -> Result<(OwnedFd, CString), c_int> {
    let bytes = path.to_bytes();
    let trimmed = bytes.len() - bytes.iter().rev().take_while(|b| **b == b'/').count();
    let start = bytes[..trimmed].iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
    let (above, name) = (&bytes[..start], &bytes[start..]);
    if matches!(&name[..name.len().min(trimmed - start)], b"" | b"." | b"..") {
        return Err(libc::EBUSY);
    }
    let above = CString::new(above).map_err(|_| libc::EINVAL)?;
    let above = open(folder, &above, libc::O_PATH | libc::O_DIRECTORY, 0)?;
    Ok((above, CString::new(name).map_err(|_| libc::EINVAL)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::fd::AsFd;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    struct Folder(PathBuf);

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn tree(name: &str) -> (Folder, OwnedFd) {
        let top = std::env::temp_dir().join(format!("itab-beneath-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&top);
        fs::create_dir_all(top.join("in/deep/er")).unwrap();
        fs::write(top.join("secret"), "secret").unwrap();
        fs::write(top.join("in/file"), "file").unwrap();
        for (target, link) in [
            ("deep/../file", "in/good"),
            ("../secret", "in/up"),
            ("/etc/passwd", "in/absolute"),
            ("loop", "in/loop"),
            ("deep", "in/folder"),
            ("..", "in/deep/back"),
            ("../..", "in/deep/out"),
            ("new", "in/dangling"),
        ] {
            symlink(target, top.join(link)).unwrap();
        }
        let fd = fs::File::open(top.join("in")).unwrap().into();
        (Folder(top), fd)
    }

    /// What kernel and walk say of a path, both alike.
    fn both(folder: &OwnedFd, path: &str, flags: c_int) -> Result<(), c_int> {
        let path = CString::new(path).unwrap();
        let kernel = by_kernel(folder.as_fd(), &path, flags | libc::O_CLOEXEC, 0);
        let kernel = kernel.map(drop).map_err(|e| if e == libc::EXDEV { libc::EPERM } else { e });
        let walked = walk(folder.as_fd(), &path, flags | libc::O_CLOEXEC, 0).map(drop);
        if kernel != Err(libc::ENOSYS) {
            assert_eq!(walked, kernel, "{path:?} {flags:#x}");
        }
        walked
    }

    #[test]
    fn nothing_leads_out() {
        let (_tree, folder) = tree("out");
        for out in [
            "..",
            "../secret",
            "up",
            "absolute",
            "deep/../../secret",
            "deep/out/in/file",
            "deep/out",
            "folder/../../in",
        ] {
            assert_eq!(both(&folder, out, libc::O_RDONLY), Err(libc::EPERM), "{out}");
        }
        assert_eq!(walk(folder.as_fd(), c"/etc/passwd", libc::O_RDONLY, 0).unwrap_err(), libc::EPERM);
        for inside in
            [".", "file", "good", "deep/er/../../file", "folder/back/file", "folder/er/", "deep/back", "./file"]
        {
            assert_eq!(both(&folder, inside, libc::O_RDONLY), Ok(()), "{inside}");
        }
        for (path, flags, error) in [
            ("loop", libc::O_RDONLY, libc::ELOOP),
            ("file/", libc::O_RDONLY, libc::ENOTDIR),
            ("none", libc::O_RDONLY, libc::ENOENT),
            ("dangling", libc::O_RDONLY, libc::ENOENT),
            ("good", libc::O_RDONLY | libc::O_NOFOLLOW, libc::ELOOP),
            ("file/x", libc::O_RDONLY, libc::ENOTDIR),
        ] {
            assert_eq!(both(&folder, path, flags), Err(error), "{path}");
        }
    }

    #[test]
    fn walking_creates_where_links_lead() {
        let (tree, folder) = tree("create");
        let how = libc::O_CREAT | libc::O_WRONLY | libc::O_CLOEXEC;
        walk(folder.as_fd(), c"dangling", how, 0o600).unwrap();
        assert!(tree.0.join("in/new").exists());
        assert_eq!(walk(folder.as_fd(), c"good", how | libc::O_EXCL, 0o600).unwrap_err(), libc::EEXIST);
        assert_eq!(walk(folder.as_fd(), c"deep/out/new", how, 0o600).unwrap_err(), libc::EPERM);
        assert!(!tree.0.join("new").exists());
    }

    /// A folder that moves out while something below it is opened takes nothing along.
    #[test]
    fn a_race_of_renames_leads_nowhere() {
        let (tree, folder) = tree("race");
        let (a, b) = (tree.0.join("in/deep/er"), tree.0.join("er"));
        let stop = AtomicBool::new(false);
        std::thread::scope(|s| {
            s.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    fs::rename(&a, &b).unwrap();
                    fs::rename(&b, &a).unwrap();
                }
            });
            for _ in 0..5_000 {
                for path in [c"deep/er/../../../secret", c"deep/er/../../secret", c"deep/er/../secret"] {
                    assert!(walk(folder.as_fd(), path, libc::O_RDONLY, 0).is_err());
                    assert!(open(folder.as_fd(), path, libc::O_RDONLY, 0).is_err());
                }
            }
            stop.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn parents_keep_the_last_name() {
        let (_tree, folder) = tree("parent");
        let name = |path: &CStr| parent(folder.as_fd(), path).map(|p| p.1.into_string().unwrap());
        assert_eq!(name(c"deep/x"), Ok("x".into()));
        assert_eq!(name(c"up"), Ok("up".into()));
        assert_eq!(name(c"deep/"), Ok("deep/".into()));
        for own in [c"", c".", c"deep/..", c"deep/."] {
            assert_eq!(name(own), Err(libc::EBUSY), "{own:?}");
        }
        assert_eq!(name(c"deep/out/x"), Err(libc::EPERM));
        assert_eq!(name(c"none/x"), Err(libc::ENOENT));
    }
}
