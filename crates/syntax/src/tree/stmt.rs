//! Statements, by go/ast's names.

use crate::pos::Pos;
use crate::token::Op;
use crate::tree::{ExprId, GenDecl, Ident, List, StmtId};

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
        /// The [`TypeAssertExpr`](crate::ExprKind::TypeAssertExpr) without a type.
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
