//! The world that functions are built in: the checked packages, and everything that has an id so far.
//!
//! A function is *declared* when something refers to it: it gets a [`FuncId`], a name and a signature, and its source
//! is remembered as a [`FuncSrc`]. It is *built* by [`World::build`], without any passes; [`crate::driver`] decides
//! when, and runs the passes. Declaring never builds and never checks a body. The ids depend on nothing but the order
//! of the requests.
//!
//! Functions are found again by [`FuncKey`]; instances of generic ones by their object and an [`EnvId`], the interned
//! assignment of canonical types to type parameters.

use crate::func::Func;
use crate::program::{Context, FuncDecl, FuncId, FuncKind, GlobalId, Known, Program};
use crate::ty::{Basic, QualName, Ty, TyId, TypeTable};
use itab_syntax::{Block, File, Name, Pos, Tree};
use itab_types::{CheckedBody, FuncDeclRef, Info, ObjId, ObjKind, PkgId, Signature, Store, TypeId};
use rustc_hash::FxHashMap;
use std::sync::Arc;

use crate::generic::{EnvId, Envs};
use crate::intrinsics::Special;
use crate::methods::MethodInfo;

/// Why a function could not be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    /// Where in the source.
    pub pos: u32,
    /// What is missing or wrong.
    pub what: String,
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot build: {}", self.what)
    }
}

impl std::error::Error for BuildError {}

/// A result of building.
pub type Res<T> = Result<T, BuildError>;

/// An error at a position.
pub(crate) fn fail<T>(pos: impl Into<AnyPos>, what: impl Into<String>) -> Res<T> {
    Err(BuildError { pos: pos.into().0, what: what.into() })
}

/// A position of either kind.
pub(crate) struct AnyPos(pub u32);

impl From<Pos> for AnyPos {
    fn from(p: Pos) -> AnyPos {
        AnyPos(p.0)
    }
}

impl From<u32> for AnyPos {
    fn from(p: u32) -> AnyPos {
        AnyPos(p)
    }
}

/// A syntax tree that is kept alive: a function body's, or a file's package level.
#[derive(Clone)]
pub(crate) enum TreeRef {
    /// Of a body.
    Body(Arc<CheckedBody>),
    /// Of a file.
    File(Arc<File>),
}

impl std::ops::Deref for TreeRef {
    type Target = Tree;
    fn deref(&self) -> &Tree {
        match self {
            TreeRef::Body(b) => b.tree(),
            TreeRef::File(f) => &f.tree,
        }
    }
}

/// Facts about a tree.
#[derive(Clone)]
pub(crate) enum InfoRef {
    /// Of a body.
    Body(Arc<CheckedBody>),
    /// Of a file.
    File(Arc<Info>),
}

impl std::ops::Deref for InfoRef {
    type Target = Info;
    fn deref(&self) -> &Info {
        match self {
            InfoRef::Body(b) => &b.info,
            InfoRef::File(i) => i,
        }
    }
}

/// Checked code: a tree and what the checker found out about it.
#[derive(Clone)]
pub(crate) struct Code {
    /// The tree.
    pub tree: TreeRef,
    /// Facts about it.
    pub info: InfoRef,
    /// Language version of its file.
    pub version: itab_types::GoVersion,
}

/// What identifies a function before it has an id.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum FuncKey {
    /// A declared function or method, with its type arguments.
    Decl(ObjId, EnvId),
    /// The `n`th closure or other inner function of a function.
    Inner(FuncId, u32),
    /// The itab entry of a method of this type (the type that is in the interface).
    Entry(TyId, QualName),
    /// A method expression of this type.
    MethodExpr(TyId, QualName),
    /// A bound method of this type.
    Bound(TyId, QualName),
    /// A package's initialisation.
    Init(PkgId),
    /// What fills a map.
    Fill(GlobalId),
    /// The program's start.
    Start,
}

/// What a function is built from.
#[derive(Clone, Debug)]
pub(crate) enum FuncSrc {
    /// Source, under an assignment of types.
    Decl(ObjId, EnvId),
    /// Inside another function, with which it is built.
    Inner(FuncId),
    /// Made from a method: see `wrappers`.
    Entry(TyId, QualName),
    MethodExpr(TyId, QualName),
    Bound(TyId, QualName),
    /// See `init`.
    Init(PkgId),
    Start,
    /// See `late`.
    Fill(GlobalId),
    /// The body of an operation that has none in Go.
    Special(Special),
    /// Not built here.
    Native,
}

