//! What packages reflect and internal/reflectlite declare without a body: handles of descriptors,
//! types made at run time, raw memory by type.
//!
//! Types come from the program's interner, so that one made here is the one that the compiler would have made, and the
//! other way round: the overlay of package reflect asks `intern*` where Go searches its tables and builds a descriptor in
//! the heap. The permanent memory this takes is charged to the isolate.

use crate::heap::boxing;
use crate::heap::mbarrier;
use crate::sched::alloc::{array, heap};
use crate::sched::enter;
use crate::sched::entry::{growslice, newobject};
use crate::sched::exit::StopReason;
use crate::sched::isolate;
use crate::sched::panic::{self, raise_error};
use crate::std::native::natives;
use crate::types::alg;
use crate::types::errors::RuntimeError;
use crate::types::host;
use crate::types::iface;
use crate::types::itab;
use crate::types::persistent::charged_on_this_thread;
use crate::types::{Batch, FieldDesc, MethodDesc, TypeRef, Types, decode_name};
use itab_abi::block::IsolateBlock;
use itab_abi::iface::{Eface, Iface};
use itab_abi::shared::InternField;
use itab_abi::types::{InterfaceType, Kind, Method, Type};
use itab_abi::value::{GoSlice, GoString};

natives! {
    /// `func resolveNameOff(ptrInModule unsafe.Pointer, off int32) unsafe.Pointer`
    "reflect.resolveNameOff" | "internal/reflectlite.resolveNameOff"
    = fn resolve_name_off(block, _module: *const u8, off: i32) -> *const u8 {
        // SAFETY: the block is the running isolate's.
        unsafe { types(block) }.resolve_name_off(off)
    }
    /// `func resolveTypeOff(rtype unsafe.Pointer, off int32) unsafe.Pointer`
    "reflect.resolveTypeOff" | "internal/reflectlite.resolveTypeOff"
    = fn resolve_type_off(block, _rtype: *const u8, off: i32) -> *const Type {
        // SAFETY: the block is the running isolate's.
        unsafe { types(block) }.resolve_type_off(off)
    }
    /// `func resolveTextOff(rtype unsafe.Pointer, off int32) unsafe.Pointer`
    "reflect.resolveTextOff" = fn resolve_text_off(block, rtype: *const Type, off: i32) -> *const u8 {
        // SAFETY: the block is the running isolate's; package reflect passes the descriptor whose method table has the
        // handle; nothing here needs dropping.
        unsafe {
            let code = host::resolve_text(TypeRef::from_ptr(rtype), off);
            if code == 0 {
                raise_error(block, RuntimeError::Plain("reflect: the method of the host has no code"));
            }
            code as *const u8
        }
    }
    /// `func implements(T, V *abi.Type) bool`
    "reflect.implements" | "internal/reflectlite.implements"
    = fn implements(_, inter: *const Type, typ: *const Type) -> bool {
        // SAFETY: descriptors; nothing here needs dropping.
        unsafe { itab::implements(TypeRef::from_ptr(inter), TypeRef::from_ptr(typ)) }
    }
    /// `func addReflectOff(ptr unsafe.Pointer) int32`
    "reflect.addReflectOff" = fn add_reflect_off(block, ptr: *const u8) -> i32 {
        // SAFETY: the block is the running isolate's.
        unsafe { types(block) }.add_reflect_off(ptr as usize)
    }
    /// `func gcbits(any) []byte`: for each word of the object that a pointer points to, up to the last pointer, whether it
    /// is one.
    "reflect.gcbits" = fn gcbits(block, x: Eface) -> GoSlice {
        // SAFETY: references to the heap end with each call; the bits are dropped before the isolate may stop.
        unsafe {
            let bits = heap(block).pointer_mask(x.data.cast()).unwrap_or_default();
            let len = bits.len();
            let made = heap(block).alloc_noscan_uninit(len);
            if let Ok(ptr) = made {
                std::ptr::copy_nonoverlapping(bits.as_ptr(), ptr, len);
            }
            drop(bits);
            match made {
                Ok(ptr) => GoSlice { ptr, len, cap: len },
                Err(e) => enter::stop(block, StopReason::Memory(e.to_string())),
            }
        }
    }
    /// `func internName(name *byte) int32`: the handle of a permanent copy of an encoded name.
    "reflect.internName" = fn intern_name(block, name: *const u8) -> i32 {
        // SAFETY: the block is the running isolate's; the overlay passes the bytes of a name.
        unsafe { types(block).batch().intern_name(decode_name(name)) }
    }
    /// `func getStaticuint64s() *[256]uint64`
    "runtime.getStaticuint64s" = fn get_staticuint64s(_) -> *const u64 { boxing::static_uint64(0).cast() }
    /// `func compiledTypelinks() ([]*abi.Type, [][]*abi.Type)`
    "reflect.compiledTypelinks" = fn compiled_typelinks(block) -> (GoSlice, GoSlice) {
        // SAFETY: the block is the running isolate's; the array has room for `count` pointers.
        unsafe {
            let count = types(block).typelinks().len();
            let slice = array(block, types(block).basic(Kind::UnsafePointer).as_ptr(), count).cast::<*const Type>();
            // Another isolate may have made types meanwhile, so that there are more.
            for (i, t) in types(block).typelinks().into_iter().take(count).enumerate() {
                slice.add(i).write(t.as_ptr());
            }
            let made = GoSlice { ptr: slice.cast(), len: count, cap: count };
            (made, GoSlice { ptr: std::ptr::null_mut(), len: 0, cap: 0 })
        }
    }

    /// `func internPointer(elem *abi.Type) *abi.Type`
    "reflect.internPointer" = fn intern_pointer(block, elem: *const Type) -> *const Type {
        // SAFETY: a descriptor; nothing here needs dropping.
        unsafe { intern(block, |types| Some(types.pointer_to(TypeRef::from_ptr(elem)))) }
    }
    /// `func internSlice(elem *abi.Type) *abi.Type`
    "reflect.internSlice" = fn intern_slice(block, elem: *const Type) -> *const Type {
        // SAFETY: a descriptor; nothing here needs dropping.
        unsafe { intern(block, |types| Some(types.slice_of(TypeRef::from_ptr(elem)))) }
    }
    /// `func internArray(length int, elem *abi.Type) *abi.Type`; nil if it does not fit memory.
    "reflect.internArray" = fn intern_array(block, length: usize, elem: *const Type) -> *const Type {
        // SAFETY: a descriptor; nothing here needs dropping.
        unsafe {
            let elem = TypeRef::from_ptr(elem);
            let fits = elem.size().checked_mul(length).is_some_and(|n| n <= isize::MAX as usize);
            intern(block, |types| fits.then(|| types.array_of(length, elem)))
        }
    }
    /// `func internChan(dir int, elem *abi.Type) *abi.Type`
    "reflect.internChan" = fn intern_chan(block, dir: usize, elem: *const Type) -> *const Type {
        // SAFETY: a descriptor; nothing here needs dropping.
        unsafe { intern(block, |types| Some(types.chan_of(dir, TypeRef::from_ptr(elem)))) }
    }
    /// `func internMap(key, elem *abi.Type) *abi.Type`; the key type is comparable.
    "reflect.internMap" = fn intern_map(block, key: *const Type, elem: *const Type) -> *const Type {
        // SAFETY: descriptors; nothing here needs dropping.
        unsafe { intern(block, |types| Some(types.map_of(TypeRef::from_ptr(key), TypeRef::from_ptr(elem)))) }
    }
    /// `func internFunc(in, out []*abi.Type, variadic bool) *abi.Type`
    "reflect.internFunc" = fn intern_func(block, ins: GoSlice, outs: GoSlice, variadic: bool) -> *const Type {
        // SAFETY: the elements are descriptors, and a `TypeRef` is a descriptor's address; nothing here needs dropping.
        unsafe {
            let (ins, outs) = (elements::<TypeRef<'_>>(ins), elements::<TypeRef<'_>>(outs));
            intern(block, |types| Some(types.func_of(ins, outs, variadic)))
        }
    }
    /// `func internStruct(fields []internField, ifaceMethod uintptr) *abi.Type`; nil if it does not fit memory. Methods of
    /// embedded interfaces have the code `ifaceMethod`.
    "reflect.internStruct" = fn intern_struct(block, fields: GoSlice, iface_method: usize) -> *const Type {
        // SAFETY: the elements are such fields, of types that are descriptors; nothing here needs dropping.
        unsafe {
            let fields = elements::<InternField>(fields);
            intern(block, |types| struct_of(types, fields, iface_method))
        }
    }

    /// `func unsafe_New(*abi.Type) unsafe.Pointer`
    "reflect.unsafe_New" | "internal/reflectlite.unsafe_New" = fn unsafe_new(block, t: *const Type) -> *mut u8 {
        // SAFETY: a descriptor; nothing here needs dropping.
        unsafe { newobject(block, t) }
    }
    /// `func unsafe_NewArray(*abi.Type, int) unsafe.Pointer`
    "reflect.unsafe_NewArray" = fn unsafe_new_array(block, t: *const Type, n: i64) -> *mut u8 {
        // SAFETY: a descriptor; nothing here needs dropping.
        unsafe { new_array(block, t, n) }
    }
    /// `func ifaceE2I(t *abi.Type, src any, dst unsafe.Pointer)`
    "reflect.ifaceE2I" | "internal/reflectlite.ifaceE2I"
    = fn iface_e2i(block, t: *const InterfaceType, src: Eface, dst: *mut Iface) {
        // SAFETY: a descriptor of an interface type and room for a value of it; nothing here needs dropping.
        unsafe {
            if let Err(e) = iface::iface_e2i(t, src, dst) {
                raise_error(block, e);
            }
        }
    }
    /// `func memmove(dst, src unsafe.Pointer, size uintptr)`
    "reflect.memmove" = fn memmove(_, dst: *mut u8, src: *const u8, size: usize) {
        // SAFETY: package reflect vouches for `size` bytes at both.
        unsafe { mbarrier::memmove(dst, src, size) }
    }
    /// `func typedmemmove(t *abi.Type, dst, src unsafe.Pointer)`
    "reflect.typedmemmove" | "internal/reflectlite.typedmemmove"
    = fn typedmemmove(block, t: *const Type, dst: *mut u8, src: *const u8) {
        // SAFETY: package reflect vouches for a value of the type at `src` and room for one at `dst`; nothing here needs
        // dropping.
        unsafe {
            refuse_descriptors(block, t);
            mbarrier::typedmemmove(t, dst, src)
        }
    }
    /// `func typedmemclr(t *abi.Type, ptr unsafe.Pointer)`
    "reflect.typedmemclr" = fn typedmemclr(block, t: *const Type, ptr: *mut u8) {
        // SAFETY: package reflect vouches for a value of the type at `ptr`; nothing here needs dropping.
        unsafe {
            refuse_descriptors(block, t);
            mbarrier::typedmemclr(t, ptr)
        }
    }
    /// `func mayForge() bool`: whether pointers of one type may be given another.
    "reflect.mayForge" = fn may_forge(block) -> bool {
        // SAFETY: the block is the running isolate's.
        unsafe { (*isolate::of(block)).gateway.capabilities.unsafe_pointers }
    }
    /// `func typedmemclrpartial(t *abi.Type, ptr unsafe.Pointer, off, size uintptr)`; `ptr` is already at `off`.
    "reflect.typedmemclrpartial" = fn typedmemclrpartial(_, _t: *const Type, ptr: *mut u8, _off: usize, size: usize) {
        // SAFETY: package reflect vouches for `size` bytes at `ptr`.
        unsafe { mbarrier::memclr(ptr, size) }
    }
    /// `func typedarrayclear(elemType *abi.Type, ptr unsafe.Pointer, len int)`
    "reflect.typedarrayclear" = fn typedarrayclear(_, elem: *const Type, ptr: *mut u8, len: usize) {
        // SAFETY: a descriptor; package reflect vouches for `len` elements at `ptr`.
        unsafe { mbarrier::memclr(ptr, (*elem).size * len) }
    }
    /// `func typedslicecopy(t *abi.Type, dst, src unsafeheader.Slice) int`
    "reflect.typedslicecopy" = fn typedslicecopy(_, t: *const Type, dst: GoSlice, src: GoSlice) -> i64 {
        // SAFETY: both are slices of elements of the type.
        unsafe { mbarrier::typedslicecopy(t, dst.ptr, dst.len as i64, src.ptr, src.len as i64) }
    }
    /// `func growslice(t *abi.Type, old unsafeheader.Slice, num int) unsafeheader.Slice`; the length stays.
    "reflect.growslice" = fn reflect_growslice(block, t: *const Type, old: GoSlice, num: i64) -> GoSlice {
        let newlen = (old.len as i64).wrapping_add(num);
        // SAFETY: a slice of elements of the type; nothing here needs dropping.
        let grown = unsafe { growslice(block, old.ptr, newlen, old.cap as i64, num, t) };
        GoSlice { len: old.len, ..grown }
    }
    /// `func typehash(t *abi.Type, p unsafe.Pointer, h uintptr) uintptr`
    "reflect.typehash" = fn typehash(block, t: *const Type, p: *const u8, h: u64) -> u64 {
        // SAFETY: package reflect vouches for a value of the type at `p`; nothing here needs dropping.
        unsafe {
            match alg::typehash(t, p, h) {
                Ok(h) => h,
                Err(e) => raise_error(block, e.unhashable()),
            }
        }
    }
    /// `func verifyNotInHeapPtr(p uintptr) bool`: pointers to memory outside the heap are like any other here.
    "reflect.verifyNotInHeapPtr" = fn verify_not_in_heap_ptr(_, p: usize) -> bool { p != usize::MAX }
}

