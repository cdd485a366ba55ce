//! Identifiers and type expressions.
//!
//! A type expression is turned into a type at once; named types it mentions are resolved on the way.
//! Conditions that need complete types (map keys, embedded types, variables of constraint type) are put
//! off. A composite type is only built when its parts are, so the one thing that may be incomplete while
//! a type is looked at is a declaration on the checker's path.

use itab_syntax::{ChanDir as SynDir, ExprId, ExprKind, Field, FieldList, FuncTypeId, Ident, Name, Op, Pos, Span};
use smallvec::SmallVec;

use crate::check::Checker;
use crate::errors::codes;
use crate::info::Mode;
use crate::interface::Interface;
use crate::object::{Func, ObjKind, Object, VarKind};
use crate::operand::Operand;
use crate::signature::Signature;
use crate::struct_::Struct;
use crate::types::{ChanDir, Term, Type};
use crate::typeset::{Terms, TypeSet};
use crate::{ObjId, TypeId, TypeList};

/// The methods of an interface by what tells them apart, and where each comes from.
type Methods = rustc_hash::FxHashMap<(Name, Option<crate::PkgId>), (ObjId, Pos)>;

/// Types must be smaller than this.
const MAX_WIDTH: i64 = 1 << 50;

/// The most terms a union may have.
const MAX_TERMS: usize = 100;

impl<'a> Checker<'a> {
    /// Checks an identifier. With `want_type` it must be a type.
    pub(crate) fn ident(&mut self, x: &mut Operand, e: ExprId, want_type: bool) {
        x.invalidate();
        x.expr = Some(e);
        let ExprKind::Ident(name) = self.kind(e) else { return };
        let Some((scope, o)) = self.s.lookup_parent(self.env.scope, name) else {
            if name == Name::BLANK {
                self.error(e, codes::INVALID_BLANK, "cannot use _ as value or type");
            } else if !self.text(name).is_empty() {
                self.error(e, codes::UNDECLARED_NAME, format!("undefined: {}", self.text(name)));
            }
            return;
        };
        let obj = self.s.obj(o);
        if obj.pkg.is_none()
            && (name == Name::ANY || name == Name::COMPARABLE)
            && !self.verify_version(e, 18, &format!("predeclared {}", self.text(name)))
        {
            return;
        }
        self.record_use(e, o);
        let obj = self.s.obj(o);
        let is_type = matches!(obj.kind, ObjKind::TypeName);
        if want_type && !is_type {
            let msg = format!("{} ({}) is not a type", self.text(name), self.object_kind(o));
            self.error(e, codes::NOT_A_TYPE, msg);
            if let ObjKind::Var(v) = &mut self.s.obj_mut(o).kind {
                v.used = true;
            }
            return;
        }
        // A type of this package is resolved again while it is on the path: that is how cycles show.
        if obj.typ.is_none() || want_type && self.path.contains(&o) {
            self.obj_decl(o);
        }
        let typ = self.s.obj_type(o);
        if !self.dot_imports.is_empty()
            && let Some(&p) = self.dot_imports.get(&(scope, name))
        {
            self.use_pkg_name(p);
        }
        match &self.s.obj(o).kind {
            ObjKind::PkgName { .. } => {
                let msg = format!("use of package {} not in selector", self.text(name));
                self.error(e, codes::INVALID_PKG_USE, msg);
                return;
            }
            ObjKind::Const(val) => {
                let val = val.clone();
                self.add_decl_dep(o);
                if !self.s.is_valid(typ) {
                    return;
                }
                x.val = if o == self.s.iota {
                    let Some(iota) = self.env.iota.clone() else {
                        self.error(e, codes::INVALID_IOTA, "cannot use iota outside constant declaration");
                        return;
                    };
                    iota
                } else {
                    val
                };
                x.mode = Mode::Constant;
            }
            ObjKind::TypeName => x.mode = Mode::TypExpr,
            ObjKind::Var(v) => {
                let (kind, owner) = (v.kind, v.owner);
                if self.s.obj(o).pkg == Some(self.pkg) {
                    self.s.var_mut(o).used = true;
                }
                if kind == VarKind::Package {
                    self.add_decl_dep(o);
                } else if owner != self.env.lit {
                    self.capture(o, owner);
                }
                if !self.s.is_valid(typ) {
                    return;
                }
                x.mode = Mode::Variable;
            }
            ObjKind::Func(_) => {
                self.add_decl_dep(o);
                x.mode = Mode::Value;
            }
            ObjKind::Builtin(id) => {
                x.builtin = *id;
                x.mode = Mode::Builtin;
            }
            ObjKind::Nil => x.mode = Mode::NilValue,
            ObjKind::Label { .. } => return,
        }
        x.typ = typ;
    }

