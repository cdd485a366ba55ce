//! `for range` over everything but functions.
//!
//! The operand is evaluated once. Variables that the statement declares are new in each iteration; before Go 1.22 they
//! were not, which matters only to closures and pointers that outlive an iteration.

use super::{Builder, VarKey};
use crate::func::{LocalId, ValueId};
use crate::op::{BinOp, CmpOp, Const, Op};
use crate::ty::{Basic, Ty, TyId, TypeTable};
use crate::world::{BOOL, INT, Res};
use itab_syntax::{Block, ExprId, ExprKind, Name, StmtId, StmtKind};
use itab_types::GoVersion;

/// The parts of a range statement.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub stmt: StmtId,
    pub key: Option<ExprId>,
    pub value: Option<ExprId>,
    pub define: bool,
    pub x: ExprId,
    pub body: Block,
}

impl Builder<'_> {
    pub fn range_stmt(&mut self, s: StmtId) -> Res<()> {
        let StmtKind::RangeStmt { lhs, define, x, body, .. } = self.code.tree[s].kind else {
            return self.fail("no range");
        };
        let lhs = self.code.tree[lhs].to_vec();
        let named = |b: &Self, i: usize| {
            lhs.get(i).copied().filter(|&e| !matches!(b.code.tree[e].kind, ExprKind::Ident(Name::BLANK)))
        };
        let r = Range { stmt: s, key: named(self, 0), value: named(self, 1), define, x, body };
        if define && self.code.version < GoVersion(22) {
            self.share_range_vars(&r)?;
        }
        let tx = self.type_of(x)?;
        match *self.types().under(tx) {
            Ty::Basic(Basic::String) => self.range_string(r),
            Ty::Basic(_) => self.range_int(r, tx),
            Ty::Slice(elem) => self.range_slice(r, elem),
            Ty::Array(elem, n) => self.range_array(r, elem, n),
            Ty::Pointer(arr) => self.range_array_ptr(r, arr),
            Ty::Map(k, v) => self.range_map(r, k, v),
            Ty::Chan(..) => self.range_chan(r),
            Ty::Func(_) => self.range_func(r),
            _ => self.fail("range over such a type"),
        }
    }

    /// Before Go 1.22: the variables exist once for the whole loop.
    fn share_range_vars(&mut self, r: &Range) -> Res<()> {
        for e in [r.key, r.value].into_iter().flatten() {
            if let Some(obj) = self.declares(e) {
                self.declare(obj, None)?;
            }
        }
        Ok(())
    }

    /// Gives key or element to the variable on the left.
    pub fn range_assign(&mut self, r: &Range, l: Option<ExprId>, v: ValueId) -> Res<()> {
        let Some(l) = l else { return Ok(()) };
        self.at(l);
        if r.define
            && self.code.version < GoVersion(22)
            && let Some(obj) = self.declares(l)
        {
            let ty = self.obj_ty(obj)?;
            let v = self.assign_conv(v, ty)?;
            return self.write_key(VarKey::Obj(obj), v);
        }
        self.assign_value(l, r.define, v)
    }

    /// `for i := 0; i < n; i++` around `body`, which is given the index.
    fn counted(&mut self, r: &Range, n: ValueId, body: impl FnOnce(&mut Self, ValueId) -> Res<()>) -> Res<()> {
        let ty = self.f.e.ty(n);
        let i = self.f.e.local(ty, "i");
        let zero = self.f.e.op(ty, Op::Const(Const::Int(0)));
        self.f.e.set(i, zero);
        let (head, start, next, done) = (self.f.e.block(), self.f.e.block(), self.f.e.block(), self.f.e.block());
        self.f.e.fall_into(head);
        let v = self.f.e.get(i);
        let more = self.f.e.op(BOOL, Op::Compare(CmpOp::Lt, v, n));
        self.f.e.branch(more, start, done);
        self.f.e.switch_to(start);
        body(self, v)?;
        self.loop_body(r.stmt, r.body, done, next)?;
        self.f.e.switch_to(next);
        self.step(i, ty);
        self.f.e.stmt(Op::Preempt);
        self.f.e.jump(head);
        self.f.e.switch_to(done);
        Ok(())
    }

    fn step(&mut self, i: LocalId, ty: TyId) {
        let v = self.f.e.get(i);
        let one = self.f.e.op(ty, Op::Const(Const::Int(1)));
        let v = self.f.e.op(ty, Op::Binary(BinOp::Add, v, one));
        self.f.e.set(i, v);
    }

    fn range_int(&mut self, r: Range, tx: TyId) -> Res<()> {
        // An untyped constant takes the type of the variable.
        let mut ty = tx;
        if let Some(k) = r.key
            && self.info().value_of(r.x).is_some()
        {
            ty = match self.declares(k) {
                Some(o) => self.obj_ty(o)?,
                None => self.type_of(k)?,
            };
        }
        let n = self.expr_to(r.x, ty)?;
        self.counted(&r, n, |b, i| b.range_assign(&r, r.key, i))
    }

    fn range_slice(&mut self, r: Range, elem: TyId) -> Res<()> {
        self.borrow(r.x);
        let s = self.expr(r.x)?;
        let n = self.f.e.op(INT, Op::Len(s));
        self.counted(&r, n, |b, i| {
            let v = match r.value {
                Some(_) => {
                    let p = b.slice_elem_unchecked(s, i);
                    Some(b.f.e.load(elem, p))
                }
                None => None,
            };
            b.range_assign_both(&r, Some(i), v)
        })
    }

    fn range_assign_both(&mut self, r: &Range, k: Option<ValueId>, v: Option<ValueId>) -> Res<()> {
        if let (false, Some(l), Some(m), Some(k), Some(v)) = (r.define, r.key, r.value, k, v) {
            // A parallel assignment: both places are known before either changes.
            let places = [(self.lref(l)?, l, k), (self.lref(m)?, m, v)];
            for (to, l, x) in places {
                let ty = self.type_of(l)?;
                let x = self.assign_conv(x, ty)?;
                self.store_ref(&to, x)?;
            }
            return Ok(());
        }
        if let Some(k) = k {
            self.range_assign(r, r.key, k)?;
        }
        if let Some(v) = v {
            self.range_assign(r, r.value, v)?;
        }
        Ok(())
    }

    fn range_array(&mut self, r: Range, elem: TyId, n: u64) -> Res<()> {
        if r.value.is_none() {
            // The operand is evaluated only for its calls.
            if self.has_order(r.x) {
                self.place(r.x)?;
            }
            let n = self.f.e.int(n as i64);
            return self.counted(&r, n, |b, i| b.range_assign(&r, r.key, i));
        }
        // The loop sees a copy.
        let tx = self.type_of(r.x)?;
        let p = match self.copy_source(r.x, tx)? {
            Some(src) => {
                let ptr = self.pointer(tx);
                let dst = self.f.e.alloc(ptr, tx, crate::op::Storage::Stack);
                self.f.e.stmt(Op::Copy { dst, src, ty: tx });
                dst
            }
            None => {
                let v = self.expr(r.x)?;
                self.spill(v)
            }
        };
        self.range_elems(r, p, elem, n)
    }

    fn range_elems(&mut self, r: Range, p: ValueId, elem: TyId, n: u64) -> Res<()> {
        let n = self.f.e.int(n as i64);
        self.counted(&r, n, |b, i| {
            let v = match r.value {
                Some(_) => {
                    let q = b.array_elem_unchecked(p, i);
                    Some(b.f.e.load(elem, q))
                }
                None => None,
            };
            b.range_assign_both(&r, Some(i), v)
        })
    }

    fn range_array_ptr(&mut self, r: Range, arr: TyId) -> Res<()> {
        let Ty::Array(elem, n) = *self.types().under(arr) else { return self.fail("range over a pointer") };
        let p = self.expr(r.x)?;
        if r.value.is_some() && n > 0 {
            self.f.e.stmt(Op::NilCheck(p));
        }
        let p = self.plain_pointer(p);
        self.range_elems(r, p, elem, n)
    }

    fn range_string(&mut self, r: Range) -> Res<()> {
        let s = self.expr(r.x)?;
        let s = {
            let t = crate::world::STRING;
            self.assign_conv(s, t)?
        };
        let n = self.f.e.op(INT, Op::Len(s));
        let i = self.f.e.local(INT, "i");
        let at = self.f.e.local(INT, "next");
        let zero = self.f.e.int(0);
        self.f.e.set(at, zero);
        let (head, start, next, done) = (self.f.e.block(), self.f.e.block(), self.f.e.block(), self.f.e.block());
        self.f.e.fall_into(head);
        let v = self.f.e.get(at);
        self.f.e.set(i, v);
        let more = self.f.e.op(BOOL, Op::Compare(CmpOp::Lt, v, n));
        self.f.e.branch(more, start, done);
        self.f.e.switch_to(start);
        let rune = TypeTable::basic(Basic::Int32);
        let pair = self.tuple(&[rune, INT]);
        let d = self.f.e.op(pair, Op::DecodeRune(s, v));
        let c = self.f.e.op(rune, Op::Extract(d, 0));
        let after = self.f.e.op(INT, Op::Extract(d, 1));
        self.f.e.set(at, after);
        self.range_assign_both(&r, Some(v), r.value.map(|_| c))?;
        self.loop_body(r.stmt, r.body, done, next)?;
        self.f.e.switch_to(next);
        self.f.e.stmt(Op::Preempt);
        self.f.e.jump(head);
        self.f.e.switch_to(done);
        Ok(())
    }

    fn range_chan(&mut self, r: Range) -> Res<()> {
        let c = self.expr(r.x)?;
        let elem = self.types().elem(self.f.e.ty(c));
        let (head, start, done) = (self.f.e.block(), self.f.e.block(), self.f.e.block());
        self.f.e.fall_into(head);
        let pair = self.tuple(&[elem, BOOL]);
        let t = self.f.e.op(pair, Op::RecvOk(c));
        let v = self.f.e.op(elem, Op::Extract(t, 0));
        let ok = self.f.e.op(BOOL, Op::Extract(t, 1));
        self.f.e.branch(ok, start, done);
        self.f.e.switch_to(start);
        self.range_assign(&r, r.key, v)?;
        let next = self.f.e.block();
        self.loop_body(r.stmt, r.body, done, next)?;
        self.f.e.switch_to(next);
        self.f.e.stmt(Op::Preempt);
        self.f.e.jump(head);
        self.f.e.switch_to(done);
        Ok(())
    }

    fn range_map(&mut self, r: Range, k: TyId, v: TyId) -> Res<()> {
        let m = self.expr(r.x)?;
        let it = self.map_iter(m)?;
        let (head, start, next, done) = (self.f.e.block(), self.f.e.block(), self.f.e.block(), self.f.e.block());
        self.f.e.fall_into(head);
        let key = self.map_iter_ptr(it, 0, k);
        let end = self.f.e.op(BOOL, Op::IsNil(key));
        self.f.e.branch(end, done, start);
        self.f.e.switch_to(start);
        let x = r.key.map(|_| self.f.e.load(k, key));
        let mut y = None;
        if r.value.is_some() {
            let p = self.map_iter_ptr(it, 1, v);
            y = Some(self.f.e.load(v, p));
        }
        self.range_assign_both(&r, x, y)?;
        self.loop_body(r.stmt, r.body, done, next)?;
        self.f.e.switch_to(next);
        self.call_linked("runtime.mapIterNext", vec![it])?;
        self.f.e.stmt(Op::Preempt);
        self.f.e.jump(head);
        self.f.e.switch_to(done);
        Ok(())
    }
}
