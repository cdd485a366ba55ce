//! `cargo xtask conformance std_test`: runs the standard library's own tests with `itab test -short` and compares with
//! `tests/conformance/std_test.txt`.
//!
//! The list names packages, one on a line. Below each package, indented, are the tests that fail: `Test: reason`. A test
//! that fails without being listed is an error, and so is a listed one that passes. `~Test` may pass or fail. `!Test` ends
//! the whole program and is skipped.

use crate::run::{Result, Tested, capture, root};
use std::collections::BTreeSet;
use std::time::Duration;

/// What is expected of a package's tests.
#[derive(Debug, Default, PartialEq)]
pub struct Package {
    /// Its import path.
    pub path: String,
    fail: BTreeSet<String>,
    maybe: BTreeSet<String>,
    skip: BTreeSet<String>,
}

/// Runs the tests of all listed packages whose path contains `only`.
pub fn std_test(only: Option<&str>, timeout: u64) -> Result<()> {
    let itab = Tested::here()?;
    let (mut passed, mut listed, mut wrong) = (0, 0, vec![]);
    for package in packages()?.iter().filter(|p| only.is_none_or(|only| p.path.contains(only))) {
        match run(&itab, package, timeout) {
            Ok(n) => passed += n,
            Err(why) => wrong.push(why),
        }
        listed += package.fail.len() + package.maybe.len() + package.skip.len();
    }
    println!("{passed} tests passed, {listed} are listed with the reason why they do not");
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// All listed packages.
pub fn packages() -> Result<Vec<Package>> {
    let text = std::fs::read_to_string(root().join("tests/conformance/std_test.txt")).map_err(|e| e.to_string())?;
    parse(&text)
}

fn parse(text: &str) -> Result<Vec<Package>> {
    let mut packages: Vec<Package> = vec![];
    for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        if !line.starts_with(char::is_whitespace) {
            packages.push(Package { path: line.trim().into(), ..Package::default() });
            continue;
        }
        let package = packages.last_mut().ok_or("std_test.txt: a test without a package")?;
        let (name, reason) = line.trim().split_once(": ").unwrap_or((line.trim(), ""));
        if reason.is_empty() {
            return Err(format!("std_test.txt: {name} fails without a reason"));
        }
        let (list, name) = match name.as_bytes()[0] {
            b'~' => (&mut package.maybe, &name[1..]),
            b'!' => (&mut package.skip, &name[1..]),
            _ => (&mut package.fail, name),
        };
        list.insert(name.into());
    }
    Ok(packages)
}

/// Gives how many tests passed.
pub fn run(itab: &Tested, package: &Package, timeout: u64) -> Result<usize> {
    let mut cmd = itab.command();
    cmd.args(["test", "-short", "-v"]).env("GOROOT", crate::setup::goroot());
    cmd.arg(format!("-timeout={timeout}s"));
    if !itab.runner.is_empty() {
        cmd.arg(format!("-exec={}", itab.runner.join(" ")));
    }
    if !package.skip.is_empty() {
        let names: Vec<&str> = package.skip.iter().map(String::as_str).collect();
        cmd.arg(format!("-skip=^({})$", names.join("|")));
    }
    let out = capture(cmd.arg(&package.path), Duration::from_secs(timeout + 30))?;
    let text = String::from_utf8_lossy(&out.text);
    let (passed, failed) = (verdicts(&text, "--- PASS: "), verdicts(&text, "--- FAIL: "));
    let mut wrong = vec![];
    for name in failed.iter().filter(|n| !package.fail.contains(*n) && !package.maybe.contains(*n)) {
        wrong.push(format!("{}: {name} failed", package.path));
    }
    for name in package.fail.iter().filter(|n| passed.contains(*n)) {
        wrong.push(format!("{}: {name} passes now: take it off the list", package.path));
    }
    if passed.is_empty() || (out.code != Some(0) && failed.is_empty()) {
        let tail: Vec<&str> = text.lines().rev().take(12).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        wrong.push(format!("{}: the tests did not come to their end:\n{}", package.path, tail.join("\n")));
    }
    if wrong.is_empty() { Ok(passed.len()) } else { Err(wrong.join("\n")) }
}

/// Names of the tests, not of their parts, that a verdict was printed for.
fn verdicts(text: &str, verdict: &str) -> BTreeSet<String> {
    let name = |l: &str| Some(l.strip_prefix(verdict)?.split(' ').next()?.to_string());
    text.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let list = parse("# c\nerrors\n\nio\n\tTestA: why\n\t~TestB: now and then\n\t!TestC: crash\n").unwrap();
        assert_eq!(list[0], Package { path: "errors".into(), ..Package::default() });
        let set = |s: &str| BTreeSet::from([s.to_string()]);
        let io = Package { path: "io".into(), fail: set("TestA"), maybe: set("TestB"), skip: set("TestC") };
        assert_eq!(list[1], io);
        assert!(parse("io\n\tTestA\n").is_err() && parse("\tTestA: x\n").is_err());
    }

    #[test]
    fn output() {
        let text = "=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- FAIL: TestB/x (0.0s)\n--- FAIL: TestB (0.00s)\n";
        assert_eq!(verdicts(text, "--- PASS: "), BTreeSet::from(["TestA".to_string()]));
        assert_eq!(verdicts(text, "--- FAIL: "), BTreeSet::from(["TestB".to_string()]));
    }
}
