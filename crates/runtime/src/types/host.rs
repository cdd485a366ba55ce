//! Types of the host: opaque to Go, with methods that are functions of the host.
//!
//! Such a type is a named struct of one word, which is the host's and no pointer for the collector. Go sees pointers to
//! it: `*pkg.T` has the methods. Which Go signature a method has is decided by the interface that asks for it, as several
//! may fit one function of the host. So an itab of the type is not made from its table of methods: the host is asked for
//! the code of each of the interface's methods ([`HostMethods::method`]). The table has each method once, for package
//! reflect, whose code is made when reflect asks for it ([`resolve_text`]).
//!
//! The host may call the compiler to make code, hence no lock of this storey is held while it is asked. Two threads may ask
//! for the same code at once.

use crate::sync::{Mutex, lock};
use crate::types::{Batch, FieldDesc, MethodDesc, NamedDecl, TypeRef, Types, is_exported};
use itab_abi::types::{Kind, Method, TFLAG_HOST, Type};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The functions of the host that are the methods of a type.
pub trait HostMethods: Send + Sync {
    /// The code of the method with this name, if it has one that may be called as `mtyp`, a func type without the receiver.
    /// The context of the code is the receiver.
    fn method(&self, name: &str, mtyp: TypeRef<'_>) -> Option<usize>;

    /// The code of the same method as a function whose first parameter is the receiver.
    fn function(&self, name: &str, mtyp: TypeRef<'_>) -> Option<usize>;
}

/// A type of the host, to be made.
pub struct HostDecl<'a, 't> {
    /// As [`NamedDecl::key`].
    pub key: &'a str,
    /// As reflection prints it: `pkgname.T`.
    pub name: &'a str,
    /// Import path of the package that it is said to be of.
    pub pkg_path: &'a str,
    /// What package reflect sees: exported methods with the func types that fit them best, without the receiver.
    pub methods: &'a [(&'a str, TypeRef<'t>)],
    /// Their code.
    pub host: Arc<dyn HostMethods>,
}

/// The hosts' types of a program, by the addresses of the pointer types' descriptors.
#[derive(Default)]
pub(crate) struct Hosts(Mutex<FxHashMap<usize, Arc<dyn HostMethods>>>);

impl Hosts {
    fn get(&self, typ: TypeRef<'_>) -> Option<Arc<dyn HostMethods>> {
        lock(&self.0).get(&typ.as_ptr().addr()).cloned()
    }

    /// Keeps the functions of a type that is about to be published.
    pub(crate) fn insert(&self, typ: *const Type, host: Arc<dyn HostMethods>) {
        lock(&self.0).insert(typ.addr(), host);
    }
}

impl<'t> Batch<'t> {
    /// The type `*pkg.T` of the host with this key, made now if there is none.
    pub fn host_type(&mut self, decl: &HostDecl<'_, 't>) -> TypeRef<'t> {
        let kind = Kind::Struct;
        let named = NamedDecl { key: decl.key, name: decl.name, pkg_path: decl.pkg_path, kind, params: 0 };
        let t = self.named(&named);
        let ptr = self.pointer_to(t);
        if self.needs_completion(t) {
            // The field belongs to a package of its own, so that no other struct type converts to this one.
            let (name, typ) = ("handle", self.basic(Kind::Uintptr));
            let word = FieldDesc { name, pkg_path: decl.key, tag: "", embedded: false, typ };
            let underlying = self.struct_of(&[word]);
            let method = |&(name, mtyp): &(_, _)| MethodDesc { name, pkg_path: "", mtyp, ifn: 0, tfn: 0 };
            let methods: Vec<MethodDesc<'_, 't>> = decl.methods.iter().map(method).collect();
            // SAFETY: a fresh descriptor, which only this batch sees.
            unsafe { (*ptr.raw()).tflag |= TFLAG_HOST };
            self.complete_named(t, underlying, &[], &methods);
            self.keep_host(ptr, decl.host.clone());
        }
        ptr
    }
}

impl TypeRef<'_> {
    /// Whether its methods are functions of the host.
    #[inline]
    pub fn is_host(self) -> bool {
        self.tflag() & TFLAG_HOST != 0
    }
}

/// The code of `inter`'s methods on a type of the host, or the index of the first that it lacks. No lock is held.
pub(crate) fn codes(inter: TypeRef<'_>, typ: TypeRef<'_>) -> Result<Vec<usize>, usize> {
    let types = inter.owner();
    let host = types.hosts.get(typ).ok_or(0usize)?;
    let code = |(i, m): (usize, &itab_abi::types::Imethod)| {
        let (name, mtyp) = inter.imethod(m);
        let code = if is_exported(name) { host.method(name, mtyp) } else { None };
        code.ok_or(i)
    };
    inter.imethods().iter().enumerate().map(code).collect()
}

/// The code behind a handle in the method table of `typ`. That of a type of the host is made now; 0 if there is none.
pub fn resolve_text(typ: TypeRef<'_>, off: i32) -> usize {
    let types = typ.owner();
    let code = types.resolve_text_off(off);
    if code != 0 || !typ.is_host() {
        return code;
    }
    let Some(host) = types.hosts.get(typ) else { return 0 };
    let Some(m) = typ.methods().iter().find(|m| m.ifn == off || m.tfn == off) else { return 0 };
    let (name, mtyp) = (types.name(m.name).text, method_type(types, m));
    let code = if m.ifn == off { host.method(name, mtyp) } else { host.function(name, mtyp) };
    types.set_text(off, code.unwrap_or(0));
    code.unwrap_or(0)
}

/// Makes the code of all methods in the table of a type of the host, if it is one: for a type that takes them over.
pub(crate) fn make_code(typ: TypeRef<'_>) {
    if typ.is_host() {
        for m in typ.methods() {
            resolve_text(typ, m.ifn);
            resolve_text(typ, m.tfn);
        }
    }
}

/// Func type of a method in a table.
fn method_type<'t>(types: &'t Types, m: &Method) -> TypeRef<'t> {
    // SAFETY: the type of a method is a descriptor of this interner.
    unsafe { TypeRef::from_ptr(types.resolve_type_off(m.mtyp)) }
}

/// If a type of the host has a method of this name that `inter` wants with another func type: how Go tells it.
pub(crate) fn wrong_type(inter: TypeRef<'_>, typ: TypeRef<'_>, name: &str) -> Option<String> {
    let types = inter.owner();
    if !typ.is_host() {
        return None;
    }
    let have = typ.methods().iter().find(|m| types.name(m.name).text == name)?;
    let (_, want) = inter.imethods().iter().map(|m| inter.imethod(m)).find(|m| m.0 == name)?;
    let text = |t: TypeRef<'_>| t.string().replacen("func", name, 1);
    Some(format!(
        "(wrong type for method {name})\n\t\thave {}\n\t\twant {}",
        text(method_type(types, have)),
        text(want)
    ))
}
