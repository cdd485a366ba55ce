//! Type descriptors, as `internal/abi` of Go 1.27 lays them out on 64-bit machines.
//!
//! Every descriptor that the runtime's interner makes is preceded by a [`TypePrefix`], which Go's own packages never
//! see. The compiler's inline assertion probe and the heap read it. A descriptor built by Go code has no prefix
//! (package reflect makes frame types by hand); the flag [`TFLAG_PREFIX`] tells the two apart.
//!
//! In memory a descriptor is the struct of its kind, then an [`UncommonType`] if [`TFLAG_UNCOMMON`] is set, then (func
//! types) the parameter and result types. Fields, interface methods and method tables are reached by pointer or offset.

use crate::value::{FuncVal, GoSlice};
use core::ffi::c_void;
use core::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32};

/// The common part of every descriptor.
#[repr(C)]
#[derive(Debug)]
pub struct Type {
    /// Size in bytes.
    pub size: usize,
    /// Length of the prefix that may hold pointers, in bytes; 0: none.
    pub ptr_bytes: usize,
    /// Hash of the type's identity; equal types have equal hashes in every process.
    pub hash: u32,
    /// `TFLAG_*` bits.
    pub tflag: u8,
    /// Alignment of a variable.
    pub align: u8,
    /// Alignment of a field.
    pub field_align: u8,
    /// A [`Kind`].
    pub kind: u8,
    /// `func(p, q unsafe.Pointer) bool`, nil when not comparable.
    pub equal: *const FuncVal,
    /// Pointer bitmap over `ptr_bytes`, or with [`TFLAG_GC_MASK_ON_DEMAND`] a slot (`*mut *const u8`) for it.
    pub gc_data: *const u8,
    /// Name, as an offset to resolve; [`TFLAG_EXTRA_STAR`] says that it starts with a `*` too many.
    pub str: i32,
    /// Descriptor of the pointer to this type, as an offset to resolve, or 0.
    pub ptr_to_this: AtomicI32,
}

/// What the interner keeps in front of a descriptor, at negative offsets from it.
#[repr(C)]
#[derive(Debug)]
pub struct TypePrefix {
    /// The interner (`runtime::types::Types`) that made the descriptor.
    pub owner: *const c_void,
    /// Link string: identity of the type as text; what `hash` is made from.
    pub link_string: *const u8,
    /// Its length.
    pub link_string_len: usize,
    /// For the heap: what it wants to remember of a type. Zero at first.
    pub heap: AtomicPtr<c_void>,
    /// The itabs of this type as an intrusive list, newest first (`runtime::types::itab`).
    pub itabs: AtomicPtr<c_void>,
    /// Handle by which `NameOff`-like offsets name this descriptor, or 0 until one is requested.
    pub off: AtomicI32,
    /// Hash of the type's structure, by which the interner finds it.
    pub ident: u32,
    /// For an interface type: byte offset of its entry in every [`AssertTable`], or [`NO_PROBE`] while it has none.
    pub probe: AtomicU32,
    /// Padding.
    pub _pad: u32,
    /// Table of finished assertions from this type to interface types. Never nil.
    pub assert_table: AtomicPtr<AssertTable>,
}

/// Value of [`TypePrefix::probe`] of an interface type that has no number: every table has nil there.
pub const NO_PROBE: u32 = 0;

/// Finished assertions of one dynamic type, indexed by a small number of the interface type. The inline probe is
///
/// ```text
/// tab = load.ptr [type + ASSERT_TABLE_OFFSET]
/// e = load.ptr [tab + off]            off: a constant of the linker
/// if e == 0 -> slow; if e == ASSERT_FAILS -> fails; else e is the *Itab
/// ```
///
/// Successive interface cases of a type switch have a number together, and the entry is the itab of the first case that the
/// type implements plus that case's index. Tables have room for all numbers. The loads need no fences: what an entry points
/// to is read through it, and entries never change once set.
#[repr(C)]
#[derive(Debug)]
pub struct AssertTable {
    /// `*const Itab`, [`ASSERT_FAILS`] or nil.
    pub entries: [AtomicPtr<crate::iface::Itab>; 0],
}

/// Successive interface cases of a type switch.
#[repr(C)]
#[derive(Debug)]
pub struct SwitchCases {
    /// Byte offset of their entry in every [`AssertTable`].
    pub probe: u32,
    /// How many there are.
    pub n: u32,
    /// Their types.
    pub types: [*const Type; 0],
}

