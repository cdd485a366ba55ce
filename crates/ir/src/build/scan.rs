//! Walks over the syntax of a body, for what must be known before it is built.

use itab_syntax::{Block, ExprId, ExprKind, List, SpecKind, StmtId, StmtKind, Tree};

/// What a function's own statements hold, without those of function literals inside it.
#[derive(Default)]
pub(crate) struct Facts {
    pub has_defer: bool,
    pub has_range: bool,
}

/// A node met on a walk.
pub(crate) enum Node {
    Stmt(StmtId),
    Expr(ExprId),
}

/// Looks through a body.
pub(crate) fn scan_body(tree: &Tree, list: List<StmtId>) -> Facts {
    let mut facts = Facts::default();
    walk_list(tree, list, &mut |n| {
        match n {
            Node::Stmt(s) => match tree[s].kind {
                StmtKind::DeferStmt { .. } => facts.has_defer = true,
                StmtKind::RangeStmt { .. } => facts.has_range = true,
                _ => {}
            },
            Node::Expr(e) => return !matches!(tree[e].kind, ExprKind::FuncLit { .. }),
        }
        true
    });
    facts
}

/// Calls `f` for all statements and expressions of a list, outer ones first; what `f` refuses is not entered.
pub(crate) fn walk_list(tree: &Tree, list: List<StmtId>, f: &mut dyn FnMut(Node) -> bool) {
    for &s in &tree[list] {
        walk_stmt(tree, s, f);
    }
}

fn walk_block(tree: &Tree, b: Block, f: &mut dyn FnMut(Node) -> bool) {
    walk_list(tree, b.list, f);
}

fn opt_stmt(tree: &Tree, s: Option<StmtId>, f: &mut dyn FnMut(Node) -> bool) {
    if let Some(s) = s {
        walk_stmt(tree, s, f);
    }
}

fn opt_expr(tree: &Tree, e: Option<ExprId>, f: &mut dyn FnMut(Node) -> bool) {
    if let Some(e) = e {
        walk_expr(tree, e, f);
    }
}

fn walk_exprs(tree: &Tree, list: List<ExprId>, f: &mut dyn FnMut(Node) -> bool) {
    for &e in &tree[list] {
        walk_expr(tree, e, f);
    }
}

/// The same for one statement.
pub(crate) fn walk_stmt(tree: &Tree, s: StmtId, f: &mut dyn FnMut(Node) -> bool) {
    if !f(Node::Stmt(s)) {
        return;
    }
    match tree[s].kind {
        StmtKind::BadStmt | StmtKind::EmptyStmt | StmtKind::BranchStmt { .. } => {}
        StmtKind::DeclStmt(d) => {
            for spec in d.specs.ids() {
                if let SpecKind::VarSpec(v) = tree[spec].kind {
                    walk_exprs(tree, v.values, f);
                }
            }
        }
        StmtKind::LabeledStmt { stmt, .. } => walk_stmt(tree, stmt, f),
        StmtKind::ExprStmt(e) | StmtKind::IncDecStmt { x: e, .. } => walk_expr(tree, e, f),
        StmtKind::GoStmt { call } | StmtKind::DeferStmt { call } => walk_expr(tree, call, f),
        StmtKind::SendStmt { chan, value, .. } => {
            walk_expr(tree, chan, f);
            walk_expr(tree, value, f);
        }
        StmtKind::AssignStmt { lhs, rhs, .. } => {
            walk_exprs(tree, lhs, f);
            walk_exprs(tree, rhs, f);
        }
        StmtKind::ReturnStmt { results } => walk_exprs(tree, results, f),
        StmtKind::BlockStmt(b) => walk_block(tree, b, f),
        StmtKind::IfStmt { init, cond, body, els } => {
            opt_stmt(tree, init, f);
            walk_expr(tree, cond, f);
            walk_block(tree, body, f);
            opt_stmt(tree, els, f);
        }
        StmtKind::SwitchStmt { init, tag, body } => {
            opt_stmt(tree, init, f);
            opt_expr(tree, tag, f);
            walk_block(tree, body, f);
        }
        StmtKind::TypeSwitchStmt { init, guard, body, .. } => {
            opt_stmt(tree, init, f);
            walk_expr(tree, guard, f);
            walk_block(tree, body, f);
        }
        StmtKind::CaseClause { exprs, body, .. } => {
            walk_exprs(tree, exprs, f);
            walk_list(tree, body, f);
        }
        StmtKind::SelectStmt { body } => walk_block(tree, body, f),
        StmtKind::CommClause { comm, body, .. } => {
            opt_stmt(tree, comm, f);
            walk_list(tree, body, f);
        }
        StmtKind::ForStmt { init, cond, post, body } => {
            opt_stmt(tree, init, f);
            opt_expr(tree, cond, f);
            opt_stmt(tree, post, f);
            walk_block(tree, body, f);
        }
        StmtKind::RangeStmt { lhs, x, body, .. } => {
            walk_exprs(tree, lhs, f);
            walk_expr(tree, x, f);
            walk_block(tree, body, f);
        }
    }
}

/// The same for one expression.
pub(crate) fn walk_expr(tree: &Tree, e: ExprId, f: &mut dyn FnMut(Node) -> bool) {
    if !f(Node::Expr(e)) {
        return;
    }
    match tree[e].kind {
        ExprKind::FuncLit { body, .. } => walk_block(tree, body, f),
        ExprKind::CompositeLit { elts, .. } => walk_exprs(tree, elts, f),
        ExprKind::ParenExpr { x }
        | ExprKind::SelectorExpr { x, .. }
        | ExprKind::StarExpr { x }
        | ExprKind::UnaryExpr { x, .. }
        | ExprKind::TypeAssertExpr { x, .. } => walk_expr(tree, x, f),
        ExprKind::IndexExpr { x, indices, .. } => {
            walk_expr(tree, x, f);
            walk_exprs(tree, indices, f);
        }
        ExprKind::SliceExpr { x, low, high, max, .. } => {
            walk_expr(tree, x, f);
            [low, high, max].into_iter().for_each(|e| opt_expr(tree, e, f));
        }
        ExprKind::CallExpr { fun, args, .. } => {
            walk_expr(tree, fun, f);
            walk_exprs(tree, args, f);
        }
        ExprKind::BinaryExpr { x, y, .. } => {
            walk_expr(tree, x, f);
            walk_expr(tree, y, f);
        }
        ExprKind::KeyValueExpr { key, value, .. } => {
            walk_expr(tree, key, f);
            walk_expr(tree, value, f);
        }
        _ => {}
    }
}
