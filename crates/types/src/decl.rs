//! Resolving declarations, at package level when first mentioned and in functions in order.
//!
//! An object being resolved stands on the checker's path. Meeting it again is a cycle, which is fine
//! when it passes through a type definition (`type T struct{ next *T }`) and an error when it passes
//! through values only by way of types (`var x [len(x)]int`) or through aliases alone.

use itab_syntax::{ConstSpec, DeclTok, ExprId, FuncDeclId, GenDecl, Ident, Pos, SpecId, SpecKind, TypeSpec, VarSpec};
use rustc_hash::FxHashSet;

use crate::check::{Checker, Env};
use crate::constant::Value;
use crate::errors::codes;
use crate::object::{ObjKind, Object, VarKind};
use crate::operand::{AssignTarget, Operand};
use crate::package::GoVersion;
use crate::signature::Signature;
use crate::stack::deep;
use crate::types::Type;
use crate::{ObjId, ScopeId, TypeId};

/// A package-level declaration.
pub(crate) struct DeclInfo {
    /// Index of the file in its package.
    pub(crate) file: u32,
    /// The file's tree.
    pub(crate) tree: usize,
    /// The file's scope.
    pub(crate) scope: ScopeId,
    pub(crate) version: GoVersion,
    pub(crate) kind: DeclKind,
    /// The package's objects that initial value or body refer to.
    pub(crate) deps: FxHashSet<ObjId>,
}

/// What a declaration declares.
pub(crate) enum DeclKind {
    Const {
        typ: Option<ExprId>,
        init: Option<ExprId>,
        inherited: bool,
    },
    Var {
        /// All variables, if one value with several parts initialises them.
        lhs: Vec<ObjId>,
        typ: Option<ExprId>,
        init: Option<ExprId>,
    },
    Type(SpecId),
    Func(FuncDeclId),
}

impl<'a> Checker<'a> {
    /// Declares an object in a scope under a name that is no expression. Blank names are not declared.
    pub(crate) fn declare(&mut self, scope: ScopeId, id: Ident, o: ObjId) {
        if id.name != itab_syntax::Name::BLANK
            && let Some(alt) = self.s.insert(scope, o)
        {
            let msg = format!("{} redeclared in this block", self.text(id.name));
            self.report_redeclared(id.pos, msg, alt);
            self.never_unused(o);
            return;
        }
        self.own(o);
        // At package level scopes and signatures say as much.
        if self.env.sig.is_some() {
            self.record_def_ident(id, o);
        }
    }

    /// Declares an object in a scope under a name that is an expression (`x` in `x := 1`).
    pub(crate) fn declare_expr(&mut self, scope: ScopeId, e: ExprId, o: ObjId) {
        if self.s.obj(o).name != itab_syntax::Name::BLANK
            && let Some(alt) = self.s.insert(scope, o)
        {
            let msg = format!("{} redeclared in this block", self.name_of(o));
            self.report_redeclared(self.pos(e), msg, alt);
            self.never_unused(o);
            return;
        }
        self.own(o);
        self.record_def(e, o);
    }

    /// A variable that could not be declared is not reported as unused, too.
    fn never_unused(&mut self, o: ObjId) {
        if let ObjKind::Var(v) = &mut self.s.obj_mut(o).kind {
            v.used = true;
        }
    }

    /// A local variable belongs to the function literal that is being checked.
    pub(crate) fn own(&mut self, o: ObjId) {
        let lit = self.env.lit;
        if let ObjKind::Var(v) = &mut self.s.obj_mut(o).kind {
            v.owner = lit;
            if v.kind == VarKind::Local {
                self.locals.push(o);
            }
        }
    }

