//! Checks the invariants of a function's body that `func` and `op` promise.
//!
//! Every block is reachable or has no instructions. Every target exists, and the arguments of an edge match the block's
//! parameters. Every value is defined once and used only where its definition dominates; dominators are computed by the
//! iterative algorithm of Cooper, Harvey and Kennedy. Operands have the types that their operation asks for.

use crate::func::{Block, BlockId, Func, LocalId, ValueId};
use crate::op::{BinOp, Callee, Const, Conv, Op, Sliced, Storage, Term};
use crate::operands::{operands, term_operands};
use crate::print::print_op;
use crate::program::{Context, FuncDecl, FuncId, Program};
use crate::ty::{Basic, Ty, TyId, TypeTable};
use smallvec::SmallVec;

/// What is wrong with a function; empty when it is sane.
pub fn check(program: &Program, func: &Func) -> Vec<String> {
    let mut c = Checker { p: program, t: &program.types, f: func, def: vec![None; func.values.len()], errors: vec![] };
    c.structure();
    if c.errors.is_empty() {
        let idom = dominators(func);
        c.definitions();
        c.blocks(&idom);
    }
    c.errors
}

/// Panics with the function's text when it is not sane.
pub fn assert_sane(program: &Program, func: &Func) {
    let errors = check(program, func);
    if !errors.is_empty() {
        panic!("insane IR: {}\n{}", errors.join("\n"), crate::print::print_func(program, func));
    }
}

/// A few blocks.
pub(crate) type Edges = SmallVec<[BlockId; 2]>;

/// Reverse postorder of the reachable blocks.
pub fn reverse_postorder(func: &Func) -> Vec<BlockId> {
    let mut seen = vec![false; func.blocks.len()];
    let mut order = Vec::with_capacity(func.blocks.len());
    let mut stack = Vec::with_capacity(8);
    stack.push((BlockId(0), func.blocks[0].term.successors()));
    seen[0] = true;
    while let Some((b, succ)) = stack.last_mut() {
        match succ.pop() {
            Some(s) if !seen[s.index()] => {
                seen[s.index()] = true;
                stack.push((s, func.block(s).term.successors()));
            }
            Some(_) => {}
            None => {
                order.push(*b);
                stack.pop();
            }
        }
    }
    order.reverse();
    order
}

/// Immediate dominators by block; none for the entry and for unreachable blocks.
pub fn dominators(func: &Func) -> Vec<Option<BlockId>> {
    let order = reverse_postorder(func);
    let mut number = vec![u32::MAX; func.blocks.len()];
    order.iter().enumerate().for_each(|(i, b)| number[b.index()] = i as u32);
    let mut preds = vec![Edges::new(); func.blocks.len()];
    for &b in &order {
        func.block(b).term.successors().into_iter().for_each(|s| preds[s.index()].push(b));
    }
    immediate_dominators(&order, &number, &preds)
}

/// The same from the reachable blocks in reverse postorder, the place of each in it, and predecessors.
pub(crate) fn immediate_dominators(order: &[BlockId], number: &[u32], preds: &[Edges]) -> Vec<Option<BlockId>> {
    let mut idom: Vec<Option<BlockId>> = vec![None; preds.len()];
    idom[0] = Some(BlockId(0));
    let mut changed = true;
    while changed {
        changed = false;
        for &b in &order[1..] {
            let known = preds[b.index()].iter().copied().filter(|p| idom[p.index()].is_some());
            let new = known.reduce(|x, y| intersect(&idom, number, x, y));
            if new != idom[b.index()] {
                idom[b.index()] = new;
                changed = true;
            }
        }
    }
    idom[0] = None;
    idom
}

fn intersect(idom: &[Option<BlockId>], number: &[u32], mut x: BlockId, mut y: BlockId) -> BlockId {
    while x != y {
        while number[x.index()] > number[y.index()] {
            x = idom[x.index()].unwrap_or(BlockId(0));
        }
        while number[y.index()] > number[x.index()] {
            y = idom[y.index()].unwrap_or(BlockId(0));
        }
    }
    x
}

/// Where a value is defined: block, and place in it (0 for parameters).
type Def = Option<(BlockId, usize)>;

struct Checker<'a> {
    p: &'a Program,
    t: &'a TypeTable,
    f: &'a Func,
    def: Vec<Def>,
    errors: Vec<String>,
}

