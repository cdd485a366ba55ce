//! The syntax tree: go/ast's nodes in arenas.
//!
//! A [`Tree`] owns the nodes of one file's package-level declarations or of one function body. Nodes
//! refer to each other by typed indices ([`ExprId`], [`StmtId`], [`SpecId`], …) that mean something only
//! in their own tree; children come before their parents. Lists are ranges ([`List`]) of side tables, so
//! `tree[id]` is a node and `tree[list]` a slice. Types are expressions, as in go/ast.
//!
//! Differences from go/ast: a function body is a [`Block`] by value; [`ConstSpec`] knows its iota and the
//! spec whose type and values it repeats; a type switch keeps its name and operand apart; branch
//! statements know their target; parentheses around types are dropped, as gc does.
//!
//! Nesting is limited ([`crate::parser`]), so a recursive walk is safe, except along three chains that
//! real programs make long: the left operands of binary expressions, the operand of a call, selector or
//! index (`a.b().c()…`), and `else if`. Walk those in a loop.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::Index;
use std::sync::Arc;

use crate::names::Name;
use crate::pos::{Pos, SourceFile, Span};
use crate::token::{LitKind, Op};

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

/// An expression or type with its extent.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Expr {
    /// First character.
    pub pos: Pos,
    /// Just past the last character.
    pub end: Pos,
    /// What it is.
    pub kind: ExprKind,
}

/// Direction of a channel type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ChanDir {
    /// `chan T`
    Both,
    /// `chan<- T`
    Send,
    /// `<-chan T`
    Recv,
}

/// Expressions and types, by go/ast's names.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ExprKind {
    /// Something that did not parse; it has been reported.
    BadExpr,
    /// `x`
    Ident(Name),
    /// `...T` as last parameter; `...` as the length of an array type.
    Ellipsis {
        /// `T`
        elt: Option<ExprId>,
    },
    /// A literal; [`Tree::text`] is its text. A `bad` one has been reported.
    BasicLit {
        /// Its kind.
        kind: LitKind,
        /// Malformed, the value means nothing.
        bad: bool,
    },
    /// `func(...) ... { ... }`
    FuncLit {
        /// Signature.
        typ: FuncTypeId,
        /// Body.
        body: Block,
    },
    /// `T{...}`; without a type inside other composite literals.
    CompositeLit {
        /// `T`
        typ: Option<ExprId>,
        /// `{`
        lbrace: Pos,
        /// Elements, [`ExprKind::KeyValueExpr`] where they have keys.
        elts: List<ExprId>,
        /// `}`
        rbrace: Pos,
    },
    /// `(x)`; the parentheses are at `pos` and `end - 1`.
    ParenExpr {
        /// `x`
        x: ExprId,
    },
    /// `x.sel`
    SelectorExpr {
        /// `x`
        x: ExprId,
        /// `sel`
        sel: Ident,
    },
    /// `x[i]`, or an instantiation `x[T1, T2]`.
    IndexExpr {
        /// `x`
        x: ExprId,
        /// `[`
        lbrack: Pos,
        /// At least one.
        indices: List<ExprId>,
        /// `]`
        rbrack: Pos,
    },
    /// `x[low:high]`, `x[low:high:max]`
    SliceExpr {
        /// `x`
        x: ExprId,
        /// `[`
        lbrack: Pos,
        /// Lower bound.
        low: Option<ExprId>,
        /// Upper bound.
        high: Option<ExprId>,
        /// Bound of the capacity.
        max: Option<ExprId>,
        /// Whether there are two colons.
        slice3: bool,
        /// `]`
        rbrack: Pos,
    },
    /// `x.(T)`
    TypeAssertExpr {
        /// `x`
        x: ExprId,
        /// `(`
        lparen: Pos,
        /// `T`; none for `x.(type)`, which is legal in the head of a type switch only.
        typ: Option<ExprId>,
        /// `)`
        rparen: Pos,
    },
    /// `fun(args...)`, also a conversion.
    CallExpr {
        /// What is called.
        fun: ExprId,
        /// `(`
        lparen: Pos,
        /// Arguments (may be types).
        args: List<ExprId>,
        /// `...`, or no position.
        ellipsis: Pos,
        /// `)`
        rparen: Pos,
    },
    /// `*x`: a dereference or a pointer type.
    StarExpr {
        /// `x`
        x: ExprId,
    },
    /// `op x`: `+ - ! ^ & <-`, and `~` in constraints. The operator is at `pos`.
    UnaryExpr {
        /// Operator.
        op: Op,
        /// Operand.
        x: ExprId,
    },
    /// `x op y`, and the unions of constraints (`|`).
    BinaryExpr {
        /// Left operand.
        x: ExprId,
        /// Where the operator is.
        op_pos: Pos,
        /// Operator.
        op: Op,
        /// Right operand.
        y: ExprId,
    },
    /// `key: value` in a composite literal.
    KeyValueExpr {
        /// Key.
        key: ExprId,
        /// `:`
        colon: Pos,
        /// Value.
        value: ExprId,
    },
    /// `[len]elt`, `[...]elt`, or a slice type `[]elt`.
    ArrayType {
        /// None for a slice type.
        len: Option<ExprId>,
        /// Element type.
        elt: ExprId,
    },
    /// `struct { fields }`
    StructType {
        /// Fields; embedded ones have no names.
        fields: FieldList,
    },
    /// `func(...) ...`
    FuncType(FuncTypeId),
    /// `interface { elements }`
    InterfaceType {
        /// A method has one name and a [`ExprKind::FuncType`]; an embedded element has no name and is
        /// a type, `~T` or a union.
        elems: FieldList,
    },
    /// `map[key]value`
    MapType {
        /// Key type.
        key: ExprId,
        /// Element type.
        value: ExprId,
    },
    /// `chan T`, `chan<- T`, `<-chan T`
    ChanType {
        /// Direction.
        dir: ChanDir,
        /// `<-`, or no position.
        arrow: Pos,
        /// Element type.
        value: ExprId,
    },
}

