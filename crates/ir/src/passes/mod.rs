//! Passes that improve bodies.
//!
//! The passes are data: [`PASSES`] lists them in the order in which they run, with a name to switch them off by and the
//! reason for their place. Each takes a sane body to a sane body that behaves the same; in debug builds `sanity` looks
//! after every one. Most want values instead of locals, so `lift` comes first; what a pass leaves dead is removed by
//! `dead`.

mod cfg;
mod dce;
mod effects;
mod fold;
mod lift;
mod rewrite;
mod value_key;

use crate::func::Func;
use crate::program::Program;
use crate::sanity::assert_sane;

/// What passes are given besides a body.
pub struct Context<'a> {
    /// The program that the body belongs to.
    pub program: &'a mut Program,
}

/// A pass.
pub struct Pass {
    /// Its name, for [`Options`].
    pub name: &'static str,
    /// What it does and why it stands where it stands.
    pub reason: &'static str,
    run: fn(&mut Context<'_>, &mut Func),
}

/// All passes in order. A name may stand in several places.
pub const PASSES: &[Pass] = &[
    Pass {
        name: "lift",
        reason: "values instead of locals, for all that follow",
        run: |cx, f| lift::run(cx.program, f),
    },
    Pass {
        name: "fold",
        reason: "constants, parts of aggregates, equal operations",
        run: |cx, f| fold::run(cx.program, f),
    },
    Pass { name: "dead", reason: "what folding left", run: |cx, f| dce::run(cx.program, f) },
];

/// Which passes run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    off: Vec<String>,
    none: bool,
}

impl Options {
    /// From a list like `-checks,-inline`: those passes are off; `none` switches all off.
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
}

/// Runs the passes over bodies that are compiled together.
pub fn run(program: &mut Program, options: &Options, funcs: &mut [Func]) {
    for f in funcs {
        let mut cx = Context { program };
        for p in PASSES.iter().filter(|p| options.runs(p.name)) {
            (p.run)(&mut cx, f);
            if cfg!(debug_assertions) {
                check(cx.program, f, p);
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

/// The bodies of a program that is tested: sane before and after each pass.
#[doc(hidden)]
pub fn run_checked(program: &mut Program, options: &Options, funcs: &mut [Func]) {
    funcs.iter().for_each(|f| assert_sane(program, f));
    run(program, options, funcs);
}
