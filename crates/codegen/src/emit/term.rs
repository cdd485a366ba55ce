//! Terminators.

use super::Emit;
use super::value::{OWN, Repr};
use crate::symbols::Shape;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, Type, Value};
use cranelift_frontend::Switch;
use itab_abi::runtime_fns::RuntimeFn;
use itab_abi::trap::Trap;
use itab_ir::func::{BlockId, ValueId};
use itab_ir::op::Term;
use rustc_hash::FxHashSet;

/// A switch of so many ranges is no table, as with gc: a jump through a table is foreseen more slowly than a few branches.
const MAX_RANGES: usize = 7;
/// So many ranges are compared in turn.
const IN_TURN: usize = 4;

/// Successive values that lead to the same block.
struct Range {
    /// Number of the first in the source.
    place: usize,
    first: u64,
    last: u64,
    target: BlockId,
}

/// The ranges of a switch, sorted. No case is mentioned twice.
fn ranges(cases: &[(u64, BlockId)]) -> Vec<Range> {
    let mut sorted: Vec<(u64, BlockId, usize)> = cases.iter().enumerate().map(|(i, c)| (c.0, c.1, i)).collect();
    sorted.sort_unstable_by_key(|c| c.0);
    let mut ranges: Vec<Range> = vec![];
    for (value, target, place) in sorted {
        match ranges.last_mut() {
            Some(r) if r.target == target && r.last + 1 == value => {
                r.last = value;
                r.place = place.min(r.place);
            }
            _ => ranges.push(Range { place, first: value, last: value, target }),
        }
    }
    ranges
}

impl Emit<'_> {
    /// Translates a terminator.
    pub fn terminator(&mut self, term: &Term) {
        match term {
            Term::Jump(to, args) => {
                let args = self.edge_args(*to, args);
                let to = self.target(*to);
                self.b.ins().jump(to, &args);
            }
            Term::If { cond, then, els } => self.branch(*cond, then, els),
            Term::Switch { value, cases, default } => self.switch(*value, cases, *default),
            Term::TypeSwitch { x, cases, default } => self.type_switch(*x, cases, *default),
            Term::Return(vals) => self.return_values(vals),
            Term::TailCall(callee, args) => self.tail_call(callee, args),
            Term::TryCall { .. } => ice!("{}: a body apart", self.decl.name),
            Term::Try { body, .. } => self.try_body(*body),
            Term::Panic(v) => {
                let (typ, data) = (self.nth(*v, 0), self.nth(*v, 1));
                self.runtime(RuntimeFn::gopanic, &[typ, data]);
                self.b.ins().trap(super::trap(Trap::Unreachable));
            }
            Term::Unreachable => {
                self.b.ins().trap(super::trap(Trap::Unreachable));
            }
        }
    }

    /// Arguments of a jump to a block; memory-class ones are copied to the parameters' slots.
    fn edge_args(&mut self, to: BlockId, args: &[ValueId]) -> Vec<BlockArg> {
        let params = &self.func.block(to).params;
        if params.len() != args.len() {
            ice!("{}: {} arguments for {to:?} with {} parameters", self.decl.name, args.len(), params.len());
        }
        let mut out = vec![];
        let mut images = vec![];
        for (&p, &a) in params.iter().zip(args) {
            let v = self.val(a);
            match &v {
                Repr::Flat(s) => out.extend(s.iter().map(|&s| BlockArg::Value(s))),
                _ => images.push((p, v)),
            }
        }
        // With several, one parameter may be another's argument: all are read before any is written.
        if images.len() > 1 {
            for (p, v) in &mut images {
                let ty = self.func.ty(*p);
                let Shape::Image(size) = self.shape(ty) else { ice!("a memory argument for a flat parameter") };
                let place = self.new_place(ty, size);
                self.store_value(ty, v, place, OWN);
                *v = Repr::Mem(place);
            }
        }
        for (p, v) in images {
            let slot = self.param_slots[&p];
            self.store_value(self.func.ty(p), &v, slot, OWN);
        }
        out
    }

    fn branch(&mut self, cond: ValueId, then: &(BlockId, Vec<ValueId>), els: &(BlockId, Vec<ValueId>)) {
        let cond = self.one(cond);
        let (then_block, then_edge) = self.edge(then);
        let (els_block, els_edge) = self.edge(els);
        let then_args = if then_edge { vec![] } else { self.edge_args(then.0, &then.1) };
        let els_args = if els_edge { vec![] } else { self.edge_args(els.0, &els.1) };
        self.b.ins().brif(cond, then_block, &then_args, els_block, &els_args);
        for (is_edge, block, (to, args)) in [(then_edge, then_block, then), (els_edge, els_block, els)] {
            if is_edge {
                self.enter(block);
                let args = self.edge_args(*to, args);
                let to = self.target(*to);
                self.b.ins().jump(to, &args);
            }
        }
    }

    /// Where a conditional jump goes: a block of its own when the edge has to copy memory.
    fn edge(&mut self, (to, args): &(BlockId, Vec<ValueId>)) -> (Block, bool) {
        if args.iter().any(|&a| matches!(self.values[a.index()], Some(Repr::Mem(_)))) {
            (self.b.create_block(), true)
        } else {
            (self.target(*to), false)
        }
    }

    fn switch(&mut self, value: ValueId, cases: &[(i64, BlockId)], default: BlockId) {
        let v = self.one(value);
        let ty = self.b.func.dfg.value_type(v);
        let mask = u64::MAX >> (64 - ty.bits());
        let default = self.target(default);
        let mut seen = FxHashSet::default();
        let cases: Vec<(u64, BlockId)> =
            cases.iter().map(|&(c, to)| (c as u64 & mask, to)).filter(|c| seen.insert(c.0)).collect();
        let mut ranges = ranges(&cases);
        if ranges.len() <= MAX_RANGES {
            return self.switch_ranges(v, ty, &mut ranges, default);
        }
        let mut switch = Switch::new();
        for (c, to) in cases {
            switch.set_entry(u128::from(c), self.target(to));
        }
        switch.emit(&mut self.b, v, default);
    }

    /// Many ranges are halved, a few compared in the order of the source.
    fn switch_ranges(&mut self, v: Value, ty: Type, ranges: &mut [Range], default: Block) {
        if ranges.len() > IN_TURN {
            let (low, high) = ranges.split_at_mut(ranges.len() / 2);
            let (low_block, high_block) = (self.b.create_block(), self.b.create_block());
            let middle = self.int(ty, high[0].first as i64);
            let is_low = self.b.ins().icmp(IntCC::UnsignedLessThan, v, middle);
            self.b.ins().brif(is_low, low_block, &[], high_block, &[]);
            self.enter(low_block);
            self.switch_ranges(v, ty, low, default);
            self.enter(high_block);
            return self.switch_ranges(v, ty, high, default);
        }
        ranges.sort_by_key(|r| r.place);
        for (i, r) in ranges.iter().enumerate() {
            let first = self.int(ty, r.first as i64);
            let is = if r.last == r.first {
                self.b.ins().icmp(IntCC::Equal, v, first)
            } else {
                let offset = self.b.ins().isub(v, first);
                let most = self.int(ty, (r.last - r.first) as i64);
                self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, offset, most)
            };
            let to = self.target(r.target);
            if i + 1 == ranges.len() {
                self.b.ins().brif(is, to, &[], default, &[]);
                return;
            }
            let next = self.b.create_block();
            self.b.ins().brif(is, to, &[], next, &[]);
            self.enter(next);
        }
    }
}
