//! Stubs of functions. A function's `FuncId` is the number of its slot and stub in the arena.

use itab_ir::program::FuncId;
use itab_runtime::sched::program::Program;
use std::sync::{Arc, Mutex};

/// Gives every function its slot and stub when it is first needed.
pub(crate) struct Stubs {
    program: Arc<Program>,
    growing: Mutex<()>,
}

impl Stubs {
    pub(crate) fn new(program: Arc<Program>) -> Stubs {
        Stubs { program, growing: Mutex::new(()) }
    }

    /// Makes sure that numbers below `count` exist. They are handed out in batches of doubling size, because the arena
    /// looks for a number's batch one by one.
    fn ensure(&self, count: u32) {
        if self.program.arena.func_count() >= count {
            return;
        }
        let _growing = self.growing.lock().expect("allocating slots does not panic");
        while self.program.arena.func_count() < count {
            let have = self.program.arena.func_count();
            self.program.arena.alloc_funcs(have.max(256)).expect("the arena has room for slots and stubs");
        }
    }

    /// The address by which a function is known.
    pub(crate) fn stub(&self, f: FuncId) -> usize {
        self.ensure(f.0 + 1);
        self.program.arena.stub(f.0)
    }

    /// The address of the pointer to a function's code.
    pub(crate) fn slot(&self, f: FuncId) -> usize {
        self.ensure(f.0 + 1);
        self.program.arena.slot(f.0)
    }
}
