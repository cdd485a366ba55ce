//! Unrolls tiny loops: several iterations at once.
//!
//! Where the body is a few instructions, counting and testing is half of the work, and the processor does not foresee
//! the end of the loop. Such a body is repeated four times. Where the body is one call and little else, each iteration
//! is three jumps: to the callee, back, and to the header. To follow them takes the processor longer than the body
//! does. Such a body is repeated twice, which makes five jumps of six.
//!
//! A loop that makes several iterations at once is put in front of the original one, which makes the rest:
//!
//! ```text
//! head(i, …):  if limit - i > 3 * step  then four(…)  else loop(i, …)
//! four:        body, body, body, body; jump head(i + 4 * step, …)
//! ```
//!
//! [`super::preempt`] finds the loops: one block behind the header, and a counter that cannot overflow. Where there are
//! no calls between, elements are addressed from the address of the first iteration. Only the last iteration polls for
//! preemption.

use super::effects::{Memory, memory};
use super::rewrite::copy_inst;
use crate::func::{Block, BlockId, Func, Inst, Pos, ValueId};
use crate::op::{BinOp, CmpOp, Const, Conv, Intrinsic, Op, Term};
use crate::operands::targets_mut;
use crate::ty::{Basic, TyId, TypeTable};
use crate::world::World;
use rustc_hash::FxHashMap;

/// Turns at once of a body without calls.
const TURNS: usize = 4;
/// Turns at once of a body with a call.
const CALLING_TURNS: usize = 2;
/// Bodies with more instructions, those that cost nothing aside, stay as they are.
const MAX_BODY: usize = 9;

/// A loop of a header, whose first instructions are pure, and one more block.
pub(crate) struct TinyLoop {
    pub header: BlockId,
    pub body: BlockId,
    /// The header's parameter that counts.
    pub counter: ValueId,
    /// Where to stop: a parameter of the header, one of its instructions, or a value from before the loop.
    pub limit: ValueId,
    pub step: i64,
    /// The block that enters the loop, if it does so with a counter that is not above the limit. (The difference of others
    /// may overflow.) Otherwise all blocks but the body may.
    pub enter: Option<BlockId>,
}

/// Unrolls the loops that `preempt` found.
pub(crate) fn run(world: &mut World, func: &mut Func) {
    for tiny in std::mem::take(&mut world.driver.tiny_loops) {
        let Some(turns) = tiny.turns(func) else { continue };
        let before = func.blocks.len();
        let first = tiny.unroll(func, turns);
        let enters = |b: usize| tiny.enter.map_or(b != tiny.body.index(), |e| b == e.index());
        for (_, block) in func.blocks[..before].iter_mut().enumerate().filter(|(b, _)| enters(*b)) {
            targets_mut(&mut block.term, &mut |t| *t = if *t == tiny.header { first } else { *t });
        }
    }
}

impl TinyLoop {
    /// How many turns at once are worth it, if any.
    fn turns(&self, func: &Func) -> Option<usize> {
        let (header, body) = (func.block(self.header), func.block(self.body));
        let ends = matches!(&body.term, Term::Jump(to, _) if *to == self.header);
        let pure =
            header.insts.iter().all(|i| matches!(i.op, Op::Const(_) | Op::Compare(..) | Op::Len(_) | Op::Cap(_)));
        let work = body.insts.iter().filter(|i| !is_free(&i.op)).count();
        let other = body.insts.iter().filter(|i| !is_simple(&i.op));
        let turns = match other.map(|i| &i.op).collect::<Vec<_>>()[..] {
            [] => TURNS,
            [Op::Call(..)] => CALLING_TURNS,
            _ => return None,
        };
        (ends && pure && body.params.is_empty() && work <= MAX_BODY).then_some(turns)
    }

    /// Makes the blocks in front of it; gives the one to enter by, with the header's parameters.
    fn unroll(&self, func: &mut Func, count: usize) -> BlockId {
        let (int, bool_ty) = (TypeTable::basic(Basic::Int), TypeTable::basic(Basic::Bool));
        let pos = func.block(self.header).term_pos;
        let head = BlockId(func.blocks.len() as u32);
        let many = BlockId(head.0 + 1);
        let mut turns = Turns { func, tiny: self, insts: vec![], first: self.counter };
        let (params, counter, limit) = turns.open();
        let left = turns.emit(int, Op::Binary(BinOp::Sub, limit, counter), pos);
        let most = turns.emit(int, Op::Const(Const::Int((count as i64 - 1) * self.step)), pos);
        let more = turns.emit(bool_ty, Op::Compare(CmpOp::Gt, left, most), pos);
        turns.close(params.clone(), more, (many, vec![]));
        turns.first = counter;
        let mut now = params;
        for k in 0..count {
            now = turns.turn(k as i64, k + 1 == count, &now);
        }
        turns.push(vec![], Term::Jump(head, now));
        if self.enter.is_some() {
            return head;
        }
        let enter = BlockId(turns.func.blocks.len() as u32);
        let (params, counter, limit) = turns.open();
        let below = turns.emit(bool_ty, Op::Compare(CmpOp::Lt, counter, limit), pos);
        turns.close(params.clone(), below, (BlockId(enter.0 + 1), vec![]));
        // Loops are entered by jumps.
        turns.push(vec![], Term::Jump(head, params));
        enter
    }
}

