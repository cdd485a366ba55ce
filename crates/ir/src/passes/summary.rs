//! What functions do with their inputs: summaries of [`points_to`](super::points_to), computed on demand.
//!
//! A summary needs the callee's body, which must be built for it, often before it is compiled, and the summaries of its
//! callees in turn. So the analysis asks for as few as it can. It starts with the assumption that no callee keeps
//! anything. Then it asks for the summaries of those callees that get an *open* object or input: one that matters to
//! the question and that has not escaped under this assumption. It solves again, and repeats that until every callee
//! that gets something open has been asked. What the other callees get has escaped in any case, so their summaries
//! would change nothing.
//!
//! Recursion is a fixed point. A function that is asked for while it is being analysed is assumed to do nothing; it is
//! analysed again with the result as the assumption until that stays the same. Answers for the functions in between
//! rest on the assumption, so they are provisional until then.

use super::leak::{Leak, Needs, Summary};
use super::points_to::{PointsTo, Want};
use crate::driver::{look_at, ready};
use crate::func::Func;
use crate::program::{Context, FuncId, Known, Program};
use crate::world::World;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Callees with more source than this, in bytes, are not built to be asked.
const MAX_SOURCE: u32 = 6000;
/// How deep callees of callees are asked.
const MAX_DEPTH: usize = 10;
/// How often functions that call each other are analysed; after that anything may happen in them.
const MAX_ROUNDS: usize = 5;

/// Summaries of callees that were asked; an empty one of those that cannot tell.
pub(crate) type Summaries = FxHashMap<FuncId, Arc<Summary>>;

/// Answers, and what is needed to give more.
#[derive(Default)]
pub(crate) struct Asked {
    known: FxHashMap<FuncId, (Needs, Arc<Summary>)>,
    /// Bodies before escape analysis of functions that have been compiled.
    bodies: FxHashMap<FuncId, Arc<Func>>,
    /// Functions that wait for answers.
    waiting: Vec<Waiting>,
    /// Answers that rest on what a waiting function is taken to do.
    provisional: Vec<Provisional>,
    /// The first of the waiting functions that the current answer rests on; `usize::MAX` when there is none.
    lowest: usize,
}

struct Waiting {
    f: FuncId,
    needs: Needs,
    /// What it is taken to do.
    assumed: Arc<Summary>,
    /// Whether it was asked meanwhile.
    used: bool,
    /// Whether more was asked than it was analysed for.
    grown: bool,
}

struct Provisional {
    f: FuncId,
    needs: Needs,
    answer: Arc<Summary>,
    lowest: usize,
}

/// What a function does with its inputs, as far as it is asked.
fn summary(world: &mut World, f: FuncId, needs: &Needs) -> Option<Arc<Summary>> {
    let mut needs = needs.clone();
    if let Some(s) = world.driver.asked.answered(f, &mut needs) {
        return Some(s);
    }
    if let Some(s) = known(&world.program, f) {
        return Some(Arc::new(s));
    }
    if world.driver.asked.waiting.len() >= MAX_DEPTH {
        return None;
    }
    look_at(world, f, MAX_SOURCE);
    let func = match ready(world, f) {
        Some(func) => Arc::new(func.clone()),
        None => world.driver.asked.bodies.get(&f)?.clone(),
    };
    let outer = match world.driver.asked.waiting.is_empty() {
        true => usize::MAX,
        false => world.driver.asked.lowest,
    };
    let (index, mark) = (world.driver.asked.waiting.len(), world.driver.asked.provisional.len());
    let assumed = Arc::new(nothing(&world.program, f));
    world.driver.asked.waiting.push(Waiting { f, needs, assumed, used: false, grown: false });
    world.driver.asked.lowest = usize::MAX;
    let mut rounds = 0;
    let answer = loop {
        let needs = world.driver.asked.waiting[index].needs.clone();
        let p = analyse(world, &func, &Want::Inputs(&needs));
        let s = Arc::new(p.map(|p| p.summary(&needs)).unwrap_or_default());
        let asked = &mut world.driver.asked;
        let w = &mut asked.waiting[index];
        if !w.used || !w.grown && s == w.assumed {
            break s;
        }
        (w.used, w.grown) = (false, false);
        w.assumed = s;
        asked.provisional.truncate(mark);
        rounds += 1;
        if rounds == MAX_ROUNDS {
            break Arc::default();
        }
    };
    world.driver.asked.answer(answer.clone(), mark, outer);
    Some(answer)
}

