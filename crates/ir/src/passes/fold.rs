//! Folding: constants, identities, parts of aggregates, branches on constants, and common subexpressions.
//!
//! One walk over the dominator tree. Each operation is first simplified ([`Folder::simplify`]). If the result depends
//! on its operands alone, it is looked up among the operations that dominate it (global value numbering), so that equal
//! computations are one value. Later passes rely on that: the length of a slice is the same value wherever it is asked
//! for. After the walk, block parameters that get the same value on every edge are replaced by it. All of that is
//! repeated until nothing changes, at most a few times.

use super::cfg::Cfg;
use super::effects::is_non_nil;
use super::rewrite::{Defs, Renames, drop_unreachable, edges};
use super::value_key::{Key, key};
use crate::func::{BlockId, Func, Inst, Pos, ValueId};
use crate::op::{BinOp, CmpOp, Const, Conv, Intrinsic, Op, Sliced, Term, UnOp};
use crate::program::Program;
use crate::ty::{Basic, Ty, TyId, TypeTable};
use rustc_hash::FxHashMap;

/// Most rounds.
const ROUNDS: usize = 4;

/// When a body is folded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Before escape analysis: an address that goes through `uintptr` stays hidden from it, as its author wants.
    Early,
    /// After it.
    Late,
}

/// Folds a body.
pub(crate) fn run(program: &Program, func: &mut Func, stage: Stage) {
    for _ in 0..ROUNDS {
        let changed = Folder::new(program, func, stage).run();
        let params = fold_params(func);
        if !changed && !params {
            break;
        }
    }
}

/// What became of an operation.
enum Done {
    /// It stays, perhaps changed.
    Op(Op),
    /// Another value stands for its result.
    Value(ValueId),
}

struct Folder<'a> {
    types: &'a TypeTable,
    stage: Stage,
    func: &'a mut Func,
    renames: Renames,
    /// Operations that define values, as they are now.
    defs: Vec<Option<Op>>,
    /// Operations that dominate this place.
    known: FxHashMap<Key, ValueId>,
    log: Vec<(Key, Option<ValueId>)>,
    /// The greatest constant index that a length was compared with in a dominating block; pointers that were compared
    /// with nil.
    checked: FxHashMap<ValueId, i64>,
    checked_log: Vec<(ValueId, Option<i64>)>,
    out: Vec<Inst>,
    pos: Pos,
    changed: bool,
}

/// One step of the walk over the dominator tree.
enum Step {
    Enter(BlockId),
    Leave(usize, usize),
}