/// A function that was built, and those inside it.
#[derive(Debug)]
pub struct Built {
    /// The function first; then its closures and split-off parts.
    pub funcs: Vec<Func>,
}

/// A method in a type's method set.
#[derive(Clone, Debug)]
pub struct MethodEntry {
    /// Its name.
    pub name: QualName,
    /// Its type without the receiver.
    pub sig: TyId,
    /// The itab's entry: its context is the interface's data word.
    pub ifn: FuncId,
    /// The function whose first ordinary parameter is the receiver.
    pub tfn: FuncId,
}

/// Where a defined type comes from.
#[derive(Clone, Debug)]
pub(crate) struct NamedSrc {
    /// The generic or plain type in the checker's terms.
    pub origin: TypeId,
    /// Type arguments.
    pub targs: Vec<TyId>,
}

/// See the module's documentation.
pub struct World {
    /// What has an id.
    pub program: Program,
    /// The checked packages.
    pub store: Store,
    /// What the driver remembers between functions.
    pub driver: crate::driver::Driver,
    pub(crate) envs: Envs,
    pub(crate) type_cache: FxHashMap<(TypeId, EnvId), TyId>,
    pub(crate) nameds: Vec<NamedSrc>,
    pub(crate) pending: Vec<(crate::ty::NamedId, TypeId, EnvId)>,
    pub(crate) converting: u32,
    pub(crate) type_error: Option<BuildError>,
    pub(crate) srcs: Vec<FuncSrc>,
    pub(crate) index: FxHashMap<FuncKey, FuncId>,
    pub(crate) globals: FxHashMap<ObjId, GlobalId>,
    pub(crate) method_sets: FxHashMap<TyId, Arc<Vec<MethodInfo>>>,
    pub(crate) links: crate::linkname::Links,
    pub(crate) package_infos: FxHashMap<(PkgId, u32), Arc<Info>>,
    pub(crate) static_inits: FxHashMap<(PkgId, usize), ()>,
    /// Maps that are filled when they are first needed.
    pub(crate) late: FxHashMap<GlobalId, crate::late::Late>,
}

impl World {
    /// A world of checked packages.
    pub fn new(store: Store) -> World {
        let mut w = World {
            program: Program { types: TypeTable::new(), ..Program::default() },
            store,
            driver: Default::default(),
            envs: Envs::new(),
            type_cache: FxHashMap::default(),
            nameds: vec![],
            pending: vec![],
            converting: 0,
            type_error: None,
            srcs: vec![],
            index: FxHashMap::default(),
            globals: FxHashMap::default(),
            method_sets: FxHashMap::default(),
            links: Default::default(),
            package_infos: FxHashMap::default(),
            static_inits: FxHashMap::default(),
            late: FxHashMap::default(),
        };
        w.collect_links();
        w
    }

    /// The types.
    pub fn types(&self) -> &TypeTable {
        &self.program.types
    }

    pub(crate) fn text(&self, n: Name) -> Arc<str> {
        self.store.text(n).into()
    }

    pub(crate) fn pkg_path(&self, p: Option<PkgId>) -> Arc<str> {
        p.map_or_else(|| "".into(), |p| self.store.pkg(p).path.clone())
    }

    /// A name as methods and fields compare it.
    pub(crate) fn qual_name(&self, name: Name, pkg: Option<PkgId>) -> QualName {
        let text = self.text(name);
        let pkg = if itab_types::is_exported(&text) { "".into() } else { self.pkg_path(pkg) };
        QualName { name: text, pkg }
    }

    /// The id of a key, declared by `make` when it is new.
    pub(crate) fn intern_func(
        &mut self,
        key: FuncKey,
        make: impl FnOnce(&mut World) -> Res<(FuncDecl, FuncSrc)>,
    ) -> Res<FuncId> {
        if let Some(&id) = self.index.get(&key) {
            return Ok(id);
        }
        let (decl, src) = make(self)?;
        let id = self.program.add_func(decl);
        self.srcs.push(src);
        self.index.insert(key, id);
        Ok(id)
    }

