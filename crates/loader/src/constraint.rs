//! Build constraints: which files of a folder count, and the language version a file asks for.
//!
//! A file counts if its name (`x_linux.go`, `x_amd64_test.go`) and its `//go:build` line (or, without
//! one, its `// +build` lines) match the [`BuildContext`]: operating system linux, compiler gc, no cgo,
//! all release tags, the experiments that Go switches on by itself.
//!
//! [`BuildTarget::Itab`] is an architecture that Go does not know. No file for another one matches, so
//! every package falls back to its portable files. A few packages need facts of the machine and
//! are matched as for the host ([`HOST_PACKAGES`]).

use crate::version::GoVersion;

/// What a package is loaded for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub enum BuildTarget {
    /// As Go would compile it for this machine, without cgo.
    Host,
    /// As itab compiles it: no assembly, no architecture.
    #[default]
    Itab,
}

/// Packages that are matched for the host's architecture under [`BuildTarget::Itab`] too.
pub const HOST_PACKAGES: [&str; 6] = [
    "internal/goarch",
    "syscall",
    "internal/syscall/unix",
    "internal/runtime/atomic",
    "internal/runtime/syscall/linux",
    "encoding/binary",
];

/// Experiments that are on by default in Go 1.27 on every architecture.
const EXPERIMENTS: [&str; 5] = ["dwarf5", "jsonv2", "greenteagc", "randomizedheapbase64", "sizespecializedmalloc"];
/// Experiments that are on where Go passes arguments in registers; never under [`BuildTarget::Itab`].
const REGABI: [&str; 2] = ["regabiwrappers", "regabiargs"];

const KNOWN_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];
const KNOWN_ARCH: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// Go's name for the architecture of this machine.
pub const HOST_ARCH: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };

/// What build constraints are evaluated against.
#[derive(Clone, Debug)]
pub struct BuildContext {
    /// None under [`BuildTarget::Itab`].
    arch: Option<&'static str>,
    regabi: bool,
    tags: Vec<String>,
}

impl BuildContext {
    /// The context for a package, with additional tags.
    pub fn new(target: BuildTarget, package: &str, tags: &[String]) -> BuildContext {
        let host = target == BuildTarget::Host || HOST_PACKAGES.contains(&package);
        BuildContext { arch: host.then_some(HOST_ARCH), regabi: target == BuildTarget::Host, tags: tags.to_vec() }
    }

    /// Whether a tag holds.
    pub fn has_tag(&self, tag: &str) -> bool {
        if let Some(experiment) = tag.strip_prefix("goexperiment.") {
            return EXPERIMENTS.contains(&experiment) || self.regabi && REGABI.contains(&experiment);
        }
        if let Some(version) = tag.strip_prefix("go1.") {
            return version.parse().is_ok_and(|v: u16| (1..=GoVersion::CURRENT.0).contains(&v));
        }
        match tag {
            "linux" | "unix" | "gc" => true,
            // No assembly.
            "math_big_pure_go" => self.arch.is_none(),
            "amd64.v1" => self.arch == Some("amd64"),
            "arm64.v8.0" => self.arch == Some("arm64"),
            _ => self.arch == Some(tag) || self.tags.iter().any(|t| t == tag),
        }
    }

    /// Whether a file's name matches. Files that are never part of a package (`_x.go`, `.x.go`) do not.
    pub fn matches_name(&self, name: &str) -> bool {
        if name.starts_with(['_', '.']) {
            return false;
        }
        let stem = name.split('.').next().unwrap_or(name);
        // `linux.go` is for all systems, `x_linux.go` is not.
        let Some((_, suffixes)) = stem.split_once('_') else { return true };
        let mut parts: Vec<&str> = suffixes.split('_').collect();
        if parts.last() == Some(&"test") {
            parts.pop();
        }
        let known = |list: &[&str], part: Option<&&str>| part.is_some_and(|p| list.contains(p));
        let n = parts.len();
        let last = parts.last();
        let before = n.checked_sub(2).and_then(|i| parts.get(i));
        if known(KNOWN_OS, before) && known(KNOWN_ARCH, last) {
            return self.is_target(parts[n - 1]) && self.is_target(parts[n - 2]);
        }
        if known(KNOWN_OS, last) || known(KNOWN_ARCH, last) {
            return self.is_target(parts[n - 1]);
        }
        true
    }

