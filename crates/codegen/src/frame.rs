//! Calls with frames: between Go's calling convention and values in memory.
//!
//! Package reflect lays the parameters and results of a func type out in memory like the fields of a struct, and so does
//! the host. A *call shim* is a Go function `func(fn, frame unsafe.Pointer)`: it calls `*fn` with the arguments in the
//! frame and leaves the results there. An *entry shim* does the same for the host, as a C function. A *stub* is the code
//! of a func value that reflection made: it collects the arguments in a frame of its own, has the func value's handler
//! fill in the results, and returns them. A *host stub* has a function of the host fill them in.
//!
//! All are compiled code like any other, so panics, switches and tracebacks pass through them. They touch only words and
//! bytes of a [`FrameLayout`], so one serves all func types of that layout.

use crate::abi::{CallLayout, FlatSig, Word, leaves};
use crate::emit::value::{GO, OWN, clif_type};
use crate::emit::{runtime_signature, signature};
use crate::object::LinkSymbol;
use crate::shim::Shim;
use crate::symbols::Symbols;
use cranelift_codegen::ir::{
    AbiParam, ExternalName, Function, GlobalValueData, InstBuilder, Signature, Type, UserExternalName, Value, types,
};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use itab_abi::runtime_fns::RuntimeFn;
use itab_abi::value::CAPTURES;
use itab_ir::ty::{Basic, TyId, TypeTable};

/// Copies up to this size are expanded in place.
const INLINE_BYTES: u32 = 128;
/// Larger frames and blocks are on the heap, because stack frames must stay small.
const MAX_SLOT_WORDS: usize = 1 << 10;

/// What stands at an offset of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// A leaf of a flat value.
    Word {
        /// Its machine type.
        word: Word,
        /// Offset in the frame.
        offset: u32,
    },
    /// A value that travels as memory.
    Image {
        /// Offset in the frame.
        offset: u32,
        /// Size in bytes.
        size: u32,
    },
}

impl Part {
    /// How many words of the signature it is.
    fn words(self) -> usize {
        match self {
            Part::Word { .. } => 1,
            Part::Image { size, .. } => size.div_ceil(8) as usize,
        }
    }

    fn flat(self) -> impl Iterator<Item = Word> {
        let word = match self {
            Part::Word { word, .. } => word,
            Part::Image { .. } => Word::Image,
        };
        std::iter::repeat_n(word, self.words())
    }
}

/// Where the words of a signature are in a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FrameLayout {
    /// Parameters.
    pub params: Vec<Part>,
    /// Results.
    pub results: Vec<Part>,
    /// Size of the frame in bytes.
    pub size: u32,
    /// The frame's first word is a receiver, which is no parameter but the context.
    pub receiver: bool,
}

impl FrameLayout {
    /// The frame of a signature, as package reflect's `funcLayout` has it without register arguments: the parameters at
    /// their alignment, then the results from the next whole word on.
    pub fn new(types: &TypeTable, params: &[TyId], results: &[TyId]) -> FrameLayout {
        let mut size = 0;
        let params = parts(types, params, &mut size);
        size = size.next_multiple_of(8);
        let results = parts(types, results, &mut size);
        FrameLayout { params, results, size: size.next_multiple_of(8) as u32, receiver: false }
    }

    /// The signature.
    pub fn sig(&self) -> FlatSig {
        let flat = |parts: &[Part]| parts.iter().flat_map(|p| p.flat()).collect();
        FlatSig { params: flat(&self.params), results: flat(&self.results) }
    }
}

fn parts(types: &TypeTable, list: &[TyId], size: &mut u64) -> Vec<Part> {
    let mut out = vec![];
    for &ty in list {
        *size = size.next_multiple_of(types.align_of(ty));
        let at = *size as u32;
        match leaves(types, ty) {
            Some(all) => out.extend(all.iter().map(|l| Part::Word { word: l.word, offset: at + l.offset })),
            None => out.push(Part::Image { offset: at, size: types.size_of(ty) as u32 }),
        }
        *size += types.size_of(ty);
    }
    out
}

