//! The order of evaluation within a statement: what is evaluated first, in source order.
//!
//! See the module `build`. [`Builder::operands`] evaluates a list of operands. Up to the last operand that holds
//! something with a fixed place in the order, those things are evaluated first. Then every operand is evaluated, in
//! order, and finds them evaluated already. The order of what may panic in those is the business of the module `panic_order`.

use super::Builder;
use crate::func::ValueId;
use crate::op::Conv;
use crate::ty::{Basic, Ty, TyId};
use crate::world::Res;
use itab_syntax::{ExprId, ExprKind, Id, Op as Tok};
use itab_types::{BuiltinId, Mode, ObjKind, Type, TypeId};

impl Builder<'_> {
    /// Whether evaluating an expression, or something in it, has a fixed place in the order.
    pub fn has_order(&mut self, e: ExprId) -> bool {
        match self.facts[e.index()] & 3 {
            1 => return false,
            2 => return true,
            _ => {}
        }
        let yes = self.info().value_of(e).is_none()
            && (self.is_ordered(e)
                || self.copies_elements(e)
                || self.copies_key(e).unwrap_or(false)
                || self.copies_compared(e).unwrap_or(false)
                || self.parts(e).into_iter().any(|p| self.has_order(p)));
        self.facts[e.index()] |= 1 + u8::from(yes);
        yes
    }

    /// Whether an index of a map copies its key.
    fn copies_key(&mut self, e: ExprId) -> Res<bool> {
        let ExprKind::IndexExpr { x, indices, .. } = self.code.tree[e].kind else { return Ok(false) };
        if self.mode(e) != Mode::MapIndex {
            return Ok(false);
        }
        let key = self.code.tree[indices][0];
        self.is_copied_key(x, key)
    }

    /// Whether a map's key is copied at once: where it has no address and the map's functions take one, or where bytes of
    /// a struct or array are looked up as a number.
    fn is_copied_key(&mut self, m: ExprId, key: ExprId) -> Res<bool> {
        if self.info().value_of(key).is_some() || self.mode(key) == Mode::NilValue {
            return Ok(false);
        }
        let t = self.type_of(m)?;
        let Ty::Map(k, v) = *self.types().under(self.first_of(t)) else { return Ok(false) };
        let have = self.type_of(key)?;
        let (types, large) = (self.types(), self.types().size_of(v) > 128);
        let by_value = match types.under(k) {
            Ty::Basic(b) => *b == Basic::String || b.is_integer() && b.size() >= 4 || *b == Basic::UnsafePointer,
            Ty::Pointer(_) | Ty::Chan(..) => true,
            _ => false,
        };
        let as_number = matches!(types.under(k), Ty::Struct(_) | Ty::Array(..))
            && types.is_memory(k)
            && matches!(types.size_of(k), 4 | 8);
        let converted = types.is_interface(k) && !types.is_interface(have);
        Ok(match large {
            false if by_value => false,
            false if as_number => true,
            _ => converted || self.mode(key) != Mode::Variable,
        })
    }

    /// Evaluates what has a fixed place in the operands of an index of a map.
    pub fn hoist_index(&mut self, m: ExprId, key: ExprId) -> Res<()> {
        self.hoist(m)?;
        self.hoist_key(m, key)
    }

    /// The same for the key alone; `m` has the map's type.
    pub fn hoist_key(&mut self, m: ExprId, key: ExprId) -> Res<()> {
        self.hoist(key)?;
        if self.is_copied_key(m, key)? && !self.f.hoisted.contains_key(&key) {
            let v = self.expr(key)?;
            self.f.hoisted.insert(key, v);
        }
        Ok(())
    }

    /// The interface type that the operands of a comparison are converted to.
    pub fn compared_iface(&mut self, x: ExprId, y: ExprId) -> Res<Option<TyId>> {
        if self.mode(x) == Mode::NilValue || self.mode(y) == Mode::NilValue {
            return Ok(None);
        }
        let (tx, ty) = (self.type_of(x)?, self.type_of(y)?);
        Ok([ty, tx].into_iter().find(|&t| self.types().is_interface(t)))
    }

    /// Whether a comparison copies an operand: into an interface, or a struct or array that has no address.
    pub fn copies_compared(&mut self, e: ExprId) -> Res<bool> {
        let ExprKind::BinaryExpr { x, y, op, .. } = self.code.tree[e].kind else { return Ok(false) };
        if !op.is_comparison() {
            return Ok(false);
        }
        let iface = self.compared_iface(x, y)?;
        Ok(self.copies_operand(x, iface)? || self.copies_operand(y, iface)?)
    }

    fn copies_operand(&mut self, e: ExprId, iface: Option<TyId>) -> Res<bool> {
        if iface.is_some() || self.mode(e) == Mode::NilValue {
            return self.copies_to_iface(e, iface);
        }
        let t = self.type_of(e)?;
        Ok(matches!(self.types().under(t), Ty::Struct(_) | Ty::Array(..)) && self.mode(e) != Mode::Variable)
    }

    /// Evaluates what has a fixed place in a comparison.
    pub fn hoist_compared(&mut self, x: ExprId, y: ExprId) -> Res<()> {
        let iface = self.compared_iface(x, y)?;
        if iface.is_some() {
            self.hoist_as(x, iface)?;
            return self.hoist_as(y, iface);
        }
        self.hoist(x)?;
        self.hoist(y)?;
        for e in [x, y] {
            if self.copies_operand(e, None)? && !self.f.hoisted.contains_key(&e) {
                let v = self.expr(e)?;
                self.f.hoisted.insert(e, v);
            }
        }
        Ok(())
    }

    /// Evaluates what has a fixed place in an operand that is converted to a type.
    pub fn hoist_as(&mut self, e: ExprId, want: Option<TyId>) -> Res<()> {
        if !self.copies_to_iface(e, want)? {
            return self.hoist(e);
        }
        if !self.f.hoisted.contains_key(&e) {
            let v = self.expr(e)?;
            self.f.hoisted.insert(e, v);
        }
        Ok(())
    }

    /// Whether something has a fixed place in an operand that is converted to a type.
    pub fn has_order_as(&mut self, e: ExprId, want: Option<TyId>) -> Res<bool> {
        Ok(self.has_order(e) || self.copies_to_iface(e, want)?)
    }

    /// Whether a literal copies an element into an interface.
    fn copies_elements(&mut self, e: ExprId) -> bool {
        matches!(self.code.tree[e].kind, ExprKind::CompositeLit { .. })
            && self
                .elements(e)
                .is_ok_and(|list| list.into_iter().any(|(x, t)| self.copies_to_iface(x, Some(t)).unwrap_or(false)))
    }

    /// Whether the expression itself has a fixed place.
    pub fn is_ordered(&mut self, e: ExprId) -> bool {
        match self.code.tree[e].kind {
            ExprKind::CallExpr { fun, args, .. } if self.mode(fun) == Mode::TypExpr => {
                let x = self.code.tree[args][0];
                let (Ok(have), Ok(t)) = (self.type_of(x), self.type_of(e)) else { return false };
                let bytes = matches!(self.text_conv(have, t), Some(Conv::StringToBytes(_) | Conv::StringToRunes(_)));
                bytes || self.copies_to_iface(x, Some(t)).unwrap_or(false)
            }
            ExprKind::CallExpr { fun, .. } => !self.builtin_of(fun).is_some_and(BuiltinId::is_unsafe),
            // A map is filled element by element.
            ExprKind::CompositeLit { .. } => {
                self.type_of(e).is_ok_and(|t| matches!(self.types().under(t), Ty::Map(..)))
            }
            ExprKind::UnaryExpr { op: Tok::Arrow, .. } => true,
            ExprKind::BinaryExpr { op: Tok::LAnd | Tok::LOr, .. } => true,
            ExprKind::SliceExpr { .. } => true,
            // What an interface holds in its data word is no copy; generic code makes none.
            ExprKind::TypeAssertExpr { .. } => {
                !self.code.info.type_of(e).is_some_and(|t| self.mentions_param(t))
                    && !self.type_of(e).is_ok_and(|t| self.types().is_direct(self.first_of(t)))
            }
            // Not so in general: only so that bytes need not be copied to make a key of them.
            ExprKind::IndexExpr { indices, .. } => {
                self.mode(e) == Mode::MapIndex && self.is_made_key(self.code.tree[indices][0])
            }
            _ => false,
        }
    }

    /// Whether a type mentions type parameters.
    fn mentions_param(&self, t: TypeId) -> bool {
        let store = &self.w.store;
        match store.ty(t) {
            Type::TypeParam(_) => true,
            Type::Pointer(t) | Type::Slice(t) | Type::Array { elem: t, .. } | Type::Chan { elem: t, .. } => {
                self.mentions_param(t)
            }
            Type::Map { key, elem } => self.mentions_param(key) || self.mentions_param(elem),
            Type::Named(n) => store.type_list(store.named(n).targs).iter().any(|&t| self.mentions_param(t)),
            _ => false,
        }
    }

    /// Whether a key is a string made of bytes, or a struct or array with one in it.
    fn is_made_key(&mut self, key: ExprId) -> bool {
        let key = self.code.tree.unparen(key);
        match self.code.tree[key].kind {
            ExprKind::CallExpr { fun, args, .. } if self.mode(fun) == Mode::TypExpr => {
                let x = self.code.tree[args][0];
                let (Ok(have), Ok(want)) = (self.type_of(x), self.type_of(key)) else { return false };
                matches!(self.text_conv(have, want), Some(Conv::BytesToString(_)))
            }
            ExprKind::CompositeLit { elts, .. } => {
                let elts = self.code.tree[elts].to_vec();
                elts.into_iter().any(|x| match self.code.tree[x].kind {
                    ExprKind::KeyValueExpr { value, .. } => self.is_made_key(value),
                    _ => self.is_made_key(x),
                })
            }
            _ => false,
        }
    }

    /// The built-in function that an expression denotes.
    pub fn builtin_of(&mut self, fun: ExprId) -> Option<BuiltinId> {
        if self.mode(fun) != Mode::Builtin {
            return None;
        }
        let fun = self.code.tree.unparen(fun);
        let obj = self.code.info.object_of(fun)?;
        match self.w.store.obj(obj).kind {
            ObjKind::Builtin(id) => Some(id),
            _ => None,
        }
    }

    /// Operands of an expression, in order. Function literals have none; types neither.
    pub fn parts(&mut self, e: ExprId) -> Vec<ExprId> {
        let tree = &self.code.tree;
        match tree[e].kind {
            ExprKind::CompositeLit { elts, .. } => {
                let keyed = |&x: &ExprId| match tree[x].kind {
                    ExprKind::KeyValueExpr { key, value, .. } => {
                        // A field's name is no operand.
                        let is_value = self.code.info.types[key.index()].mode != Mode::Invalid;
                        if is_value { vec![key, value] } else { vec![value] }
                    }
                    _ => vec![x],
                };
                tree[elts].iter().flat_map(keyed).collect()
            }
            ExprKind::ParenExpr { x } | ExprKind::StarExpr { x } | ExprKind::UnaryExpr { x, .. } => vec![x],
            ExprKind::SelectorExpr { x, .. } => {
                if self.code.info.selections.contains_key(&e) && self.mode(x) != Mode::TypExpr {
                    vec![x]
                } else {
                    vec![]
                }
            }
            ExprKind::TypeAssertExpr { x, .. } => vec![x],
            ExprKind::IndexExpr { x, indices, .. } => {
                let list = tree[indices].to_vec();
                let of_types = list.iter().any(|&i| self.mode(i) == Mode::TypExpr);
                if of_types { vec![] } else { [vec![x], list].concat() }
            }
            ExprKind::SliceExpr { x, low, high, max, .. } => [Some(x), low, high, max].into_iter().flatten().collect(),
            ExprKind::CallExpr { fun, args, .. } => {
                let args = tree[args].to_vec();
                let args: Vec<_> = args.into_iter().filter(|&a| self.mode(a) != Mode::TypExpr).collect();
                if matches!(self.mode(fun), Mode::TypExpr | Mode::Builtin) { args } else { [vec![fun], args].concat() }
            }
            ExprKind::BinaryExpr { x, y, .. } => vec![x, y],
            ExprKind::KeyValueExpr { key, value, .. } => vec![key, value],
            _ => vec![],
        }
    }

    /// Evaluates what has a fixed place in the order inside an expression.
    pub fn hoist(&mut self, e: ExprId) -> Res<()> {
        if !self.has_order(e) || self.f.hoisted.contains_key(&e) {
            return Ok(());
        }
        if self.is_ordered(e) && self.has_single_value(e)? {
            let v = self.expr(e)?;
            self.f.hoisted.insert(e, v);
            return Ok(());
        }
        match self.code.tree[e].kind {
            ExprKind::CompositeLit { .. } => {
                let list = self.elements(e)?;
                if !list.is_empty() {
                    return self.hoist_list(&list);
                }
            }
            ExprKind::BinaryExpr { x, y, op, .. } if op.is_comparison() => return self.hoist_compared(x, y),
            ExprKind::IndexExpr { x, indices, .. } if self.mode(e) == Mode::MapIndex => {
                return self.hoist_index(x, self.code.tree[indices][0]);
            }
            _ => {}
        }
        // A spread call's tuple is evaluated where it stands.
        for p in self.parts(e) {
            self.hoist(p)?;
        }
        Ok(())
    }

    /// The same for the left side of an assignment: its operands, but not what it denotes.
    pub fn hoist_place(&mut self, e: ExprId) -> Res<()> {
        match self.code.tree[e].kind {
            ExprKind::ParenExpr { x } => self.hoist_place(x),
            ExprKind::Ident(_) => Ok(()),
            ExprKind::SelectorExpr { x, .. } if self.code.info.selections.contains_key(&e) => self.hoist_base(x),
            ExprKind::IndexExpr { x, indices, .. } => {
                let i = self.code.tree[indices][0];
                if self.mode(e) == Mode::MapIndex {
                    return self.hoist_index(x, i);
                }
                self.hoist_base(x)?;
                self.hoist(i)
            }
            ExprKind::StarExpr { x } => self.hoist(x),
            _ => self.hoist(e),
        }
    }

    /// An operand whose field or element is meant: a place when it is an array or a struct.
    fn hoist_base(&mut self, x: ExprId) -> Res<()> {
        let t = self.type_of(x)?;
        match self.types().under(t) {
            Ty::Struct(_) | Ty::Array(..) => self.hoist_place(x),
            _ => self.hoist(x),
        }
    }

    fn has_single_value(&mut self, e: ExprId) -> Res<bool> {
        if self.mode(e) == Mode::NoValue {
            return Ok(false);
        }
        let t = self.type_of(e)?;
        // Comma-ok forms and calls of several results are recorded with the tuple's type.
        Ok(!matches!(self.types().get(t), Ty::Tuple(_)))
    }

    /// Evaluates a list of operands of one operation, each converted to a type if one is given.
    pub fn operands(&mut self, list: &[(ExprId, Option<TyId>)]) -> Res<Vec<ValueId>> {
        self.lift_list(list)?;
        self.values(list)
    }

    /// Evaluates a list of values, each by itself.
    pub fn values(&mut self, list: &[(ExprId, Option<TyId>)]) -> Res<Vec<ValueId>> {
        let early = self.early_operands(list, false)?;
        self.late_operands(list, early)
    }

    /// Evaluates what has a fixed place in the order in operands: the calls in them, and the copies into interfaces
    /// between those. `others` tells whether the operands are not all that is evaluated.
    pub fn early_operands(&mut self, list: &[(ExprId, Option<TyId>)], others: bool) -> Res<Vec<Option<ValueId>>> {
        let mut early: Vec<Option<ValueId>> = vec![None; list.len()];
        let mut last = None;
        for (i, &(e, want)) in list.iter().enumerate() {
            if self.has_order_as(e, want)? {
                last = Some(i);
            }
        }
        if let Some(last) = last
            && (last > 0 || others)
        {
            for i in 0..=last {
                let (e, want) = list[i];
                if self.copies_to_iface(e, want)? && !self.f.hoisted.contains_key(&e) {
                    early[i] = Some(self.expr_as(e, want)?);
                } else {
                    self.hoist(e)?;
                }
            }
        }
        Ok(early)
    }

    /// Evaluates the rest of operands.
    pub fn late_operands(&mut self, list: &[(ExprId, Option<TyId>)], early: Vec<Option<ValueId>>) -> Res<Vec<ValueId>> {
        let mut out = Vec::with_capacity(list.len());
        for (early, &(e, want)) in early.into_iter().zip(list) {
            out.push(match early {
                Some(v) => v,
                None => self.expr_as(e, want)?,
            });
        }
        Ok(out)
    }

    /// Whether converting an operand for its place copies it into an interface at once. As in gc: numbers of two bytes and
    /// more, strings and slices are read late, and so is whatever has an address. A function literal may be made any time.
    pub fn copies_to_iface(&mut self, e: ExprId, want: Option<TyId>) -> Res<bool> {
        let Some(want) = want else { return Ok(false) };
        if !self.types().is_interface(want)
            || matches!(self.mode(e), Mode::NilValue | Mode::Variable)
            || self.info().value_of(e).is_some()
        {
            return Ok(false);
        }
        let have = self.type_of(e)?;
        let types = self.types();
        let is_lit = matches!(self.code.tree[self.code.tree.unparen(e)].kind, ExprKind::FuncLit { .. });
        if types.is_interface(have) || is_lit {
            return Ok(false);
        }
        let is_number = |n| types.size_of(have) == n && types.align_of(have) == n && types.ptr_bytes(have) == 0;
        let is_text = matches!(types.under(types.sole_component(have)), Ty::Basic(Basic::String) | Ty::Slice(_));
        Ok(!(is_number(2) || is_number(4) || is_number(8) || is_text))
    }

    /// An expression, converted to a type if one is given.
    pub fn expr_as(&mut self, e: ExprId, want: Option<TyId>) -> Res<ValueId> {
        match want {
            Some(t) => self.expr_to(e, t),
            None => self.expr(e),
        }
    }
}
