//! Code between Go's calling convention and arrays of words.
//!
//! A *native shim* lets Go code call a [`NativeFn`](itab_abi::call::NativeFn): it stores the argument words to an array,
//! calls, and loads the results. It touches only words of a flattened signature, so one serves all functions of it.

use crate::abi::{CallLayout, FlatSig, Word};
use crate::emit::value::{OWN, clif_type};
use crate::emit::{runtime_signature, signature};
use crate::object::LinkSymbol;
use crate::symbols::Symbols;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, ExtFuncData, ExternalName, FuncRef, Function, InstBuilder, Signature, StackSlotData, StackSlotKind,
    UserExternalName, Value, types,
};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use itab_abi::block::IsolateBlock;
use itab_abi::runtime_fns::RuntimeFn;
use std::mem::offset_of;

/// Up to so many words are copied one by one.
const MAX_UNROLLED: usize = 32;

/// A shim that is being built.
pub(crate) struct Shim<'a> {
    pub(crate) b: FunctionBuilder<'a>,
    pub(crate) symbols: &'a mut Symbols,
}

/// Builds the shim through which Go code calls `target`.
pub fn native(
    clif: &mut Function,
    ctx: &mut FunctionBuilderContext,
    isa: &dyn TargetIsa,
    symbols: &mut Symbols,
    (sig, context): (&FlatSig, bool),
    target: &LinkSymbol,
) {
    clif.signature = signature(sig, context);
    let layout = CallLayout::new(sig);
    let mut s = Shim::new(FunctionBuilder::new(clif, ctx), symbols);
    let mut params = s.start();
    s.stack_check();
    let context = if context { params.pop() } else { None };
    let block_args = if layout.arg_block > 0 { params.pop() } else { None };
    let mut params = params.into_iter();
    let result_block = if layout.result_block > 0 { params.next() } else { None };

    let words = usize::from(context.is_some()) + sig.params.len();
    let array = s.array(words);
    let mut at = 0;
    if let Some(c) = context {
        s.b.ins().store(OWN, c, array, 0);
        at += 8;
    }
    for (v, &w) in params.zip(&sig.params) {
        let v = s.widen(w, v);
        s.b.ins().store(OWN, v, array, at);
        at += 8;
    }
    if let Some(from) = block_args {
        s.copy_words(array, at, from, sig.params.len() - layout.reg_params);
    }
    let results = match result_block {
        Some(p) => p,
        None => s.array(sig.results.len()),
    };
    let mut native = Signature::new(CallConv::SystemV);
    native.params = vec![AbiParam::new(types::I64); 3];
    let callee = s.function(target, native);
    let block = s.b.ins().get_pinned_reg(types::I64);
    s.b.ins().call(callee, &[block, array, results]);
    let mut out = vec![];
    if result_block.is_none() {
        for (i, &w) in sig.results.iter().enumerate() {
            out.push(s.b.ins().load(clif_type(w), OWN, results, 8 * i as i32));
        }
    }
    s.b.ins().return_(&out);
    s.b.finalize(isa.frontend_config());
}

impl<'a> Shim<'a> {
    pub(crate) fn new(b: FunctionBuilder<'a>, symbols: &'a mut Symbols) -> Shim<'a> {
        Shim { b, symbols }
    }

    /// Opens the entry block and gives the parameters.
    pub(crate) fn start(&mut self) -> Vec<Value> {
        let entry = self.b.create_block();
        self.b.append_block_params_for_function_params(entry);
        self.b.switch_to_block(entry);
        self.b.seal_block(entry);
        self.b.block_params(entry).to_vec()
    }

    pub(crate) fn function(&mut self, target: &LinkSymbol, sig: Signature) -> FuncRef {
        let number = self.symbols.number(target);
        let name = self.b.func.declare_imported_user_function(UserExternalName::new(0, number));
        let signature = self.b.import_signature(sig);
        self.b.import_function(ExtFuncData {
            name: ExternalName::user(name),
            signature,
            colocated: true,
            patchable: false,
        })
    }

    pub(crate) fn stack_check(&mut self) {
        let block = self.b.ins().get_pinned_reg(types::I64);
        let limit = self.b.ins().load(types::I64, OWN, block, offset_of!(IsolateBlock, stack_limit) as i32);
        let sp = self.b.ins().get_stack_pointer(types::I64);
        let low = self.b.ins().icmp(IntCC::UnsignedLessThan, sp, limit);
        let (cold, cont) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(cold);
        self.b.ins().brif(low, cold, &[], cont, &[]);
        self.b.switch_to_block(cold);
        self.b.seal_block(cold);
        let slow = self.function(&LinkSymbol::Runtime(RuntimeFn::morestack), runtime_signature(RuntimeFn::morestack));
        self.b.ins().call(slow, &[]);
        self.b.ins().jump(cont, &[]);
        self.b.switch_to_block(cont);
        self.b.seal_block(cont);
    }

    /// Address of a new array of words in the frame.
    pub(crate) fn array(&mut self, words: usize) -> Value {
        let size = 8 * words.max(1) as u32;
        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, size, 3);
        let slot = self.b.create_sized_stack_slot(slot);
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    pub(crate) fn widen(&mut self, word: Word, v: Value) -> Value {
        match word {
            Word::F32 | Word::F64 | Word::I64 | Word::Image => v,
            w if w.is_signed() => self.b.ins().sextend(types::I64, v),
            _ => self.b.ins().uextend(types::I64, v),
        }
    }

    fn copy_words(&mut self, to: Value, at: i32, from: Value, n: usize) {
        if n <= MAX_UNROLLED {
            for i in 0..n as i32 {
                let v = self.b.ins().load(types::I64, OWN, from, 8 * i);
                self.b.ins().store(OWN, v, to, at + 8 * i);
            }
            return;
        }
        let f = self.function(&LinkSymbol::Runtime(RuntimeFn::memmove), runtime_signature(RuntimeFn::memmove));
        let block = self.b.ins().get_pinned_reg(types::I64);
        let to = self.b.ins().iadd_imm_s(to, i64::from(at));
        let n = self.b.ins().iconst(types::I64, 8 * n as i64);
        self.b.ins().call(f, &[block, to, from, n]);
    }
}
