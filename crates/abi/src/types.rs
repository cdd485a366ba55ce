//! Type descriptors, as `internal/abi/type.go` of Go 1.27 lays them out.

/// The common part of every descriptor.
#[repr(C)]
#[derive(Debug)]
pub struct Type {
    /// Size in bytes.
    pub size: usize,
    /// Length of the prefix that may hold pointers, in bytes; 0: none.
    pub ptr_bytes: usize,
    /// Hash of the type's identity.
    pub hash: u32,
    /// [`TFlag`] bits.
    pub tflag: u8,
    /// Alignment of a variable.
    pub align: u8,
    /// Alignment of a field.
    pub field_align: u8,
    /// `Kind`.
    pub kind: u8,
    /// `func(p, q unsafe.Pointer) bool`, nil when not comparable.
    pub equal: *const crate::value::FuncVal,
    /// Pointer bitmap over `ptr_bytes`, or the slot for one made on demand.
    pub gc_data: *const u8,
    /// Name, as an offset to resolve.
    pub str: i32,
    /// Descriptor of the pointer to this type, as an offset to resolve, or 0.
    pub ptr_to_this: i32,
}

/// Descriptor of an interface type.
#[repr(C)]
#[derive(Debug)]
pub struct InterfaceType {
    /// Common part.
    pub typ: Type,
    /// Import path.
    pub pkg_path: *const u8,
    /// `[]Imethod`: sorted, exported ones first.
    pub methods: crate::value::GoSlice,
}
