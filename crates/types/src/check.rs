//! The checker: what is known while a package's declarations or a single function body are checked.
//!
//! A [`Checker`] borrows the store mutably and the syntax trees immutably, with a lifetime of their own: a
//! reference to a tree can be copied out, so nodes are matched while the checker changes its state. Each
//! tree has an [`Info`] beside it; [`Env`] says which tree is current.
//!
//! Objects of the package are resolved on first use (`decl`). Work that needs complete types is delayed:
//! [`Checker::later`] queues it, [`Checker::process_delayed`] runs the queue.

use itab_syntax::{ExprId, ExprKind, Ident, Name, Pos, SpecId, Tree};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::constant::Value;
use crate::decl::DeclInfo;
use crate::info::{Info, Instance, Mode, Selection};
use crate::object::ObjKind;
use crate::package::GoVersion;
use crate::store::Store;
use crate::{ObjId, PkgId, ScopeId, TypeId};

/// A tree with what is recorded about it.
pub(crate) struct TreeCtx<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) info: Info,
}

/// What holds at one point of the source; saved and restored as the checker moves around.
#[derive(Clone)]
pub(crate) struct Env {
    /// The current tree, an index into `Checker::trees`.
    pub(crate) tree: usize,
    /// The package-level declaration whose initial value or body is checked, in `Checker::decls`.
    pub(crate) decl: Option<usize>,
    /// The innermost scope.
    pub(crate) scope: ScopeId,
    /// The language version of the file.
    pub(crate) version: GoVersion,
    /// The value of iota in a constant declaration.
    pub(crate) iota: Option<Value>,
    /// In a constant declaration with an inherited value: where to report errors.
    pub(crate) errpos: Pos,
    /// Whether a type parameter list is being resolved.
    pub(crate) in_tparam_list: bool,
    /// The type of the function whose body is checked.
    pub(crate) sig: Option<TypeId>,
    /// The function literal whose body is checked: its place in `Info::func_lits` plus one; 0 outside.
    pub(crate) lit: u32,
    /// Whether the expression has a call or receive operation.
    pub(crate) has_call_or_recv: bool,
}

/// An untyped expression whose final type is not known yet.
#[derive(Clone, Debug)]
pub(crate) struct Untyped {
    pub(crate) is_lhs: bool,
    pub(crate) mode: Mode,
    pub(crate) typ: TypeId,
    pub(crate) val: Value,
}

type Action<'a> = Box<dyn FnOnce(&mut Checker<'a>) + 'a>;

struct Delayed<'a> {
    version: GoVersion,
    tree: usize,
    action: Action<'a>,
}

