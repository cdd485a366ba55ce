//! Listings: the finished code of a function as text, in the syntax of the GNU assembler.
//!
//! What is shown is what will run, decoded from [`Code::bytes`]. Nothing in the text depends on where the code lies:
//! relocations show the name of their symbol, and places in the code that something leads to are labels, numbered from
//! the beginning. Beside an instruction stands the source that it comes from, where that changes. What is no instruction
//! is a jump table, whose entries are shown as labels, or data.

use crate::decode::{self, Decoded, Flow, Instruction, Table};
use crate::names;
use crate::object::{Code, DataItem, Reloc, RelocKind};
use cranelift_codegen::isa::TargetIsa;
use itab_abi::trap::Trap;
use itab_ir::func::Pos;
use itab_ir::program::Program;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Column of what stands beside instructions.
const BESIDE: usize = 56;
/// Bytes of data on a line.
const DATA: usize = 8;
/// Room for the bytes of most instructions.
const BYTES: usize = 8;

/// What is shown.
pub struct ListingOptions<'a> {
    /// The bytes of each instruction too.
    pub bytes: bool,
    /// The source at a position, in one line.
    pub source: &'a dyn Fn(Pos) -> Option<String>,
}

/// A function to list.
pub(crate) struct Listed<'a> {
    pub(crate) program: &'a Program,
    /// Data of its object.
    pub(crate) data: &'a [DataItem],
    pub(crate) name: &'a str,
    pub(crate) code: &'a Code,
    /// Where blocks begin.
    pub(crate) blocks: &'a [u32],
}

impl Listed<'_> {
    /// The listing.
    pub(crate) fn text(&self, isa: &dyn TargetIsa, options: &ListingOptions<'_>) -> Result<String, String> {
        let decoded = decode::decode(isa, self.code, self.blocks)?;
        let labels = self.labels(&decoded);
        let mut writer = Writer { of: self, options, labels, out: String::new(), shown: String::new() };
        writer.header();
        let mut at = 0;
        for inst in &decoded.instructions {
            writer.data(at, inst.offset, &decoded.tables);
            writer.instruction(inst);
            at = inst.end();
        }
        writer.data(at, self.code.bytes.len() as u32, &decoded.tables);
        Ok(writer.out)
    }

    fn reloc(&self, from: u32, to: u32) -> Option<&Reloc> {
        self.code.relocs.iter().find(|r| (from..to).contains(&r.offset))
    }

    /// Numbers for all places that something leads to.
    fn labels(&self, decoded: &Decoded) -> BTreeMap<u32, usize> {
        let mut labels = BTreeMap::new();
        for inst in &decoded.instructions {
            if let Flow::Jump(to) | Flow::Branch(to) = inst.flow {
                labels.insert(to, 0);
            }
            if self.reloc(inst.offset, inst.end()).is_none() {
                labels.extend(inst.local_address().map(|at| (at, 0)));
            }
        }
        labels.extend(decoded.tables.iter().flat_map(|t| &t.targets).map(|&to| (to, 0)));
        labels.values_mut().enumerate().for_each(|(i, n)| *n = i + 1);
        labels
    }

    fn symbol(&self, reloc: &Reloc, extra: i64) -> String {
        let name = names::symbol(self.program, self.data, &reloc.target);
        match reloc.addend + extra {
            0 => name,
            n => format!("{name}{n:+}"),
        }
    }
}

struct Writer<'a> {
    of: &'a Listed<'a>,
    options: &'a ListingOptions<'a>,
    labels: BTreeMap<u32, usize>,
    out: String,
    /// The source that was shown last.
    shown: String,
}

