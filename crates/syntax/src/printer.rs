//! Expressions as messages print them: on one line, literals of functions and composites shortened.
//!
//! A work list instead of recursion, because binary expressions and calls may form long chains.

use std::fmt::Write;

use crate::names::{Name, Names};
use crate::token::Op;
use crate::tree::{
    AssignOp, ChanDir, ExprId, ExprKind, Field, FieldList, FuncTypeId, Ident, List, StmtId, StmtKind, Tree,
};

/// An expression or type in gc's short form.
pub fn expr_string(tree: &Tree, names: &Names, x: ExprId) -> String {
    let mut p = Printer { tree, names, out: String::new(), work: vec![Item::Expr(x)] };
    p.run();
    p.out
}

/// Expressions separated by commas.
pub fn expr_list_string(tree: &Tree, names: &Names, list: List<ExprId>) -> String {
    let mut p = Printer { tree, names, out: String::new(), work: vec![Item::List(list)] };
    p.run();
    p.out
}

/// A list, in parentheses if it is one binary expression.
pub(crate) fn emphasized(tree: &Tree, names: &Names, list: List<ExprId>) -> String {
    let text = expr_list_string(tree, names, list);
    match &tree[list] {
        &[x] if matches!(tree[x].kind, ExprKind::BinaryExpr { .. }) => format!("({text})"),
        _ => text,
    }
}

/// A simple statement.
pub(crate) fn stmt_string(tree: &Tree, names: &Names, stmt: StmtId) -> String {
    let expr = |x| expr_string(tree, names, x);
    let list = |l| expr_list_string(tree, names, l);
    match tree[stmt].kind {
        StmtKind::ExprStmt(x) => expr(x),
        StmtKind::SendStmt { chan, value, .. } => format!("{} <- {}", expr(chan), expr(value)),
        StmtKind::IncDecStmt { x, inc, .. } => {
            format!("{}{}", expr(x), if inc { "++" } else { "--" })
        }
        StmtKind::AssignStmt { lhs, tok, rhs, .. } => {
            let op = match tok {
                AssignOp::Assign => "=".to_string(),
                AssignOp::Define => ":=".to_string(),
                AssignOp::Op(op) => format!("{op}="),
            };
            format!("{} {op} {}", list(lhs), list(rhs))
        }
        _ => String::new(),
    }
}

#[derive(Clone, Copy)]
enum Item {
    Expr(ExprId),
    List(List<ExprId>),
    Text(&'static str),
    Name(Name),
    Op(Op),
    Signature(FuncTypeId),
    Params(FieldList),
    Field(Field),
}

struct Printer<'a> {
    tree: &'a Tree,
    names: &'a Names,
    out: String,
    /// What is still to print, the next at the end.
    work: Vec<Item>,
}

