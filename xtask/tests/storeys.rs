//! Holds the storeys of crate `runtime` to their order: no file names what lies above it.
//!
//! Every path of every file is read, those of `use` items as well as those in bodies and macros: paths from `crate`, and
//! paths that `super` leads out of the file's storey. The name after the root is a storey, and not one above; or it is
//! `sync`, which lies below all of them. Macros that the root exports and aliases of the crate would hide an arrow, so
//! neither may exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom.
const STOREYS: [&str; 5] = ["types", "heap", "code", "sched", "std"];

/// Storeys whose files do not name each other in a circle. In `types` descriptors, itabs and equality are made together;
/// in `heap` the methods of the heap are spread over Go's files.
const NO_CIRCLES: [&str; 3] = ["code", "sched", "std"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").join("crates/runtime/src")
}

fn files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|x| x == "rs") {
            into.push(path);
        }
    }
}

/// Names and punctuation; neither comments nor the insides of strings.
fn tokens(text: &str) -> Vec<&str> {
    let mut all = vec![];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = token_len(rest, c);
        let (token, tail) = rest.split_at(len);
        if !c.is_whitespace() && c != '"' && !token.starts_with("//") && !token.starts_with("/*") {
            all.push(token);
        }
        rest = tail;
    }
    all
}

fn token_len(rest: &str, c: char) -> usize {
    let until = |end: &str| rest[1..].find(end).map_or(rest.len(), |at| 1 + at + end.len());
    match c {
        '/' if rest.starts_with("//") => until("\n"),
        '/' if rest.starts_with("/*") => until("*/"),
        '"' => string_len(rest),
        '\'' if rest.starts_with("'\\") => 2 + rest[2..].find('\'').map_or(0, |at| at + 1),
        '\'' => rest.char_indices().nth(2).filter(|c| c.1 == '\'').map_or(1, |c| c.0 + 1),
        ':' if rest.starts_with("::") => 2,
        _ if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        _ => c.len_utf8(),
    }
}

fn string_len(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |at| at + 2)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The paths behind `crate::`, or behind as many `super::` as lead out of the storey. `depth` is how many modules the
/// file's own is below the root.
fn paths<'t>(tokens: &[&'t str], depth: usize) -> Vec<Vec<&'t str>> {
    let (mut found, mut braces, mut inner) = (vec![], 0, vec![]);
    for (i, token) in tokens.iter().enumerate() {
        let rest = &tokens[i..];
        match *token {
            "mod" if rest.get(2) == Some(&"{") => inner.push(braces),
            "{" => braces += 1,
            "}" => {
                braces -= 1;
                inner.pop_if(|outer| *outer == braces);
            }
            "crate" if rest.get(1) == Some(&"::") => _ = expand(&rest[2..], &[], &mut found),
            "crate" if rest.get(1) == Some(&"as") => found.push(vec!["crate as"]),
            "super" if i == 0 || tokens[i - 1] != "::" => {
                let ups = rest.chunks(2).take_while(|pair| *pair == ["super", "::"]).count();
                if ups >= depth + inner.len() {
                    expand(&rest[2 * ups..], &[], &mut found);
                }
            }
            _ => {}
        }
    }
    found
}

/// Adds the path that begins here, or each of a group's, and says how many tokens that took.
fn expand<'t>(tokens: &[&'t str], prefix: &[&'t str], into: &mut Vec<Vec<&'t str>>) -> usize {
    if tokens.first() == Some(&"{") {
        let mut at = 1;
        while tokens.get(at).is_some_and(|t| *t != "}") {
            at += if tokens[at] == "," { 1 } else { expand(&tokens[at..], prefix, into).max(1) };
        }
        return at + 1;
    }
    let Some(name) = tokens.first() else { return 0 };
    let path = [prefix, &[*name]].concat();
    let goes_on = |t: &&str| *t == "{" || *t == "*" || t.starts_with(is_word);
    if tokens.get(1) == Some(&"::") && tokens.get(2).is_some_and(goes_on) {
        return 2 + expand(&tokens[2..], &path, into);
    }
    into.push(path);
    if tokens.get(1) == Some(&"as") { 3 } else { 1 }
}

fn level(storey: &str) -> usize {
    STOREYS.iter().position(|s| *s == storey).unwrap_or_else(|| panic!("{storey} is no storey"))
}

/// What a file names that lies above it.
fn upward(file: &Path, text: &str) -> Vec<String> {
    let parts: Vec<_> = file.iter().map(|p| p.to_str().expect("a name in UTF-8").trim_end_matches(".rs")).collect();
    let depth = parts.iter().filter(|p| **p != "mod").count();
    let own = (parts.len() > 1).then(|| level(parts[0]));
    let allowed = |name: &&str| match STOREYS.iter().position(|s| s == name) {
        Some(storey) => own.is_some_and(|own| storey <= own),
        None => *name == "sync",
    };
    paths(&tokens(text), depth).iter().map(|path| path[0]).filter(|n| !allowed(n)).map(String::from).collect()
}

