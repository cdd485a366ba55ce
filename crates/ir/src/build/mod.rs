//! Bodies of functions, from checked syntax.
//!
//! A [`Builder`] builds one declared function with all that is inside it: closures, bodies of range-over-func loops,
//! and the part of a deferring function that runs in the frame of deferred calls. Each of these has a [`FuncState`];
//! the states of the functions around the current one are in `outer`. A variable of theirs is captured when its name is
//! met ([`Builder::var`]), so that lists of captures need not be known in advance.
//!
//! **Variables** are locals unless they are captured by reference, have their address taken, or are too large. A
//! variable is captured by value when it is never assigned again and has at most 128 bytes.
//!
//! **Order of evaluation** is gc's. Within a statement all calls, receives, `&&`/`||` and copies of operands into
//! interfaces happen first, in source order. What is left, reads of variables, through pointers, of elements and of
//! maps, is evaluated after them. [`Builder::hoist`] does the first part and remembers results by expression. Which
//! panic in the second part comes first is gc's choice, too: see [`Builder::lift`].

mod address;
mod assign;
mod builtin;
mod call;
mod closure;
mod conv;
mod defer;
mod expr;
mod lit;
mod lvalue;
mod map;
mod order;
mod panic_order;
mod range;
mod rangefunc;
mod scan;
mod select;
mod stmt;
mod switch;

use crate::emit::Emit;
use crate::func::{BlockId, Func, LocalId, Pos, ValueId};
use crate::generic::EnvId;
use crate::op::{Const, Op, Storage, Term};
use crate::program::{Context, FuncDecl, FuncId, FuncKind, Known};
use crate::ty::{Basic, Ty, TyId, TypeTable};
use crate::world::{Code, FuncKey, FuncSrc, Res, World, fail};
use itab_syntax::{Block, ExprId, Id, Name, StmtId};
use itab_types::{Info, Mode, ObjId, Signature};
use rustc_hash::{FxHashMap, FxHashSet};

/// What stands for a variable in the tables: one of the source, or one that the builder made up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum VarKey {
    Obj(ObjId),
    Tmp(u32),
}

/// Where a variable is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Var {
    /// In registers.
    Local(LocalId),
    /// At the address that a value holds, where functions inside may share it.
    Mem(ValueId),
    /// At an address in this function's frame; captured by value only.
    Stack(ValueId),
    /// At the address that a local holds: a loop variable of which each iteration has its own.
    MemIn(LocalId, TyId),
    /// Captured by value.
    CapturedValue(u32, TyId),
    /// Captured by reference; the type is the variable's.
    CapturedRef(u32, TyId),
    /// A value that does not change.
    Value(ValueId),
}

/// How a function returns.
#[derive(Clone, Debug)]
pub(crate) enum Returns {
    /// With values.
    Values,
    /// By storing through pointers: the function is the body of one with deferred calls. These are called from a position
    /// at the end, as far as tracebacks show.
    Pointers(Vec<ValueId>, Pos),
    /// The function is the body of a range-over-func loop.
    RangeBody(Box<rangefunc::RangeBody>),
}

/// Where `break`, `continue` and `fallthrough` of a statement go.
pub(crate) struct Jump {
    pub stmt: StmtId,
    pub brk: BlockId,
    pub cont: Option<BlockId>,
    pub next: Option<BlockId>,
}

/// How variables of outer functions come in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// The outermost function.
    Root,
    /// Through the context.
    Closure,
    /// As additional parameters: the function is split off.
    Body,
}

