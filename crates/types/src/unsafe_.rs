//! Built-in functions of package unsafe.

use itab_syntax::ExprKind;

use crate::TypeId;
use crate::call::Call;
use crate::check::Checker;
use crate::constant::Value;
use crate::errors::codes;
use crate::info::{Mode, Selection, SelectionKind};
use crate::object::{BuiltinId, ObjKind};
use crate::operand::Operand;
use crate::types::Type;

use BuiltinId as B;

impl<'a> Checker<'a> {
    pub(crate) fn unsafe_add(&mut self, x: &mut Operand, call: Call<'a>, y: &mut Operand) -> bool {
        self.verify_version(call.fun, 17, "unsafe.Add");
        self.assignment(x, Some(TypeId::UNSAFE_POINTER), "argument to unsafe.Add");
        if !x.is_valid() || !self.is_valid_index(y, codes::INVALID_UNSAFE_ADD, "length", true) {
            return false;
        }
        x.set_value(TypeId::UNSAFE_POINTER);
        true
    }

    pub(crate) fn unsafe_sizeof(&mut self, x: &mut Operand, id: BuiltinId) -> bool {
        self.assignment(x, None, &format!("argument to unsafe.{}", id.name()));
        if !x.is_valid() {
            return false;
        }
        if self.has_var_size(x.typ) {
            x.set_value(TypeId::UINTPTR);
            return true;
        }
        let size = if id == B::Sizeof { self.s.sizeof(x.typ) } else { self.s.alignof(x.typ) };
        if size < 0 {
            let msg = format!("{} is too large", self.os(x));
            return self.arg_error(x, codes::TYPE_TOO_LARGE, msg);
        }
        x.set_const(TypeId::UINTPTR, Value::Int(size));
        true
    }

    pub(crate) fn unsafe_offsetof(&mut self, x: &mut Operand, call: Call<'a>) -> bool {
        let arg = call.args[0];
        let selector = self.tree().unparen(arg);
        let ExprKind::SelectorExpr { x: operand, sel, .. } = self.kind(selector) else {
            let msg = format!("invalid argument: {} is not a selector expression", self.es(arg));
            self.error(arg, codes::BAD_OFFSETOF_SYNTAX, msg);
            self.use_exprs(&[arg]);
            return false;
        };
        self.expr(None, x, operand);
        if !x.is_valid() {
            return false;
        }
        let base = self.s.deref_struct_ptr(x.typ);
        let found = self.s.lookup_field_or_method(base, false, Some(self.pkg), sel.name, false);
        let Some(field) = found.obj else {
            let msg = format!("invalid argument: {} has no single field {}", self.ts(base), self.text(sel.name));
            return self.arg_error(x, codes::MISSING_FIELD_OR_METHOD, msg);
        };
        if let ObjKind::Func(_) = self.s.obj(field).kind {
            let msg = format!("invalid argument: {} is a method value", self.es(arg));
            self.error(arg, codes::INVALID_OFFSETOF, msg);
            return false;
        }
        if found.indirect {
            let msg = format!(
                "invalid argument: field {} is embedded via a pointer in {}",
                self.text(sel.name),
                self.ts(base)
            );
            return self.arg_error(x, codes::INVALID_OFFSETOF, msg);
        }
        let typ = self.s.obj_type(field);
        let mode = if x.mode == Mode::Variable { Mode::Variable } else { Mode::Value };
        let index = found.index;
        let selection =
            Selection { kind: SelectionKind::FieldVal, recv: base, obj: field, index: index.clone(), indirect: false };
        self.record_selection(selector, selection);
        self.record_type_and_value(selector, mode, typ, None);
        if self.has_var_size(base) {
            x.set_value(TypeId::UINTPTR);
            return true;
        }
        match self.field_offset(base, &index) {
            Some(offset) => {
                x.set_const(TypeId::UINTPTR, Value::Int(offset));
                true
            }
            None => {
                let msg = format!("{} is too large", self.os(x));
                self.arg_error(x, codes::TYPE_TOO_LARGE, msg)
            }
        }
    }

    /// The offset of the field at the end of a path through embedded structs.
    fn field_offset(&mut self, mut t: TypeId, path: &[u32]) -> Option<i64> {
        let mut sum = 0i64;
        for &i in path {
            let Type::Struct(s) = self.s.uund(t) else { return None };
            let offset = self.s.offsets(s)[i as usize];
            if offset < 0 {
                return None;
            }
            sum = sum.checked_add(offset)?;
            t = self.s.obj_type(self.s.obj_at(self.s.struct_(s).fields, i as usize));
        }
        Some(sum)
    }

    pub(crate) fn unsafe_slice(&mut self, x: &mut Operand, call: Call<'a>, y: &mut Operand) -> bool {
        self.verify_version(call.fun, 17, "unsafe.Slice");
        let u = self.common_under(x.typ, None).unwrap_or(TypeId::INVALID);
        let Type::Pointer(base) = self.s.ty(u) else {
            let msg = format!("invalid argument: {} is not a pointer", self.os(x));
            return self.arg_error(x, codes::INVALID_UNSAFE_SLICE, msg);
        };
        if !self.is_valid_index(y, codes::INVALID_UNSAFE_SLICE, "length", false) {
            return false;
        }
        let typ = self.s.new_slice(base);
        x.set_value(typ);
        true
    }

    pub(crate) fn unsafe_slice_data(&mut self, x: &mut Operand, call: Call<'a>) -> bool {
        self.verify_version(call.fun, 20, "unsafe.SliceData");
        let u = self.common_under(x.typ, None).unwrap_or(TypeId::INVALID);
        let Type::Slice(elem) = self.s.ty(u) else {
            let msg = format!("invalid argument: {} is not a slice", self.os(x));
            return self.arg_error(x, codes::INVALID_UNSAFE_SLICE_DATA, msg);
        };
        let typ = self.s.new_pointer(elem);
        x.set_value(typ);
        true
    }

    pub(crate) fn unsafe_string(&mut self, x: &mut Operand, call: Call<'a>, y: &mut Operand) -> bool {
        self.verify_version(call.fun, 20, "unsafe.String");
        let bytes = self.s.new_pointer(TypeId::BYTE);
        self.assignment(x, Some(bytes), "argument to unsafe.String");
        if !x.is_valid() || !self.is_valid_index(y, codes::INVALID_UNSAFE_STRING, "length", false) {
            return false;
        }
        x.set_value(TypeId::STRING);
        true
    }

    pub(crate) fn unsafe_string_data(&mut self, x: &mut Operand, call: Call<'a>) -> bool {
        self.verify_version(call.fun, 20, "unsafe.StringData");
        self.assignment(x, Some(TypeId::STRING), "argument to unsafe.StringData");
        if !x.is_valid() {
            return false;
        }
        let typ = self.s.new_pointer(TypeId::BYTE);
        x.set_value(typ);
        true
    }
}
