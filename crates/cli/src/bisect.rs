//! `itab bisect`: finds the pass of the compiler, and the function, with which a program goes wrong.
//!
//! The program is run again and again under other switches (`ITABPASSES`). First the passes from some place in the list on
//! are switched off; a binary search gives the first pass that must be on for the program to go wrong. Then that pass
//! is switched off in all functions but those whose names' hashes end in some bits; one bit more halves them, and a half
//! with which the program goes wrong holds a function that the pass compiles wrongly.

use crate::report::{self, Format};
use itab::passes;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const EXAMPLES: &str = "\
A program is right when it prints what the file after --expect has, on both streams together. Without one it is right
when it does what it does with all passes off: print the same and exit with the same status. A traceback is not compared.
Switches in ITABPASSES stay as they are.

Examples:
  itab bisect prog.go                        what differs from the program with all passes off
  itab bisect --expect=prog.out prog.go x    what should be printed for the argument x is in a file";

/// The program, and what is right.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    goroot: crate::Goroot,
    /// What the program should print.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// How long a run may take, in seconds.
    #[arg(long, default_value_t = 20)]
    timeout: u64,
    /// As with `itab run`.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "PROGRAM [ARGS]")]
    words: Vec<String>,
}

/// What a run did.
#[derive(Clone, PartialEq)]
enum Outcome {
    /// What it printed, and its exit status.
    Ended(String, Option<i32>),
    TimedOut,
}

/// Finds the pass and the function; the exit status is 0 if they are found.
pub fn bisect(args: &Args) -> ExitCode {
    let engine = args.goroot.engine().build();
    let program = match args.goroot.with_go(|| engine.load(crate::run::split(&args.words).0)) {
        Ok(program) => program,
        Err(e) => return report::load_error(&e, Format::Gc),
    };
    let found = program.functions().map_err(|e| e.to_string()).and_then(|functions| {
        let runner = Runner::new(args)?;
        search(&passes::names(), &functions, &mut |switches| runner.is_right(switches))
    });
    match found {
        Ok(found) => {
            print!("{}", found.report(&args.words.join(" ")));
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("itab: {e}");
            ExitCode::from(2)
        }
    }
}

/// What makes a program go wrong.
#[derive(Debug, PartialEq)]
struct Found {
    pass: &'static str,
    /// The function, or several that are only wrong together.
    functions: Vec<String>,
    /// Whether the program is right if nothing but this pass in these functions is off.
    alone: bool,
}

impl Found {
    fn switches(&self) -> String {
        let words: Vec<String> = self.functions.iter().map(|f| format!("-{}@{f}", self.pass)).collect();
        words.join(",")
    }

    fn report(&self, program: &str) -> String {
        let Found { pass, functions, alone } = self;
        let mut text = format!("the pass {pass} in {}\n", functions.join(", "));
        text += match alone {
            true => "  the program is right with",
            false => "  other passes play a part, or other functions: the program is still wrong with",
        };
        text += &format!(" ITABPASSES='{}'\n", self.switches());
        for f in functions {
            text += &format!("  itab dump --passes --func='{f}' {program}\n");
        }
        text
    }
}

/// Finds the pass and the function. `is_right` runs the program under switches.
fn search(
    names: &[&'static str],
    functions: &[String],
    is_right: &mut dyn FnMut(&str) -> Result<bool, String>,
) -> Result<Found, String> {
    if is_right("")? {
        return Err("the program is right: there is nothing to find".into());
    }
    if !is_right("none")? {
        return Err("the program is wrong with all passes off, too: the pass merge, what comes before the passes, \
                    or what comes after them"
            .into());
    }
    let off = |from: usize| names[from..].iter().map(|n| format!("-{n}")).collect::<Vec<_>>().join(",");
    // It is right with the first `right` passes on, wrong with the first `wrong`.
    let (mut right, mut wrong) = (0, names.len());
    while wrong - right > 1 {
        let middle = (right + wrong) / 2;
        match is_right(&off(middle))? {
            true => right = middle,
            false => wrong = middle,
        }
    }
    let pass = names[right];
    let later = off(wrong);
    let functions = narrow(functions, &mut |bits| is_right(&format!("{later},-{pass}@hash!={bits}")))?;
    let mut found = Found { pass, functions, alone: false };
    found.alone = is_right(&found.switches())?;
    Ok(found)
}

/// The function with which it goes wrong if the pass is on in that one alone. `is_right` runs the program with the pass
/// off in all functions but those whose hash ends in some bits. Where neither half goes wrong alone, it is several.
fn narrow(functions: &[String], is_right: &mut dyn FnMut(&str) -> Result<bool, String>) -> Result<Vec<String>, String> {
    let mut left = functions.to_vec();
    let mut bits = String::new();
    while left.len() > 1 && bits.len() < 32 {
        let bit = |f: &String| passes::name_hash(f) >> bits.len() & 1;
        let (zero, one): (Vec<_>, Vec<_>) = left.iter().cloned().partition(|f| bit(f) == 0);
        let mut goes_wrong = |half: &[String], digit: &str| match half {
            [] => Ok(false),
            half if half.len() == left.len() => Ok(true),
            _ => is_right(&format!("{digit}{bits}")).map(|right| !right),
        };
        if goes_wrong(&zero, "0")? {
            (left, bits) = (zero, format!("0{bits}"));
        } else if goes_wrong(&one, "1")? {
            (left, bits) = (one, format!("1{bits}"));
        } else {
            break;
        }
    }
    Ok(left)
}

/// Runs the program.
struct Runner<'a> {
    args: &'a Args,
    own: String,
    right: Outcome,
}

