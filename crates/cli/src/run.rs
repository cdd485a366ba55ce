//! `itab run`: compiles and runs a program with this process's arguments and standard streams.

use crate::report::{self, Format};
use itab::{Error, IsolateOptions};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to run.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: crate::Patterns,
    /// Neither use nor fill the cache of compiled programs.
    #[arg(long)]
    no_cache: bool,
    /// Arguments of the program.
    #[arg(last = true)]
    args: Vec<String>,
}

/// Runs the program and gives its exit status.
pub fn run(args: &Args) -> ExitCode {
    let mut builder = args.source.engine();
    if let (false, Some(dir)) = (args.no_cache, cache_dir()) {
        builder = builder.cache(dir);
    }
    let engine = builder.build();
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
    // Without it the next run compiles again; a full disk is no reason to complain about each run.
    let _ = program.update_cache();
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

/// Where compiled programs are kept; none when that is switched off or there is no home.
fn cache_dir() -> Option<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    match var("ITABCACHE") {
        Some(off) if off.as_os_str() == "off" => None,
        Some(dir) => Some(dir),
        None => var("XDG_CACHE_HOME").or_else(|| Some(var("HOME")?.join(".cache"))).map(|d| d.join("itab")),
    }
}
