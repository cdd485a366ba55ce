//! Addresses as numbers: which pointers a `uintptr` was computed from.
//!
//! Package unsafe promises that `unsafe.Pointer(uintptr(p) + n)` leads to what `p` leads to, and that the field `Data` of a
//! `reflect.SliceHeader` or `reflect.StringHeader` is a pointer while the header is that of a slice or string. For the
//! passes a number points to nothing. So the builder notes the pointers behind the numbers of an expression
//! (`State::derived`) and hands them to the conversion back, which is `Intrinsic::PointerFrom` then; the field of a header
//! is loaded and stored as a pointer.
//!
//! The promise holds within one expression. What is read from a variable is another value, so a number that was assigned
//! has lost its pointers, as in gc; functions that hide a pointer from escape analysis are made of that.

use super::Builder;
use crate::func::{Inst, ValueId};
use crate::op::{Conv, Intrinsic, Op};
use crate::ty::{Basic, Ty, TyId, TypeTable};
use crate::world::World;

impl Builder<'_> {
    /// Notes that a number was computed from others.
    pub fn derive(&mut self, number: ValueId, from: &[ValueId]) {
        if self.f.derived.is_empty() || self.types().as_basic(self.f.e.ty(number)) != Some(Basic::Uintptr) {
            return;
        }
        let pointers: Vec<ValueId> = from.iter().filter_map(|v| self.f.derived.get(v)).flatten().copied().collect();
        if !pointers.is_empty() {
            self.f.derived.insert(number, pointers);
        }
    }

    /// The address that a pointer is, as a number.
    pub fn address_number(&mut self, pointer: ValueId, want: TyId) -> ValueId {
        let number = self.f.e.op(want, Op::Convert(Conv::Same, pointer));
        self.f.derived.insert(number, vec![pointer]);
        number
    }

    /// The pointer that a number is the address of.
    pub fn pointer_from(&mut self, number: ValueId, want: TyId) -> ValueId {
        let op = match self.f.derived.get(&number) {
            Some(pointers) => {
                let operands = std::iter::once(number).chain(pointers.iter().copied()).collect();
                Op::Intrinsic(Intrinsic::PointerFrom, operands)
            }
            None => Op::Convert(Conv::Same, number),
        };
        self.f.e.op(want, op)
    }

    /// Whether a field is `Data` of one of package reflect's headers.
    pub fn is_header_data(&self, st: TyId, field: u32) -> bool {
        let Ty::Named(n) = *self.types().get(st) else { return false };
        let info = self.types().named_info(n);
        field == 0 && &*info.pkg == "reflect" && matches!(&*info.name, "SliceHeader" | "StringHeader")
    }

    /// Whether an address that was made just now is that of such a field.
    pub fn is_header_data_addr(&self, p: ValueId) -> bool {
        let last = self.f.e.func.block(self.f.e.cur).insts.last();
        let Some(Inst { op: Op::FieldAddr(st, i), result, .. }) = last else { return false };
        *result == Some(p) && self.is_header_data(self.types().elem(self.f.e.ty(*st)), *i)
    }

    /// The field at an address.
    pub fn load_header_data(&mut self, p: ValueId) -> ValueId {
        let p = self.as_pointer_to_pointer(p);
        let pointer = self.f.e.load(World::unsafe_pointer(), p);
        self.address_number(pointer, TypeTable::basic(Basic::Uintptr))
    }

    /// Assigns the field at an address.
    pub fn store_header_data(&mut self, p: ValueId, number: ValueId) {
        if !self.f.derived.contains_key(&number) {
            return self.f.e.store(p, number);
        }
        let pointer = self.pointer_from(number, World::unsafe_pointer());
        let p = self.as_pointer_to_pointer(p);
        self.f.e.store(p, pointer);
    }

    fn as_pointer_to_pointer(&mut self, p: ValueId) -> ValueId {
        let ty = self.pointer(World::unsafe_pointer());
        self.f.e.op(ty, Op::Convert(Conv::Same, p))
    }
}
