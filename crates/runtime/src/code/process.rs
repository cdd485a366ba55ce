//! The process: how much stack is left, and ending the process.

use std::ffi::c_int;

/// What the first thread may use of its stack, if the system lets it grow to twice that.
#[cfg(target_env = "gnu")]
const MAIN_STACK: usize = 4 << 20;

/// How many bytes of stack are left, if that is known without reading the system's list of mappings, which it generates
/// again for each query about the first thread. The stack of that thread begins below its arguments and environment;
/// the other half is left for those.
pub fn stack_left() -> Option<usize> {
    #[cfg(target_env = "gnu")]
    {
        unsafe extern "C" {
            static __libc_stack_end: *const u8;
        }
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `limit` is what the system fills in; the C library sets its variable before anything runs.
        let (known, top) = unsafe { (libc::getrlimit(libc::RLIMIT_STACK, &mut limit) == 0, __libc_stack_end.addr()) };
        let used = top.wrapping_sub((&raw const limit).addr());
        let room = known && limit.rlim_cur >= 2 * MAIN_STACK as u64 && used < MAIN_STACK;
        return room.then(|| MAIN_STACK - used);
    }
    #[allow(unreachable_code)]
    None
}

/// Ends the process at once. Nothing is dropped, and nothing runs that was to run at its end: the system takes memory
/// back sooner than an allocator that frees it page by page.
pub fn exit(code: c_int) -> ! {
    // SAFETY: it does not return.
    unsafe { libc::_exit(code) }
}
