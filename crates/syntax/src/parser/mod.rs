//! The parser: recursive descent over the grammar, one token ahead, with gc's errors and recovery.
//!
//! What is wrong is reported at the position and in the words of Go's compiler, one syntax error a
//! line. Then the parser skips to a token that may follow and goes on. Lists that are under
//! construction stand on scratch stacks, above a mark, and move to the tree when they are complete.
//!
//! Nesting deeper than [`MAX_DEPTH`] is an error, so no input overflows the stack.

mod decl;
mod directive;
mod expr;
mod stmt;
mod types;

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::branches;
use crate::diagnostic::{Code, Diagnostic};
use crate::names::{Name, NameCache, Names};
use crate::pos::{BadByte, LineDirective, Pos, SourceFile, Span};
use crate::scanner::Scanner;
use crate::token::Token;
use crate::tree::{
    Block, Body, Directive, Expr, ExprId, ExprKind, Field, File, Id, Ident, Linkname, List, Stmt, StmtId, StmtKind,
    Tree,
};
use directive::Pending;
use types::Param;

/// How deep expressions, types and statements may be nested in each other.
pub const MAX_DEPTH: u32 = 500;

bitflags::bitflags! {
    /// How to parse a file.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct Mode: u8 {
        /// Skip the bodies of declared functions; [`parse_body`] parses them later. If anything is
        /// wrong with the file it is parsed whole all the same, so that the errors are the same.
        const SKIP_BODIES = 1;
        /// The file belongs to the standard library, which may use directives that others may not.
        const STD = 2;
        /// Stop behind the imports. If anything is wrong with the file up to there it is parsed whole.
        const IMPORTS_ONLY = 4;
    }
}

/// Parses a file. The diagnostics are sorted by position.
pub fn parse_file(source: &Arc<SourceFile>, names: &Names, mode: Mode) -> (File, Vec<Diagnostic>) {
    if mode.intersects(Mode::SKIP_BODIES | Mode::IMPORTS_ONLY) {
        let mut p = Parser::new(source, names, mode, None);
        let file = p.file();
        if p.s.diagnostics.is_empty() && !p.unbalanced && source.bad_bytes().is_empty() {
            return p.finish(file);
        }
    }
    let mut p = Parser::new(source, names, mode & Mode::STD, None);
    let file = p.file();
    p.bad_bytes();
    p.finish(file)
}

/// Parses one function body of a file, given its text with braces ([`crate::FuncDecl::body`]).
pub fn parse_body(source: &Arc<SourceFile>, names: &Names, body: Span) -> (Body, Vec<Diagnostic>) {
    let mut p = Parser::new(source, names, Mode::empty(), Some(body));
    p.next();
    let body = p.func_body_tree();
    p.s.diagnostics.sort_by_key(|d| d.span.start);
    (body, p.s.diagnostics)
}

pub(crate) struct Parser<'a> {
    s: Scanner<'a>,
    source: &'a Arc<SourceFile>,
    mode: Mode,
    tree: Workspace,
    /// Memory for the nodes of the next function body.
    spare: Workspace,
    /// Offset just past the last token that was consumed.
    prev_end: u32,
    /// Depth of nesting, see [`MAX_DEPTH`].
    depth: u32,
    /// Nesting of functions; 0 outside.
    fnest: u32,
    /// Nesting of expressions; negative in the head of a control statement, where `{` ends an expression.
    xnest: i32,
    /// Errors that were not put into the list, because their line has one already.
    suppressed: usize,
    /// Errors in the list that are about directives.
    directive_errors: usize,
    /// Offset of the last syntax error.
    last_syntax_error: Option<u32>,
    /// Set once the package clause is behind us.
    after_package: bool,
    /// This run skips bodies and met one whose braces do not match.
    unbalanced: bool,
    exprs: Vec<ExprId>,
    stmts: Vec<StmtId>,
    fields: Vec<Field>,
    params: Vec<Param>,
    pending: Pending,
    bodies: Vec<Option<Body>>,
    linknames: Vec<Linkname>,
    build: Option<Directive>,
    directives: Vec<Directive>,
    lines: Vec<LineDirective>,
}

/// A tree that is being made. Its memory serves the next parsers of the thread: it would have to grow again each time.
struct Workspace(Tree);

/// More expressions than this are not kept room for.
const MAX_KEPT: usize = 1 << 16;

thread_local! {
    static KEPT: RefCell<Vec<Tree>> = const { RefCell::new(Vec::new()) };
}

