//! Range clauses: over integers, strings, arrays, slices, maps, channels and functions.

use itab_syntax::{Block, ExprId, List, Name, StmtId};

use crate::TypeId;
use crate::check::Checker;
use crate::constant::Value;
use crate::errors::codes;
use crate::info::Mode;
use crate::object::VarKind;
use crate::operand::Operand;
use crate::types::{ChanDir, Type, basic_info};

/// The types of the iteration values; none where there is no such value.
type KeyVal = (Option<TypeId>, Option<TypeId>);

/// A range statement's parts.
#[derive(Clone, Copy)]
pub(crate) struct RangeClause {
    pub(crate) lhs: List<ExprId>,
    pub(crate) define: bool,
    pub(crate) x: ExprId,
    pub(crate) body: Block,
}

impl<'a> Checker<'a> {
    pub(crate) fn range_stmt(&mut self, stmt: StmtId, clause: RangeClause) {
        let lhs = &self.tree()[clause.lhs];
        let mut x = Operand::default();
        self.env.has_call_or_recv = false;
        self.expr(None, &mut x, clause.x);
        if x.is_valid() && lhs.len() < 2 && !self.env.has_call_or_recv {
            self.record_constant_range(&x, clause.x);
        }
        let types = if x.is_valid() { self.range_types(&x, lhs) } else { (None, None) };

        self.open_scope(self.tree()[stmt].pos);
        // The body of a loop over a function is a function itself: what it mentions is captured.
        let outer = self.env.lit;
        if x.is_valid() && self.is_func_range(x.typ) {
            self.env.lit = self.enter_lit(clause.x, Some(stmt));
            self.mark_results_captured();
        }
        let over_int = x.is_valid() && self.s.is_integer(x.typ);
        if clause.define {
            self.define_range_vars(stmt, lhs, types, over_int.then_some(&mut x));
        } else if !lhs.is_empty() {
            self.assign_range_vars(lhs, types, over_int.then_some(&mut x));
        } else if over_int {
            // An untyped number must be an int.
            self.assignment(&mut x, None, "range clause");
        }
        self.block(clause.body);
        self.env.lit = outer;
        self.close_scope();
    }

    /// A range over an array that only counts does not evaluate its operand: it is a constant then.
    fn record_constant_range(&mut self, x: &Operand, e: ExprId) {
        let u = self.s.under(x.typ);
        let array = self.array_ptr_deref(u);
        let Type::Array { len, .. } = self.s.ty(array) else { return };
        let e = self.tree().unparen(e);
        self.record_type_and_value(e, Mode::Constant, TypeId::INT, Some(&Value::Int(len)));
    }

    fn is_func_range(&mut self, t: TypeId) -> bool {
        let Ok(u) = self.common_under(t, None) else { return false };
        matches!(self.s.ty(u), Type::Signature(_))
    }

    /// A return statement in the body of a range-over-func loop sets the results from inside the
    /// function that the body is.
    fn mark_results_captured(&mut self) {
        let Some(sig) = self.env.sig.and_then(|t| self.sig_of(t)) else { return };
        for i in 0..sig.results.len() {
            let v = self.s.obj_at(sig.results, i);
            let var = self.s.var_mut(v);
            var.captured = true;
            var.reassigned = true;
        }
    }

    fn range_types(&mut self, x: &Operand, lhs: &[ExprId]) -> KeyVal {
        let (key, val) = match self.range_key_val(x.typ) {
            Ok(kv) => kv,
            Err(cause) => {
                let mut msg = format!("cannot range over {}", self.os(x));
                if !cause.is_empty() {
                    msg = format!("{msg}: {cause}");
                }
                self.error(x, codes::INVALID_RANGE_EXPR, msg);
                return (Some(TypeId::INVALID), Some(TypeId::INVALID));
            }
        };
        let wrong = match (lhs, key, val) {
            ([k, ..], None, _) => Some((*k, format!("range over {} permits no iteration variables", self.os(x)))),
            ([_, v, ..], _, None) => {
                Some((*v, format!("range over {} permits only one iteration variable", self.os(x))))
            }
            ([_, _, extra, ..], ..) => {
                Some((*extra, "range clause permits at most two iteration variables".to_string()))
            }
            _ => None,
        };
        if let Some((at, msg)) = wrong {
            self.error(at, codes::INVALID_ITER_VAR, msg);
        }
        (key, val)
    }

