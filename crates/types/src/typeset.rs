//! Type sets: which types and methods an interface stands for.
//!
//! A type set is computed when first asked for, from the interface's methods and embedded elements. Its
//! terms are a union in normal form: pairwise disjoint. Computing never reports anything; what is wrong
//! with an interface is reported where it is declared (`typexpr`).

use itab_syntax::Name;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use crate::store::Store;
use crate::types::{Term, TermList, Type};
use crate::{IfaceId, ObjId, ObjList, PkgId, TParamId, TypeId};

/// The terms of a type set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Terms {
    /// Every type.
    All,
    /// The types of these terms; none if the list is empty.
    Of(TermList),
}

/// An interface's type set: the types that have all `methods` and are among the `terms`; if
/// `comparable`, then only comparable ones (and `terms` are `All`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeSet {
    /// All methods, those of embedded interfaces included, sorted: exported ones first, then by name,
    /// then by package path.
    pub methods: ObjList,
    /// The terms.
    pub terms: Terms,
    /// Whether the types must be comparable.
    pub comparable: bool,
}

impl TypeSet {
    /// The type set of `any`.
    pub const TOP: TypeSet = TypeSet { methods: ObjList::EMPTY, terms: Terms::All, comparable: false };

    /// Whether no type is in it.
    pub fn is_empty(&self) -> bool {
        matches!(self.terms, Terms::Of(l) if l.is_empty())
    }

    /// Whether every type is in it.
    pub fn is_all(&self) -> bool {
        self.is_method_set() && self.methods.is_empty()
    }

    /// Whether methods alone describe it.
    pub fn is_method_set(&self) -> bool {
        !self.comparable && self.terms == Terms::All
    }

    /// Whether there are terms (neither every type nor none).
    pub fn has_terms(&self) -> bool {
        matches!(self.terms, Terms::Of(l) if !l.is_empty())
    }
}

type TermVec = SmallVec<[Term; 8]>;

/// Each type of a type set with its underlying type, for iteration.
pub type TypesetTerms = SmallVec<[(Option<TypeId>, Option<TypeId>); 4]>;

impl Store {
    /// The type set of an interface.
    pub fn type_set(&mut self, i: IfaceId) -> TypeSet {
        if let Some(set) = self.iface(i).tset {
            return set;
        }
        if !self.iface(i).complete {
            return TypeSet::TOP;
        }
        // An interface that embeds itself is an error reported elsewhere; this ends the recursion.
        self.ifaces[i.index()].tset = Some(TypeSet::TOP);
        let (set, known) = self.compute_type_set(i);
        self.ifaces[i.index()].tset = known.then_some(set);
        set
    }

    /// The type set, and whether all it rests on was known.
    fn compute_type_set(&mut self, i: IfaceId) -> (TypeSet, bool) {
        let iface = self.iface(i);
        let (own, embeddeds) = (iface.methods, iface.embeddeds);
        let mut methods: Vec<ObjId> = self.objs(own).to_vec();
        let mut terms = Terms::All;
        let mut comparable = false;
        let mut known = true;
        for k in 0..embeddeds.len() {
            let typ = self.type_at(embeddeds, k);
            let Some(u) = self.resolve_under_any(typ) else {
                known = false;
                continue;
            };
            let (t, c) = match self.ty(u) {
                Type::Interface(e) => {
                    let set = self.type_set(e);
                    known &= self.iface(e).tset.is_some();
                    self.add_methods(&mut methods, set.methods);
                    (set.terms, set.comparable)
                }
                Type::Union(l) => (self.union_terms(l), false),
                _ if u == TypeId::INVALID => continue,
                _ => (Terms::Of(self.new_term_list(&[Term { tilde: false, typ }])), false),
            };
            (terms, comparable) = self.intersect(terms, comparable, t, c);
        }
        let methods = if embeddeds.is_empty() {
            own
        } else {
            self.sort_methods(&mut methods);
            self.new_obj_list(&methods)
        };
        (TypeSet { methods, terms, comparable }, known)
    }

    fn resolve_under_any(&mut self, t: TypeId) -> Option<TypeId> {
        match self.ty(t) {
            Type::Named(_) | Type::Alias(_) => self.resolve_under(t),
            _ => Some(self.under(t)),
        }
    }

