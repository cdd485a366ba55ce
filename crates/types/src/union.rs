//! Unions and the other elements of interfaces that are no methods.

use itab_syntax::{ExprId, ExprKind, Op};
use smallvec::SmallVec;

use crate::TypeId;
use crate::check::Checker;
use crate::errors::codes;
use crate::types::{Term, Type};

/// The most terms a union may have.
pub(crate) const MAX_TERMS: usize = 100;

impl<'a> Checker<'a> {
    /// An element of an interface: a type, `~T`, or a union.
    pub(crate) fn parse_union(&mut self, e: ExprId) -> TypeId {
        let tree = self.tree();
        // The operators are left-associative; collect the terms from the right.
        let mut exprs: SmallVec<[ExprId; 8]> = SmallVec::new();
        let mut unions: SmallVec<[ExprId; 8]> = SmallVec::new();
        let mut at = e;
        while let ExprKind::BinaryExpr { op: Op::Or, x, y, .. } = tree[at].kind {
            exprs.push(y);
            unions.push(at);
            at = x;
        }
        exprs.push(at);
        exprs.reverse();
        unions.reverse();

        let mut terms: Vec<Term> = Vec::new();
        for (i, &x) in exprs.iter().enumerate() {
            let term = self.parse_tilde(x);
            if exprs.len() == 1 && !term.tilde {
                return term.typ;
            }
            if i == MAX_TERMS {
                self.error(x, codes::INVALID_UNION, too_many_terms());
                return TypeId::INVALID;
            }
            terms.push(term);
        }
        let list = self.s.new_term_list(&terms);
        let t = self.s.new_type(Type::Union(list));
        for u in unions {
            self.record_type(u, t);
        }
        self.later(move |c| c.check_union(&exprs, &terms));
        t
    }

    fn parse_tilde(&mut self, e: ExprId) -> Term {
        let (x, tilde) = match self.kind(e) {
            ExprKind::UnaryExpr { op: Op::Tilde, x } => (x, true),
            _ => (e, false),
        };
        let mut typ = self.typ(x);
        if self.s.is_type_param(typ) {
            if tilde {
                let msg = format!("type in term {} cannot be a type parameter", self.es(e));
                self.error(x, codes::MISPLACED_TYPE_PARAM, msg);
            } else {
                self.error(x, codes::MISPLACED_TYPE_PARAM, "term cannot be a type parameter");
            }
            typ = TypeId::INVALID;
        }
        let term = Term { tilde, typ };
        if tilde {
            let list = self.s.new_term_list(&[term]);
            let t = self.s.new_type(Type::Union(list));
            self.record_type(e, t);
        }
        term
    }

    fn term_string(&self, t: Term) -> String {
        format!("{}{}", if t.tilde { "~" } else { "" }, self.s.type_string(t.typ))
    }

    fn check_union(&mut self, exprs: &[ExprId], terms: &[Term]) {
        for (i, &term) in terms.iter().enumerate() {
            let at = exprs[i];
            if !self.s.is_valid(term.typ) {
                continue;
            }
            let u = self.s.under(term.typ);
            let iface = match self.s.ty(u) {
                Type::Interface(f) => Some(f),
                _ => None,
            };
            if term.tilde {
                if iface.is_some() {
                    let msg = format!("invalid use of ~ ({} is an interface)", self.ts(term.typ));
                    self.error(at, codes::INVALID_UNION, msg);
                    continue;
                }
                if !self.s.identical(u, term.typ) {
                    let msg = format!("invalid use of ~ (underlying type of {} is {})", self.ts(term.typ), self.ts(u));
                    self.error(at, codes::INVALID_UNION, msg);
                    continue;
                }
            }
            if let Some(f) = iface {
                let set = self.s.type_set(f);
                let text = self.term_string(term);
                if !set.methods.is_empty() {
                    let msg = format!("cannot use {text} in union ({text} contains methods)");
                    self.error(at, codes::INVALID_UNION, msg);
                } else if term.typ == TypeId::COMPARABLE {
                    self.error(at, codes::INVALID_UNION, "cannot use comparable in union");
                } else if set.comparable {
                    let msg = format!("cannot use {text} in union ({text} embeds comparable)");
                    self.error(at, codes::INVALID_UNION, msg);
                }
                continue;
            }
            let overlap = terms[..i]
                .iter()
                .copied()
                .find(|&x| self.s.is_valid(x.typ) && !self.s.is_interface(x.typ) && !self.s.disjoint(x, term));
            if let Some(x) = overlap {
                let msg = format!("overlapping terms {} and {}", self.term_string(term), self.term_string(x));
                self.error(at, codes::INVALID_UNION, msg);
            }
        }
    }
}

pub(crate) fn too_many_terms() -> String {
    format!("cannot handle more than {MAX_TERMS} union terms (implementation limitation)")
}