    /// Resolves a package-level object, or reports a cycle if it is being resolved.
    pub(crate) fn obj_decl(&mut self, o: ObjId) {
        if self.path.contains(&o) {
            self.obj_cycle(o);
            return;
        }
        if self.s.obj(o).typ.is_some() {
            return;
        }
        let Some(&d) = self.obj_map.get(&o) else {
            self.s.obj_mut(o).typ = Some(TypeId::INVALID);
            return;
        };
        self.path.push(o);
        let decl = &self.decls[d];
        let env = Env {
            tree: decl.tree,
            decl: None,
            scope: decl.scope,
            version: decl.version,
            iota: None,
            errpos: Pos::NONE,
            in_tparam_list: false,
            sig: None,
            lit: 0,
            has_call_or_recv: false,
        };
        let saved = std::mem::replace(&mut self.env, env);
        deep(|| self.resolve(o, d));
        self.env = saved;
        self.path.pop();
    }

    fn resolve(&mut self, o: ObjId, d: usize) {
        match &self.decls[d].kind {
            DeclKind::Const { typ, init, inherited } => {
                let (typ, init, inherited) = (*typ, *init, *inherited);
                self.env.decl = Some(d);
                self.const_decl(o, typ, init, inherited);
            }
            DeclKind::Var { lhs, typ, init } => {
                let (lhs, typ, init) = (lhs.clone(), *typ, *init);
                self.env.decl = Some(d);
                self.var_decl(o, &lhs, typ, init);
            }
            DeclKind::Type(spec) => {
                let spec = *spec;
                self.type_decl(o, spec);
                self.collect_methods(o);
            }
            DeclKind::Func(f) => {
                let f = *f;
                self.func_decl(o, d, f);
            }
        }
    }

    fn obj_cycle(&mut self, o: ObjId) {
        let valid = self.valid_cycle(o);
        let obj = self.s.obj(o);
        let untyped = obj.typ.is_none();
        let invalidate = match obj.kind {
            ObjKind::Const(_) | ObjKind::Var(_) => !valid || untyped,
            ObjKind::TypeName => !valid,
            _ => false,
        };
        if invalidate || untyped {
            self.s.obj_mut(o).typ = Some(TypeId::INVALID);
        }
    }

    // Constants and variables.

    fn const_decl(&mut self, o: ObjId, typ: Option<ExprId>, init: Option<ExprId>, inherited: bool) {
        let ObjKind::Const(val) = &mut self.s.obj_mut(o).kind else { return };
        // Until it is resolved a constant's value is its iota.
        let iota = std::mem::take(val);
        let saved_iota = self.env.iota.replace(iota);
        let saved_pos = std::mem::take(&mut self.env.errpos);
        self.const_decl_with_iota(o, typ, init, inherited);
        self.env.iota = saved_iota;
        self.env.errpos = saved_pos;
    }

    fn const_decl_with_iota(&mut self, o: ObjId, typ: Option<ExprId>, init: Option<ExprId>, inherited: bool) {
        if let Some(e) = typ {
            let t = self.typ(e);
            if !self.s.is_const_type(t) {
                let u = self.s.under(t);
                if self.s.is_valid(u) {
                    let msg = format!("invalid constant type {}", self.ts(t));
                    self.error(e, codes::INVALID_CONST_TYPE, msg);
                }
                self.s.obj_mut(o).typ = Some(TypeId::INVALID);
                return;
            }
            self.s.obj_mut(o).typ = Some(t);
        }
        let mut x = Operand::default();
        if let Some(e) = init {
            if inherited {
                self.env.errpos = self.s.obj(o).pos;
            }
            self.expr(None, &mut x, e);
        }
        self.init_const(o, &mut x);
    }

    fn var_decl(&mut self, o: ObjId, lhs: &[ObjId], typ: Option<ExprId>, init: Option<ExprId>) {
        if let Some(e) = typ {
            let t = self.var_type(e);
            self.s.obj_mut(o).typ = Some(t);
        }
        let Some(init) = init else {
            if typ.is_none() {
                self.s.obj_mut(o).typ = Some(TypeId::INVALID);
            }
            return;
        };
        if lhs.len() <= 1 {
            let mut x = Operand::default();
            let target = self.target(o);
            self.expr(target, &mut x, init);
            self.init_var(o, &mut x, "variable declaration");
            return;
        }
        if typ.is_some() {
            let t = self.s.obj(o).typ;
            for &v in lhs {
                self.s.obj_mut(v).typ = t;
            }
        }
        self.init_vars(lhs, &[init], None);
    }

