//! Sizes, alignments, field offsets and pointer shapes of canonical types, as gc lays them out on 64-bit machines.
//!
//! A struct that ends in a zero-size field (and is not itself of size zero) gets one byte more before rounding, so that
//! the address of that field does not point past the object. A type is *direct* (an interface's data word holds it
//! itself) when its size and pointer prefix are both one word.

use crate::ty::{Basic, Ty, TyId, TypeTable};

/// Size of a pointer in bytes.
pub const WORD: u64 = 8;

fn align_up(x: u64, a: u64) -> u64 {
    x.div_ceil(a) * a
}

impl TypeTable {
    /// Size in bytes. Saturates for types that cannot exist.
    pub fn size_of(&self, id: TyId) -> u64 {
        match self.under(id) {
            Ty::Basic(b) => b.size(),
            Ty::Slice(_) => 3 * WORD,
            Ty::Interface(_) => 2 * WORD,
            Ty::Array(e, n) => self.size_of(*e).saturating_mul(*n),
            Ty::Struct(_) => self.struct_layout(id).1,
            Ty::Tuple(_) => panic!("a tuple has no size"),
            _ => WORD,
        }
    }

    /// Alignment in bytes.
    pub fn align_of(&self, id: TyId) -> u64 {
        match self.under(id) {
            Ty::Basic(Basic::String | Basic::Complex128) => WORD,
            Ty::Basic(Basic::Complex64) => 4,
            Ty::Basic(b) => b.size(),
            Ty::Array(e, _) => self.align_of(*e),
            Ty::Struct(fields) => fields.iter().map(|f| self.align_of(f.ty)).max().unwrap_or(1),
            _ => WORD,
        }
    }

    /// Offsets of a struct's fields, and its size.
    pub fn struct_layout(&self, id: TyId) -> (Vec<u64>, u64) {
        let fields = self.fields(id);
        let mut offsets = Vec::with_capacity(fields.len());
        let (mut off, mut last) = (0u64, 0);
        for f in fields {
            off = align_up(off, self.align_of(f.ty));
            offsets.push(off);
            last = self.size_of(f.ty);
            off = off.saturating_add(last);
        }
        if off > 0 && last == 0 && !fields.is_empty() {
            off += 1;
        }
        (offsets, align_up(off, self.align_of(id)))
    }

    /// Offset of field `i` in bytes.
    pub fn field_offset(&self, id: TyId, i: usize) -> u64 {
        self.struct_layout(id).0[i]
    }

    /// Length of the prefix that may hold pointers, in bytes.
    pub fn ptr_bytes(&self, id: TyId) -> u64 {
        match self.under(id) {
            Ty::Basic(Basic::String | Basic::UnsafePointer) => WORD,
            Ty::Basic(_) => 0,
            Ty::Interface(_) => 2 * WORD,
            Ty::Array(e, n) => match self.ptr_bytes(*e) {
                _ if *n == 0 => 0,
                0 => 0,
                p => (n - 1) * self.size_of(*e) + p,
            },
            Ty::Struct(fields) => {
                let (offsets, _) = self.struct_layout(id);
                let last = (0..fields.len()).rev().find(|&i| self.ptr_bytes(fields[i].ty) > 0);
                last.map_or(0, |i| offsets[i] + self.ptr_bytes(fields[i].ty))
            }
            _ => WORD,
        }
    }

    /// Calls `f` with the byte offset of every word that may hold a pointer.
    pub fn for_each_pointer(&self, id: TyId, base: u64, f: &mut dyn FnMut(u64)) {
        match self.under(id) {
            Ty::Basic(Basic::String | Basic::UnsafePointer) => f(base),
            Ty::Basic(_) => {}
            Ty::Interface(_) => {
                f(base);
                f(base + WORD);
            }
            Ty::Array(e, n) => {
                if self.ptr_bytes(*e) > 0 {
                    let size = self.size_of(*e);
                    (0..*n).for_each(|i| self.for_each_pointer(*e, base + i * size, f));
                }
            }
            Ty::Struct(fields) => {
                let (offsets, _) = self.struct_layout(id);
                fields.iter().zip(offsets).for_each(|(fd, o)| self.for_each_pointer(fd.ty, base + o, f));
            }
            _ => f(base),
        }
    }

    /// Whether values are compared and hashed as the bytes that they are in memory.
    pub fn is_memory(&self, id: TyId) -> bool {
        match self.under(id) {
            Ty::Basic(b) => b.is_integer() || matches!(b, Basic::Bool | Basic::UnsafePointer),
            Ty::Pointer(_) | Ty::Chan(..) => true,
            Ty::Array(elem, _) => self.is_memory(*elem),
            Ty::Struct(fields) => {
                let sum: u64 = fields.iter().map(|f| self.size_of(f.ty)).sum();
                sum == self.size_of(id) && fields.iter().all(|f| &*f.name.name != "_" && self.is_memory(f.ty))
            }
            _ => false,
        }
    }

    /// Whether an interface's data word holds the value itself.
    pub fn is_direct(&self, id: TyId) -> bool {
        self.size_of(id) == WORD && self.ptr_bytes(id) == WORD
    }
}
