//! What values may point to, for one function: a points-to analysis in the manner of Andersen, flow-insensitive and
//! field-insensitive.
//!
//! *Objects* stand for memory. There is one for each instruction that allocates ([`Object::Site`]), two for each input
//! (what it points to, and what can be reached from there), one for each new array of `append`, and [`WORLD`] for
//! everything else. Every value has a set of objects that it may point to; every object has a set of objects that its
//! contents may point to. An object escapes when WORLD may point to it: code outside the function may then keep it.
//!
//! What a callee does with its arguments comes from its [`Summary`]. A callee without one is assumed to do nothing;
//! [`PointsTo::asked`] then tells which callees matter, and the analysis is repeated with their summaries.
//!
//! Integers point to nothing, so an address that goes through a variable of type `uintptr` is lost, as in Go. The author
//! of such code promises that it is right. Within one expression the builder says which pointers a number was computed
//! from (`Intrinsic::PointerFrom`).

use super::effects::{Memory, intrinsic_memory, memory};
use super::leak::{Leak, Need, Needs, Summary};
use super::summary::Summaries;
use crate::func::{BlockId, Func, LocalId, ValueId};
use crate::op::{Callee, Const, Conv, Intrinsic, Op, Term};
use crate::operands::operands;
use crate::program::{Context, FuncDecl, FuncId, Known, Program};
use crate::ty::{Ty, TyId, TypeTable};
use rustc_hash::FxHashMap;

/// What an analysis is for.
pub(crate) enum Want<'a> {
    /// Which objects can be in the frame.
    Sites,
    /// What becomes of inputs.
    Inputs(&'a Needs),
}

/// The object that stands for all memory that has none of its own.
pub(crate) const WORLD: usize = 0;

/// A set of objects.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Set(Vec<u64>);

impl Set {
    fn new(n: usize) -> Set {
        Set(vec![0; n.div_ceil(64)])
    }

    pub fn has(&self, o: usize) -> bool {
        self.0.get(o / 64).is_some_and(|w| w & (1 << (o % 64)) != 0)
    }

    fn add(&mut self, o: usize) -> bool {
        let (w, bit) = (&mut self.0[o / 64], 1 << (o % 64));
        let new = *w & bit == 0;
        *w |= bit;
        new
    }

    fn remove(&mut self, o: usize) {
        self.0[o / 64] &= !(1 << (o % 64));
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|&w| w == 0)
    }

    fn has_more_than_world(&self) -> bool {
        self.0.iter().enumerate().any(|(i, &w)| if i == 0 { w & !(1 << WORLD) != 0 } else { w != 0 })
    }

    /// Whether they have an object in common.
    fn meets(&self, other: &Set) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    fn join(&mut self, other: &Set) -> bool {
        let mut changed = false;
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            changed |= *b & !*a != 0;
            *a |= b;
        }
        changed
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(i, &w)| {
            let mut w = w;
            std::iter::from_fn(move || {
                if w == 0 {
                    return None;
                }
                let bit = w.trailing_zeros() as usize;
                w &= w - 1;
                Some(i * 64 + bit)
            })
        })
    }
}

/// What an object is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Object {
    /// Everything else.
    World,
    /// What an input points to.
    Input,
    /// What can be reached from there.
    Content,
    /// Made by this instruction, which may put it in the frame.
    Site(BlockId, u32),
    /// On the heap in any case.
    Heap(BlockId),
}

/// The result of the analysis.
pub(crate) struct PointsTo {
    pub objects: Vec<Object>,
    /// By value.
    pub values: Vec<Set>,
    /// By local.
    pub locals: Vec<Set>,
    /// By object.
    pub contents: Vec<Set>,
    /// What results may point to.
    returned: Set,
    /// The same with all that can be reached from there.
    leaving: Set,
    /// The memory of the frame of deferred calls that the function is given.
    frame: Option<usize>,
    /// What deferred calls hold.
    pub held: Set,
    /// Objects that are written by more than the instruction that makes them.
    pub written: Set,
    inputs: Vec<usize>,
    /// How many inputs are captured values; those come first.
    captures: usize,
    /// The function that a func value is of.
    made: FxHashMap<ValueId, FuncId>,
    /// The object that an instruction makes, by block and index.
    site_of: FxHashMap<(u32, u32), usize>,
}

