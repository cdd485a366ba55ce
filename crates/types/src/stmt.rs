//! Statements and function bodies.
//!
//! Labels and branch statements are the parser's work; here are types and scopes.

use itab_syntax::{AssignOp, Block, ExprId, ExprKind, Ident, List, Name, Op, Pos, Span, StmtId, StmtKind};
use rustc_hash::FxHashMap;

use crate::check::{Checker, Env};
use crate::constant::{Value, ValueKey, ValueKind};
use crate::errors::codes;
use crate::expr::ExprClass;
use crate::info::Mode;
use crate::object::VarKind;
use crate::operand::Operand;
use crate::range::RangeClause;
use crate::stack::deep;
use crate::{ObjId, ObjKind, TypeId};

/// Constant cases seen so far, by value: where, and of which type.
type SeenValues = FxHashMap<ValueKey, Vec<(Span, TypeId)>>;

impl<'a> Checker<'a> {
    /// Checks the body of a declared function. The current tree is the body's.
    pub(crate) fn func_body(
        &mut self,
        decl: Option<usize>,
        _name: Name,
        sig: TypeId,
        body: Block,
        iota: Option<Value>,
    ) {
        self.body(decl, sig, body, iota, 0);
    }

    /// Checks the body of a function or literal; `lit` is the literal's place plus one.
    pub(crate) fn body(&mut self, decl: Option<usize>, sig: TypeId, body: Block, iota: Option<Value>, lit: u32) {
        let Some(parts) = self.sig_of(sig) else { return };
        let env = Env {
            tree: self.env.tree,
            decl,
            scope: parts.scope.unwrap_or(self.env.scope),
            version: self.env.version,
            iota,
            errpos: Pos::NONE,
            in_tparam_list: false,
            sig: Some(sig),
            lit,
            has_call_or_recv: false,
        };
        let outer = std::mem::replace(&mut self.env, env);
        let locals = self.locals.len();
        self.stmt_list(body.list);
        if !parts.results.is_empty() && !self.is_terminating_body(body) {
            self.error(body.rbrace, codes::MISSING_RETURN, "missing return");
        }
        self.unused_variables(locals);
        self.env = outer;
    }

    /// Reports the variables declared since `from` that nothing uses.
    fn unused_variables(&mut self, from: usize) {
        let mut locals = self.locals.split_off(from);
        locals.sort();
        locals.dedup();
        for v in locals {
            let obj = self.s.obj(v);
            if obj.name != Name::BLANK && !self.s.var(v).used {
                let msg = format!("declared and not used: {}", self.name_of(v));
                self.error(v, codes::UNUSED_VAR, msg);
            }
        }
    }

    fn stmt_list(&mut self, list: List<StmtId>) {
        for &s in &self.tree()[list] {
            self.stmt(s);
        }
    }

    /// A block with a scope of its own.
    pub(crate) fn block(&mut self, b: Block) {
        self.open_scope(b.lbrace);
        self.stmt_list(b.list);
        self.close_scope();
    }

    fn simple_stmt(&mut self, s: Option<StmtId>) {
        if let Some(s) = s {
            self.stmt(s);
        }
    }

    fn stmt(&mut self, s: StmtId) {
        let top = self.delayed_top();
        deep(|| self.stmt_internal(s));
        // Function literals see the scope as it is now.
        self.process_delayed(top);
    }

