//! Conversions: those that assignments imply, and those that are written.

use super::Builder;
use crate::func::ValueId;
use crate::op::{Conv, Op, Storage};
use crate::ty::{Basic, Ty, TyId};
use crate::world::Res;
use itab_syntax::{ExprId, ExprKind};
use itab_types::Mode;

impl Builder<'_> {
    /// A value as an assignment to a variable of type `want` converts it.
    pub fn assign_conv(&mut self, v: ValueId, want: TyId) -> Res<ValueId> {
        let have = self.f.e.ty(v);
        if have == want {
            return Ok(v);
        }
        let (from, to) = (self.types().is_interface(have), self.types().is_interface(want));
        let op = match (from, to) {
            (false, true) => Op::MakeIface(v, Storage::Heap),
            (true, true) => Op::ChangeIface(v),
            (true, false) => {
                let (h, w) = (self.types().reflect_string(have), self.types().reflect_string(want));
                return self.fail(format!("an implicit conversion of {h} to {w}"));
            }
            _ => Op::Convert(Conv::Same, v),
        };
        Ok(self.f.e.op(want, op))
    }

    /// `T(x)`
    pub fn conversion(&mut self, e: ExprId, x: ExprId) -> Res<ValueId> {
        let want = self.type_of(e)?;
        if self.mode(x) == Mode::NilValue {
            self.at(e);
            return Ok(self.f.e.zero(want));
        }
        if let Some(val) = self.code.info.value_of(x).cloned()
            && let Some(to) = self.types().as_basic(want)
            && self.constant_converts(&val, to)
        {
            self.at(e);
            return self.constant(&val, want);
        }
        let v = self.expr(x)?;
        self.at(e);
        let have = self.f.e.ty(v);
        match self.text_conv(have, want) {
            Some(Conv::BytesToString(_)) if self.f.borrowed.remove(&e) => {
                Ok(self.f.e.op(want, Op::Convert(Conv::BytesAsString, v)))
            }
            Some(Conv::StringToBytes(_)) if self.f.borrowed.remove(&e) => {
                Ok(self.f.e.op(want, Op::Convert(Conv::StringAsBytes, v)))
            }
            _ => self.convert(v, want),
        }
    }

    /// Notes that an expression is used up before anything can be written: if it is a conversion between string and
    /// bytes, it need not copy them. Conversions to strings have no place of their own in the order of evaluation, so
    /// nothing that could write comes between them and the operation whose operands they are.
    pub fn borrow(&mut self, e: ExprId) {
        let e = self.code.tree.unparen(e);
        if let ExprKind::CallExpr { fun, .. } = self.code.tree[e].kind
            && self.mode(fun) == Mode::TypExpr
        {
            self.f.borrowed.insert(e);
        }
    }

    /// The same for a key that is looked up in a map, and the elements of structs and arrays in it.
    pub fn borrow_key(&mut self, e: ExprId) {
        let e = self.code.tree.unparen(e);
        let ExprKind::CompositeLit { elts, .. } = self.code.tree[e].kind else { return self.borrow(e) };
        if !self.type_of(e).is_ok_and(|t| matches!(self.types().under(t), Ty::Struct(_) | Ty::Array(..))) {
            return;
        }
        let elts = self.code.tree[elts].to_vec();
        for x in elts {
            match self.code.tree[x].kind {
                ExprKind::KeyValueExpr { value, .. } => self.borrow_key(value),
                _ => self.borrow_key(x),
            }
        }
    }

    /// A conversion between strings and slices.
    pub fn text_conv(&self, have: TyId, want: TyId) -> Option<Conv> {
        let types = self.types();
        let of_bytes = |elem: TyId| types.as_basic(elem) == Some(Basic::Uint8);
        match (types.under(have), types.under(want)) {
            (Ty::Basic(Basic::String), &Ty::Slice(elem)) if of_bytes(elem) => Some(Conv::StringToBytes(Storage::Heap)),
            (Ty::Basic(Basic::String), Ty::Slice(_)) => Some(Conv::StringToRunes(Storage::Heap)),
            (&Ty::Slice(elem), Ty::Basic(Basic::String)) if of_bytes(elem) => Some(Conv::BytesToString(Storage::Heap)),
            (Ty::Slice(_), Ty::Basic(Basic::String)) => Some(Conv::RunesToString(Storage::Heap)),
            _ => None,
        }
    }

    /// Whether a constant of a conversion to a type parameter keeps its value.
    fn constant_converts(&self, val: &itab_types::Value, to: Basic) -> bool {
        use itab_types::Value;
        match val {
            Value::Bool(_) => to == Basic::Bool,
            Value::Str(_) => to == Basic::String,
            Value::Int(_) | Value::BigInt(_) | Value::Rat(_) | Value::Float(_) | Value::Complex(_) => {
                to.is_float() || to.is_complex() || (to.is_integer() && val.to_int().as_i64().is_some())
            }
            Value::Unknown => false,
        }
    }

    /// An explicit conversion of a value.
    pub fn convert(&mut self, v: ValueId, want: TyId) -> Res<ValueId> {
        let have = self.f.e.ty(v);
        if have == want {
            return Ok(v);
        }
        let types = self.types();
        if types.is_interface(have) || types.is_interface(want) {
            return self.assign_conv(v, want);
        }
        let text = self.text_conv(have, want);
        let conv = match (types.under(have).clone(), types.under(want).clone()) {
            _ if let Some(conv) = text => conv,
            (h, w) if h == w => {
                let result = self.f.e.op(want, Op::Convert(Conv::Same, v));
                self.derive(result, &[v]);
                return Ok(result);
            }
            (Ty::Basic(Basic::UnsafePointer), Ty::Basic(Basic::Uintptr)) => return Ok(self.address_number(v, want)),
            (Ty::Basic(Basic::Uintptr), Ty::Basic(Basic::UnsafePointer)) => return Ok(self.pointer_from(v, want)),
            (Ty::Basic(h), Ty::Basic(w)) => match basic_conv(h, w) {
                Some(c) => c,
                None => return self.no_conversion(have, want),
            },
            (Ty::Slice(_), Ty::Pointer(_)) => Conv::SliceToArrayPtr,
            (Ty::Slice(_), Ty::Array(..)) => {
                let ptr = self.pointer(want);
                let p = self.f.e.op(ptr, Op::Convert(Conv::SliceToArrayPtr, v));
                return self.load_array(p, want);
            }
            _ if types.size_of(have) == types.size_of(want) => Conv::Same,
            _ => return self.no_conversion(have, want),
        };
        Ok(self.f.e.op(want, Op::Convert(conv, v)))
    }

    /// The array behind a converted slice's pointer, which may be nil for an empty array.
    fn load_array(&mut self, p: ValueId, ty: TyId) -> Res<ValueId> {
        if self.types().size_of(ty) == 0 {
            return Ok(self.f.e.zero(ty));
        }
        Ok(self.f.e.load(ty, p))
    }

    fn no_conversion<T>(&self, have: TyId, want: TyId) -> Res<T> {
        let (h, w) = (self.types().reflect_string(have), self.types().reflect_string(want));
        self.fail(format!("a conversion of {h} to {w}"))
    }
}

fn basic_conv(h: Basic, w: Basic) -> Option<Conv> {
    let number = |b: Basic| b.is_integer() || b.is_float() || b.is_complex();
    Some(match (h, w) {
        (h, Basic::String) if h.is_integer() => Conv::IntToString(Storage::Heap),
        (h, w) if number(h) && number(w) => Conv::Numeric,
        _ => return None,
    })
}
