//! What each pass made of one function, for `itab dump --passes`.

use super::{Pass, Phase};
use crate::func::{Block, Func};
use crate::op::Term;
use crate::print::print_func;
use crate::program::FuncId;
use crate::world::World;

/// What a function was after a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The phase and the pass; `build` for what the builder made.
    pub by: String,
    /// The function as text.
    pub text: String,
}

/// The record of one function, with the part of it that runs in a frame of deferred calls.
#[derive(Clone, Debug)]
pub struct Trace {
    func: FuncId,
    /// What the builder made, and then what each pass made that changed it.
    pub snapshots: Vec<Snapshot>,
}

impl Trace {
    /// A record of what will become of a function.
    pub fn new(func: FuncId) -> Trace {
        Trace { func, snapshots: vec![] }
    }
}

/// Records what the builder made.
pub(crate) fn built(world: &mut World, funcs: &[Func]) {
    record(world, &|| "build".into(), funcs);
}

/// Records what a pass made, if the function is among these and has changed.
pub(super) fn note(world: &mut World, phase: &Phase, pass: &Pass, funcs: &[Func]) {
    record(world, &|| format!("{}: {}", phase.name, pass.name), funcs);
}

fn record(world: &mut World, by: &dyn Fn() -> String, funcs: &[Func]) {
    let Some(trace) = &world.driver.trace else { return };
    let program = &world.program;
    let Some(func) = funcs.iter().find(|f| f.id == trace.func) else { return };
    let calls = |b: &Block, part: &Func| matches!(b.term, Term::TryCall { callee, .. } if callee == part.id);
    let parts = funcs.iter().filter(|f| func.blocks.iter().any(|b| calls(b, f)));
    let text: Vec<String> = std::iter::once(func).chain(parts).map(|f| print_func(program, f)).collect();
    let text = text.join("\n");
    if trace.snapshots.last().is_none_or(|m| m.text != text)
        && let Some(trace) = &mut world.driver.trace
    {
        trace.snapshots.push(Snapshot { by: by(), text });
    }
}
