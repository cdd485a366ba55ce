//! `//go:linkname`: functions and variables that another package provides.
//!
//! A directive on something with a body *pushes* it to a symbol, one on a body-less function or on a variable *pulls*
//! the symbol; the form without a target only permits either. Symbols are gc's: `runtime.f`, `net/url.(*URL).setPath`.

use crate::program::FuncId;
use crate::world::{Res, World, fail};
use itab_types::{ObjId, ObjKind};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The links of a program.
#[derive(Default)]
pub(crate) struct Links {
    pushed: FxHashMap<String, ObjId>,
    pulled: FxHashMap<ObjId, String>,
}

impl World {
    /// Reads all directives; called once, and again when packages were added.
    pub(crate) fn collect_links(&mut self) {
        for p in self.store.packages() {
            let pkg = self.store.pkg(p);
            let mut found = vec![];
            for f in &pkg.files {
                for l in &f.file.linknames {
                    if let (Some(obj), Some(sym)) = (self.store.scope(pkg.scope).lookup(l.local), &l.target) {
                        found.push((obj, sym.clone()));
                    }
                }
            }
            for (obj, sym) in found {
                if self.decl_body(obj).is_some() {
                    self.links.pushed.insert(sym, obj);
                } else {
                    self.links.pulled.insert(obj, sym);
                }
            }
        }
    }

    fn symbol_of(&self, obj: ObjId) -> String {
        if let Some(s) = self.links.pulled.get(&obj) {
            return s.clone();
        }
        let o = self.store.obj(obj);
        format!("{}.{}", self.pkg_path(o.pkg), self.store.text(o.name))
    }

    /// Whether another package names a variable by a directive.
    pub(crate) fn is_pulled(&self, obj: ObjId) -> bool {
        let symbol = self.symbol_of(obj);
        self.links.pulled.values().any(|s| *s == symbol) || self.links.pushed.values().any(|&o| o == obj)
    }

    /// What the natives call a function without a body.
    pub(crate) fn native_name(&self, obj: ObjId) -> Arc<str> {
        self.symbol_of(obj).into()
    }

    /// The function that provides a body-less one.
    pub(crate) fn linked_func(&mut self, obj: ObjId) -> Option<ObjId> {
        let sym = self.symbol_of(obj);
        self.provider(&sym)
    }

    /// The variable that a pulled one stands for.
    pub(crate) fn linked_var(&mut self, obj: ObjId) -> Option<ObjId> {
        let sym = self.links.pulled.get(&obj)?.clone();
        let found = self.object_of_symbol(&sym)?;
        self.store.obj(found).as_var().map(|_| found)
    }

    /// What provides a symbol: a function pushed to it, or the one that has that name.
    fn provider(&mut self, sym: &str) -> Option<ObjId> {
        if let Some(&obj) = self.links.pushed.get(sym) {
            return Some(obj);
        }
        let obj = self.object_of_symbol(sym)?;
        matches!(self.store.obj(obj).kind, ObjKind::Func(_)).then_some(obj)
    }

    fn object_of_symbol(&mut self, sym: &str) -> Option<ObjId> {
        let slash = sym.rfind('/').map_or(0, |i| i + 1);
        let dot = slash + sym[slash..].find('.')?;
        let (path, rest) = (&sym[..dot], &sym[dot + 1..]);
        match rest.rsplit_once('.') {
            None => self.lookup(path, rest),
            Some((typ, method)) => {
                let typ = typ.trim_start_matches("(*").trim_end_matches(')');
                let t = self.store.obj_type(self.lookup(path, typ)?);
                let n = self.store.as_named(t)?;
                let name = self.store.names().get(method)?;
                let methods: Vec<_> = (0..self.store.num_methods(n)).map(|i| self.store.method(t, n, i)).collect();
                methods.into_iter().find(|&m| self.store.obj(m).name == name)
            }
        }
    }

    /// The function behind a symbol that the compiler itself needs, such as `runtime.mapaccess1`.
    pub fn linkname(&mut self, sym: &str) -> Res<FuncId> {
        match self.provider(sym) {
            Some(obj) => self.declare(obj, crate::generic::EnvId::EMPTY),
            None => fail(0, format!("no package provides {sym}")),
        }
    }
}
