//! Promotion: objects of which only parts are read and written become local variables (scalar replacement of
//! aggregates).
//!
//! An `Alloc` is promoted when its address is used only for loads, stores, copies, clears, nil checks, and for
//! addresses of fields and constant elements. The object is divided into *leaves*, the parts that are neither structs
//! nor small arrays. Each leaf becomes a local variable, which [`lift`](super::lift) turns into values. An object is
//! zero whenever its `Alloc` runs, so the locals are set to zero there.

use super::rewrite::{Defs, Renames};
use crate::func::{Func, Inst, Local, LocalId, Pos, ValueId};
use crate::op::{Const, Conv, Op};
use crate::operands::{operands, term_operands};
use crate::program::Program;
use crate::ty::{Ty, TyId, TypeTable};
use std::sync::Arc;

/// Most leaves of a promoted object.
const MAX_LEAVES: usize = 16;
/// The same when the object is also read or written as a whole.
const MAX_LEAVES_WHOLE: usize = 8;

/// Promotes what it can. Whether it did.
pub(crate) fn run(program: &Program, func: &mut Func) -> bool {
    let mut p = Promoter::new(program, func);
    if p.objects.is_empty() {
        return false;
    }
    p.rewrite();
    true
}

/// A type divided into leaves.
enum Shape {
    Leaf,
    Parts(Vec<(TyId, usize)>),
}

/// Where an address points: into which object, at which leaf it starts, and the type there.
#[derive(Clone, Copy)]
struct At {
    object: usize,
    leaf: usize,
    ty: TyId,
}

struct Object {
    locals: Vec<LocalId>,
    leaves: Vec<TyId>,
    ty: TyId,
}

struct Promoter<'a> {
    types: &'a TypeTable,
    func: &'a mut Func,
    objects: Vec<Object>,
    /// Addresses into promoted objects, by value.
    at: Vec<Option<At>>,
    out: Vec<Inst>,
    renames: Renames,
}

fn shape(types: &TypeTable, ty: TyId) -> Shape {
    let parts: Vec<TyId> = match types.under(ty) {
        Ty::Struct(fields) => fields.iter().map(|f| f.ty).collect(),
        Ty::Array(e, n) if *n <= MAX_LEAVES as u64 => vec![*e; *n as usize],
        _ => return Shape::Leaf,
    };
    let mut leaf = 0;
    Shape::Parts(
        parts
            .into_iter()
            .map(|t| {
                let at = leaf;
                leaf += leaf_count(types, t);
                (t, at)
            })
            .collect(),
    )
}

fn leaf_count(types: &TypeTable, ty: TyId) -> usize {
    match types.under(ty) {
        Ty::Struct(fields) => fields.iter().map(|f| leaf_count(types, f.ty)).sum(),
        Ty::Array(e, n) if *n <= MAX_LEAVES as u64 => *n as usize * leaf_count(types, *e),
        Ty::Array(..) => MAX_LEAVES + 1,
        _ => 1,
    }
}

fn leaves(types: &TypeTable, ty: TyId, out: &mut Vec<TyId>) {
    match shape(types, ty) {
        Shape::Leaf => out.push(ty),
        Shape::Parts(parts) => parts.iter().for_each(|p| leaves(types, p.0, out)),
    }
}

/// An address that is followed through a body: the `Alloc` it comes from and the type there.
#[derive(Clone, Copy)]
struct Root {
    alloc: ValueId,
    leaf: usize,
    ty: TyId,
}

/// Finds the objects whose addresses are used for nothing else.
struct Finder<'a> {
    types: &'a TypeTable,
    func: &'a Func,
    roots: Vec<Option<Root>>,
    bad: Vec<bool>,
    whole: Vec<bool>,
}

