//! `cargo xtask cross`: the command built for aarch64, and Go programs run with it under qemu.
//!
//! There is a test for each program of `tests/run`, `tests/programs` and `examples`: `run/x.go`, and `gcstress/x.go`, which
//! collects as often as the time allows. There is one for each program of Go's test tree in [`FOLDERS`] that passes on this
//! machine (`go/chan/x.go`), and one for the tests of each package in [`PACKAGES`] (`std/strings`). The expected output is
//! that on x86-64. `tests/conformance/aarch64.txt` lists the sample that runs without `--all`; what fails stands in
//! `aarch64.failures.txt`, `name: reason`, and runs with `--all` to see that it still fails.
//!
//! The processor is qemu's; compiler, linker and emulator are Debian's and are installed if they are missing, as is Rust's
//! standard library for the target.

use crate::conformance::{self, How, at_once};
use crate::golden::{cut_traceback, programs};
use crate::run::{Result, Tested, capture_with, cargo, ok, root, target};
use crate::std_test;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const TARGET: &str = "aarch64-unknown-linux-gnu";
const RUNNER: [&str; 3] = ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"];
/// Debian's packages, with a file of each.
const DEBIAN: [(&str, &str); 3] = [
    ("gcc-aarch64-linux-gnu", "/usr/bin/aarch64-linux-gnu-gcc"),
    ("libc6-dev-arm64-cross", "/usr/aarch64-linux-gnu/include/stdio.h"),
    ("qemu-user-static", "/usr/bin/qemu-aarch64-static"),
];

/// Folders of Go's test tree.
const FOLDERS: [&str; 3] = ["chan/", "interface/", "ken/"];
/// Packages of the standard library.
const PACKAGES: [&str; 11] = [
    "bytes",
    "container/list",
    "errors",
    "maps",
    "math",
    "slices",
    "sort",
    "strconv",
    "strings",
    "text/tabwriter",
    "unicode/utf8",
];

/// Time for one program; emulated, a program that imports `fmt` compiles for some seconds.
const LIMIT: Duration = Duration::from_secs(600);

/// Which programs.
#[derive(clap::Args)]
pub struct Args {
    /// Runs everything, not only the sample.
    #[arg(long)]
    all: bool,
    /// Only names that contain this.
    #[arg(long)]
    only: Option<String>,
    /// Programs at once; 0 for as many as there are processors.
    #[arg(long, default_value_t = 0)]
    jobs: usize,
}