/// A function type, with type parameters where it belongs to a declaration.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FuncType {
    /// The keyword `func`; of a method specification its name.
    pub pos: Pos,
    /// `[P any]` of a declared function or (since Go 1.27) method.
    pub tparams: Option<FieldList>,
    /// Parameters; the last may be an [`ExprKind::Ellipsis`].
    pub params: FieldList,
    /// Results; a single unnamed result without parentheses has no `open`.
    pub results: FieldList,
    /// Just past the last character.
    pub end: Pos,
}

/// A bracketed list of fields, parameters, results, type parameters or interface elements.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct FieldList {
    /// `(`, `[` or `{`, or no position.
    pub open: Pos,
    /// The fields.
    pub list: List<Field>,
    /// `)`, `]` or `}`, or no position.
    pub close: Pos,
}

/// `a, b T "tag"`: fields that share a type.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Field {
    /// First character.
    pub pos: Pos,
    /// Names; none for unnamed parameters and embedded fields.
    pub names: List<Ident>,
    /// Their type.
    pub typ: ExprId,
    /// A string literal, in structs.
    pub tag: Option<ExprId>,
}

/// `{ statements }`
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Block {
    /// `{`
    pub lbrace: Pos,
    /// The statements.
    pub list: List<StmtId>,
    /// `}`
    pub rbrace: Pos,
}

/// A statement with its extent.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stmt {
    /// First character.
    pub pos: Pos,
    /// Just past the last character (semicolons excluded).
    pub end: Pos,
    /// What it is.
    pub kind: StmtKind,
}

/// What an assignment does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum AssignOp {
    /// `=`
    Assign,
    /// `:=`
    Define,
    /// `op=`
    Op(Op),
}

