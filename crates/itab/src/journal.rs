//! The journal: the requests that gave a program's types and functions their ids.
//!
//! The compiler numbers types and functions in the order in which it meets them, and it is deterministic. So a world of the
//! same source that gets the same requests in the same order gives the same ids. A journal lists the requests. With it a
//! compiler in another process continues a saved program.

use itab_ir::program::FuncId;
use itab_ir::ty::{Sig, Ty, TyId};
use itab_ir::world::World;
use serde::{Deserialize, Serialize};

/// A question that may have given ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Event {
    /// A function was built.
    Build(FuncId),
    /// The methods of a type were asked for.
    MethodSet(TyId),
    /// The pointer to a type was asked for.
    Pointer(TyId),
    /// A declared function was asked for, by package and name.
    Func(String, String),
    /// A func type was asked for.
    FuncType(Sig),
    /// A declared type was asked for, by package and name.
    Type(String, String),
}

/// Questions in their order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Journal {
    pub(crate) events: Vec<Event>,
}

impl Journal {
    /// Asks a fresh world the same questions. What failed then fails again, and gave the same ids.
    pub(crate) fn replay(&self, world: &mut World) {
        for event in &self.events {
            match event {
                Event::Build(id) => drop(itab_ir::driver::build(world, *id)),
                Event::MethodSet(ty) => drop(world.method_set(*ty)),
                Event::Pointer(ty) => drop(world.program.types.pointer(*ty)),
                Event::Func(pkg, name) => drop(world.func_by_name(pkg, name)),
                Event::Type(pkg, name) => drop(world.type_by_name(pkg, name)),
                Event::FuncType(sig) => drop(world.program.types.intern(Ty::Func(sig.clone()))),
            }
        }
    }

    /// The types whose methods were asked for.
    pub(crate) fn typed(&self) -> impl Iterator<Item = TyId> {
        self.events.iter().filter_map(|e| if let Event::MethodSet(ty) = e { Some(*ty) } else { None })
    }
}
