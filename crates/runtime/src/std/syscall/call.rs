//! A system call as Go code makes it: a number and six words.

use libc::{c_int, c_long};
use std::ffi::CStr;

/// The least address that anything can have: what is below is a nil pointer, or a field of one.
const LEAST_ADDRESS: u64 = 4096;

/// Number and arguments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub number: c_long,
    pub args: [u64; 6],
}

impl Call {
    pub(super) fn fd(&self) -> c_int {
        self.args[0] as c_int
    }

    /// An argument that is an `int`.
    pub(super) fn int(&self, i: usize) -> c_int {
        self.args[i] as c_int
    }

    /// Makes the call.
    ///
    /// # Safety
    /// The arguments are what the kernel expects; pointers are valid.
    pub(super) unsafe fn make(&self) -> Result<u64, c_int> {
        let [a, b, c, d, e, f] = self.args;
        // SAFETY: as the caller says.
        let result = unsafe { libc::syscall(self.number, a, b, c, d, e, f) };
        if result == -1 { Err(errno()) } else { Ok(result as u64) }
    }

    /// The same with another descriptor.
    pub(super) fn with_fd(&self, fd: c_int) -> Call {
        self.with(0, fd as u64)
    }

    /// The same with another argument.
    pub(super) fn with(&self, i: usize, arg: u64) -> Call {
        let mut call = *self;
        call.args[i] = arg;
        call
    }

    /// A pointer argument that is not nil.
    ///
    /// # Errors
    /// `EFAULT` if it is.
    pub(super) fn pointer<T>(&self, i: usize) -> Result<*mut T, c_int> {
        if self.args[i] < LEAST_ADDRESS { Err(libc::EFAULT) } else { Ok(self.args[i] as *mut T) }
    }

    /// A C string argument.
    ///
    /// # Errors
    /// `EFAULT` if the pointer is nil.
    ///
    /// # Safety
    /// It is nil or a C string that outlives `'a`.
    pub(super) unsafe fn text<'a>(&self, i: usize) -> Result<&'a CStr, c_int> {
        // SAFETY: as the caller says.
        Ok(unsafe { CStr::from_ptr(self.pointer(i)?) })
    }

    /// A buffer argument and its length, which follows it.
    ///
    /// # Errors
    /// `EFAULT` if the pointer is nil and the length is not 0.
    ///
    /// # Safety
    /// If it is not nil, so many bytes are valid and nothing else uses them.
    pub(super) unsafe fn buffer<'a>(&self, i: usize) -> Result<&'a mut [u8], c_int> {
        // SAFETY: as the caller says.
        unsafe { bytes(self.args[i], self.args[i + 1]) }
    }

    /// Stores what a pointer argument is for.
    ///
    /// # Errors
    /// `EFAULT` if it is nil.
    ///
    /// # Safety
    /// It is nil or has room for the value.
    pub(super) unsafe fn store<T>(&self, i: usize, value: T) -> Result<(), c_int> {
        // SAFETY: as the caller says.
        unsafe { self.pointer::<T>(i)?.write_unaligned(value) };
        Ok(())
    }
}

/// `len` bytes at an address.
///
/// # Errors
/// `EFAULT` if the address is nil and there are any.
///
/// # Safety
/// If it is not nil, the bytes are valid and nothing else uses them.
pub(super) unsafe fn bytes<'a>(at: u64, len: u64) -> Result<&'a mut [u8], c_int> {
    match (at, len) {
        (_, 0) => Ok(&mut []),
        (..LEAST_ADDRESS, _) => Err(libc::EFAULT),
        // SAFETY: as the caller says.
        _ => Ok(unsafe { std::slice::from_raw_parts_mut(at as *mut u8, len as usize) }),
    }
}

/// The error of the last call.
pub(super) fn errno() -> c_int {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}
