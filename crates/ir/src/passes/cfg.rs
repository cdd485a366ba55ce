//! The control flow graph of a body: predecessors, reverse postorder, dominators and natural loops.
//!
//! All of it is computed once, for a body whose blocks do not change; after a change of edges a new [`Cfg`] is made.
//! Unreachable blocks have no number and are in no list.

use crate::func::{BlockId, Func};
use crate::op::Term;
use crate::sanity::{self, Edges};

/// Order, predecessors and dominators.
pub(crate) struct Cfg {
    /// Reachable blocks in reverse postorder.
    pub order: Vec<BlockId>,
    number: Vec<u32>,
    /// Predecessors, each once per edge.
    pub preds: Vec<Edges>,
    /// Immediate dominators.
    pub idom: Vec<Option<BlockId>>,
    /// Blocks that a block dominates immediately, in reverse postorder.
    pub children: Vec<Edges>,
    interval: Vec<(u32, u32)>,
}

impl Cfg {
    pub fn new(func: &Func) -> Cfg {
        let n = func.blocks.len();
        let order = sanity::reverse_postorder(func);
        let mut number = vec![u32::MAX; n];
        order.iter().enumerate().for_each(|(i, b)| number[b.index()] = i as u32);
        let mut preds = vec![Edges::new(); n];
        for &b in &order {
            for_each_successor(&func.block(b).term, &mut |s| preds[s.index()].push(b));
        }
        let idom = sanity::immediate_dominators(&order, &number, &preds);
        let mut children = vec![Edges::new(); n];
        for &b in &order {
            if let Some(d) = idom[b.index()] {
                children[d.index()].push(b);
            }
        }
        let interval = intervals(&children);
        Cfg { order, number, preds, idom, children, interval }
    }

    /// Number in reverse postorder.
    pub fn number(&self, b: BlockId) -> u32 {
        self.number[b.index()]
    }

    /// Whether every path from the entry to `b` goes through `a`; a block dominates itself.
    pub fn dominates(&self, a: BlockId, b: BlockId) -> bool {
        let (x, y) = (self.interval[a.index()], self.interval[b.index()]);
        x.0 <= y.0 && y.1 <= x.1
    }
}

/// Times at which a walk of the dominator tree enters and leaves each block.
fn intervals(children: &[Edges]) -> Vec<(u32, u32)> {
    let mut out = vec![(u32::MAX, 0); children.len()];
    let mut clock = 0;
    let mut stack = vec![(BlockId(0), false)];
    while let Some((b, done)) = stack.pop() {
        if done {
            out[b.index()].1 = clock;
            continue;
        }
        clock += 1;
        out[b.index()].0 = clock;
        stack.push((b, true));
        stack.extend(children[b.index()].iter().rev().map(|&c| (c, false)));
    }
    out
}

/// Calls `f` for every edge out of a block.
pub(crate) fn for_each_successor(term: &Term, f: &mut dyn FnMut(BlockId)) {
    match term {
        Term::Jump(b, _) => f(*b),
        Term::If { then, els, .. } => {
            f(then.0);
            f(els.0);
        }
        Term::Switch { cases, default, .. } => {
            cases.iter().for_each(|c| f(c.1));
            f(*default);
        }
        Term::TypeSwitch { cases, default, .. } => {
            cases.iter().for_each(|c| f(c.target));
            f(*default);
        }
        Term::TryCall { normal, recovered, .. } => {
            f(*normal);
            f(*recovered);
        }
        Term::Try { body, recovered, .. } => {
            f(*body);
            f(*recovered);
        }
        Term::Return(_) | Term::TailCall(..) | Term::Panic(_) | Term::Unreachable => {}
    }
}

/// By block: whether it can run after a block has, or again.
pub(crate) fn reachable(func: &Func, from: BlockId) -> Vec<bool> {
    let mut seen = vec![false; func.blocks.len()];
    let mut todo = vec![from];
    while let Some(b) = todo.pop() {
        for_each_successor(&func.block(b).term, &mut |s| {
            if !std::mem::replace(&mut seen[s.index()], true) {
                todo.push(s);
            }
        });
    }
    seen
}

/// A natural loop.
pub(crate) struct Loop {
    /// The block that every path into the loop goes through.
    pub header: BlockId,
    /// The loop around it.
    pub parent: Option<usize>,
    /// Its blocks, inner loops included; the header is first.
    pub blocks: Vec<BlockId>,
}

/// The loops of a body. A cycle that can be entered in several places has no loop of its own; `irreducible` says that
/// there is one.
pub(crate) struct Loops {
    pub loops: Vec<Loop>,
    innermost: Vec<Option<usize>>,
    pub irreducible: bool,
}

impl Loops {
    pub fn new(func: &Func, cfg: &Cfg) -> Loops {
        let mut l = Loops { loops: vec![], innermost: vec![None; func.blocks.len()], irreducible: false };
        // Outer headers come first in reverse postorder, so inner loops overwrite `innermost`.
        for &h in &cfg.order {
            let back = |p: &&BlockId| cfg.number(**p) >= cfg.number(h);
            let (latches, others): (Vec<BlockId>, Vec<BlockId>) =
                cfg.preds[h.index()].iter().filter(back).partition(|&&p| cfg.dominates(h, p));
            l.irreducible |= !others.is_empty();
            if !latches.is_empty() {
                l.add(cfg, h, latches);
            }
        }
        l
    }

    fn add(&mut self, cfg: &Cfg, header: BlockId, latches: Vec<BlockId>) {
        let mut inside = vec![false; self.innermost.len()];
        inside[header.index()] = true;
        let mut blocks = vec![header];
        let mut work = latches;
        while let Some(b) = work.pop() {
            if !std::mem::replace(&mut inside[b.index()], true) {
                blocks.push(b);
                work.extend(&cfg.preds[b.index()]);
            }
        }
        let parent = self.innermost[header.index()];
        let at = self.loops.len();
        blocks.iter().for_each(|b| self.innermost[b.index()] = Some(at));
        self.loops.push(Loop { header, parent, blocks });
    }

    /// The innermost loop that a block is in.
    pub fn of(&self, b: BlockId) -> Option<usize> {
        self.innermost[b.index()]
    }

    /// Whether a block is in a loop.
    pub fn contains(&self, l: usize, b: BlockId) -> bool {
        let mut at = self.of(b);
        while let Some(i) = at {
            if i == l {
                return true;
            }
            at = self.loops[i].parent;
        }
        false
    }
}
