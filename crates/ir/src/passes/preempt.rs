//! Preemption points of loops.
//!
//! The builder puts a `Preempt`, a poll, on every back edge. An innermost loop with a small constant number of
//! iterations needs none.
//!
//! In a small counted loop without calls the poll would cost as much as the body. Such a loop is *strip-mined*. It gets
//! a second, near limit, at most [`STRIP`] iterations away, and the loop's header compares the counter with that alone.
//! When the near limit is reached, a block outside the loop compares the counter with the real limit. If there are
//! iterations left, that block polls, moves the near limit on and enters the loop again.
//!
//! Calls do not count as preemption points, because small leaf functions have no stack check. The pass
//! [`unroll`](super::unroll) gets the loops that are found here.

use super::cfg::{Cfg, Loops};
use super::rewrite::Defs;
use super::unroll::TinyLoop;
use crate::func::{Block, BlockId, Func, Inst, ValueId};
use crate::op::{BinOp, CmpOp, Const, Conv, Op, Term};
use crate::ty::{Basic, TypeTable};
use crate::world::World;

/// Iterations between two polls.
const STRIP: i64 = 1024;
/// A loop of constant length up to this runs without a poll.
const SHORT: i64 = 256;
/// Bodies with more instructions are not strip-mined: there the test does not matter.
const MAX_BODY: usize = 60;

/// Removes and moves polls, and notes loops for `unroll`. Whether there are any.
pub(crate) fn run(world: &mut World, func: &mut Func) -> bool {
    world.driver.tiny_loops = place_polls(func);
    !world.driver.tiny_loops.is_empty()
}

/// Drops and moves preemption points. Gives the loops that may be worth unrolling.
fn place_polls(func: &mut Func) -> Vec<TinyLoop> {
    if !func.blocks.iter().any(|b| b.insts.iter().any(|i| i.op == Op::Preempt)) {
        return vec![];
    }
    let cfg = Cfg::new(func);
    let loops = Loops::new(func, &cfg);
    let defs = Defs::new(func);
    let (mut mined, mut tiny) = (vec![], vec![]);
    for l in 0..loops.loops.len() {
        let points = points(func, &loops, l);
        if points.is_empty() {
            continue;
        }
        let innermost = loops.loops[l].blocks.iter().all(|&b| loops.of(b) == Some(l));
        let counted = Counted::find(func, &cfg, &loops, &defs, l);
        let short = counted.as_ref().is_some_and(|c| c.is_short(func, &defs));
        if innermost && short {
            remove(func, &points);
        } else if let Some(c) = counted
            && innermost
        {
            if c.can_be_mined(func, &loops, l) {
                remove(func, &points);
                mined.push(c);
            } else if c.bias == 0 {
                tiny.push(c);
            }
        }
    }
    let mut noted: Vec<TinyLoop> = tiny.iter().filter_map(|c| c.tiny_loop(c.limit, None)).collect();
    for c in mined {
        let (near, enter) = c.mine(func);
        noted.extend(c.tiny_loop(near, Some(enter)));
    }
    noted
}

/// The preemption points of a loop's own back edges.
fn points(func: &Func, loops: &Loops, l: usize) -> Vec<BlockId> {
    let has = |b: &BlockId| loops.of(*b) == Some(l) && func.block(*b).insts.iter().any(|i| i.op == Op::Preempt);
    loops.loops[l].blocks.iter().copied().filter(has).collect()
}

fn remove(func: &mut Func, points: &[BlockId]) {
    for b in points {
        func.blocks[b.index()].insts.retain(|i| i.op != Op::Preempt);
    }
}

/// `for ; i < n; i += step` or `for ; i > n; i -= step` where the limit does not change.
struct Counted {
    header: BlockId,
    /// Number of the counter among the header's parameters.
    counter: usize,
    i: ValueId,
    limit: ValueId,
    /// What the limit, a constant, is to be increased by, so that the counter does not reach it: for `<=` and `>=`.
    bias: i64,
    /// Negative for a loop that counts down.
    step: i64,
    start: Option<ValueId>,
    /// The comparison with the limit.
    test: Op,
    /// Blocks of the loop with an edge to the header. Mining another loop may make new ones outside.
    inside: Vec<BlockId>,
    /// Whether the loop goes on when the comparison holds.
    stays_if_true: bool,
    /// How many blocks it has.
    blocks: usize,
}

