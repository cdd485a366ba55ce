//! Comments that mean something: `//line` and `//go:` directives.
//!
//! Function pragmas and `//go:embed` wait in [`Pending`] for the declaration they stand in front of;
//! whatever does not accept them reports them as misplaced.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::parser::{Mode, Parser};
use crate::pos::{LineDirective, Pos, Span};
use crate::scanner::Comment;
use crate::tree::{Directive, Embed, Linkname, List, Pragma};

/// Directives that wait for a declaration.
#[derive(Default)]
pub(super) struct Pending {
    flags: Vec<(Flag, Pos)>,
    embeds: Vec<Embed>,
}

/// A directive that must stand in front of the right thing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flag {
    Func(Pragma),
    /// `//go:build`, which belongs in front of the package clause.
    Build,
}

/// What may accept pending directives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DirectivePlace {
    Package,
    Func,
    Var,
    Other,
}

fn pragma(verb: &str) -> Pragma {
    match verb {
        "go:nointerface" => Pragma::NOINTERFACE,
        "go:noescape" => Pragma::NOESCAPE,
        "go:norace" => Pragma::NORACE,
        "go:nosplit" => Pragma::NOSPLIT | Pragma::NOCHECKPTR,
        "go:noinline" => Pragma::NOINLINE,
        "go:nocheckptr" => Pragma::NOCHECKPTR,
        "go:systemstack" => Pragma::SYSTEMSTACK,
        "go:nowritebarrier" => Pragma::NOWRITEBARRIER,
        "go:nowritebarrierrec" => Pragma::NOWRITEBARRIERREC | Pragma::NOWRITEBARRIER,
        "go:yeswritebarrierrec" => Pragma::YESWRITEBARRIERREC,
        "go:cgo_unsafe_args" => Pragma::CGO_UNSAFE_ARGS | Pragma::NOCHECKPTR,
        "go:uintptrkeepalive" => Pragma::UINTPTRKEEPALIVE,
        "go:uintptrescapes" => Pragma::UINTPTRESCAPES | Pragma::UINTPTRKEEPALIVE,
        "go:registerparams" => Pragma::REGISTERPARAMS,
        _ => Pragma::empty(),
    }
}

const RUNTIME_ONLY: Pragma = Pragma::SYSTEMSTACK
    .union(Pragma::NOWRITEBARRIER)
    .union(Pragma::NOWRITEBARRIERREC)
    .union(Pragma::YESWRITEBARRIERREC);

