//! Calls: operands to registers and blocks, results back. See `crate::abi` for the convention.

use super::value::{Addr, GO, OWN, Repr, Scalars};
use super::{Emit, NIL_FAULT};
use crate::abi::{self, CallLayout, FlatSig, Word};
use crate::object::LinkSymbol;
use crate::symbols::Shape;
use cranelift_codegen::ir::{FuncRef, InstBuilder, SigRef, StackSlot, Value};
use itab_abi::iface::itab_fun_offset;
use itab_abi::value::CAPTURES;
use itab_ir::func::ValueId;
use itab_ir::op::Callee;
use itab_ir::program::{Context, FuncId};
use itab_ir::ty::TyId;
use smallvec::SmallVec;

/// How control gets to a callee.
pub enum Code {
    /// By name.
    Direct(FuncRef),
    /// By address.
    Indirect(SigRef, Value),
}

/// A call whose operands are in place.
pub struct Prepared {
    /// Code to enter.
    pub code: Code,
    /// CLIF arguments.
    pub args: Vec<Value>,
    /// The block that takes the results, if they are not in registers.
    pub result_block: Option<Addr>,
    /// Whether arguments lie in a block of this frame.
    pub has_arg_block: bool,
    results: Vec<TyId>,
    scratch: Option<(u64, StackSlot)>,
}

/// Largest argument block in the frame.
const MAX_ARG_BLOCK: u64 = 16 << 10;

