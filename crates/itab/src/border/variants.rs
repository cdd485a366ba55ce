//! Rust enums with data: a Go interface value whose dynamic type is the type that is called as the variant, or the pointer to
//! it.
//!
//! A variant's type is looked for in the package of the interface type, or in the package that was loaded if the interface has
//! none; `#[go(name = "path.Name")]` says another. A program may never have used the type, so that it has no descriptor yet:
//! the compiler is asked for it. To Go goes the type itself if it implements the interface, else the pointer to it.

use crate::border::any::{box_new, read_interface, write_interface};
use crate::border::crossing::{Checker, Fits, Give, GoType, Misfit, Place, PlaceMut, Take, rust_name};
use crate::border::records::{FieldName, Record, RecordChecker, RecordMut, is_struct};
use crate::error::Error;
use crate::program::Shared;
use itab_abi::iface::Eface;
use itab_abi::types::{Kind, Type};
use itab_runtime::types::TypeRef;
use itab_runtime::types::itab::getitab;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex};

/// The Go types of a variant.
#[derive(Clone, Copy)]
struct VariantAt {
    typ: *const Type,
    pointer: *const Type,
    /// Whether the pointer goes to Go, since the type itself does not implement the interface.
    by_pointer: bool,
}

// SAFETY: the pointers are to descriptors of the program that owns the table, which are immutable.
unsafe impl Send for VariantAt {}
// SAFETY: as above.
unsafe impl Sync for VariantAt {}

/// An enum's list of names, how many, and an interface type, by their addresses.
type Pair = (usize, usize, usize);

/// The variants that a program has used.
#[derive(Default)]
pub(crate) struct Variants(Mutex<FxHashMap<Pair, Arc<[VariantAt]>>>);

impl Variants {
    /// The types of the variants with these names, in their order.
    fn get<T>(&self, t: TypeRef<'_>, names: &'static [FieldName]) -> Result<Arc<[VariantAt]>, Misfit> {
        let pair = (names.as_ptr() as usize, names.len(), t.as_ptr() as usize);
        let known = || self.0.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(found) = known().get(&pair) {
            return Ok(found.clone());
        }
        // Without the lock: the compiler may be asked.
        let found: Arc<[VariantAt]> = names.iter().map(|name| variant::<T>(t, *name)).collect::<Result<_, _>>()?;
        Ok(known().entry(pair).or_insert(found).clone())
    }
}

/// The types of a variant.
fn variant<T>(t: TypeRef<'_>, name: FieldName) -> Result<VariantAt, Misfit> {
    let (pkg, own) = name.name.rsplit_once('.').unwrap_or((t.pkg_path(), name.name));
    let misfit = |wanted: String| Misfit { wanted, ..Misfit::of::<T>(GoType(t)) };
    let path = if pkg.is_empty() { String::new() } else { format!("{pkg}.") };
    let types = t.owner();
    let typ = types.named(pkg, own).ok_or_else(|| {
        misfit(format!(
            "an enum whose variants are types of Go, or have `#[go(name = \"..\")]`; there is no type {path}{own}"
        ))
    })?;
    let pointer = types.pointer_to(typ);
    let implements = |typ| t.imethods().is_empty() || getitab(t, typ).is_ok();
    let by_pointer = !implements(typ);
    if by_pointer && !implements(pointer) {
        let wanted = "an enum whose variants implement the interface";
        return Err(misfit(format!("{wanted}, which neither {} nor {} does", typ.string(), pointer.string())));
    }
    Ok(VariantAt { typ: typ.as_ptr(), pointer: pointer.as_ptr(), by_pointer })
}

/// Whether it is an interface type.
pub fn is_interface(t: GoType<'_>) -> bool {
    t.kind() == Kind::Interface
}

