//! The type descriptors of a Program: one per type for all callers.
//!
//! [`Types`] is the interner: compiler, reflection and host request `*T`, `[]T`, `struct{..}` and so on and get the one
//! descriptor of that type, so that pointer equality is type identity. Descriptors have Go 1.27's layout
//! (`itab_abi::types`) and live in permanent memory; an address, once given out, never changes.
//!
//! * **Looking up** takes no lock: the set of descriptors is a [`PtrTable`], keyed by structure. The components of a
//!   composite type are interned already, so two composites are identical when kind, pointers and names agree.
//! * **Making** happens in a [`Batch`], which holds the interner's lock. Types are recursive, so a batch first creates
//!   descriptors (a named type by [`Batch::named`], before its underlying type is known) and completes them when it is
//!   committed: sizes, offsets, pointer masks, equality. No other code sees a descriptor before that, hence readers
//!   without a lock never see an incomplete one. A batch that is dropped without `commit` leaves no trace.
//! * Each descriptor is preceded by a [`TypePrefix`] with its link string, its itabs and its assertion table.

mod batch;
mod gcmask;
mod layout;
mod name;
mod offs;
mod quote;
mod shape;
mod show;

pub use batch::Batch;
pub use gcmask::{gc_mask, set_mask};
pub(crate) use layout::is_blank;
pub(crate) use name::decode as decode_name;
pub use name::{Name, is_exported};
pub use shape::{FieldDesc, IMethodDesc, MethodDesc, NamedDecl, Pkg};

use crate::sync::{Mutex, Ordering, lock};
use crate::types::host::{self, Hosts};
use crate::types::itab::{CodeIndex, ItabTable};
use crate::types::persistent::{PersistentMem, persistentalloc};
use crate::types::ptr_table::PtrTable;
use batch::InternerState;
use itab_abi::types::*;
use itab_abi::value::GoSlice;
use offs::OffTable;
use shape::Shape;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

/// A type descriptor of a [`Types`]; comparing two compares the types.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeRef<'t>(NonNull<Type>, PhantomData<&'t Types>);

// SAFETY: descriptors are immutable once committed, but for atomics.
unsafe impl Send for TypeRef<'_> {}
// SAFETY: as above.
unsafe impl Sync for TypeRef<'_> {}

/// What makes the methods that a struct type gets from embedded fields: their code is the compiler's.
pub trait MethodSource: Send + Sync {
    /// Gives `typ`, a new unnamed struct type with embedded fields, and its pointer type their promoted methods, by
    /// [`Batch::set_methods`]. Called when the batch that made it is committed.
    fn promote<'t>(&self, batch: &mut Batch<'t>, typ: TypeRef<'t>);
}

/// What makes the descriptors of declared types that a program has not used yet: the compiler knows them.
pub trait NamedSource: Send + Sync {
    /// The type `name` of the package with a path, made now; nil if there is none. An empty path is the package that the host
    /// has loaded.
    fn named(&self, pkg: &str, name: &str) -> *const Type;
}

/// The descriptors, itabs and assertion tables of one Program.
pub struct Types {
    pub(crate) mem: Box<dyn PersistentMem>,
    table: PtrTable<Type>,
    offs: OffTable,
    basics: OnceLock<[NonNull<Type>; Kind::ALL.len()]>,
    state: Mutex<InternerState>,
    pub(crate) masks: Mutex<()>,
    pub(crate) itabs: ItabTable,
    pub(crate) code: Mutex<CodeIndex>,
    methods: Mutex<Option<Arc<dyn MethodSource>>>,
    named: OnceLock<Box<dyn NamedSource>>,
    pub(crate) hosts: Hosts,
}

// SAFETY: `basics` are descriptors, see `TypeRef`; all else is Send + Sync by itself.
unsafe impl Send for Types {}
// SAFETY: as above.
unsafe impl Sync for Types {}

