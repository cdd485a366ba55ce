//! The `itab` command, a client of the public API of the crate `itab`.
//!
//! The exit status of `run` is the program's. That of the other commands is 0 for success, 1 if the source is wrong, and 2
//! if itab could not work.
#![forbid(unsafe_code)]

mod bisect;
mod check;
mod columns;
mod dump;
mod fetch;
mod licenses;
mod report;
mod run;
mod setup;
mod stubs;
mod test;

use clap::{Parser, Subcommand};
use itab::{Engine, EngineBuilder, LoadError};
use std::path::PathBuf;
use std::process::ExitCode;

/// Compiling makes and drops many small objects on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EXAMPLES: &str = "\
Examples:
  itab run hello.go              run a program
  itab run ./cmd/tool -v x       run a package of a module, with arguments
  itab check ./...               report everything that is wrong in a module
  itab setup                     get Go's source now, if no Go 1.27 is installed
  itab help run                  what a command takes, with examples";

/// Compiles Go programs to machine code in memory and runs them.
///
/// Go's standard library is found at $GOROOT, by `go env GOROOT`, where `itab setup` puts it, or in the usual places.
/// Where there is none, a command that needs it gets it first, as `itab setup` does; programs that import nothing need none.
#[derive(Parser)]
#[command(name = "itab", version, after_help = EXAMPLES)]
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
    /// Runs packages' own tests with Go's package testing, as `go test` does.
    Test(test::Args),
    /// Shows what a stage of the compiler, or each of its passes, makes of a function.
    Dump(dump::Args),
    /// Finds the pass of the compiler, and the function, with which a program goes wrong.
    Bisect(bisect::Args),
    /// Writes the packages that a host program provides as Go modules, for gopls and the go command.
    Stubs(stubs::Args),
    /// Gets the source of Go's standard library.
    Setup(setup::Args),
    /// Prints the licences of itab and of all that is in it.
    Licenses,
}

/// What the source is named by: files, folders, import paths, `./...`, `std`.
#[derive(clap::Args)]
struct Patterns {
    /// Go files, a folder, an import path, ./... or std.
    #[arg(required = true)]
    patterns: Vec<String>,
    #[command(flatten)]
    goroot: Goroot,
}

/// Where the standard library is.
#[derive(clap::Args)]
struct Goroot {
    /// Where Go 1.27's standard library is; `packed` for the one in this command, if it was built with one.
    #[arg(long)]
    goroot: Option<PathBuf>,
    /// Do not get Go's source from the network when no Go 1.27 is found.
    #[arg(long)]
    offline: bool,
}

impl Goroot {
    fn engine(&self) -> EngineBuilder {
        let builder = Engine::builder().passes(&std::env::var("ITABPASSES").unwrap_or_default());
        match &self.goroot {
            Some(path) if path.as_os_str() == "packed" => builder.packed_std(),
            Some(path) => builder.goroot(path),
            None => builder,
        }
    }

    /// Does `load`, which may need Go's source, and gets that first if there is none.
    fn with_go<T>(&self, load: impl Fn() -> Result<T, LoadError>) -> Result<T, LoadError> {
        setup::with_go(self.offline, load)
    }
}

fn main() -> ExitCode {
    if let Some(done) = test::as_program() {
        return done;
    }
    match Args::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::check(&args),
        Command::Test(args) => test::test(&args),
        Command::Dump(args) => dump::dump(&args),
        Command::Bisect(args) => bisect::bisect(&args),
        Command::Stubs(args) => stubs::stubs(&args),
        Command::Setup(args) => setup::setup(&args),
        Command::Licenses => licenses::print(),
    }
}
