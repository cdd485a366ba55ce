//! Calls of runtime entry points, and the isolate block that they and compiled code share.
//!
//! Everything is made from the one table of entries: CLIF signatures ([`runtime_signature`]), and for each `slow` entry a
//! struct of [`slow`] whose fields are the entry's operands. So operands of a slow path are given by name, none too few or
//! too many, and its results are read by name.

use super::value::OWN;
use super::{Emit, trap};
use crate::object::LinkSymbol;
use cranelift_codegen::ir::{AbiParam, FuncRef, InstBuilder, Signature, Value, types};
use cranelift_codegen::isa::CallConv;
use itab_abi::block::IsolateBlock;
use itab_abi::call::AbiType;
use itab_abi::for_each_runtime_fn;
use itab_abi::runtime_fns::{EntryKind, Operand, RuntimeFn};
use itab_abi::trap::Trap;
use std::mem::offset_of;

/// CLIF signature of a runtime entry point.
pub fn runtime_signature(f: RuntimeFn) -> Signature {
    let (convention, block, params) = match f.entry() {
        EntryKind::Slow => (CallConv::PreserveAll, false, &[][..]),
        EntryKind::Keep => (CallConv::PreserveAll, false, f.params()),
        EntryKind::Call => (CallConv::SystemV, true, f.params()),
    };
    let mut s = Signature::new(convention);
    if block {
        s.params.push(AbiParam::new(types::I64));
    }
    s.params.extend(params.iter().map(clif));
    s.returns.extend(f.register_results().iter().map(clif));
    s
}

fn clif(operand: &Operand) -> AbiParam {
    // Rust's compiler, as C's, takes it that the caller has extended what is narrow to 32 bits.
    match operand.ty {
        AbiType::Ptr | AbiType::I64 => AbiParam::new(types::I64),
        AbiType::U32 | AbiType::I32 => AbiParam::new(types::I32),
        AbiType::U16 => AbiParam::new(types::I16).uext(),
        AbiType::I16 => AbiParam::new(types::I16).sext(),
        AbiType::U8 | AbiType::Bool => AbiParam::new(types::I8).uext(),
        AbiType::I8 => AbiParam::new(types::I8).sext(),
        AbiType::F64 => AbiParam::new(types::F64),
        AbiType::F32 => AbiParam::new(types::F32),
    }
}

/// A `slow` entry point with the operands of one call.
pub trait SlowEntry {
    /// The entry point.
    const FN: RuntimeFn;
    /// Where its results lie, by name.
    type Results;
    /// The places of the results.
    const RESULTS: Self::Results;
    /// Hands out the operands, in their order.
    fn operands(&self, store: impl FnMut(Value));
}

/// The place of a result in the isolate block.
#[derive(Clone, Copy)]
pub struct ResultPlace(usize);

