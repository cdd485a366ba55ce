//! Simplifies a function's CLIF before Cranelift optimises it, where Cranelift does not.
//!
//! Cranelift keeps every load, used or not. A slice's capacity is loaded with its pointer and length and seldom used, so
//! unused loads that cannot fault are removed. Cranelift also keeps block parameters that always have the same value as
//! another one, such as a loop's counter and the copy that the body works with; these are merged.

use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Block, BlockArg, BlockCall, Function, Inst, Opcode, Value, ValueDef};
use rustc_hash::FxHashMap;

/// How often equal parameters are looked for.
const MAX_ROUNDS: usize = 4;

/// Tidies a function.
pub fn tidy(func: &mut Function) {
    // Merging makes others equal; what is left after a few rounds is rare.
    let _ = (0..MAX_ROUNDS).take_while(|_| merge_equal_params(func)).count();
    remove_unused_loads(func);
    crate::extload::merge_into_loads(func);
    place_users_of_loads(func);
}

/// How often values are used.
pub fn uses(func: &Function) -> SecondaryMap<Value, u32> {
    let mut uses = SecondaryMap::with_default(0);
    let insts = func.layout.blocks().flat_map(|b| func.layout.block_insts(b));
    insts.flat_map(|i| func.dfg.inst_values(i)).for_each(|v| uses[func.dfg.resolve_aliases(v)] += 1);
    uses
}

/// Gives what computes with a loaded value the position of the load, of which it may become a part: a fault there is told
/// with the line that loads.
fn place_users_of_loads(func: &mut Function) {
    let blocks: Vec<Block> = func.layout.blocks().collect();
    for block in blocks {
        let insts: Vec<Inst> = func.layout.block_insts(block).collect();
        for inst in insts {
            if !is_removable(func, inst) {
                continue;
            }
            let faulting = func.dfg.inst_values(inst).find_map(|v| faulting_load(func, v));
            if let Some(load) = faulting {
                func.set_srcloc(inst, func.srcloc(load));
            }
        }
    }
}

/// The load that gives a value, if it can fault.
fn faulting_load(func: &Function, v: Value) -> Option<Inst> {
    let ValueDef::Result(def, _) = func.dfg.value_def(func.dfg.resolve_aliases(v)) else { return None };
    let data = &func.dfg.insts[def];
    let faults = data.opcode().can_load() && data.memflags_data(&func.dfg).is_some_and(|f| !f.notrap());
    faults.then_some(def)
}

/// Removes loads that cannot fault and whose value is not used, and what only they use.
fn remove_unused_loads(func: &mut Function) {
    let mut uses = uses(func);
    let all = func.layout.blocks().flat_map(|b| func.layout.block_insts(b));
    let mut insts: Vec<Inst> = all.filter(|&inst| is_removable(func, inst)).collect();
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
    // Parameters that stay, by their argument on the first edge.
    let mut first: FxHashMap<BlockArg, Vec<usize>> = FxHashMap::default();
    for (j, &param) in params.iter().enumerate() {
        let earlier = first.entry(args[0][j]).or_default();
        // A parameter that an edge hands on to itself agrees with one that is handed on in the same place.
        let equal = |&&i: &&usize| {
            let handed_on = |a: &[BlockArg]| a[j] == BlockArg::Value(param) && a[i] == BlockArg::Value(params[i]);
            args.iter().all(|a| a[j] == a[i] || handed_on(a))
        };
        match earlier.iter().find(equal) {
            Some(&i) => pairs.push((j, i)),
            None => earlier.push(j),
        }
    }
    pairs
}
