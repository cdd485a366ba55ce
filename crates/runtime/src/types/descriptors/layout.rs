//! Completing descriptors: size, alignment, field offsets, pointer mask, flags, equality, a map's groups.
//!
//! Runs when a batch is committed, over its fresh types, components first. Sizes follow gc's rules on 64-bit machines:
//! a struct that is not empty and whose last field has size zero gets a byte behind it, so that a pointer to that field
//! stays inside the object.

use super::batch::Batch;
use super::gcmask;
use super::shape::{FieldDesc, Shape};
use super::{TypeRef, name};
use crate::types::alg;
use itab_abi::types::*;
use itab_abi::value::FuncVal;

const WORD: usize = size_of::<usize>();

/// Size, alignment and pointer prefix of a type.
struct Layout {
    size: usize,
    align: usize,
    ptr_bytes: usize,
}

/// Completes `t` and what it contains by value, unless that is done.
pub(super) fn layout<'t>(b: &mut Batch<'t>, t: TypeRef<'t>) {
    if t.align() != 0 {
        return;
    }
    assert!(b.in_progress.insert(t), "{t:?} contains itself by value");
    if t.is_named() {
        let underlying = *b.underlying.get(&t).unwrap_or_else(|| panic!("{t:?} was declared and not completed"));
        // What a map, func or pointer refers to may be this very type: those need no layout of their components.
        layout(b, underlying);
        copy_underlying(b, t, underlying);
    } else {
        for part in parts_by_value(t) {
            layout(b, part);
        }
        let l = measure(t);
        finish(b, t, l);
    }
    b.in_progress.remove(&t);
    if t.kind() == Kind::Map && !t.is_named() {
        b.open_maps.push((t, None));
    }
}

/// The types whose size decides that of `t`.
fn parts_by_value<'t>(t: TypeRef<'t>) -> Vec<TypeRef<'t>> {
    match t.kind() {
        Kind::Array => t.elem().into_iter().collect(),
        // SAFETY: a field's type is of the same interner.
        Kind::Struct => t.fields().iter().map(|f| unsafe { TypeRef::from_ptr(f.typ) }).collect(),
        _ => Vec::new(),
    }
}

fn measure(t: TypeRef<'_>) -> Layout {
    match t.kind() {
        Kind::Pointer | Kind::Map | Kind::Chan | Kind::Func => Layout { size: WORD, align: WORD, ptr_bytes: WORD },
        Kind::Slice => Layout { size: 3 * WORD, align: WORD, ptr_bytes: WORD },
        Kind::Interface => Layout { size: 2 * WORD, align: WORD, ptr_bytes: 2 * WORD },
        Kind::Array => measure_array(t),
        Kind::Struct => measure_struct(t),
        kind => unreachable!("{kind:?} is predeclared"),
    }
}

fn measure_array(t: TypeRef<'_>) -> Layout {
    let elem = t.elem().expect("an array has elements");
    let size = elem.size().checked_mul(t.len()).filter(|&n| n <= isize::MAX as usize);
    let size = size.unwrap_or_else(|| panic!("{t} is larger than the address space"));
    let ptr_bytes = if t.is_empty() || elem.ptr_bytes() == 0 { 0 } else { size - elem.size() + elem.ptr_bytes() };
    Layout { size, align: elem.align(), ptr_bytes }
}

/// Sets the fields' offsets too.
fn measure_struct(t: TypeRef<'_>) -> Layout {
    let mut l = Layout { size: 0, align: 1, ptr_bytes: 0 };
    // SAFETY: a struct type; its fields are permanent.
    let fields = unsafe { &(*t.cast::<StructType>()).fields };
    let mut last_size = 1;
    for i in 0..fields.len {
        // SAFETY: i is below the number of fields; the batch alone sees them. The field's type is laid out.
        unsafe {
            let f = fields.ptr.cast::<StructField>().add(i);
            let typ = TypeRef::from_ptr((*f).typ);
            let offset = l.size.next_multiple_of(typ.align());
            (*f).offset = offset;
            l.size = offset.checked_add(typ.size()).expect("fits the address space");
            l.align = l.align.max(typ.align());
            if typ.ptr_bytes() != 0 {
                l.ptr_bytes = offset + typ.ptr_bytes();
            }
            last_size = typ.size();
        }
    }
    if l.size > 0 && last_size == 0 {
        l.size += 1;
    }
    l.size = l.size.next_multiple_of(l.align);
    l
}