/// A function that is being built.
pub(crate) struct FuncState {
    pub e: Emit,
    pub id: FuncId,
    pub level: Level,
    pub vars: FxHashMap<VarKey, Var>,
    /// What comes from outside, in the order of captures (or of additional parameters).
    pub captures: Vec<(VarKey, TyId, bool)>,
    pub jumps: Vec<Jump>,
    pub labels: FxHashMap<StmtId, BlockId>,
    /// Result variables, by position; none for unnamed ones.
    pub results: Vec<(Option<ObjId>, TyId)>,
    pub returns: Returns,
    /// The frame of deferred calls, as a variable because range-over-func bodies capture it.
    pub frame: Option<VarKey>,
    /// Whether this is the body of a range-over-func loop.
    pub range_body: bool,
    pub hoisted: FxHashMap<ExprId, ValueId>,
    /// Addresses as numbers: the pointers that each was computed from, see the module `address`.
    pub derived: FxHashMap<ValueId, Vec<ValueId>>,
    /// Conversions whose result is only looked at, right where they stand.
    pub borrowed: FxHashSet<ExprId>,
    /// Whether this is a function literal, or part of one.
    pub in_closure: bool,
    pub closure_count: u32,
    pub range_count: u32,
    pub wrap_count: u32,
    pub name: String,
}

/// See the module's documentation.
pub(crate) struct Builder<'w> {
    pub w: &'w mut World,
    pub code: Code,
    pub env: EnvId,
    pub f: FuncState,
    pub outer: Vec<FuncState>,
    pub done: Vec<Func>,
    pub root: FuncId,
    pub inner_count: u32,
    pub tmp_count: u32,
    /// Interface variables that are never assigned again: the type of what they were made from.
    pub holds: FxHashMap<VarKey, TyId>,
    /// Whether the call that is being evaluated will be made later.
    pub deferring: bool,
    /// Variables that bodies of range-over-func loops share with what is around them.
    pub shared: FxHashSet<ObjId>,
    /// By expression: in the last two bits, whether evaluating it has a fixed place in the order (0 unknown, 1 no, 2 yes);
    /// in others what the module `panic_order` knows of it.
    pub facts: Vec<u8>,
}

/// Builds a declared function.
pub(crate) fn build_decl(w: &mut World, id: FuncId, obj: ObjId, env: EnvId) -> Res<Vec<Func>> {
    let (code, block) = w.body_code(obj)?;
    let sig = w.sig_of(obj);
    let mut b = Builder::new(w, id, code, env);
    b.function(&sig, block)?;
    Ok(b.finish())
}

