//! Channels.
//!
//! A channel is an object of the Go heap. Goroutines that wait on it are in its two queues, each with a [`Sudog`] on
//! its own stack. Stacks do not move and all goroutines are roots, so a channel with waiters is alive, and so is the
//! waiters' memory.
//!
//! Invariants, as in Go: at least one of the queues is empty, except when a goroutine waits in a `select` both to send
//! and to receive on the same channel. If a buffer holds values, no goroutine waits to receive; if it has room, none
//! waits to send. An operation that can proceed at once serves the first waiter directly, from stack to stack.

use crate::heap::malloc::{Heap, OutOfMemory, zerobase};
use crate::heap::mbarrier::{memclr, memmove};
use crate::heap::mgcroots::Local;
use crate::heap::slice::MAX_ALLOC;
use crate::sched::alloc::heap;
use crate::sched::cancel;
use crate::sched::enter;
use crate::sched::exit::StopReason;
use crate::sched::hchan::Hchan;
use crate::sched::hchan::{Sudog, WaitQ};
use crate::sched::isolate::getg;
use crate::sched::panic::{fatal, raise_error};
use crate::sched::proc::{gopark, goready};
use crate::sched::time;
use crate::sched::wait_reason::WaitReason;
use crate::types::errors::{CLOSE_CLOSED, CLOSE_NIL, MAKECHAN_SIZE, SEND_CLOSED};
use itab_abi::block::IsolateBlock;
use itab_abi::types::{ChanType, Type};
use std::mem::offset_of;
use std::ptr;

/// Bits of the words of a channel that point into the heap.
const CHAN_MASK: u64 = 1 << (offset_of!(Hchan, buf) / 8) | 1 << (offset_of!(Hchan, timer) / 8);

/// `make(chan T, size)`.
///
/// # Safety
/// Called by compiled code of the isolate with a channel type.
pub unsafe extern "C" fn makechan(block: *mut IsolateBlock, typ: *const ChanType, size: i64) -> *mut Hchan {
    // SAFETY: as the caller says.
    unsafe {
        let elemtype = (*typ).elem;
        let elemsize = (*elemtype).size;
        let fits = |n: &usize| elemsize.checked_mul(*n).is_some_and(|bytes| bytes <= MAX_ALLOC);
        let Some(dataqsiz) = usize::try_from(size).ok().filter(fits) else { raise_error(block, MAKECHAN_SIZE) };
        match new_chan(heap(block), elemtype, dataqsiz) {
            Ok(c) => {
                (*c).bubble = (*getg(block)).bubble;
                c
            }
            Err(e) => enter::stop(block, StopReason::Memory(e.to_string())),
        }
    }
}

/// A channel with a buffer for so many elements.
///
/// # Errors
/// When there is no memory for it.
///
/// # Safety
/// `elemtype` points to a descriptor that lives as long as the heap.
pub unsafe fn new_chan(heap: &mut Heap, elemtype: *const Type, n: usize) -> Result<*mut Hchan, OutOfMemory> {
    let none = WaitQ { first: ptr::null_mut(), last: ptr::null_mut() };
    // SAFETY: as the caller says; the channel's memory is fresh.
    unsafe {
        let elemsize = (*elemtype).size;
        let bytes = elemsize.checked_mul(n).filter(|bytes| *bytes <= MAX_ALLOC).unwrap_or(MAX_ALLOC);
        let (c, buf) = alloc_chan(heap, elemtype, bytes)?;
        c.write(Hchan {
            qcount: 0,
            dataqsiz: n,
            buf,
            elemsize,
            elemtype,
            closed: false,
            bubble: 0,
            timer: ptr::null_mut(),
            sendx: 0,
            recvx: 0,
            recvq: none,
            sendq: none,
        });
        Ok(c)
    }
}

/// Memory of a channel and for the elements in its buffer: one object if they have no pointers.
///
/// # Safety
/// `elem` points to a descriptor that lives as long as the heap.
unsafe fn alloc_chan(heap: &mut Heap, elem: *const Type, bytes: usize) -> Result<(*mut Hchan, *mut u8), OutOfMemory> {
    const SIZE: usize = size_of::<Hchan>();
    // SAFETY: the caller's promise; the buffer lies behind the channel in the same object.
    unsafe {
        if (*elem).ptr_bytes == 0 {
            let c = heap.alloc_noscan(SIZE + bytes)?;
            return Ok((c.cast(), if bytes == 0 { zerobase() } else { c.add(SIZE) }));
        }
        let buf = Local::new(heap.newarray(elem, bytes / (*elem).size)?);
        Ok((heap.alloc_record(SIZE, CHAN_MASK)?.cast(), buf.get()))
    }
}

