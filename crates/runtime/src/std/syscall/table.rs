//! The system calls that an isolate without all rights can make, and what each needs. What is not here is `EPERM`.
//!
//! No call that affects the whole process is here, and none that takes what the kernel reads later or elsewhere.

use crate::sched::gateway::Gateway;
use crate::std::syscall::call::Call;
use crate::std::syscall::{descriptors, facts, paths, processes, sockets};
use libc::{c_int, c_long};

/// What a call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it tells what everybody may know.
    Nothing,
    /// A descriptor of the isolate, which was got with a right and has it.
    Descriptor,
    /// Reading below the folder that the name lies in.
    Read,
    /// Writing there.
    Write,
    /// Either.
    ReadOrWrite,
    /// What the flags say: reading, writing or both.
    Flags,
    /// Connecting or listening anywhere.
    Network,
    /// Connecting to the address.
    Connect,
    /// Listening on the address.
    Listen,
    /// Running programs.
    Run,
}

impl Needs {
    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Needs::Nothing => "nothing",
            Needs::Descriptor => "a descriptor of the isolate",
            Needs::Read => "reading below the folder",
            Needs::Write => "writing below the folder",
            Needs::ReadOrWrite => "reading or writing below the folder",
            Needs::Flags => "reading, writing or both below the folder, as the flags say",
            Needs::Network => "connecting or listening anywhere",
            Needs::Connect => "connecting to the address",
            Needs::Listen => "listening on the address",
            Needs::Run => "running programs",
        }
    }
}

/// Makes a call.
type Make = unsafe fn(&mut Gateway, &Call, Needs) -> Result<u64, c_int>;

/// A system call.
pub struct Entry {
    /// Its number.
    pub number: c_long,
    /// Its name.
    pub name: &'static str,
    /// What it needs.
    pub needs: Needs,
    pub(super) make: Make,
}

/// Numbers of calls.
mod number {
    pub use libc::*;

    /// The library has it for x86-64 only; it is the same everywhere.
    #[cfg(target_arch = "aarch64")]
    #[allow(non_upper_case_globals, reason = "named as in libc")]
    pub const SYS_fchmodat2: c_long = 452;
}

macro_rules! table {
    ($($name:ident $needs:ident $make:path;)*) => {
        /// All of them.
        pub const TABLE: &[Entry] = &[$(Entry {
            number: number::$name,
            name: stringify!($name),
            needs: Needs::$needs,
            make: $make,
        }),*];
    };
}

table! {
    SYS_clock_gettime Nothing facts::same;
    SYS_getrandom     Nothing facts::same;
    SYS_sched_yield   Nothing facts::same;
    SYS_uname         Nothing facts::same;
    SYS_getpid        Nothing facts::one;
    SYS_gettid        Nothing facts::one;
    SYS_getppid       Nothing facts::zero;
    SYS_getuid        Nothing facts::nobody;
    SYS_geteuid       Nothing facts::nobody;
    SYS_getgid        Nothing facts::nobody;
    SYS_getegid       Nothing facts::nobody;
    SYS_getcwd        Nothing paths::getcwd;
    // These the library does without, if the kernel has none.
    SYS_copy_file_range Nothing facts::absent;
    SYS_sendfile      Nothing facts::absent;
    SYS_splice        Nothing facts::absent;
    SYS_pidfd_open    Nothing facts::absent;
    SYS_openat2       Nothing facts::absent;
    SYS_fchmodat2     Nothing facts::absent;

    SYS_read          Descriptor descriptors::read;
    SYS_write         Descriptor descriptors::write;
    SYS_writev        Descriptor descriptors::writev;
    SYS_pread64       Descriptor descriptors::pread;
    SYS_pwrite64      Descriptor descriptors::pwrite;
    SYS_lseek         Descriptor descriptors::lseek;
    SYS_close         Descriptor descriptors::close;
    SYS_fcntl         Descriptor descriptors::fcntl;
    SYS_fstat         Descriptor descriptors::fstat;
    SYS_getdents64    Descriptor descriptors::getdents;
    SYS_ftruncate     Descriptor descriptors::ftruncate;
    SYS_fsync         Descriptor descriptors::fsync;
    SYS_fdatasync     Descriptor descriptors::fsync;
    SYS_fchmod        Descriptor descriptors::fchmod;

    SYS_openat        Flags       paths::openat;
    SYS_newfstatat    ReadOrWrite paths::fstatat;
    SYS_faccessat     ReadOrWrite paths::faccessat;
    SYS_faccessat2    ReadOrWrite paths::faccessat;
    SYS_chdir         ReadOrWrite paths::chdir;
    SYS_readlinkat    Read        paths::readlinkat;
    SYS_mkdirat       Write       paths::mkdirat;
    SYS_unlinkat      Write       paths::unlinkat;
    SYS_fchmodat      Write       paths::fchmodat;
    SYS_utimensat     Write       paths::utimensat;
    SYS_truncate      Write       paths::truncate;
    SYS_renameat      Write       paths::renameat;
    SYS_renameat2     Write       paths::renameat;
    SYS_linkat        Write       paths::linkat;
    SYS_symlinkat     Write       paths::symlinkat;

    SYS_socket        Network    sockets::socket;
    SYS_connect       Connect    sockets::connect;
    SYS_sendto        Connect    sockets::sendto;
    SYS_sendmsg       Connect    sockets::sendmsg;
    SYS_bind          Listen     sockets::bind;
    SYS_listen        Listen     sockets::listen;
    SYS_accept4       Descriptor sockets::accept;
    SYS_recvfrom      Descriptor sockets::on_socket;
    SYS_recvmsg       Descriptor sockets::recvmsg;
    SYS_shutdown      Descriptor sockets::on_socket;
    SYS_getsockname   Descriptor sockets::on_socket;
    SYS_getpeername   Descriptor sockets::on_socket;
    SYS_getsockopt    Descriptor sockets::on_socket;
    SYS_setsockopt    Descriptor sockets::setsockopt;

    SYS_pipe2         Nothing processes::pipe;
    SYS_wait4         Run     processes::wait;
    SYS_waitid        Run     processes::wait;
    SYS_kill          Run     processes::kill;
}

/// Makes a call of an isolate that has not all rights.
///
/// # Safety
/// Pointers among the arguments are nil or valid for what the call does with them.
pub(super) unsafe fn restricted(gateway: &mut Gateway, call: &Call) -> Result<u64, c_int> {
    let Some(entry) = TABLE.iter().find(|e| e.number == call.number) else { return Err(libc::EPERM) };
    let rights = &gateway.capabilities;
    let granted = match entry.needs {
        Needs::Network | Needs::Connect | Needs::Listen => rights.network(),
        Needs::Run => !rights.run.is_empty(),
        // These depend on the name or the descriptor.
        Needs::Nothing | Needs::Descriptor | Needs::Read | Needs::Write | Needs::ReadOrWrite | Needs::Flags => true,
    };
    // SAFETY: as the caller says.
    if granted { unsafe { (entry.make)(gateway, call, entry.needs) } } else { Err(libc::EPERM) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_stands_once() {
        let mut numbers: Vec<_> = TABLE.iter().map(|e| (e.number, e.name)).collect();
        numbers.sort_unstable();
        let twice: Vec<_> = numbers.windows(2).filter(|w| w[0].0 == w[1].0).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