impl<'a> Folder<'a> {
    fn new(program: &'a Program, func: &'a mut Func, stage: Stage) -> Folder<'a> {
        let defs = vec![None; func.values.len()];
        let renames = Renames::new(func);
        Folder {
            types: &program.types,
            stage,
            func,
            renames,
            defs,
            known: FxHashMap::default(),
            log: vec![],
            checked: FxHashMap::default(),
            checked_log: vec![],
            out: vec![],
            pos: 0,
            changed: false,
        }
    }

    fn run(mut self) -> bool {
        let cfg = Cfg::new(self.func);
        let mut work = vec![Step::Enter(BlockId(0))];
        while let Some(step) = work.pop() {
            match step {
                Step::Leave(mark, checks) => {
                    while self.checked_log.len() > checks
                        && let Some((len, old)) = self.checked_log.pop()
                    {
                        match old {
                            Some(k) => self.checked.insert(len, k),
                            None => self.checked.remove(&len),
                        };
                    }
                    while self.log.len() > mark
                        && let Some((k, old)) = self.log.pop()
                    {
                        match old {
                            Some(v) => self.known.insert(k, v),
                            None => self.known.remove(&k),
                        };
                    }
                }
                Step::Enter(b) => {
                    work.push(Step::Leave(self.log.len(), self.checked_log.len()));
                    self.block(b);
                    work.extend(cfg.children[b.index()].iter().rev().map(|&c| Step::Enter(c)));
                }
            }
        }
        self.renames.apply(self.func);
        if self.changed {
            drop_unreachable(self.func);
        }
        self.changed
    }

    fn block(&mut self, b: BlockId) {
        let insts = std::mem::take(&mut self.func.blocks[b.index()].insts);
        self.out = Vec::with_capacity(insts.len());
        for mut inst in insts {
            self.renames.op(&mut inst.op);
            self.pos = inst.pos;
            self.inst(inst);
        }
        let mut term = std::mem::replace(&mut self.func.blocks[b.index()].term, Term::Unreachable);
        self.renames.term(&mut term);
        if let Some(new) = self.term(&term) {
            term = new;
            self.changed = true;
        }
        let block = &mut self.func.blocks[b.index()];
        block.term = term;
        block.insts = std::mem::take(&mut self.out);
    }

    fn inst(&mut self, mut inst: Inst) {
        let Some(v) = inst.result else {
            if !self.is_needless(&inst.op) {
                self.checked(&inst.op);
                self.out.push(inst);
            } else {
                self.changed = true;
            }
            return;
        };
        for _ in 0..4 {
            match self.simplify(&inst.op, self.func.ty(v)) {
                Some(Done::Value(new)) => {
                    self.renames.set(v, new);
                    self.changed = true;
                    return;
                }
                Some(Done::Op(op)) => {
                    inst.op = op;
                    self.changed = true;
                }
                None => break,
            }
        }
        if let Some(k) = key(&inst.op, self.func.ty(v)) {
            if let Some(&old) = self.known.get(&k) {
                self.renames.set(v, old);
                self.changed = true;
                return;
            }
            let old = self.known.insert(k.clone(), v);
            self.log.push((k, old));
        }
        self.define(v, &inst.op);
        self.out.push(inst);
    }

    fn define(&mut self, v: ValueId, op: &Op) {
        if self.defs.len() <= v.index() {
            self.defs.resize(v.index() + 1, None);
        }
        self.defs[v.index()] = Some(op.clone());
    }

    /// A new instruction before the current one.
    fn emit(&mut self, ty: TyId, op: Op) -> ValueId {
        let v = self.func.new_value(ty);
        self.inst(Inst { op, result: Some(v), pos: self.pos });
        self.renames.get(v)
    }

    fn int_value(&mut self, ty: TyId, n: i64) -> ValueId {
        self.emit(ty, Op::Const(Const::Int(n)))
    }

    fn def(&self, v: ValueId) -> Option<&Op> {
        self.defs.get(v.index())?.as_ref()
    }

    fn constant(&self, v: ValueId) -> Option<&Const> {
        match self.def(v)? {
            Op::Const(c) => Some(c),
            _ => None,
        }
    }

    fn basic(&self, v: ValueId) -> Option<Basic> {
        self.types.as_basic(self.func.ty(v))
    }

    fn int(&self, v: ValueId) -> Option<i64> {
        match self.constant(v)? {
            Const::Int(i) => Some(*i),
            Const::Zero if self.basic(v).is_some_and(Basic::is_integer) => Some(0),
            _ => None,
        }
    }

    fn float(&self, v: ValueId) -> Option<f64> {
        match self.constant(v)? {
            Const::Float(f) => Some(*f),
            Const::Int(i) if self.basic(v).is_some_and(Basic::is_float) => Some(*i as f64),
            Const::Zero if self.basic(v).is_some_and(Basic::is_float) => Some(0.0),
            _ => None,
        }
    }

    fn bool(&self, v: ValueId) -> Option<bool> {
        match self.constant(v)? {
            Const::Bool(b) => Some(*b),
            Const::Zero if self.basic(v) == Some(Basic::Bool) => Some(false),
            _ => None,
        }
    }

    /// Remembers what a check of a constant index, or of a pointer, says.
    fn checked(&mut self, op: &Op) {
        let (v, k) = match *op {
            Op::BoundsCheck { index, len } if let Some(k) = self.int(index) => (len, k),
            Op::NilCheck(v) => (v, 0),
            _ => return,
        };
        self.checked_log.push((v, self.checked.insert(v, k)));
    }

    /// Checks that always succeed.
    fn is_needless(&self, op: &Op) -> bool {
        match op {
            Op::NilCheck(v) => self.non_nil(*v) || self.checked.contains_key(v),
            Op::DivCheck(v) => self.int(*v).is_some_and(|i| i != 0),
            Op::ShiftCheck(v) => self.int(*v).is_some_and(|i| i >= 0),
            Op::BoundsCheck { index, len } => {
                let Some(i) = self.int(*index).filter(|&i| i >= 0) else { return false };
                self.int(*len).is_some_and(|n| i < n) || self.checked.get(len).is_some_and(|&k| i <= k)
            }
            _ => false,
        }
    }

    fn non_nil(&self, v: ValueId) -> bool {
        is_non_nil(&|v| self.def(v), v)
    }

    // ---- operations

    fn simplify(&mut self, op: &Op, ty: TyId) -> Option<Done> {
        match op {
            Op::Convert(c, v) => self.convert(*c, *v, ty),
            // Escape analysis is done; it is a number like others.
            Op::Intrinsic(Intrinsic::PointerFrom, vs) if self.stage == Stage::Late => {
                Some(Done::Op(Op::Convert(Conv::Same, vs[0])))
            }
            Op::Extract(v, i) => self.extract(*v, *i, ty),
            Op::Aggregate(vs) => self.aggregate(vs, ty),
            Op::Len(v) => self.len(*v),
            Op::Cap(v) => self.cap(*v),
            Op::DataPtr(v) => self.data_ptr(*v, ty),
            Op::Real(v) | Op::Imag(v) => match (self.def(*v)?, op) {
                (Op::MakeComplex(re, _), Op::Real(_)) => Some(Done::Value(*re)),
                (Op::MakeComplex(_, im), _) => Some(Done::Value(*im)),
                _ => None,
            },
            Op::IfaceTab(v) => match self.def(*v)? {
                Op::MakeIfaceRaw(tab, _) if self.func.ty(*tab) == ty => Some(Done::Value(*tab)),
                _ => None,
            },
            Op::IfaceData(v) => match self.def(*v)? {
                Op::MakeIfaceRaw(_, data) if self.func.ty(*data) == ty => Some(Done::Value(*data)),
                _ => None,
            },
            Op::IsNil(v) => self.is_nil(*v),
            Op::Unary(u, v) => self.unary(*u, *v, ty),
            Op::Binary(b, x, y) => self.binary(*b, *x, *y, ty),
            Op::Compare(c, x, y) => self.compare(*c, *x, *y),
            Op::Equal(x, y) => self.equal(*x, *y),
            Op::Slice { kind: Sliced::Str | Sliced::Slice, x, lo: None, hi: None, max: None }
                if self.func.ty(*x) == ty =>
            {
                Some(Done::Value(*x))
            }
            _ => None,
        }
    }

    fn convert(&mut self, c: Conv, v: ValueId, ty: TyId) -> Option<Done> {
        let from = self.func.ty(v);
        if matches!(c, Conv::Same | Conv::Numeric) && from == ty {
            return Some(Done::Value(v));
        }
        match c {
            Conv::Same => {
                let hidden = self.types.ptr_bytes(from) == 0 && self.types.ptr_bytes(ty) > 0;
                if (!hidden || self.stage == Stage::Late)
                    && let Some(Op::Convert(Conv::Same, x)) = self.def(v)
                {
                    return Some(Done::Op(Op::Convert(Conv::Same, *x)));
                }
                let same_kind = self.types.under(from) == self.types.under(ty);
                match self.constant(v) {
                    Some(c) if same_kind => Some(Done::Op(Op::Const(c.clone()))),
                    _ => None,
                }
            }
            Conv::Numeric => {
                let (x, y) = (self.types.as_basic(from)?, self.types.as_basic(ty)?);
                let n = self.int(v)?;
                let is_int = x.is_integer() && y.is_integer();
                is_int.then(|| Done::Op(Op::Const(Const::Int(wrap(y, n)))))
            }
            _ => None,
        }
    }

    fn extract(&mut self, v: ValueId, i: u32, ty: TyId) -> Option<Done> {
        match self.def(v)? {
            Op::Aggregate(parts) => Some(Done::Value(parts[i as usize])),
            Op::Const(Const::Zero) => Some(Done::Op(Op::Const(Const::Zero))),
            Op::Convert(Conv::Same, x) => {
                let x = *x;
                let inner = match self.types.under(self.func.ty(x)) {
                    Ty::Struct(f) => f.get(i as usize).map(|f| f.ty),
                    Ty::Array(e, _) => Some(*e),
                    _ => None,
                };
                (inner == Some(ty)).then_some(Done::Op(Op::Extract(x, i)))
            }
            _ => None,
        }
    }

    /// All components of one value of the same type are that value.
    fn aggregate(&mut self, parts: &[ValueId], ty: TyId) -> Option<Done> {
        let Op::Extract(whole, 0) = self.def(*parts.first()?)? else { return None };
        let whole = *whole;
        let all = parts
            .iter()
            .enumerate()
            .all(|(i, &p)| matches!(self.def(p), Some(Op::Extract(w, k)) if *w == whole && *k as usize == i));
        (all && self.func.ty(whole) == ty).then_some(Done::Value(whole))
    }

    fn len(&mut self, v: ValueId) -> Option<Done> {
        let int = TypeTable::basic(Basic::Int);
        let is_int = |f: &Self, n: ValueId| f.func.ty(n) == int;
        match self.def(v)?.clone() {
            Op::MakeSliceHeader(_, n, _) | Op::MakeStringHeader(_, n) if is_int(self, n) => Some(Done::Value(n)),
            Op::MakeSlice(n, ..) if is_int(self, n) => Some(Done::Value(n)),
            Op::Const(Const::Zero) => Some(Done::Op(Op::Const(Const::Int(0)))),
            Op::Const(Const::Str(s)) => Some(Done::Op(Op::Const(Const::Int(s.len() as i64)))),
            Op::Convert(
                Conv::Same
                | Conv::BytesToString(_)
                | Conv::StringToBytes(_)
                | Conv::BytesAsString
                | Conv::StringAsBytes,
                x,
            ) => Some(Done::Op(Op::Len(x))),
            Op::Slice { lo: Some(lo), hi: Some(hi), .. } if let Some(n) = self.distance(lo, hi) => {
                Some(Done::Op(Op::Const(Const::Int(n))))
            }
            Op::Slice { kind, x, lo, hi, .. } => {
                let hi = match hi {
                    Some(h) if is_int(self, h) => h,
                    Some(_) => return None,
                    None => self.whole_len(kind, x)?,
                };
                match lo {
                    None => Some(Done::Value(hi)),
                    Some(l) if self.int(l) == Some(0) => Some(Done::Value(hi)),
                    Some(l) if is_int(self, l) => Some(Done::Op(Op::Binary(BinOp::Sub, hi, l))),
                    Some(_) => None,
                }
            }
            _ => None,
        }
    }

    /// How much greater the constant sum `hi` is than `lo`, where both have been used as bounds: it did not wrap.
    fn distance(&self, lo: ValueId, hi: ValueId) -> Option<i64> {
        match *self.def(hi)? {
            Op::Binary(BinOp::Add, x, k) if x == lo => self.int(k).filter(|k| (0..1 << 31).contains(k)),
            _ => None,
        }
    }

    /// The length of what is sliced.
    fn whole_len(&mut self, kind: Sliced, x: ValueId) -> Option<ValueId> {
        let int = TypeTable::basic(Basic::Int);
        if kind != Sliced::ArrayPtr {
            return Some(self.emit(int, Op::Len(x)));
        }
        match *self.types.under(self.types.elem(self.func.ty(x))) {
            Ty::Array(_, n) => Some(self.int_value(int, n as i64)),
            _ => None,
        }
    }

    fn cap(&mut self, v: ValueId) -> Option<Done> {
        let is_int = |f: &Self, n: ValueId| f.func.ty(n) == TypeTable::basic(Basic::Int);
        match self.def(v)?.clone() {
            Op::MakeSliceHeader(_, _, n) | Op::MakeSlice(_, n, _) if is_int(self, n) => Some(Done::Value(n)),
            Op::Const(Const::Zero) => Some(Done::Op(Op::Const(Const::Int(0)))),
            Op::Convert(Conv::Same, x) => Some(Done::Op(Op::Cap(x))),
            _ => None,
        }
    }

    fn data_ptr(&mut self, v: ValueId, ty: TyId) -> Option<Done> {
        match *self.def(v)? {
            Op::MakeSliceHeader(p, ..) | Op::MakeStringHeader(p, _) if self.func.ty(p) == ty => Some(Done::Value(p)),
            Op::MakeSliceHeader(p, ..) => Some(Done::Op(Op::Convert(Conv::Same, p))),
            Op::Slice { kind: Sliced::Str | Sliced::Slice, x, lo: None, .. } => Some(Done::Op(Op::DataPtr(x))),
            Op::Convert(Conv::Same, x) => Some(Done::Op(Op::DataPtr(x))),
            _ => None,
        }
    }

    fn is_nil(&mut self, v: ValueId) -> Option<Done> {
        let b = |b| Some(Done::Op(Op::Const(Const::Bool(b))));
        match self.def(v)? {
            Op::Const(Const::Zero) => b(true),
            Op::Convert(Conv::Same, x) => Some(Done::Op(Op::IsNil(*x))),
            _ if self.non_nil(v) => b(false),
            _ => None,
        }
    }

    fn unary(&mut self, u: UnOp, v: ValueId, ty: TyId) -> Option<Done> {
        match u {
            UnOp::Not => {
                if let Some(b) = self.bool(v) {
                    return Some(Done::Op(Op::Const(Const::Bool(!b))));
                }
                match self.def(v)?.clone() {
                    Op::Unary(UnOp::Not, x) if self.func.ty(x) == ty => Some(Done::Value(x)),
                    // The negation of an ordered comparison is one, except where NaN is.
                    Op::Compare(c, x, y) if self.basic(x).is_some_and(Basic::is_integer) => {
                        Some(Done::Op(Op::Compare(negated(c), x, y)))
                    }
                    _ => None,
                }
            }
            UnOp::Neg => {
                let b = self.types.as_basic(ty)?;
                let n = self.int(v).filter(|_| b.is_integer())?;
                Some(Done::Op(Op::Const(Const::Int(wrap(b, n.wrapping_neg())))))
            }
            UnOp::BitNot => {
                let b = self.types.as_basic(ty)?;
                let n = self.int(v).filter(|_| b.is_integer())?;
                Some(Done::Op(Op::Const(Const::Int(wrap(b, !n)))))
            }
        }
    }

    fn binary(&mut self, op: BinOp, x: ValueId, y: ValueId, ty: TyId) -> Option<Done> {
        let basic = self.types.as_basic(ty)?;
        if basic.is_float() {
            return self.float_binary(op, x, y, basic);
        }
        if !basic.is_integer() {
            return None;
        }
        let (a, b) = (self.int(x), self.int(y));
        if let (Some(a), Some(b)) = (a, b)
            && let Some(n) = int_binary(op, a, b, basic, self.basic(y)?)
        {
            return Some(Done::Op(Op::Const(Const::Int(n))));
        }
        match (op, a, b) {
            (BinOp::Add | BinOp::Or | BinOp::Xor, Some(0), _) | (BinOp::Mul, Some(1), _) => Some(Done::Value(y)),
            (
                BinOp::Add | BinOp::Or | BinOp::Xor | BinOp::Sub | BinOp::Shl | BinOp::Shr | BinOp::AndNot,
                _,
                Some(0),
            )
            | (BinOp::Mul | BinOp::Div, _, Some(1)) => Some(Done::Value(x)),
            (BinOp::And | BinOp::Mul, _, Some(0)) => Some(Done::Value(y)),
            (BinOp::And | BinOp::Mul, Some(0), _) => Some(Done::Value(x)),
            // Constants go right, and meet there.
            (BinOp::Add | BinOp::Mul | BinOp::And | BinOp::Or | BinOp::Xor, Some(_), None) => {
                Some(Done::Op(Op::Binary(op, y, x)))
            }
            (BinOp::Add, None, Some(b)) => match self.def(x)?.clone() {
                Op::Binary(BinOp::Add, z, c) => {
                    let c = self.int(c)?;
                    let sum = self.int_value(ty, wrap(basic, c.wrapping_add(b)));
                    Some(Done::Op(Op::Binary(BinOp::Add, z, sum)))
                }
                _ => None,
            },
            (BinOp::Sub, None, Some(b)) => {
                let n = self.int_value(ty, wrap(basic, b.wrapping_neg()));
                Some(Done::Op(Op::Binary(BinOp::Add, x, n)))
            }
            _ => None,
        }
    }

    fn float_binary(&mut self, op: BinOp, x: ValueId, y: ValueId, basic: Basic) -> Option<Done> {
        let (a, b) = (self.float(x)?, self.float(y)?);
        let r = if basic == Basic::Float32 {
            let (a, b) = (a as f32, b as f32);
            f64::from(match op {
                BinOp::Add => a + b,
                BinOp::Sub => a - b,
                BinOp::Mul => a * b,
                BinOp::Div => a / b,
                _ => return None,
            })
        } else {
            match op {
                BinOp::Add => a + b,
                BinOp::Sub => a - b,
                BinOp::Mul => a * b,
                BinOp::Div => a / b,
                _ => return None,
            }
        };
        // The bits of a NaN are the processor's business.
        (!r.is_nan()).then_some(Done::Op(Op::Const(Const::Float(r))))
    }

    fn compare(&mut self, c: CmpOp, x: ValueId, y: ValueId) -> Option<Done> {
        let basic = self.basic(x)?;
        if !basic.is_integer() {
            return None;
        }
        if x == y {
            return Some(Done::Op(Op::Const(Const::Bool(matches!(c, CmpOp::Le | CmpOp::Ge)))));
        }
        let (a, b) = (self.int(x)?, self.int(y)?);
        let order = if basic.is_signed() { a.cmp(&b) } else { (a as u64).cmp(&(b as u64)) };
        let r = match c {
            CmpOp::Lt => order.is_lt(),
            CmpOp::Le => order.is_le(),
            CmpOp::Gt => order.is_gt(),
            CmpOp::Ge => order.is_ge(),
        };
        Some(Done::Op(Op::Const(Const::Bool(r))))
    }

    fn equal(&mut self, x: ValueId, y: ValueId) -> Option<Done> {
        let boolean = |b| Some(Done::Op(Op::Const(Const::Bool(b))));
        let basic = self.basic(x)?;
        if basic.is_integer() {
            if x == y {
                return boolean(true);
            }
            if let (Some(a), Some(b)) = (self.int(x), self.int(y)) {
                return boolean(a == b);
            }
            return self.divisible(x, y);
        }
        match basic {
            Basic::Bool => match (self.bool(x), self.bool(y)) {
                (Some(a), Some(b)) => boolean(a == b),
                (Some(true), None) => self.as_bool(y),
                (None, Some(true)) => self.as_bool(x),
                (Some(false), None) => Some(Done::Op(Op::Unary(UnOp::Not, y))).filter(|_| self.is_bool(y)),
                (None, Some(false)) => Some(Done::Op(Op::Unary(UnOp::Not, x))).filter(|_| self.is_bool(x)),
                _ => None,
            },
            Basic::String => match (self.constant(x)?, self.constant(y)?) {
                (Const::Str(a), Const::Str(b)) => boolean(a == b),
                (Const::Zero, Const::Str(s)) | (Const::Str(s), Const::Zero) => boolean(s.is_empty()),
                (Const::Zero, Const::Zero) => boolean(true),
                _ => None,
            },
            _ => None,
        }
    }

    /// `x % 2^k == 0` looks at bits, whatever the sign.
    fn divisible(&mut self, x: ValueId, y: ValueId) -> Option<Done> {
        let (rem, zero) = if self.int(y) == Some(0) { (x, y) } else { (y, x) };
        let &Op::Binary(BinOp::Rem, z, n) = self.def(rem)? else { return None };
        let n = self.int(n).filter(|&n| n > 1 && n & (n - 1) == 0)?;
        if self.int(zero) != Some(0) {
            return None;
        }
        let ty = self.func.ty(z);
        let mask = self.int_value(ty, n - 1);
        let bits = self.emit(ty, Op::Binary(BinOp::And, z, mask));
        Some(Done::Op(Op::Equal(bits, zero)))
    }

    fn is_bool(&self, v: ValueId) -> bool {
        self.func.ty(v) == TypeTable::basic(Basic::Bool)
    }

    fn as_bool(&self, v: ValueId) -> Option<Done> {
        self.is_bool(v).then_some(Done::Value(v))
    }

    // ---- terminators

    fn term(&mut self, term: &Term) -> Option<Term> {
        match term {
            Term::If { cond, then, els } => {
                if let Some(b) = self.bool(*cond) {
                    let (to, args) = if b { then.clone() } else { els.clone() };
                    return Some(Term::Jump(to, args));
                }
                if then == els {
                    return Some(Term::Jump(then.0, then.1.clone()));
                }
                match self.def(*cond)? {
                    Op::Unary(UnOp::Not, x) if self.is_bool(*x) => {
                        Some(Term::If { cond: *x, then: els.clone(), els: then.clone() })
                    }
                    _ => None,
                }
            }
            Term::Switch { value, cases, default } => {
                let n = self.int(*value)?;
                let to = cases.iter().find(|c| c.0 == n).map_or(*default, |c| c.1);
                Some(Term::Jump(to, vec![]))
            }
            _ => None,
        }
    }
}

