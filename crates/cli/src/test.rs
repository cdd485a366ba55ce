//! `itab test`: runs packages' own tests with Go's package testing, as `go test` does.
//!
//! The tests of each package are a program of their own and run in a process of their own, whose working directory is the
//! package's folder. That process is this command again: the environment variable [`PROGRAM`] names the package. So a test
//! that starts its own executable (`os.Args[0]`, `os.Executable`) starts the test program. As many processes run at once as
//! there are processors. Their output is printed in the order of the packages.

use crate::report::{self, Format};
use crate::{run, setup};
use itab::{Engine, ListedPackage};
use std::ffi::OsString;
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The environment variable that makes this command the test program of a package: the package's path.
const PROGRAM: &str = "ITAB_TEST_PROGRAM";

/// Exit status of a test program that has no tests to run.
const NO_TESTS: u8 = 124;
/// Exit status of a test program that could not be built.
const BUILD_FAILED: u8 = 125;

/// What to test.
///
/// Flags are those of `go test`, in front of the packages or behind them: -run, -skip, -bench, -benchtime, -count, -cpu,
/// -failfast, -list, -parallel, -short, -timeout, -v, -p for how many packages run at once, and -exec for a command, with
/// its arguments, that runs the test programs. -offline keeps itab from getting Go's source when none is found. What stands
/// behind -args is for the tests.
#[derive(clap::Args)]
pub struct Args {
    /// Flags and packages: folders, import paths, ./... or std. Without any, the package in this folder.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

/// Flags that take a value, and whether they are switches.
const FLAGS: [(&str, bool); 20] = [
    ("bench", false),
    ("benchmem", true),
    ("benchtime", false),
    ("count", false),
    ("cpu", false),
    ("exec", false),
    ("failfast", true),
    ("fullpath", true),
    ("fuzz", false),
    ("fuzztime", false),
    ("list", false),
    ("offline", true),
    ("p", false),
    ("parallel", false),
    ("run", false),
    ("short", true),
    ("shuffle", false),
    ("skip", false),
    ("timeout", false),
    ("v", true),
];

/// The command line, understood.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    packages: Vec<String>,
    /// Arguments of the test programs.
    args: Vec<String>,
    /// Whether what the tests print is shown as they print it.
    shown: bool,
    /// What runs the test programs; empty: they run by themselves.
    runner: Vec<String>,
    /// How many packages run at once; 0 for as many as there are processors.
    at_once: usize,
    /// Whether Go's source is not to be got from the network.
    offline: bool,
}

impl Plan {
    fn parse(words: &[String]) -> Result<Plan, String> {
        let mut plan = Plan::default();
        let mut timeout = "10m".to_string();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(flag) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
                plan.packages.push(word.clone());
                continue;
            };
            if flag == "args" {
                plan.args.extend(words.by_ref().cloned());
                break;
            }
            let (name, value) = flag.split_once('=').map_or((flag, None), |(n, v)| (n, Some(v.to_string())));
            let name = name.strip_prefix("test.").unwrap_or(name);
            let Some(&(name, switch)) = FLAGS.iter().find(|f| f.0 == name) else {
                let known = FLAGS.map(|f| format!("-{}", f.0)).join(" ");
                return Err(format!("flag provided but not defined: -{name}; there are {known} and -args"));
            };
            let value = match value {
                Some(v) => v,
                None if switch => "true".into(),
                None => words.next().cloned().ok_or_else(|| format!("flag needs an argument: -{name}"))?,
            };
            match name {
                "p" => plan.at_once = value.parse().map_err(|_| format!("invalid value {value:?} for flag -p"))?,
                "timeout" => timeout = value,
                "offline" => plan.offline = value != "false",
                "exec" => plan.runner = value.split_whitespace().map(String::from).collect(),
                _ => {
                    plan.shown |= matches!(name, "v" | "bench" | "list") && value != "false";
                    plan.args.push(format!("-test.{name}={value}"));
                }
            }
        }
        plan.args.insert(0, format!("-test.timeout={timeout}"));
        plan.args.insert(0, "-test.paniconexit0".into());
        if plan.packages.is_empty() {
            plan.shown = true;
            plan.packages.push(".".into());
        }
        Ok(plan)
    }
}

/// How a package's tests ended.
enum Verdict {
    Ok,
    Failed,
    BuildFailed,
    NoTests,
    /// Found by a pattern, but without Go files.
    Nothing,
}

struct Outcome {
    verdict: Verdict,
    /// What the tests printed, unless that has been shown.
    text: Vec<u8>,
    time: Duration,
}

/// Runs the tests of packages; the exit status is 0 if none failed, 1 if some did, 2 if the command line is wrong.
pub fn test(args: &Args) -> ExitCode {
    let plan = match Plan::parse(&args.words) {
        Ok(plan) => plan,
        Err(e) => {
            eprintln!("itab test: {e}");
            return ExitCode::from(2);
        }
    };
    let packages = match setup::with_go(plan.offline, || Engine::builder().build().list(&plan.packages)) {
        Ok(packages) => packages,
        Err(e) => return report::load_error(&e, Format::Gc),
    };
    if run_all(&plan, &packages) {
        ExitCode::SUCCESS
    } else {
        println!("FAIL");
        ExitCode::FAILURE
    }
}

