//! Defined types, aliases and type parameters: the types that stand behind a name.
//!
//! A defined type is created when its declaration is met and gets its right-hand side later; its
//! underlying type is worked out from that when first asked for. An instance `G[A]` of a generic type
//! is created unexpanded: right-hand side and methods are substituted when somebody looks at them, so
//! that types which mention instances of themselves need no more expansion than is used.

use itab_syntax::Name;

use crate::object::{Func, ObjKind, Object};
use crate::store::Store;
use crate::subst::Subst;
use crate::types::Type;
use crate::{AliasId, NamedId, ObjId, TParamId, TypeId, TypeList};

/// A defined type or an instance of one.
#[derive(Clone, Debug)]
pub struct Named {
    /// The type name; an instance has its origin's.
    pub obj: ObjId,
    /// What stands for the type in cycles: for an instance an object of its own, placed where the type
    /// was first instantiated.
    pub(crate) cycle_obj: ObjId,
    /// For an instance, the generic type.
    pub orig: Option<TypeId>,
    /// For an instance, the type arguments.
    pub targs: TypeList,
    /// For a generic type and its instances, the generic type's parameters.
    pub tparams: TypeList,
    /// For a type declared in a generic function: the function's type parameters. Substituting for them
    /// makes an instance of the type.
    pub outer: TypeList,
    /// For an instance: whether the type arguments mention type parameters.
    pub(crate) open: bool,
    /// The type on the right-hand side of the declaration; none before it is known.
    pub(crate) from_rhs: Option<TypeId>,
    /// The underlying type once it has been worked out.
    pub(crate) underlying: Option<TypeId>,
    /// Whether the size depends on type parameters, once known.
    pub(crate) var_size: Option<bool>,
    /// Whether an instance's right-hand side was asked for already.
    pub(crate) expanding: bool,
    /// Methods in the order of their declaration; an instance's are made when asked for.
    pub(crate) methods: Vec<(Name, Option<ObjId>)>,
}

/// An alias, possibly generic, or an instance of a generic one.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The type name; an instance has its origin's.
    pub obj: ObjId,
    /// For an instance, the generic alias.
    pub orig: Option<TypeId>,
    /// Type parameters of a generic alias (and of its instances).
    pub tparams: TypeList,
    /// Type arguments of an instance.
    pub targs: TypeList,
    /// The right-hand side; none while the declaration is being resolved.
    pub(crate) from_rhs: Option<TypeId>,
    /// The right-hand side with aliases looked through, where that is known.
    pub(crate) actual: Option<TypeId>,
}

/// A type parameter.
#[derive(Clone, Debug)]
pub struct TParam {
    /// The type name.
    pub obj: ObjId,
    /// Place in its list of type parameters, from 0; -1 before the list is complete.
    pub index: i32,
    /// The constraint as written; `INVALID` before it is known.
    pub(crate) bound: TypeId,
    /// The constraint as an interface, once worked out.
    pub(crate) iface: Option<TypeId>,
}

impl Named {
    /// The parameters that an instance substitutes for.
    pub(crate) fn params(&self) -> TypeList {
        if self.tparams.is_empty() { self.outer } else { self.tparams }
    }
}

impl Store {
    /// A new defined type; the object's type becomes it unless it has one.
    pub(crate) fn new_named(&mut self, obj: ObjId) -> (TypeId, NamedId) {
        self.nameds.push(Named {
            obj,
            cycle_obj: obj,
            orig: None,
            targs: TypeList::EMPTY,
            tparams: TypeList::EMPTY,
            outer: TypeList::EMPTY,
            open: false,
            from_rhs: None,
            underlying: None,
            var_size: None,
            expanding: false,
            methods: Vec::new(),
        });
        let id = NamedId::from_index(self.nameds.len() - 1);
        let t = self.new_type(Type::Named(id));
        let o = self.obj_mut(obj);
        if o.typ.is_none() {
            o.typ = Some(t);
        }
        (t, id)
    }

    /// A new alias; the object's type becomes it unless it has one.
    pub(crate) fn new_alias(&mut self, obj: ObjId, rhs: Option<TypeId>) -> (TypeId, AliasId) {
        self.aliases.push(Alias {
            obj,
            orig: None,
            tparams: TypeList::EMPTY,
            targs: TypeList::EMPTY,
            from_rhs: rhs,
            actual: None,
        });
        let id = AliasId::from_index(self.aliases.len() - 1);
        let t = self.new_type(Type::Alias(id));
        let o = self.obj_mut(obj);
        if o.typ.is_none() {
            o.typ = Some(t);
        }
        (t, id)
    }