impl Hchan {
    /// The address of value `i` in the buffer.
    ///
    /// # Safety
    /// `i` is below `dataqsiz`.
    unsafe fn slot(&self, i: usize) -> *mut u8 {
        // SAFETY: the buffer has `dataqsiz` values of that size, and `i` is below, as the caller says.
        unsafe { self.buf.add(i * self.elemsize) }
    }
}

/// Whether a send, or a receive, would not wait.
///
/// # Safety
/// `c` is nil or a live channel.
pub unsafe fn is_ready(c: *const Hchan, send: bool) -> bool {
    // SAFETY: as the caller says.
    unsafe { c.as_ref().is_some_and(|c| if send { c.can_send() } else { c.can_recv() }) }
}

/// Parks forever: an operation on a nil channel.
///
/// # Safety
/// As [`gopark`].
pub(crate) unsafe fn park_forever(block: *mut IsolateBlock, reason: WaitReason) -> ! {
    loop {
        // SAFETY: as the caller says.
        unsafe {
            cancel::check(block);
            gopark(block, reason);
        }
    }
}

/// Makes a waiter ready, with or without a communication.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread; `s` was just taken from a queue, and its goroutine has not
/// been made ready since.
unsafe fn wake(block: *mut IsolateBlock, s: *mut Sudog, success: bool) {
    // SAFETY: as the caller says: the sudog lies on the stack of a goroutine that waits.
    unsafe {
        (*s).success = success;
        (*(*s).g).param = s.cast();
        goready(block, (*s).g);
    }
}

/// Sends `*elem`. Without `wait` it returns false instead of waiting.
///
/// # Safety
/// Called on behalf of compiled code; `c` is nil or a channel, `elem` points to a value of its type.
pub unsafe fn chansend(block: *mut IsolateBlock, c: *mut Hchan, elem: *mut u8, wait: bool) -> bool {
    // SAFETY: as the caller says; references to the channel are not held while parked.
    unsafe {
        if c.is_null() {
            if !wait {
                return false;
            }
            park_forever(block, WaitReason::ChanSendNil);
        }
        check_bubble(block, c, "send on");
        if (*c).closed {
            raise_error(block, SEND_CLOSED);
        }
        if let Some(s) = (*c).recvq.dequeue() {
            if !(*s).elem.is_null() {
                memmove((*s).elem, elem, (*c).elemsize);
            }
            wake(block, s, true);
            return true;
        }
        if (*c).qcount < (*c).dataqsiz {
            memmove((*c).slot((*c).sendx), elem, (*c).elemsize);
            (*c).sendx = ((*c).sendx + 1) % (*c).dataqsiz;
            (*c).qcount += 1;
            return true;
        }
        if !wait {
            return false;
        }
        cancel::check(block);
        let reason = if (*c).bubble == 0 { WaitReason::ChanSend } else { WaitReason::ChanSendBubble };
        if !park_on(block, &raw mut (*c).sendq, elem, reason) {
            cancel::check(block);
            raise_error(block, SEND_CLOSED);
        }
        true
    }
}

/// Channels of a bubble are for its goroutines alone.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine, where nothing needs dropping; `c` is a live channel.
pub(crate) unsafe fn check_bubble(block: *mut IsolateBlock, c: *const Hchan, what: &str) {
    // SAFETY: as the caller says.
    unsafe {
        if (*c).bubble != 0 && (*getg(block)).bubble != (*c).bubble {
            fatal(block, format!("{what} synctest channel from outside bubble"));
        }
    }
}

/// Waits in a queue; whether a communication took place. It did not if the wait was given up, which the caller checks.
///
/// # Safety
/// As [`gopark`]; `queue` belongs to a live channel, and `elem` is nil or has room for its values until this returns.
unsafe fn park_on(block: *mut IsolateBlock, queue: *mut WaitQ, elem: *mut u8, reason: WaitReason) -> bool {
    // SAFETY: as the caller says; the sudog stays in place until somebody has taken it from the queue and made the
    // goroutine ready.
    unsafe {
        let mut sudog = Sudog {
            g: getg(block),
            next: ptr::null_mut(),
            prev: ptr::null_mut(),
            elem,
            is_select: false,
            success: false,
        };
        let s = &raw mut sudog;
        (*queue).enqueue(s);
        gopark(block, reason);
        // Whoever has served it has taken it out.
        (*queue).remove(s);
        ptr::read_volatile(&raw const (*s).success)
    }
}

