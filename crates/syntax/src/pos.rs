//! Positions: a [`Pos`] is an offset into a [`FileSet`], resolved to file, line and column on demand.
//!
//! Every file of a set occupies the range `base ..= base + len` of one `u32` address space (the last
//! address is the end of the file), so a position is four bytes and still says which file it is in.
//! Line tables are built when a position of the file is first printed. `//line` directives are kept
//! per file and applied by [`SourceFile::position`]; [`SourceFile::raw_position`] ignores them.
//!
//! A file's text is always valid UTF-8: bytes that are not are replaced one for one when the file is
//! added (so offsets stay true) and remembered, and the parser reports them.

use std::fmt;
use std::sync::{Arc, OnceLock, RwLock};

/// A place in a [`FileSet`]; [`Pos::NONE`] (0) is no place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pos(pub u32);

impl Pos {
    /// No position.
    pub const NONE: Pos = Pos(0);

    /// Whether this is a position at all.
    pub fn is_known(self) -> bool {
        self.0 != 0
    }
}

impl std::ops::Add<u32> for Pos {
    type Output = Pos;
    fn add(self, n: u32) -> Pos {
        Pos(self.0 + n)
    }
}

impl fmt::Debug for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

/// A range of text; `end` is exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Span {
    /// First character.
    pub start: Pos,
    /// Just past the last character.
    pub end: Pos,
}

impl Span {
    /// The span from `start` up to `end`.
    pub fn new(start: Pos, end: Pos) -> Span {
        Span { start, end }
    }

    /// The empty span at `pos`.
    pub fn at(pos: Pos) -> Span {
        Span { start: pos, end: pos }
    }
}

/// A position for people. Lines and columns count from 1, columns in bytes; a column of 0 is unknown
/// (after a `//line` directive without a column).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Position {
    /// The file's display name, or the name a `//line` directive gave.
    pub file: Arc<str>,
    /// Line, from 1; 0 if the position is unknown.
    pub line: u32,
    /// Column in bytes, from 1; 0 if unknown.
    pub col: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.col) {
            (0, _) => write!(f, "<unknown position>"),
            (line, 0) => write!(f, "{}:{line}", self.file),
            (line, col) => write!(f, "{}:{line}:{col}", self.file),
        }
    }
}

/// A `//line` (or `/*line*/`) directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDirective {
    /// Offset in the file from which it holds.
    pub offset: u32,
    /// File name it sets.
    pub file: Arc<str>,
    /// Line of the character at `offset`.
    pub line: u32,
    /// Column of the character at `offset`, 0 if columns are unknown from here on.
    pub col: u32,
}

/// Why a character of a source file is not welcome anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadByte {
    /// A NUL.
    Nul,
    /// A byte that is not UTF-8; it stands as [`SourceFile::SUBSTITUTE`] in the text.
    Encoding,
    /// A byte order mark that is not at the start of the file.
    Bom,
}

/// One source file of a [`FileSet`].
pub struct SourceFile {
    name: Arc<str>,
    base: u32,
    text: Box<str>,
    bad: Vec<(u32, BadByte)>,
    lines: OnceLock<Vec<u32>>,
    directives: OnceLock<Vec<LineDirective>>,
}

impl SourceFile {
    /// What stands in the text for a byte that is not UTF-8.
    pub const SUBSTITUTE: u8 = 0x1a;

    fn new(name: Arc<str>, base: u32, src: Vec<u8>) -> SourceFile {
        let (text, bad) = clean(src);
        SourceFile { name, base, text: text.into(), bad, lines: OnceLock::new(), directives: OnceLock::new() }
    }

    /// The display name: what messages print.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The file's text. Invalid bytes are replaced one for one.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span of this file; empty if the span is not in it.
    pub fn slice(&self, span: Span) -> &str {
        match (self.offset(span.start), self.offset(span.end)) {
            (Some(start), Some(end)) => self.text.get(start as usize..end as usize).unwrap_or(""),
            _ => "",
        }
    }

    /// Position of the first character.
    pub fn start(&self) -> Pos {
        Pos(self.base)
    }

    /// Position just past the last character.
    pub fn end(&self) -> Pos {
        Pos(self.base + self.text.len() as u32)
    }

    /// The position of a byte offset (the end if it is too large).
    pub fn pos(&self, offset: u32) -> Pos {
        Pos(self.base + offset.min(self.text.len() as u32))
    }

    /// The byte offset of a position, if it is in this file.
    pub fn offset(&self, pos: Pos) -> Option<u32> {
        (self.start()..=self.end()).contains(&pos).then(|| pos.0 - self.base)
    }

    /// The characters that may stand nowhere, in order.
    pub fn bad_bytes(&self) -> &[(u32, BadByte)] {
        &self.bad
    }

    /// Records the file's `//line` directives, in order; only the first call counts.
    pub(crate) fn set_line_directives(&self, directives: Vec<LineDirective>) {
        let _ = self.directives.set(directives);
    }

    /// The `//line` directives found so far.
    pub fn line_directives(&self) -> &[LineDirective] {
        self.directives.get().map_or(&[], |d| d)
    }

