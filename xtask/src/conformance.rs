//! Runs the programs of Go's own test tree with itab and guards the committed lists of those that pass.
//!
//! `tests/conformance/MODE.valid.txt` lists the programs that Go 1.27.3 itself still passes. `MODE.txt` lists those that
//! must pass here: if one of them fails, that is an error. A program that passes without being listed is reported, and
//! added with `--bless`. `MODE.failures.txt` has the programs that fail, or pass only sometimes, as `name: reason`. A
//! failure without a reason is an error too. A program passes if its exit code is 0 and its output is that of the `.out`
//! file beside it, or empty if there is none. Go's own runner has the same rule.

use crate::run::{Output, Result, Tested, capture, go, root};
use crate::setup::gotests;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const DIRS: [&str; 6] = ["", "interface/", "ken/", "chan/", "typeparam/", "fixedbugs/"];

/// Which programs, and what to do with the result.
#[derive(clap::Args)]
pub struct Args {
    /// `run`, `run_noimport` (those that import nothing), `compile` `check` (the programs of `run`, only checked) or
    /// `std_test` (the standard library's own tests).
    #[arg(default_value = "run")]
    mode: String,
    /// Only names that contain this.
    #[arg(long)]
    only: Option<String>,
    /// Runs only the programs that are listed as passing.
    #[arg(long)]
    listed: bool,
    /// Adds what passes to the list.
    #[arg(long)]
    bless: bool,
    /// Prints why each failing program fails.
    #[arg(short, long)]
    verbose: bool,
    /// `ITABDEBUG` for the programs that run: `gcstress=1`.
    #[arg(long, default_value = "")]
    debug: String,
    /// Seconds for one program.
    #[arg(long, default_value_t = 30)]
    timeout: u64,
    /// Programs at once; 0 for as many as there are processors.
    #[arg(long, default_value_t = 0)]
    jobs: usize,
}

/// A program of the tree.
pub struct Test {
    /// Its path below the tree.
    pub name: String,
    args: Vec<String>,
}

/// Runs the programs and compares with the list.
pub fn conformance(args: &Args) -> Result<()> {
    if args.mode == "std_test" {
        return crate::std_test::std_test(args.only.as_deref(), args.timeout);
    }
    if !["run", "run_noimport", "compile", "check"].contains(&args.mode.as_str()) {
        return Err(format!("mode {} is unknown: it is run, run_noimport, compile, check or std_test", args.mode));
    }
    let list = root().join("tests/conformance").join(format!("{}.txt", args.mode));
    let listed: BTreeSet<String> = fs::read_to_string(&list).unwrap_or_default().lines().map(String::from).collect();
    let mut tests = tests(&args.mode)?;
    tests.retain(|t| args.only.as_ref().is_none_or(|o| t.name.contains(o)));
    tests.retain(|t| !args.listed || listed.contains(&t.name));
    let itab = Tested::here()?;
    let how = How { runs: args.mode.starts_with("run"), debug: &args.debug, limit: Duration::from_secs(args.timeout) };
    let results = at_once(args.jobs, &tests, |t| (t.name.clone(), judge(&itab, t, &how)));
    let reasons = fs::read_to_string(list.with_extension("failures.txt")).ok();
    let known = reasons.map(|r| r.lines().filter_map(|l| Some(l.split_once(": ")?.0.to_string())).collect());
    report(args, &list, (listed, known), results)
}

/// Does something with each item, on `jobs` threads; 0 for as many as there are processors.
pub fn at_once<T: Sync, R: Send>(jobs: usize, items: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let jobs = if jobs > 0 { jobs } else { std::thread::available_parallelism().map_or(2, |n| n.get()) };
    let (next, results) = (AtomicUsize::new(0), Mutex::new(vec![]));
    std::thread::scope(|s| {
        for _ in 0..jobs {
            s.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = each(item);
                    results.lock().expect("no thread panics").push(result);
                }
            });
        }
    });
    results.into_inner().expect("no thread panics")
}

