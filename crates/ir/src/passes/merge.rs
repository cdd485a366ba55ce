//! Puts the body of each deferring function back into its outer part.
//!
//! For the other passes the body of a deferring function is a function of its own ([`Body`](crate::program::FuncKind::Body)). So what it does
//! to the results and to the frame of deferred calls looks to them like writes to unknown memory, which they must leave
//! alone: a panic may look at it at any call. When code is made nothing depends on that any more, and one function is
//! cheaper than two.
//!
//! After a recovery only the frame is at hand: registers and the rest of the stack frame are lost. So results live in
//! the frame's room, or, where they are too large, their addresses are kept there.
//!
//! [`Term::Try`] links the frame to the goroutine. It is placed as late as possible, before the first deferred call, so
//! that a return before that does not touch the frame.

use super::cfg::{Cfg, reachable};
use super::rewrite::drop_unreachable;
use crate::func::{Block, BlockId, Deferred, Func, INLINED, InlinedAt, Inst, LocalId, Pos, ValueId};
use crate::op::{Op, Storage, Term};
use crate::operands::{mentions, operands, operands_mut, targets_mut, term_mentions, term_operands, term_operands_mut};
use crate::program::Program;

/// Largest result that lies in the frame's room, in bytes.
const MAX_RESULT: u64 = 4 << 10;

/// Merges all pairs of functions. Whether there are any.
pub(crate) fn run(program: &Program, funcs: &mut Vec<Func>) -> bool {
    let before = funcs.len();
    while let Some((outer, block, id)) = funcs.iter().enumerate().find_map(|(i, f)| {
        let (b, id) = f.blocks.iter().enumerate().find_map(|(b, x)| match x.term {
            Term::TryCall { callee, .. } => Some((b, callee)),
            _ => None,
        })?;
        Some((i, BlockId(b as u32), id))
    }) {
        let Some(at) = funcs.iter().position(|f| f.id == id) else {
            panic!("{}: a body that was not built", program.func(funcs[outer].id).name)
        };
        let mut f = std::mem::replace(&mut funcs[outer], Func::new(id));
        let body = std::mem::replace(&mut funcs[at], Func::new(id));
        Merge::new(&mut f, block, body).run(Some(program));
        funcs[outer] = f;
        funcs.remove(at);
        funcs.iter_mut().for_each(|f| f.closures.retain(|c| *c != id));
    }
    funcs.len() < before
}

/// Puts a body that does without its frame into its outer part, and drops what the frame needs.
pub(crate) fn without_frame(func: &mut Func, body: Func) {
    let calls = |b: &Block| matches!(b.term, Term::TryCall { callee, .. } if callee == body.id);
    let Some(b) = func.blocks.iter().position(calls) else { panic!("a body that is not called") };
    Merge::new(func, BlockId(b as u32), body).run(None);
    for b in &mut func.blocks {
        b.insts.retain(|i| !matches!(i.op, Op::DeferFrame(_)));
    }
}

struct Merge<'a> {
    func: &'a mut Func,
    block: BlockId,
    body: Func,
    values: Vec<ValueId>,
    first_block: u32,
    first_local: u32,
    first_inlined: u32,
    first_place: u32,
}

