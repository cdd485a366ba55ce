//! Channels and `select`. Elements travel through slots of the frame.

use super::Emit;
use super::value::{Addr, OWN, Repr};
use cranelift_codegen::ir::{InstBuilder, Value, types};
use itab_abi::runtime_fns::{self, RuntimeFn};
use itab_ir::func::ValueId;
use itab_ir::op::SelectCase;
use itab_ir::ty::TyId;
use smallvec::smallvec;
use std::mem::offset_of;

impl Emit<'_> {
    /// `Op::MakeChan`
    pub fn make_chan(&mut self, ty: TyId, size: ValueId) -> Value {
        let (size, _) = self.index64(size);
        let desc = self.type_desc(ty);
        self.runtime(RuntimeFn::makechan, &[desc, size])[0]
    }

    /// `Op::Send`
    pub fn send(&mut self, c: ValueId, v: ValueId) -> Option<Repr> {
        let (ty, c, v) = (self.ty(v), self.one(c), self.val(v));
        let p = self.in_memory(ty, &v);
        self.runtime(RuntimeFn::chansend1, &[c, p]);
        None
    }

    /// A zeroed place for a received element.
    fn element_place(&mut self, ty: TyId) -> Addr {
        let size = self.types.size_of(ty);
        let place = self.new_place(ty, size.max(1));
        self.zero_bytes(place, size);
        place
    }

    /// `Op::Recv`
    pub fn recv(&mut self, ty: TyId, c: ValueId) -> Repr {
        let place = self.element_place(ty);
        let (c, p) = (self.one(c), self.addr_value(place));
        self.runtime(RuntimeFn::chanrecv1, &[c, p]);
        self.load_stable(ty, place, OWN)
    }

    /// `Op::RecvOk`
    pub fn recv_ok(&mut self, c: ValueId) -> Repr {
        let ty = self.types.elem(self.ty(c));
        let place = self.element_place(ty);
        let (c, p) = (self.one(c), self.addr_value(place));
        let ok = self.runtime(RuntimeFn::chanrecv2, &[c, p])[0];
        let v = self.load_stable(ty, place, OWN);
        Repr::Tuple([v, Repr::Flat(smallvec![ok])].into())
    }

    /// `Op::Select`
    pub fn select(&mut self, cases: &[SelectCase], blocking: bool) -> Repr {
        if cases.is_empty() && blocking {
            self.runtime(RuntimeFn::block, &[]);
        }
        let size = size_of::<runtime_fns::SelectCase>() as u64;
        let table = Addr::slot(self.new_slot((size * cases.len() as u64).max(8)));
        let mut received = vec![];
        for (i, c) in cases.iter().enumerate() {
            let at = table.plus(size * i as u64);
            let chan = self.one(c.chan);
            self.store_scalar(chan, at.plus(offset_of!(runtime_fns::SelectCase, chan) as u64), OWN);
            let elem = match c.send {
                Some(v) => {
                    let v = self.val(v);
                    self.in_memory(c.elem, &v)
                }
                None => {
                    let place = self.element_place(c.elem);
                    received.push((c.elem, place));
                    self.addr_value(place)
                }
            };
            self.store_scalar(elem, at.plus(offset_of!(runtime_fns::SelectCase, elem) as u64), OWN);
            let send = self.i64(i64::from(c.send.is_some()));
            self.store_scalar(send, at.plus(offset_of!(runtime_fns::SelectCase, send) as u64), OWN);
        }
        let table = self.addr_value(table);
        let n = self.i64(cases.len() as i64);
        let block = self.b.ins().iconst(types::I8, i64::from(blocking));
        let r = self.runtime(RuntimeFn::selectgo, &[table, n, block]);
        let mut parts = vec![Repr::Flat(smallvec![r[0]]), Repr::Flat(smallvec![r[1]])];
        for (ty, place) in received {
            let v = self.load_stable(ty, place, OWN);
            parts.push(v);
        }
        Repr::Tuple(parts.into())
    }
}
