//! What types look like before they have descriptors: the parts that callers describe, and the shape by which the
//! interner finds a type that exists.

use super::name::{self, is_exported};
use super::{TypeRef, Types};
use itab_abi::types::*;
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// A package, as names refer to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pkg<'a> {
    /// Import path.
    pub path: &'a str,
    /// Name.
    pub name: &'a str,
}

/// A field of a struct type.
#[derive(Clone, Copy, Debug)]
pub struct FieldDesc<'a, 't> {
    /// Name; of an embedded field its type's (or alias') name.
    pub name: &'a str,
    /// Import path of the package that declares it; counts only for names that are not exported.
    pub pkg_path: &'a str,
    /// Tag.
    pub tag: &'a str,
    /// Whether it is embedded.
    pub embedded: bool,
    /// Type.
    pub typ: TypeRef<'t>,
}

/// A method of an interface type.
#[derive(Clone, Copy, Debug)]
pub struct IMethodDesc<'a, 't> {
    /// Name.
    pub name: &'a str,
    /// Package that declares it; counts only for names that are not exported.
    pub pkg: Pkg<'a>,
    /// Func type.
    pub typ: TypeRef<'t>,
}

/// A method of a concrete type.
#[derive(Clone, Copy, Debug)]
pub struct MethodDesc<'a, 't> {
    /// Name.
    pub name: &'a str,
    /// Import path of the package that declares it; counts only for names that are not exported.
    pub pkg_path: &'a str,
    /// Func type without the receiver.
    pub mtyp: TypeRef<'t>,
    /// Code for itabs, whose receiver is one word. May be a stub that `itab::code_ready` replaces.
    pub ifn: usize,
    /// Code of the method as a function; may be a stub too.
    pub tfn: usize,
}

/// A named type, before its underlying type is known.
#[derive(Clone, Copy, Debug)]
pub struct NamedDecl<'a> {
    /// Identity: a text that no other named type of the program has, the same in every process. The import path and
    /// name will do for a package-level type; local types and instances need more.
    pub key: &'a str,
    /// As reflection prints it: `pkgname.T`, `pkgname.G[full/path.A,int]`, `error`.
    pub name: &'a str,
    /// Import path of the declaring package; empty for predeclared types.
    pub pkg_path: &'a str,
    /// Kind of the underlying type.
    pub kind: Kind,
    /// Number of parameters and results if that is a func type, else 0.
    pub params: usize,
}

/// What a type is, its components being interned already.
#[derive(Clone, Copy)]
pub(super) enum Shape<'a, 't> {
    Pointer(TypeRef<'t>),
    Slice(TypeRef<'t>),
    Array(usize, TypeRef<'t>),
    Map(TypeRef<'t>, TypeRef<'t>),
    Chan(usize, TypeRef<'t>),
    Func(&'a [TypeRef<'t>], &'a [TypeRef<'t>], bool),
    Struct(&'a [FieldDesc<'a, 't>]),
    /// Sorted.
    Interface(&'a [IMethodDesc<'a, 't>]),
    Named(&'a str),
}

impl<'t> Shape<'_, 't> {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Shape::Pointer(_) => Kind::Pointer,
            Shape::Slice(_) => Kind::Slice,
            Shape::Array(..) => Kind::Array,
            Shape::Map(..) => Kind::Map,
            Shape::Chan(..) => Kind::Chan,
            Shape::Func(..) => Kind::Func,
            Shape::Struct(_) => Kind::Struct,
            Shape::Interface(_) => Kind::Interface,
            Shape::Named(_) => Kind::Invalid,
        }
    }

    /// Hash of the structure, of the components their `Type::hash`.
    pub(super) fn ident(&self) -> u32 {
        let mut h = FxHasher::default();
        h.write_u8(self.kind() as u8);
        match *self {
            Shape::Pointer(t) | Shape::Slice(t) => h.write_u32(t.type_hash()),
            Shape::Array(n, t) | Shape::Chan(n, t) => (n, t.type_hash()).hash(&mut h),
            Shape::Map(k, v) => (k.type_hash(), v.type_hash()).hash(&mut h),
            Shape::Func(ins, outs, variadic) => {
                (ins.len(), outs.len(), variadic).hash(&mut h);
                ins.iter().chain(outs).for_each(|t| h.write_u32(t.type_hash()));
            }
            Shape::Struct(fields) => fields.iter().for_each(|f| (f.name, f.typ.type_hash(), f.embedded).hash(&mut h)),
            Shape::Interface(methods) => methods.iter().for_each(|m| (m.name, m.typ.type_hash()).hash(&mut h)),
            Shape::Named(key) => key.hash(&mut h),
        }
        let h = h.finish();
        (h ^ (h >> 32)) as u32
    }

    /// Whether `t` is the type of this shape.
    pub(super) fn matches(&self, types: &Types, t: TypeRef<'t>) -> bool {
        if let Shape::Named(key) = *self {
            return t.is_named() && t.link_string() == key;
        }
        if t.is_named() || t.kind() != self.kind() {
            return false;
        }
        match *self {
            Shape::Pointer(elem) | Shape::Slice(elem) => t.elem() == Some(elem),
            Shape::Array(len, elem) => t.len() == len && t.elem() == Some(elem),
            Shape::Map(key, elem) => t.key() == Some(key) && t.elem() == Some(elem),
            // SAFETY: a channel type.
            Shape::Chan(dir, elem) => t.elem() == Some(elem) && unsafe { (*t.cast::<ChanType>()).dir } == dir,
            Shape::Func(ins, outs, variadic) => t.signature() == (ins, outs, variadic),
            Shape::Struct(fields) => same_fields(t, fields),
            Shape::Interface(methods) => same_imethods(types, t, methods),
            Shape::Named(_) => unreachable!("handled above"),
        }
    }
}

fn same_fields(t: TypeRef<'_>, want: &[FieldDesc<'_, '_>]) -> bool {
    let have = t.fields();
    // SAFETY: `t` is a struct type; its names were encoded by this interner.
    let pkg = unsafe { name::decode((*t.cast::<StructType>()).pkg_path).text };
    have.len() == want.len()
        && have.iter().zip(want).all(|(h, w)| {
            // SAFETY: as above.
            let n = unsafe { name::decode(h.name) };
            h.typ == w.typ.as_ptr()
                && n.text == w.name
                && n.tag == w.tag
                && n.embedded == w.embedded
                && (is_exported(w.name) || pkg == w.pkg_path)
        })
}

fn same_imethods(types: &Types, t: TypeRef<'_>, want: &[IMethodDesc<'_, '_>]) -> bool {
    let have = t.imethods();
    have.len() == want.len()
        && have.iter().zip(want).all(|(h, w)| {
            let n = types.name(h.name);
            types.resolve_type_off(h.typ) == w.typ.as_ptr()
                && n.text == w.name
                && (n.exported || types.name(n.pkg_path).text == w.pkg.path)
        })
}

/// The order of method lists: exported ones first, then by name, then by package.
pub(super) fn method_order<'a>(name: &'a str, pkg_path: &'a str) -> (bool, &'a str, &'a str) {
    let hidden = !is_exported(name);
    (hidden, name, if hidden { pkg_path } else { "" })
}

pub(super) fn sorted_imethods<'a, 't>(methods: &[IMethodDesc<'a, 't>]) -> Vec<IMethodDesc<'a, 't>> {
    let mut sorted = methods.to_vec();
    sorted.sort_by(|a, b| method_order(a.name, a.pkg.path).cmp(&method_order(b.name, b.pkg.path)));
    sorted
}