impl<'a> Merge<'a> {
    fn new(func: &'a mut Func, block: BlockId, body: Func) -> Merge<'a> {
        let (first_block, first_local) = (func.blocks.len() as u32, func.locals.len() as u32);
        let (first_inlined, first_place) = (func.inlined.len() as u32, func.places.len() as u32);
        Merge { func, block, body, values: vec![], first_block, first_local, first_inlined, first_place }
    }

    /// Without a program there is no frame.
    fn run(mut self, program: Option<&Program>) {
        let term = std::mem::replace(&mut self.func.blocks[self.block.index()].term, Term::Unreachable);
        let Term::TryCall { frame, args, normal, recovered, .. } = term else { panic!("no call of a body") };
        self.values = self.body.values.clone().into_iter().map(|t| self.func.new_value(t)).collect();
        for (&p, &a) in self.body.blocks[0].params.iter().zip(&args) {
            self.values[p.index()] = a;
        }
        self.func.locals.append(&mut self.body.locals);
        self.calls();
        let body = BlockId(self.first_block);
        let framed = program.map(|program| {
            self.check_recovered(recovered, &args);
            (self.room(program, frame, &args), recovered)
        });
        self.func.blocks[self.block.index()].term = Term::Jump(body, vec![]);
        for mut block in std::mem::take(&mut self.body.blocks) {
            self.block_of(&mut block, normal);
            self.func.blocks.push(block);
        }
        self.func.blocks[body.index()].params.clear();
        if let Some((kept, recovered)) = framed {
            self.link(frame, kept, recovered);
        }
        drop_unreachable(self.func);
    }

    /// What was inlined into the body.
    fn calls(&mut self) {
        let first = self.first_inlined;
        let inside = |i: u32| if i == 0 { 0 } else { first + i };
        let moved = self.body.inlined.iter().map(|i| InlinedAt { parent: inside(i.parent), ..*i });
        self.func.inlined.extend(moved);
        self.func.places.extend(self.body.places.iter().map(|&(pos, i)| (pos, inside(i))));
    }

    /// Results go to the frame's room, or their addresses do.
    fn room(&mut self, program: &Program, frame: ValueId, args: &[ValueId]) -> Vec<(ValueId, u32)> {
        let mut kept = vec![];
        let mut room = self.body.deferred.map_or(0, |d| d.size);
        let mut take = |bytes: u64| {
            let at = room;
            room += bytes.next_multiple_of(8) as u32;
            at
        };
        for inst in self.func.blocks.iter_mut().flat_map(|b| &mut b.insts) {
            let (Op::Alloc(ty, place), Some(v)) = (&mut inst.op, inst.result) else { continue };
            if !args.contains(&v) {
                continue;
            }
            let size = program.types.size_of(*ty);
            if *place == Storage::Stack && size <= MAX_RESULT {
                *place = Storage::Deferred(take(size));
            } else {
                *place = Storage::Heap;
                kept.push((v, take(8)));
            }
        }
        self.func.deferred = Some(Deferred { frame, size: room });
        for inst in self.func.blocks.iter_mut().flat_map(|b| &mut b.insts) {
            if let Op::DeferFrame(size) = &mut inst.op {
                *size = room;
            }
        }
        kept
    }

    /// Ends the block in which the frame is linked.
    fn link(&mut self, frame: ValueId, kept: Vec<(ValueId, u32)>, recovered: BlockId) {
        let (b, at, without) = self.place_of_link(frame);
        for x in without {
            self.func.blocks[x.index()].insts.retain(|i| !matches!(i.op, Op::DeferUnlink(_)));
        }
        let body = BlockId(self.func.blocks.len() as u32);
        let block = &mut self.func.blocks[b.index()];
        let insts = block.insts.split_off(at);
        let term = std::mem::replace(&mut block.term, Term::Try { frame, kept, body, recovered });
        let (term_pos, cold) = (block.term_pos, block.cold);
        self.func.blocks.push(Block { params: vec![], insts, term, term_pos, cold });
    }

    /// The last place before all uses of the frame that no loop comes back to and whose returns have all passed it, and the
    /// blocks that unlink the frame without having passed it.
    fn place_of_link(&self, frame: ValueId) -> (BlockId, usize, Vec<BlockId>) {
        let func = &*self.func;
        let uses = |i: &Inst| mentions(&i.op, frame) && !matches!(i.op, Op::DeferUnlink(_));
        let cfg = Cfg::new(func);
        let with = |f: &dyn Fn(&Inst) -> bool| -> Vec<BlockId> {
            cfg.order.iter().copied().filter(|b| func.block(*b).insts.iter().any(f)).collect()
        };
        let using = with(&uses);
        let unlinking = with(&|i| matches!(i.op, Op::DeferUnlink(_)));
        let passed_on = func.blocks.iter().any(|b| term_mentions(&b.term, frame));
        let mut b = using.first().copied().filter(|_| !passed_on).unwrap_or(self.block);
        loop {
            let after = reachable(func, b);
            let passed = |x: BlockId| cfg.dominates(b, x);
            let fits = using.iter().all(|&x| passed(x))
                && unlinking.iter().all(|&x| passed(x) || !after[x.index()])
                && !after[b.index()];
            match cfg.idom[b.index()] {
                Some(up) if !fits => b = up,
                _ => {
                    let at = func.block(b).insts.iter().position(|i| uses(i) || matches!(i.op, Op::DeferUnlink(_)));
                    let at = at.unwrap_or(func.block(b).insts.len());
                    return (b, at, unlinking.into_iter().filter(|&x| !passed(x)).collect());
                }
            }
        }
    }

    /// Panics if the block `recovered` uses more than it may.
    fn check_recovered(&self, recovered: BlockId, args: &[ValueId]) {
        let block = self.func.block(recovered);
        let made: Vec<ValueId> = block.insts.iter().filter_map(|i| i.result).collect();
        let mut use_of = |v: ValueId| {
            if !args.contains(&v) && !made.contains(&v) {
                panic!("{v:?} is used after a recovery");
            }
        };
        block.insts.iter().for_each(|i| operands(&i.op, &mut use_of));
        term_operands(&block.term, &mut use_of);
    }

    fn block_of(&self, block: &mut Block, normal: BlockId) {
        block.params.iter_mut().for_each(|p| *p = self.values[p.index()]);
        block.insts.iter_mut().for_each(|i| self.inst(i));
        block.term_pos = self.pos(block.term_pos);
        match &mut block.term {
            Term::Return(_) => block.term = Term::Jump(normal, vec![]),
            term => {
                term_operands_mut(term, &mut |v| *v = self.values[v.index()]);
                targets_mut(term, &mut |b| b.0 += self.first_block);
            }
        }
    }

    fn inst(&self, inst: &mut Inst) {
        inst.pos = self.pos(inst.pos);
        if let Some(v) = &mut inst.result {
            *v = self.values[v.index()];
        }
        operands_mut(&mut inst.op, &mut |v| *v = self.values[v.index()]);
        match &mut inst.op {
            Op::LocalGet(l) | Op::LocalSet(l, _) => *l = LocalId(self.first_local + l.0),
            Op::Recover(frame) => *frame = None,
            _ => {}
        }
    }

    fn pos(&self, pos: Pos) -> Pos {
        if pos >= INLINED { pos + self.first_place } else { pos }
    }
}
