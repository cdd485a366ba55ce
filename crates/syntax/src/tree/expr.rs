//! Expressions and types, by go/ast's names, and the lists of fields in them.

use crate::names::Name;
use crate::pos::Pos;
use crate::token::{LitKind, Op};
use crate::tree::{Block, ExprId, FuncTypeId, Ident, List};

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
    /// A literal; [`Tree::text`](crate::Tree::text) is its text. A `bad` one has been reported.
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
        /// `.`
        dot: Pos,
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
        /// `.`
        dot: Pos,
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
