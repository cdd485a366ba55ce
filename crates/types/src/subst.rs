//! Substitution of type arguments for type parameters.
//!
//! What does not mention a parameter is returned as it is, so equal ids mean that nothing changed.

use smallvec::SmallVec;

use crate::object::{ObjKind, Object};
use crate::signature::Signature;
use crate::store::Store;
use crate::types::{Term, Type};
use crate::{Interface, ObjId, ObjList, Struct, TypeId, TypeList};

/// A substitution of the types `to` for the type parameters `from`.
pub(crate) struct Subst<'m> {
    from: &'m [TypeId],
    to: &'m [TypeId],
    /// Further pairs: fresh parameters of generic signatures on the way.
    extra: SmallVec<[(TypeId, TypeId); 2]>,
    depth: u32,
}

/// Depth of a type at which substitution gives up; types only get so deep through runaway instantiation,
/// which is reported elsewhere.
const MAX_DEPTH: u32 = 500;

impl<'m> Subst<'m> {
    pub(crate) fn new(from: &'m [TypeId], to: &'m [TypeId]) -> Subst<'m> {
        debug_assert_eq!(from.len(), to.len());
        Subst { from, to, extra: SmallVec::new(), depth: 0 }
    }

    fn lookup(&self, p: TypeId) -> Option<TypeId> {
        if let Some(&(_, to)) = self.extra.iter().rev().find(|e| e.0 == p) {
            return Some(to);
        }
        self.from.iter().position(|&f| f == p).map(|i| self.to[i])
    }

    /// The type with the substitution applied.
    pub(crate) fn apply(&mut self, s: &mut Store, t: TypeId) -> TypeId {
        if self.from.is_empty() && self.extra.is_empty() {
            return t;
        }
        if self.depth > MAX_DEPTH {
            return TypeId::INVALID;
        }
        self.depth += 1;
        let out = self.typ(s, t);
        self.depth -= 1;
        out
    }

    fn typ(&mut self, s: &mut Store, t: TypeId) -> TypeId {
        match s.ty(t) {
            Type::Basic(_) => t,
            Type::TypeParam(_) => self.lookup(t).unwrap_or(t),
            Type::Pointer(base) => match self.apply(s, base) {
                new if new != base => s.new_pointer(new),
                _ => t,
            },
            Type::Slice(elem) => match self.apply(s, elem) {
                new if new != elem => s.new_slice(new),
                _ => t,
            },
            Type::Array { len, elem } => match self.apply(s, elem) {
                new if new != elem => s.new_array(new, len),
                _ => t,
            },
            Type::Map { key, elem } => {
                let (k, e) = (self.apply(s, key), self.apply(s, elem));
                if k != key || e != elem { s.new_map(k, e) } else { t }
            }
            Type::Chan { dir, elem } => match self.apply(s, elem) {
                new if new != elem => s.new_chan(dir, new),
                _ => t,
            },
            Type::Named(n) => {
                let named = s.named(n);
                let (orig, targs, n) = (named.orig, named.targs, named.tparams.len());
                let outer = named.outer;
                if orig.is_some() && !named.open && targs.len() == n {
                    return t;
                }
                match orig {
                    None if n == 0 => match self.types(s, outer) {
                        Some(new) => s.instance(t, &new),
                        None => t,
                    },
                    None => TypeId::INVALID,
                    Some(_) if targs.len() != n => TypeId::INVALID,
                    Some(orig) => match self.types(s, targs) {
                        Some(new) => s.instance(orig, &new),
                        None => t,
                    },
                }
            }
            Type::Alias(a) => {
                let a = s.alias(a);
                let (orig, targs, n) = (a.orig, a.targs, a.tparams.len());
                match orig {
                    None if n == 0 => {
                        // An alias without parameters can still stand for a local type parameter's type.
                        let actual = s.unalias(t);
                        let new = self.apply(s, actual);
                        if new != actual { new } else { t }
                    }
                    None => TypeId::INVALID,
                    Some(orig) => match self.types(s, targs) {
                        Some(new) => s.instance(orig, &new),
                        None => t,
                    },
                }
            }
            Type::Struct(id) => {
                let st = s.struct_(id).clone();
                match self.vars(s, st.fields) {
                    Some(fields) => s.new_struct(Struct { fields, ..st }),
                    None => t,
                }
            }
            Type::Tuple(l) => match self.vars(s, l) {
                Some(l) => s.tuple_of(l),
                None => t,
            },
            Type::Signature(id) => self.signature(s, t, *s.sig(id)),
            Type::Union(l) => {
                let terms: SmallVec<[Term; 8]> = s.terms(l).into();
                let new: SmallVec<[Term; 8]> = terms.iter().map(|x| Term { typ: self.apply(s, x.typ), ..*x }).collect();
                if new == terms {
                    return t;
                }
                let l = s.new_term_list(&new);
                s.new_type(Type::Union(l))
            }
            Type::Interface(id) => {
                let i = s.iface(id);
                let (methods, embeddeds) = (i.methods, i.embeddeds);
                let m = self.funcs(s, methods);
                let e = self.types(s, embeddeds);
                if m.is_none() && e.is_none() {
                    return t;
                }
                let old = s.iface(id);
                let (embed_pos, implicit, complete) = (old.embed_pos.clone(), old.implicit, old.complete);
                let embeddeds = match e {
                    Some(e) => s.new_type_list(&e),
                    None => embeddeds,
                };
                let methods = m.unwrap_or(methods);
                s.new_interface(Interface {
                    methods,
                    embeddeds,
                    embed_pos,
                    implicit,
                    complete,
                    tset: None,
                    is_comparable: false,
                })
                .0
            }
        }
    }

    fn signature(&mut self, s: &mut Store, t: TypeId, sig: Signature) -> TypeId {
        let mut tparams = sig.tparams;
        let mark = self.extra.len();
        if !tparams.is_empty() && self.lookup(s.type_at(tparams, 0)).is_none() {
            // A generic function type inside what is instantiated: its parameters' constraints may
            // mention ours, so it gets parameters of its own.
            tparams = self.fresh_tparams(s, tparams);
        }
        let params = self.tuple(s, sig.params);
        let results = self.tuple(s, sig.results);
        self.extra.truncate(mark);
        if params == sig.params && results == sig.results && tparams == sig.tparams {
            return t;
        }
        s.new_signature(Signature { tparams, params, results, scope: None, ..sig })
    }

    fn fresh_tparams(&mut self, s: &mut Store, list: TypeList) -> TypeList {
        let old = s.type_list(list).to_vec();
        let mut fresh = Vec::with_capacity(old.len());
        for (i, &p) in old.iter().enumerate() {
            let f = s.clone_tparam(p, i as i32);
            self.extra.push((p, f));
            fresh.push(f);
        }
        for (&p, &f) in old.iter().zip(&fresh) {
            let bound = self.apply(s, s.bound(p));
            s.set_bound(f, bound);
        }
        s.new_type_list(&fresh)
    }

    /// A list of variables with their types substituted; the same list if nothing changes.
    pub(crate) fn tuple(&mut self, s: &mut Store, l: ObjList) -> ObjList {
        self.vars(s, l).unwrap_or(l)
    }

    fn vars(&mut self, s: &mut Store, l: ObjList) -> Option<ObjList> {
        self.objs(s, l, |s, v, typ| s.clone_var(v, typ))
    }

    fn funcs(&mut self, s: &mut Store, l: ObjList) -> Option<ObjList> {
        self.objs(s, l, |s, f, typ| s.clone_func(f, typ))
    }

    fn objs(
        &mut self,
        s: &mut Store,
        l: ObjList,
        clone: impl Fn(&mut Store, ObjId, TypeId) -> ObjId,
    ) -> Option<ObjList> {
        let mut out: Option<SmallVec<[ObjId; 8]>> = None;
        for i in 0..l.len() {
            let o = s.obj_at(l, i);
            let typ = s.obj_type(o);
            let new = self.apply(s, typ);
            if new != typ {
                let c = clone(s, o, new);
                out.get_or_insert_with(|| s.objs(l)[..i].into()).push(c);
            } else if let Some(out) = &mut out {
                out.push(o);
            }
        }
        out.map(|out| s.new_obj_list(&out))
    }

    fn types(&mut self, s: &mut Store, l: TypeList) -> Option<SmallVec<[TypeId; 4]>> {
        let old: SmallVec<[TypeId; 4]> = s.type_list(l).into();
        let new: SmallVec<[TypeId; 4]> = old.iter().map(|&t| self.apply(s, t)).collect();
        (new != old).then_some(new)
    }
}

