//! Type sets: which types and methods an interface stands for.

use crate::ObjList;
use crate::types::TermList;

/// The terms of a type set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Terms {
    /// Every type.
    All,
    /// The types of these terms; none if the list is empty.
    Of(TermList),
}

/// An interface's type set: the types that have all `methods` and are among the `terms`; if
/// `comparable`, then only comparable ones (and `terms` are `All`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeSet {
    /// All methods, those of embedded interfaces included, sorted: exported ones first, then by name,
    /// then by package path.
    pub methods: ObjList,
    /// The terms.
    pub terms: Terms,
    /// Whether the types must be comparable.
    pub comparable: bool,
}

impl TypeSet {
    /// The type set of `any`.
    pub const TOP: TypeSet = TypeSet { methods: ObjList::EMPTY, terms: Terms::All, comparable: false };

    /// Whether no type is in it.
    pub fn is_empty(&self) -> bool {
        matches!(self.terms, Terms::Of(l) if l.is_empty())
    }

    /// Whether every type is in it.
    pub fn is_all(&self) -> bool {
        self.is_method_set() && self.methods.is_empty()
    }

    /// Whether methods alone describe it.
    pub fn is_method_set(&self) -> bool {
        !self.comparable && self.terms == Terms::All
    }

    /// Whether there are terms (neither every type nor none).
    pub fn has_terms(&self) -> bool {
        matches!(self.terms, Terms::Of(l) if !l.is_empty())
    }
}