fn negated(c: CmpOp) -> CmpOp {
    match c {
        CmpOp::Lt => CmpOp::Ge,
        CmpOp::Le => CmpOp::Gt,
        CmpOp::Gt => CmpOp::Le,
        CmpOp::Ge => CmpOp::Lt,
    }
}

/// An integer as a type holds it.
pub(crate) fn wrap(b: Basic, n: i64) -> i64 {
    match (b.size(), b.is_signed()) {
        (1, true) => i64::from(n as i8),
        (2, true) => i64::from(n as i16),
        (4, true) => i64::from(n as i32),
        (1, false) => i64::from(n as u8),
        (2, false) => i64::from(n as u16),
        (4, false) => i64::from(n as u32),
        _ => n,
    }
}

fn int_binary(op: BinOp, a: i64, b: i64, ty: Basic, count: Basic) -> Option<i64> {
    let bits = ty.size() as u32 * 8;
    let n = match op {
        BinOp::Add => a.wrapping_add(b),
        BinOp::Sub => a.wrapping_sub(b),
        BinOp::Mul => a.wrapping_mul(b),
        BinOp::Div | BinOp::Rem if b == 0 => return None,
        BinOp::Div if ty.is_signed() => a.wrapping_div(b),
        BinOp::Div => (a as u64 / b as u64) as i64,
        BinOp::Rem if ty.is_signed() => a.wrapping_rem(b),
        BinOp::Rem => (a as u64 % b as u64) as i64,
        BinOp::And => a & b,
        BinOp::Or => a | b,
        BinOp::Xor => a ^ b,
        BinOp::AndNot => a & !b,
        BinOp::Shl | BinOp::Shr if count.is_signed() && b < 0 => return None,
        BinOp::Shl => match u32::try_from(b as u64) {
            Ok(k) if k < bits => a << k,
            _ => 0,
        },
        BinOp::Shr => match u32::try_from(b as u64) {
            Ok(k) if k < bits && ty.is_signed() => a >> k,
            Ok(k) if k < bits => ((a as u64) >> k) as i64,
            _ if ty.is_signed() => a >> 63,
            _ => 0,
        },
    };
    Some(wrap(ty, n))
}