/// One run of the checker over a package or a body.
pub(crate) struct Checker<'a> {
    pub(crate) s: &'a mut Store,
    pub(crate) pkg: PkgId,
    pub(crate) trees: Vec<TreeCtx<'a>>,
    pub(crate) env: Env,
    pub(crate) decls: Vec<DeclInfo>,
    /// Package-level objects and methods to their declarations.
    pub(crate) obj_map: FxHashMap<ObjId, usize>,
    /// The objects being resolved, outermost first.
    pub(crate) path: Vec<ObjId>,
    /// Methods by the name of their receiver's base type, until they are collected.
    pub(crate) methods: FxHashMap<ObjId, Vec<ObjId>>,
    /// Dot-imported names: by file scope and name the import they came through.
    pub(crate) dot_imports: FxHashMap<(ScopeId, Name), ObjId>,
    /// Import declarations of the package, for "imported and not used".
    pub(crate) imports: Vec<ObjId>,
    pub(crate) untyped: FxHashMap<(usize, ExprId), Untyped>,
    /// Calls of panic, which terminate.
    pub(crate) panics: FxHashSet<(usize, ExprId)>,
    pub(crate) mono: crate::mono::Mono,
    pub(crate) valid_types: crate::validtype::ValidTypes,
    delayed: Vec<Option<Delayed<'a>>>,
    /// The package's files; their trees are the first ones.
    pub(crate) files: Vec<crate::resolver::FileCtx<'a>>,
    /// Functions and the trees of their bodies.
    pub(crate) body_trees: Vec<(ObjId, usize)>,
    /// Whether bodies are checked along with the declarations.
    pub(crate) with_bodies: bool,
    /// Whether functions must have bodies.
    pub(crate) complete: bool,
    pub(crate) had_error: bool,
    /// The module's language version.
    pub(crate) lang: GoVersion,
    /// Errors to report if there are no others.
    pub(crate) late_errors: Vec<(itab_syntax::Code, itab_syntax::Span, String)>,
    /// How deep expressions nest at this point.
    pub(crate) depth: u32,
    /// The local variables declared in the functions being checked, for "declared and not used".
    pub(crate) locals: Vec<ObjId>,
    /// See `PackageInput::unused`.
    pub(crate) unused: Option<&'a FxHashSet<(u32, SpecId)>>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(s: &'a mut Store, pkg: PkgId, env: Env) -> Checker<'a> {
        let lang = env.version;
        Checker {
            s,
            pkg,
            trees: Vec::new(),
            env,
            decls: Vec::new(),
            obj_map: FxHashMap::default(),
            path: Vec::new(),
            methods: FxHashMap::default(),
            dot_imports: FxHashMap::default(),
            imports: Vec::new(),
            untyped: FxHashMap::default(),
            panics: FxHashSet::default(),
            mono: Default::default(),
            valid_types: Default::default(),
            delayed: Vec::new(),
            files: Vec::new(),
            body_trees: Vec::new(),
            with_bodies: true,
            complete: false,
            had_error: false,
            lang,
            late_errors: Vec::new(),
            depth: 0,
            locals: Vec::new(),
            unused: None,
        }
    }

    /// The current tree. Its lifetime is its own: it does not borrow the checker.
    #[inline]
    pub(crate) fn tree(&self) -> &'a Tree {
        self.trees[self.env.tree].tree
    }

    /// What is recorded about the current tree.
    #[inline]
    pub(crate) fn info(&mut self) -> &mut Info {
        &mut self.trees[self.env.tree].info
    }

    /// What an expression of the current tree is.
    #[inline]
    pub(crate) fn kind(&self, e: ExprId) -> ExprKind {
        self.tree()[e].kind
    }

    /// Where an expression of the current tree begins.
    #[inline]
    pub(crate) fn pos(&self, e: ExprId) -> Pos {
        self.tree()[e].pos
    }

    /// Adds a tree and makes room to record facts about it.
    pub(crate) fn add_tree(&mut self, tree: &'a Tree) -> usize {
        self.trees.push(TreeCtx { tree, info: Info::with_exprs(tree.exprs().len()) });
        self.trees.len() - 1
    }

    /// Runs `f` later, in the current tree and language version: after the current declaration, when
    /// types are set up, or at the latest at the end.
    pub(crate) fn later(&mut self, f: impl FnOnce(&mut Checker<'a>) + 'a) {
        let (version, tree) = (self.env.version, self.env.tree);
        self.delayed.push(Some(Delayed { version, tree, action: Box::new(f) }));
    }

    /// How many actions are queued: the `top` for [`process_delayed`](Self::process_delayed).
    pub(crate) fn delayed_top(&self) -> usize {
        self.delayed.len()
    }

    /// Runs the actions queued since `top`, and those they queue.
    pub(crate) fn process_delayed(&mut self, top: usize) {
        if self.delayed.len() == top {
            return;
        }
        let saved = (self.env.version, self.env.tree);
        let mut i = top;
        while i < self.delayed.len() {
            if let Some(d) = self.delayed[i].take() {
                self.env.version = d.version;
                self.env.tree = d.tree;
                (d.action)(self);
            }
            i += 1;
        }
        self.delayed.truncate(top);
        (self.env.version, self.env.tree) = saved;
    }

    /// Opens a scope inside the current one.
    pub(crate) fn open_scope(&mut self, pos: Pos) {
        self.env.scope = self.s.new_scope(Some(self.env.scope), pos);
    }

    /// Returns to the scope around the current one.
    pub(crate) fn close_scope(&mut self) {
        if let Some(parent) = self.s.scope(self.env.scope).parent {
            self.env.scope = parent;
        }
    }

    /// Looks a name up from the current scope outwards.
    pub(crate) fn lookup(&self, name: Name) -> Option<ObjId> {
        self.s.lookup_parent(self.env.scope, name).map(|(_, o)| o)
    }

    /// Notes that the current package-level declaration depends on an object of the package.
    pub(crate) fn add_decl_dep(&mut self, to: ObjId) {
        let Some(from) = self.env.decl else { return };
        let to = match &self.s.obj(to).kind {
            ObjKind::Func(f) => f.origin.unwrap_or(to),
            _ => to,
        };
        let obj = self.s.obj(to);
        if obj.order != 0 && obj.pkg == Some(self.pkg) {
            self.decls[from].deps.insert(to);
        }
    }

    /// Whether the file's language version has what came with `go1.minor`.
    pub(crate) fn allow_version(&self, minor: u16) -> bool {
        self.env.version.0 >= minor
    }

    // Recording.

    /// Records an expression's mode, type and constant value.
    pub(crate) fn record_type_and_value(&mut self, e: ExprId, mode: Mode, typ: TypeId, val: Option<&Value>) {
        if mode != Mode::Invalid {
            self.info().set(e, mode, typ, val);
        }
    }

    /// Records an operand that is a type.
    pub(crate) fn record_type(&mut self, e: ExprId, typ: TypeId) {
        self.record_type_and_value(e, Mode::TypExpr, typ, None);
    }

    /// Records the object that an identifier or qualified identifier in an expression denotes.
    pub(crate) fn record_use(&mut self, e: ExprId, o: ObjId) {
        use itab_syntax::Id;
        self.info().objects[e.index()] = Some(o);
    }

    /// Records the object that an identifier in an expression declares (`x` in `x := 1`).
    pub(crate) fn record_def(&mut self, e: ExprId, o: ObjId) {
        self.record_use(e, o);
    }

    /// Records the object that a name outside of expressions declares.
    pub(crate) fn record_def_ident(&mut self, id: Ident, o: ObjId) {
        self.info().defs.insert(id.pos, o);
    }

    /// Records what a selector expression selects.
    pub(crate) fn record_selection(&mut self, e: ExprId, sel: Selection) {
        self.record_use(e, sel.obj);
        self.info().selections.insert(e, sel);
    }

    /// Records an instantiation; `e` may be the index expression around the generic name.
    pub(crate) fn record_instance(&mut self, e: ExprId, targs: &[TypeId], typ: TypeId) {
        let mut e = e;
        loop {
            e = match self.kind(e) {
                ExprKind::IndexExpr { x, .. } | ExprKind::ParenExpr { x } => x,
                _ => break,
            };
        }
        let typ = self.method_instance_type(typ);
        let targs = self.s.new_type_list(targs);
        self.info().instances.insert(e, Instance { targs, typ });
    }
}