    fn is_target(&self, name: &str) -> bool {
        name == "linux" || self.arch == Some(name)
    }

    /// Whether a file's constraint lines match.
    pub fn matches_text(&self, text: &str) -> bool {
        let header = Header::of(text);
        match header.go_build {
            Some(line) => Expr::parse(line).is_some_and(|e| e.eval(&|tag| self.has_tag(tag))),
            None => header.plus_build.iter().all(|line| self.matches_plus_build(line)),
        }
    }

    /// `// +build a,!b c`: words are alternatives, commas mean and.
    fn matches_plus_build(&self, args: &str) -> bool {
        args.split_whitespace().any(|word| {
            word.split(',').all(|tag| match tag.strip_prefix('!') {
                Some(tag) => !self.has_tag(tag),
                None => self.has_tag(tag),
            })
        })
    }
}

/// The constraint lines in front of a package clause.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Header<'a> {
    /// The expression of the `//go:build` line (the last one, if there are several).
    pub go_build: Option<&'a str>,
    /// The arguments of `// +build` lines.
    pub plus_build: Vec<&'a str>,
}

impl<'a> Header<'a> {
    /// Reads the comments at the start of a file.
    pub fn of(text: &'a str) -> Header<'a> {
        let mut header = Header::default();
        let mut pending = Vec::new();
        let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        loop {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            let trimmed = line.trim();
            if trimmed.is_empty() {
                // A +build line counts only if a blank line follows somewhere before the package clause.
                header.plus_build.append(&mut pending);
            } else if let Some(comment) = trimmed.strip_prefix("//") {
                if let Some(expr) = trimmed.strip_prefix("//go:build").filter(|e| e.starts_with([' ', '\t'])) {
                    header.go_build = Some(expr.trim());
                } else if let Some(args) = comment.trim_start().strip_prefix("+build")
                    && (args.is_empty() || args.starts_with([' ', '\t']))
                {
                    pending.push(args.trim());
                }
            } else if trimmed.starts_with("/*") {
                // Comments may be followed by more header on the line where they end.
                let Some(end) = rest.find("*/") else { return header };
                rest = &rest[end + 2..];
                continue;
            } else {
                return header;
            }
            if after.is_empty() {
                header.plus_build.append(&mut pending);
                return header;
            }
            rest = after;
        }
    }
}

/// A `//go:build` expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// A tag.
    Tag(String),
    /// `!x`
    Not(Box<Expr>),
    /// `x && y`
    And(Box<Expr>, Box<Expr>),
    /// `x || y`
    Or(Box<Expr>, Box<Expr>),
}

/// Deeper expressions are not understood, so that nothing overflows.
const MAX_DEPTH: usize = 200;

impl Expr {
    /// Reads an expression; none if it is malformed.
    pub fn parse(text: &str) -> Option<Expr> {
        let mut p = ExprParser { rest: text.trim_start(), depth: 0 };
        let expr = p.or()?;
        p.rest.is_empty().then_some(expr)
    }

