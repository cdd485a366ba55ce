//! Objects: what identifiers denote.
//!
//! An object's type is unset until its declaration has been resolved; while a declaration is being
//! resolved the object stands on the checker's path, which is how cycles are seen. Fields and methods
//! of instantiated types are copies that remember their `origin`. A method of an instantiated type has
//! its signature computed when first asked for ([`Store::func_sig`](crate::Store::func_sig)).

use itab_syntax::{FuncDeclId, Name, Pos};

use crate::constant::Value;
use crate::{ObjId, PkgId, ScopeId, TypeId};

/// A declared entity.
#[derive(Clone, Debug)]
pub struct Object {
    /// The name; `_` for blank, empty for an unnamed parameter.
    pub name: Name,
    /// Where the name is declared.
    pub pos: Pos,
    /// The package; none for predeclared entities.
    pub pkg: Option<PkgId>,
    /// The type; none before it is known.
    pub typ: Option<TypeId>,
    /// The scope that holds it; none for fields and methods.
    pub parent: Option<ScopeId>,
    /// Order of declaration among a package's objects, from 1; 0 for all others.
    pub order: u32,
    /// What it is.
    pub kind: ObjKind,
}

/// The kinds of objects, with what only they have.
#[derive(Clone, Debug)]
pub enum ObjKind {
    /// An imported package's name in a file.
    PkgName {
        /// The package it stands for.
        imported: PkgId,
        /// Whether the file uses it.
        used: bool,
    },
    /// A constant.
    Const(Value),
    /// A type's name: defined type, alias or type parameter.
    TypeName,
    /// A variable, parameter, result or struct field.
    Var(Var),
    /// A function or method, declared or of an interface.
    Func(Func),
    /// A label.
    Label {
        /// Whether any statement names it.
        used: bool,
    },
    /// A built-in function.
    Builtin(BuiltinId),
    /// The predeclared `nil`.
    Nil,
}

/// What a variable is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VarKind {
    /// Declared at package level.
    Package,
    /// Declared in a function.
    Local,
    /// A method's receiver.
    Recv,
    /// A parameter.
    Param,
    /// A result.
    Result,
    /// A struct's field.
    Field,
}

/// What only variables have.
#[derive(Clone, Copy, Debug)]
pub struct Var {
    /// Where it is declared.
    pub kind: VarKind,
    /// Whether a field is embedded.
    pub embedded: bool,
    /// Whether it is ever used.
    pub used: bool,
    /// Whether a function literal other than the declaring function refers to it.
    pub captured: bool,
    /// Whether its address is taken: by `&x`, by slicing an array, by a method call with pointer receiver.
    pub addr_taken: bool,
    /// Whether it is assigned after its declaration, otherwise than by the statement after each iteration of its loop.
    pub reassigned: bool,
    /// The function literal (index in `Info::func_lits`, plus one) that declares it; 0 is the function itself.
    pub owner: u32,
    /// The generic type's field this one was instantiated from.
    pub origin: Option<ObjId>,
}

/// What only functions have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Func {
    /// The generic type's method this one was instantiated from.
    pub origin: Option<ObjId>,
    /// For a method of an instantiated type: that type.
    pub recv_inst: Option<TypeId>,
    /// Whether a method's receiver is a pointer.
    pub ptr_recv: bool,
    /// Whether it is a method, concrete or of an interface.
    pub is_method: bool,
    /// Where its declaration stands; none for methods of interfaces.
    pub decl: Option<FuncDeclRef>,
}

/// Where a function's declaration stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FuncDeclRef {
    /// Index of the file in its package.
    pub file: u32,
    /// The declaration in the file's tree; also the index of its body.
    pub decl: FuncDeclId,
}

macro_rules! builtins {
    ($($id:ident $name:literal $nargs:literal $variadic:literal $kind:ident),+ $(,)?) => {
        /// The built-in functions; those from `Add` on belong to package unsafe.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs)]
        pub enum BuiltinId { $($id),+ }

        impl BuiltinId {
            /// All of them.
            pub const ALL: &[BuiltinId] = &[$(BuiltinId::$id),+];

            /// The name.
            pub const fn name(self) -> &'static str {
                match self { $(BuiltinId::$id => $name),+ }
            }

            /// The smallest number of arguments.
            pub const fn nargs(self) -> usize {
                match self { $(BuiltinId::$id => $nargs),+ }
            }

            /// Whether there may be more arguments than `nargs`.
            pub const fn variadic(self) -> bool {
                match self { $(BuiltinId::$id => $variadic),+ }
            }

            /// Whether a call may stand as a statement.
            pub const fn is_statement(self) -> bool {
                match self { $(BuiltinId::$id => builtins!(@$kind)),+ }
            }
        }
    };
    (@stmt) => { true };
    (@expr) => { false };
}

builtins! {
    Append "append" 1 true expr,
    Cap "cap" 1 false expr,
    Clear "clear" 1 false stmt,
    Close "close" 1 false stmt,
    Complex "complex" 2 false expr,
    Copy "copy" 2 false stmt,
    Delete "delete" 2 false stmt,
    Imag "imag" 1 false expr,
    Len "len" 1 false expr,
    Make "make" 1 true expr,
    Max "max" 1 true expr,
    Min "min" 1 true expr,
    New "new" 1 false expr,
    Panic "panic" 1 false stmt,
    Print "print" 0 true stmt,
    Println "println" 0 true stmt,
    Real "real" 1 false expr,
    Recover "recover" 0 false stmt,
    Add "Add" 2 false expr,
    Alignof "Alignof" 1 false expr,
    Offsetof "Offsetof" 1 false expr,
    Sizeof "Sizeof" 1 false expr,
    Slice "Slice" 2 false expr,
    SliceData "SliceData" 1 false expr,
    String "String" 2 false expr,
    StringData "StringData" 1 false expr,
}

impl BuiltinId {
    /// Whether the function belongs to package unsafe.
    pub const fn is_unsafe(self) -> bool {
        self as u8 >= BuiltinId::Add as u8
    }
}

impl Var {
    /// A variable of the given kind.
    pub const fn new(kind: VarKind) -> Var {
        Var {
            kind,
            embedded: false,
            used: false,
            captured: false,
            addr_taken: false,
            reassigned: false,
            owner: 0,
            origin: None,
        }
    }
}

impl Object {
    /// An object without a type, in no scope yet.
    pub fn new(kind: ObjKind, name: Name, pos: Pos, pkg: Option<PkgId>) -> Object {
        Object { name, pos, pkg, typ: None, parent: None, order: 0, kind }
    }

    /// The variable's part, if it is one.
    pub fn as_var(&self) -> Option<&Var> {
        match &self.kind {
            ObjKind::Var(v) => Some(v),
            _ => None,
        }
    }

    /// The function's part, if it is one.
    pub fn as_func(&self) -> Option<&Func> {
        match &self.kind {
            ObjKind::Func(f) => Some(f),
            _ => None,
        }
    }

    /// Whether it is a struct's field.
    pub fn is_field(&self) -> bool {
        matches!(self.kind, ObjKind::Var(Var { kind: VarKind::Field, .. }))
    }

    /// Whether it is an embedded field.
    pub fn is_embedded(&self) -> bool {
        matches!(self.kind, ObjKind::Var(Var { embedded: true, .. }))
    }
}
