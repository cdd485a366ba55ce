//! Keys of operations that depend on their operands alone: equal keys mean equal values.

use super::effects::{Memory, memory};
use crate::op::{Const, Conv, Intrinsic, Op};
use crate::operands::operands;
use crate::ty::TyId;
use smallvec::SmallVec;
use std::sync::Arc;

/// A key: what kind of operation, the type of its result, its operands and whatever else tells it from others.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Key {
    kind: std::mem::Discriminant<Op>,
    ty: TyId,
    words: SmallVec<[u64; 4]>,
    text: Option<Arc<[u8]>>,
}

/// The key of an operation; none when it may give another value the next time.
pub(crate) fn key(op: &Op, ty: TyId) -> Option<Key> {
    if memory(op) != Memory::None || !is_value(op) {
        return None;
    }
    let mut words = SmallVec::new();
    let mut text = None;
    match op {
        Op::Const(c) => {
            let (tag, x, y) = match c {
                Const::Zero => (0, 0, 0),
                Const::Bool(b) => (1, u64::from(*b), 0),
                Const::Int(i) => (2, *i as u64, 0),
                Const::Float(f) => (3, f.to_bits(), 0),
                Const::Complex(re, im) => (4, re.to_bits(), im.to_bits()),
                Const::Str(s) => {
                    text = Some(s.clone());
                    (5, 0, 0)
                }
            };
            words.extend([tag, x, y]);
        }
        Op::GlobalAddr(g) => words.push(u64::from(g.0)),
        Op::FuncVal(f) => words.push(u64::from(f.0)),
        Op::TypeDesc(t) => words.push(u64::from(t.0)),
        Op::ItabDesc(i, t) => words.extend([u64::from(i.0), u64::from(t.0)]),
        Op::Capture(i) => words.push(u64::from(*i)),
        Op::FieldAddr(_, i) | Op::Extract(_, i) => words.push(u64::from(*i)),
        Op::ElemAddr { elem, .. } => words.push(u64::from(elem.0)),
        Op::Binary(b, ..) => words.push(*b as u64),
        Op::Unary(u, _) => words.push(*u as u64),
        Op::Compare(c, ..) => words.push(*c as u64),
        Op::Convert(c, _) => words.push(match c {
            Conv::Numeric => 0,
            Conv::BytesAsString => 1,
            Conv::StringAsBytes => 2,
            _ => 3,
        }),
        Op::Intrinsic(i, _) => words.push(*i as u64),
        _ => {}
    }
    operands(op, &mut |v| words.push(u64::from(v.0)));
    Some(Key { kind: std::mem::discriminant(op), ty, words, text })
}

/// Whether it is an operation whose result is a plain value of its operands.
fn is_value(op: &Op) -> bool {
    match op {
        Op::LocalGet(_) | Op::LocalSet(..) | Op::DeferPop(_) | Op::DeferUnlink(_) => false,
        // They panic, which `checks` looks after.
        Op::Slice { .. } | Op::TypeAssert(_) | Op::Convert(Conv::SliceToArrayPtr, _) => false,
        Op::Intrinsic(i, _) => !matches!(i, Intrinsic::CallerPc | Intrinsic::CallerSp | Intrinsic::MatchBytes),
        _ => true,
    }
}
