//! Interfaces: boxing, conversion, assertion, type switches.
//!
//! A concrete type is recognised by one word: an interface without methods holds the type's descriptor, one with methods
//! the itab of (interface, type), and both are unique in a program. An assertion to an interface type looks in the
//! dynamic type's table of finished assertions (`itab_abi::types::AssertTable`) and calls the runtime when it is not there.

use super::value::{Addr, GO, OWN, Repr};
use super::{Emit, slow};
use crate::abi::{Leaf, Word};
use crate::object::Target;
use crate::symbols::Shape;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, MemFlagsData, Value, types};
use itab_abi::iface::Itab;
use itab_abi::types::{ASSERT_CASE_MASK, ASSERT_FAILS, ASSERT_TABLE_OFFSET};
use itab_ir::func::{BlockId, ValueId};
use itab_ir::op::{BinOp, Conv, Op, Place, TypeCase};
use itab_ir::ty::{Basic, Ty, TyId};
use smallvec::smallvec;
use std::mem::offset_of;
use std::sync::Arc;

/// Numbers below this one need no box: `staticuint64s` has them.
const SMALL_INTS: i64 = 256;

impl Emit<'_> {
    /// Whether an interface type has no methods.
    pub fn is_eface(&self, ty: TyId) -> bool {
        matches!(self.types.interface_methods(ty), Some([]))
    }

    /// First word of an interface of type `inter` that holds a `ty`.
    pub fn iface_word(&mut self, inter: TyId, ty: TyId) -> Value {
        let target = if self.is_eface(inter) { Target::Type(ty) } else { Target::Itab(inter, ty) };
        self.symbol(target)
    }

    // ---- boxing

    /// `Op::MakeIface`
    pub fn make_iface(&mut self, inter: TyId, v: ValueId, place: Place) -> Repr {
        let ty = self.ty(v);
        let word = self.iface_word(inter, ty);
        let data = self.box_value(ty, v, place);
        Repr::Flat(smallvec![word, data])
    }

    fn box_value(&mut self, ty: TyId, v: ValueId, place: Place) -> Value {
        let size = self.types.size_of(ty);
        if self.types.is_direct(ty) {
            return self.one(v);
        }
        if size == 0 {
            return self.symbol(Target::ZeroBase);
        }
        if let Some(data) = self.static_box(ty, size, v) {
            return data;
        }
        let leaves = self.leaves(ty);
        if let Some([Leaf { word, .. }]) = leaves.as_deref()
            && word.size() == size
        {
            return self.box_scalar(ty, *word, v, place);
        }
        if let Some(at) = self.place(place, size.next_multiple_of(8)) {
            return self.box_at(ty, v, at);
        }
        match (leaves.as_deref(), self.sole_component(ty)) {
            // A string without bytes, or a nil slice, is the zero value.
            (Some(_), Some(Ty::Basic(Basic::String))) => {
                let len = self.nth(v, 1);
                self.box_unless_zero(len, ty, v)
            }
            (Some(_), Some(Ty::Slice(_))) => {
                let p = self.nth(v, 0);
                self.box_unless_zero(p, ty, v)
            }
            _ => self.heap_box(ty, v),
        }
    }

    /// The type of a value's only component, through structs and arrays of one.
    fn sole_component(&self, ty: TyId) -> Option<Ty> {
        match self.types.under(ty) {
            Ty::Struct(f) => match f.as_slice() {
                [f] => self.sole_component(f.ty),
                _ => None,
            },
            Ty::Array(e, 1) => self.sole_component(*e),
            t => Some(t.clone()),
        }
    }

    pub fn small_int(&mut self, i: i64) -> Value {
        let table = self.symbol(Target::SmallInts);
        self.addr_value(Addr::ptr(table).plus(8 * i as u64))
    }

    /// A value of one scalar without pointers: small numbers need no memory.
    fn box_scalar(&mut self, ty: TyId, word: Word, v: ValueId, place: Place) -> Value {
        let x = self.one(v);
        let bits = match word {
            Word::F32 => self.b.ins().bitcast(types::I32, MemFlagsData::new(), x),
            Word::F64 => self.b.ins().bitcast(types::I64, MemFlagsData::new(), x),
            _ => x,
        };
        let bits = self.extend64(bits, false);
        if word.size() == 1 || !matches!(word, Word::F32 | Word::F64) && self.is_small_int(v) {
            let table = self.symbol(Target::SmallInts);
            return self.element(table, bits, 8);
        }
        if let Some(at) = self.place(place, 8) {
            return self.box_at(ty, v, at);
        }
        let small = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, bits, SMALL_INTS);
        let (table, heap, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let data = self.b.append_block_param(done, types::I64);
        self.b.ins().brif(small, table, &[], heap, &[]);
        self.enter(table);
        let t = self.symbol(Target::SmallInts);
        let p = self.element(t, bits, 8);
        self.b.ins().jump(done, &[p.into()]);
        self.enter(heap);
        let p = self.heap_box(ty, v);
        self.b.ins().jump(done, &[p.into()]);
        self.enter(done);
        data
    }

    /// Whether an integer is one of the small ones whatever it is: a byte, something masked or a remainder.
    fn is_small_int(&self, v: ValueId) -> bool {
        match self.def(v) {
            Some(&Op::Convert(Conv::Numeric | Conv::Same, x)) => match self.types.as_basic(self.ty(x)) {
                Some(Basic::Uint8) => true,
                Some(Basic::Int8) => false,
                _ => self.is_small_int(x),
            },
            Some(&Op::Binary(BinOp::And, x, y)) => [x, y].iter().any(|&k| self.const_below(k, SMALL_INTS)),
            Some(&Op::Binary(BinOp::Rem, x, y)) => {
                let signed = self.types.as_basic(self.ty(x)).is_none_or(Basic::is_signed);
                !signed && self.const_below(y, SMALL_INTS + 1)
            }
            _ => false,
        }
    }

    fn const_below(&self, v: ValueId, limit: i64) -> bool {
        self.const_int(v).is_some_and(|k| (0..limit).contains(&k))
    }

    fn box_unless_zero(&mut self, test: Value, ty: TyId, v: ValueId) -> Value {
        let (heap, zero, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let data = self.b.append_block_param(done, types::I64);
        self.b.ins().brif(test, heap, &[], zero, &[]);
        self.enter(zero);
        let p = self.symbol(Target::ZeroVal);
        self.b.ins().jump(done, &[p.into()]);
        self.enter(heap);
        let p = self.heap_box(ty, v);
        self.b.ins().jump(done, &[p.into()]);
        self.enter(done);
        data
    }

    fn box_at(&mut self, ty: TyId, v: ValueId, at: Addr) -> Value {
        let v = self.val(v);
        self.store_value(ty, &v, at, OWN);
        self.addr_value(at)
    }

    fn heap_box(&mut self, ty: TyId, v: ValueId) -> Value {
        let p = self.new_object(ty);
        let v = self.val(v);
        self.store_value(ty, &v, Addr::ptr(p), GO);
        p
    }

    // ---- words

    /// The dynamic type of an interface of type `inter`; nil for nil.
    fn dynamic_type(&mut self, inter: TyId, word: Value) -> Value {
        if self.is_eface(inter) {
            return word;
        }
        let (load, done) = (self.b.create_block(), self.b.create_block());
        let ty = self.b.append_block_param(done, types::I64);
        self.b.ins().brif(word, load, &[], done, &[word.into()]);
        self.enter(load);
        let t = self.itab_type(word);
        self.b.ins().jump(done, &[t.into()]);
        self.enter(done);
        ty
    }

    /// The dynamic type in an itab that is not nil.
    pub fn itab_type(&mut self, tab: Value) -> Value {
        self.load64(tab, offset_of!(Itab, typ) as i32, GO)
    }

    /// `Op::IfaceType`
    pub fn iface_type(&mut self, v: ValueId) -> Value {
        let (inter, word) = (self.ty(v), self.nth(v, 0));
        self.dynamic_type(inter, word)
    }

    // ---- finding itabs

    /// An entry of the assertion table of a type that is not nil: nil when there is none.
    fn probe(&mut self, number: Target, typ: Value) -> Value {
        let offset = self.symbol(number);
        let table = self.load64(typ, ASSERT_TABLE_OFFSET, OWN);
        let at = self.b.ins().iadd(table, offset);
        self.load64(at, 0, OWN)
    }

    /// The itab of (`inter`, `typ`), or a panic.
    fn find_itab(&mut self, inter: TyId, typ: Value) -> Value {
        let done = self.b.create_block();
        let itab = self.b.append_block_param(done, types::I64);
        let (look, cold) = (self.b.create_block(), self.cold_block());
        self.b.ins().brif(typ, look, &[], cold, &[]);
        self.enter(look);
        let entry = self.probe(Target::Probe(inter), typ);
        let ok = self.is_found(entry);
        self.b.ins().brif(ok, done, &[entry.into()], cold, &[]);
        self.enter(cold);
        let desc = self.type_desc(inter);
        let made = self.slow(slow::assertE2I { inter: desc, typ }).tab;
        let made = self.slow_result(made);
        self.b.ins().jump(done, &[made.into()]);
        self.enter(done);
        itab
    }

    /// Whether an entry is neither absent nor a failure.
    fn is_found(&mut self, entry: Value) -> Value {
        self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThan, entry, ASSERT_FAILS as i64)
    }

    /// The itab of (`inter`, `typ`), nil when `typ` is nil or lacks a method.
    fn find_itab_or_nil(&mut self, inter: TyId, typ: Value) -> Value {
        let done = self.b.create_block();
        let itab = self.b.append_block_param(done, types::I64);
        let (look, not, cold) = (self.b.create_block(), self.b.create_block(), self.cold_block());
        self.b.ins().brif(typ, look, &[], done, &[typ.into()]);
        self.enter(look);
        let entry = self.probe(Target::Probe(inter), typ);
        let ok = self.is_found(entry);
        self.b.ins().brif(ok, done, &[entry.into()], not, &[]);
        self.enter(not);
        let nil = self.i64(0);
        self.b.ins().brif(entry, done, &[nil.into()], cold, &[]);
        self.enter(cold);
        let desc = self.type_desc(inter);
        let made = self.slow(slow::assertE2I2 { inter: desc, typ }).tab;
        let made = self.slow_result(made);
        self.b.ins().jump(done, &[made.into()]);
        self.enter(done);
        itab
    }

    /// `Op::ChangeIface`
    pub fn change_iface(&mut self, to: TyId, v: ValueId) -> Repr {
        let from = self.ty(v);
        let (word, data) = (self.nth(v, 0), self.nth(v, 1));
        if from == to || self.is_eface(from) && self.is_eface(to) {
            return Repr::Flat(smallvec![word, data]);
        }
        let typ = self.dynamic_type(from, word);
        if self.is_eface(to) {
            return Repr::Flat(smallvec![typ, data]);
        }
        let (find, done) = (self.b.create_block(), self.b.create_block());
        let itab = self.b.append_block_param(done, types::I64);
        self.b.ins().brif(typ, find, &[], done, &[typ.into()]);
        self.enter(find);
        let found = self.find_itab(to, typ);
        self.b.ins().jump(done, &[found.into()]);
        self.enter(done);
        Repr::Flat(smallvec![itab, data])
    }

    // ---- assertions

    /// `Op::TypeAssert`
    pub fn type_assert(&mut self, to: TyId, v: ValueId) -> Repr {
        let from = self.ty(v);
        let (word, data) = (self.nth(v, 0), self.nth(v, 1));
        if !self.types.is_interface(to) {
            let want = self.iface_word(from, to);
            let ok = self.b.ins().icmp(IntCC::Equal, word, want);
            let (cold, cont) = (self.cold_block(), self.b.create_block());
            self.b.ins().brif(ok, cont, &[], cold, &[]);
            self.enter(cold);
            let (want, iface) = (self.type_desc(to), self.type_desc(from));
            if self.is_eface(from) {
                self.panic(slow::panicdottypeE { have: word, want, iface });
            } else {
                self.panic(slow::panicdottypeI { have: word, want, iface });
            }
            self.enter(cont);
            return self.unbox(to, data);
        }
        let typ = self.dynamic_type(from, word);
        if self.is_eface(to) {
            let want = self.type_desc(to);
            self.panic_unless(typ, slow::panicnildottype { want });
            return Repr::Flat(smallvec![typ, data]);
        }
        let itab = self.find_itab(to, typ);
        Repr::Flat(smallvec![itab, data])
    }

    /// `Op::TypeAssertOk`
    pub fn type_assert_ok(&mut self, tuple: TyId, v: ValueId) -> Repr {
        let to = self.types.tuple(tuple)[0];
        let from = self.ty(v);
        let (word, data) = (self.nth(v, 0), self.nth(v, 1));
        if !self.types.is_interface(to) {
            let want = self.iface_word(from, to);
            let ok = self.b.ins().icmp(IntCC::Equal, word, want);
            let value = self.unbox_or_zero(to, ok, data);
            return Repr::Tuple([value, Repr::Flat(smallvec![ok])].into());
        }
        let typ = self.dynamic_type(from, word);
        let first = if self.is_eface(to) { typ } else { self.find_itab_or_nil(to, typ) };
        let ok = self.b.ins().icmp_imm_u(IntCC::NotEqual, first, 0);
        let zero = self.i64(0);
        let data = self.b.ins().select(ok, data, zero);
        Repr::Tuple([Repr::Flat(smallvec![first, data]), Repr::Flat(smallvec![ok])].into())
    }

    fn unbox_or_zero(&mut self, ty: TyId, ok: Value, data: Value) -> Repr {
        if self.types.is_direct(ty) {
            let zero = self.i64(0);
            return Repr::Flat(smallvec![self.b.ins().select(ok, data, zero)]);
        }
        let (load, done) = (self.b.create_block(), self.b.create_block());
        match self.shape(ty) {
            Shape::Flat(leaves) => {
                let mut params = smallvec::SmallVec::new();
                let mut zeros: Vec<BlockArg> = vec![];
                for l in leaves.iter() {
                    let t = super::value::clif_type(l.word);
                    params.push(self.b.append_block_param(done, t));
                    zeros.push(self.zero_scalar(t).into());
                }
                self.b.ins().brif(ok, load, &[], done, &zeros);
                self.enter(load);
                let v = self.load_stable(ty, Addr::ptr(data), GO);
                let args: Vec<BlockArg> = self.scalars(&v).iter().map(|&v| v.into()).collect();
                self.b.ins().jump(done, &args);
                self.enter(done);
                Repr::Flat(params)
            }
            Shape::Image(_) => {
                let place = self.b.append_block_param(done, types::I64);
                self.b.ins().brif(ok, done, &[data.into()], load, &[]);
                self.enter(load);
                let Repr::Mem(zero) = self.zero_value(ty) else { ice!("zero value of an image") };
                let zero = self.addr_value(zero);
                self.b.ins().jump(done, &[zero.into()]);
                self.enter(done);
                Repr::Mem(Addr::ptr(place))
            }
        }
    }

    // ---- type switches

    /// `Term::TypeSwitch`: cases in order, each a comparison of one word. Interface cases that follow each other are one
    /// look into the assertion table, which tells the first that holds.
    pub fn type_switch(&mut self, x: ValueId, cases: &[TypeCase], default: BlockId) {
        let from = self.ty(x);
        let (word, data) = (self.nth(x, 0), self.nth(x, 1));
        let mut typ = None;
        let mut rest = cases;
        while let [c, others @ ..] = rest {
            let next = self.b.create_block();
            let run = rest.iter().take(ASSERT_CASE_MASK + 1).take_while(|c| self.needs_itab(c)).count();
            rest = if run > 0 { &rest[run..] } else { others };
            let target = self.target(c.target);
            match c.ty {
                None => {
                    self.b.ins().brif(word, next, &[], target, &[]);
                }
                Some(t) if !self.types.is_interface(t) => {
                    let want = self.iface_word(from, t);
                    let is = self.b.ins().icmp(IntCC::Equal, word, want);
                    self.b.ins().brif(is, target, &[], next, &[]);
                }
                Some(_) => {
                    let typ = *typ.get_or_insert_with(|| self.dynamic_type(from, word));
                    if run > 0 {
                        let first = cases.len() - rest.len() - run;
                        self.interface_cases(typ, data, &cases[first..first + run], next);
                    } else {
                        self.b.ins().brif(typ, target, &[typ.into(), data.into()], next, &[]);
                    }
                }
            }
            self.enter(next);
        }
        let default = self.target(default);
        self.b.ins().jump(default, &[]);
    }

    /// Whether a case is of an interface type with methods.
    fn needs_itab(&self, case: &TypeCase) -> bool {
        case.ty.is_some_and(|t| self.types.is_interface(t) && !self.is_eface(t))
    }

    /// Goes to the first of some interface cases that `typ` implements, or to `next`.
    fn interface_cases(&mut self, typ: Value, data: Value, cases: &[TypeCase], next: Block) {
        let list: Arc<[TyId]> = cases.iter().filter_map(|c| c.ty).collect();
        let one = if list.len() == 1 { list.first().copied() } else { None };
        let (look, cold) = (self.b.create_block(), self.cold_block());
        // Where there are several cases, that none holds is out of their way.
        let not = self.block_of(one.is_none());
        let found = self.b.create_block();
        self.b.ins().brif(typ, look, &[], next, &[]);
        self.enter(look);
        let e = self.probe(one.map_or_else(|| Target::CasesProbe(list.clone()), Target::Probe), typ);
        // What is found follows at once; what the slow path has found goes its own way to the cases.
        let missing = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThanOrEqual, e, ASSERT_FAILS as i64);
        self.b.ins().brif(missing, not, &[], found, &[]);
        self.enter(found);
        self.enter_case(e, data, cases, false);
        self.enter(not);
        self.b.ins().brif(e, next, &[], cold, &[]);
        self.enter(cold);
        let made = match one {
            Some(inter) => {
                let inter = self.type_desc(inter);
                self.slow(slow::assertE2I2 { inter, typ }).tab
            }
            None => {
                let cases = self.symbol(Target::Cases(list));
                self.slow(slow::interfaceSwitch { cases, typ }).entry
            }
        };
        let made = self.slow_result(made);
        let ok = self.is_found(made);
        let found = self.cold_block();
        self.b.ins().brif(ok, found, &[], next, &[]);
        self.enter(found);
        self.enter_case(made, data, cases, true);
    }

    /// Goes to the case that an entry tells.
    fn enter_case(&mut self, entry: Value, data: Value, cases: &[TypeCase], cold: bool) {
        let case = self.b.ins().band_imm_s(entry, ASSERT_CASE_MASK as i64);
        for (i, c) in cases.iter().enumerate() {
            let target = self.target(c.target);
            let itab = self.b.ins().iadd_imm_s(entry, -(i as i64));
            let args: [BlockArg; 2] = [itab.into(), data.into()];
            if i + 1 == cases.len() {
                self.b.ins().jump(target, &args);
                break;
            }
            let other = self.block_of(cold);
            let is = self.b.ins().icmp_imm_u(IntCC::Equal, case, i as i64);
            self.b.ins().brif(is, target, &args, other, &[]);
            self.enter(other);
        }
    }

    /// The CLIF block of a block.
    pub fn target(&self, b: BlockId) -> Block {
        self.blocks[b.index()].unwrap_or_else(|| ice!("{b:?} is not reachable"))
    }
}
