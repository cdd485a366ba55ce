//! Measures itab and gc on the same programs. Each program is built with gc. Then itab and the built program run
//! alternately. Medians and ratios are printed.
//!
//! Programs read the clock with `runtime.nanotime` by linkname, so that they import nothing. (gc needs `-complete=false` for
//! that.) A program in `benches/run/*.go` prints lines `name nanoseconds-per-operation`. The ratio is itab's figure divided
//! by gc's.

use crate::run::{Result, capture, go, itab_binary, root};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What to measure.
#[derive(clap::Args)]
pub struct Args {
    /// The suite: `check` (the front end), `start` (whole short runs), `iface` or `heap` (the runtime alone), or a folder of programs below `benches/`.
    #[arg(default_value = "run")]
    suite: String,
    /// Only programs whose name contains this.
    filter: Option<String>,
    /// How often each program runs.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
}

/// The file of a suite that all its programs share.
const COMMON: &str = "bench.go";

type Figures = BTreeMap<String, Vec<f64>>;

/// Runs a suite and prints its table.
pub fn bench(args: &Args) -> Result<()> {
    if let "iface" | "heap" = args.suite.as_str() {
        return crate::bench_runtime::bench_runtime(&args.suite);
    }
    if args.suite == "start" {
        return crate::bench_start::bench_start(args.rounds.max(21));
    }
    if args.suite == "check" {
        return crate::bench_check::bench_check(args.rounds);
    }
    let itab = itab_binary()?;
    let exe = std::env::temp_dir().join(format!("itab-bench-{}", std::process::id()));
    let mut ratios = vec![];
    println!("{:<40} {:>10} {:>10} {:>7}", "benchmark", "gc ns", "itab ns", "ratio");
    for file in crate::golden::programs(&root().join("benches").join(&args.suite))? {
        let shared = file.file_name().is_some_and(|n| n == COMMON);
        if !shared && args.filter.as_ref().is_none_or(|f| file.to_string_lossy().contains(f.as_str())) {
            ratios.extend(program(args, &itab, &exe, &file)?);
        }
    }
    let _ = std::fs::remove_file(&exe);
    let mean = (ratios.iter().map(|r: &f64| r.ln()).sum::<f64>() / ratios.len().max(1) as f64).exp();
    println!("{:<40} {:>10} {:>10} {mean:>7.2}", "geometric mean", "", "");
    Ok(())
}

fn program(args: &Args, itab: &Path, exe: &Path, file: &Path) -> Result<Vec<f64>> {
    let common = file.with_file_name(COMMON);
    let built = capture(
        go().args(["build", "-gcflags=-complete=false", "-o"]).arg(exe).args([file, common.as_path()]),
        Duration::from_secs(120),
    )?;
    if built.code != Some(0) {
        return Err(format!("{}: {}", file.display(), String::from_utf8_lossy(&built.text)));
    }
    let (mut gc, mut ours) = (Figures::new(), Figures::new());
    for _ in 0..args.rounds {
        figures(&mut Command::new(exe), &mut gc)?;
        figures(Command::new(itab).arg("run").args([file, common.as_path()]), &mut ours)?;
    }
    let mut ratios = vec![];
    for (name, g) in &mut gc {
        let Some(i) = ours.get_mut(name) else { return Err(format!("{name}: no figure of itab")) };
        let (g, i) = (median(g), median(i));
        println!("{name:<40} {g:>10.2} {i:>10.2} {:>7.2}", i / g);
        ratios.push(i / g);
    }
    Ok(ratios)
}

fn figures(cmd: &mut Command, into: &mut Figures) -> Result<()> {
    let out = capture(cmd, Duration::from_secs(120))?;
    let text = String::from_utf8_lossy(&out.text).into_owned();
    if out.code != Some(0) {
        return Err(format!("{cmd:?}: {text}"));
    }
    for line in text.lines() {
        if let Some((name, ns)) = line.rsplit_once(' ')
            && let Ok(ns) = ns.parse()
        {
            into.entry(name.to_string()).or_default().push(ns);
        }
    }
    Ok(())
}

fn median(v: &mut [f64]) -> f64 {
    v.sort_by(f64::total_cmp);
    v[v.len() / 2]
}
