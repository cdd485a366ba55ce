//! The order in which what may panic is evaluated, within one expression.
//!
//! Calls, receives and the like have a fixed place in the order of evaluation; module `order` evaluates them first.
//! What is left are reads through pointers, reads of elements, divisions and conversions. They have no effects, so
//! their order shows only where two of them panic: which panic comes first. Go leaves that open, and programs see gc's
//! choice.
//!
//! gc takes an expression apart before it evaluates it. Literals that it builds in memory become statements of their
//! own before the expression, in source order. So do operands of comparisons of strings and interfaces, of
//! concatenations, of conversions to strings and interfaces, and of map indices. What remains is then evaluated from
//! left to right. [`Builder::lift`] does the first step, where a panic would come too early otherwise. It remembers
//! values by expression, as [`Builder::hoist`] does.

use super::Builder;
use crate::methods::MethodTarget;
use crate::op::Conv;
use crate::ty::{Basic, Ty, TyId};
use crate::world::Res;
use itab_syntax::{ExprId, ExprKind, Id, Op as Tok};
use itab_types::{BuiltinId, Mode, SelectionKind, Value};

/// Bits of what is known of an expression, beside those of the module `order`.
const MAY_PANIC: u8 = 4;
const LIFTS: u8 = 8;
const KNOWN: u8 = 16;