    fn stmt_internal(&mut self, s: StmtId) {
        let stmt = self.tree()[s];
        match stmt.kind {
            StmtKind::BadStmt | StmtKind::EmptyStmt | StmtKind::BranchStmt { .. } => {}
            StmtKind::DeclStmt(decl) => self.decl_stmt(&decl),
            StmtKind::LabeledStmt { stmt, .. } => self.stmt(stmt),
            StmtKind::ExprStmt(e) => self.expr_stmt(e),
            StmtKind::SendStmt { chan, value, .. } => self.send_stmt(chan, value),
            StmtKind::IncDecStmt { x, inc, .. } => self.inc_dec_stmt(x, inc),
            StmtKind::AssignStmt { lhs, tok_pos, tok, rhs } => self.assign_stmt(s, lhs, tok_pos, tok, rhs),
            StmtKind::GoStmt { call } => self.suspended_call("go", call),
            StmtKind::DeferStmt { call } => self.suspended_call("defer", call),
            StmtKind::ReturnStmt { results } => self.return_stmt(s, results),
            StmtKind::BlockStmt(block) => self.block(block),
            StmtKind::IfStmt { .. } => self.if_stmt(s),
            StmtKind::SwitchStmt { init, tag, body } => {
                self.open_scope(stmt.pos);
                self.simple_stmt(init);
                self.switch_stmt(tag, body);
                self.close_scope();
            }
            StmtKind::TypeSwitchStmt { init, lhs, guard, body } => {
                self.open_scope(stmt.pos);
                self.simple_stmt(init);
                self.type_switch_stmt(lhs, guard, body);
                self.close_scope();
            }
            StmtKind::SelectStmt { body } => self.select_stmt(body),
            StmtKind::ForStmt { init, cond, post, body } => {
                self.open_scope(stmt.pos);
                self.simple_stmt(init);
                if let Some(cond) = cond {
                    self.condition(cond, "for");
                }
                self.post_stmt(init, post);
                if let Some(post) = post.filter(|&p| self.is_define(p))
                    && let StmtKind::AssignStmt { lhs, .. } = self.tree()[post].kind
                {
                    // The parser has reported it.
                    self.use_exprs(&self.tree()[lhs]);
                }
                self.block(body);
                self.close_scope();
            }
            StmtKind::RangeStmt { lhs, define, x, body, .. } => {
                self.range_stmt(s, RangeClause { lhs, define, x, body });
            }
            StmtKind::CaseClause { .. } | StmtKind::CommClause { .. } => {
                self.error(stmt.pos, codes::INVALID_SYNTAX_TREE, "invalid statement");
            }
        }
    }

    /// The statement after each iteration. Since Go 1.22 it changes a variable that no function literal has captured
    /// yet, so that its assignments do not count when it holds no literal itself.
    fn post_stmt(&mut self, init: Option<StmtId>, post: Option<StmtId>) {
        let plain = |c: &Self, e: &ExprId| matches!(c.kind(*e), ExprKind::BasicLit { .. } | ExprKind::Ident(_));
        let is_plain = match post.map(|p| self.tree()[p].kind) {
            Some(StmtKind::IncDecStmt { x, .. }) => plain(self, &x),
            Some(StmtKind::AssignStmt { lhs, rhs, .. }) => {
                let exprs = [&self.tree()[lhs], &self.tree()[rhs]].concat();
                exprs.iter().all(|e| plain(self, e))
            }
            _ => false,
        };
        let mut vars = vec![];
        if is_plain
            && self.allow_version(22)
            && let Some(StmtKind::AssignStmt { lhs, .. }) =
                init.filter(|&i| self.is_define(i)).map(|i| self.tree()[i].kind)
        {
            let idents = self.tree()[lhs].to_vec();
            for e in idents {
                let Some(o) = self.info().object_of(e) else { continue };
                if self.s.obj(o).pos == self.tree()[e].pos && matches!(self.s.obj(o).kind, ObjKind::Var(_)) {
                    vars.push((o, self.s.var(o).reassigned));
                }
            }
        }
        self.simple_stmt(post);
        for (o, before) in vars {
            self.s.var_mut(o).reassigned = before;
        }
    }

    // Simple statements.

