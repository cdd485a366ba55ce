//! Substitution of type arguments for type parameters.

use crate::TypeId;
use crate::store::Store;

/// A substitution of types for type parameters.
pub(crate) struct Subst<'m> {
    pub(crate) from: &'m [TypeId],
    pub(crate) to: &'m [TypeId],
}

impl<'m> Subst<'m> {
    pub(crate) fn new(from: &'m [TypeId], to: &'m [TypeId]) -> Subst<'m> {
        Subst { from, to }
    }

    pub(crate) fn apply(&self, _s: &mut Store, t: TypeId) -> TypeId {
        t
    }
}