    /// Marks an import as used.
    pub(crate) fn use_pkg_name(&mut self, p: ObjId) {
        if let ObjKind::PkgName { used, .. } = &mut self.s.obj_mut(p).kind {
            *used = true;
        }
    }

    /// Notes that the current function literal, and those around it up to where the variable is
    /// declared, capture it.
    fn capture(&mut self, o: ObjId, owner: u32) {
        self.s.var_mut(o).captured = true;
        let mut lit = self.env.lit;
        while lit != 0 && lit != owner {
            let info = &mut self.trees[self.env.tree].info;
            let f = &mut info.func_lits[lit as usize - 1];
            if f.captures.contains(&o) {
                break; // the ones around it have it too
            }
            f.captures.push(o);
            lit = f.parent.map_or(0, |p| p + 1);
        }
    }

    /// The type that a type expression denotes; `INVALID` after an error.
    pub(crate) fn typ(&mut self, e: ExprId) -> TypeId {
        self.declared_type(e, None)
    }

    /// Like [`typ`](Self::typ), for the type of a variable: it must not be a constraint.
    pub(crate) fn var_type(&mut self, e: ExprId) -> TypeId {
        let t = self.declared_type(e, None);
        self.valid_var_type(e, t);
        t
    }

    /// Reports it, later, if a variable's type is an interface that is only good as a constraint.
    pub(crate) fn valid_var_type(&mut self, e: ExprId, t: TypeId) {
        match self.s.ty(t) {
            Type::Named(_) | Type::Alias(_) | Type::Interface(_) => {}
            _ => return,
        }
        if self.s.is_type_param(t) || t == TypeId::ERROR || t == TypeId::ANY {
            return;
        }
        // A type of a complete package, or one that is known to be no interface, needs no delay.
        if let Type::Named(n) = self.s.ty(t)
            && let Some(u) = self.s.named(n).underlying
            && !matches!(self.s.ty(u), Type::Interface(_))
        {
            return;
        }
        self.later(move |c| {
            let Type::Interface(i) = c.s.uund(t) else { return };
            let set = c.s.type_set(i);
            if set.is_method_set() || c.s.is_type_param(t) {
                return;
            }
            let why = if set.comparable {
                "interface is (or embeds) comparable"
            } else {
                "interface contains type constraints"
            };
            let msg = format!("cannot use type {} outside a type constraint: {why}", c.ts(t));
            c.error(e, codes::MISPLACED_CONSTRAINT_IFACE, msg);
        });
    }

    /// The type of a type expression that is the right-hand side of the declaration of `def`, if given.
    pub(crate) fn declared_type(&mut self, e: ExprId, def: Option<ObjId>) -> TypeId {
        let mut t = self.typ_internal(e, def);
        if self.s.is_generic(t) {
            let msg = format!("cannot use generic type {} without instantiation", self.ts(t));
            self.error(e, codes::WRONG_TYPE_ARG_COUNT, msg);
            t = TypeId::INVALID;
        }
        self.record_type(e, t);
        t
    }

    /// A generic type that has not been instantiated, or `INVALID` and why.
    pub(crate) fn generic_type(&mut self, e: ExprId) -> (TypeId, Option<String>) {
        let mut t = self.typ_internal(e, None);
        let mut cause = None;
        if self.s.is_valid(t) && !self.s.is_generic(t) {
            cause = Some(format!("{} is not a generic type", self.ts(t)));
            t = TypeId::INVALID;
        }
        self.record_type(e, t);
        (t, cause)
    }

    fn typ_internal(&mut self, e: ExprId, def: Option<ObjId>) -> TypeId {
        crate::check::deep(|| self.type_expr(e, def))
    }

