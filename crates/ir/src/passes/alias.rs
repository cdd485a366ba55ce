//! Which memory accesses may touch the same bytes, by type; and versions of memory.
//!
//! Each access has a [`Class`]: a field of a struct type, or a plain type. In type-safe code accesses of different
//! scalar types, and of different fields, never alias. In a body that makes pointers from `unsafe.Pointer` every access
//! may alias every other.
//!
//! [`Versions`] numbers the contents of each class at the start of each block: at two places with the same number the
//! memory has the same contents. A loop header keeps the number of a class that nothing in the loop writes.

use super::cfg::{Cfg, Loops};
use super::effects::{Memory, memory};
use super::rewrite::Defs;
use crate::func::{BlockId, Func, ValueId};
use crate::op::{Conv, Op, Term};
use crate::program::Program;
use crate::ty::{Basic, Ty, TyId, TypeTable};
use rustc_hash::FxHashMap;

/// What an access touches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Class {
    /// A field of a struct type (the underlying one), and its type.
    Field(TyId, u32, TyId),
    /// A variable of a type.
    Plain(TyId),
}

/// Elements of an array of bytes.
const BYTES: Class = Class::Plain(TypeTable::basic(Basic::Uint8));

impl Class {
    fn ty(self) -> TyId {
        match self {
            Class::Field(_, _, t) | Class::Plain(t) => t,
        }
    }
}

/// The classes of a body's accesses.
pub(crate) struct Classes {
    list: Vec<Class>,
    index: FxHashMap<Class, usize>,
    /// By class: the classes it may meet, itself included.
    meets: Vec<Vec<usize>>,
}

impl Classes {
    pub fn new(program: &Program, func: &Func, defs: &Defs) -> Classes {
        let types = &program.types;
        let mut c = Classes { list: vec![], index: FxHashMap::default(), meets: vec![] };
        let mut is_unsafe = false;
        for inst in func.blocks.iter().flat_map(|b| &b.insts) {
            match &inst.op {
                Op::Load(p) => c.add(class_of(types, func, defs, *p, inst.result.map(|r| func.ty(r)))),
                Op::Store { ptr, val } => c.add(class_of(types, func, defs, *ptr, Some(func.ty(*val)))),
                Op::LoadBytes { .. } | Op::StoreBytes { .. } => c.add(Some(BYTES)),
                Op::Copy { dst, src, ty } => {
                    c.add(class_of(types, func, defs, *dst, Some(*ty)));
                    c.add(class_of(types, func, defs, *src, Some(*ty)));
                }
                Op::Clear(p, ty) => c.add(class_of(types, func, defs, *p, Some(*ty))),
                Op::Convert(Conv::Same, x) => {
                    is_unsafe |= inst.result.is_some_and(|r| sees_otherwise(types, func.ty(*x), func.ty(r)));
                }
                _ => {}
            }
        }
        c.meets = (0..c.list.len())
            .map(|i| (0..c.list.len()).filter(|&j| is_unsafe || may_meet(types, c.list[i], c.list[j])).collect())
            .collect();
        c
    }

