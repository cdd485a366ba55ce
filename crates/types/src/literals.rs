//! Literals of basic types, and function literals.

use itab_syntax::{Block, ExprId, ExprKind, FuncTypeId, LitKind};

use crate::TypeId;
use crate::check::Checker;
use crate::const_::representable_const;
use crate::constant::Value;
use crate::errors::codes;
use crate::info::{FuncLit, Mode};
use crate::operand::Operand;

/// Number literals may have this many characters.
const MAX_LEN: usize = 10_000;

impl<'a> Checker<'a> {
    pub(crate) fn basic_lit(&mut self, x: &mut Operand, e: ExprId, kind: LitKind) {
        let text = self.tree().text(e);
        if matches!(kind, LitKind::Int | LitKind::Float | LitKind::Imag) && text.len() > MAX_LEN {
            let msg = format!("excessively long constant: {}... ({} chars)", &text[..10], text.len());
            self.error(e, codes::INVALID_CONST_VAL, msg);
            return;
        }
        self.check_literal_version(e, text, kind);
        let val = Value::from_literal(text, kind);
        if val.is_unknown() {
            self.error(e, codes::INVALID_CONST_VAL, format!("malformed constant: {text}"));
            return;
        }
        let typ = match kind {
            LitKind::Int => TypeId::UNTYPED_INT,
            LitKind::Float => TypeId::UNTYPED_FLOAT,
            LitKind::Imag => TypeId::UNTYPED_COMPLEX,
            LitKind::Char => TypeId::UNTYPED_RUNE,
            LitKind::String => TypeId::UNTYPED_STRING,
        };
        x.set_const(typ, val);
        let pos = self.pos(e);
        self.overflow(x, pos);
    }

    /// Checks a literal that is assigned to a variable of type `typ`, if it is plain to see that it can be. In general a
    /// literal becomes an untyped constant first, and most of a table are literals.
    pub(crate) fn assigned_lit(&mut self, e: ExprId, typ: TypeId) -> bool {
        let ExprKind::BasicLit { kind, bad: false } = self.kind(e) else { return false };
        let text = self.tree().text(e);
        if matches!(kind, LitKind::Float | LitKind::Imag) || text.len() > MAX_LEN || !self.allow_version(13) {
            return false;
        }
        let Some(basic) = self.basic_kind(typ) else { return false };
        let val = Value::from_literal(text, kind);
        match representable_const(&val, basic) {
            Some(val) if !val.is_unknown() => {
                self.record_type_and_value(e, Mode::Constant, typ, Some(&val));
                true
            }
            _ => false,
        }
    }

    /// Reports a form of number that the language version does not have.
    fn check_literal_version(&mut self, e: ExprId, text: &str, kind: LitKind) {
        if self.allow_version(13) || text.len() <= 2 || !matches!(kind, LitKind::Int | LitKind::Float | LitKind::Imag) {
            return;
        }
        let what = match text.as_bytes() {
            _ if text.contains('_') => "underscore in numeric literal",
            [b'0', b'b' | b'B', ..] => "binary literal",
            [b'0', b'o' | b'O', ..] => "0o/0O-style octal literal",
            [b'0', b'x' | b'X', ..] if kind != LitKind::Int => "hexadecimal floating-point literal",
            _ => return,
        };
        self.version_error(e, 13, what);
    }

    /// A function literal. Its body is checked later, but before the scope around it changes.
    pub(crate) fn func_lit(&mut self, x: &mut Operand, e: ExprId, typ: FuncTypeId, body: Block) {
        let lit = self.enter_lit(e, None);
        let outer = std::mem::replace(&mut self.env.lit, lit);
        let sig = self.func_type(None, typ);
        self.env.lit = outer;
        let (decl, iota) = (self.env.decl, self.env.iota.clone());
        self.later(move |c| c.body(decl, sig, body, iota, lit));
        x.set_value(sig);
    }

    /// Makes an entry for a function literal, or for the body of a range-over-func loop. The result is
    /// what `Env::lit` is inside it.
    pub(crate) fn enter_lit(&mut self, e: ExprId, range: Option<itab_syntax::StmtId>) -> u32 {
        let parent = self.env.lit.checked_sub(1);
        let info = self.info();
        if let Some(&i) = info.func_lit_index.get(&e) {
            return i + 1; // checked a second time after an error
        }
        let i = info.func_lits.len() as u32;
        info.func_lits.push(FuncLit { expr: e, parent, captures: Default::default(), range });
        info.func_lit_index.insert(e, i);
        i + 1
    }
}
