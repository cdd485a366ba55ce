//! Checking packages and bodies: the crate's entry points.

use std::sync::Arc;

use itab_syntax::{Block, Body, Diagnostic, File, FuncDeclId, Name, Pos, SpecId, Tree};
use rustc_hash::FxHashSet;

use crate::check::{Checker, Env};
use crate::decl::{DeclInfo, DeclKind};
use crate::errors::codes;
use crate::info::Info;
use crate::initorder::Dependencies;
use crate::object::ObjKind;
use crate::package::{FileInfo, GoVersion};
use crate::resolver::{FileCtx, Importer};
use crate::store::Store;
use crate::{FuncDeclRef, ObjId, PkgId, TypeId};

/// A package to check.
pub struct PackageInput<'i> {
    /// Import path.
    pub path: &'i str,
    /// The parsed files.
    pub files: &'i [Arc<File>],
    /// The module's language version.
    pub version: GoVersion,
    /// For each file the version its build constraint asks for, if any; may be shorter than `files`.
    pub file_versions: &'i [Option<GoVersion>],
    /// Whether function bodies are checked now. If not, [`Store::check_body`] checks them one by one.
    pub bodies: bool,
    /// Whether every function must have a body or a linkname; false where there is assembly.
    pub complete: bool,
    /// Package-level variables to leave out, because nothing refers to them: index of the file and spec.
    pub unused: Option<&'i FxHashSet<(u32, SpecId)>>,
}

/// A checked function body.
#[derive(Debug)]
pub struct CheckedBody {
    source: BodySource,
    /// What was found out about it.
    pub info: Info,
}

#[derive(Debug)]
enum BodySource {
    File(Arc<File>, FuncDeclId),
    Own(Box<Body>),
}

/// Trees and facts that a store has forgotten.
pub struct Forgotten {
    _files: Vec<(Arc<File>, Info)>,
    _bodies: Vec<Arc<CheckedBody>>,
}

/// Diagnostics of one body.
#[derive(Default, Debug)]
pub struct Problems(pub Vec<Diagnostic>);

impl CheckedBody {
    /// The body as it was parsed.
    pub fn body(&self) -> Option<&Body> {
        match &self.source {
            BodySource::File(f, id) => {
                use itab_syntax::Id;
                f.bodies[id.index()].as_ref()
            }
            BodySource::Own(b) => Some(b),
        }
    }

    /// The body's tree.
    pub fn tree(&self) -> &Tree {
        match self.body() {
            Some(b) => &b.tree,
            None => unreachable!("a checked body has a tree"),
        }
    }

    /// The body's statements.
    pub fn block(&self) -> Block {
        self.body().map(|b| b.block).unwrap_or_default()
    }
}

impl Store {
    /// Checks a package whose imports have been checked. What is wrong is added to `diagnostics`.
    pub fn check_package(&mut self, input: &PackageInput<'_>, importer: Importer<'_>) -> PkgId {
        let name = input.files.first().map_or(Name::BLANK, |f| f.name.name);
        let pkg = self.new_package(input.path, name);
        let scope = self.pkg(pkg).scope;
        let mut files = Vec::new();
        let mut file_infos = Vec::new();
        for (i, f) in input.files.iter().enumerate() {
            let asked = input.file_versions.get(i).copied().flatten();
            let version = asked.map_or(input.version, |v| v.max(GoVersion(21)));
            let fscope = self.new_scope(Some(scope), f.package);
            files.push((f, fscope, version));
        }
        let env = Env::new(scope, input.version);
        let mut c = Checker::new(self, pkg, env);
        c.with_bodies = input.bodies;
        c.complete = input.complete;
        c.unused = input.unused;
        for &(f, scope, version) in &files {
            let tree = c.add_tree(&f.tree);
            c.files.push(FileCtx { file: f, tree, scope, version });
        }
        c.check_files(name, importer);
        let result = c.finish();
        for (i, (info, &(f, scope, version))) in result.infos.into_iter().zip(&files).enumerate() {
            debug_assert!(i < files.len());
            file_infos.push(FileInfo { file: Arc::clone(f), scope, version, info });
        }
        for (func, decl, info) in result.bodies {
            let file = Arc::clone(&input.files[decl.file as usize]);
            let body = CheckedBody { source: BodySource::File(file, decl.decl), info };
            self.bodies.insert(func, Arc::new(body));
        }
        let p = &mut self.pkgs[pkg.index()];
        p.files = file_infos;
        p.complete = true;
        self.init_order(pkg, result.deps);
        pkg
    }