impl Parser<'_> {
    /// Handles the comments that the scanner passed.
    pub(super) fn take_comments(&mut self) {
        for comment in std::mem::take(&mut self.s.comments) {
            self.comment(comment, false);
        }
    }

    /// Handles the comments of a body that was skipped, which ends at `end`, and those after it.
    pub(super) fn take_skipped_comments(&mut self, end: u32) {
        for comment in std::mem::take(&mut self.s.comments) {
            self.comment(comment, comment.start < end);
        }
    }

    /// Handles one comment. In a skipped body only what concerns the whole file counts; the rest is
    /// reported when the body is parsed.
    fn comment(&mut self, comment: Comment, skipped: bool) {
        let Comment { start, end } = comment;
        let whole = self.s.text(start, end);
        let block = whole.starts_with("/*");
        let text = if block { &whole[2..whole.len() - 2] } else { whole[2..].trim_end_matches('\r') };
        if let Some(args) = text.strip_prefix("line ") {
            if block || self.column_is_first(start) {
                self.line_directive(comment, block, args);
            }
            return;
        }
        let pos = self.source.start() + (start + 2);
        self.directives.push(Directive { pos, text: text.into() });
        let verb = text.split(' ').next().unwrap_or("");
        if skipped {
            if matches!(verb, "go:linkname" | "go:linknamestd") && self.is_blank_before(start) {
                // What is wrong with it is said when the body is parsed.
                let errors = (self.s.diagnostics.len(), self.directive_errors);
                self.linkname(pos, text);
                self.s.diagnostics.truncate(errors.0);
                self.directive_errors = errors.1;
            }
            return;
        }
        if !self.after_package && whole.starts_with("//go:build") {
            self.build = Some(Directive { pos, text: text.into() });
        }
        if !self.is_blank_before(start) {
            self.directive_error(pos, "misplaced compiler directive");
            return;
        }
        self.go_directive(pos, verb, text);
    }

    fn go_directive(&mut self, pos: Pos, verb: &str, text: &str) {
        let has_args = text.len() > verb.len();
        match verb {
            "go:linkname" | "go:linknamestd" if has_args => self.linkname(pos, text),
            "go:embed" => match embed_patterns(&text["go:embed".len()..]) {
                Ok(patterns) if patterns.is_empty() => self.directive_error(pos, "usage: //go:embed pattern..."),
                Ok(patterns) => self.pending.embeds.push(Embed { pos, patterns }),
                Err(message) => {
                    self.directive_error(pos, message);
                    self.directive_error(pos, "usage: //go:embed pattern...");
                }
            },
            "go:wasmimport" if has_args && text.split_whitespace().count() != 3 => {
                self.directive_error(pos, "usage: //go:wasmimport importmodule importname");
            }
            "go:wasmexport" if has_args && text.split_whitespace().count() != 2 => {
                self.directive_error(pos, "usage: //go:wasmexport exportname");
            }
            "go:build" => self.pending.flags.push((Flag::Build, pos)),
            _ => self.pragma_directive(pos, verb, text),
        }
    }

    fn pragma_directive(&mut self, pos: Pos, verb: &str, text: &str) {
        let flags = pragma(verb);
        if !self.mode.contains(Mode::STD) {
            if verb.starts_with("go:cgo_") && verb != "go:cgo_import_dynamic" {
                self.directive_error(pos, format!("//{text} only allowed in cgo-generated code"));
            }
            if flags.intersects(RUNTIME_ONLY) {
                self.directive_error(pos, format!("//{verb} only allowed in runtime"));
            }
            if flags == Pragma::UINTPTRKEEPALIVE {
                self.directive_error(pos, format!("//{verb} is only allowed in the standard library"));
            }
        }
        if !flags.is_empty() {
            self.pending.flags.push((Flag::Func(flags), pos));
        }
    }

    fn linkname(&mut self, pos: Pos, text: &str) {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let (verb, local, target) = match fields[..] {
            [verb, local] => (verb, local, None),
            [verb, local, target] => (verb, local, Some(target.to_string())),
            _ => {
                let verb = fields.first().copied().unwrap_or("go:linkname");
                self.directive_error(pos, format!("usage: //{verb} localname [linkname]"));
                return;
            }
        };
        let local = self.s.intern(local);
        self.linknames.push(Linkname { pos, std: verb == "go:linknamestd", local, target });
    }

    /// Hands the pending directives to a declaration; reports those that it does not accept.
    pub(super) fn take_pragma(&mut self, place: DirectivePlace) -> (Pragma, List<Embed>) {
        if self.pending.flags.is_empty() && self.pending.embeds.is_empty() {
            return (Pragma::empty(), List::EMPTY);
        }
        let mut pragma = Pragma::empty();
        for (flag, pos) in std::mem::take(&mut self.pending.flags) {
            match (flag, place) {
                (Flag::Func(p), DirectivePlace::Func) => pragma |= p,
                (Flag::Build, DirectivePlace::Package) => {}
                _ => self.directive_error(pos, "misplaced compiler directive"),
            }
        }
        let embeds = std::mem::take(&mut self.pending.embeds);
        if place == DirectivePlace::Var {
            let start = self.tree.embeds.len();
            self.tree.embeds.extend(embeds);
            return (pragma, List::new(start, self.tree.embeds.len() - start));
        }
        for embed in embeds {
            self.directive_error(embed.pos, "misplaced go:embed directive");
        }
        (pragma, List::EMPTY)
    }

    /// Reports the pending directives: what comes next accepts none.
    pub(super) fn clear_pragma(&mut self) {
        self.take_pragma(DirectivePlace::Other);
    }

    fn directive_error(&mut self, pos: Pos, message: impl Into<String>) {
        self.directive_errors += 1;
        self.s.diagnostics.push(Diagnostic::error(Code::DIRECTIVE, Span::at(pos), message));
    }

    fn column_is_first(&self, offset: u32) -> bool {
        offset == 0 || self.source.text().as_bytes().get(offset as usize - 1) == Some(&b'\n')
    }

    /// Whether nothing but white space stands before `offset` on its line.
    fn is_blank_before(&self, offset: u32) -> bool {
        let before = self.source.text().as_bytes().get(..offset as usize).unwrap_or(&[]);
        let line = memchr::memrchr(b'\n', before).map_or(0, |i| i + 1);
        before[line..].iter().all(|&c| matches!(c, b' ' | b'\t' | b'\r'))
    }

    /// `//line file:line`, `//line file:line:col` and their `/*line*/` forms; `args` ends the comment.
    fn line_directive(&mut self, comment: Comment, block: bool, args: &str) {
        let args_at = comment.start + 2 + "line ".len() as u32;
        let Some((head, number)) = args.rsplit_once(':') else {
            return;
        };
        let number_at = args_at + head.len() as u32 + 1;
        let parse = |s: &str| s.parse::<u32>().ok().filter(|_| !s.starts_with('+'));
        let Some(mut line) = parse(number) else {
            self.line_error(number_at, "line", number);
            return;
        };
        let (mut name, mut col, mut line_text, mut line_at) = (head, 0, number, number_at);
        if let Some((file, first)) = head.rsplit_once(':')
            && let Some(n) = parse(first)
        {
            if !(1..=POS_MAX).contains(&line) {
                self.line_error(number_at, "column", number);
                return;
            }
            (name, col, line) = (file, line, n);
            line_text = &args[file.len() + 1..];
            line_at = args_at + file.len() as u32 + 1;
        }
        if !(1..=POS_MAX).contains(&line) {
            self.line_error(line_at, "line", line_text);
            return;
        }
        let file = self.line_file(name, col != 0);
        // A line comment takes effect on the next line, the other form right behind itself, unless it
        // spans lines, when it means nothing.
        let offset = if block { comment.end } else { comment.end + 1 };
        if !(block && self.s.text(comment.start, comment.end).contains('\n')) {
            self.lines.push(LineDirective { offset, file, line, col });
        }
    }

    fn line_error(&mut self, at: u32, what: &str, text: &str) {
        let pos = self.source.start() + at;
        let message = format!("invalid {what} number: {text}");
        self.s.diagnostics.push(Diagnostic::error(Code::DIRECTIVE, Span::at(pos), message));
    }

    /// The file a directive names: the one before if the name is empty and there is a column, relative to
    /// this file's folder if it is not absolute.
    fn line_file(&self, name: &str, has_col: bool) -> Arc<str> {
        if name.is_empty() {
            if !has_col {
                return "".into();
            }
            return self.lines.last().map_or_else(|| self.source.name().clone(), |d| d.file.clone());
        }
        let own = self.source.name();
        match own.rfind('/') {
            Some(slash) if !name.starts_with('/') => clean_path(&format!("{}/{name}", &own[..slash])).into(),
            _ => clean_path(name).into(),
        }
    }
}

