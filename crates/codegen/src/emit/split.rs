//! Live ranges of parameters and results, split before loops.
//!
//! A parameter arrives in a fixed register and a result of a call leaves in one. Cranelift's register allocator prefers
//! that register for the whole live range. If the range includes a loop with calls, which clobber the register, the
//! allocator splits the range inside of the loop: the value is copied there and back for each call, in every iteration.
//!
//! Here such a value makes a detour through a floating-point register before the loop. Neither Cranelift's rewriting nor
//! its allocator sees through the detour, so there are two live ranges. The one in the loop can then be in a register or
//! slot that calls preserve.

use super::Emit;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use itab_ir::func::{BlockId, ValueId};
use itab_ir::op::Op;
use itab_ir::operands::{operands, term_operands};
use rustc_hash::FxHashSet;

/// What loops with calls use of what comes from outside.
#[derive(Default)]
pub struct LoopUses {
    values: FxHashSet<ValueId>,
    context: bool,
}

impl Emit<'_> {
    /// Finds what is used in loops that have calls, cold paths aside.
    pub fn find_loop_uses(&mut self, order: &[BlockId]) {
        let mut place = vec![usize::MAX; self.func.blocks.len()];
        order.iter().enumerate().for_each(|(i, b)| place[b.index()] = i);
        let mut uses = LoopUses::default();
        for (end, b) in order.iter().enumerate() {
            for s in self.func.block(*b).term.successors() {
                let head = place[s.index()];
                if head <= end && order[head..=end].iter().any(|&b| self.has_call(b)) {
                    order[head..=end].iter().for_each(|&b| self.add_uses(b, &mut uses));
                }
            }
        }
        self.loop_uses = uses;
    }

    fn has_call(&self, b: BlockId) -> bool {
        let block = self.func.block(b);
        !block.cold && block.insts.iter().any(|i| self.may_call(&i.op))
    }

    fn add_uses(&self, b: BlockId, uses: &mut LoopUses) {
        let block = self.func.block(b);
        for inst in &block.insts {
            operands(&inst.op, &mut |v| _ = uses.values.insert(v));
            uses.context |= matches!(inst.op, Op::Capture(_) | Op::Receiver);
        }
        term_operands(&block.term, &mut |v| _ = uses.values.insert(v));
    }

    /// A scalar of a parameter or result, not tied to its register if a loop with calls uses it.
    pub fn split_range(&mut self, of: ValueId, v: Value) -> Value {
        if self.loop_uses.values.contains(&of) { self.detour(v) } else { v }
    }

    /// The same for the context.
    pub fn split_context(&mut self, v: Value) -> Value {
        if self.loop_uses.context { self.detour(v) } else { v }
    }

    fn detour(&mut self, v: Value) -> Value {
        if self.b.func.dfg.value_type(v) != types::I64 {
            return v;
        }
        let detour = self.b.ins().bitcast(types::F64, MemFlagsData::new(), v);
        let back = self.b.ins().bitcast(types::I64, MemFlagsData::new(), detour);
        // An operation of two results stays where it is; the detour alone would be made where the value is used.
        let zero = self.i64(0);
        self.b.ins().uadd_overflow(back, zero).0
    }
}
