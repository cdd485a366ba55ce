//! Making descriptors: the batch that creates, completes and publishes them.

use super::layout;
use super::name::{self, NameParts, is_exported};
use super::shape::{FieldDesc, IMethodDesc, MethodDesc, NamedDecl, Shape, method_order, sorted_imethods};
use super::show::{Form, show};
use super::{TypeRef, Types};
use crate::sync::{MutexGuard, Ordering, lock};
use crate::types::assert;
use crate::types::host::HostMethods;
use crate::types::itab;
use crate::types::persistent::persistentalloc;
use crate::types::ptr_table::Writer;
use hashbrown::HashTable;
use itab_abi::types::*;
use itab_abi::value::GoSlice;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::{Hash, Hasher};
use std::ptr::NonNull;
use std::sync::Arc;

/// An encoded name and its handle (0 while it has none).
#[derive(Clone, Copy)]
struct NameEntry {
    ptr: *const u8,
    len: usize,
    off: i32,
}

/// What the interner's lock guards.
pub(super) struct InternerState {
    writer: Writer<Type>,
    pub(super) next_off: i32,
    names: HashTable<NameEntry>,
    masks: HashTable<(*const u64, usize)>,
    pub(super) reflect_offs: FxHashMap<usize, i32>,
}

// SAFETY: the pointers are to permanent memory that nobody writes.
unsafe impl Send for InternerState {}

impl InternerState {
    pub(super) fn new(writer: Writer<Type>) -> InternerState {
        InternerState {
            writer,
            next_off: 0,
            names: HashTable::new(),
            masks: HashTable::new(),
            reflect_offs: FxHashMap::default(),
        }
    }
}

fn hash_of<T: Hash + ?Sized>(v: &T) -> u64 {
    let mut h = FxHasher::default();
    v.hash(&mut h);
    h.finish()
}

/// Types being made. Holds the interner's lock until it is committed or dropped.
pub struct Batch<'t> {
    pub(super) types: &'t Types,
    state: MutexGuard<'t, InternerState>,
    /// Made by this batch and not published yet, in order.
    fresh: Vec<TypeRef<'t>>,
    index: HashTable<TypeRef<'t>>,
    /// Underlying types of the fresh named types.
    pub(super) underlying: FxHashMap<TypeRef<'t>, TypeRef<'t>>,
    /// Types whose layout is being made.
    pub(super) in_progress: FxHashSet<TypeRef<'t>>,
    /// Map types whose groups are still open, and named ones with what to copy from.
    pub(super) open_maps: Vec<(TypeRef<'t>, Option<TypeRef<'t>>)>,
    /// Whether types made now have neither equality nor hash.
    pub(super) noalg: bool,
    /// Functions of the fresh types of the host.
    hosts: Vec<(TypeRef<'t>, Arc<dyn HostMethods>)>,
}

impl<'t> Batch<'t> {
    pub(super) fn begin(types: &'t Types) -> Batch<'t> {
        let state = lock(&types.state);
        Batch {
            types,
            state,
            fresh: Vec::new(),
            index: HashTable::new(),
            underlying: FxHashMap::default(),
            in_progress: FxHashSet::default(),
            open_maps: Vec::new(),
            noalg: false,
            hosts: Vec::new(),
        }
    }

    /// The interner.
    pub fn types(&self) -> &'t Types {
        self.types
    }

