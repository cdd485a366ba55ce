//! Symbols as text. Where Go's linker has the like, they are named as it names its own.

use crate::object::{DataItem, LinkSymbol};
use itab_ir::program::{FuncId, Program};
use itab_ir::ty::TyId;

/// Strings are shown up to so many characters.
const MAX_TEXT: usize = 32;

/// The name of a symbol of an object with these data items.
pub fn symbol(program: &Program, data: &[DataItem], target: &LinkSymbol) -> String {
    let func = |f: &FuncId| program.func(*f).name.clone();
    let ty = |t: &TyId| program.types.reflect_string(*t);
    let list = |tys: &[TyId]| tys.iter().map(ty).collect::<Vec<_>>().join(",");
    match target {
        LinkSymbol::Func(f) => func(f).to_string(),
        LinkSymbol::Stub(f) => format!("{}@stub", func(f)),
        LinkSymbol::Slot(f) => format!("{}@slot", func(f)),
        LinkSymbol::FuncVal(f) => format!("{}·f", func(f)),
        LinkSymbol::Type(t) => format!("type:{}", ty(t)),
        LinkSymbol::Itab(inter, typ) => format!("go:itab.{},{}", ty(typ), ty(inter)),
        LinkSymbol::Probe(t) => format!("probe:{}", ty(t)),
        LinkSymbol::CasesProbe(tys) => format!("probe:{}", list(tys)),
        LinkSymbol::Cases(tys) => format!("cases:{}", list(tys)),
        LinkSymbol::Global(g) => program.global(*g).name.to_string(),
        LinkSymbol::Cell(t) => format!("cell:{}", ty(t)),
        LinkSymbol::RecordCell { size, mask } => format!("cell:{size},{mask:#b}"),
        LinkSymbol::Runtime(f) => format!("runtime.{}", f.name()),
        LinkSymbol::Data(n) => data.get(*n as usize).map_or_else(|| format!("data:{n}"), |item| item_name(item, *n)),
        LinkSymbol::ZeroVal => "runtime.zeroVal".into(),
        LinkSymbol::ZeroBase => "runtime.zerobase".into(),
        LinkSymbol::SmallInts => "runtime.staticuint64s".into(),
        LinkSymbol::Native(name) => format!("{name}@native"),
    }
}

/// Text is its own name, other data has its number.
fn item_name(item: &DataItem, number: u32) -> String {
    let text = std::str::from_utf8(&item.bytes).ok().filter(|t| item.relocs.is_empty() && !t.contains('\0'));
    match text {
        Some(t) if t.chars().count() <= MAX_TEXT => format!("go:string.{t:?}"),
        Some(t) => format!("go:string.{:?}...", t.chars().take(MAX_TEXT).collect::<String>()),
        None => format!("data:{number}"),
    }
}
