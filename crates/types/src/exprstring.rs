//! The texts of expressions in messages, in gc's short form: function bodies, struct and interface
//! types and the elements of composite literals are left out.

use itab_syntax::{ChanDir, ExprId, ExprKind, FieldList, FuncTypeId, Names, Tree};

/// An expression's text.
pub(crate) fn expr_string(tree: &Tree, names: &Names, e: ExprId) -> String {
    let mut p = Printer { tree, names, out: String::new(), depth: 0 };
    p.expr(e);
    p.out
}

struct Printer<'t> {
    tree: &'t Tree,
    names: &'t Names,
    out: String,
    depth: u32,
}

impl Printer<'_> {
    fn list(&mut self, list: &[ExprId]) {
        for (i, &e) in list.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.expr(e);
        }
    }

    fn expr(&mut self, e: ExprId) {
        self.depth += 1;
        if self.depth > 100 {
            self.out.push('…');
        } else {
            self.kind(e);
        }
        self.depth -= 1;
    }

    fn kind(&mut self, e: ExprId) {
        let tree = self.tree;
        match tree[e].kind {
            ExprKind::BadExpr => self.out.push_str("<bad expr>"),
            ExprKind::Ident(n) => self.out.push_str(self.names.text(n)),
            ExprKind::Ellipsis { elt } => {
                self.out.push_str("...");
                if let Some(t) = elt {
                    self.expr(t);
                }
            }
            ExprKind::BasicLit { .. } => self.out.push_str(tree.text(e)),
            ExprKind::FuncLit { typ, .. } => {
                self.func_type(typ);
                self.out.push_str(" {…}");
            }
            ExprKind::CompositeLit { typ, elts, .. } => {
                if let Some(t) = typ {
                    self.expr(t);
                }
                self.out.push_str(if elts.is_empty() { "{}" } else { "{…}" });
            }
            ExprKind::ParenExpr { x } => {
                self.out.push('(');
                self.expr(x);
                self.out.push(')');
            }
            ExprKind::SelectorExpr { x, sel } => {
                self.expr(x);
                self.out.push('.');
                self.out.push_str(self.names.text(sel.name));
            }
            ExprKind::IndexExpr { x, indices, .. } => {
                self.expr(x);
                self.out.push('[');
                self.list(&tree[indices]);
                self.out.push(']');
            }
            ExprKind::SliceExpr { x, low, high, max, slice3, .. } => {
                self.expr(x);
                self.out.push('[');
                if let Some(e) = low {
                    self.expr(e);
                }
                self.out.push(':');
                if let Some(e) = high {
                    self.expr(e);
                }
                if slice3 {
                    self.out.push(':');
                }
                if let Some(e) = max {
                    self.expr(e);
                }
                self.out.push(']');
            }
            ExprKind::TypeAssertExpr { x, typ, .. } => {
                self.expr(x);
                self.out.push_str(".(");
                match typ {
                    Some(t) => self.expr(t),
                    None => self.out.push_str("type"),
                }
                self.out.push(')');
            }
            ExprKind::CallExpr { fun, args, ellipsis, .. } => {
                self.expr(fun);
                self.out.push('(');
                self.list(&tree[args]);
                if ellipsis.is_known() {
                    self.out.push_str("...");
                }
                self.out.push(')');
            }
            ExprKind::StarExpr { x } => {
                self.out.push('*');
                self.expr(x);
            }
            ExprKind::UnaryExpr { op, x } => {
                self.out.push_str(op.text());
                self.expr(x);
            }
            ExprKind::BinaryExpr { x, op, y, .. } => {
                self.expr(x);
                self.out.push(' ');
                self.out.push_str(op.text());
                self.out.push(' ');
                self.expr(y);
            }
            ExprKind::KeyValueExpr { key, value, .. } => {
                self.expr(key);
                self.out.push_str(": ");
                self.expr(value);
            }
            ExprKind::ArrayType { len, elt } => {
                self.out.push('[');
                if let Some(n) = len {
                    self.expr(n);
                }
                self.out.push(']');
                self.expr(elt);
            }
            ExprKind::StructType { fields } => {
                self.out.push_str(if fields.list.is_empty() { "struct{}" } else { "struct{…}" });
            }
            ExprKind::FuncType(t) => self.func_type(t),
            ExprKind::InterfaceType { elems } => {
                self.out.push_str(if elems.list.is_empty() { "interface{}" } else { "interface{…}" });
            }
            ExprKind::MapType { key, value } => {
                self.out.push_str("map[");
                self.expr(key);
                self.out.push(']');
                self.expr(value);
            }
            ExprKind::ChanType { dir, value, .. } => {
                self.out.push_str(match dir {
                    ChanDir::Both => "chan ",
                    ChanDir::Send => "chan<- ",
                    ChanDir::Recv => "<-chan ",
                });
                let parens =
                    dir != ChanDir::Send && matches!(tree[value].kind, ExprKind::ChanType { dir: ChanDir::Recv, .. });
                if parens {
                    self.out.push('(');
                }
                self.expr(value);
                if parens {
                    self.out.push(')');
                }
            }
        }
    }

    fn func_type(&mut self, t: FuncTypeId) {
        let t = self.tree[t];
        self.out.push_str("func");
        self.fields(t.params);
        if t.results.list.is_empty() {
            return;
        }
        self.out.push(' ');
        match &self.tree[t.results.list] {
            [f] if f.names.is_empty() => self.expr(f.typ),
            _ => self.fields(t.results),
        }
    }

    fn fields(&mut self, l: FieldList) {
        let tree = self.tree;
        self.out.push('(');
        for (i, f) in tree[l.list].iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            for (k, id) in tree[f.names].iter().enumerate() {
                if k > 0 {
                    self.out.push_str(", ");
                }
                self.out.push_str(self.names.text(id.name));
            }
            if !f.names.is_empty() {
                self.out.push(' ');
            }
            self.expr(f.typ);
        }
        self.out.push(')');
    }
}
