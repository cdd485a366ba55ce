//! Source lines of positions, as symbol tables have them.

use itab_codegen::object::Object;
use itab_ir::program::Program as IrProgram;
use itab_syntax::FileSet;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A line of a source file.
#[derive(Clone)]
pub(crate) struct SourceLine {
    pub(crate) file: Arc<str>,
    pub(crate) line: u32,
}

/// The line of a position of checked source. `names` holds each file name once.
pub(crate) fn source_line(files: &FileSet, pos: u32, names: &mut FxHashMap<String, Arc<str>>) -> Option<SourceLine> {
    let pos = itab_syntax::Pos(pos);
    if !pos.is_known() {
        return None;
    }
    let p = files.position(pos);
    let file = names.entry(p.file.to_string()).or_insert_with(|| p.file.to_string().into()).clone();
    Some(SourceLine { file, line: p.line })
}

/// Every position that an object mentions.
pub(crate) fn positions(object: &Object, program: &IrProgram) -> Vec<u32> {
    let mut all = vec![];
    for f in &object.functions {
        all.push(program.func(f.id).pos);
        all.extend(f.code.lines.iter().map(|l| l.pos));
        all.extend(f.code.inlined.iter().map(|i| i.call_pos));
    }
    all.sort_unstable();
    all.dedup();
    all
}
