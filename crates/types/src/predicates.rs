//! Predicates on types: classes of basic types, identity, comparability.

use smallvec::SmallVec;

use crate::store::Store;
use crate::subst::Subst;
use crate::types::{BasicKind, Type, basic_info as bits};
use crate::typeset::Terms;
use crate::{IfaceId, ObjId, ObjList, PkgId, SigId, StructId, TypeId};

macro_rules! basic_predicates {
    ($($(#[$doc:meta])* $is:ident $all:ident $bits:ident;)*) => {
        impl Store {$(
            $(#[$doc])*
            pub fn $is(&mut self, t: TypeId) -> bool {
                self.is_basic(t, bits::$bits)
            }

            $(#[$doc])*
            /// For a type parameter: of every type in its type set.
            pub fn $all(&mut self, t: TypeId) -> bool {
                self.all_basic(t, bits::$bits)
            }
        )*}
    };
}

basic_predicates! {
    /// Whether the underlying type is boolean.
    is_boolean all_boolean BOOLEAN;
    /// Whether the underlying type is an integer type.
    is_integer all_integer INTEGER;
    /// Whether the underlying type is an unsigned integer type.
    is_unsigned all_unsigned UNSIGNED;
    /// Whether the underlying type is a floating-point type.
    is_float all_float FLOAT;
    /// Whether the underlying type is complex.
    is_complex all_complex COMPLEX;
    /// Whether the underlying type is numeric.
    is_numeric all_numeric NUMERIC;
    /// Whether the underlying type is a string type.
    is_string all_string STRING;
    /// Whether the underlying type is ordered.
    is_ordered all_ordered ORDERED;
    /// Whether a constant may have the type.
    is_const_type all_const_type CONST_TYPE;
}

impl Store {
    /// Whether the underlying type is basic with one of the properties.
    pub fn is_basic(&mut self, t: TypeId, info: u16) -> bool {
        matches!(self.uund(t), Type::Basic(k) if k.info() & info != 0)
    }

    /// The same of every type in a type parameter's type set.
    pub fn all_basic(&mut self, t: TypeId, info: u16) -> bool {
        let Type::TypeParam(p) = self.uty(t) else { return self.is_basic(t, info) };
        match self.tparam_type_set(p).terms {
            Terms::Of(l) if !l.is_empty() => (0..l.len()).all(|i| self.is_basic(self.terms(l)[i].typ, info)),
            _ => false,
        }
    }

    /// Whether the underlying type is an integer or floating-point type.
    pub fn is_integer_or_float(&mut self, t: TypeId) -> bool {
        self.is_basic(t, bits::INTEGER | bits::FLOAT)
    }

    /// Whether all types are numeric or string types.
    pub fn all_numeric_or_string(&mut self, t: TypeId) -> bool {
        self.all_basic(t, bits::NUMERIC | bits::STRING)
    }

    /// Whether the type is not the invalid one. An alias that is still being resolved passes for valid.
    #[inline]
    pub fn is_valid(&self, mut t: TypeId) -> bool {
        while let Type::Alias(a) = self.ty(t) {
            let a = self.alias(a);
            match a.actual.or(a.from_rhs) {
                Some(rhs) => t = rhs,
                None => return true,
            }
        }
        t != TypeId::INVALID
    }

    /// Whether this is not the type of an untyped constant or of nil.
    #[inline]
    pub fn is_typed(&self, t: TypeId) -> bool {
        !self.is_untyped(t)
    }

    /// Whether this is the type of an untyped constant or of nil.
    #[inline]
    pub fn is_untyped(&self, t: TypeId) -> bool {
        (TypeId::UNTYPED_BOOL..=TypeId::UNTYPED_NIL).contains(&t)
    }

    /// Whether this is an untyped number.
    pub fn is_untyped_numeric(&self, t: TypeId) -> bool {
        (TypeId::UNTYPED_INT..=TypeId::UNTYPED_COMPLEX).contains(&t)
    }

    /// Whether the type has a name: predeclared, defined, or a type parameter.
    pub fn has_name(&self, t: TypeId) -> bool {
        matches!(self.uty(t), Type::Basic(_) | Type::Named(_) | Type::TypeParam(_))
    }

    /// Whether it is neither defined nor a type parameter.
    pub fn is_type_lit(&self, t: TypeId) -> bool {
        !matches!(self.uty(t), Type::Named(_) | Type::TypeParam(_))
    }

    /// Whether the underlying type is an interface (a type parameter's is).
    pub fn is_interface(&mut self, t: TypeId) -> bool {
        matches!(self.uund(t), Type::Interface(_))
    }

    /// Whether it is an interface but no type parameter.
    pub fn is_non_type_param_interface(&mut self, t: TypeId) -> bool {
        !self.is_type_param(t) && self.is_interface(t)
    }

    /// Whether it is a type parameter.
    pub fn is_type_param(&self, t: TypeId) -> bool {
        matches!(self.uty(t), Type::TypeParam(_))
    }

    /// Whether it is a generic type that has not been instantiated.
    pub fn is_generic(&self, t: TypeId) -> bool {
        if let Type::Alias(a) = self.ty(t) {
            let a = self.alias(a);
            if !a.tparams.is_empty() && a.targs.is_empty() {
                return true;
            }
        }
        match self.uty(t) {
            Type::Named(n) => {
                let n = self.named(n);
                n.orig.is_none() && !n.tparams.is_empty()
            }
            _ => false,
        }
    }

    /// Whether the type has the value nil.
    pub fn has_nil(&mut self, t: TypeId) -> bool {
        match self.uund(t) {
            Type::Basic(k) => k == BasicKind::UnsafePointer,
            Type::Slice(_) | Type::Pointer(_) | Type::Signature(_) | Type::Map { .. } | Type::Chan { .. } => true,
            Type::Interface(_) => {
                !self.is_type_param(t) || self.typeset_terms(t).iter().all(|&(_, u)| u.is_some_and(|u| self.has_nil(u)))
            }
            _ => false,
        }
    }

    /// Whether values of the type can be compared with `==`.
    pub fn comparable(&mut self, t: TypeId) -> bool {
        self.comparable_type(t, true, &mut SmallVec::new()).is_ok()
    }

    /// Whether comparing values of the type can never panic.
    pub fn strictly_comparable(&mut self, t: TypeId) -> bool {
        self.comparable_type(t, false, &mut SmallVec::new()).is_ok()
    }

    /// Like [`comparable`](Self::comparable), with the reason if not. `dynamic` lets interfaces pass.
    pub(crate) fn comparable_type(
        &mut self,
        t: TypeId,
        dynamic: bool,
        seen: &mut SmallVec<[TypeId; 8]>,
    ) -> Result<(), Incomparable> {
        if seen.contains(&t) {
            return Ok(());
        }
        seen.push(t);
        match self.uund(t) {
            Type::Basic(BasicKind::UntypedNil) => Err(Incomparable::Plain),
            Type::Basic(_) | Type::Pointer(_) | Type::Chan { .. } => Ok(()),
            Type::Struct(s) => {
                let fields = self.struct_(s).fields;
                for i in 0..fields.len() {
                    let ft = self.obj_type(self.obj_at(fields, i));
                    if self.comparable_type(ft, dynamic, seen).is_err() {
                        return Err(Incomparable::Field(ft));
                    }
                }
                Ok(())
            }
            Type::Array { elem, .. } => match self.comparable_type(elem, dynamic, seen) {
                Ok(()) => Ok(()),
                Err(_) => Err(Incomparable::Array(t)),
            },
            Type::Interface(i) => {
                if dynamic && !self.is_type_param(t) || self.is_comparable_type_set(i, seen) {
                    return Ok(());
                }
                if self.type_set(i).is_empty() { Err(Incomparable::EmptyTypeSet) } else { Err(Incomparable::TypeSet) }
            }
            _ => Err(Incomparable::Plain),
        }
    }

    /// Whether every type of an interface's type set is strictly comparable.
    pub(crate) fn is_comparable_type_set(&mut self, i: IfaceId, seen: &mut SmallVec<[TypeId; 8]>) -> bool {
        let set = self.type_set(i);
        match set.terms {
            Terms::All => set.comparable,
            Terms::Of(l) if l.is_empty() => false,
            Terms::Of(l) => (0..l.len()).all(|k| {
                let t = self.terms(l)[k].typ;
                self.comparable_type(t, false, seen).is_ok()
            }),
        }
    }

    /// The type that an untyped constant takes where nothing else says.
    pub fn default_type(&self, t: TypeId) -> TypeId {
        match t {
            TypeId::UNTYPED_BOOL => TypeId::BOOL,
            TypeId::UNTYPED_INT => TypeId::INT,
            TypeId::UNTYPED_RUNE => TypeId::RUNE,
            TypeId::UNTYPED_FLOAT => TypeId::FLOAT64,
            TypeId::UNTYPED_COMPLEX => TypeId::COMPLEX128,
            TypeId::UNTYPED_STRING => TypeId::STRING,
            t => t,
        }
    }

    /// The larger of two untyped numeric kinds; the type itself if both are the same.
    pub fn max_type(&self, x: TypeId, y: TypeId) -> Option<TypeId> {
        if x == y {
            Some(x)
        } else if self.is_untyped_numeric(x) && self.is_untyped_numeric(y) {
            Some(x.max(y))
        } else {
            None
        }
    }

    /// The base of a pointer type (as written, aliases looked through), and whether it was one.
    pub fn deref(&self, t: TypeId) -> (TypeId, bool) {
        match self.uty(t) {
            Type::Pointer(base) => (base, true),
            _ => (t, false),
        }
    }

    /// The struct type that a pointer's underlying type leads to; any other type itself.
    pub fn deref_struct_ptr(&mut self, t: TypeId) -> TypeId {
        if let Type::Pointer(base) = self.uund(t)
            && matches!(self.uund(base), Type::Struct(_))
        {
            return base;
        }
        t
    }

    /// Whether a type name is an alias.
    pub fn is_alias_name(&self, o: ObjId) -> bool {
        let Some(t) = self.obj(o).typ else { return false };
        match self.ty(t) {
            Type::Basic(k) => match self.obj(o).pkg {
                Some(p) if p == self.unsafe_pkg => false,
                Some(_) => true,
                None => matches!(k, BasicKind::Byte | BasicKind::Rune),
            },
            Type::Named(n) => self.named(n).obj != o,
            Type::TypeParam(p) => self.tparam(p).obj != o,
            _ => true,
        }
    }

    /// Whether two packages are the same.
    pub(crate) fn same_pkg(&self, a: Option<PkgId>, b: Option<PkgId>) -> bool {
        a == b || matches!((a, b), (Some(a), Some(b)) if self.pkg(a).path == self.pkg(b).path)
    }

    /// Whether two names of fields or methods are the same: unexported ones only within a package.
    pub(crate) fn same_id(&mut self, a: ObjId, b: ObjId) -> bool {
        let (x, y) = (self.obj(a), self.obj(b));
        let (name, xp, yp) = (x.name, x.pkg, y.pkg);
        name == y.name && (xp == yp || self.is_exported(name) || self.same_pkg(xp, yp))
    }

    /// Whether two types are identical.
    #[inline]
    pub fn identical(&mut self, x: TypeId, y: TypeId) -> bool {
        x == y || Comparer { ignore_tags: false, ..Default::default() }.identical(self, x, y)
    }

    /// Whether two types are identical but for struct tags.
    pub fn identical_ignore_tags(&mut self, x: TypeId, y: TypeId) -> bool {
        x == y || Comparer { ignore_tags: true, ..Default::default() }.identical(self, x, y)
    }
}

/// Why a type is not comparable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Incomparable {
    Plain,
    Field(TypeId),
    Array(TypeId),
    EmptyTypeSet,
    TypeSet,
}

/// One test for identity. Pairs of interfaces that are being compared are assumed identical, which ends
/// the recursion through methods that mention their own interface.
#[derive(Default)]
struct Comparer {
    ignore_tags: bool,
    pairs: SmallVec<[(IfaceId, IfaceId); 4]>,
    depth: u32,
}

/// Depth at which comparing gives up: no program nests types so deep.
const MAX_DEPTH: u32 = 10_000;

impl Comparer {
    fn identical(&mut self, s: &mut Store, x: TypeId, y: TypeId) -> bool {
        let (x, y) = (s.unalias(x), s.unalias(y));
        if x == y {
            return true;
        }
        if self.depth > MAX_DEPTH {
            return false;
        }
        self.depth += 1;
        let same = self.differing_ids(s, x, y);
        self.depth -= 1;
        same
    }

    fn differing_ids(&mut self, s: &mut Store, x: TypeId, y: TypeId) -> bool {
        match (s.ty(x), s.ty(y)) {
            (Type::Basic(a), Type::Basic(b)) => a.canonical() == b.canonical(),
            (Type::Array { len: m, elem: a }, Type::Array { len: n, elem: b }) => {
                (m < 0 || n < 0 || m == n) && self.identical(s, a, b)
            }
            (Type::Slice(a), Type::Slice(b)) | (Type::Pointer(a), Type::Pointer(b)) => self.identical(s, a, b),
            (Type::Map { key: k, elem: a }, Type::Map { key: l, elem: b }) => {
                self.identical(s, k, l) && self.identical(s, a, b)
            }
            (Type::Chan { dir: c, elem: a }, Type::Chan { dir: d, elem: b }) => c == d && self.identical(s, a, b),
            (Type::Struct(a), Type::Struct(b)) => self.structs(s, a, b),
            (Type::Tuple(a), Type::Tuple(b)) => self.tuples(s, a, b),
            (Type::Signature(a), Type::Signature(b)) => self.signatures(s, a, b),
            (Type::Union(a), Type::Union(b)) => {
                let (a, b) = (s.union_terms(a), s.union_terms(b));
                s.terms_equal(a, b)
            }
            (Type::Interface(a), Type::Interface(b)) => self.interfaces(s, a, b),
            (Type::Named(a), Type::Named(b)) => {
                let (m, n) = (s.named(a), s.named(b));
                let (xs, ys) = (m.targs, n.targs);
                let same_origin = m.orig.unwrap_or(x) == n.orig.unwrap_or(y);
                same_origin
                    && xs.len() == ys.len()
                    && (0..xs.len()).all(|i| {
                        let (t, u) = (s.type_at(xs, i), s.type_at(ys, i));
                        self.identical(s, t, u)
                    })
            }
            _ => false,
        }
    }

    fn structs(&mut self, s: &mut Store, a: StructId, b: StructId) -> bool {
        let (xs, ys) = (s.struct_(a).fields, s.struct_(b).fields);
        xs.len() == ys.len()
            && (0..xs.len()).all(|i| {
                let (f, g) = (s.obj_at(xs, i), s.obj_at(ys, i));
                s.obj(f).is_embedded() == s.obj(g).is_embedded()
                    && (self.ignore_tags || s.struct_(a).tag(i) == s.struct_(b).tag(i))
                    && s.same_id(f, g)
                    && {
                        let (t, u) = (s.obj_type(f), s.obj_type(g));
                        self.identical(s, t, u)
                    }
            })
    }

    fn tuples(&mut self, s: &mut Store, a: ObjList, b: ObjList) -> bool {
        a.len() == b.len()
            && (0..a.len()).all(|i| {
                let (t, u) = (s.obj_type(s.obj_at(a, i)), s.obj_type(s.obj_at(b, i)));
                self.identical(s, t, u)
            })
    }

    fn signatures(&mut self, s: &mut Store, a: SigId, b: SigId) -> bool {
        let (x, y) = (*s.sig(a), *s.sig(b));
        if x.tparams.len() != y.tparams.len() || x.variadic != y.variadic {
            return false;
        }
        if x.tparams.is_empty() {
            return self.tuples(s, x.params, y.params) && self.tuples(s, x.results, y.results);
        }
        // Generic functions are identical if they are so with the same type parameters.
        let xt = s.type_list(x.tparams).to_vec();
        let yt = s.type_list(y.tparams).to_vec();
        let mut subst = Subst::new(&yt, &xt);
        for (&p, &q) in xt.iter().zip(&yt) {
            let bound = subst.apply(s, s.bound(q));
            if !self.identical(s, s.bound(p), bound) {
                return false;
            }
        }
        let params = subst.tuple(s, y.params);
        let results = subst.tuple(s, y.results);
        self.tuples(s, x.params, params) && self.tuples(s, x.results, results)
    }

    fn interfaces(&mut self, s: &mut Store, a: IfaceId, b: IfaceId) -> bool {
        let (x, y) = (s.type_set(a), s.type_set(b));
        if x.comparable != y.comparable || x.methods.len() != y.methods.len() {
            return false;
        }
        if !s.terms_equal(x.terms, y.terms) {
            return false;
        }
        if self.pairs.contains(&(a, b)) || self.pairs.contains(&(b, a)) {
            return true;
        }
        self.pairs.push((a, b));
        let same = (0..x.methods.len()).all(|i| {
            let (f, g) = (s.obj_at(x.methods, i), s.obj_at(y.methods, i));
            s.same_id(f, g) && {
                let (t, u) = (s.obj_type(f), s.obj_type(g));
                self.identical(s, t, u)
            }
        });
        self.pairs.pop();
        same
    }
}
