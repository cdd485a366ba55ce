//! From the compiler's canonical types to the runtime's descriptors.
//!
//! The runtime's interner makes every descriptor, so a type that the compiler makes and the same type made by reflection
//! have one descriptor. Types are recursive: a named type is declared first, and completed when the types that it refers to
//! are made. All this happens in one batch of the interner. Method tables hold the functions' stubs.

use crate::func_stubs::Stubs;
use crate::link::LinkError;
use itab_abi::types::{Kind, Type, chan_dir};
use itab_ir::program::Program;
use itab_ir::ty::{ChanDir, NamedId, QualName, Ty, TyId};
use itab_ir::world::MethodEntry;
use itab_runtime::types::{Batch, FieldDesc, IMethodDesc, MethodDesc, NamedDecl, Pkg, TypeRef, Types};
use rustc_hash::FxHashMap;
use std::ptr::NonNull;

/// Where methods come from: the world, which may still declare functions, or a saved program, which has them all.
pub(crate) trait Methods {
    /// The method set of a type, promoted methods included.
    fn method_set(&mut self, ty: TyId) -> Result<Vec<MethodEntry>, LinkError>;
    /// The method set of a pointer to a type.
    fn pointer_method_set(&mut self, elem: TyId) -> Result<Vec<MethodEntry>, LinkError>;
    /// Types, functions and variables.
    fn program(&self) -> &Program;
}

/// Descriptors by canonical type.
#[derive(Default)]
pub(crate) struct Descriptors {
    made: Vec<Option<NonNull<Type>>>,
}

// SAFETY: descriptors are immutable and live as long as the program, which owns this table.
unsafe impl Send for Descriptors {}

struct Maker<'t, 'm> {
    batch: Batch<'t>,
    known: &'m Descriptors,
    fresh: FxHashMap<TyId, TypeRef<'t>>,
    /// Named types that wait for their underlying types and methods.
    pending: Vec<(TyId, NamedId, TypeRef<'t>)>,
    /// Unnamed structs with embedded fields that wait for their methods.
    promoting: Vec<(TyId, TypeRef<'t>)>,
    methods: &'m mut dyn Methods,
    stubs: &'m Stubs,
}

impl Descriptors {
    /// The descriptor of a type.
    pub(crate) fn get(
        &mut self,
        types: &Types,
        methods: &mut dyn Methods,
        stubs: &Stubs,
        ty: TyId,
    ) -> Result<*const Type, LinkError> {
        if let Some(t) = self.find(ty) {
            return Ok(t);
        }
        let mut maker = Maker {
            batch: types.batch(),
            known: self,
            fresh: FxHashMap::default(),
            pending: vec![],
            promoting: vec![],
            methods,
            stubs,
        };
        let typ = maker.make(ty);
        maker.finish()?;
        let Maker { batch, fresh, .. } = maker;
        batch.commit();
        let result = typ.as_ptr();
        let fresh: Vec<_> = fresh.into_iter().map(|(ty, t)| (ty, t.as_ptr())).collect();
        for (ty, t) in fresh {
            let i = ty.0 as usize;
            if self.made.len() <= i {
                self.made.resize(i + 1, None);
            }
            self.made[i] = NonNull::new(t.cast_mut());
        }
        Ok(result)
    }

    fn find(&self, ty: TyId) -> Option<*const Type> {
        self.made.get(ty.0 as usize).copied().flatten().map(|t| t.as_ptr().cast_const())
    }
}

impl<'t> Maker<'t, '_> {
    fn make(&mut self, ty: TyId) -> TypeRef<'t> {
        if let Some(t) = self.known.find(ty) {
            // SAFETY: made by this program's interner and committed.
            return unsafe { TypeRef::from_ptr(t) };
        }
        if let Some(&t) = self.fresh.get(&ty) {
            return t;
        }
        let shape = self.methods.program().types.get(ty).clone();
        let t = self.make_shape(ty, &shape);
        self.fresh.insert(ty, t);
        t
    }

