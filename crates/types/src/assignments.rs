//! Initialisation and assignment.

use itab_syntax::{Code, ExprId, ExprKind, Name, Pos, Span, StmtId};

use crate::check::Checker;
use crate::errors::codes;
use crate::info::Mode;
use crate::object::{ObjKind, VarKind};
use crate::operand::Operand;
use crate::types::Type;
use crate::{ObjId, TypeId};

impl<'a> Checker<'a> {
    /// Whether `x` is a plain value of exactly the type `t`, so that assigning it needs no more checks.
    pub(crate) fn assign_fast(&self, x: &Operand, t: TypeId) -> bool {
        x.typ == t
            && matches!(x.mode, Mode::Constant | Mode::Variable | Mode::MapIndex | Mode::Value | Mode::CommaOk)
            && self.s.is_typed(t)
            && !matches!(self.s.ty(t), Type::Tuple(_) | Type::Signature(_) | Type::Named(_) | Type::Alias(_))
    }

    /// Checks that `x` can be assigned to a variable of type `t` and gives an untyped `x` its type.
    /// Without `t`, to a blank identifier. `context` says in messages what happens.
    pub(crate) fn assignment(&mut self, x: &mut Operand, t: Option<TypeId>, context: &str) {
        if t.is_some_and(|t| self.assign_fast(x, t)) {
            return;
        }
        self.single_value(x);
        match x.mode {
            Mode::Invalid => return,
            Mode::NoValue | Mode::Builtin | Mode::TypExpr => {
                let to = t.map_or("untyped nil".to_string(), |t| self.ts(t));
                let msg = format!("cannot assign {} to {to} in {context}", self.os(x));
                self.error(&*x, codes::INCOMPATIBLE_ASSIGN, msg);
                return x.invalidate();
            }
            _ => {}
        }
        if self.s.is_untyped(x.typ) && !self.assign_untyped(x, t, context) {
            return x.invalidate();
        }
        if let Type::Signature(s) = self.s.ty(x.typ)
            && !self.s.sig(s).tparams.is_empty()
        {
            let target = t.and_then(|t| self.new_target(t, context));
            self.non_generic(target, x);
            if !x.is_valid() {
                return;
            }
        }
        let Some(t) = t else { return };
        let mut cause = String::new();
        let (ok, code) = self.assignable_to(x, t, Some(&mut cause));
        if !ok {
            let mut msg = format!("cannot use {} as {} value in {context}", self.os(x), self.ts(t));
            if !cause.is_empty() {
                msg = format!("{msg}: {cause}");
            }
            self.error(&*x, code, msg);
            x.invalidate();
        }
    }

    fn assign_untyped(&mut self, x: &mut Operand, t: Option<TypeId>, context: &str) -> bool {
        let target = match t {
            None if x.is_nil() => {
                let msg = format!("use of untyped nil in {context}");
                self.error(&*x, codes::UNTYPED_NIL_USE, msg);
                return false;
            }
            Some(t) if x.is_nil() || !self.s.is_non_type_param_interface(t) => t,
            _ => self.s.default_type(x.typ),
        };
        match self.implicit_type(x, target) {
            Ok((typ, val)) => {
                self.set_implicit(x, typ, val);
                true
            }
            Err(code) => {
                let mut msg = format!("cannot use {} as {} value in {context}", self.os(x), self.ts(target));
                let mut as_code: Code = codes::INCOMPATIBLE_ASSIGN;
                if code == codes::TRUNCATED_FLOAT {
                    msg.push_str(" (truncated)");
                    as_code = code;
                } else if code == codes::NUMERIC_OVERFLOW {
                    msg.push_str(" (overflows)");
                    as_code = code;
                }
                self.error(&*x, as_code, msg);
                false
            }
        }
    }

    /// `const lhs = x`
    pub(crate) fn init_const(&mut self, lhs: ObjId, x: &mut Operand) {
        let typ = self.s.obj(lhs).typ;
        if !x.is_valid() || !self.s.is_valid(x.typ) || typ.is_some_and(|t| !self.s.is_valid(t)) {
            self.s.obj_mut(lhs).typ.get_or_insert(TypeId::INVALID);
            return;
        }
        if !x.is_const() {
            let msg = format!("{} is not constant", self.os(x));
            self.error(&*x, codes::INVALID_CONST_INIT, msg);
            self.s.obj_mut(lhs).typ.get_or_insert(TypeId::INVALID);
            return;
        }
        let typ = *self.s.obj_mut(lhs).typ.get_or_insert(x.typ);
        self.assignment(x, Some(typ), "constant declaration");
        if x.is_valid()
            && let ObjKind::Const(val) = &mut self.s.obj_mut(lhs).kind
        {
            *val = x.val.clone();
        }
    }

