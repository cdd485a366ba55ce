//! What checking records about a syntax tree, for whoever compiles it.
//!
//! There is one `Info` for each tree: each file's package level and each declared function's body.
//! Facts about every expression are dense vectors indexed by `ExprId`; what only few have are maps.

use itab_syntax::{ExprId, Id, Pos, StmtId};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::constant::Value;
use crate::{ObjId, TypeId, TypeList};

/// What kind of thing an expression denotes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Mode {
    /// Nothing: an error was reported, or the expression was never visited.
    #[default]
    Invalid,
    /// The result of calling a function without results.
    NoValue,
    /// A built-in function.
    Builtin,
    /// A type.
    TypExpr,
    /// A constant.
    Constant,
    /// An addressable variable.
    Variable,
    /// A map element: assignable, not addressable, has a comma-ok form.
    MapIndex,
    /// A value.
    Value,
    /// The value nil.
    NilValue,
    /// A value with a comma-ok form.
    CommaOk,
}

/// An expression's mode, type and, for a constant, value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TypeAndValue {
    /// What the expression denotes.
    pub mode: Mode,
    /// Its type; none if it was never visited or is invalid.
    pub typ: Option<TypeId>,
    /// Where a constant's value stands in `Info::consts`, plus one; 0 for all others.
    pub(crate) value: u32,
}

/// Everything recorded about one tree.
#[derive(Clone, Debug, Default)]
pub struct Info {
    /// By `ExprId`.
    pub types: Vec<TypeAndValue>,
    /// By `ExprId` of an identifier: the object it declares or refers to. By that of a selector
    /// expression: the package's object, the field or the method.
    pub objects: Vec<Option<ObjId>>,
    consts: Vec<Value>,
    /// By the selector expression.
    pub selections: FxHashMap<ExprId, Selection>,
    /// By the identifier or selector expression that denotes the generic function or type.
    pub instances: FxHashMap<ExprId, Instance>,
    /// By the position of a name that is declared but is no expression (names of specs, parameters,
    /// fields, labels): the object.
    pub defs: FxHashMap<Pos, ObjId>,
    /// By the case clause of a type switch: the variable the switch declares there.
    pub implicits: FxHashMap<StmtId, ObjId>,
    /// By the key of a struct literal that names a promoted field: the path to the field.
    pub promoted_keys: FxHashMap<ExprId, SmallVec<[u32; 4]>>,
    /// The function literals, an outer one before those inside it.
    pub func_lits: Vec<FuncLit>,
    /// By the literal's expression: its place in `func_lits`.
    pub func_lit_index: FxHashMap<ExprId, u32>,
    /// Package-level variables, functions and methods of the same package that the tree refers to (for
    /// a file's package-level tree this is kept by declaration instead).
    pub deps: Vec<ObjId>,
}

/// A function literal.
#[derive(Clone, Debug)]
pub struct FuncLit {
    /// The literal.
    pub expr: ExprId,
    /// Place of the literal around it in `func_lits`.
    pub parent: Option<u32>,
    /// The variables of surrounding functions that it, or a literal inside it, refers to.
    pub captures: SmallVec<[ObjId; 4]>,
    /// Not a literal but the body of this range-over-func loop; then `expr` is what it ranges over.
    pub range: Option<StmtId>,
}

/// What a selector expression `x.f` selects.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Field, method value or method expression.
    pub kind: SelectionKind,
    /// The type of `x` in `x.f`.
    pub recv: TypeId,
    /// The field or method.
    pub obj: ObjId,
    /// Indices of the embedded fields to pass through, then of the field or method itself.
    pub index: SmallVec<[u32; 4]>,
    /// Whether a pointer is followed on that path.
    pub indirect: bool,
}

/// The kinds of selections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SelectionKind {
    /// `x.f` is a field.
    FieldVal,
    /// `x.m` is a method of a value.
    MethodVal,
    /// `T.m` is a method as a function whose first parameter is the receiver.
    MethodExpr,
}

/// An instantiation of a generic function or type.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    /// The type arguments, inferred ones included.
    pub targs: TypeList,
    /// The instantiated type.
    pub typ: TypeId,
}

impl Info {
    /// An empty record for a tree with that many expressions.
    pub fn with_exprs(n: usize) -> Info {
        Info { types: vec![TypeAndValue::default(); n], objects: vec![None; n], ..Info::default() }
    }

    /// The type of an expression; none if it was not checked or is invalid.
    pub fn type_of(&self, e: ExprId) -> Option<TypeId> {
        self.types[e.index()].typ
    }

    /// A constant expression's value.
    pub fn value_of(&self, e: ExprId) -> Option<&Value> {
        let at = self.types[e.index()].value;
        (at != 0).then(|| &self.consts[at as usize - 1])
    }

    /// The object that an identifier declares or refers to.
    pub fn object_of(&self, ident: ExprId) -> Option<ObjId> {
        self.objects[ident.index()]
    }

    /// Records an expression's mode, type and value.
    pub fn set(&mut self, e: ExprId, mode: Mode, typ: TypeId, val: Option<&Value>) {
        let value = match val {
            Some(v) => {
                self.consts.push(v.clone());
                self.consts.len() as u32
            }
            None => 0,
        };
        self.types[e.index()] = TypeAndValue { mode, typ: Some(typ), value };
    }
}
