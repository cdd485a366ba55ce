//! Changing bodies: replacing values, splitting edges, dropping blocks.

use crate::func::{Block, BlockId, Func, Inst, ValueId};
use crate::op::{Const, Op, Term};
use crate::operands::{operands_mut, targets_mut, term_operands_mut};
use crate::ty::{Ty, TyId, TypeTable};
use rustc_hash::FxHashMap;

macro_rules! edge_walks {
    ($(#[$doc:meta])* $name:ident, $args:ty $(, $mut:tt)?) => {
        $(#[$doc])*
        pub(crate) fn $name(term: &$($mut)? Term, f: &mut dyn FnMut(BlockId, $args)) {
            match term {
                Term::Jump(b, args) => f(*b, args),
                Term::If { then, els, .. } => {
                    f(then.0, &$($mut)? then.1);
                    f(els.0, &$($mut)? els.1);
                }
                Term::Switch { .. }
                | Term::TypeSwitch { .. }
                | Term::Return(_)
                | Term::TailCall(..)
                | Term::TryCall { .. }
                | Term::Try { .. }
                | Term::Panic(_)
                | Term::Unreachable => {}
            }
        }
    };
}

edge_walks!(
    /// Calls `f` with the target and the arguments of every edge that has arguments of its own.
    edges, &[ValueId]
);
edge_walks!(
    /// The same, to change the arguments.
    edges_mut, &mut Vec<ValueId>, mut
);

/// Whether edges out of a block carry arguments.
pub(crate) fn takes_arguments(term: &Term) -> bool {
    let mut any = false;
    edges(term, &mut |_, _| any = true);
    any
}

/// Values that stand for others.
#[derive(Default)]
pub(crate) struct Renames {
    to: Vec<ValueId>,
    any: bool,
}

impl Renames {
    pub fn new(func: &Func) -> Renames {
        Renames { to: (0..func.values.len() as u32).map(ValueId).collect(), any: false }
    }

    /// From now on `new` stands for `old`.
    pub fn set(&mut self, old: ValueId, new: ValueId) {
        let new = self.get(new);
        if self.to.len() <= old.index() {
            self.to.extend((self.to.len() as u32..=old.0).map(ValueId));
        }
        if old != new {
            self.to[old.index()] = new;
            self.any = true;
        }
    }

    /// What stands for a value.
    pub fn get(&self, mut v: ValueId) -> ValueId {
        while let Some(&t) = self.to.get(v.index())
            && t != v
        {
            v = t;
        }
        v
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        !self.any
    }

    pub fn op(&self, op: &mut Op) {
        operands_mut(op, &mut |v| *v = self.get(*v));
    }

    pub fn term(&self, t: &mut Term) {
        term_operands_mut(t, &mut |v| *v = self.get(*v));
    }

    /// Replaces all uses in a body.
    pub fn apply(&self, func: &mut Func) {
        if self.is_empty() {
            return;
        }
        for b in &mut func.blocks {
            b.insts.iter_mut().for_each(|i| self.op(&mut i.op));
            self.term(&mut b.term);
        }
    }
}

/// The instruction that defines each value: block and place in it. None for block parameters.
pub(crate) struct Defs {
    at: Vec<Option<(BlockId, u32)>>,
}

impl Defs {
    pub fn new(func: &Func) -> Defs {
        let mut at = vec![None; func.values.len()];
        for (b, block) in func.blocks.iter().enumerate() {
            for (i, inst) in block.insts.iter().enumerate() {
                if let Some(v) = inst.result {
                    at[v.index()] = Some((BlockId(b as u32), i as u32));
                }
            }
        }
        Defs { at }
    }

    /// The block of the instruction that defines a value.
    pub fn block(&self, v: ValueId) -> Option<BlockId> {
        self.at.get(v.index()).copied().flatten().map(|at| at.0)
    }

    /// The block and number of the instruction that defines a value.
    pub fn place(&self, v: ValueId) -> Option<(BlockId, u32)> {
        self.at.get(v.index()).copied().flatten()
    }

    /// The operation that defines a value.
    pub fn op<'f>(&self, func: &'f Func, v: ValueId) -> Option<&'f Op> {
        let (b, i) = (*self.at.get(v.index())?)?;
        func.block(b).insts.get(i as usize).map(|i| &i.op)
    }

    /// The constant that a value is.
    pub fn constant<'f>(&self, func: &'f Func, v: ValueId) -> Option<&'f Const> {
        match self.op(func, v)? {
            Op::Const(c) => Some(c),
            _ => None,
        }
    }

    /// The integer constant that a value is.
    pub fn int(&self, func: &Func, v: ValueId) -> Option<i64> {
        match self.constant(func, v)? {
            Const::Int(i) => Some(*i),
            Const::Zero => Some(0),
            _ => None,
        }
    }
}

