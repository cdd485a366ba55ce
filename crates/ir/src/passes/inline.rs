//! Inlining: the bodies of small functions in place of calls.
//!
//! Inlining goes bottom up: the body that is inlined has had its own calls inlined. Calls of known functions, calls of
//! closures that the same body makes, and tail calls of wrappers are inlined. A callee must be small ([`cost`], with a
//! budget like gc's). It must not be marked `noinline` and must not use its own frame, as deferred calls and the
//! caller's PC do. An inlined `recover` is nil, because no panic has called its function; a wrapper does not inline a
//! callee that recovers.
//!
//! An inlined instruction's position is a number of an entry of [`Func::places`], which says in which inlined call it
//! stands, so that tracebacks show every frame. Wrappers have no frames in tracebacks: their instructions count as part
//! of the call.

use crate::driver;
use crate::func::{Block, BlockId, Func, INLINED, InlinedAt, Inst, LocalId, Pos, ValueId};
use crate::op::{Callee, Const, Intrinsic, Op, Term};
use crate::operands::{operands_mut, targets_mut, term_operands_mut};
use crate::program::{Context, FuncId, FuncKind, Known, Program};
use crate::ty::{Ty, TyId};
use crate::world::World;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Most that an inlined body may cost.
pub(crate) const BUDGET: u32 = 40;
/// The same for a closure that is called where it is made, and nowhere else as far as we see.
const CLOSURE_BUDGET: u32 = 120;
/// What a call costs at least, on the average, where its callee is inlined.
const INLINED_CALL: u32 = 8;
/// In functions with more instructions only tiny bodies are inlined.
const BIG_CALLER: usize = 4000;
const TINY: u32 = 12;
/// A function does not grow by more than so many instructions.
const MAX_GROWTH: usize = 2000;
/// How often the calls of a body are looked through.
pub(crate) const ROUNDS: usize = 4;
/// How deep inlined calls may be nested in each other.
const MAX_DEPTH: usize = 6;

/// A body with what it costs.
#[derive(Clone)]
pub(crate) struct Body {
    pub func: Arc<Func>,
    pub cost: u32,
}

/// What a body costs where it is inlined; none when it cannot be.
pub(crate) fn cost(program: &Program, func: &Func) -> Option<u32> {
    let decl = program.func(func.id);
    if decl.noinline || decl.kind == FuncKind::Body || func.blocks.len() > 64 {
        return None;
    }
    let mut sum = 0u32;
    for b in &func.blocks {
        let mut here = 0;
        for i in &b.insts {
            here += op_cost(program, &i.op)?;
            if decl.kind == FuncKind::Wrapper && matches!(i.op, Op::Recover(_)) {
                return None;
            }
        }
        here += match &b.term {
            Term::Jump(..) | Term::Return(_) | Term::Unreachable => 0,
            Term::If { .. } => 1,
            Term::Switch { cases, .. } => 2 + cases.len() as u32,
            Term::TypeSwitch { cases, .. } => 3 * cases.len() as u32,
            Term::Panic(_) => 2,
            Term::TailCall(..) if decl.kind == FuncKind::Wrapper => 6,
            Term::TailCall(..) | Term::TryCall { .. } | Term::Try { .. } => return None,
        };
        // A path into a panic is not copied often.
        sum += if b.cold || matches!(b.term, Term::Panic(_)) { here.min(6) } else { here };
        if sum > CLOSURE_BUDGET {
            return None;
        }
    }
    Some(sum)
}

/// Whether inlining into a body may make it one that can be inlined itself. A call that is inlined costs something, too;
/// what costs too much even so hardly gets cheaper.
pub(crate) fn may_be_inlined(program: &Program, func: &Func) -> bool {
    let decl = program.func(func.id);
    let most = if decl.kind == FuncKind::Closure { CLOSURE_BUDGET } else { BUDGET };
    let mut sum = 0;
    for b in &func.blocks {
        if matches!(b.term, Term::TryCall { .. }) {
            return false;
        }
        let cold = b.cold || matches!(b.term, Term::Panic(_));
        for i in &b.insts {
            sum += match (op_cost(program, &i.op), &i.op) {
                (None, _) => return false,
                _ if cold => 0,
                (_, Op::Call(..)) => INLINED_CALL,
                (Some(cost), _) => cost,
            };
        }
    }
    !decl.noinline && decl.kind != FuncKind::Body && sum <= most + most / 2
}

