//! Symbols as text. Where Go's linker has the like, they are named as it names its own.

use crate::object::{DataItem, Target};
use itab_ir::program::{FuncId, Program};
use itab_ir::ty::TyId;

/// Strings are shown up to so many characters.
const MAX_TEXT: usize = 32;

/// The name of a symbol of an object with these data items.
pub fn symbol(program: &Program, data: &[DataItem], target: &Target) -> String {
    let func = |f: &FuncId| program.func(*f).name.clone();
    let ty = |t: &TyId| program.types.reflect_string(*t);
    let list = |tys: &[TyId]| tys.iter().map(ty).collect::<Vec<_>>().join(",");
    match target {
        Target::Func(f) => func(f).to_string(),
        Target::Stub(f) => format!("{}@stub", func(f)),
        Target::Slot(f) => format!("{}@slot", func(f)),
        Target::FuncVal(f) => format!("{}·f", func(f)),
        Target::Type(t) => format!("type:{}", ty(t)),
        Target::Itab(inter, typ) => format!("go:itab.{},{}", ty(typ), ty(inter)),
        Target::Probe(t) => format!("probe:{}", ty(t)),
        Target::CasesProbe(tys) => format!("probe:{}", list(tys)),
        Target::Cases(tys) => format!("cases:{}", list(tys)),
        Target::Global(g) => program.global(*g).name.to_string(),
        Target::Cell(t) => format!("cell:{}", ty(t)),
        Target::RecordCell { size, mask } => format!("cell:{size},{mask:#b}"),
        Target::Runtime(f) => format!("runtime.{}", f.name()),
        Target::Data(n) => data.get(*n as usize).map_or_else(|| format!("data:{n}"), |item| item_name(item, *n)),
        Target::ZeroVal => "runtime.zeroVal".into(),
        Target::ZeroBase => "runtime.zerobase".into(),
        Target::SmallInts => "runtime.staticuint64s".into(),
        Target::Native(name) => format!("{name}@native"),
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
