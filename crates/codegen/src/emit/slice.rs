//! Slicing, `make`, `append`, `copy`, `clear`.

use super::value::{Addr, GO, OWN, Repr};
use super::{Emit, slow};
use crate::abi::Word;
use crate::object::LinkSymbol;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use itab_abi::runtime_fns::{BoundsCode, RuntimeFn};
use itab_ir::func::ValueId;
use itab_ir::op::{BinOp, Const, Op, Sliced, Storage, TMP_BUF};
use itab_ir::ty::{Ty, TyId};
use smallvec::smallvec;

impl Emit<'_> {
    /// `Op::Slice`. Bounds are checked from the last to the first, so that each is compared with one that is known to be
    /// in range. A result without capacity keeps the old pointer: one past the end would belong to the next object. Who
    /// only wants an element needs no such care.
    pub fn slice(
        &mut self,
        kind: Sliced,
        x: ValueId,
        lo: Option<ValueId>,
        hi: Option<ValueId>,
        max: Option<ValueId>,
        result: Option<ValueId>,
    ) -> Repr {
        let (ptr, len, cap, size) = self.slice_operand(kind, x);
        let of_cap = kind == Sliced::Slice;
        let k = match max {
            None => cap,
            Some(v) => {
                let code = if of_cap { BoundsCode::Slice3Acap } else { BoundsCode::Slice3Alen };
                self.slice_bound(v, cap, code)
            }
        };
        let j = match hi {
            None => len,
            Some(v) => {
                let code = match (max, of_cap) {
                    (Some(_), _) => BoundsCode::Slice3B,
                    (None, true) => BoundsCode::SliceAcap,
                    (None, false) => BoundsCode::SliceAlen,
                };
                self.slice_bound(v, k, code)
            }
        };
        let lo = lo.filter(|&v| !matches!(self.const_of(v), Some(Const::Int(0) | Const::Zero)));
        let Some(lo) = lo else { return self.sliced(kind, ptr, j, k) };
        let i = self.slice_bound(lo, j, if max.is_some() { BoundsCode::Slice3C } else { BoundsCode::SliceB });
        let new_len = self.b.ins().isub(j, i);
        let new_cap = if kind == Sliced::Str { new_len } else { self.b.ins().isub(k, i) };
        let mut delta = self.scale(i, size);
        if let Some(v) = result {
            let raw = self.b.ins().iadd(ptr, delta);
            self.raw_pointers.insert(v, raw);
        }
        if !hi.is_some_and(|hi| self.is_greater(hi, lo)) {
            let negative = self.b.ins().ineg(new_cap);
            let mask = self.b.ins().sshr_imm_u(negative, 63);
            delta = self.b.ins().band(delta, mask);
        }
        let ptr = self.b.ins().iadd(ptr, delta);
        self.sliced(kind, ptr, new_len, new_cap)
    }

    fn sliced(&mut self, kind: Sliced, ptr: Value, len: Value, cap: Value) -> Repr {
        match kind {
            Sliced::Str => Repr::Flat(smallvec![ptr, len]),
            _ => Repr::Flat(smallvec![ptr, len, cap]),
        }
    }

    /// Pointer, length, capacity and element size of what is sliced.
    fn slice_operand(&mut self, kind: Sliced, x: ValueId) -> (Value, Value, Value, u64) {
        let ty = self.ty(x);
        match kind {
            Sliced::Str => (self.nth(x, 0), self.nth(x, 1), self.nth(x, 1), 1),
            Sliced::Slice => (self.nth(x, 0), self.nth(x, 1), self.nth(x, 2), self.types.size_of(self.types.elem(ty))),
            Sliced::ArrayPtr => {
                let Ty::Array(elem, n) = *self.types.under(self.types.elem(ty)) else { ice!("slicing {ty:?}") };
                let n = self.i64(n as i64);
                (self.one(x), n, n, self.types.size_of(elem))
            }
        }
    }

    /// Whether a bound is a constant sum of the one below, so that there is something between.
    fn is_greater(&self, hi: ValueId, lo: ValueId) -> bool {
        let Some(&Op::Binary(BinOp::Add, x, k)) = self.def(hi) else { return false };
        x == lo && matches!(self.const_of(k), Some(Const::Int(k)) if (1..1 << 31).contains(k))
    }

    /// A bound that is checked to be at most `limit`.
    fn slice_bound(&mut self, v: ValueId, limit: Value, code: BoundsCode) -> Value {
        let (x, signed) = self.index64(v);
        if x != limit {
            let ok = self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, x, limit);
            self.panic_bounds_unless(ok, x, limit, code, signed);
        }
        x
    }

    /// `Op::MakeSlice`
    pub fn make_slice(&mut self, ty: TyId, len: ValueId, cap: ValueId, place: Storage) -> Repr {
        let elem = self.types.elem(ty);
        let (n, _) = self.index64(len);
        let (c, _) = self.index64(cap);
        let bytes = match self.const_of(cap) {
            Some(Const::Int(k)) if *k >= 0 => (*k as u64).checked_mul(self.types.size_of(elem)),
            _ => None,
        };
        let desc = self.type_desc(elem);
        if bytes.is_none()
            && let Some(at) = self.place(place, TMP_BUF)
        {
            return self.make_short_slice(elem, desc, n, c, at);
        }
        match bytes {
            Some(size) if let Some(at) = self.place(place, size) => {
                self.check_make(desc, n, c);
                let p = if size == 0 {
                    self.symbol(LinkSymbol::ZeroBase)
                } else {
                    self.zero_bytes(at, size);
                    self.addr_value(at)
                };
                Repr::Flat(smallvec![p, n, c])
            }
            _ => {
                let p = self.runtime(RuntimeFn::makeslice, &[desc, n, c])[0];
                Repr::Flat(smallvec![p, n, c])
            }
        }
    }

    /// A length of at most the capacity, which is in range.
    fn check_make(&mut self, desc: Value, n: Value, c: Value) {
        let too_long = self.b.ins().icmp(IntCC::UnsignedGreaterThan, n, c);
        let (cold, cont) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(too_long, cold, &[], cont, &[]);
        self.enter(cold);
        self.runtime(RuntimeFn::makeslice, &[desc, n, c]);
        self.b.ins().trap(super::trap(itab_abi::trap::Trap::Unreachable));
        self.enter(cont);
    }

    /// A slice of a capacity that is not known: in the frame if it is short.
    fn make_short_slice(&mut self, elem: TyId, desc: Value, n: Value, c: Value, at: Addr) -> Repr {
        let room = (TMP_BUF / self.types.size_of(elem).max(1)) as i64;
        let fits = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThanOrEqual, c, room);
        let (short, long, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let p = self.b.append_block_param(done, types::I64);
        self.b.ins().brif(fits, short, &[], long, &[]);
        self.enter(short);
        self.check_make(desc, n, c);
        self.zero_bytes(at, TMP_BUF);
        let here = self.addr_value(at);
        self.b.ins().jump(done, &[here.into()]);
        self.enter(long);
        let made = self.runtime(RuntimeFn::makeslice, &[desc, n, c])[0];
        self.b.ins().jump(done, &[made.into()]);
        self.enter(done);
        Repr::Flat(smallvec![p, n, c])
    }

    /// Makes the arrays for `append` that are in the frame: a word that tells whether it is used, which is cleared here at
    /// the function's start, and the elements.
    pub fn make_append_buffers(&mut self) {
        for (b, block) in self.func.blocks.iter().enumerate() {
            for (i, inst) in block.insts.iter().enumerate() {
                if let Op::Append(_, _, place) = inst.op
                    && let Some(at) = self.place(place, 8 + TMP_BUF)
                {
                    let zero = self.i64(0);
                    self.store_scalar(zero, at, OWN);
                    self.append_buffers.insert((b as u32, i as u32), at);
                }
            }
        }
    }

    /// `Op::Append`
    pub fn append(&mut self, s: ValueId, elems: &[ValueId]) -> Repr {
        let elem = self.types.elem(self.ty(s));
        let size = self.types.size_of(elem);
        let len = self.nth(s, 1);
        let n = self.i64(elems.len() as i64);
        let (p, new_len, cap) = self.grown(s, elem, n);
        for (i, &v) in elems.iter().enumerate() {
            let at = self.element(p, len, size);
            let v = self.val(v);
            self.store_value(elem, &v, Addr::ptr(at).plus(size * i as u64), GO);
        }
        Repr::Flat(smallvec![p, new_len, cap])
    }

    /// `Op::AppendSlice`
    pub fn append_slice(&mut self, s: ValueId, t: ValueId) -> Repr {
        let elem = self.types.elem(self.ty(s));
        let size = self.types.size_of(elem);
        let (len, from, n) = (self.nth(s, 1), self.nth(t, 0), self.nth(t, 1));
        let (p, new_len, cap) = self.grown(s, elem, n);
        let to = self.element(p, len, size);
        let bytes = self.scale(n, size);
        self.keep(RuntimeFn::copybytes, &[to, from, bytes]);
        Repr::Flat(smallvec![p, new_len, cap])
    }

    /// `Op::AppendZeros`
    pub fn append_zeros(&mut self, s: ValueId, n: ValueId) -> Repr {
        let elem = self.types.elem(self.ty(s));
        let size = self.types.size_of(elem);
        let len = self.nth(s, 1);
        let (n, _) = self.index64(n);
        let negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, n, 0);
        let (cold, cont) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(negative, cold, &[], cont, &[]);
        self.enter(cold);
        let desc = self.type_desc(elem);
        self.runtime(RuntimeFn::makeslice, &[desc, n, n]);
        self.b.ins().trap(super::trap(itab_abi::trap::Trap::Unreachable));
        self.enter(cont);
        let (p, new_len, cap) = self.grown(s, elem, n);
        let to = self.element(p, len, size);
        let bytes = self.scale(n, size);
        self.runtime(RuntimeFn::memclr, &[to, bytes]);
        Repr::Flat(smallvec![p, new_len, cap])
    }

    /// Pointer, length and capacity of a slice with `n` more elements.
    fn grown(&mut self, s: ValueId, elem: TyId, n: Value) -> (Value, Value, Value) {
        let (ptr, len, cap) = (self.nth(s, 0), self.nth(s, 1), self.nth(s, 2));
        let new_len = self.b.ins().iadd(len, n);
        let full = self.b.ins().icmp(IntCC::UnsignedGreaterThan, new_len, cap);
        let (cold, done) = (self.cold_block(), self.b.create_block());
        let new_ptr = self.b.append_block_param(done, types::I64);
        let new_cap = self.b.append_block_param(done, types::I64);
        self.b.ins().brif(full, cold, &[], done, &[ptr.into(), cap.into()]);
        self.enter(cold);
        if let Some(&at) = self.append_buffers.get(&self.at) {
            self.first_array(at, elem, (len, new_len), done);
        }
        let desc = self.type_desc(elem);
        let made = self.slow(slow::growslice { ptr, newlen: new_len, oldcap: cap, num: n, elem: desc });
        let (p, c) = (self.slow_result(made.ptr), self.slow_result(made.cap));
        self.b.ins().jump(done, &[p.into(), c.into()]);
        self.enter(done);
        (new_ptr, new_len, new_cap)
    }

    /// Gives an empty slice the array in the frame and goes to `done`, if it is not used and large enough.
    fn first_array(&mut self, at: Addr, elem: TyId, (len, new_len): (Value, Value), done: Block) {
        let room = (TMP_BUF / self.types.size_of(elem).max(1)) as i64;
        let (take, heap) = (self.cold_block(), self.cold_block());
        let used = self.load_scalar(Word::I64, at, OWN);
        let not_first = self.b.ins().bor(used, len);
        let first = self.b.ins().icmp_imm_u(IntCC::Equal, not_first, 0);
        let fits = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThanOrEqual, new_len, room);
        let both = self.b.ins().band(first, fits);
        self.b.ins().brif(both, take, &[], heap, &[]);
        self.enter(take);
        let one = self.i64(1);
        self.store_scalar(one, at, OWN);
        let array = at.plus(8);
        self.zero_bytes(array, TMP_BUF);
        let (p, cap) = (self.addr_value(array), self.i64(room));
        self.b.ins().jump(done, &[p.into(), cap.into()]);
        self.enter(heap);
    }

    /// `Op::CopySlice`
    pub fn copy_slice(&mut self, to: ValueId, from: ValueId) -> Value {
        let size = self.types.size_of(self.types.elem(self.ty(to)));
        let (p, n) = (self.nth(to, 0), self.nth(to, 1));
        let (q, m) = (self.nth(from, 0), self.nth(from, 1));
        let less = self.b.ins().icmp(IntCC::SignedLessThan, n, m);
        let count = self.b.ins().select(less, n, m);
        let bytes = self.scale(count, size);
        self.keep(RuntimeFn::copybytes, &[p, q, bytes]);
        count
    }

    /// `Op::ClearSlice`
    pub fn clear_slice(&mut self, s: ValueId) -> Option<Repr> {
        let size = self.types.size_of(self.types.elem(self.ty(s)));
        let (p, n) = (self.nth(s, 0), self.nth(s, 1));
        let bytes = self.scale(n, size);
        self.runtime(RuntimeFn::memclr, &[p, bytes]);
        None
    }
}