/// Builds `func(fn, frame unsafe.Pointer)`, which calls the func value `fn`; with a receiver, `fn` points to the method's
/// code.
pub fn call(
    clif: &mut Function,
    ctx: &mut FunctionBuilderContext,
    isa: &dyn TargetIsa,
    symbols: &mut Symbols,
    frame: &FrameLayout,
) {
    clif.signature = signature(&FlatSig { params: vec![Word::I64; 2], results: vec![] }, false);
    let mut s = Shim::new(FunctionBuilder::new(clif, ctx), symbols);
    let params = s.start();
    s.stack_check();
    let (func, memory) = (params[0], params[1]);
    let code = s.b.ins().load(types::I64, GO, func, 0);
    let context = match frame.receiver {
        true => s.b.ins().load(types::I64, GO, memory, 0),
        false => s.b.ins().iadd_imm_s(func, CAPTURES as i64),
    };
    s.call_with_frame(frame, code, context, memory);
    s.b.ins().return_(&[]);
    s.b.finalize(isa.frontend_config());
}

/// Builds a function of `(code, context, frame: *mut u8)`, passed as C does, which calls Go code with its context and the
/// arguments in the frame. Like Go code it preserves the pinned register and the frame pointer alone.
pub fn enter(
    clif: &mut Function,
    ctx: &mut FunctionBuilderContext,
    isa: &dyn TargetIsa,
    symbols: &mut Symbols,
    frame: &FrameLayout,
) {
    // Where both pass three integers alike, Go's convention: the host preserves no register for its caller, so the shim need
    // not, and that is half of what it does.
    let alike = isa.name() == "x64";
    clif.signature = Signature::new(if alike { CallConv::Tail } else { CallConv::SystemV });
    clif.signature.params = vec![AbiParam::new(types::I64); 3];
    let mut s = Shim::new(FunctionBuilder::new(clif, ctx), symbols);
    let params = s.start();
    let [code, context, memory] = params[..] else { ice!("an entry shim has three parameters") };
    s.call_with_frame(frame, code, context, memory);
    s.b.ins().return_(&[]);
    s.b.finalize(isa.frontend_config());
}

/// Builds a Go function with a context that hands its frame to the host at `target`:
/// `extern "C" fn(block, frame: *mut u8, context)`. The results in the frame are zero until the host writes them.
pub fn host(
    clif: &mut Function,
    ctx: &mut FunctionBuilderContext,
    isa: &dyn TargetIsa,
    symbols: &mut Symbols,
    (frame, target): (&FrameLayout, &LinkSymbol),
) {
    let mut s = Shim::new(FunctionBuilder::new(clif, ctx), symbols);
    let (context, memory, results) = s.arguments_to_frame(frame);
    s.clear_results(frame, memory);
    let mut native = Signature::new(CallConv::SystemV);
    native.params = vec![AbiParam::new(types::I64); 3];
    let callee = s.function(target, native);
    let block = s.b.ins().get_pinned_reg(types::I64);
    s.b.ins().call(callee, &[block, memory, context]);
    let values = s.results_from_frame(frame, memory, results);
    s.b.ins().return_(&values);
    s.b.finalize(isa.frontend_config());
}

/// Builds the code of a func value whose first capture is its handler, a `func(self, frame unsafe.Pointer)`; `self` is
/// the func value itself.
pub fn stub(
    clif: &mut Function,
    ctx: &mut FunctionBuilderContext,
    isa: &dyn TargetIsa,
    symbols: &mut Symbols,
    frame: &FrameLayout,
) {
    let mut s = Shim::new(FunctionBuilder::new(clif, ctx), symbols);
    let (context, memory, results) = s.arguments_to_frame(frame);
    let own = s.b.ins().iadd_imm_s(context, -(CAPTURES as i64));
    let handler = s.b.ins().load(types::I64, GO, context, 0);
    let code = s.b.ins().load(types::I64, GO, handler, 0);
    let captures = s.b.ins().iadd_imm_s(handler, CAPTURES as i64);
    let callee = s.b.import_signature(signature(&FlatSig { params: vec![Word::I64; 2], results: vec![] }, true));
    s.b.ins().call_indirect(callee, code, &[own, memory, captures]);
    let values = s.results_from_frame(frame, memory, results);
    s.b.ins().return_(&values);
    s.b.finalize(isa.frontend_config());
}