    /// A new type parameter; the object's type becomes it.
    pub(crate) fn new_tparam(&mut self, obj: ObjId, index: i32, bound: TypeId) -> TypeId {
        self.tparams.push(TParam { obj, index, bound, iface: None });
        let t = self.new_type(Type::TypeParam(TParamId::from_index(self.tparams.len() - 1)));
        self.obj_mut(obj).typ = Some(t);
        t
    }

    /// The type with aliases looked through at its top. `INVALID` for an alias still being resolved.
    #[inline]
    pub fn unalias(&self, mut t: TypeId) -> TypeId {
        while let Type::Alias(a) = self.ty(t) {
            let a = self.alias(a);
            match a.actual.or(a.from_rhs) {
                Some(rhs) => t = rhs,
                None => return TypeId::INVALID,
            }
        }
        t
    }

    /// What a type is, with aliases looked through.
    #[inline]
    pub fn uty(&self, t: TypeId) -> Type {
        self.ty(self.unalias(t))
    }

    /// Sets an alias's right-hand side.
    pub(crate) fn set_alias(&mut self, id: AliasId, rhs: TypeId) {
        let mut at = rhs;
        while let Type::Alias(a) = self.ty(at) {
            let a = self.alias(a);
            match a.actual.or(a.from_rhs) {
                Some(next) => at = next,
                None => break,
            }
        }
        let known = !matches!(self.ty(at), Type::Alias(_));
        let a = &mut self.aliases[id.index()];
        a.from_rhs = Some(rhs);
        a.actual = known.then_some(at);
    }

    /// The defined type, aliases looked through.
    #[inline]
    pub fn as_named(&self, t: TypeId) -> Option<NamedId> {
        match self.uty(t) {
            Type::Named(n) => Some(n),
            _ => None,
        }
    }

    /// The generic type of an instance; any other type itself.
    pub fn origin(&self, t: TypeId) -> TypeId {
        match self.ty(t) {
            Type::Named(n) => self.named(n).orig.unwrap_or(t),
            Type::Alias(a) => self.alias(a).orig.unwrap_or(t),
            _ => t,
        }
    }

    /// The underlying type: of a type parameter, its constraint's interface; `INVALID` for a type whose
    /// declaration is still being resolved.
    #[inline]
    pub fn under(&mut self, t: TypeId) -> TypeId {
        match self.ty(t) {
            Type::Named(_) | Type::Alias(_) => self.resolve_under(t).unwrap_or(TypeId::INVALID),
            Type::TypeParam(p) => self.tparam_iface(p),
            _ => t,
        }
    }

    /// What the underlying type is.
    #[inline]
    pub fn uund(&mut self, t: TypeId) -> Type {
        let u = self.under(t);
        self.ty(u)
    }

    /// The underlying type, or none if a declaration it rests on is still being resolved.
    pub(crate) fn resolve_under(&mut self, t: TypeId) -> Option<TypeId> {
        let mut path: smallvec::SmallVec<[NamedId; 8]> = Default::default();
        let mut at = t;
        let under = loop {
            match self.ty(at) {
                Type::Alias(a) => at = self.alias(a).from_rhs?,
                Type::Named(n) => {
                    if let Some(u) = self.named(n).underlying {
                        break u;
                    }
                    if path.contains(&n) {
                        break TypeId::INVALID;
                    }
                    path.push(n);
                    at = self.named_rhs(n)?;
                }
                Type::TypeParam(p) => return Some(self.tparam_iface(p)),
                _ => break at,
            }
        };
        for n in path {
            self.nameds[n.index()].underlying = Some(under);
        }
        Some(under)
    }

    /// The underlying type as far as it is known without expanding anything: of an unexpanded instance
    /// its origin's. For messages, and where only the kind matters.
    pub(crate) fn safe_under(&self, t: TypeId) -> TypeId {
        let mut at = t;
        for _ in 0..1000 {
            match self.ty(at) {
                Type::Alias(a) => at = self.alias(a).from_rhs.unwrap_or(TypeId::INVALID),
                Type::Named(n) => {
                    let named = self.named(n);
                    match (named.underlying, named.from_rhs, named.orig) {
                        (Some(u), ..) => return u,
                        (None, Some(rhs), _) => at = rhs,
                        (None, None, Some(orig)) => at = orig,
                        _ => return TypeId::INVALID,
                    }
                }
                Type::TypeParam(p) => return self.tparam(p).iface.unwrap_or(at),
                _ => return at,
            }
        }
        TypeId::INVALID
    }

