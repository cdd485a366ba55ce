//! Passes that improve bodies.
//!
//! The passes are data: [`EARLY`], [`INLINE`] and [`LATE`] list them in the order in which they run, with a name to switch them off
//! by and the reason for their place. Each takes a sane body to a sane body that behaves the same; in debug builds
//! `sanity` looks after every one. The early passes make a body that callers can inline and look at; the late ones run
//! when it is compiled. Most want values instead of locals, so `lift` comes first.

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
mod inline;
mod latch;
mod lift;
mod loads;
mod merge;
mod needless;
mod points_to;
mod preempt;
mod promote;
mod prove;
mod returns;
pub(crate) mod rewrite;
mod state;
mod summary;
mod thread;
mod unroll;
mod value_key;

use crate::func::Func;
use crate::program::Program;
use crate::world::World;
pub use state::{State, build};
pub use summary::{Leak, Need, Needs, Summary};

/// A pass.
pub struct Pass {
    /// Its name, for [`Options`].
    pub name: &'static str,
    /// What it does and why it stands where it stands.
    pub reason: &'static str,
    run: fn(&mut World, &mut Func),
}

const FOLD: Pass = Pass {
    name: "fold",
    reason: "constants, parts of aggregates, equal operations",
    run: |w, f| fold::run(&w.program, f, fold::Stage::Early),
};
const FOLD_LATE: Pass = Pass {
    name: "fold",
    reason: "the same, and addresses that escape analysis was not to see",
    run: |w, f| fold::run(&w.program, f, fold::Stage::Late),
};
const DEAD: Pass = Pass { name: "dead", reason: "what the passes before left", run: |w, f| dce::run(&w.program, f) };
const PROMOTE: Pass = Pass {
    name: "promote",
    reason: "objects of which only parts are used become values",
    run: |w, f| {
        if promote::run(&w.program, f) {
            lift::run(&w.program, f);
        }
    },
};

const COMBINE: Pass = Pass {
    name: "combine",
    reason: "bytes of numbers; early because callers look at what a body costs",
    run: |w, f| {
        if combine::run(&w.program, f) {
            dce::run(&w.program, f);
        }
    },
};

const LOADS: Pass = Pass {
    name: "loads",
    reason: "what was just stored or loaded; makes equal what checks compare",
    run: |w, f| loads::run(&w.program, f),
};

/// The passes before a body is shown to callers. A name may stand in several places.
pub const EARLY: &[Pass] = &[
    Pass {
        name: "lift",
        reason: "values instead of locals, for all that follow",
        run: |w, f| lift::run(&w.program, f),
    },
    FOLD,
    DEAD,
    PROMOTE,
    FOLD,
    DEAD,
    COMBINE,
    Pass {
        name: "returns",
        reason: "deferred calls made at returns, which can be inlined there",
        run: |_, f| returns::run(f),
    },
];

/// The pass after which callers may inline a body; it has callees built.
pub const INLINE: &[Pass] = &[Pass {
    name: "inline",
    reason: "bodies of small callees, and direct calls where the dynamic type is known",
    run: |w, f| {
        inline::run(w, f);
    },
}];

/// The passes before a body is compiled.
pub const LATE: &[Pass] = &[
    Pass { name: "escape", reason: "objects that nothing keeps go to the frame; needs inlining", run: summary::escape },
    Pass {
        name: "thread",
        reason: "jumps whose condition is known; most come from inlining",
        run: |_, f| thread::run(f),
    },
    DEAD,
    COMBINE,
    LOADS,
    FOLD_LATE,
    LOADS,
    Pass {
        name: "hoist",
        reason: "loads that loops repeat; needs loads folded",
        run: |w, f| hoist::run(&w.program, f),
    },
    Pass {
        name: "asserts",
        reason: "assertions that only decide a branch; needs dead uses gone",
        run: |w, f| asserts::run(&w.program, f),
    },
    FOLD_LATE,
    Pass { name: "checks", reason: "checks that cannot fail", run: |w, f| checks::run(&w.program, f) },
    COMBINE,
    Pass { name: "preempt", reason: "cheaper preemption points; needs the checks gone", run: |_, f| preempt::run(f) },
    Pass {
        name: "latch",
        reason: "ends of loops at the ends of the ways to them; needs the preemption points placed",
        run: |_, f| latch::run(f),
    },
    DEAD,
];

/// Which passes run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    off: Vec<String>,
    none: bool,
}

impl Options {
    /// From a list like `-escape,-inline`: those passes are off; `none` switches all off.
    pub fn parse(text: &str) -> Options {
        let words = || text.split([',', ' ']).map(str::trim);
        Options {
            off: words().filter_map(|w| w.strip_prefix('-')).map(String::from).collect(),
            none: words().any(|w| w == "none"),
        }
    }

    /// Whether a pass runs.
    pub fn runs(&self, name: &str) -> bool {
        !self.none && !self.off.iter().any(|o| o == name)
    }

    /// Whether any pass runs.
    pub fn any(&self) -> bool {
        !self.none
    }
}

/// Runs passes over a body.
fn run_list(world: &mut World, passes: &[Pass], func: &mut Func) {
    for p in passes {
        if world.passes.options.runs(p.name) {
            (p.run)(world, func);
            if cfg!(debug_assertions) {
                check(&world.program, func, p);
            }
        }
    }
}

fn check(program: &Program, func: &Func, pass: &Pass) {
    let errors = crate::sanity::check(program, func);
    if !errors.is_empty() {
        let text = crate::print::print_func(program, func);
        panic!("the pass {} made insane IR: {}\n{text}", pass.name, errors.join("\n"));
    }
}
