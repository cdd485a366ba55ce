//! `select`.
//!
//! Among the communications that can proceed, one is chosen uniformly at random. If none can and there is no default,
//! the goroutine waits in the queues of all channels at once. The operation that serves one of its sudogs claims the
//! goroutine. The goroutine removes the other sudogs when it runs again.

use crate::heap::mgcroots::Local;
use crate::sched::abi_value::Pair;
use crate::sched::alloc::heap;
use crate::sched::cancel;
use crate::sched::chan::{chanrecv, chansend, check_bubble, park_forever};
use crate::sched::enter;
use crate::sched::exit::StopReason;
use crate::sched::hchan::{Hchan, Sudog, WaitQ};
use crate::sched::isolate::{self, getg};
use crate::sched::panic::raise_error;
use crate::sched::proc::gopark;
use crate::sched::time;
use crate::sched::wait_reason::WaitReason;
use crate::types::errors::SEND_CLOSED;
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::SelectCase;
use std::mem::MaybeUninit;
use std::ptr;

/// Cases whose sudogs fit the stack frame.
const ON_STACK: usize = 8;

/// Chooses among `n` communications at `cases`: its index, or -1 for the default unless `wait`, and whether a value
/// was received.
///
/// # Safety
/// Called by compiled code of the isolate; channels and elements are as for `chansend`.
pub unsafe extern "C" fn selectgo(
    block: *mut IsolateBlock,
    cases: *const SelectCase,
    n: usize,
    wait: bool,
) -> Pair<i64, bool> {
    // SAFETY: as the caller says; the cases lie in the caller's frame.
    unsafe {
        for i in 0..n {
            let case = &*cases.add(i);
            let c = case.chan.cast::<Hchan>();
            if !c.is_null() {
                check_bubble(block, c, "select on");
                if case.send == 0 {
                    time::poll_channel(block, c);
                }
            }
        }
        if let Some(i) = choose_ready(block, cases, n) {
            let case = &*cases.add(i);
            let c = case.chan.cast();
            let received = if case.send != 0 {
                chansend(block, c, case.elem, false);
                false
            } else {
                chanrecv(block, c, case.elem, false).1
            };
            return Pair(i as i64, received);
        }
        if !wait {
            return Pair(-1, false);
        }
        cancel::check(block);
        if n == 0 {
            park_forever(block, WaitReason::SelectNoCases);
        }
        if n <= ON_STACK {
            let mut sudogs = [const { MaybeUninit::<Sudog>::uninit() }; ON_STACK];
            return wait_for_one(block, cases, n, sudogs.as_mut_ptr().cast());
        }
        let sudogs = match heap(block).alloc_noscan(n * size_of::<Sudog>()) {
            Ok(p) => Local::new(p),
            Err(e) => enter::stop(block, StopReason::Memory(e.to_string())),
        };
        wait_for_one(block, cases, n, sudogs.get().cast())
    }
}

/// One of the cases that need not wait.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread; `cases` points to `n` cases with live channels or nil.
unsafe fn choose_ready(block: *mut IsolateBlock, cases: *const SelectCase, n: usize) -> Option<usize> {
    let (mut chosen, mut ready) = (None, 0);
    for i in 0..n {
        // SAFETY: as the caller says.
        let can = unsafe {
            let case = &*cases.add(i);
            let c = case.chan.cast::<Hchan>();
            !c.is_null() && if case.send != 0 { (*c).can_send() } else { (*c).can_recv() }
        };
        if can {
            ready += 1;
            // SAFETY: as the caller says.
            if unsafe { (*isolate::of(block)).sched.rand_below(ready) } == 0 {
                chosen = Some(i);
            }
        }
    }
    chosen
}

/// The queue in which the case waits.
///
/// # Safety
/// The case's channel is alive and not nil.
unsafe fn queue_of(case: &SelectCase) -> *mut WaitQ {
    let c = case.chan.cast::<Hchan>();
    // SAFETY: as the caller says.
    unsafe { if case.send != 0 { &raw mut (*c).sendq } else { &raw mut (*c).recvq } }
}

/// Waits until one of the cases has been served.
///
/// # Safety
/// As [`gopark`] and [`choose_ready`]; `sudogs` has room for `n` and stays in place until this returns.
unsafe fn wait_for_one(
    block: *mut IsolateBlock,
    cases: *const SelectCase,
    n: usize,
    sudogs: *mut Sudog,
) -> Pair<i64, bool> {
    // SAFETY: as the caller says; all sudogs are out of the queues when this returns.
    unsafe {
        let g = getg(block);
        (*g).select_done = false;
        (*g).param = ptr::null_mut();
        // In a bubble: whether all channels are the bubble's.
        let mut durable = true;
        for i in 0..n {
            let case = &*cases.add(i);
            let s = sudogs.add(i);
            s.write(Sudog {
                g,
                next: ptr::null_mut(),
                prev: ptr::null_mut(),
                elem: case.elem,
                is_select: true,
                success: false,
            });
            if !case.chan.is_null() {
                (*queue_of(case)).enqueue(s);
                let c = case.chan.cast::<Hchan>();
                time::block_on(block, c);
                durable &= (*c).bubble != 0;
            }
        }
        let durable = durable && (*g).bubble != 0;
        gopark(block, if durable { WaitReason::SelectBubble } else { WaitReason::Select });
        let woken_by = std::mem::replace(&mut (*g).param, ptr::null_mut()).cast::<Sudog>();
        for i in 0..n {
            let (case, s) = (&*cases.add(i), sudogs.add(i));
            if !case.chan.is_null() {
                time::unblock(block, case.chan.cast());
            }
            if s != woken_by && !case.chan.is_null() {
                (*queue_of(case)).remove(s);
            }
        }
        cancel::check(block);
        let i = woken_by.offset_from(sudogs) as usize;
        let success = (*woken_by).success;
        if (*cases.add(i)).send == 0 {
            return Pair(i as i64, success);
        }
        if !success {
            raise_error(block, SEND_CLOSED);
        }
        Pair(i as i64, false)
    }
}

/// `select {}`.
///
/// # Safety
/// Called by compiled code of the isolate.
pub unsafe extern "C" fn block(block: *mut IsolateBlock) {
    // SAFETY: as the caller says.
    unsafe { park_forever(block, WaitReason::SelectNoCases) }
}