impl Checker<'_> {
    fn err(&mut self, what: impl Into<String>) {
        let name = &self.p.func(self.f.id).name;
        self.errors.push(format!("{name}: {}", what.into()));
    }

    fn name(&self, t: TyId) -> String {
        self.t.reflect_string(t)
    }

    fn decl(&self) -> &FuncDecl {
        self.p.func(self.f.id)
    }

    fn structure(&mut self) {
        if self.f.blocks.is_empty() {
            return self.err("no blocks");
        }
        let params: Vec<_> = self.f.blocks[0].params.iter().map(|&v| self.f.ty(v)).collect();
        if params != self.decl().params {
            self.err("entry block's parameters are not the function's");
        }
        for (i, b) in self.f.blocks.iter().enumerate() {
            for s in b.term.successors() {
                if s.index() >= self.f.blocks.len() {
                    self.err(format!("b{i} goes to {s:?}, which does not exist"));
                } else if s.0 == 0 {
                    self.err(format!("b{i} goes to the entry block"));
                }
            }
        }
    }

    fn definitions(&mut self) {
        for (i, b) in self.f.blocks.iter().enumerate() {
            let here = BlockId(i as u32);
            for &v in &b.params {
                self.define(v, here, 0);
            }
            for (at, inst) in b.insts.iter().enumerate() {
                if let Some(v) = inst.result {
                    self.define(v, here, at + 1);
                }
            }
        }
    }

    fn define(&mut self, v: ValueId, b: BlockId, at: usize) {
        match self.def.get(v.index()) {
            None => self.err(format!("{v:?} has no type")),
            Some(Some(_)) => self.err(format!("{v:?} is defined twice")),
            Some(None) => self.def[v.index()] = Some((b, at)),
        }
    }

    fn blocks(&mut self, idom: &[Option<BlockId>]) {
        for b in reverse_postorder(self.f) {
            let block: &Block = self.f.block(b);
            for (at, inst) in block.insts.iter().enumerate() {
                operands(&inst.op, &mut |v| self.used(idom, v, b, at + 1));
                if self.errors.is_empty() {
                    self.inst(&inst.op, inst.result);
                }
            }
            term_operands(&block.term, &mut |v| self.used(idom, v, b, usize::MAX));
            if self.errors.is_empty() {
                self.term(b, &block.term);
            }
        }
    }

    fn used(&mut self, idom: &[Option<BlockId>], v: ValueId, b: BlockId, at: usize) {
        let Some(Some((home, place))) = self.def.get(v.index()).copied() else {
            return self.err(format!("{v:?} is used in {b:?} and defined nowhere"));
        };
        let mut up = b;
        if home == b {
            if place >= at {
                self.err(format!("{v:?} is used in {b:?} before its definition"));
            }
            return;
        }
        while up != home {
            match idom[up.index()] {
                Some(d) => up = d,
                None => return self.err(format!("{v:?} of {home:?} does not dominate its use in {b:?}")),
            }
        }
    }

    /// An error unless `ok`.
    fn want(&mut self, ok: bool, op: &Op, what: &str) {
        if !ok {
            let text = print_op(self.p, self.f, op);
            let mut types = vec![];
            operands(op, &mut |v| types.push(format!("{v:?} {}", self.name(self.f.ty(v)))));
            self.err(format!("{text}: {what} ({})", types.join(", ")));
        }
    }

    fn basic(&self, v: ValueId) -> Option<Basic> {
        self.t.as_basic(self.f.ty(v))
    }

    fn is_int(&self, v: ValueId) -> bool {
        self.basic(v).is_some_and(Basic::is_integer)
    }

    fn is_pointer(&self, v: ValueId) -> bool {
        matches!(self.t.under(self.f.ty(v)), Ty::Pointer(_)) || self.basic(v) == Some(Basic::UnsafePointer)
    }

    fn pointee(&self, v: ValueId) -> Option<TyId> {
        match *self.t.under(self.f.ty(v)) {
            Ty::Pointer(e) => Some(e),
            _ => None,
        }
    }

    /// Whether `v` points to `ty`, or is an unsafe.Pointer.
    fn points_to(&self, v: ValueId, ty: TyId) -> bool {
        match self.pointee(v) {
            Some(e) => e == ty || self.t.underlying(e) == self.t.underlying(ty),
            None => self.basic(v) == Some(Basic::UnsafePointer),
        }
    }

    /// Whether a type is an unsigned integer of several bytes.
    fn is_wide(&self, t: TyId) -> bool {
        self.t.as_basic(t).is_some_and(|b| b.is_integer() && !b.is_signed() && b.size() > 1)
    }

    fn is_iface(&self, v: ValueId) -> bool {
        self.t.is_interface(self.f.ty(v))
    }

    fn is_slice(&self, v: ValueId) -> bool {
        matches!(self.t.under(self.f.ty(v)), Ty::Slice(_))
    }

    fn is_string(&self, v: ValueId) -> bool {
        self.basic(v) == Some(Basic::String)
    }

    fn is_chan(&self, v: ValueId) -> bool {
        matches!(self.t.under(self.f.ty(v)), Ty::Chan(..))
    }

    fn is_func(&self, v: ValueId) -> bool {
        matches!(self.t.under(self.f.ty(v)), Ty::Func(_))
    }

    fn same(&self, x: ValueId, y: ValueId) -> bool {
        self.f.ty(x) == self.f.ty(y)
    }

    fn inst(&mut self, op: &Op, result: Option<ValueId>) {
        let res = result.map(|r| self.f.ty(r));
        self.want(has_result(self.p, self.t, op, self.f) == result.is_some(), op, "result given or missing");
        match op {
            Op::Const(c) => self.constant(op, c, res),
            Op::LocalGet(l) => self.local(op, *l, res),
            Op::LocalSet(l, v) => {
                let ty = self.f.ty(*v);
                self.local(op, *l, Some(ty));
            }
            Op::Capture(i) => {
                let ok = matches!(&self.decl().context, Context::Captures(c) if c.get(*i as usize).copied() == res);
                self.want(ok, op, "no such capture");
            }
            Op::Receiver => {
                let ok = match (&self.decl().context, res) {
                    (Context::Receiver(t), Some(r)) => *t == r,
                    (Context::ReceiverAddr(t), Some(r)) => matches!(self.t.under(r), Ty::Pointer(e) if e == t),
                    _ => false,
                };
                self.want(ok, op, "context is no receiver");
            }
            Op::Load(p) => {
                let ok = res.is_some_and(|r| self.points_to(*p, r));
                self.want(ok, op, "pointer to another type");
            }
            Op::Store { ptr, val } => {
                let ok = self.points_to(*ptr, self.f.ty(*val));
                self.want(ok, op, "pointer to another type");
            }
            Op::LoadBytes { ptr, .. } => {
                let ok = self.points_to(*ptr, TypeTable::basic(Basic::Uint8)) && res.is_some_and(|r| self.is_wide(r));
                self.want(ok, op, "a pointer to bytes, and a number");
            }
            Op::StoreBytes { ptr, val, .. } => {
                let ok = self.points_to(*ptr, TypeTable::basic(Basic::Uint8)) && self.is_wide(self.f.ty(*val));
                self.want(ok, op, "a pointer to bytes, and a number");
            }
            Op::Copy { dst, src, ty } => {
                self.want(self.points_to(*dst, *ty) && self.points_to(*src, *ty), op, "pointers to another type");
            }
            Op::Clear(p, t) => self.want(self.points_to(*p, *t), op, "pointer to another type"),
            Op::FieldAddr(p, i) => {
                let field = self.pointee(*p).and_then(|e| match self.t.under(e) {
                    Ty::Struct(f) => f.get(*i as usize).map(|f| f.ty),
                    _ => None,
                });
                let ok = field.is_some() && field == res.and_then(|r| self.elem_of_pointer(r));
                self.want(ok, op, "no such field");
            }
            Op::ElemAddr { base, index, elem } => {
                let ok = self.points_to(*base, *elem) && self.is_int(*index);
                self.want(ok, op, "base or index");
            }
            Op::BoundsCheck { index, len } => {
                self.want(self.is_int(*index) && self.basic(*len) == Some(Basic::Int), op, "integers")
            }
            Op::DivCheck(v) | Op::ShiftCheck(v) => self.want(self.is_int(*v), op, "an integer"),
            Op::Aggregate(vs) => self.aggregate(op, vs, res),
            Op::Extract(v, i) => {
                let part = self.component(self.f.ty(*v), *i);
                self.want(part.is_some() && part == res, op, "no such component");
            }
            Op::Binary(b, x, y) => self.binary(op, *b, *x, *y, res),
            Op::Unary(_, x) => self.want(res == Some(self.f.ty(*x)), op, "result's type"),
            Op::Compare(_, x, y) => self.want(self.same(*x, *y), op, "operands of one type"),
            Op::Equal(x, y) => self.want(self.same(*x, *y), op, "operands of one type"),
            Op::EqualIface { iface, value } => {
                self.want(self.is_iface(*iface) && !self.is_iface(*value), op, "an interface and a concrete value")
            }
            Op::Convert(c, v) => self.convert(op, *c, *v, res),
            Op::Concat(vs, _) => self.want(vs.iter().all(|&v| self.is_string(v)), op, "strings"),
            Op::Slice { kind, x, .. } => {
                let ok = match kind {
                    Sliced::Str => self.is_string(*x),
                    Sliced::Slice => self.is_slice(*x),
                    Sliced::ArrayPtr => self.pointee(*x).is_some_and(|e| matches!(self.t.under(e), Ty::Array(..))),
                };
                self.want(ok, op, "operand to slice");
            }
            Op::Append(s, vs, _) => {
                let elem = res.map(|r| self.t.elem(r));
                let ok = self.is_slice(*s) && vs.iter().all(|&v| Some(self.f.ty(v)) == elem);
                self.want(ok, op, "elements");
            }
            Op::AppendSlice(s, _) => self.want(self.is_slice(*s), op, "a slice"),
            Op::AppendZeros(s, n) => self.want(self.is_slice(*s) && self.is_int(*n), op, "a slice and an integer"),
            Op::MakeIface(v, _) => {
                let ok = !self.is_iface(*v) && res.is_some_and(|r| self.t.is_interface(r));
                self.want(ok, op, "a concrete value to an interface");
            }
            Op::ChangeIface(v) => {
                let ok = self.is_iface(*v) && res.is_some_and(|r| self.t.is_interface(r));
                self.want(ok, op, "interfaces");
            }
            Op::TypeAssert(v) | Op::TypeAssertOk(v) | Op::Unbox(v) | Op::IfaceType(v) | Op::IfaceTab(v) => {
                self.want(self.is_iface(*v), op, "an interface")
            }
            Op::Call(c, args) => self.call(op, c, args, res),
            Op::MakeClosure(f, vs, _) => self.closure(op, *f, vs),
            Op::Go(v) => self.want(self.is_func(*v), op, "a func value"),
            Op::Defer { func, place, .. } => {
                let room = !matches!(place, Storage::Deferred(_)) || self.f.deferred.is_some();
                self.want(self.is_func(*func) && room, op, "a func value, and a frame with room");
            }
            Op::Send(c, v) => {
                let ok = self.is_chan(*c) && self.t.elem(self.f.ty(*c)) == self.f.ty(*v);
                self.want(ok, op, "a channel and its element");
            }
            Op::Recv(c) => {
                let ok = self.is_chan(*c) && Some(self.t.elem(self.f.ty(*c))) == res;
                self.want(ok, op, "a channel of the result's type");
            }
            Op::RecvOk(c) | Op::CloseChan(c) | Op::ChanLen(c) | Op::ChanCap(c) => {
                self.want(self.is_chan(*c), op, "a channel")
            }
            Op::NilCheck(v) => {
                let ok = self.is_pointer(*v) || self.is_iface(*v) || self.is_func(*v) || {
                    matches!(self.t.under(self.f.ty(*v)), Ty::Map(..) | Ty::Chan(..) | Ty::Slice(_))
                };
                self.want(ok, op, "something that can be nil");
            }
            _ => {}
        }
    }

    fn elem_of_pointer(&self, t: TyId) -> Option<TyId> {
        match *self.t.under(t) {
            Ty::Pointer(e) => Some(e),
            _ => None,
        }
    }

    fn constant(&mut self, op: &Op, c: &Const, res: Option<TyId>) {
        let basic = res.and_then(|r| self.t.as_basic(r));
        let ok = match c {
            Const::Bool(_) => basic == Some(Basic::Bool),
            Const::Int(_) => basic.is_some_and(Basic::is_integer),
            Const::Float(_) => basic.is_some_and(Basic::is_float),
            Const::Complex(..) => basic.is_some_and(Basic::is_complex),
            Const::Str(_) => basic == Some(Basic::String),
            Const::Zero => true,
        };
        self.want(ok, op, "constant of another type");
    }

    fn local(&mut self, op: &Op, l: LocalId, ty: Option<TyId>) {
        let have = self.f.locals.get(l.index()).map(|l| l.ty);
        self.want(have.is_some() && have == ty, op, "local of another type");
    }

    fn component(&self, t: TyId, i: u32) -> Option<TyId> {
        match self.t.under(t) {
            Ty::Struct(f) => f.get(i as usize).map(|f| f.ty),
            Ty::Tuple(ts) => ts.get(i as usize).copied(),
            Ty::Array(e, n) => (u64::from(i) < *n).then_some(*e),
            _ => None,
        }
    }

    fn aggregate(&mut self, op: &Op, vs: &[ValueId], res: Option<TyId>) {
        let Some(res) = res else { return };
        let count = match self.t.under(res) {
            Ty::Struct(f) => f.len(),
            Ty::Tuple(ts) => ts.len(),
            Ty::Array(_, n) => *n as usize,
            _ => usize::MAX,
        };
        let ok = count == vs.len() && (0..vs.len()).all(|i| self.component(res, i as u32) == Some(self.f.ty(vs[i])));
        self.want(ok, op, "components of the result's type");
    }

    fn binary(&mut self, op: &Op, b: BinOp, x: ValueId, y: ValueId, res: Option<TyId>) {
        let ok = match b {
            BinOp::Shl | BinOp::Shr => self.is_int(x) && self.is_int(y),
            _ => self.same(x, y) && !self.is_string(x),
        };
        self.want(ok && res == Some(self.f.ty(x)), op, "operands");
    }

    fn convert(&mut self, op: &Op, c: Conv, v: ValueId, res: Option<TyId>) {
        let Some(res) = res else { return };
        let ok = match c {
            Conv::Same => {
                self.t.size_of(self.f.ty(v)) == self.t.size_of(res)
                    && self.t.is_interface(self.f.ty(v)) == self.t.is_interface(res)
            }
            Conv::Numeric => {
                let number = |b: Option<Basic>| b.is_some_and(|b| b.is_integer() || b.is_float() || b.is_complex());
                number(self.basic(v)) && number(self.t.as_basic(res))
            }
            Conv::IntToString(_) => self.is_int(v) && self.t.as_basic(res) == Some(Basic::String),
            Conv::BytesToString(_) | Conv::RunesToString(_) | Conv::BytesAsString => {
                self.is_slice(v) && self.t.as_basic(res) == Some(Basic::String)
            }
            Conv::StringToBytes(_) | Conv::StringToRunes(_) | Conv::StringAsBytes => {
                self.is_string(v) && matches!(self.t.under(res), Ty::Slice(_))
            }
            Conv::SliceToArrayPtr => self.is_slice(v) && matches!(self.t.under(res), Ty::Pointer(_)),
        };
        self.want(ok, op, &format!("conversion to {}", self.name(res)));
    }

    fn closure(&mut self, op: &Op, f: FuncId, vs: &[ValueId]) {
        let ok = match &self.p.func(f).context {
            Context::Captures(c) => c.len() == vs.len() && c.iter().zip(vs).all(|(&t, &v)| t == self.f.ty(v)),
            Context::ReceiverAddr(t) => vs.len() == 1 && *t == self.f.ty(vs[0]),
            _ => false,
        };
        self.want(ok, op, "captures of the function's context");
    }

    /// Parameters and results of what a call enters.
    fn signature(&self, c: &Callee) -> Option<(Vec<TyId>, Vec<TyId>)> {
        match c {
            Callee::Static(f) => {
                let d = self.p.func(*f);
                let recv = match &d.context {
                    Context::None => None,
                    Context::Receiver(t) => Some(*t),
                    Context::ReceiverAddr(_) | Context::Captures(_) => return None,
                };
                Some((recv.into_iter().chain(d.params.iter().copied()).collect(), d.results.clone()))
            }
            Callee::Closure(v) => match self.t.under(self.f.ty(*v)) {
                Ty::Func(s) => Some((s.params.clone(), s.results.clone())),
                _ => None,
            },
            Callee::Interface { iface, index } => {
                let m = self.t.interface_methods(self.f.ty(*iface))?.get(*index as usize)?;
                let s = self.t.sig(m.sig);
                Some((s.params.clone(), s.results.clone()))
            }
        }
    }

    fn call(&mut self, op: &Op, c: &Callee, args: &[ValueId], res: Option<TyId>) {
        let Some((params, results)) = self.signature(c) else {
            return self.want(false, op, "callee");
        };
        let have: Vec<_> = args.iter().map(|&a| self.f.ty(a)).collect();
        let ok = match (&results[..], res) {
            ([], None) => true,
            ([one], Some(r)) => *one == r,
            (many, Some(r)) => matches!(self.t.get(r), Ty::Tuple(t) if t == many),
            _ => false,
        };
        let want: Vec<_> = params.iter().map(|&t| self.name(t)).collect();
        self.want(have == params, op, &format!("parameters ({})", want.join(", ")));
        self.want(ok, op, "results");
    }

    fn term(&mut self, b: BlockId, term: &Term) {
        match term {
            Term::Jump(t, args) => self.edge(b, *t, args),
            Term::If { cond, then, els } => {
                if self.basic(*cond) != Some(Basic::Bool) {
                    self.err(format!("{b:?}: condition is no bool"));
                }
                self.edge(b, then.0, &then.1);
                self.edge(b, els.0, &els.1);
            }
            Term::Switch { cases, default, value } => {
                if !self.is_int(*value) {
                    self.err(format!("{b:?}: switch on no integer"));
                }
                cases.iter().for_each(|c| self.edge(b, c.1, &[]));
                self.edge(b, *default, &[]);
            }
            Term::TypeSwitch { x, cases, default } => {
                if !self.is_iface(*x) {
                    self.err(format!("{b:?}: type switch on no interface"));
                }
                for c in cases {
                    let want: Vec<_> = c.ty.filter(|&t| self.t.is_interface(t)).into_iter().collect();
                    let have: Vec<_> = self.f.block(c.target).params.iter().map(|&v| self.f.ty(v)).collect();
                    if want != have {
                        self.err(format!("{b:?}: parameters of {:?}", c.target));
                    }
                }
                self.edge(b, *default, &[]);
            }
            Term::Return(vs) => {
                let have: Vec<_> = vs.iter().map(|&v| self.f.ty(v)).collect();
                if have != self.decl().results {
                    self.err(format!("{b:?}: results"));
                }
            }
            Term::TailCall(c, args) => self.tail_call(b, c, args),
            Term::TryCall { callee, args, normal, recovered, .. } => {
                let have: Vec<_> = args.iter().map(|&v| self.f.ty(v)).collect();
                if have != self.p.func(*callee).params {
                    self.err(format!("{b:?}: arguments of the body"));
                }
                self.edge(b, *normal, &[]);
                self.edge(b, *recovered, &[]);
            }
            Term::Try { body, recovered, .. } => {
                if !matches!(self.f.block(*recovered).term, Term::Return(_)) {
                    self.err(format!("{recovered:?}: does not return"));
                }
                self.edge(b, *body, &[]);
                self.edge(b, *recovered, &[]);
            }
            Term::Panic(v) => {
                if !self.is_iface(*v) {
                    self.err(format!("{b:?}: panic of no interface"));
                }
            }
            Term::Unreachable => {}
        }
    }

    fn tail_call(&mut self, b: BlockId, c: &Callee, args: &[ValueId]) {
        let have: Vec<_> = args.iter().map(|&a| self.f.ty(a)).collect();
        match self.signature(c) {
            Some((params, results)) if params == have && results == self.decl().results => {}
            _ => self.err(format!("{b:?}: tail call")),
        }
    }

    fn edge(&mut self, from: BlockId, to: BlockId, args: &[ValueId]) {
        let want: Vec<_> = self.f.block(to).params.iter().map(|&v| self.f.ty(v)).collect();
        let have: Vec<_> = args.iter().map(|&v| self.f.ty(v)).collect();
        if want != have {
            self.err(format!("{from:?} to {to:?}: arguments do not match parameters"));
        }
    }
}

