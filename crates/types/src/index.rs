//! Index expressions, slice expressions, and the checks of indices.

use itab_syntax::{Code, ExprId, ExprKind};

use crate::TypeId;
use crate::check::Checker;
use crate::const_::representable_const;
use crate::errors::codes;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::{BasicKind, Type};

/// How a type can be indexed.
struct Indexable {
    /// The key's type, for maps.
    key: Option<TypeId>,
    elem: TypeId,
    /// Number of elements, if it is known.
    len: Option<i64>,
    mode: Mode,
}

impl<'a> Checker<'a> {
    /// Checks `x[…]`. If `x` is a generic function, says so and leaves the instantiation to the caller;
    /// `x` is the function then.
    pub(crate) fn index_expr(&mut self, x: &mut Operand, e: ExprId) -> bool {
        let ExprKind::IndexExpr { x: operand, indices, .. } = self.kind(e) else { return false };
        self.expr_or_type(x, operand, true);
        let indices = &self.tree()[indices];
        match x.mode {
            Mode::Invalid => {
                self.use_exprs(indices);
                return false;
            }
            Mode::TypExpr => {
                x.invalidate();
                x.typ = self.var_type(e);
                if self.s.is_valid(x.typ) {
                    x.mode = Mode::TypExpr;
                }
                return false;
            }
            Mode::Value => {
                if let Type::Signature(s) = self.s.uund(x.typ)
                    && !self.s.sig(s).tparams.is_empty()
                {
                    return true;
                }
            }
            _ => {}
        }
        self.non_generic(None, x);
        if x.is_valid() {
            self.index_value(x, e, indices);
        }
        false
    }

    fn index_value(&mut self, x: &mut Operand, e: ExprId, indices: &[ExprId]) {
        if !self.is_complete(x.typ) {
            return x.invalidate();
        }
        match self.s.uund(x.typ) {
            Type::Pointer(base) if !self.is_complete(base) => return x.invalidate(),
            Type::Map { elem, .. } if !self.is_complete(elem) => return x.invalidate(),
            _ => {}
        }
        let Some(how) = self.indexable(x) else {
            let msg = format!("cannot index {}", self.os(x));
            let at = self.node_pos(e);
            self.error(at, codes::NON_SLICEABLE_OPERAND, msg);
            self.use_exprs(indices);
            return x.invalidate();
        };
        if indices.len() > 1 {
            self.error(indices[1], codes::INVALID_INDEX, "invalid operation: more than one index");
        }
        let Some(&index) = indices.first() else {
            return x.invalidate();
        };
        if let Some(key) = how.key {
            let mut k = Operand::default();
            self.generic_expr(&mut k, index, None);
            self.assignment(&mut k, Some(key), "map index");
            // The type of the element is known even if the key was wrong.
            x.mode = Mode::MapIndex;
            x.typ = how.elem;
            x.expr = Some(e);
            return;
        }
        x.mode = how.mode;
        x.typ = how.elem;
        self.index(index, how.len);
    }

    /// What indexing `x` gives.
    fn indexable(&mut self, x: &Operand) -> Option<Indexable> {
        if !self.s.is_type_param(x.typ) {
            let u = self.s.under(x.typ);
            let mut how = self.indexable_under(x, u)?;
            if x.is_const() {
                how.len = x.val.str_len().map(|n| n as i64);
            }
            return Some(how);
        }
        let mut all: Option<Indexable> = None;
        for (_, u) in self.s.typeset_terms(x.typ) {
            let how = self.indexable_under(x, u?)?;
            let Some(first) = &mut all else {
                all = Some(how);
                continue;
            };
            // Maps do not mix with others, and all must agree.
            let same_keys = match (first.key, how.key) {
                (Some(a), Some(b)) => self.s.identical(a, b),
                (a, b) => a.is_none() && b.is_none(),
            };
            if !same_keys || !self.s.identical(first.elem, how.elem) {
                return None;
            }
            first.len = match (first.len, how.len) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            if how.mode == Mode::Value {
                first.mode = Mode::Value;
            }
        }
        all
    }

