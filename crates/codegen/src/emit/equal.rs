//! `==` by type.
//!
//! Parts are compared in order and the first difference decides, so that an interface part panics only if all parts before
//! it are equal. Parts that cannot panic are compared without branches. Plain memory (no padding, floats, strings or
//! interfaces) is compared as bytes.

use super::Emit;
use super::value::{Addr, GO, OWN, Repr, Scalars};
use crate::abi::Word;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use itab_abi::runtime_fns::RuntimeFn;
use itab_abi::types::{TFLAG_DIRECT_IFACE, TFLAG_REGULAR_MEMORY, Type};
use itab_ir::func::ValueId;
use itab_ir::op::Const;
use itab_ir::ty::{Basic, Field, Ty, TyId};
use smallvec::smallvec;
use std::mem::offset_of;

/// Arrays of more elements are compared by the runtime, unless they are plain memory.
const MAX_UNROLLED: u64 = 8;
/// Plain memory up to this size is compared in place.
const INLINE_BYTES: u64 = 64;
/// Constant strings up to this length are compared in place.
const INLINE_TEXT: usize = 16;

impl Emit<'_> {
    /// `Op::Equal`
    pub fn equal(&mut self, a: ValueId, b: ValueId) -> Value {
        let ty = self.ty(a);
        if let Some(v) = self.equal_const(ty, a, b).or_else(|| self.equal_const(ty, b, a)) {
            return v;
        }
        let (x, y) = (self.val(a), self.val(b));
        self.equal_reprs(ty, &x, &y)
    }

    /// `a == b` with a constant `b` for which there is something better.
    fn equal_const(&mut self, ty: TyId, a: ValueId, b: ValueId) -> Option<Value> {
        let c = self.const_of(b)?.clone();
        match (self.types.under(ty), c) {
            (Ty::Interface(_), Const::Zero) => {
                let word = self.nth(a, 0);
                Some(self.b.ins().icmp_imm_u(IntCC::Equal, word, 0))
            }
            (Ty::Basic(Basic::String), Const::Zero) => {
                let len = self.nth(a, 1);
                Some(self.b.ins().icmp_imm_u(IntCC::Equal, len, 0))
            }
            (Ty::Basic(Basic::String), Const::Str(s)) if s.len() <= INLINE_TEXT => {
                let (p, len) = (self.nth(a, 0), self.nth(a, 1));
                let same = self.b.ins().icmp_imm_u(IntCC::Equal, len, s.len() as i64);
                if s.is_empty() {
                    return Some(same);
                }
                Some(self.and_then(same, |e| e.equal_text(p, &s)))
            }
            _ => None,
        }
    }

    /// Whether the bytes at `p` are those of `s`.
    fn equal_text(&mut self, p: Value, s: &[u8]) -> Value {
        let mut diff: Option<Value> = None;
        let mut at = 0;
        while at < s.len() {
            let n = (s.len() - at).min(8);
            let n = 1 << n.ilog2();
            let ty = cranelift_codegen::ir::Type::int(8 * n as u16).unwrap_or(types::I64);
            let mut bytes = [0u8; 8];
            bytes[..n].copy_from_slice(&s[at..at + n]);
            let want = self.int(ty, i64::from_le_bytes(bytes));
            let have = self.b.ins().load(ty, GO, p, at as i32);
            let d = self.b.ins().bxor(have, want);
            let d = self.extend64(d, false);
            diff = Some(match diff {
                None => d,
                Some(o) => self.b.ins().bor(o, d),
            });
            at += n;
        }
        let diff = diff.unwrap_or_else(|| ice!("comparison with an empty text"));
        self.b.ins().icmp_imm_u(IntCC::Equal, diff, 0)
    }

    /// `first && second()`
    pub fn and_then(&mut self, first: Value, second: impl FnOnce(&mut Self) -> Value) -> Value {
        let (more, done) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(done, types::I8);
        let no = self.b.ins().iconst(types::I8, 0);
        self.b.ins().brif(first, more, &[], done, &[no.into()]);
        self.enter(more);
        let v = second(self);
        self.b.ins().jump(done, &[v.into()]);
        self.enter(done);
        result
    }

    /// `x == y`
    pub fn equal_reprs(&mut self, ty: TyId, x: &Repr, y: &Repr) -> Value {
        if let (Repr::Flat(a), Repr::Flat(b)) = (x, y)
            && self.is_scalar_type(ty)
        {
            let (a, b) = (a.clone(), b.clone());
            return self.equal_scalars(ty, &a, &b);
        }
        let (no, done) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(done, types::I8);
        self.differ(ty, x, y, no);
        let v = self.b.ins().iconst(types::I8, 1);
        self.b.ins().jump(done, &[v.into()]);
        self.enter(no);
        let v = self.b.ins().iconst(types::I8, 0);
        self.b.ins().jump(done, &[v.into()]);
        self.enter(done);
        result
    }

    /// Whether a flat type has neither strings nor interfaces nor blank fields.
    pub fn is_scalar_type(&self, ty: TyId) -> bool {
        match self.types.under(ty) {
            Ty::Basic(Basic::String) | Ty::Interface(_) => false,
            Ty::Struct(f) => f.iter().all(|f| &*f.name.name != "_" && self.is_scalar_type(f.ty)),
            Ty::Array(e, n) => *n == 0 || self.is_scalar_type(*e),
            _ => true,
        }
    }

    /// All scalars equal, without branches.
    fn equal_scalars(&mut self, ty: TyId, a: &Scalars, b: &Scalars) -> Value {
        let leaves = self.leaves(ty).unwrap_or_else(|| ice!("scalars of an image"));
        let mut all: Option<Value> = None;
        for (l, (&x, &y)) in leaves.iter().zip(a.iter().zip(b)) {
            let same = match l.word {
                Word::F32 | Word::F64 => self.b.ins().fcmp(FloatCC::Equal, x, y),
                _ => self.b.ins().icmp(IntCC::Equal, x, y),
            };
            all = Some(match all {
                None => same,
                Some(o) => self.b.ins().band(o, same),
            });
        }
        all.unwrap_or_else(|| self.b.ins().iconst(types::I8, 1))
    }

    /// Goes to `no` when the values differ, and on when they are equal.
    fn differ(&mut self, ty: TyId, x: &Repr, y: &Repr, no: Block) {
        if let (Repr::Mem(a), Repr::Mem(b)) = (x, y) {
            return self.differ_in_memory(ty, *a, *b, no);
        }
        let (a, b) = (self.scalars(x), self.scalars(y));
        if self.is_scalar_type(ty) {
            let same = self.equal_scalars(ty, &a, &b);
            return self.unless(same, no);
        }
        match self.types.under(ty).clone() {
            Ty::Basic(Basic::String) => self.differ_strings(&a, &b, no),
            Ty::Interface(_) => {
                let same = self.equal_interfaces(ty, &a, &b);
                self.unless(same, no);
            }
            Ty::Struct(fields) => {
                for i in self.comparison_order(&fields) {
                    let (p, q) = (self.extract(ty, x, i as u32), self.extract(ty, y, i as u32));
                    self.differ(fields[i].ty, &p, &q, no);
                }
            }
            Ty::Array(e, n) => {
                for i in 0..n.min(1) {
                    let (p, q) = (self.extract(ty, x, i as u32), self.extract(ty, y, i as u32));
                    self.differ(e, &p, &q, no);
                }
            }
            t => ice!("comparison of {t:?}"),
        }
    }

    /// The fields to compare, scalars before strings as gc has it; but none passes an interface, whose comparison may
    /// panic.
    fn comparison_order(&self, fields: &[Field]) -> Vec<usize> {
        let (mut order, mut later) = (vec![], vec![]);
        for (i, f) in fields.iter().enumerate().filter(|(_, f)| &*f.name.name != "_") {
            if self.is_scalar_type(f.ty) {
                order.push(i);
            } else {
                later.push(i);
            }
            if self.holds_interface(f.ty) {
                order.append(&mut later);
            }
        }
        order.append(&mut later);
        order
    }

    fn holds_interface(&self, ty: TyId) -> bool {
        match self.types.under(ty) {
            Ty::Interface(_) => true,
            Ty::Struct(fields) => fields.iter().any(|f| self.holds_interface(f.ty)),
            Ty::Array(e, _) => self.holds_interface(*e),
            _ => false,
        }
    }

    fn unless(&mut self, same: Value, no: Block) {
        let next = self.b.create_block();
        self.b.ins().brif(same, next, &[], no, &[]);
        self.enter(next);
    }

    fn differ_in_memory(&mut self, ty: TyId, a: Addr, b: Addr, no: Block) {
        let size = self.types.size_of(ty);
        if size == 0 {
            return;
        }
        if self.is_plain_memory(ty) {
            let same = self.equal_bytes(a, b, size);
            return self.unless(same, no);
        }
        match self.types.under(ty).clone() {
            Ty::Struct(fields) => {
                let (offsets, _) = self.types.struct_layout(ty);
                for i in self.comparison_order(&fields) {
                    self.differ_in_memory(fields[i].ty, a.plus(offsets[i]), b.plus(offsets[i]), no);
                }
            }
            Ty::Array(e, n) if n <= MAX_UNROLLED => {
                let stride = self.types.size_of(e);
                for i in 0..n {
                    self.differ_in_memory(e, a.plus(i * stride), b.plus(i * stride), no);
                }
            }
            Ty::Array(..) => {
                let (desc, p, q) = (self.type_desc(ty), self.addr_value(a), self.addr_value(b));
                let same = self.runtime(RuntimeFn::typeequal, &[desc, p, q])[0];
                self.unless(same, no);
            }
            _ => {
                let (x, y) = (self.load_stable(ty, a, GO), self.load_stable(ty, b, GO));
                self.differ(ty, &x, &y, no);
            }
        }
    }

    /// Whether values are equal exactly when their bytes are.
    fn is_plain_memory(&self, ty: TyId) -> bool {
        match self.types.under(ty) {
            Ty::Basic(b) => !b.is_float() && !b.is_complex() && *b != Basic::String,
            Ty::Interface(_) | Ty::Slice(_) => false,
            Ty::Array(e, _) => self.is_plain_memory(*e),
            Ty::Struct(fields) => {
                let sum: u64 = fields.iter().map(|f| self.types.size_of(f.ty)).sum();
                sum == self.types.size_of(ty)
                    && fields.iter().all(|f| &*f.name.name != "_" && self.is_plain_memory(f.ty))
            }
            _ => true,
        }
    }

    fn equal_bytes(&mut self, a: Addr, b: Addr, size: u64) -> Value {
        if size > INLINE_BYTES {
            let (p, q) = (self.addr_value(a), self.addr_value(b));
            let n = self.i64(size as i64);
            return self.runtime(RuntimeFn::memequal, &[p, q, n])[0];
        }
        let mut diff: Option<Value> = None;
        let mut at = 0;
        while at < size {
            let (word, n) = match size - at {
                8.. => (Word::I64, 8),
                4.. => (Word::U32, 4),
                2.. => (Word::U16, 2),
                _ => (Word::U8, 1),
            };
            let (x, y) = (self.load_scalar(word, a.plus(at), GO), self.load_scalar(word, b.plus(at), GO));
            let d = self.b.ins().bxor(x, y);
            let d = self.extend64(d, false);
            diff = Some(match diff {
                None => d,
                Some(o) => self.b.ins().bor(o, d),
            });
            at += n;
        }
        let diff = diff.unwrap_or_else(|| ice!("comparison of no bytes"));
        self.b.ins().icmp_imm_u(IntCC::Equal, diff, 0)
    }

    /// Lengths first, then the bytes, unless they are the same.
    fn differ_strings(&mut self, a: &Scalars, b: &Scalars, no: Block) {
        let same = self.b.ins().icmp(IntCC::Equal, a[1], b[1]);
        self.unless(same, no);
        let (compare, yes) = (self.b.create_block(), self.b.create_block());
        let one = self.b.ins().icmp(IntCC::Equal, a[0], b[0]);
        self.b.ins().brif(one, yes, &[], compare, &[]);
        self.enter(compare);
        let same = self.runtime(RuntimeFn::memequal, &[a[0], b[0], a[1]])[0];
        self.b.ins().brif(same, yes, &[], no, &[]);
        self.enter(yes);
    }

    /// First words differ: unequal, whatever they hold. Both nil: equal. Otherwise pointers and words of plain memory are
    /// compared here, and the rest by the runtime, which may panic.
    fn equal_interfaces(&mut self, ty: TyId, a: &Scalars, b: &Scalars) -> Value {
        let is_eface = self.is_eface(ty);
        let same = self.b.ins().icmp(IntCC::Equal, a[0], b[0]);
        self.and_then(same, |e| {
            let (held, done) = (e.b.create_block(), e.b.create_block());
            let result = e.b.append_block_param(done, types::I8);
            let yes = e.b.ins().iconst(types::I8, 1);
            e.b.ins().brif(a[0], held, &[], done, &[yes.into()]);
            e.enter(held);
            let typ = if is_eface { a[0] } else { e.itab_type(a[0]) };
            let f = if is_eface { RuntimeFn::efaceeq } else { RuntimeFn::ifaceeq };
            let call = e.b.create_block();
            e.equal_plain(typ, (a[1], b[1]), done, call);
            e.enter(call);
            let equal = e.runtime(f, &[a[0], a[1], b[1]])[0];
            e.b.ins().jump(done, &[equal.into()]);
            e.enter(done);
            result
        })
    }

    /// Compares what two data words of type `typ` stand for, if that is plain memory: a pointer, one word or two. Jumps to
    /// `done` with the answer, or to `other`.
    fn equal_plain(&mut self, typ: Value, (x, y): (Value, Value), done: Block, other: Block) {
        let flags = self.b.ins().load(types::I8, OWN, typ, offset_of!(Type, tflag) as i32);
        let is_plain = self.b.ins().band_imm_u(flags, i64::from(TFLAG_REGULAR_MEMORY));
        let plain = self.b.create_block();
        self.b.ins().brif(is_plain, plain, &[], other, &[]);
        self.enter(plain);
        let is_direct = self.b.ins().band_imm_u(flags, i64::from(TFLAG_DIRECT_IFACE));
        let (direct, boxed) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(is_direct, direct, &[], boxed, &[]);
        self.enter(direct);
        let equal = self.b.ins().icmp(IntCC::Equal, x, y);
        self.b.ins().jump(done, &[equal.into()]);
        self.enter(boxed);
        let size = self.b.ins().load(types::I64, OWN, typ, offset_of!(Type, size) as i32);
        for words in 1..=2 {
            let (compare, next) = (self.b.create_block(), self.b.create_block());
            let is = self.b.ins().icmp_imm_u(IntCC::Equal, size, 8 * words);
            self.b.ins().brif(is, compare, &[], next, &[]);
            self.enter(compare);
            let equal = self.equal_bytes(Addr::ptr(x), Addr::ptr(y), 8 * words as u64);
            self.b.ins().jump(done, &[equal.into()]);
            self.enter(next);
        }
        self.b.ins().jump(other, &[]);
    }

    /// `Op::EqualIface`
    pub fn equal_iface(&mut self, iface: ValueId, value: ValueId) -> Value {
        let (inter, ty) = (self.ty(iface), self.ty(value));
        let (word, data) = (self.nth(iface, 0), self.nth(iface, 1));
        let want = self.iface_word(inter, ty);
        let same = self.b.ins().icmp(IntCC::Equal, word, want);
        let value = self.val(value);
        self.and_then(same, |e| {
            let held = e.unbox(ty, data);
            e.equal_reprs(ty, &held, &value)
        })
    }

    /// The concrete value in an interface's data word.
    pub fn unbox(&mut self, ty: TyId, data: Value) -> Repr {
        if self.types.is_direct(ty) { Repr::Flat(smallvec![data]) } else { self.load_stable(ty, Addr::ptr(data), GO) }
    }
}
