//! Addressable operands and the left sides of assignments: where a variable is, and what an assignment stores to.

use super::{Builder, Var, VarKey};
use crate::func::{LocalId, ValueId};
use crate::op::{Const, Op, Storage};
use crate::ty::{Ty, TyId};
use crate::world::{INT, Res};
use crate::wrappers::{From, field, from_type, read, walk};
use itab_syntax::{ExprId, ExprKind, Name};
use itab_types::{Mode, ObjKind, SelectionKind, VarKind};

/// The left side of an assignment, its operands evaluated and nothing checked.
#[derive(Clone, Debug)]
pub(crate) enum LRef {
    /// `_`
    Blank,
    /// A variable.
    Var(Var, TyId),
    /// What a pointer points to.
    Deref(ValueId, TyId),
    /// A field.
    Field(Box<LRef>, u32, TyId),
    /// An element of an array.
    ArrayElem(Box<LRef>, ValueId, TyId),
    /// An element of a slice.
    SliceElem(ValueId, ValueId, TyId),
    /// An element of a map.
    MapElem(ValueId, ValueId, TyId),
}

impl LRef {
    pub fn ty(&self) -> Option<TyId> {
        match *self {
            LRef::Blank => None,
            LRef::Var(_, t) | LRef::Deref(_, t) | LRef::Field(_, _, t) | LRef::ArrayElem(_, _, t) => Some(t),
            LRef::SliceElem(_, _, t) | LRef::MapElem(_, _, t) => Some(t),
        }
    }
}