/// Panics if a value of this type is a type's descriptor. `reflect.Type` is a pointer to one, so reflection could exchange
/// one type for another, which isolates share, or copy it to where the program can change it.
///
/// # Safety
/// Called on a goroutine's stack with nothing to drop; `t` is a descriptor.
#[inline]
unsafe fn refuse_descriptors(block: *mut IsolateBlock, t: *const Type) {
    // SAFETY: as the caller says.
    unsafe {
        if (*t).size == size_of::<Type>() && is_descriptor(TypeRef::from_ptr(t)) {
            panic::panic_error(block, "reflect: descriptors of types cannot be changed or copied".into());
        }
    }
}

/// Whether a type is `abi.Type`, or a struct of nothing else, as `reflect.rtype` is.
fn is_descriptor(mut t: TypeRef<'_>) -> bool {
    while t.kind() == Kind::Struct {
        if t.string() == "abi.Type" && t.pkg_path() == "internal/abi" {
            return true;
        }
        let [field] = t.fields() else { return false };
        // SAFETY: a field's type is a descriptor of the same program.
        t = unsafe { TypeRef::from_ptr(field.typ) };
    }
    false
}

/// The interner of the running program.
///
/// # Safety
/// `block` is the running isolate's.
unsafe fn types<'a>(block: *mut IsolateBlock) -> &'a Types {
    // SAFETY: the isolate keeps its program alive.
    unsafe { &isolate::program(block).types }
}

