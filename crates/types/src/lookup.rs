//! Fields and methods of types: selection through embedded fields, and missing methods.
//!
//! A selector is looked up breadth first: at each depth all embedded types are searched, and two finds
//! at the shallowest depth are a collision. A type met again at a greater depth is skipped.

use itab_syntax::{Name, Pos};
use smallvec::SmallVec;

use crate::check::Checker;
use crate::object::ObjKind;
use crate::store::Store;
use crate::types::Type;
use crate::{ObjId, PkgId, StructId, TypeId};

/// Indices of embedded fields, then of the field or method.
pub type Path = SmallVec<[u32; 4]>;

/// The depth of embedding from which nothing is found any more.
const MAX_DEPTH: usize = 200;

/// What looking a selector up found.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    /// The field or method. If none: with an `index` the selector is ambiguous, with `indirect` the
    /// method needs a pointer receiver, else there is nothing of the name.
    pub obj: Option<ObjId>,
    /// The path to it: embedded fields, then the field or method.
    pub index: Path,
    /// Whether a pointer is followed on that path.
    pub indirect: bool,
}

struct Embedded {
    typ: TypeId,
    index: Path,
    indirect: bool,
    multiples: bool,
}

impl Store {
    /// Looks for the field or method `name` of `t`. Unexported names are those of `pkg`.
    pub fn lookup_field_or_method(
        &mut self,
        t: TypeId,
        addressable: bool,
        pkg: Option<PkgId>,
        name: Name,
        fold_case: bool,
    ) -> Lookup {
        // The methods of a defined pointer type are not those of its base.
        if let Type::Named(_) = self.uty(t) {
            let u = self.under(t);
            if let Type::Pointer(_) = self.ty(u) {
                let found = self.lookup_impl(u, false, pkg, name, fold_case);
                if found.obj.is_some_and(|o| matches!(self.obj(o).kind, ObjKind::Func(_))) {
                    return Lookup::default();
                }
                return found;
            }
        }
        self.lookup_impl(t, addressable, pkg, name, fold_case)
    }

    pub(crate) fn lookup_impl(
        &mut self,
        t: TypeId,
        addressable: bool,
        pkg: Option<PkgId>,
        name: Name,
        fold_case: bool,
    ) -> Lookup {
        if name == Name::BLANK {
            return Lookup::default();
        }
        let (typ, is_ptr) = self.deref(t);
        if is_ptr && self.is_interface(typ) {
            return Lookup::default();
        }
        let mut current: SmallVec<[Embedded; 4]> = SmallVec::new();
        current.push(Embedded { typ, index: Path::new(), indirect: is_ptr, multiples: false });
        let mut seen: SmallVec<[TypeId; 8]> = SmallVec::new();
        // Embedding this deep is runaway instantiation, which has its own check.
        for _ in 0..MAX_DEPTH {
            if current.is_empty() {
                break;
            }
            let mut found = Lookup::default();
            let mut next: SmallVec<[Embedded; 4]> = SmallVec::new();
            for e in &current {
                if !self.search(e, pkg, name, fold_case, &mut seen, &mut found, &mut next) {
                    return Lookup { obj: None, index: found.index, indirect: false };
                }
            }
            if let Some(o) = found.obj {
                if self.has_ptr_recv(o) && !found.indirect && !addressable {
                    return Lookup { obj: None, index: Path::new(), indirect: true };
                }
                return found;
            }
            current = self.consolidate(next);
        }
        Lookup::default()
    }

