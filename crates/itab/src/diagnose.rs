//! Diagnostics with their positions resolved, as the API gives them.

use crate::error::{Diagnostic, Related, Severity};
use itab_syntax::FileSet;

/// A diagnostic of the front end with files, lines and columns.
pub(crate) fn resolve(files: &FileSet, d: &itab_syntax::Diagnostic) -> Diagnostic {
    let at = files.position(d.span.start);
    let source = files.file(d.span.start);
    let offset = |p| source.as_ref().and_then(|s| s.offset(p)).unwrap_or(0);
    Diagnostic {
        file: at.file.to_string(),
        line: at.line,
        column: at.col,
        offset: offset(d.span.start),
        end: offset(d.span.end),
        severity: match d.severity {
            itab_syntax::Severity::Error => Severity::Error,
            itab_syntax::Severity::Warning => Severity::Warning,
        },
        code: d.code.to_string(),
        message: d.message.clone(),
        source: source.as_ref().map(|s| s.text().into()),
        related: d.related.iter().map(|r| related(files, r)).collect(),
    }
}

fn related(files: &FileSet, r: &itab_syntax::Related) -> Related {
    let at = files.position(r.span.start);
    Related { file: at.file.to_string(), line: at.line, column: at.col, message: r.message.clone() }
}
