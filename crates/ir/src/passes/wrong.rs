//! A pass that is wrong, for the test of `itab bisect`: it turns the operands of subtractions round.
//!
//! It is off unless `+wrong` switches it on, and only in builds with debug assertions.

use super::{Pass, Run, Switch};
use crate::func::Func;
use crate::op::{BinOp, Op};

pub(super) const PASS: Pass =
    Pass { switch: Switch::Off, ..Pass::new("wrong", "miscompiles subtractions", Run::Body(|_, f| run(f))) };

fn run(func: &mut Func) {
    for inst in func.blocks.iter_mut().flat_map(|b| &mut b.insts) {
        if let Op::Binary(BinOp::Sub, x, y) = &mut inst.op {
            std::mem::swap(x, y);
        }
    }
}
