//! Which functions need no stack check: those that call nothing but slow paths, and have a small frame.
//!
//! They run in the headroom below the stack limit. They cannot recurse.

use super::Emit;
use itab_abi::block::MAX_CELL_SIZE;
use itab_ir::op::{Callee, Conv, Op, Storage, Term};
use itab_ir::program::FuncKind;
use itab_ir::ty::{Basic, Ty, TyId};

/// Leaf functions have frames up to this size.
const SMALL_FRAME: u64 = 512;

impl Emit<'_> {
    /// Whether the function must compare its stack pointer with the limit.
    pub fn needs_stack_check(&self) -> bool {
        let func = self.func;
        let values = func.values.iter().chain(func.locals.iter().map(|l| &l.ty));
        let values: u64 = values.map(|&t| self.frame_size(t)).sum();
        let variables = func.blocks.iter().flat_map(|b| &b.insts).map(|i| match i.op {
            Op::Alloc(ty, Storage::Stack) => self.types.size_of(ty),
            _ => 0,
        });
        values.saturating_add(variables.fold(0, u64::saturating_add)) > SMALL_FRAME
            || func.blocks.iter().any(|b| b.insts.iter().any(|i| self.may_call(&i.op)) || self.term_may_call(&b.term))
    }

    /// A wrapper that ends in a method of its own type leaves the check to that. (One that ends in an interface's method may
    /// come back to itself for ever.)
    fn term_may_call(&self, term: &Term) -> bool {
        match term {
            Term::TailCall(Callee::Static(_), _) => self.decl.kind != FuncKind::Wrapper,
            Term::TailCall(..) | Term::Try { .. } | Term::Panic(_) => true,
            _ => false,
        }
    }

    /// Bytes of the frame that a value may take.
    fn frame_size(&self, ty: TyId) -> u64 {
        match self.types.get(ty) {
            Ty::Tuple(_) => 0,
            _ if self.is_image(ty) => self.types.size_of(ty),
            _ => 0,
        }
    }

    pub fn may_call(&self, op: &Op) -> bool {
        use Op::*;
        let size = |ty| self.types.size_of(ty);
        match op {
            Const(_)
            | GlobalAddr(_)
            | FuncVal(_)
            | TypeDesc(_)
            | ItabDesc(..)
            | LocalGet(_)
            | LocalSet(..)
            | Capture(_)
            | Receiver
            | Load(_)
            | LoadBytes { .. }
            | Store { .. }
            | StoreBytes { .. }
            | FieldAddr(..)
            | ElemAddr { .. }
            | NilCheck(_)
            | BoundsCheck { .. }
            | DivCheck(_)
            | ShiftCheck(_)
            | Aggregate(_)
            | Extract(..)
            | MakeSliceHeader(..)
            | MakeStringHeader(..)
            | DataPtr(_)
            | Len(_)
            | Cap(_)
            | MakeComplex(..)
            | Real(_)
            | Imag(_)
            | Binary(..)
            | Unary(..)
            | IsNil(_)
            | Convert(Conv::Same | Conv::Numeric | Conv::SliceToArrayPtr, _)
            | Intrinsic(..)
            | Slice { .. }
            | ChangeIface(_)
            | TypeAssert(_)
            | TypeAssertOk(_)
            | Unbox(_)
            | IfaceType(_)
            | IfaceData(_)
            | IfaceTab(_)
            | MakeIfaceRaw(..)
            | Append(_, _, Storage::Heap)
            | AppendSlice(..)
            | CopySlice(..)
            | DecodeRune(..)
            | Preempt => false,
            Copy { ty, .. } | Clear(_, ty) => size(*ty) > MAX_CELL_SIZE as u64,
            Alloc(ty, _) => size(*ty) > MAX_CELL_SIZE as u64,
            MakeIface(v, _) => size(self.ty(*v)) > MAX_CELL_SIZE as u64,
            MakeClosure(_, captures, _) => {
                captures.iter().map(|&c| size(self.ty(c))).sum::<u64>() > MAX_CELL_SIZE as u64 / 2
            }
            Compare(_, v, _) => self.types.as_basic(self.ty(*v)) == Some(Basic::String),
            Equal(v, _) => !self.is_scalar_type(self.ty(*v)) || self.is_image(self.ty(*v)),
            _ => true,
        }
    }
}
