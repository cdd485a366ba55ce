//! Package variables of map types that nothing can read: their initial values need not be made.
//!
//! Libraries have tables like `unicode.Scripts` that few programs use and that take long to fill. A table is left out
//! when its initial value is a literal without calls, and its name occurs only in its declaration: nowhere else in its
//! package, and in no package that imports it. Bodies have not been parsed when this is asked, so the text is searched;
//! comments on lines of their own do not count. If the name occurs with another meaning the table is kept, which costs
//! only time.

use crate::world::World;
use itab_syntax::{ExprId, ExprKind, Op, Tree};
use itab_types::{Initializer, PkgId};

impl World {
    /// Whether a package variable is a map that nothing can read.
    pub(crate) fn is_unread_map(&mut self, pkg: PkgId, step: &Initializer) -> bool {
        let [obj] = step.lhs[..] else { return false };
        let declared = self.store.obj_type(obj);
        let Ok(ty) = self.ty(declared, crate::generic::EnvId::EMPTY) else { return false };
        let crate::ty::Ty::Map(key, _) = *self.program.types.under(ty) else { return false };
        // A key in an interface may panic.
        if !matches!(self.program.types.under(key), crate::ty::Ty::Basic(_)) {
            return false;
        }
        let file = &self.store.pkg(pkg).files[step.file as usize];
        if !is_plain_literal(&file.file.tree, step.rhs) || self.is_pulled(obj) {
            return false;
        }
        let name = self.store.text(self.store.obj(obj).name);
        let readers = self.store.packages().filter(|&p| p == pkg || self.store.pkg(p).imports.contains(&pkg));
        let files = readers.flat_map(|p| &self.store.pkg(p).files);
        files.map(|f| mentions(f.file.source.text().as_bytes(), name.as_bytes())).sum::<usize>() == 1
    }
}

/// A composite literal of literals, names and addresses of such.
fn is_plain_literal(tree: &Tree, e: ExprId) -> bool {
    fn is_plain(tree: &Tree, e: ExprId) -> bool {
        match tree[e].kind {
            ExprKind::BasicLit { .. } | ExprKind::Ident(_) => true,
            ExprKind::SelectorExpr { x, .. } => matches!(tree[x].kind, ExprKind::Ident(_)),
            ExprKind::UnaryExpr { op: Op::And, x } => is_plain(tree, x),
            ExprKind::KeyValueExpr { key, value, .. } => is_plain(tree, key) && is_plain(tree, value),
            ExprKind::CompositeLit { elts, .. } => tree[elts].iter().all(|&e| is_plain(tree, e)),
            _ => false,
        }
    }
    matches!(tree[e].kind, ExprKind::CompositeLit { .. }) && is_plain(tree, e)
}

/// How often a name stands in a text as a whole word, lines that are comments left out.
fn mentions(text: &[u8], name: &[u8]) -> usize {
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80);
    let counts = |&at: &usize| {
        let before = at.checked_sub(1).and_then(|i| text.get(i));
        !is_word(before) && !is_word(text.get(at + name.len())) && !in_comment(text, at)
    };
    memchr::memmem::find_iter(text, name).filter(counts).count()
}

/// Whether the line at an offset is a comment: no directive, and nothing else is on it.
fn in_comment(text: &[u8], at: usize) -> bool {
    let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |i| i + 1);
    let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |i| at + i);
    let line = text[start..end].trim_ascii_start();
    line.starts_with(b"//") && !line.starts_with(b"//go:") && memchr::memmem::find(line, b"*/").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_outside_comments_count() {
        let text = b"// Tab is a table.\nvar Tab = 1\nvar Table, aTab = 2, x.Tab\n\t// more Tab */ Tab\n//go:linkname Tab p.Tab\n";
        assert_eq!(mentions(text, b"Tab"), 2 + 2 + 2);
        assert_eq!(mentions(text, b"Table"), 1);
    }
}
