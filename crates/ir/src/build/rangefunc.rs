//! `for range` over functions: the loop's body becomes a closure that is passed to the function.
//!
//! A variable `state` says whether the body may be called. It is `READY` between iterations, `PANIC` while the body
//! runs, `DONE` once the body has left the loop, and `EXHAUSTED` after the whole call. A call at the wrong time panics
//! with a text for each state (the runtime's `panicrangestate`). A statement that leaves the loop, such as `break` or
//! `return`, stores a code in `next`; the code after the call turns it into the jump or return that was meant.

use super::range::Range;
use super::scan::{Node, walk_list};
use super::{Builder, Level, Returns, VarKey};
use crate::func::ValueId;
use crate::op::{Callee, Op, Storage, Term};
use crate::program::FuncKind;
use crate::ty::{Ty, TyId};
use crate::world::{BOOL, INT, Res};
use itab_syntax::{Branch, ExprKind, List, StmtId, StmtKind};
use itab_types::{ObjId, VarKind};

const DONE: i64 = 0;
const READY: i64 = 1;
const PANIC: i64 = 2;
const EXHAUSTED: i64 = 3;
const MISSING_PANIC: i64 = 4;

/// Codes in `next`: the loop ended by itself, a return with and without values; jumps from 1 on.
const NOTHING: i64 = 0;
const RETURN: i64 = -1;
const RETURN_BARE: i64 = -2;

/// What the body of a range-over-func loop knows of it.
#[derive(Clone, Debug)]
pub(crate) struct RangeBody {
    stmt: StmtId,
    state: VarKey,
    next: VarKey,
    results: Vec<VarKey>,
    exits: Vec<(Branch, StmtId)>,
}

