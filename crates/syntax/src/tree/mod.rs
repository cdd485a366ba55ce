//! The syntax tree: go/ast's nodes in arenas.
//!
//! A [`Tree`] owns the nodes of one file's package-level declarations or of one function body. Nodes
//! refer to each other by typed indices ([`ExprId`], [`StmtId`], [`SpecId`], …) that mean something only
//! in their own tree. Lists are ranges ([`List`]) of side tables, so
//! `tree[id]` is a node and `tree[list]` a slice. Types are expressions, as in go/ast.
//!
//! Differences from go/ast: a function body is a [`Block`] by value; [`ConstSpec`] knows its iota and the
//! spec whose type and values it repeats; a type switch keeps its name and operand apart; branch
//! statements know their target; parentheses around types are dropped, as gc does.
//!
//! Nesting is limited ([`crate::MAX_DEPTH`]), so a recursive walk is safe, except along three chains that
//! real programs make long: the left operands of binary expressions, the operand of a call, selector or
//! index (`a.b().c()…`), and `else if`. Walk those in a loop.

mod decl;
mod expr;
mod stmt;

pub use decl::*;
pub use expr::*;
pub use stmt::*;

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::Index;
use std::sync::Arc;

use crate::names::Name;
use crate::pos::{Pos, SourceFile, Span};

/// An index into one arena of a [`Tree`].
pub trait Id: Copy {
    /// Dense, from 0: for side tables parallel to the arena.
    fn index(self) -> usize;
    /// The id of an arena's `index`th element.
    fn from_index(index: usize) -> Self;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl Id for $name {
            fn index(self) -> usize {
                self.0.get() as usize - 1
            }
            fn from_index(index: usize) -> Self {
                // A source file is shorter than 4 GB, and a node takes at least a byte of it.
                $name(NonZeroU32::MIN.saturating_add(index as u32))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.index())
            }
        }
    )*};
}

ids! {
    /// An expression or type.
    ExprId;
    /// A statement.
    StmtId;
    /// A function type.
    FuncTypeId;
    /// An import, constant, type or variable specification.
    SpecId;
    /// A declared function or method; also the index of its body in [`File::bodies`].
    FuncDeclId;
}

/// A list of `T` in a side table of a [`Tree`]; `tree[list]` is the slice.
pub struct List<T> {
    start: u32,
    len: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> List<T> {
    pub(crate) fn new(start: usize, len: usize) -> List<T> {
        List { start: start as u32, len: len as u32, of: PhantomData }
    }

    /// The list without elements.
    pub const EMPTY: List<T> = List { start: 0, len: 0, of: PhantomData };

    /// How many elements.
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Where the elements stand in their table.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

impl<T: Id> List<T> {
    /// For lists of ids that stand for consecutive arena elements ([`GenDecl::specs`]): those ids.
    pub fn ids(self) -> impl DoubleEndedIterator<Item = T> + ExactSizeIterator {
        self.range().map(T::from_index)
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for List<T> {}
impl<T> Default for List<T> {
    fn default() -> Self {
        List::EMPTY
    }
}
impl<T> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        self.start == other.start && self.len == other.len
    }
}
impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}..+{}]", self.start, self.len)
    }
}

/// An identifier where the grammar wants one (what go/ast has as `*Ident` outside of expressions).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Ident {
    /// Which.
    pub name: Name,
    /// Where it starts.
    pub pos: Pos,
}

/// Nodes of a file's declarations or of one body.
pub struct Tree {
    pub(crate) source: Arc<SourceFile>,
    pub(crate) exprs: Vec<Expr>,
    pub(crate) stmts: Vec<Stmt>,
    pub(crate) specs: Vec<Spec>,
    pub(crate) func_types: Vec<FuncType>,
    pub(crate) funcs: Vec<FuncDecl>,
    pub(crate) fields: Vec<Field>,
    pub(crate) idents: Vec<Ident>,
    pub(crate) expr_lists: Vec<ExprId>,
    pub(crate) stmt_lists: Vec<StmtId>,
    pub(crate) embeds: Vec<Embed>,
}

impl Tree {
    pub(crate) fn new(source: Arc<SourceFile>) -> Tree {
        Tree {
            source,
            exprs: Vec::new(),
            stmts: Vec::new(),
            specs: Vec::new(),
            func_types: Vec::new(),
            funcs: Vec::new(),
            fields: Vec::new(),
            idents: Vec::new(),
            expr_lists: Vec::new(),
            stmt_lists: Vec::new(),
            embeds: Vec::new(),
        }
    }

    /// A tree without nodes that has this one's memory.
    pub(crate) fn emptied(mut self, source: Arc<SourceFile>) -> Tree {
        self.source = source;
        self.exprs.clear();
        self.stmts.clear();
        self.specs.clear();
        self.func_types.clear();
        self.funcs.clear();
        self.fields.clear();
        self.idents.clear();
        self.expr_lists.clear();
        self.stmt_lists.clear();
        self.embeds.clear();
        self
    }