/// The branch statements.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[allow(missing_docs)]
pub enum Branch {
    Break,
    Continue,
    Goto,
    Fallthrough,
}

/// Statements, by go/ast's names.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum StmtKind {
    /// Something that did not parse; it has been reported.
    BadStmt,
    /// A declaration.
    DeclStmt(GenDecl),
    /// Nothing.
    EmptyStmt,
    /// `label: stmt`
    LabeledStmt {
        /// Label.
        label: Ident,
        /// `:`
        colon: Pos,
        /// What it labels, possibly empty.
        stmt: StmtId,
    },
    /// An expression.
    ExprStmt(ExprId),
    /// `chan <- value`
    SendStmt {
        /// Channel.
        chan: ExprId,
        /// `<-`
        arrow: Pos,
        /// What is sent.
        value: ExprId,
    },
    /// `x++`, `x--`
    IncDecStmt {
        /// Operand.
        x: ExprId,
        /// Where the operator is.
        tok_pos: Pos,
        /// `++` rather than `--`.
        inc: bool,
    },
    /// `lhs = rhs`, `lhs := rhs`, `lhs op= rhs`
    AssignStmt {
        /// At least one; exactly one with `op=`.
        lhs: List<ExprId>,
        /// Where the operator is.
        tok_pos: Pos,
        /// Which.
        tok: AssignOp,
        /// At least one; exactly one with `op=`.
        rhs: List<ExprId>,
    },
    /// `go call`; that it is a call is for the checker to see.
    GoStmt {
        /// The call.
        call: ExprId,
    },
    /// `defer call`; that it is a call is for the checker to see.
    DeferStmt {
        /// The call.
        call: ExprId,
    },
    /// `return results`
    ReturnStmt {
        /// What is returned.
        results: List<ExprId>,
    },
    /// `break`, `continue`, `goto`, `fallthrough`
    BranchStmt {
        /// Which.
        tok: Branch,
        /// Its label.
        label: Option<Ident>,
        /// Where it leads: for break the loop, switch or select, for continue the loop, for goto the
        /// labeled statement. None for fallthrough, and where an error has been reported.
        target: Option<StmtId>,
    },
    /// `{ ... }`
    BlockStmt(Block),
    /// `if init; cond { ... } else ...`
    IfStmt {
        /// Initial statement.
        init: Option<StmtId>,
        /// Condition.
        cond: ExprId,
        /// Then.
        body: Block,
        /// Else: a block or another if.
        els: Option<StmtId>,
    },
    /// `switch init; tag { clauses }`
    SwitchStmt {
        /// Initial statement.
        init: Option<StmtId>,
        /// Tag.
        tag: Option<ExprId>,
        /// Only [`StmtKind::CaseClause`]s.
        body: Block,
    },
    /// `switch init; lhs := x.(type) { clauses }`
    TypeSwitchStmt {
        /// Initial statement.
        init: Option<StmtId>,
        /// The name it declares in each clause.
        lhs: Option<Ident>,
        /// The [`ExprKind::TypeAssertExpr`] without a type.
        guard: ExprId,
        /// Only [`StmtKind::CaseClause`]s.
        body: Block,
    },
    /// `case exprs:` or `default:` with its statements.
    CaseClause {
        /// `default`; then there are no `exprs`.
        is_default: bool,
        /// Expressions or types.
        exprs: List<ExprId>,
        /// `:`
        colon: Pos,
        /// The clause's statements.
        body: List<StmtId>,
    },
    /// `select { clauses }`
    SelectStmt {
        /// Only [`StmtKind::CommClause`]s.
        body: Block,
    },
    /// `case comm:` or `default:` of a select.
    CommClause {
        /// A send, a receive, or what the checker will refuse; none for default.
        comm: Option<StmtId>,
        /// `:`
        colon: Pos,
        /// The clause's statements.
        body: List<StmtId>,
    },
    /// `for init; cond; post { ... }`
    ForStmt {
        /// Initial statement.
        init: Option<StmtId>,
        /// Condition.
        cond: Option<ExprId>,
        /// Post statement.
        post: Option<StmtId>,
        /// Body.
        body: Block,
    },
    /// `for lhs := range x { ... }`
    RangeStmt {
        /// Key and value; more than two are for the checker to refuse.
        lhs: List<ExprId>,
        /// `:=` or `=`, or no position.
        tok_pos: Pos,
        /// `:=` rather than `=`.
        define: bool,
        /// The keyword `range`.
        range: Pos,
        /// What is ranged over.
        x: ExprId,
        /// Body.
        body: Block,
    },
}

