//! Selectors `x.f`: qualified identifiers, fields, method values and method expressions.

use itab_syntax::{ExprId, ExprKind, Ident, Name};

use crate::check::Checker;
use crate::errors::codes;
use crate::info::{Mode, Selection, SelectionKind};
use crate::lookup::Lookup;
use crate::object::{ObjKind, VarKind};
use crate::operand::Operand;
use crate::signature::{RecvOld, Signature};
use crate::types::Type;
use crate::{ObjId, PkgId, TypeId};

impl<'a> Checker<'a> {
    /// Checks `x.sel`. With `want_type` only a type will do.
    pub(crate) fn selector(&mut self, x: &mut Operand, e: ExprId, want_type: bool) {
        *x = Operand { expr: Some(e), ..Operand::default() };
        let ExprKind::SelectorExpr { x: operand, sel, .. } = self.kind(e) else { return };
        if let ExprKind::Ident(name) = self.kind(operand)
            && let Some(o) = self.lookup(name)
            && let ObjKind::PkgName { imported, used } = &mut self.s.obj_mut(o).kind
        {
            *used = true;
            let imported = *imported;
            self.record_use(operand, o);
            self.qualified_ident(x, e, sel, imported);
            return;
        }
        self.expr_or_type(x, operand, false);
        match x.mode {
            Mode::Invalid => {}
            Mode::Builtin => {
                let msg = format!("invalid use of {} in selector expression", self.os(x));
                let at = self.node_pos(e);
                self.error(at, codes::UNCALLED_BUILTIN, msg);
                x.invalidate();
            }
            _ => self.select(x, e, operand, sel, want_type),
        }
        if !x.is_valid() {
            x.typ = TypeId::INVALID;
        }
        x.expr = Some(e);
    }

    /// `pkg.sel`
    fn qualified_ident(&mut self, x: &mut Operand, e: ExprId, sel: Ident, pkg: PkgId) {
        let scope = self.s.pkg(pkg).scope;
        // As with gc, what is not exported might as well not exist.
        let exported = self.s.is_exported(sel.name);
        let Some(o) = self.s.scope(scope).lookup(sel.name).filter(|_| exported) else {
            if !self.s.pkg(pkg).fake && sel.name != Name::BLANK {
                let mut msg = format!("undefined: {}", self.es(e));
                if let Some(alt) = self.lookup_ignoring_case(scope, sel.name) {
                    msg = format!("{msg} (but have {})", self.name_of(alt));
                }
                self.error(sel, codes::UNDECLARED_IMPORTED_NAME, msg);
            }
            return;
        };
        self.record_use(e, o);
        let obj = self.s.obj(o);
        x.typ = obj.typ.unwrap_or(TypeId::INVALID);
        match &obj.kind {
            ObjKind::Const(v) => {
                x.mode = Mode::Constant;
                x.val = v.clone();
            }
            ObjKind::TypeName => x.mode = Mode::TypExpr,
            ObjKind::Var(_) => x.mode = Mode::Variable,
            ObjKind::Func(_) => x.mode = Mode::Value,
            ObjKind::Builtin(id) => {
                x.mode = Mode::Builtin;
                x.builtin = *id;
            }
            _ => {}
        }
        if !self.s.is_valid(x.typ) && x.mode != Mode::Builtin {
            x.invalidate();
        }
    }

    /// The first exported object of a scope whose name is the same but for case.
    fn lookup_ignoring_case(&self, scope: crate::ScopeId, name: Name) -> Option<ObjId> {
        let name = self.text(name).to_lowercase();
        let mut found: Vec<_> = self
            .s
            .scope(scope)
            .iter()
            .map(|(n, o)| (self.text(n), o))
            .filter(|(n, _)| crate::is_exported(n) && n.to_lowercase() == name)
            .collect();
        found.sort();
        found.first().map(|f| f.1)
    }

    fn select(&mut self, x: &mut Operand, e: ExprId, operand: ExprId, sel: Ident, want_type: bool) {
        if !self.is_complete(x.typ) {
            return x.invalidate();
        }
        if want_type {
            let msg = format!("{} is not a type", self.es(e));
            self.error(sel, codes::NOT_A_TYPE, msg);
            return x.invalidate();
        }
        if let Type::Pointer(base) = self.s.uund(x.typ)
            && !self.is_complete(base)
        {
            return x.invalidate();
        }
        let addressable = x.mode == Mode::Variable;
        let found = self.s.lookup_field_or_method(x.typ, addressable, Some(self.pkg), sel.name, false);
        let Some(o) = found.obj else {
            self.selector_error(x, sel, &found, addressable);
            return x.invalidate();
        };
        if let ObjKind::Var(_) = self.s.obj(o).kind {
            self.select_field(x, e, operand, sel, found, o);
        } else {
            self.select_method(x, e, operand, found, o);
        }
    }

