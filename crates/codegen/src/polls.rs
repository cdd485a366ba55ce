//! Stack checks and polls for preemption in one instruction each.
//!
//! Every function begins by comparing the stack pointer with the stack's limit, and loops poll a word of the isolate block
//! for preemption. Cranelift folds no load into the comparison of a branch, and it copies the pinned register before it
//! loads through it. So the stack check takes four instructions and the poll three. Here they are overwritten by a
//! comparison with memory, which prefixes without a meaning fill up to the same length.
//!
//! A sequence that looks other than expected stays as it is. So does one whose loaded value has other uses after
//! optimisation. A copy of the stack pointer with other uses is kept.

use crate::finish::Rewritten;
use crate::marks::{Mark, Marks, Spans};
use crate::tidy::uses;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Function, Inst, InstructionData, Opcode, Value};
use itab_abi::block::IsolateBlock;
use std::mem::offset_of;

/// A prefix without a meaning here.
const PREFIX: u8 = 0x3e;
/// `cmpq $0, disp32(%r15)`, without the displacement and the number.
const CMP_ZERO: [u8; 3] = [0x49, 0x83, 0xbf];
/// `cmpq disp32(%r15), %rsp`, with a SIB byte, without the displacement.
const CMP_RSP: [u8; 4] = [0x49, 0x3b, 0xa4, 0x27];

/// A poll: its mark, and what is loaded through the pinned register.
struct Poll {
    mark: Mark,
    loaded: [Value; 2],
}

/// Length of a copy between registers.
const COPY: usize = 3;

/// The polls of a function.
#[derive(Default)]
pub struct Polls {
    preempt: Vec<Poll>,
    /// Stack checks, with the stack pointer's copy.
    stack: Vec<(Poll, Value)>,
}

impl Polls {
    /// Marks the polls of a function for x86-64.
    pub fn mark(func: &mut Function, marks: &mut Marks) -> Polls {
        let mut polls = Polls::default();
        let blocks: Vec<_> = func.layout.blocks().collect();
        for block in blocks {
            let Some(branch) = func.layout.last_inst(block) else { continue };
            let InstructionData::Brif { arg, .. } = func.dfg.insts[branch] else { continue };
            if let Some(own) = own_load(func, arg, offset_of!(IsolateBlock, preempt)) {
                let loaded = own.map(|i| func.dfg.first_result(i));
                let mark = marks.add(func, &[own[0], own[1], branch]);
                polls.preempt.extend(mark.map(|mark| Poll { mark, loaded }));
            } else if let Some([sp, get, load, cmp]) = stack_check(func, arg) {
                let [sp_copy, pinned, limit] = [sp, get, load].map(|i| func.dfg.first_result(i));
                let mark = marks.add(func, &[sp, get, load, cmp, branch]);
                polls.stack.extend(mark.map(|mark| (Poll { mark, loaded: [pinned, limit] }, sp_copy)));
            }
        }
        polls
    }

    /// Writes the comparisons over the polls in the finished code of `func`, which has been optimised.
    pub fn rewrite(&self, func: &Function, spans: &Spans, code: &mut [u8], count: &mut Rewritten) {
        if self.preempt.is_empty() && self.stack.is_empty() {
            return;
        }
        let uses = uses(func);
        let single = |p: &Poll| p.loaded.iter().all(|v| uses[*v] == 1);
        for p in self.preempt.iter().filter(|p| single(p)) {
            if let Some(at) = spans.get(p.mark)
                && let Some(len) = preempt_len(&code[at.clone()])
            {
                let mut cmp = CMP_ZERO.to_vec();
                cmp.extend((offset_of!(IsolateBlock, preempt) as u32).to_le_bytes());
                cmp.push(0);
                fill(&mut code[at.start..at.start + len], &cmp);
                count.preemption_polls += 1;
            }
        }
        for (p, sp) in self.stack.iter().filter(|(p, _)| single(p)) {
            if let Some(at) = spans.get(p.mark)
                && let Some((copy, len)) = stack_len(&code[at.clone()])
            {
                let copy = code[at.start + copy..][..COPY].to_vec();
                let mut check = if uses[*sp] > 1 { copy } else { vec![] };
                let kept = check.len();
                check.extend(CMP_RSP);
                check.extend((offset_of!(IsolateBlock, stack_limit) as u32).to_le_bytes());
                let place = &mut code[at.start..at.start + len];
                place[..kept].copy_from_slice(&check[..kept]);
                fill(&mut place[kept..], &check[kept..]);
                count.stack_checks += 1;
            }
        }
    }
}

/// The instructions of a load from the isolate block.
fn own_load(func: &Function, v: Value, offset: usize) -> Option<[Inst; 2]> {
    let load = func.dfg.value_def(func.dfg.resolve_aliases(v)).inst()?;
    let InstructionData::Load { opcode: Opcode::Load, arg, offset: at, .. } = func.dfg.insts[load] else { return None };
    let get = func.dfg.value_def(func.dfg.resolve_aliases(arg)).inst()?;
    let pinned = func.dfg.insts[get].opcode() == Opcode::GetPinnedReg;
    (pinned && i64::from(at) == offset as i64).then_some([get, load])
}

