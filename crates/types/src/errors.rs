//! Reporting: codes, positions, and the texts of types, objects, operands and expressions in messages.
//!
//! Texts are made only when an error is reported. The wording and the codes' names are those of Go's
//! compiler; each code's doc is the smallest program that earns it.

use std::fmt::Write;

use itab_syntax::{Code, Diagnostic, ExprId, ExprKind, Ident, Pos, Severity, Span};

use crate::check::Checker;
use crate::info::Mode;
use crate::object::{ObjKind, VarKind};
use crate::operand::Operand;
use crate::package::GoVersion;
use crate::types::Type;
use crate::{ObjId, PkgId, TypeId};

/// The checker's error codes, by go/types' names.
#[allow(missing_docs)]
pub mod codes {
    use itab_syntax::Code;

    macro_rules! codes {
        ($($konst:ident $name:literal)*) => { $(pub const $konst: Code = Code($name);)* };
    }

    codes! {
        INVALID_SYNTAX_TREE "InvalidSyntaxTree"
        BLANK_PKG_NAME "BlankPkgName"
        MISMATCHED_PKG_NAME "MismatchedPkgName"
        INVALID_PKG_USE "InvalidPkgUse"
        BAD_IMPORT_PATH "BadImportPath"
        BROKEN_IMPORT "BrokenImport"
        IMPORT_C_RENAMED "ImportCRenamed"
        UNUSED_IMPORT "UnusedImport"
        INVALID_INIT_CYCLE "InvalidInitCycle"
        DUPLICATE_DECL "DuplicateDecl"
        INVALID_DECL_CYCLE "InvalidDeclCycle"
        INVALID_TYPE_CYCLE "InvalidTypeCycle"
        INVALID_CONST_INIT "InvalidConstInit"
        INVALID_CONST_VAL "InvalidConstVal"
        INVALID_CONST_TYPE "InvalidConstType"
        UNTYPED_NIL_USE "UntypedNilUse"
        WRONG_ASSIGN_COUNT "WrongAssignCount"
        UNASSIGNABLE_OPERAND "UnassignableOperand"
        NO_NEW_VAR "NoNewVar"
        MULTI_VAL_ASSIGN_OP "MultiValAssignOp"
        INVALID_IFACE_ASSIGN "InvalidIfaceAssign"
        INVALID_CHAN_ASSIGN "InvalidChanAssign"
        INCOMPATIBLE_ASSIGN "IncompatibleAssign"
        UNADDRESSABLE_FIELD_ASSIGN "UnaddressableFieldAssign"
        NOT_A_TYPE "NotAType"
        INVALID_ARRAY_LEN "InvalidArrayLen"
        BLANK_IFACE_METHOD "BlankIfaceMethod"
        INCOMPARABLE_MAP_KEY "IncomparableMapKey"
        INVALID_PTR_EMBED "InvalidPtrEmbed"
        BAD_RECV "BadRecv"
        INVALID_RECV "InvalidRecv"
        DUPLICATE_FIELD_AND_METHOD "DuplicateFieldAndMethod"
        DUPLICATE_METHOD "DuplicateMethod"
        INVALID_BLANK "InvalidBlank"
        INVALID_IOTA "InvalidIota"
        MISSING_INIT_BODY "MissingInitBody"
        MISSING_BODY "MissingBody"
        INVALID_INIT_SIG "InvalidInitSig"
        INVALID_INIT_DECL "InvalidInitDecl"
        INVALID_MAIN_DECL "InvalidMainDecl"
        TOO_MANY_VALUES "TooManyValues"
        NOT_AN_EXPR "NotAnExpr"
        TRUNCATED_FLOAT "TruncatedFloat"
        NUMERIC_OVERFLOW "NumericOverflow"
        UNDEFINED_OP "UndefinedOp"
        MISMATCHED_TYPES "MismatchedTypes"
        DIV_BY_ZERO "DivByZero"
        NON_NUMERIC_INC_DEC "NonNumericIncDec"
        UNADDRESSABLE_OPERAND "UnaddressableOperand"
        INVALID_INDIRECTION "InvalidIndirection"
        NON_INDEXABLE_OPERAND "NonIndexableOperand"
        INVALID_INDEX "InvalidIndex"
        SWAPPED_SLICE_INDICES "SwappedSliceIndices"
        NON_SLICEABLE_OPERAND "NonSliceableOperand"
        INVALID_SLICE_EXPR "InvalidSliceExpr"
        INVALID_SHIFT_COUNT "InvalidShiftCount"
        INVALID_SHIFT_OPERAND "InvalidShiftOperand"
        INVALID_RECEIVE "InvalidReceive"
        INVALID_SEND "InvalidSend"
        DUPLICATE_LIT_KEY "DuplicateLitKey"
        MISSING_LIT_KEY "MissingLitKey"
        INVALID_LIT_INDEX "InvalidLitIndex"
        OVERSIZE_ARRAY_LIT "OversizeArrayLit"
        MIXED_STRUCT_LIT "MixedStructLit"
        INVALID_STRUCT_LIT "InvalidStructLit"
        MISSING_LIT_FIELD "MissingLitField"
        DUPLICATE_LIT_FIELD "DuplicateLitField"
        UNEXPORTED_LIT_FIELD "UnexportedLitField"
        INVALID_LIT_FIELD "InvalidLitField"
        UNTYPED_LIT "UntypedLit"
        INVALID_LIT "InvalidLit"
        AMBIGUOUS_SELECTOR "AmbiguousSelector"
        UNDECLARED_IMPORTED_NAME "UndeclaredImportedName"
        UNEXPORTED_NAME "UnexportedName"
        UNDECLARED_NAME "UndeclaredName"
        MISSING_FIELD_OR_METHOD "MissingFieldOrMethod"
        BAD_DOT_DOT_DOT_SYNTAX "BadDotDotDotSyntax"
        NON_VARIADIC_DOT_DOT_DOT "NonVariadicDotDotDot"
        INVALID_DOT_DOT_DOT "InvalidDotDotDot"
        UNCALLED_BUILTIN "UncalledBuiltin"
        INVALID_APPEND "InvalidAppend"
        INVALID_CAP "InvalidCap"
        INVALID_CLOSE "InvalidClose"
        INVALID_COPY "InvalidCopy"
        INVALID_COMPLEX "InvalidComplex"
        INVALID_DELETE "InvalidDelete"
        INVALID_IMAG "InvalidImag"
        INVALID_LEN "InvalidLen"
        SWAPPED_MAKE_ARGS "SwappedMakeArgs"
        INVALID_MAKE "InvalidMake"
        INVALID_REAL "InvalidReal"
        INVALID_ASSERT "InvalidAssert"
        IMPOSSIBLE_ASSERT "ImpossibleAssert"
        INVALID_CONVERSION "InvalidConversion"
        INVALID_UNTYPED_CONVERSION "InvalidUntypedConversion"
        BAD_OFFSETOF_SYNTAX "BadOffsetofSyntax"
        INVALID_OFFSETOF "InvalidOffsetof"
        UNUSED_EXPR "UnusedExpr"
        UNUSED_VAR "UnusedVar"
        MISSING_RETURN "MissingReturn"
        WRONG_RESULT_COUNT "WrongResultCount"
        OUT_OF_SCOPE_RESULT "OutOfScopeResult"
        INVALID_COND "InvalidCond"
        INVALID_POST_DECL "InvalidPostDecl"
        INVALID_ITER_VAR "InvalidIterVar"
        INVALID_RANGE_EXPR "InvalidRangeExpr"
        MISPLACED_BREAK "MisplacedBreak"
        MISPLACED_CONTINUE "MisplacedContinue"
        MISPLACED_FALLTHROUGH "MisplacedFallthrough"
        DUPLICATE_CASE "DuplicateCase"
        DUPLICATE_DEFAULT "DuplicateDefault"
        BAD_TYPE_KEYWORD "BadTypeKeyword"
        INVALID_TYPE_SWITCH "InvalidTypeSwitch"
        INVALID_EXPR_SWITCH "InvalidExprSwitch"
        INVALID_SELECT_CASE "InvalidSelectCase"
        UNDECLARED_LABEL "UndeclaredLabel"
        DUPLICATE_LABEL "DuplicateLabel"
        MISPLACED_LABEL "MisplacedLabel"
        UNUSED_LABEL "UnusedLabel"
        JUMP_OVER_DECL "JumpOverDecl"
        JUMP_INTO_BLOCK "JumpIntoBlock"
        INVALID_METHOD_EXPR "InvalidMethodExpr"
        WRONG_ARG_COUNT "WrongArgCount"
        INVALID_CALL "InvalidCall"
        UNUSED_RESULTS "UnusedResults"
        INVALID_DEFER "InvalidDefer"
        INVALID_GO "InvalidGo"
        BAD_DECL "BadDecl"
        REPEATED_DECL "RepeatedDecl"
        INVALID_UNSAFE_ADD "InvalidUnsafeAdd"
        INVALID_UNSAFE_SLICE "InvalidUnsafeSlice"
        UNSUPPORTED_FEATURE "UnsupportedFeature"
        NOT_A_GENERIC_TYPE "NotAGenericType"
        WRONG_TYPE_ARG_COUNT "WrongTypeArgCount"
        CANNOT_INFER_TYPE_ARGS "CannotInferTypeArgs"
        INVALID_TYPE_ARG "InvalidTypeArg"
        INVALID_INSTANCE_CYCLE "InvalidInstanceCycle"
        INVALID_UNION "InvalidUnion"
        MISPLACED_CONSTRAINT_IFACE "MisplacedConstraintIface"
        INVALID_METHOD_TYPE_PARAMS "InvalidMethodTypeParams"
        MISPLACED_TYPE_PARAM "MisplacedTypeParam"
        INVALID_UNSAFE_SLICE_DATA "InvalidUnsafeSliceData"
        INVALID_UNSAFE_STRING "InvalidUnsafeString"
        INVALID_CLEAR "InvalidClear"
        TYPE_TOO_LARGE "TypeTooLarge"
        INVALID_MIN_MAX_OPERAND "InvalidMinMaxOperand"
        TOO_NEW "TooNew"
        LINKNAME "Linkname"
        EMBED "Embed"
    }
}

