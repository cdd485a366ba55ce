//! Tables that nothing refers to: package-level variables of the standard library that need not be checked.
//!
//! Some packages are mostly tables (`unicode` has a quarter of a megabyte of them), of which a program uses a few. A
//! variable whose initial value is a literal and whose name occurs nowhere in the program is unreachable, so the program
//! is the same without it. gc's linker leaves out such variables too.
//!
//! Names are looked for in the text, function bodies included: in that of the package itself, without the initial values
//! of variables and the bodies of functions that nothing refers to, and behind the package's name in that of the packages
//! that import it. A name in a comment or string of an importer counts; where the text is too unusual to tell, everything
//! counts as used. Only packages with long tables are looked at.

use crate::load::Loaded;
use crate::package::{Package, PackageKind};
use itab_syntax::{Decl, File, Ident, Name, Names, Span, SpecId, SpecKind};
use memchr::memmem;
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Variables that are not used: index of the file and spec.
pub type Unused = FxHashSet<(u32, SpecId)>;

/// Fewer bytes of literals are not worth the search.
const LONG: usize = 16 << 10;

/// A part of a package's text that matters only if a name is used.
struct Part<'a> {
    file: u32,
    /// The variable whose initial value it is; none for a function's body.
    spec: Option<SpecId>,
    name: &'a str,
    /// Where the name is declared.
    at: usize,
    /// Where the text is in its file.
    text: Range<usize>,
}

/// Looks for tables that a program does without.
pub struct Tables<'l> {
    names: &'l Names,
    loaded: &'l Loaded,
    /// What directives of all packages link to.
    linked: OnceLock<Vec<&'l str>>,
}

impl<'l> Tables<'l> {
    /// Of a program.
    pub fn new(names: &'l Names, loaded: &'l Loaded) -> Tables<'l> {
        Tables { names, loaded, linked: OnceLock::new() }
    }

    /// The variables of a package that nothing refers to. `files` are its files with all declarations.
    pub fn unused(&self, package: &Package, files: &[Arc<File>]) -> Unused {
        if !package.standard || package.kind != PackageKind::Plain || self.loaded.roots.contains(&package.path) {
            return Unused::default();
        }
        let parts = parts(self.names, files);
        let tables = parts.iter().filter(|p| p.spec.is_some());
        if tables.map(|t| t.text.len()).sum::<usize>() < LONG {
            return Unused::default();
        }
        match self.named_outside(package) {
            Some(used) => unused(self.names, files, &parts, used),
            None => Unused::default(),
        }
    }

    /// The names of a package that other packages mention; none if that cannot be told.
    fn named_outside(&self, package: &Package) -> Option<FxHashSet<&'l str>> {
        let mut used = FxHashSet::default();
        let linked = self.linked.get_or_init(|| self.linked());
        used.extend(linked.iter().filter_map(|t| t.strip_prefix(&*package.path)?.strip_prefix('.')));
        for importer in &self.loaded.packages {
            for import in importer.imports.iter().filter(|i| importer.resolved.get(&i.path) == Some(&package.path)) {
                let f = &importer.files[import.file];
                let SpecKind::ImportSpec(spec) = &f.file.tree[import.spec].kind else { continue };
                let local = spec.name.map_or(package.name, |n| n.name);
                match local {
                    Name::BLANK => {}
                    Name::DOT => return None,
                    _ => selected(f.file.source.text(), self.names.text(local), &mut used)?,
                }
            }
        }
        Some(used)
    }

    fn linked(&self) -> Vec<&'l str> {
        let files = self.loaded.packages.iter().flat_map(|p| &p.files);
        files.flat_map(|f| link_targets(f.file.source.text())).collect()
    }
}

/// The symbols that directives in a text link to.
fn link_targets(text: &str) -> impl Iterator<Item = &str> {
    let lines = memmem::find_iter(text.as_bytes(), "//go:linkname").map(|at| text[at..].lines().next().unwrap_or(""));
    lines.filter_map(|line| line.split_whitespace().nth(2))
}

/// The functions of a package, and the variables that have a literal as initial value, without calls that somebody might
/// miss.
fn parts<'t>(names: &'t Names, files: &'t [Arc<File>]) -> Vec<Part<'t>> {
    let mut all = vec![];
    for (file, f) in (0..).zip(files) {
        let offset = |pos| f.source.offset(pos).map(|o| o as usize);
        let range = |span: Span| Some(offset(span.start)?..offset(span.end)?);
        let mut add = |name: Ident, spec, text: Option<Range<usize>>| {
            if let (Some(at), Some(text), false) = (offset(name.pos), text, name.name == Name::BLANK) {
                all.push(Part { file, spec, name: names.text(name.name), at, text });
            }
        };
        let tree = &f.tree;
        for decl in &f.decls {
            match decl {
                Decl::Func(id) if tree[*id].recv.is_none() && tree[*id].name.name != Name::INIT => {
                    add(tree[*id].name, None, tree[*id].body.and_then(range));
                }
                Decl::Func(_) => {}
                Decl::Gen(g) => {
                    for spec in g.specs.ids() {
                        let SpecKind::VarSpec(v) = &tree[spec].kind else { continue };
                        let ([name], [value], true) = (&tree[v.names], &tree[v.values], v.embeds.is_empty()) else {
                            continue;
                        };
                        let text = range(tree.span(*value));
                        add(*name, Some(spec), text.filter(|t| is_literal(&f.source.text()[t.clone()])));
                    }
                }
            }
        }
    }
    all
}

