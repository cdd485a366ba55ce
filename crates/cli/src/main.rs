//! The `itab` command, a client of the public API of the crate `itab`.
//!
//! Exit status: what the program says for `run`; otherwise 0, 1 when the source is wrong, 2 when itab could not work.
#![forbid(unsafe_code)]

mod check;
mod dump;
mod report;
mod run;

use clap::{Parser, Subcommand};
use itab::{Engine, EngineBuilder};
use std::path::PathBuf;
use std::process::ExitCode;

/// Compiles and runs Go programs in this process.
///
/// Go's standard library is found at $GOROOT, by `go env GOROOT`, or in the usual places; programs that import nothing
/// need none.
#[derive(Parser)]
#[command(name = "itab", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compiles and runs a program: Go files, a folder or an import path.
    Run(run::Args),
    /// Checks packages and reports what is wrong.
    Check(check::Args),
    /// Shows what a stage of the compiler makes of a function.
    Dump(dump::Args),
}

/// What the source is named by: files, folders, import paths, `./...`, `std`.
#[derive(clap::Args)]
struct Patterns {
    /// Go files, a folder, an import path, ./... or std.
    #[arg(required = true)]
    patterns: Vec<String>,
    /// Where Go 1.27's standard library is.
    #[arg(long)]
    goroot: Option<PathBuf>,
}

impl Patterns {
    fn engine(&self) -> EngineBuilder {
        let mut builder = Engine::builder().passes(&std::env::var("ITABPASSES").unwrap_or_default());
        if let Some(goroot) = &self.goroot {
            builder = builder.goroot(goroot);
        }
        builder
    }
}

fn main() -> ExitCode {
    match Args::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::check(&args),
        Command::Dump(args) => dump::dump(&args),
    }
}
