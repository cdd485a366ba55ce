//! What passes remember between functions: bodies to inline, summaries of what functions do with their inputs, and bodies
//! that were built early because a caller wanted to look at them.

use super::inline::{self, Body};
use super::points_to::{self, Leak, PointsTo, Summaries, Summary};
use super::{EARLY, LATE, Options};
use crate::func::Func;
use crate::program::FuncId;
use crate::world::{Built, FuncSrc, Res, World};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Callees with more source than this, in bytes, are not built to be inlined or looked at.
const MAX_SOURCE: u32 = 1500;
/// How many functions may be under construction at once because callers look at their callees.
const MAX_NEST: usize = 4;

/// See the module's documentation.
#[derive(Default)]
pub struct State {
    /// Which passes run.
    pub options: Options,
    /// Bodies after the early passes by function; none for those that cannot be inlined.
    bodies: FxHashMap<FuncId, Option<Body>>,
    summaries: FxHashMap<FuncId, Option<Arc<Summary>>>,
    /// Compiled functions whose summary nobody has asked for.
    unread: FxHashMap<FuncId, Func>,
    /// Functions after the early passes, by outermost function, until they are compiled.
    ready: FxHashMap<FuncId, Vec<Func>>,
    /// Outermost functions that went through the early passes, or could not be built.
    seen: FxHashSet<FuncId>,
    busy: Vec<FuncId>,
}

/// Builds a function with those inside it and runs all passes.
pub fn build(world: &mut World, id: FuncId) -> Res<Built> {
    let root = world.root(id);
    if !world.passes.options.any() {
        return world.build(root);
    }
    let mut funcs = match world.passes.ready.remove(&root) {
        Some(funcs) => funcs,
        None => early(world, root)?,
    };
    // Inner functions first: what they do with their captures matters to the outer ones.
    let (root, inner) = funcs.split_at_mut(1);
    for f in inner.iter_mut().chain(root) {
        super::run_list(world, LATE, f);
    }
    Ok(Built { funcs })
}

/// Builds and runs the early passes.
fn early(world: &mut World, root: FuncId) -> Res<Vec<Func>> {
    world.passes.seen.insert(root);
    let built = world.build(root)?;
    world.passes.busy.push(root);
    let mut funcs = built.funcs;
    // Inner functions first: the outer one may inline them.
    let (outer, inner) = funcs.split_at_mut(1);
    for f in inner.iter_mut().chain(outer) {
        super::run_list(world, EARLY, f);
        let body = inline::cost(&world.program, f).map(|cost| Body { func: Arc::new(f.clone()), cost });
        world.passes.bodies.insert(f.id, body);
    }
    world.passes.busy.pop();
    Ok(funcs)
}

/// The body of a function to inline.
pub(crate) fn body(world: &mut World, f: FuncId) -> Option<Body> {
    if let Some(b) = world.passes.bodies.get(&f) {
        return b.clone();
    }
    look_at(world, f);
    world.passes.bodies.get(&f).cloned().flatten()
}

/// Builds a callee ahead of its time, if that is cheap.
fn look_at(world: &mut World, f: FuncId) {
    let root = world.root(f);
    if world.passes.seen.contains(&root) || world.passes.busy.len() >= MAX_NEST || !is_cheap(world, root) {
        return;
    }
    if let Ok(funcs) = early(world, root) {
        world.passes.ready.insert(root, funcs);
    }
}

/// Whether a function is small in source, or made by the compiler.
fn is_cheap(world: &World, root: FuncId) -> bool {
    match world.src(root) {
        FuncSrc::Decl(obj, _) => world.decl_body(*obj).is_some_and(|s| s.end.0.saturating_sub(s.start.0) <= MAX_SOURCE),
        FuncSrc::Entry(..) | FuncSrc::MethodExpr(..) | FuncSrc::Bound(..) => true,
        _ => false,
    }
}

/// What a function does with its inputs.
fn summary(world: &mut World, f: FuncId) -> Option<Arc<Summary>> {
    if let Some(s) = world.passes.summaries.get(&f) {
        return s.clone();
    }
    let decl = world.program.func(f);
    if decl.noescape {
        return Some(Arc::new(Summary { params: vec![Leak::WRITES; decl.params.len()], captures: vec![] }));
    }
    look_at(world, f);
    let root = world.root(f);
    let ready = world.passes.ready.get(&root).and_then(|funcs| funcs.iter().find(|x| x.id == f)).cloned();
    let func = ready.or_else(|| world.passes.unread.remove(&f))?;
    // A function that calls itself, perhaps through others, finds no summary.
    world.passes.summaries.insert(f, None);
    let s = analyse(world, &func).map(|p| Arc::new(p.summary(world.program.func(f))));
    world.passes.summaries.insert(f, s.clone());
    s
}

/// Points-to analysis with the summaries of callees.
pub(crate) fn analyse(world: &mut World, func: &Func) -> Option<PointsTo> {
    let mut summaries = Summaries::default();
    if world.passes.busy.len() < MAX_NEST {
        world.passes.busy.push(func.id);
        for f in points_to::callees(func) {
            if let Some(s) = summary(world, f) {
                summaries.insert(f, s);
            }
        }
        world.passes.busy.pop();
    }
    PointsTo::new(&world.program, func, &summaries)
}

/// Escape analysis; notes the function's summary on the way.
pub(crate) fn escape(world: &mut World, func: &mut Func) {
    if !super::escape::has_objects(func) {
        // There is nothing to move; a caller may want to know more one day.
        world.passes.unread.insert(func.id, func.clone());
        return;
    }
    let Some(mut p) = analyse(world, func) else { return };
    if super::escape::share_bytes(func, &p) {
        // The strings are used for longer now.
        let Some(again) = analyse(world, func) else { return };
        p = again;
    }
    let s = Arc::new(p.summary(world.program.func(func.id)));
    world.passes.summaries.insert(func.id, Some(s));
    super::escape::run(&world.program, func, &p);
}
