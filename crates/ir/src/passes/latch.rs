//! Copies the end of a loop to each path that leads to it.
//!
//! Where the paths through a loop's body meet, little is often left to do: count, poll for preemption, jump back to the
//! header. Each path gets a copy of that, with its own jump back:
//!
//! ```text
//! a: …; jump end(x)                     a: …; i' = add i, 1; preempt; jump head(x, i')
//! b: …; jump end(y)              →      b: …; i' = add i, 1; preempt; jump head(y, i')
//! end(n): i' = add i, 1; preempt; jump head(n, i')
//! ```
//!
//! That saves a jump in each iteration. It also helps branch prediction: a processor predicts a branch from the
//! branches before it, and with fewer of them in an iteration its history reaches further back. A type switch over
//! 1,024 values of random types that ends in calls through registers takes less than half of the time.

use super::cfg::{Cfg, Loops};
use super::rewrite::copy_inst;
use crate::func::{BlockId, Func, ValueId};
use crate::op::{BinOp, Op, Term};
use crate::operands::term_operands_mut;
use rustc_hash::FxHashMap;

/// Ends with more instructions are not copied.
const MAX_INSTS: usize = 4;
/// So many paths lead to an end that is copied. With two, some loops gain what others lose.
const WAYS: std::ops::RangeInclusive<usize> = 3..=5;

/// Copies ends of loops. They themselves are left to `dead`.
pub(crate) fn run(func: &mut Func) {
    let cfg = Cfg::new(func);
    let ways = |b: BlockId| &cfg.preds[b.index()];
    let ends: Vec<BlockId> = cfg.order.iter().copied().filter(|&b| is_end(func, b, ways(b))).collect();
    if ends.is_empty() {
        return;
    }
    let loops = Loops::new(func, &cfg);
    for end in ends {
        let header = loops.of(end).map(|l| loops.loops[l].header);
        if header != Some(end) && matches!(func.block(end).term, Term::Jump(to, _) if Some(to) == header) {
            ways(end).iter().for_each(|&way| copy(func, end, way));
        }
    }
}

/// Whether a block is a short end, which several blocks jump to.
fn is_end(func: &Func, end: BlockId, ways: &[BlockId]) -> bool {
    let block = func.block(end);
    let jumps = ways.iter().all(|w| matches!(func.block(*w).term, Term::Jump(..)));
    let short = block.insts.len() <= MAX_INSTS && block.insts.iter().all(|i| is_small(&i.op));
    matches!(block.term, Term::Jump(..)) && WAYS.contains(&ways.len()) && jumps && short
}

fn is_small(op: &Op) -> bool {
    matches!(op, Op::Const(_) | Op::Preempt | Op::Binary(BinOp::Add | BinOp::Sub, ..))
}

/// Puts the end `end` in place of the jump to it with which the block `way` ends.
fn copy(func: &mut Func, end: BlockId, way: BlockId) {
    let from = func.block(end).clone();
    let Term::Jump(_, args) = &func.block(way).term else { return };
    let mut map: FxHashMap<ValueId, ValueId> = from.params.iter().copied().zip(args.iter().copied()).collect();
    for inst in from.insts {
        let inst = copy_inst(func, inst, &mut map);
        func.blocks[way.index()].insts.push(inst);
    }
    let mut term = from.term;
    term_operands_mut(&mut term, &mut |v| *v = *map.get(v).unwrap_or(v));
    let way = &mut func.blocks[way.index()];
    (way.term, way.term_pos) = (term, from.term_pos);
}