    fn add_methods(&mut self, to: &mut Vec<ObjId>, from: ObjList) {
        if to.len() * from.len() < 64 {
            for k in 0..from.len() {
                let m = self.obj_at(from, k);
                if !to.iter().any(|&o| o == m || self.same_id(o, m)) {
                    to.push(m);
                }
            }
            return;
        }
        let mut seen: FxHashSet<(Name, Option<PkgId>)> = to.iter().map(|&m| self.method_key(m)).collect();
        for k in 0..from.len() {
            let m = self.obj_at(from, k);
            if seen.insert(self.method_key(m)) {
                to.push(m);
            }
        }
    }

    /// What tells methods of an interface apart: the name, of an unexported one with its package.
    pub(crate) fn method_key(&mut self, m: ObjId) -> (Name, Option<PkgId>) {
        let (name, pkg) = (self.obj(m).name, self.obj(m).pkg);
        (name, if self.is_exported(name) { None } else { pkg })
    }

    /// Sorts methods: exported ones first, then by name, then by package path.
    pub(crate) fn sort_methods(&mut self, list: &mut [ObjId]) {
        for &m in list.iter() {
            let name = self.obj(m).name;
            self.is_exported(name);
        }
        list.sort_by(|&a, &b| self.compare_methods(a, b));
    }

    /// The order of methods in type sets and method sets.
    pub(crate) fn compare_methods(&self, a: ObjId, b: ObjId) -> std::cmp::Ordering {
        let (x, y) = (self.obj(a), self.obj(b));
        let (xn, yn) = (self.text(x.name), self.text(y.name));
        let (xe, ye) = (crate::is_exported(xn), crate::is_exported(yn));
        ye.cmp(&xe).then_with(|| xn.cmp(yn)).then_with(|| {
            if xe {
                return std::cmp::Ordering::Equal;
            }
            let path = |p: Option<PkgId>| p.map(|p| &*self.pkg(p).path);
            path(x.pkg).cmp(&path(y.pkg))
        })
    }

    /// The terms that a union of terms comes to.
    pub(crate) fn union_terms(&mut self, list: TermList) -> Terms {
        let mut all: TermVec = SmallVec::new();
        for k in 0..list.len() {
            let term = self.terms(list)[k];
            let u = self.under(term.typ);
            match self.ty(u) {
                Type::Interface(i) => match self.type_set(i).terms {
                    Terms::All => return Terms::All,
                    Terms::Of(l) => {
                        let more: TermVec = self.terms(l).into();
                        more.into_iter().for_each(|t| self.add_term(&mut all, t));
                    }
                },
                _ if u == TypeId::INVALID => {}
                _ => {
                    if !term.tilde || self.identical(term.typ, u) {
                        self.add_term(&mut all, term);
                    }
                }
            }
        }
        Terms::Of(self.new_term_list(&all))
    }

    /// Adds a term to a union in normal form.
    fn add_term(&mut self, to: &mut TermVec, term: Term) {
        let mut at = None;
        let mut k = 0;
        while k < to.len() {
            if self.disjoint(to[k], term) {
                k += 1;
            } else if to[k].tilde || !term.tilde {
                return; // included already
            } else {
                to.remove(k);
                at.get_or_insert(k);
            }
        }
        to.insert(at.unwrap_or(to.len()), term);
    }

    fn intersect(&mut self, x: Terms, xc: bool, y: Terms, yc: bool) -> (Terms, bool) {
        let terms = match (x, y) {
            (Terms::All, t) | (t, Terms::All) => t,
            (Terms::Of(a), Terms::Of(b)) => {
                let (a, b): (TermVec, TermVec) = (self.terms(a).into(), self.terms(b).into());
                let mut out: TermVec = SmallVec::new();
                for &p in &a {
                    for &q in &b {
                        if !self.disjoint(p, q) {
                            let smaller = if !p.tilde || q.tilde { p } else { q };
                            self.add_term(&mut out, smaller);
                        }
                    }
                }
                Terms::Of(self.new_term_list(&out))
            }
        };
        if !(xc || yc) {
            return (terms, false);
        }
        let Terms::Of(l) = terms else { return (terms, true) };
        let list: TermVec = self.terms(l).into();
        let kept: TermVec = list.into_iter().filter(|t| self.strictly_comparable(t.typ)).collect();
        (Terms::Of(self.new_term_list(&kept)), false)
    }

    /// Whether two terms have no type in common.
    pub(crate) fn disjoint(&mut self, x: Term, y: Term) -> bool {
        let ux = if y.tilde { self.under(x.typ) } else { x.typ };
        let uy = if x.tilde { self.under(y.typ) } else { y.typ };
        !self.identical(ux, uy)
    }

