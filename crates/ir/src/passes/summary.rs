//! What functions do with their inputs: summaries of [`points_to`](super::points_to), asked for on demand.
//!
//! To know a callee's summary its body must be built, often before it is needed, and its callees asked in turn. So only
//! that is asked which something depends on. An analysis takes callees that were not asked to keep nothing; then it asks
//! those that get an object, or an input, which is *open*: wanted, and not escaped even so. That repeats until no callee
//! that gets anything open is left unasked. What the rest get has escaped anyway, so they change nothing.
//!
//! A function that is asked while it waits for an answer itself is taken to do nothing, and analysed again with what came
//! out as long as that is more. What the functions in between have answered meanwhile is provisional.

use super::points_to::{PointsTo, Want};
use super::state::{look_at, ready};
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

/// What a function does with the memory that one input points to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leak {
    /// A pointer to it is kept after the return.
    pub itself: bool,
    /// A pointer that is stored in it, or reachable from it, is kept.
    pub content: bool,
    /// A pointer to it may be in a result.
    pub returned: bool,
    /// A pointer found in it may be in a result.
    pub content_returned: bool,
    /// It is written.
    pub written: bool,
    /// What is reachable from it is written.
    pub content_written: bool,
    /// A deferred call of the frame that the function is given holds a pointer to it.
    pub deferred: bool,
    /// A deferred call holds a pointer to what is reachable from it.
    pub content_deferred: bool,
}

impl Leak {
    /// Anything may happen.
    pub const ALL: Leak = Leak {
        itself: true,
        content: true,
        returned: true,
        content_returned: true,
        written: true,
        content_written: true,
        deferred: true,
        content_deferred: true,
    };

    /// Of native functions that keep nothing.
    pub const WRITES: Leak = Leak {
        itself: false,
        content: false,
        returned: false,
        content_returned: false,
        written: true,
        content_written: true,
        deferred: false,
        content_deferred: false,
    };

    /// What of it was asked; nothing about the rest, as with functions that were not asked at all.
    pub fn answers(self, need: Need) -> Leak {
        Leak {
            itself: self.itself && need.itself,
            returned: self.returned && need.itself,
            written: self.written && need.itself,
            deferred: self.deferred && need.itself,
            content: self.content && need.content,
            content_returned: self.content_returned && need.content,
            content_written: self.content_written && need.content,
            content_deferred: self.content_deferred && need.content,
        }
    }
}

/// What a function does with its inputs; anything with those that are not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// By captured value.
    pub captures: Vec<Leak>,
    /// By parameter; a receiver in the context comes first.
    pub params: Vec<Leak>,
}

/// What is asked about an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// What becomes of the memory that it points to.
    pub itself: bool,
    /// Of what is reachable from there.
    pub content: bool,
}

/// What is asked about a function's inputs; nothing about those that are not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// By captured value.
    pub captures: Vec<Need>,
    /// By parameter, as in [`Summary::params`].
    pub params: Vec<Need>,
}

impl Needs {
    /// Whether all that `other` asks is asked here.
    fn cover(&self, other: &Needs) -> bool {
        let covers = |a: &[Need], b: &[Need]| {
            b.iter().enumerate().all(|(i, n)| {
                let have = a.get(i).copied().unwrap_or_default();
                (have.itself || !n.itself) && (have.content || !n.content)
            })
        };
        covers(&self.captures, &other.captures) && covers(&self.params, &other.params)
    }

    /// Asks what `other` asks, too.
    pub fn join(&mut self, other: &Needs) {
        for (a, b) in [(&mut self.captures, &other.captures), (&mut self.params, &other.params)] {
            a.resize(a.len().max(b.len()), Need::default());
            for (a, b) in a.iter_mut().zip(b) {
                a.itself |= b.itself;
                a.content |= b.content;
            }
        }
    }
}

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
    if let Some(s) = world.passes.asked.answered(f, &mut needs) {
        return Some(s);
    }
    if let Some(s) = known(&world.program, f) {
        return Some(Arc::new(s));
    }
    if world.passes.asked.waiting.len() >= MAX_DEPTH {
        return None;
    }
    look_at(world, f, MAX_SOURCE);
    let func = match ready(world, f) {
        Some(func) => Arc::new(func.clone()),
        None => world.passes.asked.bodies.get(&f)?.clone(),
    };
    let outer = match world.passes.asked.waiting.is_empty() {
        true => usize::MAX,
        false => world.passes.asked.lowest,
    };
    let (index, mark) = (world.passes.asked.waiting.len(), world.passes.asked.provisional.len());
    let assumed = Arc::new(nothing(&world.program, f));
    world.passes.asked.waiting.push(Waiting { f, needs, assumed, used: false, grown: false });
    world.passes.asked.lowest = usize::MAX;
    let mut rounds = 0;
    let answer = loop {
        let needs = world.passes.asked.waiting[index].needs.clone();
        let p = analyse(world, &func, &Want::Inputs(&needs));
        let s = Arc::new(p.map(|p| p.summary(&needs)).unwrap_or_default());
        let asked = &mut world.passes.asked;
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
    world.passes.asked.answer(answer.clone(), mark, outer);
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
        Known::No => return None,
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
    world.passes.asked.bodies.insert(func.id, Arc::new(func.clone()));
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
