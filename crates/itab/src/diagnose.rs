//! Diagnostics of the front end as the API gives them: with file, line and column instead of a position.

use crate::error::{Diagnostic, LoadError, Related, Severity};
use itab_syntax::FileSet;

/// A diagnostic of the front end with files, lines and columns.
fn resolve(files: &FileSet, d: &itab_syntax::Diagnostic) -> Diagnostic {
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

/// The error of a load whose source is wrong.
pub(crate) fn wrong(files: &FileSet, mut diagnostics: Vec<itab_syntax::Diagnostic>) -> LoadError {
    itab_syntax::diagnostic::sort(files, &mut diagnostics);
    LoadError::Source(diagnostics.iter().map(|d| resolve(files, d)).collect())
}
