//! Leaf functions without a frame.
//!
//! Cranelift gives every function on x86-64 a frame: `push rbp; mov rbp, rsp`. A function that calls nothing and has
//! nothing on its stack needs none. It is faster without, because saving and restoring rbp through memory is a chain of
//! five cycles from one call to the next.
//!
//! Before compilation, [`Exits::mark`] decides whether a function qualifies and marks the instructions that leave it.
//! Afterwards [`Exits::strip`] finds the epilogues before them, overwrites these and the prologue, and says that the code
//! begins behind the prologue. If anything looks other than expected, the function keeps its frame.
//!
//! What is assumed: arguments and results are in registers (asserted), nothing is spilled or saved (Cranelift's frame size
//! says so), and no other instruction touches the stack or rbp (the check of finished code looks at each).
//!
//! A fault in such a function happens while rbp is still its caller's and unsaved. `FuncInfo::frameless` tells the signal
//! handler, which saves it then.

use crate::marks::{Mark, Marks, Spans};
use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::{AbiParam, Function, Inst, Opcode, Signature};
use itab_abi::call::{FLOAT_ARGS, FLOAT_RESULTS, INT_ARGS, INT_RESULTS};

/// Functions with more exits keep their frame.
const MAX_EXITS: usize = 64;

const PROLOGUE: [u8; 4] = [0x55, 0x48, 0x89, 0xe5];
const EPILOGUE: [u8; 4] = [0x48, 0x89, 0xec, 0x5d];
/// `nop` of four bytes.
const NOP: [u8; 4] = [0x0f, 0x1f, 0x40, 0x00];
const RET: u8 = 0xc3;
const INT3: u8 = 0xcc;

/// The instructions that leave a function, and their marks.
#[derive(Default)]
pub struct Exits(Vec<(Inst, Mark)>);

impl Exits {
    /// Marks the exits of a function that may need no frame; none if it needs one.
    pub fn mark(func: &mut Function, marks: &mut Marks) -> Exits {
        let exits = exits(func).unwrap_or_default();
        let marked: Option<Vec<_>> = exits.into_iter().map(|inst| Some((inst, marks.add(func, &[inst])?))).collect();
        Exits(marked.unwrap_or_default())
    }

    /// Removes the frame from finished code. If it could be, how many bytes at the beginning are to be cut off: the prologue,
    /// unless there are constants behind the code that have to stay aligned.
    pub fn strip(&self, func: &Function, compiled: &CompiledCode, spans: &Spans, code: &mut [u8]) -> Option<u32> {
        let frame = compiled.buffer.frame_layout().map(|f| f.frame_to_fp_offset);
        if self.0.is_empty() || frame != Some(0) || !code.starts_with(&PROLOGUE) {
            return None;
        }
        let epilogues = self.epilogues(func, spans, code)?;
        code[..PROLOGUE.len()].copy_from_slice(&NOP);
        for at in epilogues {
            match code[at + EPILOGUE.len()] {
                RET => code[at..=at + EPILOGUE.len()].copy_from_slice(&[RET, INT3, INT3, INT3, INT3]),
                _ => code[at..at + EPILOGUE.len()].copy_from_slice(&NOP),
            }
        }
        let len = PROLOGUE.len() as u32;
        Some(if compiled.buffer.alignment <= len { len } else { 0 })
    }

    /// Offset of the epilogue of each exit.
    fn epilogues(&self, func: &Function, spans: &Spans, code: &[u8]) -> Option<Vec<usize>> {
        let alive = |inst| func.layout.inst_block(inst).is_some();
        let exits = self.0.iter().filter(|&&(inst, _)| alive(inst));
        exits.map(|&(inst, m)| epilogue(func.dfg.insts[inst].opcode(), &code[..spans.get(m)?.end])).collect()
    }
}

/// All exits of a function that may need no frame.
fn exits(func: &Function) -> Option<Vec<Inst>> {
    if !func.sized_stack_slots.is_empty() {
        return None;
    }
    debug_assert!(is_in_registers(&func.signature), "a Go function has arguments or results on the stack");
    let mut exits = vec![];
    for block in func.layout.blocks() {
        for inst in func.layout.block_insts(block) {
            let op = func.dfg.insts[inst].opcode();
            match op {
                Opcode::Return | Opcode::ReturnCall | Opcode::ReturnCallIndirect => exits.push(inst),
                Opcode::GetFramePointer | Opcode::GetReturnAddress | Opcode::GetStackPointer => return None,
                op if op.is_call() => return None,
                _ => {}
            }
        }
    }
    (exits.len() <= MAX_EXITS).then_some(exits)
}

/// Whether all parameters and results travel in registers. The context is one more integer parameter.
fn is_in_registers(sig: &Signature) -> bool {
    let fit = |words: &[AbiParam], ints, floats| {
        let is_float = |p: &&AbiParam| p.value_type.is_float();
        let n = words.iter().filter(is_float).count();
        n <= floats && words.len() - n <= ints
    };
    fit(&sig.params, INT_ARGS + 1, FLOAT_ARGS) && fit(&sig.returns, INT_RESULTS, FLOAT_RESULTS)
}

/// Offset of the epilogue in code that ends with an exit.
fn epilogue(op: Opcode, code: &[u8]) -> Option<usize> {
    let tail = match (op, code) {
        (Opcode::Return, [.., RET]) => 1,
        (Opcode::ReturnCall, [.., 0xe9, _, _, _, _]) => 5,
        (Opcode::ReturnCallIndirect, [.., 0x41, 0xff, 0xe0..=0xe7]) => 3,
        (Opcode::ReturnCallIndirect, [.., 0xff, 0xe0..=0xe7]) => 2,
        _ => return None,
    };
    let at = code.len().checked_sub(tail + EPILOGUE.len())?;
    code[at..].starts_with(&EPILOGUE).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epilogues_are_found_from_the_end() {
        assert_eq!(epilogue(Opcode::Return, &[0x90, 0x48, 0x89, 0xec, 0x5d, 0xc3]), Some(1));
        assert_eq!(epilogue(Opcode::ReturnCall, &[0x48, 0x89, 0xec, 0x5d, 0xe9, 0, 0, 0, 0]), Some(0));
        assert_eq!(epilogue(Opcode::ReturnCallIndirect, &[0x48, 0x89, 0xec, 0x5d, 0x41, 0xff, 0xe2]), Some(0));
        assert_eq!(epilogue(Opcode::ReturnCallIndirect, &[0x48, 0x89, 0xec, 0x5d, 0xff, 0x20]), None);
        assert_eq!(epilogue(Opcode::Return, &[0x5d, 0xc3]), None);
    }
}
