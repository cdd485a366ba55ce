//! `cargo xtask bench check`: checks all of the standard library with `itab check`, and with a Go program that uses
//! go/parser and go/types. Both run several times, alternately. Medians and ratios of wall time, processor time and peak
//! memory are printed.

use crate::run::{Result, go, itab_binary, ok, root};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run took.
#[derive(Clone, Copy, Default)]
struct Usage {
    /// Seconds.
    wall: f64,
    /// Seconds of user and system time.
    cpu: f64,
    /// Bytes.
    peak: f64,
}

/// Runs the comparison and prints it.
pub fn bench_check(rounds: usize) -> Result<()> {
    let itab = itab_binary()?;
    let exe = std::env::temp_dir().join(format!("itab-bench-check-{}", std::process::id()));
    ok(go().arg("build").arg("-o").arg(&exe).arg(root().join("benches/check/main.go")))?;
    let packages = packages()?;
    let (mut theirs, mut ours) = (vec![], vec![]);
    for round in 0..rounds {
        theirs.push(measure(&mut Command::new(&exe), &packages, round == 0)?);
        let mut cmd = Command::new(&itab);
        cmd.args(["check", "--stats", "std"]).env("GOROOT", crate::setup::goroot());
        ours.push(measure(&mut cmd, "", round == 0)?);
    }
    let _ = fs::remove_file(&exe);
    println!("{:<8} {:>10} {:>10} {:>10}", "", "wall s", "cpu s", "peak MB");
    let (t, o) = (medians(&theirs), medians(&ours));
    for (name, u) in [("go/types", t), ("itab", o)] {
        println!("{name:<8} {:>10.2} {:>10.2} {:>10.0}", u.wall, u.cpu, u.peak / 1e6);
    }
    println!("{:<8} {:>10.2} {:>10.2} {:>10.2}", "ratio", o.wall / t.wall, o.cpu / t.cpu, o.peak / t.peak);
    Ok(())
}

fn medians(all: &[Usage]) -> Usage {
    let median = |f: &dyn Fn(&Usage) -> f64| {
        let mut v: Vec<f64> = all.iter().map(f).collect();
        v.sort_by(f64::total_cmp);
        v[v.len() / 2]
    };
    Usage { wall: median(&|u| u.wall), cpu: median(&|u| u.cpu), peak: median(&|u| u.peak) }
}

/// The packages of std, dependencies first, as the Go program reads them.
fn packages() -> Result<String> {
    let format =
        "{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles \" \"}}\t{{range $k, $v := .ImportMap}}{{$k}}={{$v}} {{end}}";
    let out = go().args(["list", "-deps", "-f", format, "std"]).output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&out.stdout);
    Ok(text.lines().filter(|l| !l.starts_with("unsafe\t")).map(|l| format!("{l}\n")).collect())
}

/// Runs a command under `/usr/bin/time`-like accounting: a Python one-liner that waits for it with its resource usage.
fn measure(cmd: &mut Command, input: &str, show: bool) -> Result<Usage> {
    const WAIT: &str = "import os,sys,time,resource,subprocess
t=time.perf_counter(); p=subprocess.run(sys.argv[1:],stdin=0); t=time.perf_counter()-t
r=resource.getrusage(resource.RUSAGE_CHILDREN); print('usage',t,r.ru_utime+r.ru_stime,r.ru_maxrss*1024); sys.exit(p.returncode)";
    let mut python = Command::new("python3");
    python.arg("-c").arg(WAIT).arg(cmd.get_program()).args(cmd.get_args());
    for (k, v) in cmd.get_envs() {
        if let Some(v) = v {
            python.env(k, v);
        }
    }
    let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|e| e.to_string())?;
    child.stdin.take().expect("piped").write_all(input.as_bytes()).map_err(|e| e.to_string())?;
    let out = child.wait_with_output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    if !out.status.success() {
        return Err(format!("{} failed: {text}", Path::new(cmd.get_program()).display()));
    }
    let (head, usage) = text.rsplit_once("usage ").ok_or("no usage")?;
    if show {
        print!("{head}");
    }
    let numbers: Vec<f64> = usage.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    Ok(Usage { wall: numbers[0], cpu: numbers[1], peak: numbers[2] })
}
