//! One function's IR to CLIF.
//!
//! [`Emit`] visits the blocks in reverse postorder, so that a value's definition is met before its uses. It appends the
//! CLIF of each operation at the builder's cursor. An operation that needs control flow leaves the cursor in the block
//! where execution goes on.
//!
//! Every slow path is a cold block that stores its operands in the isolate block and calls a `preserve_all` stub. A normal
//! call in a cold block would make the register allocator spill what is live in the hot path.
//!
//! All operands that a compiled function reads outside itself are [`LinkSymbol`]s: no address of the process is in CLIF.

mod arith;
mod call;
mod chan;
mod check;
mod closure;
mod convert;
mod defer;
mod equal;
mod iface;
mod inst;
mod intrinsic;
mod leaf;
mod memory;
mod print;
mod rotate;
mod runtime;
mod slice;
mod split;
mod static_box;
mod string;
mod term;
mod uses;
pub mod value;
mod wide;

use crate::abi::{self, CallLayout, FlatSig};
use crate::object::LinkSymbol;
use crate::symbols::{Shape, Unit};
use cranelift_codegen::ir::{
    self, AbiParam, Block, ExternalName, FuncRef, GlobalValue, GlobalValueData, InstBuilder, SigRef, Signature,
    SourceLoc, TrapCode, UserExternalName, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::RuntimeFn;
use itab_abi::trap::Trap;
use itab_ir::func::{BlockId, Func, Pos, ValueId};
use itab_ir::op::{Op, Term};
use itab_ir::program::{FuncDecl, FuncId, Program};
use itab_ir::sanity::reverse_postorder;
use itab_ir::ty::{TyId, TypeTable};
pub use runtime::runtime_signature;
use runtime::slow;
use rustc_hash::FxHashMap;
use std::mem::offset_of;
use value::{Addr, GO, OWN, Repr, clif_type};

/// Frames larger than this are not made: variables and snapshots move to the heap. The headroom below `stack_limit` must
/// hold such a frame and what a runtime helper needs.
const MAX_FRAME: u64 = 64 << 10;

/// A variable of the function.
enum LocalRepr {
    Scalars(Vec<Variable>),
    Slot(Addr),
}

/// State of the translation of one function.
pub struct Emit<'a> {
    b: FunctionBuilder<'a>,
    types: &'a TypeTable,
    program: &'a Program,
    func: &'a Func,
    decl: &'a FuncDecl,
    unit: &'a mut Unit,
    uses: uses::Uses,
    rotation: rotate::Rotation,
    layout: CallLayout,
    values: Vec<Option<Repr>>,
    locals: Vec<LocalRepr>,
    blocks: Vec<Option<Block>>,
    /// Slots of memory-class block parameters.
    param_slots: FxHashMap<ValueId, Addr>,
    /// Edges into a block that have not been made yet.
    open_edges: Vec<u32>,
    context: Option<Value>,
    result_block: Option<Value>,
    tries: Option<defer::Try>,
    /// Loads and stores that also test their pointer, as (block, instruction), and the position of the test.
    faulting: FxHashMap<(u32, u32), Pos>,
    at: (u32, u32),
    frame_bytes: u64,
    /// Whether addresses of stack slots may be with callees: then there are no tail calls.
    has_stack_objects: bool,
    loop_uses: split::LoopUses,
    /// Arrays in the frame for slices that `append` makes, by instruction.
    append_buffers: FxHashMap<(u32, u32), Addr>,
    carries: wide::Carries,
    /// Of results of slicing: the pointer, past the end if there is no element.
    raw_pointers: FxHashMap<ValueId, Value>,
    arg_slots: Vec<(u64, ir::StackSlot)>,
    symbol_values: FxHashMap<u32, GlobalValue>,
    functions: FxHashMap<(u32, SigRef), FuncRef>,
    signatures: FxHashMap<(FlatSig, bool), SigRef>,
    runtime_sigs: FxHashMap<RuntimeFn, SigRef>,
}

/// CLIF signature of a Go function.
pub fn signature(sig: &FlatSig, context: bool) -> Signature {
    let layout = CallLayout::new(sig);
    let mut s = Signature::new(CallConv::Tail);
    let ptr = AbiParam::new(types::I64);
    if layout.result_block > 0 {
        s.params.push(ptr);
    } else {
        s.returns.extend(sig.results.iter().map(|&w| AbiParam::new(clif_type(w))));
    }
    s.params.extend(sig.params[..layout.reg_params].iter().map(|&w| AbiParam::new(clif_type(w))));
    if layout.arg_block > 0 {
        s.params.push(ptr);
    }
    if context {
        s.params.push(ptr);
    }
    s
}

