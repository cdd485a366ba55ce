//! The representation of types: small copyable ids and one `Type` value for each.
//!
//! Every type of a checked world lives in one arena (`Store`), and a [`TypeId`] is its index there, so
//! a type is a `u32` to pass, hash and compare. Basic types have fixed ids. Pointers, slices, arrays,
//! maps and channels are hash-consed: building `[]T` twice from the same `T` gives the same id, which
//! makes most tests for identity a comparison of two integers. Equal ids mean identical types; the
//! converse holds only through [`Store::identical`](crate::Store::identical), because struct, function
//! and interface types are not shared and because aliases are kept as the source wrote them.
//!
//! What is mutable while a declaration is being resolved (named types, aliases, structs, signatures,
//! interfaces, type parameters) sits in a table of its own, to which the `Type` holds an id. Lists of
//! objects, types and terms are handles into shared arenas, so everything here is `Copy`.

use std::num::NonZeroU32;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The id of the arena's `index`th entry.
            pub const fn from_index(index: usize) -> Self {
                match NonZeroU32::new(index as u32 + 1) {
                    Some(n) => Self(n),
                    None => panic!("arena is full"),
                }
            }

            /// The place of the entry in its arena.
            pub const fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.index())
            }
        }
    )+};
}

ids! {
    /// A type.
    TypeId,
    /// A declared entity: package name, constant, type name, variable, function, label, built-in or nil.
    ObjId,
    /// A lexical scope.
    ScopeId,
    /// A package.
    PkgId,
    /// The mutable part of a defined (or instantiated) type.
    NamedId,
    /// The mutable part of an alias.
    AliasId,
    /// A struct's fields and tags.
    StructId,
    /// A function type's parameters and results.
    SigId,
    /// An interface's methods, embedded elements and type set.
    IfaceId,
    /// A type parameter's constraint.
    TParamId,
}

macro_rules! lists {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
        pub struct $name {
            pub(crate) start: u32,
            pub(crate) len: u32,
        }

        impl $name {
            /// The list without elements.
            pub const EMPTY: Self = Self { start: 0, len: 0 };

            /// How many elements there are.
            pub const fn len(self) -> usize {
                self.len as usize
            }

            /// Whether there are none.
            pub const fn is_empty(self) -> bool {
                self.len == 0
            }

            pub(crate) fn range(self) -> std::ops::Range<usize> {
                self.start as usize..(self.start + self.len) as usize
            }
        }
    )+};
}

lists! {
    /// A list of objects in the store's arena of such lists.
    ObjList,
    /// A list of types in the store's arena of such lists.
    TypeList,
    /// A list of union terms in the store's arena of such lists.
    TermList,
}

/// What a type is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// A predeclared type, `unsafe.Pointer`, or the type of an untyped constant.
    Basic(BasicKind),
    /// A defined type or an instance of a generic one.
    Named(NamedId),
    /// An alias, kept so that messages can name it; `Store::unalias` looks through.
    Alias(AliasId),
    /// `*T`.
    Pointer(TypeId),
    /// `[]T`.
    Slice(TypeId),
    /// `[len]elem`; a length below zero is unknown because of an error.
    Array {
        /// Number of elements.
        len: i64,
        /// Type of the elements.
        elem: TypeId,
    },
    /// `map[key]elem`.
    Map {
        /// Type of the keys.
        key: TypeId,
        /// Type of the elements.
        elem: TypeId,
    },
    /// `chan elem` and its directed forms.
    Chan {
        /// The direction.
        dir: ChanDir,
        /// Type of the elements.
        elem: TypeId,
    },
    /// `struct{…}`.
    Struct(StructId),
    /// The results of a call or of a comma-ok expression; also "no value" when empty.
    Tuple(ObjList),
    /// `func(…) …`.
    Signature(SigId),
    /// `interface{…}`.
    Interface(IfaceId),
    /// `A | ~B`, only as an element of an interface.
    Union(TermList),
    /// A type parameter.
    TypeParam(TParamId),
}

