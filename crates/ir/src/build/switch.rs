//! `switch` statements over values and over types.

use super::{Builder, Jump, VarKey};
use crate::func::{BlockId, ValueId};
use crate::op::{Op, Term, TypeCase};
use crate::ty::{Basic, TyId};
use crate::world::{BOOL, Res};
use itab_syntax::{ExprId, ExprKind, List, Op as Tok, StmtId, StmtKind};
use itab_types::Mode;
use rustc_hash::FxHashSet;

/// A clause: its statement, its expressions, its statements.
struct Clause {
    stmt: StmtId,
    exprs: Vec<ExprId>,
    body: List<StmtId>,
    is_default: bool,
    block: BlockId,
}

impl Builder<'_> {
    fn clauses(&mut self, list: List<StmtId>) -> Vec<Clause> {
        let mut out = vec![];
        let list = self.code.tree[list].to_vec();
        for s in list {
            if let StmtKind::CaseClause { is_default, exprs, body, .. } = self.code.tree[s].kind {
                let exprs = self.code.tree[exprs].to_vec();
                let block = self.f.e.block();
                out.push(Clause { stmt: s, exprs, body, is_default, block });
            }
        }
        out
    }

    pub fn switch_stmt(&mut self, s: StmtId) -> Res<()> {
        let StmtKind::SwitchStmt { init, tag, body } = self.code.tree[s].kind else { return self.fail("no switch") };
        if let Some(init) = init {
            self.stmt(init)?;
        }
        let tag = match tag {
            Some(t) => {
                if self.all_cases_constant(body.list) {
                    self.borrow(t);
                }
                let v = if self.mode(t) == Mode::NilValue { return self.fail("switch on nil") } else { self.expr(t)? };
                Some((t, v))
            }
            None => None,
        };
        let clauses = self.clauses(body.list);
        let done = self.f.e.block();
        let default = clauses.iter().find(|c| c.is_default).map_or(done, |c| c.block);
        match tag {
            Some((_, v)) if self.is_int_switch(v, &clauses) => self.int_cases(v, &clauses, default)?,
            _ => self.case_chain(tag.map(|t| t.1), &clauses, default)?,
        }
        for (i, c) in clauses.iter().enumerate() {
            self.f.e.switch_to(c.block);
            self.f.jumps.push(Jump { stmt: s, brk: done, cont: None, next: clauses.get(i + 1).map(|c| c.block) });
            self.stmts(c.body)?;
            self.pop_jump();
            self.f.e.jump(done);
        }
        self.f.e.switch_to(done);
        Ok(())
    }

    /// Whether all cases are constants, so that the tag is used up before any other code runs.
    fn all_cases_constant(&self, list: List<StmtId>) -> bool {
        self.code.tree[list].iter().all(|&s| match self.code.tree[s].kind {
            StmtKind::CaseClause { exprs, .. } => {
                self.code.tree[exprs].iter().all(|&e| self.info().value_of(e).is_some())
            }
            _ => true,
        })
    }

    fn is_int_switch(&self, v: ValueId, clauses: &[Clause]) -> bool {
        let integer = self.types().as_basic(self.f.e.ty(v)).is_some_and(Basic::is_integer);
        let count: usize = clauses.iter().map(|c| c.exprs.len()).sum();
        integer && count > 1 && clauses.iter().all(|c| c.exprs.iter().all(|&e| self.info().value_of(e).is_some()))
    }

    fn int_cases(&mut self, v: ValueId, clauses: &[Clause], default: BlockId) -> Res<()> {
        let ty = self.f.e.ty(v);
        let mut seen = FxHashSet::default();
        let mut cases = vec![];
        for c in clauses {
            for &e in &c.exprs {
                let val = self.code.info.value_of(e).cloned().unwrap_or_default();
                match super::constant(self.types(), &val, ty) {
                    // Type arguments may make cases equal.
                    Some(crate::op::Const::Int(n)) => {
                        if seen.insert(n) {
                            cases.push((n, c.block));
                        }
                    }
                    _ => return self.fail("a case that is no integer"),
                }
            }
        }
        self.f.e.term(Term::Switch { value: v, cases, default });
        Ok(())
    }

    fn case_chain(&mut self, tag: Option<ValueId>, clauses: &[Clause], default: BlockId) -> Res<()> {
        for c in clauses {
            for &e in &c.exprs {
                let next = self.f.e.block();
                match tag {
                    None if self.is_iface_expr(e)? => {
                        let yes = self.f.e.bool(true);
                        let hit = self.case_matches(yes, e)?;
                        self.f.e.branch(hit, c.block, next);
                    }
                    None => self.cond(e, c.block, next)?,
                    Some(t) => {
                        let hit = self.case_matches(t, e)?;
                        self.f.e.branch(hit, c.block, next);
                    }
                }
                self.f.e.switch_to(next);
            }
        }
        self.f.e.jump(default);
        Ok(())
    }

    fn is_iface_expr(&mut self, e: ExprId) -> Res<bool> {
        let t = self.type_of(e)?;
        Ok(self.types().is_interface(t))
    }

    fn case_matches(&mut self, tag: ValueId, e: ExprId) -> Res<ValueId> {
        if self.mode(e) == Mode::NilValue {
            return Ok(self.f.e.op(BOOL, Op::IsNil(tag)));
        }
        self.at(e);
        let tt = self.f.e.ty(tag);
        let constant = self.info().value_of(e).is_some() && self.types().as_basic(tt).is_some();
        let v = if constant { self.expr_to(e, tt)? } else { self.expr(e)? };
        self.at(e);
        self.compare_values(Tok::Eql, tag, v, BOOL)
    }

    // ---- type switches

    pub fn type_switch(&mut self, s: StmtId) -> Res<()> {
        let StmtKind::TypeSwitchStmt { init, guard, body, .. } = self.code.tree[s].kind else {
            return self.fail("no type switch");
        };
        if let Some(init) = init {
            self.stmt(init)?;
        }
        let ExprKind::TypeAssertExpr { x, .. } = self.code.tree[self.code.tree.unparen(guard)].kind else {
            return self.fail("a type switch without a guard");
        };
        let x = self.expr(x)?;
        let clauses = self.clauses(body.list);
        let done = self.f.e.block();
        let default = clauses.iter().find(|c| c.is_default).map_or(done, |c| c.block);
        let mut cases: Vec<TypeCase> = vec![];
        // A clause of a single type gives its variable that type; the value comes with the case.
        let mut bound: Vec<Option<ValueId>> = vec![];
        let from = self.f.e.cur;
        for c in &clauses {
            let single = c.exprs.len() == 1;
            let mut value = None;
            for &e in &c.exprs {
                let (case, v) = self.type_case(e, c.block, x, single, from)?;
                value = value.or(v);
                if !cases.iter().any(|k: &TypeCase| k.ty == case.ty) {
                    cases.push(case);
                }
            }
            bound.push(if single { value } else { None });
        }
        self.f.e.switch_to(from);
        self.f.e.term(Term::TypeSwitch { x, cases, default });
        self.push_jump(s, done, None);
        for (c, v) in clauses.iter().zip(bound) {
            self.f.e.switch_to(c.block);
            if let Some(&obj) = self.code.info.implicits.get(&c.stmt) {
                let ty = self.obj_ty(obj)?;
                let v = match v {
                    Some(v) => v,
                    None => x,
                };
                let v = self.assign_conv(v, ty)?;
                self.declare(obj, Some(v))?;
                debug_assert!(self.f.vars.contains_key(&VarKey::Obj(obj)) || !cfg!(debug_assertions));
            }
            self.stmts(c.body)?;
            self.f.e.jump(done);
        }
        self.pop_jump();
        self.f.e.switch_to(done);
        Ok(())
    }

    /// One type of a clause. The block it goes to unboxes the value and passes it on through a local.
    fn type_case(
        &mut self,
        e: ExprId,
        body: BlockId,
        x: ValueId,
        single: bool,
        from: BlockId,
    ) -> Res<(TypeCase, Option<ValueId>)> {
        if self.mode(e) == Mode::NilValue {
            return Ok((TypeCase { ty: None, target: body }, None));
        }
        let ty: TyId = self.type_of(e)?;
        let is_iface = self.types().is_interface(ty);
        let target = if is_iface {
            let (b, params) = self.f.e.block_with(&[ty]);
            self.f.e.switch_to(b);
            let result = if single { Some(params[0]) } else { None };
            self.f.e.jump(body);
            self.f.e.switch_to(from);
            return Ok((TypeCase { ty: Some(ty), target: b }, result));
        } else {
            self.f.e.block()
        };
        self.f.e.switch_to(target);
        let value = if single { Some(self.f.e.op(ty, Op::Unbox(x))) } else { None };
        self.f.e.jump(body);
        self.f.e.switch_to(from);
        Ok((TypeCase { ty: Some(ty), target }, value))
    }
}