/// Where to report: a position, an expression of the current tree, an operand or an object.
#[derive(Clone, Copy)]
pub(crate) enum At<'x> {
    Pos(Pos),
    Expr(ExprId),
    Operand(&'x Operand),
    Obj(ObjId),
}

impl From<Pos> for At<'_> {
    fn from(p: Pos) -> Self {
        At::Pos(p)
    }
}
impl From<Ident> for At<'_> {
    fn from(id: Ident) -> Self {
        At::Pos(id.pos)
    }
}
impl From<ExprId> for At<'_> {
    fn from(e: ExprId) -> Self {
        At::Expr(e)
    }
}
impl From<ObjId> for At<'_> {
    fn from(o: ObjId) -> Self {
        At::Obj(o)
    }
}
impl<'x> From<&'x Operand> for At<'x> {
    fn from(x: &'x Operand) -> Self {
        At::Operand(x)
    }
}
impl<'x> From<&'x mut Operand> for At<'x> {
    fn from(x: &'x mut Operand) -> Self {
        At::Operand(x)
    }
}

/// An error with several parts, each at its place; the first is the error's own.
#[derive(Default)]
pub(crate) struct ErrorParts(pub(crate) Vec<(Span, String)>);

impl ErrorParts {
    pub(crate) fn add(&mut self, at: Span, msg: String) {
        self.0.push((at, msg));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Checker<'a> {
    /// The extent of what an error is about.
    pub(crate) fn span_of<'x>(&self, at: impl Into<At<'x>>) -> Span {
        match at.into() {
            At::Pos(p) => Span::at(p),
            At::Expr(e) => Span::new(self.start_pos(e), self.tree()[e].end),
            At::Operand(x) => x.expr.map_or(Span::default(), |e| Span::new(self.start_pos(e), self.tree()[e].end)),
            At::Obj(o) => Span::at(self.s.obj(o).pos),
        }
    }

