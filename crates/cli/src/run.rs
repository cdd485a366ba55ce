//! `itab run`: compiles and runs a program with this process's arguments and standard streams.

use crate::report::{self, Format};
use itab::{Error, IsolateOptions};
use std::process::ExitCode;

/// What to run.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: crate::Patterns,
    /// Arguments of the program.
    #[arg(last = true)]
    args: Vec<String>,
}

/// Runs the program and gives its exit status.
pub fn run(args: &Args) -> ExitCode {
    let engine = args.source.engine();
    let program = match engine.load(&args.source.patterns) {
        Ok(program) => program,
        Err(e) => return report::load_error(&e, Format::Gc),
    };
    let name = args.source.patterns[0].clone();
    let options = IsolateOptions::command_line([name].into_iter().chain(args.args.iter().cloned()));
    let options = match options.debug(&std::env::var("ITABDEBUG").unwrap_or_default()) {
        Ok(options) => options,
        Err(e) => {
            eprintln!("itab: ITABDEBUG: {e}");
            return ExitCode::from(2);
        }
    };
    let done = program.isolate(options).and_then(|mut isolate| {
        let done = isolate.run_main();
        // The process ends: the system takes its memory back at once.
        std::mem::forget(isolate);
        done
    });
    std::mem::forget(program);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Exit(code)) => ExitCode::from(code as u8),
        Err(Error::Panic(panic)) => {
            eprint!("{}", panic.report());
            ExitCode::from(2)
        }
        Err(Error::Fatal(text)) => {
            eprint!("{text}");
            ExitCode::from(2)
        }
        Err(e) => {
            eprintln!("itab: {e}");
            ExitCode::from(2)
        }
    }
}