/// Bits of an entry that hold the index of a case.
pub const ASSERT_CASE_MASK: usize = 7;
/// Entry of an [`AssertTable`] for an interface that the type does not implement.
pub const ASSERT_FAILS: usize = 1;
/// Offset of [`TypePrefix::assert_table`] from the descriptor.
pub const ASSERT_TABLE_OFFSET: i32 = prefix_offset(core::mem::offset_of!(TypePrefix, assert_table));
/// Offset of [`TypePrefix::heap`] from the descriptor.
pub const HEAP_OFFSET: i32 = prefix_offset(core::mem::offset_of!(TypePrefix, heap));

const fn prefix_offset(field: usize) -> i32 {
    field as i32 - size_of::<TypePrefix>() as i32
}

/// The descriptor is followed by an [`UncommonType`].
pub const TFLAG_UNCOMMON: u8 = 1;
/// `str` has a leading `*` that is not part of the name.
pub const TFLAG_EXTRA_STAR: u8 = 2;
/// The type has a name.
pub const TFLAG_NAMED: u8 = 4;
/// Equality and hash are those of `size` bytes of memory.
pub const TFLAG_REGULAR_MEMORY: u8 = 8;
/// `gc_data` points to a slot for the bitmap.
pub const TFLAG_GC_MASK_ON_DEMAND: u8 = 16;
/// The value is one pointer word and is stored in the data word of an interface.
pub const TFLAG_DIRECT_IFACE: u8 = 32;
/// Ours, not Go's: a [`TypePrefix`] precedes the descriptor.
pub const TFLAG_PREFIX: u8 = 64;
/// Ours, not Go's: the methods are the host's, and the table of methods does not say which signatures they fit.
pub const TFLAG_HOST: u8 = 128;

/// Longest pointer bitmap that is made together with its type, in bytes; beyond it is made on demand.
pub const MAX_PTRMASK_BYTES: usize = 16;

/// Kinds of types.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Kind {
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
    Array,
    Chan,
    Func,
    Interface,
    Map,
    Pointer,
    Slice,
    String,
    Struct,
    UnsafePointer,
}

impl Kind {
    /// Every kind, in the order of its number.
    pub const ALL: [Kind; 27] = [
        Kind::Invalid,
        Kind::Bool,
        Kind::Int,
        Kind::Int8,
        Kind::Int16,
        Kind::Int32,
        Kind::Int64,
        Kind::Uint,
        Kind::Uint8,
        Kind::Uint16,
        Kind::Uint32,
        Kind::Uint64,
        Kind::Uintptr,
        Kind::Float32,
        Kind::Float64,
        Kind::Complex64,
        Kind::Complex128,
        Kind::Array,
        Kind::Chan,
        Kind::Func,
        Kind::Interface,
        Kind::Map,
        Kind::Pointer,
        Kind::Slice,
        Kind::String,
        Kind::Struct,
        Kind::UnsafePointer,
    ];

    /// The kind with this number; `Invalid` for any other number.
    pub const fn from_u8(kind: u8) -> Kind {
        if (kind as usize) < Kind::ALL.len() { Kind::ALL[kind as usize] } else { Kind::Invalid }
    }
}

impl Type {
    /// The kind.
    pub const fn kind(&self) -> Kind {
        Kind::from_u8(self.kind)
    }

    /// Whether a value stands itself in the data word of an interface.
    pub const fn is_direct_iface(&self) -> bool {
        self.tflag & TFLAG_DIRECT_IFACE != 0
    }

    /// Whether values may hold pointers.
    pub const fn has_pointers(&self) -> bool {
        self.ptr_bytes != 0
    }
}

/// Direction of a channel type.
pub mod chan_dir {
    /// `<-chan T`.
    pub const RECV: usize = 1;
    /// `chan<- T`.
    pub const SEND: usize = 2;
    /// `chan T`.
    pub const BOTH: usize = 3;
}

/// `[N]T`.
#[repr(C)]
#[derive(Debug)]
pub struct ArrayType {
    /// Common part.
    pub typ: Type,
    /// Element type.
    pub elem: *const Type,
    /// `[]T`.
    pub slice: *const Type,
    /// Number of elements.
    pub len: usize,
}

/// `chan T`.
#[repr(C)]
#[derive(Debug)]
pub struct ChanType {
    /// Common part.
    pub typ: Type,
    /// Element type.
    pub elem: *const Type,
    /// One of [`chan_dir`].
    pub dir: usize,
}

