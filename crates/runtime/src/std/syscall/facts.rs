//! Calls that tell what every isolate may know, or that there is nothing to know.

use crate::sched::gateway::Gateway;
use crate::std::syscall::call::Call;
use crate::std::syscall::table::Needs;
use libc::c_int;

/// The kernel's own answer.
///
/// # Safety
/// The arguments are valid for the system call.
pub(super) unsafe fn same(_: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    // SAFETY: as the caller says.
    unsafe { call.make() }
}

/// The process's and the thread's number.
///
/// # Safety
/// None: the arguments are not looked at.
pub(super) unsafe fn one(_: &mut Gateway, _: &Call, _: Needs) -> Result<u64, c_int> {
    Ok(1)
}

/// The parent's number.
///
/// # Safety
/// None: the arguments are not looked at.
pub(super) unsafe fn zero(_: &mut Gateway, _: &Call, _: Needs) -> Result<u64, c_int> {
    Ok(0)
}

/// User and group `nobody`.
///
/// # Safety
/// None: the arguments are not looked at.
pub(super) unsafe fn nobody(_: &mut Gateway, _: &Call, _: Needs) -> Result<u64, c_int> {
    Ok(65534)
}

/// The kernel has no such call.
///
/// # Safety
/// None: the arguments are not looked at.
pub(super) unsafe fn absent(_: &mut Gateway, _: &Call, _: Needs) -> Result<u64, c_int> {
    Err(libc::ENOSYS)
}
