//! What codegen makes: code and read-only data with symbolic relocations.
//!
//! An [`Object`] holds no address of the process, so it can be stored and linked again in another one. The linker (crate
//! `itab`) places code and data within 2 GB of each other, makes the symbols that a [`LinkSymbol`] names, and patches:
//! `PcRel4` and its like get `S + A - P`, `Abs8` gets `S + A`, where S is the target's address (or offset, for `Global`
//! and the cells), A the addend, P the address of the patched bytes.

use itab_abi::runtime_fns::RuntimeFn;
use itab_ir::func::Pos;
use itab_ir::program::{FuncId, GlobalId};
use itab_ir::ty::TyId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// Code and data of one batch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// Functions.
    pub functions: Vec<Function>,
    /// Read-only data; [`LinkSymbol::Data`] is an index here.
    pub data: Vec<DataItem>,
}

/// A function of the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Which one.
    pub id: FuncId,
    /// Its code.
    pub code: Code,
}

/// A piece of machine code and what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// Machine code, with its constants behind it.
    pub bytes: Vec<u8>,
    /// Where it starts.
    pub place: CodeAlign,
    /// Places to patch.
    pub relocs: Vec<Reloc>,
    /// Instructions that may fault, sorted by offset.
    pub traps: Vec<TrapSite>,
    /// Source positions, sorted by offset. A return address is looked up one byte before itself.
    pub lines: Vec<Line>,
    /// Functions that were inlined here; [`Line::inlined`] is an index plus one.
    pub inlined: Vec<Inlined>,
    /// Whether it runs in its caller's frame: its return address is at the top of the stack, always, and the frame pointer
    /// is its caller's.
    pub frameless: bool,
}

/// Where a function's code begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeAlign {
    /// A power of two.
    pub align: u32,
    /// Bytes after a multiple of it.
    pub skew: u32,
}

/// A place to patch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reloc {
    /// Offset in the code or data.
    pub offset: u32,
    /// How to patch.
    pub kind: RelocKind,
    /// With whose address.
    pub target: LinkSymbol,
    /// Added to it.
    pub addend: i64,
}

/// How a place is patched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelocKind {
    /// 8 bytes: `S + A`.
    Abs8,
    /// 4 bytes: `S + A - P`.
    PcRel4,
    /// AArch64 `bl`: bits 27..2 of `S + A - P`.
    Arm64Call,
    /// AArch64 `adrp`: page of `S + A` relative to the page of P.
    Arm64AdrPage,
    /// AArch64 `add`: low 12 bits of `S + A`.
    Arm64AddLo12,
}

/// A symbol.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LinkSymbol {
    /// The code of a function of the same object.
    Func(FuncId),
    /// The stub of a function: its identity, callable before its code exists.
    Stub(FuncId),
    /// Address of the 8 bytes that hold the address of the function's newest code (or of its stub).
    Slot(FuncId),
    /// The static func value of a function without captures.
    FuncVal(FuncId),
    /// A type's descriptor.
    Type(TyId),
    /// The itab of (interface type, concrete type). In instances of generic functions the type may lack a method: then it
    /// is the negative entry, which no interface value holds.
    Itab(TyId, TyId),
    /// Offset of an interface type's entry in assertion tables (a number, not an address).
    Probe(TyId),
    /// The same for successive interface cases of a type switch.
    CasesProbe(Arc<[TyId]>),
    /// The [`SwitchCases`](itab_abi::types::SwitchCases) of such cases.
    Cases(Arc<[TyId]>),
    /// Offset of a package variable from the isolate block (a number, not an address).
    Global(GlobalId),
    /// Offset of the allocation cell for objects of a type from the isolate block.
    Cell(TyId),
    /// Offset of the allocation cell for records of a size and pointer mask from the isolate block.
    RecordCell {
        /// Size in bytes, a multiple of 8 and at most `MAX_CELL_SIZE`.
        size: u32,
        /// Bit i: word i holds a pointer. Not 0.
        mask: u64,
    },
    /// The thunk of a runtime entry point.
    Runtime(#[serde(serialize_with = "write_fn", deserialize_with = "read_fn")] RuntimeFn),
    /// A data item of the same object.
    Data(u32),
    /// `runtime.zeroVal`: `ZERO_VAL_SIZE` zero bytes.
    ZeroVal,
    /// `runtime.zerobase`: the address of all objects of size zero.
    ZeroBase,
    /// `runtime.staticuint64s`: the numbers 0 to 255, 8 bytes each.
    SmallInts,
    /// The [`NativeFn`](itab_abi::call::NativeFn) thunk of a native function.
    Native(Arc<str>),
}

fn write_fn<S: Serializer>(f: &RuntimeFn, s: S) -> Result<S::Ok, S::Error> {
    (*f as u16).serialize(s)
}

fn read_fn<'de, D: Deserializer<'de>>(d: D) -> Result<RuntimeFn, D::Error> {
    let n = u16::deserialize(d)?;
    RuntimeFn::ALL.get(n as usize).copied().ok_or_else(|| serde::de::Error::custom("no such runtime entry point"))
}

/// An instruction that may fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrapSite {
    /// Its offset.
    pub offset: u32,
    /// An [`itab_abi::trap::Trap`].
    pub code: u8,
}

/// Where code comes from, from an offset up to the next entry's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Offset of the first byte.
    pub offset: u32,
    /// Position in source, 0 when there is none.
    pub pos: Pos,
    /// The inlined function it belongs to: index in [`Code::inlined`] plus one, 0 for the function itself.
    pub inlined: u32,
}

/// A function inlined into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inlined {
    /// Which function.
    pub func: FuncId,
    /// The inlined function that called it, as in [`Line::inlined`].
    pub parent: u32,
    /// Where it was called.
    pub call_pos: Pos,
}

/// Read-only data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataItem {
    /// Contents.
    #[serde(with = "bytes_arc")]
    pub bytes: Arc<[u8]>,
    /// Alignment, a power of two.
    pub align: u32,
    /// Places to patch: only `Abs8`.
    pub relocs: Vec<DataReloc>,
}

/// A word of data that holds an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DataReloc {
    /// Offset in the item.
    pub offset: u32,
    /// What it holds the address of.
    pub target: LinkSymbol,
}

mod bytes_arc {
    use super::*;

    pub fn serialize<S: Serializer>(b: &Arc<[u8]>, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(b)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Arc<[u8]>, D::Error> {
        Ok(<Vec<u8>>::deserialize(d)?.into())
    }
}

impl Code {
    /// Position and inlining of the instruction at an offset.
    pub fn line_at(&self, offset: u32) -> Option<Line> {
        let i = self.lines.partition_point(|l| l.offset <= offset);
        i.checked_sub(1).map(|i| self.lines[i])
    }

    /// Meaning of a fault at an offset.
    pub fn trap_at(&self, offset: u32) -> Option<u8> {
        self.traps.binary_search_by_key(&offset, |t| t.offset).ok().map(|i| self.traps[i].code)
    }
}
