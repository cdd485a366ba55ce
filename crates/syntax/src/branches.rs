//! Labels and the statements that jump: break, continue, goto and fallthrough.
//!
//! Runs over one function body that parsed without errors, fills in the targets of branch statements
//! and reports labels that are missing, unused or declared twice, and jumps that lead nowhere, over a
//! variable's declaration or into a block. Function literals have been checked on their own.

use rustc_hash::FxHashMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::names::{Name, Names};
use crate::pos::{LineDirective, Pos, Span};
use crate::printer;
use crate::tree::{AssignOp, Block, Branch, DeclTok, ExprId, Id, Ident, List, SpecKind, StmtId, StmtKind, Tree};

/// Checks the body of a function and sets the targets of its branch statements.
pub(crate) fn check(tree: &mut Tree, names: &Names, lines: &[LineDirective], body: Block) -> Vec<Diagnostic> {
    let mut c = Checker { tree, names, lines, labels: FxHashMap::default(), blocks: Vec::new(), found: Vec::new() };
    let unresolved = c.block(None, Context::default(), None, body.lbrace, body.list);
    for goto in unresolved {
        let Some(label) = c.label_of(goto) else {
            continue;
        };
        let name = c.names.text(label.name);
        let message = match c.labels.get_mut(&label.name) {
            Some(l) => {
                l.used = true;
                let start = c.blocks[l.block].start;
                format!("goto {name} jumps into block starting at {}", c.position(start))
            }
            None => format!("label {name} not defined"),
        };
        c.error(label.pos, message);
    }
    let unused: Vec<Ident> = c.labels.values().filter(|l| !l.used).map(|l| l.ident).collect();
    for label in unused {
        let name = c.names.text(label.name);
        c.error(label.pos, format!("label {name} defined and not used"));
    }
    c.found
}

struct Checker<'a> {
    tree: &'a mut Tree,
    names: &'a Names,
    lines: &'a [LineDirective],
    labels: FxHashMap<Name, Label>,
    blocks: Vec<BlockInfo>,
    found: Vec<Diagnostic>,
}

struct Label {
    ident: Ident,
    /// The labeled statement.
    stmt: StmtId,
    /// Index of the block it is declared in.
    block: usize,
    used: bool,
}

struct BlockInfo {
    parent: Option<usize>,
    start: Pos,
    /// The labeled statement that this is the body of.
    label: Option<StmtId>,
}

/// What encloses a statement.
#[derive(Clone, Copy, Default)]
struct Context {
    breaks: Option<StmtId>,
    continues: Option<StmtId>,
    /// In a clause of a switch: whether it is the last.
    clause: Option<Last>,
}

#[derive(Clone, Copy, PartialEq)]
enum Last {
    Yes,
    No,
}

/// The state of one block's walk.
#[derive(Default)]
struct Walk {
    index: usize,
    /// Gotos that found no label yet.
    forward: Vec<StmtId>,
    /// Those of them that stand before the last variable declaration.
    over: Vec<StmtId>,
    /// The last variable declaration: where, and what it declares.
    var: Option<(Pos, Declared)>,
}

/// What messages name as the variable that a goto jumps over.
#[derive(Clone, Copy)]
enum Declared {
    Var(Name),
    Define(List<ExprId>),
}

impl Walk {
    fn declare_var(&mut self, pos: Pos, declared: Declared) {
        self.var = Some((pos, declared));
        self.over.clone_from(&self.forward);
    }
}

