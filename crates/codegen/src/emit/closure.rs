//! Func values with captures, and frames of deferred calls.

use super::Emit;
use super::memory::record_layout;
use super::value::{Addr, GO, OWN};
use crate::object::Target;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use itab_abi::block::IsolateBlock;
use itab_abi::defer::DeferFrame;
use itab_abi::value::CAPTURES;
use itab_ir::func::ValueId;
use itab_ir::op::Place;
use itab_ir::program::FuncId;
use itab_ir::ty::TyId;
use std::mem::offset_of;

impl Emit<'_> {
    /// `Op::MakeClosure`: a record of the code's address and the captures.
    pub fn make_closure(&mut self, f: FuncId, captures: &[ValueId], place: Place) -> Value {
        if captures.is_empty() {
            return self.symbol(Target::FuncVal(f));
        }
        let tys: Vec<TyId> = captures.iter().map(|&c| self.ty(c)).collect();
        let (offsets, bytes) = record_layout(self, &tys);
        let size = CAPTURES as u64 + bytes;
        let at = if place == Place::Stack && self.fits_frame(size) {
            Addr::slot(self.new_slot(size))
        } else {
            let mut mask = 0u64;
            for (&t, &o) in tys.iter().zip(&offsets) {
                self.types.for_each_pointer(t, CAPTURES as u64 + o, &mut |at| {
                    if at >= 8 * 64 {
                        ice!("{}: captures of {size} bytes", self.decl.name);
                    }
                    mask |= 1 << (at / 8);
                });
            }
            Addr::ptr(self.new_record(size, mask))
        };
        let code = self.code_address(f);
        self.store_scalar(code, at, GO);
        for ((&c, &t), &o) in captures.iter().zip(&tys).zip(&offsets) {
            let v = self.val(c);
            self.store_value(t, &v, at.plus(CAPTURES as u64 + o), GO);
        }
        self.addr_value(at)
    }

    /// Where a function's code is: in the batch, or what its slot holds now.
    pub fn code_address(&mut self, f: FuncId) -> Value {
        if self.same_batch(f) {
            return self.symbol(Target::Func(f));
        }
        let slot = self.symbol(Target::Slot(f));
        self.load64(slot, 0, OWN)
    }

    /// `Op::DeferFrame`: links a new frame to the goroutine.
    pub fn defer_frame(&mut self) -> Value {
        let frame = Addr::slot(self.new_slot(size_of::<DeferFrame>() as u64));
        let field = |o: usize| frame.plus(o as u64);
        let outer = self.own_load(offset_of!(IsolateBlock, defer));
        self.store_scalar(outer, field(offset_of!(DeferFrame, prev)), OWN);
        let zero = self.i64(0);
        self.store_scalar(zero, field(offset_of!(DeferFrame, records)), OWN);
        self.store_scalar(zero, field(offset_of!(DeferFrame, handler)), OWN);
        let sp = self.b.ins().get_stack_pointer(types::I64);
        self.store_scalar(sp, field(offset_of!(DeferFrame, sp)), OWN);
        let fp = self.b.ins().get_frame_pointer(types::I64);
        self.store_scalar(fp, field(offset_of!(DeferFrame, fp)), OWN);
        let frame = self.addr_value(frame);
        let block = self.b.ins().get_pinned_reg(types::I64);
        self.b.ins().store(OWN, frame, block, offset_of!(IsolateBlock, defer) as i32);
        frame
    }
}
