//! Loop rotation: loops with their test at the bottom.
//!
//! The builder makes `jump head; head: test, if body else exit; body: ..; jump head`, which takes two jumps in each
//! iteration. A head that is short, only looks at scalars and is entered by plain jumps alone becomes no block of its own:
//! each jump to it is replaced by a copy of it. Its values are then defined in several places. So they are kept in
//! variables, which the builder of CLIF turns into block parameters where copies meet. A block that uses such a value
//! reads its variable when it begins.

use super::Emit;
use super::value::{Repr, clif_type};
use cranelift_codegen::ir::SourceLoc;
use cranelift_frontend::Variable;
use itab_ir::func::{BlockId, ValueId};
use itab_ir::op::{BinOp, Conv, Op, Term};
use itab_ir::operands::{operands, term_operands};
use rustc_hash::{FxHashMap, FxHashSet};

/// Heads with more instructions stay blocks.
const MAX_HEAD: usize = 12;
/// Heads that are entered from more places stay blocks, and so do those whose copies would have more instructions.
const MAX_COPIES: usize = 6;
const MAX_COPIED: usize = 36;

/// Which heads have no block, and where their values are needed.
#[derive(Default)]
pub struct Rotation {
    heads: FxHashSet<BlockId>,
    /// Values that heads define.
    variables: FxHashMap<ValueId, Vec<Variable>>,
    /// For each block, values of other blocks' heads that it uses.
    needed: FxHashMap<BlockId, Vec<ValueId>>,
}

impl Rotation {
    /// Whether a block is copied into its predecessors.
    pub fn is_head(&self, b: BlockId) -> bool {
        self.heads.contains(&b)
    }
}

impl Emit<'_> {
    /// Finds the heads to copy.
    pub fn find_rotations(&mut self, order: &[BlockId]) {
        let mut place = vec![usize::MAX; self.func.blocks.len()];
        order.iter().enumerate().for_each(|(i, b)| place[b.index()] = i);
        let mut preds: FxHashMap<BlockId, Vec<BlockId>> = FxHashMap::default();
        for &b in order {
            for s in self.func.block(b).term.successors() {
                preds.entry(s).or_default().push(b);
            }
        }
        let mut heads = FxHashSet::default();
        for (&head, from) in &preds {
            let is_loop = from.iter().any(|p| place[p.index()] >= place[head.index()]);
            let jumps = from.iter().all(|p| matches!(self.func.block(*p).term, Term::Jump(..)));
            if is_loop && jumps && from.len() <= MAX_COPIES && head.index() != 0 && self.is_short_test(head, from.len())
            {
                heads.insert(head);
            }
        }
        if heads.is_empty() {
            return;
        }
        let mut variables = FxHashMap::default();
        for &head in &heads {
            for v in self.defined_in(head) {
                let leaves = self.leaves(self.ty(v)).unwrap_or_else(|| ice!("a rotated head has {v:?} in memory"));
                variables.insert(v, leaves.iter().map(|l| self.b.declare_var(clif_type(l.word))).collect());
            }
        }
        let mut needed: FxHashMap<BlockId, Vec<ValueId>> = FxHashMap::default();
        for &b in order {
            let own: FxHashSet<ValueId> =
                if heads.contains(&b) { self.defined_in(b).collect() } else { FxHashSet::default() };
            let mut list = vec![];
            let mut seen = |v: ValueId| {
                if variables.contains_key(&v) && !own.contains(&v) && !list.contains(&v) {
                    list.push(v);
                }
            };
            let block = self.func.block(b);
            block.insts.iter().for_each(|i| operands(&i.op, &mut seen));
            term_operands(&block.term, &mut seen);
            if !list.is_empty() {
                needed.insert(b, list);
            }
        }
        self.rotation = Rotation { heads, variables, needed };
    }

    fn defined_in(&self, b: BlockId) -> impl Iterator<Item = ValueId> + use<> {
        let block = self.func.block(b);
        let values: Vec<ValueId> =
            block.params.iter().copied().chain(block.insts.iter().filter_map(|i| i.result)).collect();
        values.into_iter()
    }

    fn is_short_test(&self, b: BlockId, copies: usize) -> bool {
        let block = self.func.block(b);
        matches!(block.term, Term::If { .. })
            && block.insts.len() <= MAX_HEAD
            && block.insts.len() * copies <= MAX_COPIED
            && block.insts.iter().all(|i| self.is_cheap(&i.op))
            && block.params.iter().chain(block.insts.iter().filter_map(|i| i.result.as_ref())).all(|&v| {
                !matches!(self.types.get(self.ty(v)), itab_ir::ty::Ty::Tuple(_)) && !self.is_image(self.ty(v))
            })
    }

    fn is_cheap(&self, op: &Op) -> bool {
        match op {
            Op::Const(_)
            | Op::LocalGet(_)
            | Op::LocalSet(..)
            | Op::Len(_)
            | Op::Cap(_)
            | Op::DataPtr(_)
            | Op::IsNil(_)
            | Op::Unary(..)
            | Op::Extract(..)
            | Op::FieldAddr(..)
            | Op::ElemAddr { .. }
            | Op::Load(_)
            | Op::GlobalAddr(_)
            | Op::Capture(_)
            | Op::Receiver
            | Op::NilCheck(_)
            | Op::BoundsCheck { .. }
            | Op::Convert(Conv::Same | Conv::Numeric, _) => true,
            Op::Binary(o, ..) => !matches!(o, BinOp::Div | BinOp::Rem),
            Op::Compare(_, v, _) | Op::Equal(v, _) => self.is_scalar_type(self.ty(*v)),
            _ => false,
        }
    }

    /// Where control goes from a block, copies of heads counted as part of it.
    pub fn edges(&self, b: BlockId) -> Vec<BlockId> {
        match &self.func.block(b).term {
            Term::Jump(to, _) if self.rotation.is_head(*to) => self.func.block(*to).term.successors().to_vec(),
            t => t.successors().to_vec(),
        }
    }

    /// Reads the variables of heads' values that a block uses.
    pub fn read_head_values(&mut self, b: BlockId) {
        let Some(list) = self.rotation.needed.get(&b) else { return };
        for v in list {
            let scalars = self.rotation.variables[v].iter().map(|&var| self.b.use_var(var)).collect();
            self.values[v.index()] = Some(Repr::Flat(scalars));
        }
    }

    /// In place of a jump: a copy of the head.
    pub fn copy_head(&mut self, head: BlockId, args: &[ValueId]) {
        let func = self.func;
        let block = func.block(head);
        let args: Vec<Repr> = args.iter().map(|&a| self.val(a)).collect();
        self.read_head_values(head);
        for (&p, a) in block.params.iter().zip(args) {
            self.define_head_value(p, a);
        }
        for (i, inst) in block.insts.iter().enumerate() {
            self.at = (head.0, i as u32);
            self.b.set_srcloc(SourceLoc::new(inst.pos));
            let repr = self.inst(&inst.op, inst.result);
            if let (Some(v), Some(r)) = (inst.result, repr) {
                self.define_head_value(v, r);
            }
        }
        self.at = (head.0, block.insts.len() as u32);
        self.b.set_srcloc(SourceLoc::new(block.term_pos));
        self.terminator(&block.term);
    }

    fn define_head_value(&mut self, v: ValueId, r: Repr) {
        let scalars = self.scalars(&r);
        for (&var, &s) in self.rotation.variables[&v].iter().zip(&scalars) {
            self.b.def_var(var, s);
        }
        self.values[v.index()] = Some(r);
    }
}