    /// What a function is built from.
    pub(crate) fn src(&self, id: FuncId) -> &FuncSrc {
        &self.srcs[id.0 as usize]
    }

    /// The function of a declared function or method under an assignment of types.
    pub(crate) fn declare(&mut self, obj: ObjId, env: EnvId) -> Res<FuncId> {
        if let Some(&id) = self.index.get(&FuncKey::Decl(obj, env)) {
            return Ok(id);
        }
        if self.special(obj).is_none()
            && self.decl_body(obj).is_none()
            && let Some(other) = self.linked_func(obj)
            && other != obj
        {
            let id = self.declare(other, env)?;
            self.index.insert(FuncKey::Decl(obj, env), id);
            return Ok(id);
        }
        self.intern_func(FuncKey::Decl(obj, env), |w| w.decl_of(obj, env))
    }

    fn decl_of(&mut self, obj: ObjId, env: EnvId) -> Res<(FuncDecl, FuncSrc)> {
        let sig = self.sig_of(obj);
        let mut params = self.var_types(sig.params, env)?;
        let results = self.var_types(sig.results, env)?;
        let mut context = Context::None;
        if let Some(recv) = sig.recv {
            let t = self.store.obj_type(recv);
            let t = self.ty(t, env)?;
            if self.program.types.is_direct(t) {
                context = Context::Receiver(t);
            } else {
                params.insert(0, t);
            }
        }
        let name = self.func_name(obj, env);
        let (src, kind, native) = if let Some(s) = self.special(obj) {
            (FuncSrc::Special(s), FuncKind::Wrapper, None)
        } else if self.decl_body(obj).is_some() {
            (FuncSrc::Decl(obj, env), FuncKind::Declared, None)
        } else {
            (FuncSrc::Native, FuncKind::Native, Some(self.native_name(obj)))
        };
        let pos = self.store.obj(obj).pos.0;
        let pragma = self.func_pragma(obj);
        let noinline = pragma.contains(itab_syntax::Pragma::NOINLINE);
        let known = match kind {
            FuncKind::Native if pragma.contains(itab_syntax::Pragma::NOESCAPE) => Known::KeepsNothing,
            _ => Known::of_symbol(&name),
        };
        let variadic = sig.variadic;
        Ok((FuncDecl { name, kind, params, results, variadic, context, native, pos, noinline, known }, src))
    }

    /// The signature of a func object.
    pub(crate) fn sig_of(&mut self, obj: ObjId) -> Signature {
        self.store.func_sig(obj).map_or_else(Signature::default, |id| *self.store.sig(id))
    }

    /// A function's body, checked now if it was not before.
    pub(crate) fn body_code(&mut self, obj: ObjId) -> Res<(Code, Block)> {
        let pos = self.store.obj(obj).pos;
        let Some((body, problems)) = self.store.check_body(obj) else {
            return fail(pos, format!("{} has no body", self.store.text(self.store.obj(obj).name)));
        };
        if let Some(d) = problems.0.first() {
            return fail(d.span.start, d.message.clone());
        }
        let version = match self.decl_ref(obj) {
            Some((p, d)) => self.store.pkg(p).files[d.file as usize].version,
            None => itab_types::GoVersion::CURRENT,
        };
        let block = body.block();
        Ok((Code { tree: TreeRef::Body(body.clone()), info: InfoRef::Body(body), version }, block))
    }

    /// Where a function is declared.
    pub(crate) fn decl_ref(&self, obj: ObjId) -> Option<(PkgId, FuncDeclRef)> {
        let o = self.store.obj(obj);
        match &o.kind {
            ObjKind::Func(f) => Some((o.pkg?, f.decl?)),
            _ => None,
        }
    }

    /// The text of a function's body, none when it has none.
    pub(crate) fn decl_body(&self, obj: ObjId) -> Option<itab_syntax::Span> {
        let (pkg, d) = self.decl_ref(obj)?;
        let file = &self.store.pkg(pkg).files.get(d.file as usize)?.file;
        file.tree[d.decl].body
    }

