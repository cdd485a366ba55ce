//! Expressions: dispatch, unary and binary operations, comparisons, shifts.
//!
//! An expression is checked top down into an [`Operand`]. One of untyped type is recorded only when its
//! final type is known: until then it waits in `Checker::untyped`, and
//! [`update_expr_type`](Checker::update_expr_type) carries the type down to its operands when it is
//! assigned, converted or combined with a typed one. That is also how the left operand of a shift gets
//! "the type it would have if the shift were replaced by its left operand alone".

use itab_syntax::{Code, ExprId, ExprKind, Op};

use crate::TypeId;
use crate::check::{Checker, Untyped, deep};
use crate::constant::{Value, ValueKind};
use crate::errors::codes;
use crate::info::Mode;
use crate::operand::{Operand, Target};
use crate::predicates::Incomparable;
use crate::types::{BasicKind, ChanDir, Type};

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

/// The largest constant shift count: it lets 5e-324 be written as a shift.
const MAX_SHIFT: u64 = 1023 - 1 + 52;
/// How deep expressions may nest.
const MAX_DEPTH: u32 = 20_000;
impl<'a> Checker<'a> {
    // Entry points.

    /// Checks an expression that must be a single value.
    pub(crate) fn expr(&mut self, target: Option<Target>, x: &mut Operand, e: ExprId) {
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
        target: Option<Target>,
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
    pub(crate) fn non_generic(&mut self, target: Option<Target>, x: &mut Operand) {
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

    fn expr_internal(&mut self, target: Option<Target>, x: &mut Operand, e: ExprId, hint: Option<TypeId>) -> ExprClass {
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

    // Recording.

    /// Records an operand's expression: at once if its type is final, else when it will be.
    pub(crate) fn record(&mut self, x: &Operand) {
        let Some(e) = x.expr else { return };
        let typ = if x.mode == Mode::NoValue { TypeId::NO_VALUE } else { x.typ };
        if x.is_valid() && self.s.is_untyped(typ) {
            let u = Untyped { is_lhs: false, mode: x.mode, typ, val: x.val.clone() };
            self.untyped.insert((self.env.tree, e), u);
        } else {
            let val = (x.mode == Mode::Constant).then_some(&x.val);
            self.record_type_and_value(e, x.mode, typ, val);
        }
    }

    /// Records the expressions that never got another than an untyped type.
    pub(crate) fn record_untyped(&mut self) {
        let saved = self.env.tree;
        for ((tree, e), u) in std::mem::take(&mut self.untyped) {
            self.env.tree = tree;
            // Conditions and the like stay untyped in the language; they are plain booleans to anybody else.
            let typ = if u.typ == TypeId::UNTYPED_BOOL { TypeId::BOOL } else { u.typ };
            let val = (u.mode == Mode::Constant).then_some(&u.val);
            self.record_type_and_value(e, u.mode, typ, val);
        }
        self.env.tree = saved;
    }

    /// Gives an untyped expression, and those of its operands that have its type, another type. The
    /// type is final if it is typed or `last` says so; then it is recorded.
    pub(crate) fn update_expr_type(&mut self, e: ExprId, typ: TypeId, last: bool) {
        let mut work = vec![e];
        while let Some(e) = work.pop() {
            let key = (self.env.tree, e);
            let Some(old) = self.untyped.get(&key) else { continue };
            let is_const = old.mode == Mode::Constant;
            match self.kind(e) {
                ExprKind::ParenExpr { x } => work.push(x),
                // The operands of a constant are constants, which nobody needs at run time.
                ExprKind::UnaryExpr { x, .. } if !is_const => work.push(x),
                ExprKind::BinaryExpr { x, op, y, .. } if !is_const && !op.is_comparison() => {
                    work.push(x);
                    if !op.is_shift() {
                        work.push(y);
                    }
                }
                _ => {}
            }
            if !last && self.s.is_untyped(typ) {
                if let Some(u) = self.untyped.get_mut(&key) {
                    u.typ = typ;
                }
                continue;
            }
            if let Some(old) = self.untyped.remove(&key) {
                self.finish_expr_type(e, old, typ);
            }
        }
    }

    fn finish_expr_type(&mut self, e: ExprId, old: Untyped, typ: TypeId) {
        if old.is_lhs && !self.s.all_integer(typ) {
            let msg =
                format!("invalid operation: shifted operand {} (type {}) must be integer", self.es(e), self.ts(typ));
            self.error(e, codes::INVALID_SHIFT_OPERAND, msg);
            return;
        }
        let mut val = old.val;
        if old.mode == Mode::Constant {
            let mut c = Operand { mode: old.mode, typ: old.typ, val: val.clone(), expr: Some(e), ..Operand::default() };
            self.convert_untyped(&mut c, typ);
            if !c.is_valid() {
                return;
            }
            // A constant of a type parameter's or interface's type keeps its value.
            val = c.val;
        }
        self.record_type_and_value(e, old.mode, typ, (old.mode == Mode::Constant).then_some(&val));
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
        list.iter().fold(true, |ok, &e| self.use_expr(e, false) && ok)
    }

    /// Like [`use_exprs`](Self::use_exprs) for left-hand sides, where a variable is not used.
    pub(crate) fn use_lhs(&mut self, list: &[ExprId]) -> bool {
        list.iter().fold(true, |ok, &e| self.use_expr(e, true) && ok)
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

    // Unary operations.

    fn type_assert_expr(&mut self, x: &mut Operand, e: ExprId, operand: ExprId, typ: Option<ExprId>) {
        let Some(typ) = typ else {
            self.error(e, codes::INVALID_SYNTAX_TREE, "use of .(type) outside type switch");
            self.use_exprs(&[operand]);
            return;
        };
        self.expr(None, x, operand);
        if !x.is_valid() {
            return;
        }
        if self.s.is_type_param(x.typ) {
            let msg = format!("invalid operation: cannot use type assertion on type parameter value {}", self.os(x));
            self.error(&*x, codes::INVALID_ASSERT, msg);
            x.invalidate();
            return;
        }
        if !matches!(self.s.uund(x.typ), Type::Interface(_)) {
            let msg = format!("invalid operation: {} is not an interface", self.os(x));
            self.error(&*x, codes::INVALID_ASSERT, msg);
            x.invalidate();
            return;
        }
        let t = self.var_type(typ);
        if !self.s.is_valid(t) || !self.is_complete(t) {
            x.invalidate();
            return;
        }
        self.type_assertion(e, x, t, false);
        x.mode = Mode::CommaOk;
        x.typ = t;
    }

    /// Checks that the interface value `x` may hold a value of type `t`.
    pub(crate) fn type_assertion(&mut self, e: ExprId, x: &Operand, t: TypeId, in_switch: bool) {
        let mut cause = String::new();
        // Whether an interface type is implemented only run time can tell.
        if self.s.is_interface(t) || self.has_all_methods(t, x.typ, false, Some(&mut cause)) {
            return;
        }
        let msg = if in_switch {
            format!(
                "impossible type switch case: {}\n\t{} cannot have dynamic type {} {cause}",
                self.es(e),
                self.os(x),
                self.ts(t)
            )
        } else {
            format!(
                "impossible type assertion: {}\n\t{} does not implement {} {cause}",
                self.es(e),
                self.ts(t),
                self.ts(x.typ)
            )
        };
        self.error(e, codes::IMPOSSIBLE_ASSERT, msg);
    }

    /// `*x`: a pointer type or an indirection.
    fn star_expr(&mut self, x: &mut Operand, operand: ExprId) {
        self.expr_or_type(x, operand, false);
        match x.mode {
            Mode::Invalid => return,
            Mode::TypExpr => {
                self.valid_var_type(operand, x.typ);
                x.typ = self.s.new_pointer(x.typ);
                return;
            }
            _ => {}
        }
        let mut base = None;
        for (_, u) in self.s.typeset_terms(x.typ) {
            let Some(Type::Pointer(b)) = u.map(|u| self.s.ty(u)) else {
                let msg = format!("invalid operation: cannot indirect {}", self.os(x));
                self.error(&*x, codes::INVALID_INDIRECTION, msg);
                x.invalidate();
                return;
            };
            if base.is_some_and(|base| !self.s.identical(b, base)) {
                let msg = format!("invalid operation: pointers of {} must have identical base types", self.os(x));
                self.error(&*x, codes::INVALID_INDIRECTION, msg);
                x.invalidate();
                return;
            }
            base = Some(b);
        }
        let base = base.unwrap_or(TypeId::INVALID);
        if !self.is_complete(base) {
            x.invalidate();
            return;
        }
        x.mode = Mode::Variable;
        x.typ = base;
    }

    fn unary(&mut self, x: &mut Operand, e: ExprId, op: Op, operand: ExprId) {
        self.expr(None, x, operand);
        if !x.is_valid() {
            return;
        }
        let mut op = op;
        match op {
            Op::And => return self.address_of(x, operand),
            Op::Arrow => {
                match self.chan_elem(x, true, operand) {
                    Some(elem) if self.is_complete(elem) => {
                        x.mode = Mode::CommaOk;
                        x.typ = elem;
                        self.env.has_call_or_recv = true;
                    }
                    _ => x.invalidate(),
                }
                return;
            }
            Op::Tilde => {
                let int = self.s.all_integer(x.typ);
                let hint = if int { " (use ^ for bitwise complement)" } else { "" };
                let msg = format!("cannot use ~ outside of interface or type constraint{hint}");
                self.error(e, codes::UNDEFINED_OP, msg);
                if !int {
                    x.invalidate();
                    return;
                }
                op = Op::Xor;
            }
            _ => {}
        }
        let defined = match op {
            Op::Add | Op::Sub => self.s.all_numeric(x.typ),
            Op::Xor => self.s.all_integer(x.typ),
            _ => self.s.all_boolean(x.typ),
        };
        if !defined {
            self.undefined_op(x, op);
            return;
        }
        if !x.is_const() {
            x.mode = Mode::Value;
            return;
        }
        if x.val.is_unknown() {
            return;
        }
        let size = match self.basic_kind(x.typ) {
            Some(k) if self.s.is_unsigned(x.typ) => crate::const_::int_bits(k),
            _ => 0,
        };
        x.val = x.val.unary(op, size);
        x.expr = Some(e);
        let pos = self.op_pos(e);
        self.overflow(x, pos);
    }

    fn undefined_op(&mut self, x: &mut Operand, op: Op) {
        let msg = format!("invalid operation: operator {op} not defined on {}", self.os(x));
        self.error(&*x, codes::UNDEFINED_OP, msg);
        x.invalidate();
    }

    /// `&x`
    fn address_of(&mut self, x: &mut Operand, operand: ExprId) {
        let inner = self.tree().unparen(operand);
        if !matches!(self.kind(inner), ExprKind::CompositeLit { .. }) {
            if x.mode != Mode::Variable {
                let msg = format!("invalid operation: cannot take address of {}", self.os(x));
                self.error(&*x, codes::UNADDRESSABLE_OPERAND, msg);
                x.invalidate();
                return;
            }
            self.mark_addr_taken(inner);
        }
        let typ = self.s.new_pointer(x.typ);
        x.set_value(typ);
    }

    /// The element type of the channel `x` for a receive from it or a send to it.
    pub(crate) fn chan_elem(&mut self, x: &Operand, recv: bool, at: ExprId) -> Option<TypeId> {
        let mut cond = |c: &mut Checker<'a>, t: Option<TypeId>, u: Option<TypeId>| {
            let Some(u) = u else { return Err("no specific channel type".to_string()) };
            let text = |c: &Checker<'a>| t.map_or(String::new(), |t| c.ts(t));
            match c.s.ty(u) {
                Type::Chan { dir: ChanDir::SendOnly, .. } if recv => Err(format!("send-only channel {}", text(c))),
                Type::Chan { dir: ChanDir::RecvOnly, .. } if !recv => Err(format!("receive-only channel {}", text(c))),
                Type::Chan { .. } => Ok(()),
                _ => Err(format!("non-channel {}", text(c))),
            }
        };
        match self.common_under(x.typ, Some(&mut cond)) {
            Ok(u) => match self.s.ty(u) {
                Type::Chan { elem, .. } => Some(elem),
                _ => None,
            },
            Err(cause) => {
                let text = self.os(x);
                let (code, verb) =
                    if recv { (codes::INVALID_RECEIVE, "receive from") } else { (codes::INVALID_SEND, "send to") };
                let msg = if self.s.is_type_param(x.typ) {
                    format!("invalid operation: cannot {verb} {text}: {cause}")
                } else {
                    format!("invalid operation: cannot {verb} {cause} {text}")
                };
                self.error(at, code, msg);
                None
            }
        }
    }

    // Binary operations.

    /// A binary expression. The left operands of a long sum are walked in a loop.
    fn binary_chain(&mut self, x: &mut Operand, e: ExprId) {
        let mut spine = vec![];
        let mut left = e;
        while let ExprKind::BinaryExpr { x, .. } = self.kind(left) {
            spine.push(left);
            left = x;
        }
        self.expr(None, x, left);
        while let Some(node) = spine.pop() {
            let ExprKind::BinaryExpr { x: lhs, op, y, .. } = self.kind(node) else { return };
            self.binary_with(x, Some(node), lhs, y, op);
            x.expr = Some(node);
            if !spine.is_empty() {
                self.record(x);
            }
        }
    }

    /// `lhs op rhs` of an assignment operation.
    pub(crate) fn binary_assign(&mut self, x: &mut Operand, lhs: ExprId, rhs: ExprId, op: Op) {
        self.expr(None, x, lhs);
        self.binary_with(x, None, lhs, rhs, op);
    }

    /// `x op rhs`, where `x` is `lhs` checked already; `e` is the expression, if there is one.
    fn binary_with(&mut self, x: &mut Operand, e: Option<ExprId>, lhs: ExprId, rhs: ExprId, op: Op) {
        let mut y = Operand::default();
        self.expr(None, &mut y, rhs);
        if !x.is_valid() {
            return;
        }
        if !y.is_valid() {
            x.invalidate();
            x.expr = y.expr;
            return;
        }
        if op.is_shift() {
            return self.shift(x, &mut y, e, op);
        }
        self.match_types(x, &mut y);
        if !x.is_valid() {
            return;
        }
        if op.is_comparison() {
            return self.comparison(x, &y, op, false);
        }
        if !self.s.identical(x.typ, y.typ) {
            if self.s.is_valid(x.typ) && self.s.is_valid(y.typ) {
                let what = match e {
                    Some(e) => self.es(e),
                    None => format!("{} {op}= {}", self.es(lhs), self.es(rhs)),
                };
                let msg =
                    format!("invalid operation: {what} (mismatched types {} and {})", self.ts(x.typ), self.ts(y.typ));
                self.error(&*x, codes::MISMATCHED_TYPES, msg);
            }
            x.invalidate();
            return;
        }
        if !self.is_binary_defined(op, x.typ) {
            self.undefined_op(x, op);
            return;
        }
        if matches!(op, Op::Quo | Op::Rem) && self.divides_by_zero(x, &y) {
            self.error(&y, codes::DIV_BY_ZERO, "invalid operation: division by zero");
            x.invalidate();
            return;
        }
        if !x.is_const() || !y.is_const() {
            x.mode = Mode::Value;
            return;
        }
        if x.val.is_unknown() || y.val.is_unknown() {
            x.val = Value::Unknown;
            return;
        }
        let int_div = self.s.is_integer(x.typ);
        x.val = x.val.binary(op, &y.val, int_div);
        x.expr = e.or(x.expr);
        let pos = e.map_or(self.pos(lhs), |e| self.op_pos(e));
        self.overflow(x, pos);
    }

    fn is_binary_defined(&mut self, op: Op, t: TypeId) -> bool {
        match op {
            Op::Add => self.s.all_numeric_or_string(t),
            Op::Sub | Op::Mul | Op::Quo => self.s.all_numeric(t),
            Op::Rem | Op::And | Op::Or | Op::Xor | Op::AndNot => self.s.all_integer(t),
            Op::LAnd | Op::LOr => self.s.all_boolean(t),
            _ => false,
        }
    }

    fn divides_by_zero(&mut self, x: &Operand, y: &Operand) -> bool {
        if !y.is_const() {
            return false;
        }
        if (x.is_const() || self.s.all_integer(x.typ)) && y.val.sign() == 0 {
            return true;
        }
        if x.is_const() && self.s.is_complex(x.typ) {
            // The squares of a small divisor may vanish.
            let square = |v: Value| v.binary(Op::Mul, &v, false);
            return square(y.val.real()).sign() == 0 && square(y.val.imag()).sign() == 0;
        }
        false
    }

    /// Whether one of the operands may be converted to the other's type. If not, the caller's test for
    /// identical types says what is wrong better than a failed conversion would.
    fn may_convert(&mut self, x: &Operand, y: &Operand) -> bool {
        if self.s.is_typed(x.typ) && self.s.is_typed(y.typ) {
            return false;
        }
        if self.s.all_numeric(x.typ) != self.s.all_numeric(y.typ) {
            return false;
        }
        if self.s.is_non_type_param_interface(x.typ) || self.s.is_non_type_param_interface(y.typ) {
            return true;
        }
        if self.s.all_boolean(x.typ) != self.s.all_boolean(y.typ) {
            return false;
        }
        if self.s.all_string(x.typ) != self.s.all_string(y.typ) {
            return false;
        }
        if x.is_nil() {
            return self.s.has_nil(y.typ);
        }
        if y.is_nil() {
            return self.s.has_nil(x.typ);
        }
        let is_pointer = |c: &mut Self, t| matches!(c.s.uund(t), Type::Pointer(_));
        !is_pointer(self, x.typ) && !is_pointer(self, y.typ)
    }

    /// Converts untyped operands so that the types of both match, if that may be possible.
    pub(crate) fn match_types(&mut self, x: &mut Operand, y: &mut Operand) {
        if !self.may_convert(x, y) {
            return;
        }
        self.convert_untyped(x, y.typ);
        if !x.is_valid() {
            return;
        }
        self.convert_untyped(y, x.typ);
        if !y.is_valid() {
            x.invalidate();
        }
    }

    /// `x op y`, or with `in_switch` whether the case `x` may equal the tag `y`.
    pub(crate) fn comparison(&mut self, x: &mut Operand, y: &Operand, op: Op, in_switch: bool) {
        if !self.s.is_valid(x.typ) || !self.s.is_valid(y.typ) {
            x.invalidate();
            return;
        }
        let op = if in_switch { Op::Eql } else { op };
        if let Err((code, on_y, cause)) = self.comparable_operands(x, y, op) {
            self.comparison_error(x, y, op, in_switch, code, on_y, cause);
            x.invalidate();
            return;
        }
        if x.is_const() && y.is_const() {
            x.val = Value::Bool(x.val.compare(op, &y.val));
        } else {
            x.mode = Mode::Value;
            for o in [&*x, y] {
                if let Some(e) = o.expr.filter(|_| o.desc.is_none()) {
                    let t = self.s.default_type(o.typ);
                    self.update_expr_type(e, t, true);
                }
            }
        }
        x.typ = TypeId::UNTYPED_BOOL;
    }

    /// Whether the operands may be compared. If not: the code, whether the second operand is at fault,
    /// and the cause if it is known.
    fn comparable_operands(&mut self, x: &Operand, y: &Operand, op: Op) -> Result<(), (Code, bool, String)> {
        if !self.assignable_to(x, y.typ, None).0 && !self.assignable_to(y, x.typ, None).0 {
            let cause = format!("mismatched types {} and {}", self.ts(x.typ), self.ts(y.typ));
            return Err((codes::MISMATCHED_TYPES, true, cause));
        }
        const UNDEFINED: Code = codes::UNDEFINED_OP;
        if !matches!(op, Op::Eql | Op::Neq) {
            for (o, on_y) in [(x, false), (y, true)] {
                if !self.s.all_ordered(o.typ) {
                    return Err((UNDEFINED, on_y, String::new()));
                }
            }
            return Ok(());
        }
        if x.is_nil() || y.is_nil() {
            let typ = if x.is_nil() { y.typ } else { x.typ };
            let ok = self.s.has_nil(typ);
            return if ok { Ok(()) } else { Err((UNDEFINED, true, String::new())) };
        }
        for (o, on_y) in [(x, false), (y, true)] {
            if !self.s.comparable(o.typ) {
                return Err((UNDEFINED, on_y, self.incomparable_cause(o.typ)));
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn comparison_error(
        &mut self,
        x: &Operand,
        y: &Operand,
        op: Op,
        in_switch: bool,
        code: Code,
        on_y: bool,
        mut cause: String,
    ) {
        let mut culprit = if on_y { y } else { x };
        if cause.is_empty() {
            cause = if self.s.is_type_param(x.typ) || self.s.is_type_param(y.typ) {
                if !self.s.is_type_param(x.typ) {
                    culprit = y;
                }
                format!("type parameter {} cannot use operator {op}", self.ts(culprit.typ))
            } else {
                let what = match self.composite_kind(culprit.typ) {
                    "" => self.ts(culprit.typ),
                    what => what.to_string(),
                };
                format!("operator {op} not defined on {what}")
            };
        }
        let (xs, ys) = (self.operand_expr(x), self.operand_expr(y));
        if in_switch {
            self.error(x, code, format!("invalid case {xs} in switch on {ys} ({cause})"));
        } else {
            self.error(culprit, code, format!("invalid operation: {xs} {op} {ys} ({cause})"));
        }
    }

    /// The text of an operand's expression.
    pub(crate) fn operand_expr(&self, x: &Operand) -> String {
        match (&x.desc, x.expr) {
            (Some(desc), _) => desc.to_string(),
            (None, Some(e)) => self.es(e),
            (None, None) => String::new(),
        }
    }

    fn incomparable_cause(&mut self, t: TypeId) -> String {
        if matches!(self.s.uund(t), Type::Slice(_) | Type::Signature(_) | Type::Map { .. }) {
            return format!("{} can only be compared to nil", self.composite_kind(t));
        }
        let detail = self.s.comparable_type(t, true, &mut Default::default());
        match detail {
            Err(Incomparable::Field(ft)) => {
                format!("struct containing {} cannot be compared", self.ts(ft))
            }
            Err(Incomparable::Array(at)) => format!("{} cannot be compared", self.ts(at)),
            Err(Incomparable::EmptyTypeSet) => "empty type set".to_string(),
            Err(Incomparable::TypeSet) => "incomparable types in type set".to_string(),
            _ => String::new(),
        }
    }

    // Shifts.

    fn shift(&mut self, x: &mut Operand, y: &mut Operand, e: Option<ExprId>, op: Op) {
        let xval = if x.is_const() { x.val.to_int() } else { Value::Unknown };
        let may_be_int = self.s.is_untyped(x.typ) && xval.kind() == ValueKind::Int;
        if !self.s.all_integer(x.typ) && !may_be_int {
            return self.bad_shifted(x);
        }
        if !self.check_shift_count(y) {
            x.invalidate();
            return;
        }
        if x.is_const() && y.is_const() {
            return self.const_shift(x, xval, y, e, op);
        }
        if y.is_const()
            && self.s.is_untyped(y.typ)
            && let Some(e) = y.expr
        {
            self.update_expr_type(e, TypeId::UINT, true);
        }
        if x.is_const() && self.s.is_untyped(x.typ) {
            // Not constant, with a constant left operand: its type is known later.
            if let Some(l) = x.expr
                && let Some(u) = self.untyped.get_mut(&(self.env.tree, l))
            {
                u.is_lhs = true;
            }
            x.mode = Mode::Value;
            return;
        }
        if !self.s.all_integer(x.typ) {
            return self.bad_shifted(x);
        }
        x.mode = Mode::Value;
    }

    fn bad_shifted(&mut self, x: &mut Operand) {
        let msg = format!("invalid operation: shifted operand {} must be integer", self.os(x));
        self.error(&*x, codes::INVALID_SHIFT_OPERAND, msg);
        x.invalidate();
    }

    fn check_shift_count(&mut self, y: &mut Operand) -> bool {
        if y.is_const() {
            let count = y.val.to_int();
            if count.kind() == ValueKind::Int && count.sign() < 0 {
                let msg = format!("invalid operation: negative shift count {}", self.os(y));
                self.error(&*y, codes::INVALID_SHIFT_COUNT, msg);
                return false;
            }
            if self.s.is_untyped(y.typ) {
                // The value must fit, but the operand is not converted yet.
                self.representable(y, BasicKind::Uint);
            }
            return y.is_valid();
        }
        if self.s.all_integer(y.typ) {
            if !self.s.all_unsigned(y.typ) && !self.allow_version(13) {
                let what = format!("invalid operation: signed shift count {}", self.os(y));
                self.version_error(&*y, 13, &what);
                return false;
            }
            if self.s.is_untyped(y.typ) {
                self.convert_untyped(y, TypeId::UINT);
            }
            return y.is_valid();
        }
        if self.s.is_untyped(y.typ) {
            self.convert_untyped(y, TypeId::UINT);
            return y.is_valid();
        }
        let msg = format!("invalid operation: shift count {} must be integer", self.os(y));
        self.error(&*y, codes::INVALID_SHIFT_COUNT, msg);
        false
    }

    fn const_shift(&mut self, x: &mut Operand, xval: Value, y: &Operand, e: Option<ExprId>, op: Op) {
        if x.val.is_unknown() || y.val.is_unknown() {
            x.val = Value::Unknown;
            if !self.s.is_integer(x.typ) {
                x.typ = TypeId::UNTYPED_INT;
            }
            return;
        }
        let Some(count) = y.val.to_int().as_u64().filter(|&n| n <= MAX_SHIFT) else {
            let msg = format!("invalid operation: invalid shift count {}", self.os(y));
            self.error(y, codes::INVALID_SHIFT_COUNT, msg);
            x.invalidate();
            return;
        };
        // 2.0 << 3 is an integer.
        if !self.s.is_integer(x.typ) {
            x.typ = TypeId::UNTYPED_INT;
        }
        x.val = xval.shift(op, count);
        x.expr = e.or(x.expr);
        let pos = x.expr.map_or(itab_syntax::Pos::NONE, |e| self.op_pos(e));
        self.overflow(x, pos);
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
