//! Conversions `T(x)`.

use crate::TypeId;
use crate::check::Checker;
use crate::const_::representable_const;
use crate::constant::Value;
use crate::errors::codes;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::{BasicKind, Type};
use itab_syntax::Pos;

impl<'a> Checker<'a> {
    /// Checks the conversion of `x` to type `t`; `x` is the result.
    pub(crate) fn conversion(&mut self, x: &mut Operand, t: TypeId) {
        let const_arg = x.is_const();
        let mut cause = String::new();
        let mut ok = false;
        if const_arg && self.s.is_const_type(t) {
            if let Some(v) = self.const_conversion(x, t) {
                x.val = v;
                ok = true;
            } else if self.s.is_integer(x.typ) && self.s.is_integer(t) {
                let msg = format!("constant {} overflows {}", x.val, self.ts(t));
                self.error(&*x, codes::INVALID_CONVERSION, msg);
                return x.invalidate();
            }
        } else if const_arg && self.s.is_type_param(t) {
            ok = self.const_to_type_param(x, t, &mut cause);
            x.mode = Mode::Value;
        } else if self.convertible_to(x, t, &mut cause) {
            ok = true;
            x.mode = Mode::Value;
        }
        if self.s.unsafe_conversion == Some(Pos::NONE) {
            self.s.unsafe_conversion = x.expr.map(|e| self.pos(e)).or(Some(Pos::NONE));
        }
        if !ok {
            if const_arg && self.s.is_integer(t) && !x.val.to_int().is_unknown() {
                // A number that is an integer is shown as one.
                x.val = x.val.to_int();
            }
            let mut msg = format!("cannot convert {} to type {}", self.os(x), self.ts(t));
            if !cause.is_empty() {
                msg = format!("{msg}: {cause}");
            }
            self.error(&*x, codes::INVALID_CONVERSION, msg);
            return x.invalidate();
        }
        if self.s.is_untyped(x.typ)
            && let Some(e) = x.expr
        {
            let last = self.converted_type(x, t, const_arg);
            self.update_expr_type(e, last, true);
        }
        x.typ = t;
    }

    /// The type that the untyped argument of a conversion gets.
    fn converted_type(&mut self, x: &Operand, t: TypeId, const_arg: bool) -> TypeId {
        if x.typ == TypeId::UNTYPED_NIL {
            t
        } else if self.s.is_non_type_param_interface(t) || const_arg && !self.s.is_const_type(t) {
            self.s.default_type(x.typ)
        } else if x.is_const() && self.s.is_integer(x.typ) && self.s.all_string(t) {
            x.typ
        } else {
            t
        }
    }

