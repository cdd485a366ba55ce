//! Calls: conversions and built-ins dispatched, arguments matched, type arguments inferred.

use itab_syntax::{ExprId, ExprKind, Pos, Span};

use crate::check::Checker;
use crate::errors::{ErrorParts, codes};
use crate::expr::ExprClass;
use crate::funcinst::TypeArgs;
use crate::info::Mode;
use crate::object::VarKind;
use crate::operand::Operand;
use crate::signature::Signature;
use crate::types::Type;
use crate::{ObjId, TypeId};

/// A call's parts.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) expr: ExprId,
    pub(crate) fun: ExprId,
    pub(crate) args: &'a [ExprId],
    pub(crate) dots: bool,
}

impl<'a> Checker<'a> {
    pub(crate) fn sig_of(&self, t: TypeId) -> Option<Signature> {
        match self.s.ty(t) {
            Type::Signature(s) => Some(*self.s.sig(s)),
            _ => None,
        }
    }

    pub(crate) fn call_expr(&mut self, x: &mut Operand, e: ExprId) -> ExprClass {
        let ExprKind::CallExpr { fun, args, ellipsis, .. } = self.kind(e) else {
            return ExprClass::Statement;
        };
        let call = Call { expr: e, fun, args: &self.tree()[args], dots: ellipsis.is_known() };
        let mut inst = None;
        if let ExprKind::IndexExpr { .. } = self.kind(fun) {
            *x = Operand { expr: Some(fun), ..Operand::default() };
            if self.index_expr(x, fun) {
                inst = Some(fun);
            }
            x.expr = Some(fun);
            self.record(x);
        } else {
            self.expr_or_type(x, fun, true);
        }
        match x.mode {
            Mode::Invalid => {
                self.use_exprs(call.args);
                ExprClass::Statement
            }
            Mode::TypExpr => {
                self.conversion_call(x, call);
                ExprClass::Conversion
            }
            Mode::Builtin => {
                let id = x.builtin;
                if !self.builtin(x, call, id) {
                    x.invalidate();
                }
                if x.is_valid() && !x.is_const() {
                    self.env.has_call_or_recv = true;
                }
                if id.is_statement() { ExprClass::Statement } else { ExprClass::Expression }
            }
            _ => {
                self.function_call(x, call, inst);
                ExprClass::Statement
            }
        }
    }

    fn conversion_call(&mut self, x: &mut Operand, call: Call<'a>) {
        self.non_generic(None, x);
        if !x.is_valid() {
            return;
        }
        let t = x.typ;
        x.invalidate();
        if !self.is_complete(t) {
            return;
        }
        match call.args {
            [] => {
                let msg = format!("missing argument in conversion to {}", self.ts(t));
                self.error(call.expr, codes::WRONG_ARG_COUNT, msg);
            }
            &[arg] => {
                let target = self.new_target(t, "conversion");
                self.expr(target, x, arg);
                if !x.is_valid() {
                    return;
                }
                if let Type::Interface(i) = self.s.uund(t)
                    && !self.s.is_type_param(t)
                    && !self.s.type_set(i).is_method_set()
                {
                    let msg = format!(
                        "cannot use interface {} in conversion (contains specific type constraints or is comparable)",
                        self.ts(t)
                    );
                    self.error(call.expr, codes::MISPLACED_CONSTRAINT_IFACE, msg);
                    return x.invalidate();
                }
                if call.dots {
                    let msg = format!("invalid use of ... in conversion to {}", self.ts(t));
                    self.error(arg, codes::BAD_DOT_DOT_DOT_SYNTAX, msg);
                    return x.invalidate();
                }
                self.conversion(x, t);
            }
            [.., last] => {
                self.use_exprs(call.args);
                let msg = format!("too many arguments in conversion to {}", self.ts(t));
                self.error(*last, codes::WRONG_ARG_COUNT, msg);
            }
        }
    }

