//! System calls of Go code: `internal/runtime/syscall/linux.Syscall6`, on which packages syscall and os are built, and
//! the other functions that these packages need from the runtime.
//!
//! An isolate with all rights is a process of its own kind: its calls go to the kernel, except on standard descriptors
//! that the host replaced. Any other isolate has its own descriptors, and a call that is not listed in [`restricted`]
//! fails with `EPERM`. No call that affects the whole process is ever listed.
//!
//! A read or write that would block parks the goroutine while a helper thread waits, if there are other goroutines to
//! run.

use crate::sched::enter;
use crate::sched::exit::StopReason;
use crate::sched::gateway::{Descriptor, Gateway};
use crate::sched::isolate;
use crate::sched::panic;
use crate::sched::proc::wait_for_thread;
use crate::sched::wait_reason::WaitReason;
use crate::std::native::natives;
use itab_abi::block::IsolateBlock;
use itab_abi::types::Kind;
use itab_abi::value::{GoSlice, GoString};
use libc::{c_int, c_long};
use std::ffi::CStr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Number and arguments.
#[derive(Clone, Copy, Debug)]
struct Call {
    number: c_long,
    args: [u64; 6],
}

impl Call {
    fn fd(&self) -> c_int {
        self.args[0] as c_int
    }

    /// Makes the call.
    ///
    /// # Safety
    /// The arguments are what the kernel expects; pointers are valid.
    unsafe fn make(&self) -> Result<u64, c_int> {
        let [a, b, c, d, e, f] = self.args;
        // SAFETY: as the caller says.
        let result = unsafe { libc::syscall(self.number, a, b, c, d, e, f) };
        if result == -1 { Err(errno()) } else { Ok(result as u64) }
    }

    /// The same with another descriptor.
    fn with_fd(&self, fd: c_int) -> Call {
        let mut call = *self;
        call.args[0] = fd as u64;
        call
    }
}

