//! Passes that improve bodies.
//!
//! The passes are data. [`PHASES`] lists every one in the order in which they run, with a name to switch it off by and
//! what it is for; [`ORDER`] has the pairs of passes whose order matters, with the reason. A list that breaks a pair does
//! not compile. [`crate::driver`] takes a function through the phases.
//!
//! Each pass takes a sane body to a sane body that behaves the same; in debug builds `sanity` checks the body after every
//! one. [`Switches`] turn passes off, everywhere or in some functions, and [`Trace`] records what each one made of a
//! function. `HACKING.md` says how to find the pass that is wrong.

mod alias;
mod asserts;
mod cfg;
mod checks;
mod combine;
mod dce;
mod devirtualise;
mod effects;
mod escape;
mod escape_map;
mod fold;
mod hoist;
pub(crate) mod inline;
mod latch;
mod leak;
mod lift;
mod loads;
mod merge;
pub(crate) mod needless;
mod order;
mod points_to;
mod preempt;
mod promote;
mod prove;
mod returns;
pub(crate) mod rewrite;
pub(crate) mod summary;
mod switches;
mod thread;
mod trace;
mod unroll;
mod value_key;
#[cfg(debug_assertions)]
mod wrong;

use crate::func::Func;
use crate::program::Program;
use crate::world::World;
pub use leak::{Leak, Need, Needs, Summary};
pub use order::{How, ORDER, Order};
pub use switches::{BadSwitches, Switches, name_hash};
pub(crate) use trace::built as note_built;
pub use trace::{Snapshot, Trace};
pub(crate) use unroll::TinyLoop;

/// A pass.
pub struct Pass {
    /// Its name, for [`Switches`]. Runs of one pass at several places share it.
    pub name: &'static str,
    /// What it does.
    pub does: &'static str,
    run: Run,
    /// What runs right after it when it has changed the body.
    then: &'static [Pass],
    switch: Switch,
}

/// How a pass is run.
enum Run {
    /// Over one body.
    Body(fn(&mut World, &mut Func)),
    /// Over one body. Gives whether it has changed it.
    Changing(fn(&mut World, &mut Func) -> bool),
    /// Over one body among those that it was built with. Gives whether it has changed them.
    Family(fn(&mut World, &mut Vec<Func>, usize) -> bool),
}

/// Whether a pass runs when nothing is said about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Switch {
    On,
    /// It cannot be switched off.
    Always,
    #[cfg(debug_assertions)]
    Off,
}

/// Passes that run one after the other at one time.
pub struct Phase {
    /// Its name, for listings.
    pub name: &'static str,
    /// When it runs.
    pub when: &'static str,
    /// Its passes.
    pub passes: &'static [Pass],
}

impl Pass {
    const fn new(name: &'static str, does: &'static str, run: Run) -> Pass {
        Pass { name, does, run, then: &[], switch: Switch::On }
    }

    const fn then(self, then: &'static [Pass]) -> Pass {
        Pass { then, ..self }
    }
}

const LIFT: Pass = Pass::new(
    "lift",
    "values instead of local variables, for all passes that follow",
    Run::Body(|w, f| lift::run(&w.program, f)),
);
const FOLD: Pass = Pass::new(
    "fold",
    "constants, parts of aggregates, equal operations",
    Run::Body(|w, f| fold::run(&w.program, f, fold::Stage::Early)),
);
const FOLD_ADDRESSES: Pass = Pass::new(
    "fold-addresses",
    "the same as fold, and sums of addresses and constants",
    Run::Body(|w, f| fold::run(&w.program, f, fold::Stage::Late)),
);
const DEAD: Pass = Pass::new(
    "dead",
    "removes blocks, values and parameters that nothing needs",
    Run::Body(|w, f| dce::run(&w.program, f)),
);
const PROMOTE: Pass = Pass::new(
    "promote",
    "objects of which only parts are used become local variables",
    Run::Changing(|w, f| promote::run(&w.program, f)),
);
const COMBINE: Pass = Pass::new(
    "combine",
    "one wide load or store for the bytes of a number",
    Run::Changing(|w, f| combine::run(&w.program, f)),
)
.then(&[DEAD]);
const LOADS: Pass = Pass::new(
    "loads",
    "uses what was just stored or loaded instead of loading it again",
    Run::Body(|w, f| loads::run(&w.program, f)),
);
const CHECKS: Pass =
    Pass::new("checks", "removes checks that cannot fail", Run::Body(|w, f| checks::run(&w.program, f)));

const PREEMPT: Pass = Pass::new("preempt", "fewer polls for preemption in loops", Run::Changing(preempt::run));
const UNROLL: Pass = Pass::new("unroll", "several iterations of a tiny loop at once", Run::Body(unroll::run));