impl Asked {
    /// An answer that is there, or what a waiting function is taken to do. Otherwise `needs` is all that was asked so far.
    fn answered(&mut self, f: FuncId, needs: &mut Needs) -> Option<Arc<Summary>> {
        if let Some((had, s)) = self.known.get(&f) {
            if had.cover(needs) {
                return Some(s.clone());
            }
            needs.join(had);
        }
        if let Some(k) = self.waiting.iter().position(|w| w.f == f) {
            self.lowest = self.lowest.min(k);
            let w = &mut self.waiting[k];
            w.used = true;
            if !w.needs.cover(needs) {
                w.needs.join(needs);
                w.grown = true;
            }
            return Some(w.assumed.clone());
        }
        let p = self.provisional.iter().rev().find(|p| p.f == f && p.needs.cover(needs))?;
        self.lowest = self.lowest.min(p.lowest);
        Some(p.answer.clone())
    }

    /// The function that waits last has its answer. If that rests on no other, neither do those since `mark`.
    fn answer(&mut self, answer: Arc<Summary>, mark: usize, outer: usize) {
        let Some(w) = self.waiting.pop() else { return };
        if self.lowest < self.waiting.len() {
            self.provisional.push(Provisional { f: w.f, needs: w.needs, answer, lowest: self.lowest });
            self.lowest = self.lowest.min(outer);
            return;
        }
        self.known.insert(w.f, (w.needs, answer));
        for p in self.provisional.drain(mark..) {
            self.known.insert(p.f, (p.needs, p.answer));
        }
        self.lowest = outer;
    }
}

/// The summary of a function that does nothing.
fn nothing(program: &Program, f: FuncId) -> Summary {
    let decl = program.func(f);
    let (captures, receiver) = match &decl.context {
        Context::None => (0, 0),
        Context::Captures(c) => (c.len(), 0),
        Context::Receiver(_) | Context::ReceiverAddr(_) => (0, 1),
    };
    Summary { captures: vec![Leak::default(); captures], params: vec![Leak::default(); receiver + decl.params.len()] }
}

/// Summaries of functions whose bodies are not looked at.
fn known(program: &Program, f: FuncId) -> Option<Summary> {
    let decl = program.func(f);
    let n = decl.params.len() + usize::from(decl.context != Context::None);
    let params = match decl.known {
        Known::No | Known::Watches => return None,
        Known::KeepsNothing | Known::MapDelete | Known::MapIterStart | Known::MapIterNext => vec![Leak::WRITES; n],
        Known::TypedMove => {
            vec![Leak::default(), Leak::WRITES, Leak { content: true, ..Leak::default() }]
        }
        Known::MapAccess => vec![Leak::default(); n],
        Known::MakeMap => {
            let made = Leak { returned: true, written: true, ..Leak::default() };
            vec![Leak::default(), Leak::default(), made, Leak::default()]
        }
        Known::MapAssign => {
            // The key itself, or what its address leads to.
            let by_address = decl.params.last() == Some(&World::unsafe_pointer());
            let key = Leak { itself: !by_address, content: true, ..Leak::default() };
            vec![Leak::default(), Leak::WRITES, key]
        }
    };
    Some(Summary { params, captures: vec![] })
}

/// Points-to analysis with the summaries of callees, as far as what is wanted depends on them.
fn analyse(world: &mut World, func: &Func, want: &Want) -> Option<PointsTo> {
    let mut summaries = Summaries::default();
    let mut had: FxHashMap<FuncId, Needs> = FxHashMap::default();
    let mut p = PointsTo::new(&world.program, func)?;
    loop {
        p.solve(&world.program, func, &summaries);
        let mut more = false;
        for (f, mut needs) in p.asked(func, want) {
            if let Some(had) = had.get(&f) {
                if had.cover(&needs) {
                    continue;
                }
                needs.join(had);
            }
            more = true;
            let s = summary(world, f, &needs);
            summaries.insert(f, s.unwrap_or_default());
            had.insert(f, needs);
        }
        if !more {
            return Some(p);
        }
    }
}

/// Escape analysis.
pub(crate) fn escape(world: &mut World, func: &mut Func) {
    // A caller may ask one day.
    world.driver.asked.bodies.insert(func.id, Arc::new(func.clone()));
    if !super::escape::has_objects(&world.program, func) {
        return;
    }
    super::escape::borrow_bytes(&world.program, func);
    let Some(mut p) = analyse(world, func, &Want::Sites) else { return };
    if super::escape::share_bytes(func, &p) {
        // The strings are used for longer now.
        let Some(again) = analyse(world, func, &Want::Sites) else { return };
        p = again;
    }
    super::escape::run(&mut world.program, func, &p);
}
