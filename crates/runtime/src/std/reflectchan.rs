//! What package reflect, and the host, do with channels.

use crate::sched::chan;
use crate::sched::hchan::Hchan;
use crate::sched::isolate;
use crate::sched::select::selectgo;
use crate::std::native::natives;
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::SelectCase;
use itab_abi::shared::{RuntimeSelect, SELECT_DEFAULT, SELECT_SEND};
use itab_abi::types::{Kind, Type};
use itab_abi::value::GoSlice;
use std::ptr;

natives! {
    /// `func chanlen(ch unsafe.Pointer) int`
    "reflect.chanlen" | "internal/reflectlite.chanlen" = fn chanlen(block, ch: *const Hchan) -> i64 {
        // SAFETY: package reflect passes the word of a channel.
        unsafe { chan::chanlen(block, ch) }
    }
    /// `func chancap(ch unsafe.Pointer) int`
    "reflect.chancap" = fn chancap(block, ch: *const Hchan) -> i64 {
        // SAFETY: as `chanlen`.
        unsafe { chan::chancap(block, ch) }
    }
    /// `func chanclose(ch unsafe.Pointer)`
    "reflect.chanclose" = fn chanclose(block, ch: *mut Hchan) {
        // SAFETY: as `chanlen`; nothing here needs dropping.
        unsafe { chan::closechan(block, ch) }
    }
    /// `func makechan(typ *abi.Type, size int) (ch unsafe.Pointer)`
    "reflect.makechan" = fn makechan(block, typ: *const Type, size: i64) -> *mut Hchan {
        // SAFETY: package reflect passes a channel type; nothing here needs dropping.
        unsafe { chan::makechan(block, typ.cast(), size) }
    }
    /// `func chanrecv(ch unsafe.Pointer, nb bool, val unsafe.Pointer) (selected, received bool)`
    "reflect.chanrecv" = fn chanrecv(block, ch: *mut Hchan, nb: bool, val: *mut u8) -> (bool, bool) {
        // SAFETY: as `chanlen`; `val` has room for an element; nothing here needs dropping.
        unsafe { chan::chanrecv(block, ch, val, !nb) }
    }
    /// `func chansend0(ch unsafe.Pointer, val unsafe.Pointer, nb bool) bool`
    "reflect.chansend0" = fn chansend0(block, ch: *mut Hchan, val: *mut u8, nb: bool) -> bool {
        // SAFETY: as `chanlen`; `val` points to an element; nothing here needs dropping.
        unsafe { chan::chansend(block, ch, val, !nb) }
    }
    /// `func hostSend(c, elem unsafe.Pointer, wait bool, sent *bool)`; the host passes a channel, or nil, and the address of
    /// an element.
    "runtime.hostSend" = fn host_send(block, ch: *mut Hchan, elem: *mut u8, wait: bool, sent: *mut bool) {
        // SAFETY: as the declaration says; nothing here needs dropping.
        unsafe { *sent = chan::chansend(block, ch, elem, wait) }
    }
    /// `func hostRecv(c, elem unsafe.Pointer, wait bool, got *[2]bool)`; the host passes a channel, or nil, and room for an
    /// element.
    "runtime.hostRecv" = fn host_recv(block, ch: *mut Hchan, elem: *mut u8, wait: bool, got: *mut [bool; 2]) {
        // SAFETY: as the declaration says; nothing here needs dropping.
        unsafe { *got = chan::chanrecv(block, ch, elem, wait).into() }
    }
    /// `func hostClose(c unsafe.Pointer)`; the host passes a channel or nil.
    "runtime.hostClose" = fn host_close(block, ch: *mut Hchan) {
        // SAFETY: as the declaration says; nothing here needs dropping.
        unsafe { chan::closechan(block, ch) }
    }
    /// `func rselect([]runtimeSelect) (chosen int, recvOK bool)`
    "reflect.rselect" = fn rselect(block, cases: GoSlice) -> (usize, bool) {
        // SAFETY: the slice's elements are such cases, which stay in place during the call.
        unsafe { select(block, cases.ptr.cast(), cases.len) }
    }
}

/// Cases that fit the stack; more go to the heap.
const ON_STACK: usize = 16;

/// Waits for one of the cases; which, and whether a value was received.
///
/// # Safety
/// As [`selectgo`]; `cases` points to `n` cases of package reflect, which stay as they are until this returns.
unsafe fn select(block: *mut IsolateBlock, cases: *const RuntimeSelect, n: usize) -> (usize, bool) {
    // SAFETY: as the caller says; the copies stay in place, on this stack or alive to `keep_alive`.
    unsafe {
        let mut local = [const { SelectCase { chan: ptr::null_mut(), elem: ptr::null_mut(), send: 0 } }; ON_STACK];
        let copies = match n <= ON_STACK {
            true => local.as_mut_ptr(),
            false => {
                let word = isolate::program(block).types.basic(Kind::UnsafePointer).as_ptr();
                crate::sched::alloc::array(block, word, n * size_of::<SelectCase>() / 8).cast::<SelectCase>()
            }
        };
        let (mut count, mut default) = (0, None);
        for i in 0..n {
            let case = &*cases.add(i);
            if case.dir == SELECT_DEFAULT {
                default = Some(i);
                continue;
            }
            let send = u64::from(case.dir == SELECT_SEND);
            copies.add(count).write(SelectCase { chan: case.ch, elem: case.val, send });
            count += 1;
        }
        let chosen = selectgo(block, copies, count, default.is_none());
        crate::heap::mgcroots::keep_alive(copies);
        match (chosen.0, default) {
            (-1, Some(default)) => (default, false),
            (i, Some(default)) if i as usize >= default => (i as usize + 1, chosen.1),
            (i, _) => (i as usize, chosen.1),
        }
    }
}
