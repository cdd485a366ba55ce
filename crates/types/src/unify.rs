//! Unification: finding type arguments that make two types match.
//!
//! Each type parameter has a handle; parameters that were unified with each other share one. A handle
//! holds the type inferred so far. Unification is *exact* where types must become identical, *inexact*
//! at the top level of an assignment, where a defined type matches a type literal with its underlying
//! type, a directed channel a bidirectional one, and interfaces match by the methods they share.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::check::Checker;
use crate::object::ObjKind;
use crate::types::{ChanDir, Type};
use crate::{IfaceId, ObjId, ObjList, TypeId};

/// How types may differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct UnifyMode {
    /// The types are operands of an assignment: what they are composed of must match exactly.
    pub(crate) assign: bool,
    /// The types must become identical.
    pub(crate) exact: bool,
}

impl UnifyMode {
    pub(crate) const INEXACT: UnifyMode = UnifyMode { assign: false, exact: false };
    pub(crate) const ASSIGN: UnifyMode = UnifyMode { assign: true, exact: false };
    pub(crate) const EXACT: UnifyMode = UnifyMode { assign: false, exact: true };
}

/// Depth at which unification gives up.
const DEPTH_LIMIT: u32 = 50;

type Pairs = SmallVec<[(IfaceId, IfaceId); 4]>;

/// The state of one inference.
pub(crate) struct Unifier {
    /// Type parameters to be inferred and their handles.
    params: SmallVec<[(TypeId, usize); 4]>,
    handles: SmallVec<[Option<TypeId>; 4]>,
    depth: u32,
    /// Whether interfaces match by shared methods (since Go 1.21).
    interface_inference: bool,
}

impl Unifier {
    pub(crate) fn new(tparams: &[TypeId], targs: &[Option<TypeId>], interface_inference: bool) -> Unifier {
        Unifier {
            params: tparams.iter().enumerate().map(|(i, &p)| (p, i)).collect(),
            handles: (0..tparams.len()).map(|i| targs.get(i).copied().flatten()).collect(),
            depth: 0,
            interface_inference,
        }
    }

    fn handle(&self, p: TypeId) -> Option<usize> {
        self.params.iter().find(|e| e.0 == p).map(|e| e.1)
    }

    /// The type inferred for a type parameter.
    pub(crate) fn at(&self, p: TypeId) -> Option<TypeId> {
        self.handle(p).and_then(|h| self.handles[h])
    }

    pub(crate) fn set(&mut self, p: TypeId, t: TypeId) {
        if let Some(h) = self.handle(p) {
            self.handles[h] = Some(t);
        }
    }

    /// How many type parameters have no type yet.
    pub(crate) fn unknowns(&self) -> usize {
        self.params.iter().filter(|e| self.handles[e.1].is_none()).count()
    }

    pub(crate) fn inferred(&self, tparams: &[TypeId]) -> Vec<Option<TypeId>> {
        tparams.iter().map(|&p| self.at(p)).collect()
    }

    /// Makes two parameters share a handle; false if both have types already.
    fn join(&mut self, x: TypeId, y: TypeId) -> bool {
        let (Some(hx), Some(hy)) = (self.handle(x), self.handle(y)) else { return false };
        if hx == hy {
            return true;
        }
        let (from, to) = match (self.handles[hx], self.handles[hy]) {
            (Some(_), Some(_)) => return false,
            (Some(_), None) => (hy, hx),
            _ => (hx, hy),
        };
        for e in &mut self.params {
            if e.1 == from {
                e.1 = to;
            }
        }
        true
    }

    fn bound_param(&self, c: &Checker<'_>, t: TypeId) -> Option<TypeId> {
        let t = c.s.unalias(t);
        matches!(c.s.ty(t), Type::TypeParam(_)).then_some(t).filter(|&t| self.handle(t).is_some())
    }

    /// Unifies two types.
    pub(crate) fn unify(&mut self, c: &mut Checker<'_>, x: TypeId, y: TypeId, mode: UnifyMode) -> bool {
        self.nify(c, x, y, mode, &mut Pairs::new())
    }

    fn nify(&mut self, c: &mut Checker<'_>, x: TypeId, y: TypeId, mode: UnifyMode, p: &mut Pairs) -> bool {
        if x == y || c.s.unalias(x) == c.s.unalias(y) {
            return true;
        }
        if self.depth >= DEPTH_LIMIT {
            return false;
        }
        self.depth += 1;
        let ok = self.differing(c, x, y, mode, p);
        self.depth -= 1;
        ok
    }

