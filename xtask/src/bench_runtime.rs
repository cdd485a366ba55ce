//! `cargo xtask bench iface|heap`: the runtime without a compiler beside a Go program that does the same, in one run.
//!
//! Both print lines `name nanoseconds`, as the benchmarks in `crates/runtime/benches` do; what only one of them prints is
//! shown alone.

use crate::run::{Result, go, root};
use std::collections::BTreeMap;
use std::process::Command;

/// Runs both sides and prints the table.
pub fn bench_runtime(name: &str) -> Result<()> {
    let ours = Command::new(env!("CARGO"))
        .args(["bench", "-q", "-p", "itab-runtime", "--bench", name])
        .current_dir(root())
        .output()
        .map_err(|e| e.to_string())?;
    let file = root().join("crates/runtime/benches").join(format!("{name}.go"));
    let theirs = go().arg("run").arg(&file).output().map_err(|e| e.to_string())?;
    let (ours, theirs) = (figures(&ours.stdout), figures(&[theirs.stdout, theirs.stderr].concat()));
    if ours.is_empty() || theirs.is_empty() {
        return Err(format!("the benchmark {name} printed no figures"));
    }
    println!("{:<56} {:>10} {:>10} {:>7}", "", "Go ns", "itab ns", "ratio");
    for (name, i) in &ours {
        match theirs.get(name) {
            Some(g) => println!("{name:<56} {g:>10.2} {i:>10.2} {:>7.2}", i / g),
            None => println!("{name:<56} {:>10} {i:>10.2}", ""),
        }
    }
    for (name, g) in theirs.iter().filter(|(name, _)| !ours.contains_key(*name)) {
        println!("{name:<56} {g:>10.2}");
    }
    Ok(())
}

/// `name nanoseconds` or `name: nanoseconds ...`.
fn figures(text: &[u8]) -> BTreeMap<String, f64> {
    let text = String::from_utf8_lossy(text);
    let line = |l: &str| {
        let (name, rest) = l.split_once(": ").or_else(|| l.trim_end().rsplit_once(char::is_whitespace))?;
        let ns = rest.split_whitespace().next()?.parse().ok()?;
        Some((name.trim().to_string(), ns))
    };
    text.lines().filter_map(line).collect()
}
