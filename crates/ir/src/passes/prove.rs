//! Facts about integers of the form `x <= y + c`, and proofs from them.
//!
//! A value stands for the mathematical integer that it holds; a sum stands for the sum of its operands only where it
//! cannot overflow. A proof of `x <= y + c` goes up from `x` and down from `y` through facts and definitions, to a
//! limited depth. That is the ABCD algorithm (Bodík, Gupta, Sarkar: *ABCD: eliminating array bounds checks on demand*),
//! over facts that are added and removed during a walk over the dominator tree.

use super::rewrite::Defs;
use crate::func::{Func, ValueId};
use crate::op::{BinOp, Const, Conv, Intrinsic, Op};
use crate::ty::{Basic, TypeTable};
use rustc_hash::FxHashMap;
use std::cell::Cell;

/// Stands for the number 0.
pub(crate) const ZERO: ValueId = ValueId(u32::MAX);

/// How many steps a proof may have.
const DEPTH: u32 = 6;
/// How many values a query may look at.
const FUEL: u32 = 600;
/// No object has more bytes.
const MAX_LEN: i64 = 1 << 47;

/// What is known of integers at a place.
pub(crate) struct Facts<'a> {
    types: &'a TypeTable,
    func: &'a Func,
    defs: Defs,
    /// By `x`: all `(y, c)` with `x <= y + c`.
    above: FxHashMap<ValueId, Vec<(ValueId, i64)>>,
    /// By `y`: all `(x, c)` with `x <= y + c`.
    below: FxHashMap<ValueId, Vec<(ValueId, i64)>>,
    log: Vec<(ValueId, ValueId)>,
    lens: FxHashMap<ValueId, ValueId>,
    fuel: Cell<u32>,
}

