//! Removes checks that cannot fail: nil, bounds, division and shift checks.
//!
//! A walk over the dominator tree collects what holds at each block: what dominating checks and branches establish, and
//! invariants of loop variables. Integer facts have the form `x <= y + c` ([`Facts`]). A check is removed when the
//! inequalities that it tests follow from the facts ([`super::prove`]).
//!
//! [`hoist`](super::hoist) uses the same facts: it moves only loads whose address is known to be valid before the loop.

use super::cfg::{Cfg, Loops};
use super::effects::is_non_nil;
use super::prove::{Facts, ZERO};
use super::rewrite::Defs;
use crate::func::{BlockId, Func, ValueId};
use crate::op::{BinOp, Callee, CmpOp, Conv, Op, Sliced, Term, UnOp};
use crate::program::Program;
use crate::ty::{Basic, TypeTable};
use rustc_hash::FxHashSet;

/// Removes checks that cannot fail.
pub(crate) fn run(program: &Program, func: &mut Func) {
    if !func.blocks.iter().any(|b| b.insts.iter().any(|i| is_check(&i.op))) {
        return;
    }
    let needless = Checks::new(&program.types, func).walk(&mut |_, _| {});
    for (b, gone) in func.blocks.iter_mut().zip(needless) {
        if gone.is_empty() {
            continue;
        }
        let mut k = 0;
        b.insts.retain(|_| {
            k += 1;
            !gone.contains(&(k - 1))
        });
    }
}

fn is_check(op: &Op) -> bool {
    matches!(op, Op::NilCheck(_) | Op::BoundsCheck { .. } | Op::DivCheck(_) | Op::ShiftCheck(_))
}

/// One step of the walk over the dominator tree.
enum Step {
    Enter(BlockId),
    Leave { facts: usize, known: usize },
}

/// Something that was established.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Known {
    NonNil(ValueId),
    NonZero(ValueId),
}

/// What is known at a place, on a walk through a body.
pub(crate) struct Checks<'a> {
    func: &'a Func,
    defs: Defs,
    cfg: Cfg,
    loops: Loops,
    pub facts: Facts<'a>,
    known: FxHashSet<Known>,
    log: Vec<Known>,
    needless: Vec<Vec<usize>>,
}

