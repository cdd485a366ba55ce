//! Maps: calls of the functions that GOROOT's `internal/runtime/maps` and the runtime provide.

use super::Builder;
use crate::func::ValueId;
use crate::op::{Conv, Op, Storage, Term};
use crate::ty::{Basic, Ty, TyId, TypeTable};
use crate::world::{BOOL, INT, Res, World};
use itab_syntax::{ExprId, ExprKind};

/// Which of the specialised functions serves a key type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fast {
    No,
    Bits32,
    Bits64,
    Str,
}

impl Fast {
    fn suffix(self) -> &'static str {
        match self {
            Fast::No => "",
            Fast::Bits32 => "_fast32",
            Fast::Bits64 => "_fast64",
            Fast::Str => "_faststr",
        }
    }
}

impl Builder<'_> {
    fn map_types(&self, m: ValueId) -> (TyId, TyId) {
        match *self.types().under(self.f.e.ty(m)) {
            Ty::Map(k, v) => (k, v),
            _ => unreachable!("a map"),
        }
    }

    fn map_desc(&mut self, m: ValueId) -> ValueId {
        let ty = self.f.e.ty(m);
        self.f.e.op(World::unsafe_pointer(), Op::TypeDesc(ty))
    }

    /// The specialised functions are for small elements and for keys that are compared as memory or as strings.
    fn fast(&self, key: TyId, elem: TyId) -> Fast {
        if self.types().size_of(elem) > 128 {
            return Fast::No;
        }
        match self.types().as_basic(key) {
            Some(Basic::String) => Fast::Str,
            Some(b) if b.is_integer() && b.size() == 4 => Fast::Bits32,
            Some(b) if b.is_integer() && b.size() == 8 => Fast::Bits64,
            _ => Fast::No,
        }
    }

    /// The key as the function takes it: by value where it is specialised, else its address.
    fn map_key(&mut self, fast: Fast, key: ValueId) -> Res<ValueId> {
        let as_basic = |b: Basic| TypeTable::basic(b);
        match fast {
            Fast::No => {
                let p = self.spill(key);
                Ok(self.unsafe_ptr(p))
            }
            Fast::Bits32 => self.convert(key, as_basic(Basic::Uint32)),
            Fast::Bits64 => self.convert(key, as_basic(Basic::Uint64)),
            Fast::Str => self.convert(key, as_basic(Basic::String)),
        }
    }

    fn map_call(&mut self, name: &str, m: ValueId, key: ValueId) -> Res<Option<ValueId>> {
        let (k, v) = self.map_types(m);
        let fast = self.fast(k, v);
        let desc = self.map_desc(m);
        let key = self.map_key(fast, key)?;
        self.call_linked(&format!("runtime.{name}{}", fast.suffix()), vec![desc, m, key])
    }

    /// `m[k]` on the left of an assignment: the address of the element.
    pub fn map_assign(&mut self, m: ValueId, key: ValueId) -> Res<ValueId> {
        let (_, v) = self.map_types(m);
        let p = self.map_call("mapassign", m, key)?;
        self.elem_ptr(p, v)
    }

    fn elem_ptr(&mut self, p: Option<ValueId>, elem: TyId) -> Res<ValueId> {
        let Some(p) = p else { return self.fail("a map function without a result") };
        let ptr = self.pointer(elem);
        Ok(self.f.e.op(ptr, Op::Convert(Conv::Same, p)))
    }

    /// `m[k]` as a value.
    pub fn map_access(&mut self, m: ValueId, key: ValueId) -> Res<ValueId> {
        let (_, v) = self.map_types(m);
        if self.types().size_of(v) > 1024 {
            // The shared zero value is too small for it.
            return Ok(self.map_access_ok(m, key)?.0);
        }
        let p = self.map_call("mapaccess1", m, key)?;
        let p = self.elem_ptr(p, v)?;
        Ok(self.f.e.load(v, p))
    }

    /// `v, ok := m[k]`
    fn map_access_ok(&mut self, m: ValueId, key: ValueId) -> Res<(ValueId, ValueId)> {
        let (_, v) = self.map_types(m);
        let Some(t) = self.map_call("mapaccess2", m, key)? else { return self.fail("mapaccess2 without results") };
        let parts = self.tuple_parts(t);
        let ok = parts[1];
        let p = self.elem_ptr(Some(parts[0]), v)?;
        if self.types().size_of(v) <= 1024 {
            return Ok((self.f.e.load(v, p), ok));
        }
        let (found, missing) = (self.f.e.block(), self.f.e.block());
        let (join, params) = self.f.e.block_with(&[v]);
        self.f.e.branch(ok, found, missing);
        self.f.e.switch_to(found);
        let x = self.f.e.load(v, p);
        self.f.e.term(Term::Jump(join, vec![x]));
        self.f.e.switch_to(missing);
        let x = self.f.e.zero(v);
        self.f.e.term(Term::Jump(join, vec![x]));
        self.f.e.switch_to(join);
        Ok((params[0], ok))
    }

    fn map_operands(&mut self, e: ExprId) -> Res<(ValueId, ValueId)> {
        let ExprKind::IndexExpr { x, indices, .. } = self.code.tree[e].kind else { return self.fail("no index") };
        let i = self.code.tree[indices][0];
        let tx = self.type_of(x)?;
        let Ty::Map(k, _) = *self.types().under(tx) else { return self.fail("no map") };
        self.borrow_key(i);
        self.hoist_index(x, i)?;
        let vals = self.operands(&[(x, None), (i, Some(k))])?;
        self.at(e);
        Ok((vals[0], vals[1]))
    }

    pub fn map_index(&mut self, e: ExprId) -> Res<ValueId> {
        let (m, k) = self.map_operands(e)?;
        self.map_access(m, k)
    }

    pub fn map_index_ok(&mut self, e: ExprId) -> Res<(ValueId, ValueId)> {
        let (m, k) = self.map_operands(e)?;
        self.map_access_ok(m, k)
    }

    pub fn map_delete(&mut self, m: ValueId, key: ValueId) -> Res<()> {
        self.map_call("mapdelete", m, key)?;
        Ok(())
    }

    pub fn map_clear(&mut self, m: ValueId) -> Res<()> {
        let desc = self.map_desc(m);
        self.call_linked("runtime.mapclear", vec![desc, m])?;
        Ok(())
    }

    /// `len(m)`: the first word of a map that is not nil.
    pub fn map_len(&mut self, m: ValueId) -> ValueId {
        let nil = self.f.e.op(BOOL, Op::IsNil(m));
        let some = self.f.e.block();
        let (join, params) = self.f.e.block_with(&[INT]);
        let zero = self.f.e.int(0);
        self.f.e.term(Term::If { cond: nil, then: (join, vec![zero]), els: (some, vec![]) });
        self.f.e.switch_to(some);
        let ptr = self.pointer(INT);
        let p = self.f.e.op(ptr, Op::Convert(Conv::Same, m));
        let n = self.f.e.load(INT, p);
        self.f.e.term(Term::Jump(join, vec![n]));
        self.f.e.switch_to(join);
        params[0]
    }

    pub fn make_map(&mut self, ty: TyId, hint: ValueId) -> Res<ValueId> {
        let desc = self.f.e.op(World::unsafe_pointer(), Op::TypeDesc(ty));
        let none = self.f.e.zero(World::unsafe_pointer());
        match self.call_linked("runtime.makemap", vec![desc, hint, none])? {
            Some(m) => Ok(self.f.e.op(ty, Op::Convert(Conv::Same, m))),
            None => self.fail("makemap without a result"),
        }
    }

    /// A new iterator over a map, and its type.
    pub fn map_iter(&mut self, m: ValueId) -> Res<ValueId> {
        let Ok(ty) = self.w.type_by_name("internal/runtime/maps", "Iter") else {
            return self.fail("range over a map without internal/runtime/maps");
        };
        let ptr = self.pointer(ty);
        let it = self.f.e.alloc(ptr, ty, Storage::Stack);
        let desc = self.map_desc(m);
        self.call_linked("runtime.mapIterStart", vec![desc, m, it])?;
        Ok(it)
    }

    /// A pointer field of an iterator: 0 is the key, 1 the element.
    pub fn map_iter_ptr(&mut self, it: ValueId, field: u32, elem: TyId) -> ValueId {
        let iter = self.types().elem(self.f.e.ty(it));
        let ft = self.types().fields(iter)[field as usize].ty;
        let ptr = self.pointer(ft);
        let a = self.f.e.op(ptr, Op::FieldAddr(it, field));
        let p = self.f.e.load(ft, a);
        let want = self.pointer(elem);
        self.f.e.op(want, Op::Convert(Conv::Same, p))
    }
}