    fn function_call(&mut self, x: &mut Operand, call: Call<'a>, inst: Option<ExprId>) {
        let mut cond = |c: &mut Checker<'a>, t: Option<TypeId>, u: Option<TypeId>| match (t, u) {
            (Some(t), Some(u)) if !matches!(c.s.ty(u), Type::Signature(_)) => {
                Err(format!("{} is not a function", c.ts(t)))
            }
            _ => Ok(()),
        };
        let mut sig = match self.common_under(x.typ, Some(&mut cond)) {
            Ok(u) => u,
            Err(cause) => {
                let msg = format!("invalid operation: cannot call {}: {cause}", self.os(x));
                self.error(&*x, codes::INVALID_CALL, msg);
                self.use_exprs(call.args);
                return x.invalidate();
            }
        };
        let want = self.s.type_params(sig).len();
        let was_generic = want > 0;
        let mut given = TypeArgs::default();
        if let Some(e) = inst
            && let ExprKind::IndexExpr { indices, .. } = self.kind(e)
        {
            given.exprs = &self.tree()[indices];
            match self.type_exprs(given.exprs) {
                Some(types) => given.types = types,
                None => {
                    self.use_exprs(call.args);
                    return x.invalidate();
                }
            }
            let got = given.types.len();
            if got > want {
                let msg = format!("got {got} type arguments but want {want}");
                self.error(given.exprs[want], codes::WRONG_TYPE_ARG_COUNT, msg);
                self.use_exprs(call.args);
                return x.invalidate();
            }
            if got == want && want > 0 {
                self.verify_version(self.node_pos(e), 18, "function instantiation");
                let pos = self.node_pos(e);
                let types = std::mem::take(&mut given.types);
                sig = self.instantiate_signature(pos, e, sig, &types, given.exprs);
                given.exprs = &[];
            }
        }
        let (mut args, atargs) = self.generic_expr_list(call.args);
        let (sig, complete) = self.arguments(call, sig, given, &mut args, &atargs);
        if was_generic && self.s.type_params(sig).is_empty() {
            self.record_fun_type(call.fun, sig);
        }
        self.call_result(x, sig, complete);
    }

    /// Records the instantiated type of what is called, parentheses included.
    fn record_fun_type(&mut self, fun: ExprId, sig: TypeId) {
        self.record_type_and_value(fun, Mode::Value, sig, None);
        let mut inner = fun;
        while let ExprKind::ParenExpr { x } | ExprKind::IndexExpr { x, .. } = self.kind(inner) {
            inner = x;
            self.record_type_and_value(inner, Mode::Value, sig, None);
        }
    }

    fn call_result(&mut self, x: &mut Operand, sig: TypeId, complete: bool) {
        let Some(parts) = self.sig_of(sig) else { return x.invalidate() };
        match parts.results.len() {
            0 => {
                x.mode = Mode::NoValue;
            }
            1 => {
                let typ = self.s.obj_type(self.s.obj_at(parts.results, 0));
                if !self.is_complete(typ) {
                    return x.invalidate();
                }
                x.set_value(typ);
            }
            _ => x.set_value(self.s.tuple_of(parts.results)),
        }
        self.env.has_call_or_recv = true;
        // Inference failed: a result that mentions type parameters makes no sense.
        if !complete && x.mode == Mode::Value && !parts.tparams.is_empty() {
            let tparams = self.s.type_list(parts.tparams).to_vec();
            if self.is_parameterized(&tparams, x.typ) {
                x.invalidate();
            }
        }
    }

    /// Checks a list of expressions, of which a single one may have several values.
    pub(crate) fn expr_list(&mut self, list: &[ExprId]) -> Vec<Operand> {
        if let &[e] = list {
            return self.multi_expr(e, false).0;
        }
        let mut out = Vec::with_capacity(list.len());
        for &e in list {
            let mut x = Operand::default();
            self.expr(None, &mut x, e);
            out.push(x);
        }
        out
    }

    /// Like [`expr_list`](Self::expr_list), but values may be generic functions, also with some of their
    /// type arguments; these come second.
    fn generic_expr_list(&mut self, list: &[ExprId]) -> (Vec<Operand>, Vec<Vec<TypeId>>) {
        let mut out = Vec::with_capacity(list.len());
        let mut targs = Vec::new();
        let infer = !self.allow_version(21);
        for (i, &e) in list.iter().enumerate() {
            let mut x = Operand { expr: Some(e), ..Operand::default() };
            if let ExprKind::IndexExpr { .. } = self.kind(e) {
                if self.index_expr(&mut x, e) {
                    let pos = self.node_pos(e);
                    match self.func_inst(None, pos, &mut x, Some(e), infer) {
                        Some(partial) => {
                            targs.resize(list.len(), Vec::new());
                            targs[i] = partial;
                            x.expr = Some(e);
                        }
                        None => self.record(&x),
                    }
                } else {
                    x.expr = Some(e);
                    self.record(&x);
                    self.exclude(&mut x, &[Mode::NoValue, Mode::Builtin, Mode::TypExpr]);
                    self.single_value(&mut x);
                }
            } else if list.len() == 1 {
                self.raw_expr(None, &mut x, e, None, true);
                self.exclude(&mut x, &[Mode::NoValue, Mode::Builtin, Mode::TypExpr]);
                if x.is_valid()
                    && let Type::Tuple(vars) = self.s.ty(x.typ)
                {
                    let typ = |c: &Self, i| c.s.obj_type(c.s.obj_at(vars, i));
                    // Their expression has a tuple's type: it is not to be recorded again.
                    let text = self.es(e);
                    let values = (0..vars.len()).map(|i| Operand::described(Some(e), typ(self, i), &text));
                    return (values.collect(), targs);
                }
            } else {
                self.generic_expr(&mut x, e, None);
            }
            out.push(x);
        }
        (out, targs)
    }

    /// Matches arguments with the parameters of `sig`, which may be generic, as may be functions among
    /// the arguments; `given` are type arguments that are written. Returns the signature, instantiated
    /// unless there was an error, which the flag tells.
    fn arguments(
        &mut self,
        call: Call<'a>,
        sig_type: TypeId,
        given: TypeArgs<'a>,
        args: &mut [Operand],
        atargs: &[Vec<TypeId>],
    ) -> (TypeId, bool) {
        let Some(sig) = self.sig_of(sig_type) else { return (sig_type, false) };
        let Some((params, adjusted)) = self.match_params(call, &sig, args) else { return (sig_type, false) };

        let mut result = sig_type;
        let mut params = params;
        let n = sig.tparams.len();
        let mut tparams = Vec::new();
        let mut targs: Vec<Option<TypeId>> = given.types.iter().copied().map(Some).collect();
        if n > 0 {
            if !self.allow_version(18) {
                if let ExprKind::IndexExpr { .. } = self.kind(call.fun) {
                    self.version_error(call.fun, 18, "function instantiation");
                } else {
                    self.version_error(call.expr, 18, "implicit function instantiation");
                }
            }
            let old = self.s.type_list(sig.tparams).to_vec();
            let tuple = self.s.new_tuple(&params);
            let (new, tuple) = self.rename_tparams(&old, tuple);
            tparams = new;
            params = self.tuple_vars(tuple);
            targs.resize(n, None);
        }
        let generic_args = self.rename_generic_args(args, atargs, &mut tparams, &mut targs);
        if !tparams.is_empty() {
            let pos = self.node_pos(call.expr);
            let mut err = ErrorParts::default();
            let Some(inferred) = self.infer(pos, &tparams, &targs, &params, args, false, &mut err) else {
                if let Some((span, msg)) = err.0.first_mut() {
                    *msg = format!("in call to {}, {msg}", self.es(call.fun));
                    if !span.start.is_known() {
                        *span = Span::at(pos);
                    }
                    self.report(codes::CANNOT_INFER_TYPE_ARGS, err.0);
                }
                return (sig_type, false);
            };
            if n > 0 {
                result = self.instantiate_signature(pos, call.fun, sig_type, &inferred[..n], given.exprs);
                if adjusted {
                    let tuple = self.s.new_tuple(&params);
                    let tuple = self.s.substitute(tuple, &tparams[..n], &inferred[..n]);
                    params = self.tuple_vars(tuple);
                } else if let Some(sig) = self.sig_of(result) {
                    params = self.s.objs(sig.params).to_vec();
                }
            }
            let mut from = n;
            for i in generic_args {
                let to = from + self.s.type_params(args[i].typ).len();
                if let Some(e) = args[i].expr {
                    args[i].typ = self.instantiate_signature(pos, e, args[i].typ, &inferred[from..to], &[]);
                    self.record_fun_type(e, args[i].typ);
                }
                from = to;
            }
        }
        if !args.is_empty() {
            let mut context = None;
            for (arg, &param) in args.iter_mut().zip(&params) {
                let typ = self.s.obj_type(param);
                if self.assign_fast(arg, typ) {
                    continue;
                }
                let context = context.get_or_insert_with(|| format!("argument to {}", self.es(call.fun)));
                let context = context.clone();
                self.assignment(arg, Some(typ), &context);
            }
        }
        (result, true)
    }

    /// The parameters that the arguments go to: a variadic one comes as often as it takes, and the flag
    /// tells so. None if their number does not match, which is reported.
    fn match_params(&mut self, call: Call<'a>, sig: &Signature, args: &[Operand]) -> Option<(Vec<ObjId>, bool)> {
        let mut params = self.s.objs(sig.params).to_vec();
        let (nargs, mut npars) = (args.len(), params.len());
        let mut adjusted = false;
        if !sig.variadic {
            if call.dots {
                let msg = format!("cannot use ... in call to non-variadic {}", self.es(call.fun));
                self.error(call.expr, codes::NON_VARIADIC_DOT_DOT_DOT, msg);
                return None;
            }
        } else if call.dots {
            if call.args.len() == 1 && nargs > 1 {
                let msg = format!("cannot use ... with {nargs}-valued {}", self.es(call.args[0]));
                self.error(call.expr, codes::INVALID_DOT_DOT_DOT, msg);
                return None;
            }
        } else if nargs + 1 >= npars {
            let last = params.pop()?;
            let o = self.s.obj(last).clone();
            let elem = match self.s.uty(o.typ.unwrap_or(TypeId::INVALID)) {
                Type::Slice(elem) => elem,
                _ => TypeId::INVALID,
            };
            let param = self.s.new_var(VarKind::Param, o.name, o.pos, o.pkg, Some(elem));
            params.resize(nargs, param);
            adjusted = true;
            npars = nargs;
        } else {
            npars -= 1;
        }
        if nargs == npars {
            return Some((params, adjusted));
        }
        let (at, qualifier) = if nargs > npars {
            (self.span_of(&args[npars]), "too many")
        } else if nargs > 0 {
            (self.span_of(&args[nargs - 1]), "not enough")
        } else {
            (self.tree().span(call.expr), "not enough")
        };
        let have: Vec<_> = args.iter().map(|a| a.typ).collect();
        let want: Vec<_> = self.s.objs(sig.params).iter().map(|&p| self.s.obj_type(p)).collect();
        let parts = vec![
            (at, format!("{qualifier} arguments in call to {}", self.es(call.fun))),
            (Span::default(), format!("have {}", self.types_summary(&have, false, call.dots))),
            (Span::default(), format!("want {}", self.types_summary(&want, sig.variadic, false))),
        ];
        self.report(codes::WRONG_ARG_COUNT, parts);
        None
    }

    /// `(t1, t2, …)`, as "have" and "want" lines print types.
    pub(crate) fn types_summary(&self, list: &[TypeId], variadic: bool, dots: bool) -> String {
        let mut texts = Vec::new();
        for (i, &t) in list.iter().enumerate() {
            let mut text = match self.s.ty(t) {
                _ if !self.s.is_valid(t) => "unknown type".to_string(),
                _ if self.s.is_untyped_numeric(t) => "number".to_string(),
                Type::Basic(k) if k.is_untyped() => k.name().replace("untyped ", ""),
                _ => self.ts(t),
            };
            if i + 1 == list.len() {
                if variadic {
                    if let Type::Slice(elem) = self.s.ty(t) {
                        text = self.ts(elem);
                    }
                    text = format!("...{text}");
                } else if dots {
                    text.push_str("...");
                }
            }
            texts.push(text);
        }
        format!("({})", texts.join(", "))
    }

    /// Arguments of `append` that follow the slice, matched with `...elem`.
    pub(crate) fn append_arguments(&mut self, call: Call<'a>, slice: TypeId, elem: TypeId, args: &mut [Operand]) {
        let param = |c: &mut Self, t| c.s.new_var(VarKind::Param, itab_syntax::Name::EMPTY, Pos::NONE, None, Some(t));
        let rest = self.s.new_slice(elem);
        let params = [param(self, slice), param(self, rest)];
        let result = param(self, slice);
        let sig = Signature {
            params: self.s.new_obj_list(&params),
            results: self.s.new_obj_list(&[result]),
            variadic: true,
            ..Signature::default()
        };
        let sig = self.s.new_signature(sig);
        self.arguments(call, sig, TypeArgs::default(), args, &[]);
    }
}