    /// As [`Types::basic`].
    pub fn basic(&self, kind: Kind) -> TypeRef<'t> {
        self.types.basic(kind)
    }

    /// `*elem`.
    pub fn pointer_to(&mut self, elem: TypeRef<'t>) -> TypeRef<'t> {
        self.intern(&Shape::Pointer(elem))
    }

    /// `[]elem`.
    pub fn slice_of(&mut self, elem: TypeRef<'t>) -> TypeRef<'t> {
        self.intern(&Shape::Slice(elem))
    }

    /// `[len]elem`.
    pub fn array_of(&mut self, len: usize, elem: TypeRef<'t>) -> TypeRef<'t> {
        self.intern(&Shape::Array(len, elem))
    }

    /// `map[key]elem`.
    pub fn map_of(&mut self, key: TypeRef<'t>, elem: TypeRef<'t>) -> TypeRef<'t> {
        self.intern(&Shape::Map(key, elem))
    }

    /// A channel type; `dir` is one of [`chan_dir`].
    pub fn chan_of(&mut self, dir: usize, elem: TypeRef<'t>) -> TypeRef<'t> {
        self.intern(&Shape::Chan(dir, elem))
    }

    /// A func type; with `variadic` the last parameter is a slice.
    pub fn func_of(&mut self, ins: &[TypeRef<'t>], outs: &[TypeRef<'t>], variadic: bool) -> TypeRef<'t> {
        self.intern(&Shape::Func(ins, outs, variadic))
    }

    /// A struct type.
    pub fn struct_of(&mut self, fields: &[FieldDesc<'_, 't>]) -> TypeRef<'t> {
        self.intern(&Shape::Struct(fields))
    }

    /// An unnamed interface type; the methods may come in any order.
    pub fn interface_of(&mut self, methods: &[IMethodDesc<'_, 't>]) -> TypeRef<'t> {
        self.intern(&Shape::Interface(&sorted_imethods(methods)))
    }

    /// The named type with this key. If [`Batch::is_fresh`] says that the batch made it and it was not completed yet,
    /// the caller owes [`Batch::complete_named`] before the commit.
    pub fn named(&mut self, decl: &NamedDecl<'_>) -> TypeRef<'t> {
        let shape = Shape::Named(decl.key);
        if let Some(t) = self.find(&shape) {
            return t;
        }
        let t = self.new_descriptor(decl.kind, decl.params, shape.ident(), decl.key);
        self.add_fresh(t);
        let generic = decl.name.split('[').next().unwrap_or_default();
        let exported = is_exported(generic.rsplit('.').next().unwrap_or_default());
        self.set_string(t, decl.name, exported);
        let pkg_path = self.pkg_path_off(decl.pkg_path);
        let raw = t.raw();
        // SAFETY: a fresh descriptor, which has room for the method table's head, and which only this batch sees.
        unsafe {
            (*raw).tflag |= TFLAG_NAMED | TFLAG_UNCOMMON;
            (*t.uncommon_place()).pkg_path = pkg_path;
        }
        t
    }

    /// Whether the type was made by this batch and is not published yet.
    pub fn is_fresh(&self, t: TypeRef<'t>) -> bool {
        let hash = u64::from(t.prefix().ident);
        self.index.find(hash, |&f| f == t).is_some()
    }

    /// Whether a fresh named type still waits for [`Batch::complete_named`].
    pub fn needs_completion(&self, t: TypeRef<'t>) -> bool {
        self.is_fresh(t) && t.is_named() && !self.underlying.contains_key(&t)
    }

    /// Gives a fresh named type its underlying type, its methods and those of its pointer type (which include the
    /// methods with value receivers). Methods may come in any order; generic ones do not belong in the table.
    ///
    /// # Panics
    /// If the type is not fresh, was completed already or was declared with another kind.
    pub fn complete_named(
        &mut self,
        t: TypeRef<'t>,
        underlying: TypeRef<'t>,
        methods: &[MethodDesc<'_, 't>],
        ptr_methods: &[MethodDesc<'_, 't>],
    ) {
        assert!(self.needs_completion(t), "{t:?} is not waiting for completion");
        assert_eq!(t.kind(), underlying.kind(), "{t:?} was declared with another kind");
        self.underlying.insert(t, underlying);
        if !methods.is_empty() {
            self.set_methods(t, methods);
        }
        if !ptr_methods.is_empty() {
            let ptr = self.pointer_to(t);
            self.set_methods(ptr, ptr_methods);
        }
    }

    /// Gives a fresh type its method table: a named type, a pointer to one, a struct type with embedded fields or a
    /// pointer to one.
    ///
    /// # Panics
    /// If the type is not fresh or has methods already.
    pub fn set_methods(&mut self, t: TypeRef<'t>, methods: &[MethodDesc<'_, 't>]) {
        assert!(self.is_fresh(t), "{t:?} is published; its methods are fixed");
        assert!(t.methods().is_empty(), "{t:?} has methods already");
        if methods.is_empty() {
            return;
        }
        let own_pkg = self.method_pkg(t);
        let mut sorted = methods.to_vec();
        sorted.sort_by(|a, b| method_order(a.name, a.pkg_path).cmp(&method_order(b.name, b.pkg_path)));
        let encoded: Vec<Method> = sorted.iter().map(|m| self.encode_method(m, own_pkg)).collect();
        let table = self.types.alloc::<Method>(encoded.len());
        let pkg_path = self.pkg_path_off(own_pkg);
        let u = t.uncommon_place();
        let moff = (table as usize).checked_sub(u as usize).and_then(|d| u32::try_from(d).ok());
        // SAFETY: `table` is fresh memory for that many; `u` lies in the descriptor, which only this batch sees.
        unsafe {
            table.copy_from_nonoverlapping(encoded.as_ptr(), encoded.len());
            (*u).pkg_path = pkg_path;
            (*u).mcount = u16::try_from(encoded.len()).expect("at most 65,535 methods");
            (*u).xcount = sorted.iter().filter(|m| is_exported(m.name)).count() as u16;
            (*u).moff = moff.expect("permanent memory ascends within 4 GB");
            (*t.raw()).tflag |= TFLAG_UNCOMMON;
        }
        itab::await_code(t);
    }

    fn encode_method(&mut self, m: &MethodDesc<'_, 't>, own_pkg: &str) -> Method {
        let exported = is_exported(m.name);
        let foreign = !exported && m.pkg_path != own_pkg;
        let pkg_path = if foreign { self.pkg_path_off(m.pkg_path) } else { 0 };
        let name = self.name_off(NameParts { text: m.name, exported, pkg_path, ..NameParts::default() });
        let mtyp = self.type_off(m.mtyp);
        let ifn = self.types.offs.push(&mut self.state.next_off, m.ifn);
        let tfn = self.types.offs.push(&mut self.state.next_off, m.tfn);
        Method { name, mtyp, ifn, tfn }
    }

    /// Package whose hidden methods need no package path in their names.
    fn method_pkg(&self, t: TypeRef<'t>) -> &'t str {
        match t.kind() {
            Kind::Pointer if !t.is_named() => t.elem().map_or("", TypeRef::pkg_path),
            _ => t.pkg_path(),
        }
    }

    /// Completes everything that was made and shows it to all threads.
    ///
    /// # Panics
    /// If a named type was not completed, or contains itself by value.
    pub fn commit(mut self) {
        self.promote_methods();
        let mut done = 0;
        while done < self.fresh.len() {
            let t = self.fresh[done];
            layout::layout(&mut self, t);
            done += 1;
        }
        layout::finish_maps(&mut self);
        for (t, host) in std::mem::take(&mut self.hosts) {
            self.types.hosts.insert(t.as_ptr(), host);
        }
        for t in std::mem::take(&mut self.fresh) {
            self.link_to_elem(t);
            // SAFETY: the table holds descriptors, which have prefixes.
            let ident = |p: *mut Type| unsafe { TypeRef::from_ptr(p).prefix().ident };
            self.types.table.insert(&mut self.state.writer, t.raw(), ident);
        }
    }

    /// Notes the functions of a fresh type of the host.
    pub(crate) fn keep_host(&mut self, t: TypeRef<'t>, host: Arc<dyn HostMethods>) {
        self.hosts.push((t, host));
    }

    /// Asks the method source about fresh struct types with embedded fields.
    fn promote_methods(&mut self) {
        let source = lock(&self.types.methods).clone();
        let Some(source) = source else { return };
        let mut done = 0;
        while done < self.fresh.len() {
            let t = self.fresh[done];
            if !t.is_named() && t.methods().is_empty() && has_embedded(t) {
                source.promote(self, t);
            }
            done += 1;
        }
    }

    /// Lets `T` know about a new `*T`.
    fn link_to_elem(&mut self, t: TypeRef<'t>) {
        if t.kind() != Kind::Pointer || t.is_named() {
            return;
        }
        let Some(elem) = t.elem() else { return };
        let off = self.type_off(t);
        // SAFETY: a descriptor; the field is atomic.
        unsafe { (*elem.raw()).ptr_to_this.store(off, Ordering::Release) };
    }

    fn find(&self, shape: &Shape<'_, 't>) -> Option<TypeRef<'t>> {
        let hash = u64::from(shape.ident());
        let fresh = self.index.find(hash, |&t| shape.matches(self.types, t)).copied();
        fresh.or_else(|| self.types.find(shape))
    }

    pub(super) fn intern(&mut self, shape: &Shape<'_, 't>) -> TypeRef<'t> {
        match self.find(shape) {
            Some(t) => t,
            None => {
                let t = self.make(shape, shape.ident());
                self.add_fresh(t);
                t
            }
        }
    }

    fn add_fresh(&mut self, t: TypeRef<'t>) {
        let hash = u64::from(t.prefix().ident);
        self.index.insert_unique(hash, t, |t| u64::from(t.prefix().ident));
        self.fresh.push(t);
    }

    /// A type that nobody can name, such as a map's group: laid out at once and not published.
    pub(super) fn private_type(&mut self, shape: &Shape<'_, 't>, text: &str) -> TypeRef<'t> {
        let t = self.make(shape, shape.ident());
        self.set_string(t, text, false);
        self.noalg = true;
        layout::layout(self, t);
        self.noalg = false;
        t
    }

    /// Creates the descriptor of an unnamed type; its layout is left open.
    fn make(&mut self, shape: &Shape<'_, 't>, ident: u32) -> TypeRef<'t> {
        let params = match shape {
            Shape::Func(ins, outs, _) => ins.len() + outs.len(),
            _ => 0,
        };
        let t = self.new_descriptor(shape.kind(), params, ident, &show(shape, Form::Link));
        let exported = match shape {
            Shape::Pointer(elem) if elem.is_named() => {
                // SAFETY: a descriptor's name.
                unsafe { name::decode(self.types.resolve_name_off((*elem.raw()).str)).exported }
            }
            _ => false,
        };
        self.set_string(t, &show(shape, Form::String), exported);
        // SAFETY: `t` is fresh, of the shape's kind, and only this batch sees it.
        unsafe { self.fill(t, shape) };
        t
    }

    /// Writes the components.
    ///
    /// # Safety
    /// `t` is a fresh descriptor of the shape's kind.
    unsafe fn fill(&mut self, t: TypeRef<'t>, shape: &Shape<'_, 't>) {
        // SAFETY: each cast is to the struct of the kind, which the caller vouches for.
        unsafe {
            match *shape {
                Shape::Pointer(elem) => (*t.cast::<PtrType>()).elem = elem.as_ptr(),
                Shape::Slice(elem) => (*t.cast::<SliceType>()).elem = elem.as_ptr(),
                Shape::Array(len, elem) => {
                    let a = t.cast::<ArrayType>();
                    (*a).len = len;
                    (*a).elem = elem.as_ptr();
                    (*a).slice = self.slice_of(elem).as_ptr();
                }
                Shape::Map(key, elem) => {
                    let m = t.cast::<MapType>();
                    (*m).key = key.as_ptr();
                    (*m).elem = elem.as_ptr();
                }
                Shape::Chan(dir, elem) => {
                    let c = t.cast::<ChanType>();
                    (*c).dir = dir;
                    (*c).elem = elem.as_ptr();
                }
                Shape::Func(ins, outs, variadic) => {
                    let f = t.cast::<FuncType>();
                    (*f).in_count = u16::try_from(ins.len()).expect("at most 65,535 parameters");
                    let outs_count = u16::try_from(outs.len()).ok().filter(|n| n & VARIADIC == 0);
                    (*f).out_count = outs_count.expect("at most 32,767 results") | if variadic { VARIADIC } else { 0 };
                    t.func_types().copy_from_nonoverlapping(ins.as_ptr(), ins.len());
                    t.func_types().add(ins.len()).copy_from_nonoverlapping(outs.as_ptr(), outs.len());
                }
                Shape::Struct(fields) => self.fill_struct(t.cast(), fields),
                Shape::Interface(methods) => self.fill_interface(t.cast(), methods),
                Shape::Named(_) => unreachable!("named types are made by `named`"),
            }
        }
    }

    /// # Safety
    /// `s` is a fresh struct type.
    unsafe fn fill_struct(&mut self, s: *mut StructType, fields: &[FieldDesc<'_, 't>]) {
        let at = self.types.alloc::<StructField>(fields.len());
        for (i, f) in fields.iter().enumerate() {
            let exported = is_exported(f.name);
            let parts = NameParts { text: f.name, tag: f.tag, exported, embedded: f.embedded, pkg_path: 0 };
            let name = self.encoded(parts);
            // SAFETY: `at` has room for all fields. Offsets are set by the layout.
            unsafe { at.add(i).write(StructField { name, typ: f.typ.as_ptr(), offset: 0 }) };
        }
        let hidden = fields.iter().find(|f| !is_exported(f.name));
        let pkg_path = hidden.map_or(std::ptr::null(), |f| self.pkg_path(f.pkg_path));
        // SAFETY: the caller vouches for `s`.
        unsafe {
            (*s).pkg_path = pkg_path;
            (*s).fields = permanent_slice(at, fields.len());
        }
    }

    /// # Safety
    /// `t` is a fresh interface type.
    unsafe fn fill_interface(&mut self, t: *mut InterfaceType, methods: &[IMethodDesc<'_, 't>]) {
        let at = self.types.alloc::<Imethod>(methods.len());
        for (i, m) in methods.iter().enumerate() {
            let exported = is_exported(m.name);
            let pkg_path = if exported { 0 } else { self.pkg_path_off(m.pkg.path) };
            let name = self.name_off(NameParts { text: m.name, exported, pkg_path, ..NameParts::default() });
            let typ = self.type_off(m.typ);
            // SAFETY: `at` has room for all methods.
            unsafe { at.add(i).write(Imethod { name, typ }) };
        }
        // SAFETY: the caller vouches for `t`.
        unsafe { (*t).methods = permanent_slice(at, methods.len()) };
    }

    /// Zeroed memory for a descriptor of this kind, with prefix, link string, hash and kind set.
    fn new_descriptor(&mut self, kind: Kind, params: usize, ident: u32, link: &str) -> TypeRef<'t> {
        let may_have_methods = size_of::<UncommonType>();
        let size = kind_struct_size(kind) + may_have_methods + params * size_of::<usize>();
        let p = persistentalloc(&*self.types.mem, size_of::<TypePrefix>() + size, align_of::<TypePrefix>());
        let prefix = p.cast::<TypePrefix>();
        // SAFETY: fresh memory for both, suitably aligned; the prefix directly precedes the descriptor.
        unsafe {
            let typ = prefix.add(1).cast::<Type>();
            (*prefix).owner = std::ptr::from_ref(self.types).cast();
            (*prefix).link_string = self.types.alloc_str(link);
            (*prefix).link_string_len = link.len();
            (*prefix).ident = ident;
            (*prefix).probe.store(NO_PROBE, Ordering::Relaxed);
            (*prefix).assert_table.store(assert::empty_assert_table(), Ordering::Relaxed);
            (*typ).kind = kind as u8;
            (*typ).hash = link_hash(link);
            (*typ).tflag = TFLAG_PREFIX;
            TypeRef::from_ptr(typ)
        }
    }

    /// Sets the text that reflection prints. `T` and `*T` share it.
    fn set_string(&mut self, t: TypeRef<'t>, text: &str, exported: bool) {
        let starred = format!("*{text}");
        let extra = !text.starts_with('*');
        let text = if extra { &starred } else { text };
        let str = self.name_off(NameParts { text, exported, ..NameParts::default() });
        let raw = t.raw();
        // SAFETY: fresh, seen by this batch only.
        unsafe {
            (*raw).str = str;
            (*raw).tflag = (*raw).tflag & !TFLAG_EXTRA_STAR | if extra { TFLAG_EXTRA_STAR } else { 0 };
        }
    }

    /// The encoded name, one copy per content.
    fn encoded(&mut self, parts: NameParts<'_>) -> *const u8 {
        self.name_entry(parts).ptr
    }

    /// The handle of a name that reflection made.
    pub(crate) fn intern_name(&mut self, name: name::Name<'_>) -> i32 {
        let name::Name { text, tag, exported, embedded, pkg_path } = name;
        self.name_off(NameParts { text, tag, exported, embedded, pkg_path })
    }

    fn name_off(&mut self, parts: NameParts<'_>) -> i32 {
        let NameEntry { ptr, off, .. } = *self.name_entry(parts);
        if off != 0 {
            return off;
        }
        let off = self.types.offs.push(&mut self.state.next_off, ptr as usize);
        self.name_entry(parts).off = off;
        off
    }

    fn name_entry(&mut self, parts: NameParts<'_>) -> &mut NameEntry {
        let mut bytes = Vec::with_capacity(parts.text.len() + parts.tag.len() + 8);
        name::encode(parts, &mut bytes);
        let types = self.types;
        // SAFETY: entries describe permanent copies.
        let content = |e: &NameEntry| unsafe { std::slice::from_raw_parts(e.ptr, e.len) };
        let entry = self.state.names.entry(hash_of(&bytes[..]), |e| content(e) == bytes, |e| hash_of(content(e)));
        let occupied = entry.or_insert_with(|| {
            let ptr = persistentalloc(&*types.mem, bytes.len(), 1);
            // SAFETY: fresh memory of that length.
            unsafe { ptr.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
            NameEntry { ptr, len: bytes.len(), off: 0 }
        });
        occupied.into_mut()
    }

    /// The encoded import path, nil for none.
    fn pkg_path(&mut self, path: &str) -> *const u8 {
        if path.is_empty() {
            return std::ptr::null();
        }
        self.encoded(NameParts { text: path, ..NameParts::default() })
    }

    fn pkg_path_off(&mut self, path: &str) -> i32 {
        if path.is_empty() {
            return 0;
        }
        self.name_off(NameParts { text: path, ..NameParts::default() })
    }

    /// For a named interface type: the encoded import path.
    pub(super) fn named_pkg_path(&mut self, t: TypeRef<'t>) -> *const u8 {
        self.pkg_path(t.pkg_path())
    }

    fn type_off(&mut self, t: TypeRef<'t>) -> i32 {
        let off = &t.prefix().off;
        if off.load(Ordering::Relaxed) == 0 {
            off.store(self.types.offs.push(&mut self.state.next_off, t.raw() as usize), Ordering::Relaxed);
        }
        off.load(Ordering::Relaxed)
    }

    /// A permanent copy of a mask, one per content.
    pub(super) fn mask(&mut self, words: &[u64]) -> *const u8 {
        let types = self.types;
        // SAFETY: entries describe permanent copies.
        let content = |e: &(*const u64, usize)| unsafe { std::slice::from_raw_parts(e.0, e.1) };
        let entry = self.state.masks.entry(hash_of(words), |e| content(e) == words, |e| hash_of(content(e)));
        let entry = entry.or_insert_with(|| {
            let p = types.alloc::<u64>(words.len());
            // SAFETY: fresh memory for that many words.
            unsafe { p.copy_from_nonoverlapping(words.as_ptr(), words.len()) };
            (p.cast_const(), words.len())
        });
        entry.get().0.cast()
    }

    /// Creates and publishes the predeclared types; called once, before anyone else can see the interner.
    pub(super) fn make_basics(types: &'t Types) -> [NonNull<Type>; Kind::ALL.len()] {
        let mut batch = Batch::begin(types);
        let mut basics = [NonNull::dangling(); Kind::ALL.len()];
        for kind in Kind::ALL {
            let Some(name) = basic_name(kind) else { continue };
            let pkg_path = if kind == Kind::UnsafePointer { "unsafe" } else { "" };
            let t = batch.named(&NamedDecl { key: name, name, pkg_path, kind, params: 0 });
            layout::layout_basic(&mut batch, t);
            basics[kind as usize] = t.0;
        }
        batch.commit();
        basics
    }
}