    fn selector_error(&mut self, x: &Operand, sel: Ident, found: &Lookup, addressable: bool) {
        let u = self.s.under(x.typ);
        if !self.s.is_valid(u) {
            return;
        }
        let name = self.text(sel.name).to_string();
        let operand = self.operand_expr(x);
        if !found.index.is_empty() {
            let msg = format!("ambiguous selector {operand}.{name}");
            self.error(sel, codes::AMBIGUOUS_SELECTOR, msg);
            return;
        }
        if found.indirect {
            let t = self.ts(x.typ);
            let msg = if x.mode == Mode::TypExpr {
                format!("invalid method expression {t}.{name} (needs pointer receiver (*{t}).{name})")
            } else {
                format!("cannot call pointer method {name} on {t}")
            };
            self.error(sel, codes::INVALID_METHOD_EXPR, msg);
            return;
        }
        let why = if self.is_interface_ptr(x.typ) {
            self.interface_ptr_error(x.typ)
        } else {
            let alt = self.s.lookup_field_or_method(x.typ, addressable, Some(self.pkg), sel.name, true);
            self.lookup_error(x.typ, &name, alt.obj, false)
        };
        let msg = format!("{operand}.{name} undefined ({why})");
        self.error(sel, codes::MISSING_FIELD_OR_METHOD, msg);
    }

    fn select_field(&mut self, x: &mut Operand, e: ExprId, operand: ExprId, sel: Ident, found: Lookup, o: ObjId) {
        if x.mode == Mode::TypExpr {
            let msg =
                format!("operand for field selector {} must be value of type {}", self.text(sel.name), self.ts(x.typ));
            self.error(operand, codes::MISSING_FIELD_OR_METHOD, msg);
            return x.invalidate();
        }
        x.mode = if x.mode == Mode::Variable || found.indirect { Mode::Variable } else { Mode::Value };
        let recv = x.typ;
        x.typ = self.s.obj_type(o);
        let sel =
            Selection { kind: SelectionKind::FieldVal, recv, obj: o, index: found.index, indirect: found.indirect };
        self.record_selection(e, sel);
        if !self.s.is_valid(x.typ) {
            x.invalidate();
        }
    }

    fn select_method(&mut self, x: &mut Operand, e: ExprId, operand: ExprId, found: Lookup, o: ObjId) {
        let sig = self.func_sig(o);
        let sig = *self.s.sig(sig);
        self.add_decl_dep(o);
        let recv = x.typ;
        let is_type = x.mode == Mode::TypExpr;
        let kind = if is_type { SelectionKind::MethodExpr } else { SelectionKind::MethodVal };
        if !is_type && x.mode == Mode::Variable && !found.indirect && self.s.has_ptr_recv(o) {
            // x.m is (&x).m if m has a pointer receiver.
            self.mark_addr_taken(operand);
        }
        let selection = Selection { kind, recv, obj: o, index: found.index, indirect: found.indirect };
        self.record_selection(e, selection);
        let typ = if is_type {
            let Some(decl_recv) = sig.recv else {
                self.error(e, codes::INVALID_DECL_CYCLE, "illegal cycle in method declaration");
                return x.invalidate();
            };
            self.method_expr_type(&sig, decl_recv, recv)
        } else {
            let recv_old = sig.recv.map(RecvOld::Dropped);
            self.s.new_signature(Signature { recv: None, recv_old, ..sig })
        };
        x.set_value(typ);
    }

    /// The type of `T.m`: the receiver is the first parameter.
    fn method_expr_type(&mut self, sig: &Signature, decl_recv: ObjId, recv: TypeId) -> TypeId {
        let mut params = self.s.objs(sig.params).to_vec();
        let r = self.s.obj(decl_recv).clone();
        // Parameters have names all or none.
        let named = params.first().is_some_and(|&p| self.s.obj(p).name != Name::EMPTY);
        let name = match r.name {
            _ if !named => Name::EMPTY,
            Name::EMPTY => Name::BLANK,
            name => name,
        };
        params.insert(0, self.s.new_var(VarKind::Param, name, r.pos, r.pkg, Some(recv)));
        let params = self.s.new_obj_list(&params);
        self.s.new_signature(Signature {
            tparams: sig.tparams,
            params,
            results: sig.results,
            variadic: sig.variadic,
            recv_old: Some(RecvOld::FirstParam),
            ..Signature::default()
        })
    }
}
