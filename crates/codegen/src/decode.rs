//! Machine code back to instructions, for listings and for the check of finished code.
//!
//! Code is decoded along its control flow, from every start of a block: what follows a jump or a return may be a jump
//! table, a constant or filling, and is not taken for instructions. A jump through a register is a jump through a table if
//! the table's address was computed just before and the table lies behind the jump, which is how Cranelift lays them out.

use crate::object::Code;
use capstone::Capstone;
use cranelift_codegen::isa::TargetIsa;
use std::collections::BTreeMap;

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Where it begins.
    pub offset: u32,
    /// Its length in bytes.
    pub len: u32,
    /// Its name.
    pub mnemonic: String,
    /// Its operands; addresses of the code itself are offsets.
    pub operands: String,
    /// Where execution goes on.
    pub flow: Flow,
}

/// Where execution goes on after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// At the next one.
    Next,
    /// There.
    Jump(u32),
    /// There or at the next one.
    Branch(u32),
    /// Where an entry of the table behind it says.
    Table,
    /// Outside: a return, a tail call, a trap.
    Leave,
}

/// A jump table: words of 4 bytes, each the distance from the table's start to a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Where it begins.
    pub offset: u32,
    /// Where its entries lead.
    pub targets: Vec<u32>,
}

impl Table {
    /// Where it ends.
    pub fn end(&self) -> u32 {
        self.offset + 4 * self.targets.len() as u32
    }
}

/// Decoded code.
#[derive(Debug, Default)]
pub struct Decoded {
    /// All instructions that may run, by offset.
    pub instructions: Vec<Instruction>,
    /// All jump tables, by offset.
    pub tables: Vec<Table>,
}

impl Instruction {
    /// Where it ends.
    pub fn end(&self) -> u32 {
        self.offset + self.len
    }

    /// The place in the code whose address it computes or that it loads from, relative to itself.
    pub fn local_address(&self) -> Option<u32> {
        if let Some((before, _)) = self.operands.split_once("(%rip)") {
            let disp = before.rsplit([' ', ',', '$', '*']).next().unwrap_or_default();
            let disp = if disp.is_empty() { 0 } else { number(disp)? };
            return u32::try_from(i64::from(self.end()) + disp).ok();
        }
        let (_, at) = self.operands.split_once(", ")?;
        let literal = self.mnemonic == "adr" || self.mnemonic.starts_with("ldr") && at.starts_with('#');
        if literal { u32::try_from(number(at)?).ok() } else { None }
    }
}

/// Decodes code whose blocks begin at `starts`. What cannot be decoded is an error.
pub fn decode(isa: &dyn TargetIsa, code: &Code, starts: &[u32]) -> Result<Decoded, String> {
    let mut capstone = isa.to_capstone().map_err(|e| format!("no disassembler: {e}"))?;
    let exact = capstone.set_detail(false).and_then(|()| capstone.set_skipdata(false));
    exact.map_err(|e| format!("no disassembler: {e}"))?;
    let mut decoder = Decoder { code, starts, found: BTreeMap::new(), tables: BTreeMap::new(), todo: starts.to_vec() };
    decoder.todo.push(0);
    while let Some(start) = decoder.todo.pop() {
        decoder.run(&capstone, start)?;
    }
    let instructions: Vec<Instruction> = decoder.found.into_values().collect();
    if let Some([a, b]) = instructions.array_windows().find(|[a, b]| a.end() > b.offset) {
        return Err(format!("instructions at {:#x} and {:#x} overlap", a.offset, b.offset));
    }
    Ok(Decoded { instructions, tables: decoder.tables.into_values().collect() })
}

struct Decoder<'a> {
    code: &'a Code,
    starts: &'a [u32],
    found: BTreeMap<u32, Instruction>,
    tables: BTreeMap<u32, Table>,
    todo: Vec<u32>,
}