    /// The body of a declared function, checked now if it was not before, and what is wrong with it
    /// (nothing if it was checked before). None if it has no body or is no declared function.
    pub fn check_body(&mut self, func: ObjId) -> Option<(Arc<CheckedBody>, Problems)> {
        let func = match &self.obj(func).kind {
            ObjKind::Func(f) => f.origin.unwrap_or(func),
            _ => return None,
        };
        if let Some(b) = self.bodies.get(&func) {
            return Some((Arc::clone(b), Problems::default()));
        }
        let obj = self.obj(func);
        let decl = obj.as_func()?.decl?;
        let (pkg, name, sig) = (obj.pkg?, obj.name, obj.typ?);
        let fi = self.pkg(pkg).files.get(decl.file as usize)?;
        let (file, scope, version) = (Arc::clone(&fi.file), fi.scope, fi.version);
        let span = file.tree[decl.decl].body?;
        let mark = self.diagnostics.len();
        let source = {
            use itab_syntax::Id;
            if file.bodies.get(decl.decl.index()).is_some_and(|b| b.is_some()) {
                BodySource::File(Arc::clone(&file), decl.decl)
            } else {
                let (body, problems) = itab_syntax::parse_body(&file.source, &self.names, span);
                self.diagnostics.extend(problems);
                BodySource::Own(Box::new(body))
            }
        };
        let mut checked = CheckedBody { source, info: Info::default() };
        let info = self.check_body_tree(pkg, name, sig, scope, version, decl, checked.body()?);
        checked.info = info;
        let checked = Arc::new(checked);
        self.bodies.insert(func, Arc::clone(&checked));
        let problems = Problems(self.diagnostics.split_off(mark));
        Some((checked, problems))
    }

    #[allow(clippy::too_many_arguments)]
    fn check_body_tree(
        &mut self,
        pkg: PkgId,
        name: Name,
        sig: TypeId,
        scope: crate::ScopeId,
        version: GoVersion,
        decl: FuncDeclRef,
        body: &Body,
    ) -> Info {
        let mut c = Checker::new(self, pkg, Env::new(scope, version));
        let tree = c.add_tree(&body.tree);
        c.env.tree = tree;
        c.decls.push(DeclInfo {
            file: decl.file,
            tree,
            scope,
            version,
            kind: DeclKind::Func(decl.decl),
            deps: FxHashSet::default(),
        });
        c.env.decl = Some(0);
        c.func_body(Some(0), name, sig, body.block, None);
        c.process_delayed(0);
        c.record_untyped();
        let mut info = std::mem::take(&mut c.trees[tree].info);
        info.deps = std::mem::take(&mut c.decls[0].deps).into_iter().collect();
        info
    }

    /// A function's body if it has been checked.
    pub fn body(&self, func: ObjId) -> Option<&Arc<CheckedBody>> {
        self.bodies.get(&func)
    }

    /// Forgets all checked bodies of a package that was checked whole, the trees of its files and what is known of their
    /// nodes; `files`, the same files parsed less deeply, take their place. What is forgotten can be dropped by another
    /// thread.
    pub fn forget_trees(&mut self, pkg: PkgId, files: &[Arc<File>]) -> Forgotten {
        let infos = self.pkgs[pkg.index()].files.iter_mut().zip(files);
        let infos = infos
            .map(|(info, file)| (std::mem::replace(&mut info.file, Arc::clone(file)), std::mem::take(&mut info.info)));
        let _files = infos.collect();
        let objects = &self.objs;
        let _bodies =
            self.bodies.extract_if(|o, _| objects[o.index()].pkg == Some(pkg)).map(|(_, body)| body).collect();
        Forgotten { _files, _bodies }
    }

    /// Forgets a checked body, which is checked again when asked for.
    pub fn drop_body(&mut self, func: ObjId) {
        self.bodies.remove(&func);
    }
}

/// What a run over a package leaves behind.
pub(crate) struct Finished {
    infos: Vec<Info>,
    bodies: Vec<(ObjId, FuncDeclRef, Info)>,
    deps: Dependencies,
}

impl Env {
    pub(crate) fn new(scope: crate::ScopeId, version: GoVersion) -> Env {
        Env {
            tree: 0,
            decl: None,
            scope,
            version,
            iota: None,
            errpos: Pos::NONE,
            in_tparam_list: false,
            sig: None,
            lit: 0,
            has_call_or_recv: false,
        }
    }
}

