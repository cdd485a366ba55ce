//! Shrinks a program on which itab and Go differ: removes parts of it as long as they still differ.
//!
//! A part is a line or a block of lines with balanced braces. Long sequences of parts are tried first, then single ones. A
//! block may also lose its first and last line only. This is repeated until nothing more can be removed.

use super::oracle::{Difference, Oracle, Verdict};
use crate::run::Result;

/// The smallest program found that still differs.
pub fn shrink(text: &str, oracle: &Oracle) -> Result<String> {
    let (passes, first) = match (oracle.judge_passes(text)?, oracle.judge(text)?) {
        (Verdict::Differs(d), _) => (true, d),
        (_, Verdict::Differs(d)) => (false, d),
        _ => return Err("this program does not differ".into()),
    };
    let lines = text.lines().map(String::from).collect();
    let mut s = Shrinker { lines, oracle, passes, first, left: if passes { 4000 } else { 800 } };
    loop {
        let before = s.lines.len();
        s.pass()?;
        if s.lines.len() == before || s.left == 0 {
            return Ok(s.lines.join("\n") + "\n");
        }
    }
}

struct Shrinker<'a> {
    lines: Vec<String>,
    oracle: &'a Oracle,
    /// Whether it is the passes that make the difference: gc need not be asked then.
    passes: bool,
    /// What must stay as it is.
    first: Difference,
    /// How many programs may still be built.
    left: usize,
}

impl Shrinker<'_> {
    /// Whether a program still differs, in the same way; it is kept then.
    fn attempt(&mut self, lines: Vec<String>) -> Result<bool> {
        let text = lines.join("\n") + "\n";
        if self.left == 0 || !self.oracle.accepts(&text)? {
            return Ok(false);
        }
        self.left -= 1;
        let verdict = if self.passes { self.oracle.judge_passes(&text)? } else { self.oracle.judge(&text)? };
        let differs = matches!(verdict, Verdict::Differs(d) if d.is_like(&self.first));
        if differs {
            self.lines = lines;
        }
        Ok(differs)
    }

    fn without(&self, a: usize, b: usize) -> Vec<String> {
        [&self.lines[..a], &self.lines[b..]].concat()
    }

    fn pass(&mut self) -> Result<()> {
        // Calls of tests and statements, in runs that get shorter.
        let mut size = (self.lines.len() / 4).max(1);
        loop {
            let mut i = self.lines.len();
            while i > 0 {
                i = i.min(self.lines.len()).saturating_sub(1);
                let end = self.run_of(i, size);
                if end > i && self.attempt(self.without(i, end))? {
                    continue;
                }
                let one = self.end_of(i);
                if size == 1 && one > i + 1 {
                    self.unwrap(i, one)?;
                }
                if size > 1 {
                    i = i.saturating_sub(size / 2);
                }
            }
            if size == 1 {
                return Ok(());
            }
            size = (size / 3).max(1);
        }
    }

    /// A block without its first and last line.
    fn unwrap(&mut self, a: usize, b: usize) -> Result<()> {
        let mut lines = self.without(b - 1, b);
        lines.remove(a);
        self.attempt(lines).map(|_| ())
    }

    /// The end of the unit that begins at a line; the line itself when it closes a block.
    fn end_of(&self, i: usize) -> usize {
        let mut depth = 0i32;
        for (j, l) in self.lines.iter().enumerate().skip(i) {
            for c in l.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth < 0 {
                    return i;
                }
            }
            if depth == 0 {
                return j + 1;
            }
        }
        i
    }

    /// The end of whole units of about so many lines in all.
    fn run_of(&self, i: usize, size: usize) -> usize {
        let mut end = i;
        while end < self.lines.len() && end - i < size {
            let next = self.end_of(end);
            if next == end {
                break;
            }
            end = next;
        }
        end
    }
}
