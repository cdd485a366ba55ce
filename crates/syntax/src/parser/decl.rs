//! Files and declarations.

use crate::names::Name;
use crate::parser::directive::DirectivePlace;
use crate::parser::{Mode, Parser, TokenSet};
use crate::pos::{Pos, Span};
use crate::token::{LitKind, Op, Token};
use crate::tree::{
    ConstSpec, Decl, DeclTok, ExprId, ExprKind, FieldList, File, FuncDecl, FuncDeclId, FuncType, GenDecl, Id, Ident,
    ImportSpec, List, Spec, SpecId, SpecKind, TypeSpec, VarSpec,
};

/// Tokens that start a declaration.
const DECL_START: TokenSet = TokenSet::of(&[Token::Import, Token::Const, Token::Type, Token::Var, Token::Func]);
const SPEC_END: TokenSet = TokenSet::of(&[Token::Semi, Token::Rparen]);

impl Parser<'_> {
    /// A whole file.
    pub(super) fn file(&mut self) -> File {
        let mut decls = Vec::new();
        self.next();
        let package = self.pos();
        let name = self.package_clause();
        if self.errors() == 0 {
            self.declarations(&mut decls);
        }
        File {
            source: self.source.clone(),
            tree: self.tree.take(),
            package,
            name,
            decls,
            bodies: std::mem::take(&mut self.bodies),
            linknames: std::mem::take(&mut self.linknames),
            build: self.build.take(),
            directives: std::mem::take(&mut self.directives),
            eof: self.source.end(),
            ok: false,
        }
    }

    fn package_clause(&mut self) -> Ident {
        self.after_package = true;
        if !self.got(Token::Package) {
            self.syntax_error("package statement must be first");
            return Ident { name: Name::BLANK, pos: self.pos() };
        }
        self.take_pragma(DirectivePlace::Package);
        let name = self.name();
        self.want(Token::Semi);
        name
    }

    fn declarations(&mut self, decls: &mut Vec<Decl>) {
        let mut prev = Token::Import;
        while !(self.at(Token::Eof) || self.unbalanced) {
            let tok = self.tok();
            if tok != Token::Import && self.mode.contains(Mode::IMPORTS_ONLY) {
                return;
            }
            if tok == Token::Import && prev != Token::Import {
                self.syntax_error("imports must appear before other declarations");
            }
            prev = tok;
            match gen_decl_tok(tok) {
                Some(gen_tok) => {
                    let decl = self.gen_decl(gen_tok);
                    decls.push(Decl::Gen(decl));
                }
                None if tok == Token::Func => {
                    let id = self.func_decl();
                    decls.push(Decl::Func(id));
                }
                None => {
                    let after_func = match decls.last() {
                        Some(Decl::Func(id)) => self.tree[*id].body.is_none(),
                        _ => false,
                    };
                    self.syntax_error(if tok == Token::Lbrace && after_func {
                        "unexpected semicolon or newline before {"
                    } else {
                        "non-declaration statement outside function body"
                    });
                    self.advance(DECL_START);
                    continue;
                }
            }
            // Before the semicolon is taken: comments behind it may belong to the next declaration.
            self.clear_pragma();
            if !self.at(Token::Eof) && !self.got(Token::Semi) {
                self.syntax_error("after top level declaration");
                self.advance(DECL_START);
            }
        }
        self.clear_pragma();
    }

    /// A declaration other than of a function, with its keyword ahead.
    pub(super) fn gen_decl(&mut self, tok: DeclTok) -> GenDecl {
        let pos = self.pos();
        self.next();
        let start = self.tree.specs.len();
        let (mut lparen, mut rparen) = (Pos::NONE, Pos::NONE);
        let mut group = ConstGroup::default();
        if self.at(Token::Lparen) {
            lparen = self.pos();
            // Before the parenthesis is taken, as above.
            self.clear_pragma();
            self.next();
            rparen = self.list("grouped declaration", Token::Semi, Token::Rparen, |p| {
                p.spec(tok, &mut group);
                false
            });
        } else {
            self.spec(tok, &mut group);
        }
        // Function literals in values may declare things, but in their own statements' lists: specs of
        // this declaration are moved together at the end.
        let specs = self.gather_specs(start, lparen.is_known(), group.ids);
        GenDecl { pos, tok, lparen, specs, rparen }
    }

    /// The specs of a declaration as a list. They are consecutive unless a function literal in one of
    /// them declares something, which stands before it; then the specs are copied to the end.
    fn gather_specs(&mut self, start: usize, grouped: bool, ids: Vec<SpecId>) -> List<SpecId> {
        let len = self.tree.specs.len() - start;
        if len == ids.len() {
            return List::new(start, len);
        }
        if !grouped && ids.len() == 1 {
            return List::new(ids[0].index(), 1);
        }
        let start = self.tree.specs.len();
        for (i, id) in ids.iter().enumerate() {
            let mut spec = self.tree[*id];
            if let SpecKind::ConstSpec(c) = &mut spec.kind {
                // What a spec repeats has moved along.
                let from = c.inherited.and_then(|from| ids.iter().position(|&id| id == from));
                c.inherited = from.filter(|&from| from < i).map(|from| SpecId::from_index(start + from));
            }
            self.tree.specs.push(spec);
        }
        List::new(start, ids.len())
    }

    fn spec(&mut self, tok: DeclTok, group: &mut ConstGroup) {
        let pos = self.pos();
        let kind = match tok {
            DeclTok::Import => SpecKind::ImportSpec(self.import_spec()),
            DeclTok::Const => SpecKind::ConstSpec(self.const_spec(group)),
            DeclTok::Type => SpecKind::TypeSpec(self.type_spec()),
            DeclTok::Var => SpecKind::VarSpec(self.var_spec()),
        };
        let end = self.end().max(pos);
        self.tree.specs.push(Spec { pos, end, kind });
        let id = SpecId::from_index(self.tree.specs.len() - 1);
        group.ids.push(id);
        if let SpecKind::ConstSpec(c) = kind {
            if c.typ.is_some() || !c.values.is_empty() {
                group.last = Some(id);
            }
            group.iota += 1;
        }
    }

    fn import_spec(&mut self) -> ImportSpec {
        self.take_pragma(DirectivePlace::Other);
        let name = match self.tok() {
            Token::Name => Some(self.name()),
            Token::Dot => {
                let pos = self.pos();
                self.next();
                Some(Ident { name: Name::DOT, pos })
            }
            _ => None,
        };
        let Some(path) = self.opt_literal() else {
            let path = self.bad_expr();
            self.syntax_error("missing import path");
            self.advance(SPEC_END);
            return ImportSpec { name, path };
        };
        if let ExprKind::BasicLit { kind, bad: false } = self.tree[path].kind
            && kind != LitKind::String
        {
            let pos = self.tree[path].pos;
            self.syntax_error_at(pos, "import path must be a string");
            self.tree.exprs[path.index()].kind = ExprKind::BasicLit { kind, bad: true };
        }
        ImportSpec { name, path }
    }

    fn const_spec(&mut self, group: &ConstGroup) -> ConstSpec {
        self.take_pragma(DirectivePlace::Other);
        let first = self.name();
        let names = self.name_list(first);
        let (mut typ, mut values) = (None, List::EMPTY);
        if !matches!(self.tok(), Token::Eof | Token::Semi | Token::Rparen) {
            typ = self.opt_type();
            if self.got_assign() {
                values = self.expr_list_node();
            }
        }
        let repeats = typ.is_none() && values.is_empty();
        ConstSpec { names, typ, values, iota: group.iota, inherited: group.last.filter(|_| repeats) }
    }

    fn var_spec(&mut self) -> VarSpec {
        let (_, embeds) = self.take_pragma(DirectivePlace::Var);
        let first = self.name();
        let names = self.name_list(first);
        let (mut typ, mut values) = (None, List::EMPTY);
        if self.got_assign() {
            values = self.expr_list_node();
        } else {
            typ = Some(self.typ());
            if self.got_assign() {
                values = self.expr_list_node();
            }
        }
        VarSpec { names, typ, values, embeds }
    }

    fn type_spec(&mut self) -> TypeSpec {
        self.take_pragma(DirectivePlace::Other);
        let name = self.name();
        let (mut tparams, mut assign) = (None, Pos::NONE);
        let typ;
        if self.at(Token::Lbrack) {
            let open = self.pos();
            self.next();
            match self.tok() {
                Token::Name => match self.array_len_or_tparam() {
                    ArrayOrTparam::Len(len) => typ = Some(self.array_type(open, Some(len))),
                    ArrayOrTparam::Tparam(first, constraint) => {
                        tparams = Some(self.param_list(open, Some((first, constraint)), Token::Rbrack, true, false));
                        assign = self.opt_assign();
                        typ = self.opt_type();
                    }
                },
                Token::Rbrack => {
                    self.next();
                    typ = Some(self.slice_type(open));
                }
                _ => typ = Some(self.array_type(open, None)),
            }
        } else {
            assign = self.opt_assign();
            typ = self.opt_type();
        }
        let typ = typ.unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("in type declaration");
            self.advance(SPEC_END);
            bad
        });
        TypeSpec { name, tparams, assign, typ }
    }

    /// `=` (or, with a complaint, `:=`) of an alias.
    fn opt_assign(&mut self) -> Pos {
        let pos = self.pos();
        if self.got_assign() { pos } else { Pos::NONE }
    }

    /// After `type T [` with a name ahead: the length of an array, or the first type parameter?
    ///
    /// Both are read as an expression `x`. If `x` can be taken for a name followed by a constraint, and
    /// that constraint can be nothing but a type (or a comma follows), it is a type parameter.
    fn array_len_or_tparam(&mut self) -> ArrayOrTparam {
        let name = self.name();
        if self.at(Token::Lbrack) {
            // `P []E` is no expression, and no length is an index expression.
            return ArrayOrTparam::Tparam(name, None);
        }
        self.xnest += 1;
        let x = self.ident_node(name);
        let x = self.primary_expr_from(x);
        let x = self.binary_expr_from(x, 0);
        self.xnest -= 1;
        if self.tree.ident(x).is_some() {
            return match self.at(Token::Rbrack) {
                true => ArrayOrTparam::Len(x),
                false => ArrayOrTparam::Tparam(name, None),
            };
        }
        match self.split_constraint(x, self.at(Token::Comma)) {
            Some(constraint) => ArrayOrTparam::Tparam(name, Some(constraint)),
            None => ArrayOrTparam::Len(x),
        }
    }

    /// If `x` reads as a name followed by a constraint, the constraint; what could be an ordinary
    /// expression counts only if `force`.
    fn split_constraint(&mut self, x: ExprId, mut force: bool) -> Option<ExprId> {
        // P *E | F | G: the first term is at the end of the chain.
        let (mut first, mut unions) = (x, Vec::new());
        while let ExprKind::BinaryExpr { x, op: Op::Or, y, .. } = self.tree[first].kind {
            unions.push(first);
            force = force || self.is_type_elem(y);
            first = x;
        }
        let mut constraint = self.split_term(first, force)?;
        for union in unions.into_iter().rev() {
            let pos = self.tree[constraint].pos;
            let node = &mut self.tree.exprs[union.index()];
            if let ExprKind::BinaryExpr { x, .. } = &mut node.kind {
                *x = constraint;
            }
            node.pos = pos;
            constraint = union;
        }
        Some(constraint)
    }

    /// The same for one term, `P *E` or `P (E)`.
    fn split_term(&mut self, x: ExprId, force: bool) -> Option<ExprId> {
        match self.tree[x].kind {
            ExprKind::BinaryExpr { x: left, op_pos, op: Op::Mul, y } => {
                self.tree.ident(left)?;
                if !(force || self.is_type_elem(y)) {
                    return None;
                }
                let star = self.expr_node(op_pos, ExprKind::StarExpr { x: y });
                self.tree.exprs[star.index()].end = self.tree[y].end;
                Some(star)
            }
            ExprKind::CallExpr { fun, args, ellipsis, .. } => {
                self.tree.ident(fun)?;
                let &[arg] = &self.tree[args] else { return None };
                let is_type = !ellipsis.is_known() && (force || self.is_type_elem(arg));
                is_type.then(|| self.tree.unparen(arg))
            }
            _ => None,
        }
    }

    /// Whether an expression can be nothing but a type.
    fn is_type_elem(&self, mut x: ExprId) -> bool {
        loop {
            match self.tree[x].kind {
                ExprKind::ArrayType { .. }
                | ExprKind::StructType { .. }
                | ExprKind::FuncType(_)
                | ExprKind::InterfaceType { .. }
                | ExprKind::MapType { .. }
                | ExprKind::ChanType { .. }
                | ExprKind::UnaryExpr { op: Op::Tilde, .. } => return true,
                ExprKind::BinaryExpr { x: left, y, .. } => {
                    if self.is_type_elem(y) {
                        return true;
                    }
                    x = left;
                }
                ExprKind::UnaryExpr { x: inner, .. }
                | ExprKind::StarExpr { x: inner }
                | ExprKind::ParenExpr { x: inner } => x = inner,
                _ => return false,
            }
        }
    }

    /// A function or method, with `func` ahead.
    fn func_decl(&mut self) -> FuncDeclId {
        let pos = self.pos();
        self.next();
        let (pragma, _) = self.take_pragma(DirectivePlace::Func);
        let recv = self.at(Token::Lparen).then(|| self.receiver());
        let (name, typ);
        if self.at(Token::Name) {
            name = self.name();
            typ = self.func_type(pos, None);
        } else {
            name = Ident { name: Name::BLANK, pos: self.pos() };
            let (params, results, end) = (FieldList::default(), FieldList::default(), self.end());
            self.tree.func_types.push(FuncType { pos, tparams: None, params, results, end });
            typ = Id::from_index(self.tree.func_types.len() - 1);
            self.syntax_error(if recv.is_some() { "expected name" } else { "expected name or (" });
            self.advance(TokenSet::of(&[Token::Lbrace, Token::Semi]));
        }
        let mut body = None;
        let mut parsed = None;
        if self.at(Token::Lbrace) {
            let start = self.pos();
            if self.mode.contains(Mode::SKIP_BODIES) {
                self.skip_body();
            } else {
                parsed = Some(self.func_body_tree());
            }
            body = Some(Span::new(start, self.end()));
        }
        let end = self.end().max(pos);
        self.tree.funcs.push(FuncDecl { pos, end, recv, name, typ, body, pragma });
        self.bodies.push(parsed);
        FuncDeclId::from_index(self.tree.funcs.len() - 1)
    }

    fn receiver(&mut self) -> FieldList {
        let open = self.pos();
        self.next();
        let recv = self.param_list(open, None, Token::Rparen, false, false);
        let count: usize = self.tree[recv.list].iter().map(|f| f.names.len().max(1)).sum();
        match count {
            0 => self.error_at(self.pos(), "method has no receiver"),
            1 => {}
            _ => self.error_at(self.pos(), "method has multiple receivers"),
        }
        recv
    }

    fn skip_body(&mut self) {
        match self.s.skip_block() {
            Some(end) => {
                self.prev_end = end;
                if !self.s.comments.is_empty() {
                    self.take_skipped_comments(end);
                }
            }
            None => {
                // The run without skipping says what is wrong.
                self.unbalanced = true;
                self.s.abandon();
            }
        }
    }
}

/// What the specs of one declaration share.
#[derive(Default)]
struct ConstGroup {
    ids: Vec<SpecId>,
    iota: u32,
    /// The last const spec with a type or values.
    last: Option<SpecId>,
}

enum ArrayOrTparam {
    Len(ExprId),
    Tparam(Ident, Option<ExprId>),
}

/// The kind of declaration that a keyword starts.
pub(super) fn gen_decl_tok(tok: Token) -> Option<DeclTok> {
    match tok {
        Token::Import => Some(DeclTok::Import),
        Token::Const => Some(DeclTok::Const),
        Token::Type => Some(DeclTok::Type),
        Token::Var => Some(DeclTok::Var),
        _ => None,
    }
}