/// Bodies with more instructions are not analysed.
const MAX_INSTS: usize = 20_000;

impl PointsTo {
    /// What is to be solved for a body; none when it is too large.
    pub fn new(program: &Program, func: &Func) -> Option<PointsTo> {
        let size: usize = func.blocks.iter().map(|b| b.insts.len()).sum();
        (size <= MAX_INSTS).then(|| PointsTo::unsolved(program, func))
    }

    fn unsolved(program: &Program, func: &Func) -> PointsTo {
        let decl = program.func(func.id);
        let mut objects = vec![Object::World];
        let (captures, receiver) = match &decl.context {
            Context::None => (0, 0),
            Context::Captures(c) => (c.len(), 0),
            Context::Receiver(_) | Context::ReceiverAddr(_) => (0, 1),
        };
        let mut inputs = vec![];
        for _ in 0..captures + receiver + decl.params.len() {
            inputs.push(objects.len());
            objects.extend([Object::Input, Object::Content]);
        }
        let mut site_of = FxHashMap::default();
        let mut made = FxHashMap::default();
        for (b, block) in func.blocks.iter().enumerate() {
            for (i, inst) in block.insts.iter().enumerate() {
                let at = BlockId(b as u32);
                let object = match &inst.op {
                    Op::Convert(Conv::Same, v) => {
                        // A func value of a named type.
                        if let (Some(&f), Some(r)) = (made.get(v), inst.result) {
                            made.insert(r, f);
                        }
                        continue;
                    }
                    Op::MakeClosure(f, ..) => {
                        made.extend(inst.result.map(|r| (r, *f)));
                        Object::Site(at, i as u32)
                    }
                    op if op.place().is_some() => Object::Site(at, i as u32),
                    Op::Call(Callee::Static(f), _) if program.func(*f).known == Known::MakeMap => {
                        Object::Site(at, i as u32)
                    }
                    Op::AppendSlice(..) | Op::AppendZeros(..) | Op::DeferFrame(_) => Object::Heap(at),
                    Op::FuncVal(f) => {
                        made.extend(inst.result.map(|r| (r, *f)));
                        continue;
                    }
                    _ => continue,
                };
                site_of.insert((b as u32, i as u32), objects.len());
                objects.push(object);
            }
        }
        let n = objects.len();
        let empty = Set::new(n);
        PointsTo {
            values: vec![empty.clone(); func.values.len()],
            locals: vec![empty.clone(); func.locals.len()],
            contents: vec![empty.clone(); n],
            returned: empty.clone(),
            leaving: empty.clone(),
            written: empty.clone(),
            held: empty,
            frame: frame_param(func).map(|i| inputs[inputs.len() - func.blocks[0].params.len() + i]),
            objects,
            inputs,
            captures,
            made,
            site_of,
        }
    }

    /// Solves it, or goes on where more summaries are known than the last time: they only add to the sets.
    pub fn solve(&mut self, program: &Program, func: &Func, summaries: &Summaries) {
        let empty = Set::new(self.objects.len());
        let mut s = Solver { program, types: &program.types, func, p: self, callees: summaries, changed: false, empty };
        s.solve();
        self.leaving = self.reach(&self.returned);
        if let Some(o) = self.frame {
            let mut content = self.contents[o].clone();
            content.remove(o + 1);
            self.held = self.reach(&content);
        }
    }

    /// Whether code outside the function may keep a pointer to an object, or get one back.
    pub fn escapes(&self, o: usize) -> bool {
        self.contents[WORLD].has(o) || self.leaving.has(o)
    }