/// The direction of a channel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChanDir {
    /// `chan T`.
    SendRecv,
    /// `chan<- T`.
    SendOnly,
    /// `<-chan T`.
    RecvOnly,
}

/// A term of a union.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Term {
    /// Whether the term is `~typ`.
    pub tilde: bool,
    /// The term's type.
    pub typ: TypeId,
}

/// Kinds of basic types. `byte` and `rune` are types of their own here only so that messages name
/// them as the source did; [`BasicKind::canonical`] folds them into `uint8` and `int32`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum BasicKind {
    Invalid,
    Bool,
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
    String,
    UnsafePointer,
    UntypedBool,
    UntypedInt,
    UntypedRune,
    UntypedFloat,
    UntypedComplex,
    UntypedString,
    UntypedNil,
    Byte,
    Rune,
}

use BasicKind as K;

/// Properties of basic types, as a set of bits.
pub mod basic_info {
    #![allow(missing_docs)]
    pub const BOOLEAN: u16 = 1;
    pub const INTEGER: u16 = 2;
    pub const UNSIGNED: u16 = 4;
    pub const FLOAT: u16 = 8;
    pub const COMPLEX: u16 = 16;
    pub const STRING: u16 = 32;
    pub const UNTYPED: u16 = 64;
    pub const ORDERED: u16 = INTEGER | FLOAT | STRING;
    pub const NUMERIC: u16 = INTEGER | FLOAT | COMPLEX;
    pub const CONST_TYPE: u16 = BOOLEAN | NUMERIC | STRING;
}

impl BasicKind {
    /// All kinds, in the order of their ids.
    pub const ALL: [BasicKind; 28] = [
        K::Invalid,
        K::Bool,
        K::Int,
        K::Int8,
        K::Int16,
        K::Int32,
        K::Int64,
        K::Uint,
        K::Uint8,
        K::Uint16,
        K::Uint32,
        K::Uint64,
        K::Uintptr,
        K::Float32,
        K::Float64,
        K::Complex64,
        K::Complex128,
        K::String,
        K::UnsafePointer,
        K::UntypedBool,
        K::UntypedInt,
        K::UntypedRune,
        K::UntypedFloat,
        K::UntypedComplex,
        K::UntypedString,
        K::UntypedNil,
        K::Byte,
        K::Rune,
    ];

    /// The kind with `byte` read as `uint8` and `rune` as `int32`.
    pub const fn canonical(self) -> BasicKind {
        match self {
            K::Byte => K::Uint8,
            K::Rune => K::Int32,
            k => k,
        }
    }

    /// The kind's properties, a set of [`basic_info`] bits.
    pub const fn info(self) -> u16 {
        use basic_info::*;
        match self {
            K::Invalid | K::UnsafePointer => 0,
            K::Bool => BOOLEAN,
            K::Int | K::Int8 | K::Int16 | K::Int32 | K::Int64 | K::Rune => INTEGER,
            K::Uint | K::Uint8 | K::Uint16 | K::Uint32 | K::Uint64 | K::Uintptr | K::Byte => INTEGER | UNSIGNED,
            K::Float32 | K::Float64 => FLOAT,
            K::Complex64 | K::Complex128 => COMPLEX,
            K::String => STRING,
            K::UntypedBool => BOOLEAN | UNTYPED,
            K::UntypedInt | K::UntypedRune => INTEGER | UNTYPED,
            K::UntypedFloat => FLOAT | UNTYPED,
            K::UntypedComplex => COMPLEX | UNTYPED,
            K::UntypedString => STRING | UNTYPED,
            K::UntypedNil => UNTYPED,
        }
    }

    /// Whether this is the type of an untyped constant or of nil.
    pub const fn is_untyped(self) -> bool {
        self.info() & basic_info::UNTYPED != 0
    }

