//! Starting processes: all that happens between fork and exec is here, so that no Go code runs in a child.
//!
//! The child is a copy of a process with several threads. Until it becomes another program it only makes system calls and
//! touches memory that the parent prepared.

use crate::sched::gateway::Gateway;
use crate::sched::gateway::rights::clean;
use crate::sched::isolate;
use crate::std::native::natives;
use itab_abi::block::IsolateBlock;
use itab_abi::shared::ForkRequest;
use libc::c_int;
use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

natives! {
    /// `func startRequested(r *request) (pid int, err Errno)`
    "syscall.startRequested" = fn start_requested(block, r: *mut ForkRequest) -> (i64, usize) {
        // SAFETY: the overlay's request lives as long as the call.
        match unsafe { start(block, r) } {
            Ok(pid) => (i64::from(pid), 0),
            Err(e) => (0, e as usize),
        }
    }
}

/// # Safety
/// `block` belongs to the isolate that runs on this thread; `request` is the overlay's request, whose strings end with
/// zero, whose lists of strings end with nil, and whose other pointers are nil or valid.
unsafe fn start(block: *mut IsolateBlock, request: *mut ForkRequest) -> Result<c_int, c_int> {
    // SAFETY: as the caller says. The child calls only what may be
    // called between fork and exec.
    unsafe {
        let gateway = &mut (*isolate::of(block)).gateway;
        let all = gateway.capabilities.all;
        let r = &mut *request;
        let folder = if all { None } else { Some(check(gateway, r)?) };
        if let Some(folder) = &folder {
            r.dir = folder.as_ptr();
        }
        let files: &mut [i64] = match r.files.len {
            0 => &mut [],
            n => std::slice::from_raw_parts_mut(r.files.ptr.cast(), n),
        };
        for fd in files.iter_mut().filter(|fd| **fd >= 0).chain([&mut r.pipe]) {
            match gateway.descriptor(*fd as c_int) {
                Some(descriptor) => *fd = i64::from(descriptor.process_fd().ok_or(libc::EBADF)?),
                None if all => {}
                None => return Err(libc::EBADF),
            }
        }
        // No handler of ours may run in the child.
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let pid = libc::fork();
        if pid == 0 {
            child(r, files, &before);
        }
        let error = std::io::Error::last_os_error().raw_os_error();
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        if pid < 0 {
            return Err(error.unwrap_or(libc::EAGAIN));
        }
        if folder.is_some() {
            gateway.children.push(pid);
        }
        Ok(pid)
    }
}

/// Whether an isolate that has not all rights may start a program; the folder that it starts in.
///
/// # Errors
/// `EPERM` if not.
///
/// # Safety
/// As [`start`].
unsafe fn check(gateway: &Gateway, r: &ForkRequest) -> Result<CString, c_int> {
    // SAFETY: as the caller says: C strings, or nil.
    unsafe {
        gateway.capabilities.may_run(CStr::from_ptr(r.argv0).to_bytes())?;
        if !r.chroot.is_null() || !r.credential.is_null() || r.foreground || r.setctty || r.noctty {
            return Err(libc::EPERM);
        }
        let mut folder = gateway.folder.clone();
        if !r.dir.is_null() {
            folder = clean(&folder.join(OsStr::from_bytes(CStr::from_ptr(r.dir).to_bytes())));
            gateway.capabilities.folder_of(&folder).ok_or(libc::EPERM)?;
        }
        CString::new(folder.into_os_string().into_vec()).map_err(|_| libc::EINVAL)
    }
}

/// Errors of the child go through the pipe, as one word.
///
/// # Safety
/// Called in a child that has just been forked, with a request as [`start`] wants it.
unsafe fn child(r: &ForkRequest, files: &mut [i64], mask: &libc::sigset_t) -> ! {
    // SAFETY: as the caller says; only calls that are allowed between fork and exec.
    unsafe {
        if prepare(r, files, mask) {
            libc::execve(r.argv0, r.argv, r.envv);
        }
        let error = *libc::__errno_location() as u64;
        // The pipe's number may have changed: `prepare` keeps it above the child's own.
        libc::write(PIPE, (&raw const error).cast(), 8);
        libc::_exit(253)
    }
}

