//! Which functions a body is going to call, in order: what may be compiled ahead.
//!
//! The walk follows the path that is always taken, and goes once through each loop. At a branch it continues where the
//! two sides meet; a side that is cold or panics is ignored. So calls on only some paths are left out, and those that
//! are found are made unless something panics or ends the program.

use crate::func::{BlockId, Func};
use crate::op::{Callee, Op, Term};
use crate::program::FuncId;

/// Larger bodies are not looked at.
const MAX_BLOCKS: usize = 400;

/// The known functions that a body calls in any case, in the order of the calls.
pub fn next_calls(func: &Func) -> Vec<FuncId> {
    let mut out = vec![];
    if func.blocks.len() > MAX_BLOCKS {
        return out;
    }
    let mut seen = vec![false; func.blocks.len()];
    let mut at = Some(BlockId(0));
    // Where loops that the walk is in go on.
    let mut exits = vec![];
    while let Some(b) = at {
        at = None;
        if !std::mem::replace(&mut seen[b.index()], true) {
            let block = func.block(b);
            let mut call = |callee: &Callee| {
                if let Callee::Static(f) = callee
                    && *f != func.id
                    && !out.contains(f)
                {
                    out.push(*f);
                }
            };
            block.insts.iter().for_each(|i| {
                if let Op::Call(callee, _) = &i.op {
                    call(callee)
                }
            });
            if let Term::TailCall(callee, _) = &block.term {
                call(callee);
            }
            at = after(func, b, &mut exits);
        }
        at = at.or_else(|| exits.pop());
    }
    out
}

/// The block that follows a block in any case.
fn after(func: &Func, b: BlockId, exits: &mut Vec<BlockId>) -> Option<BlockId> {
    let mut ways = func.block(b).term.successors();
    ways.retain(|&mut s| !func.block(s).cold && !matches!(func.block(s).term, Term::Panic(_) | Term::Unreachable));
    match ways[..] {
        [] => None,
        [one] => Some(one),
        [first, second] => {
            let (r, s) = (reachable(func, first), reachable(func, second));
            match (r[b.index()], s[b.index()]) {
                (true, false) => {
                    exits.push(second);
                    Some(first)
                }
                (false, true) => {
                    exits.push(first);
                    Some(second)
                }
                _ => crate::sanity::reverse_postorder(func).into_iter().find(|x| r[x.index()] && s[x.index()]),
            }
        }
        _ => None,
    }
}

/// The blocks that can come after a block, itself included.
fn reachable(func: &Func, from: BlockId) -> Vec<bool> {
    let mut seen = vec![false; func.blocks.len()];
    let mut work = vec![from];
    while let Some(b) = work.pop() {
        if !std::mem::replace(&mut seen[b.index()], true) {
            work.extend(func.block(b).term.successors());
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::func::{Block, Inst, ValueId};

    fn block(calls: &[u32], term: Term) -> Block {
        let call = |&f: &u32| Inst { op: Op::Call(Callee::Static(FuncId(f)), vec![]), result: None, pos: 0 };
        Block { params: vec![], insts: calls.iter().map(call).collect(), term, term_pos: 0, cold: false }
    }

    fn fork(then: u32, els: u32) -> Term {
        Term::If { cond: ValueId(0), then: (BlockId(then), vec![]), els: (BlockId(els), vec![]) }
    }

    fn to(b: u32) -> Term {
        Term::Jump(BlockId(b), vec![])
    }

    #[test]
    fn what_is_called_in_any_case() {
        let mut f = Func::new(FuncId(0));
        f.blocks = vec![
            block(&[1], fork(1, 2)),
            block(&[2], to(3)),
            block(&[3], to(3)),
            block(&[4], fork(4, 5)),
            block(&[5, 1], to(3)),
            block(&[6, 0], Term::Return(vec![])),
        ];
        assert_eq!(next_calls(&f), [1, 4, 5, 6].map(FuncId));
        f.blocks[4].cold = true;
        assert_eq!(next_calls(&f), [1, 4, 6].map(FuncId));
    }
}
