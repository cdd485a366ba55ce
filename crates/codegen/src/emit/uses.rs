//! What the translation wants to know of a body beforehand: definitions and uses.

use itab_ir::func::{Func, ValueId};
use itab_ir::op::{Op, Storage};
use itab_ir::operands::{operands, term_operands};

/// Definitions and numbers of uses of values.
pub struct Uses {
    defs: Vec<Option<(u32, u32)>>,
    counts: Vec<u32>,
}

impl Uses {
    /// Of a body.
    pub fn new(func: &Func) -> Uses {
        let mut u = Uses { defs: vec![None; func.values.len()], counts: vec![0; func.values.len()] };
        for (b, block) in func.blocks.iter().enumerate() {
            for (i, inst) in block.insts.iter().enumerate() {
                if let Some(v) = inst.result {
                    u.defs[v.index()] = Some((b as u32, i as u32));
                }
                operands(&inst.op, &mut |v| u.counts[v.index()] += 1);
            }
            term_operands(&block.term, &mut |v| u.counts[v.index()] += 1);
        }
        u
    }

    /// Block and index of the instruction that defines a value.
    pub fn def(&self, v: ValueId) -> Option<(u32, u32)> {
        self.defs[v.index()]
    }

    /// How often a value is used.
    pub fn count(&self, v: ValueId) -> u32 {
        self.counts[v.index()]
    }
}

/// Whether a body makes objects in its frame whose addresses callees may get.
pub fn has_stack_objects(func: &Func) -> bool {
    let on_stack = |op: &Op| op.place() == Some(Storage::Stack) || matches!(op, Op::DeferFrame(_));
    func.blocks.iter().flat_map(|b| &b.insts).any(|i| on_stack(&i.op))
}