/// Where the child has the pipe. Written in the child only.
static mut PIPE: c_int = -1;

/// Whether all was done; else `errno` tells why not.
///
/// # Safety
/// As [`child`].
unsafe fn prepare(r: &ForkRequest, files: &mut [i64], mask: &libc::sigset_t) -> bool {
    let ok = |result: c_int| result >= 0;
    // SAFETY: as the caller says; the child has one thread, and only calls that are allowed between fork and exec are
    // made.
    unsafe {
        PIPE = r.pipe as c_int;
        for signal in 1..65 {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &mut action);
            // What the program ignores stays ignored, but for what Rust ignores in every program.
            if action.sa_sigaction != libc::SIG_IGN || signal == libc::SIGPIPE {
                action.sa_sigaction = libc::SIG_DFL;
                action.sa_flags = 0;
                libc::sigaction(signal, &action, std::ptr::null_mut());
            }
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, mask, std::ptr::null_mut());
        let done = (!r.setsid || ok(libc::setsid()))
            && (!(r.setpgid || r.foreground) || ok(libc::setpgid(0, r.pgid as c_int)))
            && (!r.foreground || {
                let group = if r.pgid == 0 { libc::getpid() } else { r.pgid as c_int };
                ok(libc::ioctl(r.ctty as c_int, libc::TIOCSPGRP, &raw const group))
            })
            && (r.chroot.is_null() || ok(libc::chroot(r.chroot)))
            && identity(r)
            && (r.dir.is_null() || ok(libc::chdir(r.dir)))
            && (r.pdeathsig == 0 || ok(libc::prctl(libc::PR_SET_PDEATHSIG, r.pdeathsig)))
            && descriptors(files);
        done && (!r.noctty || ok(libc::ioctl(0, libc::TIOCNOTTY)))
            && (!r.setctty || ok(libc::ioctl(r.ctty as c_int, libc::TIOCSCTTY, 1)))
    }
}

/// Sets groups and user, if the request has a credential.
///
/// # Safety
/// As [`child`].
unsafe fn identity(r: &ForkRequest) -> bool {
    // SAFETY: as the caller says: a credential, or nil. The calls are this thread's alone, as they are not libc's
    // functions.
    unsafe {
        let Some(c) = r.credential.as_ref() else { return true };
        let groups = if c.groups.len == 0 { std::ptr::null() } else { c.groups.ptr.cast_const() };
        (c.no_set_groups || libc::syscall(libc::SYS_setgroups, c.groups.len, groups) >= 0)
            && libc::syscall(libc::SYS_setgid, c.gid) >= 0
            && libc::syscall(libc::SYS_setuid, c.uid) >= 0
    }
}

/// Puts descriptor `files[i]` at `i`; -1 closes `i`.
///
/// # Safety
/// As [`child`]: what descriptors were is lost.
unsafe fn descriptors(files: &mut [i64]) -> bool {
    // SAFETY: system calls on numbers.
    unsafe {
        // First out of the way what would be overwritten, and the pipe.
        let mut next = files.len() as c_int;
        for &fd in files.iter() {
            next = next.max(fd as c_int + 1);
        }
        let moved = libc::fcntl(PIPE, libc::F_DUPFD_CLOEXEC, next);
        if moved < 0 {
            return false;
        }
        PIPE = moved;
        for (i, fd) in files.iter_mut().enumerate() {
            if *fd >= 0 && *fd < i as i64 {
                let to = libc::fcntl(*fd as c_int, libc::F_DUPFD_CLOEXEC, next);
                if to < 0 {
                    return false;
                }
                *fd = i64::from(to);
            }
        }
        for (i, &fd) in files.iter().enumerate() {
            let i = i as c_int;
            let done = match fd {
                -1 => {
                    libc::close(i);
                    0
                }
                fd if fd == i64::from(i) => libc::fcntl(i, libc::F_SETFD, 0),
                fd => libc::dup2(fd as c_int, i),
            };
            if done < 0 {
                return false;
            }
        }
        true
    }
}
