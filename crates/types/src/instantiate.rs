//! Instantiation of generic types and functions, and whether type arguments satisfy constraints.
//!
//! The store keeps one instance for each generic type and list of identical type arguments, found by a
//! hash of the arguments that is the same for identical types. An instance costs nothing until its
//! right-hand side or a method is asked for (`named`).

use std::hash::Hasher;

use itab_syntax::Pos;
use rustc_hash::FxHasher;
use smallvec::SmallVec;

use crate::check::Checker;
use crate::errors::codes;
use crate::named::{Alias, Named};
use crate::object::{ObjKind, VarKind};
use crate::signature::Signature;
use crate::store::Store;
use crate::subst::Subst;
use crate::types::{Term, Type};
use crate::typeset::Terms;
use crate::{AliasId, NamedId, ObjId, SigId, TypeId, TypeList};

impl Store {
    /// The instance of a generic type, alias or function type. The number of type arguments must be
    /// right; whether they satisfy their constraints is not looked at.
    pub fn instance(&mut self, orig: TypeId, targs: &[TypeId]) -> TypeId {
        if let Type::Signature(id) = self.ty(orig) {
            return self.instantiate_sig(orig, *self.sig(id), targs);
        }
        let key = (orig, self.hash_types(targs));
        if let Some(known) = self.instances.get(&key) {
            for inst in known.clone() {
                let have = self.type_args(inst);
                let same = have.len() == targs.len()
                    && (0..have.len()).all(|i| {
                        let t = self.type_at(have, i);
                        self.identical(t, targs[i])
                    });
                if same {
                    return inst;
                }
            }
        }
        let inst = match self.ty(orig) {
            Type::Named(n) => {
                let (obj, tparams) = (self.named(n).obj, self.named(n).params());
                let open = targs.iter().any(|&t| self.is_open(t));
                let targs = self.new_type_list(targs);
                let mut own = self.obj(obj).clone();
                own.pos = self.instance_pos;
                own.typ = None;
                let cycle_obj = self.new_obj(own);
                self.nameds.push(Named {
                    obj,
                    cycle_obj,
                    orig: Some(orig),
                    targs,
                    tparams,
                    outer: TypeList::EMPTY,
                    open,
                    from_rhs: None,
                    underlying: None,
                    var_size: None,
                    expanding: false,
                    methods: Vec::new(),
                });
                let id = NamedId::from_index(self.nameds.len() - 1);
                let t = self.new_type(Type::Named(id));
                self.obj_mut(cycle_obj).typ = Some(t);
                t
            }
            Type::Alias(a) => {
                let (obj, tparams, rhs) = (self.alias(a).obj, self.alias(a).tparams, self.alias(a).from_rhs);
                let Some(rhs) = rhs else { return TypeId::INVALID };
                if tparams.len() != targs.len() {
                    return TypeId::INVALID;
                }
                let from = self.type_list(tparams).to_vec();
                let rhs = Subst::new(&from, targs).apply(self, rhs);
                let targs = self.new_type_list(targs);
                self.aliases.push(Alias { obj, orig: Some(orig), tparams, targs, from_rhs: Some(rhs), actual: None });
                let id = AliasId::from_index(self.aliases.len() - 1);
                self.new_type(Type::Alias(id))
            }
            _ => return TypeId::INVALID,
        };
        self.instances.entry(key).or_default().push(inst);
        inst
    }

    fn instantiate_sig(&mut self, orig: TypeId, sig: Signature, targs: &[TypeId]) -> TypeId {
        if sig.tparams.is_empty() {
            return orig;
        }
        let from = self.type_list(sig.tparams).to_vec();
        let t = Subst::new(&from, targs).apply(self, orig);
        let Type::Signature(id) = self.ty(t) else { return t };
        let sig = *self.sig(id);
        self.new_signature(Signature { tparams: TypeList::EMPTY, ..sig })
    }

    /// Substitutes types for type parameters.
    pub fn substitute(&mut self, t: TypeId, tparams: &[TypeId], targs: &[TypeId]) -> TypeId {
        Subst::new(tparams, targs).apply(self, t)
    }

    /// The type of a function or method. The signature of a method of an instantiated type is made now.
    /// None if the function's declaration has not been resolved.
    pub fn func_sig(&mut self, o: ObjId) -> Option<SigId> {
        if self.obj(o).typ.is_none() {
            self.expand_method(o)?;
        }
        match self.ty(self.obj(o).typ?) {
            Type::Signature(id) => Some(id),
            _ => None,
        }
    }

