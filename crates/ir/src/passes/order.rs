//! The orders of passes that matter, as pairs with a reason, as in gc's `passOrder`.
//!
//! The pairs are checked when this crate is compiled: a list that breaks one does not build. A pair names passes, so it
//! holds for every run of them. The lists of [`PHASES`] are read as one sequence, and what runs after a pass if that
//! has changed something stands right behind it.

use super::{PHASES, Pass, Phase};
use How::{Before, Earlier, Followed, InPhase};

/// A pair of passes whose order matters.
#[derive(Clone, Copy)]
pub struct Order {
    /// The pass that comes first.
    pub first: &'static str,
    /// The pass that comes after it.
    pub then: &'static str,
    /// What exactly must hold.
    pub how: How,
    /// Why.
    pub reason: &'static str,
}

/// What must hold of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Every run of the first comes before every run of the second.
    Before,
    /// Every run of the second has a run of the first somewhere before it.
    Earlier,
    /// Every run of the second has a run of the first before it in its phase.
    InPhase,
    /// Every run of the first has a run of the second after it in its phase.
    Followed,
}

const fn pair(first: &'static str, how: How, then: &'static str, reason: &'static str) -> Order {
    Order { first, then, how, reason }
}

/// The pairs.
pub const ORDER: &[Order] = &[
    pair("lift", Earlier, "fold", "fold looks through values, not through local variables"),
    pair("lift", Earlier, "promote", "an address that is kept in a local variable cannot be followed"),
    pair("lift", Earlier, "returns", "a func value that is kept in a local variable is not known"),
    pair("promote", Followed, "lift", "the parts of an object are local variables; lift makes values of them"),
    pair("promote", Followed, "fold", "loads of whole objects become aggregates of parts, which fold"),
    pair("fold", Followed, "dead", "the operands of what was folded are left"),
    pair("dead", InPhase, "combine", "narrow loads with another use are not combined, even if that use is dead"),
    pair("combine", Followed, "dead", "the narrow loads and their shifts are left"),
    pair("returns", Before, "inline", "the deferred calls that returns make can be inlined there"),
    pair("devirtualise", InPhase, "inline", "only a call of a known function can be inlined"),
    pair("returns", Before, "needless", "a frame is needless only if the returns make all deferred calls"),
    pair("inline", Before, "needless", "a call that is made while another is deferred needs the frame"),
    pair("checks", InPhase, "needless", "a check that may fail while a call is deferred needs the frame"),
    pair(
        "inline",
        Before,
        "escape",
        "an object that is passed to a callee may stay here if the callee's body stands here",
    ),
    pair("promote", Before, "escape", "an object that becomes variables needs no memory at all"),
    pair(
        "escape",
        Before,
        "fold-addresses",
        "an address that goes through uintptr shall be hidden from escape analysis",
    ),
    pair("inline", Before, "thread", "most jumps whose condition is known come from inlining"),
    pair("thread", Followed, "dead", "blocks that nothing jumps to any more are left"),
    pair("loads", InPhase, "hoist", "a load of what was just stored needs no place before the loop"),
    pair("loads", Followed, "checks", "equal loads are one value, which checks compare"),
    pair("dead", InPhase, "asserts", "a use of the asserted value stands in the way, even if it is dead"),
    pair("asserts", Followed, "fold-addresses", "parts of values that are now known to be zero are left"),
    pair("checks", Before, "preempt", "a loop that counts as small has no checks left that cannot fail"),
    pair("combine", Before, "preempt", "a loop that counts as small has its narrow accesses combined"),
    pair("preempt", InPhase, "unroll", "preempt finds the loops that unroll works on, and places their polls"),
    pair("preempt", Before, "latch", "the end of a loop is copied with its poll, if the poll is still there"),
    pair("latch", Followed, "dead", "the end that was copied is left"),
    pair("dead", Before, "merge", "the other passes take what the frame and the results hold to be unknown memory"),
];

