//! Lists the files in `overlay/` for `include_str!`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("overlay");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut out = String::from(
        "/// Import path, file name and text of each overlay file.\nconst FILES: &[(&str, &str, &str)] = &[\n",
    );
    walk(&root, &root, &mut out);
    out.push_str("];\n");
    let to = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("overlay_files.rs");
    std::fs::write(to, out).expect("writing to OUT_DIR");
}

fn walk(root: &Path, dir: &Path, out: &mut String) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            walk(root, &path, out);
        } else if path.extension().is_some_and(|e| e == "go") {
            let package = dir.strip_prefix(root).unwrap_or(dir).display().to_string();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let _ = writeln!(out, "    ({package:?}, {name:?}, include_str!({:?})),", path.display().to_string());
        }
    }
}
