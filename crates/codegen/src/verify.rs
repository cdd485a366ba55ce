//! The check of finished code: that rewriting has left what it should.
//!
//! A function is decoded as the processor would run it. Every instruction that can be reached must decode and none may
//! overlap another. Jumps, jump tables, landing pads and addresses of the code itself must lead to instructions or, the
//! addresses, to data. Relocations, trap sites, source lines and return addresses must lie where instructions do. A
//! function without a frame must not touch the stack or the frame pointer.

use crate::decode::{self, Decoded, Instruction};
use crate::object::{Code, RelocKind};
use cranelift_codegen::isa::TargetIsa;
use rustc_hash::FxHashSet;

/// What is known of the code but not kept in [`Code`].
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// Where blocks begin.
    pub starts: Vec<u32>,
    /// Where landing pads begin.
    pub landing_pads: Vec<u32>,
    /// Where calls return to.
    pub returns: Vec<u32>,
}

/// Checks a function's code; what is wrong with it, if anything is.
pub fn verify(isa: &dyn TargetIsa, code: &Code, outline: &Outline) -> Result<(), String> {
    let decoded = decode::decode(isa, code, &outline.starts)?;
    let check = Check {
        code,
        starts: decoded.instructions.iter().map(|i| i.offset).collect(),
        ends: decoded.instructions.iter().map(|i| i.end()).collect(),
        decoded,
    };
    check.tables(&outline.starts)?;
    check.all_at("a landing pad", &outline.landing_pads)?;
    check.all_at("the trap site", &code.traps.iter().map(|t| t.offset).collect::<Vec<_>>())?;
    check.returns(&outline.returns)?;
    check.addresses()?;
    check.relocs()?;
    check.lines()?;
    check.frameless()
}

/// Calls and tail calls.
const CALLS: [&str; 8] = ["call", "callq", "jmp", "jmpq", "bl", "blr", "b", "br"];

struct Check<'a> {
    code: &'a Code,
    decoded: Decoded,
    starts: FxHashSet<u32>,
    ends: FxHashSet<u32>,
}