    /// Moves the nodes to a tree that takes no more memory than they need; this one keeps its memory for
    /// the next.
    pub(crate) fn take(&mut self) -> Tree {
        fn exact<T: Clone>(from: &mut Vec<T>) -> Vec<T> {
            let to = from[..].into();
            from.clear();
            to
        }
        Tree {
            source: self.source.clone(),
            exprs: exact(&mut self.exprs),
            stmts: exact(&mut self.stmts),
            specs: exact(&mut self.specs),
            func_types: exact(&mut self.func_types),
            funcs: exact(&mut self.funcs),
            fields: exact(&mut self.fields),
            idents: exact(&mut self.idents),
            expr_lists: exact(&mut self.expr_lists),
            stmt_lists: exact(&mut self.stmt_lists),
            embeds: exact(&mut self.embeds),
        }
    }

    /// The file the nodes come from.
    pub fn source(&self) -> &Arc<SourceFile> {
        &self.source
    }

    /// All expressions, by index.
    pub fn exprs(&self) -> &[Expr] {
        &self.exprs
    }

    /// All statements, by index.
    pub fn stmts(&self) -> &[Stmt] {
        &self.stmts
    }

    /// All specifications, by index.
    pub fn specs(&self) -> &[Spec] {
        &self.specs
    }

    /// All function declarations, by index.
    pub fn funcs(&self) -> &[FuncDecl] {
        &self.funcs
    }

    /// The extent of an expression.
    pub fn span(&self, id: ExprId) -> Span {
        let e = &self[id];
        Span::new(e.pos, e.end)
    }

    /// The extent of a statement.
    pub fn stmt_span(&self, id: StmtId) -> Span {
        let s = &self[id];
        Span::new(s.pos, s.end)
    }

    /// The source text of an expression, as written; the text of a literal.
    pub fn text(&self, id: ExprId) -> &str {
        self.source.slice(self.span(id))
    }

    /// Where gc has an expression, and tracebacks show it: at the operator, which is `(` of a call, `[` of an index, `.` of a
    /// selector; at its start if there is none.
    pub fn operator(&self, id: ExprId) -> Pos {
        match self[id].kind {
            ExprKind::BinaryExpr { op_pos, .. } => op_pos,
            ExprKind::CallExpr { lparen, .. } => lparen,
            ExprKind::IndexExpr { lbrack, .. } | ExprKind::SliceExpr { lbrack, .. } => lbrack,
            ExprKind::SelectorExpr { dot, .. } | ExprKind::TypeAssertExpr { dot, .. } => dot,
            _ => self[id].pos,
        }
    }

    /// The expression without parentheses around it.
    pub fn unparen(&self, mut id: ExprId) -> ExprId {
        while let ExprKind::ParenExpr { x } = self[id].kind {
            id = x;
        }
        id
    }

    /// The name, if the expression is an identifier.
    pub fn ident(&self, id: ExprId) -> Option<Ident> {
        match self[id].kind {
            ExprKind::Ident(name) => Some(Ident { name, pos: self[id].pos }),
            _ => None,
        }
    }

    /// The type and values that hold for a const spec (its own or the repeated ones), and whether they
    /// are repeated.
    pub fn const_init(&self, spec: &ConstSpec) -> (Option<ExprId>, List<ExprId>, bool) {
        match spec.inherited.map(|id| self[id].kind) {
            Some(SpecKind::ConstSpec(from)) => (from.typ, from.values, true),
            _ => (spec.typ, spec.values, false),
        }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({} exprs, {} stmts of {})", self.exprs.len(), self.stmts.len(), self.source.name())
    }
}

macro_rules! index {
    ($($id:ty => $out:ty, $table:ident;)*) => {$(
        impl Index<$id> for Tree {
            type Output = $out;
            fn index(&self, id: $id) -> &$out {
                &self.$table[id.index()]
            }
        }
    )*};
}

index! {
    ExprId => Expr, exprs;
    StmtId => Stmt, stmts;
    SpecId => Spec, specs;
    FuncTypeId => FuncType, func_types;
    FuncDeclId => FuncDecl, funcs;
}

macro_rules! index_list {
    ($($elem:ty, $table:ident;)*) => {$(
        impl Index<List<$elem>> for Tree {
            type Output = [$elem];
            fn index(&self, list: List<$elem>) -> &[$elem] {
                &self.$table[list.range()]
            }
        }
    )*};
}

index_list! {
    ExprId, expr_lists;
    StmtId, stmt_lists;
    Field, fields;
    Ident, idents;
    Embed, embeds;
}