/// A run of a pass: its name and the number of its phase.
type PassRun = (&'static str, usize);

/// At most so many runs of passes are in a list.
const MAX_RUNS: usize = 64;

/// The runs of passes in a list of phases, one after the other.
struct Sequence {
    runs: [PassRun; MAX_RUNS],
    len: usize,
}

impl Sequence {
    const fn of(phases: &[&Phase]) -> Sequence {
        let mut sequence = Sequence { runs: [("", 0); MAX_RUNS], len: 0 };
        let mut phase = 0;
        while phase < phases.len() {
            sequence = sequence.with(phases[phase].passes, phase);
            phase += 1;
        }
        sequence
    }

    const fn with(mut self, passes: &[Pass], phase: usize) -> Sequence {
        let mut i = 0;
        while i < passes.len() {
            self.runs[self.len] = (passes[i].name, phase);
            self.len += 1;
            self = self.with(passes[i].then, phase);
            i += 1;
        }
        self
    }

    /// Whether a pass runs in a phase, before or behind a place.
    const fn has(&self, name: &str, phase: usize, at: usize, behind: bool) -> bool {
        let mut i = 0;
        while i < self.len {
            if (i > at) == behind && i != at && self.runs[i].1 == phase && same(self.runs[i].0, name) {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Whether a pair holds. One with a name that no pass has does not.
    const fn keeps(&self, order: &Order) -> bool {
        let (mut firsts, mut thens) = (0, 0);
        let mut i = 0;
        while i < self.len {
            let (name, phase) = self.runs[i];
            let (is_first, is_then) = (same(name, order.first), same(name, order.then));
            let fits = match order.how {
                How::Before => !(is_first && thens > 0),
                How::Earlier => !is_then || firsts > 0,
                How::InPhase => !is_then || self.has(order.first, phase, i, false),
                How::Followed => !is_first || self.has(order.then, phase, i, true),
            };
            if !fits {
                return false;
            }
            firsts += is_first as usize;
            thens += is_then as usize;
            i += 1;
        }
        firsts > 0 && thens > 0
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// The first pair that a list of phases breaks.
pub(super) const fn broken<'a>(phases: &[&Phase], order: &'a [Order]) -> Option<&'a Order> {
    let sequence = Sequence::of(phases);
    let mut i = 0;
    while i < order.len() {
        if !sequence.keeps(&order[i]) {
            return Some(&order[i]);
        }
        i += 1;
    }
    None
}

/// The list of passes keeps all pairs.
const _: () = {
    if let Some(order) = broken(PHASES, ORDER) {
        panic!("{}", order.reason)
    }
};

#[cfg(test)]
mod tests {
    use super::super::{Pass, Phase, Run};
    use super::*;

    const A: Pass = Pass::new("a", "", Run::Body(|_, _| {}));
    const B: Pass = Pass::new("b", "", Run::Body(|_, _| {}));
    const AB: Phase = Phase { name: "ab", when: "", passes: &[A, B] };
    const BA: Phase = Phase { name: "ba", when: "", passes: &[B, A] };
    const B_THEN_A: Phase = Phase { name: "ba", when: "", passes: &[B.then(&[A])] };
    const ONLY_A: Phase = Phase { name: "a", when: "", passes: &[A] };
    const ONLY_B: Phase = Phase { name: "b", when: "", passes: &[B] };

    fn keeps(how: How, phases: &[&Phase]) -> bool {
        broken(phases, &[pair("a", how, "b", "")]).is_none()
    }

    #[test]
    fn a_pair_that_is_broken_is_found() {
        for how in [Before, Earlier, InPhase, Followed] {
            assert!(keeps(how, &[&AB]), "{how:?}");
            assert!(!keeps(how, &[&BA]), "{how:?}");
            assert!(!keeps(how, &[&B_THEN_A]), "{how:?}");
        }
        assert!(keeps(Before, &[&ONLY_A, &ONLY_B]) && !keeps(Before, &[&AB, &ONLY_A]));
        assert!(keeps(Earlier, &[&AB, &BA]) && !keeps(Earlier, &[&ONLY_B, &AB]));
        assert!(!keeps(InPhase, &[&AB, &ONLY_B]) && keeps(InPhase, &[&AB, &ONLY_A]));
        assert!(!keeps(Followed, &[&AB, &ONLY_A]) && keeps(Followed, &[&AB, &ONLY_B]));
    }

    #[test]
    fn a_pair_of_a_pass_that_is_not_there_is_broken() {
        for how in [Before, Earlier, InPhase, Followed] {
            assert!(!keeps(how, &[&ONLY_A]) && !keeps(how, &[&ONLY_B]), "{how:?}");
        }
    }
}