impl Check<'_> {
    fn all_at(&self, what: &str, offsets: &[u32]) -> Result<(), String> {
        match offsets.iter().find(|&o| !self.starts.contains(o)) {
            Some(o) => Err(format!("{what} at {o:#x} is at no instruction")),
            None => Ok(()),
        }
    }

    /// The instruction that an offset lies in.
    fn covering(&self, offset: u32) -> Option<&Instruction> {
        let next = self.decoded.instructions.partition_point(|i| i.offset <= offset);
        let inst = &self.decoded.instructions[next.checked_sub(1)?];
        (offset < inst.end()).then_some(inst)
    }

    /// Calls and tail calls end where they are said to return to.
    fn returns(&self, returns: &[u32]) -> Result<(), String> {
        let is_call = |&at: &u32| {
            let call = at.checked_sub(1).and_then(|last| self.covering(last));
            call.is_some_and(|c| c.end() == at && CALLS.contains(&&*c.mnemonic))
        };
        match returns.iter().find(|at| !is_call(at)) {
            Some(at) => Err(format!("no call ends at {at:#x}")),
            None => Ok(()),
        }
    }

    /// Entries lead to instructions, and a table ends where a block begins, or it is behind all blocks.
    fn tables(&self, blocks: &[u32]) -> Result<(), String> {
        for table in &self.decoded.tables {
            self.all_at("the target of a jump table", &table.targets)?;
            let ends = blocks.contains(&table.end()) || blocks.iter().all(|&b| b < table.end());
            if table.targets.is_empty() || !ends || self.covering(table.end() - 1).is_some() {
                return Err(format!("the jump table at {:#x} is cut off", table.offset));
            }
        }
        Ok(())
    }

    /// Addresses of the code itself lead to an instruction or to data.
    fn addresses(&self) -> Result<(), String> {
        let relocated = |i: &Instruction| self.code.relocs.iter().any(|r| (i.offset..i.end()).contains(&r.offset));
        for inst in &self.decoded.instructions {
            let Some(to) = inst.local_address().filter(|_| !relocated(inst)) else { continue };
            let inside = self.covering(to).is_some_and(|i| i.offset != to);
            if inside || to as usize >= self.code.bytes.len() {
                return Err(format!("{:#x} is the address of no instruction or data", to));
            }
        }
        Ok(())
    }

    /// A relocation's bytes are part of one instruction, or data.
    fn relocs(&self) -> Result<(), String> {
        for r in &self.code.relocs {
            let size = if r.kind == RelocKind::Abs8 { 8 } else { 4 };
            let whole = match self.covering(r.offset) {
                Some(inst) => {
                    let first = matches!(r.kind, RelocKind::Abs8 | RelocKind::PcRel4);
                    (r.offset > inst.offset) == first && r.offset + size <= inst.end()
                }
                None => r.kind == RelocKind::Abs8 && self.covering(r.offset + size - 1).is_none(),
            };
            if !whole || (r.offset + size) as usize > self.code.bytes.len() {
                return Err(format!("the relocation at {:#x} is not in one instruction", r.offset));
            }
        }
        Ok(())
    }

    /// A line begins at an instruction or behind one.
    fn lines(&self) -> Result<(), String> {
        let fits = |o: &u32| self.starts.contains(o) || self.ends.contains(o);
        let sorted = self.code.lines.is_sorted_by_key(|l| l.offset);
        match self.code.lines.iter().find(|l| !fits(&l.offset)) {
            Some(l) => Err(format!("the line at {:#x} begins at no instruction", l.offset)),
            None if !sorted => Err("lines are not sorted".into()),
            None => Ok(()),
        }
    }

    /// A function without a frame has its return address at the top of the stack throughout.
    fn frameless(&self) -> Result<(), String> {
        let on_stack = |i: &&Instruction| {
            let stack = ["%rsp", "%rbp", "%esp", "%ebp"].iter().any(|r| i.operands.contains(r));
            let implied = ["push", "pop", "call"].iter().any(|m| i.mnemonic.starts_with(m));
            stack || implied && !i.mnemonic.starts_with("popcnt")
        };
        match self.decoded.instructions.iter().find(on_stack).filter(|_| self.code.frameless) {
            Some(i) => Err(format!("`{} {}` at {:#x} needs a frame", i.mnemonic, i.operands, i.offset)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CodegenOptions;
    use crate::object::{Line, LinkSymbol, Reloc, TrapSite};
    use itab_abi::runtime_fns::RuntimeFn;

    /// A jump through a table of two entries, a call, a load that may fault, a return.
    fn whole() -> (Code, Outline) {
        let lines =
            [&[0x48, 0x8d, 0x05, 9, 0, 0, 0][..], &[0x48, 0x63, 0x0c, 0xb8], &[0x48, 0x01, 0xc8], &[0xff, 0xe0]];
        let mut bytes = lines.concat();
        bytes.extend([8, 0, 0, 0, 13, 0, 0, 0]);
        bytes.extend([0xe8, 0, 0, 0, 0, 0x8b, 0x07, 0xc3]);
        let target = LinkSymbol::Runtime(RuntimeFn::preempt);
        let code = Code {
            bytes,
            relocs: vec![Reloc { offset: 0x19, kind: RelocKind::PcRel4, target, addend: -4 }],
            traps: vec![TrapSite { offset: 0x1d, code: 1 }],
            lines: [0, 0x18].map(|offset| Line { offset, pos: offset, inlined: 0 }).into(),
            ..Code::default()
        };
        (code, Outline { starts: vec![0, 0x18, 0x1d], landing_pads: vec![0x1d], returns: vec![0x1d] })
    }

    type Break = fn(&mut Code, &mut Outline);

    #[test]
    fn what_a_broken_rewriter_leaves_is_found() {
        let isa = crate::isa::make(&CodegenOptions { target: Some("x86_64".into()), ..Default::default() }).unwrap();
        let (code, outline) = whole();
        assert_eq!(verify(&*isa, &code, &outline), Ok(()));
        let broken: [(&str, Break); 13] = [
            ("no instruction at 0x7", |c, _| c.bytes[7] = 0x06),
            ("overlap", |c, _| c.bytes[0x18..0x1f].copy_from_slice(&[0x81, 0xc0, 0, 0, 0, 0x8b, 0xc3])),
            ("no instruction", |c, _| c.bytes.truncate(0x1f)),
            ("the target of a jump table", |c, _| c.bytes[0x10] = 9),
            ("cut off", |c, o| (c.bytes[0x10], o.starts) = (0x40, vec![0])),
            ("a landing pad", |_, o| o.landing_pads[0] += 1),
            ("no call ends", |_, o| o.returns[0] += 2),
            ("the trap site", |c, _| c.traps[0].offset += 1),
            ("not in one instruction", |c, _| c.relocs[0].offset -= 1),
            ("not in one instruction", |c, _| c.relocs[0].offset += 1),
            ("the line at", |c, _| c.lines[1].offset += 1),
            ("is the address of no", |c, _| c.bytes[3] = 0x7f),
            ("needs a frame", |c, _| c.frameless = true),
        ];
        for (i, (what, change)) in broken.into_iter().enumerate() {
            let (mut code, mut outline) = whole();
            change(&mut code, &mut outline);
            let found = verify(&*isa, &code, &outline).expect_err(what);
            assert!(found.contains(what), "{i}: {found}, not {what}");
        }
    }
}