/// Replaces block parameters that get one value, or the same constant, on every edge. Whether it found one.
fn fold_params(func: &mut Func) -> bool {
    let fixed = super::dce::fixed_parameters(func);
    let mut sources: Vec<Vec<Option<ValueId>>> = func.blocks.iter().map(|b| vec![None; b.params.len()]).collect();
    let mut many: Vec<Vec<bool>> = func.blocks.iter().map(|b| vec![false; b.params.len()]).collect();
    let defs = Defs::new(func);
    let same = |x: ValueId, y: ValueId| {
        x == y
            || func.ty(x) == func.ty(y)
                && matches!((defs.constant(func, x), defs.constant(func, y)), (Some(a), Some(b)) if a == b && !is_float(a))
    };
    for b in &func.blocks {
        edges(&b.term, &mut |to, args| {
            for (k, &a) in args.iter().enumerate() {
                if a == func.block(to).params[k] {
                    continue;
                }
                match &mut sources[to.index()][k] {
                    None => sources[to.index()][k] = Some(a),
                    Some(s) if same(*s, a) => {}
                    Some(_) => many[to.index()][k] = true,
                }
            }
        });
    }
    let mut renames = Renames::new(func);
    let mut consts: Vec<(usize, ValueId, Const)> = vec![];
    let mut drop: Vec<Vec<bool>> = many.iter().map(|m| vec![false; m.len()]).collect();
    for b in 0..func.blocks.len() {
        if fixed[b] {
            continue;
        }
        for k in 0..func.blocks[b].params.len() {
            let (false, Some(s)) = (many[b][k], sources[b][k]) else { continue };
            let p = func.blocks[b].params[k];
            match defs.constant(func, s) {
                Some(c) => consts.push((b, p, c.clone())),
                None if renames.get(s) == p => continue,
                None => renames.set(p, s),
            }
            drop[b][k] = true;
        }
    }
    if drop.iter().all(|d| !d.contains(&true)) {
        return false;
    }
    for b in 0..func.blocks.len() {
        super::rewrite::edges_mut(&mut func.blocks[b].term, &mut |to, args| {
            let mut k = 0;
            args.retain(|_| {
                k += 1;
                !drop[to.index()][k - 1]
            });
        });
        let mut k = 0;
        func.blocks[b].params.retain(|_| {
            k += 1;
            !drop[b][k - 1]
        });
    }
    for (b, p, c) in consts {
        let pos = func.blocks[b].insts.first().map_or(func.blocks[b].term_pos, |i| i.pos);
        func.blocks[b].insts.insert(0, Inst { op: Op::Const(c), result: Some(p), pos });
    }
    renames.apply(func);
    true
}

fn is_float(c: &Const) -> bool {
    matches!(c, Const::Float(_) | Const::Complex(..))
}