impl Finder<'_> {
    fn run(&mut self) {
        let order = crate::sanity::reverse_postorder(self.func);
        let defs = Defs::new(self.func);
        for b in order {
            let block = self.func.block(b);
            for inst in &block.insts {
                self.inst(&defs, &inst.op, inst.result);
            }
            term_operands(&block.term, &mut |v| self.refuse(v));
        }
    }

    fn root(&self, v: ValueId) -> Option<Root> {
        self.roots[v.index()]
    }

    fn refuse(&mut self, v: ValueId) {
        if let Some(r) = self.root(v) {
            self.bad[r.alloc.index()] = true;
        }
    }

    /// An access to a value of type `ty`.
    fn access(&mut self, p: ValueId, ty: TyId) {
        let Some(r) = self.root(p) else { return };
        if r.ty != ty {
            self.bad[r.alloc.index()] = true;
        } else if matches!(shape(self.types, ty), Shape::Parts(_)) {
            self.whole[r.alloc.index()] = true;
        }
    }

    fn inst(&mut self, defs: &Defs, op: &Op, result: Option<ValueId>) {
        match op {
            Op::Alloc(ty, _) => {
                let Some(v) = result else { return };
                if leaf_count(self.types, *ty) <= MAX_LEAVES {
                    self.roots[v.index()] = Some(Root { alloc: v, leaf: 0, ty: *ty });
                }
            }
            Op::Load(p) => {
                if let Some(v) = result {
                    self.access(*p, self.func.ty(v));
                }
            }
            Op::Store { ptr, val } => {
                self.refuse(*val);
                self.access(*ptr, self.func.ty(*val));
            }
            Op::Copy { dst, src, ty } => {
                self.access(*dst, *ty);
                self.access(*src, *ty);
            }
            Op::Clear(p, ty) => self.access(*p, *ty),
            Op::NilCheck(_) => {}
            Op::FieldAddr(p, i) => self.part(*p, u64::from(*i), result),
            Op::Convert(Conv::Same, p) => self.first_element(*p, result),
            Op::ElemAddr { base, index, .. } => {
                let parent = self.array_base(defs, *base);
                match (parent, defs.int(self.func, *index)) {
                    (Some(p), Some(i)) if i >= 0 => self.part(p, i as u64, result),
                    _ => self.refuse(*base),
                }
            }
            op => operands(op, &mut |v| self.refuse(v)),
        }
    }

    /// The pointer to an array whose elements a pointer to the first one is the base of.
    fn array_base(&self, defs: &Defs, base: ValueId) -> Option<ValueId> {
        match defs.op(self.func, base) {
            Some(Op::Convert(Conv::Same, p)) if self.root(*p).is_some() => Some(*p),
            _ => None,
        }
    }

    /// The address of part `i` of what `p` points to.
    fn part(&mut self, p: ValueId, i: u64, result: Option<ValueId>) {
        let (Some(r), Some(v)) = (self.root(p), result) else { return };
        match shape(self.types, r.ty) {
            Shape::Parts(parts) if (i as usize) < parts.len() => {
                let (ty, leaf) = parts[i as usize];
                self.roots[v.index()] = Some(Root { alloc: r.alloc, leaf: r.leaf + leaf, ty });
            }
            _ => self.bad[r.alloc.index()] = true,
        }
    }

    /// A pointer to an array as one to its element, or to a type of the same structure.
    fn first_element(&mut self, p: ValueId, result: Option<ValueId>) {
        let (Some(r), Some(v)) = (self.root(p), result) else { return };
        let to = match *self.types.under(self.func.ty(v)) {
            Ty::Pointer(e) => e,
            _ => {
                self.bad[r.alloc.index()] = true;
                return;
            }
        };
        match *self.types.under(r.ty) {
            _ if to == r.ty => self.roots[v.index()] = Some(Root { ty: to, ..r }),
            Ty::Array(e, n) if e == to && n > 0 && matches!(shape(self.types, r.ty), Shape::Parts(_)) => {
                self.roots[v.index()] = Some(Root { ty: to, ..r });
            }
            _ => self.bad[r.alloc.index()] = true,
        }
    }
}