impl Counted {
    fn find(func: &Func, cfg: &Cfg, loops: &Loops, defs: &Defs, l: usize) -> Option<Counted> {
        let header = loops.loops[l].header;
        let Term::If { cond, then, els } = &func.block(header).term else { return None };
        let stays_if_true = match (loops.contains(l, then.0), loops.contains(l, els.0)) {
            (true, false) => true,
            (false, true) => false,
            _ => return None,
        };
        let test = defs.op(func, *cond)?.clone();
        let Op::Compare(op, x, y) = test else { return None };
        let below = match (op, stays_if_true) {
            (CmpOp::Lt, true) | (CmpOp::Ge, false) => (x, y, 0),
            (CmpOp::Gt, true) | (CmpOp::Le, false) => (y, x, 0),
            (CmpOp::Le, true) | (CmpOp::Gt, false) => (x, y, 1),
            (CmpOp::Ge, true) | (CmpOp::Lt, false) => (y, x, 1),
        };
        let counter_of = |v: ValueId| func.block(header).params.iter().position(|&p| p == v);
        let (low, high, open) = below;
        let (i, limit, up) = if counter_of(low).is_some() { (low, high, true) } else { (high, low, false) };
        let (counter, bias) = (counter_of(i)?, if up { open } else { -open });
        if func.ty(i) != TypeTable::basic(Basic::Int) {
            return None;
        }
        // The limit is computed before the loop, or a pure part of something that is.
        if !is_invariant(func, loops, defs, l, limit) {
            return None;
        }
        if bias != 0 {
            defs.int(func, limit)?.checked_add(bias)?;
        }
        let mut step = None;
        let (mut start, mut entries, mut inside) = (None, 0, vec![]);
        for &p in &cfg.preds[header.index()] {
            let mut arg = None;
            super::rewrite::edges(&func.block(p).term, &mut |to, args| {
                if to == header {
                    arg = Some(args[counter]);
                }
            });
            let arg = arg?;
            if !loops.contains(l, p) {
                start = if entries == 0 { Some(arg) } else { None };
                entries += 1;
                continue;
            }
            inside.push(p);
            let &Op::Binary(BinOp::Add, z, k) = defs.op(func, arg)? else { return None };
            let k = defs.int(func, k).filter(|&k| z == i && (1..=64).contains(&if up { k } else { -k }))?;
            if step.is_some_and(|s| s != k) {
                return None;
            }
            step = Some(k);
        }
        Some(Counted {
            header,
            counter,
            i,
            limit,
            bias,
            step: step?,
            start,
            test,
            inside,
            stays_if_true,
            blocks: loops.loops[l].blocks.len(),
        })
    }

    /// Whether constants say that it runs a few times.
    fn is_short(&self, func: &Func, defs: &Defs) -> bool {
        let start = self.start.and_then(|s| defs.int(func, s));
        match (start, defs.int(func, self.limit)) {
            (Some(a), Some(b)) => b.checked_sub(a).is_some_and(|n| n / self.step < SHORT),
            _ => false,
        }
    }

    /// Whether the loop is so small that the test matters, its header only compares, and it does not call.
    fn can_be_mined(&self, func: &Func, loops: &Loops, l: usize) -> bool {
        let blocks = &loops.loops[l].blocks;
        let size: usize = blocks.iter().map(|b| func.block(*b).insts.len()).sum();
        let calls = |op: &Op| matches!(op, Op::Call(..) | Op::Send(..) | Op::Recv(_) | Op::Append(..) | Op::Concat(..));
        let quiet = blocks.iter().all(|b| func.block(*b).insts.iter().all(|i| !calls(&i.op)));
        let header = &func.block(self.header).insts;
        size <= MAX_BODY && quiet && header.len() <= 4
    }

