//! Interface types: what their source says. What follows from it is in `typeset`.

use itab_syntax::Pos;

use crate::typeset::TypeSet;
use crate::{ObjList, TypeList};

/// An interface's methods, embedded elements and type set.
#[derive(Clone, Debug, Default)]
pub struct Interface {
    /// Methods written in it, sorted.
    pub methods: ObjList,
    /// Embedded elements, in order.
    pub embeddeds: TypeList,
    /// The positions of the embedded elements.
    pub(crate) embed_pos: Vec<Pos>,
    /// Whether it stands for a bare constraint: `~T`, `A | B` or a type that is no interface.
    pub implicit: bool,
    /// Whether methods and embedded elements are set.
    pub(crate) complete: bool,
    /// The type set, once computed.
    pub(crate) tset: Option<TypeSet>,
    /// The type `comparable` itself.
    pub(crate) is_comparable: bool,
}