impl Store {
    /// A copy of a variable with another type.
    pub(crate) fn clone_var(&mut self, v: ObjId, typ: TypeId) -> ObjId {
        let mut o: Object = self.obj(v).clone();
        o.typ = Some(typ);
        if let ObjKind::Var(var) = &mut o.kind {
            var.origin = var.origin.or(Some(v));
        }
        self.new_obj(o)
    }

    /// A copy of a function with another type.
    pub(crate) fn clone_func(&mut self, f: ObjId, typ: TypeId) -> ObjId {
        let mut o: Object = self.obj(f).clone();
        o.typ = Some(typ);
        if let ObjKind::Func(func) = &mut o.kind {
            func.origin = func.origin.or(Some(f));
        }
        self.new_obj(o)
    }

    /// A type parameter of the same name without a constraint yet.
    pub(crate) fn clone_tparam(&mut self, p: TypeId, index: i32) -> TypeId {
        let Type::TypeParam(id) = self.ty(p) else { return p };
        let mut o = self.obj(self.tparam(id).obj).clone();
        o.typ = None;
        let o = self.new_obj(o);
        self.new_tparam(o, index, TypeId::INVALID)
    }

    /// Sets a type parameter's constraint.
    pub(crate) fn set_bound(&mut self, p: TypeId, bound: TypeId) {
        if let Type::TypeParam(id) = self.ty(p) {
            let p = &mut self.tparams[id.index()];
            p.bound = bound;
            p.iface = None;
        }
    }
}
