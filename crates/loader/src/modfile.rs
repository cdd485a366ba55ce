//! go.mod, go.work and vendor/modules.txt.

use std::collections::BTreeMap;

use crate::version::GoVersion;

/// What a go.mod or go.work says, as far as it matters for finding packages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModFile {
    /// `module path`
    pub module: Option<String>,
    /// `go version`, as written.
    pub go: Option<String>,
    /// `require path version`
    pub require: BTreeMap<String, String>,
    /// `replace path [version] => path [version]`
    pub replace: Vec<Replace>,
    /// `use dir`, of a go.work.
    pub uses: Vec<String>,
}

/// A replace directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// The module replaced.
    pub path: String,
    /// Only this version of it.
    pub version: Option<String>,
    /// A folder (`./x`, `../x`, `/x`) or a module path.
    pub target: String,
    /// The version of a target that is a module.
    pub target_version: Option<String>,
}

impl Replace {
    /// Whether the target is a folder.
    pub fn is_dir(&self) -> bool {
        self.target_version.is_none()
    }
}

/// A line that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {message}")]
pub struct ModFileError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl ModFile {
    /// Reads a go.mod or go.work.
    pub fn parse(text: &str) -> Result<ModFile, ModFileError> {
        let mut file = ModFile::default();
        let mut block: Option<String> = None;
        for (i, line) in text.lines().enumerate() {
            let fail = |message: String| ModFileError { line: i + 1, message };
            let words = words(line).map_err(fail)?;
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match (&block, &words[..]) {
                (_, []) => {}
                (Some(_), [")"]) => block = None,
                (Some(verb), args) => file.directive(&verb.clone(), args).map_err(fail)?,
                (None, [verb, "("]) => block = Some((*verb).into()),
                (None, [verb, args @ ..]) => file.directive(verb, args).map_err(fail)?,
            }
        }
        Ok(file)
    }

    fn directive(&mut self, verb: &str, args: &[&str]) -> Result<(), String> {
        match (verb, args) {
            ("module", [path]) => self.module = Some((*path).into()),
            ("go", [version]) => {
                GoVersion::parse(version)
                    .ok_or_else(|| format!("invalid go version '{version}': must match format 1.23"))?;
                self.go = Some((*version).into());
            }
            ("require", [path, version]) => {
                self.require.insert((*path).into(), (*version).into());
            }
            ("use", [dir]) => self.uses.push((*dir).into()),
            ("replace", args) => {
                let arrow = args.iter().position(|&a| a == "=>").ok_or("usage: replace module/path => target")?;
                let (from, to) = (&args[..arrow], &args[arrow + 1..]);
                let (Some(path), Some(target)) = (from.first(), to.first()) else {
                    return Err("usage: replace module/path => target".into());
                };
                self.replace.push(Replace {
                    path: (*path).into(),
                    version: from.get(1).map(|v| (*v).into()),
                    target: (*target).into(),
                    target_version: to.get(1).map(|v| (*v).into()),
                });
            }
            ("exclude" | "retract" | "toolchain" | "godebug" | "tool" | "ignore", _) => {}
            (verb, _) => return Err(format!("unknown directive: {verb}")),
        }
        Ok(())
    }

    /// The language version of the module.
    pub fn version(&self) -> GoVersion {
        self.go.as_deref().and_then(GoVersion::parse).unwrap_or(GoVersion::UNSTATED)
    }
}

/// The words of a line, without comment; quotes taken off.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with("//") {
        let len;
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '`')) {
            len = rest[1..].find(quote).ok_or("missing closing quote")? + 2;
            out.push(rest[1..len - 1].to_string());
        } else if rest.starts_with(['(', ')', ',', '[', ']']) {
            len = 1;
            out.push(rest[..1].into());
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',')).unwrap_or(rest.len());
            len = end.max(1).min(rest.find("//").filter(|&i| i > 0 && rest[..i].ends_with(' ')).unwrap_or(end.max(1)));
            out.push(rest[..len].into());
        }
        rest = rest[len..].trim_start();
    }
    Ok(out)
}

/// Reads vendor/modules.txt: the modules that have packages below vendor, with their go version.
pub fn vendored(text: &str) -> BTreeMap<String, GoVersion> {
    let mut modules = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let path = rest.split_whitespace().next().unwrap_or("").to_string();
            modules.insert(path.clone(), GoVersion::UNSTATED);
            current = Some(path);
        } else if let (Some(marks), Some(path)) = (line.strip_prefix("## "), &current) {
            let go = marks.split(';').find_map(|m| m.trim().strip_prefix("go "));
            if let Some(version) = go.and_then(GoVersion::parse) {
                modules.insert(path.clone(), version);
            }
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_go_mod() {
        let text = "module example.com/m // here\n\ngo 1.27.0\n\nrequire (\n\texample.com/a v1.2.3 // indirect\n\t\
                    \"example.com/b\" v0.0.1\n)\nreplace example.com/a => ../a\n\
                    replace example.com/b v0.0.1 => example.com/c v2.0.0\nexclude example.com/d v1.0.0\n";
        let m = ModFile::parse(text).unwrap();
        assert_eq!(m.module.as_deref(), Some("example.com/m"));
        assert_eq!(m.version(), GoVersion(27));
        assert_eq!(m.require["example.com/a"], "v1.2.3");
        assert!(m.replace[0].is_dir() && !m.replace[1].is_dir());
        assert_eq!(m.replace[1].version.as_deref(), Some("v0.0.1"));
        assert_eq!(ModFile::parse("go abc").unwrap_err().line, 1);
        assert!(ModFile::parse("modul x").unwrap_err().message.contains("unknown directive"));
    }

    #[test]
    fn reads_modules_txt() {
        let v = vendored("# example.com/a v1.0.0\n## explicit; go 1.20\nexample.com/a/p\n# example.com/b v1.0.0\n");
        assert_eq!(v["example.com/a"], GoVersion(20));
        assert_eq!(v["example.com/b"], GoVersion::UNSTATED);
    }
}
