//! Boxes of constants: read-only data, made once.

use super::Emit;
use crate::abi::{Leaf, Word};
use crate::object::{DataReloc, LinkSymbol};
use cranelift_codegen::ir::Value;
use itab_abi::value::ZERO_VAL_SIZE;
use itab_ir::func::ValueId;
use itab_ir::op::{Const, Conv, Op};
use itab_ir::ty::{Ty, TyId};

/// Larger boxes are made when they are needed.
const MAX_IMAGE: u64 = 1 << 10;

/// A value as it lies in memory.
struct Image {
    bytes: Vec<u8>,
    relocs: Vec<DataReloc>,
}

impl Emit<'_> {
    /// The address of a value that is a constant, or consists of constants.
    pub fn static_box(&mut self, ty: TyId, size: u64, v: ValueId) -> Option<Value> {
        match self.const_of(v) {
            Some(Const::Zero) if size > ZERO_VAL_SIZE as u64 => return None,
            Some(Const::Bool(b)) => {
                let b = i64::from(*b);
                return Some(self.small_int(b));
            }
            _ => {}
        }
        if size > MAX_IMAGE || !self.is_constant(v) {
            return None;
        }
        let mut image = Image { bytes: vec![0; size as usize], relocs: vec![] };
        if !self.image(ty, v, 0, &mut image) {
            return None;
        }
        let Image { bytes, relocs } = image;
        if relocs.is_empty() && bytes.iter().all(|&b| b == 0) {
            return Some(self.symbol(LinkSymbol::ZeroVal));
        }
        if relocs.is_empty()
            && size <= 8
            && bytes[1..].iter().all(|&b| b == 0)
            && let Some([Leaf { word, .. }]) = self.leaves(ty).as_deref()
            && !word.is_float()
        {
            return Some(self.small_int(i64::from(bytes[0])));
        }
        let align = self.types.align_of(ty) as u32;
        let target = self.unit.data.item(&bytes, align, relocs);
        Some(self.symbol(target))
    }

    /// Whether a value is a constant, or looks like a composite of them.
    fn is_constant(&self, v: ValueId) -> bool {
        match self.def(v) {
            Some(Op::Const(_)) => true,
            Some(Op::Aggregate(parts)) => parts.iter().all(|&p| self.is_constant(p)),
            Some(Op::Convert(Conv::Same, x)) => self.is_constant(*x),
            _ => false,
        }
    }

    /// Writes a constant to an image that is zero; false when it cannot.
    fn image(&mut self, ty: TyId, v: ValueId, at: u64, out: &mut Image) -> bool {
        match self.def(v).cloned() {
            Some(Op::Const(c)) => self.constant_image(ty, &c, at, out),
            Some(Op::Convert(Conv::Same, x)) => {
                let from = self.ty(x);
                self.image(from, x, at, out)
            }
            Some(Op::Aggregate(parts)) => {
                let array = match *self.types.under(ty) {
                    Ty::Array(elem, _) => Some((elem, self.types.size_of(elem))),
                    _ => None,
                };
                parts.iter().enumerate().all(|(i, &p)| match array {
                    Some((elem, size)) => self.image(elem, p, at + i as u64 * size, out),
                    None => {
                        let (field, offset) = (self.types.fields(ty)[i].ty, self.types.field_offset(ty, i));
                        self.image(field, p, at + offset, out)
                    }
                })
            }
            _ => false,
        }
    }

    fn constant_image(&mut self, ty: TyId, c: &Const, at: u64, out: &mut Image) -> bool {
        let bytes = match c {
            Const::Zero => return true,
            Const::Str(s) if s.is_empty() => return true,
            Const::Str(s) => {
                let target = self.unit.data.bytes(s, 1);
                out.relocs.push(DataReloc { offset: at as u32, target });
                [[0; 8], (s.len() as u64).to_le_bytes()].concat()
            }
            Const::Bool(b) => vec![u8::from(*b)],
            _ => match self.leaves(ty).and_then(|leaves| number_bytes(c, &leaves)) {
                Some(bytes) => bytes,
                None => return false,
            },
        };
        out.bytes[at as usize..][..bytes.len()].copy_from_slice(&bytes);
        true
    }
}

/// A number constant as it lies in memory.
fn number_bytes(c: &Const, leaves: &[Leaf]) -> Option<Vec<u8>> {
    let (re, im, int) = match *c {
        Const::Int(v) => (v as f64, 0.0, v),
        Const::Float(v) => (v, 0.0, v as i64),
        Const::Complex(re, im) => (re, im, 0),
        _ => return None,
    };
    let float = |word: Word, v: f64| match word {
        Word::F32 => (v as f32).to_le_bytes().to_vec(),
        _ => v.to_le_bytes().to_vec(),
    };
    match *leaves {
        [Leaf { word, .. }] if word.is_float() => Some(float(word, re)),
        [Leaf { word, .. }] => Some(int.to_le_bytes()[..word.size() as usize].to_vec()),
        [Leaf { word, .. }, _] if word.is_float() => Some([float(word, re), float(word, im)].concat()),
        _ => None,
    }
}
