//! Method sets of canonical types.
//!
//! Embedded fields are searched breadth first; at each depth a name that occurs twice, as method or field, hides itself
//! and everything deeper. A method with a pointer receiver that is reached without following a pointer belongs to the
//! method set of `*T` only.

use crate::canonicalise::sort_methods;
use crate::generic::EnvId;
use crate::program::FuncId;
use crate::ty::{NamedId, QualName, Ty, TyId};
use crate::world::{FuncKey, MethodEntry, Res, World};
use itab_types::ObjId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What a method is at the end of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MethodTarget {
    /// Declared with this defined type as receiver, or a pointer to it.
    Concrete { named: TyId, obj: ObjId, ptr_recv: bool },
    /// Of an interface type.
    Iface { iface: TyId, index: u32 },
}

/// A method of a type, declared or promoted.
#[derive(Clone, Debug)]
pub(crate) struct MethodInfo {
    pub name: QualName,
    /// Embedded fields to pass.
    pub path: Vec<u32>,
    pub target: MethodTarget,
    /// Whether the receiver must be addressable: it is not in the method set of the value type.
    pub needs_addr: bool,
    /// Whether it has type parameters of its own.
    pub generic: bool,
}

#[derive(Clone)]
struct Step {
    ty: TyId,
    path: Vec<u32>,
    indirect: bool,
}

impl World {
    /// All methods of `T` and `*T`, for `T` that is no pointer, sorted.
    pub(crate) fn all_methods(&mut self, ty: TyId) -> Arc<Vec<MethodInfo>> {
        if let Some(m) = self.method_sets.get(&ty) {
            return m.clone();
        }
        let mut found: FxHashMap<QualName, Option<MethodInfo>> = FxHashMap::default();
        let mut seen: FxHashSet<TyId> = FxHashSet::default();
        let mut level = vec![Step { ty, path: vec![], indirect: false }];
        while !level.is_empty() {
            level = self.search_level(level, &mut seen, &mut found);
        }
        let mut list: Vec<MethodInfo> = found.into_values().flatten().collect();
        sort_methods(&mut list, |m| &m.name);
        let list = Arc::new(list);
        self.method_sets.insert(ty, list.clone());
        list
    }

    /// Methods and fields of one depth; the embedded fields of the next are the result.
    fn search_level(
        &mut self,
        level: Vec<Step>,
        seen: &mut FxHashSet<TyId>,
        found: &mut FxHashMap<QualName, Option<MethodInfo>>,
    ) -> Vec<Step> {
        let mut here: FxHashMap<QualName, Option<MethodInfo>> = FxHashMap::default();
        let mut add = |name: &QualName, m: Option<MethodInfo>| {
            here.entry(name.clone()).and_modify(|old| *old = None).or_insert(m);
        };
        let mut next: Vec<Step> = vec![];
        let mut count: FxHashMap<TyId, usize> = FxHashMap::default();
        level.iter().for_each(|s| *count.entry(s.ty).or_default() += 1);
        let mut done: FxHashSet<TyId> = FxHashSet::default();
        for s in level {
            // A type that is embedded twice at one depth makes everything in it ambiguous.
            let twice = count[&s.ty] > 1;
            if !done.insert(s.ty) {
                continue;
            }
            if let Ty::Named(n) = *self.program.types.get(s.ty) {
                if !seen.insert(s.ty) {
                    continue;
                }
                for m in self.declared_methods(n, &s) {
                    add(&m.name.clone(), (!twice).then_some(m));
                }
            }
            match self.program.types.under(s.ty).clone() {
                Ty::Struct(fields) => {
                    for (i, f) in fields.iter().enumerate() {
                        add(&f.name, None);
                        if f.embedded {
                            let mut path = s.path.clone();
                            path.push(i as u32);
                            let (ty, ptr) = match *self.program.types.get(f.ty) {
                                Ty::Pointer(e) => (e, true),
                                _ => (f.ty, false),
                            };
                            let step = Step { ty, path, indirect: s.indirect || ptr };
                            if twice {
                                next.push(step.clone());
                            }
                            next.push(step);
                        }
                    }
                }
                Ty::Interface(methods) => {
                    for (i, m) in methods.iter().enumerate() {
                        let target = MethodTarget::Iface { iface: s.ty, index: i as u32 };
                        let info = MethodInfo {
                            name: m.name.clone(),
                            path: s.path.clone(),
                            target,
                            needs_addr: false,
                            generic: false,
                        };
                        add(&m.name, (!twice).then_some(info));
                    }
                }
                _ => {}
            }
        }
        for (name, m) in here {
            found.entry(name).or_insert(m);
        }
        next
    }

