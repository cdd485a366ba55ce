//! Code for calls through reflection: the machine words of func types that are known by their descriptors alone.
//!
//! [`flatten`] is `itab_codegen::abi::leaves` for descriptors.

use itab_abi::types::{Kind, Type};
use itab_codegen::abi::{FlatSig, MAX_SCALARS, Word};
use itab_runtime::reflectcall::{CallCode, FrameWord};
use itab_runtime::types::TypeRef;

/// The signature of a func type, and how its calls' arguments lie in memory.
///
/// # Safety
/// `typ` is a func type of a living program.
pub(crate) unsafe fn layout(typ: *const Type) -> (FlatSig, CallCode) {
    // SAFETY: the caller vouches for it.
    let (ins, outs, _) = unsafe { TypeRef::from_ptr(typ) }.signature();
    let mut sig = FlatSig::default();
    let (params, args_size) = frame(ins, &mut sig.params);
    let (results, results_size) = frame(outs, &mut sig.results);
    let results_at = args_size.next_multiple_of(8);
    let frame_size = (results_at + results_size).next_multiple_of(8);
    (sig, CallCode { entry: 0, params, results, results_at, frame_size })
}

/// Lays values out like the fields of a struct; the size of it.
fn frame(types: &[TypeRef<'_>], words: &mut Vec<Word>) -> (Vec<FrameWord>, usize) {
    let (mut places, mut end) = (vec![], 0usize);
    for t in types {
        let at = end.next_multiple_of(t.align());
        end = at + t.size();
        let mut leaves = vec![];
        if flatten(*t, at, &mut leaves) {
            for (word, offset) in leaves {
                words.push(word);
                places.push(FrameWord { offset: offset as u32, size: word.size() as u8, signed: word.is_signed() });
            }
        } else {
            for i in 0..t.size().div_ceil(8) {
                words.push(Word::Image);
                let size = (t.size() - 8 * i).min(8) as u8;
                places.push(FrameWord { offset: (at + 8 * i) as u32, size, signed: false });
            }
        }
    }
    (places, end)
}

/// Whether a type is flat; then `out` gets its leaves.
fn flatten(t: TypeRef<'_>, at: usize, out: &mut Vec<(Word, usize)>) -> bool {
    let mut push = |words: &[(Word, usize)]| {
        out.extend(words.iter().map(|&(word, offset)| (word, at + offset)));
        out.len() <= MAX_SCALARS
    };
    match t.kind() {
        Kind::Bool | Kind::Uint8 => push(&[(Word::U8, 0)]),
        Kind::Int8 => push(&[(Word::I8, 0)]),
        Kind::Int16 => push(&[(Word::I16, 0)]),
        Kind::Uint16 => push(&[(Word::U16, 0)]),
        Kind::Int32 => push(&[(Word::I32, 0)]),
        Kind::Uint32 => push(&[(Word::U32, 0)]),
        Kind::Float32 => push(&[(Word::F32, 0)]),
        Kind::Float64 => push(&[(Word::F64, 0)]),
        Kind::Complex64 => push(&[(Word::F32, 0), (Word::F32, 4)]),
        Kind::Complex128 => push(&[(Word::F64, 0), (Word::F64, 8)]),
        Kind::String | Kind::Interface => push(&[(Word::I64, 0), (Word::I64, 8)]),
        Kind::Slice => push(&[(Word::I64, 0), (Word::I64, 8), (Word::I64, 16)]),
        Kind::Array => match (t.len(), t.elem()) {
            (1, Some(elem)) => flatten(elem, at, out),
            _ => t.size() == 0,
        },
        Kind::Struct => t.fields().iter().all(|f| {
            // SAFETY: a field's type is of the same interner.
            let typ = unsafe { TypeRef::from_ptr(f.typ) };
            flatten(typ, at + f.offset, out)
        }),
        _ => push(&[(Word::I64, 0)]),
    }
}
