//! Operations of math, math/bits, sync/atomic and the runtime that are expanded in place.

use super::value::{GO, OWN, Repr, clif_type};
use super::{Emit, NIL_FAULT};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AtomicRmwOp, InstBuilder, MemFlagsData, Type, Value, types};
use itab_abi::block::IsolateBlock;
use itab_abi::value::CAPTURES;
use itab_ir::func::ValueId;
use itab_ir::op::Intrinsic as I;
use itab_ir::ty::TyId;
use smallvec::smallvec;
use std::mem::offset_of;

impl Emit<'_> {
    /// `Op::Intrinsic`
    pub fn intrinsic(&mut self, which: I, args: &[ValueId], v: Option<ValueId>) -> Option<Repr> {
        let result = v.map(|v| self.ty(v));
        let v = match which {
            I::Mul64 | I::Add64 | I::Sub64 => return Some(self.wide_arithmetic(which, args, v)),
            I::KeepAlive => {
                self.keep_alive(args[0]);
                return None;
            }
            I::AtomicStore => {
                let (p, v) = (self.one(args[0]), self.one(args[1]));
                self.b.ins().atomic_store(NIL_FAULT, v, p);
                return None;
            }
            I::CallerPc => self.b.ins().get_return_address(types::I64),
            I::CallerSp => {
                let fp = self.b.ins().get_frame_pointer(types::I64);
                self.b.ins().iadd_imm_s(fp, 16)
            }
            I::ClosurePtr => {
                // A function that is not a closure has none.
                match self.context {
                    Some(ctx) => self.b.ins().iadd_imm_s(ctx, -(CAPTURES as i64)),
                    None => self.i64(0),
                }
            }
            I::MatchBytes => {
                let (p, byte) = (self.one(args[0]), self.one(args[1]));
                let bytes = self.b.ins().load(types::I8X16, GO, p, 0);
                let wanted = self.b.ins().splat(types::I8X16, byte);
                let equal = self.b.ins().icmp(IntCC::Equal, bytes, wanted);
                self.b.ins().vhigh_bits(types::I32, equal)
            }
            I::FuncPc => {
                let f = self.one(args[0]);
                self.load64(f, 0, NIL_FAULT)
            }
            I::AtomicLoad | I::AtomicSwap | I::AtomicCas | I::AtomicAdd | I::AtomicAnd | I::AtomicOr => {
                self.atomic(which, args, result)?
            }
            I::FloatMin | I::FloatMax => {
                let mut acc = self.one(args[0]);
                for &a in &args[1..] {
                    let a = self.one(a);
                    acc = if which == I::FloatMin { self.b.ins().fmin(acc, a) } else { self.b.ins().fmax(acc, a) };
                }
                acc
            }
            _ => {
                let to = result.and_then(|t| self.leaves(t).and_then(|l| l.first().map(|l| clif_type(l.word))));
                self.pure_intrinsic(which, args, to.unwrap_or(types::I64))
            }
        };
        Some(Repr::Flat(smallvec![v]))
    }

    fn pure_intrinsic(&mut self, which: I, args: &[ValueId], to: Type) -> Value {
        let x = self.one(args[0]);
        match which {
            I::Sqrt => self.b.ins().sqrt(x),
            I::Floor => self.b.ins().floor(x),
            I::Ceil => self.b.ins().ceil(x),
            I::Trunc => self.b.ins().trunc(x),
            I::RoundToEven => self.b.ins().nearest(x),
            I::Abs => self.b.ins().fabs(x),
            I::Copysign => {
                let y = self.one(args[1]);
                self.b.ins().fcopysign(x, y)
            }
            I::Fma => {
                let (y, z) = (self.one(args[1]), self.one(args[2]));
                self.b.ins().fma(x, y, z)
            }
            I::Bitcast => {
                if self.b.func.dfg.value_type(x) == to {
                    x
                } else {
                    self.b.ins().bitcast(to, MemFlagsData::new(), x)
                }
            }
            I::LeadingZeros => {
                let n = self.b.ins().clz(x);
                self.resize_int(n, false, to)
            }
            I::TrailingZeros => {
                let n = self.b.ins().ctz(x);
                self.resize_int(n, false, to)
            }
            I::OnesCount => {
                let n = self.b.ins().popcnt(x);
                self.resize_int(n, false, to)
            }
            I::ReverseBytes => self.b.ins().bswap(x),
            I::RotateLeft => {
                let k = self.one(args[1]);
                self.b.ins().rotl(x, k)
            }
            // The pointers behind it were for escape analysis.
            I::PointerFrom => x,
            // `intrinsic` has translated these.
            I::Mul64
            | I::Add64
            | I::Sub64
            | I::AtomicLoad
            | I::AtomicStore
            | I::AtomicSwap
            | I::AtomicCas
            | I::AtomicAdd
            | I::AtomicAnd
            | I::AtomicOr
            | I::MatchBytes
            | I::CallerPc
            | I::CallerSp
            | I::ClosurePtr
            | I::FuncPc
            | I::KeepAlive
            | I::FloatMin
            | I::FloatMax => ice!("intrinsic {which:?}"),
        }
    }

    fn atomic(&mut self, which: I, args: &[ValueId], result: Option<TyId>) -> Option<Value> {
        let p = self.one(args[0]);
        if which == I::AtomicLoad {
            let ty = self.leaves(result?)?.first().map(|l| clif_type(l.word))?;
            return Some(self.b.ins().atomic_load(ty, NIL_FAULT, p));
        }
        let x = self.one(args[1]);
        let ty = self.b.func.dfg.value_type(x);
        Some(match which {
            I::AtomicCas => {
                let new = self.one(args[2]);
                let seen = self.b.ins().atomic_cas(NIL_FAULT, p, x, new);
                self.b.ins().icmp(IntCC::Equal, seen, x)
            }
            I::AtomicSwap => self.b.ins().atomic_rmw(ty, NIL_FAULT, AtomicRmwOp::Xchg, p, x),
            I::AtomicAdd => {
                let old = self.b.ins().atomic_rmw(ty, NIL_FAULT, AtomicRmwOp::Add, p, x);
                self.b.ins().iadd(old, x)
            }
            I::AtomicAnd => self.b.ins().atomic_rmw(ty, NIL_FAULT, AtomicRmwOp::And, p, x),
            I::AtomicOr => self.b.ins().atomic_rmw(ty, NIL_FAULT, AtomicRmwOp::Or, p, x),
            _ => ice!("intrinsic {which:?}"),
        })
    }

    /// A store of the operand keeps it in a register or in the frame up to here.
    fn keep_alive(&mut self, v: ValueId) {
        let Repr::Flat(scalars) = self.val(v) else { return };
        let block = self.b.ins().get_pinned_reg(types::I64);
        for s in scalars {
            self.b.ins().store(OWN, s, block, offset_of!(IsolateBlock, kept) as i32);
        }
    }
}
