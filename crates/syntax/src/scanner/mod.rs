//! The scanner: bytes to tokens, with Go's automatic semicolons.
//!
//! It runs over the text of a [`SourceFile`], one call of [`Scanner::next`] per token, without
//! allocating. Comments are skipped; those that hold a `//go:` or `//line` directive are queued for the
//! parser. [`Scanner::skip_block`] runs over a function body by matching braces, which needs tokens only
//! as far as strings and comments go. Characters that may stand nowhere (NUL, bytes that are not UTF-8)
//! have been found when the file was added; they are passed over here.

mod literal;

use unicode_general_category::{GeneralCategory as Gc, get_general_category};

use crate::diagnostic::{Code, Diagnostic};
use crate::names::{Name, NameCache};
use crate::pos::{Pos, SourceFile, Span};
use crate::token::{LitKind, Op, Token};

/// How a semicolon came about; its name in messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Semi {
    Semicolon,
    Newline,
    Eof,
}

impl Semi {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Semi::Semicolon => "semicolon",
            Semi::Newline => "newline",
            Semi::Eof => "EOF",
        }
    }
}

/// A comment with a directive, as offsets of the whole comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comment {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

pub(crate) struct Scanner<'a> {
    pub(crate) file: &'a SourceFile,
    src: &'a [u8],
    /// Where to go on reading.
    at: usize,
    /// Whether a line end (or the end of the file) is a semicolon now.
    nlsemi: bool,
    cache: NameCache<'a>,

    /// The current token; the fields after `end` say more about some kinds of tokens.
    pub(crate) tok: Token,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) name: Name,
    /// Of `Operator`, `Star`, `AssignOp`, `IncOp`.
    pub(crate) op: Op,
    pub(crate) kind: LitKind,
    pub(crate) bad: bool,
    pub(crate) semi: Semi,

    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) comments: Vec<Comment>,
}

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const SPACE: u8 = 4;
/// What [`Scanner::skip_block`] must look at.
const NOTABLE: u8 = 8;

static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut t = [0u8; 256];
    let mut c = 0;
    while c < 256 {
        let b = c as u8;
        if b.is_ascii_alphabetic() || b == b'_' {
            t[c] = LETTER;
        } else if b.is_ascii_digit() {
            t[c] = DIGIT;
        } else if matches!(b, b' ' | b'\t' | b'\r') {
            t[c] = SPACE;
        } else if matches!(b, b'{' | b'}' | b'"' | b'\'' | b'`' | b'/') {
            t[c] = NOTABLE;
        }
        c += 1;
    }
    t
}