/// Writes what follows from the layout.
fn finish<'t>(b: &mut Batch<'t>, t: TypeRef<'t>, l: Layout) {
    set_sizes(t, &l);
    let gc_data = if l.ptr_bytes / WORD > MAX_PTRMASK_BYTES * 8 {
        add_flags(t, TFLAG_GC_MASK_ON_DEMAND);
        b.types.alloc::<*const u8>(1).cast()
    } else if l.ptr_bytes == 0 {
        std::ptr::null()
    } else {
        let mask = gcmask::build(t);
        b.mask(&mask)
    };
    let equal = if b.noalg { std::ptr::null() } else { alg::equal_func(b.types, t) };
    set_data(t, gc_data, equal);
}

fn set_sizes(t: TypeRef<'_>, l: &Layout) {
    let raw = t.raw();
    // SAFETY: fresh, seen by this batch only.
    unsafe {
        (*raw).size = l.size;
        (*raw).align = l.align as u8;
        (*raw).field_align = l.align as u8;
        (*raw).ptr_bytes = l.ptr_bytes;
    }
    if l.size == WORD && l.ptr_bytes == WORD {
        add_flags(t, TFLAG_DIRECT_IFACE);
    }
}

fn set_data(t: TypeRef<'_>, gc_data: *const u8, equal: *const FuncVal) {
    let raw = t.raw();
    // SAFETY: fresh, seen by this batch only.
    unsafe {
        (*raw).gc_data = gc_data;
        (*raw).equal = equal;
    }
    if alg::is_regular_memory(t) {
        add_flags(t, TFLAG_REGULAR_MEMORY);
    }
}

fn add_flags(t: TypeRef<'_>, flags: u8) {
    // SAFETY: fresh, seen by this batch only.
    unsafe { (*t.raw()).tflag |= flags };
}

/// A predeclared type.
pub(super) fn layout_basic<'t>(b: &mut Batch<'t>, t: TypeRef<'t>) {
    let (size, align, ptr_bytes) = match t.kind() {
        Kind::Bool | Kind::Int8 | Kind::Uint8 => (1, 1, 0),
        Kind::Int16 | Kind::Uint16 => (2, 2, 0),
        Kind::Int32 | Kind::Uint32 | Kind::Float32 => (4, 4, 0),
        Kind::Complex64 => (8, 4, 0),
        Kind::Complex128 => (16, 8, 0),
        Kind::String => (2 * WORD, WORD, WORD),
        Kind::UnsafePointer => (WORD, WORD, WORD),
        _ => (8, 8, 0),
    };
    finish(b, t, Layout { size, align, ptr_bytes });
}

/// The marker type of package atomic whose only property is its alignment.
fn is_align64(t: TypeRef<'_>) -> bool {
    t.string() == "atomic.align64" && matches!(t.pkg_path(), "sync/atomic" | "internal/runtime/atomic")
}

/// Gives a named type the content of its underlying type.
fn copy_underlying<'t>(b: &mut Batch<'t>, t: TypeRef<'t>, u: TypeRef<'t>) {
    let align = if is_align64(t) { 8 } else { u.align() };
    set_sizes(t, &Layout { size: u.size(), align, ptr_bytes: u.ptr_bytes() });
    add_flags(t, u.tflag() & TFLAG_GC_MASK_ON_DEMAND);
    // SAFETY: both are descriptors of the same kind; `t` is fresh and only this batch sees it.
    unsafe {
        set_data(t, (*u.raw()).gc_data, (*u.raw()).equal);
        let own = size_of::<Type>();
        let rest = kind_struct_size(t.kind()) - own;
        t.cast::<u8>().add(own).copy_from_nonoverlapping(u.cast::<u8>().add(own), rest);
        match t.kind() {
            Kind::Interface => (*t.cast::<InterfaceType>()).pkg_path = b.named_pkg_path(t),
            Kind::Func => {
                let (ins, outs, _) = u.signature();
                let n = ins.len() + outs.len();
                t.func_types().copy_from_nonoverlapping(u.func_types(), n);
            }
            _ => {}
        }
    }
    if t.kind() == Kind::Map {
        b.open_maps.push((t, Some(u)));
    }
}

