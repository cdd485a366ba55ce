//! The instructions, one by one.

use super::value::{Repr, Scalars};
use super::{Emit, slow};
use crate::object::LinkSymbol;
use cranelift_codegen::ir::{InstBuilder, Value};
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::RuntimeFn;
use itab_ir::func::ValueId;
use itab_ir::op::{Conv, Op};
use smallvec::smallvec;
use std::mem::offset_of;

fn flat(v: Value) -> Option<Repr> {
    Some(Repr::Flat(smallvec![v]))
}

fn flat2(a: Value, b: Value) -> Option<Repr> {
    Some(Repr::Flat(smallvec![a, b]))
}

impl Emit<'_> {
    /// Translates an instruction; gives its result, if it has one.
    pub fn inst(&mut self, op: &Op, result: Option<ValueId>) -> Option<Repr> {
        let ty = || match result {
            Some(v) => self.func.ty(v),
            None => ice!("{op:?} needs a result"),
        };
        match op {
            Op::Const(c) => {
                let ty = ty();
                Some(self.constant(ty, c))
            }
            Op::GlobalAddr(g) => {
                let offset = self.symbol(LinkSymbol::Global(*g));
                let block = self.b.ins().get_pinned_reg(cranelift_codegen::ir::types::I64);
                flat(self.b.ins().iadd(block, offset))
            }
            Op::FuncVal(f) => flat(self.symbol(LinkSymbol::FuncVal(*f))),
            Op::TypeDesc(t) => flat(self.type_desc(*t)),
            Op::ItabDesc(i, t) => flat(self.symbol(LinkSymbol::Itab(*i, *t))),

            Op::LocalGet(l) => Some(self.local_get(*l)),
            Op::LocalSet(l, v) => self.local_set(*l, *v),
            Op::Capture(i) => Some(self.capture(*i)),
            Op::Receiver => flat(self.context.unwrap_or_else(|| ice!("{}: no receiver", self.decl.name))),
            Op::Alloc(t, place) => flat(self.new_variable(*t, *place)),
            Op::Load(p) => {
                let ty = ty();
                Some(self.load(ty, *p, result?))
            }
            Op::Store { ptr, val } => self.store(*ptr, *val),
            Op::LoadBytes { ptr, big } => flat(self.load_bytes(ty(), *ptr, *big)),
            Op::StoreBytes { ptr, val, big } => {
                self.store_bytes(*ptr, *val, *big);
                None
            }
            Op::Copy { dst, src, ty } => self.copy(*dst, *src, *ty),
            Op::Clear(p, t) => self.clear(*p, *t),
            Op::FieldAddr(p, i) => flat(self.field_addr(*p, *i)),
            Op::ElemAddr { base, index, elem } => flat(self.elem_addr(*base, *index, *elem)),

            Op::NilCheck(p) => {
                self.nil_check(*p);
                None
            }
            Op::BoundsCheck { index, len } => {
                self.bounds_check(*index, *len);
                None
            }
            Op::DivCheck(v) => {
                self.div_check(*v);
                None
            }
            Op::ShiftCheck(v) => {
                self.shift_check(*v);
                None
            }
            Op::WrapCheck(v, text) => {
                self.wrap_check(*v, text);
                None
            }

            Op::Aggregate(parts) => {
                let ty = ty();
                let parts: Vec<Repr> = parts.iter().map(|&p| self.val(p)).collect();
                Some(match self.types.get(ty) {
                    itab_ir::ty::Ty::Tuple(_) => Repr::Tuple(parts.into()),
                    _ => self.aggregate(ty, &parts),
                })
            }
            Op::Extract(v, i) => {
                let (t, v) = (self.ty(*v), self.val(*v));
                Some(self.extract(t, &v, *i))
            }
            Op::MakeSliceHeader(p, len, cap) => {
                Some(Repr::Flat(smallvec![self.one(*p), self.one(*len), self.one(*cap)]))
            }
            Op::MakeStringHeader(p, len) => flat2(self.one(*p), self.one(*len)),
            Op::DataPtr(v) => flat(self.nth(*v, 0)),
            Op::Len(v) => flat(self.nth(*v, 1)),
            Op::Cap(v) => flat(self.nth(*v, 2)),
            Op::MakeComplex(re, im) => flat2(self.one(*re), self.one(*im)),
            Op::Real(v) => flat(self.nth(*v, 0)),
            Op::Imag(v) => flat(self.nth(*v, 1)),

            Op::Binary(o, a, b) => match self.carried(result) {
                Some(sum) => flat(sum),
                None => Some(self.binary(*o, *a, *b)),
            },
            Op::Unary(o, v) => Some(self.unary(*o, *v)),
            Op::Compare(o, a, b) => flat(self.compare(*o, *a, *b)),
            Op::Equal(a, b) => flat(self.equal(*a, *b)),
            Op::EqualIface { iface, value } => flat(self.equal_iface(*iface, *value)),
            Op::IsNil(v) => {
                let p = self.nth(*v, 0);
                flat(self.b.ins().icmp_imm_u(cranelift_codegen::ir::condcodes::IntCC::Equal, p, 0))
            }
            Op::Convert(Conv::Same, v) => Some(self.val(*v)),
            Op::Convert(c, v) => {
                let ty = ty();
                Some(self.convert(*c, *v, ty))
            }
            Op::Intrinsic(i, args) => self.intrinsic(*i, args, result),

            Op::Concat(parts, place) => Some(self.concat(parts, *place)),
            Op::Slice { kind, x, lo, hi, max } => Some(self.slice(*kind, *x, *lo, *hi, *max, result)),
            Op::MakeSlice(len, cap, place) => {
                let ty = ty();
                Some(self.make_slice(ty, *len, *cap, *place))
            }
            Op::Append(s, elems, _) => Some(self.append(*s, elems)),
            Op::AppendSlice(s, t) => Some(self.append_slice(*s, *t)),
            Op::AppendZeros(s, n) => Some(self.append_zeros(*s, *n)),
            Op::CopySlice(d, s) => flat(self.copy_slice(*d, *s)),
            Op::ClearSlice(s) => self.clear_slice(*s),
            Op::DecodeRune(s, i) => Some(self.decode_rune(*s, *i)),

            Op::MakeIface(v, place) => {
                let ty = ty();
                Some(self.make_iface(ty, *v, *place))
            }
            Op::ChangeIface(v) => {
                let ty = ty();
                Some(self.change_iface(ty, *v))
            }
            Op::TypeAssert(v) => {
                let ty = ty();
                Some(self.type_assert(ty, *v))
            }
            Op::TypeAssertOk(v) => {
                let ty = ty();
                Some(self.type_assert_ok(ty, *v))
            }
            Op::Unbox(v) => {
                let (ty, data) = (ty(), self.nth(*v, 1));
                Some(self.unbox(ty, data))
            }
            Op::IfaceType(v) => flat(self.iface_type(*v)),
            Op::IfaceData(v) => flat(self.nth(*v, 1)),
            Op::IfaceTab(v) => flat(self.nth(*v, 0)),
            Op::MakeIfaceRaw(tab, data) => flat2(self.one(*tab), self.one(*data)),

            Op::Call(callee, args) => {
                let r = self.call(callee, args);
                result.is_some().then_some(r)
            }
            Op::MakeClosure(f, captures, place) => flat(self.make_closure(*f, captures, *place, result)),
            Op::Go(f) => self.call_runtime(RuntimeFn::newproc, &[*f]),
            Op::DeferFrame(room) => flat(self.defer_frame(*room)),
            Op::Defer { frame, func, place } => self.defer(*frame, *func, *place),
            Op::DeferReturn(frame) => self.defer_return(*frame),
            Op::DeferPop(frame) => self.defer_pop(*frame),
            Op::DeferUnlink(frame) => self.defer_unlink(*frame),
            Op::Recover(_) => Some(self.recover()),

            Op::MakeChan(size) => {
                let ty = ty();
                flat(self.make_chan(ty, *size))
            }
            Op::Send(c, v) => self.send(*c, *v),
            Op::Recv(c) => {
                let ty = ty();
                Some(self.recv(ty, *c))
            }
            Op::RecvOk(c) => Some(self.recv_ok(*c)),
            Op::CloseChan(c) => self.call_runtime(RuntimeFn::closechan, &[*c]),
            Op::ChanLen(c) => self.call_runtime(RuntimeFn::chanlen, &[*c]),
            Op::ChanCap(c) => self.call_runtime(RuntimeFn::chancap, &[*c]),
            Op::Select { cases, blocking } => Some(self.select(cases, *blocking)),

            Op::Print { args, ln } => self.print(args, *ln),
            Op::Preempt => {
                let wanted = self.own_load(offset_of!(IsolateBlock, preempt));
                self.slow_if(wanted, slow::preempt {});
                None
            }
        }
    }

    /// An operation that is a call of the runtime with scalar operands.
    fn call_runtime(&mut self, f: RuntimeFn, args: &[ValueId]) -> Option<Repr> {
        let args: Scalars = args.iter().map(|&a| self.one(a)).collect();
        let r = self.runtime(f, &args);
        (!r.is_empty()).then(|| Repr::Flat(r.into()))
    }
}