    /// The name, as messages print it.
    pub const fn name(self) -> &'static str {
        match self {
            K::Invalid => "invalid type",
            K::Bool => "bool",
            K::Int => "int",
            K::Int8 => "int8",
            K::Int16 => "int16",
            K::Int32 => "int32",
            K::Int64 => "int64",
            K::Uint => "uint",
            K::Uint8 => "uint8",
            K::Uint16 => "uint16",
            K::Uint32 => "uint32",
            K::Uint64 => "uint64",
            K::Uintptr => "uintptr",
            K::Float32 => "float32",
            K::Float64 => "float64",
            K::Complex64 => "complex64",
            K::Complex128 => "complex128",
            K::String => "string",
            K::UnsafePointer => "unsafe.Pointer",
            K::UntypedBool => "untyped bool",
            K::UntypedInt => "untyped int",
            K::UntypedRune => "untyped rune",
            K::UntypedFloat => "untyped float",
            K::UntypedComplex => "untyped complex",
            K::UntypedString => "untyped string",
            K::UntypedNil => "untyped nil",
            K::Byte => "byte",
            K::Rune => "rune",
        }
    }
}

#[allow(missing_docs)]
impl TypeId {
    pub const INVALID: TypeId = TypeId::basic(K::Invalid);
    pub const BOOL: TypeId = TypeId::basic(K::Bool);
    pub const INT: TypeId = TypeId::basic(K::Int);
    pub const INT8: TypeId = TypeId::basic(K::Int8);
    pub const INT16: TypeId = TypeId::basic(K::Int16);
    pub const INT32: TypeId = TypeId::basic(K::Int32);
    pub const INT64: TypeId = TypeId::basic(K::Int64);
    pub const UINT: TypeId = TypeId::basic(K::Uint);
    pub const UINT8: TypeId = TypeId::basic(K::Uint8);
    pub const UINT16: TypeId = TypeId::basic(K::Uint16);
    pub const UINT32: TypeId = TypeId::basic(K::Uint32);
    pub const UINT64: TypeId = TypeId::basic(K::Uint64);
    pub const UINTPTR: TypeId = TypeId::basic(K::Uintptr);
    pub const FLOAT32: TypeId = TypeId::basic(K::Float32);
    pub const FLOAT64: TypeId = TypeId::basic(K::Float64);
    pub const COMPLEX64: TypeId = TypeId::basic(K::Complex64);
    pub const COMPLEX128: TypeId = TypeId::basic(K::Complex128);
    pub const STRING: TypeId = TypeId::basic(K::String);
    pub const UNSAFE_POINTER: TypeId = TypeId::basic(K::UnsafePointer);
    pub const UNTYPED_BOOL: TypeId = TypeId::basic(K::UntypedBool);
    pub const UNTYPED_INT: TypeId = TypeId::basic(K::UntypedInt);
    pub const UNTYPED_RUNE: TypeId = TypeId::basic(K::UntypedRune);
    pub const UNTYPED_FLOAT: TypeId = TypeId::basic(K::UntypedFloat);
    pub const UNTYPED_COMPLEX: TypeId = TypeId::basic(K::UntypedComplex);
    pub const UNTYPED_STRING: TypeId = TypeId::basic(K::UntypedString);
    pub const UNTYPED_NIL: TypeId = TypeId::basic(K::UntypedNil);
    pub const BYTE: TypeId = TypeId::basic(K::Byte);
    pub const RUNE: TypeId = TypeId::basic(K::Rune);
    /// The empty tuple: the type of an expression without a value.
    pub const NO_VALUE: TypeId = TypeId::from_index(28);
    /// `interface{}`.
    pub const EMPTY_INTERFACE: TypeId = TypeId::from_index(29);
    /// The predeclared alias `any`.
    pub const ANY: TypeId = TypeId::from_index(30);
    /// The predeclared type `error`.
    pub const ERROR: TypeId = TypeId::from_index(31);
    /// The predeclared constraint `comparable`.
    pub const COMPARABLE: TypeId = TypeId::from_index(32);

    /// The id of a basic type.
    pub const fn basic(kind: BasicKind) -> TypeId {
        TypeId::from_index(kind as usize)
    }
}