/// Calls, conversions and functions have parentheses.
fn is_literal(text: &str) -> bool {
    !text.contains('(') && !text.contains("<-")
}

fn unused<'t>(names: &'t Names, files: &'t [Arc<File>], parts: &[Part<'t>], mut used: FxHashSet<&'t str>) -> Unused {
    // What stands outside of the parts.
    for (i, f) in (0..).zip(files) {
        let text = f.source.text();
        let mut from = 0;
        for p in parts.iter().filter(|p| p.file == i) {
            identifiers(&text[from..p.text.start], &mut |s, at| {
                // Where it is declared, a name is not used.
                if from + at != p.at {
                    used.insert(s);
                }
            });
            from = p.text.end;
        }
        identifiers(&text[from..], &mut |s, _| {
            used.insert(s);
        });
        used.extend(f.linknames.iter().map(|l| names.text(l.local)));
    }
    let mut left: Vec<&Part<'_>> = parts.iter().collect();
    loop {
        let (now, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|p| used.contains(p.name));
        left = rest;
        if now.is_empty() {
            return left.iter().filter_map(|p| Some((p.file, p.spec?))).collect();
        }
        for p in now {
            let text = files[p.file as usize].source.text();
            identifiers(&text[p.text.clone()], &mut |s, _| {
                used.insert(s);
            });
        }
    }
}

/// Adds what stands behind `local` and a dot; none if something else than a name or white space is between.
fn selected<'t>(text: &'t str, local: &str, used: &mut FxHashSet<&'t str>) -> Option<()> {
    for at in memmem::find_iter(text.as_bytes(), local) {
        let (before, after) = (text[..at].chars().next_back(), &text[at + local.len()..]);
        if before.is_some_and(is_letter) || after.chars().next().is_some_and(is_letter) {
            continue;
        }
        let after = after.trim_start();
        if after.starts_with("/*") || after.starts_with("//") {
            return None;
        }
        let Some(name) = after.strip_prefix('.') else { continue };
        let name = name.trim_start();
        let end = name.find(|c| !is_letter(c)).unwrap_or(name.len());
        // A sentence in a comment may end with the package's name.
        if name.starts_with("/*") || name.starts_with("//") {
            return None;
        }
        used.insert(&name[..end]);
    }
    Some(())
}

fn is_letter(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Calls `f` with each identifier and keyword in a text, and where it begins. Comments, strings and runes are left out.
fn identifiers<'t>(text: &'t str, f: &mut dyn FnMut(&'t str, usize)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at += memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len() - at, |n| n + 4);
            }
            b'`' => at += memchr::memchr(b'`', &bytes[at + 1..]).map_or(bytes.len() - at, |n| n + 2),
            quote @ (b'"' | b'\'') => at = quoted(bytes, at, quote),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. => {
                let rest = &text[at..];
                let end = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
                let end = end.max(rest.chars().next().map_or(1, char::len_utf8));
                f(&rest[..end], at);
                at += end;
            }
            _ => at += 1,
        }
    }
}

/// The offset behind a string or rune.
fn quoted(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let mut all = vec![];
        identifiers(text, &mut |s, _| all.push(s));
        all
    }

    #[test]
    fn identifiers_are_not_in_comments_or_strings() {
        let text = "a := b.c // d\n/* e */ f(\"g\\\"h\", `i`, '\\'', 'j') + über";
        assert_eq!(words(text), ["a", "b", "c", "f", "über"]);
    }

    #[test]
    fn targets_of_links() {
        let text = "package p\n//go:linkname a b.c\n//go:linkname d\n//go:linknamestd e f/g.h // i\n";
        assert_eq!(link_targets(text).collect::<Vec<_>>(), ["b.c", "f/g.h"]);
    }

    #[test]
    fn names_behind_the_package() {
        let mut used = FxHashSet::default();
        let text = "unicode.Lu xunicode.No unicode . Nd\nsee unicode. func f(unicode int)";
        assert_eq!(selected(text, "unicode", &mut used), Some(()));
        let mut used: Vec<_> = used.into_iter().collect();
        used.sort();
        assert_eq!(used, ["Lu", "Nd", "func"]);
        assert_eq!(selected("unicode./**/Lu", "unicode", &mut FxHashSet::default()), None);
    }
}