fn op_cost(program: &Program, op: &Op) -> Option<u32> {
    Some(match op {
        // Whoever waits for an object to be garbage wants the frame that knew the object to be gone.
        Op::Call(Callee::Static(f), _) if program.func(*f).known == Known::Watches => return None,
        Op::Const(_)
        | Op::GlobalAddr(_)
        | Op::FuncVal(_)
        | Op::TypeDesc(_)
        | Op::ItabDesc(..)
        | Op::Capture(_)
        | Op::Receiver
        | Op::LocalGet(_)
        | Op::LocalSet(..)
        | Op::FieldAddr(..)
        | Op::NilCheck(_)
        | Op::Aggregate(_)
        | Op::Extract(..)
        | Op::MakeSliceHeader(..)
        | Op::MakeStringHeader(..)
        | Op::DataPtr(_)
        | Op::Len(_)
        | Op::Cap(_)
        | Op::Real(_)
        | Op::Imag(_)
        | Op::MakeComplex(..)
        | Op::MakeIfaceRaw(..)
        | Op::IfaceData(_)
        | Op::IfaceTab(_) => 0,
        Op::Convert(crate::op::Conv::Same, _) | Op::Intrinsic(Intrinsic::PointerFrom, _) => 0,
        Op::DeferFrame(_)
        | Op::Defer { .. }
        | Op::DeferReturn(_)
        | Op::DeferPop(_)
        | Op::DeferUnlink(_)
        | Op::Recover(Some(_))
        | Op::Go(_)
        | Op::Select { .. } => return None,
        Op::Intrinsic(Intrinsic::CallerPc | Intrinsic::CallerSp | Intrinsic::ClosurePtr, _) => return None,
        Op::Call(..) => 16,
        Op::Append(..)
        | Op::AppendSlice(..)
        | Op::AppendZeros(..)
        | Op::TypeAssert(_)
        | Op::TypeAssertOk(_)
        | Op::ChangeIface(_) => 6,
        Op::Slice { .. } => 3,
        Op::MakeIface(..) | Op::Alloc(..) | Op::MakeClosure(..) | Op::MakeSlice(..) | Op::DecodeRune(..) => 4,
        Op::Concat(..) | Op::Send(..) | Op::Recv(_) | Op::RecvOk(_) | Op::Print { .. } => 8,
        _ => 1,
    })
}

/// A call to be replaced.
struct Site {
    block: BlockId,
    /// Number of the instruction, or of the instructions for a tail call.
    at: usize,
    body: Arc<Func>,
    args: Vec<ValueId>,
    captures: Vec<ValueId>,
}

/// How much a body has grown by inlining, in instructions.
pub(crate) struct Growth {
    /// How many it had before.
    start: usize,
    /// How many came in.
    by: usize,
    /// Whether calls were left because there were too many.
    pub refused: bool,
}

impl Growth {
    pub(crate) fn new(func: &Func) -> Growth {
        Growth { start: size(func), by: 0, refused: false }
    }
}

fn size(func: &Func) -> usize {
    func.blocks.iter().map(|b| b.insts.len()).sum()
}

/// Inlines calls. Whether there were any to inline.
pub(crate) fn run(world: &mut World, func: &mut Func) -> bool {
    let start = world.driver.inlining.last().map_or_else(|| size(func), |g| g.start);
    let sites = find(world, func, start);
    let any = !sites.is_empty();
    // From the last to the first, so that places stay valid.
    for s in sites.into_iter().rev() {
        if let Some(growth) = world.driver.inlining.last_mut() {
            if growth.by > MAX_GROWTH {
                growth.refused = true;
                break;
            }
            growth.by += size(&s.body);
        }
        Inliner::new(&mut world.program, func, s).run();
    }
    any
}

/// The closures that a body makes: function and captures by value.
fn closures(func: &Func) -> FxHashMap<ValueId, (FuncId, Vec<ValueId>)> {
    let mut made = FxHashMap::default();
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        match (&inst.op, inst.result) {
            (Op::MakeClosure(f, captures, _), Some(v)) => {
                made.insert(v, (*f, captures.clone()));
            }
            (Op::FuncVal(f), Some(v)) => {
                made.insert(v, (*f, vec![]));
            }
            _ => {}
        }
    }
    made
}

