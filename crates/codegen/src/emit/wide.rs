//! `bits.Mul64`, `Add64` and `Sub64`: 64-bit arithmetic with two results.
//!
//! They become arithmetic of 128 bits, for which Cranelift uses the processor's instructions: one multiplication, and
//! additions that leave the carry in its flag.
//!
//! Go code mostly adds a carry to an upper half: `lo, c = bits.Add64(lo, x, 0); hi += c`. Then both halves are one sum,
//! computed where the lower half is, and the later addition takes its upper half.

use super::Emit;
use super::value::Repr;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use itab_ir::func::{Func, ValueId};
use itab_ir::op::{BinOp, Conv, Intrinsic, Op};
use rustc_hash::FxHashMap;
use smallvec::smallvec;

/// Carries that are added to something.
#[derive(Default)]
pub struct Carries {
    /// By the result of an `Add64`: what its carry is added to, and that sum.
    uppers: Option<FxHashMap<ValueId, (ValueId, ValueId)>>,
    /// Sums that are done.
    done: FxHashMap<ValueId, Value>,
}

impl Emit<'_> {
    /// `Intrinsic::Mul64`, `Add64`, `Sub64`
    pub fn wide_arithmetic(&mut self, which: Intrinsic, args: &[ValueId], result: Option<ValueId>) -> Repr {
        let (x, y) = (self.one(args[0]), self.one(args[1]));
        let wide = |e: &mut Self, v: Value| e.b.ins().uextend(types::I128, v);
        let (a, b) = match which {
            Intrinsic::Mul64 => {
                let (x, y) = (wide(self, x), wide(self, y));
                let product = self.b.ins().imul(x, y);
                let (low, high) = self.b.ins().isplit(product);
                (high, low)
            }
            Intrinsic::Add64 => {
                let no_carry = self.const_int(args[2]) == Some(0);
                if no_carry && let Some(parts) = result.and_then(|r| self.add_to_upper(r, x, y)) {
                    return tuple(parts);
                }
                let (x, y) = (wide(self, x), wide(self, y));
                let mut sum = self.b.ins().iadd(x, y);
                if !no_carry {
                    let carry = self.one(args[2]);
                    let carry = wide(self, carry);
                    sum = self.b.ins().iadd(sum, carry);
                }
                self.b.ins().isplit(sum)
            }
            _ => {
                let (x, y) = (wide(self, x), wide(self, y));
                let mut difference = self.b.ins().isub(x, y);
                if self.const_int(args[2]) != Some(0) {
                    let borrow = self.one(args[2]);
                    let borrow = wide(self, borrow);
                    difference = self.b.ins().isub(difference, borrow);
                }
                let (low, high) = self.b.ins().isplit(difference);
                (low, self.b.ins().ineg(high))
            }
        };
        tuple((a, b))
    }

    /// The low half of `x + y` where its carry is added to something that is known by now, which is done as well.
    fn add_to_upper(&mut self, result: ValueId, x: Value, y: Value) -> Option<(Value, Value)> {
        if self.carries.uppers.is_none() {
            self.carries.uppers = Some(uppers(self.func, &self.uses));
        }
        let &(upper, sum) = self.carries.uppers.as_ref()?.get(&result)?;
        let Some(Repr::Flat(upper)) = &self.values[upper.index()] else { return None };
        let (upper, zero) = (*upper.first()?, self.i64(0));
        let (left, right) = (self.b.ins().iconcat(x, upper), self.b.ins().iconcat(y, zero));
        let both = self.b.ins().iadd(left, right);
        let (low, high) = self.b.ins().isplit(both);
        self.carries.done.insert(sum, high);
        // Nobody else looks at the carry.
        Some((low, zero))
    }

    /// A sum that was done with the lower half's.
    pub fn carried(&self, sum: Option<ValueId>) -> Option<Value> {
        self.carries.done.get(&sum?).copied()
    }
}

fn tuple((a, b): (Value, Value)) -> Repr {
    Repr::Tuple([a, b].map(|v| Repr::Flat(smallvec![v])).into())
}

/// For each `Add64` whose carry is used once, in an addition of the same block: the other operand and the sum.
fn uppers(func: &Func, uses: &super::uses::Uses) -> FxHashMap<ValueId, (ValueId, ValueId)> {
    let op = |v: ValueId| uses.def(v).map(|(b, i)| &func.blocks[b as usize].insts[i as usize].op);
    // The carry that a value is.
    let carry = |mut v: ValueId| {
        if uses.count(v) == 1
            && let Some(Op::Convert(Conv::Same, x)) = op(v)
        {
            v = *x;
        }
        match op(v)? {
            Op::Extract(add, 1) if uses.count(v) == 1 => {
                matches!(op(*add)?, Op::Intrinsic(Intrinsic::Add64, _)).then_some(*add)
            }
            _ => None,
        }
    };
    let mut out = FxHashMap::default();
    let mut carries = FxHashMap::<ValueId, u32>::default();
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        match (&inst.op, inst.result) {
            (Op::Extract(v, 1), _) => *carries.entry(*v).or_default() += 1,
            (Op::Binary(BinOp::Add, x, y), Some(sum)) => {
                let found = carry(*x).map(|add| (add, *y)).or_else(|| carry(*y).map(|add| (add, *x)));
                if let Some((add, upper)) = found
                    && uses.def(add).map(|at| at.0) == uses.def(sum).map(|at| at.0)
                {
                    out.insert(add, (upper, sum));
                }
            }
            _ => {}
        }
    }
    out.retain(|add, _| carries.get(add) == Some(&1));
    out
}
