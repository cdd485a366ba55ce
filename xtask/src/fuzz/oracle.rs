//! The oracle: real Go.
//!
//! A program's behaviour is its output and its exit status. Output is cut where a traceback begins, as goldens are.

use crate::golden::cut_traceback;
use crate::run::{Output, Result, capture, go};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{fmt, fs};

/// How gc says that a stack is full.
const OVERFLOW: &[u8] = b"stack exceeds";

/// Runs programs with both engines in a folder of its own.
pub struct Oracle {
    itab: PathBuf,
    limit: Duration,
    dir: PathBuf,
}

/// What the comparison says.
pub enum Verdict {
    Same,
    /// gc does not build it, or it does not end: no judgement.
    Invalid(String),
    /// How they differ first.
    Differs(Difference),
}

/// The first line in which two outputs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The program's test that printed it.
    pub test: String,
    pub want: String,
    pub have: String,
}

impl Difference {
    /// Whether it is the same one, seen in a program that was cut down.
    pub fn is_like(&self, other: &Difference) -> bool {
        (&self.want, &self.have) == (&other.want, &other.have)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: wanted {:?}, got {:?}", self.test, self.want, self.have)
    }
}

impl Oracle {
    /// An oracle with a temporary folder.
    pub fn new(itab: &Path, seconds: u64, name: &str) -> Result<Oracle> {
        let dir = std::env::temp_dir().join(format!("itab-fuzz-{}-{name}", std::process::id()));
        fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
        Ok(Oracle { itab: itab.to_path_buf(), limit: Duration::from_secs(seconds), dir })
    }

    /// Runs a program with both.
    pub fn judge(&self, text: &str) -> Result<Verdict> {
        let file = self.dir.join("prog.go");
        fs::write(&file, text).map_err(|e| e.to_string())?;
        let exe = self.dir.join("prog");
        let mut build = go();
        build.args(["build", "-o"]).arg(&exe).arg(&file);
        let built = capture(&mut build, Duration::from_secs(120))?;
        if built.code != Some(0) {
            let text = String::from_utf8_lossy(&built.text).into_owned();
            return Ok(Verdict::Invalid(text.lines().take(5).collect::<Vec<_>>().join(" | ")));
        }
        let want = capture(&mut Command::new(&exe), self.limit)?;
        if want.timed_out || want.code.is_none() {
            return Ok(Verdict::Invalid("does not end".into()));
        }
        // An interface embedded in what it holds: methods that only pass on call each other for ever.
        if want.text.windows(OVERFLOW.len()).any(|w| w == OVERFLOW) {
            return Ok(Verdict::Invalid("stack overflow".into()));
        }
        let have = self.itab(&file, "")?;
        Ok(compare(want, have))
    }

    /// The same with itab's own compiler, its passes switched off, in place of gc: much quicker.
    pub fn judge_passes(&self, text: &str) -> Result<Verdict> {
        let file = self.dir.join("prog.go");
        fs::write(&file, text).map_err(|e| e.to_string())?;
        let want = self.itab(&file, "none")?;
        if want.timed_out || want.code.is_none() {
            return Ok(Verdict::Invalid("does not end".into()));
        }
        Ok(compare(want, self.itab(&file, "")?))
    }

    /// Whether itab's checker accepts a program: a quick test before gc's build.
    pub fn accepts(&self, text: &str) -> Result<bool> {
        let file = self.dir.join("check.go");
        fs::write(&file, text).map_err(|e| e.to_string())?;
        let mut cmd = Command::new(&self.itab);
        cmd.env("GOROOT", crate::setup::goroot()).arg("check").arg(&file);
        Ok(capture(&mut cmd, self.limit)?.code == Some(0))
    }

    fn itab(&self, file: &Path, passes: &str) -> Result<Output> {
        let mut cmd = Command::new(&self.itab);
        cmd.env("GOROOT", crate::setup::goroot()).env("ITABPASSES", passes).arg("run").arg(file);
        capture(&mut cmd, self.limit)
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn compare(want: Output, have: Output) -> Verdict {
    let differs = |test: &str, want: &str, have: &str| {
        Verdict::Differs(Difference { test: test.into(), want: want.into(), have: have.into() })
    };
    if have.timed_out {
        return differs("", "an end", "none");
    }
    let (w, h) = (text(want.text), text(have.text));
    let (mut w, mut h) = (w.lines(), h.lines());
    let mut test = "";
    loop {
        let pair = (w.next(), h.next());
        match pair {
            (None, None) => break,
            (Some(l), Some(other)) if l == other => test = l.strip_prefix("== ").unwrap_or(test),
            (l, other) => return differs(test, l.unwrap_or("(end)"), other.unwrap_or("(end)")),
        }
    }
    if want.code == have.code {
        return Verdict::Same;
    }
    differs(test, &format!("exit status {:?}", want.code), &format!("exit status {:?}", have.code))
}

/// Output without tracebacks and without the addresses of faults. A method of a value called by a nil pointer that an
/// interface holds is a plain nil dereference where gc knows the pointer's type, and has its own words elsewhere.
fn text(output: Vec<u8>) -> String {
    let text = String::from_utf8_lossy(&cut_traceback(output)).into_owned();
    let mut out = String::new();
    for line in text.lines().filter(|l| !l.starts_with("[signal ")) {
        match line.split_once("value method main.") {
            Some((before, after)) if after.ends_with(" pointer") => {
                out += before;
                out += "runtime error: invalid memory address or nil pointer dereference\n";
            }
            _ => {
                out += line;
                out.push('\n');
            }
        }
    }
    out
}