/// `func(..) ..`. The types of parameters and results follow it, after the [`UncommonType`] if there is one.
#[repr(C)]
#[derive(Debug)]
pub struct FuncType {
    /// Common part.
    pub typ: Type,
    /// Number of parameters.
    pub in_count: u16,
    /// Number of results; [`VARIADIC`] is set for `...`.
    pub out_count: u16,
}

/// Bit of [`FuncType::out_count`].
pub const VARIADIC: u16 = 1 << 15;

/// `interface { .. }`.
#[repr(C)]
#[derive(Debug)]
pub struct InterfaceType {
    /// Common part.
    pub typ: Type,
    /// Import path of the package that names the type, an encoded name; nil for an unnamed type.
    pub pkg_path: *const u8,
    /// `[]Imethod`: exported ones first, then by name.
    pub methods: GoSlice,
}

/// A method of an interface type.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Imethod {
    /// Name, an offset to resolve.
    pub name: i32,
    /// Func type, an offset to resolve.
    pub typ: i32,
}

/// `map[K]V`.
#[repr(C)]
#[derive(Debug)]
pub struct MapType {
    /// Common part.
    pub typ: Type,
    /// Key type.
    pub key: *const Type,
    /// Element type.
    pub elem: *const Type,
    /// A group of slots.
    pub group: *const Type,
    /// `func(key unsafe.Pointer, seed uintptr) uintptr`.
    pub hasher: *const FuncVal,
    /// Size of a group.
    pub group_size: usize,
    /// Offset of the first key in a group.
    pub keys_off: usize,
    /// Distance between keys.
    pub key_stride: usize,
    /// Offset of the first element in a group.
    pub elems_off: usize,
    /// Distance between elements.
    pub elem_stride: usize,
    /// Offset of the element from its key.
    pub elem_off: usize,
    /// `MAP_*` bits.
    pub flags: u32,
}

/// Slots of a group.
pub const MAP_GROUP_SLOTS: usize = 8;
/// Largest key that is stored in its slot, in bytes.
pub const MAP_MAX_KEY_BYTES: usize = 128;
/// Largest element that is stored in its slot, in bytes.
pub const MAP_MAX_ELEM_BYTES: usize = 128;
/// An assignment overwrites the key too.
pub const MAP_NEED_KEY_UPDATE: u32 = 1;
/// The hasher may panic.
pub const MAP_HASH_MIGHT_PANIC: u32 = 2;
/// Slots hold a pointer to the key.
pub const MAP_INDIRECT_KEY: u32 = 4;
/// Slots hold a pointer to the element.
pub const MAP_INDIRECT_ELEM: u32 = 8;

/// `*T`.
#[repr(C)]
#[derive(Debug)]
pub struct PtrType {
    /// Common part.
    pub typ: Type,
    /// Element type.
    pub elem: *const Type,
}

/// `[]T`.
#[repr(C)]
#[derive(Debug)]
pub struct SliceType {
    /// Common part.
    pub typ: Type,
    /// Element type.
    pub elem: *const Type,
}

/// `struct { .. }`.
#[repr(C)]
#[derive(Debug)]
pub struct StructType {
    /// Common part.
    pub typ: Type,
    /// Import path of the package of the fields that are not exported, an encoded name or nil.
    pub pkg_path: *const u8,
    /// `[]StructField`.
    pub fields: GoSlice,
}

/// A field of a struct type.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct StructField {
    /// Encoded name, with tag and [`NAME_EMBEDDED`].
    pub name: *const u8,
    /// Type.
    pub typ: *const Type,
    /// Offset in bytes.
    pub offset: usize,
}

/// Method table of a type that has a name or methods; directly behind the struct of its kind.
#[repr(C)]
#[derive(Debug)]
pub struct UncommonType {
    /// Import path, an offset to resolve, or 0.
    pub pkg_path: i32,
    /// Number of methods.
    pub mcount: u16,
    /// Number of exported methods.
    pub xcount: u16,
    /// Offset from here to `[mcount]Method`.
    pub moff: u32,
    /// Not used.
    pub _unused: u32,
}

/// A method of a concrete type.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Name, an offset to resolve.
    pub name: i32,
    /// Func type without the receiver, an offset to resolve.
    pub mtyp: i32,
    /// Code for itabs, whose receiver is one word; an offset to resolve.
    pub ifn: i32,
    /// Code of the method as a function; an offset to resolve.
    pub tfn: i32,
}