/// The code with which a trap reaches the runtime.
pub fn trap(t: Trap) -> TrapCode {
    TrapCode::unwrap_user(t as u8)
}

/// Translates one function into `clif`, which is empty but for its name.
pub fn function(
    clif: &mut ir::Function,
    ctx: &mut FunctionBuilderContext,
    isa: &dyn cranelift_codegen::isa::TargetIsa,
    program: &Program,
    func: &Func,
    unit: &mut Unit,
) {
    let decl = program.func(func.id);
    let sig = FlatSig::of_decl(&program.types, decl);
    clif.signature = signature(&sig, abi::has_context(decl));
    let mut e = Emit {
        b: FunctionBuilder::new(clif, ctx),
        types: &program.types,
        program,
        func,
        decl,
        unit,
        uses: uses::Uses::new(func),
        rotation: rotate::Rotation::default(),
        layout: CallLayout::new(&sig),
        values: vec![None; func.values.len()],
        locals: vec![],
        blocks: vec![None; func.blocks.len()],
        param_slots: FxHashMap::default(),
        open_edges: vec![0; func.blocks.len()],
        context: None,
        result_block: None,
        tries: defer::Try::find(func),
        faulting: FxHashMap::default(),
        at: (0, 0),
        frame_bytes: 0,
        has_stack_objects: uses::has_stack_objects(func),
        loop_uses: split::LoopUses::default(),
        append_buffers: FxHashMap::default(),
        carries: wide::Carries::default(),
        raw_pointers: FxHashMap::default(),
        arg_slots: vec![],
        symbol_values: FxHashMap::default(),
        functions: FxHashMap::default(),
        signatures: FxHashMap::default(),
        runtime_sigs: FxHashMap::default(),
    };
    e.body(&sig);
    e.b.seal_all_blocks();
    e.b.finalize(isa.frontend_config());
    crate::tidy::tidy(clif);
}