    /// `var lhs = x`; a variable without a type gets that of `x`.
    pub(crate) fn init_var(&mut self, lhs: ObjId, x: &mut Operand, context: &str) {
        let typ = self.s.obj(lhs).typ;
        if !x.is_valid() || !self.s.is_valid(x.typ) || typ.is_some_and(|t| !self.s.is_valid(t)) {
            self.s.obj_mut(lhs).typ.get_or_insert(TypeId::INVALID);
            return x.invalidate();
        }
        let typ = match typ {
            Some(typ) => typ,
            None if x.typ == TypeId::UNTYPED_NIL => {
                let msg = format!("use of untyped nil in {context}");
                self.error(&*x, codes::UNTYPED_NIL_USE, msg);
                self.s.obj_mut(lhs).typ = Some(TypeId::INVALID);
                return x.invalidate();
            }
            None => {
                // A comma-ok or multi-value operand is a tuple only by mistake, which assignment reports.
                let typ = self.s.default_type(x.typ);
                self.s.obj_mut(lhs).typ = Some(typ);
                typ
            }
        };
        self.assignment(x, Some(typ), context);
    }

    /// The variable of this package that an identifier on a left-hand side denotes, and whether it was
    /// used before: being assigned is no use.
    pub(crate) fn lhs_variable(&mut self, e: ExprId) -> Option<(ObjId, bool)> {
        let ident = self.tree().ident(e)?;
        let o = self.lookup(ident.name)?;
        let obj = self.s.obj(o);
        let var = obj.as_var()?;
        (obj.pkg == Some(self.pkg)).then_some((o, var.used))
    }

    /// Checks a left-hand side; the result is its type. `Ok(None)` is a blank identifier.
    fn lhs_type(&mut self, lhs: ExprId) -> Result<Option<TypeId>, ()> {
        let inner = self.tree().unparen(lhs);
        if let ExprKind::Ident(Name::BLANK) = self.kind(inner) {
            return Ok(None);
        }
        let var = self.lhs_variable(inner);
        let mut x = Operand::default();
        self.expr(None, &mut x, lhs);
        if let Some((v, used)) = var {
            self.s.var_mut(v).used = used;
        }
        if !x.is_valid() || !self.s.is_valid(x.typ) {
            return Err(());
        }
        if matches!(x.mode, Mode::Variable | Mode::MapIndex) {
            self.mark_reassigned(inner);
            return Ok(Some(x.typ));
        }
        if let ExprKind::SelectorExpr { x: operand, .. } = self.kind(lhs) {
            let mut op = Operand::default();
            self.expr(None, &mut op, operand);
            if op.mode == Mode::MapIndex {
                let msg = format!("cannot assign to struct field {} in map", self.es(lhs));
                self.error(&x, codes::UNADDRESSABLE_FIELD_ASSIGN, msg);
                return Err(());
            }
        }
        let msg =
            format!("cannot assign to {} (neither addressable nor a map index expression)", self.operand_expr(&x));
        self.error(&x, codes::UNASSIGNABLE_OPERAND, msg);
        Err(())
    }

    /// `lhs = rhs`
    fn assign_expr(&mut self, lhs: ExprId, rhs: ExprId, context: &str) {
        let Ok(typ) = self.lhs_type(lhs) else {
            self.use_exprs(&[rhs]);
            return;
        };
        let mut target = None;
        if let Some(t) = typ
            && matches!(self.s.uund(t), Type::Signature(_))
        {
            let desc = self.es(lhs);
            target = self.new_target(t, &desc);
        }
        let mut x = Operand::default();
        self.expr(target, &mut x, rhs);
        self.finish_assign(typ, &mut x, context);
    }

    /// `lhs = x`
    pub(crate) fn assign_operand(&mut self, lhs: ExprId, x: &mut Operand, context: &str) {
        match self.lhs_type(lhs) {
            Ok(typ) => self.finish_assign(typ, x, context),
            Err(()) => x.invalidate(),
        }
    }

