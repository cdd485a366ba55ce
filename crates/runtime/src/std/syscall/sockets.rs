//! Sockets of the internet. What counts is the address that the kernel gets, so it is copied before it is looked at.

use crate::sched::gateway::Gateway;
use crate::sched::gateway::descriptor::Descriptor;
use crate::sched::gateway::hosts::{may_connect, may_listen};
use crate::std::syscall::call::{Call, bytes};
use crate::std::syscall::table::Needs;
use libc::{c_int, sa_family_t, sockaddr_in, sockaddr_in6};
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// An address that the kernel gets, where nobody changes it.
struct Copied {
    words: [u64; 4],
    len: u64,
    address: SocketAddr,
}

/// # Errors
/// `EPERM` for what is not an address of the internet.
///
/// # Safety
/// At `at` there are so many bytes, or it is nil.
unsafe fn copied(at: u64, len: u64) -> Result<Copied, c_int> {
    // SAFETY: as the caller says.
    let from = unsafe { bytes(at, len)? };
    let mut words = [0u64; 4];
    // SAFETY: the words' own bytes.
    let copy = unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast::<u8>(), size_of_val(&words)) };
    copy.get_mut(..from.len()).ok_or(libc::EINVAL)?.copy_from_slice(from);
    let at = words.as_ptr();
    // SAFETY: each struct is smaller than the words, and made of numbers.
    let address = unsafe {
        match (c_int::from(at.cast::<sa_family_t>().read()), len as usize) {
            (libc::AF_INET, size_of_in) if size_of_in >= size_of::<sockaddr_in>() => {
                let a = at.cast::<sockaddr_in>().read();
                SocketAddrV4::new(u32::from_be(a.sin_addr.s_addr).into(), u16::from_be(a.sin_port)).into()
            }
            (libc::AF_INET6, size_of_in6) if size_of_in6 >= size_of::<sockaddr_in6>() => {
                let a = at.cast::<sockaddr_in6>().read();
                SocketAddrV6::new(a.sin6_addr.s6_addr.into(), u16::from_be(a.sin6_port), 0, 0).into()
            }
            _ => return Err(libc::EPERM),
        }
    };
    Ok(Copied { words, len, address })
}

/// The process's number of a socket.
fn number(gateway: &mut Gateway, fd: c_int) -> Result<c_int, c_int> {
    match gateway.descriptor(fd).ok_or(libc::EBADF)? {
        Descriptor::Socket(fd, _) => Ok(fd.as_raw_fd()),
        _ => Err(libc::ENOTSOCK),
    }
}

/// # Safety
/// None: there are no pointers.
pub(super) unsafe fn socket(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let [domain, kind, protocol] = [0, 1, 2].map(|i| call.int(i));
    let flags = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    let known = matches!(
        (kind & !flags, protocol),
        (libc::SOCK_STREAM, 0 | libc::IPPROTO_TCP) | (libc::SOCK_DGRAM, 0 | libc::IPPROTO_UDP)
    );
    if !matches!(domain, libc::AF_INET | libc::AF_INET6) || !known {
        return Err(libc::EPERM);
    }
    // SAFETY: no pointers.
    let fd = unsafe { call.with(1, (kind | libc::SOCK_CLOEXEC) as u64).make()? };
    // SAFETY: the kernel has just made it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd as c_int) };
    gateway.add(Descriptor::Socket(fd, false)).map(|fd| fd as u64)
}

/// Whether something may be sent there.
fn check(gateway: &Gateway, to: SocketAddr) -> Result<(), c_int> {
    let granted = may_connect(&gateway.capabilities.connect, &gateway.names, to);
    if granted { Ok(()) } else { Err(libc::EPERM) }
}

/// # Safety
/// The address is valid.
pub(super) unsafe fn connect(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let fd = number(gateway, call.fd())?;
    // SAFETY: as the caller says.
    let to = unsafe { copied(call.args[1], call.args[2])? };
    check(gateway, to.address)?;
    // SAFETY: the copy lives as long as the call.
    unsafe { call.with_fd(fd).with(1, to.words.as_ptr() as u64).with(2, to.len).make() }
}

/// # Safety
/// Buffer and address are valid.
pub(super) unsafe fn sendto(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let fd = number(gateway, call.fd())?;
    let call = call.with_fd(fd).with(3, (call.int(3) | libc::MSG_NOSIGNAL) as u64);
    if call.args[4] == 0 {
        // SAFETY: as the caller says.
        return unsafe { call.make() };
    }
    // SAFETY: as the caller says.
    let to = unsafe { copied(call.args[4], call.args[5])? };
    check(gateway, to.address)?;
    // SAFETY: as the caller says; the copy lives as long as the call.
    unsafe { call.with(4, to.words.as_ptr() as u64).with(5, to.len).make() }
}

