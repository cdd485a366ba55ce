//! The order of evaluation within a statement: what is evaluated first, in source order.
//!
//! See the module `build`. An operand list is evaluated by [`Builder::operands`]: up to the last operand that holds
//! something with a fixed place, those things are evaluated first; then every operand, in order, which finds them
//! evaluated already.

use super::Builder;
use crate::func::ValueId;
use crate::ty::{Basic, Ty, TyId};
use crate::world::Res;
use itab_syntax::{ExprId, ExprKind, Id, Op as Tok};
use itab_types::{BuiltinId, Mode, ObjKind};

impl Builder<'_> {
    /// Whether evaluating an expression, or something in it, has a fixed place in the order.
    pub fn has_order(&mut self, e: ExprId) -> bool {
        match self.ordered[e.index()] {
            1 => return false,
            2 => return true,
            _ => {}
        }
        let yes = self.info().value_of(e).is_none()
            && (self.is_ordered(e) || self.copies_elements(e) || self.parts(e).into_iter().any(|p| self.has_order(p)));
        self.ordered[e.index()] = 1 + u8::from(yes);
        yes
    }

    /// Whether a literal copies an element into an interface.
    fn copies_elements(&mut self, e: ExprId) -> bool {
        matches!(self.code.tree[e].kind, ExprKind::CompositeLit { .. })
            && self
                .elements(e)
                .is_ok_and(|list| list.into_iter().any(|(x, t)| self.copies_to_iface(x, Some(t)).unwrap_or(false)))
    }

    /// Whether the expression itself has a fixed place.
    fn is_ordered(&mut self, e: ExprId) -> bool {
        match self.code.tree[e].kind {
            ExprKind::CallExpr { fun, args, .. } if self.mode(fun) == Mode::TypExpr => {
                let x = self.code.tree[args][0];
                self.type_of(e).is_ok_and(|t| {
                    let slice = matches!(self.types().under(t), Ty::Slice(_));
                    slice || self.copies_to_iface(x, Some(t)).unwrap_or(false)
                })
            }
            ExprKind::CallExpr { fun, .. } => !self.builtin_of(fun).is_some_and(BuiltinId::is_unsafe),
            // A map is filled element by element.
            ExprKind::CompositeLit { .. } => {
                self.type_of(e).is_ok_and(|t| matches!(self.types().under(t), Ty::Map(..)))
            }
            ExprKind::UnaryExpr { op: Tok::Arrow, .. } => true,
            ExprKind::BinaryExpr { op: Tok::LAnd | Tok::LOr, .. } => true,
            ExprKind::SliceExpr { .. } => true,
            // What an interface holds in its data word is no copy.
            ExprKind::TypeAssertExpr { .. } => !self.type_of(e).is_ok_and(|t| self.types().is_direct(self.first_of(t))),
            ExprKind::IndexExpr { .. } => self.mode(e) == Mode::MapIndex,
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
    fn parts(&mut self, e: ExprId) -> Vec<ExprId> {
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
        if let ExprKind::CompositeLit { .. } = self.code.tree[e].kind {
            let list = self.elements(e)?;
            if !list.is_empty() {
                return self.hoist_list(&list);
            }
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
                self.hoist_base(x)?;
                let i = self.code.tree[indices][0];
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

    /// Evaluates a list of operands, each converted to a type if one is given.
    pub fn operands(&mut self, list: &[(ExprId, Option<TyId>)]) -> Res<Vec<ValueId>> {
        let early = self.early_operands(list, false)?;
        self.late_operands(list, early)
    }

    /// Evaluates what has a fixed place in the order in operands: the calls in them, and the copies into interfaces
    /// between those. `others` tells whether the operands are not all that is evaluated.
    pub fn early_operands(&mut self, list: &[(ExprId, Option<TyId>)], others: bool) -> Res<Vec<Option<ValueId>>> {
        let mut early: Vec<Option<ValueId>> = vec![None; list.len()];
        let mut last = None;
        for (i, &(e, want)) in list.iter().enumerate() {
            if self.has_order(e) || self.copies_to_iface(e, want)? {
                last = Some(i);
            }
        }
        if let Some(last) = last
            && (last > 0 || others)
        {
            for i in 0..=last {
                let (e, want) = list[i];
                if self.copies_to_iface(e, want)? {
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
    /// more, strings and slices are read late, and so is whatever has an address.
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
        if types.is_interface(have) || types.is_direct(have) {
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
