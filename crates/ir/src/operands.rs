//! The operands of operations and terminators, and the blocks they go to: walks that read or change them.
//!
//! Each walk is written once, as a macro over `&` and `&mut`, so a new operation is listed in one place.

use crate::func::{BlockId, ValueId};
use crate::op::{Callee, Op, Term};

macro_rules! operand_walks {
    ($op:ident, $callee:ident, $term:ident $(, $mut:tt)?) => {
        fn $op(op: &$($mut)? Op, f: &mut dyn FnMut(&$($mut)? ValueId)) {
            match op {
                Op::Const(_)
                | Op::GlobalAddr(_)
                | Op::FuncVal(_)
                | Op::TypeDesc(_)
                | Op::ItabDesc(..)
                | Op::LocalGet(_)
                | Op::Capture(_)
                | Op::Receiver
                | Op::Alloc(..)
                | Op::DeferFrame(_)
                | Op::Preempt => {}
                Op::LocalSet(_, v)
                | Op::Load(v)
                | Op::LoadBytes { ptr: v, .. }
                | Op::Clear(v, _)
                | Op::FieldAddr(v, _)
                | Op::NilCheck(v)
                | Op::DivCheck(v)
                | Op::ShiftCheck(v)
                | Op::WrapCheck(v, _)
                | Op::Extract(v, _)
                | Op::DataPtr(v)
                | Op::Len(v)
                | Op::Cap(v)
                | Op::Real(v)
                | Op::Imag(v)
                | Op::Unary(_, v)
                | Op::IsNil(v)
                | Op::Convert(_, v)
                | Op::ClearSlice(v)
                | Op::MakeIface(v, _)
                | Op::ChangeIface(v)
                | Op::TypeAssert(v)
                | Op::TypeAssertOk(v)
                | Op::Unbox(v)
                | Op::IfaceType(v)
                | Op::IfaceData(v)
                | Op::IfaceTab(v)
                | Op::Go(v)
                | Op::DeferReturn(v)
                | Op::DeferPop(v)
                | Op::DeferUnlink(v)
                | Op::MakeChan(v)
                | Op::Recv(v)
                | Op::RecvOk(v)
                | Op::CloseChan(v)
                | Op::ChanLen(v)
                | Op::ChanCap(v) => f(v),
                Op::Store { ptr: x, val: y }
                | Op::StoreBytes { ptr: x, val: y, .. }
                | Op::Copy { dst: x, src: y, .. }
                | Op::ElemAddr { base: x, index: y, .. }
                | Op::BoundsCheck { index: x, len: y }
                | Op::MakeStringHeader(x, y)
                | Op::MakeComplex(x, y)
                | Op::Binary(_, x, y)
                | Op::Compare(_, x, y)
                | Op::Equal(x, y)
                | Op::EqualIface { iface: x, value: y }
                | Op::MakeSlice(x, y, _)
                | Op::AppendSlice(x, y)
                | Op::AppendZeros(x, y)
                | Op::CopySlice(x, y)
                | Op::DecodeRune(x, y)
                | Op::MakeIfaceRaw(x, y)
                | Op::Defer { frame: x, func: y, .. }
                | Op::Send(x, y) => {
                    f(x);
                    f(y);
                }
                Op::MakeSliceHeader(x, y, z) => [x, y, z].into_iter().for_each(f),
                Op::Slice { x, lo, hi, max, .. } => {
                    f(x);
                    [lo, hi, max].into_iter().flatten().for_each(f);
                }
                Op::Append(s, vs, _) => {
                    f(s);
                    vs.into_iter().for_each(f);
                }
                Op::Aggregate(vs) | Op::Intrinsic(_, vs) | Op::Concat(vs, _) | Op::MakeClosure(_, vs, _) => {
                    vs.into_iter().for_each(f)
                }
                Op::Print { args, .. } => args.into_iter().for_each(f),
                Op::Call(c, args) => {
                    $callee(c, f);
                    args.into_iter().for_each(f);
                }
                Op::Recover(frame) => frame.into_iter().for_each(f),
                Op::Select { cases, .. } => cases.into_iter().for_each(|c| {
                    f(&$($mut)? c.chan);
                    (&$($mut)? c.send).into_iter().for_each(&mut *f);
                }),
            }
        }

        fn $callee(c: &$($mut)? Callee, f: &mut dyn FnMut(&$($mut)? ValueId)) {
            match c {
                Callee::Static(_) => {}
                Callee::Closure(v) | Callee::Interface { iface: v, .. } => f(v),
            }
        }

        fn $term(term: &$($mut)? Term, f: &mut dyn FnMut(&$($mut)? ValueId)) {
            match term {
                Term::Jump(_, args) | Term::Return(args) => args.into_iter().for_each(f),
                Term::If { cond, then, els } => {
                    f(cond);
                    (&$($mut)? then.1).into_iter().chain(&$($mut)? els.1).for_each(f);
                }
                Term::Switch { value, .. } => f(value),
                Term::TypeSwitch { x, .. } => f(x),
                Term::TailCall(c, args) => {
                    $callee(c, f);
                    args.into_iter().for_each(f);
                }
                Term::TryCall { frame, args, .. } => {
                    f(frame);
                    args.into_iter().for_each(f);
                }
                Term::Try { frame, kept, .. } => {
                    f(frame);
                    kept.into_iter().for_each(|k| f(&$($mut)? k.0));
                }
                Term::Panic(v) => f(v),
                Term::Unreachable => {}
            }
        }
    };
}