impl<'w> Builder<'w> {
    /// A builder of the function `id`, whose body is empty so far.
    pub fn new(w: &'w mut World, id: FuncId, code: Code, env: EnvId) -> Builder<'w> {
        let name = w.program.func(id).name.to_string();
        let facts = vec![0; code.tree.exprs().len()];
        let f = FuncState::new(Emit::new(&w.program, id), id, Level::Root, name);
        Builder {
            w,
            code,
            env,
            f,
            outer: vec![],
            done: vec![],
            root: id,
            inner_count: 0,
            tmp_count: 0,
            holds: FxHashMap::default(),
            deferring: false,
            shared: FxHashSet::default(),
            facts,
        }
    }

    /// The outermost function and all inner ones.
    pub fn finish(self) -> Vec<Func> {
        let mut root = self.f.e.finish();
        root.closures = self.done.iter().map(|f| f.id).collect();
        let mut funcs = vec![root];
        funcs.extend(self.done);
        funcs
    }

    pub fn info(&self) -> &Info {
        &self.code.info
    }

    pub fn types(&self) -> &TypeTable {
        &self.w.program.types
    }

    /// Sets the position of what is emitted next.
    pub fn at(&mut self, e: ExprId) {
        self.f.e.pos = self.code.tree.operator(e).0;
    }

    pub fn fail<T>(&self, what: impl Into<String>) -> Res<T> {
        fail(self.f.e.pos, what)
    }

    /// The canonical type of a checker's type.
    pub fn ty(&mut self, t: itab_types::TypeId) -> Res<TyId> {
        let pos = self.f.e.pos;
        self.w.ty(t, self.env).map_err(|mut e| {
            e.pos = pos;
            e
        })
    }

    /// Type of an expression.
    pub fn type_of(&mut self, e: ExprId) -> Res<TyId> {
        match self.code.info.type_of(e) {
            Some(t) => self.ty(t),
            None => {
                self.at(e);
                let text = self.code.tree.text(e).to_string();
                self.fail(format!("{text} has no type"))
            }
        }
    }

    pub fn mode(&self, e: ExprId) -> Mode {
        self.code.info.types[e.index()].mode
    }

    pub fn obj_ty(&mut self, obj: ObjId) -> Res<TyId> {
        let t = self.w.store.obj_type(obj);
        self.ty(t)
    }

    pub fn pointer(&mut self, t: TyId) -> TyId {
        self.w.program.types.pointer(t)
    }

    // ---- variables

    /// Whether a variable is shared by reference with the functions that capture it.
    fn is_by_ref(&mut self, obj: ObjId, ty: TyId) -> bool {
        let v = *self.w.store.var(obj);
        let captured = v.captured || self.shared.contains(&obj);
        let result = v.kind == itab_types::VarKind::Result;
        v.addr_taken || (captured && (v.reassigned || result || self.types().size_of(ty) > 128))
    }

    /// Whether values of a type are kept in registers: at most four words and no array.
    pub fn in_registers(&self, ty: TyId) -> bool {
        fn words(t: &TypeTable, ty: TyId) -> u64 {
            match t.under(ty) {
                Ty::Array(..) => 100,
                Ty::Struct(fields) => fields.iter().map(|f| words(t, f.ty)).sum(),
                Ty::Slice(_) => 3,
                Ty::Interface(_) | Ty::Basic(Basic::String | Basic::Complex128 | Basic::Complex64) => 2,
                _ => 1,
            }
        }
        words(self.types(), ty) <= 4
    }

    /// A new variable with an initial value, or zero.
    pub fn declare(&mut self, obj: ObjId, init: Option<ValueId>) -> Res<()> {
        if self.w.store.obj(obj).name == Name::BLANK {
            return Ok(());
        }
        let ty = self.obj_ty(obj)?;
        let by_ref = self.is_by_ref(obj, ty);
        let name = self.w.text(self.w.store.obj(obj).name);
        let var = self.new_var(ty, by_ref, &name, init);
        self.f.vars.insert(VarKey::Obj(obj), var);
        let v = *self.w.store.var(obj);
        if let (Some(init), false) = (init, v.reassigned || v.addr_taken)
            && let Some(held) = self.f.e.boxed_type(init)
        {
            self.holds.insert(VarKey::Obj(obj), held);
        }
        Ok(())
    }

    /// A new variable of the builder's own.
    pub fn tmp(&mut self, ty: TyId, by_ref: bool, name: &str, init: Option<ValueId>) -> VarKey {
        self.tmp_count += 1;
        let key = VarKey::Tmp(self.tmp_count);
        let var = self.new_var(ty, by_ref, name, init);
        self.f.vars.insert(key, var);
        key
    }

    fn new_var(&mut self, ty: TyId, by_ref: bool, name: &str, init: Option<ValueId>) -> Var {
        if !by_ref && self.in_registers(ty) {
            let l = self.f.e.local(ty, name);
            let v = init.unwrap_or_else(|| self.f.e.zero(ty));
            self.f.e.set(l, v);
            return Var::Local(l);
        }
        let place = if by_ref { Storage::Heap } else { Storage::Stack };
        let ptr_ty = self.pointer(ty);
        let p = self.f.e.alloc(ptr_ty, ty, place);
        if let Some(v) = init {
            self.f.e.store(p, v);
        }
        if by_ref { Var::Mem(p) } else { Var::Stack(p) }
    }

    /// Where a variable is, seen from the current function.
    pub fn var(&mut self, key: VarKey) -> Res<Var> {
        let depth = self.outer.len();
        self.var_at(depth, key)
    }

    fn state_at(&mut self, depth: usize) -> &mut FuncState {
        if depth == self.outer.len() { &mut self.f } else { &mut self.outer[depth] }
    }

    fn var_at(&mut self, depth: usize, key: VarKey) -> Res<Var> {
        if let Some(&v) = self.state_at(depth).vars.get(&key) {
            return Ok(v);
        }
        if depth == 0 {
            let name = match key {
                VarKey::Obj(o) => self.w.text(self.w.store.obj(o).name).to_string(),
                VarKey::Tmp(n) => format!("temporary {n}"),
            };
            return self.fail(format!("variable {name} is not declared here"));
        }
        let outer = self.var_at(depth - 1, key)?;
        let (ty, by_ref) = self.var_facts(depth - 1, outer);
        let ptr = self.pointer(ty);
        let s = self.state_at(depth);
        let at = s.captures.len() as u32;
        s.captures.push((key, if by_ref { ptr } else { ty }, by_ref));
        let var = match s.level {
            Level::Body => {
                let v = s.e.func.new_value(if by_ref { ptr } else { ty });
                s.e.func.blocks[0].params.push(v);
                if by_ref { Var::Mem(v) } else { Var::Value(v) }
            }
            _ if by_ref => Var::CapturedRef(at, ty),
            _ => Var::CapturedValue(at, ty),
        };
        s.vars.insert(key, var);
        Ok(var)
    }

    /// Type of a variable of the function at `depth`, and whether a capture of it is its address.
    fn var_facts(&mut self, depth: usize, v: Var) -> (TyId, bool) {
        let (p, by_ref) = match v {
            Var::Local(l) => return (self.state_at(depth).e.func.locals[l.index()].ty, false),
            Var::Value(x) => return (self.state_at(depth).e.ty(x), false),
            Var::CapturedValue(_, t) => return (t, false),
            Var::CapturedRef(_, t) | Var::MemIn(_, t) => return (t, true),
            Var::Mem(p) => (p, true),
            Var::Stack(p) => (p, false),
        };
        let ty = self.state_at(depth).e.ty(p);
        (self.types().elem(ty), by_ref)
    }

    /// The address of a variable in memory, none for one in registers.
    pub fn var_addr(&mut self, v: Var) -> Option<ValueId> {
        match v {
            Var::Local(_) | Var::Value(_) | Var::CapturedValue(..) => None,
            Var::Mem(p) | Var::Stack(p) => Some(p),
            Var::MemIn(l, _) => Some(self.f.e.get(l)),
            Var::CapturedRef(i, t) => {
                let ptr = self.pointer(t);
                Some(self.f.e.op(ptr, Op::Capture(i)))
            }
        }
    }

    /// The value of a variable.
    pub fn read_var(&mut self, v: Var) -> ValueId {
        match v {
            Var::Local(l) => self.f.e.get(l),
            Var::Value(x) => x,
            Var::CapturedValue(i, t) => self.captured_value(i, t),
            _ => {
                let p = self.var_addr(v).expect("a variable in memory has an address");
                let ty = self.types().elem(self.f.e.ty(p));
                self.f.e.load(ty, p)
            }
        }
    }

    /// A variable that was captured by value. Of an interface that is never assigned again, what it was made from is known
    /// here too.
    fn captured_value(&mut self, i: u32, ty: TyId) -> ValueId {
        let v = self.f.e.op(ty, Op::Capture(i));
        let Some(&held) = self.f.captures.get(i as usize).and_then(|(key, ..)| self.holds.get(key)) else { return v };
        let word = World::unsafe_pointer();
        let is_eface = self.types().interface_methods(ty).is_some_and(<[_]>::is_empty);
        let tab = self.f.e.op(word, if is_eface { Op::TypeDesc(held) } else { Op::ItabDesc(ty, held) });
        let data = self.f.e.op(word, Op::IfaceData(v));
        self.f.e.op(ty, Op::MakeIfaceRaw(tab, data))
    }

    /// Assigns a variable.
    pub fn write_var(&mut self, v: Var, val: ValueId) -> Res<()> {
        match v {
            Var::Local(l) => self.f.e.set(l, val),
            Var::Value(_) | Var::CapturedValue(..) => {
                return self.fail("assignment to a variable that was captured by value");
            }
            _ => {
                let p = self.var_addr(v).expect("a variable in memory has an address");
                self.f.e.store(p, val);
            }
        }
        Ok(())
    }

    pub fn read_key(&mut self, key: VarKey) -> Res<ValueId> {
        let v = self.var(key)?;
        Ok(self.read_var(v))
    }

    pub fn write_key(&mut self, key: VarKey, val: ValueId) -> Res<()> {
        let v = self.var(key)?;
        self.write_var(v, val)
    }

    // ---- functions

    /// Builds the body of the current function, whose parameters are those of its declaration.
    pub fn function(&mut self, sig: &Signature, body: Block) -> Res<()> {
        let facts = scan::scan_body(&self.code.tree, body.list);
        if facts.has_range {
            self.find_shared(body.list)?;
        }
        let splits = facts.has_defer;
        let mut params = self.f.e.params();
        let results = self.result_vars(sig)?;
        if splits {
            return self.split_function(sig, results, body);
        }
        self.bind_params(sig, &mut params)?;
        self.f.results = results.clone();
        for (obj, _) in results {
            if let Some(obj) = obj {
                self.declare(obj, None)?;
            }
        }
        self.function_body(body)
    }

    /// Names and types of results.
    pub fn result_vars(&mut self, sig: &Signature) -> Res<Vec<(Option<ObjId>, TyId)>> {
        let objs = self.w.store.objs(sig.results).to_vec();
        let mut out = vec![];
        for o in objs {
            let named = !matches!(self.w.store.obj(o).name, Name::BLANK | Name::EMPTY);
            out.push((named.then_some(o), self.obj_ty(o)?));
        }
        Ok(out)
    }

    /// Makes variables of receiver and parameters; takes their values from the front of `params`.
    pub fn bind_params(&mut self, sig: &Signature, params: &mut Vec<ValueId>) -> Res<()> {
        if let Some(recv) = sig.recv {
            let v = match self.w.program.func(self.f.id).context {
                Context::Receiver(t) if self.f.level == Level::Root => self.f.e.op(t, Op::Receiver),
                _ => params.remove(0),
            };
            self.bind_param(recv, v)?;
        }
        for p in self.w.store.objs(sig.params).to_vec() {
            let v = params.remove(0);
            self.bind_param(p, v)?;
        }
        Ok(())
    }

    fn bind_param(&mut self, obj: ObjId, v: ValueId) -> Res<()> {
        if self.w.store.obj(obj).name == Name::EMPTY {
            return Ok(());
        }
        let var = *self.w.store.var(obj);
        if !var.reassigned && !var.addr_taken && self.in_registers(self.f.e.ty(v)) {
            self.f.vars.insert(VarKey::Obj(obj), Var::Value(v));
            return Ok(());
        }
        self.declare(obj, Some(v))
    }

    /// Statements, then the return at the end.
    pub fn function_body(&mut self, body: Block) -> Res<()> {
        self.stmts(body.list)?;
        self.f.e.pos = body.rbrace.0;
        match &self.f.returns {
            Returns::RangeBody(_) => self.range_body_continue(),
            _ if self.f.results.iter().any(|r| r.0.is_some()) || self.f.results.is_empty() => self.return_stmt(&[]),
            _ => {
                // The checker has seen that the end is not reached.
                self.f.e.term(Term::Unreachable);
                Ok(())
            }
        }
    }

    /// The id of the next function inside this one.
    pub fn inner_func(&mut self, decl: FuncDecl) -> Res<FuncId> {
        let key = FuncKey::Inner(self.root, self.inner_count);
        self.inner_count += 1;
        let root = self.root;
        let again = decl.clone();
        let id = self.w.intern_func(key, |_| Ok((decl, FuncSrc::Inner(root))))?;
        self.w.program.funcs[id.0 as usize] = again;
        Ok(id)
    }

    /// Starts building an inner function.
    pub fn enter(&mut self, id: FuncId, level: Level, name: String) {
        let mut e = Emit::new(&self.w.program, id);
        e.pos = self.f.e.pos;
        let state = FuncState::new(e, id, level, name);
        let outer = std::mem::replace(&mut self.f, state);
        self.f.in_closure = outer.in_closure;
        if level == Level::Body {
            // What is inside goes on counting where the outer part is.
            self.f.closure_count = outer.closure_count;
        }
        self.outer.push(outer);
    }

    /// Ends building an inner function; gives what it captures as values of the function around it.
    pub fn leave(&mut self) -> Res<Vec<ValueId>> {
        let outer = self.outer.pop().expect("an outer function");
        let inner = std::mem::replace(&mut self.f, outer);
        let types: Vec<TyId> = inner.captures.iter().map(|c| c.1).collect();
        let decl = &mut self.w.program.funcs[inner.id.0 as usize];
        match inner.level {
            Level::Body => decl.params.extend(&types),
            _ if types.is_empty() => decl.context = Context::None,
            _ => decl.context = Context::Captures(types),
        }
        self.done.push(inner.e.finish());
        let mut values = vec![];
        for (key, _, by_ref) in inner.captures {
            let v = self.var(key)?;
            values.push(match by_ref {
                true => self.var_addr(v).expect("captured by reference"),
                false => self.read_var(v),
            });
        }
        Ok(values)
    }

    /// A declaration of an inner function.
    pub fn inner_decl(&self, name: String, kind: FuncKind, params: Vec<TyId>, results: Vec<TyId>) -> FuncDecl {
        FuncDecl {
            name: name.into(),
            kind,
            params,
            results,
            context: Context::None,
            native: None,
            pos: self.f.e.pos,
            variadic: false,
            noinline: false,
            known: Known::No,
        }
    }

    /// A constant of a basic type.
    pub fn constant(&mut self, val: &itab_types::Value, ty: TyId) -> Res<ValueId> {
        match constant(self.types(), val, ty) {
            Some(c) => Ok(self.f.e.op(ty, Op::Const(c))),
            None => {
                let t = self.types().reflect_string(ty);
                self.fail(format!("constant {val:?} as {t}"))
            }
        }
    }
}

/// A constant's value as one of a type.
pub(crate) fn constant(types: &TypeTable, val: &itab_types::Value, ty: TyId) -> Option<Const> {
    use itab_types::Value;
    Some(match types.as_basic(ty)? {
        Basic::Bool => match val {
            Value::Bool(b) => Const::Bool(*b),
            _ => return None,
        },
        Basic::String => Const::Str(val.as_bytes()?.into()),
        Basic::Float32 => Const::Float(f64::from(val.to_float().as_f32())),
        Basic::Float64 => Const::Float(val.to_float().as_f64()),
        Basic::Complex64 => {
            let c = val.to_complex();
            Const::Complex(f64::from(c.real().as_f32()), f64::from(c.imag().as_f32()))
        }
        Basic::Complex128 => {
            let c = val.to_complex();
            Const::Complex(c.real().as_f64(), c.imag().as_f64())
        }
        // An integer, or a uintptr that became an unsafe.Pointer.
        _ => {
            let i = val.to_int();
            Const::Int(i.as_i64().or_else(|| i.as_u64().map(|u| u as i64))?)
        }
    })
}

impl FuncState {
    fn new(e: Emit, id: FuncId, level: Level, name: String) -> FuncState {
        FuncState {
            e,
            id,
            level,
            vars: FxHashMap::default(),
            captures: vec![],
            jumps: vec![],
            labels: FxHashMap::default(),
            results: vec![],
            returns: Returns::Values,
            frame: None,
            range_body: false,
            hoisted: FxHashMap::default(),
            derived: FxHashMap::default(),
            borrowed: FxHashSet::default(),
            in_closure: false,
            closure_count: 0,
            range_count: 0,
            wrap_count: 0,
            name,
        }
    }
}
