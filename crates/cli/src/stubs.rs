//! `itab stubs`: writes the packages of a host program as Go modules.

use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  itab stubs host.txtar              write the modules below ./stubs
  itab stubs host.txtar -o ../host   write them elsewhere
  myhost --stubs | itab stubs -      take the text from another program

Then, in the folder of the plug-in's go.mod:
  go work init . ./stubs/host";

/// What to write, and where.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The text that the host program made by itab::stubs::archive; - for standard input.
    archive: PathBuf,
    /// The folder that the modules are written to.
    #[arg(short, long, default_value = "stubs")]
    output: PathBuf,
}

/// Writes the files.
pub fn stubs(args: &Args) -> ExitCode {
    let text = if args.archive.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(&args.archive)
    };
    let text = text.map_err(|e| format!("{}: {e}", args.archive.display()));
    match text.and_then(|text| itab::stubs::unpack(&text, &args.output).map_err(|e| e.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("itab: {why}");
            ExitCode::from(2)
        }
    }
}
