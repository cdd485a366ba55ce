//! `itab dump`: what a stage of the compiler makes of a function.

use crate::report::{self, Format};
use itab::Stage;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  itab dump --stage=ir --func=main.main hello.go           typed functions, everything implicit made explicit
  itab dump --stage=asm --func='main.(*T).M' hello.go      machine code of a method
  itab dump --stage=types --func=main.f.func1 hello.go     types of the expressions of a closure";

/// What to show.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    source: crate::Patterns,
    /// Which stage.
    #[arg(long, value_parser = stage)]
    stage: Stage,
    /// Which function, as tracebacks name it: main.f, main.(*T).M, main.f.func1, main.generic[...].
    #[arg(long)]
    func: String,
}

fn stage(name: &str) -> Result<Stage, String> {
    name.parse().map_err(|()| "a stage is ast, types, ir, clif or asm".to_string())
}

/// Prints the stage.
pub fn dump(args: &Args) -> ExitCode {
    let (goroot, patterns) = (&args.source.goroot, &args.source.patterns);
    let engine = goroot.engine().build();
    let program = match goroot.with_go(|| engine.load(patterns)) {
        Ok(program) => program,
        Err(e) => return report::load_error(&e, Format::Gc),
    };
    match program.dump(&args.func, args.stage) {
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
