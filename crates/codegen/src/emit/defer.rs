//! Frames of deferred calls, and where a function goes on after it has recovered.
//!
//! A function with deferred calls leaves the address of its landing pad in its frame of deferred calls. After a recovered
//! panic the runtime jumps there, from whatever instruction of the body or of a callee the panic came from. So nothing is
//! known about registers and spill slots at the landing pad. The code there begins with the frame that the isolate block
//! names, and recomputes what it needs from what lies in that frame.
//!
//! For the register allocator the landing pad is the exceptional edge of a `try_call` that is never executed, in the slow
//! path of the stack check. So no value is live into it, and the callee-saved registers are restored when the function
//! returns.

use super::value::{Addr, GO, OWN, Repr};
use super::{Emit, NIL_FAULT};
use crate::abi::{FlatSig, Word};
use cranelift_codegen::ir::{
    Block, BlockArg, BlockCall, ExceptionTableData, ExceptionTableItem, InstBuilder, Value, types,
};
use itab_abi::block::IsolateBlock;
use itab_abi::defer::{DeferFrame, DeferRecord};
use itab_abi::runtime_fns::RuntimeFn;
use itab_abi::trap::Trap;
use itab_abi::value::CAPTURES;
use itab_ir::func::{BlockId, Func, ValueId};
use itab_ir::op::{DEFER_RECORD, Op, Storage, Term};
use itab_ir::program::FuncKind;
use std::mem::offset_of;

/// Which words of a record of a deferred call are pointers.
pub const DEFER_MASK: u64 = 0b11;

/// What a function with deferred calls needs.
pub struct Try {
    frame: ValueId,
    kept: Vec<(ValueId, u32)>,
    /// Where it goes on after a recovery.
    recovered: BlockId,
    /// The block of the `try_call` that is never made, once there is one.
    ghost: Option<Block>,
    /// The frame's place, once it is made.
    at: Option<Addr>,
    room: u32,
    /// The instruction that finds no deferred call in the frame, not even the word for it.
    first: Option<(u32, u32)>,
}

/// Values that are something else where a function goes on after a recovery.
pub struct Elsewhere {
    at: Option<Addr>,
    result_block: Option<Value>,
    values: Vec<(ValueId, Option<Repr>)>,
}

impl Try {
    /// Of a body, if it has deferred calls.
    pub fn find(func: &Func) -> Option<Try> {
        let (frame, kept, recovered) = func.blocks.iter().find_map(|b| match &b.term {
            Term::Try { frame, kept, recovered, .. } => Some((*frame, kept.clone(), *recovered)),
            _ => None,
        })?;
        Some(Try { frame, kept, recovered, ghost: None, at: None, room: 0, first: None })
    }
}