impl<'a> Facts<'a> {
    pub fn new(types: &'a TypeTable, func: &'a Func) -> Facts<'a> {
        let mut lens = FxHashMap::default();
        for inst in func.blocks.iter().flat_map(|b| &b.insts) {
            if let (Op::Len(x), Some(v)) = (&inst.op, inst.result) {
                lens.entry(*x).or_insert(v);
            }
        }
        let defs = Defs::new(func);
        let (above, below) = Default::default();
        Facts { types, func, defs, above, below, log: vec![], lens, fuel: Cell::new(0) }
    }

    /// How many facts there are, for [`Facts::forget`].
    pub fn mark(&self) -> usize {
        self.log.len()
    }

    /// Forgets the facts after a mark.
    pub fn forget(&mut self, mark: usize) {
        while self.log.len() > mark
            && let Some((x, y)) = self.log.pop()
        {
            self.above.get_mut(&x).map(Vec::pop);
            self.below.get_mut(&y).map(Vec::pop);
        }
    }

    /// From now on `x <= y + c`.
    pub fn at_most(&mut self, x: ValueId, y: ValueId, c: i64) {
        let Some((x, y, c)) = self.split(x, y, c) else { return };
        if x == y {
            return;
        }
        self.above.entry(x).or_default().push((y, c));
        self.below.entry(y).or_default().push((x, c));
        self.log.push((x, y));
    }

    /// From now on `x >= c`.
    pub fn at_least(&mut self, x: ValueId, c: i64) {
        if self.range(x).0 < c
            && let Some(c) = c.checked_neg()
        {
            self.at_most(ZERO, x, c);
        }
    }

    /// `x <= y + c` with constants as 0 and an offset.
    fn split(&self, x: ValueId, y: ValueId, c: i64) -> Option<(ValueId, ValueId, i64)> {
        let (x, c) = match self.constant(x) {
            Some(k) => (ZERO, c.checked_sub(k)?),
            None => (x, c),
        };
        match self.constant(y) {
            Some(k) => Some((x, ZERO, c.checked_add(k)?)),
            None => Some((x, y, c)),
        }
    }

    /// The value that is the length of a slice or string, if the body has one.
    pub fn len_of(&self, x: ValueId) -> Option<ValueId> {
        self.lens.get(&x).copied()
    }

    /// The integer constant that a value is.
    pub fn constant(&self, v: ValueId) -> Option<i64> {
        if v == ZERO {
            return Some(0);
        }
        match self.defs.constant(self.func, v)? {
            Const::Int(i) => Some(*i),
            Const::Zero => Some(0),
            _ => None,
        }
    }

    fn basic(&self, v: ValueId) -> Option<Basic> {
        self.types.as_basic(self.func.ty(v))
    }

    /// Whether a value is an integer that 64 signed bits hold.
    pub fn is_integer(&self, v: ValueId) -> bool {
        v == ZERO || self.basic(v).is_some_and(|b| b.is_integer() && (b.is_signed() || b.size() < 8))
    }

    /// Smallest and largest value of a value's type.
    pub fn type_range(&self, v: ValueId) -> (i64, i64) {
        match self.basic(v) {
            Some(b) if b.is_integer() && b.size() < 8 => {
                let bits = b.size() * 8;
                if b.is_signed() { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) }
            }
            _ => (i64::MIN, i64::MAX),
        }
    }

    /// Bounds of a value.
    pub fn range(&self, v: ValueId) -> (i64, i64) {
        self.fuel.set(FUEL);
        self.range_at(v, DEPTH)
    }

    /// Whether the query may go on.
    fn burn(&self) -> bool {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(1));
        left > 0
    }

    fn range_at(&self, v: ValueId, depth: u32) -> (i64, i64) {
        if let Some(k) = self.constant(v) {
            return (k, k);
        }
        let (mut low, mut high) = self.type_range(v);
        if matches!(self.defs.op(self.func, v), Some(Op::Len(_) | Op::Cap(_))) {
            (low, high) = (0, MAX_LEN);
        }
        if !self.is_integer(v) || depth == 0 || !self.burn() {
            return (low, high);
        }
        if let Some((l, h)) = self.computed(v, depth - 1) {
            low = low.max(l);
            high = high.min(h);
        }
        for &(y, c) in self.above.get(&v).into_iter().flatten() {
            let h = if y == ZERO { 0 } else { self.range_at(y, depth - 1).1 };
            high = high.min(h.saturating_add(c));
        }
        for &(x, c) in self.below.get(&v).into_iter().flatten() {
            let l = if x == ZERO { 0 } else { self.range_at(x, depth - 1).0 };
            low = low.max(l.saturating_sub(c));
        }
        (low, high)
    }

    /// Bounds that a value has from its definition.
    fn computed(&self, v: ValueId, depth: u32) -> Option<(i64, i64)> {
        let full = self.type_range(v);
        let fits = |l: Option<i64>, h: Option<i64>| match (l, h) {
            (Some(l), Some(h)) if full.0 <= l && h <= full.1 => Some((l, h)),
            _ => None,
        };
        match *self.defs.op(self.func, v)? {
            Op::Len(_) | Op::Cap(_) | Op::CopySlice(..) | Op::ChanLen(_) | Op::ChanCap(_) => Some((0, MAX_LEN)),
            Op::Convert(Conv::Numeric | Conv::Same, x) if self.basic(x).is_some_and(Basic::is_integer) => {
                if !self.is_integer(x) {
                    // A word without sign, of which something may still be known.
                    let (l, h) = self.unsigned(x, depth)?;
                    return fits(Some(l), Some(h));
                }
                let (l, h) = self.range_at(x, depth);
                fits(Some(l), Some(h))
            }
            Op::Intrinsic(Intrinsic::LeadingZeros | Intrinsic::TrailingZeros | Intrinsic::OnesCount, _) => {
                Some((0, 64))
            }
            Op::Binary(op, x, y) => {
                let ((a, b), (c, d)) = (self.range_at(x, depth), self.range_at(y, depth));
                match op {
                    BinOp::Add => fits(a.checked_add(c), b.checked_add(d)),
                    BinOp::Sub => {
                        let whole = fits(a.checked_sub(d), b.checked_sub(c));
                        match whole {
                            Some((l, h)) if l < 0 && a >= 0 && c >= 0 && self.prove_at(y, x, 0, depth) => Some((0, h)),
                            w => w,
                        }
                    }
                    BinOp::Mul if a >= 0 && c >= 0 => fits(a.checked_mul(c), b.checked_mul(d)),
                    BinOp::And if c >= 0 => Some((0, if a >= 0 { b.min(d) } else { d })),
                    BinOp::And if a >= 0 => Some((0, b)),
                    BinOp::Or | BinOp::Xor if a >= 0 && c >= 0 => {
                        let bits = 64 - (b | d).leading_zeros();
                        Some((0, if bits >= 63 { i64::MAX } else { (1 << bits) - 1 }))
                    }
                    BinOp::AndNot if a >= 0 => Some((0, b)),
                    BinOp::Div if a >= 0 && c > 0 => Some((a / d.max(1), b / c)),
                    BinOp::Rem if c > 0 && d < i64::MAX => {
                        Some((if a >= 0 { 0 } else { -(d - 1) }, (d - 1).min(b.max(0))))
                    }
                    BinOp::Shr if a >= 0 && (0..64).contains(&c) => Some((0, b >> c)),
                    BinOp::Shl if a >= 0 && c == d && (0..63).contains(&c) => {
                        fits(a.checked_mul(1 << c), b.checked_mul(1 << c))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Bounds of a 64-bit value without sign, when it is known to fit in 63 bits.
    fn unsigned(&self, v: ValueId, depth: u32) -> Option<(i64, i64)> {
        if depth == 0 {
            return None;
        }
        if let Some(k) = self.constant(v) {
            return (k >= 0).then_some((k, k));
        }
        let operand = |x: ValueId| match self.is_integer(x) {
            true => Some(self.range_at(x, depth - 1)).filter(|r| r.0 >= 0),
            false => self.unsigned(x, depth - 1),
        };
        match *self.defs.op(self.func, v)? {
            Op::Convert(Conv::Numeric | Conv::Same, x) if self.basic(x).is_some_and(Basic::is_integer) => operand(x),
            Op::Binary(BinOp::And, x, y) => match (operand(x), operand(y)) {
                (Some((_, b)), Some((_, d))) => Some((0, b.min(d))),
                (Some((_, b)), None) | (None, Some((_, b))) => Some((0, b)),
                _ => None,
            },
            Op::Binary(BinOp::Shr, x, y) => {
                let k = self.constant(y).filter(|k| (1..64).contains(k))?;
                match operand(x) {
                    Some((_, b)) => Some((0, b >> k)),
                    None => Some((0, (u64::MAX >> k) as i64)),
                }
            }
            Op::Binary(BinOp::Rem, _, y) => operand(y).filter(|r| r.0 > 0).map(|r| (0, r.1 - 1)),
            _ => None,
        }
    }

    /// Whether `x <= y + c` follows.
    pub fn prove(&self, x: ValueId, y: ValueId, c: i64) -> bool {
        self.fuel.set(FUEL);
        self.prove_at(x, y, c, DEPTH)
    }

    fn prove_at(&self, x: ValueId, y: ValueId, c: i64, depth: u32) -> bool {
        let Some((x, y, c)) = self.split(x, y, c) else { return false };
        if !self.burn() {
            return false;
        }
        if x == y {
            return c >= 0;
        }
        let high = if x == ZERO { 0 } else { self.range_at(x, depth.min(4)).1 };
        let low = if y == ZERO { 0 } else { self.range_at(y, depth.min(4)).0 };
        if low.checked_add(c).is_some_and(|l| high <= l) {
            return true;
        }
        if depth == 0 {
            return false;
        }
        let d = depth - 1;
        let up = self.above.get(&x).into_iter().flatten();
        if up.into_iter().any(|&(z, k)| c.checked_sub(k).is_some_and(|c| self.prove_at(z, y, c, d))) {
            return true;
        }
        let down = self.below.get(&y).into_iter().flatten();
        if down.into_iter().any(|&(z, k)| c.checked_sub(k).is_some_and(|c| self.prove_at(x, z, c, d))) {
            return true;
        }
        self.by_definition_of_x(x, y, c, d) || self.by_definition_of_y(x, y, c, d)
    }

    fn by_definition_of_x(&self, x: ValueId, y: ValueId, c: i64, d: u32) -> bool {
        if x == ZERO {
            return false;
        }
        match self.defs.op(self.func, x) {
            Some(&Op::Binary(BinOp::Add, z, k)) => match self.constant(k) {
                Some(k) => self.is_exact_sum(z, k) && c.checked_sub(k).is_some_and(|c| self.prove_at(z, y, c, d)),
                None => {
                    // z + k <= y + c when one summand is not positive.
                    let exact = |a, b| self.is_exact_add(a, b);
                    exact(z, k)
                        && ((self.range_at(k, d).1 <= 0 && self.prove_at(z, y, c, d))
                            || (self.range_at(z, d).1 <= 0 && self.prove_at(k, y, c, d)))
                }
            },
            Some(&Op::Binary(BinOp::Sub, z, k)) => {
                self.range_at(k, d).0 >= 0 && self.range_at(z, d).0 >= 0 && self.prove_at(z, y, c, d)
            }
            Some(&Op::Binary(BinOp::Div | BinOp::Shr, z, k)) => {
                let divides = self.range_at(k, d).0 >= 1
                    || matches!(self.defs.op(self.func, x), Some(Op::Binary(BinOp::Shr, ..)));
                if !self.is_integer(z) || self.range_at(z, d).0 < 0 || !divides {
                    return false;
                }
                self.prove_at(z, y, c, d)
                    || self.middle(z, k, x).is_some_and(|b| c.checked_add(1).is_some_and(|c| self.prove_at(b, y, c, d)))
            }
            Some(&Op::Binary(BinOp::Rem, _, k)) => {
                // r <= k - 1 for a positive k.
                self.range_at(k, d).0 > 0 && c.checked_add(1).is_some_and(|c| self.prove_at(k, y, c, d))
            }
            Some(&Op::Binary(BinOp::And, a, b)) => {
                (self.range_at(a, d).0 >= 0 && self.prove_at(a, y, c, d))
                    || (self.range_at(b, d).0 >= 0 && self.prove_at(b, y, c, d))
            }
            Some(&Op::Convert(Conv::Numeric | Conv::Same, z)) => self.is_widening(z, x) && self.prove_at(z, y, c, d),
            _ => false,
        }
    }

    /// `b` when `x` is the middle of `a` and a greater `b`.
    fn middle(&self, sum: ValueId, half: ValueId, x: ValueId) -> Option<ValueId> {
        let is_half = match self.defs.op(self.func, x)? {
            Op::Binary(BinOp::Shr, ..) => self.constant(half) == Some(1),
            _ => self.constant(half) == Some(2),
        };
        let &Op::Binary(BinOp::Add, a, b) = self.defs.op(self.func, sum)? else { return None };
        if !is_half || !self.is_exact_add(a, b) {
            return None;
        }
        let less = |a: ValueId, b: ValueId| self.above.get(&a).is_some_and(|f| f.contains(&(b, -1)));
        if less(a, b) {
            Some(b)
        } else if less(b, a) {
            Some(a)
        } else {
            None
        }
    }

    fn by_definition_of_y(&self, x: ValueId, y: ValueId, c: i64, d: u32) -> bool {
        if y == ZERO {
            return false;
        }
        match self.defs.op(self.func, y) {
            Some(&Op::Binary(BinOp::Add, z, k)) => match self.constant(k) {
                Some(k) => self.is_exact_sum(z, k) && c.checked_add(k).is_some_and(|c| self.prove_at(x, z, c, d)),
                None => {
                    self.is_exact_add(z, k)
                        && ((self.range_at(k, d).0 >= 0 && self.prove_at(x, z, c, d))
                            || (self.range_at(z, d).0 >= 0 && self.prove_at(x, k, c, d)))
                }
            },
            Some(&Op::Convert(Conv::Numeric | Conv::Same, z)) => self.is_widening(z, y) && self.prove_at(x, z, c, d),
            _ => false,
        }
    }

    /// Whether a conversion keeps the number.
    fn is_widening(&self, from: ValueId, to: ValueId) -> bool {
        if !self.is_integer(from) || !self.is_integer(to) {
            return false;
        }
        let ((a, b), (c, d)) = (self.range_at(from, 2), self.type_range(to));
        c <= a && b <= d
    }

    /// Whether `z + k` does not overflow.
    fn is_exact_sum(&self, z: ValueId, k: i64) -> bool {
        if !self.is_integer(z) {
            return false;
        }
        let ((a, b), (min, max)) = (self.range_at(z, 4), self.type_range(z));
        a.checked_add(k).is_some_and(|l| l >= min) && b.checked_add(k).is_some_and(|h| h <= max)
    }

    fn is_exact_add(&self, x: ValueId, y: ValueId) -> bool {
        if !self.is_integer(x) {
            return false;
        }
        let ((a, b), (c, d), (min, max)) = (self.range_at(x, 4), self.range_at(y, 4), self.type_range(x));
        a.checked_add(c).is_some_and(|l| l >= min) && b.checked_add(d).is_some_and(|h| h <= max)
    }
}
