//! Canonical monomorphic types: identical Go types have the same [`TyId`].
//!
//! The checker compares types structurally; here they are hash-consed, once generics are instantiated, so that identity
//! is equality of ids and every later stage can key tables by them. A named type is made in two steps because it may
//! contain itself: [`TypeTable::named`] reserves it by its identity, [`TypeTable::complete_named`] adds the rest.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A canonical type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct TyId(pub u32);

/// A named type (or an instance of a generic one).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct NamedId(pub u32);

/// The predeclared types, in the order of Go's `abi.Kind`, so that their [`TyId`] is their kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Basic {
    Bool = 1,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
    Float32,
    Float64,
    Complex64,
    Complex128,
    String = 24,
    UnsafePointer = 26,
}

impl Basic {
    /// All basic types.
    pub const ALL: [Basic; 18] = [
        Basic::Bool,
        Basic::Int,
        Basic::Int8,
        Basic::Int16,
        Basic::Int32,
        Basic::Int64,
        Basic::Uint,
        Basic::Uint8,
        Basic::Uint16,
        Basic::Uint32,
        Basic::Uint64,
        Basic::Uintptr,
        Basic::Float32,
        Basic::Float64,
        Basic::Complex64,
        Basic::Complex128,
        Basic::String,
        Basic::UnsafePointer,
    ];

    /// Whether it is a signed integer.
    pub const fn is_signed(self) -> bool {
        matches!(self, Basic::Int | Basic::Int8 | Basic::Int16 | Basic::Int32 | Basic::Int64)
    }

    /// Whether it is an integer, signed or not.
    pub const fn is_integer(self) -> bool {
        (self as u8) >= Basic::Int as u8 && (self as u8) <= Basic::Uintptr as u8
    }

    /// Whether it is a float.
    pub const fn is_float(self) -> bool {
        matches!(self, Basic::Float32 | Basic::Float64)
    }

    /// Whether it is a complex number.
    pub const fn is_complex(self) -> bool {
        matches!(self, Basic::Complex64 | Basic::Complex128)
    }

    /// Size in bytes.
    pub const fn size(self) -> u64 {
        match self {
            Basic::Bool | Basic::Int8 | Basic::Uint8 => 1,
            Basic::Int16 | Basic::Uint16 => 2,
            Basic::Int32 | Basic::Uint32 | Basic::Float32 => 4,
            Basic::Complex128 | Basic::String => 16,
            _ => 8,
        }
    }
}

/// Direction of a channel type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ChanDir {
    /// `<-chan`
    Recv = 1,
    /// `chan<-`
    Send = 2,
    /// `chan`
    Both = 3,
}

/// A name with the package that an unexported one belongs to (empty for exported names).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct QualName {
    /// The identifier.
    pub name: Arc<str>,
    /// Import path of the package, empty when the name is exported.
    pub pkg: Arc<str>,
}

/// A struct's field.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Field {
    /// Its name; for an embedded field the type's.
    pub name: QualName,
    /// Its type.
    pub ty: TyId,
    /// Whether it is embedded.
    pub embedded: bool,
    /// Its tag.
    pub tag: Arc<str>,
}

/// Parameters and results, without a receiver.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Sig {
    /// Parameter types; the last is a slice when `variadic`.
    pub params: Vec<TyId>,
    /// Result types.
    pub results: Vec<TyId>,
    /// Whether the last parameter is `...T`.
    pub variadic: bool,
}

/// A method of an interface type.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct IMethod {
    /// Its name.
    pub name: QualName,
    /// Its type: a [`Ty::Func`].
    pub sig: TyId,
}

/// A canonical type's structure.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Ty {
    /// A predeclared type.
    Basic(Basic),
    /// `*T`
    Pointer(TyId),
    /// `[]T`
    Slice(TyId),
    /// `[n]T`
    Array(TyId, u64),
    /// `map[K]V`
    Map(TyId, TyId),
    /// `chan T`
    Chan(ChanDir, TyId),
    /// `func(..) ..`
    Func(Sig),
    /// `struct{..}`
    Struct(Vec<Field>),
    /// `interface{..}`: all methods, embedded ones included, in descriptor order (exported first, then by name, then by package).
    Interface(Vec<IMethod>),
    /// A defined type.
    Named(NamedId),
    /// Several results of a call; not a type of Go.
    Tuple(Vec<TyId>),
}

/// A method of a named type, in its method table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Method {
    /// Its name.
    pub name: QualName,
    /// Its type without the receiver: a [`Ty::Func`].
    pub sig: TyId,
    /// Whether the receiver is a pointer.
    pub ptr_recv: bool,
}

/// A defined type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named {
    /// What makes it unique in the program: import path, name, type arguments, and for a local type its declaration.
    pub key: Arc<str>,
    /// The type's name with type arguments as reflection shows it, without package: `T`, `List[int]`.
    pub name: Arc<str>,
    /// Import path of its package; empty for `error`, `comparable`.
    pub pkg: Arc<str>,
    /// The package's name, which `String()` shows.
    pub pkg_name: Arc<str>,
    /// Underlying type, none until completed.
    pub underlying: Option<TyId>,
    /// Declared (not promoted) methods with pointer or value receivers, without generic ones; sorted as descriptors are.
    pub methods: Vec<Method>,
    /// The type itself.
    pub ty: TyId,
}

/// The table of all types of a program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TypeTable {
    types: Vec<Ty>,
    named: Vec<Named>,
    #[serde(skip)]
    index: FxHashMap<Ty, TyId>,
    #[serde(skip)]
    named_index: FxHashMap<Arc<str>, NamedId>,
}

