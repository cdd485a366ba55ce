//! The tree as text, one node a line, for people: `itab dump --stage=ast`.
//!
//! Each line has the node's kind, what it holds, and its position. Function bodies that were skipped show
//! as such. Chains may be long, so the walk is not recursive: it keeps a list of what is left to print. Lines
//! deeper than 100 levels are not indented further.

use std::fmt::Write;

use crate::names::Names;
use crate::pos::{Pos, SourceFile};
use crate::tree::{
    AssignOp, Block, Body, Decl, ExprId, ExprKind, Field, FieldList, File, FuncTypeId, GenDecl, Ident, List, SpecId,
    SpecKind, StmtId, StmtKind, Tree,
};

/// A whole file.
pub fn file(file: &File, names: &Names) -> String {
    let mut d = Dumper { names, out: String::new(), work: Vec::new() };
    d.line(0, "", &format!("File package {}", names.text(file.name.name)), &file.source, file.package);
    for decl in &file.decls {
        match decl {
            Decl::Gen(g) => d.run(&file.tree, 1, Node::Gen(*g)),
            Decl::Func(id) => {
                let f = &file.tree[*id];
                let mut text = format!("FuncDecl {}", names.text(f.name.name));
                if !f.pragma.is_empty() {
                    let _ = write!(text, " {:?}", f.pragma);
                }
                d.line(1, "", &text, &file.source, f.pos);
                if let Some(recv) = f.recv {
                    d.run(&file.tree, 2, Node::Fields("recv", recv));
                }
                d.run(&file.tree, 2, Node::FuncType("type", f.typ));
                match &file.bodies[crate::tree::Id::index(*id)] {
                    Some(body) => d.run(&body.tree, 2, Node::Block("body", body.block)),
                    None if f.body.is_some() => d.line(2, "body: ", "skipped", &file.source, Pos::NONE),
                    None => {}
                }
            }
        }
    }
    d.out
}

/// One function body.
pub fn body(body: &Body, names: &Names) -> String {
    let mut d = Dumper { names, out: String::new(), work: Vec::new() };
    d.run(&body.tree, 0, Node::Block("body", body.block));
    d.out
}