/// Completes the map types of a batch, when everything else is laid out. Named ones come last: they copy.
pub(super) fn finish_maps(b: &mut Batch<'_>) {
    let mut named = Vec::new();
    while let Some((t, from)) = b.open_maps.pop() {
        match from {
            Some(u) => named.push((t, u)),
            None => finish_map(b, t),
        }
    }
    for (t, u) in named {
        copy_map(t, u);
    }
}

/// Fills in what a map type knows of its keys and elements.
fn finish_map<'t>(b: &mut Batch<'t>, t: TypeRef<'t>) {
    let (key, elem) = (t.key().expect("a map"), t.elem().expect("a map"));
    assert!(key.is_comparable(), "invalid map key type {key}");
    let mut flags = if alg::need_key_update(key) { MAP_NEED_KEY_UPDATE } else { 0 };
    if alg::hash_might_panic(key) {
        flags |= MAP_HASH_MIGHT_PANIC;
    }
    let (mut slot_key, mut slot_elem) = (key, elem);
    if key.size() > MAP_MAX_KEY_BYTES {
        flags |= MAP_INDIRECT_KEY;
        slot_key = b.pointer_to(key);
        layout(b, slot_key);
    }
    if elem.size() > MAP_MAX_ELEM_BYTES {
        flags |= MAP_INDIRECT_ELEM;
        slot_elem = b.pointer_to(elem);
        layout(b, slot_elem);
    }
    let (slot, group) = group_type(b, t, slot_key, slot_elem);
    let keys_off = group.fields()[1].offset;
    let elem_off = slot.fields()[1].offset;
    let m = t.cast::<MapType>();
    // SAFETY: a fresh map type, seen by this batch only.
    unsafe {
        (*m).group = group.as_ptr();
        (*m).hasher = alg::hash_func(b.types, key);
        (*m).group_size = group.size();
        (*m).keys_off = keys_off;
        (*m).key_stride = slot.size();
        (*m).elems_off = keys_off + elem_off;
        (*m).elem_stride = slot.size();
        (*m).elem_off = elem_off;
        (*m).flags = flags;
    }
}

/// `struct { ctrl uint64; slots [8]struct { key K; elem V } }`, which nobody compares.
fn group_type<'t>(
    b: &mut Batch<'t>,
    map: TypeRef<'t>,
    key: TypeRef<'t>,
    elem: TypeRef<'t>,
) -> (TypeRef<'t>, TypeRef<'t>) {
    let field = |name, typ| FieldDesc { name, pkg_path: "", tag: "", embedded: false, typ };
    let text = map.string().replacen("map", "map.group", 1);
    let slot = b.private_type(&Shape::Struct(&[field("key", key), field("elem", elem)]), &text);
    let slots = b.private_type(&Shape::Array(MAP_GROUP_SLOTS, slot), &text);
    let ctrl = b.basic(Kind::Uint64);
    let group = b.private_type(&Shape::Struct(&[field("ctrl", ctrl), field("slots", slots)]), &text);
    (slot, group)
}

/// Copies the map part of a finished map type into a named one.
fn copy_map(t: TypeRef<'_>, u: TypeRef<'_>) {
    let own = size_of::<Type>();
    // SAFETY: both are map types; `t` is fresh.
    unsafe {
        let to = t.cast::<u8>().add(own);
        to.copy_from_nonoverlapping(u.cast::<u8>().add(own), size_of::<MapType>() - own);
    }
}

/// Whether a struct field is blank.
pub(crate) fn is_blank(f: &StructField) -> bool {
    // SAFETY: names of fields were encoded by the interner.
    unsafe { name::decode(f.name).text == "_" }
}