    fn expand_method(&mut self, o: ObjId) -> Option<()> {
        let ObjKind::Func(f) = self.obj(o).kind else { return None };
        let (orig, inst) = (f.origin?, f.recv_inst?);
        let Type::Signature(old) = self.ty(self.obj(orig).typ?) else { return None };
        let old = *self.sig(old);
        let from = self.type_list(old.rparams).to_vec();
        let to = self.type_list(self.type_args(inst)).to_vec();
        let mut sig = old;
        if from.len() == to.len() {
            let whole = self.obj_type(orig);
            let t = Subst::new(&from, &to).apply(self, whole);
            if let Type::Signature(id) = self.ty(t) {
                sig = *self.sig(id);
            }
        }
        let rtyp = if f.ptr_recv { self.new_pointer(inst) } else { inst };
        sig.recv = match old.recv {
            Some(r) => Some(self.clone_var(r, rtyp)),
            None => {
                let pos = self.obj(orig).pos;
                let pkg = self.obj(orig).pkg;
                Some(self.new_var(VarKind::Recv, itab_syntax::Name::EMPTY, pos, pkg, Some(rtyp)))
            }
        };
        sig.rparams = TypeList::EMPTY;
        sig.scope = None;
        let t = self.new_signature(sig);
        self.obj_mut(o).typ = Some(t);
        Some(())
    }

    /// A hash that is the same for identical types.
    pub fn hash_type(&self, t: TypeId) -> u64 {
        let mut h = FxHasher::default();
        self.hash_into(&mut h, t, 0);
        h.finish()
    }

    fn hash_types(&self, list: &[TypeId]) -> u64 {
        let mut h = FxHasher::default();
        for &t in list {
            self.hash_into(&mut h, t, 0);
        }
        h.finish()
    }

    fn hash_into(&self, h: &mut FxHasher, t: TypeId, depth: u32) {
        let t = self.unalias(t);
        if depth > 12 {
            return;
        }
        let d = depth + 1;
        match self.ty(t) {
            Type::Basic(k) => h.write_u8(k.canonical() as u8),
            Type::Named(n) => {
                let n = self.named(n);
                h.write_u32(n.orig.unwrap_or(t).index() as u32 + 100);
                for &a in self.type_list(n.targs) {
                    self.hash_into(h, a, d);
                }
            }
            Type::TypeParam(_) => h.write_u32(t.index() as u32),
            Type::Pointer(b) => {
                h.write_u8(50);
                self.hash_into(h, b, d);
            }
            Type::Slice(b) => {
                h.write_u8(51);
                self.hash_into(h, b, d);
            }
            Type::Array { elem, .. } => {
                // The length is left out: an unknown one is identical to any.
                h.write_u8(52);
                self.hash_into(h, elem, d);
            }
            Type::Map { key, elem } => {
                h.write_u8(53);
                self.hash_into(h, key, d);
                self.hash_into(h, elem, d);
            }
            Type::Chan { dir, elem } => {
                h.write_u8(54 + dir as u8);
                self.hash_into(h, elem, d);
            }
            Type::Struct(s) => {
                h.write_u8(60);
                for &f in self.objs(self.struct_(s).fields) {
                    h.write_u32(self.obj(f).name.index() as u32);
                    self.hash_into(h, self.obj_type(f), d);
                }
            }
            Type::Tuple(l) => self.hash_vars(h, l, d),
            Type::Signature(s) => {
                let s = self.sig(s);
                h.write_u8(62 + u8::from(s.variadic));
                h.write_u8(s.params.len() as u8);
                if s.tparams.is_empty() {
                    self.hash_vars(h, s.params, d);
                    self.hash_vars(h, s.results, d);
                }
            }
            Type::Interface(_) => h.write_u8(64),
            Type::Union(_) => h.write_u8(65),
            Type::Alias(_) => h.write_u8(66),
        }
    }

    fn hash_vars(&self, h: &mut FxHasher, l: crate::ObjList, depth: u32) {
        for &v in self.objs(l) {
            self.hash_into(h, self.obj_type(v), depth);
        }
    }
}