    /// The constant `x` converted to a basic type.
    fn const_conversion(&mut self, x: &Operand, t: TypeId) -> Option<Value> {
        let kind = self.basic_kind(t)?;
        if let Some(v) = representable_const(&x.val, kind) {
            return Some(v);
        }
        if self.s.is_integer(x.typ) && matches!(kind, BasicKind::String | BasicKind::UntypedString) {
            let c = x.val.to_int().as_u64().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32);
            return Some(Value::string(c.unwrap_or(char::REPLACEMENT_CHARACTER).to_string()));
        }
        None
    }

    fn const_to_type_param(&mut self, x: &Operand, t: TypeId, cause: &mut String) -> bool {
        for (_, u) in self.s.typeset_terms(t) {
            let Some(u) = u else {
                *cause = format!("{} does not contain specific types", self.ts(t));
                return false;
            };
            if self.s.is_string(x.typ) && self.is_bytes_or_runes(u) {
                continue;
            }
            if self.const_conversion(x, u).is_none() {
                *cause = if self.s.is_integer(x.typ) && self.s.is_integer(u) {
                    format!("constant {} overflows {} (in {})", x.val, self.ts(u), self.ts(t))
                } else {
                    format!("cannot convert {} to type {} (in {})", self.os(x), self.ts(u), self.ts(t))
                };
                return false;
            }
        }
        true
    }

    pub(crate) fn is_bytes_or_runes(&mut self, t: TypeId) -> bool {
        let Type::Slice(elem) = self.s.uund(t) else { return false };
        let kind = self.basic_kind(elem).map(BasicKind::canonical);
        matches!(kind, Some(BasicKind::Uint8 | BasicKind::Int32))
    }

    fn is_basic_of(&mut self, t: TypeId, kind: BasicKind) -> bool {
        self.basic_kind(t) == Some(kind)
    }

    /// Whether the value `x`, not a constant, can be converted to `t`; if not, `cause` may say why.
    pub(crate) fn convertible_to(&mut self, x: &Operand, t: TypeId, cause: &mut String) -> bool {
        if self.assignable_to(x, t, Some(cause)).0 {
            return true;
        }
        let (v, t0) = (self.s.unalias(x.typ), t);
        let t = self.s.unalias(t);
        let (v_param, t_param) = (self.s.is_type_param(v), self.s.is_type_param(t));
        if !v_param && !t_param {
            return self.concrete_convertible(v, t, cause);
        }
        self.generic_convertible(x, v, t, t0, cause)
    }

    fn concrete_convertible(&mut self, v: TypeId, t: TypeId, cause: &mut String) -> bool {
        let (vu, tu) = (self.s.under(v), self.s.under(t));
        if self.s.identical_ignore_tags(vu, tu) {
            return true;
        }
        if let (Type::Pointer(vb), Type::Pointer(tb)) = (self.s.ty(v), self.s.ty(t))
            && !self.s.is_type_param(vb)
            && !self.s.is_type_param(tb)
        {
            let (vb, tb) = (self.s.under(vb), self.s.under(tb));
            if self.s.identical_ignore_tags(vb, tb) {
                return true;
            }
        }
        if self.s.is_integer_or_float(vu) && self.s.is_integer_or_float(tu) {
            return true;
        }
        if self.s.is_complex(vu) && self.s.is_complex(tu) {
            return true;
        }
        if self.s.is_string(tu) && (self.s.is_integer(vu) || self.is_bytes_or_runes(vu)) {
            return true;
        }
        if self.s.is_string(vu) && self.is_bytes_or_runes(tu) {
            return true;
        }
        self.unsafe_convertible(vu, tu) || self.slice_to_array(vu, tu, cause)
    }

    fn unsafe_convertible(&mut self, vu: TypeId, tu: TypeId) -> bool {
        let word = |c: &mut Self, t| matches!(c.s.ty(t), Type::Pointer(_)) || c.is_basic_of(t, BasicKind::Uintptr);
        if self.is_basic_of(vu, BasicKind::UnsafePointer) && matches!(self.s.ty(tu), Type::Pointer(_)) {
            // Where that is, the caller knows.
            self.s.unsafe_conversion.get_or_insert(Pos::NONE);
        }
        self.is_basic_of(tu, BasicKind::UnsafePointer) && word(self, vu)
            || self.is_basic_of(vu, BasicKind::UnsafePointer) && word(self, tu)
    }

    fn slice_to_array(&mut self, vu: TypeId, tu: TypeId, cause: &mut String) -> bool {
        let Type::Slice(elem) = self.s.ty(vu) else { return false };
        let (array, since, what) = match self.s.ty(tu) {
            Type::Pointer(base) => (self.s.under(base), 17, "array pointer"),
            _ => (tu, 20, "array"),
        };
        let Type::Array { elem: of, .. } = self.s.ty(array) else { return false };
        if !self.s.identical(elem, of) {
            return false;
        }
        if !self.allow_version(since) {
            *cause = format!("conversion of slice to {what} requires go1.{since} or later");
            return false;
        }
        true
    }

    /// The conversion must work for every type of the type sets.
    fn generic_convertible(&mut self, x: &Operand, v: TypeId, t: TypeId, t0: TypeId, cause: &mut String) -> bool {
        let (v_param, t_param) = (self.s.is_type_param(v), self.s.is_type_param(t));
        let froms = self.s.typeset_terms(v);
        let tos = self.s.typeset_terms(t);
        let mut x = x.clone();
        for &(from, _) in &froms {
            let Some(from) = from else { return false };
            x.typ = from;
            if !t_param {
                if !self.convertible_to(&x, t0, cause) {
                    let head = format!("cannot convert {} (in {}) to type {}", self.ts(from), self.ts(v), self.ts(t0));
                    chain_cause(cause, head);
                    return false;
                }
                continue;
            }
            for &(to, _) in &tos {
                let Some(to) = to else { return false };
                if !self.convertible_to(&x, to, cause) {
                    let (to, t) = (self.ts(to), self.ts(t));
                    let head = if v_param {
                        format!("cannot convert {} (in {}) to type {to} (in {t})", self.ts(from), self.ts(v))
                    } else {
                        format!("cannot convert {} to type {to} (in {t})", self.ts(from))
                    };
                    chain_cause(cause, head);
                    return false;
                }
            }
        }
        true
    }
}

/// Puts a cause in front of what caused it.
fn chain_cause(cause: &mut String, mut head: String) {
    if !cause.is_empty() {
        head.push_str("\n\t");
        head.push_str(cause);
    }
    *cause = head;
}
