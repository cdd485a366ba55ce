//! Generates the `main` function that runs a package's tests, as `go test` does: it passes all tests, benchmarks, fuzz
//! targets and examples of the package's `_test.go` files to package testing.
//!
//! They are recognised by their names and signatures. An example is run if the last comment of its body begins with
//! `Output:` or `Unordered output:`. The rest of that comment is the expected output.

use itab_loader::{Package, PackageKind};
use itab_syntax::{Decl, ExprKind, File, FuncDecl, Names};
use std::fmt::Write;

/// The functions that package testing is told of, as Go source.
#[derive(Default)]
struct Found {
    tests: String,
    benchmarks: String,
    fuzz_targets: String,
    examples: String,
    /// The package in which `TestMain` is.
    test_main: Option<&'static str>,
}

/// The text of the test program of a package, given it with its tests and its external tests; none if it has no test
/// files.
///
/// # Errors
/// A test function's signature is wrong: its position in the file and why.
pub(crate) fn generate(names: &Names, packages: &[&Package]) -> Result<Option<String>, String> {
    let mut found = Found::default();
    let mut imports = String::new();
    let mut path = "";
    for package in packages {
        let external = package.kind == PackageKind::ExternalTest;
        let alias = if external { "_xtest" } else { "_test" };
        if !external {
            path = &package.path;
        }
        let (mut any, before) = (false, found.len());
        for f in package.files.iter().filter(|f| f.test) {
            any = true;
            found.add_file(names, &f.file, alias)?;
        }
        if any {
            let alias = if found.len() == before { "_" } else { alias };
            let _ = writeln!(imports, "import {alias} {:?}", package.path);
        }
    }
    if imports.is_empty() {
        return Ok(None);
    }
    let (reflect, run) = match found.test_main {
        Some(package) => (
            "import \"reflect\"\n",
            format!("{package}.TestMain(m)\n\tos.Exit(int(reflect.ValueOf(m).Elem().FieldByName(\"exitCode\").Int()))"),
        ),
        None => ("", "os.Exit(m.Run())".into()),
    };
    let Found { tests, benchmarks, fuzz_targets, examples, .. } = found;
    Ok(Some(format!(
        "package main

import \"os\"
import \"testing\"
import \"testing/internal/testdeps\"
{reflect}{imports}
func main() {{
\ttestdeps.ImportPath = {path:?}
\tm := testing.MainStart(testdeps.TestDeps{{}},
\t\t[]testing.InternalTest{{{tests}}},
\t\t[]testing.InternalBenchmark{{{benchmarks}}},
\t\t[]testing.InternalFuzzTarget{{{fuzz_targets}}},
\t\t[]testing.InternalExample{{{examples}}})
\t{run}
}}
"
    )))
}

impl Found {
    fn len(&self) -> usize {
        let lists = [&self.tests, &self.benchmarks, &self.fuzz_targets, &self.examples];
        lists.iter().map(|l| l.len()).sum::<usize>() + usize::from(self.test_main.is_some())
    }

    fn add_file(&mut self, names: &Names, file: &File, package: &'static str) -> Result<(), String> {
        let funcs = file.decls.iter().filter_map(|d| match d {
            Decl::Func(id) => Some(&file.tree[*id]),
            Decl::Gen(_) => None,
        });
        for f in funcs.filter(|f| f.recv.is_none()) {
            let name = names.text(f.name.name);
            if name == "TestMain" && !takes(names, file, f, "T") {
                check(names, file, f, "M")?;
                self.test_main = Some(package);
            } else if is_test(name, "Test") {
                check(names, file, f, "T")?;
                let _ = write!(self.tests, "{{{name:?}, {package}.{name}}}, ");
            } else if is_test(name, "Benchmark") {
                check(names, file, f, "B")?;
                let _ = write!(self.benchmarks, "{{{name:?}, {package}.{name}}}, ");
            } else if is_test(name, "Fuzz") {
                check(names, file, f, "F")?;
                let _ = write!(self.fuzz_targets, "{{{name:?}, {package}.{name}}}, ");
            } else if is_test(name, "Example")
                && let Some(body) = f.body
                && let Some((output, unordered)) = output(file.source.slice(body))
            {
                let output = go_string(&output);
                let _ = write!(self.examples, "{{{name:?}, {package}.{name}, {output}, {unordered}}}, ");
            }
        }
        Ok(())
    }
}