    /// Where gc says that an expression starts: at its first character, but for slice expressions and
    /// function types, which it takes to start at their bracket or parenthesis.
    pub(crate) fn start_pos(&self, mut e: ExprId) -> Pos {
        loop {
            e = match self.kind(e) {
                ExprKind::CompositeLit { typ: Some(t), .. } => t,
                ExprKind::KeyValueExpr { key, .. } => key,
                ExprKind::SelectorExpr { x, .. }
                | ExprKind::IndexExpr { x, .. }
                | ExprKind::TypeAssertExpr { x, .. }
                | ExprKind::CallExpr { fun: x, .. }
                | ExprKind::BinaryExpr { x, .. } => x,
                ExprKind::SliceExpr { .. } | ExprKind::FuncType(_) => return self.node_pos(e),
                _ => return self.pos(e),
            }
        }
    }

    /// The position that gc's tree gives an expression: of most forms that begin with an operand that of
    /// the token after it.
    pub(crate) fn node_pos(&self, e: ExprId) -> Pos {
        let tree = self.tree();
        match tree[e].kind {
            ExprKind::IndexExpr { lbrack, .. } | ExprKind::SliceExpr { lbrack, .. } => lbrack,
            ExprKind::CallExpr { lparen, .. } => lparen,
            ExprKind::SelectorExpr { x, .. } | ExprKind::TypeAssertExpr { x, .. } => tree[x].end,
            ExprKind::BinaryExpr { op_pos, .. } => op_pos,
            ExprKind::FuncType(f) if tree[f].params.open.is_known() => tree[f].params.open,
            _ => tree[e].pos,
        }
    }

