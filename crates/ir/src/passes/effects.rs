//! The effects of operations: which may be removed, and which may read or write memory.

use crate::func::{Func, ValueId};
use crate::op::{Const, Conv, Intrinsic, Op, Storage};
use crate::program::Program;
use crate::ty::{Ty, TyId, TypeTable};

use super::rewrite::Defs;

/// What an operation does to memory that Go code can see, locals and frames of its own excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Memory {
    /// Nothing; the result depends on operands alone.
    None,
    /// Makes new memory.
    New,
    /// Reads.
    Read,
    /// Writes, but only through its first operand and without running other code.
    Write,
    /// Anything: it may run other code.
    All,
}

/// Effect of an operation on memory.
pub(crate) fn memory(op: &Op) -> Memory {
    match op {
        Op::Const(_)
        | Op::GlobalAddr(_)
        | Op::FuncVal(_)
        | Op::TypeDesc(_)
        | Op::ItabDesc(..)
        | Op::Capture(_)
        | Op::Receiver
        | Op::LocalGet(_)
        | Op::LocalSet(..)
        | Op::FieldAddr(..)
        | Op::ElemAddr { .. }
        | Op::NilCheck(_)
        | Op::BoundsCheck { .. }
        | Op::DivCheck(_)
        | Op::ShiftCheck(_)
        | Op::WrapCheck(..)
        | Op::DeferPop(_)
        | Op::DeferUnlink(_)
        | Op::Aggregate(_)
        | Op::Extract(..)
        | Op::MakeSliceHeader(..)
        | Op::MakeStringHeader(..)
        | Op::DataPtr(_)
        | Op::Len(_)
        | Op::Cap(_)
        | Op::MakeComplex(..)
        | Op::Real(_)
        | Op::Imag(_)
        | Op::Binary(..)
        | Op::Unary(..)
        | Op::IsNil(_)
        | Op::Slice { .. }
        | Op::IfaceType(_)
        | Op::IfaceData(_)
        | Op::IfaceTab(_)
        | Op::MakeIfaceRaw(..)
        | Op::ChangeIface(_)
        | Op::TypeAssert(_)
        | Op::TypeAssertOk(_)
        | Op::Unbox(_) => Memory::None,
        Op::Alloc(..) | Op::MakeIface(..) | Op::MakeClosure(..) | Op::MakeSlice(..) | Op::MakeChan(_) => Memory::New,
        Op::Convert(c, _) => match c {
            Conv::Numeric | Conv::Same | Conv::SliceToArrayPtr | Conv::BytesAsString | Conv::StringAsBytes => {
                Memory::None
            }
            Conv::IntToString(_) | Conv::StringToBytes(_) | Conv::StringToRunes(_) => Memory::New,
            Conv::BytesToString(_) | Conv::RunesToString(_) => Memory::Read,
        },
        // A string's bytes do not change.
        Op::Concat(..) | Op::DecodeRune(..) | Op::Compare(..) => Memory::New,
        Op::Load(_)
        | Op::LoadBytes { .. }
        | Op::Equal(..)
        | Op::EqualIface { .. }
        | Op::ChanLen(_)
        | Op::ChanCap(_)
        | Op::Print { .. } => Memory::Read,
        Op::Store { .. }
        | Op::StoreBytes { .. }
        | Op::Copy { .. }
        | Op::Clear(..)
        | Op::Append(..)
        | Op::AppendSlice(..)
        | Op::AppendZeros(..)
        | Op::CopySlice(..)
        | Op::ClearSlice(_) => Memory::Write,
        Op::Intrinsic(i, _) => intrinsic_memory(*i),
        Op::Call(..)
        | Op::Go(_)
        | Op::DeferFrame(_)
        | Op::Defer { .. }
        | Op::DeferReturn(_)
        | Op::Recover(_)
        | Op::Send(..)
        | Op::Recv(_)
        | Op::RecvOk(_)
        | Op::CloseChan(_)
        | Op::Select { .. }
        | Op::Preempt => Memory::All,
    }
}

/// The same of an intrinsic.
pub(crate) fn intrinsic_memory(i: Intrinsic) -> Memory {
    match i {
        Intrinsic::AtomicLoad
        | Intrinsic::AtomicStore
        | Intrinsic::AtomicSwap
        | Intrinsic::AtomicCas
        | Intrinsic::AtomicAdd
        | Intrinsic::AtomicAnd
        | Intrinsic::AtomicOr
        | Intrinsic::KeepAlive
        // It reads what a number is the address of.
        | Intrinsic::MatchBytes => Memory::All,
        Intrinsic::Sqrt
        | Intrinsic::Floor
        | Intrinsic::Ceil
        | Intrinsic::Trunc
        | Intrinsic::RoundToEven
        | Intrinsic::Abs
        | Intrinsic::Copysign
        | Intrinsic::Fma
        | Intrinsic::Bitcast
        | Intrinsic::LeadingZeros
        | Intrinsic::TrailingZeros
        | Intrinsic::OnesCount
        | Intrinsic::ReverseBytes
        | Intrinsic::RotateLeft
        | Intrinsic::Mul64
        | Intrinsic::Add64
        | Intrinsic::Sub64
        | Intrinsic::CallerPc
        | Intrinsic::CallerSp
        | Intrinsic::ClosurePtr
        // A func value's code never changes.
        | Intrinsic::FuncPc
        | Intrinsic::PointerFrom
        | Intrinsic::FloatMin
        | Intrinsic::FloatMax => Memory::None,
    }
}

