//! What is wrong with a program: [`Diagnostic`]s in the wording of Go's compiler.
//!
//! The message carries no position, colour or layout; those are the command line's. Where gc prints
//! further lines after a tab (`have (int)`), the message has them too, separated by `"\n\t"`.

use std::fmt;

use crate::pos::{FileSet, Span};

/// Which rule was broken. The checker adds constants of its own, named as go/types names its codes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(pub &'static str);

impl Code {
    /// The text is not Go: `package p; func`
    pub const SYNTAX: Code = Code("SyntaxError");
    /// A character or literal is malformed: `package p; var x = 0b12`
    pub const LEXICAL: Code = Code("LexicalError");
    /// A `//go:` or `//line` directive is malformed or stands where it has no effect.
    pub const DIRECTIVE: Code = Code("Directive");
    /// A label, break, continue, goto or fallthrough is out of place: `func f() { L: }`
    pub const BRANCH: Code = Code("Branch");
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The program is not valid.
    Error,
    /// The program is valid, but the user should know.
    Warning,
}

/// Another place that has to do with a diagnostic ("other declaration of x").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// Where; the start is the position gc reports.
    pub span: Span,
    /// gc's message, without position.
    pub message: String,
    /// Other places.
    pub related: Vec<Related>,
}

impl Diagnostic {
    /// An error without related places.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, severity: Severity::Error, span, message: message.into(), related: Vec::new() }
    }

    /// Adds a related place.
    #[must_use]
    pub fn with(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.related.push(Related { span, message: message.into() });
        self
    }

    /// As gc prints it: `file:line:col: message`, or the message alone if there is no position; related
    /// places on lines of their own after a tab.
    pub fn render(&self, files: &FileSet) -> String {
        let mut out = match self.span.start.is_known() {
            true => format!("{}: {}", files.position(self.span.start), self.message),
            false => self.message.clone(),
        };
        for r in &self.related {
            out.push_str(&format!("\n\t{}: {}", files.position(r.span.start), r.message));
        }
        out
    }
}

/// Sorts by position and drops repetitions of a message on one line, as gc does before it prints.
pub fn sort(files: &FileSet, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by_key(|d| d.span.start);
    diagnostics.dedup_by(|b, a| {
        a.message == b.message && {
            let (pa, pb) = (files.position(a.span.start), files.position(b.span.start));
            pa.line == pb.line && pa.file == pb.file
        }
    });
}
