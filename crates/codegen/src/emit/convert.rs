//! Conversions.

use super::value::{Addr, Repr, Scalars};
use super::{Emit, slow};
use crate::object::LinkSymbol;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use itab_abi::runtime_fns::RuntimeFn;
use itab_ir::func::ValueId;
use itab_ir::op::{Const, Conv, Storage};
use itab_ir::ty::{Basic, Ty, TyId};
use smallvec::smallvec;

impl Emit<'_> {
    /// `Op::Convert`
    pub fn convert(&mut self, conv: Conv, v: ValueId, to: TyId) -> Repr {
        match conv {
            Conv::Same => self.val(v),
            Conv::Numeric => self.convert_numeric(v, to),
            Conv::IntToString(place) => {
                let buf = self.tmp_buf(place, 1);
                let (x, _) = self.index64(v);
                Repr::Flat(self.runtime(RuntimeFn::intstring, &[buf, x]).into())
            }
            Conv::BytesToString(place) => Repr::Flat(self.convert_text(RuntimeFn::slicebytetostring, v, place, 1)),
            Conv::RunesToString(place) => Repr::Flat(self.convert_text(RuntimeFn::slicerunetostring, v, place, 1)),
            Conv::StringToBytes(place) => self.string_to_bytes(v, place),
            Conv::StringToRunes(place) => Repr::Flat(self.convert_text(RuntimeFn::stringtoslicerune, v, place, 4)),
            Conv::BytesAsString => Repr::Flat(smallvec![self.nth(v, 0), self.nth(v, 1)]),
            Conv::StringAsBytes => {
                let (mut p, n) = (self.nth(v, 0), self.nth(v, 1));
                if !matches!(self.const_of(v), Some(Const::Str(s)) if !s.is_empty()) {
                    // Not a nil slice, even of a string without bytes.
                    let zero = self.symbol(LinkSymbol::ZeroBase);
                    let nil = self.b.ins().icmp_imm_u(IntCC::Equal, p, 0);
                    p = self.b.ins().select(nil, zero, p);
                }
                Repr::Flat(smallvec![p, n, n])
            }
            Conv::SliceToArrayPtr => {
                let Ty::Array(_, want) = *self.types.under(self.types.elem(to)) else {
                    ice!("conversion of a slice to {to:?}")
                };
                let (p, len) = (self.nth(v, 0), self.nth(v, 1));
                let want = self.i64(want as i64);
                let ok = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, len, want);
                self.panic_unless(ok, slow::panicSliceConvert { x: len, y: want });
                Repr::Flat(smallvec![p])
            }
        }
    }

    /// Two words of a text that a runtime function makes of another.
    fn convert_text(&mut self, f: RuntimeFn, v: ValueId, place: Storage, unit: u64) -> Scalars {
        let buf = self.tmp_buf(place, unit);
        let (p, n) = (self.nth(v, 0), self.nth(v, 1));
        self.runtime(f, &[buf, p, n]).into()
    }

    /// `[]byte(s)`; that of a constant has exactly its length as capacity.
    fn string_to_bytes(&mut self, v: ValueId, place: Storage) -> Repr {
        let constant = match self.const_of(v) {
            Some(Const::Str(s)) => Some(s.len() as u64),
            Some(Const::Zero) => Some(0),
            _ => None,
        };
        let (p, n) = (self.nth(v, 0), self.nth(v, 1));
        match constant {
            Some(0) => {
                let p = self.symbol(LinkSymbol::ZeroBase);
                Repr::Flat(smallvec![p, n, n])
            }
            Some(size) if let Some(at) = self.place(place, size) => {
                self.copy_bytes(at, Addr::ptr(p), size);
                let to = self.addr_value(at);
                Repr::Flat(smallvec![to, n, n])
            }
            Some(_) => {
                let buf = self.i64(0);
                let made = self.runtime(RuntimeFn::stringtoslicebyte, &[buf, p, n]);
                Repr::Flat(smallvec![made[0], n, n])
            }
            None => {
                let made = self.convert_text(RuntimeFn::stringtoslicebyte, v, place, 1);
                Repr::Flat(smallvec![made[0], n, made[1]])
            }
        }
    }

    fn convert_numeric(&mut self, v: ValueId, to: TyId) -> Repr {
        let (Some(from), Some(to)) = (self.types.as_basic(self.ty(v)), self.types.as_basic(to)) else {
            ice!("numeric conversion from {:?} to {to:?}", self.ty(v))
        };
        if from.is_complex() {
            let part = if to == Basic::Complex64 { types::F32 } else { types::F64 };
            let (re, im) = (self.nth(v, 0), self.nth(v, 1));
            return Repr::Flat(smallvec![self.resize_float(re, part), self.resize_float(im, part)]);
        }
        let x = self.one(v);
        let y = match (from.is_float(), to.is_float()) {
            (true, true) => self.resize_float(x, float_type(to)),
            (false, true) => self.int_to_float(x, from, float_type(to)),
            (true, false) => self.float_to_int(x, to),
            (false, false) => self.resize_int(x, from.is_signed(), int_type(to)),
        };
        Repr::Flat(smallvec![y])
    }

    fn resize_float(&mut self, x: Value, to: Type) -> Value {
        match (self.b.func.dfg.value_type(x), to) {
            (types::F32, types::F64) => self.b.ins().fpromote(to, x),
            (types::F64, types::F32) => self.b.ins().fdemote(to, x),
            _ => x,
        }
    }

    /// An integer cut or extended to a type.
    pub fn resize_int(&mut self, x: Value, signed: bool, to: Type) -> Value {
        let from = self.b.func.dfg.value_type(x);
        if from.bits() > to.bits() {
            self.b.ins().ireduce(to, x)
        } else if from == to {
            x
        } else if signed {
            self.b.ins().sextend(to, x)
        } else {
            self.b.ins().uextend(to, x)
        }
    }

    fn int_to_float(&mut self, x: Value, from: Basic, to: Type) -> Value {
        if !from.is_signed() && from.size() == 8 {
            return self.b.ins().fcvt_from_uint(to, x);
        }
        let x = self.extend64(x, from.is_signed());
        self.b.ins().fcvt_from_sint(to, x)
    }

    /// What is out of range gives what gc's code for amd64 gives: the machine's instruction converts to 32 or 64 signed
    /// bits, and its answer to what does not fit is the least integer.
    fn float_to_int(&mut self, x: Value, to: Basic) -> Value {
        match (to.size(), to.is_signed()) {
            (8, true) => self.truncate(x, types::I64),
            (8, false) => self.float_to_u64(x),
            (4, false) => {
                let wide = self.truncate(x, types::I64);
                self.b.ins().ireduce(types::I32, wide)
            }
            _ => {
                let wide = self.truncate(x, types::I32);
                self.resize_int(wide, true, int_type(to))
            }
        }
    }

    /// `cvttsd2si`: towards zero, the least integer for NaN and what does not fit.
    fn truncate(&mut self, x: Value, to: Type) -> Value {
        let limit = self.float_const(x, if to == types::I64 { TWO_63 } else { 2147483648.0 });
        let v = self.b.ins().fcvt_to_sint_sat(to, x);
        let fits = self.b.ins().fcmp(FloatCC::LessThan, x, limit);
        let least = self.b.ins().iconst(to, if to == types::I64 { i64::MIN } else { 1 << 31 });
        self.b.ins().select(fits, v, least)
    }

    fn float_to_u64(&mut self, x: Value) -> Value {
        let limit = self.float_const(x, TWO_63);
        let small = self.b.ins().fcmp(FloatCC::LessThan, x, limit);
        let less = self.b.ins().fsub(x, limit);
        let y = self.b.ins().select(small, x, less);
        let v = self.truncate(y, types::I64);
        let (zero, top) = (self.i64(0), self.i64(i64::MIN));
        let top = self.b.ins().select(small, zero, top);
        self.b.ins().bor(v, top)
    }

    /// A constant of the same type as `like`.
    fn float_const(&mut self, like: Value, v: f64) -> Value {
        match self.b.func.dfg.value_type(like) {
            types::F32 => self.b.ins().f32const(v as f32),
            _ => self.b.ins().f64const(v),
        }
    }
}

const TWO_63: f64 = 9223372036854775808.0;

fn float_type(b: Basic) -> Type {
    if b == Basic::Float32 { types::F32 } else { types::F64 }
}

/// CLIF type of an integer type.
pub fn int_type(b: Basic) -> Type {
    match b.size() {
        1 => types::I8,
        2 => types::I16,
        4 => types::I32,
        _ => types::I64,
    }
}
