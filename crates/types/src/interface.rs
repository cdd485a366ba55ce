//! Interface types: what their source says. What follows from it is in `typeset`.

use itab_syntax::{ExprId, FieldList, Name, Pos, Span};

use crate::check::Checker;
use crate::errors::codes;
use crate::object::{Func, ObjKind, Object, VarKind};
use crate::types::Type;
use crate::typeset::{Terms, TypeSet};
use crate::union::{MAX_TERMS, too_many_terms};
use crate::{ObjId, ObjList, TypeId, TypeList};

/// An interface's methods, embedded elements and type set.
#[derive(Clone, Debug, Default)]
pub struct Interface {
    /// Methods written in it, sorted.
    pub methods: ObjList,
    /// Embedded elements, in order.
    pub embeddeds: TypeList,
    /// The positions of the embedded elements.
    pub(crate) embed_pos: Vec<Pos>,
    /// Whether it stands for a bare constraint: `~T`, `A | B` or a type that is no interface.
    pub implicit: bool,
    /// Whether methods and embedded elements are set.
    pub(crate) complete: bool,
    /// The type set, once computed.
    pub(crate) tset: Option<TypeSet>,
    /// The type `comparable` itself.
    pub(crate) is_comparable: bool,
}

/// The methods of an interface by what tells them apart, and where each comes from.
type Methods = rustc_hash::FxHashMap<(Name, Option<crate::PkgId>), (ObjId, Pos)>;

impl<'a> Checker<'a> {
    pub(crate) fn interface_type(&mut self, e: ExprId, fl: FieldList, def: Option<ObjId>) -> TypeId {
        let tree = self.tree();
        if fl.list.is_empty() {
            return TypeId::EMPTY_INTERFACE;
        }
        let (t, id) = self.s.new_interface(Interface::default());
        let recv_type = match def.and_then(|o| self.s.obj(o).typ) {
            Some(d) if matches!(self.s.ty(d), Type::Named(_)) => d,
            _ => t,
        };
        let mut methods: Vec<ObjId> = Vec::new();
        let mut embeddeds: Vec<TypeId> = Vec::new();
        let mut embed_pos: Vec<Pos> = Vec::new();
        for f in &tree[fl.list] {
            let Some(&name) = tree[f.names].first() else {
                embed_pos.push(tree[f.typ].pos);
                let elem = self.parse_union(f.typ);
                embeddeds.push(elem);
                continue;
            };
            if name.name == Name::BLANK {
                self.error(name, codes::BLANK_IFACE_METHOD, "methods must have a unique non-blank name");
                continue;
            }
            let sig = self.typ(f.typ);
            let Type::Signature(sid) = self.s.ty(sig) else { continue };
            let recv = self.s.new_var(VarKind::Recv, Name::EMPTY, name.pos, Some(self.pkg), Some(recv_type));
            self.s.sigs[sid.index()].recv = Some(recv);
            let func = Func { is_method: true, ..Func::default() };
            let mut m = Object::new(ObjKind::Func(func), name.name, name.pos, Some(self.pkg));
            m.typ = Some(sig);
            let m = self.s.new_obj(m);
            methods.push(m);
        }
        if !methods.is_empty() && def.is_none() {
            let at = self.pos(e);
            self.later(move |c| c.check_anonymous_cycle(at, t));
        }
        let dup_check: Vec<ObjId> = methods.clone();
        self.s.sort_methods(&mut methods);
        let mut unique: Vec<ObjId> = Vec::with_capacity(methods.len());
        for m in methods {
            match unique.last() {
                Some(&u) if self.s.same_id(u, m) => {}
                _ => unique.push(m),
            }
        }
        let methods = self.s.new_obj_list(&unique);
        let embeddeds = self.s.new_type_list(&embeddeds);
        let i = &mut self.s.ifaces[id.index()];
        i.methods = methods;
        i.embeddeds = embeddeds;
        i.embed_pos = embed_pos;
        i.complete = true;
        if embeddeds.is_empty() {
            i.tset = Some(TypeSet { methods, terms: Terms::All, comparable: false });
        }
        if dup_check.len() != methods.len() {
            self.later(move |c| c.report_duplicate_methods(&dup_check));
        }
        if !embeddeds.is_empty() {
            self.later(move |c| c.check_interface(t));
        }
        t
    }

