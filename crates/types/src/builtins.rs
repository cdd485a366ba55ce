//! Calls of built-in functions, those of package unsafe included.

use itab_syntax::{Code, Op};

use crate::TypeId;
use crate::call::Call;
use crate::check::Checker;
use crate::constant::Value;
use crate::errors::codes;
use crate::info::Mode;
use crate::object::BuiltinId;
use crate::operand::Operand;
use crate::types::{BasicKind, ChanDir, Type};

use BuiltinId as B;

impl<'a> Checker<'a> {
    /// Checks a call of a built-in function; `x` is the result. Says whether the call is valid.
    pub(crate) fn builtin(&mut self, x: &mut Operand, call: Call<'a>, id: BuiltinId) -> bool {
        if call.dots && id != B::Append {
            let msg = format!("invalid operation: invalid use of ... with built-in {}", id.name());
            self.error(call.expr, codes::INVALID_DOT_DOT_DOT, msg);
            self.use_exprs(call.args);
            return false;
        }
        // len and cap must know whether their argument has calls or receive operations.
        let outer = self.env.has_call_or_recv;
        if matches!(id, B::Len | B::Cap) {
            self.env.has_call_or_recv = false;
        }
        let ok = self.builtin_args(x, call, id);
        if matches!(id, B::Len | B::Cap) {
            self.env.has_call_or_recv = outer;
        }
        ok
    }

    fn builtin_args(&mut self, x: &mut Operand, call: Call<'a>, id: BuiltinId) -> bool {
        let mut args = Vec::new();
        let mut nargs = call.args.len();
        if !matches!(id, B::Make | B::New | B::Offsetof) {
            args = self.expr_list(call.args);
            nargs = args.len();
            if args.iter().any(|a| !a.is_valid()) {
                return false;
            }
            if let Some(first) = args.first() {
                *x = first.clone();
            }
        }
        let few = nargs < id.nargs();
        if few || !id.variadic() && nargs > id.nargs() {
            let msg = format!(
                "invalid operation: {} arguments for {} (expected {}, found {nargs})",
                if few { "not enough" } else { "too many" },
                self.es(call.expr),
                id.nargs()
            );
            self.error(call.expr, codes::WRONG_ARG_COUNT, msg);
            return false;
        }
        match id {
            B::Append => self.builtin_append(x, call, &mut args),
            B::Cap | B::Len => self.builtin_len(x, id),
            B::Clear => self.builtin_clear(x, call),
            B::Close => self.builtin_close(x),
            B::Complex => self.builtin_complex(x, call, &mut args[1]),
            B::Copy => self.builtin_copy(x, &args[1]),
            B::Delete => self.builtin_delete(x, &args[1]),
            B::Imag | B::Real => self.builtin_real(x, id),
            B::Make => self.builtin_make(x, call),
            B::Max | B::Min => self.builtin_min_max(x, call, id, &mut args),
            B::New => self.builtin_new(x, call),
            B::Panic => self.builtin_panic(x, call),
            B::Print | B::Println => self.builtin_print(x, id, &mut args),
            B::Recover => {
                x.set_value(TypeId::EMPTY_INTERFACE);
                true
            }
            B::Add => self.unsafe_add(x, call, &mut args[1]),
            B::Alignof | B::Sizeof => self.unsafe_sizeof(x, id),
            B::Offsetof => self.unsafe_offsetof(x, call),
            B::Slice => self.unsafe_slice(x, call, &mut args[1]),
            B::SliceData => self.unsafe_slice_data(x, call),
            B::String => self.unsafe_string(x, call, &mut args[1]),
            B::StringData => self.unsafe_string_data(x, call),
        }
    }

    fn no_value(&mut self, x: &mut Operand) -> bool {
        x.mode = Mode::NoValue;
        true
    }

    pub(crate) fn arg_error(&mut self, x: &Operand, code: Code, msg: String) -> bool {
        self.error(x, code, msg);
        false
    }

    // Slices, maps, channels.