    /// Reports an error.
    pub(crate) fn error<'x>(&mut self, at: impl Into<At<'x>>, code: Code, msg: impl Into<String>) {
        let span = self.span_of(at);
        self.report(code, vec![(span, msg.into())]);
    }

    /// Reports an error whose other parts are at other places.
    pub(crate) fn report(&mut self, code: Code, mut parts: Vec<(Span, String)>) {
        if parts.is_empty() {
            return;
        }
        if code == codes::INVALID_SYNTAX_TREE {
            parts[0].1.insert_str(0, "invalid syntax tree: ");
        }
        let msg = &parts[0].1;
        if self.had_error && (msg.contains("invalid operand") || msg.contains("invalid type")) {
            return; // follows from an earlier one
        }
        self.had_error = true;
        if self.env.errpos.is_known() && self.env.iota.is_some() {
            parts[0].0 = Span::at(self.env.errpos);
        }
        if let Some(hint) = self.version_hint(&parts[0].1) {
            parts[0].1.push_str(&hint);
        }
        let mut parts = parts.into_iter();
        let Some((span, message)) = parts.next() else { return };
        let mut d = Diagnostic { code, severity: Severity::Error, span, message, related: Vec::new() };
        for (at, message) in parts {
            if at.start.is_known() {
                d = d.with(at, message);
            } else {
                d.message.push_str("\n\t");
                d.message.push_str(&message);
            }
        }
        self.s.diagnostics.push(d);
    }

    /// Reports an error that only a program without any other errors has.
    pub(crate) fn late_error(&mut self, at: Pos, code: Code, msg: String) {
        self.late_errors.push((code, Span::at(at), msg));
    }

    /// Where the language version comes from, if the message asks for a newer one.
    fn version_hint(&self, msg: &str) -> Option<String> {
        let (_, rest) = msg.split_once("requires go1.")?;
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if !rest.starts_with(" or later") {
            return None;
        }
        let version = self.env.version;
        Some(if version == self.lang {
            format!(" (-lang was set to {version}; check go.mod)")
        } else {
            format!(" (file declares //go:build {version})")
        })
    }

    /// Reports that an object is declared twice.
    pub(crate) fn report_redeclared(&mut self, at: Pos, msg: String, alt: ObjId) {
        let mut parts = vec![(Span::at(at), msg)];
        self.add_alt_decl(&mut parts, alt);
        self.report(codes::DUPLICATE_DECL, parts);
    }

    /// Adds "other declaration of …" to an error.
    pub(crate) fn add_alt_decl(&self, parts: &mut Vec<(Span, String)>, alt: ObjId) {
        let o = self.s.obj(alt);
        if o.pos.is_known() {
            parts.push((Span::at(o.pos), format!("other declaration of {}", self.s.text(o.name))));
        }
    }

    /// Reports that something needs a newer language version.
    pub(crate) fn version_error<'x>(&mut self, at: impl Into<At<'x>>, minor: u16, what: &str) {
        self.error(at, codes::UNSUPPORTED_FEATURE, format!("{what} requires {} or later", GoVersion(minor)));
    }

    /// Whether the language version has what came with `go1.minor`; reports it if not.
    pub(crate) fn verify_version<'x>(&mut self, at: impl Into<At<'x>>, minor: u16, what: &str) -> bool {
        let ok = self.allow_version(minor);
        if !ok {
            self.version_error(at, minor, what);
        }
        ok
    }

    // Texts.

    /// How messages name a package: not at all if it is the current one, by its path in quotes if
    /// another one has the same name.
    pub(crate) fn qualifier(&self, pkg: PkgId) -> String {
        if pkg == self.pkg {
            return String::new();
        }
        let p = self.s.pkg(pkg);
        if self.is_ambiguous(pkg) {
            return format!("{:?}", p.path);
        }
        self.s.text(p.name).to_string()
    }

    fn is_ambiguous(&self, pkg: PkgId) -> bool {
        let mut seen = vec![self.pkg];
        let mut i = 0;
        while i < seen.len() {
            for &imp in &self.s.pkg(seen[i]).imports {
                if !seen.contains(&imp) {
                    seen.push(imp);
                }
            }
            i += 1;
        }
        let name = self.s.pkg(pkg).name;
        let path = &self.s.pkg(pkg).path;
        seen.iter().any(|&p| self.s.pkg(p).name == name && self.s.pkg(p).path != *path)
    }

    /// A type's text.
    pub(crate) fn ts(&self, t: TypeId) -> String {
        self.s.type_string_with(t, &|p| self.qualifier(p))
    }

    /// An expression's text, long ones shortened as gc does.
    pub(crate) fn es(&self, e: ExprId) -> String {
        itab_syntax::expr_string(self.tree(), self.s.names(), e)
    }

    /// The texts of expressions, in brackets.
    pub(crate) fn es_list(&self, list: &[ExprId]) -> String {
        let texts: Vec<_> = list.iter().map(|&e| self.es(e)).collect();
        format!("[{}]", texts.join(", "))
    }

    /// A name's text.
    pub(crate) fn text(&self, name: itab_syntax::Name) -> &str {
        self.s.text(name)
    }

    /// An object's name.
    pub(crate) fn name_of(&self, o: ObjId) -> &str {
        self.s.text(self.s.obj(o).name)
    }

    /// What kind of object it is, in words.
    pub(crate) fn object_kind(&self, o: ObjId) -> &'static str {
        let obj = self.s.obj(o);
        match &obj.kind {
            ObjKind::PkgName { .. } => "package name",
            ObjKind::Const(_) => "constant",
            ObjKind::TypeName => {
                if self.s.is_alias_name(o) {
                    "type alias"
                } else if matches!(obj.typ.map(|t| self.s.ty(t)), Some(Type::TypeParam(_))) {
                    "type parameter"
                } else {
                    "defined type"
                }
            }
            ObjKind::Var(v) => match v.kind {
                VarKind::Package => "package-level variable",
                VarKind::Local => "local variable",
                VarKind::Recv => "receiver",
                VarKind::Param => "parameter",
                VarKind::Result => "result variable",
                VarKind::Field => "struct field",
            },
            ObjKind::Func(f) => {
                if f.is_method {
                    "method"
                } else {
                    "function"
                }
            }
            ObjKind::Label { .. } => "label",
            ObjKind::Builtin(_) => "built-in function",
            ObjKind::Nil => "untyped nil",
        }
    }

    /// An operand's text: `x (variable of type int)`.
    pub(crate) fn os(&self, x: &Operand) -> String {
        if x.is_nil() {
            return match x.typ {
                TypeId::INVALID => "nil (with invalid type)".into(),
                TypeId::UNTYPED_NIL => "nil".into(),
                t => format!("nil (of type {})", self.ts(t)),
            };
        }
        let expr = match x.expr {
            _ if x.desc.is_some() => self.operand_expr(x),
            Some(e) => self.es(e),
            None => match x.mode {
                Mode::Builtin => x.builtin.name().to_string(),
                Mode::TypExpr => self.ts(x.typ),
                Mode::Constant => x.val.to_string(),
                _ => String::new(),
            },
        };
        let mut out = String::new();
        if !expr.is_empty() {
            let _ = write!(out, "{expr} (");
        }
        let mut has_type = false;
        if !matches!(x.mode, Mode::Invalid | Mode::NoValue | Mode::Builtin | Mode::TypExpr) {
            match self.s.ty(x.typ) {
                Type::Basic(k) if k.is_untyped() => {
                    let _ = write!(out, "{} ", k.name());
                }
                _ => has_type = true,
            }
        }
        out.push_str(mode_string(x.mode));
        if x.mode == Mode::Constant {
            let val = x.val.to_string();
            if val != expr {
                let _ = write!(out, " {val}");
            }
        }
        if has_type {
            self.describe_type(&mut out, x.typ);
        }
        if !expr.is_empty() {
            out.push(')');
        }
        out
    }

    fn describe_type(&self, out: &mut String, typ: TypeId) {
        if !self.s.is_valid(typ) {
            out.push_str(" with invalid type");
            return;
        }
        out.push_str(" of ");
        if self.s.is_generic(typ) {
            out.push_str("generic ");
        }
        let tpar = match self.s.uty(typ) {
            Type::TypeParam(p) => Some(p),
            _ => None,
        };
        if tpar.is_none() && matches!(self.s.ty(typ), Type::Alias(_) | Type::Named(_)) {
            let u = self.s.safe_under(typ);
            let what = match self.composite_kind(u) {
                "" => match self.s.ty(u) {
                    Type::Basic(crate::BasicKind::UnsafePointer) => "Pointer",
                    Type::Basic(k) => k.name(),
                    _ => "",
                },
                what => what,
            };
            let _ = write!(out, "{what} ");
        }
        let _ = write!(out, "type {}", self.ts(typ));
        if let Some(p) = tpar {
            let p = self.s.tparam(p);
            let _ = write!(out, " constrained by {}", self.ts(p.bound));
            if let Type::Interface(i) = self.s.ty(self.s.safe_under(p.bound))
                && self.s.iface(i).tset.is_some_and(|t| t.is_empty())
            {
                out.push_str(" with empty type set");
            }
        }
    }

    /// What kind of composite type the underlying type is, in a word; empty for basic types.
    pub(crate) fn composite_kind(&self, t: TypeId) -> &'static str {
        match self.s.ty(self.s.safe_under(t)) {
            Type::Array { .. } => "array",
            Type::Slice(_) => "slice",
            Type::Struct(_) => "struct",
            Type::Pointer(_) => "pointer",
            Type::Signature(_) => "func",
            Type::Interface(_) | Type::TypeParam(_) => "interface",
            Type::Map { .. } => "map",
            Type::Chan { .. } => "chan",
            Type::Tuple(_) => "tuple",
            Type::Union(_) => "union",
            Type::Basic(_) | Type::Named(_) | Type::Alias(_) => "",
        }
    }
}

fn mode_string(mode: Mode) -> &'static str {
    match mode {
        Mode::Invalid => "invalid operand",
        Mode::NoValue => "no value",
        Mode::Builtin => "built-in",
        Mode::TypExpr => "type",
        Mode::Constant => "constant",
        Mode::Variable => "variable",
        Mode::MapIndex => "map index expression",
        Mode::Value => "value",
        Mode::NilValue => "nil",
        Mode::CommaOk => "comma, ok expression",
    }
}
