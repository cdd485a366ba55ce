//! Removes dead code: unreachable blocks, values and parameters without uses, and blocks that only jump on.

use super::cfg::for_each_successor;
use super::effects::is_removable;
use super::rewrite::{Defs, Renames, drop_unreachable, edges, edges_mut};
use crate::func::{BlockId, Func, ValueId};
use crate::op::Term;
use crate::operands::{operands, term_operands};
use crate::program::Program;

/// Removes what is dead and joins blocks.
pub(crate) fn run(program: &Program, func: &mut Func) {
    drop_unreachable(func);
    skip_empty_blocks(func);
    drop_unreachable(func);
    join_blocks(func);
    drop_unreachable(func);
    drop_values(program, func);
}

/// Jumps to a block without instructions or parameters that jumps on go to where it jumps. Branches do not: the block
/// between is the place where something may stand before a loop, and what codegen needs to turn the loop round.
fn skip_empty_blocks(func: &mut Func) {
    for b in 0..func.blocks.len() {
        let mut term = std::mem::replace(&mut func.blocks[b].term, Term::Unreachable);
        if let Term::Jump(to, args) = &mut term {
            let mut steps = 0;
            while steps < 8
                && let Some((next, next_args)) = passes_on(func, BlockId(b as u32), *to)
            {
                *args = next_args;
                *to = next;
                steps += 1;
            }
        }
        func.blocks[b].term = term;
    }
}

fn passes_on(func: &Func, from: BlockId, to: BlockId) -> Option<(BlockId, Vec<ValueId>)> {
    let b = func.block(to);
    match &b.term {
        Term::Jump(next, args) if b.insts.is_empty() && b.params.is_empty() && *next != to && from != to => {
            Some((*next, args.clone()))
        }
        _ => None,
    }
}

/// A block with one predecessor that does nothing but jump to it becomes part of it.
fn join_blocks(func: &mut Func) {
    let mut preds = vec![0u32; func.blocks.len()];
    for b in &func.blocks {
        for_each_successor(&b.term, &mut |s| preds[s.index()] += 1);
    }
    let mut renames = Renames::new(func);
    for b in 0..func.blocks.len() {
        while let Term::Jump(to, args) = &func.blocks[b].term
            && preds[to.index()] == 1
            && to.index() != b
        {
            let (to, args) = (*to, args.clone());
            let next = &mut func.blocks[to.index()];
            let insts = std::mem::take(&mut next.insts);
            let params = std::mem::take(&mut next.params);
            let term = std::mem::replace(&mut next.term, Term::Unreachable);
            let (pos, cold) = (next.term_pos, next.cold);
            params.into_iter().zip(args).for_each(|(p, a)| renames.set(p, a));
            preds[to.index()] = 0;
            let block = &mut func.blocks[b];
            block.insts.extend(insts);
            block.term = term;
            block.term_pos = pos;
            block.cold |= cold;
        }
    }
    renames.apply(func);
}

/// Drops instructions and parameters whose values nothing needs.
fn drop_values(program: &Program, func: &mut Func) {
    let defs = Defs::new(func);
    let mut live = vec![false; func.values.len()];
    let mut work = vec![];
    let mark = |v: ValueId, live: &mut Vec<bool>, work: &mut Vec<ValueId>| {
        if !std::mem::replace(&mut live[v.index()], true) {
            work.push(v);
        }
    };
    let fixed = fixed_parameters(func);
    // Where a parameter's values come from.
    let mut param_at: Vec<Option<(BlockId, usize)>> = vec![None; func.values.len()];
    let mut sources: Vec<Vec<BlockId>> = vec![vec![]; func.blocks.len()];
    for (i, b) in func.blocks.iter().enumerate() {
        let here = BlockId(i as u32);
        b.params.iter().enumerate().for_each(|(k, p)| param_at[p.index()] = Some((here, k)));
        if fixed[i] {
            b.params.iter().for_each(|&p| mark(p, &mut live, &mut work));
        }
        for inst in &b.insts {
            if !is_removable(program, func, &defs, &inst.op) {
                operands(&inst.op, &mut |v| mark(v, &mut live, &mut work));
                inst.result.iter().for_each(|&v| live[v.index()] = true);
            }
        }
        match &b.term {
            Term::Jump(..) => {}
            Term::If { cond, .. } => mark(*cond, &mut live, &mut work),
            t => term_operands(t, &mut |v| mark(v, &mut live, &mut work)),
        }
        edges(&b.term, &mut |to, _| sources[to.index()].push(here));
    }
    while let Some(v) = work.pop() {
        if let Some((b, k)) = param_at[v.index()] {
            for &s in &sources[b.index()] {
                edges(&func.block(s).term, &mut |to, args| {
                    if to == b {
                        mark(args[k], &mut live, &mut work);
                    }
                });
            }
        } else if let Some(op) = defs.op(func, v) {
            operands(op, &mut |u| mark(u, &mut live, &mut work));
        }
    }
    remove(program, func, &live);
}

/// Blocks whose parameters stay: the function's own, and those that a type switch fills.
pub(crate) fn fixed_parameters(func: &Func) -> Vec<bool> {
    let mut fixed = vec![false; func.blocks.len()];
    fixed[0] = true;
    for b in &func.blocks {
        if !matches!(b.term, Term::Jump(..) | Term::If { .. }) {
            for_each_successor(&b.term, &mut |s| fixed[s.index()] = true);
        }
    }
    fixed
}

fn remove(program: &Program, func: &mut Func, live: &[bool]) {
    let defs = Defs::new(func);
    let keep: Vec<Vec<bool>> = func.blocks.iter().map(|b| b.params.iter().map(|p| live[p.index()]).collect()).collect();
    let removable: Vec<Vec<bool>> = func
        .blocks
        .iter()
        .map(|b| {
            let gone = |i: &crate::func::Inst| {
                i.result.is_none_or(|v| !live[v.index()]) && is_removable(program, func, &defs, &i.op)
            };
            b.insts.iter().map(gone).collect()
        })
        .collect();
    for (i, b) in func.blocks.iter_mut().enumerate() {
        let mut k = 0;
        b.insts.retain(|_| {
            k += 1;
            !removable[i][k - 1]
        });
        let mut k = 0;
        b.params.retain(|_| {
            k += 1;
            keep[i][k - 1]
        });
        edges_mut(&mut b.term, &mut |to, args| {
            let mut k = 0;
            args.retain(|_| {
                k += 1;
                keep[to.index()][k - 1]
            });
        });
    }
}