/// Whether a name is the prefix, followed by nothing or by what is no lower-case letter.
fn is_test(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| !rest.starts_with(char::is_lowercase))
}

/// Whether a function takes one `*testing.T`, or what looks like one, and returns nothing.
fn takes(names: &Names, file: &File, f: &FuncDecl, arg: &str) -> bool {
    let typ = &file.tree[f.typ];
    let [param] = &file.tree[typ.params.list] else { return false };
    let ExprKind::StarExpr { x: pointed } = file.tree[param.typ].kind else { return false };
    let name = match file.tree[pointed].kind {
        ExprKind::Ident(name) => name,
        ExprKind::SelectorExpr { sel, .. } => sel.name,
        _ => return false,
    };
    param.names.len() <= 1 && typ.results.list.is_empty() && names.text(name) == arg
}

fn check(names: &Names, file: &File, f: &FuncDecl, arg: &str) -> Result<(), String> {
    let name = names.text(f.name.name);
    let why = if file.tree[f.typ].tparams.is_some() {
        "test functions cannot have type parameters".into()
    } else if !takes(names, file, f, arg) {
        format!("must be: func {name}({} *testing.{arg})", arg.to_lowercase())
    } else {
        return Ok(());
    };
    Err(format!("{}: wrong signature for {name}, {why}", file.source.position(f.pos)))
}

/// What an example has to print, and whether its lines may come in any order.
fn output(body: &str) -> Option<(String, bool)> {
    let text = last_comment(body);
    let start = text.trim_start();
    let lower = start.to_ascii_lowercase();
    let rest = lower.strip_prefix("unordered").map_or(&lower[..], str::trim_start);
    let unordered = rest.len() < lower.len();
    let rest = rest.strip_prefix("output:")?;
    Some((start[start.len() - rest.len()..].trim().to_string(), unordered))
}

/// The text of the `//` comment in front of a body's closing brace.
fn last_comment(body: &str) -> String {
    let body = body.strip_suffix('}').unwrap_or(body).trim_end();
    let comment = |l: &&str| l.trim_start().starts_with("//");
    let mut lines: Vec<&str> = body.lines().rev().take_while(comment).collect();
    lines.reverse();
    let text = |l: &str| {
        let l = l.trim_start().trim_start_matches("//");
        l.strip_prefix(' ').unwrap_or(l).trim_end().to_string()
    };
    lines.into_iter().map(text).collect::<Vec<_>>().join("\n")
}

/// A string as a Go literal.
fn go_string(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if (' '..'\u{7f}').contains(&c) => out.push(c),
            c => _ = write!(out, "\\U{:08x}", c as u32),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_of_examples() {
        let of = |body: &str| output(body);
        assert_eq!(of("{\n\tf()\n\t// Output: a\n\t// b\n}"), Some(("a\nb".into(), false)));
        assert_eq!(of("{\n\tf()\n\t// Unordered output:\n\t// x\n}"), Some(("x".into(), true)));
        assert_eq!(of("{\n\tf() // Output: no\n}"), None);
        assert_eq!(of("{\n\t// output:\n}"), Some((String::new(), false)));
        assert_eq!(go_string("a\"\\\n\u{1F600}"), "\"a\\\"\\\\\\n\\U0001f600\"");
    }

    #[test]
    fn names_of_tests() {
        assert!(is_test("Test", "Test") && is_test("Test_x", "Test") && is_test("TestX", "Test"));
        assert!(!is_test("Tester", "Test") && !is_test("test", "Test"));
    }
}