    fn type_expr(&mut self, e: ExprId, def: Option<ObjId>) -> TypeId {
        let tree = self.tree();
        match tree[e].kind {
            ExprKind::BadExpr => TypeId::INVALID,
            ExprKind::Ident(_) => {
                let mut x = Operand::default();
                self.ident(&mut x, e, true);
                self.operand_as_type(x)
            }
            ExprKind::SelectorExpr { .. } => {
                let mut x = Operand::default();
                self.selector(&mut x, e, true);
                self.operand_as_type(x)
            }
            ExprKind::IndexExpr { x, indices, .. } => {
                self.verify_version(e, 18, "type instantiation");
                self.instantiated_type(x, &tree[indices])
            }
            ExprKind::ParenExpr { x } => self.declared_type(x, def),
            ExprKind::ArrayType { len: None, elt } => {
                let elem = self.var_type(elt);
                self.s.new_slice(elem)
            }
            ExprKind::ArrayType { len: Some(n), elt } => {
                let len = if matches!(tree[n].kind, ExprKind::Ellipsis { .. }) {
                    let msg = "invalid use of [...] array (outside a composite literal)";
                    self.error(e, codes::BAD_DOT_DOT_DOT_SYNTAX, msg);
                    -1
                } else {
                    self.array_length(n)
                };
                let elem = self.var_type(elt);
                if len < 0 {
                    return TypeId::INVALID;
                }
                let t = self.s.new_array(elem, len);
                if len > 1 << 20 {
                    self.check_array_size_later(e, t);
                }
                t
            }
            ExprKind::Ellipsis { .. } => {
                self.error(e, codes::INVALID_SYNTAX_TREE, "invalid use of ...");
                TypeId::INVALID
            }
            ExprKind::StructType { fields } => self.struct_type(fields),
            ExprKind::StarExpr { x } => {
                let base = self.var_type(x);
                if self.s.is_valid(base) { self.s.new_pointer(base) } else { TypeId::INVALID }
            }
            ExprKind::FuncType(f) => self.func_type(None, f),
            ExprKind::InterfaceType { elems } => self.interface_type(e, elems, def),
            ExprKind::MapType { key, value } => {
                let (k, v) = (self.var_type(key), self.var_type(value));
                self.check_map_key(key, k);
                self.s.new_map(k, v)
            }
            ExprKind::ChanType { dir, value, .. } => {
                let dir = match dir {
                    SynDir::Both => ChanDir::SendRecv,
                    SynDir::Send => ChanDir::SendOnly,
                    SynDir::Recv => ChanDir::RecvOnly,
                };
                let elem = self.var_type(value);
                self.check_chan_elem_later(e, elem);
                self.s.new_chan(dir, elem)
            }
            _ => {
                self.error(e, codes::NOT_A_TYPE, format!("{} is not a type", self.es(e)));
                self.use_exprs(&[e]);
                TypeId::INVALID
            }
        }
    }

    fn operand_as_type(&mut self, x: Operand) -> TypeId {
        match x.mode {
            Mode::TypExpr => return x.typ,
            Mode::Invalid => {}
            Mode::NoValue => self.error(&x, codes::NOT_A_TYPE, format!("{} used as type", self.os(&x))),
            _ => self.error(&x, codes::NOT_A_TYPE, format!("{} is not a type", self.os(&x))),
        }
        TypeId::INVALID
    }

    /// An array must fit into the address space.
    fn check_array_size_later(&mut self, e: ExprId, t: TypeId) {
        let at = self.pos(e);
        self.later(move |c| {
            if c.had_error || c.has_var_size(t) {
                return;
            }
            let size = c.s.sizeof(t);
            if !(0..MAX_WIDTH).contains(&size) {
                let msg = format!("type {} larger than address space", c.ts(t));
                c.late_error(at, codes::TYPE_TOO_LARGE, msg);
            }
        });
    }

    /// The run-time system passes elements of channels in one piece.
    fn check_chan_elem_later(&mut self, e: ExprId, elem: TypeId) {
        if matches!(self.s.ty(elem), Type::Basic(_) | Type::Pointer(_) | Type::Slice(_) | Type::Interface(_)) {
            return;
        }
        let at = self.pos(e);
        self.later(move |c| {
            if c.had_error || c.has_var_size(elem) {
                return;
            }
            let size = c.s.sizeof(elem);
            if !(0..1 << 16).contains(&size) {
                let msg = "channel element type too large (>64kB)".to_string();
                c.late_error(at, codes::TYPE_TOO_LARGE, msg);
            }
        });
    }