    /// Its value.
    pub fn eval(&self, has_tag: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Expr::Tag(tag) => has_tag(tag),
            Expr::Not(x) => !x.eval(has_tag),
            Expr::And(x, y) => x.eval(has_tag) && y.eval(has_tag),
            Expr::Or(x, y) => x.eval(has_tag) || y.eval(has_tag),
        }
    }

    /// The lowest Go version under which the expression can hold.
    pub fn go_version(&self) -> Option<GoVersion> {
        match self.minimum(true) {
            Minimum::Version(v) => Some(v),
            _ => None,
        }
    }

    fn minimum(&self, sign: bool) -> Minimum {
        match (self, sign) {
            (Expr::And(x, y), true) | (Expr::Or(x, y), false) => x.minimum(sign).max(y.minimum(sign)),
            (Expr::Or(x, y), true) | (Expr::And(x, y), false) => x.minimum(sign).min(y.minimum(sign)),
            (Expr::Not(x), _) => x.minimum(!sign),
            (Expr::Tag(_), false) => Minimum::Any,
            (Expr::Tag(tag), true) => match tag.strip_prefix("go1.").and_then(|v| v.parse().ok()) {
                Some(v) => Minimum::Version(GoVersion(v)),
                None if tag == "go1" => Minimum::Version(GoVersion(0)),
                None => Minimum::Any,
            },
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Minimum {
    Any,
    Version(GoVersion),
}

struct ExprParser<'a> {
    rest: &'a str,
    depth: usize,
}

impl ExprParser<'_> {
    fn got(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn or(&mut self) -> Option<Expr> {
        let mut x = self.and()?;
        while self.got("||") {
            x = Expr::Or(Box::new(x), Box::new(self.and()?));
        }
        Some(x)
    }

    fn and(&mut self) -> Option<Expr> {
        let mut x = self.not()?;
        while self.got("&&") {
            x = Expr::And(Box::new(x), Box::new(self.not()?));
        }
        Some(x)
    }

    fn not(&mut self) -> Option<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        if self.got("!") {
            // Go does not take `!!x`.
            return if self.rest.starts_with('!') { None } else { Some(Expr::Not(Box::new(self.not()?))) };
        }
        if self.got("(") {
            let x = self.or()?;
            return self.got(")").then_some(x);
        }
        let is_tag = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let len = self.rest.find(|c| !is_tag(c)).unwrap_or(self.rest.len());
        if len == 0 {
            return None;
        }
        let tag = self.rest[..len].to_string();
        self.rest = self.rest[len..].trim_start();
        Some(Expr::Tag(tag))
    }
}

/// The language version of a file, given that of its package. A file can go below its package's
/// version, but not below 1.21.
pub fn file_version(package: GoVersion, text: &str) -> GoVersion {
    let asked = Header::of(text).go_build.and_then(Expr::parse).and_then(|e| e.go_version());
    match asked {
        Some(v) => v.max(GoVersion::FILE_MINIMUM),
        None => package,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let host = BuildContext { arch: Some("amd64"), regabi: true, tags: vec![] };
        let itab = BuildContext::new(BuildTarget::Itab, "math", &[]);
        for (name, on_host, on_itab) in [
            ("a.go", true, true),
            ("linux.go", true, true),
            ("a_linux.go", true, true),
            ("a_windows.go", false, false),
            ("a_amd64.go", true, false),
            ("a_linux_amd64.go", true, false),
            ("a_linux_arm64.go", false, false),
            ("a_amd64_test.go", true, false),
            ("a_unix.go", true, true),
            ("a_test.go", true, true),
            ("amd64_linux.go", true, true),
            ("_a.go", false, false),
        ] {
            assert_eq!(host.matches_name(name), on_host, "{name}");
            assert_eq!(itab.matches_name(name), on_itab, "{name}");
        }
    }

    #[test]
    fn expressions() {
        let cx = BuildContext::new(BuildTarget::Itab, "math", &["mine".into()]);
        for (line, want) in [
            ("//go:build linux", true),
            ("//go:build !linux", false),
            ("//go:build amd64 || arm64", false),
            ("//go:build unix && (mine || cgo)", true),
            ("//go:build go1.28", false),
            ("//go:build goexperiment.jsonv2 && !goexperiment.regabiargs", true),
            ("//go:build !!linux", false),
            ("// +build windows\n// +build linux", false),
            ("// +build windows linux,!cgo", true),
            ("//go:build linux\n// +build windows", true),
            ("/* x\n*/ //go:build windows", false),
        ] {
            let text = format!("// Copyright\n\n{line}\n\npackage p\n");
            assert_eq!(cx.matches_text(&text), want, "{line}");
        }
        assert!(cx.matches_text("// +build windows\npackage p"), "no blank line, no constraint");
        assert!(cx.matches_text("package p\n//go:build windows\n"));
    }

    #[test]
    fn versions_of_files() {
        let v = |line: &str| file_version(GoVersion(25), &format!("{line}\n\npackage p"));
        assert_eq!(v("//go:build go1.22"), GoVersion(22));
        assert_eq!(v("//go:build go1.18"), GoVersion(21));
        assert_eq!(v("//go:build linux && go1.26"), GoVersion(26));
        assert_eq!(v("//go:build go1.22 || go1.23"), GoVersion(22));
        assert_eq!(v("//go:build !go1.22"), GoVersion(25));
        assert_eq!(v("//go:build linux || go1.22"), GoVersion(25));
    }
}
