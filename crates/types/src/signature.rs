//! Function types: receiver, type parameters, parameters and results; and resolving them.

use itab_syntax::{ExprKind, FieldList, FuncTypeId, Name};
use smallvec::SmallVec;

use crate::check::Checker;
use crate::errors::codes;
use crate::object::VarKind;
use crate::types::Type;
use crate::{ObjId, ObjList, ScopeId, TypeId, TypeList};

/// A function type's parts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signature {
    /// The receiver of a method.
    pub recv: Option<ObjId>,
    /// The receiver's type parameters, left to right.
    pub rparams: TypeList,
    /// Type parameters of a generic function or method.
    pub tparams: TypeList,
    /// Parameters; a variadic one has its slice type.
    pub params: ObjList,
    /// Results.
    pub results: ObjList,
    /// Whether the last parameter is `...T`.
    pub variadic: bool,
    /// The scope that holds the parameters, for declared functions and literals.
    pub(crate) scope: Option<ScopeId>,
    /// Receiver that selecting a generic method took away; it is needed to record the instance.
    pub(crate) recv_old: Option<RecvOld>,
}

/// Where the receiver of a selected generic method went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RecvOld {
    /// It was dropped: `x.m`.
    Dropped(ObjId),
    /// It became the first parameter: `T.m`.
    FirstParam,
}

impl<'a> Checker<'a> {
    /// The type of a function, with its parameters declared in a scope of their own, which is the
    /// signature's. A receiver is the first field of `recv`.
    pub(crate) fn func_type(&mut self, recv: Option<FieldList>, f: FuncTypeId) -> TypeId {
        let t = self.s.new_signature(Signature::default());
        self.func_type_into(t, recv, f);
        t
    }

    /// The same into a signature that exists already (a declared function's, against cycles).
    pub(crate) fn func_type_into(&mut self, t: TypeId, recv: Option<FieldList>, f: FuncTypeId) {
        let Type::Signature(id) = self.s.ty(t) else { return };
        let tree = self.tree();
        let ft = tree[f];
        self.open_scope(ft.pos);
        let scope = self.env.scope;
        self.s.scopes[scope.index()].is_func = true;
        self.s.sigs[id.index()].scope = Some(scope);

        let mut rvar = None;
        if let Some(r) = recv.and_then(|r| tree[r.list].first()) {
            let (v, rparams) = self.collect_recv(r);
            rvar = Some(v);
            self.s.sigs[id.index()].rparams = rparams;
        }
        if let Some(tp) = ft.tparams {
            let list = self.declare_tparams(tp);
            self.s.sigs[id.index()].tparams = list;
            self.resolve_bounds(tp, list);
        }
        let (params, variadic) = self.collect_params(VarKind::Param, ft.params);
        let (results, _) = self.collect_params(VarKind::Result, ft.results);

        if let (Some(v), Some(r)) = (rvar, recv.and_then(|r| tree[r.list].first()))
            && let Some(&id) = tree[r.names].first()
        {
            self.declare(scope, id, v);
        }
        self.declare_params(ft.params, &params);
        self.declare_params(ft.results, &results);
        self.close_scope();

        let params = self.s.new_obj_list(&params);
        let results = self.s.new_obj_list(&results);
        let sig = &mut self.s.sigs[id.index()];
        sig.recv = rvar;
        sig.params = params;
        sig.results = results;
        sig.variadic = variadic;
    }

    fn collect_params(&mut self, kind: VarKind, fl: FieldList) -> (SmallVec<[ObjId; 8]>, bool) {
        let tree = self.tree();
        let mut out: SmallVec<[ObjId; 8]> = SmallVec::new();
        let mut variadic = false;
        let fields = &tree[fl.list];
        for (i, f) in fields.iter().enumerate() {
            let mut e = f.typ;
            if let ExprKind::Ellipsis { elt } = tree[e].kind {
                let last = i + 1 == fields.len() && f.names.len() <= 1;
                if kind == VarKind::Param && last {
                    variadic = true;
                } else {
                    let msg = "can only use ... with final parameter in list";
                    self.error(e, codes::BAD_DOT_DOT_DOT_SYNTAX, msg);
                }
                match elt {
                    Some(t) => e = t,
                    None => continue,
                }
            }
            let mut typ = self.var_type(e);
            if variadic {
                typ = self.s.new_slice(typ);
                self.record_type(f.typ, typ);
            }
            let names = &tree[f.names];
            if names.is_empty() {
                let v = self.s.new_var(kind, Name::EMPTY, f.pos, Some(self.pkg), Some(typ));
                self.s.var_mut(v).owner = self.env.lit;
                out.push(v);
            }
            for id in names {
                let v = self.s.new_var(kind, id.name, id.pos, Some(self.pkg), Some(typ));
                self.s.var_mut(v).owner = self.env.lit;
                out.push(v);
            }
        }
        (out, variadic)
    }

    fn declare_params(&mut self, fl: FieldList, vars: &[ObjId]) {
        let tree = self.tree();
        let mut vars = vars.iter();
        for f in &tree[fl.list] {
            let names = &tree[f.names];
            if names.is_empty() {
                vars.next();
            }
            for &id in names {
                if let Some(&v) = vars.next() {
                    self.declare(self.env.scope, id, v);
                }
            }
        }
    }
}
