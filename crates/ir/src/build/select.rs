//! `select` statements.

use super::Builder;
use crate::func::ValueId;
use crate::op::{Op, SelectCase, Term};
use crate::world::{BOOL, INT, Res};
use itab_syntax::{AssignOp, ExprId, ExprKind, List, Op as Tok, StmtId, StmtKind};

/// A communication.
struct Comm {
    body: List<StmtId>,
    /// Channel and value of a send; channel of a receive.
    send: Option<(ExprId, ExprId)>,
    recv: Option<ExprId>,
    lhs: Vec<ExprId>,
    define: bool,
}

impl Builder<'_> {
    fn comm(&mut self, s: StmtId) -> Res<Comm> {
        let StmtKind::CommClause { comm, body, .. } = self.code.tree[s].kind else { return self.fail("no clause") };
        let mut c = Comm { body, send: None, recv: None, lhs: vec![], define: false };
        let Some(comm) = comm else { return Ok(c) };
        match self.code.tree[comm].kind {
            StmtKind::SendStmt { chan, value, .. } => c.send = Some((chan, value)),
            StmtKind::ExprStmt(e) => c.recv = Some(self.recv_chan(e)?),
            StmtKind::AssignStmt { lhs, tok, rhs, .. } => {
                c.lhs = self.code.tree[lhs].to_vec();
                c.define = tok == AssignOp::Define;
                let r = self.code.tree[rhs][0];
                c.recv = Some(self.recv_chan(r)?);
            }
            _ => return self.fail("no communication"),
        }
        Ok(c)
    }

    fn recv_chan(&mut self, e: ExprId) -> Res<ExprId> {
        match self.code.tree[self.code.tree.unparen(e)].kind {
            ExprKind::UnaryExpr { op: Tok::Arrow, x } => Ok(x),
            _ => self.fail("no receive"),
        }
    }

    pub fn select_stmt(&mut self, s: StmtId) -> Res<()> {
        let StmtKind::SelectStmt { body } = self.code.tree[s].kind else { return self.fail("no select") };
        let pos = self.f.e.pos;
        let mut comms = vec![];
        let clauses = self.code.tree[body.list].to_vec();
        for c in clauses {
            comms.push(self.comm(c)?);
        }
        let (cases, default) = self.select_operands(&comms)?;
        self.f.e.pos = pos;
        let recvs = cases.iter().filter(|c| c.send.is_none()).map(|c| c.elem);
        let types: Vec<_> = [INT, BOOL].into_iter().chain(recvs).collect();
        let tuple = self.tuple(&types);
        let is_recv: Vec<bool> = cases.iter().map(|c| c.send.is_none()).collect();
        let n = cases.len();
        let t = self.f.e.op(tuple, Op::Select { cases, blocking: default.is_none() });
        let done = self.f.e.block();
        if n == 0 && default.is_none() {
            self.f.e.term(Term::Unreachable);
            self.f.e.switch_to(done);
            return Ok(());
        }
        let chosen = self.f.e.op(INT, Op::Extract(t, 0));
        let blocks: Vec<_> = comms.iter().map(|_| self.f.e.block()).collect();
        let nowhere = self.f.e.block();
        let mut targets = vec![];
        let mut next = 0;
        for (i, &b) in blocks.iter().enumerate() {
            if Some(i) == default {
                targets.push((-1, b));
            } else {
                targets.push((next, b));
                next += 1;
            }
        }
        self.f.e.term(Term::Switch { value: chosen, cases: targets, default: nowhere });
        self.f.e.switch_to(nowhere);
        self.f.e.term(Term::Unreachable);
        self.push_jump(s, done, None);
        let mut case = 0;
        for (i, c) in comms.iter().enumerate() {
            self.f.e.switch_to(blocks[i]);
            if Some(i) != default {
                if is_recv[case] && !c.lhs.is_empty() {
                    let nth = is_recv[..case].iter().filter(|r| **r).count() as u32;
                    self.received(t, 2 + nth, types[2 + nth as usize], c)?;
                }
                case += 1;
            }
            self.stmts(c.body)?;
            self.f.e.jump(done);
        }
        self.pop_jump();
        self.f.e.switch_to(done);
        Ok(())
    }

    /// Channels and values to send, in source order.
    fn select_operands(&mut self, comms: &[Comm]) -> Res<(Vec<SelectCase>, Option<usize>)> {
        let mut default = None;
        let mut list: Vec<(ExprId, Option<crate::ty::TyId>)> = vec![];
        for (i, c) in comms.iter().enumerate() {
            match (c.send, c.recv) {
                (Some((chan, value)), _) => {
                    let tc = self.type_of(chan)?;
                    let elem = self.types().elem(tc);
                    list.push((chan, None));
                    list.push((value, Some(elem)));
                }
                (None, Some(chan)) => list.push((chan, None)),
                (None, None) => default = Some(i),
            }
        }
        // Strictly in order, each copied before the next is evaluated.
        let mut vals = vec![];
        for (e, want) in list {
            vals.push(self.expr_as(e, want)?);
        }
        let mut vals = vals.into_iter();
        let mut cases = vec![];
        for c in comms {
            if c.send.is_none() && c.recv.is_none() {
                continue;
            }
            let Some(chan) = vals.next() else { break };
            let elem = self.types().elem(self.f.e.ty(chan));
            let send = if c.send.is_some() { vals.next() } else { None };
            cases.push(SelectCase { chan, send, elem });
        }
        Ok((cases, default))
    }

    fn received(&mut self, t: ValueId, index: u32, ty: crate::ty::TyId, c: &Comm) -> Res<()> {
        let v = self.f.e.op(ty, Op::Extract(t, index));
        self.assign_value(c.lhs[0], c.define, v)?;
        if let Some(&l) = c.lhs.get(1) {
            let ok = self.f.e.op(BOOL, Op::Extract(t, 1));
            self.assign_value(l, c.define, ok)?;
        }
        Ok(())
    }
}