    fn declared_methods(&mut self, n: NamedId, s: &Step) -> Vec<MethodInfo> {
        let origin = self.named_src(n).origin;
        let Some(id) = self.store.as_named(origin) else { return vec![] };
        let mut list = vec![];
        for i in 0..self.store.num_methods(id) {
            let obj = self.store.method(origin, id, i);
            let sig = self.sig_of(obj);
            let o = self.store.obj(obj);
            let (name, pkg) = (o.name, o.pkg);
            let ptr_recv = o.as_func().is_some_and(|f| f.ptr_recv);
            list.push(MethodInfo {
                name: self.qual_name(name, pkg),
                path: s.path.clone(),
                target: MethodTarget::Concrete { named: s.ty, obj, ptr_recv },
                needs_addr: ptr_recv && !s.indirect,
                generic: !sig.tparams.is_empty(),
            });
        }
        list
    }

    /// The method of that name of a type or of what a pointer points to.
    pub(crate) fn find_method(&mut self, ty: TyId, name: &QualName) -> Option<MethodInfo> {
        let base = match *self.program.types.get(ty) {
            Ty::Pointer(e) => e,
            _ => ty,
        };
        self.all_methods(base).iter().find(|m| m.name == *name).cloned()
    }

    /// The assignment of types that a method of a defined type is declared under.
    pub(crate) fn method_env(&mut self, named: TyId, obj: ObjId) -> EnvId {
        let Ty::Named(n) = *self.program.types.get(named) else { return EnvId::EMPTY };
        let targs = self.named_src(n).targs.clone();
        let sig = self.sig_of(obj);
        self.env_for(sig.rparams, &targs, EnvId::EMPTY)
    }

    /// The direct function of a declared method.
    pub(crate) fn method_func(&mut self, named: TyId, obj: ObjId, targs: &[TyId]) -> Res<FuncId> {
        let env = self.method_env(named, obj);
        let sig = self.sig_of(obj);
        let env = self.env_for(sig.tparams, targs, env);
        self.declare(obj, env)
    }

    /// A method's type without the receiver.
    pub(crate) fn method_sig(&mut self, m: &MethodInfo) -> Res<TyId> {
        match m.target {
            MethodTarget::Iface { iface, index } => {
                let methods = self.program.types.interface_methods(iface);
                Ok(methods.map_or(World::unsafe_pointer(), |m| m[index as usize].sig))
            }
            MethodTarget::Concrete { named, obj, .. } => {
                let env = self.method_env(named, obj);
                self.store.func_sig(obj);
                self.ty(self.store.obj_type(obj), env)
            }
        }
    }

    /// The method set of a type as its descriptor lists it: promoted methods included, generic ones not.
    pub fn method_set(&mut self, ty: TyId) -> Res<Vec<MethodEntry>> {
        let (base, ptr) = match *self.program.types.get(ty) {
            Ty::Pointer(e) => (e, true),
            _ => (ty, false),
        };
        if self.program.types.is_interface(base) {
            return Ok(vec![]);
        }
        let mut list = vec![];
        for m in self.all_methods(base).iter() {
            if m.generic || (m.needs_addr && !ptr) {
                continue;
            }
            let sig = self.method_sig(m)?;
            let (ifn, tfn) = (self.entry_func(ty, m)?, self.method_expr_func(ty, m)?);
            list.push(MethodEntry { name: m.name.clone(), sig, ifn, tfn });
        }
        Ok(list)
    }

    /// The function to call for a method of a type with the receiver as its first argument.
    pub(crate) fn direct_method(&mut self, ty: TyId, name: &QualName) -> Option<FuncId> {
        let m = self.find_method(ty, name)?;
        let direct = self.program.types.is_direct(ty);
        if direct { self.entry_func(ty, &m).ok() } else { self.method_expr_func(ty, &m).ok() }
    }

    /// The itab's entry of a method for a type.
    pub(crate) fn entry_func(&mut self, ty: TyId, m: &MethodInfo) -> Res<FuncId> {
        if let MethodTarget::Concrete { named, obj, ptr_recv } = m.target
            && m.path.is_empty()
        {
            let is_ptr = matches!(self.program.types.get(ty), Ty::Pointer(_));
            if (is_ptr && ptr_recv) || (!is_ptr && !ptr_recv && self.program.types.is_direct(ty)) {
                return self.method_func(named, obj, &[]);
            }
        }
        let key = FuncKey::Entry(ty, m.name.clone());
        self.intern_func(key, |w| crate::wrappers::declare_entry(w, ty, m))
    }

    /// The function of a method expression `T.m`.
    pub(crate) fn method_expr_func(&mut self, ty: TyId, m: &MethodInfo) -> Res<FuncId> {
        if let MethodTarget::Concrete { named, obj, ptr_recv: false } = m.target
            && m.path.is_empty()
            && named == ty
            && !self.program.types.is_direct(ty)
        {
            return self.method_func(named, obj, &[]);
        }
        let key = FuncKey::MethodExpr(ty, m.name.clone());
        self.intern_func(key, |w| crate::wrappers::declare_method_expr(w, ty, m))
    }

    /// The bound method of a receiver of this type, captured by a closure.
    pub(crate) fn bound_func(&mut self, ty: TyId, m: &MethodInfo) -> Res<FuncId> {
        let key = FuncKey::Bound(ty, m.name.clone());
        self.intern_func(key, |w| crate::wrappers::declare_bound(w, ty, m))
    }
}
