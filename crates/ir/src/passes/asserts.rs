//! Turns assertions that only decide a branch into type switches.
//!
//! `v, ok := x.(T)` makes a value in any case, zero when the dynamic type is another. Where a block ends in a branch on
//! `ok`, and v is used only beyond the branch, the block becomes a type switch with one case. The path on which the
//! assertion fails leaves at once, and no zero value is made, joined and tested again.
//!
//! Each of the two edges gets a block of its own. The one for success unboxes v, and takes the fields that were taken
//! before the branch. In the one for failure, and in the blocks that it dominates, v is zero.

use super::cfg::Cfg;
use super::rewrite::{Defs, Renames, split_edge};
use crate::func::{BlockId, Func, Inst, Pos, ValueId};
use crate::op::{Const, Op, Term, TypeCase};
use crate::operands::{operands, operands_mut, term_operands, term_operands_mut};
use crate::program::Program;
use crate::ty::TyId;

/// A block that ends in a branch on an assertion.
struct Branch {
    block: BlockId,
    /// What is asserted.
    x: ValueId,
    /// The type.
    ty: TyId,
    /// The value that has it, and parts that the block takes of it.
    values: Vec<ValueId>,
    /// Blocks where they are zero.
    zero_in: Vec<BlockId>,
}

/// Turns such branches into type switches.
pub(crate) fn run(program: &Program, func: &mut Func) {
    let asserts = |i: &&Inst| matches!(i.op, Op::TypeAssertOk(_));
    let most = func.blocks.iter().flat_map(|b| &b.insts).filter(asserts).count();
    for _ in 0..most {
        let cfg = Cfg::new(func);
        let defs = Defs::new(func);
        let Some(branch) = cfg.order.iter().find_map(|&b| find(program, func, &cfg, &defs, b)) else { return };
        rewrite(program, func, &branch);
    }
}

fn find(program: &Program, func: &Func, cfg: &Cfg, defs: &Defs, b: BlockId) -> Option<Branch> {
    let Term::If { cond, then, els } = &func.block(b).term else { return None };
    let Op::Extract(tuple, 1) = *defs.op(func, *cond)? else { return None };
    let Op::TypeAssertOk(x) = *defs.op(func, tuple)? else { return None };
    if defs.block(tuple) != Some(b) || then.0 == els.0 || uses(func, &[*cond]).len() > 1 {
        return None;
    }
    let parts = parts(func, b, tuple)?;
    let owns = |to: BlockId, at: BlockId| cfg.preds[to.index()].len() == 1 && cfg.dominates(to, at);
    let mut zero_in = vec![];
    for (at, by_inst) in uses(func, &parts) {
        if owns(els.0, at) {
            zero_in.push(at);
        } else if at == b && by_inst || at != b && !owns(then.0, at) {
            return None;
        }
    }
    Some(Branch { block: b, x, ty: program.types.tuple(func.ty(tuple))[0], values: parts, zero_in })
}

/// The value of a tuple, if it is taken once, and what block `b` takes of it.
fn parts(func: &Func, b: BlockId, tuple: ValueId) -> Option<Vec<ValueId>> {
    let mut values: Vec<ValueId> = vec![];
    for (i, block) in func.blocks.iter().enumerate() {
        for inst in &block.insts {
            let (Op::Extract(of, n), Some(r)) = (&inst.op, inst.result) else { continue };
            if *of == tuple && *n == 0 {
                if i != b.index() || !values.is_empty() {
                    return None;
                }
                values.push(r);
            } else if i == b.index() && values.contains(of) {
                values.push(r);
            }
        }
    }
    Some(values)
}

/// The block of each use of values, and whether an instruction is the user that is not itself one of these values.
fn uses(func: &Func, values: &[ValueId]) -> Vec<(BlockId, bool)> {
    let mut out = vec![];
    for (i, block) in func.blocks.iter().enumerate() {
        let at = BlockId(i as u32);
        for inst in block.insts.iter().filter(|i| i.result.is_none_or(|r| !values.contains(&r))) {
            operands(&inst.op, &mut |v| out.extend(values.contains(&v).then_some((at, true))));
        }
        term_operands(&block.term, &mut |v| out.extend(values.contains(&v).then_some((at, false))));
    }
    out
}

fn rewrite(program: &Program, func: &mut Func, branch: &Branch) {
    let holds = split_edge(func, branch.block, 0);
    let fails = split_edge(func, branch.block, 1);
    let pos = func.block(branch.block).term_pos;
    make_zero(func, branch, fails, pos);
    let is_iface = program.types.is_interface(branch.ty);
    let mut renames = Renames::new(func);
    if is_iface {
        let param = func.new_value(branch.ty);
        func.blocks[holds.index()].params = vec![param];
        if let Some(&v) = branch.values.first() {
            drop_nil_tests(func, v, holds, &mut renames);
            renames.set(v, param);
        }
    } else if let Some(&v) = branch.values.first() {
        let value = define(func, holds, Op::Unbox(branch.x), branch.ty, pos);
        renames.set(v, value);
        take_parts(func, branch, holds, &mut renames);
    }
    let case = TypeCase { ty: Some(branch.ty), target: holds };
    func.blocks[branch.block.index()].term = Term::TypeSwitch { x: branch.x, cases: vec![case], default: fails };
    renames.apply(func);
}

/// Makes the values zero where the assertion has failed.
fn make_zero(func: &mut Func, branch: &Branch, fails: BlockId, pos: Pos) {
    for &v in &branch.values {
        let blocks: Vec<BlockId> = branch.zero_in.iter().copied().chain([fails]).collect();
        let ty = func.ty(v);
        let zero = define(func, fails, Op::Const(Const::Zero), ty, pos);
        let replace = &mut |u: &mut ValueId| {
            if *u == v {
                *u = zero;
            }
        };
        for b in blocks {
            let block = &mut func.blocks[b.index()];
            block.insts.iter_mut().for_each(|i| operands_mut(&mut i.op, replace));
            term_operands_mut(&mut block.term, replace);
        }
    }
}

/// Moves the parts that were taken before the branch to where it holds.
fn take_parts(func: &mut Func, branch: &Branch, holds: BlockId, renames: &mut Renames) {
    let parts = branch.values.get(1..).unwrap_or_default();
    let block = &mut func.blocks[branch.block.index()];
    let is_part = |i: &Inst| i.result.is_some_and(|r| parts.contains(&r));
    let moved: Vec<Inst> = block.insts.iter().filter(|i| is_part(i)).cloned().collect();
    block.insts.retain(|i| !is_part(i));
    for i in moved {
        let Some(r) = i.result else { continue };
        let ty = func.ty(r);
        let now = define(func, holds, i.op, ty, i.pos);
        renames.set(r, now);
    }
}

/// An interface that an assertion gave is not nil.
fn drop_nil_tests(func: &mut Func, v: ValueId, holds: BlockId, renames: &mut Renames) {
    let insts = func.blocks.iter().flat_map(|b| &b.insts);
    let tests: Vec<ValueId> = insts.filter(|i| i.op == Op::IsNil(v)).filter_map(|i| i.result).collect();
    for test in tests {
        let (ty, pos) = (func.ty(test), func.block(holds).term_pos);
        let no = define(func, holds, Op::Const(Const::Bool(false)), ty, pos);
        renames.set(test, no);
    }
}

/// Appends an instruction to a block.
fn define(func: &mut Func, b: BlockId, op: Op, ty: TyId, pos: Pos) -> ValueId {
    let v = func.new_value(ty);
    func.blocks[b.index()].insts.push(Inst { op, result: Some(v), pos });
    v
}
