//! Itabs: one per pair of interface type and dynamic type, and the fast path of assertions.
//!
//! As in Go, [`getitab`] searches a hash table without a lock, then again under the lock, and then builds the itab.
//! Both method lists are sorted, so one parallel walk finds every method or the first that is missing. A pair whose
//! type does not implement the interface is cached too, as a *negative* entry (`fun[0] == 0`), so that failing
//! assertions are fast. Itabs are permanent.
//!
//! A type of the host has no table to walk: the host is asked for each method, before the lock is taken ([`host`]).
//!
//! The itabs of a type form a list ([`ItabPrefix`]), so that [`set_method_code`] can put real code in place of a stub.
//!
//! Everything that writes holds the table's lock; an itab is complete before it is published.

use crate::sync::{Mutex, Ordering, lock};
use crate::types::assert::Asserts;
use crate::types::errors::{NO_METHOD, RuntimeError, TypeAssertionError};
use crate::types::host;
use crate::types::persistent::persistentalloc;
use crate::types::ptr_table::{PtrTable, Writer};
use crate::types::{Name, TypeRef, Types};
use itab_abi::iface::{Itab, itab_fun_offset};
use itab_abi::types::*;
use itab_abi::value::GoString;
use rustc_hash::FxHashMap;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// What precedes an itab in memory.
#[repr(C)]
struct ItabPrefix {
    /// The next older itab of the same type.
    next: *mut Itab,
}

/// An itab of a [`Types`]. (A Rust reference would cover its first method only.)
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ItabRef<'t>(NonNull<Itab>, PhantomData<&'t Types>);

// SAFETY: itabs are immutable once published, but for atomics.
unsafe impl Send for ItabRef<'_> {}
// SAFETY: as above.
unsafe impl Sync for ItabRef<'_> {}

impl<'t> ItabRef<'t> {
    /// The itab at an address.
    ///
    /// # Safety
    /// `m` is an itab that this module made, whose program outlives `'t`.
    pub unsafe fn from_ptr(m: *const Itab) -> ItabRef<'t> {
        // SAFETY: itabs are not at address 0.
        ItabRef(unsafe { NonNull::new_unchecked(m.cast_mut()) }, PhantomData)
    }

    /// Address of the itab.
    pub fn as_ptr(self) -> *const Itab {
        self.0.as_ptr()
    }

    /// The interface type.
    pub fn inter(self) -> TypeRef<'t> {
        // SAFETY: a complete itab, whose interface is a descriptor.
        unsafe { TypeRef::from_ptr((*self.as_ptr()).inter.cast()) }
    }

    /// The dynamic type.
    pub fn typ(self) -> TypeRef<'t> {
        // SAFETY: a complete itab, whose type is a descriptor.
        unsafe { TypeRef::from_ptr((*self.as_ptr()).typ) }
    }

    /// The type's hash.
    pub fn hash(self) -> u32 {
        // SAFETY: a complete itab.
        unsafe { (*self.as_ptr()).hash }
    }

    /// Whether the type does not implement the interface.
    pub fn is_negative(self) -> bool {
        // SAFETY: a complete itab.
        unsafe { (*self.as_ptr()).is_negative() }
    }

    /// Code of the interface's method `i` as it is now.
    pub fn code(self, i: usize) -> usize {
        assert!(i < self.inter().imethods().len(), "no such method");
        // SAFETY: there is one code word per method.
        unsafe { (*fun(self.0.as_ptr(), i)).load(Ordering::Acquire) }
    }
}

impl std::fmt::Debug for ItabRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "itab({:?}, {:?})", self.inter(), self.typ())
    }
}

/// All itabs of a Program.
pub(crate) struct ItabTable {
    table: PtrTable<Itab>,
    pub(crate) state: Mutex<ItabState>,
}

pub(crate) struct ItabState {
    writer: Writer<Itab>,
    /// What assertions know; see [`crate::types::assert`].
    pub(crate) asserts: Asserts,
}

impl ItabTable {
    pub(crate) fn new() -> ItabTable {
        let (table, writer) = PtrTable::new(512);
        ItabTable { table, state: Mutex::new(ItabState { writer, asserts: Asserts::default() }) }
    }
}

fn itab_hash(inter: *const Type, typ: *const Type) -> u32 {
    // SAFETY: both are descriptors.
    unsafe { (*inter).hash ^ (*typ).hash }
}

/// The itab of (`inter`, `typ`), found or made; `None` if `typ` lacks a method.
#[inline]
pub fn getitab_ok<'t>(inter: TypeRef<'t>, typ: TypeRef<'t>) -> Option<ItabRef<'t>> {
    let m = find_or_add(inter, typ);
    (!m.is_negative()).then_some(m)
}

