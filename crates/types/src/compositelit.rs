//! Composite literals.

use itab_syntax::{ExprId, ExprKind, List, Pos};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::check::Checker;
use crate::constant::ValueKey;
use crate::errors::codes;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::Type;
use crate::{ObjId, ObjList, TypeId};

/// The fields that a struct literal sets, by their paths; no path may be the beginning of another.
#[derive(Default)]
struct Visited(FxHashMap<SmallVec<[u32; 4]>, ObjId>, FxHashMap<SmallVec<[u32; 4]>, ObjId>);

impl Visited {
    /// Notes a field. If its path collides with an earlier one: that field, and how much of the path
    /// they share.
    fn insert(&mut self, path: &[u32], field: ObjId) -> Option<(ObjId, usize)> {
        for n in 1..=path.len() {
            if let Some(&other) = self.0.get(&path[..n]) {
                return Some((other, n));
            }
        }
        if let Some(&other) = self.1.get(path) {
            return Some((other, path.len()));
        }
        self.0.insert(path.into(), field);
        for n in 1..path.len() {
            self.1.entry(path[..n].into()).or_insert(field);
        }
        None
    }
}

impl<'a> Checker<'a> {
    pub(crate) fn composite_lit(
        &mut self,
        x: &mut Operand,
        e: ExprId,
        typ_expr: Option<ExprId>,
        elts: List<ExprId>,
        rbrace: Pos,
        hint: Option<TypeId>,
    ) {
        let elts = &self.tree()[elts];
        let mut open_elem = None;
        let (mut typ, mut base, mut is_elem) = (TypeId::INVALID, TypeId::INVALID, false);
        match (typ_expr, hint) {
            (Some(t), _) => {
                open_elem = self.open_array_elem(t);
                if open_elem.is_none() {
                    typ = self.typ(t);
                    base = typ;
                }
            }
            (None, Some(hint)) => {
                typ = hint;
                base = hint;
                is_elem = true;
                // *T means &T{}.
                if let Ok(u) = self.common_under(hint, None)
                    && let Type::Pointer(b) = self.s.uty(u)
                {
                    base = b;
                }
            }
            (None, None) => {
                self.error(e, codes::UNTYPED_LIT, "missing type in composite literal");
            }
        }
        if let Some(elem) = open_elem {
            let len = self.indexed_elts(elts, elem, None);
            typ = self.s.new_array(elem, len);
            if let Some(t) = typ_expr {
                self.record_type(t, typ);
            }
            x.set_value(typ);
            return;
        }
        if !self.is_complete(base) {
            return x.invalidate();
        }
        let under = self.common_under(base, None);
        match under.as_ref().map(|&u| self.s.ty(u)) {
            Ok(Type::Struct(s)) => {
                let fields = self.s.struct_(s).fields;
                let u = under.unwrap_or(TypeId::INVALID);
                self.struct_lit(x, e, elts, rbrace, base, u, fields);
            }
            Ok(Type::Array { len, elem }) => {
                let n = self.indexed_elts(elts, elem, (len >= 0).then_some(len));
                if len < 0 && typ_expr.is_some() {
                    // The length was wrong; what the literal has is as good as anything.
                    typ = self.s.new_array(elem, n);
                }
            }
            Ok(Type::Slice(elem)) => {
                self.indexed_elts(elts, elem, None);
            }
            Ok(Type::Map { key, elem }) => self.map_lit(x, elts, key, elem),
            other => {
                let valid = !matches!(other, Ok(Type::Basic(crate::BasicKind::Invalid)));
                let cause = if other.is_err() { " (no common underlying type)" } else { "" };
                self.use_exprs(elts);
                if valid {
                    let element = if is_elem { " element" } else { "" };
                    let msg = format!("invalid composite literal{element} type {}{cause}", self.ts(typ));
                    self.error(e, codes::INVALID_LIT, msg);
                    return x.invalidate();
                }
            }
        }
        x.set_value(typ);
    }

    /// The element type of `[...]T`.
    fn open_array_elem(&mut self, t: ExprId) -> Option<TypeId> {
        let ExprKind::ArrayType { len: Some(len), elt } = self.kind(t) else { return None };
        matches!(self.kind(len), ExprKind::Ellipsis { .. }).then(|| self.var_type(elt))
    }