/// Flag byte of an encoded name: exported.
pub const NAME_EXPORTED: u8 = 1;
/// Flag byte of an encoded name: a tag follows.
pub const NAME_HAS_TAG: u8 = 2;
/// Flag byte of an encoded name: a 4-byte offset of the package path follows.
pub const NAME_HAS_PKG_PATH: u8 = 4;
/// Flag byte of an encoded name: names an embedded field.
pub const NAME_EMBEDDED: u8 = 8;

/// Go's descriptor of an assertion site (`x.(I)`). Part of the layouts that Go fixes; our assertions need no state at
/// the site and use [`AssertTable`].
#[repr(C)]
#[derive(Debug)]
pub struct TypeAssert {
    /// The site's cache.
    pub cache: *mut c_void,
    /// Target.
    pub inter: *const InterfaceType,
    /// Comma-ok form.
    pub can_fail: bool,
}

/// Go's descriptor of a type switch over interface types; see [`TypeAssert`].
#[repr(C)]
#[derive(Debug)]
pub struct InterfaceSwitch {
    /// The site's cache.
    pub cache: *mut c_void,
    /// Number of cases, which follow.
    pub ncases: usize,
}

/// Size of the struct that a descriptor of this kind starts with.
pub const fn kind_struct_size(kind: Kind) -> usize {
    match kind {
        Kind::Array => size_of::<ArrayType>(),
        Kind::Chan => size_of::<ChanType>(),
        Kind::Func => size_of::<FuncType>(),
        Kind::Interface => size_of::<InterfaceType>(),
        Kind::Map => size_of::<MapType>(),
        Kind::Pointer => size_of::<PtrType>(),
        Kind::Slice => size_of::<SliceType>(),
        Kind::Struct => size_of::<StructType>(),
        _ => size_of::<Type>(),
    }
}

macro_rules! layout {
    ($($t:ty = $size:literal { $($field:ident @ $off:literal),* $(,)? })*) => {
        /// Sizes of the structs, and offsets of their fields, in bytes.
        pub const LAYOUTS: &[(&str, usize, &[(&str, usize)])] =
            &[$((stringify!($t), $size, &[$((stringify!($field), $off)),*])),*];
        $(const _: () = {
            assert!(size_of::<$t>() == $size);
            $(assert!(core::mem::offset_of!($t, $field) == $off);)*
        };)*
    };
}

#[cfg(target_pointer_width = "64")]
layout! {
    Type = 48 { size @ 0, ptr_bytes @ 8, hash @ 16, tflag @ 20, align @ 21, field_align @ 22, kind @ 23, equal @ 24, gc_data @ 32, str @ 40, ptr_to_this @ 44 }
    ArrayType = 72 { elem @ 48, slice @ 56, len @ 64 }
    ChanType = 64 { elem @ 48, dir @ 56 }
    FuncType = 56 { in_count @ 48, out_count @ 50 }
    InterfaceType = 80 { pkg_path @ 48, methods @ 56 }
    MapType = 136 { key @ 48, elem @ 56, group @ 64, hasher @ 72, group_size @ 80, keys_off @ 88, key_stride @ 96, elems_off @ 104, elem_stride @ 112, elem_off @ 120, flags @ 128 }
    PtrType = 56 { elem @ 48 }
    SliceType = 56 { elem @ 48 }
    StructType = 80 { pkg_path @ 48, fields @ 56 }
    StructField = 24 { name @ 0, typ @ 8, offset @ 16 }
    Imethod = 8 { name @ 0, typ @ 4 }
    Method = 16 { name @ 0, mtyp @ 4, ifn @ 8, tfn @ 12 }
    UncommonType = 16 { pkg_path @ 0, mcount @ 4, xcount @ 6, moff @ 8 }
    TypeAssert = 24 { cache @ 0, inter @ 8, can_fail @ 16 }
    InterfaceSwitch = 16 { cache @ 0, ncases @ 8 }
    AssertTable = 0 { entries @ 0 }
    SwitchCases = 8 { probe @ 0, n @ 4, types @ 8 }
    TypePrefix = 64 { owner @ 0, link_string @ 8, link_string_len @ 16, heap @ 24, itabs @ 32, off @ 40, ident @ 44, probe @ 48, assert_table @ 56 }
}
const _: () = assert!(ASSERT_TABLE_OFFSET == -8 && HEAP_OFFSET == -40);
