//! Function types: receiver, type parameters, parameters and results.

use crate::{ObjId, ObjList, ScopeId, TypeList};

/// A function type's parts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signature {
    /// The receiver of a method.
    pub recv: Option<ObjId>,
    /// The receiver's type parameters, left to right.
    pub rparams: TypeList,
    /// Type parameters of a generic function or method.
    pub tparams: TypeList,
    /// Parameters; a variadic one has its slice type.
    pub params: ObjList,
    /// Results.
    pub results: ObjList,
    /// Whether the last parameter is `...T`.
    pub variadic: bool,
    /// The scope that holds the parameters, for declared functions and literals.
    pub(crate) scope: Option<ScopeId>,
    /// Receiver that selecting a generic method took away; it is needed to record the instance.
    pub(crate) recv_old: Option<RecvOld>,
}

/// Where the receiver of a selected generic method went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RecvOld {
    /// It was dropped: `x.m`.
    Dropped(ObjId),
    /// It became the first parameter: `T.m`.
    FirstParam,
}
