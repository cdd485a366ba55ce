//! `itab check`: type-checks packages.

use crate::report::{self, Format};
use itab::CheckOptions;
use std::process::ExitCode;

/// What to check.
#[derive(clap::Args)]
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
    let options = CheckOptions { tests: args.tests, missing_bodies: args.missing_bodies };
    match args.source.engine().check(&args.source.patterns, options) {
        Ok(stats) => {
            if args.stats {
                println!("{stats}");
            }
            ExitCode::SUCCESS
        }
        Err(e) => report::load_error(&e, args.format),
    }
}
