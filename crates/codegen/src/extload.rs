//! Extending loads.
//!
//! A number of 8, 16 or 32 bits that is loaded and then extended takes two instructions, because to Cranelift the upper
//! bits of a load's result are unknown. Here the load and the extension become one load that extends. Other users of the
//! loaded number take the lower bits of its result, which costs no instruction.

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{Function, Inst, InstBuilder, InstructionData, Opcode, Type, Value, types};
use rustc_hash::FxHashMap;

/// What a load becomes.
struct Wide {
    /// How it extends.
    extend: Opcode,
    /// The widest number that anybody wants.
    ty: Type,
    extends: Vec<Inst>,
}

/// Has loads extend what they load.
pub fn merge_into_loads(func: &mut Function) {
    for (load, wide) in extended_loads(func) {
        let small = func.dfg.first_result(load);
        let small_ty = func.dfg.value_type(small);
        let at = func.srcloc(load);
        let mut cursor = FuncCursor::new(func).at_inst(load).with_srcloc(at);
        let Some(v) = extending_load(&mut cursor, load, small_ty, &wide) else { continue };
        for &inst in &wide.extends {
            cursor.goto_inst(inst);
            let result = cursor.func.dfg.first_result(inst);
            let ty = cursor.func.dfg.value_type(result);
            let instead = if ty == wide.ty { v } else { cursor.ins().ireduce(ty, v) };
            replace(cursor.func, inst, result, instead);
        }
        cursor.goto_inst(load);
        let low = cursor.ins().ireduce(small_ty, v);
        replace(cursor.func, load, small, low);
    }
}

/// Removes an instruction whose result is another value too.
fn replace(func: &mut Function, inst: Inst, result: Value, instead: Value) {
    func.dfg.clear_results(inst);
    func.dfg.change_to_alias(result, instead);
    func.layout.remove_inst(inst);
}

/// Loads whose numbers are extended, in the order of the code.
fn extended_loads(func: &Function) -> Vec<(Inst, Wide)> {
    let mut found: FxHashMap<Inst, usize> = FxHashMap::default();
    let mut loads: Vec<(Inst, Wide)> = vec![];
    for inst in func.layout.blocks().flat_map(|b| func.layout.block_insts(b)) {
        let extend = func.dfg.insts[inst].opcode();
        if !matches!(extend, Opcode::Uextend | Opcode::Sextend) {
            continue;
        }
        let ty = func.dfg.ctrl_typevar(inst);
        let Some(load) = small_load(func, func.dfg.inst_args(inst)[0]).filter(|_| ty.bits() <= 64) else { continue };
        let at = *found.entry(load).or_insert_with(|| {
            loads.push((load, Wide { extend, ty, extends: vec![] }));
            loads.len() - 1
        });
        let wide = &mut loads[at].1;
        if wide.extend == extend {
            wide.ty = if ty.bits() > wide.ty.bits() { ty } else { wide.ty };
            wide.extends.push(inst);
        }
    }
    loads
}

/// The load that gives a small number.
fn small_load(func: &Function, v: Value) -> Option<Inst> {
    let v = func.dfg.resolve_aliases(v);
    let load = func.dfg.value_def(v).inst()?;
    let small = matches!(func.dfg.value_type(v), types::I8 | types::I16 | types::I32);
    (small && func.dfg.insts[load].opcode() == Opcode::Load).then_some(load)
}

/// A load in place of `load`, of a number of type `small`.
fn extending_load(cursor: &mut FuncCursor<'_>, load: Inst, small: Type, wide: &Wide) -> Option<Value> {
    let data = &cursor.func.dfg.insts[load];
    let InstructionData::Load { arg, offset, .. } = *data else { return None };
    let flags = data.memflags_data(&cursor.func.dfg)?;
    let signed = wide.extend == Opcode::Sextend;
    Some(match (small, signed) {
        (types::I8, false) => cursor.ins().uload8(wide.ty, flags, arg, offset),
        (types::I8, true) => cursor.ins().sload8(wide.ty, flags, arg, offset),
        (types::I16, false) => cursor.ins().uload16(wide.ty, flags, arg, offset),
        (types::I16, true) => cursor.ins().sload16(wide.ty, flags, arg, offset),
        (_, false) => cursor.ins().uload32(flags, arg, offset),
        (_, true) => cursor.ins().sload32(flags, arg, offset),
    })
}
