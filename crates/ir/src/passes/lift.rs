//! Turns local variables into values: pruned SSA construction.
//!
//! A local gets a block parameter (a phi) in each block of the iterated dominance frontier of its definitions where it
//! is live, after Cytron et al. A walk over the dominator tree then replaces each read by the reaching definition.
//! Edges that cannot carry arguments are split first. A local that is read before it is assigned is zero. Locals whose
//! values live in memory stay as they are: as parameters they would be copied on every edge.

use super::cfg::Cfg;
use super::rewrite::{Renames, edges_mut, scalar_words, split_edge, takes_arguments};
use crate::func::{BlockId, Func, Inst, LocalId, ValueId};
use crate::op::{Const, Op};
use crate::operands::targets_mut;
use crate::program::Program;

/// Lifts the locals of a body.
pub(crate) fn run(program: &Program, func: &mut Func) {
    let lifted: Vec<bool> = func.locals.iter().map(|l| scalar_words(&program.types, l.ty).is_some()).collect();
    if !lifted.contains(&true) {
        return;
    }
    super::rewrite::drop_unreachable(func);
    let cfg = Cfg::new(func);
    let live = live_in(func, &cfg, &lifted);
    let phis = place(func, &cfg, &live, &lifted);
    split_edges(func, &phis);
    Renamer::new(func, phis, lifted).run();
    drop_locals(func);
}

/// A set of locals for each block.
struct Sets {
    width: usize,
    words: Vec<u64>,
}

impl Sets {
    fn new(blocks: usize, locals: usize) -> Sets {
        let width = locals.div_ceil(64);
        Sets { width, words: vec![0; width * blocks] }
    }

    fn row(&self, b: BlockId) -> std::ops::Range<usize> {
        b.index() * self.width..(b.index() + 1) * self.width
    }

    fn has(&self, b: BlockId, l: LocalId) -> bool {
        self.words[b.index() * self.width + l.index() / 64] & (1 << (l.index() % 64)) != 0
    }

    fn add(&mut self, b: BlockId, l: LocalId) {
        self.words[b.index() * self.width + l.index() / 64] |= 1 << (l.index() % 64);
    }
}

/// Locals that may be read in a block, or after it, before they are assigned.
fn live_in(func: &Func, cfg: &Cfg, lifted: &[bool]) -> Sets {
    let (n, m) = (func.blocks.len(), lifted.len());
    let (mut live, mut assigned) = (Sets::new(n, m), Sets::new(n, m));
    for &b in &cfg.order {
        for inst in &func.block(b).insts {
            match inst.op {
                Op::LocalGet(l) if lifted[l.index()] && !assigned.has(b, l) => live.add(b, l),
                Op::LocalSet(l, _) => assigned.add(b, l),
                _ => {}
            }
        }
    }
    let mut work: Vec<BlockId> = cfg.order.clone();
    let mut queued = vec![true; n];
    while let Some(b) = work.pop() {
        queued[b.index()] = false;
        for p in cfg.preds[b.index()].clone() {
            let mut changed = false;
            for (from, to) in live.row(b).zip(live.row(p)) {
                let new = live.words[to] | live.words[from] & !assigned.words[to];
                changed |= new != live.words[to];
                live.words[to] = new;
            }
            if changed && !std::mem::replace(&mut queued[p.index()], true) {
                work.push(p);
            }
        }
    }
    live
}

/// The locals that need a parameter in each block.
fn place(func: &Func, cfg: &Cfg, live: &Sets, lifted: &[bool]) -> Vec<Vec<LocalId>> {
    let frontier = frontiers(cfg, func.blocks.len());
    let mut defs: Vec<Vec<BlockId>> = vec![vec![BlockId(0)]; lifted.len()];
    for &b in &cfg.order {
        for inst in &func.block(b).insts {
            if let Op::LocalSet(l, _) = inst.op
                && defs[l.index()].last() != Some(&b)
            {
                defs[l.index()].push(b);
            }
        }
    }
    let mut phis: Vec<Vec<LocalId>> = vec![vec![]; func.blocks.len()];
    for (i, mut work) in defs.into_iter().enumerate() {
        let l = LocalId(i as u32);
        if !lifted[i] || work.len() == 1 {
            continue;
        }
        while let Some(b) = work.pop() {
            for &f in &frontier[b.index()] {
                if live.has(f, l) && phis[f.index()].last() != Some(&l) {
                    phis[f.index()].push(l);
                    work.push(f);
                }
            }
        }
    }
    phis
}

fn frontiers(cfg: &Cfg, n: usize) -> Vec<Vec<BlockId>> {
    let mut out: Vec<Vec<BlockId>> = vec![vec![]; n];
    for &b in &cfg.order {
        let preds = &cfg.preds[b.index()];
        if preds.len() < 2 {
            continue;
        }
        for &p in preds {
            let mut at = p;
            while Some(at) != cfg.idom[b.index()] {
                if out[at.index()].last() != Some(&b) {
                    out[at.index()].push(b);
                }
                match cfg.idom[at.index()] {
                    Some(d) => at = d,
                    None => break,
                }
            }
        }
    }
    out
}