fn find(world: &mut World, func: &mut Func, size: usize) -> Vec<Site> {
    let made = closures(func);
    direct_calls(&world.program, func, &made);
    let mut out = vec![];
    for (i, b) in func.blocks.iter().enumerate() {
        if b.cold || matches!(b.term, Term::Panic(_)) {
            continue;
        }
        let block = BlockId(i as u32);
        for (at, inst) in b.insts.iter().enumerate() {
            if let Op::Call(callee, args) = &inst.op {
                let mut f = Finder { world, func, made: &made, size, pos: inst.pos };
                out.extend(f.site(callee, args).map(|(body, captures)| Site {
                    block,
                    at,
                    body,
                    args: args.clone(),
                    captures,
                }));
            }
        }
        if let Term::TailCall(callee, args) = &b.term {
            let mut f = Finder { world, func, made: &made, size, pos: b.term_pos };
            let at = b.insts.len();
            let args = args.clone();
            out.extend(f.site(callee, &args).map(|(body, captures)| Site { block, at, body, args, captures }));
        }
    }
    out
}

/// Calls of func values that are known functions without context become calls of these.
fn direct_calls(program: &Program, func: &mut Func, made: &FxHashMap<ValueId, (FuncId, Vec<ValueId>)>) {
    let known = |callee: &Callee| match callee {
        Callee::Closure(v) => match made.get(v) {
            Some((f, _)) if program.func(*f).context == Context::None => Some(*f),
            _ => None,
        },
        _ => None,
    };
    for b in &mut func.blocks {
        for inst in &mut b.insts {
            if let Op::Call(callee, _) = &mut inst.op
                && let Some(f) = known(callee)
            {
                *callee = Callee::Static(f);
            }
        }
        if let Term::TailCall(callee, _) = &mut b.term
            && let Some(f) = known(callee)
        {
            *callee = Callee::Static(f);
        }
    }
}

/// Looks at one call.
struct Finder<'a> {
    world: &'a mut World,
    func: &'a Func,
    made: &'a FxHashMap<ValueId, (FuncId, Vec<ValueId>)>,
    size: usize,
    pos: Pos,
}

impl Finder<'_> {
    /// The body to put in place of a call, and what it captures.
    fn site(&mut self, callee: &Callee, args: &[ValueId]) -> Option<(Arc<Func>, Vec<ValueId>)> {
        let (f, captures) = match callee {
            Callee::Static(f) => (*f, vec![]),
            Callee::Closure(v) => self.made.get(v)?.clone(),
            Callee::Interface { .. } => return None,
        };
        let decl = self.world.program.func(f);
        if f == self.func.id || decl.noinline || decl.kind == FuncKind::Native || is_nested(self.func, f, self.pos) {
            return None;
        }
        let by_context = match (&decl.context, callee) {
            (Context::None, Callee::Static(_)) => args.len() == decl.params.len(),
            (Context::Receiver(_), Callee::Static(_)) => args.len() == decl.params.len() + 1,
            (Context::Captures(c), Callee::Closure(_)) => c.len() == captures.len(),
            _ => false,
        };
        if !by_context {
            return None;
        }
        let budget = match callee {
            _ if self.size > BIG_CALLER => TINY,
            Callee::Closure(_) => CLOSURE_BUDGET,
            _ if decl.kind == FuncKind::Closure => CLOSURE_BUDGET,
            _ => BUDGET,
        };
        let body = driver::body(self.world, f)?;
        let transparent = self.world.program.func(self.func.id).kind == FuncKind::Wrapper;
        let fits = body.cost <= budget && !(transparent && recovers(&body.func));
        fits.then_some((body.func, captures))
    }
}

/// Whether a body calls `recover`.
fn recovers(func: &Func) -> bool {
    func.blocks.iter().flat_map(|b| &b.insts).any(|i| matches!(i.op, Op::Recover(_)))
}

/// Whether a call at `pos` stands in an inlined call of `f`, or too deep.
fn is_nested(func: &Func, f: FuncId, pos: Pos) -> bool {
    let mut at = func.place(pos).1;
    let mut depth = 0;
    while let Some(i) = (at as usize).checked_sub(1).and_then(|i| func.inlined.get(i)) {
        if i.func == f || depth >= MAX_DEPTH {
            return true;
        }
        depth += 1;
        at = i.parent;
    }
    false
}

