//! Identifiers and type expressions.
//!
//! A type expression is turned into a type at once; named types it mentions are resolved on the way.
//! Conditions that need complete types (map keys, embedded types, variables of constraint type) are
//! checked later. A composite type is only built when its parts are, so the one thing that may be incomplete while
//! a type is looked at is a declaration on the checker's path.

use itab_syntax::{ChanDir as SynDir, ExprId, ExprKind, Name, Pos};

use crate::check::Checker;
use crate::errors::codes;
use crate::info::Mode;
use crate::object::{ObjKind, VarKind};
use crate::operand::Operand;
use crate::types::{ChanDir, Type};
use crate::{ObjId, TypeId};

/// Types must be smaller than this.
const MAX_WIDTH: i64 = 1 << 50;

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
        crate::stack::deep(|| self.type_expr(e, def))
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
}