impl Builder<'_> {
    fn facts_of(&mut self, e: ExprId) -> u8 {
        let known = self.facts[e.index()];
        if known & KNOWN != 0 {
            return known;
        }
        let mut facts = KNOWN;
        if self.info().value_of(e).is_none() && !self.is_ordered(e) {
            let parts = self.parts(e).into_iter().fold(0, |all, p| all | self.facts_of(p));
            facts |= parts & (MAY_PANIC | LIFTS);
            if self.panics_itself(e).unwrap_or(false) {
                facts |= MAY_PANIC;
            }
            if facts & MAY_PANIC != 0 && self.lifts_itself(e).unwrap_or(false) {
                facts |= LIFTS;
            }
        }
        self.facts[e.index()] |= facts;
        facts
    }

    /// Whether evaluating the rest of an expression may panic.
    pub fn may_panic(&mut self, e: ExprId) -> bool {
        self.facts_of(e) & MAY_PANIC != 0
    }

    fn panics_itself(&mut self, e: ExprId) -> Res<bool> {
        Ok(match self.code.tree[e].kind {
            ExprKind::StarExpr { .. } | ExprKind::TypeAssertExpr { .. } => true,
            ExprKind::SelectorExpr { x, .. } => match self.code.info.selections.get(&e).map(|s| (s.kind, s.indirect)) {
                Some((SelectionKind::FieldVal, indirect)) => {
                    let t = self.type_of(x)?;
                    indirect || matches!(self.types().under(t), Ty::Pointer(_))
                }
                Some((kind, _)) => kind == SelectionKind::MethodVal,
                None => false,
            },
            ExprKind::IndexExpr { x, indices, .. } if !self.is_generic_func(x) => {
                let i = self.code.tree[indices][0];
                let t = self.type_of(x)?;
                !matches!(self.types().under(t), Ty::Array(..)) || self.info().value_of(i).is_none()
            }
            ExprKind::BinaryExpr { x, y, op, .. } => match op {
                Tok::Quo | Tok::Rem => self.info().value_of(y).is_none() && self.is_integer(x)?,
                Tok::Shl | Tok::Shr => self.info().value_of(y).is_none(),
                _ => op.is_comparison() && self.compared_iface(x, y)?.is_some(),
            },
            ExprKind::CallExpr { fun, args, .. } if self.mode(fun) == Mode::TypExpr => {
                let x = self.code.tree[args][0];
                let (have, want) = (self.type_of(x)?, self.type_of(e)?);
                matches!(self.types().under(have), Ty::Slice(_))
                    && matches!(self.types().under(want), Ty::Pointer(_) | Ty::Array(..))
            }
            _ => false,
        })
    }

    fn is_integer(&mut self, e: ExprId) -> Res<bool> {
        let t = self.type_of(e)?;
        Ok(self.types().as_basic(t).is_some_and(Basic::is_integer))
    }

    /// Whether gc makes statements of the operands of an expression, or of the whole.
    pub fn lifts_itself(&mut self, e: ExprId) -> Res<bool> {
        Ok(match self.code.tree[e].kind {
            ExprKind::CompositeLit { .. } => true,
            ExprKind::IndexExpr { .. } => self.mode(e) == Mode::MapIndex,
            ExprKind::SelectorExpr { .. } => {
                self.code.info.selections.get(&e).is_some_and(|s| s.kind == SelectionKind::MethodVal)
            }
            ExprKind::BinaryExpr { x, y, op, .. } => {
                let t = self.type_of(x)?;
                let is = |b: &Self, f: fn(Basic) -> bool| b.types().as_basic(t).is_some_and(f);
                match op {
                    Tok::Add => is(self, |b| b == Basic::String),
                    Tok::Quo => is(self, Basic::is_complex),
                    _ if !op.is_comparison() => false,
                    _ if self.compared_iface(x, y)?.is_some() => true,
                    _ => is(self, |b| b == Basic::String) && !self.is_short(x, op) && !self.is_short(y, op),
                }
            }
            ExprKind::CallExpr { fun, args, .. } if self.mode(fun) == Mode::TypExpr => {
                let x = self.code.tree[args][0];
                let (have, want) = (self.type_of(x)?, self.type_of(e)?);
                let text = matches!(self.text_conv(have, want), Some(Conv::BytesToString(_) | Conv::RunesToString(_)));
                let rune = self.is_integer(x)? && self.types().as_basic(want) == Some(Basic::String);
                text || rune || self.boxes(x, Some(want))?
            }
            _ => false,
        })
    }

    /// Whether a string is a constant that gc compares another one with byte by byte.
    fn is_short(&self, e: ExprId, op: Tok) -> bool {
        let longest = if matches!(op, Tok::Eql | Tok::Neq) { 16 } else { 0 };
        matches!(self.info().value_of(e), Some(Value::Str(s)) if s.len() <= longest)
    }

    /// Whether a conversion of an operand to a type makes an interface, other than of a pointer.
    fn boxes(&mut self, e: ExprId, want: Option<TyId>) -> Res<bool> {
        let Some(want) = want else { return Ok(false) };
        if self.mode(e) == Mode::NilValue || !self.types().is_interface(want) {
            return Ok(false);
        }
        let have = self.type_of(e)?;
        let types = self.types();
        Ok(types.under(have) != types.under(want) && !types.is_direct(have))
    }

    /// Whether something is lifted in an operand that is converted to a type.
    pub fn lifts(&mut self, e: ExprId, want: Option<TyId>) -> Res<bool> {
        let facts = self.facts_of(e);
        Ok(facts & LIFTS != 0 || facts & MAY_PANIC != 0 && self.boxes(e, want)?)
    }

    /// Whether in a list of operands something is lifted over what may panic.
    pub fn needs_lift(&mut self, list: &[(ExprId, Option<TyId>)]) -> Res<bool> {
        let mut panics = false;
        for &(e, want) in list {
            if panics && self.lifts(e, want)? {
                return Ok(true);
            }
            panics |= self.may_panic(e);
        }
        Ok(false)
    }

    /// Lifts what there is to lift in a list of operands, where that makes a difference, after everything with a fixed
    /// place in them.
    pub fn lift_list(&mut self, list: &[(ExprId, Option<TyId>)]) -> Res<()> {
        if !self.needs_lift(list)? {
            return Ok(());
        }
        for &(e, want) in list {
            self.hoist_as(e, want)?;
        }
        for &(e, want) in list {
            self.lift_as(e, want)?;
        }
        Ok(())
    }

    /// Lifts what there is to lift in an operand that is converted to a type.
    pub fn lift_as(&mut self, e: ExprId, want: Option<TyId>) -> Res<()> {
        if self.boxes(e, want)? { self.evaluate(e) } else { self.lift(e) }
    }

    /// Lifts what there is to lift in an expression.
    pub fn lift(&mut self, e: ExprId) -> Res<()> {
        if self.facts_of(e) & LIFTS == 0 || self.f.hoisted.contains_key(&e) {
            return Ok(());
        }
        if !self.lifts_itself(e)? {
            if let ExprKind::UnaryExpr { op: Tok::And, x } = self.code.tree[e].kind
                && let ExprKind::CompositeLit { .. } = self.code.tree[self.code.tree.unparen(x)].kind
            {
                return self.evaluate(e);
            }
            for p in self.parts(e) {
                self.lift(p)?;
            }
            return Ok(());
        }
        match self.code.tree[e].kind {
            ExprKind::CallExpr { args, .. } => {
                let x = self.code.tree[args][0];
                self.evaluate(x)
            }
            ExprKind::IndexExpr { .. } => {
                let parts = self.parts(e);
                self.lift_and_evaluate(&parts)
            }
            ExprKind::BinaryExpr { x, y, op, .. } => {
                if self.compared_iface(x, y)?.is_some() {
                    self.evaluate(y)?;
                    return self.evaluate(x);
                }
                if matches!(op, Tok::Eql | Tok::Neq) {
                    self.evaluate(x)?;
                    return self.evaluate(y);
                }
                let list = if op == Tok::Add { self.concatenated(e) } else { vec![x, y] };
                self.lift_and_evaluate(&list)
            }
            _ => self.evaluate(e),
        }
    }

    /// Operands of a concatenation, and of those that are its operands.
    pub fn concatenated(&self, e: ExprId) -> Vec<ExprId> {
        match self.code.tree[self.code.tree.unparen(e)].kind {
            ExprKind::BinaryExpr { x, y, op: Tok::Add, .. } if self.info().value_of(e).is_none() => {
                [self.concatenated(x), self.concatenated(y)].concat()
            }
            _ => vec![e],
        }
    }

    /// Lifts what there is to lift in operands, and then evaluates each.
    pub fn lift_and_evaluate(&mut self, list: &[ExprId]) -> Res<()> {
        for &x in list {
            self.lift(x)?;
        }
        for &x in list {
            // What is left of a conversion cannot panic.
            let inner = self.code.tree.unparen(x);
            if !matches!(self.code.tree[inner].kind, ExprKind::CallExpr { .. }) || !self.lifts_itself(inner)? {
                self.evaluate(x)?;
            }
        }
        Ok(())
    }

    /// Evaluates an expression now if it may panic.
    pub fn evaluate(&mut self, e: ExprId) -> Res<()> {
        if self.may_panic(e) && !self.f.hoisted.contains_key(&e) {
            let v = self.expr(e)?;
            self.f.hoisted.insert(e, v);
        }
        Ok(())
    }

    /// Does what gc does to an expression that it may use twice: operands in it that are no variables, fields or elements
    /// are evaluated.
    pub fn settle(&mut self, e: ExprId) -> Res<()> {
        if !self.may_panic(e) {
            return Ok(());
        }
        self.lift(e)?;
        self.settle_rest(e)
    }

    fn settle_rest(&mut self, e: ExprId) -> Res<()> {
        match self.code.tree[e].kind {
            ExprKind::Ident(_) => Ok(()),
            ExprKind::ParenExpr { x } | ExprKind::StarExpr { x } => self.settle_rest(x),
            ExprKind::SelectorExpr { x, .. }
                if self.code.info.selections.get(&e).is_some_and(|s| s.kind == SelectionKind::FieldVal) =>
            {
                self.settle_rest(x)
            }
            ExprKind::IndexExpr { x, indices, .. } if self.mode(e) != Mode::MapIndex => {
                self.settle_rest(x)?;
                let i = self.code.tree[indices][0];
                self.settle_rest(i)
            }
            _ => self.evaluate(e),
        }
    }

    // ---- calls

    /// Evaluates a function value or receiver that is found through a call or a channel, as gc does before anything else.
    pub fn callee_of_call(&mut self, fun: ExprId) -> Res<()> {
        let f = self.strip_instance(fun);
        let found = match self.code.tree[f].kind {
            ExprKind::FuncLit { .. } => return Ok(()),
            ExprKind::SelectorExpr { x, .. }
                if self.code.info.selections.get(&f).is_some_and(|s| s.kind != SelectionKind::FieldVal) =>
            {
                let t = self.type_of(x)?;
                let is_place = self.mode(x) == Mode::Variable;
                if is_place && !matches!(self.types().under(t), Ty::Pointer(_) | Ty::Interface(_)) {
                    return Ok(());
                }
                x
            }
            _ => fun,
        };
        if self.has_call(found) && !self.f.hoisted.contains_key(&found) {
            let v = self.expr(found)?;
            self.f.hoisted.insert(found, v);
        }
        Ok(())
    }

    fn has_call(&mut self, e: ExprId) -> bool {
        let own = match self.code.tree[e].kind {
            ExprKind::CallExpr { fun, .. } => {
                self.mode(fun) != Mode::TypExpr && self.builtin_of(fun) != Some(BuiltinId::New)
            }
            ExprKind::UnaryExpr { op: Tok::Arrow, .. } => true,
            _ => false,
        };
        self.info().value_of(e).is_none() && (own || self.parts(e).into_iter().any(|p| self.has_call(p)))
    }

    /// Whether an expression selects a method whose receiver is an argument like others.
    pub fn is_concrete_method(&mut self, fun: ExprId) -> Res<bool> {
        let f = self.strip_instance(fun);
        let ExprKind::SelectorExpr { x, .. } = self.code.tree[f].kind else { return Ok(false) };
        if !self.code.info.selections.get(&f).is_some_and(|s| s.kind == SelectionKind::MethodVal) {
            return Ok(false);
        }
        let t = self.type_of(x)?;
        Ok(matches!(self.method_info(f, t)?.target, MethodTarget::Concrete { .. }))
    }

    /// Whether some arguments are lifted (see the module `panic_order`) over others. Those for a variadic parameter always are:
    /// they become a slice. `fixed` is how many are not for one.
    pub fn lifts_args(&mut self, fun: ExprId, list: &[(ExprId, Option<TyId>)], fixed: usize) -> Res<bool> {
        let mut panics = self.may_panic(fun);
        for (i, &(e, want)) in list.iter().enumerate() {
            let own = self.may_panic(e);
            if panics && own && (i >= fixed || self.lifts(e, want)?) {
                return Ok(true);
            }
            panics |= own;
        }
        Ok(false)
    }

    pub fn lift_args(&mut self, fun: ExprId, list: &[(ExprId, Option<TyId>)], fixed: usize) -> Res<()> {
        self.hoist(fun)?;
        for &(e, want) in list {
            self.hoist_as(e, want)?;
        }
        match self.code.tree[self.strip_instance(fun)].kind {
            ExprKind::SelectorExpr { x, .. } => self.lift(x)?,
            _ => self.lift(fun)?,
        }
        for (i, &(e, want)) in list.iter().enumerate() {
            self.lift_as(e, want)?;
            if i >= fixed {
                self.evaluate(e)?;
            }
        }
        Ok(())
    }
}