/// Whether an operation whose result nobody uses can go.
pub(crate) fn is_removable(program: &Program, func: &Func, defs: &Defs, op: &Op) -> bool {
    match op {
        Op::LocalSet(..)
        | Op::Store { .. }
        | Op::StoreBytes { .. }
        | Op::Copy { .. }
        | Op::Clear(..)
        | Op::NilCheck(_)
        | Op::BoundsCheck { .. }
        | Op::DivCheck(_)
        | Op::ShiftCheck(_)
        | Op::WrapCheck(..)
        | Op::DeferPop(_)
        | Op::DeferUnlink(_)
        | Op::Slice { .. }
        | Op::Append(..)
        | Op::AppendSlice(..)
        | Op::AppendZeros(..)
        | Op::CopySlice(..)
        | Op::ClearSlice(_)
        | Op::TypeAssert(_)
        | Op::MakeChan(_)
        | Op::Print { .. }
        | Op::Call(..)
        | Op::Go(_)
        | Op::DeferFrame(_)
        | Op::Defer { .. }
        | Op::DeferReturn(_)
        | Op::Recover(_)
        | Op::Send(..)
        | Op::Recv(_)
        | Op::RecvOk(_)
        | Op::CloseChan(_)
        | Op::Select { .. }
        | Op::Preempt => false,
        Op::Convert(c, _) => *c != Conv::SliceToArrayPtr,
        Op::MakeSlice(len, cap, place) => {
            let n = |v: &ValueId| defs.int(func, *v);
            *place != Storage::Heap && matches!((n(len), n(cap)), (Some(l), Some(c)) if 0 <= l && l <= c)
        }
        Op::Equal(x, _) => !may_panic_comparing(&program.types, func.ty(*x)),
        Op::EqualIface { value, .. } => !may_panic_comparing(&program.types, func.ty(*value)),
        Op::Intrinsic(..) => memory(op) < Memory::All,
        Op::Const(_)
        | Op::GlobalAddr(_)
        | Op::FuncVal(_)
        | Op::TypeDesc(_)
        | Op::ItabDesc(..)
        | Op::LocalGet(_)
        | Op::Capture(_)
        | Op::Receiver
        | Op::Alloc(..)
        | Op::Load(_)
        | Op::LoadBytes { .. }
        | Op::FieldAddr(..)
        | Op::ElemAddr { .. }
        | Op::Aggregate(_)
        | Op::Extract(..)
        | Op::MakeSliceHeader(..)
        | Op::MakeStringHeader(..)
        | Op::DataPtr(_)
        | Op::Len(_)
        | Op::Cap(_)
        | Op::MakeComplex(..)
        | Op::Real(_)
        | Op::Imag(_)
        | Op::Binary(..)
        | Op::Unary(..)
        | Op::Compare(..)
        | Op::IsNil(_)
        | Op::Concat(..)
        | Op::DecodeRune(..)
        | Op::MakeIface(..)
        | Op::ChangeIface(_)
        | Op::TypeAssertOk(_)
        | Op::Unbox(_)
        | Op::IfaceType(_)
        | Op::IfaceData(_)
        | Op::IfaceTab(_)
        | Op::MakeIfaceRaw(..)
        | Op::MakeClosure(..)
        | Op::ChanLen(_)
        | Op::ChanCap(_) => true,
    }
}

/// Whether comparing values of a type may meet an interface that holds something incomparable.
fn may_panic_comparing(types: &TypeTable, ty: TyId) -> bool {
    match types.under(ty) {
        Ty::Interface(_) => true,
        Ty::Struct(fields) => fields.iter().any(|f| may_panic_comparing(types, f.ty)),
        Ty::Array(e, _) => may_panic_comparing(types, *e),
        _ => false,
    }
}

/// Whether a value is certainly not nil, or an address that is not. `def` finds the operation that gives a value.
pub(crate) fn is_non_nil<'f>(def: &dyn Fn(ValueId) -> Option<&'f Op>, v: ValueId) -> bool {
    let Some(op) = def(v) else { return false };
    match op {
        Op::Alloc(..)
        | Op::GlobalAddr(_)
        | Op::FuncVal(_)
        | Op::TypeDesc(_)
        | Op::ItabDesc(..)
        | Op::MakeClosure(..)
        | Op::MakeIface(..)
        | Op::DeferFrame(_)
        | Op::MakeChan(_)
        // Addresses are made behind a check; what `unsafe.Add` gives is not nil, as for gc.
        | Op::FieldAddr(..)
        | Op::ElemAddr { .. } => true,
        Op::Convert(Conv::Same, x) | Op::MakeSliceHeader(x, ..) | Op::MakeIfaceRaw(x, _) => is_non_nil(def, *x),
        Op::Const(Const::Int(i)) => *i != 0,
        _ => false,
    }
}
