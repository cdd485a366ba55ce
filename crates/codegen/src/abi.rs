//! The calling convention: how Go values become machine words and where the words travel.
//!
//! A value with at most [`MAX_SCALARS`] leaf scalars is *flat*: each leaf is one word of its own machine type. Any other
//! value is a *memory image*: its bytes as in memory, padded to whole words, which travel in blocks only. Blocks hold
//! 8 bytes per word; in them a narrow integer is extended as its type says and a float32 fills the low half.
//!
//! A Go function's CLIF signature is, in this order:
//!
//! 1. the address of the result block, when the results do not all fit in registers (then none is in one);
//! 2. the parameter words that fit, integers and floats as they come;
//! 3. the address of the argument block, when words are left over: the first that does not fit and all after it;
//! 4. the context. A function that does not read it leaves it out, and its callers may, because it is the last.

use itab_abi::call::{FLOAT_ARGS, FLOAT_RESULTS, INT_ARGS, INT_RESULTS};
use itab_ir::program::{Context, FuncDecl};
use itab_ir::ty::{Basic, Sig, Ty, TyId, TypeTable};
use serde::{Deserialize, Serialize};

/// Most leaf scalars of a flat value.
pub const MAX_SCALARS: usize = 4;

/// A machine word of a flattened signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Word {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    /// Any 64-bit integer or pointer.
    I64,
    F32,
    F64,
    /// 8 bytes of a memory image; only in blocks.
    Image,
}

impl Word {
    /// Whether it travels in a float register.
    pub fn is_float(self) -> bool {
        matches!(self, Word::F32 | Word::F64)
    }

    /// Size in memory, in bytes.
    pub fn size(self) -> u64 {
        match self {
            Word::I8 | Word::U8 => 1,
            Word::I16 | Word::U16 => 2,
            Word::I32 | Word::U32 | Word::F32 => 4,
            Word::I64 | Word::F64 | Word::Image => 8,
        }
    }

    /// Whether it is a narrow signed integer.
    pub fn is_signed(self) -> bool {
        matches!(self, Word::I8 | Word::I16 | Word::I32)
    }

    /// The word of a basic type that is one.
    pub fn of_basic(b: Basic) -> Word {
        match b {
            Basic::Bool | Basic::Uint8 => Word::U8,
            Basic::Int8 => Word::I8,
            Basic::Int16 => Word::I16,
            Basic::Uint16 => Word::U16,
            Basic::Int32 => Word::I32,
            Basic::Uint32 => Word::U32,
            Basic::Float32 => Word::F32,
            Basic::Float64 => Word::F64,
            _ => Word::I64,
        }
    }
}

/// A leaf scalar of a flat value: its machine type and its offset in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its type.
    pub word: Word,
    /// Offset in bytes.
    pub offset: u32,
}

/// The leaves of a flat value's type in the order of memory, or none when it is a memory image.
pub fn leaves(types: &TypeTable, ty: TyId) -> Option<Vec<Leaf>> {
    let mut out = Vec::new();
    collect(types, ty, 0, &mut out).then_some(out)
}

fn collect(types: &TypeTable, ty: TyId, offset: u64, out: &mut Vec<Leaf>) -> bool {
    let mut push = |words: &[(Word, u64)]| {
        out.extend(words.iter().map(|&(word, o)| Leaf { word, offset: (offset + o) as u32 }));
        out.len() <= MAX_SCALARS
    };
    match types.under(ty) {
        Ty::Basic(Basic::String) | Ty::Interface(_) => push(&[(Word::I64, 0), (Word::I64, 8)]),
        Ty::Basic(Basic::Complex64) => push(&[(Word::F32, 0), (Word::F32, 4)]),
        Ty::Basic(Basic::Complex128) => push(&[(Word::F64, 0), (Word::F64, 8)]),
        Ty::Basic(b) => push(&[(Word::of_basic(*b), 0)]),
        Ty::Slice(_) => push(&[(Word::I64, 0), (Word::I64, 8), (Word::I64, 16)]),
        Ty::Array(_, 0) => true,
        Ty::Array(e, 1) => collect(types, *e, offset, out),
        Ty::Array(e, _) => types.size_of(*e) == 0,
        Ty::Struct(fields) => {
            let (offsets, _) = types.struct_layout(ty);
            fields.iter().zip(offsets).all(|(f, o)| collect(types, f.ty, offset + o, out))
        }
        Ty::Tuple(_) => unreachable!("a tuple has no leaves of its own"),
        _ => push(&[(Word::I64, 0)]),
    }
}