impl Types {
    /// An interner with the basic types, whose descriptors take their memory from `mem`.
    pub fn new(mem: Box<dyn PersistentMem>) -> Arc<Types> {
        let (table, writer) = PtrTable::new(512);
        let types = Arc::new(Types {
            mem,
            table,
            offs: OffTable::new(),
            basics: OnceLock::new(),
            state: Mutex::new(InternerState::new(writer)),
            masks: Mutex::new(()),
            itabs: ItabTable::new(),
            code: Mutex::new(CodeIndex::default()),
            methods: Mutex::new(None),
            named: OnceLock::new(),
            hosts: Hosts::default(),
        });
        let basics = Batch::make_basics(&types);
        types.basics.set(basics).expect("set once");
        types
    }

    /// Installs the source of promoted methods.
    pub fn set_method_source(&self, source: Arc<dyn MethodSource>) {
        *lock(&self.methods) = Some(source);
    }

    /// Whether one is installed.
    pub(crate) fn has_method_source(&self) -> bool {
        lock(&self.methods).is_some()
    }

    /// Takes the lock and starts making types. While the batch exists, its thread must make types through it alone.
    pub fn batch(&self) -> Batch<'_> {
        Batch::begin(self)
    }

    /// The predeclared type of a kind from `Bool` to `Complex128`, `String` or `UnsafePointer`.
    ///
    /// # Panics
    /// For the other kinds.
    pub fn basic(&self, kind: Kind) -> TypeRef<'_> {
        let p = self.basics.get().expect("made by `new`")[kind as usize];
        assert!(p != NonNull::dangling(), "{kind:?} is not a basic kind");
        TypeRef(p, PhantomData)
    }

    /// `*elem`.
    pub fn pointer_to<'t>(&'t self, elem: TypeRef<'t>) -> TypeRef<'t> {
        self.get(Shape::Pointer(elem))
    }

    /// `[]elem`.
    pub fn slice_of<'t>(&'t self, elem: TypeRef<'t>) -> TypeRef<'t> {
        self.get(Shape::Slice(elem))
    }

    /// `[len]elem`.
    pub fn array_of<'t>(&'t self, len: usize, elem: TypeRef<'t>) -> TypeRef<'t> {
        self.get(Shape::Array(len, elem))
    }

    /// `map[key]elem`.
    pub fn map_of<'t>(&'t self, key: TypeRef<'t>, elem: TypeRef<'t>) -> TypeRef<'t> {
        self.get(Shape::Map(key, elem))
    }

    /// A channel type; `dir` is one of [`chan_dir`].
    pub fn chan_of<'t>(&'t self, dir: usize, elem: TypeRef<'t>) -> TypeRef<'t> {
        self.get(Shape::Chan(dir, elem))
    }

    /// A func type; with `variadic` the last parameter is a slice.
    pub fn func_of<'t>(&'t self, ins: &[TypeRef<'t>], outs: &[TypeRef<'t>], variadic: bool) -> TypeRef<'t> {
        self.get(Shape::Func(ins, outs, variadic))
    }

    /// A struct type.
    pub fn struct_of<'t>(&'t self, fields: &[FieldDesc<'_, 't>]) -> TypeRef<'t> {
        self.get(Shape::Struct(fields))
    }

    /// An unnamed interface type; the methods may come in any order.
    pub fn interface_of<'t>(&'t self, methods: &[IMethodDesc<'_, 't>]) -> TypeRef<'t> {
        let sorted = shape::sorted_imethods(methods);
        self.get(Shape::Interface(&sorted))
    }

    /// The named type that was declared with this key, if it was. Takes no lock.
    pub fn lookup_named(&self, key: &str) -> Option<TypeRef<'_>> {
        self.find(&Shape::Named(key))
    }

    /// Installs the source of declared types, once.
    pub fn set_named_source(&self, source: Box<dyn NamedSource>) {
        let _ = self.named.set(source);
    }

    /// A type that is declared in a package, used so far or not. No lock of the compiler or of this interner is held. An empty
    /// path is the package that the host has loaded.
    pub fn named(&self, pkg: &str, name: &str) -> Option<TypeRef<'_>> {
        if !pkg.is_empty()
            && let Some(t) = self.lookup_named(&format!("{pkg}.{name}"))
        {
            return Some(t);
        }
        let found = self.named.get()?.named(pkg, name);
        // SAFETY: the source gives types of this interner only.
        (!found.is_null()).then(|| unsafe { TypeRef::from_ptr(found) })
    }

    /// Without a lock if the type exists, else by a batch of one.
    fn get<'t>(&'t self, shape: Shape<'_, 't>) -> TypeRef<'t> {
        if let Some(t) = self.find(&shape) {
            return t;
        }
        let mut batch = self.batch();
        let t = batch.intern(&shape);
        batch.commit();
        t
    }

    fn find<'t>(&'t self, shape: &Shape<'_, 't>) -> Option<TypeRef<'t>> {
        let hash = shape.ident();
        // SAFETY: the table holds committed descriptors of this interner only.
        let found = self.table.find(hash, |p| unsafe {
            let t = TypeRef::from_ptr(p);
            t.prefix().ident == hash && shape.matches(self, t)
        });
        // SAFETY: as above.
        (!found.is_null()).then(|| unsafe { TypeRef::from_ptr(found) })
    }

    /// Every committed type, in no order.
    pub fn for_each<'t>(&'t self, mut f: impl FnMut(TypeRef<'t>)) {
        // SAFETY: the table holds committed descriptors of this interner only.
        self.table.for_each(|p| f(unsafe { TypeRef::from_ptr(p) }));
    }

    /// Descriptors of the unnamed composite types, sorted by their text (`reflect.compiledTypelinks`).
    pub fn typelinks(&self) -> Vec<TypeRef<'_>> {
        let mut all = Vec::new();
        self.for_each(|t| {
            let listed = !matches!(t.kind(), Kind::Interface) && !t.is_named();
            if listed {
                all.push(t);
            }
        });
        all.sort_by_key(|t| t.string());
        all
    }

    /// The encoded name behind a `NameOff`, nil for 0 (`resolveNameOff`).
    pub fn resolve_name_off(&self, off: i32) -> *const u8 {
        self.offs.get(off) as *const u8
    }

    /// The descriptor behind a `TypeOff`, nil for 0 and below (`resolveTypeOff`).
    pub fn resolve_type_off(&self, off: i32) -> *const Type {
        self.offs.get(off) as *const Type
    }

    /// The code behind a `TextOff` as it is now, 0 if there is none (`resolveTextOff`).
    pub fn resolve_text_off(&self, off: i32) -> usize {
        self.offs.get(off)
    }

    /// A handle for any address; the same address gets the same handle (`addReflectOff`).
    pub fn add_reflect_off(&self, addr: usize) -> i32 {
        let mut state = lock(&self.state);
        let InternerState { reflect_offs, next_off, .. } = &mut *state;
        *reflect_offs.entry(addr).or_insert_with(|| self.offs.push(next_off, addr))
    }

    /// Decodes the name behind a handle.
    pub(crate) fn name(&self, off: i32) -> Name<'_> {
        // SAFETY: handles of names resolve to names that the interner encoded.
        unsafe { name::decode(self.resolve_name_off(off)) }
    }

    pub(crate) fn set_text(&self, off: i32, addr: usize) {
        self.offs.set(off, addr);
    }

    /// Permanent zeroed memory for `T`s that need no drop.
    pub(crate) fn alloc<T>(&self, n: usize) -> *mut T {
        const { assert!(!std::mem::needs_drop::<T>()) };
        persistentalloc(&*self.mem, size_of::<T>() * n, align_of::<T>()).cast()
    }

    /// Permanent copy of a text.
    pub(crate) fn alloc_str(&self, s: &str) -> *const u8 {
        let p = persistentalloc(&*self.mem, s.len(), 1);
        // SAFETY: fresh memory of that length.
        unsafe { p.copy_from_nonoverlapping(s.as_ptr(), s.len()) };
        p
    }

    /// Bytes of permanent memory in use.
    pub fn bytes(&self) -> usize {
        self.mem.used()
    }
}