/// Checks the variants of an enum: `check` gets the index of each, and its type.
///
/// # Errors
/// When a variant has no type, or one that does not fit.
pub fn check_variants<T>(
    t: GoType<'_>,
    names: &'static [FieldName],
    checker: &mut Checker,
    mut check: impl FnMut(usize, GoType<'_>, &mut Checker) -> Result<(), Misfit>,
) -> Result<(), Misfit> {
    if !is_interface(t) {
        return Err(Misfit::of::<T>(t));
    }
    if !checker.enters::<T>(t) {
        return Ok(());
    }
    for (i, name) in names.iter().enumerate() {
        let at = variant::<T>(t.0, *name)?;
        // SAFETY: a type of the same program.
        let typ = GoType(unsafe { TypeRef::from_ptr(at.typ) });
        check(i, typ, checker).map_err(|m| m.under(&format!(".({})", typ.name())))?;
    }
    Ok(())
}

/// Writes variant `i`: `give` writes its data.
///
/// # Errors
/// When the variant has no type, or its data cannot be represented.
pub fn give_variant<T: Fits>(
    to: PlaceMut<'_>,
    names: &'static [FieldName],
    i: usize,
    give: impl FnOnce(PlaceMut<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let (cx, t, at) = to.parts();
    let cx = cx.deeper()?;
    let variants = variants_of::<T>(cx.shared, t, names)?;
    let too_many = || Error::Internal("an enum has more variants than it names".into());
    let variant = variants.get(i).ok_or_else(too_many)?;
    // SAFETY: types of the isolate's program; the fresh object is of the type. The place is one for an interface.
    unsafe {
        let typ = cx.typ(variant.typ);
        let value = if variant.by_pointer {
            let object = cx.alloc(typ)?;
            give(PlaceMut::new(cx, typ, object))?;
            Eface { typ: variant.pointer, data: object.cast() }
        } else {
            box_new(cx, typ, give)?
        };
        write_interface(cx, value, t, at)
    }
}

/// Which variant an interface value is, and where its data is.
///
/// # Errors
/// When it is nil, a nil pointer, or of a type that is no variant's.
pub fn take_variant<'a, T: Fits>(from: Place<'a>, names: &'static [FieldName]) -> Result<(usize, Place<'a>), Error> {
    let (cx, t, at) = from.parts();
    let cx = cx.deeper()?;
    let variants = variants_of::<T>(cx.shared, t, names)?;
    let unknown = |go: &str| {
        let names: Vec<&str> = names.iter().map(|n| n.name).collect();
        let wanted = format!("an enum that has it; this one has {}", names.join(", "));
        Misfit { go: go.into(), wanted, ..Misfit::of::<T>(GoType(t)) }.error("the value")
    };
    // SAFETY: an interface value that is alive. Its word is the value or leads to it.
    unsafe {
        let value = read_interface(t, at);
        if value.typ.is_null() {
            return Err(unknown("nil"));
        }
        let is = |v: &VariantAt| v.typ == value.typ || v.pointer == value.typ;
        let i = variants.iter().position(is).ok_or_else(|| unknown(cx.typ(value.typ).string()))?;
        let typ = cx.typ(variants[i].typ);
        if value.typ == variants[i].pointer {
            let nil = || unknown(&format!("a nil {}", cx.typ(value.typ).string()));
            return if value.data.is_null() { Err(nil()) } else { Ok((i, Place::new(cx, typ, value.data.cast()))) };
        }
        // The word of the value is where the interface is.
        let data =
            if typ.is_direct_iface() { at.add(size_of::<usize>()) } else { value.data.cast::<u8>().cast_const() };
        Ok((i, Place::new(cx, typ, data)))
    }
}

fn variants_of<T>(shared: &Shared, t: TypeRef<'_>, names: &'static [FieldName]) -> Result<Arc<[VariantAt]>, Error> {
    if !is_interface(GoType(t)) {
        return Err(Misfit::of::<T>(GoType(t)).error("a value"));
    }
    shared.variants.get::<T>(t, names).map_err(|m| m.error("the enum"))
}

/// The only field of a variant: the variant's type is that of the field, named, or a struct of one field.
pub struct One<T>(pub T);

const FIRST: &[FieldName] = &[FieldName { name: "0", exact: false }];

impl<T: Fits> Fits for One<T> {
    fn accepts(t: GoType<'_>) -> bool {
        T::accepts(t) || is_struct(t)
    }
    fn check(t: GoType<'_>, checker: &mut Checker) -> Result<(), Misfit> {
        if T::accepts(t) || !is_struct(t) {
            return T::check(t, checker);
        }
        RecordChecker::new::<Self>(t, FIRST, checker)?.field::<T>()?.done()
    }
}

impl<T: Give> Give for One<T> {
    fn store(self, to: PlaceMut<'_>) -> Result<(), Error> {
        if T::accepts(to.typ()) { self.0.store(to) } else { RecordMut::new::<Self>(to, FIRST)?.give(self.0) }
    }
}

impl<'a, T: Take<'a>> Take<'a> for One<T> {
    fn load(from: Place<'a>) -> Result<Self, Error> {
        if T::accepts(from.typ()) { T::load(from).map(One) } else { Record::new::<Self>(from, FIRST)?.take().map(One) }
    }
}

/// What a value that is no variant is called in errors.
pub fn no_variant<T>(from: GoType<'_>) -> Error {
    Error::Internal(format!("{} has no such variant of {}", rust_name::<T>(), from.name()))
}