/// Gives every edge into a block with new parameters a source that can pass arguments.
fn split_edges(func: &mut Func, phis: &[Vec<LocalId>]) {
    for b in 0..func.blocks.len() {
        let from = BlockId(b as u32);
        if takes_arguments(&func.blocks[b].term) {
            continue;
        }
        let mut split = vec![];
        let mut n = 0;
        let mut term = func.blocks[b].term.clone();
        targets_mut(&mut term, &mut |t| {
            if phis.get(t.index()).is_some_and(|p| !p.is_empty()) {
                split.push(n);
            }
            n += 1;
        });
        split.into_iter().for_each(|n| {
            split_edge(func, from, n);
        });
    }
}

/// One step of the walk over the dominator tree.
enum Step {
    Enter(BlockId),
    /// Forgets assignments back to this length of the log.
    Leave(usize),
}

struct Renamer<'f> {
    func: &'f mut Func,
    phis: Vec<Vec<LocalId>>,
    lifted: Vec<bool>,
    params: Vec<Vec<ValueId>>,
    current: Vec<Option<ValueId>>,
    log: Vec<(LocalId, Option<ValueId>)>,
    zeros: Vec<Option<ValueId>>,
    renames: Renames,
}

impl<'f> Renamer<'f> {
    fn new(func: &'f mut Func, mut phis: Vec<Vec<LocalId>>, lifted: Vec<bool>) -> Renamer<'f> {
        phis.resize(func.blocks.len(), vec![]);
        let mut params = vec![];
        for list in &phis {
            let new: Vec<_> = list.iter().map(|l| func.locals[l.index()].ty).collect();
            params.push(new.into_iter().map(|t| func.new_value(t)).collect());
        }
        let n = lifted.len();
        let renames = Renames::new(func);
        Renamer { func, phis, lifted, params, current: vec![None; n], log: vec![], zeros: vec![None; n], renames }
    }

    fn run(mut self) {
        let cfg = Cfg::new(self.func);
        let mut work = vec![Step::Enter(BlockId(0))];
        while let Some(step) = work.pop() {
            match step {
                Step::Leave(mark) => {
                    while self.log.len() > mark
                        && let Some((l, old)) = self.log.pop()
                    {
                        self.current[l.index()] = old;
                    }
                }
                Step::Enter(b) => {
                    work.push(Step::Leave(self.log.len()));
                    self.block(b);
                    work.extend(cfg.children[b.index()].iter().rev().map(|&c| Step::Enter(c)));
                }
            }
        }
        let zeros = std::mem::take(&mut self.zeros);
        let at = self.func.blocks[0].term_pos;
        let zeros = zeros.into_iter().flatten().map(|v| Inst { op: Op::Const(Const::Zero), result: Some(v), pos: at });
        self.func.blocks[0].insts.splice(0..0, zeros);
    }

    fn assign(&mut self, l: LocalId, v: ValueId) {
        let old = self.current[l.index()].replace(v);
        self.log.push((l, old));
    }

    fn value(&mut self, l: LocalId) -> ValueId {
        if let Some(v) = self.current[l.index()] {
            return v;
        }
        match self.zeros[l.index()] {
            Some(v) => v,
            None => {
                let v = self.func.new_value(self.func.locals[l.index()].ty);
                self.zeros[l.index()] = Some(v);
                v
            }
        }
    }

    fn block(&mut self, b: BlockId) {
        for (l, v) in self.phis[b.index()].clone().into_iter().zip(self.params[b.index()].clone()) {
            self.func.blocks[b.index()].params.push(v);
            self.assign(l, v);
        }
        let mut insts = std::mem::take(&mut self.func.blocks[b.index()].insts);
        insts.retain_mut(|inst| {
            self.renames.op(&mut inst.op);
            match (&inst.op, inst.result) {
                (Op::LocalGet(l), Some(v)) if self.lifted[l.index()] => {
                    let new = self.value(*l);
                    self.renames.set(v, new);
                    false
                }
                (Op::LocalSet(l, v), _) if self.lifted[l.index()] => {
                    self.assign(*l, *v);
                    false
                }
                _ => true,
            }
        });
        self.func.blocks[b.index()].insts = insts;
        let mut term = self.func.blocks[b.index()].term.clone();
        self.renames.term(&mut term);
        edges_mut(&mut term, &mut |to, args| {
            for l in self.phis[to.index()].clone() {
                args.push(self.value(l));
            }
        });
        self.func.blocks[b.index()].term = term;
    }
}

/// Drops locals that nothing reads or assigns.
fn drop_locals(func: &mut Func) {
    let mut used = vec![false; func.locals.len()];
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        if let Op::LocalGet(l) | Op::LocalSet(l, _) = inst.op {
            used[l.index()] = true;
        }
    }
    let mut number = vec![LocalId(0); used.len()];
    let kept = used.iter().enumerate().filter(|u| *u.1);
    kept.enumerate().for_each(|(next, (i, _))| number[i] = LocalId(next as u32));
    let mut i = 0;
    func.locals.retain(|_| {
        i += 1;
        used[i - 1]
    });
    for inst in func.blocks.iter_mut().flat_map(|b| &mut b.insts) {
        if let Op::LocalGet(l) | Op::LocalSet(l, _) = &mut inst.op {
            *l = number[l.index()];
        }
    }
}
