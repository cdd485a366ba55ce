//! From Cranelift's finished code to [`Code`].

use crate::frameless::Exits;
use crate::looks::{self, Looks};
use crate::marks::Marks;
use crate::object::{Code, Inlined, Line, Reloc, RelocKind, TrapSite};
use crate::placing;
use crate::symbols::Symbols;
use cranelift_codegen::binemit;
use cranelift_codegen::ir::{ExternalName, Function, TrapCode};
use cranelift_codegen::{CompiledCode, FinalizedRelocTarget};
use itab_abi::trap::Trap;
use itab_ir::func::Func;

/// What is to be rewritten in a function's finished code. Other processors' code stays as it is.
#[derive(Default)]
pub struct Rewrites {
    marks: Marks,
    exits: Exits,
    looks: Looks,
}

impl Rewrites {
    /// Finds and marks it before compilation, for x86-64.
    pub fn mark(func: &mut Function) -> Rewrites {
        let mut marks = Marks::default();
        let exits = Exits::mark(func, &mut marks);
        let looks = Looks::mark(func, &mut marks);
        Rewrites { marks, exits, looks }
    }
}

/// Machine code as text, rewritten.
pub fn text(text: &str, frameless: bool) -> String {
    let text = looks::rewrite_text(text);
    if frameless { Exits::strip_text(&text) } else { text }
}

/// Collects what is to be kept of a compiled function.
pub fn code(
    name: &str,
    func: &Function,
    todo: &Rewrites,
    compiled: &CompiledCode,
    symbols: &Symbols,
) -> Result<Code, String> {
    let buffer = &compiled.buffer;
    let mut bytes = buffer.data().to_vec();
    let spans = todo.marks.spans(compiled);
    todo.looks.rewrite(func, &spans, &mut bytes);
    let cut = todo.exits.strip(func, compiled, &spans, &mut bytes);
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
        place: placing::place(name, compiled, cut, &relocs),
        relocs,
        traps: buffer.traps().iter().map(|t| TrapSite { offset: t.offset - cut, code: trap_code(t.code) }).collect(),
        lines: lines(&todo.marks, compiled, cut),
        inlined: vec![],
        frameless,
    })
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