impl Workspace {
    fn new(source: &Arc<SourceFile>) -> Workspace {
        let kept = KEPT.with_borrow_mut(|kept| kept.pop());
        Workspace(kept.map_or_else(|| Tree::new(source.clone()), |tree| tree.emptied(source.clone())))
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let empty = Tree::new(self.0.source().clone());
        let tree = std::mem::replace(&mut self.0, empty);
        // The thread may be ending.
        let _ = KEPT.try_with(|kept| {
            if let Ok(mut kept) = kept.try_borrow_mut()
                && kept.len() < 2
                && tree.exprs.capacity() <= MAX_KEPT
            {
                kept.push(tree);
            }
        });
    }
}

impl Deref for Workspace {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.0
    }
}

impl DerefMut for Workspace {
    fn deref_mut(&mut self) -> &mut Tree {
        &mut self.0
    }
}

/// A set of tokens.
#[derive(Clone, Copy)]
struct TokenSet(u64);

impl TokenSet {
    const fn of(tokens: &[Token]) -> TokenSet {
        let mut bits = 0;
        let mut i = 0;
        while i < tokens.len() {
            bits |= 1 << tokens[i] as u64;
            i += 1;
        }
        TokenSet(bits)
    }

    fn contains(self, tok: Token) -> bool {
        self.0 & (1 << tok as u64) != 0
    }

    /// Keywords that start a statement: inside functions recovery does not run past them.
    const STMT_START: TokenSet = TokenSet::of(&[
        Token::Break,
        Token::Const,
        Token::Continue,
        Token::Defer,
        Token::Fallthrough,
        Token::For,
        Token::Go,
        Token::Goto,
        Token::If,
        Token::Return,
        Token::Select,
        Token::Switch,
        Token::Type,
        Token::Var,
    ]);
}

/// A token in messages.
fn token_string(tok: Token) -> String {
    match tok {
        Token::Comma => "comma".into(),
        Token::Semi => "semicolon or newline".into(),
        _ if tok.is_keyword() => format!("keyword {}", tok.text()),
        _ => tok.text().into(),
    }
}

