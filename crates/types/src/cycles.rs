//! Cycles of declarations.
//!
//! Three kinds are told apart: type names that are defined as each other and nothing else, found before
//! anything is resolved; cycles on the checker's path; and uses of a type whose definition is not
//! complete where the complete type is needed (`type T [len(T{})]int`).

use itab_syntax::{ExprKind, Span, SpecKind};
use rustc_hash::FxHashMap;

use crate::check::Checker;
use crate::decl::DeclKind;
use crate::errors::codes;
use crate::object::ObjKind;
use crate::stack::deep;
use crate::types::Type;
use crate::{ObjId, TypeId};

impl<'a> Checker<'a> {
    /// Reports type names that are defined as each other: `type A B; type B A`.
    pub(crate) fn direct_cycles(&mut self) {
        let objects = self.s.pkg(self.pkg).objects.clone();
        let mut state: FxHashMap<ObjId, Option<usize>> = FxHashMap::default();
        for o in objects {
            if matches!(self.s.obj(o).kind, ObjKind::TypeName) {
                self.direct_cycle(o, &mut state);
            }
        }
    }

    fn direct_cycle(&mut self, o: ObjId, state: &mut FxHashMap<ObjId, Option<usize>>) {
        let mut path = Vec::new();
        let mut at = o;
        loop {
            match state.get(&at) {
                Some(None) => break,
                Some(&Some(start)) => {
                    self.s.obj_mut(at).typ = Some(TypeId::INVALID);
                    let cycle: Vec<ObjId> = path[start..].to_vec();
                    self.cycle_error(&cycle, self.first_in_source(&cycle));
                    break;
                }
                None => {}
            }
            state.insert(at, Some(path.len()));
            path.push(at);
            match self.defined_as(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        for o in path {
            state.insert(o, None);
        }
    }

    /// The package's type name that a type name is defined as, if its definition is just a name.
    fn defined_as(&self, o: ObjId) -> Option<ObjId> {
        let d = &self.decls[*self.obj_map.get(&o)?];
        let DeclKind::Type(spec) = d.kind else { return None };
        let tree = self.trees[d.tree].tree;
        let SpecKind::TypeSpec(ts) = tree[spec].kind else { return None };
        let ExprKind::Ident(name) = tree[ts.typ].kind else { return None };
        let next = self.s.scope(self.s.pkg(self.pkg).scope).lookup(name)?;
        matches!(self.s.obj(next).kind, ObjKind::TypeName).then_some(next)
    }

    /// Whether the cycle from an object on the path back to itself is allowed; reports it if not.
    pub(crate) fn valid_cycle(&mut self, o: ObjId) -> bool {
        let Some(start) = self.path.iter().position(|&p| p == o) else { return true };
        let cycle: Vec<ObjId> = self.path[start..].to_vec();
        let mut values = 0;
        let mut defs = 0;
        for &p in &cycle {
            match self.s.obj(p).kind {
                ObjKind::Const(_) | ObjKind::Var(_) => values += 1,
                ObjKind::TypeName => {
                    let generic = self.s.obj(p).typ.is_some_and(|t| self.s.is_generic(t));
                    if self.env.in_tparam_list && generic {
                        return true; // a type's own constraints may mention it
                    }
                    if !self.s.is_alias_name(p) {
                        defs += 1;
                    }
                }
                _ => {}
            }
        }
        if values == cycle.len() || values == 0 && defs > 0 {
            return true; // an initialisation cycle, which has its own check; or a recursive type
        }
        let first = self.first_in_source(&cycle);
        self.cycle_error(&cycle, first);
        false
    }

    /// Which object of a cycle is declared first.
    pub(crate) fn first_in_source(&self, cycle: &[ObjId]) -> usize {
        (0..cycle.len()).min_by_key(|&i| self.s.obj(cycle[i]).pos).unwrap_or(0)
    }

    /// Reports a cycle, beginning with the `start`th object.
    pub(crate) fn cycle_error(&mut self, cycle: &[ObjId], start: usize) {
        let obj = cycle[start];
        let is_type = matches!(self.s.obj(obj).kind, ObjKind::TypeName);
        if let Some(Type::Alias(a)) = self.s.obj(obj).typ.map(|t| self.s.ty(t)) {
            self.s.set_alias(a, TypeId::INVALID);
        }
        let name = self.cycle_name(obj);
        if cycle.len() == 1 {
            let what = if is_type { "invalid recursive type:" } else { "invalid cycle in declaration:" };
            self.error(obj, codes::INVALID_DECL_CYCLE, format!("{what} {name} refers to itself"));
            return;
        }
        let what = if is_type { "invalid recursive type" } else { "invalid cycle in declaration of" };
        let mut parts = vec![(Span::at(self.s.obj(obj).pos), format!("{what} {name}"))];
        for i in 0..cycle.len() {
            let from = cycle[(start + i) % cycle.len()];
            let to = cycle[(start + i + 1) % cycle.len()];
            let msg = format!("{} refers to {}", self.cycle_name(from), self.cycle_name(to));
            parts.push((Span::at(self.s.obj(from).pos), msg));
        }
        self.report(codes::INVALID_DECL_CYCLE, parts);
    }

    fn cycle_name(&self, o: ObjId) -> String {
        let obj = self.s.obj(o);
        if let Some(t) = obj.typ
            && matches!(self.s.uty(t), Type::Named(n) if self.s.named(n).orig.is_some())
        {
            return self.ts(self.s.unalias(t));
        }
        let name = self.s.text(obj.name);
        match obj.pkg.map(|p| self.qualifier(p)) {
            Some(q) if !q.is_empty() => format!("{q}.{name}"),
            _ => name.to_string(),
        }
    }

    /// Reports an interface literal whose methods lead back to it without passing a named type.
    pub(crate) fn check_anonymous_cycle(&mut self, at: itab_syntax::Pos, t: TypeId) {
        let Type::Interface(i) = self.s.ty(t) else { return };
        if self.had_error {
            return;
        }
        let mut work: Vec<TypeId> = self.method_types(i);
        let mut seen = vec![];
        while let Some(u) = work.pop() {
            let u = self.s.unalias(u);
            if u == t {
                let msg =
                    "invalid recursive type: anonymous interface refers to itself (see https://go.dev/issue/56103)";
                self.late_error(at, codes::INVALID_TYPE_CYCLE, msg.to_string());
                return;
            }
            if seen.contains(&u) {
                continue;
            }
            match self.s.ty(u) {
                Type::Pointer(e) | Type::Slice(e) | Type::Array { elem: e, .. } | Type::Chan { elem: e, .. } => {
                    work.push(e);
                }
                Type::Map { key, elem } => work.extend([key, elem]),
                Type::Struct(s) => {
                    let fields = self.s.struct_(s).fields;
                    work.extend(self.s.objs(fields).iter().map(|&f| self.s.obj_type(f)));
                }
                Type::Signature(s) => {
                    let sig = *self.s.sig(s);
                    work.extend(self.s.objs(sig.params).iter().map(|&v| self.s.obj_type(v)));
                    work.extend(self.s.objs(sig.results).iter().map(|&v| self.s.obj_type(v)));
                }
                Type::Interface(j) => {
                    seen.push(u);
                    work.extend(self.method_types(j));
                }
                _ => {}
            }
        }
    }

    fn method_types(&mut self, i: crate::IfaceId) -> Vec<TypeId> {
        let methods = self.s.type_set(i).methods;
        self.s.objs(methods).iter().map(|&m| self.s.obj_type(m)).collect()
    }

    /// Whether a type's size depends on type parameters. Reports types of infinite size.
    pub(crate) fn has_var_size(&mut self, t: TypeId) -> bool {
        let t = self.s.unalias(t);
        match self.s.ty(t) {
            Type::Named(n) => {
                if let Some(known) = self.s.named(n).var_size {
                    return known;
                }
                let obj = self.s.named(n).cycle_obj;
                if let Some(start) = self.path.iter().position(|&p| p == obj) {
                    let cycle: Vec<ObjId> = self.path[start..].to_vec();
                    let first = self.first_in_source(&cycle);
                    self.cycle_error(&cycle, first);
                    return true;
                }
                self.path.push(obj);
                let var = match self.s.named_rhs(n) {
                    Some(rhs) => deep(|| self.has_var_size(rhs)),
                    None => false,
                };
                self.path.pop();
                self.s.nameds[n.index()].var_size.get_or_insert(var);
                var
            }
            Type::Array { elem, .. } => deep(|| self.has_var_size(elem)),
            Type::Struct(s) => {
                let fields = self.s.struct_(s).fields;
                (0..fields.len()).any(|i| {
                    let ft = self.s.obj_type(self.s.obj_at(fields, i));
                    deep(|| self.has_var_size(ft))
                })
            }
            Type::TypeParam(_) => true,
            _ => false,
        }
    }

    /// Whether a type's definition is complete, so that its underlying type may be looked at; reports
    /// the cycle if it is not.
    pub(crate) fn is_complete(&mut self, t: TypeId) -> bool {
        let mut at = t;
        loop {
            let (obj, rhs) = match self.s.ty(at) {
                Type::Alias(a) => (self.s.alias(a).obj, self.s.alias(a).from_rhs),
                Type::Named(n) => {
                    let named = self.s.named(n);
                    if named.underlying.is_some() {
                        return true;
                    }
                    (named.cycle_obj, named.from_rhs)
                }
                _ => return true,
            };
            if let Some(start) = self.path.iter().position(|&p| p == obj) {
                let cycle: Vec<ObjId> = self.path[start..].to_vec();
                let first = self.first_in_source(&cycle);
                self.cycle_error(&cycle, first);
                return false;
            }
            match rhs {
                Some(rhs) => at = rhs,
                None => return true,
            }
        }
    }
}