impl Runner<'_> {
    fn new(args: &Args) -> Result<Runner<'_>, String> {
        let own = std::env::var("ITABPASSES").unwrap_or_default();
        let mut runner = Runner { args, own, right: Outcome::TimedOut };
        runner.right = match &args.expect {
            Some(file) => {
                let text = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
                Outcome::Ended(without_traceback(&text), None)
            }
            None => runner.run("none")?,
        };
        Ok(runner)
    }

    fn is_right(&self, switches: &str) -> Result<bool, String> {
        let right = match (self.run(switches)?, &self.right) {
            (Outcome::Ended(have, _), Outcome::Ended(want, None)) => have == *want,
            (have, want) => have == *want,
        };
        eprintln!("{} ITABPASSES='{switches}'", if right { "right" } else { "wrong" });
        Ok(right)
    }

    /// Runs the program with these switches behind those of the environment.
    fn run(&self, switches: &str) -> Result<Outcome, String> {
        let (mut reader, out) = std::io::pipe().map_err(|e| e.to_string())?;
        let err = out.try_clone().map_err(|e| e.to_string())?;
        let mut command = Command::new(std::env::current_exe().map_err(|e| e.to_string())?);
        command.arg("run");
        if let Some(goroot) = &self.args.goroot.goroot {
            command.arg("--goroot").arg(goroot);
        }
        command.args(&self.args.words).env("ITABPASSES", format!("{},{switches}", self.own)).env("ITABCACHE", "off");
        let mut child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().map_err(|e| e.to_string())?;
        // It holds the ends that the child writes to.
        drop(command);
        let (done, text) = mpsc::channel();
        std::thread::spawn(move || {
            let mut text = vec![];
            let _ = reader.read_to_end(&mut text);
            let _ = done.send(text);
        });
        let text = text.recv_timeout(Duration::from_secs(self.args.timeout));
        if text.is_err() {
            let _ = child.kill();
        }
        let status = child.wait().map_err(|e| e.to_string())?;
        Ok(match text {
            Ok(text) => Outcome::Ended(without_traceback(&text), status.code()),
            Err(_) => Outcome::TimedOut,
        })
    }
}

/// What a program printed, up to a traceback: that has addresses.
fn without_traceback(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text[..text.find("\ngoroutine ").unwrap_or(text.len())].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSES: [&str; 3] = ["lift", "fold", "dead"];

    /// Whether a program goes wrong with these passes on, the last of them in functions that are within.
    type IsWrong<'a> = dyn Fn(&[&str], &dyn Fn(&str) -> bool) -> bool + 'a;

    /// Searches in a program that goes wrong if `is_wrong` says so: which passes are on, and the hashes for which the last
    /// of them is.
    fn found(is_wrong: &IsWrong<'_>) -> Result<Found, String> {
        let functions: Vec<String> = (0..100).map(|i| format!("main.f{i}")).collect();
        search(&PASSES, &functions, &mut |switches| {
            let words: Vec<&str> = switches.split(',').filter(|w| !w.is_empty()).collect();
            let on: Vec<&str> = PASSES.into_iter().filter(|p| !words.contains(&&*format!("-{p}"))).collect();
            let on = if words.contains(&"none") { vec![] } else { on };
            let within = |f: &str| {
                words.iter().all(|w| match w.split_once('@') {
                    Some((_, func)) => match func.strip_prefix("hash!=") {
                        Some(bits) => format!("{:032b}", passes::name_hash(f)).ends_with(bits),
                        None => func != f,
                    },
                    None => true,
                })
            };
            Ok(!is_wrong(&on, &within))
        })
    }

    #[test]
    fn the_pass_and_the_function_are_found() {
        for f in ["main.f0", "main.f42", "main.f99"] {
            let found = found(&|on, within| on.contains(&"fold") && within(f)).unwrap();
            assert_eq!(found, Found { pass: "fold", functions: vec![f.into()], alone: true });
        }
    }

    #[test]
    fn one_of_several_functions_is_found() {
        let found = found(&|on, within| on.contains(&"dead") && (within("main.f1") || within("main.f2"))).unwrap();
        assert_eq!((found.pass, found.functions.len(), found.alone), ("dead", 1, false));
    }

    #[test]
    fn functions_that_are_wrong_together_are_told_together() {
        let found = found(&|on, within| on.contains(&"lift") && within("main.f1") && within("main.f2")).unwrap();
        assert!(found.functions.contains(&"main.f1".to_string()) && found.functions.contains(&"main.f2".to_string()));
    }

    #[test]
    fn a_program_that_is_right_or_not_wrong_by_passes_is_told() {
        assert!(found(&|_, _| false).unwrap_err().contains("is right"));
        assert!(found(&|_, _| true).unwrap_err().contains("all passes off"));
    }
}
