//! Readiness of descriptors: the part of `internal/poll` that the runtime provides.
//!
//! A goroutine that has to wait for a descriptor registers its interest and parks; a thread of the isolate's, which
//! waits in epoll, completes it ([`crate::sched::control::Control::complete`]). Registrations are for one event. Any
//! other wake-up (the goroutine's deadline, `SetDeadline`, closing the descriptor) leaves the registration in place,
//! and the goroutine removes it when it runs.

use crate::sched::control::{Completion, Control};
use crate::sched::goroutine::G;
use libc::c_int;
use rustc_hash::FxHashMap;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The polled descriptors of an isolate.
#[derive(Default)]
pub(crate) struct NetPoll {
    pub(super) server: Option<Arc<Server>>,
    descs: FxHashMap<u64, PollDesc>,
    last: u64,
}

struct PollDesc {
    fd: c_int,
    closing: bool,
    /// For reading and for writing.
    sides: [Side; 2],
}

#[derive(Clone, Copy)]
pub(crate) struct Side {
    /// By the isolate's clock; 0: none, negative: it has passed.
    pub deadline: i64,
    pub waiting: Option<*mut G>,
}

/// What the isolate shares with its thread.
pub(super) struct Server {
    epoll: OwnedFd,
    /// Written to end the thread.
    stop: OwnedFd,
    interest: Mutex<FxHashMap<u64, Interest>>,
    control: Weak<Control>,
}

struct Interest {
    fd: c_int,
    sides: [Option<Completion>; 2],
}

const EVENTS: [c_int; 2] = [libc::EPOLLIN | libc::EPOLLRDHUP, libc::EPOLLOUT];
/// The token of [`Server::stop`].
const STOP: u64 = 0;

// Results of waiting, as internal/poll knows them.
pub(crate) const READY: u64 = 0;
pub(crate) const CLOSING: u64 = 1;
const TIMEOUT: u64 = 2;

fn owned(fd: c_int) -> io::Result<OwnedFd> {
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

impl Server {
    fn start(control: &Arc<Control>) -> io::Result<Arc<Server>> {
        // SAFETY: plain calls without pointers.
        let (epoll, stop) = unsafe { (libc::epoll_create1(libc::EPOLL_CLOEXEC), libc::eventfd(0, libc::EFD_CLOEXEC)) };
        let server = Server {
            epoll: owned(epoll)?,
            stop: owned(stop)?,
            interest: Mutex::default(),
            control: Arc::downgrade(control),
        };
        server.control(libc::EPOLL_CTL_ADD, server.stop.as_raw_fd(), libc::EPOLLIN, STOP)?;
        let server = Arc::new(server);
        let shared = server.clone();
        std::thread::Builder::new().name("go-poll".into()).spawn(move || shared.run())?;
        Ok(server)
    }

    fn control(&self, op: c_int, fd: c_int, events: c_int, token: u64) -> io::Result<()> {
        let mut event = libc::epoll_event { events: events as u32, u64: token };
        // SAFETY: one valid event.
        let done = unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), op, fd, &mut event) };
        if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<u64, Interest>> {
        self.interest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the kernel what a descriptor is waited for.
    fn rearm(&self, token: u64, interest: &Interest) {
        let wanted = |i: usize| if interest.sides[i].is_some() { EVENTS[i] } else { 0 };
        // A descriptor that was closed behind our back is not waited for any more.
        let _ = self.control(libc::EPOLL_CTL_MOD, interest.fd, wanted(0) | wanted(1) | libc::EPOLLONESHOT, token);
    }

    pub(super) fn set(&self, token: u64, side: usize, what: Option<Completion>) {
        let mut all = self.lock();
        if let Some(interest) = all.get_mut(&token) {
            interest.sides[side] = what;
            self.rearm(token, interest);
        }
    }

    fn run(&self) {
        loop {
            let mut events = [libc::epoll_event { events: 0, u64: 0 }; 64];
            // SAFETY: room for so many events.
            let n = unsafe { libc::epoll_wait(self.epoll.as_raw_fd(), events.as_mut_ptr(), 64, -1) };
            let mut done = vec![];
            for event in &events[..n.max(0) as usize] {
                let (token, mask) = (event.u64, event.events as c_int);
                if token == STOP {
                    return;
                }
                let mut all = self.lock();
                let Some(interest) = all.get_mut(&token) else { continue };
                for (side, events) in EVENTS.into_iter().enumerate() {
                    if mask & (events | libc::EPOLLERR | libc::EPOLLHUP) != 0 {
                        done.extend(interest.sides[side].take());
                    }
                }
                self.rearm(token, interest);
            }
            let Some(control) = self.control.upgrade() else { return };
            done.into_iter().for_each(|what| control.complete(what));
        }
    }
}

impl Drop for NetPoll {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            // SAFETY: eight bytes.
            unsafe { libc::write(server.stop.as_raw_fd(), (&raw const ONE).cast(), 8) };
        }
    }
}

static ONE: u64 = 1;

impl NetPoll {
    pub(crate) fn open(&mut self, control: &Arc<Control>, fd: c_int) -> io::Result<u64> {
        let server = match &self.server {
            Some(server) => server.clone(),
            None => self.server.insert(Server::start(control)?).clone(),
        };
        self.last += 1;
        // Of plain files the kernel refuses to tell: reading them does not wait.
        server.control(libc::EPOLL_CTL_ADD, fd, libc::EPOLLONESHOT, self.last)?;
        server.lock().insert(self.last, Interest { fd, sides: [None; 2] });
        let side = Side { deadline: 0, waiting: None };
        self.descs.insert(self.last, PollDesc { fd, closing: false, sides: [side; 2] });
        Ok(self.last)
    }

    pub(crate) fn close(&mut self, id: u64) {
        if let (Some(desc), Some(server)) = (self.descs.remove(&id), &self.server) {
            server.lock().remove(&id);
            let _ = server.control(libc::EPOLL_CTL_DEL, desc.fd, 0, id);
        }
    }

    /// Marks the descriptor as closing: its waiters must give up.
    pub(crate) fn unblock(&mut self, id: u64) {
        if let Some(desc) = self.descs.get_mut(&id) {
            desc.closing = true;
        }
    }

    /// Whether the descriptor is the one that the thread waits in.
    pub(crate) fn is_server(&self, fd: u64) -> bool {
        self.server.as_ref().is_some_and(|s| s.epoll.as_raw_fd() as u64 == fd)
    }

    /// What keeps a side from waiting, now.
    pub(crate) fn obstacle(&mut self, id: u64, side: usize, now: i64) -> Option<u64> {
        let Some(desc) = self.descs.get_mut(&id).filter(|d| !d.closing) else { return Some(CLOSING) };
        let deadline = &mut desc.sides[side].deadline;
        if *deadline > 0 && now >= *deadline {
            *deadline = -1;
        }
        (*deadline < 0).then_some(TIMEOUT)
    }

    pub(crate) fn side(&mut self, id: u64, side: usize) -> Option<&mut Side> {
        self.descs.get_mut(&id).map(|d| &mut d.sides[side])
    }
}
