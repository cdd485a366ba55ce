//! Developers' commands: `cargo xtask setup|test|golden|conformance|cross|fuzz|bench`.
//!
//! A command gets what it needs by itself: Go 1.27.3 with its standard library from PyPI, and Go's test tree from Debian's
//! package of an older Go. Both are put below `target/`. None of it is committed.
#![forbid(unsafe_code)]

mod bench;
mod bench_check;
mod bench_runtime;
mod bench_start;
mod conformance;
mod cross;
mod fuzz;
mod golden;
mod licenses;
mod run;
mod setup;
mod std_test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Developers' commands of itab.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Gets Go 1.27.3 into target/goroot and Go's test tree into target/gotests.
    Setup,
    /// Sets up and runs all tests; arguments after `--` go to `cargo test`.
    Test {
        /// Arguments for `cargo test`.
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Runs real Go on the test programs and writes what they print beside them.
    Golden {
        /// Only files whose path contains this.
        filter: Option<String>,
    },
    /// Runs Go's own test tree and compares with the committed lists of what passes.
    Conformance(conformance::Args),
    /// Builds the command for aarch64 and runs Go programs with it under qemu.
    Cross(cross::Args),
    /// Runs random programs with itab and with real Go and compares.
    Fuzz(fuzz::Args),
    /// Writes the licences of the crates that the command is made of to crates/cli/licenses.txt.
    Licenses,
    /// Measures itab beside gc.
    Bench(bench::Args),
}

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Setup => setup::setup(),
        Command::Test { args } => setup::setup().and_then(|()| run::cargo("test", &["--workspace"], &args)),
        Command::Golden { filter } => setup::setup().and_then(|()| golden::golden(filter.as_deref())),
        Command::Conformance(args) => setup::setup().and_then(|()| conformance::conformance(&args)),
        Command::Cross(args) => setup::setup().and_then(|()| cross::cross(&args)),
        Command::Fuzz(args) => setup::setup().and_then(|()| fuzz::fuzz(&args)),
        Command::Licenses => licenses::write(),
        Command::Bench(args) => setup::setup().and_then(|()| bench::bench(&args)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("xtask: {e}");
            ExitCode::FAILURE
        }
    }
}