    fn expr_stmt(&mut self, e: ExprId) {
        let mut x = Operand::default();
        let class = self.raw_expr(None, &mut x, e, None, false);
        let (code, what) = match x.mode {
            Mode::Builtin => (codes::UNCALLED_BUILTIN, "must be called"),
            Mode::TypExpr => (codes::NOT_AN_EXPR, "is not an expression"),
            _ if class == ExprClass::Statement => return,
            _ => (codes::UNUSED_EXPR, "is not used"),
        };
        let msg = format!("{} {what}", self.os(&x));
        self.error(&x, code, msg);
    }

    fn send_stmt(&mut self, chan: ExprId, value: ExprId) {
        let (mut ch, mut val) = (Operand::default(), Operand::default());
        self.expr(None, &mut ch, chan);
        self.generic_expr(&mut val, value, None);
        if !ch.is_valid() || !val.is_valid() {
            return;
        }
        if let Some(elem) = self.chan_elem(&ch, false, chan) {
            self.assignment(&mut val, Some(elem), "send");
        }
    }

    fn inc_dec_stmt(&mut self, e: ExprId, inc: bool) {
        let mut x = Operand::default();
        self.expr(None, &mut x, e);
        if !x.is_valid() {
            return;
        }
        if !self.s.all_numeric(x.typ) {
            let op = if inc { "++" } else { "--" };
            let msg = format!("invalid operation: {}{op} (non-numeric type {})", self.es(e), self.ts(x.typ));
            self.error(e, codes::NON_NUMERIC_INC_DEC, msg);
            return;
        }
        self.assign_operand(e, &mut x, "assignment");
    }

    fn assign_stmt(&mut self, s: StmtId, lhs: List<ExprId>, tok_pos: Pos, tok: AssignOp, rhs: List<ExprId>) {
        let tree = self.tree();
        let (lhs, rhs) = (&tree[lhs], &tree[rhs]);
        match tok {
            AssignOp::Assign => self.assign_vars(lhs, rhs),
            AssignOp::Define => self.short_var_decl(tok_pos, lhs, rhs),
            AssignOp::Op(op) => {
                let (&[l], &[r]) = (lhs, rhs) else {
                    let msg = format!("assignment operation {op}= requires single-valued expressions");
                    self.error(tree[s].pos, codes::MULTI_VAL_ASSIGN_OP, msg);
                    return;
                };
                let mut x = Operand::default();
                self.binary_assign(&mut x, l, r, op);
                self.assign_operand(l, &mut x, "assignment");
            }
        }
    }

    /// A call in a go or defer statement.
    fn suspended_call(&mut self, keyword: &str, call: ExprId) {
        let code = if keyword == "go" { codes::INVALID_GO } else { codes::INVALID_DEFER };
        // The parser has reported parentheses.
        let call = self.tree().unparen(call);
        if !matches!(self.kind(call), ExprKind::CallExpr { .. }) {
            let msg = format!("expression in {keyword} must be function call");
            self.error(call, code, msg);
            self.use_exprs(&[call]);
            return;
        }
        let mut x = Operand::default();
        let (code, what) = match self.raw_expr(None, &mut x, call, None, false) {
            ExprClass::Conversion => (code, "requires function call, not conversion"),
            ExprClass::Expression => (codes::UNUSED_RESULTS, "discards result of"),
            ExprClass::Statement => return,
        };
        let msg = format!("{keyword} {what} {}", self.os(&x));
        self.error(&x, code, msg);
    }

