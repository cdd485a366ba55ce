//! `internal/poll`: waiting for descriptors.

use crate::sched::isolate;
use crate::sched::netpoll::{rouse, side_of, wait};
use crate::sched::pollserver::READY;
use crate::std::native::natives;
use libc::c_int;
use std::io;

natives! {
    /// `func runtime_pollServerInit()`
    "internal/poll.runtime_pollServerInit" = fn poll_server_init(_) {}
    /// `func runtime_pollOpen(fd uintptr) (uintptr, int)`
    "internal/poll.runtime_pollOpen" = fn poll_open(block, fd: usize) -> (u64, i64) {
        // SAFETY: the block is the running isolate's, and nothing else uses it meanwhile.
        let isolate = unsafe { &mut *isolate::of(block) };
        let all = isolate.gateway.capabilities.all;
        let fd = match isolate.gateway.descriptor(fd as c_int) {
            Some(descriptor) => descriptor.process_fd(),
            None => all.then_some(fd as c_int),
        };
        let opened = match fd {
            Some(fd) => isolate.netpoll.open(&isolate.control, fd),
            None => Err(io::Error::from_raw_os_error(libc::EPERM)),
        };
        match opened {
            Ok(id) => (id, 0),
            Err(e) => (0, e.raw_os_error().unwrap_or(libc::EIO).into()),
        }
    }
    /// `func runtime_pollClose(ctx uintptr)`
    "internal/poll.runtime_pollClose" = fn poll_close(block, ctx: u64) {
        // SAFETY: the block is the running isolate's, and nothing else uses it meanwhile.
        unsafe { (*isolate::of(block)).netpoll.close(ctx) }
    }
    /// `func runtime_pollReset(ctx uintptr, mode int) int`
    "internal/poll.runtime_pollReset" = fn poll_reset(block, ctx: u64, mode: u64) -> u64 {
        // SAFETY: the block is the running isolate's, and nothing else uses it meanwhile.
        unsafe {
            let isolate = isolate::of(block);
            let now = (*isolate).gateway.nanotime();
            (*isolate).netpoll.obstacle(ctx, side_of(mode), now).unwrap_or(READY)
        }
    }
    /// `func runtime_pollWait(ctx uintptr, mode int) int`
    "internal/poll.runtime_pollWait" = fn poll_wait(block, ctx: u64, mode: u64) -> u64 {
        // SAFETY: called on a goroutine's stack; nothing here needs dropping.
        unsafe { wait(block, ctx, side_of(mode), true) }
    }
    /// `func runtime_pollWaitCanceled(ctx uintptr, mode int)`
    "internal/poll.runtime_pollWaitCanceled" = fn poll_wait_canceled(block, ctx: u64, mode: u64) {
        // SAFETY: called on a goroutine's stack; nothing here needs dropping.
        unsafe { wait(block, ctx, side_of(mode), false) };
    }
    /// `func runtime_pollSetDeadline(ctx uintptr, d int64, mode int)`; `d` counts from now, 0 means none; `mode` is 'r', 'w'
    /// or their sum.
    "internal/poll.runtime_pollSetDeadline" = fn poll_set_deadline(block, ctx: u64, d: i64, mode: u64) {
        // SAFETY: the block is the running isolate's.
        let now = unsafe { (*isolate::of(block)).gateway.nanotime() };
        let deadline = if d > 0 { now.saturating_add(d) } else { d };
        for (side, letter) in [b'r', b'w'].into_iter().enumerate() {
            if mode != u64::from(letter) && mode != u64::from(b'r') + u64::from(b'w') {
                continue;
            }
            // SAFETY: the block is the running isolate's; the reference to the side ends before `rouse`.
            unsafe {
                if let Some(place) = (*isolate::of(block)).netpoll.side(ctx, side) {
                    place.deadline = deadline;
                }
                rouse(block, ctx, side);
            }
        }
    }
    /// `func runtime_pollUnblock(ctx uintptr)`
    "internal/poll.runtime_pollUnblock" = fn poll_unblock(block, ctx: u64) {
        // SAFETY: the block is the running isolate's.
        unsafe {
            (*isolate::of(block)).netpoll.unblock(ctx);
            rouse(block, ctx, 0);
            rouse(block, ctx, 1);
        }
    }
    /// `func runtime_isPollServerDescriptor(fd uintptr) bool`
    "internal/poll.runtime_isPollServerDescriptor" = fn is_poll_server_descriptor(block, fd: u64) -> bool {
        // SAFETY: the block is the running isolate's.
        unsafe { (*isolate::of(block)).netpoll.is_server(fd) }
    }
}
