//! The harness of the Go test programs: Go in, expected output beside it.
//!
//! * `tests/run/x.go` runs with `itab run` in a child process with a time limit, once as it is and once with a garbage
//!   collection forced as often as the time allows (`ITABDEBUG=gcstress=1`); its standard output and standard error
//!   together, followed by `exit status N` when it fails, must equal `x.out`, which real Go wrote. `x.in` is its standard
//!   input, `x.args` has its arguments, one a line. `tests/programs/x.go` and `examples/x/main.go` are run alike: they are
//!   written as users write programs, `tests/run` holds what is about one thing.
//! * `tests/check/x.go` goes through `itab check`; the diagnostics must be those of its `/* ERROR "text" */` comments.
//!
//! * `tests/alloc/x.go` prints a line `what: count` for each thing that may allocate; `x.out` has the counts of real Go, and
//!   each of them is a test: ours may be less, never more.
//!
//! What fails today stands in `tests/known_failures.txt`. It runs all the same, and a listed test that passes fails.

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

const TIME_LIMIT: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let args = Arguments::from_args();
    let tests = root().join("tests");
    let known = Arc::new(known_failures(&tests.join("known_failures.txt")));
    let mut trials = vec![];
    let mut runs = programs(&tests.join("run"));
    runs.extend(programs(&tests.join("programs")));
    runs.extend(examples(&root().join("examples")));
    for file in runs {
        let name = file.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
        let name = name.trim_start_matches("tests/run/").trim_start_matches("tests/").to_string();
        for (kind, debug) in [("run", ""), ("gcstress", "gcstress=1")] {
            let file = file.clone();
            trials.push(trial(format!("{kind}/{name}"), &known, move || run_test(&file, debug)));
        }
    }
    trials.push(trial("README.md".into(), &known, readme_test));
    for file in programs(&tests.join("check")) {
        let name = format!("check/{}", file.file_name().expect("a file").to_string_lossy());
        trials.push(trial(name, &known, move || check_test(&file)));
    }
    for file in programs(&tests.join("alloc")) {
        trials.extend(alloc_trials(&file, &known));
    }
    libtest_mimic::run(&args, trials).exit_code()
}

/// The workspace's root.
fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent);
    root.expect("the crate lies in crates/").to_path_buf()
}

fn trial(
    name: String,
    known: &Arc<BTreeSet<String>>,
    test: impl FnOnce() -> Result<(), String> + Send + 'static,
) -> Trial {
    let known = known.clone();
    Trial::test(name.clone(), move || match (test(), known.contains(&name)) {
        (Ok(()), false) => Ok(()),
        (Err(_), true) => Ok(()),
        (Ok(()), true) => Err(Failed::from("passes, but is listed in tests/known_failures.txt: take it out")),
        (Err(e), false) => Err(Failed::from(e)),
    })
}

/// Names, one a line; what follows a `#` says why.
fn known_failures(file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let names = text.lines().map(|l| l.split('#').next().unwrap_or("").trim());
    names.filter(|l| !l.is_empty()).map(String::from).collect()
}

fn programs(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return vec![] };
    let mut files: Vec<_> = entries.filter_map(|e| e.ok()).map(|e| e.path()).collect();
    files.retain(|f| f.extension().is_some_and(|x| x == "go"));
    files.sort();
    files
}

/// The main files of the examples that are Go programs.
fn examples(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return vec![] };
    let mut files: Vec<_> = entries.filter_map(|e| e.ok()).map(|e| e.path().join("main.go")).collect();
    files.retain(|f| f.is_file());
    files.sort();
    files
}

/// What README.md says that its main command prints is what the command prints.
fn readme_test() -> Result<(), String> {
    let text = fs::read_to_string(root().join("README.md")).map_err(|e| e.to_string())?;
    let command = "cargo run --release -p itab-cli -- run ";
    let (_, rest) = text.split_once(command).ok_or("README.md has no command that runs a program")?;
    let file = rest.split_whitespace().next().expect("something follows");
    let (_, rest) = rest.split_once("```text\n").ok_or("README.md shows no output")?;
    let (shown, _) = rest.split_once("```").expect("the block ends");
    let (got, _) = itab(&["run"], &root().join(file), "")?;
    if got == shown { Ok(()) } else { Err(format!("--- README.md\n{shown}--- printed\n{got}")) }
}

fn run_test(file: &Path, debug: &str) -> Result<(), String> {
    let want = fs::read_to_string(file.with_extension("out")).map_err(|e| format!("no golden: {e}"))?;
    let (text, code) = itab(&["run"], file, debug)?;
    let mut got = cut_traceback(&text).to_string();
    match code {
        Some(0) => {}
        Some(c) => got += &format!("exit status {c}\n"),
        None => got += "ended by a signal\n",
    }
    if got == want { Ok(()) } else { Err(format!("--- want\n{want}--- got\n{got}--- all output\n{text}")) }
}

