//! Collecting a package's declarations: what every package-level name and method is declared as, before
//! any of it is resolved.

use itab_syntax::{
    ConstSpec, Decl, DeclTok, ExprId, ExprKind, File, FuncDeclId, GenDecl, Ident, ImportSpec, Name, Pos, Span, SpecId,
    SpecKind, VarSpec,
};
use rustc_hash::FxHashSet;

use crate::check::Checker;
use crate::constant::Value;
use crate::decl::{DeclInfo, DeclKind};
use crate::errors::codes;
use crate::object::{Func, FuncDeclRef, ObjKind, Object, Var, VarKind};
use crate::package::GoVersion;
use crate::receiver::unpack_recv;
use crate::{ObjId, PkgId, ScopeId};

/// Finds the package an import path means: its id, or why there is none.
pub type Importer<'i> = &'i mut dyn FnMut(&crate::Store, &str) -> Result<PkgId, String>;

/// A file being checked.
pub(crate) struct FileCtx<'a> {
    pub(crate) file: &'a File,
    pub(crate) tree: usize,
    pub(crate) scope: ScopeId,
    pub(crate) version: GoVersion,
}

struct Method {
    obj: ObjId,
    ptr: bool,
    base: Name,
}

impl<'a> Checker<'a> {
    /// Declares everything at package level.
    pub(crate) fn collect_objects(&mut self, files: &[FileCtx<'a>], importer: Importer<'_>) {
        let mut methods: Vec<Method> = Vec::new();
        for (i, f) in files.iter().enumerate() {
            self.env.tree = f.tree;
            self.env.scope = f.scope;
            self.env.version = f.version;
            for decl in &f.file.decls {
                match *decl {
                    Decl::Gen(g) => self.collect_gen(i as u32, f, &g, importer),
                    Decl::Func(id) => self.collect_func(i as u32, f, id, &mut methods),
                }
            }
        }
        self.check_file_scopes(files);
        for m in methods {
            if let Some((ptr, base)) = self.resolve_base_type_name(m.ptr, m.base, files) {
                if let ObjKind::Func(f) = &mut self.s.obj_mut(m.obj).kind {
                    f.ptr_recv = ptr;
                }
                self.methods.entry(base).or_default().push(m.obj);
            }
        }
    }

    fn new_decl(&mut self, file: u32, f: &FileCtx<'a>, kind: DeclKind) -> usize {
        self.decls.push(DeclInfo {
            file,
            tree: f.tree,
            scope: f.scope,
            version: f.version,
            kind,
            deps: FxHashSet::default(),
        });
        self.decls.len() - 1
    }

    fn collect_gen(&mut self, file: u32, f: &FileCtx<'a>, g: &GenDecl, importer: Importer<'_>) {
        for id in g.specs.ids() {
            let tree = self.tree();
            match tree[id].kind {
                SpecKind::ImportSpec(spec) => self.collect_import(f, id, &spec, importer),
                SpecKind::ConstSpec(spec) => self.collect_const(file, f, id, &spec),
                SpecKind::VarSpec(_) if self.unused.is_some_and(|u| u.contains(&(file, id))) => {}
                SpecKind::VarSpec(spec) => self.collect_var(file, f, id, &spec),
                SpecKind::TypeSpec(spec) => {
                    let obj = Object::new(ObjKind::TypeName, spec.name.name, spec.name.pos, Some(self.pkg));
                    let o = self.s.new_obj(obj);
                    let d = self.new_decl(file, f, DeclKind::Type(id));
                    self.declare_pkg_obj(spec.name, o, d);
                }
            }
        }
        debug_assert!(matches!(g.tok, DeclTok::Import | DeclTok::Const | DeclTok::Var | DeclTok::Type));
    }

    fn collect_import(&mut self, f: &FileCtx<'a>, id: SpecId, spec: &ImportSpec, importer: Importer<'_>) {
        let tree = self.tree();
        if !matches!(tree[spec.path].kind, ExprKind::BasicLit { bad: false, .. }) {
            return;
        }
        let path = crate::constant::unquote(tree.text(spec.path));
        let path = String::from_utf8_lossy(&path).into_owned();
        if let Err(why) = validate_import_path(&path) {
            self.error(spec.path, codes::BAD_IMPORT_PATH, format!("invalid import path ({why})"));
            return;
        }
        let imp = if path == "unsafe" {
            self.s.unsafe_pkg
        } else {
            match importer(self.s, &path) {
                Ok(p) => p,
                Err(why) => {
                    let msg = format!("could not import {path} ({why})");
                    self.error(spec.path, codes::BROKEN_IMPORT, msg);
                    self.fake_package(&path)
                }
            }
        };
        let name = match spec.name {
            Some(id) => {
                if path == "C" {
                    self.error(id, codes::IMPORT_C_RENAMED, "cannot rename import \"C\"");
                    return;
                }
                id.name
            }
            None => self.s.pkg(imp).name,
        };
        let pos = tree[id].pos;
        if name == Name::INIT {
            let msg = "cannot import package as init - init must be a func";
            self.error(pos, codes::INVALID_INIT_DECL, msg);
            return;
        }
        if !self.s.pkg(self.pkg).imports.contains(&imp) {
            self.s.pkgs[self.pkg.index()].imports.push(imp);
        }
        let used = self.s.pkg(imp).fake;
        let o = Object::new(ObjKind::PkgName { imported: imp, used }, name, pos, Some(self.pkg));
        let o = self.s.new_obj(o);
        self.s.obj_mut(o).typ = Some(crate::TypeId::INVALID);
        self.imports.push(o);
        if name == Name::DOT {
            self.dot_import(f.scope, imp, o, pos);
        } else if name != Name::BLANK
            && let Some(alt) = self.s.insert(f.scope, o)
        {
            let msg = format!("{} redeclared in this block", self.text(name));
            self.report_redeclared(pos, msg, alt);
        }
    }

    fn fake_package(&mut self, path: &str) -> PkgId {
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
        let name = self.s.names().intern(last);
        let known = self.s.package(path);
        let p = self.s.new_package(path, name);
        self.s.pkgs[p.index()].fake = true;
        // It must not be found by others.
        match known {
            Some(k) => self.s.by_path.insert(path.into(), k),
            None => self.s.by_path.remove(path),
        };
        p
    }

    fn dot_import(&mut self, scope: ScopeId, imp: PkgId, pkg_name: ObjId, pos: Pos) {
        let elems: Vec<_> = self.s.scope(self.s.pkg(imp).scope).iter().collect();
        for (name, o) in elems {
            if !self.s.is_exported(name) {
                continue;
            }
            if let Some(alt) = self.s.scopes[scope.index()].insert(name, o) {
                let msg = format!("{} redeclared in this block", self.text(name));
                self.report_redeclared(pos, msg, alt);
            } else {
                self.dot_imports.insert((scope, name), pkg_name);
            }
        }
    }

    fn collect_const(&mut self, file: u32, f: &FileCtx<'a>, id: SpecId, spec: &ConstSpec) {
        let tree = self.tree();
        let (typ, values, inherited) = tree.const_init(spec);
        let values = &tree[values];
        for (i, &name) in tree[spec.names].iter().enumerate() {
            let val = Value::Int(i64::from(spec.iota));
            let o = self.s.new_obj(Object::new(ObjKind::Const(val), name.name, name.pos, Some(self.pkg)));
            let init = values.get(i).copied();
            let d = self.new_decl(file, f, DeclKind::Const { typ, init, inherited });
            self.declare_pkg_obj(name, o, d);
        }
        self.arity(tree[id].pos, &tree[spec.names], values, true, inherited);
    }

    fn collect_var(&mut self, file: u32, f: &FileCtx<'a>, id: SpecId, spec: &VarSpec) {
        let tree = self.tree();
        let names = &tree[spec.names];
        let values = &tree[spec.values];
        let vars: Vec<ObjId> = names
            .iter()
            .map(|name| self.s.new_var(VarKind::Package, name.name, name.pos, Some(self.pkg), None))
            .collect();
        let many = (values.len() == 1 && names.len() > 1).then(|| {
            let kind = DeclKind::Var { lhs: vars.clone(), typ: spec.typ, init: Some(values[0]) };
            self.new_decl(file, f, kind)
        });
        for (i, (&name, &o)) in names.iter().zip(&vars).enumerate() {
            let d = many.unwrap_or_else(|| {
                let init = values.get(i).copied();
                self.new_decl(file, f, DeclKind::Var { lhs: Vec::new(), typ: spec.typ, init })
            });
            self.declare_pkg_obj(name, o, d);
        }
        if !spec.embeds.is_empty() {
            self.check_embed(f.file, spec, vars.first().copied());
        }
        if spec.typ.is_none() || !values.is_empty() {
            self.arity(tree[id].pos, names, values, false, false);
        }
    }

    /// Reports it if there are more or fewer values than names.
    pub(crate) fn arity(&mut self, pos: Pos, names: &[Ident], inits: &[ExprId], is_const: bool, inherited: bool) {
        let (l, r) = (names.len(), inits.len());
        if l < r {
            let n = inits[l];
            if inherited {
                let msg = format!("extra init expr at {}", self.position(self.pos(n)));
                self.error(pos, codes::WRONG_ASSIGN_COUNT, msg);
            } else {
                self.error(n, codes::WRONG_ASSIGN_COUNT, format!("extra init expr {}", self.es(n)));
            }
        } else if l > r && (is_const || r != 1) {
            let n = names[r];
            let msg = format!("missing init expr for {}", self.text(n.name));
            self.error(n, codes::WRONG_ASSIGN_COUNT, msg);
        }
    }

    fn declare_pkg_obj(&mut self, id: Ident, o: ObjId, decl: usize) {
        if id.name == Name::INIT {
            self.error(id, codes::INVALID_INIT_DECL, "cannot declare init - must be func");
            return;
        }
        if id.name == Name::MAIN && self.s.pkg(self.pkg).name == Name::MAIN {
            self.error(id, codes::INVALID_MAIN_DECL, "cannot declare main - must be func");
            return;
        }
        let scope = self.s.pkg(self.pkg).scope;
        self.declare(scope, id, o);
        self.add_object(o, decl);
    }

    fn add_object(&mut self, o: ObjId, decl: usize) {
        self.obj_map.insert(o, decl);
        let objects = &mut self.s.pkgs[self.pkg.index()].objects;
        objects.push(o);
        let order = objects.len() as u32;
        self.s.obj_mut(o).order = order;
    }

    fn collect_func(&mut self, file: u32, f: &FileCtx<'a>, id: FuncDeclId, methods: &mut Vec<Method>) {
        let tree = self.tree();
        let fd = &tree[id];
        let name = fd.name.name;
        let tparams = tree[fd.typ].tparams.filter(|t| !t.list.is_empty());
        let func = Func { is_method: fd.recv.is_some(), decl: Some(FuncDeclRef { file, decl: id }), ..Func::default() };
        let o = self.s.new_obj(Object::new(ObjKind::Func(func), name, fd.name.pos, Some(self.pkg)));
        let scope = self.s.pkg(self.pkg).scope;
        match fd.recv {
            None => {
                let is_main = name == Name::MAIN && self.s.pkg(self.pkg).name == Name::MAIN;
                if name == Name::INIT || is_main {
                    self.check_init_or_main(id, is_main);
                } else if let Some(t) = tparams {
                    self.verify_version(t.open, 18, "type parameter");
                }
                if name == Name::INIT {
                    self.s.obj_mut(o).parent = Some(scope);
                    if fd.body.is_none() {
                        self.error(o, codes::MISSING_INIT_BODY, "func init must have a body");
                    } else {
                        self.s.pkgs[self.pkg.index()].inits.push(o);
                    }
                } else {
                    self.declare(scope, fd.name, o);
                }
            }
            Some(recv) => {
                if let Some(field) = tree[recv.list].first() {
                    let r = unpack_recv(tree, field.typ);
                    if let ObjKind::Func(f) = &mut self.s.obj_mut(o).kind {
                        f.ptr_recv = r.ptr;
                    }
                    if let (ExprKind::Ident(base), true) = (tree[r.base].kind, name != Name::BLANK) {
                        methods.push(Method { obj: o, ptr: r.ptr, base });
                    }
                }
                if let Some(t) = tparams {
                    let at = tree[t.list].first().map_or(t.open, |f| f.pos);
                    self.verify_version(at, 27, "generic method");
                }
            }
        }
        let d = self.new_decl(file, f, DeclKind::Func(id));
        self.add_object(o, d);
    }

    fn check_init_or_main(&mut self, id: FuncDeclId, is_main: bool) {
        let tree = self.tree();
        let fd = &tree[id];
        let ft = tree[fd.typ];
        let (code, name) =
            if is_main { (codes::INVALID_MAIN_DECL, "main") } else { (codes::INVALID_INIT_DECL, "init") };
        if let Some(t) = ft.tparams.and_then(|t| tree[t.list].first()) {
            self.error(t.pos, code, format!("func {name} must have no type parameters"));
        }
        if !ft.params.list.is_empty() || !ft.results.list.is_empty() {
            let msg = format!("func {name} must have no arguments and no return values");
            self.error(fd.name, code, msg);
        }
    }

    /// Names of imports must differ from the package's own names.
    fn check_file_scopes(&mut self, files: &[FileCtx<'a>]) {
        let root = self.s.pkg(self.pkg).scope;
        for f in files {
            let elems: Vec<_> = self.s.scope(f.scope).iter().collect();
            for (name, o) in elems {
                let Some(alt) = self.s.scope(root).lookup(name) else { continue };
                let text = self.text(name).to_string();
                let (msg, other) = match self.s.obj(o).kind {
                    ObjKind::PkgName { imported, .. } => {
                        let p = self.s.pkg(imported);
                        let what = if self.s.text(p.name) == &*p.path {
                            format!("package {}", p.path)
                        } else {
                            format!("package {} ({:?})", self.s.text(p.name), p.path)
                        };
                        (format!("{text} already declared through import of {what}"), o)
                    }
                    _ => {
                        let what = match self.s.obj(o).pkg {
                            Some(p) => {
                                let p = self.s.pkg(p);
                                format!("package {} ({:?})", self.s.text(p.name), p.path)
                            }
                            None => String::new(),
                        };
                        (format!("{text} already declared through dot-import of {what}"), o)
                    }
                };
                let mut parts = vec![(Span::at(self.s.obj(alt).pos), msg)];
                self.add_alt_decl(&mut parts, other);
                self.report(codes::DUPLICATE_DECL, parts);
            }
        }
    }

    /// The defined type that a receiver's base name leads to, through aliases of this package, and
    /// whether there is a pointer before it.
    fn resolve_base_type_name(&self, mut ptr: bool, name: Name, _files: &[FileCtx<'a>]) -> Option<(bool, ObjId)> {
        let root = self.s.pkg(self.pkg).scope;
        let mut seen: Vec<ObjId> = Vec::new();
        let mut name = name;
        loop {
            let o = self.s.scope(root).lookup(name)?;
            if seen.contains(&o) {
                return None;
            }
            seen.push(o);
            let d = &self.decls[*self.obj_map.get(&o)?];
            let DeclKind::Type(spec) = d.kind else { return None };
            let tree = self.trees[d.tree].tree;
            let SpecKind::TypeSpec(ts) = tree[spec].kind else { return None };
            if !ts.assign.is_known() {
                return Some((ptr, o));
            }
            if ts.tparams.is_some() {
                return None;
            }
            let mut typ = tree.unparen(ts.typ);
            if let ExprKind::StarExpr { x } = tree[typ].kind {
                if ptr {
                    return None;
                }
                ptr = true;
                typ = tree.unparen(x);
            }
            match tree[typ].kind {
                ExprKind::Ident(n) => name = n,
                _ => return None,
            }
        }
    }

    /// Reports imports that nothing uses.
    pub(crate) fn unused_imports(&mut self) {
        for o in std::mem::take(&mut self.imports) {
            let obj = self.s.obj(o);
            let ObjKind::PkgName { imported, used } = obj.kind else { continue };
            if used || obj.name == Name::BLANK {
                continue;
            }
            let path = self.s.pkg(imported).path.clone();
            let name = self.text(obj.name);
            let elem = path.rsplit('/').next().unwrap_or(&path);
            let msg = if name.is_empty() || name == "." || name == elem {
                format!("{path:?} imported and not used")
            } else {
                format!("{path:?} imported as {name} and not used")
            };
            self.error(o, codes::UNUSED_IMPORT, msg);
        }
    }
}

fn validate_import_path(path: &str) -> Result<(), String> {
    const ILLEGAL: &str = "!\"#$%&'()*,:;<=>?[\\]^{|}`\u{FFFD}";
    if path.is_empty() {
        return Err("empty string".into());
    }
    match path.chars().find(|&c| c.is_control() || c.is_whitespace() || ILLEGAL.contains(c)) {
        Some(c) => Err(format!("invalid character U+{:04X} '{c}'", c as u32)),
        None => Ok(()),
    }
}

impl Var {
    /// Whether the variable lives in a function.
    pub fn is_local(&self) -> bool {
        !matches!(self.kind, VarKind::Package | VarKind::Field)
    }
}