impl<'a> Scanner<'a> {
    /// A scanner of `file` from the byte at `from` up to `to`. No token has been read yet.
    pub(crate) fn new(file: &'a SourceFile, cache: NameCache<'a>, from: u32, to: u32) -> Scanner<'a> {
        let src = file.text().as_bytes();
        Scanner {
            file,
            src: src.get(..to as usize).unwrap_or(src),
            at: from as usize,
            nlsemi: false,
            cache,
            tok: Token::Eof,
            start: from,
            end: from,
            name: Name::EMPTY,
            op: Op::Add,
            kind: LitKind::Int,
            bad: false,
            semi: Semi::Semicolon,
            diagnostics: Vec::new(),
            comments: Vec::new(),
        }
    }

    pub(crate) fn names(&self) -> &'a crate::names::Names {
        self.cache.names()
    }

    pub(crate) fn intern(&mut self, text: &str) -> Name {
        self.cache.intern(text)
    }

    /// The byte `n` places ahead; 0 past the end.
    fn peek(&self, n: usize) -> u8 {
        self.src.get(self.at + n).copied().unwrap_or(0)
    }

    fn at_end(&self) -> bool {
        self.at >= self.src.len()
    }

    /// The character at the reading position.
    fn char(&self) -> Option<char> {
        self.file.text().get(self.at..self.src.len())?.chars().next()
    }

    /// Text of the file between two offsets.
    pub(crate) fn text(&self, start: u32, end: u32) -> &'a str {
        self.file.text().get(start as usize..end as usize).unwrap_or("")
    }

    /// Text of the current token.
    pub(crate) fn lit(&self) -> &'a str {
        self.text(self.start, self.end)
    }

    /// Reports at a byte offset.
    pub(crate) fn report(&mut self, code: Code, offset: usize, message: impl Into<String>) {
        let pos = Pos(self.file.start().0 + offset as u32);
        self.diagnostics.push(Diagnostic::error(code, Span::at(pos), message));
    }

    /// Reports at the reading position.
    fn error(&mut self, message: impl Into<String>) {
        self.report(Code::LEXICAL, self.at, message);
    }

    /// Goes to the end of the text: nothing but `Eof` follows.
    pub(crate) fn abandon(&mut self) {
        self.at = self.src.len();
        self.nlsemi = false;
        self.tok = Token::Eof;
        (self.start, self.end) = (self.at as u32, self.at as u32);
    }

    /// Reads the next token.
    pub(crate) fn next(&mut self) {
        let nlsemi = std::mem::take(&mut self.nlsemi);
        loop {
            while CLASS[self.peek(0) as usize] & SPACE != 0 || (self.peek(0) == b'\n' && !nlsemi) {
                self.at += 1;
            }
            self.start = self.at as u32;
            let c = self.peek(0);
            if CLASS[c as usize] & LETTER != 0 {
                self.ident();
            } else if CLASS[c as usize] & DIGIT != 0 {
                self.number(false);
            } else if !self.punctuation(c, nlsemi) {
                continue;
            }
            self.end = self.at as u32;
            return;
        }
    }

    /// Scans a token that is no ASCII identifier or number; false if it was a comment or nothing.
    fn punctuation(&mut self, c: u8, nlsemi: bool) -> bool {
        match c {
            b'\n' => self.semicolon(Semi::Newline),
            b';' => self.semicolon(Semi::Semicolon),
            b'(' => self.single(Token::Lparen),
            b'[' => self.single(Token::Lbrack),
            b'{' => self.single(Token::Lbrace),
            b',' => self.single(Token::Comma),
            b')' => self.closing(Token::Rparen),
            b']' => self.closing(Token::Rbrack),
            b'}' => self.closing(Token::Rbrace),
            b'"' => self.string(),
            b'`' => self.raw_string(),
            b'\'' => self.rune(),
            b'.' => self.dot(),
            b':' if self.peek(1) == b'=' => self.double(Token::Define),
            b':' => self.single(Token::Colon),
            b'=' if self.peek(1) == b'=' => self.operator(Op::Eql, 2),
            b'=' => self.single(Token::Assign),
            b'+' if self.peek(1) == b'+' => self.inc(Op::Add),
            b'-' if self.peek(1) == b'-' => self.inc(Op::Sub),
            b'+' => self.assignable(Op::Add, 1),
            b'-' => self.assignable(Op::Sub, 1),
            b'*' => {
                self.assignable(Op::Mul, 1);
                if self.tok == Token::Operator {
                    self.tok = Token::Star;
                }
            }
            b'/' => match self.peek(1) {
                b'/' => {
                    self.line_comment();
                    return false;
                }
                b'*' => {
                    let newline = self.block_comment();
                    if !(newline && nlsemi) {
                        return false;
                    }
                    (self.tok, self.semi) = (Token::Semi, Semi::Newline);
                }
                _ => self.assignable(Op::Quo, 1),
            },
            b'%' => self.assignable(Op::Rem, 1),
            b'&' => match self.peek(1) {
                b'&' => self.operator(Op::LAnd, 2),
                b'^' => self.assignable(Op::AndNot, 2),
                _ => self.assignable(Op::And, 1),
            },
            b'|' if self.peek(1) == b'|' => self.operator(Op::LOr, 2),
            b'|' => self.assignable(Op::Or, 1),
            b'^' => self.assignable(Op::Xor, 1),
            b'<' => match self.peek(1) {
                b'=' => self.operator(Op::Leq, 2),
                b'<' => self.assignable(Op::Shl, 2),
                b'-' => self.double(Token::Arrow),
                _ => self.operator(Op::Lss, 1),
            },
            b'>' => match self.peek(1) {
                b'=' => self.operator(Op::Geq, 2),
                b'>' => self.assignable(Op::Shr, 2),
                _ => self.operator(Op::Gtr, 1),
            },
            b'!' if self.peek(1) == b'=' => self.operator(Op::Neq, 2),
            b'!' => self.operator(Op::Not, 1),
            b'~' => self.operator(Op::Tilde, 1),
            _ if self.at_end() => {
                self.tok = Token::Eof;
                if nlsemi {
                    (self.tok, self.semi) = (Token::Semi, Semi::Eof);
                }
            }
            _ => return self.unusual(),
        }
        true
    }

    fn single(&mut self, tok: Token) {
        self.at += 1;
        self.tok = tok;
    }

    fn double(&mut self, tok: Token) {
        self.at += 2;
        self.tok = tok;
    }

    fn closing(&mut self, tok: Token) {
        self.single(tok);
        self.nlsemi = true;
    }

    fn semicolon(&mut self, semi: Semi) {
        self.single(Token::Semi);
        self.semi = semi;
    }

    fn operator(&mut self, op: Op, len: usize) {
        self.at += len;
        (self.tok, self.op) = (Token::Operator, op);
    }

    fn inc(&mut self, op: Op) {
        self.operator(op, 2);
        self.tok = Token::IncOp;
        self.nlsemi = true;
    }

    /// An operator that may be followed by `=`.
    fn assignable(&mut self, op: Op, len: usize) {
        self.operator(op, len);
        if self.peek(0) == b'=' {
            self.at += 1;
            self.tok = Token::AssignOp;
        }
    }

    fn dot(&mut self) {
        if self.peek(1).is_ascii_digit() {
            self.number(true);
        } else if self.peek(1) == b'.' && self.peek(2) == b'.' {
            self.at += 3;
            self.tok = Token::DotDotDot;
        } else {
            self.single(Token::Dot);
        }
    }

    /// A character outside of ASCII, or one that starts no token; false if there is no token here.
    fn unusual(&mut self) -> bool {
        if self.skip_bad() {
            return false;
        }
        match self.char() {
            Some(c) if !c.is_ascii() => {
                self.ident();
                true
            }
            Some(c) => {
                self.error(format!("invalid character {}", describe(c)));
                self.at += 1;
                false
            }
            None => {
                self.at += 1;
                false
            }
        }
    }

    /// Passes over a character that was reported when the file was read; false if there is none here.
    fn skip_bad(&mut self) -> bool {
        let c = self.peek(0);
        let bad = match c {
            0 => !self.at_end(),
            0xef => self.src[self.at..].starts_with("\u{feff}".as_bytes()),
            SourceFile::SUBSTITUTE => self.file.bad_bytes().binary_search_by_key(&(self.at as u32), |b| b.0).is_ok(),
            _ => false,
        };
        if bad {
            self.at += if c == 0xef { 3 } else { 1 };
        }
        bad
    }

    fn ident(&mut self) {
        let start = self.at;
        while CLASS[self.peek(0) as usize] & (LETTER | DIGIT) != 0 {
            self.at += 1;
        }
        if self.peek(0) >= 0x80 || matches!(self.peek(0), SourceFile::SUBSTITUTE | 0) {
            self.ident_rest(start);
        }
        self.name = self.cache.intern(self.file.text().get(start..self.at).unwrap_or(""));
        self.tok = self.name.keyword().unwrap_or(Token::Name);
        // A handful of tokens, in the order of their numbers: one comparison for most names.
        self.nlsemi =
            matches!(self.tok, Token::Name | Token::Break | Token::Continue | Token::Fallthrough | Token::Return);
    }

    /// Identifiers beyond ASCII; complains about what must not be in one but takes it.
    fn ident_rest(&mut self, start: usize) {
        while !self.at_end() {
            if self.skip_bad() {
                continue;
            }
            let Some(c) = self.char() else { return };
            if is_letter(c) {
                // Fine.
            } else if is_digit(c) {
                if self.at == start {
                    self.error(format!("identifier cannot begin with digit {}", describe(c)));
                }
            } else if !c.is_ascii() {
                self.error(format!("invalid character {} in identifier", describe(c)));
            } else {
                return;
            }
            self.at += c.len_utf8();
        }
    }

    fn line_comment(&mut self) {
        let start = self.at;
        let len = memchr::memchr(b'\n', &self.src[start..]).unwrap_or(self.src.len() - start);
        self.at = start + len;
        let text = &self.src[start + 2..self.at];
        if text.starts_with(b"go:") || text.starts_with(b"line ") {
            self.comments.push(Comment { start: start as u32, end: self.at as u32 });
        }
    }

    /// Whether the comment spans lines.
    fn block_comment(&mut self) -> bool {
        let start = self.at;
        let Some(len) = memchr::memmem::find(&self.src[start + 2..], b"*/") else {
            self.report(Code::LEXICAL, start, "comment not terminated");
            self.at = self.src.len();
            return memchr::memchr(b'\n', &self.src[start..]).is_some();
        };
        self.at = start + 2 + len + 2;
        if self.src[start + 2..].starts_with(b"line ") {
            self.comments.push(Comment { start: start as u32, end: self.at as u32 });
        }
        memchr::memchr(b'\n', &self.src[start..self.at]).is_some()
    }

    /// With `{` as the current token: passes over the block and reads the token after it. Returns the
    /// offset just past the closing brace; none (and nothing done) if there is none.
    pub(crate) fn skip_block(&mut self) -> Option<u32> {
        let reset = self.at;
        let mut depth = 1u32;
        loop {
            while CLASS[self.peek(0) as usize] & NOTABLE == 0 && !self.at_end() {
                self.at += 1;
            }
            match self.peek(0) {
                b'{' => depth += 1,
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                b'"' => self.skip_quoted(b'"'),
                b'\'' => self.skip_quoted(b'\''),
                b'`' => self.at += 1 + memchr::memchr(b'`', &self.src[self.at + 1..]).unwrap_or(0),
                b'/' if self.peek(1) == b'/' => {
                    self.line_comment();
                    continue;
                }
                b'/' if self.peek(1) == b'*' => {
                    let errors = self.diagnostics.len();
                    self.block_comment();
                    self.diagnostics.truncate(errors);
                    continue;
                }
                b'/' => {}
                _ => {
                    self.at = reset;
                    return None;
                }
            }
            self.at += 1;
        }
        self.at += 1;
        let end = self.at as u32;
        self.end = end;
        self.nlsemi = true;
        self.next();
        Some(end)
    }

    /// Goes to the quote that ends a string or rune, or just before the line's end.
    fn skip_quoted(&mut self, quote: u8) {
        loop {
            self.at += 1;
            match self.peek(0) {
                b'\\' if self.peek(1) != b'\n' => self.at += 1,
                b'\n' => {
                    self.at -= 1;
                    return;
                }
                c if c == quote => return,
                _ if self.at_end() => return,
                _ => {}
            }
        }
    }
}

fn is_letter(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '_' => true,
        _ if c.is_ascii() => false,
        _ => matches!(
            get_general_category(c),
            Gc::UppercaseLetter | Gc::LowercaseLetter | Gc::TitlecaseLetter | Gc::ModifierLetter | Gc::OtherLetter
        ),
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || !c.is_ascii() && get_general_category(c) == Gc::DecimalNumber
}

/// Whether Go prints the character as itself in a quoted form.
pub(crate) fn is_print(c: char) -> bool {
    match c {
        ' '..='~' => true,
        _ if c.is_ascii() => false,
        _ => !matches!(
            get_general_category(c),
            Gc::Control
                | Gc::Format
                | Gc::Surrogate
                | Gc::PrivateUse
                | Gc::Unassigned
                | Gc::SpaceSeparator
                | Gc::LineSeparator
                | Gc::ParagraphSeparator
        ),
    }
}

/// `U+0040 '@'`, as gc names characters.
fn describe(c: char) -> String {
    if is_print(c) { format!("U+{:04X} '{c}'", c as u32) } else { format!("U+{:04X}", c as u32) }
}