enum Test {
    /// A program, and `ITABDEBUG` for it.
    Program(PathBuf, &'static str),
    /// A program of Go's test tree.
    Go(conformance::Test),
    /// The tests of a package.
    Std(std_test::Package),
}

/// Builds, runs and compares.
pub fn cross(args: &Args) -> Result<()> {
    let lists = root().join("tests/conformance");
    let sample: BTreeSet<String> = entries(&lists.join("aarch64.txt")).into_iter().collect();
    let reasons: BTreeMap<String, String> = entries(&lists.join("aarch64.failures.txt"))
        .iter()
        .map(|l| l.split_once(": ").map(|(n, r)| (n.into(), r.into())).ok_or(format!("{l}: no reason")))
        .collect::<Result<_>>()?;
    let mut tests = tests()?;
    if let Some(name) = sample.iter().chain(reasons.keys()).find(|name| !tests.iter().any(|t| t.0 == **name)) {
        return Err(format!("{name} is listed, and there is no such test"));
    }
    tests.retain(|(name, _)| args.all || sample.contains(name));
    tests.retain(|(name, _)| args.only.as_ref().is_none_or(|o| name.contains(o)));
    let itab = build()?;
    let results = at_once(args.jobs, &tests, |(name, test)| {
        let verdict = match (judge(&itab, test), reasons.contains_key(name)) {
            (verdict, false) => verdict,
            (Err(_), true) => Ok(()),
            (Ok(()), true) => Err("passes, and is among the failures".into()),
        };
        verdict.map_err(|why| format!("{name}: {why}"))
    });
    let wrong: Vec<&str> = results.iter().filter_map(|r| r.as_ref().err()).map(String::as_str).collect();
    println!("{} passed, {} failed", results.len() - wrong.len(), wrong.len());
    if wrong.is_empty() { Ok(()) } else { Err(format!("under qemu:\n{}", wrong.join("\n"))) }
}

/// The lines of a list.
fn entries(list: &Path) -> Vec<String> {
    let text = fs::read_to_string(list).unwrap_or_default();
    text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(String::from).collect()
}

/// All tests, by name.
fn tests() -> Result<Vec<(String, Test)>> {
    let mut files = programs(&root().join("tests/run"))?;
    files.extend(programs(&root().join("tests/programs"))?);
    for example in fs::read_dir(root().join("examples")).map_err(|e| e.to_string())? {
        files.push(example.map_err(|e| e.to_string())?.path().join("main.go"));
    }
    // Other examples are Rust programs.
    files.retain(|f| f.is_file());
    let mut tests = vec![];
    for file in files {
        let name = file.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
        let name = name.trim_start_matches("tests/run/").trim_start_matches("tests/");
        tests.push((format!("run/{name}"), Test::Program(file.clone(), "")));
        tests.push((format!("gcstress/{name}"), Test::Program(file.clone(), "gcstress=1")));
    }
    let passing = entries(&root().join("tests/conformance/run.txt"));
    for t in conformance::tests("run")? {
        if passing.contains(&t.name) && FOLDERS.iter().any(|f| t.name.starts_with(f)) {
            tests.push((format!("go/{}", t.name), Test::Go(t)));
        }
    }
    let std = std_test::packages()?.into_iter().filter(|p| PACKAGES.contains(&&p.path[..]));
    tests.extend(std.map(|p| (format!("std/{}", p.path), Test::Std(p))));
    Ok(tests)
}

/// Gets what is missing and builds the command.
fn build() -> Result<Tested> {
    let missing: Vec<&str> = DEBIAN.iter().filter(|(_, file)| !Path::new(file).exists()).map(|(p, _)| *p).collect();
    if !missing.is_empty() {
        eprintln!("xtask: installing {} from Debian", missing.join(", "));
        let install =
            || ok(Command::new("apt-get").args(["install", "-q", "-y", "--no-install-recommends"]).args(&missing));
        install().or_else(|_| ok(Command::new("apt-get").args(["update", "-q"])).and_then(|()| install()))?;
    }
    ok(Command::new("rustup").args(["--quiet", "target", "add", TARGET]).current_dir(root()))?;
    cargo("build", &["--profile", "cross", "-q", "-p", "itab-cli", "--target", TARGET], &[])?;
    Ok(Tested { runner: RUNNER.to_vec(), itab: target().join(TARGET).join("cross/itab") })
}

fn judge(itab: &Tested, test: &Test) -> Result<()> {
    match test {
        Test::Program(file, debug) => run_program(itab, file, debug),
        Test::Go(t) => conformance::judge(itab, t, &How { runs: true, debug: "", limit: LIMIT }),
        Test::Std(package) => std_test::run(itab, package, LIMIT.as_secs()).map(|_| ()),
    }
}

/// Compares what a program prints with its golden.
fn run_program(itab: &Tested, file: &Path, debug: &str) -> Result<()> {
    let want = fs::read(file.with_extension("out")).map_err(|e| format!("no golden: {e}"))?;
    let stdin = File::open(file.with_extension("in")).map_or_else(|_| Stdio::null(), Stdio::from);
    let args = fs::read_to_string(file.with_extension("args")).unwrap_or_default();
    let mut cmd = itab.command();
    cmd.arg("run").arg(file).args((!args.is_empty()).then_some("--")).args(args.lines());
    cmd.current_dir(root()).env("ITABDEBUG", debug).env("GOROOT", crate::setup::goroot());
    let run = capture_with(&mut cmd, stdin, LIMIT)?;
    let all = String::from_utf8_lossy(&run.text).into_owned();
    let mut text = cut_traceback(run.text);
    match run.code {
        Some(0) => {}
        Some(c) => text.extend(format!("exit status {c}\n").into_bytes()),
        None => text.extend(b"ended by a signal or the time limit\n"),
    }
    if text == want { Ok(()) } else { Err(format!("prints\n{all}")) }
}