impl Builder<'_> {
    /// Notes the variables that bodies of range-over-func loops in a list share with the code around them.
    pub fn find_shared(&mut self, list: List<StmtId>) -> Res<()> {
        for s in self.func_loops(list)? {
            let StmtKind::RangeStmt { body, lhs, .. } = self.code.tree[s].kind else { continue };
            let mut names = vec![];
            walk_list(&self.code.tree, body.list, &mut |n| {
                if let Node::Expr(e) = n
                    && let ExprKind::Ident(_) = self.code.tree[e].kind
                {
                    names.push(e);
                }
                true
            });
            names.extend(&self.code.tree[lhs]);
            for e in names {
                let Some(obj) = self.code.info.object_of(e) else { continue };
                let o = self.w.store.obj(obj);
                let outside = o.pos < body.lbrace || o.pos > body.rbrace;
                let local = o.as_var().is_some_and(|v| !matches!(v.kind, VarKind::Package | VarKind::Field));
                if outside && local {
                    self.shared.insert(obj);
                }
            }
        }
        Ok(())
    }

    /// The range statements over functions among a function's own statements.
    fn func_loops(&mut self, list: List<StmtId>) -> Res<Vec<StmtId>> {
        let mut loops = vec![];
        walk_list(&self.code.tree, list, &mut |n| match n {
            Node::Stmt(s) => {
                if matches!(self.code.tree[s].kind, StmtKind::RangeStmt { .. }) {
                    loops.push(s);
                }
                true
            }
            Node::Expr(e) => !matches!(self.code.tree[e].kind, ExprKind::FuncLit { .. }),
        });
        let mut out = vec![];
        for s in loops {
            let StmtKind::RangeStmt { x, .. } = self.code.tree[s].kind else { continue };
            let t = self.type_of(x)?;
            if matches!(self.types().under(t), Ty::Func(_)) {
                out.push(s);
            }
        }
        Ok(out)
    }

    fn has_return(&self, list: List<StmtId>) -> bool {
        let mut found = false;
        walk_list(&self.code.tree, list, &mut |n| match n {
            Node::Stmt(s) => {
                found |= matches!(self.code.tree[s].kind, StmtKind::ReturnStmt { results } if !results.is_empty());
                true
            }
            Node::Expr(e) => !matches!(self.code.tree[e].kind, ExprKind::FuncLit { .. }),
        });
        found
    }

    pub fn range_func(&mut self, r: Range) -> Res<()> {
        let pos = self.f.e.pos;
        let f = self.expr(r.x)?;
        let yield_ty = self.types().sig(self.f.e.ty(f)).params[0];
        let (ready, nothing) = (self.f.e.int(READY), self.f.e.int(NOTHING));
        let state = self.tmp(INT, true, "state", Some(ready));
        let next = self.tmp(INT, true, "next", Some(nothing));
        let mut results = vec![];
        if self.has_return(r.body.list) {
            for (_, ty) in self.result_list() {
                results.push(self.tmp(ty, true, "result", None));
            }
        }
        let facts = RangeBody { stmt: r.stmt, state, next, results, exits: vec![] };
        let (closure, facts) = self.range_closure(&r, yield_ty, facts)?;
        self.f.e.pos = pos;
        self.f.e.call(Callee::Closure(f), vec![closure], None);
        self.after_call(facts)
    }

    fn range_closure(&mut self, r: &Range, yield_ty: TyId, facts: RangeBody) -> Res<(ValueId, RangeBody)> {
        let sig = self.types().sig(yield_ty).clone();
        let name = self.range_name();
        let decl = self.inner_decl(name.clone(), FuncKind::Closure, sig.params.clone(), sig.results.clone());
        let id = self.inner_func(decl)?;
        let results = self.f.results.clone();
        self.enter(id, Level::Closure, name);
        self.f.range_body = true;
        self.f.results = results;
        let state = facts.state;
        self.f.returns = Returns::RangeBody(Box::new(facts));
        self.check_ready(state)?;
        let params = self.f.e.params();
        for (l, &v) in [r.key, r.value].into_iter().zip(&params) {
            self.range_assign(r, l, v)?;
        }
        self.stmts(r.body.list)?;
        self.f.e.pos = r.body.rbrace.0;
        self.range_body_continue()?;
        let returns = std::mem::replace(&mut self.f.returns, Returns::Values);
        let captures = self.leave()?;
        let Returns::RangeBody(facts) = returns else { return self.fail("a range body without its facts") };
        let v = self.closure_value(id, captures, yield_ty, Storage::Heap);
        Ok((v, *facts))
    }

    fn range_name(&mut self) -> String {
        let at = if self.f.range_body { self.outer.iter().rposition(|s| !s.range_body) } else { None };
        let f = match at {
            Some(i) => &mut self.outer[i],
            None => &mut self.f,
        };
        f.range_count += 1;
        format!("{}-range{}", f.name, f.range_count)
    }

    fn set_int(&mut self, key: VarKey, n: i64) -> Res<()> {
        let v = self.f.e.int(n);
        self.write_key(key, v)
    }

    fn int_is(&mut self, v: ValueId, n: i64) -> ValueId {
        let n = self.f.e.int(n);
        self.f.e.op(BOOL, Op::Equal(v, n))
    }

    fn panic_state(&mut self, v: ValueId) -> Res<()> {
        self.call_linked("runtime.panicrangestate", vec![v])?;
        self.f.e.term(Term::Unreachable);
        Ok(())
    }

    /// The start of the body: it may be called only between iterations.
    fn check_ready(&mut self, state: VarKey) -> Res<()> {
        let s = self.read_key(state)?;
        let ok = self.int_is(s, READY);
        let (bad, good) = (self.f.e.block(), self.f.e.block());
        self.f.e.cold(bad);
        self.f.e.branch(ok, good, bad);
        self.f.e.switch_to(bad);
        self.panic_state(s)?;
        self.f.e.switch_to(good);
        self.set_int(state, PANIC)
    }

    fn range_facts(&self) -> Res<RangeBody> {
        match &self.f.returns {
            Returns::RangeBody(b) => Ok((**b).clone()),
            _ => self.fail("a jump out of a function"),
        }
    }

    /// The end of an iteration.
    pub fn range_body_continue(&mut self) -> Res<()> {
        let facts = self.range_facts()?;
        self.set_int(facts.state, READY)?;
        let yes = self.f.e.bool(true);
        self.f.e.term(Term::Return(vec![yes]));
        Ok(())
    }

    fn range_body_stop(&mut self, code: i64) -> Res<()> {
        let facts = self.range_facts()?;
        if code != NOTHING {
            self.set_int(facts.next, code)?;
        }
        self.set_int(facts.state, DONE)?;
        let no = self.f.e.bool(false);
        self.f.e.term(Term::Return(vec![no]));
        Ok(())
    }

    /// Whether a label stands in the body that is being built.
    pub fn is_own_label(&self, target: StmtId) -> bool {
        let Returns::RangeBody(facts) = &self.f.returns else { return true };
        let StmtKind::RangeStmt { body, .. } = self.code.tree[facts.stmt].kind else { return true };
        let pos = self.code.tree[target].pos;
        pos > body.lbrace && pos < body.rbrace
    }

    /// `break`, `continue` or `goto` that leaves the body.
    pub fn leave_range_body(&mut self, tok: Branch, target: StmtId) -> Res<()> {
        let facts = self.range_facts()?;
        if target == facts.stmt {
            return match tok {
                Branch::Continue => self.range_body_continue(),
                _ => self.range_body_stop(NOTHING),
            };
        }
        let at = match facts.exits.iter().position(|&e| e == (tok, target)) {
            Some(i) => i,
            None => {
                if let Returns::RangeBody(b) = &mut self.f.returns {
                    b.exits.push((tok, target));
                }
                facts.exits.len()
            }
        };
        self.range_body_stop(at as i64 + 1)
    }

    /// `return` inside the body.
    pub fn return_from_range_body(&mut self, vals: Option<Vec<ValueId>>, results: &[(Option<ObjId>, TyId)]) -> Res<()> {
        let facts = self.range_facts()?;
        match vals {
            Some(vals) if !results.is_empty() => {
                for (&key, v) in facts.results.iter().zip(vals) {
                    self.write_key(key, v)?;
                }
                self.range_body_stop(RETURN)
            }
            _ => self.range_body_stop(RETURN_BARE),
        }
    }

    /// What follows the call of the function.
    fn after_call(&mut self, facts: RangeBody) -> Res<()> {
        let s = self.read_key(facts.state)?;
        let missing = self.int_is(s, PANIC);
        let (bad, good) = (self.f.e.block(), self.f.e.block());
        self.f.e.cold(bad);
        self.f.e.branch(missing, bad, good);
        self.f.e.switch_to(bad);
        let code = self.f.e.int(MISSING_PANIC);
        self.panic_state(code)?;
        self.f.e.switch_to(good);
        self.set_int(facts.state, EXHAUSTED)?;
        let next = self.read_key(facts.next)?;
        let done = self.f.e.block();
        let mut cases = vec![];
        let (ret, bare) = (self.f.e.block(), self.f.e.block());
        cases.push((RETURN_BARE, bare));
        if !facts.results.is_empty() {
            cases.push((RETURN, ret));
        }
        let jumps: Vec<_> = facts.exits.iter().map(|_| self.f.e.block()).collect();
        cases.extend(jumps.iter().enumerate().map(|(i, &b)| (i as i64 + 1, b)));
        self.f.e.term(Term::Switch { value: next, cases, default: done });
        if !facts.results.is_empty() {
            self.f.e.switch_to(ret);
            let mut vals = vec![];
            for &key in &facts.results {
                vals.push(self.read_key(key)?);
            }
            self.return_given(vals)?;
        }
        self.f.e.switch_to(bare);
        self.return_bare()?;
        for ((tok, target), b) in facts.exits.into_iter().zip(jumps) {
            self.f.e.switch_to(b);
            self.branch_to(tok, target)?;
        }
        self.f.e.switch_to(done);
        Ok(())
    }

    /// A bare return, where the function can have one.
    fn return_bare(&mut self) -> Res<()> {
        let results = self.result_list();
        if results.iter().all(|r| r.0.is_none()) && !results.is_empty() {
            self.f.e.term(Term::Unreachable);
            return Ok(());
        }
        self.return_stmt(&[])
    }
}
