//! Functions that the compiler implements itself: those without a body in Go, and those that an operation does faster.

use crate::emit::Emit;
use crate::func::{Func, ValueId};
use crate::op::{Conv, Intrinsic, Op, Term};
use crate::program::FuncId;
use crate::ty::{Ty, TyId};
use crate::world::{Res, World};
use itab_types::ObjId;

/// What stands for such a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Special {
    /// An operation on the arguments.
    Op(Intrinsic),
    /// Nothing but the evaluation of the arguments.
    Nothing,
    /// `abi.FuncPCABI0(f)`
    FuncPc,
}

impl World {
    /// What the compiler knows of a function.
    pub(crate) fn special(&self, obj: ObjId) -> Option<Special> {
        let o = self.store.obj(obj);
        if o.as_func().is_none_or(|f| f.is_method) {
            return None;
        }
        let path = self.store.pkg(o.pkg?).path.clone();
        let name = self.store.text(o.name);
        match &*path {
            "math" => math(name),
            "math/bits" => bits(name),
            "sync/atomic" if self.decl_body(obj).is_none() => sync_atomic(name),
            "internal/runtime/atomic" if self.decl_body(obj).is_none() => runtime_atomic(name),
            "internal/bytealg" => (name == "matches").then_some(Special::Op(Intrinsic::MatchBytes)),
            "internal/runtime/sys" => sys(name),
            "internal/runtime/math" => match name {
                "Mul64" => Some(Special::Op(Intrinsic::Mul64)),
                "Add64" => Some(Special::Op(Intrinsic::Add64)),
                _ => None,
            },
            "internal/abi" => match name {
                "FuncPCABI0" | "FuncPCABIInternal" => Some(Special::FuncPc),
                "EscapeNonString" | "EscapeToResultNonString" => None,
                _ => None,
            }
            .or((name == "EscapeNonString").then_some(Special::Nothing)),
            "runtime" => {
                (name == "KeepAlive" && self.decl_body(obj).is_none()).then_some(Special::Op(Intrinsic::KeepAlive))
            }
            _ => None,
        }
    }
}

fn math(name: &str) -> Option<Special> {
    Some(Special::Op(match name {
        "Sqrt" | "sqrt" => Intrinsic::Sqrt,
        "Floor" => Intrinsic::Floor,
        "Ceil" => Intrinsic::Ceil,
        "Trunc" => Intrinsic::Trunc,
        "RoundToEven" => Intrinsic::RoundToEven,
        "Abs" => Intrinsic::Abs,
        "Copysign" => Intrinsic::Copysign,
        "FMA" => Intrinsic::Fma,
        "Float64bits" | "Float64frombits" | "Float32bits" | "Float32frombits" => Intrinsic::Bitcast,
        _ => return None,
    }))
}

fn bits(name: &str) -> Option<Special> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    Some(Special::Op(match (stem, name) {
        ("LeadingZeros", _) => Intrinsic::LeadingZeros,
        ("TrailingZeros", _) => Intrinsic::TrailingZeros,
        ("OnesCount", _) => Intrinsic::OnesCount,
        ("ReverseBytes", _) => Intrinsic::ReverseBytes,
        ("RotateLeft", _) => Intrinsic::RotateLeft,
        (_, "Mul64" | "Mul") => Intrinsic::Mul64,
        (_, "Add64" | "Add") => Intrinsic::Add64,
        (_, "Sub64" | "Sub") => Intrinsic::Sub64,
        _ => return None,
    }))
}

fn sys(name: &str) -> Option<Special> {
    Some(Special::Op(match name {
        "GetCallerPC" => Intrinsic::CallerPc,
        "GetCallerSP" => Intrinsic::CallerSp,
        "GetClosurePtr" => Intrinsic::ClosurePtr,
        "TrailingZeros32" | "TrailingZeros64" | "TrailingZeros8" => Intrinsic::TrailingZeros,
        "LeadingZeros64" | "LeadingZeros8" => Intrinsic::LeadingZeros,
        "OnesCount64" => Intrinsic::OnesCount,
        "Bswap32" | "Bswap64" => Intrinsic::ReverseBytes,
        "Prefetch" | "PrefetchStreamed" => return Some(Special::Nothing),
        _ => return None,
    }))
}