/// Replaces the edge number `n` of `from` (in the order of `targets_mut`) by one through a new block, which gets the
/// parameters of a type switch's target when `from` is one. Gives the new block.
pub(crate) fn split_edge(func: &mut Func, from: BlockId, n: usize) -> BlockId {
    let new = BlockId(func.blocks.len() as u32);
    let src = &func.blocks[from.index()];
    let pos = src.term_pos;
    let mut target = BlockId(0);
    let mut passed = vec![];
    let mut k = 0;
    let mut term = src.term.clone();
    let is_type_switch = matches!(term, Term::TypeSwitch { .. });
    targets_mut(&mut term, &mut |t| {
        if k == n {
            target = *t;
            *t = new;
        }
        k += 1;
    });
    match (&mut term, n) {
        (Term::Jump(_, args), _) => passed = std::mem::take(args),
        (Term::If { then, .. }, 0) => passed = std::mem::take(&mut then.1),
        (Term::If { els, .. }, _) => passed = std::mem::take(&mut els.1),
        _ => {}
    }
    let mut params = vec![];
    if is_type_switch && !func.block(target).params.is_empty() {
        params = func.block(target).params.iter().map(|p| func.values[p.index()]).collect::<Vec<_>>();
    }
    let params: Vec<ValueId> = params.into_iter().map(|t| func.new_value(t)).collect();
    passed.extend(&params);
    let cold = func.block(target).cold;
    func.blocks[from.index()].term = term;
    func.blocks.push(Block { params, insts: vec![], term: Term::Jump(target, passed), term_pos: pos, cold });
    new
}

/// Drops blocks that cannot be reached; the others keep their order.
pub(crate) fn drop_unreachable(func: &mut Func) {
    let mut keep = vec![false; func.blocks.len()];
    crate::sanity::reverse_postorder(func).iter().for_each(|b| keep[b.index()] = true);
    if keep.iter().all(|&k| k) {
        return;
    }
    let mut number = vec![BlockId(0); keep.len()];
    let kept = keep.iter().enumerate().filter(|k| *k.1);
    kept.enumerate().for_each(|(next, (i, _))| number[i] = BlockId(next as u32));
    let mut i = 0;
    func.blocks.retain(|_| {
        i += 1;
        keep[i - 1]
    });
    for b in &mut func.blocks {
        targets_mut(&mut b.term, &mut |t| *t = number[t.index()]);
    }
}

/// How many words a value of a type is kept in; none when it is kept in memory.
pub(crate) fn scalar_words(types: &TypeTable, ty: TyId) -> Option<u32> {
    use crate::ty::Basic;
    let n = match types.under(ty) {
        Ty::Array(_, 0) => 0,
        Ty::Array(e, 1) => scalar_words(types, *e)?,
        Ty::Array(e, _) => return (types.size_of(*e) == 0).then_some(0),
        Ty::Struct(fields) => {
            let mut n = 0;
            for f in fields {
                n += scalar_words(types, f.ty)?;
            }
            n
        }
        Ty::Slice(_) => 3,
        Ty::Interface(_) | Ty::Basic(Basic::String | Basic::Complex128 | Basic::Complex64) => 2,
        Ty::Tuple(_) => return None,
        _ => 1,
    };
    (n <= MAX_SCALARS).then_some(n)
}

/// Values of more words are kept in memory.
pub(crate) const MAX_SCALARS: u32 = 4;

/// A copy of an instruction with other operands, those in `map`, and a new result, which is put there.
pub(crate) fn copy_inst(func: &mut Func, mut inst: Inst, map: &mut FxHashMap<ValueId, ValueId>) -> Inst {
    operands_mut(&mut inst.op, &mut |v| *v = *map.get(v).unwrap_or(v));
    inst.result = inst.result.map(|old| {
        let new = func.new_value(func.ty(old));
        map.insert(old, new);
        new
    });
    inst
}