    /// The callees that get something open (see [`super::summary`]), with what must be asked.
    pub fn asked(&self, func: &Func, want: &Want) -> Vec<(FuncId, Needs)> {
        let mut out: Vec<(FuncId, Needs)> = vec![];
        let open = self.open(func, want);
        if open.is_empty() {
            return out;
        }
        self.calls(func, &mut |f, args, captured| {
            if self.is_own(func, f, captured) {
                return;
            }
            let list: Vec<Need> = args.iter().map(|&v| self.need(v, &open)).collect();
            if list.iter().all(|n| *n == Need::default()) {
                return;
            }
            let needs = match captured {
                true => Needs { captures: list, params: vec![] },
                false => Needs { captures: vec![], params: list },
            };
            match out.iter_mut().find(|x| x.0 == f) {
                Some(x) => x.1.join(&needs),
                None => out.push((f, needs)),
            }
        });
        out
    }

    /// What of an argument is open.
    fn need(&self, v: ValueId, open: &Set) -> Need {
        let set = &self.values[v.index()];
        let mut inner = Set::new(self.objects.len());
        set.iter().for_each(|o| {
            inner.join(&self.contents[o]);
        });
        Need { itself: set.meets(open), content: self.reach(&inner).meets(open) }
    }

    /// Whether it is a function's call of itself, about which it need not ask.
    fn is_own(&self, func: &Func, f: FuncId, captured: bool) -> bool {
        f == func.id && !captured
    }

    /// Calls of known functions, and what closures capture.
    fn calls(&self, func: &Func, found: &mut dyn FnMut(FuncId, &[ValueId], bool)) {
        let called = |c: &Callee| match c {
            Callee::Static(f) => Some(*f),
            Callee::Closure(v) => self.made.get(v).copied(),
            Callee::Interface { .. } => None,
        };
        for b in &func.blocks {
            for inst in &b.insts {
                match &inst.op {
                    Op::Call(c, args) if let Some(f) = called(c) => found(f, args, false),
                    Op::MakeClosure(f, args, _) => found(*f, args, true),
                    _ => {}
                }
            }
            match &b.term {
                Term::TryCall { callee, args, .. } => found(*callee, args, false),
                Term::TailCall(c, args) if let Some(f) = called(c) => found(f, args, false),
                _ => {}
            }
        }
    }

    /// The objects that are wanted and have not escaped. What the function gives itself makes inputs of it wanted.
    fn open(&self, func: &Func, want: &Want) -> Set {
        let mut out = Set::new(self.objects.len());
        match want {
            Want::Inputs(needs) => {
                let captures = needs.captures.iter().take(self.captures).enumerate();
                captures.for_each(|(i, n)| self.open_input(i, *n, &mut out));
                let params = needs.params.iter().enumerate();
                params.for_each(|(i, n)| self.open_input(self.captures + i, *n, &mut out));
            }
            Want::Sites => {
                for (o, object) in self.objects.iter().enumerate() {
                    if let Object::Site(b, i) = *object
                        && !self.escapes(o)
                        && !is_static_box(func, b, i)
                    {
                        out.add(o);
                    }
                }
            }
        }
        while !out.is_empty() {
            let before = out.clone();
            self.calls(func, &mut |f, args, captured| {
                if self.is_own(func, f, captured) {
                    for (i, &a) in args.iter().enumerate() {
                        let need = self.need(a, &before);
                        self.open_input(self.captures + i, need, &mut out);
                    }
                }
            });
            if out == before {
                break;
            }
        }
        out
    }

    fn open_input(&self, i: usize, need: Need, out: &mut Set) {
        let o = self.inputs[i];
        for (o, need) in [(o, need.itself), (o + 1, need.content)] {
            if need && !self.contents[WORLD].has(o) {
                out.add(o);
            }
        }
    }

    /// All that can be reached from a set.
    pub fn reach(&self, from: &Set) -> Set {
        let mut out = from.clone();
        let mut work: Vec<usize> = from.iter().collect();
        while let Some(o) = work.pop() {
            for c in self.contents[o].iter() {
                if out.add(c) {
                    work.push(c);
                }
            }
        }
        out
    }