    /// What a variable tells about the generic function assigned to it.
    pub(crate) fn target(&mut self, o: ObjId) -> Option<AssignTarget> {
        let t = self.s.obj(o).typ?;
        let u = self.s.under(t);
        match self.s.ty(u) {
            Type::Signature(_) => Some(AssignTarget { sig: u, name: self.s.obj(o).name }),
            _ => None,
        }
    }

    // Types.

    fn type_decl(&mut self, o: ObjId, spec: SpecId) {
        let tree = self.tree();
        let SpecKind::TypeSpec(ts) = tree[spec].kind else { return };
        self.later(move |c| {
            let t = c.s.obj_type(o);
            if let Type::Named(_) = c.s.uty(t) {
                c.valid_type(c.s.unalias(t));
            }
        });
        if ts.assign.is_known() {
            self.alias_decl(o, &ts, spec);
        } else {
            self.named_decl(o, &ts);
        }
    }

    fn alias_decl(&mut self, o: ObjId, ts: &TypeSpec, spec: SpecId) {
        let tparams = ts.tparams.filter(|t| !t.list.is_empty());
        let mut ok = true;
        if let Some(t) = tparams {
            ok = self.verify_version(t.open, 23, "generic type alias");
        }
        if ok {
            self.verify_version(self.tree()[spec].pos, 9, "type alias");
        }
        let (_, id) = self.s.new_alias(o, None);
        let scope = self.env.scope;
        if let Some(t) = tparams {
            self.open_scope(t.open);
            let list = self.declare_tparams(t);
            self.s.aliases[id.index()].tparams = list;
            self.resolve_bounds(t, list);
        }
        let mut rhs = self.declared_type(ts.typ, Some(o));
        self.env.scope = scope;
        // A cycle through aliases alone was reported and ended here.
        if self.s.alias(id).from_rhs == Some(TypeId::INVALID) {
            return;
        }
        let own = self.s.alias(id).tparams;
        if self.s.type_list(own).contains(&rhs) {
            let msg = "cannot use type parameter declared in alias declaration as RHS";
            self.error(ts.typ, codes::MISPLACED_TYPE_PARAM, msg);
            rhs = TypeId::INVALID;
        }
        if self.alias_reaches(rhs, id) {
            rhs = TypeId::INVALID;
        }
        self.s.set_alias(id, rhs);
    }

    /// Whether following aliases from `t` comes to `id`, which would never end.
    fn alias_reaches(&self, mut t: TypeId, id: crate::AliasId) -> bool {
        while let Type::Alias(a) = self.s.ty(t) {
            if a == id {
                return true;
            }
            let a = self.s.alias(a);
            match (a.actual, a.from_rhs) {
                (None, Some(rhs)) => t = rhs,
                _ => return false,
            }
        }
        false
    }

