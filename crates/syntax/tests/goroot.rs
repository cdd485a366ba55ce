//! Every Go file of an installed Go must parse, bodies skipped or not.
//!
//! Finds Go by the environment variable `GOROOT`, else at `target/goroot` of the workspace
//! (`cargo xtask setup` puts it there).

use std::path::{Path, PathBuf};

use itab_syntax::{FileSet, Mode, Names, parse_body, parse_file};

fn goroot() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/goroot");
    let root = std::env::var_os("GOROOT").map_or(workspace, PathBuf::from);
    assert!(
        root.join("src/fmt/print.go").exists(),
        "no Go at {}: set GOROOT or run `cargo xtask setup`",
        root.display()
    );
    root
}

/// All Go files below `dir`, without the folders that hold deliberately broken ones.
fn go_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|n| n != "testdata") {
                go_files(&path, out);
            }
        } else if path.extension().is_some_and(|e| e == "go") {
            out.push(path);
        }
    }
}

#[test]
fn parses_all_of_go() {
    let mut files = Vec::new();
    go_files(&goroot().join("src"), &mut files);
    assert!(files.len() > 5000, "only {} files", files.len());
    let (names, set) = (Names::new(), FileSet::new());
    let mut complaints = Vec::new();
    for path in &files {
        let text = std::fs::read(path).unwrap();
        let source = set.add(path.to_string_lossy(), text).unwrap();
        let (whole, found) = parse_file(&source, &names, Mode::STD);
        complaints.extend(found.iter().map(|d| d.render(&set)));
        let (skipped, found) = parse_file(&source, &names, Mode::STD | Mode::SKIP_BODIES);
        complaints.extend(found.iter().map(|d| d.render(&set)));
        assert_eq!(whole.tree.funcs(), skipped.tree.funcs(), "{}", path.display());
        assert_eq!(whole.linknames, skipped.linknames, "{}", path.display());
        for (i, f) in skipped.tree.funcs().iter().enumerate() {
            let (Some(span), Some(body)) = (f.body, &whole.bodies[i]) else {
                continue;
            };
            let (late, found) = parse_body(&source, &names, span);
            complaints.extend(found.iter().map(|d| d.render(&set)));
            assert_eq!(late.tree.exprs(), body.tree.exprs(), "{}", path.display());
            assert_eq!(late.tree.stmts(), body.tree.stmts(), "{}", path.display());
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