    /// The element type of a slice; of a type parameter, of all its slices.
    fn slice_elem(&mut self, x: &Operand) -> Result<TypeId, String> {
        let mut elem: Option<TypeId> = None;
        for (_, u) in self.s.typeset_terms(x.typ) {
            let Some(Type::Slice(e)) = u.map(|u| self.s.ty(u)) else {
                return Err(if x.is_nil() {
                    "argument must be a slice; have untyped nil".to_string()
                } else {
                    format!("argument must be a slice; have {}", self.os(x))
                });
            };
            match elem {
                Some(first) if !self.s.identical(first, e) => {
                    return Err(format!(
                        "mismatched slice element types {} and {} in {}",
                        self.ts(first),
                        self.ts(e),
                        self.os(x)
                    ));
                }
                Some(_) => {}
                None => elem = Some(e),
            }
        }
        Ok(elem.unwrap_or(TypeId::INVALID))
    }

    /// Whether `x` is assignable to `[]byte` and each of `y`'s types is a string or `[]byte`; and whether
    /// one of them is a string.
    fn bytes_and_strings(&mut self, x: &Operand, y: &Operand) -> Option<bool> {
        let bytes = self.s.new_slice(TypeId::BYTE);
        if !self.assignable_to(x, bytes, None).0 {
            return None;
        }
        let mut has_string = false;
        for (_, u) in self.s.typeset_terms(y.typ) {
            let u = u?;
            match self.s.ty(u) {
                Type::Slice(e) if self.s.identical(e, TypeId::BYTE) => {}
                Type::Basic(BasicKind::String | BasicKind::UntypedString) => has_string = true,
                _ => return None,
            }
        }
        Some(has_string)
    }

    fn builtin_append(&mut self, x: &mut Operand, call: Call<'a>, args: &mut [Operand]) -> bool {
        let elem = match self.slice_elem(x) {
            Ok(elem) => elem,
            Err(cause) => return self.arg_error(x, codes::INVALID_APPEND, format!("invalid append: {cause}")),
        };
        if args.len() == 2 && call.dots && self.bytes_and_strings(x, &args[1]) == Some(true) {
            self.finish_string(&args[1]);
        } else {
            let slice = x.typ;
            self.append_arguments(call, slice, elem, args);
        }
        x.mode = Mode::Value;
        true
    }

    /// An untyped string that is used as it is gets type string.
    fn finish_string(&mut self, y: &Operand) {
        if let Some(e) = y.expr.filter(|_| y.typ == TypeId::UNTYPED_STRING) {
            self.update_expr_type(e, TypeId::STRING, true);
        }
    }

    fn builtin_copy(&mut self, x: &mut Operand, y: &Operand) -> bool {
        let invalid = |cause: String| format!("invalid copy: {cause}");
        let dst = match self.slice_elem(x) {
            Ok(elem) => elem,
            Err(cause) => return self.arg_error(x, codes::INVALID_COPY, invalid(cause)),
        };
        if self.bytes_and_strings(x, y).is_none() {
            let src = match self.slice_elem(y) {
                Ok(elem) => elem,
                Err(_) if self.s.all_string(y.typ) => TypeId::BYTE,
                Err(cause) => return self.arg_error(y, codes::INVALID_COPY, invalid(cause)),
            };
            if !self.s.identical(dst, src) {
                let cause = format!(
                    "arguments {} and {} have different element types {} and {}",
                    self.os(x),
                    self.os(y),
                    self.ts(dst),
                    self.ts(src)
                );
                return self.arg_error(x, codes::INVALID_COPY, invalid(cause));
            }
        }
        self.finish_string(y);
        x.set_value(TypeId::INT);
        true
    }

    /// The array that `t` points to, or else `t`.
    pub(crate) fn array_ptr_deref(&mut self, t: TypeId) -> TypeId {
        if let Type::Pointer(base) = self.s.uty(t) {
            let u = self.s.under(base);
            if let Type::Array { .. } = self.s.ty(u) {
                return u;
            }
        }
        t
    }

    /// Whether values of that underlying type have a length (or capacity).
    fn has_len(&mut self, u: TypeId, id: BuiltinId) -> bool {
        let u = self.array_ptr_deref(u);
        match self.s.ty(u) {
            Type::Basic(k) => id == B::Len && k.info() & crate::basic_info::STRING != 0,
            Type::Array { .. } | Type::Slice(_) | Type::Chan { .. } => true,
            Type::Map { .. } => id == B::Len,
            _ => false,
        }
    }