/// Which keyword a [`GenDecl`] starts with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[allow(missing_docs)]
pub enum DeclTok {
    Import,
    Const,
    Type,
    Var,
}

/// An import, const, type or var declaration, grouped by parentheses or not.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GenDecl {
    /// The keyword.
    pub pos: Pos,
    /// Which keyword.
    pub tok: DeclTok,
    /// `(`, or no position.
    pub lparen: Pos,
    /// Consecutive specs: iterate over `specs.ids()`.
    pub specs: List<SpecId>,
    /// `)`, or no position.
    pub rparen: Pos,
}

/// One specification of a [`GenDecl`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spec {
    /// First character.
    pub pos: Pos,
    /// Just past the last character.
    pub end: Pos,
    /// What it specifies.
    pub kind: SpecKind,
}

/// Specifications, by go/ast's names (ValueSpec in its two kinds).
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum SpecKind {
    /// `import name "path"`
    ImportSpec(ImportSpec),
    /// `const names T = values`
    ConstSpec(ConstSpec),
    /// `type Name[P any] T`
    TypeSpec(TypeSpec),
    /// `var names T = values`
    VarSpec(VarSpec),
}

/// `import name "path"`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ImportSpec {
    /// A name, `_` or `.`.
    pub name: Option<Ident>,
    /// A [`ExprKind::BasicLit`] (or [`ExprKind::BadExpr`]).
    pub path: ExprId,
}

/// `const names T = values`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ConstSpec {
    /// Names.
    pub names: List<Ident>,
    /// As written.
    pub typ: Option<ExprId>,
    /// As written.
    pub values: List<ExprId>,
    /// The value of iota here.
    pub iota: u32,
    /// If neither type nor values are written: the earlier spec of the group whose type and values
    /// apply. None too if there is no such spec, which is an error.
    pub inherited: Option<SpecId>,
}

/// `type Name[P any] = T`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TypeSpec {
    /// Name.
    pub name: Ident,
    /// Type parameters.
    pub tparams: Option<FieldList>,
    /// `=` of an alias, or no position.
    pub assign: Pos,
    /// The type.
    pub typ: ExprId,
}

/// `var names T = values`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct VarSpec {
    /// Names.
    pub names: List<Ident>,
    /// Type.
    pub typ: Option<ExprId>,
    /// Values.
    pub values: List<ExprId>,
    /// `//go:embed` directives in front of it, in [`Tree::embeds`].
    pub embeds: List<Embed>,
}

/// A `//go:embed` directive.
#[derive(Clone, PartialEq, Debug)]
pub struct Embed {
    /// Where the directive is.
    pub pos: Pos,
    /// Its patterns, unquoted.
    pub patterns: Vec<String>,
}

