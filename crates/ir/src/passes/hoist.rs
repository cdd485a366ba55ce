//! Moves loads out of loops: those that load the same value in each iteration.
//!
//! Every loop first gets a *preheader*, a block before it that only jumps into it. A load moves there on three
//! conditions. Its address does not change in the loop. Nothing in the loop writes the memory ([`super::alias`]). And
//! [`Checks`] proves that the address is valid in the preheader: the loop may have no iteration at all, and the load
//! must not fault then.
//!
//! Only loops that compare a counter are looked at: a loop that waits for a variable to change must load it each time.
//! And only loops that leave registers free: a value that is spilled to the stack is no better than one that is loaded.

use super::alias::{Classes, written_in_loops};
use super::cfg::{Cfg, Loops};
use super::checks::Checks;
use super::dce::fixed_parameters;
use super::rewrite::{Defs, Renames, scalar_words};
use crate::func::{Block, BlockId, Func, Inst, Pos, ValueId};
use crate::op::{Conv, Op, Term};
use crate::operands::{operands, operands_mut, targets_mut, term_operands};
use crate::program::Program;
use crate::ty::Ty;
use rustc_hash::FxHashSet;

/// More blocks times classes than this are not looked at.
const MAX_WORK: usize = 100_000;

/// Most words that a loop may keep in registers with what is loaded before it.
const MAX_PRESSURE: u32 = 9;

/// A load and the header of the loop before which it may run.
struct Found {
    header: BlockId,
    load: (BlockId, usize),
}

/// Moves loads out of loops.
pub(crate) fn run(program: &Program, func: &mut Func) {
    let cfg = Cfg::new(func);
    let loops = Loops::new(func, &cfg);
    if loops.loops.is_empty() || loops.irreducible {
        return;
    }
    add_preheaders(func, &cfg, &loops);
    let found = Finder::find(program, func);
    apply(func, found);
}

/// Gives each loop one block before it that only jumps into it.
fn add_preheaders(func: &mut Func, cfg: &Cfg, loops: &Loops) {
    let fixed = fixed_parameters(func);
    for (l, this) in loops.loops.iter().enumerate() {
        let h = this.header;
        let outside: Vec<BlockId> = cfg.preds[h.index()].iter().copied().filter(|&p| !loops.contains(l, p)).collect();
        let is_one = matches!(outside[..], [p] if matches!(func.block(p).term, Term::Jump(..)));
        if is_one || outside.is_empty() || (fixed[h.index()] && !func.block(h).params.is_empty()) {
            continue;
        }
        let new = BlockId(func.blocks.len() as u32);
        let types: Vec<_> = func.block(h).params.iter().map(|&p| func.ty(p)).collect();
        let params: Vec<ValueId> = types.into_iter().map(|t| func.new_value(t)).collect();
        for p in outside {
            targets_mut(&mut func.blocks[p.index()].term, &mut |t| {
                if *t == h {
                    *t = new;
                }
            });
        }
        let term_pos = func.block(h).term_pos;
        let term = Term::Jump(h, params.clone());
        func.blocks.push(Block { params, insts: vec![], term, term_pos, cold: false });
    }
}

/// Finds loads at the headers that the walk of [`Checks`] meets.
struct Finder<'a> {
    program: &'a Program,
    func: &'a Func,
    defs: Defs,
    loops: Loops,
    classes: Classes,
    written: Vec<Vec<bool>>,
    taken: FxHashSet<ValueId>,
    found: Vec<Found>,
}

impl<'a> Finder<'a> {
    fn find(program: &'a Program, func: &'a Func) -> Vec<Found> {
        let cfg = Cfg::new(func);
        let loops = Loops::new(func, &cfg);
        let defs = Defs::new(func);
        let classes = Classes::new(program, func, &defs);
        if classes.len() * func.blocks.len() > MAX_WORK {
            return vec![];
        }
        let written = written_in_loops(program, func, &defs, &loops, &classes);
        let (taken, found) = Default::default();
        let mut f = Finder { program, func, defs, loops, classes, written, taken, found };
        Checks::new(&program.types, func).walk(&mut |checks, b| f.header(checks, b));
        f.found
    }

    fn header(&mut self, checks: &Checks<'_>, h: BlockId) {
        let Some(l) = self.loops.of(h).filter(|&l| self.loops.loops[l].header == h) else { return };
        if !self.counts(l) {
            return;
        }
        let mut words = self.pressure(l);
        for &b in &self.loops.loops[l].blocks {
            for (i, inst) in self.func.block(b).insts.iter().enumerate() {
                let (Op::Load(p), Some(v)) = (&inst.op, inst.result) else { continue };
                let ty = self.func.ty(v);
                let class = self.classes.of(self.program, self.func, &self.defs, *p, ty);
                if class.is_none_or(|c| self.written[l][c])
                    || self.taken.contains(&v)
                    || scalar_words(&self.program.types, ty).is_none_or(|n| words + n > MAX_PRESSURE)
                    || !self.is_good(checks, l, *p)
                {
                    continue;
                }
                words += scalar_words(&self.program.types, ty).unwrap_or(0);
                self.taken.insert(v);
                self.found.push(Found { header: h, load: (b, i) });
            }
        }
    }

