//! The functions, package variables and packages of a program, by id.
//!
//! Every function that some code refers to has a [`FuncId`]: declared functions, instances of generic ones, methods,
//! closures and wrappers. It is given when the function is first referred to; the body is built when the function is
//! first called. The id is also the number of the function's slot and stub in the running program.

use crate::ty::{TyId, TypeTable};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A function of the program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct FuncId(pub u32);

/// A package variable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct GlobalId(pub u32);

/// What a function gets in its context argument.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Context {
    /// Nothing: the argument is not read.
    None,
    /// The address of captured values of these types, laid out like the fields of a struct.
    Captures(Vec<TyId>),
    /// The receiver itself, a pointer or another direct type. It is not among the parameters.
    Receiver(TyId),
    /// The address of the receiver's value: the itab's entry of a method of an indirect type.
    ReceiverAddr(TyId),
}

/// What a function is made from, for names in tracebacks and for tools.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FuncKind {
    /// Declared in source, or an instance of such a function.
    Declared,
    /// A function literal.
    Closure,
    /// The part of a function that runs inside its frame of deferred calls. It exists for the passes alone.
    Body,
    /// Made by the compiler; not shown in tracebacks, and transparent to `recover`.
    Wrapper,
    /// Has no body in Go; [`FuncDecl::native`] names what runs.
    Native,
}

/// What every user of a function needs to know of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FuncDecl {
    /// Symbol as gc writes it: `main.f`, `main.(*T).M`, `main.f.func1`, `main.G[...]`.
    pub name: Arc<str>,
    /// What it is made from.
    pub kind: FuncKind,
    /// Parameter types. A value receiver comes first; a receiver in the context is not here.
    pub params: Vec<TyId>,
    /// Result types.
    pub results: Vec<TyId>,
    /// Whether the last parameter was declared with `...`: for the text of its type.
    pub variadic: bool,
    /// What the context argument is.
    pub context: Context,
    /// For [`FuncKind::Native`]: `pkg.name` to look up among the natives.
    pub native: Option<Arc<str>>,
    /// Where it is declared.
    pub pos: u32,
    /// `//go:noinline` or a body that must not be inlined.
    pub noinline: bool,
    /// What escape analysis knows without looking at the body.
    pub known: Known,
}

/// Functions of which it is known what they do with their arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Known {
    /// Nothing is known.
    #[default]
    No,
    /// A [`FuncKind::Native`] with `//go:noescape`: it keeps nothing that its arguments point to.
    KeepsNothing,
    /// Looks up a key: (type, map, key or its address).
    MapAccess,
    /// Looks up or adds a key, which the map keeps: the same.
    MapAssign,
    /// Deletes or clears: keeps nothing.
    MapDelete,
    /// Starts an iteration: (type, map, iterator), or a method of the iterator.
    MapIterStart,
    /// Goes on with it: (iterator).
    MapIterNext,
    /// Copies a value: (type, to, from).
    TypedMove,
    /// Makes a map: (type, hint, map that the caller provides or nil, ...). What it provides may have its first group.
    MakeMap,
    /// Has the collector tell when an object is garbage. Nothing is known about its arguments.
    Watches,
}

impl Known {
    /// Of functions of package runtime and of `internal/runtime/maps`, by their symbols. The bodies of those for maps call
    /// hash functions by pointers, through which nothing can be seen.
    pub(crate) fn of_symbol(name: &str) -> Known {
        let Some(name) = name.strip_prefix("internal/runtime/maps.").or_else(|| name.strip_prefix("runtime.")) else {
            return Known::No;
        };
        match name.strip_prefix("runtime_").unwrap_or(name) {
            "mapaccess1" | "mapaccess1_fast32" | "mapaccess1_fast64" | "mapaccess1_faststr" => Known::MapAccess,
            "mapaccess2" | "mapaccess2_fast32" | "mapaccess2_fast64" | "mapaccess2_faststr" => Known::MapAccess,
            "mapassign" | "mapassign_fast32" | "mapassign_fast64" | "mapassign_faststr" => Known::MapAssign,
            "mapdelete" | "mapdelete_fast32" | "mapdelete_fast64" | "mapdelete_faststr" => Known::MapDelete,
            "mapclear" | "(*Map).Delete" | "(*Map).Clear" => Known::MapDelete,
            "mapIterStart" | "(*Iter).Init" => Known::MapIterStart,
            "mapIterNext" | "(*Iter).Next" => Known::MapIterNext,
            "makemap" | "NewMap" => Known::MakeMap,
            "typedmemmove" => Known::TypedMove,
            "typedmemclr" => Known::KeepsNothing,
            "SetFinalizer" => Known::Watches,
            instance if instance.starts_with("AddCleanup[") => Known::Watches,
            _ => Known::No,
        }
    }
}

/// A package variable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Global {
    /// `pkg.name`.
    pub name: Arc<str>,
    /// Its type.
    pub ty: TyId,
    /// Offset in the image of package variables, in bytes.
    pub offset: u64,
    /// Its initial contents, none when it starts as zero.
    pub init: Option<Arc<StaticInit>>,
}

/// Initial contents of a package variable.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StaticInit {
    /// The bytes, as many as the variable's type has.
    pub bytes: Vec<u8>,
    /// Addresses to add, by offset in `bytes`; each is one word.
    pub relocs: Vec<(u64, StaticReloc)>,
}

/// An address in a variable's initial contents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StaticReloc {
    /// Of a package variable, plus an offset.
    Global(GlobalId, u64),
    /// Of the bytes of a constant string.
    Str(Arc<[u8]>),
    /// Of read-only bytes that hold a constant value of this type (the data word of an interface).
    Value(TyId, Arc<[u8]>),
    /// Of a type's descriptor.
    Type(TyId),
    /// Of the itab of (interface type, concrete type).
    Itab(TyId, TyId),
    /// Of the func value of a function without captures.
    FuncVal(FuncId),
}

/// The parts of a program that are known by id. Serialisable: with the objects that codegen made, it is all that is
/// needed to run without the compiler.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Program {
    /// All types.
    pub types: TypeTable,
    /// All functions mentioned so far.
    pub funcs: Vec<FuncDecl>,
    /// All package variables mentioned so far.
    pub globals: Vec<Global>,
    /// Size of the image of package variables, in bytes.
    pub globals_size: u64,
}

impl Program {
    /// Gives a function its id.
    pub fn add_func(&mut self, decl: FuncDecl) -> FuncId {
        self.funcs.push(decl);
        FuncId(self.funcs.len() as u32 - 1)
    }

    /// A function's declaration.
    pub fn func(&self, id: FuncId) -> &FuncDecl {
        &self.funcs[id.0 as usize]
    }

    /// Adds a package variable at the next aligned offset.
    pub fn add_global(&mut self, name: Arc<str>, ty: TyId) -> GlobalId {
        let offset = self.globals_size.next_multiple_of(self.types.align_of(ty).max(1));
        self.globals_size = offset + self.types.size_of(ty);
        self.globals.push(Global { name, ty, offset, init: None });
        GlobalId(self.globals.len() as u32 - 1)
    }

    /// A package variable.
    pub fn global(&self, id: GlobalId) -> &Global {
        &self.globals[id.0 as usize]
    }
}