impl<'a> Checker<'a> {
    /// The type of a function or method, after resolving what it rests on.
    pub(crate) fn func_sig(&mut self, o: ObjId) -> SigId {
        if let Some(id) = self.s.func_sig(o) {
            return id;
        }
        let decl = match &self.s.obj(o).kind {
            ObjKind::Func(f) => f.origin.unwrap_or(o),
            _ => o,
        };
        if self.obj_map.contains_key(&decl) {
            self.obj_decl(decl);
        }
        match self.s.func_sig(o) {
            Some(id) => id,
            None => {
                // An error was reported: a function type without anything stands in.
                let t = self.s.new_signature(Signature::default());
                self.s.obj_mut(o).typ = Some(t);
                match self.s.ty(t) {
                    Type::Signature(id) => id,
                    _ => unreachable!("just made"),
                }
            }
        }
    }

    /// A function object's type, resolved.
    pub(crate) fn func_type_of(&mut self, o: ObjId) -> TypeId {
        self.func_sig(o);
        self.s.obj_type(o)
    }

    /// The instance of a generic type or function; reports a wrong number of type arguments.
    pub(crate) fn instance(&mut self, pos: Pos, orig: TypeId, targs: &[TypeId]) -> TypeId {
        let want = self.s.type_params(orig).len();
        if targs.len() != want && !matches!(self.s.ty(orig), Type::Named(_)) {
            let name = match self.s.ty(orig) {
                Type::Alias(a) => self.name_of(self.s.alias(a).obj).to_string(),
                _ => self.ts(orig),
            };
            self.validate_targ_len(pos, &name, want, targs.len());
            return TypeId::INVALID;
        }
        if want == 0 && matches!(self.s.ty(orig), Type::Alias(_)) {
            return orig;
        }
        self.s.instance_pos = pos;
        self.s.instance(orig, targs)
    }

    /// Reports it if the number of type arguments is wrong.
    pub(crate) fn validate_targ_len(&mut self, pos: Pos, name: &str, want: usize, got: usize) -> bool {
        let qual = match got.cmp(&want) {
            std::cmp::Ordering::Less => "not enough",
            std::cmp::Ordering::Greater => "too many",
            std::cmp::Ordering::Equal => return true,
        };
        let msg = format!("{qual} type arguments for type {name}: have {got}, want {want}");
        self.error(pos, codes::WRONG_TYPE_ARG_COUNT, msg);
        false
    }

    /// Whether type arguments satisfy the constraints of type parameters; if not, which one and why.
    pub(crate) fn verify(&mut self, tparams: TypeList, targs: &[TypeId]) -> Result<(), (usize, String)> {
        let tps = self.s.type_list(tparams).to_vec();
        for (i, &p) in tps.iter().enumerate() {
            if let Type::TypeParam(id) = self.s.ty(p) {
                self.s.tparam_iface(id); // an implicit interface replaces the bound
            }
            let bound = self.s.bound(p);
            let bound = Subst::new(&tps, targs).apply(self.s, bound);
            let mut cause = String::new();
            if !self.implements(targs[i], bound, true, Some(&mut cause)) {
                return Err((i, cause));
            }
        }
        Ok(())
    }

