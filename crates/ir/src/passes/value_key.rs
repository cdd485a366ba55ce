//! Keys of operations that depend on their operands alone: equal keys mean equal values.

use super::effects::{Memory, memory};
use crate::op::{Const, Conv, Intrinsic, Op};
use crate::operands::operands;
use crate::ty::TyId;
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;

/// A key: what kind of operation, the type of its result, its operands and whatever else tells it from others.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Key {
    kind: std::mem::Discriminant<Op>,
    ty: TyId,
    words: Words,
    text: Option<Arc<[u8]>>,
}

/// The key of an operation; none when it may give another value the next time.
pub(crate) fn key(op: &Op, ty: TyId) -> Option<Key> {
    if memory(op) != Memory::None {
        return None;
    }
    let mut text = None;
    let mut words = attributes(op, &mut text)?;
    operands(op, &mut |v| words.push(u64::from(v.0)));
    Some(Key { kind: std::mem::discriminant(op), ty, words, text })
}

type Words = SmallVec<[u64; 4]>;

/// What tells an operation from others of its kind, besides its operands and its type; none when its result is no plain
/// value of them.
fn attributes(op: &Op, text: &mut Option<Arc<[u8]>>) -> Option<Words> {
    Some(match op {
        Op::Const(c) => constant(c, text),
        Op::GlobalAddr(g) => smallvec![u64::from(g.0)],
        Op::FuncVal(f) => smallvec![u64::from(f.0)],
        Op::TypeDesc(t) => smallvec![u64::from(t.0)],
        Op::ItabDesc(i, t) => smallvec![u64::from(i.0), u64::from(t.0)],
        Op::Capture(i) | Op::FieldAddr(_, i) | Op::Extract(_, i) => smallvec![u64::from(*i)],
        Op::ElemAddr { elem, .. } => smallvec![u64::from(elem.0)],
        Op::Binary(b, ..) => smallvec![*b as u64],
        Op::Unary(u, _) => smallvec![*u as u64],
        Op::Convert(c, _) => smallvec![match c {
            Conv::Numeric => 0,
            Conv::BytesAsString => 1,
            Conv::StringAsBytes => 2,
            Conv::Same => 3,
            // It panics, which `checks` looks after.
            Conv::SliceToArrayPtr => return None,
            Conv::IntToString(_)
            | Conv::BytesToString(_)
            | Conv::RunesToString(_)
            | Conv::StringToBytes(_)
            | Conv::StringToRunes(_) => return None,
        }],
        Op::Intrinsic(Intrinsic::CallerPc | Intrinsic::CallerSp, _) => return None,
        Op::Intrinsic(i, _) => smallvec![*i as u64],
        Op::Receiver
        | Op::Aggregate(_)
        | Op::MakeSliceHeader(..)
        | Op::MakeStringHeader(..)
        | Op::DataPtr(_)
        | Op::Len(_)
        | Op::Cap(_)
        | Op::MakeComplex(..)
        | Op::Real(_)
        | Op::Imag(_)
        | Op::IsNil(_)
        | Op::IfaceType(_)
        | Op::IfaceData(_)
        | Op::IfaceTab(_)
        | Op::MakeIfaceRaw(..)
        | Op::ChangeIface(_)
        | Op::TypeAssertOk(_)
        | Op::Unbox(_) => smallvec![],
        // They panic.
        Op::Slice { .. } | Op::TypeAssert(_) => return None,
        // No values, or others the next time.
        Op::LocalGet(_)
        | Op::LocalSet(..)
        | Op::NilCheck(_)
        | Op::BoundsCheck { .. }
        | Op::DivCheck(_)
        | Op::ShiftCheck(_)
        | Op::WrapCheck(..)
        | Op::Alloc(..)
        | Op::Load(_)
        | Op::Store { .. }
        | Op::LoadBytes { .. }
        | Op::StoreBytes { .. }
        | Op::Copy { .. }
        | Op::Clear(..)
        | Op::Compare(..)
        | Op::Equal(..)
        | Op::EqualIface { .. }
        | Op::Concat(..)
        | Op::MakeSlice(..)
        | Op::Append(..)
        | Op::AppendSlice(..)
        | Op::AppendZeros(..)
        | Op::CopySlice(..)
        | Op::ClearSlice(_)
        | Op::DecodeRune(..)
        | Op::MakeIface(..)
        | Op::Call(..)
        | Op::MakeClosure(..)
        | Op::Go(_)
        | Op::DeferFrame(_)
        | Op::Defer { .. }
        | Op::DeferReturn(_)
        | Op::DeferPop(_)
        | Op::DeferUnlink(_)
        | Op::Recover(_)
        | Op::MakeChan(_)
        | Op::Send(..)
        | Op::Recv(_)
        | Op::RecvOk(_)
        | Op::CloseChan(_)
        | Op::ChanLen(_)
        | Op::ChanCap(_)
        | Op::Select { .. }
        | Op::Print { .. }
        | Op::Preempt => return None,
    })
}

fn constant(c: &Const, text: &mut Option<Arc<[u8]>>) -> Words {
    let (tag, x, y) = match c {
        Const::Zero => (0, 0, 0),
        Const::Bool(b) => (1, u64::from(*b), 0),
        Const::Int(i) => (2, *i as u64, 0),
        Const::Float(f) => (3, f.to_bits(), 0),
        Const::Complex(re, im) => (4, re.to_bits(), im.to_bits()),
        Const::Str(s) => {
            *text = Some(s.clone());
            (5, 0, 0)
        }
    };
    smallvec![tag, x, y]
}
