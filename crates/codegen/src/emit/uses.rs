//! What the translation wants to know of a body beforehand: definitions, uses, order of blocks.

use itab_ir::func::{BlockId, Func, ValueId};
use itab_ir::op::{Callee, Op, Place, Term};

/// Definitions and numbers of uses of values.
pub struct Uses {
    defs: Vec<Option<(u32, u32)>>,
    counts: Vec<u32>,
}

impl Uses {
    /// Of a body.
    pub fn new(func: &Func) -> Uses {
        let mut u = Uses { defs: vec![None; func.values.len()], counts: vec![0; func.values.len()] };
        for (b, block) in func.blocks.iter().enumerate() {
            for (i, inst) in block.insts.iter().enumerate() {
                if let Some(v) = inst.result {
                    u.defs[v.index()] = Some((b as u32, i as u32));
                }
                for_each_operand(&inst.op, &mut |v| u.counts[v.index()] += 1);
            }
            for_each_term_operand(&block.term, &mut |v| u.counts[v.index()] += 1);
        }
        u
    }

    /// Block and index of the instruction that defines a value.
    pub fn def(&self, v: ValueId) -> Option<(u32, u32)> {
        self.defs[v.index()]
    }

    /// How often a value is used.
    pub fn count(&self, v: ValueId) -> u32 {
        self.counts[v.index()]
    }
}

/// Calls `f` with every operand.
pub fn for_each_operand(op: &Op, f: &mut dyn FnMut(ValueId)) {
    use Op::*;
    match op {
        Const(_) | GlobalAddr(_) | FuncVal(_) | TypeDesc(_) | ItabDesc(..) | LocalGet(_) | Capture(_) | Receiver
        | Alloc(..) | DeferFrame(_) | Recover(None) | Preempt => {}
        LocalSet(_, v)
        | Load(v)
        | LoadBytes { ptr: v, .. }
        | Clear(v, _)
        | FieldAddr(v, _)
        | NilCheck(v)
        | DivCheck(v)
        | ShiftCheck(v)
        | WrapCheck(v, _)
        | Extract(v, _)
        | DataPtr(v)
        | Len(v)
        | Cap(v)
        | Real(v)
        | Imag(v)
        | Unary(_, v)
        | IsNil(v)
        | Convert(_, v)
        | ClearSlice(v)
        | MakeIface(v, _)
        | ChangeIface(v)
        | TypeAssert(v)
        | TypeAssertOk(v)
        | Unbox(v)
        | IfaceType(v)
        | IfaceData(v)
        | IfaceTab(v)
        | Go(v)
        | DeferReturn(v)
        | DeferPop(v)
        | DeferUnlink(v)
        | Recover(Some(v))
        | MakeChan(v)
        | Recv(v)
        | RecvOk(v)
        | CloseChan(v)
        | ChanLen(v)
        | ChanCap(v) => f(*v),
        Store { ptr: a, val: b }
        | StoreBytes { ptr: a, val: b, .. }
        | Copy { dst: a, src: b, .. }
        | ElemAddr { base: a, index: b, .. }
        | BoundsCheck { index: a, len: b }
        | MakeStringHeader(a, b)
        | MakeComplex(a, b)
        | Binary(_, a, b)
        | Compare(_, a, b)
        | Equal(a, b)
        | EqualIface { iface: a, value: b }
        | MakeSlice(a, b, _)
        | AppendSlice(a, b)
        | AppendZeros(a, b)
        | CopySlice(a, b)
        | DecodeRune(a, b)
        | MakeIfaceRaw(a, b)
        | Defer { frame: a, func: b, .. }
        | Send(a, b) => {
            f(*a);
            f(*b);
        }
        MakeSliceHeader(a, b, c) => [*a, *b, *c].into_iter().for_each(f),
        Aggregate(v) | Intrinsic(_, v) | Concat(v, _) | MakeClosure(_, v, _) | Print { args: v, .. } => {
            v.iter().copied().for_each(f)
        }
        Append(s, v, _) => std::iter::once(s).chain(v).copied().for_each(f),
        Slice { x, lo, hi, max, .. } => [Some(*x), *lo, *hi, *max].into_iter().flatten().for_each(f),
        Call(callee, v) => callee_operand(callee).into_iter().chain(v.iter().copied()).for_each(f),
        Select { cases, .. } => cases.iter().flat_map(|c| std::iter::once(c.chan).chain(c.send)).for_each(f),
    }
}

fn callee_operand(c: &Callee) -> Option<ValueId> {
    match c {
        Callee::Static(_) => None,
        Callee::Closure(v) => Some(*v),
        Callee::Interface { iface, .. } => Some(*iface),
    }
}

/// Calls `f` with every operand of a terminator.
pub fn for_each_term_operand(term: &Term, f: &mut dyn FnMut(ValueId)) {
    match term {
        Term::Jump(_, v) | Term::Return(v) => v.iter().copied().for_each(f),
        Term::If { cond, then, els } => {
            std::iter::once(cond).chain(&then.1).chain(&els.1).copied().for_each(f);
        }
        Term::Switch { value: v, .. } | Term::TypeSwitch { x: v, .. } | Term::Panic(v) => f(*v),
        Term::TailCall(c, v) => callee_operand(c).into_iter().chain(v.iter().copied()).for_each(f),
        Term::TryCall { frame, args, .. } => std::iter::once(frame).chain(args).copied().for_each(f),
        Term::Try { frame, kept, .. } => std::iter::once(*frame).chain(kept.iter().map(|k| k.0)).for_each(f),
        Term::Unreachable => {}
    }
}

/// Reachable blocks; a block comes after its dominators.
pub fn reverse_postorder(func: &Func) -> Vec<BlockId> {
    let mut seen = vec![false; func.blocks.len()];
    let mut order = vec![];
    let mut stack = vec![(BlockId(0), func.blocks[0].term.successors())];
    seen[0] = true;
    while let Some((b, left)) = stack.last_mut() {
        match left.pop() {
            None => {
                order.push(*b);
                stack.pop();
            }
            Some(s) => {
                if !std::mem::replace(&mut seen[s.index()], true) {
                    stack.push((s, func.block(s).term.successors()));
                }
            }
        }
    }
    order.reverse();
    order
}

/// Whether a body makes objects in its frame whose addresses callees may get.
pub fn has_stack_objects(func: &Func) -> bool {
    let on_stack = |op: &Op| op.place() == Some(Place::Stack) || matches!(op, Op::DeferFrame(_));
    func.blocks.iter().flat_map(|b| &b.insts).any(|i| on_stack(&i.op))
}
