//! What package reflect does with channels.

use crate::sched::chan;
use crate::sched::hchan::Hchan;
use crate::sched::isolate;
use crate::sched::select::selectgo;
use crate::std::native_table::native_table;
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::SelectCase;
use itab_abi::types::{Kind, Type};
use std::ptr;

/// A case as package reflect describes it.
#[repr(C)]
struct RuntimeSelect {
    dir: u64,
    typ: *const Type,
    chan: *mut Hchan,
    val: *mut u8,
}

const SEND: u64 = 1;
const DEFAULT: u64 = 3;

native_table! {
    // func chanlen(ch unsafe.Pointer) int
    "reflect.chanlen" = fn chanlen(block, args, results) {
        *results = chan::chanlen(block, *args as *const Hchan) as u64;
    }
    "internal/reflectlite.chanlen" = fn reflectlite_chanlen(block, args, results) {
        *results = chan::chanlen(block, *args as *const Hchan) as u64;
    }
    // func chancap(ch unsafe.Pointer) int
    "reflect.chancap" = fn chancap(block, args, results) {
        *results = chan::chancap(block, *args as *const Hchan) as u64;
    }
    // func chanclose(ch unsafe.Pointer)
    "reflect.chanclose" = fn chanclose(block, args, results) {
        chan::closechan(block, *args as *mut Hchan);
    }
    // func makechan(typ *abi.Type, size int) unsafe.Pointer
    "reflect.makechan" = fn makechan(block, args, results) {
        *results = chan::makechan(block, *args as *const _, *args.add(1) as i64) as u64;
    }
    // func chanrecv(ch unsafe.Pointer, nb bool, val unsafe.Pointer) (selected, received bool)
    "reflect.chanrecv" = fn chanrecv(block, args, results) {
        let (selected, received) =
            chan::chanrecv(block, *args as *mut Hchan, *args.add(2) as *mut u8, *args.add(1) as u8 == 0);
        *results = u64::from(selected);
        *results.add(1) = u64::from(received);
    }
    // func chansend0(ch unsafe.Pointer, val unsafe.Pointer, nb bool) bool
    "reflect.chansend0" = fn chansend0(block, args, results) {
        let wait = *args.add(2) as u8 == 0;
        *results = u64::from(chan::chansend(block, *args as *mut Hchan, *args.add(1) as *mut u8, wait));
    }
    // func rselect(cases []runtimeSelect) (chosen int, recvOK bool)
    "reflect.rselect" = fn rselect(block, args, results) {
        let (chosen, received) = select(block, *args as *const RuntimeSelect, *args.add(1) as usize);
        *results = chosen as u64;
        *results.add(1) = u64::from(received);
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
            if case.dir == DEFAULT {
                default = Some(i);
                continue;
            }
            let send = u64::from(case.dir == SEND);
            copies.add(count).write(SelectCase { chan: case.chan.cast(), elem: case.val, send });
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