    fn return_stmt(&mut self, s: StmtId, results: List<ExprId>) {
        let Some(sig) = self.env.sig.and_then(|t| self.sig_of(t)) else { return };
        let vars = self.s.objs(sig.results).to_vec();
        let results = &self.tree()[results];
        let named = vars.first().is_some_and(|&v| self.s.obj(v).name != Name::EMPTY);
        if !results.is_empty() || !named {
            if named {
                for &v in &vars {
                    self.s.var_mut(v).reassigned = true;
                }
            }
            if results.is_empty() && vars.is_empty() {
                return;
            }
            if vars.is_empty() {
                self.surplus_results(results);
                return;
            }
            self.init_vars(&vars, results, Some(s));
            return;
        }
        for &v in &vars {
            let name = self.s.obj(v).name;
            if name == Name::BLANK {
                continue;
            }
            if let Some(alt) = self.lookup(name).filter(|&alt| alt != v) {
                let text = self.text(name);
                let mut what = format!("{} {text}", self.object_word(alt));
                if let Some(t) = self.s.obj(alt).typ {
                    what = format!("{what} {}", self.ts(t));
                }
                let parts = vec![
                    (self.tree().stmt_span(s), format!("result parameter {text} not in scope at return")),
                    (Span::at(self.s.obj(alt).pos), format!("inner declaration of {what}")),
                ];
                self.report(codes::OUT_OF_SCOPE_RESULT, parts);
            }
        }
    }