    fn finish_assign(&mut self, typ: Option<TypeId>, x: &mut Operand, context: &str) {
        let blank = typ.is_none() && context == "assignment";
        self.assignment(x, typ, if blank { "assignment to _ identifier" } else { context });
    }

    fn assign_error(&mut self, rhs: &[ExprId], l: usize, r: usize) {
        let vars = measure(l, "variable");
        let vals = measure(r, "value");
        let mut msg = format!("assignment mismatch: {vars} but {vals}");
        if let &[e] = rhs
            && let ExprKind::CallExpr { fun, .. } = self.kind(self.tree().unparen(e))
        {
            msg = format!("assignment mismatch: {vars} but {} returns {vals}", self.es(fun));
        }
        self.error(rhs[0], codes::WRONG_ASSIGN_COUNT, msg);
    }

    fn return_error(&mut self, stmt: StmtId, lhs: &[ObjId], rhs: &[Operand]) {
        let (at, qualifier) = match rhs {
            [] => (self.tree().stmt_span(stmt), "not enough"),
            _ if rhs.len() > lhs.len() => (self.span_of(&rhs[lhs.len()]), "too many"),
            [.., last] => (self.span_of(last), "not enough"),
        };
        let have: Vec<_> = rhs.iter().map(|x| x.typ).collect();
        let want: Vec<_> = lhs.iter().map(|&v| self.s.obj_type(v)).collect();
        let parts = vec![
            (at, format!("{qualifier} return values")),
            (Span::default(), format!("have {}", self.types_summary(&have, false, false))),
            (Span::default(), format!("want {}", self.types_summary(&want, false, false))),
        ];
        self.report(codes::WRONG_RESULT_COUNT, parts);
    }

    fn is_call(&self, list: &[ExprId]) -> bool {
        matches!(list, &[e] if matches!(self.kind(self.tree().unparen(e)), ExprKind::CallExpr { .. }))
    }

    /// `var lhs = rhs`, or with `return_stmt` the implicit assignment of results.
    pub(crate) fn init_vars(&mut self, lhs: &[ObjId], rhs: &[ExprId], return_stmt: Option<StmtId>) {
        let (l, r) = (lhs.len(), rhs.len());
        let context = match return_stmt {
            Some(_) => "return statement",
            None if l > 1 => "multiple assignment",
            None => "assignment",
        };
        if l == r && !self.is_call(rhs) {
            let mut x = Operand::default();
            for (&v, &e) in lhs.iter().zip(rhs) {
                let mut target = None;
                if let Some(t) = self.s.obj(v).typ
                    && matches!(self.s.uund(t), Type::Signature(_))
                {
                    let name = self.name_of(v).to_string();
                    let desc = if return_stmt.is_some() && name.is_empty() { "result variable" } else { &name };
                    target = self.new_target(t, desc);
                }
                self.expr(target, &mut x, e);
                self.init_var(v, &mut x, context);
            }
            return;
        }
        if r != 1 {
            // Several values cannot come from several expressions unless one by one.
            if self.use_exprs(rhs) {
                match return_stmt {
                    Some(stmt) => {
                        let rhs = self.expr_list(rhs);
                        self.return_error(stmt, lhs, &rhs);
                    }
                    None => self.assign_error(rhs, l, r),
                }
            }
            return self.invalidate_vars(lhs);
        }
        let (mut values, comma_ok) = self.multi_expr(rhs[0], l == 2 && return_stmt.is_none());
        if l == values.len() {
            for (&v, x) in lhs.iter().zip(&mut values) {
                self.init_var(v, x, context);
            }
            if comma_ok && values.iter().all(Operand::is_valid) {
                self.record_comma_ok(rhs[0], &values);
            }
            return;
        }
        if values[0].is_valid() {
            match return_stmt {
                Some(stmt) => self.return_error(stmt, lhs, &values),
                None => self.assign_error(rhs, l, values.len()),
            }
        }
        self.invalidate_vars(lhs);
    }

    fn invalidate_vars(&mut self, vars: &[ObjId]) {
        for &v in vars {
            self.s.obj_mut(v).typ.get_or_insert(TypeId::INVALID);
        }
    }

