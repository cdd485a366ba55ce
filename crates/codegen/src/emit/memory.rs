//! Constants, variables, loads and stores, allocation.

use super::defer::in_room;
use super::value::{Addr, GO, OWN, Repr};
use super::{Emit, LocalRepr, MAX_FRAME, slow};
use crate::abi::{Leaf, Word};
use crate::object::LinkSymbol;
use crate::symbols::Shape;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use itab_abi::block::{Cell, MAX_CELL_SIZE, cell_offset, noscan_cell};
use itab_abi::runtime_fns::RuntimeFn;
use itab_ir::func::{LocalId, ValueId};
use itab_ir::op::{Const, Op, Storage};
use itab_ir::operands::{operands, term_operands};
use itab_ir::program::Context;
use itab_ir::ty::{Basic, TyId, TypeTable};
use smallvec::smallvec;
use std::mem::offset_of;

/// Largest variable that is put in the frame; what is larger goes to the heap whatever the IR says.
const MAX_STACK_VARIABLE: u64 = 32 << 10;

/// What kind of object an inline allocation makes.
pub enum Record {
    /// A variable of a type.
    Typed(TyId),
    /// Words without a type: size and pointer mask.
    Words(u64, u64),
}

impl Emit<'_> {
    // ---- constants

    /// `Op::Const`
    pub fn constant(&mut self, ty: TyId, c: &Const) -> Repr {
        match c {
            Const::Zero => self.zero_value(ty),
            Const::Bool(v) => Repr::Flat(smallvec![self.int(types::I8, i64::from(*v))]),
            Const::Str(s) => {
                let len = self.i64(s.len() as i64);
                let p = self.text(s);
                Repr::Flat(smallvec![p, len])
            }
            Const::Complex(re, im) => self.constant_parts(ty, *re, *im, 0),
            Const::Int(v) => self.constant_parts(ty, *v as f64, 0.0, *v),
            Const::Float(v) => self.constant_parts(ty, *v, 0.0, *v as i64),
        }
    }

    /// A number of any numeric type: `re` and `im` for floats and complex numbers, `int` for integers.
    fn constant_parts(&mut self, ty: TyId, re: f64, im: f64, int: i64) -> Repr {
        let leaves = self.leaves(ty).unwrap_or_else(|| ice!("number of type {ty:?}"));
        match leaves[..] {
            [Leaf { word, .. }] if word.is_float() => Repr::Flat(smallvec![self.float(word, re)]),
            [Leaf { word, .. }] => Repr::Flat(smallvec![self.int(super::value::clif_type(word), int)]),
            [Leaf { word, .. }, _] if word.is_float() => {
                Repr::Flat(smallvec![self.float(word, re), self.float(word, im)])
            }
            _ => ice!("number of type {ty:?}"),
        }
    }

    fn float(&mut self, word: Word, v: f64) -> Value {
        match word {
            Word::F32 => self.b.ins().f32const(v as f32),
            _ => self.b.ins().f64const(v),
        }
    }

    /// Address of read-only text.
    pub fn text(&mut self, s: &[u8]) -> Value {
        if s.is_empty() {
            return self.i64(0);
        }
        let item = self.unit.data.bytes(s, 1);
        self.symbol(item)
    }

    /// The constant that defines a value.
    pub fn const_of(&self, v: ValueId) -> Option<&Const> {
        match self.def(v)? {
            Op::Const(c) => Some(c),
            _ => None,
        }
    }

    // ---- variables

    /// `Op::LocalGet`
    pub fn local_get(&mut self, l: LocalId) -> Repr {
        let ty = self.func.locals[l.index()].ty;
        match &self.locals[l.index()] {
            LocalRepr::Scalars(vars) => Repr::Flat(vars.iter().map(|&v| self.b.use_var(v)).collect()),
            LocalRepr::Slot(place) => {
                let place = *place;
                let (b, i) = self.at;
                match self.func.blocks[b as usize].insts[i as usize].result {
                    Some(v) if self.is_brief(v) => Repr::Mem(place),
                    _ => self.load_now(ty, place, OWN),
                }
            }
        }
    }

    /// `Op::LocalSet`
    pub fn local_set(&mut self, l: LocalId, v: ValueId) -> Option<Repr> {
        let ty = self.func.locals[l.index()].ty;
        let v = self.val(v);
        match (&self.locals[l.index()], &v) {
            (LocalRepr::Scalars(vars), Repr::Flat(s)) => {
                for (&var, &v) in vars.iter().zip(s) {
                    self.b.def_var(var, v);
                }
            }
            (LocalRepr::Slot(place), _) => {
                let place = *place;
                self.store_value(ty, &v, place, OWN);
            }
            _ => ice!("{}: {l:?} is given {v:?}", self.decl.name),
        }
        None
    }

    /// `Op::Capture`
    pub fn capture(&mut self, i: u32) -> Repr {
        let (Context::Captures(tys), Some(ctx)) = (&self.decl.context, self.context) else {
            ice!("{}: no captures", self.decl.name)
        };
        let (offsets, _) = record_layout(self, tys);
        self.load_stable(tys[i as usize], Addr::ptr(ctx).plus(offsets[i as usize]), OWN)
    }

    /// `Op::Alloc`
    pub fn new_variable(&mut self, ty: TyId, place: Storage) -> Value {
        let size = self.types.size_of(ty);
        if size > 0
            && let Some(at) = self.place(place, size)
        {
            self.zero_bytes(at, size);
            return self.addr_value(at);
        }
        self.new_object(ty)
    }

    /// Memory of so many bytes that is not on the heap, if the IR wants it and the frame has room.
    pub fn place(&mut self, place: Storage, size: u64) -> Option<Addr> {
        match (place, self.func.deferred) {
            (Storage::Stack, _) if self.fits_frame(size) => Some(Addr::slot(self.new_slot(size))),
            (Storage::Deferred(at), Some(d)) => Some(in_room(self.frame_at(d.frame), at)),
            _ => None,
        }
    }

    /// Whether a variable of this size can be in the frame.
    pub fn fits_frame(&self, size: u64) -> bool {
        size <= MAX_STACK_VARIABLE && self.frame_bytes + size <= MAX_FRAME
    }

    // ---- loads and stores

    /// `Op::Load`
    pub fn load(&mut self, ty: TyId, p: ValueId, result: ValueId) -> Repr {
        let at = Addr::ptr(self.one(p));
        let flags = self.access();
        if let Shape::Image(_) = self.shape(ty)
            && self.is_brief(result)
        {
            return Repr::Mem(at);
        }
        self.load_now(ty, at, flags)
    }

    /// Whether a memory-class value is used up before any memory can change: in its block, by operations that copy it or
    /// read a part of it.
    fn is_brief(&self, v: ValueId) -> bool {
        let (b, i) = self.at;
        let block = &self.func.blocks[b as usize];
        let mut left = self.uses.count(v);
        for inst in &block.insts[i as usize + 1..] {
            if left == 0 {
                return true;
            }
            let mut here = 0;
            operands(&inst.op, &mut |u| here += u32::from(u == v));
            left -= here;
            let ok = match &inst.op {
                Op::Extract(..) if here > 0 => inst.result.is_some_and(|r| !self.is_image(self.ty(r))),
                Op::Equal(..) => true,
                op if here > 0 => left == 0 && copies_at_once(op),
                op => keeps_memory(op),
            };
            if !ok {
                return false;
            }
        }
        let mut here = 0;
        term_operands(&block.term, &mut |u| here += u32::from(u == v));
        left == here && (here == 0 || matches!(block.term, itab_ir::op::Term::Return(_)))
    }

    /// Whether values of a type are kept in memory.
    pub fn is_image(&self, ty: TyId) -> bool {
        crate::abi::leaves(self.types, ty).is_none()
    }

    /// `Op::Store`
    pub fn store(&mut self, p: ValueId, v: ValueId) -> Option<Repr> {
        let flags = self.access();
        let (ty, at, v) = (self.ty(v), Addr::ptr(self.one(p)), self.val(v));
        self.store_value(ty, &v, at, flags);
        None
    }

    /// `Op::LoadBytes`
    pub fn load_bytes(&mut self, ty: TyId, p: ValueId, big: bool) -> Value {
        let at = self.one(p);
        let bits = self.types.size_of(ty) as u16 * 8;
        let ty = types::Type::int(bits).unwrap_or_else(|| ice!("a number of {bits} bits"));
        let v = self.b.ins().load(ty, GO, at, 0);
        if big { self.b.ins().bswap(v) } else { v }
    }

    /// `Op::StoreBytes`
    pub fn store_bytes(&mut self, p: ValueId, v: ValueId, big: bool) {
        let (at, v) = (self.one(p), self.one(v));
        let v = if big { self.b.ins().bswap(v) } else { v };
        self.b.ins().store(GO, v, at, 0);
    }

    /// `Op::Copy`
    pub fn copy(&mut self, to: ValueId, from: ValueId, ty: TyId) -> Option<Repr> {
        let (to, from) = (Addr::ptr(self.one(to)), Addr::ptr(self.one(from)));
        let size = self.types.size_of(ty);
        self.copy_bytes(to, from, size);
        None
    }

    /// `Op::Clear`
    pub fn clear(&mut self, p: ValueId, ty: TyId) -> Option<Repr> {
        let at = Addr::ptr(self.one(p));
        let size = self.types.size_of(ty);
        self.zero_bytes(at, size);
        None
    }

    /// `Op::FieldAddr`
    pub fn field_addr(&mut self, p: ValueId, i: u32) -> Value {
        let st = self.types.elem(self.ty(p));
        let offset = self.types.field_offset(st, i as usize);
        let p = self.one(p);
        self.addr_value(Addr::ptr(p).plus(offset))
    }

    /// `Op::ElemAddr`
    pub fn elem_addr(&mut self, base: ValueId, index: ValueId, elem: TyId) -> Value {
        let sliced = match self.def(base) {
            Some(Op::DataPtr(s)) => self.raw_pointers.get(s).copied(),
            _ => None,
        };
        let (p, (i, _)) = (sliced.unwrap_or_else(|| self.one(base)), self.index64(index));
        self.element(p, i, self.types.size_of(elem))
    }

    /// `p + i * size`
    pub fn element(&mut self, p: Value, i: Value, size: u64) -> Value {
        let bytes = self.scale(i, size);
        self.b.ins().iadd(p, bytes)
    }

    /// `i * size`
    pub fn scale(&mut self, i: Value, size: u64) -> Value {
        if size == 1 {
            i
        } else if size.is_power_of_two() {
            self.b.ins().ishl_imm_u(i, size.trailing_zeros() as i64)
        } else {
            self.b.ins().imul_imm_s(i, size as i64)
        }
    }

    // ---- allocation

    /// A new zeroed variable on the heap.
    pub fn new_object(&mut self, ty: TyId) -> Value {
        let size = self.types.size_of(ty);
        match size {
            0 => self.symbol(LinkSymbol::ZeroBase),
            _ if size <= MAX_CELL_SIZE as u64 => self.bump(Record::Typed(ty)),
            _ => {
                let desc = self.type_desc(ty);
                self.runtime(RuntimeFn::newobject, &[desc])[0]
            }
        }
    }

    /// A new zeroed record of words, whose pointers `mask` tells.
    pub fn new_record(&mut self, size: u64, mask: u64) -> Value {
        if size <= MAX_CELL_SIZE as u64 {
            return self.bump(Record::Words(size, mask));
        }
        if mask != 0 {
            // The mask does not reach that far: any word may be a pointer.
            let typ = self.symbol(LinkSymbol::Type(TypeTable::basic(Basic::UnsafePointer)));
            let words = self.i64(size.div_ceil(8) as i64);
            return self.runtime(RuntimeFn::newarray, &[typ, words])[0];
        }
        let (size, mask) = (self.i64(size as i64), self.i64(mask as i64));
        self.runtime(RuntimeFn::newrecord, &[size, mask])[0]
    }

    /// The next object of the cell's current run; a cold call when the run is used up.
    fn bump(&mut self, what: Record) -> Value {
        let (size, noscan) = match what {
            Record::Typed(ty) => (self.types.size_of(ty).next_multiple_of(8), self.types.ptr_bytes(ty) == 0),
            Record::Words(size, mask) => (size, mask == 0),
        };
        let block = self.b.ins().get_pinned_reg(types::I64);
        let (base, offset) = if noscan {
            (block, cell_offset(noscan_cell(size as usize)) as i32)
        } else {
            let cell = match what {
                Record::Typed(ty) => LinkSymbol::Cell(ty),
                Record::Words(size, mask) => LinkSymbol::RecordCell { size: size as u32, mask },
            };
            let cell = self.symbol(cell);
            (self.b.ins().iadd(block, cell), 0)
        };
        let cur = self.load64(base, offset + offset_of!(Cell, cur) as i32, OWN);
        let end = self.load64(base, offset + offset_of!(Cell, end) as i32, OWN);
        let next = self.b.ins().iadd_imm_s(cur, size as i64);
        let full = self.b.ins().icmp(IntCC::UnsignedGreaterThan, next, end);
        let (cold, fast, done) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        let object = self.b.append_block_param(done, types::I64);
        self.b.ins().brif(full, cold, &[], fast, &[]);
        self.enter(fast);
        self.b.ins().store(OWN, next, base, offset + offset_of!(Cell, cur) as i32);
        self.b.ins().jump(done, &[cur.into()]);
        self.enter(cold);
        let made = match what {
            Record::Typed(ty) => {
                let typ = self.type_desc(ty);
                self.slow(slow::mallocgc { typ }).object
            }
            Record::Words(size, mask) => {
                let (size, mask) = (self.i64(size as i64), self.i64(mask as i64));
                self.slow(slow::mallocrecord { size, mask }).record
            }
        };
        let made = self.slow_result(made);
        self.b.ins().jump(done, &[made.into()]);
        self.enter(done);
        object
    }

    /// Whether a type's underlying type is a signed integer.
    pub fn is_signed(&self, ty: TyId) -> bool {
        self.types.as_basic(ty).is_some_and(Basic::is_signed)
    }
}

