//! `itab dump`: what a stage of the compiler, or each of its passes, makes of a function.

use crate::columns;
use crate::report::{self, Format};
use itab::{Error, Program, Stage};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  itab dump --stage=ir --func=main.main hello.go           typed functions, everything implicit made explicit
  itab dump --stage=asm --func='main.(*T).M' hello.go      machine code of a method
  itab dump --stage=types --func=main.f.func1 hello.go     types of the expressions of a closure
  itab dump --passes --func=main.f hello.go                the function after each pass that changed it
  itab dump --html=f.html --func=main.f hello.go           the same side by side, with the stages that follow";

/// What to show.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
#[group(skip)]
pub struct Args {
    #[command(flatten)]
    source: crate::Patterns,
    #[command(flatten)]
    what: What,
    /// With --stage=asm: the bytes of each instruction too.
    #[arg(long, requires = "stage")]
    bytes: bool,
    /// Which function, as tracebacks name it: main.f, main.(*T).M, main.f.func1, main.generic[...].
    #[arg(long)]
    func: String,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// Which stage.
    #[arg(long, value_parser = stage)]
    stage: Option<Stage>,
    /// The function as it was built, and after each pass that changed it.
    #[arg(long)]
    passes: bool,
    /// The same in columns, written to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

fn stage(name: &str) -> Result<Stage, String> {
    name.parse().map_err(|()| "a stage is ast, types, ir, clif or asm".to_string())
}

/// Prints what is asked for.
pub fn dump(args: &Args) -> ExitCode {
    let (goroot, patterns) = (&args.source.goroot, &args.source.patterns);
    let engine = goroot.engine().build();
    let program = match goroot.with_go(|| engine.load(patterns)) {
        Ok(program) => program,
        Err(e) => return report::load_error(&e, Format::Gc),
    };
    let done = match (&args.what.stage, &args.what.html) {
        (Some(Stage::Asm), _) if args.bytes => program.dump(&args.func, Stage::AsmBytes),
        (Some(_), _) if args.bytes => Err(Error::Internal("--bytes goes with --stage=asm".into())),
        (Some(stage), _) => program.dump(&args.func, *stage),
        (_, Some(file)) => html(&program, &args.func).and_then(|text| {
            std::fs::write(file, text).map_err(|e| Error::Internal(format!("{}: {e}", file.display())))?;
            Ok(String::new())
        }),
        _ => passes(&program, &args.func),
    };
    match done {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("itab: {e}");
            ExitCode::from(2)
        }
    }
}

fn passes(program: &Program, func: &str) -> Result<String, Error> {
    let snapshots = program.dump_passes(func)?;
    Ok(snapshots.iter().map(|s| format!("=== {}\n{}\n", s.by, s.text)).collect())
}

fn html(program: &Program, func: &str) -> Result<String, Error> {
    let mut columns: Vec<(String, String)> = program.dump_passes(func)?.into_iter().map(|s| (s.by, s.text)).collect();
    for (stage, name) in [(Stage::Clif, "clif"), (Stage::Asm, "asm")] {
        columns.push((name.into(), program.dump(func, stage)?));
    }
    Ok(columns::page(func, &columns))
}
