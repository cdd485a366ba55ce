//! Expressions: the steps that checking any of them shares, and the dispatch over their kinds.
//!
//! An expression is checked top down into an [`Operand`] by [`raw_expr`](Checker::raw_expr). The entry
//! points around it say what is welcome: a value, several values, a type, a generic function. What an
//! expression turned out to be is recorded at the end (`untyped`).

use itab_syntax::{ExprId, ExprKind, Op};

use crate::TypeId;
use crate::check::Checker;
use crate::errors::codes;
use crate::info::Mode;
use crate::operand::{AssignTarget, Operand};
use crate::stack::deep;
use crate::types::Type;

/// What an expression is good for as a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ExprClass {
    /// A conversion: not a statement.
    Conversion,
    /// Any other expression that is not a statement.
    Expression,
    /// A call or receive operation: may be a statement.
    Statement,
}

/// How deep expressions may nest.
const MAX_DEPTH: u32 = 20_000;
impl<'a> Checker<'a> {
    // Entry points.

    /// Checks an expression that must be a single value.
    pub(crate) fn expr(&mut self, target: Option<AssignTarget>, x: &mut Operand, e: ExprId) {
        self.raw_expr(target, x, e, None, false);
        self.exclude(x, &[Mode::NoValue, Mode::Builtin, Mode::TypExpr]);
        self.single_value(x);
    }

    /// Like [`expr`](Self::expr), but the value may be a generic function.
    pub(crate) fn generic_expr(&mut self, x: &mut Operand, e: ExprId, hint: Option<TypeId>) {
        self.raw_expr(None, x, e, hint, true);
        self.exclude(x, &[Mode::NoValue, Mode::Builtin, Mode::TypExpr]);
        self.single_value(x);
    }

    /// Checks an expression or type.
    pub(crate) fn expr_or_type(&mut self, x: &mut Operand, e: ExprId, allow_generic: bool) {
        self.raw_expr(None, x, e, None, allow_generic);
        self.exclude(x, &[Mode::NoValue]);
        self.single_value(x);
    }

    /// Checks an expression that may have several values, and returns them. With `allow_comma_ok`, an
    /// expression that has a comma-ok form yields two; the flag says so. After an error the first
    /// operand is invalid.
    pub(crate) fn multi_expr(&mut self, e: ExprId, allow_comma_ok: bool) -> (Vec<Operand>, bool) {
        let mut x = Operand::default();
        self.raw_expr(None, &mut x, e, None, false);
        self.exclude(&mut x, &[Mode::NoValue, Mode::Builtin, Mode::TypExpr]);
        if x.is_valid()
            && let Type::Tuple(vars) = self.s.ty(x.typ)
        {
            let list = (0..vars.len())
                .map(|i| {
                    let typ = self.s.obj_type(self.s.obj_at(vars, i));
                    Operand::described(Some(e), typ, &nth(i + 1, "function result"))
                })
                .collect();
            return (list, false);
        }
        if allow_comma_ok && matches!(x.mode, Mode::MapIndex | Mode::CommaOk) {
            let ok = Operand::described(Some(e), TypeId::UNTYPED_BOOL, "ok value of (comma, ok) expression");
            return (vec![x, ok], true);
        }
        (vec![x], false)
    }

    /// Checks an expression of any kind and records it. With a target, a generic function is
    /// instantiated to fit it; without, and unless `allow_generic`, generic types and functions are
    /// errors. `hint` is the element type of the composite literal around the expression.
    pub(crate) fn raw_expr(
        &mut self,
        target: Option<AssignTarget>,
        x: &mut Operand,
        e: ExprId,
        hint: Option<TypeId>,
        allow_generic: bool,
    ) -> ExprClass {
        *x = Operand { expr: Some(e), ..Operand::default() };
        if self.depth > MAX_DEPTH {
            self.error(e, codes::INVALID_SYNTAX_TREE, "expression nested too deeply");
            return ExprClass::Statement;
        }
        self.depth += 1;
        let class = deep(|| self.expr_internal(target, x, e, hint));
        self.depth -= 1;
        if !allow_generic {
            self.non_generic(target, x);
        }
        self.record(x);
        class
    }

    /// Reports a generic type or function that is not instantiated, unless the target tells how.
    pub(crate) fn non_generic(&mut self, target: Option<AssignTarget>, x: &mut Operand) {
        if !x.is_valid() || x.mode == Mode::NoValue {
            return;
        }
        let what = match self.s.ty(x.typ) {
            Type::Alias(_) | Type::Named(_) if self.s.is_generic(x.typ) => "type",
            Type::Signature(s) if !self.s.sig(s).tparams.is_empty() => {
                if target.is_some() {
                    let pos = x.expr.map_or(itab_syntax::Pos::NONE, |e| self.node_pos(e));
                    self.func_inst(target, pos, x, None, true);
                    return;
                }
                "function"
            }
            _ => return,
        };
        let text = x.expr.map_or(String::new(), |e| self.es(e));
        self.error(&*x, codes::WRONG_TYPE_ARG_COUNT, format!("cannot use generic {what} {text} without instantiation"));
        x.typ = TypeId::INVALID;
        x.invalidate();
    }

