//! Func values with captures, and frames of deferred calls.

use super::memory::record_layout;
use super::value::{Addr, GO, OWN, Repr};
use super::{Emit, NIL_FAULT};
use crate::abi::{FlatSig, Word};
use crate::object::Target;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Value, types};
use itab_abi::block::IsolateBlock;
use itab_abi::defer::{DeferFrame, DeferRecord};
use itab_abi::runtime_fns::RuntimeFn;
use itab_abi::value::CAPTURES;
use itab_ir::func::ValueId;
use itab_ir::op::{DEFER_RECORD, Op, Place};
use itab_ir::program::{FuncId, FuncKind};
use itab_ir::ty::TyId;
use std::mem::offset_of;

/// Which words of a record of a deferred call are pointers.
const DEFER_MASK: u64 = 0b11;

impl Emit<'_> {
    /// `Op::MakeClosure`: a record of the code's address and the captures.
    pub fn make_closure(&mut self, f: FuncId, captures: &[ValueId], place: Place, result: Option<ValueId>) -> Value {
        if captures.is_empty() {
            return self.symbol(Target::FuncVal(f));
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
    fn is_deferred_once(&self, v: ValueId) -> bool {
        let Some((b, _)) = self.uses.def(v) else { return false };
        let deferred = |op: &Op| matches!(op, Op::Defer { func, place: Place::Heap, .. } if *func == v);
        self.uses.count(v) == 1
            && matches!(self.def(v), Some(Op::MakeClosure(_, captures, Place::Heap)) if !captures.is_empty())
            && self.func.blocks[b as usize].insts.iter().any(|i| deferred(&i.op))
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
    pub fn defer_frame(&mut self, room: u32) -> Value {
        let frame = Addr::slot(self.new_slot(size_of::<DeferFrame>() as u64 + u64::from(room)));
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

    /// `Op::Defer`: pushes a record on a frame.
    pub fn defer(&mut self, frame: ValueId, func: ValueId, place: Place) -> Option<Repr> {
        const { assert!(DEFER_RECORD == size_of::<DeferRecord>() as u64) };
        let record = match self.place(place, DEFER_RECORD) {
            Some(at) => at,
            None if self.is_deferred_once(func) => {
                let func = self.one(func);
                Addr::ptr(self.b.ins().iadd_imm_s(func, -(DEFER_RECORD as i64)))
            }
            None => Addr::ptr(self.new_record(DEFER_RECORD, DEFER_MASK)),
        };
        let records = Addr::ptr(self.one(frame)).plus(offset_of!(DeferFrame, records) as u64);
        let next = self.load_scalar(Word::I64, records, OWN);
        self.store_scalar(next, record.plus(offset_of!(DeferRecord, next) as u64), GO);
        let func = self.one(func);
        self.store_scalar(func, record.plus(offset_of!(DeferRecord, func) as u64), GO);
        let record = self.addr_value(record);
        self.store_scalar(record, records, OWN);
        None
    }

    /// `Op::DeferReturn`: pops and calls until none is left, then unlinks the frame. A record is popped before it is
    /// called, so that after a panic in it the older ones run.
    pub fn defer_return(&mut self, frame: ValueId) -> Option<Repr> {
        let frame = Addr::ptr(self.one(frame));
        let records = frame.plus(offset_of!(DeferFrame, records) as u64);
        let (head, run, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.ins().jump(head, &[]);
        self.b.switch_to_block(head);
        let record = self.load_scalar(Word::I64, records, OWN);
        self.b.ins().brif(record, run, &[], done, &[]);
        self.enter(run);
        let record = Addr::ptr(record);
        let next = self.load_scalar(Word::I64, record.plus(offset_of!(DeferRecord, next) as u64), GO);
        self.store_scalar(next, records, OWN);
        let func = self.load_scalar(Word::I64, record.plus(offset_of!(DeferRecord, func) as u64), GO);
        let code = self.load64(func, 0, NIL_FAULT);
        let context = self.b.ins().iadd_imm_s(func, CAPTURES as i64);
        let sig = self.sig_ref(&FlatSig::default(), true);
        self.b.ins().call_indirect(sig, code, &[context]);
        self.b.ins().jump(head, &[]);
        self.b.seal_block(head);
        self.enter(done);
        let outer = self.load_scalar(Word::I64, frame.plus(offset_of!(DeferFrame, prev) as u64), OWN);
        let block = self.b.ins().get_pinned_reg(types::I64);
        self.b.ins().store(OWN, outer, block, offset_of!(IsolateBlock, defer) as i32);
        None
    }

    /// `Op::Recover`: nil when nothing panics, else what the runtime says.
    pub fn recover(&mut self, frame: Option<ValueId>) -> Repr {
        let (ask, done) = (self.cold_block(), self.b.create_block());
        let value = [(); 2].map(|()| self.b.append_block_param(done, types::I64));
        let panic = self.own_load(offset_of!(IsolateBlock, panic));
        let nil = BlockArg::Value(self.i64(0));
        self.b.ins().brif(panic, ask, &[], done, &[nil, nil]);
        self.enter(ask);
        let fp = match frame {
            _ if self.decl.kind == FuncKind::Wrapper => self.i64(0),
            None => self.b.ins().get_frame_pointer(types::I64),
            Some(f) => {
                let f = self.one(f);
                self.load64(f, offset_of!(DeferFrame, fp) as i32, OWN)
            }
        };
        let r = self.runtime(RuntimeFn::gorecover, &[fp]);
        self.b.ins().jump(done, &[BlockArg::Value(r[0]), BlockArg::Value(r[1])]);
        self.enter(done);
        Repr::Flat(value.into_iter().collect())
    }
}
