//! Statements.

use crate::parser::decl::gen_decl_tok;
use crate::parser::{Parser, TokenSet};
use crate::pos::Pos;
use crate::printer;
use crate::scanner::Semi;
use crate::token::{Op, Token};
use crate::tree::{AssignOp, Block, Branch, ExprId, ExprKind, Ident, List, StmtId, StmtKind};

const BLOCK_SYNC: TokenSet = TokenSet::of(&[Token::Name, Token::Rbrace]);
const CLAUSE_START: TokenSet = TokenSet::of(&[Token::Case, Token::Default, Token::Rbrace]);
const CLAUSE_SYNC: TokenSet = TokenSet::of(&[Token::Colon, Token::Case, Token::Default, Token::Rbrace]);

/// A simple statement, or what looks like one in the head of a for or switch.
enum Simple {
    Stmt(StmtId),
    /// `lhs := x.(type)` in the head of a switch.
    Guard {
        lhs: Ident,
        define: Pos,
        guard: ExprId,
    },
    Range(RangeHead),
}

#[derive(Clone, Copy)]
struct RangeHead {
    lhs: List<ExprId>,
    tok_pos: Pos,
    define: bool,
    range: Pos,
    x: ExprId,
}

/// The head of an if, for or switch.
#[derive(Default)]
struct Header {
    init: Option<StmtId>,
    cond: Option<ExprId>,
    post: Option<StmtId>,
    /// The name in `switch name := x.(type)`; `cond` is the guard.
    lhs: Option<Ident>,
    range: Option<RangeHead>,
}

