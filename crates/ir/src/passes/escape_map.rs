//! Maps that nothing keeps: the header, and the group of a small map, are allocated in the frame.
//!
//! `NewMap` takes a header from its caller, which may have a group already. A map that outgrows its group gets tables
//! on the heap. Keys and elements move there, so they always count as escaped.

use super::rewrite::Defs;
use crate::func::{BlockId, Func, Inst, ValueId};
use crate::op::{Callee, Const, Conv, Op, Storage};
use crate::program::{Known, Program};
use crate::ty::{Basic, Ty, TyId, TypeTable};

/// Slots of a group, and what its control word is when they are empty.
const SLOTS: u64 = 8;
const EMPTY: i64 = 0x8080_8080_8080_8080_u64 as i64;
/// Larger keys and elements are kept outside the group.
const MAX_INLINE: u64 = 128;
/// Larger groups are made when they are needed.
const MAX_GROUP: u64 = 2 << 10;

/// Whether an operation makes a map on the heap.
pub(super) fn makes(program: &Program, op: &Op) -> bool {
    matches!(op, Op::Call(Callee::Static(f), _) if program.func(*f).known == Known::MakeMap)
}

/// What is known of a map that is made.
pub(super) struct Made {
    header: TyId,
    /// Size of the group that goes with it.
    group: Option<u64>,
}

/// What is known of the map that an operation makes; none when it is not enough.
pub(super) fn made(program: &Program, func: &Func, defs: &Defs, op: &Op) -> Option<Made> {
    let types = &program.types;
    let Op::Call(Callee::Static(f), args) = op else { return None };
    if program.func(*f).known != Known::MakeMap {
        return None;
    }
    let [desc, hint, given, ..] = args[..] else { return None };
    if !matches!(origin(func, defs, given), Some(Op::Const(Const::Zero))) {
        return None;
    }
    let Some(Op::TypeDesc(map)) = origin(func, defs, desc) else { return None };
    let (&Ty::Map(k, v), &Ty::Pointer(header)) = (types.under(*map), types.under(*program.func(*f).params.get(2)?))
    else {
        return None;
    };
    let large = defs.int(func, hint).is_some_and(|n| n > SLOTS as i64);
    let group = Some(group_size(types, k, v)).filter(|&n| !large && n <= MAX_GROUP);
    Some(Made { header, group })
}

/// The operation that gives a pointer, whatever type it is seen as.
fn origin<'f>(func: &'f Func, defs: &Defs, mut v: ValueId) -> Option<&'f Op> {
    while let Some(Op::Convert(Conv::Same, x)) = defs.op(func, v) {
        v = *x;
    }
    defs.op(func, v)
}

/// The control word, and keys and elements by turns.
fn group_size(types: &TypeTable, k: TyId, v: TyId) -> u64 {
    let inline = |t: TyId| match types.size_of(t) {
        n if n > MAX_INLINE => (8, 8),
        n => (n, types.align_of(t).max(1)),
    };
    let ((k, k_align), (v, v_align)) = (inline(k), inline(v));
    let align = k_align.max(v_align);
    // An element without size is given a byte of padding.
    let slot = (k.next_multiple_of(v_align) + v + u64::from(v == 0)).next_multiple_of(align);
    8 + SLOTS * slot.next_multiple_of(align)
}

/// Bytes that a map takes in the frame.
pub(super) fn size(program: &Program, made: &Made) -> u64 {
    program.types.size_of(made.header) + made.group.unwrap_or(0)
}

/// Has a map made in the frame.
pub(super) fn to_frame(program: &mut Program, func: &mut Func, made: &Made, b: BlockId, i: usize) {
    let pos = func.block(b).insts[i].pos;
    let types = &mut program.types;
    let mut before = vec![];
    let mut emit = |func: &mut Func, ty: TyId, op: Op| {
        let v = func.new_value(ty);
        before.push(Inst { op, result: Some(v), pos });
        v
    };
    let pointer = types.pointer(made.header);
    let header = emit(func, pointer, Op::Alloc(made.header, Storage::Stack));
    let mut stores: Vec<(ValueId, ValueId)> = vec![];
    let field = types.fields(made.header).iter().position(|f| &*f.name.name == "dirPtr");
    if let (Some(size), Some(field)) = (made.group, field) {
        let word = TypeTable::basic(Basic::Uint64);
        let group = types.intern(Ty::Array(word, size.div_ceil(8)));
        let (group_ptr, word_ptr) = (types.pointer(group), types.pointer(word));
        let any = TypeTable::basic(Basic::UnsafePointer);
        let any_ptr = types.pointer(any);
        let g = emit(func, group_ptr, Op::Alloc(group, Storage::Stack));
        let ctrl = emit(func, word_ptr, Op::Convert(Conv::Same, g));
        let empty = emit(func, word, Op::Const(Const::Int(EMPTY)));
        stores.push((ctrl, empty));
        let dir = emit(func, any_ptr, Op::FieldAddr(header, field as u32));
        let g = emit(func, any, Op::Convert(Conv::Same, g));
        stores.push((dir, g));
    }
    before.extend(stores.into_iter().map(|(ptr, val)| Inst { op: Op::Store { ptr, val }, result: None, pos }));
    if let Op::Call(_, args) = &mut func.blocks[b.index()].insts[i].op {
        args[2] = header;
    }
    func.blocks[b.index()].insts.splice(i..i, before);
}