impl Default for TypeTable {
    fn default() -> Self {
        Self::new()
    }
}

impl TypeTable {
    /// A table that holds the basic types at the ids of their kinds, and the empty tuple at 0.
    pub fn new() -> TypeTable {
        let mut t =
            TypeTable { types: vec![], named: vec![], index: FxHashMap::default(), named_index: FxHashMap::default() };
        t.types.resize(32, Ty::Tuple(vec![]));
        for b in Basic::ALL {
            t.types[b as usize] = Ty::Basic(b);
        }
        t.rebuild_index();
        t
    }

    /// Recomputes the lookup tables after deserialisation.
    pub fn rebuild_index(&mut self) {
        self.index.clear();
        for (i, ty) in self.types.iter().enumerate() {
            self.index.entry(ty.clone()).or_insert(TyId(i as u32));
        }
        self.named_index = self.named.iter().enumerate().map(|(i, n)| (n.key.clone(), NamedId(i as u32))).collect();
    }

    /// The id of a structure.
    pub fn intern(&mut self, ty: Ty) -> TyId {
        if let Some(&id) = self.index.get(&ty) {
            return id;
        }
        let id = TyId(self.types.len() as u32);
        self.types.push(ty.clone());
        self.index.insert(ty, id);
        id
    }

    /// A basic type.
    pub const fn basic(b: Basic) -> TyId {
        TyId(b as u32)
    }

    /// The type without components that calls without results have.
    pub const fn unit() -> TyId {
        TyId(0)
    }

    /// `*elem`
    pub fn pointer(&mut self, elem: TyId) -> TyId {
        self.intern(Ty::Pointer(elem))
    }

    /// `[]elem`
    pub fn slice(&mut self, elem: TyId) -> TyId {
        self.intern(Ty::Slice(elem))
    }

    /// The named type with this key, made when it is new; the flag says so, and the caller then completes it.
    pub fn named(&mut self, key: Arc<str>, name: Arc<str>, pkg: Arc<str>, pkg_name: Arc<str>) -> (NamedId, bool) {
        if let Some(&id) = self.named_index.get(&key) {
            return (id, false);
        }
        let id = NamedId(self.named.len() as u32);
        let ty = self.intern(Ty::Named(id));
        self.named.push(Named { key: key.clone(), name, pkg, pkg_name, underlying: None, methods: vec![], ty });
        self.named_index.insert(key, id);
        (id, true)
    }

    /// The type that was declared with this key, if it was met.
    pub fn find_named(&self, key: &str) -> Option<TyId> {
        self.named_index.get(key).map(|id| self.named[id.0 as usize].ty)
    }

    /// Gives a named type its underlying type and methods.
    pub fn complete_named(&mut self, id: NamedId, underlying: TyId, methods: Vec<Method>) {
        let n = &mut self.named[id.0 as usize];
        n.underlying = Some(underlying);
        n.methods = methods;
    }

    /// A named type's facts.
    pub fn named_info(&self, id: NamedId) -> &Named {
        &self.named[id.0 as usize]
    }

    /// A type's structure.
    pub fn get(&self, id: TyId) -> &Ty {
        &self.types[id.0 as usize]
    }

    /// The structure of the underlying type.
    pub fn under(&self, id: TyId) -> &Ty {
        self.get(self.underlying(id))
    }

    /// The underlying type.
    pub fn underlying(&self, id: TyId) -> TyId {
        match self.get(id) {
            Ty::Named(n) => self.named[n.0 as usize].underlying.expect("named type is completed before use"),
            _ => id,
        }
    }

    /// Element of a pointer, slice, array or channel type.
    pub fn elem(&self, id: TyId) -> TyId {
        match *self.under(id) {
            Ty::Pointer(e) | Ty::Slice(e) | Ty::Array(e, _) | Ty::Chan(_, e) => e,
            ref t => panic!("elem of {t:?}"),
        }
    }

    /// The basic type that a type's underlying type is.
    pub fn as_basic(&self, id: TyId) -> Option<Basic> {
        match *self.under(id) {
            Ty::Basic(b) => Some(b),
            _ => None,
        }
    }

    /// Fields of a struct type.
    pub fn fields(&self, id: TyId) -> &[Field] {
        match self.under(id) {
            Ty::Struct(f) => f,
            t => panic!("fields of {t:?}"),
        }
    }

    /// What a struct of one field or an array of one element holds, at any depth; any other type itself.
    pub fn sole_component(&self, id: TyId) -> TyId {
        match self.under(id) {
            Ty::Struct(fields) if fields.len() == 1 => self.sole_component(fields[0].ty),
            Ty::Array(elem, 1) => self.sole_component(*elem),
            _ => id,
        }
    }

    /// Components of a tuple.
    pub fn tuple(&self, id: TyId) -> &[TyId] {
        match self.get(id) {
            Ty::Tuple(t) => t,
            t => panic!("tuple of {t:?}"),
        }
    }

    /// Signature of a func type.
    pub fn sig(&self, id: TyId) -> &Sig {
        match self.under(id) {
            Ty::Func(s) => s,
            t => panic!("sig of {t:?}"),
        }
    }

    /// Methods of an interface type, none for another type.
    pub fn interface_methods(&self, id: TyId) -> Option<&[IMethod]> {
        match self.under(id) {
            Ty::Interface(m) => Some(m),
            _ => None,
        }
    }

    /// Whether it is an interface type.
    pub fn is_interface(&self, id: TyId) -> bool {
        matches!(self.under(id), Ty::Interface(_))
    }

    /// How many types there are; ids are below.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether there is no type (never).
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }
}
