//! Types, and the lists of fields and parameters in them.

use crate::names::Name;
use crate::parser::{Parser, TokenSet};
use crate::pos::Pos;
use crate::token::{Op, Token};
use crate::tree::{ChanDir, ExprId, ExprKind, Field, FieldList, FuncType, FuncTypeId, Id, Ident, List};

/// A parameter under construction: `name`, `type` or both.
#[derive(Clone, Copy)]
pub(super) struct Param {
    name: Option<Ident>,
    typ: Option<ExprId>,
}

impl Parser<'_> {
    /// A type; complains if there is none.
    pub(super) fn typ(&mut self) -> ExprId {
        const FOLLOW: TokenSet =
            TokenSet::of(&[Token::Comma, Token::Colon, Token::Semi, Token::Rparen, Token::Rbrack, Token::Rbrace]);
        self.opt_type().unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("expected type");
            self.advance(FOLLOW);
            bad
        })
    }

    /// A type, if one starts here.
    pub(super) fn opt_type(&mut self) -> Option<ExprId> {
        if self.at(Token::Name) {
            return Some(self.qualified_name(None));
        }
        let typ = if self.enter() { self.opt_type_literal() } else { None };
        self.leave();
        typ
    }

    fn opt_type_literal(&mut self) -> Option<ExprId> {
        let pos = self.pos();
        Some(match self.tok() {
            Token::Star => {
                self.next();
                let x = self.typ();
                self.expr_node(pos, ExprKind::StarExpr { x })
            }
            Token::Arrow => {
                self.next();
                self.want(Token::Chan);
                let value = self.chan_elem();
                self.expr_node(pos, ExprKind::ChanType { dir: ChanDir::Recv, arrow: pos, value })
            }
            Token::Chan => {
                self.next();
                let arrow = self.pos();
                let send = self.got(Token::Arrow);
                let value = self.chan_elem();
                let (dir, arrow) = if send { (ChanDir::Send, arrow) } else { (ChanDir::Both, Pos::NONE) };
                self.expr_node(pos, ExprKind::ChanType { dir, arrow, value })
            }
            Token::Func => {
                self.next();
                let typ = self.func_type(pos, Some("function type"));
                self.expr_node(pos, ExprKind::FuncType(typ))
            }
            Token::Lbrack => {
                self.next();
                if self.got(Token::Rbrack) { self.slice_type(pos) } else { self.array_type(pos, None) }
            }
            Token::Map => {
                self.next();
                self.want(Token::Lbrack);
                let key = self.typ();
                self.want(Token::Rbrack);
                let value = self.typ();
                self.expr_node(pos, ExprKind::MapType { key, value })
            }
            Token::Struct => self.struct_type(),
            Token::Interface => self.interface_type(),
            Token::Lparen => {
                // gc drops parentheses around types, and so its messages do not show them.
                self.next();
                let typ = self.typ();
                self.want(Token::Rparen);
                typ
            }
            _ => return None,
        })
    }

    fn chan_elem(&mut self) -> ExprId {
        self.opt_type().unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("missing channel element type");
            bad
        })
    }

    /// `len]elt`, the `[` at `open` taken, and the length too if given.
    pub(super) fn array_type(&mut self, open: Pos, len: Option<ExprId>) -> ExprId {
        let dots = self.pos();
        let len = match len {
            Some(len) => len,
            None if self.got(Token::DotDotDot) => self.expr_node(dots, ExprKind::Ellipsis { elt: None }),
            None => {
                self.xnest += 1;
                let len = self.expr();
                self.xnest -= 1;
                len
            }
        };
        if self.at(Token::Comma) {
            self.syntax_error("unexpected comma; expected ]");
            self.next();
        }
        self.want(Token::Rbrack);
        let elt = self.typ();
        self.expr_node(open, ExprKind::ArrayType { len: Some(len), elt })
    }

    /// `elt`, the `[]` taken.
    pub(super) fn slice_type(&mut self, open: Pos) -> ExprId {
        let elt = self.typ();
        self.expr_node(open, ExprKind::ArrayType { len: None, elt })
    }

    /// `name`, `name.name`, either with type arguments; the first name may have been taken.
    pub(super) fn qualified_name(&mut self, first: Option<Ident>) -> ExprId {
        const FOLLOW: TokenSet = TokenSet::of(&[Token::Dot, Token::Semi, Token::Rbrace]);
        let first = match first {
            Some(name) => name,
            None if self.at(Token::Name) => self.name(),
            None => {
                let name = Ident { name: Name::BLANK, pos: self.pos() };
                self.syntax_error("expected name");
                self.advance(FOLLOW);
                name
            }
        };
        let mut x = self.ident_node(first);
        let dot = self.pos();
        if self.got(Token::Dot) {
            let sel = self.name();
            x = self.expr_node(first.pos, ExprKind::SelectorExpr { x, dot, sel });
        }
        if self.at(Token::Lbrack) {
            if self.enter() {
                x = self.type_instance(x);
            }
            self.leave();
        }
        x
    }

    /// `x[T, ...]` with `[` ahead.
    fn type_instance(&mut self, x: ExprId) -> ExprId {
        let lbrack = self.pos();
        self.next();
        let indices = if self.at(Token::Rbrack) {
            self.syntax_error("expected type argument list");
            let bad = self.bad_expr();
            self.single_expr(bad)
        } else {
            self.type_list(true).0
        };
        self.index_expr(x, lbrack, indices)
    }

    /// The end of an index expression: takes `]`.
    pub(super) fn index_expr(&mut self, x: ExprId, lbrack: Pos, indices: List<ExprId>) -> ExprId {
        let rbrack = self.pos();
        self.want(Token::Rbrack);
        self.expr_node(self.tree[x].pos, ExprKind::IndexExpr { x, lbrack, indices, rbrack })
    }

    pub(super) fn single_expr(&mut self, x: ExprId) -> List<ExprId> {
        let mark = self.exprs.len();
        self.exprs.push(x);
        self.expr_list(mark)
    }

    /// Types separated by commas, the last comma optional; the first may be any expression unless
    /// `strict`. Says too whether there was a comma.
    pub(super) fn type_list(&mut self, strict: bool) -> (List<ExprId>, bool) {
        self.xnest += 1;
        let mark = self.exprs.len();
        let first = if strict { self.typ() } else { self.expr() };
        self.exprs.push(first);
        let comma = self.at(Token::Comma);
        while self.got(Token::Comma) {
            let Some(typ) = self.opt_type() else { break };
            self.exprs.push(typ);
        }
        self.xnest -= 1;
        (self.expr_list(mark), comma)
    }

    /// `[tparams](params) results`; `pos` is where the function type starts. With a context there must
    /// be no type parameters.
    pub(super) fn func_type(&mut self, pos: Pos, context: Option<&str>) -> FuncTypeId {
        let open = self.pos();
        let mut tparams = None;
        if self.got(Token::Lbrack) {
            if let Some(context) = context {
                self.syntax_error_at(open, &format!("{context} must have no type parameters"));
            }
            if self.at(Token::Rbrack) {
                self.syntax_error("empty type parameter list");
                self.next();
            } else {
                tparams = Some(self.param_list(open, None, Token::Rbrack, true, false));
            }
        }
        let open = self.pos();
        self.want(Token::Lparen);
        let params = self.param_list(open, None, Token::Rparen, false, true);
        let results = self.results();
        let end = self.end().max(pos);
        let tparams = tparams.filter(|_| context.is_none());
        self.tree.func_types.push(FuncType { pos, tparams, params, results, end });
        FuncTypeId::from_index(self.tree.func_types.len() - 1)
    }

    fn results(&mut self) -> FieldList {
        let open = self.pos();
        if self.got(Token::Lparen) {
            return self.param_list(open, None, Token::Rparen, false, false);
        }
        let Some(typ) = self.opt_type() else {
            return FieldList::default();
        };
        let mark = self.fields.len();
        self.fields.push(Field { pos: open, names: List::EMPTY, typ, tag: None });
        FieldList { open: Pos::NONE, list: self.field_list(mark), close: Pos::NONE }
    }

    /// `struct { fields }`, `struct` ahead.
    fn struct_type(&mut self) -> ExprId {
        let pos = self.pos();
        self.next();
        let open = self.pos();
        self.want(Token::Lbrace);
        let mark = self.fields.len();
        let close = self.list("struct type", Token::Semi, Token::Rbrace, |p| {
            p.field_decl();
            false
        });
        let fields = FieldList { open, list: self.field_list(mark), close };
        self.expr_node(pos, ExprKind::StructType { fields })
    }

    fn push_field(&mut self, pos: Pos, names: List<Ident>, typ: ExprId) {
        let tag = self.opt_literal();
        self.fields.push(Field { pos, names, typ, tag });
    }

    /// One line of a struct type.
    fn field_decl(&mut self) {
        let pos = self.pos();
        match self.tok() {
            Token::Name => {
                let name = self.name();
                if matches!(self.tok(), Token::Dot | Token::Literal | Token::Semi | Token::Rbrace) {
                    let typ = self.qualified_name(Some(name));
                    self.push_field(pos, List::EMPTY, typ);
                } else if self.at(Token::Lbrack) {
                    // An embedded instance T[P], or a field T of an array or slice type [P]E.
                    let (typ, instance) = self.array_or_instance(name);
                    let names = if instance { List::EMPTY } else { self.ident_list(&[name]) };
                    self.push_field(pos, names, typ);
                } else {
                    let names = self.name_list(name);
                    let typ = self.typ();
                    self.push_field(pos, names, typ);
                }
            }
            Token::Star => {
                self.next();
                let x = self.embedded_name();
                let typ = self.expr_node(pos, ExprKind::StarExpr { x });
                self.push_field(pos, List::EMPTY, typ);
            }
            Token::Lparen => {
                self.syntax_error("cannot parenthesize embedded type");
                self.next();
                let star = self.pos();
                let mut typ;
                if self.got(Token::Star) {
                    typ = self.qualified_name(None);
                    typ = self.expr_node(star, ExprKind::StarExpr { x: typ });
                } else {
                    typ = self.qualified_name(None);
                }
                self.got(Token::Rparen);
                self.push_field(pos, List::EMPTY, typ);
            }
            _ => {
                self.syntax_error("expected field name or embedded type");
                self.advance(TokenSet::of(&[Token::Semi, Token::Rbrace]));
            }
        }
    }

    /// The name of an embedded type after `*`; complains about parentheses.
    fn embedded_name(&mut self) -> ExprId {
        if !self.at(Token::Lparen) {
            return self.qualified_name(None);
        }
        self.syntax_error("cannot parenthesize embedded type");
        self.next();
        let x = self.qualified_name(None);
        self.got(Token::Rparen);
        x
    }

    /// After `name` with `[` ahead: an array or slice type (the name is of a field or parameter), or an
    /// instance of the type `name`. Says which.
    fn array_or_instance(&mut self, name: Ident) -> (ExprId, bool) {
        let open = self.pos();
        self.next();
        if self.got(Token::Rbrack) {
            return (self.slice_type(open), false);
        }
        let (list, comma) = self.type_list(false);
        let rbrack = self.pos();
        self.want(Token::Rbrack);
        if !comma && let Some(elt) = self.opt_type() {
            let len = self.tree[list].first().copied();
            return (self.expr_node(open, ExprKind::ArrayType { len, elt }), false);
        }
        let x = self.ident_node(name);
        let kind = ExprKind::IndexExpr { x, lbrack: open, indices: list, rbrack };
        (self.expr_node(name.pos, kind), true)
    }

    /// `interface { elements }`, `interface` ahead.
    fn interface_type(&mut self) -> ExprId {
        let pos = self.pos();
        self.next();
        let open = self.pos();
        self.want(Token::Lbrace);
        let mark = self.fields.len();
        let close = self.list("interface type", Token::Semi, Token::Rbrace, |p| {
            let field = p.interface_elem();
            p.fields.push(field);
            false
        });
        let elems = FieldList { open, list: self.field_list(mark), close };
        self.expr_node(pos, ExprKind::InterfaceType { elems })
    }

    /// A method, or an embedded type or union.
    fn interface_elem(&mut self) -> Field {
        let pos = self.pos();
        let first = if self.at(Token::Name) {
            let field = self.method_or_type();
            if !field.names.is_empty() {
                return field;
            }
            Some(field.typ)
        } else {
            None
        };
        let typ = self.union(first);
        Field { pos, names: List::EMPTY, typ, tag: None }
    }

    /// `term { "|" term }`; the first term may have been taken.
    fn union(&mut self, first: Option<ExprId>) -> ExprId {
        let mut x = match first {
            Some(x) => x,
            None => self.union_term(),
        };
        while self.at(Token::Operator) && self.s.op == Op::Or {
            let op_pos = self.pos();
            self.next();
            let y = self.union_term();
            x = self.expr_node(self.tree[x].pos, ExprKind::BinaryExpr { x, op_pos, op: Op::Or, y });
        }
        x
    }

    /// `T` or `~T`
    fn union_term(&mut self) -> ExprId {
        const FOLLOW: TokenSet =
            TokenSet::of(&[Token::Operator, Token::Semi, Token::Rparen, Token::Rbrack, Token::Rbrace]);
        let pos = self.pos();
        if self.at(Token::Operator) && self.s.op == Op::Tilde {
            self.next();
            let x = self.typ();
            return self.expr_node(pos, ExprKind::UnaryExpr { op: Op::Tilde, x });
        }
        self.opt_type().unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("expected ~ term or type");
            self.advance(FOLLOW);
            bad
        })
    }

    fn method(&mut self, name: Ident) -> Field {
        let typ = self.func_type(name.pos, Some("interface method"));
        let names = self.ident_list(&[name]);
        let typ = self.expr_node(name.pos, ExprKind::FuncType(typ));
        Field { pos: name.pos, names, typ, tag: None }
    }

    /// An interface element that starts with a name.
    fn method_or_type(&mut self) -> Field {
        let name = self.name();
        let embedded = |typ| Field { pos: name.pos, names: List::EMPTY, typ, tag: None };
        match self.tok() {
            Token::Lparen => self.method(name),
            // A method with type parameters, which is an error, or an embedded instance.
            Token::Lbrack => {
                let open = self.pos();
                self.next();
                if self.at(Token::Rbrack) {
                    let close = self.pos();
                    self.next();
                    let is_method = self.at(Token::Lparen);
                    let what = if is_method { "parameter" } else { "argument" };
                    self.error_at(close, format!("empty type {what} list"));
                    return if is_method { self.method(name) } else { embedded(self.ident_node(name)) };
                }
                let params = self.param_list(open, None, Token::Rbrack, false, false);
                let Some(first) = self.tree[params.list].first().copied() else {
                    return if self.at(Token::Lparen) { self.method(name) } else { embedded(self.ident_node(name)) };
                };
                if !first.names.is_empty() {
                    let method = self.method(name);
                    self.error_at(open, "interface method must have no type parameters");
                    return method;
                }
                let x = self.ident_node(name);
                let mark = self.exprs.len();
                self.exprs.extend(self.tree.fields[params.list.range()].iter().map(|f| f.typ));
                let indices = self.expr_list(mark);
                let kind = ExprKind::IndexExpr { x, lbrack: open, indices, rbrack: params.close };
                embedded(self.expr_node(name.pos, kind))
            }
            _ => embedded(self.qualified_name(Some(name))),
        }
    }

    /// Parameters, results, a receiver or (with `close` a bracket) type parameters. The opening bracket
    /// at `open` has been taken, and perhaps the first name, or first name and type. In the outcome
    /// either all fields have names or none has; with `require_names` all have. `...` is allowed with
    /// the last one if `dots_ok`.
    pub(super) fn param_list(
        &mut self,
        open: Pos,
        first: Option<(Ident, Option<ExprId>)>,
        close: Token,
        require_names: bool,
        dots_ok: bool,
    ) -> FieldList {
        let mark = self.params.len();
        let mut first = first;
        let close_pos = if let (Some((name, Some(typ))), true) = (first, self.at(close)) {
            // `list` takes no element at the end of the list, but here one is complete already.
            self.params.push(Param { name: Some(name), typ: Some(typ) });
            let pos = self.pos();
            self.next();
            pos
        } else {
            self.list("parameter list", Token::Comma, close, |p| {
                let param = match first.take() {
                    Some((name, Some(typ))) => Some(Param { name: Some(name), typ: Some(typ) }),
                    Some((name, None)) => p.param(Some(name), close),
                    None => p.param(None, close),
                };
                p.params.extend(param);
                false
            })
        };
        self.complete_params(mark, close_pos, require_names);
        let fields = self.fields.len();
        self.group_params(mark);
        self.check_dots(fields, dots_ok);
        FieldList { open, list: self.field_list(fields), close: close_pos }
    }

    /// One parameter: `name`, `type`, `name type`, with `...` before the type or, in type parameter
    /// lists, a union as type.
    fn param(&mut self, name: Option<Ident>, close: Token) -> Option<Param> {
        let sets_ok = close == Token::Rbrack;
        let is_op = |p: &Self, op| sets_ok && p.at(Token::Operator) && p.s.op == op;
        if name.is_none() && is_op(self, Op::Tilde) {
            return Some(Param { name: None, typ: Some(self.union(None)) });
        }
        if let Some(name) = name.or_else(|| self.at(Token::Name).then(|| self.name())) {
            let (mut typ, mut own) = (None, false);
            match self.tok() {
                Token::Lbrack => {
                    let (t, instance) = self.array_or_instance(name);
                    (typ, own) = (Some(t), !instance);
                }
                Token::Dot => typ = Some(self.qualified_name(Some(name))),
                _ if is_op(self, Op::Or) => typ = Some(self.ident_node(name)),
                _ => {}
            }
            if let Some(mut typ) = typ {
                if is_op(self, Op::Or) {
                    typ = self.union(Some(typ));
                }
                return Some(Param { name: own.then_some(name), typ: Some(typ) });
            }
            let typ = self.param_type(sets_ok);
            return Some(Param { name: Some(name), typ });
        }
        if let Some(typ) = self.param_type(sets_ok) {
            return Some(Param { name: None, typ: Some(typ) });
        }
        let close_text = if sets_ok { "expected ]" } else { "expected )" };
        self.syntax_error(close_text);
        self.advance(if sets_ok {
            TokenSet::of(&[Token::Comma, Token::Rbrack])
        } else {
            TokenSet::of(&[Token::Comma, Token::Rparen])
        });
        None
    }

    /// The type of a parameter, if one starts here.
    fn param_type(&mut self, sets_ok: bool) -> Option<ExprId> {
        if self.at(Token::DotDotDot) {
            let pos = self.pos();
            self.next();
            return Some(match self.opt_type() {
                Some(elt) => self.expr_node(pos, ExprKind::Ellipsis { elt: Some(elt) }),
                None => {
                    let bad = self.bad_expr();
                    self.syntax_error("... is missing type");
                    bad
                }
            });
        }
        if sets_ok && self.at(Token::Operator) && self.s.op == Op::Tilde {
            return Some(self.union(None));
        }
        let typ = self.opt_type()?;
        Some(if sets_ok { self.union(Some(typ)) } else { typ })
    }

    /// Decides what single names are, parameters or types, and complains about what is missing.
    fn complete_params(&mut self, mark: usize, close: Pos, require_names: bool) {
        let count = self.params.len() - mark;
        let list = &self.params[mark..];
        let named = list.iter().filter(|p| p.name.is_some() && p.typ.is_some()).count();
        let typed = list.iter().filter(|p| p.typ.is_some()).count();
        if count == 0 || named == count {
            return;
        }
        if named == 0 && !require_names {
            for i in mark..self.params.len() {
                if let Some(name) = self.params[i].name.take() {
                    self.params[i].typ = Some(self.ident_node(name));
                }
            }
            return;
        }
        let mut error: Option<Pos> = None;
        let mut followed = false;
        for i in (mark..self.params.len()).rev() {
            match self.params[i] {
                Param { name: None, typ: Some(typ) } => {
                    let pos = self.tree[typ].pos;
                    error = Some(pos);
                    followed = true;
                    self.params[i].name = Some(Ident { name: Name::BLANK, pos });
                }
                Param { typ: Some(_), .. } => followed = true,
                Param { name: Some(name), typ: None } if !followed => {
                    error = Some(name.pos);
                    self.params[i].typ = Some(self.bad_expr_at(name.pos));
                }
                Param { .. } => {}
            }
        }
        let Some(pos) = error else { return };
        if named == typed {
            let what = if require_names { "missing type constraint" } else { "missing parameter type" };
            self.syntax_error_at(close, what);
        } else {
            self.syntax_error_at(
                pos,
                match (require_names, count) {
                    (true, 1) => "missing type parameter name or invalid array length",
                    (true, _) => "missing type parameter name",
                    (false, _) => "missing parameter name",
                },
            );
        }
    }

    /// Makes fields of the parameters above `mark`: names without a type share that of the next.
    fn group_params(&mut self, mark: usize) {
        let mut names = self.tree.idents.len();
        let mut pos = None;
        for i in mark..self.params.len() {
            let Param { name, typ } = self.params[i];
            self.tree.idents.extend(name);
            let Some(typ) = typ else {
                pos = pos.or(name.map(|n| n.pos));
                continue;
            };
            let start = pos.take().or(name.map(|n| n.pos)).unwrap_or(self.tree[typ].pos);
            let len = self.tree.idents.len() - names;
            self.fields.push(Field { pos: start, names: List::new(names, len), typ, tag: None });
            names += len;
        }
        self.params.truncate(mark);
    }

    /// Complains about the first `...` that is out of place, and drops all that are.
    fn check_dots(&mut self, from: usize, dots_ok: bool) {
        let mut complained = false;
        for i in from..self.fields.len() {
            let Field { names, typ, .. } = self.fields[i];
            let ExprKind::Ellipsis { elt: Some(elt) } = self.tree[typ].kind else {
                continue;
            };
            if dots_ok && i + 1 == self.fields.len() && names.len() <= 1 {
                continue;
            }
            if !complained {
                complained = true;
                let message = if dots_ok { "can only use ... with final parameter" } else { "invalid use of ..." };
                self.error_at(self.tree[typ].pos, message);
            }
            self.fields[i].typ = elt;
        }
    }
}
