//! Struct types: what they are, and resolving them.

use std::sync::Arc;

use itab_syntax::{ExprId, ExprKind, Field, FieldList, Ident, Name};

use crate::check::Checker;
use crate::errors::codes;
use crate::object::VarKind;
use crate::types::Type;
use crate::{ObjId, ObjList, TypeId};

/// A struct's fields and tags.
#[derive(Clone, Debug, Default)]
pub struct Struct {
    /// The fields, in order.
    pub fields: ObjList,
    /// The fields' tags, unquoted; none if no field has one.
    pub tags: Option<Arc<[Arc<[u8]>]>>,
}

impl Struct {
    /// The tag of the `i`th field, empty if it has none.
    pub fn tag(&self, i: usize) -> &[u8] {
        self.tags.as_ref().map_or(&[], |tags| &tags[i])
    }
}

impl<'a> Checker<'a> {
    pub(crate) fn struct_type(&mut self, fl: FieldList) -> TypeId {
        let tree = self.tree();
        let mut fields: Vec<ObjId> = Vec::new();
        let mut tags: Vec<std::sync::Arc<[u8]>> = Vec::new();
        let mut seen: rustc_hash::FxHashMap<Name, ObjId> = Default::default();
        for f in &tree[fl.list] {
            let typ = self.var_type(f.typ);
            let tag = f.tag.map(|t| self.tag(t)).unwrap_or_default();
            if !tag.is_empty() && tags.is_empty() {
                tags.resize(fields.len(), Default::default());
            }
            let names = &tree[f.names];
            let embedded = names.is_empty();
            let ident;
            let names = if embedded {
                ident = [self.embedded_ident(f)];
                self.check_embedded_later(f.typ, typ);
                &ident[..]
            } else {
                names
            };
            for &id in names {
                let v = self.s.new_var(VarKind::Field, id.name, id.pos, Some(self.pkg), Some(typ));
                self.s.var_mut(v).embedded = embedded;
                if id.name != Name::BLANK {
                    if let Some(&alt) = seen.get(&id.name) {
                        let msg = format!("{} redeclared", self.text(id.name));
                        self.report_redeclared(id.pos, msg, alt);
                        continue;
                    }
                    seen.insert(id.name, v);
                }
                fields.push(v);
                if !tags.is_empty() || !tag.is_empty() {
                    tags.push(tag.clone());
                }
            }
        }
        let fields = self.s.new_obj_list(&fields);
        let tags = (!tags.is_empty()).then(|| tags.into());
        self.s.new_struct(Struct { fields, tags })
    }

    fn tag(&mut self, e: ExprId) -> std::sync::Arc<[u8]> {
        match self.kind(e) {
            ExprKind::BasicLit { bad: false, .. } => crate::constant::unquote(self.tree().text(e)).into(),
            _ => Default::default(),
        }
    }

    /// The name of an embedded field: that of its type.
    fn embedded_ident(&mut self, f: &Field) -> Ident {
        let tree = self.tree();
        let mut e = f.typ;
        let mut star = false;
        loop {
            match tree[e].kind {
                ExprKind::Ident(name) => return Ident { name, pos: tree[e].pos },
                ExprKind::StarExpr { x } if !star => {
                    star = true;
                    e = x;
                }
                ExprKind::SelectorExpr { sel, .. } => return sel,
                ExprKind::IndexExpr { x, .. } | ExprKind::ParenExpr { x } => e = x,
                _ => {
                    let msg = format!("invalid embedded field type {}", self.es(f.typ));
                    self.error(f.typ, codes::INVALID_SYNTAX_TREE, msg);
                    return Ident { name: Name::BLANK, pos: f.pos };
                }
            }
        }
    }

    fn check_embedded_later(&mut self, e: ExprId, typ: TypeId) {
        self.later(move |c| {
            let (t, is_ptr) = c.s.deref(typ);
            let msg = match c.s.uund(t) {
                Type::Basic(crate::BasicKind::UnsafePointer) => "embedded field type cannot be unsafe.Pointer",
                Type::Pointer(_) => "embedded field type cannot be a pointer",
                Type::Interface(_) if c.s.is_type_param(t) => {
                    let msg = "embedded field type cannot be a (pointer to a) type parameter";
                    c.error(e, codes::MISPLACED_TYPE_PARAM, msg);
                    return;
                }
                Type::Interface(_) if is_ptr => "embedded field type cannot be a pointer to an interface",
                _ => return,
            };
            c.error(e, codes::INVALID_PTR_EMBED, msg);
        });
    }
}
