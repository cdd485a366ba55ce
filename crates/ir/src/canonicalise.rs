//! From the checker's types to canonical ones.
//!
//! A defined type is reserved when it is met and completed once the outermost conversion is done, so that recursion is
//! as deep as type literals nest and no deeper. Its identity is import path, name and type arguments; a type declared in
//! a function is told apart by its position and by the type arguments of the function around it.

use crate::generic::EnvId;
use crate::ty::{Basic, ChanDir, Field, IMethod, NamedId, Sig, Ty, TyId, TypeTable};
use crate::world::{BuildError, NamedSrc, Res, World};
use itab_types::{BasicKind, ObjId, ObjList, Type, TypeId, TypeList};
use std::fmt::Write;

impl World {
    /// The canonical type of a checker's type under an assignment of types.
    pub fn ty(&mut self, t: TypeId, env: EnvId) -> Res<TyId> {
        self.converting += 1;
        let id = self.convert(t, env);
        self.converting -= 1;
        if self.converting == 0 {
            while let Some((n, origin, env)) = self.pending.pop() {
                self.converting += 1;
                let under = self.store.under(origin);
                let under = self.convert(under, env);
                self.converting -= 1;
                let under = match self.program.types.get(under) {
                    // A type declared as another that is itself not completed yet: that one comes first.
                    Ty::Named(_) => self.program.types.underlying(under),
                    _ => under,
                };
                self.program.types.complete_named(n, under, vec![]);
            }
        }
        match self.type_error.take() {
            Some(e) => Err(e),
            None => Ok(id),
        }
    }

    fn convert(&mut self, t: TypeId, env: EnvId) -> TyId {
        if let Some(&id) = self.type_cache.get(&(t, env)) {
            return id;
        }
        let id = self.convert_new(t, env);
        self.type_cache.insert((t, env), id);
        id
    }

    fn bad_type(&mut self, what: impl Into<String>) -> TyId {
        self.type_error.get_or_insert(BuildError { pos: 0, what: what.into() });
        World::unsafe_pointer()
    }

    fn convert_new(&mut self, t: TypeId, env: EnvId) -> TyId {
        let ty = match self.store.ty(t) {
            Type::Basic(k) => match basic(k) {
                Some(b) => return TypeTable::basic(b),
                None if k == BasicKind::UntypedNil => return World::unsafe_pointer(),
                None => return self.bad_type("an invalid type"),
            },
            Type::Alias(_) => {
                let t = self.store.unalias(t);
                return self.convert(t, env);
            }
            Type::Named(_) => return self.convert_named(t, env),
            Type::TypeParam(p) => {
                return match self.envs.lookup(env, p) {
                    Some(id) => id,
                    None => self.bad_type("a type parameter without an argument"),
                };
            }
            Type::Pointer(e) => Ty::Pointer(self.convert(e, env)),
            Type::Slice(e) => Ty::Slice(self.convert(e, env)),
            Type::Array { len, elem } => Ty::Array(self.convert(elem, env), len.max(0) as u64),
            Type::Map { key, elem } => Ty::Map(self.convert(key, env), self.convert(elem, env)),
            Type::Chan { dir, elem } => {
                let dir = match dir {
                    itab_types::ChanDir::SendRecv => ChanDir::Both,
                    itab_types::ChanDir::SendOnly => ChanDir::Send,
                    itab_types::ChanDir::RecvOnly => ChanDir::Recv,
                };
                Ty::Chan(dir, self.convert(elem, env))
            }
            Type::Struct(s) => Ty::Struct(self.convert_fields(s, env)),
            Type::Tuple(list) => Ty::Tuple(self.convert_vars(list, env)),
            Type::Signature(_) => return self.convert_sig(t, env),
            Type::Interface(i) => {
                let set = self.store.type_set(i);
                let methods = self.store.objs(set.methods).to_vec();
                let mut list: Vec<IMethod> = methods.into_iter().map(|m| self.convert_imethod(m, env)).collect();
                sort_methods(&mut list, |m| &m.name);
                Ty::Interface(list)
            }
            Type::Union(_) => return self.bad_type("a union used as a type"),
        };
        self.program.types.intern(ty)
    }