/// Lines and columns beyond are not counted.
const POS_MAX: u32 = 1 << 30;

/// The shortest form of a path, by its text alone.
fn clean_path(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|&p| p != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}

/// The patterns of a `//go:embed` line: bare words and Go strings.
fn embed_patterns(args: &str) -> Result<Vec<String>, String> {
    let invalid = |s: &str| format!("invalid quoted string in //go:embed: {s}");
    let mut patterns = Vec::new();
    let mut rest = args.trim();
    while !rest.is_empty() {
        let (len, pattern) = match rest.as_bytes()[0] {
            b'`' => {
                let len = rest[1..].find('`').ok_or_else(|| invalid(rest))? + 2;
                (len, rest[1..len - 1].to_string())
            }
            b'"' => {
                let len = quoted_len(rest).ok_or_else(|| invalid(rest))?;
                let bytes = crate::literal::string_value(&rest[..len]).ok_or_else(|| invalid(&rest[..len]))?;
                (len, String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => {
                let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (len, rest[..len].to_string())
            }
        };
        rest = &rest[len..];
        if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
            return Err(invalid(rest));
        }
        patterns.push(pattern);
        rest = rest.trim_start();
    }
    Ok(patterns)
}

/// Length of the interpreted string literal that `s` starts with.
fn quoted_len(s: &str) -> Option<usize> {
    let bytes = s.as_bytes();
    let mut i = 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 1,
            b'"' => return Some(i + 1),
            _ => {}
        }
        i += 1;
    }
    None
}