impl std::fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("fresh", &self.fresh).finish_non_exhaustive()
    }
}

/// A Go slice over permanent memory, whose length is its capacity.
pub(super) fn permanent_slice<T>(p: *mut T, len: usize) -> GoSlice {
    GoSlice { ptr: if len == 0 { std::ptr::null_mut() } else { p.cast() }, len, cap: len }
}

/// Whether an unnamed struct type has embedded fields.
fn has_embedded(t: TypeRef<'_>) -> bool {
    // SAFETY: names of fields were encoded by the interner.
    t.fields().iter().any(|f| unsafe { name::decode(f.name).embedded })
}

/// `Type::hash`: FNV-1a over the link string, folded. Must not change between processes or machines.
fn link_hash(link: &str) -> u32 {
    let mut h = 0xcbf2_9ce4_8422_2325_u64;
    for b in link.bytes() {
        h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    }
    h = (h ^ (h >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (h >> 32) as u32
}

fn basic_name(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Bool => "bool",
        Kind::Int => "int",
        Kind::Int8 => "int8",
        Kind::Int16 => "int16",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint => "uint",
        Kind::Uint8 => "uint8",
        Kind::Uint16 => "uint16",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Uintptr => "uintptr",
        Kind::Float32 => "float32",
        Kind::Float64 => "float64",
        Kind::Complex64 => "complex64",
        Kind::Complex128 => "complex128",
        Kind::String => "string",
        Kind::UnsafePointer => "unsafe.Pointer",
        _ => return None,
    })
}

// Lookups cast between the two.
const _: () = assert!(size_of::<TypeRef<'_>>() == size_of::<*const Type>());