    /// Whether a term includes a type.
    pub(crate) fn term_includes(&mut self, x: Term, t: TypeId) -> bool {
        let u = if x.tilde { self.under(t) } else { t };
        self.identical(x.typ, u)
    }

    fn term_subset(&mut self, x: Term, y: Term) -> bool {
        !self.disjoint(x, y) && (!x.tilde || y.tilde)
    }

    /// Whether the types of `x` are all among those of `y`.
    pub(crate) fn terms_subset(&mut self, x: Terms, y: Terms) -> bool {
        match (x, y) {
            (_, Terms::All) => true,
            (Terms::All, Terms::Of(_)) => false,
            (Terms::Of(a), Terms::Of(b)) => (0..a.len()).all(|i| {
                let t = self.terms(a)[i];
                (0..b.len()).any(|k| {
                    let u = self.terms(b)[k];
                    self.term_subset(t, u)
                })
            }),
        }
    }

    /// Whether both describe the same types.
    pub(crate) fn terms_equal(&mut self, x: Terms, y: Terms) -> bool {
        x == y || self.terms_subset(x, y) && self.terms_subset(y, x)
    }

    /// A type parameter's constraint as an interface.
    pub(crate) fn tparam_iface(&mut self, p: TParamId) -> TypeId {
        if let Some(i) = self.tparam(p).iface {
            return i;
        }
        let bound = self.tparam(p).bound;
        let Some(u) = self.resolve_bound(bound) else { return TypeId::EMPTY_INTERFACE };
        let iface = match self.ty(u) {
            Type::Interface(_) if !self.is_type_param(bound) => u,
            Type::Interface(_) => TypeId::EMPTY_INTERFACE,
            _ if u == TypeId::INVALID => return TypeId::EMPTY_INTERFACE,
            _ => {
                let embeddeds = self.new_type_list(&[bound]);
                let iface =
                    crate::Interface { embeddeds, implicit: true, complete: true, ..crate::Interface::default() };
                let (t, _) = self.new_interface(iface);
                self.tparams[p.index()].bound = t;
                t
            }
        };
        self.tparams[p.index()].iface = Some(iface);
        iface
    }

    fn resolve_bound(&mut self, bound: TypeId) -> Option<TypeId> {
        match self.ty(bound) {
            Type::Named(_) | Type::Alias(_) => self.resolve_under(bound),
            Type::TypeParam(_) => Some(TypeId::EMPTY_INTERFACE),
            _ => Some(bound),
        }
    }

    /// The type set of a type parameter's constraint.
    pub fn tparam_type_set(&mut self, p: TParamId) -> TypeSet {
        let iface = self.tparam_iface(p);
        match self.ty(iface) {
            Type::Interface(i) => self.type_set(i),
            _ => TypeSet::TOP,
        }
    }

    /// The constraint of a type parameter, as written; `INVALID` for other types.
    pub fn bound(&self, t: TypeId) -> TypeId {
        match self.ty(t) {
            Type::TypeParam(p) => self.tparam(p).bound,
            _ => TypeId::INVALID,
        }
    }

    /// The types a type stands for, each with its underlying type: the type itself, or the terms of a
    /// type parameter's type set. A type parameter without terms gives one pair of nothing.
    pub fn typeset_terms(&mut self, t: TypeId) -> TypesetTerms {
        let Type::TypeParam(p) = self.uty(t) else {
            let u = self.under(t);
            return SmallVec::from_slice(&[(Some(t), Some(u))]);
        };
        match self.tparam_type_set(p).terms {
            Terms::Of(l) if !l.is_empty() => (0..l.len())
                .map(|i| {
                    let term = self.terms(l)[i];
                    let u = if term.tilde { self.unalias(term.typ) } else { self.under(term.typ) };
                    (Some(term.typ), Some(u))
                })
                .collect(),
            _ => SmallVec::from_slice(&[(None, None)]),
        }
    }

    /// The method of that name in an interface's type set.
    pub(crate) fn type_set_method(
        &mut self,
        set: TypeSet,
        pkg: Option<PkgId>,
        name: itab_syntax::Name,
        fold_case: bool,
    ) -> Option<(usize, ObjId)> {
        (0..set.methods.len()).find_map(|i| {
            let m = self.obj_at(set.methods, i);
            self.matches_name(m, pkg, name, fold_case).then_some((i, m))
        })
    }
}
