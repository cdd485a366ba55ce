//! Go values while a function runs.
//!
//! A value is a few scalars, or a place in memory that nobody writes while the value is live (a *snapshot*), or a tuple
//! of values. Snapshots are made in slots of the frame. What is immutable anyway (a boxed value, captures, a parameter
//! block) is referred to where it lies.

use super::Emit;
use crate::abi::{Leaf, Word};
use crate::symbols::Shape;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, StackSlot, StackSlotData, StackSlotKind, Type, Value, types};
use itab_abi::runtime_fns::RuntimeFn;
use itab_ir::ty::TyId;
use smallvec::{SmallVec, smallvec};
use std::rc::Rc;

/// Scalars of a flat value.
pub type Scalars = SmallVec<[Value; 4]>;

/// Where a value is.
#[derive(Clone, Debug)]
pub enum Repr {
    /// In scalars, one per leaf of its type.
    Flat(Scalars),
    /// In memory that does not change.
    Mem(Addr),
    /// Results of a call, or of an operation with several.
    Tuple(Rc<[Repr]>),
}

/// An address in memory.
#[derive(Clone, Copy, Debug)]
pub struct Addr {
    base: Base,
    offset: i64,
}

#[derive(Clone, Copy, Debug)]
enum Base {
    Slot(StackSlot),
    Ptr(Value),
}

impl Addr {
    /// What a pointer points to.
    pub fn ptr(p: Value) -> Addr {
        Addr { base: Base::Ptr(p), offset: 0 }
    }

    /// A slot of the frame.
    pub fn slot(slot: StackSlot) -> Addr {
        Addr { base: Base::Slot(slot), offset: 0 }
    }

    /// So many bytes further.
    pub fn plus(self, bytes: u64) -> Addr {
        Addr { base: self.base, offset: self.offset + bytes as i64 }
    }
}

/// CLIF type of a word.
pub fn clif_type(word: Word) -> Type {
    match word {
        Word::I8 | Word::U8 => types::I8,
        Word::I16 | Word::U16 => types::I16,
        Word::I32 | Word::U32 => types::I32,
        Word::I64 | Word::Image => types::I64,
        Word::F32 => types::F32,
        Word::F64 => types::F64,
    }
}

/// Memory of Go, reached through a pointer that is known not to be nil.
pub const GO: MemFlagsData = MemFlagsData::new().with_notrap();
/// The isolate block, cells, stack slots.
pub const OWN: MemFlagsData = MemFlagsData::trusted();

/// Copies and clears up to this size are expanded in place.
const INLINE_BYTES: u64 = 128;
/// Snapshots above this size live on the heap, because frames must stay small (see `MAX_FRAME`).
const MAX_SLOT: u64 = 16 << 10;