/// Receives to `*elem` (which may be nil). The first result tells whether it did not have to wait, which without `wait`
/// may be false; the second whether a value was received.
///
/// # Safety
/// As [`chansend`].
pub unsafe fn chanrecv(block: *mut IsolateBlock, c: *mut Hchan, elem: *mut u8, wait: bool) -> (bool, bool) {
    // SAFETY: as the caller says; references to the channel are not held while parked.
    unsafe {
        if c.is_null() {
            if !wait {
                return (false, false);
            }
            park_forever(block, WaitReason::ChanReceiveNil);
        }
        check_bubble(block, c, "receive on");
        time::poll_channel(block, c);
        let store = |from: *mut u8| {
            if !elem.is_null() {
                memmove(elem, from, (*c).elemsize);
            }
        };
        if (*c).closed && (*c).qcount == 0 {
            if !elem.is_null() {
                memclr(elem, (*c).elemsize);
            }
            return (true, false);
        }
        if let Some(s) = (*c).sendq.dequeue() {
            if (*c).dataqsiz == 0 {
                store((*s).elem);
            } else {
                // The buffer is full: its head is received, and the sender's value takes the place behind its tail.
                let slot = (*c).slot((*c).recvx);
                store(slot);
                memmove(slot, (*s).elem, (*c).elemsize);
                (*c).recvx = ((*c).recvx + 1) % (*c).dataqsiz;
                (*c).sendx = (*c).recvx;
            }
            wake(block, s, true);
            return (true, true);
        }
        if (*c).qcount > 0 {
            let slot = (*c).slot((*c).recvx);
            store(slot);
            memclr(slot, (*c).elemsize);
            (*c).recvx = ((*c).recvx + 1) % (*c).dataqsiz;
            (*c).qcount -= 1;
            return (true, true);
        }
        if !wait {
            return (false, false);
        }
        cancel::check(block);
        time::block_on(block, c);
        let reason = if (*c).bubble == 0 { WaitReason::ChanReceive } else { WaitReason::ChanReceiveBubble };
        let received = park_on(block, &raw mut (*c).recvq, elem, reason);
        time::unblock(block, c);
        cancel::check(block);
        (true, received)
    }
}

/// `c <- *elem`.
///
/// # Safety
/// As [`chansend`].
pub unsafe extern "C" fn chansend1(block: *mut IsolateBlock, c: *mut Hchan, elem: *mut u8) {
    // SAFETY: as the caller says.
    unsafe { chansend(block, c, elem, true) };
}

/// `*elem = <-c`.
///
/// # Safety
/// As [`chansend`].
pub unsafe extern "C" fn chanrecv1(block: *mut IsolateBlock, c: *mut Hchan, elem: *mut u8) {
    // SAFETY: as the caller says.
    unsafe { chanrecv(block, c, elem, true) };
}

/// `*elem, ok = <-c`.
///
/// # Safety
/// As [`chansend`].
pub unsafe extern "C" fn chanrecv2(block: *mut IsolateBlock, c: *mut Hchan, elem: *mut u8) -> bool {
    // SAFETY: as the caller says.
    unsafe { chanrecv(block, c, elem, true).1 }
}

/// `close(c)`.
///
/// # Safety
/// Called on behalf of compiled code; `c` is nil or a channel.
pub unsafe extern "C" fn closechan(block: *mut IsolateBlock, c: *mut Hchan) {
    // SAFETY: as the caller says.
    unsafe {
        if c.is_null() {
            raise_error(block, CLOSE_NIL);
        }
        check_bubble(block, c, "close of");
        if (*c).closed {
            raise_error(block, CLOSE_CLOSED);
        }
        (*c).closed = true;
        // As in Go, who waited last runs first.
        let mut woken: *mut Sudog = ptr::null_mut();
        while let Some(s) = (*c).recvq.dequeue() {
            if !(*s).elem.is_null() {
                memclr((*s).elem, (*c).elemsize);
            }
            (*s).next = std::mem::replace(&mut woken, s);
        }
        while let Some(s) = (*c).sendq.dequeue() {
            (*s).next = std::mem::replace(&mut woken, s);
        }
        while !woken.is_null() {
            let s = woken;
            woken = (*s).next;
            (*s).next = ptr::null_mut();
            wake(block, s, false);
        }
    }
}

/// `len(c)`.
///
/// # Safety
/// `c` is nil or a channel.
pub unsafe extern "C" fn chanlen(_: *mut IsolateBlock, c: *const Hchan) -> i64 {
    // SAFETY: as the caller says.
    unsafe { c.as_ref() }.filter(|c| c.timer.is_null()).map_or(0, |c| c.qcount as i64)
}

/// `cap(c)`.
///
/// # Safety
/// `c` is nil or a channel.
pub unsafe extern "C" fn chancap(_: *mut IsolateBlock, c: *const Hchan) -> i64 {
    // SAFETY: as the caller says.
    unsafe { c.as_ref() }.filter(|c| c.timer.is_null()).map_or(0, |c| c.dataqsiz as i64)
}
