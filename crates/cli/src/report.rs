//! Prints diagnostics in one of three layouts: a line each as gc does, the source line with a caret, or JSON.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use itab::{Diagnostic, LoadError, Severity};
use std::process::ExitCode;

/// Layout of diagnostics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// `file:line:col: message`, as gc prints them.
    Gc,
    /// With the source line and a caret.
    #[default]
    Caret,
    /// One JSON object a line.
    Json,
}

/// Prints why a program could not be loaded; the exit status is 1 for wrong source, 2 for all else.
pub fn load_error(error: &LoadError, format: Format) -> ExitCode {
    match error {
        LoadError::Source(diagnostics) => {
            diagnostics.iter().for_each(|d| print(d, format));
            ExitCode::from(1)
        }
        other => {
            eprintln!("itab: {other}");
            ExitCode::from(2)
        }
    }
}

/// Prints one diagnostic on standard error.
pub fn print(d: &Diagnostic, format: Format) {
    match format {
        Format::Gc => eprintln!("{}", gc(d)),
        Format::Caret => match &d.source {
            Some(_) => eprintln!("{}", caret(d)),
            None => eprintln!("{}", gc(d)),
        },
        Format::Json => eprintln!("{}", json(d)),
    }
}

fn gc(d: &Diagnostic) -> String {
    let mut text = format!("{}:{}:{}: {}", d.file, d.line, d.column, d.message);
    for r in &d.related {
        text += &format!("\n\t{}:{}:{}: {}", r.file, r.line, r.column, r.message);
    }
    text
}

fn caret(d: &Diagnostic) -> String {
    let source = d.source.as_deref().unwrap_or("");
    let level = match d.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let start = (d.offset as usize).min(source.len());
    let end = (d.end as usize).clamp(start, source.len());
    let snippet = Snippet::source(source).path(&*d.file).annotation(AnnotationKind::Primary.span(start..end));
    let mut groups = vec![level.primary_title(&*d.message).element(snippet)];
    for r in &d.related {
        let note = format!("{}:{}:{}: {}", r.file, r.line, r.column, r.message);
        groups.push(annotate_snippets::Group::with_title(Level::NOTE.secondary_title(note)));
    }
    let renderer =
        if std::io::IsTerminal::is_terminal(&std::io::stderr()) { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&groups)
}

fn json(d: &Diagnostic) -> String {
    let related: Vec<String> = d
        .related
        .iter()
        .map(|r| {
            format!(
                "{{\"file\":{},\"line\":{},\"column\":{},\"message\":{}}}",
                quote(&r.file),
                r.line,
                r.column,
                quote(&r.message)
            )
        })
        .collect();
    format!(
        "{{\"file\":{},\"line\":{},\"column\":{},\"severity\":{},\"code\":{},\"message\":{},\"related\":[{}]}}",
        quote(&d.file),
        d.line,
        d.column,
        quote(match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }),
        quote(&d.code),
        quote(&d.message),
        related.join(",")
    )
}

/// A JSON string.
fn quote(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            '\r' => out += "\\r",
            c if (c as u32) < 0x20 => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_strings_are_escaped() {
        assert_eq!(quote("a\"b\\c\n\u{1}"), "\"a\\\"b\\\\c\\n\\u0001\"");
    }
}
