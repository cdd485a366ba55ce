//! Assignments of canonical types to type parameters, interned: the environment that a generic function is built in.

use crate::ty::TyId;
use itab_types::TParamId;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// An assignment of canonical types to type parameters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct EnvId(pub(crate) u32);

impl EnvId {
    /// The assignment to no parameters.
    pub const EMPTY: EnvId = EnvId(0);
}

type Env = Arc<[(TParamId, TyId)]>;

/// All assignments of a program.
pub(crate) struct Envs {
    envs: Vec<Env>,
    index: FxHashMap<Env, EnvId>,
}

impl Envs {
    /// With the empty one.
    pub fn new() -> Envs {
        let empty: Env = Arc::new([]);
        Envs { index: [(empty.clone(), EnvId::EMPTY)].into_iter().collect(), envs: vec![empty] }
    }

    /// The id of an assignment.
    pub fn intern(&mut self, mut pairs: Vec<(TParamId, TyId)>) -> EnvId {
        pairs.sort();
        pairs.dedup();
        let env: Env = pairs.into();
        if let Some(&id) = self.index.get(&env) {
            return id;
        }
        let id = EnvId(self.envs.len() as u32);
        self.envs.push(env.clone());
        self.index.insert(env, id);
        id
    }

    /// The assignment.
    pub fn get(&self, id: EnvId) -> &Env {
        &self.envs[id.0 as usize]
    }

    /// The type that stands for a parameter.
    pub fn lookup(&self, id: EnvId, p: TParamId) -> Option<TyId> {
        let env = self.get(id);
        env.binary_search_by_key(&p, |e| e.0).ok().map(|i| env[i].1)
    }
}
