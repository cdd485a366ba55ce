//! Method sets: all methods of a type with the paths to them, promoted ones included.

use itab_syntax::Name;
use rustc_hash::FxHashSet;

use crate::info::{Selection, SelectionKind};
use crate::object::ObjKind;
use crate::store::Store;
use crate::types::Type;
use crate::{PkgId, TypeId};

impl Store {
    /// The method set of a type, sorted as in type descriptors: exported methods first, then by name,
    /// then by package path. Generic methods are in it like others.
    pub fn method_set(&mut self, t: TypeId) -> Vec<Selection> {
        let mut names: Vec<(Name, Option<PkgId>)> = Vec::new();
        let mut seen = FxHashSet::default();
        let (base, _) = self.deref(t);
        self.collect_method_names(base, &mut names, &mut seen, 0);
        let mut out: Vec<Selection> = Vec::new();
        for (name, pkg) in names {
            let found = self.lookup_field_or_method(t, false, pkg, name, false);
            let Some(obj) = found.obj else { continue };
            if !matches!(self.obj(obj).kind, ObjKind::Func(_)) || out.iter().any(|s| s.obj == obj) {
                continue;
            }
            out.push(Selection {
                kind: SelectionKind::MethodVal,
                recv: t,
                obj,
                index: found.index,
                indirect: found.indirect,
            });
        }
        out.sort_by(|a, b| self.compare_methods(a.obj, b.obj));
        out
    }

    fn collect_method_names(
        &mut self,
        t: TypeId,
        out: &mut Vec<(Name, Option<PkgId>)>,
        seen: &mut FxHashSet<TypeId>,
        depth: u32,
    ) {
        let t = self.unalias(t);
        if !seen.insert(t) || depth > 64 {
            return;
        }
        if let Type::Named(n) = self.ty(t) {
            let orig = self.origin_id(n);
            let pkg = self.obj(self.named(orig).obj).pkg;
            for i in 0..self.named(orig).methods.len() {
                let name = self.named(orig).methods[i].0;
                self.add_name(out, name, pkg);
            }
        }
        match self.uund(t) {
            Type::Struct(s) => {
                let fields = self.struct_(s).fields;
                for i in 0..fields.len() {
                    let f = self.obj_at(fields, i);
                    if self.obj(f).is_embedded() {
                        let (ft, _) = self.deref(self.obj_type(f));
                        self.collect_method_names(ft, out, seen, depth + 1);
                    }
                }
            }
            Type::Interface(i) => {
                let methods = self.type_set(i).methods;
                for k in 0..methods.len() {
                    let m = self.obj(self.obj_at(methods, k));
                    let (name, pkg) = (m.name, m.pkg);
                    self.add_name(out, name, pkg);
                }
            }
            _ => {}
        }
    }

    fn add_name(&mut self, out: &mut Vec<(Name, Option<PkgId>)>, name: Name, pkg: Option<PkgId>) {
        let exported = self.is_exported(name);
        if !out.iter().any(|&(n, p)| n == name && (exported || p == pkg)) {
            out.push((name, pkg));
        }
    }
}