    fn report_duplicate_methods(&mut self, methods: &[ObjId]) {
        for (i, &m) in methods.iter().enumerate() {
            if let Some(&first) = methods[..i].iter().find(|&&o| self.s.obj(o).name == self.s.obj(m).name) {
                self.report_duplicate_method(self.s.obj(m).pos, self.s.obj(first).pos, m);
            }
        }
    }

    fn report_duplicate_method(&mut self, at: Pos, other: Pos, m: ObjId) {
        let name = self.name_of(m).to_string();
        let parts = vec![
            (Span::at(at), format!("duplicate method {name}")),
            (Span::at(other), format!("other declaration of method {name}")),
        ];
        self.report(codes::DUPLICATE_DECL, parts);
    }

    /// Computes an interface's type set and reports what is wrong with its embedded elements.
    pub(crate) fn check_interface(&mut self, t: TypeId) {
        let Type::Interface(id) = self.s.ty(t) else { return };
        self.s.type_set(id);
        let own = self.s.iface(id).methods;
        let embeddeds = self.s.iface(id).embeddeds;
        let mut all = Methods::default();
        for k in 0..own.len() {
            let m = self.s.obj_at(own, k);
            all.insert(self.s.method_key(m), (m, self.s.obj(m).pos));
        }
        for k in 0..embeddeds.len() {
            let e = self.s.type_at(embeddeds, k);
            let pos = self.s.iface(id).embed_pos.get(k).copied().unwrap_or_default();
            match self.s.uund(e) {
                Type::Interface(i) => {
                    if self.is_imported_constraint(e)
                        && !self.allow_version(18)
                        && !self.verify_version(pos, 18, &format!("embedding constraint interface {}", self.ts(e)))
                    {
                        continue;
                    }
                    let methods = self.s.type_set(i).methods;
                    for j in 0..methods.len() {
                        let m = self.s.obj_at(methods, j);
                        self.add_embedded_method(&mut all, m, pos);
                    }
                }
                Type::Union(l) => {
                    if matches!(self.s.union_terms(l), Terms::Of(l) if l.len() > MAX_TERMS) {
                        self.error(pos, codes::INVALID_UNION, too_many_terms());
                    }
                    if !self.allow_version(18) {
                        self.version_error(pos, 18, &format!("embedding interface element {}", self.ts(e)));
                    }
                }
                Type::Basic(crate::BasicKind::Invalid) => {}
                _ => {
                    if !self.allow_version(18) {
                        self.version_error(pos, 18, &format!("embedding non-interface type {}", self.ts(e)));
                    }
                }
            }
        }
    }

    fn add_embedded_method(&mut self, all: &mut Methods, m: ObjId, pos: Pos) {
        let Some(&(other, at)) = all.get(&self.s.method_key(m)) else {
            all.insert(self.s.method_key(m), (m, pos));
            return;
        };
        if other == m && self.allow_version(14) {
            return;
        }
        self.later(move |c| {
            let (x, y) = (c.s.obj_type(m), c.s.obj_type(other));
            if !c.allow_version(14) || !c.s.identical(x, y) {
                c.report_duplicate_method(pos, at, m);
            }
        });
    }

    /// Whether it is a constraint interface of another package.
    pub(crate) fn is_imported_constraint(&mut self, t: TypeId) -> bool {
        let Some(n) = self.s.as_named(t) else { return false };
        let pkg = self.s.obj(self.s.named(n).obj).pkg;
        if pkg.is_none() || pkg == Some(self.pkg) {
            return false;
        }
        match self.s.uund(t) {
            Type::Interface(i) => !self.s.type_set(i).is_method_set(),
            _ => false,
        }
    }
}