impl Checker<'_> {
    fn error(&mut self, pos: Pos, message: String) {
        self.found.push(Diagnostic::error(Code::BRANCH, Span::at(pos), message));
    }

    fn position(&self, pos: Pos) -> String {
        self.tree.source.position_with(pos, self.lines).to_string()
    }

    fn label_of(&self, branch: StmtId) -> Option<Ident> {
        match self.tree[branch].kind {
            StmtKind::BranchStmt { label, .. } => label,
            _ => None,
        }
    }

    fn set_target(&mut self, branch: StmtId, to: StmtId) {
        if let StmtKind::BranchStmt { target, .. } = &mut self.tree.stmts[branch.index()].kind {
            *target = Some(to);
        }
    }

    /// Walks a block; returns the gotos in it that found no label.
    fn block(
        &mut self,
        parent: Option<usize>,
        cx: Context,
        label: Option<StmtId>,
        start: Pos,
        list: List<StmtId>,
    ) -> Vec<StmtId> {
        let index = self.blocks.len();
        self.blocks.push(BlockInfo { parent, start, label });
        let mut walk = Walk { index, ..Walk::default() };
        let mut range = list.range();
        // A fallthrough counts as last even if empty statements follow.
        while let Some(last) = range.clone().next_back() {
            if !matches!(self.tree[self.tree.stmt_lists[last]].kind, StmtKind::EmptyStmt) {
                break;
            }
            range.end -= 1;
        }
        for at in range.clone() {
            self.stmt(&mut walk, cx, self.tree.stmt_lists[at], at + 1 == range.end);
        }
        walk.forward
    }

    fn stmt(&mut self, walk: &mut Walk, cx: Context, stmt: StmtId, is_last: bool) {
        let (mut stmt, mut label) = (stmt, None);
        while let StmtKind::LabeledStmt { label: name, stmt: inner, .. } = self.tree[stmt].kind {
            if name.name != Name::BLANK {
                self.declare(walk, name, stmt);
                label = Some(stmt);
            }
            stmt = inner;
        }
        let inner = Context { clause: None, ..cx };
        let here = Some(walk.index);
        match self.tree[stmt].kind {
            StmtKind::DeclStmt(decl) if decl.tok == DeclTok::Var => {
                let Some(first) = decl.specs.ids().next() else {
                    return;
                };
                if let SpecKind::VarSpec(v) = self.tree[first].kind {
                    let name = self.tree[v.names].first().map_or(Name::BLANK, |n| n.name);
                    walk.declare_var(self.tree[first].pos, Declared::Var(name));
                }
            }
            StmtKind::AssignStmt { lhs, tok_pos, tok: AssignOp::Define, .. } => {
                walk.declare_var(tok_pos, Declared::Define(lhs));
            }
            StmtKind::BranchStmt { tok, label: None, .. } => self.unlabeled(cx, stmt, tok, is_last),
            StmtKind::BranchStmt { tok, label: Some(name), .. } => self.labeled(walk, stmt, tok, name),
            StmtKind::BlockStmt(b) => walk.forward.extend(self.block(here, inner, label, b.lbrace, b.list)),
            StmtKind::IfStmt { .. } => self.if_chain(walk, inner, label, stmt),
            StmtKind::ForStmt { body, .. } | StmtKind::RangeStmt { body, .. } => {
                let cx = Context { breaks: Some(stmt), continues: Some(stmt), clause: None };
                walk.forward.extend(self.block(here, cx, label, body.lbrace, body.list));
            }
            StmtKind::SwitchStmt { body, .. }
            | StmtKind::TypeSwitchStmt { body, .. }
            | StmtKind::SelectStmt { body } => self.clauses(walk, cx, label, stmt, body),
            _ => {}
        }
    }

    fn if_chain(&mut self, walk: &mut Walk, cx: Context, label: Option<StmtId>, stmt: StmtId) {
        let mut next = Some(stmt);
        while let Some(stmt) = next.take() {
            match self.tree[stmt].kind {
                StmtKind::IfStmt { body, els, .. } => {
                    walk.forward.extend(self.block(Some(walk.index), cx, label, body.lbrace, body.list));
                    next = els;
                }
                StmtKind::BlockStmt(b) => {
                    walk.forward.extend(self.block(Some(walk.index), cx, label, b.lbrace, b.list));
                }
                _ => {}
            }
        }
    }

    fn clauses(&mut self, walk: &mut Walk, cx: Context, label: Option<StmtId>, stmt: StmtId, body: Block) {
        let range = body.list.range();
        for at in range.clone() {
            let clause = self.tree.stmt_lists[at];
            let last = if at + 1 == range.end { Last::Yes } else { Last::No };
            let (list, clause_kind) = match self.tree[clause].kind {
                StmtKind::CaseClause { body, .. } => (body, Some(last)),
                StmtKind::CommClause { body, .. } => (body, None),
                _ => continue,
            };
            let cx = Context { breaks: Some(stmt), continues: cx.continues, clause: clause_kind };
            let start = self.tree[clause].pos;
            walk.forward.extend(self.block(Some(walk.index), cx, label, start, list));
        }
    }

    /// Declares a label and resolves the gotos that were waiting for it.
    fn declare(&mut self, walk: &mut Walk, ident: Ident, stmt: StmtId) {
        let name = self.names.text(ident.name);
        if let Some(first) = self.labels.get(&ident.name).map(|l| l.ident.pos) {
            let at = self.position(first);
            self.error(ident.pos, format!("label {name} already defined at {at}"));
        } else {
            self.labels.insert(ident.name, Label { ident, stmt, block: walk.index, used: false });
        }
        for goto in std::mem::take(&mut walk.forward) {
            let Some(label) = self.label_of(goto).filter(|l| l.name == ident.name) else {
                walk.forward.push(goto);
                continue;
            };
            self.set_target(goto, stmt);
            if let Some(l) = self.labels.get_mut(&ident.name) {
                l.used = true;
            }
            if let (Some((pos, declared)), true) = (walk.var, walk.over.contains(&goto)) {
                let var = match declared {
                    Declared::Var(name) => self.names.text(name).to_string(),
                    Declared::Define(list) => printer::expr_list_string(self.tree, self.names, list),
                };
                let message = format!("goto {name} jumps over declaration of {var} at {}", self.position(pos));
                self.error(label.pos, message);
            }
        }
    }

    fn unlabeled(&mut self, cx: Context, stmt: StmtId, tok: Branch, is_last: bool) {
        let (target, message) = match tok {
            Branch::Break => (cx.breaks, "break is not in a loop, switch, or select"),
            Branch::Continue => (cx.continues, "continue is not in a loop"),
            Branch::Fallthrough => {
                let switch = cx.breaks.map(|s| self.tree[s].kind);
                let message = match (switch, cx.clause) {
                    (Some(StmtKind::TypeSwitchStmt { .. }), _) => "cannot fallthrough in type switch",
                    (Some(StmtKind::SwitchStmt { .. }), Some(last)) if is_last => match last {
                        Last::Yes => "cannot fallthrough final case in switch",
                        Last::No => return,
                    },
                    _ => "fallthrough statement out of place",
                };
                (None, message)
            }
            // The parser makes no goto without a label.
            Branch::Goto => return,
        };
        match target {
            Some(target) => self.set_target(stmt, target),
            None => self.error(self.tree[stmt].pos, message.to_string()),
        }
    }

    fn labeled(&mut self, walk: &mut Walk, stmt: StmtId, tok: Branch, label: Ident) {
        if tok == Branch::Goto {
            match self.goto_target(walk.index, label.name) {
                Some(target) => self.set_target(stmt, target),
                None => walk.forward.push(stmt),
            }
            return;
        }
        let what = if tok == Branch::Break { "break" } else { "continue" };
        let name = self.names.text(label.name);
        let Some(target) = self.enclosing(walk.index, label.name) else {
            self.error(label.pos, format!("{what} label not defined: {name}"));
            return;
        };
        let fits = target.filter(|&t| match self.tree[t].kind {
            StmtKind::ForStmt { .. } | StmtKind::RangeStmt { .. } => true,
            StmtKind::SwitchStmt { .. } | StmtKind::TypeSwitchStmt { .. } | StmtKind::SelectStmt { .. } => {
                tok == Branch::Break
            }
            _ => false,
        });
        match fits {
            Some(target) => self.set_target(stmt, target),
            None => self.error(label.pos, format!("invalid {what} label {name}")),
        }
    }

    /// The labeled statement if the label is declared in this block or one around it.
    fn goto_target(&mut self, block: usize, name: Name) -> Option<StmtId> {
        let label = self.labels.get_mut(&name)?;
        label.used = true;
        let mut at = Some(block);
        while let Some(b) = at {
            if label.block == b {
                return Some(label.stmt);
            }
            at = self.blocks[b].parent;
        }
        None
    }

    /// The statement that the label stands in front of: none if there is no such label, `Some(None)` if
    /// it is not one that encloses this block.
    fn enclosing(&mut self, block: usize, name: Name) -> Option<Option<StmtId>> {
        let label = self.labels.get_mut(&name)?;
        label.used = true;
        let mut at = Some(block);
        while let Some(b) = at {
            if self.blocks[b].label == Some(label.stmt) {
                return Some(match self.tree[label.stmt].kind {
                    StmtKind::LabeledStmt { stmt, .. } => Some(stmt),
                    _ => None,
                });
            }
            at = self.blocks[b].parent;
        }
        Some(None)
    }
}
