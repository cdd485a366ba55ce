//! Pipes, and waiting for and signalling programs that the isolate has started ([`crate::std::forkexec`]).

use crate::sched::gateway::Gateway;
use crate::sched::gateway::descriptor::Descriptor;
use crate::std::syscall::call::{Call, errno};
use crate::std::syscall::table::Needs;
use libc::c_int;
use std::os::fd::{FromRawFd, OwnedFd};

/// # Safety
/// There is room for two numbers.
pub(super) unsafe fn pipe(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let into = call.pointer::<[c_int; 2]>(0)?;
    let mut ends: [c_int; 2] = [-1; 2];
    let flags = call.int(1) & libc::O_NONBLOCK | libc::O_CLOEXEC;
    // SAFETY: room for two numbers.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), flags) } < 0 {
        return Err(errno());
    }
    // SAFETY: the kernel has just made them.
    let [reader, writer] = ends.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    let reader = gateway.add(Descriptor::Pipe(reader))?;
    let writer = gateway.add(Descriptor::Pipe(writer)).inspect_err(|_| {
        let _ = gateway.close(reader);
    });
    // SAFETY: as the caller says.
    unsafe { into.write_unaligned([reader, writer?]) };
    Ok(0)
}

/// The process that `wait4` or `waitid` waits for, if it is one alone.
pub(super) fn awaited(call: &Call) -> Option<c_int> {
    let pid = match call.number {
        libc::SYS_waitid if call.args[0] as libc::idtype_t == libc::P_PID => call.int(1),
        libc::SYS_wait4 => call.int(0),
        _ => -1,
    };
    (pid > 0).then_some(pid)
}

/// # Safety
/// There is room for the answers that are asked for.
pub(super) unsafe fn wait(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let pid = awaited(call).filter(|pid| gateway.children.contains(pid)).ok_or(libc::ECHILD)?;
    // SAFETY: as the caller says.
    let done = unsafe { call.make()? };
    if is_reaped(pid) {
        gateway.children.retain(|p| *p != pid);
    }
    Ok(done)
}

/// Whether there is no such child any more: its number may become another process's.
fn is_reaped(pid: c_int) -> bool {
    let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: a struct of numbers, and room for it.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        libc::waitid(libc::P_PID, pid as libc::id_t, &mut info, options) < 0
    }
}

/// # Safety
/// None: there are no pointers.
pub(super) unsafe fn kill(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    if !gateway.children.contains(&call.int(0)) {
        return Err(libc::EPERM);
    }
    // SAFETY: no pointers.
    unsafe { call.make() }
}