#[test]
fn no_arrow_goes_up() {
    let (root, mut all, mut wrong) = (source(), vec![], vec![]);
    files(&root, &mut all);
    for path in all {
        let text = fs::read_to_string(&path).expect("a readable source");
        let file = path.strip_prefix(&root).expect("below the root");
        let hides = ["#[macro_export]", "#[macro_use]", "extern crate self"].into_iter().find(|h| text.contains(h));
        wrong.extend(hides.map(|h| format!("{}: {h}", file.display())));
        if file != Path::new("lib.rs") {
            let named = upward(file, &text).into_iter();
            wrong.extend(named.map(|n| format!("{}: {n}", file.display())));
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "these files name what lies above them: {wrong:#?}");
}

/// The first circle that leads from a name back to it.
fn circle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut left = edges.clone();
    // What names nothing that is left is in no circle.
    while let Some(last) = left.iter().find(|(_, to)| !to.iter().any(|t| edges.contains_key(t))).map(|e| e.0.clone()) {
        left.remove(&last);
        left.values_mut().for_each(|to| _ = to.remove(&last));
    }
    let mut way = vec![left.keys().next()?.clone()];
    loop {
        let next = left[&way[way.len() - 1]].first()?.clone();
        if let Some(at) = way.iter().position(|w| *w == next) {
            return Some(way.split_off(at));
        }
        way.push(next);
    }
}

/// Which files or folders of a storey name which others of it.
fn within(storey: &str) -> BTreeMap<String, BTreeSet<String>> {
    let (root, mut all, mut edges) = (source(), vec![], BTreeMap::<_, BTreeSet<_>>::new());
    files(&root.join(storey), &mut all);
    let name = |path: &Path| path.iter().nth(1).map(|n| n.to_string_lossy().trim_end_matches(".rs").to_string());
    let own: Vec<_> =
        all.iter().map(|p| name(p.strip_prefix(&root).expect("below the root")).expect("a name")).collect();
    for (path, from) in all.iter().zip(&own).filter(|(_, from)| *from != "mod") {
        let text = fs::read_to_string(path).expect("a readable source");
        let named = paths(&tokens(&text), usize::MAX / 2);
        let to = named.iter().filter(|p| p[0] == storey && p.len() > 1).map(|p| p[1].to_string());
        edges.entry(from.clone()).or_default().extend(to.filter(|t| t != from && own.contains(t)));
    }
    edges
}

#[test]
fn these_storeys_have_no_circles() {
    for storey in NO_CIRCLES {
        let edges = within(storey);
        assert!(edges.len() > 3, "files of {storey}");
        assert_eq!(circle(&edges), None, "files of {storey} name each other");
    }
    let edge = |from: &str, to: &[&str]| (from.to_string(), to.iter().map(|t| t.to_string()).collect());
    let round = [edge("a", &["b"]), edge("b", &["c", "d"]), edge("c", &["b"]), edge("d", &[])];
    assert_eq!(circle(&BTreeMap::from(round)), Some(vec!["b".to_string(), "c".to_string()]));
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let upward = |file: &str, text: &str| upward(Path::new(file), text);
    assert_eq!(upward("heap/malloc.rs", "use crate::types::{TypeRef, alg};"), [""; 0]);
    assert_eq!(upward("heap/malloc.rs", "use crate::{types, sched::proc::{G, Sched}, sync};"), ["sched", "sched"]);
    assert_eq!(upward("heap/malloc.rs", "fn f() { crate::code::arch::f(\"crate::std\") } // crate::std"), ["code"]);
    assert_eq!(upward("code/arena.rs", "macro_rules! m { () => { $crate::std::f() } }"), ["std"]);
    assert_eq!(upward("code/arch/mod.rs", "pub use super::super::sched::enter;"), ["sched"]);
    assert_eq!(upward("code/arch/x86_64.rs", "use super::super::stack; use super::CallRegs;"), [""; 0]);
    assert_eq!(upward("code/arch/x86_64.rs", "use super::super::super::sched;"), ["sched"]);
    assert_eq!(upward("types/itab.rs", "crate::flat::f(); let c = '\"'; use crate as root;"), ["flat", "crate as"]);
    assert_eq!(upward("std/mod.rs", "mod tests { use super::*; } use super::*;"), ["*"]);
    assert_eq!(upward("sync.rs", "use crate::types::itab;"), ["types"]);
}