    /// Searches one embedded type; false on a collision.
    #[allow(clippy::too_many_arguments)]
    fn search(
        &mut self,
        e: &Embedded,
        pkg: Option<PkgId>,
        name: Name,
        fold_case: bool,
        seen: &mut SmallVec<[TypeId; 8]>,
        found: &mut Lookup,
        next: &mut SmallVec<[Embedded; 4]>,
    ) -> bool {
        let typ = self.unalias(e.typ);
        if let Type::Named(n) = self.ty(typ) {
            if seen.contains(&typ) {
                return true;
            }
            seen.push(typ);
            if let Some(i) = self.find_method(n, pkg, name, fold_case) {
                let m = self.method(typ, n, i);
                return record_find(found, e, i, m);
            }
        }
        match self.uund(typ) {
            Type::Struct(s) => self.search_struct(s, e, pkg, name, fold_case, found, next),
            Type::Interface(i) => {
                let set = self.type_set(i);
                match self.type_set_method(set, pkg, name, fold_case) {
                    Some((i, m)) => record_find(found, e, i, m),
                    None => true,
                }
            }
            _ => true,
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn search_struct(
        &mut self,
        s: StructId,
        e: &Embedded,
        pkg: Option<PkgId>,
        name: Name,
        fold_case: bool,
        found: &mut Lookup,
        next: &mut SmallVec<[Embedded; 4]>,
    ) -> bool {
        let fields = self.struct_(s).fields;
        for i in 0..fields.len() {
            let f = self.obj_at(fields, i);
            if self.matches_name(f, pkg, name, fold_case) {
                if !record_find(found, e, i, f) {
                    return false;
                }
                continue;
            }
            if found.obj.is_none() && self.obj(f).is_embedded() {
                let (typ, is_ptr) = self.deref(self.obj_type(f));
                let mut index = e.index.clone();
                index.push(i as u32);
                next.push(Embedded { typ, index, indirect: e.indirect || is_ptr, multiples: e.multiples });
            }
        }
        true
    }

    fn consolidate(&mut self, list: SmallVec<[Embedded; 4]>) -> SmallVec<[Embedded; 4]> {
        if list.len() <= 1 {
            return list;
        }
        let mut out: SmallVec<[Embedded; 4]> = SmallVec::new();
        for e in list {
            match (0..out.len()).find(|&i| self.identical(out[i].typ, e.typ)) {
                Some(i) => out[i].multiples = true,
                None => out.push(e),
            }
        }
        out
    }

    /// Whether a field or method has the name, as seen from `pkg`.
    #[inline]
    pub(crate) fn matches_name(&mut self, o: ObjId, pkg: Option<PkgId>, name: Name, fold_case: bool) -> bool {
        let obj = self.obj(o);
        let (have, owner) = (obj.name, obj.pkg);
        if have != name {
            return fold_case && fold_eq(self.text(have), self.text(name));
        }
        owner == pkg || self.is_exported(name) || self.same_pkg(owner, pkg) || fold_case
    }

    fn find_method(&mut self, n: crate::NamedId, pkg: Option<PkgId>, name: Name, fold_case: bool) -> Option<usize> {
        let orig = self.origin_id(n);
        if self.named(orig).methods.is_empty() {
            return None;
        }
        if fold_case {
            let named = self.named(orig);
            return named.methods.iter().position(|m| fold_eq(self.text(m.0), self.text(name)));
        }
        let i = self.named(orig).methods.iter().position(|m| m.0 == name)?;
        let owner = self.obj(self.named(orig).obj).pkg;
        (owner == pkg || self.is_exported(name) || self.same_pkg(owner, pkg)).then_some(i)
    }

    /// Whether a method's receiver is a pointer.
    pub fn has_ptr_recv(&self, o: ObjId) -> bool {
        matches!(&self.obj(o).kind, ObjKind::Func(f) if f.ptr_recv)
    }

    /// The names of the embedded fields along a path, with dots between them.
    pub(crate) fn field_path(&mut self, mut t: TypeId, index: &[u32]) -> String {
        let mut names: Vec<String> = Vec::new();
        for &i in index {
            let base = self.deref_struct_ptr(t);
            let Type::Struct(s) = self.uund(base) else { break };
            let f = self.obj_at(self.struct_(s).fields, i as usize);
            names.push(self.text(self.obj(f).name).to_string());
            t = self.obj_type(f);
        }
        names.join(".")
    }
}

/// Whether two names are equal but for case.
fn fold_eq(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || !(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase()
}

fn record_find(found: &mut Lookup, e: &Embedded, i: usize, o: ObjId) -> bool {
    let collision = found.obj.is_some() || e.multiples;
    found.index = e.index.clone();
    found.index.push(i as u32);
    found.obj = Some(o);
    found.indirect = e.indirect;
    !collision
}

/// Why a type lacks a method.
enum Missing {
    NotFound,
    WrongName(ObjId),
    Unexported,
    WrongSig(ObjId),
    Ambiguous,
    PtrRecv,
    Field,
}

/// How the types of methods are compared: for identity, or by unifying them.
pub(crate) type Equivalent<'e, 'a> = &'e mut dyn FnMut(&mut Checker<'a>, TypeId, TypeId) -> bool;

impl<'a> Checker<'a> {
    /// Whether `v` has all methods of the interface `t`.
    pub(crate) fn has_all_methods(
        &mut self,
        v: TypeId,
        t: TypeId,
        is_static: bool,
        cause: Option<&mut String>,
    ) -> bool {
        self.has_all_methods_by(v, t, is_static, &mut |c, x, y| c.s.identical(x, y), cause)
    }

    pub(crate) fn has_all_methods_by(
        &mut self,
        v: TypeId,
        t: TypeId,
        is_static: bool,
        equivalent: Equivalent<'_, 'a>,
        cause: Option<&mut String>,
    ) -> bool {
        if !self.s.is_valid(v) {
            return true;
        }
        self.missing_method_by(v, t, is_static, equivalent, cause).is_none()
            || self.has_invalid_embedded_fields(v, &mut Vec::new())
    }

    fn missing_method_by(
        &mut self,
        v: TypeId,
        t: TypeId,
        is_static: bool,
        equivalent: Equivalent<'_, 'a>,
        cause: Option<&mut String>,
    ) -> Option<(ObjId, bool)> {
        let Type::Interface(ti) = self.s.uund(t) else { return None };
        let methods = self.s.type_set(ti).methods;
        let vset = match self.s.uund(v) {
            Type::Interface(i) if !methods.is_empty() => Some(self.s.type_set(i)),
            _ => None,
        };
        for i in 0..methods.len() {
            let m = self.s.obj_at(methods, i);
            let why = match vset {
                Some(set) => self.missing_in_interface(set, m, is_static, equivalent),
                None => self.missing_in_type(v, m, equivalent),
            };
            if let Some(why) = why {
                if let Some(c) = cause {
                    *c = self.missing_method_cause(v, t, m, &why);
                }
                return Some((m, matches!(why, Missing::WrongSig(_) | Missing::PtrRecv)));
            }
        }
        None
    }

    fn missing_in_interface(
        &mut self,
        set: crate::TypeSet,
        m: ObjId,
        is_static: bool,
        equivalent: Equivalent<'_, 'a>,
    ) -> Option<Missing> {
        let (pkg, name) = (self.s.obj(m).pkg, self.s.obj(m).name);
        match self.s.type_set_method(set, pkg, name, false) {
            None => is_static.then_some(Missing::NotFound),
            Some((_, f)) => {
                let (x, y) = (self.s.obj_type(f), self.s.obj_type(m));
                (!equivalent(self, x, y)).then_some(Missing::WrongSig(f))
            }
        }
    }

    fn missing_in_type(&mut self, v: TypeId, m: ObjId, equivalent: Equivalent<'_, 'a>) -> Option<Missing> {
        let (pkg, name) = (self.s.obj(m).pkg, self.s.obj(m).name);
        let found = self.s.lookup_impl(v, false, pkg, name, false);
        let Some(o) = found.obj else {
            if !found.index.is_empty() {
                return Some(Missing::Ambiguous);
            }
            if found.indirect {
                return Some(Missing::PtrRecv);
            }
            let other = self.s.lookup_impl(v, false, pkg, name, true).obj;
            return Some(match other {
                Some(f) if matches!(self.s.obj(f).kind, ObjKind::Func(_)) => {
                    if self.s.obj(f).name == name {
                        Missing::Unexported
                    } else {
                        Missing::WrongName(f)
                    }
                }
                _ => Missing::NotFound,
            });
        };
        if !matches!(self.s.obj(o).kind, ObjKind::Func(_)) {
            return Some(Missing::Field);
        }
        let x = self.func_type_of(o);
        let y = self.s.obj_type(m);
        (!equivalent(self, x, y)).then_some(Missing::WrongSig(o))
    }

    fn missing_method_cause(&mut self, v: TypeId, t: TypeId, m: ObjId, why: &Missing) -> String {
        let name = self.name_of(m).to_string();
        match *why {
            Missing::NotFound if self.is_interface_ptr(v) => format!("({})", self.interface_ptr_error(v)),
            Missing::NotFound if self.is_interface_ptr(t) => format!("({})", self.interface_ptr_error(t)),
            Missing::NotFound => format!("(missing method {name})"),
            Missing::WrongName(f) => {
                let (have, want) = (self.func_string(f, false), self.func_string(m, false));
                format!("(missing method {name})\n\t\thave {have}\n\t\twant {want}")
            }
            Missing::Unexported => format!("(unexported method {name})"),
            Missing::WrongSig(f) => {
                let (mut have, mut want) = (self.func_string(f, false), self.func_string(m, false));
                if have == want {
                    (have, want) = (self.func_string(f, true), self.func_string(m, true));
                }
                if have == want {
                    return format!("(wrong type for method {name})");
                }
                format!("(wrong type for method {name})\n\t\thave {have}\n\t\twant {want}")
            }
            Missing::Ambiguous => format!("(ambiguous selector {}.{name})", self.ts(v)),
            Missing::PtrRecv => format!("(method {name} has pointer receiver)"),
            Missing::Field => format!("({}.{name} is a field, not a method)", self.ts(v)),
        }
    }

    /// A method's name and signature, without parameter names.
    pub(crate) fn func_string(&mut self, f: ObjId, pkg_info: bool) -> String {
        let sig = self.func_sig(f);
        let name = self.name_of(f).to_string();
        let sig = self.s.signature_string(sig, pkg_info, &|p| {
            if pkg_info { self.s.pkg(p).path.to_string() } else { self.qualifier(p) }
        });
        name + &sig
    }

    fn has_invalid_embedded_fields(&mut self, t: TypeId, seen: &mut Vec<StructId>) -> bool {
        let base = self.s.deref_struct_ptr(t);
        let Type::Struct(s) = self.s.uund(base) else { return false };
        if seen.contains(&s) {
            return false;
        }
        seen.push(s);
        let fields = self.s.struct_(s).fields;
        (0..fields.len()).any(|i| {
            let f = self.s.obj_at(fields, i);
            let ft = self.s.obj_type(f);
            self.s.obj(f).is_embedded() && (!self.s.is_valid(ft) || self.has_invalid_embedded_fields(ft, seen))
        })
    }

    /// Whether it is a pointer to an interface.
    pub(crate) fn is_interface_ptr(&mut self, t: TypeId) -> bool {
        match self.s.uund(t) {
            Type::Pointer(base) => self.s.is_interface(base),
            _ => false,
        }
    }

    pub(crate) fn interface_ptr_error(&mut self, t: TypeId) -> String {
        match self.s.uund(t) {
            Type::Pointer(base) if self.s.is_type_param(base) => {
                format!("type {} is pointer to type parameter, not type parameter", self.ts(t))
            }
            _ => format!("type {} is pointer to interface, not interface", self.ts(t)),
        }
    }

    /// The message for a selector that was not found, with a similar name that exists if there is one.
    pub(crate) fn lookup_error(&self, typ: TypeId, sel: &str, obj: Option<ObjId>, struct_lit: bool) -> String {
        #[derive(PartialEq)]
        enum Near {
            Missing,
            Misspelled,
            Unexported,
            Inaccessible,
        }
        let tail = |s: &str| s.chars().skip(1).collect::<String>();
        let alt = obj.map_or(String::new(), |o| self.name_of(o).to_string());
        let near = match obj {
            None => Near::Missing,
            Some(o) if self.s.obj(o).pkg == Some(self.pkg) => Near::Misspelled,
            Some(_) => match (crate::is_exported(sel), crate::is_exported(&alt)) {
                (true, true) => Near::Misspelled,
                (true, false) if tail(sel) == tail(&alt) => Near::Unexported,
                (false, true) if tail(sel) == tail(&alt) => Near::Misspelled,
                (false, false) if sel == alt => Near::Inaccessible,
                _ => Near::Missing,
            },
        };
        let t = self.ts(typ);
        if struct_lit {
            let head = format!("unknown field {sel} in struct literal of type {t}");
            return match near {
                Near::Missing => head,
                Near::Misspelled => format!("{head}, but does have {alt}"),
                Near::Unexported => format!("{head}, but does have unexported {alt}"),
                Near::Inaccessible => {
                    format!("cannot refer to unexported field {alt} in struct literal of type {t}")
                }
            };
        }
        let what = match obj.map(|o| &self.s.obj(o).kind) {
            Some(ObjKind::Var(_)) => "field",
            Some(ObjKind::Func(_)) => "method",
            _ => "object",
        };
        let head = format!("type {t} has no field or method {sel}");
        match near {
            Near::Missing => head,
            Near::Misspelled => format!("{head}, but does have {what} {alt}"),
            Near::Unexported => format!("{head}, but does have unexported {what} {alt}"),
            Near::Inaccessible => format!("cannot refer to unexported {what} {alt}"),
        }
    }

    /// Where an object is declared, for messages.
    pub(crate) fn position(&self, pos: Pos) -> String {
        self.s.files().position(pos).to_string()
    }
}