    fn func_pragma(&self, obj: ObjId) -> itab_syntax::Pragma {
        let decl = self.decl_ref(obj).map(|(pkg, d)| self.store.pkg(pkg).files[d.file as usize].file.tree[d.decl]);
        decl.map_or(Default::default(), |d| d.pragma)
    }

    /// Facts about a file's package level.
    pub(crate) fn file_code(&mut self, pkg: PkgId, file: u32) -> Code {
        let f = &self.store.pkg(pkg).files[file as usize];
        let info = self.package_infos.entry((pkg, file)).or_insert_with(|| Arc::new(f.info.clone()));
        Code { tree: TreeRef::File(f.file.clone()), info: InfoRef::File(info.clone()), version: f.version }
    }

    /// The package variable of an object.
    pub fn global(&mut self, obj: ObjId) -> Res<GlobalId> {
        if let Some(&g) = self.globals.get(&obj) {
            return Ok(g);
        }
        if let Some(other) = self.linked_var(obj)
            && other != obj
        {
            let g = self.global(other)?;
            self.globals.insert(obj, g);
            return Ok(g);
        }
        let o = self.store.obj(obj).clone();
        let ty = self.ty(self.store.obj_type(obj), EnvId::EMPTY)?;
        let name = format!("{}.{}", self.pkg_path(o.pkg), self.store.text(o.name));
        let g = self.program.add_global(name.into(), ty);
        self.globals.insert(obj, g);
        Ok(g)
    }

    /// Gives every package variable of these packages its place.
    pub fn declare_globals(&mut self, pkgs: &[PkgId]) -> Res<()> {
        for &p in pkgs {
            for obj in self.store.pkg(p).objects.clone() {
                let o = self.store.obj(obj);
                if matches!(&o.kind, ObjKind::Var(_)) && o.name != Name::BLANK {
                    self.global(obj)?;
                }
            }
        }
        pkgs.iter().try_for_each(|&p| self.static_package(p))
    }

    /// A declared function that is not generic, by its package's path and its name.
    pub fn func_by_name(&mut self, pkg: &str, name: &str) -> Res<FuncId> {
        let obj = self.lookup(pkg, name);
        match obj {
            Some(o) if matches!(self.store.obj(o).kind, ObjKind::Func(_)) => self.declare(o, EnvId::EMPTY),
            _ => fail(0, format!("{pkg}.{name} is not a declared function")),
        }
    }

    /// Gives every function and method that is declared and not generic its id.
    pub fn declare_all(&mut self) -> Res<()> {
        for p in self.store.packages() {
            for o in self.store.pkg(p).objects.clone() {
                if matches!(self.store.obj(o).kind, ObjKind::Func(_)) && !self.is_generic_func(o) {
                    self.declare(o, EnvId::EMPTY)?;
                }
            }
        }
        Ok(())
    }

    fn is_generic_func(&mut self, o: ObjId) -> bool {
        let sig = self.sig_of(o);
        !sig.tparams.is_empty() || !sig.rparams.is_empty()
    }

    /// The declared function that a function is built from, or is inside of.
    pub fn declaration(&self, id: FuncId) -> Option<ObjId> {
        match *self.src(self.root(id)) {
            FuncSrc::Decl(obj, _) => Some(obj),
            _ => None,
        }
    }

    /// Names of a package's functions that are not generic, with the package's path, sorted.
    pub fn function_names(&self, pkg: &str) -> Vec<String> {
        let Some(p) = self.store.package(pkg) else { return vec![] };
        let funcs = self.store.pkg(p).objects.iter().map(|&o| self.store.obj(o));
        let plain = funcs.filter(|o| matches!(&o.kind, ObjKind::Func(_)));
        let mut names: Vec<String> = plain
            .filter(|o| self.store.scope(self.store.pkg(p).scope).lookup(o.name).is_some())
            .map(|o| format!("{pkg}.{}", self.store.text(o.name)))
            .collect();
        names.sort();
        names
    }

    /// A package-level object.
    pub(crate) fn lookup(&self, pkg: &str, name: &str) -> Option<ObjId> {
        let pkg = self.store.package(pkg)?;
        let name = self.store.names().get(name)?;
        self.store.scope(self.store.pkg(pkg).scope).lookup(name)
    }

