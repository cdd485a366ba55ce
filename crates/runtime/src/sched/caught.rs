//! Runs code of the host that may panic, and lets no panic unwind out of it.

use itab_abi::block::IsolateBlock;
use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code of the host; the text of its panic, if it panics. Nothing unwinds out of it, a payload whose destructor
/// panics included.
#[inline]
pub(crate) fn caught<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(text_of)
}

/// The text of a panic, whose payload is dropped.
#[cold]
fn text_of(payload: Box<dyn Any + Send>) -> String {
    let text = match payload.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => payload.downcast_ref::<&str>().map_or("host function panicked", |s| s).into(),
    };
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
    text
}

/// Runs something where code of the host has stack room: on the system stack while the isolate's goroutines run.
#[derive(Clone, Copy)]
pub(crate) struct Aside {
    block: *mut IsolateBlock,
    run: unsafe fn(*mut IsolateBlock, &mut dyn FnMut()),
}

impl Aside {
    /// For what belongs to the isolate with this block.
    ///
    /// # Safety
    /// It is used while the isolate is alive, by the thread that uses it. `run` may be called with the block then, and with a
    /// function that catches panics and has no way to the isolate.
    pub(crate) unsafe fn new(block: *mut IsolateBlock, run: unsafe fn(*mut IsolateBlock, &mut dyn FnMut())) -> Aside {
        Aside { block, run }
    }

    /// Runs `f`, which catches panics and has no way to the isolate.
    pub(crate) fn run(self, f: &mut dyn FnMut()) {
        // SAFETY: as was promised when this was made.
        unsafe { (self.run)(self.block, f) };
    }
}

/// Runs code of the host `aside`. Its panic is an error.
pub(crate) fn host_io<T>(aside: Aside, f: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let (mut f, mut done) = (Some(f), None);
    aside.run(&mut || {
        if let Some(f) = f.take() {
            done = Some(caught(f).unwrap_or_else(|text| Err(io::Error::other(text))));
        }
    });
    done.expect("it has run")
}

/// Runs a reader or writer of the host, `aside`. Its panic is an error; what it says of its progress is not believed beyond
/// `most`.
pub(crate) fn stream_call(aside: Aside, most: usize, f: impl FnOnce() -> io::Result<usize>) -> io::Result<usize> {
    match host_io(aside, f) {
        Ok(n) if n > most => Err(io::Error::other("a stream of the host counts more bytes than there are")),
        done => done,
    }
}

/// The error number that Go gets for an error of the host.
pub fn errno_of(error: &io::Error) -> i32 {
    use io::ErrorKind as Kind;
    error.raw_os_error().unwrap_or(match error.kind() {
        Kind::NotFound => libc::ENOENT,
        Kind::AlreadyExists => libc::EEXIST,
        Kind::PermissionDenied => libc::EACCES,
        Kind::NotADirectory => libc::ENOTDIR,
        Kind::IsADirectory => libc::EISDIR,
        Kind::DirectoryNotEmpty => libc::ENOTEMPTY,
        Kind::InvalidInput | Kind::InvalidFilename => libc::EINVAL,
        Kind::ReadOnlyFilesystem => libc::EROFS,
        Kind::StorageFull => libc::ENOSPC,
        Kind::Unsupported => libc::ENOSYS,
        _ => libc::EIO,
    })
}