    fn convert_imethod(&mut self, m: ObjId, env: EnvId) -> IMethod {
        self.store.func_sig(m);
        let o = self.store.obj(m);
        let (name, pkg, typ) = (o.name, o.pkg, self.store.obj_type(m));
        IMethod { name: self.qual_name(name, pkg), sig: self.convert(typ, env) }
    }

    fn convert_vars(&mut self, list: ObjList, env: EnvId) -> Vec<TyId> {
        let vars = self.store.objs(list).to_vec();
        vars.into_iter()
            .map(|v| {
                let t = self.store.obj_type(v);
                self.convert(t, env)
            })
            .collect()
    }

    /// Types of parameters or results.
    pub(crate) fn var_types(&mut self, list: ObjList, env: EnvId) -> Res<Vec<TyId>> {
        let vars = self.store.objs(list).to_vec();
        vars.into_iter().map(|v| self.ty(self.store.obj_type(v), env)).collect()
    }

    /// The types of a list.
    pub(crate) fn list_types(&mut self, list: TypeList, env: EnvId) -> Res<Vec<TyId>> {
        let types = self.store.type_list(list).to_vec();
        types.into_iter().map(|t| self.ty(t, env)).collect()
    }

    fn convert_sig(&mut self, t: TypeId, env: EnvId) -> TyId {
        let Type::Signature(s) = self.store.ty(t) else { return self.bad_type("no signature") };
        let sig = *self.store.sig(s);
        let params = self.convert_vars(sig.params, env);
        let results = self.convert_vars(sig.results, env);
        self.program.types.intern(Ty::Func(Sig { params, results, variadic: sig.variadic }))
    }

    fn convert_fields(&mut self, s: itab_types::StructId, env: EnvId) -> Vec<Field> {
        let st = self.store.struct_(s).clone();
        let objs = self.store.objs(st.fields).to_vec();
        let mut fields = Vec::with_capacity(objs.len());
        for (i, f) in objs.into_iter().enumerate() {
            let o = self.store.obj(f);
            let (name, pkg, embedded) = (o.name, o.pkg, o.is_embedded());
            let typ = self.store.obj_type(f);
            fields.push(Field {
                name: self.qual_name(name, pkg),
                ty: self.convert(typ, env),
                embedded,
                tag: String::from_utf8_lossy(st.tag(i)).into(),
            });
        }
        fields
    }

    /// Tells where in its package something is declared, whatever was loaded before the package.
    fn place_in_package(&self, o: &itab_types::Object) -> u64 {
        let files = o.pkg.map_or(&[][..], |p| &self.store.pkg(p).files);
        let places =
            files.iter().zip(0u64..).map(|(f, i)| f.file.source.offset(o.pos).map(|at| i << 32 | u64::from(at)));
        places.flatten().next().unwrap_or_default()
    }