/// The itab of (`inter`, `typ`), or why there is none.
pub fn getitab<'t>(inter: TypeRef<'t>, typ: TypeRef<'t>) -> Result<ItabRef<'t>, RuntimeError> {
    getitab_ok(inter, typ).ok_or_else(|| missing(inter, typ))
}

/// The itab of (`inter`, `typ`), negative ones included: what compiled code compares with may be one, in an instance of
/// a generic function whose type argument lacks a method.
#[inline]
pub fn find_or_add<'t>(inter: TypeRef<'t>, typ: TypeRef<'t>) -> ItabRef<'t> {
    let types = inter.owner();
    let mut m = types.itabs.find(inter.as_ptr(), typ.as_ptr());
    if m.is_null() {
        m = add_locked(inter, typ);
    }
    // SAFETY: itabs are permanent and complete when published.
    unsafe { ItabRef::from_ptr(m) }
}

#[cold]
fn add_locked(inter: TypeRef<'_>, typ: TypeRef<'_>) -> *mut Itab {
    assert!(!inter.imethods().is_empty(), "{inter} has no methods and needs no itab");
    let types = inter.owner();
    prepare(inter, typ);
    let mut state = lock(&types.itabs.state);
    add(types, &mut state, inter, typ)
}

impl ItabTable {
    #[inline]
    fn find(&self, inter: *const Type, typ: *const Type) -> *mut Itab {
        // SAFETY: entries are complete itabs.
        self.table.find(itab_hash(inter, typ), |m| unsafe { (*m).inter.cast::<Type>() == inter && (*m).typ == typ })
    }
}

/// Makes the itab now if `typ` is of the host, which may need the compiler for its methods' code. Linking takes the lock of
/// the itabs while it holds the compiler's, so the host is asked while neither is held.
#[inline]
pub(crate) fn prepare(inter: TypeRef<'_>, typ: TypeRef<'_>) {
    if typ.is_host() {
        add_of_host(inter, typ);
    }
}

#[cold]
fn add_of_host(inter: TypeRef<'_>, typ: TypeRef<'_>) {
    let types = inter.owner();
    if !types.itabs.find(inter.as_ptr(), typ.as_ptr()).is_null() {
        return;
    }
    let codes = host::codes(inter, typ);
    let mut state = lock(&types.itabs.state);
    if types.itabs.find(inter.as_ptr(), typ.as_ptr()).is_null() {
        insert(types, &mut state, inter, typ, |set| {
            codes.map(|codes| codes.iter().enumerate().for_each(|(i, &code)| set(i, code)))
        });
    }
}

/// Searches again under the lock; builds and publishes the itab if there is still none. [`prepare`] has been called.
pub(crate) fn add(types: &Types, state: &mut ItabState, inter: TypeRef<'_>, typ: TypeRef<'_>) -> *mut Itab {
    let found = types.itabs.find(inter.as_ptr(), typ.as_ptr());
    if !found.is_null() {
        return found;
    }
    insert(types, state, inter, typ, |set| itab_init(types, inter, typ, set))
}

/// Builds and publishes an itab. `init` sets the code of all methods, or fails with the index of one that is missing.
fn insert(
    types: &Types,
    state: &mut ItabState,
    inter: TypeRef<'_>,
    typ: TypeRef<'_>,
    init: impl FnOnce(&mut dyn FnMut(usize, usize)) -> Result<(), usize>,
) -> *mut Itab {
    let m = new_itab(types, inter, typ);
    // SAFETY: `m` was made for as many methods as `inter` has; nobody else sees it yet.
    unsafe {
        match init(&mut |i, code| (*fun(m, i)).store(code, Ordering::Relaxed)) {
            Ok(()) => {
                let head = &typ.prefix().itabs;
                prefix(m).write(ItabPrefix { next: head.load(Ordering::Relaxed).cast() });
                head.store(m.cast::<c_void>(), Ordering::Release);
            }
            Err(_) => (*fun(m, 0)).store(0, Ordering::Relaxed),
        }
    }
    // SAFETY: entries are complete itabs.
    let hash = |m: *mut Itab| unsafe { itab_hash((*m).inter.cast(), (*m).typ) };
    types.itabs.table.insert(&mut state.writer, m, hash);
    m
}

/// An itab without code: a negative entry until it is filled.
fn new_itab(types: &Types, inter: TypeRef<'_>, typ: TypeRef<'_>) -> *mut Itab {
    let size = size_of::<ItabPrefix>() + itab_fun_offset(inter.imethods().len());
    let p = persistentalloc(&*types.mem, size, align_of::<Itab>());
    // SAFETY: zeroed memory for prefix, head and all code words.
    unsafe {
        let m = p.add(size_of::<ItabPrefix>()).cast::<Itab>();
        (*m).inter = inter.as_ptr().cast();
        (*m).typ = typ.as_ptr();
        (*m).hash = typ.type_hash();
        m
    }
}

