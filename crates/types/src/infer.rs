//! Inference of type arguments.
//!
//! First typed arguments are unified with their parameters, then what is known is unified with the core
//! types and methods of the constraints until nothing changes, then untyped constants give their
//! default types. What was inferred may mention other parameters; it is substituted into itself until it
//! does not.

use itab_syntax::{Pos, Span};
use smallvec::SmallVec;

use crate::check::Checker;
use crate::errors::ErrorParts;
use crate::operand::Operand;
use crate::signature::Signature;
use crate::subst::Subst;
use crate::types::{Term, Type};
use crate::typeset::Terms;
use crate::unify::{SeenTypes, Unifier, UnifyMode};
use crate::{ObjId, ObjList, TypeId, TypeList};

impl<'a> Checker<'a> {
    /// The type arguments for `tparams`, of which `targs` are given, that make the arguments assignable
    /// to the parameters. `reverse` says that a function is assigned rather than called, for messages.
    /// None after an error, which is in `err`.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn infer(
        &mut self,
        pos: Pos,
        tparams: &[TypeId],
        targs: &[Option<TypeId>],
        params: &[ObjId],
        args: &[Operand],
        reverse: bool,
        err: &mut ErrorParts,
    ) -> Option<Vec<TypeId>> {
        debug_assert_eq!(params.len(), args.len());
        let n = tparams.len();
        if targs.len() == n
            && let Some(all) = targs.iter().copied().collect()
        {
            return Some(all);
        }
        if args.iter().any(|a| !a.is_valid()) {
            return None;
        }
        let ptypes = self.parameter_types(tparams, targs, params);
        let mut u = Unifier::new(tparams, targs, self.allow_version(21));
        let mut untyped: SmallVec<[usize; 4]> = SmallVec::new();
        for (i, arg) in args.iter().enumerate() {
            let ptyp = ptypes[i];
            if !self.is_parameterized(tparams, ptyp) && !self.is_parameterized(tparams, arg.typ) {
                continue;
            }
            if self.s.is_typed(arg.typ) {
                if !u.unify(self, ptyp, arg.typ, UnifyMode::ASSIGN) {
                    self.infer_error(&u, tparams, ptyp, arg, reverse, err);
                    return None;
                }
            } else if matches!(self.s.ty(ptyp), Type::TypeParam(_)) && !arg.is_nil() {
                untyped.push(i);
            }
        }
        self.unify_constraints(pos, tparams, &mut u, err)?;
        self.infer_untyped(&mut u, &untyped, &ptypes, args, err)?;
        let mut inferred = u.inferred(tparams);
        self.kill_cycles(tparams, &mut inferred);
        self.simplify(tparams, targs, &mut inferred);
        let mut out = Vec::with_capacity(n);
        for (i, t) in inferred.iter().enumerate() {
            match *t {
                Some(t) if !self.is_parameterized(tparams, t) => out.push(t),
                _ => {
                    let obj = self.s.type_name(tparams[i])?;
                    let at = self.position(self.s.obj(obj).pos);
                    let msg = format!("cannot infer {} (declared at {at})", self.name_of(obj));
                    err.add(Span::at(pos), msg);
                    return None;
                }
            }
        }
        Some(out)
    }

    /// The parameters' types with the given type arguments put in.
    fn parameter_types(
        &mut self,
        tparams: &[TypeId],
        targs: &[Option<TypeId>],
        params: &[ObjId],
    ) -> SmallVec<[TypeId; 8]> {
        let mut from: SmallVec<[TypeId; 4]> = SmallVec::new();
        let mut to: SmallVec<[TypeId; 4]> = SmallVec::new();
        for (&p, t) in tparams.iter().zip(targs) {
            if let Some(t) = *t {
                from.push(p);
                to.push(t);
            }
        }
        let types: SmallVec<[TypeId; 8]> = params.iter().map(|&p| self.s.obj_type(p)).collect();
        if from.is_empty() {
            return types;
        }
        types.into_iter().map(|t| Subst::new(&from, &to).apply(self.s, t)).collect()
    }

    fn infer_error(
        &mut self,
        u: &Unifier,
        tparams: &[TypeId],
        ptyp: TypeId,
        arg: &Operand,
        reverse: bool,
        err: &mut ErrorParts,
    ) {
        let span = self.span_of(arg);
        let expr = match &arg.desc {
            Some(desc) => desc.to_string(),
            None => arg.expr.map(|e| self.es(e)).unwrap_or_default(),
        };
        let targ = self.ts(arg.typ);
        let known = u.inferred(tparams);
        if known.iter().all(|t| t.is_none()) {
            let list = self.type_params_string(tparams);
            let msg = format!("type {targ} of {expr} does not match {} (cannot infer {list})", self.ts(ptyp));
            err.add(span, msg);
            return;
        }
        let (from, to): (Vec<_>, Vec<_>) = tparams.iter().zip(&known).filter_map(|(&p, t)| t.map(|t| (p, t))).unzip();
        let inferred = Subst::new(&from, &to).apply(self.s, ptyp);
        let (par, inf) = (self.ts(ptyp), self.ts(inferred));
        let msg = if inferred == ptyp {
            format!("type {targ} of {expr} does not match {par}")
        } else if reverse {
            format!("inferred type {inf} for {par} does not match type {targ} of {expr}")
        } else {
            format!("type {targ} of {expr} does not match inferred type {inf} for {par}")
        };
        err.add(span, msg);
    }

    /// Uses the constraints: core types and methods.
    fn unify_constraints(&mut self, pos: Pos, tparams: &[TypeId], u: &mut Unifier, err: &mut ErrorParts) -> Option<()> {
        loop {
            let unknowns = u.unknowns();
            for &p in tparams {
                let tx = u.at(p);
                if let Some((core, single)) = self.core_term(p) {
                    if let Some(tx) = tx {
                        if !u.unify(self, tx, core.typ, UnifyMode::INEXACT) {
                            let bound = self.s.bound(p);
                            let (p, tx, b) = (self.ts(p), self.ts(tx), self.ts(bound));
                            err.add(Span::at(pos), format!("{p} (type {tx}) does not satisfy {b}"));
                            return None;
                        }
                    } else if single && !core.tilde {
                        u.set(p, core.typ);
                    }
                }
                if let Some(tx) = tx.filter(|&t| !self.is_parameterized(tparams, t)) {
                    let Type::TypeParam(id) = self.s.ty(p) else { continue };
                    let constraint = self.s.tparam_iface(id);
                    let mut cause = String::new();
                    let ok = self.has_all_methods_by(
                        tx,
                        constraint,
                        true,
                        &mut |c, x, y| u.unify(c, x, y, UnifyMode::EXACT),
                        Some(&mut cause),
                    );
                    if !ok {
                        let bound = self.s.bound(p);
                        let (p, tx, b) = (self.ts(p), self.ts(tx), self.ts(bound));
                        err.add(Span::at(pos), format!("{p} (type {tx}) does not satisfy {b} {cause}"));
                        return None;
                    }
                }
            }
            if u.unknowns() == unknowns {
                return Some(());
            }
        }
    }

    /// Untyped constants give the default type of the largest kind among them.
    fn infer_untyped(
        &mut self,
        u: &mut Unifier,
        untyped: &[usize],
        ptypes: &[TypeId],
        args: &[Operand],
        err: &mut ErrorParts,
    ) -> Option<()> {
        let mut max: SmallVec<[(TypeId, TypeId); 4]> = SmallVec::new();
        for &i in untyped {
            let p = ptypes[i];
            if u.at(p).is_some() {
                continue;
            }
            let arg = &args[i];
            match max.iter_mut().find(|e| e.0 == p) {
                None => max.push((p, arg.typ)),
                Some(e) => match self.s.max_type(e.1, arg.typ) {
                    Some(m) => e.1 = m,
                    None => {
                        let (x, y, p) = (self.ts(e.1), self.ts(arg.typ), self.ts(p));
                        let msg = format!("mismatched types {x} and {y} (cannot infer {p})");
                        err.add(self.span_of(arg), msg);
                        return None;
                    }
                },
            }
        }
        for (p, t) in max {
            let d = self.s.default_type(t);
            u.set(p, d);
        }
        Some(())
    }

    fn simplify(&mut self, tparams: &[TypeId], targs: &[Option<TypeId>], inferred: &mut [Option<TypeId>]) {
        let mut dirty: Vec<usize> = (0..inferred.len())
            .filter(|&i| inferred[i].is_some() && targs.get(i).copied().flatten().is_none())
            .collect();
        // Cycles are gone, so each round makes at least one entry final.
        for _ in 0..=inferred.len() {
            if dirty.is_empty() {
                return;
            }
            let (from, to): (Vec<_>, Vec<_>) =
                tparams.iter().zip(inferred.iter()).filter_map(|(&p, t)| t.map(|t| (p, t))).unzip();
            dirty.retain(|&i| {
                let Some(t0) = inferred[i] else { return false };
                let mut t1 = Subst::new(&from, &to).apply(self.s, t0);
                if t1 == t0 {
                    return false;
                }
                if let Type::Signature(id) = self.s.ty(t1) {
                    let sig = *self.s.sig(id);
                    if !sig.tparams.is_empty() && !self.is_parameterized(tparams, t1) {
                        t1 = self.s.new_signature(Signature { tparams: TypeList::EMPTY, ..sig });
                    }
                }
                inferred[i] = Some(t1);
                true
            });
        }
    }

    /// Fresh copies of type parameters and of a type that mentions them, so that a function can be
    /// unified with types that mention its own parameters (a recursive call).
    pub(crate) fn rename_tparams(&mut self, tparams: &[TypeId], t: TypeId) -> (Vec<TypeId>, TypeId) {
        if tparams.is_empty() {
            return (Vec::new(), t);
        }
        let fresh: Vec<TypeId> = tparams.iter().enumerate().map(|(i, &p)| self.s.clone_tparam(p, i as i32)).collect();
        for (&p, &f) in tparams.iter().zip(&fresh) {
            let bound = self.s.bound(p);
            let bound = Subst::new(tparams, &fresh).apply(self.s, bound);
            self.s.set_bound(f, bound);
        }
        let t = Subst::new(tparams, &fresh).apply(self.s, t);
        (fresh, t)
    }

    /// `P`, `P and Q`, `P, Q, and R`.
    pub(crate) fn type_params_string(&self, list: &[TypeId]) -> String {
        let names: Vec<&str> = list.iter().filter_map(|&p| self.s.type_name(p)).map(|o| self.name_of(o)).collect();
        match names.as_slice() {
            [] => String::new(),
            [a] => (*a).into(),
            [a, b] => format!("{a} and {b}"),
            [head @ .., last] => format!("{}, and {last}", head.join(", ")),
        }
    }

    /// Whether a type mentions one of the type parameters; any at all if none are given.
    pub(crate) fn is_parameterized(&mut self, tparams: &[TypeId], t: TypeId) -> bool {
        if matches!(self.s.ty(t), Type::Basic(_)) {
            return false;
        }
        self.mentions_tparam(tparams, t, &mut SeenTypes::default())
    }

    fn mentions_tparam(&mut self, tparams: &[TypeId], t: TypeId, seen: &mut SeenTypes) -> bool {
        match self.s.ty(t) {
            Type::Basic(_) => return false,
            Type::TypeParam(_) => return tparams.is_empty() || tparams.contains(&t),
            Type::Named(n) if self.s.named(n).targs.is_empty() => return false,
            _ => {}
        }
        if let Some(&known) = seen.get(&t) {
            return known;
        }
        seen.insert(t, false);
        let found = match self.s.ty(t) {
            Type::Alias(_) => {
                let u = self.s.unalias(t);
                self.mentions_tparam(tparams, u, seen)
            }
            Type::Array { elem, .. } | Type::Slice(elem) | Type::Pointer(elem) | Type::Chan { elem, .. } => {
                self.mentions_tparam(tparams, elem, seen)
            }
            Type::Map { key, elem } => {
                self.mentions_tparam(tparams, key, seen) || self.mentions_tparam(tparams, elem, seen)
            }
            Type::Struct(s) => {
                let fields = self.s.struct_(s).fields;
                self.vars_mention(tparams, fields, seen)
            }
            Type::Tuple(l) => self.vars_mention(tparams, l, seen),
            Type::Signature(s) => {
                let (params, results) = (self.s.sig(s).params, self.s.sig(s).results);
                self.vars_mention(tparams, params, seen) || self.vars_mention(tparams, results, seen)
            }
            Type::Interface(i) => {
                let set = self.s.type_set(i);
                self.vars_mention(tparams, set.methods, seen)
                    || match set.terms {
                        Terms::All => false,
                        Terms::Of(l) => (0..l.len()).any(|k| {
                            let x = self.s.terms(l)[k].typ;
                            self.mentions_tparam(tparams, x, seen)
                        }),
                    }
            }
            Type::Named(n) => {
                let l = self.s.named(n).targs;
                (0..l.len()).any(|i| {
                    let a = self.s.type_at(l, i);
                    self.mentions_tparam(tparams, a, seen)
                })
            }
            Type::Union(l) => (0..l.len()).any(|k| {
                let x = self.s.terms(l)[k].typ;
                self.mentions_tparam(tparams, x, seen)
            }),
            Type::Basic(_) | Type::TypeParam(_) => false,
        };
        seen.insert(t, found);
        found
    }

    fn vars_mention(&mut self, tparams: &[TypeId], l: ObjList, seen: &mut SeenTypes) -> bool {
        (0..l.len()).any(|i| {
            let t = self.s.obj_type(self.s.obj_at(l, i));
            self.mentions_tparam(tparams, t, seen)
        })
    }

    /// The single term of a constraint, or its core type with a tilde if any term has one; and whether
    /// it was a single term.
    fn core_term(&mut self, p: TypeId) -> Option<(Term, bool)> {
        let Type::TypeParam(id) = self.s.ty(p) else { return None };
        let Terms::Of(l) = self.s.tparam_type_set(id).terms else { return None };
        if l.len() == 1 {
            return Some((self.s.terms(l)[0], true));
        }
        if l.is_empty() {
            return None;
        }
        let tilde = self.s.terms(l).iter().any(|t| t.tilde);
        let typ = self.common_under(p, None).ok()?;
        Some((Term { tilde, typ }, false))
    }

    /// Forgets what was inferred for parameters that stand for types containing themselves.
    fn kill_cycles(&mut self, tparams: &[TypeId], inferred: &mut [Option<TypeId>]) {
        let mut path = Vec::new();
        for &p in tparams {
            self.find_cycle(p, tparams, inferred, &mut path);
        }
    }

    fn find_cycle(&mut self, t: TypeId, tparams: &[TypeId], inferred: &mut [Option<TypeId>], path: &mut Vec<TypeId>) {
        let t = self.s.unalias(t);
        if path.contains(&t) {
            if let Some(i) = tparams.iter().position(|&p| p == t) {
                inferred[i] = None;
            }
            return;
        }
        path.push(t);
        let mut next: SmallVec<[TypeId; 8]> = SmallVec::new();
        let vars = |s: &crate::Store, l: ObjList, next: &mut SmallVec<[TypeId; 8]>| {
            next.extend(s.objs(l).iter().map(|&o| s.obj_type(o)));
        };
        match self.s.ty(t) {
            Type::Array { elem, .. } | Type::Slice(elem) | Type::Pointer(elem) | Type::Chan { elem, .. } => {
                next.push(elem);
            }
            Type::Map { key, elem } => next.extend([key, elem]),
            Type::Struct(s) => vars(self.s, self.s.struct_(s).fields, &mut next),
            Type::Tuple(l) => vars(self.s, l, &mut next),
            Type::Signature(s) => {
                vars(self.s, self.s.sig(s).params, &mut next);
                vars(self.s, self.s.sig(s).results, &mut next);
            }
            Type::Union(l) => next.extend(self.s.terms(l).iter().map(|x| x.typ)),
            Type::Interface(i) => {
                vars(self.s, self.s.iface(i).methods, &mut next);
                next.extend_from_slice(self.s.type_list(self.s.iface(i).embeddeds));
            }
            Type::Named(n) => next.extend_from_slice(self.s.type_list(self.s.named(n).targs)),
            Type::TypeParam(_) => {
                if let Some(i) = tparams.iter().position(|&p| p == t) {
                    next.extend(inferred[i]);
                }
            }
            Type::Basic(_) | Type::Alias(_) => {}
        }
        for t in next {
            self.find_cycle(t, tparams, inferred, path);
        }
        path.pop();
    }
}
