//! Holds the documents to the code: the crate graph in ARCHITECTURE.md is generated from the manifests, only the agreed
//! arrows exist, every file opens with its `//!`, and `unsafe` is where it may be. `BLESS=1` rewrites the graph.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which crate may use which of ours.
const ARROWS: [(&str, &[&str]); 11] = [
    ("syntax", &[]),
    ("loader", &["syntax"]),
    ("types", &["syntax"]),
    ("ir", &["types", "syntax"]),
    ("abi", &[]),
    ("codegen", &["ir", "abi"]),
    ("runtime", &["abi"]),
    ("macros", &[]),
    ("itab", &["codegen", "ir", "types", "loader", "syntax", "abi", "runtime", "macros"]),
    ("cli", &["itab"]),
    ("xtask", &[]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_path_buf()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn crate_dir(name: &str) -> PathBuf {
    if name == "xtask" { root().join("xtask") } else { root().join("crates").join(name) }
}

/// The crates of ours that a manifest's `[dependencies]` name, without those for tests alone.
fn dependencies(name: &str) -> Vec<String> {
    let manifest = read(&crate_dir(name).join("Cargo.toml"));
    let section = manifest.split("[dependencies]").nth(1).unwrap_or("");
    let section = section.split("\n[").next().unwrap_or("");
    let names = section.lines().filter_map(|l| l.split(['.', ' ', '=']).next());
    names.filter_map(|d| d.strip_prefix("itab-").or((d == "itab").then_some("itab"))).map(String::from).collect()
}

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_none_or(|n| n != "target") {
            sources(&path, into);
        } else if path.extension().is_some_and(|x| x == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn only_the_agreed_arrows_exist() {
    for (name, allowed) in ARROWS {
        for dep in dependencies(name) {
            assert!(allowed.contains(&dep.as_str()), "{name} may not use {dep}");
        }
    }
    let found = fs::read_dir(root().join("crates")).expect("crates").flatten();
    for entry in found {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(ARROWS.iter().any(|a| a.0 == name), "crate {name} has no row in ARROWS");
    }
}

#[test]
fn the_crate_graph_in_the_document_is_the_real_one() {
    let graph: BTreeMap<_, _> = ARROWS.iter().map(|(n, _)| (*n, dependencies(n))).collect();
    let mut text = String::from("```text\n");
    for (name, deps) in graph {
        text +=
            format!("{name:<8} {}", if deps.is_empty() { String::new() } else { format!("-> {}", deps.join(", ")) })
                .trim_end();
        text.push('\n');
    }
    text += "```\n";
    let path = root().join("ARCHITECTURE.md");
    let doc = read(&path);
    let (start, end) = ("<!-- crate graph -->\n", "<!-- end of crate graph -->");
    let (head, rest) = doc.split_once(start).expect("ARCHITECTURE.md marks the graph");
    let (old, tail) = rest.split_once(end).expect("ARCHITECTURE.md marks the graph's end");
    if old != text && std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{head}{start}{text}{end}{tail}")).expect("ARCHITECTURE.md is writable");
        return;
    }
    assert_eq!(old, text, "BLESS=1 cargo test -p xtask rewrites it");
}

#[test]
fn every_crate_has_its_paragraph() {
    let doc = read(&root().join("ARCHITECTURE.md"));
    for (name, _) in ARROWS {
        assert!(doc.contains(&format!("**`{name}`**")), "ARCHITECTURE.md has no paragraph on {name}");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut files = vec![];
    sources(&root().join("crates"), &mut files);
    sources(&root().join("xtask"), &mut files);
    for file in files {
        assert!(read(&file).trim_start().starts_with("//!"), "{} does not open with //!", file.display());
    }
}

/// The texts between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Text of all sources below the folders.
fn all_text(dirs: &[&str], extensions: &[&str]) -> String {
    fn add(path: &Path, extensions: &[&str], into: &mut String) {
        if path.is_dir() {
            fs::read_dir(path).into_iter().flatten().flatten().for_each(|e| add(&e.path(), extensions, into));
        } else if path.extension().is_some_and(|x| extensions.iter().any(|e| x == *e)) {
            *into += &read(path);
        }
    }
    let mut text = String::new();
    dirs.iter().for_each(|d| add(&root().join(d), extensions, &mut text));
    text
}

fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(part) && !text[at + word.len()..].chars().next().is_some_and(part)
    })
}

/// Whether the test exists that the last column of INTERFACES.md names: a file, a module, a function, a line of a
/// benchmark, or a type of the golden of layouts.
fn test_exists(name: &str, tests: &str) -> bool {
    if name.contains('/') {
        return [root(), root().join("crates/runtime")].iter().any(|d| d.join(name).exists());
    }
    if let Some(module) = name.strip_suffix("::tests") {
        let file = root().join("crates/runtime/src").join(format!("{}.rs", module.replace("::", "/")));
        return file.exists() && read(&file).contains("mod tests");
    }
    let last = name.rsplit("::").next().unwrap_or(name);
    tests.contains(&format!("fn {last}(")) || tests.contains(&format!("func {last}(")) || has_word(tests, last)
}

#[test]
fn what_interfaces_md_names_exists() {
    let doc = read(&root().join("crates/runtime/INTERFACES.md"));
    let code = all_text(&["crates/runtime/src", "crates/abi/src", "crates/ir/src", "crates/codegen/src"], &["rs"]);
    let tests = all_text(
        &[
            "crates/runtime/src/types/tests",
            "crates/runtime/tests",
            "crates/runtime/benches",
            "crates/itab/tests",
            "tests/asm",
        ],
        &["rs", "go", "txt"],
    );
    let mut missing = vec![];
    let (tables, _) = doc.split_once("## Figures").expect("INTERFACES.md ends with figures");
    for row in tables.lines().filter(|l| l.starts_with("| ") && !l.ends_with("| test |")) {
        let cells: Vec<&str> = row.trim().split('|').map(str::trim).collect();
        // Name, in Go, here, better here, test.
        let [_, name, _, here, _, test, _] = cells[..] else { panic!("not five columns: {row}") };
        if quoted(test).next().is_none() {
            missing.push(format!("{name}: no test"));
        }
        for item in quoted(here) {
            let words = item.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty());
            let unknown = |w: &&str| !has_word(&code, w) && !root().join(format!("crates/{w}")).exists();
            missing.extend(words.filter(unknown).map(|w| format!("{name}: {item}: {w}")));
        }
        missing.extend(quoted(test).filter(|t| !test_exists(t, &tests)).map(|t| format!("{name}: test {t}")));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn unsafe_is_where_it_may_be() {
    for (name, _) in ARROWS {
        if name == "runtime" || name == "itab" {
            continue;
        }
        let src = crate_dir(name).join("src");
        let top = [src.join("lib.rs"), src.join("main.rs")].into_iter().find(|p| p.exists()).expect("a crate root");
        assert!(read(&top).contains("#![forbid(unsafe_code)]"), "{name} does not forbid unsafe code");
    }
}