    /// Records that an expression is used for its two values.
    fn record_comma_ok(&mut self, e: ExprId, values: &[Operand]) {
        let pos = self.pos(e);
        let pkg = Some(self.pkg);
        let vars: Vec<_> =
            values.iter().map(|x| self.s.new_var(VarKind::Local, Name::EMPTY, pos, pkg, Some(x.typ))).collect();
        let tuple = self.s.new_tuple(&vars);
        let mut e = e;
        loop {
            use itab_syntax::Id;
            self.info().types[e.index()].typ = Some(tuple);
            let ExprKind::ParenExpr { x } = self.kind(e) else { break };
            e = x;
        }
    }

    /// `lhs = rhs`
    pub(crate) fn assign_vars(&mut self, lhs: &[ExprId], rhs: &[ExprId]) {
        let (l, r) = (lhs.len(), rhs.len());
        let context = if l > 1 { "multiple assignment" } else { "assignment" };
        if l == r && !self.is_call(rhs) {
            for (&lhs, &rhs) in lhs.iter().zip(rhs) {
                self.assign_expr(lhs, rhs, context);
            }
            return;
        }
        if r != 1 {
            let ok = self.use_lhs(lhs);
            if self.use_exprs(rhs) && ok {
                self.assign_error(rhs, l, r);
            }
            return;
        }
        let (mut values, comma_ok) = self.multi_expr(rhs[0], l == 2);
        if l == values.len() {
            for (&lhs, x) in lhs.iter().zip(&mut values) {
                self.assign_operand(lhs, x, context);
            }
            if comma_ok && values.iter().all(Operand::is_valid) {
                self.record_comma_ok(rhs[0], &values);
            }
            return;
        }
        if values[0].is_valid() {
            self.assign_error(rhs, l, values.len());
        }
        self.use_lhs(lhs);
    }

    /// `lhs := rhs`
    pub(crate) fn short_var_decl(&mut self, pos: Pos, lhs: &[ExprId], rhs: &[ExprId]) {
        let top = self.delayed_top();
        let scope = self.env.scope;
        let mut seen: Vec<Name> = Vec::new();
        let mut vars = Vec::with_capacity(lhs.len());
        let mut new_vars = Vec::new();
        let mut bad = false;
        for &e in lhs {
            match self.define_var(e, scope, &mut seen) {
                Some((v, true)) => {
                    vars.push(v);
                    new_vars.push((e, v));
                }
                Some((v, false)) => vars.push(v),
                None => {
                    bad = true;
                    let dummy = self.s.new_var(VarKind::Local, Name::BLANK, self.pos(e), Some(self.pkg), None);
                    vars.push(dummy);
                }
            }
        }
        self.init_vars(&vars, rhs, None);
        // Function literals on the right do not see the new variables.
        self.process_delayed(top);
        if !bad && new_vars.iter().all(|&(_, v)| self.s.obj(v).name == Name::BLANK) {
            self.error(pos, codes::NO_NEW_VAR, "no new variables on left side of :=");
        }
        for (e, v) in new_vars {
            self.declare_expr(scope, e, v);
        }
    }

    /// A variable on the left of `:=`, and whether it is new.
    fn define_var(&mut self, e: ExprId, scope: crate::ScopeId, seen: &mut Vec<Name>) -> Option<(ObjId, bool)> {
        let Some(ident) = self.tree().ident(e) else {
            self.use_lhs(&[e]);
            let msg = format!("non-name {} on left side of :=", self.es(e));
            self.error(e, codes::BAD_DECL, msg);
            return None;
        };
        if ident.name != Name::BLANK {
            if seen.contains(&ident.name) {
                let msg = format!("{} repeated on left side of :=", self.text(ident.name));
                self.error(e, codes::REPEATED_DECL, msg);
                return None;
            }
            seen.push(ident.name);
        }
        if let Some(alt) = self.s.scope(scope).lookup(ident.name) {
            self.record_use(e, alt);
            if !matches!(self.s.obj(alt).kind, ObjKind::Var(_)) {
                let msg = format!("cannot assign to {}", self.text(ident.name));
                self.error(e, codes::UNASSIGNABLE_OPERAND, msg);
                return None;
            }
            self.s.var_mut(alt).reassigned = true;
            // Its type is what the rest of the checks and the compiler want to know.
            let typ = self.s.obj_type(alt);
            self.record_type_and_value(e, Mode::Variable, typ, None);
            return Some((alt, false));
        }
        let v = self.s.new_var(VarKind::Local, ident.name, ident.pos, Some(self.pkg), None);
        self.own(v);
        self.record_def(e, v);
        Some((v, true))
    }
}

fn measure(n: usize, unit: &str) -> String {
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}