    #[allow(clippy::too_many_arguments)]
    fn struct_lit(
        &mut self,
        x: &mut Operand,
        e: ExprId,
        elts: &[ExprId],
        rbrace: Pos,
        base: TypeId,
        utyp: TypeId,
        fields: ObjList,
    ) {
        match elts.first() {
            None => {}
            Some(&first) if matches!(self.kind(first), ExprKind::KeyValueExpr { .. }) => {
                let mut visited = Visited::default();
                for &elt in elts {
                    let ExprKind::KeyValueExpr { key, value, .. } = self.kind(elt) else {
                        let msg = "mixture of field:value and value elements in struct literal";
                        self.error(elt, codes::MIXED_STRUCT_LIT, msg);
                        continue;
                    };
                    self.keyed_field(x, elt, key, value, base, utyp, &mut visited);
                }
            }
            Some(_) => self.positional_fields(x, e, elts, rbrace, base, fields),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn keyed_field(
        &mut self,
        x: &mut Operand,
        elt: ExprId,
        key: ExprId,
        value: ExprId,
        base: TypeId,
        utyp: TypeId,
        visited: &mut Visited,
    ) {
        let ident = self.tree().ident(key);
        // An elided type in the value is the field's, but only in arrays, slices and maps.
        self.generic_expr(x, value, None);
        let Some(ident) = ident else {
            let msg = format!("invalid field name {} in struct literal", self.es(key));
            self.error(elt, codes::INVALID_LIT_FIELD, msg);
            return;
        };
        let pkg = Some(self.pkg);
        let found = self.s.lookup_field_or_method(utyp, false, pkg, ident.name, false);
        let Some(field) = found.obj else {
            let alt = self.s.lookup_field_or_method(utyp, false, pkg, ident.name, true).obj;
            let msg = self.lookup_error(base, self.text(ident.name), alt, true);
            self.error(key, codes::MISSING_LIT_FIELD, msg);
            return;
        };
        if !self.s.obj(field).is_field() {
            let msg = format!("{} is not a field", self.es(key));
            self.error(key, codes::MISSING_LIT_FIELD, msg);
            return;
        }
        if found.index.len() > 1 {
            let path = self.s.field_path(utyp, &found.index);
            let what = format!("use of promoted field {path} in struct literal of type {}", self.ts(base));
            if !self.verify_version(key, 27, &what) {
                return;
            }
        }
        if found.indirect {
            let msg = format!("invalid implicit pointer indirection to reach {}", self.es(key));
            self.error(key, codes::INVALID_LIT_FIELD, msg);
            return;
        }
        self.record_use(key, field);
        if found.index.len() > 1 {
            self.info().promoted_keys.insert(key, found.index.clone());
        }
        let typ = self.s.obj_type(field);
        self.assignment(x, Some(typ), "struct literal");
        if let Some((other, shared)) = visited.insert(&found.index, field) {
            let (name, alt) = (self.name_of(field), self.name_of(other));
            let msg = if field == other {
                format!("duplicate field name {name} in struct literal")
            } else if shared < found.index.len() {
                format!("cannot specify promoted field {name} and enclosing embedded field {alt}")
            } else {
                format!("cannot specify embedded field {name} and enclosed promoted field {alt}")
            };
            self.error(elt, codes::DUPLICATE_LIT_FIELD, msg);
        }
    }

    fn is_foreign_field(&mut self, field: ObjId) -> bool {
        let (name, pkg) = (self.s.obj(field).name, self.s.obj(field).pkg);
        pkg != Some(self.pkg) && !self.s.is_exported(name)
    }

    fn positional_fields(
        &mut self,
        x: &mut Operand,
        _e: ExprId,
        elts: &[ExprId],
        rbrace: Pos,
        base: TypeId,
        fields: ObjList,
    ) {
        for (i, &elt) in elts.iter().enumerate() {
            if let ExprKind::KeyValueExpr { .. } = self.kind(elt) {
                let msg = "mixture of field:value and value elements in struct literal";
                self.error(elt, codes::MIXED_STRUCT_LIT, msg);
                continue;
            }
            if i < fields.len() {
                let field = self.s.obj_at(fields, i);
                let typ = self.s.obj_type(field);
                if !self.is_foreign_field(field) && self.assigned_lit(elt, typ) {
                    continue;
                }
            }
            self.generic_expr(x, elt, None);
            if i >= fields.len() {
                let msg = format!("too many values in struct literal of type {}", self.ts(base));
                self.error(&*x, codes::INVALID_STRUCT_LIT, msg);
                break;
            }
            let field = self.s.obj_at(fields, i);
            if self.is_foreign_field(field) {
                let msg = format!(
                    "implicit assignment to unexported field {} in struct literal of type {}",
                    self.name_of(field),
                    self.ts(base)
                );
                self.error(&*x, codes::UNEXPORTED_LIT_FIELD, msg);
                continue;
            }
            let typ = self.s.obj_type(field);
            self.assignment(x, Some(typ), "struct literal");
        }
        if elts.len() < fields.len() {
            let hidden = (0..fields.len()).any(|i| {
                let f = self.s.obj_at(fields, i);
                self.is_foreign_field(f)
            });
            let hint = if hidden { " (type has unexported fields - use key:value pairs)" } else { "" };
            let msg = format!("too few values in struct literal of type {}{hint}", self.ts(base));
            self.error(rbrace, codes::INVALID_STRUCT_LIT, msg);
        }
    }

    /// The elements of an array or slice literal; returns the largest index plus one.
    fn indexed_elts(&mut self, elts: &[ExprId], typ: TypeId, len: Option<i64>) -> i64 {
        // As long as there are no keys, no index comes twice.
        let mut visited: Option<FxHashSet<i64>> = None;
        let (mut index, mut max) = (0i64, 0i64);
        for (n, &elt) in elts.iter().enumerate() {
            let mut valid = false;
            let mut value = elt;
            if let ExprKind::KeyValueExpr { key, value: v, .. } = self.kind(elt) {
                value = v;
                visited.get_or_insert_with(|| (0..n as i64).collect());
                match self.index(key, len) {
                    Some((_, Some(i))) => {
                        index = i;
                        valid = true;
                    }
                    Some((_, None)) => {
                        let msg = format!("index {} must be integer constant", self.es(key));
                        self.error(elt, codes::INVALID_LIT_INDEX, msg);
                    }
                    None => {}
                }
            } else if let Some(len) = len.filter(|&len| index >= len) {
                let msg = format!("index {index} is out of bounds (>= {len})");
                self.error(elt, codes::OVERSIZE_ARRAY_LIT, msg);
            } else {
                valid = true;
            }
            if let Some(visited) = &mut visited
                && valid
                && !visited.insert(index)
            {
                let msg = format!("duplicate index {index} in array or slice literal");
                self.error(elt, codes::DUPLICATE_LIT_KEY, msg);
            }
            index = index.saturating_add(1);
            max = max.max(index);
            if !self.assigned_lit(value, typ) {
                let mut x = Operand::default();
                self.generic_expr(&mut x, value, Some(typ));
                self.assignment(&mut x, Some(typ), "array or slice literal");
            }
        }
        max
    }

    fn map_lit(&mut self, x: &mut Operand, elts: &[ExprId], key_type: TypeId, elem: TypeId) {
        // Under an interface type constants are the same key only if their types are the same.
        let by_type = self.s.is_non_type_param_interface(key_type);
        let mut visited: FxHashMap<ValueKey, SmallVec<[TypeId; 1]>> = FxHashMap::default();
        for &elt in elts {
            let ExprKind::KeyValueExpr { key, value, .. } = self.kind(elt) else {
                self.error(elt, codes::MISSING_LIT_KEY, "missing key in map literal");
                continue;
            };
            self.generic_expr(x, key, Some(key_type));
            self.assignment(x, Some(key_type), "map literal");
            if !x.is_valid() {
                continue;
            }
            if x.mode == Mode::Constant
                && let Some(k) = x.val.key()
            {
                let types = visited.entry(k).or_default();
                let duplicate =
                    if by_type { types.iter().any(|&t| self.s.identical(t, x.typ)) } else { !types.is_empty() };
                types.push(x.typ);
                if duplicate {
                    let msg = format!("duplicate key {} in map literal", x.val);
                    self.error(&*x, codes::DUPLICATE_LIT_KEY, msg);
                    continue;
                }
            }
            self.generic_expr(x, value, Some(elem));
            self.assignment(x, Some(elem), "map literal");
        }
    }
}