    /// A package variable by its package's path and its name.
    pub fn global_by_name(&mut self, pkg: &str, name: &str) -> Res<GlobalId> {
        match self.lookup(pkg, name) {
            Some(o) if self.store.obj(o).as_var().is_some() => self.global(o),
            _ => fail(0, format!("{pkg}.{name} is not a package variable")),
        }
    }

    /// A package-level type that is not generic.
    pub fn type_by_name(&mut self, pkg: &str, name: &str) -> Res<TyId> {
        match self.lookup(pkg, name) {
            Some(o) if matches!(self.store.obj(o).kind, ObjKind::TypeName) && !self.is_generic(o) => {
                self.ty(self.store.obj_type(o), EnvId::EMPTY)
            }
            _ => fail(0, format!("{pkg}.{name} is not a type")),
        }
    }

    /// Whether a declared type has type parameters.
    fn is_generic(&self, name: ObjId) -> bool {
        !self.store.type_params(self.store.obj_type(name)).is_empty()
    }

    /// Names of a package's types that are not generic, sorted.
    pub fn type_names(&self, pkg: &str) -> Vec<String> {
        let Some(p) = self.store.package(pkg) else { return vec![] };
        let scope = self.store.scope(self.store.pkg(p).scope);
        let types = self.store.pkg(p).objects.iter().copied().filter(|&o| {
            let obj = self.store.obj(o);
            matches!(obj.kind, ObjKind::TypeName) && scope.lookup(obj.name) == Some(o) && !self.is_generic(o)
        });
        let mut names: Vec<String> = types.map(|o| self.store.text(self.store.obj(o).name).to_string()).collect();
        names.sort();
        names
    }

    /// The function with the outermost body that a function is built with.
    pub fn root(&self, mut id: FuncId) -> FuncId {
        while let FuncSrc::Inner(outer) = *self.src(id) {
            id = outer;
        }
        id
    }

    /// Builds a function and those inside it. For an inner function, the outermost one is built.
    pub fn build(&mut self, id: FuncId) -> Res<Built> {
        let id = self.root(id);
        let funcs = match self.src(id).clone() {
            FuncSrc::Decl(obj, env) => crate::build::build_decl(self, id, obj, env)?,
            FuncSrc::Entry(t, name) => vec![crate::wrappers::build_entry(self, id, t, &name)?],
            FuncSrc::MethodExpr(t, name) => vec![crate::wrappers::build_method_expr(self, id, t, &name)?],
            FuncSrc::Bound(t, name) => vec![crate::wrappers::build_bound(self, id, t, &name)?],
            FuncSrc::Init(pkg) => crate::init::build_init(self, id, pkg)?,
            FuncSrc::Fill(g) => crate::late::build_fill(self, id, g)?,
            FuncSrc::Start => vec![crate::init::build_start(self, id)?],
            FuncSrc::Special(s) => vec![crate::intrinsics::build_special(self, id, s)?],
            FuncSrc::Native => {
                let d = self.program.func(id);
                return fail(d.pos, format!("{} has no body", d.name));
            }
            FuncSrc::Inner(_) => return fail(0, "inner function without an outer one"),
        };
        if let Some(e) = self.type_error.take() {
            return Err(e);
        }
        if cfg!(debug_assertions) {
            funcs.iter().for_each(|f| crate::sanity::assert_sane(&self.program, f));
        }
        Ok(Built { funcs })
    }

    // Types that building needs often.

    /// `unsafe.Pointer`
    pub(crate) const fn unsafe_pointer() -> TyId {
        TypeTable::basic(Basic::UnsafePointer)
    }

    /// `any`
    pub(crate) fn any(&mut self) -> TyId {
        self.program.types.intern(Ty::Interface(vec![]))
    }

    /// `func()`
    pub(crate) fn func0(&mut self) -> TyId {
        self.program.types.intern(Ty::Func(Default::default()))
    }
}

/// `int`
pub(crate) const INT: TyId = TypeTable::basic(Basic::Int);
/// `bool`
pub(crate) const BOOL: TyId = TypeTable::basic(Basic::Bool);
/// `string`
pub(crate) const STRING: TyId = TypeTable::basic(Basic::String);
