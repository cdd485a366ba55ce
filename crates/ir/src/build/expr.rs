//! Expressions as values.

use super::{Builder, VarKey};
use crate::func::ValueId;
use crate::op::{BinOp, CmpOp, Const, Conv, Op, Sliced, Storage, Term, UnOp};
use crate::ty::{Basic, Ty, TyId};
use crate::world::{BOOL, INT, Res};
use crate::wrappers::{From, read};
use itab_syntax::{ExprId, ExprKind, Op as Tok};
use itab_types::{Mode, ObjKind, SelectionKind, VarKind};

impl Builder<'_> {
    /// The value of an expression, of its own type.
    pub fn expr(&mut self, e: ExprId) -> Res<ValueId> {
        if let Some(v) = self.f.hoisted.remove(&e) {
            return Ok(v);
        }
        self.at(e);
        if let Some(val) = self.code.info.value_of(e).cloned() {
            let ty = self.const_type(e, &val)?;
            return self.constant(&val, ty);
        }
        match self.code.tree[e].kind {
            ExprKind::ParenExpr { x } => self.expr(x),
            ExprKind::Ident(_) => self.ident(e),
            ExprKind::SelectorExpr { .. } => self.selector(e),
            ExprKind::IndexExpr { x, .. } => {
                if matches!(self.mode(e), Mode::MapIndex) {
                    return self.map_index(e);
                }
                if self.is_generic_func(x) {
                    return self.func_value(e);
                }
                self.load_place(e)
            }
            ExprKind::StarExpr { .. } => self.load_place(e),
            ExprKind::FuncLit { .. } => self.func_lit(e, crate::op::Storage::Heap),
            ExprKind::CompositeLit { .. } => self.composite_lit(e),
            ExprKind::SliceExpr { .. } => self.slice_expr(e),
            ExprKind::TypeAssertExpr { x, .. } => {
                let v = self.expr(x)?;
                let ty = self.type_of(e)?;
                let ty = self.first_of(ty);
                Ok(self.f.e.op(ty, Op::TypeAssert(v)))
            }
            ExprKind::CallExpr { .. } => match self.call(e)? {
                Some(v) => Ok(v),
                None => self.fail("a call without a result used as a value"),
            },
            ExprKind::UnaryExpr { op, x } => self.unary(e, op, x),
            ExprKind::BinaryExpr { .. } => self.binary(e),
            k => self.fail(format!("{k:?} used as a value")),
        }
    }

    /// The first component of a comma-ok form's type; any other type itself.
    pub fn first_of(&self, t: TyId) -> TyId {
        match self.types().get(t) {
            Ty::Tuple(ts) if !ts.is_empty() => ts[0],
            _ => t,
        }
    }

    /// A constant expression's type; that of an untyped one in an interface is its default.
    fn const_type(&mut self, e: ExprId, val: &itab_types::Value) -> Res<TyId> {
        use itab_types::Value;
        let ty = self.type_of(e)?;
        if self.types().as_basic(ty).is_some() {
            return Ok(ty);
        }
        let b = match val {
            Value::Bool(_) => Basic::Bool,
            Value::Str(_) => Basic::String,
            Value::Int(_) | Value::BigInt(_) => Basic::Int,
            Value::Rat(_) | Value::Float(_) => Basic::Float64,
            Value::Complex(_) => Basic::Complex128,
            Value::Unknown => return self.fail("a constant without a value"),
        };
        Ok(crate::ty::TypeTable::basic(b))
    }

    /// The value of an expression, converted as an assignment to `want` does.
    pub fn expr_to(&mut self, e: ExprId, want: TyId) -> Res<ValueId> {
        if self.mode(e) == Mode::NilValue {
            self.at(e);
            return Ok(self.f.e.zero(want));
        }
        if let Some(val) = self.code.info.value_of(e).cloned()
            && self.types().as_basic(want).is_some()
        {
            self.at(e);
            return self.constant(&val, want);
        }
        let v = self.expr(e)?;
        self.assign_conv(v, want)
    }

    fn is_untyped(&self, e: ExprId) -> bool {
        use itab_types::Type;
        let t = self.code.info.type_of(e).map(|t| self.w.store.ty(t));
        matches!(t, Some(Type::Basic(k)) if k.is_untyped())
    }

    fn load_place(&mut self, e: ExprId) -> Res<ValueId> {
        let at = self.place(e)?;
        match at {
            From::Addr(p) if self.is_header_data_addr(p) => Ok(self.load_header_data(p)),
            _ => Ok(read(self.w, &mut self.f.e, at)),
        }
    }

    fn ident(&mut self, e: ExprId) -> Res<ValueId> {
        let Some(obj) = self.code.info.object_of(e) else {
            if self.mode(e) == Mode::NilValue {
                let ty = self.type_of(e)?;
                return Ok(self.f.e.zero(ty));
            }
            return self.fail("an identifier without an object");
        };
        match &self.w.store.obj(obj).kind {
            ObjKind::Var(v) if v.kind == VarKind::Package => {
                let (p, ty) = self.global_addr(obj)?;
                Ok(self.f.e.load(ty, p))
            }
            ObjKind::Var(_) => self.read_key(VarKey::Obj(obj)),
            ObjKind::Func(_) => self.func_value(e),
            ObjKind::Nil => {
                let ty = self.type_of(e)?;
                Ok(self.f.e.zero(ty))
            }
            k => {
                let k = format!("{k:?}");
                self.fail(format!("{k} used as a value"))
            }
        }
    }

    fn selector(&mut self, e: ExprId) -> Res<ValueId> {
        match self.code.info.selections.get(&e).map(|s| s.kind) {
            Some(SelectionKind::FieldVal) => self.load_place(e),
            Some(SelectionKind::MethodVal) => self.method_value(e),
            Some(SelectionKind::MethodExpr) => self.method_expr(e),
            // A name of another package.
            None => self.ident(e),
        }
    }

    /// Two values of a comma-ok form.
    pub fn comma_ok(&mut self, e: ExprId) -> Res<(ValueId, ValueId)> {
        self.at(e);
        let e = self.code.tree.unparen(e);
        let tuple = match self.code.tree[e].kind {
            ExprKind::TypeAssertExpr { x, .. } => {
                let v = self.expr(x)?;
                let ty = self.type_of(e)?;
                let ty = self.first_of(ty);
                let t = self.tuple(&[ty, BOOL]);
                self.f.e.op(t, Op::TypeAssertOk(v))
            }
            ExprKind::UnaryExpr { op: Tok::Arrow, x } => {
                let c = self.expr(x)?;
                let ty = self.types().elem(self.f.e.ty(c));
                let t = self.tuple(&[ty, BOOL]);
                self.f.e.op(t, Op::RecvOk(c))
            }
            ExprKind::IndexExpr { .. } => return self.map_index_ok(e),
            _ => return self.fail("no comma-ok form"),
        };
        let ty = self.types().tuple(self.f.e.ty(tuple))[0];
        let v = self.f.e.op(ty, Op::Extract(tuple, 0));
        let ok = self.f.e.op(BOOL, Op::Extract(tuple, 1));
        Ok((v, ok))
    }

    pub fn tuple(&mut self, types: &[TyId]) -> TyId {
        self.w.program.types.intern(Ty::Tuple(types.to_vec()))
    }

    fn unary(&mut self, e: ExprId, op: Tok, x: ExprId) -> Res<ValueId> {
        match op {
            Tok::And => self.address_of(e, x),
            Tok::Arrow => {
                let c = self.expr(x)?;
                self.at(e);
                let ty = self.types().elem(self.f.e.ty(c));
                Ok(self.f.e.op(ty, Op::Recv(c)))
            }
            Tok::Add => self.expr(x),
            Tok::Sub | Tok::Xor | Tok::Not => {
                let ty = self.type_of(e)?;
                let v = self.expr_to(x, ty)?;
                let op = match op {
                    Tok::Sub => UnOp::Neg,
                    Tok::Xor => UnOp::BitNot,
                    _ => UnOp::Not,
                };
                self.at(e);
                let result = self.f.e.op(ty, Op::Unary(op, v));
                self.derive(result, &[v]);
                Ok(result)
            }
            _ => self.fail(format!("unary {op}")),
        }
    }

    fn binary(&mut self, e: ExprId) -> Res<ValueId> {
        let ExprKind::BinaryExpr { x, y, op, .. } = self.code.tree[e].kind else {
            return self.fail("no binary expression");
        };
        if matches!(op, Tok::LAnd | Tok::LOr) {
            return self.logical(e);
        }
        if op.is_comparison() {
            return self.comparison(e, op, x, y);
        }
        self.arithmetic(e)
    }

    /// `x && y`, `x || y` as a value.
    fn logical(&mut self, e: ExprId) -> Res<ValueId> {
        let ty = self.type_of(e)?;
        let (t, f) = (self.f.e.block(), self.f.e.block());
        let (join, params) = self.f.e.block_with(&[ty]);
        self.cond(e, t, f)?;
        for (b, val) in [(t, true), (f, false)] {
            self.f.e.switch_to(b);
            let v = self.f.e.op(ty, Op::Const(Const::Bool(val)));
            self.f.e.term(Term::Jump(join, vec![v]));
        }
        self.f.e.switch_to(join);
        Ok(params[0])
    }

    /// Branches on a condition.
    pub fn cond(&mut self, e: ExprId, then: crate::func::BlockId, els: crate::func::BlockId) -> Res<()> {
        if self.info().value_of(e).is_none() && !self.f.hoisted.contains_key(&e) {
            match self.code.tree[e].kind {
                ExprKind::ParenExpr { x } => return self.cond(x, then, els),
                ExprKind::UnaryExpr { op: Tok::Not, x } => return self.cond(x, els, then),
                ExprKind::BinaryExpr { op: op @ (Tok::LAnd | Tok::LOr), x, y, .. } => {
                    let mid = self.f.e.block();
                    match op {
                        Tok::LAnd => self.cond(x, mid, els)?,
                        _ => self.cond(x, then, mid)?,
                    }
                    self.f.e.switch_to(mid);
                    return self.cond(y, then, els);
                }
                _ => {}
            }
        }
        let v = self.expr(e)?;
        self.f.e.branch(v, then, els);
        Ok(())
    }

    /// A chain of arithmetic operators, the left operands of which may be many.
    fn arithmetic(&mut self, e: ExprId) -> Res<ValueId> {
        let mut chain = vec![];
        let mut at = e;
        let mut operands = vec![];
        loop {
            let inner = self.code.tree.unparen(at);
            match self.code.tree[inner].kind {
                ExprKind::BinaryExpr { x, y, op, .. }
                    if !matches!(op, Tok::LAnd | Tok::LOr)
                        && !op.is_comparison()
                        && self.info().value_of(inner).is_none()
                        && !self.f.hoisted.contains_key(&inner)
                        && !self.f.hoisted.contains_key(&at) =>
                {
                    let ty = self.type_of(inner)?;
                    // Its own operands are lifted over what comes later (see the module `panic_order`).
                    if !chain.is_empty() && op == Tok::Quo && self.lifts_itself(inner)? {
                        break;
                    }
                    chain.push((inner, op, ty));
                    operands.push((y, self.operand_type(op, y, ty)));
                    // The left operand has the type of the result, untyped constants included.
                    at = x;
                    if chain.len() > 1 && self.type_of(x)? != ty && self.types().as_basic(ty).is_none() {
                        break;
                    }
                }
                _ => break,
            }
        }
        let left_ty = chain.last().map(|c| c.2);
        operands.push((at, left_ty));
        operands.reverse();
        chain.reverse();
        self.borrow_parts(&chain, &operands);
        match self.is_concat(&chain) {
            true => self.order_concat(e)?,
            false => self.lift_list(&operands)?,
        }
        let early = self.early_operands(&operands, false)?;
        // A division or shift may panic before the next operand does.
        let checked = chain.iter().any(|c| matches!(c.1, Tok::Quo | Tok::Rem) || c.1.is_shift());
        let vals = if checked { vec![] } else { self.late_operands(&operands, early.clone())? };
        if self.is_concat(&chain) {
            self.at(e);
            let ty = self.type_of(e)?;
            return Ok(self.f.e.op(ty, Op::Concat(vals, Storage::Heap)));
        }
        let value = |b: &mut Self, k: usize| match (vals.get(k), early[k]) {
            (Some(&v), _) | (None, Some(v)) => Ok(v),
            (None, None) => b.expr_as(operands[k].0, operands[k].1),
        };
        let mut acc = value(self, 0)?;
        for (k, (node, op, ty)) in chain.into_iter().enumerate() {
            let y = value(self, k + 1)?;
            self.at(node);
            acc = self.assign_conv(acc, ty)?;
            acc = self.binary_op(op, acc, y, ty)?;
        }
        Ok(acc)
    }

    /// A concatenation of concatenations is one: its operands are lifted, then evaluated.
    fn order_concat(&mut self, e: ExprId) -> Res<()> {
        let parts = self.concatenated(e);
        if parts.iter().filter(|&&x| self.may_panic(x)).count() > 1 {
            for &x in &parts {
                self.hoist(x)?;
            }
            self.lift_and_evaluate(&parts)?;
        }
        Ok(())
    }

    /// What the right operand is converted to: a constant shift count becomes a uint.
    fn operand_type(&self, op: Tok, y: ExprId, ty: TyId) -> Option<TyId> {
        match op.is_shift() {
            false => Some(ty),
            true if self.info().value_of(y).is_some() => Some(crate::ty::TypeTable::basic(Basic::Uint)),
            true => None,
        }
    }

    /// A chain of additions of strings is one concatenation.
    fn is_concat(&self, chain: &[(ExprId, Tok, TyId)]) -> bool {
        let is_string = |t: TyId| self.types().as_basic(t) == Some(Basic::String);
        chain.iter().all(|&(_, op, ty)| op == Tok::Add && is_string(ty))
    }

    /// Bytes in a concatenation need not be copied first, if a constant part sees to it that the result is new.
    fn borrow_parts(&mut self, chain: &[(ExprId, Tok, TyId)], parts: &[(ExprId, Option<TyId>)]) {
        let text =
            |&(e, _): &(ExprId, _)| matches!(self.info().value_of(e), Some(itab_types::Value::Str(s)) if !s.is_empty());
        if !chain.is_empty() && self.is_concat(chain) && parts.iter().any(text) {
            parts.iter().for_each(|p| self.borrow(p.0));
        }
    }

    /// One arithmetic operation on values.
    pub fn binary_op(&mut self, op: Tok, x: ValueId, y: ValueId, ty: TyId) -> Res<ValueId> {
        let basic = self.types().as_basic(ty);
        if basic == Some(Basic::String) {
            return Ok(self.f.e.op(ty, Op::Concat(vec![x, y], Storage::Heap)));
        }
        let integer = basic.is_some_and(Basic::is_integer);
        let op = match op {
            Tok::Add => BinOp::Add,
            Tok::Sub => BinOp::Sub,
            Tok::Mul => BinOp::Mul,
            Tok::Quo | Tok::Rem => {
                if integer && !self.is_const_int(y) {
                    self.f.e.stmt(Op::DivCheck(y));
                }
                if op == Tok::Quo { BinOp::Div } else { BinOp::Rem }
            }
            Tok::And => BinOp::And,
            Tok::Or => BinOp::Or,
            Tok::Xor => BinOp::Xor,
            Tok::AndNot => BinOp::AndNot,
            Tok::Shl | Tok::Shr => {
                let count = self.types().as_basic(self.f.e.ty(y));
                if count.is_some_and(Basic::is_signed) && !self.is_const_int(y) {
                    self.f.e.stmt(Op::ShiftCheck(y));
                }
                if op == Tok::Shl { BinOp::Shl } else { BinOp::Shr }
            }
            _ => return self.fail(format!("binary {op}")),
        };
        let result = self.f.e.op(ty, Op::Binary(op, x, y));
        self.derive(result, &[x, y]);
        Ok(result)
    }

    /// Whether a value was just made as a constant that is not zero (shift counts: not negative).
    fn is_const_int(&self, v: ValueId) -> bool {
        let insts = &self.f.e.func.block(self.f.e.cur).insts;
        let found = insts.iter().rev().take(8).find(|i| i.result == Some(v));
        matches!(found.map(|i| &i.op), Some(Op::Const(Const::Int(n))) if *n > 0)
    }

    fn comparison(&mut self, e: ExprId, op: Tok, x: ExprId, y: ExprId) -> Res<ValueId> {
        let ty = self.type_of(e)?;
        let (nx, ny) = (self.mode(x) == Mode::NilValue, self.mode(y) == Mode::NilValue);
        let eq = match (nx, ny) {
            (false, true) | (true, false) => {
                let v = self.expr(if nx { y } else { x })?;
                self.at(e);
                self.f.e.op(ty, Op::IsNil(v))
            }
            _ => {
                let (tx, ty_) = self.comparison_types(x, y)?;
                if [tx, ty_].into_iter().all(|t| self.types().as_basic(t) == Some(Basic::String)) {
                    self.borrow(x);
                    self.borrow(y);
                }
                self.order_compared(e, x, y)?;
                let vals = self.values(&[(x, Some(tx)), (y, Some(ty_))])?;
                self.at(e);
                return self.compare_values(op, vals[0], vals[1], ty);
            }
        };
        Ok(if op == Tok::Neq { self.f.e.op(ty, Op::Unary(UnOp::Not, eq)) } else { eq })
    }

    /// Evaluates the operands of a comparison as far as gc does not do so from left to right.
    fn order_compared(&mut self, e: ExprId, x: ExprId, y: ExprId) -> Res<()> {
        let iface = self.compared_iface(x, y)?;
        let list = [(x, iface), (y, iface)];
        let swapped = iface.is_some() && self.may_panic(x) && self.may_panic(y);
        if swapped || self.copies_compared(e)? || self.has_order(y) || self.needs_lift(&list)? {
            self.hoist_compared(x, y)?;
        }
        if swapped {
            self.evaluate(y)?;
            return self.evaluate(x);
        }
        self.lift_list(&list)
    }

    /// Types of both operands; an untyped constant takes the other's.
    fn comparison_types(&mut self, x: ExprId, y: ExprId) -> Res<(TyId, TyId)> {
        let (mut tx, mut ty) = (self.type_of(x)?, self.type_of(y)?);
        let (ux, uy) = (self.is_untyped(x), self.is_untyped(y));
        let concrete = |b: &Self, t: TyId| !b.types().is_interface(t);
        if ux && !uy && concrete(self, ty) {
            tx = ty;
        } else if uy && !ux && concrete(self, tx) {
            ty = tx;
        }
        Ok((tx, ty))
    }

    /// Compares two values; `res` is the boolean type of the result.
    pub fn compare_values(&mut self, op: Tok, x: ValueId, y: ValueId, res: TyId) -> Res<ValueId> {
        let cmp = match op {
            Tok::Lss => CmpOp::Lt,
            Tok::Leq => CmpOp::Le,
            Tok::Gtr => CmpOp::Gt,
            Tok::Geq => CmpOp::Ge,
            _ => {
                let eq = self.equal_values(x, y, res)?;
                return Ok(if op == Tok::Neq { self.f.e.op(res, Op::Unary(UnOp::Not, eq)) } else { eq });
            }
        };
        let t = self.f.e.ty(x);
        let y = self.assign_conv(y, t)?;
        Ok(self.f.e.op(res, Op::Compare(cmp, x, y)))
    }

    fn equal_values(&mut self, mut x: ValueId, mut y: ValueId, res: TyId) -> Res<ValueId> {
        let (tx, ty) = (self.f.e.ty(x), self.f.e.ty(y));
        let (ix, iy) = (self.types().is_interface(tx), self.types().is_interface(ty));
        match (ix, iy) {
            (true, false) => return Ok(self.f.e.op(res, Op::EqualIface { iface: x, value: y })),
            (false, true) => return Ok(self.f.e.op(res, Op::EqualIface { iface: y, value: x })),
            (true, true) if tx != ty => {
                let any = self.w.any();
                x = self.assign_conv(x, any)?;
                y = self.assign_conv(y, any)?;
            }
            (false, false) if tx != ty => y = self.f.e.op(tx, Op::Convert(Conv::Same, y)),
            _ => {}
        }
        Ok(self.f.e.op(res, Op::Equal(x, y)))
    }

    fn slice_expr(&mut self, e: ExprId) -> Res<ValueId> {
        let ExprKind::SliceExpr { x, low, high, max, .. } = self.code.tree[e].kind else {
            return self.fail("no slice expression");
        };
        let tx = self.type_of(x)?;
        let bounds: Vec<ExprId> = [low, high, max].into_iter().flatten().collect();
        // Bounds are copied before the operand is read.
        if bounds.iter().any(|&b| self.has_order(b) || self.may_panic(b)) {
            self.hoist(x)?;
            for &b in &bounds {
                self.hoist(b)?;
                self.copy_bound(b)?;
            }
        }
        let (kind, v) = match *self.types().under(tx) {
            Ty::Basic(_) => (Sliced::Str, self.expr(x)?),
            Ty::Slice(_) => (Sliced::Slice, self.expr(x)?),
            Ty::Pointer(_) => {
                let p = self.expr(x)?;
                self.f.e.stmt(Op::NilCheck(p));
                (Sliced::ArrayPtr, p)
            }
            Ty::Array(..) => (Sliced::ArrayPtr, self.addr(x)?),
            _ => return self.fail("operand to slice"),
        };
        let mut vals = vec![];
        for b in [low, high, max] {
            vals.push(match b {
                Some(b) => Some(self.index_value(b)?),
                None => None,
            });
        }
        self.at(e);
        let ty = self.type_of(e)?;
        Ok(self.f.e.op(ty, Op::Slice { kind, x: v, lo: vals[0], hi: vals[1], max: vals[2] }))
    }

    fn copy_bound(&mut self, b: ExprId) -> Res<()> {
        let is_var = matches!(self.code.tree[self.code.tree.unparen(b)].kind, ExprKind::Ident(_));
        if !is_var && self.info().value_of(b).is_none() && !self.f.hoisted.contains_key(&b) {
            let v = self.index_value(b)?;
            self.f.hoisted.insert(b, v);
        }
        Ok(())
    }

    /// An index or size: an integer; an untyped constant is an int.
    pub fn index_value(&mut self, e: ExprId) -> Res<ValueId> {
        if let Some(val) = self.code.info.value_of(e).cloned()
            && let Some(n) = val.to_int().as_i64()
        {
            self.at(e);
            return Ok(self.f.e.int(n));
        }
        self.expr(e)
    }

    /// An int from an integer that may be narrower, or wider without a sign (then too large stays too large).
    pub fn as_int(&mut self, v: ValueId) -> ValueId {
        if self.f.e.ty(v) == INT { v } else { self.f.e.op(INT, Op::Convert(Conv::Numeric, v)) }
    }
}