    fn check_map_key(&mut self, e: ExprId, key: TypeId) {
        if matches!(self.s.ty(key), Type::Basic(_) | Type::Pointer(_)) {
            return;
        }
        self.later(move |c| {
            if c.s.is_valid(key) && !c.s.comparable(key) {
                let why = if c.s.is_type_param(key) { " (missing comparable constraint)" } else { "" };
                let msg = format!("invalid map key type {}{why}", c.ts(key));
                c.error(e, codes::INCOMPARABLE_MAP_KEY, msg);
            }
        });
    }

    /// `x[list]` as a type.
    fn instantiated_type(&mut self, x: ExprId, list: &'a [ExprId]) -> TypeId {
        let (gtyp, cause) = self.generic_type(x);
        if let Some(cause) = cause {
            let msg = format!("invalid operation: {}{} ({cause})", self.es(x), self.es_list(list));
            self.error(x, codes::NOT_A_GENERIC_TYPE, msg);
        }
        if !self.s.is_valid(gtyp) {
            return gtyp;
        }
        let Some(targs) = self.type_list(list) else { return TypeId::INVALID };
        let pos = self.pos(x);
        let inst = self.instance(pos, gtyp, &targs);
        if !matches!(self.s.ty(inst), Type::Named(_) | Type::Alias(_)) {
            return TypeId::INVALID;
        }
        self.later(move |c| {
            c.record_instance(x, &targs, inst);
            c.check_instance(x, list, inst, &targs);
        });
        inst
    }

    fn check_instance(&mut self, x: ExprId, list: &[ExprId], inst: TypeId, targs: &[TypeId]) {
        let tparams = self.s.type_params(inst);
        let Some(obj) = self.s.type_name(inst) else { return };
        let name = self.name_of(obj).to_string();
        let pos = self.pos(x);
        if !self.validate_targ_len(pos, &name, tparams.len(), targs.len()) {
            return;
        }
        match self.verify(tparams, targs) {
            Err((i, cause)) => {
                let at = list.get(i).copied().unwrap_or(x);
                self.error(at, codes::INVALID_TYPE_ARG, cause);
            }
            Ok(()) => {
                let at: Vec<Pos> = list.iter().map(|&e| self.pos(e)).collect();
                let tps = self.s.type_list(tparams).to_vec();
                self.mono_record(pos, &tps, targs, &at);
            }
        }
    }

    /// The types of a list of type expressions; none if one is invalid.
    pub(crate) fn type_list(&mut self, list: &[ExprId]) -> Option<Vec<TypeId>> {
        let types: Vec<_> = list.iter().map(|&e| self.var_type(e)).collect();
        types.iter().all(|&t| self.s.is_valid(t)).then_some(types)
    }

    /// The length of an array type; -1 after an error.
    fn array_length(&mut self, e: ExprId) -> i64 {
        if let ExprKind::Ident(name) = self.kind(e) {
            match self.lookup(name) {
                None => {
                    let name = self.text(name);
                    let msg = format!("undefined array length {name} or missing type constraint");
                    self.error(e, codes::INVALID_ARRAY_LEN, msg);
                    return -1;
                }
                Some(o) if !matches!(self.s.obj(o).kind, ObjKind::Const(_)) => {
                    let msg = format!("invalid array length {}", self.text(name));
                    self.error(e, codes::INVALID_ARRAY_LEN, msg);
                    return -1;
                }
                Some(_) => {}
            }
        }
        let mut x = Operand::default();
        self.expr(None, &mut x, e);
        if x.mode != Mode::Constant {
            if x.is_valid() {
                let msg = format!("array length {} must be constant", self.os(&x));
                self.error(&x, codes::INVALID_ARRAY_LEN, msg);
            }
            return -1;
        }
        if (self.s.is_untyped(x.typ) || self.s.is_integer(x.typ))
            && let Some(n) = x.val.to_int().as_i64()
            && n >= 0
        {
            return n;
        }
        let msg = if self.s.is_integer(x.typ) {
            format!("invalid array length {}", self.os(&x))
        } else {
            format!("array length {} must be integer", self.os(&x))
        };
        self.error(&x, codes::INVALID_ARRAY_LEN, msg);
        -1
    }

    // Structs.

