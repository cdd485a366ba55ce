//! System calls of Go code: `internal/runtime/syscall/linux.Syscall6`, on which packages syscall and os are built, and
//! the other functions that these packages need from the runtime.
//!
//! An isolate with all rights is a process of its own kind: its calls go to the kernel, except on standard descriptors
//! that the host replaced. Any other isolate has its own descriptors, and makes the calls in [`table`], each with the right
//! that stands there.
//!
//! A read or write that would block parks the goroutine while a helper thread waits, if there are other goroutines to
//! run.

mod call;
mod descriptors;
mod facts;
mod paths;
mod processes;
mod sockets;
mod stat;
pub mod table;

use crate::sched::enter;
use crate::sched::exit::StopReason;
use crate::sched::gateway::Gateway;
use crate::sched::gateway::hosts::resolve;
use crate::sched::isolate;
use crate::sched::panic;
use crate::sched::proc::wait_for_thread;
use crate::sched::wait_reason::WaitReason;
use crate::std::native::natives;
use crate::std::syscall::call::{Call, errno};
use crate::std::syscall::table::{Needs, restricted};
use itab_abi::block::IsolateBlock;
use itab_abi::types::Kind;
use itab_abi::value::{GoSlice, GoString};
use libc::c_int;
use std::ffi::CStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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
        ask_for_hosts(block, &call);
        if let Some(result) = open_fifo(block, &call) {
            return result;
        }
        let gateway = &mut (*isolate::of(block)).gateway;
        if let Some(result) = injected(gateway, &call) {
            return result;
        }
        if !gateway.capabilities.all {
            return restricted(gateway, &call);
        }
        transfer(gateway, &call).unwrap_or_else(|| call.make())
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
        let known = gateway.descriptor(call.fd()).map(|d| d.process_fd());
        let Some(fd) = known.unwrap_or(all.then_some(call.fd())) else { return };
        // Who may be stopped must not wait in the kernel.
        let busy = !all || (*isolate).sched.others_may_run();
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
        let gateway = &(*isolate).gateway;
        let mine = processes::awaited(call).is_some_and(|pid| gateway.children.contains(&pid));
        let may = mine || gateway.capabilities.all && (*isolate).sched.others_may_run();
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
        let may = (*isolate).gateway.capabilities.all && (*isolate).sched.others_may_run();
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

/// Has the host's resolver tell what the names of hosts stand for that the isolate may connect to, before a call that
/// depends on it.
///
/// # Safety
/// As [`syscall`].
unsafe fn ask_for_hosts(block: *mut IsolateBlock, call: &Call) {
    let name = match call.number {
        libc::SYS_openat | libc::SYS_newfstatat => 1,
        libc::SYS_connect | libc::SYS_sendto | libc::SYS_sendmsg => 0,
        _ => return,
    };
    // SAFETY: as the caller says; what the thread writes is shared with it, and only leaked when the isolate stops.
    unsafe {
        let isolate = isolate::of(block);
        let gateway = &mut (*isolate).gateway;
        let mut ask = gateway.names.to_ask(&gateway.capabilities.connect);
        let reads_hosts = name == 0 || call.text(name).is_ok_and(|t| t.to_bytes() == paths::HOSTS.as_bytes());
        if gateway.capabilities.all || ask.is_empty() || !reads_hosts {
            return;
        }
        let ask = &mut ask as *mut Vec<String>;
        let answers = Arc::into_raw(Arc::new(Mutex::new(vec![])));
        wait_for_thread(block, WaitReason::Syscall, |control, what| {
            Arc::increment_strong_count(answers);
            let (theirs, names) = (Arc::from_raw(answers), std::mem::take(&mut *ask));
            let again = control.clone();
            let resolve = move || {
                *theirs.lock().unwrap_or_else(PoisonError::into_inner) = resolve(names);
                control.complete(what);
            };
            if let Err(_refused) = std::thread::Builder::new().name("go-resolve".into()).spawn(resolve) {
                again.complete(what);
            }
        });
        let answers = Arc::from_raw(answers);
        let answers = std::mem::take(&mut *answers.lock().unwrap_or_else(PoisonError::into_inner));
        (*isolate).gateway.names.learn(answers);
    }
}

/// Time and random numbers, if they are the host's.
///
/// # Safety
/// As [`syscall`].
unsafe fn injected(gateway: &mut Gateway, call: &Call) -> Option<Result<u64, c_int>> {
    // SAFETY: as the caller says: a buffer, and a struct to fill.
    unsafe {
        match call.number {
            libc::SYS_getrandom => {
                let into = match call.buffer(0) {
                    Ok(into) => into,
                    Err(e) => return Some(Err(e)),
                };
                let n = into.len() as u64;
                gateway.fill_random(into).then_some(Ok(n))
            }
            libc::SYS_clock_gettime if gateway.has_clock() => {
                let (tv_sec, nanos) = match call.args[0] as libc::clockid_t {
                    libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE => gateway.walltime(),
                    _ => (gateway.nanotime() / 1_000_000_000, (gateway.nanotime() % 1_000_000_000) as i32),
                };
                Some(call.store(1, libc::timespec { tv_sec, tv_nsec: nanos.into() }).map(|()| 0))
            }
            _ => None,
        }
    }
}

/// Reads and writes of an isolate with all rights, on descriptors that are in its table.
///
/// # Safety
/// The arguments are valid for the system call.
unsafe fn transfer(gateway: &mut Gateway, call: &Call) -> Option<Result<u64, c_int>> {
    gateway.descriptor(call.fd())?;
    // SAFETY: as the caller says.
    unsafe {
        match call.number {
            libc::SYS_read => Some(descriptors::read(gateway, call, Needs::Descriptor)),
            libc::SYS_write => Some(descriptors::write(gateway, call, Needs::Descriptor)),
            libc::SYS_writev => Some(descriptors::writev(gateway, call, Needs::Descriptor)),
            _ => None,
        }
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
    "syscall.gettimeofday" = fn gettimeofday(block, tv: *mut [i64; 2]) -> u64 {
        if tv.is_null() {
            return libc::EFAULT as u64;
        }
        // SAFETY: the block is the running isolate's; the struct is the caller's.
        unsafe {
            let (seconds, nanos) = (*isolate::of(block)).gateway.walltime();
            tv.write([seconds, i64::from(nanos) / 1000]);
        }
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