    fn add(&mut self, class: Option<Class>) {
        if let Some(class) = class
            && !self.index.contains_key(&class)
        {
            self.index.insert(class, self.list.len());
            self.list.push(class);
        }
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Number of the class of an access to a `ty` at `p`.
    pub fn of(&self, program: &Program, func: &Func, defs: &Defs, p: ValueId, ty: TyId) -> Option<usize> {
        class_of(&program.types, func, defs, p, Some(ty)).and_then(|c| self.index.get(&c).copied())
    }

    /// Calls `f` with every class that an operation may write.
    pub fn written(&self, program: &Program, func: &Func, defs: &Defs, op: &Op, f: &mut dyn FnMut(usize)) {
        let (p, ty) = match op {
            Op::Store { ptr, val } => (*ptr, func.ty(*val)),
            Op::StoreBytes { ptr, .. } => (*ptr, TypeTable::basic(Basic::Uint8)),
            Op::Copy { dst, ty, .. } => (*dst, *ty),
            Op::Clear(p, ty) => (*p, *ty),
            // Not seen as a write: whoever spins on a variable without synchronisation has no claim to see it change.
            Op::Preempt => return,
            op if memory(op) >= Memory::Write => return (0..self.len()).for_each(f),
            _ => return,
        };
        match self.of(program, func, defs, p, ty) {
            Some(c) => self.meets[c].iter().copied().for_each(f),
            None => (0..self.len()).for_each(f),
        }
    }
}

/// Whether a conversion of pointers lets memory be seen as another type; the elements of an array are not.
fn sees_otherwise(types: &TypeTable, from: TyId, to: TyId) -> bool {
    let Ty::Pointer(t) = *types.under(to) else { return false };
    match *types.under(from) {
        Ty::Pointer(f) => {
            let (f, t) = (types.underlying(f), types.underlying(t));
            f != t && !matches!(*types.get(f), Ty::Array(e, _) if types.underlying(e) == t)
        }
        _ => true,
    }
}

fn class_of(types: &TypeTable, func: &Func, defs: &Defs, p: ValueId, ty: Option<TyId>) -> Option<Class> {
    let ty = types.underlying(ty?);
    if let Some(Op::FieldAddr(base, i)) = defs.op(func, p)
        && let Ty::Pointer(st) = types.under(func.ty(*base))
    {
        return Some(Class::Field(types.underlying(*st), *i, ty));
    }
    Some(Class::Plain(ty))
}

fn may_meet(types: &TypeTable, a: Class, b: Class) -> bool {
    if let (Class::Field(s, i, _), Class::Field(t, j, _)) = (a, b)
        && s == t
    {
        return i == j;
    }
    let aggregate = |t: TyId| matches!(types.under(t), Ty::Struct(_) | Ty::Array(..));
    let (s, t) = (a.ty(), b.ty());
    if aggregate(s) || aggregate(t) {
        return true;
    }
    // Fields of different struct types are different memory; a plain pointer may point to a field.
    let both_fields = matches!((a, b), (Class::Field(..), Class::Field(..)));
    !both_fields && kind(types, s) == kind(types, t)
}

/// Types of one kind may be seen as each other by conversions of pointers to structures of them.
fn kind(types: &TypeTable, t: TyId) -> TyId {
    match types.under(t) {
        Ty::Pointer(_) => TypeTable::basic(Basic::UnsafePointer),
        _ => types.underlying(t),
    }
}

/// Numbers of memory's contents at the start of blocks, by class.
pub(crate) struct Versions {
    pub at_start: Vec<Vec<u32>>,
    pub next: u32,
}

impl Versions {
    pub fn new(program: &Program, func: &Func, defs: &Defs, cfg: &Cfg, loops: &Loops, classes: &Classes) -> Versions {
        let n = classes.len();
        let mut v = Versions { at_start: vec![vec![0; n]; func.blocks.len()], next: 1 };
        let mut at_end = vec![vec![0; n]; func.blocks.len()];
        let written = written_in_loops(program, func, defs, loops, classes);
        for &b in &cfg.order {
            let header = loops.of(b).filter(|&l| loops.loops[l].header == b);
            for c in 0..n {
                let fresh = loops.irreducible || header.is_some_and(|l| written[l][c]);
                let mut preds = cfg.preds[b.index()].iter().filter(|p| cfg.number(**p) < cfg.number(b));
                let first = preds.next().map(|p| at_end[p.index()][c]);
                let same = preds.all(|p| Some(at_end[p.index()][c]) == first);
                v.at_start[b.index()][c] = match first {
                    Some(x) if same && !fresh => x,
                    _ => v.fresh(),
                };
            }
            let mut now = v.at_start[b.index()].clone();
            for inst in &func.block(b).insts {
                classes.written(program, func, defs, &inst.op, &mut |c| now[c] = v.fresh());
            }
            if let Term::TryCall { .. } = func.block(b).term {
                now.iter_mut().for_each(|c| *c = v.fresh());
            }
            at_end[b.index()] = now;
        }
        v
    }

    pub fn fresh(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }
}

/// By loop and class: whether something in the loop writes it.
pub(crate) fn written_in_loops(
    program: &Program,
    func: &Func,
    defs: &Defs,
    loops: &Loops,
    classes: &Classes,
) -> Vec<Vec<bool>> {
    let in_block = |b: BlockId| {
        let mut out = vec![false; classes.len()];
        for inst in &func.block(b).insts {
            classes.written(program, func, defs, &inst.op, &mut |c| out[c] = true);
        }
        out
    };
    loops
        .loops
        .iter()
        .map(|l| {
            let mut all = vec![false; classes.len()];
            for &b in &l.blocks {
                all.iter_mut().zip(in_block(b)).for_each(|(a, w)| *a |= w);
            }
            all
        })
        .collect()
}