/// # Safety
/// `m` is an itab made by `new_itab`.
unsafe fn prefix(m: *mut Itab) -> *mut ItabPrefix {
    // SAFETY: `new_itab` puts one there.
    unsafe { m.cast::<ItabPrefix>().sub(1) }
}

/// # Safety
/// `m` is an itab with more than `i` methods.
unsafe fn fun(m: *mut Itab, i: usize) -> *const std::sync::atomic::AtomicUsize {
    // SAFETY: code words follow each other from `itab_fun_offset(0)`.
    unsafe { m.cast::<u8>().add(itab_fun_offset(i)).cast() }
}

/// Hands the code of `inter`'s methods on `typ` to `set`, in order; fails with the index of the first method that `typ`
/// lacks.
fn itab_init(
    types: &Types,
    inter: TypeRef<'_>,
    typ: TypeRef<'_>,
    set: &mut dyn FnMut(usize, usize),
) -> Result<(), usize> {
    let mut methods = typ.methods().iter();
    for (i, im) in inter.imethods().iter().enumerate() {
        let m = methods.find(|m| same_method(types, inter, im, typ, m)).ok_or(i)?;
        let addr = types.resolve_text_off(m.ifn);
        assert!(addr != 0, "method {} of {typ} has no code", types.name(m.name).text);
        set(i, addr);
    }
    Ok(())
}

/// Same name, same func type, and for a name that is not exported the same package. One interner gave all handles, so
/// that types are the same when their handles are, and so are exported names.
#[inline]
fn same_method(types: &Types, inter: TypeRef<'_>, im: &Imethod, typ: TypeRef<'_>, m: &Method) -> bool {
    if im.typ != m.mtyp {
        return false;
    }
    let want = types.name(im.name);
    if want.exported { im.name == m.name } else { same_hidden_name(types, inter, want, typ, types.name(m.name)) }
}

/// Whether values of `typ`, an interface type perhaps, implement `inter`. Makes no itab, but of a type of the host.
pub fn implements(inter: TypeRef<'_>, typ: TypeRef<'_>) -> bool {
    let types = inter.owner();
    let wanted = inter.imethods();
    if wanted.is_empty() {
        return inter.kind() == Kind::Interface;
    }
    if typ.kind() == Kind::Interface {
        let mut have = typ.imethods().iter();
        return wanted.iter().all(|im| have.any(|m| same_imethod(types, (inter, im), (typ, m))));
    }
    if typ.is_host() {
        return getitab_ok(inter, typ).is_some();
    }
    itab_init(types, inter, typ, &mut |_, _| {}).is_ok()
}

fn same_hidden_name(types: &Types, inter: TypeRef<'_>, want: Name<'_>, typ: TypeRef<'_>, have: Name<'_>) -> bool {
    if want.text != have.text {
        return false;
    }
    // SAFETY: `typ` has methods, hence a method table.
    let typ_pkg = typ.uncommon().map_or(0, |u| unsafe { (*u).pkg_path });
    let have_pkg = if have.pkg_path == 0 { typ_pkg } else { have.pkg_path };
    imethod_pkg(types, inter, want) == types.name(have_pkg).text
}

/// Package of a method of an interface type whose name is not exported.
fn imethod_pkg<'t>(types: &'t Types, inter: TypeRef<'t>, name: Name<'t>) -> &'t str {
    if name.pkg_path != 0 {
        return types.name(name.pkg_path).text;
    }
    // SAFETY: an interface type; its package path is nil or an encoded name.
    unsafe { crate::types::decode_name((*inter.cast::<InterfaceType>()).pkg_path) }.text
}

/// As [`same_method`], for two interface types.
fn same_imethod(types: &Types, want: (TypeRef<'_>, &Imethod), have: (TypeRef<'_>, &Imethod)) -> bool {
    let ((inter, im), (typ, m)) = (want, have);
    let (name, other) = (types.name(im.name), types.name(m.name));
    im.typ == m.typ
        && name.text == other.text
        && (name.exported || imethod_pkg(types, inter, name) == imethod_pkg(types, typ, other))
}

/// The error of an assertion to an interface type that `typ` does not implement.
pub fn missing(inter: TypeRef<'_>, typ: TypeRef<'_>) -> RuntimeError {
    let types = inter.owner();
    let first =
        if typ.is_host() { host::codes(inter, typ).err() } else { itab_init(types, inter, typ, &mut |_, _| {}).err() };
    let missing_method = first.map_or(NO_METHOD, |i| {
        let name = types.name(inter.imethods()[i].name).text;
        GoString { ptr: name.as_ptr(), len: name.len() }
    });
    RuntimeError::TypeAssertion(TypeAssertionError {
        interface: std::ptr::null(),
        concrete: typ.as_ptr(),
        asserted: inter.as_ptr(),
        missing_method,
    })
}