/// Whether an operation defines a value.
fn has_result(p: &Program, t: &TypeTable, op: &Op, f: &Func) -> bool {
    match op {
        Op::LocalSet(..)
        | Op::Store { .. }
        | Op::StoreBytes { .. }
        | Op::Copy { .. }
        | Op::Clear(..)
        | Op::NilCheck(_)
        | Op::BoundsCheck { .. }
        | Op::DivCheck(_)
        | Op::ShiftCheck(_)
        | Op::WrapCheck(..)
        | Op::ClearSlice(_)
        | Op::Go(_)
        | Op::Defer { .. }
        | Op::DeferReturn(_)
        | Op::DeferPop(_)
        | Op::DeferUnlink(_)
        | Op::Send(..)
        | Op::CloseChan(_)
        | Op::Print { .. }
        | Op::Preempt => false,
        Op::Intrinsic(i, _) => !i.is_statement(),
        Op::Call(Callee::Static(id), _) => !p.func(*id).results.is_empty(),
        Op::Call(Callee::Closure(v), _) => match t.under(f.ty(*v)) {
            Ty::Func(s) => !s.results.is_empty(),
            _ => false,
        },
        Op::Call(Callee::Interface { iface, index }, _) => {
            let m = t.interface_methods(f.ty(*iface)).and_then(|m| m.get(*index as usize));
            m.is_some_and(|m| !t.sig(m.sig).results.is_empty())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::func::{Inst, Local};
    use crate::program::{FuncKind, Known};

    fn program(params: Vec<TyId>) -> (Program, FuncId) {
        let mut p = Program { types: TypeTable::new(), ..Program::default() };
        let id = p.add_func(FuncDecl {
            name: "f".into(),
            kind: FuncKind::Declared,
            params,
            results: vec![],
            context: Context::None,
            native: None,
            pos: 0,
            variadic: false,
            noinline: false,
            known: Known::No,
        });
        (p, id)
    }

    fn block(insts: Vec<(Op, Option<u32>)>, term: Term) -> Block {
        let insts = insts.into_iter().map(|(op, r)| Inst { op, result: r.map(ValueId), pos: 0 }).collect();
        Block { params: vec![], insts, term, term_pos: 0, cold: false }
    }

    fn func(id: FuncId, values: Vec<TyId>, blocks: Vec<Block>) -> Func {
        Func {
            id,
            values,
            locals: vec![],
            blocks,
            closures: vec![],
            inlined: Default::default(),
            deferred: None,
            places: Default::default(),
        }
    }

    const INT: TyId = TypeTable::basic(Basic::Int);
    const BOOL: TyId = TypeTable::basic(Basic::Bool);

    #[test]
    fn a_sane_loop() {
        let (p, id) = program(vec![]);
        let one = (Op::Const(Const::Int(1)), Some(0));
        let cond = (Op::Const(Const::Bool(true)), Some(1));
        let f = func(
            id,
            vec![INT, BOOL],
            vec![
                block(vec![one], Term::Jump(BlockId(1), vec![])),
                block(vec![cond], Term::If { cond: ValueId(1), then: (BlockId(1), vec![]), els: (BlockId(2), vec![]) }),
                block(vec![(Op::DivCheck(ValueId(0)), None)], Term::Return(vec![])),
            ],
        );
        assert_eq!(check(&p, &f), Vec::<String>::new());
    }

    #[test]
    fn a_value_of_one_branch_is_not_used_after_both() {
        let (p, id) = program(vec![BOOL]);
        let mut entry =
            block(vec![], Term::If { cond: ValueId(0), then: (BlockId(1), vec![]), els: (BlockId(2), vec![]) });
        entry.params.push(ValueId(0));
        let f = func(
            id,
            vec![BOOL, INT],
            vec![
                entry,
                block(vec![(Op::Const(Const::Int(1)), Some(1))], Term::Jump(BlockId(2), vec![])),
                block(vec![(Op::DivCheck(ValueId(1)), None)], Term::Return(vec![])),
            ],
        );
        let errors = check(&p, &f);
        assert!(errors[0].contains("does not dominate"), "{errors:?}");
    }

    #[test]
    fn types_of_operands_are_checked() {
        let (p, id) = program(vec![]);
        let text = (Op::Const(Const::Str((*b"x").into())), Some(0));
        let set = (Op::LocalSet(LocalId(0), ValueId(0)), None);
        let mut f = func(id, vec![TypeTable::basic(Basic::String)], vec![block(vec![text, set], Term::Return(vec![]))]);
        f.locals.push(Local { ty: INT, name: "n".into() });
        let errors = check(&p, &f);
        assert!(errors[0].contains("local of another type"), "{errors:?}");
    }
}