    fn indexable_under(&mut self, x: &Operand, u: TypeId) -> Option<Indexable> {
        let array_mode = if x.mode == Mode::Variable { Mode::Variable } else { Mode::Value };
        let known = |len: i64| (len >= 0).then_some(len);
        let (key, elem, len, mode) = match self.s.ty(u) {
            Type::Basic(BasicKind::String | BasicKind::UntypedString) => (None, TypeId::BYTE, None, Mode::Value),
            Type::Array { len, elem } => (None, elem, known(len), array_mode),
            Type::Pointer(base) => match self.s.uund(base) {
                Type::Array { len, elem } => (None, elem, known(len), Mode::Variable),
                _ => return None,
            },
            Type::Slice(elem) => (None, elem, None, Mode::Variable),
            Type::Map { key, elem } => (Some(key), elem, None, Mode::MapIndex),
            _ => return None,
        };
        Some(Indexable { key, elem, len, mode })
    }

    /// Checks an index below `max`, if there is one. Returns its type, and its value if it is constant;
    /// none if it is not valid.
    pub(crate) fn index(&mut self, index: ExprId, max: Option<i64>) -> Option<(TypeId, Option<i64>)> {
        let mut x = Operand::default();
        self.expr(None, &mut x, index);
        if !self.is_valid_index(&mut x, codes::INVALID_INDEX, "index", false) {
            return None;
        }
        if !x.is_const() {
            return Some((x.typ, None));
        }
        let v = x.val.as_i64()?;
        if let Some(max) = max.filter(|&max| v >= max) {
            let msg = format!("invalid argument: index {} out of bounds [0:{max}]", x.val);
            self.error(&x, codes::INVALID_INDEX, msg);
            return None;
        }
        Some((x.typ, Some(v)))
    }

    /// Whether `x` will do as an index or length; reports it if not.
    pub(crate) fn is_valid_index(&mut self, x: &mut Operand, code: Code, what: &str, allow_negative: bool) -> bool {
        if !x.is_valid() {
            return false;
        }
        self.convert_untyped(x, TypeId::INT);
        if !x.is_valid() {
            return false;
        }
        if !self.s.all_integer(x.typ) {
            let msg = format!("invalid argument: {what} {} must be integer", self.os(x));
            self.error(&*x, code, msg);
            return false;
        }
        if x.is_const() {
            if !allow_negative && x.val.sign() < 0 {
                let msg = format!("invalid argument: {what} {} must not be negative", self.os(x));
                self.error(&*x, code, msg);
                return false;
            }
            let Some(v) = representable_const(&x.val, BasicKind::Int) else {
                let msg = format!("invalid argument: {what} {} overflows int", self.os(x));
                self.error(&*x, code, msg);
                return false;
            };
            x.val = v;
        }
        true
    }

    /// Checks `x[low:high:max]`.
    pub(crate) fn slice_expr(&mut self, x: &mut Operand, e: ExprId) {
        let ExprKind::SliceExpr { x: operand, low, high, max, slice3, .. } = self.kind(e) else { return };
        self.expr(None, x, operand);
        let bounds = [low, high, max];
        if !x.is_valid() {
            self.use_exprs(&bounds.iter().flatten().copied().collect::<Vec<_>>());
            return;
        }
        let Some(u) = self.sliceable(x) else { return x.invalidate() };
        if let Type::Pointer(base) = self.s.uund(x.typ)
            && !self.is_complete(base)
        {
            return x.invalidate();
        }
        let Some(len) = self.slice_type(x, u, operand, slice3.then_some(max.unwrap_or(e))) else {
            return x.invalidate();
        };
        x.mode = Mode::Value;
        if slice3 && (high.is_none() || max.is_none()) {
            // The parser has reported it.
            return x.invalidate();
        }
        self.slice_bounds(bounds, len);
    }