/// The instructions of the comparison of the stack pointer with its limit.
fn stack_check(func: &Function, v: Value) -> Option<[Inst; 4]> {
    let cmp = func.dfg.value_def(func.dfg.resolve_aliases(v)).inst()?;
    let InstructionData::IntCompare { cond: IntCC::UnsignedLessThan, args: [sp, limit], .. } = func.dfg.insts[cmp]
    else {
        return None;
    };
    let sp = func.dfg.value_def(func.dfg.resolve_aliases(sp)).inst()?;
    if func.dfg.insts[sp].opcode() != Opcode::GetStackPointer {
        return None;
    }
    let [get, load] = own_load(func, limit, offset_of!(IsolateBlock, stack_limit))?;
    Some([sp, get, load, cmp])
}

/// Writes an instruction over all of `place`.
fn fill(place: &mut [u8], inst: &[u8]) {
    let (prefixes, rest) = place.split_at_mut(place.len() - inst.len());
    prefixes.fill(PREFIX);
    rest.copy_from_slice(inst);
}

/// Length of `mov %r15, a; mov 8(a), b; test b, b`.
fn preempt_len(code: &[u8]) -> Option<usize> {
    let (a, rest) = copy_of(15, code)?;
    let (b, rest) = load(a, offset_of!(IsolateBlock, preempt), rest)?;
    let rest = reg_reg(0x85, b, b, rest)?;
    (rest.first() == Some(&0x0f) && rest.get(1) == Some(&0x85)).then_some(code.len() - rest.len())
}

/// Of `mov %r15, a; mov (a), b; mov %rsp, c; cmp b, c`: where the stack pointer is copied, and the length.
fn stack_len(code: &[u8]) -> Option<(usize, usize)> {
    let (a, rest) = copy_of(15, code)?;
    let (b, rest) = load(a, offset_of!(IsolateBlock, stack_limit), rest)?;
    let copy = code.len() - rest.len();
    let (c, rest) = copy_of(4, rest)?;
    let rest = reg_reg(0x39, b, c, rest).or_else(|| reg_reg(0x3b, c, b, rest))?;
    let branches = rest.first() == Some(&0x0f) && rest.get(1) == Some(&0x82);
    (b != c && branches).then_some((copy, code.len() - rest.len()))
}

/// `mov from, reg`: the register and what follows.
fn copy_of(from: u8, code: &[u8]) -> Option<(u8, &[u8])> {
    let to = (0..16).find(|&to| reg_reg(0x89, from, to, code).is_some())?;
    Some((to, &code[COPY..]))
}

/// An instruction of 64 bits with two registers, `reg` in the middle of its ModRM byte: what follows it.
fn reg_reg(opcode: u8, reg: u8, rm: u8, code: &[u8]) -> Option<&[u8]> {
    let rex = 0x48 | (reg >> 3) << 2 | rm >> 3;
    code.strip_prefix(&[rex, opcode, 0xc0 | (reg & 7) << 3 | rm & 7])
}

/// `mov offset(base), reg`: the register and what follows.
fn load(base: u8, offset: usize, code: &[u8]) -> Option<(u8, &[u8])> {
    let &[rex, 0x8b, modrm, ref rest @ ..] = code else { return None };
    let reg = (rex >> 2 & 1) << 3 | modrm >> 3 & 7;
    if rex & !4 != 0x48 | base >> 3 || modrm & 7 != base & 7 {
        return None;
    }
    let rest = if base & 7 == 4 { rest.strip_prefix(&[0x24])? } else { rest };
    match modrm >> 6 {
        0 if offset == 0 && base & 7 != 5 => Some((reg, rest)),
        1 => rest.strip_prefix(&[u8::try_from(offset).ok().filter(|&o| o < 128)?]).map(|rest| (reg, rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_for_preemption_is_one_instruction() {
        // mov %r15, %rcx; mov 8(%rcx), %rcx; test %rcx, %rcx; jne
        let code = [0x4c, 0x89, 0xf9, 0x48, 0x8b, 0x49, 8, 0x48, 0x85, 0xc9, 0x0f, 0x85, 1, 2, 3, 4];
        assert_eq!(preempt_len(&code), Some(10));
        // The same by r12 and r9.
        let code = [0x4d, 0x89, 0xfc, 0x4d, 0x8b, 0x4c, 0x24, 8, 0x4d, 0x85, 0xc9, 0x0f, 0x85, 1, 2, 3, 4];
        assert_eq!(preempt_len(&code), Some(11));
        // Another register is tested.
        let code = [0x4c, 0x89, 0xf9, 0x48, 0x8b, 0x49, 8, 0x48, 0x85, 0xc0, 0x0f, 0x85, 1, 2, 3, 4];
        assert_eq!(preempt_len(&code), None);
    }

    #[test]
    fn a_stack_check_is_one_instruction() {
        // mov %r15, %rax; mov (%rax), %rax; mov %rsp, %rcx; cmp %rax, %rcx; jb
        let code = [0x4c, 0x89, 0xf8, 0x48, 0x8b, 0, 0x48, 0x89, 0xe1, 0x48, 0x39, 0xc1, 0x0f, 0x82, 1, 2, 3, 4];
        assert_eq!(stack_len(&code), Some((6, 12)));
        assert_eq!(stack_len(&code[..13]), None);
    }

    #[test]
    fn what_is_left_over_is_filled_with_prefixes() {
        let mut place = [0; 4];
        fill(&mut place, &[1, 2]);
        assert_eq!(place, [PREFIX, PREFIX, 1, 2]);
    }
}