impl<'a> Checks<'a> {
    pub fn new(types: &'a TypeTable, func: &'a Func) -> Checks<'a> {
        let cfg = Cfg::new(func);
        let loops = Loops::new(func, &cfg);
        Checks {
            func,
            defs: Defs::new(func),
            cfg,
            loops,
            facts: Facts::new(types, func),
            known: FxHashSet::default(),
            log: vec![],
            needless: vec![vec![]; func.blocks.len()],
        }
    }

    /// Goes through the body and gives the numbers of needless checks by block. `at` is called at the start of each block,
    /// when what is known before it is known.
    pub fn walk(mut self, at: &mut dyn FnMut(&Self, BlockId)) -> Vec<Vec<usize>> {
        let mut work = vec![Step::Enter(BlockId(0))];
        while let Some(step) = work.pop() {
            match step {
                Step::Leave { facts, known } => {
                    self.facts.forget(facts);
                    while self.log.len() > known
                        && let Some(k) = self.log.pop()
                    {
                        self.known.remove(&k);
                    }
                }
                Step::Enter(b) => {
                    work.push(Step::Leave { facts: self.facts.mark(), known: self.log.len() });
                    self.entered_by(b);
                    at(&self, b);
                    self.loop_variables(b);
                    self.block(b);
                    work.extend(self.cfg.children[b.index()].iter().rev().map(|&c| Step::Enter(c)));
                }
            }
        }
        self.needless
    }

    fn learn(&mut self, k: Known) {
        if self.known.insert(k) {
            self.log.push(k);
        }
    }

    /// The value that pointer conversions start from.
    fn origin(&self, mut v: ValueId) -> ValueId {
        while let Some(Op::Convert(Conv::Same, x)) = self.defs.op(self.func, v) {
            v = *x;
        }
        v
    }

    /// Whether a value is known not to be nil.
    pub fn non_nil(&self, v: ValueId) -> bool {
        is_non_nil(&|v| self.defs.op(self.func, v), v) || self.known.contains(&Known::NonNil(self.origin(v)))
    }

    // ---- what is known in a block

    /// The block whose branch leads into `b`, if there is one besides back edges. What it tests does not change in the
    /// loop.
    fn entry(&self, b: BlockId) -> Option<BlockId> {
        let mut from = self.cfg.preds[b.index()].iter().copied().filter(|&p| !self.cfg.dominates(b, p));
        let first = from.next()?;
        from.next().is_none().then_some(first)
    }

    /// What the branch into a block says.
    fn entered_by(&mut self, b: BlockId) {
        let Some(p) = self.entry(b) else { return };
        if let Term::If { cond, then, els } = &self.func.block(p).term
            && then.0 != els.0
        {
            self.condition(*cond, then.0 == b);
        }
        if let Term::Switch { value, cases, default } = &self.func.block(p).term
            && *default != b
            && self.facts.is_integer(*value)
            && let [c] = cases.iter().filter(|c| c.1 == b).collect::<Vec<_>>()[..]
        {
            self.facts.at_most(*value, ZERO, c.0);
            self.facts.at_least(*value, c.0);
        }
    }

    fn condition(&mut self, cond: ValueId, holds: bool) {
        let Some(op) = self.defs.op(self.func, cond) else { return };
        match *op {
            Op::Unary(UnOp::Not, x) => self.condition(x, !holds),
            Op::IsNil(v) if !holds => {
                let v = self.origin(v);
                self.learn(Known::NonNil(v));
            }
            Op::Compare(c, x, y) if self.facts.is_integer(x) => {
                let (x, y, strict) = match (c, holds) {
                    (CmpOp::Lt, true) | (CmpOp::Ge, false) => (x, y, true),
                    (CmpOp::Le, true) | (CmpOp::Gt, false) => (x, y, false),
                    (CmpOp::Gt, true) | (CmpOp::Le, false) => (y, x, true),
                    (CmpOp::Ge, true) | (CmpOp::Lt, false) => (y, x, false),
                };
                self.facts.at_most(x, y, if strict { -1 } else { 0 });
            }
            Op::Equal(x, y) if self.facts.is_integer(x) => {
                if holds {
                    self.facts.at_most(x, y, 0);
                    self.facts.at_most(y, x, 0);
                } else if self.facts.constant(y) == Some(0) {
                    self.learn(Known::NonZero(x));
                    self.not_zero(x);
                } else {
                    self.unequal(x, y);
                }
            }
            _ => {}
        }
    }

    /// What is not zero and not negative is positive.
    fn not_zero(&mut self, x: ValueId) {
        if self.facts.range(x).0 == 0 {
            self.facts.at_least(x, 1);
        }
    }

    /// What is at most and not equal is less.
    fn unequal(&mut self, x: ValueId, y: ValueId) {
        for (x, y) in [(x, y), (y, x)] {
            if self.facts.prove(x, y, 0) {
                self.facts.at_most(x, y, -1);
            }
        }
    }

    /// Variables that only grow, or only shrink, stay on their side of where they start.
    fn loop_variables(&mut self, b: BlockId) {
        let Some(l) = self.loops.of(b) else { return };
        if self.loops.loops[l].header != b {
            return;
        }
        for (k, &p) in self.func.block(b).params.iter().enumerate() {
            if !self.facts.is_integer(p) {
                continue;
            }
            let (mut starts, mut steps) = (vec![], vec![]);
            for &from in &self.cfg.preds[b.index()] {
                super::rewrite::edges(&self.func.block(from).term, &mut |to, args| {
                    if to == b {
                        let list = if self.loops.contains(l, from) { &mut steps } else { &mut starts };
                        list.push((args[k], from));
                    }
                });
            }
            self.loop_variable(l, p, &starts, &steps);
        }
    }

    fn loop_variable(&mut self, l: usize, p: ValueId, starts: &[(ValueId, BlockId)], steps: &[(ValueId, BlockId)]) {
        let mut grows = true;
        let mut shrinks = true;
        for &(v, _) in steps {
            if v == p {
                continue;
            }
            let (up, down) = self.step(l, p, v);
            grows &= up;
            shrinks &= down;
        }
        if steps.is_empty() || starts.is_empty() {
            return;
        }
        if grows {
            match starts {
                [(v, _)] => self.facts.at_most(*v, p, 0),
                many => {
                    let low = many.iter().map(|s| self.facts.range(s.0).0).min();
                    low.into_iter().for_each(|low| self.facts.at_least(p, low));
                }
            }
        }
        if shrinks && let [(v, _)] = starts {
            self.facts.at_most(p, *v, 0);
        }
    }

    /// Whether `v` is `p` and something that is never negative, or never positive, without overflow.
    fn step(&self, l: usize, p: ValueId, v: ValueId) -> (bool, bool) {
        let Some((home, op)) = self.definition(v) else { return (false, false) };
        let Op::Binary(BinOp::Add, x, s) = *op else { return (false, false) };
        let s = if x == p {
            s
        } else if s == p {
            x
        } else {
            return (false, false);
        };
        let (low, high) = self.facts.range(s);
        let (_, max) = self.facts.type_range(p);
        if low >= 0 {
            return (
                self.upper_before(l, p, home).is_some_and(|n| n.checked_add(high).is_some_and(|m| m <= max)),
                false,
            );
        }
        if high <= 0 {
            let (min, _) = self.facts.type_range(p);
            let down = self.lower_before(l, p, home).is_some_and(|n| n.checked_add(low).is_some_and(|m| m >= min));
            return (false, down);
        }
        (false, false)
    }

    fn definition(&self, v: ValueId) -> Option<(BlockId, &Op)> {
        Some((self.defs.block(v)?, self.defs.op(self.func, v)?))
    }

    /// A bound of the loop variable `p` that is checked on every path to block `at` in the loop.
    fn upper_before(&self, l: usize, p: ValueId, at: BlockId) -> Option<i64> {
        self.tests_before(l, at, &mut |this, x, y, strict| {
            (x == p).then(|| this.facts.range(y).1.saturating_sub(i64::from(strict)))
        })
    }

    fn lower_before(&self, l: usize, p: ValueId, at: BlockId) -> Option<i64> {
        self.tests_before(l, at, &mut |this, x, y, strict| {
            (y == p).then(|| this.facts.range(x).0.saturating_add(i64::from(strict)))
        })
    }

    /// Calls `f` with each inequality `x < y` or `x <= y` that holds on every path from the loop's header to `at`, until it
    /// gives something.
    fn tests_before(
        &self,
        l: usize,
        at: BlockId,
        f: &mut dyn FnMut(&Self, ValueId, ValueId, bool) -> Option<i64>,
    ) -> Option<i64> {
        let mut b = at;
        while self.loops.contains(l, b) {
            for inst in &self.func.block(b).insts {
                if let Op::BoundsCheck { index, len } = inst.op
                    && let Some(n) = f(self, index, len, true)
                {
                    return Some(n);
                }
            }
            if b == self.loops.loops[l].header {
                return None;
            }
            let d = self.cfg.idom[b.index()]?;
            if let Term::If { cond, then, els } = &self.func.block(d).term
                && then.0 != els.0
                && self.entry(b) == Some(d)
                && let Some(&Op::Compare(c, x, y)) = self.defs.op(self.func, *cond)
            {
                let holds = then.0 == b;
                let (x, y, strict) = match (c, holds) {
                    (CmpOp::Lt, true) | (CmpOp::Ge, false) => (x, y, true),
                    (CmpOp::Le, true) | (CmpOp::Gt, false) => (x, y, false),
                    (CmpOp::Gt, true) | (CmpOp::Le, false) => (y, x, true),
                    (CmpOp::Ge, true) | (CmpOp::Lt, false) => (y, x, false),
                };
                if let Some(n) = f(self, x, y, strict) {
                    return Some(n);
                }
            }
            b = d;
        }
        None
    }

    // ---- instructions

    fn block(&mut self, b: BlockId) {
        let func = self.func;
        for (i, inst) in func.block(b).insts.iter().enumerate() {
            if self.is_needless(&inst.op) {
                self.needless[b.index()].push(i);
            } else {
                self.passed(&inst.op);
            }
        }
    }

    fn is_needless(&mut self, op: &Op) -> bool {
        match *op {
            Op::NilCheck(v) => self.non_nil(v),
            Op::DivCheck(v) => {
                let (low, high) = self.facts.range(v);
                low > 0 || high < 0 || self.known.contains(&Known::NonZero(v))
            }
            Op::ShiftCheck(v) => self.facts.range(v).0 >= 0,
            Op::BoundsCheck { index, len } => self.is_within(index, len),
            _ => false,
        }
    }

    /// Whether `0 <= index < len`.
    pub fn is_within(&self, index: ValueId, len: ValueId) -> bool {
        self.facts.is_integer(index) && self.facts.range(index).0 >= 0 && self.facts.prove(index, len, -1)
    }

    /// What is known after an operation.
    fn passed(&mut self, op: &Op) {
        match op {
            Op::NilCheck(v) => {
                let v = self.origin(*v);
                self.learn(Known::NonNil(v));
            }
            Op::DivCheck(v) => {
                self.learn(Known::NonZero(*v));
                self.not_zero(*v);
            }
            Op::ShiftCheck(v) => self.facts.at_least(*v, 0),
            Op::BoundsCheck { index, len } if self.facts.is_integer(*index) => {
                self.facts.at_least(*index, 0);
                self.facts.at_most(*index, *len, -1);
            }
            Op::Slice { kind, lo, hi, x, .. } => self.sliced(*kind, *x, *lo, *hi),
            Op::Call(Callee::Closure(v), _) | Op::Call(Callee::Interface { iface: v, .. }, _) => {
                let v = self.origin(*v);
                self.learn(Known::NonNil(v));
            }
            _ => {}
        }
    }

    /// `0 <= lo <= hi`, and `hi` is within what is sliced.
    fn sliced(&mut self, kind: Sliced, x: ValueId, lo: Option<ValueId>, hi: Option<ValueId>) {
        let int = |v: &ValueId| self.func.ty(*v) == TypeTable::basic(Basic::Int);
        let (lo, hi) = (lo.filter(int), hi.filter(int));
        if let (Some(lo), Some(hi)) = (lo, hi) {
            self.facts.at_most(lo, hi, 0);
        }
        lo.iter().chain(&hi).for_each(|&v| self.facts.at_least(v, 0));
        if kind == Sliced::ArrayPtr {
            return;
        }
        let len = self.facts.len_of(x);
        if let (Some(lo), None, Some(len)) = (lo, hi, len) {
            self.facts.at_most(lo, len, 0);
        }
        if let (Some(hi), Some(len), Sliced::Str) = (hi, len, kind) {
            self.facts.at_most(hi, len, 0);
        }
    }
}