impl Builder<'_> {
    /// Where an operand is: in memory when it is addressable, else its value. All checks are made.
    pub fn place(&mut self, e: ExprId) -> Res<From> {
        if let Some(&v) = self.f.hoisted.get(&e) {
            self.f.hoisted.remove(&e);
            return Ok(From::Value(v));
        }
        self.at(e);
        match self.code.tree[e].kind {
            ExprKind::ParenExpr { x } => self.place(x),
            ExprKind::Ident(_) => self.ident_place(e),
            ExprKind::StarExpr { x } => {
                let p = self.expr(x)?;
                self.at(e);
                self.f.e.stmt(Op::NilCheck(p));
                Ok(From::Addr(p))
            }
            ExprKind::SelectorExpr { x, .. } => match self.code.info.selections.get(&e).cloned() {
                Some(s) if s.kind == SelectionKind::FieldVal => {
                    let mut at = self.place(x)?;
                    self.at(e);
                    for &i in &s.index {
                        at = field(self.w, &mut self.f.e, at, i)?;
                    }
                    Ok(at)
                }
                Some(_) => Ok(From::Value(self.expr(e)?)),
                None => self.ident_place(e),
            },
            ExprKind::IndexExpr { x, indices, .. } if self.mode(e) != Mode::MapIndex && !self.is_generic_func(x) => {
                let i = self.code.tree[indices][0];
                self.index_place(e, x, i)
            }
            _ => Ok(From::Value(self.expr(e)?)),
        }
    }

    fn ident_place(&mut self, e: ExprId) -> Res<From> {
        let Some(obj) = self.code.info.object_of(e) else { return Ok(From::Value(self.expr(e)?)) };
        match &self.w.store.obj(obj).kind {
            ObjKind::Var(v) if v.kind == VarKind::Package => Ok(From::Addr(self.global_addr(obj)?.0)),
            ObjKind::Var(_) => {
                let v = self.var(VarKey::Obj(obj))?;
                Ok(match self.var_addr(v) {
                    Some(p) => From::Addr(p),
                    None => From::Value(self.read_var(v)),
                })
            }
            _ => Ok(From::Value(self.expr(e)?)),
        }
    }

    /// `x[i]` of a string, slice, array or pointer to an array.
    fn index_place(&mut self, e: ExprId, x: ExprId, i: ExprId) -> Res<From> {
        let tx = self.type_of(x)?;
        if self.has_order(i) {
            self.hoist(x)?;
            self.hoist(i)?;
        }
        self.lift_list(&[(x, None), (i, None)])?;
        match *self.types().under(tx) {
            Ty::Basic(_) => {
                let s = self.expr(x)?;
                let i = self.index_value(i)?;
                self.at(e);
                let len = self.f.e.op(INT, Op::Len(s));
                self.f.e.stmt(Op::BoundsCheck { index: i, len });
                let byte = crate::ty::TypeTable::basic(crate::ty::Basic::Uint8);
                let ptr = self.pointer(byte);
                let base = self.f.e.op(ptr, Op::DataPtr(s));
                let p = self.f.e.op(ptr, Op::ElemAddr { base, index: i, elem: byte });
                // A string's bytes are not addressable.
                let ty = self.type_of(e)?;
                let v = self.f.e.load(byte, p);
                Ok(From::Value(self.assign_conv(v, ty)?))
            }
            Ty::Slice(_) => {
                let s = self.expr(x)?;
                let i = self.index_value(i)?;
                self.at(e);
                Ok(From::Addr(self.slice_elem(s, i)))
            }
            Ty::Pointer(_) => {
                let p = self.expr(x)?;
                self.at(e);
                self.f.e.stmt(Op::NilCheck(p));
                let i = self.index_value(i)?;
                self.at(e);
                Ok(From::Addr(self.array_elem(p, i)))
            }
            Ty::Array(elem, _) => {
                let at = self.place(x)?;
                let index = self.index_value(i)?;
                self.at(e);
                match (at, self.code.info.value_of(i)) {
                    (From::Value(v), Some(n)) => {
                        let n = n.to_int().as_i64().unwrap_or(0);
                        Ok(From::Value(self.f.e.op(elem, Op::Extract(v, n as u32))))
                    }
                    (From::Value(v), None) => {
                        let p = self.spill(v);
                        let q = self.array_elem(p, index);
                        Ok(From::Value(self.f.e.load(elem, q)))
                    }
                    (From::Addr(p), _) => Ok(From::Addr(self.array_elem(p, index))),
                }
            }
            _ => self.fail("operand to index"),
        }
    }

    /// A value in memory of its own.
    pub fn spill(&mut self, v: ValueId) -> ValueId {
        let ty = self.f.e.ty(v);
        let ptr = self.pointer(ty);
        let p = self.f.e.alloc(ptr, ty, Storage::Stack);
        self.f.e.store(p, v);
        p
    }

    /// `&s[i]`, checked.
    pub fn slice_elem(&mut self, s: ValueId, i: ValueId) -> ValueId {
        let len = self.f.e.op(INT, Op::Len(s));
        self.f.e.stmt(Op::BoundsCheck { index: i, len });
        self.slice_elem_unchecked(s, i)
    }

    pub fn slice_elem_unchecked(&mut self, s: ValueId, i: ValueId) -> ValueId {
        let elem = self.types().elem(self.f.e.ty(s));
        let ptr = self.pointer(elem);
        let base = self.f.e.op(ptr, Op::DataPtr(s));
        self.f.e.op(ptr, Op::ElemAddr { base, index: i, elem })
    }

    /// `&(*p)[i]` for a pointer to an array that is not nil; the index is checked unless it is a constant.
    pub fn array_elem(&mut self, p: ValueId, i: ValueId) -> ValueId {
        let arr = self.types().elem(self.f.e.ty(p));
        let Ty::Array(_, n) = *self.types().under(arr) else { unreachable!("an array") };
        let insts = &self.f.e.func.block(self.f.e.cur).insts;
        let constant = insts.iter().rev().take(8).find(|x| x.result == Some(i)).map(|x| &x.op);
        if !matches!(constant, Some(Op::Const(Const::Int(k))) if (*k as u64) < n) {
            let len = self.f.e.int(n as i64);
            self.f.e.stmt(Op::BoundsCheck { index: i, len });
        }
        self.array_elem_unchecked(p, i)
    }

    pub fn array_elem_unchecked(&mut self, p: ValueId, i: ValueId) -> ValueId {
        let arr = self.types().elem(self.f.e.ty(p));
        let elem = self.types().elem(arr);
        let ptr = self.pointer(elem);
        let base = self.f.e.op(ptr, Op::Convert(crate::op::Conv::Same, p));
        self.f.e.op(ptr, Op::ElemAddr { base, index: i, elem })
    }

    /// The address of an addressable operand.
    pub fn addr(&mut self, e: ExprId) -> Res<ValueId> {
        match self.place(e)? {
            From::Addr(p) => {
                let want = self.type_of(e)?;
                let have = self.types().elem(self.f.e.ty(p));
                debug_assert_eq!(want, have);
                Ok(self.plain_pointer(p))
            }
            From::Value(_) => self.fail("operand is not addressable"),
        }
    }

    /// A pointer of a named pointer type as one of the plain type.
    pub fn plain_pointer(&mut self, p: ValueId) -> ValueId {
        let ty = self.types().elem(self.f.e.ty(p));
        let ptr = self.pointer(ty);
        if self.f.e.ty(p) == ptr { p } else { self.f.e.op(ptr, Op::Convert(crate::op::Conv::Same, p)) }
    }

    /// `&x`
    pub fn address_of(&mut self, e: ExprId, x: ExprId) -> Res<ValueId> {
        let inner = self.code.tree.unparen(x);
        let want = self.type_of(e)?;
        let p = match self.code.tree[inner].kind {
            ExprKind::CompositeLit { .. } => {
                let ty = self.type_of(inner)?;
                let ptr = self.pointer(ty);
                let p = self.f.e.alloc(ptr, ty, Storage::Heap);
                self.composite_into(inner, p, true)?;
                p
            }
            _ => self.addr(x)?,
        };
        self.assign_conv(p, want)
    }

    // ---- the left side of assignments

    /// Evaluates the operands of the left side of an assignment.
    pub fn lref(&mut self, e: ExprId) -> Res<LRef> {
        self.at(e);
        match self.code.tree[e].kind {
            ExprKind::ParenExpr { x } => self.lref(x),
            ExprKind::Ident(Name::BLANK) => Ok(LRef::Blank),
            ExprKind::Ident(_) => self.ident_ref(e),
            ExprKind::StarExpr { x } => {
                let p = self.expr(x)?;
                let ty = self.types().elem(self.f.e.ty(p));
                Ok(LRef::Deref(p, ty))
            }
            ExprKind::SelectorExpr { x, .. } => match self.code.info.selections.get(&e).cloned() {
                Some(s) => self.selected_ref(x, &s.index),
                None => self.ident_ref(e),
            },
            ExprKind::IndexExpr { x, indices, .. } => {
                let i = self.code.tree[indices][0];
                self.index_ref(x, i)
            }
            k => self.fail(format!("assignment to {k:?}")),
        }
    }

    /// The field of an operand at the end of a path of fields. An embedded pointer on the path is read; what it points to
    /// is assigned, and not the variable that holds it.
    fn selected_ref(&mut self, x: ExprId, path: &[u32]) -> Res<LRef> {
        let (mut ty, mut read_to) = (self.type_of(x)?, 0);
        for (k, &i) in path.iter().enumerate() {
            if let Ty::Pointer(elem) = *self.types().under(ty) {
                (ty, read_to) = (elem, k);
            }
            ty = self.field_type(ty, i)?;
        }
        let mut r = match read_to {
            0 => self.operand_ref(x)?,
            _ => {
                let at = self.place(x)?;
                let at = walk(self.w, &mut self.f.e, at, &path[..read_to])?;
                let p = read(self.w, &mut self.f.e, at);
                LRef::Deref(p, self.types().elem(self.f.e.ty(p)))
            }
        };
        for &i in &path[read_to..] {
            let ty = self.field_type(r.ty().unwrap_or(INT), i)?;
            r = LRef::Field(Box::new(r), i, ty);
        }
        Ok(r)
    }

    fn field_type(&self, st: TyId, i: u32) -> Res<TyId> {
        match self.types().under(st) {
            Ty::Struct(fields) => Ok(fields[i as usize].ty),
            _ => self.fail("field of no struct"),
        }
    }

    fn ident_ref(&mut self, e: ExprId) -> Res<LRef> {
        let Some(obj) = self.code.info.object_of(e) else { return self.fail("assignment to nothing") };
        if let Some(v) = self.w.store.obj(obj).as_var()
            && v.kind == VarKind::Package
        {
            let (p, ty) = self.global_addr(obj)?;
            return Ok(LRef::Var(Var::Mem(p), ty));
        }
        let v = self.var(VarKey::Obj(obj))?;
        let ty = self.obj_ty(obj)?;
        Ok(LRef::Var(v, ty))
    }

    /// An operand whose field or element is assigned: a place, or a pointer's value.
    fn operand_ref(&mut self, x: ExprId) -> Res<LRef> {
        let tx = self.type_of(x)?;
        if let Ty::Pointer(elem) = *self.types().under(tx) {
            let p = self.expr(x)?;
            return Ok(LRef::Deref(p, elem));
        }
        match self.code.tree[self.code.tree.unparen(x)].kind {
            ExprKind::Ident(_)
            | ExprKind::StarExpr { .. }
            | ExprKind::SelectorExpr { .. }
            | ExprKind::IndexExpr { .. } => self.lref(x),
            _ => match self.place(x)? {
                From::Addr(p) => Ok(LRef::Deref(p, tx)),
                From::Value(_) => self.fail("assignment to a part of a value"),
            },
        }
    }

    fn index_ref(&mut self, x: ExprId, i: ExprId) -> Res<LRef> {
        let tx = self.type_of(x)?;
        match *self.types().under(tx) {
            Ty::Map(k, v) => {
                let m = self.expr(x)?;
                let key = self.expr_to(i, k)?;
                Ok(LRef::MapElem(m, key, v))
            }
            Ty::Slice(elem) => {
                let s = self.expr(x)?;
                let i = self.index_value(i)?;
                Ok(LRef::SliceElem(s, i, elem))
            }
            Ty::Array(elem, _) => {
                let r = self.operand_ref(x)?;
                self.check_base(&r, i);
                let i = self.index_value(i)?;
                Ok(LRef::ArrayElem(Box::new(r), i, elem))
            }
            Ty::Pointer(arr) => {
                let r = LRef::Deref(self.expr(x)?, arr);
                self.check_base(&r, i);
                let i = self.index_value(i)?;
                let elem = self.types().elem(arr);
                Ok(LRef::ArrayElem(Box::new(r), i, elem))
            }
            _ => self.fail("operand to index"),
        }
    }

    /// Where an array is comes before an index that may panic, and so does the check that it is somewhere.
    fn check_base(&mut self, array: &LRef, index: ExprId) {
        if !self.may_panic(index) {
            return;
        }
        match array {
            LRef::Deref(p, _) => self.f.e.stmt(Op::NilCheck(*p)),
            LRef::Field(base, ..) => self.check_base(base, index),
            _ => {}
        }
    }

    /// A variable in registers that a place is part of, with the path of fields to it.
    fn register_path(&self, r: &LRef) -> Option<(LocalId, Vec<u32>)> {
        match r {
            LRef::Var(Var::Local(l), _) => Some((*l, vec![])),
            LRef::Field(base, i, _) => {
                let (l, mut path) = self.register_path(base)?;
                path.push(*i);
                Some((l, path))
            }
            _ => None,
        }
    }

    /// The address of a place in memory; makes the checks.
    fn ref_addr(&mut self, r: &LRef) -> Res<ValueId> {
        match r {
            LRef::Var(v, _) => match self.var_addr(*v) {
                Some(p) => Ok(p),
                None => self.fail("a variable in registers has no address"),
            },
            LRef::Deref(p, _) => {
                self.f.e.stmt(Op::NilCheck(*p));
                Ok(*p)
            }
            LRef::Field(base, i, ty) => {
                let p = self.ref_addr(base)?;
                let ptr = self.pointer(*ty);
                Ok(self.f.e.op(ptr, Op::FieldAddr(p, *i)))
            }
            LRef::ArrayElem(base, i, _) => {
                let p = self.ref_addr(base)?;
                Ok(self.array_elem(p, *i))
            }
            LRef::SliceElem(s, i, _) => Ok(self.slice_elem(*s, *i)),
            LRef::MapElem(m, k, _) => self.map_assign(*m, *k),
            LRef::Blank => self.fail("the blank identifier has no address"),
        }
    }

    /// The address of a place that is in memory; none for one in registers.
    pub fn memory_addr(&mut self, r: &LRef) -> Res<Option<ValueId>> {
        if matches!(r, LRef::Blank) || self.register_path(r).is_some() {
            return Ok(None);
        }
        Ok(Some(self.ref_addr(r)?))
    }

    /// The value at a place.
    pub fn load_ref(&mut self, r: &LRef) -> Res<ValueId> {
        if let LRef::MapElem(m, k, _) = *r {
            return self.map_access(m, k);
        }
        if let LRef::Var(v, _) = *r {
            return Ok(self.read_var(v));
        }
        if let Some((l, path)) = self.register_path(r) {
            let v = self.f.e.get(l);
            let at = walk(self.w, &mut self.f.e, From::Value(v), &path)?;
            return Ok(read(self.w, &mut self.f.e, at));
        }
        let p = self.ref_addr(r)?;
        let at = From::Addr(p);
        let ty = from_type(self.w, &self.f.e, at);
        Ok(self.f.e.load(ty, p))
    }

    /// Assigns a value of the place's type.
    pub fn store_ref(&mut self, r: &LRef, val: ValueId) -> Res<()> {
        match r {
            LRef::Blank => Ok(()),
            LRef::Var(v, _) => self.write_var(*v, val),
            _ => {
                if let Some((l, path)) = self.register_path(r) {
                    let old = self.f.e.get(l);
                    let new = self.with_field(old, &path, val);
                    self.f.e.set(l, new);
                    return Ok(());
                }
                let p = self.ref_addr(r)?;
                self.store_at(r, p, val);
                Ok(())
            }
        }
    }

    /// Stores to a place in memory at its address.
    pub fn store_at(&mut self, r: &LRef, p: ValueId, val: ValueId) {
        match *r {
            LRef::Field(ref st, i, _) if st.ty().is_some_and(|t| self.is_header_data(t, i)) => {
                self.store_header_data(p, val);
            }
            _ => self.f.e.store(p, val),
        }
    }

    /// A struct with one field, perhaps of an inner struct, replaced.
    fn with_field(&mut self, old: ValueId, path: &[u32], val: ValueId) -> ValueId {
        let Some((&i, rest)) = path.split_first() else { return val };
        let ty = self.f.e.ty(old);
        let types: Vec<TyId> = self.types().fields(ty).iter().map(|f| f.ty).collect();
        let mut parts: Vec<ValueId> =
            types.iter().enumerate().map(|(k, &t)| self.f.e.op(t, Op::Extract(old, k as u32))).collect();
        parts[i as usize] = self.with_field(parts[i as usize], rest, val);
        self.f.e.op(ty, Op::Aggregate(parts))
    }
}
