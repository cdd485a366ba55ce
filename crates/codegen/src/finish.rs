//! From Cranelift's finished code to [`Code`]: what is rewritten in it, and what is kept of it.
//!
//! Before compilation [`Rewrites::mark`] marks what may be rewritten; [`code`] rewrites it afterwards. A function that
//! loses its frame also loses the bytes of its prologue, so all offsets that Cranelift tells are reduced by that many.

use crate::alignment;
use crate::frameless::Exits;
use crate::marks::Marks;
use crate::object::{Code, Inlined, Line, Reloc, RelocKind, TrapSite};
use crate::polls::Polls;
use crate::symbols::Symbols;
use crate::verify::Outline;
use cranelift_codegen::binemit;
use cranelift_codegen::ir::{ExternalName, Function, TrapCode};
use cranelift_codegen::{CompiledCode, FinalizedMachExceptionHandler, FinalizedRelocTarget};
use itab_abi::trap::Trap;
use itab_ir::func::Func;

/// How often finished code was rewritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Functions that were compiled, shims included.
    pub functions: usize,
    /// Functions whose finished code was checked.
    pub verified: usize,
    /// Marks that finished code has in one place.
    pub marks: usize,
    /// Marks that it has in several places: what they mark stays as it is.
    pub scattered_marks: usize,
    /// Polls for preemption that became one instruction.
    pub preemption_polls: usize,
    /// Stack checks that became one instruction.
    pub stack_checks: usize,
    /// Functions that lost their frame.
    pub frames: usize,
    /// Functions aligned for their loops.
    pub aligned_loops: usize,
    /// Functions without loops, whose names decide where they begin.
    pub hashed_starts: usize,
}

/// What is to be rewritten in a function's finished code. Other processors' code stays as it is.
#[derive(Default)]
pub struct Rewrites {
    marks: Marks,
    exits: Exits,
    polls: Polls,
}

impl Rewrites {
    /// Finds and marks it before compilation, for x86-64.
    pub fn mark(func: &mut Function) -> Rewrites {
        let mut marks = Marks::default();
        let exits = Exits::mark(func, &mut marks);
        let polls = Polls::mark(func, &mut marks);
        Rewrites { marks, exits, polls }
    }
}

/// Collects what is to be kept of a compiled function.
pub fn code(
    name: &str,
    func: &Function,
    todo: &Rewrites,
    compiled: &CompiledCode,
    symbols: &Symbols,
    count: &mut Rewritten,
) -> Result<Code, String> {
    let buffer = &compiled.buffer;
    let mut bytes = buffer.data().to_vec();
    let spans = todo.marks.spans(compiled, count);
    todo.polls.rewrite(func, &spans, &mut bytes, count);
    let cut = todo.exits.strip(func, compiled, &spans, &mut bytes);
    count.functions += 1;
    count.frames += usize::from(cut.is_some());
    let (frameless, cut) = (cut.is_some(), cut.unwrap_or(0));
    bytes.drain(..cut as usize);
    let relocs = buffer.relocs().iter().map(|r| {
        let FinalizedRelocTarget::ExternalName(ExternalName::User(name)) = &r.target else {
            return Err(format!("no symbol for relocation {:?} (the processor lacks an instruction)", r.target));
        };
        let name = &func.params.user_named_funcs()[*name];
        let target = symbols.target(name.index).clone();
        Ok(Reloc { offset: r.offset - cut, kind: reloc_kind(r.kind)?, target, addend: r.addend })
    });
    let relocs = relocs.collect::<Result<Vec<_>, _>>()?;
    Ok(Code {
        bytes,
        place: alignment::place(name, compiled, cut, &relocs, count),
        relocs,
        traps: buffer.traps().iter().map(|t| TrapSite { offset: t.offset - cut, code: trap_code(t.code) }).collect(),
        lines: lines(&todo.marks, compiled, cut),
        inlined: vec![],
        frameless,
    })
}

/// Where blocks, landing pads and return addresses are in finished code.
pub fn outline(compiled: &CompiledCode, code: &Code) -> Outline {
    let cut = (compiled.buffer.data().len() - code.bytes.len()) as u32;
    let mut outline = Outline::default();
    outline.starts.extend(compiled.bb_starts.iter().map(|s| s.saturating_sub(cut)));
    for call in compiled.buffer.call_sites() {
        outline.returns.push(call.ret_addr - cut);
        outline.landing_pads.extend(call.exception_handlers.iter().filter_map(|h| match h {
            FinalizedMachExceptionHandler::Tag(_, at) | FinalizedMachExceptionHandler::Default(at) => Some(at - cut),
            FinalizedMachExceptionHandler::Context(_) => None,
        }));
    }
    outline
}

/// Resolves positions of inlined code.
pub fn inlined(code: &mut Code, func: &Func) {
    for l in &mut code.lines {
        (l.pos, l.inlined) = func.place(l.pos);
    }
    code.lines.dedup_by_key(|l| (l.pos, l.inlined));
    let calls = func.inlined.iter().map(|i| Inlined { func: i.func, parent: i.parent, call_pos: i.call_pos });
    code.inlined = calls.collect();
}

fn reloc_kind(kind: binemit::Reloc) -> Result<RelocKind, String> {
    Ok(match kind {
        binemit::Reloc::Abs8 => RelocKind::Abs8,
        binemit::Reloc::X86PCRel4 | binemit::Reloc::X86CallPCRel4 => RelocKind::PcRel4,
        binemit::Reloc::Arm64Call => RelocKind::Arm64Call,
        binemit::Reloc::Aarch64AdrPrelPgHi21 => RelocKind::Arm64AdrPage,
        binemit::Reloc::Aarch64AddAbsLo12Nc => RelocKind::Arm64AddLo12,
        k => return Err(format!("relocation kind {k:?}")),
    })
}

fn trap_code(code: TrapCode) -> u8 {
    let own = match code {
        TrapCode::INTEGER_DIVISION_BY_ZERO => Trap::Divide,
        c => return Trap::from_code(c.as_raw().get()).unwrap_or(Trap::Unreachable) as u8,
    };
    own as u8
}

fn lines(marks: &Marks, compiled: &CompiledCode, cut: u32) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for l in compiled.buffer.get_srclocs_sorted() {
        let loc = marks.place(l.loc);
        let pos = if loc.is_default() { 0 } else { loc.bits() };
        if out.last().is_none_or(|p| p.pos != pos) {
            out.push(Line { offset: l.start.saturating_sub(cut), pos, inlined: 0 });
        }
    }
    out
}