    /// The header gets the near limit as one more parameter. Where the comparison with it fails, a block outside the loop
    /// compares with the real limit; if that is not reached, it polls, moves the near limit and goes on.
    /// Gives the near limit and the block that enters the loop with it.
    fn mine(&self, func: &mut Func) -> (ValueId, BlockId) {
        let int = TypeTable::basic(Basic::Int);
        let bool_ty = TypeTable::basic(Basic::Bool);
        let header = self.header;
        let pos = func.blocks[header.index()].term_pos;
        let near = func.new_value(int);
        let old_params = func.blocks[header.index()].params.clone();
        func.blocks[header.index()].params.push(near);
        // Edges from inside pass the near limit on; those from outside start with their counter as the limit, so that the
        // first comparison fails and the block outside makes the first strip.
        let n = func.blocks.len();
        for b in 0..n {
            let inside = self.inside.contains(&BlockId(b as u32));
            let at = self.counter;
            super::rewrite::edges_mut(&mut func.blocks[b].term, &mut |to, args| {
                if to == header {
                    let limit = if inside { near } else { args[at] };
                    args.push(limit);
                }
            });
        }
        let Term::If { then, els, .. } = func.blocks[header.index()].term.clone() else { unreachable!("it counts") };
        let (stay, leave) = if self.stays_if_true { (then, els) } else { (els, then) };
        let outer = BlockId(n as u32);
        let again = BlockId(n as u32 + 1);
        let new_cond = func.new_value(bool_ty);
        let b = &mut func.blocks[header.index()];
        let op = if self.step > 0 { CmpOp::Lt } else { CmpOp::Gt };
        b.insts.push(Inst { op: Op::Compare(op, self.i, near), result: Some(new_cond), pos });
        b.term = Term::If { cond: new_cond, then: stay, els: (outer, vec![]) };
        let cond = func.new_value(bool_ty);
        let real = Inst { op: self.test.clone(), result: Some(cond), pos };
        let go_on = (again, vec![]);
        let (then, els) = if self.stays_if_true { (go_on, leave) } else { (leave, go_on) };
        func.blocks.push(Block {
            params: vec![],
            insts: vec![real],
            term: Term::If { cond, then, els },
            term_pos: pos,
            cold: false,
        });
        let mut insts = vec![Inst { op: Op::Preempt, result: None, pos }];
        let mut emit = |func: &mut Func, ty, op| {
            let v = func.new_value(ty);
            insts.push(Inst { op, result: Some(v), pos });
            v
        };
        // min(limit - i, strip) + i, or the same downwards; the difference is positive, but may overflow: then it is negative.
        let strip = emit(func, int, Op::Const(Const::Int(STRIP * self.step.abs())));
        let mut limit = self.limit;
        if self.bias != 0 {
            let bias = emit(func, int, Op::Const(Const::Int(self.bias)));
            limit = emit(func, int, Op::Binary(BinOp::Add, limit, bias));
        }
        let (high, low, to_far) = if self.step > 0 { (limit, self.i, BinOp::Add) } else { (self.i, limit, BinOp::Sub) };
        let left = emit(func, int, Op::Binary(BinOp::Sub, high, low));
        let far = emit(func, int, Op::Binary(to_far, self.i, strip));
        let unsigned = TypeTable::basic(Basic::Uint);
        let left = emit(func, unsigned, Op::Convert(Conv::Numeric, left));
        let strip = emit(func, unsigned, Op::Convert(Conv::Numeric, strip));
        let last = emit(func, bool_ty, Op::Compare(CmpOp::Le, left, strip));
        let back = BlockId(n as u32 + 2);
        let term = Term::If { cond: last, then: (back, vec![limit]), els: (back, vec![far]) };
        func.blocks.push(Block { params: vec![], insts, term, term_pos: pos, cold: false });
        // Loops are entered by jumps.
        let next = func.new_value(int);
        let args = old_params.iter().copied().chain([next]).collect();
        let term = Term::Jump(header, args);
        func.blocks.push(Block { params: vec![next], insts: vec![], term, term_pos: pos, cold: false });
        (near, back)
    }

    /// The loop for `unroll`, if it is one block behind the header and counts up. `limit` ends it; `enter` is the block
    /// that enters it below the limit.
    fn tiny_loop(&self, limit: ValueId, enter: Option<BlockId>) -> Option<TinyLoop> {
        let (&[body], 2, 1..) = (&self.inside[..], self.blocks, self.step) else { return None };
        Some(TinyLoop { header: self.header, body, counter: self.i, limit, step: self.step, enter })
    }
}

/// Whether a value does not change in a loop.
fn is_invariant(func: &Func, loops: &Loops, defs: &Defs, l: usize, v: ValueId) -> bool {
    match defs.block(v) {
        Some(b) if !loops.contains(l, b) => true,
        Some(_) => match defs.op(func, v) {
            Some(Op::Const(_)) => true,
            Some(Op::Len(x)) => is_invariant(func, loops, defs, l, *x),
            _ => false,
        },
        None => !loops.loops[l].blocks.iter().any(|&b| func.block(b).params.contains(&v)),
    }
}