impl Emit<'_> {
    // ---- frames

    /// `Op::DeferFrame`
    pub fn defer_frame(&mut self, room: u32) -> Value {
        // Behind the room, the address of results is kept.
        let size = size_of::<DeferFrame>() as u64 + u64::from(room) + 8;
        let at = Addr::slot(self.new_slot(size));
        if let Some(t) = &mut self.tries {
            t.at = Some(at);
            t.room = room;
        }
        self.addr_value(at)
    }

    fn set_defer(&mut self, frame: Value) {
        let block = self.b.ins().get_pinned_reg(types::I64);
        self.b.ins().store(OWN, frame, block, offset_of!(IsolateBlock, defer) as i32);
    }

    /// Where a frame is.
    pub fn frame_at(&self, frame: ValueId) -> Addr {
        match &self.tries {
            Some(Try { frame: f, at: Some(at), .. }) if *f == frame => *at,
            _ => Addr::ptr(self.one(frame)),
        }
    }

    /// `Op::Defer`: pushes a record on a frame.
    pub fn defer(&mut self, frame: ValueId, func: ValueId, place: Storage) -> Option<Repr> {
        const { assert!(DEFER_RECORD == size_of::<DeferRecord>() as u64) };
        let record = match self.place(place, DEFER_RECORD) {
            Some(at) => at,
            None if self.is_deferred_once(func) => {
                let func = self.one(func);
                Addr::ptr(self.b.ins().iadd_imm_s(func, -(DEFER_RECORD as i64)))
            }
            None => Addr::ptr(self.new_record(DEFER_RECORD, DEFER_MASK)),
        };
        let records = self.frame_at(frame).plus(offset_of!(DeferFrame, records) as u64);
        let next = match self.tries.as_ref().and_then(|t| t.first) == Some(self.at) {
            true => self.i64(0),
            false => self.load_scalar(Word::I64, records, OWN),
        };
        self.store_scalar(next, record.plus(offset_of!(DeferRecord, next) as u64), GO);
        let func = self.one(func);
        self.store_scalar(func, record.plus(offset_of!(DeferRecord, func) as u64), GO);
        let record = self.addr_value(record);
        self.store_scalar(record, records, OWN);
        None
    }

    /// `Op::DeferPop`: what is called after it is not called by a panic.
    pub fn defer_pop(&mut self, frame: ValueId) -> Option<Repr> {
        let records = self.frame_at(frame).plus(offset_of!(DeferFrame, records) as u64);
        let record = Addr::ptr(self.load_scalar(Word::I64, records, OWN));
        let next = self.load_scalar(Word::I64, record.plus(offset_of!(DeferRecord, next) as u64), GO);
        self.store_scalar(next, records, OWN);
        None
    }

    /// `Op::DeferUnlink`
    pub fn defer_unlink(&mut self, frame: ValueId) -> Option<Repr> {
        let prev = self.frame_at(frame).plus(offset_of!(DeferFrame, prev) as u64);
        let outer = self.load_scalar(Word::I64, prev, OWN);
        self.set_defer(outer);
        None
    }

    /// `Op::DeferReturn`: pops and calls until none is left, then unlinks the frame. A record is popped before it is
    /// called, so that after a panic in it the older ones run.
    pub fn defer_return(&mut self, frame: ValueId) -> Option<Repr> {
        let records = self.frame_at(frame).plus(offset_of!(DeferFrame, records) as u64);
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
        self.defer_unlink(frame)
    }

    // ---- recovery

    /// In the stack check's slow path, behind its call: the `try_call` that is never made, and the landing pad.
    pub fn landing_pad(&mut self, cont: Block) {
        let Some(recovered) = self.tries.as_ref().map(|t| t.recovered) else {
            self.b.ins().jump(cont, &[]);
            return;
        };
        let (ghost, never, landed) = (self.cold_block(), self.cold_block(), self.cold_block());
        let block = self.b.ins().get_pinned_reg(types::I64);
        self.b.ins().brif(block, cont, &[], ghost, &[]);
        self.enter(ghost);
        let callee = self.runtime_ref(RuntimeFn::morestack);
        let sig = self.b.func.dfg.ext_funcs[callee].signature;
        let pool = &mut self.b.func.dfg.value_lists;
        let to_never = BlockCall::new(never, std::iter::empty(), pool);
        let to_landed = BlockCall::new(landed, std::iter::empty(), pool);
        let table = ExceptionTableData::new(sig, to_never, [ExceptionTableItem::Default(to_landed)]);
        let table = self.b.func.dfg.exception_tables.push(table);
        self.b.ins().try_call(callee, &[], table);
        self.enter(never);
        self.b.ins().trap(super::trap(Trap::Unreachable));
        self.enter(landed);
        let to = self.target(recovered);
        self.b.ins().jump(to, &[]);
        if let Some(t) = &mut self.tries {
            t.ghost = Some(ghost);
        }
    }

    /// `Term::Try`: links the frame, which holds where to go on and what is needed there.
    pub fn try_body(&mut self, body: BlockId) {
        let Some(Try { kept, ghost: Some(ghost), at: Some(at), room, .. }) = &self.tries else {
            ice!("{}: deferred calls without a frame", self.decl.name)
        };
        let (kept, ghost, at, room) = (kept.clone(), *ghost, *at, *room);
        let outer = self.own_load(offset_of!(IsolateBlock, defer));
        self.store_scalar(outer, at.plus(offset_of!(DeferFrame, prev) as u64), OWN);
        let first = self.first_defer(body);
        if first.is_none() {
            let zero = self.i64(0);
            self.store_scalar(zero, at.plus(offset_of!(DeferFrame, records) as u64), OWN);
        }
        let handler = self.b.ins().get_exception_handler_address(types::I64, ghost, 0);
        self.store_scalar(handler, at.plus(offset_of!(DeferFrame, handler) as u64), OWN);
        let sp = self.b.ins().get_stack_pointer(types::I64);
        self.store_scalar(sp, at.plus(offset_of!(DeferFrame, sp) as u64), OWN);
        let fp = self.b.ins().get_frame_pointer(types::I64);
        self.store_scalar(fp, at.plus(offset_of!(DeferFrame, fp) as u64), OWN);
        for (v, offset) in kept {
            let v = self.one(v);
            self.store_scalar(v, in_room(at, offset), OWN);
        }
        if let Some(results) = self.result_block {
            self.store_scalar(results, in_room(at, room), OWN);
        }
        let frame = self.addr_value(at);
        self.set_defer(frame);
        if let Some(t) = &mut self.tries {
            t.first = first;
        }
        let body = self.target(body);
        self.b.ins().jump(body, &[]);
    }

    /// The first instruction of a body, if it defers a call without ado: it fills in the frame.
    fn first_defer(&self, body: BlockId) -> Option<(u32, u32)> {
        let first = self.func.block(body).insts.first()?;
        let at_once = matches!(first.op, Op::Defer { place: Storage::Deferred(_), .. });
        (at_once && self.func.block(body).params.is_empty()).then_some((body.0, 0))
    }

    /// Recomputes, at the beginning of the block where a function goes on after a recovery, the values that it uses. Gives
    /// what they are in other blocks.
    pub fn recover_values(&mut self, b: BlockId) -> Option<Elsewhere> {
        let Try { frame, kept, recovered, room, at, .. } = self.tries.as_mut()?;
        if *recovered != b {
            return None;
        }
        let (frame, kept, room) = (*frame, kept.clone(), *room);
        let mut elsewhere = Elsewhere { at: at.take(), result_block: self.result_block, values: vec![] };
        let found = self.own_load(offset_of!(IsolateBlock, defer));
        let at = Addr::ptr(found);
        let mut now = vec![(frame, found)];
        for inst in self.func.blocks.iter().flat_map(|b| &b.insts) {
            if let (Op::Alloc(_, Storage::Deferred(offset)), Some(v)) = (&inst.op, inst.result) {
                now.push((v, self.addr_value(in_room(at, *offset))));
            }
        }
        for (v, offset) in kept {
            now.push((v, self.load_scalar(Word::I64, in_room(at, offset), OWN)));
        }
        for (v, new) in now {
            let old = self.values[v.index()].replace(Repr::Flat([new].into_iter().collect()));
            elsewhere.values.push((v, old));
        }
        if self.result_block.is_some() {
            self.result_block = Some(self.load_scalar(Word::I64, in_room(at, room), OWN));
        }
        Some(elsewhere)
    }

    /// At the end of that block: values are again what they are in other blocks.
    pub fn restore_values(&mut self, elsewhere: Elsewhere) {
        self.result_block = elsewhere.result_block;
        for (v, old) in elsewhere.values {
            self.values[v.index()] = old;
        }
        if let Some(t) = &mut self.tries {
            t.at = elsewhere.at;
        }
    }

    /// `Op::Recover`: nil when nothing panics, else what the runtime says.
    pub fn recover(&mut self) -> Repr {
        let (ask, done) = (self.cold_block(), self.b.create_block());
        let value = [(); 2].map(|()| self.b.append_block_param(done, types::I64));
        let panic = self.own_load(offset_of!(IsolateBlock, panic));
        let nil = BlockArg::Value(self.i64(0));
        self.b.ins().brif(panic, ask, &[], done, &[nil, nil]);
        self.enter(ask);
        let fp = match self.decl.kind {
            FuncKind::Wrapper => self.i64(0),
            _ => self.b.ins().get_frame_pointer(types::I64),
        };
        let r = self.runtime(RuntimeFn::gorecover, &[fp]);
        self.b.ins().jump(done, &[BlockArg::Value(r[0]), BlockArg::Value(r[1])]);
        self.enter(done);
        Repr::Flat(value.into_iter().collect())
    }
}

/// An address in a frame's room.
pub fn in_room(frame: Addr, offset: u32) -> Addr {
    frame.plus(size_of::<DeferFrame>() as u64 + u64::from(offset))
}