    /// How many words a loop keeps: its variables, and what it uses from outside.
    fn pressure(&self, l: usize) -> u32 {
        let words = |v: ValueId| scalar_words(&self.program.types, self.func.ty(v)).unwrap_or(0);
        let this = &self.loops.loops[l];
        let mut seen = FxHashSet::default();
        let mut sum: u32 = self.func.block(this.header).params.iter().map(|&p| words(p)).sum();
        for &b in &this.blocks {
            let block = self.func.block(b);
            let mut used = |v: ValueId| {
                let is_const = matches!(self.defs.op(self.func, v), Some(Op::Const(_)));
                if self.is_outside(l, v) && !is_const && seen.insert(v) {
                    sum += words(v);
                }
            };
            block.insts.iter().for_each(|i| operands(&i.op, &mut used));
            term_operands(&block.term, &mut used);
        }
        sum
    }

    /// Whether a loop goes on as long as a comparison of one of its variables holds.
    fn counts(&self, l: usize) -> bool {
        let h = self.func.block(self.loops.loops[l].header);
        let Term::If { cond, .. } = &h.term else { return false };
        match self.defs.op(self.func, *cond) {
            Some(Op::Compare(_, x, y)) => h.params.contains(x) || h.params.contains(y),
            _ => false,
        }
    }

    /// Whether a value is defined before the loop, or is a constant.
    fn is_outside(&self, l: usize, v: ValueId) -> bool {
        match self.defs.block(v) {
            Some(b) => !self.loops.contains(l, b) || matches!(self.defs.op(self.func, v), Some(Op::Const(_))),
            None => !self.loops.loops[l].blocks.iter().any(|&b| self.func.block(b).params.contains(&v)),
        }
    }

    /// Whether an address does not change in a loop and is known to be good before it.
    fn is_good(&self, checks: &Checks<'_>, l: usize, p: ValueId) -> bool {
        if self.is_outside(l, p) {
            return checks.non_nil(p);
        }
        let Some(op) = self.defs.op(self.func, p) else { return false };
        match *op {
            Op::GlobalAddr(_) => true,
            Op::FieldAddr(base, _) => self.is_good(checks, l, base),
            // A conversion from unsafe.Pointer may stand behind a test of what it points to.
            Op::Convert(Conv::Same, x) => {
                matches!(self.program.types.under(self.func.ty(x)), Ty::Pointer(_)) && self.is_good(checks, l, x)
            }
            Op::ElemAddr { base, index, .. } if self.is_outside(l, index) => self.is_element(checks, l, base, index),
            _ => false,
        }
    }

    fn is_element(&self, checks: &Checks<'_>, l: usize, base: ValueId, index: ValueId) -> bool {
        match self.defs.op(self.func, base) {
            Some(Op::DataPtr(s)) => {
                let len = checks.facts.len_of(*s);
                self.is_outside(l, *s) && len.is_some_and(|n| checks.is_within(index, n))
            }
            Some(Op::Convert(Conv::Same, p)) => match *self.program.types.under(self.func.ty(*p)) {
                Ty::Pointer(arr) => match *self.program.types.under(arr) {
                    Ty::Array(_, n) => {
                        let (low, high) = checks.facts.range(index);
                        low >= 0 && u64::try_from(high).is_ok_and(|h| h < n) && self.is_good(checks, l, *p)
                    }
                    _ => false,
                },
                _ => false,
            },
            _ => false,
        }
    }
}

fn apply(func: &mut Func, found: Vec<Found>) {
    if found.is_empty() {
        return;
    }
    let cfg = Cfg::new(func);
    let loops = Loops::new(func, &cfg);
    let defs = Defs::new(func);
    let mut renames = Renames::new(func);
    let mut added: Vec<Vec<Inst>> = vec![vec![]; func.blocks.len()];
    for f in found {
        let Some(l) = loops.of(f.header) else { continue };
        let mut outside = cfg.preds[f.header.index()].iter().copied().filter(|&p| !loops.contains(l, p));
        let (Some(pre), None) = (outside.next(), outside.next()) else { continue };
        let (b, i) = f.load;
        let inst = func.block(b).insts[i].clone();
        let (Op::Load(p), Some(v)) = (inst.op, inst.result) else { continue };
        let mut copier = Copier { func, defs: &defs, loops: &loops, l, out: &mut added[pre.index()] };
        let p = copier.value(p, inst.pos);
        let ty = copier.func.ty(v);
        let new = copier.func.new_value(ty);
        copier.out.push(Inst { op: Op::Load(p), result: Some(new), pos: inst.pos });
        renames.set(v, new);
    }
    for (b, insts) in func.blocks.iter_mut().zip(added) {
        b.insts.extend(insts);
        b.insts.retain(|i| !matches!((&i.op, i.result), (Op::Load(_), Some(v)) if renames.get(v) != v));
    }
    renames.apply(func);
}

/// Copies the computation of an address to a preheader.
struct Copier<'a> {
    func: &'a mut Func,
    defs: &'a Defs,
    loops: &'a Loops,
    l: usize,
    out: &'a mut Vec<Inst>,
}

impl Copier<'_> {
    fn value(&mut self, v: ValueId, pos: Pos) -> ValueId {
        let inside = self.defs.block(v).is_some_and(|b| self.loops.contains(self.l, b));
        let op = self.defs.op(self.func, v).cloned();
        let (true, Some(mut op)) = (inside, op) else { return v };
        operands_mut(&mut op, &mut |x| *x = self.value(*x, pos));
        let ty = self.func.ty(v);
        let new = self.func.new_value(ty);
        self.out.push(Inst { op, result: Some(new), pos });
        new
    }
}
