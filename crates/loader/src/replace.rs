//! Declarations of GOROOT's files that the overlay declares again are taken out of the trees: functions, methods, and
//! types, variables and constants that have a declaration of their own.

use crate::package::Package;
use itab_syntax::{Decl, DeclTok, ExprKind, FuncDeclId, Name, Names, SpecKind, Tree};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// What a declaration is found by: its name, for a method with the name of the receiver's base type.
type Key = (Option<Name>, Name);

/// Drops what the package's overlay files declare again. Functions named `init` and `_` are never replaced.
pub(crate) fn drop_replaced(names: &Names, package: &mut Package) {
    let ours = package.files.iter().filter(|f| f.overlay);
    let mut replaced: FxHashSet<Key> =
        ours.flat_map(|f| f.file.decls.iter().flat_map(|d| keys(&f.file.tree, d))).collect();
    replaced.retain(|&(_, name)| !matches!(names.text(name), "init" | "_"));
    if replaced.is_empty() {
        return;
    }
    for f in package.files.iter_mut().filter(|f| !f.overlay) {
        let file = Arc::get_mut(&mut f.file).expect("nobody else has seen the file");
        let tree = &file.tree;
        file.decls.retain(|d| {
            let keys = keys(tree, d);
            keys.is_empty() || !keys.iter().all(|k| replaced.contains(k))
        });
    }
}

/// The names that a declaration declares; none for imports.
fn keys(tree: &Tree, decl: &Decl) -> Vec<Key> {
    match decl {
        Decl::Func(id) => func_key(tree, *id).into_iter().collect(),
        Decl::Gen(g) if g.tok == DeclTok::Import => Vec::new(),
        Decl::Gen(g) => (g.specs.ids())
            .flat_map(|spec| match tree[spec].kind {
                SpecKind::TypeSpec(t) => vec![t.name.name],
                SpecKind::VarSpec(v) => tree[v.names].iter().map(|n| n.name).collect(),
                SpecKind::ConstSpec(c) => tree[c.names].iter().map(|n| n.name).collect(),
                SpecKind::ImportSpec(_) => Vec::new(),
            })
            .map(|name| (None, name))
            .collect(),
    }
}

fn func_key(tree: &Tree, id: FuncDeclId) -> Option<Key> {
    let f = &tree[id];
    let Some(recv) = f.recv else { return Some((None, f.name.name)) };
    let mut base = tree.unparen(tree[recv.list].first()?.typ);
    while let ExprKind::StarExpr { x } | ExprKind::IndexExpr { x, .. } = tree[base].kind {
        base = tree.unparen(x);
    }
    match tree[base].kind {
        ExprKind::Ident(name) => Some((Some(name), f.name.name)),
        _ => None,
    }
}
