//! Expressions.

use crate::parser::{Parser, TokenSet};
use crate::pos::Pos;
use crate::token::{Op, Token};
use crate::tree::{ChanDir, ExprId, ExprKind, Id, List};

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> ExprId {
        let x = self.unary_expr();
        self.binary_expr_from(x, 0)
    }

    /// `expr { "," expr }` as a list.
    pub(super) fn expr_list_node(&mut self) -> List<ExprId> {
        let mark = self.exprs.len();
        loop {
            let x = self.expr();
            self.exprs.push(x);
            if !self.got(Token::Comma) {
                return self.expr_list(mark);
            }
        }
    }

    /// Goes on with a binary expression whose first operand is there, as long as operators bind tighter
    /// than `prec`.
    pub(super) fn binary_expr_from(&mut self, mut x: ExprId, prec: u8) -> ExprId {
        while matches!(self.tok(), Token::Operator | Token::Star) {
            let op = self.s.op;
            let own = op.precedence();
            if own <= prec {
                break;
            }
            let op_pos = self.pos();
            self.next();
            let y = self.unary_expr();
            let y = self.binary_expr_from(y, own);
            x = self.expr_node(self.tree[x].pos, ExprKind::BinaryExpr { x, op_pos, op, y });
        }
        x
    }

    fn unary_expr(&mut self) -> ExprId {
        if !matches!(self.tok(), Token::Operator | Token::Star | Token::Arrow) {
            return self.primary_expr();
        }
        let x = if self.enter() { self.unary_operation() } else { self.bad_expr() };
        self.leave();
        x
    }

    fn unary_operation(&mut self) -> ExprId {
        let (pos, op) = (self.pos(), self.s.op);
        match self.tok() {
            Token::Star => {
                self.next();
                let x = self.unary_expr();
                self.expr_node(pos, ExprKind::StarExpr { x })
            }
            Token::Operator if matches!(op, Op::Add | Op::Sub | Op::Not | Op::Xor | Op::Tilde | Op::And) => {
                self.next();
                let x = self.unary_expr();
                self.expr_node(pos, ExprKind::UnaryExpr { op, x })
            }
            Token::Arrow => {
                self.next();
                let x = self.unary_expr();
                if let ExprKind::ChanType { .. } = self.tree[x].kind {
                    self.reassociate_arrow(pos, x);
                    return x;
                }
                self.expr_node(pos, ExprKind::UnaryExpr { op: Op::Arrow, x })
            }
            _ => self.primary_expr(),
        }
    }

    /// `<-` in front of a channel type belongs to the type: `<-(chan T)` is `(<-chan T)`, and
    /// `<-(chan<- T)` is `(<-chan (<-T))`, where `T` must be a channel type again.
    fn reassociate_arrow(&mut self, pos: Pos, x: ExprId) {
        let (mut typ, mut own_arrow) = (x, pos);
        loop {
            let ExprKind::ChanType { dir, arrow, value } = self.tree[typ].kind else {
                let text = crate::printer::expr_string(&self.tree, self.s.names(), typ);
                self.syntax_error(&format!("unexpected {text}, expected chan"));
                return;
            };
            if dir == ChanDir::Recv {
                self.syntax_error("unexpected <-, expected chan");
            }
            let node = &mut self.tree.exprs[typ.index()];
            node.pos = own_arrow;
            node.kind = ExprKind::ChanType { dir: ChanDir::Recv, arrow: own_arrow, value };
            if dir != ChanDir::Send {
                return;
            }
            (typ, own_arrow) = (value, arrow);
        }
    }

    pub(super) fn primary_expr(&mut self) -> ExprId {
        let x = if self.enter() { self.operand() } else { self.bad_expr() };
        let x = self.primary_expr_from(x);
        self.leave();
        x
    }

    fn operand(&mut self) -> ExprId {
        const FOLLOW: TokenSet = TokenSet::of(&[Token::Rparen, Token::Rbrack, Token::Rbrace]);
        match self.tok() {
            Token::Name => {
                let name = self.name();
                self.ident_node(name)
            }
            Token::Lparen => {
                let pos = self.pos();
                self.next();
                self.xnest += 1;
                let x = self.expr();
                self.xnest -= 1;
                self.want(Token::Rparen);
                self.expr_node(pos, ExprKind::ParenExpr { x })
            }
            Token::Func => self.func_type_or_lit(),
            Token::Lbrack | Token::Chan | Token::Map | Token::Struct | Token::Interface => self.typ(),
            _ => {
                if let Some(lit) = self.opt_literal() {
                    return lit;
                }
                let bad = self.bad_expr();
                self.syntax_error("expected expression");
                self.advance(FOLLOW);
                bad
            }
        }
    }

    fn func_type_or_lit(&mut self) -> ExprId {
        let pos = self.pos();
        self.next();
        let typ = self.func_type(pos, Some("function type"));
        if !self.at(Token::Lbrace) {
            return self.expr_node(pos, ExprKind::FuncType(typ));
        }
        self.xnest += 1;
        let body = self.func_body();
        self.xnest -= 1;
        self.expr_node(pos, ExprKind::FuncLit { typ, body })
    }

    /// Goes on with selectors, indices, calls and literals behind `x`.
    pub(super) fn primary_expr_from(&mut self, mut x: ExprId) -> ExprId {
        loop {
            let start = self.tree[x].pos;
            x = match self.tok() {
                Token::Dot => self.selector_or_assertion(x),
                Token::Lbrack => self.index_or_slice(x),
                Token::Lparen => {
                    let lparen = self.pos();
                    self.next();
                    let (args, ellipsis, rparen) = self.args();
                    self.expr_node(start, ExprKind::CallExpr { fun: x, lparen, args, ellipsis, rparen })
                }
                Token::Lbrace if self.starts_literal(x) => {
                    if let ExprKind::ParenExpr { .. } = self.tree[x].kind {
                        self.syntax_error("cannot parenthesize type in composite literal");
                    }
                    self.composite_lit(Some(x))
                }
                _ => return x,
            }
        }
    }

    fn selector_or_assertion(&mut self, x: ExprId) -> ExprId {
        let (start, dot) = (self.tree[x].pos, self.pos());
        self.next();
        match self.tok() {
            Token::Name => {
                let sel = self.name();
                self.expr_node(start, ExprKind::SelectorExpr { x, dot, sel })
            }
            Token::Lparen => {
                let lparen = self.pos();
                self.next();
                let typ = if self.got(Token::Type) { None } else { Some(self.typ()) };
                let rparen = self.pos();
                self.want(Token::Rparen);
                self.expr_node(start, ExprKind::TypeAssertExpr { x, dot, lparen, typ, rparen })
            }
            _ => {
                self.syntax_error("expected name or (");
                self.advance(TokenSet::of(&[Token::Semi, Token::Rparen]));
                x
            }
        }
    }

    fn index_or_slice(&mut self, x: ExprId) -> ExprId {
        let lbrack = self.pos();
        self.next();
        let mut low = None;
        if !self.at(Token::Colon) {
            let (list, comma) = if self.at(Token::Rbrack) {
                self.syntax_error("expected operand");
                let bad = self.bad_expr();
                (self.single_expr(bad), false)
            } else {
                self.type_list(false)
            };
            if comma || self.at(Token::Rbrack) {
                return self.index_expr(x, lbrack, list);
            }
            low = self.tree[list].first().copied();
        }
        if !self.got(Token::Colon) {
            self.syntax_error("expected comma, : or ]");
            self.advance(TokenSet::of(&[Token::Comma, Token::Colon, Token::Rbrack]));
        }
        self.xnest += 1;
        let (mut high, mut max) = (None, None);
        if !matches!(self.tok(), Token::Colon | Token::Rbrack) {
            high = Some(self.expr());
        }
        let slice3 = self.at(Token::Colon);
        if slice3 {
            if high.is_none() {
                self.error_at(self.pos(), "middle index required in 3-index slice");
                high = Some(self.bad_expr());
            }
            self.next();
            max = Some(if self.at(Token::Rbrack) {
                self.error_at(self.pos(), "final index required in 3-index slice");
                self.bad_expr()
            } else {
                self.expr()
            });
        }
        self.xnest -= 1;
        let rbrack = self.pos();
        self.want(Token::Rbrack);
        self.expr_node(self.tree[x].pos, ExprKind::SliceExpr { x, lbrack, low, high, max, slice3, rbrack })
    }

    /// Arguments and the closing parenthesis; the opening one has been taken.
    fn args(&mut self) -> (List<ExprId>, Pos, Pos) {
        self.xnest += 1;
        let mark = self.exprs.len();
        let mut ellipsis = Pos::NONE;
        let rparen = self.list("argument list", Token::Comma, Token::Rparen, |p| {
            let x = p.expr();
            p.exprs.push(x);
            let dots = p.pos();
            let has_dots = p.got(Token::DotDotDot);
            if has_dots {
                ellipsis = dots;
            }
            has_dots
        });
        self.xnest -= 1;
        (self.expr_list(mark), ellipsis, rparen)
    }

    /// With `{` ahead: whether it belongs to a composite literal of type `x` rather than starting a block.
    fn starts_literal(&self, x: ExprId) -> bool {
        let x = self.tree.unparen(x);
        match self.tree[x].kind {
            ExprKind::Ident(_) | ExprKind::SelectorExpr { .. } => self.xnest >= 0,
            ExprKind::IndexExpr { .. } => self.xnest >= 0 && !self.is_value(x),
            ExprKind::ArrayType { .. } | ExprKind::StructType { .. } | ExprKind::MapType { .. } => true,
            _ => false,
        }
    }

    /// Whether `x` can be no type.
    fn is_value(&self, mut x: ExprId) -> bool {
        loop {
            match self.tree[x].kind {
                ExprKind::BasicLit { .. }
                | ExprKind::CompositeLit { .. }
                | ExprKind::FuncLit { .. }
                | ExprKind::SliceExpr { .. }
                | ExprKind::TypeAssertExpr { .. }
                | ExprKind::CallExpr { .. }
                | ExprKind::UnaryExpr { .. }
                | ExprKind::BinaryExpr { .. } => return true,
                ExprKind::ParenExpr { x: inner } => x = inner,
                ExprKind::IndexExpr { x: inner, indices, .. } => {
                    if let &[index] = &self.tree[indices]
                        && self.is_value(index)
                    {
                        return true;
                    }
                    x = inner;
                }
                _ => return false,
            }
        }
    }

    /// `{ elements }` with the brace ahead.
    fn composite_lit(&mut self, typ: Option<ExprId>) -> ExprId {
        let lbrace = self.pos();
        let start = typ.map_or(lbrace, |t| self.tree[t].pos);
        self.xnest += 1;
        self.want(Token::Lbrace);
        let mark = self.exprs.len();
        let rbrace = self.list("composite literal", Token::Comma, Token::Rbrace, |p| {
            let mut x = p.element();
            let colon = p.pos();
            if p.got(Token::Colon) {
                let value = p.element();
                x = p.expr_node(p.tree[x].pos, ExprKind::KeyValueExpr { key: x, colon, value });
            }
            p.exprs.push(x);
            false
        });
        self.xnest -= 1;
        let elts = self.expr_list(mark);
        self.expr_node(start, ExprKind::CompositeLit { typ, lbrace, elts, rbrace })
    }

    /// A key or value of a composite literal.
    fn element(&mut self) -> ExprId {
        if !self.at(Token::Lbrace) {
            return self.expr();
        }
        let x = if self.enter() { self.composite_lit(None) } else { self.bad_expr() };
        self.leave();
        x
    }
}
