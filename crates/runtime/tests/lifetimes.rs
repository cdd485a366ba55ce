//! Memory of programs and isolates that have ended. Alone in its process, because it looks at what the process holds.
#![cfg(target_arch = "x86_64")]
// The unsafe functions here are machine code and natives for one test each, which is their only caller.
#![allow(clippy::missing_safety_doc)]

#[path = "exec/code.rs"]
#[allow(dead_code)]
mod code;

use code::Code;
use itab_abi::block::IsolateBlock;
use itab_abi::types::{Kind, Type};
use itab_runtime::code::arch::CallRegs;
use itab_runtime::code::stack::StackPool;
use itab_runtime::sched::isolate::Options;
use std::sync::Arc;

fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Allocates and collects.
unsafe extern "C" fn work(block: *mut IsolateBlock, args: *const u64, _: *mut u64) {
    // SAFETY: called by a blob with one capture, a type.
    unsafe {
        let heap = &mut (*itab_runtime::sched::isolate::of(block)).heap;
        for _ in 0..10_000 {
            heap.mallocgc(*args as *const Type).unwrap();
        }
        heap.collect_now();
    }
}

#[test]
fn ended_programs_leave_nothing() {
    let pool = Arc::new(StackPool::new());
    let run = |n| {
        for _ in 0..n {
            let code = Code::new();
            let int = code.program.types.basic(Kind::Int).as_ptr() as u64;
            let func = code.native("main.work", work, &[int]);
            let options = Options { stacks: pool.clone(), ..Options::default() };
            let (mut isolate, _) = code.isolate_with(options);
            // SAFETY: a func value's code is entered with the address of its captures.
            unsafe { isolate.enter(*(func as *const usize), &mut CallRegs::with_ints(&[func + 8])) }.unwrap();
        }
    };
    run(50);
    let before = resident();
    run(500);
    let grown = resident().saturating_sub(before);
    assert!(grown < 500, "{grown} pages more after 500 programs");
}