    fn differing(&mut self, c: &mut Checker<'_>, mut x: TypeId, mut y: TypeId, mode: UnifyMode, p: &mut Pairs) -> bool {
        // A defined type goes to the right, a parameter to be inferred to the left.
        if c.s.as_named(x).is_some() || self.bound_param(c, y).is_some() {
            std::mem::swap(&mut x, &mut y);
        }
        // A type literal matches a defined type by its underlying type.
        if !mode.exact
            && c.s.as_named(y).is_some()
            && c.s.is_type_lit(x)
            && !(self.interface_inference && c.s.is_interface(x))
        {
            y = c.s.under(y);
            if x == y || c.s.unalias(x) == c.s.unalias(y) {
                return true;
            }
        }
        match (self.bound_param(c, x), self.bound_param(c, y)) {
            (Some(px), Some(py)) => {
                if self.join(px, py) {
                    return true;
                }
                return match (self.at(px), self.at(py)) {
                    (Some(tx), Some(ty)) => self.nify(c, tx, ty, mode, p),
                    _ => false,
                };
            }
            (Some(px), None) => return self.unify_param(c, px, y, mode, p),
            _ => {}
        }
        if self.interface_inference
            && !mode.exact
            && let Some(ok) = self.interfaces_inexact(c, x, y, p)
        {
            return ok;
        }
        if c.s.is_type_param(y) {
            std::mem::swap(&mut x, &mut y);
        }
        self.structural(c, x, y, mode, p)
    }

    fn unify_param(&mut self, c: &mut Checker<'_>, px: TypeId, y: TypeId, mode: UnifyMode, p: &mut Pairs) -> bool {
        let Some(x) = self.at(px) else {
            self.set(px, y);
            return true;
        };
        if !self.nify(c, x, y, mode, p) {
            return false;
        }
        let (xi, yi) = (as_interface(c, x), as_interface(c, y));
        let (xn, yn) = (c.s.as_named(x).is_some(), c.s.as_named(y).is_some());
        match (xi, yi) {
            (Some(_), Some(_)) if xn && yn => return c.s.identical(x, y),
            (Some(i), Some(j)) => {
                if c.s.type_set(i).methods.len() != c.s.type_set(j).methods.len() {
                    return false;
                }
            }
            (None, None) => {}
            _ => return false,
        }
        if !mode.exact && !xn {
            // Keep the defined type, or the channel that is more restricted.
            let directed = matches!(c.s.uund(y), Type::Chan { dir, .. } if dir != ChanDir::SendRecv);
            if yn || directed {
                self.set(px, y);
            }
        }
        true
    }

    /// Unifies by shared methods if one of the types is an interface.
    fn interfaces_inexact(&mut self, c: &mut Checker<'_>, x: TypeId, y: TypeId, p: &mut Pairs) -> Option<bool> {
        match (as_interface(c, x), as_interface(c, y)) {
            (Some(xi), Some(yi)) => {
                let (xs, ys) = (c.s.type_set(xi), c.s.type_set(yi));
                if xs.comparable != ys.comparable || !c.s.terms_equal(xs.terms, ys.terms) {
                    return Some(false);
                }
                if seen(p, xi, yi) {
                    return Some(true);
                }
                p.push((xi, yi));
                let (few, many) = if xs.methods.len() > ys.methods.len() {
                    (ys.methods, xs.methods)
                } else {
                    (xs.methods, ys.methods)
                };
                let ok = (0..few.len()).all(|i| {
                    let m = c.s.obj_at(few, i);
                    let other = (0..many.len()).find_map(|k| {
                        let o = c.s.obj_at(many, k);
                        c.s.same_id(o, m).then_some(o)
                    });
                    other.is_some_and(|o| self.methods(c, m, o, p))
                });
                p.pop();
                Some(ok)
            }
            (Some(i), None) => Some(self.interface_and_type(c, i, y, p)),
            (None, Some(i)) => Some(self.interface_and_type(c, i, x, p)),
            (None, None) => None,
        }
    }

    fn interface_and_type(&mut self, c: &mut Checker<'_>, i: IfaceId, t: TypeId, p: &mut Pairs) -> bool {
        let methods = c.s.type_set(i).methods;
        (0..methods.len()).all(|k| {
            let m = c.s.obj_at(methods, k);
            let (pkg, name) = (c.s.obj(m).pkg, c.s.obj(m).name);
            let found = c.s.lookup_field_or_method(t, false, pkg, name, false).obj;
            let Some(f) = found.filter(|&o| matches!(c.s.obj(o).kind, ObjKind::Func(_))) else {
                return false;
            };
            let sig = c.func_sig(f);
            c.s.sig(sig).tparams.is_empty() && self.methods(c, m, f, p)
        })
    }

    fn methods(&mut self, c: &mut Checker<'_>, a: ObjId, b: ObjId, p: &mut Pairs) -> bool {
        let (x, y) = (c.s.obj_type(a), c.s.obj_type(b));
        self.nify(c, x, y, UnifyMode::EXACT, p)
    }