    fn struct_type(&mut self, fl: FieldList) -> TypeId {
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

    // Function types.

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

    // Receivers.

    fn collect_recv(&mut self, f: &'a Field) -> (ObjId, TypeList) {
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

    // Type parameters.

    fn declare_tparam(&mut self, id: Ident, index: i32) -> TypeId {
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

    // Interfaces and unions.

    fn interface_type(&mut self, e: ExprId, fl: FieldList, def: Option<ObjId>) -> TypeId {
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

    /// An element of an interface: a type, `~T`, or a union.
    fn parse_union(&mut self, e: ExprId) -> TypeId {
        let tree = self.tree();
        // The operators are left-associative; collect the terms from the right.
        let mut exprs: SmallVec<[ExprId; 8]> = SmallVec::new();
        let mut unions: SmallVec<[ExprId; 8]> = SmallVec::new();
        let mut at = e;
        while let ExprKind::BinaryExpr { op: Op::Or, x, y, .. } = tree[at].kind {
            exprs.push(y);
            unions.push(at);
            at = x;
        }
        exprs.push(at);
        exprs.reverse();
        unions.reverse();

        let mut terms: Vec<Term> = Vec::new();
        for (i, &x) in exprs.iter().enumerate() {
            let term = self.parse_tilde(x);
            if exprs.len() == 1 && !term.tilde {
                return term.typ;
            }
            if i == MAX_TERMS {
                self.error(x, codes::INVALID_UNION, too_many_terms());
                return TypeId::INVALID;
            }
            terms.push(term);
        }
        let list = self.s.new_term_list(&terms);
        let t = self.s.new_type(Type::Union(list));
        for u in unions {
            self.record_type(u, t);
        }
        self.later(move |c| c.check_union(&exprs, &terms));
        t
    }

    fn parse_tilde(&mut self, e: ExprId) -> Term {
        let (x, tilde) = match self.kind(e) {
            ExprKind::UnaryExpr { op: Op::Tilde, x } => (x, true),
            _ => (e, false),
        };
        let mut typ = self.typ(x);
        if self.s.is_type_param(typ) {
            if tilde {
                let msg = format!("type in term {} cannot be a type parameter", self.es(e));
                self.error(x, codes::MISPLACED_TYPE_PARAM, msg);
            } else {
                self.error(x, codes::MISPLACED_TYPE_PARAM, "term cannot be a type parameter");
            }
            typ = TypeId::INVALID;
        }
        let term = Term { tilde, typ };
        if tilde {
            let list = self.s.new_term_list(&[term]);
            let t = self.s.new_type(Type::Union(list));
            self.record_type(e, t);
        }
        term
    }

    fn term_string(&self, t: Term) -> String {
        format!("{}{}", if t.tilde { "~" } else { "" }, self.s.type_string(t.typ))
    }

    fn check_union(&mut self, exprs: &[ExprId], terms: &[Term]) {
        for (i, &term) in terms.iter().enumerate() {
            let at = exprs[i];
            if !self.s.is_valid(term.typ) {
                continue;
            }
            let u = self.s.under(term.typ);
            let iface = match self.s.ty(u) {
                Type::Interface(f) => Some(f),
                _ => None,
            };
            if term.tilde {
                if iface.is_some() {
                    let msg = format!("invalid use of ~ ({} is an interface)", self.ts(term.typ));
                    self.error(at, codes::INVALID_UNION, msg);
                    continue;
                }
                if !self.s.identical(u, term.typ) {
                    let msg = format!("invalid use of ~ (underlying type of {} is {})", self.ts(term.typ), self.ts(u));
                    self.error(at, codes::INVALID_UNION, msg);
                    continue;
                }
            }
            if let Some(f) = iface {
                let set = self.s.type_set(f);
                let text = self.term_string(term);
                if !set.methods.is_empty() {
                    let msg = format!("cannot use {text} in union ({text} contains methods)");
                    self.error(at, codes::INVALID_UNION, msg);
                } else if term.typ == TypeId::COMPARABLE {
                    self.error(at, codes::INVALID_UNION, "cannot use comparable in union");
                } else if set.comparable {
                    let msg = format!("cannot use {text} in union ({text} embeds comparable)");
                    self.error(at, codes::INVALID_UNION, msg);
                }
                continue;
            }
            let overlap = terms[..i]
                .iter()
                .copied()
                .find(|&x| self.s.is_valid(x.typ) && !self.s.is_interface(x.typ) && !self.s.disjoint(x, term));
            if let Some(x) = overlap {
                let msg = format!("overlapping terms {} and {}", self.term_string(term), self.term_string(x));
                self.error(at, codes::INVALID_UNION, msg);
            }
        }
    }
}

fn too_many_terms() -> String {
    format!("cannot handle more than {MAX_TERMS} union terms (implementation limitation)")
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
