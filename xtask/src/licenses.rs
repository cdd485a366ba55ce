//! `cargo xtask licenses`: writes `crates/cli/licenses.txt`, the licences of the crates that are linked into the `itab`
//! command with all its features, from what cargo knows of them.

use crate::run::{Result, root};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate that is linked in.
struct Crate {
    /// `name version, licence`.
    heading: String,
    dir: PathBuf,
    license: String,
}

/// Writes the file.
pub fn write() -> Result<()> {
    let crates = crates()?;
    let mut text: String = crates.iter().map(|c| format!("{}\n", c.heading)).collect();
    // Many crates have the same text.
    let mut texts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for c in &crates {
        for t in license_texts(c)? {
            texts.entry(t).or_default().push(c.heading.split(',').next().unwrap_or_default());
        }
    }
    for (license, of) in texts {
        text += &format!("\n--- {}\n\n{license}\n", of.join(", "));
    }
    let file = path();
    fs::write(&file, text).map_err(|e| format!("{}: {e}", file.display()))
}

fn path() -> PathBuf {
    root().join("crates/cli/licenses.txt")
}

/// All crates but ours, sorted by name.
fn crates() -> Result<Vec<Crate>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version=1", "--locked", "--all-features"]);
    cargo.args(["--filter-platform", "x86_64-unknown-linux-gnu"]).current_dir(root());
    let out = cargo.output().map_err(|e| e.to_string())?;
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned());
    }
    let data: Value = serde_json::from_slice(&out.stdout).map_err(|e| e.to_string())?;
    let packages: BTreeMap<&str, &Value> = list(&data["packages"]).map(|p| (text(&p["id"]), p)).collect();
    let nodes: BTreeMap<&str, &Value> = list(&data["resolve"]["nodes"]).map(|n| (text(&n["id"]), n)).collect();
    let cli = packages.iter().find(|(_, p)| text(&p["name"]) == "itab-cli").map(|(id, _)| *id);
    let (mut todo, mut seen) = (vec![cli.ok_or("no crate itab-cli")?], BTreeSet::new());
    let mut crates = vec![];
    while let Some(id) = todo.pop() {
        let package = packages[id];
        let macros = list(&package["targets"]).any(|t| list(&t["kind"]).any(|k| text(k) == "proc-macro"));
        if macros || !seen.insert(id) {
            continue;
        }
        if !package["source"].is_null() {
            crates.push(Crate::of(package));
        }
        let linked = |d: &&Value| list(&d["dep_kinds"]).any(|k| k["kind"].is_null());
        todo.extend(list(&nodes[id]["deps"]).filter(linked).map(|d| text(&d["pkg"])));
    }
    crates.sort_by(|a, b| a.heading.cmp(&b.heading));
    Ok(crates)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

impl Crate {
    fn of(package: &Value) -> Crate {
        let license = text(&package["license"]).to_string();
        let heading = format!("{} {}, {license}", text(&package["name"]), text(&package["version"]));
        let dir = Path::new(text(&package["manifest_path"])).parent().unwrap_or(Path::new("")).to_path_buf();
        Crate { heading, dir, license }
    }
}

/// The texts that a crate comes with, those of C code in it included; where there is a choice that includes MIT, that one.
fn license_texts(c: &Crate) -> Result<Vec<String>> {
    let mut files = vec![];
    find(&c.dir, &["LICENSE", "LICENCE", "COPYING", "NOTICE"], 0, &mut files);
    for entry in fs::read_dir(&c.dir).map_err(|e| format!("{}: {e}", c.dir.display()))?.flatten() {
        find(&entry.path(), &["LICENSE"], 1, &mut files);
    }
    files.sort();
    let is_mit = |f: &PathBuf| f.to_string_lossy().to_uppercase().ends_with("MIT");
    if c.license.contains("MIT") && c.license.contains("OR") && files.iter().any(is_mit) {
        files.retain(|f| is_mit(f) || f.to_string_lossy().contains("NOTICE"));
    }
    let read = |f: &PathBuf| fs::read_to_string(f).map(|t| t.trim_end().replace("\r\n", "\n"));
    files.iter().map(read).collect::<std::io::Result<_>>().map_err(|e| format!("{}: {e}", c.dir.display()))
}

/// Files in a folder, and so many levels below, whose names start with one of these.
fn find(dir: &Path, names: &[&str], levels: usize, out: &mut Vec<PathBuf>) {
    for path in fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if path.is_dir() && levels > 0 {
            find(&path, names, levels - 1, out);
        } else if path.is_file() && names.iter().any(|n| name.starts_with(n)) {
            out.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licenses_are_those_of_the_dependencies() {
        let have = fs::read_to_string(path()).unwrap();
        let have: Vec<&str> = have.lines().take_while(|l| !l.is_empty()).collect();
        let want: Vec<String> = crates().unwrap().into_iter().map(|c| c.heading).collect();
        assert_eq!(have, want, "run `cargo xtask licenses`");
    }
}
