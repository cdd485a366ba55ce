//! Assignability: whether an operand may be assigned to a variable of a type.

use itab_syntax::Code;
use smallvec::SmallVec;

use crate::TypeId;
use crate::check::Checker;
use crate::errors::codes;
use crate::operand::Operand;
use crate::types::{ChanDir, Term, Type};
use crate::typeset::Terms;

impl<'a> Checker<'a> {
    /// Whether `x` may be assigned to a variable of type `t`; if not, under which code to report it, and
    /// `cause` may get a reason.
    pub(crate) fn assignable_to(&mut self, x: &Operand, t: TypeId, mut cause: Option<&mut String>) -> (bool, Code) {
        let ok = (true, codes::INCOMPATIBLE_ASSIGN);
        let no = (false, codes::INCOMPATIBLE_ASSIGN);
        if !x.is_valid() || !self.s.is_valid(t) {
            return ok;
        }
        let orig = t;
        let (v, t) = (self.s.unalias(x.typ), self.s.unalias(t));
        if self.s.identical(v, t) {
            return ok;
        }
        let (vu, tu) = (self.s.under(v), self.s.under(t));
        let (vp, tp) = (self.s.is_type_param(v), self.s.is_type_param(t));
        if self.s.is_untyped(vu) {
            let fits = if tp {
                let terms = self.specific_terms(t);
                !terms.is_empty() && terms.iter().all(|x1| self.implicit_type_and_value(x, x1.typ).is_some())
            } else {
                self.implicit_type_and_value(x, t).is_some()
            };
            return (fits, codes::INCOMPATIBLE_ASSIGN);
        }
        if !vp && !tp && (!self.s.has_name(v) || !self.s.has_name(t)) && self.s.identical(vu, tu) {
            return ok;
        }
        let t_is_iface = matches!(self.s.ty(tu), Type::Interface(_));
        if t_is_iface && !tp || self.is_interface_ptr(tu) {
            if self.implements(v, t, false, cause.as_deref_mut()) {
                return ok;
            }
            if !vp {
                return (false, codes::INVALID_IFACE_ASSIGN);
            }
            if let Some(c) = cause.as_deref_mut() {
                c.clear();
            }
        }
        if matches!(self.s.ty(vu), Type::Interface(_)) && !vp && self.implements(t, v, false, None) {
            if let Some(c) = cause {
                *c = "need type assertion".into();
            }
            return no;
        }
        if let (Type::Chan { dir: ChanDir::SendRecv, elem: a }, Type::Chan { elem: b, .. }) =
            (self.s.ty(vu), self.s.ty(tu))
            && self.s.identical(a, b)
        {
            let ok = !self.s.has_name(v) || !self.s.has_name(t);
            return (ok, codes::INVALID_CHAN_ASSIGN);
        }
        if tp && !self.s.has_name(v) {
            return self.assignable_to_each(x, t, cause);
        }
        if vp && !self.s.has_name(t) {
            return self.each_assignable_to(x, v, t, orig, cause);
        }
        no
    }

    fn specific_terms(&mut self, p: TypeId) -> SmallVec<[Term; 8]> {
        let Type::TypeParam(id) = self.s.uty(p) else { return SmallVec::new() };
        match self.s.tparam_type_set(id).terms {
            Terms::Of(l) => self.s.terms(l).into(),
            Terms::All => SmallVec::new(),
        }
    }

    fn assignable_to_each(&mut self, x: &Operand, t: TypeId, mut cause: Option<&mut String>) -> (bool, Code) {
        let mut last = (false, codes::INCOMPATIBLE_ASSIGN);
        for term in self.specific_terms(t) {
            last = self.assignable_to(x, term.typ, cause.as_deref_mut());
            if !last.0 {
                let msg = format!("cannot assign {} to {} (in {})", self.ts(x.typ), self.ts(term.typ), self.ts(t));
                extend_cause(cause, msg);
                break;
            }
        }
        last
    }

    fn each_assignable_to(
        &mut self,
        x: &Operand,
        v: TypeId,
        t: TypeId,
        orig: TypeId,
        mut cause: Option<&mut String>,
    ) -> (bool, Code) {
        let mut last = (false, codes::INCOMPATIBLE_ASSIGN);
        for term in self.specific_terms(v) {
            let y = Operand { typ: term.typ, ..x.clone() };
            last = self.assignable_to(&y, t, cause.as_deref_mut());
            if !last.0 {
                let msg = format!("cannot assign {} (in {}) to {}", self.ts(term.typ), self.ts(v), self.ts(orig));
                extend_cause(cause, msg);
                break;
            }
        }
        last
    }
}

fn extend_cause(cause: Option<&mut String>, msg: String) {
    if let Some(c) = cause {
        *c = if c.is_empty() { msg } else { format!("{msg}\n\t{c}") };
    }
}
