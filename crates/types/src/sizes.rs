//! Sizes, alignments and field offsets as Go's compiler lays types out on 64-bit machines.

use crate::store::Store;
use crate::types::{BasicKind as K, Type};
use crate::{StructId, TypeId};

/// The size of a word.
pub const WORD: i64 = 8;

impl Store {
    /// The size of a type in bytes; below zero if it is too large. A type parameter counts as a word.
    pub fn sizeof(&mut self, t: TypeId) -> i64 {
        let u = self.under(t);
        match self.ty(u) {
            Type::Basic(k) => basic_size(k),
            Type::Array { len, elem } => {
                if len <= 0 {
                    return 0;
                }
                let size = self.sizeof(elem);
                if size < 0 {
                    return -1;
                }
                size.checked_mul(len).unwrap_or(-1)
            }
            Type::Slice(_) => 3 * WORD,
            Type::Struct(s) => self.struct_size(s),
            Type::Interface(_) if !self.is_type_param(t) => 2 * WORD,
            _ => WORD,
        }
    }

    /// The alignment of a variable of the type.
    pub fn alignof(&mut self, t: TypeId) -> i64 {
        let u = self.under(t);
        match self.ty(u) {
            Type::Array { elem, .. } => self.alignof(elem),
            Type::Struct(s) => {
                let fields = self.struct_(s).fields;
                if fields.is_empty() && self.is_align64(t) {
                    return 8;
                }
                (0..fields.len())
                    .map(|i| {
                        let ft = self.obj_type(self.obj_at(fields, i));
                        self.alignof(ft)
                    })
                    .max()
                    .unwrap_or(1)
            }
            Type::Basic(K::Complex64) => 4,
            Type::Basic(k) => basic_size(k).clamp(1, WORD),
            _ => WORD,
        }
    }

    /// The offsets of a struct's fields, and of the end of the last; below zero where too large.
    pub fn offsets(&mut self, s: StructId) -> Vec<i64> {
        let fields = self.struct_(s).fields;
        let mut out = Vec::with_capacity(fields.len() + 1);
        let mut at: i64 = 0;
        for i in 0..fields.len() {
            let ft = self.obj_type(self.obj_at(fields, i));
            let (size, al) = (self.sizeof(ft), self.alignof(ft));
            if at >= 0 {
                at = align(at, al);
            }
            out.push(at);
            at = if at < 0 || size < 0 { -1 } else { at.checked_add(size).unwrap_or(-1) };
        }
        out.push(at);
        out
    }

    fn struct_size(&mut self, s: StructId) -> i64 {
        let fields = self.struct_(s).fields;
        if fields.is_empty() {
            return 0;
        }
        let offsets = self.offsets(s);
        let n = fields.len();
        let mut end = offsets[n];
        if end < 0 {
            return -1;
        }
        // A pointer to a last field without size must not point past the struct.
        if end > 0 && offsets[n - 1] == end {
            end += 1;
        }
        let max = (0..n)
            .map(|i| {
                let ft = self.obj_type(self.obj_at(fields, i));
                self.alignof(ft)
            })
            .max()
            .unwrap_or(1);
        align(end, max)
    }

    /// Whether it is sync/atomic's marker of 8-byte alignment.
    fn is_align64(&self, t: TypeId) -> bool {
        let Some(n) = self.as_named(t) else { return false };
        let obj = self.obj(self.named(n).obj);
        self.text(obj.name) == "align64"
            && obj.pkg.is_some_and(|p| matches!(&*self.pkg(p).path, "sync/atomic" | "internal/runtime/atomic"))
    }
}

fn align(x: i64, a: i64) -> i64 {
    x.checked_add(a - 1).map_or(-1, |x| x & !(a - 1))
}

fn basic_size(k: K) -> i64 {
    match k {
        K::Bool | K::Int8 | K::Uint8 | K::Byte => 1,
        K::Int16 | K::Uint16 => 2,
        K::Int32 | K::Uint32 | K::Float32 | K::Rune => 4,
        K::Complex128 | K::String => 16,
        K::Invalid | K::UntypedBool | K::UntypedNil => 0,
        _ => 8,
    }
}
