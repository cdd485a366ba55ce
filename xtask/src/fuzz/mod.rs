//! Differential fuzzing: random well-typed programs, run by itab and by real Go, which must agree.
//!
//! `program`, `types`, `expr`, `lit`, `body`, `more`, `places` and `raw` generate; `oracle` runs and compares; `shrink` makes a program that
//! differs small. What differs is kept below `target/fuzz`.

mod body;
mod expr;
mod lit;
mod more;
mod oracle;
mod places;
mod program;
mod raw;
mod rng;
mod shrink;
mod types;

use crate::run::{Result, itab_binary, target};
use oracle::{Oracle, Verdict};
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many programs, and which.
#[derive(clap::Args)]
pub struct Args {
    /// Programs to make.
    #[arg(long, default_value_t = 100)]
    count: u64,
    /// The first program's seed; the others follow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Test functions in a program.
    #[arg(long, default_value_t = 25)]
    tests: usize,
    /// Programs at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Seconds for one program.
    #[arg(long, default_value_t = 30)]
    timeout: u64,
    /// The `itab` command; built when not given.
    #[arg(long)]
    itab: Option<PathBuf>,
    /// Prints the first program and does nothing else.
    #[arg(long)]
    print: bool,
    /// Does not shrink.
    #[arg(long)]
    no_shrink: bool,
    /// Shrinks this program instead of making some.
    #[arg(long)]
    shrink: Option<PathBuf>,
}

/// Makes programs, runs them, reports and shrinks what differs.
pub fn fuzz(args: &Args) -> Result<()> {
    if args.print {
        println!("{}", program::program(args.seed, args.tests));
        return Ok(());
    }
    let itab = match &args.itab {
        Some(p) => p.clone(),
        None => itab_binary()?,
    };
    let found = target().join("fuzz");
    fs::create_dir_all(&found).map_err(|e| e.to_string())?;
    if let Some(file) = &args.shrink {
        let oracle = Oracle::new(&itab, args.timeout, "shrink")?;
        let text = fs::read_to_string(file).map_err(|e| e.to_string())?;
        fs::write(file.with_extension("min.go"), shrink::shrink(&text, &oracle)?).map_err(|e| e.to_string())?;
        return Ok(());
    }
    let (next, differ, invalid) = (AtomicU64::new(0), Mutex::new(vec![]), AtomicU64::new(0));
    std::thread::scope(|s| {
        let workers: Vec<_> = (0..args.jobs.max(1))
            .map(|job| {
                let (itab, found, next, differ, invalid) = (&itab, &found, &next, &differ, &invalid);
                s.spawn(move || -> Result<()> {
                    let oracle = Oracle::new(itab, args.timeout, &job.to_string())?;
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= args.count {
                            return Ok(());
                        }
                        let seed = args.seed + n;
                        let text = program::program(seed, args.tests);
                        match oracle.judge(&text)? {
                            Verdict::Same => continue,
                            Verdict::Invalid(why) => {
                                invalid.fetch_add(1, Ordering::Relaxed);
                                println!("seed {seed}: gc rejects it: {why}");
                            }
                            Verdict::Differs(how) => {
                                println!("seed {seed}: {how}");
                                let file = found.join(format!("{seed}.go"));
                                fs::write(&file, &text).map_err(|e| e.to_string())?;
                                differ.lock().expect("no worker panics").push(seed);
                                if !args.no_shrink {
                                    let small = shrink::shrink(&text, &oracle)?;
                                    fs::write(file.with_extension("min.go"), small).map_err(|e| e.to_string())?;
                                }
                            }
                        }
                    }
                })
            })
            .collect();
        workers.into_iter().try_for_each(|w| w.join().expect("no worker panics"))
    })?;
    let differ = differ.into_inner().expect("no worker panics");
    println!("{} programs, {} rejected by gc, {} differ", args.count, invalid.into_inner(), differ.len());
    if differ.is_empty() {
        Ok(())
    } else {
        Err(format!("itab and gc differ for the seeds {differ:?}; see {}", found.display()))
    }
}