/// # Safety
/// The message and all it points to is valid.
pub(super) unsafe fn sendmsg(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let fd = number(gateway, call.fd())?;
    // SAFETY: as the caller says.
    let mut message = unsafe { call.pointer::<libc::msghdr>(1)?.read_unaligned() };
    let mut to = None;
    if !message.msg_name.is_null() {
        // SAFETY: as the caller says.
        let name = unsafe { copied(message.msg_name as u64, message.msg_namelen.into())? };
        check(gateway, name.address)?;
        message.msg_name = to.insert(name).words.as_mut_ptr().cast();
    }
    let flags = (call.int(2) | libc::MSG_NOSIGNAL) as u64;
    // SAFETY: as the caller says; the copies live as long as the call.
    unsafe { call.with_fd(fd).with(1, &raw const message as u64).with(2, flags).make() }
}

/// An address that may be listened on, or any port of a stream's own side, on which nothing is taken.
///
/// # Safety
/// The address is valid.
pub(super) unsafe fn bind(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let fd = number(gateway, call.fd())?;
    // SAFETY: as the caller says.
    let at = unsafe { copied(call.args[1], call.args[2])? };
    let listens = may_listen(&gateway.capabilities.listen, &gateway.names, at.address);
    let own_side = at.address.port() == 0 && is_stream(fd);
    if !listens && !own_side {
        return Err(libc::EPERM);
    }
    // SAFETY: the copy lives as long as the call.
    let done = unsafe { call.with_fd(fd).with(1, at.words.as_ptr() as u64).with(2, at.len).make()? };
    if let Some(Descriptor::Socket(_, bound)) = gateway.descriptor(call.fd()) {
        *bound = listens;
    }
    Ok(done)
}

fn is_stream(fd: c_int) -> bool {
    let (mut kind, mut len): (c_int, _) = (0, size_of::<c_int>() as libc::socklen_t);
    // SAFETY: room for a number.
    let got = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_TYPE, (&raw mut kind).cast(), &mut len) };
    got == 0 && kind == libc::SOCK_STREAM
}

/// # Safety
/// None: there are no pointers.
pub(super) unsafe fn listen(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    match gateway.descriptor(call.fd()).ok_or(libc::EBADF)? {
        // SAFETY: no pointers.
        Descriptor::Socket(fd, true) => unsafe { call.with_fd(fd.as_raw_fd()).make() },
        _ => Err(libc::EPERM),
    }
}

/// # Safety
/// There is room for the address, or it is not asked for.
pub(super) unsafe fn accept(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let fd = number(gateway, call.fd())?;
    let flags = (call.int(3) | libc::SOCK_CLOEXEC) as u64;
    // SAFETY: as the caller says.
    let fd = unsafe { call.with_fd(fd).with(3, flags).make()? };
    // SAFETY: the kernel has just made it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd as c_int) };
    gateway.add(Descriptor::Socket(fd, false)).map(|fd| fd as u64)
}

/// The same call on the process's descriptor.
///
/// # Safety
/// The arguments are valid for the system call.
pub(super) unsafe fn on_socket(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    let fd = number(gateway, call.fd())?;
    // SAFETY: as the caller says.
    unsafe { call.with_fd(fd).make() }
}

/// # Safety
/// The message and all it points to is valid.
pub(super) unsafe fn recvmsg(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    call.pointer::<libc::msghdr>(1)?;
    let fd = number(gateway, call.fd())?;
    // SAFETY: as the caller says.
    unsafe { call.with_fd(fd).make() }
}

/// Options that change nothing but this socket, and take a number or two.
///
/// # Safety
/// The value is valid.
pub(super) unsafe fn setsockopt(gateway: &mut Gateway, call: &Call, _: Needs) -> Result<u64, c_int> {
    const SOCKET: [c_int; 6] =
        [libc::SO_REUSEADDR, libc::SO_KEEPALIVE, libc::SO_LINGER, libc::SO_BROADCAST, libc::SO_RCVBUF, libc::SO_SNDBUF];
    const TCP: [c_int; 7] = [
        libc::TCP_NODELAY,
        libc::TCP_KEEPIDLE,
        libc::TCP_KEEPINTVL,
        libc::TCP_KEEPCNT,
        libc::TCP_USER_TIMEOUT,
        libc::TCP_DEFER_ACCEPT,
        libc::TCP_QUICKACK,
    ];
    let fd = number(gateway, call.fd())?;
    let option = call.int(2);
    let known = match call.int(1) {
        libc::SOL_SOCKET => SOCKET.contains(&option),
        libc::IPPROTO_TCP => TCP.contains(&option),
        libc::IPPROTO_IP => [libc::IP_TOS, libc::IP_TTL].contains(&option),
        libc::IPPROTO_IPV6 => [libc::IPV6_V6ONLY, libc::IPV6_UNICAST_HOPS].contains(&option),
        _ => false,
    };
    if !known {
        return Err(libc::EPERM);
    }
    // SAFETY: as the caller says.
    unsafe { call.with_fd(fd).make() }
}
