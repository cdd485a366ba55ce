//! Initialisation: one function per package, and the program's start.
//!
//! A package's function assigns its variables in the order that the checker worked out, without those whose initial
//! value is data ([`crate::statics`]), and then calls its `init` functions. The program's start initialises packages in
//! Go's order: sorted by import path, always the first one whose imports are initialised. Calling `main.main` after that
//! is the host's business.

use crate::build::Builder;
use crate::emit::Emit;
use crate::func::Func;
use crate::generic::EnvId;
use crate::op::{Callee, Op, Term};
use crate::program::{Context, FuncDecl, FuncId, FuncKind, Known};
use crate::world::{FuncKey, FuncSrc, Res, World, fail};
use itab_syntax::Name;
use itab_types::{Initializer, PkgId};
use rustc_hash::FxHashSet;

pub(crate) fn plain(name: String) -> FuncDecl {
    FuncDecl {
        name: name.into(),
        kind: FuncKind::Declared,
        params: vec![],
        results: vec![],
        context: Context::None,
        native: None,
        pos: 0,
        variadic: false,
        noinline: true,
        known: Known::No,
    }
}

impl World {
    /// The function that initialises a package.
    pub fn init_func(&mut self, pkg: PkgId) -> Res<FuncId> {
        let name = self.symbol_prefix(Some(pkg)) + ".init";
        self.intern_func(FuncKey::Init(pkg), |_| Ok((plain(name), FuncSrc::Init(pkg))))
    }

    /// The program's start, which initialises all packages; none if there is nothing to initialise at run time.
    pub fn entry(&mut self) -> Res<Option<FuncId>> {
        if !self.store.packages().any(|p| self.store.pkg(p).complete && self.has_init(p)) {
            return Ok(None);
        }
        self.intern_func(FuncKey::Start, |_| Ok((plain("runtime.main".into()), FuncSrc::Start))).map(Some)
    }

    /// Works out which package variables start with their values instead of being assigned; before the program is laid
    /// out.
    pub fn make_static_data(&mut self) -> Res<()> {
        self.init_order().into_iter().try_for_each(|p| self.static_package(p))
    }

    /// All packages in the order of their initialisation.
    pub fn init_order(&self) -> Vec<PkgId> {
        let mut todo: Vec<PkgId> = self.store.packages().filter(|&p| self.store.pkg(p).complete).collect();
        todo.sort_by_key(|&p| self.store.pkg(p).path.clone());
        let mut done: FxHashSet<PkgId> = FxHashSet::default();
        let mut order = vec![];
        while !todo.is_empty() {
            let ready = |p: &PkgId| {
                let imports = &self.store.pkg(*p).imports;
                imports.iter().all(|i| done.contains(i) || !self.store.pkg(*i).complete)
            };
            let at = todo.iter().position(ready).unwrap_or(0);
            let p = todo.remove(at);
            done.insert(p);
            order.push(p);
        }
        // The runtime comes before everything that does not import it.
        if let Some(rt) = self.store.package("runtime") {
            let mut first = vec![];
            let mut seen = FxHashSet::default();
            self.with_imports(rt, &mut seen, &mut first);
            order.retain(|p| !seen.contains(p));
            first.extend(order);
            return first;
        }
        order
    }

    fn with_imports(&self, p: PkgId, seen: &mut FxHashSet<PkgId>, out: &mut Vec<PkgId>) {
        if !seen.insert(p) {
            return;
        }
        let mut imports = self.store.pkg(p).imports.clone();
        imports.sort_by_key(|&i| self.store.pkg(i).path.clone());
        for i in imports {
            self.with_imports(i, seen, out);
        }
        out.push(p);
    }

    /// Whether a package has anything to initialise at run time.
    fn has_init(&self, p: PkgId) -> bool {
        let pkg = self.store.pkg(p);
        !pkg.inits.is_empty() || (0..pkg.init_order.len()).any(|i| !self.static_inits.contains_key(&(p, i)))
    }
}

/// The body of a package's initialisation.
pub(crate) fn build_init(w: &mut World, id: FuncId, pkg: PkgId) -> Res<Vec<Func>> {
    w.static_package(pkg)?;
    let steps = w.store.pkg(pkg).init_order.clone();
    let inits = w.store.pkg(pkg).inits.clone();
    let code = match w.store.pkg(pkg).files.is_empty() {
        true => return Ok(vec![empty(w, id)]),
        false => w.file_code(pkg, 0),
    };
    let mut b = Builder::new(w, id, code, EnvId::EMPTY);
    for (i, step) in steps.iter().enumerate() {
        if !b.w.static_inits.contains_key(&(pkg, i)) {
            b.switch_file(pkg, step.file);
            b.initialize(step)?;
        }
    }
    for f in inits {
        let f = b.w.declare(f, EnvId::EMPTY)?;
        b.f.e.stmt(Op::Call(Callee::Static(f), vec![]));
    }
    b.f.e.term(Term::Return(vec![]));
    Ok(b.finish())
}

fn empty(w: &World, id: FuncId) -> Func {
    let mut e = Emit::new(&w.program, id);
    e.term(Term::Return(vec![]));
    e.finish()
}

/// The body of the program's start.
pub(crate) fn build_start(w: &mut World, id: FuncId) -> Res<Func> {
    let mut e = Emit::new(&w.program, id);
    for p in w.init_order() {
        if w.has_init(p) {
            let f = w.init_func(p)?;
            e.stmt(Op::Call(Callee::Static(f), vec![]));
        }
    }
    e.term(Term::Return(vec![]));
    Ok(e.finish())
}

impl Builder<'_> {
    /// Goes on in another file's package level.
    fn switch_file(&mut self, pkg: PkgId, file: u32) {
        self.code = self.w.file_code(pkg, file);
        self.facts = vec![0; self.code.tree.exprs().len()];
        self.f.hoisted.clear();
    }

    /// Assigns package variables their initial value.
    fn initialize(&mut self, step: &Initializer) -> Res<()> {
        self.at(step.rhs);
        let mut dests = vec![];
        for &obj in &step.lhs {
            dests.push(match self.w.store.obj(obj).name {
                Name::BLANK => None,
                _ => Some(self.w.global(obj)?),
            });
        }
        let vals = match dests.len() {
            0 => return fail(0, "an initial value without a variable"),
            1 => {
                let ty = self.obj_ty(step.lhs[0])?;
                vec![self.expr_to(step.rhs, ty)?]
            }
            n => self.several(step.rhs, n)?,
        };
        for (g, v) in dests.into_iter().zip(vals) {
            let Some(g) = g else { continue };
            let ty = self.w.program.global(g).ty;
            let v = self.assign_conv(v, ty)?;
            let ptr = self.pointer(ty);
            let p = self.f.e.op(ptr, Op::GlobalAddr(g));
            self.f.e.store(p, v);
        }
        Ok(())
    }
}