    /// Offsets of the starts of all lines.
    pub fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut lines = vec![0];
            lines.extend(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|i| i as u32 + 1));
            lines
        })
    }

    /// Line and column, both from 1, of an offset, without regard to `//line`.
    pub fn line_col(&self, offset: u32) -> (u32, u32) {
        let lines = self.lines();
        let line = lines.partition_point(|&start| start <= offset);
        (line as u32, offset - lines[line - 1] + 1)
    }

    /// The position in the file as it is on disk.
    pub fn raw_position(&self, pos: Pos) -> Position {
        let Some(offset) = self.offset(pos) else {
            return Position::default();
        };
        let (line, col) = self.line_col(offset);
        Position { file: self.name.clone(), line, col }
    }

    /// The position as messages print it: with `//line` directives applied.
    pub fn position(&self, pos: Pos) -> Position {
        self.position_with(pos, &[])
    }

    /// [`Self::position`] while the file is being parsed, with the directives found so far.
    pub(crate) fn position_with(&self, pos: Pos, found: &[LineDirective]) -> Position {
        let Some(offset) = self.offset(pos) else {
            return Position::default();
        };
        let directives = if found.is_empty() { self.line_directives() } else { found };
        let after = directives.partition_point(|d| d.offset <= offset);
        let (line, col) = self.line_col(offset);
        let Some(d) = after.checked_sub(1).map(|i| &directives[i]) else {
            return Position { file: self.name.clone(), line, col };
        };
        let (base_line, base_col) = self.line_col(d.offset);
        let col = match d.col {
            0 => 0,
            c if line == base_line => c + (col - base_col),
            _ => col,
        };
        Position { file: d.file.clone(), line: d.line.saturating_add(line - base_line), col }
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceFile({} @{}+{})", self.name, self.base, self.text.len())
    }
}

/// Makes text of bytes without moving any: see the module's documentation.
fn clean(mut src: Vec<u8>) -> (String, Vec<(u32, BadByte)>) {
    let mut bad: Vec<(u32, BadByte)> = Vec::new();
    let mut from = 0;
    while let Err(e) = std::str::from_utf8(&src[from..]) {
        let at = from + e.valid_up_to();
        src[at] = SourceFile::SUBSTITUTE;
        bad.push((at as u32, BadByte::Encoding));
        from = at + 1;
    }
    bad.extend(memchr::memchr_iter(0, &src).map(|i| (i as u32, BadByte::Nul)));
    for i in memchr::memchr_iter(0xef, &src) {
        if i > 0 && src[i..].starts_with(b"\xef\xbb\xbf") {
            bad.push((i as u32, BadByte::Bom));
        }
    }
    bad.sort_by_key(|b| b.0);
    // Every invalid byte has been replaced, so this does not fail; if it did, nothing would be parsed.
    (String::from_utf8(src).unwrap_or_default(), bad)
}

/// A set of source files, appended to from any thread.
#[derive(Default)]
pub struct FileSet {
    files: RwLock<Vec<Arc<SourceFile>>>,
}

/// All files of a [`FileSet`] together may hold 4 GB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSetFull;

impl fmt::Display for FileSetFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the source files are larger than 4 GB together")
    }
}

impl std::error::Error for FileSetFull {}

impl FileSet {
    /// An empty set.
    pub fn new() -> FileSet {
        FileSet::default()
    }

    /// Adds a file. `name` is what messages will print.
    pub fn add(&self, name: impl Into<Arc<str>>, src: impl Into<Vec<u8>>) -> Result<Arc<SourceFile>, FileSetFull> {
        let (name, src) = (name.into(), src.into());
        let len = u32::try_from(src.len()).map_err(|_| FileSetFull)?;
        // Checking the text is the long part: do it before the lock, patch the base after.
        let mut file = SourceFile::new(name, 0, src);
        let mut files = self.files.write().unwrap_or_else(|e| e.into_inner());
        let base = files.last().map_or(1, |f| f.end().0 + 1);
        // The spare address keeps `end + 1` of the last file representable.
        base.checked_add(len).and_then(|end| end.checked_add(2)).ok_or(FileSetFull)?;
        file.base = base;
        let file = Arc::new(file);
        files.push(file.clone());
        Ok(file)
    }

    /// The file a position is in.
    pub fn file(&self, pos: Pos) -> Option<Arc<SourceFile>> {
        let files = self.files.read().unwrap_or_else(|e| e.into_inner());
        let after = files.partition_point(|f| f.start() <= pos);
        let file = files.get(after.checked_sub(1)?)?;
        file.offset(pos).map(|_| file.clone())
    }

    /// File, line and column of a position, with `//line` directives applied.
    pub fn position(&self, pos: Pos) -> Position {
        self.file(pos).map_or_else(Position::default, |f| f.position(pos))
    }
}

impl fmt::Debug for FileSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.files.read().unwrap_or_else(|e| e.into_inner());
        f.debug_list().entries(files.iter()).finish()
    }
}