    fn named_decl(&mut self, o: ObjId, ts: &TypeSpec) {
        let tparams = ts.tparams.filter(|t| !t.list.is_empty());
        if let Some(t) = tparams {
            self.verify_version(t.open, 18, "type parameter");
        }
        let (t, id) = self.s.new_named(o);
        if self.env.sig.is_some() {
            self.s.nameds[id.index()].outer = self.ambient_tparams();
        }
        let scope = self.env.scope;
        if let Some(tp) = tparams {
            self.open_scope(tp.open);
            let list = self.declare_tparams(tp);
            self.s.nameds[id.index()].tparams = list;
            self.resolve_bounds(tp, list);
        }
        let mut rhs = self.declared_type(ts.typ, Some(o));
        self.env.scope = scope;
        if self.s.is_type_param(rhs) {
            let msg = "cannot use a type parameter as RHS in type declaration";
            self.error(ts.typ, codes::MISPLACED_TYPE_PARAM, msg);
            rhs = TypeId::INVALID;
        }
        self.s.nameds[id.index()].from_rhs = Some(rhs);
        // Most right-hand sides are type literals: nothing to follow.
        if !matches!(self.s.ty(rhs), Type::Named(_) | Type::Alias(_)) {
            self.s.nameds[id.index()].underlying = Some(rhs);
        }
        if self.is_imported_constraint_rhs(rhs) {
            self.later(move |c| {
                let _ = c.s.under(t);
            });
        }
    }

    fn is_imported_constraint_rhs(&self, rhs: TypeId) -> bool {
        matches!(self.s.ty(rhs), Type::Named(_))
    }

    fn collect_methods(&mut self, o: ObjId) {
        let Some(methods) = self.methods.remove(&o) else { return };
        let t = self.s.obj_type(o);
        let base = match self.s.ty(t) {
            Type::Named(n) => Some(n),
            _ => None,
        };
        let mut seen: rustc_hash::FxHashMap<itab_syntax::Name, ObjId> = Default::default();
        let mut list = Vec::with_capacity(methods.len());
        for m in methods {
            let name = self.s.obj(m).name;
            if let Some(&alt) = seen.get(&name) {
                let at = self.position(self.s.obj(alt).pos);
                let msg = format!("method {}.{} already declared at {at}", self.name_of(o), self.text(name));
                self.error(m, codes::DUPLICATE_METHOD, msg);
                continue;
            }
            seen.insert(name, m);
            list.push((name, Some(m)));
        }
        let Some(n) = base else { return };
        self.s.nameds[n.index()].methods = list;
        self.later(move |c| c.check_field_uniqueness(t));
    }

    fn check_field_uniqueness(&mut self, t: TypeId) {
        let Type::Named(n) = self.s.ty(t) else { return };
        let Type::Struct(s) = self.s.uund(t) else { return };
        let fields = self.s.struct_(s).fields;
        for i in 0..fields.len() {
            let f = self.s.obj_at(fields, i);
            let name = self.s.obj(f).name;
            if let Some(k) = self.s.method_index(n, name) {
                let m = self.s.method(t, n, k);
                let msg = format!("field and method with the same name {}", self.text(name));
                let mut parts = vec![(itab_syntax::Span::at(self.s.obj(m).pos), msg)];
                self.add_alt_decl(&mut parts, f);
                self.report(codes::DUPLICATE_FIELD_AND_METHOD, parts);
            }
        }
    }

    // Functions.

    fn func_decl(&mut self, o: ObjId, d: usize, f: FuncDeclId) {
        let tree = self.tree();
        let fd = tree[f];
        let sig = self.s.new_signature(Signature::default());
        self.s.obj_mut(o).typ = Some(sig);
        // A method is generic through its receiver too, so the type must know its parameters first.
        self.func_type_into(sig, fd.recv, fd.typ);
        // gc's position of a function is what follows the keyword.
        let at = fd.recv.map_or(fd.name.pos, |r| r.open);
        let generic = tree[fd.typ].tparams.is_some_and(|t| !t.list.is_empty());
        if generic && fd.body.is_none() {
            self.error(at, codes::BAD_DECL, "generic function is missing function body");
        }
        if !self.with_bodies {
            return;
        }
        if fd.body.is_none() {
            let linknames = &self.files[self.decls[d].file as usize].file.linknames;
            if self.complete
                && !generic
                && fd.name.name != itab_syntax::Name::INIT
                && linknames.iter().all(|l| l.local != fd.name.name)
            {
                self.error(at, codes::MISSING_BODY, "missing function body");
            }
            return;
        }
        self.later(move |c| c.check_declared_body(o, d, f));
    }

