//! Lexical scopes.
//!
//! A scope holds its names in a short vector that is searched from the end; a large one (package
//! scopes, the universe) builds a hash map beside it. Names are interned, so a search compares integers.

use itab_syntax::{Name, Pos};
use rustc_hash::FxHashMap;

use crate::{ObjId, ScopeId};

/// Number of names from which a scope is searched through a map.
const MAP_FROM: usize = 9;

/// A lexical scope.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The scope around it; none for the universe and for a package imported without its source.
    pub parent: Option<ScopeId>,
    /// Names in the order of their declaration.
    elems: Vec<(Name, ObjId)>,
    map: Option<Box<FxHashMap<Name, ObjId>>>,
    /// Where the scope begins.
    pub pos: Pos,
    /// Whether it is a function's outermost scope.
    pub is_func: bool,
}

impl Scope {
    /// An empty scope inside `parent`.
    pub fn new(parent: Option<ScopeId>, pos: Pos) -> Scope {
        Scope { parent, pos, ..Scope::default() }
    }

    /// The object of that name in this scope alone.
    pub fn lookup(&self, name: Name) -> Option<ObjId> {
        match &self.map {
            Some(map) => map.get(&name).copied(),
            None => self.elems.iter().rev().find(|e| e.0 == name).map(|e| e.1),
        }
    }

    /// Adds an object unless the name is taken, in which case it returns the one that has it.
    pub fn insert(&mut self, name: Name, obj: ObjId) -> Option<ObjId> {
        if let Some(alt) = self.lookup(name) {
            return Some(alt);
        }
        self.elems.push((name, obj));
        if let Some(map) = &mut self.map {
            map.insert(name, obj);
        } else if self.elems.len() >= MAP_FROM {
            self.map = Some(Box::new(self.elems.iter().copied().collect()));
        }
        None
    }

    /// The names and objects in the order of their declaration.
    pub fn iter(&self) -> impl Iterator<Item = (Name, ObjId)> + '_ {
        self.elems.iter().copied()
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.elems.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.elems.is_empty()
    }
}