    /// The common underlying type of what is sliced; reports it if there is none.
    fn sliceable(&mut self, x: &Operand) -> Option<TypeId> {
        let mut common: Option<(Option<TypeId>, TypeId)> = None;
        let mut has_string = false;
        for (t, u) in self.s.typeset_terms(x.typ) {
            let Some(mut u) = u else {
                let msg = format!("cannot slice {}: no specific type in {}", self.os(x), self.ts(x.typ));
                self.error(x, codes::NON_SLICEABLE_OPERAND, msg);
                return None;
            };
            if self.s.is_string(u) {
                u = self.s.new_slice(TypeId::BYTE);
                has_string = true;
            }
            match common {
                None => common = Some((t, u)),
                Some((ct, cu)) if !self.s.identical(cu, u) => {
                    let text = |t: Option<TypeId>| t.map_or(String::new(), |t| self.ts(t));
                    let msg = format!(
                        "cannot slice {}: {} and {} have different underlying types",
                        self.os(x),
                        text(ct),
                        text(t)
                    );
                    self.error(x, codes::NON_SLICEABLE_OPERAND, msg);
                    return None;
                }
                Some(_) => {}
            }
        }
        if has_string {
            let under = self.s.under(x.typ);
            return Some(if self.s.is_type_param(x.typ) { TypeId::STRING } else { under });
        }
        common.map(|c| c.1)
    }

    /// Sets the type of a slice expression; returns the operand's length if it is known.
    fn slice_type(&mut self, x: &mut Operand, u: TypeId, operand: ExprId, max: Option<ExprId>) -> Option<Option<i64>> {
        match self.s.ty(u) {
            Type::Basic(BasicKind::String | BasicKind::UntypedString) => {
                if let Some(max) = max {
                    let msg = "invalid operation: 3-index slice of string";
                    self.error(max, codes::INVALID_SLICE_EXPR, msg);
                    return None;
                }
                let len = if x.is_const() { x.val.str_len().map(|n| n as i64) } else { None };
                if self.s.is_untyped(x.typ) {
                    // The operand itself is a string, too.
                    if let Some(e) = x.expr {
                        self.update_expr_type(e, TypeId::STRING, true);
                    }
                    x.typ = TypeId::STRING;
                }
                Some(len)
            }
            Type::Array { len, elem } => {
                if x.mode != Mode::Variable {
                    let msg = format!("cannot slice unaddressable value {}", self.os(x));
                    self.error(&*x, codes::NON_SLICEABLE_OPERAND, msg);
                    return None;
                }
                self.mark_addr_taken(operand);
                x.typ = self.s.new_slice(elem);
                Some((len >= 0).then_some(len))
            }
            Type::Pointer(base) if matches!(self.s.uund(base), Type::Array { .. }) => {
                let Type::Array { len, elem } = self.s.uund(base) else { return None };
                x.typ = self.s.new_slice(elem);
                Some((len >= 0).then_some(len))
            }
            Type::Slice(_) => Some(None),
            _ => {
                let msg = format!("cannot slice {}", self.os(x));
                self.error(&*x, codes::NON_SLICEABLE_OPERAND, msg);
                None
            }
        }
    }

    fn slice_bounds(&mut self, bounds: [Option<ExprId>; 3], len: Option<i64>) {
        let mut values = [None; 3];
        for (i, bound) in bounds.into_iter().enumerate() {
            values[i] = match bound {
                Some(e) => self.index(e, len.map(|l| l + 1)).and_then(|(_, v)| v),
                None if i == 0 => Some(0),
                None => len,
            };
        }
        for i in 0..2 {
            let Some(a) = values[i].filter(|&a| a > 0) else { continue };
            for j in i + 1..3 {
                if let (Some(b), Some(e)) = (values[j], bounds[j])
                    && b < a
                {
                    let msg = format!("invalid slice indices: {b} < {a}");
                    self.error(e, codes::SWAPPED_SLICE_INDICES, msg);
                    return;
                }
            }
        }
    }
}
