//! Tidies a function before Cranelift optimises it: what it does not do itself.
//!
//! It keeps every load, used or not; a slice's capacity is loaded with its pointer and length and seldom looked at. And it
//! keeps block parameters that always have the same value as another one: a loop's counter and the copy of it that the
//! body works with.

use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Block, BlockArg, BlockCall, Function, Inst, Opcode, Value, ValueDef};

/// Tidies a function.
pub fn tidy(func: &mut Function) {
    while merge_equal_params(func) {}
    remove_unused_loads(func);
}

/// Removes loads that cannot fault and whose value is not used, and what only they use.
fn remove_unused_loads(func: &mut Function) {
    let mut uses: SecondaryMap<Value, u32> = SecondaryMap::with_default(0);
    let mut insts = vec![];
    for block in func.layout.blocks() {
        for inst in func.layout.block_insts(block) {
            for v in func.dfg.inst_values(inst) {
                uses[func.dfg.resolve_aliases(v)] += 1;
            }
            if is_removable(func, inst) {
                insts.push(inst);
            }
        }
    }
    while let Some(inst) = insts.pop() {
        if func.dfg.inst_results(inst).iter().any(|&r| uses[r] > 0) || func.layout.inst_block(inst).is_none() {
            continue;
        }
        func.layout.remove_inst(inst);
        let args: Vec<Value> = func.dfg.inst_values(inst).map(|v| func.dfg.resolve_aliases(v)).collect();
        for v in args {
            uses[v] -= 1;
            if let (0, ValueDef::Result(def, _)) = (uses[v], func.dfg.value_def(v))
                && is_removable(func, def)
            {
                insts.push(def);
            }
        }
    }
}

fn is_removable(func: &Function, inst: Inst) -> bool {
    let data = &func.dfg.insts[inst];
    let op = data.opcode();
    match op {
        Opcode::Load => data.memflags_data(&func.dfg).is_some_and(|f| f.notrap()),
        _ => {
            !(op.can_load()
                || op.can_store()
                || op.can_trap()
                || op.is_call()
                || op.is_terminator()
                || op.other_side_effects())
        }
    }
}

/// A branch's `n`-th destination.
type Edge = (Inst, usize);

/// Removes parameters that get the same values as an earlier one of their block on every edge. Whether there were any.
fn merge_equal_params(func: &mut Function) -> bool {
    let mut edges: SecondaryMap<Block, Vec<Edge>> = SecondaryMap::new();
    for block in func.layout.blocks() {
        let Some(inst) = func.layout.last_inst(block) else { continue };
        for (n, call) in destinations(func, inst).iter().enumerate() {
            edges[call.block(&func.dfg.value_lists)].push((inst, n));
        }
    }
    let blocks: Vec<Block> = func.layout.blocks().filter(|&b| func.dfg.num_block_params(b) > 1).collect();
    let mut changed = false;
    for block in blocks {
        if edges[block].is_empty() {
            continue;
        }
        for (j, i) in equal_params(func, block, &edges[block]).into_iter().rev() {
            let params = func.dfg.block_params(block);
            let (gone, stays) = (params[j], params[i]);
            func.dfg.remove_block_param(gone);
            func.dfg.change_to_alias(gone, stays);
            for &(inst, n) in &edges[block] {
                let dfg = &mut func.dfg;
                let calls = dfg.insts[inst].branch_destination_mut(&mut dfg.jump_tables, &mut dfg.exception_tables);
                calls[n].remove(j, &mut dfg.value_lists);
            }
            changed = true;
        }
    }
    changed
}

fn destinations(func: &Function, inst: Inst) -> &[BlockCall] {
    func.dfg.insts[inst].branch_destination(&func.dfg.jump_tables, &func.dfg.exception_tables)
}

/// Pairs (later, earlier) of parameters with equal arguments, by ascending later one.
fn equal_params(func: &Function, block: Block, edges: &[Edge]) -> Vec<(usize, usize)> {
    let pool = &func.dfg.value_lists;
    let resolved = |a: BlockArg| match a {
        BlockArg::Value(v) => BlockArg::Value(func.dfg.resolve_aliases(v)),
        a => a,
    };
    let args: Vec<Vec<BlockArg>> =
        edges.iter().map(|&(inst, n)| destinations(func, inst)[n].args(pool).map(resolved).collect()).collect();
    let params = func.dfg.block_params(block);
    let mut pairs: Vec<(usize, usize)> = vec![];
    for j in 1..params.len() {
        // A parameter that an edge hands on to itself agrees with one that is handed on in the same place.
        let same = |a: BlockArg, b: BlockArg, i: usize| {
            a == b || (a == BlockArg::Value(params[j]) && b == BlockArg::Value(params[i]))
        };
        let equal = |&i: &usize| {
            func.dfg.value_type(params[i]) == func.dfg.value_type(params[j]) && args.iter().all(|a| same(a[j], a[i], i))
        };
        if let Some(i) = (0..j).find(equal)
            && !pairs.iter().any(|p| p.0 == i)
        {
            pairs.push((j, i));
        }
    }
    pairs
}