    fn structural(&mut self, c: &mut Checker<'_>, x0: TypeId, y0: TypeId, mode: UnifyMode, p: &mut Pairs) -> bool {
        let (x, y) = (c.s.unalias(x0), c.s.unalias(y0));
        if x == y {
            return true;
        }
        // What types are composed of must match exactly in an assignment.
        let emode = UnifyMode { exact: mode.exact || mode.assign, ..mode };
        match (c.s.ty(x), c.s.ty(y)) {
            (Type::Basic(a), Type::Basic(b)) => a.canonical() == b.canonical(),
            (Type::Array { len: m, elem: a }, Type::Array { len: n, elem: b }) => {
                (m < 0 || n < 0 || m == n) && self.nify(c, a, b, emode, p)
            }
            (Type::Slice(a), Type::Slice(b)) | (Type::Pointer(a), Type::Pointer(b)) => self.nify(c, a, b, emode, p),
            (Type::Struct(a), Type::Struct(b)) => {
                let (xs, ys) = (c.s.struct_(a).fields, c.s.struct_(b).fields);
                xs.len() == ys.len()
                    && (0..xs.len()).all(|i| {
                        let (f, g) = (c.s.obj_at(xs, i), c.s.obj_at(ys, i));
                        c.s.obj(f).is_embedded() == c.s.obj(g).is_embedded()
                            && c.s.struct_(a).tag(i) == c.s.struct_(b).tag(i)
                            && c.s.same_id(f, g)
                            && {
                                let (t, u) = (c.s.obj_type(f), c.s.obj_type(g));
                                self.nify(c, t, u, emode, p)
                            }
                    })
            }
            (Type::Tuple(a), Type::Tuple(b)) => self.tuples(c, a, b, mode, p),
            (Type::Signature(a), Type::Signature(b)) => {
                let (a, b) = (*c.s.sig(a), *c.s.sig(b));
                a.variadic == b.variadic
                    && self.tuples(c, a.params, b.params, emode, p)
                    && self.tuples(c, a.results, b.results, emode, p)
            }
            (Type::Interface(a), Type::Interface(b)) => self.interfaces_exact(c, a, b, p),
            (Type::Map { key: k, elem: a }, Type::Map { key: l, elem: b }) => {
                self.nify(c, k, l, emode, p) && self.nify(c, a, b, emode, p)
            }
            (Type::Chan { dir: d, elem: a }, Type::Chan { dir: e, elem: b }) => {
                (!mode.exact || d == e) && self.nify(c, a, b, emode, p)
            }
            (Type::Named(a), Type::Named(b)) => {
                let (xs, ys) = (c.s.named(a).targs, c.s.named(b).targs);
                c.s.origin(x) == c.s.origin(y)
                    && xs.len() == ys.len()
                    && (0..xs.len()).all(|i| {
                        let (t, u) = (c.s.type_at(xs, i), c.s.type_at(ys, i));
                        self.nify(c, t, u, mode, p)
                    })
            }
            (Type::TypeParam(_), _) => match c.common_under(x, None) {
                Ok(core) => self.nify(c, core, y0, UnifyMode::ASSIGN, p),
                Err(_) => false,
            },
            _ => false,
        }
    }

    fn tuples(&mut self, c: &mut Checker<'_>, a: ObjList, b: ObjList, mode: UnifyMode, p: &mut Pairs) -> bool {
        a.len() == b.len()
            && (0..a.len()).all(|i| {
                let (t, u) = (c.s.obj_type(c.s.obj_at(a, i)), c.s.obj_type(c.s.obj_at(b, i)));
                self.nify(c, t, u, mode, p)
            })
    }

    fn interfaces_exact(&mut self, c: &mut Checker<'_>, a: IfaceId, b: IfaceId, p: &mut Pairs) -> bool {
        let (xs, ys) = (c.s.type_set(a), c.s.type_set(b));
        if xs.comparable != ys.comparable
            || xs.methods.len() != ys.methods.len()
            || !c.s.terms_equal(xs.terms, ys.terms)
        {
            return false;
        }
        if seen(p, a, b) {
            return true;
        }
        p.push((a, b));
        let ok = (0..xs.methods.len()).all(|i| {
            let (f, g) = (c.s.obj_at(xs.methods, i), c.s.obj_at(ys.methods, i));
            c.s.same_id(f, g) && self.methods(c, f, g, p)
        });
        p.pop();
        ok
    }
}

fn seen(p: &Pairs, a: IfaceId, b: IfaceId) -> bool {
    p.contains(&(a, b)) || p.contains(&(b, a))
}

fn as_interface(c: &mut Checker<'_>, t: TypeId) -> Option<IfaceId> {
    if c.s.is_type_param(t) {
        return None;
    }
    match c.s.uund(t) {
        Type::Interface(i) => Some(i),
        _ => None,
    }
}

/// A set of types that were looked at, for walks over cyclic types.
pub(crate) type SeenTypes = FxHashMap<TypeId, bool>;