    fn expr_internal(
        &mut self,
        target: Option<AssignTarget>,
        x: &mut Operand,
        e: ExprId,
        hint: Option<TypeId>,
    ) -> ExprClass {
        match self.kind(e) {
            ExprKind::BadExpr => {}
            ExprKind::Ident(_) => self.ident(x, e, false),
            ExprKind::Ellipsis { .. } => {
                self.error(e, codes::INVALID_SYNTAX_TREE, "invalid use of ...");
            }
            ExprKind::BasicLit { kind, bad } => {
                if !bad {
                    self.basic_lit(x, e, kind);
                }
            }
            ExprKind::FuncLit { typ, body } => self.func_lit(x, e, typ, body),
            ExprKind::CompositeLit { typ, elts, rbrace, .. } => {
                self.composite_lit(x, e, typ, elts, rbrace, hint);
            }
            ExprKind::ParenExpr { x: inner } => {
                let class = self.raw_expr(None, x, inner, None, false);
                x.expr = Some(e);
                return class;
            }
            ExprKind::SelectorExpr { .. } => self.selector(x, e, false),
            ExprKind::IndexExpr { .. } => {
                if self.index_expr(x, e) {
                    let pos = self.node_pos(e);
                    self.func_inst(target, pos, x, Some(e), true);
                }
            }
            ExprKind::SliceExpr { .. } => self.slice_expr(x, e),
            ExprKind::TypeAssertExpr { x: operand, typ, .. } => self.type_assert_expr(x, e, operand, typ),
            ExprKind::CallExpr { .. } => {
                let class = self.call_expr(x, e);
                x.expr = Some(e);
                return class;
            }
            ExprKind::StarExpr { x: operand } => self.star_expr(x, operand),
            ExprKind::UnaryExpr { op, x: operand } => {
                self.unary(x, e, op, operand);
                if op == Op::Arrow {
                    x.expr = Some(e);
                    return ExprClass::Statement;
                }
            }
            ExprKind::BinaryExpr { .. } => self.binary_chain(x, e),
            ExprKind::KeyValueExpr { .. } => {
                self.error(e, codes::INVALID_SYNTAX_TREE, "no key:value expected");
            }
            ExprKind::ArrayType { .. }
            | ExprKind::StructType { .. }
            | ExprKind::FuncType(_)
            | ExprKind::InterfaceType { .. }
            | ExprKind::MapType { .. }
            | ExprKind::ChanType { .. } => {
                x.typ = self.typ(e);
                x.mode = Mode::TypExpr;
            }
        }
        x.expr = Some(e);
        x.desc = None;
        if x.is_valid() { ExprClass::Expression } else { ExprClass::Statement }
    }

    // Restrictions.

    /// Reports an operand of one of those modes.
    pub(crate) fn exclude(&mut self, x: &mut Operand, modes: &[Mode]) {
        if !modes.contains(&x.mode) {
            return;
        }
        let text = self.os(x);
        let (code, msg) = match x.mode {
            Mode::NoValue if modes.contains(&Mode::TypExpr) => {
                (codes::TOO_MANY_VALUES, format!("{text} used as value"))
            }
            Mode::NoValue => (codes::TOO_MANY_VALUES, format!("{text} used as value or type")),
            Mode::Builtin => (codes::UNCALLED_BUILTIN, format!("{text} must be called")),
            _ => (codes::NOT_AN_EXPR, format!("{text} is not an expression")),
        };
        self.error(&*x, code, msg);
        x.invalidate();
    }

    /// Reports an operand that has several values.
    pub(crate) fn single_value(&mut self, x: &mut Operand) {
        if x.mode == Mode::Value && matches!(self.s.ty(x.typ), Type::Tuple(_)) {
            let msg = format!("multiple-value {} in single-value context", self.os(x));
            self.error(&*x, codes::TOO_MANY_VALUES, msg);
            x.invalidate();
        }
    }

    /// Checks expressions after an error, so that what they mention counts as used. Says whether they
    /// are all right.
    pub(crate) fn use_exprs(&mut self, list: &[ExprId]) -> bool {
        list.iter().filter(|&&e| !self.use_expr(e, false)).count() == 0
    }

    /// Like [`use_exprs`](Self::use_exprs) for left-hand sides, where a variable is not used.
    pub(crate) fn use_lhs(&mut self, list: &[ExprId]) -> bool {
        list.iter().filter(|&&e| !self.use_expr(e, true)).count() == 0
    }

    fn use_expr(&mut self, e: ExprId, lhs: bool) -> bool {
        let mut x = Operand::default();
        let inner = self.tree().unparen(e);
        match self.kind(inner) {
            ExprKind::Ident(itab_syntax::Name::BLANK) => return true,
            ExprKind::Ident(_) => {
                let var = if lhs { self.lhs_variable(inner) } else { None };
                self.expr_or_type(&mut x, inner, true);
                if let Some((v, used)) = var {
                    self.s.var_mut(v).used = used;
                }
            }
            ExprKind::KeyValueExpr { value, .. } => return self.use_expr(value, lhs),
            _ => {
                self.raw_expr(None, &mut x, e, None, true);
            }
        }
        x.is_valid()
    }
}

/// "1st what", "2nd what", …
pub(crate) fn nth(n: usize, what: &str) -> String {
    let ending = match n {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{n}{ending} {what}")
}