/// Runs all and reports each in its turn. Gives whether none failed.
fn run_all(plan: &Plan, packages: &[ListedPackage]) -> bool {
    let processors = std::thread::available_parallelism().map_or(1, |n| n.get());
    let at_once = if plan.at_once == 0 { processors } else { plan.at_once };
    // What is shown at once would mix.
    let at_once = if plan.shown { 1 } else { at_once.min(packages.len()) };
    let next = Mutex::new(packages.iter().enumerate());
    let mut ok = true;
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        for _ in 0..at_once {
            let (send, next) = (send.clone(), &next);
            scope.spawn(move || {
                loop {
                    let taken = next.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((i, package)) = taken else { return };
                    let _ = send.send((i, run_one(plan, package)));
                }
            });
        }
        drop(send);
        let mut early: Vec<Option<Outcome>> = packages.iter().map(|_| None).collect();
        let mut at = 0;
        for (i, outcome) in receive {
            early[i] = Some(outcome);
            while let Some(outcome) = early.get_mut(at).and_then(Option::take) {
                ok &= show(&packages[at], &outcome);
                at += 1;
            }
        }
    });
    ok
}

fn run_one(plan: &Plan, package: &ListedPackage) -> Outcome {
    let start = Instant::now();
    let done = (|| {
        let words: Vec<OsString> = plan.runner.iter().map(OsString::from).collect();
        let words = [words, vec![std::env::current_exe()?.into()]].concat();
        let mut cmd = Command::new(&words[0]);
        cmd.args(&words[1..])
            .args(&plan.args)
            .env(PROGRAM, &package.path)
            .current_dir(&package.dir)
            .stdin(Stdio::null());
        if plan.shown {
            let status = cmd.stderr(std::io::stdout()).status()?;
            return Ok(Output { status, stdout: vec![], stderr: vec![] });
        }
        together(&mut cmd)
    })();
    let (verdict, text) = match done {
        Err(e) => (Verdict::Failed, format!("itab test: {e}\n").into_bytes()),
        Ok(output) => match output.status.code() {
            Some(0) => (Verdict::Ok, vec![]),
            Some(c) if c == i32::from(NO_TESTS) && package.wildcard && !has_go_files(package) => {
                (Verdict::Nothing, vec![])
            }
            Some(c) if c == i32::from(NO_TESTS) => (Verdict::NoTests, vec![]),
            Some(c) if c == i32::from(BUILD_FAILED) => (Verdict::BuildFailed, output.stdout),
            Some(_) => (Verdict::Failed, output.stdout),
            None => (Verdict::Failed, [&output.stdout[..], format!("{}\n", output.status).as_bytes()].concat()),
        },
    };
    Outcome { verdict, text, time: start.elapsed() }
}

/// Runs a command with its standard output and standard error in one pipe.
fn together(cmd: &mut Command) -> std::io::Result<Output> {
    let (mut reader, writer) = std::io::pipe()?;
    cmd.stdout(writer.try_clone()?).stderr(writer);
    let mut child = cmd.spawn()?;
    // The command holds the writing ends, and would keep the pipe open.
    cmd.stdout(Stdio::null()).stderr(Stdio::null());
    let mut stdout = vec![];
    std::io::Read::read_to_end(&mut reader, &mut stdout)?;
    Ok(Output { status: child.wait()?, stdout, stderr: vec![] })
}

fn has_go_files(package: &ListedPackage) -> bool {
    let entries = std::fs::read_dir(&package.dir).into_iter().flatten().flatten();
    entries.map(|e| e.path()).any(|p| p.extension().is_some_and(|x| x == "go"))
}

/// Prints what came of a package, as `go test` does. Gives whether it did not fail.
fn show(package: &ListedPackage, outcome: &Outcome) -> bool {
    use std::io::Write;
    let _ = std::io::stdout().write_all(&outcome.text);
    let (path, time) = (&package.path, outcome.time.as_secs_f64());
    match outcome.verdict {
        Verdict::Ok => println!("ok  \t{path}\t{time:.3}s"),
        Verdict::Failed => println!("FAIL\t{path}\t{time:.3}s"),
        Verdict::BuildFailed => println!("FAIL\t{path} [build failed]"),
        Verdict::NoTests => println!("?   \t{path}\t[no test files]"),
        Verdict::Nothing => {}
    }
    !matches!(outcome.verdict, Verdict::Failed | Verdict::BuildFailed)
}

/// Whether this process is the test program of a package, and if so what became of it.
pub fn as_program() -> Option<ExitCode> {
    let path = std::env::var(PROGRAM).ok()?;
    let passes = std::env::var("ITABPASSES").unwrap_or_default();
    Some(match Engine::builder().passes(&passes).build().load_tests(&path) {
        Ok(Some(program)) => run::execute(program, std::env::args().collect()),
        Ok(None) => ExitCode::from(NO_TESTS),
        Err(e) => {
            eprintln!("# {path}");
            report::load_error(&e, Format::Gc);
            ExitCode::from(BUILD_FAILED)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(words: &str) -> Result<Plan, String> {
        Plan::parse(&words.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn command_lines() {
        let fixed = ["-test.paniconexit0", "-test.timeout=10m"];
        let p = plan("-v -run X strings --count=2 bytes").unwrap();
        assert_eq!(p.packages, ["strings", "bytes"]);
        assert_eq!(p.args[..2], fixed);
        assert_eq!(p.args[2..], ["-test.v=true", "-test.run=X", "-test.count=2"]);
        assert!(p.shown);
        let p = plan("-timeout 5s -args -x y").unwrap();
        assert_eq!((&p.packages[..], p.shown), (&[".".to_string()][..], true));
        assert_eq!(p.args, ["-test.paniconexit0", "-test.timeout=5s", "-x", "y"]);
        let p = plan("-offline").unwrap();
        assert!(p.offline);
        assert_eq!(p.args, fixed, "the tests know no such flag");
        let words = ["-exec", "run -x", "-v"].map(String::from);
        assert_eq!(Plan::parse(&words).unwrap().runner, ["run", "-x"]);
        assert!(plan("-nope").unwrap_err().starts_with("flag provided but not defined: -nope"));
        assert_eq!(plan("-run").unwrap_err(), "flag needs an argument: -run");
    }
}