/// Offsets of values laid out like the fields of a struct, and the size of it all.
pub fn record_layout(e: &Emit<'_>, tys: &[TyId]) -> (Vec<u64>, u64) {
    let mut off = 0u64;
    let offsets = tys
        .iter()
        .map(|&t| {
            let at = off.next_multiple_of(e.types.align_of(t).max(1));
            off = at + e.types.size_of(t);
            at
        })
        .collect();
    (offsets, off.next_multiple_of(8))
}

/// Whether an operation copies a memory-class operand before it changes any memory.
fn copies_at_once(op: &Op) -> bool {
    matches!(op, Op::Store { .. } | Op::LocalSet(..) | Op::Aggregate(_) | Op::MakeIface(..) | Op::Call(..))
}

/// Whether an operation leaves all memory that Go code can see, and all variables, as they are.
fn keeps_memory(op: &Op) -> bool {
    matches!(
        op,
        Op::Const(_)
            | Op::GlobalAddr(_)
            | Op::FuncVal(_)
            | Op::TypeDesc(_)
            | Op::ItabDesc(..)
            | Op::LocalGet(_)
            | Op::Capture(_)
            | Op::Receiver
            | Op::Load(_)
            | Op::LoadBytes { .. }
            | Op::FieldAddr(..)
            | Op::ElemAddr { .. }
            | Op::NilCheck(_)
            | Op::BoundsCheck { .. }
            | Op::Extract(..)
            | Op::Aggregate(_)
            | Op::DataPtr(_)
            | Op::Len(_)
            | Op::Cap(_)
            | Op::Binary(..)
            | Op::Unary(..)
            | Op::IsNil(_)
            | Op::Alloc(_, Storage::Heap)
    )
}