    /// Whether `v` implements the interface `t` (or satisfies it, as a constraint); if not, `cause` gets
    /// the reason.
    pub(crate) fn implements(
        &mut self,
        v: TypeId,
        t: TypeId,
        constraint: bool,
        mut cause: Option<&mut String>,
    ) -> bool {
        let (vu, tu) = (self.s.under(v), self.s.under(t));
        if !self.s.is_valid(vu) || !self.s.is_valid(tu) {
            return true; // reported before
        }
        if let Type::Pointer(base) = self.s.ty(vu) {
            let u = self.s.under(base);
            if !self.s.is_valid(u) {
                return true;
            }
        }
        let verb = if constraint { "satisfy" } else { "implement" };
        let Type::Interface(ti) = self.s.ty(tu) else {
            if let Some(c) = cause {
                let detail = if self.is_interface_ptr(tu) {
                    self.interface_ptr_error(t)
                } else {
                    format!("{} is not an interface", self.ts(t))
                };
                *c = format!("{} does not {verb} {} ({detail})", self.ts(v), self.ts(t));
            }
            return false;
        };
        let tset = self.s.type_set(ti);
        if tset.is_all() {
            return true;
        }
        let vset = match self.s.ty(vu) {
            Type::Interface(i) => Some(self.s.type_set(i)),
            _ => None,
        };
        if vset.is_some_and(|s| s.is_empty()) {
            return true;
        }
        if tset.is_empty() {
            if let Some(c) = cause {
                *c = format!("cannot {verb} {} (empty type set)", self.ts(t));
            }
            return false;
        }
        if !self.has_all_methods(v, t, true, cause.as_deref_mut()) {
            if let Some(c) = cause {
                *c = format!("{} does not {verb} {} {c}", self.ts(v), self.ts(t));
            }
            return false;
        }
        if !tset.has_terms() {
            return self.check_comparability(v, ti, constraint, cause);
        }
        if let Some(vset) = vset {
            if !self.s.terms_subset(vset.terms, tset.terms) {
                if let Some(c) = cause {
                    *c = format!("{} does not {verb} {}", self.ts(v), self.ts(t));
                }
                return false;
            }
            return self.check_comparability(v, ti, constraint, cause);
        }
        let Terms::Of(list) = tset.terms else { return true };
        let terms: SmallVec<[Term; 8]> = self.s.terms(list).into();
        let mut alt = None;
        let mut found = false;
        for &x in &terms {
            if self.s.term_includes(x, v) {
                found = true;
                break;
            }
            let u = self.s.under(x.typ);
            if alt.is_none()
                && !x.tilde
                && self.s.identical(x.typ, u)
                && self.s.term_includes(Term { tilde: true, ..x }, v)
            {
                alt = Some(x.typ);
            }
        }
        if !found {
            if let Some(c) = cause {
                let detail = match alt {
                    Some(alt) => {
                        format!("possibly missing ~ for {} in {}", self.ts(alt), self.ts(t))
                    }
                    None if self.mentions(tu, v) => {
                        let (v, t) = (self.ts(v), self.ts(t));
                        format!("{t} mentions {v}, but {v} is not in the type set of {t}")
                    }
                    None => {
                        let texts: Vec<String> = terms
                            .iter()
                            .map(|x| {
                                let tilde = if x.tilde { "~" } else { "" };
                                format!("{tilde}{}", self.s.type_string(x.typ))
                            })
                            .collect();
                        format!("{} missing in {}", self.ts(v), texts.join(" | "))
                    }
                };
                *c = format!("{} does not {verb} {} ({detail})", self.ts(v), self.ts(t));
            }
            return false;
        }
        self.check_comparability(v, ti, constraint, cause)
    }

    fn check_comparability(
        &mut self,
        v: TypeId,
        ti: crate::IfaceId,
        constraint: bool,
        cause: Option<&mut String>,
    ) -> bool {
        if !self.s.is_comparable_type_set(ti, &mut SmallVec::new()) || self.s.strictly_comparable(v) {
            return true;
        }
        if constraint && self.s.comparable(v) {
            if self.allow_version(20) {
                return true;
            }
            if let Some(c) = cause {
                *c = format!("{} to satisfy comparable requires go1.20 or later", self.ts(v));
            }
            return false;
        }
        if let Some(c) = cause {
            let verb = if constraint { "satisfy" } else { "implement" };
            *c = format!("{} does not {verb} comparable", self.ts(v));
        }
        false
    }

    /// Whether an interface's embedded elements name a type.
    fn mentions(&mut self, t: TypeId, typ: TypeId) -> bool {
        match self.s.ty(t) {
            Type::Interface(i) => {
                let l = self.s.iface(i).embeddeds;
                (0..l.len()).any(|k| {
                    let e = self.s.type_at(l, k);
                    self.mentions(e, typ)
                })
            }
            Type::Union(l) => (0..l.len()).any(|k| {
                let e = self.s.terms(l)[k].typ;
                self.mentions(e, typ)
            }),
            _ => self.s.identical(t, typ),
        }
    }

    /// What is recorded for an instance of a generic method: its type with the receiver that selecting
    /// it took away.
    pub(crate) fn method_instance_type(&mut self, t: TypeId) -> TypeId {
        use crate::signature::RecvOld;
        let Type::Signature(id) = self.s.ty(t) else { return t };
        let mut sig = *self.s.sig(id);
        match sig.recv_old.take() {
            None => return t,
            Some(RecvOld::Dropped(recv)) => sig.recv = Some(recv),
            Some(RecvOld::FirstParam) => {
                let params = self.s.objs(sig.params).to_vec();
                sig.recv = params.first().copied();
                sig.params = self.s.new_obj_list(&params[1..]);
            }
        }
        self.s.new_signature(sig)
    }
}