/// The words of a value of type `ty`.
pub fn words_of(types: &TypeTable, ty: TyId) -> Vec<Word> {
    match leaves(types, ty) {
        Some(l) => l.iter().map(|l| l.word).collect(),
        None => vec![Word::Image; types.size_of(ty).div_ceil(8) as usize],
    }
}

/// A signature as machine words, without the context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FlatSig {
    /// Parameters.
    pub params: Vec<Word>,
    /// Results.
    pub results: Vec<Word>,
}

impl FlatSig {
    /// The words of parameter and result types.
    pub fn new(types: &TypeTable, params: &[TyId], results: &[TyId]) -> FlatSig {
        let flat = |tys: &[TyId]| tys.iter().flat_map(|&t| words_of(types, t)).collect();
        FlatSig { params: flat(params), results: flat(results) }
    }

    /// The words of a func type.
    pub fn of_sig(types: &TypeTable, sig: &Sig) -> FlatSig {
        FlatSig::new(types, &sig.params, &sig.results)
    }

    /// The words of a function as it is called: a receiver in the context is not among them.
    pub fn of_decl(types: &TypeTable, decl: &FuncDecl) -> FlatSig {
        FlatSig::new(types, &decl.params, &decl.results)
    }
}

/// Whether the code of a function reads its context.
pub fn has_context(decl: &FuncDecl) -> bool {
    decl.context != Context::None
}

/// Where the words of a signature travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLayout {
    /// How many parameter words are in registers; the others are in the argument block.
    pub reg_params: usize,
    /// Size of the argument block in bytes; 0: there is none.
    pub arg_block: u32,
    /// Size of the result block in bytes; 0: there is none and all results are in registers.
    pub result_block: u32,
}

impl CallLayout {
    /// Assigns the words of a signature.
    pub fn new(sig: &FlatSig) -> CallLayout {
        let in_regs = fit(&sig.results, INT_RESULTS, FLOAT_RESULTS) == sig.results.len();
        let result_block = if in_regs { 0 } else { 8 * sig.results.len() as u32 };
        let ints = INT_ARGS - usize::from(!in_regs);
        let mut reg_params = fit(&sig.params, ints, FLOAT_ARGS);
        if reg_params < sig.params.len() {
            reg_params = fit(&sig.params, ints - 1, FLOAT_ARGS);
        }
        CallLayout { reg_params, arg_block: 8 * (sig.params.len() - reg_params) as u32, result_block }
    }
}

/// How many leading words fit in so many registers.
fn fit(words: &[Word], mut ints: usize, mut floats: usize) -> usize {
    let fits = |w: &&Word| {
        let left = if w.is_float() { &mut floats } else { &mut ints };
        let ok = **w != Word::Image && *left > 0;
        *left = left.saturating_sub(1);
        ok
    };
    words
        .iter()
        .take_while({
            let mut fits = fits;
            move |w| fits(w)
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_aggregates_are_flat() {
        let mut t = TypeTable::new();
        let int = TypeTable::basic(Basic::Int);
        let two = t.intern(Ty::Array(int, 2));
        let one = t.intern(Ty::Array(TypeTable::basic(Basic::String), 1));
        assert_eq!(words_of(&t, one), [Word::I64, Word::I64]);
        assert_eq!(words_of(&t, two), [Word::Image, Word::Image]);
        assert_eq!(leaves(&t, TypeTable::basic(Basic::Complex64)).unwrap()[1], Leaf { word: Word::F32, offset: 4 });
    }

    #[test]
    fn words_beyond_the_registers_go_to_the_block() {
        let ints = |n| FlatSig { params: vec![Word::I64; n], results: vec![] };
        assert_eq!(CallLayout::new(&ints(5)), CallLayout { reg_params: 5, arg_block: 0, result_block: 0 });
        assert_eq!(CallLayout::new(&ints(6)), CallLayout { reg_params: 4, arg_block: 16, result_block: 0 });
        let wide = FlatSig { params: vec![Word::I64; 5], results: vec![Word::I64; 7] };
        assert_eq!(CallLayout::new(&wide), CallLayout { reg_params: 3, arg_block: 16, result_block: 56 });
    }
}
