//! `itab run`: compiles and runs a program with this process's arguments and standard streams.

use crate::report::{self, Format};
use itab::{Error, IsolateOptions, Program};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
The program's standard streams, working folder and environment are those of this command; signals go to it, and its exit
status is passed on: 2 after a panic, 1 when the source is wrong.

What is compiled is kept in $ITABCACHE, else in the user's cache folder, and used again as long as the source, Go and
itab are the same. ITABCACHE=off keeps nothing.

Examples:
  itab run hello.go                    one file
  itab run main.go util.go one two     files of one package; one and two are arguments
  itab run main.go -- -v in.go         arguments that look like options or files
  itab run ./cmd/server -port 80       a package of the module around this folder
  echo data | itab run . > out         the package in this folder";

/// What to run.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    goroot: crate::Goroot,
    /// Neither use nor fill the cache of compiled programs.
    #[arg(long)]
    no_cache: bool,
    /// Go files of one package, or a folder or import path; then the program's arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "PROGRAM [ARGS]")]
    words: Vec<String>,
}

/// What is run and with which arguments: all leading Go files, or one folder or import path. `--` between them is left
/// out.
pub fn split(words: &[String]) -> (&[String], &[String]) {
    let files = words.iter().take_while(|w| w.ends_with(".go")).count();
    let (program, args) = words.split_at(files.max(1));
    (program, args.strip_prefix(&["--".to_string()]).unwrap_or(args))
}

/// Runs the program and gives its exit status.
pub fn run(args: &Args) -> ExitCode {
    let mut builder = args.goroot.engine();
    if let (false, Some(dir)) = (args.no_cache, cache_dir()) {
        builder = builder.cache(dir);
    }
    let engine = builder.build();
    let (patterns, words) = split(&args.words);
    let program = match args.goroot.with_go(|| engine.load(patterns)) {
        Ok(program) => program,
        Err(e) => return report::load_error(&e, Format::Gc),
    };
    execute(program, patterns[..1].iter().chain(words).cloned().collect())
}

/// Runs a program with these arguments, the first being its name, and ends with its exit status.
pub fn execute(program: Program, args: Vec<String>) -> ! {
    let status = status(&program, args);
    // Without it the next run compiles again; a full disk is no reason to complain about each run.
    let _ = program.update_cache();
    itab::exit(status.into())
}

fn status(program: &Program, args: Vec<String>) -> u8 {
    let program_name = args[0].clone();
    let options = IsolateOptions::command_line(args);
    let options = match options.debug(&std::env::var("ITABDEBUG").unwrap_or_default()) {
        Ok(options) => options,
        Err(e) => {
            eprintln!("itab: ITABDEBUG: {e}");
            return 2;
        }
    };
    let done = program.isolate_with(options).and_then(|mut isolate| {
        let done = isolate.run_main();
        // The process ends: the system takes its memory back at once.
        std::mem::forget(isolate);
        done
    });
    match done {
        Ok(()) => 0,
        Err(Error::Exit(code)) => code as u8,
        Err(Error::Panic(panic)) => {
            eprint!("{}", panic.report());
            2
        }
        Err(Error::Fatal(text)) => {
            eprint!("{text}");
            2
        }
        Err(Error::NoSuchFunc { name, .. }) if name == "main.main" => {
            eprintln!("itab: {program_name} is not a main package");
            1
        }
        Err(e) => {
            eprintln!("itab: {e}");
            2
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str], program: &[&str], args: &[&str]) {
        let words: Vec<String> = words.iter().map(|w| w.to_string()).collect();
        let (p, a) = split(&words);
        assert_eq!(
            (p, a),
            (
                &program.iter().map(|w| w.to_string()).collect::<Vec<_>>()[..],
                &args.iter().map(|w| w.to_string()).collect::<Vec<_>>()[..]
            )
        );
    }

    #[test]
    fn arguments_follow_the_program() {
        check(&["a.go", "b.go", "x", "c.go"], &["a.go", "b.go"], &["x", "c.go"]);
        check(&["a.go", "--", "b.go", "--"], &["a.go"], &["b.go", "--"]);
        check(&["./cmd/x", "a.go"], &["./cmd/x"], &["a.go"]);
        check(&["."], &["."], &[]);
    }
}
