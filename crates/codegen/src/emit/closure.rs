//! Func values with captures.

use super::Emit;
use super::defer::DEFER_MASK;
use super::memory::record_layout;
use super::value::{Addr, GO, OWN};
use crate::object::LinkSymbol;
use cranelift_codegen::ir::Value;
use itab_abi::value::CAPTURES;
use itab_ir::func::ValueId;
use itab_ir::op::{DEFER_RECORD, Op, Storage};
use itab_ir::program::FuncId;
use itab_ir::ty::TyId;

impl Emit<'_> {
    /// `Op::MakeClosure`: a record of the code's address and the captures.
    pub fn make_closure(&mut self, f: FuncId, captures: &[ValueId], place: Storage, result: Option<ValueId>) -> Value {
        if captures.is_empty() {
            return self.symbol(LinkSymbol::FuncVal(f));
        }
        let tys: Vec<TyId> = captures.iter().map(|&c| self.ty(c)).collect();
        let (offsets, bytes) = record_layout(self, &tys);
        let size = CAPTURES as u64 + bytes;
        let at = match self.place(place, size) {
            Some(at) => at,
            None => {
                let before = if result.is_some_and(|v| self.is_deferred_once(v)) { DEFER_RECORD } else { 0 };
                let mut mask = if before > 0 { DEFER_MASK } else { 0 };
                for (&t, &o) in tys.iter().zip(&offsets) {
                    self.types.for_each_pointer(t, before + CAPTURES as u64 + o, &mut |at| {
                        // Beyond the mask's reach it only tells that there are pointers.
                        mask |= 1 << (at / 8).min(63);
                    });
                }
                Addr::ptr(self.new_record(before + size, mask)).plus(before)
            }
        };
        let code = self.code_address(f);
        self.store_scalar(code, at, GO);
        for ((&c, &t), &o) in captures.iter().zip(&tys).zip(&offsets) {
            let v = self.val(c);
            self.store_value(t, &v, at.plus(CAPTURES as u64 + o), GO);
        }
        self.addr_value(at)
    }

    /// Whether a value is a closure on the heap that is made to be deferred, and nothing else: the record of that lies
    /// before it in the same object.
    pub fn is_deferred_once(&self, v: ValueId) -> bool {
        let Some((b, _)) = self.uses.def(v) else { return false };
        let deferred = |op: &Op| matches!(op, Op::Defer { func, place: Storage::Heap, .. } if *func == v);
        self.uses.count(v) == 1
            && matches!(self.def(v), Some(Op::MakeClosure(_, captures, Storage::Heap)) if !captures.is_empty())
            && self.func.blocks[b as usize].insts.iter().any(|i| deferred(&i.op))
    }

    /// Where a function's code is: in the batch, or what its slot holds now.
    pub fn code_address(&mut self, f: FuncId) -> Value {
        if self.same_batch(f) {
            return self.symbol(LinkSymbol::Func(f));
        }
        let slot = self.symbol(LinkSymbol::Slot(f));
        self.load64(slot, 0, OWN)
    }
}
