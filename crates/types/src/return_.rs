//! Terminating statements: whether control can reach the end of a function.
//!
//! The parser has resolved the targets of break statements. What is left to find out is which loops,
//! switches and selects are the target of one.

use itab_syntax::{AssignOp, Block, Branch, ExprKind, List, StmtId, StmtKind};
use rustc_hash::FxHashSet;

use crate::check::Checker;
use crate::stack::deep;

impl<'a> Checker<'a> {
    /// Whether a function body ends in a terminating statement.
    pub(crate) fn is_terminating_body(&self, body: Block) -> bool {
        let mut breaks = FxHashSet::default();
        self.collect_breaks(body.list, &mut breaks);
        self.is_terminating_list(body.list, &breaks)
    }

    /// Adds the targets of all break statements of a list.
    fn collect_breaks(&self, list: List<StmtId>, breaks: &mut FxHashSet<StmtId>) {
        let tree = self.tree();
        let mut work: Vec<StmtId> = tree[list].to_vec();
        while let Some(s) = work.pop() {
            match tree[s].kind {
                StmtKind::BranchStmt { tok: Branch::Break, target, .. } => breaks.extend(target),
                StmtKind::LabeledStmt { stmt, .. } => work.push(stmt),
                StmtKind::BlockStmt(block) => work.extend_from_slice(&tree[block.list]),
                StmtKind::IfStmt { body, els, .. } => {
                    work.extend_from_slice(&tree[body.list]);
                    work.extend(els);
                }
                StmtKind::SwitchStmt { body, .. }
                | StmtKind::TypeSwitchStmt { body, .. }
                | StmtKind::SelectStmt { body }
                | StmtKind::ForStmt { body, .. }
                | StmtKind::RangeStmt { body, .. } => work.extend_from_slice(&tree[body.list]),
                StmtKind::CaseClause { body, .. } | StmtKind::CommClause { body, .. } => {
                    work.extend_from_slice(&tree[body]);
                }
                _ => {}
            }
        }
    }

    fn is_terminating_list(&self, list: List<StmtId>, breaks: &FxHashSet<StmtId>) -> bool {
        let tree = self.tree();
        let last = tree[list].iter().rev().find(|&&s| !matches!(tree[s].kind, StmtKind::EmptyStmt));
        last.is_some_and(|&s| deep(|| self.is_terminating(s, breaks)))
    }

    fn is_terminating(&self, s: StmtId, breaks: &FxHashSet<StmtId>) -> bool {
        let tree = self.tree();
        let mut s = s;
        loop {
            return match tree[s].kind {
                StmtKind::ReturnStmt { .. } => true,
                StmtKind::BranchStmt { tok, .. } => matches!(tok, Branch::Goto | Branch::Fallthrough),
                StmtKind::ExprStmt(e) => {
                    let e = tree.unparen(e);
                    matches!(tree[e].kind, ExprKind::CallExpr { .. }) && self.panics.contains(&(self.env.tree, e))
                }
                StmtKind::LabeledStmt { stmt, .. } => {
                    s = stmt;
                    continue;
                }
                StmtKind::BlockStmt(block) => self.is_terminating_list(block.list, breaks),
                StmtKind::IfStmt { body, els: Some(els), .. } => {
                    if !self.is_terminating_list(body.list, breaks) {
                        return false;
                    }
                    s = els;
                    continue;
                }
                StmtKind::SwitchStmt { body, .. } | StmtKind::TypeSwitchStmt { body, .. } => {
                    let mut has_default = false;
                    let all = tree[body.list].iter().all(|&c| match tree[c].kind {
                        StmtKind::CaseClause { is_default, body, .. } => {
                            has_default |= is_default;
                            self.is_terminating_list(body, breaks)
                        }
                        _ => false,
                    });
                    all && has_default && !breaks.contains(&s)
                }
                StmtKind::SelectStmt { body } => {
                    let all = tree[body.list].iter().all(|&c| match tree[c].kind {
                        StmtKind::CommClause { body, .. } => self.is_terminating_list(body, breaks),
                        _ => false,
                    });
                    all && !breaks.contains(&s)
                }
                StmtKind::ForStmt { cond: None, .. } => !breaks.contains(&s),
                _ => false,
            };
        }
    }

    /// Whether a statement is `lhs := rhs`.
    pub(crate) fn is_define(&self, s: StmtId) -> bool {
        matches!(self.tree()[s].kind, StmtKind::AssignStmt { tok: AssignOp::Define, .. })
    }
}