impl Printer<'_> {
    fn run(&mut self) {
        while let Some(item) = self.work.pop() {
            match item {
                Item::Text(text) => self.out.push_str(text),
                Item::Name(name) => self.out.push_str(self.names.text(name)),
                Item::Op(op) => self.out.push_str(op.text()),
                Item::Expr(x) => self.expr(x),
                Item::List(list) => {
                    let items: Vec<Item> = self.tree[list].iter().map(|&x| Item::Expr(x)).collect();
                    self.separated(items, ", ");
                }
                Item::Signature(typ) => self.signature(typ),
                Item::Params(list) => self.params(list),
                Item::Field(field) => self.field(field),
            }
        }
    }

    /// Puts items on the work list, so that they come out in this order.
    fn then(&mut self, items: &[Item]) {
        self.work.extend(items.iter().rev());
    }

    fn separated(&mut self, items: Vec<Item>, separator: &'static str) {
        for (i, item) in items.into_iter().enumerate().rev() {
            self.work.push(item);
            if i > 0 {
                self.work.push(Item::Text(separator));
            }
        }
    }

    fn expr(&mut self, x: ExprId) {
        use Item::{Expr, List, Name, Signature, Text};
        match self.tree[x].kind {
            ExprKind::BadExpr => self.out.push_str("<bad expr>"),
            ExprKind::Ident(name) => self.then(&[Name(name)]),
            ExprKind::Ellipsis { elt } => {
                self.out.push_str("...");
                self.work.extend(elt.map(Expr));
            }
            ExprKind::BasicLit { .. } => self.out.push_str(self.tree.text(x)),
            ExprKind::FuncLit { typ, body } => {
                let text = if body.list.is_empty() { " {}" } else { " {…}" };
                self.then(&[Text("func"), Signature(typ), Text(text)]);
            }
            ExprKind::CompositeLit { typ, elts, .. } => {
                self.work.push(Text(if elts.is_empty() { "{}" } else { "{…}" }));
                self.work.extend(typ.map(Expr));
            }
            ExprKind::ParenExpr { x } => self.then(&[Text("("), Expr(x), Text(")")]),
            ExprKind::SelectorExpr { x, sel: Ident { name, .. }, .. } => self.then(&[Expr(x), Text("."), Name(name)]),
            ExprKind::IndexExpr { x, indices, .. } => self.then(&[Expr(x), Text("["), List(indices), Text("]")]),
            ExprKind::SliceExpr { x, low, high, max, .. } => {
                self.work.push(Text("]"));
                for (index, colon) in [(max, max.is_some()), (high, true), (low, false)] {
                    self.work.extend(index.map(Expr));
                    if colon {
                        self.work.push(Text(":"));
                    }
                }
                self.then(&[Expr(x), Text("[")]);
            }
            ExprKind::TypeAssertExpr { x, typ, .. } => {
                self.then(&[Expr(x), Text(".("), typ.map_or(Text("type"), Expr), Text(")")]);
            }
            ExprKind::CallExpr { fun, args, ellipsis, .. } => {
                let dots = if ellipsis.is_known() { "...)" } else { ")" };
                self.then(&[Expr(fun), Text("("), List(args), Text(dots)]);
            }
            ExprKind::StarExpr { x } => self.then(&[Text("*"), Expr(x)]),
            ExprKind::UnaryExpr { op, x } => self.then(&[Item::Op(op), Expr(x)]),
            ExprKind::BinaryExpr { x, op, y, .. } => {
                self.then(&[Expr(x), Text(" "), Item::Op(op), Text(" "), Expr(y)]);
            }
            ExprKind::KeyValueExpr { key, value, .. } => self.then(&[Expr(key), Text(": "), Expr(value)]),
            ExprKind::ArrayType { len: None, elt } => self.then(&[Text("[]"), Expr(elt)]),
            ExprKind::ArrayType { len: Some(len), elt } => self.then(&[Text("["), Expr(len), Text("]"), Expr(elt)]),
            ExprKind::StructType { fields } => self.fields("struct{", fields),
            ExprKind::FuncType(typ) => self.then(&[Text("func"), Signature(typ)]),
            ExprKind::InterfaceType { elems } => self.fields("interface{", elems),
            ExprKind::MapType { key, value } => self.then(&[Text("map["), Expr(key), Text("]"), Expr(value)]),
            ExprKind::ChanType { dir, value, .. } => {
                let inner = match self.tree[value].kind {
                    ExprKind::ChanType { dir: ChanDir::Recv, .. } => dir == ChanDir::Both,
                    _ => false,
                };
                let text = match dir {
                    ChanDir::Both => "chan ",
                    ChanDir::Send => "chan<- ",
                    ChanDir::Recv => "<-chan ",
                };
                if inner {
                    self.then(&[Text(text), Text("("), Expr(value), Text(")")]);
                } else {
                    self.then(&[Text(text), Expr(value)]);
                }
            }
        }
    }

    fn fields(&mut self, open: &'static str, list: FieldList) {
        self.out.push_str(open);
        self.work.push(Item::Text("}"));
        let items = self.tree[list.list].iter().map(|&f| Item::Field(f)).collect();
        self.separated(items, "; ");
    }

    /// A field of a struct or an element of an interface.
    fn field(&mut self, field: Field) {
        if let Some(tag) = field.tag {
            self.then(&[Item::Text(" "), Item::Expr(tag)]);
        }
        let Some(first) = self.names_of(field.names) else {
            self.work.push(Item::Expr(field.typ));
            return;
        };
        self.out.push_str(&first);
        match self.tree[field.typ].kind {
            // A method has no tag and its position is that of its type.
            ExprKind::FuncType(typ) if self.tree[field.typ].pos == field.pos => {
                self.work.push(Item::Signature(typ));
            }
            _ => self.then(&[Item::Text(" "), Item::Expr(field.typ)]),
        }
    }

    fn names_of(&self, names: List<Ident>) -> Option<String> {
        let mut text = String::new();
        for (i, n) in self.tree[names].iter().enumerate() {
            let _ = write!(text, "{}{}", if i > 0 { ", " } else { "" }, self.names.text(n.name));
        }
        (!names.is_empty()).then_some(text)
    }

    fn signature(&mut self, typ: FuncTypeId) {
        let results = self.tree[typ].results;
        match &self.tree[results.list] {
            [] => {}
            &[Field { names, typ, .. }] if names.is_empty() => self.then(&[Item::Text(" "), Item::Expr(typ)]),
            _ => self.then(&[Item::Text(" "), Item::Params(results)]),
        }
        self.work.push(Item::Params(self.tree[typ].params));
    }

    fn params(&mut self, list: FieldList) {
        self.work.push(Item::Text(")"));
        let fields = &self.tree[list.list];
        for (i, f) in fields.iter().enumerate().rev() {
            self.work.push(Item::Expr(f.typ));
            let names = &self.tree[f.names];
            for (j, n) in names.iter().enumerate().rev() {
                self.work.push(Item::Text(if j + 1 == names.len() { " " } else { ", " }));
                self.work.push(Item::Name(n.name));
            }
            if i > 0 {
                self.work.push(Item::Text(", "));
            }
        }
        self.work.push(Item::Text("("));
    }
}