/// The descriptor that `make` gives, or nil. The isolate ends if there is no memory for descriptors left.
///
/// # Safety
/// `block` is the running isolate's; nothing on the stack needs dropping.
unsafe fn intern<'a>(block: *mut IsolateBlock, make: impl FnOnce(&'a Types) -> Option<TypeRef<'a>>) -> *const Type {
    // SAFETY: the caller vouches for the block.
    let types = unsafe { types(block) };
    let before = charged_on_this_thread();
    // A panic leaves the interner as it was: a batch that is not committed has made nothing.
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| make(types))) {
        Ok(t) => {
            let made = charged_on_this_thread() - before;
            // SAFETY: the caller vouches for the block.
            if let Err(e) = unsafe { heap(block) }.charge(made) {
                // SAFETY: the caller vouches for the stack.
                unsafe { enter::stop(block, StopReason::Memory(e.to_string())) }
            }
            t.map_or(std::ptr::null(), |t| t.as_ptr())
        }
        Err(payload) => {
            drop(payload);
            // SAFETY: the caller vouches for the stack.
            unsafe { enter::stop(block, StopReason::Memory("no room for type descriptors".into())) }
        }
    }
}

/// The elements of a slice.
///
/// # Safety
/// They are of that type and live for `'a`.
unsafe fn elements<'a, T>(s: GoSlice) -> &'a [T] {
    // SAFETY: the caller vouches for it.
    unsafe { std::slice::from_raw_parts(pointer_or_dangling(s.ptr.cast::<T>()), s.len) }
}

