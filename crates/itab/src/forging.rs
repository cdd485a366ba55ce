//! What of a program needs the right to package unsafe: whoever has it can make a pointer out of anything.
//!
//! All packages but those of the standard library are looked at, before any isolate runs. They need the right if they
//!
//! - import package unsafe, or link to other packages' functions, which needs that import;
//! - convert an `unsafe.Pointer` that they got elsewhere, as from `reflect.Value.UnsafePointer`, which needs no import;
//! - name a function that makes a system call by its number: its arguments are addresses.
//!
//! What forges a pointer with neither, reflection does, and refuses at run time (`reflect.NewAt`).

use itab_loader::Package;
use itab_syntax::{ExprId, ExprKind, Name, Pos, Tree};
use itab_types::Store;

/// Functions of package syscall whose arguments are a number and addresses.
const BY_NUMBER: [&str; 6] =
    ["Syscall", "Syscall6", "RawSyscall", "RawSyscall6", "AllThreadsSyscall", "AllThreadsSyscall6"];

/// What a package does that needs the right, and where; none if it does nothing of that kind. The package has just been
/// checked.
pub(crate) fn forges(store: &mut Store, package: &Package, path: &str) -> Option<String> {
    let converted = store.unsafe_conversion.take();
    if package.standard {
        return None;
    }
    let imported = package.imports.iter().find(|i| &*i.path == "unsafe").map(|i| (i.pos, "imports package unsafe"));
    let converted = converted.map(|pos| (pos, "converts an unsafe.Pointer"));
    let (pos, what) = imported.or(converted).or_else(|| by_number(store, package))?;
    let place = store.files().position(pos);
    Some(format!("{place}: package {path} {what}"))
}

fn by_number(store: &Store, package: &Package) -> Option<(Pos, &'static str)> {
    let files = package.imports.iter().filter(|i| &*i.path == "syscall");
    files
        .filter_map(|import| {
            let file = &package.files[import.file].file;
            let own = file.imports().find(|(spec, _)| *spec == import.spec).and_then(|(_, spec)| spec.name);
            let own = own.map_or("syscall", |ident| store.text(ident.name));
            let bodies = file.bodies.iter().flatten().map(|b| &b.tree);
            [&file.tree].into_iter().chain(bodies).find_map(|tree| named_in(store, tree, own))
        })
        .map(|pos| (pos, "makes system calls by their numbers"))
        .next()
}

/// Where a tree names such a function, if package syscall is imported as `own`.
fn named_in(store: &Store, tree: &Tree, own: &str) -> Option<Pos> {
    let is_one = |name: Name| BY_NUMBER.contains(&store.text(name));
    let is_syscall = |x: ExprId| matches!(tree[x].kind, ExprKind::Ident(i) if store.text(i) == own);
    tree.exprs().iter().find_map(|e| match e.kind {
        ExprKind::SelectorExpr { x, sel, .. } if is_one(sel.name) && is_syscall(x) => Some(e.pos),
        ExprKind::Ident(name) if own == "." && is_one(name) => Some(e.pos),
        _ => None,
    })
}
