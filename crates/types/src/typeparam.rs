//! Declaring type parameters and resolving their constraints.

use itab_syntax::{ExprId, ExprKind, FieldList, Ident, Op};

use crate::check::Checker;
use crate::errors::codes;
use crate::interface::Interface;
use crate::object::{ObjKind, Object};
use crate::{TypeId, TypeList};

impl<'a> Checker<'a> {
    pub(crate) fn declare_tparam(&mut self, id: Ident, index: i32) -> TypeId {
        let o = self.s.new_obj(Object::new(ObjKind::TypeName, id.name, id.pos, Some(self.pkg)));
        let t = self.s.new_tparam(o, index, TypeId::INVALID);
        self.declare(self.env.scope, id, o);
        t
    }

    /// Declares type parameters in the current scope; their constraints are still open.
    pub(crate) fn declare_tparams(&mut self, fl: FieldList) -> TypeList {
        let tree = self.tree();
        let mut list = Vec::new();
        for f in &tree[fl.list] {
            for &id in &tree[f.names] {
                let i = list.len() as i32;
                list.push(self.declare_tparam(id, i));
            }
        }
        self.s.new_type_list(&list)
    }

    /// Resolves the constraints of declared type parameters.
    pub(crate) fn resolve_bounds(&mut self, fl: FieldList, list: TypeList) {
        let tree = self.tree();
        let saved = std::mem::replace(&mut self.env.in_tparam_list, true);
        let mut i = 0;
        for f in &tree[fl.list] {
            let mut bound = self.bound_type(f.typ);
            if self.s.is_type_param(bound) {
                self.error(f.typ, codes::MISPLACED_TYPE_PARAM, "cannot use a type parameter as constraint");
                bound = TypeId::INVALID;
            }
            for _ in 0..f.names.len() {
                let p = self.s.type_at(list, i);
                self.s.set_bound(p, bound);
                i += 1;
            }
        }
        self.env.in_tparam_list = saved;
    }

    /// A constraint: `~T` and `A | B` stand for an interface with that element.
    fn bound_type(&mut self, e: ExprId) -> TypeId {
        match self.kind(e) {
            ExprKind::UnaryExpr { op: Op::Tilde, .. } | ExprKind::BinaryExpr { op: Op::Or, .. } => {
                let pos = self.pos(e);
                let (t, id) = self.s.new_interface(Interface { implicit: true, ..Interface::default() });
                let elem = self.parse_union(e);
                let embeddeds = self.s.new_type_list(&[elem]);
                let i = &mut self.s.ifaces[id.index()];
                i.embeddeds = embeddeds;
                i.embed_pos = vec![pos];
                i.complete = true;
                self.later(move |c| c.check_interface(t));
                t
            }
            _ => self.typ(e),
        }
    }
}
