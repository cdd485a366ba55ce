//! `cargo xtask bench start`: the time from the start of a process to its end, for itab, `go run` and an empty process.
//!
//! The kinds of runs alternate, so that the machine's load affects all alike. The median counts. Commands are copied
//! first, as an installation does: the system maps the pages of a file that the linker has written one by one, which takes
//! up to a third of a short run.

use crate::run::{Result, go, itab_binary, ok};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const EMPTY: &str = "fn main() {}\n";
const PRINTLN: &str = "package main\n\nfunc main() { println(\"hello\") }\n";
const FMT: &str = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello, world\") }\n";

struct Kind<'a> {
    name: &'static str,
    command: Box<dyn Fn() -> Command + 'a>,
    wall: Vec<f64>,
}

/// Measures and prints.
pub fn bench_start(rounds: usize) -> Result<()> {
    let itab = itab_binary()?;
    let dir = std::env::temp_dir().join(format!("itab-bench-start-{}", std::process::id()));
    let written = fs::create_dir_all(&dir).and_then(|()| {
        fs::write(dir.join("empty.rs"), EMPTY)?;
        fs::write(dir.join("println.go"), PRINTLN)?;
        fs::write(dir.join("fmt.go"), FMT)
    });
    written.map_err(|e| format!("{}: {e}", dir.display()))?;
    let done = measure(&itab, &dir, rounds);
    let _ = fs::remove_dir_all(&dir);
    done
}

fn measure(itab: &Path, dir: &Path, rounds: usize) -> Result<()> {
    ok(Command::new("rustc").args(["-O", "-o", "linked", "empty.rs"]).current_dir(dir))?;
    let installed = |from: &Path, name| {
        let to = dir.join(name);
        fs::copy(from, &to).map(|_| to).map_err(|e| format!("{}: {e}", from.display()))
    };
    let (empty, itab) = (installed(&dir.join("linked"), "empty")?, installed(itab, "itab")?);
    let run = |file: &'static str, cache: bool| {
        let mut cmd = Command::new(&itab);
        cmd.args(["run", file]).current_dir(dir).env("GOROOT", crate::setup::goroot());
        cmd.env("ITABCACHE", if cache { dir.join("cache").into_os_string() } else { "off".into() });
        cmd
    };
    let go_run = |file: &'static str| {
        let mut cmd = go();
        cmd.args(["run", file]).current_dir(dir).env("GOCACHE", dir.join("gocache"));
        cmd
    };
    let kind = |name, command| Kind { name, command, wall: vec![] };
    let mut kinds = [
        kind("empty process", Box::new(|| Command::new(&empty)) as Box<dyn Fn() -> Command>),
        kind("println, from source", Box::new(|| run("println.go", false))),
        kind("println, from the cache", Box::new(|| run("println.go", true))),
        kind("println, go run", Box::new(|| go_run("println.go"))),
        kind("fmt, from source", Box::new(|| run("fmt.go", false))),
        kind("fmt, from the cache", Box::new(|| run("fmt.go", true))),
        kind("fmt, go run", Box::new(|| go_run("fmt.go"))),
    ];
    // The first round fills the caches.
    for round in 0..=rounds {
        for k in &mut kinds {
            let mut cmd = (k.command)();
            cmd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let start = Instant::now();
            ok(&mut cmd)?;
            if round > 0 {
                k.wall.push(start.elapsed().as_secs_f64() * 1e3);
            }
        }
    }
    println!("{:<28} {:>10} {:>10} {:>10}", format!("ms, of {rounds} runs"), "median", "least", "beyond empty");
    let mut empty = None;
    for k in &mut kinds {
        k.wall.sort_by(f64::total_cmp);
        let median = k.wall[k.wall.len() / 2];
        let empty = *empty.get_or_insert(median);
        println!("{:<28} {median:>10.1} {:>10.1} {:>10.1}", k.name, k.wall[0], median - empty);
    }
    Ok(())
}