fn pointer_or_dangling<T>(p: *const T) -> *const T {
    if p.is_null() { std::ptr::NonNull::dangling().as_ptr() } else { p }
}

/// # Safety
/// As `newarray`.
unsafe fn new_array(block: *mut IsolateBlock, t: *const Type, n: i64) -> *mut u8 {
    // SAFETY: the caller vouches for the type.
    unsafe {
        let fits =
            usize::try_from(n).ok().and_then(|n| (*t).size.checked_mul(n)).is_some_and(|n| n <= isize::MAX as usize);
        if !fits {
            raise_error(block, RuntimeError::Plain("runtime: allocation size out of range"));
        }
        array(block, t, n as usize)
    }
}

/// # Safety
/// `s` holds UTF-8 and outlives `'a`. (Tags may be any bytes in Go; others than UTF-8 are replaced.)
unsafe fn text<'a>(s: GoString) -> std::borrow::Cow<'a, str> {
    // SAFETY: the caller vouches for the bytes.
    String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(pointer_or_dangling(s.ptr), s.len) })
}

/// # Safety
/// The fields' types are descriptors of `types`.
unsafe fn struct_of<'t>(types: &'t Types, fields: &[InternField], iface_method: usize) -> Option<TypeRef<'t>> {
    let (mut size, mut align, mut last_size) = (0usize, 1, 1);
    let mut texts = Vec::with_capacity(fields.len());
    for f in fields {
        // SAFETY: the caller vouches for the fields.
        let (t, text) = unsafe { (TypeRef::from_ptr(f.typ), [text(f.name), text(f.pkg_path), text(f.tag)]) };
        size = size.checked_next_multiple_of(t.align())?.checked_add(t.size())?;
        align = align.max(t.align());
        last_size = t.size();
        texts.push((t, f.embedded, text));
    }
    // A last field of size zero gets a byte, so that its address is inside.
    let end = usize::from(size > 0 && last_size == 0);
    size.checked_add(end)?.checked_next_multiple_of(align)?;
    let desc = |(typ, embedded, [name, pkg_path, tag]): &'_ (TypeRef<'t>, bool, [std::borrow::Cow<'_, str>; 3])| {
        (*typ, *embedded, name.to_string(), pkg_path.to_string(), tag.to_string())
    };
    let owned: Vec<_> = texts.iter().map(desc).collect();
    let descs: Vec<FieldDesc<'_, 't>> = owned
        .iter()
        .map(|(typ, embedded, name, pkg_path, tag)| FieldDesc { name, pkg_path, tag, embedded: *embedded, typ: *typ })
        .collect();
    descs.iter().take(1).filter(|f| f.embedded).for_each(|f| host::make_code(f.typ));
    let mut batch = types.batch();
    let t = batch.struct_of(&descs);
    if batch.is_fresh(t) && !types.has_method_source() {
        promote(&mut batch, t, &descs, iface_method);
    }
    batch.commit();
    Some(t)
}

