//! What passes remember between functions: bodies to inline, what [`super::summary`] was told, and bodies that were built
//! early because a caller wanted to look at them.

use super::inline::{self, Body};
use super::summary::Asked;
use super::{EARLY, INLINE, LATE, Options};
use crate::func::Func;
use crate::op::Term;
use crate::program::FuncId;
use crate::world::{Built, FuncSrc, Res, World};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Callees with more source than this, in bytes, are not built to be inlined.
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
    /// What functions do with their inputs, and how that is found out.
    pub(super) asked: Asked,
    /// Functions after the early passes, by outermost function, until they are compiled.
    ready: FxHashMap<FuncId, Ready>,
    /// Outermost functions that went through the early passes, or could not be built.
    seen: FxHashSet<FuncId>,
    busy: Vec<FuncId>,
}

/// A function, with those inside it, that was built early.
struct Ready {
    funcs: Vec<Func>,
    /// Whether it has been inlined into. What cannot be inlined itself waits with that until it is compiled or asked
    /// what it does, because its callees would be built for it.
    inlined: bool,
}

/// Builds a function with those inside it and runs all passes.
pub fn build(world: &mut World, id: FuncId) -> Res<Built> {
    let root = world.root(id);
    if !world.passes.options.any() {
        let mut built = world.build(root)?;
        super::merge::run(&world.program, &mut built.funcs);
        return Ok(built);
    }
    if !world.passes.ready.contains_key(&root) {
        early(world, root)?;
    }
    inline_into(world, root);
    let mut funcs = world.passes.ready.remove(&root).map(|r| r.funcs).unwrap_or_default();
    // Inner functions first: what they do with their captures matters to the outer ones.
    let (root, inner) = funcs.split_at_mut(1);
    for f in inner.iter_mut().chain(root) {
        super::run_list(world, LATE, f);
    }
    super::merge::run(&world.program, &mut funcs);
    Ok(Built { funcs })
}

/// Builds and runs the early passes, as far as callers want to see.
fn early(world: &mut World, root: FuncId) -> Res<()> {
    world.passes.seen.insert(root);
    let mut funcs = world.build(root)?.funcs;
    for f in &mut funcs {
        super::run_list(world, EARLY, f);
    }
    let hopeless = !inline::may_be_inlined(&world.program, &funcs[0]);
    if hopeless {
        world.passes.bodies.insert(root, None);
    }
    world.passes.ready.insert(root, Ready { funcs, inlined: false });
    if !hopeless {
        inline_into(world, root);
    }
    Ok(())
}

/// Inlines into a function that was built early, if that has not been done.
fn inline_into(world: &mut World, root: FuncId) {
    let Some(ready) = world.passes.ready.get_mut(&root).filter(|r| !r.inlined) else { return };
    ready.inlined = true;
    let mut funcs = std::mem::take(&mut ready.funcs);
    world.passes.busy.push(root);
    // Inner functions first: the outer one may inline them.
    for i in (1..funcs.len()).chain([0]) {
        super::run_list(world, INLINE, &mut funcs[i]);
        if without_frame(world, &mut funcs, i) {
            continue;
        }
        let f = &funcs[i];
        let body = inline::cost(&world.program, f).map(|cost| Body { func: Arc::new(f.clone()), cost });
        world.passes.bodies.insert(f.id, body);
    }
    funcs.retain(|f| !f.blocks.is_empty());
    world.passes.busy.pop();
    world.passes.ready.insert(root, Ready { funcs, inlined: true });
}

/// Puts a body that needs no frame of deferred calls into its function, which follows. Whether it is one.
fn without_frame(world: &mut World, funcs: &mut [Func], i: usize) -> bool {
    let id = funcs[i].id;
    let outer = funcs.iter().enumerate().find_map(|(at, f)| {
        f.blocks.iter().find_map(|b| match &b.term {
            Term::TryCall { callee, frame, args, .. } if *callee == id => {
                Some((at, args.iter().position(|a| a == frame)?))
            }
            _ => None,
        })
    });
    let Some((outer, frame)) = outer.filter(|_| world.passes.options.runs("needless")) else { return false };
    super::checks::run(&world.program, &mut funcs[i]);
    if !super::needless::run(&world.program, &mut funcs[i], frame) {
        return false;
    }
    let body = std::mem::replace(&mut funcs[i], Func::new(id));
    super::merge::without_frame(&mut funcs[outer], body);
    funcs.iter_mut().for_each(|f| f.closures.retain(|c| *c != id));
    super::run_list(world, EARLY, &mut funcs[outer]);
    true
}

/// The body of a function that was built early and has not been compiled, after inlining.
pub(super) fn ready(world: &mut World, f: FuncId) -> Option<&Func> {
    let root = world.root(f);
    inline_into(world, root);
    world.passes.ready.get(&root)?.funcs.iter().find(|x| x.id == f)
}

/// The body of a function to inline.
pub(crate) fn body(world: &mut World, f: FuncId) -> Option<Body> {
    if let Some(b) = world.passes.bodies.get(&f) {
        return b.clone();
    }
    look_at(world, f, MAX_SOURCE);
    world.passes.bodies.get(&f).cloned().flatten()
}

/// Builds a callee ahead of its time, if that is cheap.
pub(super) fn look_at(world: &mut World, f: FuncId, most: u32) {
    let root = world.root(f);
    if world.passes.seen.contains(&root) || world.passes.busy.len() >= MAX_NEST || !is_cheap(world, root, most) {
        return;
    }
    // What is wrong with it is said when it is compiled.
    let _ = early(world, root);
}

/// Whether a function is small in source, or made by the compiler.
fn is_cheap(world: &World, root: FuncId, most: u32) -> bool {
    match world.src(root) {
        FuncSrc::Decl(obj, _) => world.decl_body(*obj).is_some_and(|s| s.end.0.saturating_sub(s.start.0) <= most),
        FuncSrc::Entry(..) | FuncSrc::MethodExpr(..) | FuncSrc::Bound(..) => true,
        _ => false,
    }
}