    fn make_shape(&mut self, ty: TyId, shape: &Ty) -> TypeRef<'t> {
        match shape {
            Ty::Basic(b) => self.batch.basic(Kind::from_u8(*b as u8)),
            Ty::Pointer(e) => {
                let e = self.make(*e);
                self.batch.pointer_to(e)
            }
            Ty::Slice(e) => {
                let e = self.make(*e);
                self.batch.slice_of(e)
            }
            Ty::Array(e, n) => {
                let e = self.make(*e);
                self.batch.array_of(*n as usize, e)
            }
            Ty::Map(k, v) => {
                let (k, v) = (self.make(*k), self.make(*v));
                self.batch.map_of(k, v)
            }
            Ty::Chan(dir, e) => {
                let e = self.make(*e);
                let dir = match dir {
                    ChanDir::Recv => chan_dir::RECV,
                    ChanDir::Send => chan_dir::SEND,
                    ChanDir::Both => chan_dir::BOTH,
                };
                self.batch.chan_of(dir, e)
            }
            Ty::Func(sig) => {
                let ins: Vec<_> = sig.params.iter().map(|&t| self.make(t)).collect();
                let outs: Vec<_> = sig.results.iter().map(|&t| self.make(t)).collect();
                self.batch.func_of(&ins, &outs, sig.variadic)
            }
            Ty::Struct(fields) => {
                let types: Vec<_> = fields.iter().map(|f| self.make(f.ty)).collect();
                let fields: Vec<_> = fields
                    .iter()
                    .zip(types)
                    .map(|(f, typ)| FieldDesc {
                        name: &f.name.name,
                        pkg_path: &f.name.pkg,
                        tag: &f.tag,
                        embedded: f.embedded,
                        typ,
                    })
                    .collect();
                let t = self.batch.struct_of(&fields);
                if fields.iter().any(|f| f.embedded) && self.batch.is_fresh(t) {
                    self.promoting.push((ty, t));
                }
                t
            }
            Ty::Interface(methods) => {
                let types: Vec<_> = methods.iter().map(|m| self.make(m.sig)).collect();
                let methods: Vec<_> = methods
                    .iter()
                    .zip(types)
                    .map(|(m, typ)| IMethodDesc { name: &m.name.name, pkg: package(&m.name), typ })
                    .collect();
                self.batch.interface_of(&methods)
            }
            Ty::Named(id) => self.make_named(ty, *id),
            Ty::Tuple(_) => panic!("a tuple has no descriptor"),
        }
    }

    fn make_named(&mut self, ty: TyId, id: NamedId) -> TypeRef<'t> {
        let types = &self.methods.program().types;
        let info = types.named_info(id);
        let (kind, params) = kind_of(types.under(ty));
        let name =
            if info.pkg_name.is_empty() { info.name.to_string() } else { format!("{}.{}", info.pkg_name, info.name) };
        let key = if info.key.is_empty() { name.clone() } else { info.key.to_string() };
        let pkg = info.pkg.clone();
        let decl = NamedDecl { key: &key, name: &name, pkg_path: &pkg, kind, params };
        let t = self.batch.named(&decl);
        if self.batch.needs_completion(t) && !self.pending.iter().any(|p| p.2 == t) {
            self.pending.push((ty, id, t));
        }
        t
    }

    /// Completes what waits, which may make more types that wait.
    fn finish(&mut self) -> Result<(), LinkError> {
        loop {
            if let Some((ty, id, t)) = self.pending.pop() {
                let underlying =
                    self.methods.program().types.named_info(id).underlying.expect("completed by the builder");
                let under = self.make(underlying);
                let interface = self.methods.program().types.is_interface(ty);
                let (own, ptr) = if interface { (vec![], vec![]) } else { self.tables(ty)? };
                self.batch.complete_named(t, under, &descs(&own), &descs(&ptr));
            } else if let Some((ty, t)) = self.promoting.pop() {
                let (own, ptr) = self.tables(ty)?;
                self.batch.set_methods(t, &descs(&own));
                let p = self.batch.pointer_to(t);
                if self.batch.is_fresh(p) {
                    self.batch.set_methods(p, &descs(&ptr));
                }
            } else {
                return Ok(());
            }
        }
    }

    /// Methods of a type and of the pointer to it.
    fn tables(&mut self, ty: TyId) -> Result<(Vec<Row<'t>>, Vec<Row<'t>>), LinkError> {
        let (own, ptr) = (self.methods.method_set(ty)?, self.methods.pointer_method_set(ty)?);
        Ok((self.table(own), self.table(ptr)))
    }

    fn table(&mut self, methods: Vec<MethodEntry>) -> Vec<Row<'t>> {
        let row = |m: MethodEntry| Row {
            mtyp: self.make(m.sig),
            ifn: self.stubs.stub(m.ifn),
            tfn: self.stubs.stub(m.tfn),
            name: m.name,
        };
        methods.into_iter().map(row).collect()
    }
}

/// A method with its descriptor and stubs.
struct Row<'t> {
    name: QualName,
    mtyp: TypeRef<'t>,
    ifn: usize,
    tfn: usize,
}

fn descs<'a, 't>(rows: &'a [Row<'t>]) -> Vec<MethodDesc<'a, 't>> {
    let desc =
        |r: &'a Row<'t>| MethodDesc { name: &r.name.name, pkg_path: &r.name.pkg, mtyp: r.mtyp, ifn: r.ifn, tfn: r.tfn };
    rows.iter().map(desc).collect()
}

fn package(name: &QualName) -> Pkg<'_> {
    Pkg { path: &name.pkg, name: name.pkg.rsplit('/').next().unwrap_or("") }
}

/// Kind, and for a func type how many parameters and results it has.
fn kind_of(under: &Ty) -> (Kind, usize) {
    match under {
        Ty::Basic(b) => (Kind::from_u8(*b as u8), 0),
        Ty::Pointer(_) => (Kind::Pointer, 0),
        Ty::Slice(_) => (Kind::Slice, 0),
        Ty::Array(..) => (Kind::Array, 0),
        Ty::Map(..) => (Kind::Map, 0),
        Ty::Chan(..) => (Kind::Chan, 0),
        Ty::Func(sig) => (Kind::Func, sig.params.len() + sig.results.len()),
        Ty::Struct(_) => (Kind::Struct, 0),
        Ty::Interface(_) => (Kind::Interface, 0),
        Ty::Named(_) | Ty::Tuple(_) => unreachable!("not an underlying type"),
    }
}