fn sync_atomic(name: &str) -> Option<Special> {
    let table = [
        ("Load", Intrinsic::AtomicLoad),
        ("Store", Intrinsic::AtomicStore),
        ("Swap", Intrinsic::AtomicSwap),
        ("CompareAndSwap", Intrinsic::AtomicCas),
        ("Add", Intrinsic::AtomicAdd),
        ("And", Intrinsic::AtomicAnd),
        ("Or", Intrinsic::AtomicOr),
    ];
    let types = ["Int32", "Int64", "Uint32", "Uint64", "Uintptr", "Pointer"];
    let hit = table.iter().find(|(p, _)| name.strip_prefix(p).is_some_and(|t| types.contains(&t)));
    hit.map(|h| Special::Op(h.1))
}

fn runtime_atomic(name: &str) -> Option<Special> {
    let table = [
        ("StorepNoWB", Intrinsic::AtomicStore),
        ("Storep", Intrinsic::AtomicStore),
        ("Store", Intrinsic::AtomicStore),
        ("Load", Intrinsic::AtomicLoad),
        ("Xadd", Intrinsic::AtomicAdd),
        ("Xchg", Intrinsic::AtomicSwap),
        ("Cas", Intrinsic::AtomicCas),
        ("And", Intrinsic::AtomicAnd),
        ("Or", Intrinsic::AtomicOr),
    ];
    table.iter().find(|(p, _)| name.starts_with(p)).map(|h| Special::Op(h.1))
}

/// Emits the operation.
pub(crate) fn emit(
    w: &mut World,
    e: &mut Emit,
    s: Special,
    args: Vec<ValueId>,
    result: Option<TyId>,
) -> Res<Option<ValueId>> {
    match s {
        Special::Nothing => Ok(None),
        Special::FuncPc => {
            // The argument is an interface that holds a func.
            let data = e.op(World::unsafe_pointer(), Op::IfaceData(args[0]));
            let func0 = w.func0();
            let f = e.op(func0, Op::Convert(Conv::Same, data));
            Ok(result.map(|t| e.op(t, Op::Intrinsic(Intrinsic::FuncPc, vec![f]))))
        }
        Special::Op(i) if i.is_statement() => {
            let args = atomic_args(w, e, i, args);
            e.stmt(Op::Intrinsic(i, args));
            Ok(None)
        }
        Special::Op(i) => {
            let args = atomic_args(w, e, i, args);
            let own = match i {
                Intrinsic::AtomicAdd | Intrinsic::AtomicAnd | Intrinsic::AtomicOr => e.ty(args[1]),
                _ => result.unwrap_or(crate::world::INT),
            };
            let ty = result.unwrap_or(own);
            let v = e.op(ty, Op::Intrinsic(i, args));
            Ok(result.map(|_| v))
        }
    }
}

/// Operands of atomic operations have the type of what the pointer points to (deltas of Xadd do not in Go).
fn atomic_args(w: &World, e: &mut Emit, i: Intrinsic, mut args: Vec<ValueId>) -> Vec<ValueId> {
    use Intrinsic::*;
    if !matches!(i, AtomicStore | AtomicSwap | AtomicCas | AtomicAdd | AtomicAnd | AtomicOr) {
        return args;
    }
    let Ty::Pointer(elem) = *w.program.types.under(e.ty(args[0])) else { return args };
    for v in &mut args[1..] {
        if e.ty(*v) != elem {
            *v = e.op(elem, Op::Convert(Conv::Same, *v));
        }
    }
    args
}

/// The function, for when it is used as a value.
pub(crate) fn build_special(w: &mut World, id: FuncId, s: Special) -> Res<Func> {
    let mut e = Emit::new(&w.program, id);
    let args = e.params();
    let results = w.program.func(id).results.clone();
    let ty = match results[..] {
        [] => None,
        [one] => Some(one),
        _ => Some(w.program.types.intern(Ty::Tuple(results.clone()))),
    };
    let v = emit(w, &mut e, s, args, ty)?;
    let vals = match (v, results.len()) {
        (None, _) => vec![],
        (Some(v), 1) => vec![v],
        (Some(v), _) => results.iter().enumerate().map(|(i, &t)| e.op(t, Op::Extract(v, i as u32))).collect(),
    };
    e.term(Term::Return(vals));
    Ok(e.finish())
}