/// Gives a new struct type the methods of its embedded first field, which package reflect allows only where the field's
/// own code serves: it stands at offset 0, or is the one pointer that the struct consists of. Those of embedded interfaces
/// have the code `iface_method`.
fn promote<'t>(batch: &mut Batch<'t>, t: TypeRef<'t>, fields: &[FieldDesc<'_, 't>], iface_method: usize) {
    let types = batch.types();
    // SAFETY: the types in tables of methods are descriptors' handles.
    let typ = |off: i32| unsafe { TypeRef::from_ptr(types.resolve_type_off(off)) };
    let mut methods: Vec<MethodDesc<'_, 't>> = vec![];
    for (i, field) in fields.iter().enumerate().filter(|(_, f)| f.embedded) {
        let row = |name, mtyp, (ifn, tfn)| MethodDesc {
            name: types.name(name).text,
            pkg_path: field.typ.pkg_path(),
            mtyp: typ(mtyp),
            ifn,
            tfn,
        };
        if field.typ.kind() == Kind::Interface {
            methods.extend(field.typ.imethods().iter().map(|m| row(m.name, m.typ, (iface_method, iface_method))));
        } else if i == 0 {
            let code = |m: &Method| (types.resolve_text_off(m.ifn), types.resolve_text_off(m.tfn));
            methods.extend(field.typ.methods().iter().map(|m| row(m.name, m.mtyp, code(m))));
        }
    }
    if !methods.is_empty() {
        batch.set_methods(t, &methods);
    }
}