impl<'a> Checker<'a> {
    fn check_files(&mut self, name: Name, importer: Importer<'_>) {
        self.check_package_clauses(name);
        let files = std::mem::take(&mut self.files);
        self.collect_objects(&files, importer);
        self.files = files;
        self.direct_cycles();
        self.package_objects();
        self.process_delayed(0);
        if self.with_bodies {
            self.unused_imports();
            self.check_linknames();
        }
        self.record_untyped();
        if !self.had_error {
            self.monomorph();
        }
        if !self.had_error {
            for (code, span, msg) in std::mem::take(&mut self.late_errors) {
                self.report(code, vec![(span, msg)]);
            }
        }
    }

    fn check_package_clauses(&mut self, name: Name) {
        for i in 0..self.files.len() {
            let f = self.files[i].file.name;
            if f.name == Name::BLANK {
                self.error(f, codes::BLANK_PKG_NAME, "invalid package name _");
            } else if f.name != name {
                let (have, want) = (self.text(f.name).to_string(), self.text(name).to_string());
                let pos = self.files[i].file.package;
                let msg = format!("package {have}; expected package {want}");
                self.error(pos, codes::MISMATCHED_PKG_NAME, msg);
            }
            if self.files[i].version > GoVersion::CURRENT {
                let msg = format!("file requires newer Go version {}", self.files[i].version);
                self.error(f, codes::TOO_NEW, msg);
            }
        }
    }

    /// Resolves everything: first defined types, then aliases, then the rest.
    fn package_objects(&mut self) {
        let objects = self.s.pkg(self.pkg).objects.clone();
        // Types that are invalid from the start still have methods to collect.
        let mut aliases = Vec::new();
        let mut others = Vec::new();
        for &o in &objects {
            let Some(&d) = self.obj_map.get(&o) else { continue };
            match self.decls[d].kind {
                DeclKind::Type(spec) => {
                    let tree = self.trees[self.decls[d].tree].tree;
                    let is_alias = matches!(
                        tree[spec].kind,
                        itab_syntax::SpecKind::TypeSpec(ts) if ts.assign.is_known()
                    );
                    if is_alias {
                        aliases.push(o);
                    } else {
                        self.obj_decl(o);
                    }
                }
                _ => others.push(o),
            }
        }
        for o in aliases.into_iter().chain(others) {
            self.obj_decl(o);
        }
        self.methods.clear();
    }

    /// Checks the body of a declared function, which is a tree of its own.
    pub(crate) fn check_declared_body(&mut self, o: ObjId, d: usize, f: FuncDeclId) {
        use itab_syntax::Id;
        let file: &'a File = self.files[self.decls[d].file as usize].file;
        let Some(body) = file.bodies.get(f.index()).and_then(|b| b.as_ref()) else { return };
        let tree = self.add_tree(&body.tree);
        let mut env = Env::new(self.decls[d].scope, self.decls[d].version);
        env.tree = tree;
        env.decl = Some(d);
        let saved = std::mem::replace(&mut self.env, env);
        let (name, sig) = (self.s.obj(o).name, self.s.obj_type(o));
        self.body_trees.push((o, tree));
        self.func_body(Some(d), name, sig, body.block, None);
        self.env = saved;
    }

    fn finish(mut self) -> Finished {
        let mut deps = Dependencies::default();
        for &o in &self.s.pkg(self.pkg).objects {
            let Some(&d) = self.obj_map.get(&o) else { continue };
            let decl = &self.decls[d];
            match &decl.kind {
                DeclKind::Var { lhs, init: Some(rhs), .. } => {
                    let lhs = if lhs.is_empty() { vec![o] } else { lhs.clone() };
                    deps.init.insert(o, (lhs, decl.file, *rhs));
                }
                DeclKind::Func(_) if !self.with_bodies => continue,
                _ => {}
            }
            deps.of.insert(o, decl.deps.iter().copied().collect());
        }
        let mut bodies = Vec::new();
        for (o, tree) in std::mem::take(&mut self.body_trees) {
            let mut info = std::mem::take(&mut self.trees[tree].info);
            if let Some(d) = deps.of.get(&o) {
                info.deps = d.clone();
            }
            if let Some(decl) = self.s.obj(o).as_func().and_then(|f| f.decl) {
                bodies.push((o, decl, info));
            }
        }
        let n = self.files.len();
        let infos = self.trees.iter_mut().take(n).map(|t| std::mem::take(&mut t.info)).collect();
        Finished { infos, bodies, deps }
    }
}