/// Something to print, with its role in its parent.
#[derive(Clone, Copy)]
enum Node {
    Expr(&'static str, ExprId),
    Stmt(&'static str, StmtId),
    Block(&'static str, Block),
    Fields(&'static str, FieldList),
    Field(Field),
    FuncType(&'static str, FuncTypeId),
    Gen(GenDecl),
    Spec(SpecId),
}

struct Dumper<'a> {
    names: &'a Names,
    out: String,
    work: Vec<(usize, Node)>,
}

/// What a node shows of itself, and its children.
struct Shown {
    role: &'static str,
    text: String,
    pos: Pos,
    children: Vec<Node>,
}

impl Dumper<'_> {
    fn line(&mut self, depth: usize, role: &str, text: &str, source: &SourceFile, pos: Pos) {
        let _ = write!(self.out, "{:1$}{role}{text}", "", depth.min(100) * 2);
        if let Some(offset) = source.offset(pos) {
            let (line, col) = source.line_col(offset);
            let _ = write!(self.out, " @{line}:{col}");
        }
        self.out.push('\n');
    }

    fn run(&mut self, tree: &Tree, depth: usize, node: Node) {
        self.work.push((depth, node));
        while let Some((depth, node)) = self.work.pop() {
            let shown = self.show(tree, node);
            let role = if shown.role.is_empty() { String::new() } else { format!("{}: ", shown.role) };
            self.line(depth, &role, &shown.text, tree.source(), shown.pos);
            self.work.extend(shown.children.into_iter().rev().map(|n| (depth + 1, n)));
        }
    }

    fn ident(&self, ident: Ident) -> &str {
        self.names.text(ident.name)
    }

    fn idents(&self, tree: &Tree, list: List<Ident>) -> String {
        let names: Vec<&str> = tree[list].iter().map(|&i| self.ident(i)).collect();
        names.join(", ")
    }

    fn show(&self, tree: &Tree, node: Node) -> Shown {
        match node {
            Node::Expr(role, id) => self.show_expr(tree, role, id),
            Node::Stmt(role, id) => self.show_stmt(tree, role, id),
            Node::Block(role, b) => Shown { role, text: "Block".into(), pos: b.lbrace, children: stmts(tree, b.list) },
            Node::Fields(role, list) => Shown {
                role,
                text: "FieldList".into(),
                pos: list.open,
                children: tree[list.list].iter().map(|&f| Node::Field(f)).collect(),
            },
            Node::Field(f) => {
                let mut children = vec![Node::Expr("type", f.typ)];
                children.extend(f.tag.map(|t| Node::Expr("tag", t)));
                let text = format!("Field {}", self.idents(tree, f.names));
                Shown { role: "", text: text.trim_end().into(), pos: f.pos, children }
            }
            Node::FuncType(role, id) => {
                let f = tree[id];
                let mut children = Vec::new();
                children.extend(f.tparams.map(|l| Node::Fields("tparams", l)));
                children.push(Node::Fields("params", f.params));
                if !f.results.list.is_empty() {
                    children.push(Node::Fields("results", f.results));
                }
                Shown { role, text: "FuncType".into(), pos: f.pos, children }
            }
            Node::Gen(g) => Shown {
                role: "",
                text: format!("GenDecl {:?}", g.tok),
                pos: g.pos,
                children: g.specs.ids().map(Node::Spec).collect(),
            },
            Node::Spec(id) => self.show_spec(tree, id),
        }
    }

    fn show_spec(&self, tree: &Tree, id: SpecId) -> Shown {
        let mut children = Vec::new();
        let text = match tree[id].kind {
            SpecKind::ImportSpec(s) => {
                children.push(Node::Expr("path", s.path));
                format!("ImportSpec {}", s.name.map_or("", |n| self.ident(n)))
            }
            SpecKind::ConstSpec(s) => {
                children.extend(s.typ.map(|t| Node::Expr("type", t)));
                children.extend(exprs(tree, "value", s.values));
                let repeats = if s.inherited.is_some() { " repeats" } else { "" };
                format!("ConstSpec {} iota={}{repeats}", self.idents(tree, s.names), s.iota)
            }
            SpecKind::TypeSpec(s) => {
                children.extend(s.tparams.map(|l| Node::Fields("tparams", l)));
                children.push(Node::Expr("type", s.typ));
                format!("TypeSpec {}{}", self.ident(s.name), if s.assign.is_known() { " =" } else { "" })
            }
            SpecKind::VarSpec(s) => {
                children.extend(s.typ.map(|t| Node::Expr("type", t)));
                children.extend(exprs(tree, "value", s.values));
                format!("VarSpec {}", self.idents(tree, s.names))
            }
        };
        Shown { role: "", text: text.trim_end().into(), pos: tree[id].pos, children }
    }

    fn show_expr(&self, tree: &Tree, role: &'static str, id: ExprId) -> Shown {
        let e = tree[id];
        let mut c = Vec::new();
        let text: String = match e.kind {
            ExprKind::BadExpr => "BadExpr".into(),
            ExprKind::Ident(name) => format!("Ident {}", self.names.text(name)),
            ExprKind::Ellipsis { elt } => {
                c.extend(elt.map(|x| Node::Expr("elt", x)));
                "Ellipsis".into()
            }
            ExprKind::BasicLit { kind, .. } => format!("BasicLit {kind:?} {:?}", tree.text(id)),
            ExprKind::FuncLit { typ, body } => {
                c.extend([Node::FuncType("type", typ), Node::Block("body", body)]);
                "FuncLit".into()
            }
            ExprKind::CompositeLit { typ, elts, .. } => {
                c.extend(typ.map(|t| Node::Expr("type", t)));
                c.extend(exprs(tree, "", elts));
                "CompositeLit".into()
            }
            ExprKind::ParenExpr { x } => {
                c.push(Node::Expr("", x));
                "ParenExpr".into()
            }
            ExprKind::SelectorExpr { x, sel, .. } => {
                c.push(Node::Expr("", x));
                format!("SelectorExpr .{}", self.ident(sel))
            }
            ExprKind::IndexExpr { x, indices, .. } => {
                c.push(Node::Expr("", x));
                c.extend(exprs(tree, "index", indices));
                "IndexExpr".into()
            }
            ExprKind::SliceExpr { x, low, high, max, .. } => {
                c.push(Node::Expr("", x));
                for (role, index) in [("low", low), ("high", high), ("max", max)] {
                    c.extend(index.map(|i| Node::Expr(role, i)));
                }
                "SliceExpr".into()
            }
            ExprKind::TypeAssertExpr { x, typ, .. } => {
                c.push(Node::Expr("", x));
                c.extend(typ.map(|t| Node::Expr("type", t)));
                "TypeAssertExpr".into()
            }
            ExprKind::CallExpr { fun, args, ellipsis, .. } => {
                c.push(Node::Expr("fun", fun));
                c.extend(exprs(tree, "arg", args));
                format!("CallExpr{}", if ellipsis.is_known() { " ..." } else { "" })
            }
            ExprKind::StarExpr { x } => {
                c.push(Node::Expr("", x));
                "StarExpr".into()
            }
            ExprKind::UnaryExpr { op, x } => {
                c.push(Node::Expr("", x));
                format!("UnaryExpr {op}")
            }
            ExprKind::BinaryExpr { x, op, y, .. } => {
                c.extend([Node::Expr("", x), Node::Expr("", y)]);
                format!("BinaryExpr {op}")
            }
            ExprKind::KeyValueExpr { key, value, .. } => {
                c.extend([Node::Expr("key", key), Node::Expr("value", value)]);
                "KeyValueExpr".into()
            }
            ExprKind::ArrayType { len, elt } => {
                c.extend(len.map(|l| Node::Expr("len", l)));
                c.push(Node::Expr("elt", elt));
                "ArrayType".into()
            }
            ExprKind::StructType { fields } => {
                c.push(Node::Fields("fields", fields));
                "StructType".into()
            }
            ExprKind::FuncType(typ) => return self.show(tree, Node::FuncType(role, typ)),
            ExprKind::InterfaceType { elems } => {
                c.push(Node::Fields("elems", elems));
                "InterfaceType".into()
            }
            ExprKind::MapType { key, value } => {
                c.extend([Node::Expr("key", key), Node::Expr("value", value)]);
                "MapType".into()
            }
            ExprKind::ChanType { dir, value, .. } => {
                c.push(Node::Expr("", value));
                format!("ChanType {dir:?}")
            }
        };
        Shown { role, text, pos: e.pos, children: c }
    }

    fn show_stmt(&self, tree: &Tree, role: &'static str, id: StmtId) -> Shown {
        let s = tree[id];
        let mut c = Vec::new();
        let init = |s: Option<StmtId>| s.map(|s| Node::Stmt("init", s));
        let text: String = match s.kind {
            StmtKind::BadStmt => "BadStmt".into(),
            StmtKind::DeclStmt(g) => {
                c.push(Node::Gen(g));
                "DeclStmt".into()
            }
            StmtKind::EmptyStmt => "EmptyStmt".into(),
            StmtKind::LabeledStmt { label, stmt, .. } => {
                c.push(Node::Stmt("", stmt));
                format!("LabeledStmt {}", self.ident(label))
            }
            StmtKind::ExprStmt(x) => {
                c.push(Node::Expr("", x));
                "ExprStmt".into()
            }
            StmtKind::SendStmt { chan, value, .. } => {
                c.extend([Node::Expr("chan", chan), Node::Expr("value", value)]);
                "SendStmt".into()
            }
            StmtKind::IncDecStmt { x, inc, .. } => {
                c.push(Node::Expr("", x));
                format!("IncDecStmt {}", if inc { "++" } else { "--" })
            }
            StmtKind::AssignStmt { lhs, tok, rhs, .. } => {
                c.extend(exprs(tree, "lhs", lhs));
                c.extend(exprs(tree, "rhs", rhs));
                match tok {
                    AssignOp::Assign => "AssignStmt =".into(),
                    AssignOp::Define => "AssignStmt :=".into(),
                    AssignOp::Op(op) => format!("AssignStmt {op}="),
                }
            }
            StmtKind::GoStmt { call } => {
                c.push(Node::Expr("", call));
                "GoStmt".into()
            }
            StmtKind::DeferStmt { call } => {
                c.push(Node::Expr("", call));
                "DeferStmt".into()
            }
            StmtKind::ReturnStmt { results } => {
                c.extend(exprs(tree, "", results));
                "ReturnStmt".into()
            }
            StmtKind::BranchStmt { tok, label, .. } => {
                format!("BranchStmt {tok:?} {}", label.map_or("", |l| self.ident(l))).trim_end().into()
            }
            StmtKind::BlockStmt(b) => return self.show(tree, Node::Block(role, b)),
            StmtKind::IfStmt { init: i, cond, body, els } => {
                c.extend(init(i));
                c.extend([Node::Expr("cond", cond), Node::Block("body", body)]);
                c.extend(els.map(|e| Node::Stmt("else", e)));
                "IfStmt".into()
            }
            StmtKind::SwitchStmt { init: i, tag, body } => {
                c.extend(init(i));
                c.extend(tag.map(|t| Node::Expr("tag", t)));
                c.push(Node::Block("body", body));
                "SwitchStmt".into()
            }
            StmtKind::TypeSwitchStmt { init: i, lhs, guard, body } => {
                c.extend(init(i));
                c.extend([Node::Expr("guard", guard), Node::Block("body", body)]);
                format!("TypeSwitchStmt {}", lhs.map_or("", |l| self.ident(l))).trim_end().into()
            }
            StmtKind::CaseClause { is_default, exprs: list, body, .. } => {
                c.extend(exprs(tree, "expr", list));
                c.extend(stmts(tree, body));
                format!("CaseClause{}", if is_default { " default" } else { "" })
            }
            StmtKind::SelectStmt { body } => {
                c.push(Node::Block("body", body));
                "SelectStmt".into()
            }
            StmtKind::CommClause { comm, body, .. } => {
                c.extend(comm.map(|s| Node::Stmt("comm", s)));
                c.extend(stmts(tree, body));
                format!("CommClause{}", if comm.is_none() { " default" } else { "" })
            }
            StmtKind::ForStmt { init: i, cond, post, body } => {
                c.extend(init(i));
                c.extend(cond.map(|x| Node::Expr("cond", x)));
                c.extend(post.map(|s| Node::Stmt("post", s)));
                c.push(Node::Block("body", body));
                "ForStmt".into()
            }
            StmtKind::RangeStmt { lhs, define, x, body, .. } => {
                c.extend(exprs(tree, "lhs", lhs));
                c.extend([Node::Expr("x", x), Node::Block("body", body)]);
                format!("RangeStmt{}", if define { " :=" } else { "" })
            }
        };
        Shown { role, text, pos: s.pos, children: c }
    }
}

fn exprs(tree: &Tree, role: &'static str, list: List<ExprId>) -> Vec<Node> {
    tree[list].iter().map(|&x| Node::Expr(role, x)).collect()
}

fn stmts(tree: &Tree, list: List<StmtId>) -> Vec<Node> {
    tree[list].iter().map(|&s| Node::Stmt("", s)).collect()
}
