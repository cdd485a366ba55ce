//! Common underlying types: what all types of a type set have in common.

use crate::TypeId;
use crate::check::Checker;
use crate::types::{ChanDir, Type};

/// A further condition on each type `t` with underlying type `u`; an error ends the search.
pub(crate) type Cond<'c, 'a> =
    &'c mut dyn FnMut(&mut Checker<'a>, Option<TypeId>, Option<TypeId>) -> Result<(), String>;

impl<'a> Checker<'a> {
    /// The underlying type that all types of `t`'s type set share (`t`'s own if it is no type
    /// parameter), or why there is none. Channel types may differ in direction if they do not conflict.
    pub(crate) fn common_under(&mut self, t: TypeId, mut cond: Option<Cond<'_, 'a>>) -> Result<TypeId, String> {
        let mut common: Option<(TypeId, TypeId)> = None;
        for (t, u) in self.s.typeset_terms(t) {
            if let Some(cond) = &mut cond {
                cond(self, t, u)?;
            }
            let (Some(t), Some(u)) = (t, u) else { return Err("no specific type".into()) };
            let Some((ct, cu)) = common else {
                common = Some((t, u));
                continue;
            };
            if let (Type::Chan { dir: cd, elem: ce }, Type::Chan { dir, elem }) = (self.s.ty(cu), self.s.ty(u)) {
                if !self.s.identical(ce, elem) {
                    let (x, y) = (self.ts(ct), self.ts(t));
                    return Err(format!("channels {x} and {y} have different element types"));
                }
                if cd == ChanDir::SendRecv && dir != cd {
                    common = Some((t, u)); // the more restricted one
                } else if cd != dir && dir != ChanDir::SendRecv {
                    let (x, y) = (self.ts(ct), self.ts(t));
                    return Err(format!("channels {x} and {y} have conflicting directions"));
                }
                continue;
            }
            if !self.s.identical(cu, u) {
                let (x, y) = (self.ts(ct), self.ts(t));
                return Err(format!("{x} and {y} have different underlying types"));
            }
        }
        common.map(|(_, u)| u).ok_or_else(|| "no specific type".into())
    }
}