    /// Whether a value is the frame of deferred calls that the function is given.
    fn is_frame(&self, func: &Func, v: ValueId) -> bool {
        frame_param(func).is_some_and(|i| func.blocks[0].params[i] == v)
    }

    fn leak(&self, input: usize, leaving: &Set) -> Leak {
        let o = self.inputs[input];
        Leak {
            itself: self.contents[WORLD].has(o),
            content: self.contents[WORLD].has(o + 1),
            returned: leaving.has(o),
            content_returned: leaving.has(o + 1),
            written: self.written.has(o),
            content_written: self.written.has(o + 1),
            deferred: self.held.has(o),
            content_deferred: self.held.has(o + 1),
        }
    }

    /// What the function does with its inputs, as far as it was asked.
    pub fn summary(&self, needs: &Needs) -> Summary {
        let leak = |i: usize, need: Need| self.leak(i, &self.leaving).answers(need);
        Summary {
            captures: needs.captures.iter().take(self.captures).enumerate().map(|(i, n)| leak(i, *n)).collect(),
            params: needs.params.iter().enumerate().map(|(i, n)| leak(self.captures + i, *n)).collect(),
        }
    }
}

/// The parameter that is the frame of deferred calls.
pub(super) fn frame_param(func: &Func) -> Option<usize> {
    let frame = func.blocks.iter().flat_map(|b| &b.insts).find_map(|i| match i.op {
        Op::Defer { frame, .. } => Some(frame),
        _ => None,
    })?;
    func.blocks[0].params.iter().position(|&p| p == frame)
}

/// The iterator and the map that a call starts to iterate over.
fn iteration(f: &FuncDecl, args: &[ValueId]) -> Option<(ValueId, ValueId)> {
    match (f.known, &f.context, args) {
        (Known::MapIterStart, Context::None, &[_, m, it]) | (Known::MapIterStart, _, &[it, _, m]) => Some((it, m)),
        _ => None,
    }
}

/// Whether an object is a box of a constant, which is never made.
fn is_static_box(func: &Func, b: BlockId, i: u32) -> bool {
    let insts = &func.block(b).insts;
    let Op::MakeIface(v, _) = insts[i as usize].op else { return false };
    insts[..i as usize].iter().rev().take(8).any(|x| x.result == Some(v) && matches!(x.op, Op::Const(_)))
}

struct Solver<'a> {
    program: &'a Program,
    types: &'a TypeTable,
    func: &'a Func,
    p: &'a mut PointsTo,
    callees: &'a Summaries,
    changed: bool,
    empty: Set,
}