impl<'a> Promoter<'a> {
    fn new(program: &'a Program, func: &'a mut Func) -> Promoter<'a> {
        let types = &program.types;
        let n = func.values.len();
        let mut find = Finder { types, func, roots: vec![None; n], bad: vec![false; n], whole: vec![false; n] };
        find.run();
        let Finder { roots, bad, whole, .. } = find;
        let mut objects = vec![];
        let mut number = vec![None; n];
        for r in roots.iter().flatten() {
            let i = r.alloc.index();
            if number[i].is_some() || bad[i] || r.leaf != 0 {
                continue;
            }
            let ty = roots[i].map_or(r.ty, |root| root.ty);
            let count = leaf_count(types, ty);
            if whole[i] && count > MAX_LEAVES_WHOLE {
                continue;
            }
            let mut list = vec![];
            leaves(types, ty, &mut list);
            let first = func.locals.len();
            for &t in &list {
                func.locals.push(Local { ty: t, name: Arc::from("part") });
            }
            number[i] = Some(objects.len());
            let locals = (first..first + list.len()).map(|l| LocalId(l as u32)).collect();
            objects.push(Object { locals, leaves: list, ty });
        }
        let at = roots
            .iter()
            .map(|r| {
                let r = (*r)?;
                Some(At { object: number[r.alloc.index()]?, leaf: r.leaf, ty: r.ty })
            })
            .collect();
        let renames = Renames::new(func);
        Promoter { types, func, objects, at, out: vec![], renames }
    }

    fn rewrite(&mut self) {
        for b in 0..self.func.blocks.len() {
            let insts = std::mem::take(&mut self.func.blocks[b].insts);
            self.out = Vec::with_capacity(insts.len());
            insts.into_iter().for_each(|i| self.inst(i));
            self.func.blocks[b].insts = std::mem::take(&mut self.out);
        }
        let renames = std::mem::take(&mut self.renames);
        renames.apply(self.func);
    }

    fn place(&self, v: ValueId) -> Option<At> {
        self.at.get(v.index()).copied().flatten()
    }

    fn emit(&mut self, ty: TyId, op: Op, pos: Pos) -> ValueId {
        let v = self.func.new_value(ty);
        self.out.push(Inst { op, result: Some(v), pos });
        v
    }

    fn inst(&mut self, inst: Inst) {
        let pos = inst.pos;
        match (&inst.op, inst.result) {
            (Op::Alloc(..), Some(v)) if let Some(at) = self.place(v) => self.zero(at, pos),
            (Op::FieldAddr(..) | Op::ElemAddr { .. } | Op::Convert(..), Some(v)) if self.place(v).is_some() => {}
            (Op::NilCheck(p), _) if self.place(*p).is_some() => {}
            (Op::Load(p), Some(v)) if let Some(at) = self.place(*p) => {
                let new = self.read(at.object, at.leaf, at.ty, pos);
                self.renames.set(v, new);
            }
            (Op::Store { ptr, val }, _) if let Some(at) = self.place(*ptr) => {
                let val = *val;
                self.write(at.object, at.leaf, at.ty, val, pos);
            }
            (Op::Clear(p, _), _) if let Some(at) = self.place(*p) => self.zero(at, pos),
            (Op::Copy { dst, src, ty }, _) if self.place(*dst).is_some() || self.place(*src).is_some() => {
                let (dst, src, ty) = (*dst, *src, *ty);
                let val = match self.place(src) {
                    Some(at) => self.read(at.object, at.leaf, ty, pos),
                    None => self.emit(ty, Op::Load(src), pos),
                };
                match self.place(dst) {
                    Some(at) => self.write(at.object, at.leaf, ty, val, pos),
                    None => self.out.push(Inst { op: Op::Store { ptr: dst, val }, result: None, pos }),
                }
            }
            _ => self.out.push(inst),
        }
    }

    fn zero(&mut self, at: At, pos: Pos) {
        let n = leaf_count(self.types, at.ty);
        for k in at.leaf..at.leaf + n {
            let (ty, l) = (self.objects[at.object].leaves[k], self.objects[at.object].locals[k]);
            let z = self.emit(ty, Op::Const(Const::Zero), pos);
            self.out.push(Inst { op: Op::LocalSet(l, z), result: None, pos });
        }
        debug_assert!(at.leaf + n <= leaf_count(self.types, self.objects[at.object].ty));
    }

    fn read(&mut self, object: usize, leaf: usize, ty: TyId, pos: Pos) -> ValueId {
        match shape(self.types, ty) {
            Shape::Leaf => {
                let l = self.objects[object].locals[leaf];
                self.emit(ty, Op::LocalGet(l), pos)
            }
            Shape::Parts(parts) => {
                let parts = parts.into_iter().map(|(t, at)| self.read(object, leaf + at, t, pos)).collect();
                self.emit(ty, Op::Aggregate(parts), pos)
            }
        }
    }

    fn write(&mut self, object: usize, leaf: usize, ty: TyId, val: ValueId, pos: Pos) {
        match shape(self.types, ty) {
            Shape::Leaf => {
                let l = self.objects[object].locals[leaf];
                self.out.push(Inst { op: Op::LocalSet(l, val), result: None, pos });
            }
            Shape::Parts(parts) => {
                for (i, (t, at)) in parts.into_iter().enumerate() {
                    let part = self.emit(t, Op::Extract(val, i as u32), pos);
                    self.write(object, leaf + at, t, part, pos);
                }
            }
        }
    }
}