/// A trial for each line of the golden; the program runs once.
fn alloc_trials(file: &Path, known: &Arc<BTreeSet<String>>) -> Vec<Trial> {
    let golden = counts(&fs::read_to_string(file.with_extension("out")).unwrap_or_default());
    let ours: Arc<OnceLock<Result<BTreeMap<String, u64>, String>>> = Arc::default();
    let shown = file.file_name().expect("a file").to_string_lossy();
    let one = |(what, most): (String, u64)| {
        let (file, ours) = (file.to_path_buf(), ours.clone());
        trial(format!("alloc/{shown}/{what}"), known, move || {
            let ours = ours.get_or_init(|| itab(&["run"], &file, "").map(|(text, _)| counts(&text)));
            match ours.as_ref().map_err(String::clone)?.get(&what) {
                Some(n) if *n <= most => Ok(()),
                Some(n) => Err(format!("{n} objects; Go allocates {most}")),
                None => Err("the program did not come here".into()),
            }
        })
    };
    golden.into_iter().map(one).collect()
}

/// The lines `what: count`.
fn counts(text: &str) -> BTreeMap<String, u64> {
    let line = |l: &str| l.rsplit_once(": ").and_then(|(what, n)| Some((what.to_string(), n.parse().ok()?)));
    text.lines().filter_map(line).collect()
}

fn check_test(file: &Path) -> Result<(), String> {
    let src = fs::read_to_string(file).map_err(|e| e.to_string())?;
    let want = wanted_errors(&src);
    let (text, _) = itab(&["check", "--format=gc"], file, "")?;
    // Messages name other places as the source was named, without the folder.
    let text = text.replace(&format!("{}/", file.parent().expect("a folder").display()), "");
    let got: Vec<(usize, String)> = text.lines().filter_map(reported_error).collect();
    for (line, part) in &want {
        if !got.iter().any(|(l, m)| l == line && m.contains(part.as_str())) {
            return Err(format!("line {line}: no error with {part:?}; reported:\n{text}"));
        }
    }
    match got.iter().find(|(l, _)| !want.iter().any(|(w, _)| w == l)) {
        Some((line, message)) => Err(format!("line {line}: unexpected {message:?}")),
        None => Ok(()),
    }
}

/// Lines and texts of the `/* ERROR "text" */` comments.
fn wanted_errors(src: &str) -> Vec<(usize, String)> {
    let errors = |(i, l): (usize, &str)| {
        let texts = l.split("/* ERROR \"").skip(1).filter_map(|p| p.split("\" */").next());
        texts.map(|t| (i + 1, t.to_string())).collect::<Vec<_>>()
    };
    src.lines().enumerate().flat_map(errors).collect()
}

/// `file:line:col: message`
fn reported_error(line: &str) -> Option<(usize, String)> {
    let at = line.find(".go:").filter(|_| !line.starts_with('\t'))?;
    let mut parts = line[at + 4..].splitn(3, ':');
    let number = parts.next()?.parse().ok()?;
    Some((number, parts.nth(1)?.trim().to_string()))
}

/// What real Go prints behind this differs in addresses and in the runtime's own frames.
fn cut_traceback(text: &str) -> &str {
    &text[..text.find("\ngoroutine ").map_or(text.len(), |i| i + 1)]
}

/// Runs the command on a file: both outputs in the order in which they were written, and the exit code.
fn itab(args: &[&str], file: &Path, debug: &str) -> Result<(String, Option<i32>), String> {
    let stdin = fs::File::open(file.with_extension("in")).map_or_else(|_| Stdio::null(), Stdio::from);
    let extra = fs::read_to_string(file.with_extension("args")).unwrap_or_default();
    let (mut reader, writer) = std::io::pipe().map_err(|e| e.to_string())?;
    let err = writer.try_clone().map_err(|e| e.to_string())?;
    let mut child = Command::new(env!("CARGO_BIN_EXE_itab"))
        .env("ITABCACHE", "off")
        .args(args)
        .arg(file)
        .args((!extra.is_empty()).then_some("--"))
        .args(extra.lines())
        .env("ITABDEBUG", debug)
        .env("GOROOT", std::env::var_os("GOROOT").unwrap_or_else(|| root().join("target/goroot").into()))
        .stdin(stdin)
        .stdout(writer)
        .stderr(err)
        .spawn()
        .map_err(|e| e.to_string())?;
    let (tx, rx) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = vec![];
        let _ = reader.read_to_end(&mut text);
        let _ = tx.send(String::from_utf8_lossy(&text).into_owned());
    });
    let text = rx.recv_timeout(TIME_LIMIT);
    if text.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    match text {
        Ok(text) => Ok((text, status.code())),
        Err(_) => Err("time limit".into()),
    }
}
