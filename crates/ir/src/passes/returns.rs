//! Makes deferred calls at the returns, where it is known which calls a return makes.
//!
//! A `defer` statement still puts its record on the frame, for panics to find. Take a return that certain `defer`
//! statements dominate, each of which runs once, with nothing deferred after them. It takes their records off the frame
//! and makes the calls itself, the newest first. These are direct calls, which can be inlined. All other returns share
//! one loop over the records.

use super::cfg::{Cfg, reachable};
use super::points_to::frame_param;
use crate::func::{Block, BlockId, Func, Inst, ValueId};
use crate::op::{Callee, Op, Term};
use crate::operands::{mentions, term_mentions};

/// Most calls that a function makes in this way; a call stands at each return.
const MAX_CALLS: usize = 15;
/// Functions with more statements are left as they are.
const MAX_DEFERS: usize = 16;

/// A `defer` statement: its place and the func value.
#[derive(Clone, Copy)]
struct Defer {
    block: BlockId,
    at: usize,
    func: ValueId,
}

/// Looks at the returns of the body of a function with deferred calls.
pub(crate) fn run(func: &mut Func) {
    let Some(frame) = frame_param(func).map(|i| func.blocks[0].params[i]) else { return };
    if !is_private(func, frame) {
        return;
    }
    let defers = statements(func);
    if defers.len() > MAX_DEFERS {
        return;
    }
    let cfg = Cfg::new(func);
    let ways: Vec<Vec<bool>> = defers.iter().map(|d| reachable(func, d.block)).collect();
    let mut left = MAX_CALLS;
    for &b in &cfg.order {
        let Some(at) = func.block(b).insts.iter().position(|i| matches!(i.op, Op::DeferReturn(_))) else { continue };
        let (calls, all) = known_calls(&cfg, &defers, &ways, b);
        if calls.len() <= left {
            left -= calls.len();
            make_calls(func, frame, (b, at), &calls, all);
        }
    }
    share_loop(func);
}

/// Whether only the function itself defers calls on its frame.
fn is_private(func: &Func, frame: ValueId) -> bool {
    let own = |op: &Op| matches!(op, Op::Defer { .. } | Op::DeferReturn(_) | Op::Recover(_));
    let passes_on = |i: &Inst| !own(&i.op) && mentions(&i.op, frame);
    !func.blocks.iter().any(|b| b.insts.iter().any(passes_on) || term_mentions(&b.term, frame))
}

fn statements(func: &Func) -> Vec<Defer> {
    let mut out = vec![];
    for (b, block) in func.blocks.iter().enumerate() {
        for (at, i) in block.insts.iter().enumerate() {
            if let Op::Defer { func, .. } = i.op {
                out.push(Defer { block: BlockId(b as u32), at, func });
            }
        }
    }
    out
}

/// The statements whose calls a return surely makes first, in the order of the calls, and whether there are no others.
fn known_calls(cfg: &Cfg, defers: &[Defer], ways: &[Vec<bool>], exit: BlockId) -> (Vec<Defer>, bool) {
    let after = |i: usize, j: usize| {
        let (d, e) = (&defers[i], &defers[j]);
        ways[i][e.block.index()] || d.block == e.block && d.at < e.at
    };
    let (mut sure, mut possible) = (vec![], 0);
    for (i, d) in defers.iter().enumerate() {
        possible += usize::from(ways[i][exit.index()] || d.block == exit);
        if cfg.dominates(d.block, exit) {
            sure.push(i);
        }
    }
    sure.sort_by_key(|&i| std::cmp::Reverse((cfg.number(defers[i].block), defers[i].at)));
    let mut known: Vec<usize> = vec![];
    for i in sure {
        if (0..defers.len()).any(|j| after(i, j) && !known.contains(&j)) {
            break;
        }
        known.push(i);
    }
    let all = known.len() == possible;
    (known.into_iter().map(|i| defers[i]).collect(), all)
}

/// Puts calls in place of, or before, the loop over the records.
fn make_calls(func: &mut Func, frame: ValueId, (b, at): (BlockId, usize), calls: &[Defer], all: bool) {
    let insts = &mut func.blocks[b.index()].insts;
    let pos = insts[at].pos;
    let mut new = vec![];
    for (i, d) in calls.iter().enumerate() {
        let last = all && i + 1 == calls.len();
        let pop = if last { Op::DeferUnlink(frame) } else { Op::DeferPop(frame) };
        for op in [pop, Op::Call(Callee::Closure(d.func), vec![])] {
            new.push(Inst { op, result: None, pos });
        }
    }
    if all && calls.is_empty() {
        new.push(Inst { op: Op::DeferUnlink(frame), result: None, pos });
    }
    let end = at + usize::from(all);
    insts.splice(at..end, new);
}

/// Returns that begin with a loop over the records have one in common.
fn share_loop(func: &mut Func) {
    let mut shared = None;
    for b in 0..func.blocks.len() {
        let block = &mut func.blocks[b];
        let Some(at) = block.insts.iter().position(|i| matches!(i.op, Op::DeferReturn(_))) else { continue };
        if at + 1 != block.insts.len() || !matches!(block.term, Term::Return(_)) {
            continue;
        }
        let insts = block.insts.split_off(at);
        let term = std::mem::replace(&mut block.term, Term::Unreachable);
        let (term_pos, cold) = (block.term_pos, block.cold);
        let to = *shared.get_or_insert_with(|| {
            func.blocks.push(Block { params: vec![], insts, term, term_pos, cold });
            BlockId(func.blocks.len() as u32 - 1)
        });
        func.blocks[to.index()].cold &= cold;
        func.blocks[b].term = Term::Jump(to, vec![]);
    }
}
