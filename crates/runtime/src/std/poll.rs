//! `internal/poll`: waiting for descriptors.

use crate::sched::clock::nanotime;
use crate::sched::isolate;
use crate::sched::netpoll::{rouse, side_of, wait};
use crate::sched::pollserver::READY;
use crate::std::native_table::native_table;
use libc::c_int;
use std::io;

native_table! {
    "internal/poll.runtime_pollServerInit" = fn poll_server_init(block, args, results) {}
    // func runtime_pollOpen(fd uintptr) (uintptr, int)
    "internal/poll.runtime_pollOpen" = fn poll_open(block, args, results) {
        let isolate = isolate::of(block);
        let fd = *args as c_int;
        let gateway = &mut (*isolate).gateway;
        let all = gateway.capabilities.all;
        let fd = match gateway.descriptor(fd) {
            Some(descriptor) => descriptor.process_fd(),
            None => all.then_some(fd),
        };
        let opened = match fd {
            Some(fd) => (*isolate).netpoll.open(&(*isolate).control, fd),
            None => Err(io::Error::from_raw_os_error(libc::EPERM)),
        };
        results.cast::<[u64; 2]>().write(match opened {
            Ok(id) => [id, 0],
            Err(e) => [0, e.raw_os_error().unwrap_or(libc::EIO) as u64],
        });
    }
    // func runtime_pollClose(ctx uintptr)
    "internal/poll.runtime_pollClose" = fn poll_close(block, args, results) {
        (*isolate::of(block)).netpoll.close(*args);
    }
    // func runtime_pollReset(ctx uintptr, mode int) int
    "internal/poll.runtime_pollReset" = fn poll_reset(block, args, results) {
        let obstacle = (*isolate::of(block)).netpoll.obstacle(*args, side_of(*args.add(1)));
        *results = obstacle.unwrap_or(READY);
    }
    // func runtime_pollWait(ctx uintptr, mode int) int
    "internal/poll.runtime_pollWait" = fn poll_wait(block, args, results) {
        *results = wait(block, *args, side_of(*args.add(1)), true);
    }
    // func runtime_pollWaitCanceled(ctx uintptr, mode int)
    "internal/poll.runtime_pollWaitCanceled" = fn poll_wait_canceled(block, args, results) {
        wait(block, *args, side_of(*args.add(1)), false);
    }
    // func runtime_pollSetDeadline(ctx uintptr, d int64, mode int); d: from now, 0: none; mode: 'r', 'w' or their sum
    "internal/poll.runtime_pollSetDeadline" = fn poll_set_deadline(block, args, results) {
        let [id, d, mode] = args.cast::<[u64; 3]>().read();
        let d = d as i64;
        let deadline = if d > 0 { nanotime().saturating_add(d) } else { d };
        for (side, letter) in [b'r', b'w'].into_iter().enumerate() {
            if mode != u64::from(letter) && mode != u64::from(b'r') + u64::from(b'w') {
                continue;
            }
            if let Some(place) = (*isolate::of(block)).netpoll.side(id, side) {
                place.deadline = deadline;
            }
            rouse(block, id, side);
        }
    }
    // func runtime_pollUnblock(ctx uintptr)
    "internal/poll.runtime_pollUnblock" = fn poll_unblock(block, args, results) {
        (*isolate::of(block)).netpoll.unblock(*args);
        rouse(block, *args, 0);
        rouse(block, *args, 1);
    }
    // func runtime_isPollServerDescriptor(fd uintptr) bool
    "internal/poll.runtime_isPollServerDescriptor" = fn is_poll_server_descriptor(block, args, results) {
        *results = u64::from((*isolate::of(block)).netpoll.is_server(*args));
    }
}