    /// The iteration values of a range over a value of type `t`, or why there are none.
    pub(crate) fn range_key_val(&mut self, t: TypeId) -> Result<KeyVal, String> {
        let mut cond = |c: &mut Checker<'a>, t: Option<TypeId>, u: Option<TypeId>| match (t, u.map(|u| c.s.ty(u))) {
            (Some(t), Some(Type::Chan { dir: ChanDir::SendOnly, .. })) => {
                Err(format!("receive from send-only channel {}", c.ts(t)))
            }
            _ => Ok(()),
        };
        let u = self.common_under(t, Some(&mut cond))?;
        let u = self.array_ptr_deref(u);
        match self.s.ty(u) {
            Type::Basic(k) if k.info() & basic_info::STRING != 0 => Ok((Some(TypeId::INT), Some(TypeId::RUNE))),
            Type::Basic(k) if k.info() & basic_info::INTEGER != 0 => {
                if !self.allow_version(22) {
                    return Err("requires go1.22 or later".into());
                }
                Ok((Some(t), None))
            }
            Type::Array { elem, .. } | Type::Slice(elem) => Ok((Some(TypeId::INT), Some(elem))),
            Type::Map { key, elem } => Ok((Some(key), Some(elem))),
            Type::Chan { elem, .. } => Ok((Some(elem), None)),
            Type::Signature(_) => self.iterator_types(u),
            _ => Err(String::new()),
        }
    }

    /// The iteration values of a range over a function `func(yield func(K, V) bool)`.
    fn iterator_types(&mut self, f: TypeId) -> Result<KeyVal, String> {
        if !self.allow_version(23) {
            return Err("requires go1.23 or later".into());
        }
        let bad = |why: &str| Err(format!("func must be func(yield func(...) bool): {why}"));
        let Some(sig) = self.sig_of(f) else { return Err(String::new()) };
        if sig.params.len() != 1 {
            return bad("wrong argument count");
        }
        if !sig.results.is_empty() {
            return bad("unexpected results");
        }
        let param = self.s.obj_type(self.s.obj_at(sig.params, 0));
        let yield_type = match self.common_under(param, None) {
            Ok(u) => u,
            Err(cause) => return bad(&format!("in yield type, {cause}")),
        };
        let Some(cb) = self.sig_of(yield_type) else { return bad("argument is not func") };
        if cb.params.len() > 2 {
            return bad("yield func has too many parameters");
        }
        let result = (cb.results.len() == 1).then(|| self.s.obj_type(self.s.obj_at(cb.results, 0)));
        match result {
            Some(t) if self.s.identical(t, TypeId::BOOL) => {}
            Some(t) if self.s.is_boolean(t) => {
                return bad("yield func returns user-defined boolean, not bool");
            }
            _ => return bad("yield func does not return bool"),
        }
        if cb.variadic {
            return Err(format!("yield func of type {} cannot be variadic", self.ts(yield_type)));
        }
        let typ = |i: usize| (i < cb.params.len()).then(|| self.s.obj_type(self.s.obj_at(cb.params, i)));
        Ok((typ(0), typ(1)))
    }

    /// Declares the iteration variables. `int` is the operand of a range over an integer.
    fn define_range_vars(&mut self, stmt: StmtId, lhs: &[ExprId], types: KeyVal, mut int: Option<&mut Operand>) {
        let mut vars = Vec::new();
        for (&e, typ) in lhs.iter().zip([types.0, types.1]) {
            let pkg = Some(self.pkg);
            let v = match self.tree().ident(e) {
                Some(ident) => {
                    let v = self.s.new_var(VarKind::Local, ident.name, ident.pos, pkg, None);
                    self.own(v);
                    self.record_def(e, v);
                    vars.push((e, v));
                    v
                }
                None => {
                    let msg = format!("cannot declare {}", self.es(e));
                    self.error(e, codes::INVALID_SYNTAX_TREE, msg);
                    self.s.new_var(VarKind::Local, Name::BLANK, self.pos(e), pkg, None)
                }
            };
            let Some(typ) = typ.filter(|&t| self.s.is_valid(t)) else {
                self.s.obj_mut(v).typ = Some(TypeId::INVALID);
                self.s.var_mut(v).used = true;
                continue;
            };
            if let Some(x) = int.as_deref_mut() {
                self.init_var(v, x, "range clause");
            } else {
                let text = self.es(e);
                let mut y = Operand::described(Some(e), typ, &text);
                self.init_var(v, &mut y, "assignment");
            }
        }
        if vars.iter().all(|&(_, v)| self.s.obj(v).name == Name::BLANK) {
            let at = self.tree()[stmt].pos;
            self.error(at, codes::NO_NEW_VAR, "no new variables on left side of :=");
        }
        let scope = self.env.scope;
        for (e, v) in vars {
            self.declare_expr(scope, e, v);
        }
    }

    fn assign_range_vars(&mut self, lhs: &[ExprId], types: KeyVal, mut int: Option<&mut Operand>) {
        for (&e, typ) in lhs.iter().zip([types.0, types.1]) {
            let Some(typ) = typ.filter(|&t| self.s.is_valid(t)) else { continue };
            let Some(x) = int.as_deref_mut() else {
                let text = self.es(e);
                let mut y = Operand::described(Some(e), typ, &text);
                self.assign_operand(e, &mut y, "assignment");
                continue;
            };
            self.assign_operand(e, x, "range clause");
            if x.is_valid() && !self.s.is_integer(x.typ) {
                let msg = format!("cannot use iteration variable of type {}", self.ts(x.typ));
                self.error(e, codes::INVALID_RANGE_EXPR, msg);
            }
        }
    }
}
