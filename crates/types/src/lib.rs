//! The Go type checker.
//!
//! A [`Store`] holds one checked world: types, objects, scopes and packages, each behind a small id.
//! Packages are checked in the order of their imports, their package-level declarations first; the
//! bodies of functions are checked with them or later, one by one. What checking finds out about a
//! tree is an [`Info`] beside it.
#![forbid(unsafe_code)]

mod constant;
mod info;
mod interface;
mod named;
mod object;
mod operand;
mod package;
mod scope;
mod signature;
mod store;
mod struct_;
mod subst;
mod types;
mod typeset;
mod universe;

pub use constant::{BigFloat, Value};
pub use info::{FuncLit, Info, Instance, Mode, Selection, SelectionKind, TypeAndValue};
pub use interface::Interface;
pub use named::{Alias, Named, TParam};
pub use object::{BuiltinId, Func, FuncDeclRef, ObjKind, Object, Var, VarKind};
pub use operand::Operand;
pub use package::{FileInfo, GoVersion, Initializer, Package};
pub use scope::Scope;
pub use signature::Signature;
pub use store::{Store, is_exported};
pub use struct_::Struct;
pub use types::{
    AliasId, BasicKind, ChanDir, IfaceId, NamedId, ObjId, ObjList, PkgId, ScopeId, SigId, StructId, TParamId, Term,
    TermList, Type, TypeId, TypeList, basic_info,
};
pub use typeset::{Terms, TypeSet};