fn errno() -> c_int {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

/// A system call of Go code.
///
/// # Safety
/// Called on behalf of compiled code; pointers among the arguments are valid for what the call does with them.
unsafe fn syscall(block: *mut IsolateBlock, call: Call) -> Result<u64, c_int> {
    // SAFETY: as the caller says; the gateway is not borrowed while the goroutine is parked.
    unsafe {
        if call.number == libc::SYS_exit_group || call.number == libc::SYS_exit {
            enter::stop(block, StopReason::Exit(call.args[0] as i32));
        }
        wait_until_ready(block, &call);
        wait_for_child(block, &call);
        if let Some(result) = open_fifo(block, &call) {
            return result;
        }
        let gateway = &mut (*isolate::of(block)).gateway;
        if let Some(result) = transfer(gateway, &call) {
            return result;
        }
        if gateway.capabilities.all { call.make() } else { restricted(gateway, &call) }
    }
}

/// Parks until a read or write of a process's descriptor can be made.
///
/// # Safety
/// As [`syscall`].
unsafe fn wait_until_ready(block: *mut IsolateBlock, call: &Call) {
    let events = match call.number {
        libc::SYS_read | libc::SYS_readv => libc::POLLIN,
        libc::SYS_write | libc::SYS_writev => libc::POLLOUT,
        _ => return,
    };
    // SAFETY: as the caller says; nothing of the isolate is borrowed while the goroutine is parked.
    unsafe {
        let isolate = isolate::of(block);
        let gateway = &mut (*isolate).gateway;
        let all = gateway.capabilities.all;
        let fd = match gateway.descriptor(call.fd()) {
            Some(Descriptor::Process(fd)) => *fd,
            Some(Descriptor::Opened(fd)) => fd.as_raw_fd(),
            None if all => call.fd(),
            _ => return,
        };
        let busy = (*isolate).sched.goroutines() > 1;
        if !busy || poll(fd, events, 0) || libc::fcntl(fd, libc::F_GETFL) & libc::O_NONBLOCK != 0 {
            return;
        }
        wait_for_thread(block, WaitReason::IoWait, |control, what| {
            let wait = move || {
                poll(fd, events, -1);
                control.complete(what);
            };
            if let Err(_refused) = std::thread::Builder::new().name("go-io".into()).spawn(wait) {
                // Without a thread the call itself blocks.
                (*isolate).control.complete(what);
            }
        });
    }
}

/// Parks until a child has changed its state, for calls that wait for that, if other goroutines have something to do.
///
/// # Safety
/// As [`syscall`].
unsafe fn wait_for_child(block: *mut IsolateBlock, call: &Call) {
    let (kind, id, options) = match call.number {
        libc::SYS_waitid => (call.args[0] as libc::idtype_t, call.args[1] as libc::id_t, call.args[3] as c_int),
        libc::SYS_wait4 => match call.args[0] as i32 {
            -1 => (libc::P_ALL, 0, call.args[2] as c_int | libc::WEXITED),
            pid if pid > 0 => (libc::P_PID, pid as libc::id_t, call.args[2] as c_int | libc::WEXITED),
            _ => return,
        },
        _ => return,
    };
    // SAFETY: as the caller says; nothing of the isolate is borrowed while the goroutine is parked.
    unsafe {
        let isolate = isolate::of(block);
        let may = (*isolate).gateway.capabilities.all && (*isolate).sched.goroutines() > 1;
        if !may || options & libc::WNOHANG != 0 {
            return;
        }
        wait_for_thread(block, WaitReason::Syscall, |control, what| {
            let wait = move || {
                let mut info: libc::siginfo_t = std::mem::zeroed();
                libc::waitid(kind, id, &mut info, options | libc::WNOWAIT);
                control.complete(what);
            };
            if let Err(_refused) = std::thread::Builder::new().name("go-wait".into()).spawn(wait) {
                (*isolate).control.complete(what);
            }
        });
    }
}

/// Opens a pipe that has a name, which waits until its other end is opened, if there are other goroutines to run.
///
/// # Safety
/// As [`syscall`].
unsafe fn open_fifo(block: *mut IsolateBlock, call: &Call) -> Option<Result<u64, c_int>> {
    let [dir, path, flags, mode, ..] = call.args;
    if call.number != libc::SYS_openat || flags as c_int & (libc::O_NONBLOCK | libc::O_PATH) != 0 {
        return None;
    }
    // SAFETY: as the caller says; the result's place belongs to both threads and is only leaked when the isolate stops.
    unsafe {
        let isolate = isolate::of(block);
        let may = (*isolate).gateway.capabilities.all && (*isolate).sched.goroutines() > 1;
        let mut stat: libc::stat = std::mem::zeroed();
        if !may
            || libc::fstatat(dir as c_int, path as *const _, &mut stat, 0) != 0
            || stat.st_mode & libc::S_IFMT != libc::S_IFIFO
        {
            return None;
        }
        let opened = Arc::into_raw(Arc::new(AtomicI64::new(i64::from(-libc::EAGAIN))));
        wait_for_thread(block, WaitReason::Syscall, |control, what| {
            Arc::increment_strong_count(opened);
            let theirs = Arc::from_raw(opened);
            let path = CStr::from_ptr(path as *const _).to_owned();
            let open = move || {
                let fd = libc::openat(dir as c_int, path.as_ptr(), flags as c_int, mode as libc::mode_t);
                theirs.store(if fd < 0 { -i64::from(errno()) } else { i64::from(fd) }, Ordering::Release);
                control.complete(what);
            };
            if let Err(_refused) = std::thread::Builder::new().name("go-open".into()).spawn(open) {
                (*isolate).control.complete(what);
            }
        });
        let result = Arc::from_raw(opened).load(Ordering::Acquire);
        Some(if result < 0 { Err(-result as c_int) } else { Ok(result as u64) })
    }
}

/// Whether a descriptor is ready, or no descriptor at all. Waits up to `timeout` milliseconds, or forever.
fn poll(fd: c_int, events: i16, timeout: c_int) -> bool {
    let mut poll = libc::pollfd { fd, events, revents: 0 };
    // SAFETY: one valid element.
    unsafe { libc::poll(&mut poll, 1, timeout) != 0 }
}

/// Reads and writes on descriptors that are in the isolate's table.
///
/// # Safety
/// The arguments are valid for the system call.
unsafe fn transfer(gateway: &mut Gateway, call: &Call) -> Option<Result<u64, c_int>> {
    gateway.descriptor(call.fd())?;
    let [_, at, len, ..] = call.args;
    // SAFETY: as the caller says: reads and writes have valid buffers.
    unsafe {
        let n = match call.number {
            libc::SYS_read => gateway.read(call.fd(), slice_mut(at, len)),
            libc::SYS_write => gateway.write(call.fd(), slice_mut(at, len)),
            libc::SYS_writev => {
                let mut total = 0;
                for part in std::slice::from_raw_parts(at as *const libc::iovec, len as usize) {
                    match gateway.write(call.fd(), slice_mut(part.iov_base as u64, part.iov_len as u64)) {
                        Ok(n) => total += n,
                        Err(e) => return Some(Err(e)),
                    }
                }
                Ok(total)
            }
            _ => return None,
        };
        Some(n.map(|n| n as u64))
    }
}

/// # Safety
/// `len` bytes at `at` are valid, or `len` is 0.
unsafe fn slice_mut<'a>(at: u64, len: u64) -> &'a mut [u8] {
    // SAFETY: as the caller says.
    if len == 0 { &mut [] } else { unsafe { std::slice::from_raw_parts_mut(at as *mut u8, len as usize) } }
}

/// The system calls of an isolate that has not all rights.
///
/// # Safety
/// The arguments are valid for the system call.
unsafe fn restricted(gateway: &mut Gateway, call: &Call) -> Result<u64, c_int> {
    let rights = gateway.capabilities;
    // SAFETY: as the caller says; descriptors are translated, and calls that name files
    // need a right.
    unsafe {
        match call.number {
            libc::SYS_clock_gettime | libc::SYS_getrandom | libc::SYS_sched_yield | libc::SYS_uname => call.make(),
            libc::SYS_getpid | libc::SYS_gettid => Ok(1),
            libc::SYS_getppid => Ok(0),
            libc::SYS_getuid | libc::SYS_geteuid | libc::SYS_getgid | libc::SYS_getegid => Ok(65534),
            libc::SYS_read | libc::SYS_write | libc::SYS_writev => Err(libc::EBADF),
            libc::SYS_close => gateway.close(call.fd()).map(|_| 0).ok_or(libc::EBADF),
            libc::SYS_fcntl => fcntl(gateway, call),
            libc::SYS_fstat => match process_fd(gateway, call.fd())? {
                Some(fd) => call.with_fd(fd).make(),
                None => {
                    // What the host gave looks like a pipe.
                    let mut stat: libc::stat = std::mem::zeroed();
                    stat.st_mode = libc::S_IFIFO | 0o600;
                    (call.args[1] as *mut libc::stat).write(stat);
                    Ok(0)
                }
            },
            libc::SYS_lseek | libc::SYS_pread64 | libc::SYS_getdents64 | libc::SYS_fstatfs if rights.read_files => {
                on_file(gateway, call)
            }
            libc::SYS_pwrite64 | libc::SYS_ftruncate | libc::SYS_fsync | libc::SYS_fdatasync | libc::SYS_fchmod
                if rights.write_files =>
            {
                on_file(gateway, call)
            }
            libc::SYS_openat => openat(gateway, call),
            libc::SYS_newfstatat | libc::SYS_readlinkat | libc::SYS_faccessat | libc::SYS_faccessat2
                if rights.read_files =>
            {
                at_directory(gateway, call)
            }
            libc::SYS_getcwd if rights.read_files => call.make(),
            libc::SYS_unlinkat | libc::SYS_mkdirat | libc::SYS_fchmodat | libc::SYS_utimensat if rights.write_files => {
                at_directory(gateway, call)
            }
            libc::SYS_renameat | libc::SYS_renameat2 | libc::SYS_linkat if rights.write_files => {
                let mut call = *call;
                call.args[2] = directory(gateway, call.args[2])?;
                at_directory(gateway, &call)
            }
            libc::SYS_symlinkat if rights.write_files => {
                let mut call = *call;
                call.args[1] = directory(gateway, call.args[1])?;
                call.make()
            }
            _ => Err(libc::EPERM),
        }
    }
}

/// The process's number of a descriptor; none if it is a reader or writer of the host.
fn process_fd(gateway: &mut Gateway, fd: c_int) -> Result<Option<c_int>, c_int> {
    match gateway.descriptor(fd) {
        Some(descriptor) => Ok(descriptor.process_fd()),
        None => Err(libc::EBADF),
    }
}

/// The same call on the process's descriptor.
///
/// # Safety
/// The arguments are valid for the system call.
unsafe fn on_file(gateway: &mut Gateway, call: &Call) -> Result<u64, c_int> {
    match process_fd(gateway, call.fd())? {
        // SAFETY: as the caller says.
        Some(fd) => unsafe { call.with_fd(fd).make() },
        None => Err(libc::ESPIPE),
    }
}

/// A descriptor argument that may be `AT_FDCWD`.
fn directory(gateway: &mut Gateway, fd: u64) -> Result<u64, c_int> {
    if fd as c_int == libc::AT_FDCWD {
        return Ok(libc::AT_FDCWD as u64);
    }
    process_fd(gateway, fd as c_int)?.map(|fd| fd as u64).ok_or(libc::ENOTDIR)
}

/// The same call with the process's descriptor of the directory.
///
/// # Safety
/// The arguments are valid for the system call.
unsafe fn at_directory(gateway: &mut Gateway, call: &Call) -> Result<u64, c_int> {
    let mut call = *call;
    call.args[0] = directory(gateway, call.args[0])?;
    // SAFETY: as the caller says.
    unsafe { call.make() }
}

/// Opens a file, if the isolate has the right, and gives it a descriptor.
///
/// # Safety
/// The arguments are valid for the system call.
unsafe fn openat(gateway: &mut Gateway, call: &Call) -> Result<u64, c_int> {
    let flags = call.args[2] as c_int;
    let writes = flags & libc::O_ACCMODE != libc::O_RDONLY || flags & (libc::O_CREAT | libc::O_TRUNC) != 0;
    let rights = gateway.capabilities;
    if (writes && !rights.write_files) || (!writes && !rights.read_files) {
        return Err(libc::EPERM);
    }
    // SAFETY: as the caller says.
    let fd = unsafe { at_directory(gateway, call)? };
    Ok(gateway.add(Descriptor::Opened(opened(fd))) as u64)
}

fn opened(fd: u64) -> OwnedFd {
    // SAFETY: the kernel has just returned it.
    unsafe { OwnedFd::from_raw_fd(fd as c_int) }
}

/// What an isolate that has not all rights may ask about descriptors.
///
/// # Safety
/// The arguments are valid for the system call.
unsafe fn fcntl(gateway: &mut Gateway, call: &Call) -> Result<u64, c_int> {
    let fd = process_fd(gateway, call.fd())?;
    match (call.args[1] as c_int, fd) {
        // SAFETY: as the caller says; these commands take no pointer.
        (libc::F_GETFL | libc::F_GETFD | libc::F_SETFD, Some(fd)) => unsafe { call.with_fd(fd).make() },
        // The host may share the file, so its flags stay.
        (libc::F_SETFL | libc::F_SETFD, _) => Ok(0),
        (libc::F_GETFL, None) => Ok(if call.fd() == 0 { libc::O_RDONLY } else { libc::O_WRONLY } as u64),
        (libc::F_GETFD, None) => Ok(libc::FD_CLOEXEC as u64),
        _ => Err(libc::EPERM),
    }
}

/// A `[]string` in the Go heap.
///
/// # Safety
/// As [`crate::sched::alloc::array`]; the texts stay where they are.
unsafe fn string_slice(block: *mut IsolateBlock, texts: *const Vec<String>) -> GoSlice {
    // SAFETY: as the caller says; the array is found on the stack while strings are made.
    unsafe {
        let texts = &*texts;
        let typ = isolate::program(block).types.basic(Kind::String).as_ptr();
        let array = crate::sched::alloc::array(block, typ, texts.len()).cast::<GoString>();
        for (i, text) in texts.iter().enumerate() {
            let string = panic::go_string(block, text.clone());
            array.add(i).write(string);
        }
        crate::heap::mgcroots::keep_alive(array);
        GoSlice { ptr: array.cast(), len: texts.len(), cap: texts.len() }
    }
}

natives! {
    /// `func Syscall6(num, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr)`
    "internal/runtime/syscall/linux.Syscall6" = fn syscall6(
        block,
        number: i64,
        a1: u64,
        a2: u64,
        a3: u64,
        a4: u64,
        a5: u64,
        a6: u64
    ) -> (u64, u64, u64) {
        let call = Call { number, args: [a1, a2, a3, a4, a5, a6] };
        // SAFETY: the caller vouches for what the arguments of the call point to; nothing here needs dropping.
        match unsafe { syscall(block, call) } {
            Ok(r) => (r, 0, 0),
            Err(e) => (u64::MAX, 0, e as u64),
        }
    }
    /// `func rawSyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr)`
    "syscall.rawSyscallNoError" = fn raw_syscall_no_error(
        block,
        number: i64,
        a1: u64,
        a2: u64,
        a3: u64
    ) -> (u64, u64) {
        let call = Call { number, args: [a1, a2, a3, 0, 0, 0] };
        // SAFETY: as `syscall6`.
        (unsafe { syscall(block, call) }.unwrap_or(0), 0)
    }
    /// `func rawVforkSyscall(trap, a1, a2, a3 uintptr) (r1 uintptr, err Errno)`: a child would share the memory of all
    /// isolates.
    "syscall.rawVforkSyscall" = fn raw_vfork_syscall(_, _trap: u64, _a1: u64, _a2: u64, _a3: u64) -> (u64, u64) {
        (u64::MAX, libc::EPERM as u64)
    }
    /// `func gettimeofday(tv *Timeval) (err Errno)`
    "syscall.gettimeofday" = fn gettimeofday(_, tv: *mut [i64; 2]) -> u64 {
        let (seconds, nanos) = crate::sched::clock::walltime();
        // SAFETY: the struct is the caller's.
        unsafe { tv.write([seconds, i64::from(nanos) / 1000]) };
        0
    }
    /// `func runtime_doAllThreadsSyscall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, err uintptr)`: the threads are the
    /// host's.
    "syscall.runtime_doAllThreadsSyscall" = fn do_all_threads_syscall(
        _,
        _trap: u64,
        _a1: u64,
        _a2: u64,
        _a3: u64,
        _a4: u64,
        _a5: u64,
        _a6: u64
    ) -> (u64, u64, u64) {
        (u64::MAX, 0, libc::EPERM as u64)
    }
    /// `func fcntl(fd, cmd, arg int32) (ret int32, errno int32)`
    "runtime.fcntl" = fn runtime_fcntl(block, fd: i32, cmd: i32, arg: i32) -> (i32, i32) {
        let word = |v: i32| i64::from(v) as u64;
        let call = Call { number: libc::SYS_fcntl, args: [word(fd), word(cmd), word(arg), 0, 0, 0] };
        // SAFETY: as `syscall6`.
        match unsafe { syscall(block, call) } {
            Ok(r) => (r as i32, 0),
            Err(e) => (-1, e),
        }
    }
    /// `func vgetrandom(p []byte, flags uint32) (ret int, supported bool)`
    "runtime.vgetrandom" = fn vgetrandom(_, _p: GoSlice, _flags: u32) -> (i64, bool) { (-1, false) }
    /// `func runtime_entersyscall()`, `func runtime_exitsyscall()`
    "runtime.entersyscall" | "runtime.exitsyscall" = fn entersyscall(_) {}
    /// `func runtime_BeforeFork()` and the others around fork and exec, which no Go code does.
    "syscall.runtime_BeforeFork" | "syscall.runtime_AfterFork" | "syscall.runtime_AfterForkInChild"
    | "syscall.runtime_BeforeExec" | "syscall.runtime_AfterExec" = fn around_fork(_) {}
    /// `func Getpagesize() int`
    "syscall.Getpagesize" = fn getpagesize(_) -> i64 {
        // SAFETY: asks for a number.
        unsafe { libc::sysconf(libc::_SC_PAGESIZE) }
    }
    /// `func Exit(code int)`
    "syscall.Exit" = fn exit(block, code: i64) {
        // SAFETY: nothing here needs dropping.
        unsafe { enter::stop(block, StopReason::Exit(code as i32)) }
    }
    /// `func runtime_envs() []string`
    "syscall.runtime_envs" = fn envs(block) -> GoSlice {
        // SAFETY: the isolate keeps its environment as long as it runs.
        unsafe { string_slice(block, &raw const (*isolate::of(block)).env) }
    }
    /// `func runtimeClearenv(env map[string]int)`: the environment is the isolate's own, which package syscall keeps and
    /// nothing else reads.
    "syscall.runtimeClearenv" = fn clearenv(_, _env: *mut u8) {}
    /// `func runtime_args() []string`
    "os.runtime_args" = fn runtime_args(block) -> GoSlice {
        // SAFETY: the isolate keeps its arguments as long as it runs.
        unsafe { string_slice(block, &raw const (*isolate::of(block)).args) }
    }
    /// `func runtime_beforeExit(exitCode int)`
    "os.runtime_beforeExit" = fn before_exit(_, _exit_code: i64) {}
    /// `func sigpipe()`
    "os.sigpipe" = fn sigpipe(block) {
        // SAFETY: nothing here needs dropping.
        unsafe { enter::stop(block, StopReason::Exit(2)) }
    }
    /// `func ignoreSIGSYS()`, `func restoreSIGSYS()`
    "os.ignoreSIGSYS" | "os.restoreSIGSYS" = fn sigsys(_) {}
}
