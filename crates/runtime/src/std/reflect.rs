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
use crate::sched::panic::raise_error;
use crate::types::alg;
use crate::types::iface;
use crate::types::persistent::charged_on_this_thread;
use crate::types::{Batch, FieldDesc, MethodDesc, TypeRef, Types, decode_name};
use itab_abi::block::IsolateBlock;
use itab_abi::call::NativeFn;
use itab_abi::iface::{Eface, Iface};
use itab_abi::types::{Kind, Method, Type};
use itab_abi::value::{GoSlice, GoString};

macro_rules! natives {
    ($($(#[$doc:meta])* $($name:literal)|+ = fn $func:ident($block:ident, $args:ident, $results:ident) $body:block)*) => {
        $(
            $(#[$doc])*
            /// # Safety
            /// Called with the words of the Go signature and room for its results, for the isolate that runs on this
            /// thread.
            #[allow(unused_unsafe)]
            unsafe extern "C" fn $func($block: *mut IsolateBlock, $args: *const u64, $results: *mut u64) {
                let (_, _, _) = ($block, $args, $results);
                // SAFETY: compiled code calls with the words of the Go signature, for the isolate that runs.
                unsafe { $body }
            }
        )*

        /// What Go declares without a body and is found here.
        pub const NATIVES: &[(&str, NativeFn)] = &[$($(($name, $func as NativeFn)),+),*];
    };
}

natives! {
    /// `func(ptrInModule unsafe.Pointer, off int32) unsafe.Pointer`
    "reflect.resolveNameOff" | "internal/reflectlite.resolveNameOff" = fn resolve_name_off(block, args, results) {
        *results = types(block).resolve_name_off(*args.add(1) as i32) as u64;
    }
    /// `func(rtype unsafe.Pointer, off int32) unsafe.Pointer`
    "reflect.resolveTypeOff" | "internal/reflectlite.resolveTypeOff" = fn resolve_type_off(block, args, results) {
        *results = types(block).resolve_type_off(*args.add(1) as i32) as u64;
    }
    /// `func(rtype unsafe.Pointer, off int32) unsafe.Pointer`
    "reflect.resolveTextOff" = fn resolve_text_off(block, args, results) {
        *results = types(block).resolve_text_off(*args.add(1) as i32) as u64;
    }
    /// `func addReflectOff(ptr unsafe.Pointer) int32`
    "reflect.addReflectOff" = fn add_reflect_off(block, args, results) {
        *results = types(block).add_reflect_off(*args as usize) as u64;
    }
    // func gcbits(x any) []byte: for each word of the object that x points to, up to the last pointer, whether it is one
    "reflect.gcbits" = fn gcbits(block, args, results) {
        let bits = heap(block).pointer_mask(*args.add(1) as *const u8).unwrap_or_default();
        let made = heap(block).alloc_noscan_uninit(bits.len());
        if let Ok(ptr) = made {
            std::ptr::copy_nonoverlapping(bits.as_ptr(), ptr, bits.len());
            results.cast::<GoSlice>().write(GoSlice { ptr, len: bits.len(), cap: bits.len() });
        }
        drop(bits);
        if let Err(e) = made {
            enter::stop(block, StopReason::Memory(e.to_string()));
        }
    }
    /// `func internName(name *byte) int32`: the handle of a permanent copy of an encoded name.
    "reflect.internName" = fn intern_name(block, args, results) {
        let name = decode_name(*args as *const u8);
        *results = types(block).batch().intern_name(name) as u64;
    }
    /// `func getStaticuint64s() *[256]uint64`
    "runtime.getStaticuint64s" = fn get_staticuint64s(_block, args, results) {
        *results = boxing::static_uint64(0) as u64;
    }
    /// `func compiledTypelinks() ([]*abi.Type, [][]*abi.Type)`
    "reflect.compiledTypelinks" = fn compiled_typelinks(block, args, results) {
        let count = types(block).typelinks().len();
        let slice = array(block, types(block).basic(Kind::UnsafePointer).as_ptr(), count).cast::<*const Type>();
        // Another isolate may have made types meanwhile, so that there are more.
        for (i, t) in types(block).typelinks().into_iter().take(count).enumerate() {
            slice.add(i).write(t.as_ptr());
        }
        for (i, word) in [slice as u64, count as u64, count as u64, 0, 0, 0].into_iter().enumerate() {
            *results.add(i) = word;
        }
    }

    /// `func internPointer(elem *abi.Type) *abi.Type`
    "reflect.internPointer" = fn intern_pointer(block, args, results) {
        *results = intern(block, |types| Some(types.pointer_to(typ(*args))));
    }
    /// `func internSlice(elem *abi.Type) *abi.Type`
    "reflect.internSlice" = fn intern_slice(block, args, results) {
        *results = intern(block, |types| Some(types.slice_of(typ(*args))));
    }
    /// `func internArray(len int, elem *abi.Type) *abi.Type`; nil if it does not fit memory.
    "reflect.internArray" = fn intern_array(block, args, results) {
        let (len, elem) = (*args as usize, typ(*args.add(1)));
        let fits = elem.size().checked_mul(len).is_some_and(|n| n <= isize::MAX as usize);
        *results = intern(block, |types| fits.then(|| types.array_of(len, elem)));
    }
    /// `func internChan(dir int, elem *abi.Type) *abi.Type`
    "reflect.internChan" = fn intern_chan(block, args, results) {
        *results = intern(block, |types| Some(types.chan_of(*args as usize, typ(*args.add(1)))));
    }
    /// `func internMap(key, elem *abi.Type) *abi.Type`; the key type is comparable.
    "reflect.internMap" = fn intern_map(block, args, results) {
        *results = intern(block, |types| Some(types.map_of(typ(*args), typ(*args.add(1)))));
    }
    /// `func internFunc(in, out []*abi.Type, variadic bool) *abi.Type`
    "reflect.internFunc" = fn intern_func(block, args, results) {
        let (ins, outs) = (type_slice(args), type_slice(args.add(3)));
        *results = intern(block, |types| Some(types.func_of(ins, outs, *args.add(6) as u8 != 0)));
    }
    /// `func internStruct(fields []internField, ifaceMethod uintptr) *abi.Type`; nil if it does not fit memory.
    /// Methods of embedded interfaces have the code `ifaceMethod`.
    "reflect.internStruct" = fn intern_struct(block, args, results) {
        let fields = std::slice::from_raw_parts(pointer_or_dangling(*args as *const InternField), *args.add(1) as usize);
        let iface_method = *args.add(3) as usize;
        *results = intern(block, |types| struct_of(types, fields, iface_method));
    }

    /// `func unsafe_New(*abi.Type) unsafe.Pointer`
    "reflect.unsafe_New" | "internal/reflectlite.unsafe_New"
    = fn unsafe_new(block, args, results) {
        *results = newobject(block, *args as *const Type) as u64;
    }
    /// `func unsafe_NewArray(*abi.Type, int) unsafe.Pointer`
    "reflect.unsafe_NewArray" = fn unsafe_new_array(block, args, results) {
        *results = new_array(block, *args as *const Type, *args.add(1) as i64) as u64;
    }
    /// `func ifaceE2I(t *abi.Type, src any, dst unsafe.Pointer)`
    "reflect.ifaceE2I" | "internal/reflectlite.ifaceE2I" = fn iface_e2i(block, args, results) {
        let src = Eface { typ: *args.add(1) as *const Type, data: *args.add(2) as *mut _ };
        if let Err(e) = iface::iface_e2i(*args as *const _, src, *args.add(3) as *mut Iface) {
            raise_error(block, e);
        }
    }
    /// `func memmove(dst, src unsafe.Pointer, size uintptr)`
    "reflect.memmove" = fn memmove(_block, args, results) {
        mbarrier::memmove(*args as *mut u8, *args.add(1) as *const u8, *args.add(2) as usize);
    }
    /// `func typedmemmove(t *abi.Type, dst, src unsafe.Pointer)`
    "reflect.typedmemmove" | "internal/reflectlite.typedmemmove"
    = fn typedmemmove(_block, args, results) {
        mbarrier::typedmemmove(*args as *const Type, *args.add(1) as *mut u8, *args.add(2) as *const u8);
    }
    /// `func typedmemclr(t *abi.Type, ptr unsafe.Pointer)`
    "reflect.typedmemclr" = fn typedmemclr(_block, args, results) {
        mbarrier::typedmemclr(*args as *const Type, *args.add(1) as *mut u8);
    }
    /// `func typedmemclrpartial(t *abi.Type, ptr unsafe.Pointer, off, size uintptr)`; `ptr` is already at `off`.
    "reflect.typedmemclrpartial" = fn typedmemclrpartial(_block, args, results) {
        mbarrier::memclr(*args.add(1) as *mut u8, *args.add(3) as usize);
    }
    /// `func typedarrayclear(elemType *abi.Type, ptr unsafe.Pointer, len int)`
    "reflect.typedarrayclear" = fn typedarrayclear(_block, args, results) {
        mbarrier::memclr(*args.add(1) as *mut u8, typ(*args).size() * *args.add(2) as usize);
    }
    /// `func typedslicecopy(t *abi.Type, dst, src unsafeheader.Slice) int`
    "reflect.typedslicecopy" = fn typedslicecopy(_block, args, results) {
        let (dst, src) = (*args.add(1) as *mut u8, *args.add(4) as *const u8);
        let (dst_len, src_len) = (*args.add(2) as i64, *args.add(5) as i64);
        *results = mbarrier::typedslicecopy(*args as *const Type, dst, dst_len, src, src_len) as u64;
    }
    /// `func growslice(t *abi.Type, old unsafeheader.Slice, num int) unsafeheader.Slice`; the length stays.
    "reflect.growslice" = fn reflect_growslice(block, args, results) {
        let (len, num) = (*args.add(2), *args.add(4) as i64);
        let newlen = (len as i64).wrapping_add(num);
        let old = *args.add(1) as *const u8;
        let grown = growslice(block, old, newlen, *args.add(3) as i64, num, *args as *const Type);
        *results = grown.ptr as u64;
        *results.add(1) = len;
        *results.add(2) = grown.cap as u64;
    }
    /// `func typehash(t *abi.Type, p unsafe.Pointer, h uintptr) uintptr`
    "reflect.typehash" = fn typehash(block, args, results) {
        match alg::typehash(*args as *const Type, *args.add(1) as *const u8, *args.add(2)) {
            Ok(h) => *results = h,
            Err(e) => raise_error(block, e.unhashable()),
        }
    }
    /// `func verifyNotInHeapPtr(p uintptr) bool`: pointers to memory outside the heap are like any other here.
    "reflect.verifyNotInHeapPtr" = fn verify_not_in_heap_ptr(_block, args, results) {
        *results = u64::from(*args != usize::MAX as u64);
    }
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
unsafe fn intern<'a>(block: *mut IsolateBlock, make: impl FnOnce(&'a Types) -> Option<TypeRef<'a>>) -> u64 {
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
            t.map_or(0, |t| t.as_ptr() as u64)
        }
        Err(payload) => {
            drop(payload);
            // SAFETY: the caller vouches for the stack.
            unsafe { enter::stop(block, StopReason::Memory("no room for type descriptors".into())) }
        }
    }
}

/// A `*abi.Type` argument.
///
/// # Safety
/// The word is a descriptor of the running program.
unsafe fn typ<'a>(word: u64) -> TypeRef<'a> {
    // SAFETY: the caller vouches for it.
    unsafe { TypeRef::from_ptr(word as *const Type) }
}

/// A `[]*abi.Type` argument.
///
/// # Safety
/// Three words of such a slice, which lives for `'a`.
unsafe fn type_slice<'a>(words: *const u64) -> &'a [TypeRef<'a>] {
    // SAFETY: the caller vouches for it; a `TypeRef` is the descriptor's address.
    unsafe { std::slice::from_raw_parts(pointer_or_dangling(*words as *const TypeRef<'a>), *words.add(1) as usize) }
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
            raise_error(block, crate::types::errors::RuntimeError::Plain("runtime: allocation size out of range"));
        }
        array(block, t, n as usize)
    }
}

/// A field as the overlay of package reflect describes it.
#[repr(C)]
struct InternField {
    name: GoString,
    pkg_path: GoString,
    tag: GoString,
    typ: *const Type,
    embedded: bool,
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
