//! Removes frames of deferred calls that no panic can look at.
//!
//! A frame is there for panics: they find the deferred calls in it. In some functions nothing that may panic, or run
//! other code, happens while a call is deferred. The `defer` stands right before the return; or the calls in between
//! were inlined and their checks proven. The returns of such a function make the deferred calls themselves
//! ([`super::returns`]), so it needs no frame. Its body is merged into its outer part at once, and callers may inline
//! it like any other.

use super::effects::{Memory, is_removable, memory};
use super::rewrite::Defs;
use crate::func::{BlockId, Func, ValueId};
use crate::op::{Conv, Op, Term};
use crate::operands::mentions;
use crate::program::Program;
use crate::ty::{Basic, Ty};

/// Merges the body of a deferring function into its outer part if no panic can look at its frame. Whether it did; `at`
/// has no blocks then.
pub(crate) fn run(program: &Program, funcs: &mut [Func], at: usize) -> bool {
    let Some((outer, frame)) = outer(funcs, at) else { return false };
    if !drop_frame(program, &mut funcs[at], frame) {
        return false;
    }
    let id = funcs[at].id;
    let body = std::mem::replace(&mut funcs[at], Func::new(id));
    super::merge::without_frame(&mut funcs[outer], body);
    funcs.iter_mut().for_each(|f| f.closures.retain(|c| *c != id));
    true
}

/// For the body of a deferring function: the function that calls it, and which parameter is the frame.
pub(crate) fn outer(funcs: &[Func], at: usize) -> Option<(usize, usize)> {
    let id = funcs[at].id;
    funcs.iter().enumerate().find_map(|(outer, f)| {
        f.blocks.iter().find_map(|b| match &b.term {
            Term::TryCall { callee, frame, args, .. } if *callee == id => {
                Some((outer, args.iter().position(|a| a == frame)?))
            }
            _ => None,
        })
    })
}

/// Removes what a body does to its frame, the parameter `frame`, if no panic can look at it. Whether it did.
fn drop_frame(program: &Program, func: &mut Func, frame: usize) -> bool {
    let frame = func.blocks[0].params[frame];
    let on_frame = |op: &Op| matches!(op, Op::Defer { .. } | Op::DeferReturn(_) | Op::DeferPop(_) | Op::DeferUnlink(_));
    let own = |op: &Op| on_frame(op) || matches!(op, Op::Recover(_));
    let mut insts = func.blocks.iter().flat_map(|b| &b.insts);
    if insts.any(|i| !own(&i.op) && mentions(&i.op, frame)) || !is_quiet(program, func) {
        return false;
    }
    func.blocks.iter_mut().for_each(|b| b.insts.retain(|i| !on_frame(&i.op)));
    true
}

/// Whether nothing may panic while a call is deferred.
fn is_quiet(program: &Program, func: &Func) -> bool {
    let defs = Defs::new(func);
    let mut pending: Vec<Option<u32>> = vec![None; func.blocks.len()];
    pending[0] = Some(0);
    for b in crate::sanity::reverse_postorder(func) {
        let Some(n) = pending[b.index()].and_then(|n| behind(program, func, &defs, b, n)) else { return false };
        let mut agree = true;
        super::cfg::for_each_successor(&func.block(b).term, &mut |s| {
            agree &= *pending[s.index()].get_or_insert(n) == n;
        });
        if !agree || n > 0 && matches!(func.block(b).term, Term::Panic(_) | Term::Return(_) | Term::TailCall(..)) {
            return false;
        }
    }
    true
}

/// How many calls are deferred behind a block, if nothing in it may panic while there are any.
fn behind(program: &Program, func: &Func, defs: &Defs, b: BlockId, before: u32) -> Option<u32> {
    let mut n = before;
    for i in &func.block(b).insts {
        match &i.op {
            Op::Defer { .. } => n += 1,
            Op::DeferPop(_) => n = n.checked_sub(1)?,
            Op::DeferUnlink(_) if n <= 1 => n = 0,
            Op::DeferReturn(_) if n == 0 => {}
            op if n == 0 || is_harmless(program, func, defs, op) => {}
            _ => return None,
        }
    }
    Some(n)
}

/// Whether a pointer leads to a variable, which it does if it is not nil, and that is checked by operations of their own.
/// Elements of slices may be memory that has been protected: programs catch such faults.
fn is_variable(func: &Func, defs: &Defs, mut p: ValueId) -> bool {
    loop {
        match defs.op(func, p) {
            Some(Op::FieldAddr(base, _) | Op::ElemAddr { base, .. } | Op::Convert(Conv::Same, base)) => p = *base,
            Some(Op::DataPtr(_) | Op::Convert(..) | Op::Slice { .. } | Op::Intrinsic(..)) => return false,
            _ => return true,
        }
    }
}

/// Whether an operation neither panics nor runs other code.
fn is_harmless(program: &Program, func: &Func, defs: &Defs, op: &Op) -> bool {
    match op {
        Op::LocalSet(..) | Op::Preempt | Op::Recover(_) => true,
        Op::Load(p) | Op::Store { ptr: p, .. } | Op::Clear(p, _) => is_variable(func, defs, *p),
        Op::Copy { dst, src, .. } => is_variable(func, defs, *dst) && is_variable(func, defs, *src),
        Op::LoadBytes { .. } | Op::StoreBytes { .. } | Op::DecodeRune(..) => false,
        Op::Compare(_, x, _) => !matches!(program.types.under(func.ty(*x)), Ty::Basic(Basic::String)),
        // They may call a function that looks at what it is given.
        Op::Equal(..) | Op::EqualIface { .. } | Op::Concat(..) | Op::MakeSlice(..) | Op::MakeChan(_) => false,
        Op::ChangeIface(_) | Op::TypeAssertOk(_) | Op::Unbox(_) | Op::ChanLen(_) | Op::ChanCap(_) => false,
        Op::Convert(c, _) => matches!(c, Conv::Same | Conv::Numeric),
        op => memory(op) <= Memory::Read && is_removable(program, func, defs, op),
    }
}