/// The blocks that are made.
struct Turns<'a> {
    func: &'a mut Func,
    tiny: &'a TinyLoop,
    /// Of the block that is being made.
    insts: Vec<Inst>,
    /// The counter of the first turn.
    first: ValueId,
}

impl Turns<'_> {
    /// Begins a block with the header's parameters and instructions; gives its parameters, counter and limit.
    fn open(&mut self) -> (Vec<ValueId>, ValueId, ValueId) {
        let header = self.func.block(self.tiny.header);
        let (old, insts) = (header.params.clone(), header.insts.clone());
        let params: Vec<ValueId> = old.iter().map(|&p| self.func.new_value(self.func.ty(p))).collect();
        let mut map = self.map(&params);
        insts.into_iter().for_each(|i| self.copy(i, &mut map));
        let at = |v: ValueId| *map.get(&v).unwrap_or(&v);
        (params, at(self.tiny.counter), at(self.tiny.limit))
    }

    /// Ends a block: goes on at `then`, or in the loop as it was.
    fn close(&mut self, params: Vec<ValueId>, cond: ValueId, then: (BlockId, Vec<ValueId>)) {
        let els = (self.tiny.header, params.clone());
        self.push(params, Term::If { cond, then, els });
    }

    fn push(&mut self, params: Vec<ValueId>, term: Term) {
        let (insts, term_pos) = (std::mem::take(&mut self.insts), self.func.block(self.tiny.header).term_pos);
        self.func.blocks.push(Block { params, insts, term, term_pos, cold: false });
    }

    /// The header's parameters, with what they are now.
    fn map(&self, now: &[ValueId]) -> FxHashMap<ValueId, ValueId> {
        let old = &self.func.block(self.tiny.header).params;
        old.iter().copied().zip(now.iter().copied()).collect()
    }

    /// The turn `k`, at whose start the header's parameters are `now`; gives what they are at its end.
    fn turn(&mut self, k: i64, last: bool, now: &[ValueId]) -> Vec<ValueId> {
        let mut map = self.map(now);
        let (header, body) = (self.func.block(self.tiny.header), self.func.block(self.tiny.body));
        let Term::Jump(_, args) = body.term.clone() else { return now.to_vec() };
        let insts: Vec<Inst> = header.insts.iter().chain(&body.insts).cloned().collect();
        for mut inst in insts {
            if let Op::ElemAddr { base, index, elem } = &mut inst.op
                && *index == self.tiny.counter
                && k > 0
            {
                let base = *map.get(base).unwrap_or(base);
                let ty = inst.result.map_or(self.func.ty(base), |r| self.func.ty(r));
                let near = self.emit(ty, Op::ElemAddr { base, index: self.first, elem: *elem }, inst.pos);
                let distance = Op::Const(Const::Int(k * self.tiny.step));
                let distance = self.emit(TypeTable::basic(Basic::Int), distance, inst.pos);
                inst.op = Op::ElemAddr { base: near, index: distance, elem: *elem };
            }
            if last || inst.op != Op::Preempt {
                self.copy(inst, &mut map);
            }
        }
        args.iter().map(|a| *map.get(a).unwrap_or(a)).collect()
    }

    fn copy(&mut self, inst: Inst, map: &mut FxHashMap<ValueId, ValueId>) {
        let inst = copy_inst(self.func, inst, map);
        self.insts.push(inst);
    }

    fn emit(&mut self, ty: TyId, op: Op, pos: Pos) -> ValueId {
        let v = self.func.new_value(ty);
        self.insts.push(Inst { op, result: Some(v), pos });
        v
    }
}

/// Whether an operation is no instruction, mostly.
fn is_free(op: &Op) -> bool {
    matches!(
        op,
        Op::Const(_)
            | Op::GlobalAddr(_)
            | Op::FuncVal(_)
            | Op::TypeDesc(_)
            | Op::ItabDesc(..)
            | Op::Capture(_)
            | Op::Receiver
            | Op::Convert(Conv::Same | Conv::Numeric, _)
            | Op::Aggregate(_)
            | Op::Extract(..)
            | Op::DataPtr(_)
            | Op::Len(_)
            | Op::Cap(_)
            | Op::ElemAddr { .. }
            | Op::FieldAddr(..)
    )
}

/// Whether an operation is a few instructions in place, without branches but to panics.
fn is_simple(op: &Op) -> bool {
    match op {
        Op::Load(_)
        | Op::LoadBytes { .. }
        | Op::Store { .. }
        | Op::StoreBytes { .. }
        | Op::NilCheck(_)
        | Op::Preempt
        | Op::BoundsCheck { .. }
        | Op::Unary(..)
        | Op::Compare(..) => true,
        Op::Binary(o, ..) => !matches!(o, BinOp::Div | BinOp::Rem),
        Op::Intrinsic(i, _) => {
            memory(op) == Memory::None
                && !matches!(i, Intrinsic::CallerPc | Intrinsic::CallerSp | Intrinsic::ClosurePtr)
        }
        op => is_free(op),
    }
}
