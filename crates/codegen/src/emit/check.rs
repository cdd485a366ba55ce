//! Checks: nil, bounds, division, shifts.
//!
//! A nil check that is directly followed by an access through the same pointer costs nothing if the access is on the first
//! page, which is never mapped. The access itself is then marked: its fault means a nil dereference, at the position of the
//! check, which may be that of a caller. Nothing with an effect may stand between the two.

use super::{Emit, slow};
use crate::symbols::Shape;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use itab_abi::runtime_fns::BoundsCode;
use itab_abi::trap::NIL_PAGE;
use itab_ir::func::ValueId;
use itab_ir::op::Op;

/// How many instructions further an access may be.
const WINDOW: usize = 12;

impl Emit<'_> {
    /// `Op::NilCheck`
    pub fn nil_check(&mut self, ptr: ValueId) {
        if let Some(access) = self.following_access(ptr) {
            let (b, i) = self.at;
            self.faulting.insert(access, self.func.blocks[b as usize].insts[i as usize].pos);
            return;
        }
        let p = self.nth(ptr, 0);
        self.explicit_nil_check(p);
    }

    /// Panics when a pointer is nil.
    pub fn explicit_nil_check(&mut self, p: Value) {
        self.panic_unless(p, slow::panicmem {});
    }

    /// The load or store through `ptr` that follows the current instruction.
    fn following_access(&mut self, ptr: ValueId) -> Option<(u32, u32)> {
        let (b, i) = self.at;
        let insts = &self.func.blocks[b as usize].insts;
        for (k, inst) in insts.iter().enumerate().skip(i as usize + 1).take(WINDOW) {
            let (q, ty) = match &inst.op {
                Op::Load(q) => (*q, self.ty(inst.result?)),
                Op::Store { ptr: q, val } => (*q, self.ty(*val)),
                op if is_pure(op) => continue,
                _ => return None,
            };
            let Some(offset) = self.offset_from(q, ptr) else {
                let plain_load = matches!(inst.op, Op::Load(_)) && matches!(self.shape(ty), Shape::Flat(_));
                if plain_load && !self.faulting.contains_key(&(b, k as u32)) {
                    continue;
                }
                return None;
            };
            let in_page = |size: u64| offset + size <= NIL_PAGE as u64;
            return match self.shape(ty) {
                Shape::Flat(l) if !l.is_empty() && in_page(self.types.size_of(ty)) => Some((b, k as u32)),
                _ => None,
            };
        }
        None
    }

    /// The constant distance of pointer `q` from `p`.
    fn offset_from(&self, q: ValueId, p: ValueId) -> Option<u64> {
        if q == p {
            return Some(0);
        }
        match self.def(q)? {
            Op::FieldAddr(base, i) => {
                let st = self.types.elem(self.ty(*base));
                Some(self.offset_from(*base, p)? + self.types.field_offset(st, *i as usize))
            }
            _ => None,
        }
    }

    /// `Op::BoundsCheck`
    pub fn bounds_check(&mut self, index: ValueId, len: ValueId) {
        let (i, signed) = self.index64(index);
        let n = self.one(len);
        let ok = self.b.ins().icmp(IntCC::UnsignedLessThan, i, n);
        self.panic_bounds_unless(ok, i, n, BoundsCode::Index, signed);
    }

    /// Panics with a bounds error unless `ok`.
    pub fn panic_bounds_unless(&mut self, ok: Value, value: Value, bound: Value, code: BoundsCode, signed: bool) {
        let cold = self.cold_block();
        let cont = self.b.create_block();
        self.b.ins().brif(ok, cont, &[], cold, &[]);
        self.enter(cold);
        let code = self.i64(code as i64);
        let signed = self.i64(i64::from(signed));
        self.panic(slow::panicBounds { x: value, y: bound, code, signed });
        self.enter(cont);
    }

    /// An integer value as 64 bits, and whether its type is signed.
    pub fn index64(&mut self, v: ValueId) -> (Value, bool) {
        let signed = self.is_signed(self.ty(v));
        let x = self.one(v);
        (self.extend64(x, signed), signed)
    }

    /// Widens an integer to 64 bits.
    pub fn extend64(&mut self, x: Value, signed: bool) -> Value {
        if self.b.func.dfg.value_type(x) == types::I64 {
            x
        } else if signed {
            self.b.ins().sextend(types::I64, x)
        } else {
            self.b.ins().uextend(types::I64, x)
        }
    }

    /// `Op::DivCheck`
    pub fn div_check(&mut self, divisor: ValueId) {
        let d = self.one(divisor);
        self.panic_unless(d, slow::panicdivide {});
    }

    /// `Op::ShiftCheck`
    pub fn shift_check(&mut self, count: ValueId) {
        let c = self.one(count);
        let ok = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, c, 0);
        self.panic_unless(ok, slow::panicshift {});
    }

    /// `Op::WrapCheck`
    pub fn wrap_check(&mut self, ptr: ValueId, text: &str) {
        let ok = self.one(ptr);
        let p = self.text(text.as_bytes());
        let n = self.i64(text.len() as i64);
        self.panic_unless(ok, slow::panicwrap { p, n });
    }
}

/// Whether an operation neither panics nor changes anything that could be observed before a panic.
fn is_pure(op: &Op) -> bool {
    matches!(
        op,
        Op::Const(_)
            | Op::GlobalAddr(_)
            | Op::FuncVal(_)
            | Op::TypeDesc(_)
            | Op::LocalGet(_)
            | Op::LocalSet(..)
            | Op::Capture(_)
            | Op::Receiver
            | Op::FieldAddr(..)
            | Op::Extract(..)
            | Op::DataPtr(_)
            | Op::Len(_)
            | Op::Cap(_)
            | Op::Unary(..)
            | Op::IsNil(_)
            | Op::Real(_)
            | Op::Imag(_)
            | Op::MakeSliceHeader(..)
            | Op::MakeStringHeader(..)
    )
}
