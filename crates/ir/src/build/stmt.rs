//! Statements.

use super::lvalue::LRef;
use super::{Builder, Jump, Returns, Var, VarKey};
use crate::func::{BlockId, ValueId};
use crate::op::{Op, Storage, Term};
use crate::world::Res;
use itab_syntax::{Block, Branch, ExprId, List, StmtId, StmtKind};
use itab_types::{GoVersion, Mode, ObjId};

impl Builder<'_> {
    pub fn stmts(&mut self, list: List<StmtId>) -> Res<()> {
        let list = self.code.tree[list].to_vec();
        for s in list {
            self.stmt(s)?;
        }
        Ok(())
    }

    pub fn stmt(&mut self, s: StmtId) -> Res<()> {
        self.f.e.pos = self.code.tree[s].pos.0;
        match self.code.tree[s].kind {
            StmtKind::BadStmt => self.fail("a statement that did not parse"),
            StmtKind::EmptyStmt => Ok(()),
            StmtKind::DeclStmt(d) => self.local_decl(d),
            StmtKind::LabeledStmt { stmt, .. } => {
                let b = self.label(s);
                self.f.e.fall_into(b);
                self.stmt(stmt)
            }
            StmtKind::ExprStmt(e) => self.expr_stmt(e),
            StmtKind::SendStmt { chan, value, .. } => self.send(chan, value),
            StmtKind::IncDecStmt { x, inc, .. } => self.inc_dec(x, inc),
            StmtKind::AssignStmt { .. } => self.assign_stmt(s),
            StmtKind::GoStmt { call } => self.go_stmt(call),
            StmtKind::DeferStmt { call } => self.defer_stmt(call),
            StmtKind::ReturnStmt { results } => {
                let results = self.code.tree[results].to_vec();
                self.return_stmt(&results)
            }
            StmtKind::BranchStmt { tok, target, .. } => self.branch_stmt(tok, target),
            StmtKind::BlockStmt(b) => self.stmts(b.list),
            StmtKind::IfStmt { .. } => self.if_stmt(s),
            StmtKind::SwitchStmt { .. } => self.switch_stmt(s),
            StmtKind::TypeSwitchStmt { .. } => self.type_switch(s),
            StmtKind::SelectStmt { .. } => self.select_stmt(s),
            StmtKind::ForStmt { .. } => self.for_stmt(s),
            StmtKind::RangeStmt { .. } => self.range_stmt(s),
            StmtKind::CaseClause { .. } | StmtKind::CommClause { .. } => self.fail("a clause without its statement"),
        }
    }

    fn label(&mut self, s: StmtId) -> BlockId {
        if let Some(&b) = self.f.labels.get(&s) {
            return b;
        }
        let b = self.f.e.block();
        self.f.labels.insert(s, b);
        b
    }

    fn send(&mut self, chan: ExprId, value: ExprId) -> Res<()> {
        let tc = self.type_of(chan)?;
        let elem = self.types().elem(tc);
        let pos = self.f.e.pos;
        // The value is copied first if it has no address.
        self.hoist(chan)?;
        self.hoist_as(value, Some(elem))?;
        if self.mode(value) != Mode::Variable || self.type_of(value)? != elem {
            self.evaluate(value)?;
        }
        let vals = self.operands(&[(chan, None), (value, Some(elem))])?;
        self.f.e.pos = pos;
        self.f.e.stmt(Op::Send(vals[0], vals[1]));
        Ok(())
    }

    fn if_stmt(&mut self, mut s: StmtId) -> Res<()> {
        let done = self.f.e.block();
        while let StmtKind::IfStmt { init, cond, body, els } = self.code.tree[s].kind {
            if let Some(init) = init {
                self.stmt(init)?;
            }
            let (then, other) = (self.f.e.block(), self.f.e.block());
            self.cond(cond, then, other)?;
            self.f.e.switch_to(then);
            self.stmts(body.list)?;
            self.f.e.jump(done);
            self.f.e.switch_to(other);
            match els {
                Some(e) if matches!(self.code.tree[e].kind, StmtKind::IfStmt { .. }) => s = e,
                Some(e) => {
                    self.stmt(e)?;
                    break;
                }
                None => break,
            }
        }
        self.f.e.fall_into(done);
        Ok(())
    }

    // ---- jumps

    pub fn push_jump(&mut self, stmt: StmtId, brk: BlockId, cont: Option<BlockId>) {
        self.f.jumps.push(Jump { stmt, brk, cont, next: None });
    }

    pub fn pop_jump(&mut self) {
        self.f.jumps.pop();
    }

    fn branch_stmt(&mut self, tok: Branch, target: Option<StmtId>) -> Res<()> {
        match (tok, target) {
            // The innermost statement around it is the switch.
            (Branch::Fallthrough, _) => match self.f.jumps.last().and_then(|j| j.next) {
                Some(next) => {
                    self.f.e.jump(next);
                    Ok(())
                }
                None => self.fail("fallthrough outside of a switch"),
            },
            (_, Some(target)) => self.branch_to(tok, target),
            (_, None) => self.fail("a branch without a target"),
        }
    }

    /// Goes where a branch statement leads.
    pub fn branch_to(&mut self, tok: Branch, target: StmtId) -> Res<()> {
        match tok {
            Branch::Goto => {
                if self.f.range_body && !self.is_own_label(target) {
                    return self.leave_range_body(tok, target);
                }
                let b = self.label(target);
                // It may lead back.
                self.f.e.stmt(Op::Preempt);
                self.f.e.jump(b);
                Ok(())
            }
            Branch::Fallthrough => self.fail("fallthrough has no target"),
            Branch::Break | Branch::Continue => {
                let found = self.f.jumps.iter().rev().find(|j| j.stmt == target);
                let to = found.and_then(|j| if tok == Branch::Break { Some(j.brk) } else { j.cont });
                match to {
                    Some(b) => {
                        self.f.e.jump(b);
                        Ok(())
                    }
                    None => self.leave_range_body(tok, target),
                }
            }
        }
    }

    // ---- return

    pub fn return_stmt(&mut self, exprs: &[ExprId]) -> Res<()> {
        let pos = self.f.e.pos;
        let results = self.result_list();
        let vals = match exprs {
            [] => None,
            [one] if results.len() > 1 => {
                let vals = self.several(*one, results.len())?;
                let mut out = vec![];
                for (v, r) in vals.into_iter().zip(&results) {
                    out.push(self.assign_conv(v, r.1)?);
                }
                Some(out)
            }
            many => {
                let list: Vec<_> = many.iter().zip(&results).map(|(&e, r)| (e, Some(r.1))).collect();
                Some(self.values(&list)?)
            }
        };
        self.f.e.pos = pos;
        self.return_with(vals)
    }

    /// Returns values that are evaluated.
    pub fn return_given(&mut self, vals: Vec<ValueId>) -> Res<()> {
        self.return_with(Some(vals))
    }

    fn return_with(&mut self, vals: Option<Vec<ValueId>>) -> Res<()> {
        let results = self.result_list();
        match self.f.returns.clone() {
            Returns::Values => self.return_values(vals, &results),
            Returns::Pointers(ptrs, end) => {
                for (p, v) in ptrs.into_iter().zip(vals.into_iter().flatten()) {
                    self.f.e.store(p, v);
                }
                let Some(frame) = self.frame()? else { return self.fail("a body without a frame") };
                self.f.e.pos = end;
                self.f.e.stmt(Op::DeferReturn(frame));
                self.f.e.term(Term::Return(vec![]));
                Ok(())
            }
            Returns::RangeBody(_) => self.return_from_range_body(vals, &results),
        }
    }

    /// Results of the function that a `return` here leaves.
    pub fn result_list(&self) -> Vec<(Option<ObjId>, crate::ty::TyId)> {
        let mut at = self.outer.len();
        let mut s = &self.f;
        while s.range_body && at > 0 {
            at -= 1;
            s = &self.outer[at];
        }
        s.results.clone()
    }

    fn return_values(&mut self, vals: Option<Vec<ValueId>>, results: &[(Option<ObjId>, crate::ty::TyId)]) -> Res<()> {
        let mut out = vec![];
        for (i, &(obj, ty)) in results.iter().enumerate() {
            let given = vals.as_ref().map(|v| v[i]);
            let var = match obj {
                Some(o) => Some(self.var(VarKey::Obj(o))?),
                None => None,
            };
            out.push(match (given, var) {
                (Some(v), Some(var @ (Var::Mem(_) | Var::CapturedRef(..)))) => {
                    // Closures may still see the result variable.
                    self.write_var(var, v)?;
                    v
                }
                (Some(v), _) => v,
                (None, Some(var)) => self.read_var(var),
                (None, None) => self.f.e.zero(ty),
            });
        }
        self.f.e.term(Term::Return(out));
        Ok(())
    }

    // ---- for

    fn for_stmt(&mut self, s: StmtId) -> Res<()> {
        let StmtKind::ForStmt { init, cond, post, body } = self.code.tree[s].kind else { return self.fail("no for") };
        if let Some(init) = init {
            self.stmt(init)?;
        }
        let fresh = self.fresh_vars(init)?;
        let (head, start, next, done) = (self.f.e.block(), self.f.e.block(), self.f.e.block(), self.f.e.block());
        self.f.e.fall_into(head);
        match cond {
            Some(c) => self.cond(c, start, done)?,
            None => self.f.e.jump(start),
        }
        self.f.e.switch_to(start);
        self.push_jump(s, done, Some(next));
        self.stmts(body.list)?;
        self.pop_jump();
        self.f.e.fall_into(next);
        for &(obj, ty) in &fresh {
            self.renew(obj, ty)?;
        }
        if let Some(post) = post {
            self.stmt(post)?;
        }
        self.f.e.stmt(Op::Preempt);
        self.f.e.jump(head);
        self.f.e.switch_to(done);
        Ok(())
    }

    /// Loop variables that are shared by reference and so must be new in each iteration (since Go 1.22). Their addresses
    /// move into locals.
    fn fresh_vars(&mut self, init: Option<StmtId>) -> Res<Vec<(ObjId, crate::ty::TyId)>> {
        let Some(StmtKind::AssignStmt { lhs, .. }) = init.map(|i| self.code.tree[i].kind) else { return Ok(vec![]) };
        if self.code.version < GoVersion(22) {
            return Ok(vec![]);
        }
        let mut out = vec![];
        let lhs = self.code.tree[lhs].to_vec();
        for l in lhs {
            let Some(obj) = self.declares(l) else { continue };
            let key = VarKey::Obj(obj);
            if let Some(&Var::Mem(p)) = self.f.vars.get(&key) {
                let ptr = self.f.e.ty(p);
                let ty = self.types().elem(ptr);
                let local = self.f.e.local(ptr, "&loopvar");
                self.f.e.set(local, p);
                self.f.vars.insert(key, Var::MemIn(local, ty));
                out.push((obj, ty));
            }
        }
        Ok(out)
    }

    fn renew(&mut self, obj: ObjId, ty: crate::ty::TyId) -> Res<()> {
        let Some(&Var::MemIn(local, _)) = self.f.vars.get(&VarKey::Obj(obj)) else { return Ok(()) };
        let old = self.f.e.get(local);
        let ptr = self.pointer(ty);
        let new = self.f.e.alloc(ptr, ty, Storage::Heap);
        self.f.e.stmt(Op::Copy { dst: new, src: old, ty });
        self.f.e.set(local, new);
        Ok(())
    }

    /// Assigns a value that a statement produces to an expression on its left (range, select).
    pub fn assign_value(&mut self, l: ExprId, define: bool, v: ValueId) -> Res<()> {
        if define {
            if let Some(obj) = self.declares(l) {
                let ty = self.obj_ty(obj)?;
                let v = self.assign_conv(v, ty)?;
                self.declare(obj, Some(v))?;
            }
            return Ok(());
        }
        let to = self.lref(l)?;
        if let LRef::Blank = to {
            return Ok(());
        }
        let ty = self.type_of(l)?;
        let v = self.assign_conv(v, ty)?;
        self.store_ref(&to, v)
    }

    /// A block of statements with its own jumps.
    pub fn loop_body(&mut self, s: StmtId, body: Block, brk: BlockId, cont: BlockId) -> Res<()> {
        self.push_jump(s, brk, Some(cont));
        self.stmts(body.list)?;
        self.pop_jump();
        self.f.e.jump(cont);
        Ok(())
    }
}