impl Emit<'_> {
    fn body(&mut self, sig: &FlatSig) {
        let order = reverse_postorder(self.func);
        self.find_rotations(&order);
        self.find_loop_uses(&order);
        let blocks: Vec<BlockId> = order.into_iter().filter(|&b| !self.rotation.is_head(b)).collect();
        for &b in &blocks {
            for s in self.edges(b) {
                self.open_edges[s.index()] += 1;
            }
        }
        self.make_blocks(&blocks);
        self.prologue(sig);
        for &b in &blocks {
            self.block(b);
        }
    }

    /// CLIF blocks of all reachable blocks but the entry, with their parameters.
    fn make_blocks(&mut self, order: &[BlockId]) {
        for &b in order {
            let block = self.b.create_block();
            self.blocks[b.index()] = Some(block);
            if b.index() == 0 {
                if self.open_edges[0] > 0 {
                    ice!("{}: a jump to the entry block", self.decl.name);
                }
                continue;
            }
            if self.func.block(b).cold {
                self.b.set_cold_block(block);
            }
            for &p in &self.func.block(b).params {
                let ty = self.func.ty(p);
                let repr = match self.shape(ty) {
                    Shape::Flat(leaves) => {
                        Repr::Flat(leaves.iter().map(|l| self.b.append_block_param(block, clif_type(l.word))).collect())
                    }
                    Shape::Image(size) => {
                        let slot = Addr::slot(self.new_slot(size));
                        self.param_slots.insert(p, slot);
                        Repr::Mem(slot)
                    }
                };
                self.values[p.index()] = Some(repr);
            }
        }
    }

    /// Entry block: the stack check, then parameters and variables in the block of IR's entry.
    fn prologue(&mut self, sig: &FlatSig) {
        let entry = self.b.create_block();
        self.b.append_block_params_for_function_params(entry);
        let mut params: Vec<Value> = self.b.block_params(entry).to_vec();
        self.b.switch_to_block(entry);
        self.b.seal_block(entry);
        if self.decl.pos != 0 {
            self.b.set_srcloc(SourceLoc::new(self.decl.pos));
        }
        if self.needs_stack_check() {
            self.stack_check();
        }
        let first = self.blocks[0].expect("the entry block is reachable");
        self.b.ins().jump(first, &[]);
        self.b.switch_to_block(first);
        self.b.seal_block(first);
        if abi::has_context(self.decl) {
            self.context = params.pop().map(|v| self.split_context(v));
        }
        let arg_block = if self.layout.arg_block > 0 { params.pop() } else { None };
        let mut regs = params.into_iter();
        if self.layout.result_block > 0 {
            self.result_block = regs.next();
        }
        let regs: Vec<Value> = regs.collect();
        debug_assert_eq!(regs.len(), self.layout.reg_params.min(sig.params.len()));
        self.bind_params(&regs, arg_block);
        self.declare_locals();
        self.make_append_buffers();
    }

    fn stack_check(&mut self) {
        let sp = self.b.ins().get_stack_pointer(types::I64);
        let limit = self.own_load(offset_of!(IsolateBlock, stack_limit));
        let low = self.b.ins().icmp(ir::condcodes::IntCC::UnsignedLessThan, sp, limit);
        let (cold, cont) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(low, cold, &[], cont, &[]);
        self.enter(cold);
        self.slow(slow::morestack {});
        self.landing_pad(cont);
        self.enter(cont);
    }

    fn bind_params(&mut self, regs: &[Value], arg_block: Option<Value>) {
        let func = self.func;
        let mut word = 0;
        for &p in &func.blocks[0].params {
            let ty = func.ty(p);
            let in_block = |word: usize| {
                let block = arg_block.expect("a word beyond the registers");
                Addr::ptr(block).plus(8 * (word - regs.len()) as u64)
            };
            let repr = match self.shape(ty) {
                Shape::Image(size) => {
                    let at = in_block(word);
                    word += size.div_ceil(8) as usize;
                    Repr::Mem(at)
                }
                Shape::Flat(leaves) => {
                    let first = word;
                    word += leaves.len();
                    Repr::Flat(
                        (first..)
                            .zip(leaves.iter())
                            .map(|(i, l)| match regs.get(i) {
                                Some(&v) => self.split_range(p, v),
                                None => self.load_scalar(l.word, in_block(i), OWN),
                            })
                            .collect(),
                    )
                }
            };
            self.values[p.index()] = Some(repr);
        }
    }

    fn declare_locals(&mut self) {
        for l in &self.func.locals {
            let repr = match self.shape(l.ty) {
                Shape::Flat(leaves) => {
                    let vars = leaves.iter().map(|l| {
                        let ty = clif_type(l.word);
                        let var = self.b.declare_var(ty);
                        let zero = self.zero_scalar(ty);
                        self.b.def_var(var, zero);
                        var
                    });
                    LocalRepr::Scalars(vars.collect())
                }
                Shape::Image(size) => {
                    let place = self.new_place(l.ty, size);
                    self.zero_bytes(place, size);
                    LocalRepr::Slot(place)
                }
            };
            self.locals.push(repr);
        }
    }

    fn block(&mut self, b: BlockId) {
        let func = self.func;
        let ir_block = func.block(b);
        if b.index() != 0 {
            let block = self.blocks[b.index()].expect("a reachable block");
            self.b.switch_to_block(block);
        }
        self.read_head_values(b);
        let elsewhere = self.recover_values(b);
        for (i, inst) in ir_block.insts.iter().enumerate() {
            self.at = (b.0, i as u32);
            let pos = self.faulting.get(&self.at).copied().unwrap_or(inst.pos);
            self.b.set_srcloc(SourceLoc::new(pos));
            let repr = self.inst(&inst.op, inst.result);
            if let Some(v) = inst.result {
                self.values[v.index()] = Some(repr.unwrap_or_else(|| ice!("no result of {:?}", inst.op)));
            }
        }
        self.at = (b.0, ir_block.insts.len() as u32);
        self.b.set_srcloc(SourceLoc::new(ir_block.term_pos));
        match &ir_block.term {
            Term::Jump(to, args) if self.rotation.is_head(*to) => self.copy_head(*to, args),
            term => self.terminator(term),
        }
        if let Some(e) = elsewhere {
            self.restore_values(e);
        }
        self.close_edges(b);
    }

    /// Seals blocks all of whose predecessors exist now.
    fn close_edges(&mut self, b: BlockId) {
        for s in self.edges(b) {
            let open = &mut self.open_edges[s.index()];
            *open -= 1;
            if *open == 0 {
                self.b.seal_block(self.blocks[s.index()].expect("a reachable block"));
            }
        }
    }

    // ---- operands

    fn ty(&self, v: ValueId) -> TyId {
        self.func.ty(v)
    }

    fn val(&self, v: ValueId) -> Repr {
        match &self.values[v.index()] {
            Some(r) => r.clone(),
            None => ice!("{}: {v:?} is used before its definition", self.decl.name),
        }
    }

    /// A value of one scalar.
    fn one(&self, v: ValueId) -> Value {
        match &self.values[v.index()] {
            Some(Repr::Flat(s)) if s.len() == 1 => s[0],
            r => ice!("{}: {v:?} is not one scalar but {r:?}", self.decl.name),
        }
    }

    /// Scalar `i` of a flat value.
    fn nth(&self, v: ValueId, i: usize) -> Value {
        match &self.values[v.index()] {
            Some(Repr::Flat(s)) if i < s.len() => s[i],
            r => ice!("{}: {v:?} has no scalar {i}: {r:?}", self.decl.name),
        }
    }

    /// What defines a value, when that is an instruction.
    fn def(&self, v: ValueId) -> Option<&Op> {
        let (b, i) = self.uses.def(v)?;
        Some(&self.func.blocks[b as usize].insts[i as usize].op)
    }

    // ---- symbols

    /// A symbol's address, or the number that it stands for.
    fn symbol(&mut self, target: LinkSymbol) -> Value {
        let number = self.unit.symbols.number(&target);
        let gv = match self.symbol_values.get(&number) {
            Some(&gv) => gv,
            None => {
                let name = self.b.func.declare_imported_user_function(UserExternalName::new(0, number));
                let gv = self.b.create_global_value(GlobalValueData::Symbol {
                    name: ExternalName::user(name),
                    offset: 0.into(),
                    colocated: !is_far(&target),
                    tls: false,
                });
                self.symbol_values.insert(number, gv);
                gv
            }
        };
        self.b.ins().symbol_value(types::I64, gv)
    }

    fn type_desc(&mut self, ty: TyId) -> Value {
        self.symbol(LinkSymbol::Type(ty))
    }

    fn function_ref(&mut self, target: LinkSymbol, sig: SigRef) -> FuncRef {
        let number = self.unit.symbols.number(&target);
        if let Some(&f) = self.functions.get(&(number, sig)) {
            return f;
        }
        let name = self.b.func.declare_imported_user_function(UserExternalName::new(0, number));
        let data =
            ir::ExtFuncData { name: ExternalName::user(name), signature: sig, colocated: true, patchable: false };
        let f = self.b.import_function(data);
        self.functions.insert((number, sig), f);
        f
    }

    fn sig_ref(&mut self, sig: &FlatSig, context: bool) -> SigRef {
        if let Some(&s) = self.signatures.get(&(sig.clone(), context)) {
            return s;
        }
        let s = self.b.import_signature(signature(sig, context));
        self.signatures.insert((sig.clone(), context), s);
        s
    }

    fn cold_block(&mut self) -> Block {
        self.block_of(true)
    }

    /// A new block, out of the way or not.
    fn block_of(&mut self, cold: bool) -> Block {
        let block = self.b.create_block();
        if cold {
            self.b.set_cold_block(block);
        }
        block
    }

    /// Switches to a block all of whose predecessors exist.
    fn enter(&mut self, block: Block) {
        self.b.switch_to_block(block);
        self.b.seal_block(block);
    }

    /// Flags of the access that the current instruction makes: it may stand for the nil check before it.
    fn access(&self) -> ir::MemFlagsData {
        if self.faulting.contains_key(&self.at) { NIL_FAULT } else { GO }
    }

    fn same_batch(&self, f: FuncId) -> bool {
        self.unit.batch.contains(&f)
    }
}

/// An access whose fault means a nil dereference.
const NIL_FAULT: ir::MemFlagsData =
    ir::MemFlagsData::new().with_trap_code(Some(TrapCode::unwrap_user(Trap::Nil as u8)));

/// Whether a target stands for a number instead of an address near the code.
fn is_far(target: &LinkSymbol) -> bool {
    matches!(
        target,
        LinkSymbol::Global(_)
            | LinkSymbol::Probe(_)
            | LinkSymbol::CasesProbe(_)
            | LinkSymbol::Cell(_)
            | LinkSymbol::RecordCell { .. }
            | LinkSymbol::ZeroVal
            | LinkSymbol::ZeroBase
            | LinkSymbol::SmallInts
    )
}