impl Shim<'_> {
    /// Calls Go code with the arguments in a frame, and stores the results there.
    fn call_with_frame(&mut self, frame: &FrameLayout, code: Value, context: Value, memory: Value) {
        let sig = frame.sig();
        let layout = CallLayout::new(&sig);
        let results = (layout.result_block > 0).then(|| self.room(sig.results.len()));
        let mut args = vec![];
        args.extend(results);
        let block = (layout.arg_block > 0).then(|| self.room(sig.params.len() - layout.reg_params));
        let mut at = 0;
        for &part in &frame.params {
            match (part, block) {
                (Part::Word { word, offset }, _) if at < layout.reg_params => {
                    args.push(self.load(word, memory, offset));
                }
                (_, Some(block)) => self.part_to_block(part, memory, block, 8 * (at - layout.reg_params) as u32),
                _ => ice!("a word beyond the registers without a block"),
            }
            at += part.words();
        }
        args.extend(block);
        args.push(context);
        let callee = self.b.import_signature(signature(&sig, true));
        let inst = self.b.ins().call_indirect(callee, code, &args);
        let values = self.b.inst_results(inst).to_vec();
        self.results_to_frame(frame, memory, results, &values);
    }

    /// Opens a Go function with a context and stores its arguments to a frame of its own: the context, the frame, and the
    /// result block if there is one.
    fn arguments_to_frame(&mut self, frame: &FrameLayout) -> (Value, Value, Option<Value>) {
        let sig = frame.sig();
        self.b.func.signature = signature(&sig, true);
        let layout = CallLayout::new(&sig);
        let mut params = self.start();
        self.stack_check();
        let Some(context) = params.pop() else { ice!("a stub without a context") };
        let block = if layout.arg_block > 0 { params.pop() } else { None };
        let mut params = params.into_iter();
        let results = if layout.result_block > 0 { params.next() } else { None };
        let memory = self.room(frame.size.div_ceil(8) as usize);
        let mut at = 0;
        for &part in &frame.params {
            match (part, block) {
                (Part::Word { offset, .. }, _) if at < layout.reg_params => {
                    let Some(v) = params.next() else { ice!("a stub with too few parameters") };
                    self.b.ins().store(OWN, v, memory, offset as i32);
                }
                (_, Some(block)) => self.part_from_block(part, memory, block, 8 * (at - layout.reg_params) as u32),
                _ => ice!("a word beyond the registers without a block"),
            }
            at += part.words();
        }
        (context, memory, results)
    }

    /// Clears the words of a frame that hold results.
    fn clear_results(&mut self, frame: &FrameLayout, memory: Value) {
        let zero = self.b.ins().iconst(types::I64, 0);
        for &part in &frame.results {
            let (offset, size) = match part {
                Part::Word { word, offset } => (offset, word.size() as u32),
                Part::Image { offset, size } => (offset, size),
            };
            // Results begin at a whole word and are followed by nothing.
            for at in (offset / 8 * 8..offset + size).step_by(8) {
                self.b.ins().store(OWN, zero, memory, at as i32);
            }
        }
    }

    /// Room for so many words. The collector takes any word there for a pointer.
    fn room(&mut self, words: usize) -> Value {
        if words <= MAX_SLOT_WORDS {
            return self.array(words);
        }
        let f = self.function(&LinkSymbol::Runtime(RuntimeFn::newarray), runtime_signature(RuntimeFn::newarray));
        let typ = self.address(&LinkSymbol::Type(TypeTable::basic(Basic::UnsafePointer)));
        let block = self.b.ins().get_pinned_reg(types::I64);
        let n = self.b.ins().iconst(types::I64, words as i64);
        let call = self.b.ins().call(f, &[block, typ, n]);
        self.b.inst_results(call)[0]
    }

    fn address(&mut self, target: &LinkSymbol) -> Value {
        let number = self.symbols.number(target);
        let name = self.b.func.declare_imported_user_function(UserExternalName::new(0, number));
        let name = ExternalName::user(name);
        let symbol = GlobalValueData::Symbol { name, offset: 0.into(), colocated: true, tls: false };
        let symbol = self.b.create_global_value(symbol);
        self.b.ins().symbol_value(types::I64, symbol)
    }

    fn load(&mut self, word: Word, memory: Value, offset: u32) -> Value {
        self.b.ins().load(clif_type(word), GO, memory, offset as i32)
    }

    fn part_to_block(&mut self, part: Part, memory: Value, block: Value, at: u32) {
        match part {
            Part::Word { word, offset } => {
                let v = self.load(word, memory, offset);
                let v = self.widen(word, v);
                self.b.ins().store(OWN, v, block, at as i32);
            }
            Part::Image { offset, size } => self.copy_bytes((block, at), (memory, offset), size),
        }
    }

    fn part_from_block(&mut self, part: Part, memory: Value, block: Value, at: u32) {
        match part {
            Part::Word { word, offset } => {
                let v = self.load(word, block, at);
                self.b.ins().store(GO, v, memory, offset as i32);
            }
            Part::Image { offset, size } => self.copy_bytes((memory, offset), (block, at), size),
        }
    }

    fn results_to_frame(&mut self, frame: &FrameLayout, memory: Value, block: Option<Value>, values: &[Value]) {
        let mut at = 0;
        for &part in &frame.results {
            match (part, block) {
                (_, Some(block)) => self.part_from_block(part, memory, block, 8 * at as u32),
                (Part::Word { offset, .. }, None) => {
                    self.b.ins().store(GO, values[at], memory, offset as i32);
                }
                _ => ice!("a result in memory without a block"),
            }
            at += part.words();
        }
    }

    fn results_from_frame(&mut self, frame: &FrameLayout, memory: Value, block: Option<Value>) -> Vec<Value> {
        let (mut values, mut at) = (vec![], 0);
        for &part in &frame.results {
            match (part, block) {
                (_, Some(block)) => self.part_to_block(part, memory, block, 8 * at as u32),
                (Part::Word { word, offset }, None) => values.push(self.load(word, memory, offset)),
                _ => ice!("a result in memory without a block"),
            }
            at += part.words();
        }
        values
    }

    /// Copies exactly `size` bytes: what follows them in a frame is another value.
    fn copy_bytes(&mut self, (to, to_at): (Value, u32), (from, from_at): (Value, u32), size: u32) {
        if size > INLINE_BYTES {
            let f = self.function(&LinkSymbol::Runtime(RuntimeFn::memmove), runtime_signature(RuntimeFn::memmove));
            let block = self.b.ins().get_pinned_reg(types::I64);
            let to = self.b.ins().iadd_imm_s(to, i64::from(to_at));
            let from = self.b.ins().iadd_imm_s(from, i64::from(from_at));
            let n = self.b.ins().iconst(types::I64, i64::from(size));
            self.b.ins().call(f, &[block, to, from, n]);
            return;
        }
        let mut done = 0;
        for (unit, ty) in [(8, types::I64), (4, types::I32), (2, types::I16), (1, types::I8)] {
            while size - done >= unit {
                self.copy_unit(ty, (to, to_at + done), (from, from_at + done));
                done += unit;
            }
        }
    }

    fn copy_unit(&mut self, ty: Type, to: (Value, u32), from: (Value, u32)) {
        let v = self.b.ins().load(ty, GO, from.0, from.1 as i32);
        self.b.ins().store(GO, v, to.0, to.1 as i32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_whole_words_of_the_signature() {
        let params = vec![Part::Word { word: Word::U8, offset: 0 }, Part::Image { offset: 4, size: 20 }];
        let frame = FrameLayout { params, results: vec![], size: 24, receiver: false };
        assert_eq!(frame.sig().params, [Word::U8, Word::Image, Word::Image, Word::Image]);
    }
}