macro_rules! slow_entries {
    ($($(#[$doc:meta])* $kind:ident $name:ident($($arg:ident: $ty:ident),*) -> ($($result:ident: $ret:ident),*);)*) => {
        /// The `slow` entry points.
        pub mod slow {
            $(slow_entries! { @$kind $(#[$doc])* $name($($arg),*) -> ($($result),*) })*
        }
    };
    (@slow $(#[$doc:meta])* $name:ident($($arg:ident),*) -> ($($result:ident),*)) => {
        $(#[$doc])*
        #[allow(non_camel_case_types)]
        pub struct $name {
            $(pub $arg: super::Value),*
        }

        const _: () = {
            #[allow(dead_code, reason = "a result may be of no use to callers")]
            pub struct Results {
                $(pub $result: super::ResultPlace),*
            }
            #[allow(non_camel_case_types, dead_code, reason = "numbers for names")]
            enum Index { $($result),* }

            impl super::SlowEntry for $name {
                const FN: super::RuntimeFn = super::RuntimeFn::$name;
                type Results = Results;
                const RESULTS: Results = Results { $($result: super::ResultPlace(Index::$result as usize)),* };
                fn operands(&self, mut store: impl FnMut(super::Value)) {
                    let _ = &mut store;
                    $(store(self.$arg);)*
                }
            }
        };
    };
    (@$other:ident $($rest:tt)*) => {};
}
for_each_runtime_fn!(slow_entries);

impl Emit<'_> {
    /// An entry point as a function of the code being built.
    pub fn runtime_ref(&mut self, f: RuntimeFn) -> FuncRef {
        let sig = match self.runtime_sigs.get(&f) {
            Some(&s) => s,
            None => {
                let s = self.b.import_signature(runtime_signature(f));
                self.runtime_sigs.insert(f, s);
                s
            }
        };
        self.function_ref(LinkSymbol::Runtime(f), sig)
    }

    /// A word of the isolate block.
    pub fn own_load(&mut self, offset: usize) -> Value {
        let block = self.b.ins().get_pinned_reg(types::I64);
        self.b.ins().load(types::I64, OWN, block, offset as i32)
    }

    /// Calls a `call` entry point: all results, those that lie in the block included.
    pub fn runtime(&mut self, f: RuntimeFn, args: &[Value]) -> Vec<Value> {
        debug_assert_eq!(f.entry(), EntryKind::Call);
        let callee = self.runtime_ref(f);
        let block = self.b.ins().get_pinned_reg(types::I64);
        let mut all = vec![block];
        all.extend_from_slice(args);
        let inst = self.b.ins().call(callee, &all);
        let mut results = self.b.inst_results(inst).to_vec();
        for i in 0..f.results().len() - results.len() {
            let rest = self.slow_result(ResultPlace(i));
            results.push(rest);
        }
        results
    }

    /// Calls a `keep` entry point.
    pub fn keep(&mut self, f: RuntimeFn, args: &[Value]) {
        debug_assert_eq!(f.entry(), EntryKind::Keep);
        let callee = self.runtime_ref(f);
        self.b.ins().call(callee, args);
    }

    /// Calls a `slow` entry point. Its results stay where they are until the next such call.
    pub fn slow<E: SlowEntry>(&mut self, entry: E) -> E::Results {
        let callee = self.runtime_ref(E::FN);
        if !E::FN.params().is_empty() {
            let block = self.b.ins().get_pinned_reg(types::I64);
            let mut at = offset_of!(IsolateBlock, args) as i32;
            entry.operands(|operand| {
                debug_assert_eq!(self.b.func.dfg.value_type(operand), types::I64, "an operand of {:?}", E::FN);
                self.b.ins().store(OWN, operand, block, at);
                at += 8;
            });
        }
        self.b.ins().call(callee, &[]);
        E::RESULTS
    }

    /// A result of a `slow` entry point.
    pub fn slow_result(&mut self, place: ResultPlace) -> Value {
        self.own_load(offset_of!(IsolateBlock, ret) + 8 * place.0)
    }

    /// On a cold path: a `slow` entry point, after which execution goes on.
    pub fn slow_if(&mut self, cond: Value, entry: impl SlowEntry) {
        let cold = self.cold_block();
        let cont = self.b.create_block();
        self.b.ins().brif(cond, cold, &[], cont, &[]);
        self.enter(cold);
        self.slow(entry);
        self.b.ins().jump(cont, &[]);
        self.enter(cont);
    }

    /// A `slow` entry point that panics unless `ok`.
    pub fn panic_unless(&mut self, ok: Value, entry: impl SlowEntry) {
        let cold = self.cold_block();
        let cont = self.b.create_block();
        self.b.ins().brif(ok, cont, &[], cold, &[]);
        self.enter(cold);
        self.panic(entry);
        self.enter(cont);
    }

    /// Calls a `slow` entry point that panics, and ends the block.
    pub fn panic(&mut self, entry: impl SlowEntry) {
        self.slow(entry);
        self.b.ins().trap(trap(Trap::Unreachable));
    }
}
