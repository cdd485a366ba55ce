//! `itab check`: type-checks packages.

use crate::report::{self, Format};
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
}

/// Checks and reports.
pub fn check(args: &Args) -> ExitCode {
    match args.source.engine().check(&args.source.patterns, args.tests) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => report::load_error(&e, args.format),
    }
}