    /// The right-hand side of a defined type's declaration; an instance's is substituted now.
    pub(crate) fn named_rhs(&mut self, n: NamedId) -> Option<TypeId> {
        let named = self.named(n);
        if named.from_rhs.is_some() || named.orig.is_none() || named.expanding {
            return named.from_rhs;
        }
        let orig = named.orig?;
        let targs = named.targs;
        let Type::Named(o) = self.ty(orig) else {
            return Some(TypeId::INVALID);
        };
        let tparams = self.named(o).params();
        if tparams.len() != targs.len() {
            self.nameds[n.index()].from_rhs = Some(TypeId::INVALID);
            return Some(TypeId::INVALID);
        }
        let rhs = self.named(o).from_rhs?;
        self.nameds[n.index()].expanding = true;
        let tps = self.type_list(tparams).to_vec();
        let tas = self.type_list(targs).to_vec();
        self.instance_pos = self.obj(self.named(n).cycle_obj).pos;
        let rhs = Subst::new(&tps, &tas).apply(self, rhs);
        let named = &mut self.nameds[n.index()];
        named.expanding = false;
        named.from_rhs = Some(rhs);
        Some(rhs)
    }

    /// Whether a type mentions any type parameters.
    pub(crate) fn is_open(&self, t: TypeId) -> bool {
        match self.ty(t) {
            Type::Basic(_) => false,
            Type::TypeParam(_) => true,
            Type::Named(n) => {
                let n = self.named(n);
                n.open || !n.outer.is_empty()
            }
            Type::Alias(a) => {
                let a = self.alias(a);
                a.actual.or(a.from_rhs).is_none_or(|t| self.is_open(t))
            }
            Type::Pointer(t) | Type::Slice(t) | Type::Array { elem: t, .. } | Type::Chan { elem: t, .. } => {
                self.is_open(t)
            }
            Type::Map { key, elem } => self.is_open(key) || self.is_open(elem),
            // The rest is rare as a type argument: no need to look closer.
            _ => true,
        }
    }

    /// How many methods a defined type declares.
    pub fn num_methods(&self, n: NamedId) -> usize {
        let orig = self.origin_id(n);
        self.named(orig).methods.len()
    }

    /// The defined type that declares the methods: an instance's origin, or the type itself.
    pub fn origin_id(&self, n: NamedId) -> NamedId {
        match self.named(n).orig.map(|t| self.ty(t)) {
            Some(Type::Named(o)) => o,
            _ => n,
        }
    }

    /// Place of the method of that name.
    pub(crate) fn method_index(&self, n: NamedId, name: Name) -> Option<usize> {
        if name == Name::BLANK {
            return None;
        }
        let orig = self.origin_id(n);
        self.named(orig).methods.iter().position(|m| m.0 == name)
    }

    /// The `i`th method of a defined type in the order of declaration (across files). A method of an
    /// instance has no type before [`func_sig`](Store::func_sig) is asked for it.
    pub fn method(&mut self, t: TypeId, n: NamedId, i: usize) -> ObjId {
        let orig = self.origin_id(n);
        if orig == n {
            // Declared methods are always there.
            return self.named(n).methods[i].1.unwrap_or(ObjId::from_index(0));
        }
        if self.named(n).methods.len() < self.named(orig).methods.len() {
            let from = self.named(n).methods.len();
            let more: Vec<_> = self.named(orig).methods[from..].iter().map(|m| (m.0, None)).collect();
            self.nameds[n.index()].methods.extend(more);
        }
        if let Some(m) = self.named(n).methods[i].1 {
            return m;
        }
        let decl = self.named(orig).methods[i].1.unwrap_or(ObjId::from_index(0));
        let o = self.obj(decl);
        let func = o.as_func().copied().unwrap_or_default();
        let clone = Object {
            typ: None,
            kind: ObjKind::Func(Func { origin: Some(decl), recv_inst: Some(t), ..func }),
            ..o.clone()
        };
        let m = self.new_obj(clone);
        self.nameds[n.index()].methods[i].1 = Some(m);
        m
    }

    /// The type parameters of a generic type, alias or function type; empty for any other, and for
    /// instances.
    pub fn type_params(&self, t: TypeId) -> TypeList {
        match self.ty(t) {
            Type::Named(n) => self.named(n).tparams,
            Type::Alias(a) => self.alias(a).tparams,
            Type::Signature(s) => self.sig(s).tparams,
            _ => TypeList::EMPTY,
        }
    }

    /// The type arguments of an instance.
    pub fn type_args(&self, t: TypeId) -> TypeList {
        match self.ty(t) {
            Type::Named(n) => self.named(n).targs,
            Type::Alias(a) => self.alias(a).targs,
            _ => TypeList::EMPTY,
        }
    }

    /// The type's name as an object, for defined types, aliases and type parameters.
    pub fn type_name(&self, t: TypeId) -> Option<ObjId> {
        match self.ty(t) {
            Type::Named(n) => Some(self.named(n).obj),
            Type::Alias(a) => Some(self.alias(a).obj),
            Type::TypeParam(p) => Some(self.tparam(p).obj),
            _ => None,
        }
    }
}
