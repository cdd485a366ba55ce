//! Writes the expected output of the test programs, by running them with real Go.
//!
//! `tests/{run,programs,alloc}/x.go` and `examples/*/main.go` get `x.out`: standard output and standard error together
//! and, when the program fails, a last line `exit status N`. `x.in` is the standard input, `x.args` has the arguments, one
//! a line. Programs that end in a traceback get its addresses and goroutine details cut by the harness on both
//! sides, so the golden keeps what Go printed up to the first line that starts with `goroutine `. The programs that show
//! what the runtime has to agree with, beside its own tests, get `x.txt`.

use crate::run::{Result, capture, capture_with, go, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Writes the goldens of all programs whose path contains the filter.
pub fn golden(filter: Option<&str>) -> Result<()> {
    let bin = std::env::temp_dir().join(format!("itab-golden-{}", std::process::id()));
    fs::create_dir_all(&bin).map_err(|e| e.to_string())?;
    let mut files = vec![];
    for dir in ["tests/run", "tests/programs", "tests/alloc"] {
        files.extend(programs(&root().join(dir))?);
    }
    for example in fs::read_dir(root().join("examples")).map_err(|e| e.to_string())? {
        files.push(example.map_err(|e| e.to_string())?.path().join("main.go"));
    }
    // Other examples are Rust programs.
    files.retain(|f| f.is_file());
    let mut goldens: Vec<_> = files.into_iter().map(|f| (f.with_extension("out"), f)).collect();
    for dir in ["crates/runtime/tests", "crates/runtime/tests/golden"] {
        goldens.extend(programs(&root().join(dir))?.into_iter().map(|f| (f.with_extension("txt"), f)));
    }
    for (out, file) in goldens {
        if filter.is_none_or(|f| file.to_string_lossy().contains(f)) {
            let text = expected(&file, &bin)?;
            if fs::read(&out).ok().as_deref() != Some(&text) {
                println!("{}", out.display());
                fs::write(&out, text).map_err(|e| e.to_string())?;
            }
        }
    }
    let _ = fs::remove_dir_all(&bin);
    Ok(())
}

/// The `.go` files of a folder, sorted.
pub fn programs(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut files: Vec<_> = entries.filter_map(|e| e.ok()).map(|e| e.path()).collect();
    files.retain(|f| f.extension().is_some_and(|x| x == "go"));
    files.sort();
    Ok(files)
}

/// What Go prints. Programs may declare functions without bodies and link to what the runtime does not export.
fn expected(file: &Path, tmp: &Path) -> Result<Vec<u8>> {
    let exe = tmp.join("prog");
    let flags = ["build", "-gcflags=-complete=false", "-ldflags=-checklinkname=0", "-o"];
    let built = capture(go().args(flags).arg(&exe).arg(file), Duration::from_secs(120))?;
    if built.code != Some(0) {
        return Err(format!("{} does not build:\n{}", file.display(), String::from_utf8_lossy(&built.text)));
    }
    let args = fs::read_to_string(file.with_extension("args")).unwrap_or_default();
    let stdin = fs::File::open(file.with_extension("in")).map_or_else(|_| Stdio::null(), Stdio::from);
    let run = capture_with(Command::new(&exe).args(args.lines()), stdin, Duration::from_secs(60))?;
    let mut text = cut_traceback(run.text);
    match run.code {
        Some(0) => {}
        Some(c) => text.extend(format!("exit status {c}\n").into_bytes()),
        None => return Err(format!("{} was ended by a signal or the time limit", file.display())),
    }
    Ok(text)
}

/// A program's output up to the first traceback.
pub fn cut_traceback(text: Vec<u8>) -> Vec<u8> {
    let at = text.windows(11).position(|w| w == b"\ngoroutine ").map_or(text.len(), |i| i + 1);
    text[..at].to_vec()
}
