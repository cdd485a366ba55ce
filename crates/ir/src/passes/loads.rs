//! Forwards stores to loads, and loads to loads.
//!
//! A load is removed if the same address was stored to or loaded from before, and nothing in between may write the same
//! memory ([`super::alias`]). Values that live in memory themselves, such as large structs, are left alone: keeping one
//! longer would mean copying it.

use super::alias::{Classes, Versions};
use super::cfg::{Cfg, Loops};
use super::rewrite::{Defs, Renames, scalar_words};
use crate::func::{BlockId, Func, ValueId};
use crate::op::Op;
use crate::program::Program;
use crate::ty::TyId;
use rustc_hash::FxHashMap;

/// More blocks times classes than this are not looked at.
const MAX_WORK: usize = 200_000;

/// What a place holds: address, type, version of its class.
type MemoryKey = (ValueId, TyId, u32);

/// One step of the walk over the dominator tree.
enum Step {
    Enter(BlockId),
    Leave(usize),
}

/// Forwards loads and stores to loads.
pub(crate) fn run(program: &Program, func: &mut Func) {
    if !func.blocks.iter().any(|b| b.insts.iter().any(|i| matches!(i.op, Op::Load(_)))) {
        return;
    }
    let defs = Defs::new(func);
    let classes = Classes::new(program, func, &defs);
    if classes.len() * func.blocks.len() > MAX_WORK {
        return;
    }
    let cfg = Cfg::new(func);
    let loops = Loops::new(func, &cfg);
    let mut versions = Versions::new(program, func, &defs, &cfg, &loops, &classes);
    let mut renames = Renames::new(func);
    let mut known: FxHashMap<MemoryKey, ValueId> = FxHashMap::default();
    let mut log: Vec<(MemoryKey, Option<ValueId>)> = vec![];
    let mut work = vec![Step::Enter(BlockId(0))];
    while let Some(step) = work.pop() {
        let b = match step {
            Step::Leave(mark) => {
                while log.len() > mark
                    && let Some((k, old)) = log.pop()
                {
                    match old {
                        Some(v) => known.insert(k, v),
                        None => known.remove(&k),
                    };
                }
                continue;
            }
            Step::Enter(b) => b,
        };
        work.push(Step::Leave(log.len()));
        let mut now = versions.at_start[b.index()].clone();
        for inst in &func.block(b).insts {
            classes.written(program, func, &defs, &inst.op, &mut |c| now[c] = versions.fresh());
            let (p, value, ty) = match (&inst.op, inst.result) {
                (Op::Load(p), Some(v)) => (*p, v, func.ty(v)),
                (Op::Store { ptr, val }, _) => (*ptr, *val, func.ty(*val)),
                _ => continue,
            };
            if scalar_words(&program.types, ty).is_none() {
                continue;
            }
            let Some(class) = classes.of(program, func, &defs, p, ty) else { continue };
            let key = (renames.get(p), ty, now[class]);
            let is_load = matches!(inst.op, Op::Load(_));
            match known.get(&key) {
                Some(&old) if is_load => renames.set(value, old),
                _ => {
                    let value = renames.get(value);
                    log.push((key, known.insert(key, value)));
                }
            }
        }
        work.extend(cfg.children[b.index()].iter().rev().map(|&c| Step::Enter(c)));
    }
    if renames.is_empty() {
        return;
    }
    // The loads themselves are dead now.
    for b in &mut func.blocks {
        b.insts.retain(|i| !matches!((&i.op, i.result), (Op::Load(_), Some(v)) if renames.get(v) != v));
    }
    renames.apply(func);
}
