//! Composite literals.

use super::Builder;
use crate::func::ValueId;
use crate::op::{Op, Storage};
use crate::ty::{Ty, TyId};
use crate::world::{Res, STRING};
use itab_syntax::{ExprId, ExprKind};

impl Builder<'_> {
    /// A composite literal as a value.
    pub fn composite_lit(&mut self, e: ExprId) -> Res<ValueId> {
        let ty = self.type_of(e)?;
        self.at(e);
        let small = self.in_registers(ty) && matches!(self.types().under(ty), Ty::Struct(_));
        if small && !self.has_promoted_keys(e, ty) {
            return self.struct_value(e, ty);
        }
        match *self.types().under(ty) {
            Ty::Struct(_) | Ty::Array(..) => {
                let ptr = self.pointer(ty);
                let p = self.f.e.alloc(ptr, ty, Storage::Stack);
                self.composite_into(e, p, true)?;
                Ok(self.f.e.load(ty, p))
            }
            Ty::Slice(_) => self.slice_lit(e, ty),
            Ty::Map(..) => self.map_lit(e, ty),
            // `&T{}` with the `&T` left out.
            Ty::Pointer(elem) => {
                let ptr = self.pointer(elem);
                let p = self.f.e.alloc(ptr, elem, Storage::Heap);
                self.composite_into(e, p, true)?;
                self.assign_conv(p, ty)
            }
            _ => self.fail("a composite literal of such a type"),
        }
    }

    fn elts(&self, e: ExprId) -> Vec<ExprId> {
        match self.code.tree[self.code.tree.unparen(e)].kind {
            ExprKind::CompositeLit { elts, .. } => self.code.tree[elts].to_vec(),
            _ => vec![],
        }
    }

    /// Fields and values of a struct literal: paths of indices, because keys may be promoted fields.
    fn struct_elts(&mut self, e: ExprId, ty: TyId) -> Res<Vec<(Vec<u32>, TyId, ExprId)>> {
        let mut out = vec![];
        for (i, elt) in self.elts(e).into_iter().enumerate() {
            match self.code.tree[elt].kind {
                ExprKind::KeyValueExpr { key, value, .. } => {
                    let path = self.field_path(key, ty)?;
                    let mut t = ty;
                    for &i in &path {
                        t = self.types().fields(t)[i as usize].ty;
                    }
                    out.push((path, t, value));
                }
                _ => out.push((vec![i as u32], self.types().fields(ty)[i].ty, elt)),
            }
        }
        Ok(out)
    }

    /// The path to the field that a key names, promoted through embedded structs.
    fn field_path(&mut self, key: ExprId, ty: TyId) -> Res<Vec<u32>> {
        let Some(ident) = self.code.tree.ident(key) else { return self.fail("a key that is no field") };
        let name = self.w.text(ident.name);
        let mut level: Vec<(TyId, Vec<u32>)> = vec![(ty, vec![])];
        while !level.is_empty() {
            let mut next = vec![];
            for (t, path) in level {
                let Ty::Struct(fields) = self.types().under(t).clone() else { continue };
                for (i, f) in fields.iter().enumerate() {
                    let mut p = path.clone();
                    p.push(i as u32);
                    if f.name.name == name {
                        return Ok(p);
                    }
                    if f.embedded {
                        next.push((f.ty, p));
                    }
                }
            }
            level = next;
        }
        self.fail(format!("no field {name}"))
    }

    fn has_promoted_keys(&mut self, e: ExprId, ty: TyId) -> bool {
        self.struct_elts(e, ty).map_or(true, |l| l.iter().any(|x| x.0.len() > 1))
    }

    fn struct_value(&mut self, e: ExprId, ty: TyId) -> Res<ValueId> {
        let elts = self.struct_elts(e, ty)?;
        let list: Vec<_> = elts.iter().map(|x| (x.2, Some(x.1))).collect();
        let vals = self.values(&list)?;
        let types: Vec<TyId> = self.types().fields(ty).iter().map(|f| f.ty).collect();
        if vals.is_empty() && !types.is_empty() {
            return Ok(self.f.e.zero(ty));
        }
        let mut parts = vec![];
        for (i, &t) in types.iter().enumerate() {
            let blank = &*self.types().fields(ty)[i].name.name == "_";
            let given = elts.iter().position(|x| x.0[0] as usize == i && !blank);
            parts.push(match given {
                Some(k) => vals[k],
                None => self.f.e.zero(t),
            });
        }
        Ok(self.f.e.op(ty, Op::Aggregate(parts)))
    }

    /// Builds a literal in memory at `p`, which is fresh; `zeroed` when it holds zeros already.
    pub fn composite_into(&mut self, e: ExprId, p: ValueId, zeroed: bool) -> Res<()> {
        let e = self.code.tree.unparen(e);
        let ty = self.types().elem(self.f.e.ty(p));
        match *self.types().under(ty) {
            Ty::Struct(_) => {
                let elts = self.struct_elts(e, ty)?;
                let all = elts.len() == self.types().fields(ty).len();
                if !zeroed && !all {
                    self.f.e.stmt(Op::Clear(p, ty));
                }
                let list: Vec<_> = elts.iter().map(|x| (x.2, x.1)).collect();
                self.hoist_elements(&list)?;
                for (path, t, value) in elts {
                    if path.len() == 1 && &*self.types().fields(ty)[path[0] as usize].name.name == "_" {
                        // Blank fields stay zero.
                        self.expr_to(value, t)?;
                        continue;
                    }
                    let mut q = p;
                    let mut at = ty;
                    for i in path {
                        let f = self.types().fields(at)[i as usize].ty;
                        let ptr = self.pointer(f);
                        q = self.f.e.op(ptr, Op::FieldAddr(q, i));
                        at = f;
                    }
                    self.element_into(value, q, t, zeroed)?;
                }
                Ok(())
            }
            Ty::Array(elem, n) => {
                let elts = self.indexed_elts(e)?;
                if !zeroed && (elts.len() as u64) < n {
                    self.f.e.stmt(Op::Clear(p, ty));
                }
                let list: Vec<_> = elts.iter().map(|x| (x.1, elem)).collect();
                self.hoist_elements(&list)?;
                for (i, value) in elts {
                    self.at(value);
                    let i = self.f.e.int(i);
                    let q = self.array_elem_unchecked(p, i);
                    self.element_into(value, q, elem, zeroed)?;
                }
                Ok(())
            }
            _ => {
                let v = self.expr_to(e, ty)?;
                self.f.e.store(p, v);
                Ok(())
            }
        }
    }

    /// The values in a struct, array or slice literal, with the types that they are converted to.
    pub fn elements(&mut self, e: ExprId) -> Res<Vec<(ExprId, TyId)>> {
        let ty = self.type_of(e)?;
        match *self.types().under(ty) {
            Ty::Struct(_) => Ok(self.struct_elts(e, ty)?.into_iter().map(|x| (x.2, x.1)).collect()),
            Ty::Array(elem, _) | Ty::Slice(elem) => {
                Ok(self.indexed_elts(e)?.into_iter().map(|x| (x.1, elem)).collect())
            }
            _ => Ok(vec![]),
        }
    }

    /// Calls in elements, and copies into interfaces, come before reads of variables in others.
    fn hoist_elements(&mut self, list: &[(ExprId, TyId)]) -> Res<()> {
        let mut last = 0;
        for (i, &(x, t)) in list.iter().enumerate() {
            if self.has_order_as(x, Some(t))? {
                last = i;
            }
        }
        if last == 0 { Ok(()) } else { self.hoist_list(&list[..=last]) }
    }

    /// Evaluates what has a fixed place in the order in elements.
    pub fn hoist_list(&mut self, list: &[(ExprId, TyId)]) -> Res<()> {
        for &(x, t) in list {
            self.hoist_as(x, Some(t))?;
        }
        Ok(())
    }

    fn element_into(&mut self, value: ExprId, q: ValueId, t: TyId, zeroed: bool) -> Res<()> {
        let inner = self.code.tree.unparen(value);
        let is_lit = matches!(self.code.tree[inner].kind, ExprKind::CompositeLit { .. });
        if is_lit && !self.f.hoisted.contains_key(&inner) && self.type_of(inner)? == t {
            match self.types().under(t) {
                Ty::Struct(_) if !self.in_registers(t) => return self.composite_into(inner, q, zeroed),
                Ty::Array(..) => return self.composite_into(inner, q, zeroed),
                _ => {}
            }
        }
        let v = self.expr_to(value, t)?;
        self.f.e.store(q, v);
        Ok(())
    }

    /// Indices and values of an array or slice literal.
    pub fn indexed_elts(&mut self, e: ExprId) -> Res<Vec<(i64, ExprId)>> {
        let mut out = vec![];
        let mut next = 0;
        for elt in self.elts(e) {
            let value = match self.code.tree[elt].kind {
                ExprKind::KeyValueExpr { key, value, .. } => {
                    let k = self.code.info.value_of(key).and_then(|v| v.to_int().as_i64());
                    let Some(k) = k else { return self.fail("an index that is no constant") };
                    next = k;
                    value
                }
                _ => elt,
            };
            out.push((next, value));
            next += 1;
        }
        Ok(out)
    }

    fn slice_lit(&mut self, e: ExprId, ty: TyId) -> Res<ValueId> {
        let elem = self.types().elem(ty);
        let elts = self.indexed_elts(e)?;
        let n = elts.iter().map(|x| x.0 + 1).max().unwrap_or(0);
        let arr = self.w.program.types.intern(Ty::Array(elem, n as u64));
        let ptr = self.pointer(arr);
        let p = self.f.e.alloc(ptr, arr, Storage::Heap);
        let list: Vec<_> = elts.iter().map(|x| (x.1, elem)).collect();
        self.hoist_elements(&list)?;
        for (i, value) in elts {
            self.at(value);
            let i = self.f.e.int(i);
            let q = self.array_elem_unchecked(p, i);
            self.element_into(value, q, elem, true)?;
        }
        self.at(e);
        Ok(self.slice_of_array(p, n, ty))
    }

    fn map_lit(&mut self, e: ExprId, ty: TyId) -> Res<ValueId> {
        let Ty::Map(k, v) = *self.types().under(ty) else { return self.fail("no map") };
        let elts = self.elts(e);
        let hint = self.f.e.int(elts.len() as i64);
        let m = self.make_map(ty, hint)?;
        for elt in elts {
            let ExprKind::KeyValueExpr { key, value, .. } = self.code.tree[elt].kind else {
                return self.fail("an element of a map literal without a key");
            };
            // As any assignment to an element: what has a fixed place, then the value, then the key.
            self.hoist_key(e, key)?;
            self.hoist_as(value, Some(v))?;
            let value = self.expr_to(value, v)?;
            let key = self.expr_to(key, k)?;
            self.at(elt);
            let p = self.map_assign(m, key)?;
            self.f.e.store(p, value);
        }
        debug_assert_ne!(ty, STRING);
        Ok(m)
    }
}