pub(crate) const EARLY: Phase = Phase {
    name: "early",
    when: "when a function is built, before callers look at it",
    passes: &[
        LIFT,
        FOLD,
        DEAD,
        PROMOTE.then(&[LIFT]),
        FOLD,
        DEAD,
        // Here, because callers look at what a body costs.
        COMBINE,
        Pass::new("returns", "returns make the deferred calls that they know", Run::Body(|_, f| returns::run(f))),
        #[cfg(debug_assertions)]
        wrong::PASS,
    ],
};

pub(crate) const CALLS: Phase = Phase {
    name: "calls",
    when: "before callers inline it, and again while that finds something",
    passes: &[
        Pass::new(
            "devirtualise",
            "direct calls and known assertions where the dynamic type is known",
            Run::Changing(devirtualise::run),
        ),
        Pass::new("inline", "bodies of small callees in place of calls", Run::Changing(inline::run)),
    ],
};

pub(crate) const INLINED: Phase = Phase {
    name: "inlined",
    when: "after each run of the phase calls",
    passes: &[FOLD, DEAD, PROMOTE.then(&[LIFT, FOLD, DEAD])],
};

pub(crate) const FRAMES: Phase = Phase {
    name: "frames",
    when: "over the body of a deferring function; the early passes follow where it finds something",
    passes: &[
        CHECKS,
        Pass::new(
            "needless",
            "merges bodies of deferring functions that need no frame",
            Run::Family(|w, funcs, i| needless::run(&w.program, funcs, i)),
        ),
    ],
};

pub(crate) const LATE: Phase = Phase {
    name: "late",
    when: "when a function is compiled",
    passes: &[
        Pass::new("escape", "objects that nothing keeps go to the frame", Run::Body(summary::escape)),
        Pass::new("thread", "jumps to branches whose condition is known", Run::Body(|_, f| thread::run(f))),
        DEAD,
        COMBINE,
        LOADS,
        FOLD_ADDRESSES,
        LOADS,
        Pass::new("hoist", "loads that loops repeat, before the loop", Run::Body(|w, f| hoist::run(&w.program, f))),
        Pass::new("asserts", "assertions that only decide a branch", Run::Body(|w, f| asserts::run(&w.program, f))),
        FOLD_ADDRESSES,
        CHECKS,
        COMBINE,
        PREEMPT.then(&[UNROLL]),
        Pass::new("latch", "a copy of a loop's end at the end of each path to it", Run::Body(|_, f| latch::run(f))),
        DEAD,
    ],
};

pub(crate) const WHOLE: Phase = Phase {
    name: "whole",
    when: "over a function with those inside it, when it is compiled",
    passes: &[Pass {
        switch: Switch::Always,
        ..Pass::new(
            "merge",
            "puts bodies of deferring functions back into their outer parts",
            Run::Family(|w, funcs, _| merge::run(&w.program, funcs)),
        )
    }],
};

/// All passes in the order in which they run.
pub const PHASES: &[&Phase] = &[&EARLY, &CALLS, &INLINED, &FRAMES, &LATE, &WHOLE];

/// The names of all passes, each once, in the order in which they first run.
pub fn names() -> Vec<&'static str> {
    fn walk(passes: &[Pass], out: &mut Vec<&'static str>) {
        for p in passes {
            if !out.contains(&p.name) {
                out.push(p.name);
            }
            walk(p.then, out);
        }
    }
    let mut out = vec![];
    PHASES.iter().for_each(|phase| walk(phase.passes, &mut out));
    out
}

/// Runs a phase over the body `funcs[at]`. Gives whether a pass that can tell has changed something.
pub(crate) fn run(world: &mut World, phase: &Phase, funcs: &mut Vec<Func>, at: usize) -> bool {
    run_list(world, phase, phase.passes, funcs, at)
}

fn run_list(world: &mut World, phase: &Phase, passes: &[Pass], funcs: &mut Vec<Func>, at: usize) -> bool {
    let mut any = false;
    for p in passes {
        if !world.driver.switches.runs(&world.program, p, funcs[at].id) {
            continue;
        }
        let changed = match p.run {
            Run::Body(run) => {
                run(world, &mut funcs[at]);
                false
            }
            Run::Changing(run) => run(world, &mut funcs[at]),
            Run::Family(run) => run(world, funcs, at),
        };
        if cfg!(debug_assertions) {
            funcs.iter().for_each(|f| check(&world.program, f, p));
        }
        trace::note(world, phase, p, funcs);
        any |= changed;
        if changed {
            run_list(world, phase, p.then, funcs, at);
        }
    }
    any
}

/// Panics if a pass has made an insane body. A body that was merged into another has no blocks.
fn check(program: &Program, func: &Func, pass: &Pass) {
    let errors = if func.blocks.is_empty() { vec![] } else { crate::sanity::check(program, func) };
    if !errors.is_empty() {
        let text = crate::print::print_func(program, func);
        panic!("the pass {} made insane IR: {}\n{text}", pass.name, errors.join("\n"));
    }
}