bitflags::bitflags! {
    /// Compiler directives in front of a function declaration.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct Pragma: u16 {
        /// `//go:noinline`
        const NOINLINE = 1;
        /// `//go:nosplit`
        const NOSPLIT = 1 << 1;
        /// `//go:noescape`
        const NOESCAPE = 1 << 2;
        /// `//go:norace`
        const NORACE = 1 << 3;
        /// `//go:nocheckptr`, also implied by nosplit.
        const NOCHECKPTR = 1 << 4;
        /// `//go:systemstack`
        const SYSTEMSTACK = 1 << 5;
        /// `//go:nowritebarrier`
        const NOWRITEBARRIER = 1 << 6;
        /// `//go:nowritebarrierrec`
        const NOWRITEBARRIERREC = 1 << 7;
        /// `//go:yeswritebarrierrec`
        const YESWRITEBARRIERREC = 1 << 8;
        /// `//go:uintptrkeepalive`
        const UINTPTRKEEPALIVE = 1 << 9;
        /// `//go:uintptrescapes`, implies keepalive.
        const UINTPTRESCAPES = 1 << 10;
        /// `//go:cgo_unsafe_args`
        const CGO_UNSAFE_ARGS = 1 << 11;
        /// `//go:registerparams`
        const REGISTERPARAMS = 1 << 12;
        /// `//go:nointerface`
        const NOINTERFACE = 1 << 13;
    }
}

/// A function or method declaration.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FuncDecl {
    /// The keyword `func`.
    pub pos: Pos,
    /// Just past the body, or past the signature.
    pub end: Pos,
    /// The receiver; in a valid program one field.
    pub recv: Option<FieldList>,
    /// Name.
    pub name: Ident,
    /// Signature, with type parameters.
    pub typ: FuncTypeId,
    /// The body's text, braces included; none if the function has no body.
    pub body: Option<Span>,
    /// Directives.
    pub pragma: Pragma,
}

/// A package-level declaration.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Decl {
    /// import, const, type, var
    Gen(GenDecl),
    /// func
    Func(FuncDeclId),
}

/// A function body in a tree of its own.
#[derive(Debug)]
pub struct Body {
    /// The nodes.
    pub tree: Tree,
    /// The body.
    pub block: Block,
    /// Whether it parsed without errors.
    pub ok: bool,
}

/// A `//go:linkname` or `//go:linknamestd` directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Linkname {
    /// Where the directive is.
    pub pos: Pos,
    /// `linknamestd`
    pub std: bool,
    /// The name in this package.
    pub local: Name,
    /// The symbol (`runtime.newobject`, `net/url.(*URL).setPath`); none in the one-argument form.
    pub target: Option<String>,
}

/// A `//go:` directive as it stands in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// Where its text (`go:name args`) starts.
    pub pos: Pos,
    /// Its text without the slashes.
    pub text: String,
}

/// One parsed source file.
#[derive(Debug)]
pub struct File {
    /// Its text.
    pub source: Arc<SourceFile>,
    /// Nodes of its package-level declarations.
    pub tree: Tree,
    /// The keyword `package`.
    pub package: Pos,
    /// The package's name; [`Name::BLANK`] if the clause is bad, and then there are no declarations.
    pub name: Ident,
    /// Declarations, in order.
    pub decls: Vec<Decl>,
    /// Bodies by [`FuncDeclId`]; none if the function has no body or bodies were skipped.
    pub bodies: Vec<Option<Body>>,
    /// `//go:linkname` directives.
    pub linknames: Vec<Linkname>,
    /// The `//go:build` line in front of the package clause (the last if there are several).
    pub build: Option<Directive>,
    /// All other `//go:` directives, wherever they stand.
    pub directives: Vec<Directive>,
    /// End of the file.
    pub eof: Pos,
    /// Whether there were no errors.
    pub ok: bool,
}

impl File {
    /// All import specs, in order.
    pub fn imports(&self) -> impl Iterator<Item = (SpecId, ImportSpec)> + '_ {
        self.decls
            .iter()
            .flat_map(|d| {
                match d {
                    Decl::Gen(g) if g.tok == DeclTok::Import => g.specs,
                    _ => List::EMPTY,
                }
                .ids()
            })
            .filter_map(|id| match self.tree[id].kind {
                SpecKind::ImportSpec(spec) => Some((id, spec)),
                _ => None,
            })
    }
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