impl Emit<'_> {
    /// `Op::Call`
    pub fn call(&mut self, callee: &Callee, args: &[ValueId]) -> Repr {
        let p = self.prepare(callee, args, None);
        let values = self.emit_call(&p);
        self.results(&p, &values)
    }

    /// Emits the call; gives its register results.
    pub fn emit_call(&mut self, p: &Prepared) -> Scalars {
        let inst = match p.code {
            Code::Direct(f) => self.b.ins().call(f, &p.args),
            Code::Indirect(sig, code) => self.b.ins().call_indirect(sig, code, &p.args),
        };
        if let Some((size, slot)) = p.scratch {
            self.release_scratch(size, slot);
        }
        self.b.inst_results(inst).into()
    }

    /// Puts the operands of a call where the callee expects them. `result_block` is where it leaves results that do not
    /// fit in registers, a new slot when none.
    pub fn prepare(&mut self, callee: &Callee, args: &[ValueId], result_block: Option<Value>) -> Prepared {
        let (params, results, context, args): (Vec<TyId>, Vec<TyId>, Option<Value>, &[ValueId]) = match callee {
            Callee::Static(f) => {
                let decl = self.program.func(*f);
                let (context, args) = match &decl.context {
                    Context::None => (None, args),
                    Context::Captures(_) if args.len() == decl.params.len() => {
                        ice!("{}: a direct call of {} without its captures", self.decl.name, decl.name)
                    }
                    _ => (Some(self.one(args[0])), &args[1..]),
                };
                (decl.params.clone(), decl.results.clone(), context, args)
            }
            Callee::Closure(v) => {
                let sig = self.types.sig(self.ty(*v)).clone();
                (sig.params, sig.results, None, args)
            }
            Callee::Interface { iface, index } => {
                let ty = self.ty(*iface);
                let methods = self.types.interface_methods(ty).unwrap_or_else(|| ice!("method call of {ty:?}"));
                let sig = self.types.sig(methods[*index as usize].sig).clone();
                (sig.params, sig.results, None, args)
            }
        };
        if params.len() != args.len() {
            ice!("{}: call {callee:?} of {} parameters with {} arguments", self.decl.name, params.len(), args.len());
        }
        let sig = FlatSig::new(self.types, &params, &results);
        let layout = CallLayout::new(&sig);
        let mut clif_args = vec![];
        let mut out = None;
        if layout.result_block > 0 {
            let at = match result_block {
                Some(p) => Addr::ptr(p),
                None => self.new_block(u64::from(layout.result_block)),
            };
            clif_args.push(self.addr_value(at));
            out = Some(at);
        }
        let scratch = self.place_args(&params, args, &layout, &mut clif_args);
        let code = self.callee_code(callee, &sig, context, &mut clif_args);
        Prepared { code, args: clif_args, result_block: out, has_arg_block: layout.arg_block > 0, results, scratch }
    }

    /// Words of the arguments to registers, the rest to the argument block.
    fn place_args(
        &mut self,
        params: &[TyId],
        args: &[ValueId],
        layout: &CallLayout,
        out: &mut Vec<Value>,
    ) -> Option<(u64, StackSlot)> {
        let size = u64::from(layout.arg_block);
        let slot = (1..=MAX_ARG_BLOCK).contains(&size).then(|| self.scratch(size));
        let block = match slot {
            Some(s) => Some(Addr::slot(s)),
            None if size > 0 => Some(self.new_block(size)),
            None => None,
        };
        let mut word = 0;
        for (&ty, &arg) in params.iter().zip(args) {
            let v = self.val(arg);
            match self.shape(ty) {
                Shape::Image(bytes) => {
                    let at = in_block(block, word - layout.reg_params);
                    self.store_value(ty, &v, at, OWN);
                    word += bytes.div_ceil(8) as usize;
                }
                Shape::Flat(leaves) => {
                    let scalars = self.scalars(&v);
                    if scalars.len() != leaves.len() {
                        ice!("{}: argument {arg:?} of type {:?} for {ty:?}", self.decl.name, self.ty(arg));
                    }
                    for (l, &s) in leaves.iter().zip(&scalars) {
                        if word < layout.reg_params {
                            out.push(s);
                        } else {
                            let at = in_block(block, word - layout.reg_params);
                            self.store_word(l.word, s, at);
                        }
                        word += 1;
                    }
                }
            }
        }
        out.push(self.addr_value(block?));
        Some((size, slot?))
    }

    /// Stores a word to a block, widened.
    pub fn store_word(&mut self, word: Word, v: Value, at: Addr) {
        let v = self.widen(word, v);
        self.store_scalar(v, at, OWN);
    }

    fn callee_code(&mut self, callee: &Callee, sig: &FlatSig, context: Option<Value>, args: &mut Vec<Value>) -> Code {
        match callee {
            Callee::Static(f) => {
                args.extend(context);
                self.function_code(*f, sig)
            }
            Callee::Closure(v) => {
                let f = self.one(*v);
                let code = self.load64(f, 0, NIL_FAULT);
                args.push(self.b.ins().iadd_imm_s(f, CAPTURES as i64));
                Code::Indirect(self.sig_ref(sig, true), code)
            }
            Callee::Interface { iface, index } => {
                let (tab, data) = (self.nth(*iface, 0), self.nth(*iface, 1));
                let code = self.load64(tab, itab_fun_offset(*index as usize) as i32, NIL_FAULT);
                args.push(data);
                Code::Indirect(self.sig_ref(sig, true), code)
            }
        }
    }

    /// A function of the program: its code in the same batch, else what its slot holds.
    pub fn function_code(&mut self, f: FuncId, sig: &FlatSig) -> Code {
        let sig = self.sig_ref(sig, abi::has_context(self.program.func(f)));
        if self.same_batch(f) {
            Code::Direct(self.function_ref(LinkSymbol::Func(f), sig))
        } else {
            let slot = self.symbol(LinkSymbol::Slot(f));
            Code::Indirect(sig, self.load64(slot, 0, OWN))
        }
    }

    /// The Go results of a call from its register results or its result block.
    pub fn results(&mut self, p: &Prepared, values: &[Value]) -> Repr {
        let mut word = 0;
        let mut reprs: SmallVec<[Repr; 2]> = SmallVec::new();
        for &ty in &p.results {
            let repr = match (self.shape(ty), p.result_block) {
                (Shape::Image(size), Some(block)) => {
                    let at = block.plus(8 * word as u64);
                    word += size.div_ceil(8) as usize;
                    Repr::Mem(at)
                }
                (Shape::Flat(leaves), Some(block)) => {
                    let first = word;
                    word += leaves.len();
                    Repr::Flat(
                        leaves
                            .iter()
                            .zip(first..)
                            .map(|(l, i)| self.load_scalar(l.word, block.plus(8 * i as u64), OWN))
                            .collect(),
                    )
                }
                (Shape::Flat(leaves), None) => {
                    let first = word;
                    word += leaves.len();
                    Repr::Flat(values[first..word].into())
                }
                (Shape::Image(_), None) => ice!("an image in registers"),
            };
            reprs.push(repr);
        }
        match reprs.len() {
            1 => reprs.remove(0),
            _ => Repr::Tuple(reprs.into_vec().into()),
        }
    }

    /// `Term::Return`
    pub fn return_values(&mut self, vals: &[ValueId]) {
        let Some(block) = self.result_block else {
            let mut out = vec![];
            for &v in vals {
                let repr = self.val(v);
                let scalars = self.scalars(&repr);
                out.extend(scalars.into_iter().map(|s| self.split_range(v, s)));
            }
            self.b.ins().return_(&out);
            return;
        };
        let mut word = 0;
        for (&v, i) in vals.iter().zip(0..) {
            let ty = self.decl.results[i];
            let v = self.val(v);
            match self.shape(ty) {
                Shape::Image(size) => {
                    self.store_value(ty, &v, Addr::ptr(block).plus(8 * word), GO);
                    word += size.div_ceil(8);
                }
                Shape::Flat(leaves) => {
                    let scalars = self.scalars(&v);
                    for (l, &s) in leaves.iter().zip(&scalars) {
                        self.store_word(l.word, s, Addr::ptr(block).plus(8 * word));
                        word += 1;
                    }
                }
            }
        }
        self.b.ins().return_(&[]);
    }

    /// `Term::TailCall`. Where the frame must stay (operands lie in it), it is a call and a return.
    pub fn tail_call(&mut self, callee: &Callee, args: &[ValueId]) {
        let p = self.prepare(callee, args, self.result_block);
        if p.has_arg_block || self.has_stack_objects {
            let values = self.emit_call(&p);
            let out: &[Value] = if self.result_block.is_some() { &[] } else { &values };
            self.b.ins().return_(out);
            return;
        }
        match p.code {
            Code::Direct(f) => self.b.ins().return_call(f, &p.args),
            Code::Indirect(sig, code) => self.b.ins().return_call_indirect(sig, code, &p.args),
        };
    }

    // ---- scratch slots, which are free again after the call they were made for

    /// A slot for operands of one call.
    pub fn scratch(&mut self, size: u64) -> StackSlot {
        match self.arg_slots.iter().position(|(s, _)| *s >= size) {
            Some(i) => self.arg_slots.swap_remove(i).1,
            None => self.new_slot(size),
        }
    }

    /// Gives a scratch slot back.
    pub fn release_scratch(&mut self, size: u64, slot: StackSlot) {
        self.arg_slots.push((size, slot));
    }
}

fn in_block(block: Option<Addr>, word: usize) -> Addr {
    match block {
        Some(a) => a.plus(8 * word as u64),
        None => ice!("a word beyond the registers without a block"),
    }
}