struct Inliner<'a> {
    program: &'a mut Program,
    func: &'a mut Func,
    body: Arc<Func>,
    site: Site,
    /// Values of the body in the function.
    values: Vec<Option<ValueId>>,
    first_block: u32,
    first_local: u32,
    /// Where the call is, and in which inlined call.
    call: (Pos, u32),
    /// The number of the call in `func.inlined`, plus one; that of the caller for a wrapper.
    number: u32,
    first_inlined: u32,
    is_wrapper: bool,
    after: BlockId,
    places: FxHashMap<Pos, Pos>,
}

impl<'a> Inliner<'a> {
    fn new(program: &'a mut Program, func: &'a mut Func, site: Site) -> Inliner<'a> {
        let block = &func.blocks[site.block.index()];
        let pos = block.insts.get(site.at).map_or(block.term_pos, |i| i.pos);
        let call = func.place(pos);
        let body = site.body.clone();
        let is_wrapper = program.func(body.id).kind == FuncKind::Wrapper;
        let mut number = call.1;
        if !is_wrapper {
            func.inlined.push(InlinedAt { func: body.id, parent: call.1, call_pos: call.0 });
            number = func.inlined.len() as u32;
        }
        let first_inlined = func.inlined.len() as u32;
        for i in &body.inlined {
            let (call_pos, parent) = match i.parent {
                0 if is_wrapper => call,
                0 => (i.call_pos, number),
                p => (i.call_pos, first_inlined + p),
            };
            func.inlined.push(InlinedAt { func: i.func, parent, call_pos });
        }
        Inliner {
            values: vec![None; body.values.len()],
            first_block: func.blocks.len() as u32,
            first_local: func.locals.len() as u32,
            after: BlockId(0),
            places: FxHashMap::default(),
            program,
            func,
            body,
            site,
            call,
            number,
            first_inlined,
            is_wrapper,
        }
    }

    fn run(mut self) {
        let results = self.program.func(self.body.id).results.clone();
        self.split(&results);
        self.func.locals.extend(self.body.locals.iter().cloned());
        let body = self.body.clone();
        // The body's first block continues the caller's.
        for (b, block) in body.blocks.iter().enumerate() {
            let params = if b == 0 {
                let context = usize::from(matches!(self.program.func(body.id).context, Context::Receiver(_)));
                for (p, a) in block.params.iter().zip(self.site.args[context..].to_vec()) {
                    self.values[p.index()] = Some(a);
                }
                vec![]
            } else {
                block.params.iter().map(|&p| self.value(p)).collect()
            };
            if b > 0 {
                let term_pos = self.pos(block.term_pos);
                let cold = block.cold;
                self.func.blocks.push(Block { params, insts: vec![], term: Term::Unreachable, term_pos, cold });
            }
        }
        let order = crate::sanity::reverse_postorder(&body);
        for b in order {
            self.block(b, &body.blocks[b.index()]);
        }
    }

    /// Cuts the caller's block in two at the call. What follows gets the results as parameters.
    fn split(&mut self, results: &[TyId]) {
        let call = self.func.blocks[self.site.block.index()].insts.get(self.site.at).and_then(|i| i.result);
        let params: Vec<ValueId> = match (call, results) {
            (Some(r), [_]) => vec![r],
            _ => results.iter().map(|&t| self.func.new_value(t)).collect(),
        };
        let block = &mut self.func.blocks[self.site.block.index()];
        if self.site.at == block.insts.len() {
            // A tail call: the results are returned.
            let term_pos = block.term_pos;
            block.term = Term::Unreachable;
            let cold = block.cold;
            let term = Term::Return(params.clone());
            self.add_after(Block { params, insts: vec![], term, term_pos, cold });
            return;
        }
        let mut rest = block.insts.split_off(self.site.at);
        let call = rest.remove(0);
        let term = std::mem::replace(&mut block.term, Term::Unreachable);
        let (term_pos, cold) = (block.term_pos, block.cold);
        if let Some(r) = call.result
            && results.len() > 1
        {
            rest.insert(0, Inst { op: Op::Aggregate(params.clone()), result: Some(r), pos: call.pos });
        }
        self.add_after(Block { params, insts: rest, term, term_pos, cold });
    }

    fn add_after(&mut self, block: Block) {
        self.after = BlockId(self.func.blocks.len() as u32);
        self.func.blocks.push(block);
        self.first_block = self.func.blocks.len() as u32;
    }

    fn target(&self, b: BlockId) -> BlockId {
        match b.0 {
            0 => self.site.block,
            n => BlockId(self.first_block + n - 1),
        }
    }

    fn value(&mut self, v: ValueId) -> ValueId {
        if let Some(new) = self.values[v.index()] {
            return new;
        }
        let new = self.func.new_value(self.body.ty(v));
        self.values[v.index()] = Some(new);
        new
    }

    fn pos(&mut self, pos: Pos) -> Pos {
        if let Some(&p) = self.places.get(&pos) {
            return p;
        }
        let (at, inside) = self.body.place(pos);
        let place = match inside {
            0 if self.is_wrapper => self.call,
            0 => (at, self.number),
            i => (at, self.first_inlined + i),
        };
        let new = if place.1 == 0 {
            place.0
        } else {
            self.func.places.push(place);
            INLINED + self.func.places.len() as u32 - 1
        };
        self.places.insert(pos, new);
        new
    }

    fn block(&mut self, b: BlockId, from: &Block) {
        let mut insts = vec![];
        if b.0 == 0 {
            for (i, l) in self.body.clone().locals.iter().enumerate() {
                let zero = self.func.new_value(l.ty);
                let pos = self.pos(from.term_pos);
                insts.push(Inst { op: Op::Const(Const::Zero), result: Some(zero), pos });
                let local = LocalId(self.first_local + i as u32);
                insts.push(Inst { op: Op::LocalSet(local, zero), result: None, pos });
            }
        }
        for inst in &from.insts {
            let pos = self.pos(inst.pos);
            match (&inst.op, inst.result) {
                (Op::Capture(i), Some(v)) => {
                    self.values[v.index()] = Some(self.site.captures[*i as usize]);
                    continue;
                }
                (Op::Receiver, Some(v)) => {
                    self.values[v.index()] = Some(self.site.args[0]);
                    continue;
                }
                _ => {}
            }
            let mut op = inst.op.clone();
            self.rewrite(&mut op);
            let result = inst.result.map(|v| self.value(v));
            insts.push(Inst { op, result, pos });
        }
        let term_pos = self.pos(from.term_pos);
        let term = self.term(&from.term, &mut insts, term_pos);
        let to = self.target(b);
        let block = &mut self.func.blocks[to.index()];
        block.insts.extend(insts);
        block.term = term;
        block.term_pos = term_pos;
    }

    fn rewrite(&mut self, op: &mut Op) {
        if let Op::Recover(_) = op {
            *op = Op::Const(Const::Zero);
        }
        operands_mut(op, &mut |v| *v = self.value(*v));
        if let Op::LocalGet(l) | Op::LocalSet(l, _) = op {
            *l = LocalId(self.first_local + l.0);
        }
    }

    fn term(&mut self, from: &Term, insts: &mut Vec<Inst>, pos: Pos) -> Term {
        match from {
            Term::Return(vs) => Term::Jump(self.after, vs.iter().map(|&v| self.value(v)).collect()),
            Term::TailCall(callee, args) => {
                let mut op = Op::Call(callee.clone(), args.clone());
                self.rewrite(&mut op);
                let results = self.program.func(self.body.id).results.clone();
                let vals = self.results(op, &results, insts, pos);
                Term::Jump(self.after, vals)
            }
            other => {
                let mut t = other.clone();
                term_operands_mut(&mut t, &mut |v| *v = self.value(*v));
                targets_mut(&mut t, &mut |b| *b = self.target(*b));
                t
            }
        }
    }

    /// Emits a call and takes its results apart.
    fn results(&mut self, op: Op, results: &[TyId], insts: &mut Vec<Inst>, pos: Pos) -> Vec<ValueId> {
        match results {
            [] => {
                insts.push(Inst { op, result: None, pos });
                vec![]
            }
            [one] => {
                let v = self.func.new_value(*one);
                insts.push(Inst { op, result: Some(v), pos });
                vec![v]
            }
            many => {
                let tuple = self.program.types.intern(Ty::Tuple(many.to_vec()));
                let t = self.func.new_value(tuple);
                insts.push(Inst { op, result: Some(t), pos });
                let mut out = vec![];
                for (i, &ty) in many.iter().enumerate() {
                    let v = self.func.new_value(ty);
                    insts.push(Inst { op: Op::Extract(t, i as u32), result: Some(v), pos });
                    out.push(v);
                }
                out
            }
        }
    }
}