/// Which methods wait for the code of a function, by the address of its stub.
#[derive(Default)]
pub(crate) struct CodeIndex {
    functions: FxHashMap<usize, FunctionCode>,
}

#[derive(Default)]
struct FunctionCode {
    /// The code, 0 until it exists.
    code: usize,
    /// Types whose method with this index enters by the stub.
    waiting: Vec<(*const Type, usize)>,
}

// SAFETY: the pointers are to descriptors of the program that owns the index.
unsafe impl Send for CodeIndex {}

/// Notes the stubs in a new method table, or replaces them at once where the code exists already.
pub(crate) fn await_code(typ: TypeRef<'_>) {
    let types = typ.owner();
    let mut index = lock(&types.code);
    if typ.is_host() {
        return;
    }
    for (i, m) in typ.methods().iter().enumerate() {
        let function = index.functions.entry(types.resolve_text_off(m.ifn)).or_default();
        if function.code != 0 {
            types.set_text(m.ifn, function.code);
        } else {
            function.waiting.push((typ.as_ptr(), i));
        }
    }
}

/// The function with this stub has been compiled: method tables and itabs, present and future, enter by its code.
/// Other threads see the old or the new address.
pub fn code_ready(types: &Types, stub: usize, code: usize) {
    let waiting = {
        let mut index = lock(&types.code);
        let function = index.functions.entry(stub).or_default();
        function.code = code;
        std::mem::take(&mut function.waiting)
    };
    for (typ, i) in waiting {
        // SAFETY: a descriptor of this interner, whose method table was complete when it was noted.
        set_method_code(unsafe { TypeRef::from_ptr(typ) }, i, code, 0);
    }
}

/// Puts real code in place of method `index` of `typ`'s table (usually a stub until now), in the table and in every
/// itab. An address of 0 leaves that entry alone. Other threads see the old or the new address.
pub fn set_method_code(typ: TypeRef<'_>, index: usize, ifn: usize, tfn: usize) {
    let types = typ.owner();
    let m = typ.methods()[index];
    let _state = lock(&types.itabs.state);
    if tfn != 0 {
        types.set_text(m.tfn, tfn);
    }
    let old = types.resolve_text_off(m.ifn);
    if ifn == 0 || ifn == old {
        return;
    }
    types.set_text(m.ifn, ifn);
    for_each_itab_of(typ, |itab| replace(itab, m.name, types, old, ifn));
}

/// Replaces the entry of the method with this name.
fn replace(itab: *mut Itab, name: i32, types: &Types, old: usize, new: usize) {
    // SAFETY: an itab of the list is complete, and its interface is a descriptor.
    unsafe {
        let inter = TypeRef::from_ptr((*itab).inter.cast());
        for (i, im) in inter.imethods().iter().enumerate() {
            let slot = &*fun(itab, i);
            if slot.load(Ordering::Relaxed) == old && types.name(im.name).text == types.name(name).text {
                slot.store(new, Ordering::Release);
            }
        }
    }
}

/// Calls `f` with the itabs of a type that are not negative.
fn for_each_itab_of(typ: TypeRef<'_>, mut f: impl FnMut(*mut Itab)) {
    let mut m = typ.prefix().itabs.load(Ordering::Acquire).cast::<Itab>();
    while !m.is_null() {
        f(m);
        // SAFETY: an itab of the list was made by `new_itab` and linked by `add`.
        m = unsafe { (*prefix(m)).next };
    }
}

/// The index of a type's method, by name (and import path, if the name is not exported).
pub fn method_index(typ: TypeRef<'_>, name: &str, pkg_path: &str) -> Option<usize> {
    let types = typ.owner();
    typ.methods().iter().position(|m| {
        let n = types.name(m.name);
        // SAFETY: a type with methods has a method table.
        let own = typ.uncommon().map_or(0, |u| unsafe { (*u).pkg_path });
        let pkg = if n.pkg_path == 0 { own } else { n.pkg_path };
        n.text == name && (n.exported || types.name(pkg).text == pkg_path)
    })
}

/// Calls `f` with every itab of the program, negative ones included (`iterate_itabs`).
pub fn iterate_itabs(types: &Types, mut f: impl FnMut(ItabRef<'_>)) {
    // SAFETY: entries are complete, permanent itabs.
    types.itabs.table.for_each(|m| f(unsafe { ItabRef::from_ptr(m) }));
}
