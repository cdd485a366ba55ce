//! Strings.

use super::value::{Addr, GO, OWN, Repr};
use super::{Emit, slow};
use crate::abi::Word;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use itab_abi::runtime_fns::RuntimeFn;
use itab_ir::func::ValueId;
use itab_ir::op::{Storage, TMP_BUF};
use smallvec::smallvec;

impl Emit<'_> {
    /// `Op::Concat`: the headers lie in the frame in a row.
    pub fn concat(&mut self, parts: &[ValueId], place: Storage) -> Repr {
        let buf = self.tmp_buf(place, 1);
        let slot = self.scratch(16 * parts.len() as u64);
        for (i, &p) in parts.iter().enumerate() {
            let at = Addr::slot(slot).plus(16 * i as u64);
            let (ptr, len) = (self.nth(p, 0), self.nth(p, 1));
            self.store_scalar(ptr, at, OWN);
            self.store_scalar(len, at.plus(8), OWN);
        }
        let at = self.addr_value(Addr::slot(slot));
        let n = self.i64(parts.len() as i64);
        let r = self.runtime(RuntimeFn::concatstrings, &[buf, at, n]);
        self.release_scratch(16 * parts.len() as u64, slot);
        Repr::Flat(r.into())
    }

    /// Room for a text in the frame, or nil: for so many bytes a byte or rune.
    pub fn tmp_buf(&mut self, place: Storage, unit: u64) -> Value {
        const { assert!(TMP_BUF == itab_abi::value::TMP_BUF as u64) };
        let size = unit * TMP_BUF;
        match self.place(place, size) {
            Some(at) => self.addr_value(at),
            None => self.i64(0),
        }
    }

    /// `Op::DecodeRune`: sequences of one byte, and valid ones of two and three, are decoded here, those of several out of
    /// the way; the runtime does the rest.
    pub fn decode_rune(&mut self, s: ValueId, index: ValueId) -> Repr {
        let (p, n, i) = (self.nth(s, 0), self.nth(s, 1), self.one(index));
        let done = self.b.create_block();
        let rune = self.b.append_block_param(done, types::I32);
        let next = self.b.append_block_param(done, types::I64);
        let slow = self.cold_block();
        let at = self.b.ins().iadd(p, i);
        let b0 = self.byte_at(at, 0);

        let (ascii, multi) = (self.b.create_block(), self.cold_block());
        let is = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, b0, 0x80);
        self.b.ins().brif(is, ascii, &[], multi, &[]);
        self.enter(ascii);
        let after = self.b.ins().iadd_imm_s(i, 1);
        self.b.ins().jump(done, &[b0.into(), after.into()]);
        self.enter(multi);

        // Two bytes: 0xC2..=0xDF, then a continuation.
        let (two, three) = (self.cold_block(), self.cold_block());
        let left = self.b.ins().isub(n, i);
        let lead = self.b.ins().iadd_imm_s(b0, -0xC2);
        let is = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, lead, 0xE0 - 0xC2);
        self.b.ins().brif(is, two, &[], three, &[]);
        self.enter(two);
        self.unless_left(left, 2, slow);
        let low = self.continuation(at, 1, slow);
        let high = self.bits(b0, 0x1F, 6);
        let r = self.b.ins().bor(high, low);
        let after = self.b.ins().iadd_imm_s(i, 2);
        self.b.ins().jump(done, &[r.into(), after.into()]);

        // Three bytes: 0xE0..=0xEF, then two continuations; not shorter ones in disguise, not surrogates.
        self.enter(three);
        let lead = self.b.ins().iadd_imm_s(b0, -0xE0);
        let is = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, lead, 0x10);
        self.or_slow(is, slow);
        self.unless_left(left, 3, slow);
        let middle = self.continuation(at, 1, slow);
        let low = self.continuation(at, 2, slow);
        let high = self.bits(b0, 0x0F, 12);
        let middle = self.b.ins().ishl_imm_u(middle, 6);
        let r = self.b.ins().bor(high, middle);
        let r = self.b.ins().bor(r, low);
        let long = self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThanOrEqual, r, 0x800);
        self.or_slow(long, slow);
        let plane = self.b.ins().band_imm_u(r, 0xF800);
        let valid = self.b.ins().icmp_imm_u(IntCC::NotEqual, plane, 0xD800);
        self.or_slow(valid, slow);
        let after = self.b.ins().iadd_imm_s(i, 3);
        self.b.ins().jump(done, &[r.into(), after.into()]);

        self.enter(slow);
        let made = self.slow(slow::decoderune { p, n, i });
        let (r, after) = (self.slow_result(made.rune), self.slow_result(made.after));
        let r = self.b.ins().ireduce(types::I32, r);
        self.b.ins().jump(done, &[r.into(), after.into()]);
        self.enter(done);
        Repr::Tuple([rune, next].map(|v| Repr::Flat(smallvec![v])).into())
    }

    /// The byte at `p + offset` as 32 bits.
    fn byte_at(&mut self, p: Value, offset: u64) -> Value {
        let byte = self.load_scalar(Word::U8, Addr::ptr(p).plus(offset), GO);
        self.b.ins().uextend(types::I32, byte)
    }

    /// `(v & mask) << shift`
    fn bits(&mut self, v: Value, mask: i64, shift: i64) -> Value {
        let v = self.b.ins().band_imm_u(v, mask);
        self.b.ins().ishl_imm_u(v, shift)
    }

    /// The six bits of a continuation byte; to `slow` when it is none.
    fn continuation(&mut self, p: Value, offset: u64, slow: Block) -> Value {
        let byte = self.byte_at(p, offset);
        let bits = self.b.ins().bxor_imm_u(byte, 0x80);
        let is = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, bits, 0x40);
        self.or_slow(is, slow);
        bits
    }

    fn unless_left(&mut self, left: Value, n: i64, slow: Block) {
        let enough = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, left, n);
        self.or_slow(enough, slow);
    }

    /// Goes on when `ok`, else to `slow`.
    fn or_slow(&mut self, ok: Value, slow: Block) {
        let cont = self.cold_block();
        self.b.ins().brif(ok, cont, &[], slow, &[]);
        self.enter(cont);
    }
}
