//! `//go:embed`: which files a package's patterns mean.

use std::collections::BTreeMap;
use std::path::Path;

use itab_syntax::{Code, Diagnostic, Span, SpecKind};

use crate::package::PackageFile;
use crate::source::Source;

/// The patterns of a package and the files they mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Embeds {
    /// Pattern, as in [`itab_syntax::Embed::patterns`], to files, relative to the package's folder, sorted.
    pub files: BTreeMap<String, Vec<String>>,
}

/// Resolves all patterns of a package's files.
pub(crate) fn resolve(source: &dyn Source, dir: &Path, files: &[PackageFile]) -> (Embeds, Vec<Diagnostic>) {
    let mut embeds = Embeds::default();
    let mut diagnostics = Vec::new();
    for file in files {
        let tree = &file.file.tree;
        let specs = tree.specs().iter().filter_map(|s| match s.kind {
            SpecKind::VarSpec(v) => Some(v.embeds),
            _ => None,
        });
        for embed in specs.flat_map(|list| &tree[list]) {
            for pattern in &embed.patterns {
                match matches(source, dir, pattern) {
                    Ok(files) => {
                        embeds.files.insert(pattern.clone(), files);
                    }
                    Err(why) => {
                        // Go points at the pattern; we know where the directive is.
                        let pos = embed.pos + "go:embed ".len() as u32;
                        let message = format!("pattern {pattern}: {why}");
                        diagnostics.push(Diagnostic::error(Code::DIRECTIVE, Span::at(pos), message));
                    }
                }
            }
        }
    }
    (embeds, diagnostics)
}

/// The files below `dir` that a pattern means.
fn matches(source: &dyn Source, dir: &Path, pattern: &str) -> Result<Vec<String>, String> {
    let (all, glob) = match pattern.strip_prefix("all:") {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let valid = glob == "."
        || !glob.is_empty() && !glob.split('/').any(|e| matches!(e, "" | "." | "..")) && !glob.contains('\\');
    if !valid {
        return Err("invalid pattern syntax".into());
    }
    let mut found = Vec::new();
    if glob == "." {
        found.push(String::new());
    } else {
        let parts: Vec<&str> = glob.split('/').collect();
        expand(source, dir, "", &parts, &mut found);
    }
    let mut files = Vec::new();
    for path in found {
        let full = dir.join(&path);
        if source.is_file(&full) {
            files.push(path);
        } else if source.is_dir(&full) {
            let before = files.len();
            walk(source, dir, &path, all, &mut files);
            if files.len() == before {
                return Err(format!("cannot embed directory {path}: contains no embeddable files"));
            }
        } else {
            return Err(format!("cannot embed irregular file {path}"));
        }
    }
    if files.is_empty() {
        return Err("no matching files found".into());
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.into() } else { format!("{prefix}/{name}") }
}

fn expand(source: &dyn Source, dir: &Path, prefix: &str, parts: &[&str], out: &mut Vec<String>) {
    let Some((first, rest)) = parts.split_first() else {
        out.push(prefix.into());
        return;
    };
    for entry in source.read_dir(&dir.join(prefix)).unwrap_or_default() {
        if glob_matches(first, &entry.name) && (rest.is_empty() || entry.is_dir) {
            expand(source, dir, &join(prefix, &entry.name), rest, out);
        }
    }
}

/// All files of a folder, without hidden ones (unless `all`) and without other modules.
fn walk(source: &dyn Source, dir: &Path, prefix: &str, all: bool, out: &mut Vec<String>) {
    for entry in source.read_dir(&dir.join(prefix)).unwrap_or_default() {
        if !all && entry.name.starts_with(['.', '_']) {
            continue;
        }
        let path = join(prefix, &entry.name);
        if !entry.is_dir {
            out.push(path);
        } else if !source.is_file(&dir.join(&path).join("go.mod")) {
            walk(source, dir, &path, all, out);
        }
    }
}

/// `path.Match` for one path element.
fn glob_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last star is and what of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p == pattern.len() && n == name.len() {
            return true;
        }
        let step = match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            Some('?') if n < name.len() => Some(1),
            Some('[') if n < name.len() => class_matches(&pattern[p..], name[n]),
            Some(&c) if name.get(n) == Some(&c) => Some(1),
            _ => None,
        };
        match (step, star) {
            (Some(len), _) => {
                p += len;
                n += 1;
            }
            (None, Some((at, taken))) if taken < name.len() => {
                star = Some((at, taken + 1));
                (p, n) = (at + 1, taken + 1);
            }
            _ => return false,
        }
    }
}

/// Whether the class at the start of `pattern` (`[a-z]`, `[^x]`) has `c`; its length if so.
fn class_matches(pattern: &[char], c: char) -> Option<usize> {
    let negated = pattern.get(1) == Some(&'^');
    let mut i = if negated { 2 } else { 1 };
    let mut found = false;
    loop {
        let low = *pattern.get(i)?;
        if low == ']' {
            break;
        }
        let mut high = low;
        if pattern.get(i + 1) == Some(&'-') {
            high = *pattern.get(i + 2)?;
            i += 2;
        }
        found |= (low..=high).contains(&c);
        i += 1;
    }
    (found != negated).then_some(i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    #[test]
    fn globs() {
        assert!(glob_matches("*.txt", "a.txt") && !glob_matches("*.txt", "a.txd"));
        assert!(glob_matches("a?[x-z]", "abz") && !glob_matches("a[^b]", "ab"));
        assert!(glob_matches("*a*b", "xxaxxbab") && glob_matches("*", ""));
    }

    #[test]
    fn folders_and_hidden_files() {
        let mut m = Memory::new();
        for f in ["a/x.txt", "a/.hidden", "a/b/y.txt", "a/_z", "c.txt"] {
            m.insert(format!("/p/{f}"), "");
        }
        let dir = Path::new("/p");
        assert_eq!(matches(&m, dir, "a").unwrap(), ["a/b/y.txt", "a/x.txt"]);
        assert_eq!(matches(&m, dir, "all:a").unwrap().len(), 4);
        assert_eq!(matches(&m, dir, "*.txt").unwrap(), ["c.txt"]);
        assert_eq!(matches(&m, dir, "a/*.txt").unwrap(), ["a/x.txt"]);
        assert!(matches(&m, dir, "nope").unwrap_err().contains("no matching files"));
        assert!(matches(&m, dir, "../x").unwrap_err().contains("invalid pattern"));
    }
}