    /// The keyword that declares an object.
    fn object_word(&self, o: ObjId) -> &'static str {
        match &self.s.obj(o).kind {
            crate::ObjKind::Const(_) => "const",
            crate::ObjKind::TypeName => "type",
            crate::ObjKind::Func(_) => "func",
            crate::ObjKind::Label { .. } => "label",
            _ => "var",
        }
    }

    /// `return x` in a function without results.
    fn surplus_results(&mut self, results: &[ExprId]) {
        if !self.use_exprs(results) {
            return;
        }
        let values = self.expr_list(results);
        if values.iter().any(|v| !v.is_valid()) {
            return;
        }
        let have: Vec<_> = values.iter().map(|v| v.typ).collect();
        let parts = vec![
            (self.tree().span(results[0]), "too many return values".to_string()),
            (Span::default(), format!("have {}", self.types_summary(&have, false, false))),
            (Span::default(), "want ()".to_string()),
        ];
        self.report(codes::WRONG_RESULT_COUNT, parts);
    }

    // Compound statements.

    fn condition(&mut self, cond: ExprId, what: &str) {
        let mut x = Operand::default();
        self.expr(None, &mut x, cond);
        if x.is_valid() && !self.s.all_boolean(x.typ) {
            let msg = format!("non-boolean condition in {what} statement");
            self.error(cond, codes::INVALID_COND, msg);
        }
    }

    /// An if statement; a chain of else-ifs is walked in a loop.
    fn if_stmt(&mut self, s: StmtId) {
        let scope = self.env.scope;
        let mut s = s;
        while let StmtKind::IfStmt { init, cond, body, els } = self.tree()[s].kind {
            // Without an initial statement there is nothing that the scope could hold.
            if init.is_some() {
                self.open_scope(self.tree()[s].pos);
            }
            let top = self.delayed_top();
            self.simple_stmt(init);
            self.condition(cond, "if");
            self.process_delayed(top);
            self.block(body);
            match els {
                Some(els) => s = els,
                None => break,
            }
        }
        if !matches!(self.tree()[s].kind, StmtKind::IfStmt { .. }) {
            self.stmt(s);
        }
        self.env.scope = scope;
    }

    fn multiple_defaults(&mut self, body: Block) {
        let mut first: Option<Pos> = None;
        for &c in &self.tree()[body.list] {
            let clause = self.tree()[c];
            let is_default = match clause.kind {
                StmtKind::CaseClause { is_default, .. } => is_default,
                StmtKind::CommClause { comm, .. } => comm.is_none(),
                _ => false,
            };
            if !is_default {
                continue;
            }
            match first {
                Some(at) => {
                    let msg = format!("multiple defaults (first at {})", self.position(at));
                    self.error(clause.pos, codes::DUPLICATE_DEFAULT, msg);
                }
                None => first = Some(clause.pos),
            }
        }
    }

    fn switch_stmt(&mut self, tag: Option<ExprId>, body: Block) {
        let mut x = Operand::default();
        if let Some(tag) = tag {
            self.expr(None, &mut x, tag);
            self.assignment(&mut x, None, "switch expression");
            if x.is_valid() && !self.s.comparable(x.typ) && !self.s.has_nil(x.typ) {
                let msg = format!("cannot switch on {} ({} is not comparable)", self.os(&x), self.ts(x.typ));
                self.error(&x, codes::INVALID_EXPR_SWITCH, msg);
                x.invalidate();
            }
        } else {
            x.set_const(TypeId::BOOL, Value::Bool(true));
            x.desc = Some("true".into());
        }
        self.multiple_defaults(body);
        let mut seen = SeenValues::default();
        for &c in &self.tree()[body.list] {
            let StmtKind::CaseClause { exprs, body, .. } = self.tree()[c].kind else { continue };
            let top = self.delayed_top();
            self.case_values(&x, exprs, &mut seen);
            self.process_delayed(top);
            self.open_scope(self.tree()[c].pos);
            self.stmt_list(body);
            self.close_scope();
        }
    }

    fn case_values(&mut self, x: &Operand, values: List<ExprId>, seen: &mut SeenValues) {
        for &e in &self.tree()[values] {
            let mut v = Operand::default();
            self.expr(None, &mut v, e);
            if !x.is_valid() || !v.is_valid() {
                continue;
            }
            self.convert_untyped(&mut v, x.typ);
            if !v.is_valid() {
                continue;
            }
            let mut result = v.clone();
            self.comparison(&mut result, x, Op::Eql, true);
            if !result.is_valid() || !v.is_const() {
                continue;
            }
            // Like other compilers, gc does not care for duplicates among booleans and complex numbers.
            if !matches!(v.val.kind(), ValueKind::Int | ValueKind::Float | ValueKind::String) {
                continue;
            }
            let Some(key) = v.val.key() else { continue };
            let span = self.span_of(&v);
            let previous_span = v.expr.map_or(span, |e| Span::at(self.node_pos(e)));
            let same = seen.entry(key).or_default();
            match same.iter().find(|(_, t)| self.s.identical(v.typ, *t)) {
                Some(&(previous, _)) => {
                    let msg = format!("duplicate case {} in expression switch", self.os(&v));
                    self.report(codes::DUPLICATE_CASE, vec![(span, msg), (previous, "previous case".into())]);
                }
                None => same.push((previous_span, v.typ)),
            }
        }
    }

    fn type_switch_stmt(&mut self, lhs: Option<Ident>, guard: ExprId, body: Block) {
        let mut lhs = lhs;
        if let Some(id) = lhs.filter(|id| id.name == Name::BLANK) {
            self.error(id, codes::NO_NEW_VAR, "no new variable on left side of :=");
            lhs = None;
        }
        let operand = match self.kind(guard) {
            ExprKind::TypeAssertExpr { x, .. } => x,
            _ => guard,
        };
        let mut x = Operand::default();
        let top = self.delayed_top();
        self.expr(None, &mut x, operand);
        self.process_delayed(top);
        if x.is_valid() {
            if self.s.is_type_param(x.typ) {
                let msg = format!("cannot use type switch on type parameter value {}", self.os(&x));
                self.error(&x, codes::INVALID_TYPE_SWITCH, msg);
                x.invalidate();
            } else if !self.s.is_interface(x.typ) {
                let msg = format!("{} is not an interface", self.os(&x));
                self.error(&x, codes::INVALID_TYPE_SWITCH, msg);
                x.invalidate();
            }
        }
        self.multiple_defaults(body);
        let mut vars = Vec::new();
        let mut seen: Vec<(Option<TypeId>, ExprId)> = Vec::new();
        for &c in &self.tree()[body.list] {
            let StmtKind::CaseClause { exprs, body, .. } = self.tree()[c].kind else { continue };
            let typ = self.case_types(&x, exprs, &mut seen);
            self.open_scope(self.tree()[c].pos);
            if let Some(id) = lhs {
                let v = self.s.new_var(VarKind::Local, id.name, id.pos, Some(self.pkg), Some(typ));
                self.own(v);
                self.s.insert(self.env.scope, v);
                self.info().implicits.insert(c, v);
                vars.push(v);
            }
            self.stmt_list(body);
            self.close_scope();
        }
        // The variables of all clauses are one as far as being used goes.
        if let Some(id) = lhs {
            if !vars.iter().any(|&v| self.s.var(v).used) {
                let msg = format!("{} declared and not used", self.text(id.name));
                self.error(id, codes::UNUSED_VAR, msg);
            }
            for v in vars {
                self.s.var_mut(v).used = true;
            }
        }
    }

    /// Checks the types of a clause; the result is the type of the variable that the switch declares
    /// there.
    fn case_types(&mut self, x: &Operand, types: List<ExprId>, seen: &mut Vec<(Option<TypeId>, ExprId)>) -> TypeId {
        let types = &self.tree()[types];
        let mut last = None;
        for &e in types {
            let t = if self.is_nil_ident(e) {
                let mut nil = Operand::default();
                self.expr(None, &mut nil, e);
                None
            } else {
                Some(self.var_type(e))
            };
            last = t;
            if t.is_some_and(|t| !self.s.is_valid(t)) {
                continue;
            }
            let same = seen.iter().find(|(other, _)| match (t, *other) {
                (Some(t), Some(o)) => self.s.identical(t, o),
                (t, o) => t.is_none() && o.is_none(),
            });
            if let Some(&(_, previous)) = same {
                let text = t.map_or("nil".to_string(), |t| self.ts(t));
                let parts = vec![
                    (self.span_of(e), format!("duplicate case {text} in type switch")),
                    (self.span_of(previous), "previous case".into()),
                ];
                self.report(codes::DUPLICATE_CASE, parts);
                continue;
            }
            seen.push((t, e));
            if let Some(t) = t.filter(|_| x.is_valid()) {
                self.type_assertion(e, x, t, true);
            }
        }
        match (types.len(), last) {
            (1, Some(t)) => t,
            _ if x.is_valid() => x.typ,
            _ => TypeId::INVALID,
        }
    }

    /// Whether an expression is `nil` itself, possibly in parentheses.
    fn is_nil_ident(&self, e: ExprId) -> bool {
        match self.kind(self.tree().unparen(e)) {
            ExprKind::Ident(name) => {
                self.lookup(name).is_some_and(|o| matches!(self.s.obj(o).kind, crate::ObjKind::Nil))
            }
            _ => false,
        }
    }

    fn select_stmt(&mut self, body: Block) {
        self.multiple_defaults(body);
        for &c in &self.tree()[body.list] {
            let StmtKind::CommClause { comm, body, .. } = self.tree()[c].kind else { continue };
            if let Some(comm) = comm
                && !self.is_comm(comm)
            {
                let msg = "select case must be send or receive (possibly with assignment)";
                let mut span = self.tree().stmt_span(comm);
                if let StmtKind::ExprStmt(e) = self.tree()[comm].kind {
                    span.start = self.node_pos(e);
                }
                self.report(codes::INVALID_SELECT_CASE, vec![(span, msg.into())]);
                continue;
            }
            self.open_scope(self.tree()[c].pos);
            self.simple_stmt(comm);
            self.stmt_list(body);
            self.close_scope();
        }
    }

    /// Whether a statement is a send, or a receive whose value may be assigned.
    fn is_comm(&self, s: StmtId) -> bool {
        let tree = self.tree();
        let rhs = match tree[s].kind {
            StmtKind::SendStmt { .. } => return true,
            StmtKind::AssignStmt { rhs, tok: AssignOp::Assign | AssignOp::Define, .. } if rhs.len() == 1 => {
                tree[rhs][0]
            }
            StmtKind::ExprStmt(e) => e,
            _ => return false,
        };
        matches!(tree[tree.unparen(rhs)].kind, ExprKind::UnaryExpr { op: Op::Arrow, .. })
    }
}