impl<'a> Parser<'a> {
    fn new(source: &'a Arc<SourceFile>, names: &'a Names, mode: Mode, body: Option<Span>) -> Parser<'a> {
        let (from, to) = match body {
            Some(span) => (source.offset(span.start).unwrap_or(0), source.offset(span.end).unwrap_or(0)),
            None => (0, source.text().len() as u32),
        };
        Parser {
            s: Scanner::new(source, NameCache::new(names), from, to),
            source,
            mode,
            tree: Workspace::new(source),
            spare: Workspace::new(source),
            prev_end: from,
            depth: 0,
            fnest: 0,
            xnest: 0,
            suppressed: 0,
            directive_errors: 0,
            last_syntax_error: None,
            after_package: body.is_some(),
            unbalanced: false,
            exprs: Vec::new(),
            stmts: Vec::new(),
            fields: Vec::new(),
            params: Vec::new(),
            pending: Pending::default(),
            bodies: Vec::new(),
            linknames: Vec::new(),
            build: None,
            directives: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Hands the file and its diagnostics over.
    fn finish(mut self, mut file: File) -> (File, Vec<Diagnostic>) {
        if !self.mode.contains(Mode::IMPORTS_ONLY) {
            self.source.set_line_directives(std::mem::take(&mut self.lines));
        }
        file.ok = self.s.diagnostics.is_empty();
        self.s.diagnostics.sort_by_key(|d| d.span.start);
        (file, self.s.diagnostics)
    }

    /// Reports the characters that may stand nowhere.
    fn bad_bytes(&mut self) {
        for &(offset, what) in self.source.bad_bytes() {
            let message = match what {
                BadByte::Nul => "invalid NUL character",
                BadByte::Encoding => "invalid UTF-8 encoding",
                BadByte::Bom => "invalid BOM in the middle of the file",
            };
            self.s.report(Code::LEXICAL, offset as usize, message);
        }
    }

    // Tokens.

    fn next(&mut self) {
        self.prev_end = self.s.end;
        self.s.next();
        if !self.s.comments.is_empty() {
            self.take_comments();
        }
    }

    fn tok(&self) -> Token {
        self.s.tok
    }

    fn at(&self, tok: Token) -> bool {
        self.s.tok == tok
    }

    /// Start of the current token.
    fn pos(&self) -> Pos {
        self.source.start() + self.s.start
    }

    /// End of the last token consumed.
    fn end(&self) -> Pos {
        self.source.start() + self.prev_end
    }

    fn got(&mut self, tok: Token) -> bool {
        let got = self.s.tok == tok;
        if got {
            self.next();
        }
        got
    }

    fn want(&mut self, tok: Token) {
        if !self.got(tok) {
            self.syntax_error(&format!("expected {}", token_string(tok)));
            self.advance(TokenSet(0));
        }
    }

    /// Takes `=`; `:=` too, with a complaint.
    fn got_assign(&mut self) -> bool {
        if self.at(Token::Define) {
            self.syntax_error("expected =");
            self.next();
            return true;
        }
        self.got(Token::Assign)
    }

    /// Skips to a token of `follow` (inside functions also to one that starts a statement). An empty set
    /// skips one token.
    fn advance(&mut self, follow: TokenSet) {
        if follow.0 == 0 {
            if !self.at(Token::Eof) {
                self.next();
            }
            return;
        }
        let stop = if self.fnest > 0 { TokenSet::STMT_START } else { TokenSet(0) };
        while !(self.at(Token::Eof) || follow.contains(self.tok()) || stop.contains(self.tok())) {
            self.next();
        }
    }

    // Errors.

    /// How many errors there have been. Misplaced directives do not count: they say nothing about the
    /// text around them.
    fn errors(&self) -> usize {
        self.s.diagnostics.len() - self.directive_errors + self.suppressed
    }

    fn error_at(&mut self, pos: Pos, message: impl Into<String>) {
        self.s.diagnostics.push(Diagnostic::error(Code::SYNTAX, self.token_span(pos), message));
    }

    /// The span of the current token if it starts at `pos`, else the empty span there.
    fn token_span(&self, pos: Pos) -> Span {
        let end = if pos == self.pos() { self.source.start() + self.s.end } else { pos };
        Span::new(pos, end)
    }

    fn syntax_error(&mut self, message: &str) {
        self.syntax_error_at(self.pos(), message);
    }

    /// A syntax error. A message that starts with `expected`, `in`, `at` or `after` is completed with the
    /// current token.
    fn syntax_error_at(&mut self, pos: Pos, message: &str) {
        if self.at(Token::Eof) && self.errors() > 0 {
            return;
        }
        let offset = self.source.offset(pos).unwrap_or(0);
        if self.last_syntax_error.is_some_and(|last| self.same_line(last, offset)) {
            self.suppressed += 1;
            return;
        }
        self.last_syntax_error = Some(offset);
        let starts = |words: &[&str]| words.iter().any(|w| message.starts_with(w));
        let message = if starts(&["in ", "at ", "after "]) {
            format!("syntax error: unexpected {} {message}", self.describe_token())
        } else if starts(&["expected "]) {
            format!("syntax error: unexpected {}, {message}", self.describe_token())
        } else {
            format!("syntax error: {message}")
        };
        self.error_at(pos, message);
    }

    fn same_line(&self, a: u32, b: u32) -> bool {
        let between = self.source.text().as_bytes().get(a.min(b) as usize..a.max(b) as usize).unwrap_or(&[]);
        memchr::memchr(b'\n', between).is_none()
    }

    /// The current token in messages.
    fn describe_token(&self) -> String {
        match self.tok() {
            Token::Name => format!("name {}", self.s.lit()),
            Token::Semi => self.s.semi.text().into(),
            Token::Literal => format!("literal {}", self.s.lit()),
            Token::Operator => self.s.op.text().into(),
            Token::AssignOp => format!("{}=", self.s.op),
            Token::IncOp => format!("{0}{0}", self.s.op),
            tok => token_string(tok),
        }
    }

    // Nesting.

    /// Goes one level deeper; if that is too deep, complains, skips the rest of the text and says no.
    fn enter(&mut self) -> bool {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return true;
        }
        if !self.at(Token::Eof) {
            self.error_at(self.pos(), "syntax error: exceeded max nesting depth");
            self.s.abandon();
        }
        false
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    // Nodes.

    /// A new expression from `pos` to the end of the last token.
    fn expr_node(&mut self, pos: Pos, kind: ExprKind) -> ExprId {
        let end = self.end().max(pos);
        self.tree.exprs.push(Expr { pos, end, kind });
        ExprId::from_index(self.tree.exprs.len() - 1)
    }

    /// A new statement from `pos` to the end of the last token.
    fn stmt_node(&mut self, pos: Pos, kind: StmtKind) -> StmtId {
        let end = self.end().max(pos);
        self.tree.stmts.push(Stmt { pos, end, kind });
        StmtId::from_index(self.tree.stmts.len() - 1)
    }

    fn bad_expr(&mut self) -> ExprId {
        self.bad_expr_at(self.pos())
    }

    fn bad_expr_at(&mut self, pos: Pos) -> ExprId {
        self.tree.exprs.push(Expr { pos, end: pos, kind: ExprKind::BadExpr });
        ExprId::from_index(self.tree.exprs.len() - 1)
    }

    fn ident_node(&mut self, ident: Ident) -> ExprId {
        let len = self.s.names().text(ident.name).len() as u32;
        let end = Pos((ident.pos + len).0.min(self.source.end().0));
        self.tree.exprs.push(Expr { pos: ident.pos, end, kind: ExprKind::Ident(ident.name) });
        ExprId::from_index(self.tree.exprs.len() - 1)
    }

    /// Takes the scratch expressions above `mark` as a list.
    fn expr_list(&mut self, mark: usize) -> List<ExprId> {
        let start = self.tree.expr_lists.len();
        self.tree.expr_lists.extend(self.exprs.drain(mark..));
        List::new(start, self.tree.expr_lists.len() - start)
    }

    /// Takes the scratch statements above `mark` as a list.
    fn stmt_list_from(&mut self, mark: usize) -> List<StmtId> {
        let start = self.tree.stmt_lists.len();
        self.tree.stmt_lists.extend(self.stmts.drain(mark..));
        List::new(start, self.tree.stmt_lists.len() - start)
    }

    /// Takes the scratch fields above `mark` as a list.
    fn field_list(&mut self, mark: usize) -> List<Field> {
        let start = self.tree.fields.len();
        self.tree.fields.extend(self.fields.drain(mark..));
        List::new(start, self.tree.fields.len() - start)
    }

    fn ident_list(&mut self, idents: &[Ident]) -> List<Ident> {
        let start = self.tree.idents.len();
        self.tree.idents.extend_from_slice(idents);
        List::new(start, idents.len())
    }

    // What many productions share.

    /// `{ element sep } close`, the last `sep` optional. `element` says whether it must be the last.
    /// Returns the position of `close`.
    fn list(&mut self, context: &str, sep: Token, close: Token, mut element: impl FnMut(&mut Self) -> bool) -> Pos {
        const CLOSING: TokenSet = TokenSet::of(&[Token::Rparen, Token::Rbrack, Token::Rbrace]);
        let mut done = false;
        while !(done || self.at(Token::Eof) || self.at(close)) {
            done = element(self);
            if !self.got(sep) && !self.at(close) {
                let (sep, closing) = (token_string(sep), token_string(close));
                self.syntax_error(&format!("in {context}; possibly missing {sep} or {closing}"));
                self.advance(CLOSING);
                if !self.at(close) {
                    return self.pos();
                }
            }
        }
        let pos = self.pos();
        self.want(close);
        pos
    }

    fn name(&mut self) -> Ident {
        let pos = self.pos();
        if self.at(Token::Name) {
            let name = self.s.name;
            self.next();
            return Ident { name, pos };
        }
        self.syntax_error("expected name");
        self.advance(TokenSet(0));
        Ident { name: Name::BLANK, pos }
    }

    /// `first { "," name }`, the first already taken.
    fn name_list(&mut self, first: Ident) -> List<Ident> {
        let start = self.tree.idents.len();
        self.tree.idents.push(first);
        while self.got(Token::Comma) {
            let name = self.name();
            self.tree.idents.push(name);
        }
        List::new(start, self.tree.idents.len() - start)
    }

    /// A literal, if there is one.
    fn opt_literal(&mut self) -> Option<ExprId> {
        self.at(Token::Literal).then(|| {
            let kind = ExprKind::BasicLit { kind: self.s.kind, bad: self.s.bad };
            let pos = self.pos();
            self.next();
            self.expr_node(pos, kind)
        })
    }

    // Bodies.

    /// A function body, with `{` ahead.
    fn func_body(&mut self) -> Block {
        self.fnest += 1;
        let errors = self.errors();
        let block = self.block("");
        self.fnest -= 1;
        // A body that did not parse would earn follow-up errors.
        if errors == self.errors() {
            let found = branches::check(&mut self.tree, self.s.names(), &self.lines, block);
            self.s.diagnostics.extend(found);
        }
        block
    }

    /// A function body in a tree of its own.
    fn func_body_tree(&mut self) -> Body {
        std::mem::swap(&mut self.tree, &mut self.spare);
        let errors = self.errors();
        let block = self.func_body();
        let tree = self.tree.take();
        std::mem::swap(&mut self.tree, &mut self.spare);
        Body { tree, block, ok: errors == self.errors() }
    }
}
