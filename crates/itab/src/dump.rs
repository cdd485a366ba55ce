//! What each stage of the compiler makes of a function, for people to read.

use crate::error::{Error, nearest};
use itab_codegen::compiler::{CodegenOptions, Compiler};
use itab_codegen::listing::ListingOptions;
use itab_ir::passes::{Snapshot, Trace};
use itab_ir::program::{FuncId, FuncKind};
use itab_ir::ty::{Ty, TyId};
use itab_ir::world::World;
use itab_syntax::FileSet;
use std::str::FromStr;

/// A stage of the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The syntax tree.
    Ast,
    /// The type of every expression.
    Types,
    /// Typed functions, everything implicit made explicit.
    Ir,
    /// Cranelift's IR.
    Clif,
    /// Machine code, disassembled, with the source that it comes from.
    Asm,
    /// The same with the bytes of each instruction.
    AsmBytes,
}

impl FromStr for Stage {
    type Err = ();
    fn from_str(s: &str) -> Result<Stage, ()> {
        Ok(match s {
            "ast" => Stage::Ast,
            "types" => Stage::Types,
            "ir" => Stage::Ir,
            "clif" => Stage::Clif,
            "asm" => Stage::Asm,
            _ => return Err(()),
        })
    }
}

/// What a stage makes of a function.
pub(crate) fn dump(world: &mut World, files: &FileSet, func: &str, stage: Stage) -> Result<String, Error> {
    let id = find(world, func)?;
    match stage {
        Stage::Ast | Stage::Types => source(world, files, id, stage),
        _ => compiled(world, files, id, stage),
    }
}

/// What the function was as it was built, and after each pass that changed it.
pub(crate) fn passes(world: &mut World, func: &str) -> Result<Vec<Snapshot>, Error> {
    let id = find(world, func)?;
    world.driver.trace = Some(Trace::new(id));
    let built = itab_ir::driver::build(world, id);
    let trace = world.driver.trace.take();
    built.map_err(|e| Error::Internal(e.to_string()))?;
    Ok(trace.map(|t| t.snapshots).unwrap_or_default())
}

/// Names of the functions with a body that the program may call, each once.
pub(crate) fn functions(world: &mut World) -> Result<Vec<String>, Error> {
    let (mut funcs, mut types) = (0, 0);
    loop {
        if funcs < world.program.funcs.len() {
            // What is wrong with it is said when it is called.
            let _ = itab_ir::driver::build(world, FuncId(funcs as u32));
            funcs += 1;
        } else if types < world.program.types.len() {
            let ty = TyId(types as u32);
            if !world.program.types.is_interface(ty) && !matches!(world.program.types.get(ty), Ty::Tuple(_)) {
                world.method_set(ty).map_err(|e| Error::Internal(e.to_string()))?;
            }
            types += 1;
        } else {
            break;
        }
    }
    let bodies = world.program.funcs.iter().filter(|f| f.kind != FuncKind::Native);
    let mut names: Vec<String> = bodies.map(|f| f.name.to_string()).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// The function with a name. Closures and wrappers exist once the function around them was built, instances of generic
/// functions, named `f[...]` like in tracebacks, once one that uses them was.
fn find(world: &mut World, name: &str) -> Result<FuncId, Error> {
    let known = |w: &World| w.program.funcs.iter().position(|f| &*f.name == name).map(|i| FuncId(i as u32));
    world.declare_all().map_err(|e| Error::Internal(e.to_string()))?;
    if let Some(id) = known(world) {
        return Ok(id);
    }
    let package = format!("{}.", name.split_once('.').map_or("main", |(p, _)| p));
    let mut i = 0;
    while i < world.program.funcs.len() {
        let around = &world.program.funcs[i].name;
        if name.starts_with(&format!("{around}.")) || name.contains('[') && around.starts_with(&package) {
            let _ = world.build(FuncId(i as u32));
            if let Some(id) = known(world) {
                return Ok(id);
            }
        }
        i += 1;
    }
    let own = world.program.funcs.iter().map(|f| f.name.to_string()).filter(|f| f.starts_with(&package));
    let mut defined: Vec<String> = own.collect();
    defined.sort();
    defined.dedup();
    Err(Error::NoSuchFunc { name: name.into(), near: nearest(name, defined) })
}

fn compiled(world: &mut World, files: &FileSet, id: FuncId, stage: Stage) -> Result<String, Error> {
    let internal = |e: &dyn std::fmt::Display| Error::Internal(e.to_string());
    let built = itab_ir::driver::build(world, id).map_err(|e| internal(&e))?;
    if stage == Stage::Ir {
        let func = built.funcs.iter().find(|f| f.id == id).ok_or_else(|| internal(&"the function was not built"))?;
        return Ok(itab_ir::print::print_func(&world.program, func));
    }
    let mut compiler = Compiler::new(CodegenOptions::default()).map_err(|e| internal(&e))?;
    let text = match stage {
        Stage::Clif => compiler.clif(&world.program, built.funcs, id),
        _ => {
            let options = ListingOptions { bytes: stage == Stage::AsmBytes, source: &|pos| source_line(files, pos) };
            compiler.listing(&world.program, built.funcs, id, &options)
        }
    };
    text.map_err(|e| internal(&e))
}

/// The file's name without its folder, the line's number and its text.
fn source_line(files: &FileSet, pos: u32) -> Option<String> {
    let pos = itab_syntax::Pos(pos);
    let file = files.file(pos)?;
    let (line, _) = file.line_col(file.offset(pos)?);
    let text = file.text().lines().nth(line as usize - 1)?.trim();
    let at = file.position(pos);
    let name = at.file.rsplit('/').next()?;
    Some(format!("{name}:{} {text}", at.line))
}

/// The tree of the declared function that a function is or lies in, or the types of its expressions.
fn source(world: &mut World, files: &FileSet, id: FuncId, stage: Stage) -> Result<String, Error> {
    let missing = |w: &World| Error::Internal(format!("{} has no body in source", w.program.func(id).name));
    let obj = world.declaration(id).ok_or_else(|| missing(world))?;
    let (checked, _) = world.store.check_body(obj).ok_or_else(|| missing(world))?;
    let body = checked.body().ok_or_else(|| missing(world))?;
    if stage == Stage::Ast {
        return Ok(itab_syntax::dump::body(body, world.store.names()));
    }
    let mut out = String::new();
    for (i, expr) in body.tree.exprs().iter().enumerate() {
        let e = <itab_syntax::ExprId as itab_syntax::Id>::from_index(i);
        let Some(t) = checked.info.type_of(e) else { continue };
        let at = files.position(expr.pos);
        let text = itab_syntax::expr_string(&body.tree, world.store.names(), e);
        out += &format!("{}:{}: {text}: {}", at.line, at.col, world.store.type_string(t));
        if let Some(v) = checked.info.value_of(e) {
            out += &format!(" = {v}");
        }
        out.push('\n');
    }
    Ok(out)
}