    // Declarations in functions.

    /// Checks a declaration statement.
    pub(crate) fn decl_stmt(&mut self, g: &GenDecl) {
        let tree = self.tree();
        for id in g.specs.ids() {
            match tree[id].kind {
                SpecKind::ConstSpec(spec) => self.local_const(id, &spec),
                SpecKind::VarSpec(spec) => self.local_var(id, &spec),
                SpecKind::TypeSpec(spec) => self.local_type(id, &spec),
                SpecKind::ImportSpec(_) => debug_assert!(g.tok == DeclTok::Import),
            }
        }
    }

    fn local_const(&mut self, id: SpecId, spec: &ConstSpec) {
        let tree = self.tree();
        let top = self.delayed_top();
        let (typ, values, inherited) = tree.const_init(spec);
        let values = &tree[values];
        let names = &tree[spec.names];
        let mut lhs = Vec::with_capacity(names.len());
        for (i, name) in names.iter().enumerate() {
            let val = Value::Int(i64::from(spec.iota));
            let o = self.s.new_obj(Object::new(ObjKind::Const(val), name.name, name.pos, Some(self.pkg)));
            lhs.push(o);
            self.const_decl(o, typ, values.get(i).copied(), inherited);
        }
        self.arity(tree[id].pos, names, values, true, inherited);
        self.process_delayed(top);
        for (&name, o) in names.iter().zip(lhs) {
            self.declare(self.env.scope, name, o);
        }
    }

    fn local_var(&mut self, id: SpecId, spec: &VarSpec) {
        let tree = self.tree();
        let top = self.delayed_top();
        let names = &tree[spec.names];
        let values = &tree[spec.values];
        let vars: Vec<ObjId> =
            names.iter().map(|n| self.s.new_var(VarKind::Local, n.name, n.pos, Some(self.pkg), None)).collect();
        for &v in &vars {
            self.own(v);
        }
        for (i, &v) in vars.iter().enumerate() {
            if values.len() == 1 && names.len() > 1 {
                self.var_decl(v, &vars, spec.typ, Some(values[0]));
                break; // all of them have been initialised
            }
            self.var_decl(v, &[], spec.typ, values.get(i).copied());
        }
        if let (false, Some(d), true) = (spec.embeds.is_empty(), self.env.decl, self.with_bodies)
            && let Some(f) = self.files.get(self.decls[d].file as usize)
        {
            let file = f.file;
            self.check_embed(file, spec, None);
        }
        if spec.typ.is_none() || !values.is_empty() {
            self.arity(tree[id].pos, names, values, false, false);
        }
        self.process_delayed(top);
        for (&name, v) in names.iter().zip(vars) {
            self.declare(self.env.scope, name, v);
        }
    }

    fn local_type(&mut self, id: SpecId, spec: &TypeSpec) {
        let o = self.s.new_obj(Object::new(ObjKind::TypeName, spec.name.name, spec.name.pos, Some(self.pkg)));
        self.declare(self.env.scope, spec.name, o);
        self.path.push(o);
        self.type_decl(o, id);
        self.path.pop();
    }

    /// The type parameters of the function around the current scope.
    fn ambient_tparams(&mut self) -> crate::TypeList {
        let mut found = Vec::new();
        let mut at = Some(self.env.scope);
        let root = self.s.pkg(self.pkg).scope;
        while let Some(id) = at.filter(|&id| id != root) {
            let scope = self.s.scope(id);
            found.extend(scope.iter().filter_map(|(_, o)| {
                let t = self.s.obj(o).typ?;
                matches!(self.s.ty(t), Type::TypeParam(p) if self.s.tparam(p).obj == o).then_some(t)
            }));
            at = scope.parent;
        }
        if found.is_empty() {
            return crate::TypeList::EMPTY;
        }
        self.s.new_type_list(&found)
    }
}
