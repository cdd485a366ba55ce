//! Takes functions from source to the code generator: has them built ([`World::build`]) and runs the passes over them.
//!
//! A function is built together with those inside it. The early passes run at once. Callers look at the result, to inline
//! it or to learn what it does with its arguments, so a function may be built long before it is compiled; until then it
//! waits in [`Driver::ready`]. Its own calls are inlined before a caller inlines it, and otherwise right before it is
//! compiled, because their callees must be built for that. The late passes run when it is compiled.

use crate::func::Func;
use crate::passes::inline::{self, Body, Growth};
use crate::passes::summary::Asked;
use crate::passes::{self, CALLS, EARLY, FRAMES, INLINED, LATE, Switches, Trace, WHOLE, needless};
use crate::program::FuncId;
use crate::world::{Built, FuncSrc, Res, World};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Callees with more source than this, in bytes, are not built to be inlined.
const MAX_SOURCE: u32 = 1500;
/// How many functions may be under construction at once because callers look at their callees.
const MAX_NEST: usize = 4;

/// What is remembered between functions.
#[derive(Default)]
pub struct Driver {
    /// Which passes run.
    pub switches: Switches,
    /// Records what becomes of one function.
    pub trace: Option<Trace>,
    /// Bodies to inline, by function; none for those that cannot be inlined.
    bodies: FxHashMap<FuncId, Option<Body>>,
    /// What functions do with their inputs, and how that is found out.
    pub(crate) asked: Asked,
    /// Functions after the early passes, by outermost function, until they are compiled.
    ready: FxHashMap<FuncId, Ready>,
    /// Outermost functions that went through the early passes, or could not be built.
    seen: FxHashSet<FuncId>,
    /// Functions whose calls are being inlined, each inside the one before it.
    pub(crate) inlining: Vec<Growth>,
    /// Loops that the pass `preempt` found for the pass `unroll`, which runs next.
    pub(crate) tiny_loops: Vec<passes::TinyLoop>,
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
    let mut funcs = match world.driver.switches.none() {
        true => world.build(root)?.funcs,
        false => improved(world, root)?,
    };
    passes::run(world, &WHOLE, &mut funcs, 0);
    Ok(Built { funcs })
}

/// Builds a function with those inside it and runs the passes over each of them.
fn improved(world: &mut World, root: FuncId) -> Res<Vec<Func>> {
    if !world.driver.ready.contains_key(&root) {
        early(world, root)?;
    }
    inline_into(world, root);
    let mut funcs = world.driver.ready.remove(&root).map(|r| r.funcs).unwrap_or_default();
    // Inner functions first: what they do with their captures matters to the outer ones.
    for i in (1..funcs.len()).chain([0]) {
        passes::run(world, &LATE, &mut funcs, i);
    }
    Ok(funcs)
}

/// Builds a function and runs the early passes. Its calls are inlined only if callers may then inline it.
fn early(world: &mut World, root: FuncId) -> Res<()> {
    world.driver.seen.insert(root);
    let mut funcs = world.build(root)?.funcs;
    passes::note_built(world, &funcs);
    for i in 0..funcs.len() {
        passes::run(world, &EARLY, &mut funcs, i);
    }
    let hopeless = !inline::may_be_inlined(&world.program, &funcs[0]);
    if hopeless {
        world.driver.bodies.insert(root, None);
    }
    world.driver.ready.insert(root, Ready { funcs, inlined: false });
    if !hopeless {
        inline_into(world, root);
    }
    Ok(())
}

/// Inlines into a function that was built early, if that has not been done.
fn inline_into(world: &mut World, root: FuncId) {
    let Some(ready) = world.driver.ready.get_mut(&root).filter(|r| !r.inlined) else { return };
    ready.inlined = true;
    let mut funcs = std::mem::take(&mut ready.funcs);
    // Inner functions first: the outer one may inline them.
    for i in (1..funcs.len()).chain([0]) {
        inline_calls(world, &mut funcs, i);
        if without_frame(world, &mut funcs, i) {
            continue;
        }
        let f = &funcs[i];
        let body = inline::cost(&world.program, f).map(|cost| Body { func: Arc::new(f.clone()), cost });
        world.driver.bodies.insert(f.id, body);
    }
    funcs.retain(|f| !f.blocks.is_empty());
    world.driver.ready.insert(root, Ready { funcs, inlined: true });
}

/// Inlines the calls of a body. It is looked through again because what was inlined may call closures, or methods, that
/// are known only now.
fn inline_calls(world: &mut World, funcs: &mut Vec<Func>, i: usize) {
    world.driver.inlining.push(Growth::new(&funcs[i]));
    for _ in 0..inline::ROUNDS {
        let found = passes::run(world, &CALLS, funcs, i);
        if !found || world.driver.inlining.last().is_none_or(|g| g.refused) {
            break;
        }
        passes::run(world, &INLINED, funcs, i);
    }
    world.driver.inlining.pop();
}

/// Merges the body of a deferring function into its outer part if it needs no frame. Whether it did.
fn without_frame(world: &mut World, funcs: &mut Vec<Func>, i: usize) -> bool {
    let Some((outer, _)) = needless::outer(funcs, i) else { return false };
    if !passes::run(world, &FRAMES, funcs, i) {
        return false;
    }
    passes::run(world, &EARLY, funcs, outer);
    true
}

/// The body of a function that was built early and has not been compiled, after inlining.
pub(crate) fn ready(world: &mut World, f: FuncId) -> Option<&Func> {
    let root = world.root(f);
    inline_into(world, root);
    world.driver.ready.get(&root)?.funcs.iter().find(|x| x.id == f)
}

/// The body of a function to inline.
pub(crate) fn body(world: &mut World, f: FuncId) -> Option<Body> {
    if let Some(b) = world.driver.bodies.get(&f) {
        return b.clone();
    }
    look_at(world, f, MAX_SOURCE);
    world.driver.bodies.get(&f).cloned().flatten()
}

/// Builds a callee ahead of its time, if that is cheap.
pub(crate) fn look_at(world: &mut World, f: FuncId, most: u32) {
    let root = world.root(f);
    if world.driver.seen.contains(&root) || world.driver.inlining.len() >= MAX_NEST || !is_cheap(world, root, most) {
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