impl Solver<'_> {
    fn solve(&mut self) {
        let context = self.context_inputs();
        self.p.contents[WORLD].add(WORLD);
        for &o in &self.p.inputs.clone() {
            self.p.contents[o].add(o + 1);
            self.p.contents[o + 1].add(o + 1);
        }
        for (i, &v) in self.func.blocks[0].params.iter().enumerate() {
            if self.has_pointers(self.func.ty(v)) {
                let o = self.p.inputs[context + i];
                self.p.values[v.index()].add(o);
            }
        }
        loop {
            self.changed = false;
            for b in 0..self.func.blocks.len() {
                self.block(BlockId(b as u32));
            }
            self.spread();
            if !self.changed {
                return;
            }
        }
    }

    fn context_inputs(&self) -> usize {
        self.p.inputs.len() - self.func.blocks[0].params.len()
    }

    /// What an escaped object holds escapes, and code outside may store anything there. So it is with the caller's
    /// memory: what is stored there escapes. An object that is returned has escaped too.
    fn spread(&mut self) {
        for o in 1..self.p.objects.len() {
            let input = matches!(self.p.objects[o], Object::Input | Object::Content);
            if !self.p.contents[WORLD].has(o) && !self.p.returned.has(o) && !input {
                continue;
            }
            if self.p.frame == Some(o) && !self.p.contents[WORLD].has(o) {
                continue;
            }
            let mut content = self.p.contents[o].clone();
            if input && !self.p.contents[WORLD].has(o) {
                // Its own content is there anyway.
                let own = if matches!(self.p.objects[o], Object::Input) { o + 1 } else { o };
                content.0[own / 64] &= !(1 << (own % 64));
            }
            self.changed |= self.p.contents[WORLD].join(&content);
            self.changed |= self.p.contents[o].add(WORLD);
        }
    }

    fn has_pointers(&self, ty: TyId) -> bool {
        match self.types.get(ty) {
            Ty::Tuple(parts) => parts.iter().any(|&t| self.has_pointers(t)),
            _ => self.types.ptr_bytes(ty) > 0,
        }
    }

    fn of(&self, v: ValueId) -> &Set {
        &self.p.values[v.index()]
    }

    /// Pointers flow from a set to a value.
    fn flow(&mut self, from: &Set, to: ValueId) {
        self.changed |= self.p.values[to.index()].join(from);
    }

    fn copy(&mut self, from: ValueId, to: ValueId) {
        if from != to {
            let set = std::mem::take(&mut self.p.values[from.index()]);
            self.changed |= self.p.values[to.index()].join(&set);
            self.p.values[from.index()] = set;
        }
    }

    fn content(&self, of: &Set) -> Set {
        let mut out = self.empty.clone();
        of.iter().for_each(|o| {
            out.join(&self.p.contents[o]);
        });
        out
    }

    /// What elements of a slice may point to.
    fn elements(&self, s: ValueId) -> Set {
        if self.has_pointers(self.types.elem(self.func.ty(s))) { self.content(self.of(s)) } else { self.empty.clone() }
    }

    fn write(&mut self, what: &Set) {
        self.changed |= self.p.written.join(what);
    }

    fn write_value(&mut self, v: ValueId) {
        self.changed |= self.p.written.join(&self.p.values[v.index()]);
    }

    fn put(&mut self, into: &Set, what: &Set) {
        for o in into.iter() {
            self.changed |= self.p.contents[o].join(what);
        }
    }

    fn escape(&mut self, what: &Set) {
        self.changed |= self.p.contents[WORLD].join(what);
    }

    fn escape_value(&mut self, v: ValueId) {
        let set = std::mem::take(&mut self.p.values[v.index()]);
        self.escape(&set);
        self.p.values[v.index()] = set;
    }

    fn add(&mut self, v: ValueId, o: usize) {
        self.changed |= self.p.values[v.index()].add(o);
    }

    fn block(&mut self, b: BlockId) {
        let func = self.func;
        for (i, inst) in func.block(b).insts.iter().enumerate() {
            self.inst(&inst.op, inst.result, (b.0, i as u32));
        }
        let term = &func.block(b).term;
        super::rewrite::edges(term, &mut |to, args| {
            for (&p, &a) in func.block(to).params.iter().zip(args) {
                self.copy(a, p);
            }
        });
        match term {
            Term::Return(vs) => vs.iter().for_each(|&v| self.return_value(v)),
            Term::TailCall(c, args) => {
                let set = self.call(c, args);
                self.changed |= self.p.returned.join(&set);
            }
            Term::TryCall { frame, callee, args, .. } => {
                self.call(&Callee::Static(*callee), args);
                self.hold(*frame, *callee, args);
            }
            Term::Panic(v) => self.escape_value(*v),
            Term::TypeSwitch { x, cases, .. } => {
                let mut set = self.of(*x).clone();
                set.join(&self.content(&set));
                for c in cases {
                    func.block(c.target).params.iter().for_each(|&p| self.flow(&set, p));
                }
            }
            _ => {}
        }
    }

    fn return_value(&mut self, v: ValueId) {
        let set = std::mem::take(&mut self.p.values[v.index()]);
        self.changed |= self.p.returned.join(&set);
        self.p.values[v.index()] = set;
    }

    fn site(&mut self, at: (u32, u32), r: ValueId) -> usize {
        let o = self.p.site_of[&at];
        self.add(r, o);
        o
    }

    fn inst(&mut self, op: &Op, result: Option<ValueId>, at: (u32, u32)) {
        if memory(op) == Memory::Write {
            let mut through = None;
            operands(op, &mut |v| _ = through.get_or_insert(v));
            through.into_iter().for_each(|p| self.write_value(p));
        }
        match (op, result) {
            (Op::LocalSet(l, v), _) => self.set_local(*l, *v),
            (Op::Store { ptr, val }, _) if self.has_pointers(self.func.ty(*val)) => {
                let (p, v) = (self.of(*ptr).clone(), self.of(*val).clone());
                self.put(&p, &v);
            }
            (Op::Copy { dst, src, ty }, _) if self.has_pointers(*ty) => {
                let (d, s) = (self.of(*dst).clone(), self.of(*src).clone());
                let s = self.content(&s);
                self.put(&d, &s);
            }
            (Op::Defer { frame, func, .. }, _) => match self.p.frame {
                Some(o) if self.p.is_frame(self.func, *frame) => {
                    let set = self.of(*func).clone();
                    self.changed |= self.p.contents[o].join(&set);
                }
                _ => self.escape_value(*func),
            },
            (Op::Go(v) | Op::Send(_, v), _) => self.escape_value(*v),
            (Op::Select { cases, .. }, _) => {
                cases.iter().filter_map(|c| c.send).for_each(|v| self.escape_value(v));
                result.into_iter().for_each(|r| self.add(r, WORLD));
            }
            (Op::CopySlice(d, s), _) if self.has_pointers(self.types.elem(self.func.ty(*d))) => {
                let (d, s) = (self.of(*d).clone(), self.of(*s).clone());
                let s = self.content(&s);
                self.put(&d, &s);
            }
            (Op::Intrinsic(i, args), _) => self.intrinsic(*i, args, result),
            (Op::Call(c, args), _) => {
                let set = self.call(c, args);
                if let Some(r) = result
                    && self.has_pointers(self.func.ty(r))
                {
                    self.flow(&set, r);
                    if self.p.site_of.contains_key(&at) {
                        self.site(at, r);
                    }
                }
            }
            (op, Some(r)) if self.has_pointers(self.func.ty(r)) => self.value(op, r, at),
            _ => {}
        }
    }

    fn set_local(&mut self, l: LocalId, v: ValueId) {
        let set = std::mem::take(&mut self.p.values[v.index()]);
        self.changed |= self.p.locals[l.index()].join(&set);
        self.p.values[v.index()] = set;
    }

    /// Operations whose result has pointers.
    fn value(&mut self, op: &Op, r: ValueId, at: (u32, u32)) {
        match op {
            Op::Const(Const::Zero | Const::Str(_))
            | Op::FuncVal(_)
            | Op::TypeDesc(_)
            | Op::ItabDesc(..)
            | Op::IfaceTab(_)
            | Op::IfaceType(_) => {}
            Op::DeferFrame(_) => {
                self.site(at, r);
            }
            Op::Convert(c, v) => match c {
                Conv::Same if !self.has_pointers(self.func.ty(*v)) => self.add(r, WORLD),
                Conv::Same | Conv::Numeric | Conv::SliceToArrayPtr | Conv::BytesAsString | Conv::StringAsBytes => {
                    self.copy(*v, r);
                }
                Conv::IntToString(_)
                | Conv::BytesToString(_)
                | Conv::RunesToString(_)
                | Conv::StringToBytes(_)
                | Conv::StringToRunes(_) => {
                    self.site(at, r);
                }
            },
            Op::LocalGet(l) => {
                let set = self.p.locals[l.index()].clone();
                self.flow(&set, r);
            }
            Op::Capture(i) => {
                let o = self.p.inputs[*i as usize];
                self.add(r, o);
            }
            Op::Receiver => {
                let o = self.p.inputs[0];
                self.add(r, o);
            }
            Op::Alloc(..) => {
                self.site(at, r);
            }
            Op::MakeSlice(..) => {
                self.site(at, r);
            }
            Op::MakeIface(v, _) => {
                if self.types.is_direct(self.func.ty(*v)) {
                    self.copy(*v, r);
                } else {
                    let o = self.site(at, r);
                    let set = self.of(*v).clone();
                    self.changed |= self.p.contents[o].join(&set);
                }
            }
            Op::MakeClosure(f, vs, _) => self.closure(*f, vs, r, at),
            Op::Load(p) => {
                let set = self.of(*p).clone();
                let set = self.content(&set);
                self.flow(&set, r);
            }
            Op::FieldAddr(v, _)
            | Op::ElemAddr { base: v, .. }
            | Op::DataPtr(v)
            | Op::Slice { x: v, .. }
            | Op::MakeSliceHeader(v, ..)
            | Op::MakeStringHeader(v, _)
            | Op::Extract(v, _)
            | Op::MakeIfaceRaw(_, v)
            | Op::IfaceData(v)
            | Op::ChangeIface(v) => self.copy(*v, r),
            Op::Aggregate(vs) => vs.iter().for_each(|&v| self.copy(v, r)),
            Op::Concat(vs, _) => {
                self.site(at, r);
                // If all others are empty, the result is one of the operands.
                vs.iter().for_each(|&v| self.copy(v, r));
            }
            Op::TypeAssert(v) | Op::TypeAssertOk(v) | Op::Unbox(v) => {
                // What a direct type holds, and what is in a box.
                self.copy(*v, r);
                let set = self.of(*v).clone();
                let set = self.content(&set);
                self.flow(&set, r);
            }
            Op::Append(s, vs, _) => {
                self.copy(*s, r);
                let o = self.site(at, r);
                let mut set = self.elements(*s);
                for v in vs {
                    set.join(self.of(*v));
                }
                let mut into = self.of(*s).clone();
                into.add(o);
                self.put(&into, &set);
            }
            Op::AppendZeros(s, _) => {
                self.copy(*s, r);
                let o = self.site(at, r);
                let set = self.elements(*s);
                self.changed |= self.p.contents[o].join(&set);
            }
            Op::AppendSlice(s, t) => {
                self.copy(*s, r);
                let o = self.site(at, r);
                let mut set = self.elements(*s);
                if self.has_pointers(self.types.elem(self.func.ty(*s))) {
                    set.join(&self.content(&self.of(*t).clone()));
                }
                let mut into = self.of(*s).clone();
                into.add(o);
                self.put(&into, &set);
            }
            _ => self.add(r, WORLD),
        }
    }

    fn closure(&mut self, f: FuncId, vs: &[ValueId], r: ValueId, at: (u32, u32)) {
        let o = self.site(at, r);
        let summary = self.callees.get(&f).cloned();
        for (i, &v) in vs.iter().enumerate() {
            let set = self.of(v).clone();
            self.changed |= self.p.contents[o].join(&set);
            // Whoever calls it: what its body does to a captured value happens.
            let leak = match &summary {
                Some(s) => s.captures.get(i).copied().unwrap_or(Leak::ALL),
                None => Leak::default(),
            };
            self.leak(leak, &set);
        }
    }

    fn leak(&mut self, leak: Leak, set: &Set) {
        if leak.itself {
            self.escape(set);
        }
        if leak.content {
            let content = self.content(set);
            self.escape(&content);
        }
        // Code that writes may store pointers of its own.
        if leak.written {
            self.write(set);
            self.put_world(set);
        }
        if leak.content_written {
            let content = self.p.reach(&self.content(set));
            self.write(&content);
            self.put_world(&content);
        }
    }

    fn put_world(&mut self, into: &Set) {
        for o in into.iter() {
            self.changed |= self.p.contents[o].add(WORLD);
        }
    }

    /// Effects of a call; gives what its results may point to.
    fn call(&mut self, c: &Callee, args: &[ValueId]) -> Set {
        let mut out = self.empty.clone();
        out.add(WORLD);
        let known = match c {
            Callee::Static(f) => Some(*f),
            Callee::Closure(v) => {
                // A result may come from what the closure captured.
                let set = self.of(*v).clone();
                out.join(&self.p.reach(&self.content(&set)));
                let all = self.p.reach(&set);
                self.put_world(&all);
                self.p.made.get(v).copied()
            }
            Callee::Interface { iface, .. } => {
                self.escape_value(*iface);
                None
            }
        };
        let summary = known.and_then(|f| self.callees.get(&f).cloned());
        if let Some(f) = known
            && let Some((it, m)) = iteration(self.program.func(f), args)
        {
            let (it, m) = (self.of(it).clone(), self.of(m).clone());
            self.put(&it, &m);
        }
        for (i, &a) in args.iter().enumerate() {
            if !self.has_pointers(self.func.ty(a)) {
                continue;
            }
            let leak = match &summary {
                _ if known == Some(self.func.id) => self.own_leak(i),
                Some(s) => s.params.get(i).copied().unwrap_or(Leak::ALL),
                None if known.is_some() => Leak::default(),
                None => Leak::ALL,
            };
            let set = self.of(a).clone();
            if !set.has_more_than_world() {
                continue;
            }
            self.leak(leak, &set);
            if leak.returned {
                out.join(&set);
            }
            if leak.content_returned {
                out.join(&self.p.reach(&self.content(&set)));
            }
        }
        out
    }

    /// What deferred calls hold of a body's arguments is in the frame of them.
    fn hold(&mut self, frame: ValueId, body: FuncId, args: &[ValueId]) {
        let Some(summary) = self.callees.get(&body).cloned() else { return };
        let frame = self.of(frame).clone();
        for (&a, leak) in args.iter().zip(&summary.params) {
            let set = self.of(a).clone();
            if leak.deferred {
                self.put(&frame, &set);
            }
            if leak.content_deferred {
                let content = self.content(&set);
                self.put(&frame, &content);
            }
        }
    }

    /// What this function does with its parameter `i`, as far as it is seen by now, for its calls of itself.
    fn own_leak(&self, i: usize) -> Leak {
        self.p.leak(self.p.captures + i, &self.p.reach(&self.p.returned))
    }

    fn intrinsic(&mut self, i: Intrinsic, args: &[ValueId], result: Option<ValueId>) {
        match i {
            Intrinsic::AtomicLoad
            | Intrinsic::AtomicStore
            | Intrinsic::AtomicSwap
            | Intrinsic::AtomicCas
            | Intrinsic::AtomicAdd
            | Intrinsic::AtomicAnd
            | Intrinsic::AtomicOr => {
                let Some((p, rest)) = args.split_first() else { return };
                self.write_value(*p);
                let into = self.of(*p).clone();
                for &v in rest {
                    if self.has_pointers(self.func.ty(v)) {
                        let set = self.of(v).clone();
                        self.put(&into, &set);
                    }
                }
                if let Some(r) = result
                    && self.has_pointers(self.func.ty(r))
                {
                    let set = self.content(&into);
                    self.flow(&set, r);
                }
            }
            Intrinsic::MatchBytes | Intrinsic::KeepAlive => {}
            // A pointer comes from its operands or from anywhere.
            _ if intrinsic_memory(i) == Memory::None => {
                if let Some(r) = result
                    && self.has_pointers(self.func.ty(r))
                {
                    args.iter().for_each(|&a| self.copy(a, r));
                    self.add(r, WORLD);
                }
            }
            _ => {
                args.iter().for_each(|&a| self.escape_value(a));
                result.into_iter().for_each(|r| self.add(r, WORLD));
            }
        }
    }
}