    fn convert_named(&mut self, t: TypeId, env: EnvId) -> TyId {
        let Some(n) = self.store.as_named(t) else { return self.bad_type("no defined type") };
        let named = self.store.named(n);
        let obj = named.obj;
        // A type declared in a generic function takes that function's type arguments.
        let targs = if named.orig.is_none() && !named.outer.is_empty() { named.outer } else { named.targs };
        let origin = named.orig.unwrap_or_else(|| self.store.unalias(t));
        let targs: Vec<TyId> = self.store.type_list(targs).to_vec().into_iter().map(|a| self.convert(a, env)).collect();
        let o = self.store.obj(obj).clone();
        let path = self.pkg_path(o.pkg);
        let pkg_name = o.pkg.map_or("".into(), |p| self.text(self.store.pkg(p).name));
        let local = o.pkg.is_some_and(|p| o.parent != Some(self.store.pkg(p).scope));
        let mut key = format!("{path}.{}", self.store.text(o.name));
        let mut name = self.store.text(o.name).to_string();
        let mut inner = EnvId::EMPTY;
        if local {
            let _ = write!(key, "\u{b7}{}", self.place_in_package(&o));
        }
        if !targs.is_empty() {
            let ids: Vec<String> = targs.iter().map(|a| format!("#{}", a.0)).collect();
            let _ = write!(key, "[{}]", ids.join(","));
            let texts: Vec<String> = targs.iter().map(|&a| self.program.types.link_string(a)).collect();
            let _ = write!(name, "[{}]", texts.join(","));
            let params = self.store.as_named(origin).map(|o| {
                let o = self.store.named(o);
                if o.tparams.is_empty() { o.outer } else { o.tparams }
            });
            inner = self.env_for(params.unwrap_or_default(), &targs, EnvId::EMPTY);
        }
        let (id, new) = self.program.types.named(key.into(), name.into(), path, pkg_name);
        if new {
            debug_assert_eq!(id.0 as usize, self.nameds.len());
            self.nameds.push(NamedSrc { origin, targs });
            self.pending.push((id, origin, inner));
        }
        self.program.types.named_info(id).ty
    }

    /// The assignment of arguments to parameters, on top of another one.
    pub(crate) fn env_for(&mut self, tparams: TypeList, targs: &[TyId], base: EnvId) -> EnvId {
        let mut pairs = self.envs.get(base).to_vec();
        let params = self.store.type_list(tparams).to_vec();
        for (p, &a) in params.into_iter().zip(targs) {
            if let Type::TypeParam(p) = self.store.ty(p) {
                pairs.push((p, a));
            }
        }
        self.envs.intern(pairs)
    }

    /// Where a canonical defined type comes from.
    pub(crate) fn named_src(&self, n: NamedId) -> &NamedSrc {
        &self.nameds[n.0 as usize]
    }
}

/// Sorts methods as descriptors have them: exported ones first, then by name, then by package.
pub(crate) fn sort_methods<T>(list: &mut [T], name: impl Fn(&T) -> &crate::ty::QualName) {
    list.sort_by(|x, y| {
        let (x, y) = (name(x), name(y));
        (!x.pkg.is_empty(), &x.name, &x.pkg).cmp(&(!y.pkg.is_empty(), &y.name, &y.pkg))
    });
}

fn basic(k: BasicKind) -> Option<Basic> {
    Some(match k.canonical() {
        BasicKind::Bool | BasicKind::UntypedBool => Basic::Bool,
        BasicKind::Int | BasicKind::UntypedInt => Basic::Int,
        BasicKind::Int8 => Basic::Int8,
        BasicKind::Int16 => Basic::Int16,
        BasicKind::Int32 | BasicKind::UntypedRune => Basic::Int32,
        BasicKind::Int64 => Basic::Int64,
        BasicKind::Uint => Basic::Uint,
        BasicKind::Uint8 => Basic::Uint8,
        BasicKind::Uint16 => Basic::Uint16,
        BasicKind::Uint32 => Basic::Uint32,
        BasicKind::Uint64 => Basic::Uint64,
        BasicKind::Uintptr => Basic::Uintptr,
        BasicKind::Float32 => Basic::Float32,
        BasicKind::Float64 | BasicKind::UntypedFloat => Basic::Float64,
        BasicKind::Complex64 => Basic::Complex64,
        BasicKind::Complex128 | BasicKind::UntypedComplex => Basic::Complex128,
        BasicKind::String | BasicKind::UntypedString => Basic::String,
        BasicKind::UnsafePointer => Basic::UnsafePointer,
        BasicKind::Invalid | BasicKind::UntypedNil | BasicKind::Byte | BasicKind::Rune => return None,
    })
}
