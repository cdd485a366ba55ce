//! `cargo xtask bench iface|heap`: compares benchmarks of the runtime, which need no compiler, with Go programs that do the
//! same.
//!
//! Both print lines `name: nanoseconds`, as the benchmarks in `crates/runtime/benches` do. A line that only one of them
//! prints is shown alone. If valgrind is installed, each line of ours is also run under callgrind, and the instructions of
//! one operation are printed beside the times. (Go's programs do not run under valgrind.)

use crate::run::{Result, go, root};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The function of `benches/measure` in which a round runs.
const MEASURED: &str = "*measure::measured*";

/// Runs both sides and prints the table.
pub fn bench_runtime(name: &str) -> Result<()> {
    let exe = built(name)?;
    let ours = output(&mut Command::new(&exe))?;
    let file = root().join("crates/runtime/benches").join(format!("{name}.go"));
    let theirs = output(go().args(["run", "-ldflags=-checklinkname=0"]).arg(&file))?;
    let (ours, theirs) = (figures(&ours), figures(&theirs));
    if ours.is_empty() || theirs.is_empty() {
        return Err(format!("the benchmark {name} printed no figures"));
    }
    println!("{:<48} {:>10} {:>10} {:>7} {:>13}", "", "Go ns", "itab ns", "ratio", "instructions");
    for (name, i) in &ours {
        let count = instructions(&exe, name).map_or_else(|| "-".into(), |n| format!("{n:.1}"));
        match theirs.get(name) {
            Some(g) => println!("{name:<48} {g:>10.2} {i:>10.2} {:>7.2} {count:>13}", i / g),
            None => println!("{name:<48} {:>10} {i:>10.2} {:>7} {count:>13}", "", ""),
        }
    }
    for (name, g) in theirs.iter().filter(|(name, _)| !ours.contains_key(*name)) {
        println!("{name:<48} {g:>10.2}");
    }
    Ok(())
}

/// Builds a benchmark of the runtime.
fn built(name: &str) -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["bench", "-q", "-p", "itab-runtime", "--bench", name, "--no-run", "--message-format=json"]);
    let messages = output(cargo.current_dir(root()))?;
    let mut artifacts = messages.lines().filter_map(|l| l.split_once("\"executable\":\"")?.1.split('"').next());
    artifacts.next_back().map(PathBuf::from).ok_or_else(|| format!("no executable of the benchmark {name}"))
}

/// Instructions of one operation of a line, counted by callgrind; none without valgrind.
fn instructions(exe: &Path, line: &str) -> Option<f64> {
    let mut cmd = Command::new("valgrind");
    cmd.arg("--tool=callgrind").arg(format!("--toggle-collect={MEASURED}")).arg("--callgrind-out-file=/dev/null");
    let out = cmd.arg(exe).env("ITAB_BENCH_ONLY", line).output().ok()?;
    let (stdout, stderr) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    let operations: f64 =
        stdout.lines().find_map(|l| l.strip_suffix(" operations")?.rsplit(' ').next()?.parse().ok())?;
    let collected: f64 = stderr.lines().find_map(|l| l.split_once("Collected : ")?.1.trim().parse().ok())?;
    Some(collected / operations)
}

fn output(cmd: &mut Command) -> Result<String> {
    let out = cmd.output().map_err(|e| format!("{cmd:?}: {e}"))?;
    if !out.status.success() {
        return Err(format!("{cmd:?}: {}", String::from_utf8_lossy(&out.stderr)));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// `name: nanoseconds ...`.
fn figures(text: &str) -> BTreeMap<String, f64> {
    let line = |l: &str| {
        let (name, rest) = l.split_once(": ")?;
        let ns = rest.split_whitespace().next()?.parse().ok()?;
        Some((name.trim().to_string(), ns))
    };
    text.lines().filter_map(line).collect()
}