impl Emit<'_> {
    // ---- types

    /// How values of a type are kept.
    pub fn shape(&mut self, ty: TyId) -> Shape {
        self.unit.shape(self.types, ty)
    }

    /// Leaves of a flat type, none for an image.
    pub fn leaves(&mut self, ty: TyId) -> Option<Rc<[Leaf]>> {
        match self.shape(ty) {
            Shape::Flat(l) => Some(l),
            Shape::Image(_) => None,
        }
    }

    // ---- scalars

    /// A 64-bit constant.
    pub fn i64(&mut self, v: i64) -> Value {
        self.b.ins().iconst(types::I64, v)
    }

    /// A constant of an integer type.
    pub fn int(&mut self, ty: Type, v: i64) -> Value {
        let bits = ty.bits();
        let v = if bits == 64 { v } else { v & ((1 << bits) - 1) };
        self.b.ins().iconst(ty, v)
    }

    /// Zero of any scalar type.
    pub fn zero_scalar(&mut self, ty: Type) -> Value {
        match ty {
            types::F32 => self.b.ins().f32const(0.0f32),
            types::F64 => self.b.ins().f64const(0.0f64),
            t => self.b.ins().iconst(t, 0),
        }
    }

    /// A word widened to 64 bits (integers) as blocks hold it; floats stay as they are.
    pub fn widen(&mut self, word: Word, v: Value) -> Value {
        match word {
            Word::F32 | Word::F64 | Word::I64 | Word::Image => v,
            w if w.is_signed() => self.b.ins().sextend(types::I64, v),
            _ => self.b.ins().uextend(types::I64, v),
        }
    }

    // ---- addresses

    /// An address as a scalar.
    pub fn addr_value(&mut self, a: Addr) -> Value {
        match a.base {
            Base::Slot(s) => self.b.ins().stack_addr(types::I64, s, a.offset as i32),
            Base::Ptr(p) if a.offset == 0 => p,
            Base::Ptr(p) => self.b.ins().iadd_imm_s(p, a.offset),
        }
    }

    fn addr_parts(&mut self, a: Addr) -> (Value, i32) {
        match (a.base, i32::try_from(a.offset)) {
            (Base::Ptr(p), Ok(off)) => (p, off),
            _ => (self.addr_value(a), 0),
        }
    }

    /// A new slot of the frame.
    pub fn new_slot(&mut self, size: u64) -> StackSlot {
        self.frame_bytes += size;
        self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, size as u32, 3))
    }

    /// Uninitialised memory for a value of type `ty` that lives as long as this activation.
    pub fn new_place(&mut self, ty: TyId, size: u64) -> Addr {
        if self.is_small(size) {
            return Addr::slot(self.new_slot(size));
        }
        let desc = self.type_desc(ty);
        let p = self.runtime(RuntimeFn::newobject, &[desc])[0];
        Addr::ptr(p)
    }

    /// Memory for a block of words that a callee fills.
    pub fn new_block(&mut self, size: u64) -> Addr {
        if self.is_small(size) {
            return Addr::slot(self.new_slot(size));
        }
        // Any word may be a pointer.
        let desc = self.type_desc(itab_ir::ty::TypeTable::basic(itab_ir::ty::Basic::UnsafePointer));
        let n = self.i64(size.div_ceil(8) as i64);
        let p = self.runtime(RuntimeFn::newarray, &[desc, n])[0];
        Addr::ptr(p)
    }

    fn is_small(&self, size: u64) -> bool {
        size <= MAX_SLOT && self.frame_bytes + size <= super::MAX_FRAME
    }

    /// Loads a scalar.
    pub fn load_scalar(&mut self, word: Word, a: Addr, flags: MemFlagsData) -> Value {
        let (p, off) = self.addr_parts(a);
        self.b.ins().load(clif_type(word), flags, p, off)
    }

    /// Loads 64 bits.
    pub fn load64(&mut self, p: Value, off: i32, flags: MemFlagsData) -> Value {
        self.b.ins().load(types::I64, flags, p, off)
    }

    /// Stores a scalar.
    pub fn store_scalar(&mut self, v: Value, a: Addr, flags: MemFlagsData) {
        let (p, off) = self.addr_parts(a);
        self.b.ins().store(flags, v, p, off);
    }

    // ---- values in memory

    /// The value of type `ty` at an address whose memory does not change while the value lives.
    pub fn load_stable(&mut self, ty: TyId, a: Addr, flags: MemFlagsData) -> Repr {
        match self.leaves(ty) {
            None => Repr::Mem(a),
            Some(leaves) => Repr::Flat(
                leaves.iter().map(|l| self.load_scalar(l.word, a.plus(u64::from(l.offset)), flags)).collect(),
            ),
        }
    }

    /// The value of type `ty` at an address, as it is now.
    pub fn load_now(&mut self, ty: TyId, a: Addr, flags: MemFlagsData) -> Repr {
        let Shape::Image(size) = self.shape(ty) else { return self.load_stable(ty, a, flags) };
        let place = self.new_place(ty, size);
        self.copy_bytes(place, a, size);
        Repr::Mem(place)
    }

    /// Stores a value of type `ty`.
    pub fn store_value(&mut self, ty: TyId, v: &Repr, a: Addr, flags: MemFlagsData) {
        match (self.shape(ty), v) {
            (Shape::Flat(leaves), Repr::Flat(s)) => {
                for (l, &v) in leaves.iter().zip(s) {
                    self.store_scalar(v, a.plus(u64::from(l.offset)), flags);
                }
            }
            (Shape::Image(size), Repr::Mem(from)) => self.copy_bytes(a, *from, size),
            _ => ice!("store of {ty:?}: value and type do not match"),
        }
    }

    /// The address of memory that holds a value; a scalar one is stored to a slot first.
    pub fn in_memory(&mut self, ty: TyId, v: &Repr) -> Value {
        let addr = match v {
            Repr::Mem(a) => *a,
            _ => {
                let slot = self.new_slot(self.types.size_of(ty).max(1));
                self.store_value(ty, v, Addr::slot(slot), OWN);
                Addr::slot(slot)
            }
        };
        self.addr_value(addr)
    }

    /// The zero value.
    pub fn zero_value(&mut self, ty: TyId) -> Repr {
        match self.shape(ty) {
            Shape::Flat(leaves) => Repr::Flat(leaves.iter().map(|l| self.zero_scalar(clif_type(l.word))).collect()),
            Shape::Image(size) if size <= itab_abi::value::ZERO_VAL_SIZE as u64 => {
                Repr::Mem(Addr::ptr(self.symbol(crate::object::LinkSymbol::ZeroVal)))
            }
            Shape::Image(size) => {
                let place = self.new_place(ty, size);
                self.zero_bytes(place, size);
                Repr::Mem(place)
            }
        }
    }

    /// Copies bytes between places, which may overlap.
    pub fn copy_bytes(&mut self, to: Addr, from: Addr, size: u64) {
        if size > INLINE_BYTES {
            let (to, from) = (self.addr_value(to), self.addr_value(from));
            let n = self.i64(size as i64);
            self.runtime(RuntimeFn::memmove, &[to, from, n]);
            return;
        }
        // All is read before any is written: arrays behind pointers made from slices may overlap.
        let mut read: SmallVec<[(u64, Value); 12]> = SmallVec::new();
        for (off, ty) in chunks(size) {
            let (p, o) = self.addr_parts(from.plus(off));
            read.push((off, self.b.ins().load(ty, GO, p, o)));
        }
        for (off, v) in read {
            let (p, o) = self.addr_parts(to.plus(off));
            self.b.ins().store(GO, v, p, o);
        }
    }

    /// Clears bytes.
    pub fn zero_bytes(&mut self, to: Addr, size: u64) {
        if size > INLINE_BYTES {
            let to = self.addr_value(to);
            let n = self.i64(size as i64);
            self.runtime(RuntimeFn::memclr, &[to, n]);
            return;
        }
        let mut zero16 = None;
        for (off, ty) in chunks(size) {
            let z = if ty == types::I8X16 {
                *zero16.get_or_insert_with(|| {
                    let c = self.b.func.dfg.constants.insert([0u8; 16][..].into());
                    self.b.ins().vconst(types::I8X16, c)
                })
            } else {
                self.zero_scalar(ty)
            };
            let (p, o) = self.addr_parts(to.plus(off));
            self.b.ins().store(GO, z, p, o);
        }
    }

    // ---- parts

    /// Where component `i` of a struct or array type lies, and its type.
    pub fn component(&self, ty: TyId, i: u32) -> (u64, TyId) {
        use itab_ir::ty::Ty;
        match self.types.under(ty) {
            Ty::Struct(f) => (self.types.field_offset(ty, i as usize), f[i as usize].ty),
            Ty::Array(e, _) => (self.types.size_of(*e) * u64::from(i), *e),
            t => ice!("component of {t:?}"),
        }
    }

    /// Component `i` of a value.
    pub fn extract(&mut self, ty: TyId, v: &Repr, i: u32) -> Repr {
        match v {
            Repr::Tuple(parts) => parts[i as usize].clone(),
            Repr::Mem(a) => {
                let (offset, part) = self.component(ty, i);
                self.load_stable(part, a.plus(offset), GO)
            }
            Repr::Flat(s) => {
                let mut skip = 0;
                for k in 0..i {
                    let (_, t) = self.component(ty, k);
                    skip += self.leaf_count(t);
                }
                let (_, part) = self.component(ty, i);
                let n = self.leaf_count(part);
                match self.shape(part) {
                    Shape::Flat(_) => Repr::Flat(s[skip..skip + n].into()),
                    Shape::Image(_) => ice!("an image inside a flat value"),
                }
            }
        }
    }

    fn leaf_count(&mut self, ty: TyId) -> usize {
        self.leaves(ty).map_or(0, |l| l.len())
    }

    /// A struct or array of components.
    pub fn aggregate(&mut self, ty: TyId, parts: &[Repr]) -> Repr {
        match self.shape(ty) {
            Shape::Flat(_) => Repr::Flat(parts.iter().flat_map(|p| self.scalars(p)).collect()),
            Shape::Image(size) => {
                let place = self.new_place(ty, size);
                for (i, p) in parts.iter().enumerate() {
                    let (offset, part) = self.component(ty, i as u32);
                    self.store_value(part, p, place.plus(offset), OWN);
                }
                Repr::Mem(place)
            }
        }
    }

    /// The scalars of a flat value.
    pub fn scalars(&self, v: &Repr) -> Scalars {
        match v {
            Repr::Flat(s) => s.clone(),
            Repr::Tuple(p) if p.is_empty() => smallvec![],
            v => ice!("scalars of {v:?}"),
        }
    }
}

/// Pieces in which so many bytes are copied: offset and type.
fn chunks(size: u64) -> impl Iterator<Item = (u64, Type)> {
    let mut off = 0;
    std::iter::from_fn(move || {
        let ty = match size - off {
            0 => return None,
            16.. => types::I8X16,
            8.. => types::I64,
            4.. => types::I32,
            2.. => types::I16,
            _ => types::I8,
        };
        let at = off;
        off += u64::from(ty.bytes());
        Some((at, ty))
    })
}
