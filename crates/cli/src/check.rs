//! `itab check`: type-checks packages.

use crate::report::{self, Format};
use itab::{CheckOptions, Progress};
use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const EXAMPLES: &str = "\
Examples:
  itab check ./...                     all packages of the module around this folder
  itab check --tests ./net             a package with its test files
  itab check --format=json main.go     one JSON object for each error, for tools
  itab check std                       the standard library";

/// What to check.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    source: crate::Patterns,
    /// Layout of diagnostics.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Check the packages' test files too.
    #[arg(long)]
    tests: bool,
    /// Say how much was checked and how long it took.
    #[arg(long)]
    stats: bool,
    /// Accept functions without a body: they are provided elsewhere.
    #[arg(long)]
    missing_bodies: bool,
}

/// Checks and reports.
pub fn check(args: &Args) -> ExitCode {
    let line = ProgressLine::new();
    let show = |p: Progress<'_>| line.show(p);
    let progress: Option<&dyn Fn(Progress<'_>)> = if std::io::stderr().is_terminal() { Some(&show) } else { None };
    let options = CheckOptions { tests: args.tests, missing_bodies: args.missing_bodies, progress };
    let (goroot, patterns) = (&args.source.goroot, &args.source.patterns);
    let engine = goroot.engine().build();
    let outcome = goroot.with_go(|| engine.check(patterns, options));
    line.clear();
    match outcome {
        Ok(stats) => {
            if args.stats {
                println!("{stats}");
            }
            ExitCode::SUCCESS
        }
        Err(e) => report::load_error(&e, args.format),
    }
}

/// A line on the terminal that says how far checking has come, once it has taken a second.
struct ProgressLine {
    /// When the line is written next.
    next: Cell<Instant>,
    shown: Cell<bool>,
}

impl ProgressLine {
    const PATIENCE: Duration = Duration::from_secs(1);
    const INTERVAL: Duration = Duration::from_millis(100);

    fn new() -> ProgressLine {
        ProgressLine { next: Cell::new(Instant::now() + ProgressLine::PATIENCE), shown: Cell::new(false) }
    }

    fn show(&self, p: Progress<'_>) {
        let now = Instant::now();
        if now < self.next.get() {
            return;
        }
        self.next.set(now + ProgressLine::INTERVAL);
        self.shown.set(true);
        // A terminal that cannot be written to shows nothing; that is no reason to stop.
        let _ = write!(std::io::stderr(), "\r\x1b[Kchecking {}/{} {}", p.done + 1, p.all, p.package);
    }

    fn clear(&self) {
        if self.shown.get() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
