//! Types of infinite size: `type T struct{ f T }`.
//!
//! The search follows array elements, struct fields and embedded interface elements, and remembers the
//! named types it is nested in. A type parameter stands for the type argument of the instance it is met
//! in, so the search continues there, one level further out. A generic type is entered once for each instance on the way.

use rustc_hash::FxHashSet;

use crate::check::Checker;
use crate::stack::deep;
use crate::types::Type;
use crate::{ObjId, TypeId};

struct Search {
    nest: Vec<TypeId>,
    path: Vec<TypeId>,
    /// How many instances are in the nest.
    instances: u32,
}

/// Types that were found valid. What is in here mentions no type parameters, so it is valid anywhere.
pub(crate) type ValidTypes = FxHashSet<TypeId>;

/// So many instances inside each other are runaway instantiation, which has its own check.
const MAX_INSTANCES: u32 = 100;

impl<'a> Checker<'a> {
    /// Reports it if a named type contains itself.
    pub(crate) fn valid_type(&mut self, t: TypeId) {
        let mut s = Search { nest: Vec::new(), path: Vec::new(), instances: 0 };
        self.valid_type0(t, &mut s);
    }

    fn valid_type0(&mut self, t: TypeId, s: &mut Search) -> bool {
        let t = self.s.unalias(t);
        match self.s.ty(t) {
            Type::Array { elem, .. } => deep(|| self.valid_type0(elem, s)),
            Type::Struct(id) => {
                let fields = self.s.struct_(id).fields;
                (0..fields.len()).all(|i| {
                    let ft = self.s.obj_type(self.s.obj_at(fields, i));
                    deep(|| self.valid_type0(ft, s))
                })
            }
            Type::Union(l) => (0..l.len()).all(|i| {
                let ft = self.s.terms(l)[i].typ;
                self.valid_type0(ft, s)
            }),
            Type::Interface(id) => {
                let l = self.s.iface(id).embeddeds;
                (0..l.len()).all(|i| {
                    let e = self.s.type_at(l, i);
                    deep(|| self.valid_type0(e, s))
                })
            }
            Type::Named(n) => {
                let obj = self.s.named(n).obj;
                let is_inst = self.s.named(n).orig.is_some();
                // A plain type of a complete package is no news.
                if self.valid_types.contains(&t) || !is_inst && self.s.obj(obj).pkg != Some(self.pkg) {
                    return true;
                }
                if s.nest.contains(&t) {
                    return self.report_infinite(t, s);
                }
                if s.instances > MAX_INSTANCES {
                    return true;
                }
                let orig = self.s.origin(t);
                let Type::Named(o) = self.s.ty(orig) else { return true };
                let Some(rhs) = self.s.named_rhs(o) else { return true };
                s.nest.push(t);
                s.path.push(t);
                s.instances += u32::from(is_inst);
                let ok = deep(|| self.valid_type0(rhs, s));
                s.instances -= u32::from(is_inst);
                s.nest.pop();
                s.path.pop();
                if ok && (!is_inst || !self.is_parameterized(&[], t)) {
                    self.valid_types.insert(t);
                }
                ok
            }
            Type::TypeParam(_) => {
                let Some(&inst) = s.nest.last() else { return true };
                let (tparams, targs) = (self.s.type_params(inst), self.s.type_args(inst));
                let Some(i) = self.s.type_list(tparams).iter().position(|&p| p == t) else {
                    return true;
                };
                if i >= targs.len() {
                    return true;
                }
                let targ = self.s.type_at(targs, i);
                s.nest.pop();
                let ok = deep(|| self.valid_type0(targ, s));
                s.nest.push(inst);
                ok
            }
            _ => true,
        }
    }

    fn report_infinite(&mut self, t: TypeId, s: &Search) -> bool {
        if let Type::Named(o) = self.s.ty(self.s.origin(t)) {
            let named = &mut self.s.nameds[o.index()];
            named.from_rhs = Some(TypeId::INVALID);
            named.underlying = Some(TypeId::INVALID);
        }
        let start = (0..s.path.len()).find(|&i| self.s.identical(s.path[i], t)).unwrap_or(0);
        let cycle: Vec<ObjId> =
            s.path[start..].iter().filter_map(|&t| self.s.as_named(t).map(|n| self.s.named(n).cycle_obj)).collect();
        self.cycle_error(&cycle, 0);
        false
    }
}
