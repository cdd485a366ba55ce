//! Receivers of methods.

use itab_syntax::{ExprId, ExprKind, Field, Ident, Name};

use crate::check::Checker;
use crate::errors::codes;
use crate::object::VarKind;
use crate::types::Type;
use crate::{ObjId, TypeId, TypeList};

impl<'a> Checker<'a> {
    pub(crate) fn collect_recv(&mut self, f: &'a Field) -> (ObjId, TypeList) {
        let tree = self.tree();
        let recv = unpack_recv(tree, f.typ);
        let mut rparams = TypeList::EMPTY;
        let typ = match recv.tparams {
            None => {
                let t = self.var_type(f.typ);
                self.check_alias_recv(t, recv.base)
            }
            Some(list) => {
                let (t, l) = self.generic_recv(f, recv.base, recv.ptr, list);
                rparams = l;
                t
            }
        };
        let (name, pos) = match tree[f.names].first() {
            Some(id) => (id.name, id.pos),
            None => (Name::EMPTY, f.pos),
        };
        let v = self.s.new_var(VarKind::Recv, name, pos, Some(self.pkg), Some(typ));
        let base = recv.base;
        self.later(move |c| c.valid_recv(base, v));
        (v, rparams)
    }

    /// A receiver must not reach an instantiated type through aliases.
    fn check_alias_recv(&mut self, t: TypeId, base: ExprId) -> TypeId {
        let mut at = self.unpointer(t);
        while let Type::Alias(a) = self.s.ty(at) {
            let Some(rhs) = self.s.alias(a).from_rhs else { break };
            at = self.unpointer(rhs);
            if matches!(self.s.ty(at), Type::Named(_) | Type::Alias(_)) && !self.s.type_params(at).is_empty() {
                let msg = format!("cannot define new methods on instantiated type {}", self.ts(at));
                self.error(base, codes::INVALID_RECV, msg);
                return TypeId::INVALID;
            }
        }
        t
    }

    fn unpointer(&self, mut t: TypeId) -> TypeId {
        while let Type::Pointer(base) = self.s.ty(t) {
            t = base;
        }
        t
    }

    fn generic_recv(&mut self, f: &Field, base: ExprId, ptr: bool, list: &'a [ExprId]) -> (TypeId, TypeList) {
        let tree = self.tree();
        let (t, cause) = self.generic_type(base);
        let mut base_type = None;
        match (self.s.ty(t), cause) {
            (_, Some(cause)) => self.error(base, codes::INVALID_RECV, cause),
            (Type::Named(_), _) => base_type = Some(t),
            (Type::Alias(_), _) if self.s.is_valid(t) => {
                let msg = format!("cannot define new methods on generic alias type {}", self.ts(t));
                self.error(base, codes::INVALID_RECV, msg);
            }
            _ => {}
        }
        let mut rparams = Vec::new();
        for (i, &e) in list.iter().enumerate() {
            let id = match tree[e].kind {
                ExprKind::Ident(name) => Ident { name, pos: tree[e].pos },
                ExprKind::BadExpr => Ident { name: Name::BLANK, pos: tree[e].pos },
                _ => {
                    let msg = format!("receiver type parameter {} must be an identifier", self.es(e));
                    self.error(e, codes::BAD_DECL, msg);
                    Ident { name: Name::BLANK, pos: tree[e].pos }
                }
            };
            let p = self.declare_tparam(id, i as i32);
            if let (Some(o), ExprKind::Ident(_)) = (self.s.type_name(p), tree[e].kind) {
                self.record_use(e, o);
            }
            self.record_type(e, p);
            rparams.push(p);
        }
        let rlist = self.s.new_type_list(&rparams);
        let Some(base_type) = base_type else { return (TypeId::INVALID, rlist) };
        let bparams = self.s.type_list(self.s.type_params(base_type)).to_vec();
        if bparams.len() == rparams.len() {
            for (&r, &b) in rparams.iter().zip(&bparams) {
                self.mono_canon(r, b);
                let bound = self.s.bound(b);
                let bound = self.s.substitute(bound, &bparams, &rparams);
                self.s.set_bound(r, bound);
            }
        } else {
            let n = rparams.len();
            let msg = format!(
                "receiver declares {n} type parameter{}, but receiver base type declares {}",
                if n == 1 { "" } else { "s" },
                bparams.len()
            );
            self.error(base, codes::BAD_RECV, msg);
        }
        self.verify_version(base, 18, "type instantiation");
        let pos = tree[f.typ].pos;
        let mut typ = self.instance(pos, base_type, &rparams);
        self.record_instance(base, &rparams, typ);
        if ptr && self.s.is_valid(typ) {
            typ = self.s.new_pointer(typ);
        }
        self.record_type(f.typ, typ);
        (typ, rlist)
    }

    fn valid_recv(&mut self, at: ExprId, recv: ObjId) {
        let whole = self.s.obj_type(recv);
        let (rtyp, _) = self.s.deref(whole);
        let atyp = self.s.unalias(rtyp);
        if !self.s.is_valid(atyp) {
            return;
        }
        match self.s.ty(atyp) {
            Type::Named(n) => {
                let obj = self.s.named(n).obj;
                if self.s.obj(obj).pkg != Some(self.pkg) {
                    let msg = format!("cannot define new methods on non-local type {}", self.ts(rtyp));
                    self.error(at, codes::INVALID_RECV, msg);
                    return;
                }
                let cause = match self.s.uund(atyp) {
                    Type::Basic(crate::BasicKind::UnsafePointer) => "unsafe.Pointer",
                    Type::Pointer(_) | Type::Interface(_) => "pointer or interface type",
                    _ => return,
                };
                let msg = format!("invalid receiver type {} ({cause})", self.ts(rtyp));
                self.error(at, codes::INVALID_RECV, msg);
            }
            Type::Basic(_) => {
                let msg = format!("cannot define new methods on non-local type {}", self.ts(rtyp));
                self.error(at, codes::INVALID_RECV, msg);
            }
            _ => {
                let msg = format!("invalid receiver type {}", self.ts(whole));
                self.error(at, codes::INVALID_RECV, msg);
            }
        }
    }
}

/// A receiver type taken apart: `*B[P, Q]`.
pub(crate) struct Recv<'t> {
    pub(crate) ptr: bool,
    pub(crate) base: ExprId,
    pub(crate) tparams: Option<&'t [ExprId]>,
}

/// Takes a receiver's type expression apart.
pub(crate) fn unpack_recv(tree: &itab_syntax::Tree, typ: ExprId) -> Recv<'_> {
    let mut base = tree.unparen(typ);
    let mut ptr = false;
    if let ExprKind::StarExpr { x } = tree[base].kind {
        ptr = true;
        base = tree.unparen(x);
    }
    match tree[base].kind {
        ExprKind::IndexExpr { x, indices, .. } => Recv { ptr, base: x, tparams: Some(&tree[indices]) },
        _ => Recv { ptr, base, tparams: None },
    }
}