    fn builtin_len(&mut self, x: &mut Operand, id: BuiltinId) -> bool {
        let u = self.s.under(x.typ);
        let ok = if self.s.is_type_param(x.typ) {
            let terms = self.s.typeset_terms(x.typ);
            terms.into_iter().all(|(_, u)| u.is_some_and(|u| self.has_len(u, id)))
        } else {
            self.has_len(u, id)
        };
        if !ok {
            if self.s.is_valid(u) {
                let code = if id == B::Len { codes::INVALID_LEN } else { codes::INVALID_CAP };
                let msg = format!("invalid argument: {} for built-in {}", self.os(x), id.name());
                self.error(&*x, code, msg);
            }
            return false;
        }
        let array = self.array_ptr_deref(u);
        match self.s.ty(array) {
            Type::Array { len, .. } if !self.env.has_call_or_recv => {
                let val = if len >= 0 { Value::Int(len) } else { Value::Unknown };
                x.set_const(TypeId::INT, val);
            }
            _ if x.is_const() => {
                let len = x.val.str_len().unwrap_or(0);
                x.set_const(TypeId::INT, Value::Int(len as i64));
            }
            _ => x.set_value(TypeId::INT),
        }
        true
    }

    fn builtin_clear(&mut self, x: &mut Operand, call: Call<'a>) -> bool {
        self.verify_version(call.fun, 21, "clear");
        for (_, u) in self.s.typeset_terms(x.typ) {
            if !matches!(u.map(|u| self.s.ty(u)), Some(Type::Map { .. } | Type::Slice(_))) {
                let msg = format!(
                    "invalid argument: cannot clear {}: argument must be (or constrained by) map or slice",
                    self.os(x)
                );
                return self.arg_error(x, codes::INVALID_CLEAR, msg);
            }
        }
        self.no_value(x)
    }

    fn builtin_close(&mut self, x: &mut Operand) -> bool {
        for (_, u) in self.s.typeset_terms(x.typ) {
            let what = match u.map(|u| self.s.ty(u)) {
                Some(Type::Chan { dir: ChanDir::RecvOnly, .. }) => "receive-only channel",
                Some(Type::Chan { .. }) => continue,
                _ => "non-channel",
            };
            let msg = format!("invalid operation: cannot close {what} {}", self.os(x));
            return self.arg_error(x, codes::INVALID_CLOSE, msg);
        }
        self.no_value(x)
    }

    fn builtin_delete(&mut self, x: &mut Operand, key_arg: &Operand) -> bool {
        let mut key: Option<TypeId> = None;
        for (_, u) in self.s.typeset_terms(x.typ) {
            let Some(Type::Map { key: k, .. }) = u.map(|u| self.s.ty(u)) else {
                let msg = format!("invalid argument: {} is not a map", self.os(x));
                return self.arg_error(x, codes::INVALID_DELETE, msg);
            };
            if key.is_some_and(|key| !self.s.identical(k, key)) {
                let msg = format!("invalid argument: maps of {} must have identical key types", self.os(x));
                return self.arg_error(x, codes::INVALID_DELETE, msg);
            }
            key = Some(k);
        }
        *x = key_arg.clone();
        self.assignment(x, key, "argument to delete");
        x.is_valid() && self.no_value(x)
    }