impl Decoder<'_> {
    /// Decodes from a start to where execution does not go on, or to what has been decoded.
    fn run(&mut self, capstone: &Capstone, start: u32) -> Result<(), String> {
        let mut at = start;
        let mut address = None;
        while !self.found.contains_key(&at) {
            let Some(inst) = self.one(capstone, at, address)? else {
                return Err(format!("no instruction at {at:#x}, after the block at {start:#x}"));
            };
            at = inst.end();
            address = inst.local_address().or(address);
            let flow = inst.flow;
            self.found.insert(inst.offset, inst);
            match flow {
                Flow::Next => {}
                Flow::Branch(to) => self.todo.push(to),
                Flow::Jump(to) => {
                    self.todo.push(to);
                    break;
                }
                Flow::Table => {
                    let table = self.table(at);
                    self.tables.insert(at, table);
                    break;
                }
                Flow::Leave => break,
            }
        }
        Ok(())
    }

    /// The instruction at an offset; `address` is the address of the code that was computed last.
    fn one(&self, capstone: &Capstone, at: u32, address: Option<u32>) -> Result<Option<Instruction>, String> {
        let Some(rest) = self.code.bytes.get(at as usize..) else { return Ok(None) };
        let rest = &rest[..rest.len().min(MAX_LEN)];
        if rest.starts_with(&ARM64_UDF) {
            let (mnemonic, operands) = ("udf".into(), "#0xc11f".into());
            return Ok(Some(Instruction { offset: at, len: 4, mnemonic, operands, flow: Flow::Leave }));
        }
        let decoded = capstone.disasm_count(rest, u64::from(at), 1).map_err(|e| e.to_string())?;
        let Some(raw) = decoded.first() else { return Ok(None) };
        let text = |t: Option<&str>| t.unwrap_or_default().to_string();
        let (mnemonic, operands) = (text(raw.mnemonic()), text(raw.op_str()));
        let len = raw.len() as u32;
        let flow = if self.code.relocs.iter().any(|r| (at..at + len).contains(&r.offset)) && is_jump(&mnemonic) {
            Flow::Leave
        } else {
            flow(&mnemonic, &operands, address == Some(at + len)).ok_or(format!("a jump to nowhere at {at:#x}"))?
        };
        Ok(Some(Instruction { offset: at, len, mnemonic, operands, flow }))
    }

    /// The table at an offset. Up to the next block every word is an entry; behind the last block the first word that
    /// leads to no block ends it.
    fn table(&self, offset: u32) -> Table {
        let mut targets = vec![];
        for (i, word) in self.code.bytes[offset as usize..].as_chunks::<4>().0.iter().enumerate() {
            let at = offset + 4 * i as u32;
            let target = offset.wrapping_add_signed(i32::from_le_bytes(*word));
            if self.starts.contains(&at) || self.starts.iter().all(|&s| s < at) && !self.starts.contains(&target) {
                break;
            }
            targets.push(target);
        }
        Table { offset, targets }
    }
}

/// No instruction is longer.
const MAX_LEN: usize = 16;
/// The instruction that Cranelift traps with, which Capstone does not know.
const ARM64_UDF: [u8; 4] = [0x1f, 0xc1, 0, 0];

fn is_jump(mnemonic: &str) -> bool {
    matches!(mnemonic, "jmp" | "b")
}

/// Where execution goes on after an instruction of either processor: the names of jumps differ.
fn flow(mnemonic: &str, operands: &str, behind_address: bool) -> Option<Flow> {
    let target = || u32::try_from(number(operands.rsplit(' ').next()?)?).ok();
    Some(match mnemonic {
        "ret" | "retq" | "ud2" | "int3" | "udf" | "brk" => Flow::Leave,
        "br" if behind_address => Flow::Table,
        "br" => Flow::Leave,
        "jmp" | "jmpq" if operands.starts_with('*') && behind_address => Flow::Table,
        "jmp" | "jmpq" if operands.starts_with('*') => Flow::Leave,
        m if is_jump(m) => Flow::Jump(target()?),
        "cbz" | "cbnz" | "tbz" | "tbnz" => Flow::Branch(target()?),
        m if m.starts_with("b.") || m.starts_with('j') => Flow::Branch(target()?),
        _ => Flow::Next,
    })
}

/// A number as Capstone writes it.
pub fn number(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(['#', '$']);
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |t| (true, t));
    let value = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok()? as i64,
        None => digits.parse().ok()?,
    };
    Some(if negative { value.wrapping_neg() } else { value })
}
