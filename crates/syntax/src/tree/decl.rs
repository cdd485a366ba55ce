//! Declarations, function bodies and files.

use std::sync::Arc;

use crate::names::Name;
use crate::pos::{Pos, SourceFile, Span};
use crate::tree::{Block, ExprId, FieldList, FuncDeclId, FuncTypeId, Ident, List, SpecId, Tree};

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
    /// A [`BasicLit`](crate::ExprKind::BasicLit) (or [`BadExpr`](crate::ExprKind::BadExpr)).
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
    /// `//go:embed` directives in front of it, in a list of the tree.
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
