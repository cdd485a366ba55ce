//! Shims that serve all functions of a signature, and the frames of package reflect.
//!
//! A frame has the layout of `funcLayout` in package reflect without register arguments: the receiver's word if there is
//! one, the parameters at their alignment, then the results from the next whole word on. A func type may be made at run
//! time, so its words are counted from its descriptor. The count agrees with `codegen::abi`, which has the compiler's types.

use itab_abi::types::Kind;
use itab_codegen::abi::{FlatSig, MAX_SCALARS, Word};
use itab_codegen::frame::{FrameLayout, Part};
use itab_runtime::sched::program::FrameKind;
use itab_runtime::types::TypeRef;

/// Code that a program has once per signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shim {
    /// Enters Go functions from Rust.
    Entry(FlatSig),
    /// Calls Go functions with the arguments in a frame.
    FrameCall(FrameLayout),
    /// Is called by Go and hands the arguments on in a frame.
    FrameStub(FrameLayout),
}

impl Shim {
    /// The one that package reflect needs for a func type, and the size of a frame.
    pub(crate) fn of_frames(ftyp: TypeRef<'_>, kind: FrameKind) -> (Shim, usize) {
        let frame = layout(ftyp, kind == FrameKind::CallMethod);
        let size = frame.size as usize;
        match kind {
            FrameKind::Call | FrameKind::CallMethod => (Shim::FrameCall(frame), size),
            FrameKind::Stub => (Shim::FrameStub(frame), size),
        }
    }
}

/// The frame of a func type.
fn layout(ftyp: TypeRef<'_>, receiver: bool) -> FrameLayout {
    let (ins, outs, _) = ftyp.signature();
    let mut size = if receiver { 8 } else { 0 };
    let params = parts(ins, &mut size);
    size = size.next_multiple_of(8);
    let results = parts(outs, &mut size);
    FrameLayout { params, results, size: size.next_multiple_of(8) as u32, receiver }
}

fn parts(types: &[TypeRef<'_>], size: &mut usize) -> Vec<Part> {
    let mut parts = vec![];
    for &t in types {
        *size = size.next_multiple_of(t.align());
        let before = parts.len();
        if !leaves(t, *size, &mut parts, before + MAX_SCALARS) {
            parts.truncate(before);
            parts.push(Part::Image { offset: *size as u32, size: t.size() as u32 });
        }
        *size += t.size();
    }
    parts
}

/// How many machine words a value of the type is when it is passed.
pub(crate) fn word_count(t: TypeRef<'_>) -> usize {
    parts(&[t], &mut 0)
        .iter()
        .map(|p| match p {
            Part::Word { .. } => 1,
            Part::Image { size, .. } => size.div_ceil(8) as usize,
        })
        .sum()
}

/// Appends the leaves of a flat value; false if it is none, having more than `max` parts or a variable element.
fn leaves(t: TypeRef<'_>, offset: usize, out: &mut Vec<Part>, max: usize) -> bool {
    let words: &[Word] = match t.kind() {
        Kind::Bool | Kind::Uint8 => &[Word::U8],
        Kind::Int8 => &[Word::I8],
        Kind::Int16 => &[Word::I16],
        Kind::Uint16 => &[Word::U16],
        Kind::Int32 => &[Word::I32],
        Kind::Uint32 => &[Word::U32],
        Kind::Float32 => &[Word::F32],
        Kind::Float64 => &[Word::F64],
        Kind::Complex64 => &[Word::F32, Word::F32],
        Kind::Complex128 => &[Word::F64, Word::F64],
        Kind::String | Kind::Interface => &[Word::I64, Word::I64],
        Kind::Slice => &[Word::I64, Word::I64, Word::I64],
        Kind::Array => {
            let Some(elem) = t.elem() else { return false };
            return match t.len() {
                0 => true,
                1 => leaves(elem, offset, out, max),
                _ => elem.size() == 0,
            };
        }
        Kind::Struct => {
            return t.fields().iter().all(|f| {
                // SAFETY: a field's type is a descriptor of the same program.
                let typ = unsafe { TypeRef::from_ptr(f.typ) };
                leaves(typ, offset + f.offset, out, max)
            });
        }
        _ => &[Word::I64],
    };
    for (i, &word) in words.iter().enumerate() {
        out.push(Part::Word { word, offset: offset as u32 + i as u32 * word.size() as u32 });
    }
    out.len() <= max
}