/// Compares with the list, and with the failures that have reasons, where the mode has such a list.
fn report(
    args: &Args,
    list: &Path,
    (listed, known): (BTreeSet<String>, Option<BTreeSet<String>>),
    mut results: Vec<(String, Result<()>)>,
) -> Result<()> {
    let is_known = |name: &String| known.as_ref().is_some_and(|k| k.contains(name));
    results.sort_by(|a, b| a.0.cmp(&b.0));
    let (mut lost, mut gained) = (vec![], vec![]);
    for (name, verdict) in &results {
        match verdict {
            Ok(()) if is_known(name) => println!("{name} passes, and is among the failures"),
            Ok(()) if !listed.contains(name) => gained.push(name.clone()),
            Err(why) if listed.contains(name) => lost.push(format!("{name}: {why}")),
            Err(why) if known.is_some() && !is_known(name) => {
                lost.push(format!("{name} fails without a reason: {why}"))
            }
            Err(why) if args.verbose => println!("{name}: {why}"),
            _ => {}
        }
    }
    let passed = results.iter().filter(|r| r.1.is_ok()).count();
    if args.bless {
        let all: BTreeSet<String> = listed.into_iter().chain(gained.iter().cloned()).collect();
        fs::create_dir_all(list.parent().expect("list lies in a folder")).map_err(|e| e.to_string())?;
        fs::write(list, all.into_iter().map(|n| n + "\n").collect::<String>()).map_err(|e| e.to_string())?;
    } else if !gained.is_empty() {
        println!("{} more pass than are listed (--bless adds them)", gained.len());
    }
    println!("{passed} passed, {} failed", results.len() - passed);
    if lost.is_empty() { Ok(()) } else { Err(format!("what passed before, or has no reason:\n{}", lost.join("\n"))) }
}

/// How a program is tried.
pub struct How<'a> {
    /// It runs; else it is only checked.
    pub runs: bool,
    /// `ITABDEBUG`.
    pub debug: &'a str,
    /// Time for one program.
    pub limit: Duration,
}

/// Whether a program does what it should.
pub fn judge(itab: &Tested, t: &Test, how: &How<'_>) -> Result<()> {
    let file = gotests().join(&t.name);
    let mut cmd = itab.command();
    cmd.current_dir(gotests()).envs(go_environment());
    if how.runs {
        cmd.arg("run").arg(&file).env("ITABDEBUG", how.debug);
        if !t.args.is_empty() {
            cmd.arg("--").args(&t.args);
        }
    } else {
        cmd.args(["check", "--missing-bodies"]).arg(&file);
    }
    let out = capture(&mut cmd, how.limit)?;
    let want = if how.runs { fs::read(file.with_extension("out")).unwrap_or_default() } else { vec![] };
    match out {
        Output { timed_out: true, .. } => Err("time limit".into()),
        Output { code: Some(0), ref text, .. } if *text == want => Ok(()),
        Output { code: Some(0), ref text, .. } => Err(format!("prints: {}", head(text))),
        Output { code, ref text, .. } => Err(format!("exit {code:?}: {}", head(text))),
    }
}

/// Some programs call the `go` command: they find it as gc's do.
fn go_environment() -> Vec<(OsString, OsString)> {
    let bin = crate::setup::goroot().join("bin");
    let old = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([bin].into_iter().chain(std::env::split_paths(&old))).unwrap_or(old);
    let go = go();
    let settings = go.get_envs().filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned())));
    settings.chain([("PATH".into(), path)]).collect()
}

fn head(text: &[u8]) -> String {
    let s = String::from_utf8_lossy(text);
    s.lines().take(4).collect::<Vec<_>>().join(" | ").chars().take(300).collect()
}

/// The programs of the tree whose first comment line says `mode`. Options of gc are passed over; they check gc more than
/// they change what a program does.
pub fn tests(mode: &str) -> Result<Vec<Test>> {
    let (action, list) = match mode {
        "compile" => ("compile", "compile"),
        "check" => ("run", "run"),
        mode => ("run", mode),
    };
    let mut tests = vec![];
    for dir in DIRS {
        for file in crate::golden::programs(&gotests().join(dir))? {
            let src = String::from_utf8_lossy(&fs::read(&file).map_err(|e| e.to_string())?).into_owned();
            let mut recipe = recipe(&src);
            recipe.retain(|a| !a.starts_with('-'));
            let name = format!("{dir}{}", file.file_name().expect("a file").to_string_lossy());
            match recipe.split_first() {
                Some((m, rest)) if m == action && !rest.iter().any(|a| a.ends_with(".go")) => {
                    tests.push(Test { name, args: rest.to_vec() });
                }
                _ => {}
            }
        }
    }
    let valid: BTreeSet<String> = valid(list);
    tests.retain(|t| valid.is_empty() || valid.contains(&t.name));
    Ok(tests)
}

/// Programs that Go 1.27.3 itself passes, if the list was made.
fn valid(mode: &str) -> BTreeSet<String> {
    let list = root().join("tests/conformance").join(format!("{mode}.valid.txt"));
    fs::read_to_string(list).unwrap_or_default().lines().map(String::from).collect()
}

fn recipe(src: &str) -> Vec<String> {
    for line in src.lines() {
        let Some(text) = line.trim().strip_prefix("//") else { return vec![] };
        if text.contains("+build") || text.starts_with("go:build") || text.trim().is_empty() {
            continue;
        }
        return text.split_whitespace().map(String::from).collect();
    }
    vec![]
}
