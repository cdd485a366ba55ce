//! The Go type checker.
//!
//! A [`Store`] holds one checked world: types, objects, scopes and packages, each behind a small id.
//! Packages are checked in the order of their imports, their package-level declarations first; the
//! bodies of functions are checked with them or later, one by one. What checking finds out about a
//! tree is an [`Info`] beside it.
#![forbid(unsafe_code)]
// The text of a constant string is put together late; its hash and equality do not depend on when.
#![allow(clippy::mutable_key_type)]

mod api;
mod assignable;
mod assignments;
mod binary;
mod builtins;
mod call;
mod check;
mod compositelit;
mod const_;
mod constant;
mod conversions;
mod cycles;
mod decl;
mod errors;
mod expr;
mod funcinst;
mod index;
mod infer;
mod info;
mod initorder;
mod instantiate;
mod interface;
mod literals;
mod lookup;
mod methodset;
mod mono;
mod named;
mod object;
mod operand;
mod package;
mod pragmas;
mod predicates;
mod range;
mod receiver;
mod resolver;
mod return_;
mod scope;
mod selector;
mod signature;
mod sizes;
mod stack;
mod stmt;
mod store;
mod struct_;
mod subst;
mod typeparam;
mod types;
mod typeset;
mod typestring;
mod typexpr;
mod unary;
mod under;
mod unify;
mod union;
mod universe;
mod unsafe_;
mod untyped;
mod validtype;
mod variables;

pub use api::{CheckedBody, Forgotten, PackageInput, Problems};
pub use constant::{BigFloat, Text, Value, ValueKind};
pub use errors::codes;
pub use info::{FuncLit, Info, Instance, Mode, Selection, SelectionKind, TypeAndValue};
pub use interface::Interface;
pub use lookup::{Lookup, Path};
pub use named::{Alias, Named, TParam};
pub use object::{BuiltinId, Func, FuncDeclRef, ObjKind, Object, Var, VarKind};
pub use operand::Operand;
pub use package::{FileInfo, GoVersion, Initializer, Package};
pub use resolver::Importer;
pub use scope::Scope;
pub use signature::Signature;
pub use sizes::WORD;
pub use stack::with_stack;
pub use store::{Store, is_exported};
pub use struct_::Struct;
pub use types::{
    AliasId, BasicKind, ChanDir, IfaceId, NamedId, ObjId, ObjList, PkgId, ScopeId, SigId, StructId, TParamId, Term,
    TermList, Type, TypeId, TypeList, basic_info,
};
pub use typeset::{Terms, TypeSet, TypesetTerms};