    fn builtin_make(&mut self, x: &mut Operand, call: Call<'a>) -> bool {
        let arg0 = call.args[0];
        let t = self.var_type(arg0);
        if !self.s.is_valid(t) {
            return false;
        }
        let mut cond = |c: &mut Checker<'a>, _: Option<TypeId>, u: Option<TypeId>| match u.map(|u| c.s.ty(u)) {
            Some(Type::Slice(_) | Type::Map { .. } | Type::Chan { .. }) => Ok(()),
            None => Err("no specific type".to_string()),
            Some(_) => Err("type must be slice, map, or channel".to_string()),
        };
        let u = match self.common_under(t, Some(&mut cond)) {
            Ok(u) => u,
            Err(cause) => {
                let msg = format!("invalid argument: cannot make {}: {cause}", self.es(arg0));
                self.error(arg0, codes::INVALID_MAKE, msg);
                return false;
            }
        };
        let min = if let Type::Slice(_) = self.s.ty(u) { 2 } else { 1 };
        let n = call.args.len();
        if n < min || n > min + 1 {
            let msg =
                format!("invalid operation: {} expects {min} or {} arguments; found {n}", self.es(call.expr), min + 1);
            self.error(call.expr, codes::WRONG_ARG_COUNT, msg);
            return false;
        }
        let mut sizes = Vec::new();
        for &arg in &call.args[1..] {
            if let Some((_, Some(size))) = self.index(arg, None) {
                sizes.push(size);
            }
        }
        if sizes.len() == 2 && sizes[0] > sizes[1] {
            let msg = "invalid argument: length and capacity swapped";
            self.error(call.args[1], codes::SWAPPED_MAKE_ARGS, msg);
        }
        x.expr = Some(call.expr);
        x.set_value(t);
        true
    }

    // Numbers.

    fn builtin_complex(&mut self, x: &mut Operand, call: Call<'a>, y: &mut Operand) -> bool {
        match (self.s.is_untyped(x.typ), self.s.is_untyped(y.typ)) {
            (false, false) => {}
            (true, false) => self.convert_untyped(x, y.typ),
            (false, true) => self.convert_untyped(y, x.typ),
            (true, true) if x.is_const() && y.is_const() => {
                for o in [&mut *x, y] {
                    if self.s.is_numeric(o.typ) && o.val.imag().sign() == 0 {
                        o.typ = TypeId::UNTYPED_FLOAT;
                    }
                }
            }
            (true, true) => {
                // One of them is a shift; shifting a float is an error, which this brings about.
                self.convert_untyped(x, TypeId::FLOAT64);
                self.convert_untyped(y, TypeId::FLOAT64);
            }
        }
        if !x.is_valid() || !y.is_valid() {
            return false;
        }
        if !self.s.identical(x.typ, y.typ) {
            let msg = format!(
                "invalid operation: {} (mismatched types {} and {})",
                self.es(call.expr),
                self.ts(x.typ),
                self.ts(y.typ)
            );
            return self.arg_error(x, codes::INVALID_COMPLEX, msg);
        }
        let result = |k| match k {
            BasicKind::Float32 => Some(TypeId::COMPLEX64),
            BasicKind::Float64 => Some(TypeId::COMPLEX128),
            BasicKind::UntypedFloat => Some(TypeId::UNTYPED_COMPLEX),
            _ => None,
        };
        let Some(typ) = self.map_basic(x, B::Complex, &result) else {
            let msg = format!("invalid argument: arguments have type {}, expected floating-point", self.ts(x.typ));
            return self.arg_error(x, codes::INVALID_COMPLEX, msg);
        };
        if x.is_const() && y.is_const() {
            let val = Value::complex(x.val.to_float(), y.val.to_float());
            x.set_const(typ, val);
        } else {
            x.set_value(typ);
        }
        true
    }

    fn builtin_real(&mut self, x: &mut Operand, id: BuiltinId) -> bool {
        if self.s.is_untyped(x.typ) {
            if x.is_const() {
                if self.s.is_numeric(x.typ) {
                    x.typ = TypeId::UNTYPED_COMPLEX;
                }
            } else {
                self.convert_untyped(x, TypeId::COMPLEX128);
                if !x.is_valid() {
                    return false;
                }
            }
        }
        let result = |k| match k {
            BasicKind::Complex64 => Some(TypeId::FLOAT32),
            BasicKind::Complex128 => Some(TypeId::FLOAT64),
            BasicKind::UntypedComplex => Some(TypeId::UNTYPED_FLOAT),
            _ => None,
        };
        let Some(typ) = self.map_basic(x, id, &result) else {
            let code = if id == B::Real { codes::INVALID_REAL } else { codes::INVALID_IMAG };
            let msg = format!("invalid argument: argument has type {}, expected complex type", self.ts(x.typ));
            return self.arg_error(x, code, msg);
        };
        if x.is_const() {
            let val = if id == B::Real { x.val.real() } else { x.val.imag() };
            x.set_const(typ, val);
        } else {
            x.set_value(typ);
        }
        true
    }

    /// The result type of complex, real or imag. For type parameters there is none, as with gc.
    fn map_basic(
        &mut self,
        x: &Operand,
        id: BuiltinId,
        result: &dyn Fn(BasicKind) -> Option<TypeId>,
    ) -> Option<TypeId> {
        if !self.s.is_type_param(x.typ) {
            return self.basic_kind(x.typ).and_then(result);
        }
        for (_, u) in self.s.typeset_terms(x.typ) {
            let Type::Basic(k) = self.s.ty(u?) else { return None };
            result(k)?;
        }
        let code = match id {
            B::Real => codes::INVALID_REAL,
            B::Imag => codes::INVALID_IMAG,
            _ => codes::INVALID_COMPLEX,
        };
        let msg = format!(
            "{} not supported as argument to built-in {} for go1.18 (see go.dev/issue/50937)",
            self.os(x),
            id.name()
        );
        self.error(x, code, msg);
        Some(TypeId::INVALID)
    }

    fn builtin_min_max(&mut self, x: &mut Operand, call: Call<'a>, id: BuiltinId, args: &mut [Operand]) -> bool {
        self.verify_version(call.fun, 21, &format!("built-in {}", id.name()));
        let op = if id == B::Max { Op::Gtr } else { Op::Lss };
        for (i, a) in args.iter_mut().enumerate() {
            if !self.s.all_ordered(a.typ) {
                let msg = format!("invalid argument: {} cannot be ordered", self.os(a));
                return self.arg_error(a, codes::INVALID_MIN_MAX_OPERAND, msg);
            }
            if i == 0 {
                continue;
            }
            self.match_types(x, a);
            if !x.is_valid() {
                return false;
            }
            if !self.s.identical(x.typ, a.typ) {
                let msg = format!(
                    "invalid argument: mismatched types {} (previous argument) and {} (type of {})",
                    self.ts(x.typ),
                    self.ts(a.typ),
                    self.operand_expr(a)
                );
                return self.arg_error(a, codes::MISMATCHED_TYPES, msg);
            }
            if x.is_const() && a.is_const() {
                if a.val.compare(op, &x.val) {
                    *x = a.clone();
                }
            } else {
                x.mode = Mode::Value;
            }
        }
        if !x.is_const() {
            x.mode = Mode::Value;
            let context = format!("argument to built-in {}", id.name());
            self.assignment(x, Some(TypeId::EMPTY_INTERFACE), &context);
            if !x.is_valid() {
                return false;
            }
        }
        for a in args {
            if let Some(e) = a.expr.filter(|_| a.desc.is_none()) {
                self.update_expr_type(e, x.typ, true);
            }
        }
        true
    }

    // Others.

    fn builtin_new(&mut self, x: &mut Operand, call: Call<'a>) -> bool {
        let arg = call.args[0];
        self.expr_or_type(x, arg, false);
        self.exclude(x, &[Mode::NoValue, Mode::Builtin]);
        match x.mode {
            Mode::Invalid => return false,
            Mode::TypExpr => self.valid_var_type(arg, x.typ),
            _ => {
                if self.s.is_untyped(x.typ) {
                    self.assignment(x, None, "argument to new");
                    if !x.is_valid() {
                        return false;
                    }
                }
                if !self.allow_version(26) {
                    let what = format!("new({})", self.es(arg));
                    self.version_error(call.fun, 26, &what);
                }
            }
        }
        let typ = self.s.new_pointer(x.typ);
        x.set_value(typ);
        true
    }

    fn builtin_panic(&mut self, x: &mut Operand, call: Call<'a>) -> bool {
        self.panics.insert((self.env.tree, call.expr));
        self.assignment(x, Some(TypeId::EMPTY_INTERFACE), "argument to panic");
        x.is_valid() && self.no_value(x)
    }

    fn builtin_print(&mut self, x: &mut Operand, id: BuiltinId, args: &mut [Operand]) -> bool {
        let context = format!("argument to built-in {}", id.name());
        for a in args {
            self.assignment(a, None, &context);
            if !a.is_valid() {
                return false;
            }
        }
        self.no_value(x)
    }
}
