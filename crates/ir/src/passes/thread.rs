//! Jump threading: jumps to a branch whose condition is known.
//!
//! A function that returns a bool and was inlined into a condition ends in `jump b(true)` and `jump b(false)`, where b
//! only branches on its parameter. Such a jump goes to the branch's target directly. That is not done where other
//! blocks use the parameters of b, nor where b is a loop header, because the loop would get a second entry.

use super::cfg::{Cfg, Loops};
use super::rewrite::Defs;
use crate::func::{BlockId, Func, ValueId};
use crate::op::{Const, Term};
use crate::operands::{operands, term_operands};

/// Redirects jumps. Blocks that nobody jumps to any more are left to `dead`.
pub(crate) fn run(func: &mut Func) {
    if !(0..func.blocks.len()).any(|b| branches_only(func, BlockId(b as u32))) {
        return;
    }
    let cfg = Cfg::new(func);
    let loops = Loops::new(func, &cfg);
    let defs = Defs::new(func);
    let private = private_blocks(func);
    let is_head = |b| loops.of(b).is_some_and(|l| loops.loops[l].header == b);
    for &b in &cfg.order {
        let Term::Jump(to, args) = &func.block(b).term else { continue };
        if !branches_only(func, *to) || !private[to.index()] || is_head(*to) {
            continue;
        }
        if let Some(jump) = thread(func, &defs, *to, args) {
            func.blocks[b.index()].term = jump;
        }
    }
}

/// Whether a block does nothing but branch on one of its parameters.
fn branches_only(func: &Func, b: BlockId) -> bool {
    let block = func.block(b);
    block.insts.is_empty() && matches!(&block.term, Term::If { cond, .. } if block.params.contains(cond))
}

/// For each block, whether nobody but its own end uses its parameters.
fn private_blocks(func: &Func) -> Vec<bool> {
    let mut home = vec![None; func.values.len()];
    for (i, block) in func.blocks.iter().enumerate() {
        block.params.iter().for_each(|p| home[p.index()] = Some(i));
    }
    let mut private = vec![true; func.blocks.len()];
    for (i, block) in func.blocks.iter().enumerate() {
        let mut uses = |v: ValueId| {
            if let Some(b) = home[v.index()].filter(|&b| b != i) {
                private[b] = false;
            }
        };
        block.insts.iter().for_each(|inst| operands(&inst.op, &mut uses));
        term_operands(&block.term, &mut uses);
    }
    private
}

/// The jump that a jump to the branching block `through` amounts to, if its argument is a constant.
fn thread(func: &Func, defs: &Defs, through: BlockId, args: &[ValueId]) -> Option<Term> {
    let block = func.block(through);
    let Term::If { cond, then, els } = &block.term else { return None };
    let argument = |v: ValueId| block.params.iter().position(|&p| p == v).map_or(v, |i| args[i]);
    let taken = match defs.constant(func, argument(*cond))? {
        Const::Bool(b) => *b,
        Const::Zero => false,
        _ => return None,
    };
    let (to, args) = if taken { then } else { els };
    Some(Term::Jump(*to, args.iter().map(|&a| argument(a)).collect()))
}