operand_walks!(walk_op, walk_callee, walk_term);
operand_walks!(walk_op_mut, walk_callee_mut, walk_term_mut, mut);

/// Calls `f` with every operand of an operation.
pub fn operands(op: &Op, f: &mut dyn FnMut(ValueId)) {
    walk_op(op, &mut |v| f(*v));
}

/// Calls `f` with every operand of a terminator.
pub fn term_operands(term: &Term, f: &mut dyn FnMut(ValueId)) {
    walk_term(term, &mut |v| f(*v));
}

/// Calls `f` with every operand of an operation, to replace it.
pub(crate) fn operands_mut(op: &mut Op, f: &mut dyn FnMut(&mut ValueId)) {
    walk_op_mut(op, f);
}

/// Whether a value is an operand.
pub(crate) fn mentions(op: &Op, value: ValueId) -> bool {
    let mut found = false;
    operands(op, &mut |v| found |= v == value);
    found
}

/// Whether a value is an operand of a terminator.
pub(crate) fn term_mentions(term: &Term, value: ValueId) -> bool {
    let mut found = false;
    term_operands(term, &mut |v| found |= v == value);
    found
}

/// Calls `f` with every operand of a terminator, to replace it.
pub(crate) fn term_operands_mut(term: &mut Term, f: &mut dyn FnMut(&mut ValueId)) {
    walk_term_mut(term, f);
}

/// Calls `f` with every target of a terminator.
pub(crate) fn targets_mut(term: &mut Term, f: &mut dyn FnMut(&mut BlockId)) {
    match term {
        Term::Jump(b, _) => f(b),
        Term::If { then, els, .. } => {
            f(&mut then.0);
            f(&mut els.0);
        }
        Term::Switch { cases, default, .. } => {
            cases.iter_mut().for_each(|c| f(&mut c.1));
            f(default);
        }
        Term::TypeSwitch { cases, default, .. } => {
            cases.iter_mut().for_each(|c| f(&mut c.target));
            f(default);
        }
        Term::TryCall { normal, recovered, .. } => {
            f(normal);
            f(recovered);
        }
        Term::Try { body, recovered, .. } => {
            f(body);
            f(recovered);
        }
        Term::Return(_) | Term::TailCall(..) | Term::Panic(_) | Term::Unreachable => {}
    }
}
