//! The oracle: real Go.
//!
//! A program's behaviour is its output and its exit status. Output is cut where a traceback begins, as goldens are.

use crate::golden::cut_traceback;
use crate::run::{Output, Result, capture, go};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

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
    /// How they differ, in a line.
    Differs(String),
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
    if have.timed_out {
        return Verdict::Differs("itab does not end".into());
    }
    let (w, h) = (cut_traceback(want.text), cut_traceback(have.text));
    if w == h && want.code == have.code {
        return Verdict::Same;
    }
    let (w, h) = (String::from_utf8_lossy(&w).into_owned(), String::from_utf8_lossy(&h).into_owned());
    let mut test = "";
    let mut lines = h.lines();
    for l in w.lines() {
        if let Some(t) = l.strip_prefix("== ") {
            test = t;
        }
        let other = lines.next();
        if other != Some(l) {
            return Verdict::Differs(format!("{test}: gc {l:?}, itab {:?}", other.unwrap_or("(end)")));
        }
    }
    Verdict::Differs(format!("{test}: exit status: gc {:?}, itab {:?}: {:?}", want.code, have.code, lines.next()))
}