impl Writer<'_> {
    fn header(&mut self) {
        let code = self.of.code;
        let frameless = if code.frameless { ", without a frame" } else { "" };
        let place = match (code.place.align, code.place.skew) {
            (align, 0) => format!("at a multiple of {align}"),
            (align, skew) => format!("{skew} bytes after a multiple of {align}"),
        };
        let text = format!("{}: ", self.of.name);
        let _ = writeln!(self.out, "{text:<BESIDE$}; {place}{frameless}");
    }

    fn label_at(&mut self, offset: u32) {
        if let Some(n) = self.labels.get(&offset) {
            let _ = writeln!(self.out, "L{n}:");
        }
    }

    fn label(&self, offset: u32) -> String {
        self.labels.get(&offset).map_or_else(|| format!("{offset:#x}"), |n| format!("L{n}"))
    }

    fn instruction(&mut self, inst: &Instruction) {
        self.label_at(inst.offset);
        let mut text = format!("    {:<7} {}", inst.mnemonic, self.operands(inst));
        if self.options.bytes {
            let bytes = &self.of.code.bytes[inst.offset as usize..inst.end() as usize];
            let bytes: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            text = format!("    {bytes:<width$}{text}", width = 2 * BYTES);
        }
        let beside = self.beside(inst);
        let width = if self.options.bytes { BESIDE + 4 + 2 * BYTES } else { BESIDE };
        let _ = match beside.is_empty() {
            true => writeln!(self.out, "{}", text.trim_end()),
            false => writeln!(self.out, "{text:<width$}; {beside}"),
        };
    }

    /// Operands with names in place of addresses, and without what means nothing: the prefix that fills, the index that is
    /// none.
    fn operands(&self, inst: &Instruction) -> String {
        self.named_operands(inst).replace("%ds:", "").replace(", %riz", "")
    }

    fn named_operands(&self, inst: &Instruction) -> String {
        let text = &inst.operands;
        if let Some(reloc) = self.of.reloc(inst.offset, inst.end()) {
            return self.relocated(inst, reloc);
        }
        if let Flow::Jump(to) | Flow::Branch(to) = inst.flow {
            return with_last(text, &self.label(to));
        }
        match (inst.local_address(), text.split_once("(%rip)")) {
            (Some(to), Some((before, after))) => {
                let kept = before.trim_end_matches(|c: char| c.is_ascii_hexdigit() || c == 'x' || c == '-');
                format!("{kept}{}(%rip){after}", self.label(to))
            }
            (Some(to), None) => with_last(text, &self.label(to)),
            _ => text.clone(),
        }
    }

    fn relocated(&self, inst: &Instruction, reloc: &Reloc) -> String {
        let text = &inst.operands;
        // What is relative to the end of the instruction has an addend for the bytes up to there.
        let to_end = i64::from(inst.end() - reloc.offset);
        match reloc.kind {
            RelocKind::PcRel4 => {
                let name = self.of.symbol(reloc, to_end);
                match text.split_once("(%rip)") {
                    Some((before, after)) => {
                        let kept = before.trim_end_matches(|c: char| c.is_ascii_hexdigit() || c == 'x' || c == '-');
                        format!("{kept}{name}(%rip){after}")
                    }
                    None => with_last(text, &name),
                }
            }
            RelocKind::Abs8 => match text.split_once(", ") {
                Some((_, to)) => format!("${}, {to}", self.of.symbol(reloc, 0)),
                None => text.clone(),
            },
            RelocKind::Arm64Call | RelocKind::Arm64AdrPage => with_last(text, &self.of.symbol(reloc, 0)),
            RelocKind::Arm64AddLo12 => with_last(text, &format!(":lo12:{}", self.of.symbol(reloc, 0))),
        }
    }

    /// The source of an instruction, where it is other than before, and what a fault there means.
    fn beside(&mut self, inst: &Instruction) -> String {
        let mut notes = vec![];
        if let Some(source) = self.source(inst.offset).filter(|s| *s != self.shown) {
            self.shown.clone_from(&source);
            notes.push(source);
        }
        if let Some(trap) = self.of.code.trap_at(inst.offset).and_then(Trap::from_code) {
            notes.push(format!("trap {trap:?}").to_lowercase());
        }
        notes.join("; ")
    }

    fn source(&self, offset: u32) -> Option<String> {
        let line = self.of.code.line_at(offset).filter(|l| l.pos != 0)?;
        let source = (self.options.source)(line.pos)?;
        let inlined = (line.inlined as usize).checked_sub(1).and_then(|i| self.of.code.inlined.get(i));
        Some(match inlined {
            Some(i) => format!("{source} (in {})", self.of.program.func(i.func).name),
            None => source,
        })
    }

    /// What lies between instructions.
    fn data(&mut self, from: u32, to: u32, tables: &[Table]) {
        let mut at = from;
        while at < to {
            self.label_at(at);
            at = match tables.iter().find(|t| t.offset == at && t.end() <= to) {
                Some(table) => {
                    self.table(table);
                    table.end()
                }
                None => self.words(at, to),
            };
        }
    }

    fn table(&mut self, table: &Table) {
        let base = self.label(table.offset);
        for &target in &table.targets {
            let _ = writeln!(self.out, "    .long   {}-{base}", self.label(target));
        }
    }

    /// A line of data: the bytes up to the next label, relocation or full line.
    fn words(&mut self, from: u32, to: u32) -> u32 {
        if let Some(reloc) = self.of.reloc(from, from + 1).filter(|r| r.kind == RelocKind::Abs8) {
            let _ = writeln!(self.out, "    .quad   {}", self.of.symbol(reloc, 0));
            return from + 8;
        }
        let label = self.labels.range(from + 1..).next().map_or(to, |(&at, _)| at);
        let reloc = self.of.reloc(from + 1, to).map_or(to, |r| r.offset);
        let end = to.min(label).min(reloc).min(from + DATA as u32);
        let bytes = &self.of.code.bytes[from as usize..end as usize];
        let list: Vec<String> = bytes.iter().map(|b| format!("{b:#04x}")).collect();
        let _ = writeln!(self.out, "    .byte   {}", list.join(", "));
        end
    }
}

/// Operands with another last one.
fn with_last(operands: &str, last: &str) -> String {
    match operands.rsplit_once(' ') {
        Some((before, _)) => format!("{before} {last}"),
        None => last.into(),
    }
}
