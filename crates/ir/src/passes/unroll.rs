//! Four turns of a tiny loop at once.
//!
//! Where the body is a few instructions, counting and testing is half of the work, and the end of the loop comes too late
//! for the processor to have seen it coming. The loop gets another in front of it that does four turns as long as there
//! are so many left:
//!
//! ```text
//! head(i, …):  if limit - i > 3 * step  then four(…)  else loop(i, …)
//! four:        body, body, body, body; jump head(i + 4 * step, …)
//! ```
//!
//! Only [`super::preempt`] knows loops well enough: one block behind the header, a counter that cannot overflow, no calls
//! and no other place where a collection could happen. Elements are addressed from that of the first turn.

use super::effects::{Memory, memory};
use crate::func::{Block, BlockId, Func, Inst, ValueId};
use crate::op::{BinOp, CmpOp, Const, Conv, Intrinsic, Op, Term};
use crate::operands::operands_mut;
use crate::ty::{Basic, TypeTable};
use rustc_hash::FxHashMap;

/// Turns at once.
const TURNS: usize = 4;
/// Bodies with more instructions, those that cost nothing aside, stay as they are.
const MAX_BODY: usize = 9;

/// A loop of a header, whose first instructions are pure, and one more block.
pub(super) struct Tiny {
    pub header: BlockId,
    pub body: BlockId,
    /// The header's parameters that count and say where to stop.
    pub counter: ValueId,
    pub limit: ValueId,
    pub step: i64,
}

impl Tiny {
    /// Whether it is worth it.
    pub fn is_worth(&self, func: &Func) -> bool {
        let (header, body) = (func.block(self.header), func.block(self.body));
        let ends = matches!(&body.term, Term::Jump(to, _) if *to == self.header);
        let pure =
            header.insts.iter().all(|i| matches!(i.op, Op::Const(_) | Op::Compare(..) | Op::Len(_) | Op::Cap(_)));
        let work = body.insts.iter().filter(|i| !is_free(&i.op)).count();
        ends && pure && body.params.is_empty() && work <= MAX_BODY && body.insts.iter().all(|i| is_simple(&i.op))
    }

    /// Makes the blocks in front of it; gives the one to enter by, with the header's parameters.
    pub fn unroll(&self, func: &mut Func) -> BlockId {
        let pos = func.block(self.header).term_pos;
        let head = BlockId(func.blocks.len() as u32);
        let four = BlockId(head.0 + 1);
        let old = func.block(self.header).params.clone();
        let params: Vec<ValueId> = old.iter().map(|&p| func.new_value(func.ty(p))).collect();
        let here = |v: ValueId| old.iter().position(|&p| p == v).map(|k| params[k]);
        let (Some(counter), Some(limit)) = (here(self.counter), here(self.limit)) else { return self.header };
        let int = TypeTable::basic(Basic::Int);
        let mut insts = vec![];
        let mut emit = |func: &mut Func, ty, op| {
            let v = func.new_value(ty);
            insts.push(Inst { op, result: Some(v), pos });
            v
        };
        let left = emit(func, int, Op::Binary(BinOp::Sub, limit, counter));
        let most = emit(func, int, Op::Const(Const::Int((TURNS as i64 - 1) * self.step)));
        let more = emit(func, TypeTable::basic(Basic::Bool), Op::Compare(CmpOp::Gt, left, most));
        let term = Term::If { cond: more, then: (four, vec![]), els: (self.header, params.clone()) };
        func.blocks.push(Block { params: params.clone(), insts, term, term_pos: pos, cold: false });
        let mut turns = Turns { func, insts: vec![], old, now: params, first: counter, counter: self.counter };
        for k in 0..TURNS {
            turns.turn(self, k as i64);
        }
        let (insts, args) = (turns.insts, turns.now);
        func.blocks.push(Block { params: vec![], insts, term: Term::Jump(head, args), term_pos: pos, cold: false });
        head
    }
}

/// The copies of a body.
struct Turns<'a> {
    func: &'a mut Func,
    insts: Vec<Inst>,
    /// The header's parameters, and their values at the start of a turn.
    old: Vec<ValueId>,
    now: Vec<ValueId>,
    /// The counter of the first turn, and the header's.
    first: ValueId,
    counter: ValueId,
}

impl Turns<'_> {
    fn turn(&mut self, tiny: &Tiny, k: i64) {
        let mut map: FxHashMap<ValueId, ValueId> = self.old.iter().copied().zip(self.now.iter().copied()).collect();
        let (header, body) = (self.func.block(tiny.header), self.func.block(tiny.body));
        let Term::Jump(_, args) = body.term.clone() else { return };
        let insts: Vec<Inst> = header.insts.iter().chain(&body.insts).cloned().collect();
        for mut inst in insts {
            if let Op::ElemAddr { base, index, elem } = &mut inst.op
                && *index == self.counter
                && k > 0
            {
                let base = *map.get(base).unwrap_or(base);
                let ty = inst.result.map_or(self.func.ty(base), |r| self.func.ty(r));
                let near = self.emit(ty, Op::ElemAddr { base, index: self.first, elem: *elem }, inst.pos);
                let distance = Op::Const(Const::Int(k * tiny.step));
                let distance = self.emit(TypeTable::basic(Basic::Int), distance, inst.pos);
                inst.op = Op::ElemAddr { base: near, index: distance, elem: *elem };
            } else {
                operands_mut(&mut inst.op, &mut |v| *v = *map.get(v).unwrap_or(v));
            }
            inst.result = inst.result.map(|old| {
                let new = self.func.new_value(self.func.ty(old));
                map.insert(old, new);
                new
            });
            self.insts.push(inst);
        }
        self.now = args.iter().map(|a| *map.get(a).unwrap_or(a)).collect();
    }

    fn emit(&mut self, ty: crate::ty::TyId, op: Op, pos: crate::func::Pos) -> ValueId {
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
            | Op::Convert(Conv::Same | Conv::Numeric, _)
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
