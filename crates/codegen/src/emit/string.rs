//! Strings.

use super::Emit;
use super::value::{Addr, GO, OWN, Repr};
use crate::abi::Word;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use itab_abi::runtime_fns::RuntimeFn;
use itab_ir::func::ValueId;
use smallvec::smallvec;

impl Emit<'_> {
    /// `Op::Concat`: the headers lie in the frame in a row.
    pub fn concat(&mut self, parts: &[ValueId]) -> Repr {
        let slot = self.scratch(16 * parts.len() as u64);
        for (i, &p) in parts.iter().enumerate() {
            let at = Addr::slot(slot).plus(16 * i as u64);
            let (ptr, len) = (self.nth(p, 0), self.nth(p, 1));
            self.store_scalar(ptr, at, OWN);
            self.store_scalar(len, at.plus(8), OWN);
        }
        let at = self.addr_value(Addr::slot(slot));
        let n = self.i64(parts.len() as i64);
        let r = self.runtime(RuntimeFn::concatstrings, &[at, n]);
        self.release_scratch(16 * parts.len() as u64, slot);
        Repr::Flat(r.into())
    }

    /// `Op::DecodeRune`: one byte below 0x80 is a rune; the runtime decodes the rest.
    pub fn decode_rune(&mut self, s: ValueId, index: ValueId) -> Repr {
        let (p, n, i) = (self.nth(s, 0), self.nth(s, 1), self.one(index));
        let at = self.b.ins().iadd(p, i);
        let byte = self.load_scalar(Word::U8, Addr::ptr(at), GO);
        let (ascii, call, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let rune = self.b.append_block_param(done, types::I32);
        let next = self.b.append_block_param(done, types::I64);
        let is = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, byte, 0x80);
        self.b.ins().brif(is, ascii, &[], call, &[]);
        self.enter(ascii);
        let r = self.b.ins().uextend(types::I32, byte);
        let after = self.b.ins().iadd_imm_s(i, 1);
        self.b.ins().jump(done, &[r.into(), after.into()]);
        self.enter(call);
        let r = self.runtime(RuntimeFn::decoderune, &[p, n, i]);
        let wide = self.b.ins().ireduce(types::I32, r[0]);
        self.b.ins().jump(done, &[wide.into(), r[1].into()]);
        self.enter(done);
        Repr::Tuple([rune, next].map(|v| Repr::Flat(smallvec![v])).into())
    }
}