impl Parser<'_> {
    /// A block. The context says after what it must stand; it is not needed with `{` ahead.
    pub(super) fn block(&mut self, context: &str) -> Block {
        let lbrace = self.pos();
        if !self.got(Token::Lbrace) {
            self.syntax_error(&format!("expected {{ after {context}"));
            self.advance(BLOCK_SYNC);
            let rbrace = self.pos();
            if self.got(Token::Rbrace) {
                return Block { lbrace, list: List::EMPTY, rbrace };
            }
        }
        let list = self.stmt_list();
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        Block { lbrace, list, rbrace }
    }

    fn stmt_list(&mut self) -> List<StmtId> {
        let mark = self.stmts.len();
        while !matches!(self.tok(), Token::Eof | Token::Rbrace | Token::Case | Token::Default) {
            let stmt = self.opt_stmt();
            self.clear_pragma();
            let Some(stmt) = stmt else { break };
            self.stmts.push(stmt);
            if !self.got(Token::Semi) && !self.at(Token::Rbrace) {
                self.syntax_error("at end of statement");
                self.advance(TokenSet::of(&[Token::Semi, Token::Rbrace, Token::Case, Token::Default]));
                self.got(Token::Semi);
            }
        }
        self.stmt_list_from(mark)
    }

    /// A statement, if one starts here.
    fn opt_stmt(&mut self) -> Option<StmtId> {
        let stmt = if self.enter() { self.opt_stmt_inner() } else { None };
        self.leave();
        stmt
    }

    fn opt_stmt_inner(&mut self) -> Option<StmtId> {
        let pos = self.pos();
        if let Some(tok) = gen_decl_tok(self.tok()).filter(|_| !self.at(Token::Import)) {
            let decl = self.gen_decl(tok);
            return Some(self.stmt_node(pos, StmtKind::DeclStmt(decl)));
        }
        self.clear_pragma();
        match self.tok() {
            Token::Name => {
                let lhs = self.expr_list_node();
                let label = match &self.tree[lhs] {
                    &[x] if self.at(Token::Colon) => self.tree.ident(x),
                    _ => None,
                };
                match label {
                    Some(label) => self.labeled_stmt(label),
                    None => Some(self.simple_stmt_from(pos, lhs)),
                }
            }
            Token::Operator | Token::Star => {
                let starts = matches!(self.s.op, Op::Add | Op::Sub | Op::Mul | Op::And | Op::Xor | Op::Not);
                starts.then(|| self.simple_stmt())
            }
            Token::Literal
            | Token::Func
            | Token::Lparen
            | Token::Lbrack
            | Token::Struct
            | Token::Map
            | Token::Chan
            | Token::Interface
            | Token::Arrow => Some(self.simple_stmt()),
            Token::Lbrace => {
                let block = self.block("");
                Some(self.stmt_node(pos, StmtKind::BlockStmt(block)))
            }
            Token::For => Some(self.for_stmt()),
            Token::Switch => Some(self.switch_stmt()),
            Token::Select => Some(self.select_stmt()),
            Token::If => Some(self.if_stmt()),
            Token::Fallthrough | Token::Break | Token::Continue | Token::Goto => Some(self.branch_stmt()),
            Token::Go | Token::Defer => Some(self.call_stmt()),
            Token::Return => {
                self.next();
                let none = matches!(self.tok(), Token::Semi | Token::Rbrace);
                let results = if none { List::EMPTY } else { self.expr_list_node() };
                Some(self.stmt_node(pos, StmtKind::ReturnStmt { results }))
            }
            Token::Semi => Some(self.empty_stmt()),
            _ => None,
        }
    }

    fn empty_stmt(&mut self) -> StmtId {
        self.stmt_node(self.pos(), StmtKind::EmptyStmt)
    }

    /// The rest of a labeled statement, `:` ahead. None (with a complaint) if no statement follows.
    fn labeled_stmt(&mut self, label: Ident) -> Option<StmtId> {
        let colon = self.pos();
        self.next();
        let stmt = if self.at(Token::Rbrace) { Some(self.empty_stmt()) } else { self.opt_stmt() };
        let Some(stmt) = stmt else {
            self.syntax_error_at(colon, "missing statement after label");
            return None;
        };
        Some(self.stmt_node(label.pos, StmtKind::LabeledStmt { label, colon, stmt }))
    }

    fn branch_stmt(&mut self) -> StmtId {
        let pos = self.pos();
        let tok = match self.tok() {
            Token::Break => Branch::Break,
            Token::Continue => Branch::Continue,
            Token::Goto => Branch::Goto,
            _ => Branch::Fallthrough,
        };
        self.next();
        let label = match tok {
            Branch::Goto => Some(self.name()),
            Branch::Break | Branch::Continue if self.at(Token::Name) => Some(self.name()),
            _ => None,
        };
        self.stmt_node(pos, StmtKind::BranchStmt { tok, label, target: None })
    }

    /// go and defer.
    fn call_stmt(&mut self) -> StmtId {
        let (pos, tok) = (self.pos(), self.tok());
        self.next();
        let mut call = self.primary_expr();
        let bare = self.tree.unparen(call);
        if bare != call {
            let at = self.tree[call].pos;
            self.error_at(at, format!("expression in {} must not be parenthesized", tok.text()));
            call = bare;
        }
        let kind = if tok == Token::Go { StmtKind::GoStmt { call } } else { StmtKind::DeferStmt { call } };
        self.stmt_node(pos, kind)
    }

    fn simple_stmt(&mut self) -> StmtId {
        let pos = self.pos();
        let lhs = self.expr_list_node();
        self.simple_stmt_from(pos, lhs)
    }

    /// A simple statement whose first expressions are there.
    fn simple_stmt_from(&mut self, pos: Pos, lhs: List<ExprId>) -> StmtId {
        let simple = self.simple_from(pos, lhs, Token::Eof);
        self.simple_as_stmt(simple)
    }

    /// What a keyword allows in its head is no statement elsewhere; the checker sees it as one.
    fn simple_as_stmt(&mut self, simple: Simple) -> StmtId {
        match simple {
            Simple::Stmt(stmt) => stmt,
            Simple::Guard { lhs, define, guard } => {
                let name = self.ident_node(lhs);
                let (lhs_list, rhs) = (self.single_expr(name), self.single_expr(guard));
                let tok = AssignOp::Define;
                self.stmt_node(lhs.pos, StmtKind::AssignStmt { lhs: lhs_list, tok_pos: define, tok, rhs })
            }
            Simple::Range(head) => self.stmt_node(head.range, StmtKind::BadStmt),
        }
    }

    /// A simple statement in the head of `keyword`, which may be a range clause or type switch guard.
    fn simple(&mut self, keyword: Token) -> Simple {
        let pos = self.pos();
        if keyword == Token::For && self.at(Token::Range) {
            return self.range_clause(List::EMPTY, Pos::NONE, false);
        }
        let lhs = self.expr_list_node();
        self.simple_from(pos, lhs, keyword)
    }

    fn simple_from(&mut self, pos: Pos, lhs: List<ExprId>, keyword: Token) -> Simple {
        let tok_pos = self.pos();
        let tok = self.tok();
        let first = self.tree[lhs].first().copied();
        if let (1, Some(x), false) = (lhs.len(), first, matches!(tok, Token::Assign | Token::Define)) {
            let kind = self.single_expr_stmt(lhs, x);
            return Simple::Stmt(self.stmt_node(pos, kind));
        }
        if !matches!(tok, Token::Assign | Token::Define) {
            self.syntax_error("expected := or = or comma");
            self.advance(TokenSet::of(&[Token::Semi, Token::Rbrace]));
            let kind = first.map_or(StmtKind::BadStmt, StmtKind::ExprStmt);
            return Simple::Stmt(self.stmt_node(pos, kind));
        }
        self.next();
        let define = tok == Token::Define;
        if keyword == Token::For && self.at(Token::Range) {
            return self.range_clause(lhs, tok_pos, define);
        }
        let rhs = self.expr_list_node();
        if let (Token::Switch, true, &[l], &[r]) = (keyword, define, &self.tree[lhs], &self.tree[rhs])
            && let (Some(lhs), ExprKind::TypeAssertExpr { typ: None, .. }) = (self.tree.ident(l), self.tree[r].kind)
        {
            return Simple::Guard { lhs, define: tok_pos, guard: r };
        }
        let tok = if define { AssignOp::Define } else { AssignOp::Assign };
        Simple::Stmt(self.stmt_node(pos, StmtKind::AssignStmt { lhs, tok_pos, tok, rhs }))
    }

    /// A simple statement that starts with one expression and is no plain assignment.
    fn single_expr_stmt(&mut self, lhs: List<ExprId>, x: ExprId) -> StmtKind {
        let tok_pos = self.pos();
        let op = self.s.op;
        match self.tok() {
            Token::AssignOp => {
                self.next();
                let y = self.expr();
                let rhs = self.single_expr(y);
                StmtKind::AssignStmt { lhs, tok_pos, tok: AssignOp::Op(op), rhs }
            }
            Token::IncOp => {
                self.next();
                StmtKind::IncDecStmt { x, tok_pos, inc: op == Op::Add }
            }
            Token::Arrow => {
                self.next();
                let value = self.expr();
                StmtKind::SendStmt { chan: x, arrow: tok_pos, value }
            }
            _ => StmtKind::ExprStmt(x),
        }
    }

    /// `range x`
    fn range_clause(&mut self, lhs: List<ExprId>, tok_pos: Pos, define: bool) -> Simple {
        let range = self.pos();
        self.next();
        let x = self.expr();
        Simple::Range(RangeHead { lhs, tok_pos, define, range, x })
    }

    /// The head of an if, for or switch, its keyword ahead.
    fn header(&mut self, keyword: Token) -> Header {
        self.next();
        let mut header = Header::default();
        if self.at(Token::Lbrace) {
            if keyword == Token::If {
                self.syntax_error("missing condition in if statement");
                header.cond = Some(self.bad_expr());
            }
            return header;
        }
        let outer = std::mem::replace(&mut self.xnest, -1);
        self.header_parts(keyword, &mut header);
        self.xnest = outer;
        header
    }

    fn header_parts(&mut self, keyword: Token, header: &mut Header) {
        let mut init = None;
        if !self.at(Token::Semi) {
            if self.got(Token::Var) {
                self.syntax_error(&format!("var declaration not allowed in {} initializer", keyword.text()));
            }
            match self.simple(keyword) {
                Simple::Range(range) => {
                    header.range = Some(range);
                    return;
                }
                simple => init = Some(simple),
            }
        }
        if self.at(Token::Lbrace) {
            self.condition(keyword, init, None, header);
            return;
        }
        header.init = init.map(|i| self.simple_as_stmt(i));
        let mut semi = None;
        if self.at(Token::Semi) {
            semi = Some((self.pos(), self.s.semi));
            self.next();
        } else {
            // To ask for a brace rather than a semicolon here makes a better message.
            self.want(Token::Lbrace);
            if !self.at(Token::Lbrace) {
                self.advance(TokenSet::of(&[Token::Lbrace, Token::Rbrace]));
            }
        }
        let mut cond = None;
        if keyword == Token::For {
            if !self.at(Token::Semi) {
                if self.at(Token::Lbrace) {
                    self.syntax_error("expected for loop condition");
                    return;
                }
                cond = Some(self.simple(Token::Eof));
            }
            self.want(Token::Semi);
            if !self.at(Token::Lbrace) {
                header.post = Some(self.post_stmt());
            }
        } else if !self.at(Token::Lbrace) {
            cond = Some(self.simple(keyword));
        }
        self.condition(keyword, cond, semi, header);
    }

    fn post_stmt(&mut self) -> StmtId {
        let post = self.simple_stmt();
        if let StmtKind::AssignStmt { tok: AssignOp::Define, tok_pos, .. } = self.tree[post].kind {
            self.syntax_error_at(tok_pos, "cannot declare in post statement of for loop");
        }
        post
    }

    /// Makes an expression of the statement that stands where a condition or tag belongs.
    fn condition(&mut self, keyword: Token, cond: Option<Simple>, semi: Option<(Pos, Semi)>, header: &mut Header) {
        let stmt = match cond {
            None => {
                if let (Token::If, Some((pos, semi))) = (keyword, semi) {
                    let message = match semi {
                        Semi::Semicolon => "missing condition in if statement".to_string(),
                        _ => format!("unexpected {}, expected {{ after if clause", semi.text()),
                    };
                    self.syntax_error_at(pos, &message);
                    header.cond = Some(self.bad_expr_at(pos));
                }
                return;
            }
            Some(Simple::Guard { lhs, guard, .. }) => {
                (header.lhs, header.cond) = (Some(lhs), Some(guard));
                return;
            }
            Some(simple) => self.simple_as_stmt(simple),
        };
        let names = self.s.names();
        let (pos, text) = match self.tree[stmt].kind {
            StmtKind::ExprStmt(x) => {
                header.cond = Some(x);
                return;
            }
            StmtKind::AssignStmt { lhs, tok_pos, tok: AssignOp::Assign, rhs } => {
                let emphasize = |list| printer::emphasized(&self.tree, names, list);
                (tok_pos, format!("assignment {} = {}", emphasize(lhs), emphasize(rhs)))
            }
            StmtKind::AssignStmt { tok_pos, .. } | StmtKind::IncDecStmt { tok_pos, .. } => {
                (tok_pos, printer::stmt_string(&self.tree, names, stmt))
            }
            StmtKind::SendStmt { arrow, .. } => (arrow, printer::stmt_string(&self.tree, names, stmt)),
            _ => return,
        };
        self.syntax_error_at(pos, &format!("cannot use {text} as value"));
        header.cond = Some(self.bad_expr_at(self.tree[stmt].pos));
    }

    fn for_stmt(&mut self) -> StmtId {
        let pos = self.pos();
        let head = self.header(Token::For);
        let body = self.block("for clause");
        let kind = match head.range {
            Some(RangeHead { lhs, tok_pos, define, range, x }) => {
                StmtKind::RangeStmt { lhs, tok_pos, define, range, x, body }
            }
            None => StmtKind::ForStmt { init: head.init, cond: head.cond, post: head.post, body },
        };
        self.stmt_node(pos, kind)
    }

    /// An if with all its else-ifs, of which there may be many: in a loop.
    fn if_stmt(&mut self) -> StmtId {
        let mut chain = Vec::new();
        let mut els = None;
        loop {
            let pos = self.pos();
            let head = self.header(Token::If);
            let body = self.block("if clause");
            chain.push((pos, head, body));
            if !self.got(Token::Else) {
                break;
            }
            match self.tok() {
                Token::If => continue,
                Token::Lbrace => {
                    let pos = self.pos();
                    let block = self.block("");
                    els = Some(self.stmt_node(pos, StmtKind::BlockStmt(block)));
                }
                _ => {
                    self.syntax_error("else must be followed by if or statement block");
                    self.advance(BLOCK_SYNC);
                }
            }
            break;
        }
        for (pos, head, body) in chain.into_iter().rev() {
            let cond = head.cond.unwrap_or_else(|| self.bad_expr_at(pos));
            els = Some(self.stmt_node(pos, StmtKind::IfStmt { init: head.init, cond, body, els }));
        }
        // The loop ran at least once.
        els.unwrap_or_else(|| self.empty_stmt())
    }

    fn switch_stmt(&mut self) -> StmtId {
        let pos = self.pos();
        let head = self.header(Token::Switch);
        let body = self.clauses("switch", Self::case_clause);
        let is_guard = |x: ExprId| matches!(self.tree[x].kind, ExprKind::TypeAssertExpr { typ: None, .. });
        let kind = match head.cond {
            Some(guard) if is_guard(guard) => StmtKind::TypeSwitchStmt { init: head.init, lhs: head.lhs, guard, body },
            tag => StmtKind::SwitchStmt { init: head.init, tag, body },
        };
        self.stmt_node(pos, kind)
    }

    fn select_stmt(&mut self) -> StmtId {
        let pos = self.pos();
        self.next();
        let body = self.clauses("select", Self::comm_clause);
        self.stmt_node(pos, StmtKind::SelectStmt { body })
    }

    fn clauses(&mut self, context: &str, clause: fn(&mut Self) -> StmtId) -> Block {
        let lbrace = self.pos();
        if !self.got(Token::Lbrace) {
            self.syntax_error(&format!("missing {{ after {context} clause"));
            self.advance(CLAUSE_START);
        }
        let mark = self.stmts.len();
        while !matches!(self.tok(), Token::Eof | Token::Rbrace) {
            let clause = clause(self);
            self.stmts.push(clause);
        }
        let list = self.stmt_list_from(mark);
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        Block { lbrace, list, rbrace }
    }

    fn case_clause(&mut self) -> StmtId {
        let pos = self.pos();
        let (mut exprs, mut is_default) = (List::EMPTY, false);
        match self.tok() {
            Token::Case => {
                self.next();
                exprs = self.expr_list_node();
            }
            Token::Default => {
                self.next();
                is_default = true;
            }
            _ => self.clause_error(),
        }
        let colon = self.pos();
        self.want(Token::Colon);
        let body = self.stmt_list();
        self.stmt_node(pos, StmtKind::CaseClause { is_default, exprs, colon, body })
    }

    fn comm_clause(&mut self) -> StmtId {
        let pos = self.pos();
        let mut comm = None;
        match self.tok() {
            Token::Case => {
                self.next();
                comm = Some(self.simple_stmt());
            }
            Token::Default => self.next(),
            _ => self.clause_error(),
        }
        let colon = self.pos();
        self.want(Token::Colon);
        let body = self.stmt_list();
        self.stmt_node(pos, StmtKind::CommClause { comm, colon, body })
    }

    fn clause_error(&mut self) {
        self.syntax_error("expected case or default or }");
        self.advance(CLAUSE_SYNC);
    }
}
