//! Lists the files in `overlay/` for `include_str!`, and packs Go's standard library for the feature `packed-std`.

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
    let to = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    std::fs::write(to.join("overlay_files.rs"), out).expect("writing to OUT_DIR");
    #[cfg(feature = "packed-std")]
    pack::pack(&to);
}

fn walk(root: &Path, dir: &Path, out: &mut String) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            walk(root, &path, out);
        } else if path.extension().is_some_and(|e| e == "go") && !is_for_another_arch(&path) {
            let package = dir.strip_prefix(root).unwrap_or(dir).display().to_string();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let _ = writeln!(out, "    ({package:?}, {name:?}, include_str!({:?})),", path.display().to_string());
        }
    }
}

/// Whether a file's name ends in an architecture that the target is not.
fn is_for_another_arch(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let target = std::env::var("CARGO_CFG_TARGET_ARCH").expect("cargo sets it");
    [("x86_64", "amd64"), ("aarch64", "arm64")]
        .iter()
        .any(|(rust, go)| stem.ends_with(&format!("_{go}")) && target != *rust)
}

/// Packs the standard library of the Go that is found.
#[cfg(feature = "packed-std")]
mod pack {
    use std::fmt::Write;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// Systems whose files are left out.
    const OTHERS: &[&str] = &[
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "illumos",
        "ios",
        "js",
        "netbsd",
        "openbsd",
        "plan9",
        "solaris",
        "wasip1",
        "windows",
    ];

    pub fn pack(out: &Path) {
        let goroot = goroot();
        println!("cargo:rerun-if-env-changed=GOROOT");
        println!("cargo:rerun-if-changed={}", goroot.join("VERSION").display());
        let mut index = String::from("static FOLDERS: &[Folder] = &[\n");
        let mut blob = vec![];
        let mut folders = vec![(String::new(), vec![goroot.join("VERSION")])];
        collect(&goroot.join("src"), "src", &mut folders);
        folders.sort();
        for (path, files) in folders {
            let (mut text, mut list) = (vec![], String::new());
            for file in files {
                // Assembly counts by being there.
                let assembly = file.extension().is_some_and(|e| e == "s");
                let contents = if assembly { vec![] } else { fs::read(&file).expect("a file of GOROOT") };
                let name = file.file_name().expect("a file").to_string_lossy().into_owned();
                let _ = write!(list, "({name:?}, {}), ", contents.len());
                text.extend(contents);
            }
            let packed = zstd::bulk::compress(&text, 19).expect("zstd compresses");
            let _ = writeln!(index, "    ({path:?}, {}, {}, &[{list}]),", blob.len(), packed.len());
            blob.extend(packed);
        }
        let file = out.join("packed_std.zst");
        fs::write(&file, blob).expect("writing to OUT_DIR");
        let _ = writeln!(index, "];\nstatic BLOB: &[u8] = include_bytes!({:?});", file.display().to_string());
        fs::write(out.join("packed_std.rs"), index).expect("writing to OUT_DIR");
    }

    fn collect(dir: &Path, path: &str, out: &mut Vec<(String, Vec<PathBuf>)>) {
        let mut files = vec![];
        let mut entries: Vec<PathBuf> = fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
        entries.sort();
        for entry in entries {
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if entry.is_dir() {
                if !matches!(&name[..], "testdata" | "cmd") && !name.starts_with(['_', '.']) {
                    collect(&entry, &format!("{path}/{name}"), out);
                }
            } else if wanted(&name) {
                files.extend(embedded(dir, &entry));
                files.push(entry);
            }
        }
        files.sort();
        files.dedup();
        if !files.is_empty() {
            out.push((path.into(), files));
        }
    }

    fn wanted(name: &str) -> bool {
        let Some((stem, suffix)) = name.rsplit_once('.') else { return false };
        let other = stem.split('_').skip(1).any(|part| OTHERS.contains(&part));
        matches!(name, "go.mod" | "modules.txt") || matches!(suffix, "go" | "s") && !stem.ends_with("_test") && !other
    }

    /// The files that a file embeds, if they lie beside it.
    fn embedded(dir: &Path, file: &Path) -> Vec<PathBuf> {
        let text = fs::read_to_string(file).unwrap_or_default();
        let patterns = text.lines().filter_map(|l| l.strip_prefix("//go:embed ")).flat_map(str::split_whitespace);
        patterns.map(|p| dir.join(p)).filter(|p| p.is_file()).collect()
    }

    fn goroot() -> PathBuf {
        let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
        let asked = || {
            let out = Command::new("go").args(["env", "GOROOT"]).env("GOTOOLCHAIN", "local").output().ok()?;
            Some(PathBuf::from(String::from_utf8(out.stdout).ok()?.trim()))
        };
        let places = [
            std::env::var_os("GOROOT").filter(|g| !g.is_empty()).map(PathBuf::from),
            Some(manifest.join("../../target/goroot")),
            asked(),
        ];
        let is_go = |p: &PathBuf| fs::read_to_string(p.join("VERSION")).is_ok_and(|v| v.starts_with("go1.27"));
        places.into_iter().flatten().find(is_go).unwrap_or_else(|| {
            panic!(
                "the feature packed-std packs the source of Go 1.27, and none was found: set GOROOT to an installed \
                 Go 1.27, or get one with `cargo xtask setup`"
            )
        })
    }
}