impl std::fmt::Debug for Types {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Types").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

impl<'t> TypeRef<'t> {
    /// The descriptor at an address.
    ///
    /// # Safety
    /// `p` is a descriptor that a [`Types`] made, which outlives `'t`.
    pub unsafe fn from_ptr(p: *const Type) -> TypeRef<'t> {
        // SAFETY: descriptors are not at address 0.
        TypeRef(unsafe { NonNull::new_unchecked(p.cast_mut()) }, PhantomData)
    }

    /// Address of the descriptor.
    pub fn as_ptr(self) -> *const Type {
        self.0.as_ptr()
    }

    /// The common part. Of a type whose batch is not committed only kind, hash and text are valid.
    pub(crate) fn raw(self) -> *mut Type {
        self.0.as_ptr()
    }

    /// The descriptor as the struct of its kind.
    pub(crate) fn cast<T>(self) -> *mut T {
        self.0.as_ptr().cast()
    }

    pub(crate) fn prefix(self) -> &'t TypePrefix {
        // SAFETY: every descriptor of an interner is preceded by a prefix (module invariant).
        unsafe { &*self.0.as_ptr().cast::<TypePrefix>().sub(1) }
    }

    /// The interner that made it.
    pub fn owner(self) -> &'t Types {
        // SAFETY: set when the descriptor was made; the interner outlives 't.
        unsafe { &*self.prefix().owner.cast::<Types>() }
    }

    /// The kind.
    pub fn kind(self) -> Kind {
        // SAFETY: a descriptor (type invariant).
        unsafe { (*self.raw()).kind() }
    }

    /// Size of a value in bytes.
    pub fn size(self) -> usize {
        // SAFETY: a descriptor (type invariant).
        unsafe { (*self.raw()).size }
    }

    /// Alignment of a value.
    pub fn align(self) -> usize {
        // SAFETY: a descriptor (type invariant).
        unsafe { (*self.raw()).align as usize }
    }

    /// Length of the prefix that may hold pointers.
    pub fn ptr_bytes(self) -> usize {
        // SAFETY: a descriptor (type invariant).
        unsafe { (*self.raw()).ptr_bytes }
    }

    /// `TFLAG_*` bits.
    pub fn tflag(self) -> u8 {
        // SAFETY: a descriptor (type invariant).
        unsafe { (*self.raw()).tflag }
    }

    /// Hash of the identity.
    pub fn type_hash(self) -> u32 {
        // SAFETY: a descriptor (type invariant).
        unsafe { (*self.raw()).hash }
    }

    /// Whether `==` is defined.
    pub fn is_comparable(self) -> bool {
        // SAFETY: a descriptor (type invariant).
        unsafe { !(*self.raw()).equal.is_null() }
    }

    /// Whether it has a name.
    pub fn is_named(self) -> bool {
        self.tflag() & TFLAG_NAMED != 0
    }

    /// Whether a value is the data word of an interface itself.
    pub fn is_direct_iface(self) -> bool {
        self.tflag() & TFLAG_DIRECT_IFACE != 0
    }

    /// Text of the type, as package reflect prints it.
    pub fn string(self) -> &'t str {
        // SAFETY: a descriptor (type invariant).
        let (str, extra) = unsafe { ((*self.raw()).str, (*self.raw()).tflag & TFLAG_EXTRA_STAR != 0) };
        &self.owner().name(str).text[extra as usize..]
    }

    /// Text that identifies the type: full import paths instead of package names.
    pub fn link_string(self) -> &'t str {
        let prefix = self.prefix();
        // SAFETY: a permanent copy of a `str`, made with the descriptor.
        unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(prefix.link_string, prefix.link_string_len)) }
    }

    /// Import path of the package that declares a named type; empty for others.
    pub fn pkg_path(self) -> &'t str {
        match self.uncommon() {
            // SAFETY: `uncommon` points to this type's method table.
            Some(u) if self.is_named() => self.owner().name(unsafe { (*u).pkg_path }).text,
            _ => "",
        }
    }

    /// Import path in the method table: of a pointer type with methods too.
    pub(crate) fn method_pkg_path(self) -> &'t str {
        // SAFETY: `uncommon` points to this type's method table.
        self.uncommon().map_or("", |u| self.owner().name(unsafe { (*u).pkg_path }).text)
    }

    /// Where the method table stands, if there is one.
    pub(crate) fn uncommon(self) -> Option<*mut UncommonType> {
        let has = self.tflag() & TFLAG_UNCOMMON != 0;
        has.then(|| self.uncommon_place())
    }

    /// Where a method table stands if this type has one.
    pub(crate) fn uncommon_place(self) -> *mut UncommonType {
        // SAFETY: inside, or one past, the descriptor's allocation.
        unsafe { self.cast::<u8>().add(kind_struct_size(self.kind())).cast() }
    }

    /// The method table: exported methods first, then by name.
    pub fn methods(self) -> &'t [Method] {
        let Some(u) = self.uncommon() else { return &[] };
        // SAFETY: `moff` leads to `mcount` permanent methods (`Batch::set_methods`).
        unsafe {
            if (*u).mcount == 0 {
                return &[];
            }
            std::slice::from_raw_parts(u.cast::<u8>().add((*u).moff as usize).cast(), (*u).mcount as usize)
        }
    }

    /// Methods of an interface type; none for other kinds.
    pub fn imethods(self) -> &'t [Imethod] {
        if self.kind() != Kind::Interface {
            return &[];
        }
        // SAFETY: an interface type, whose methods are permanent.
        unsafe { go_slice(&(*self.cast::<InterfaceType>()).methods) }
    }

    /// Name and func type of a method of an interface type of this interner.
    pub fn imethod(self, m: &Imethod) -> (&'t str, TypeRef<'t>) {
        let types = self.owner();
        // SAFETY: a method of an interface type has a func type.
        let mtyp = unsafe { TypeRef::from_ptr(types.resolve_type_off(m.typ)) };
        (types.name(m.name).text, mtyp)
    }

    /// Fields of a struct type; none for other kinds.
    pub fn fields(self) -> &'t [StructField] {
        if self.kind() != Kind::Struct {
            return &[];
        }
        // SAFETY: a struct type, whose fields are permanent.
        unsafe { go_slice(&(*self.cast::<StructType>()).fields) }
    }

    /// Name of one of its fields.
    pub fn field_name(self, field: &StructField) -> &'t str {
        // SAFETY: a field of a descriptor has an encoded, permanent name.
        unsafe { name::decode(field.name) }.text
    }

    /// Name, tag and more of one of its fields.
    pub fn field_decl(self, field: &StructField) -> Name<'t> {
        // SAFETY: as in `field_name`.
        unsafe { name::decode(field.name) }
    }

    /// Name of a method of the method table.
    pub fn method_name(self, index: usize) -> &'t str {
        self.owner().name(self.methods()[index].name).text
    }

    /// Func type of a method of the method table, without the receiver, and the code that takes the receiver's word as its
    /// context; 0 if it is a method of the host without code.
    pub fn method_code(self, index: usize) -> (TypeRef<'t>, usize) {
        let method = self.methods()[index];
        let types = self.owner();
        // SAFETY: a method's type is a descriptor of the same interner.
        let mtyp = unsafe { TypeRef::from_ptr(types.resolve_type_off(method.mtyp)) };
        (mtyp, host::resolve_text(self, method.ifn))
    }

    /// Element type of an array, channel, map, pointer or slice type.
    pub fn elem(self) -> Option<TypeRef<'t>> {
        // SAFETY: each cast is to the struct of the kind; element types are of the same interner.
        unsafe {
            let elem = match self.kind() {
                Kind::Array => (*self.cast::<ArrayType>()).elem,
                Kind::Chan => (*self.cast::<ChanType>()).elem,
                Kind::Map => (*self.cast::<MapType>()).elem,
                Kind::Pointer => (*self.cast::<PtrType>()).elem,
                Kind::Slice => (*self.cast::<SliceType>()).elem,
                _ => return None,
            };
            // Nil in a named type that is not completed yet.
            (!elem.is_null()).then(|| TypeRef::from_ptr(elem))
        }
    }

    /// Direction of a channel type, one of [`chan_dir`]; else 0.
    pub fn chan_dir(self) -> usize {
        // SAFETY: the cast is to the struct of the kind.
        if self.kind() == Kind::Chan { unsafe { (*self.cast::<ChanType>()).dir } } else { 0 }
    }

    /// Key type of a map type.
    pub fn key(self) -> Option<TypeRef<'t>> {
        // SAFETY: the cast is to the struct of the kind.
        (self.kind() == Kind::Map).then(|| unsafe { TypeRef::from_ptr((*self.cast::<MapType>()).key) })
    }

    /// Length of an array type, else 0.
    pub fn len(self) -> usize {
        // SAFETY: the cast is to the struct of the kind.
        if self.kind() == Kind::Array { unsafe { (*self.cast::<ArrayType>()).len } } else { 0 }
    }

    /// Whether an array type has no elements; true for other kinds.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Parameter and result types of a func type, and whether it is variadic.
    pub fn signature(self) -> (&'t [TypeRef<'t>], &'t [TypeRef<'t>], bool) {
        if self.kind() != Kind::Func {
            return (&[], &[], false);
        }
        let f = self.cast::<FuncType>();
        // SAFETY: a func type is followed by its types; `TypeRef` is a pointer.
        unsafe {
            let ins = (*f).in_count as usize;
            let outs = ((*f).out_count & !VARIADIC) as usize;
            let all = std::slice::from_raw_parts(self.func_types(), ins + outs);
            (&all[..ins], &all[ins..], (*f).out_count & VARIADIC != 0)
        }
    }

    /// Where the parameter types of a func type stand: behind the method table's place if it is named.
    pub(crate) fn func_types(self) -> *mut TypeRef<'t> {
        let skip = if self.is_named() { size_of::<UncommonType>() } else { 0 };
        // SAFETY: inside the descriptor's allocation.
        unsafe { self.uncommon_place().cast::<u8>().add(skip).cast() }
    }

    /// The descriptor of `*T` if one exists already.
    pub fn ptr_to_this(self) -> Option<TypeRef<'t>> {
        // SAFETY: a descriptor (type invariant).
        let off = unsafe { (*self.raw()).ptr_to_this.load(Ordering::Acquire) };
        let p = self.owner().resolve_type_off(off);
        // SAFETY: set to a committed descriptor's handle only.
        (!p.is_null()).then(|| unsafe { TypeRef::from_ptr(p) })
    }
}

/// A Go slice of permanent memory as a Rust one.
///
/// # Safety
/// `s` describes `len` initialised `T`s that live for `'a`.
unsafe fn go_slice<'a, T>(s: &GoSlice) -> &'a [T] {
    if s.len == 0 {
        return &[];
    }
    // SAFETY: the caller vouches for it.
    unsafe { std::slice::from_raw_parts(s.ptr.cast(), s.len) }
}

impl std::fmt::Display for TypeRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.string())
    }
}

impl std::fmt::Debug for TypeRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.link_string())
    }
}
