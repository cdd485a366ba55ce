//! Interfaces: boxing, conversion, assertion, type switches.
//!
//! An interface value is two words. The first tells its dynamic type: the type's descriptor where the interface type has no
//! methods, else the itab of (interface type, dynamic type); nil where the value is nil. Both are unique in a program, so an
//! assertion to a concrete type is a comparison of one word. The second word, the data word, is the value itself if its
//! type is direct (a pointer, map, channel or func), else the address of a *box*, which is never written again.
//!
//! An assertion to an interface type with methods needs the itab of the dynamic type. It is looked up in the dynamic type's
//! table of finished assertions (`itab_abi::types::AssertTable`), and the runtime is called when it is not there yet.

use super::value::{Addr, GO, OWN, Repr};
use super::{Emit, slow};
use crate::abi::{Leaf, Word};
use crate::object::LinkSymbol;
use crate::symbols::Shape;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, MemFlagsData, Value, types};
use itab_abi::iface::Itab;
use itab_abi::types::{ASSERT_CASE_MASK, ASSERT_FAILS, ASSERT_TABLE_OFFSET};
use itab_ir::func::{BlockId, ValueId};
use itab_ir::op::{BinOp, Conv, Op, Storage, TypeCase};
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
        let target = if self.is_eface(inter) { LinkSymbol::Type(ty) } else { LinkSymbol::Itab(inter, ty) };
        self.symbol(target)
    }

    // ---- boxing

    /// `Op::MakeIface`: a value of a concrete type as an interface value of type `inter`. It never panics.
    ///
    /// The first word is a symbol. The data word is the value itself or the address of a box ([`Emit::box_value`]).
    pub fn make_iface(&mut self, inter: TyId, v: ValueId, place: Storage) -> Repr {
        let ty = self.ty(v);
        let word = self.iface_word(inter, ty);
        let data = self.box_value(ty, v, place);
        Repr::Flat(smallvec![word, data])
    }

    /// The data word of an interface value that holds `v`.
    ///
    /// A direct value is its own data word. No memory is taken for types of size 0, for constants (a box that is read-only
    /// data), for numbers below [`SMALL_INTS`], and for empty strings and nil slices, which share one zero value. Other
    /// values get a box: in the frame if escape analysis says so, else on the heap.
    fn box_value(&mut self, ty: TyId, v: ValueId, place: Storage) -> Value {
        let size = self.types.size_of(ty);
        if self.types.is_direct(ty) {
            return self.one(v);
        }
        if size == 0 {
            return self.symbol(LinkSymbol::ZeroBase);
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

    /// The address of the box of a constant below [`SMALL_INTS`].
    pub fn small_int(&mut self, i: i64) -> Value {
        let table = self.symbol(LinkSymbol::SmallInts);
        self.addr_value(Addr::ptr(table).plus(8 * i as u64))
    }

    /// The box of a value of one scalar without pointers. Numbers below [`SMALL_INTS`] are in a table; where the value may be
    /// above, that is tested at run time.
    fn box_scalar(&mut self, ty: TyId, word: Word, v: ValueId, place: Storage) -> Value {
        let x = self.one(v);
        let bits = match word {
            Word::F32 => self.b.ins().bitcast(types::I32, MemFlagsData::new(), x),
            Word::F64 => self.b.ins().bitcast(types::I64, MemFlagsData::new(), x),
            _ => x,
        };
        let bits = self.extend64(bits, false);
        if word.size() == 1 || !matches!(word, Word::F32 | Word::F64) && self.is_small_int(v) {
            let table = self.symbol(LinkSymbol::SmallInts);
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
        let t = self.symbol(LinkSymbol::SmallInts);
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

    /// Whether a value is a constant in `0..limit`.
    fn const_below(&self, v: ValueId, limit: i64) -> bool {
        self.const_int(v).is_some_and(|k| (0..limit).contains(&k))
    }

    /// A box of `v` on the heap, or the shared zero value if `test`, the word that tells an empty value, is 0.
    fn box_unless_zero(&mut self, test: Value, ty: TyId, v: ValueId) -> Value {
        let (heap, zero, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let data = self.b.append_block_param(done, types::I64);
        self.b.ins().brif(test, heap, &[], zero, &[]);
        self.enter(zero);
        let p = self.symbol(LinkSymbol::ZeroVal);
        self.b.ins().jump(done, &[p.into()]);
        self.enter(heap);
        let p = self.heap_box(ty, v);
        self.b.ins().jump(done, &[p.into()]);
        self.enter(done);
        data
    }

    /// A box of `v` in the frame.
    fn box_at(&mut self, ty: TyId, v: ValueId, at: Addr) -> Value {
        let v = self.val(v);
        self.store_value(ty, &v, at, OWN);
        self.addr_value(at)
    }

    /// A box of `v` on the heap.
    fn heap_box(&mut self, ty: TyId, v: ValueId) -> Value {
        let p = self.new_object(ty);
        let v = self.val(v);
        self.store_value(ty, &v, Addr::ptr(p), GO);
        p
    }

    // ---- words

    /// The descriptor of the dynamic type of an interface value of type `inter` with this first word; nil for nil. Without
    /// methods that is the first word itself; with methods it is loaded from the itab, behind a test for nil.
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

    /// The descriptor of the dynamic type that an itab is for. The itab is not nil.
    pub fn itab_type(&mut self, tab: Value) -> Value {
        self.load64(tab, offset_of!(Itab, typ) as i32, GO)
    }

    /// `Op::IfaceType`: the descriptor of an interface value's dynamic type, nil for nil. It never panics.
    pub fn iface_type(&mut self, v: ValueId) -> Value {
        let (inter, word) = (self.ty(v), self.nth(v, 0));
        self.dynamic_type(inter, word)
    }

    // ---- finding itabs

    /// The entry of an assertion table: two loads from the descriptor of a type, which is not nil. `number` is the offset of
    /// the entry. It is 0 if the runtime has not been asked yet, [`ASSERT_FAILS`] if the type lacks a method, else the itab.
    fn probe(&mut self, number: LinkSymbol, typ: Value) -> Value {
        let offset = self.symbol(number);
        let table = self.load64(typ, ASSERT_TABLE_OFFSET, OWN);
        let at = self.b.ins().iadd(table, offset);
        self.load64(at, 0, OWN)
    }

    /// The itab of (`inter`, `typ`). Panics with a `*runtime.TypeAssertionError` if `typ` is nil or lacks a method.
    ///
    /// The path on which the table has it is two loads and a comparison. Otherwise the runtime's `assertE2I` finds it, fills
    /// the table or panics.
    fn find_itab(&mut self, inter: TyId, typ: Value) -> Value {
        let done = self.b.create_block();
        let itab = self.b.append_block_param(done, types::I64);
        let (look, cold) = (self.b.create_block(), self.cold_block());
        self.b.ins().brif(typ, look, &[], cold, &[]);
        self.enter(look);
        let entry = self.probe(LinkSymbol::Probe(inter), typ);
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

    /// Whether an entry of an assertion table is an itab.
    fn is_found(&mut self, entry: Value) -> Value {
        self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThan, entry, ASSERT_FAILS as i64)
    }

    /// The itab of (`inter`, `typ`), nil if `typ` is nil or lacks a method. As [`Emit::find_itab`], with the runtime's
    /// `assertE2I2`.
    fn find_itab_or_nil(&mut self, inter: TyId, typ: Value) -> Value {
        let done = self.b.create_block();
        let itab = self.b.append_block_param(done, types::I64);
        let (look, not, cold) = (self.b.create_block(), self.b.create_block(), self.cold_block());
        self.b.ins().brif(typ, look, &[], done, &[typ.into()]);
        self.enter(look);
        let entry = self.probe(LinkSymbol::Probe(inter), typ);
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

    /// `Op::ChangeIface`: an interface value as one of type `to`, whose methods the static type has. It never panics, and nil
    /// stays nil.
    ///
    /// The data word stays. Without methods in `to` the first word is the dynamic type; else it is the itab, which is
    /// looked up unless the value is nil.
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

    /// `Op::TypeAssert`: `x.(T)`, with T = `to`. Panics with a `*runtime.TypeAssertionError` that tells both types, and the
    /// method that is missing.
    ///
    /// *T is concrete:* the first word is compared with the one that T would have (`panicdottypeE`, `panicdottypeI`), and
    /// the value is taken out of the data word. *T is an interface type without methods:* the dynamic type must not be
    /// nil (`panicnildottype`). *T has methods:* [`Emit::find_itab`].
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

    /// `Op::TypeAssertOk`: `v, ok := x.(T)`, with T the first type of the tuple. It never panics; v is zero where ok is false.
    ///
    /// The tests are those of `Op::TypeAssert`, their outcome is `ok`. A direct value is chosen by a `select`; other values
    /// are loaded from the box only if ok holds.
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

    /// The value of type `ty` that a data word holds if `ok`, else zero. A value that lives in memory is not copied: the result
    /// is the box, or a zero value.
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

    /// `Term::TypeSwitch`: goes to the block of the first case that matches. It never panics.
    ///
    /// A case of a concrete type is a comparison of the first word, `nil` a test of it. Successive cases of interface types
    /// with methods are one lookup in the assertion table, whose entry tells the first that matches
    /// ([`Emit::interface_cases`]). The block of an interface case has the converted value's two words as parameters.
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

    /// Goes to the first of some successive interface cases that `typ` implements, or to `next`.
    ///
    /// One case uses the same table entry as an assertion (`assertE2I2`). Several have an entry of their own, filled by the
    /// runtime's `interfaceSwitch`: the itab, with the number of the case in its low bits.
    fn interface_cases(&mut self, typ: Value, data: Value, cases: &[TypeCase], next: Block) {
        let list: Arc<[TyId]> = cases.iter().filter_map(|c| c.ty).collect();
        let one = if list.len() == 1 { list.first().copied() } else { None };
        let (look, cold) = (self.b.create_block(), self.cold_block());
        // Where there are several cases, that none holds is out of their way.
        let not = self.block_of(one.is_none());
        let found = self.b.create_block();
        self.b.ins().brif(typ, look, &[], next, &[]);
        self.enter(look);
        let e = self.probe(one.map_or_else(|| LinkSymbol::CasesProbe(list.clone()), LinkSymbol::Probe), typ);
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
                let cases = self.symbol(LinkSymbol::Cases(list));
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

    /// Goes to the case whose number is in the low bits of a table entry, with the itab that the entry is without them.
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
